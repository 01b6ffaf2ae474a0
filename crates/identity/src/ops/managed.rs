//! Managed policies and their versions.

use names::{AccountId, Arn};

use super::{PageRequest, PathPrefix, PolicyRef, Tags, operations};
use crate::stored_policy::StoredPolicy;

/// Which kind of use of a policy a list asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttachedFilter {
    /// Every policy.
    Any,
    /// Only policies that are attached to something.
    Attached,
}

/// Whose policies a list asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PolicyScope {
    /// All.
    All,
    /// Those that every installation has (`Scope` is `AWS`).
    Aws,
    /// The account's own.
    Local,
}

/// Whether a new version becomes the default.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NewDefault {
    /// The version that was the default stays it.
    Keep,
    /// The new version becomes the default.
    Switch,
}

/// Which kinds of entity `ListEntitiesForPolicy` speaks about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntityFilter {
    /// Users, groups and roles.
    All,
    /// Users only.
    Users,
    /// Groups only.
    Groups,
    /// Roles only.
    Roles,
}

/// The number of a policy version: `v3`.
///
/// ```
/// use strongroom_identity::ops::PolicyVersionId;
/// assert_eq!("v3".parse::<PolicyVersionId>().unwrap().to_string(), "v3");
/// assert!("3".parse::<PolicyVersionId>().is_err());
/// ```
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct PolicyVersionId(pub u32);

/// The text is not a version id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a policy version: write `v` and a number")]
pub struct BadVersionId(String);

impl std::fmt::Display for PolicyVersionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "v{}", self.0)
    }
}

impl std::str::FromStr for PolicyVersionId {
    type Err = BadVersionId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadVersionId(text.to_owned());
        let digits = text.strip_prefix('v').ok_or_else(bad)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) || digits.starts_with('0') {
            return Err(bad());
        }
        digits.parse().map(Self).map_err(|_| bad())
    }
}

operations! {
    /// Makes a managed policy with its first version.
    CreatePolicy: "iam:CreatePolicy" on |op| Some(op.policy.arn()),
        facts |op, facts| op.tags.say_request(facts);
    { policy: PolicyRef, document: StoredPolicy, description: Option<String>, tags: Tags }

    /// Reads a policy's properties.
    GetPolicy: "iam:GetPolicy" on |op| Some(op.policy.clone());
    { policy: Arn }

    /// Lists an account's policies.
    ListPolicies: "iam:ListPolicies" on |op| op.prefix.arn(op.account, "policy");
    {
        account: AccountId,
        prefix: PathPrefix,
        scope: PolicyScope,
        attached: AttachedFilter,
        page: PageRequest,
    }

    /// Removes a policy that is attached to nothing and has one version.
    DeletePolicy: "iam:DeletePolicy" on |op| Some(op.policy.clone());
    { policy: Arn }

    /// Adds a version to a policy.
    CreatePolicyVersion: "iam:CreatePolicyVersion" on |op| Some(op.policy.clone());
    { policy: Arn, document: StoredPolicy, default: NewDefault }

    /// Reads a version of a policy.
    GetPolicyVersion: "iam:GetPolicyVersion" on |op| Some(op.policy.clone());
    { policy: Arn, version: PolicyVersionId }

    /// Lists the versions of a policy.
    ListPolicyVersions: "iam:ListPolicyVersions" on |op| Some(op.policy.clone());
    { policy: Arn, page: PageRequest }

    /// Removes a version that is not the default.
    DeletePolicyVersion: "iam:DeletePolicyVersion" on |op| Some(op.policy.clone());
    { policy: Arn, version: PolicyVersionId }

    /// Makes another version the one that counts.
    SetDefaultPolicyVersion: "iam:SetDefaultPolicyVersion" on |op| Some(op.policy.clone());
    { policy: Arn, version: PolicyVersionId }

    /// Adds tags to a policy.
    TagPolicy: "iam:TagPolicy" on |op| Some(op.policy.clone()),
        facts |op, facts| op.tags.say_request(facts);
    { policy: Arn, tags: Tags }

    /// Takes tags from a policy.
    UntagPolicy: "iam:UntagPolicy" on |op| Some(op.policy.clone()),
        facts |op, facts| facts.set("aws:TagKeys", policy::facts::Value::Many(op.keys.clone()));
    { policy: Arn, keys: Vec<String> }

    /// Lists a policy's tags.
    ListPolicyTags: "iam:ListPolicyTags" on |op| Some(op.policy.clone());
    { policy: Arn, page: PageRequest }

    /// Lists what a policy is attached to.
    ListEntitiesForPolicy: "iam:ListEntitiesForPolicy" on |op| Some(op.policy.clone());
    { policy: Arn, filter: EntityFilter, page: PageRequest }
}
