//! Syslog: RFC 5424 messages, octet-counted (RFC 6587 §3.4.1) over TCP, or over TLS (RFC 5425).
//!
//! Syslog has no answers. What comes closest to one: after a batch the line is closed in order, and
//! the batch is delivered when the receiver has closed its side too. Had it left anything unread,
//! the line would have been reset. rsyslog closes TLS without a sealed farewell, so that whoever
//! can forge packets on the way can close in its place; `confirm = "farewell"` wants it sealed.

use audit::{Delivery, SinkError, Undeliverable};
use serde::Deserialize;

use crate::sinks::heard::later;
use crate::sinks::line::{Delivered, Farewell, Line, Protocol};
use crate::sinks::message;
use crate::sinks::place::{Place, Trust, Words};
use crate::sinks::settings::SinkConfigError;

/// What addresses look like.
const WORDS: Words = Words { open: ("tcp", 601), sealed: ("tls", 6514) };
/// Facility 13, log audit (RFC 5424 §6.2.1).
const FACILITY: u8 = 13;
/// Severities: a refusal is a warning, all else a notice.
const WARNING: u8 = 4;
const NOTICE: u8 = 5;
/// The longest message, unless the settings say otherwise.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// The longest kind of message (RFC 5424 §6, MSGID).
const KIND_BYTES_MAX: usize = 32;
/// The longest name of a host (RFC 5424 §6).
const HOST_BYTES_MAX: usize = 255;

/// A collector of logs.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct SyslogSettings {
    /// `tls://host:6514`, or `tcp://` of this machine.
    url: String,
    /// What we say that we are called; else nothing.
    #[serde(default)]
    host: Option<String>,
    /// The longest message that the collector takes: a longer one is put aside.
    #[serde(default)]
    message_bytes_max: Option<usize>,
    /// How a batch is known to have arrived.
    #[serde(default)]
    confirm: Confirm,
}

/// How a batch is known to have arrived.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
enum Confirm {
    /// The collector closes the line after us.
    #[default]
    Close,
    /// It does, and over TLS says so: nobody on the way can say it instead.
    Farewell,
    /// It is not: sent is delivered.
    Sent,
}

/// What speaks syslog.
pub(super) struct Syslog {
    place: Place,
    host: String,
    message_bytes_max: usize,
    confirm: Confirm,
}

impl Syslog {
    pub(super) fn new(settings: &SyslogSettings, trust: &Trust) -> Result<Self, SinkConfigError> {
        let place = Place::new(&settings.url, WORDS, trust)?;
        let host = settings.host.clone().unwrap_or_else(|| "-".to_owned());
        let printed = host.bytes().all(|byte| byte.is_ascii_graphic());
        if host.is_empty() || host.len() > HOST_BYTES_MAX || !printed {
            return Err(SinkConfigError::Word { setting: "host", word: host });
        }
        let message_bytes_max = settings.message_bytes_max.unwrap_or(MESSAGE_BYTES_MAX);
        Ok(Self { place, host, message_bytes_max, confirm: settings.confirm })
    }

    /// The frames of a batch, and what is too long for one.
    fn frames(&self, batch: &[Delivery]) -> (Vec<u8>, Vec<Undeliverable>) {
        let (mut bytes, mut dead) = (Vec::new(), Vec::new());
        for delivery in batch {
            let text = text(delivery, &self.host);
            if text.len() > self.message_bytes_max {
                let why = format!("{} bytes are more than message_bytes_max", text.len());
                dead.push(Undeliverable { index: delivery.index, why });
                continue;
            }
            bytes.extend_from_slice(format!("{} ", text.len()).as_bytes());
            bytes.extend_from_slice(&text);
        }
        (bytes, dead)
    }
}

impl Protocol for Syslog {
    type Link = Line;

    async fn dial(&self) -> Result<Line, SinkError> {
        self.place.dial().await
    }

    async fn deliver(&self, mut line: Line, batch: &[Delivery]) -> Delivered<Line> {
        let (bytes, dead) = self.frames(batch);
        line.send(&bytes).await?;
        match self.confirm {
            Confirm::Sent => Ok((dead, Some(line))),
            Confirm::Close => {
                line.close().await?;
                Ok((dead, None))
            }
            Confirm::Farewell => match line.close().await? {
                Farewell::Said => Ok((dead, None)),
                Farewell::Unsaid => Err(later("it hung up without a farewell")),
            },
        }
    }
}

/// `PRI VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID SD MSG` (RFC 5424 §6): the message is the
/// leaf with its index and id.
fn text(delivery: &Delivery, host: &str) -> Vec<u8> {
    let glance = serde_json::from_slice::<Glance<'_>>(&delivery.leaf).unwrap_or_default();
    let severity = if glance.verdict == Some("refused") { WARNING } else { NOTICE };
    let priority = FACILITY.saturating_mul(8).saturating_add(severity);
    let kind = glance.entry.filter(|kind| (1..=KIND_BYTES_MAX).contains(&kind.len()));
    let word = |kind: &&str| kind.bytes().all(|byte| byte.is_ascii_graphic());
    let kind = kind.filter(word).unwrap_or("-");
    let time = glance.time.filter(|time| time.parse::<names::Timestamp>().is_ok()).unwrap_or("-");
    let mut text = format!("<{priority}>1 {time} {host} strongroom - {kind} - ").into_bytes();
    text.extend_from_slice(&message::line(delivery));
    text
}

