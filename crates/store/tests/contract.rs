#![cfg(test)]
//! The contract suites on the embedded engine: on a real directory and on a simulated disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use objects::{MetadataStore as _, WriteBatch};
use strongroom_store::embedded::{Data, Disk, Epoch, Options};
use testkit::contract::{self, Ports, Subject};
use testkit::{FaultyDisk, Violation};

fn options() -> Options {
    let mut options = Options::new(Epoch(1), Arc::new(|_| ()));
    options.reserve_bytes = 1 << 20;
    options
}

fn ports(data: Data) -> Ports {
    Ports {
        metadata: data.metadata(),
        blobs: data.blobs(),
        state: data.state(),
        keep: Box::new(data),
    }
}

struct InDirectory(PathBuf);

impl Subject for InDirectory {
    fn open(&self) -> Result<Ports, Violation> {
        Data::open(&self.0, &options()).map(ports).map_err(|e| Violation(e.to_string()))
    }
}

struct Simulated(FaultyDisk);

impl Subject for Simulated {
    fn open(&self) -> Result<Ports, Violation> {
        let disk: Arc<dyn Disk> = Arc::new(self.0.clone());
        Data::open_on(&disk, &options()).map(ports).map_err(|e| Violation(e.to_string()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_engine_keeps_the_contracts_in_a_real_directory() {
    let home = tempfile::tempdir().unwrap();
    contract::all(&InDirectory(home.path().join("data"))).await.unwrap();
}

#[tokio::test]
async fn the_engine_keeps_the_contracts_on_a_simulated_disk() {
    contract::all(&Simulated(FaultyDisk::new())).await.unwrap();
}

/// Two threads read one key without a pause while it is written, deleted and written again: what
/// they read is never older than what was acknowledged before they asked, nor than what they read
/// last.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_read_is_never_older_than_what_was_acknowledged_before_it() {
    const WRITES: u64 = 600;
    let home = tempfile::tempdir().unwrap();
    let data = Data::open(&home.path().join("data"), &options()).unwrap();
    let (acknowledged, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let reader = || {
        let (store, acknowledged) = (data.metadata(), Arc::clone(&acknowledged));
        let done = Arc::clone(&done);
        tokio::spawn(async move {
            let (mut last, mut reads) = (0, 0_u64);
            while !done.load(Ordering::SeqCst) {
                let least = acknowledged.load(Ordering::SeqCst);
                let value = store.read(b"key").await.unwrap();
                let number = match value {
                    Some(bytes) => u64::from_be_bytes(bytes.as_ref().try_into().unwrap()),
                    // Every third write deletes: whoever sees nothing sees that one or another.
                    None => least.max(last),
                };
                assert!(number >= least && number >= last, "{number} after {least} and {last}");
                (last, reads) = (number, reads + 1);
            }
            reads
        })
    };
    let readers = [reader(), reader()];
    let store = data.metadata();
    for number in 1..=WRITES {
        let mut batch = WriteBatch::default();
        match number % 3 {
            0 => batch.delete(b"key".to_vec()),
            _ => batch.put(b"key".to_vec(), number.to_be_bytes().to_vec()),
        }
        store.commit(batch).await.unwrap();
        acknowledged.store(number, Ordering::SeqCst);
        let value = store.read(b"key").await.unwrap();
        assert_eq!(value.is_some(), !number.is_multiple_of(3), "{number}");
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(reader.await.unwrap() > WRITES);
    }
}
