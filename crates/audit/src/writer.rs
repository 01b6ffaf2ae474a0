//! The writer thread: takes everything that waits, commits it together, and ticks.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
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
    loop {
        let since = clock.monotonic().saturating_sub(ticked);
        // A journal at rest still wakes once a second: that costs nothing and needs no second path.
        let first = commands.recv_timeout(TICK.saturating_sub(since));
        if matches!(first, Err(RecvTimeoutError::Disconnected)) {
            break;
        }
        if let Ok(command) = first {
            serve(&mut log, command, commands, &status);
            if clock.monotonic().saturating_sub(ticked) < TICK {
                continue;
            }
        }
        settle(&mut log);
        ticked = clock.monotonic();
    }
    settle(&mut log);
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
