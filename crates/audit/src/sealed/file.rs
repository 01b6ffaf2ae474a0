//! The file of a sealed segment: a head that says where each block is, then the blocks, each a run
//! of leaves compressed by itself, so that one leaf costs one block.

use std::ops::Range;

use zstd::bulk::Compressor;

use crate::merkle::TILE_WIDTH;
use crate::sealed::pile::Pile;

/// The directory of sealed segments.
pub(crate) const SEALED: &str = "sealed";
/// Most leaves of one segment: so many blocks fit the bits of one term.
pub const SEALED_LEAVES_MAX: u64 = BLOCK_LEAVES * BLOCKS_MAX as u64;
/// Leaves of one block: four bundles.
pub(crate) const BLOCK_LEAVES: u64 = 4 * TILE_WIDTH as u64;
/// Most blocks of one segment.
pub(crate) const BLOCKS_MAX: usize = 64;
/// Most bytes of one block before it is compressed: as many leaves of the largest size.
const BLOCK_BYTES_MAX: usize = 1024 * (2 + 65_535);
/// Most bytes of a head.
pub(crate) const HEAD_BYTES_MAX: u64 = (FIXED_BYTES + BLOCKS_MAX * PLACE_BYTES + 4) as u64;

const MAGIC: &[u8; 8] = b"strongSL";
const VERSION: u16 = 1;
/// Magic, version, first leaf, leaf after the last, number of blocks.
const FIXED_BYTES: usize = 8 + 2 + 8 + 8 + 4;
/// Of each block: bytes in the file, bytes when open, checksum.
const PLACE_BYTES: usize = 4 + 4 + 4;
/// What a block is compressed with: level 6 takes four times as long for a file that is a seventh
/// smaller, and level 1 saves nothing.
const LEVEL: i32 = 2;

/// One block's place in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place {
    stored: u32,
    plain: u32,
    checksum: u32,
}

/// What a sealed segment says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SealedHead {
    /// Its leaves.
    pub(crate) run: Range<u64>,
    places: Vec<Place>,
}

/// The name of a segment's file, or of its terms'.
pub(crate) fn path(run: &Range<u64>, ending: &str) -> String {
    format!("{SEALED}/{:020}-{:020}.{ending}", run.start, run.end)
}

/// The run that a name in the directory stands for, and the ending.
pub(crate) fn run_of(name: &str) -> Option<(Range<u64>, &str)> {
    let (numbers, ending) = name.split_once('.')?;
    let (from, to) = numbers.split_once('-')?;
    let run = from.parse().ok()?..to.parse().ok()?;
    (path(&run, ending).strip_prefix("sealed/") == Some(name)).then_some((run, ending))
}

pub(crate) fn crc(bytes: &[u8]) -> u32 {
    let mut digest = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc32Iscsi);
    digest.update(bytes);
    u32::try_from(digest.finalize()).unwrap_or(u32::MAX)
}

impl SealedHead {
    /// Reads a head from a file's first bytes; `None` if it is none, or damaged.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (version, rest) = rest.split_first_chunk::<2>()?;
        let (from, rest) = rest.split_first_chunk::<8>()?;
        let (to, rest) = rest.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
        let run = u64::from_be_bytes(*from)..u64::from_be_bytes(*to);
        let leaves = run.end.checked_sub(run.start)?;
        let whole = run.start.is_multiple_of(256) && leaves.is_multiple_of(256) && leaves > 0;
        let blocks = usize::try_from(leaves.div_ceil(BLOCK_LEAVES)).ok()?;
        if u16::from_be_bytes(*version) != VERSION || !whole || count != blocks {
            return None;
        }
        let table = rest.get(..count.checked_mul(PLACE_BYTES)?).filter(|_| count <= BLOCKS_MAX)?;
        let end = FIXED_BYTES.checked_add(table.len())?;
        let sum = bytes.get(end..)?.first_chunk::<4>()?;
        if crc(bytes.get(..end)?) != u32::from_be_bytes(*sum) {
            return None;
        }
        let number = |of: &[u8]| of.first_chunk::<4>().map(|four| u32::from_be_bytes(*four));
        let places = table.chunks(PLACE_BYTES).map(|place| {
            let (stored, plain) = (number(place)?, number(place.get(4..)?)?);
            Some(Place { stored, plain, checksum: number(place.get(8..)?)? })
        });
        let places = places.collect::<Option<Vec<_>>>()?;
        let open = |place: &Place| usize::try_from(place.plain).is_ok_and(|n| n <= BLOCK_BYTES_MAX);
        places.iter().all(open).then_some(Self { run, places })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&VERSION.to_be_bytes());
        out.extend_from_slice(&self.run.start.to_be_bytes());
        out.extend_from_slice(&self.run.end.to_be_bytes());
        out.extend_from_slice(&u32::try_from(self.places.len()).unwrap_or(u32::MAX).to_be_bytes());
        for place in &self.places {
            for number in [place.stored, place.plain, place.checksum] {
                out.extend_from_slice(&number.to_be_bytes());
            }
        }
        let sum = crc(&out);
        out.extend_from_slice(&sum.to_be_bytes());
        out
    }

    /// A number that differs whenever the leaves do: for telling whether terms belong to it.
    pub(crate) fn fingerprint(&self) -> u32 {
        crc(&self.bytes())
    }

    /// How many blocks there are.
    pub(crate) fn blocks(&self) -> usize {
        self.places.len()
    }

    /// The leaves of a block.
    pub(crate) fn leaves(&self, block: usize) -> Range<u64> {
        let before = u64::try_from(block).unwrap_or(u64::MAX).saturating_mul(BLOCK_LEAVES);
        let from = self.run.start.saturating_add(before);
        from..from.saturating_add(BLOCK_LEAVES).min(self.run.end)
    }

    /// The block that holds a leaf.
    pub(crate) fn block_of(&self, index: u64) -> Option<usize> {
        let place = index.checked_sub(self.run.start).filter(|_| index < self.run.end)?;
        usize::try_from(place / BLOCK_LEAVES).ok()
    }

    /// Where a block is in the file.
    pub(crate) fn place(&self, block: usize) -> Option<Range<u64>> {
        let head = FIXED_BYTES.checked_add(self.places.len().checked_mul(PLACE_BYTES)?)?;
        let before = self.places.get(..block)?.iter().map(|place| u64::from(place.stored));
        let from = u64::try_from(head.checked_add(4)?).ok()?.checked_add(before.sum())?;
        Some(from..from.checked_add(u64::from(self.places.get(block)?.stored))?)
    }

    /// How long the file is.
    pub(crate) fn file_bytes(&self) -> Option<u64> {
        self.place(self.places.len().checked_sub(1)?).map(|place| place.end)
    }

    /// The leaves of a block from its bytes in the file; `None` if they are damaged.
    pub(crate) fn open(&self, block: usize, stored: &[u8]) -> Option<Pile> {
        let place = self.places.get(block)?;
        if u32::try_from(stored.len()) != Ok(place.stored) || crc(stored) != place.checksum {
            return None;
        }
        let plain = usize::try_from(place.plain).ok()?;
        let bytes = zstd::bulk::decompress(stored, plain).ok()?;
        let leaves = self.leaves(block);
        let pile = Pile::parse(leaves.start, bytes)?;
        (pile.end() == leaves.end).then_some(pile)
    }
}

