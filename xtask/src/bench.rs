//! Measurement: builds what is measured and what measures, and has `docs/performance.md` written.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::Findings;
use crate::check::root;
use crate::conformance::{Profile, build, done};

/// Runs `bench --policy [--binary PATH]` (the policy engine alone), `bench --record [--work DIR]`
/// (the record alone), `bench --timing [PATH]` (whether the times of refusals tell, for
/// `docs/timing.md`), or
/// `bench [--quick] [--large] [--load] [--cold] [--binary PATH] [--out PATH] [--work DIR]`.
///
/// `--load` measures honest requests beside a crowd of idle and slow connections and beside a flood
/// of bad logins, prints what came of it, and writes no report. `--large` moves objects of 5 GiB,
/// `--cold` times a release build from nothing, `--out` is where
/// the report goes if not to `docs/performance.md`, `--work` is where data directories are made.
pub(crate) fn run(words: &[&str]) -> Result<(), Findings> {
    let mut passed: Vec<String> = Vec::new();
    if let ["--timing", rest @ ..] = words {
        return timing(rest);
    }
    if let ["--record", rest @ ..] = words {
        return record(rest);
    }
    let (mut binary, mut cold, mut policy) = (None, false, false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || {
            let missing = || vec![format!("`{word}` needs a value")];
            words.next().map(|value| (*value).to_owned()).ok_or_else(missing)
        };
        match *word {
            "--cold" => cold = true,
            "--policy" => policy = true,
            "--binary" => binary = Some(PathBuf::from(value()?)),
            "--quick" | "--large" | "--load" => passed.push((*word).to_owned()),
            "--out" | "--work" => passed.extend([(*word).to_owned(), value()?]),
            other => return Err(vec![format!("`{other}` is not an option of bench")]),
        }
    }
    let measured = || match binary {
        Some(given) => std::path::absolute(given).map_err(|error| vec![error.to_string()]),
        None => build(Profile::Release),
    };
    if policy {
        return engine(&measured()?);
    }
    if cold {
        passed.extend(["--cold-seconds".to_owned(), format!("{:.0}", cold_build()?.as_secs_f64())]);
    }
    let binary = measured()?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["run", "--release", "--locked", "--manifest-path", "bench/Cargo.toml", "--"])
        .arg("--binary")
        .arg(binary)
        .args(passed)
        .current_dir(root());
    done(&mut cargo, "the measurement")
}

/// Compares the times of refusals, and has `docs/timing.md` written. It fails if they tell, and if
/// a planted leak is not found.
fn timing(words: &[&str]) -> Result<(), Findings> {
    let out = match words {
        [] => "docs/timing.md",
        [out] => out,
        _ => return Err(vec!["`bench --timing` takes one path".to_owned()]),
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["run", "--release", "--locked", "--manifest-path", "bench/Cargo.toml", "--"])
        .args(["--timing", "--out", out])
        .current_dir(root());
    done(&mut cargo, "the comparison")
}

/// Measures the policy engine alone and `strongroom policy test`, and has
/// `docs/performance-policy.md` and the numbers beside it written.
fn engine(binary: &Path) -> Result<(), Findings> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["run", "--release", "--locked", "--manifest-path", "bench/Cargo.toml"])
        .args(["--package", "strongroom-bench-policy", "--"])
        .args(["docs/performance-policy.md", "docs/performance-policy.json"])
        .arg(binary)
        .current_dir(root());
    done(&mut cargo, "the measurement")
}

/// Measures what the record alone costs, on a directory of its own below `--work`, and has
/// `docs/performance-record.md` written.
fn record(words: &[&str]) -> Result<(), Findings> {
    let work = match words {
        [] => std::env::temp_dir(),
        ["--work", work] => PathBuf::from(work),
        _ => return Err(vec!["`bench --record` takes `--work DIR` alone".to_owned()]),
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["run", "--release", "--locked", "--manifest-path", "bench/Cargo.toml"])
        .args(["--package", "strongroom-bench-record", "--", "cost"])
        .arg(work)
        .arg("docs/performance-record.md")
        .current_dir(root());
    done(&mut cargo, "the measurement")
}

/// Builds the commit from nothing but the sources of dependencies, and says how long it took.
fn cold_build() -> Result<Duration, Findings> {
    let copy = std::env::temp_dir().join(format!("strongroom-cold-{}", std::process::id()));
    std::fs::create_dir_all(&copy).map_err(|error| vec![format!("{}: {error}", copy.display())])?;
    let outcome = timed_build(&copy);
    if let Err(error) = std::fs::remove_dir_all(&copy) {
        eprintln!("{}: {error}", copy.display());
    }
    outcome
}

fn timed_build(copy: &Path) -> Result<Duration, Findings> {
    let archive = copy.join("tree.tar");
    let mut git = Command::new("git");
    git.args(["archive", "--output"]).arg(&archive).arg("HEAD").current_dir(root());
    done(&mut git, "git archive")?;
    done(Command::new("tar").arg("-xf").arg(&archive).current_dir(copy), "tar")?;
    let mut fetch = Command::new(env!("CARGO"));
    done(fetch.args(["fetch", "--locked", "--quiet"]).current_dir(copy), "cargo fetch")?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--release", "--locked", "--package", "strongroom"])
        .env("CARGO_TARGET_DIR", copy.join("target"))
        .current_dir(copy);
    let began = now();
    done(&mut cargo, "the cold build")?;
    now().duration_since(began).map_err(|error| vec![error.to_string()])
}

#[expect(clippy::disallowed_methods, reason = "how long a build takes is asked of the clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
