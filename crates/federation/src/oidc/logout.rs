//! A provider's word that somebody has left: whether a logout token holds (OpenID Connect
//! Back-Channel Logout 1.0 §2.4 and §2.6), and that each is taken once.

use std::collections::HashMap;

use identity::Left;
use names::Timestamp;
use serde_json::{Map, Value};

use super::config::Accepted;
use super::keys::KeySet;
use super::refusal::{OidcError, Part, excerpt};
use super::verify::{
    LEEWAY_SECONDS, SUBJECT_BYTES_MAX, algorithm, algorithm_accepted, audience, expiry,
    header_members, issued_at, issuer, key_id, object, signature, split, text, time,
};

/// The event that says it.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The type of a logout token, as far as it says any.
const TYPE: &str = "logout+jwt";
/// How old a logout token may be, in seconds: providers send them at once and keep none.
pub const LOGOUT_SECONDS_MAX: i64 = 300;
/// Most bytes of a token's own id.
pub const JTI_BYTES_MAX: usize = 256;
/// How many tokens are remembered; beyond it the one that ends first is forgotten.
pub const LOGOUTS_MAX: usize = 10_000;

/// What a logout token says, once its signature holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Said {
    /// Who has left.
    pub(super) left: Left,
    /// The token's own id.
    pub(super) jti: String,
    /// After when no token of that id is taken anyway.
    pub(super) until: Timestamp,
}

/// Verifies a logout token against what is accepted of one provider, with that provider's keys.
///
/// # Errors
/// The first failure. No claim of a token whose signature does not hold is looked at.
pub(super) fn verify_logout(
    token: &str,
    accepted: &Accepted,
    keys: &KeySet,
    now: Timestamp,
) -> Result<Said, OidcError> {
    let parts = split(token)?;
    let header = object(Part::Header, parts.header)?;
    let alg = kind(&header, accepted)?;
    signature(parts, alg, keys)?;
    let claims = object(Part::Payload, parts.payload)?;
    issuer(&claims, accepted)?;
    audience(&claims, accepted)?;
    event(&claims)?;
    if claims.contains_key("nonce") {
        // What carries one is an ID token, and nobody's word that somebody has left.
        return Err(OidcError::TokenType { typ: "nonce".to_owned() });
    }
    let issued = issued_at(&claims, now)?.ok_or(OidcError::ClaimMissing { claim: "iat" })?;
    let until = issued.plus_seconds(LOGOUT_SECONDS_MAX.saturating_add(LEEWAY_SECONDS));
    if until <= now {
        let seconds_ago = now.seconds().saturating_sub(issued.seconds());
        return Err(OidcError::Expired { expired: issued, seconds_ago });
    }
    if time(&claims, "exp")?.is_some() {
        expiry(&claims, now)?;
    }
    let jti =
        word(&claims, "jti", JTI_BYTES_MAX)?.ok_or(OidcError::ClaimMissing { claim: "jti" })?;
    let (sid, sub) =
        (word(&claims, "sid", JTI_BYTES_MAX)?, word(&claims, "sub", SUBJECT_BYTES_MAX)?);
    let left = match (sid, sub) {
        (Some(sid), _) => Left::Session(sid),
        (None, Some(sub)) => Left::Person(sub),
        (None, None) => return Err(OidcError::ClaimMissing { claim: "sid" }),
    };
    Ok(Said { left, jti, until })
}

/// Everything of a logout token that can be refused without a key. Passing proves nothing.
///
/// # Errors
/// What [`verify_logout`] would refuse too.
pub(super) fn preflight_logout(token: &str, accepted: &Accepted) -> Result<(), OidcError> {
    let parts = split(token)?;
    kind(&object(Part::Header, parts.header)?, accepted)?;
    let claims = object(Part::Payload, parts.payload)?;
    issuer(&claims, accepted)?;
    event(&claims)
}

/// The algorithm, of a header that may be a logout token's.
fn kind(
    header: &Map<String, Value>,
    accepted: &Accepted,
) -> Result<super::config::Algorithm, OidcError> {
    let mut rest = header.clone();
    let named = |typ: &str| {
        let lower = typ.to_ascii_lowercase();
        lower.strip_prefix("application/").unwrap_or(&lower) == TYPE
    };
    match header.get("typ").and_then(Value::as_str) {
        Some(typ) if named(typ) => drop(rest.remove("typ")),
        // Some providers say `JWT`, or nothing; an access token is no such word.
        Some(typ) if !typ.eq_ignore_ascii_case("jwt") => {
            return Err(OidcError::TokenType { typ: excerpt(typ) });
        }
        _ => {}
    }
    header_members(&rest)?;
    key_id(header)?;
    let alg = algorithm(header)?;
    algorithm_accepted(alg, accepted)?;
    Ok(alg)
}

/// `events` holds the one event, whose value is an object.
fn event(claims: &Map<String, Value>) -> Result<(), OidcError> {
    let events = claims.get("events").ok_or(OidcError::ClaimMissing { claim: "events" })?;
    match events.get(EVENT) {
        Some(Value::Object(_)) => Ok(()),
        _ => Err(OidcError::ClaimMalformed {
            claim: "events".to_owned(),
            expected: "an object with the event of a back-channel logout",
        }),
    }
}

/// A claim that is a text of 1 to so many printable bytes.
fn word(
    claims: &Map<String, Value>,
    claim: &'static str,
    bytes_max: usize,
) -> Result<Option<String>, OidcError> {
    let Some(word) = text(claims, claim)? else { return Ok(None) };
    if (1..=bytes_max).contains(&word.len()) && !word.chars().any(char::is_control) {
        return Ok(Some(word.to_owned()));
    }
    let expected = "a text of printable letters that is not too long";
    Err(OidcError::ClaimMalformed { claim: claim.to_owned(), expected })
}

