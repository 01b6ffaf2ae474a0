//! The bytes that a document is compiled to, written once and read from front to back: one piece of
//! memory for each document, so that a decision touches few lines of it.

use crate::compile::pattern::count;

/// Bits of a number that one byte holds; its highest bit says that more follow.
const BITS: u32 = 7;
const LOW: u8 = 0x7F;
const MORE: u8 = 0x80;

/// Adds a number, small ones in one byte.
pub(crate) fn put_number(number: u32, bytes: &mut Vec<u8>) {
    let mut left = number;
    while left > u32::from(LOW) {
        bytes.push(low(left) | MORE);
        left >>= BITS;
    }
    bytes.push(low(left));
}

/// Adds bytes behind their count.
pub(crate) fn put(text: &[u8], bytes: &mut Vec<u8>) {
    put_number(count(text.len()), bytes);
    bytes.extend_from_slice(text);
}

/// The low seven bits.
pub(crate) fn low(number: u32) -> u8 {
    u8::try_from(number & u32::from(LOW)).unwrap_or(0)
}

/// Reads from the front of bytes that were written so; what is not there is `None`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    #[inline]
    pub(crate) fn number(&mut self) -> Option<u32> {
        let first = self.byte()?;
        if first & MORE == 0 {
            return Some(u32::from(first));
        }
        let mut number = u32::from(first & LOW);
        for place in 1..=4_u32 {
            let byte = self.byte()?;
            number |= u32::from(byte & LOW).checked_shl(place.saturating_mul(BITS))?;
            if byte & MORE == 0 {
                return Some(number);
            }
        }
        None
    }

    /// So many bytes.
    #[inline]
    pub(crate) fn take(&mut self, length: u32) -> Option<&'a [u8]> {
        let (own, rest) = self.0.split_at_checked(super::pattern::place(length))?;
        self.0 = rest;
        Some(own)
    }

    /// Bytes behind their count.
    #[inline]
    pub(crate) fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    #[inline]
    pub(crate) fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (own, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let mut bytes = Vec::new();
        for number in [0, 1, 127, 128, 16_383, 16_384, u32::MAX] {
            bytes.clear();
            put_number(number, &mut bytes);
            put(b"text", &mut bytes);
            let mut reader = Reader(&bytes);
            assert_eq!(reader.number(), Some(number));
            assert_eq!((reader.text(), reader.is_empty()), (Some(&b"text"[..]), true));
        }
    }

    #[test]
    fn what_is_not_there_is_nothing() {
        assert_eq!(Reader(&[]).byte(), None);
        assert_eq!(Reader(&[0x80]).number(), None);
        assert_eq!(Reader(&[0xFF; 9]).number(), None);
        assert_eq!(Reader(&[3, b'a']).text(), None);
        assert_eq!(Reader(&[1]).chunk::<2>(), None);
    }

    #[test]
    fn a_number_takes_a_byte_for_every_seven_bits() {
        for (number, length) in [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3)] {
            let mut bytes = Vec::new();
            put_number(number, &mut bytes);
            assert_eq!(bytes.len(), length, "{number}");
        }
    }
}
