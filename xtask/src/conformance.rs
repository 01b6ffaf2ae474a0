//! Conformance: the product under real clients and a real provider, which `cargo test` never needs.
//!
//! `cargo xtask conformance first-request` installs what it needs from the registries under
//! `target/conformance/`, builds the binary, and runs the scripts of `conformance/`, each against a
//! server and a data directory of its own. What is missing and cannot be installed is a failure.
//! `cargo xtask conformance clients` does the same with many clients, which its script installs.
//! `cargo xtask conformance sarif` holds what `policy check --sarif` prints against its schema.
//! `cargo xtask conformance directories` signs people in with a real OpenLDAP, a real Samba, an
//! OpenID provider and a Keycloak.
//! `cargo xtask conformance audit` lets outside programs verify the record, and puts its sinks to
//! real receivers.
//! `cargo xtask conformance iam` calls every operation of IAM and STS by the aws command, and every
//! paginator and waiter of boto3.
//! `cargo xtask conformance signers`, `s3-tests`, `recorded` and `terraform` are other kinds: see
//! their files.

mod audit;
mod directories;
mod maven;
mod recorded;
mod s3tests;
mod sarif;
mod signers;
mod sinks;
mod terraform;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::Findings;
use crate::check::{metadata, root};

/// The conformances there are, and their scripts in order.
const ALL: &[(&str, &[&str])] = &[
    ("first-request", &["scenario.py", "bad_input.py", "full_disk.py", "tour.py"]),
    (IAM, &["commands.py", "pages.py"]),
];

/// The conformance of each command group of `aws iam` and `aws sts`, and of boto3's paginators and
/// waiters; it has the tools of the first.
const IAM: &str = "iam";

/// The conformance whose script takes words of its own.
const CLIENTS: &str = "clients";

/// Where libfaketime is, below a directory of libraries.
const FAKETIME: &str = "faketime/libfaketimeMT.so.1";

/// Runs one conformance: `NAME [--debug] [SCRIPT…]`, or `clients [--quick] [--only CLIENT]…`.
pub(crate) fn run(words: &[&str]) -> Result<(), Findings> {
    let mut names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
    names.extend([audit::NAME, CLIENTS, sarif::NAME, signers::NAME, s3tests::NAME]);
    names.extend([recorded::NAME, terraform::NAME, directories::NAME]);
    let [name, rest @ ..] = words else { return Err(unknown("", &names)) };
    if *name == CLIENTS {
        return clients(rest);
    }
    if *name == audit::NAME {
        return audit::run(rest);
    }
    if *name == directories::NAME {
        return directories::run(rest);
    }
    if *name == sarif::NAME {
        return sarif::run(rest);
    }
    if *name == signers::NAME {
        return signers::run(rest);
    }
    if *name == s3tests::NAME {
        return s3tests::run(rest);
    }
    if *name == recorded::NAME {
        return recorded::run(rest);
    }
    if *name == terraform::NAME {
        return terraform::run(rest);
    }
    let Some((name, every)) = ALL.iter().find(|(known, _)| known == name) else {
        return Err(unknown(name, &names));
    };
    let debug = rest.contains(&"--debug");
    let mut scripts: Vec<&str> = rest.iter().copied().filter(|word| *word != "--debug").collect();
    if let Some(other) = scripts.iter().find(|script| !every.contains(script)) {
        return Err(unknown(other, every));
    }
    if scripts.is_empty() {
        scripts = every.to_vec();
    }
    let here = root().join("conformance").join(name);
    let tools = match *name {
        IAM => install("first-request", &root().join("conformance/first-request"))?,
        own => install(own, &here)?,
    };
    let binary = build(if debug { Profile::Debug } else { Profile::Release })?;
    let mut failed = Findings::new();
    for script in scripts {
        println!("── {script}");
        if !play(&here.join(script), &binary, &tools, &[])? {
            failed.push(format!("{script} failed; what it left is under {}", tools.display()));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}

/// Many clients, each with every kind of credential.
fn clients(words: &[&str]) -> Result<(), Findings> {
    let conformance = root().join("conformance");
    let tools = install("first-request", &conformance.join("first-request"))?;
    let binary = build(Profile::Release)?;
    if play(&conformance.join(CLIENTS).join("run.py"), &binary, &tools, words)? {
        return Ok(());
    }
    Err(vec![format!("clients failed; what they left is under {}", tools.display())])
}

fn unknown(word: &str, known: &[&str]) -> Findings {
    vec![format!("`{word}` is not one of: {}", known.join(", "))]
}

/// Which build is put to the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As shipped.
    Release,
    /// As developed.
    Debug,
}

/// Builds `strongroom` and says where it is.
pub(crate) fn build(profile: Profile) -> Result<PathBuf, Findings> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--package", "strongroom"]).current_dir(root());
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    done(&mut cargo, "the build")?;
    let target = metadata()?
        .get("target_directory")
        .and_then(|directory| directory.as_str().map(PathBuf::from))
        .ok_or_else(|| vec!["cargo metadata names no target directory".to_owned()])?;
    let directory = if profile == Profile::Release { "release" } else { "debug" };
    Ok(target.join(directory).join("strongroom"))
}

