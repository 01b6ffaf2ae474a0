//! Records in the order of their keys, as they lie in a snapshot: found without being read.
//!
//! ```text
//! number of records   8 bytes
//! where each begins   8 bytes each, and where the last one ends; from the first record on
//! order by `second`   4 bytes each: the records' numbers
//! records             length of key and of second, 2 bytes each; key, second, body
//! ```

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of the number of records, and of where one begins.
pub(super) const OFFSET_BYTES: usize = 8;
/// Bytes of a record's number.
pub(super) const NUMBER_BYTES: usize = 4;
/// Bytes of the lengths in front of a record.
const LENGTH_BYTES: usize = 2;
/// Bytes of a record beside its key, second and body.
pub(super) const FRAME_BYTES: usize = 2 * LENGTH_BYTES;

/// A sorted run of records in a snapshot's bytes. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Section {
    all: Arc<Vec<u8>>,
    within: Range<usize>,
    count: usize,
}

/// One record as it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Frame<'a> {
    /// What it is found by.
    pub(crate) key: &'a [u8],
    /// What else it is found by.
    pub(crate) second: &'a [u8],
    /// What it says.
    pub(crate) body: &'a [u8],
}

impl Section {
    /// The records that lie within these bytes; `None` if they cannot.
    pub(crate) fn open(all: &Arc<Vec<u8>>, within: Range<usize>) -> Option<Self> {
        let bytes = all.get(within.clone())?;
        let count = usize::try_from(u64::from_le_bytes(take(bytes, 0)?)).ok()?;
        let section = Self { all: Arc::clone(all), within, count };
        let records = bytes.len().checked_sub(section.records()?)?;
        (section.begin(count)? == records).then_some(section)
    }

    /// Whether it is the same, and does not just say the same.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.all, &other.all) && self.within == other.within
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The record of a number.
    pub(crate) fn frame(&self, number: usize) -> Option<Frame<'_>> {
        let records = self.records()?;
        let from = records.checked_add(self.begin(number)?)?;
        let to = records.checked_add(self.begin(number.checked_add(1)?)?)?;
        Frame::read(self.bytes().get(from..to)?)
    }

    /// The records, in the order of their keys.
    pub(crate) fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        (0..self.count).map_while(|number| self.frame(number))
    }

    /// The number of the first record whose key is not before `key`.
    pub(crate) fn from(&self, key: &[u8]) -> usize {
        self.first(|number| self.frame(number).is_some_and(|frame| frame.key < key))
    }

    /// The number of the record of a key.
    pub(crate) fn find(&self, key: &[u8]) -> Option<usize> {
        let number = self.from(key);
        (self.frame(number)?.key == key).then_some(number)
    }

    /// The record of a rank, in the order of `second`.
    pub(crate) fn ranked(&self, rank: usize) -> Option<usize> {
        let order = self.count.checked_add(2)?.checked_mul(OFFSET_BYTES)?;
        let at = order.checked_add(rank.checked_mul(NUMBER_BYTES)?)?;
        let number = usize::try_from(u32::from_le_bytes(take(self.bytes(), at)?)).ok()?;
        (rank < self.count).then_some(number)
    }

    /// The rank of the first record whose second is not before `second`.
    pub(crate) fn rank(&self, second: &[u8]) -> usize {
        let before = |frame: Frame<'_>| frame.second < second;
        self.first(|rank| {
            self.ranked(rank).and_then(|number| self.frame(number)).is_some_and(before)
        })
    }

    /// The numbers of the records with this second, in the order of their keys.
    pub(crate) fn with_second<'a>(&'a self, second: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let ranks = self.rank(second)..self.count;
        ranks
            .map_while(|rank| self.ranked(rank))
            .take_while(move |n| self.frame(*n).is_some_and(|frame| frame.second == second))
    }

    fn bytes(&self) -> &[u8] {
        self.all.get(self.within.clone()).unwrap_or_default()
    }

    /// Where records begin.
    fn records(&self) -> Option<usize> {
        let offsets = self.count.checked_add(2)?.checked_mul(OFFSET_BYTES)?;
        offsets.checked_add(self.count.checked_mul(NUMBER_BYTES)?)
    }

    /// Where a record begins, from the first one on.
    fn begin(&self, number: usize) -> Option<usize> {
        let at = number.checked_add(1)?.checked_mul(OFFSET_BYTES)?;
        usize::try_from(u64::from_le_bytes(take(self.bytes(), at)?)).ok()
    }

    fn first(&self, before: impl Fn(usize) -> bool) -> usize {
        first(self.count, before)
    }
}

/// The first of so many for which `before` does not hold.
pub(super) fn first(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    low
}

impl<'a> Frame<'a> {
    /// The lengths in front of it.
    pub(super) fn lengths(self) -> Result<[[u8; LENGTH_BYTES]; 2], TooMuch> {
        let length = |part: &[u8]| u16::try_from(part.len()).map(u16::to_le_bytes);
        Ok([length(self.key).map_err(|_| TooMuch)?, length(self.second).map_err(|_| TooMuch)?])
    }

    /// How many bytes it takes.
    pub(super) fn bytes(self) -> usize {
        let parts = [self.key.len(), self.second.len(), self.body.len()];
        parts.into_iter().fold(FRAME_BYTES, usize::saturating_add)
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let key_bytes = usize::from(u16::from_le_bytes(take(bytes, 0)?));
        let second_bytes = usize::from(u16::from_le_bytes(take(bytes, LENGTH_BYTES)?));
        let (_, rest) = bytes.split_at_checked(FRAME_BYTES)?;
        let (key, rest) = rest.split_at_checked(key_bytes)?;
        let (second, body) = rest.split_at_checked(second_bytes)?;
        Some(Self { key, second, body })
    }
}

