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
const ANCHORS: usize = 4;
/// How many bytes behind a place the name is cut too.
const STEPS: [usize; 4] = [0, 4, 8, 16];
/// The whole name.
pub(crate) const WHOLE: Class = 16;
/// Every name.
pub(crate) const ANY: Class = 17;
/// The hash of every name.
pub(crate) const ANY_HASH: u64 = 1;

/// A name and where it can be cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cuts<'a> {
    text: &'a [u8],
    places: [usize; ANCHORS],
    hashes: [u64; ANCHORS],
    /// How many places there are.
    count: usize,
}

impl<'a> Cuts<'a> {
    /// Finds the places of a name, or of what a pattern begins with.
    pub(crate) fn of(text: &'a [u8]) -> Self {
        let mut cuts = Self { text, places: [0; ANCHORS], hashes: [0; ANCHORS], count: 0 };
        // They stand close together: to look at each byte is quicker than to search.
        let mut colons = text.iter().enumerate().filter(|(_, byte)| **byte == b':');
        let Some((mut end, _)) = colons.nth(ARN_PARTS - 2) else { return cuts };
        let (mut start, mut state) = (0, 0);
        for (place, hash) in cuts.places.iter_mut().zip(&mut cuts.hashes) {
            end = end.saturating_add(1);
            state = bytes(state, text.get(start..end).unwrap_or_default());
            (*place, *hash) = (end, state);
            cuts.count = cuts.count.saturating_add(1);
            start = end;
            let rest = text.get(start..).unwrap_or_default();
            let Some(slash) = memchr::memchr(b'/', rest) else { break };
            end = start.saturating_add(slash);
        }
        cuts
    }

    /// The hash of the name cut as `class` says, if it is long enough.
    #[inline]
    pub(crate) fn hash(&self, class: Class) -> Option<u64> {
        match class {
            ANY => Some(ANY_HASH),
            WHOLE => {
                let last = self.count.checked_sub(1)?;
                let rest = self.text.get(*self.places.get(last)?..)?;
                Some(mix(bytes(*self.hashes.get(last)?, rest), u64::from(WHOLE)))
            }
            _ => {
                let class = usize::try_from(class).ok()?;
                let (anchor, step) = (class / STEPS.len(), STEPS.get(class % STEPS.len())?);
                if anchor >= self.count {
                    return None;
                }
                let (place, hash) = (*self.places.get(anchor)?, *self.hashes.get(anchor)?);
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
        let place = self.places.get(last).copied().unwrap_or(0);
        let rest = self.text.len().saturating_sub(place);
        let step = STEPS.iter().rposition(|step| *step <= rest).unwrap_or(0);
        let class = last.saturating_mul(STEPS.len()).saturating_add(step);
        Class::try_from(class).unwrap_or(ANY)
    }
}

/// Where a pattern stands, and its hash there.
pub(crate) fn stand(pattern: &Pattern, program: &[u8]) -> (Class, u64) {
    let cuts = Cuts::of(pattern.lead(program));
    let class = match pattern.shape {
        Shape::Literal if cuts.count > 0 => WHOLE,
        _ => cuts.deepest(),
    };
    (class, cuts.hash(class).unwrap_or(ANY_HASH))
}
