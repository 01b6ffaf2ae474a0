//! How often names and passwords may be tried: so many wrong ones of a name, and of an address, in
//! so long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use audit::Clock;
use identity::{OidcProvider, TypedPassword};

/// Most failures of one name within the time.
const FAILURES_OF_NAME_MAX: u32 = 10;
/// Most failures from one address within the time: many people share one.
const FAILURES_OF_ADDRESS_MAX: u32 = 100;
/// How long failures count.
const FAILURES_SECONDS: u64 = 60;
/// Most names and addresses that are remembered; beyond it all old ones are forgotten first.
const REMEMBERED_MAX: usize = 100_000;

/// Who tries.
pub(super) struct Attempt(Vec<(String, u32)>);

/// Counts failures.
pub(super) struct Throttle {
    clock: Arc<dyn Clock>,
    failures: Mutex<HashMap<String, Failures>>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    since: u64,
}

impl Throttle {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, failures: Mutex::new(HashMap::new()) }
    }

    /// An attempt, unless too many failed just now. However a name is written it is one name here,
    /// as it is to directories.
    pub(super) fn attempt(
        &self,
        provider: &OidcProvider,
        typed: &TypedPassword,
    ) -> Option<Attempt> {
        let words: Vec<&str> = typed.name.split_whitespace().collect();
        let name = words.join(" ").to_lowercase();
        let mut who = vec![(format!("{} {name}", provider.arn), FAILURES_OF_NAME_MAX)];
        let address = typed.from.map(|address| (address.to_string(), FAILURES_OF_ADDRESS_MAX));
        who.extend(address);
        let now = self.now();
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let open = who.iter().all(|(key, most)| {
            failures.get(key).is_none_or(|own| !own.counts(now) || own.count < *most)
        });
        open.then_some(Attempt(who))
    }

    pub(super) fn succeeded(&self, attempt: &Attempt) {
        // What the address did before stands: one right password must not open it for guesses.
        let name = attempt.0.first().map(|(key, _)| key);
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        name.and_then(|key| failures.remove(key));
    }

    pub(super) fn failed(&self, attempt: &Attempt) {
        let now = self.now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED_MAX {
            failures.retain(|_, own| own.counts(now));
        }
        if failures.len() >= REMEMBERED_MAX {
            failures.clear();
        }
        for (key, _) in &attempt.0 {
            let own = failures.entry(key.clone()).or_insert(Failures { count: 0, since: now });
            if !own.counts(now) {
                *own = Failures { count: 0, since: now };
            }
            own.count = own.count.saturating_add(1);
        }
    }

    fn now(&self) -> u64 {
        self.clock.monotonic().as_secs()
    }
}

impl Failures {
    fn counts(self, now: u64) -> bool {
        now.saturating_sub(self.since) < FAILURES_SECONDS
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use names::{SecretBytes, Timestamp};

    use super::*;

    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(0).unwrap()
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::SeqCst))
        }
    }

    fn provider() -> OidcProvider {
        serde_json::from_value(serde_json::json!({
            "arn": "arn:aws:iam::111122223333:oidc-provider/ldap/corp",
            "account": "111122223333", "issuer": "ldap://ldap/corp", "client_ids": [],
            "thumbprints": [], "name": "corp", "claims": {}, "rules": [], "trust": null,
            "tags": {}, "created": "2026-01-01T00:00:00Z", "incarnation": 1,
        }))
        .unwrap()
    }

    fn typed(name: &str, from: u8) -> TypedPassword {
        let password = SecretBytes::new(b"x".to_vec());
        TypedPassword { name: name.to_owned(), password, from: Some([10, 0, 0, from].into()) }
    }

    /// corpus: LDP-06, LDP-07
    /// oracle: answer, twin
    #[test]
    fn after_so_many_failures_a_name_waits_however_it_is_written_and_another_does_not() {
        let clock = Arc::new(Hand(AtomicU64::new(1000)));
        let throttle = Throttle::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let provider = provider();
        let spelled = ["alice", "ALICE", " alice", "Alice "];
        for at in 0..FAILURES_OF_NAME_MAX {
            let name = spelled[usize::try_from(at).unwrap() % spelled.len()];
            let attempt = throttle.attempt(&provider, &typed(name, 1)).unwrap();
            throttle.failed(&attempt);
        }
        for name in spelled {
            assert!(throttle.attempt(&provider, &typed(name, 2)).is_none(), "{name}");
        }
        assert!(throttle.attempt(&provider, &typed("bob", 1)).is_some());
        clock.0.fetch_add(FAILURES_SECONDS, Ordering::SeqCst);
        assert!(throttle.attempt(&provider, &typed("alice", 1)).is_some());
    }

    #[test]
    fn an_address_that_tries_many_names_waits_and_a_success_does_not_clear_it() {
        let clock = Arc::new(Hand(AtomicU64::new(0)));
        let throttle = Throttle::new(clock);
        let provider = provider();
        for at in 0..FAILURES_OF_ADDRESS_MAX {
            let attempt = throttle.attempt(&provider, &typed(&format!("u{at}"), 1)).unwrap();
            throttle.failed(&attempt);
            if at == 5 {
                let own = throttle.attempt(&provider, &typed("mallory", 1)).unwrap();
                throttle.succeeded(&own);
            }
        }
        assert!(throttle.attempt(&provider, &typed("fresh", 1)).is_none());
        assert!(throttle.attempt(&provider, &typed("fresh", 2)).is_some());
    }
}
