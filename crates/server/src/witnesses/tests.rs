//! A witness in this process that does what witnesses do: it remembers a size and a root, verifies
//! that the log grew from there, and signs. Its proof is verified by RFC 9162 §2.1.4.2 alone.

use std::sync::Mutex;

use audit::disk::MemoryDisk;
use audit::{
    CheckpointKeys, JOURNAL_ORIGIN, Journal, JournalConfig, Opening, Outcome, Random, Reason,
};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::clock::SystemRandom;

const NAME: &str = "witness.example/w1";

type Hash = [u8; 32];

#[derive(Default)]
struct Remembered {
    size: u64,
    root: Option<Hash>,
    away: bool,
    asked: usize,
}

/// The witness.
struct Local {
    pair: Ed25519KeyPair,
    state: Mutex<Remembered>,
}

impl Local {
    fn new() -> Arc<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        Arc::new(Self { pair, state: Mutex::default() })
    }

    fn public(&self) -> Vec<u8> {
        [&[4], self.pair.public_key().as_ref()].concat()
    }

    fn id(&self) -> Vec<u8> {
        let named = [NAME.as_bytes(), b"\n", &self.public()].concat();
        digest(&SHA256, &named).as_ref()[..4].to_vec()
    }

    fn key(&self) -> WitnessKey {
        let text = format!("{NAME}+{}+{}", hex::encode(self.id()), STANDARD.encode(self.public()));
        text.parse().unwrap()
    }

    fn add(&self, body: &str) -> (u16, Vec<u8>) {
        let mut state = self.state.lock().unwrap();
        state.asked += 1;
        if state.away {
            return (503, b"away".to_vec());
        }
        let (head, note) = body.split_once("\n\n").unwrap();
        let mut lines = head.lines();
        let old: u64 = lines.next().unwrap().strip_prefix("old ").unwrap().parse().unwrap();
        let hashes: Vec<Hash> =
            lines.map(|line| STANDARD.decode(line).unwrap().try_into().unwrap()).collect();
        let shown = Checkpoint::parse(note.as_bytes()).unwrap();
        if old != state.size {
            return (409, format!("{}\n", state.size).into_bytes());
        }
        let grew = match state.root {
            None => hashes.is_empty(),
            Some(root) => grew((old, root), (shown.size, shown.root), &hashes),
        };
        if !grew {
            return (422, Vec::new());
        }
        (state.size, state.root) = (shown.size, Some(shown.root));
        let text: String = note.split_inclusive('\n').take(3).collect();
        let seconds = 1_760_000_000_u64;
        let signed = format!("cosignature/v1\ntime {seconds}\n{text}");
        let signature = self.pair.sign(signed.as_bytes());
        let line = [&self.id()[..], &seconds.to_be_bytes(), signature.as_ref()].concat();
        (200, format!("\u{2014} {NAME} {}\n", STANDARD.encode(line)).into_bytes())
    }
}

impl Post for Arc<Local> {
    async fn post(&self, body: String) -> Result<(u16, Vec<u8>), String> {
        Ok(self.add(&body))
    }
}

/// RFC 9162 §2.1.4.2.
fn grew((old, old_root): (u64, Hash), (new, new_root): (u64, Hash), path: &[Hash]) -> bool {
    let node = |left: &Hash, right: &Hash| -> Hash {
        digest(&SHA256, &[&[1], &left[..], &right[..]].concat()).as_ref().try_into().unwrap()
    };
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    let mut path = path.to_vec();
    if old.is_power_of_two() {
        path.insert(0, old_root);
    }
    let Some((first, rest)) = path.split_first() else { return false };
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut one, mut other) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            one = node(hash, &one);
            other = node(hash, &other);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            other = node(&other, hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    one == old_root && other == new_root && last == 0
}

fn journal(disk: &Arc<MemoryDisk>, keys: &str) -> Arc<Journal> {
    let keys = Some(CheckpointKeys::parse(keys).unwrap());
    let config = JournalConfig { reserve_bytes: 64, keys, ..JournalConfig::new("unused".into()) };
    let shared: Arc<dyn JournalDisk> = Arc::<MemoryDisk>::clone(disk);
    let (clock, random) = (Arc::new(SystemClock::new()), Arc::new(SystemRandom));
    Journal::open_on(shared, config, clock, random).unwrap().0
}

fn drawn() -> String {
    struct Seven;
    impl Random for Seven {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }
    let drawn = CheckpointKeys::draw(JOURNAL_ORIGIN, &Seven).unwrap();
    String::from_utf8(drawn.expose().to_vec()).unwrap()
}

