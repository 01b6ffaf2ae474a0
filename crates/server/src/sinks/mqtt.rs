//! MQTT 5: each leaf is a message of QoS 1, delivered when the broker has acknowledged it and says
//! that somebody is subscribed (OASIS MQTT Version 5.0).

pub(super) mod packet;

use std::ops::ControlFlow;
use std::path::PathBuf;

use audit::{Delivery, SinkError, Undeliverable};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::sinks::heard::later;
use crate::sinks::line::{Delivered, Line, Protocol};
use crate::sinks::message;
use crate::sinks::mqtt::packet::{Packet, SENT_BYTES_MAX, Takes, Waited, packet, refused};
use crate::sinks::place::{Place, Trust, Words};
use crate::sinks::settings::{SinkConfigError, read};

/// What addresses look like.
const WORDS: Words = Words { open: ("mqtt", 1883), sealed: ("mqtts", 8883) };
/// The longest text of the protocol (MQTT 5 §1.5.4).
const TEXT_BYTES_MAX: usize = 65_535;
/// A topic.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct MqttSettings {
    /// `mqtts://host:8883`, or `mqtt://` of this machine.
    url: String,
    /// What leaves are published to.
    topic: String,
    /// What we are called.
    #[serde(default)]
    client: Option<String>,
    /// The user.
    #[serde(default)]
    user: Option<String>,
    /// Its password.
    #[serde(default)]
    secret_file: Option<PathBuf>,
}

/// What speaks MQTT.
pub(super) struct Mqtt {
    place: Place,
    topic: String,
    greeting: Zeroizing<Vec<u8>>,
}

/// An open line, and what the broker takes over it.
pub(super) struct Link {
    line: Line,
    takes: Takes,
}

impl Mqtt {
    pub(super) fn new(settings: &MqttSettings, trust: &Trust) -> Result<Self, SinkConfigError> {
        let place = Place::new(&settings.url, WORDS, trust)?;
        let topic = settings.topic.clone();
        if topic.is_empty() || topic.len() > TEXT_BYTES_MAX || topic.contains(['#', '+', '\0']) {
            return Err(SinkConfigError::Word { setting: "topic", word: topic });
        }
        let password = settings.secret_file.as_deref().map(read).transpose()?;
        let client = settings.client.as_deref().unwrap_or("strongroom-audit");
        let greeting = connect(client, settings.user.as_deref(), password.as_ref());
        Ok(Self { place, topic, greeting })
    }
}

impl Protocol for Mqtt {
    type Link = Link;

    async fn dial(&self) -> Result<Link, SinkError> {
        let mut line = self.place.dial().await?;
        line.send(&self.greeting).await?;
        match line.answer(packet).await? {
            Packet::Welcome { reason: 0, takes } => Ok(Link { line, takes }),
            Packet::Welcome { reason, .. } => Err(refused("the connection", reason)),
            _ => Err(later("it does not greet as MQTT 5 does")),
        }
    }

