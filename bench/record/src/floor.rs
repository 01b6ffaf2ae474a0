//! The least that any program must do for an entry of this format, whatever it does besides: its
//! JSON, the SHA-256 of each leaf once, its bytes to the operating system once, its block
//! compressed once. One thread, nothing shared, nothing else: the least of several passes.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use audit::disk::FileDisk;
use audit::entry::Leaf;
use audit::{Keeping, Reader, json, seal_ready, sealed_to};
use names::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::processor_seconds;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Leaves that it is measured with: some megabytes more than the processor keeps near it.
const LEAVES: u64 = 64 * 1024;
/// How often; the least counts, since whatever else the machine does only adds to it.
const PASSES: u32 = 9;
/// Leaves of one block of a sealed segment, and the level it is compressed with
/// (docs/storage-format/journal.md, docs/decisions/sealed-segments.md).
const BLOCK_LEAVES: usize = 1024;
const LEVEL: i32 = 2;
/// Leaves of one bundle, written at once.
const BUNDLE_LEAVES: usize = 256;
/// Bytes in which nearly every leaf has room.
const LEAF_BYTES_USUAL: usize = 2048;

/// Microseconds of one entry.
pub(crate) struct Floor {
    /// Its JSON is written.
    pub(crate) json: f64,
    /// Its leaves are hashed, each once.
    pub(crate) hash: f64,
    /// Its bytes are copied to the operating system, 256 leaves at a time.
    pub(crate) copy: f64,
    /// The same, once for each entry: what it takes if it must be there before the next begins.
    pub(crate) copy_alone: f64,
    /// It is compressed.
    pub(crate) compress: f64,
}

/// Measures it with the first leaves of a journal that is closed.
pub(crate) fn floor(journal: &Path, scratch: &Path) -> Result<Floor, Failure> {
    let disk = FileDisk::new(journal.to_owned());
    let reader = Reader::open(&disk)?;
    let end = reader.first().saturating_add(LEAVES).min(reader.len());
    let leaves: Vec<Vec<u8>> =
        (reader.first()..end).map(|index| reader.leaf(index)).collect::<Result<_, _>>()?;
    let read: Vec<Leaf> = leaves.iter().map(|leaf| Leaf::parse(leaf)).collect::<Result<_, _>>()?;
    let entries = read.iter().filter(|leaf| matches!(leaf, Leaf::Opened(_))).count();
    let entries = f64::from(u32::try_from(entries)?);
    let together = |leaves: &[Vec<u8>]| -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        for leaf in leaves {
            bytes.extend_from_slice(&u16::try_from(leaf.len())?.to_be_bytes());
            bytes.extend_from_slice(leaf);
        }
        Ok(bytes)
    };
    let piles = |of: usize| leaves.chunks(of).map(together).collect::<Result<Vec<_>, _>>();
    let (blocks, bundles, pairs) = (piles(BLOCK_LEAVES)?, piles(BUNDLE_LEAVES)?, piles(2)?);
    let least = |pass: &mut dyn FnMut() -> Result<(), Failure>| -> Result<f64, Failure> {
        let mut least = f64::MAX;
        for _ in 0..PASSES {
            let began = Instant::now();
            pass()?;
            least = least.min(began.elapsed().as_secs_f64());
        }
        Ok(least * 1e6 / entries)
    };
    let written = |piles: &[Vec<u8>]| -> Result<(), Failure> {
        let mut file = File::create(scratch)?;
        Ok(piles.iter().try_for_each(|pile| file.write_all(pile))?)
    };
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    let floor = Floor {
        json: least(&mut || read.iter().try_for_each(told))?,
        hash: least(&mut || {
            for leaf in &leaves {
                let hash = Sha256::new().chain_update([0]).chain_update(leaf).finalize();
                std::hint::black_box(hash);
            }
            Ok(())
        })?,
        copy: least(&mut || written(&bundles))?,
        copy_alone: least(&mut || written(&pairs))?,
        compress: least(&mut || {
            let compress = |block: &Vec<u8>| compressor.compress(block).map(std::hint::black_box);
            Ok(blocks.iter().map(compress).try_for_each(|done| done.map(drop))?)
        })?,
    };
    std::fs::remove_file(scratch)?;
    Ok(floor)
}

/// Writes the JSON of a leaf as the journal does.
fn told(leaf: &Leaf) -> Result<(), Failure> {
    let json = match leaf {
        Leaf::Opened(opened) => json::written(opened, LEAF_BYTES_USUAL)?,
        Leaf::Closed(closed) => json::written(closed, LEAF_BYTES_USUAL)?,
        // The one leaf of the log's key.
        _ => return Ok(()),
    };
    drop(std::hint::black_box(json));
    Ok(())
}

/// What it takes to seal a journal that is closed, in microseconds of a processor an entry.
pub(crate) fn sealing(journal: &Path) -> Result<f64, Failure> {
    let disk = FileDisk::new(journal.to_owned());
    let (before, used) = (sealed_to(&disk)?, processor_seconds());
    let used = used.map_err(|error| error.to_string())?;
    let keeping = Keeping { segment_age: std::time::Duration::ZERO, ..Keeping::default() };
    let late = Timestamp::from_millis(i64::MAX / 2_000_000).unwrap_or_default();
    seal_ready(&disk, &keeping, late)?;
    let used = processor_seconds().map_err(|error| error.to_string())? - used;
    let sealed = sealed_to(&disk)?.saturating_sub(before);
    Ok(used * 2e6 / f64::from(u32::try_from(sealed)?))
}
