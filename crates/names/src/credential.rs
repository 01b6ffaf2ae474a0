//! The two halves of an access key, and secrets in general.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::word::word;

/// The public half of an access key: 16 to 128 characters of `[A-Za-z0-9_]` (IAM API reference,
/// `accessKeyIdType`). Ours begin with `AKIA` (long-term) or `ASIA` (temporary).
///
/// ```
/// use strongroom_names::AccessKeyId;
/// assert!("AKIAIOSFODNN7EXAMPLE".parse::<AccessKeyId>().is_ok());
/// assert!("short".parse::<AccessKeyId>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccessKeyId(String);

/// The text is not an access key id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an access key id is 16 to 128 characters, letters, digits and `_` only")]
pub struct BadAccessKeyId;

impl FromStr for AccessKeyId {
    type Err = BadAccessKeyId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let grammar = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if grammar && (16..=128).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadAccessKeyId)
        }
    }
}

word!(AccessKeyId, BadAccessKeyId);

/// The secret half of an access key: 16 to 128 printable ASCII characters. Wipes itself, compares
/// in constant time, prints `SecretKey(..)`, and is neither `Display` nor `Serialize`.
///
/// ```
/// use strongroom_names::SecretKey;
/// let key: SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".parse().unwrap();
/// assert_eq!(format!("{key:?}"), "SecretKey(..)");
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey(String);

/// The text cannot be a secret key. The text itself is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a secret key is 16 to 128 printable ASCII characters without spaces")]
pub struct BadSecretKey;

impl SecretKey {
    /// The secret itself. Every use is a place to audit.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretKey {
    type Err = BadSecretKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if (16..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadSecretKey)
        }
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// Secret bytes of any length: a sealing key, a derived key. Same rules as [`SecretKey`].
///
/// ```
/// use strongroom_names::SecretBytes;
/// assert_eq!(format!("{:?}", SecretBytes::new(vec![1, 2])), "SecretBytes(..)");
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes ownership of the bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The secret itself. Every use is a place to audit.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints() {
        let key: SecretKey = "0123456789abcdefSECRET".parse().unwrap();
        assert!(!format!("{key:?}").contains("SECRET"));
        let error = "SECRET with spaces in it".parse::<SecretKey>().unwrap_err();
        assert!(!error.to_string().contains("SECRET"));
    }

    #[test]
    fn a_key_id_at_its_limits_is_taken_and_one_past_them_is_not() {
        for (length, good) in [(15, false), (16, true), (128, true), (129, false)] {
            assert_eq!("A".repeat(length).parse::<AccessKeyId>().is_ok(), good, "{length}");
        }
    }
}
