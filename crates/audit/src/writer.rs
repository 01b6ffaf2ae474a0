//! The writer thread: takes everything that waits, commits it together, and ticks.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::line::{Call, Desk};
use crate::log::Log;
use crate::port::Clock;

/// How long after it began to settle the writer settles again. A leaf survives power loss and is
/// under a checkpoint a second after it was written: what is left of the second is for settling.
const TICK: Duration = Duration::from_millis(900);

/// Serves until the journal is closed, then settles everything.
pub(crate) fn run(desk: &Desk, clock: &Arc<dyn Clock>) {
    let mut ticked = clock.monotonic();
    let mut begun = (String::new(), ticked);
    let mut syncing = None;
    loop {
        let since = clock.monotonic().saturating_sub(ticked);
        // A journal at rest still wakes about once a second: that costs nothing and needs no second
        // path.
        let call = desk.wait(TICK.saturating_sub(since));
        let mut log = desk.log();
        for flush in desk.serve(&mut log) {
            // Whoever asked may be gone.
            drop(flush.send(log.tick()));
        }
        if log.retiring.len() > usize::from(syncing.is_some()) || is_done(&syncing) {
            retire(&mut log, &mut syncing);
        }
        if call == Call::Closed {
            break;
        }
        if clock.monotonic().saturating_sub(ticked) >= TICK {
            ticked = clock.monotonic();
            settle(&mut log);
            if begun.0 != log.segment {
                begun = (log.segment.clone(), clock.monotonic());
            } else if clock.monotonic().saturating_sub(begun.1) >= log.config.keeping.segment_age {
                log.turn_page();
            }
            retire(&mut log, &mut syncing);
        }
    }
    let mut log = desk.log();
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

fn settle(log: &mut Log) {
    if !log.is_settled()
        && let Err(error) = log.tick()
    {
        tracing::warn!(%error, "the journal could not settle");
    }
}
