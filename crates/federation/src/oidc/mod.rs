//! OpenID Connect: tokens of configured providers, verified with keys that those providers publish.
//!
//! | file | job |
//! |---|---|
//! | `config` | what is accepted of a provider |
//! | `fetch` | discovery, the key set, and how long they are believed |
//! | `keys` | which published key may verify what |
//! | `verify` | whether a token holds (pure) |
//! | `claims` | the one place that makes an `ExternalIdentity` |
//! | `diagnose` | why a token does or does not hold, step by step (pure) |
//! | `refusal` | every reason, and the caller's code for it |
//!
//! A token is proof for whoever holds it until it expires; `nonce` and `state` belong to the client
//! that asked the provider for it, not to this server (as with AWS STS).

mod claims;
mod config;
mod diagnose;
mod fetch;
mod keys;
mod refusal;
#[cfg(test)]
mod testing;
mod verify;

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use audit::Clock;
use identity::{ExternalIdentity, LoginError, LoginProvider, OidcProvider, Unverified};
use names::Timestamp;

pub use claims::{GROUP_BYTES_MAX, GROUPS_MAX, external_identity};
pub use config::{Accepted, Algorithm, BadAlgorithm, CacheLimits, OidcSettings};
pub use diagnose::{Diagnosis, Finding, KeysOf, Outcome, diagnose};
pub use fetch::{DISCOVERY_BYTES_MAX, Held, JWKS_BYTES_MAX, KeyCache, parse_discovery};
pub use keys::{IgnoredKey, KEYS_MAX, KID_BYTES_MAX, KeySet, RSA_BITS_MAX, RSA_BITS_MIN, UnfitKey};
pub use refusal::{CallerCode, DocumentFault, OidcError, Part, ProviderDocument, excerpt};
pub use verify::{
    LEEWAY_SECONDS, SUBJECT_BYTES_MAX, TOKEN_BYTES_MAX, VerifiedClaims, unverified_issuer, verify,
};

use crate::egress::Fetch;

/// Logins with tokens of OpenID Connect providers.
#[derive(Debug)]
pub struct OidcLogins {
    cache: KeyCache,
    algorithms: Vec<Algorithm>,
}

impl OidcLogins {
    /// Logins that fetch through `fetch` and measure the age of keys with `clock`.
    #[must_use]
    pub fn new(fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>, settings: OidcSettings) -> Self {
        Self { cache: KeyCache::new(fetch, clock, settings.cache), algorithms: settings.algorithms }
    }

    /// Verifies a token, with the precise reason of a refusal. A key that is not held, or a
    /// signature that does not hold, asks the provider once more, if it was not asked just now.
    /// Dropping it midway changes nothing.
    ///
    /// # Errors
    /// Any [`OidcError`].
    pub async fn believe(
        &self,
        provider: &OidcProvider,
        token: &Unverified<String>,
        now: Timestamp,
    ) -> Result<ExternalIdentity, OidcError> {
        let accepted = Accepted::of(provider, &self.algorithms)?;
        let token = token.accept_unverified();
        verify::preflight(token, &accepted)?;
        let held = self.cache.keys(&accepted.issuer).await?;
        let verified = match verify(token, &accepted, &held.keys, now) {
            Err(refusal) if may_be_rotation(&refusal) => {
                match self.cache.newer(&accepted.issuer, &held).await {
                    Ok(newer) if !newer.same_as(&held) => {
                        verify(token, &accepted, &newer.keys, now)?
                    }
                    _ => return Err(refusal),
                }
            }
            other => other?,
        };
        external_identity(&accepted, &verified)
    }

    /// Looks at a provider without a token: whether an audience can be right, and whether its
    /// documents and keys can be had.
    pub async fn examine(&self, provider: &OidcProvider) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut note = |check, expected: &str, result: Result<String, OidcError>| {
            let (outcome, actual, help) = match result {
                Ok(actual) => (Outcome::Pass, actual, None),
                Err(error) => (Outcome::Fail, error.to_string(), error.help()),
            };
            findings.push(Finding { check, outcome, expected: expected.to_owned(), actual, help });
        };
        let accepted = Accepted::of(provider, &self.algorithms);
        let clients = accepted.as_ref().map(|own| own.client_ids.join(", "));
        note("audience", "one client id at least", clients.map_err(Clone::clone));
        let keys = self.cache.keys(&provider.issuer).await;
        let told = keys.map(|held| {
            let ignored = held.keys.ignored().len();
            format!("{} keys, {ignored} of no use here", held.keys.len())
        });
        note("discovery and keys", "a discovery document of that issuer and its keys", told);
        findings
    }

    /// Explains a token against these providers: see [`diagnose`]. Fetches the keys of those that
    /// its issuer names, as a login would.
    pub async fn diagnose(
        &self,
        providers: &[OidcProvider],
        token: &Unverified<String>,
        now: Timestamp,
    ) -> Diagnosis {
        let token = token.accept_unverified().trim();
        let accepted: Vec<Accepted> = providers
            .iter()
            .filter_map(|provider| Accepted::of(provider, &self.algorithms).ok())
            .collect();
        let mut found = HashMap::new();
        let issuer = unverified_issuer(token).ok();
        let named = accepted.iter().find(|one| Some(one.issuer.as_str()) == issuer.as_deref());
        if let Some(one) = named {
            let mut keys = self.cache.keys(&one.issuer).await;
            if let Ok(held) = &keys
                && verify(token, one, &held.keys, now).is_err_and(|why| may_be_rotation(&why))
            {
                keys = self.cache.newer(&one.issuer, held).await;
            }
            found.insert(one.issuer.clone(), keys.map(|held| held.keys));
        }
        diagnose(token, &accepted, &|issuer| found.get(issuer).cloned(), now)
    }
}

/// Whether newer keys could change the answer.
fn may_be_rotation(refusal: &OidcError) -> bool {
    matches!(
        refusal,
        OidcError::UnknownKey { .. }
            | OidcError::AmbiguousKey { .. }
            | OidcError::Key { .. }
            | OidcError::Signature
    )
}

#[async_trait]
impl LoginProvider for OidcLogins {
    async fn verify(
        &self,
        provider: &OidcProvider,
        token: &Unverified<String>,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LoginError> {
        self.believe(provider, token, now).await.map_err(|refusal| {
            // No word of the token: the rule and our own measurement say enough.
            tracing::info!(
                provider = provider.arn.as_str(),
                rule = refusal.rule(),
                skew_seconds = refusal.skew_seconds(),
                "a token is refused"
            );
            LoginError::from(refusal)
        })
    }
}

#[cfg(test)]
mod logins_tests;
