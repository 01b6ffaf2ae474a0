//! Sealed segments: everything reads as before, a crash between any two steps is completed, and
//! whatever is done to the files is found.

#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use names::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::bundle::{export, verify_bundle};
use crate::disk::{Fault, JournalDisk, MemoryDisk, Packed, Survives};
use crate::filter::Filter;
use crate::journal::{JOURNAL_ORIGIN, JournalConfig, Status};
use crate::keeper::complete;
use crate::keeping::{Keeping, ready};
use crate::log::Log;
use crate::prove::{prove, prove_growth};
use crate::reader::Reader;
use crate::sealed::build::{mend_terms, seal, terms};
use crate::sealed::file::path;
use crate::sealed::shelf::runs;
use crate::signer::CheckpointKeys;
use crate::sink::{Delivery, Offered, Pump, Sink};
use crate::tamper_tests::{
    edit, id, keys, leaves, packed, public, report, rewrite, stopped, tamper, tampering,
};
use crate::timeline::{Subject, counts, timeline};

/// A time at which nothing is old.
fn then() -> Timestamp {
    Timestamp::from_millis(1_760_000_000_000).unwrap()
}

/// A time at which everything is.
fn late() -> Timestamp {
    Timestamp::from_millis(1_860_000_000_000).unwrap()
}

fn keeping(bytes: u64) -> Keeping {
    Keeping { segment_bytes: bytes, segment_age: Duration::from_secs(60), ..Keeping::default() }
}

/// Seals whatever can be, in segments of about so many bytes.
pub(crate) fn seal_all(disk: &MemoryDisk, bytes: u64) -> usize {
    let mut sealed = 0;
    while let Some(run) = ready(disk, &keeping(bytes), late()).unwrap().run {
        seal(disk, &run).unwrap();
        sealed += 1;
    }
    sealed
}

#[test]
fn what_is_sealed_reads_as_before_and_lies_nowhere_else() {
    let disk = stopped(1, 3000);
    let before = leaves(&disk);
    let proofs: Vec<_> = [0, 1, 255, 256, 3000, 5999, 6000]
        .map(|index| (index, prove(&disk, index).unwrap().to_text()))
        .into();
    let mut bundle = Vec::new();
    export(&disk, &(100..4321), &mut bundle).unwrap();
    let growths: Vec<_> = [1_u64, 300, 2049, 6001]
        .map(|size| (size, prove_growth(&disk, size).unwrap().to_text()))
        .into();
    assert!(seal_all(&disk, 200_000) > 2);
    assert_eq!(runs(&disk).unwrap().0.last().unwrap().end, 5888);
    assert_eq!(leaves(&disk), before);
    let found = report(&disk);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    assert_eq!((found.leaves, found.entries, found.open), (6001, 3000, 0));
    for (index, text) in proofs {
        assert_eq!(prove(&disk, index).unwrap().to_text(), text);
    }
    for (size, text) in growths {
        assert_eq!(prove_growth(&disk, size).unwrap().to_text(), text);
    }
    let mut again = Vec::new();
    export(&disk, &(100..4321), &mut again).unwrap();
    assert_eq!(again, bundle);
    assert!(verify_bundle(&mut &*again, &public()).unwrap().problems.is_empty());
    let low = disk.paths().into_iter().filter(|path| path.starts_with("tile/0/"));
    assert_eq!(low.collect::<Vec<_>>(), ["tile/0/023.p/113"], "made again from the leaves");
}

#[test]
fn a_segment_is_full_at_its_bytes_or_old_at_its_age_and_not_before() {
    let disk = stopped(1, 3000);
    let length = |number: u64| {
        let path = crate::merkle::entries_path(number, None);
        disk.length(&path).unwrap().unwrap()
    };
    let two = length(0) + length(1);
    let run = |bytes: u64, now: Timestamp| ready(&disk, &keeping(bytes), now).unwrap().run;
    assert_eq!(run(two, then()), Some(0..512));
    assert_eq!(run(two + 1, then()), Some(0..768));
    assert_eq!(run(u64::MAX, then()), None);
    assert_eq!(run(u64::MAX, then().plus_millis(59_999)), None);
    assert_eq!(run(u64::MAX, then().plus_millis(60_000)), Some(0..5888));
}

#[test]
fn what_a_tail_still_holds_or_no_checkpoint_covers_is_not_sealed() {
    let disk = stopped(1, 3000);
    assert_eq!(ready(&disk, &keeping(1), late()).unwrap().loose, 5888);
    let tail = disk.read("tail-00000000000000005888").unwrap();
    disk.tamper("tail-00000000000000000512", |_| tail);
    assert_eq!(ready(&disk, &keeping(u64::MAX), late()).unwrap().run, Some(0..512));
    let gone = stopped(1, 3000);
    gone.tamper("checkpoint", |_| None);
    assert_eq!(ready(&gone, &keeping(1), late()).unwrap().run, None);
}

