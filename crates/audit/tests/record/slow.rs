//! A disk that takes long to make things durable.

use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use strongroom_audit::disk::{JournalDisk, MemoryDisk, Settle};
use strongroom_audit::{Outcome, Reason};

use crate::house::*;

/// A disk whose syncs hang while they are told to.
#[derive(Default)]
struct Hanging {
    disk: MemoryDisk,
    /// Whether they hang, and how many do.
    state: Mutex<(bool, usize)>,
    bell: Condvar,
}

impl Hanging {
    fn hang(&self, hang: bool) {
        self.state.lock().unwrap().0 = hang;
        self.bell.notify_all();
    }

    fn wait_until_one_hangs(&self) {
        let state = self.state.lock().unwrap();
        drop(self.bell.wait_while(state, |(_, hanging)| *hanging == 0).unwrap());
    }
}

impl JournalDisk for Hanging {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.disk.read(path)
    }

    fn list(&self, directory: &str) -> io::Result<Vec<String>> {
        self.disk.list(directory)
    }

    fn write(&self, path: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.disk.write(path, at, bytes)
    }

    fn sync(&self, paths: &[String]) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.bell.notify_all();
        state = self.bell.wait_while(state, |(hang, _)| *hang).unwrap();
        state.1 -= 1;
        drop(state);
        self.disk.sync(paths)
    }

    fn replace(&self, path: &str, bytes: &[u8], settle: Settle) -> io::Result<()> {
        self.disk.replace(path, bytes, settle)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.disk.remove(path)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_no_sync_waits_for_one_only_when_it_takes_too_long() {
    let disk = Arc::new(Hanging::default());
    let house = House::on_any(Arc::<Hanging>::clone(&disk));
    let refused = || {
        let attempt = house.attempt();
        tokio::spawn(attempt.refuse(Reason::UnknownKey, Outcome::status(403)))
    };
    refused().await.unwrap().unwrap();
    disk.hang(true);
    house.clock.pass(1000);
    refused().await.unwrap().unwrap();
    let hanging = Arc::clone(&disk);
    tokio::task::spawn_blocking(move || hanging.wait_until_one_hangs()).await.unwrap();
    for _ in 0..1000 {
        refused().await.unwrap().unwrap();
    }

    house.clock.pass(1000);
    let mut waiting = None;
    for _ in 0..200 {
        let mut next = refused();
        if tokio::time::timeout(Duration::from_millis(100), &mut next).await.is_err() {
            waiting = Some(next);
            break;
        }
    }
    let waiting = waiting.expect("what is not durable after a second keeps everybody waiting");
    disk.hang(false);
    waiting.await.unwrap().unwrap();
    house.journal.flush().await.unwrap();
    let checkpoint = house.journal.checkpoint().unwrap().unwrap();
    assert!(checkpoint.size > 2004, "{}", checkpoint.size);
}
