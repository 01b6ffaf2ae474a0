//! Whether a token holds: pure, in a fixed order, and with nothing chosen by the token.
//!
//! Shape, header, algorithm, key, signature; then the claims, expiry last, so that "expired" is
//! only said of a token that was good. The steps are separate functions because `diagnose` walks
//! the same ones without stopping at the first failure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use names::Timestamp;
use serde_json::{Map, Value};

use super::config::{Accepted, Algorithm};
use super::keys::{KID_BYTES_MAX, KeySet};
use super::refusal::{OidcError, Part, excerpt};
use crate::strict::parse_object;

/// How long a token may be (AWS STS, AssumeRoleWithWebIdentity, `WebIdentityToken`).
pub const TOKEN_BYTES_MAX: usize = 20_000;
/// By how much the provider's clock and ours may differ.
pub const LEEWAY_SECONDS: i64 = 60;
/// How long a subject may be (OpenID Connect Core §2, `sub`).
pub const SUBJECT_BYTES_MAX: usize = 255;

/// Header members that bring a key, a place to fetch one, other rules or another kind of content.
///
/// RFC 7515 lets a verifier ignore the first four; refusing them costs nothing, since no provider
/// needs them, and takes them from every later mistake.
const HEADER_REFUSED: [&str; 12] =
    ["jwk", "jku", "x5u", "x5c", "crit", "b64", "enc", "zip", "epk", "p2c", "p2s", "iv"];

/// Claims that were signed by a key of the provider, or stated by the provider itself when it was
/// asked (RFC 7662), and hold against what we accept of it.
///
/// There is no other way to one than [`verify`], or asking the provider:
///
/// ```compile_fail,E0451
/// use strongroom_federation::oidc::VerifiedClaims;
/// fn forge(claims: VerifiedClaims) -> VerifiedClaims {
///     VerifiedClaims { subject: "root".to_owned(), ..claims }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct VerifiedClaims {
    claims: Map<String, Value>,
    subject: String,
    audience: Vec<String>,
    authorized_party: Option<String>,
    expires: Timestamp,
    issued: Option<Timestamp>,
    authenticated: Option<Timestamp>,
}

impl VerifiedClaims {
    /// Every claim.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Every claim, for what the provider says besides of the same person.
    pub(super) fn claims_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.claims
    }

    /// `sub`.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `aud`, as a list.
    #[must_use]
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// `azp`.
    #[must_use]
    pub fn authorized_party(&self) -> Option<&str> {
        self.authorized_party.as_deref()
    }

    /// `exp`.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// `iat`.
    #[must_use]
    pub fn issued(&self) -> Option<Timestamp> {
        self.issued
    }

    /// `auth_time`.
    #[must_use]
    pub fn authenticated(&self) -> Option<Timestamp> {
        self.authenticated
    }
}

/// Verifies a token against what is accepted of one provider, with that provider's keys.
///
/// # Errors
/// The first failure, in the order of this file. No claim of a token whose signature does not hold
/// is looked at.
pub fn verify(
    token: &str,
    accepted: &Accepted,
    keys: &KeySet,
    now: Timestamp,
) -> Result<VerifiedClaims, OidcError> {
    let parts = proven(token, accepted, keys)?;
    let claims = object(Part::Payload, parts.payload)?;
    held_against(claims, accepted, now)
}

/// Holds claims, whose origin is proven, against what is accepted of the provider.
///
/// # Errors
/// The first claim that does not hold.
pub(super) fn held_against(
    claims: Map<String, Value>,
    accepted: &Accepted,
    now: Timestamp,
) -> Result<VerifiedClaims, OidcError> {
    issuer(&claims, accepted)?;
    token_kind(&claims)?;
    let audience = audience(&claims, accepted)?;
    let authorized_party = authorized_party(&claims, &audience, accepted)?;
    let subject = subject(&claims)?.to_owned();
    not_before(&claims, now)?;
    let issued = issued_at(&claims, now)?;
    let authenticated = time(&claims, "auth_time")?;
    let expires = expiry(&claims, now)?;
    Ok(VerifiedClaims {
        claims,
        subject,
        audience,
        authorized_party,
        expires,
        issued,
        authenticated,
    })
}

