//! Whether a statement is about the caller, and by which name (1.3, 4.2).

use crate::facts::Value;
use crate::principal::Principal;
use crate::reference::asked::Asked;
use crate::reference::document::{Effect, Listed, Who};

/// How closely a principal element names the caller, from afar to near.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Name {
    /// The caller's account.
    Account,
    /// The role of a role session; the user who made a federated session.
    Parent,
    /// The user, the session, the service or the provider itself; or everyone.
    Itself,
}

/// What one entry of a list is to the caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Named {
    As(Name),
    Everyone,
    Nobody,
    /// It cannot be told: then a `Deny` applies and an `Allow` does not (decision).
    Unknown,
}

/// The fact that says which canonical user the caller's account is (decision).
const CANONICAL_USER: &str = "strongroom:PrincipalCanonicalUser";

/// 1.3: by which name an `Allow` of a resource policy reaches the caller, if it does; the nearest.
pub(super) fn allow_reaches(list: &Listed<Who>, asked: &Asked<'_>) -> Option<Name> {
    let everyone = match asked.caller() {
        Principal::Federated { .. } => None, // decision: an allow must name the provider
        _ => Some(Name::Itself),
    };
    match list {
        Listed::Only(list) => list
            .iter()
            .filter_map(|who| match named(who, asked) {
                Named::As(name) => Some(name),
                Named::Everyone => everyone,
                Named::Nobody | Named::Unknown => None,
            })
            .max(),
        // Decision: it leaves out whom it lists by any name, and reaches all others as `*` does.
        Listed::AllBut(list) => {
            let none = list.iter().all(|who| named(who, asked) == Named::Nobody);
            if none { everyone } else { None }
        }
    }
}

/// 1.3: whether a `Deny` of a resource policy is about the caller.
pub(super) fn deny_reaches(list: &Listed<Who>, asked: &Asked<'_>) -> bool {
    match list {
        Listed::Only(list) => list.iter().any(|who| named(who, asked) != Named::Nobody),
        Listed::AllBut(list) => has_boundary(asked) || !spares(list, asked),
    }
}

/// 1.3, decision: a list spares everyone by `*`, and whom it names by every name.
fn spares(list: &[Who], asked: &Asked<'_>) -> bool {
    let named: Vec<Named> = list.iter().map(|who| named(who, asked)).collect();
    let chain = names(asked);
    named.contains(&Named::Everyone)
        || (!chain.is_empty() && chain.iter().all(|(name, _)| named.contains(&Named::As(*name))))
}

/// 1.3: `Deny` + `NotPrincipal` always denies a principal that has a boundary. Only users and
/// roles, so callers of an account, can have one (4.2).
fn has_boundary(asked: &Asked<'_>) -> bool {
    asked.caller().account().is_some() && !asked.question.caller.boundaries.is_empty()
}

fn named(who: &Who, asked: &Asked<'_>) -> Named {
    let found = names(asked).into_iter().find(|(_, called)| called == who);
    match (who, found) {
        (Who::Everyone, _) => Named::Everyone,
        (_, Some((name, _))) => Named::As(name),
        (Who::CanonicalUser(_), None) if canonical_user_is_unknown(asked) => Named::Unknown,
        _ => Named::Nobody,
    }
}

/// Decision: the account's canonical user is a fact of the server; a caller without an account is
/// none.
fn canonical_user_is_unknown(asked: &Asked<'_>) -> bool {
    asked.caller().account().is_some()
        && !matches!(asked.value(CANONICAL_USER), Some(Value::One(_)))
}

