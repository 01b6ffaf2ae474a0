//! What NATS says, read.

use std::collections::BTreeMap;

use audit::{Delivery, SinkError, Undeliverable};
use serde::Deserialize;
use serde_json::Value;

use crate::sinks::heard::{Parsed, later};
use crate::sinks::message;

/// The longest line of the protocol: the server's first one.
pub(super) const LINE_BYTES_MAX: usize = 64 * 1024;
/// The longest message that we are sent.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;
/// What JetStream answers to a message longer than its stream takes (JSStreamMessageExceedsMax).
const TOO_LONG: u64 = 10_054;

/// What a server says.
#[derive(PartialEq, Eq, Debug)]
pub(in crate::sinks) enum Operation {
    Greeting {
        payload_bytes_max: usize,
    },
    Ping,
    Pong,
    Error(String),
    /// An answer to the message of that number.
    Message {
        number: usize,
        answer: Vec<u8>,
    },
    Other,
}

#[derive(Deserialize)]
struct Greeting {
    #[serde(default)]
    max_payload: usize,
}

/// Reads one operation.
pub(in crate::sinks) fn operation(bytes: &[u8]) -> Parsed<Operation> {
    let strange = || later("its answer is not of NATS");
    let Some(end) = memchr::memchr(b'\n', bytes) else {
        return if bytes.len() > LINE_BYTES_MAX { Err(strange()) } else { Ok(None) };
    };
    let after = end.saturating_add(1);
    let line = bytes.get(..end).unwrap_or_default();
    let line = std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line));
    let line = line.map_err(|_| strange())?;
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let said = match word {
        "PING" => Operation::Ping,
        "PONG" => Operation::Pong,
        "-ERR" => Operation::Error(rest.to_owned()),
        "+OK" => Operation::Other,
        "INFO" => {
            let read: Greeting = serde_json::from_str(rest).map_err(|_| strange())?;
            Operation::Greeting { payload_bytes_max: read.max_payload }
        }
        "MSG" | "HMSG" => return message_at(bytes, after, rest, word == "HMSG"),
        _ => return Err(strange()),
    };
    Ok(Some((said, after)))
}

/// `MSG subject sid [reply] length`, or `HMSG subject sid [reply] header-length length`.
fn message_at(bytes: &[u8], after: usize, line: &str, headed: bool) -> Parsed<Operation> {
    let strange = || later("its answer is not of NATS");
    let mut words = line.split_ascii_whitespace();
    let subject = words.next().ok_or_else(strange)?;
    let sent = subject.rsplit('.').next().and_then(|sent| sent.parse().ok());
    let sent = sent.ok_or_else(strange)?;
    let mut number = || words.next_back().and_then(|word| word.parse::<usize>().ok());
    let length = number().filter(|length| *length <= MESSAGE_BYTES_MAX).ok_or_else(strange)?;
    let header = if headed { number().ok_or_else(strange)? } else { 0 };
    let end = after.saturating_add(length);
    let Some(whole) = bytes.get(after..end) else { return Ok(None) };
    if bytes.len() < end.saturating_add(2) {
        return Ok(None);
    }
    let answer = whole.get(header..).ok_or_else(strange)?.to_vec();
    Ok(Some((Operation::Message { number: sent, answer }, end.saturating_add(2))))
}

/// Leaves that no stream has acknowledged yet, by the numbers of their messages. One that is
/// acknowledged twice, by two streams or late, is still one.
#[derive(Default)]
pub(in crate::sinks) struct Waited<'a> {
    open: BTreeMap<usize, &'a Delivery>,
    end: usize,
}

impl<'a> Waited<'a> {
    /// Expects an answer to a message; numbers only grow.
    pub(in crate::sinks) fn expect(&mut self, number: usize, delivery: &'a Delivery) {
        self.open.insert(number, delivery);
        self.end = number.saturating_add(1);
    }

    /// Whether there is nothing to wait for.
    pub(in crate::sinks) fn is_over(&self) -> bool {
        self.open.is_empty()
    }

