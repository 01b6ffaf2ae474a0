//! Where each byte stands in a text, as bits: made once for a text that is searched many times, so
//! that a long list of hostile patterns costs little more than its own length.

use std::cell::Cell;

use crate::compile::pattern::ONE;

/// Longest text that is searched so, in bytes: the name of an object with the longest key fits.
const TEXT_BYTES_MAX: usize = WORDS * BITS;
/// Words of one map.
const WORDS: usize = 18;
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
    maps: [Map; MAPS],
}

/// Where one byte stands.
#[derive(Debug)]
struct Map {
    words: [Cell<u64>; WORDS],
    /// How often.
    count: Cell<u32>,
}

impl Maps {
    /// No maps yet; they are made when they are asked for. Texts with characters of several bytes
    /// have none, for there one `?` is several bytes.
    pub(crate) fn of(text: &[u8]) -> Self {
        Self {
            fits: text.len() <= TEXT_BYTES_MAX && text.is_ascii(),
            known: [const { Cell::new(None) }; MAPS],
            maps: [const { Map { words: [const { Cell::new(0) }; WORDS], count: Cell::new(0) } };
                MAPS],
        }
    }

    /// The map of a byte, made if it is not there yet.
    #[inline]
    fn map(&self, text: &[u8], byte: u8) -> Option<&Map> {
        let number = self.known.iter().position(|own| own.get().is_none_or(|own| own == byte))?;
        let (known, map) = (self.known.get(number)?, self.maps.get(number)?);
        if known.get().is_none() {
            known.set(Some(byte));
            let mut count = 0_u32;
            for (word, chunk) in map.words.iter().zip(text.chunks(BITS)) {
                word.set(bits(chunk, byte));
                count = count.saturating_add(word.get().count_ones());
            }
            map.count.set(count);
        }
        Some(map)
    }

    /// The literal byte of a piece that the text has least often, and its place in the piece.
    fn rarest(&self, text: &[u8], piece: &[u8]) -> Option<(usize, &Map)> {
        let mut rarest: Option<(usize, &Map)> = None;
        for (offset, byte) in piece.iter().enumerate().filter(|(_, byte)| **byte != ONE) {
            let map = self.map(text, *byte)?;
            if rarest.is_none_or(|(_, known)| map.count < known.count) {
                rarest = Some((offset, map));
            }
        }
        rarest
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
        if piece.iter().all(|byte| *byte == ONE) {
            return Some(Some(from));
        }
        let (rare, map) = self.rarest(text, piece)?;
        if map.count.get() == 0 {
            return Some(None);
        }
        // Words in which the rarest of its bytes does not stand are passed over.
        let (low, high) = (from.saturating_add(rare), last.saturating_add(rare));
        let words = map.words.get(low / BITS..=high / BITS)?.iter().enumerate();
        for (number, own) in words.filter(|(_, own)| own.get() != 0) {
            let start = number.saturating_add(low / BITS).saturating_mul(BITS);
            let mut alive = own.get() & between(start, low, high);
            for (offset, byte) in piece.iter().enumerate() {
                if alive == 0 {
                    break;
                }
                if *byte != ONE && offset != rare {
                    alive &= self.map(text, *byte)?.bits(start.saturating_add(offset), rare);
                }
            }
            if alive != 0 {
                let bit = usize::try_from(alive.trailing_zeros()).ok()?;
                return Some(start.saturating_add(bit).checked_sub(rare));
            }
        }
        Some(None)
    }
}

impl Map {
    #[inline]
    fn word(&self, number: usize) -> u64 {
        self.words.get(number).map_or(0, Cell::get)
    }

    /// Sixty-four bits from so many bytes before a place on; before the text nothing stands.
    #[inline]
    fn bits(&self, place: usize, before: usize) -> u64 {
        let Some(place) = place.checked_sub(before) else {
            return shifted(self.word(0), before.saturating_sub(place));
        };
        let (number, shift) = (place / BITS, place % BITS);
        let low = self.word(number) >> shift;
        if shift == 0 {
            low
        } else {
            low | (self.word(number.saturating_add(1)) << (BITS.saturating_sub(shift)))
        }
    }
}

/// The bits of the places from one to another, of sixty-four from `start` on.
#[inline]
fn between(start: usize, from: usize, last: usize) -> u64 {
    let shift = |places: usize| u32::try_from(places).unwrap_or(u32::MAX);
    let low = u64::MAX.checked_shl(shift(from.saturating_sub(start))).unwrap_or(0);
    let above = shift(last.saturating_sub(start).saturating_add(1));
    let high = u64::MAX.checked_shl(above).unwrap_or(0);
    low & !high
}

/// Which of up to sixty-four bytes are this one.
fn bits(chunk: &[u8], byte: u8) -> u64 {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let wanted = u64::from_le_bytes([byte; 8]);
    let (eights, rest) = chunk.as_chunks::<8>();
    let of = |eight: [u8; 8]| {
        let differs = u64::from_le_bytes(eight) ^ wanted;
        // The highest bit of each byte that does not differ, brought together.
        let same = !((differs & LOW).wrapping_add(LOW) | differs | LOW);
        (same >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    };
    let mut all = 0;
    for (place, eight) in eights.iter().enumerate() {
        all |= shifted(of(*eight), place.saturating_mul(8));
    }
    for (place, own) in rest.iter().enumerate() {
        let place = eights.len().saturating_mul(8).saturating_add(place);
        all |= shifted(u64::from(*own == byte), place);
    }
    all
}

#[inline]
fn shifted(bits: u64, places: usize) -> u64 {
    u32::try_from(places).ok().and_then(|places| bits.checked_shl(places)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_first_place_is_found(
            text in "[abc]{0,300}", piece in "[ab?]{1,9}",
            from in 0..300_usize, end in 0..300_usize,
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
    fn a_piece_is_found_whose_rarest_byte_stands_words_behind_its_first() {
        for before in [0, 1, 63, 64, 65, 127, 128, 200] {
            for length in [1, 62, 63, 64, 65, 66, 130] {
                let (own, runs) = ("a".repeat(length) + "b", "a".repeat(before));
                let text = runs.clone() + &own + &runs;
                let maps = Maps::of(text.as_bytes());
                let find = |piece: &str, from| {
                    maps.find(text.as_bytes(), piece.as_bytes(), from, text.len())
                };
                assert_eq!(find(&own, 0), Some(Some(before)), "{before} {length}");
                assert_eq!(find(&own, before), Some(Some(before)), "{before} {length}");
                assert_eq!(find(&own, before + 1), Some(None), "{before} {length}");
                assert_eq!(find(&("c".to_owned() + &own), 0), Some(None));
            }
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

    #[test]
    fn a_byte_that_a_text_of_ascii_cannot_have_stands_nowhere_in_it() {
        let text = [b'a'; 100];
        for byte in [0x80_u8, 0xC3, 0xA9, 0xE1] {
            assert_eq!(Maps::of(&text).find(&text, &[byte], 0, text.len()), Some(None), "{byte}");
            assert_eq!(bits(&text[..64], byte), 0, "{byte}");
        }
        assert_eq!(bits(&text[..64], b'a'), u64::MAX);
    }
}