/// Installs clients, provider and libfaketime; each only if it is not there yet.
pub(crate) fn install(name: &str, here: &Path) -> Result<PathBuf, Findings> {
    let tools = root().join("target/conformance");
    let own = tools.join(name);
    fs::create_dir_all(&own).map_err(|error| vec![format!("{}: {error}", own.display())])?;
    let requirements = here.join("requirements.txt");
    once(&tools.join("venv.installed"), &requirements, || {
        let venv = tools.join("venv");
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
        done(Command::new("npm").args(npm).current_dir(&own), "npm ci")
    })?;
    // Modules are looked for beside the file that imports them.
    for file in ["provider.mjs", "forge.mjs"] {
        copy(&here.join(file), &own.join(file))?;
    }
    faketime()?;
    Ok(tools)
}

/// Does `install` unless `mark` says that it was done for this very `list`.
fn once(
    mark: &Path,
    list: &Path,
    install: impl FnOnce() -> Result<(), Findings>,
) -> Result<(), Findings> {
    let wanted =
        fs::read_to_string(list).map_err(|error| vec![format!("{}: {error}", list.display())])?;
    if fs::read_to_string(mark).is_ok_and(|had| had == wanted) {
        return Ok(());
    }
    println!("── installing {}", list.display());
    install()?;
    fs::write(mark, wanted).map_err(|error| vec![format!("{}: {error}", mark.display())])
}

fn copy(from: &Path, to: &Path) -> Result<(), Findings> {
    match fs::copy(from, to) {
        Ok(_) => Ok(()),
        Err(error) => Err(vec![format!("{} to {}: {error}", from.display(), to.display())]),
    }
}

/// Debian's libfaketime.
fn faketime() -> Result<(), Findings> {
    debian("libfaketime", faketime_is_there)
}

/// A package of Debian's: installed if it is missing and we may, named as missing if we may not.
pub(crate) fn debian(package: &str, is_there: impl Fn() -> bool) -> Result<(), Findings> {
    if is_there() {
        return Ok(());
    }
    println!("── installing {package}");
    let quiet = ["install", "--quiet", "--yes", "--no-install-recommends", package];
    let tried = done(Command::new("apt-get").args(["update", "--quiet"]), "apt-get update")
        .and_then(|()| done(Command::new("apt-get").args(quiet), "apt-get install"));
    if is_there() {
        return Ok(());
    }
    let mut findings = tried.err().unwrap_or_default();
    findings.push(format!(
        "{package} is missing and could not be installed: as root, `apt-get install {package}`"
    ));
    Err(findings)
}

fn faketime_is_there() -> bool {
    let Ok(entries) = fs::read_dir("/usr/lib") else { return false };
    entries.flatten().any(|entry| entry.path().join(FAKETIME).is_file())
}

/// Runs a script in a directory of its own; what it leaves is kept only if it failed.
fn play(script: &Path, binary: &Path, tools: &Path, words: &[&str]) -> Result<bool, Findings> {
    let run = tools.join(format!("run-{}-{}", stem(script), seconds()));
    fs::create_dir_all(&run).map_err(|error| vec![format!("{}: {error}", run.display())])?;
    let status = Command::new(tools.join("venv/bin/python"))
        .arg(script)
        .args([&run, binary, tools])
        .args(words)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .status()
        .map_err(|error| vec![format!("{}: {error}", script.display())])?;
    if status.success() {
        // A directory that stays is only in the way.
        let _ = fs::remove_dir_all(&run);
    }
    Ok(status.success())
}

fn stem(script: &Path) -> String {
    script.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Seconds since 1970: tells the runs apart.
fn seconds() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a chore is not the product: it names a directory"
    )]
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| since.as_secs())
}

/// Runs a program to its end.
pub(crate) fn done(command: &mut Command, what: &str) -> Result<(), Findings> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(vec![format!("{what} failed: {status}")]),
        Err(error) => Err(vec![format!("{what} could not be started: {error}")]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_conformance_is_answered_with_the_known_ones() {
        let findings = run(&["second-request"]).unwrap_err();
        assert!(findings.iter().any(|finding| finding.contains("first-request")), "{findings:?}");
        assert!(run(&[]).is_err());
    }

    #[test]
    fn every_script_that_is_named_is_there() {
        for (name, scripts) in ALL {
            for script in *scripts {
                let file = root().join("conformance").join(name).join(script);
                assert!(file.is_file(), "{}", file.display());
            }
        }
        assert!(root().join("conformance").join(CLIENTS).join("run.py").is_file());
    }
}
