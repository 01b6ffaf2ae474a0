//! What the log promises, on a disk on which every single operation fails in every way.

#![cfg(test)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use names::{RequestId, Timestamp};
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use crate::disk::{Fault, JournalDisk, MemoryDisk, Packed, Survives};
use crate::entry::{Closed, Ending, LeafHead, LeafKind};
use crate::first::First;
use crate::journal::{
    Append, Durability, JOURNAL_ORIGIN, JournalConfig, JournalError, Recovery, Status,
};
use crate::log::{Log, Waiting};
use crate::opening::Opening;
use crate::outcome::Outcome;
use crate::port::Random;
use crate::reader::Reader;
use crate::signer::CheckpointKeys;
use crate::tamper_tests::seen;
use crate::verify::{Expect, verify};

type Answer = oneshot::Receiver<Result<(), JournalError>>;

fn id(n: u64) -> RequestId {
    RequestId::from_parts(1_760_000_000_000 + n, [5; 10])
}

fn now(n: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(id(n).milliseconds()).unwrap()).unwrap()
}

struct Fives;

impl Random for Fives {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(5);
    }
}

/// Signed, as a server's is; the key was in use before, so that whatever a crash leaves must be
/// signed by it.
fn config() -> JournalConfig {
    let drawn = CheckpointKeys::draw(JOURNAL_ORIGIN, &Fives).unwrap();
    let text = CheckpointKeys::used(std::str::from_utf8(drawn.expose()).unwrap());
    let keys = CheckpointKeys::parse(std::str::from_utf8(text.expose()).unwrap()).unwrap();
    let keys = Some(keys);
    JournalConfig { reserve_bytes: 512, keys, ..JournalConfig::new("unused".into()) }
}

pub(crate) fn open(disk: &Arc<MemoryDisk>) -> Result<(Log, Recovery), JournalError> {
    let disk: Arc<dyn JournalDisk> = Arc::new(Packed::on(Arc::clone(disk)));
    Log::open(disk, config(), Arc::new(Status::default()), Timestamp::default())
}

fn opens(n: u64, durability: Durability) -> (Waiting, Answer) {
    let opening = Opening::new(id(n));
    let opened = First::new(&opening, now(n), None);
    let (receipt, answer) = oneshot::channel();
    let append = Append::opens(id(n), opened.leaves().unwrap(), durability);
    (Waiting { append, receipt: Some(receipt) }, answer)
}

fn closes(n: u64) -> Waiting {
    let closed = Closed::new(id(n), now(n), Ending::Done, Outcome::status(200));
    Waiting { append: Append::closes(id(n), closed), receipt: None }
}

fn commit_one(log: &mut Log, n: u64, durability: Durability) -> Result<(), JournalError> {
    let (waiting, mut answer) = opens(n, durability);
    log.commit(vec![waiting]);
    answer.try_recv().unwrap()
}

fn ids(disk: &MemoryDisk) -> Vec<RequestId> {
    let disk = seen(disk);
    let reader = Reader::open(&disk).unwrap();
    let heads = (0..reader.len())
        .map(|n| -> LeafHead { serde_json::from_slice(&reader.leaf(n).unwrap()).unwrap() });
    heads.filter(|head| head.entry == LeafKind::Opened).map(|head| head.id).collect()
}

/// Some of everything: both modes, groups, ticks, a bundle, a new segment. Gives back what was
/// acknowledged, in each mode.
fn work(log: &mut Log) -> (Vec<RequestId>, Vec<RequestId>) {
    let (mut strict, mut available) = (Vec::new(), Vec::new());
    let mut answers: Vec<(u64, Durability, Answer)> = Vec::new();
    for n in 0..7_u64 {
        let mut batch = Vec::new();
        for k in 0..24 {
            let strict =
                if k == 23 && n % 2 == 0 { Durability::Strict } else { Durability::Available };
            let (waiting, answer) = opens(n * 100 + k, strict);
            batch.push(waiting);
            answers.push((n * 100 + k, strict, answer));
        }
        let ends = (0..20).map(|k| closes(n * 100 + k)).collect();
        for batch in [batch, ends] {
            // The first bundle becomes whole when a segment is to begin, which it must not miss.
            if n != 5 {
                log.commit(batch);
            } else if !log.put(batch) {
                break;
            }
        }
        if n % 3 == 2 {
            drop(tick_beside(log, n * 100 + 50, &mut answers));
        }
        if n == 5 && !log.poisoned {
            drop(turn_beside(log, n * 100 + 60, &mut answers));
        }
        if n == 6
            && let Some(oldest) = log.retiring.front().cloned()
        {
            drop(log.retired(oldest.retire(&*log.disk)));
        }
    }
    for (n, durability, mut answer) in answers {
        match (answer.try_recv(), durability) {
            (Ok(Ok(())), Durability::Strict) => strict.push(id(n)),
            (Ok(Ok(())), Durability::Available) => available.push(id(n)),
            (Ok(Err(_)), _) => {}
            (Err(TryRecvError::Empty | TryRecvError::Closed), _) => panic!("no answer for {n}"),
        }
    }
    (strict, available)
}

