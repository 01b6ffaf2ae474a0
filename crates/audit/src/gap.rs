//! Requests that found no room in the record: each was refused, nothing was done, and nothing says
//! who asked. They are counted, and when there is room again one leaf of the log says how many
//! there were.
//!
//! Until then the count is kept in two small files by turns, each rewritten in the block that it
//! has had since the start, so that a full disk takes it and a crash leaves one of them whole.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::{RequestId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::disk::{JournalDisk, Settle};
use crate::entry::{LeafKind, SCHEMA_VERSION};
use crate::journal::{Append, JournalError, Status};
use crate::line::Desk;
use crate::log::{Log, failed};
use crate::port::Clock;

/// Why requests were not recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unrecorded {
    /// The journal's disk was full, its reserve spent.
    Full,
    /// Too many entries waited for the disk.
    Waiting,
}

/// The leaf that says that requests were refused without an entry. One leaf, no entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is one row of docs/audit-schema.md")]
pub struct GapRecord {
    pub v: u8,
    pub entry: LeafKind,
    pub id: RequestId,
    pub time: Timestamp,
    pub first: Timestamp,
    pub last: Timestamp,
    pub requests: u64,
    pub why: Unrecorded,
}

/// What has not been said yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Gap {
    /// The first of the requests: no entry has its id, and the leaf will.
    id: RequestId,
    first: Timestamp,
    last: Timestamp,
    requests: u64,
    why: Unrecorded,
}

impl Gap {
    /// Both as one.
    fn and(self, more: Self) -> Self {
        Self {
            id: self.id,
            first: self.first.min(more.first),
            last: self.last.max(more.last),
            requests: self.requests.saturating_add(more.requests),
            why: more.why,
        }
    }
}

/// What the files say; the one of the higher number is newer.
#[derive(Serialize, Deserialize)]
struct Kept {
    v: u8,
    number: u64,
    gaps: Vec<Gap>,
}

/// Counts requests that were not recorded.
#[derive(Default)]
pub(crate) struct Tally(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    /// What comes now.
    counting: Option<Gap>,
    /// What a process counted that then died.
    before: Vec<Gap>,
    /// What is on its way into the log.
    telling: Vec<Gap>,
    /// The number of the files that were written last.
    number: u64,
    /// The files say something else.
    changed: bool,
}

impl Tally {
    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request that came at that time.
    pub(crate) fn note(&self, id: RequestId, came: Timestamp, why: Unrecorded) {
        let one = Gap { id, first: came, last: came, requests: 1, why };
        let mut counted = self.counted();
        counted.counting = Some(counted.counting.map_or(one, |gap| gap.and(one)));
        counted.changed = true;
    }

    /// Leaves with those ids survive power loss.
    pub(crate) fn settled(&self, ids: &[RequestId]) {
        let mut counted = self.counted();
        counted.telling.retain(|gap| !ids.contains(&gap.id));
        counted.changed = true;
    }

    /// Whether the files say something else than what is counted.
    pub(crate) fn has_changed(&self) -> bool {
        self.counted().changed
    }

    /// What belongs into which file now, if something else is there.
    pub(crate) fn changed(&self) -> Option<(&'static str, Vec<u8>)> {
        let mut counted = self.counted();
        if !std::mem::take(&mut counted.changed) {
            return None;
        }
        counted.number = counted.number.saturating_add(1);
        let gaps = counted.before.iter().chain(&counted.telling).chain(&counted.counting);
        let kept = Kept { v: SCHEMA_VERSION, number: counted.number, gaps: merged(gaps.copied()) };
        let [even, odd] = GAPS;
        let path = if kept.number.is_multiple_of(2) { even } else { odd };
        Some((path, page(&kept)))
    }

    /// Takes up what an earlier process counted.
    pub(crate) fn resume(&self, disk: &dyn JournalDisk) -> Result<(), JournalError> {
        let mut newest: Option<Kept> = None;
        for path in GAPS {
            let bytes = disk.read(path).map_err(failed("read what was not recorded"))?;
            // One that is cut short was being written when the process died: the other is whole.
            let kept = bytes.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
            let kept = kept.filter(|kept| kept.v == SCHEMA_VERSION);
            let number = |kept: &Option<Kept>| kept.as_ref().map(|kept| kept.number);
            if number(&kept) > number(&newest) {
                newest = kept;
            }
        }
        let mut counted = self.counted();
        if let Some(kept) = newest {
            (counted.number, counted.before) = (kept.number, kept.gaps);
        }
        Ok(())
    }

