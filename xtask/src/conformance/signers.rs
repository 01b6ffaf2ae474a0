//! `cargo xtask conformance signers [--debug] [--seed N] [--cases N] [--sent N]`: other signers
//! sign random requests, and the product verifies them, in process and over HTTP.
//!
//! The verifier is a workspace of its own, so that another vendor's signer is no part of the
//! product's tree; it is built under `target/conformance/signers/`.

use std::path::Path;
use std::process::Command;

use super::{Profile, build, copy, done, once, seconds};
use crate::Findings;
use crate::check::root;

/// What it is called.
pub(crate) const NAME: &str = "signers";

/// What the signers in JavaScript are, beside their list of packages.
const MODULES: &[&str] = &["lines.mjs", "sign_aws4.mjs", "sign_minio.mjs", "sign_smithy.mjs"];

/// Installs the signers, builds the verifier and the server, and runs all of it.
pub(crate) fn run(words: &[&str]) -> Result<(), Findings> {
    let here = root().join("conformance/signers");
    let tools = root().join("target/conformance");
    let own = tools.join("signers");
    std::fs::create_dir_all(&own).map_err(|error| vec![format!("{}: {error}", own.display())])?;
    install(&here, &own)?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--release", "--manifest-path"]);
    cargo.arg(here.join("verifier/Cargo.toml")).arg("--target-dir").arg(own.join("target"));
    done(&mut cargo, "the build of the verifier")?;
    let debug = words.contains(&"--debug");
    let binary = build(if debug { Profile::Debug } else { Profile::Release })?;
    let run = tools.join(format!("run-signers-{}", seconds()));
    std::fs::create_dir_all(&run).map_err(|error| vec![format!("{}: {error}", run.display())])?;
    let mut script = Command::new(own.join("venv/bin/python"));
    script.arg(here.join("signers.py")).args([&run, &binary, &tools]);
    script.args(words.iter().filter(|word| **word != "--debug"));
    script.env("PYTHONDONTWRITEBYTECODE", "1");
    done(&mut script, &format!("the signers, whose files are under {},", run.display()))?;
    // A directory that stays is only in the way.
    let _ = std::fs::remove_dir_all(&run);
    Ok(())
}

fn install(here: &Path, own: &Path) -> Result<(), Findings> {
    let requirements = here.join("requirements.txt");
    once(&own.join("venv.installed"), &requirements, || {
        let venv = own.join("venv");
        done(
            Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv),
            "python3 -m venv",
        )?;
        let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement"];
        let python = venv.join("bin/python");
        done(Command::new(python).args(pip).arg(&requirements), "pip install")
    })?;
    once(&own.join("npm.installed"), &here.join("package-lock.json"), || {
        for file in ["package.json", "package-lock.json"] {
            copy(&here.join(file), &own.join(file))?;
        }
        let npm = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"];
        done(Command::new("npm").args(npm).current_dir(own), "npm ci")
    })?;
    // Modules are looked for beside the file that imports them.
    MODULES.iter().try_for_each(|file| copy(&here.join(file), &own.join(file)))
}
