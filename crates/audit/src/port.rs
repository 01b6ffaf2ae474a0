//! The two ports through which time and chance enter: nothing else in the product reads a clock or
//! throws dice.

use std::time::Duration;

use names::Timestamp;

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The time of day. May step backwards when an operator or NTP sets it.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment. Never goes backwards; for measuring durations and leases.
    fn monotonic(&self) -> Duration;
}

/// Where chance comes from.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes` from a cryptographically secure generator.
    fn fill(&self, bytes: &mut [u8]);
}
