//! Percent-encoding as SigV4 wants it, and percent-decoding that refuses what is malformed.

/// What becomes of `/` when text is encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slash {
    /// It stays: the text is a path.
    Keep,
    /// It becomes `%2F`: the text is a query name or value.
    Encode,
}

/// What `+` stands for when text is decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    /// Itself: the text is a path.
    Literal,
    /// A space: the text is a query name or value.
    Space,
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends `bytes` to `out`, all but `A-Za-z0-9-._~` as `%XX` in upper case (SigV4, "UriEncode").
pub(crate) fn push_encoded(out: &mut String, bytes: &[u8], slash: Slash) {
    let stays = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~')
            || (byte == b'/' && slash == Slash::Keep)
    };
    for run in bytes.chunk_by(|one, next| stays(*one) && stays(*next)) {
        match run {
            [byte] if !stays(*byte) => push_escaped(out, *byte),
            _ => out.push_str(std::str::from_utf8(run).unwrap_or_default()),
        }
    }
}

fn push_escaped(out: &mut String, byte: u8) {
    out.push('%');
    for nibble in [byte >> 4, byte & 15] {
        out.push(char::from(*HEX.get(usize::from(nibble)).unwrap_or(&b'0')));
    }
}

/// `text` encoded as a query name or value.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_encoded(&mut out, text.as_bytes(), Slash::Encode);
    out
}

/// Decodes once. `None` if an escape is not `%` and two hexadecimal digits, or the result is not
/// UTF-8.
pub(crate) fn decoded(text: &str, plus: Plus) -> Option<String> {
    let coded = |byte: u8| (byte == b'%') | ((byte == b'+') & (plus == Plus::Space));
    if !text.bytes().fold(false, |any, byte| any | coded(byte)) {
        return Some(text.to_owned());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let high = hex_digit(bytes.next()?)?;
                let low = hex_digit(bytes.next()?)?;
                out.push(high << 4 | low);
            }
            b'+' if plus == Plus::Space => out.push(b' '),
            other => out.push(other),
        }
    }
    String::from_utf8(out).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A decimal number in its one canonical form: digits only, no sign, no leading zero.
pub(crate) fn canonical_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    if digits && canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stay_as_they_are() {
        assert_eq!(encoded("aZ09-._~"), "aZ09-._~");
        assert_eq!(encoded("a b/+*\u{1234}"), "a%20b%2F%2B%2A%E1%88%B4");
        let mut path = String::new();
        push_encoded(&mut path, b"/a b", Slash::Keep);
        assert_eq!(path, "/a%20b");
        for byte in 0..=u8::MAX {
            let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            let mut out = String::new();
            push_encoded(&mut out, &[b'a', byte, byte, b'z'], Slash::Encode);
            let own = if unreserved { char::from(byte).into() } else { format!("%{byte:02X}") };
            assert_eq!(out, format!("a{own}{own}z"));
        }
    }

    #[test]
    fn decoding_happens_once_and_refuses_what_is_malformed() {
        assert_eq!(decoded("a%252Fb", Plus::Literal).unwrap(), "a%2Fb");
        assert_eq!(decoded("a+b", Plus::Literal).unwrap(), "a+b");
        assert_eq!(decoded("a+b%2B", Plus::Space).unwrap(), "a b+");
        assert_eq!(decoded("a+b", Plus::Space).unwrap(), "a b");
        assert_eq!(decoded("plain", Plus::Space).unwrap(), "plain");
        for bad in ["%", "%2", "%zz", "%+1", "%FF", "%C3%28", "%ED%A0%80"] {
            assert_eq!(decoded(bad, Plus::Literal), None, "{bad}");
        }
    }

    #[test]
    fn a_number_has_one_form() {
        assert_eq!(canonical_number("0"), Some(0));
        assert_eq!(canonical_number("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "+5", "-1", "05", "1e9", " 1", "0x5", "18446744073709551616", "５"] {
            assert_eq!(canonical_number(bad), None, "{bad}");
        }
    }
}
