//! A provider's published keys (RFC 7517), each fit for named algorithms only.
//!
//! A key that is not fit (too small, symmetric, off its curve, private, for encryption) is left out
//! and its reason kept: one bad key must not take the good ones with it, nor ever verify anything.

use std::fmt;
use std::iter::successors;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value};

use super::config::Algorithm;
use super::refusal::{DocumentFault, OidcError, excerpt};
use crate::strict::parse_object;

/// How many keys one provider may publish.
pub const KEYS_MAX: usize = 100;
/// How long a key id may be.
pub const KID_BYTES_MAX: usize = 512;
/// The smallest RSA modulus that is accepted (RFC 7518 §3.3).
pub const RSA_BITS_MIN: usize = 2048;
/// The largest, so that a key cannot make verifying expensive.
pub const RSA_BITS_MAX: usize = 8192;

/// The primes up to 167 modulo which not every number is a power of 65537.
const ROCA_PRIMES: [u8; 17] =
    [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// Why a published key is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum UnfitKey {
    /// A member is absent or malformed.
    #[error("its `{0}` is missing or malformed")]
    Malformed(&'static str),
    /// A symmetric key: whoever can read it could sign.
    #[error("it is symmetric")]
    Symmetric,
    /// The private half is published with it.
    #[error("its private half is published")]
    Private,
    /// Not a kind of key that verifies any accepted algorithm.
    #[error("keys of type `{0}` are not used")]
    Kind(String),
    /// An RSA modulus outside [`RSA_BITS_MIN`] to [`RSA_BITS_MAX`].
    #[error("its modulus has {0} bits, not {RSA_BITS_MIN} to {RSA_BITS_MAX}")]
    ModulusBits(usize),
    /// An RSA exponent that is even, 1 or beyond 32 bits.
    #[error("its exponent is not an odd number from 3 to 2^32")]
    Exponent,
    /// An RSA modulus of the generator whose keys can be factored (CVE-2017-15361).
    #[error("its modulus was made by a generator whose keys can be factored (ROCA)")]
    Roca,
    /// Not a point of its curve.
    #[error("it is not a point of its curve")]
    OffCurve,
    /// `use` is not `sig`, or `key_ops` lacks `verify`.
    #[error("it is not for signatures")]
    Use,
    /// Its `alg` is one that is never accepted.
    #[error("its algorithm is `{0}`")]
    KeyAlgorithm(String),
    /// It cannot verify the algorithm the token was signed with.
    #[error("it is not a key for `{0}`")]
    Other(Algorithm),
}

/// A published key that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IgnoredKey {
    /// Its id, if it has one.
    pub kid: Option<String>,
    /// Why.
    pub cause: UnfitKey,
}

/// The keys of one provider.
#[derive(Debug, Default)]
pub struct KeySet {
    keys: Vec<Key>,
    ignored: Vec<IgnoredKey>,
}

/// One key that may verify.
pub(super) struct Key {
    kid: Option<String>,
    algorithm: Option<Algorithm>,
    material: Material,
}

enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(ParsedPublicKey),
    P384(ParsedPublicKey),
    P521(ParsedPublicKey),
    Ed25519(ParsedPublicKey),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, {})", self.kid, self.material.kind())
    }
}

impl KeySet {
    /// Reads a JWK Set (RFC 7517 §5).
    ///
    /// # Errors
    /// The document is not a key set, or holds more than [`KEYS_MAX`] keys. An unfit key is no
    /// error: see [`KeySet::ignored`].
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentFault> {
        let document = parse_object(bytes)?;
        let Some(Value::Array(list)) = document.get("keys") else {
            return Err(DocumentFault::Member("keys"));
        };
        if list.len() > KEYS_MAX {
            return Err(DocumentFault::TooManyKeys(list.len()));
        }
        let mut set = Self::default();
        for entry in list {
            let Value::Object(jwk) = entry else {
                return Err(DocumentFault::Member("keys"));
            };
            match Key::parse(jwk) {
                Ok(key) => set.keys.push(key),
                Err(cause) => {
                    let kid = jwk.get("kid").and_then(Value::as_str).map(excerpt);
                    set.ignored.push(IgnoredKey { kid, cause });
                }
            }
        }
        Ok(set)
    }

