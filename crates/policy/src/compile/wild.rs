//! Matching with `*` and `?` in time that grows with the text, whatever the pattern: between two
//! `*` the leftmost place is the right one, so nothing is tried twice. Literal pieces are found by
//! substring search, pieces with `?` sixty-four places at a time.

use std::cell::{Cell, OnceCell};

use memchr::memmem;

use super::pattern::{ONE, RUN, S3};
use super::scan::Maps;
use crate::glob::ARN_PARTS;

/// A text that is matched with patterns, perhaps with many.
#[derive(Debug)]
pub(crate) struct Subject<'t> {
    text: &'t [u8],
    /// What follows [`S3`], if it begins so.
    behind_s3: Option<&'t [u8]>,
    /// How many pieces were searched for.
    searches: Cell<u32>,
    maps: OnceCell<Maps>,
}

/// How many searches are made before it pays to know where each byte stands.
const SEARCHES: u32 = 8;

impl<'t> Subject<'t> {
    #[inline]
    pub(crate) fn new(text: &'t [u8]) -> Self {
        let behind_s3 = text.strip_prefix(S3);
        Self { text, behind_s3, searches: Cell::new(0), maps: OnceCell::new() }
    }

    /// What follows what most names begin with, if it begins so.
    #[inline]
    pub(crate) fn behind_s3(&self) -> Option<&'t [u8]> {
        self.behind_s3
    }

    #[inline]
    pub(crate) fn text(&self) -> &'t [u8] {
        self.text
    }

    /// Whether what follows its first bytes matches the whole pattern.
    pub(crate) fn matches_behind(&self, lead: usize, pattern: &[u8]) -> bool {
        let text = self.text.get(lead..).unwrap_or_default();
        matched(pattern, text, |piece, rest, left| self.behind_first(piece, rest, left))
    }

    /// What follows the first place where a piece stands in a part of the text behind which so many
    /// bytes are left.
    fn behind_first<'a>(&self, piece: &[u8], rest: &'a [u8], left: usize) -> Option<&'a [u8]> {
        let searches = self.searches.get();
        if searches < SEARCHES {
            self.searches.set(searches.saturating_add(1));
            return behind_first(piece, rest);
        }
        let maps = self.maps.get_or_init(|| Maps::of(self.text));
        let end = self.text.len().saturating_sub(left);
        let from = end.saturating_sub(rest.len());
        match maps.find(self.text, piece, from, end) {
            Some(at) => rest.get(at?.saturating_sub(from).saturating_add(piece.len())..),
            None => behind_first(piece, rest),
        }
    }
}

/// Whether the whole text matches the whole pattern.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    matched(pattern, text, |piece, rest, _| behind_first(piece, rest))
}

