//! Credential scopes, and the signing keys that are derived for them.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use names::{AccessKeyId, SecretKey, Timestamp};
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::canonical::hexadecimal;
use crate::chain::Link;
use crate::ecdsa::PublicKey;
use crate::verify::same;

/// How a Version 4 signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// `AWS4-HMAC-SHA256`: with a key that both sides hold.
    Hmac,
    /// `AWS4-ECDSA-P256-SHA256` (SigV4A): with a key pair that is derived from the secret.
    Ecdsa,
}

impl Algorithm {
    /// Its name in requests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hmac => "AWS4-HMAC-SHA256",
            Self::Ecdsa => crate::ecdsa::ALGORITHM,
        }
    }

    /// The algorithm with that name.
    pub(crate) fn named(text: &str) -> Option<Self> {
        [Self::Hmac, Self::Ecdsa].into_iter().find(|algorithm| algorithm.as_str() == text)
    }
}

/// What ends every SigV4 credential scope.
const TERMINATOR: &str = "aws4_request";

/// What a signature is good for: one day, one region, one service. The regions of a SigV4A
/// signature are not part of its scope: they are the header `x-amz-region-set`.
///
/// ```
/// use strongroom_signing::Scope;
/// let scope = Scope::new("2013-05-24".parse().unwrap(), "us-east-1", "s3");
/// assert_eq!(scope.to_string(), "20130524/us-east-1/s3/aws4_request");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    day: String,
    region: Option<String>,
    service: String,
}

impl Scope {
    /// The scope of a request that is signed at that time.
    #[must_use]
    pub fn new(time: Timestamp, region: &str, service: &str) -> Self {
        let region = Some(region.to_owned());
        Self { day: time.basic_day(), region, service: service.to_owned() }
    }

    /// The scope of a SigV4A signature made at that time.
    #[must_use]
    pub fn regionless(time: Timestamp, service: &str) -> Self {
        Self { day: time.basic_day(), region: None, service: service.to_owned() }
    }

    /// Reads `day/region/service/aws4_request`, for SigV4A `day/service/aws4_request`; `None` if it
    /// has any other shape.
    pub(crate) fn parse(text: &str, algorithm: Algorithm) -> Option<Self> {
        let mut parts = text.split('/');
        let day = parts.next()?;
        let region = match algorithm {
            Algorithm::Hmac => Some(parts.next()?),
            Algorithm::Ecdsa => None,
        };
        let service = parts.next()?;
        let word = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        let good = parts.next() == Some(TERMINATOR)
            && parts.next().is_none()
            && day.len() == 8
            && day.bytes().all(|b| b.is_ascii_digit())
            && region.is_none_or(word)
            && word(service);
        good.then(|| Self {
            day: day.to_owned(),
            region: region.map(str::to_owned),
            service: service.to_owned(),
        })
    }

    /// The day, `yyyymmdd`.
    #[must_use]
    pub fn day(&self) -> &str {
        &self.day
    }

    /// The region, which a SigV4A scope has not.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The service, such as `s3`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Writes `day/region/service/aws4_request`.
    pub(crate) fn push_to(&self, text: &mut String) {
        let region = self.region.as_deref();
        for part in [Some(self.day.as_str()), region, Some(&self.service)].into_iter().flatten() {
            text.push_str(part);
            text.push('/');
        }
        text.push_str(TERMINATOR);
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.push_to(&mut text);
        f.write_str(&text)
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
        [scope.day(), scope.region().unwrap_or_default(), scope.service(), TERMINATOR]
            .iter()
            .fold(Self(start), |key, word| {
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
        hexadecimal(&self.mac(message.as_bytes()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// The HMAC-SHA256 of `message` under `key`.
pub(crate) fn keyed_mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = keyed(key);
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104 §3)")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

/// What proves signatures by the holder of a secret: see [`crate::SignedClaim::key`]. Wipes itself
/// and prints `VerifyingKey(..)`; cloning is cheap.
#[derive(Clone)]
pub struct VerifyingKey(Arc<Proves>);

enum Proves {
    V4(SigningKey),
    /// No key, if the secret comes to none.
    V4A(Option<PublicKey>),
    V2(Hmac<Sha1>),
}

impl VerifyingKey {
    pub(crate) fn v4(secret: &SecretKey, access_key_id: &AccessKeyId, scope: &Scope) -> Self {
        Self(Arc::new(match scope.region() {
            Some(_) => Proves::V4(SigningKey::derive(secret, scope)),
            None => Proves::V4A(PublicKey::derive(secret, access_key_id.as_str())),
        }))
    }

    pub(crate) fn v2(secret: &SecretKey) -> Self {
        Self(Arc::new(Proves::V2(v2_keyed(secret.expose().as_bytes()))))
    }

    /// Whether that is a signature of the text by this key.
    pub(crate) fn proves(&self, text: &str, signature: &str) -> bool {
        match &*self.0 {
            Proves::V4(key) => same(&key.signature(text), signature),
            Proves::V4A(key) => key.as_ref().is_some_and(|key| key.proves(text, signature)),
            Proves::V2(key) => same(&v2_signature(key, text), signature),
        }
    }

    /// What proves the chunks that follow, if such a signature has any.
    pub(crate) fn link(&self) -> Option<Link> {
        match &*self.0 {
            Proves::V4(key) => Some(Link::Hmac(key.clone())),
            Proves::V4A(key) => key.clone().map(Link::Public),
            Proves::V2(_) => None,
        }
    }
}

/// A Version 2 signature: HMAC-SHA1 in base64.
fn v2_signature(key: &Hmac<Sha1>, text: &str) -> String {
    STANDARD.encode(finished(key.clone(), text.as_bytes()))
}

/// The HMAC-SHA1 of `message` under `key`.
#[cfg(test)]
pub(crate) fn v2_mac(key: &[u8], message: &[u8]) -> [u8; 20] {
    finished(v2_keyed(key), message)
}

fn finished(mut mac: Hmac<Sha1>, message: &[u8]) -> [u8; 20] {
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104 §3)")]
fn v2_keyed(key: &[u8]) -> Hmac<Sha1> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_key_is_derived() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".parse().unwrap();
        let scope = Scope::parse("20150830/us-east-1/iam/aws4_request", Algorithm::Hmac).unwrap();
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
        let regional = "20150830/us-east-1/iam/aws4_request";
        assert!(Scope::parse(regional, Algorithm::Hmac).is_some());
        assert!(Scope::parse(regional, Algorithm::Ecdsa).is_none());
        let regionless = "20150830/iam/aws4_request";
        assert_eq!(Scope::parse(regionless, Algorithm::Ecdsa).unwrap().to_string(), regionless);
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
            assert!(Scope::parse(bad, Algorithm::Hmac).is_none(), "{bad}");
        }
    }
}
