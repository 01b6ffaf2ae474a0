//! What the engine is asked with: who, under which policies, on whose resource.

use std::sync::Arc;

use names::{AccountId, Revision};

use crate::document::Document;
use crate::facts::Facts;
use crate::principal::Principal;
use crate::set::PolicySet;

/// A document under the name that verdicts call it by.
#[derive(Clone, PartialEq, Debug)]
pub struct Attached {
    /// Such as `policy:Readers@v2`, `inline:group/analysts/read`, `bucket:finance`.
    pub name: String,
    /// The document.
    pub document: Arc<Document>,
}

/// The policies on the caller's side.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CallerPolicies {
    /// Inline and managed policies of the user or role, and of all the user's groups. For a
    /// federated user, those of the user who made the session.
    pub identity: PolicySet,
    /// The permissions boundary; empty if there is none.
    pub boundaries: Vec<Attached>,
    /// The policies the session was made with; together they are one. `None` is no session policy,
    /// `Some` of an empty list is one that allows nothing.
    pub session: Option<Vec<Attached>>,
    /// The organisation's levels, from the root; each must allow. Empty if there is none.
    pub service_control: Vec<Vec<Attached>>,
}

/// The resource and the policies on its side.
#[derive(Clone, PartialEq, Debug)]
pub struct ResourceSide {
    /// Who owns it; `None` if it belongs to no other account than the caller's.
    pub account: Option<AccountId>,
    /// Its own policy.
    pub policy: Option<Attached>,
    /// What it is.
    pub kind: ResourceKind,
    /// The organisation's levels, from the root; each must allow. Empty if there is none.
    pub resource_control: Vec<Vec<Attached>>,
    /// Whether a public bucket policy reaches beyond the owner's account.
    pub restrict_public: RestrictPublicBuckets,
}

impl ResourceSide {
    /// A resource without a policy of its own, in an account.
    #[must_use]
    pub fn plain(account: Option<AccountId>) -> Self {
        Self {
            account,
            policy: None,
            kind: ResourceKind::Plain,
            resource_control: Vec::new(),
            restrict_public: RestrictPublicBuckets::On,
        }
    }
}

/// What the resource is, as far as the rules differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResourceKind {
    /// A bucket or something in it.
    Bucket,
    /// A role that is being assumed: its trust policy is always required.
    RoleTrust,
    /// Anything else.
    Plain,
}

/// The fourth setting of S3's public-access block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestrictPublicBuckets {
    /// A public bucket policy reaches only the owner's account and services.
    #[default]
    On,
    /// A public bucket policy reaches whom it names.
    Off,
}

/// Everything but the check itself.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// The policies on the caller's side.
    pub caller: &'a CallerPolicies,
    /// The resource's side.
    pub resource: &'a ResourceSide,
    /// What is known of the request.
    pub facts: &'a Facts,
    /// The revision of the authorization state that all of it was read at.
    pub revision: Revision,
}
