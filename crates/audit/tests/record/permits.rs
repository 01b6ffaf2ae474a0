//! When a permit exists, and what the record says when it does not.

use names::{AccessKeyId, Revision};
use strongroom_audit::disk::{Fault, Survives};
use strongroom_audit::entry::{Ending, Entrance};
use strongroom_audit::{
    Absence, ItemOutcome, Kind, Minted, OpenEntry, Outcome, Reader, Reason, Refusal, SystemActor,
};

use crate::house::*;

#[tokio::test]
async fn a_strict_entry_is_on_disk_before_its_permit_exists() {
    let house = House::new();
    let asked = asked(ReadThing::new("a.csv"), ALL);
    let (permit, entry) = house.known(&alice()).open(asked, || NOW).await.unwrap();
    let survived = house.disk.crashed(Survives::Synced);
    let found = Reader::open(&survived).unwrap().find(permit.request_id()).unwrap().unwrap();
    assert_eq!((found.opened.verdict, found.closed), (Entrance::Allowed, None));
    assert_eq!((permit.op().key.as_str(), permit.revision()), ("a.csv", NOW));
    assert_eq!(permit.who(), &alice());
    entry.close(Outcome { bytes_out: 12, ..Outcome::status(200) });
    let closed = house.entries().await.remove(0).closed.unwrap();
    assert_eq!((closed.status, closed.bytes_out, closed.outcome), (200, 12, Ending::Done));
}

#[tokio::test]
async fn a_refused_operation_gets_no_permit_but_the_id_of_the_decision() {
    let house = House::new();
    let asked = asked(ReadThing::new("secret/a"), DENIES);
    let refusal = house.known(&alice()).open(asked, || NOW).await.unwrap_err();
    let Refusal::Denied(denial) = refusal else { panic!("{refusal:?}") };
    let entries = house.entries().await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(entry.opened.verdict, Entrance::Refused);
    assert_eq!(entry.opened.reason.as_ref().unwrap().code, "denied");
    assert_eq!(entry.opened.checks[0].decision, denial.decision_id);
    assert_eq!(entry.opened.checks[0].by.as_ref().unwrap().index, 1);
    assert_eq!(entry.opened.revision, Some(NOW));
    assert_eq!(entry.closed.as_ref().unwrap().status, 403);
}

#[tokio::test]
async fn the_refusal_names_the_check_that_refuses_and_not_the_first() {
    let house = House::new();
    let op = ReadThing { version: Some("v1".to_owned()), ..ReadThing::new("a") };
    let only_get = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}"#;
    let refusal = house.known(&alice()).open(asked(op, only_get), || NOW).await.unwrap_err();
    let Refusal::Denied(denial) = refusal else { panic!("{refusal:?}") };
    assert_eq!(denial.decision_id.ordinal, 1);
    assert_eq!(denial.decision.check().action.as_str(), "s3:GetObjectVersion");
}

#[tokio::test]
async fn decisions_that_do_not_cover_exactly_the_checks_make_no_permit() {
    let good = || asked(ReadThing::new("a"), ALL);
    let with = |change: &dyn Fn(&mut Vec<_>)| {
        let mut asked = good();
        change(&mut asked.decisions);
        asked
    };
    let other = || decisions(&ReadThing::new("b"), ALL, NOW);
    let mut later = good();
    later.revision = Revision(8);
    let mut elsewhere = good();
    elsewhere.op = ReadThing::new("b");
    let mut versioned = good();
    versioned.op.version = Some("v".to_owned());
    let cases = [
        ("none", with(&|made| made.clear())),
        ("one missing", with(&|made| drop(made.pop()))),
        ("one too many", with(&|made| made.push(made[0].clone()))),
        ("another order", with(&|made| made.reverse())),
        ("one twice", with(&|made| made[1] = made[0].clone())),
        ("another resource", with(&|made| made[0] = other().remove(0))),
        ("another prefix", with(&|made| made[1] = other().remove(1))),
        ("another revision", later),
        ("another operation", elsewhere),
        ("a check more than decided", versioned),
    ];
    for (what, asked) in cases {
        let house = House::new();
        let current = asked.revision;
        let refusal = house.known(&alice()).open(asked, || current).await.unwrap_err();
        assert!(matches!(refusal, Refusal::Uncovered(_)), "{what}: {refusal:?}");
        let entry = house.entries().await.remove(0);
        assert_eq!(entry.opened.reason.unwrap().code, "uncovered", "{what}");
    }
    let house = House::new();
    assert!(house.known(&alice()).open(good(), || NOW).await.is_ok());
}

