//! The tail: what was appended since the last whole segment, in frames that show how far they are
//! good. Group commit appends here and syncs here; tiles can be made from it at any time.

use std::ops::Range;

use names::RequestId;

use crate::disk::JournalDisk;
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::Hash;

/// The version of a frame.
const FRAME_VERSION: u8 = 1;
/// Version, kind, length, index, durable, checksum.
const FRAME_HEAD_BYTES: usize = 1 + 1 + 4 + 8 + 8 + 4;
/// Where the checksum stands.
const CHECKED_BYTES: usize = FRAME_HEAD_BYTES - 4;
/// Most bytes of a frame's payload: a head with a million open entries.
const PAYLOAD_BYTES_MAX: usize = 32 * 1024 * 1024;
/// The tail is cut when it is longer than this.
pub(crate) const SEGMENT_BYTES_MAX: u64 = 16 * 1024 * 1024;

const HEAD: u8 = 0;
const LEAF: u8 = 1;

/// What a segment begins with: the tree's edge where the segment begins, and the entries that were
/// open when it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// The log's name.
    pub(crate) origin: String,
    /// The index of the segment's first leaf; a multiple of 256.
    pub(crate) base: u64,
    /// How many leaves the log had when the segment was made.
    pub(crate) size: u64,
    /// The levels of the tree's edge above the leaves.
    pub(crate) upper: Vec<Vec<Hash>>,
    /// Entries open at `size`.
    pub(crate) open: Vec<RequestId>,
}

/// A segment, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) name: String,
    pub(crate) head: Head,
    pub(crate) leaves: Vec<Vec<u8>>,
    /// How many bytes are good; the rest is a torn tail.
    pub(crate) good_bytes: u64,
    pub(crate) torn_bytes: u64,
}

impl Segment {
    /// The index after the last leaf.
    pub(crate) fn end(&self) -> u64 {
        self.head.base.saturating_add(u64::try_from(self.leaves.len()).unwrap_or(0))
    }
}

/// The name of the segment that begins at `base`.
pub(crate) fn segment_name(base: u64) -> String {
    format!("tail-{base:020}")
}

/// Where each segment of a disk begins, in any order.
///
/// # Errors
/// The disk fails.
pub(crate) fn tail_bases(disk: &dyn JournalDisk) -> Result<Vec<u64>, JournalError> {
    let names = disk.list("").map_err(failed("list its files"))?;
    let base = |name: &String| name.strip_prefix("tail-").and_then(|digits| digits.parse().ok());
    Ok(names.iter().filter_map(base).collect())
}

/// A frame's fields, without its payload.
struct Frame<'a> {
    kind: u8,
    index: u64,
    durable: u64,
    payload: &'a [u8],
    bytes: usize,
}

/// Appends a leaf's frame to `out`. `durable` says how many leaves are known to be synced.
pub(crate) fn write_leaf(out: &mut Vec<u8>, index: u64, durable: u64, leaf: &[u8]) {
    write_frame(out, LEAF, (index, durable), leaf);
}

/// Appends a head's frame to `out`.
pub(crate) fn write_head(out: &mut Vec<u8>, head: &Head) {
    let mut payload = Vec::new();
    payload.extend_from_slice(&head.size.to_be_bytes());
    put_length(&mut payload, head.origin.len());
    payload.extend_from_slice(head.origin.as_bytes());
    put_length(&mut payload, head.upper.len());
    for nodes in &head.upper {
        put_length(&mut payload, nodes.len());
        payload.extend_from_slice(&nodes.concat());
    }
    put_length(&mut payload, head.open.len());
    for id in &head.open {
        payload.extend_from_slice(&id.to_bytes());
    }
    write_frame(out, HEAD, (head.base, head.size), &payload);
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

fn write_frame(out: &mut Vec<u8>, kind: u8, (index, durable): (u64, u64), payload: &[u8]) {
    let start = out.len();
    out.extend_from_slice(&[FRAME_VERSION, kind]);
    put_length(out, payload.len());
    out.extend_from_slice(&index.to_be_bytes());
    out.extend_from_slice(&durable.to_be_bytes());
    let sum = checksum(out.get(start..).unwrap_or_default(), payload);
    out.extend_from_slice(&sum.to_be_bytes());
    out.extend_from_slice(payload);
}

/// CRC-32C of head and payload.
fn checksum(head: &[u8], payload: &[u8]) -> u32 {
    let mut digest = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc32Iscsi);
    digest.update(head);
    digest.update(payload);
    u32::try_from(digest.finalize()).unwrap_or(u32::MAX)
}

