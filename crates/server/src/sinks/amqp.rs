//! AMQP 0-9-1 with publisher confirms: a leaf is delivered when the broker has confirmed it, and
//! was not returned because no queue takes it (amqp0-9-1.pdf; rabbitmq.com/docs/confirms).

pub(super) mod frames;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::PathBuf;

use audit::{Delivery, SinkError};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::sinks::amqp::frames::{Method, Said, Writer, frame, hear};
use crate::sinks::heard::later;
use crate::sinks::line::{Delivered, Line, Protocol};
use crate::sinks::message;
use crate::sinks::place::{Place, Trust, Words};
use crate::sinks::settings::{SinkConfigError, read};

/// What addresses look like.
const WORDS: Words = Words { open: ("amqp", 5672), sealed: ("amqps", 5671) };
/// The longest frame we make, if the broker sets no limit.
const FRAME_BYTES: u32 = 128 * 1024;
/// The shortest limit that a broker may set (§4.2.3).
const FRAME_BYTES_MIN: u32 = 4096;
/// The longest short text (§4.2.5.3).
const WORD_BYTES_MAX: usize = 255;

/// An exchange.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmqpSettings {
    /// `amqps://host:5671`, or `amqp://` of this machine.
    url: String,
    /// The exchange that leaves are published to; without one, the default exchange.
    #[serde(default)]
    exchange: String,
    /// The routing key: for the default exchange the name of a queue.
    routing_key: String,
    /// The virtual host.
    #[serde(default)]
    virtual_host: Option<String>,
    /// The user; without one, the certificate says who we are.
    #[serde(default)]
    user: Option<String>,
    /// Its password.
    #[serde(default)]
    secret_file: Option<PathBuf>,
}

/// What speaks AMQP.
pub(super) struct Amqp {
    place: Place,
    exchange: String,
    routing_key: String,
    virtual_host: String,
    /// The user and the password.
    login: Option<(String, Zeroizing<String>)>,
}

/// An open channel.
pub(super) struct Link {
    line: Line,
    /// How many messages were published over it.
    published: u64,
    frame_bytes_max: usize,
}

impl Amqp {
    pub(super) fn new(settings: &AmqpSettings, trust: &Trust) -> Result<Self, SinkConfigError> {
        let place = Place::new(&settings.url, WORDS, trust)?;
        let virtual_host = settings.virtual_host.clone().unwrap_or_else(|| "/".to_owned());
        for (setting, word) in [
            ("exchange", &settings.exchange),
            ("routing_key", &settings.routing_key),
            ("virtual_host", &virtual_host),
        ] {
            if word.len() > WORD_BYTES_MAX {
                return Err(SinkConfigError::Word { setting, word: word.clone() });
            }
        }
        let login = match (&settings.user, &settings.secret_file) {
            (Some(user), Some(file)) => Some((user.clone(), read(file)?)),
            (None, None) => None,
            _ => return Err(SinkConfigError::Idle("one of user and secret_file")),
        };
        let (exchange, routing_key) = (settings.exchange.clone(), settings.routing_key.clone());
        Ok(Self { place, exchange, routing_key, virtual_host, login })
    }

    /// Connection.Start-Ok (§1.4.2.2).
    fn start_ok(&self) -> Zeroizing<Vec<u8>> {
        let (mechanism, response) = match &self.login {
            None => ("EXTERNAL", Zeroizing::new(Vec::new())),
            Some((user, password)) => {
                let both = format!("\0{user}\0{}", password.as_str());
                ("PLAIN", Zeroizing::new(both.into_bytes()))
            }
        };
        let mut writer = Writer::method(0, Method::START_OK);
        writer.long_text(b"");
        writer.word(mechanism);
        writer.long_text(&response);
        writer.word("en_US");
        Zeroizing::new(writer.end())
    }

    /// The frames of one message: Basic.Publish that must be routed, its header and its body.
    fn message(&self, delivery: &Delivery, frame_bytes_max: usize) -> Vec<u8> {
        let body = message::line(delivery);
        let mut writer = Writer::method(1, Method::PUBLISH);
        writer.number(&0_u16.to_be_bytes());
        writer.word(&self.exchange);
        writer.word(&self.routing_key);
        writer.number(&[1]);
        let mut bytes = writer.end();
        bytes.extend(frames::header(&delivery.id, body.len()));
        for part in body.chunks(frame_bytes_max.saturating_sub(frames::OVERHEAD_BYTES).max(1)) {
            bytes.extend(frames::body(part));
        }
        bytes
    }
}