/// What the header is made of.
#[derive(Deserialize, Default)]
struct Glance<'a> {
    #[serde(default, borrow)]
    entry: Option<&'a str>,
    #[serde(default, borrow)]
    time: Option<&'a str>,
    #[serde(default, borrow)]
    verdict: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    fn leaf(index: u64, verdict: &str) -> Delivery {
        let time = "2026-01-02T03:04:05.678Z";
        let leaf = format!(r#"{{"v":1,"entry":"opened","time":"{time}","verdict":"{verdict}"}}"#);
        Delivery { index, id: format!("01ID-{index}"), leaf: leaf.into_bytes() }
    }

    fn syslog(more: &str) -> Syslog {
        let settings = format!("url = \"tcp://127.0.0.1:1\"\n{more}");
        Syslog::new(&toml::from_str(&settings).unwrap(), &Trust::default()).unwrap()
    }

    #[test]
    fn each_message_is_counted_and_says_when_what_and_which() {
        let batch = [leaf(7, "refused"), leaf(8, "allowed")];
        let (bytes, dead) = syslog("host = \"store-1\"").frames(&batch);
        let text = String::from_utf8(bytes).unwrap();
        let (count, rest) = text.split_once(' ').unwrap();
        let (first, second) = rest.split_at(count.parse().unwrap());
        let head = "<108>1 2026-01-02T03:04:05.678Z store-1 strongroom - opened - ";
        let body: serde_json::Value =
            serde_json::from_str(first.strip_prefix(head).unwrap()).unwrap();
        assert_eq!((&body["index"], &body["id"]), (&7.into(), &"01ID-7".into()));
        assert_eq!(body["leaf"]["verdict"], "refused");
        assert!(second.contains("<109>1 "), "{second}");
        assert!(dead.is_empty());
    }

    #[test]
    fn a_leaf_that_is_none_cannot_forge_a_header() {
        let odd = Delivery { index: 1, id: "x".to_owned(), leaf: b"\"a\\n<1>1 b\"".to_vec() };
        let text = String::from_utf8(text(&odd, "-")).unwrap();
        assert!(text.starts_with("<109>1 - - strongroom - - - {"), "{text}");
        let odd = br#"{"entry":"a b","time":"now x","verdict":1}"#.to_vec();
        let odd = Delivery { index: 1, id: "x".to_owned(), leaf: odd };
        let text = String::from_utf8(super::text(&odd, "-")).unwrap();
        assert!(text.starts_with("<109>1 - - strongroom - - - {"), "{text}");
    }

    #[test]
    fn a_message_of_the_longest_length_is_sent_and_a_longer_one_put_aside() {
        let length = text(&leaf(7, "allowed"), "-").len();
        let at = syslog(&format!("message_bytes_max = {length}")).frames(&[leaf(7, "allowed")]);
        assert!(at.1.is_empty());
        let past = format!("message_bytes_max = {}", length - 1);
        let (bytes, dead) = syslog(&past).frames(&[leaf(7, "allowed"), leaf(8, "allowed")]);
        assert!(bytes.is_empty());
        assert_eq!(dead.iter().map(|dead| dead.index).collect::<Vec<_>>(), [7, 8]);
    }

    #[tokio::test]
    async fn a_batch_is_delivered_when_the_collector_closes_and_not_before() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let (syslog, batch) = (syslog(""), [leaf(7, "allowed")]);
        let collector = async {
            let mut heard = Vec::new();
            theirs.read_to_end(&mut heard).await.unwrap();
            drop(theirs);
            heard
        };
        let (sent, heard) = tokio::join!(syslog.deliver(Line::over(ours), &batch), collector);
        let (dead, kept) = sent.unwrap();
        assert!(dead.is_empty() && kept.is_none());
        assert_eq!(heard, syslog.frames(&batch).0);
        // One that goes away in the middle has not taken it.
        let (ours, mut theirs) = tokio::io::duplex(64);
        let collector = async {
            let mut heard = [0; 10];
            theirs.read_exact(&mut heard).await.unwrap();
            theirs.flush().await.unwrap();
            drop(theirs);
        };
        let (sent, ()) = tokio::join!(syslog.deliver(Line::over(ours), &batch), collector);
        assert!(matches!(sent, Err(SinkError::Later { .. })));
    }

    #[test]
    fn a_host_with_a_space_is_refused() {
        let settings = "url = \"tcp://127.0.0.1:1\"\nhost = \"a b\"";
        let read = toml::from_str(settings).unwrap();
        assert!(Syslog::new(&read, &Trust::default()).is_err());
    }
}
