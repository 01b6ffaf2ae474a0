//! What becomes of leaves that are long on record: when they are sealed, and which run is next.

use std::ops::Range;
use std::time::Duration;

use names::Timestamp;

use crate::disk::JournalDisk;
use crate::entry::LeafKind;
use crate::glance::kind_and_id;
use crate::hold::holds;
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::{entries_path, tile_path};
use crate::recover::read_checkpoint;
use crate::removal::Why;
use crate::sealed::build::terms;
use crate::sealed::file::{SEALED, SEALED_LEAVES_MAX};
use crate::sealed::pile::Pile;
use crate::sealed::shelf::runs;
use crate::sealed::terms::Span;
use crate::tail::{segment_name, tail_bases};

/// Bytes of leaves after which a segment is full, unless it has [`SEALED_LEAVES_MAX`] before.
pub const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// How old the first leaf of a segment gets before it is sealed although it is not full.
pub const SEGMENT_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// How the record is kept once it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keeping {
    /// Bytes of leaves after which a segment is full.
    pub segment_bytes: u64,
    /// How old the first leaf of a segment gets before it is sealed although it is not full.
    pub segment_age: Duration,
    /// How long entries are kept; for ever, if not set.
    pub retention: Option<Duration>,
    /// How many bytes the record may have; as many as there are, if not set.
    pub cap_bytes: Option<u64>,
    /// What happens at the cap.
    pub at_cap: AtCap,
}

/// What happens when the record is as large as it may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtCap {
    /// Operations that store something are refused, as when the disk is full.
    Refuse,
    /// The oldest sealed segment is removed, unless it is held or a sink has not had it.
    DropOldest,
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            segment_bytes: SEGMENT_BYTES,
            segment_age: SEGMENT_AGE,
            retention: None,
            cap_bytes: None,
            at_cap: AtCap::Refuse,
        }
    }
}

/// How many bytes the record has on its disk, the reserve aside.
///
/// # Errors
/// The disk fails.
pub(crate) fn used_bytes(disk: &dyn JournalDisk) -> Result<u64, JournalError> {
    let mut bytes = 0_u64;
    let mut add = |path: &str| -> Result<(), JournalError> {
        let length = disk.length(path).map_err(failed("measure its files"))?;
        bytes = bytes.saturating_add(length.unwrap_or(0));
        Ok(())
    };
    for name in disk.list(SEALED).map_err(failed("list its sealed segments"))? {
        add(&format!("{SEALED}/{name}"))?;
    }
    for base in tail_bases(disk)? {
        add(&segment_name(base))?;
    }
    let size = read_checkpoint(disk)?.map_or(0, |checkpoint| checkpoint.size);
    let (runs, removed) = runs(disk)?;
    let sealed = runs.last().map_or(removed, |run| run.end);
    for number in sealed / 256..size / 256 {
        add(&entries_path(number, None))?;
        add(&tile_path(0, number, None))?;
    }
    // Of the tiles above, 32 bytes for 256 leaves, and a 256th of that above again.
    Ok(bytes.saturating_add(size / 8).saturating_add(size / 2048))
}

/// The oldest sealed segment, if it may be removed now, and why.
///
/// # Errors
/// The disk fails, or the segment is damaged.
pub(crate) fn removable(
    disk: &dyn JournalDisk,
    keeping: &Keeping,
    now: Timestamp,
    delivered: u64,
) -> Result<Option<(Range<u64>, Why, Span)>, JournalError> {
    let capped = keeping.cap_bytes.filter(|_| keeping.at_cap == AtCap::DropOldest);
    if keeping.retention.is_none() && capped.is_none() {
        return Ok(None);
    }
    let Some(oldest) = runs(disk)?.0.first().cloned().filter(|run| run.end <= delivered) else {
        return Ok(None);
    };
    let Some((terms, _)) = terms(disk, &oldest)? else { return Ok(None) };
    let span = terms.times();
    if holds(disk)?.iter().any(|hold| hold.keeps(span)) {
        return Ok(None);
    }
    let kept = keeping.retention.and_then(|kept| i64::try_from(kept.as_millis()).ok());
    let oldest_kept = kept.map(|kept| now.millis().saturating_sub(kept));
    if oldest_kept.is_some_and(|limit| span.is_some_and(|(_, last)| last < limit)) {
        return Ok(Some((oldest, Why::Age, span)));
    }
    let full = match capped {
        Some(cap) => used_bytes(disk)? > cap,
        None => false,
    };
    Ok(full.then_some((oldest, Why::Cap, span)))
}

/// Where sealing stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ready {
    /// The run that can be sealed now.
    pub(crate) run: Option<Range<u64>>,
    /// How many leaves lie in bundles that no tail holds any more.
    pub(crate) loose: u64,
}

/// The run that is full, or old, and under a checkpoint and in no tail.
///
/// # Errors
/// The disk fails, or a bundle is damaged.
pub(crate) fn ready(
    disk: &dyn JournalDisk,
    keeping: &Keeping,
    now: Timestamp,
) -> Result<Ready, JournalError> {
    let (runs, removed) = runs(disk)?;
    let from = runs.last().map_or(removed, |run| run.end);
    let promised = read_checkpoint(disk)?.map_or(0, |checkpoint| checkpoint.size);
    let tails = tail_bases(disk)?;
    let limit = tails.into_iter().min().unwrap_or(0).min(promised / 256 * 256);
    let loose = limit.saturating_sub(from);
    let mut end = from;
    let mut bytes = 0_u64;
    while end < limit {
        let length =
            disk.length(&entries_path(end / 256, None)).map_err(failed("read a bundle"))?;
        bytes = bytes.saturating_add(length.unwrap_or(0));
        end = end.saturating_add(256);
        if bytes >= keeping.segment_bytes || end.saturating_sub(from) >= SEALED_LEAVES_MAX {
            return Ok(Ready { run: Some(from..end), loose });
        }
    }
    let old = end > from && is_old(disk, from, keeping.segment_age, now)?;
    Ok(Ready { run: old.then_some(from..end), loose })
}

/// Whether the first entry of a bundle was begun so long ago, by its id.
fn is_old(
    disk: &dyn JournalDisk,
    first: u64,
    age: Duration,
    now: Timestamp,
) -> Result<bool, JournalError> {
    let bytes = disk.read(&entries_path(first / 256, None)).map_err(failed("read a bundle"))?;
    let pile = bytes.and_then(|bytes| Pile::parse(first, bytes));
    let entry = |leaf| kind_and_id(leaf).filter(|(kind, _)| *kind != LeafKind::Key);
    let id = pile.as_ref().and_then(|pile| pile.leaves().find_map(|(_, leaf)| entry(leaf)));
    let drawn = id.and_then(|(_, id)| i64::try_from(id.milliseconds()).ok());
    let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    Ok(drawn.is_some_and(|drawn| now.millis().saturating_sub(drawn) >= age))
}
