//! NATS JetStream: a message a leaf, each with its id in `Nats-Msg-Id`, by which a stream knows one
//! that comes twice; delivered when the stream has acknowledged it
//! (docs.nats.io/reference/reference-protocols/nats-protocol).

use std::ops::ControlFlow;
use std::path::PathBuf;

use audit::{Delivery, Random as _, SinkError, Undeliverable};
use serde::Deserialize;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use crate::clock::SystemRandom;
use crate::sinks::line::{Delivered, Line, Parsed, Protocol, broken, later};
use crate::sinks::message;
use crate::sinks::place::{Place, Trust, Words};
use crate::sinks::settings::{SinkConfigError, read};

/// What addresses look like.
const WORDS: Words = Words { open: ("nats", 4222), sealed: ("tls", 4222) };
/// The longest line of the protocol: the server's first one.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// The longest message that we are sent.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;
/// What JetStream answers to a message longer than its stream takes (JSStreamMessageExceedsMax).
const TOO_LONG: u64 = 10_054;

/// A subject that a stream of JetStream takes.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct NatsSettings {
    /// `tls://host:4222`, or `nats://` of this machine.
    url: String,
    /// What leaves are published to.
    subject: String,
    /// A user; without one the secret is a token.
    #[serde(default)]
    user: Option<String>,
    /// Its password, or the token.
    #[serde(default)]
    secret_file: Option<PathBuf>,
}

/// What speaks to NATS.
pub(super) struct Nats {
    place: Place,
    subject: String,
    user: Option<String>,
    secret: Option<Zeroizing<String>>,
}

/// An open line, and where answers come.
pub(super) struct Link {
    line: Line,
    inbox: String,
    payload_bytes_max: usize,
}

impl Nats {
    pub(super) fn new(settings: &NatsSettings, trust: &Trust) -> Result<Self, SinkConfigError> {
        let place = Place::new(&settings.url, WORDS, trust)?;
        let subject = settings.subject.clone();
        let letter = |byte: u8| byte.is_ascii_graphic() && !b"*>".contains(&byte);
        if subject.is_empty() || !subject.bytes().all(letter) {
            return Err(SinkConfigError::Word { setting: "subject", word: subject });
        }
        let secret = settings.secret_file.as_deref().map(read).transpose()?;
        Ok(Self { place, subject, user: settings.user.clone(), secret })
    }

    /// Who we are, and that we want to be told of what nobody takes.
    fn greeting(&self, inbox: &str) -> Zeroizing<Vec<u8>> {
        let mut connect = json!({
            "verbose": false, "pedantic": false, "tls_required": false, "headers": true,
            "no_responders": true, "protocol": 1, "lang": "rust", "name": "strongroom",
            "version": env!("CARGO_PKG_VERSION"),
        });
        if let (Some(secret), Some(members)) = (&self.secret, connect.as_object_mut()) {
            let word = if self.user.is_some() { "pass" } else { "auth_token" };
            members.insert(word.to_owned(), secret.as_str().into());
        }
        if let (Some(user), Some(members)) = (&self.user, connect.as_object_mut()) {
            members.insert("user".to_owned(), user.as_str().into());
        }
        Zeroizing::new(format!("CONNECT {connect}\r\nSUB {inbox}.* 1\r\nPING\r\n").into_bytes())
    }

    /// The messages of a batch; answers to each come under its place in the batch.
    fn messages(&self, link: &Link, batch: &[Delivery]) -> (Vec<u8>, Vec<Undeliverable>) {
        let (mut bytes, mut dead) = (Vec::new(), Vec::new());
        for (place, delivery) in batch.iter().enumerate() {
            let body = message::line(delivery);
            let head = format!("NATS/1.0\r\nNats-Msg-Id: {}\r\n\r\n", delivery.id);
            let length = head.len().saturating_add(body.len());
            if length > link.payload_bytes_max {
                let why = format!("{length} bytes are more than the server's max_payload");
                dead.push(Undeliverable { index: delivery.index, why });
                continue;
            }
            let (subject, inbox, header) = (&self.subject, &link.inbox, head.len());
            let line = format!("HPUB {subject} {inbox}.{place} {header} {length}\r\n{head}");
            bytes.extend_from_slice(line.as_bytes());
            bytes.extend_from_slice(&body);
            bytes.extend_from_slice(b"\r\n");
        }
        (bytes, dead)
    }
}