async fn grow(journal: &Arc<Journal>, entries: usize) {
    for _ in 0..entries {
        let attempt = journal.attempt(Opening::new(journal.request_id()));
        attempt.refuse(Reason::SignatureMismatch, Outcome::status(403)).await.unwrap();
    }
    journal.flush().await.unwrap();
}

fn kept(disk: &MemoryDisk, key: &WitnessKey) -> Option<Checkpoint> {
    disk.read(&kept_at(key)).unwrap().and_then(|bytes| Checkpoint::parse(&bytes))
}

#[tokio::test]
async fn a_witness_cosigns_each_checkpoint_that_the_log_grew_to_and_what_it_said_is_kept() {
    let (disk, local) = (Arc::new(MemoryDisk::new()), Local::new());
    let journal = journal(&disk, &drawn());
    let mut witness = Witness::new(local.key(), Arc::clone(&local), journal.shared_disk());
    for entries in [1, 7, 300, 1] {
        grow(&journal, entries).await;
        let size = witness.ask().await.unwrap();
        let kept = kept(&disk, &local.key()).unwrap();
        assert_eq!((kept.size, Some(size)), (size, journal.checkpoint().unwrap().map(|c| c.size)));
        assert!(kept.cosigned_by(&local.key()).is_some());
        assert!(kept.is_signed_by(journal.checkpoint_key().unwrap()));
    }
    // Nothing new: it is not asked.
    let asked = local.state.lock().unwrap().asked;
    witness.ask().await.unwrap();
    assert_eq!(local.state.lock().unwrap().asked, asked);
    // A new start goes on from what was kept; one that lost it is told what the witness has seen.
    grow(&journal, 2).await;
    let mut again = Witness::new(local.key(), Arc::clone(&local), journal.shared_disk());
    again.ask().await.unwrap();
    assert_eq!(local.state.lock().unwrap().asked, asked + 1);
    disk.remove(&kept_at(&local.key())).unwrap();
    grow(&journal, 2).await;
    let mut lost = Witness::new(local.key(), Arc::clone(&local), journal.shared_disk());
    assert_eq!(lost.ask().await.unwrap(), local.state.lock().unwrap().size);
    assert_eq!(local.state.lock().unwrap().asked, asked + 3);
}

#[tokio::test]
async fn a_witness_that_is_away_changes_nothing_and_is_asked_again() {
    let (disk, local) = (Arc::new(MemoryDisk::new()), Local::new());
    let journal = journal(&disk, &drawn());
    grow(&journal, 3).await;
    local.state.lock().unwrap().away = true;
    let mut witness = Witness::new(local.key(), Arc::clone(&local), journal.shared_disk());
    assert!(matches!(witness.ask().await, Err(WitnessError::Answer { .. })));
    assert_eq!(kept(&disk, &local.key()), None);
    local.state.lock().unwrap().away = false;
    witness.ask().await.unwrap();
    assert!(kept(&disk, &local.key()).is_some());
}

#[tokio::test]
async fn a_witness_of_a_longer_or_another_log_says_so() {
    let (disk, local) = (Arc::new(MemoryDisk::new()), Local::new());
    let long = journal(&disk, &drawn());
    grow(&long, 10).await;
    Witness::new(local.key(), Arc::clone(&local), long.shared_disk()).ask().await.unwrap();
    let other = Arc::new(MemoryDisk::new());
    let short = journal(&other, &drawn());
    grow(&short, 3).await;
    let mut witness = Witness::new(local.key(), Arc::clone(&local), short.shared_disk());
    assert!(matches!(witness.ask().await, Err(WitnessError::Ahead { .. })));
    // Longer now, and not grown from what the witness has seen: it does not cosign.
    grow(&short, 30).await;
    let mut witness = Witness::new(local.key(), Arc::clone(&local), short.shared_disk());
    assert!(matches!(witness.ask().await, Err(WitnessError::Answer { .. })));
    assert_eq!(kept(&other, &local.key()), None);
}

#[test]
fn a_file_of_witnesses_is_read_whole_or_refused() {
    let key = Local::new().key();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("witnesses.toml");
    let good = format!("[[witness]]\nurl = \"https://w.example/\"\nkey = \"{key}\"\n");
    let tried = |text: &str| {
        std::fs::write(&file, text).unwrap();
        read(&file)
    };
    let read = tried(&good).unwrap();
    assert_eq!(read[0].1.as_str(), "https://w.example/add-checkpoint");
    assert_eq!(read[0].2, Duration::from_secs(60));
    assert!(tried(&good.replace("https", "http")).is_err());
    assert!(tried(&good.replace("w1", "w2")).is_err());
    assert!(tried(&format!("{good}colour = \"red\"\n")).is_err());
    assert!(tried(&good.repeat(WITNESSES_MAX)).is_ok());
    assert!(tried(&good.repeat(WITNESSES_MAX + 1)).is_err());
}
