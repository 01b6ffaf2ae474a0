//! The manual page of the checks, made from their table.

use super::{CATALOGUE, LEFT_OUT, Level};
use std::fmt::Write as _;

const HEAD: &str = "# What `strongroom policy check` finds

`strongroom policy check FILE…` reads policies and tells what is wrong or doubtful in them, each
with its place in the text. Codes and names are those of AWS's Access Analyzer; those marked *ours*
are not in its reference. The exit status is 1 if a finding is at or above `--level` (default
`error`). The text of a policy without an error is one that the server takes; whether the principals
exist and quotas allow it, the server alone knows.

This page is made from the table in `crates/policy/src/check/catalogue.rs`.
";

/// The page, in Markdown: `docs/policy-check.md` is this text.
#[must_use]
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for (level, title) in [
        (Level::Error, "Errors"),
        (Level::SecurityWarning, "Security warnings"),
        (Level::Warning, "Warnings"),
        (Level::Suggestion, "Suggestions"),
    ] {
        section(&mut page, title, ("code", "means"));
        for rule in CATALOGUE.iter().filter(|rule| rule.level == level) {
            let ours = if rule.title.ends_with("(ours)") { " *(ours)*" } else { "" };
            row(&mut page, &format!("`{}`{ours}", rule.code), rule.about);
        }
    }
    section(&mut page, "Checks of Access Analyzer that are not made", ("code", "why"));
    for (code, why) in LEFT_OUT {
        row(&mut page, code, why);
    }
    page
}

fn section(page: &mut String, title: &str, (left, right): (&str, &str)) {
    // Writing to a text cannot fail.
    let _ = writeln!(page, "\n## {title}\n\n| {left} | {right} |\n|---|---|");
}

fn row(page: &mut String, left: &str, right: &str) {
    let _ = writeln!(page, "| {left} | {right} |");
}
