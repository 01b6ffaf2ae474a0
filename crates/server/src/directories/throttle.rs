//! How often names and passwords may be tried: so many wrong ones of a name, and of an address, in
//! so long.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use audit::Clock;
use identity::{OidcProvider, TypedPassword};

/// Most failures of one name within the time.
const FAILURES_OF_NAME_MAX: u32 = 10;
/// Most failures from one address within the time: many people share one.
const FAILURES_OF_ADDRESS_MAX: u32 = 100;
/// How long failures count.
const FAILURES_SECONDS: u64 = 60;
/// Most names and addresses that are remembered; beyond it those with the fewest failures are
/// forgotten first, so that nobody loses a count to names that somebody made up.
const REMEMBERED_MAX: usize = 100_000;

/// Somebody who tries, counted as if it failed until it is known that it did not. One that is
/// dropped midway stays counted.
pub(super) struct Attempt {
    name: String,
    address: Option<String>,
    /// The person whom the directory found under that name, once it has.
    person: Mutex<Option<String>>,
}

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

    /// An attempt, unless too many failed just now or are under way. However a name is written it
    /// is one name here, as it is to directories.
    pub(super) fn attempt(
        &self,
        provider: &OidcProvider,
        typed: &TypedPassword,
    ) -> Option<Attempt> {
        let words: Vec<&str> = typed.name.split_whitespace().collect();
        let name = words.join(" ").to_lowercase();
        let name = format!("name {} {name}", provider.arn);
        let address = typed.from.map(|address| format!("address {}", network(address)));
        let mut keys = vec![(name.as_str(), FAILURES_OF_NAME_MAX)];
        keys.extend(address.as_deref().map(|address| (address, FAILURES_OF_ADDRESS_MAX)));
        self.count(&keys).then(|| Attempt { name, address, person: Mutex::default() })
    }

    /// Whether whoever the directory found may be shown a password: names of one person have one
    /// count.
    pub(super) fn admits(&self, attempt: &Attempt, provider: &OidcProvider, person: &str) -> bool {
        let key = format!("person {} {person}", provider.arn);
        let admitted = self.count(&[(&key, FAILURES_OF_NAME_MAX)]);
        if admitted {
            *attempt.person.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
        }
        admitted
    }

    /// Counts one for each of these, if none has too many.
    fn count(&self, keys: &[(&str, u32)]) -> bool {
        let now = self.now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let room = |(key, most): &(&str, u32)| {
            failures.get(*key).is_none_or(|own| !own.counts(now) || own.count < *most)
        };
        if !keys.iter().all(room) {
            return false;
        }
        if failures.len() >= REMEMBERED_MAX {
            make_room(&mut failures, now);
        }
        for (key, _) in keys {
            let fresh = Failures { count: 0, since: now };
            let own = failures.entry((*key).to_owned()).or_insert(fresh);
            if !own.counts(now) {
                *own = fresh;
            }
            own.count = own.count.saturating_add(1);
        }
        true
    }

    /// It was the right password, so this one was no failure. What failed before it stands, of the
    /// name as of the address: one who guesses must not gain by the sign-ins of whom they guess at.
    pub(super) fn succeeded(&self, attempt: &Attempt) {
        self.take_back(attempt);
    }

    /// Nobody knows whether it was: it was no guess.
    pub(super) fn unanswered(&self, attempt: &Attempt) {
        self.take_back(attempt);
    }

    fn take_back(&self, attempt: &Attempt) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let person = attempt.person();
        for key in [Some(attempt.name.as_str()), person.as_deref(), attempt.address.as_deref()] {
            give_back(&mut failures, key);
        }
    }

    fn now(&self) -> u64 {
        self.clock.monotonic().as_secs()
    }
}

/// Forgets what does not count any more, and then, as long as there are too many, whatever has the
/// fewest failures.
fn make_room(failures: &mut HashMap<String, Failures>, now: u64) {
    failures.retain(|_, own| own.counts(now));
    for few in 1..=FAILURES_OF_ADDRESS_MAX {
        if failures.len() < REMEMBERED_MAX {
            return;
        }
        failures.retain(|_, own| own.count > few);
    }
}

/// What is counted as one address: of IPv6 the network that one machine chooses from (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => four.into(),
            None => Ipv6Addr::from_bits(six.to_bits() >> 64 << 64).into(),
        },
    }
}

fn give_back(failures: &mut HashMap<String, Failures>, key: Option<&str>) {
    if let Some(own) = key.and_then(|key| failures.get_mut(key)) {
        own.count = own.count.saturating_sub(1);
    }
}

