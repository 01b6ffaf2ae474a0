//! Patterns as bytes: the UTF-8 of their literal text, and three bytes that UTF-8 does not have for
//! what is not literal.

use crate::compile::hold::Hold;
use crate::compile::{Keys, wild};
use crate::context::{Context, Found};
use crate::glob::{ARN_PARTS, Token};
use crate::template::{Part, Template};

/// `*`: any run of characters.
pub(crate) const RUN: u8 = 0xFF;
/// `?`: exactly one character.
pub(crate) const ONE: u8 = 0xFE;
/// A variable; its number follows in three bytes of seven bits.
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

/// A pattern, in the bytes of its program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pattern {
    start: u32,
    len: u32,
    /// How many bytes stand before the first wildcard or variable.
    lead: u32,
    pub(crate) shape: Shape,
    /// Whether all that is not literal stands behind the fifth colon, so that matching part by part
    /// is matching the whole.
    settled: bool,
    /// Whether it is in lower case, and the values of its variables are to be.
    folded: bool,
}

/// A variable: where its value comes from, and what it is without one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Variable {
    pub(crate) key: u32,
    pub(crate) default: Option<Pattern>,
}

/// What patterns are looked up in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pool<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) variables: &'a [Variable],
    pub(crate) keys: Keys<'a>,
}

/// Longest pattern that is put together on the stack, in bytes.
const RESOLVED_BYTES: usize = 2_560;

impl Pattern {
    /// The pattern of everything.
    pub(crate) const EVERY: Self =
        Self { start: 0, len: 0, lead: 0, shape: Shape::Every, settled: true, folded: false };

    /// Writes a pattern behind `bytes`; `number` gives each variable its number.
    pub(crate) fn write(
        template: &Template,
        bytes: &mut Vec<u8>,
        mut number: impl FnMut(&str, Option<&str>, &mut Vec<u8>) -> u32,
    ) -> Self {
        let mut own = Vec::new();
        match template {
            Template::Fixed(tokens) => tokens.iter().for_each(|token| put(*token, &mut own)),
            Template::Open(parts) => {
                for part in parts {
                    match part {
                        Part::Token(token) => put(*token, &mut own),
                        Part::Variable { key, default } => {
                            let number = number(key, default.as_deref(), bytes);
                            own.push(VARIABLE);
                            own.extend([number, number >> 7, number >> 14].map(seven));
                        }
                    }
                }
            }
        }
        let start = bytes.len();
        bytes.extend_from_slice(&own);
        Self::read(&own, start)
    }

    /// Literal text behind `bytes`.
    pub(crate) fn literal(text: &str, bytes: &mut Vec<u8>) -> Self {
        let start = bytes.len();
        bytes.extend_from_slice(text.as_bytes());
        Self::read(text.as_bytes(), start)
    }

    fn read(own: &[u8], start: usize) -> Self {
        let lead = own.iter().position(|byte| *byte >= VARIABLE).unwrap_or(own.len());
        let shape = match own.get(lead..) {
            None | Some([]) => Shape::Literal,
            Some([RUN]) => Shape::Prefix,
            Some(rest) if rest.contains(&VARIABLE) => Shape::Open,
            Some(_) => Shape::Wild,
        };
        let colons = own.iter().take(lead).filter(|byte| **byte == b':').count();
        Self {
            start: count(start),
            len: count(own.len()),
            lead: count(lead),
            shape,
            settled: colons.saturating_add(1) >= ARN_PARTS,
            folded: false,
        }
    }

    /// The same, to be matched with a text in lower case.
    pub(crate) fn fold(self) -> Self {
        Self { folded: true, ..self }
    }

    fn own(self, bytes: &[u8]) -> &[u8] {
        slice(bytes, self.start, self.len)
    }

    /// What it begins with before its first wildcard or variable.
    pub(crate) fn lead(self, bytes: &[u8]) -> &[u8] {
        slice(bytes, self.start, self.lead)
    }

    /// What follows its lead.
    fn rest(self, bytes: &[u8]) -> &[u8] {
        self.own(bytes).get(place(self.lead)..).unwrap_or_default()
    }

    /// The text of a literal pattern.
    pub(crate) fn text(self, bytes: &[u8]) -> &[u8] {
        self.own(bytes)
    }

    /// Whether a resource name matches, part by part.
    #[inline]
    pub(crate) fn matches_arn(self, text: &str, pool: Pool<'_>, context: &Context<'_>) -> bool {
        if self.shape == Shape::Every {
            return true;
        }
        let Some(rest) = text.as_bytes().strip_prefix(self.lead(pool.bytes)) else { return false };
        match (self.shape, self.settled) {
            (Shape::Literal, _) => rest.is_empty(),
            (Shape::Prefix, true) => true,
            (Shape::Wild, true) => wild::matches(self.rest(pool.bytes), rest),
            (Shape::Open, true) => self.open(rest, pool, context),
            (Shape::Open, false) => self.resolved(self.own(pool.bytes), pool, context, |pattern| {
                wild::matches_arn(pattern, text.as_bytes())
            }),
            (_, false) => wild::matches_arn(self.own(pool.bytes), text.as_bytes()),
            (Shape::Every, true) => true,
        }
    }

