//! A provider's keys from the network: discovery, the key set, and when they are asked for again.
//!
//! One flight per provider at a time; everyone else waits for it or goes on with what is held. A
//! storm of tokens with unknown key ids causes no more than one fetch per
//! [`CacheLimits::refetch_seconds_min`]. When the provider cannot be reached, keys go on being used
//! up to [`CacheLimits::keys_stale_seconds_max`] and not a second longer.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use audit::Clock;
use identity::IssuerUrl;
use names::Timestamp;
use reqwest::Url;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::config::CacheLimits;
use super::keys::KeySet;
use super::refusal::{DocumentFault, OidcError, ProviderDocument, excerpt};
use crate::egress::{EgressError, Fetch};
use crate::strict::parse_object;

/// How long a discovery document may be.
pub const DISCOVERY_BYTES_MAX: usize = 64 * 1024;
/// How long a key set may be.
pub const JWKS_BYTES_MAX: usize = 256 * 1024;
/// How long both documents may take together.
pub const DOCUMENTS_SECONDS_MAX: u64 = 4;

/// The address of a provider's key set, from its discovery document.
///
/// # Errors
/// The document is not strict JSON, its `issuer` is not exactly the provider's
/// (OpenID Connect Discovery §4.3), or its `jwks_uri` is not a URL.
pub fn parse_discovery(bytes: &[u8], issuer: &IssuerUrl) -> Result<Url, DocumentFault> {
    let document = parse_object(bytes)?;
    let text = |member: &'static str| {
        document.get(member).and_then(Value::as_str).ok_or(DocumentFault::Member(member))
    };
    let said = text("issuer")?;
    if said != issuer.as_str() {
        return Err(DocumentFault::Issuer(excerpt(said)));
    }
    let place = text("jwks_uri")?;
    Url::parse(place).map_err(|_| DocumentFault::Url(excerpt(place)))
}

/// Where a provider describes itself; a terminating `/` is removed first
/// (OpenID Connect Discovery §4.1).
fn discovery_url(issuer: &IssuerUrl) -> Result<Url, OidcError> {
    let base = issuer.as_str().strip_suffix('/').unwrap_or(issuer.as_str());
    Url::parse(&format!("{base}/.well-known/openid-configuration")).map_err(|_| {
        let cause = DocumentFault::Url(excerpt(issuer.as_str()));
        OidcError::Document { document: ProviderDocument::Discovery, cause }
    })
}

/// Keys as they are held, and which fetch brought them.
#[derive(Debug, Clone)]
pub struct Held {
    /// The keys.
    pub keys: Arc<KeySet>,
    /// How old they are.
    pub age_seconds: u64,
    generation: u64,
}

impl Held {
    /// Whether both came from the same fetch.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.generation == other.generation
    }
}

/// The keys of every provider that was asked for lately.
pub struct KeyCache {
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    limits: CacheLimits,
    slots: Mutex<HashMap<IssuerUrl, (Arc<Slot>, Duration)>>,
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCache").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl KeyCache {
    /// An empty cache.
    #[must_use]
    pub fn new(fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>, limits: CacheLimits) -> Self {
        Self { fetch, clock, limits, slots: Mutex::new(HashMap::new()) }
    }

    /// The provider's keys: what is held if fresh, else fetched, else what is held if not too old.
    /// Dropped midway, the next caller fetches.
    ///
    /// # Errors
    /// [`OidcError::Fetch`] or [`OidcError::Document`] if nothing usable is held.
    pub async fn keys(&self, issuer: &IssuerUrl) -> Result<Held, OidcError> {
        self.obtain(issuer, None).await
    }

    /// Keys newer than `held`, which did not suffice; `held` again if the provider was asked too
    /// short a time ago or has nothing newer to give.
    ///
    /// # Errors
    /// As [`KeyCache::keys`].
    pub async fn newer(&self, issuer: &IssuerUrl, held: &Held) -> Result<Held, OidcError> {
        self.obtain(issuer, Some(held.generation)).await
    }

