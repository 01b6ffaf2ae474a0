//! What a blob file looks like: the one place that knows its bytes (docs/storage-format.md).
//!
//! ```text
//! header 64 bytes · segments · footer 48 bytes
//! segment = up to 16 blocks of 65,536 bytes (only a blob's last block is shorter)
//!           then one 8-byte checksum for each of them
//! ```
//! A block's checksum is CRC-64/NVME of blob id ‖ block number ‖ data, so that a block which is
//! right in itself is still found out in the wrong place.

use crc_fast::{CrcAlgorithm, Digest, checksum};
use objects::BlobId;

/// The version of the format that is written.
pub const BLOB_VERSION: u16 = 1;
/// Data bytes of a block.
pub const BLOCK_BYTES: u64 = 64 << 10;
/// Blocks whose checksums are stored together.
pub const SEGMENT_BLOCKS: u64 = 16;
/// Data bytes of a full segment.
pub const SEGMENT_BYTES: u64 = BLOCK_BYTES * SEGMENT_BLOCKS;
/// The longest blob: what S3 allows one object to be (48.8 TiB; Amazon S3 user guide, quotas).
pub const BLOB_BYTES_MAX: u64 = 50_000 << 30;

pub(crate) const HEADER_BYTES: u64 = 64;
pub(crate) const FOOTER_BYTES: u64 = 48;
pub(crate) const CHECKSUM_BYTES: u64 = 8;
const MAGIC: &[u8; 8] = b"strongRB";
const END_MAGIC: &[u8; 8] = b"endsblob";
const CHECKSUM_CRC64_NVME: u16 = 1;

/// What is wrong with a blob file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    #[error("its header is damaged")]
    Header,
    #[error("it has version {0}, newer than this program knows")]
    Version(u16),
    #[error("its footer is damaged")]
    Footer,
    #[error("it has {found} bytes where {expected} are due")]
    Length { expected: u64, found: u64 },
    #[error("block {0} does not match its checksum")]
    Block(u64),
}

/// The first bytes of a blob file.
pub(crate) fn header(id: &BlobId) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&BLOB_VERSION.to_le_bytes());
    bytes.extend_from_slice(&CHECKSUM_CRC64_NVME.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(BLOCK_BYTES).unwrap_or(0).to_le_bytes());
    bytes.extend_from_slice(id.as_bytes());
    bytes.resize(56, 0);
    seal(bytes)
}

/// Checks the first bytes of a blob file against the id that names it.
pub(crate) fn check_header(bytes: &[u8], id: &BlobId) -> Result<(), Flaw> {
    let version = bytes.get(8..10).and_then(|v| v.try_into().ok()).map(u16::from_le_bytes);
    match version {
        _ if bytes.get(..8) != Some(MAGIC.as_slice()) => Err(Flaw::Header),
        Some(version) if version > BLOB_VERSION => Err(Flaw::Version(version)),
        _ if bytes == header(id).as_slice() => Ok(()),
        _ => Err(Flaw::Header),
    }
}

/// The last bytes of a blob file.
pub(crate) fn footer(id: &BlobId, length: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(48);
    bytes.extend_from_slice(END_MAGIC);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(id.as_bytes());
    bytes.resize(40, 0);
    seal(bytes)
}

/// The blob's length, from the last bytes of a file of `file_bytes`.
pub(crate) fn check_footer(bytes: &[u8], id: &BlobId, file_bytes: u64) -> Result<u64, Flaw> {
    let field = bytes.get(8..16).and_then(|v| v.try_into().ok()).ok_or(Flaw::Footer)?;
    let length = u64::from_le_bytes(field);
    if length > BLOB_BYTES_MAX || bytes != footer(id, length).as_slice() {
        return Err(Flaw::Footer);
    }
    let expected = file_length(length);
    if expected == file_bytes {
        Ok(length)
    } else {
        Err(Flaw::Length { expected, found: file_bytes })
    }
}

fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = checksum(CrcAlgorithm::Crc64Nvme, &bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// The checksum of block `number`.
pub(crate) fn block_checksum(id: &BlobId, number: u64, data: &[u8]) -> [u8; 8] {
    let mut digest = Digest::new(CrcAlgorithm::Crc64Nvme);
    let mut place = [0; 24];
    let (name, index) = place.split_at_mut(16);
    name.copy_from_slice(id.as_bytes());
    index.copy_from_slice(&number.to_le_bytes());
    digest.update(&place);
    digest.update(data);
    digest.finalize().to_le_bytes()
}

/// The checksums of the blocks of `data`, which starts with block `first`.
pub(crate) fn checksums(id: &BlobId, first: u64, data: &[u8]) -> Vec<u8> {
    let mut sums = Vec::new();
    for (number, block) in (first..).zip(data.chunks(block_length())) {
        sums.extend_from_slice(&block_checksum(id, number, block));
    }
    sums
}

/// Checks the blocks of `data`, which starts with block `first`, against their checksums.
pub(crate) fn check_blocks(id: &BlobId, first: u64, data: &[u8], sums: &[u8]) -> Result<(), Flaw> {
    let mut stored = sums.chunks_exact(8);
    for (number, block) in (first..).zip(data.chunks(block_length())) {
        if stored.next() != Some(block_checksum(id, number, block).as_slice()) {
            return Err(Flaw::Block(number));
        }
    }
    Ok(())
}

fn block_length() -> usize {
    usize::try_from(BLOCK_BYTES).unwrap_or(usize::MAX)
}

/// How long the file of a blob of `length` bytes is.
pub(crate) fn file_length(length: u64) -> u64 {
    let sums = length.div_ceil(BLOCK_BYTES).saturating_mul(CHECKSUM_BYTES);
    HEADER_BYTES.saturating_add(length).saturating_add(sums).saturating_add(FOOTER_BYTES)
}

/// Where segment `number` starts in the file.
pub(crate) fn segment_at(number: u64) -> u64 {
    let full_segment = SEGMENT_BYTES.saturating_add(SEGMENT_BLOCKS.saturating_mul(CHECKSUM_BYTES));
    HEADER_BYTES.saturating_add(number.saturating_mul(full_segment))
}

/// Where a run of blocks inside one segment lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first block's number.
    pub(crate) first: u64,
    /// Where its data starts in the file, and how many bytes of data the run has.
    pub(crate) at: u64,
    pub(crate) bytes: u64,
    /// Where its checksums start in the file, and how many bytes they have.
    pub(crate) sums_at: u64,
    pub(crate) sums_bytes: u64,
}