/// A tick whose work on the disk goes on while entries come.
fn tick_beside(
    log: &mut Log,
    mut next: u64,
    answers: &mut Vec<(u64, Durability, Answer)>,
) -> Result<(), JournalError> {
    let mut comes = |log: &mut Log| {
        let (waiting, answer) = opens(next, Durability::Available);
        log.commit(vec![waiting]);
        answers.push((next, Durability::Available, answer));
        next += 1;
    };
    let mut tick = log.begin_tick()?;
    comes(log);
    let synced = tick.sync();
    comes(log);
    log.has_synced(&tick, synced)?;
    comes(log);
    let promised = tick.promise();
    comes(log);
    log.has_promised(tick, promised)
}

/// A new segment, which is begun while entries come, some of which must be on disk.
fn turn_beside(
    log: &mut Log,
    mut next: u64,
    answers: &mut Vec<(u64, Durability, Answer)>,
) -> Result<(), JournalError> {
    let mut come = |log: &mut Log| {
        for durability in [Durability::Strict, Durability::Available] {
            let (waiting, answer) = opens(next, durability);
            log.commit(vec![waiting]);
            answers.push((next, durability, answer));
            next += 1;
        }
    };
    let tiles = log.begin_tiles();
    come(log);
    if let Some(mut tiles) = tiles {
        assert!(!log.can_turn(), "bundles of it may not be there yet");
        let written = tiles.write();
        come(log);
        log.has_written(tiles, written)?;
    }
    let Some(mut turn) = log.begin_turn() else { return Ok(()) };
    come(log);
    let mut prepared = turn.prepare();
    come(log);
    if prepared.is_ok() {
        prepared = turn.take_over((log.segment_bytes, log.tree.size));
        come(log);
    }
    log.turn(&mut turn, prepared)?;
    come(log);
    let settled = turn.settle();
    come(log);
    log.turned(turn, settled)
}

/// A new segment, if there can be one, and nothing meanwhile.
pub(crate) fn turn(log: &mut Log) -> Result<(), JournalError> {
    let Some(mut turn) = log.begin_turn() else { return Ok(()) };
    let prepared = turn.prepare();
    log.turn(&mut turn, prepared)?;
    let settled = turn.settle();
    log.turned(turn, settled)
}

/// Opens what a crash left, and checks every promise.
fn check(left: MemoryDisk, promised: &[RequestId], what: &str) {
    let left = Arc::new(left);
    let (mut log, _) = open(&left).unwrap_or_else(|error| panic!("{what}: {error}"));
    log.tick().unwrap();
    let there = ids(&left);
    for id in promised {
        assert!(there.contains(id), "{what}: {id} was acknowledged and is gone");
    }
    let report = verify(&seen(&left), Expect::Stopped).unwrap();
    assert!(report.problems.is_empty(), "{what}: {:?}", report.problems);
    // And it goes on.
    commit_one(&mut log, 999_999, Durability::Strict).unwrap();
    drop(log);
    assert!(ids(&left).contains(&id(999_999)), "{what}");
}

