//! Questions over the record: each filter lets its entry through and keeps the others out.

use std::ops::ControlFlow;
use std::sync::Arc;

use names::RequestId;
use strongroom_audit::entry::Entrance;
use strongroom_audit::{
    Between, Filter, Human, Minted, Opening, Outcome, Reader, Reason, Refusal, Who, render,
};

use crate::house::*;

/// Alice reads, is denied, a federated person logs in, and somebody comes with a bad signature: one
/// second apart.
async fn four() -> (House, Vec<RequestId>) {
    let house = House::new();
    let mut ids = Vec::new();
    let (permit, entry) =
        house.known(&alice()).open(asked(ReadThing::new("a"), ALL), || NOW).await.unwrap();
    ids.push(permit.request_id());
    entry.close(Outcome::status(200));
    house.clock.pass(1000);

    let denied =
        house.known(&alice()).open(asked(ReadThing::new("secret/b"), DENIES), || NOW).await;
    let Err(Refusal::Denied(denial)) = denied else { panic!() };
    ids.push(denial.decision_id.request);
    house.clock.pass(1000);

    let provider = "arn:aws:iam::111122223333:oidc-provider/idp".parse().unwrap();
    let subject = "00u-bob".to_owned();
    let human = Some(Human { provider, subject, display: Some("Bob".to_owned()) });
    let mut login = decided(Free, "arn:aws:iam::111122223333:role/Reader", Vec::new());
    let credential = "ASIAMINTEDMINTEDMINT".parse().unwrap();
    login.mints = Some(Minted { credential, expires: "2026-01-02T04:00:00Z".parse().unwrap() });
    let who = Who { human, ..Who::anonymous() };
    let (permit, entry) = house.known(&who).open(login, || NOW).await.unwrap();
    ids.push(permit.request_id());
    entry.close(Outcome::status(200));
    house.clock.pass(1000);

    let refused = house.attempt().refuse(Reason::SignatureMismatch, Outcome::status(403)).await;
    ids.push(refused.unwrap().request);
    house.journal.flush().await.unwrap();
    (house, ids)
}

