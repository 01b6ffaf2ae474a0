//! The one view that conditions and variables have of a request: what holds for the check alone,
//! then the facts, then what follows from the principal and the resource.

use std::borrow::Cow;
use std::fmt::Write as _;

use names::AccountId;

use crate::compile::KeyRef;
use crate::compile::hold::Hold;
use crate::daytime;
use crate::facts::{Facts, Known, Origin, Value};
use crate::principal::Principal;

/// The value of a key, borrowed where it can be.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Seen<'a> {
    Absent,
    One(Cow<'a, str>),
    Many(&'a [String]),
}

impl Seen<'_> {
    /// As it is recorded.
    pub(crate) fn values(&self) -> Option<Vec<String>> {
        match self {
            Self::Absent => None,
            Self::One(value) => Some(vec![value.clone().into_owned()]),
            Self::Many(values) => Some(values.to_vec()),
        }
    }
}

impl<'a> From<&'a Value> for Seen<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::One(text) => Self::One(Cow::Borrowed(text)),
            Value::Many(texts) => Self::Many(texts),
        }
    }
}

/// The value of a key, without anything of its own.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Found<'a> {
    Absent,
    One(&'a str),
    Many(&'a [String]),
}

impl Found<'_> {
    /// As it is recorded.
    pub(crate) fn values(self) -> Option<Vec<String>> {
        match self {
            Self::Absent => None,
            Self::One(value) => Some(vec![value.to_owned()]),
            Self::Many(values) => Some(values.to_vec()),
        }
    }
}

impl<'a> From<&'a Value> for Found<'a> {
    #[inline]
    fn from(value: &'a Value) -> Self {
        match value {
            Value::One(text) => Self::One(text),
            Value::Many(texts) => Self::Many(texts),
        }
    }
}

/// A key that follows from who asks for what (IAM guide, "Principal key values").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Derived {
    PrincipalArn,
    PrincipalAccount,
    PrincipalType,
    UserId,
    UserName,
    IsService,
    ServiceName,
    ResourceAccount,
    /// From the time.
    Daytime,
}

impl Derived {
    /// What a key in lower case follows from, if it does.
    pub(crate) fn of(key: &str) -> Option<Self> {
        match key {
            "aws:principalarn" => Some(Self::PrincipalArn),
            "aws:principalaccount" => Some(Self::PrincipalAccount),
            "aws:principaltype" => Some(Self::PrincipalType),
            "aws:userid" => Some(Self::UserId),
            "aws:username" => Some(Self::UserName),
            "aws:principalisawsservice" => Some(Self::IsService),
            "aws:principalservicename" => Some(Self::ServiceName),
            "aws:resourceaccount" | "s3:resourceaccount" => Some(Self::ResourceAccount),
            other if other.starts_with("strongroom:") => Some(Self::Daytime),
            _ => None,
        }
    }
}

/// Everything a condition can see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) with: &'a [(&'static str, Value)],
    pub(crate) facts: &'a Facts,
    pub(crate) principal: &'a Principal,
    pub(crate) resource_account: Option<AccountId>,
}

impl<'a> Context<'a> {
    /// The value of a key; what has to be put together for it is put into `hold`.
    pub(crate) fn find<'h>(&self, key: KeyRef<'_>, hold: &'h mut Option<Hold>) -> Found<'h>
    where
        'a: 'h,
    {
        self.found(key, self.told(&key), hold)
    }