    /// How many keys may verify.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key may verify.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The ids of the keys that may verify.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.keys.iter().filter_map(|key| key.kid.clone()).collect()
    }

    /// The keys that were left out, with the reason of each.
    #[must_use]
    pub fn ignored(&self) -> &[IgnoredKey] {
        &self.ignored
    }

    /// The one key for a token: by its id, and fit for its algorithm; without an id only if exactly
    /// one key is fit. The id is compared with the ids of this set and used for nothing else.
    ///
    /// # Errors
    /// [`OidcError::UnknownKey`], [`OidcError::Key`] or [`OidcError::AmbiguousKey`].
    pub(super) fn select(&self, alg: Algorithm, kid: Option<&str>) -> Result<&Key, OidcError> {
        let named = |key: &&Key| kid.is_none() || key.kid.as_deref() == kid;
        let fit: Vec<&Key> = self.keys.iter().filter(named).filter(|key| key.fits(alg)).collect();
        match (fit.as_slice(), kid) {
            ([key], _) => Ok(key),
            ([], Some(kid)) => Err(self.why_none(alg, kid)),
            _ => Err(OidcError::AmbiguousKey { candidates: fit.len() }),
        }
    }

    fn why_none(&self, alg: Algorithm, kid: &str) -> OidcError {
        let other = self.keys.iter().any(|key| key.kid.as_deref() == Some(kid));
        let ignored = self.ignored.iter().find(|key| key.kid.as_deref() == Some(kid));
        let kid = excerpt(kid);
        match (other, ignored) {
            (true, _) => OidcError::Key { kid, cause: UnfitKey::Other(alg) },
            (false, Some(key)) => OidcError::Key { kid, cause: key.cause.clone() },
            (false, None) => OidcError::UnknownKey { kid, known: self.ids() },
        }
    }
}

impl Key {
    fn parse(jwk: &Map<String, Value>) -> Result<Self, UnfitKey> {
        if jwk.get("kty").and_then(Value::as_str) == Some("oct") || jwk.contains_key("k") {
            return Err(UnfitKey::Symmetric);
        }
        if ["d", "p", "q", "dp", "dq", "qi", "oth"].iter().any(|member| jwk.contains_key(*member)) {
            return Err(UnfitKey::Private);
        }
        for_signatures(jwk)?;
        let kid = optional_text(jwk, "kid")?.map(str::to_owned);
        if kid.as_ref().is_some_and(|kid| kid.len() > KID_BYTES_MAX) {
            return Err(UnfitKey::Malformed("kid"));
        }
        let algorithm = optional_text(jwk, "alg")?
            .map(|name| name.parse().map_err(|_| UnfitKey::KeyAlgorithm(excerpt(name))))
            .transpose()?;
        let key = Self { kid, algorithm, material: Material::parse(jwk)? };
        match key.algorithm {
            Some(alg) if !key.material.verifies(alg) => Err(UnfitKey::Other(alg)),
            _ => Ok(key),
        }
    }

    /// Whether this key may verify that algorithm: its kind, its curve, and its own `alg`.
    fn fits(&self, alg: Algorithm) -> bool {
        self.material.verifies(alg) && self.algorithm.is_none_or(|own| own == alg)
    }

    /// Whether the signature over `message` holds.
    ///
    /// # Errors
    /// [`OidcError::Signature`], and nothing about why.
    pub(super) fn verify(
        &self,
        alg: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), OidcError> {
        if !self.fits(alg) {
            return Err(OidcError::Signature);
        }
        let holds = match &self.material {
            Material::Rsa { n, e } => match rsa_parameters(alg) {
                Some(parameters) => {
                    RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
                }
                None => return Err(OidcError::Signature),
            },
            Material::P256(key)
            | Material::P384(key)
            | Material::P521(key)
            | Material::Ed25519(key) => key.verify_sig(message, signature),
        };
        holds.map_err(|_| OidcError::Signature)
    }
}

/// `use` and `key_ops`, where present, must allow verifying (RFC 7517 §4.2, §4.3).
fn for_signatures(jwk: &Map<String, Value>) -> Result<(), UnfitKey> {
    if optional_text(jwk, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(UnfitKey::Use);
    }
    match jwk.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(list)) if list.iter().any(|item| item == "verify") => Ok(()),
        Some(_) => Err(UnfitKey::Use),
    }
}