#[tokio::test]
async fn the_outcome_of_the_absence_check_travels_in_the_permit() {
    let house = House::new();
    for (policy, absence) in [(ALL, Absence::Reveal), (READS, Absence::Hide)] {
        let asked = asked(ReadThing::new("a"), policy);
        let (permit, _entry) = house.known(&alice()).open(asked, || NOW).await.unwrap();
        assert_eq!(permit.absence(), absence);
    }
}

#[tokio::test]
async fn a_state_that_moved_gives_everything_back_and_records_nothing() {
    let house = House::new();
    let first = asked(ReadThing::new("a"), ALL);
    let refusal = house.known(&alice()).open(first, || Revision(8)).await.unwrap_err();
    let Refusal::Moved((attempt, mut again)) = refusal else { panic!("{refusal:?}") };
    assert_eq!(house.journal.guards().alive(&links()[0]), 0);
    again.revision = Revision(8);
    again.decisions = decisions(&again.op, ALL, Revision(8));
    let (_permit, entry) = attempt.open(again, || Revision(8)).await.unwrap();
    entry.close(Outcome::status(200));
    assert_eq!(house.entries().await.len(), 1);
}

#[tokio::test]
async fn an_attempt_that_is_dropped_is_recorded_as_refused() {
    let house = House::new();
    let mut attempt = house.known(&alice());
    attempt.routed("PutObject");
    drop(attempt);
    let entries = house.entries().await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(entry.opened.reason.as_ref().unwrap().code, "abandoned");
    assert_eq!(entry.opened.operation, "PutObject");
    assert_eq!(entry.opened.principal.as_ref().unwrap().kind, "user");
    assert_eq!(entry.closed.as_ref().unwrap().outcome, Ending::Aborted);
}

#[tokio::test]
async fn an_entry_that_is_dropped_is_recorded_as_aborted() {
    let house = House::new();
    let open = house.known(&alice()).open(asked(ReadThing::new("a"), ALL), || NOW);
    let (permit, entry) = open.await.unwrap();
    house.clock.pass(25);
    drop((permit, entry));
    let closed = house.entries().await.remove(0).closed.unwrap();
    assert_eq!((closed.outcome, closed.duration_us), (Ending::Aborted, 25_000));
}

#[tokio::test]
async fn a_refusal_before_any_decision_is_one_entry_with_its_reason() {
    let house = House::new();
    let reason = Reason::LimitExceeded { limit: "KEY_BYTES_MAX" };
    let outcome = Outcome { code: Some("KeyTooLongError".to_owned()), ..Outcome::status(400) };
    let id = house.attempt().refuse(reason, outcome).await.unwrap();
    let entries = house.entries().await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((entry.opened.id, id.ordinal), (id.request, 0));
    let reason = entry.opened.reason.as_ref().unwrap();
    assert_eq!(
        (reason.code.as_str(), reason.detail.as_deref()),
        ("limit-exceeded", Some("KEY_BYTES_MAX"))
    );
    let closed = entry.closed.as_ref().unwrap();
    assert_eq!((closed.status, closed.code.as_deref()), (400, Some("KeyTooLongError")));
}

#[tokio::test]
async fn a_caller_who_was_never_identified_is_anonymous() {
    let house = House::new();
    let free = decided(Free, "*", Vec::new());
    let (permit, _entry) = house.attempt().open(free, || NOW).await.unwrap();
    assert!(permit.who().chain.is_empty());
    let entry = house.entries().await.remove(0);
    assert_eq!(entry.opened.principal.unwrap().kind, "anonymous");
}

#[tokio::test]
async fn the_entry_names_the_session_that_it_mints() {
    let house = House::new();
    let mut free = decided(Free, "*", Vec::new());
    let credential = "ASIAMINTEDMINTEDMINT".parse().unwrap();
    let minted = Minted { credential, expires: "2026-01-02T04:00:00Z".parse().unwrap() };
    free.mints = Some(minted.clone());
    let (permit, _entry) = house.known(&alice()).open(free, || NOW).await.unwrap();
    assert_eq!(permit.minted(), Some(&minted));
    assert_eq!(house.entries().await.remove(0).opened.mints, Some(minted));
}

