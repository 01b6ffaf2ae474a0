//! The one view that conditions and variables have of a request: what holds for the check alone,
//! then the facts, then what follows from the principal and the resource.

use std::borrow::Cow;
use std::fmt::Write as _;

use names::AccountId;

use crate::compile::KeyRef;
use crate::compile::hold::Hold;
use crate::daytime;
use crate::facts::{Facts, Value};
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
    pub(crate) fn find<'h>(&self, key: KeyRef<'_>, hold: &'h mut Hold) -> Found<'h>
    where
        'a: 'h,
    {
        let is = |name: &str| name.as_bytes().eq_ignore_ascii_case(key.text);
        let own = self.with.iter().find(|(name, _)| is(name));
        let said = own.map(|(_, value)| value);
        match said.or_else(|| self.facts.find(key.origin, key.hash, key.text)) {
            Some(Value::One(text)) => Found::One(text),
            Some(Value::Many(texts)) => Found::Many(texts),
            None => match key.derived.and_then(|derived| self.derive(derived, key.text, hold)) {
                Some(text) => Found::One(text),
                None => Found::Absent,
            },
        }
    }

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
