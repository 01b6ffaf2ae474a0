//! The `Principal` element: its forms, and how strongly each names a caller (IAM guide, "AWS JSON
//! policy elements: Principal"; aws-authorization 1.3 and 4.2).

use names::{AccountId, Arn, UniqueId};

use crate::context::Context;
use crate::facts::Value;
use crate::json::Span;
use crate::operator::Sense;
use crate::principal::Principal;
use crate::statement::Effect;

/// How a resource policy names a caller, strongest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Grade {
    /// By its own ARN or id, or as everyone: needs nothing from the caller's side.
    Direct,
    /// By the role of the session, or the user behind a federated session: boundary and session
    /// policy still gate it.
    Parent,
    /// By its account: the account's own policies must allow it too.
    Account,
}

/// One entry of a `Principal` or `NotPrincipal` element.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Named {
    Everyone,
    Account(AccountId),
    User(Arn),
    Role(Arn),
    Session {
        account: AccountId,
        role: String,
        session: String,
    },
    FederatedUser {
        account: AccountId,
        name: String,
    },
    /// A user or role, frozen to its unique id.
    Id(UniqueId),
    /// A session of a role, frozen to the role's unique id.
    SessionOf {
        id: UniqueId,
        session: String,
    },
    /// An identity provider.
    Federated(String),
    Service(String),
    /// S3's name of an account.
    Canonical(String),
}

/// A `Principal` or `NotPrincipal` element.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Grantees {
    pub(crate) sense: Sense,
    pub(crate) named: Vec<(Named, Span)>,
}

/// The server's fact for the canonical user id of the caller's account.
const CANONICAL_KEY: &str = "strongroom:principalcanonicaluser";

impl Named {
    /// How this entry names the caller, if it does.
    fn grade(&self, context: &Context<'_>, effect: Effect) -> Option<Grade> {
        let grade = |holds: bool, grade| holds.then_some(grade);
        match (self, context.principal) {
            // Who has only an outside proof must be named by its provider to be allowed.
            (Self::Everyone, Principal::Federated { .. }) => {
                grade(effect == Effect::Deny, Grade::Direct)
            }
            (Self::Everyone, _) => Some(Grade::Direct),
            (Self::Account(own), principal) => {
                grade(principal.account() == Some(*own), Grade::Account)
            }
            (Self::User(own), Principal::User { arn, .. }) => grade(own == arn, Grade::Direct),
            (Self::User(own), Principal::FederatedUser { user_arn, .. }) => {
                grade(own == user_arn, Grade::Parent)
            }
            (Self::Role(own), Principal::RoleSession { role_arn, .. }) => {
                grade(own == role_arn, Grade::Parent)
            }
            (Self::Id(own), Principal::User { id, .. }) => grade(own == id, Grade::Direct),
            (Self::Id(own), Principal::FederatedUser { user_id, .. }) => {
                grade(own == user_id, Grade::Parent)
            }
            (Self::Id(own), Principal::RoleSession { id, .. }) => grade(own == id, Grade::Parent),
            (
                Self::Session { account, role, session },
                Principal::RoleSession { account: of, role: is, session: named, .. },
            ) => grade(
                account == of && role == is.as_str() && session == named.as_str(),
                Grade::Direct,
            ),
            (
                Self::SessionOf { id, session },
                Principal::RoleSession { id: is, session: named, .. },
            ) => grade(id == is && session == named.as_str(), Grade::Direct),
            (
                Self::FederatedUser { account, name },
                Principal::FederatedUser { account: of, name: is, .. },
            ) => grade(account == of && name == is, Grade::Direct),
            (Self::Federated(own), Principal::Federated { provider }) => {
                grade(own == provider.as_str(), Grade::Direct)
            }
            (Self::Service(own), Principal::Service { name }) => grade(own == name, Grade::Direct),
            (Self::Canonical(own), principal) => canonical(own, principal, context, effect),
            _ => None,
        }
    }
}

