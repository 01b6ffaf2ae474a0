//! Actions and condition keys of the tables found by their hashes: as quick as it is to compare one
//! name.

use crate::actions::generated;
use crate::compile::key_hash;

/// Seats for the actions: a power of two, and at least twice as many.
const ACTION_SEATS: usize = 2048;
/// Seats for the condition keys: the same.
const KEY_SEATS: usize = 1024;
/// A seat that nobody has.
const NOBODY: u16 = u16::MAX;

/// The place in the table of the action of each seat.
static ACTIONS: [u16; ACTION_SEATS] = seated(&action_hashes());
/// The place in the table of the condition key of each seat.
static KEYS: [u16; KEY_SEATS] = seated(&key_hashes());

#[expect(clippy::indexing_slicing, reason = "a failure fails the build")]
const fn action_hashes() -> [u32; generated::ACTIONS.len()] {
    let mut hashes = [0; generated::ACTIONS.len()];
    let mut place = 0;
    while place < hashes.len() {
        hashes[place] = key_hash(generated::ACTIONS[place].name);
        place += 1;
    }
    hashes
}

#[expect(clippy::indexing_slicing, reason = "a failure fails the build")]
const fn key_hashes() -> [u32; generated::KEYS.len()] {
    let mut hashes = [0; generated::KEYS.len()];
    let mut place = 0;
    while place < hashes.len() {
        hashes[place] = key_hash(generated::KEYS[place].name);
        place += 1;
    }
    hashes
}

/// Seats everybody where its hash says, or behind.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a failure fails the build; no table is longer than half of its seats"
)]
const fn seated<const SEATS: usize>(hashes: &[u32]) -> [u16; SEATS] {
    let mut places = [NOBODY; SEATS];
    assert!(hashes.len() * 2 <= SEATS && SEATS.is_power_of_two());
    let mut place = 0;
    while place < hashes.len() {
        let mut seat = seat::<SEATS>(hashes[place]);
        while places[seat] != NOBODY {
            seat = (seat + 1) % SEATS;
        }
        places[seat] = place as u16;
        place += 1;
    }
    places
}

/// Where a hash belongs.
#[inline]
const fn seat<const SEATS: usize>(hash: u32) -> usize {
    (hash as usize) & (SEATS - 1)
}

/// The number of an action by its hash and its name in any case.
#[inline]
pub(crate) fn action_number(hash: u32, name: &[u8]) -> Option<u16> {
    find(&ACTIONS, hash, |place| generated::ACTIONS.get(place).map(|row| row.name), name)
}

/// The number of a condition key by its hash and its name in any case.
#[inline]
pub(crate) fn key_number(hash: u32, name: &[u8]) -> Option<u16> {
    find(&KEYS, hash, |place| generated::KEYS.get(place).map(|row| row.name), name)
}

/// Whether a name of a table is a name, whatever the case of its letters.
#[inline]
fn is(own: &[u8], name: &[u8]) -> bool {
    own == name || own.eq_ignore_ascii_case(name)
}

#[inline]
fn find<const SEATS: usize>(
    seats: &[u16; SEATS],
    hash: u32,
    of: impl Fn(usize) -> Option<&'static str>,
    name: &[u8],
) -> Option<u16> {
    let mut seat = seat::<SEATS>(hash);
    loop {
        let place = *seats.get(seat)?;
        // Behind an empty seat there is nobody who belongs before it.
        let own = of(usize::from(place))?.as_bytes();
        if is(own, name) {
            return Some(place);
        }
        seat = seat.wrapping_add(1) % SEATS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_are_found(names: Vec<&str>, find: fn(u32, &[u8]) -> Option<u16>) {
        for (place, own) in names.into_iter().enumerate() {
            let lower = own.to_ascii_lowercase();
            for name in [own, lower.as_str(), &own.to_ascii_uppercase()] {
                let found = find(key_hash(name), name.as_bytes());
                assert_eq!(found.map(usize::from), Some(place), "{name}");
            }
            for other in [format!("{lower}x"), lower.replace(':', ";"), format!(" {lower}")] {
                // Whatever its hash: also that of the name that it is like.
                for hash in [key_hash(&other), key_hash(own)] {
                    assert_eq!(find(hash, other.as_bytes()), None, "{other}");
                }
            }
        }
    }

    #[test]
    fn every_action_and_key_is_found_in_any_case_and_nothing_else_is() {
        all_are_found(generated::ACTIONS.iter().map(|row| row.name).collect(), action_number);
        all_are_found(generated::KEYS.iter().map(|row| row.name).collect(), key_number);
    }

    /// How far each is from where it belongs.
    fn far<const SEATS: usize>(seats: &[u16; SEATS], names: &[&str]) -> Vec<usize> {
        let taken = seats.iter().enumerate().filter(|(_, place)| **place != NOBODY);
        taken
            .map(|(at, place)| {
                let hash = key_hash(names[usize::from(*place)]);
                (at + SEATS - seat::<SEATS>(hash)) % SEATS
            })
            .collect()
    }

    #[test]
    fn hardly_anybody_is_far_from_its_seat() {
        let actions: Vec<&str> = generated::ACTIONS.iter().map(|row| row.name).collect();
        let keys: Vec<&str> = generated::KEYS.iter().map(|row| row.name).collect();
        for (steps, names) in [(far(&ACTIONS, &actions), &actions), (far(&KEYS, &keys), &keys)] {
            assert_eq!(steps.len(), names.len());
            assert!(steps.iter().sum::<usize>() < names.len() / 2, "{steps:?}");
        }
    }
}
