//! Who is connected, and who may connect: places for connections in all and by address, and the
//! TLS handshakes that may begin in a second.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::config::Limits;
use crate::telemetry::{CONNECTIONS, Limit, past};

/// How many addresses' buckets are kept before those that are full again are thrown away.
const BUCKETS_MAX: usize = 4096;

/// Who is connected to one listener.
pub(super) struct Census {
    limits: Limits,
    counts: Mutex<Counts>,
}

/// Kept under one lock: how many there are, whence, and how much each address may still do.
#[derive(Default)]
struct Counts {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
    handshakes: Option<Bucket>,
    handshakes_by_address: HashMap<IpAddr, Bucket>,
}

/// One counted connection; leaving is dropping it.
pub(super) struct Place {
    census: Arc<Census>,
    address: Option<IpAddr>,
}

impl Census {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, counts: Mutex::default() }
    }

    /// A place for one more connection, if there is one.
    pub(super) fn enter(census: &Arc<Self>) -> Option<Place> {
        let mut counts = census.lock();
        if counts.total >= census.limits.connections {
            past(Limit::Connections);
            return None;
        }
        counts.total += 1;
        metrics::gauge!(CONNECTIONS).increment(1.0);
        Some(Place { census: Arc::clone(census), address: None })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Counts it as one of `address`, unless that has enough.
    pub(super) fn of(&mut self, address: IpAddr) -> bool {
        let address = neighbourhood(address);
        let mut counts = self.census.lock();
        let here = counts.by_address.entry(address).or_default();
        if *here >= self.census.limits.connections_per_address {
            past(Limit::ConnectionsPerAddress);
            return false;
        }
        *here += 1;
        drop(counts);
        self.address = Some(address);
        true
    }

    /// Whether a TLS handshake may begin now. `now` is monotonic.
    pub(super) fn may_shake(&self, now: Duration) -> bool {
        let mut counts = self.census.lock();
        let limits = &self.census.limits;
        if let Some(address) = self.address {
            let buckets = &mut counts.handshakes_by_address;
            if buckets.len() >= BUCKETS_MAX {
                buckets.retain(|_, bucket| !bucket.is_full(now));
            }
            let rate = limits.handshakes_per_address;
            // More strangers at once than can be told apart share the limit for all.
            let known = buckets.len() < BUCKETS_MAX || buckets.contains_key(&address);
            let mut take =
                || buckets.entry(address).or_insert_with(|| Bucket::full(rate, now)).take(now);
            if known && !take() {
                past(Limit::HandshakesPerAddress);
                return false;
            }
        }
        let rate = limits.handshakes_per_second;
        let taken = counts.handshakes.get_or_insert_with(|| Bucket::full(rate, now)).take(now);
        if !taken {
            past(Limit::Handshakes);
        }
        taken
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.census.lock();
        counts.total = counts.total.saturating_sub(1);
        if let Some(address) = self.address
            && let Some(count) = counts.by_address.get_mut(&address)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.by_address.remove(&address);
            }
        }
        metrics::gauge!(CONNECTIONS).decrement(1.0);
    }
}

/// What counts as one address: whoever has an IPv6 address has its /64 network.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let network = u128::from(address) & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from(network))
        }
    }
}

/// So many a second, and as many at once.
struct Bucket {
    rate: u32,
    /// Millionths of what may be taken.
    level: u64,
    at: Duration,
}

/// One, in the unit of the level.
const ONE: u64 = 1_000_000;

impl Bucket {
    fn full(rate: u32, now: Duration) -> Self {
        Self { rate, level: Self::brim(rate), at: now }
    }

    fn brim(rate: u32) -> u64 {
        u64::from(rate).saturating_mul(ONE)
    }

    fn fill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_micros();
        let more = u64::try_from(passed).unwrap_or(u64::MAX).saturating_mul(u64::from(self.rate));
        self.level = self.level.saturating_add(more).min(Self::brim(self.rate));
        self.at = self.at.max(now);
    }

    fn take(&mut self, now: Duration) -> bool {
        self.fill(now);
        let Some(left) = self.level.checked_sub(ONE) else { return false };
        self.level = left;
        true
    }

    fn is_full(&mut self, now: Duration) -> bool {
        self.fill(now);
        self.level == Self::brim(self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Layers, Origin};

    fn census(pairs: &[(&str, &str)]) -> Arc<Census> {
        let mut layers = Layers::defaults();
        for (key, value) in pairs {
            layers.set(key, value, Origin::Flag).unwrap();
        }
        let config = Config::build(std::path::Path::new("data"), &layers).unwrap();
        Arc::new(Census::new(config.limits))
    }

    fn place(census: &Arc<Census>, address: &str) -> Option<Place> {
        let mut place = Census::enter(census)?;
        place.of(address.parse().unwrap()).then_some(place)
    }

    /// corpus: NET-17
    /// oracle: answer, twin, cost
    #[test]
    fn the_last_place_is_given_and_one_past_it_is_not() {
        let census = census(&[("limits.connections", "3")]);
        let places: Vec<_> = (0..3).filter_map(|_| place(&census, "127.0.0.1")).collect();
        assert_eq!(places.len(), 3);
        assert!(place(&census, "127.0.0.2").is_none());
        drop(places);
        assert!(place(&census, "127.0.0.2").is_some(), "a place that was left is free");
    }

    #[test]
    fn an_address_gets_its_last_place_and_not_one_past_it() {
        let census = census(&[("limits.connections_per_address", "2")]);
        let first = place(&census, "127.0.0.1");
        let second = place(&census, "127.0.0.1");
        assert!(first.is_some() && second.is_some());
        assert!(place(&census, "127.0.0.1").is_none());
        assert!(place(&census, "127.0.0.2").is_some(), "another address has places of its own");
        drop(first);
        assert!(place(&census, "127.0.0.1").is_some());
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let census = census(&[("limits.connections_per_address", "1")]);
        let first = place(&census, "2001:db8::1");
        assert!(first.is_some());
        assert!(place(&census, "2001:db8::2").is_none());
        assert!(place(&census, "2001:db8:0:1::1").is_some());
        let mapped = place(&census, "::ffff:192.0.2.1");
        assert!(mapped.is_some());
        assert!(place(&census, "192.0.2.1").is_none(), "a mapped address is the one it maps");
    }

    #[test]
    fn as_many_handshakes_begin_in_a_second_as_the_limit_says() {
        let census = census(&[
            ("limits.handshakes_per_second", "3"),
            ("limits.handshakes_per_address", "2"),
        ]);
        let one = place(&census, "127.0.0.1").unwrap();
        let other = place(&census, "127.0.0.2").unwrap();
        let now = Duration::from_secs(100);
        assert!(one.may_shake(now) && one.may_shake(now));
        assert!(!one.may_shake(now), "two of one address");
        assert!(other.may_shake(now));
        assert!(!other.may_shake(now), "three in all");
        let half = now + Duration::from_millis(500);
        assert!(one.may_shake(half), "half a second is half of them");
        assert!(!one.may_shake(half));
        let later = now + Duration::from_secs(60);
        assert!(one.may_shake(later) && one.may_shake(later));
        assert!(!one.may_shake(later), "what was not used is not saved up");
    }

    #[test]
    fn a_clock_that_stands_still_or_goes_back_gives_nothing_away() {
        let mut bucket = Bucket::full(1, Duration::from_secs(5));
        assert!(bucket.take(Duration::from_secs(5)));
        assert!(!bucket.take(Duration::from_secs(4)));
        assert!(!bucket.take(Duration::from_secs(5)));
        assert!(bucket.take(Duration::from_secs(6)));
    }
}
