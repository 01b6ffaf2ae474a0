//! The writer thread: takes everything that waits, commits it together, and ticks.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::journal::JournalError;
use crate::line::{Call, Desk};
use crate::log::{Failed, Log, Tick};
use crate::port::Clock;

/// How long after it began to settle the writer settles again. A leaf survives power loss and is
/// under a checkpoint a second after it was written: what is left of the second is for settling.
const TICK: Duration = Duration::from_millis(900);

/// How long settling may go on beside the log before everybody waits for it.
const LATE: Duration = Duration::from_millis(300);

/// How often a new segment catches up with the old one before everybody waits for the rest.
const CATCHES_MAX: u32 = 4;

/// How often the old segment is synced before a new one is begun, which takes over all that comes
/// while it is synced for the last time: each time there is less to sync, and less comes meanwhile.
const SYNCS_BEFORE: u32 = 2;

/// Serves a journal that was opened then, until it is closed; then settles everything.
pub(crate) fn run(desk: &Arc<Desk>, clock: &Arc<dyn Clock>, opened: Duration) {
    Writer::new(desk, clock, opened).serve();
}

/// What the writer remembers.
struct Writer<'d> {
    desk: &'d Arc<Desk>,
    clock: &'d Arc<dyn Clock>,
    /// When it last began to settle.
    ticked: Duration,
    /// The segment that was being written to then, and since when.
    begun: (String, Duration),
    /// The tiles of a complete segment are synced.
    syncing: Option<JoinHandle<Result<(), Failed>>>,
    /// The log is settled, or a segment begun.
    beside: Option<Beside>,
    /// The segment after which another was to begin, since the last tick: if there was no room, it
    /// is tried again when the log was settled, not at once and for ever.
    turned: Option<String>,
}

/// What goes on beside the log, on a thread of its own, while the writer serves.
struct Beside {
    thread: JoinHandle<()>,
    done: Arc<AtomicBool>,
    since: Duration,
}

impl<'d> Writer<'d> {
    fn new(desk: &'d Arc<Desk>, clock: &'d Arc<dyn Clock>, opened: Duration) -> Self {
        let begun = (String::new(), opened);
        Self { desk, clock, ticked: opened, begun, syncing: None, beside: None, turned: None }
    }

    fn serve(mut self) {
        loop {
            // A journal at rest still wakes about once a second: that costs nothing and needs no
            // second path. What goes on beside rings when it is done.
            let due = TICK.saturating_sub(self.clock.monotonic().saturating_sub(self.ticked));
            let call = self.desk.wait(if self.beside.is_some() { LATE } else { due });
            let mut log = self.desk.log();
            let flushes = self.desk.serve(&mut log);
            if !flushes.is_empty() {
                drop(log);
                // Its checkpoint would come after a newer one.
                self.finish();
                log = self.desk.log();
                for flush in flushes {
                    // Whoever asked may be gone.
                    drop(flush.send(log.tick()));
                }
            }
            drop(log);
            drop(self.desk.keep_up());
            let mut log = self.desk.log();
            if log.retiring.len() > usize::from(self.syncing.is_some()) || is_done(&self.syncing) {
                retire(&mut log, &mut self.syncing);
            }
            if call == Call::Closed {
                break;
            }
            self.go_on(log);
        }
        self.finish();
        let mut log = self.desk.log();
        if !log.is_settled() {
            told(log.tick());
        }
        if let Some(syncing) = self.syncing {
            retired(&mut log, syncing);
        }
    }

    /// Begins what is due, unless something goes on beside already.
    fn go_on(&mut self, mut log: MutexGuard<'_, Log>) {
        let now = self.clock.monotonic();
        if let Some(beside) = &self.beside {
            let (done, late) = (beside.done.load(Ordering::Acquire), beside.since + LATE <= now);
            drop(log);
            if done {
                self.finish();
                self.desk.call_writer();
            } else if late {
                // What is acknowledged must not be less and less durable: a disk that takes so long
                // for what should take milliseconds makes everybody wait.
                let desk = Arc::clone(self.desk);
                desk.hold(|| self.finish());
            }
        } else if now.saturating_sub(self.ticked) >= TICK {
            self.ticked = now;
            if self.begun.0 != log.segment {
                self.begun = (log.segment.clone(), now);
            }
            // What is in no tail can be sealed.
            let age = now.saturating_sub(self.begun.1);
            let old = age >= log.config.keeping.segment_age && log.can_turn();
            retire(&mut log, &mut self.syncing);
            let settled = log.is_settled();
            self.turned = old.then(|| log.segment.clone());
            drop(log);
            match (settled, old) {
                (false, false) => self.begin(settle),
                (false, true) => self.begin(|desk| {
                    settle(desk);
                    turn(desk);
                }),
                (true, true) => self.begin(turn),
                (true, false) => {}
            }
        } else if log.is_long() && self.turned.as_ref() != Some(&log.segment) {
            // After what is due: segments that are long again at once must not put it off.
            self.turned = Some(log.segment.clone());
            drop(log);
            self.begin(turn);
        }
    }