    async fn deliver(&self, mut link: Link, batch: &[Delivery]) -> Delivered<Link> {
        let mut dead = Vec::new();
        for some in batch.chunks(usize::from(link.takes.at_once.max(1))) {
            let mut waited = Waited::default();
            let mut bytes = Vec::new();
            for (number, delivery) in (1_u16..).zip(some) {
                let packet = publish(&self.topic, number, delivery);
                if packet.len() > link.takes.packet_bytes_max {
                    let why = format!("{} bytes are more than it takes", packet.len());
                    dead.push(Undeliverable { index: delivery.index, why });
                } else {
                    bytes.extend_from_slice(&packet);
                    waited.0.push((number, delivery.index));
                }
            }
            if bytes.is_empty() {
                continue;
            }
            let hear = |packet| {
                dead.extend(waited.hear(packet)?);
                let done = waited.0.is_empty();
                Ok(if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            };
            link.line.exchange(&bytes, packet, hear).await?;
        }
        Ok((dead, Some(link)))
    }
}

/// CONNECT (§3.1), with a clean start and no session kept.
fn connect(
    client: &str,
    user: Option<&str>,
    password: Option<&Zeroizing<String>>,
) -> Zeroizing<Vec<u8>> {
    let mut body = Zeroizing::new(Vec::new());
    text(&mut body, b"MQTT");
    let flags = 0x02 | if user.is_some() { 0x80 } else { 0 };
    let flags = flags | if password.is_some() { 0x40 } else { 0 };
    // Version 5, the flags, no keep-alive, no properties.
    body.extend_from_slice(&[5, flags, 0, 0, 0]);
    text(&mut body, client.as_bytes());
    for word in [user, password.map(|word| word.as_str())].into_iter().flatten() {
        text(&mut body, word.as_bytes());
    }
    let mut packet = Zeroizing::new(vec![0x10]);
    length(&mut packet, body.len());
    packet.extend_from_slice(&body);
    packet
}

/// PUBLISH (§3.3) of QoS 1, as JSON, with the leaf's id.
fn publish(topic: &str, number: u16, delivery: &Delivery) -> Vec<u8> {
    let mut properties = vec![0x01, 1, 0x03];
    text(&mut properties, b"application/json");
    properties.push(0x26);
    text(&mut properties, b"id");
    text(&mut properties, delivery.id.as_bytes());
    let mut body = Vec::new();
    text(&mut body, topic.as_bytes());
    body.extend_from_slice(&number.to_be_bytes());
    length(&mut body, properties.len());
    body.extend_from_slice(&properties);
    body.extend_from_slice(&message::line(delivery));
    let mut packet = vec![0x32];
    length(&mut packet, body.len());
    packet.extend_from_slice(&body);
    packet
}

/// A text with its length; what is too long is cut.
fn text(bytes: &mut Vec<u8>, text: &[u8]) {
    let text = text.get(..TEXT_BYTES_MAX).unwrap_or(text);
    bytes.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend_from_slice(text);
}

/// A variable byte integer (§1.5.5).
fn length(bytes: &mut Vec<u8>, length: usize) {
    let mut rest = length.min(SENT_BYTES_MAX);
    loop {
        let low = u8::try_from(rest & 0x7f).unwrap_or_default();
        rest >>= 7;
        bytes.push(if rest > 0 { low | 0x80 } else { low });
        if rest == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinks::mqtt::packet::variable;
    use crate::sinks::samples::leaf;

    #[test]
    fn a_message_asks_to_be_acknowledged_and_carries_its_id() {
        let packet = publish("a", 258, &leaf(7));
        assert_eq!(packet[0], 0x32);
        let (length, body) = variable(&packet[1..]).unwrap().unwrap();
        assert_eq!(body.len(), length);
        assert_eq!(body[..5], [0, 1, b'a', 1, 2]);
        let text = String::from_utf8_lossy(body);
        assert!(text.contains("\u{26}\0\u{2}id\0\u{6}01ID-7{"), "{text}");
    }

    #[test]
    fn lengths_are_those_of_the_specification() {
        // MQTT 5 §1.5.5, table 1-1.
        for (value, bytes) in [
            (0, vec![0]),
            (127, vec![0x7f]),
            (128, vec![0x80, 1]),
            (16_384, vec![0x80, 0x80, 1]),
            (268_435_455, vec![0xff, 0xff, 0xff, 0x7f]),
        ] {
            let mut made = Vec::new();
            length(&mut made, value);
            assert_eq!(made, bytes);
            assert_eq!(variable(&made), Ok(Some((value, [].as_slice()))));
        }
        assert!(variable(&[0x80; 4]).is_err());
    }

    #[test]
    fn a_topic_is_one_and_no_pattern() {
        for (topic, good) in [("a/b", true), ("", false), ("a/#", false), ("+/a", false)] {
            let settings = format!("url = \"mqtt://127.0.0.1\"\ntopic = \"{topic}\"");
            let settings = toml::from_str(&settings).unwrap();
            assert_eq!(Mqtt::new(&settings, &Trust::default()).is_ok(), good, "{topic}");
        }
    }
}