#[test]
fn every_operation_failing_in_every_way_breaks_no_promise() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    work(&mut log);
    log.tick().unwrap();
    let operations = disk.operations();
    assert!(operations > 30, "{operations}");
    let faults = [Fault::Fails, Fault::FailsButPersists, Fault::Torn, Fault::NoSpace];
    for step in 0..operations {
        for fault in faults {
            let disk = Arc::new(MemoryDisk::new());
            disk.fail(step, fault);
            let (mut strict, mut available) = (Vec::new(), Vec::new());
            if let Ok((mut log, _)) = open(&disk) {
                (strict, available) = work(&mut log);
            }
            let what = format!("step {step} {fault:?}");
            check(disk.crashed(Survives::Synced), &strict, &what);
            check(disk.crashed(Survives::HalfOfTheRest), &strict, &what);
            available.extend(strict);
            check(disk.crashed(Survives::Written), &available, &what);
        }
    }
}

#[test]
fn recovery_that_fails_at_any_step_loses_nothing_either() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    let (strict, mut all) = work(&mut log);
    all.extend(strict);
    drop(log);
    let image = disk.crashed(Survives::Written);
    let tail = image.paths().into_iter().rfind(|path| path.starts_with("tail-")).unwrap();
    image.tamper(&tail, |bytes| bytes.map(|bytes| [bytes, vec![1, 1, 0, 0]].concat()));
    let whole = Arc::new(image.crashed(Survives::Written));
    assert_eq!(open(&whole).unwrap().1.torn_bytes, 4);
    for step in 0..whole.operations() {
        for fault in [Fault::Fails, Fault::FailsButPersists, Fault::Torn, Fault::NoSpace] {
            let again = Arc::new(image.crashed(Survives::Written));
            again.fail(step, fault);
            drop(open(&again));
            for survives in [Survives::Synced, Survives::HalfOfTheRest, Survives::Written] {
                check(again.crashed(survives), &all, &format!("{step} {fault:?} {survives:?}"));
            }
        }
    }
}

#[test]
fn a_tick_beside_the_log_promises_what_was_there_when_it_began() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    for n in 0..300 {
        commit_one(&mut log, n, Durability::Available).unwrap();
    }
    let size = log.tree.size;
    tick_beside(&mut log, 1000, &mut Vec::new()).unwrap();
    assert_eq!((log.promised, log.synced, log.tree.size), (Some(size), size, size + 4));
    let promised = crate::recover::read_checkpoint(&seen(&disk)).unwrap().unwrap();
    assert_eq!(promised.size, size);
    assert!(!log.is_settled());
    let all: Vec<RequestId> = (0..300).map(id).collect();
    check(disk.crashed(Survives::Synced), &all, "after the tick");
    log.tick().unwrap();
    assert!(log.is_settled() && log.synced == size + 4);
    let promised: Vec<RequestId> = (0..300).chain(1000..1004).map(id).collect();
    check(disk.crashed(Survives::Synced), &promised, "after the next");
}

#[test]
fn a_tick_promises_nothing_whose_bundles_are_on_their_way_and_no_segment_begins() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    let (waiting, _answers): (Vec<_>, Vec<_>) =
        (0..300).map(|n| opens(n, Durability::Available)).unzip();
    assert!(log.put(waiting));
    let mut tiles = log.begin_tiles().unwrap();
    assert!(log.begin_tiles().is_none() && log.begin_turn().is_none());
    assert!(matches!(log.tick(), Err(JournalError::Full)));
    assert_eq!((log.synced, log.promised), (301, Some(1)), "they are durable, and not promised");
    // A full disk takes the bundle and not its tile, which is written later.
    disk.fail(disk.operations() + 1, Fault::NoSpace);
    let written = tiles.write();
    assert!(matches!(written, Err(JournalError::Full)));
    log.has_written(tiles, written).unwrap();
    assert_eq!((log.unsynced.len(), log.unwritten.len()), (1, 1));
    log.tick().unwrap();
    assert_eq!((log.unsynced.len(), log.promised), (2, Some(301)));
    check(disk.crashed(Survives::Synced), &(0..300).map(id).collect::<Vec<_>>(), "after the tick");
}

