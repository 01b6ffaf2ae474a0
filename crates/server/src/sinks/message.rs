//! What is sent to each kind of receiver, and what its answers mean. No network here.

use audit::{Delivery, SinkError, Undeliverable};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Most letters kept of what a receiver says.
const SAID_CHARACTERS_MAX: usize = 300;

/// A leaf with its place and id, one line. A leaf that is JSON goes in as it stands.
pub(super) fn line(delivery: &Delivery) -> Vec<u8> {
    #[derive(Serialize)]
    struct Line<'a> {
        index: u64,
        id: &'a str,
        leaf: &'a RawValue,
    }
    let made = raw(delivery).and_then(|leaf| {
        let line = Line { index: delivery.index, id: &delivery.id, leaf };
        serde_json::to_vec(&line).ok()
    });
    made.unwrap_or_else(|| {
        let leaf = leaf(delivery);
        let line = json!({ "index": delivery.index, "id": delivery.id, "leaf": leaf });
        line.to_string().into_bytes()
    })
}

/// The leaf as it stands, if it is JSON on one line.
fn raw(delivery: &Delivery) -> Option<&RawValue> {
    let one_line = !delivery.leaf.contains(&b'\n');
    one_line.then(|| serde_json::from_slice(&delivery.leaf).ok()).flatten()
}

/// The leaf as it is sent by itself: one line of JSON.
pub(super) fn leaf_text(delivery: &Delivery) -> Vec<u8> {
    raw(delivery).map_or_else(
        || leaf(delivery).to_string().into_bytes(),
        |leaf| leaf.get().as_bytes().to_vec(),
    )
}

/// The leaf as JSON; as text, if it is none.
fn leaf(delivery: &Delivery) -> Value {
    serde_json::from_slice(&delivery.leaf)
        .unwrap_or_else(|_| String::from_utf8_lossy(&delivery.leaf).into_owned().into())
}

/// When the leaf says that it happened.
pub(super) fn time(delivery: &Delivery) -> Option<names::Timestamp> {
    #[derive(Deserialize)]
    struct Timed {
        #[serde(alias = "@timestamp", alias = "eventTime")]
        time: Value,
    }
    match serde_json::from_slice::<Timed>(&delivery.leaf).map(|timed| timed.time) {
        Ok(Value::String(text)) => text.parse().ok(),
        // OCSF has milliseconds.
        Ok(Value::Number(number)) => names::Timestamp::from_millis(number.as_i64()?).ok(),
        Ok(_) | Err(_) => drawn(delivery),
    }
}

/// When the id of an entry was drawn: what goes on with a long leaf (`continued`) says no time.
fn drawn(delivery: &Delivery) -> Option<names::Timestamp> {
    let (id, _) = delivery.id.split_once('-')?;
    let id: names::RequestId = id.parse().ok()?;
    names::Timestamp::from_millis(i64::try_from(id.milliseconds()).ok()?).ok()
}

/// A word of the leaf, by its name.
pub(super) fn word(delivery: &Delivery, name: &str) -> Option<String> {
    leaf(delivery).get(name).and_then(Value::as_str).map(str::to_owned)
}

/// A webhook's body: all leaves of the batch.
pub(super) fn webhook(batch: &[Delivery]) -> Vec<u8> {
    let lines: Vec<Box<RawValue>> = batch
        .iter()
        .filter_map(|delivery| String::from_utf8(line(delivery)).ok())
        .filter_map(|line| RawValue::from_string(line).ok())
        .collect();
    json!({ "log": audit::JOURNAL_ORIGIN, "leaves": lines }).to_string().into_bytes()
}

/// A webhook's signature header: the time, and HMAC-SHA256 over time, full stop and body. A
/// receiver refuses one whose time is long past.
pub(super) fn signature(secret: &[u8], seconds: i64, body: &[u8]) -> String {
    let mut signed = format!("{seconds}.").into_bytes();
    signed.extend_from_slice(body);
    let tag = sign(&Key::new(HMAC_SHA256, secret), &signed);
    format!("t={seconds},v1={}", hex::encode(tag.as_ref()))
}

/// The body of `_bulk`: `create`, so that what comes twice is refused by its id, and data streams
/// take it.
pub(super) fn bulk(index: &str, batch: &[Delivery]) -> Vec<u8> {
    let mut body = Vec::new();
    for delivery in batch {
        let action = json!({ "create": { "_index": index, "_id": delivery.id } });
        let mut document = leaf(delivery);
        if let Some(members) = document.as_object_mut() {
            // What is told in the words of a schema has its index there.
            if members.contains_key("entry") {
                members.insert("index".to_owned(), delivery.index.into());
            }
            if let Some(time) = time(delivery) {
                members.entry("@timestamp").or_insert_with(|| time.to_string().into());
            }
        }
        for value in [action, document] {
            body.extend_from_slice(value.to_string().as_bytes());
            body.push(b'\n');
        }
    }
    body
}

