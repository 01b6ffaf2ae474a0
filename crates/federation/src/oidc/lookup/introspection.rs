//! Tokens that only their provider can read (RFC 7662), and claims that a token leaves out
//! (OpenID Connect Core §5.3).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use identity::OidcProvider;
use names::{SecretBytes, Timestamp};
use serde_json::{Map, Value};

use super::call::{Asked, Calls, PAGE_BYTES_MAX, Quiet, origin};
use super::config::{IntrospectionSettings, UserinfoSettings};
use super::fault::LookupFault;
use crate::egress::{Credential, Form};
use crate::oidc::refusal::OidcError;
use crate::oidc::verify::TOKEN_BYTES_MAX;

/// Most tokens whose answers are kept.
const KEPT_MAX: usize = 10_000;
/// How many of them make room at once when none has ended: whoever comes next need not look again.
const KEPT_PARTED: usize = KEPT_MAX / 10;
/// Claims that decide who somebody is and for how long: never taken from anywhere but the token.
const DECIDING: [&str; 14] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "nbf",
    "iat",
    "jti",
    "sid",
    "oid",
    "tid",
    "auth_time",
    "_claim_names",
    "_claim_sources",
];

/// Where a provider says what its tokens are.
pub(super) struct Introspection {
    pub(super) settings: IntrospectionSettings,
    quiet: Quiet,
    kept: Mutex<Answers>,
}

/// What was said of tokens, by what it is kept under.
#[derive(Default)]
struct Answers(HashMap<[u8; 32], Kept>);

/// An answer, and until when it is good.
struct Kept {
    claims: Map<String, Value>,
    until: Duration,
}

impl Introspection {
    pub(super) fn new(settings: IntrospectionSettings) -> Self {
        Self { settings, quiet: Quiet::default(), kept: Mutex::default() }
    }

    /// What the provider says of a token: as it said a short time ago, or now. An answer is kept no
    /// longer than the token lives, and under the provider that was asked: of another, it says
    /// nothing. No token is kept, only its digest.
    pub(super) async fn claims(
        &self,
        calls: Calls<'_>,
        provider: &OidcProvider,
        token: &str,
    ) -> Result<Map<String, Value>, OidcError> {
        // What a header cannot carry is no token (RFC 6750 §2.1).
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if token.is_empty() || token.len() > TOKEN_BYTES_MAX || !token.bytes().all(plain) {
            return Err(OidcError::NotCompact);
        }
        let key = key(provider, token)?;
        let now = calls.clock.monotonic();
        if let Some(claims) = self.kept(&key, now) {
            return Ok(claims);
        }
        let form = Form::new(&[("token", token), ("token_type_hint", "access_token")]);
        let credential = Credential::Basic {
            id: self.settings.client_id.clone(),
            secret: self.settings.client_secret.clone(),
        };
        let asked = Asked::grant(&self.settings.endpoint, &form, Some(&credential));
        let said = calls.object(&asked, &self.quiet).await;
        let mut claims = said.map_err(|cause| OidcError::lookup("introspection", cause))?;
        if claims.remove("active") != Some(Value::Bool(true)) {
            return Err(OidcError::Inactive);
        }
        // The provider was asked at the operator's address for it: it is its own issuer.
        claims.entry("iss").or_insert_with(|| provider.issuer.as_str().into());
        if claims.get("aud").is_none()
            && let Some(client) = claims.get("client_id").cloned()
        {
            claims.insert("aud".to_owned(), client);
        }
        self.keep(key, &claims, calls.clock.now(), now);
        Ok(claims)
    }

    fn kept(&self, key: &[u8; 32], now: Duration) -> Option<Map<String, Value>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0.get(key).filter(|own| now < own.until).map(|own| own.claims.clone())
    }

    fn keep(
        &self,
        key: [u8; 32],
        claims: &Map<String, Value>,
        now: Timestamp,
        monotonic: Duration,
    ) {
        let Some(expires) = claims.get("exp").and_then(Value::as_i64) else { return };
        let lives = u64::try_from(expires.saturating_sub(now.seconds())).unwrap_or(0);
        let lives = lives.min(self.settings.cache_seconds);
        if lives == 0 {
            return;
        }
        let until = monotonic.saturating_add(Duration::from_secs(lives));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.keep(key, Kept { claims: claims.clone(), until }, monotonic);
    }
}

