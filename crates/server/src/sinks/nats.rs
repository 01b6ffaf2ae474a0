//! NATS JetStream: a message a leaf, each with its id in `Nats-Msg-Id`, by which a stream knows one
//! that comes twice; delivered when the stream has acknowledged it
//! (docs.nats.io/reference/reference-protocols/nats-protocol).

pub(super) mod operation;

use std::ops::ControlFlow;
use std::path::PathBuf;

use audit::{Delivery, Random as _, SinkError, Undeliverable};
use serde::Deserialize;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use crate::clock::SystemRandom;
use crate::sinks::heard::later;
use crate::sinks::line::{Delivered, Line, Protocol, broken};
use crate::sinks::message;
use crate::sinks::nats::operation::{LINE_BYTES_MAX, Operation, Waited, operation};
use crate::sinks::place::{Place, Trust, Words};
use crate::sinks::settings::{SinkConfigError, read};

/// What addresses look like.
const WORDS: Words = Words { open: ("nats", 4222), sealed: ("tls", 4222) };
/// The longest message that a server takes, if it is not set up otherwise.
const PAYLOAD_BYTES_USUAL: usize = 1024 * 1024;

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
    /// How many leaves were offered over it: an answer says to which it is.
    offered: usize,
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

    /// The messages of a batch, those that wait for an answer, and what is too long for one.
    fn messages<'a>(
        &self,
        link: &Link,
        batch: &'a [Delivery],
    ) -> (Vec<u8>, Waited<'a>, Vec<Undeliverable>) {
        let (mut bytes, mut dead) = (Vec::new(), Vec::new());
        let mut waited = Waited::default();
        for (number, delivery) in (link.offered..).zip(batch) {
            let body = message::line(delivery);
            let head = format!("NATS/1.0\r\nNats-Msg-Id: {}\r\n\r\n", delivery.id);
            let length = head.len().saturating_add(body.len());
            if length > link.payload_bytes_max {
                let why = format!("{length} bytes are more than the server's max_payload");
                dead.push(Undeliverable { index: delivery.index, why });
                continue;
            }
            let (subject, inbox, header) = (&self.subject, &link.inbox, head.len());
            let line = format!("HPUB {subject} {inbox}.{number} {header} {length}\r\n{head}");
            bytes.extend_from_slice(line.as_bytes());
            bytes.extend_from_slice(&body);
            bytes.extend_from_slice(b"\r\n");
            waited.expect(number, delivery);
        }
        (bytes, waited, dead)
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
        let sealed = first.is_some();
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
        let payload_bytes_max = believed(payload_bytes_max, sealed);
        Ok(Link { line, inbox, payload_bytes_max, offered: 0 })
    }

    async fn deliver(&self, mut link: Link, batch: &[Delivery]) -> Delivered<Link> {
        let (bytes, mut waited, mut dead) = self.messages(&link, batch);
        link.offered = link.offered.saturating_add(batch.len());
        let mut pinged = false;
        let hear = |said| {
            match said {
                Operation::Message { number, answer } => {
                    dead.extend(waited.hear(number, &answer)?);
                }
                Operation::Error(why) => return Err(later(message::clipped(&why))),
                Operation::Ping => pinged = true,
                Operation::Pong | Operation::Greeting { .. } | Operation::Other => {}
            }
            Ok(if waited.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
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

/// How long a message may be. What comes before TLS may be anybody's word: it puts no leaf aside
/// that a server usually takes.
fn believed(payload_bytes_max: usize, sealed: bool) -> usize {
    if sealed { payload_bytes_max.max(PAYLOAD_BYTES_USUAL) } else { payload_bytes_max }
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
        let link = Link { line, inbox: "_INBOX.a".to_owned(), payload_bytes_max: 170, offered: 5 };
        let batch = [leaf(7)];
        let (bytes, waited, dead) = nats().messages(&link, &batch);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with("HPUB audit.one _INBOX.a.5 33 "), "{text}");
        assert!(text.contains("\r\nNATS/1.0\r\nNats-Msg-Id: 01ID-7\r\n\r\n{"), "{text}");
        assert!(dead.is_empty() && !waited.is_over());
        let link = Link { payload_bytes_max: 60, ..link };
        assert_eq!(nats().messages(&link, &[leaf(7)]).2[0].index, 7);
    }

    #[test]
    fn nobody_on_the_way_has_leaves_put_aside_as_too_long() {
        assert_eq!(believed(1, true), PAYLOAD_BYTES_USUAL);
        assert_eq!(believed(PAYLOAD_BYTES_USUAL + 1, true), PAYLOAD_BYTES_USUAL + 1);
        assert_eq!(believed(1, false), 1);
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
