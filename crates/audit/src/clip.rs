//! Free text from outside, cut to a length that an entry can carry.

use std::borrow::Cow;

/// Marks the place where text was cut.
pub(crate) const CUT_MARK: char = '…';

/// The first `bytes_max` bytes of `text` at most, without control characters, marked if cut.
pub(crate) fn clip(text: &str, bytes_max: usize) -> Cow<'_, str> {
    // Each byte is looked at without regard to the others: so text goes many bytes at a time.
    let plain =
        |text: &str| text.bytes().fold(true, |all, byte| all & (b' '..0x7f).contains(&byte));
    if text.len() <= bytes_max && plain(text) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len().min(bytes_max));
    for character in text.chars() {
        let shown = if character.is_control() { '\u{fffd}' } else { character };
        if kept.len().saturating_add(shown.len_utf8()) > bytes_max {
            kept.push(CUT_MARK);
            break;
        }
        kept.push(shown);
    }
    if kept == text { Cow::Borrowed(text) } else { Cow::Owned(kept) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_at_the_limit_is_whole_and_past_it_is_cut_and_marked() {
        assert_eq!(clip("abcd", 4), "abcd");
        assert_eq!(clip("abcde", 4), "abcd…");
        assert_eq!(clip("äöü", 4), "äö…");
    }

    #[test]
    fn control_characters_do_not_survive() {
        assert_eq!(clip("a\r\nb\u{1b}[31m", 64), "a\u{fffd}\u{fffd}b\u{fffd}[31m");
    }
}