#[test]
fn a_checkpoint_that_could_not_be_kept_is_made_up_for_by_the_next() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    let (waiting, _answers): (Vec<_>, Vec<_>) =
        (0..4_200).map(|n| opens(n, Durability::Available)).unzip();
    log.commit(waiting);
    let mut tick = log.begin_tick().unwrap();
    let synced = tick.sync();
    log.has_synced(&tick, synced).unwrap();
    // The tiles that are not whole, the checkpoint, and then the one that is kept.
    let before = u64::try_from(log.tree.partial().len()).unwrap() + 1;
    disk.fail(disk.operations() + before, Fault::NoSpace);
    let promised = tick.promise();
    log.has_promised(tick, promised).unwrap();
    let kept = || disk.paths().into_iter().filter(|path| path.starts_with("checkpoints/")).count();
    assert_eq!((log.promised, log.kept, kept()), (Some(4_201), 0, 0));
    commit_one(&mut log, 5_000, Durability::Available).unwrap();
    log.tick().unwrap();
    assert_eq!((log.promised, log.kept, kept()), (Some(4_202), 4_202, 1));
    commit_one(&mut log, 5_001, Durability::Available).unwrap();
    log.tick().unwrap();
    assert_eq!((log.kept, kept()), (4_202, 1), "the next is kept when it is due");
}

#[test]
fn what_is_synced_while_a_segment_begins_survives_power_loss_at_every_step() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    let mut strict = Vec::new();
    let mut come = |log: &mut Log, first: u64| {
        for n in first..first + 5 {
            let durability = if n % 2 == 0 { Durability::Strict } else { Durability::Available };
            commit_one(log, n, durability).unwrap();
            if durability == Durability::Strict {
                strict.push(id(n));
            }
        }
        for survives in [Survives::Synced, Survives::HalfOfTheRest, Survives::Written] {
            check(disk.crashed(survives), &strict, &format!("{first} {survives:?}"));
        }
    };
    for n in 1000..1300 {
        commit_one(&mut log, n, Durability::Available).unwrap();
    }
    let old = log.segment.clone();
    let mut turn = log.begin_turn().unwrap();
    come(&mut log, 0);
    let prepared = turn.prepare();
    come(&mut log, 10);
    turn.take_over((log.segment_bytes, log.tree.size)).unwrap();
    come(&mut log, 50);
    assert_eq!(log.segment, old);
    log.turn(&mut turn, prepared).unwrap();
    assert_eq!(log.segment, "tail-00000000000000000256");
    assert_eq!(log.synced, 301, "of the new segment no more is durable yet");
    assert!(log.retiring.is_empty(), "the old one may be needed");
    come(&mut log, 20);
    let settled = turn.settle();
    come(&mut log, 30);
    log.turned(turn, settled).unwrap();
    assert_eq!(log.retiring.front().unwrap().segment, old);
    let oldest = log.retiring.front().unwrap().clone();
    log.retired(oldest.retire(&*log.disk)).unwrap();
    come(&mut log, 40);
    let report = verify(&seen(&disk), Expect::Running).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

#[test]
fn a_segment_that_finds_no_room_is_begun_later_and_one_that_cannot_be_synced_never() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    for n in 0..300 {
        commit_one(&mut log, n, Durability::Available).unwrap();
    }
    let old = log.segment.clone();
    for step in [1, 2] {
        // The old one is synced; then the new one is written, and what came meanwhile added.
        let mut turn = log.begin_turn().unwrap();
        commit_one(&mut log, 1000 + step, Durability::Available).unwrap();
        disk.fail(disk.operations() + step, Fault::NoSpace);
        let prepared = turn.prepare();
        assert_eq!(prepared.is_err(), step == 1, "{step}");
        let told = log.turn(&mut turn, prepared);
        assert!(matches!(told, Err(JournalError::Full)), "{step}: {told:?}");
        assert!(!log.poisoned && log.segment == old && log.can_turn());
        assert!(!disk.paths().contains(&"tail-00000000000000000256".to_owned()), "{step}");
    }
    disk.fail(disk.operations(), Fault::Fails);
    let told = turn(&mut log);
    assert!(matches!(told, Err(JournalError::Io { .. })), "{told:?}");
    assert!(log.poisoned, "nobody knows what a disk holds that failed to sync");
    let there: Vec<RequestId> = (0..300).chain([1001, 1002]).map(id).collect();
    check(disk.crashed(Survives::Written), &there, "after all that");
}

