//! Tags of objects and buckets (S3 user guide, "Categorizing your objects using tags").

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// Most tags of an object.
pub const OBJECT_TAGS_MAX: usize = 10;
/// Most tags of a bucket.
pub const BUCKET_TAGS_MAX: usize = 50;
/// Most characters of a tag's key.
const TAG_KEY_CHARACTERS_MAX: usize = 128;
/// Most characters of a tag's value.
const TAG_VALUE_CHARACTERS_MAX: usize = 256;

/// Tags within their limits, each key once, in the order given.
///
/// ```
/// use strongroom_objects::TagSet;
/// let tags = TagSet::from_query("team=a%20b&stage=").unwrap();
/// assert_eq!(tags.get("team"), Some("a b"));
/// assert!(TagSet::from_query("team=a&team=b").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagSet(Vec<(String, String)>);

/// The tags break one of their rules.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadTags {
    /// More than this many.
    #[error("at most {max} tags are allowed, not {count}")]
    TooMany {
        /// How many there may be.
        max: usize,
        /// How many there are.
        count: usize,
    },
    /// A key that is empty, too long, reserved (`aws:`) or has a character that is not allowed.
    #[error("`{0}` is not a tag key")]
    Key(String),
    /// A value that is too long or has a character that is not allowed.
    #[error("`{0}` is not a tag value")]
    Value(String),
    /// A key given twice.
    #[error("tag key `{0}` is given twice")]
    Duplicate(String),
    /// Not a query string in UTF-8.
    #[error("the tags are not a query string")]
    Query,
}

impl TagSet {
    /// The tags of an object.
    ///
    /// # Errors
    /// A rule of tags is broken.
    pub fn object(pairs: Vec<(String, String)>) -> Result<Self, BadTags> {
        Self::within(pairs, OBJECT_TAGS_MAX)
    }

    /// The tags of a bucket.
    ///
    /// # Errors
    /// A rule of tags is broken.
    pub fn bucket(pairs: Vec<(String, String)>) -> Result<Self, BadTags> {
        Self::within(pairs, BUCKET_TAGS_MAX)
    }

    /// The tags of an object as `x-amz-tagging` carries them.
    ///
    /// # Errors
    /// Not a query string, or a rule of tags is broken.
    pub fn from_query(query: &str) -> Result<Self, BadTags> {
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8().map(String::from).map_err(|_| BadTags::Query)
        };
        let mut pairs = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(key)?, decode(value)?));
        }
        Self::object(pairs)
    }

    fn within(pairs: Vec<(String, String)>, max: usize) -> Result<Self, BadTags> {
        if pairs.len() > max {
            return Err(BadTags::TooMany { max, count: pairs.len() });
        }
        for (index, (key, value)) in pairs.iter().enumerate() {
            let length = key.chars().count();
            let reserved = key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
            let fits = (1..=TAG_KEY_CHARACTERS_MAX).contains(&length);
            if !fits || reserved || !key.chars().all(taggable) {
                return Err(BadTags::Key(key.clone()));
            }
            let fits = value.chars().count() <= TAG_VALUE_CHARACTERS_MAX;
            if !fits || !value.chars().all(taggable) {
                return Err(BadTags::Value(value.clone()));
            }
            if pairs.iter().take(index).any(|(earlier, _)| earlier == key) {
                return Err(BadTags::Duplicate(key.clone()));
            }
        }
        Ok(Self(pairs))
    }

    /// Each key with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Letters, digits and spaces of any script, and `+ - = . _ : / @`.
fn taggable(character: char) -> bool {
    character.is_alphanumeric()
        || (character.is_whitespace() && !character.is_control())
        || "+-=._:/@".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(count: usize) -> Vec<(String, String)> {
        (0..count).map(|n| (format!("k{n}"), String::new())).collect()
    }

    #[test]
    fn the_number_of_tags_has_a_limit_for_objects_and_another_for_buckets() {
        assert!(TagSet::object(pairs(OBJECT_TAGS_MAX)).is_ok());
        assert!(TagSet::object(pairs(OBJECT_TAGS_MAX + 1)).is_err());
        assert!(TagSet::bucket(pairs(BUCKET_TAGS_MAX)).is_ok());
        assert!(TagSet::bucket(pairs(BUCKET_TAGS_MAX + 1)).is_err());
    }

    #[test]
    fn keys_and_values_are_limited_in_characters() {
        let tag =
            |key: usize, value: usize| TagSet::object(vec![("ü".repeat(key), "ü".repeat(value))]);
        assert!(tag(TAG_KEY_CHARACTERS_MAX, TAG_VALUE_CHARACTERS_MAX).is_ok());
        assert!(tag(TAG_KEY_CHARACTERS_MAX + 1, 0).is_err());
        assert!(tag(1, TAG_VALUE_CHARACTERS_MAX + 1).is_err());
        assert!(tag(0, 0).is_err());
    }

    #[test]
    fn reserved_and_foreign_characters_are_refused() {
        for bad in ["aws:x", "AWS:x", "a&b", "a\0", "a\n", "a*"] {
            assert!(TagSet::object(vec![(bad.into(), String::new())]).is_err(), "{bad:?}");
        }
        assert!(TagSet::object(vec![("a+b-c=d.e_f:g/h@i j".into(), String::new())]).is_ok());
        assert!(TagSet::from_query("a=%ff").is_err());
    }
}
