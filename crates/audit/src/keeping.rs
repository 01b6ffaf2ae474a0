//! What becomes of leaves that are long on record: when they are sealed, and which run is next.

use std::ops::Range;
use std::time::Duration;

use names::Timestamp;

use crate::disk::JournalDisk;
use crate::entry::LeafKind;
use crate::glance::kind_and_id;
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::entries_path;
use crate::recover::read_checkpoint;
use crate::sealed::file::SEALED_LEAVES_MAX;
use crate::sealed::pile::Pile;
use crate::sealed::shelf::runs;
use crate::tail::tail_bases;

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
}

impl Default for Keeping {
    fn default() -> Self {
        Self { segment_bytes: SEGMENT_BYTES, segment_age: SEGMENT_AGE }
    }
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
    let from = runs(disk)?.last().map_or(0, |run| run.end);
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
