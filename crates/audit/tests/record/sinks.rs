//! Sinks get every leaf, in order, at least once, whatever happens to them or to us.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use strongroom_audit::disk::{JournalDisk, MemoryDisk, Survives};
use strongroom_audit::{
    Delivery, Next, Offered, Outcome, Pump, Reason, SINK_BATCH_BYTES_MAX, SINK_BATCH_LEAVES_MAX,
    SINK_WAIT_MAX, SINK_WAIT_MIN, Sink, SinkError, Undeliverable,
};

use crate::batches::item;
use crate::house::*;

/// Takes everything but what it is told to refuse.
#[derive(Default)]
struct Taker {
    taken: Mutex<Vec<(u64, String)>>,
    away: Mutex<bool>,
    /// Refuses batches that hold this leaf.
    chokes_on: Option<u64>,
    /// Takes the others and names this one.
    rejects: Option<u64>,
    gathers: Duration,
}

impl Sink for Taker {
    fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
        Box::pin(async move {
            if *self.away.lock().unwrap() {
                return Err(SinkError::Later { why: "away".to_owned() });
            }
            if batch.iter().any(|delivery| Some(delivery.index) == self.chokes_on) {
                return Err(SinkError::Refused { why: "too much".to_owned() });
            }
            let mut dead = Vec::new();
            for delivery in batch {
                if Some(delivery.index) == self.rejects {
                    dead.push(Undeliverable { index: delivery.index, why: "no".to_owned() });
                } else {
                    let mut taken = self.taken.lock().unwrap();
                    taken.push((delivery.index, delivery.id.clone()));
                }
            }
            Ok(dead)
        })
    }

    fn gathers(&self) -> Duration {
        self.gathers
    }
}

async fn recorded(entries: u64) -> House {
    let house = House::new();
    more(&house, entries).await;
    house
}

async fn more(house: &House, entries: u64) {
    for _ in 0..entries {
        house.attempt().refuse(Reason::UnknownKey, Outcome::status(403)).await.unwrap();
    }
    house.journal.flush().await.unwrap();
}

fn pump(house: &House, sink: &Arc<Taker>, state: &Arc<MemoryDisk>) -> Pump {
    let sink: Arc<dyn Sink> = Arc::<Taker>::clone(sink);
    let journal: Arc<dyn JournalDisk> = Arc::<MemoryDisk>::clone(&house.disk);
    Pump::new("siem", sink, journal, Arc::<MemoryDisk>::clone(state))
}

/// Runs until everything is delivered; gives how many batches it took.
async fn run(pump: &mut Pump) -> usize {
    let mut batches = 0;
    loop {
        let batch = pump.load().unwrap();
        if batch.is_empty() {
            return batches;
        }
        let outcome = pump.offer(&batch).await;
        assert_eq!(pump.settle(&batch, outcome).unwrap(), Next::Now);
        batches += 1;
    }
}

fn indices(sink: &Taker) -> Vec<u64> {
    sink.taken.lock().unwrap().iter().map(|(index, _)| *index).collect()
}

#[tokio::test]
async fn every_leaf_comes_once_and_in_order_and_the_cursor_is_where_it_stopped() {
    let house = recorded(700).await;
    let (sink, state) = (Arc::new(Taker::default()), Arc::new(MemoryDisk::new()));
    let mut first = pump(&house, &sink, &state);
    assert_eq!(run(&mut first).await, 1400_usize.div_ceil(SINK_BATCH_LEAVES_MAX));
    assert_eq!(indices(&sink), (0..1400).collect::<Vec<_>>());
    more(&house, 3).await;
    // Another start, on what survives power loss.
    let state = Arc::new(state.crashed(Survives::Synced));
    let mut again = pump(&house, &sink, &state);
    run(&mut again).await;
    assert_eq!(indices(&sink), (0..1406).collect::<Vec<_>>());
    assert_eq!(again.lag(), 0);
}

#[tokio::test]
async fn a_batch_whose_cursor_was_lost_comes_again_under_the_same_ids() {
    let house = recorded(5).await;
    let (sink, state) = (Arc::new(Taker::default()), Arc::new(MemoryDisk::new()));
    let mut lost = pump(&house, &sink, &state);
    let batch = lost.load().unwrap();
    lost.offer(&batch).await.unwrap();
    drop(lost);
    run(&mut pump(&house, &sink, &state)).await;
    let taken = sink.taken.lock().unwrap();
    assert_eq!(taken.len(), 20);
    assert_eq!(taken[..10], taken[10..]);
}

