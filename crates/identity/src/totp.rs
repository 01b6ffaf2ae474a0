//! One-time codes (RFC 6238 over RFC 4226): six digits of HMAC-SHA1 over the number of the step of
//! 30 seconds that it is.

use std::str::FromStr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use names::Timestamp;

/// Seconds of one step (RFC 6238 §4, the default that every application has).
pub(crate) const STEP_SECONDS: u64 = 30;
/// How many steps a code may be off, either way (RFC 6238 §5.2: at most one).
const REACH_STEPS: u64 = 1;
/// How many steps a device's clock may be off when it shows two codes in a row: ten minutes.
const RESYNC_STEPS: u64 = 20;
/// Bytes of a seed: as long as the hash is (RFC 4226 §4, R6).
pub(crate) const SEED_BYTES: usize = 20;
/// What a code is smaller than: six digits.
const MODULUS: u32 = 1_000_000;

/// A code that somebody read off a device: six digits. Prints nothing of itself.
///
/// ```
/// use strongroom_identity::MfaCode;
/// let code: MfaCode = "012345".parse().unwrap();
/// assert_eq!(format!("{code:?}"), "MfaCode(..)");
/// assert!("12345".parse::<MfaCode>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct MfaCode([u8; 6]);

/// The text is not six digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a code is six digits")]
pub struct BadMfaCode;

impl FromStr for MfaCode {
    type Err = BadMfaCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: [u8; 6] = text.as_bytes().try_into().map_err(|_| BadMfaCode)?;
        if digits.iter().all(u8::is_ascii_digit) { Ok(Self(digits)) } else { Err(BadMfaCode) }
    }
}

impl std::fmt::Debug for MfaCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MfaCode(..)")
    }
}

/// The step that a moment is in.
pub(crate) fn step_of(now: Timestamp) -> u64 {
    u64::try_from(now.seconds()).unwrap_or(0) / STEP_SECONDS
}

/// The code of a step, as six digits (RFC 4226 §5.3).
pub(crate) fn code(seed: &[u8], step: u64) -> String {
    let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed), &step.to_be_bytes());
    let digest = tag.as_ref();
    let offset = usize::from(digest.last().copied().unwrap_or(0) & 0x0f);
    let four = digest.get(offset..).and_then(|rest| rest.first_chunk::<4>());
    let number = four.map_or(0, |four| u32::from_be_bytes(*four) & 0x7fff_ffff);
    format!("{:06}", number % MODULUS)
}

fn shows(seed: &[u8], step: u64, seen: &MfaCode) -> bool {
    verify_slices_are_equal(code(seed, step).as_bytes(), &seen.0).is_ok()
}

/// The step whose code this is, near `around` and after `last`: the newest, so that no code counts
/// twice.
pub(crate) fn near(seed: &[u8], seen: &MfaCode, around: u64, last: u64) -> Option<u64> {
    let from = around.saturating_sub(REACH_STEPS).max(last.saturating_add(1));
    (from..=around.saturating_add(REACH_STEPS)).rfind(|step| shows(seed, *step, seen))
}

/// The second of two steps in a row whose codes these are, within ten minutes of `around`; the
/// nearest.
pub(crate) fn in_a_row(seed: &[u8], seen: (&MfaCode, &MfaCode), around: u64) -> Option<u64> {
    let steps = around.saturating_sub(RESYNC_STEPS)..=around.saturating_add(RESYNC_STEPS);
    let seconds = steps.filter_map(|first| {
        let second = first.checked_add(1)?;
        (shows(seed, first, seen.0) && shows(seed, second, seen.1)).then_some(second)
    });
    seconds.min_by_key(|step| step.abs_diff(around))
}

/// The characters of base 32 (RFC 4648 §6).
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Bytes in base 32, without padding: a seed of 20 bytes needs none.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(8).div_ceil(5));
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        held = held.saturating_add(8);
        while held >= 5 {
            held = held.saturating_sub(5);
            text.push(character(bits >> held));
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        text.push(character(bits << (5_u32.saturating_sub(held))));
    }
    text
}

fn character(bits: u32) -> char {
    let index = usize::try_from(bits & 0x1f).unwrap_or(0);
    ALPHABET.get(index).map_or('A', |letter| char::from(*letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of RFC 6238, appendix B.
    const SEED: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, SHA1: the last six of eight digits.
        for (seconds, expected) in [
            (59_u64, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SEED, seconds / STEP_SECONDS), expected, "{seconds}");
        }
        // RFC 4226, appendix D.
        assert_eq!((code(SEED, 0), code(SEED, 9)), ("755224".to_owned(), "520489".to_owned()));
    }

    fn at(step: u64) -> MfaCode {
        code(SEED, step).parse().unwrap()
    }

    #[test]
    fn a_code_counts_one_step_either_side_and_not_two() {
        for (step, good) in [(98, false), (99, true), (100, true), (101, true), (102, false)] {
            assert_eq!(near(SEED, &at(step), 100, 0), good.then_some(step), "{step}");
        }
    }

    #[test]
    fn a_code_that_counted_and_those_before_it_count_no_more() {
        assert_eq!(near(SEED, &at(100), 100, 99), Some(100));
        assert_eq!(near(SEED, &at(100), 100, 100), None);
        assert_eq!(near(SEED, &at(99), 100, 100), None);
        assert_eq!(near(SEED, &at(101), 100, 100), Some(101));
    }

    #[test]
    fn two_codes_in_a_row_tell_how_far_a_clock_is_off_and_others_tell_nothing() {
        for step in [80, 100, 120] {
            assert_eq!(in_a_row(SEED, (&at(step), &at(step + 1)), 100), Some(step + 1));
        }
        assert_eq!(in_a_row(SEED, (&at(79), &at(80)), 100), None);
        assert_eq!(in_a_row(SEED, (&at(121), &at(122)), 100), None);
        assert_eq!(in_a_row(SEED, (&at(101), &at(100)), 100), None);
        assert_eq!(in_a_row(SEED, (&at(100), &at(102)), 100), None);
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        // RFC 4648 §10, without padding.
        for (plain, expected) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(plain.as_bytes()), expected);
        }
        assert_eq!(base32(SEED), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_is_six_digits() {
        assert!("000000".parse::<MfaCode>().is_ok());
        for bad in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert!(bad.parse::<MfaCode>().is_err(), "{bad}");
        }
    }
}
