//! Frames of AMQP 0-9-1 (§2.3.5, §4.2): made, and read.

use std::collections::BTreeSet;

use audit::SinkError;

use crate::sinks::heard::{Parsed, later};
use crate::sinks::message::clipped;

/// What surrounds a payload: type, channel, length, and the end.
pub(super) const OVERHEAD_BYTES: usize = 8;
/// The last byte of a frame.
const END: u8 = 0xce;
/// The longest frame that we are sent.
const FRAME_BYTES_MAX: usize = 512 * 1024;

/// A method: its class and its number.
#[derive(PartialEq, Eq, Debug, Clone, Copy)]
pub(in crate::sinks) struct Method(u16, u16);

impl Method {
    pub(super) const START: Self = Self(10, 10);
    pub(super) const START_OK: Self = Self(10, 11);
    pub(super) const TUNE: Self = Self(10, 30);
    pub(super) const TUNE_OK: Self = Self(10, 31);
    pub(super) const OPEN: Self = Self(10, 40);
    pub(super) const OPEN_OK: Self = Self(10, 41);
    pub(super) const CHANNEL_OPEN: Self = Self(20, 10);
    pub(super) const CHANNEL_OPEN_OK: Self = Self(20, 11);
    pub(super) const CONFIRM: Self = Self(85, 10);
    pub(super) const CONFIRM_OK: Self = Self(85, 11);
    pub(super) const PUBLISH: Self = Self(60, 40);
    const CLOSE: Self = Self(10, 50);
    const CHANNEL_CLOSE: Self = Self(20, 40);
    const RETURN: Self = Self(60, 50);
    const ACK: Self = Self(60, 80);
    const NACK: Self = Self(60, 120);
}

/// Makes a frame.
pub(super) struct Writer {
    kind: u8,
    channel: u16,
    payload: Vec<u8>,
}

impl Writer {
    pub(super) fn method(channel: u16, Method(class, number): Method) -> Self {
        let payload = [class.to_be_bytes(), number.to_be_bytes()].concat();
        Self { kind: 1, channel, payload }
    }

    pub(super) fn number(&mut self, bytes: &[u8]) {
        self.payload.extend_from_slice(bytes);
    }

    /// A short text; settings are held to its length.
    pub(super) fn word(&mut self, text: &str) {
        let length = u8::try_from(text.len()).unwrap_or(0);
        self.payload.push(length);
        self.payload.extend_from_slice(text.as_bytes().get(..usize::from(length)).unwrap_or(b""));
    }

    /// A long text, or a table.
    pub(super) fn long_text(&mut self, text: &[u8]) {
        self.payload.extend_from_slice(&size(text.len()));
        self.payload.extend_from_slice(text);
    }

    pub(super) fn end(self) -> Vec<u8> {
        let mut bytes = vec![self.kind];
        bytes.extend_from_slice(&self.channel.to_be_bytes());
        bytes.extend_from_slice(&size(self.payload.len()));
        bytes.extend_from_slice(&self.payload);
        bytes.push(END);
        bytes
    }
}