    /// The same of a key of which this is told already.
    pub(crate) fn found<'h>(
        &self,
        key: KeyRef<'_>,
        told: Option<&'h Value>,
        hold: &'h mut Option<Hold>,
    ) -> Found<'h>
    where
        'a: 'h,
    {
        if let Some(value) = told {
            return value.into();
        }
        let Some(derived) = key.derived else { return Found::Absent };
        let hold = hold.insert(Hold::new());
        self.derive(derived, key.text, hold).map_or(Found::Absent, Found::One)
    }

    /// What is said of a key, by the check or by a fact.
    #[inline(always)]
    pub(crate) fn told(&self, key: &KeyRef<'_>) -> Option<&'a Value> {
        let is = |name: &str| name.as_bytes().eq_ignore_ascii_case(key.text);
        let own = self.with.iter().find(|(name, _)| is(name));
        own.map(|(_, value)| value).or_else(|| self.facts.find(key.origin, key.wanted()))
    }

    /// The one value of a key of the table that nothing but a fact speaks for, where that is found
    /// at once.
    #[inline(always)]
    pub(crate) fn fact(&self, origin: Origin, key: Known) -> Option<&'a str> {
        if self.with.is_empty() { self.facts.seated(origin, key) } else { None }
    }

    #[inline(never)]
    fn derive<'h>(&self, derived: Derived, key: &[u8], hold: &'h mut Hold) -> Option<&'h str>
    where
        'a: 'h,
    {
        let principal = self.principal;
        let written = match (derived, principal) {
            (Derived::PrincipalArn, Principal::User { arn, .. }) => return Some(arn.as_str()),
            (Derived::PrincipalArn, Principal::RoleSession { role_arn, .. }) => {
                return Some(role_arn.as_str());
            }
            (Derived::PrincipalArn, Principal::Root { account }) => {
                write!(hold, "arn:aws:iam::{account}:root")
            }
            (Derived::PrincipalArn, Principal::FederatedUser { account, name, .. }) => {
                write!(hold, "arn:aws:sts::{account}:federated-user/{name}")
            }
            (Derived::PrincipalArn, _) => return None,
            (Derived::PrincipalAccount, _) => hold.write_str(principal.account()?.as_str()),
            (Derived::PrincipalType, _) => return Some(principal.kind()),
            (Derived::UserId, Principal::Anonymous | Principal::Federated { .. }) => {
                return Some("anonymous");
            }
            (Derived::UserId, Principal::Root { account }) => hold.write_str(account.as_str()),
            (Derived::UserId, Principal::User { id, .. }) => return Some(id.as_str()),
            (Derived::UserId, Principal::RoleSession { id, session, .. }) => {
                write!(hold, "{id}:{session}")
            }
            (Derived::UserId, Principal::FederatedUser { account, name, .. }) => {
                write!(hold, "{account}:{name}")
            }
            (Derived::UserId | Derived::ServiceName, Principal::Service { name }) => {
                return Some(name);
            }
            (Derived::UserName, Principal::User { name, .. }) => return Some(name.as_str()),
            (Derived::IsService, Principal::Service { .. }) => return Some("true"),
            (Derived::IsService, _) => return Some("false"),
            (Derived::UserName | Derived::ServiceName, _) => return None,
            (Derived::ResourceAccount, _) => hold.write_str(self.resource_account?.as_str()),
            (Derived::Daytime, _) => {
                hold.add(key);
                hold.fold_from(0);
                return daytime::value_at(hold.text(), || self.current_time());
            }
        };
        written.is_ok().then_some(hold.text())
    }

    /// What is said of a key given in lower case, by the check or by a fact.
    pub(crate) fn said(&self, key: &str) -> Option<&'a Value> {
        let own = self.with.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        own.map(|(_, value)| value).or_else(|| self.facts.folded(key))
    }

    /// The value of a key given in lower case.
    pub(crate) fn look(&self, key: &str) -> Seen<'a> {
        let own = self.with.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        match own.map(|(_, value)| value).or_else(|| self.facts.folded(key)) {
            Some(value) => value.into(),
            None => self.derived(key).map_or(Seen::Absent, Seen::One),
        }
    }

    /// The keys that follow from who asks for what (aws-authorization: IAM guide, "Principal key
    /// values"), unless a fact says them already.
    fn derived(&self, key: &str) -> Option<Cow<'a, str>> {
        let principal = self.principal;
        match key {
            "aws:principalarn" => principal_arn(principal),
            "aws:principalaccount" => principal.account().map(owned),
            "aws:principaltype" => Some(Cow::Borrowed(principal.kind())),
            "aws:userid" => Some(Cow::Owned(principal.user_id())),
            "aws:username" => match principal {
                Principal::User { name, .. } => Some(Cow::Borrowed(name.as_str())),
                _ => None,
            },
            "aws:principalisawsservice" => Some(Cow::Borrowed(match principal {
                Principal::Service { .. } => "true",
                _ => "false",
            })),
            "aws:principalservicename" => match principal {
                Principal::Service { name } => Some(Cow::Borrowed(name)),
                _ => None,
            },
            "aws:resourceaccount" | "s3:resourceaccount" => self.resource_account.map(owned),
            _ => daytime::value_at(key, || self.current_time()).map(Cow::Borrowed),
        }
    }

    fn current_time(&self) -> Option<String> {
        match self.look("aws:currenttime") {
            Seen::One(time) => Some(time.into_owned()),
            Seen::Absent | Seen::Many(_) => None,
        }
    }
}

fn principal_arn(principal: &Principal) -> Option<Cow<'_, str>> {
    match principal {
        Principal::User { arn, .. } => Some(Cow::Borrowed(arn.as_str())),
        Principal::RoleSession { role_arn, .. } => Some(Cow::Borrowed(role_arn.as_str())),
        other => other.principal_arn().map(|arn| Cow::Owned(arn.to_string())),
    }
}

