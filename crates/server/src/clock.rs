//! The real clock and the real dice: the only ones in the product.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use audit::{Clock, Random};
use names::Timestamp;

/// The machine's clocks.
pub(crate) struct SystemClock {
    started: Instant,
}

impl SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
    pub(crate) fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(millis).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The operating system's generator.
pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            // Nothing this server promises can be kept without randomness.
            tracing::error!("the operating system gives no random bytes");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const BYTES: usize = 1 << 20;

    /// Whether a count is within eight standard deviations of what is expected: a source that is
    /// even fails once in 10^15 runs.
    fn is_even(count: usize, expected: f64, deviation: f64) -> bool {
        (f64::from(u32::try_from(count).unwrap()) - expected).abs() <= 8.0 * deviation
    }

    /// Monobit, runs and the frequency of each byte (NIST SP 800-22 §2.1, §2.3, and the serial test
    /// of §2.11 on whole bytes), over 2^23 bits.
    ///
    /// oracle: secrets
    #[test]
    fn sec_08_the_source_of_secrets_is_even_and_never_says_the_same_twice() {
        let mut bytes = vec![0; BYTES];
        SystemRandom.fill(&mut bytes);
        let bits = 8.0 * f64::from(u32::try_from(BYTES).unwrap());
        let ones = bytes.iter().map(|byte| byte.count_ones() as usize).sum();
        assert!(is_even(ones, bits / 2.0, bits.sqrt() / 2.0), "{ones} ones");
        let within = |byte: &u8| ((byte ^ (byte >> 1)) & 0x7f).count_ones() as usize;
        let between = |pair: &[u8]| usize::from((pair[0] & 1) != (pair[1] >> 7));
        let inner: usize = bytes.iter().map(within).sum();
        let runs = inner + bytes.windows(2).map(between).sum::<usize>();
        assert!(is_even(runs, bits / 2.0, bits.sqrt() / 2.0), "{runs} runs");
        let mut counts = [0_usize; 256];
        bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
        let expected = bits / 8.0 / 256.0;
        for (byte, count) in counts.into_iter().enumerate() {
            assert!(is_even(count, expected, expected.sqrt()), "{byte} came {count} times");
        }
        let blocks: BTreeSet<&[u8]> = bytes.chunks(16).collect();
        assert_eq!(blocks.len(), BYTES / 16, "a block of 128 bits came twice");
    }
}