#[test]
fn leaves_that_are_not_those_of_the_checkpoint_are_not_sealed() {
    let disk = stopped(1, 3000);
    edit(&disk, "tile/entries/001", |bytes| {
        let at = bytes.windows(3).position(|three| three == b"200" || three == b"203").unwrap_or(9);
        bytes[at] ^= 1;
    });
    assert!(seal(&disk, &(0..1024)).is_err());
    assert!(runs(&disk).unwrap().0.is_empty());
    assert!(disk.paths().contains(&"tile/entries/000".to_owned()));
}

#[test]
fn a_crash_at_every_step_of_sealing_is_completed_at_the_next_start() {
    let plain = stopped(1, 700);
    crash_at_every_step(&packed(&plain));
    crash_at_every_step(&plain);
}

fn crash_at_every_step(image: &MemoryDisk) {
    let before = leaves(image);
    let whole = Arc::new(image.crashed(Survives::Written));
    seal(&Packed::on(Arc::clone(&whole)), &(0..1280)).unwrap();
    assert!(!whole.paths().iter().any(|path| path.starts_with("packs/")), "gone with its last");
    let steps = whole.operations();
    assert!(steps >= 12, "{steps}");
    let faults = [Fault::Fails, Fault::FailsButPersists, Fault::Torn, Fault::NoSpace];
    for step in 0..steps {
        for fault in faults {
            let disk = Arc::new(image.crashed(Survives::Written));
            disk.fail(step, fault);
            // Only what is removed at the end may fail to be noticed.
            drop(seal(&Packed::on(Arc::clone(&disk)), &(0..1280)));
            for survives in [Survives::Synced, Survives::HalfOfTheRest, Survives::Written] {
                let what = format!("step {step} {fault:?} {survives:?}");
                completes(Arc::new(disk.crashed(survives)), &before, &what);
            }
        }
    }
}

fn completes(left: Arc<MemoryDisk>, before: &[Vec<u8>], what: &str) {
    let found = report(&left);
    assert!(found.problems.is_empty(), "{what}: before: {:?}", found.problems);
    reopen(&left);
    assert_eq!(leaves(&left), before, "{what}");
    let found = report(&left);
    assert!(found.problems.is_empty(), "{what}: {:?}", found.problems);
    let left = Packed::on(left);
    let sealed = runs(&left).unwrap().0;
    let loose = left.read("tile/entries/000").unwrap().is_some();
    assert_eq!(sealed.is_empty(), loose, "{what}: in one place");
    if sealed.is_empty() {
        seal(&left, &(0..1280)).unwrap();
    }
    mend_terms(&left).unwrap();
    let reader = Reader::open(&left).unwrap();
    assert_eq!(reader.find(id(3)).unwrap().unwrap().opened.id, id(3), "{what}");
}

/// Opens the log as a server does, and closes it.
fn reopen(disk: &Arc<MemoryDisk>) {
    let shared: Arc<dyn JournalDisk> = Arc::new(Packed::on(Arc::clone(disk)));
    let keys = Some(used(1));
    let config = JournalConfig { reserve_bytes: 8, keys, ..JournalConfig::new("unused".into()) };
    let status = Arc::new(Status::default());
    drop(Log::open(Arc::clone(&shared), config, status, Timestamp::default()).unwrap());
    complete(&*shared).unwrap();
}

pub(crate) fn used(seed: u8) -> CheckpointKeys {
    struct Fill(u8);
    impl crate::port::Random for Fill {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }
    let drawn = CheckpointKeys::draw(JOURNAL_ORIGIN, &Fill(seed)).unwrap();
    let text = CheckpointKeys::used(std::str::from_utf8(drawn.expose()).unwrap());
    CheckpointKeys::parse(std::str::from_utf8(text.expose()).unwrap()).unwrap()
}

#[test]
fn bundles_that_came_back_with_power_loss_are_removed_again() {
    let image = stopped(1, 700);
    let disk = image.crashed(Survives::Written);
    seal(&disk, &(0..1280)).unwrap();
    let back = Arc::new(disk.crashed(Survives::Written));
    for number in 0..4 {
        let path = crate::merkle::entries_path(number, None);
        back.tamper(&path, |_| image.read(&path).unwrap());
    }
    assert!(report(&back).problems.is_empty());
    reopen(&back);
    assert!(
        !back
            .paths()
            .iter()
            .any(|path| path.starts_with("tile/entries/00") && !path.contains(".p"))
    );
}

