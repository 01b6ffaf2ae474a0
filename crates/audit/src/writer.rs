//! The writer thread: takes everything that waits, commits it together, and ticks.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::journal::{Command, Status};
use crate::log::{Log, Waiting};
use crate::port::Clock;

/// At most this long after a leaf was written it survives power loss and is under a checkpoint.
const TICK: Duration = Duration::from_secs(1);
/// Most appends that are committed together.
const BATCH_APPENDS_MAX: usize = 4096;

/// Serves commands until every sender is gone, then settles everything.
pub(crate) fn run(mut log: Log, commands: &Receiver<Command>, clock: &Arc<dyn Clock>) {
    let status = Arc::clone(&log.status);
    let mut ticked = clock.monotonic();
    let mut syncing = None;
    loop {
        let since = clock.monotonic().saturating_sub(ticked);
        // A journal at rest still wakes once a second: that costs nothing and needs no second path.
        let first = commands.recv_timeout(TICK.saturating_sub(since));
        if matches!(first, Err(RecvTimeoutError::Disconnected)) {
            break;
        }
        if let Ok(command) = first {
            serve(&mut log, command, commands, &status);
            if log.retiring.len() > usize::from(syncing.is_some()) || is_done(&syncing) {
                retire(&mut log, &mut syncing);
            }
            if clock.monotonic().saturating_sub(ticked) < TICK {
                continue;
            }
        }
        settle(&mut log);
        retire(&mut log, &mut syncing);
        ticked = clock.monotonic();
    }
    settle(&mut log);
    if let Some(syncing) = syncing {
        retired(&mut log, syncing);
    }
}

fn is_done(syncing: &Option<JoinHandle<io::Result<()>>>) -> bool {
    syncing.as_ref().is_some_and(JoinHandle::is_finished)
}

/// Syncs the tiles of complete segments on a thread of its own, one segment at a time: that takes a
/// sync for each tile, and nobody may wait for it.
fn retire(log: &mut Log, syncing: &mut Option<JoinHandle<io::Result<()>>>) {
    if let Some(done) = syncing.take_if(|running| running.is_finished()) {
        retired(log, done);
    }
    let Some(oldest) = log.retiring.front().filter(|_| syncing.is_none()) else { return };
    let (disk, paths) = (Arc::clone(&log.disk), oldest.paths.clone());
    let thread = thread::Builder::new().name("journal tiles".to_owned());
    match thread.spawn(move || disk.sync(&paths)) {
        Ok(running) => *syncing = Some(running),
        Err(error) => tracing::warn!(%error, "tiles are not synced: no thread"),
    }
}

fn retired(log: &mut Log, syncing: JoinHandle<io::Result<()>>) {
    let synced = syncing.join().unwrap_or_else(|_| Err(io::Error::other("the thread panicked")));
    if let Err(error) = log.retire(synced) {
        tracing::warn!(%error, "a segment could not be retired");
    }
}

/// Commits what waits; answers those who flush.
fn serve(log: &mut Log, first: Command, commands: &Receiver<Command>, status: &Status) {
    let mut batch = Vec::new();
    let mut flushes = Vec::new();
    let mut next = Some(first);
    while let Some(command) = next {
        status.waiting.fetch_sub(1, Ordering::AcqRel);
        match command {
            Command::Append(append, receipt) => batch.push(Waiting { append, receipt }),
            Command::Flush(receipt) => flushes.push(receipt),
        }
        let more = batch.len() < BATCH_APPENDS_MAX && flushes.is_empty();
        next = if more { commands.try_recv().ok() } else { None };
    }
    log.commit(batch);
    for flush in flushes {
        // Whoever asked may be gone.
        drop(flush.send(log.tick()));
    }
}

fn settle(log: &mut Log) {
    if !log.is_settled()
        && let Err(error) = log.tick()
    {
        tracing::warn!(%error, "the journal could not settle");
    }
}
