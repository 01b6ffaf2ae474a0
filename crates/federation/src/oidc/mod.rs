//! OpenID Connect: tokens of configured providers, verified with keys that those providers publish.
//!
//! | file | job |
//! |---|---|
//! | `config` | what is accepted of a provider |
//! | `fetch` | discovery, the key set, and how long they are believed |
//! | `keys` | which published key may verify what |
//! | `verify` | whether a token holds (pure) |
//! | `claims` | the one place that makes an `ExternalIdentity` |
//! | `lookup` | what a provider keeps elsewhere: groups, opaque tokens, further claims |
//! | `logout` | whether a provider's word that somebody has left holds (pure) |
//! | `look` | what a provider says of itself that decides how people sign in and leave (pure) |
//! | `diagnose` | why a token does or does not hold, step by step (pure) |
//! | `words` | how each vendor calls what has to be mended |
//! | `refusal` | every reason, and the caller's code for it |
//!
//! A token is proof for whoever holds it until it expires; `nonce` and `state` belong to the client
//! that asked the provider for it, not to this server (as with AWS STS).

mod claims;
mod config;
mod diagnose;
mod fetch;
mod keys;
mod logout;
mod look;
mod lookup;
mod refusal;
#[cfg(test)]
mod testing;
mod verify;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use audit::Clock;
use identity::{
    ExternalIdentity, IssuerUrl, Left, LoginError, LoginProvider, OidcProvider, Unverified,
};
use names::Timestamp;

pub use claims::{GROUP_BYTES_MAX, GROUPS_MAX, LookedUp, external_identity};
pub use config::{Accepted, Algorithm, BadAlgorithm, CacheLimits, OidcSettings};
pub use diagnose::{Diagnosis, Finding, KeysOf, Login, Outcome, diagnose};
pub use fetch::{
    DISCOVERY_BYTES_MAX, DOCUMENTS_SECONDS_MAX, Held, JWKS_BYTES_MAX, KeyCache, parse_discovery,
};
pub use keys::{IgnoredKey, KEYS_MAX, KID_BYTES_MAX, KeySet, RSA_BITS_MAX, RSA_BITS_MIN, UnfitKey};
pub use logout::{JTI_BYTES_MAX, LOGOUT_SECONDS_MAX, LOGOUTS_MAX};
pub use lookup::{
    BadLookup, GROUPS_LOOKED_UP_MAX, LOGIN_SECONDS_MAX, LookupFault, LookupForm, LookupKind,
    LookupSettings, Lookups, NAMES_MAX, NAMES_SECONDS_MAX, OperatorOf, PERSON_SECONDS_MAX,
    SyncSettings, Watch, Word,
};
pub use refusal::{CallerCode, DocumentFault, OidcError, Part, ProviderDocument, excerpt};
pub use verify::{
    LEEWAY_SECONDS, SUBJECT_BYTES_MAX, TOKEN_BYTES_MAX, VerifiedClaims, unverified_issuer, verify,
};

use crate::egress::Fetch;

/// Logins with tokens of OpenID Connect providers.
pub struct OidcLogins {
    cache: KeyCache,
    clock: Arc<dyn Clock>,
    algorithms: Vec<Algorithm>,
    lookups: Option<Lookups>,
    taken: Mutex<logout::Taken>,
}

impl fmt::Debug for OidcLogins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcLogins")
            .field("cache", &self.cache)
            .field("algorithms", &self.algorithms)
            .field("lookups", &self.lookups)
            .finish_non_exhaustive()
    }
}

impl OidcLogins {
    /// Logins that fetch through `fetch` and measure the age of keys with `clock`.
    #[must_use]
    pub fn new(fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>, settings: OidcSettings) -> Self {
        let cache = KeyCache::new(fetch, Arc::clone(&clock), settings.cache);
        Self {
            cache,
            clock,
            algorithms: settings.algorithms,
            lookups: None,
            taken: Mutex::default(),
        }
    }

    /// The same, which asks for what providers keep elsewhere.
    #[must_use]
    pub fn with_lookups(self, lookups: Lookups) -> Self {
        Self { lookups: Some(lookups), ..self }
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
        let began = self.clock.monotonic();
        let accepted = Accepted::of(provider, &self.algorithms)?;
        let token = token.accept_unverified();
        let Some(lookups) = &self.lookups else {
            let verified = self.signed(&accepted, token, now).await?;
            return external_identity(&accepted, &verified, LookedUp::default());
        };
        let stated = match verify::is_opaque(token) {
            true => lookups.introspected(provider, token, began).await,
            false => None,
        };
        let verified = match stated {
            Some(claims) => verify::held_against(claims?, &accepted, now)?,
            None => self.signed(&accepted, token, now).await?,
        };
        let verified = lookups.filled(provider, verified, token, began).await?;
        let told = lookups.groups(provider, &verified, began).await?;
        let known_as = lookups.known_as(provider, &verified);
        external_identity(&accepted, &verified, LookedUp { known_as, ..told })
    }

