//! Whatever is done to a record by somebody who does not hold the key, verification with the
//! public key finds it, and names the first bad leaf.

#![cfg(test)]

use std::sync::Arc;

use names::{RequestId, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::bundle::{BUNDLE_LEAVES_MAX, BundleError, export, verify_bundle};
use crate::checkpoint::{CHECKPOINT, Checkpoint};
use crate::disk::{JournalDisk, MemoryDisk, Packed, Settle, Survives};
use crate::entry::{Closed, Ending};
use crate::first::First;
use crate::journal::{Append, JOURNAL_ORIGIN, JournalConfig, Status};
use crate::log::{Log, Waiting};
use crate::log_tests::turn;
use crate::merkle::{Tree, bundle_leaves, lowest};
use crate::note::VerifierKey;
use crate::opening::Opening;
use crate::outcome::Outcome;
use crate::port::Random;
use crate::prove::{Growth, Inclusion, ProofError, prove, prove_growth};
use crate::report::Report;
use crate::sealed::pile::put_leaf;
use crate::signer::CheckpointKeys;
use crate::tail::{read_segment, segment_name, write_head, write_leaf};
use crate::verify::{Expect, Terms, verify};

struct Fill(u8);

impl Random for Fill {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

pub(crate) fn keys(seed: u8) -> CheckpointKeys {
    let drawn = CheckpointKeys::draw(JOURNAL_ORIGIN, &Fill(seed)).unwrap();
    CheckpointKeys::parse(std::str::from_utf8(drawn.expose()).unwrap()).unwrap()
}

pub(crate) fn public() -> VerifierKey {
    keys(1).current().unwrap().clone()
}

pub(crate) fn id(n: u64) -> RequestId {
    RequestId::from_parts(1_760_000_000_000 + n, [5; 10])
}

fn both(n: u64) -> Waiting {
    let now = Timestamp::from_millis(1_760_000_000_000 + i64::try_from(n).unwrap()).unwrap();
    let opening = Opening::new(id(n));
    let opened = First::new(&opening, now, None);
    let status = u16::try_from(200 + n % 300).unwrap();
    let closed = Closed::new(id(n), now, Ending::Done, Outcome::status(status));
    Waiting { append: Append::refuses(&opened, closed), receipt: None }
}

/// A stopped log of 1 + 2 · `entries` leaves, of which those of whole bundles are in bundles
/// alone.
pub(crate) fn stopped(seed: u8, entries: u64) -> MemoryDisk {
    let disk = Arc::new(MemoryDisk::new());
    let keys = Some(keys(seed));
    let config = JournalConfig { reserve_bytes: 8, keys, ..JournalConfig::new("unused".into()) };
    let shared: Arc<dyn JournalDisk> = Arc::<MemoryDisk>::clone(&disk);
    let status = Arc::new(Status::default());
    let (mut log, _) = Log::open(shared, config, status, Timestamp::default()).unwrap();
    for from in (0..entries).step_by(500) {
        log.commit((from..entries.min(from + 500)).map(both).collect());
        log.tick().unwrap();
    }
    turn(&mut log).unwrap();
    while let Some(oldest) = log.retiring.front().cloned() {
        log.retired(oldest.retire(&*log.disk)).unwrap();
    }
    log.tick().unwrap();
    disk.crashed(Survives::Written)
}

/// What is on a disk now, as a server would see it.
pub(crate) fn seen(disk: &MemoryDisk) -> Packed<MemoryDisk> {
    Packed::on(Arc::new(disk.crashed(Survives::Written)))
}

/// The same record with its whole bundles and lowest tiles in packs, as a server writes it.
pub(crate) fn packed(plain: &MemoryDisk) -> MemoryDisk {
    let disk = Arc::new(plain.crashed(Survives::Written));
    let packed = Packed::on(Arc::clone(&disk));
    for path in plain.paths().iter().filter(|path| lowest(path).is_some()) {
        disk.tamper(path, |_| None);
        let bytes = plain.read(path).unwrap().unwrap();
        packed.replace(path, &bytes, Settle::Later).unwrap();
    }
    disk.crashed(Survives::Written)
}

pub(crate) fn report(disk: &MemoryDisk) -> Report {
    let terms = Terms { expect: Expect::Stopped, key: Some(public()), seen: Vec::new() };
    verify(&seen(disk), terms).unwrap()
}

pub(crate) fn edit(disk: &MemoryDisk, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
    disk.tamper(path, |bytes| {
        let mut bytes = bytes.unwrap();
        change(&mut bytes);
        Some(bytes)
    });
}

/// All leaves of a record, from bundles and the tail.
pub(crate) fn leaves(disk: &MemoryDisk) -> Vec<Vec<u8>> {
    let disk = seen(disk);
    let reader = crate::reader::Reader::open(&disk).unwrap();
    (0..reader.len()).map(|index| reader.leaf(index).unwrap()).collect()
}

/// Writes the record again from other leaves, with every hash right: bundles, tiles, tail, and
/// `checkpoint` over them, signed with whatever the forger holds.
pub(crate) fn rewrite(disk: &MemoryDisk, leaves: &[Vec<u8>], forger: Option<&CheckpointKeys>) {
    let whole = |path: &&String| {
        ["tile/", "packs/", "sealed/"].iter().any(|directory| path.starts_with(directory))
    };
    for path in disk.paths().iter().filter(whole) {
        disk.tamper(path, |_| None);
    }
    let old = disk.paths().into_iter().find(|path| path.starts_with("tail-")).unwrap();
    let mut head = read_segment(&old, &disk.read(&old).unwrap().unwrap()).unwrap().head;
    disk.tamper(&old, |_| None);
    let mut tree = Tree::default();
    let mut files = Vec::new();
    for leaf in leaves {
        tree.push(leaf, &mut files);
    }
    files.extend(tree.partial());
    files.into_iter().for_each(|(path, bytes)| disk.tamper(&path, |_| Some(bytes)));
    (head.base, head.size, head.upper) = (tree.base(), tree.size, tree.upper());
    let mut tail = Vec::new();
    write_head(&mut tail, &head);
    for (index, leaf) in (tree.base()..).zip(tree.bundle.leaves()) {
        write_leaf(&mut tail, index, tree.size, leaf);
    }
    disk.tamper(&segment_name(tree.base()), |_| Some(tail));
    let signatures = Vec::new();
    let origin = JOURNAL_ORIGIN.to_owned();
    let mut forged = Checkpoint { origin, size: tree.size, root: tree.root(), signatures };
    match forger {
        Some(keys) => keys.sign(&mut forged),
        // The signature of the true checkpoint, under what it does not sign.
        None => {
            let bytes = disk.read(CHECKPOINT).unwrap().unwrap();
            forged.signatures = Checkpoint::parse(&bytes).unwrap().signatures;
        }
    }
    disk.tamper(CHECKPOINT, |_| Some(forged.note().into_bytes()));
}

#[test]
fn a_record_in_bundles_verifies() {
    let found = report(&stopped(1, 700));
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    assert_eq!((found.leaves, found.entries, found.first_bad), (1401, 700, None));
}

#[test]
fn an_altered_leaf_is_named() {
    let disk = stopped(1, 700);
    edit(&disk, "tile/entries/002", |bytes| {
        let mut leaves = bundle_leaves(bytes).unwrap();
        let text = std::str::from_utf8(leaves[88]).unwrap();
        let altered = text.replace("\"status\":", "\"status\":1");
        leaves[88] = altered.as_bytes();
        let mut new = Vec::new();
        leaves.iter().for_each(|leaf| put_leaf(&mut new, leaf));
        *bytes = new;
    });
    let found = report(&disk);
    assert_eq!(found.first_bad, Some((600, 601)), "{:?}", found.problems);
}

/// corpus: AUD-08
/// oracle: record
#[test]
fn removed_swapped_and_copied_leaves_are_named() {
    type Change = fn(&mut Vec<Vec<u8>>);
    // Leaf 0 is the key's, odd leaves open entries, even ones close them.
    // A copied end finds its entry closed; a copied beginning is only found by the signature.
    let changes: [(&str, Change, (u64, u64)); 4] = [
        ("removed", |leaves| drop(leaves.remove(301)), (301, 302)),
        ("swapped", |leaves| leaves.swap(301, 302), (301, 302)),
        ("copied", |leaves| leaves.insert(301, leaves[300].clone()), (301, 302)),
        ("begun twice", |leaves| leaves.insert(301, leaves[299].clone()), (0, 1402)),
    ];
    let disk = stopped(1, 700);
    for (what, change, first) in changes {
        for forger in [None, Some(keys(2))] {
            let copy = disk.crashed(Survives::Written);
            let mut all = leaves(&copy);
            change(&mut all);
            rewrite(&copy, &all, forger.as_ref());
            let found = report(&copy);
            assert_eq!(found.first_bad, Some(first), "{what}: {:?}", found.problems);
        }
    }
}

#[test]
fn a_whole_entry_removed_with_every_hash_recomputed_is_found_by_the_signature() {
    let disk = stopped(1, 700);
    for forger in [None, Some(keys(2))] {
        let copy = disk.crashed(Survives::Written);
        let mut all = leaves(&copy);
        all.drain(301..303);
        rewrite(&copy, &all, forger.as_ref());
        let found = report(&copy);
        let words: Vec<_> = found.problems.iter().map(|p| p.what.as_str()).collect();
        assert!(words.contains(&"the key that counts there did not sign it"), "{words:?}");
    }
}

#[test]
fn older_checkpoints_narrow_down_what_was_rewritten() {
    let disk = stopped(1, 6300);
    let kept = disk.paths().into_iter().filter(|path| path.starts_with("checkpoints/"));
    let kept: Vec<_> = kept.collect();
    assert_eq!(kept, ["checkpoints/00000000000000005001", "checkpoints/00000000000000010001"]);
    let mut all = leaves(&disk);
    let text = String::from_utf8(all[7000].clone()).unwrap();
    all[7000] = text.replace("\"status\":", "\"status\":1").into_bytes();
    rewrite(&disk, &all, None);
    let found = report(&disk);
    assert_eq!(found.first_bad, Some((5001, 10001)), "{:?}", found.problems);
}

/// One thing that somebody may do to the files.
#[derive(Clone, Debug)]
pub(crate) enum Tampering {
    Flip { file: usize, bit: usize },
    Cut { file: usize, to: usize },
    Remove { file: usize },
    Exchange { one: usize, other: usize },
    Splice { file: usize, from: usize, bytes: usize },
    DropLeaf { at: usize, forged: bool },
    SwapLeaves { at: usize, with: usize, forged: bool },
    CopyLeaf { from: usize, to: usize, forged: bool },
    ChangeLeaf { at: usize, byte: usize, forged: bool },
    RollBack { leaves: usize, forged: bool },
}

pub(crate) fn tampering() -> impl Strategy<Value = Tampering> {
    let n = || any::<usize>();
    let yes = any::<bool>;
    prop_oneof![
        (n(), n()).prop_map(|(file, bit)| Tampering::Flip { file, bit }),
        (n(), n()).prop_map(|(file, to)| Tampering::Cut { file, to }),
        n().prop_map(|file| Tampering::Remove { file }),
        (n(), n()).prop_map(|(one, other)| Tampering::Exchange { one, other }),
        (n(), n(), 1..400_usize).prop_map(|(file, from, bytes)| Tampering::Splice {
            file,
            from,
            bytes
        }),
        (n(), yes()).prop_map(|(at, forged)| Tampering::DropLeaf { at, forged }),
        (n(), n(), yes()).prop_map(|(at, with, forged)| Tampering::SwapLeaves { at, with, forged }),
        (n(), n(), yes()).prop_map(|(from, to, forged)| Tampering::CopyLeaf { from, to, forged }),
        (n(), n(), yes()).prop_map(|(at, byte, forged)| Tampering::ChangeLeaf { at, byte, forged }),
        (n(), yes()).prop_map(|(leaves, forged)| Tampering::RollBack { leaves, forged }),
    ]
}

/// Does it; false if nothing is different afterwards.
pub(crate) fn tamper(disk: &MemoryDisk, what: &Tampering) -> bool {
    // Kept checkpoints may go, they are only missed; the reserve is zeros; what found no room is in
    // the log once there is room, and not proven before.
    let mine = |path: &String| {
        path != "reserve" && !path.starts_with("gaps-") && !path.starts_with("checkpoints/")
    };
    let paths: Vec<String> = disk.paths().into_iter().filter(mine).collect();
    let path = |n: usize| paths[n % paths.len()].as_str();
    let read = |n: usize| disk.read(path(n)).unwrap().unwrap();
    let forger = keys(9);
    let mut all = leaves(disk);
    let before = all.clone();
    let forged = match *what {
        Tampering::Flip { file, bit } => {
            edit(disk, path(file), |bytes| {
                let at = bit / 8 % bytes.len();
                bytes[at] ^= 1 << (bit % 8);
            });
            return true;
        }
        Tampering::Cut { file, to } => {
            edit(disk, path(file), |bytes| bytes.truncate(to % bytes.len()));
            return true;
        }
        Tampering::Remove { file } => {
            disk.tamper(path(file), |_| None);
            return true;
        }
        Tampering::Exchange { one, other } => {
            let (a, b) = (read(one), read(other));
            let differ = a != b;
            disk.tamper(path(one), |_| Some(b));
            disk.tamper(path(other), |_| Some(a));
            return differ;
        }
        Tampering::Splice { file, from, bytes } => {
            let old = read(file);
            let at = from % old.len();
            let to = old.len().min(at + bytes);
            edit(disk, path(file), |all| drop(all.drain(at..to)));
            return true;
        }
        Tampering::DropLeaf { at, forged } => {
            all.remove(at % before.len());
            forged
        }
        Tampering::SwapLeaves { at, with, forged } => {
            all.swap(at % before.len(), with % before.len());
            forged
        }
        Tampering::CopyLeaf { from, to, forged } => {
            all.insert(to % before.len(), before[from % before.len()].clone());
            forged
        }
        Tampering::ChangeLeaf { at, byte, forged } => {
            let leaf = &mut all[at % before.len()];
            let byte = byte % leaf.len();
            leaf[byte] = if leaf[byte] == b'7' { b'8' } else { b'7' };
            forged
        }
        Tampering::RollBack { leaves, forged } => {
            all.truncate(leaves % before.len());
            forged
        }
    };
    rewrite(disk, &all, forged.then_some(&forger));
    all != before
}

/// corpus: AUD-08
/// oracle: record
#[test]
fn random_alterations_are_all_found() {
    // More of them: `PROPTEST_CASES=10000 cargo test -p strongroom-audit random_alterations`.
    let plain = stopped(1, 400);
    let packed = packed(&plain);
    assert!(report(&packed).problems.is_empty());
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&(tampering(), any::<bool>()), |(what, packs)| {
        let copy = if packs { &packed } else { &plain }.crashed(Survives::Written);
        if tamper(&copy, &what) {
            let found = report(&copy);
            prop_assert!(!found.problems.is_empty());
        }
        Ok(())
    });
    outcome.unwrap();
}

fn bundle(disk: &MemoryDisk, run: std::ops::Range<u64>) -> Vec<u8> {
    let mut out = Vec::new();
    export(disk, &run, &mut out).unwrap();
    out
}

fn bundle_problems(bytes: &[u8], key: &VerifierKey) -> Option<Vec<String>> {
    let report = verify_bundle(&mut &*bytes, key).ok()?;
    Some(report.problems.into_iter().map(|problem| problem.place).collect())
}

#[test]
fn a_bundle_of_any_run_proves_itself_with_the_public_key_alone() {
    let disk = stopped(1, 700);
    for run in [0..1, 0..1401, 5..9, 255..257, 256..512, 1400..1401, 1023..1300] {
        let bytes = bundle(&disk, run.clone());
        assert_eq!(bundle_problems(&bytes, &public()), Some(Vec::new()), "{run:?}");
        assert_eq!(bundle_problems(&bytes, keys(2).current().unwrap()).unwrap(), ["checkpoint"]);
    }
    let mut out = Vec::new();
    assert!(matches!(export(&disk, &(5..5), &mut out), Err(BundleError::Run { leaves: 0 })));
    let long = 0..BUNDLE_LEAVES_MAX + 1;
    assert!(matches!(export(&disk, &long, &mut out), Err(BundleError::Run { .. })));
    let beyond = export(&disk, &(0..1402), &mut out);
    assert!(matches!(beyond, Err(BundleError::Proof(ProofError::Uncovered { index: 1401 }))));
}

#[test]
fn a_bundle_that_was_touched_names_the_leaf() {
    let bytes = bundle(&stopped(1, 700), 100..110);
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let with = |lines: &[&str]| bundle_problems((lines.join("\n") + "\n").as_bytes(), &public());
    let altered = lines[4].replace("\"v\":1", "\"v\":2");
    let mut changed = lines.clone();
    changed[4] = &altered;
    assert_eq!(with(&changed).unwrap(), ["leaf 103"]);
    let mut swapped = lines.clone();
    swapped.swap(5, 6);
    assert_eq!(with(&swapped).unwrap()[0], "leaf 104");
    let mut shorter = lines.clone();
    shorter.remove(10);
    assert_eq!(with(&shorter).unwrap(), ["leaf 109"]);
    let mut longer = lines.clone();
    longer.push(lines[1]);
    assert_eq!(with(&longer).unwrap(), ["leaf 110"]);
    // Another run of the same leaves, and another size of the tree.
    for (old, new) in [("\"from\":100", "\"from\":101"), ("\\n1401\\n", "\\n1400\\n")] {
        let head = lines[0].replace(old, new);
        assert_ne!(head, lines[0]);
        let mut moved = lines.clone();
        moved[0] = &head;
        assert!(!with(&moved).unwrap().is_empty(), "{new}");
    }
}

#[test]
fn every_leaf_is_proved_and_a_proof_proves_nothing_else() {
    let disk = stopped(1, 700);
    for index in [0, 1, 255, 256, 511, 512, 1279, 1280, 1399, 1400] {
        let proof = prove(&disk, index).unwrap();
        let text = proof.to_text();
        // Without the leaf that travels in it.
        assert!(text.len() - proof.leaf.len() * 4 / 3 < 2048, "{}", text.len());
        let read = Inclusion::parse(&text).unwrap();
        assert_eq!(read, proof);
        assert_eq!(read.verify(&public()).unwrap().size, 1401);
        assert!(matches!(read.verify(keys(2).current().unwrap()), Err(ProofError::Signature)));
        let mut elsewhere = read.clone();
        elsewhere.index ^= 1;
        assert!(matches!(elsewhere.verify(&public()), Err(ProofError::Root)), "{index}");
        let mut altered = read.clone();
        altered.leaf.push(b' ');
        assert!(matches!(altered.verify(&public()), Err(ProofError::Root)));
    }
    assert!(matches!(prove(&disk, 1401), Err(ProofError::Uncovered { index: 1401 })));
    for bad in ["", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v2\nindex 1\n\n"] {
        assert!(matches!(Inclusion::parse(bad), Err(ProofError::Form { .. })), "{bad}");
    }
}

/// corpus: AUD-08
/// oracle: record
#[test]
fn growth_from_every_older_checkpoint_is_proved_and_a_fork_is_not() {
    let disk = stopped(1, 6300);
    let newest = Checkpoint::parse(&disk.read(CHECKPOINT).unwrap().unwrap()).unwrap();
    let forked = {
        // The same length, other entries.
        let other = stopped(1, 6300);
        let mut all = leaves(&other);
        all.swap(4998, 5000);
        rewrite(&other, &all, Some(&keys(1)));
        other
    };
    for path in disk.paths().iter().filter(|path| path.starts_with("checkpoints/")) {
        let old = Checkpoint::parse(&disk.read(path).unwrap().unwrap()).unwrap();
        let proof = prove_growth(&disk, old.size).unwrap();
        let read = Growth::parse(&proof.to_text()).unwrap();
        assert_eq!(read.verify(&old, &public()).unwrap(), &newest);
        let fork = prove_growth(&forked, old.size).unwrap();
        assert!(matches!(fork.verify(&old, &public()), Err(ProofError::Root)));
    }
    assert!(prove_growth(&disk, newest.size).unwrap().verify(&newest, &public()).is_ok());
    assert!(prove_growth(&disk, newest.size + 1).is_err());
}