/// The parts of a token whose signature holds: what it is made of, what it may be signed with, and
/// the signature.
fn proven<'a>(token: &'a str, accepted: &Accepted, keys: &KeySet) -> Result<Parts<'a>, OidcError> {
    let parts = split(token)?;
    let header = object(Part::Header, parts.header)?;
    header_members(&header)?;
    let alg = algorithm(&header)?;
    algorithm_accepted(alg, accepted)?;
    let kid = key_id(&header)?;
    let signature = octets(Part::Signature, parts.signature)?;
    keys.select(alg, kid)?.verify(alg, parts.signed.as_bytes(), &signature)?;
    Ok(parts)
}

/// Everything that can be refused without a key, so that a stranger's noise causes no fetch.
/// Passing proves nothing.
///
/// # Errors
/// What [`verify`] would refuse too.
pub(super) fn preflight(token: &str, accepted: &Accepted) -> Result<(), OidcError> {
    let parts = split(token)?;
    let header = object(Part::Header, parts.header)?;
    header_members(&header)?;
    algorithm_accepted(algorithm(&header)?, accepted)?;
    key_id(&header)?;
    octets(Part::Signature, parts.signature)?;
    issuer(&object(Part::Payload, parts.payload)?, accepted)
}

/// Whether a token is one that only its provider can read: not a signed one at all. What looks like
/// a signed token is verified as one, whatever else is wrong with it.
pub(super) fn is_opaque(token: &str) -> bool {
    match split(token) {
        Ok(parts) => object(Part::Header, parts.header).is_err(),
        Err(OidcError::NotCompact) => true,
        Err(_) => false,
    }
}

/// The `iss` of a token, for choosing the provider to ask. **Not verified**: nothing but a lookup
/// among configured providers may depend on it, and [`verify`] compares it again.
///
/// ```
/// use strongroom_federation::oidc::unverified_issuer;
/// // {"alg":"ES256"} . {"iss":"https://idp.example"} . anything
/// let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIn0.AA";
/// assert_eq!(unverified_issuer(token).unwrap(), "https://idp.example");
/// ```
///
/// # Errors
/// The token has another shape, or no issuer.
pub fn unverified_issuer(token: &str) -> Result<String, OidcError> {
    let parts = split(token)?;
    let claims = object(Part::Payload, parts.payload)?;
    Ok(text(&claims, "iss")?.ok_or(OidcError::ClaimMissing { claim: "iss" })?.to_owned())
}

/// The three parts of a compact JWS, and what is signed of it.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
    /// `header.payload` (RFC 7515 §5.2, step 8).
    pub(super) signed: &'a str,
}

/// Splits a compact JWS. Looks at no more than six parts, however many dots there are.
pub(super) fn split(token: &str) -> Result<Parts<'_>, OidcError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(OidcError::TooLarge { bytes: token.len() });
    }
    if token.split('.').take(6).count() == 5 {
        return Err(OidcError::Encrypted);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(OidcError::NotCompact)?;
    let (header, payload) = signed.split_once('.').ok_or(OidcError::NotCompact)?;
    if payload.contains('.') || header.is_empty() || payload.is_empty() || signature.is_empty() {
        return Err(OidcError::NotCompact);
    }
    Ok(Parts { header, payload, signature, signed })
}

/// Decodes canonical base64url: no padding, no white space, no other alphabet, no spare bits, so
/// that a token has exactly one spelling.
fn octets(part: Part, text: &str) -> Result<Vec<u8>, OidcError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| OidcError::Encoding { part })
}

pub(super) fn object(part: Part, text: &str) -> Result<Map<String, Value>, OidcError> {
    parse_object(&octets(part, text)?).map_err(|cause| OidcError::Json { part, cause })
}

/// Refuses headers that carry anything beyond an algorithm, a key id and labels.
pub(super) fn header_members(header: &Map<String, Value>) -> Result<(), OidcError> {
    if let Some(member) = HEADER_REFUSED.into_iter().find(|name| header.contains_key(*name)) {
        return Err(OidcError::HeaderMember { member });
    }
    // `cty` is for a token within a token (RFC 7519 §5.2).
    if header.contains_key("cty") {
        return Err(OidcError::HeaderMember { member: "cty" });
    }
    match header.get("typ") {
        None => Ok(()),
        Some(Value::String(typ)) if is_token_type(typ) => Ok(()),
        Some(Value::String(typ)) => Err(OidcError::TokenType { typ: excerpt(typ) }),
        Some(_) => Err(OidcError::HeaderMalformed { member: "typ" }),
    }
}