    /// What is to be told now; nothing while something is on its way.
    fn take(&self) -> Vec<Gap> {
        let mut counted = self.counted();
        if !counted.telling.is_empty() {
            return Vec::new();
        }
        let mut gaps = std::mem::take(&mut counted.before);
        gaps.extend(counted.counting.take());
        counted.telling.clone_from(&gaps);
        gaps
    }
}

/// All of them, the last ones as one if they are too many for a file.
fn merged(gaps: impl Iterator<Item = Gap>) -> Vec<Gap> {
    let mut some: Vec<Gap> = Vec::new();
    for gap in gaps {
        let full = some.len() >= GAPS_KEPT_MAX;
        match some.last_mut().filter(|_| full) {
            Some(last) => *last = last.and(gap),
            None => some.push(gap),
        }
    }
    some
}

/// A file of them: JSON, and blanks up to its end. The first byte is never cut off, so that the
/// file keeps its block.
fn page(kept: &Kept) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(kept).unwrap_or_default();
    bytes.resize(PAGE_BYTES, b' ');
    bytes
}

impl Log {
    /// Writes down what was counted since the last time, less what leaves say that are durable now,
    /// and makes it durable. On a disk that has no room even for that it stays in memory.
    pub(crate) fn keep_gaps(&mut self, durable: &[RequestId]) -> Result<(), JournalError> {
        if !durable.is_empty() {
            self.status.unrecorded.settled(durable);
        }
        let Some((path, bytes)) = self.status.unrecorded.changed() else { return Ok(()) };
        let kept = self.disk.write(path, 1, &bytes);
        match kept.and_then(|()| self.disk.sync(&[path.to_owned()])).map_err(failed(KEEP)) {
            Ok(()) | Err(JournalError::Full) => Ok(()),
            Err(error) => Err(self.poison(error)),
        }
    }

    /// Makes the files that are rewritten when the disk is full, if there is room, and takes up
    /// what is in them.
    pub(crate) fn resume_gaps(&mut self) -> Result<(), JournalError> {
        self.status.unrecorded.resume(&*self.disk)?;
        for path in GAPS {
            if self.disk.length(path).map_err(failed(KEEP))?.is_none() {
                let blank = vec![b' '; PAGE_BYTES.saturating_add(1)];
                match self.disk.replace(path, &blank, Settle::Now).map_err(failed(KEEP)) {
                    Ok(()) | Err(JournalError::Full) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}
/// Writes down in the log what was counted, once there is room; whether there was anything to say.
///
/// # Errors
/// The journal is closed.
pub(crate) fn tell(desk: &Desk, status: &Status, clock: &dyn Clock) -> Result<bool, JournalError> {
    let is = |flag: &std::sync::atomic::AtomicBool| flag.load(Ordering::Acquire);
    if is(&status.reserve_spent) || is(&status.poisoned) {
        return Ok(false);
    }
    let gaps = status.unrecorded.take();
    for gap in &gaps {
        let Gap { id, first, last, requests, why } = *gap;
        tracing::warn!(requests, ?why, "requests were refused and are not on record");
        let (v, entry, time) = (SCHEMA_VERSION, LeafKind::Gap, clock.now());
        let record = GapRecord { v, entry, id, time, first, last, requests, why };
        // Nobody waits for it: if the disk is full again, it is owed until it is not.
        let _ = desk.append(Append::tells_gap(id, serde_json::to_vec(&record)?), None)?;
    }
    Ok(!gaps.is_empty())
}

/// The two files.
const GAPS: [&str; 2] = ["gaps-0", "gaps-1"];
/// What the disk fails to do.
const KEEP: &str = "keep what was not recorded";
/// Bytes of a file but for its first: less than the block of any file system.
const PAGE_BYTES: usize = 1023;
/// Gaps of one file.
const GAPS_KEPT_MAX: usize = 4;