/// Matches a canonical user id with the server's fact; without the fact, a `Deny` applies.
fn canonical(
    own: &str,
    principal: &Principal,
    context: &Context<'_>,
    effect: Effect,
) -> Option<Grade> {
    principal.account()?;
    match context.said(CANONICAL_KEY) {
        Some(Value::One(id)) => (id == own).then_some(Grade::Account),
        None | Some(Value::Many(_)) => (effect == Effect::Deny).then_some(Grade::Account),
    }
}

impl Grantees {
    /// How the element names the caller, if it does. `bounded`: the caller has a boundary.
    pub(crate) fn grade(
        &self,
        context: &Context<'_>,
        effect: Effect,
        bounded: Bounded,
    ) -> Option<Grade> {
        match (self.sense, effect) {
            (Sense::Is, _) => {
                self.named.iter().filter_map(|(named, _)| named.grade(context, effect)).min()
            }
            (Sense::Not, Effect::Deny) => {
                let spared = bounded == Bounded::No && self.lists_whole_chain(context);
                (!spared).then_some(Grade::Direct)
            }
            (Sense::Not, Effect::Allow) => {
                // Whoever is listed by any of its names, or might be, is not allowed.
                let listed = self
                    .named
                    .iter()
                    .any(|(named, _)| named.grade(context, Effect::Deny).is_some());
                let outside = matches!(context.principal, Principal::Federated { .. });
                (!listed && !outside).then_some(Grade::Direct)
            }
        }
    }

    /// Whether every name of the caller is listed: session, role or user, and account.
    fn lists_whole_chain(&self, context: &Context<'_>) -> bool {
        let listed = |grade: Grade| {
            self.named.iter().any(|(named, _)| {
                // `Everyone` in the list covers the whole chain, and no one name of it.
                *named != Named::Everyone && named.grade(context, Effect::Allow) == Some(grade)
            })
        };
        let everyone = self.named.iter().any(|(named, _)| *named == Named::Everyone);
        let needed: &[Grade] = match context.principal {
            Principal::Anonymous => return everyone,
            Principal::Root { .. } => &[Grade::Account],
            Principal::User { .. } => &[Grade::Direct, Grade::Account],
            Principal::RoleSession { .. } | Principal::FederatedUser { .. } => {
                &[Grade::Direct, Grade::Parent, Grade::Account]
            }
            Principal::Federated { .. } | Principal::Service { .. } => &[Grade::Direct],
        };
        everyone || needed.iter().all(|grade| listed(*grade))
    }
}