/// 1.3: everything the caller can be called in a `Principal` element. Users, roles and
/// role sessions are also called by unique ids, which is how saved policies name them (decision).
fn names(asked: &Asked<'_>) -> Vec<(Name, Who)> {
    let aws = |text: &dyn ToString| Who::Aws(text.to_string());
    let caller = asked.caller();
    let arn = caller.arn();
    let mut names: Vec<(Name, Who)> = match caller {
        Principal::Anonymous | Principal::Root { .. } => Vec::new(),
        Principal::User { arn, id, .. } => {
            vec![(Name::Itself, aws(arn)), (Name::Itself, aws(id))]
        }
        Principal::RoleSession { role_arn, id, session, .. } => vec![
            (Name::Itself, Who::Aws(format!("{id}:{session}"))),
            (Name::Parent, aws(role_arn)),
            (Name::Parent, aws(id)),
        ],
        Principal::FederatedUser { user_arn, user_id, .. } => {
            vec![(Name::Parent, aws(user_arn)), (Name::Parent, aws(user_id))]
        }
        Principal::Federated { provider } => {
            vec![(Name::Itself, Who::Federated(provider.to_string()))]
        }
        Principal::Service { name } => vec![(Name::Itself, Who::Service(name.clone()))],
    };
    if let Principal::RoleSession { .. } | Principal::FederatedUser { .. } = caller {
        names.extend(arn.iter().map(|arn| (Name::Itself, aws(arn)))); // the session's own
    }
    if let Some(account) = caller.account() {
        names.push((Name::Account, aws(&account)));
        names.push((Name::Account, Who::Aws(format!("arn:aws:iam::{account}:root"))));
        if let Some(Value::One(canonical)) = asked.value(CANONICAL_USER) {
            names.push((Name::Account, Who::CanonicalUser(canonical)));
        }
    }
    names
}

