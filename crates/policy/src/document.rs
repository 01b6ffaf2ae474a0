//! A policy document: parsed, checked, lowered for matching, and keeping the text it came from.

use std::fmt;
use std::sync::Arc;

use crate::compile::{Program, Rule};
use crate::error::PolicyError;
use crate::parse::{self, Occasion};
use crate::public;
use crate::statement::Statement;

/// Most bytes of any policy text, white space included (IAM, `policyDocumentType`).
pub const SOURCE_BYTES_MAX: usize = 131_072;
/// Most bytes of an identity policy without white space: IAM's quota for all inline policies of a
/// role. Who attaches a policy enforces the smaller quotas.
pub const IDENTITY_POLICY_BYTES_MAX: usize = 10_240;
/// Most bytes of a managed policy, and so of a boundary, without white space.
pub const MANAGED_POLICY_BYTES_MAX: usize = 6_144;
/// Most bytes of a bucket policy without white space (S3: 20 KB).
pub const BUCKET_POLICY_BYTES_MAX: usize = 20_480;
/// Most bytes of a role trust policy without white space (IAM's quota, raised to its maximum).
pub const TRUST_POLICY_BYTES_MAX: usize = 4_096;
/// Most bytes of a service- or resource-control policy without white space.
pub const CONTROL_POLICY_BYTES_MAX: usize = 5_120;

/// What a policy is attached to: decides what it may and must contain.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A user, group or role, inline or managed.
    Identity,
    /// A bucket.
    Bucket,
    /// A role: who may assume it.
    RoleTrust,
    /// A session, when it is made.
    Session,
    /// A user or role, as the most it may have.
    Boundary,
    /// An organisation's principals.
    ServiceControl,
    /// An organisation's resources.
    ResourceControl,
}

impl Kind {
    /// Most bytes of such a document, white space between its tokens not counted.
    #[must_use]
    pub fn bytes_max(self) -> usize {
        match self {
            Self::Identity => IDENTITY_POLICY_BYTES_MAX,
            Self::Bucket => BUCKET_POLICY_BYTES_MAX,
            Self::RoleTrust => TRUST_POLICY_BYTES_MAX,
            Self::Session => SOURCE_BYTES_MAX,
            Self::Boundary => MANAGED_POLICY_BYTES_MAX,
            Self::ServiceControl | Self::ResourceControl => CONTROL_POLICY_BYTES_MAX,
        }
    }

    /// Whether such a policy says whom it is about.
    pub(crate) fn names_principals(self) -> bool {
        matches!(self, Self::Bucket | Self::RoleTrust | Self::ResourceControl)
    }
}

/// A policy document that was parsed and checked.
#[derive(Clone)]
pub struct Document {
    pub(crate) kind: Kind,
    pub(crate) source: String,
    pub(crate) size: usize,
    pub(crate) program: Arc<Program>,
}

impl Document {
    /// Reads a policy document. Strict: duplicate and unknown keys, elements that the kind of
    /// policy does not have, unknown operators and unreadable values are refused.
    ///
    /// ```
    /// use strongroom_policy::{Document, Kind};
    /// let text = r#"{"Version": "2012-10-17", "Statement": [
    ///     {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::finance/*"}]}"#;
    /// assert_eq!(Document::parse(text, Kind::Identity).unwrap().statements_count(), 1);
    /// assert!(Document::parse(text, Kind::Bucket).is_err()); // says nothing of principals
    /// ```
    ///
    /// # Errors
    /// What is wrong first, and where it stands.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, PolicyError> {
        parse::document(text, kind, Occasion::Written)
    }

    /// A document of these statements.
    pub(crate) fn new(kind: Kind, source: String, size: usize, statements: &[Statement]) -> Self {
        let public = statements.iter().any(public::is_public);
        let program = Arc::new(Program::compile(statements, public));
        Self { kind, source, size, program }
    }

    /// The statements, read from the text again: whoever explains and compares needs them, and
    /// they take many times the memory of what is decided by.
    pub(crate) fn statements(&self) -> Vec<Statement> {
        // What was read once is read again.
        parse::statements(&self.source, self.kind, Occasion::Kept).unwrap_or_default()
    }

    /// Reads a document that was accepted before, from where it is kept. What is refused today but
    /// was not then (an operator that can read no value of its key, a pattern past its limit, a key
    /// of many values without a set prefix, a zone nobody knows) is read as it always was.
    ///
    /// ```
    /// use strongroom_policy::{Document, Kind};
    /// let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*",
    ///     "Resource": "*", "Condition": {"NumericEquals": {"aws:SourceIp": "1"}}}}"#;
    /// assert!(Document::parse(text, Kind::Identity).is_err());
    /// assert_eq!(Document::kept(text, Kind::Identity).unwrap().text(), text);
    /// assert!(Document::kept("{", Kind::Identity).is_err());
    /// ```
    ///
    /// # Errors
    /// The text is no policy of that kind: it was changed where it is kept.
    pub fn kept(text: &str, kind: Kind) -> Result<Self, PolicyError> {
        parse::document(text, kind, Occasion::Kept)
    }

    /// The kind it was parsed as.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The text exactly as it was parsed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.source
    }

    /// Its size as quotas count it: bytes without the white space between tokens.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.size
    }

    /// The form it is decided by.
    pub(crate) fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Whether a statement reads a tag of the object that is asked for.
    #[must_use]
    pub fn reads_object_tags(&self) -> bool {
        self.program.reads_object_tags
    }

    /// Bytes on the heap of the form that it is decided by.
    #[must_use]
    pub fn bytes_compiled(&self) -> usize {
        size_of::<Program>().saturating_add(self.program.bytes_resident())
    }

    /// How many statements it has.
    #[must_use]
    pub fn statements_count(&self) -> usize {
        self.program.len()
    }

    /// Every context key that it reads, variables included, in lower case, each once.
    #[must_use]
    pub fn context_keys(&self) -> Vec<String> {
        let keys = |rule: Rule<'_>| -> Vec<String> {
            let keys = rule.condition_keys().chain(rule.resource_keys());
            keys.map(|key| key.name().to_ascii_lowercase()).collect()
        };
        let mut keys: Vec<String> = self.program.rules().flat_map(keys).collect();
        keys.sort();
        keys.dedup();
        keys
    }
}

impl PartialEq for Document {
    /// All else follows from the text.
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.source == other.source
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("kind", &self.kind).field("text", &self.source).finish()
    }
}
