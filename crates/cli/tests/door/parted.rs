//! However a client parts from its request, at every row of the operation table: one entry, with
//! both its ends.

use std::collections::BTreeMap;

use api::operation::{Effect, table};
use audit::Reader;
use audit::disk::FileDisk;
use audit::entry::{Closed, Ending, Entrance, Leaf, Opened};
use signing::sign::Payload;

use crate::client::{Ask, By, HangUp};
use crate::fixture::{House, house};
use crate::golden::key;
use crate::samples::samples;

/// How often the record is asked for what is still on its way.
const ASKED_MAX: usize = 100;
/// How many part at the same time.
const ABREAST: usize = 24;
/// Bytes that the head speaks of and that never come.
const MISSING: usize = 16;

/// What a client that parted was called, and its entry.
type Entries = BTreeMap<String, (Vec<Opened>, Vec<Closed>)>;

/// The entries of clients that are called so.
fn entries(house: &House, called: &str) -> Entries {
    house.client.send(&Ask::admin("GET", "audit?limit=1", ""), By::Key(&house.root)).expect(200);
    let disk = FileDisk::new(house.server.journal());
    let reader = Reader::open(&disk).unwrap();
    let (mut names, mut found) = (BTreeMap::new(), Entries::new());
    for leaf in reader.leaves(0) {
        match leaf.unwrap().1 {
            Leaf::Opened(opened) => {
                let agent = opened.source.user_agent.clone().unwrap_or_default();
                if agent.starts_with(called) {
                    names.insert(opened.id, agent.clone());
                    found.entry(agent).or_default().0.push(*opened);
                }
            }
            Leaf::Closed(closed) => {
                if let Some(agent) = names.get(&closed.id) {
                    found.entry(agent.clone()).or_default().1.push(closed);
                }
            }
            _ => {}
        }
    }
    found
}

/// The same, once each of those clients has one with both ends; fails if one has more, or never.
fn settled(house: &House, called: &str, expected: &[String]) -> Entries {
    for _ in 0..ASKED_MAX {
        let found = entries(house, called);
        let twice =
            |(opened, closed): &(Vec<Opened>, Vec<Closed>)| opened.len() > 1 || closed.len() > 1;
        assert!(!found.values().any(twice), "somebody has more than one entry");
        if expected.iter().all(|agent| found.get(agent).is_some_and(|(_, ends)| ends.len() == 1)) {
            return found;
        }
    }
    let found = entries(house, called);
    let none = expected.iter().filter(|agent| found.get(*agent).is_none_or(|e| e.1.is_empty()));
    panic!("without an entry, or without its end: {:?}", none.collect::<Vec<_>>());
}

/// The requests of every row, without what only earlier answers could say; a name for each.
fn asks(called: &str) -> Vec<(&'static str, String, Ask)> {
    let plain = |text: &str| text.replace(['{', '}'], "");
    let all = samples().into_iter().enumerate().map(|(number, sample)| {
        let name = format!("{called} {number} {}", sample.row);
        let body = plain(std::str::from_utf8(&sample.ask.body).unwrap());
        let target = plain(&sample.ask.target);
        let ask = Ask { target, ..sample.ask }.with("user-agent", &name);
        let ask = if sample.row.starts_with("POST ") || ask.headers.len() > 1 {
            ask
        } else {
            ask.body(body)
        };
        (sample.row, name, ask)
    });
    all.collect()
}

#[test]
fn a_client_that_leaves_amid_its_body_leaves_one_entry_at_every_row() {
    let house = house();
    let asks = asks("parted-body");
    for some in asks.chunks(ABREAST) {
        for (_, _, ask) in some {
            house.client.part(ask, By::Key(&house.nobody), MISSING);
        }
        let names: Vec<String> = some.iter().map(|(_, name, _)| name.clone()).collect();
        settled(&house, "parted-body", &names);
    }
    let names: Vec<String> = asks.into_iter().map(|(_, name, _)| name).collect();
    for (name, (opened, closed)) in settled(&house, "parted-body", &names) {
        let free = ["GetCallerIdentity", "GetSessionToken", "whoami"];
        let free = free.iter().any(|row| name.contains(row)) || name.contains("DeleteObjects");
        assert!(free || opened[0].verdict == Entrance::Refused, "{name}: {opened:?} {closed:?}");
    }
}

#[test]
fn a_client_that_leaves_amid_its_answer_leaves_one_entry_at_every_row() {
    let house = house();
    let asks = asks("parted-answer");
    let reads = |row: &str| table().iter().any(|one| key(one) == row && one.effect == Effect::Read);
    let mut allowed = 0;
    for some in asks.chunks(ABREAST) {
        for (row, _, ask) in some {
            // Whoever may do everything only reads here: other tests have the same server.
            let by = if reads(row) { &house.admin } else { &house.nobody };
            house.client.part(ask, By::Key(by), 0);
        }
        let names: Vec<String> = some.iter().map(|(_, name, _)| name.clone()).collect();
        settled(&house, "parted-answer", &names);
    }
    let names: Vec<String> = asks.into_iter().map(|(_, name, _)| name).collect();
    for (opened, _) in settled(&house, "parted-answer", &names).into_values() {
        allowed += usize::from(opened[0].verdict == Entrance::Allowed);
    }
    assert!(allowed > 20, "only {allowed} were let in");
}

#[test]
fn a_client_that_hangs_up_with_its_request_leaves_one_entry_at_every_row() {
    let house = house();
    for how in [HangUp::End, HangUp::Reset] {
        let called = format!("parted-with-{how:?}");
        let asks = asks(&called);
        for (_, _, ask) in &asks {
            house.client.hang_up(ask, By::Key(&house.nobody), how);
        }
        let names: Vec<String> = asks.into_iter().map(|(_, name, _)| name).collect();
        for (name, (opened, closed)) in settled(&house, &called, &names) {
            // Whoever asks may do nothing; what was decided before the end came is told as such.
            let ends = matches!(closed[0].outcome, Ending::Aborted | Ending::Done);
            assert!(ends && closed[0].bytes_out < 4096, "{name}: {opened:?} {closed:?}");
        }
    }
}

#[test]
fn a_body_that_is_not_the_signed_one_is_refused_with_one_entry_at_every_row() {
    let house = house();
    let asks = asks("parted-other");
    for (row, _, ask) in asks.iter().filter(|(_, _, ask)| ask.fields.is_empty()) {
        let (parts, _) =
            house.client.signed(ask, By::Key(&house.nobody), Payload::Whole(&ask.body));
        let other: Vec<u8> = ask.body.iter().map(|byte| byte ^ 1).chain([b'x']).collect();
        let answer = house.client.raw(&parts, &other, other.len());
        assert!((400..500).contains(&answer.status), "{row}: {answer:?}");
    }
    let told = asks.into_iter().filter(|(_, _, ask)| ask.fields.is_empty());
    let names: Vec<String> = told.map(|(_, name, _)| name).collect();
    for (name, (opened, closed)) in settled(&house, "parted-other", &names) {
        assert_eq!(opened[0].verdict, Entrance::Refused, "{name}");
        assert!((400..500).contains(&closed[0].status), "{name}: {closed:?}");
    }
}
