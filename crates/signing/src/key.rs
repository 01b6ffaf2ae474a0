//! Credential scopes, and the signing keys that are derived for them.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use names::{SecretKey, Timestamp};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What ends every SigV4 credential scope.
const TERMINATOR: &str = "aws4_request";

/// What a signing key is good for: one day, one region, one service.
///
/// ```
/// use strongroom_signing::Scope;
/// let scope = Scope::new("2013-05-24".parse().unwrap(), "us-east-1", "s3");
/// assert_eq!(scope.to_string(), "20130524/us-east-1/s3/aws4_request");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    day: String,
    region: String,
    service: String,
}

impl Scope {
    /// The scope of a request that is signed at that time.
    #[must_use]
    pub fn new(time: Timestamp, region: &str, service: &str) -> Self {
        Self { day: time.basic_day(), region: region.to_owned(), service: service.to_owned() }
    }

    /// Reads `day/region/service/aws4_request`; `None` if it has any other shape.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let (day, region, service) = (parts.next()?, parts.next()?, parts.next()?);
        let word = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        let good = parts.next() == Some(TERMINATOR)
            && parts.next().is_none()
            && day.len() == 8
            && day.bytes().all(|b| b.is_ascii_digit())
            && word(region)
            && word(service);
        good.then(|| Self {
            day: day.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
        })
    }

    /// The day, `yyyymmdd`.
    #[must_use]
    pub fn day(&self) -> &str {
        &self.day
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The service, such as `s3`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{TERMINATOR}", self.day, self.region, self.service)
    }
}

/// The key that signs within one [`Scope`]. Worth keeping under (access key id, scope): deriving it
/// takes four HMACs. Wipes itself and prints `SigningKey(..)`.
///
/// ```
/// use strongroom_signing::{Scope, SigningKey};
/// let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".parse().unwrap();
/// let scope = Scope::new("2013-05-24".parse().unwrap(), "us-east-1", "s3");
/// assert_eq!(format!("{:?}", SigningKey::derive(&secret, &scope)), "SigningKey(..)");
/// ```
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// HMAC from `"AWS4" + secret` over day, region, service and `aws4_request` (SigV4, "Derive a
    /// signing key").
    #[must_use]
    pub fn derive(secret: &SecretKey, scope: &Scope) -> Self {
        let first = Zeroizing::new(format!("AWS4{}", secret.expose()).into_bytes());
        let start = keyed(&first);
        [scope.day(), scope.region(), scope.service(), TERMINATOR]
            .iter()
            .fold(Self(start), |key, word| {
                Self(keyed(Zeroizing::new(key.mac(word.as_bytes())).as_slice()))
            })
    }

    /// A key that nobody holds, derived with the same work as a real one.
    pub(crate) fn decoy(scope: &Scope) -> Self {
        // Not a secret: what it makes is never compared for acceptance.
        let start = Self(keyed(b"AWS4"));
        [scope.day(), scope.region(), scope.service(), TERMINATOR]
            .iter()
            .fold(start, |key, word| {
                Self(keyed(Zeroizing::new(key.mac(word.as_bytes())).as_slice()))
            })
    }

    /// The HMAC-SHA256 of `message`.
    pub(crate) fn mac(&self, message: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    /// The same in lower-case hexadecimal: a signature.
    pub(crate) fn signature(&self, message: &str) -> String {
        hex::encode(self.mac(message.as_bytes()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104 §3)")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_key_is_derived() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".parse().unwrap();
        let scope = Scope::parse("20150830/us-east-1/iam/aws4_request").unwrap();
        let key = SigningKey::derive(&secret, &scope);
        // SigV4 documentation, example of 2015-08-30 for IAM: its string to sign and signature.
        let text = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
                    f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        assert_eq!(
            key.signature(text),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn a_scope_has_four_parts_and_ends_as_it_must() {
        assert!(Scope::parse("20150830/us-east-1/iam/aws4_request").is_some());
        for bad in [
            "",
            "20150830/us-east-1/iam",
            "20150830/us-east-1/iam/aws4_request/",
            "20150830/us-east-1/iam/aws4_request/x",
            "20150830/us-east-1/iam/aws5_request",
            "2015083/us-east-1/iam/aws4_request",
            "2015083x/us-east-1/iam/aws4_request",
            "20150830//iam/aws4_request",
            "20150830/us-east-1//aws4_request",
            "20150830/us east/iam/aws4_request",
        ] {
            assert!(Scope::parse(bad).is_none(), "{bad}");
        }
    }
}