    /// The lookups that tell who is still there.
    #[must_use]
    pub fn watches(&self) -> Vec<Watch> {
        self.lookups.as_ref().map(Lookups::watches).unwrap_or_default()
    }

    /// The lookup that tells of a provider's people, if one may.
    #[must_use]
    pub fn watcher(&self, provider: &OidcProvider) -> Option<Watch> {
        self.lookups.as_ref()?.watcher(provider)
    }

    /// What has become of somebody, asked of their provider. Takes [`PERSON_SECONDS_MAX`] at most.
    /// Dropping it midway changes nothing.
    ///
    /// # Errors
    /// The provider gave no answer, or none that can be believed: nothing is known of them.
    pub async fn word(
        &self,
        provider: &OidcProvider,
        subject: &str,
        known_as: Option<&str>,
    ) -> Result<Word, LookupFault> {
        match &self.lookups {
            Some(lookups) => lookups.word(provider, subject, known_as).await,
            None => Err(LookupFault::Person { claim: "sub" }),
        }
    }

    /// Verifies a signed token; see [`Self::believe`].
    async fn signed(
        &self,
        accepted: &Accepted,
        token: &str,
        now: Timestamp,
    ) -> Result<VerifiedClaims, OidcError> {
        verify::preflight(token, accepted)?;
        let held = self.cache.keys(&accepted.issuer).await?;
        match verify(token, accepted, &held.keys, now) {
            Err(refusal) if may_be_rotation(&refusal) => {
                match self.cache.newer(&accepted.issuer, &held).await {
                    Ok(newer) if !newer.same_as(&held) => verify(token, accepted, &newer.keys, now),
                    _ => Err(refusal),
                }
            }
            other => other,
        }
    }

    /// Verifies a provider's word that somebody has left, which is taken once. A key that is not
    /// held asks the provider once more, as for any token. Dropping it midway changes nothing.
    ///
    /// # Errors
    /// Any [`OidcError`].
    pub async fn believe_logout(
        &self,
        provider: &OidcProvider,
        token: &Unverified<String>,
        now: Timestamp,
    ) -> Result<Left, OidcError> {
        let accepted = Accepted::of(provider, &self.algorithms)?;
        let token = token.accept_unverified();
        logout::preflight_logout(token, &accepted)?;
        let held = self.cache.keys(&accepted.issuer).await?;
        let said = match logout::verify_logout(token, &accepted, &held.keys, now) {
            Err(refusal) if may_be_rotation(&refusal) => {
                let newer = self.cache.newer(&accepted.issuer, &held).await?;
                logout::verify_logout(token, &accepted, &newer.keys, now)?
            }
            other => other?,
        };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.take(provider.arn.as_str(), &said, now) {
            Ok(said.left)
        } else {
            Err(OidcError::TokenType { typ: "a logout token that was taken before".to_owned() })
        }
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
        if let Ok((document, date)) = self.cache.described(&provider.issuer).await {
            findings.extend(look::look(&provider.issuer, &document, date, self.clock.now()));
        }
        if let Some(lookups) = &self.lookups {
            findings.extend(lookups.examine(provider).await);
        }
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
        let keys_of = |issuer: &IssuerUrl| found.get(issuer).cloned();
        let whole = self.whole(providers, token, now).await;
        diagnose(token, &accepted, &keys_of, now, whole)
    }

    /// What a login with the token says, where more is asked than the token.
    async fn whole(
        &self,
        providers: &[OidcProvider],
        token: &str,
        now: Timestamp,
    ) -> Option<Result<ExternalIdentity, OidcError>> {
        self.lookups.as_ref()?;
        let opaque = verify::is_opaque(token);
        let issuer = unverified_issuer(token).ok();
        let named = |one: &&OidcProvider| {
            Some(one.issuer.as_str()) == issuer.as_deref() || (opaque && providers.len() == 1)
        };
        let provider = providers.iter().find(named)?;
        Some(self.believe(provider, &Unverified::new(token.to_owned()), now).await)
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

    async fn groups(
        &self,
        provider: &OidcProvider,
        names: &[String],
    ) -> Result<Option<BTreeMap<String, String>>, LoginError> {
        let Some(lookups) = &self.lookups else { return Ok(None) };
        Ok(lookups.ids(provider, names).await?)
    }

    async fn left(
        &self,
        provider: &OidcProvider,
        token: &Unverified<String>,
        now: Timestamp,
    ) -> Result<Left, LoginError> {
        self.believe_logout(provider, token, now).await.map_err(|refusal| {
            let rule = refusal.rule();
            tracing::info!(provider = provider.arn.as_str(), rule, "a logout token is refused");
            LoginError::from(refusal)
        })
    }
}

#[cfg(test)]
mod logins_tests;
