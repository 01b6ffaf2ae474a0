//! Where the names of resources are cut, so that the patterns that could match one are found by
//! its beginnings.
//!
//! A name is cut behind its fifth colon and behind each of the three slashes that follow, and a few
//! bytes further on. A pattern stands at the deepest cut that its literal lead reaches; a name is
//! looked up at every cut at which some pattern stands. Both count slashes of the same text, so a
//! pattern is always found where it stands.

use crate::compile::hash::{bytes, mix};
use crate::compile::pattern::{Pattern, Shape};
use crate::glob::ARN_PARTS;

/// A kind of cut.
pub(crate) type Class = u32;

/// How many places there are to cut at: behind the fifth colon and three slashes.
pub(crate) const ANCHORS: usize = 4;
/// How many bytes behind a place the name is cut too.
const STEPS: [usize; 4] = [0, 4, 8, 16];
/// The whole name.
pub(crate) const WHOLE: Class = 16;
/// Every name.
pub(crate) const ANY: Class = 17;
/// The hash of every name.
pub(crate) const ANY_HASH: u64 = 1;
/// What most names begin with: up to their fifth colon.
const S3: &[u8] = b"arn:aws:s3:::";

/// A name and where it can be cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cuts<'a> {
    text: &'a [u8],
    /// Where it can be cut, and the hash of what stands before.
    places: [(usize, u64); ANCHORS],
    /// How many places there are.
    count: usize,
}

impl<'a> Cuts<'a> {
    /// Finds so many places of a name, or of what a pattern begins with.
    #[inline]
    pub(crate) fn of(text: &'a [u8], anchors: usize) -> Self {
        let mut cuts = Self { text, places: [(0, 0); ANCHORS], count: 0 };
        let Some(mut end) = sixth_part(text) else { return cuts };
        let (mut start, mut state) = (0, 0);
        for place in cuts.places.iter_mut().take(anchors) {
            state = bytes(state, text.get(start..end).unwrap_or_default());
            *place = (end, state);
            cuts.count = cuts.count.saturating_add(1);
            start = end;
            let rest = text.get(start..).unwrap_or_default();
            let Some(slash) = memchr::memchr(b'/', rest) else { break };
            end = start.saturating_add(slash).saturating_add(1);
        }
        cuts
    }

    /// The hash of the name cut as `class` says, if it is long enough.
    #[inline]
    pub(crate) fn hash(&self, class: Class) -> Option<u64> {
        match class {
            ANY => Some(ANY_HASH),
            WHOLE => {
                let (place, hash) = *self.places.first().filter(|_| self.count > 0)?;
                Some(mix(bytes(hash, self.text.get(place..)?), u64::from(WHOLE)))
            }
            _ => {
                let (anchor, step) = (anchor(class), STEPS.get(step(class))?);
                let (place, hash) = *self.places.get(anchor).filter(|_| anchor < self.count)?;
                if *step == 0 {
                    return Some(hash);
                }
                let more = self.text.get(place..place.saturating_add(*step))?;
                Some(bytes(hash, more))
            }
        }
    }

    /// The deepest kind of cut that the text reaches.
    fn deepest(&self) -> Class {
        let Some(last) = self.count.checked_sub(1) else { return ANY };
        let (place, _) = self.places.get(last).copied().unwrap_or_default();
        let rest = self.text.len().saturating_sub(place);
        let step = STEPS.iter().rposition(|step| *step <= rest).unwrap_or(0);
        let class = last.saturating_mul(STEPS.len()).saturating_add(step);
        Class::try_from(class).unwrap_or(ANY)
    }
}

/// Where the sixth part of a name begins.
fn sixth_part(text: &[u8]) -> Option<usize> {
    if text.starts_with(S3) {
        return Some(S3.len());
    }
    // They stand close together: to look at each byte is quicker than to search.
    let mut colons = text.iter().enumerate().filter(|(_, byte)| **byte == b':');
    colons.nth(ARN_PARTS - 2).map(|(colon, _)| colon.saturating_add(1))
}

/// Behind which place a kind of cut is.
pub(crate) fn anchor(class: Class) -> usize {
    if class >= WHOLE { 0 } else { usize::try_from(class >> 2).unwrap_or(0) }
}

/// Which of the steps behind it.
fn step(class: Class) -> usize {
    usize::try_from(class & 3).unwrap_or(0)
}

/// Where a pattern stands, and its hash there.
pub(crate) fn stand(pattern: Pattern<'_>) -> (Class, u64) {
    let cuts = Cuts::of(pattern.lead(), ANCHORS);
    let class = match pattern.shape {
        Shape::Literal if cuts.count > 0 => WHOLE,
        _ => cuts.deepest(),
    };
    (class, cuts.hash(class).unwrap_or(ANY_HASH))
}
