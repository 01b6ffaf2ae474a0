//! People of OpenID providers that tell who is still there: what is taken when they say so.

use std::collections::BTreeSet;
use std::sync::Arc;

use names::Arn;

use crate::ops::*;
use crate::testing::*;
use crate::*;

const TRUSTED: &str = r#"["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]"#;

struct Corp {
    world: World,
    provider: Arc<OidcProvider>,
    role: Arn,
}

/// A provider with a rule for readers, one for writers, and one for writers whose mail is known.
fn corp() -> Corp {
    let mut world = World::new();
    let trusts_it = || {
        let provider = "arn:aws:iam::111122223333:oidc-provider/idp.example";
        trusts(&format!(r#"{{"Federated": "{provider}"}}"#), TRUSTED)
    };
    let provider = world.make_provider(Some(trusts_it()));
    let read = world.make_policy("Read", allow("iam:GetUser"));
    let write = world.make_policy("Write", allow("iam:CreateUser"));
    world.make_policy("Named", allow("iam:ListUsers"));
    let role = world.make_role("R", trusts_it()).arn();
    let group = |name: &str| Test::new(Subject::Group, Comparison::Equals(name.to_owned()));
    let mail = Test::new(
        Subject::Claim { claim: "email".to_owned() },
        Comparison::Equals("a@b.example".to_owned()),
    );
    let rule = |name: &str, when, policy| MappingRule {
        name: name.to_owned(),
        when,
        policies: vec![policy],
        role: None,
        tags: std::collections::BTreeMap::new(),
        session_seconds_max: None,
    };
    let rules = vec![
        rule("readers", vec![group("readers")], read),
        rule("writers", vec![group("writers")], write.clone()),
        rule("mailed", vec![group("mailed"), mail], write),
    ];
    world.act(&MapProvider { provider: provider.arn.clone(), rules }).unwrap();
    let provider = Arc::clone(world.state.provider(&provider.arn).unwrap());
    Corp { world, provider, role }
}

impl Corp {
    /// Whom a token names, with a provider that tells who is still there.
    fn person(&self, id: &str, groups: &[&str], kept: bool) -> ExternalIdentity {
        let mut vouched: Vouched = (*self.world.vouched(&self.provider, id, groups)).clone();
        vouched.claims.insert("iat".to_owned(), self.world.clock_now().seconds().into());
        vouched.claims.insert("policy".to_owned(), "Named".into());
        vouched.known_as = kept.then(|| format!("id-of-{id}"));
        ExternalIdentity::vouched(vouched)
    }

    fn login_as(
        &mut self,
        external: ExternalIdentity,
        role: Option<Arn>,
    ) -> Result<Credentials, IdentityError> {
        let mapping = self.world.state.map(&self.provider, &external);
        let caller = Caller::login(&external);
        let drawn = self.world.draw(&caller, 900);
        let (name, session) = ("pp".parse().unwrap(), plain_session());
        let drawing = drawn.clone();
        let op = AssumeRoleWithWebIdentity { role, name, external, mapping, session, drawn };
        Ok(self.world.act_as(&caller, &op, Some(&drawing))?.credentials)
    }

    fn login(&mut self, id: &str, groups: &[&str], role: Option<Arn>) -> Credentials {
        self.login_as(self.person(id, groups, true), role).unwrap()
    }

    fn sync(&mut self, told: Vec<Told>, absent: &[(&str, Absent)]) -> Synced {
        let absent = absent.iter().map(|(id, why)| ((*id).to_owned(), *why)).collect();
        let op = SyncDirectory { told, absent, ..SyncDirectory::of(self.provider.arn.clone()) };
        let news = op.is_news(&self.world.state);
        let synced = self.world.act(&op).unwrap();
        assert_eq!(news, synced.changed > 0);
        self.world.clock.advance(2);
        synced
    }

    fn user(&self, id: &str) -> Arc<User> {
        Arc::clone(self.world.state.user_of_subject(&self.provider.arn, id).unwrap())
    }

    fn mapped(&self, id: &str) -> BTreeSet<String> {
        let user = self.user(id);
        let mapped = user.federated.as_ref().unwrap().mapped.iter();
        mapped.map(|arn| arn.as_str().rsplit('/').next().unwrap().to_owned()).collect()
    }

    fn standing_of(&self, key: &names::AccessKeyId) -> Standing {
        match self.world.resolve(key, None) {
            Resolution::Known(known) => known.standing,
            _ => panic!("unknown"),
        }
    }
}

fn groups(ids: &[&str]) -> Vec<ExternalGroup> {
    ids.iter().map(|id| ExternalGroup { id: (*id).to_owned(), name: None }).collect()
}

fn whole(id: &str, ids: &[&str]) -> Told {
    let member_of = MemberOf::Untold;
    Told { subject: id.to_owned(), groups: ToldGroups::Whole(groups(ids)), member_of }
}

fn at_most(id: &str, ids: &[&str]) -> Told {
    let member_of = MemberOf::Untold;
    Told { subject: id.to_owned(), groups: ToldGroups::AtMost(groups(ids)), member_of }
}

/// Of whom the interface says that they are in these groups, whatever rules ask for.
fn member(id: &str, ids: &[&str]) -> Told {
    let member_of = MemberOf::Whole(GroupIds::of(ids.iter().copied()));
    Told { subject: id.to_owned(), groups: ToldGroups::Unasked, member_of }
}

fn names(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn whom_a_provider_has_no_more_loses_sessions_roles_and_keys_and_nobody_else_does() {
    for why in [Absent::Gone, Absent::Barred] {
        let mut corp = corp();
        let role = corp.role.clone();
        let token = corp.person("a", &["readers"], true);
        let own = corp.login("a", &["readers"], None);
        let of_role = corp.login("a", &["readers"], Some(role.clone()));
        let other = corp.login("b", &["readers"], None);
        let others_role = corp.login("b", &["readers"], Some(role.clone()));
        let holder = KeyHolder::User(corp.user("a").reference());
        let key = corp.world.act(&CreateAccessKey { holder }).unwrap().key;
        assert_eq!(corp.sync(Vec::new(), &[("a", why)]), Synced { ended: 1, changed: 1 });
        for dead in [&own, &of_role] {
            assert_eq!(corp.world.standing(dead), Standing::Revoked, "{why:?}");
        }
        assert_eq!(corp.standing_of(&key.id), Standing::OwnerGone);
        for alive in [&other, &others_role] {
            assert_eq!(corp.world.standing(alive), Standing::Live);
        }
        assert!(corp.mapped("a").is_empty());
        for again in [None, Some(role)] {
            let refused = corp.login_as(token.clone(), again).unwrap_err();
            let before = SessionRefusal::IssuedBefore;
            assert!(matches!(refused, IdentityError::SessionRefused(r) if r == before));
        }
        assert_eq!(corp.sync(Vec::new(), &[("a", why)]).changed, 0, "said twice is no news");
    }
}

#[test]
fn whoever_only_puts_on_a_role_is_kept_where_they_can_be_asked_about_and_nowhere_else() {
    let mut corp = corp();
    let role = corp.role.clone();
    corp.login("a", &[], Some(role.clone()));
    corp.login_as(corp.person("b", &[], false), Some(role)).unwrap();
    let asked = corp.world.state.people_to_ask_about(&corp.provider);
    assert_eq!(asked, [("a".to_owned(), Some("id-of-a".to_owned()))]);
    assert_eq!(corp.world.state.issuers().count(), 1);
}

#[test]
fn a_service_account_that_somebody_made_in_a_role_ends_with_them() {
    let mut corp = corp();
    let role = corp.role.clone();
    let worn = corp.login("a", &[], Some(role.clone()));
    let caller = corp.world.live(&worn.key, Some(&worn.token));
    let op = CreateServiceAccount {
        parent: ServiceParent::Role(corp.world.state.role_by_arn(&role).unwrap().reference()),
        restriction: Restriction::None,
        name: "of-a".parse().unwrap(),
        description: None,
        expires: None,
        policy: None,
        key: RootKey::Generate,
    };
    let key = corp.world.act_as(&caller, &op, None).unwrap().key;
    assert_eq!(corp.standing_of(&key.id), Standing::Live);
    corp.sync(Vec::new(), &[("a", Absent::Barred)]);
    assert_eq!(corp.standing_of(&key.id), Standing::OwnerGone);
    corp.sync(vec![whole("a", &[])], &[]);
    assert_eq!(corp.standing_of(&key.id), Standing::Live);
}

#[test]
fn whoever_is_gone_is_not_asked_about_until_they_sign_in_again() {
    let mut corp = corp();
    corp.login("a", &["readers"], None);
    corp.login("b", &["readers"], None);
    corp.sync(Vec::new(), &[("a", Absent::Gone), ("b", Absent::Barred)]);
    let asked = |corp: &Corp| {
        let all = corp.world.state.people_to_ask_about(&corp.provider).into_iter();
        all.map(|(subject, _)| subject).collect::<Vec<_>>()
    };
    assert_eq!(asked(&corp), ["b"]);
    corp.login("a", &["readers"], None);
    assert_eq!(asked(&corp), ["a", "b"]);
}

#[test]
fn whoever_leaves_a_group_loses_what_it_gave_and_the_token_that_lists_it_opens_nothing() {
    for told in [whole as fn(&str, &[&str]) -> Told, at_most] {
        let mut corp = corp();
        let token = corp.person("a", &["readers", "writers"], true);
        let of_role = corp.login("a", &["readers", "writers"], Some(corp.role.clone()));
        corp.login("a", &["readers", "writers"], None);
        assert_eq!(corp.mapped("a"), names(&["Read", "Write", "Named"]));
        let same = vec![told("a", &["writers", "readers", "others"])];
        assert_eq!(corp.sync(same, &[]), Synced::default());
        assert_eq!(corp.world.standing(&of_role), Standing::Live);
        let fewer = vec![told("a", &["readers", "others"])];
        assert_eq!(corp.sync(fewer, &[]), Synced { ended: 1, changed: 1 });
        assert_eq!(corp.world.standing(&of_role), Standing::Revoked);
        assert_eq!(corp.mapped("a"), names(&["Read", "Named"]), "the claim's is not a group's");
        assert!(corp.login_as(token, None).is_err());
        let after = corp.login("a", &["readers"], None);
        assert_eq!(corp.world.standing(&after), Standing::Live);
    }
}

#[test]
fn a_group_more_counts_at_once_only_where_a_sign_in_would_be_given_it() {
    let mut corp = corp();
    corp.login("a", &["readers"], None);
    assert_eq!(corp.sync(vec![at_most("a", &["readers", "writers"])], &[]), Synced::default());
    assert_eq!(corp.mapped("a"), names(&["Read", "Named"]));
    let more = vec![whole("a", &["readers", "writers"])];
    assert_eq!(corp.sync(more, &[]), Synced { ended: 0, changed: 1 });
    assert_eq!(corp.mapped("a"), names(&["Read", "Write", "Named"]));
}

#[test]
fn a_rule_about_a_claim_does_not_begin_to_fire_unseen_and_ceases_with_its_group() {
    let mut corp = corp();
    corp.login("a", &["readers"], None);
    assert_eq!(corp.sync(vec![whole("a", &["readers", "mailed"])], &[]), Synced::default());
    corp.login("a", &["readers", "mailed"], None);
    assert_eq!(corp.mapped("a"), names(&["Read", "Write", "Named"]));
    assert_eq!(corp.sync(vec![whole("a", &["readers", "mailed"])], &[]), Synced::default());
    assert_eq!(corp.sync(vec![whole("a", &["readers"])], &[]).ended, 1);
}

#[test]
fn where_groups_are_not_asked_for_nothing_changes_but_who_is_there() {
    let mut corp = corp();
    let own = corp.login("a", &["readers"], None);
    let (groups, member_of) = (ToldGroups::Unasked, MemberOf::Untold);
    let there =
        || Told { subject: "a".to_owned(), groups: groups.clone(), member_of: member_of.clone() };
    assert_eq!(corp.sync(vec![there()], &[]), Synced::default());
    corp.sync(Vec::new(), &[("a", Absent::Unconfirmed)]);
    assert_eq!(corp.world.standing(&own), Standing::Revoked);
    assert_eq!(corp.sync(vec![there()], &[]), Synced { ended: 0, changed: 1 });
    assert_eq!(corp.world.standing(&own), Standing::Live);
    assert_eq!(corp.mapped("a"), names(&["Read", "Named"]));
}

#[test]
fn a_role_that_somebody_unconfirmed_put_on_does_not_count_either() {
    let mut corp = corp();
    let worn = corp.login("a", &["readers"], Some(corp.role.clone()));
    let others = corp.login("b", &["readers"], Some(corp.role.clone()));
    corp.sync(Vec::new(), &[("a", Absent::Unconfirmed)]);
    assert_eq!(corp.world.standing(&worn), Standing::Revoked);
    assert_eq!(corp.world.standing(&others), Standing::Live);
    corp.sync(vec![whole("a", &["readers"])], &[]);
    assert_eq!(corp.world.standing(&worn), Standing::Live);
}

#[test]
fn who_comes_back_has_what_their_groups_give_and_no_session_of_before() {
    let mut corp = corp();
    let before = corp.login("a", &["readers"], None);
    corp.sync(Vec::new(), &[("a", Absent::Barred)]);
    assert_eq!(corp.sync(vec![at_most("a", &["readers"])], &[]), Synced { ended: 0, changed: 1 });
    assert!(corp.mapped("a").is_empty(), "a token could list less");
    corp.sync(vec![whole("a", &["readers"])], &[]);
    assert_eq!(corp.mapped("a"), names(&["Read"]));
    assert_eq!(corp.world.standing(&before), Standing::Revoked);
}

#[test]
fn a_namesake_is_somebody_else() {
    let mut corp = corp();
    let first = corp.login("a", &["readers"], None);
    corp.sync(Vec::new(), &[("a", Absent::Gone)]);
    let second = corp.login("a2", &["writers"], None);
    assert_ne!(corp.user("a").id, corp.user("a2").id);
    assert_eq!(corp.world.standing(&first), Standing::Revoked);
    assert_eq!(corp.world.standing(&second), Standing::Live);
}

impl Corp {
    /// Somebody whose groups the interface was asked for while they signed in.
    fn told(&self, id: &str, groups: &[&str], ids: &[&str]) -> ExternalIdentity {
        let mut vouched: Vouched = (*self.person(id, groups, true)).clone();
        vouched.member_of = MemberOf::Whole(GroupIds::of(ids.iter().copied()));
        ExternalIdentity::vouched(vouched)
    }

    fn known(&self, id: &str) -> Option<GroupIds> {
        self.user(id).federated.as_ref().unwrap().member_of.clone()
    }
}

#[test]
fn whoever_leaves_a_group_that_no_rule_asks_for_loses_every_session_and_others_keep_theirs() {
    let mut corp = corp();
    let role = corp.role.clone();
    let token = corp.told("a", &["readers", "billing"], &["g1", "g2"]);
    let of_role = corp.login_as(token.clone(), Some(role.clone())).unwrap();
    let own = corp.login_as(token.clone(), None).unwrap();
    let others = corp.told("b", &["readers", "billing"], &["g1", "g2"]);
    let others = corp.login_as(others, Some(role.clone())).unwrap();
    // The same groups under other names are the same groups.
    let same = vec![member("a", &["g2", "g1"]), member("b", &["g1", "g2"])];
    assert_eq!(corp.sync(same, &[]), Synced::default());
    assert_eq!(corp.world.standing(&of_role), Standing::Live);
    let moved = vec![member("a", &["g1"]), member("b", &["g1", "g2"])];
    assert_eq!(corp.sync(moved, &[]), Synced { ended: 1, changed: 1 });
    for dead in [&of_role, &own] {
        assert_eq!(corp.world.standing(dead), Standing::Revoked);
    }
    assert_eq!(corp.world.standing(&others), Standing::Live, "who is in it still keeps theirs");
    assert!(corp.login_as(token, Some(role)).is_err(), "a token that lists the group");
    let after = corp.told("a", &["readers"], &["g1"]);
    let after = corp.login_as(after, None).unwrap();
    assert_eq!(corp.sync(vec![member("a", &["g1"])], &[]), Synced::default());
    assert_eq!(corp.world.standing(&after), Standing::Live);
}

#[test]
fn a_group_made_anew_under_an_old_name_is_another() {
    let mut corp = corp();
    let token = corp.told("a", &["readers", "billing"], &["g1", "g2"]);
    let own = corp.login_as(token, None).unwrap();
    assert_eq!(corp.sync(vec![member("a", &["g1", "g3"])], &[]).ended, 1);
    assert_eq!(corp.world.standing(&own), Standing::Revoked);
}

#[test]
fn whose_groups_are_told_for_the_first_time_loses_nothing_by_it() {
    let mut corp = corp();
    let own = corp.login("a", &["readers"], None);
    assert_eq!(corp.known("a"), None);
    let first = vec![member("a", &["g1", "g2"])];
    assert_eq!(corp.sync(first, &[]), Synced { ended: 0, changed: 1 });
    assert_eq!(corp.known("a"), Some(GroupIds::of(["g1", "g2"])));
    assert_eq!(corp.world.standing(&own), Standing::Live);
    assert_eq!(corp.sync(vec![member("a", &["g2"])], &[]).ended, 1);
    assert_eq!(corp.world.standing(&own), Standing::Revoked);
}

#[test]
fn what_is_not_told_or_not_told_whole_takes_nothing_and_is_not_forgotten() {
    let mut corp = corp();
    let own = corp.login_as(corp.told("a", &["readers"], &["g1", "g2"]), None).unwrap();
    let kept = Some(GroupIds::of(["g1", "g2"]));
    assert_eq!(corp.sync(vec![whole("a", &["readers"])], &[]), Synced::default());
    assert_eq!(corp.known("a"), kept);
    corp.sync(Vec::new(), &[("a", Absent::Unconfirmed)]);
    assert_eq!(corp.known("a"), kept, "what cannot be asked is not known to be otherwise");
    corp.sync(vec![member("a", &["g1", "g2"])], &[]);
    assert_eq!(corp.world.standing(&own), Standing::Live);
    corp.sync(Vec::new(), &[("a", Absent::Unconfirmed)]);
    assert_eq!(corp.sync(vec![member("a", &["g1"])], &[]).ended, 1, "once it can be asked again");
    assert_eq!(corp.world.standing(&own), Standing::Revoked);
    corp.sync(Vec::new(), &[("a", Absent::Gone)]);
    assert_eq!(corp.known("a"), None);
}

#[test]
fn a_group_that_was_gained_meanwhile_counts_when_it_is_lost() {
    let mut corp = corp();
    let own = corp.login_as(corp.told("a", &["readers"], &["g1"]), None).unwrap();
    let more = vec![member("a", &["g1", "g2"])];
    assert_eq!(corp.sync(more, &[]), Synced { ended: 0, changed: 1 });
    assert_eq!(corp.world.standing(&own), Standing::Live);
    let with_it = corp.login_as(corp.told("a", &["readers"], &["g1", "g2"]), None).unwrap();
    assert_eq!(corp.sync(vec![member("a", &["g1"])], &[]).ended, 1);
    assert_eq!(corp.world.standing(&with_it), Standing::Revoked);
}

#[test]
fn a_sign_in_alone_takes_nothing_and_hides_nothing() {
    let mut corp = corp();
    let before = corp.login_as(corp.told("a", &["readers"], &["g1", "g2"]), None).unwrap();
    let fewer = corp.told("a", &["readers"], &["g1"]);
    let word = SyncDirectory {
        told: vec![member("a", &["g1"])],
        ..SyncDirectory::of(corp.provider.arn.clone())
    };
    assert!(word.takes(&corp.world.state), "who asks at a sign-in sees it");
    corp.login_as(fewer, None).unwrap();
    assert_eq!(corp.known("a"), Some(GroupIds::of(["g1", "g2"])));
    assert_eq!(corp.world.standing(&before), Standing::Live);
    assert!(word.takes(&corp.world.state), "and so does whoever asks next");
    assert_eq!(corp.sync(vec![member("a", &["g1"])], &[]).ended, 1);
    assert_eq!(corp.world.standing(&before), Standing::Revoked);
    assert!(!word.takes(&corp.world.state));
}

#[test]
fn what_a_sign_in_lists_counts_until_all_is_told() {
    let mut corp = corp();
    let listing = |corp: &Corp, ids: &[&str]| {
        let mut vouched: Vouched = (*corp.person("a", &["readers"], true)).clone();
        vouched.member_of = MemberOf::Listed(GroupIds::of(ids.iter().copied()));
        ExternalIdentity::vouched(vouched)
    };
    let one = corp.login_as(listing(&corp, &["g1", "g2"]), None).unwrap();
    let two = corp.login_as(listing(&corp, &["g3"]), None).unwrap();
    let all = vec![member("a", &["g1", "g2", "g3", "g4"])];
    assert_eq!(corp.sync(all, &[]), Synced { ended: 0, changed: 1 });
    for alive in [&one, &two] {
        assert_eq!(corp.world.standing(alive), Standing::Live);
    }
    let stale = corp.login_as(listing(&corp, &["g5"]), None).unwrap();
    assert_eq!(corp.sync(vec![member("a", &["g1", "g2", "g3", "g4"])], &[]).ended, 1);
    assert_eq!(corp.world.standing(&stale), Standing::Revoked);
}

#[test]
fn so_many_groups_of_one_person_are_kept_and_no_more() {
    let mut corp = corp();
    let with = |corp: &Corp, from: usize, count: usize| {
        let ids: Vec<String> = (from..from + count).map(|n| n.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        corp.told("a", &["readers"], &ids)
    };
    corp.login_as(with(&corp, 0, GROUP_IDS_MAX), None).unwrap();
    let one_more = corp.login_as(with(&corp, GROUP_IDS_MAX, 1), None).unwrap_err();
    assert!(matches!(one_more, IdentityError::LimitExceeded { max: GROUP_IDS_MAX, .. }));
}

#[test]
fn an_answer_says_nothing_of_groups_that_a_sign_in_added_since_it_was_asked_for() {
    let mut corp = corp();
    corp.login_as(corp.told("a", &["readers"], &["g1", "g2"]), None).unwrap();
    let asking = |corp: &Corp| corp.world.state.groups_known_of(&corp.provider.arn, "a");
    let answer = |corp: &Corp, known: GroupIds, ids: &[&str]| SyncDirectory {
        told: vec![member("a", ids)],
        known: std::iter::once(("a".to_owned(), known)).collect(),
        ..SyncDirectory::of(corp.provider.arn.clone())
    };
    let known = asking(&corp);
    let new = corp.login_as(corp.told("a", &["readers"], &["g1", "g2", "g3"]), None).unwrap();
    let late = answer(&corp, known.clone(), &["g1", "g2"]);
    assert!(!late.is_news(&corp.world.state));
    assert!(answer(&corp, known, &["g2"]).takes(&corp.world.state), "what it speaks of counts");
    assert_eq!(corp.world.standing(&new), Standing::Live);
    let next = answer(&corp, asking(&corp), &["g1", "g2"]);
    assert_eq!(corp.world.act(&next).unwrap().ended, 1);
    assert_eq!(corp.world.standing(&new), Standing::Revoked);
}
