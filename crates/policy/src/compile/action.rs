//! Action patterns, in lower case.

use std::cell::OnceCell;

use crate::actions;
use crate::compile::code::{self, Reader};
use crate::compile::hash::{self, bytes};
use crate::compile::hold::Hold;
use crate::compile::pattern::{self, Pattern, Shape};
use crate::compile::wild;
use crate::statement::ActionPattern;
use crate::template::{Template, Version, Wildcards};

/// A pattern of actions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ActionMatch<'a> {
    Every,
    /// One action.
    One(&'a [u8]),
    /// One action of the table, by its number.
    Known(u16),
    /// Those that begin so; the service is part of it.
    Prefix(&'a [u8]),
    /// Those that the pattern matches; the service is literal.
    Wild(&'a [u8]),
    /// Service and name, each with its own pattern.
    Apart(&'a [u8], &'a [u8]),
}

/// Which actions a pattern can match at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach<'a> {
    /// One, in any case.
    One(&'a [u8]),
    /// Those of a service, in lower case.
    Service(&'a [u8]),
    /// Any.
    Any,
}

/// An action that is asked about.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    /// The whole, as it is written.
    text: &'a [u8],
    /// The whole in lower case, once a pattern asked for it.
    lower: OnceCell<Hold<64>>,
    /// Its number, if the table knows it.
    number: Option<u16>,
    /// The hashes that it is looked up by: itself, its service, any.
    pub(crate) hashes: [u64; 3],
}

/// The hash of the service of most actions.
const S3_HASH: u64 = bytes(1, b"s3");

impl<'a> Asked<'a> {
    #[inline(never)]
    pub(crate) fn new(text: &'a [u8]) -> Self {
        let own = bytes(0, text);
        let number = actions::action_by_hash(hash::upper(hash::finish(own)), text);
        let service = match text {
            [b's', b'3', b':', ..] => S3_HASH,
            _ => bytes(1, text.split(|byte| *byte == b':').next().unwrap_or_default()),
        };
        Self { text, lower: OnceCell::new(), number, hashes: [own, service, 0] }
    }

    /// The whole, in lower case.
    fn lower(&self) -> &[u8] {
        let folded = || {
            let mut hold = Hold::new();
            hold.add(self.text);
            hold.fold_from(0);
            hold
        };
        self.lower.get_or_init(folded).bytes()
    }

    /// The service and the name, in lower case.
    fn parts(&self) -> (&[u8], &[u8]) {
        let lower = self.lower();
        let colon = lower.iter().position(|byte| *byte == b':').unwrap_or(0);
        let (service, rest) = lower.split_at_checked(colon).unwrap_or_default();
        (service, rest.get(1..).unwrap_or_default())
    }

    /// Whether it begins so; what it is compared with is in lower case.
    #[inline]
    fn begins(&self, lead: &[u8]) -> bool {
        self.text.get(..lead.len()).is_some_and(|head| head.eq_ignore_ascii_case(lead))
    }
}

/// Writes a pattern.
pub(crate) fn write(action: &ActionPattern, bytes: &mut Vec<u8>) {
    let ActionPattern::Of { text, .. } = action else { return bytes.push(0) };
    let text = text.to_ascii_lowercase();
    let own = coded(&text);
    let whole = Pattern::of(&own);
    let settled = whole.lead().contains(&b':');
    match whole.shape {
        Shape::Literal => match actions::number(&text) {
            Some(number) => {
                bytes.push(5);
                bytes.extend(number.to_le_bytes());
            }
            None => tagged(1, &own, bytes),
        },
        Shape::Prefix if settled => tagged(2, whole.lead(), bytes),
        _ if settled => tagged(3, &own, bytes),
        _ => {
            let (service, name) = text.split_once(':').unwrap_or((text.as_str(), ""));
            tagged(4, &coded(service), bytes);
            code::put(&coded(name), bytes);
        }
    }
}

fn tagged(tag: u8, text: &[u8], bytes: &mut Vec<u8>) {
    bytes.push(tag);
    code::put(text, bytes);
}

fn coded(text: &str) -> Vec<u8> {
    // A text without variables always parses.
    let template = Template::parse(text, Version::Y2008, Wildcards::Yes)
        .unwrap_or(Template::Fixed(Vec::new()));
    pattern::coded(&template, |_, _| 0)
}

impl<'a> ActionMatch<'a> {
    /// Reads what was written.
    #[inline(always)]
    fn read(from: &mut Reader<'a>) -> Option<Self> {
        let tag = from.byte()?;
        if tag == 0 {
            return Some(Self::Every);
        }
        if tag == 5 {
            return Some(Self::Known(u16::from_le_bytes(from.chunk::<2>()?)));
        }
        let text = from.text()?;
        Some(match tag {
            1 => Self::One(text),
            2 => Self::Prefix(text),
            3 => Self::Wild(text),
            _ => Self::Apart(text, from.text()?),
        })
    }

    /// Whether a list has a pattern that an action matches.
    #[inline(always)]
    pub(crate) fn lists(list: &'a [u8], asked: &Asked<'_>) -> bool {
        let mut reader = Reader(list);
        while let Some(own) = Self::read(&mut reader) {
            if own.matches(asked) {
                return true;
            }
        }
        false
    }

    /// Each pattern of a list.
    pub(crate) fn each(list: &'a [u8]) -> impl Iterator<Item = Self> {
        let mut reader = Reader(list);
        std::iter::from_fn(move || if reader.is_empty() { None } else { Self::read(&mut reader) })
    }

    /// Whether the action matches.
    #[inline(always)]
    pub(crate) fn matches(self, asked: &Asked<'_>) -> bool {
        match self {
            Self::Every => true,
            Self::One(own) => asked.text.eq_ignore_ascii_case(own),
            Self::Known(own) => asked.number == Some(own),
            Self::Prefix(own) => asked.begins(own),
            Self::Wild(own) => wild::matches(own, asked.lower()),
            Self::Apart(service, name) => {
                let (own, rest) = asked.parts();
                wild::matches(service, own) && wild::matches(name, rest)
            }
        }
    }

    /// Which actions it can match at all.
    pub(crate) fn reach(self) -> Reach<'a> {
        let service = |text: &'a [u8]| {
            let colon = text.iter().position(|byte| *byte == b':');
            colon.and_then(|colon| text.get(..colon)).map_or(Reach::Any, Reach::Service)
        };
        match self {
            Self::Every | Self::Apart(..) => Reach::Any,
            Self::One(text) => Reach::One(text),
            Self::Known(number) => {
                actions::name_of(number).map_or(Reach::Any, |name| Reach::One(name.as_bytes()))
            }
            Self::Prefix(text) | Self::Wild(text) => service(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(service: &str, name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&ActionPattern::of(&format!("{service}:{name}")), &mut bytes);
        bytes
    }

    #[test]
    fn an_action_pattern_is_written_as_the_cheapest_kind_that_says_the_same() {
        let mut every = Vec::new();
        write(&ActionPattern::Every, &mut every);
        assert_eq!(every, [0]);
        for (service, name, kind) in [
            ("s3", "GetObject", 5),
            ("S3", "getobject", 5),
            ("s3", "Get*", 2),
            ("s3", "*", 2),
            ("s3", "*Object", 3),
            ("s3", "Get?bject", 3),
            ("s*", "GetObject", 4),
            ("?3", "*", 4),
            ("*", "*", 4),
        ] {
            let bytes = written(service, name);
            assert_eq!(bytes.first(), Some(&kind), "{service}:{name}");
            let mut reader = Reader(&bytes);
            let own = ActionMatch::read(&mut reader).unwrap();
            assert!(reader.is_empty(), "{service}:{name}");
            let matches = |text: &str| own.matches(&Asked::new(text.as_bytes()));
            assert!(matches("s3:getobject"), "{service}:{name}");
            assert_eq!(matches("s4:getobject"), service == "*" || service == "s*");
        }
    }

    #[test]
    fn an_action_that_the_table_does_not_know_is_written_out() {
        let bytes = written("s3", "GetSomething");
        assert_eq!(bytes.first(), Some(&1));
        let own = ActionMatch::read(&mut Reader(&bytes)).unwrap();
        let matches = |text: &str| own.matches(&Asked::new(text.as_bytes()));
        assert!(matches("s3:getsomething") && !matches("s3:getobject"));
        let known = written("s3", "GetObject");
        let known = ActionMatch::read(&mut Reader(&known)).unwrap();
        assert!(!known.matches(&Asked::new(b"s3:getobjects")));
        assert!(!known.matches(&Asked::new(b"s3:putobject")));
        let nobody = ActionMatch::read(&mut Reader(&[5, 0xFF, 0xFF])).unwrap();
        assert!(!nobody.matches(&Asked::new(b"s3:getobject")));
        assert!(!nobody.matches(&Asked::new(b"s3:getsomething")));
        assert_eq!(nobody.reach(), Reach::Any);
    }
}
