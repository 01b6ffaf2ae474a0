//! The organisation: accounts below units below one root, and the control policies that bound what
//! any of them can do (AWS Organizations user guide, "Service control policies" and "Resource
//! control policies").
//!
//! An installation is one organisation, and the account that owns the installation manages it. On
//! each level, from the root over the units down to the account, some control policy must allow;
//! a deny on any level is final. The managing account itself is bound by none.

use std::collections::BTreeSet;
use std::str::FromStr;

use names::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::stored_policy::StoredPolicy;

/// Most units on the way from the root to an account (AWS Organizations quotas).
pub const UNIT_DEPTH_MAX: usize = 5;
/// Most control policies of one kind on one level (AWS Organizations quotas).
pub const CONTROL_POLICIES_PER_TARGET_MAX: usize = 5;
/// Most characters of a unit's or control policy's name.
pub(crate) const ORGANIZATION_NAME_CHARACTERS_MAX: usize = 128;
/// Most characters of a control policy's description.
pub(crate) const CONTROL_DESCRIPTION_CHARACTERS_MAX: usize = 512;

/// A text of the organisation is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}")]
pub struct BadOrganizationWord {
    what: &'static str,
    text: String,
}

macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $what:literal, $good:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadOrganizationWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let good: fn(&str) -> bool = $good;
                match good(text) {
                    true => Ok(Self(text.to_owned())),
                    false => Err(BadOrganizationWord { what: $what, text: text.to_owned() }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadOrganizationWord;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

word! {
    /// A unit's id: `ou-` and 4 to 32, then `-` and 8 to 32 lower-case letters and digits.
    ///
    /// ```
    /// use strongroom_identity::UnitId;
    /// assert!("ou-a1b2-a1b2c3d4".parse::<UnitId>().is_ok());
    /// assert!("ou-a1b2".parse::<UnitId>().is_err());
    /// ```
    UnitId, "the id of an organisational unit", |text| {
        let parts = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
        parts.is_some_and(|(root, own)| lower(root, 4) && lower(own, 8))
    }
}

word! {
    /// A control policy's id: `p-` and 8 to 128 letters, digits and `_`.
    ControlPolicyId, "the id of a control policy", |text| {
        let own = text.strip_prefix("p-").unwrap_or_default();
        (8..=128).contains(&own.len())
            && own.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }
}

word! {
    /// A unit's or control policy's name: 1 to 128 characters, no control characters.
    OrganizationName, "a name of 1 to 128 characters", |text| {
        (1..=ORGANIZATION_NAME_CHARACTERS_MAX).contains(&text.chars().count())
            && !text.chars().any(char::is_control)
    }
}

fn lower(text: &str, least: usize) -> bool {
    (least..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Whom a control policy bounds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlKind {
    /// The callers of accounts.
    ServiceControl,
    /// What accounts own, whoever asks.
    ResourceControl,
}

impl ControlKind {
    /// What its documents are.
    #[must_use]
    pub fn document(self) -> policy::Kind {
        match self {
            Self::ServiceControl => policy::Kind::ServiceControl,
            Self::ResourceControl => policy::Kind::ResourceControl,
        }
    }

    /// The policy that allows everything on a level.
    #[must_use]
    pub fn full_access(self) -> &'static str {
        match self {
            Self::ServiceControl => FULL_ACCESS,
            Self::ResourceControl => RESOURCE_FULL_ACCESS,
        }
    }

    /// AWS's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }

    /// The kind of AWS's word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::ServiceControl, Self::ResourceControl].into_iter().find(|kind| kind.word() == word)
    }
}

/// The service control policy that every level has until it is detached.
pub const FULL_ACCESS: &str = "p-FullAWSAccess";
/// The resource control policy that every level has always.
pub const RESOURCE_FULL_ACCESS: &str = "p-RCPFullAWSAccess";

/// A level has the policy that allows everything, until somebody takes it away.
pub(crate) fn everything() -> BTreeSet<ControlPolicyId> {
    BTreeSet::from([ControlPolicyId(FULL_ACCESS.to_owned())])
}

/// What the organisation as a whole is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// The kinds of control policies that count.
    #[serde(default)]
    pub enabled: BTreeSet<ControlKind>,
    /// The control policies of the root.
    #[serde(default = "everything")]
    pub controls: BTreeSet<ControlPolicyId>,
}

impl Default for Organization {
    fn default() -> Self {
        Self { enabled: BTreeSet::new(), controls: everything() }
    }
}

/// An organisational unit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// The unit that it is in; the root if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<UnitId>,
    /// Its name, unique below its parent.
    pub name: OrganizationName,
    /// When it was made.
    pub created: Timestamp,
    /// Its control policies.
    #[serde(default = "everything")]
    pub controls: BTreeSet<ControlPolicyId>,
}