#[test]
fn recovery_syncs_the_tiles_that_it_mends_before_it_drops_their_segment() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    for n in 0..300 {
        commit_one(&mut log, n, Durability::Available).unwrap();
    }
    log.tick().unwrap();
    turn(&mut log).unwrap();
    let left = Arc::new(disk.crashed(Survives::Synced));
    assert_eq!(seen(&left).read("tile/entries/000").unwrap(), None, "tiles are not synced yet");
    drop(open(&left).unwrap());
    assert!(!left.paths().contains(&"tail-00000000000000000000".to_owned()));
    let promised: Vec<RequestId> = (0..300).map(id).collect();
    check(left.crashed(Survives::HalfOfTheRest), &promised, "power loss after recovery");
}

#[test]
fn a_segment_is_dropped_only_when_its_tiles_are_safe() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    for n in 0..300 {
        commit_one(&mut log, n, Durability::Available).unwrap();
    }
    turn(&mut log).unwrap();
    let oldest = log.retiring.front().unwrap().clone();
    assert!(!oldest.paths.is_empty() && disk.paths().contains(&oldest.segment));
    log.retired(oldest.retire(&*log.disk)).unwrap();
    assert!(!disk.paths().contains(&oldest.segment));
    let told = log.retired(Err(("sync", std::io::Error::other("no"))));
    assert!(told.is_ok() && !log.poisoned, "nothing was retiring");
    log.retiring.push_back(oldest);
    assert!(log.retired(Err(("sync", std::io::Error::other("no")))).is_err() && log.poisoned);
}

#[test]
fn a_crash_after_every_operation_breaks_no_promise() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    let mut strict = Vec::new();
    for n in 0..400 {
        let durability = if n % 3 == 0 { Durability::Strict } else { Durability::Available };
        commit_one(&mut log, n, durability).unwrap();
        if durability == Durability::Strict {
            strict.push(id(n));
        }
        if n % 2 == 0 {
            log.commit(vec![closes(n)]);
        }
        if n % 100 == 99 {
            log.tick().unwrap();
        }
        if n == 300 {
            turn(&mut log).unwrap();
        }
        if n % 29 == 0 {
            check(disk.crashed(Survives::Synced), &strict, &format!("after {n}"));
            check(disk.crashed(Survives::HalfOfTheRest), &strict, &format!("after {n}"));
        }
    }
}

#[test]
fn a_failed_sync_poisons_the_journal_and_tells_the_server_once() {
    let told = Arc::new(AtomicUsize::new(0));
    let teller = Arc::clone(&told);
    let disk = Arc::new(MemoryDisk::new());
    let shared: Arc<dyn JournalDisk> = Arc::<MemoryDisk>::clone(&disk);
    let on_poison = Box::new(move |_: &JournalError| {
        teller.fetch_add(1, Ordering::Relaxed);
    });
    let status = Arc::new(Status::default());
    let config = JournalConfig { on_poison, ..config() };
    let (mut log, _) = Log::open(shared, config, status, Timestamp::default()).unwrap();
    disk.fail(disk.operations() + 1, Fault::Fails); // the write is next, then the sync
    assert!(commit_one(&mut log, 1, Durability::Strict).is_err());
    for n in 2..4 {
        let refused = commit_one(&mut log, n, Durability::Available);
        assert!(matches!(refused, Err(JournalError::Poisoned)));
    }
    assert!(matches!(log.tick(), Err(JournalError::Poisoned)));
    assert_eq!(told.load(Ordering::Relaxed), 1);
}

#[test]
fn a_full_disk_costs_the_reserve_first_and_space_that_returns_restores_it() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    let spent = |log: &Log| log.status.reserve_spent.load(Ordering::Relaxed);
    let used = |disk: &MemoryDisk| -> usize {
        let lengths = disk.paths().into_iter().map(|path| disk.read(&path).unwrap().unwrap().len());
        lengths.sum()
    };
    commit_one(&mut log, 0, Durability::Strict).unwrap();
    assert!(!spent(&log));
    disk.set_capacity(Some(used(&disk)));
    commit_one(&mut log, 1, Durability::Strict).unwrap();
    assert!(spent(&log), "the reserve carries the entry");
    let full = (2..100).find(|n| commit_one(&mut log, *n, Durability::Strict).is_err()).unwrap();
    let again = commit_one(&mut log, full, Durability::Available);
    assert!(matches!(again, Err(JournalError::Full)), "{again:?}");
    log.commit(vec![closes(0)]);
    assert_eq!(log.owed.len(), 1, "an end that finds no room is owed");
    assert!(log.tick().is_err());

    disk.set_capacity(None);
    log.tick().unwrap();
    assert!(!spent(&log) && log.owed.is_empty());
    commit_one(&mut log, full, Durability::Strict).unwrap();
    for n in 1..=full {
        log.commit(vec![closes(n)]);
    }
    log.tick().unwrap();
    let report = verify(&seen(&disk), Expect::Stopped).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

