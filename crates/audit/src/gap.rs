//! Requests that found no room in the record: each was refused, nothing was done, and nothing says
//! who asked. They are counted, and when there is room again one leaf of the log says how many
//! there were.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use names::{RequestId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::entry::{LeafKind, SCHEMA_VERSION};
use crate::journal::{Append, JournalError, Status};
use crate::line::Desk;
use crate::port::{Clock, Random};

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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Gap {
    first: Timestamp,
    last: Timestamp,
    requests: u64,
    why: Unrecorded,
}

/// Counts requests that were not recorded.
#[derive(Default)]
pub(crate) struct Tally(Mutex<Option<Gap>>);

impl Tally {
    /// Counts a request that came at that time.
    pub(crate) fn note(&self, came: Timestamp, why: Unrecorded) {
        let mut gap = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, last, requests) = gap
            .as_ref()
            .map_or((came, came, 0), |gap| (gap.first.min(came), gap.last.max(came), gap.requests));
        *gap = Some(Gap { first, last, requests: requests.saturating_add(1), why });
    }

    fn take(&self) -> Option<Gap> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Writes down what was counted, once there is room; whether there was anything to say.
///
/// # Errors
/// The journal is closed.
pub(crate) fn tell(
    desk: &Desk,
    status: &Status,
    (clock, random): (&dyn Clock, &dyn Random),
) -> Result<bool, JournalError> {
    let is = |flag: &std::sync::atomic::AtomicBool| flag.load(Ordering::Acquire);
    if is(&status.reserve_spent) || is(&status.poisoned) {
        return Ok(false);
    }
    let Some(gap) = status.unrecorded.take() else { return Ok(false) };
    let time = clock.now();
    let mut drawn = [0; 10];
    random.fill(&mut drawn);
    let id = RequestId::from_parts(u64::try_from(time.millis()).unwrap_or(0), drawn);
    let (v, entry) = (SCHEMA_VERSION, LeafKind::Gap);
    let Gap { first, last, requests, why } = gap;
    tracing::warn!(requests, ?why, "requests were refused and are not on record");
    let record = GapRecord { v, entry, id, time, first, last, requests, why };
    // Nobody waits for it: if the disk is full again, it is owed until it is not.
    desk.append(Append::stands_alone(id, serde_json::to_vec(&record)?), None)?;
    Ok(true)
}