/// A segment on its way into a file.
pub(crate) struct Writing {
    head: SealedHead,
    body: Vec<u8>,
    compressor: Compressor<'static>,
}

impl Writing {
    /// Begins the segment of that run.
    ///
    /// # Errors
    /// There is no memory to compress with.
    pub(crate) fn new(run: Range<u64>) -> std::io::Result<Self> {
        let (head, body) = (SealedHead { run, places: Vec::new() }, Vec::new());
        Ok(Self { head, body, compressor: Compressor::new(LEVEL)? })
    }

    /// Adds the next block, as [`Pile::parse`] reads it.
    ///
    /// # Errors
    /// It cannot be compressed.
    pub(crate) fn block(&mut self, plain: &[u8]) -> std::io::Result<()> {
        let stored = self.compressor.compress(plain)?;
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(std::io::Error::other);
        let place =
            Place { stored: length(&stored)?, plain: length(plain)?, checksum: crc(&stored) };
        self.head.places.push(place);
        self.body.extend_from_slice(&stored);
        Ok(())
    }

    /// The whole file, and its head.
    pub(crate) fn finish(self) -> (SealedHead, Vec<u8>) {
        let bytes = [self.head.bytes(), self.body].concat();
        (self.head, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealed::pile::put_leaf;

    fn made() -> (SealedHead, Vec<u8>) {
        let mut writing = Writing::new(512..512 + 1280).unwrap();
        for block in 0..2_u64 {
            let mut plain = Vec::new();
            for n in 0..if block == 0 { 1024 } else { 256 } {
                put_leaf(&mut plain, format!("leaf {block} {n}").as_bytes());
            }
            writing.block(&plain).unwrap();
        }
        writing.finish()
    }

    #[test]
    fn a_segment_gives_back_its_blocks() {
        let (head, bytes) = made();
        assert_eq!(SealedHead::parse(&bytes), Some(head.clone()));
        assert_eq!(head.file_bytes(), u64::try_from(bytes.len()).ok());
        let place = head.place(1).unwrap();
        let stored = &bytes[usize::try_from(place.start).unwrap()..];
        let pile = head.open(1, stored).unwrap();
        assert_eq!((pile.first, pile.len()), (1536, 256));
        assert_eq!(pile.leaf(1537), Some(&b"leaf 1 1"[..]));
        assert_eq!((head.block_of(1535), head.block_of(1792)), (Some(0), None));
        assert!(head.open(0, stored).is_none(), "another block's bytes");
    }

    #[test]
    fn a_head_with_any_bit_turned_is_refused() {
        let (head, bytes) = made();
        let end = usize::try_from(head.place(0).unwrap().start).unwrap();
        for bit in 0..end * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(SealedHead::parse(&bad), None, "bit {bit}");
        }
        for cut in 0..end {
            assert_eq!(SealedHead::parse(&bytes[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn a_name_stands_for_one_run() {
        let run = 0..65_536;
        let name = path(&run, "leaves");
        assert_eq!(run_of(name.strip_prefix("sealed/").unwrap()), Some((run, "leaves")));
        for bad in ["0-1.leaves", "x", "00000000000000000000-00000000000000000256"] {
            assert_eq!(run_of(bad), None);
        }
    }
}
