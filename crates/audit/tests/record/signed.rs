//! Checkpoints are signed: whoever does not hold the key cannot write another record, and
//! verifying with the public key alone says so and names the first bad leaf.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use strongroom_audit::disk::{JournalDisk, MemoryDisk, Survives};
use strongroom_audit::{
    Checkpoint, CheckpointKeys, Custody, Expect, JOURNAL_ORIGIN, Journal, JournalConfig,
    JournalError, Outcome, Random, Reason, Report, Terms, Trust, VerifierKey, verify,
};

use crate::house::*;

struct Dice(AtomicU8);

impl Random for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// The text of a new file of keys; each `seed` makes another.
pub(crate) fn drawn(seed: u8) -> String {
    let drawn = CheckpointKeys::draw(JOURNAL_ORIGIN, &Dice(AtomicU8::new(seed))).unwrap();
    String::from_utf8(drawn.expose().to_vec()).unwrap()
}

fn used(text: &str) -> String {
    String::from_utf8(CheckpointKeys::used(text).expose().to_vec()).unwrap()
}

fn rotated(text: &str, seed: u8) -> String {
    let next = CheckpointKeys::rotate(text, &Dice(AtomicU8::new(seed))).unwrap();
    String::from_utf8(next.expose().to_vec()).unwrap()
}

pub(crate) fn public(text: &str) -> VerifierKey {
    CheckpointKeys::parse(text).unwrap().current().unwrap().clone()
}

fn open(disk: &Arc<MemoryDisk>, keys: Option<&str>) -> Result<Arc<Journal>, JournalError> {
    let house = House::new();
    let shared: Arc<dyn JournalDisk> = Arc::<MemoryDisk>::clone(disk);
    let keys = keys.map(|text| CheckpointKeys::parse(text).unwrap());
    let config = JournalConfig { reserve_bytes: 64, keys, ..JournalConfig::new("unused".into()) };
    let random = Arc::new(Dice(AtomicU8::new(100)));
    Journal::open_on(shared, config, house.clock, random).map(|(journal, _)| journal)
}

async fn entries(journal: &Arc<Journal>, from: u64, many: u64) {
    for n in from..from + many {
        let random = (n + 1).to_be_bytes();
        let mut ten = [0; 10];
        ten[2..].copy_from_slice(&random);
        let id = names::RequestId::from_parts(1_767_323_045_678, ten);
        let attempt = journal.attempt(strongroom_audit::Opening::new(id));
        attempt.refuse(Reason::SignatureMismatch, Outcome::status(403)).await.unwrap();
    }
    journal.flush().await.unwrap();
}

/// A stopped journal of one key leaf and `many` entries of two leaves each.
pub(crate) async fn signed(keys: &str, many: u64) -> MemoryDisk {
    let disk = Arc::new(MemoryDisk::new());
    let journal = open(&disk, Some(keys)).unwrap();
    entries(&journal, 0, many).await;
    drop(journal);
    disk.crashed(Survives::Written)
}

pub(crate) fn by(key: &VerifierKey) -> Terms {
    Terms { expect: Expect::Stopped, key: Some(key.clone()), seen: Vec::new() }
}

fn report(disk: &MemoryDisk, key: &VerifierKey) -> Report {
    verify(disk, by(key)).unwrap()
}

fn words(report: &Report) -> String {
    report.problems.iter().map(|p| format!("{}: {}\n", p.place, p.what)).collect()
}

fn checkpoint(disk: &MemoryDisk) -> Checkpoint {
    Checkpoint::parse(&disk.read("checkpoint").unwrap().unwrap()).unwrap()
}

#[tokio::test]
async fn a_signed_record_verifies_with_the_public_key_alone_and_not_with_another() {
    let disk = signed(&drawn(1), 350).await;
    let sound = report(&disk, &public(&drawn(1)));
    assert!(sound.problems.is_empty(), "{}", words(&sound));
    assert_eq!((sound.leaves, sound.entries, sound.trust), (701, 350, Trust::Given));
    assert_eq!(sound.key, Some(public(&drawn(1))));
    let strange = report(&disk, &public(&drawn(2)));
    assert!(words(&strange).contains("never signed this log"), "{}", words(&strange));
    let named = verify(&disk, Expect::Stopped).unwrap();
    assert!(named.problems.is_empty());
    assert_eq!(named.trust, Trust::Named);
}

/// corpus: AUD-08
/// oracle: record
#[tokio::test]
async fn who_recomputes_every_hash_without_the_key_is_found_out() {
    // Another log of the same length, whole and consistent: unsigned, signed by another key, and
    // with the signature of the true one.
    let disk = signed(&drawn(1), 350).await;
    let key = public(&drawn(1));
    let forged = signed(&drawn(2), 350).await;
    let found = words(&report(&forged, &key));
    assert!(found.contains("never signed this log"), "{found}");
    let true_note = disk.read("checkpoint").unwrap();
    forged.tamper("checkpoint", |_| true_note);
    assert!(!report(&forged, &key).problems.is_empty());
    // He may leave the true key's leaf where it is: what he signs is then not signed by that key.
    let unsigned = disk.crashed(Survives::Written);
    unsigned.tamper("checkpoint", |bytes| {
        let note = String::from_utf8(bytes.unwrap()).unwrap();
        Some(note.split_inclusive('\n').take(3).collect::<String>().into_bytes())
    });
    let found = words(&report(&unsigned, &key));
    assert!(found.contains("did not sign it"), "{found}");
}

