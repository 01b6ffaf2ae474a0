//! Where the names of resources are cut, so that the patterns that could match one are found by
//! its beginnings.
//!
//! A name is cut behind its fifth colon and behind each of the three slashes that follow, and a few
//! bytes further on. A pattern stands at the deepest cut that its literal lead reaches; a name is
//! looked up at every cut at which some pattern stands. Both count slashes of the same text, so a
//! pattern is always found where it stands.

use crate::compile::hash::{bytes, mix, with_length, with_word};
use crate::compile::pattern::{Pattern, S3, Shape, count};
use crate::compile::wild::Subject;
use crate::glob::ARN_PARTS;

/// A kind of cut: four times the number of its place, and how many steps behind that.
pub(crate) type Class = u32;

/// How many places there are to cut at: behind the fifth colon and three slashes.
pub(crate) const ANCHORS: usize = 4;
/// How many bytes behind a place the name is cut too.
const STEPS: [usize; 4] = [0, 4, 8, 16];
/// Every name: what stands before its beginning.
pub(crate) const ANY: Class = 0;
/// The whole name.
pub(crate) const WHOLE: Class = 1;
/// The hash of every name.
pub(crate) const ANY_HASH: u64 = 1;

/// The hash of [`S3`].
const S3_HASH: u64 = 0x0ABE_ABF9_8011_0ECE;

/// A name and where it can be cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cuts<'a> {
    text: &'a [u8],
    /// Where it can be cut, and the hash of what stands before: first at its beginning.
    places: [(usize, u64); 1 + ANCHORS],
    /// How many places there are.
    count: usize,
}

impl<'a> Cuts<'a> {
    /// A name before any other place than its beginning was found.
    #[inline(always)]
    pub(crate) fn whole(name: &Subject<'a>) -> Self {
        let mut places = [(0, 0); 1 + ANCHORS];
        places[0] = (0, ANY_HASH);
        Self { text: name.text(), places, count: 1 }
    }

    /// Finds so many places of the name, or of what a pattern begins with, beside its beginning.
    #[inline(never)]
    pub(crate) fn find(&mut self, name: &Subject<'a>, anchors: usize) {
        let text = name.text();
        let first =
            if name.behind_s3().is_some() { Some((S3.len(), S3_HASH)) } else { sixth_part(text) };
        let Some(mut own) = first.filter(|_| anchors > 0) else { return };
        let mut count = 1_usize;
        while let Some(place) = self.places.get_mut(count) {
            *place = own;
            count = count.wrapping_add(1);
            if count > anchors {
                break;
            }
            let Some(next) = behind(text, own) else { break };
            own = next;
        }
        self.count = count;
    }

    /// The hash of the name cut as `class` says, if it is long enough.
    #[inline(always)]
    pub(crate) fn hash(&self, class: Class) -> Option<u64> {
        let anchor = usize::try_from(class >> 2).unwrap_or(0);
        let (place, hash) = *self.places.get(anchor).filter(|_| anchor < self.count)?;
        if class & 3 == 0 { Some(hash) } else { self.further(class, place, hash) }
    }

    /// The same, where what stands behind a place counts too.
    #[inline(never)]
    fn further(&self, class: Class, place: usize, hash: u64) -> Option<u64> {
        if class == WHOLE {
            let (place, hash) = *self.places.get(1).filter(|_| self.count > 1)?;
            return Some(mix(bytes(hash, self.text.get(place..)?), u64::from(WHOLE)));
        }
        let step = STEPS.get(step(class))?;
        Some(bytes(hash, self.text.get(place..place.saturating_add(*step))?))
    }

    /// The deepest kind of cut that the text reaches.
    fn deepest(&self) -> Class {
        let last = self.count.saturating_sub(1);
        if last == 0 {
            return ANY;
        }
        let (place, _) = self.places.get(last).copied().unwrap_or_default();
        let rest = self.text.len().saturating_sub(place);
        let step = STEPS.iter().rposition(|step| *step <= rest).unwrap_or(0);
        let class = last.saturating_mul(STEPS.len()).saturating_add(step);
        Class::try_from(class).unwrap_or(ANY)
    }
}

/// The place behind the first slash that follows another place, and the hash of what stands before:
/// slash and hash at once, a word at a time. None if that would take more than [`WORDS_MAX`].
#[inline(always)]
fn behind(text: &[u8], (place, hash): (usize, u64)) -> Option<(usize, u64)> {
    let (mut state, mut start) = (hash, place);
    let end = place.wrapping_add(WORDS_MAX.wrapping_mul(8));
    while start < end {
        let rest = text.get(start..)?;
        let word = rest
            .first_chunk::<8>()
            .map_or_else(|| padded(text, rest), |own| u64::from_le_bytes(*own));
        let found = slashes(word);
        if found != 0 {
            // The slash is the byte of the lowest bit; that and all below are the piece's.
            let own = word & (found ^ found.wrapping_sub(1));
            let end = start.wrapping_add(1).wrapping_add(place_of(found));
            return Some((end, with_length(state, own, end.wrapping_sub(place))));
        }
        state = with_word(state, word);
        start = start.wrapping_add(8);
    }
    None
}

