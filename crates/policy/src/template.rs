//! Policy variables (IAM guide, "Policy variables and tags"): `${key}`, `${key, 'default'}` and the
//! escapes `${*}`, `${?}`, `${$}`. What a variable stands for is always literal text.

use std::borrow::Cow;

use crate::context::{Context, Seen};
use crate::daytime;
use crate::error::Fault;
use crate::glob::{Lead, Token};

/// Which language version a document is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Version {
    /// `2008-10-17`, or no version: `${…}` is literal text.
    Y2008,
    /// `2012-10-17`.
    Y2012,
}

/// Whether `*` and `?` are wildcards in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wildcards {
    Yes,
    No,
}

/// A text that may hold wildcards and variables, split when the document is parsed.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Template {
    /// No variables.
    Fixed(Vec<Token>),
    /// With variables.
    Open(Vec<Part>),
}

/// A piece of an open template.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Part {
    Token(Token),
    Variable {
        /// In lower case.
        key: String,
        default: Option<String>,
    },
}

impl Template {
    pub(crate) fn parse(text: &str, version: Version, wild: Wildcards) -> Result<Self, Fault> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            parts.extend(plain(before, wild).map(Part::Token));
            rest = match version {
                Version::Y2008 => literal(after, &mut parts),
                Version::Y2012 => variable(text, after, &mut parts)?,
            };
        }
        if parts.is_empty() {
            // As most are; parts take many times the memory of tokens.
            let mut tokens = Vec::with_capacity(rest.len());
            tokens.extend(plain(rest, wild));
            return Ok(Self::Fixed(tokens));
        }
        parts.extend(plain(rest, wild).map(Part::Token));
        let tokens: Option<Vec<Token>> = parts
            .iter()
            .map(|part| match part {
                Part::Token(token) => Some(*token),
                Part::Variable { .. } => None,
            })
            .collect();
        Ok(tokens.map_or(Self::Open(parts), Self::Fixed))
    }

    /// The pattern with its variables replaced; `None` if one has no value.
    pub(crate) fn resolve(&self, context: &Context<'_>) -> Option<Cow<'_, [Token]>> {
        let parts = match self {
            Self::Fixed(tokens) => return Some(Cow::Borrowed(tokens)),
            Self::Open(parts) => parts,
        };
        let mut tokens = Vec::new();
        for part in parts {
            match part {
                Part::Token(token) => tokens.push(*token),
                Part::Variable { key, default } => match (context.look(key), default) {
                    (Seen::One(value), _) => tokens.extend(value.chars().map(Token::Char)),
                    (Seen::Absent, Some(default)) => {
                        tokens.extend(default.chars().map(Token::Char));
                    }
                    // A multivalued key has no one value to stand for.
                    (Seen::Many(_) | Seen::Absent, _) => return None,
                },
            }
        }
        Some(Cow::Owned(tokens))
    }

    /// The keys of its variables, in lower case.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let parts = match self {
            Self::Fixed(_) => &[],
            Self::Open(parts) => parts.as_slice(),
        };
        parts.iter().filter_map(|part| match part {
            Part::Token(_) => None,
            Part::Variable { key, .. } => Some(key.as_str()),
        })
    }

    /// What it begins with before its first wildcard or variable.
    pub(crate) fn lead(&self) -> Lead {
        match self {
            Self::Fixed(tokens) => Lead::of(tokens.iter().map(|token| Some(*token))),
            Self::Open(parts) => Lead::of(parts.iter().map(|part| match part {
                Part::Token(token) => Some(*token),
                Part::Variable { .. } => None,
            })),
        }
    }

    /// The tokens, if there is no variable.
    pub(crate) fn fixed(&self) -> Option<&[Token]> {
        match self {
            Self::Fixed(tokens) => Some(tokens),
            Self::Open(_) => None,
        }
    }

    /// The text, if there is neither variable nor wildcard.
    pub(crate) fn literal(&self) -> Option<String> {
        self.fixed()?
            .iter()
            .map(|token| match token {
                Token::Char(character) => Some(*character),
                Token::One | Token::Run => None,
            })
            .collect()
    }
}

fn plain(text: &str, wild: Wildcards) -> impl Iterator<Item = Token> {
    text.chars().map(move |c| match (c, wild) {
        ('*', Wildcards::Yes) => Token::Run,
        ('?', Wildcards::Yes) => Token::One,
        (other, _) => Token::Char(other),
    })
}

/// In version 2008 the characters from `${` to `}` stand for themselves.
fn literal<'a>(after: &'a str, parts: &mut Vec<Part>) -> &'a str {
    let (inside, rest) = match after.split_once('}') {
        Some((inside, rest)) => (format!("${{{inside}}}"), rest),
        None => ("${".to_owned(), after),
    };
    parts.extend(inside.chars().map(Token::Char).map(Part::Token));
    rest
}

/// Reads a variable from behind its `${`, and returns what follows its `}`.
fn variable<'a>(text: &str, after: &'a str, parts: &mut Vec<Part>) -> Result<&'a str, Fault> {
    let fault = |why| Fault::Variable { text: text.to_owned(), why };
    for escape in ['*', '?', '$'] {
        if let Some(rest) = after.strip_prefix(escape).and_then(|rest| rest.strip_prefix('}')) {
            parts.push(Part::Token(Token::Char(escape)));
            return Ok(rest);
        }
    }
    let end = after.find(['}', ',']).ok_or_else(|| fault("the closing brace is missing"))?;
    let (key, tail) = after.split_at_checked(end).unwrap_or((after, ""));
    if key.is_empty() {
        return Err(fault("it is empty"));
    }
    if daytime::unknown_zone(key).is_some() {
        return Err(fault("its time zone is unknown"));
    }
    if !key.contains(':') || key.contains([' ', '\t', '$', '{', '*', '?', '\'']) {
        return Err(fault("what stands in it is not a condition key"));
    }
    let (default, rest) = match tail.strip_prefix('}') {
        Some(rest) => (None, rest),
        None => {
            let quoted = tail
                .strip_prefix(", '")
                .ok_or_else(|| fault("a default is a comma, one space and quoted text"))?;
            let (default, rest) = quoted
                .split_once('\'')
                .ok_or_else(|| fault("the quote of the default is not closed"))?;
            let rest =
                rest.strip_prefix('}').ok_or_else(|| fault("the closing brace is missing"))?;
            (Some(default.to_owned()), rest)
        }
    };
    parts.push(Part::Variable { key: key.to_ascii_lowercase(), default });
    Ok(rest)
}
