//! What waits to be written, and who writes it: whoever asks while nobody else writes, or else the
//! writer thread.
//!
//! A caller that found the log free commits on its own thread: two wakes of sleeping threads cost
//! more than the write. It never syncs and never makes tiles; those are the writer's.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::journal::{Append, Durability, JournalError, WAITING_ENTRIES_MAX};
use crate::log::{Log, Waiting};
use crate::port::Clock;

/// Most appends that are committed together.
const BATCH_APPENDS_MAX: usize = 4096;
/// How long second leaves, for which nobody waits, may wait for a first leaf to go with.
const LINGER: Duration = Duration::from_millis(5);
/// A commit that takes longer finds a disk that makes its callers wait: then the writer waits for
/// it, until a commit is quick again, so that no caller's thread stands still.
const SLOW: Duration = Duration::from_millis(2);

/// How often a caller looks whether the log is free before it leaves its leaf to whoever has it: a
/// commit takes microseconds, to sleep and be woken takes more.
const LOOKS: usize = 128;

/// Whoever flushes.
pub(crate) type Flush = oneshot::Sender<Result<(), JournalError>>;

/// The log, and the line before it.
pub(crate) struct Desk {
    log: Mutex<Log>,
    line: Mutex<Line>,
    /// Held while whole bundles are written; taken before the log.
    upkeep: Mutex<()>,
    /// Rung when the writer has something to do.
    bell: Condvar,
    clock: Arc<dyn Clock>,
    /// The last commit took long.
    slow: AtomicBool,
}

#[derive(Default)]
struct Line {
    waiting: Vec<Waiting>,
    flushes: Vec<Flush>,
    /// Only the writer can do what waits, or it should do it now.
    urgent: bool,
    /// The writer should look at the log; nobody waits for it.
    upkeep: bool,
    /// Nobody but the writer may write, and it does not yet.
    held: bool,
    /// Somebody waits for an append that is in the line.
    awaited: bool,
    /// An append in the line must be on disk: only the writer syncs.
    strict: bool,
    /// The writer looks again after [`LINGER`]: it need not be rung for what can wait as long.
    lingering: bool,
    closed: bool,
}

/// Why the writer woke.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    /// Something may wait, or it is time to look.
    Work,
    /// The journal is being closed.
    Closed,
}

impl Desk {
    pub(crate) fn new(log: Log, clock: Arc<dyn Clock>) -> Self {
        let (log, line, upkeep) = (Mutex::new(log), Mutex::default(), Mutex::default());
        let (bell, slow) = (Condvar::new(), AtomicBool::new(false));
        Self { log, line, upkeep, bell, clock, slow }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        // No critical section of the line can be left half done by a panic.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The log. A panic amid a commit leaves it in no state to be trusted.
    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(|poisoned| {
            let mut log = poisoned.into_inner();
            log.distrust();
            log
        })
    }

    /// Puts an append into the line, and writes it here if nobody else writes. Only one that
    /// somebody waits for may be refused for want of room: each other has an opened entry before
    /// it, and those are counted.
    ///
    /// # Errors
    /// The journal is closed, or too many entries wait.
    pub(crate) fn append(
        &self,
        append: Append,
        receipt: Option<oneshot::Sender<Result<(), JournalError>>>,
    ) -> Result<(), JournalError> {
        let (awaited, strict) = (receipt.is_some(), append.durability == Durability::Strict);
        let mut line = self.line();
        if line.closed {
            return Err(JournalError::Closed);
        }
        let waiting = line.waiting.len();
        if awaited && waiting >= WAITING_ENTRIES_MAX {
            return Err(JournalError::QueueFull { waiting });
        }
        line.waiting.push(Waiting { append, receipt });
        line.awaited |= awaited;
        line.strict |= strict;
        if strict || (awaited && self.slow.load(Ordering::Relaxed)) {
            self.ring(&mut line);
        } else if !awaited && !line.lingering {
            line.lingering = true;
            self.bell.notify_one();
        }
        drop(line);
        if awaited && !strict {
            self.serve_here();
        }
        Ok(())
    }

    /// Asks the writer to settle everything and to say so.
    ///
    /// # Errors
    /// The journal is closed.
    pub(crate) fn flush(&self, flush: Flush) -> Result<(), JournalError> {
        let mut line = self.line();
        if line.closed {
            return Err(JournalError::Closed);
        }
        line.flushes.push(flush);
        self.ring(&mut line);
        Ok(())
    }

    /// Does something with the log, and then what its callers left in the line meanwhile.
    pub(crate) fn with_log<T>(&self, act: impl FnOnce(&mut Log) -> T) -> T {
        let mut log = self.log();
        let done = act(&mut log);
        drop(log);
        if !self.line().waiting.is_empty() {
            self.call_writer();
        }
        done
    }