/// Media types compare without case, and `application/` may be left out (RFC 7515 §4.1.9). Other
/// kinds of token are told apart by this member alone (RFC 8725 §3.11).
fn is_token_type(typ: &str) -> bool {
    let lower = typ.to_ascii_lowercase();
    matches!(lower.strip_prefix("application/").unwrap_or(&lower), "jwt" | "at+jwt")
}

pub(super) fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, OidcError> {
    match header.get("alg") {
        Some(Value::String(name)) => {
            name.parse().map_err(|_| OidcError::AlgorithmRefused { alg: excerpt(name) })
        }
        _ => Err(OidcError::HeaderMalformed { member: "alg" }),
    }
}

pub(super) fn algorithm_accepted(alg: Algorithm, accepted: &Accepted) -> Result<(), OidcError> {
    if accepted.algorithms.contains(&alg) {
        return Ok(());
    }
    Err(OidcError::AlgorithmNotConfigured { alg, accepted: accepted.algorithms.clone() })
}

pub(super) fn key_id(header: &Map<String, Value>) -> Result<Option<&str>, OidcError> {
    match header.get("kid") {
        None => Ok(None),
        Some(Value::String(kid)) if kid.len() <= KID_BYTES_MAX => Ok(Some(kid)),
        Some(_) => Err(OidcError::HeaderMalformed { member: "kid" }),
    }
}

/// The signature alone, for `diagnose`.
pub(super) fn signature(parts: Parts<'_>, alg: Algorithm, keys: &KeySet) -> Result<(), OidcError> {
    let header = object(Part::Header, parts.header)?;
    let bytes = octets(Part::Signature, parts.signature)?;
    keys.select(alg, key_id(&header)?)?.verify(alg, parts.signed.as_bytes(), &bytes)
}

/// `iss` is the provider's issuer, byte for byte (RFC 7519 §4.1.1).
pub(super) fn issuer(claims: &Map<String, Value>, accepted: &Accepted) -> Result<(), OidcError> {
    let actual = text(claims, "iss")?.ok_or(OidcError::ClaimMissing { claim: "iss" })?;
    if actual == accepted.issuer.as_str() {
        return Ok(());
    }
    let expected = accepted.issuer.as_str().to_owned();
    Err(OidcError::Issuer { expected, actual: excerpt(actual) })
}

/// Refuses security events and logout tokens, which carry `events` and are signed by the same keys
/// (OpenID Connect Back-Channel Logout §2.4; RFC 8417 §2.2).
pub(super) fn token_kind(claims: &Map<String, Value>) -> Result<(), OidcError> {
    if claims.contains_key("events") {
        return Err(OidcError::TokenType { typ: "events".to_owned() });
    }
    Ok(())
}

/// `aud` holds one of our client ids (RFC 7519 §4.1.3).
pub(super) fn audience(
    claims: &Map<String, Value>,
    accepted: &Accepted,
) -> Result<Vec<String>, OidcError> {
    let malformed = || OidcError::ClaimMalformed {
        claim: "aud".to_owned(),
        expected: "a client id or a list of client ids",
    };
    let actual: Vec<String> = match claims.get("aud") {
        None => return Err(OidcError::ClaimMissing { claim: "aud" }),
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(list)) => list
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(malformed))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(malformed()),
    };
    if actual.is_empty() || actual.iter().any(String::is_empty) {
        return Err(malformed());
    }
    if actual.iter().any(|id| accepted.client_ids.contains(id)) {
        return Ok(actual);
    }
    let actual = actual.iter().take(8).map(|id| excerpt(id)).collect();
    Err(OidcError::Audience { expected: accepted.client_ids.clone(), actual })
}

