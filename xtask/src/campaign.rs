//! Campaigns: what takes longer than CI may, recorded with seed and commit, and resumable.
//!
//! `cargo xtask campaign kill9 [--seed N] [--rounds N] [--iam] [--debug]` kills a working server N
//! times at seeded write steps; see `conformance/kill9/campaign.py`. With `--iam` nothing but the
//! authorization state is written. Run again with the same seed it goes on where it stopped.
//!
//! `differential` lets both policy engines decide random cases, `seeded` plants bugs that it must
//! find, `mutants` changes the engine wherever it can be changed, `fuzz` lets libFuzzer look for
//! inputs that the targets of `fuzz/` cannot bear.
//! `universe` enumerates a small universe whole; `compare` asks everything about thousands of pairs
//! of policies.
//! `scale` makes an installation of a million users and says what it weighs and what a start costs;
//! `passwords` compares what refusing a password takes, whoever it is said to be of;
//! `escalation` looks through every state of who may what that can be reached for a way past a
//! boundary.
//! `beside [--writes N] [--revocations N] [--binary PATH]` changes rights over HTTP while 16
//! clients read, and revokes sessions while their holders ask.
//! `complete [--requests N] [--kills N]` holds the record against the clients' own logs.

mod complete;
pub(crate) mod differential;
mod fuzz;
pub(crate) mod mutants;
pub(crate) mod seeded;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::Findings;
use crate::check::root;
use crate::conformance::{Profile, build, debian, done, install};

/// How often the server is killed when nothing else is said.
const ROUNDS: u32 = 200;
/// The seed when nothing else is said.
const SEED: u64 = 1;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    seed: u64,
    rounds: u32,
    profile: Profile,
    writes: Writes,
}

/// What is written while the server is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writes {
    /// Objects, rights and revocations.
    All,
    /// Rights and revocations alone.
    Iam,
}

impl Writes {
    fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Iam => "iam",
        }
    }
}

/// Runs one campaign.
pub(crate) fn run(words: &[&str]) -> Result<(), Findings> {
    match words {
        ["kill9", flags @ ..] => kill9(flags),
        ["differential", flags @ ..] => differential::campaign(flags),
        ["universe"] => differential::universe(),
        ["compare"] => differential::compare(),
        ["seeded"] => seeded::run(""),
        ["seeded", word] => seeded::run(word),
        ["mutants", flags @ ..] => mutants::campaign(flags),
        ["fuzz", flags @ ..] => fuzz::campaign(flags),
        ["scale"] => large("scale", "tests::scale::a_large"),
        ["escalation"] => large("escalation", "tests::delegation::whoever"),
        ["passwords"] => large("passwords", "tests::password_times"),
        ["beside", flags @ ..] => beside(flags),
        ["complete", flags @ ..] => complete::campaign(flags),
        _ => {
            let known = "kill9, differential, universe, compare, seeded, mutants, fuzz, \
                         scale, escalation, passwords, beside, complete";
            Err(vec![format!("`{}` is not a campaign: {known}", words.join(" "))])
        }
    }
}

/// Runs tests of `identity` at its full size.
fn large(campaign: &str, test: &str) -> Result<(), Findings> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["test", "--locked", "--release", "--package", "strongroom-identity", "--lib"])
        .args(["--", test, "--nocapture"])
        .env("STRONGROOM_CAMPAIGN", campaign)
        .current_dir(root());
    done(&mut cargo, campaign)
}

/// Rights change while others read, over HTTP: `bench/src/beside.rs`.
fn beside(flags: &[&str]) -> Result<(), Findings> {
    let (mut writes, mut revocations, mut binary) = ("100000", "1000", None);
    for pair in flags.chunks(2) {
        match pair {
            ["--writes", number] => writes = number,
            ["--revocations", number] => revocations = number,
            ["--binary", path] => binary = Some(PathBuf::from(path)),
            _ => {
                let known = "--writes N, --revocations N or --binary PATH";
                return Err(vec![format!("`{}` is not {known}", pair.join(" "))]);
            }
        }
    }
    let binary = match binary {
        Some(given) => std::path::absolute(given).map_err(|error| vec![error.to_string()])?,
        None => build(Profile::Release)?,
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["run", "--release", "--locked", "--manifest-path", "bench/Cargo.toml"])
        .args(["--package", "strongroom-bench", "--", "--beside", writes, revocations, "--binary"])
        .arg(binary)
        .current_dir(root());
    println!("beside: commit {}", commit());
    done(&mut cargo, "beside")
}

fn kill9(flags: &[&str]) -> Result<(), Findings> {
    let asked = asked(flags)?;
    let tools = install("first-request", &root().join("conformance/first-request"))?;
    debian("strace", || Command::new("strace").arg("--version").output().is_ok())?;
    let binary = build(asked.profile)?;
    let word = asked.writes.word();
    let directory = tools.join(format!("kill9-{word}-seed-{}", asked.seed));
    fs::create_dir_all(&directory)
        .map_err(|error| vec![format!("{}: {error}", directory.display())])?;
    let mut python = Command::new(tools.join("venv/bin/python"));
    python
        .arg(root().join("conformance/kill9/campaign.py"))
        .args([&directory, &binary, &tools])
        .args([asked.seed.to_string(), asked.rounds.to_string(), commit()])
        .arg(word)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    done(&mut python, "kill9")
}

fn asked(flags: &[&str]) -> Result<Asked, Findings> {
    let mut asked =
        Asked { seed: SEED, rounds: ROUNDS, profile: Profile::Release, writes: Writes::All };
    let mut rest = flags.iter();
    while let Some(flag) = rest.next() {
        let mut number = |name: &str| {
            let value = rest.next().and_then(|text| text.parse::<u32>().ok());
            value.ok_or_else(|| vec![format!("`{name}` needs a number")])
        };
        match *flag {
            "--seed" => asked.seed = number("--seed")?.into(),
            "--rounds" => asked.rounds = number("--rounds")?,
            "--debug" => asked.profile = Profile::Debug,
            "--iam" => asked.writes = Writes::Iam,
            other => {
                let known = "--seed, --rounds, --iam or --debug";
                return Err(vec![format!("`{other}` is not {known}")]);
            }
        }
    }
    Ok(asked)
}

/// Seconds since 1970.
pub(crate) fn seconds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a chore is not the product: it times itself")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| since.as_secs())
}

/// The commit that is put to the test, and whether the tree differs from it.
pub(crate) fn commit() -> String {
    let described = Command::new("git")
        .args(["describe", "--always", "--dirty", "--abbrev=12"])
        .current_dir(root())
        .output();
    match described {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_two_hundred_rounds_of_a_release_build() {
        let default =
            Asked { seed: SEED, rounds: 200, profile: Profile::Release, writes: Writes::All };
        assert_eq!(asked(&[]), Ok(default));
        let said = Asked { seed: 7, rounds: 3, profile: Profile::Debug, writes: Writes::Iam };
        assert_eq!(asked(&["--rounds", "3", "--debug", "--seed", "7", "--iam"]), Ok(said));
    }

    #[test]
    fn a_flag_that_is_none_and_a_number_that_is_none_are_refused() {
        assert!(asked(&["--seed"]).is_err());
        assert!(asked(&["--rounds", "many"]).is_err());
        assert!(asked(&["--sed", "1"]).is_err());
        assert!(run(&["kill8"]).is_err());
        assert!(beside(&["--writes"]).is_err());
        assert!(beside(&["--reads", "1"]).is_err());
    }
}
