//! The keeper: a thread beside the writer that seals what is full or old. Nobody waits for it, and
//! while many requests come it waits for them, up to a backlog.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::disk::JournalDisk;
use crate::journal::JournalError;
use crate::keeping::{Keeping, ready};
use crate::port::Clock;
use crate::sealed::build::{mend_terms, seal, sweep};
use crate::sealed::file::SEALED_LEAVES_MAX;

/// How often the keeper looks.
const ROUND: Duration = Duration::from_secs(5);
/// When more leaves than this came in a round, sealing is put off.
const BUSY_LEAVES: u64 = 20_000;
/// It is put off no longer when so many leaves wait for it.
const BACKLOG_LEAVES_MAX: u64 = 16 * SEALED_LEAVES_MAX;

/// The keeper, and the bell that ends it.
pub(crate) struct Keeper {
    disk: Arc<dyn JournalDisk>,
    clock: Arc<dyn Clock>,
    keeping: Keeping,
    ending: Mutex<bool>,
    bell: Condvar,
}

impl Keeper {
    pub(crate) fn new(disk: Arc<dyn JournalDisk>, clock: Arc<dyn Clock>, keeping: Keeping) -> Self {
        Self { disk, clock, keeping, ending: Mutex::new(false), bell: Condvar::new() }
    }

    /// Has the thread end after the step that it is at.
    pub(crate) fn end(&self) {
        *self.ending.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_all();
    }

    fn is_ending(&self) -> bool {
        *self.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when it is time to end.
    fn rest(&self) -> bool {
        let ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        let rested = self.bell.wait_timeout_while(ending, ROUND, |ending| !*ending);
        *rested.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Serves until [`Keeper::end`].
    pub(crate) fn run(&self) {
        self.say("the terms of a segment could not be made again", mend_terms(&*self.disk));
        let mut loose = None;
        while !self.rest() {
            let done = self.round(&mut loose);
            self.say("a segment could not be sealed", done);
        }
    }

    fn say(&self, what: &'static str, done: Result<(), JournalError>) {
        if let Err(error) = done {
            tracing::warn!(%error, what, "the journal is kept as it is");
        }
    }

    /// Seals what is ready, unless the journal is busy.
    fn round(&self, before: &mut Option<u64>) -> Result<(), JournalError> {
        loop {
            let state = ready(&*self.disk, &self.keeping, self.clock.now())?;
            let came = before.replace(state.loose).map(|old| state.loose.saturating_sub(old));
            let busy = came.is_some_and(|came| came > BUSY_LEAVES);
            let Some(run) = state.run.filter(|_| !busy || state.loose > BACKLOG_LEAVES_MAX) else {
                return Ok(());
            };
            seal(&*self.disk, &run)?;
            if self.is_ending() {
                return Ok(());
            }
            *before = None;
        }
    }
}

/// Completes at the start what a crash interrupted.
///
/// # Errors
/// The disk fails.
pub(crate) fn complete(disk: &dyn JournalDisk) -> Result<(), JournalError> {
    let removed = sweep(disk)?;
    if removed > 0 {
        tracing::info!(files = removed, "bundles of sealed segments were left, and are removed");
    }
    Ok(())
}
