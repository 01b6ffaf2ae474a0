//! `strongroom policy check`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use policy::Kind;
use policy::check::{self, Finding, Level};
use serde_json::{Value, json};

use super::sarif;
use crate::exit::{Failure, Outcome};
use crate::print::Printer;

/// Characters of a line that are shown, and of them how many before the place that is meant.
const LINE_CHARACTERS: usize = 100;
const BEFORE_CHARACTERS: usize = 60;

/// Tell what is wrong or doubtful in policies, and where.
///
/// Every finding has the code that AWS's Access Analyzer gives it, its place in the file and, where
/// one is known, what would help. A policy without an error is one whose text the server takes. No
/// server is asked.
///
/// Exit status 0: nothing at or above the level; 1: something is; 2: a file could not be read.
///
///   $ strongroom policy check deploy.json
///   deploy.json:4:16: error INVALID_ACTION: there is no action `s3:GetObjects`
///     4 |      "Action": "s3:GetObjects",
///       |                ^^^^^^^^^^^^^^^
///       = did you mean `s3:GetObject`?
///
/// Example: strongroom policy check deploy.json bucket.json --level warning
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Check {
    /// Files of one policy each; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the policies are attached to; by default seen from each: a policy that names principals
    /// is a role's trust if its actions are of STS, else a bucket's; any other is an identity's.
    #[arg(long)]
    kind: Option<Attached>,
    /// The least that makes the exit status 1.
    #[arg(long, default_value = "error")]
    level: Least,
    /// Print SARIF 2.1.0, as code hosts and CI systems read it.
    #[arg(long)]
    sarif: bool,
}

/// What a policy is attached to.
#[derive(Clone, Copy, ValueEnum)]
enum Attached {
    /// A user, group or role.
    Identity,
    /// A bucket.
    Bucket,
    /// A role: who may assume it.
    Trust,
    /// A session, when it is made.
    Session,
    /// A user or role, as the most it may have.
    Boundary,
    /// An organisation's principals.
    Scp,
    /// An organisation's resources.
    Rcp,
}

/// How grave a finding must be.
#[derive(Clone, Copy, ValueEnum)]
enum Least {
    Error,
    SecurityWarning,
    Warning,
    Suggestion,
}

impl From<Attached> for Kind {
    fn from(attached: Attached) -> Self {
        match attached {
            Attached::Identity => Self::Identity,
            Attached::Bucket => Self::Bucket,
            Attached::Trust => Self::RoleTrust,
            Attached::Session => Self::Session,
            Attached::Boundary => Self::Boundary,
            Attached::Scp => Self::ServiceControl,
            Attached::Rcp => Self::ResourceControl,
        }
    }
}

impl From<Least> for Level {
    fn from(least: Least) -> Self {
        match least {
            Least::Error => Self::Error,
            Least::SecurityWarning => Self::SecurityWarning,
            Least::Warning => Self::Warning,
            Least::Suggestion => Self::Suggestion,
        }
    }
}

/// A file and what was found in it.
pub(super) struct Checked {
    /// Its name, as people are told it.
    pub(super) file: String,
    text: String,
    pub(super) findings: Vec<Finding>,
}

impl Check {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let mut checked = Vec::new();
        for file in &self.files {
            checked.push(read(file, self.kind)?);
        }
        if self.sarif {
            let log = sarif::log(&checked);
            printer.one(&log, |log| format!("{log:#}"));
        } else {
            let rows: Vec<Value> = checked.iter().flat_map(rows).collect();
            let texts: Vec<String> =
                checked.iter().flat_map(|one| one.findings.iter().map(|f| shown(one, f))).collect();
            printer.blocks(&rows, &texts);
        }
        let least = Level::from(self.level);
        let all = checked.iter().flat_map(|one| &one.findings);
        let (grave, rest): (Vec<_>, Vec<_>) = all.partition(|finding| finding.level >= least);
        let count = grave.len().saturating_add(rest.len());
        printer.remark(&format!("{count} findings, {} at or above {}", grave.len(), word(least)));
        if grave.is_empty() { Ok(()) } else { Err(Failure::No) }
    }
}

fn read(file: &Path, kind: Option<Attached>) -> Result<Checked, Failure> {
    let text = crate::verbs::read(file)?;
    let kind = kind.map_or_else(|| seen(&text), Kind::from);
    let name = if file == Path::new("-") { "stdin".to_owned() } else { file.display().to_string() };
    Ok(Checked { file: name, findings: check::findings(&text, kind), text })
}

