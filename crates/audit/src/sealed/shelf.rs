//! The sealed segments of a disk: which leaves are in which file, and one block at a time of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use crate::disk::JournalDisk;
use crate::journal::JournalError;
use crate::log::failed;
use crate::removal::removed;
use crate::sealed::file::{HEAD_BYTES_MAX, SEALED, SealedHead, path, run_of};
use crate::sealed::pile::Pile;

/// Heads that are remembered: a few kilobytes each.
const HEADS_REMEMBERED_MAX: usize = 4096;

/// What is sealed, oldest first.
pub(crate) struct Shelf<'d> {
    disk: &'d dyn JournalDisk,
    runs: Vec<Range<u64>>,
    removed: u64,
    heads: RefCell<HashMap<u64, Rc<SealedHead>>>,
}

/// The runs of the sealed segments on a disk, oldest first; of two that overlap, which only
/// somebody else can have put there, the longer comes first.
///
/// # Errors
/// The disk fails.
pub(crate) fn sealed_runs(disk: &dyn JournalDisk) -> Result<Vec<Range<u64>>, JournalError> {
    let names = disk.list(SEALED).map_err(failed("list its sealed segments"))?;
    let mut runs: Vec<Range<u64>> = names
        .iter()
        .filter_map(|name| run_of(name).filter(|(_, ending)| *ending == "leaves"))
        .map(|(run, _)| run)
        .collect();
    runs.sort_by_key(|run| (run.start, std::cmp::Reverse(run.end)));
    Ok(runs)
}

/// The runs that are not removed, and up to where leaves are.
///
/// # Errors
/// The disk fails.
pub(crate) fn runs(disk: &dyn JournalDisk) -> Result<(Vec<Range<u64>>, u64), JournalError> {
    let mut runs = sealed_runs(disk)?;
    let removed = removed(disk)?.to;
    runs.retain(|run| run.end > removed);
    Ok((runs, removed))
}

/// The head of the segment of that run.
///
/// # Errors
/// The disk fails, or the head is missing or damaged.
pub(crate) fn head(
    disk: &dyn JournalDisk,
    run: &Range<u64>,
) -> Result<Option<SealedHead>, JournalError> {
    let file = path(run, "leaves");
    let bytes = disk.read_part(&file, 0..HEAD_BYTES_MAX);
    let Some(bytes) = bytes.map_err(failed("read a sealed segment"))? else { return Ok(None) };
    let head = SealedHead::parse(&bytes).filter(|head| head.run == *run);
    let what = "its head is damaged";
    head.map(Some).ok_or(JournalError::Corrupt { file, offset: 0, what })
}

/// A block of a segment.
///
/// # Errors
/// The disk fails, or the block is damaged.
pub(crate) fn block(
    disk: &dyn JournalDisk,
    head: &SealedHead,
    number: usize,
) -> Result<Pile, JournalError> {
    let file = path(&head.run, "leaves");
    let place = head.place(number).unwrap_or_default();
    let offset = place.start;
    let stored = disk.read_part(&file, place).map_err(failed("read a sealed segment"))?;
    let what = "a block is damaged";
    let pile = stored.and_then(|stored| head.open(number, &stored));
    pile.ok_or(JournalError::Corrupt { file, offset, what })
}

impl<'d> Shelf<'d> {
    pub(crate) fn open(disk: &'d dyn JournalDisk) -> Result<Self, JournalError> {
        let (runs, removed) = runs(disk)?;
        Ok(Self { disk, runs, removed, heads: RefCell::default() })
    }

    /// The runs, oldest first.
    pub(crate) fn runs(&self) -> &[Range<u64>] {
        &self.runs
    }

    /// The first leaf that was not removed.
    pub(crate) fn removed(&self) -> u64 {
        self.removed
    }

    /// The index after the last leaf that is sealed.
    pub(crate) fn end(&self) -> u64 {
        self.runs.last().map_or(self.removed, |run| run.end)
    }

    /// The run that a leaf is in.
    pub(crate) fn run_of(&self, index: u64) -> Option<&Range<u64>> {
        let after = self.runs.partition_point(|run| run.start <= index);
        let run = self.runs.get(after.checked_sub(1)?)?;
        run.contains(&index).then_some(run)
    }

    /// The head of a run.
    ///
    /// # Errors
    /// The disk fails, or the head is damaged or gone.
    pub(crate) fn head(&self, run: &Range<u64>) -> Result<Rc<SealedHead>, JournalError> {
        if let Some(head) = self.heads.borrow().get(&run.start) {
            return Ok(Rc::clone(head));
        }
        let gone =
            || JournalError::Corrupt { file: path(run, "leaves"), offset: 0, what: "it is gone" };
        let head = Rc::new(head(self.disk, run)?.ok_or_else(gone)?);
        let mut heads = self.heads.borrow_mut();
        if heads.len() >= HEADS_REMEMBERED_MAX {
            heads.clear();
        }
        heads.insert(run.start, Rc::clone(&head));
        Ok(head)
    }

    /// The block that holds a leaf; `None` if no segment does.
    ///
    /// # Errors
    /// The disk fails, or the segment is damaged.
    pub(crate) fn block_with(&self, index: u64) -> Result<Option<Pile>, JournalError> {
        let Some(run) = self.run_of(index) else { return Ok(None) };
        let head = self.head(run)?;
        let Some(number) = head.block_of(index) else { return Ok(None) };
        block(self.disk, &head, number).map(Some)
    }
}
