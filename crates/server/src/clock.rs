//! The real clock and the real dice: the only ones in the product.

use std::cell::RefCell;
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

/// The generator of the library that all keys come from (aws-lc: CTR-DRBG of NIST SP 800-90A,
/// seeded by the operating system).
pub(crate) struct SystemRandom;

/// Bytes that a thread draws ahead: asking the generator costs more than what little each asks for.
const AHEAD_BYTES: usize = 1024;

/// What a thread has drawn and not given away.
struct Ahead {
    bytes: [u8; AHEAD_BYTES],
    left: usize,
}

thread_local! {
    static AHEAD: RefCell<Ahead> =
        const { RefCell::new(Ahead { bytes: [0; AHEAD_BYTES], left: 0 }) };
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > AHEAD_BYTES / 8 {
            return draw(bytes);
        }
        AHEAD.with_borrow_mut(|ahead| ahead.give(bytes));
    }
}

impl Ahead {
    /// Gives away bytes that nobody was given, and keeps no copy of them: they become keys.
    fn give(&mut self, to: &mut [u8]) {
        if self.left < to.len() {
            draw(&mut self.bytes);
            self.left = AHEAD_BYTES;
        }
        let rest = self.left.saturating_sub(to.len());
        for (to, from) in to.iter_mut().zip(self.bytes.iter_mut().skip(rest)) {
            *to = std::mem::take(from);
        }
        self.left = rest;
    }
}

fn draw(bytes: &mut [u8]) {
    if aws_lc_rs::rand::fill(bytes).is_err() {
        // Nothing this server promises can be kept without randomness.
        tracing::error!("the operating system gives no random bytes");
        std::process::abort();
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
        check(&bytes);
        // As secrets are drawn: a few bytes each time.
        bytes.chunks_mut(30).for_each(|few| SystemRandom.fill(few));
        check(&bytes);
    }

    #[test]
    fn what_was_given_away_is_kept_nowhere() {
        let mut ahead = Ahead { bytes: [0; AHEAD_BYTES], left: 0 };
        let mut given = [0; 40];
        for _ in 0..AHEAD_BYTES {
            ahead.give(&mut given);
            assert!(given != [0; 40], "nobody is given what is not drawn");
            let rest = ahead.left;
            assert!(ahead.bytes[rest..].iter().all(|byte| *byte == 0));
        }
    }

    fn check(bytes: &[u8]) {
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