/// Which byte the lowest bit is in.
#[inline]
fn place_of(bits: u64) -> usize {
    usize::try_from(bits.trailing_zeros() / u8::BITS).unwrap_or(0)
}

/// The fewer than eight bytes that a text ends with, zeros behind them.
#[inline]
fn padded(text: &[u8], few: &[u8]) -> u64 {
    if let Some(last) = text.last_chunk::<8>() {
        let bits = count(8_usize.wrapping_sub(few.len())).wrapping_mul(u8::BITS);
        return u64::from_le_bytes(*last).checked_shr(bits).unwrap_or(0);
    }
    let mut word = [0; 8];
    word.iter_mut().zip(few).for_each(|(own, byte)| *own = *byte);
    u64::from_le_bytes(word)
}

/// How many words a piece may have.
const WORDS_MAX: usize = 16;

/// The highest bit of each byte that is a slash: exact for the first one.
#[inline]
fn slashes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let differs = word ^ ONES.wrapping_mul(0x2F);
    differs.wrapping_sub(ONES) & !differs & ONES.wrapping_mul(0x80)
}

/// Where the sixth part of a name begins, and the hash of what stands before.
#[inline(never)]
fn sixth_part(text: &[u8]) -> Option<(usize, u64)> {
    // They stand close together: to look at each byte is quicker than to search.
    let mut colons = text.iter().enumerate().filter(|(_, byte)| **byte == b':');
    let (head, _) = text.split_at_checked(colons.nth(ARN_PARTS - 2)?.0.saturating_add(1))?;
    Some((head.len(), bytes(0, head)))
}

/// How many places must be found for a kind of cut.
pub(crate) fn anchors(class: Class) -> usize {
    if class == WHOLE { 1 } else { usize::try_from(class >> 2).unwrap_or(0) }
}

/// Which of the steps behind it.
#[inline]
fn step(class: Class) -> usize {
    usize::try_from(class & 3).unwrap_or(0)
}

/// The same with so many places found.
fn cuts_of<'a>(name: &Subject<'a>, anchors: usize) -> Cuts<'a> {
    let mut cuts = Cuts::whole(name);
    cuts.find(name, anchors);
    cuts
}