/// What `_bulk` answered: each document has a status of its own.
pub(super) fn bulk_answer(
    batch: &[Delivery],
    body: &[u8],
) -> Result<Vec<Undeliverable>, SinkError> {
    let later = |why: String| SinkError::Later { why };
    let answer: Value = serde_json::from_slice(body)
        .map_err(|error| later(format!("the answer of _bulk cannot be read: {error}")))?;
    // By their names: a struct would take a list for itself.
    let items = answer.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if items.len() != batch.len() {
        return Err(later(format!("_bulk answered for {} leaves", items.len())));
    }
    let mut dead = Vec::new();
    for (delivery, item) in batch.iter().zip(items) {
        let outcome = item.get("create");
        let status = outcome.and_then(|outcome| outcome.get("status")).and_then(Value::as_u64);
        let error = outcome.and_then(|outcome| outcome.get("error"));
        let said = || clipped(&error.unwrap_or(&Value::Null).to_string());
        match status {
            // 409: it is there already, from an earlier time.
            Some(200..=299 | 409) => {}
            Some(400) => dead.push(Undeliverable { index: delivery.index, why: said() }),
            Some(status) => return Err(later(format!("_bulk answered {status}: {}", said()))),
            None => return Err(later("_bulk does not say what became of a leaf".to_owned())),
        }
    }
    Ok(dead)
}

