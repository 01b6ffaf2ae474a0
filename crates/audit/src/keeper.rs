//! The keeper: a thread beside the writer that seals what is full or old, and removes what is past
//! its time. Nobody waits for it, and
//! while many requests come it waits for them, up to a backlog.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use names::{RequestId, Timestamp};

use crate::disk::JournalDisk;
use crate::gap;
use crate::hold::{Hold, HoldError, place, release};
use crate::journal::{Append, JournalError, Status};
use crate::keeping::{Keeping, ready, removable, used_bytes};
use crate::line::Desk;
use crate::port::{Clock, Random};
use crate::removal::{RemovalRecord, complete_removal, remove};
use crate::sealed::build::{mend_terms, seal, sweep};
use crate::sealed::file::SEALED_LEAVES_MAX;
use crate::sealed::shelf::runs;

/// How often the keeper looks.
const ROUND: Duration = Duration::from_secs(5);
/// When more leaves than this came in a round, sealing is put off.
const BUSY_LEAVES: u64 = 20_000;
/// It is put off no longer when so many leaves wait for it.
const BACKLOG_LEAVES_MAX: u64 = 16 * SEALED_LEAVES_MAX;

/// The keeper, and the bell that ends it.
pub(crate) struct Keeper {
    pub(crate) disk: Arc<dyn JournalDisk>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) status: Arc<Status>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) terms: Terms,
    state: Mutex<State>,
    bell: Condvar,
    /// Held while something is removed, and while holds are changed.
    holding: Mutex<()>,
}

/// What the keeper goes by.
pub(crate) struct Terms {
    pub(crate) keeping: Keeping,
    pub(crate) reserve_bytes: u64,
    /// Every leaf before this one was delivered to all sinks.
    pub(crate) delivered: Box<dyn Fn() -> u64 + Send + Sync>,
}

#[derive(Default)]
struct State {
    ending: bool,
    /// Something changed that the keeper goes by: it looks at once.
    called: bool,
}

/// What the keeper remembers from round to round.
#[derive(Default)]
struct Memory {
    /// How many leaves waited to be sealed.
    loose: Option<u64>,
    /// Up to where a leaf of the log says that leaves are removed.
    told: u64,
}

impl Keeper {
    pub(crate) fn new(
        (disk, desk, status): (Arc<dyn JournalDisk>, Arc<Desk>, Arc<Status>),
        (clock, random): (Arc<dyn Clock>, Arc<dyn Random>),
        terms: Terms,
    ) -> Self {
        let (state, bell, holding) = (Mutex::default(), Condvar::new(), Mutex::new(()));
        Self { disk, desk, status, clock, random, terms, state, bell, holding }
    }

