//! How records and snapshots lie in `state.redb`: each with a checksum of its own, so that what is
//! read is known to be what was written without reading everything else.
//!
//! ```text
//! log        revision → 1, checksum of revision and record, record
//! blocks     revision, number → checksum of both and the bytes, bytes
//! snapshots  revision → `strongSB`, checksum of what follows and the revision, number of blocks,
//!            number of bytes
//! ```
//!
//! Records and snapshots of the first version lie as they are, and begin with neither.

use crc_fast::{CrcAlgorithm, Digest};

/// What a record of the log with a checksum begins with; no record of the first version does.
const FRAMED: u8 = 1;
/// What a snapshot in blocks begins with.
const MAGIC: &[u8; 8] = b"strongSB";
/// Bytes of a checksum.
const CHECKSUM_BYTES: usize = 8;
/// Bytes of a block of a snapshot: with its key and checksum a little less than a page of redb
/// has, whose sizes are powers of two.
pub(crate) const BLOCK_BYTES: usize = (1 << 20) - 4096;

fn checksum(parts: &[&[u8]]) -> [u8; CHECKSUM_BYTES] {
    let mut digest = Digest::new(CrcAlgorithm::Crc64Nvme);
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().to_le_bytes()
}

/// What was read is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged;

/// A record of the log with its checksum.
pub(crate) fn framed(revision: u64, record: &[u8]) -> Vec<u8> {
    let sum = checksum(&[&revision.to_le_bytes(), record]);
    [&[FRAMED], sum.as_slice(), record].concat()
}

/// Whether a record of the log has a checksum.
pub(crate) fn is_framed(value: &[u8]) -> bool {
    value.first() == Some(&FRAMED)
}

/// A record of the log, checked if it has a checksum.
pub(crate) fn record(revision: u64, value: &[u8]) -> Result<&[u8], Damaged> {
    let Some(framed) = value.strip_prefix(&[FRAMED]) else { return Ok(value) };
    let (sum, record) = framed.split_at_checked(CHECKSUM_BYTES).ok_or(Damaged)?;
    let right = checksum(&[&revision.to_le_bytes(), record]);
    if sum == right { Ok(record) } else { Err(Damaged) }
}

/// A block of a snapshot with its checksum.
pub(crate) fn block(revision: u64, number: u32, bytes: &[u8]) -> Vec<u8> {
    let sum = checksum(&[&revision.to_le_bytes(), &number.to_le_bytes(), bytes]);
    [&sum, bytes].concat()
}

/// A block of a snapshot, checked.
pub(crate) fn block_bytes(revision: u64, number: u32, value: &[u8]) -> Result<&[u8], Damaged> {
    let (sum, bytes) = value.split_at_checked(CHECKSUM_BYTES).ok_or(Damaged)?;
    let right = checksum(&[&revision.to_le_bytes(), &number.to_le_bytes(), bytes]);
    if sum == right { Ok(bytes) } else { Err(Damaged) }
}

/// What is said of a snapshot in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blocks {
    /// How many there are.
    pub(crate) count: u32,
    /// How many bytes all of them have.
    pub(crate) bytes: u64,
}

impl Blocks {
    /// The row that makes the blocks a snapshot.
    pub(crate) fn row(self, revision: u64) -> Vec<u8> {
        let (count, bytes) = (self.count.to_le_bytes(), self.bytes.to_le_bytes());
        let sum = checksum(&[&revision.to_le_bytes(), &count, &bytes]);
        [MAGIC.as_slice(), &sum, &count, &bytes].concat()
    }

    /// Reads such a row; `None` for a snapshot that lies in the row itself.
    pub(crate) fn read(revision: u64, value: &[u8]) -> Result<Option<Self>, Damaged> {
        let Some(rest) = value.strip_prefix(MAGIC) else { return Ok(None) };
        let (_, numbers) = rest.split_at_checked(CHECKSUM_BYTES).ok_or(Damaged)?;
        let (count, bytes) = numbers.split_at_checked(size_of::<u32>()).ok_or(Damaged)?;
        let count = count.try_into().map(u32::from_le_bytes).map_err(|_| Damaged)?;
        let bytes = bytes.try_into().map(u64::from_le_bytes).map_err(|_| Damaged)?;
        let blocks = Self { count, bytes };
        if blocks.row(revision) == value { Ok(Some(blocks)) } else { Err(Damaged) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flipped(value: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        (0..value.len() * 8).map(|bit| {
            let mut other = value.to_vec();
            other[bit / 8] ^= 1 << (bit % 8);
            other
        })
    }

    #[test]
    fn a_record_with_a_flipped_bit_is_damaged_or_is_none_with_a_checksum() {
        let value = framed(7, b"a record");
        assert_eq!(record(7, &value), Ok(&b"a record"[..]));
        assert_eq!(record(8, &value), Err(Damaged));
        for other in flipped(&value) {
            assert!(!is_framed(&other) || record(7, &other) == Err(Damaged));
        }
        assert_eq!(record(7, &[FRAMED]), Err(Damaged));
    }

    #[test]
    fn a_record_of_the_first_version_is_read_as_it_lies() {
        assert!(!is_framed(br#"{"v":1}"#));
        assert_eq!(record(7, br#"{"v":1}"#), Ok(&br#"{"v":1}"#[..]));
        assert_eq!(Blocks::read(7, br#"{"v":1}"#), Ok(None));
    }

    #[test]
    fn a_block_with_a_flipped_bit_or_in_another_place_is_damaged() {
        let value = block(7, 3, b"a block");
        assert_eq!(block_bytes(7, 3, &value), Ok(&b"a block"[..]));
        assert_eq!(block_bytes(7, 4, &value), Err(Damaged));
        assert_eq!(block_bytes(8, 3, &value), Err(Damaged));
        assert!(flipped(&value).all(|other| block_bytes(7, 3, &other) == Err(Damaged)));
    }

    #[test]
    fn a_snapshots_row_with_a_flipped_bit_is_damaged_or_is_no_such_row() {
        let blocks = Blocks { count: 3, bytes: 3_000_000 };
        let value = blocks.row(7);
        assert_eq!(Blocks::read(7, &value), Ok(Some(blocks)));
        assert_eq!(Blocks::read(8, &value), Err(Damaged));
        for other in flipped(&value) {
            assert!(matches!(Blocks::read(7, &other), Err(Damaged) | Ok(None)));
        }
    }
}
