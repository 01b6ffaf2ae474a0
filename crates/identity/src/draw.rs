//! Ids and secrets, drawn.

use audit::Random;
use names::{AccessKeyId, AccountId, SecretKey, UniqueId, UniqueIdKind};

use crate::organization::{ControlPolicyId, UnitId};

/// The characters of access key ids after their first four: base 32 (RFC 4648 §6).
const KEY_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// The characters of secrets: base 64 (RFC 4648 §4).
const SECRET_ALPHABET: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Characters of an access key id after its first four.
const KEY_CHARACTERS: usize = 16;
/// Characters of a secret: 240 bits.
const SECRET_CHARACTERS: usize = 40;
/// What ids of long-term access keys begin with.
const LONG_TERM: &str = "AKIA";

/// A long-term access key's id.
pub(crate) fn long_term_key(random: &dyn Random) -> AccessKeyId {
    key(LONG_TERM, random)
}

/// A temporary access key's id.
pub(crate) fn temporary_key(random: &dyn Random) -> AccessKeyId {
    key(crate::resolve::TEMPORARY, random)
}

fn key(prefix: &str, random: &dyn Random) -> AccessKeyId {
    loop {
        let text = [prefix, &characters(KEY_ALPHABET, KEY_CHARACTERS, random)].concat();
        if let Ok(id) = text.parse() {
            return id;
        }
    }
}

/// A secret.
pub(crate) fn secret(random: &dyn Random) -> SecretKey {
    loop {
        if let Ok(secret) = characters(SECRET_ALPHABET, SECRET_CHARACTERS, random).parse() {
            return secret;
        }
    }
}

/// A unique id.
pub(crate) fn unique_id(kind: UniqueIdKind, random: &dyn Random) -> UniqueId {
    let mut bytes = [0; 17];
    random.fill(&mut bytes);
    UniqueId::from_random(kind, bytes)
}

/// Twelve digits that do not begin with 0.
pub(crate) fn account_id(random: &dyn Random) -> AccountId {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    let low = 100_000_000_000;
    AccountId::from_number(low + u64::from_be_bytes(bytes) % (10 * low - low))
}

/// The characters of the ids of units and control policies.
const LOWER_ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A unit's id in the root of an id: `ou-`, the root's own four characters, and eight.
pub(crate) fn unit_id(root: &str, random: &dyn Random) -> UnitId {
    let root = root.strip_prefix("r-").filter(|own| own.len() >= 4).unwrap_or("root");
    loop {
        let text = format!("ou-{root}-{}", characters(LOWER_ALPHABET, 8, random));
        if let Ok(id) = text.parse() {
            return id;
        }
    }
}

/// A control policy's id.
pub(crate) fn control_policy_id(random: &dyn Random) -> ControlPolicyId {
    loop {
        if let Ok(id) = format!("p-{}", characters(LOWER_ALPHABET, 10, random)).parse() {
            return id;
        }
    }
}

/// A random UUID, as text (RFC 9562 §5.4).
pub(crate) fn uuid(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    // Four bits say that it is random, two that the RFC says so.
    let drawn = u128::from_be_bytes(bytes) & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let mut text = format!("{drawn:032x}");
    for place in [20, 16, 12, 8] {
        text.insert(place, '-');
    }
    text
}

/// Characters of an alphabet whose length is a power of two.
fn characters(alphabet: &[u8], count: usize, random: &dyn Random) -> String {
    let mut characters = vec![0; count];
    random.fill(&mut characters);
    for character in &mut characters {
        let index = usize::from(*character) & alphabet.len().saturating_sub(1);
        *character = alphabet.get(index).copied().unwrap_or_default();
    }
    String::from_utf8(characters).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Gives every byte as often as any other.
    struct Every;

    impl Random for Every {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().zip((0..=u8::MAX).cycle()).for_each(|(byte, next)| *byte = next);
        }
    }

    /// oracle: secrets
    #[test]
    fn sec_08_every_letter_of_a_secret_is_as_likely_as_any_other() {
        for alphabet in [KEY_ALPHABET.as_slice(), SECRET_ALPHABET, LOWER_ALPHABET] {
            let mut counts = BTreeMap::new();
            for letter in characters(alphabet, 256, &Every).chars() {
                *counts.entry(letter).or_insert(0_usize) += 1;
            }
            assert_eq!(counts.len(), alphabet.len());
            assert!(counts.values().all(|count| *count == 256 / alphabet.len()), "{counts:?}");
        }
        // 40 letters of 64 are 240 bits, 16 of 32 are 80.
        const { assert!(SECRET_CHARACTERS * 6 >= 240 && KEY_CHARACTERS * 5 >= 80) };
    }
}
