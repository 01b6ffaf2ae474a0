//! Full, read-only, failing and hanging disks under the record, in both modes.

use audit::{Durability, Kind, Unrecorded};
use testkit::{Hang, Trouble};

use super::house::{By, Ground, House};

const MODES: [Durability; 2] = [Durability::Strict, Durability::Available];

/// Whether the server said that it must stop.
fn stops(house: &House) -> bool {
    house.alarm.borrow().is_some()
}

/// Asks for everything once, none of which can be recorded: what comes back, in order.
async fn all_refused(house: &House) -> Vec<String> {
    let mut ids = Vec::new();
    for (method, path, by) in [
        ("PUT", "/late", By::Root),
        ("GET", "/pay/a", By::Root),
        ("PUT", "/pay/b", By::Root),
        ("DELETE", "/pay/a", By::Root),
        ("GET", "/pay/a", By::Nobody),
    ] {
        let answer = house.ask(method, path, "", by).await.expect(503);
        assert_eq!(answer.code(), "ServiceUnavailable", "{answer:?}");
        ids.push(answer.id);
    }
    ids
}

async fn stocked(mode: Durability) -> (House, Vec<String>) {
    let house = Ground::new().serve(mode).await;
    let mut known = Vec::new();
    known.push(house.root("PUT", "/pay", "").await.expect(200).id);
    known.push(house.root("PUT", "/pay/a", "first").await.expect(200).id);
    known.push(house.root("GET", "/pay/a", "").await.expect(200).id);
    known.push(house.ask("GET", "/pay/a", "", By::Nobody).await.expect(403).id);
    (house, known)
}

/// What was not acknowledged did not happen.
async fn nothing_was_done(house: &House) {
    house.root("HEAD", "/late", "").await.expect(404);
    house.root("GET", "/pay/b", "").await.expect(404);
    assert_eq!(house.root("GET", "/pay/a", "").await.expect(200).body, "first");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_whatever_cannot_be_recorded_is_refused_and_counted_until_there_is_room() {
    for mode in MODES {
        let (house, mut known) = stocked(mode).await;
        house.disk.set(Some(Trouble::Full));
        let refused = all_refused(&house).await;
        assert!(house.journal.flush().await.is_err(), "a full disk does not settle");
        assert!(!stops(&house), "a full disk is no reason to stop");
        house.disk.set(None);
        house.journal.flush().await.unwrap();
        nothing_was_done(&house).await;
        known.push(house.root("PUT", "/late", "").await.expect(200).id);
        house.journal.flush().await.unwrap();
        let record = house.stop().await.record();
        record.has(&known);
        assert!(!refused.iter().any(|id| record.knows(id)));
        let counted: Vec<_> = record.gaps.iter().map(|gap| (gap.requests, gap.why)).collect();
        assert_eq!(counted, [(5, Unrecorded::Full)], "{mode:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_reserve_lasts_reads_and_removals_go_on_and_writes_are_refused_on_record() {
    for mode in MODES {
        let (house, mut known) = stocked(mode).await;
        house.journal.flush().await.unwrap();
        let ground = house.ground.clone();
        let used = ground.platter.paths().iter().map(|path| length(&ground, path)).sum::<usize>();
        ground.platter.set_capacity(Some(used));
        // The first finds the disk full, and is recorded in the place of the reserve.
        known.push(house.root("GET", "/pay/a", "").await.expect(200).id);
        assert!(!house.journal.accepts(Kind::Write) && house.journal.accepts(Kind::Read));
        let refused = house.root("PUT", "/pay/b", "second").await.expect(507);
        assert_eq!(refused.code(), "InsufficientStorage");
        known.push(house.root("DELETE", "/pay/c", "").await.expect(204).id);
        known.push(house.ask("GET", "/pay/a", "", By::Nobody).await.expect(403).id);
        ground.platter.set_capacity(None);
        house.journal.flush().await.unwrap();
        nothing_was_done(&house).await;
        house.root("PUT", "/pay/b", "second").await.expect(200);
        house.journal.flush().await.unwrap();
        let record = house.stop().await.record();
        record.has(&known);
        let (opened, closed) = record.entry(&refused.id);
        assert_eq!(opened.reason.as_ref().unwrap().code, "no-space");
        assert_eq!((closed.status, record.gaps.len()), (507, 0));
    }
}

fn length(ground: &Ground, path: &str) -> usize {
    use audit::disk::JournalDisk as _;
    ground.platter.read(path).unwrap().unwrap_or_default().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_read_only_or_failing_disk_everything_is_refused_and_the_server_stops() {
    for mode in MODES {
        for trouble in [Trouble::ReadOnly, Trouble::Failing] {
            let (house, known) = stocked(mode).await;
            house.journal.flush().await.unwrap();
            house.disk.set(Some(trouble));
            let refused = all_refused(&house).await;
            assert!(stops(&house), "{mode:?} {trouble:?}");
            // Healed or not: after such an error nobody knows what the disk holds.
            house.disk.set(None);
            all_refused(&house).await;
            assert!(!house.journal.accepts(Kind::Read));
            let again = house.stop().await.serve(mode).await;
            nothing_was_done(&again).await;
            again.journal.flush().await.unwrap();
            let record = again.stop().await.record();
            record.has(&known);
            assert!(!refused.iter().any(|id| record.knows(id)), "{mode:?} {trouble:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_durable_is_refused_in_strict_and_answered_before_it_in_available() {
    let (house, _) = stocked(Durability::Strict).await;
    house.journal.flush().await.unwrap();
    house.disk.set(Some(Trouble::FailingSyncs));
    let refused = house.root("PUT", "/late", "").await.expect(503);
    assert_eq!(refused.code(), "ServiceUnavailable");
    assert!(stops(&house));
    let again = house.stop().await.serve(Durability::Strict).await;
    nothing_was_done(&again).await;

    let (house, _) = stocked(Durability::Available).await;
    house.journal.flush().await.unwrap();
    house.disk.set(Some(Trouble::FailingSyncs));
    let answered = house.root("GET", "/pay/a", "").await.expect(200);
    // It survives the process; that the disk fails is found within a second, and stops the server.
    assert!(house.journal.flush().await.is_err());
    assert!(stops(&house));
    house.root("GET", "/pay/a", "").await.expect(503);
    let again = house.stop().await.serve(Durability::Available).await;
    again.journal.flush().await.unwrap();
    assert!(again.stop().await.record().knows(&answered.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_slow_disk_nothing_is_answered_before_its_entry_is_where_the_mode_says() {
    for (mode, hang) in [(Durability::Strict, Hang::Syncs), (Durability::Available, Hang::Writes)] {
        let (house, mut known) = stocked(mode).await;
        house.journal.flush().await.unwrap();
        house.disk.hang(hang);
        let mut put = Box::pin(house.root("PUT", "/slow", ""));
        let disk = std::sync::Arc::clone(&house.disk);
        let hung = tokio::task::spawn_blocking(move || disk.wait_until_it_hangs());
        tokio::select! {
            biased;
            answer = &mut put => panic!("answered before it is on record: {answer:?}"),
            hung = hung => hung.unwrap(),
        }
        let early = futures_util::poll!(&mut put);
        assert!(early.is_pending(), "{mode:?}: {early:?}");
        house.disk.let_go();
        known.push(put.await.expect(200).id);
        known.push(house.root("HEAD", "/slow", "").await.expect(200).id);
        house.journal.flush().await.unwrap();
        let record = house.stop().await.record();
        record.has(&known);
    }
}
