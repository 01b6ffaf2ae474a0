//! Condition keys of the table found by their hashes: as quick as it is to compare one name.

use crate::actions::generated;
use crate::compile::key_hash;

/// Seats: a power of two, and at least twice as many as there are keys.
const SEATS: usize = 1024;
/// A seat that no key has.
const NOBODY: u16 = u16::MAX;

/// The place in the table of the key of each seat.
static PLACES: [u16; SEATS] = seated();

/// Seats every key where its hash says, or behind.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a failure fails the build; the table is shorter than half of the seats"
)]
const fn seated() -> [u16; SEATS] {
    let mut places = [NOBODY; SEATS];
    assert!(generated::KEYS.len() * 2 <= SEATS);
    let mut place = 0;
    while place < generated::KEYS.len() {
        let mut seat = seat(key_hash(generated::KEYS[place].name));
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
const fn seat(hash: u32) -> usize {
    (hash as usize) % SEATS
}

/// The number of a key by its hash and its name in any case.
#[inline]
pub(crate) fn key_number(hash: u32, name: &[u8]) -> Option<u16> {
    let mut seat = seat(hash);
    loop {
        let place = *PLACES.get(seat)?;
        // Behind an empty seat there is nobody who belongs before it.
        let own = generated::KEYS.get(usize::from(place))?.name.as_bytes();
        if own == name || own.eq_ignore_ascii_case(name) {
            return Some(place);
        }
        seat = seat.wrapping_add(1) % SEATS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_in_any_case_and_nothing_else_is() {
        for (place, row) in generated::KEYS.iter().enumerate() {
            let lower = row.name.to_ascii_lowercase();
            for name in [row.name, lower.as_str(), &row.name.to_ascii_uppercase()] {
                let found = key_number(key_hash(name), name.as_bytes());
                assert_eq!(found.map(usize::from), Some(place), "{name}");
            }
            for other in [format!("{lower}x"), lower.replace(':', ";"), format!(" {lower}")] {
                // Whatever its hash: also that of the key that it is like.
                for hash in [key_hash(&other), key_hash(row.name)] {
                    assert_eq!(key_number(hash, other.as_bytes()), None, "{other}");
                }
            }
        }
    }

    #[test]
    fn hardly_any_key_is_far_from_its_seat() {
        let taken = PLACES.iter().enumerate().filter(|(_, place)| **place != NOBODY);
        let steps: Vec<usize> = taken
            .map(|(at, place)| {
                let name = generated::KEYS[usize::from(*place)].name;
                (at + SEATS - seat(key_hash(name))) % SEATS
            })
            .collect();
        assert_eq!(steps.len(), generated::KEYS.len());
        assert!(steps.iter().sum::<usize>() < steps.len() / 2, "{steps:?}");
    }
}