/// corpus: AUD-07
/// oracle: record
#[tokio::test]
async fn a_sink_that_is_away_waits_longer_each_time_and_loses_nothing() {
    let house = recorded(5).await;
    let (sink, state) = (Arc::new(Taker::default()), Arc::new(MemoryDisk::new()));
    let mut pump = pump(&house, &sink, &state);
    *sink.away.lock().unwrap() = true;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let batch = pump.load().unwrap();
        let outcome = pump.offer(&batch).await;
        let Next::After(wait) = pump.settle(&batch, outcome).unwrap() else { panic!() };
        waits.push(wait);
    }
    assert_eq!(waits[..3], [SINK_WAIT_MIN, Duration::from_secs(2), Duration::from_secs(4)]);
    assert_eq!(waits[11], SINK_WAIT_MAX);
    assert_eq!((pump.lag(), pump.failures()), (10, 12));
    *sink.away.lock().unwrap() = false;
    run(&mut pump).await;
    assert_eq!(indices(&sink), (0..10).collect::<Vec<_>>());
    assert_eq!(pump.failures(), 0);
}

/// corpus: AUD-07
/// oracle: record
#[tokio::test]
async fn one_leaf_that_is_never_taken_is_put_aside_with_the_reason_and_holds_up_no_other() {
    for (chokes_on, rejects) in [(Some(7), None), (None, Some(7))] {
        let house = recorded(20).await;
        let sink = Arc::new(Taker { chokes_on, rejects, ..Taker::default() });
        let state = Arc::new(MemoryDisk::new());
        run(&mut pump(&house, &sink, &state)).await;
        let others: Vec<u64> = (0..40).filter(|index| *index != 7).collect();
        assert_eq!(indices(&sink), others);
        let letters = state.read("siem/dead-letters.jsonl").unwrap().unwrap();
        let letter: serde_json::Value = serde_json::from_slice(&letters).unwrap();
        assert_eq!(letter["index"], 7);
        let why = if rejects.is_some() { "no" } else { "too much" };
        assert_eq!(letter["why"], why);
        assert!(letter["leaf"].as_str().unwrap().contains("\"entry\":\"closed\""));
    }
}

#[tokio::test]
async fn a_cursor_of_a_longer_journal_begins_anew() {
    let house = recorded(5).await;
    let (sink, state) = (Arc::new(Taker::default()), Arc::new(MemoryDisk::new()));
    state.tamper("siem/cursor", |_| Some(b"11\n".to_vec()));
    run(&mut pump(&house, &sink, &state)).await;
    assert_eq!(indices(&sink).len(), 10);
    state.tamper("siem/cursor", |_| Some(b"x\n".to_vec()));
    assert!(pump(&house, &sink, &state).load().is_err());
}

#[tokio::test]
async fn a_sink_reads_bundles_and_not_the_tail_however_long_it_is() {
    let house = recorded(700).await;
    for path in house.disk.paths().iter().filter(|path| path.starts_with("tail-")) {
        house.disk.tamper(path, |_| None);
    }
    let (sink, state) = (Arc::new(Taker::default()), Arc::new(MemoryDisk::new()));
    run(&mut pump(&house, &sink, &state)).await;
    assert_eq!(indices(&sink), (0..1400).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_bundle_that_a_full_disk_put_off_is_made_up_for_by_the_tail() {
    for lost in ["tile/entries/002", "tile/entries/005.p/120"] {
        let house = recorded(700).await;
        house.disk.tamper(lost, |bytes| {
            assert!(bytes.is_some(), "{lost}");
            None
        });
        let (sink, state) = (Arc::new(Taker::default()), Arc::new(MemoryDisk::new()));
        run(&mut pump(&house, &sink, &state)).await;
        assert_eq!(indices(&sink), (0..1400).collect::<Vec<_>>(), "{lost}");
    }
}

#[tokio::test]
async fn what_is_full_in_bytes_is_not_gathered_for_and_the_last_leaves_are() {
    let house = House::new();
    for _ in 0..4 {
        let items = (0..1000).map(|number| item(&format!("{number:01000}"))).collect();
        let envelope = decided(Free, "arn:aws:s3:::pay", Vec::new());
        let open = house.known(&alice()).open_batch(envelope, items, || NOW);
        open.await.unwrap().1.close(Outcome::status(200));
    }
    house.journal.flush().await.unwrap();
    let gathers = Duration::from_secs(60);
    let sink = Arc::new(Taker { gathers, ..Taker::default() });
    let mut pump = pump(&house, &sink, &Arc::new(MemoryDisk::new()));
    let mut waited = Vec::new();
    loop {
        let batch = pump.load().unwrap();
        if batch.is_empty() {
            break;
        }
        let bytes: usize = batch.iter().map(|delivery| delivery.leaf.len()).sum();
        assert!(batch.len() < SINK_BATCH_LEAVES_MAX);
        waited.push((bytes >= SINK_BATCH_BYTES_MAX, pump.waits(&batch, Duration::ZERO)));
        assert!(!pump.waits(&batch, gathers));
        pump.settle(&batch, Ok(Vec::new())).unwrap();
    }
    assert_eq!(waited, [(true, false), (false, true)]);
}
