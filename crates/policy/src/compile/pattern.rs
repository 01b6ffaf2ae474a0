//! Patterns as bytes: the UTF-8 of their literal text, and three bytes that UTF-8 does not have for
//! what is not literal.

use crate::compile::code::{self, Reader};
use crate::compile::hold::Hold;
use crate::compile::wild::{self, Subject};
use crate::compile::{Code, KeyRef};
use crate::context::{Context, Found};
use crate::glob::{ARN_PARTS, Token};
use crate::template::{Part, Template};

/// `*`: any run of characters.
pub(crate) const RUN: u8 = 0xFF;
/// `?`: exactly one character.
pub(crate) const ONE: u8 = 0xFE;
/// A variable; where it is written follows in four bytes of seven bits.
pub(crate) const VARIABLE: u8 = 0xFD;

/// How much a pattern asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// Everything.
    Every,
    /// No wildcard, no variable.
    Literal,
    /// Literal text and then anything.
    Prefix,
    /// Wildcards.
    Wild,
    /// Variables.
    Open,
}

/// A pattern, read from the bytes of its document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pattern<'a> {
    /// Its bytes; without the `*` at the end of a prefix.
    own: &'a [u8],
    /// How many bytes stand before the first wildcard or variable.
    lead: u32,
    pub(crate) shape: Shape,
    /// Whether all that is not literal stands behind the fifth colon, so that matching part by part
    /// is matching the whole.
    settled: bool,
    /// Whether it is in lower case, and the values of its variables are to be.
    folded: bool,
    /// Whether it begins with [`S3`], which is not written with it.
    short: bool,
}

/// What most names begin with.
pub(crate) const S3: &[u8] = b"arn:aws:s3:::";

/// A variable: where its key is written, and what it is without a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Variable<'a> {
    key: u32,
    default: Option<&'a [u8]>,
}

/// Longest pattern that is put together on the stack, in bytes.
const RESOLVED_BYTES: usize = 2_560;

/// The bits of a pattern's first byte.
const SHAPE: u8 = 0b0111;
const SETTLED: u8 = 0b1000;
const FOLDED: u8 = 0b1_0000;
const SHORT: u8 = 0b10_0000;

impl Shape {
    fn number(self) -> u8 {
        match self {
            Self::Every => 0,
            Self::Literal => 1,
            Self::Prefix => 2,
            Self::Wild => 3,
            Self::Open => 4,
        }
    }
}

/// The bytes of a template; `variable` gives the place where each variable is written.
pub(crate) fn coded(
    template: &Template,
    mut variable: impl FnMut(&str, Option<&str>) -> u32,
) -> Vec<u8> {
    let mut own = Vec::new();
    match template {
        Template::Fixed(tokens) => {
            own.reserve(tokens.len());
            tokens.iter().for_each(|token| put(*token, &mut own));
        }
        Template::Open(parts) => {
            for part in parts {
                match part {
                    Part::Token(token) => put(*token, &mut own),
                    Part::Variable { key, default } => {
                        let at = variable(key, default.as_deref());
                        own.push(VARIABLE);
                        own.extend([at, at >> 7, at >> 14, at >> 21].map(code::low));
                    }
                }
            }
        }
    }
    own
}