/// The kind of policy that a text looks like.
fn seen(text: &str) -> Kind {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return Kind::Identity };
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let names = |one: &Value| one.get("Principal").is_some() || one.get("NotPrincipal").is_some();
    let trusts = |one: &Value| {
        let action = one.get("Action").map(Value::to_string).unwrap_or_default();
        action.to_ascii_lowercase().contains("\"sts:")
    };
    match statements.iter().any(names) {
        true if statements.iter().any(trusts) => Kind::RoleTrust,
        true => Kind::Bucket,
        false => Kind::Identity,
    }
}

/// The findings of a file as JSON, each with the file.
fn rows(checked: &Checked) -> Vec<Value> {
    let row = |finding: &Finding| {
        let mut row = json!(finding);
        if let Some(members) = row.as_object_mut() {
            members.insert("file".to_owned(), json!(checked.file));
        }
        row
    };
    checked.findings.iter().map(row).collect()
}

/// A level as it is written in options and in JSON.
fn word(level: Level) -> String {
    json!(level).as_str().unwrap_or_default().to_owned()
}

/// A finding for people: what and where, the line with the place underlined, and what would help.
fn shown(checked: &Checked, finding: &Finding) -> String {
    let start = finding.span.start;
    let mut text = format!(
        "{}:{}:{}: {} {}: {}\n",
        checked.file,
        start.line,
        start.column,
        word(finding.level),
        finding.code,
        finding.message
    );
    let number = start.line.to_string();
    let margin = " ".repeat(number.len());
    let (line, mark) = underlined(&checked.text, finding);
    // Writing to a text cannot fail.
    let _ = writeln!(text, "  {number} | {line}\n  {margin} | {mark}");
    if let Some(hint) = &finding.hint {
        let _ = writeln!(text, "  {margin} = {hint}");
    }
    text
}

/// The line on which a finding begins, as much of it as is shown, and what stands under it.
fn underlined(text: &str, finding: &Finding) -> (String, String) {
    let (start, end) = (finding.span.start, finding.span.end);
    let line = text.split('\n').nth(start.line.saturating_sub(1)).unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let length = line.chars().count();
    let column = start.column.saturating_sub(1).min(length);
    let to = if end.line == start.line { end.column.saturating_sub(1) } else { length };
    let from = match length > LINE_CHARACTERS {
        true => column.saturating_sub(BEFORE_CHARACTERS),
        false => 0,
    };
    // What a policy holds must not steer a terminal.
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let shown: String = line.chars().skip(from).take(LINE_CHARACTERS).map(clean).collect();
    let room = shown.chars().count().saturating_sub(column.saturating_sub(from));
    let width = to.saturating_sub(column).min(room).max(1);
    (shown, format!("{}{}", " ".repeat(column.saturating_sub(from)), "^".repeat(width)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Checked {
        let findings = check::findings(text, seen(text));
        Checked { file: "f".to_owned(), text: text.to_owned(), findings }
    }

    #[test]
    fn a_finding_underlines_its_place() {
        let one = checked(
            "{\"Version\": \"2012-10-17\", \"Statement\": {\n\t\"Effect\": \"Allow\",\r\n\
             \t\"Action\": \"s3:GetObjects\", \"Resource\": \"*\"}}",
        );
        let text = shown(&one, &one.findings[0]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "f:3:12: error INVALID_ACTION: there is no action `s3:GetObjects`");
        assert_eq!(lines[1], "  3 |  \"Action\": \"s3:GetObjects\", \"Resource\": \"*\"}}");
        assert_eq!(lines[2], "    |            ^^^^^^^^^^^^^^^");
        assert_eq!(lines[3], "    = did you mean `s3:GetObject`?");
    }

    #[test]
    fn a_long_line_is_shown_around_its_place() {
        let one = checked(&format!("{}{{\"Statement\": 7}}", " ".repeat(5_000)));
        for finding in &one.findings {
            let text = shown(&one, finding);
            assert!(text.lines().all(|line| line.chars().count() < 160), "{text}");
        }
        let last = shown(&one, one.findings.last().unwrap());
        let (line, mark) = (last.lines().nth(1).unwrap(), last.lines().nth(2).unwrap());
        assert_eq!(line.find('7'), mark.find('^'), "{last}");
    }

    #[test]
    fn the_kind_is_seen_from_the_policy() {
        let of = |statement: &str| seen(&format!("{{\"Statement\": [{statement}]}}"));
        assert_eq!(of(r#"{"Action": "s3:*"}"#), Kind::Identity);
        assert_eq!(of(r#"{"Action": "s3:*", "Principal": "*"}"#), Kind::Bucket);
        assert_eq!(of(r#"{"Action": ["STS:AssumeRole"], "Principal": "*"}"#), Kind::RoleTrust);
        assert_eq!(seen("{"), Kind::Identity);
    }
}