/// As many bytes as a number has.
pub(super) fn take<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// The numbers that lie one behind the other.
pub(super) fn numbers(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let numbers = bytes.chunks_exact(NUMBER_BYTES).filter_map(|bytes| take(bytes, 0));
    numbers.filter_map(|bytes| usize::try_from(u32::from_le_bytes(bytes)).ok())
}

/// Puts records one behind the other.
#[derive(Default)]
pub(crate) struct Packer {
    begins: Vec<usize>,
    records: Vec<u8>,
}

/// More than a section can hold: a key of 64 KiB, or four thousand million records.
#[derive(Debug, thiserror::Error)]
#[error("there is more than a snapshot can hold")]
pub(crate) struct TooMuch;

impl Packer {
    /// Puts a record behind the others, whose keys are all smaller.
    pub(crate) fn push(&mut self, frame: Frame<'_>) -> Result<(), TooMuch> {
        self.begins.push(self.records.len());
        for length in frame.lengths()? {
            self.records.extend_from_slice(&length);
        }
        for part in [frame.key, frame.second, frame.body] {
            self.records.extend_from_slice(part);
        }
        Ok(())
    }

    /// The section's bytes.
    pub(crate) fn finish(self) -> Result<Vec<u8>, TooMuch> {
        let Self { begins, records } = self;
        let count = u32::try_from(begins.len()).map_err(|_| TooMuch)?;
        let second = |number: u32| {
            let begin = usize::try_from(number).ok().and_then(|n| begins.get(n).copied())?;
            // What follows the record is taken for its body, at which nobody looks here.
            Some(Frame::read(records.get(begin..)?)?.second)
        };
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_unstable_by(|a, b| match second(*a).cmp(&second(*b)) {
            Ordering::Equal => a.cmp(b),
            unequal => unequal,
        });
        let offsets = begins.len().saturating_add(2).saturating_mul(OFFSET_BYTES);
        let order_bytes = begins.len().saturating_mul(NUMBER_BYTES);
        let whole = offsets.saturating_add(order_bytes).saturating_add(records.len());
        let mut bytes = Vec::with_capacity(whole);
        bytes.extend_from_slice(&u64::from(count).to_le_bytes());
        for begin in begins.iter().chain([&records.len()]) {
            let begin = u64::try_from(*begin).map_err(|_| TooMuch)?;
            bytes.extend_from_slice(&begin.to_le_bytes());
        }
        for number in order {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&records);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(records: &[(&str, &str, &str)]) -> Vec<u8> {
        let mut packer = Packer::default();
        for (key, second, body) in records {
            let [key, second, body] = [key, second, body].map(|text| text.as_bytes());
            packer.push(Frame { key, second, body }).unwrap();
        }
        packer.finish().unwrap()
    }

    fn section(records: &[(&str, &str, &str)]) -> Section {
        let bytes = Arc::new(packed(records));
        Section::open(&bytes, 0..bytes.len()).unwrap()
    }

    #[test]
    fn a_record_is_found_by_its_key_and_by_its_second() {
        let all = [("a", "2", "one"), ("bb", "1", ""), ("d", "2", "three"), ("e", "3", "four")];
        let section = section(&all);
        assert_eq!(section.len(), 4);
        for (number, (key, second, body)) in all.iter().enumerate() {
            assert_eq!(section.find(key.as_bytes()), Some(number));
            let frame = section.frame(number).unwrap();
            assert_eq!((frame.second, frame.body), (second.as_bytes(), body.as_bytes()));
        }
        let of = |second: &'static str| section.with_second(second.as_bytes()).collect::<Vec<_>>();
        assert_eq!([of("1"), of("2"), of("3")], [vec![1], vec![0, 2], vec![3]]);
        for absent in ["", "b", "c", "f"] {
            assert_eq!(section.find(absent.as_bytes()), None, "{absent}");
            assert_eq!(section.with_second(absent.as_bytes()).next(), None, "{absent}");
        }
        assert_eq!([section.from(b""), section.from(b"c"), section.from(b"z")], [0, 2, 4]);
    }

    #[test]
    fn nothing_is_found_where_there_is_nothing() {
        let empty = section(&[]);
        assert_eq!((empty.len(), empty.find(b"a"), empty.frame(0)), (0, None, None));
        assert_eq!(empty.with_second(b"").next(), None);
    }

    #[test]
    fn what_is_cut_short_or_says_another_number_is_no_section() {
        let whole = packed(&[("a", "2", "one"), ("b", "1", "two")]);
        for cut in 0..whole.len() {
            let bytes = Arc::new(whole[..cut].to_vec());
            assert!(Section::open(&bytes, 0..cut).is_none(), "{cut}");
        }
        let bytes = Arc::new(whole.clone());
        assert!(Section::open(&bytes, 0..whole.len() + 1).is_none());
        for count in [1, 3, u64::MAX] {
            let mut other = whole.clone();
            other[..8].copy_from_slice(&count.to_le_bytes());
            assert!(Section::open(&Arc::new(other), 0..whole.len()).is_none(), "{count}");
        }
    }

    #[test]
    fn bytes_that_are_not_as_they_were_written_are_never_past_the_end() {
        let whole = packed(&[("a", "2", "one"), ("b", "1", "two"), ("c", "1", "three")]);
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut other = whole.clone();
                other[at] = value;
                let Some(section) = Section::open(&Arc::new(other), 0..whole.len()) else {
                    continue;
                };
                for number in 0..5 {
                    let _any = section.frame(number);
                }
                for text in [&b"a"[..], b"b", b"1", b"2", b"z"] {
                    let _any = (section.find(text), section.with_second(text).count());
                }
            }
        }
    }
}