/// The body for Splunk's event collector: events one after the other.
pub(super) fn splunk(batch: &[Delivery]) -> Vec<u8> {
    let mut body = Vec::new();
    for delivery in batch {
        let leaf = leaf(delivery);
        let time = time(delivery);
        let mut event = json!({
            "source": "strongroom",
            "sourcetype": "strongroom:audit",
            "event": leaf,
            "fields": { "leaf_index": delivery.index, "leaf_id": delivery.id },
        });
        if let (Some(time), Some(members)) = (time, event.as_object_mut()) {
            let millis = time.millis();
            let seconds = format!("{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000));
            members.insert("time".to_owned(), seconds.into());
        }
        body.extend_from_slice(event.to_string().as_bytes());
    }
    body
}

/// The number under which Splunk says later whether it has indexed the batch.
pub(super) fn splunk_ack(body: &[u8]) -> Result<u64, SinkError> {
    let answer = serde_json::from_slice::<Value>(body).ok();
    let why = "the token has no acknowledgement: switch it on, or set confirm = \"received\"";
    let ack = answer.and_then(|answer| answer.get("ackId")?.as_u64());
    ack.ok_or_else(|| SinkError::Later { why: why.to_owned() })
}

/// Whether it has.
pub(super) fn splunk_indexed(ack: u64, body: &[u8]) -> bool {
    let answer = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let acks = answer.get("acks").and_then(|acks| acks.get(ack.to_string()));
    acks == Some(&Value::Bool(true))
}

/// What a status means, where it speaks for the whole batch.
pub(super) fn status(status: u16, body: &[u8]) -> Result<(), SinkError> {
    let said = clipped(&String::from_utf8_lossy(body));
    let why = format!("it answered {status}: {said}");
    match status {
        200..=299 => Ok(()),
        // The batch, not the receiver, is at fault.
        400 | 413 | 422 => Err(SinkError::Refused { why }),
        _ => Err(SinkError::Later { why }),
    }
}

/// What a receiver says, short and on one line.
pub(super) fn clipped(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(SAID_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinks::samples::leaf;

    fn batch() -> Vec<Delivery> {
        vec![leaf(7), leaf(8)]
    }

    #[test]
    fn a_line_is_one_whatever_the_leaf_is() {
        for (leaf, read) in [
            ("{\"a\": 1}", json!({"a": 1})),
            ("{\"a\":\n1}", json!({"a": 1})),
            ("no\nJSON", json!("no\nJSON")),
            ("", json!("")),
        ] {
            let delivery = Delivery { index: 7, id: "x".to_owned(), leaf: leaf.into() };
            let text = String::from_utf8(line(&delivery)).unwrap();
            assert!(!text.contains('\n'), "{text}");
            let line: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(line, json!({"index": 7, "id": "x", "leaf": read}));
            assert!(!leaf_text(&delivery).contains(&b'\n'));
        }
    }

    #[test]
    fn bulk_creates_each_leaf_under_its_id() {
        let text = String::from_utf8(bulk("audit", &batch())).unwrap();
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[2], json!({"create": {"_index": "audit", "_id": "01ID-8"}}));
        assert_eq!(lines[3]["@timestamp"], "2026-01-02T03:04:05.678Z");
        assert_eq!(lines[3]["index"], 8);
    }

    /// A data stream of OpenSearch refuses what has no `@timestamp`.
    #[test]
    fn every_leaf_has_a_time_where_it_is_asked_for_one() {
        let now: names::Timestamp = "2026-01-02T03:04:05.678Z".parse().unwrap();
        let id = names::RequestId::from_parts(u64::try_from(now.millis()).unwrap(), [7; 10]);
        let leaf = json!({"v": 1, "entry": "continued", "id": id, "of": "opened", "part": 1});
        let part = Delivery { index: 9, id: format!("{id}-9"), leaf: leaf.to_string().into() };
        for delivery in [part, super::super::test_leaf(now)] {
            let text = String::from_utf8(bulk("audit", &[delivery])).unwrap();
            let document: Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
            assert_eq!(document["@timestamp"], "2026-01-02T03:04:05.678Z");
        }
        let nameless = Delivery { index: 9, id: "other".to_owned(), leaf: b"{}".to_vec() };
        assert_eq!(time(&nameless), None);
    }

    #[test]
    fn what_is_there_already_is_delivered_and_what_does_not_fit_the_index_is_dead() {
        let answer = |one: u16, other: u16| {
            let item = |status| json!({"create": {"status": status, "error": {"type": "x"}}});
            json!({"errors": true, "items": [item(one), item(other)]}).to_string()
        };
        let outcome = |one, other| bulk_answer(&batch(), answer(one, other).as_bytes());
        assert_eq!(outcome(201, 409), Ok(Vec::new()));
        let dead = outcome(400, 201).unwrap();
        assert_eq!((dead.len(), dead[0].index), (1, 7));
        assert!(matches!(outcome(201, 429), Err(SinkError::Later { .. })));
        assert!(matches!(outcome(201, 503), Err(SinkError::Later { .. })));
        assert!(bulk_answer(&batch(), br#"[[[[201]],[[201]]]]"#).is_err());
        assert!(bulk_answer(&batch(), br#"{"items":[[[201]],[[201]]]}"#).is_err());
        assert!(matches!(bulk_answer(&batch(), b"{}"), Err(SinkError::Later { .. })));
        assert!(matches!(bulk_answer(&batch(), b"<html>"), Err(SinkError::Later { .. })));
    }

    #[test]
    fn splunk_gets_the_time_of_the_event_and_its_id() {
        let text = String::from_utf8(splunk(&batch())).unwrap();
        let mut events = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        let first = events.next().unwrap().unwrap();
        assert_eq!(first["time"], "1767323045.678");
        assert_eq!(first["fields"]["leaf_id"], "01ID-7");
        assert_eq!(events.count(), 1);
    }

    #[test]
    fn splunk_has_indexed_what_it_says_so_of_and_nothing_else() {
        assert_eq!(splunk_ack(br#"{"text":"Success","code":0,"ackId":3}"#), Ok(3));
        assert!(splunk_ack(br#"{"text":"Success","code":0}"#).is_err());
        assert!(splunk_ack(b"[3]").is_err(), "a list says nothing by its order");
        assert!(splunk_indexed(3, br#"{"acks":{"3":true}}"#));
        for not in
            [r#"{"acks":{"3":false}}"#, r#"{"acks":{"4":true}}"#, "{}", "x", "[1,{\"3\":true}]"]
        {
            assert!(!splunk_indexed(3, not.as_bytes()), "{not}");
        }
    }

    #[test]
    fn a_webhook_is_signed_over_its_time_and_body() {
        // RFC 4231 §4.3 has the same key and algorithm for another text.
        let body = webhook(&batch());
        let read: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(read["leaves"][1]["leaf"]["entry"], "opened");
        let made = signature(b"Jefe", 12, &body);
        assert!(made.starts_with("t=12,v1="), "{made}");
        assert_ne!(made, signature(b"Jefe", 13, &body).replace("t=13", "t=12"));
        assert_ne!(made, signature(b"Jeff", 12, &body));
    }

    #[test]
    fn a_status_tells_a_bad_batch_from_a_receiver_that_is_away() {
        assert_eq!(status(200, b""), Ok(()));
        for refused in [400, 413, 422] {
            assert!(matches!(status(refused, b"x"), Err(SinkError::Refused { .. })));
        }
        for later in [301, 401, 403, 404, 408, 429, 500, 503] {
            assert!(matches!(status(later, b"x"), Err(SinkError::Later { .. })), "{later}");
        }
    }
}
