//! Sealing, step by step. Each step leaves a record that reads the same: (1) the segment's file is
//! written, synced, and read back; (2) its terms; (3) the bundles and lowest tiles that it was made
//! from are removed. A crash between two of them is completed by [`sweep`] when the journal is
//! opened again.

use std::ops::Range;

use crate::disk::{JournalDisk, Settle};
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::{Hash, entries_path, leaf_hash, tile_path};
use crate::proof::{beside, root_from};
use crate::prove::{ProofError, under_checkpoint};
use crate::sealed::file::{BLOCK_LEAVES, SealedHead, Writing, path};
use crate::sealed::gathering::Gathering;
use crate::sealed::pile::Pile;
use crate::sealed::shelf::{block, head, runs};
use crate::sealed::terms::Terms;
use crate::tiles::Tiles;

fn corrupt(file: String, what: &'static str) -> JournalError {
    JournalError::Corrupt { file, offset: 0, what }
}

/// Seals a run of whole bundles that are under the newest checkpoint and in no tail.
///
/// # Errors
/// The disk fails or is full, or the leaves are not those that the checkpoint promises: then
/// nothing is sealed and nothing removed.
pub(crate) fn seal(disk: &dyn JournalDisk, run: &Range<u64>) -> Result<(), JournalError> {
    let mut writing = Writing::new(run.clone()).map_err(failed("compress a segment"))?;
    let mut gathering = Gathering::default();
    let mut hashes = Vec::new();
    let (mut first, mut usual) = (run.start, 0);
    while first < run.end {
        let end = first.saturating_add(BLOCK_LEAVES).min(run.end);
        let mut plain = Vec::with_capacity(usual);
        for number in first / 256..end / 256 {
            let path = entries_path(number, None);
            let bytes = disk.read(&path).map_err(failed("read a bundle"))?;
            plain.extend(bytes.ok_or_else(|| corrupt(path, "it is missing"))?);
        }
        writing.block(&plain).map_err(failed("compress a segment"))?;
        // Blocks are much of a size.
        usual = plain.len().saturating_add(plain.len() / 8);
        let pile = Pile::parse(first, plain).filter(|pile| pile.end() == end);
        let pile = pile.ok_or_else(|| {
            corrupt(entries_path(first / 256, None), "it is not a bundle of 256 leaves")
        })?;
        gathering.block();
        for (_, leaf) in pile.leaves() {
            hashes.push(leaf_hash(leaf));
            gathering.leaf(leaf);
        }
        first = end;
    }
    promised(disk, run, &hashes)?;
    let (head, bytes) = writing.finish();
    let file = path(run, "leaves");
    disk.replace(&file, &bytes, Settle::Now).map_err(failed("write a sealed segment"))?;
    let back = disk.read(&file).map_err(failed("read a sealed segment"))?;
    if back.as_ref() != Some(&bytes) {
        return Err(corrupt(file, "it was not written as it should be"));
    }
    let terms = gathering.finish(&head).bytes();
    let written = disk.replace(&path(run, "terms"), &terms, Settle::Later);
    written.map_err(failed("write the terms of a segment"))?;
    clear(disk, run)
}

/// Whether those are the leaves that the newest checkpoint promises.
fn promised(disk: &dyn JournalDisk, run: &Range<u64>, hashes: &[Hash]) -> Result<(), JournalError> {
    let proved = under_checkpoint(disk, |checkpoint| {
        let mut tiles = Tiles::new(disk, checkpoint);
        let mut around = Vec::new();
        beside(run, 0..checkpoint.size, &mut |tree| tiles.subtree(tree), &mut around)?;
        let root = root_from(run, checkpoint.size, hashes.iter().copied(), &around);
        if root == Some(checkpoint.root) { Ok(()) } else { Err(ProofError::Root) }
    });
    match proved {
        Ok(()) => Ok(()),
        Err(ProofError::Journal(error)) => Err(error),
        Err(_) => Err(corrupt(
            entries_path(run.start / 256, None),
            "it and those after it are not what the checkpoint promises",
        )),
    }
}

