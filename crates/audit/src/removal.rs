//! Retention: the oldest sealed segment is removed, first of all said so in the log itself. What
//! stays is enough to prove that the rest grew from it: every tile above the leaves, and the leaf
//! hashes beside each checkpoint that was kept.
//!
//! The steps: (1) a leaf of kind `removed` is written, and a checkpoint is signed over it; (2) the
//! leaf hashes around kept checkpoints are written; (3) the file `removed` says how far; (4) the
//! segment is removed. From (3) on a crash is completed at the next start.

use std::ops::Range;

use names::{RequestId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::checkpoint::CHECKPOINTS_KEPT;
use crate::disk::{JournalDisk, Settle};
use crate::entry::{Leaf, LeafKind, SCHEMA_VERSION};
use crate::glance::kind_and_id;
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::{leaf_hash, tile_path};
use crate::sealed::file::path;
use crate::sealed::shelf::{block, head, sealed_runs};
use crate::signer::KeyRecord;

/// The file that says up to where leaves were removed.
pub(crate) const REMOVED: &str = "removed";

/// Why leaves were removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// They were older than the record is kept.
    Age,
    /// The record was larger than it may be.
    Cap,
}

/// The leaf that says that leaves were removed. One leaf, no entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is one row of docs/audit-schema.md")]
pub struct RemovalRecord {
    pub v: u8,
    pub entry: LeafKind,
    pub id: RequestId,
    pub time: Timestamp,
    pub from: u64,
    pub to: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last: Option<Timestamp>,
    pub why: Why,
}

impl RemovalRecord {
    pub(crate) fn new(
        (id, time): (RequestId, Timestamp),
        run: &Range<u64>,
        times: Option<(i64, i64)>,
        why: Why,
    ) -> Self {
        let (v, entry) = (SCHEMA_VERSION, LeafKind::Removed);
        let at = |millis: i64| Timestamp::from_millis(millis).ok();
        let (first, last) = (times.and_then(|t| at(t.0)), times.and_then(|t| at(t.1)));
        Self { v, entry, id, time, from: run.start, to: run.end, first, last, why }
    }
}

/// What the file `removed` says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Removed {
    /// Every leaf before this one was removed.
    pub(crate) to: u64,
    /// The records of keys among them: whoever has the first key follows to the later ones.
    pub(crate) keys: Vec<KeyRecord>,
}

/// What was removed from a disk.
///
/// # Errors
/// The disk fails, or the file is damaged.
pub(crate) fn removed(disk: &dyn JournalDisk) -> Result<Removed, JournalError> {
    let bytes = disk.read(REMOVED).map_err(failed("read what was removed"))?;
    let Some(bytes) = bytes else { return Ok(Removed::default()) };
    let read = serde_json::from_slice::<Removed>(&bytes).ok();
    let what = "it does not say up to where leaves were removed";
    let whole = read.filter(|removed| removed.to.is_multiple_of(256));
    whole.ok_or(JournalError::Corrupt { file: REMOVED.to_owned(), offset: 0, what })
}

/// Removes a sealed segment that a leaf of the log says is removed, the oldest one.
///
/// # Errors
/// The disk fails or the segment is damaged: call again, or start again.
pub(crate) fn remove(disk: &dyn JournalDisk, run: &Range<u64>) -> Result<(), JournalError> {
    let mut removed = removed(disk)?;
    let Some(head) = head(disk, run)? else { return Ok(()) };
    let kept = kept_within(disk, run)?;
    let mut written = Vec::new();
    for number in 0..head.blocks() {
        let pile = block(disk, &head, number)?;
        for (index, leaf) in pile.leaves() {
            if matches!(kind_and_id(leaf), Some((LeafKind::Key, _)))
                && let Ok(Leaf::Key(record)) = Leaf::parse(leaf)
            {
                removed.keys.push(*record);
            }
            if index % 256 == 0 && kept.contains(&(index / 256)) {
                let bundle = pile.leaves().filter(|(other, _)| other / 256 == index / 256);
                let hashes: Vec<u8> = bundle.flat_map(|(_, leaf)| leaf_hash(leaf)).collect();
                let tile = tile_path(0, index / 256, None);
                let done = disk.replace(&tile, &hashes, Settle::Later);
                done.map_err(failed("keep what a checkpoint needs"))?;
                written.push(tile);
            }
        }
    }
    disk.sync(&written).map_err(failed("keep what a checkpoint needs"))?;
    removed.to = run.end;
    let text = serde_json::to_vec(&removed)?;
    disk.replace(REMOVED, &text, Settle::Now).map_err(failed("say what is removed"))?;
    complete_removal(disk)
}

/// The bundles of a run inside which a checkpoint that was kept ends.
fn kept_within(disk: &dyn JournalDisk, run: &Range<u64>) -> Result<Vec<u64>, JournalError> {
    let names = disk.list(CHECKPOINTS_KEPT).map_err(failed("list its checkpoints"))?;
    let sizes = names.iter().filter_map(|name| name.parse::<u64>().ok());
    let inside = |size: &u64| run.contains(size) && !size.is_multiple_of(256);
    Ok(sizes.filter(inside).map(|size| size / 256).collect())
}

/// Removes the files of segments that the file `removed` speaks of.
///
/// # Errors
/// The disk fails.
pub(crate) fn complete_removal(disk: &dyn JournalDisk) -> Result<(), JournalError> {
    let to = removed(disk)?.to;
    for run in sealed_runs(disk)?.iter().filter(|run| run.end <= to) {
        for ending in ["terms", "leaves"] {
            disk.remove(&path(run, ending)).map_err(failed("remove a sealed segment"))?;
        }
    }
    Ok(())
}
