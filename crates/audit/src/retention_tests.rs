//! Retention: what may go goes and is said, what is held stays, and what is left proves itself.

#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use names::Timestamp;

use crate::checkpoint::{CHECKPOINT, Checkpoint};
use crate::disk::{Fault, JournalDisk, MemoryDisk, Survives};
use crate::filter::Filter;
use crate::hold::{Hold, place};
use crate::journal::{Append, JournalConfig, Status};
use crate::keeper::complete;
use crate::keeping::{AtCap, Keeping, removable, used_bytes};
use crate::log::{Log, Waiting};
use crate::prove::{prove, prove_growth};
use crate::reader::Reader;
use crate::removal::{REMOVED, RemovalRecord, Why, remove};
use crate::sealed::shelf::runs;
use crate::sealed_tests::{seal_all, used};
use crate::tamper_tests::{edit, id, leaves, public, report, stopped};
use crate::verify::{Expect, Terms, verify};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_760_000_000_000 + millis).unwrap()
}

fn aged(seconds: u64) -> Keeping {
    Keeping { retention: Some(Duration::from_secs(seconds)), ..Keeping::default() }
}

fn capped(bytes: u64, at_cap: AtCap) -> Keeping {
    Keeping { cap_bytes: Some(bytes), at_cap, ..Keeping::default() }
}

fn hold(name: &str, from: i64, to: i64) -> Hold {
    let (from, to) = (Some(at(from)), Some(at(to)));
    Hold { name: name.to_owned(), what: String::new(), from, to, placed: at(0) }
}

/// A record in several sealed segments, of which the first ends where an entry of 300 to 2,999
/// milliseconds begins.
fn sealed() -> Arc<MemoryDisk> {
    let disk = stopped(1, 6300);
    assert!(seal_all(&disk, 300_000) > 3);
    Arc::new(disk)
}

/// Says in the log that a run is removed, as the keeper does.
fn tell(disk: &Arc<MemoryDisk>, run: &std::ops::Range<u64>, why: Why) {
    let shared: Arc<dyn JournalDisk> = Arc::<MemoryDisk>::clone(disk);
    let keys = Some(used(1));
    let config = JournalConfig { reserve_bytes: 8, keys, ..JournalConfig::new("unused".into()) };
    let status = Arc::new(Status::default());
    let (mut log, _) = Log::open(shared, config, status, at(9000)).unwrap();
    let said = RemovalRecord::new((id(900_000 + run.end), at(9000)), run, Some((0, 1)), why);
    let leaf = serde_json::to_vec(&said).unwrap();
    let append = Append::stands_alone(said.id, leaf);
    log.commit(vec![Waiting { append, receipt: None }]);
    log.tick().unwrap();
}

fn first(disk: &MemoryDisk) -> std::ops::Range<u64> {
    runs(disk).unwrap().0[0].clone()
}

#[test]
fn what_is_removed_is_said_and_the_rest_still_proves_itself() {
    let disk = sealed();
    let old = leaves(&disk);
    let before = Checkpoint::parse(&disk.read(CHECKPOINT).unwrap().unwrap()).unwrap();
    let kept: Vec<Checkpoint> = disk
        .paths()
        .iter()
        .filter(|path| path.starts_with("checkpoints/"))
        .map(|path| Checkpoint::parse(&disk.read(path).unwrap().unwrap()).unwrap())
        .collect();
    for _ in 0..2 {
        let run = first(&disk);
        tell(&disk, &run, Why::Age);
        remove(&*disk, &run).unwrap();
    }
    let gone = first(&disk).start;
    assert!(kept[0].size > 0 && gone > 0);
    let found = report(&disk);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let (leaf, said) = found.removed.clone().unwrap();
    assert_eq!((said.to, said.why), (gone, Why::Age));
    assert!(leaf > gone && found.to_json()["removed"]["to"] == gone);
    let reader = Reader::open(&*disk).unwrap();
    assert_eq!(reader.first(), gone);
    assert!(reader.leaf(gone - 1).is_err());
    for index in [gone, 9000, 12_000] {
        assert_eq!(reader.leaf(index).unwrap(), old[usize::try_from(index).unwrap()]);
        assert!(prove(&*disk, index).unwrap().verify(&public()).is_ok());
    }
    for old in kept.iter().chain([&before]) {
        let growth = prove_growth(&*disk, old.size).unwrap();
        assert!(growth.verify(old, &public()).is_ok(), "{}", old.size);
    }
    // A checkpoint that somebody kept elsewhere is compared too, where hashes were kept for it.
    let seen = |checkpoint: &Checkpoint| {
        let seen = vec![checkpoint.clone()];
        let terms = Terms { expect: Expect::Stopped, key: Some(public()), seen };
        verify(&*disk, terms).unwrap().problems
    };
    assert!(seen(&kept[0]).is_empty() && seen(&before).is_empty());
    let mut forged = kept[0].clone();
    forged.root[0] ^= 1;
    assert_eq!(seen(&forged).len(), 1);
    let between = Checkpoint { size: 301, ..kept[0].clone() };
    assert!(seen(&between)[0].what.starts_with("it cannot be compared"), "said plainly");
    // Questions go on where the record begins.
    let ids = |filter: &Filter| -> Vec<_> {
        let found = reader.search(filter, usize::MAX).unwrap();
        found.iter().map(|entry| entry.opened.id).collect()
    };
    assert!(ids(&Filter::default()).len() < 6300);
    assert_eq!(reader.find(id(1)).unwrap(), None);
    assert!(reader.find(id(6000)).unwrap().is_some());
}