/// corpus: AUD-08
/// oracle: record
#[tokio::test]
async fn a_log_that_was_put_back_is_found_by_a_checkpoint_that_was_seen() {
    let keys = drawn(1);
    let disk = Arc::new(MemoryDisk::new());
    let journal = open(&disk, Some(&keys)).unwrap();
    entries(&journal, 0, 10).await;
    let old = disk.crashed(Survives::Written);
    entries(&journal, 10, 10).await;
    drop(journal);
    let seen = vec![checkpoint(&disk)];
    let terms = |seen: &Vec<Checkpoint>| Terms { seen: seen.clone(), ..by(&public(&keys)) };
    assert!(verify(&*disk, terms(&seen)).unwrap().problems.is_empty());
    // By itself the old log is sound: that is what cannot be seen without help.
    assert!(verify(&old, by(&public(&keys))).unwrap().problems.is_empty());
    let found = verify(&old, terms(&seen)).unwrap();
    assert!(words(&found).contains("41 leaves"), "{}", words(&found));
    assert_eq!(found.first_bad, Some((21, 41)));
    // A fork from the same beginning, signed by the same key.
    let forked = Arc::new(old);
    let journal = open(&forked, Some(&used(&keys))).unwrap();
    entries(&journal, 50, 20).await;
    drop(journal);
    assert!(verify(&*forked, by(&public(&keys))).unwrap().problems.is_empty());
    let found = verify(&*forked, terms(&seen)).unwrap();
    assert!(words(&found).contains("its root is not that of the leaves"), "{}", words(&found));
}

#[tokio::test]
async fn a_rotated_key_is_followed_on_the_word_of_the_old_one() {
    let first = drawn(1);
    let disk = Arc::new(signed(&first, 5).await);
    let second = rotated(&first, 2);
    assert_eq!(CheckpointKeys::parse(&second).unwrap().custody(), Custody::Used);
    let journal = open(&disk, Some(&second)).unwrap();
    entries(&journal, 5, 5).await;
    drop(journal);
    assert!(checkpoint(&disk).is_signed_by(&public(&second)));
    for key in [public(&first), public(&second)] {
        let found = report(&disk, &key);
        assert!(found.problems.is_empty(), "{}", words(&found));
        assert_eq!(found.key, Some(public(&second)));
    }
    // What the second key signs, the first one's file no longer opens.
    assert!(open(&disk, Some(&used(&first))).is_err());
}

#[tokio::test]
async fn a_journal_that_was_signed_opens_only_with_its_key_and_its_signature() {
    let keys = drawn(1);
    let mine = used(&keys);
    let at_rest = signed(&keys, 5).await;
    let copy = || Arc::new(at_rest.crashed(Survives::Written));
    assert!(open(&copy(), Some(&mine)).is_ok());
    assert!(open(&copy(), None).is_err());
    assert!(open(&copy(), Some(&drawn(2))).is_err());
    let stripped = copy();
    stripped.tamper("checkpoint", |bytes| {
        let note = String::from_utf8(bytes.unwrap()).unwrap();
        Some(note.split_inclusive('\n').take(3).collect::<String>().into_bytes())
    });
    assert!(open(&stripped, Some(&mine)).is_err());
    let missing = copy();
    missing.tamper("checkpoint", |_| None);
    assert!(open(&missing, Some(&mine)).is_err());
    // One that never was signed begins to be, by a key that has signed nothing.
    let unsigned = Arc::new(MemoryDisk::new());
    entries(&open(&unsigned, None).unwrap(), 0, 3).await;
    assert!(open(&unsigned, Some(&mine)).is_err());
    drop(open(&unsigned, Some(&keys)).unwrap());
    let found = report(&unsigned, &public(&keys));
    assert!(found.problems.is_empty(), "{}", words(&found));
}

/// corpus: AUD-04
/// oracle: secrets
#[tokio::test]
async fn the_private_key_is_in_no_file_of_the_record() {
    let keys = rotated(&drawn(1), 2);
    let disk = signed(&keys, 20).await;
    let lines = keys.lines().filter(|line| line.starts_with("PRIVATE"));
    let secrets: Vec<&str> = lines.map(|line| line.rsplit('+').next().unwrap()).collect();
    assert_eq!(secrets.len(), 2);
    for path in disk.paths() {
        let bytes = disk.read(&path).unwrap().unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{path}");
        // Nor the seeds as they are: the dice here fill them with one byte each.
        for byte in [1, 2] {
            assert!(!bytes.windows(32).any(|window| window == [byte; 32]), "{path}");
        }
    }
}
