//! Percent-encoding as SigV4 has it (RFC 3986's unreserved letters stay), and its inverse.

/// Every byte but the unreserved and those in `keep`.
pub fn encoded(text: &str, keep: &str) -> String {
    bytes(text.as_bytes(), keep)
}

/// The same, of bytes.
pub fn bytes(text: &[u8], keep: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text {
        let plain = byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
        if plain || keep.as_bytes().contains(byte) {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// What was encoded; a broken escape stays as it is.
pub fn decoded(text: &str, plus_is_space: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let escape = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = escape.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', _) if plus_is_space => out.push(b' '),
            _ => out.push(*first),
        }
    }
    out
}
