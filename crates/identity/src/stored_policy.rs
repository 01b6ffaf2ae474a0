//! A policy document as the state keeps it: its text, parsed once when it is written or read back.

use std::fmt;
use std::sync::Arc;

use names::{Arn, UniqueId};
use policy::{Document, Kind, PolicyError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::IdentityError;

/// A parsed policy document. On disk it is its kind and its text.
///
/// ```
/// use policy::Kind;
/// use strongroom_identity::StoredPolicy;
/// let text = r#"{"Version": "2012-10-17", "Statement":
///     {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
/// assert_eq!(StoredPolicy::parse(text, Kind::Identity).unwrap().text(), text);
/// assert!(StoredPolicy::parse("{", Kind::Identity).is_err());
/// ```
#[derive(Clone, PartialEq)]
pub struct StoredPolicy(Arc<Document>);

impl StoredPolicy {
    /// Reads a policy document of a kind.
    ///
    /// # Errors
    /// [`IdentityError::MalformedPolicyDocument`].
    pub fn parse(text: &str, kind: Kind) -> Result<Self, IdentityError> {
        Document::parse(text, kind).map(Self::from).map_err(malformed)
    }

    /// What the policy is for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind()
    }

    /// Its text, as it is kept: users and roles of a frozen policy are unique ids.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// The document, for the engine.
    #[must_use]
    pub fn document(&self) -> &Arc<Document> {
        &self.0
    }

    /// Its size as quotas count it.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.0.size_bytes()
    }

    /// The policy with its users and roles replaced by their unique ids.
    pub(crate) fn frozen(
        &self,
        id_of: &mut dyn FnMut(&Arn) -> Option<UniqueId>,
    ) -> Result<Self, IdentityError> {
        self.0.freeze(id_of).map(Self::from).map_err(malformed)
    }

    /// The text with unique ids replaced by the ARNs of the users and roles that still exist.
    pub(crate) fn thawed(&self, arn_of: &mut dyn FnMut(&UniqueId) -> Option<Arn>) -> String {
        self.0.thaw(arn_of)
    }
}

fn malformed(error: PolicyError) -> IdentityError {
    IdentityError::MalformedPolicyDocument(Box::new(error))
}

impl From<Document> for StoredPolicy {
    fn from(document: Document) -> Self {
        Self(Arc::new(document))
    }
}

impl fmt::Debug for StoredPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredPolicy({:?}, {})", self.kind(), self.text())
    }
}

/// How a policy lies on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnDisk<'a> {
    kind: Kind,
    #[serde(borrow)]
    text: std::borrow::Cow<'a, str>,
}

impl Serialize for StoredPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        OnDisk { kind: self.kind(), text: self.text().into() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let OnDisk { kind, text } = OnDisk::deserialize(deserializer)?;
        Document::kept(&text, kind).map(Self::from).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_accepted_once_is_read_from_disk_although_it_is_refused_today() {
        let wild = "*?".repeat(2_000);
        for condition in [
            r#"{"NumericEquals": {"aws:SourceIp": "1"}}"#.to_owned(),
            r#"{"StringEquals": {"aws:TagKeys": "a"}}"#.to_owned(),
            r#"{"StringEquals": {"strongroom:DayOfWeek/Nowhere": "Mon"}}"#.to_owned(),
            format!(r#"{{"StringLike": {{"aws:userid": "{wild}"}}}}"#),
        ] {
            let text = format!(
                r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Action": "*",
                    "Resource": "*", "Condition": {condition}}}}}"#
            );
            assert!(StoredPolicy::parse(&text, Kind::Identity).is_err(), "{condition}");
            let on_disk = OnDisk { kind: Kind::Identity, text: text.as_str().into() };
            let json = serde_json::to_string(&on_disk).unwrap();
            let kept: StoredPolicy = serde_json::from_str(&json).unwrap();
            assert_eq!(kept.text(), text);
            assert_eq!(serde_json::to_string(&kept).unwrap(), json);
        }
    }

    #[test]
    fn what_is_no_policy_on_disk_is_not_taken_for_one() {
        for text in ["{", "{}", r#"{\"Version\": \"2013\", \"Statement\": []}"#] {
            let json = format!(r#"{{"kind": "identity", "text": "{text}"}}"#);
            assert!(serde_json::from_str::<StoredPolicy>(&json).is_err(), "{text}");
        }
    }
}
