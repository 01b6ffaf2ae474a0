//! Action patterns, in lower case.

use crate::actions;
use crate::compile::code::{self, Reader};
use crate::compile::hash::{self, bytes};
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
    /// One action of the table, as that writes it.
    Known(&'static [u8]),
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The whole, in lower case.
    pub(crate) text: &'a [u8],
}

impl<'a> Asked<'a> {
    /// The service and the name.
    pub(crate) fn parts(&self) -> (&'a [u8], &'a [u8]) {
        // What most actions begin with.
        if let Some(name) = self.text.strip_prefix(b"s3:") {
            return (b"s3", name);
        }
        let colon = self.text.iter().position(|byte| *byte == b':').unwrap_or(0);
        let (service, rest) = self.text.split_at_checked(colon).unwrap_or_default();
        (service, rest.get(1..).unwrap_or_default())
    }

    /// The hashes that it is looked up by: itself, its service, any.
    pub(crate) fn hashes(&self) -> [u64; 3] {
        [bytes(0, self.text), bytes(1, self.parts().0), 0]
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
    #[inline]
    fn read(from: &mut Reader<'a>) -> Option<Self> {
        let tag = from.byte()?;
        if tag == 0 {
            return Some(Self::Every);
        }
        if tag == 5 {
            let name = actions::name_of(u16::from_le_bytes(from.chunk::<2>()?))?;
            return Some(Self::Known(name.as_bytes()));
        }
        let text = from.text()?;
        Some(match tag {
            1 => Self::One(text),
            2 => Self::Prefix(text),
            3 => Self::Wild(text),
            _ => Self::Apart(text, from.text()?),
        })
    }

    /// Each pattern of a list.
    #[inline]
    pub(crate) fn each(list: &'a [u8]) -> impl Iterator<Item = Self> {
        let mut reader = Reader(list);
        std::iter::from_fn(move || if reader.is_empty() { None } else { Self::read(&mut reader) })
    }

    /// Whether the action matches.
    #[inline]
    pub(crate) fn matches(self, asked: &Asked<'_>) -> bool {
        match self {
            Self::Every => true,
            Self::One(own) => asked.text == own,
            Self::Known(own) => hash::folds_to(own, asked.text),
            Self::Prefix(own) => asked.text.starts_with(own),
            Self::Wild(own) => wild::matches(own, asked.text),
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
            Self::One(text) | Self::Known(text) => Reach::One(text),
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
            let matches = |text: &str| own.matches(&Asked { text: text.as_bytes() });
            assert!(matches("s3:getobject"), "{service}:{name}");
            assert_eq!(matches("s4:getobject"), service == "*" || service == "s*");
        }
    }

    #[test]
    fn an_action_that_the_table_does_not_know_is_written_out() {
        let bytes = written("s3", "GetSomething");
        assert_eq!(bytes.first(), Some(&1));
        let own = ActionMatch::read(&mut Reader(&bytes)).unwrap();
        let matches = |text: &str| own.matches(&Asked { text: text.as_bytes() });
        assert!(matches("s3:getsomething") && !matches("s3:getobject"));
        let known = written("s3", "GetObject");
        let known = ActionMatch::read(&mut Reader(&known)).unwrap();
        assert!(!known.matches(&Asked { text: b"s3:getobjects" }));
        assert!(!known.matches(&Asked { text: b"s3:putobject" }));
        assert!(ActionMatch::read(&mut Reader(&[5, 0xFF, 0xFF])).is_none());
    }
}