/// Whether the caller has a permissions boundary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bounded {
    Yes,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;

    fn account(text: &str) -> AccountId {
        text.parse().unwrap()
    }

    fn arn(text: &str) -> Arn {
        text.parse().unwrap()
    }

    const HOME: &str = "111122223333";
    const AWAY: &str = "444455556666";
    const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
    const ROLE: &str = "arn:aws:iam::111122223333:role/R";
    const ALICE_ID: &str = "AIDAAAAAAAAAAAAAAAAA1";
    const ROLE_ID: &str = "AROAAAAAAAAAAAAAAAAA1";

    /// A user, a session of a role, a federated user, a root, a provider, a service and anybody.
    fn principals() -> [Principal; 7] {
        let home = account(HOME);
        [
            Principal::User {
                account: home,
                name: "alice".parse().unwrap(),
                arn: arn(ALICE),
                id: ALICE_ID.parse().unwrap(),
            },
            Principal::RoleSession {
                account: home,
                role: "R".parse().unwrap(),
                role_arn: arn(ROLE),
                id: ROLE_ID.parse().unwrap(),
                session: "work".parse().unwrap(),
            },
            Principal::FederatedUser {
                account: home,
                name: "made".to_owned(),
                user_id: ALICE_ID.parse().unwrap(),
                user_arn: arn(ALICE),
            },
            Principal::Root { account: home },
            Principal::Federated { provider: arn("arn:aws:iam::111122223333:oidc-provider/p") },
            Principal::Service { name: "x.amazonaws.com".to_owned() },
            Principal::Anonymous,
        ]
    }

    fn grades(named: &Named, effect: Effect) -> [Option<Grade>; 7] {
        principals().map(|principal| {
            let context = Context {
                with: &[],
                facts: &Facts::default(),
                principal: &principal,
                resource_account: None,
            };
            named.grade(&context, effect)
        })
    }

    fn session(of: &str, role: &str, session: &str) -> Named {
        Named::Session { account: account(of), role: role.to_owned(), session: session.to_owned() }
    }

    fn frozen(id: &str, session: &str) -> Named {
        Named::SessionOf { id: id.parse().unwrap(), session: session.to_owned() }
    }

    fn made(of: &str, name: &str) -> Named {
        Named::FederatedUser { account: account(of), name: name.to_owned() }
    }

    #[test]
    fn each_name_names_whom_it_says_as_strongly_as_it_does() {
        let (direct, parent, own) =
            (Some(Grade::Direct), Some(Grade::Parent), Some(Grade::Account));
        let none = [None; 7];
        let id = |text: &str| Named::Id(text.parse().unwrap());
        for (named, expected) in [
            (Named::Account(account(HOME)), [own, own, own, own, None, None, None]),
            (Named::Account(account(AWAY)), none),
            (Named::User(arn(ALICE)), [direct, None, parent, None, None, None, None]),
            (Named::User(arn("arn:aws:iam::111122223333:user/bob")), none),
            (Named::Role(arn(ROLE)), [None, parent, None, None, None, None, None]),
            (Named::Role(arn("arn:aws:iam::111122223333:role/S")), none),
            (id(ALICE_ID), [direct, None, parent, None, None, None, None]),
            (id(ROLE_ID), [None, parent, None, None, None, None, None]),
            (id("AIDAAAAAAAAAAAAAAAAA2"), none),
            (id("AROAAAAAAAAAAAAAAAAA2"), none),
            (session(HOME, "R", "work"), [None, direct, None, None, None, None, None]),
            (session(AWAY, "R", "work"), none),
            (session(HOME, "S", "work"), none),
            (session(HOME, "R", "play"), none),
            (frozen(ROLE_ID, "work"), [None, direct, None, None, None, None, None]),
            (frozen("AROAAAAAAAAAAAAAAAAA2", "work"), none),
            (frozen(ROLE_ID, "play"), none),
            (made(HOME, "made"), [None, None, direct, None, None, None, None]),
            (made(AWAY, "made"), none),
            (made(HOME, "other"), none),
            (
                Named::Federated("arn:aws:iam::111122223333:oidc-provider/p".to_owned()),
                [None, None, None, None, direct, None, None],
            ),
            (Named::Federated("arn:aws:iam::111122223333:oidc-provider/q".to_owned()), none),
            (
                Named::Service("x.amazonaws.com".to_owned()),
                [None, None, None, None, None, direct, None],
            ),
            (Named::Service("y.amazonaws.com".to_owned()), none),
        ] {
            assert_eq!(grades(&named, Effect::Allow), expected, "{named:?}");
            assert_eq!(grades(&named, Effect::Deny), expected, "{named:?}");
        }
        // Whom only a provider vouches for is everyone where that denies alone.
        let all = [direct; 7];
        assert_eq!(grades(&Named::Everyone, Effect::Deny), all);
        let allowed = [direct, direct, direct, direct, None, direct, direct];
        assert_eq!(grades(&Named::Everyone, Effect::Allow), allowed);
    }

    #[test]
    fn a_canonical_id_that_nobody_knows_is_everybodys_where_it_denies() {
        let named = Named::Canonical("c1".to_owned());
        let own = Some(Grade::Account);
        assert_eq!(grades(&named, Effect::Allow), [None; 7]);
        assert_eq!(grades(&named, Effect::Deny), [own, own, own, own, None, None, None]);
        let principal = Principal::Root { account: account(HOME) };
        for (id, expected) in [("c1", own), ("c2", None)] {
            let mut facts = Facts::default();
            facts.suppose(CANONICAL_KEY, id);
            let context =
                Context { with: &[], facts: &facts, principal: &principal, resource_account: None };
            for effect in [Effect::Allow, Effect::Deny] {
                assert_eq!(named.grade(&context, effect), expected, "{id} {effect:?}");
            }
        }
    }
}
