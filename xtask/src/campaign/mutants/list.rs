//! Which mutants there are: cargo-mutants makes the list.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::Findings;
use crate::campaign::differential::target;
use crate::check::root;
use crate::conformance::done;

/// The version of cargo-mutants that is installed.
const VERSION: &str = "27.1.0";

/// What is not mutated, and why docs/mutants.md says.
const EXCLUDED: [&str; 3] = [
    "crates/policy/src/reference/**",
    "crates/policy/src/reference.rs",
    "crates/policy/src/actions/generated/**",
];
/// Functions that are not mutated, as cargo-mutants names their mutants.
const EXCLUDED_RE: [&str; 1] = ["bytes_resident|impl (fmt::)?Debug for"];

/// What a mutant changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArm,
    MatchArmGuard,
    StructField,
}

/// One small change of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Mutant {
    pub(super) file: String,
    pub(super) genre: Genre,
    /// What it does, without the place: `replace == with != in Parser::member`.
    pub(super) what: String,
    pub(super) replacement: String,
    /// Line and column, both from one.
    pub(super) start: (usize, usize),
    pub(super) end: (usize, usize),
    /// What the function returns, as its head says.
    pub(super) returns: String,
}

impl Mutant {
    /// Whether it replaces what a function returns as an iterator of a hidden type.
    pub(super) fn is_iterator(&self) -> bool {
        self.genre == Genre::FnValue
            && self.returns.contains("impl Iterator")
            && self.replacement.starts_with("::std::iter::")
    }

    fn of(value: &Value) -> Option<Self> {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
        let number = |pointer: &str| {
            value.pointer(pointer).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
        };
        let place = |side: &str| {
            number(&format!("/span/{side}/line")).zip(number(&format!("/span/{side}/column")))
        };
        let genre = match text("/genre")? {
            "FnValue" => Genre::FnValue,
            "BinaryOperator" => Genre::BinaryOperator,
            "UnaryOperator" => Genre::UnaryOperator,
            "MatchArm" => Genre::MatchArm,
            "MatchArmGuard" => Genre::MatchArmGuard,
            "StructField" => Genre::StructField,
            _ => return None,
        };
        Some(Self {
            file: text("/file")?.to_owned(),
            genre,
            what: text("/name")?.splitn(4, ':').nth(3)?.trim().to_owned(),
            replacement: text("/replacement")?.to_owned(),
            start: place("start")?,
            end: place("end")?,
            returns: text("/function/return_type").unwrap_or_default().to_owned(),
        })
    }
}

/// The mutants of the policy crate, in the order of the files; those of a diff, if one is given.
pub(super) fn list(diff: Option<&str>) -> Result<Vec<Mutant>, Findings> {
    let mut tool = Command::new(install()?);
    tool.args(["mutants", "--list", "--json", "--package", "strongroom-policy"]);
    EXCLUDED.iter().for_each(|glob| {
        tool.args(["--exclude", glob]);
    });
    EXCLUDED_RE.iter().for_each(|regex| {
        tool.args(["--exclude-re", regex]);
    });
    tool.args(diff.iter().flat_map(|file| ["--in-diff", file]));
    let output = tool
        .current_dir(root())
        .output()
        .map_err(|error| vec![format!("cargo-mutants could not be started: {error}")])?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(vec![said]);
    }
    let wrong = |why: &str| vec![format!("the list of cargo-mutants {why}: {said}")];
    if output.stdout.is_empty() {
        return Ok(Vec::new());
    }
    let value: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| wrong(&error.to_string()))?;
    let all: Option<Vec<Mutant>> =
        value.as_array().and_then(|list| list.iter().map(Mutant::of).collect());
    all.ok_or_else(|| wrong("has a mutant of a form that is not known"))
}

/// cargo-mutants, installed once beside the builds.
fn install() -> Result<PathBuf, Findings> {
    let tools = target().join("tools");
    let binary = tools.join("bin/cargo-mutants");
    let kept = tools.join(format!("cargo-mutants-{VERSION}"));
    if !kept.exists() {
        println!("── installing cargo-mutants {VERSION}");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["install", "--quiet", "--locked", "--debug", "--version", VERSION]);
        cargo.args(["cargo-mutants", "--force", "--root"]).arg(&tools);
        // It only lists, so it is built fast and not to be fast.
        cargo.env("CARGO_TARGET_DIR", tools.join("build")).env("CARGO_PROFILE_DEV_DEBUG", "0");
        done(&mut cargo, "cargo install")?;
        let failed = |error: std::io::Error| vec![format!("{}: {error}", binary.display())];
        fs::copy(&binary, &kept).map_err(failed)?;
        fs::remove_dir_all(tools.join("build")).map_err(failed)?;
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutant_is_known_by_what_it_does_and_where() {
        let place =
            |line: usize, column: usize| serde_json::json!({"line": line, "column": column});
        let value = serde_json::json!({
            "file": "a/b.rs", "genre": "BinaryOperator", "replacement": "!=",
            "name": "a/b.rs:2:9: replace == with != in A::b", "function": null,
            "span": {"start": place(2, 9), "end": place(2, 11)},
        });
        let mutant = Mutant::of(&value).unwrap();
        assert_eq!(mutant.what, "replace == with != in A::b");
        assert_eq!((mutant.start, mutant.genre), ((2, 9), Genre::BinaryOperator));
    }
}
