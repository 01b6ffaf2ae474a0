//! What waits to be written, and who writes it: whoever asks while nobody else writes, or else the
//! writer thread.
//!
//! A caller that found the log free commits on its own thread: two wakes of sleeping threads cost
//! more than the write. It never syncs and never makes tiles; those are the writer's. While others
//! come too it lets them join first, and one write does for all.

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

/// So many who wait are written at once: more of them save little.
const JOINED_MAX: usize = 32;
/// At most two to that power pass alone before others are waited for again.
const ALONE_MAX: u32 = 5;

/// Somebody panicked while writing.
struct Distrusted;

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
    /// How many came so far, and how many of them are written or being written.
    came: u64,
    taken: u64,
    flushes: Vec<Flush>,
    /// Only the writer can do what waits, or it should do it now.
    urgent: bool,
    /// The writer should look at the log; nobody waits for it.
    upkeep: bool,
    /// Nobody but the writer may write, and it does not yet.
    held: bool,
    /// Somebody who waits for an append in the line has left it to whoever has the log.
    left: bool,
    /// Whether who waits for what is in the line lets others join first.
    company: Company,
    /// An append in the line must be on disk: only the writer syncs.
    strict: bool,
    /// The writer looks again after [`LINGER`]: it need not be rung for what can wait as long.
    lingering: bool,
    closed: bool,
}

/// Whether others are likely to come while somebody waits a moment for them: one write for many
/// costs little more than one for each of them, and whoever comes alone should not wait for nobody.
/// So it is tried now and then, ever more seldom while nobody comes, always while somebody does.
#[derive(Default)]
struct Company {
    /// How many in the line are waited for.
    waiting: usize,
    /// The first of them waits for others to join.
    sought: bool,
    /// How often in a row nobody came, at most [`ALONE_MAX`].
    alone: u32,
    /// How many pass before it is tried again.
    pass: u32,
}

/// What is left to do for an append.
#[must_use = "somebody must write it"]
pub(crate) enum Written {
    /// Nothing, or others do it.
    SeenTo,
    /// It waits for others to join: come back after whoever is ready, and call
    /// [`Desk::write_joined`] with its number.
    ComeBack(u64),
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

    /// Puts an append into the line, and writes it here if nobody else writes and nobody is likely
    /// to join. Only one that somebody waits for may be refused for want of room: each other has an
    /// opened entry before it, and those are counted.
    ///
    /// # Errors
    /// The journal is closed, or too many entries wait.
    pub(crate) fn append(
        &self,
        append: Append,
        receipt: Option<oneshot::Sender<Result<(), JournalError>>>,
    ) -> Result<Written, JournalError> {
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
        line.came = line.came.saturating_add(1);
        let number = line.came;
        line.strict |= strict;
        if strict || (awaited && self.slow.load(Ordering::Relaxed)) {
            line.left = true;
            self.ring(&mut line);
            return Ok(Written::SeenTo);
        }
        let joins = awaited && line.company.joins();
        // Who comes back may be dropped before.
        if (joins || !awaited) && !std::mem::replace(&mut line.lingering, true) {
            self.bell.notify_one();
        }
        drop(line);
        if joins {
            return Ok(Written::ComeBack(number));
        }
        if awaited {
            self.write(LOOKS);
        }
        Ok(Written::SeenTo)
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
        let called = |line: &mut Line| line.urgent || line.left || line.upkeep || line.closed;
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

    /// Commits what waits, for somebody who comes back: unless that is done, or being done.
    pub(crate) fn write_joined(&self, number: u64) {
        // Whoever is at it answers, and has no reason to look for the few that came since.
        if self.line().taken < number {
            // A thread that has others to go on with has better to do than to look again.
            self.write(0);
        }
    }

    /// Commits what waits on the caller's thread, unless somebody is at it already, who will then
    /// see it, or only the writer can.
    fn write(&self, looks: usize) {
        loop {
            let mut log = match self.look(looks) {
                Ok(Some(log)) => log,
                Ok(None) => return,
                Err(_) => return self.ring(&mut self.line()),
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
            // Whoever left the line to this thread relies on this second look, as on the writer's
            // before it sleeps.
            let mut line = self.line();
            if upkeep && !std::mem::replace(&mut line.upkeep, true) {
                self.bell.notify_one();
            }
            if !line.left {
                return;
            }
        }
    }

    /// The log, if it is free or soon will be; or else what waits is left to whoever has it.
    fn look(&self, looks: usize) -> Result<Option<MutexGuard<'_, Log>>, Distrusted> {
        for _ in 0..looks {
            if let Some(log) = self.free_log()? {
                return Ok(Some(log));
            }
            std::hint::spin_loop();
        }
        if let Some(log) = self.free_log()? {
            return Ok(Some(log));
        }
        // Said before the last look: whoever has the log then looks at the line after it.
        self.line().left = true;
        self.free_log()
    }

    fn free_log(&self) -> Result<Option<MutexGuard<'_, Log>>, Distrusted> {
        match self.log.try_lock() {
            Ok(log) => Ok(Some(log)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Poisoned(_)) => Err(Distrusted),
        }
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

impl Company {
    /// Somebody who waits joins the line; whether they wait for others.
    fn joins(&mut self) -> bool {
        self.waiting = self.waiting.saturating_add(1);
        if self.waiting > 1 {
            return !self.waiting.is_multiple_of(JOINED_MAX);
        }
        self.sought = self.pass == 0;
        self.pass = self.pass.saturating_sub(1);
        self.sought
    }

    /// All that wait are written.
    fn leaves(&mut self) {
        match self.waiting {
            0 => {}
            1 if self.sought => {
                self.pass = 1 << self.alone;
                self.alone = self.alone.saturating_add(1).min(ALONE_MAX);
            }
            1 => {}
            _ => (self.alone, self.pass) = (0, 0),
        }
        (self.waiting, self.sought) = (0, false);
    }
}

impl Line {
    fn next(&mut self) -> Vec<Waiting> {
        let batch: Vec<Waiting> = if self.waiting.len() <= BATCH_APPENDS_MAX {
            (self.left, self.strict) = (false, false);
            self.company.leaves();
            // As many are likely to come next.
            let room = Vec::with_capacity(self.waiting.len());
            std::mem::replace(&mut self.waiting, room)
        } else {
            self.waiting.drain(..BATCH_APPENDS_MAX).collect()
        };
        let taken = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        self.taken = self.taken.saturating_add(taken);
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether somebody who comes alone waits for others.
    fn alone(company: &mut Company) -> bool {
        let sought = company.joins();
        company.leaves();
        sought
    }

    #[test]
    fn who_always_comes_alone_waits_for_others_ever_more_seldom() {
        let mut company = Company::default();
        let sought: Vec<usize> = (0..1000).filter(|_| alone(&mut company)).collect();
        assert_eq!(sought.get(..7), Some(&[0, 2, 5, 10, 19, 36, 69][..]));
        assert_eq!(sought.len(), 35);
    }

    #[test]
    fn who_does_not_come_alone_waits_for_others_until_they_are_many() {
        let mut company = Company::default();
        assert!((0..40).filter(|_| alone(&mut company)).count() < 10);
        // Whoever joins somebody who waits does, however seldom others came before.
        company.joins();
        assert!(company.joins());
        company.leaves();
        for _ in 0..3 {
            let joined = (0..=JOINED_MAX).take_while(|_| company.joins()).count();
            assert_eq!(joined, JOINED_MAX - 1);
            company.leaves();
        }
    }
}
