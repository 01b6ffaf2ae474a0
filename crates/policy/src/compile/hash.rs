//! Hashes for tables that are never told to anybody: quick, and blind to the case of letters.
//! Whatever they find is compared before it counts.

/// An odd number without a pattern in its bits.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
/// The bit in which letters differ by case.
const CASE: u64 = 0x2020_2020_2020_2020;

/// Adds a word.
#[inline]
pub(crate) const fn mix(state: u64, word: u64) -> u64 {
    (state.rotate_left(29) ^ word).wrapping_mul(FACTOR)
}

/// Adds bytes, and how many they are.
#[inline]
pub(crate) const fn bytes(state: u64, bytes: &[u8]) -> u64 {
    let (mut state, mut rest) = (state, bytes);
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        state = mix(state, u64::from_le_bytes(*word) | CASE);
        rest = behind;
    }
    let tail = match (bytes.last_chunk::<8>(), rest) {
        (_, []) => 0,
        // What was added already is added again: that is quicker than one byte at a time.
        (Some(last), _) => u64::from_le_bytes(*last) | CASE,
        (None, rest) => few(rest) | CASE,
    };
    mix(state ^ (bytes.len() as u64), tail)
}

/// Adds a word of eight bytes.
#[inline]
pub(crate) const fn with_word(state: u64, word: u64) -> u64 {
    mix(state, word | CASE)
}

/// Adds the last bytes of so many, zeros behind them.
#[inline]
pub(crate) const fn with_length(state: u64, word: u64, length: usize) -> u64 {
    mix(state ^ (length as u64), word | CASE)
}

/// Up to seven bytes as one word.
#[inline]
const fn few(bytes: &[u8]) -> u64 {
    let word = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>(), bytes) {
        (Some([a, b, c, d]), Some([e, f, g, h]), _) => [*a, *b, *c, *d, *e, *f, *g, *h],
        (_, _, [one]) => [*one, 0, 0, 0, 0, 0, 0, 0],
        (_, _, [one, two]) => [*one, *two, 0, 0, 0, 0, 0, 0],
        (_, _, [one, two, three]) => [*one, *two, *three, 0, 0, 0, 0, 0],
        _ => [0; 8],
    };
    u64::from_le_bytes(word)
}

/// Spreads what the last word did over all bits.
#[inline]
pub(crate) const fn finish(state: u64) -> u64 {
    let state = (state ^ (state >> 32)).wrapping_mul(FACTOR);
    state ^ (state >> 29)
}

/// The upper half.
#[inline]
pub(crate) const fn upper(state: u64) -> u32 {
    let [_, _, _, _, a, b, c, d] = state.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// A condition key's hash.
#[inline]
pub(crate) const fn folded(key: &str) -> u32 {
    upper(finish(bytes(0, key.as_bytes())))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::actions;

    #[test]
    fn texts_of_any_length_that_differ_in_a_byte_have_other_hashes() {
        for length in 0..=40 {
            let plain = vec![b'a'; length];
            let mut hashes = HashSet::from([bytes(0, &plain)]);
            assert_ne!(bytes(0, &plain), bytes(1, &plain), "{length}");
            for place in 0..length {
                let mut other = plain.clone();
                other[place] = b'b';
                assert!(hashes.insert(bytes(0, &other)), "{length} bytes, the {place}th differs");
            }
            assert!(hashes.insert(bytes(0, &vec![b'a'; length + 1])), "{length} and one more");
        }
    }

    #[test]
    fn the_case_of_letters_changes_no_hash() {
        let text = "s3:GetObjectVersionAttributes";
        for length in 0..=text.len() {
            let (own, _) = text.split_at(length);
            let (lower, upper) = (own.to_ascii_lowercase(), own.to_ascii_uppercase());
            assert_eq!(bytes(0, lower.as_bytes()), bytes(0, upper.as_bytes()), "{own}");
        }
    }

    #[test]
    fn what_is_finished_is_told_apart_still_and_half_of_its_bits_are_ones() {
        let states = || (0..64_u64).flat_map(|high| (0..64_u64).map(move |low| (high << 32) | low));
        let found: HashSet<u64> = states().map(finish).collect();
        assert_eq!(found.len(), states().count());
        let ones: u32 = found.iter().map(|state| state.count_ones()).sum();
        let mean = f64::from(ones) / f64::from(u32::try_from(found.len()).unwrap());
        assert!((30.0..34.0).contains(&mean), "{mean}");
    }

    #[test]
    fn no_two_condition_keys_that_are_known_share_a_hash() {
        let mut known = HashSet::new();
        for key in actions::condition_keys() {
            assert!(known.insert(folded(key.name())), "{}", key.name());
        }
        assert!(known.len() > 100, "{}", known.len());
    }
}
