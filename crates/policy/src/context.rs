//! The one view that conditions and variables have of a request: what holds for the check alone,
//! then the facts, then what follows from the principal and the resource.

use std::borrow::Cow;

use names::AccountId;

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

/// Everything a condition can see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) with: &'a [(&'static str, Value)],
    pub(crate) facts: &'a Facts,
    pub(crate) principal: &'a Principal,
    pub(crate) resource_account: Option<AccountId>,
}

impl<'a> Context<'a> {
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