#[test]
fn terms_that_are_missing_or_damaged_change_no_answer_and_are_made_again() {
    let disk = stopped(1, 3000);
    let filter = |n: u64| Filter { request_id: Some(id(n)), ..Filter::default() };
    let expected: Vec<_> = {
        let reader = Reader::open(&disk).unwrap();
        [3, 700, 2999].map(|n| reader.search(&filter(n), 1).unwrap()).into()
    };
    let newest = Reader::open(&disk).unwrap().newest(usize::MAX).unwrap();
    assert_eq!(newest.len(), 3000);
    seal_all(&disk, 200_000);
    let file = path(&runs(&disk).unwrap().0[0], "terms");
    let good = disk.read(&file).unwrap().unwrap();
    let spoil: [&dyn Fn(Vec<u8>) -> Option<Vec<u8>>; 5] = [
        &|bytes| Some(bytes),
        &|_| None,
        &|bytes| Some(bytes[..bytes.len() / 2].to_vec()),
        &|mut bytes| {
            bytes[60] ^= 4;
            Some(bytes)
        },
        &|mut bytes| {
            let last = bytes.len() - 9;
            bytes[last] ^= 4;
            Some(bytes)
        },
    ];
    for spoil in spoil {
        disk.tamper(&file, |bytes| spoil(bytes.unwrap()));
        let reader = Reader::open(&disk).unwrap();
        let found: Vec<_> = [3, 700, 2999].map(|n| reader.search(&filter(n), 1).unwrap()).into();
        assert_eq!(found, expected);
        assert_eq!(reader.newest(usize::MAX).unwrap(), newest);
        assert!(report(&disk).problems.is_empty(), "no proof rests on terms");
        mend_terms(&disk).unwrap();
        assert_eq!(disk.read(&file).unwrap().unwrap(), good);
    }
    // Terms of another segment are not taken for this one's.
    let other = disk.read(&path(&runs(&disk).unwrap().0[1], "terms")).unwrap();
    disk.tamper(&file, |_| other);
    assert_eq!(terms(&disk, &runs(&disk).unwrap().0[0]).unwrap().unwrap().0.bytes(), good);
}

/// A key signs entry 10 and mints a session, which mints another; the key is in the chain of a
/// fourth.
#[test]
fn timelines_and_counts_of_what_is_sealed_are_those_of_what_was_not() {
    const KEY: &str = "AKIAALICEALICEALICEA";
    let disk = stopped(1, 3000);
    let mut all = leaves(&disk);
    let session = |n: u64| format!("ASIASESSIONSESSION0{n}");
    let mints = |n: u64| json!({ "credential": session(n), "expires": "2026-01-03T00:00:00Z" });
    for (n, name, value) in [
        (10, "credential", json!(KEY)),
        (10, "mints", mints(1)),
        (1500, "credential", json!(session(1))),
        (1500, "mints", mints(2)),
        (2900, "credential", json!(session(2))),
        (2000, "chain", json!([{ "key": KEY }])),
        (700, "target", json!({ "resource": "arn:aws:s3:::pay/a/b" })),
    ] {
        let leaf = &mut all[1 + 2 * n];
        let mut told: serde_json::Value = serde_json::from_slice(leaf).unwrap();
        told["verdict"] = "allowed".into();
        told[name] = value;
        *leaf = told.to_string().into_bytes();
    }
    rewrite(&disk, &all, Some(&keys(1)));
    let at = |n: i64| Some(Timestamp::from_millis(1_760_000_000_000 + n).unwrap());
    let asked = |disk: &MemoryDisk| {
        let reader = Reader::open(disk).unwrap();
        let of = |subject: &Subject, span| {
            let found = timeline(&reader, subject, span, crate::TimelinePage::default()).unwrap();
            let places: Vec<u64> = found.entries.iter().map(|entry| entry.index / 2).collect();
            assert!(found.entries.iter().all(|entry| entry.closed.is_some()));
            (places, found.credentials.len())
        };
        let key = Subject::Credential(KEY.parse().unwrap());
        let object = |name: &str| Subject::Object(name.to_owned());
        let told = [
            of(&key, (None, None)),
            of(&key, (at(1000), at(2500))),
            of(&Subject::Credential(session(2).parse().unwrap()), (None, None)),
            of(&object("arn:aws:s3:::pay/a/b"), (None, None)),
            of(&object("arn:aws:s3:::pay/*"), (None, None)),
            of(&object("arn:aws:s3:::pay/a"), (None, None)),
        ];
        let some = [(None, None), (at(100), at(200)), (at(2999), None), (at(9000), None)]
            .map(|span| counts(&reader, span).unwrap());
        (told, some)
    };
    let open = asked(&disk);
    assert_eq!(
        open.0.clone().map(|(places, _)| places),
        [
            vec![10, 1500, 2000, 2900],
            vec![1500, 2000],
            vec![1500, 2900],
            vec![700],
            vec![700],
            vec![],
        ]
    );
    assert_eq!(open.0.clone().map(|(_, many)| many), [3, 3, 1, 0, 0, 0]);
    assert_eq!(open.1.clone().map(|counts| counts.entries), [3000, 100, 1, 0]);
    assert_eq!(open.1.clone().map(|counts| counts.open), [0, 0, 0, 0]);
    assert!(seal_all(&disk, 200_000) > 2);
    assert_eq!(asked(&disk), open);
}