    async fn obtain(&self, issuer: &IssuerUrl, spent: Option<u64>) -> Result<Held, OidcError> {
        let slot = self.slot(issuer);
        if let Some(answer) = slot.at_once(self.clock.monotonic(), &self.limits, spent) {
            return answer;
        }
        let ticket = slot.flight.acquire().await;
        // The semaphore is never closed; if it were, the fetch below would still be right.
        let _ticket = ticket.ok();
        let discovery = {
            let mut state = slot.state();
            let now = self.clock.monotonic();
            match state.next(now, &self.limits, spent) {
                Next::Use(held) => return Ok(held),
                Next::Refuse(error) => return Err(error),
                Next::Fetch => state.begin(now, &self.limits),
            }
        };
        let outcome = self.in_time(issuer, discovery).await;
        slot.state().finish(outcome, self.clock.monotonic(), &self.limits)
    }

    /// Both documents, in the time that whoever signs in has for them.
    async fn in_time(
        &self,
        issuer: &IssuerUrl,
        discovery: Option<Url>,
    ) -> Result<(Url, KeySet), OidcError> {
        let place = discovery.clone().map_or_else(|| discovery_url(issuer), Ok)?;
        let deadline = Duration::from_secs(DOCUMENTS_SECONDS_MAX);
        let asked = tokio::time::timeout(deadline, self.download(issuer, discovery)).await;
        asked.unwrap_or_else(|_| {
            let origin = place.origin().ascii_serialization();
            let cause = EgressError::Slow { origin, seconds: DOCUMENTS_SECONDS_MAX };
            Err(OidcError::Fetch { document: ProviderDocument::Keys, cause })
        })
    }

    async fn download(
        &self,
        issuer: &IssuerUrl,
        discovery: Option<Url>,
    ) -> Result<(Url, KeySet), OidcError> {
        let place = match discovery {
            Some(place) => place,
            None => {
                let document = ProviderDocument::Discovery;
                let url = discovery_url(issuer)?;
                let bytes = self.get(document, &url, DISCOVERY_BYTES_MAX).await?;
                parse_discovery(&bytes, issuer)
                    .map_err(|cause| OidcError::Document { document, cause })?
            }
        };
        let document = ProviderDocument::Keys;
        let bytes = self.get(document, &place, JWKS_BYTES_MAX).await?;
        let keys =
            KeySet::parse(&bytes).map_err(|cause| OidcError::Document { document, cause })?;
        for left_out in keys.ignored() {
            tracing::warn!(issuer = issuer.as_str(), cause = %left_out.cause, "a key is left out");
        }
        Ok((place, keys))
    }

    /// The provider's description of itself, asked for anew, and what time it says it is.
    /// Dropping it midway changes nothing.
    ///
    /// # Errors
    /// It cannot be had, or is no strict JSON.
    pub(super) async fn described(
        &self,
        issuer: &IssuerUrl,
    ) -> Result<(Map<String, Value>, Option<Timestamp>), OidcError> {
        let document = ProviderDocument::Discovery;
        let url = discovery_url(issuer)?;
        let bytes = self.get(document, &url, DISCOVERY_BYTES_MAX).await?;
        let parsed = parse_object(&bytes).map_err(DocumentFault::from);
        let described = parsed.map_err(|cause| OidcError::Document { document, cause })?;
        Ok((described, self.fetch.date(&url).await))
    }

    async fn get(
        &self,
        document: ProviderDocument,
        url: &Url,
        bytes_max: usize,
    ) -> Result<Vec<u8>, OidcError> {
        let failed = |cause| OidcError::Fetch { document, cause };
        self.fetch.fetch(url, bytes_max).await.map_err(failed)
    }

    fn slot(&self, issuer: &IssuerUrl) -> Arc<Slot> {
        let now = self.clock.monotonic();
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((slot, used)) = slots.get_mut(issuer) {
            *used = now;
            return Arc::clone(slot);
        }
        if slots.len() >= self.limits.providers_max {
            let oldest = slots.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(oldest) = oldest.map(|(issuer, _)| issuer.clone()) {
                slots.remove(&oldest);
            }
        }
        let slot = Arc::new(Slot { flight: Semaphore::new(1), state: Mutex::default() });
        slots.insert(issuer.clone(), (Arc::clone(&slot), now));
        slot
    }