    /// Writes whole bundles and tiles beside the log, and keeps others from doing so. Nobody waits
    /// for them; if the disk fails here, the next append is told.
    pub(crate) fn keep_up(&self) -> MutexGuard<'_, ()> {
        let alone = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = self.log().begin_tiles();
        if let Some(mut tiles) = begun {
            let written = tiles.write();
            if let Err(error) = self.log().has_written(tiles, written) {
                tracing::warn!(%error, "tiles could not be written");
            }
        }
        alone
    }

    /// Has the writer look, who takes what waits.
    pub(crate) fn call_writer(&self) {
        self.ring(&mut self.line());
    }

    /// Keeps everybody from writing while something is done.
    pub(crate) fn hold(&self, act: impl FnOnce()) {
        self.line().held = true;
        act();
        self.line().held = false;
        self.call_writer();
    }

    /// Has the writer finish what waits, and end.
    pub(crate) fn close(&self) {
        self.line().closed = true;
        self.bell.notify_one();
    }

    /// Waits until there is something for the writer, at most so long.
    pub(crate) fn wait(&self, most: Duration) -> Call {
        let called = |line: &mut Line| line.urgent || line.awaited || line.upkeep || line.closed;
        let line = self.line();
        let rested =
            self.bell.wait_timeout_while(line, most, |line| !called(line) && !line.lingering);
        let (mut line, waited) = rested.unwrap_or_else(PoisonError::into_inner);
        if !waited.timed_out() && !called(&mut line) {
            let most = LINGER.min(most);
            let lingered = self.bell.wait_timeout_while(line, most, |line| !called(line));
            (line, _) = lingered.unwrap_or_else(PoisonError::into_inner);
        }
        (line.urgent, line.upkeep) = (false, false);
        line.lingering = !line.waiting.is_empty();
        if line.closed { Call::Closed } else { Call::Work }
    }

    /// Commits what waits, group by group; whoever flushed is given back, to be answered.
    pub(crate) fn serve(&self, log: &mut Log) -> Vec<Flush> {
        loop {
            let mut line = self.line();
            let batch = line.next();
            let last = line.waiting.is_empty();
            let flushes = if last { std::mem::take(&mut line.flushes) } else { Vec::new() };
            drop(line);
            if !batch.is_empty() {
                self.timed(|| {
                    log.put(batch);
                });
            }
            if last {
                return flushes;
            }
        }
    }

    /// Commits what waits on the caller's thread, unless somebody is at it already, who will then
    /// see it, or only the writer can.
    fn serve_here(&self) {
        loop {
            let mut log = match self.look() {
                Ok(log) => log,
                Err(TryLockError::WouldBlock) => return,
                Err(TryLockError::Poisoned(_)) => return self.ring(&mut self.line()),
            };
            let mut line = self.line();
            if line.urgent || line.strict || line.held {
                // The writer was rung, or will look, and takes all of them.
                return;
            }
            let batch = line.next();
            drop(line);
            if batch.is_empty() {
                return;
            }
            self.timed(|| {
                log.put(batch);
            });
            let upkeep = log.calls_for_upkeep();
            drop(log);
            // Whoever joined the line while the log was taken relies on this second look, as on the
            // writer's before it sleeps.
            let mut line = self.line();
            if upkeep && !std::mem::replace(&mut line.upkeep, true) {
                self.bell.notify_one();
            }
            if line.waiting.is_empty() {
                return;
            }
        }
    }

    /// The log, if it is free or soon will be.
    fn look(&self) -> Result<MutexGuard<'_, Log>, TryLockError<MutexGuard<'_, Log>>> {
        for _ in 0..LOOKS {
            match self.log.try_lock() {
                Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
                taken => return taken,
            }
        }
        self.log.try_lock()
    }

    /// Rings for the writer, who answers before it sleeps again: to ring twice is a system call for
    /// nothing.
    fn ring(&self, line: &mut Line) {
        if !std::mem::replace(&mut line.urgent, true) {
            self.bell.notify_one();
        }
    }

    fn timed(&self, commit: impl FnOnce()) {
        let began = self.clock.monotonic();
        commit();
        let took = self.clock.monotonic().saturating_sub(began);
        self.slow.store(took > SLOW, Ordering::Relaxed);
    }
}

impl Line {
    fn next(&mut self) -> Vec<Waiting> {
        if self.waiting.len() <= BATCH_APPENDS_MAX {
            (self.awaited, self.strict) = (false, false);
            return std::mem::take(&mut self.waiting);
        }
        self.waiting.drain(..BATCH_APPENDS_MAX).collect()
    }
}