    /// What the stream said to one message (docs.nats.io, JetStream wire API, publishing).
    pub(in crate::sinks) fn hear(
        &mut self,
        number: usize,
        answer: &[u8],
    ) -> Result<Option<Undeliverable>, SinkError> {
        if number >= self.end {
            return Err(later("it answers what was not sent"));
        }
        let Some(delivery) = self.open.get(&number) else { return Ok(None) };
        let index = delivery.index;
        let nobody = || later("no stream takes the subject");
        let answer: Value = serde_json::from_slice(answer).map_err(|_| nobody())?;
        // By their names: a struct would take a list for itself.
        let said = |error: &Value| {
            let said = error.get("description").and_then(Value::as_str);
            message::clipped(said.unwrap_or_default())
        };
        let dead = match answer.get("error").filter(|error| !error.is_null()) {
            None if answer.get("stream").is_some_and(Value::is_string) => None,
            None => return Err(nobody()),
            Some(error) if error.get("err_code").and_then(Value::as_u64) == Some(TOO_LONG) => {
                Some(Undeliverable { index, why: said(error) })
            }
            Some(error) => return Err(later(said(error))),
        };
        self.open.remove(&number);
        Ok(dead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinks::samples::leaf;

    #[test]
    fn operations_are_read_whole_or_not_yet() {
        let message = Operation::Message { number: 3, answer: b"{}".to_vec() };
        for (bytes, said) in [
            ("PING\r\n", Operation::Ping),
            ("-ERR 'no'\r\n", Operation::Error("'no'".to_owned())),
            ("INFO {\"max_payload\":5}\r\n", Operation::Greeting { payload_bytes_max: 5 }),
            ("MSG _INBOX.a.3 1 2\r\n{}\r\n", message),
            (
                "HMSG _INBOX.a.3 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n",
                Operation::Message { number: 3, answer: Vec::new() },
            ),
        ] {
            assert_eq!(operation(bytes.as_bytes()), Ok(Some((said, bytes.len()))), "{bytes}");
            for cut in 0..bytes.len() {
                assert_eq!(operation(&bytes.as_bytes()[..cut]), Ok(None), "{bytes} at {cut}");
            }
        }
        for strange in
            ["HTTP/1.1 400\r\n", "MSG a 1 2\r\n", "MSG a.1 1 x\r\n", "HMSG a.1 1 9 2\r\n{}\r\n"]
        {
            assert!(operation(strange.as_bytes()).is_err(), "{strange}");
        }
    }

    #[test]
    fn a_stream_takes_a_leaf_even_twice_and_refuses_for_ever_only_what_is_too_long() {
        let leaf = leaf(7);
        let said = |text: &str| {
            let mut waited = Waited::default();
            waited.expect(0, &leaf);
            waited.hear(0, text.as_bytes())
        };
        assert_eq!(said(r#"{"stream":"S","seq":1}"#), Ok(None));
        assert_eq!(said(r#"{"stream":"S","seq":1,"duplicate":true}"#), Ok(None));
        let long =
            r#"{"error":{"code":400,"err_code":10054,"description":"too long"},"stream":"S"}"#;
        assert_eq!(said(long).unwrap().unwrap().index, 7);
        for later in
            ["", "{}", "[\"S\"]", r#"{"error":{"err_code":10077,"description":"maximum bytes"}}"#]
        {
            assert!(matches!(said(later), Err(SinkError::Later { .. })), "{later}");
        }
    }

    #[test]
    fn an_answer_that_comes_twice_stands_for_no_other() {
        let (taken, leaves) = (br#"{"stream":"S","seq":1}"#, [leaf(7), leaf(8)]);
        let mut waited = Waited::default();
        waited.expect(4, &leaves[0]);
        waited.expect(5, &leaves[1]);
        for late_or_twice in [3, 5, 5] {
            assert_eq!(waited.hear(late_or_twice, taken), Ok(None));
            assert!(!waited.is_over());
        }
        assert!(waited.hear(6, taken).is_err(), "it was not sent");
        assert_eq!(waited.hear(4, taken), Ok(None));
        assert!(waited.is_over());
    }
}
