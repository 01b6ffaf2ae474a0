//! A run of the record for somebody else: its leaves, word for word, and what proves them under a
//! signed checkpoint. One file, verified with the public key alone.
//!
//! The first line is JSON: `bundle` (1), `from` and `to` (the run of leaves), `hashes` (base 64 of
//! the hash of each leaf, one after the other), `beside` (the hashes of the subtrees beside the
//! run), `checkpoint` (the signed note). Each line after it is one leaf.

use std::io::{self, BufRead, Write};
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::checkpoint::Checkpoint;
use crate::disk::JournalDisk;
use crate::entry::LEAF_BYTES_MAX;
use crate::merkle::{Hash, leaf_hash};
use crate::note::VerifierKey;
use crate::proof::{beside, root_from};
use crate::prove::{PROOF_HASHES_MAX, ProofError, under_checkpoint};
use crate::reader::Reader;
use crate::report::Problem;
use crate::tiles::Tiles;

/// Most leaves of a bundle.
pub const BUNDLE_LEAVES_MAX: u64 = 1_000_000;
/// Most bytes of a bundle's first line: so many hashes in base 64, and a little.
const HEAD_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// The version of the form.
const BUNDLE_VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    bundle: u8,
    from: u64,
    to: u64,
    hashes: String,
    beside: String,
    checkpoint: String,
}

/// What a bundle turned out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BundleReport {
    /// Which leaves it holds.
    pub leaves: Range<u64>,
    /// What they were proved under.
    pub checkpoint: Checkpoint,
    /// Everything that is wrong, the first bad leaf first; nothing is the proof.
    pub problems: Vec<Problem>,
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The record cannot be read, or does not prove the run.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The run is empty or too long.
    #[error("a bundle has 1 to {BUNDLE_LEAVES_MAX} leaves, not {leaves}")]
    Run {
        /// How many were asked for.
        leaves: u64,
    },
    /// The file is not of the form.
    #[error("it is not a bundle: {what}")]
    Form {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The file cannot be read or written.
    #[error("the bundle cannot be read or written")]
    Io(#[from] io::Error),
}

/// Writes the bundle of a run of leaves, under the newest checkpoint.
///
/// # Errors
/// The run is empty, too long or not covered by a checkpoint yet; the record is damaged.
pub fn export(
    disk: &dyn JournalDisk,
    run: &Range<u64>,
    out: &mut dyn Write,
) -> Result<Checkpoint, BundleError> {
    let leaves = run.end.saturating_sub(run.start);
    if leaves == 0 || leaves > BUNDLE_LEAVES_MAX {
        return Err(BundleError::Run { leaves });
    }
    let (checkpoint, beside) = under_checkpoint(disk, |checkpoint| {
        if checkpoint.size < run.end {
            return Err(ProofError::Uncovered { index: run.end.saturating_sub(1) });
        }
        let mut tiles = Tiles::new(disk, checkpoint);
        let mut hashes = Vec::new();
        beside(run, 0..checkpoint.size, &mut |tree| tiles.subtree(tree), &mut hashes)?;
        Ok((checkpoint.clone(), hashes))
    })?;
    // Twice through the leaves rather than all of them in memory.
    let reader = Reader::open(disk).map_err(ProofError::from)?;
    let leaf = |index: u64| reader.leaf(index).map_err(ProofError::from);
    let mut hashes = Vec::new();
    for index in run.clone() {
        hashes.extend_from_slice(&leaf_hash(&leaf(index)?));
    }
    let head = Head {
        bundle: BUNDLE_VERSION,
        from: run.start,
        to: run.end,
        hashes: STANDARD.encode(hashes),
        beside: STANDARD.encode(beside.concat()),
        checkpoint: checkpoint.note(),
    };
    serde_json::to_writer(&mut *out, &head).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    for index in run.clone() {
        out.write_all(&leaf(index)?)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(checkpoint)
}

/// Verifies a bundle with the public key alone.
///
/// # Errors
/// It is not a bundle. Damage is no error but a [`Problem`].
pub fn verify_bundle(
    bundle: &mut dyn BufRead,
    key: &VerifierKey,
) -> Result<BundleReport, BundleError> {
    let line = line(bundle, HEAD_BYTES_MAX)?.unwrap_or_default();
    let form = |what: &'static str| BundleError::Form { what };
    let head: Head =
        serde_json::from_slice(&line).map_err(|_| form("the first line is another"))?;
    if head.bundle != BUNDLE_VERSION {
        return Err(form("its version is not one that this program reads"));
    }
    let checkpoint = Checkpoint::parse(head.checkpoint.as_bytes());
    let checkpoint = checkpoint.ok_or_else(|| form("it holds no checkpoint"))?;
    let listed = hashes(&head.hashes).ok_or_else(|| form("its hashes cannot be read"))?;
    let beside = hashes(&head.beside).filter(|beside| beside.len() <= 2 * PROOF_HASHES_MAX);
    let beside = beside.ok_or_else(|| form("what is beside cannot be read"))?;
    let run = head.from..head.to;
    let mut problems = Vec::new();
    let mut wrong = |place: String, what: &str| {
        problems.push(Problem { place, what: what.to_owned() });
    };
    let mut places = run.clone();
    for expected in &listed {
        let place = places.next().unwrap_or(run.end);
        let at = || format!("leaf {place}");
        match self::line(bundle, u64::try_from(LEAF_BYTES_MAX).unwrap_or(u64::MAX))? {
            None => {
                wrong(at(), "it is missing, and so is everything after it");
                break;
            }
            Some(leaf) if leaf_hash(&leaf) != *expected => wrong(at(), "it was altered"),
            Some(_) => {}
        }
    }
    if !bundle.fill_buf()?.is_empty() {
        wrong(format!("leaf {}", run.end), "there is more than the bundle promises");
    }
    if !checkpoint.is_signed_by(key) {
        wrong("checkpoint".to_owned(), "the key did not sign it");
    }
    if root_from(&run, checkpoint.size, listed, &beside) != Some(checkpoint.root) {
        wrong("hashes".to_owned(), "they do not lead to the root that is signed");
    }
    Ok(BundleReport { leaves: run, checkpoint, problems })
}

/// The next line without its end; `None` after the last.
fn line(from: &mut dyn BufRead, bytes_max: u64) -> Result<Option<Vec<u8>>, BundleError> {
    let mut line = Vec::new();
    io::Read::take(&mut *from, bytes_max.saturating_add(1)).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(BundleError::Form { what: "a line is too long or has no end" });
    }
    Ok(Some(line))
}

fn hashes(text: &str) -> Option<Vec<Hash>> {
    let bytes = STANDARD.decode(text).ok()?;
    bytes.chunks(32).map(|hash| Hash::try_from(hash).ok()).collect()
}
