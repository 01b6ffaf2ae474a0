//! `cargo xtask campaign mutants [--shard I/N] [--in-diff FILE]`: every small change of the policy
//! engine must fail a test (cargo-mutants). What survives is explained in `docs/mutants.md`.
//!
//! The reference evaluator is left out: a mistake in it is a false alarm, never a wrong verdict.

use std::path::PathBuf;
use std::process::Command;

use crate::Findings;
use crate::campaign::differential::target;
use crate::check::root;
use crate::conformance::done;

/// The version that is installed.
const VERSION: &str = "27.1.0";

/// Runs one shard, or all.
pub(crate) fn campaign(flags: &[&str]) -> Result<(), Findings> {
    let arguments = arguments(flags)?;
    let tool = install()?;
    let mut mutants = Command::new(tool);
    mutants
        .args(["mutants", "--package", "strongroom-policy", "--no-shuffle", "--colors", "never"])
        .args(["--exclude", "crates/policy/src/reference/**"])
        .args(["--exclude", "crates/policy/src/reference.rs"])
        .args(["--timeout-multiplier", "5", "--output"])
        .arg(target().join("mutants"))
        .args(arguments)
        .current_dir(root());
    done(&mut mutants, "cargo mutants")
}

/// cargo-mutants, installed once beside the builds.
fn install() -> Result<PathBuf, Findings> {
    let tools = target().join("tools");
    let binary = tools.join("bin/cargo-mutants");
    if !binary.exists() {
        println!("── installing cargo-mutants {VERSION}");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["install", "--locked", "--version", VERSION, "cargo-mutants", "--root"]);
        done(cargo.arg(tools), "cargo install")?;
    }
    Ok(binary)
}

fn arguments(flags: &[&str]) -> Result<Vec<String>, Findings> {
    let mut arguments = Vec::new();
    for pair in flags.chunks(2) {
        let (flag, value) = match pair {
            ["--shard", shard] if is_shard(shard) => ("--shard", *shard),
            ["--in-diff", file] => ("--in-diff", *file),
            _ => {
                return Err(vec![format!(
                    "`{}` is not --shard I/N or --in-diff FILE",
                    pair.join(" ")
                )]);
            }
        };
        arguments.extend([flag.to_owned(), value.to_owned()]);
    }
    Ok(arguments)
}

fn is_shard(text: &str) -> bool {
    let parts = text.split_once('/').map(|(i, n)| (i.parse::<u32>(), n.parse::<u32>()));
    matches!(parts, Some((Ok(own), Ok(all))) if own < all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_one_of_so_many() {
        assert_eq!(arguments(&["--shard", "0/8"]).unwrap(), ["--shard", "0/8"]);
        for bad in [&["--shard"][..], &["--shard", "8/8"], &["--shard", "a"], &["--x", "1"]] {
            assert!(arguments(bad).is_err(), "{bad:?}");
        }
    }
}
