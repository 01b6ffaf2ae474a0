//! Pieces of work that are done on all processors at once and taken in their order: blocks of the
//! record that are read, opened and hashed while the one before is still being looked at.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError, mpsc};

use crate::journal::JournalError;
use crate::log::failed;

/// Most threads of one reading.
const THREADS_MAX: usize = 16;
/// How many pieces may be done ahead of the one that is taken, for each thread.
const PIECES_AHEAD: usize = 2;

/// What is still to do, and the line in which what is done is waited for.
type Feed<I, R> = Mutex<Option<(I, mpsc::SyncSender<mpsc::Receiver<R>>)>>;

/// Does `work` on each of the `jobs`, several at once, and gives what comes of them to `take`, in
/// the order of the jobs, until it breaks off. At most [`PIECES_AHEAD`] for each of
/// [`THREADS_MAX`] threads are in memory.
///
/// # Errors
/// Those of `take`, or no thread can be started.
pub(crate) fn in_order<J, R: Send>(
    jobs: impl Iterator<Item = J> + Send,
    work: impl Fn(J) -> R + Sync,
    mut take: impl FnMut(R) -> Result<ControlFlow<()>, JournalError>,
) -> Result<(), JournalError> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX);
    let (line, slots) = mpsc::sync_channel(threads.saturating_mul(PIECES_AHEAD));
    let feed = Mutex::new(Some((jobs, line)));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let thread = std::thread::Builder::new().name("journal blocks".to_owned());
            thread.spawn_scoped(scope, || serve(&feed, &work)).map_err(failed("start a thread"))?;
        }
        // Whoever leaves this loop drops its end of the line, and with it the threads stop.
        for slot in slots {
            let done = slot.recv().map_err(std::io::Error::other);
            if take(done.map_err(failed("read on: a thread ended"))?)?.is_break() {
                break;
            }
        }
        Ok(())
    })
}

/// Takes one job after the other; its place in the line is taken together with it.
fn serve<J, R>(feed: &Feed<impl Iterator<Item = J>, R>, work: &impl Fn(J) -> R) {
    loop {
        // A panic amid `next` ends the reading: what is left in the feed does not matter then.
        let mut open = feed.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((jobs, line)) = open.as_mut() else { return };
        let (give, slot) = mpsc::channel();
        let job = jobs.next().filter(|_| line.send(slot).is_ok());
        if job.is_none() {
            *open = None;
        }
        drop(open);
        let Some(job) = job else { return };
        // Nobody waits for it any more if the reading was broken off.
        let _ = give.send(work(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_at_once_is_taken_in_order() {
        let mut taken = Vec::new();
        in_order(
            0..1000_u32,
            |n| n * 2,
            |n| {
                taken.push(n);
                Ok(ControlFlow::Continue(()))
            },
        )
        .unwrap();
        assert_eq!(taken, (0..1000).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    fn a_reading_that_is_broken_off_stops_its_threads() {
        let mut taken = 0;
        let take = |_: u32| {
            taken += 1;
            Ok(if taken == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        in_order(0.., |n| n, take).unwrap();
        assert_eq!(taken, 5);
        let failing = |_: u32| Err(JournalError::Closed);
        assert!(matches!(in_order(0.., |n| n, failing), Err(JournalError::Closed)));
    }
}