/// corpus: AUD-08
/// oracle: record
#[test]
fn random_alterations_of_a_record_that_is_sealed_are_all_found() {
    // More of them: `PROPTEST_CASES=10000 cargo test -p strongroom-audit random_alterations`.
    let disk = stopped(1, 700);
    seal_all(&disk, 100_000);
    assert!(runs(&disk).unwrap().0.len() > 1);
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&(tampering(), any::<bool>()), |(what, seals)| {
        let copy = disk.crashed(Survives::Written);
        // Terms are no part of the record: see the test of them above.
        for path in copy.paths().iter().filter(|path| path.ends_with(".terms")) {
            copy.tamper(path, |_| None);
        }
        if tamper(&copy, &what) {
            if seals {
                // Who can write everything again can seal it again.
                while let Ok(Some(run)) = ready(&copy, &keeping(100_000), late()).map(|r| r.run) {
                    if seal(&copy, &run).is_err() {
                        break;
                    }
                }
            }
            let found = report(&copy);
            prop_assert!(!found.problems.is_empty());
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn every_hash_of_a_sealed_record_made_again_without_the_key_is_found() {
    let disk = stopped(1, 3000);
    for forger in [None, Some(keys(9))] {
        let copy = disk.crashed(Survives::Written);
        seal_all(&copy, 200_000);
        let mut all = leaves(&copy);
        all.drain(301..303);
        rewrite(&copy, &all, forger.as_ref());
        assert!(seal_all(&copy, 200_000) > 2, "sealed again");
        let found = report(&copy);
        assert!(!found.problems.is_empty() && found.first_bad.is_some(), "{:?}", found.problems);
    }
}

#[test]
fn a_damaged_block_is_named_and_hides_nothing_of_what_follows() {
    let disk = stopped(1, 3000);
    seal_all(&disk, u64::MAX);
    let file = path(&runs(&disk).unwrap().0[0], "leaves");
    let good = disk.read(&file).unwrap().unwrap();
    edit(&disk, &file, |bytes| {
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
    });
    let found = report(&disk);
    assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
    assert_eq!(found.problems[0].place, file);
    assert_eq!(found.leaves, 6001, "the root was met all the same");
    let (from, to) = found.first_bad.unwrap();
    assert_eq!((to - from, from % 1024), (1024, 0));
    disk.tamper(&file, |_| Some(good));
    assert!(report(&disk).problems.is_empty());
}

#[tokio::test]
async fn a_cursor_goes_through_sealed_and_open_segments_alike() {
    struct Keeps(std::sync::Mutex<Vec<Delivery>>);
    impl Sink for Keeps {
        fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
            self.0.lock().unwrap().extend_from_slice(batch);
            Box::pin(async { Ok(Vec::new()) })
        }
    }
    let disk = Arc::new(stopped(1, 3000));
    let all = leaves(&disk);
    let keeps = Arc::new(Keeps(Default::default()));
    let shared: Arc<dyn JournalDisk> = Arc::<MemoryDisk>::clone(&disk);
    let sink: Arc<dyn Sink> = Arc::<Keeps>::clone(&keeps);
    let mut pump = Pump::new("x", sink, shared, Arc::new(MemoryDisk::new()));
    for round in 0.. {
        let batch = pump.load().unwrap();
        if batch.is_empty() {
            break;
        }
        if round == 2 {
            assert!(seal_all(&disk, 200_000) > 2, "under its eyes");
        }
        let outcome = pump.offer(&batch).await;
        pump.settle(&batch, outcome).unwrap();
    }
    let got = keeps.0.lock().unwrap();
    assert_eq!(got.iter().map(|one| one.leaf.clone()).collect::<Vec<_>>(), all);
}