    /// How many providers' keys are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One provider: the right to ask it, and what it said.
struct Slot {
    flight: Semaphore,
    state: Mutex<SlotState>,
}

impl Slot {
    /// The answer that needs no waiting. Who needs newer keys than those held waits for a flight
    /// that is under way; who does not goes on with stale ones rather than wait.
    fn at_once(
        &self,
        now: Duration,
        limits: &CacheLimits,
        spent: Option<u64>,
    ) -> Option<Result<Held, OidcError>> {
        let flying = self.flight.available_permits() == 0;
        let state = self.state();
        match state.next(now, limits, spent) {
            Next::Use(held) if flying && spent == Some(held.generation) => None,
            Next::Use(held) => Some(Ok(held)),
            Next::Refuse(error) => Some(Err(error)),
            Next::Fetch if flying && spent.is_none() => state.usable(now, limits).map(Ok),
            Next::Fetch => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, SlotState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct SlotState {
    generation: u64,
    keys: Option<(Arc<KeySet>, Duration)>,
    discovery: Option<(Url, Duration)>,
    attempted: Option<Duration>,
    failure: Option<OidcError>,
}

/// What to do for a caller.
enum Next {
    Use(Held),
    Refuse(OidcError),
    Fetch,
}

impl SlotState {
    fn next(&self, now: Duration, limits: &CacheLimits, spent: Option<u64>) -> Next {
        let usable = self.usable(now, limits);
        let suffices = spent != Some(self.generation);
        let fresh = usable.as_ref().is_some_and(|h| h.age_seconds < limits.keys_fresh_seconds);
        let asked_lately = self
            .attempted
            .is_some_and(|at| now.saturating_sub(at).as_secs() < limits.refetch_seconds_min);
        match (usable, &self.failure) {
            (Some(held), _) if (fresh && suffices) || asked_lately => Next::Use(held),
            (None, Some(failure)) if asked_lately => Next::Refuse(failure.clone()),
            _ => Next::Fetch,
        }
    }

    /// What is held, unless it is too old to be believed.
    fn usable(&self, now: Duration, limits: &CacheLimits) -> Option<Held> {
        let (keys, fetched) = self.keys.as_ref()?;
        let age_seconds = now.saturating_sub(*fetched).as_secs();
        (age_seconds < limits.keys_stale_seconds_max).then(|| Held {
            keys: Arc::clone(keys),
            age_seconds,
            generation: self.generation,
        })
    }

    /// Marks the attempt, and says where the keys are if that is known.
    fn begin(&mut self, now: Duration, limits: &CacheLimits) -> Option<Url> {
        self.attempted = Some(now);
        self.failure = None;
        let fresh = |(_, read): &(Url, Duration)| {
            now.saturating_sub(*read).as_secs() < limits.discovery_fresh_seconds
        };
        self.discovery = self.discovery.take().filter(fresh);
        self.discovery.as_ref().map(|(place, _)| place.clone())
    }

    fn finish(
        &mut self,
        outcome: Result<(Url, KeySet), OidcError>,
        now: Duration,
        limits: &CacheLimits,
    ) -> Result<Held, OidcError> {
        match outcome {
            Ok((place, keys)) => {
                self.generation = self.generation.saturating_add(1);
                self.keys = Some((Arc::new(keys), now));
                // A place that was already known keeps the age of its own discovery.
                self.discovery.get_or_insert((place, now));
            }
            Err(error) => {
                // The key set may have moved: ask where it is next time.
                self.discovery = None;
                self.failure = Some(error);
            }
        }
        match (self.usable(now, limits), &self.failure) {
            (Some(held), _) => Ok(held),
            (None, Some(failure)) => Err(failure.clone()),
            (None, None) => Err(OidcError::AmbiguousKey { candidates: 0 }),
        }
    }
}

#[cfg(test)]
mod tests;
