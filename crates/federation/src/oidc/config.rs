//! What is accepted of one provider: its issuer, our client ids, the algorithms, the claims.

use std::fmt;
use std::str::FromStr;

use identity::{ClaimSettings, IssuerUrl, OidcProvider};
use names::Arn;
use serde::Serialize;

use super::refusal::{OidcError, excerpt};

/// A signature algorithm that may be accepted (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2).
///
/// There is no variant for `none` or an HMAC, so neither can be configured.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// EdDSA, which here is Ed25519.
    EdDsa,
    /// Ed25519 under its fully specified name.
    Ed25519,
}

/// Not the name of an algorithm that may be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an algorithm that may be accepted")]
pub struct BadAlgorithm(String);

impl Algorithm {
    /// Every algorithm, in the order of the specification.
    pub const ALL: [Self; 11] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
        Self::Ed25519,
    ];

    /// The name in a token's header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
            Self::Ed25519 => "Ed25519",
        }
    }
}

impl FromStr for Algorithm {
    type Err = BadAlgorithm;

    fn from_str(text: &str) -> Result<Self, BadAlgorithm> {
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == text)
            .ok_or_else(|| BadAlgorithm(excerpt(text)))
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Algorithm {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Everything a token of one provider is held against. All of it comes from the provider's record;
/// nothing of it from the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The provider.
    pub provider: Arn,
    /// Its issuer, compared byte for byte.
    pub issuer: IssuerUrl,
    /// Our client ids there: one of them must be the audience. Never empty.
    pub client_ids: Vec<String>,
    /// The algorithms its tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// The claims to read.
    pub claims: ClaimSettings,
}

impl Accepted {
    /// What a provider's record accepts, with the server's list of algorithms.
    ///
    /// # Errors
    /// [`OidcError::NoClientId`]: without one, no audience could be right.
    pub fn of(provider: &OidcProvider, algorithms: &[Algorithm]) -> Result<Self, OidcError> {
        let client_ids: Vec<String> =
            provider.client_ids.iter().filter(|id| !id.is_empty()).cloned().collect();
        if client_ids.is_empty() {
            return Err(OidcError::NoClientId);
        }
        Ok(Self {
            provider: provider.arn.clone(),
            issuer: provider.issuer.clone(),
            client_ids,
            algorithms: algorithms.to_vec(),
            claims: provider.claims.clone(),
        })
    }
}

/// How long what a provider published is believed, and how often it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheLimits {
    /// Keys younger than this are used without asking.
    pub keys_fresh_seconds: u64,
    /// Keys older than this are never used, even if the provider cannot be reached: a key that was
    /// withdrawn is believed no longer than this.
    pub keys_stale_seconds_max: u64,
    /// The least time between two fetches for one provider, whatever tokens arrive.
    pub refetch_seconds_min: u64,
    /// A discovery document younger than this is used without asking.
    pub discovery_fresh_seconds: u64,
    /// How many providers' keys are kept; beyond it the one used longest ago is forgotten.
    pub providers_max: usize,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self {
            keys_fresh_seconds: 300,
            keys_stale_seconds_max: 3600,
            refetch_seconds_min: 10,
            discovery_fresh_seconds: 3600,
            providers_max: 1024,
        }
    }
}

/// The settings of every OpenID Connect login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcSettings {
    /// The algorithms that may be accepted; all of [`Algorithm::ALL`] unless narrowed.
    pub algorithms: Vec<Algorithm>,
    /// The bounds of the key cache.
    pub cache: CacheLimits,
}

impl Default for OidcSettings {
    fn default() -> Self {
        Self { algorithms: Algorithm::ALL.to_vec(), cache: CacheLimits::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_asymmetric_algorithms_have_a_name() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
        }
        for bad in [
            "none", "None", "nOnE", "", "HS256", "HS384", "HS512", "rs256", "RS256 ", "ES256K",
            "ES521",
        ] {
            assert!(bad.parse::<Algorithm>().is_err(), "{bad}");
        }
    }
}