#[test]
fn a_crash_at_every_step_of_a_removal_is_completed_at_the_next_start() {
    let image = sealed();
    let run = first(&image);
    tell(&image, &run, Why::Cap);
    let whole = image.crashed(Survives::Written);
    remove(&whole, &run).unwrap();
    let steps = whole.operations();
    assert!(steps >= 4, "{steps}");
    for step in 0..steps {
        for fault in [Fault::Fails, Fault::FailsButPersists, Fault::Torn, Fault::NoSpace] {
            for survives in [Survives::Synced, Survives::HalfOfTheRest, Survives::Written] {
                let disk = image.crashed(Survives::Written);
                disk.fail(step, fault);
                drop(remove(&disk, &run));
                let what = format!("step {step} {fault:?} {survives:?}");
                let left = disk.crashed(survives);
                let found = report(&left);
                assert!(found.problems.is_empty(), "{what}: {:?}", found.problems);
                complete(&left).unwrap();
                let found = report(&left);
                assert!(found.problems.is_empty(), "{what}: {:?}", found.problems);
                let there =
                    left.paths().iter().any(|path| path.contains("sealed/0000000000000000000"));
                let removed = left.paths().contains(&REMOVED.to_owned());
                assert!(removed || there, "{what}");
                assert_eq!(Reader::open(&left).unwrap().first() > 0, removed, "{what}");
            }
        }
    }
}

#[test]
fn what_nobody_said_was_removed_is_missing() {
    let disk = sealed();
    let run = first(&disk);
    // The file alone, without a leaf that says so.
    let silent = disk.crashed(Survives::Written);
    remove(&silent, &run).unwrap();
    let found = report(&silent);
    assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
    assert_eq!((found.problems[0].place.as_str(), found.first_bad), (REMOVED, Some((0, run.end))));
    // More than was said.
    tell(&disk, &run, Why::Age);
    let more = disk.crashed(Survives::Written);
    remove(&more, &run).unwrap();
    let next = first(&more);
    remove(&more, &next).unwrap();
    assert_eq!(report(&more).first_bad, Some((0, next.end)));
    // The segment without the file.
    let gone = disk.crashed(Survives::Written);
    gone.tamper(&crate::sealed::file::path(&run, "leaves"), |_| None);
    assert!(!report(&gone).problems.is_empty());
    // Said, and something of what had to stay is altered.
    let good = disk.crashed(Survives::Written);
    remove(&good, &run).unwrap();
    assert!(report(&good).problems.is_empty());
    for path in ["tile/1/000.p/49", REMOVED] {
        let copy = good.crashed(Survives::Written);
        edit(&copy, path, |bytes| bytes[9] ^= 1);
        assert!(!report(&copy).problems.is_empty(), "{path}");
    }
}

#[test]
fn the_oldest_segment_goes_when_all_of_it_is_old_and_not_before() {
    let disk = sealed();
    let last = crate::sealed::build::terms(&*disk, &first(&disk)).unwrap().unwrap().0.times();
    let last = last.unwrap().1 - 1_760_000_000_000;
    let asked =
        |keeping: &Keeping, now: i64| removable(&*disk, keeping, at(now), u64::MAX).unwrap();
    assert!(asked(&Keeping::default(), i64::from(u32::MAX)).is_none(), "kept for ever");
    assert!(asked(&aged(60), last + 60_000).is_none());
    let (run, why, _) = asked(&aged(60), last + 60_001).unwrap();
    assert_eq!((run, why), (first(&disk), Why::Age));
    // A sink that has not had all of it.
    let delivered = |to| removable(&*disk, &aged(60), at(1_000_000), to).unwrap().is_some();
    assert!(delivered(first(&disk).end) && !delivered(first(&disk).end - 1));
}

#[test]
fn at_the_cap_the_oldest_segment_goes_only_if_that_is_what_was_asked() {
    let disk = sealed();
    let used = used_bytes(&*disk).unwrap();
    let asked = |keeping: &Keeping| removable(&*disk, keeping, at(0), u64::MAX).unwrap();
    assert!(asked(&capped(used, AtCap::DropOldest)).is_none());
    assert_eq!(asked(&capped(used - 1, AtCap::DropOldest)).unwrap().1, Why::Cap);
    assert!(asked(&capped(used - 1, AtCap::Refuse)).is_none());
    let run = first(&disk);
    tell(&disk, &run, Why::Cap);
    remove(&*disk, &run).unwrap();
    assert!(used_bytes(&*disk).unwrap() < used);
}

#[test]
fn a_hold_keeps_its_time_and_what_comes_after_until_it_is_released() {
    let disk = sealed();
    let asked = || removable(&*disk, &aged(1), at(100_000_000), u64::MAX).unwrap().is_some();
    assert!(asked());
    place(&*disk, hold("case-7", -10, 0)).unwrap();
    assert!(asked(), "of another time");
    place(&*disk, hold("case-7", 0, 1)).unwrap();
    assert!(!asked());
    crate::hold::release(&*disk, "case-7").unwrap();
    assert!(asked());
    // What cannot be read keeps everything.
    edit_holds(&disk);
    assert!(removable(&*disk, &aged(1), at(100_000_000), u64::MAX).is_err());
}

fn edit_holds(disk: &MemoryDisk) {
    disk.tamper("holds", |_| Some(b"[{]".to_vec()));
}
