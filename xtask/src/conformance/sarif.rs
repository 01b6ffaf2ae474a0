//! `cargo xtask conformance sarif [--debug]`: what `policy check --sarif` prints, against the
//! schema of SARIF.

use std::fs;
use std::process::Command;

use super::{Profile, build, done, once};
use crate::Findings;
use crate::check::root;

/// Its name.
pub(super) const NAME: &str = "sarif";

/// Installs a validator in an environment of its own, and runs the script.
pub(super) fn run(words: &[&str]) -> Result<(), Findings> {
    let profile = match words {
        [] => Profile::Release,
        ["--debug"] => Profile::Debug,
        other => return Err(vec![format!("`{}` is not --debug", other.join(" "))]),
    };
    let here = root().join("conformance/sarif");
    let tools = root().join("target/conformance/sarif");
    let run = tools.join("run");
    fs::create_dir_all(&run).map_err(|error| vec![format!("{}: {error}", run.display())])?;
    let requirements = here.join("requirements.txt");
    let python = tools.join("venv/bin/python");
    once(&tools.join("venv.installed"), &requirements, || {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--clear"]).arg(tools.join("venv"));
        done(&mut venv, "python3 -m venv")?;
        let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement"];
        done(Command::new(&python).args(pip).arg(&requirements), "pip install")
    })?;
    let binary = build(profile)?;
    let mut script = Command::new(&python);
    script
        .arg(here.join("sarif.py"))
        .args([&run, &binary, &tools, &root().join("fuzz/corpus")])
        .env("PYTHONDONTWRITEBYTECODE", "1");
    done(&mut script, "sarif.py")
}
