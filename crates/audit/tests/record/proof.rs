//! Whatever is done to the files, verification says so.

use std::sync::Arc;

use strongroom_audit::disk::{JournalDisk, MemoryDisk, Survives};
use strongroom_audit::{Expect, Journal, JournalConfig, Outcome, Reason, Report, verify};

use crate::house::*;

/// A stopped journal of 700 leaves: two whole bundles, a partial one.
async fn stopped() -> MemoryDisk {
    let house = House::new();
    for n in 0..350 {
        let outcome = Outcome::status(400 + n % 100);
        house.attempt().refuse(Reason::SignatureMismatch, outcome).await.unwrap();
    }
    house.journal.flush().await.unwrap();
    let disk = Arc::clone(&house.disk);
    drop(house);
    disk.crashed(Survives::Written)
}

fn problems(disk: &MemoryDisk) -> Report {
    verify(disk, Expect::Stopped).unwrap()
}

#[tokio::test]
async fn an_untouched_record_verifies() {
    let report = problems(&stopped().await);
    assert_eq!((report.leaves, report.entries, report.open), (700, 350, 0));
    assert_eq!(report.checkpoint.unwrap().size, 700);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

/// The reserve is zeros, and what found no room is proven when it is in the log.
fn proven(path: &&String) -> bool {
    *path != "reserve" && !path.starts_with("gaps-")
}

#[tokio::test]
async fn a_changed_byte_in_any_file_is_found() {
    let disk = stopped().await;
    for path in disk.paths().iter().filter(proven) {
        let length = disk.read(path).unwrap().unwrap().len();
        for place in [0, length / 3, length / 2, length - 1] {
            let copy = disk.crashed(Survives::Written);
            copy.tamper(path, |bytes| {
                bytes.map(|mut bytes| {
                    bytes[place] ^= 1;
                    bytes
                })
            });
            assert!(!problems(&copy).problems.is_empty(), "{path} at {place}");
        }
    }
}

#[tokio::test]
async fn a_removed_or_shortened_file_is_found() {
    let disk = stopped().await;
    for path in disk.paths().iter().filter(proven) {
        let gone = disk.crashed(Survives::Written);
        gone.tamper(path, |_| None);
        assert!(!problems(&gone).problems.is_empty(), "{path} removed");
        let short = disk.crashed(Survives::Written);
        short.tamper(path, |bytes| bytes.map(|bytes| bytes[..bytes.len() / 2].to_vec()));
        assert!(!problems(&short).problems.is_empty(), "{path} halved");
    }
}

#[tokio::test]
async fn bundles_that_change_places_are_found() {
    let disk = stopped().await;
    let [first, second] = ["tile/entries/000", "tile/entries/001"];
    let (one, two) = (disk.read(first).unwrap(), disk.read(second).unwrap());
    disk.tamper(first, |_| two);
    disk.tamper(second, |_| one);
    assert!(!problems(&disk).problems.is_empty());
}

#[tokio::test]
async fn a_checkpoint_of_another_size_is_found() {
    let disk = stopped().await;
    for size in ["699", "701"] {
        let copy = disk.crashed(Survives::Written);
        copy.tamper("checkpoint", |bytes| {
            let text = String::from_utf8(bytes.unwrap()).unwrap();
            Some(text.replace("\n700\n", &format!("\n{size}\n")).into_bytes())
        });
        assert!(!problems(&copy).problems.is_empty(), "{size}");
    }
}

#[tokio::test]
async fn an_entry_without_an_end_is_a_problem_only_when_the_server_stopped() {
    let house = House::new();
    let free = decided(Free, "*", Vec::new());
    let (_permit, entry) = house.attempt().open(free, || NOW).await.unwrap();
    house.journal.flush().await.unwrap();
    let running = verify(&*house.disk, Expect::Running).unwrap();
    assert_eq!((running.open, running.problems.len()), (1, 0));
    assert_eq!(problems(&house.disk).problems.len(), 1);
    entry.close(Outcome::status(200));
    house.journal.flush().await.unwrap();
    assert!(problems(&house.disk).problems.is_empty());
}

#[tokio::test]
async fn a_journal_of_another_log_is_not_opened_in_silence() {
    // The tail of one journal beside the checkpoint of another.
    let (one, two) = (stopped().await, House::new());
    two.attempt().refuse(Reason::UnknownKey, Outcome::status(403)).await.unwrap();
    two.journal.flush().await.unwrap();
    let other = two.disk.read("checkpoint").unwrap();
    one.tamper("checkpoint", |_| other);
    let disk: Arc<dyn JournalDisk> = Arc::new(one);
    let (clock, random) = (Arc::clone(&two.clock), Arc::new(NoDice));
    let config = JournalConfig::new("unused".into());
    assert!(Journal::open_on(disk, config, clock, random).is_err());
}

struct NoDice;

impl strongroom_audit::Random for NoDice {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(9);
    }
}
