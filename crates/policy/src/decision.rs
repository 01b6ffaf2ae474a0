//! The outcome of one check, and why: compact, sealed, and complete enough to be recorded.

use std::fmt;

use names::Revision;
use serde::{Deserialize, Serialize};

use crate::operation::{Check, Need};

/// What the policies say to one check.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Some statement allows it and no statement denies it.
    Allow,
    /// No statement that counts allows it.
    ImplicitDeny,
    /// A statement denies it.
    ExplicitDeny,
}

/// Which kind of policy decided (or, for an implicit deny, first failed to allow).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// Policies attached to the caller, groups included.
    Identity,
    /// The policy of the resource: a bucket policy or a role's trust policy.
    Resource,
    /// The caller's permissions boundary.
    Boundary,
    /// The policies given when the session was made.
    Session,
    /// The organisation's policies on its principals.
    ServiceControl,
    /// The organisation's policies on its resources.
    ResourceControl,
    /// The bucket's public-access block.
    PublicAccessBlock,
}

impl Layer {
    /// The word of the policy-case format, such as `service-control`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::ServiceControl => "service-control",
            Self::ResourceControl => "resource-control",
            Self::PublicAccessBlock => "public-access-block",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which statement of which policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StatementRef {
    /// The policy's name as it was given to the engine, such as `policy:Readers@v2`.
    pub policy: String,
    /// The statement's `Sid`, where it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<String>,
    /// The statement's place in the document, from 0.
    pub index: usize,
}

/// A context value that an applicable statement names, as it was when the decision fell.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NamedValue {
    /// The condition key.
    pub key: String,
    /// The values; `None` when the key was absent.
    pub values: Option<Vec<String>>,
}

/// One check, decided. Only the engine makes it.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    check: Check,
    verdict: Verdict,
    because: Layer,
    statement: Option<StatementRef>,
    context: Vec<NamedValue>,
    missing: Vec<Layer>,
    reach: Reach,
    revision: Revision,
}

/// Whether the caller and the resource belong to one account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// They do, or the resource belongs to no other account.
    SameAccount,
    /// They do not, or the caller has no account: both sides must allow, and details of the
    /// resource's side are not the caller's business.
    CrossAccount,
}

impl Decision {
    /// Seals what the evaluator found.
    pub(crate) fn seal(check: Check, found: Found, revision: Revision) -> Self {
        let Found { verdict, because, statement, context, missing, reach } = found;
        Self { check, verdict, because, statement, context, missing, reach, revision }
    }

    /// For an implicit deny, every layer whose allow is still needed; empty otherwise.
    #[must_use]
    pub fn missing(&self) -> &[Layer] {
        &self.missing
    }

    /// Whether the question crossed accounts.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// The check that was decided.
    #[must_use]
    pub fn check(&self) -> &Check {
        &self.check
    }

    /// What the policies say.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The layer that decided.
    #[must_use]
    pub fn because(&self) -> Layer {
        self.because
    }

    /// The statement that decided; none for an implicit deny.
    #[must_use]
    pub fn statement(&self) -> Option<&StatementRef> {
        self.statement.as_ref()
    }

    /// Every context value that a statement about this action and resource names.
    #[must_use]
    pub fn context(&self) -> &[NamedValue] {
        &self.context
    }

    /// The revision of the authorization state that was asked.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Whether the check is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allow
    }

    /// Whether this decision alone refuses its operation.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.check.need == Need::Required && !self.is_allowed()
    }
}

/// What the evaluator found, before it is sealed into a [`Decision`].
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Found {
    pub(crate) verdict: Verdict,
    pub(crate) because: Layer,
    pub(crate) statement: Option<StatementRef>,
    pub(crate) context: Vec<NamedValue>,
    pub(crate) missing: Vec<Layer>,
    pub(crate) reach: Reach,
}