#[test]
fn an_entry_left_open_is_closed_as_unknown() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    commit_one(&mut log, 1, Durability::Strict).unwrap();
    commit_one(&mut log, 2, Durability::Strict).unwrap();
    log.commit(vec![closes(2)]);
    let left = Arc::new(disk.crashed(Survives::Written));
    let (_, recovery) = open(&left).unwrap();
    assert_eq!((recovery.unknown, recovery.leaves), (vec![id(1)], 5));
    let entry = Reader::open(&*left).unwrap().find(id(1)).unwrap().unwrap();
    assert_eq!(entry.closed.unwrap().outcome, Ending::Unknown);
}

#[test]
fn an_entry_open_across_a_new_segment_is_still_closed_as_unknown() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    commit_one(&mut log, 0, Durability::Strict).unwrap();
    for n in 1..200 {
        commit_one(&mut log, n, Durability::Available).unwrap();
        log.commit(vec![closes(n)]);
    }
    log.tick().unwrap();
    turn(&mut log).unwrap();
    assert_eq!(log.segment, "tail-00000000000000000256");
    let (_, recovery) = open(&Arc::new(disk.crashed(Survives::Synced))).unwrap();
    assert_eq!(recovery.unknown, [id(0)]);
}

#[test]
fn an_id_that_is_open_is_refused_and_an_end_without_beginning_is_not_written() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    commit_one(&mut log, 1, Durability::Available).unwrap();
    let twice = commit_one(&mut log, 1, Durability::Available);
    assert!(matches!(twice, Err(JournalError::Duplicate(_))));
    log.commit(vec![closes(7)]);
    assert_eq!(log.tree.size, 2);
}

#[test]
fn a_log_cut_below_its_checkpoint_is_refused() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    for n in 0..5 {
        commit_one(&mut log, n, Durability::Strict).unwrap();
    }
    log.tick().unwrap();
    let cut = Arc::new(disk.crashed(Survives::Written));
    cut.tamper("tail-00000000000000000000", |bytes| {
        bytes.map(|bytes| bytes[..bytes.len() - 20].to_vec())
    });
    assert!(matches!(open(&cut), Err(JournalError::Corrupt { .. })));
    let gone = Arc::new(disk.crashed(Survives::Written));
    gone.tamper("tail-00000000000000000000", |_| None);
    assert!(matches!(open(&gone), Err(JournalError::Corrupt { .. })));
    assert!(open(&Arc::new(disk.crashed(Survives::Written))).is_ok());
}

#[test]
fn a_bundle_that_disagrees_with_the_tail_is_reported_and_written_again() {
    let disk = Arc::new(MemoryDisk::new());
    let (mut log, _) = open(&disk).unwrap();
    for n in 0..300 {
        commit_one(&mut log, n, Durability::Available).unwrap();
    }
    log.tick().unwrap();
    let left = Arc::new(disk.crashed(Survives::Written));
    left.tamper("packs/00000000000000000000", |bytes| bytes.map(|b| b[..b.len() / 2].to_vec()));
    let (_, recovery) = open(&left).unwrap();
    assert_eq!(recovery.rewritten, [""; 0], "what was cut short was not there");
    left.tamper("packs/00000000000000000000", |bytes| {
        bytes.map(|mut bytes| {
            bytes[100] ^= 1;
            bytes
        })
    });
    let (_, recovery) = open(&left).unwrap();
    assert_eq!(recovery.rewritten, ["tile/entries/000"]);
    assert!(verify(&seen(&left), Expect::Stopped).unwrap().problems.is_empty());
}
