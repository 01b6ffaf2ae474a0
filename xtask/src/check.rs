//! What CI runs, in the order in which a failure is cheapest to learn of.

use std::path::PathBuf;
use std::process::Command;

use crate::campaign::{mutants, seeded};
use crate::{Findings, codegen, corpus, map, supply, tidy};

/// Whether the tests have been run already, by the command before this one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tests {
    /// Run them as the last step.
    Run,
    /// They have just passed.
    Passed,
}

/// Runs every check; stops at the first that fails.
pub(crate) fn run(tests: Tests) -> Result<(), Findings> {
    step("format", || cargo(&["fmt", "--all", "--check"], &[]))?;
    step("lock files of the other workspaces", || {
        // Nothing else here builds them, and their programs run with `--locked`.
        ["bench/Cargo.toml", "fuzz/Cargo.toml"].iter().try_for_each(|manifest| {
            cargo(&["fetch", "--locked", "--quiet", "--manifest-path", manifest], &[])
        })
    })?;
    step("map", map::run)?;
    step("tidy", tidy::run)?;
    step("supply", supply::run)?;
    step("generated code", || codegen::run(&["--check"]).map_err(|error| vec![error.to_string()]))?;
    step("the corpus and its tests", || corpus::run(&["--check"]))?;
    step("lints", || {
        cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"], &[])
    })?;
    step("docs", || {
        cargo(&["doc", "--workspace", "--no-deps", "--locked"], &[("RUSTDOCFLAGS", "-D warnings")])
    })?;
    step("both policy engines, sound and with seeded bugs", seeded::check)?;
    step("mutants of the lines of the policy engine that changed", mutants::changed)?;
    match tests {
        Tests::Run => step("tests", || cargo(&["test", "--workspace", "--locked"], &[])),
        Tests::Passed => Ok(()),
    }
}

fn step(name: &str, chore: impl FnOnce() -> Result<(), Findings>) -> Result<(), Findings> {
    eprintln!("── {name}");
    chore()
}

fn cargo(arguments: &[&str], variables: &[(&str, &str)]) -> Result<(), Findings> {
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(root())
        .status()
        .map_err(|error| vec![format!("cargo could not be started: {error}")])?;
    if status.success() {
        Ok(())
    } else {
        Err(vec![format!("`cargo {}` failed", arguments.join(" "))])
    }
}

/// The workspace's own directory.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// `cargo metadata` of the workspace, dependencies included.
pub(crate) fn metadata() -> Result<serde_json::Value, Findings> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root())
        .output()
        .map_err(|error| vec![format!("cargo metadata could not be started: {error}")])?;
    if !output.status.success() {
        return Err(vec![String::from_utf8_lossy(&output.stderr).into_owned()]);
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| vec![format!("cargo metadata answered no JSON: {error}")])
}