impl Answers {
    /// Keeps an answer. Where there is no room for it, those that have ended go; if none has, those
    /// that would end soonest.
    fn keep(&mut self, key: [u8; 32], answer: Kept, now: Duration) {
        if self.0.len() >= KEPT_MAX {
            self.0.retain(|_, own| now < own.until);
        }
        if self.0.len() >= KEPT_MAX {
            let mut ends: Vec<_> = self.0.iter().map(|(key, own)| (own.until, *key)).collect();
            let (soonest, _, _) = ends.select_nth_unstable(KEPT_PARTED);
            for (_, key) in soonest {
                self.0.remove(key);
            }
        }
        self.0.insert(key, answer);
    }
}

/// What an answer is kept under.
fn key(provider: &OidcProvider, token: &str) -> Result<[u8; 32], OidcError> {
    let text = [provider.arn.as_str(), provider.issuer.as_str(), token].join("\0");
    digest(&SHA256, text.as_bytes()).as_ref().try_into().map_err(|_| OidcError::NotCompact)
}

/// Where a provider says more of whoever brings an access token.
pub(super) struct Userinfo {
    pub(super) settings: UserinfoSettings,
    quiet: Quiet,
}

impl Userinfo {
    pub(super) fn new(settings: UserinfoSettings) -> Self {
        Self { settings, quiet: Quiet::default() }
    }

    /// Adds the claims that the token leaves out. What it has stays as it is, and so do the claims
    /// that decide, whether it has them or not.
    pub(super) async fn fill(
        &self,
        calls: Calls<'_>,
        claims: &mut Map<String, Value>,
        token: &str,
    ) -> Result<(), LookupFault> {
        let url = &self.settings.endpoint;
        let credential = Credential::Bearer(SecretBytes::new(token.as_bytes().to_vec()));
        let asked =
            Asked { url, form: None, credential: Some(&credential), bytes_max: PAGE_BYTES_MAX };
        let said = calls.object(&asked, &self.quiet).await?;
        // Core §5.3.2: an answer whose `sub` is another must not be used.
        if said.get("sub").is_none() || said.get("sub") != claims.get("sub") {
            return Err(LookupFault::Subject { origin: origin(url) });
        }
        for (name, value) in said {
            if !DECIDING.contains(&name.as_str()) {
                claims.entry(name).or_insert(value);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> [u8; 32] {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&number.to_be_bytes());
        key
    }

    fn until(seconds: u64) -> Kept {
        Kept { claims: Map::new(), until: Duration::from_secs(seconds) }
    }

    #[test]
    fn one_answer_too_many_takes_the_place_of_those_that_end_soonest() {
        let mut answers = Answers::default();
        for number in 0..KEPT_MAX {
            // Those that come first end last.
            answers.keep(key(number), until((2 * KEPT_MAX - number) as u64), Duration::ZERO);
        }
        assert_eq!(answers.0.len(), KEPT_MAX);
        answers.keep(key(KEPT_MAX), until(1), Duration::ZERO);
        assert_eq!(answers.0.len(), KEPT_MAX - KEPT_PARTED + 1);
        let kept = |number| answers.0.contains_key(&key(number));
        assert!(kept(0) && kept(KEPT_MAX - KEPT_PARTED - 1) && kept(KEPT_MAX));
        assert!(!kept(KEPT_MAX - KEPT_PARTED) && !kept(KEPT_MAX - 1));
    }

    #[test]
    fn what_has_ended_makes_room_before_what_has_not() {
        let mut answers = Answers::default();
        for number in 0..KEPT_MAX {
            answers.keep(key(number), until(if number < 3 { 10 } else { 90 }), Duration::ZERO);
        }
        answers.keep(key(KEPT_MAX), until(90), Duration::from_secs(10));
        assert_eq!(answers.0.len(), KEPT_MAX - 3 + 1);
        assert!(!answers.0.contains_key(&key(2)) && answers.0.contains_key(&key(3)));
    }
}
