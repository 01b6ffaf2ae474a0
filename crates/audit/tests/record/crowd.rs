//! Many at once: whoever comes while nobody writes writes for all.

use std::collections::HashSet;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use strongroom_audit::disk::{JournalDisk, MemoryDisk, Settle};
use strongroom_audit::entry::Ending;
use strongroom_audit::{Durability, Outcome};

use crate::house::{House, NOW, ReadThing, alice, asked};

/// A disk that counts how often the tail is written to.
#[derive(Default)]
struct Counting {
    disk: MemoryDisk,
    writes: AtomicUsize,
}

impl JournalDisk for Counting {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.disk.read(path)
    }

    fn list(&self, directory: &str) -> io::Result<Vec<String>> {
        self.disk.list(directory)
    }

    fn write(&self, path: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        if path.starts_with("tail-") {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        self.disk.write(path, at, bytes)
    }

    fn sync(&self, paths: &[String]) -> io::Result<()> {
        self.disk.sync(paths)
    }

    fn replace(&self, path: &str, bytes: &[u8], settle: Settle) -> io::Result<()> {
        self.disk.replace(path, bytes, settle)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.disk.remove(path)
    }
}

const CALLERS: usize = 16;
const REQUESTS: usize = 60;

const READS: &str = r#"{"Version":"2012-10-17","Statement":
    [{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_one_of_a_crowd_is_on_record_once_whoever_wrote_for_whom() {
    let house = Arc::new(House::new());
    let callers = (0..CALLERS).map(|caller| {
        let house = Arc::clone(&house);
        tokio::spawn(async move {
            for n in 0..REQUESTS {
                let mut decided = asked(ReadThing::new("k"), READS);
                // Some must wait for the disk, and some leave without a word.
                if (caller + n) % 7 > 0 {
                    decided.durability = Durability::Available;
                }
                let opened = house.known(&alice()).open(decided, || NOW).await;
                let (_, entry) = opened.unwrap();
                if (caller + n) % 5 > 0 {
                    entry.close(Outcome::status(200));
                }
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let entries = house.entries().await;
    assert_eq!(entries.len(), CALLERS * REQUESTS);
    let ids: HashSet<_> = entries.iter().map(|entry| entry.opened.id).collect();
    assert_eq!(ids.len(), entries.len(), "an entry was written twice");
    let ended = |ending| {
        let ends = entries.iter().filter_map(|entry| entry.closed.as_ref());
        ends.filter(|closed| closed.outcome == ending).count()
    };
    let aborted = CALLERS * REQUESTS / 5;
    assert_eq!(ended(Ending::Aborted), aborted);
    assert_eq!(ended(Ending::Done), CALLERS * REQUESTS - aborted);
}

fn read_available() -> strongroom_audit::Decided<ReadThing> {
    let mut decided = asked(ReadThing::new("k"), READS);
    decided.durability = Durability::Available;
    decided
}

#[tokio::test]
async fn who_is_ready_at_once_is_written_at_once() {
    let disk = Arc::new(Counting::default());
    let house = House::on_any(Arc::<Counting>::clone(&disk));
    let mut writes = Vec::new();
    for _ in 0..20 {
        // Decided before: what is counted should take less than the writer sleeps.
        let ready = (0..CALLERS).map(|_| (house.known(&alice()), read_available()));
        let ready: Vec<_> = ready.collect();
        let before = disk.writes.load(Ordering::Relaxed);
        let asking = ready.into_iter().map(|(attempt, decided)| {
            tokio::spawn(async move { attempt.open(decided, || NOW).await.unwrap() })
        });
        for asked in asking.collect::<Vec<_>>() {
            drop(asked.await.unwrap());
        }
        writes.push(disk.writes.load(Ordering::Relaxed) - before);
    }
    assert_eq!(house.entries().await.len(), 20 * CALLERS);
    writes.sort_unstable();
    // The writer wakes now and then and writes for some of them.
    assert!(writes[10] <= 2, "{writes:?}");
}

#[tokio::test]
async fn who_leaves_while_others_may_still_join_is_on_record() {
    let house = House::new();
    {
        let mut opening = pin!(house.known(&alice()).open(read_available(), || NOW));
        let first = opening.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(first, Poll::Pending), "the first of all waits for others to join");
    }
    let entries = house.entries().await;
    let [entry] = &entries[..] else { panic!("{} entries", entries.len()) };
    assert_eq!(entry.closed.as_ref().unwrap().outcome, Ending::Aborted);
}
