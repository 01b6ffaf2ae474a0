//! Percent-encoding as AWS writes it, and its strict decoding.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 3986's unreserved characters stay.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Keys keep their slashes too.
const RESERVED_IN_KEYS: AsciiSet = RESERVED.remove(b'/');

/// RFC 3986 encoding, as IAM writes the policy documents in its answers.
///
/// ```
/// assert_eq!(strongroom_wire::percent_encode("{\"a\": 1}"), "%7B%22a%22%3A%201%7D");
/// ```
#[must_use]
pub fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string()
}

/// The encoding of keys, prefixes and markers in a listing with `encoding-type=url`. A space is
/// `%20`, never `+`, so that every client's decoder reads it alike.
///
/// ```
/// assert_eq!(strongroom_wire::percent_encode_key("a b+/é"), "a%20b%2B/%C3%A9");
/// ```
#[must_use]
pub fn percent_encode_key(key: &str) -> String {
    utf8_percent_encode(key, &RESERVED_IN_KEYS).to_string()
}

/// Decodes once; a `+` is a space. `None` for a `%` without two hexadecimal digits, and for what is
/// not UTF-8.
///
/// ```
/// assert_eq!(strongroom_wire::percent_decode(b"%7B%7D").as_deref(), Some("{}"));
/// ```
#[must_use]
pub fn percent_decode(bytes: &[u8]) -> Option<String> {
    percent_decoded(bytes).map(Cow::into_owned)
}

/// The same, borrowed where nothing is encoded.
pub(crate) fn percent_decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    // Each byte is looked at without regard to the others: so plain text goes many bytes at a time.
    let plain = bytes.iter().fold(true, |plain, byte| plain & (*byte != b'%') & (*byte != b'+'));
    if plain {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    }
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        decoded.push(match byte {
            b'%' => hex(*rest.next()?)?.checked_mul(16)?.checked_add(hex(*rest.next()?)?)?,
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_is_strict_and_happens_once() {
        assert_eq!(percent_decode(b"a%2Bb+c%2541").unwrap(), "a+b c%41");
        for bad in [&b"%"[..], b"%4", b"%zz", b"%-1", b"%ff", b"\xff", b"%C3%28"] {
            assert_eq!(percent_decode(bad), None, "{bad:?}");
        }
        assert!(matches!(percent_decoded(b"plain"), Some(Cow::Borrowed("plain"))));
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        for text in ["", "a b", "100%", "é/ü", "\0\r\n", "a+b&c=d"] {
            for encoded in [percent_encode(text), percent_encode_key(text)] {
                assert_eq!(percent_decode(encoded.as_bytes()).unwrap(), text);
            }
        }
    }
}