/// The run that covers the bytes `from..to` of a blob of `length` bytes, up to the end of the
/// segment that holds `from`. Whole blocks only. `from < to ≤ length` is the caller's to know.
pub(crate) fn run(from: u64, to: u64, length: u64) -> Run {
    let segment = from.checked_div(SEGMENT_BYTES).unwrap_or(0);
    let segment_from = segment.saturating_mul(SEGMENT_BYTES);
    let segment_to = segment_from.saturating_add(SEGMENT_BYTES).min(length);
    let first = from.checked_div(BLOCK_BYTES).unwrap_or(0);
    let data_from = first.saturating_mul(BLOCK_BYTES);
    let data_to = to.min(segment_to).div_ceil(BLOCK_BYTES).saturating_mul(BLOCK_BYTES);
    let data_to = data_to.min(segment_to);
    let bytes = data_to.saturating_sub(data_from);
    let segment_at = segment_at(segment);
    let into = data_from.saturating_sub(segment_from);
    let sums_into = into.checked_div(BLOCK_BYTES).unwrap_or(0).saturating_mul(CHECKSUM_BYTES);
    let sums_at = segment_at.saturating_add(segment_to.saturating_sub(segment_from));
    Run {
        first,
        at: segment_at.saturating_add(into),
        bytes,
        sums_at: sums_at.saturating_add(sums_into),
        sums_bytes: bytes.div_ceil(BLOCK_BYTES).saturating_mul(CHECKSUM_BYTES),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: BlobId = BlobId::from_random([7; 16]);

    #[test]
    fn a_header_is_accepted_for_its_own_id_only() {
        let bytes = header(&ID);
        assert_eq!(bytes.len() as u64, HEADER_BYTES);
        assert_eq!(check_header(&bytes, &ID), Ok(()));
        let other = BlobId::from_random([8; 16]);
        assert_eq!(check_header(&bytes, &other), Err(Flaw::Header));
    }

    #[test]
    fn a_header_of_a_newer_version_is_named_as_such() {
        let mut bytes = header(&ID);
        bytes[8] = 2;
        assert_eq!(check_header(&bytes, &ID), Err(Flaw::Version(2)));
    }

    #[test]
    fn every_flipped_bit_of_header_and_footer_is_found() {
        let (head, foot) = (header(&ID), footer(&ID, 5));
        assert_eq!(foot.len() as u64, FOOTER_BYTES);
        assert_eq!(check_footer(&foot, &ID, file_length(5)), Ok(5));
        for bit in 0..head.len() * 8 {
            let mut bytes = head.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(check_header(&bytes, &ID).is_err(), "header bit {bit}");
        }
        for bit in 0..foot.len() * 8 {
            let mut bytes = foot.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(check_footer(&bytes, &ID, file_length(5)).is_err(), "footer bit {bit}");
        }
    }

    #[test]
    fn a_file_of_another_length_than_its_footer_says_is_refused() {
        let flaw = Flaw::Length { expected: file_length(5), found: 9 };
        assert_eq!(check_footer(&footer(&ID, 5), &ID, 9), Err(flaw));
    }

    #[test]
    fn a_block_is_refused_in_another_place_or_blob() {
        let data = vec![3; 70_000];
        let sums = checksums(&ID, 4, &data);
        assert_eq!(sums.len(), 16);
        assert_eq!(check_blocks(&ID, 4, &data, &sums), Ok(()));
        assert_eq!(check_blocks(&ID, 5, &data, &sums), Err(Flaw::Block(5)));
        let other = BlobId::from_random([8; 16]);
        assert_eq!(check_blocks(&other, 4, &data, &sums), Err(Flaw::Block(4)));
        assert_eq!(check_blocks(&ID, 4, &data, &sums[..8]), Err(Flaw::Block(5)));
    }

    #[test]
    fn a_run_covers_whole_blocks_and_stops_at_its_segment() {
        let length = 3 * SEGMENT_BYTES + 10;
        let one = run(BLOCK_BYTES + 1, BLOCK_BYTES + 2, length);
        assert_eq!((one.first, one.bytes, one.sums_bytes), (1, BLOCK_BYTES, 8));
        assert_eq!(one.at, HEADER_BYTES + BLOCK_BYTES);
        assert_eq!(one.sums_at, HEADER_BYTES + SEGMENT_BYTES + 8);
        let rest = run(BLOCK_BYTES, length, length);
        assert_eq!(rest.bytes, SEGMENT_BYTES - BLOCK_BYTES);
        let tail = run(3 * SEGMENT_BYTES + 9, length, length);
        assert_eq!((tail.first, tail.bytes, tail.sums_bytes), (48, 10, 8));
        assert_eq!(tail.at, HEADER_BYTES + 3 * (SEGMENT_BYTES + 128));
        assert_eq!(tail.sums_at, tail.at + 10);
    }
}