/// Matches with a way to find the pieces between two `*`.
fn matched<'t>(
    pattern: &[u8],
    text: &'t [u8],
    find: impl Fn(&[u8], &'t [u8], usize) -> Option<&'t [u8]>,
) -> bool {
    let Some((first, last)) = runs(pattern) else {
        return behind(pattern, text).is_some_and(<[u8]>::is_empty);
    };
    let head = pattern.get(..first).unwrap_or_default();
    let tail = pattern.get(last.saturating_add(1)..).unwrap_or_default();
    let Some(headless) = behind(head, text) else { return false };
    let Some(text) = before(tail, headless) else { return false };
    let left = headless.len().saturating_sub(text.len());
    let middle = pattern.get(first.saturating_add(1)..last).unwrap_or_default();
    let mut rest = text;
    for piece in middle.split(|byte| *byte == RUN) {
        match find(piece, rest, left) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

/// Where the first and the last `*` are: mostly at the ends, where they are seen without a search.
#[inline]
fn runs(pattern: &[u8]) -> Option<(usize, usize)> {
    let first = if pattern.first() == Some(&RUN) { 0 } else { memchr::memchr(RUN, pattern)? };
    let last = match pattern.split_last() {
        Some((&RUN, rest)) => rest.len(),
        _ => memchr::memrchr(RUN, pattern)?,
    };
    Some((first, last))
}

/// Whether a resource name matches a pattern part by part: no wildcard crosses a colon before the
/// sixth part (IAM guide, "ARN condition operators").
pub(crate) fn matches_arn(pattern: &[u8], arn: &[u8]) -> bool {
    let mut patterns = pattern.splitn(ARN_PARTS, |byte| *byte == b':');
    let mut parts = arn.splitn(ARN_PARTS, |byte| *byte == b':');
    for count in 0..=ARN_PARTS {
        match (patterns.next(), parts.next()) {
            (Some(pattern), Some(part)) if matches(pattern, part) => {}
            (None, None) => return count == ARN_PARTS,
            _ => return false,
        }
    }
    false
}

/// What follows the first character.
pub(crate) fn behind_one(text: &[u8]) -> Option<&[u8]> {
    let (first, rest) = text.split_first()?;
    if *first < 0x80 {
        return Some(rest);
    }
    let more = rest.iter().take_while(|byte| continues(**byte)).count();
    rest.get(more..)
}

/// Whether a byte of UTF-8 is within a character.
fn continues(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// What follows a piece that the text begins with.
fn behind<'t>(piece: &[u8], text: &'t [u8]) -> Option<&'t [u8]> {
    let (mut piece, mut text) = (piece, text);
    loop {
        let Some(one) = memchr::memchr(ONE, piece) else { return text.strip_prefix(piece) };
        let (literal, rest) = piece.split_at_checked(one)?;
        text = behind_one(text.strip_prefix(literal)?)?;
        piece = rest.split_first()?.1;
    }
}

/// What precedes a piece that the text ends with.
fn before<'t>(piece: &[u8], text: &'t [u8]) -> Option<&'t [u8]> {
    let (mut piece, mut text) = (piece, text);
    loop {
        let Some(one) = memchr::memrchr(ONE, piece) else { return text.strip_suffix(piece) };
        let literal = piece.get(one.saturating_add(1)..)?;
        text = text.strip_suffix(literal)?;
        let start = text.iter().rposition(|byte| !continues(*byte))?;
        text = text.get(..start)?;
        piece = piece.get(..one)?;
    }
}

/// What follows the first place where a piece without `*` stands.
fn behind_first<'t>(piece: &[u8], text: &'t [u8]) -> Option<&'t [u8]> {
    if memchr::memchr(ONE, piece).is_none() {
        let at = memmem::find(text, piece)?;
        return text.get(at.saturating_add(piece.len())..);
    }
    // Leading `?` only move the place on; trailing ones are taken behind it.
    let lead = piece.iter().take_while(|byte| **byte == ONE).count();
    let mut from = text;
    for _ in 0..lead {
        from = behind_one(from)?;
    }
    let core = piece.get(lead..)?;
    match core {
        [] => Some(from),
        _ if text.is_ascii() => {
            let at = window(core, from)?;
            from.get(at.saturating_add(core.len())..)
        }
        _ => search(core, from),
    }
}

/// The first place of a piece with `?` in a text without characters of several bytes, found by
/// keeping one bit for each of [`PLACES`] places at a time.
fn window(piece: &[u8], text: &[u8]) -> Option<usize> {
    let last = text.len().checked_sub(piece.len())?;
    let mut start = 0_usize;
    while start <= last {
        let places = last.saturating_sub(start).saturating_add(1).min(PLACES);
        let mut alive = [0xFF_u8; PLACES];
        let mut any = true;
        for (offset, byte) in piece.iter().enumerate() {
            if *byte == ONE {
                continue;
            }
            let from = start.saturating_add(offset);
            let Some(own) = text.get(from..from.saturating_add(places)) else { break };
            any = step(&mut alive, own, *byte);
            if !any {
                break;
            }
        }
        if any && let Some(at) = alive.iter().take(places).position(|bit| *bit != 0) {
            return start.checked_add(at);
        }
        start = start.saturating_add(PLACES);
    }
    None
}

/// How many places are looked at together.
const PLACES: usize = 64;

/// Keeps the places where the byte stands; whether there are any.
fn step(alive: &mut [u8; PLACES], text: &[u8], byte: u8) -> bool {
    let mut any = 0_u8;
    if let Some(text) = text.first_chunk::<PLACES>() {
        for (bit, own) in alive.iter_mut().zip(text) {
            *bit &= if *own == byte { 0xFF } else { 0 };
            any |= *bit;
        }
    } else {
        for (bit, own) in alive.iter_mut().zip(text) {
            *bit &= if *own == byte { 0xFF } else { 0 };
            any |= *bit;
        }
    }
    any != 0
}