impl Material {
    fn parse(jwk: &Map<String, Value>) -> Result<Self, UnfitKey> {
        let kty = optional_text(jwk, "kty")?.ok_or(UnfitKey::Malformed("kty"))?;
        let crv = optional_text(jwk, "crv")?;
        match (kty, crv) {
            ("RSA", _) => Self::rsa(jwk),
            ("EC", Some("P-256")) => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point(jwk, 32)?)
                    .map(Self::P256)
                    .map_err(|_| UnfitKey::OffCurve)
            }
            ("EC", Some("P-384")) => {
                ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point(jwk, 48)?)
                    .map(Self::P384)
                    .map_err(|_| UnfitKey::OffCurve)
            }
            ("EC", Some("P-521")) => {
                ParsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point(jwk, 66)?)
                    .map(Self::P521)
                    .map_err(|_| UnfitKey::OffCurve)
            }
            ("OKP", Some("Ed25519")) => ParsedPublicKey::new(&ED25519, sized(jwk, "x", 32)?)
                .map(Self::Ed25519)
                .map_err(|_| UnfitKey::OffCurve),
            (kty, None) => Err(UnfitKey::Kind(excerpt(kty))),
            (kty, Some(crv)) => Err(UnfitKey::Kind(excerpt(&format!("{kty} {crv}")))),
        }
    }

    fn rsa(jwk: &Map<String, Value>) -> Result<Self, UnfitKey> {
        let n = without_leading_zeros(octets(jwk, "n")?);
        let e = without_leading_zeros(octets(jwk, "e")?);
        let bits = bit_length(&n);
        if !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) {
            return Err(UnfitKey::ModulusBits(bits));
        }
        if n.last().is_none_or(|low| low % 2 == 0) {
            return Err(UnfitKey::Malformed("n"));
        }
        let odd = e.last().is_some_and(|low| low % 2 == 1);
        if !odd || e.len() > 4 || e == [1] {
            return Err(UnfitKey::Exponent);
        }
        if is_roca(&n) {
            return Err(UnfitKey::Roca);
        }
        Ok(Self::Rsa { n, e })
    }

    fn verifies(&self, alg: Algorithm) -> bool {
        match self {
            Self::Rsa { .. } => rsa_parameters(alg).is_some(),
            Self::P256(_) => alg == Algorithm::Es256,
            Self::P384(_) => alg == Algorithm::Es384,
            Self::P521(_) => alg == Algorithm::Es512,
            Self::Ed25519(_) => matches!(alg, Algorithm::EdDsa | Algorithm::Ed25519),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::P256(_) => "P-256",
            Self::P384(_) => "P-384",
            Self::P521(_) => "P-521",
            Self::Ed25519(_) => "Ed25519",
        }
    }
}

/// Whether the modulus is a power of 65537 modulo each of the [`ROCA_PRIMES`], as every modulus of
/// that generator is (Nemec and others, "The Return of Coppersmith's Attack", 2017, section 3.1).
/// Of other moduli one in 240 million is.
fn is_roca(modulus: &[u8]) -> bool {
    ROCA_PRIMES.into_iter().all(|prime| {
        let times = |value: u32, factor: u32| value.checked_mul(factor)?.checked_rem(prime.into());
        let rest = modulus.iter().try_fold(0, |rest: u32, byte| {
            times(rest, 256)?.checked_add((*byte).into())?.checked_rem(prime.into())
        });
        // Its powers are back at 1 before there are as many as the prime says.
        let powers = successors(Some(1), |power| times(*power, 65_537));
        powers.take(prime.into()).any(|power| Some(power) == rest)
    })
}

fn rsa_parameters(alg: Algorithm) -> Option<&'static RsaParameters> {
    match alg {
        Algorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256
        | Algorithm::Es384
        | Algorithm::Es512
        | Algorithm::EdDsa
        | Algorithm::Ed25519 => None,
    }
}

/// The uncompressed point of the two coordinates (SEC 1 §2.3.3).
fn point(jwk: &Map<String, Value>, bytes: usize) -> Result<Vec<u8>, UnfitKey> {
    let mut point = vec![4];
    point.extend(sized(jwk, "x", bytes)?);
    point.extend(sized(jwk, "y", bytes)?);
    Ok(point)
}

fn sized(jwk: &Map<String, Value>, member: &'static str, size: usize) -> Result<Vec<u8>, UnfitKey> {
    let bytes = octets(jwk, member)?;
    if bytes.len() == size { Ok(bytes) } else { Err(UnfitKey::Malformed(member)) }
}

fn octets(jwk: &Map<String, Value>, member: &'static str) -> Result<Vec<u8>, UnfitKey> {
    let bad = UnfitKey::Malformed(member);
    let text = optional_text(jwk, member)?.ok_or_else(|| bad.clone())?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| bad)
}

/// Absent, or a string; anything else is malformed and never taken for absent.
fn optional_text<'a>(
    jwk: &'a Map<String, Value>,
    member: &'static str,
) -> Result<Option<&'a str>, UnfitKey> {
    match jwk.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(UnfitKey::Malformed(member)),
    }
}

fn without_leading_zeros(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

fn bit_length(bytes: &[u8]) -> usize {
    let zeros = bytes.first().map_or(0, |first| first.leading_zeros());
    let zeros = usize::try_from(zeros).unwrap_or(0);
    bytes.len().saturating_mul(8).saturating_sub(zeros)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wycheproof_tests;
