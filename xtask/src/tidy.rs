//! What compilers cannot see: long lines, long functions, long files, files without an opening
//! line, files that no module names, words that do not belong.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Findings;
use crate::check::root;

const LINE_COLUMNS_MAX: usize = 100;
const TEXT_COLUMNS: usize = 45;
const FUNCTION_LINES_MAX: usize = 60;
const FILE_CODE_LINES_MAX: usize = 600;

/// Module names that say nothing of the domain.
const NAMELESS: &[&str] = &["common", "utils", "util", "core", "manager", "helpers", "misc"];

/// Words that must not stand in a source file, each spelled so that this line does not match.
const BANNED: &[(&str, &str)] = &[
    (concat!("TODO", "("), "needs an issue number: `TODO #12`"),
    (concat!("FIX", "ME"), "fix it, or write an issue"),
    (concat!("#[", "ignore"), "a test that is not run does not exist"),
    (concat!("#[", "allow("), "use `#[expect(…, reason = …)]`"),
];

/// Calls that open a door, and the only files that may make them: whoever could build these could
/// act without having been decided and recorded, or vouch for a stranger.
const DOORS: &[(&str, &[&str])] = &[
    (concat!("SystemActor::", "assembled"), &["crates/server/src/assemble.rs"]),
    (
        concat!("ExternalIdentity::", "vouched"),
        &["crates/federation/src/ldap/claims.rs", "crates/federation/src/oidc/claims.rs"],
    ),
    (concat!("Decision::", "seal"), &["crates/policy/src/decide.rs"]),
];

/// Directories whose files are written by a generator or come from a standard's vectors.
const EXEMPT: &[&str] = &["generated", "vectors"];

