//! Where each byte stands in a text, as bits: made once for a text that is searched many times, so
//! that a long list of hostile patterns costs little more than its own length.

use std::cell::Cell;

use crate::compile::pattern::ONE;

/// Longest text that is searched so, in bytes: that of an object's key.
const TEXT_BYTES_MAX: usize = WORDS * BITS;
/// Words of one map.
const WORDS: usize = 16;
const BITS: usize = 64;
/// How many different bytes have a map.
const MAPS: usize = 12;

/// The maps of a text.
#[derive(Debug)]
pub(crate) struct Maps {
    /// Whether the text can be searched so at all.
    fits: bool,
    /// The bytes that have a map.
    known: [Cell<Option<u8>>; MAPS],
    words: [[Cell<u64>; WORDS]; MAPS],
}

type Map = [Cell<u64>; WORDS];

impl Maps {
    /// No maps yet; they are made when they are asked for. Texts with characters of several bytes
    /// have none, for there one `?` is several bytes.
    pub(crate) fn of(text: &[u8]) -> Self {
        Self {
            fits: text.len() <= TEXT_BYTES_MAX && text.is_ascii(),
            known: [const { Cell::new(None) }; MAPS],
            words: [const { [const { Cell::new(0) }; WORDS] }; MAPS],
        }
    }

    /// The map of a byte.
    fn map(&self, text: &[u8], byte: u8) -> Option<&Map> {
        let mut maps = self.known.iter().zip(&self.words);
        let (known, words) =
            maps.find(|(known, _)| known.get().is_none_or(|own| own == byte))?;
        if known.get().is_none() {
            known.set(Some(byte));
            for (word, chunk) in words.iter().zip(text.chunks(BITS)) {
                word.set(bits(chunk, byte));
            }
        }
        Some(words)
    }

    /// The first place from `from` on, and before `end`, where a piece without `*` stands. The
    /// outer `None`: that cannot be told here.
    #[expect(clippy::option_option, reason = "that a place is unknown is not that there is none")]
    pub(crate) fn find(
        &self,
        text: &[u8],
        piece: &[u8],
        from: usize,
        end: usize,
    ) -> Option<Option<usize>> {
        if !self.fits {
            return None;
        }
        let Some(last) = end.checked_sub(piece.len()).filter(|last| *last >= from) else {
            return Some(None);
        };
        for start in (from / BITS..=last / BITS).map(|word| word.saturating_mul(BITS)) {
            let mut alive = u64::MAX;
            if start < from {
                alive &= u64::MAX << (from - start);
            }
            if last - start < BITS - 1 {
                alive &= (1 << (last - start + 1)) - 1;
            }
            for (offset, byte) in piece.iter().enumerate() {
                if *byte != ONE {
                    alive &= shifted(self.map(text, *byte)?, start.saturating_add(offset));
                }
                if alive == 0 {
                    break;
                }
            }
            if alive != 0 {
                return Some(usize::try_from(alive.trailing_zeros()).ok().map(|bit| start + bit));
            }
        }
        Some(None)
    }
}

/// Sixty-four bits of a map from a place on.
#[inline]
fn shifted(map: &Map, place: usize) -> u64 {
    let word = |number: usize| map.get(number).map_or(0, Cell::get);
    let (number, shift) = (place / BITS, place % BITS);
    let low = word(number) >> shift;
    if shift == 0 { low } else { low | (word(number + 1) << (BITS - shift)) }
}

/// Which of up to sixty-four bytes are this one.
fn bits(chunk: &[u8], byte: u8) -> u64 {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let wanted = u64::from_le_bytes([byte; 8]);
    let (eights, rest) = chunk.as_chunks::<8>();
    let of = |eight: [u8; 8]| {
        let differs = u64::from_le_bytes(eight) ^ wanted;
        // The highest bit of each byte that does not differ, brought together.
        let same = !(((differs & LOW) + LOW) | differs | LOW);
        (same >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    };
    let mut all = 0;
    for (place, eight) in eights.iter().enumerate() {
        all |= of(*eight) << (place * 8);
    }
    for (place, own) in rest.iter().enumerate() {
        all |= u64::from(*own == byte) << (eights.len() * 8 + place);
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_first_place_is_found(
            text in "[abc]{0,300}", piece in "[ab?]{1,9}", from in 0..300_usize, end in 0..300_usize,
        ) {
            let piece: Vec<u8> =
                piece.bytes().map(|byte| if byte == b'?' { ONE } else { byte }).collect();
            let (text, end) = (text.as_bytes(), end.min(text.len()));
            let stands = |place: &usize| {
                let own = &text[*place..*place + piece.len()];
                own.iter().zip(&piece).all(|(own, byte)| *byte == ONE || own == byte)
            };
            let expected = (from..(end + 1).saturating_sub(piece.len())).find(stands);
            prop_assert_eq!(Maps::of(text).find(text, &piece, from, end), Some(expected));
        }
    }

    #[test]
    fn what_has_no_maps_is_told_so() {
        let long = [b'a'; TEXT_BYTES_MAX + 1];
        assert_eq!(Maps::of(&long).find(&long, b"a", 0, 9), None);
        let long = [b'a'; TEXT_BYTES_MAX];
        assert_eq!(Maps::of(&long).find(&long, b"aa", 7, 9), Some(Some(7)));
        let text = "é".as_bytes();
        assert_eq!(Maps::of(text).find(text, b"a", 0, 2), None);
        let many: Vec<u8> = (b'a'..=b'z').collect();
        assert_eq!(Maps::of(&many).find(&many, &many, 0, many.len()), None);
    }
}