fn size(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

/// A content header (§2.3.5.2): JSON, kept on disk, with the leaf's id.
pub(super) fn header(id: &str, body_bytes: usize) -> Vec<u8> {
    let mut writer = Writer { kind: 2, channel: 1, payload: Vec::new() };
    writer.number(&60_u16.to_be_bytes());
    writer.number(&0_u16.to_be_bytes());
    writer.number(&u64::try_from(body_bytes).unwrap_or(u64::MAX).to_be_bytes());
    // content-type, delivery-mode, message-id, app-id.
    writer.number(&0x9088_u16.to_be_bytes());
    writer.word("application/json");
    writer.number(&[2]);
    writer.word(id);
    writer.word("strongroom");
    writer.end()
}

/// A part of a body.
pub(super) fn body(part: &[u8]) -> Vec<u8> {
    Writer { kind: 3, channel: 1, payload: part.to_vec() }.end()
}

/// The longest frame that Connection.Tune speaks of; zero is none.
pub(in crate::sinks) fn tuned(rest: &[u8]) -> Option<u32> {
    rest.get(2..6)?.try_into().ok().map(u32::from_be_bytes)
}

/// What a broker says.
#[derive(PartialEq, Eq, Debug)]
pub(in crate::sinks) enum Said {
    Ack {
        tag: u64,
        multiple: bool,
    },
    Nack,
    /// A message that no queue takes.
    Returned(String),
    /// The channel or the connection ends.
    Closed(String),
    /// Another method, and what follows it.
    Method(Method, Vec<u8>),
    Other,
}

/// Reads a frame.
pub(in crate::sinks) fn frame(bytes: &[u8]) -> Parsed<Said> {
    if bytes.starts_with(b"AMQP") {
        return Err(later("it speaks another version of AMQP"));
    }
    let Some(([kind, _, _, a, b, c, d], rest)) = bytes.split_first_chunk() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes([*a, *b, *c, *d]);
    let length = usize::try_from(length).ok().filter(|length| *length <= FRAME_BYTES_MAX);
    let length = length.ok_or_else(strange)?;
    let Some((payload, rest)) = rest.split_at_checked(length) else { return Ok(None) };
    match rest.first() {
        None => return Ok(None),
        Some(end) if *end != END => return Err(strange()),
        Some(_) => {}
    }
    let said = if *kind == 1 { method(payload)? } else { Said::Other };
    Ok(Some((said, length.saturating_add(OVERHEAD_BYTES))))
}

fn method(payload: &[u8]) -> Result<Said, SinkError> {
    let Some(([a, b, c, d], rest)) = payload.split_first_chunk() else { return Err(strange()) };
    let method = Method(u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
    match method {
        Method::ACK => {
            let (tag, rest) = rest.split_first_chunk::<8>().ok_or_else(strange)?;
            let multiple = rest.first().is_some_and(|bits| bits & 1 == 1);
            Ok(Said::Ack { tag: u64::from_be_bytes(*tag), multiple })
        }
        Method::NACK => Ok(Said::Nack),
        Method::RETURN => Ok(Said::Returned(reason(rest))),
        Method::CLOSE | Method::CHANNEL_CLOSE => Ok(Said::Closed(reason(rest))),
        other => Ok(Said::Method(other, rest.to_vec())),
    }
}

/// A reply code and its text.
fn reason(rest: &[u8]) -> String {
    let Some(([a, b, length], text)) = rest.split_first_chunk() else { return String::new() };
    let text = text.get(..usize::from(*length)).unwrap_or(text);
    let text = clipped(&String::from_utf8_lossy(text));
    format!("{} {text}", u16::from_be_bytes([*a, *b]))
}

fn strange() -> SinkError {
    later("its answer is not of AMQP 0-9-1")
}

/// Takes note of what the broker says of messages that wait for its word. Of a message that it
/// does not take nothing says that it never will.
pub(in crate::sinks) fn hear(waited: &mut BTreeSet<u64>, said: Said) -> Result<(), SinkError> {
    match said {
        Said::Ack { tag, multiple: true } => waited.retain(|waits| *waits > tag),
        Said::Ack { tag, multiple: false } => {
            waited.remove(&tag);
        }
        Said::Nack => return Err(later("it could not keep a message")),
        Said::Returned(why) => return Err(later(format!("no queue takes it: {why}"))),
        Said::Closed(why) => return Err(later(why)),
        Said::Method(..) | Said::Other => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(method: Method, rest: &[u8]) -> Vec<u8> {
        let mut writer = Writer::method(1, method);
        writer.number(rest);
        writer.end()
    }

    #[test]
    fn frames_are_read_whole_or_not_yet() {
        let mut refusal = vec![1, 0x38];
        refusal.extend(*b"\x04full\0\0");
        for (bytes, said) in [
            (
                made(Method::ACK, &[0, 0, 0, 0, 0, 0, 1, 2, 1]),
                Said::Ack { tag: 258, multiple: true },
            ),
            (made(Method::NACK, &[0; 9]), Said::Nack),
            (made(Method::RETURN, &refusal), Said::Returned("312 full".to_owned())),
            (made(Method::CHANNEL_CLOSE, &refusal), Said::Closed("312 full".to_owned())),
            (vec![8, 0, 0, 0, 0, 0, 0, END], Said::Other),
        ] {
            for cut in 0..bytes.len() {
                assert_eq!(frame(&bytes[..cut]), Ok(None), "{said:?} at {cut}");
            }
            assert_eq!(frame(&bytes), Ok(Some((said, bytes.len()))));
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for strange in [
            b"AMQP\0\0\x09\x01".as_slice(),
            &[1, 0, 0, 0, 0, 0, 0, 0],
            &[1, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[1, 0, 0, 0, 0, 0, 1, 0, END],
        ] {
            assert!(frame(strange).is_err(), "{strange:?}");
        }
    }

    #[test]
    fn a_confirmation_may_be_for_many_and_one_that_is_refused_or_unrouted_stops_all() {
        let mut waited: BTreeSet<u64> = (1..=4).collect();
        hear(&mut waited, Said::Ack { tag: 4, multiple: false }).unwrap();
        hear(&mut waited, Said::Ack { tag: 2, multiple: true }).unwrap();
        assert_eq!(waited, BTreeSet::from([3]));
        for bad in [Said::Nack, Said::Returned("312".into()), Said::Closed("x".into())] {
            assert!(matches!(hear(&mut waited, bad), Err(SinkError::Later { .. })));
        }
    }
}