    /// Has the thread end after the step that it is at.
    pub(crate) fn end(&self) {
        self.state().ending = true;
        self.bell.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when it is time to end.
    fn rest(&self) -> bool {
        let idle = |state: &mut State| !state.ending && !state.called;
        let rested = self.bell.wait_timeout_while(self.state(), ROUND, idle);
        let mut state = rested.unwrap_or_else(PoisonError::into_inner).0;
        state.called = false;
        state.ending
    }

    /// Serves until [`Keeper::end`].
    pub(crate) fn run(&self) {
        say("the terms of a segment could not be made again", mend_terms(&*self.disk));
        say("the record could not be measured", self.measure());
        let mut memory = Memory::default();
        while !self.rest() {
            say("a segment could not be sealed", self.round(&mut memory));
            say("a segment could not be removed", self.expire(&mut memory));
            say("the record could not be measured", self.measure());
            say("a gap could not be recorded", self.tell_gap());
        }
        say("a gap could not be recorded", self.tell_gap());
    }

    /// Says how many requests were not recorded, if there is room for it now.
    fn tell_gap(&self) -> Result<(), JournalError> {
        gap::tell(&self.desk, &self.status, &*self.clock).map(|_| ())
    }

    /// Seals what is ready, unless the journal is busy.
    fn round(&self, memory: &mut Memory) -> Result<(), JournalError> {
        loop {
            let state = ready(&*self.disk, &self.terms.keeping, self.clock.now())?;
            let before = memory.loose.replace(state.loose);
            let came = before.map_or(0, |before| state.loose.saturating_sub(before));
            let put_off = came > BUSY_LEAVES && state.loose <= BACKLOG_LEAVES_MAX;
            let Some(run) = state.run.filter(|_| !put_off) else { return Ok(()) };
            seal(&*self.disk, &run)?;
            if self.state().ending {
                return Ok(());
            }
            memory.loose = None;
        }
    }

    /// Removes what is older than the record is kept, or the oldest of what is too much.
    fn expire(&self, memory: &mut Memory) -> Result<(), JournalError> {
        let disk = &*self.disk;
        loop {
            let _held = self.holding.lock().unwrap_or_else(PoisonError::into_inner);
            let delivered = (self.terms.delivered)();
            let (keeping, now) = (&self.terms.keeping, self.clock.now());
            let Some((run, why, times)) = removable(disk, keeping, now, delivered)? else {
                return Ok(());
            };
            if memory.told < run.end {
                let mut drawn = [0; 10];
                self.random.fill(&mut drawn);
                let millis = u64::try_from(now.millis()).unwrap_or(0);
                let id = RequestId::from_parts(millis, drawn);
                let record = RemovalRecord::new((id, now), &run, times, why);
                self.tell(id, serde_json::to_vec(&record)?)?;
                memory.told = run.end;
            }
            tracing::info!(from = run.start, to = run.end, ?why, "retention removes leaves");
            remove(disk, &run)?;
        }
    }

    /// Writes a leaf that is no entry's, and waits until a checkpoint covers it.
    fn tell(&self, id: RequestId, leaf: Vec<u8>) -> Result<(), JournalError> {
        let _ = self.desk.append(Append::stands_alone(id, leaf), None)?;
        let (answer, wait) = tokio::sync::oneshot::channel();
        self.desk.flush(answer)?;
        wait.blocking_recv().unwrap_or(Err(JournalError::Closed))
    }

    /// Whether the record is as large as it may be, or larger than that and what is set aside.
    fn measure(&self) -> Result<(), JournalError> {
        let Some(cap) = self.terms.keeping.cap_bytes else { return Ok(()) };
        let used = used_bytes(&*self.disk)?;
        let past = cap.saturating_add(self.terms.reserve_bytes);
        if used > cap && !self.status.capped.swap(true, Ordering::AcqRel) {
            tracing::warn!(used, cap, "the record is as large as it may be: writes are refused");
        }
        self.status.capped.store(used > cap, Ordering::Release);
        self.status.past_cap.store(used > past, Ordering::Release);
        Ok(())
    }

    /// Places a hold: when this returns, nothing of its time is removed any more.
    pub(crate) fn place(&self, hold: Hold) -> Result<(), HoldError> {
        let _held = self.holding.lock().unwrap_or_else(PoisonError::into_inner);
        place(&*self.disk, hold)
    }

    /// Releases a hold; what it alone kept is removed soon.
    pub(crate) fn release(&self, name: &str) -> Result<(), HoldError> {
        let held = self.holding.lock().unwrap_or_else(PoisonError::into_inner);
        release(&*self.disk, name)?;
        drop(held);
        self.state().called = true;
        self.bell.notify_all();
        Ok(())
    }
}

fn say(what: &'static str, done: Result<(), JournalError>) {
    if let Err(error) = done {
        tracing::warn!(%error, what, "the journal is kept as it is");
    }
}

/// Seals everything that is full or old, on a directory that no server runs on: how many segments.
///
/// # Errors
/// The disk fails or is full, or the leaves are not those that the checkpoint promises.
pub fn seal_ready(
    disk: &dyn JournalDisk,
    keeping: &Keeping,
    now: Timestamp,
) -> Result<u64, JournalError> {
    complete(disk)?;
    let mut segments = 0_u64;
    while let Some(run) = ready(disk, keeping, now)?.run {
        seal(disk, &run)?;
        segments = segments.saturating_add(1);
    }
    Ok(segments)
}

/// The index after the last leaf that is sealed.
///
/// # Errors
/// The disk fails.
pub fn sealed_to(disk: &dyn JournalDisk) -> Result<u64, JournalError> {
    let (runs, removed) = runs(disk)?;
    Ok(runs.last().map_or(removed, |run| run.end))
}

/// Completes at the start what a crash interrupted.
///
/// # Errors
/// The disk fails.
pub(crate) fn complete(disk: &dyn JournalDisk) -> Result<(), JournalError> {
    complete_removal(disk)?;
    let removed = sweep(disk)?;
    if removed > 0 {
        tracing::info!(files = removed, "bundles of sealed segments were left, and are removed");
    }
    Ok(())
}
