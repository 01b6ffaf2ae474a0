//! How many requests found no room is said even if the process dies before there is room again.

use std::sync::Arc;

use strongroom_audit::disk::{JournalDisk as _, MemoryDisk, Survives};
use strongroom_audit::entry::Leaf;
use strongroom_audit::{Expect, GapRecord, JournalError, Outcome, Reader, Reason, verify};

use crate::house::House;

/// What there is, in bytes.
fn used(disk: &MemoryDisk) -> usize {
    let length = |path: &String| disk.read(path).unwrap().map_or(0, |bytes| bytes.len());
    disk.paths().iter().map(length).sum()
}

/// Leaves no room: neither beside what is there nor in place of the reserve.
fn fill(disk: &MemoryDisk) {
    let reserve = disk.read("reserve").unwrap().map_or(0, |bytes| bytes.len());
    disk.set_capacity(Some(used(disk) - reserve));
}

async fn refuse(house: &House) -> Result<(), JournalError> {
    let attempt = house.attempt();
    attempt.refuse(Reason::UnknownKey, Outcome::status(403)).await.map(drop)
}

/// So many requests that find no room; the id of the first.
async fn turned_away(house: &House, many: usize) -> String {
    let mut first = None;
    for _ in 0..many {
        let attempt = house.attempt();
        let id = attempt.request_id().unwrap().to_string();
        let refused = attempt.refuse(Reason::UnknownKey, Outcome::status(403)).await;
        assert!(matches!(refused, Err(JournalError::Full)), "{refused:?}");
        first.get_or_insert(id);
    }
    first.unwrap()
}

/// What happens within a second: counts are kept, and as there is no room, no leaf tells them.
async fn second_passes(house: &House) {
    // A checkpoint that finds no room is all that may be owed.
    let settled = house.journal.flush().await;
    assert!(matches!(settled, Ok(()) | Err(JournalError::Full)), "{settled:?}");
    assert_eq!(told(house), []);
}

/// What is left after a crash, with room again.
fn after_crash(house: House) -> House {
    let left = house.disk.crashed(Survives::Synced);
    // The process is gone: whatever it does at its end, it does to the old disk.
    drop(house);
    House::on(Arc::new(left))
}

fn told(house: &House) -> Vec<GapRecord> {
    let report = verify(&*house.disk, Expect::Running).unwrap();
    assert_eq!(report.problems, []);
    let reader = Reader::open(&*house.disk).unwrap();
    let gaps = reader.leaves(0).filter_map(|leaf| match leaf.unwrap().1 {
        Leaf::Gap(gap) => Some(*gap),
        _ => None,
    });
    gaps.collect()
}

#[tokio::test]
async fn what_was_counted_on_a_full_disk_survives_a_crash_and_is_told_once() {
    let house = House::new();
    refuse(&house).await.unwrap();
    house.journal.flush().await.unwrap();
    fill(&house.disk);
    let first = turned_away(&house, 3).await;
    second_passes(&house).await;
    // A second process finds no room either, and counts on.
    let left = Arc::new(house.disk.crashed(Survives::Synced));
    drop(house);
    left.set_capacity(Some(used(&left)));
    let house = House::on(left);
    fill(&house.disk);
    let second = turned_away(&house, 2).await;
    second_passes(&house).await;
    let mut house = after_crash(house);
    for _ in 0..2 {
        house.journal.flush().await.unwrap();
        let gaps: Vec<_> =
            told(&house).into_iter().map(|gap| (gap.id.to_string(), gap.requests)).collect();
        assert_eq!(gaps, [(first.clone(), 3), (second.clone(), 2)]);
        refuse(&house).await.unwrap();
        house = after_crash(house);
    }
}

#[tokio::test]
async fn a_file_of_counts_that_is_cut_short_leaves_what_the_other_says() {
    let house = House::new();
    refuse(&house).await.unwrap();
    house.journal.flush().await.unwrap();
    fill(&house.disk);
    for many in [3, 2] {
        turned_away(&house, many).await;
        second_passes(&house).await;
    }
    for (cut, requests) in [(None, 5), (Some("gaps-0"), 3), (Some("gaps-1"), 5)] {
        let left = house.disk.crashed(Survives::Synced);
        if let Some(path) = cut {
            left.tamper(path, |bytes| bytes.map(|bytes| bytes[..1].to_vec()));
        }
        let again = House::on(Arc::new(left));
        again.journal.flush().await.unwrap();
        let counted: Vec<u64> = told(&again).iter().map(|gap| gap.requests).collect();
        assert_eq!(counted, [requests], "{cut:?}");
    }
}

#[tokio::test]
async fn what_was_counted_since_the_last_second_is_lost_with_the_process() {
    let house = House::new();
    refuse(&house).await.unwrap();
    house.journal.flush().await.unwrap();
    fill(&house.disk);
    turned_away(&house, 3).await;
    let house = after_crash(house);
    house.journal.flush().await.unwrap();
    assert_eq!(told(&house), []);
}
