//! Findings, and the report that collects them.

use super::catalogue::Rule;
use super::{FINDINGS_MAX, Level};
use crate::error::{Fault, Position};
use crate::{hint, json};

/// Most characters of a policy's own text in a message.
const QUOTE_CHARACTERS_MAX: usize = 120;

/// From where to where, as people and as programs count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Span {
    /// The first character.
    pub start: Position,
    /// One past the last.
    pub end: Position,
    /// The first byte.
    pub offset: usize,
    /// How many bytes.
    pub length: usize,
}

/// Something wrong or doubtful in a policy, and where it stands.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Finding {
    /// How grave it is.
    pub level: Level,
    /// Access Analyzer's code of the check, or ours.
    pub code: &'static str,
    /// The name of the check.
    pub title: &'static str,
    /// What is the matter, on one line.
    pub message: String,
    /// What would help, where something is known to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where it is in the document: a JSON pointer (RFC 6901).
    pub path: String,
    /// Where it stands in the text.
    pub span: Span,
}

/// A place in a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) span: json::Span,
    pub(super) path: String,
}

impl Place {
    /// The whole document, by its first byte.
    pub(super) fn start() -> Self {
        Self { span: json::Span { start: 0, end: 1 }, path: String::new() }
    }

    /// A place of this span, at a step below this one.
    pub(super) fn below(&self, step: &str, span: json::Span) -> Self {
        let step = step.replace('~', "~0").replace('/', "~1");
        Self { span, path: format!("{}/{step}", self.path) }
    }
}

/// What was found so far.
pub(super) struct Report<'t> {
    text: &'t str,
    found: Vec<Finding>,
}

impl<'t> Report<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// Says that a check has found something.
    pub(super) fn say(&mut self, rule: &'static Rule, at: &Place, message: impl Into<String>) {
        self.tell(rule, at, message.into(), None);
    }

    /// The same, with what would help.
    pub(super) fn advise(
        &mut self,
        rule: &'static Rule,
        at: &Place,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        self.tell(rule, at, message.into(), hint);
    }

    /// Says what the parser says.
    pub(super) fn fault(&mut self, rule: &'static Rule, offset: usize, fault: &Fault) {
        let span = json::Span { start: offset, end: offset.saturating_add(1) };
        let at = Place { span, path: String::new() };
        self.tell(rule, &at, fault.to_string(), fault.hint());
    }

    /// The nearest word to what was written; not sought when nobody would be told.
    pub(super) fn guess<'w>(
        &self,
        written: &str,
        words: impl Iterator<Item = &'w str>,
    ) -> Option<String> {
        let word = (self.found.len() < FINDINGS_MAX).then(|| hint::nearest(written, words));
        word.flatten().map(|word| format!("did you mean `{word}`?"))
    }

    /// Whether an error was found.
    pub(super) fn has_error(&self) -> bool {
        self.found.iter().any(|finding| finding.level == Level::Error)
    }

    fn tell(&mut self, rule: &'static Rule, at: &Place, message: String, hint: Option<String>) {
        // An error is always told: whoever sees none must be right to see none.
        if self.found.len() >= FINDINGS_MAX && (rule.level != Level::Error || self.has_error()) {
            return;
        }
        let end = at.span.end.max(at.span.start).min(self.text.len());
        let start = at.span.start.min(end);
        self.found.push(Finding {
            level: rule.level,
            code: rule.code,
            title: rule.title,
            message,
            hint,
            path: at.path.clone(),
            span: Span {
                start: Position::of(self.text, start),
                end: Position::of(self.text, end),
                offset: start,
                length: end.saturating_sub(start),
            },
        });
    }

    /// Everything found, in the order of the places.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|finding| (finding.span.offset, std::cmp::Reverse(finding.level)));
        self.found.dedup();
        self.found
    }
}

/// A policy's own text for a message: in backticks, on one line, not too long.
pub(super) fn quote(text: &str) -> String {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut short: String = text.chars().take(QUOTE_CHARACTERS_MAX).map(clean).collect();
    if text.chars().nth(QUOTE_CHARACTERS_MAX).is_some() {
        short.push('…');
    }
    format!("`{short}`")
}