impl Protocol for Nats {
    type Link = Link;

    async fn dial(&self) -> Result<Link, SinkError> {
        let mut first = None;
        let ask = async |stream: &mut TcpStream| {
            first = Some(first_line(stream).await?);
            Ok(())
        };
        let mut line = self.place.dial_asking(ask).await?;
        let said = match first {
            Some(said) => operation(&said)?.map(|(said, _)| said),
            None => Some(line.answer(operation).await?),
        };
        let Some(Operation::Greeting { payload_bytes_max }) = said else {
            return Err(later("it does not greet as NATS does"));
        };
        let mut random = [0; 16];
        SystemRandom.fill(&mut random);
        let inbox = format!("_INBOX.{}", hex::encode(random));
        let hear = |said| match said {
            Operation::Pong => Ok(ControlFlow::Break(())),
            Operation::Error(why) => Err(later(message::clipped(&why))),
            _ => Ok(ControlFlow::Continue(())),
        };
        line.exchange(&self.greeting(&inbox), operation, hear).await?;
        Ok(Link { line, inbox, payload_bytes_max })
    }

    async fn deliver(&self, mut link: Link, batch: &[Delivery]) -> Delivered<Link> {
        let (bytes, mut dead) = self.messages(&link, batch);
        let mut waited = batch.len().saturating_sub(dead.len());
        let mut pinged = false;
        let hear = |said| {
            match said {
                Operation::Message { place, answer } => {
                    dead.extend(heard(batch, place, &answer)?);
                    waited = waited.saturating_sub(1);
                }
                Operation::Error(why) => return Err(later(message::clipped(&why))),
                Operation::Ping => pinged = true,
                Operation::Pong | Operation::Greeting { .. } | Operation::Other => {}
            }
            Ok(if waited == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        if !bytes.is_empty() {
            link.line.exchange(&bytes, operation, hear).await?;
        }
        if pinged {
            link.line.send(b"PONG\r\n").await?;
        }
        Ok((dead, Some(link)))
    }
}

/// The server's first line, in the open; it says nothing more before we do.
async fn first_line(stream: &mut TcpStream) -> Result<Vec<u8>, SinkError> {
    let mut line = Vec::new();
    while line.len() < LINE_BYTES_MAX {
        line.push(stream.read_u8().await.map_err(broken)?);
        if line.ends_with(b"\r\n") {
            return Ok(line);
        }
    }
    Err(later("its greeting is too long"))
}

/// What the stream said to one message.
fn heard(
    batch: &[Delivery],
    place: usize,
    answer: &[u8],
) -> Result<Option<Undeliverable>, SinkError> {
    let delivery = batch.get(place).ok_or_else(|| later("it answers what was not sent"))?;
    let answer: Answer =
        serde_json::from_slice(answer).map_err(|_| later("no stream takes the subject"))?;
    match answer.error {
        None if answer.stream.is_some() => Ok(None),
        None => Err(later("no stream takes the subject")),
        Some(error) if error.err_code == TOO_LONG => {
            let why = message::clipped(&error.description);
            Ok(Some(Undeliverable { index: delivery.index, why }))
        }
        Some(error) => Err(later(message::clipped(&error.description))),
    }
}

/// A stream's answer (docs.nats.io, JetStream wire API, publishing).
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    stream: Option<String>,
    #[serde(default)]
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

/// What a server says.
#[derive(PartialEq, Eq, Debug)]
enum Operation {
    Greeting {
        payload_bytes_max: usize,
    },
    Ping,
    Pong,
    Error(String),
    /// An answer to the message at that place of the batch.
    Message {
        place: usize,
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
fn operation(bytes: &[u8]) -> Parsed<Operation> {
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
    let place = subject.rsplit('.').next().and_then(|place| place.parse().ok());
    let place = place.ok_or_else(strange)?;
    let mut number = || words.next_back().and_then(|word| word.parse::<usize>().ok());
    let length = number().filter(|length| *length <= MESSAGE_BYTES_MAX).ok_or_else(strange)?;
    let header = if headed { number().ok_or_else(strange)? } else { 0 };
    let end = after.saturating_add(length);
    let Some(whole) = bytes.get(after..end) else { return Ok(None) };
    if bytes.len() < end.saturating_add(2) {
        return Ok(None);
    }
    let answer = whole.get(header..).ok_or_else(strange)?.to_vec();
    Ok(Some((Operation::Message { place, answer }, end.saturating_add(2))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinks::samples::leaf;

    fn nats() -> Nats {
        let settings = "url = \"nats://127.0.0.1\"\nsubject = \"audit.one\"";
        Nats::new(&toml::from_str(settings).unwrap(), &Trust::default()).unwrap()
    }

    #[test]
    fn each_leaf_carries_its_id_and_says_where_to_answer() {
        let (ours, _theirs) = tokio::io::duplex(64);
        let line = Line::over(ours);
        let link = Link { line, inbox: "_INBOX.a".to_owned(), payload_bytes_max: 170 };
        let (bytes, dead) = nats().messages(&link, &[leaf(7)]);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with("HPUB audit.one _INBOX.a.0 33 "), "{text}");
        assert!(text.contains("\r\nNATS/1.0\r\nNats-Msg-Id: 01ID-7\r\n\r\n{"), "{text}");
        assert!(dead.is_empty());
        let link = Link { payload_bytes_max: 60, ..link };
        assert_eq!(nats().messages(&link, &[leaf(7)]).1[0].index, 7);
    }

    #[test]
    fn operations_are_read_whole_or_not_yet() {
        let message = Operation::Message { place: 3, answer: b"{}".to_vec() };
        for (bytes, said) in [
            ("PING\r\n", Operation::Ping),
            ("-ERR 'no'\r\n", Operation::Error("'no'".to_owned())),
            ("INFO {\"max_payload\":5}\r\n", Operation::Greeting { payload_bytes_max: 5 }),
            ("MSG _INBOX.a.3 1 2\r\n{}\r\n", message),
            (
                "HMSG _INBOX.a.3 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n",
                Operation::Message { place: 3, answer: Vec::new() },
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
        let batch = [leaf(7)];
        let said = |text: &str| heard(&batch, 0, text.as_bytes());
        assert_eq!(said(r#"{"stream":"S","seq":1}"#), Ok(None));
        assert_eq!(said(r#"{"stream":"S","seq":1,"duplicate":true}"#), Ok(None));
        let long =
            r#"{"error":{"code":400,"err_code":10054,"description":"too long"},"stream":"S"}"#;
        assert_eq!(said(long).unwrap().unwrap().index, 7);
        for later in ["", "{}", r#"{"error":{"err_code":10077,"description":"maximum bytes"}}"#] {
            assert!(matches!(said(later), Err(SinkError::Later { .. })), "{later}");
        }
        assert!(heard(&batch, 1, b"{}").is_err());
    }

    #[test]
    fn a_subject_is_one_and_no_pattern() {
        for bad in ["", "a b", "a.*", "a.>"] {
            let settings = format!("url = \"nats://127.0.0.1\"\nsubject = \"{bad}\"");
            let settings = toml::from_str(&settings).unwrap();
            assert!(Nats::new(&settings, &Trust::default()).is_err(), "{bad}");
        }
    }
}
