//! How many proofs of strangers are verified at the same time: public keys cost more than anything
//! else that somebody without a credential can make the server do.

use std::sync::Arc;

use async_trait::async_trait;
use identity::{ExternalIdentity, LoginError, LoginProvider, OidcProvider, Unverified};
use names::Timestamp;
use tokio::sync::Semaphore;

use crate::telemetry::{Limit, past};

/// A login provider that verifies so many tokens at the same time and refuses the others.
pub(crate) struct Bounded<P> {
    provider: Arc<P>,
    places: Semaphore,
}

impl<P> Bounded<P> {
    /// At most `verifications` at the same time.
    pub(crate) fn new(provider: Arc<P>, verifications: usize) -> Self {
        let places = Semaphore::new(verifications.min(Semaphore::MAX_PERMITS));
        Self { provider, places }
    }
}

#[async_trait]
impl<P: LoginProvider> LoginProvider for Bounded<P> {
    async fn verify(
        &self,
        provider: &OidcProvider,
        token: &Unverified<String>,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LoginError> {
        let Ok(_place) = self.places.try_acquire() else {
            past(Limit::Verifications);
            return Err(LoginError::Busy);
        };
        self.provider.verify(provider, token, now).await
    }
}
