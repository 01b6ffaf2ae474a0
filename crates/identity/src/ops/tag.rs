//! Tags of entities and of sessions.

use std::collections::BTreeMap;

use policy::facts::{FactMap, Value};
use serde::{Deserialize, Serialize};

/// Most tags on one entity or session (IAM quotas).
pub const TAGS_MAX: usize = 50;
/// Most characters in a tag's key.
pub const TAG_KEY_CHARACTERS_MAX: usize = 128;
/// Most characters in a tag's value.
pub const TAG_VALUE_CHARACTERS_MAX: usize = 256;

/// Tags: keys differ by more than case, but are kept as they were written.
///
/// ```
/// use strongroom_identity::ops::Tags;
/// let tags = Tags::new([("Team".to_owned(), "finance".to_owned())]).unwrap();
/// assert_eq!(tags.value("team"), Some("finance"));
/// let twice = [("a".to_owned(), String::new()), ("A".to_owned(), String::new())];
/// assert!(Tags::new(twice).is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(BTreeMap<String, String>);

/// The tags break a rule of IAM's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTags {
    /// More than [`TAGS_MAX`].
    #[error("at most 50 tags are allowed, not {0}")]
    TooMany(usize),
    /// Two keys that differ by case at most.
    #[error("the tag key `{0}` is given twice; keys differ by more than case")]
    Duplicate(String),
    /// A key that is empty, too long, or begins with `aws:`.
    #[error("`{0}` is not a tag key: 1 to 128 characters, not beginning with `aws:`")]
    Key(String),
    /// A value that is too long.
    #[error("the value of tag `{0}` is longer than 256 characters")]
    Value(String),
}

impl Tags {
    /// Tags from pairs.
    ///
    /// # Errors
    /// A key is given twice, or a key, a value or their number breaks a limit.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, BadTags> {
        let mut tags = Self::default();
        for (key, value) in pairs {
            if tags.value(&key).is_some() {
                return Err(BadTags::Duplicate(key));
            }
            tags.put(key, value)?;
        }
        Ok(tags)
    }

    /// Sets one tag, replacing the one whose key differs by case at most.
    fn put(&mut self, key: String, value: String) -> Result<(), BadTags> {
        let characters = key.chars().count();
        let ours = key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
        if !(1..=TAG_KEY_CHARACTERS_MAX).contains(&characters) || ours {
            return Err(BadTags::Key(key));
        }
        if value.chars().count() > TAG_VALUE_CHARACTERS_MAX {
            return Err(BadTags::Value(key));
        }
        self.0.retain(|known, _| !same_key(known, &key));
        self.0.insert(key, value);
        if self.0.len() > TAGS_MAX { Err(BadTags::TooMany(self.0.len())) } else { Ok(()) }
    }

    /// These tags with `others` on top.
    ///
    /// # Errors
    /// Together they are more than [`TAGS_MAX`].
    pub fn with(&self, others: &Self) -> Result<Self, BadTags> {
        let mut all = self.clone();
        for (key, value) in &others.0 {
            all.put(key.clone(), value.clone())?;
        }
        Ok(all)
    }

    /// These tags without those whose key is named.
    #[must_use]
    pub fn without(&self, keys: &[String]) -> Self {
        let kept = self.0.iter().filter(|(known, _)| !keys.iter().any(|key| same_key(known, key)));
        Self(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// Only the tags whose key is named.
    #[must_use]
    pub fn only(&self, keys: &[String]) -> Self {
        let kept = self.0.iter().filter(|(known, _)| keys.iter().any(|key| same_key(known, key)));
        Self(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// The value of a tag; keys are compared without regard to case.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| same_key(known, key)).map(|(_, value)| value.as_str())
    }

    /// All tags, ordered by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Says `aws:RequestTag/…` and `aws:TagKeys`.
    pub(crate) fn say_request(&self, facts: &mut FactMap) {
        self.say(facts, "aws:RequestTag/");
        if !self.is_empty() {
            facts.set("aws:TagKeys", Value::Many(self.0.keys().cloned().collect()));
        }
    }

    /// Says one key per tag, such as `aws:PrincipalTag/team`.
    pub(crate) fn say(&self, facts: &mut FactMap, prefix: &str) {
        for (key, value) in self.iter() {
            facts.set(&format!("{prefix}{key}"), value);
        }
    }
}

/// Whether two tag keys differ by case at most.
fn same_key(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(count: usize) -> Vec<(String, String)> {
        (0..count).map(|n| (format!("k{n}"), String::new())).collect()
    }

    #[test]
    fn tags_at_their_limits_are_taken_and_one_past_them_is_not() {
        assert!(Tags::new(many(50)).is_ok());
        assert!(Tags::new(many(51)).is_err());
        let pair = |key: usize, value: usize| [("k".repeat(key), "v".repeat(value))];
        assert!(Tags::new(pair(128, 256)).is_ok());
        assert!(Tags::new(pair(129, 0)).is_err());
        assert!(Tags::new(pair(1, 257)).is_err());
        assert!(Tags::new(pair(0, 0)).is_err());
    }

    #[test]
    fn a_reserved_tag_key_is_refused_in_any_case() {
        assert!(Tags::new([("aws:x".to_owned(), String::new())]).is_err());
        assert!(Tags::new([("AWS:x".to_owned(), String::new())]).is_err());
        assert!(Tags::new([("awsx".to_owned(), String::new())]).is_ok());
    }

    #[test]
    fn a_tag_put_again_in_another_case_replaces_the_first() {
        let old = Tags::new([("Team".to_owned(), "a".to_owned())]).unwrap();
        let new = Tags::new([("TEAM".to_owned(), "b".to_owned())]).unwrap();
        let both = old.with(&new).unwrap();
        assert_eq!(both.iter().collect::<Vec<_>>(), [("TEAM", "b")]);
    }
}