/// The frame that `bytes` begin with, if it is whole and its checksum holds.
fn read_frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let (head, rest) = bytes.split_at_checked(FRAME_HEAD_BYTES)?;
    let (&version, fields) = head.split_first()?;
    let (&kind, fields) = fields.split_first()?;
    let (length, fields) = fields.split_first_chunk::<4>()?;
    let (index, fields) = fields.split_first_chunk::<8>()?;
    let (durable, fields) = fields.split_first_chunk::<8>()?;
    let (sum, _) = fields.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    if version != FRAME_VERSION || kind > LEAF || length > PAYLOAD_BYTES_MAX {
        return None;
    }
    let payload = rest.get(..length)?;
    if checksum(head.get(..CHECKED_BYTES)?, payload) != u32::from_be_bytes(*sum) {
        return None;
    }
    Some(Frame {
        kind,
        index: u64::from_be_bytes(*index),
        durable: u64::from_be_bytes(*durable),
        payload,
        bytes: FRAME_HEAD_BYTES.checked_add(length)?,
    })
}

fn read_head(frame: &Frame<'_>) -> Option<Head> {
    let (size, mut rest) = frame.payload.split_first_chunk::<8>()?;
    let length = |rest: &mut &[u8]| -> Option<usize> {
        let (length, after) = rest.split_first_chunk::<4>()?;
        *rest = after;
        usize::try_from(u32::from_be_bytes(*length)).ok()
    };
    let width = length(&mut rest)?;
    let (origin, after) = rest.split_at_checked(width)?;
    let origin = std::str::from_utf8(origin).ok()?.to_owned();
    rest = after;
    let mut upper = Vec::new();
    for _ in 0..length(&mut rest)?.min(8) {
        let width = length(&mut rest)?;
        let (nodes, after) = rest.split_at_checked(width.checked_mul(32)?)?;
        rest = after;
        upper.push(nodes.as_chunks::<32>().0.to_vec());
    }
    let count = length(&mut rest)?;
    let (ids, after) = rest.as_chunks::<16>();
    if ids.len() != count || !after.is_empty() {
        return None;
    }
    let open = ids.iter().map(|bytes| request_id(*bytes)).collect();
    let (base, size) = (frame.index, u64::from_be_bytes(*size));
    Some(Head { origin, base, size, upper, open })
}

fn request_id(bytes: [u8; 16]) -> RequestId {
    let value = u128::from_be_bytes(bytes);
    let milliseconds = u64::try_from(value >> 80).unwrap_or(0);
    let mut random = [0_u8; 10];
    for (to, from) in random.iter_mut().zip(bytes.iter().skip(6)) {
        *to = *from;
    }
    RequestId::from_parts(milliseconds, random)
}

/// Reads a segment up to its first bad frame. What follows is a torn tail, unless a later frame
/// proves that what is bad had been synced: then it is corruption.
///
/// # Errors
/// [`JournalError::Corrupt`], with the offset of the bad frame.
pub(crate) fn read_segment(name: &str, bytes: &[u8]) -> Result<Segment, JournalError> {
    let corrupt = |offset: usize, what: &'static str| JournalError::Corrupt {
        file: name.to_owned(),
        offset: u64::try_from(offset).unwrap_or(u64::MAX),
        what,
    };
    let first = read_frame(bytes).filter(|frame| frame.kind == HEAD);
    let first = first.ok_or_else(|| corrupt(0, "its head is not whole"))?;
    let head = read_head(&first).ok_or_else(|| corrupt(0, "its head makes no sense"))?;
    let (mut leaves, mut offset, mut index) = (Vec::new(), first.bytes, head.base);
    while let Some(frame) = bytes.get(offset..).and_then(read_frame) {
        if frame.kind != LEAF || frame.index != index {
            return Err(corrupt(offset, "a frame is out of order"));
        }
        leaves.push(frame.payload.to_vec());
        offset = offset.saturating_add(frame.bytes);
        index = index.saturating_add(1);
    }
    let rest = bytes.get(offset..).unwrap_or_default();
    if index < head.size || proves_synced(rest, index) {
        return Err(corrupt(offset, "a frame that had been synced is damaged"));
    }
    let good_bytes = u64::try_from(offset).unwrap_or(u64::MAX);
    let torn_bytes = u64::try_from(rest.len()).unwrap_or(u64::MAX);
    Ok(Segment { name: name.to_owned(), head, leaves, good_bytes, torn_bytes })
}