/// The logout tokens that were taken lately. One that a failure kept from its effect is spent too:
/// providers send no token twice.
#[derive(Debug, Default)]
pub(super) struct Taken(HashMap<(String, String), Timestamp>);

impl Taken {
    /// Takes a token of a provider: whether it is the first time.
    pub(super) fn take(&mut self, provider: &str, said: &Said, now: Timestamp) -> bool {
        self.0.retain(|_, until| now < *until);
        if self.0.len() >= LOGOUTS_MAX
            && let Some(first) = self.0.iter().min_by_key(|(_, until)| **until)
        {
            let first = first.0.clone();
            self.0.remove(&first);
        }
        self.0.insert((provider.to_owned(), said.jti.clone()), said.until).is_none()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::config::Algorithm;
    use super::super::testing::*;
    use super::*;

    fn claims() -> Value {
        json!({"iss": ISSUER, "aud": CLIENT, "iat": NOW, "exp": NOW + 120, "jti": "j1",
               "sid": "s1", "sub": "user-1", "events": {EVENT: {}}})
    }

    fn made(typ: Option<&str>, claims: &Value) -> String {
        let mut header = json!({"alg": "ES256", "kid": "p256"});
        if let Some(typ) = typ {
            header["typ"] = typ.into();
        }
        signed_texts(Algorithm::Es256, &header.to_string(), &claims.to_string())
    }

    fn verified(token: &str) -> Result<Said, OidcError> {
        verify_logout(token, &accepted(), &all_keys(), now())
    }

    fn with(changes: &Value) -> Value {
        let mut all = claims();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(all.as_object_mut().unwrap().remove(name)),
                value => all[name] = value.clone(),
            }
        }
        all
    }

    #[test]
    fn a_word_of_the_provider_names_a_session_or_else_a_person() {
        for typ in [Some("logout+jwt"), Some("application/LOGOUT+JWT"), Some("JWT"), None] {
            let said = verified(&made(typ, &claims())).unwrap();
            assert_eq!(said.left, Left::Session("s1".to_owned()), "{typ:?}");
            assert_eq!(said.jti, "j1");
        }
        let person = verified(&made(None, &with(&json!({"sid": null})))).unwrap();
        assert_eq!(person.left, Left::Person("user-1".to_owned()));
        let session = verified(&made(None, &with(&json!({"sub": null, "exp": null})))).unwrap();
        assert_eq!(session.left, Left::Session("s1".to_owned()));
    }

    #[test]
    fn what_is_no_logout_token_ends_nothing() {
        for bad in [
            json!({"sid": null, "sub": null}),
            json!({"nonce": "n"}),
            json!({"events": null}),
            json!({"events": {"http://schemas.openid.net/event/other": {}}}),
            json!({"events": {EVENT: true}}),
            json!({"events": EVENT}),
            json!({"jti": null}),
            json!({"jti": ""}),
            json!({"jti": "j".repeat(JTI_BYTES_MAX + 1)}),
            json!({"iat": null}),
            json!({"iat": NOW - LOGOUT_SECONDS_MAX - LEEWAY_SECONDS}),
            json!({"iat": NOW + LEEWAY_SECONDS + 1}),
            json!({"exp": NOW - LEEWAY_SECONDS}),
            json!({"aud": "another"}),
            json!({"iss": "https://another.example"}),
            json!({"sid": 1}),
            json!({"sub": "", "sid": null}),
        ] {
            assert!(verified(&made(None, &with(&bad))).is_err(), "{bad}");
        }
        for typ in ["at+jwt", "secevent+jwt", "dpop+jwt", ""] {
            assert!(verified(&made(Some(typ), &claims())).is_err(), "{typ}");
        }
        let old = json!({"iat": NOW - LOGOUT_SECONDS_MAX - LEEWAY_SECONDS + 1, "exp": null});
        assert!(verified(&made(None, &with(&old))).is_ok());
        let long = json!({"jti": "j".repeat(JTI_BYTES_MAX)});
        assert!(verified(&made(None, &with(&long))).is_ok());
    }

    #[test]
    fn a_logout_token_that_nobody_signed_ends_nothing() {
        let good = made(None, &claims());
        let (signed, _) = good.rsplit_once('.').unwrap();
        assert!(verified(&format!("{signed}.{}", b64([7; 64]))).is_err());
        let none = json!({"alg": "none"}).to_string();
        let none = format!("{}.{}.AA", b64(none), b64(claims().to_string()));
        assert!(verified(&none).is_err());
        assert!(preflight_logout(&none, &accepted()).is_err());
        assert!(preflight_logout(&good, &accepted()).is_ok());
    }

    #[test]
    fn a_logout_token_is_taken_once_of_each_provider() {
        let said = verified(&made(None, &claims())).unwrap();
        let mut taken = Taken::default();
        assert!(taken.take("a", &said, now()));
        assert!(!taken.take("a", &said, now()));
        assert!(taken.take("b", &said, now()));
        // After that no token of that id is young enough.
        assert!(
            verify_logout(&made(None, &claims()), &accepted(), &all_keys(), said.until).is_err()
        );
        assert!(taken.take("a", &said, said.until));
    }

    #[test]
    fn the_tokens_that_are_remembered_are_bounded() {
        let mut taken = Taken::default();
        let said = |number: usize| Said {
            left: Left::Session("s".to_owned()),
            jti: number.to_string(),
            until: now().plus_seconds(i64::try_from(number).unwrap() + 1),
        };
        for number in 0..=LOGOUTS_MAX {
            assert!(taken.take("a", &said(number), now()));
        }
        assert_eq!(taken.0.len(), LOGOUTS_MAX);
        assert!(!taken.take("a", &said(LOGOUTS_MAX), now()));
    }
}
