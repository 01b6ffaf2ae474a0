//! A policy document as the state keeps it: its text, parsed once when it is written or read back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a policy is for, which decides its grammar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// Attached to users, groups and roles.
    Identity,
    /// Narrows a session.
    Session,
    /// Says who may put on a role, or sign in through a provider.
    Trust,
    /// Attached to a bucket.
    Bucket,
}

/// A parsed policy of a known kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredPolicy {
    kind: PolicyKind,
    text: Arc<str>,
}

impl StoredPolicy {
    /// What the policy is for.
    #[must_use]
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// Its text, as it is kept.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}
