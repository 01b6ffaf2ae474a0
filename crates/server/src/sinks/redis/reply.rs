//! Answers of Redis, read (RESP 2).

use audit::SinkError;

use crate::sinks::heard::{Parsed, later};
use crate::sinks::message;

/// How deep arrays may lie in arrays.
const DEPTH_MAX: usize = 4;
/// The longest line of an answer.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// Most members of an array.
const MEMBERS_MAX: usize = 100_000;

/// An answer, as far as anybody looks at it.
#[derive(PartialEq, Eq, Debug)]
pub(in crate::sinks) enum Reply {
    /// It was done.
    Fine,
    /// It was not.
    Error(String),
    /// So many things were done.
    Array(usize),
}

impl Reply {
    /// Nothing that Redis refuses is the leaf's fault.
    pub(super) fn is_fine(&self) -> Result<(), SinkError> {
        match self {
            Self::Error(why) => Err(later(message::clipped(why))),
            Self::Fine | Self::Array(_) => Ok(()),
        }
    }
}

/// Reads an answer of RESP 2.
pub(in crate::sinks) fn reply(bytes: &[u8]) -> Parsed<Reply> {
    nested(bytes, DEPTH_MAX)
}

fn nested(bytes: &[u8], depth: usize) -> Parsed<Reply> {
    let Some(end) = memchr::memchr(b'\n', bytes) else {
        let long = bytes.len() > LINE_BYTES_MAX;
        return if long { Err(later("its answer is too long")) } else { Ok(None) };
    };
    let strange = || later("its answer is no RESP");
    let line = bytes.get(..end).and_then(|line| line.strip_suffix(b"\r")).ok_or_else(strange)?;
    let (kind, rest) = line.split_first().ok_or_else(strange)?;
    let text = std::str::from_utf8(rest).map_err(|_| strange())?;
    let after = end.saturating_add(1);
    let number = || text.parse::<i64>().map_err(|_| strange());
    match kind {
        b'+' | b':' => Ok(Some((Reply::Fine, after))),
        b'-' => Ok(Some((Reply::Error(text.to_owned()), after))),
        b'$' | b'*' if number()? < 0 => Ok(Some((Reply::Array(0), after))),
        b'$' => {
            let length = usize::try_from(number()?).map_err(|_| strange())?;
            let end = after.saturating_add(length).saturating_add(2);
            Ok((bytes.len() >= end).then_some((Reply::Fine, end)))
        }
        b'*' => {
            let count = usize::try_from(number()?).map_err(|_| strange())?;
            if depth == 0 || count > MEMBERS_MAX {
                return Err(strange());
            }
            members(bytes, after, count, depth)
        }
        _ => Err(strange()),
    }
}

/// The members of an array: an error among them is the array's.
fn members(bytes: &[u8], from: usize, count: usize, depth: usize) -> Parsed<Reply> {
    let (mut at, mut first) = (from, None);
    for _ in 0..count {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some((member, length)) = nested(rest, depth.saturating_sub(1))? else {
            return Ok(None);
        };
        at = at.saturating_add(length);
        if let Reply::Error(why) = member {
            first.get_or_insert(why);
        }
    }
    Ok(Some((first.map_or(Reply::Array(count), Reply::Error), at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_whole_or_not_yet() {
        for (bytes, read) in [
            ("+OK\r\n", Reply::Fine),
            (":5\r\n", Reply::Fine),
            ("$3\r\na\r\n\r\n", Reply::Fine),
            ("-OOM no\r\n", Reply::Error("OOM no".to_owned())),
            ("*2\r\n$1\r\nx\r\n:1\r\n", Reply::Array(2)),
            ("*2\r\n-WRONGTYPE\r\n:1\r\n", Reply::Error("WRONGTYPE".to_owned())),
            ("*-1\r\n", Reply::Array(0)),
        ] {
            assert_eq!(reply(bytes.as_bytes()), Ok(Some((read, bytes.len()))));
            for cut in 0..bytes.len() {
                assert_eq!(reply(&bytes.as_bytes()[..cut]), Ok(None), "{bytes} at {cut}");
            }
        }
        for strange in ["HTTP/1.1 400\r\n", "\r\n", "*x\r\n", "*999999999\r\n", "+OK\n"] {
            assert!(reply(strange.as_bytes()).is_err(), "{strange}");
        }
        assert!(reply("*1\r\n".repeat(9).as_bytes()).is_err());
    }
}
