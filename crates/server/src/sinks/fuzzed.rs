//! What any bytes of a receiver may do to the readers of its answers, for their fuzz target and for
//! the replay of that target's corpus: nothing is read of half an answer, and nothing counts as
//! delivered that the receiver did not say so of.

use std::collections::BTreeSet;
use std::fmt::Debug;

use audit::Delivery;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::sinks::amqp::frames::{self, Said};
use crate::sinks::heard::Parsed;
use crate::sinks::kafka::reply as kafka;
use crate::sinks::kafka::scram::{Digest, Scram};
use crate::sinks::mqtt::packet::{self, Packet};
use crate::sinks::nats::operation::{self, Operation};
use crate::sinks::redis::reply::reply;
use crate::sinks::{message, otlp};

/// Cuts of an answer that are tried.
const CUTS_MAX: usize = 64;
/// Digits of the rounds that a challenge may ask for here: each takes its time.
const ROUNDS_DIGITS_MAX: usize = 4;

/// Reads what a receiver says: the first letter is the protocol's, the rest are its words.
pub(crate) fn replies(bytes: &[u8]) {
    let Some((kind, said)) = bytes.split_first() else { return };
    match kind {
        b'r' => drop(each(said, reply)),
        b'n' => nats(said),
        b'm' => mqtt(said),
        b'a' => amqp(said),
        b'k' => brokers(said),
        b's' => scram(said),
        b'b' => bulk(said),
        b'h' => splunk(said),
        b'o' => collector(said),
        _ => {}
    }
}

/// Reads answers one after the other. What is read is read of its own bytes alone, whatever comes
/// after them, and not of fewer.
fn each<T: PartialEq + Debug>(mut said: &[u8], parse: impl Fn(&[u8]) -> Parsed<T>) -> Vec<T> {
    let mut all = Vec::new();
    while let Ok(Some((answer, length))) = parse(said) {
        assert!((1..=said.len()).contains(&length), "{length} of {}", said.len());
        let (own, rest) = said.split_at(length);
        for cut in (0..length).rev().take(CUTS_MAX).chain(0..length.min(CUTS_MAX)) {
            let half = parse(&own[..cut]);
            assert!(!matches!(half, Ok(Some(_))), "{half:?} of {cut} bytes of {length}");
        }
        assert_eq!(parse(own).as_ref().ok().and_then(Option::as_ref), Some(&(answer, length)));
        all.extend(parse(own).ok().flatten().map(|(answer, _)| answer));
        said = rest;
    }
    all
}

fn leaves() -> [Delivery; 3] {
    [1, 2, 3].map(|index| Delivery { index, id: format!("01ID-{index}"), leaf: b"{}".to_vec() })
}

fn nats(said: &[u8]) {
    let leaves = leaves();
    let mut waited = operation::Waited::default();
    (1..).zip(&leaves).for_each(|(number, leaf)| waited.expect(number, leaf));
    let (mut taken, mut dead) = (BTreeSet::new(), 0);
    for said in each(said, operation::operation) {
        let Operation::Message { number, answer } = said else { continue };
        let Ok(outcome) = waited.hear(number, &answer) else { return };
        dead += usize::from(outcome.is_some());
        if let Ok(read) = serde_json::from_slice::<Value>(&answer)
            && (read["stream"].is_string() || read["error"].is_object())
        {
            taken.insert(number);
        }
        if waited.is_over() {
            assert!(taken.is_superset(&BTreeSet::from([1, 2, 3])), "{taken:?}");
            assert!(dead <= 3);
            return;
        }
    }
}

fn mqtt(said: &[u8]) {
    let mut waited = packet::Waited(vec![(1, 1), (2, 2), (3, 3)]);
    let (mut taken, mut dead) = (BTreeSet::new(), 0);
    for said in each(said, packet::packet) {
        let Ok(outcome) = waited.hear(said) else { return };
        dead += usize::from(outcome.is_some());
        if let Packet::Taken { number, reason } = said {
            assert!(outcome.is_some() || reason == 0, "reason {reason:#04x} is no yes");
            taken.insert(number);
        }
        if waited.0.is_empty() {
            assert_eq!(taken, BTreeSet::from([1, 2, 3]));
            assert!(dead <= 3);
            return;
        }
    }
}