/// A session that an entry makes, and the entry.
async fn minting(house: &House, credential: &str) -> (AccessKeyId, OpenEntry) {
    let mut free = decided(Free, "*", Vec::new());
    let credential: AccessKeyId = credential.parse().unwrap();
    let expires = "2026-01-02T04:00:00Z".parse().unwrap();
    free.mints = Some(Minted { credential: credential.clone(), expires });
    let (_permit, entry) = house.known(&alice()).open(free, || NOW).await.unwrap();
    (credential, entry)
}

#[tokio::test]
async fn who_made_a_session_lately_is_known_without_reading_unless_its_entry_failed() {
    let house = House::new();
    let ids = ["ASIAMINTEDMINTEDMIN1", "ASIAMINTEDMINTEDMIN2", "ASIAMINTEDMINTEDMIN3"];
    let (good, one) = minting(&house, ids[0]).await;
    let (failed, other) = minting(&house, ids[1]).await;
    let (dropped, gone) = minting(&house, ids[2]).await;
    for id in [&good, &failed, &dropped] {
        assert!(house.journal.minted(id).is_some(), "{id}");
    }
    one.close(Outcome::status(200));
    other.close(Outcome::status(400));
    drop(gone);
    // Whoever went away may have had the answer.
    assert!(house.journal.minted(&dropped).is_some());
    assert_eq!(house.journal.minted(&failed), None);
    assert_eq!(house.journal.minted(&"ASIANEVERNEVERNEVER0".parse().unwrap()), None);
    let remembered = house.journal.minted(&good).unwrap();
    let recorded = house.entries().await.into_iter().map(|entry| entry.opened);
    let recorded = recorded.filter(|o| o.mints.as_ref().is_some_and(|m| m.credential == good));
    assert_eq!(recorded.collect::<Vec<_>>(), [remembered]);
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_permitted() {
    let house = House::new();
    house.journal.flush().await.unwrap();
    assert!(house.journal.accepts(Kind::Write));
    house.disk.fail(house.disk.operations() + 1, Fault::Fails);
    let open = house.known(&alice()).open(asked(ReadThing::new("a"), ALL), || NOW);
    assert!(matches!(open.await, Err(Refusal::Unavailable(_))));
    assert!(!house.journal.accepts(Kind::Read), "a failed sync poisons the journal");
    let mut relaxed = asked(ReadThing::new("a"), ALL);
    relaxed.durability = strongroom_audit::Durability::Available;
    let open = house.known(&alice()).open(relaxed, || NOW);
    assert!(matches!(open.await, Err(Refusal::Unavailable(_))));
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_lets_reads_go_on() {
    let house = House::new();
    house.journal.flush().await.unwrap();
    house.disk.fail(house.disk.operations(), Fault::NoSpace);
    let open = house.known(&alice()).open(asked(ReadThing::new("a"), ALL), || NOW);
    let (_permit, entry) = open.await.unwrap();
    assert!(house.journal.accepts(Kind::Read) && !house.journal.accepts(Kind::Write));
    entry.close(Outcome::status(200));
    house.journal.flush().await.unwrap();
    assert!(house.journal.accepts(Kind::Write), "space returned, and so do writes");
}

#[tokio::test]
async fn the_servers_own_work_is_on_record_too() {
    let house = House::new();
    let actor = SystemActor::assembled(house.journal.clone(), "strongroom.collector");
    let own = decided(ReadThing::new("a"), "arn:aws:s3:::pay/a", Vec::new());
    let (permit, entry) = actor.permit(own).await.unwrap();
    assert_eq!(permit.op().key, "a");
    let items = vec![ItemOutcome { item: 0, status: 200, code: None, decision: None }];
    entry.close(Outcome { items, ..Outcome::status(200) });
    let entry = house.entries().await.remove(0);
    assert_eq!(entry.opened.principal.unwrap().id, "strongroom.collector");
    assert_eq!(entry.closed.unwrap().items.len(), 1);
}