#[tokio::test]
async fn each_question_finds_its_entries_and_no_others() {
    let (house, ids) = four().await;
    let reader = Reader::open(&*house.disk).unwrap();
    let none = Filter::default;
    let text = |text: &str| Some(text.to_owned());
    let time = |text: &str| Some(text.parse().unwrap());
    let any = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    let questions: Vec<(Filter, &[usize])> = vec![
        (none(), &[3, 2, 1, 0]),
        (Filter { principal: text("arn:aws:iam::111122223333:user/alice"), ..none() }, &[1, 0]),
        (Filter { principal: text("AIDAALICEALICEALICEAL"), ..none() }, &[1, 0]),
        (Filter { principal: text("arn:aws:iam::111122223333:user/ali"), ..none() }, &[]),
        (Filter { any_of: any(&["AIDAALICEALICEALICEAL"]), ..none() }, &[1, 0]),
        (
            Filter { any_of: any(&["AIDABOBBOBBOBBOBBOBBO", "AIDAALICEALICEALICEAL"]), ..none() },
            &[1, 0],
        ),
        (Filter { any_of: any(&["AIDABOBBOBBOBBOBBOBBO"]), ..none() }, &[]),
        (Filter { credential: "AKIAALICEALICEALICEA".parse().ok(), ..none() }, &[1, 0]),
        (Filter { session: "ASIAMINTEDMINTEDMINT".parse().ok(), ..none() }, &[2]),
        (Filter { minted: "ASIAMINTEDMINTEDMINT".parse().ok(), ..none() }, &[2]),
        (Filter { minted: "AKIAALICEALICEALICEA".parse().ok(), ..none() }, &[]),
        (Filter { human: text("Bob"), ..none() }, &[2]),
        (Filter { human: text("00u-bob"), ..none() }, &[2]),
        (Filter { action: text("s3:getobject"), ..none() }, &[1, 0]),
        (Filter { action: text("GetCallerIdentity"), ..none() }, &[2]),
        (Filter { resource_prefix: text("arn:aws:s3:::pay/secret/"), ..none() }, &[1]),
        (Filter { verdict: Some(Entrance::Refused), ..none() }, &[3, 1]),
        (Filter { reason: text("signature-mismatch"), ..none() }, &[3]),
        (Filter { from: time("2026-01-02T03:04:07Z"), ..none() }, &[3, 2]),
        (Filter { to: time("2026-01-02T03:04:06Z"), ..none() }, &[0]),
        (Filter { request_id: Some(ids[1]), ..none() }, &[1]),
        (Filter { request_id: Some(ids[1]), reason: text("expired"), ..none() }, &[]),
    ];
    for (filter, expected) in questions {
        let found = reader.search(&filter, 10).unwrap();
        let found: Vec<RequestId> = found.iter().map(|entry| entry.opened.id).collect();
        let expected: Vec<RequestId> = expected.iter().map(|n| ids[*n]).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    assert_eq!(reader.newest(2).unwrap().len(), 2);
    assert_eq!(reader.find(RequestId::from_parts(5, [1; 10])).unwrap(), None);
    assert_eq!(reader.find(RequestId::from_parts(u64::MAX, [1; 10])).unwrap(), None);
}

#[tokio::test]
async fn an_id_is_found_among_thousands_of_leaves() {
    let house = House::new();
    let mut ids = Vec::new();
    for n in 0..1200 {
        house.clock.pass(60_000);
        let attempt = house.attempt();
        ids.push(attempt.request_id().unwrap());
        // The last waits; the others are quick.
        if n == 1199 {
            attempt.refuse(Reason::UnknownKey, Outcome::status(403)).await.unwrap();
        }
    }
    house.journal.flush().await.unwrap();
    let reader = Reader::open(&*house.disk).unwrap();
    for id in ids.iter().step_by(97) {
        let entry = reader.find(*id).unwrap().unwrap();
        assert!(entry.opened.id == *id && entry.closed.is_some());
    }
}

#[tokio::test]
async fn a_follower_sees_every_leaf_once() {
    let house = House::new();
    let mut next = 0;
    let mut seen = Vec::new();
    for _ in 0..5 {
        house.attempt().refuse(Reason::UnknownKey, Outcome::status(403)).await.unwrap();
        let reader = house.journal.reader().unwrap();
        seen.extend(reader.leaves(next).map(|leaf| leaf.unwrap().0));
        next = reader.len();
    }
    assert_eq!(seen, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_line_says_what_happened_and_why() {
    let (house, ids) = four().await;
    let reader = Reader::open(&*house.disk).unwrap();
    let line = |n: usize| render::line(&reader.find(ids[n]).unwrap().unwrap());
    let (denied, refused) = (line(1), line(3));
    assert_eq!(
        denied,
        format!(
            "deny s3:GetObject arn:aws:s3:::pay/secret/b by=policy:Payroll@v2/stmt:1 \
             because=aws:SourceIp matched=explicit-deny \
             who=arn:aws:iam::111122223333:user/alice status=403 id={}",
            ids[1]
        )
    );
    let expected =
        format!("refuse unknown - reason=signature-mismatch who=- status=403 id={}", ids[3]);
    assert_eq!(refused, expected);
    assert!(
        line(0).starts_with("allow s3:GetObject arn:aws:s3:::pay/a by=policy:Payroll@v2/stmt:0")
    );
    assert!(line(2).contains(" human=Bob "));
}

#[tokio::test]
async fn a_line_cannot_steer_a_terminal() {
    let house = House::new();
    let mut opening = Opening::new(house.journal.request_id());
    opening.user_agent = Some("x\u{1b}[2J".to_owned());
    let mut attempt = house.journal.attempt(opening);
    let (provider, display) =
        ("arn:aws:iam::1:x/y".parse().unwrap(), Some("a\nb\u{202e}c".to_owned()));
    let human = Some(Human { provider, subject: "s".to_owned(), display });
    attempt.identified(Arc::new(Who { human, ..alice() }));
    let op = ReadThing::new("k\u{1b}]0;\u{7}");
    drop(attempt.open(asked(op, DENIES), || NOW).await.unwrap());
    let entry = house.entries().await.remove(0);
    let line = render::line(&entry);
    assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
}

#[tokio::test]
async fn a_question_goes_on_where_it_stopped_and_a_follower_where_it_was() {
    let (house, ids) = four().await;
    let reader = Reader::open(&*house.disk).unwrap();
    let all = Filter::default();
    let page = |between: Between, most: usize| {
        let mut found = Vec::new();
        let each = reader.each(&all, between, |entry| {
            found.push((entry.opened.id, entry.index));
            if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        each.unwrap();
        found
    };
    let first = page(Between::default(), 2);
    let before = first.last().map(|(_, index)| *index);
    let rest = page(Between { before, ..Between::default() }, 9);
    let told: Vec<_> = first.iter().chain(&rest).map(|(id, _)| *id).collect();
    assert_eq!(told, [ids[3], ids[2], ids[1], ids[0]]);
    let after = rest.first().map(|(_, index)| *index);
    assert_eq!(page(Between { after, before: None }, 9), first);
    assert_eq!(page(Between { after, before }, 9), []);
    // Oldest first, so many at a time, to the end.
    let mut after = None;
    let mut followed = Vec::new();
    loop {
        let (entries, next) = reader.follow(&all, after, 1).unwrap();
        followed.extend(entries.iter().map(|entry| entry.opened.id));
        assert!(entries.len() <= 1);
        if next == after {
            break;
        }
        after = next;
    }
    assert_eq!(followed, ids);
    assert_eq!(after, reader.len().checked_sub(1));
    let none = Filter { verdict: Some(Entrance::Refused), ..Filter::default() };
    let (refused, _) = reader.follow(&none, None, 9).unwrap();
    assert_eq!(refused.iter().map(|entry| entry.opened.id).collect::<Vec<_>>(), [ids[1], ids[3]]);
}