/// The frames of `bytes` for another segment, in which `durable` leaves are known to be synced;
/// `None` unless they are whole, and hold exactly those leaves.
pub(crate) fn frames_again(mut bytes: &[u8], durable: u64, leaves: Range<u64>) -> Option<Vec<u8>> {
    let (mut frames, mut next) = (Vec::with_capacity(bytes.len()), leaves.start);
    while !bytes.is_empty() {
        let frame = read_frame(bytes).filter(|frame| (frame.kind, frame.index) == (LEAF, next))?;
        write_leaf(&mut frames, frame.index, durable, frame.payload);
        bytes = bytes.get(frame.bytes..)?;
        next = next.checked_add(1)?;
    }
    (next == leaves.end).then_some(frames)
}

/// Whether a good frame in `rest` says that leaf `index` had been synced before it was written.
fn proves_synced(rest: &[u8], index: u64) -> bool {
    let starts = rest.iter().enumerate().skip(1).filter(|(_, byte)| **byte == FRAME_VERSION);
    starts
        .filter_map(|(start, _)| rest.get(start..).and_then(read_frame))
        .any(|frame| frame.durable > index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(durable: impl Fn(u64) -> u64) -> (Vec<u8>, Vec<usize>) {
        let open = vec![RequestId::from_parts(7, [9; 10])];
        let (origin, upper) = ("o/x".to_owned(), vec![vec![[3; 32]; 2]]);
        let head = Head { origin, base: 512, size: 512, upper, open };
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        write_head(&mut bytes, &head);
        ends.push(bytes.len());
        for index in 512..520 {
            write_leaf(&mut bytes, index, durable(index), format!("leaf {index}").as_bytes());
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    #[test]
    fn a_segment_gives_back_its_head_and_leaves() {
        let (bytes, _) = segment(|_| 512);
        let read = read_segment("tail", &bytes).unwrap();
        assert_eq!((read.leaves.len(), read.end(), read.torn_bytes), (8, 520, 0));
        assert_eq!(read.head.open, [RequestId::from_parts(7, [9; 10])]);
        assert_eq!(read.head.upper, [[[3; 32]; 2]]);
        assert_eq!(read.head.origin, "o/x");
    }

    #[test]
    fn a_tail_torn_at_any_byte_keeps_every_whole_frame() {
        let (bytes, ends) = segment(|_| 512);
        for cut in ends[0]..bytes.len() {
            let read = read_segment("tail", &bytes[..cut]).unwrap();
            let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
            assert_eq!(read.leaves.len(), whole, "{cut}");
        }
    }

    #[test]
    fn damage_to_what_was_synced_is_corruption_and_names_the_offset() {
        let (mut bytes, ends) = segment(|index| index);
        bytes[ends[2] + 30] ^= 1;
        let error = read_segment("tail", &bytes).unwrap_err();
        let JournalError::Corrupt { offset, .. } = error else { panic!("{error}") };
        assert_eq!(offset, u64::try_from(ends[2]).unwrap());
    }

    #[test]
    fn damage_to_what_was_never_synced_is_a_torn_tail() {
        let (mut bytes, ends) = segment(|_| 512);
        bytes[ends[2] + 30] ^= 1;
        assert_eq!(read_segment("tail", &bytes).unwrap().leaves.len(), 2);
    }

    #[test]
    fn frames_for_another_segment_are_whole_and_say_what_is_durable_there() {
        let (bytes, ends) = segment(|index| index);
        let since = &bytes[ends[3]..];
        let mut fresh = Vec::new();
        for index in 515..520 {
            write_leaf(&mut fresh, index, 515, format!("leaf {index}").as_bytes());
        }
        assert_eq!(frames_again(since, 515, 515..520), Some(fresh.clone()));
        // The same in two steps: the first leaves, then the rest.
        let (first, rest) = since.split_at(ends[5] - ends[3]);
        let mut steps = frames_again(first, 515, 515..517).unwrap();
        steps.extend(frames_again(rest, 515, 517..520).unwrap());
        assert_eq!(steps, fresh);
        assert_eq!(frames_again(&[], 515, 520..520), Some(Vec::new()));
        assert_eq!(frames_again(&[], 515, 515..520), None, "it ends too soon");
        assert_eq!(frames_again(since, 514, 514..520), None, "it begins too late");
        assert_eq!(frames_again(&since[..since.len() - 1], 515, 515..520), None, "it is cut short");
        assert_eq!(frames_again(&bytes, 512, 512..520), None, "a head is no leaf");
    }

    #[test]
    fn a_segment_without_its_head_is_corrupt() {
        assert!(read_segment("tail", b"").is_err());
        let (bytes, ends) = segment(|_| 512);
        assert!(read_segment("tail", &bytes[..ends[0] - 1]).is_err());
        assert!(read_segment("tail", &bytes[ends[0]..]).is_err());
    }
}