    /// Does something with the log beside it; one thing at a time.
    fn begin(&mut self, what: fn(&Desk)) {
        let (desk, since) = (Arc::clone(self.desk), self.clock.monotonic());
        let done = Arc::new(AtomicBool::new(false));
        let says = Arc::clone(&done);
        let thread = thread::Builder::new().name("journal settles".to_owned());
        let running = thread.spawn(move || {
            what(&desk);
            says.store(true, Ordering::Release);
            desk.call_writer();
        });
        match running {
            Ok(thread) => self.beside = Some(Beside { thread, done, since }),
            Err(_) => what(self.desk),
        }
    }

    /// Waits for what goes on beside, if anything does.
    fn finish(&mut self) {
        if let Some(Err(_)) = self.beside.take().map(|beside| beside.thread.join()) {
            self.desk.log().distrust();
        }
    }
}

/// A tick that keeps nobody waiting for the disk.
fn settle(desk: &Desk) {
    let settled = sync(desk, Log::begin_tick).and_then(|mut tick| {
        let promised = tick.promise();
        desk.with_log(|log| log.has_promised(tick, promised))
    });
    told(settled);
}

/// Makes the leaves of a tick durable.
fn sync(
    desk: &Desk,
    begin: impl FnOnce(&mut Log) -> Result<Tick, JournalError>,
) -> Result<Tick, JournalError> {
    let tick = desk.with_log(begin)?;
    let synced = tick.sync();
    let tiles = desk.keep_up();
    desk.with_log(|log| log.has_synced(&tick, synced))?;
    drop(tiles);
    Ok(tick)
}

/// Begins a new segment, which keeps nobody waiting for the disk either.
fn turn(desk: &Desk) {
    for _ in 0..SYNCS_BEFORE {
        if let Err(error) = sync(desk, |log| log.begin_sync()) {
            return told(Err(error));
        }
    }
    let tiles = desk.keep_up();
    let begun = desk.with_log(|log| {
        // What has become whole since then.
        log.keep_up();
        log.begin_turn()
    });
    drop(tiles);
    let Some(mut turn) = begun else { return };
    let mut prepared = turn.prepare();
    for _ in 0..CATCHES_MAX {
        let more = desk.with_log(|log| log.has_more(&turn));
        let Some(more) = more.filter(|_| prepared.is_ok()) else { break };
        prepared = turn.take_over(more);
    }
    let turned = desk.with_log(|log| log.turn(&mut turn, prepared)).and_then(|()| {
        let settled = turn.settle();
        desk.with_log(|log| log.turned(turn, settled))
    });
    if let Err(error) = turned {
        tracing::warn!(%error, "a new segment could not be begun");
    }
}

fn told(settled: Result<(), JournalError>) {
    if let Err(error) = settled {
        tracing::warn!(%error, "the journal could not settle");
    }
}

fn is_done(syncing: &Option<JoinHandle<Result<(), Failed>>>) -> bool {
    syncing.as_ref().is_some_and(JoinHandle::is_finished)
}

/// Syncs the tiles of complete segments on a thread of its own, one segment at a time: that takes a
/// sync for each tile, and nobody may wait for it.
fn retire(log: &mut Log, syncing: &mut Option<JoinHandle<Result<(), Failed>>>) {
    if let Some(done) = syncing.take_if(|running| running.is_finished()) {
        retired(log, done);
    }
    let Some(oldest) = log.retiring.front().filter(|_| syncing.is_none()) else { return };
    let (disk, oldest) = (Arc::clone(&log.disk), oldest.clone());
    let thread = thread::Builder::new().name("journal tiles".to_owned());
    match thread.spawn(move || oldest.retire(&*disk)) {
        Ok(running) => *syncing = Some(running),
        Err(error) => tracing::warn!(%error, "tiles are not synced: no thread"),
    }
}

