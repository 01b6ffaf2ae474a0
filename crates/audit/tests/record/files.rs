//! The journal on real files.

use std::sync::Arc;

use strongroom_audit::disk::{FileDisk, JournalDisk, Settle};
use strongroom_audit::{
    Expect, Journal, JournalConfig, JournalError, Outcome, Reader, Reason, verify,
};

use crate::house::*;

fn config(dir: &std::path::Path) -> JournalConfig {
    JournalConfig { reserve_bytes: 4096, ..JournalConfig::new(dir.join("journal")) }
}

fn open(dir: &std::path::Path) -> Result<(Arc<Journal>, strongroom_audit::Recovery), JournalError> {
    struct Dice(std::sync::atomic::AtomicU8);
    impl strongroom_audit::Random for Dice {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }
    let house = House::new();
    Journal::open(config(dir), house.clock, Arc::new(Dice(Default::default())))
}

#[tokio::test]
async fn a_journal_is_taken_up_where_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..3_u64 {
        let (journal, recovery) = open(dir.path()).unwrap();
        assert_eq!((recovery.leaves, recovery.torn_bytes), (round * 400, 0));
        assert!(recovery.unknown.is_empty() && recovery.rewritten.is_empty());
        for _ in 0..200 {
            let opening = strongroom_audit::Opening::new(journal.request_id());
            let refused = journal.attempt(opening).refuse(Reason::UnknownKey, Outcome::status(403));
            refused.await.unwrap();
        }
        drop(journal);
        let disk = FileDisk::new(dir.path().join("journal"));
        let report = verify(&disk, Expect::Stopped).unwrap();
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        assert_eq!(Reader::open(&disk).unwrap().len(), (round + 1) * 400);
    }
    let checkpoint = std::fs::read_to_string(dir.path().join("journal/checkpoint")).unwrap();
    assert!(checkpoint.starts_with("strongroom/journal\n1200\n"), "{checkpoint}");
    let packs = std::fs::read_dir(dir.path().join("journal/packs")).unwrap();
    let names: Vec<_> = packs.map(|pack| pack.unwrap().file_name()).collect();
    assert_eq!(names, ["00000000000000000000"], "four bundles and their tiles, in one file");
    assert!(!dir.path().join("journal/tile/entries/003").exists());
    assert!(dir.path().join("journal/tile/0/004.p/176").exists());
    assert!(!dir.path().join("journal/tile/0/003.p").exists(), "whole tiles have no partial ones");
}

#[test]
fn a_journal_has_one_writer() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path()).unwrap();
    assert!(matches!(open(dir.path()), Err(JournalError::Io { .. })));
    drop(first);
    assert!(open(dir.path()).is_ok());
}

#[test]
fn a_file_ends_where_the_writer_says() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FileDisk::new(dir.path().join("deep/er"));
    disk.write("tail", 0, b"hello world").unwrap();
    disk.write("tail", 5, b"!").unwrap();
    disk.sync(&["tail".to_owned()]).unwrap();
    assert_eq!(disk.read("tail").unwrap().unwrap(), b"hello!");
    let again = FileDisk::new(dir.path().join("deep/er"));
    again.write("tail", 2, b"").unwrap();
    assert_eq!(again.read("tail").unwrap().unwrap(), b"he");
    for settle in [Settle::Now, Settle::Later] {
        disk.replace("a/b.p/1", b"x", settle).unwrap();
        disk.sync(&["a/b.p/1".to_owned()]).unwrap();
        assert_eq!(disk.list("a/b.p").unwrap(), ["1"]);
        disk.remove("a/b.p/1").unwrap();
        disk.remove("a/b.p/1").unwrap();
        assert_eq!(disk.list("a").unwrap(), [""; 0]);
    }
    assert_eq!(disk.read("absent").unwrap(), None);
    assert_eq!(disk.list("absent").unwrap(), [""; 0]);
}
