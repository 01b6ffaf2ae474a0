//! Leaves that lie together: an entry bundle, or a block of a sealed segment. Each leaf follows its
//! length in sixteen bits.

use std::ops::Range;

/// Leaves one after the other, found by their index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pile {
    /// The index of the first.
    pub(crate) first: u64,
    bytes: Vec<u8>,
    places: Vec<Range<usize>>,
}

impl Pile {
    /// Reads leaves; `None` if the last one is cut short.
    pub(crate) fn parse(first: u64, bytes: Vec<u8>) -> Option<Self> {
        let mut places = Vec::with_capacity(256);
        let mut at = 0_usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let (length, _) = rest.split_first_chunk::<2>()?;
            let start = at.checked_add(2)?;
            let end = start.checked_add(usize::from(u16::from_be_bytes(*length)))?;
            places.push(start..end);
            at = end;
        }
        (at == bytes.len()).then_some(Self { first, bytes, places })
    }

    /// How many leaves there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The index after the last leaf.
    pub(crate) fn end(&self) -> u64 {
        self.first.saturating_add(u64::try_from(self.len()).unwrap_or(u64::MAX))
    }

    /// The leaf of that index.
    pub(crate) fn leaf(&self, index: u64) -> Option<&[u8]> {
        let place = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.bytes.get(self.places.get(place)?.clone())
    }

    /// The leaves after one of them.
    pub(crate) fn leaves_after(&self, index: u64) -> impl Iterator<Item = (u64, &[u8])> {
        let after = index.saturating_add(1).saturating_sub(self.first);
        self.leaves().skip(usize::try_from(after).unwrap_or(usize::MAX))
    }

    /// All leaves with their indexes, oldest first.
    pub(crate) fn leaves(&self) -> impl DoubleEndedIterator<Item = (u64, &[u8])> {
        let placed = self.places.iter().enumerate();
        placed.filter_map(|(place, at)| {
            let index = self.first.checked_add(u64::try_from(place).ok()?)?;
            Some((index, self.bytes.get(at.clone())?))
        })
    }
}

/// Adds a leaf to bytes that [`Pile::parse`] reads.
pub(crate) fn put_leaf(out: &mut Vec<u8>, leaf: &[u8]) {
    // The journal takes no leaf above 65,535 bytes.
    out.extend_from_slice(&u16::try_from(leaf.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(leaf);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_found_by_index_and_a_torn_pile_is_refused() {
        let mut bytes = Vec::new();
        for leaf in [&b"one"[..], b"", b"three"] {
            put_leaf(&mut bytes, leaf);
        }
        let pile = Pile::parse(512, bytes.clone()).unwrap();
        assert_eq!((pile.len(), pile.end()), (3, 515));
        assert_eq!(pile.leaf(514), Some(&b"three"[..]));
        assert_eq!((pile.leaf(511), pile.leaf(515)), (None, None));
        let after = |index| pile.leaves_after(index).map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(
            (after(512), after(514), after(7)),
            (vec![513, 514], vec![], vec![512, 513, 514])
        );
        let back: Vec<u64> = pile.leaves().rev().map(|(index, _)| index).collect();
        assert_eq!(back, [514, 513, 512]);
        bytes.pop();
        assert_eq!(Pile::parse(512, bytes), None);
    }
}