/// A control policy.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlPolicy {
    /// Its id.
    pub id: ControlPolicyId,
    /// Whom it bounds.
    pub kind: ControlKind,
    /// Its name, unique among its kind.
    pub name: OrganizationName,
    /// What it is for.
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
    /// What it says.
    pub document: StoredPolicy,
}

/// What a control policy is attached to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ControlTarget {
    /// The root, and so every account but the managing one.
    Root,
    /// A unit, and so every account below it.
    Unit(UnitId),
    /// An account.
    Account(AccountId),
}

/// Whether an account may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountStatus {
    /// It may.
    #[default]
    Active,
    /// It may not, until it is resumed: neither can its callers do anything, nor anybody anything
    /// with what it owns.
    Suspended,
    /// The same for ever.
    Closed,
}

impl std::fmt::Display for ControlTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Root => f.write_str("the root"),
            Self::Unit(unit) => unit.fmt(f),
            Self::Account(account) => account.fmt(f),
        }
    }
}

/// Why something of the organisation was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrganizationError {
    /// There is no such account.
    #[error("there is no account `{0}`")]
    NoSuchAccount(AccountId),
    /// There is no such unit.
    #[error("there is no organisational unit `{0}`")]
    NoSuchUnit(UnitId),
    /// There is no such unit, in which something should be.
    #[error("there is no parent `{0}`")]
    NoSuchParent(UnitId),
    /// There is no such unit, to which something should move.
    #[error("there is no parent `{0}` to move to")]
    NoSuchDestination(UnitId),
    /// There is no such level.
    #[error("there is no target `{0}`")]
    NoSuchTarget(String),
    /// There is no such control policy of that kind.
    #[error("there is no policy `{0}` of that type")]
    NoSuchPolicy(ControlPolicyId),
    /// A unit beside it has the name.
    #[error("an organisational unit `{0}` exists there already")]
    UnitExists(OrganizationName),
    /// A policy of the kind has the name.
    #[error("a policy `{0}` exists already")]
    PolicyExists(OrganizationName),
    /// Something is in the unit.
    #[error("the organisational unit `{0}` is not empty")]
    UnitNotEmpty(UnitId),
    /// The policy is attached.
    #[error("the policy `{0}` is attached to something")]
    PolicyInUse(ControlPolicyId),
    /// It is on the level already.
    #[error("the policy `{0}` is attached to the target already")]
    AttachedAlready(ControlPolicyId),
    /// It is not on the level.
    #[error("the policy `{0}` is not attached to the target")]
    NotAttached(ControlPolicyId),
    /// It is part of the rules.
    #[error("the policy `{0}` cannot be changed or taken away")]
    BuiltIn(ControlPolicyId),
    /// The kind does not count.
    #[error("the policy type {} is not enabled", .0.word())]
    KindNotEnabled(ControlKind),
    /// The kind counts already.
    #[error("the policy type {} is enabled already", .0.word())]
    KindEnabled(ControlKind),
    /// A level keeps one service control policy.
    #[error("the last service control policy of a target cannot be detached")]
    LastPolicy,
    /// A level has no more than so many.
    #[error(
        "a target has at most {max} policies of a type",
        max = CONTROL_POLICIES_PER_TARGET_MAX
    )]
    TooManyPolicies,
    /// Units are no deeper.
    #[error("units are at most {max} deep", max = UNIT_DEPTH_MAX)]
    TooDeep,
    /// The account is elsewhere.
    #[error("the account `{0}` is not in that parent")]
    NotThere(AccountId),
    /// The managing account stays in use.
    #[error("the account that manages the organisation cannot be taken out of use")]
    ManagingAccount,
    /// The account is closed for ever.
    #[error("the account `{0}` is closed")]
    Closed(AccountId),
}
