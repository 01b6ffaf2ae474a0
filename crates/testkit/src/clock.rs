//! A clock that moves when it is told to.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use audit::Clock;
use names::Timestamp;

/// A [`Clock`] at a given time; it stands still until it is moved.
///
/// ```
/// use audit::Clock;
/// use names::Timestamp;
/// use strongroom_testkit::FakeClock;
/// let clock = FakeClock::at(Timestamp::from_seconds(1_700_000_000).unwrap());
/// clock.advance(std::time::Duration::from_secs(60));
/// assert_eq!(clock.now(), Timestamp::from_seconds(1_700_000_060).unwrap());
/// assert_eq!(clock.monotonic().as_secs(), 60);
/// ```
#[derive(Debug)]
pub struct FakeClock {
    /// Time of day and time since the start, moved together by `advance`.
    hands: Mutex<(Timestamp, Duration)>,
}

impl FakeClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { hands: Mutex::new((now, Duration::ZERO)) }
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands.lock().unwrap_or_else(PoisonError::into_inner);
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        *hands = (hands.0.plus_millis(millis), hands.1.saturating_add(by));
    }

    /// Sets the time of day, as an operator or NTP would: the monotonic time does not move.
    pub fn set(&self, now: Timestamp) {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner).0 = now;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn monotonic(&self) -> Duration {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}