impl Protocol for Amqp {
    type Link = Link;

    async fn dial(&self) -> Result<Link, SinkError> {
        let mut line = self.place.dial().await?;
        line.send(b"AMQP\x00\x00\x09\x01").await?;
        expect(&mut line, Method::START).await?;
        line.send(&self.start_ok()).await?;
        let tune = expect(&mut line, Method::TUNE).await?;
        let frame_bytes = frames::tuned(&tune).filter(|bytes| *bytes > 0).unwrap_or(FRAME_BYTES);
        let frame_bytes = frame_bytes.clamp(FRAME_BYTES_MIN, FRAME_BYTES);
        let mut tune_ok = Writer::method(0, Method::TUNE_OK);
        tune_ok.number(&1_u16.to_be_bytes());
        tune_ok.number(&frame_bytes.to_be_bytes());
        // No heartbeats: a line that is quiet is given up.
        tune_ok.number(&0_u16.to_be_bytes());
        let mut open = Writer::method(0, Method::OPEN);
        open.word(&self.virtual_host);
        open.word("");
        open.number(&[0]);
        line.send(&[tune_ok.end(), open.end()].concat()).await?;
        expect(&mut line, Method::OPEN_OK).await?;
        let mut channel = Writer::method(1, Method::CHANNEL_OPEN);
        channel.word("");
        line.send(&channel.end()).await?;
        expect(&mut line, Method::CHANNEL_OPEN_OK).await?;
        let mut confirm = Writer::method(1, Method::CONFIRM);
        confirm.number(&[0]);
        line.send(&confirm.end()).await?;
        expect(&mut line, Method::CONFIRM_OK).await?;
        let frame_bytes_max = usize::try_from(frame_bytes).unwrap_or(4096);
        Ok(Link { line, published: 0, frame_bytes_max })
    }

    async fn deliver(&self, mut link: Link, batch: &[Delivery]) -> Delivered<Link> {
        let mut bytes = Vec::new();
        let mut waited = BTreeSet::new();
        for delivery in batch {
            bytes.extend(self.message(delivery, link.frame_bytes_max));
            link.published = link.published.saturating_add(1);
            waited.insert(link.published);
        }
        let hear = |said| {
            hear(&mut waited, said)?;
            Ok(if waited.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        link.line.exchange(&bytes, frame, hear).await?;
        Ok((Vec::new(), Some(link)))
    }
}

/// Waits for one method; what comes before it is let pass, a farewell excepted.
async fn expect(line: &mut Line, method: Method) -> Result<Vec<u8>, SinkError> {
    loop {
        match line.answer(frame).await? {
            Said::Method(said, rest) if said == method => return Ok(rest),
            Said::Closed(why) => return Err(later(why)),
            Said::Method(..) => return Err(later("it speaks out of turn")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinks::samples::leaf;

    fn amqp() -> Amqp {
        let settings = toml::from_str("url = \"amqp://127.0.0.1\"\nrouting_key = \"q\"").unwrap();
        Amqp::new(&settings, &Trust::default()).unwrap()
    }

    #[test]
    fn a_message_must_be_routed_is_kept_on_disk_and_carries_its_id() {
        let bytes = amqp().message(&leaf(7), 4096);
        let publish = [1, 0, 1, 0, 0, 0, 10, 0, 60, 0, 40, 0, 0, 0, 1, b'q', 1, 0xce];
        assert_eq!(bytes[..publish.len()], publish);
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("\u{10}application/json\u{2}\u{6}01ID-7"), "{text}");
        let whole = amqp().message(&leaf(7), 4096);
        let parts = amqp().message(&leaf(7), 20);
        assert_eq!((parts.len() - whole.len()) % 8, 0);
        assert!(parts.len() > whole.len());
    }

    #[test]
    fn a_user_without_a_password_is_refused() {
        let settings = "url = \"amqp://127.0.0.1\"\nrouting_key = \"q\"\nuser = \"u\"";
        assert!(Amqp::new(&toml::from_str(settings).unwrap(), &Trust::default()).is_err());
    }
}
