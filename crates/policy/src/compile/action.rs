//! Action patterns: most are told apart by their first sixteen bytes, compared as two words.

use crate::compile::pattern::{Pattern, Pool, Shape};
use crate::context::Context;
use crate::statement::ActionPattern;
use crate::template::{Template, Version, Wildcards};

/// Bytes that are compared as words.
const HEAD_BYTES: usize = 16;

/// The first bytes of a text in lower case, the rest zero.
pub(crate) type Head = [u64; 2];

/// A pattern of actions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ActionMatch {
    head: Head,
    /// How many bytes of the head count.
    bytes: u8,
    how: How,
    /// The whole pattern in lower case, or the number of the service's, before the name's.
    pattern: u32,
}

/// What decides, if the head does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    /// Every action.
    Every,
    /// The head alone.
    Head,
    /// The whole pattern.
    Whole,
    /// Service and name, each with its own pattern.
    Apart,
}

/// Which actions a pattern can match at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach<'a> {
    /// One, in lower case.
    One(&'a [u8]),
    /// Those of a service, in lower case.
    Service(&'a [u8]),
    /// Any.
    Any,
}

/// An action that is asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The whole, in lower case.
    pub(crate) text: &'a [u8],
    pub(crate) head: Head,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, head: head(text) }
    }

    /// The service and the name.
    pub(crate) fn parts(&self) -> (&'a [u8], &'a [u8]) {
        let colon = self.text.iter().position(|byte| *byte == b':').unwrap_or(0);
        let (service, rest) = self.text.split_at_checked(colon).unwrap_or_default();
        (service, rest.get(1..).unwrap_or_default())
    }
}

impl ActionMatch {
    /// Compiles a pattern; its bytes go behind `bytes`, its patterns behind `patterns`.
    pub(crate) fn compile(
        action: &ActionPattern,
        bytes: &mut Vec<u8>,
        patterns: &mut Vec<Pattern>,
    ) -> Self {
        let number = super::pattern::count(patterns.len());
        let ActionPattern::Of { text, .. } = action else {
            return Self { head: [0; 2], bytes: 0, how: How::Every, pattern: number };
        };
        let text = text.to_ascii_lowercase();
        let whole = write(&text, bytes);
        let lead = whole.lead(bytes);
        let own = Self {
            head: head(lead),
            bytes: u8::try_from(lead.len().min(HEAD_BYTES)).unwrap_or(0),
            how: How::Whole,
            pattern: number,
        };
        let short = lead.len() <= HEAD_BYTES;
        let settled = lead.contains(&b':');
        let exact = lead.len() < HEAD_BYTES;
        match whole.shape {
            // A zero byte behind the text tells that it ends there.
            Shape::Literal if exact => {
                let bytes = own.bytes.saturating_add(1);
                patterns.push(whole);
                Self { bytes, how: How::Head, ..own }
            }
            Shape::Prefix if short && settled => {
                patterns.push(whole);
                Self { how: How::Head, ..own }
            }
            _ if settled => {
                patterns.push(whole);
                own
            }
            _ => {
                let (service, name) = text.split_once(':').unwrap_or((text.as_str(), ""));
                let parts = [service, name].map(|part| write(part, bytes));
                patterns.extend(parts);
                Self { how: How::Apart, ..own }
            }
        }
    }

    /// Whether the action matches.
    #[inline]
    pub(crate) fn matches(
        &self,
        asked: &Asked<'_>,
        patterns: &[Pattern],
        pool: Pool<'_>,
        context: &Context<'_>,
    ) -> bool {
        let [low, high] = mask(self.bytes);
        let [own_low, own_high] = self.head;
        let [low_asked, high_asked] = asked.head;
        if (own_low ^ low_asked) & low != 0 || (own_high ^ high_asked) & high != 0 {
            return false;
        }
        let pattern = |number| patterns.get(super::pattern::place(number));
        let matches = |number, text: &[u8]| {
            pattern(number).is_some_and(|pattern: &Pattern| pattern.matches(text, pool, context))
        };
        match self.how {
            How::Every | How::Head => true,
            How::Whole => matches(self.pattern, asked.text),
            How::Apart => {
                let (service, name) = asked.parts();
                matches(self.pattern, service) && matches(self.pattern.saturating_add(1), name)
            }
        }
    }

    /// Which actions it can match at all.
    pub(crate) fn reach<'a>(&self, patterns: &[Pattern], bytes: &'a [u8]) -> Reach<'a> {
        let Some(pattern) = patterns.get(super::pattern::place(self.pattern)) else {
            return Reach::Any;
        };
        if matches!(self.how, How::Every | How::Apart) {
            return Reach::Any;
        }
        let lead = pattern.lead(bytes);
        match (pattern.shape, lead.iter().position(|byte| *byte == b':')) {
            (Shape::Literal, _) => Reach::One(lead),
            (_, Some(colon)) => Reach::Service(lead.get(..colon).unwrap_or_default()),
            (_, None) => Reach::Any,
        }
    }
}

fn write(text: &str, bytes: &mut Vec<u8>) -> Pattern {
    // A text without variables always parses.
    let template = Template::parse(text, Version::Y2008, Wildcards::Yes)
        .unwrap_or(Template::Fixed(Vec::new()));
    Pattern::write(&template, bytes, |_, _, _| 0)
}

/// The first bytes of a text in lower case already.
fn head(text: &[u8]) -> Head {
    let mut bytes = [0_u8; HEAD_BYTES];
    let own = text.get(..HEAD_BYTES).unwrap_or(text);
    if let Some(place) = bytes.get_mut(..own.len()) {
        place.copy_from_slice(own);
    }
    let whole = u128::from_le_bytes(bytes);
    let word = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
    [word(whole), word(whole >> 64)]
}

/// The words in which so many bytes count.
fn mask(bytes: u8) -> Head {
    MASKS.get(usize::from(bytes)).copied().unwrap_or([u64::MAX; 2])
}

const MASKS: [Head; 17] = [
    [0, 0],
    [0xFF, 0],
    [0xFFFF, 0],
    [0xFF_FFFF, 0],
    [0xFFFF_FFFF, 0],
    [0xFF_FFFF_FFFF, 0],
    [0xFFFF_FFFF_FFFF, 0],
    [0xFF_FFFF_FFFF_FFFF, 0],
    [u64::MAX, 0],
    [u64::MAX, 0xFF],
    [u64::MAX, 0xFFFF],
    [u64::MAX, 0xFF_FFFF],
    [u64::MAX, 0xFFFF_FFFF],
    [u64::MAX, 0xFF_FFFF_FFFF],
    [u64::MAX, 0xFFFF_FFFF_FFFF],
    [u64::MAX, 0xFF_FFFF_FFFF_FFFF],
    [u64::MAX, u64::MAX],
];