/// Removes what a sealed run was made from.
fn clear(disk: &dyn JournalDisk, run: &Range<u64>) -> Result<(), JournalError> {
    for number in run.start / 256..run.end / 256 {
        for path in [entries_path(number, None), tile_path(0, number, None)] {
            disk.remove(&path).map_err(failed("remove what was sealed"))?;
        }
    }
    Ok(())
}

/// Completes what a crash interrupted: what lies in sealed segments lies nowhere else. Gives back
/// how many files it removed.
///
/// # Errors
/// The disk fails.
pub(crate) fn sweep(disk: &dyn JournalDisk) -> Result<u64, JournalError> {
    let (runs, removed) = runs(disk)?;
    let sealed = |number: u64| {
        let index = number.saturating_mul(256);
        runs.iter().any(|run| run.contains(&index))
    };
    // What was kept of removed leaves stays.
    let gone = |number: u64, directory: &str| {
        number.saturating_mul(256) < removed && directory == "tile/entries"
    };
    let mut removed = 0_u64;
    for directory in ["tile/entries", "tile/0"] {
        let mut found = Vec::new();
        numbers(disk, directory, 0, &mut found)?;
        for (number, path) in found {
            if sealed(number) || gone(number, directory) {
                disk.remove(&path).map_err(failed("remove what was sealed"))?;
                removed = removed.saturating_add(1);
            }
        }
    }
    Ok(removed)
}

/// The whole tiles under a directory, by their number.
fn numbers(
    disk: &dyn JournalDisk,
    directory: &str,
    thousands: u64,
    found: &mut Vec<(u64, String)>,
) -> Result<(), JournalError> {
    for name in disk.list(directory).map_err(failed("list its tiles"))? {
        let path = format!("{directory}/{name}");
        let at = |digits: &str| {
            let number = digits.parse::<u64>().ok().filter(|_| digits.len() == 3)?;
            thousands.checked_mul(1000)?.checked_add(number)
        };
        match name.strip_prefix('x') {
            Some(digits) => {
                if let Some(thousands) = at(digits) {
                    numbers(disk, &path, thousands, found)?;
                }
            }
            None => found.extend(at(&name).map(|number| (number, path))),
        }
    }
    Ok(())
}

/// The terms of a sealed segment: read, or made again from its leaves if they are missing or
/// damaged. `None` if the segment itself is gone.
///
/// # Errors
/// The disk fails, or the segment is damaged.
pub(crate) fn terms(
    disk: &dyn JournalDisk,
    run: &Range<u64>,
) -> Result<Option<(Terms, Made)>, JournalError> {
    head(disk, run)?.map(|head| terms_of(disk, &head)).transpose()
}

/// The terms of a sealed segment whose head is known.
///
/// # Errors
/// As [`terms`].
pub(crate) fn terms_of(
    disk: &dyn JournalDisk,
    head: &SealedHead,
) -> Result<(Terms, Made), JournalError> {
    let read = disk.read(&path(&head.run, "terms"));
    let read = read.map_err(failed("read the terms of a segment"))?;
    if let Some(terms) = read.and_then(|bytes| Terms::parse(&bytes, head)) {
        return Ok((terms, Made::Before));
    }
    let mut gathering = Gathering::default();
    for number in 0..head.blocks() {
        gathering.block();
        block(disk, head, number)?.leaves().for_each(|(_, leaf)| gathering.leaf(leaf));
    }
    Ok((gathering.finish(head), Made::Now))
}

/// Whether terms were on the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Made {
    Before,
    Now,
}

/// Writes the terms of segments that have none, or damaged ones.
///
/// # Errors
/// The disk fails, or a segment is damaged.
pub(crate) fn mend_terms(disk: &dyn JournalDisk) -> Result<(), JournalError> {
    for run in runs(disk)?.0 {
        if let Some((terms, Made::Now)) = terms(disk, &run)? {
            let written = disk.replace(&path(&run, "terms"), &terms.bytes(), Settle::Later);
            written.map_err(failed("write the terms of a segment"))?;
        }
    }
    Ok(())
}