impl<'a> Pattern<'a> {
    /// The pattern of everything.
    pub(crate) const EVERY: Pattern<'static> = Pattern {
        own: &[],
        lead: 0,
        shape: Shape::Every,
        settled: true,
        folded: false,
        short: false,
    };

    /// The pattern of coded bytes.
    pub(crate) fn of(own: &'a [u8]) -> Self {
        let lead = own.iter().position(|byte| *byte >= VARIABLE).unwrap_or(own.len());
        let shape = match own.get(lead..) {
            None | Some([]) => Shape::Literal,
            Some([RUN]) => Shape::Prefix,
            Some(rest) if rest.contains(&VARIABLE) => Shape::Open,
            Some(_) => Shape::Wild,
        };
        let colons = own.iter().take(lead).filter(|byte| **byte == b':').count();
        let own = if shape == Shape::Prefix { own.get(..lead).unwrap_or_default() } else { own };
        let settled = colons.saturating_add(1) >= ARN_PARTS;
        Self { own, lead: count(lead), shape, settled, folded: false, short: false }
    }

    /// The same, without what most names begin with.
    pub(crate) fn short(self) -> Self {
        match self.lead().strip_prefix(S3).and(self.own.get(S3.len()..)) {
            Some(own) => {
                Self { own, lead: self.lead.saturating_sub(count(S3.len())), short: true, ..self }
            }
            None => self,
        }
    }

    /// The same, to be matched with a text in lower case.
    pub(crate) fn fold(self) -> Self {
        Self { folded: true, ..self }
    }

    /// Writes it.
    pub(crate) fn write(self, bytes: &mut Vec<u8>) {
        let settled = if self.settled { SETTLED } else { 0 };
        let folded = if self.folded { FOLDED } else { 0 };
        let short = if self.short { SHORT } else { 0 };
        bytes.push(self.shape.number() | settled | folded | short);
        match self.shape {
            Shape::Every => {}
            Shape::Literal | Shape::Prefix => code::put(self.own, bytes),
            Shape::Wild | Shape::Open => {
                code::put_number(self.lead, bytes);
                code::put(self.own, bytes);
            }
        }
    }

    /// Reads what was written.
    #[inline(always)]
    pub(crate) fn read(from: &mut Reader<'a>) -> Option<Self> {
        let head = from.byte()?;
        let (settled, folded) = (head & SETTLED != 0, head & FOLDED != 0);
        let short = head & SHORT != 0;
        let shape = match head & SHAPE {
            0 => return Some(Self::EVERY),
            1 => Shape::Literal,
            2 => Shape::Prefix,
            3 => Shape::Wild,
            _ => Shape::Open,
        };
        let whole = matches!(shape, Shape::Literal | Shape::Prefix);
        let lead = if whole { None } else { Some(from.number()?) };
        let own = from.text()?;
        Some(Self { own, lead: lead.unwrap_or(count(own.len())), shape, settled, folded, short })
    }

    /// Whether a list begins with the pattern of everything.
    #[inline(always)]
    pub(crate) fn is_every(list: &[u8]) -> bool {
        list.first().is_some_and(|head| head & SHAPE == 0)
    }

    /// Whether a list has a pattern that a resource name matches.
    #[inline(always)]
    pub(crate) fn lists(
        list: &'a [u8],
        name: &Subject<'_>,
        code: Code<'a>,
        context: &Context<'_>,
    ) -> bool {
        let mut reader = Reader(list);
        while let Some(own) = Self::read(&mut reader) {
            if own.matches_arn(name, code, context) {
                return true;
            }
        }
        false
    }

    /// Each pattern of a list.
    #[inline]
    pub(crate) fn each(list: &'a [u8]) -> impl Iterator<Item = Self> {
        let mut reader = Reader(list);
        std::iter::from_fn(move || if reader.is_empty() { None } else { Self::read(&mut reader) })
    }

    /// All that it begins with before its first wildcard or variable.
    pub(crate) fn whole_lead(self) -> Vec<u8> {
        let first = if self.short { S3 } else { &[] };
        [first, self.lead()].concat()
    }

    /// What is written of it before its first wildcard or variable.
    #[inline]
    pub(crate) fn lead(self) -> &'a [u8] {
        self.own.get(..place(self.lead)).unwrap_or_default()
    }

    /// What follows its lead.
    fn rest(self) -> &'a [u8] {
        self.own.get(place(self.lead)..).unwrap_or_default()
    }

    /// Whether a resource name matches, part by part.
    #[inline(always)]
    pub(crate) fn matches_arn(
        self,
        name: &Subject<'_>,
        code: Code<'a>,
        context: &Context<'_>,
    ) -> bool {
        if self.shape == Shape::Every {
            return true;
        }
        let first = if self.short { S3.len() } else { 0 };
        let own = if self.short { name.behind_s3() } else { Some(name.text()) };
        let Some(rest) = own.and_then(|own| own.strip_prefix(self.lead())) else { return false };
        match (self.shape, self.settled) {
            (Shape::Literal, _) => rest.is_empty(),
            (Shape::Prefix, settled) => settled,
            (Shape::Wild, true) => {
                name.matches_behind(place(self.lead).saturating_add(first), self.rest())
            }
            (Shape::Open, true) => self.open(rest, code, context),
            (Shape::Open, false) => self.resolved(self.own, code, context, |pattern| {
                wild::matches_arn(pattern, name.text())
            }),
            (_, false) => wild::matches_arn(self.own, name.text()),
            (Shape::Every, true) => true,
        }
    }

    /// Whether a text matches, as one piece.
    #[inline]
    pub(crate) fn matches(self, text: &Subject<'_>, code: Code<'a>, context: &Context<'_>) -> bool {
        if self.shape == Shape::Every {
            return true;
        }
        let Some(rest) = text.text().strip_prefix(self.lead()) else { return false };
        match self.shape {
            Shape::Literal => rest.is_empty(),
            Shape::Prefix | Shape::Every => true,
            Shape::Wild => text.matches_behind(place(self.lead), self.rest()),
            Shape::Open => self.open(rest, code, context),
        }
    }

    /// Whether it is `*`, whatever that is matched with.
    pub(crate) fn is_star(self) -> bool {
        self.shape == Shape::Every || (self.shape == Shape::Prefix && self.own.is_empty())
    }

    /// Gives the text of a pattern without wildcards, its variables replaced; `false` if one has no
    /// value.
    pub(crate) fn with_text(
        self,
        code: Code<'a>,
        context: &Context<'_>,
        then: impl FnOnce(&[u8]) -> bool,
    ) -> bool {
        match self.shape {
            Shape::Open => self.resolved(self.own, code, context, then),
            _ => then(self.own),
        }
    }

    /// Whether an ARN that is a value matches; variables may stand in any part of the pattern.
    pub(crate) fn matches_value(
        self,
        value: &Subject<'_>,
        code: Code<'a>,
        context: &Context<'_>,
    ) -> bool {
        if self.shape == Shape::Open {
            return self.resolved(self.own, code, context, |own| {
                own == [RUN] || wild::matches_arn(own, value.text())
            });
        }
        self.matches_arn(value, code, context)
    }

    /// Matches what follows the lead of a pattern with variables. Where no `*` stands before the
    /// end, piece by piece.
    #[inline(never)]
    fn open(self, text: &[u8], code: Code<'a>, context: &Context<'_>) -> bool {
        let mut pattern = self.rest();
        let runs = pattern.iter().filter(|byte| **byte == RUN).count();
        if runs > usize::from(pattern.last() == Some(&RUN)) {
            return self.resolved(pattern, code, context, |own| wild::matches(own, text));
        }
        let mut text = text;
        while let Some((piece, rest)) = Piece::next(pattern, code) {
            let after = match piece {
                Piece::Literal(own) => text.strip_prefix(own),
                Piece::One => wild::behind_one(text),
                // It is the last piece, and no variable before it is without a value.
                Piece::Run => return true,
                Piece::Variable(variable) => {
                    let after = |own: &[u8]| self.behind(own, text);
                    value(variable, code, context, after).flatten()
                }
            };
            let Some(after) = after else { return false };
            (pattern, text) = (rest, after);
        }
        text.is_empty()
    }

    /// What follows the value of a variable in a text that begins with it.
    fn behind<'t>(self, value: &[u8], text: &'t [u8]) -> Option<&'t [u8]> {
        let (head, rest) = text.split_at_checked(value.len())?;
        let same = if self.folded { head.eq_ignore_ascii_case(value) } else { head == value };
        same.then_some(rest)
    }

    /// Gives the pattern with its variables replaced; `false` if one has no value. Only patterns
    /// longer than [`RESOLVED_BYTES`] are put together on the heap.
    fn resolved(
        self,
        pattern: &'a [u8],
        code: Code<'a>,
        context: &Context<'_>,
        then: impl FnOnce(&[u8]) -> bool,
    ) -> bool {
        let mut whole = Hold::<RESOLVED_BYTES>::new();
        let mut pattern = pattern;
        while let Some((piece, rest)) = Piece::next(pattern, code) {
            match piece {
                Piece::Literal(own) => whole.add(own),
                Piece::One => whole.add(&[ONE]),
                Piece::Run => whole.add(&[RUN]),
                Piece::Variable(variable) => {
                    let start = whole.bytes().len();
                    if value(variable, code, context, |own| whole.add(own)).is_none() {
                        return false;
                    }
                    if self.folded {
                        whole.fold_from(start);
                    }
                }
            }
            pattern = rest;
        }
        then(whole.bytes())
    }

    /// The keys of its variables, in order.
    pub(crate) fn keys(self, code: Code<'a>) -> impl Iterator<Item = KeyRef<'a>> {
        let mut rest = if self.shape == Shape::Open { self.own } else { &[] };
        std::iter::from_fn(move || {
            loop {
                let (piece, after) = Piece::next(rest, code)?;
                rest = after;
                if let Piece::Variable(variable) = piece {
                    return code.key(variable.key);
                }
            }
        })
    }
}