impl Attempt {
    fn person(&self) -> Option<String> {
        self.person.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
            assert!(throttle.attempt(&provider, &typed(name, 1)).is_some());
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
            assert!(throttle.attempt(&provider, &typed(&format!("u{at}"), 1)).is_some());
            if at == 5 {
                let own = throttle.attempt(&provider, &typed("mallory", 1)).unwrap();
                throttle.succeeded(&own);
            }
        }
        assert!(throttle.attempt(&provider, &typed("fresh", 1)).is_none());
        assert!(throttle.attempt(&provider, &typed("fresh", 2)).is_some());
    }

    /// corpus: LDP-07
    /// oracle: answer, twin
    #[test]
    fn guesses_sent_at_once_are_no_more_than_guesses_sent_one_by_one() {
        let throttle = Throttle::new(Arc::new(Hand(AtomicU64::new(0))));
        let provider = provider();
        let attempts: Vec<Option<Attempt>> =
            (0..50).map(|_| throttle.attempt(&provider, &typed("alice", 1))).collect();
        let begun: Vec<&Attempt> = attempts.iter().flatten().collect();
        assert_eq!(begun.len(), usize::try_from(FAILURES_OF_NAME_MAX).unwrap());
        // A directory that did not answer was shown nothing: that is given back.
        throttle.unanswered(begun[0]);
        assert!(throttle.attempt(&provider, &typed("alice", 1)).is_some());
        assert!(throttle.attempt(&provider, &typed("alice", 1)).is_none());
        // The right password among them is no failure, and the others stay what they are.
        throttle.succeeded(begun[1]);
        assert!(throttle.attempt(&provider, &typed("alice", 1)).is_some());
        assert!(throttle.attempt(&provider, &typed("alice", 1)).is_none());
    }

    /// corpus: LDP-07
    /// oracle: answer, twin
    #[test]
    fn who_signs_in_again_and_again_lets_nobody_guess_more_at_them() {
        let throttle = Throttle::new(Arc::new(Hand(AtomicU64::new(0))));
        let provider = provider();
        let mut guesses = 0;
        for _ in 0..50 {
            if let Some(own) = throttle.attempt(&provider, &typed("alice", 1)) {
                assert!(throttle.admits(&own, &provider, "id-of-alice"));
                throttle.succeeded(&own);
            }
            let guess = throttle.attempt(&provider, &typed("alice", 2));
            guesses +=
                u32::from(guess.is_some_and(|g| throttle.admits(&g, &provider, "id-of-alice")));
        }
        assert_eq!(guesses, FAILURES_OF_NAME_MAX);
        // Without guesses, they sign in as often as they like.
        for _ in 0..50 {
            let own = throttle.attempt(&provider, &typed("bob", 3)).unwrap();
            throttle.succeeded(&own);
        }
    }

    /// corpus: LDP-07
    /// oracle: answer, twin, cost
    #[test]
    fn names_that_somebody_makes_up_clear_nobodys_count() {
        let throttle = Throttle::new(Arc::new(Hand(AtomicU64::new(0))));
        let provider = provider();
        for _ in 0..FAILURES_OF_NAME_MAX {
            assert!(throttle.attempt(&provider, &typed("alice", 1)).is_some());
        }
        let from =
            |number: usize| Some(Ipv6Addr::from_bits(u128::try_from(number).unwrap() << 64).into());
        for number in 0..REMEMBERED_MAX {
            let typed = TypedPassword { from: from(number), ..typed(&format!("n{number}"), 1) };
            assert!(throttle.attempt(&provider, &typed).is_some());
        }
        let remembered = throttle.failures.lock().unwrap().len();
        assert!(remembered <= REMEMBERED_MAX + 1, "{remembered}");
        assert!(throttle.attempt(&provider, &typed("alice", 9)).is_none());
        assert!(throttle.attempt(&provider, &typed("bob", 9)).is_some());
    }

    #[test]
    fn one_machine_is_one_address_whichever_of_its_own_it_uses() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:0:1::5"), of("2001:db8:0:1:ffff::9"));
        assert_ne!(of("2001:db8:0:1::5"), of("2001:db8:0:2::5"));
        assert_eq!(of("::ffff:10.0.0.1"), "10.0.0.1");
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
    }

    /// corpus: LDP-04, LDP-07
    /// oracle: answer, twin
    #[test]
    fn the_names_of_one_person_have_one_count_and_those_of_another_their_own() {
        let throttle = Throttle::new(Arc::new(Hand(AtomicU64::new(0))));
        let provider = provider();
        let admitted = |name: &str, person: &str| {
            let attempt = throttle.attempt(&provider, &typed(name, 1)).unwrap();
            throttle.admits(&attempt, &provider, person)
        };
        let aliases = ["alice", "alice@corp.example"];
        for at in 0..usize::try_from(FAILURES_OF_NAME_MAX).unwrap() {
            assert!(admitted(aliases[at % 2], "id-of-alice"), "{at}");
        }
        for name in aliases {
            assert!(!admitted(name, "id-of-alice"), "{name}");
        }
        assert!(admitted("bob", "id-of-bob"));
    }
}