/// By which name a statement of a policy that names principals reaches the caller.
pub(super) fn reaches(effect: Effect, list: &Listed<Who>, asked: &Asked<'_>) -> Option<Name> {
    match effect {
        Effect::Allow => allow_reaches(list, asked),
        Effect::Deny => deny_reaches(list, asked).then_some(Name::Itself),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::testing::World;

    const ACCOUNT: &str = "111122223333";
    const ROLE: &str = "arn:aws:iam::111122223333:role/ops/batch";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/batch/morning";
    const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
    const GUEST: &str = "arn:aws:sts::111122223333:federated-user/guest";

    fn aws(texts: &[&str]) -> Vec<Who> {
        texts.iter().map(|text| Who::Aws((*text).to_owned())).collect()
    }

    fn allows(world: &World, who: Vec<Who>) -> Option<Name> {
        let list = Listed::Only(who);
        world.with_asked(|asked| allow_reaches(&list, asked))
    }

    fn denies(world: &World, who: Vec<Who>) -> bool {
        let list = Listed::Only(who);
        world.with_asked(|asked| deny_reaches(&list, asked))
    }

    fn allows_all_but(world: &World, who: Vec<Who>) -> bool {
        let list = Listed::AllBut(who);
        world.with_asked(|asked| allow_reaches(&list, asked)).is_some()
    }

    fn denies_all_but(world: &World, who: Vec<Who>) -> bool {
        let list = Listed::AllBut(who);
        world.with_asked(|asked| deny_reaches(&list, asked))
    }

    #[test]
    fn each_caller_is_named_from_near_and_from_afar() {
        let root = "arn:aws:iam::111122223333:root";
        for (world, text, name) in [
            (World::alice(), ALICE, Some(Name::Itself)),
            (World::alice(), "AIDAAAAAAAAAAAAAAAAAA", Some(Name::Itself)),
            (World::alice(), ACCOUNT, Some(Name::Account)),
            (World::alice(), root, Some(Name::Account)),
            (World::alice(), "arn:aws:iam::111122223333:user/ALICE", None),
            (World::alice(), "444455556666", None),
            (World::session(), SESSION, Some(Name::Itself)),
            (World::session(), "AROAAAAAAAAAAAAAAAAAA:morning", Some(Name::Itself)),
            (World::session(), "AROAAAAAAAAAAAAAAAAAA:evening", None),
            (World::session(), ROLE, Some(Name::Parent)),
            (World::session(), "AROAAAAAAAAAAAAAAAAAA", Some(Name::Parent)),
            (World::session(), "arn:aws:iam::111122223333:role/batch", None),
            (World::federated_user(), GUEST, Some(Name::Itself)),
            (World::federated_user(), ALICE, Some(Name::Parent)),
            (World::root(), root, Some(Name::Account)),
            (World::anonymous(), ACCOUNT, None),
        ] {
            assert_eq!(allows(&world, aws(&[text])), name, "{text}");
            assert_eq!(denies(&world, aws(&[text])), name.is_some(), "{text}");
        }
        assert_eq!(allows(&World::session(), aws(&[ACCOUNT, SESSION])), Some(Name::Itself));
        assert_eq!(allows(&World::anonymous(), vec![Who::Everyone]), Some(Name::Itself));
    }

    #[test]
    fn services_and_providers_are_named_by_their_own_kind() {
        let (service, web) = (World::service(), World::federated());
        let name = |text: &str| text.to_owned();
        assert!(allows(&service, vec![Who::Service(name("logging.s3.amazonaws.com"))]).is_some());
        assert!(allows(&service, vec![Who::Service(name("other.amazonaws.com"))]).is_none());
        let provider = "arn:aws:iam::111122223333:oidc-provider/login.example.org";
        assert!(allows(&web, vec![Who::Federated(name(provider))]).is_some());
        assert!(allows(&web, vec![Who::Everyone]).is_none());
        assert!(denies(&web, vec![Who::Everyone]));
        assert!(!allows_all_but(&web, Vec::new()));
    }

    #[test]
    fn not_principal_in_a_deny_spares_only_whom_it_lists_by_every_name() {
        let session = World::session();
        assert!(!denies_all_but(&session, aws(&[SESSION, ROLE, ACCOUNT])));
        assert!(denies_all_but(&session, aws(&[SESSION, ROLE])));
        assert!(denies_all_but(&session, aws(&[ROLE, ACCOUNT])));
        assert!(!denies_all_but(&World::alice(), aws(&[ALICE, ACCOUNT])));
        assert!(denies_all_but(&World::alice(), aws(&[ALICE])));
        assert!(!denies_all_but(&World::alice(), vec![Who::Everyone]));
        assert!(denies_all_but(&World::anonymous(), aws(&[ACCOUNT])));
        assert!(!denies_all_but(&World::anonymous(), vec![Who::Everyone]));
    }

    #[test]
    fn deny_with_not_principal_hits_every_caller_who_has_a_boundary() {
        let bounded = World::alice().bounded_by(r#""Action": "*", "Resource": "*""#);
        assert!(denies_all_but(&bounded, aws(&[ALICE, ACCOUNT])));
        assert!(denies_all_but(&bounded, vec![Who::Everyone]));
    }

    #[test]
    fn not_principal_in_an_allow_leaves_out_whom_it_lists_by_any_name() {
        let session = World::session();
        for text in [SESSION, ROLE, ACCOUNT] {
            assert!(!allows_all_but(&session, aws(&[text])), "{text}");
        }
        assert!(allows_all_but(&session, aws(&[ALICE])));
        assert!(allows_all_but(&World::anonymous(), aws(&[ALICE])));
        assert!(!allows_all_but(&session, vec![Who::Everyone]));
    }

    #[test]
    fn a_canonical_user_is_its_account_once_the_server_says_so() {
        let mut world = World::alice();
        let who = |id: &str| vec![Who::CanonicalUser(id.to_owned())];
        assert_eq!(allows(&world, who("aa")), None);
        assert!(denies(&world, who("aa")) && !allows_all_but(&world, who("aa")));
        assert!(denies_all_but(&world, [aws(&[ALICE]), who("aa")].concat()));
        let stranger = World::anonymous();
        assert!(!denies(&stranger, who("aa")) && allows_all_but(&stranger, who("aa")));
        world.facts.suppose(CANONICAL_USER, "aa");
        assert_eq!(allows(&world, who("aa")), Some(Name::Account));
        assert!(!denies(&world, who("bb")) && allows_all_but(&world, who("bb")));
        assert!(!denies_all_but(&world, [aws(&[ALICE]), who("aa")].concat()));
    }
}