fn owned<'a>(account: AccountId) -> Cow<'a, str> {
    Cow::Owned(account.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::key_hash;
    use crate::facts::Origin;

    const KEYS: [&str; 9] = [
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:userid",
        "aws:username",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:resourceaccount",
        "strongroom:dayofweek",
    ];

    /// What both ways of reading a key say; they must say the same.
    fn read(principal: &Principal, owner: Option<AccountId>, facts: &Facts, key: &str) -> String {
        let context = Context { with: &[], facts, principal, resource_account: owner };
        let looked = context.look(key).values();
        let (mut hold, origin) = (None, Origin::of(key));
        let own = KeyRef {
            text: key.as_bytes(),
            hash: key_hash(key),
            number: None,
            origin,
            derived: Derived::of(key),
        };
        let found = match context.find(own, &mut hold) {
            Found::Absent => None,
            Found::One(value) => Some(vec![value.to_owned()]),
            Found::Many(values) => Some(values.to_vec()),
        };
        assert_eq!(found, looked, "{principal:?} {key}");
        looked.map_or_else(|| "-".to_owned(), |values| values.join(" "))
    }

    #[test]
    fn the_keys_that_follow_from_who_asks_are_the_same_however_they_are_read() {
        let account: AccountId = "111122223333".parse().unwrap();
        let owner = "444455556666".parse().ok();
        let user = Principal::User {
            account,
            name: "alice".parse().unwrap(),
            arn: "arn:aws:iam::111122223333:user/team/alice".parse().unwrap(),
            id: "AIDAAAAAAAAAAAAAAAAA1".parse().unwrap(),
        };
        let session = Principal::RoleSession {
            account,
            role: "R".parse().unwrap(),
            role_arn: "arn:aws:iam::111122223333:role/team/R".parse().unwrap(),
            id: "AROAAAAAAAAAAAAAAAAA1".parse().unwrap(),
            session: "work".parse().unwrap(),
        };
        let made = Principal::FederatedUser {
            account,
            name: "made".to_owned(),
            user_id: "AIDAAAAAAAAAAAAAAAAA1".parse().unwrap(),
            user_arn: "arn:aws:iam::111122223333:user/team/alice".parse().unwrap(),
        };
        let provider = Principal::Federated {
            provider: "arn:aws:iam::111122223333:oidc-provider/idp.example".parse().unwrap(),
        };
        let service = Principal::Service { name: "x.amazonaws.com".to_owned() };
        let mut facts = Facts::default();
        facts.suppose("aws:currenttime", "2026-01-01T00:00:00Z");
        let day = "Thu";
        let (own, not, no) = ("111122223333", "-", "false");
        let name = "x.amazonaws.com";
        let user_arn = "arn:aws:iam::111122223333:user/team/alice";
        let role_arn = "arn:aws:iam::111122223333:role/team/R";
        let made_arn = "arn:aws:sts::111122223333:federated-user/made";
        let root_arn = "arn:aws:iam::111122223333:root";
        let (user_id, session_id) = ("AIDAAAAAAAAAAAAAAAAA1", "AROAAAAAAAAAAAAAAAAA1:work");
        let them = "444455556666";
        for (principal, expected) in [
            (user, [user_arn, own, "User", user_id, "alice", no, not, them, day]),
            (session, [role_arn, own, "AssumedRole", session_id, not, no, not, them, day]),
            (made, [made_arn, own, "FederatedUser", "111122223333:made", not, no, not, them, day]),
            (Principal::Root { account }, [root_arn, own, "Account", own, not, no, not, them, day]),
            (service, [not, not, "Service", name, not, "true", name, them, day]),
            (provider, [not, not, "Anonymous", "anonymous", not, no, not, them, day]),
            (Principal::Anonymous, [not, not, "Anonymous", "anonymous", not, no, not, them, day]),
        ] {
            assert_eq!(KEYS.map(|key| read(&principal, owner, &facts, key)), expected);
        }
    }

    #[test]
    fn what_is_said_goes_before_what_follows() {
        let mut facts = Facts::default();
        facts.suppose("aws:username", "bob");
        facts.suppose("aws:tagkeys", Value::Many(vec!["a".to_owned(), "b".to_owned()]));
        let root = Principal::Root { account: "111122223333".parse().unwrap() };
        assert_eq!(read(&root, None, &facts, "aws:username"), "bob");
        assert_eq!(read(&root, None, &facts, "aws:tagkeys"), "a b");
        assert_eq!(read(&root, None, &facts, "aws:resourceaccount"), "-");
        assert_eq!(read(&root, None, &facts, "strongroom:dayofweek"), "-");
        let with = [("aws:UserName", Value::One("carol".to_owned()))];
        let context =
            Context { with: &with, facts: &facts, principal: &root, resource_account: None };
        assert_eq!(context.look("aws:username").values(), Some(vec!["carol".to_owned()]));
        assert_eq!(context.said("aws:username"), Some(&with[0].1));
        assert_eq!(
            context.said("aws:tagkeys").map(|value| matches!(value, Value::Many(_))),
            Some(true)
        );
        assert_eq!(context.said("aws:userid"), None);
    }
}
