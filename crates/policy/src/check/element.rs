//! The elements of a statement as far as they can be read, each with its place.

use std::borrow::Cow;

use super::report::Place;
use crate::json::{Json, Member, Node};
use crate::operator::{Operator, Sense};
use crate::statement::Effect;
use crate::template::Version;

/// A text of the document and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Word<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) at: Place,
}

/// `Action`, `Resource` or `Principal`, or its opposite.
pub(super) struct Element<'a> {
    pub(super) sense: Sense,
    /// Where its key stands.
    pub(super) at: Place,
    pub(super) value: &'a Node,
    /// Its texts; those of a `Principal` are in [`Holder`]s instead.
    pub(super) words: Vec<Word<'a>>,
}

/// One key of a `Principal` element with its texts.
pub(super) struct Holder<'a> {
    pub(super) key: &'a str,
    pub(super) at: Place,
    pub(super) words: Vec<Word<'a>>,
}

/// An operator, a key and its values.
pub(super) struct Line<'a> {
    pub(super) operator: Operator,
    pub(super) operator_text: &'a str,
    pub(super) key: &'a str,
    /// The key in lower case.
    pub(super) folded: String,
    pub(super) at: Place,
    pub(super) value: &'a Node,
    pub(super) words: Vec<Word<'a>>,
}

/// A statement as far as it can be read.
pub(super) struct View<'a> {
    pub(super) at: Place,
    pub(super) version: Version,
    pub(super) effect: Option<Effect>,
    pub(super) principal: Option<Element<'a>>,
    pub(super) holders: Vec<Holder<'a>>,
    pub(super) action: Option<Element<'a>>,
    pub(super) resource: Option<Element<'a>>,
    pub(super) lines: Vec<Line<'a>>,
}

impl<'a> View<'a> {
    /// The words of the element if it is not the opposite one.
    pub(super) fn actions(&self) -> &[Word<'a>] {
        listed(self.action.as_ref())
    }

    /// The principals under one key, if the element is not the opposite one.
    pub(super) fn principals(&self, key: &str) -> impl Iterator<Item = &Word<'a>> {
        let is = self.principal.as_ref().is_some_and(|element| element.sense == Sense::Is);
        let holders = self.holders.iter().filter(move |holder| is && holder.key == key);
        holders.flat_map(|holder| &holder.words)
    }

    /// What the statement says, its id left out: equal for statements that say the same.
    pub(super) fn content(&self) -> String {
        let mut content = format!("{:?}", self.effect);
        for element in [&self.action, &self.resource].into_iter().flatten() {
            let mut words: Vec<&str> = element.words.iter().map(|w| w.text.as_ref()).collect();
            words.sort_unstable();
            content.push_str(&format!("|{:?}{words:?}", element.sense));
        }
        if let Some(element) = &self.principal {
            content.push_str(&format!("|{:?}", element.sense));
            let everyone = matches!(element.value.json, Json::Text(_));
            content.push_str(if everyone { "*" } else { "{}" });
        }
        let holders = self.holders.iter().map(|h| (h.key, texts(&h.words)));
        let lines = self.lines.iter().map(|l| (l.operator_text, &l.folded, texts(&l.words)));
        content.push_str(&format!(
            "|{:?}|{:?}",
            holders.collect::<Vec<_>>(),
            lines.collect::<Vec<_>>()
        ));
        content
    }

    /// Whether a condition reads one of these keys (in lower case).
    pub(super) fn tests(&self, keys: &[&str]) -> bool {
        self.lines.iter().any(|line| keys.contains(&line.folded.as_str()))
    }
}

fn texts<'w>(words: &'w [Word<'_>]) -> Vec<&'w str> {
    words.iter().map(|word| word.text.as_ref()).collect()
}

fn listed<'v, 'a>(element: Option<&'v Element<'a>>) -> &'v [Word<'a>] {
    match element {
        Some(Element { sense: Sense::Is, words, .. }) => words,
        _ => &[],
    }
}

/// Which values are words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// Strings.
    Strings,
    /// Numbers and booleans too, by their text.
    Scalars,
}

/// The words of a value or of an array, with their places, and the places of what is none.
pub(super) fn words<'a>(node: &'a Node, at: &Place, read: Read) -> (Vec<Word<'a>>, Vec<Place>) {
    let mut found = Vec::new();
    let mut others = Vec::new();
    let mut take = |node: &'a Node, at: Place| match (&node.json, read) {
        (Json::Text(text), _) | (Json::Number(text), Read::Scalars) => {
            found.push(Word { text: Cow::Borrowed(text.as_str()), at });
        }
        (Json::Bool(value), Read::Scalars) => {
            found.push(Word { text: Cow::Owned(value.to_string()), at });
        }
        _ => others.push(at),
    };
    if let Json::Array(nodes) = &node.json {
        for (index, node) in nodes.iter().enumerate() {
            take(node, at.below(&index.to_string(), node.span));
        }
    } else {
        take(node, Place { span: node.span, path: at.path.clone() });
    }
    (found, others)
}

/// The place of a member's key.
pub(super) fn key_place(at: &Place, member: &Member) -> Place {
    at.below(&member.key, member.key_span)
}
