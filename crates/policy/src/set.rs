//! The policies of one layer, together: what a principal has through itself and all its groups.

use crate::question::Attached;

/// Policies of which each statement counts, in order: of several statements that would decide, the
/// first one is named.
///
/// ```
/// use std::sync::Arc;
/// use strongroom_policy::{Attached, Document, Kind, PolicySet};
/// let text = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
/// let document = Arc::new(Document::parse(text, Kind::Identity).unwrap());
/// let set = PolicySet::from(vec![Attached { name: "policy:All@v1".to_owned(), document }]);
/// assert_eq!(set.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>(), ["policy:All@v1"]);
/// ```
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PolicySet(Vec<Attached>);

impl PolicySet {
    /// Whether there is no policy at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many policies there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The policies, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Attached> {
        self.0.iter()
    }

    /// Adds a policy behind all others.
    pub fn push(&mut self, policy: Attached) {
        self.0.push(policy);
    }
}

impl From<Vec<Attached>> for PolicySet {
    fn from(policies: Vec<Attached>) -> Self {
        Self(policies)
    }
}

impl FromIterator<Attached> for PolicySet {
    fn from_iter<I: IntoIterator<Item = Attached>>(policies: I) -> Self {
        Self(policies.into_iter().collect())
    }
}

impl Extend<Attached> for PolicySet {
    fn extend<I: IntoIterator<Item = Attached>>(&mut self, policies: I) {
        self.0.extend(policies);
    }
}