fn amqp(said: &[u8]) {
    let mut waited = BTreeSet::from([1, 2, 3]);
    let mut acknowledged = Vec::new();
    for said in each(said, frames::frame) {
        if let Said::Ack { tag, multiple } = said {
            acknowledged.push((tag, multiple));
        }
        if let Said::Method(_, rest) = &said {
            frames::tuned(rest);
        }
        let no = matches!(said, Said::Nack | Said::Returned(_) | Said::Closed(_));
        assert_eq!(frames::hear(&mut waited, said).is_err(), no);
        if no {
            return;
        }
        if waited.is_empty() {
            let covered = |one: u64| {
                acknowledged.iter().any(|(tag, all)| *tag == one || (*all && *tag > one))
            };
            assert!((1..=3).all(covered), "{acknowledged:?}");
            return;
        }
    }
}

fn brokers(said: &[u8]) {
    for (_, answer) in each(said, kafka::frame) {
        let _ = kafka::leader(&answer, "audit", 0);
        if kafka::produced(&answer, "audit", 0).is_ok() {
            // The topic, and after the count of partitions ours with no error.
            let ours = b"\0\x05audit";
            assert!(answer.windows(ours.len()).any(|part| part == ours));
            assert!(answer.windows(6).any(|part| part == [0; 6]));
        }
    }
}

/// A challenge, a line feed, and the last word: nobody knows the password.
fn scram(said: &[u8]) {
    let at = said.iter().position(|byte| *byte == b'\n').unwrap_or(said.len());
    let (challenge, last) = said.split_at(at);
    let text = String::from_utf8_lossy(challenge);
    let rounds = text.split(',').find_map(|part| part.strip_prefix("i="));
    if rounds.is_some_and(|rounds| rounds.len() > ROUNDS_DIGITS_MAX) {
        return;
    }
    let password = Zeroizing::new("pencil".to_owned());
    for digest in [Digest::Sha256, Digest::Sha512] {
        let scram = Scram::new(digest, "user", &password, &[0; 18]);
        if let Ok((proof, theirs)) = scram.last(challenge) {
            assert!(proof.starts_with("c=biws,r=AAAAAAAAAAAAAAAAAAAAAAAA"), "{proof}");
            assert!(theirs.verify(last.get(1..).unwrap_or_default()).is_err());
        }
    }
}

/// An answer of `_bulk` to three leaves.
fn bulk(said: &[u8]) {
    let leaves = leaves();
    let Ok(dead) = message::bulk_answer(&leaves, said) else { return };
    let Ok(read) = serde_json::from_slice::<Value>(said) else { return };
    for (place, leaf) in leaves.iter().enumerate() {
        let put_aside = dead.iter().any(|dead| dead.index == leaf.index);
        let fine = if put_aside { &[400..=400][..] } else { &[200..=299, 409..=409] };
        let status = read["items"][place]["create"]["status"].as_u64();
        let one_of = |status| fine.iter().any(|range| range.contains(&status));
        assert!(status.is_some_and(one_of), "{status:?}");
    }
}

fn splunk(said: &[u8]) {
    let _ = message::status(u16::from(said.first().copied().unwrap_or(0)), said);
    let read = serde_json::from_slice::<Value>(said);
    if let (Ok(ack), Ok(read)) = (message::splunk_ack(said), &read) {
        assert_eq!(read["ackId"].as_u64(), Some(ack));
    }
    if let (true, Ok(read)) = (message::splunk_indexed(3, said), &read) {
        assert_eq!(read["acks"]["3"], true);
    }
}

/// What an OTLP collector says.
fn collector(said: &[u8]) {
    if otlp::answer(said).is_err() {
        return;
    }
    let Ok(read) = serde_json::from_slice::<Value>(said) else { return };
    let rejected = &read["partialSuccess"]["rejectedLogRecords"];
    assert!(rejected.is_null() || *rejected == 0 || *rejected == "0", "{rejected}");
}

#[cfg(test)]
#[test]
fn no_receiver_says_by_chance_that_it_has_what_it_has_not() {
    testkit::corpus::replay("sink_replies", b"rnmaksbho\0\x01\x02\xce\r\n,:{}\"012", replies)
        .unwrap();
}