fn retired(log: &mut Log, syncing: JoinHandle<Result<(), Failed>>) {
    let panicked = || ("retire a segment", io::Error::other("the thread panicked"));
    let done = syncing.join().unwrap_or_else(|_| Err(panicked()));
    if let Err(error) = log.retired(done) {
        tracing::warn!(%error, "a segment could not be retired");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use names::{RequestId, Timestamp};

    use super::*;
    use crate::disk::{Fault, JournalDisk, MemoryDisk};
    use crate::journal::Append;
    use crate::log::Waiting;
    use crate::log_tests::open;

    /// A clock that stands still until it is told.
    #[derive(Default)]
    struct Told(Mutex<Duration>);

    impl Clock for Told {
        fn now(&self) -> Timestamp {
            Timestamp::default()
        }

        fn monotonic(&self) -> Duration {
            *self.0.lock().unwrap()
        }
    }

    fn leaf(number: u64, bytes: usize) -> Waiting {
        let id = RequestId::from_parts(number, [7; 10]);
        Waiting { append: Append::stands_alone(id, vec![b'x'; bytes]), receipt: None }
    }

    #[test]
    fn a_segment_that_is_begun_waits_for_no_bundle_that_has_become_whole_since() {
        let (mut log, _) = open(&Arc::new(MemoryDisk::new())).unwrap();
        assert!(log.put((0..300).map(|number| leaf(number, 10)).collect()));
        assert!(log.wants_upkeep() && !log.can_turn());
        let clock: Arc<dyn Clock> = Arc::new(Told::default());
        let desk = Desk::new(log, clock);
        turn(&desk);
        assert_eq!(desk.log().segment, "tail-00000000000000000256");
    }

    #[test]
    fn a_tick_that_is_due_is_not_put_off_by_a_segment_that_is_long() {
        let (mut log, _) = open(&Arc::new(MemoryDisk::new())).unwrap();
        log.commit((0..300).map(|number| leaf(number, 60_000)).collect());
        assert!(log.is_long() && !log.is_settled());
        let told = Arc::new(Told::default());
        let clock: Arc<dyn Clock> = Arc::<Told>::clone(&told);
        let desk = Arc::new(Desk::new(log, Arc::clone(&clock)));
        let mut writer = Writer::new(&desk, &clock, Duration::ZERO);
        *told.0.lock().unwrap() = TICK;
        let mut goes_on = || {
            writer.go_on(desk.log());
            writer.finish();
            let log = desk.log();
            (log.is_settled(), log.is_long())
        };
        assert_eq!(goes_on(), (true, true), "the tick");
        assert_eq!(goes_on(), (true, false), "the segment");
    }

    #[test]
    fn what_comes_before_a_segment_is_begun_is_durable_and_a_disk_that_fails_at_it_is_distrusted() {
        for fault in [None, Some(Fault::Fails)] {
            let disk = Arc::new(MemoryDisk::new());
            let (mut log, _) = open(&disk).unwrap();
            log.commit((0..300).map(|number| leaf(number, 10)).collect());
            let clock: Arc<dyn Clock> = Arc::new(Told::default());
            let desk = Desk::new(log, clock);
            if let Some(fault) = fault {
                disk.fail(disk.operations(), fault);
            }
            turn(&desk);
            let log = desk.log();
            let turned = log.segment == "tail-00000000000000000256";
            let durable = log.synced == log.tree.size;
            assert_eq!((turned, durable, log.poisoned), (!log.poisoned, turned, fault.is_some()));
        }
    }

    #[test]
    fn a_segment_that_finds_no_room_is_tried_once_a_tick_and_the_log_settles_meanwhile() {
        let disk = Arc::new(MemoryDisk::new());
        let (mut log, _) = open(&disk).unwrap();
        // More than 16 MiB, of which 44 leaves would go into the next segment too.
        log.commit((0..300).map(|number| leaf(number, 60_000)).collect());
        assert!(log.is_long());
        let old = log.segment.clone();
        let used: usize =
            disk.paths().iter().map(|path| disk.read(path).unwrap().unwrap().len()).sum();
        disk.set_capacity(Some(used + 1_000_000));
        let told = Arc::new(Told::default());
        let clock: Arc<dyn Clock> = Arc::<Told>::clone(&told);
        let desk = Arc::new(Desk::new(log, Arc::clone(&clock)));
        let mut writer = Writer::new(&desk, &clock, Duration::ZERO);
        let (mut ticks, mut turns) = (0, 0);
        let mut goes_on = |milliseconds: u64| {
            *told.0.lock().unwrap() = Duration::from_millis(milliseconds);
            let (done, ticked) = (disk.operations(), writer.ticked);
            writer.go_on(desk.log());
            writer.finish();
            if writer.ticked > ticked {
                ticks += 1;
                let log = desk.log();
                assert_eq!(log.synced, log.tree.size, "a tick makes all durable");
            } else if disk.operations() > done {
                turns += 1;
            }
            (ticks, turns)
        };
        for milliseconds in (0..4_000).step_by(20) {
            // Few enough that no bundle is whole that would find no room either.
            desk.log().commit(vec![leaf(milliseconds + 1_000, 10)]);
            let (ticks, turns) = goes_on(milliseconds);
            assert!(turns <= ticks + 1, "{milliseconds}: {turns} turns, {ticks} ticks");
        }
        assert_eq!(goes_on(4_000), (4, 5), "ticks and turns");
        assert_eq!(desk.log().segment, old);
        disk.set_capacity(None);
        for milliseconds in (4_020..5_500).step_by(20) {
            goes_on(milliseconds);
        }
        assert_ne!(desk.log().segment, old, "there is room now");
        assert!(desk.log().is_settled());
    }
}