    /// Whether a text matches, as one piece.
    #[inline]
    pub(crate) fn matches(self, text: &[u8], pool: Pool<'_>, context: &Context<'_>) -> bool {
        if self.shape == Shape::Every {
            return true;
        }
        let Some(rest) = text.strip_prefix(self.lead(pool.bytes)) else { return false };
        match self.shape {
            Shape::Literal => rest.is_empty(),
            Shape::Prefix | Shape::Every => true,
            Shape::Wild => wild::matches(self.rest(pool.bytes), rest),
            Shape::Open => self.open(rest, pool, context),
        }
    }

    /// Whether it is `*`, whatever that is matched with.
    pub(crate) fn is_star(self, bytes: &[u8]) -> bool {
        self.shape == Shape::Every || self.own(bytes) == [RUN]
    }

    /// Gives the text of a pattern without wildcards, its variables replaced; `false` if one has no
    /// value.
    pub(crate) fn with_text(
        self,
        pool: Pool<'_>,
        context: &Context<'_>,
        then: impl FnOnce(&[u8]) -> bool,
    ) -> bool {
        match self.shape {
            Shape::Open => self.resolved(self.own(pool.bytes), pool, context, then),
            _ => then(self.own(pool.bytes)),
        }
    }

    /// Matches what follows the lead of a pattern with variables. Where no `*` stands before the
    /// end, piece by piece.
    fn open(self, text: &[u8], pool: Pool<'_>, context: &Context<'_>) -> bool {
        let mut pattern = self.rest(pool.bytes);
        let runs = pattern.iter().filter(|byte| **byte == RUN).count();
        if runs > usize::from(pattern.last() == Some(&RUN)) {
            return self.resolved(pattern, pool, context, |own| wild::matches(own, text));
        }
        let mut text = text;
        while let Some((piece, rest)) = Piece::next(pattern, pool) {
            let after = match piece {
                Piece::Literal(own) => text.strip_prefix(own),
                Piece::One => wild::behind_one(text),
                // It is the last piece, and no variable before it is without a value.
                Piece::Run => return true,
                Piece::Variable(variable) => {
                    let after = |own: &[u8]| self.behind(own, text);
                    value(variable, pool, context, after).flatten()
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
        pattern: &[u8],
        pool: Pool<'_>,
        context: &Context<'_>,
        then: impl FnOnce(&[u8]) -> bool,
    ) -> bool {
        let mut whole = Hold::<RESOLVED_BYTES>::new();
        let mut pattern = pattern;
        while let Some((piece, rest)) = Piece::next(pattern, pool) {
            match piece {
                Piece::Literal(own) => whole.add(own),
                Piece::One => whole.add(&[ONE]),
                Piece::Run => whole.add(&[RUN]),
                Piece::Variable(variable) => {
                    let start = whole.bytes().len();
                    if value(variable, pool, context, |own| whole.add(own)).is_none() {
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
    pub(crate) fn keys<'a>(self, pool: Pool<'a>) -> impl Iterator<Item = &'a str> {
        let mut rest = if self.shape == Shape::Open { self.own(pool.bytes) } else { &[] };
        std::iter::from_fn(move || {
            loop {
                let (piece, after) = Piece::next(rest, pool)?;
                rest = after;
                if let Piece::Variable(variable) = piece {
                    return pool.keys.text(variable.key);
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
    Variable(Variable),
}

impl<'a> Piece<'a> {
    /// The first piece, and what follows it.
    fn next(pattern: &'a [u8], pool: Pool<'a>) -> Option<(Self, &'a [u8])> {
        match pattern {
            [] => None,
            [RUN, rest @ ..] => Some((Self::Run, rest)),
            [ONE, rest @ ..] => Some((Self::One, rest)),
            [VARIABLE, low, middle, high, rest @ ..] => {
                let number = u32::from(*low) | (u32::from(*middle) << 7) | (u32::from(*high) << 14);
                let variable = pool.variables.get(place(number))?;
                Some((Self::Variable(*variable), rest))
            }
            _ => {
                let end = pattern.iter().position(|b| *b >= VARIABLE).unwrap_or(pattern.len());
                pattern.split_at_checked(end).map(|(text, rest)| (Self::Literal(text), rest))
            }
        }
    }
}

/// Gives the value of a variable; `None` if it has none that could stand for it.
fn value<T>(
    variable: Variable,
    pool: Pool<'_>,
    context: &Context<'_>,
    then: impl FnOnce(&[u8]) -> T,
) -> Option<T> {
    let mut hold = Hold::new();
    match (context.find(pool.keys.key(variable.key)?, &mut hold), variable.default) {
        (Found::One(value), _) => Some(then(value.as_bytes())),
        (Found::Absent, Some(default)) => Some(then(default.own(pool.bytes))),
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

/// The low seven bits.
fn seven(number: u32) -> u8 {
    u8::try_from(number & 0x7F).unwrap_or(0)
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(crate) fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

pub(crate) fn slice(bytes: &[u8], start: u32, len: u32) -> &[u8] {
    let start = place(start);
    bytes.get(start..start.saturating_add(place(len))).unwrap_or_default()
}