/// A piece of an open pattern.
enum Piece<'a> {
    Literal(&'a [u8]),
    One,
    Run,
    Variable(Variable<'a>),
}

impl<'a> Piece<'a> {
    /// The first piece, and what follows it.
    fn next(pattern: &'a [u8], code: Code<'a>) -> Option<(Self, &'a [u8])> {
        match pattern {
            [] => None,
            [RUN, rest @ ..] => Some((Self::Run, rest)),
            [ONE, rest @ ..] => Some((Self::One, rest)),
            [VARIABLE, one, two, three, four, rest @ ..] => {
                let part = |byte: u8, shift: u32| u32::from(byte) << shift;
                let at = part(*one, 0) | part(*two, 7) | part(*three, 14) | part(*four, 21);
                Some((Self::Variable(Variable::at(at, code)?), rest))
            }
            _ => {
                let end = pattern.iter().position(|b| *b >= VARIABLE).unwrap_or(pattern.len());
                pattern.split_at_checked(end).map(|(text, rest)| (Self::Literal(text), rest))
            }
        }
    }
}

impl<'a> Variable<'a> {
    /// The variable that is written at a place.
    fn at(at: u32, code: Code<'a>) -> Option<Self> {
        let mut reader = Reader(code.pool.get(place(at)..)?);
        let key = reader.number()?;
        let default = if reader.byte()? == 0 { None } else { Some(reader.text()?) };
        Some(Self { key, default })
    }
}

/// Writes a variable.
pub(crate) fn put_variable(key: u32, default: Option<&str>, bytes: &mut Vec<u8>) {
    code::put_number(key, bytes);
    bytes.push(u8::from(default.is_some()));
    if let Some(default) = default {
        code::put(default.as_bytes(), bytes);
    }
}

/// Gives the value of a variable; `None` if it has none that could stand for it.
fn value<T>(
    variable: Variable<'_>,
    code: Code<'_>,
    context: &Context<'_>,
    then: impl FnOnce(&[u8]) -> T,
) -> Option<T> {
    let mut hold = None;
    match (context.find(code.key(variable.key)?, &mut hold), variable.default) {
        (Found::One(value), _) => Some(then(value.as_bytes())),
        (Found::Absent, Some(default)) => Some(then(default)),
        // A multivalued key has no one value to stand for.
        (Found::Many(_) | Found::Absent, _) => None,
    }
}

fn put(token: Token, own: &mut Vec<u8>) {
    match token {
        Token::Char(character) => {
            own.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Token::One => own.push(ONE),
        // Two stars in a row are one.
        Token::Run if own.last() == Some(&RUN) => {}
        Token::Run => own.push(RUN),
    }
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(crate) fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{Version, Wildcards};

    fn coded_text(text: &str) -> Vec<u8> {
        let template = Template::parse(text, Version::Y2012, Wildcards::Yes).unwrap();
        coded(&template, |_, _| 0x0080_C101)
    }

    #[test]
    fn a_pattern_has_the_cheapest_shape_that_says_the_same() {
        for (text, shape, lead) in [
            ("", Shape::Literal, ""),
            ("abc", Shape::Literal, "abc"),
            ("*", Shape::Prefix, ""),
            ("abc*", Shape::Prefix, "abc"),
            ("abc***", Shape::Prefix, "abc"),
            ("of-nine-letters*", Shape::Prefix, "of-nine-letters"),
            ("a*c", Shape::Wild, "a"),
            ("a?", Shape::Wild, "a"),
            ("?*", Shape::Wild, ""),
            ("a/${aws:username}", Shape::Open, "a/"),
            ("a*${aws:username}*", Shape::Open, "a"),
        ] {
            let own = coded_text(text);
            let pattern = Pattern::of(&own);
            assert_eq!((pattern.shape, pattern.lead()), (shape, lead.as_bytes()), "{text}");
            assert!(!pattern.settled, "{text}");
            let own = coded_text(&format!("arn:aws:s3:::{text}"));
            assert!(Pattern::of(&own).settled, "{text}");
            assert!(!Pattern::of(&own).is_star(), "{text}");
        }
    }

    #[test]
    fn stars_in_a_row_are_one() {
        assert_eq!(coded_text("a**b***"), coded_text("a*b*"));
    }

    #[test]
    fn only_a_star_alone_is_a_star() {
        assert!(Pattern::EVERY.is_star());
        for (text, is_star) in [("*", true), ("**", true), ("a*", false), ("a", false), ("", false)]
        {
            assert_eq!(Pattern::of(&coded_text(text)).is_star(), is_star, "{text}");
        }
    }

    #[test]
    fn the_place_of_a_variable_takes_four_bytes_of_seven_bits() {
        assert_eq!(coded_text("${aws:username}"), [VARIABLE, 1, 2, 3, 4]);
    }

    #[test]
    fn what_most_names_begin_with_is_not_written() {
        for (text, short) in [("arn:aws:s3:::", true), ("arn:aws:s3::", false), ("x", false)] {
            for rest in ["abc", "abc*", "*", "a*c", "a?", "a/${aws:username}"] {
                let own = coded_text(&format!("{text}{rest}"));
                let pattern = Pattern::of(&own);
                assert_eq!(pattern.short().short, short, "{text}{rest}");
                assert_eq!(pattern.short().whole_lead(), pattern.lead(), "{text}{rest}");
                let written = if short { &own[13..] } else { &own };
                assert!(written.starts_with(pattern.short().own), "{text}{rest}");
            }
        }
    }

    #[test]
    fn a_pattern_is_read_as_it_was_written() {
        for text in ["abc", "abc*", "*", "a*c", "a?", "a/${aws:username}"] {
            for lead in ["", "arn:aws:s3:::"] {
                let own = coded_text(&format!("{lead}{text}"));
                let whole = Pattern::of(&own);
                for pattern in [whole, whole.fold(), whole.short(), Pattern::EVERY] {
                    let mut bytes = Vec::new();
                    pattern.write(&mut bytes);
                    bytes.push(0);
                    let mut reader = Reader(&bytes);
                    assert_eq!(Pattern::read(&mut reader), Some(pattern), "{lead}{text}");
                    assert_eq!(reader.0, [0], "{lead}{text}");
                }
            }
        }
    }
}
