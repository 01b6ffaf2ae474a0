//! How much is kept, through the door: a cap that refuses, a cap that drops the oldest, a hold.

use std::time::Duration;

use audit::disk::JournalDisk as _;
use audit::{AtCap, Durability, Keeping, Kind, Reader, Why};

use super::house::{By, Ground, House};

/// Less than what is filled in, more than a tail.
const CAP_BYTES: u64 = 120_000;
/// How long the keeper may take to look.
const FOUND_SECONDS_MAX: Duration = Duration::from_secs(60);

/// Small segments, so that there is something to remove.
fn keeping(cap_bytes: Option<u64>, at_cap: AtCap) -> Keeping {
    let segment_age = Duration::from_millis(1);
    Keeping { segment_bytes: 1, segment_age, cap_bytes, at_cap, ..Keeping::default() }
}

/// Waits until the keeper, which looks beside the requests, has found that writes may begin, or
/// not; then puts an object.
async fn put_once(house: &House, accepted: bool) -> String {
    let found = async {
        while house.journal.accepts(Kind::Write) != accepted {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(FOUND_SECONDS_MAX, found).await.unwrap();
    let status = if accepted { 200 } else { 507 };
    house.root("PUT", "/kept/a", "x").await.expect(status).id
}

/// How many entries the record has.
async fn recorded(house: &House) -> usize {
    house.journal.flush().await.unwrap();
    house.ground.record().opened.len()
}

async fn filled(ground: &Ground, mode: Durability) -> House {
    let house = ground.serve_keeping(mode, keeping(None, AtCap::Refuse)).await;
    house.root("PUT", "/kept", "").await.expect(200);
    for _ in 0..300 {
        house.ask("GET", "/kept/a", "", By::Nobody).await.expect(403);
    }
    house.journal.flush().await.unwrap();
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn at_its_cap_the_record_refuses_what_stores_and_takes_everything_else() {
    let ground = Ground::new();
    filled(&ground, Durability::Available).await.stop().await;
    let capped = ground.serve_keeping(Durability::Available, keeping(Some(1), AtCap::Refuse)).await;
    let refused = put_once(&capped, false).await;
    let read = capped.root("GET", "/kept", "").await.expect(200).id;
    let stranger = capped.ask("GET", "/kept/a", "", By::Nobody).await.expect(403).id;
    capped.journal.flush().await.unwrap();
    let record = capped.stop().await.record();
    assert_eq!(record.entry(&refused).0.reason.as_ref().unwrap().code, "no-space");
    record.has(&[read, stranger]);
    assert_eq!(record.removals, []);
    // Twin: a larger cap admits it.
    let larger = keeping(Some(1 << 30), AtCap::Refuse);
    let roomy = ground.serve_keeping(Durability::Available, larger).await;
    put_once(&roomy, true).await;
}

/// Bytes of the files below a place.
fn bytes(ground: &Ground, place: &str) -> u64 {
    let paths = ground.platter.paths().into_iter().filter(|path| path.starts_with(place));
    paths.map(|path| ground.platter.length(&path).unwrap().unwrap_or(0)).sum()
}

/// Waits until the keeper, which looks now and then, has done something.
async fn kept(done: impl Fn() -> bool) {
    let found = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(FOUND_SECONDS_MAX, found).await.unwrap();
}

/// A record that is sealed: how many bytes its tail has, and how many are sealed.
async fn sealed(ground: &Ground, mode: Durability) -> (u64, u64) {
    let house = filled(ground, mode).await;
    for _ in 0..900 {
        house.ask("GET", "/kept/a", "", By::Nobody).await.expect(403);
    }
    house.stop().await;
    let house = ground.serve_keeping(mode, keeping(None, AtCap::Refuse)).await;
    let segments = |path: &String| path.starts_with("sealed/") && path.ends_with(".leaves");
    kept(|| ground.platter.paths().iter().filter(|path| segments(path)).count() > 6).await;
    house.stop().await;
    (bytes(ground, "tail-"), bytes(ground, "sealed/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn at_its_cap_the_oldest_goes_and_no_more_the_log_says_so_and_the_rest_verifies() {
    for mode in [Durability::Strict, Durability::Available] {
        let ground = Ground::new();
        let (tail, compressed) = sealed(&ground, mode).await;
        let (cap, all) = (tail + compressed / 2, ground.record().opened.len());
        let house = ground.serve_keeping(mode, keeping(Some(cap), AtCap::DropOldest)).await;
        kept(|| bytes(&ground, "sealed/") < compressed).await;
        let admitted = put_once(&house, true).await;
        house.journal.flush().await.unwrap();
        let record = house.stop().await.record();
        record.has(&[admitted]);
        let left = bytes(&ground, "sealed/");
        assert!(left > 0 && left < compressed, "{left} of {compressed} bytes, at most {cap}");
        assert!(record.opened.len() < all, "{} of {all}", record.opened.len());
        // Each removal goes on where the one before it ended, and says why.
        let mut from = 0;
        for removal in &record.removals {
            assert_eq!((removal.from, removal.why), (from, Why::Cap));
            assert!(removal.to > removal.from && removal.first <= removal.last);
            from = removal.to;
        }
        let reader = Reader::open(&*ground.platter).unwrap();
        assert_eq!(reader.first(), from, "what is said to be removed is, and nothing else");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_outweighs_cap_and_retention_and_what_it_kept_goes_when_it_is_released() {
    let ground = Ground::new();
    let house = filled(&ground, Durability::Strict).await;
    house.root("PUT", "/-/v1/audit/holds/case-7", "{\"what\":\"file 7\"}").await.expect(200);
    house.stop().await;
    let mut keep = keeping(Some(CAP_BYTES), AtCap::DropOldest);
    keep.retention = Some(Duration::from_millis(1));
    let house = ground.serve_keeping(Durability::Strict, keep).await;
    let refused = put_once(&house, false).await;
    let first = recorded(&house).await;
    // A second hold comes and goes: the keeper looks, and the first still stands.
    house.root("PUT", "/-/v1/audit/holds/other", "{}").await.expect(200);
    house.root("DELETE", "/-/v1/audit/holds/other", "").await.expect(200);
    assert!(recorded(&house).await >= first, "nothing that is held was removed");
    house.root("DELETE", "/-/v1/audit/holds/case-7", "").await.expect(200);
    let admitted = put_once(&house, true).await;
    house.journal.flush().await.unwrap();
    let record = house.stop().await.record();
    assert!(!record.removals.is_empty(), "a leaf says what was removed");
    record.has(&[refused, admitted]);
    assert!(record.opened.len() < first, "{} of {first}", record.opened.len());
}