/// Walks every source file of the workspace.
pub(crate) fn run() -> Result<(), Findings> {
    let mut files = Vec::new();
    for top in ["crates", "xtask", "bench", "fuzz"] {
        collect(&root().join(top), &mut files);
    }
    let mut findings = Findings::new();
    for file in &files {
        match fs::read_to_string(file) {
            Ok(text) => inspect(file, &text, &mut findings),
            Err(error) => findings.push(format!("{}: {error}", file.display())),
        }
        if is_dead(file, &files) {
            findings.push(format!("{}: no module names this file", file.display()));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if path.is_dir() && name != "target" && !EXEMPT.contains(&name) {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn inspect(file: &Path, text: &str, findings: &mut Findings) {
    let mut say = |line: usize, what: String| {
        findings.push(format!("{}:{line}: {what}", file.display()));
    };
    if !text.starts_with("//!") && !text.starts_with("#![cfg(test)]\n//!") {
        say(1, "a file opens by saying what it is for (`//!`)".to_owned());
    }
    let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    if NAMELESS.contains(&stem) {
        say(1, format!("`{stem}` names nothing of the domain"));
    }
    for (number, line) in (1..).zip(text.lines()) {
        let text = is_mostly_text(line) || (in_tests(file) && line.contains('"'));
        if line.chars().count() > LINE_COLUMNS_MAX && !text {
            say(number, format!("the line is longer than {LINE_COLUMNS_MAX} columns"));
        }
        for (word, why) in BANNED {
            if line.contains(word) {
                say(number, format!("`{word}`: {why}"));
            }
        }
    }
    let product = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    for (number, line) in (1..).zip(product).filter(|(_, line)| !is_comment(line)) {
        for (call, homes) in DOORS {
            let at_home = in_tests(file) || homes.iter().any(|home| file.ends_with(home));
            if line.contains(call) && !at_home {
                say(number, format!("`{call}` is for {} alone", homes.join(", ")));
            }
        }
    }
    if in_tests(file) {
        return; // a table of cases is as long as its cases
    }
    for (number, name, lines) in long_functions(text) {
        say(number, format!("`{name}` is {lines} lines long; {FUNCTION_LINES_MAX} at most"));
    }
    let code = code_lines(text);
    if code > FILE_CODE_LINES_MAX && !text.contains("tidy: one table") {
        say(1, format!("{code} code lines; {FILE_CODE_LINES_MAX} at most"));
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Whether a file is compiled for tests alone: under `tests`, or a crate's own `testing.rs` and
/// `…_tests.rs`.
fn in_tests(file: &Path) -> bool {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    file.components().any(|part| part.as_os_str() == "tests")
        || stem == "testing"
        || stem.ends_with("_tests")
}

/// Whether a line is long because of one text that nothing can fold, such as a URL or a message.
fn is_mostly_text(line: &str) -> bool {
    let mut texts = line.split('"').skip(1).step_by(2);
    line.contains("http") || texts.any(|text| text.chars().count() > TEXT_COLUMNS)
}

/// Lines of code before the tests, without blank lines and comments.
fn code_lines(text: &str) -> usize {
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

/// Functions outside the tests that are too long: (line, name, lines). Relies on rustfmt's layout:
/// a function's closing brace stands in the column of its `fn` line.
fn long_functions(text: &str) -> Vec<(usize, String, usize)> {
    let lines: Vec<&str> =
        text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some((before, after)) = line.split_once("fn ") else { continue };
        let opens = before.trim().split(' ').all(|w| {
            w.is_empty() || w.starts_with("pub") || w == "const" || w == "async" || w.ends_with(')')
        });
        if !opens || line.trim_start().starts_with("//") || line.trim_end().ends_with(';') {
            continue;
        }
        let head = lines.iter().skip(start).map(|line| line.trim_end());
        let declared_only = head.clone().find(|line| line.ends_with(['{', '}', ';']));
        if declared_only.is_some_and(|line| line.ends_with(';')) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let close = format!("{}}}", " ".repeat(indent));
        let length = lines.iter().skip(start).position(|l| **l == close).map_or(0, |n| n + 1);
        if length > FUNCTION_LINES_MAX {
            let name = after.split(['(', '<']).next().unwrap_or_default().to_owned();
            found.push((start + 1, name, length));
        }
    }
    found
}

/// Whether no sibling or parent module declares the file.
fn is_dead(file: &Path, files: &[PathBuf]) -> bool {
    let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    let directory = file.parent().unwrap_or(file);
    let root_file = matches!(stem, "lib" | "main" | "build");
    let entry_points = ["tests", "benches", "bin", "examples", "fuzz_targets"];
    let top = directory.file_name().is_some_and(|d| entry_points.iter().any(|e| d == *e));
    if root_file || (top && stem != "mod") {
        return false;
    }
    let (name, parents): (&str, [PathBuf; 4]) = if stem == "mod" {
        let name = directory.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let above = directory.parent().unwrap_or(directory);
        (name, parents_of(above))
    } else {
        (stem, parents_of(directory))
    };
    let in_tests = file.components().any(|c| c.as_os_str() == "tests");
    !in_tests
        && !parents.iter().filter(|p| files.contains(p)).any(|parent| {
            fs::read_to_string(parent).is_ok_and(|text| text.contains(&format!("mod {name};")))
        })
}

/// The files that can declare a module that lives in `directory`.
fn parents_of(directory: &Path) -> [PathBuf; 4] {
    [
        directory.join("lib.rs"),
        directory.join("main.rs"),
        directory.join("mod.rs"),
        directory.with_extension("rs"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_past_the_limit_is_found_and_one_at_it_is_not() {
        let function = |lines: usize| format!("fn f() {{\n{}}}\n", "    x();\n".repeat(lines - 2));
        assert!(long_functions(&function(FUNCTION_LINES_MAX)).is_empty());
        assert_eq!(long_functions(&function(FUNCTION_LINES_MAX + 1)).len(), 1);
    }

    #[test]
    fn a_method_without_a_body_has_no_length() {
        let text =
            format!("    fn f(\n        a: u8,\n    ) -> u8;\n{}    }}\n", "x();\n".repeat(90));
        assert!(long_functions(&text).is_empty());
    }

    #[test]
    fn comments_blank_lines_and_tests_are_not_code() {
        assert_eq!(code_lines("//! x\n\nfn a() {}\n// y\n#[cfg(test)]\nmod tests {}\n"), 1);
    }

    #[test]
    fn a_long_line_and_a_missing_opening_are_findings() {
        let mut findings = Findings::new();
        inspect(Path::new("a.rs"), &"x".repeat(101), &mut findings);
        assert_eq!(findings.len(), 2, "{findings:?}");
        findings.clear();
        inspect(Path::new("a.rs"), &format!("//! a\n{}", "x".repeat(100)), &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
    }
}
