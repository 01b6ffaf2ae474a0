//! Batches: one entry, many verdicts.

use strongroom_audit::{ItemOutcome, Outcome, Refusal, verify};

use crate::house::*;

pub(crate) fn item(key: &str) -> (ReadThing, Vec<policy::decision::Decision>) {
    let op = ReadThing::new(key);
    let made = decisions(&op, DENIES, NOW);
    (op, made)
}

#[tokio::test]
async fn a_batch_owns_only_what_is_allowed_and_names_the_decision_of_the_rest() {
    let house = House::new();
    let items = vec![item("a"), item("secret/b"), item("c")];
    let envelope = decided(Free, "arn:aws:s3:::pay", Vec::new());
    let open = house.known(&alice()).open_batch(envelope, items, || NOW);
    let (batch, entry) = open.await.unwrap();
    let allowed: Vec<_> = batch.allowed().iter().map(|(n, op)| (*n, op.key.as_str())).collect();
    assert_eq!(allowed, [(0, "a"), (2, "c")]);
    let [(1, decision)] = batch.refused() else { panic!("{:?}", batch.refused()) };
    entry.close(Outcome::status(200));
    let entries = house.entries().await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    let checks = &entry.opened.checks;
    let refused = checks.iter().find(|check| check.decision == *decision).unwrap();
    assert_eq!((refused.item, refused.resource.as_str()), (Some(1), "arn:aws:s3:::pay/secret/b"));
    let ordinals: Vec<u32> = checks.iter().map(|check| check.decision.ordinal).collect();
    assert_eq!(ordinals, [0, 1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_batch_of_which_nothing_is_allowed_is_still_opened() {
    let house = House::new();
    let envelope = decided(Free, "arn:aws:s3:::pay", Vec::new());
    let open = house.known(&alice()).open_batch(envelope, vec![item("secret/b")], || NOW);
    let (batch, _entry) = open.await.unwrap();
    assert!(batch.allowed().is_empty());
    assert_eq!(batch.refused().len(), 1);
}

#[tokio::test]
async fn an_item_whose_decisions_do_not_cover_it_refuses_the_whole_batch() {
    let house = House::new();
    let items = vec![item("a"), (ReadThing::new("b"), item("a").1)];
    let envelope = decided(Free, "arn:aws:s3:::pay", Vec::new());
    let refusal = house.known(&alice()).open_batch(envelope, items, || NOW).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Uncovered(_)));
}

#[tokio::test]
async fn an_envelope_that_is_refused_refuses_the_whole_batch() {
    let house = House::new();
    let envelope = asked(ReadThing::new("secret/list"), DENIES);
    let open = house.known(&alice()).open_batch(envelope, vec![item("a")], || NOW);
    assert!(matches!(open.await.unwrap_err(), Refusal::Denied(_)));
}

#[tokio::test]
async fn a_thousand_long_keys_are_recorded_to_the_last() {
    let house = House::new();
    let key = |n: usize| format!("{n:04}-{}", "k".repeat(1000));
    let items = (0..1000).map(|n| item(&key(n))).collect();
    let envelope = decided(Free, "arn:aws:s3:::pay", Vec::new());
    let (batch, entry) = house.known(&alice()).open_batch(envelope, items, || NOW).await.unwrap();
    assert_eq!(batch.allowed().len(), 1000);
    let code = || Some("c".repeat(200));
    let ended = |item| ItemOutcome { item, status: 500, code: code(), decision: None };
    entry.close(Outcome { items: (0..1000).map(ended).collect(), ..Outcome::status(200) });
    let entry = house.entries().await.remove(0);
    assert!(entry.opened.parts > 1);
    assert_eq!(entry.opened.checks.len(), 2000);
    for (n, check) in entry.opened.checks.iter().step_by(2).enumerate() {
        assert_eq!(
            (check.item, check.resource.resource()),
            (Some(n), format!("pay/{}", key(n)).as_str())
        );
    }
    let items = entry.closed.unwrap().items;
    let numbers: Vec<usize> = items.iter().map(|item| item.item).collect();
    assert_eq!(numbers, (0..1000).collect::<Vec<_>>());
    assert_eq!(items[0].code.as_ref().unwrap().chars().count(), 129, "128 and the mark");
    let report = verify(&*house.disk, strongroom_audit::Expect::Stopped).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}