/// Where a pattern stands, and its hash there.
pub(crate) fn stand(pattern: Pattern<'_>) -> (Class, u64) {
    let lead = pattern.whole_lead();
    let cuts = cuts_of(&Subject::new(&lead), ANCHORS);
    let class = match pattern.shape {
        Shape::Literal if cuts.count > 1 => WHOLE,
        _ => cuts.deepest(),
    };
    (class, cuts.hash(class).unwrap_or(ANY_HASH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::pattern::coded;
    use crate::template::{Template, Version, Wildcards};

    /// The class of the place behind so many slashes, and so many steps on.
    fn class(slashes: u32, step: u32) -> Class {
        (1 + slashes) * 4 + step
    }

    /// Every kind of cut.
    fn all() -> impl Iterator<Item = Class> {
        [ANY, WHOLE].into_iter().chain(class(0, 0)..=class(3, 3))
    }

    fn stands(text: &str) -> (Class, u64) {
        let template = Template::parse(text, Version::Y2012, Wildcards::Yes).unwrap();
        let own = coded(&template, |_, _| 0);
        stand(Pattern::of(&own))
    }

    #[test]
    fn a_pattern_stands_at_the_deepest_cut_that_it_reaches() {
        for (text, expected) in [
            ("*", ANY),
            ("arn:*", ANY),
            ("arn:aws:s3:*:*:b/k", ANY),
            ("key", ANY),
            ("arn:aws:s3:::b/k", WHOLE),
            ("arn:aws:iam::111122223333:user/alice", WHOLE),
            ("arn:aws:s3:::*", class(0, 0)),
            ("arn:aws:s3:::buc*", class(0, 0)),
            ("arn:aws:s3:::buck*", class(0, 1)),
            ("arn:aws:s3:::a-bucket*", class(0, 2)),
            ("arn:aws:s3:::a-bucket-of-fifteen*", class(0, 3)),
            ("arn:aws:s3:::b/*", class(1, 0)),
            ("arn:aws:s3:::b/${aws:username}", class(1, 0)),
            ("arn:aws:s3:::b/home*", class(1, 1)),
            ("arn:aws:s3:::b/home/*", class(2, 0)),
            ("arn:aws:s3:::b/home/a/*", class(3, 0)),
            ("arn:aws:s3:::b/home/a/b/c/d*", class(3, 1)),
            ("arn:aws:iam::111122223333:user/*", class(1, 0)),
            ("arn:aws:iam::11112222*", ANY),
            ("arn:aws:iam::111122223333:us*", class(0, 0)),
            ("arn:aws:iam::111122223333:user/team/bobb?", class(2, 1)),
        ] {
            assert_eq!(stands(text).0, expected, "{text}");
        }
    }

    #[test]
    fn a_name_is_found_where_a_pattern_of_it_stands_and_not_where_one_of_another_does() {
        let names = [
            "arn:aws:s3:::bucket-of-many-names/home/alice/reports/2026",
            "arn:aws:iam::111122223333:user/home/alice/reports/2026",
        ];
        let patterns = |name: &str| -> Vec<String> {
            let start = name.rfind(':').unwrap() + 1;
            let own = (start..name.len()).map(|end| format!("{}*", name.split_at(end).0));
            own.chain([name.to_owned()]).collect()
        };
        for name in names {
            let cuts = cuts_of(&Subject::new(name.as_bytes()), ANCHORS);
            for pattern in patterns(name) {
                let (class, hash) = stands(&pattern);
                assert_eq!(cuts.hash(class), Some(hash), "{pattern}");
            }
            let other = cuts_of(
                &Subject::new(b"arn:aws:s3:::another/thing/that-is/elsewhere/2026"),
                ANCHORS,
            );
            let shared = [ANY, class(0, 0)];
            let own = |class: &Class| !shared.contains(class) && cuts.hash(*class).is_some();
            for class in all().filter(own) {
                assert_ne!(cuts.hash(class), other.hash(class), "{name} {class}");
            }
        }
    }

    #[test]
    fn a_name_has_another_hash_at_every_cut_and_none_where_it_has_no_cut() {
        let deep = b"arn:aws:s3:::bucket-of-many-names/home-of-the-alices/reports-of-the-year/\
            2026-to-the-last-day";
        let cuts = cuts_of(&Subject::new(deep), ANCHORS);
        let mut found: Vec<u64> = all().map(|class| cuts.hash(class).unwrap()).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 18);
        let short = cuts_of(&Subject::new(b"arn:aws:s3:::b/k"), ANCHORS);
        let reached = |class: &Class| short.hash(*class).is_some();
        let reached: Vec<Class> = all().filter(reached).collect();
        assert_eq!(reached, [ANY, WHOLE, class(0, 0), class(1, 0)]);
        // What has no fifth colon has no cut at all.
        let none = cuts_of(&Subject::new(b"key"), ANCHORS);
        assert!(all().all(|class| none.hash(class) == (class == ANY).then_some(ANY_HASH)));
        // So many places are cut at as are asked for.
        for class in all() {
            for count in 0..=ANCHORS {
                let few = cuts_of(&Subject::new(deep), count).hash(class);
                assert_eq!(few, cuts.hash(class).filter(|_| anchors(class) <= count), "{class}");
            }
        }
    }

    /// The hash of a piece that ends with a slash, a word of bytes at a time.
    fn hash_of(piece: &[u8], state: u64) -> u64 {
        let word = |bytes: &[u8]| {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(word)
        };
        let whole = piece.len() - (piece.len() - 1) % 8 - 1;
        let state = piece[..whole].chunks(8).fold(state, |state, own| with_word(state, word(own)));
        with_length(state, word(&piece[whole..]), piece.len())
    }

    #[test]
    fn the_next_slash_is_found_wherever_it_stands_up_to_the_limit() {
        for filler in ["a", ".", "0", "\u{ff}"] {
            for before in 0..60 {
                let head = filler.repeat(before);
                assert_eq!(behind(head.as_bytes(), (0, 7)), None, "{filler} {before}");
                for (start, tail) in [(0, 0), (3, 1), (8, 7), (1, 8), (5, 40)] {
                    let text = format!("{}{head}/{}/", "/".repeat(start), filler.repeat(tail));
                    let end = start + head.len() + 1;
                    let hash = hash_of(&text.as_bytes()[start..end], 7);
                    assert_eq!(behind(text.as_bytes(), (start, 7)), Some((end, hash)), "{text}");
                }
            }
        }
        let far = |before: usize| behind(format!("{}/", "a".repeat(before)).as_bytes(), (0, 7));
        assert_eq!(far(8 * WORDS_MAX - 1).map(|own| own.0), Some(8 * WORDS_MAX));
        assert_eq!(far(8 * WORDS_MAX), None);
        assert_eq!(behind(b"abc", (4, 7)), None);
    }

    #[test]
    fn what_most_names_begin_with_has_the_hash_that_any_text_has() {
        assert_eq!(bytes(0, S3), S3_HASH, "{:#x}", bytes(0, S3));
    }

    #[test]
    fn the_number_of_a_cut_says_where_it_is() {
        for slashes in 0..4_u32 {
            for number in 0..4 {
                let class = class(slashes, number);
                let expected = (usize::try_from(slashes + 1), usize::try_from(number));
                assert_eq!((Ok(anchors(class)), Ok(step(class))), expected);
            }
        }
        assert_eq!((anchors(WHOLE), anchors(ANY)), (1, 0));
    }
}
