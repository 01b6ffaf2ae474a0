//! `cargo xtask conformance audit [--debug]`: outside programs verify what the record gives out,
//! with the Go packages that other transparency logs use; then the sinks are put to real receivers
//! (`audit [--debug] sinks [NAME…]`: they alone).

use std::process::Command;

use super::{Profile, build, done, seconds, sinks};
use crate::Findings;
use crate::check::root;

/// What it is called.
pub(crate) const NAME: &str = "audit";

/// Builds the outside verifier and the server, and holds one against the other.
pub(crate) fn run(words: &[&str]) -> Result<(), Findings> {
    let profile = if words.contains(&"--debug") { Profile::Debug } else { Profile::Release };
    let words: Vec<&str> = words.iter().copied().filter(|word| *word != "--debug").collect();
    if let ["sinks", names @ ..] = words.as_slice() {
        return sinks::run(&build(profile)?, names);
    }
    let here = root().join("conformance/audit");
    let tools = root().join("target/conformance");
    let run = tools.join(format!("run-audit-{}", seconds()));
    std::fs::create_dir_all(&run).map_err(|error| vec![format!("{}: {error}", run.display())])?;
    let verifier = tools.join("audit-verifier");
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(&verifier).arg(".").current_dir(here.join("verifier"));
    done(&mut go, "the build of the verifier in Go")?;
    let binary = build(profile)?;
    let mut script = Command::new("python3");
    script.arg(here.join("outside.py")).args([&run, &binary, &verifier]);
    script.env("PYTHONDONTWRITEBYTECODE", "1");
    done(&mut script, &format!("outside.py, whose files are under {},", run.display()))?;
    // A directory that stays is only in the way.
    let _ = std::fs::remove_dir_all(&run);
    sinks::run(&binary, &[])
}
