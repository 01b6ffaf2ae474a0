//! Buckets, keys, and the ids of versions and uploads.

use std::str::FromStr;

use crate::word::word;

/// A bucket's name: 3 to 63 of lower-case letters, digits, `.` and `-`, beginning and ending with
/// a letter or digit, not an IPv4 address, none of AWS's reserved prefixes and suffixes (S3 user
/// guide, "Bucket naming rules").
///
/// ```
/// use strongroom_names::BucketName;
/// assert!("finance-2026".parse::<BucketName>().is_ok());
/// assert!("Finance".parse::<BucketName>().is_err());
/// assert!("10.0.0.1".parse::<BucketName>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BucketName(String);

/// The text breaks one of the bucket naming rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBucketName {
    /// Fewer than 3 or more than 63 characters.
    #[error("a bucket name is 3 to 63 characters long, not {0}")]
    Length(usize),
    /// A character outside `[a-z0-9.-]`, or one of `.-` at an end, or two dots in a row.
    #[error("`{0}` is not a bucket name: lower-case letters, digits, `.` and `-` between them")]
    Grammar(String),
    /// Formed as an IPv4 address.
    #[error("`{0}` is not a bucket name: it has the form of an IP address")]
    Address(String),
    /// Begins or ends with a reserved word.
    #[error("`{0}` is not a bucket name: it begins or ends with a reserved word")]
    Reserved(String),
}

const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES: [&str; 4] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3"];

impl FromStr for BucketName {
    type Err = BadBucketName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !(3..=63).contains(&text.len()) {
            return Err(BadBucketName::Length(text.chars().count()));
        }
        let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = text.as_bytes();
        let ends = [bytes.first(), bytes.last()];
        let grammar = bytes.iter().all(|&b| alphanumeric(b) || b == b'.' || b == b'-')
            && ends.into_iter().flatten().all(|&b| alphanumeric(b))
            && !text.contains("..");
        if !grammar {
            return Err(BadBucketName::Grammar(text.to_owned()));
        }
        if text.parse::<std::net::Ipv4Addr>().is_ok() {
            return Err(BadBucketName::Address(text.to_owned()));
        }
        if RESERVED_PREFIXES.iter().any(|p| text.starts_with(p))
            || RESERVED_SUFFIXES.iter().any(|s| text.ends_with(s))
        {
            return Err(BadBucketName::Reserved(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

word!(BucketName, BadBucketName);

/// Most bytes in an object key.
pub const KEY_BYTES_MAX: usize = 1024;

/// An object's key: 1 to 1,024 bytes of UTF-8 without NUL, compared byte for byte. `..`, `//` and
/// `%2F` are ordinary text: a key is never a path.
///
/// ```
/// use strongroom_names::ObjectKey;
/// assert_eq!("a//../b".parse::<ObjectKey>().unwrap().as_str(), "a//../b");
/// assert!("a\0b".parse::<ObjectKey>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey(String);

/// The text cannot be an object key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadObjectKey {
    /// Empty.
    #[error("an object key must not be empty")]
    Empty,
    /// Longer than [`KEY_BYTES_MAX`] bytes.
    #[error("an object key is at most 1024 bytes long, not {0}")]
    TooLong(usize),
    /// Contains NUL.
    #[error("an object key must not contain a NUL character")]
    Nul,
}

impl FromStr for ObjectKey {
    type Err = BadObjectKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.len() {
            0 => Err(BadObjectKey::Empty),
            length if length > KEY_BYTES_MAX => Err(BadObjectKey::TooLong(length)),
            _ if text.contains('\0') => Err(BadObjectKey::Nul),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

word!(ObjectKey, BadObjectKey);

/// The text is not an id or entity tag of that kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not well formed")]
pub struct BadToken(String);

macro_rules! token {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl FromStr for $name {
            type Err = BadToken;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let word = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
                let grammar = text.bytes().all(word);
                if grammar && (1..=$max).contains(&text.len()) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(BadToken(text.to_owned()))
                }
            }
        }

        word!($name, BadToken);
    };
}

token!(
    /// Names one version of an object; `null` for an object of an unversioned bucket.
    ///
    /// ```
    /// assert_eq!(strongroom_names::VersionId::null().as_str(), "null");
    /// ```
    VersionId, 1024
);
token!(
    /// Names a multipart upload in progress.
    UploadId, 256
);
token!(
    /// An entity tag without its quotes: the hex MD5 of the body, or `md5-of-md5s-parts`.
    ETag, 128
);

impl VersionId {
    /// The version id of every object of an unversioned bucket.
    #[must_use]
    pub fn null() -> Self {
        Self("null".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_follow_each_naming_rule() {
        for good in ["abc", "a-b", "a.b.c", "0ab", &"a".repeat(63)] {
            assert!(good.parse::<BucketName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "ab",
            &"a".repeat(64),
            "-ab",
            "ab-",
            ".ab",
            "a..b",
            "a_b",
            "A-b",
            "192.168.5.4",
            "xn--a",
            "a-s3alias",
            "a--ol-s3",
            "a/b",
            "a b",
            "ä12",
        ] {
            assert!(bad.parse::<BucketName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_at_its_limit_is_taken_and_one_past_it_is_not() {
        assert!("k".repeat(1024).parse::<ObjectKey>().is_ok());
        assert!("k".repeat(1025).parse::<ObjectKey>().is_err());
        assert!("ü".repeat(512).parse::<ObjectKey>().is_ok());
        assert!("ü".repeat(513).parse::<ObjectKey>().is_err());
        assert!("".parse::<ObjectKey>().is_err());
    }
}
