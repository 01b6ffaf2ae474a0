//! What a verb prints: a table for people, `--json` for programs, nothing with `--quiet`.

use std::io::Write as _;

use clap::Args;
use serde_json::Value;

use crate::progress::Progress;

/// How to print, for every verb.
#[derive(Args, Clone, Copy)]
pub(crate) struct Flags {
    /// Print JSON: one document, or one line an item where items can be many.
    #[arg(long, global = true)]
    json: bool,
    /// Print nothing but errors; the exit status is the answer.
    #[arg(long, short, global = true, conflicts_with = "json")]
    quiet: bool,
}

/// Prints in the chosen manner.
pub(crate) struct Printer(Manner);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    People,
    Json,
    Quiet,
}

impl Printer {
    pub(crate) fn new(flags: Flags) -> Self {
        Self(match flags {
            Flags { json: true, .. } => Manner::Json,
            Flags { quiet: true, .. } => Manner::Quiet,
            _ => Manner::People,
        })
    }

    /// One document: JSON as it is, or what `text` makes of it.
    pub(crate) fn one(&self, value: &Value, text: impl FnOnce(&Value) -> String) {
        match self.0 {
            Manner::Json => line(&value.to_string()),
            Manner::People => line(text(value).trim_end()),
            Manner::Quiet => {}
        }
    }

    /// Rows: one JSON line a row, or a table of the named members.
    pub(crate) fn rows(&self, rows: &[Value], columns: &[&str]) {
        self.table(rows, columns, cell);
    }

    /// The same, with cells as `shown` writes them.
    pub(crate) fn table(
        &self,
        rows: &[Value],
        columns: &[&str],
        shown: impl Fn(&Value, &str) -> String,
    ) {
        match self.0 {
            Manner::Json => {
                let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
                if !lines.is_empty() {
                    line(&lines.join("\n"));
                }
            }
            Manner::People => line(table(rows, columns, shown).trim_end()),
            Manner::Quiet => {}
        }
    }

    /// Things with a text each: one JSON line a thing, or the texts one after the other.
    pub(crate) fn blocks(&self, rows: &[Value], texts: &[String]) {
        match self.0 {
            Manner::Json => rows.iter().for_each(|row| line(&row.to_string())),
            Manner::People => texts.iter().for_each(|text| line(text.trim_end())),
            Manner::Quiet => {}
        }
    }

    /// A remark for whoever watches, beside the answer: on standard error, for people only.
    pub(crate) fn remark(&self, text: &str) {
        if self.0 == Manner::People {
            // A terminal that has gone away takes no remarks.
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// Tells of long work beside the answer: on standard error, for people only.
    pub(crate) fn progress(
        &self,
        what: &'static str,
        measure: impl Fn() -> String + Send + 'static,
    ) -> Progress {
        if self.0 == Manner::People { Progress::start(what, measure) } else { Progress::silent() }
    }
}

/// Writes a line; a reader that has gone away (`| head`) is no error.
fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The rows under their headings, each column as wide as its widest cell.
fn table(rows: &[Value], columns: &[&str], shown: impl Fn(&Value, &str) -> String) -> String {
    let cells: Vec<Vec<String>> = std::iter::once(columns.iter().map(|c| heading(c)).collect())
        .chain(rows.iter().map(|row| columns.iter().map(|c| shown(row, c)).collect()))
        .collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|i| {
            cells.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in &cells {
        let padded: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn heading(column: &str) -> String {
    column.rsplit('/').next().unwrap_or(column).replace('_', " ").to_uppercase()
}

/// A member by its JSON pointer (without the leading slash), as people read it.
pub(crate) fn cell(row: &Value, column: &str) -> String {
    match row.pointer(&format!("/{column}")) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items
            .iter()
            .map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(","),
        Some(other) => other.to_string(),
    }
}

/// Most letters of a stranger's text that are shown.
const PLAIN_CHARACTERS_MAX: usize = 300;

/// A stranger's text as it can be shown: no control characters, no letters that turn a line's
/// direction, not too long.
pub(crate) fn plain(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            '\u{fffd}'
        }
        other if other.is_control() => '\u{fffd}',
        other => other,
    };
    text.chars().map(shown).take(PLAIN_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_aligns_its_columns_and_marks_what_is_absent() {
        let rows = [json!({"id": "1", "who": {"name": "ana"}}), json!({"id": "22"})];
        assert_eq!(table(&rows, &["id", "who/name"], cell), "ID  NAME\n1   ana\n22  -\n");
    }

    #[test]
    fn a_strangers_text_moves_no_cursor_and_turns_no_line() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202e}c\nd"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d");
        assert_eq!(plain(&"x".repeat(301)).len(), PLAIN_CHARACTERS_MAX);
    }
}