/// `azp`, where present, is one of our client ids; several audiences require it
/// (OpenID Connect Core §3.1.3.7, steps 4 and 5).
pub(super) fn authorized_party(
    claims: &Map<String, Value>,
    audience: &[String],
    accepted: &Accepted,
) -> Result<Option<String>, OidcError> {
    match text(claims, "azp")? {
        None if audience.len() > 1 => Err(OidcError::AuthorizedPartyMissing),
        None => Ok(None),
        Some(party) if accepted.client_ids.iter().any(|id| id == party) => {
            Ok(Some(party.to_owned()))
        }
        Some(party) => Err(OidcError::AuthorizedParty {
            expected: accepted.client_ids.clone(),
            actual: excerpt(party),
        }),
    }
}

/// `sub`: 1 to [`SUBJECT_BYTES_MAX`] printable bytes.
pub(super) fn subject(claims: &Map<String, Value>) -> Result<&str, OidcError> {
    let subject = text(claims, "sub")?.ok_or(OidcError::ClaimMissing { claim: "sub" })?;
    let sized = (1..=SUBJECT_BYTES_MAX).contains(&subject.len());
    if sized && !subject.chars().any(char::is_control) {
        return Ok(subject);
    }
    let expected = "1 to 255 printable bytes";
    Err(OidcError::ClaimMalformed { claim: "sub".to_owned(), expected })
}

/// `exp` is required; the token ends there, plus the leeway (RFC 7519 §4.1.4).
pub(super) fn expiry(claims: &Map<String, Value>, now: Timestamp) -> Result<Timestamp, OidcError> {
    let expired = time(claims, "exp")?.ok_or(OidcError::ClaimMissing { claim: "exp" })?;
    if now < expired.plus_seconds(LEEWAY_SECONDS) {
        return Ok(expired);
    }
    Err(OidcError::Expired { expired, seconds_ago: seconds_between(expired, now) })
}

/// `nbf`, where present, has come, less the leeway (RFC 7519 §4.1.5).
pub(super) fn not_before(
    claims: &Map<String, Value>,
    now: Timestamp,
) -> Result<Option<Timestamp>, OidcError> {
    let begins = time(claims, "nbf")?;
    match begins {
        Some(begins) if now.plus_seconds(LEEWAY_SECONDS) < begins => {
            Err(OidcError::NotYetValid { begins, seconds_ahead: seconds_between(now, begins) })
        }
        _ => Ok(begins),
    }
}

/// `iat`, where present, is not in the future, less the leeway.
pub(super) fn issued_at(
    claims: &Map<String, Value>,
    now: Timestamp,
) -> Result<Option<Timestamp>, OidcError> {
    let issued = time(claims, "iat")?;
    match issued {
        Some(issued) if now.plus_seconds(LEEWAY_SECONDS) < issued => {
            Err(OidcError::IssuedAhead { issued, seconds_ahead: seconds_between(now, issued) })
        }
        _ => Ok(issued),
    }
}

fn seconds_between(earlier: Timestamp, later: Timestamp) -> i64 {
    later.seconds().saturating_sub(earlier.seconds())
}

/// A claim that is a string: absent is `None`, anything else is refused, `null` included.
pub(super) fn text<'a>(
    claims: &'a Map<String, Value>,
    claim: &'static str,
) -> Result<Option<&'a str>, OidcError> {
    match claims.get(claim) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(OidcError::ClaimMalformed { claim: claim.to_owned(), expected: "a string" }),
    }
}

/// A claim that is a NumericDate (RFC 7519 §2): absent is `None`, anything that is not a number of
/// seconds is refused, never taken for absent.
pub(super) fn time(
    claims: &Map<String, Value>,
    claim: &'static str,
) -> Result<Option<Timestamp>, OidcError> {
    let Some(value) = claims.get(claim) else {
        return Ok(None);
    };
    let malformed = || OidcError::ClaimMalformed {
        claim: claim.to_owned(),
        expected: "a number of seconds since 1970",
    };
    let Value::Number(number) = value else {
        return Err(malformed());
    };
    // A fraction is allowed by the RFC; it is cut off. Printing is the conversion that cannot lose.
    let whole = match number.as_i64() {
        Some(whole) => Some(whole),
        None => number.as_f64().and_then(|float| format!("{:.0}", float.floor()).parse().ok()),
    };
    let seconds = whole.ok_or_else(malformed)?;
    Timestamp::from_seconds(seconds).map(Some).map_err(|_| malformed())
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod vectors;

#[cfg(test)]
mod wycheproof_tests;
