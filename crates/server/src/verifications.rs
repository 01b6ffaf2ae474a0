//! How many proofs of strangers are verified at the same time: public keys cost more than anything
//! else that somebody without a credential can make the server do.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use identity::{
    ExternalIdentity, Left, LoginError, LoginProvider, OidcProvider, TypedPassword, Unverified,
};
use names::Timestamp;
use tokio::sync::Semaphore;

use crate::telemetry::{Limit, past};

/// A login provider that verifies so many tokens at the same time and refuses the others.
pub(crate) struct Bounded<P> {
    provider: Arc<P>,
    places: Semaphore,
    /// Those of passwords, which wait for a directory: a slow one must not hold up tokens.
    waiting: Semaphore,
}

impl<P> Bounded<P> {
    /// At most `verifications` at the same time.
    pub(crate) fn new(provider: Arc<P>, verifications: usize) -> Self {
        let places = Semaphore::new(verifications.min(Semaphore::MAX_PERMITS));
        let waiting = Semaphore::new(verifications.min(Semaphore::MAX_PERMITS));
        Self { provider, places, waiting }
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

    async fn left(
        &self,
        provider: &OidcProvider,
        token: &Unverified<String>,
        now: Timestamp,
    ) -> Result<Left, LoginError> {
        let Ok(_place) = self.places.try_acquire() else {
            past(Limit::Verifications);
            return Err(LoginError::Busy);
        };
        self.provider.left(provider, token, now).await
    }

    async fn sign_in(
        &self,
        provider: &OidcProvider,
        typed: &TypedPassword,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LoginError> {
        let Ok(_place) = self.waiting.try_acquire() else {
            past(Limit::Verifications);
            return Err(LoginError::Busy);
        };
        self.provider.sign_in(provider, typed, now).await
    }

    async fn groups(
        &self,
        provider: &OidcProvider,
        names: &[String],
    ) -> Result<Option<BTreeMap<String, String>>, LoginError> {
        self.provider.groups(provider, names).await
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Notify;

    use super::*;

    /// Believes nobody, once it is told to go on.
    #[derive(Default)]
    struct Slow(Notify);

    #[async_trait]
    impl LoginProvider for Slow {
        async fn verify(
            &self,
            _: &OidcProvider,
            _: &Unverified<String>,
            _: Timestamp,
        ) -> Result<ExternalIdentity, LoginError> {
            self.0.notified().await;
            Err(LoginError::Signature)
        }
    }

    fn provider() -> OidcProvider {
        OidcProvider {
            arn: "arn:aws:iam::111122223333:oidc-provider/idp.example".parse().unwrap(),
            account: "111122223333".parse().unwrap(),
            issuer: "https://idp.example".parse().unwrap(),
            client_ids: ["store".to_owned()].into(),
            thumbprints: Vec::new(),
            name: "idp".parse().unwrap(),
            claims: identity::ClaimSettings::default(),
            rules: Vec::new(),
            trust: None,
            tags: identity::ops::Tags::default(),
            session_seconds_max: None,
            created: Timestamp::from_seconds(0).unwrap(),
            incarnation: names::Revision(1),
        }
    }

    /// corpus: NET-17
    /// oracle: answer, twin, cost
    #[tokio::test]
    async fn as_many_tokens_are_verified_at_once_as_the_limit_says_and_one_more_is_refused() {
        let slow = Arc::new(Slow::default());
        let bounded = Bounded::new(Arc::clone(&slow), 2);
        let (provider, token) = (provider(), Unverified::new(String::new()));
        let now = Timestamp::from_seconds(0).unwrap();
        let verify = || bounded.verify(&provider, &token, now);
        let two = async { tokio::join!(verify(), verify()) };
        let third = async {
            let third = verify().await;
            slow.0.notify_waiters();
            third
        };
        let ((first, second), third) = tokio::join!(two, third);
        assert!(matches!(third, Err(LoginError::Busy)), "{third:?}");
        assert!(matches!(first, Err(LoginError::Signature)), "the last place is a place");
        assert!(matches!(second, Err(LoginError::Signature)));
        slow.0.notify_one();
        assert!(matches!(verify().await, Err(LoginError::Signature)), "places are given back");
    }
}
