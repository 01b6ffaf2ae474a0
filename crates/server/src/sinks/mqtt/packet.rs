//! Packets of MQTT 5, read, and what they mean to the messages that wait for them.

use audit::{SinkError, Undeliverable};

use crate::sinks::heard::{Parsed, later};

/// The longest packet that we are sent.
const PACKET_BYTES_MAX: usize = 256 * 1024;
/// The longest packet that the protocol has (§1.5.5).
pub(super) const SENT_BYTES_MAX: usize = 268_435_455;

/// What a broker takes.
#[derive(PartialEq, Eq, Debug, Clone, Copy)]
pub(in crate::sinks) struct Takes {
    /// So many messages before it has acknowledged the first.
    pub(in crate::sinks) at_once: u16,
    /// So long a packet.
    pub(in crate::sinks) packet_bytes_max: usize,
}

/// What a broker says.
#[derive(PartialEq, Eq, Debug, Clone, Copy)]
pub(in crate::sinks) enum Packet {
    Welcome { reason: u8, takes: Takes },
    Taken { number: u16, reason: u8 },
    Farewell { reason: u8 },
    Other,
}

/// Reads a packet.
pub(in crate::sinks) fn packet(bytes: &[u8]) -> Parsed<Packet> {
    let Some((first, rest)) = bytes.split_first() else { return Ok(None) };
    let Some((length, rest)) = variable(rest)? else { return Ok(None) };
    if length > PACKET_BYTES_MAX {
        return Err(strange());
    }
    let used = bytes.len().saturating_sub(rest.len()).saturating_add(length);
    let Some(body) = rest.get(..length) else { return Ok(None) };
    let packet = match first >> 4 {
        2 => {
            let [_, reason, properties @ ..] = body else { return Err(strange()) };
            Packet::Welcome { reason: *reason, takes: takes(properties)? }
        }
        4 => {
            let [high, low, rest @ ..] = body else { return Err(strange()) };
            let number = u16::from_be_bytes([*high, *low]);
            Packet::Taken { number, reason: rest.first().copied().unwrap_or(0) }
        }
        14 => Packet::Farewell { reason: body.first().copied().unwrap_or(0) },
        _ => Packet::Other,
    };
    Ok(Some((packet, used)))
}

fn strange() -> SinkError {
    later("its answer is not of MQTT 5")
}

/// A variable byte integer, and what follows it.
pub(super) fn variable(bytes: &[u8]) -> Result<Option<(usize, &[u8])>, SinkError> {
    let mut value = 0_usize;
    for (shift, byte) in (0_u32..4).zip(bytes) {
        value |= usize::from(byte & 0x7f) << shift.saturating_mul(7);
        if byte & 0x80 == 0 {
            let after = usize::try_from(shift).unwrap_or(0).saturating_add(1);
            return Ok(Some((value, bytes.get(after..).unwrap_or_default())));
        }
    }
    if bytes.len() < 4 { Ok(None) } else { Err(strange()) }
}

/// What the properties of CONNACK say (§3.2.2.3).
fn takes(bytes: &[u8]) -> Result<Takes, SinkError> {
    let mut takes = Takes { at_once: u16::MAX, packet_bytes_max: SENT_BYTES_MAX };
    let Some((length, rest)) = variable(bytes)? else { return Ok(takes) };
    let mut rest = rest.get(..length).ok_or_else(strange)?;
    while let Some((id, after)) = rest.split_first() {
        let size = property_bytes(*id, after).ok_or_else(strange)?;
        let value = after.get(..size).ok_or_else(strange)?;
        let number = value.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        match id {
            0x21 => takes.at_once = u16::try_from(number).unwrap_or(u16::MAX),
            0x24 if number == 0 => return Err(later("it takes no messages of QoS 1")),
            0x27 => takes.packet_bytes_max = number,
            _ => {}
        }
        rest = after.get(size..).unwrap_or_default();
    }
    Ok(takes)
}

/// How long a property is (§2.2.2.2).
fn property_bytes(id: u8, after: &[u8]) -> Option<usize> {
    let text = |at: usize| {
        let length = after.get(at..at.checked_add(2)?)?;
        let length = length.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        at.checked_add(2)?.checked_add(length)
    };
    match id {
        0x24 | 0x25 | 0x28 | 0x29 | 0x2a => Some(1),
        0x13 | 0x21 | 0x22 => Some(2),
        0x11 | 0x27 => Some(4),
        0x12 | 0x15 | 0x16 | 0x1a | 0x1c | 0x1f => text(0),
        0x26 => text(text(0)?),
        _ => None,
    }
}

/// Messages that were not acknowledged yet: their numbers, and the leaves.
#[derive(Default)]
pub(in crate::sinks) struct Waited(pub(in crate::sinks) Vec<(u16, u64)>);

impl Waited {
    pub(in crate::sinks) fn hear(
        &mut self,
        packet: Packet,
    ) -> Result<Option<Undeliverable>, SinkError> {
        let (number, reason) = match packet {
            Packet::Taken { number, reason } => (number, reason),
            Packet::Farewell { reason } => return Err(refused("the connection", reason)),
            Packet::Welcome { .. } | Packet::Other => return Ok(None),
        };
        let at = self.0.iter().position(|(waits, _)| *waits == number);
        let at = at.ok_or_else(|| later("it acknowledges what was not sent"))?;
        let (_, index) = self.0.swap_remove(at);
        match reason {
            0 => Ok(None),
            0x10 => Err(later("nobody is subscribed to the topic")),
            // Packet too large, payload format invalid.
            0x95 | 0x99 => Ok(Some(Undeliverable { index, why: format!("reason {reason:#04x}") })),
            reason => Err(refused("a message", reason)),
        }
    }
}

/// A refusal with its number (§2.4).
pub(super) fn refused(what: &str, reason: u8) -> SinkError {
    later(format!("it refuses {what}: reason {reason:#04x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_says_how_much_it_takes() {
        let welcome = [0x20, 11, 0, 0, 8, 0x21, 0, 20, 0x27, 0, 0, 4, 0];
        let takes = Takes { at_once: 20, packet_bytes_max: 1024 };
        assert_eq!(packet(&welcome), Ok(Some((Packet::Welcome { reason: 0, takes }, 13))));
        for cut in 0..welcome.len() {
            assert_eq!(packet(&welcome[..cut]), Ok(None), "{cut}");
        }
        assert!(packet(&[0x20, 5, 0, 0, 2, 0x24, 0]).is_err(), "no QoS 1");
        assert!(packet(&[0x20, 5, 0, 0, 2, 0x7f, 0]).is_err(), "an unknown property");
    }

    #[test]
    fn what_nobody_hears_is_not_delivered() {
        let outcome = |reason| {
            let mut waited = Waited(vec![(1, 7)]);
            waited.hear(Packet::Taken { number: 1, reason })
        };
        assert_eq!(outcome(0), Ok(None));
        assert_eq!(outcome(0x95).unwrap().unwrap().index, 7);
        for later in [0x10, 0x87, 0x97] {
            assert!(matches!(outcome(later), Err(SinkError::Later { .. })), "{later}");
        }
        assert!(Waited::default().hear(Packet::Taken { number: 1, reason: 0 }).is_err());
        assert!(Waited::default().hear(Packet::Farewell { reason: 0x8b }).is_err());
    }
}