/// What follows the first place of a piece that begins with a literal byte, in any text.
fn search<'t>(piece: &[u8], text: &'t [u8]) -> Option<&'t [u8]> {
    let first = piece.first()?;
    let mut rest = text;
    loop {
        rest = rest.get(memchr::memchr(*first, rest)?..)?;
        if let Some(after) = behind(piece, rest) {
            return Some(after);
        }
        rest = rest.get(1..)?;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::glob::{self, Case};

    fn coded(pattern: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for character in pattern.chars() {
            match character {
                '*' => bytes.push(RUN),
                '?' => bytes.push(ONE),
                other => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn it_is_the_two_pointer_matcher(
            pattern in "[ab?*é]{0,12}", text in "[abé]{0,16}",
        ) {
            let expected = glob::matches(&glob::tokens(&pattern), &text, Case::Exact);
            prop_assert_eq!(matches(&coded(&pattern), text.as_bytes()), expected);
        }

        #[test]
        fn it_is_the_two_pointer_matcher_beyond_one_window(
            pattern in "[*](a[?]{0,3}b?){0,9}[*]?", text in "[ab]{0,150}",
        ) {
            let expected = glob::matches(&glob::tokens(&pattern), &text, Case::Exact);
            prop_assert_eq!(matches(&coded(&pattern), text.as_bytes()), expected);
        }

        #[test]
        fn parts_match_as_parts_do(pattern in "[a:*?]{0,14}", text in "[ab:]{0,14}") {
            let expected = glob::matches_arn(&glob::tokens(&pattern), &text, Case::Exact);
            prop_assert_eq!(matches_arn(&coded(&pattern), text.as_bytes()), expected);
        }
    }

    #[test]
    fn where_each_byte_stands_is_asked_only_after_some_searches() {
        let subject = Subject::new(b"aabaabaab");
        for search in 1..=SEARCHES {
            assert!(subject.matches_behind(0, &coded("*b*")), "{search}");
            assert!(subject.maps.get().is_none(), "{search}");
        }
        assert!(subject.matches_behind(0, &coded("*b*")) && subject.maps.get().is_some());
        assert_eq!(subject.searches.get(), SEARCHES);
    }

    #[test]
    fn a_subject_that_is_searched_often_matches_as_one_that_is_not() {
        let texts = ["", "a", "ab", "ba", "aab", "abab", "abcabcabc", "bbbbbbbbba", "aéb"];
        let patterns = ["*", "a*", "*b", "*a*", "*?b*", "*ab*ab*", "*b?*", "?*a", "*c*b*", "*é*"];
        for text in texts {
            for lead in 0..=text.len().min(2) {
                let subject = Subject::new(text.as_bytes());
                for pattern in patterns.iter().cycle().take(40) {
                    let own = coded(pattern);
                    let expected = matches(&own, &text.as_bytes()[lead..]);
                    assert_eq!(subject.matches_behind(lead, &own), expected, "{text} {pattern}");
                }
            }
        }
    }

    #[test]
    fn characters_of_several_bytes_are_one_each() {
        for (pattern, text, expected) in [
            ("?", "é", true),
            ("??", "é", false),
            ("?b", "éb", true),
            ("b?", "bé", true),
            ("*?b*", "ééb", true),
            ("*a?b*", "xaéb", true),
            ("*a??b*", "xaéb", false),
            ("*?", "é", true),
            ("*??", "é", false),
            ("?*?", "éé", true),
            ("?*?", "é", false),
            ("*\u{1f600}?*", "a\u{1f600}é", true),
        ] {
            assert_eq!(matches(&coded(pattern), text.as_bytes()), expected, "{pattern} {text}");
        }
        assert_eq!(behind_one("éa".as_bytes()), Some(&b"a"[..]));
        assert_eq!((behind_one(b"a"), behind_one(b"")), (Some(&b""[..]), None));
    }

    #[test]
    fn a_window_finds_the_first_of_many_places() {
        let piece = [b'a', ONE, b'b'];
        for length in [3, 4, 63, 64, 65, 66, 67, 127, 128, 129, 200] {
            for at in [0, 1, length - 3] {
                let mut text = vec![b'a'; length];
                if at + 2 < length {
                    text[at + 2] = b'b';
                    assert_eq!(window(&piece, &text), Some(at), "{length} {at}");
                }
            }
            assert_eq!(window(&piece, &vec![b'a'; length]), None, "{length}");
        }
        assert_eq!(window(&piece, b"ab"), None);
    }
}
