//! Both policy engines over random worlds and a small universe: a slice in `cargo xtask check`,
//! and `cargo xtask campaign differential [--cases N] [--seed S]`, which goes on where it stopped
//! and writes its line into `docs/campaigns.md`. `cargo xtask campaign universe` enumerates the
//! small universe whole, and `cargo xtask campaign compare` asks everything about thousands of
//! pairs of policies.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::Findings;
use crate::campaign::{commit, fuzz, seconds};
use crate::check::root;
use crate::conformance::done;

/// What CI runs: cases, seed, how often each cell must be met, and the stride through the universe.
pub(crate) const CI: [(&str, &str); 4] =
    [("--cases", "4000000"), ("--seed", "1"), ("--least", "100"), ("--universe", "53")];

/// Cases of a recorded campaign when nothing else is said.
const CASES: u64 = 100_000_000;
/// Cases of one process: what is lost when a campaign is ended.
const CHUNK: u64 = 2_000_000;
/// How often a recorded campaign meets each possible cell, at the least.
const LEAST: u64 = 10_000;
/// Cases of the small universe, at the least.
const UNIVERSE_LEAST: u64 = 10_000_000;
/// Where campaigns are recorded.
pub(crate) const PAGE: &str = "docs/campaigns.md";

/// Builds the runner in `directory`, a workspace with the policy crate, and says where it is.
pub(crate) fn build(directory: &Path, target: &Path, more: &[&str]) -> Result<PathBuf, Findings> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--profile", "campaign", "--package", "strongroom-policy"])
        .args(["--example", "differential"])
        .args(more)
        .env("CARGO_TARGET_DIR", target)
        .current_dir(directory);
    done(&mut cargo, "the build of the differential runner")?;
    Ok(target.join("campaign/examples/differential"))
}

/// The slice of CI.
pub(crate) fn slice() -> Result<(), Findings> {
    let runner = build(&root(), &target(), &["--locked"])?;
    let summary = run(&runner, &CI.map(|(flag, number)| (flag, number.to_owned())))?;
    let count = |name: &str| summary.get(name).and_then(Value::as_u64).unwrap_or(0);
    println!("{} random cases and {} enumerated ones agree", count("cases"), count("universe"));
    Ok(())
}

/// Where builds of this workspace go; cargo is asked once.
pub(crate) fn target() -> PathBuf {
    static TARGET: OnceLock<PathBuf> = OnceLock::new();
    let ask = || {
        let metadata = crate::check::metadata().ok()?;
        metadata.get("target_directory").and_then(Value::as_str).map(PathBuf::from)
    };
    TARGET.get_or_init(|| ask().unwrap_or_else(|| root().join("target"))).clone()
}

/// Runs the runner; its summary, or that it found something (which it has printed).
fn run(runner: &Path, flags: &[(&str, String)]) -> Result<Value, Findings> {
    let output = Command::new(runner)
        .args(flags.iter().flat_map(|(flag, number)| [*flag, number.as_str()]))
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| vec![format!("{}: {error}", runner.display())])?;
    if !output.status.success() {
        return Err(vec!["the policy engines differ, or a cell was not met; see above".to_owned()]);
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| vec![format!("the runner answered no JSON: {error}")])
}

/// What a campaign has done so far.
#[derive(Debug, Default, PartialEq, Eq)]
struct Progress {
    numbers: BTreeMap<String, u64>,
    met: BTreeMap<String, u64>,
}

/// The figures that add up.
const FIGURES: [&str; 6] = ["cases", "worlds", "documents", "refused", "universe", "seconds"];

impl Progress {
    fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let numbers = |name: &str| -> Option<BTreeMap<String, u64>> {
            let members = value.get(name)?.as_object()?;
            members.iter().map(|(k, v)| Some((k.clone(), v.as_u64()?))).collect()
        };
        Some(Self { numbers: numbers("numbers")?, met: numbers("met")? })
    }

    fn add(&mut self, summary: &Value, seconds: u64) {
        let bump = |map: &mut BTreeMap<String, u64>, name: &str, more: u64| {
            let count = map.entry(name.to_owned()).or_default();
            *count = count.saturating_add(more);
        };
        for name in FIGURES {
            let more = summary.get(name).and_then(Value::as_u64).unwrap_or(0);
            bump(&mut self.numbers, name, more);
        }
        bump(&mut self.numbers, "seconds", seconds);
        let met = summary.pointer("/coverage/met").and_then(Value::as_object);
        for (cell, count) in met.into_iter().flatten() {
            bump(&mut self.met, cell, count.as_u64().unwrap_or(0));
        }
    }

    fn number(&self, name: &str) -> u64 {
        self.numbers.get(name).copied().unwrap_or(0)
    }

    /// The cell met least often.
    fn least(&self) -> (String, u64) {
        let least = self.met.iter().min_by_key(|(_, count)| **count);
        least.map(|(cell, count)| (cell.clone(), *count)).unwrap_or_default()
    }
}

/// The recorded campaign.
pub(crate) fn campaign(flags: &[&str]) -> Result<(), Findings> {
    let (cases, seed) = asked(flags)?;
    let commit = commit();
    let directory = target().join("campaigns");
    fs::create_dir_all(&directory)
        .map_err(|error| vec![format!("{}: {error}", directory.display())])?;
    let state = directory.join(format!("differential-{seed}-{commit}.json"));
    let mut progress =
        fs::read_to_string(&state).ok().and_then(|t| Progress::read(&t)).unwrap_or_default();
    let runner = build(&root(), &target(), &["--locked"])?;
    while progress.number("cases") < cases {
        let start = seconds();
        let universe = u64::from(progress.number("cases") == 0);
        let more = CHUNK.min(cases.saturating_sub(progress.number("cases")));
        let summary = run(
            &runner,
            &[
                ("--cases", more.to_string()),
                ("--seed", seed.to_string()),
                ("--from", progress.number("worlds").to_string()),
                ("--universe", universe.to_string()),
            ],
        )?;
        progress.add(&summary, seconds().saturating_sub(start));
        let text = json!({ "numbers": progress.numbers, "met": progress.met }).to_string();
        fs::write(&state, text).map_err(|error| vec![format!("{}: {error}", state.display())])?;
        let (cell, least) = progress.least();
        println!("{} of {cases} cases; `{cell}` met {least} times", progress.number("cases"));
    }
    let (cell, least) = progress.least();
    // Fewer cases meet each cell less often.
    let wanted = LEAST.min(cases / (CASES / LEAST));
    if least < wanted {
        return Err(vec![format!("`{cell}` was met {least} times, and {wanted} are wanted")]);
    }
    record(&line(seed, &commit, &progress))
}

/// The small universe, whole.
pub(crate) fn universe() -> Result<(), Findings> {
    let (commit, start) = (commit(), seconds());
    let runner = build(&root(), &target(), &["--locked"])?;
    let flags = [("--cases", "0"), ("--universe", "1")];
    let summary = run(&runner, &flags.map(|(flag, number)| (flag, number.to_owned())))?;
    let cases = summary.get("universe").and_then(Value::as_u64).unwrap_or(0);
    if cases < UNIVERSE_LEAST {
        return Err(vec![format!("the universe has {cases} cases, {UNIVERSE_LEAST} are wanted")]);
    }
    let seconds = seconds().saturating_sub(start);
    record(&format!(
        "| universe | | {commit} | {cases} cases, every one of them: no difference; {seconds} s |"
    ))
}

/// The comparison of policies against asking everything, for thousands of pairs.
pub(crate) fn compare() -> Result<(), Findings> {
    let (commit, start) = (commit(), seconds());
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["test", "--quiet", "--profile", "campaign", "--package", "strongroom-policy"])
        .args(["--locked", "--test", "compare"])
        .current_dir(root());
    done(&mut cargo, "the deep comparison")?;
    let seconds = seconds().saturating_sub(start);
    record(&format!(
        "| compare | 0 to 4999 | {commit} | 5000 pairs of identity policies and 5000 of bucket \
         policies: the comparison says what asking everything says; {seconds} s |"
    ))
}

fn line(seed: u64, commit: &str, progress: &Progress) -> String {
    let (cell, least) = progress.least();
    let n = |name: &str| progress.number(name);
    format!(
        "| differential | {seed} | {commit} | {} random cases of {} worlds, {} documents ({} \
         refused by the parser), {} enumerated cases: no difference; {} cells, the rarest \
         (`{cell}`) met {least} times; {} s |",
        n("cases"),
        n("worlds"),
        n("documents"),
        n("refused"),
        n("universe"),
        progress.met.len(),
        n("seconds"),
    )
}

/// The head of the table of campaigns.
const HEAD: &str = "| campaign | seed | commit | figures |";

/// Adds a line behind the last one of the table of campaigns.
fn record(line: &str) -> Result<(), Findings> {
    println!("{line}");
    let failed = |error: std::io::Error| vec![format!("{PAGE}: {error}")];
    let page = fs::read_to_string(root().join(PAGE)).map_err(failed)?;
    let page = fuzz::with(&page, HEAD, line)
        .ok_or_else(|| vec![format!("{PAGE} has no table of campaigns")])?;
    fs::write(root().join(PAGE), page).map_err(failed)
}

fn asked(flags: &[&str]) -> Result<(u64, u64), Findings> {
    let (mut cases, mut seed) = (CASES, 1);
    for pair in flags.chunks(2) {
        let [flag, text] = pair else { return Err(vec!["a flag needs a number".to_owned()]) };
        let number = text.parse().map_err(|_| vec![format!("`{text}` is not a number")])?;
        match *flag {
            "--cases" => cases = number,
            "--seed" => seed = number,
            other => return Err(vec![format!("`{other}` is not --cases or --seed")]),
        }
    }
    Ok((cases, seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_goes_on_with_what_it_had() {
        let mut progress = Progress::default();
        let summary = json!({"cases": 8, "worlds": 1, "coverage": {"met": {"a": 2, "b": 3}}});
        progress.add(&summary, 5);
        let text = json!({ "numbers": progress.numbers, "met": progress.met }).to_string();
        assert_eq!(Progress::read(&text), Some(Progress { ..progress }));
        let mut again = Progress::read(&text).unwrap();
        again.add(&summary, 5);
        assert_eq!((again.number("cases"), again.number("seconds")), (16, 10));
        assert_eq!(again.least(), ("a".to_owned(), 4));
    }

    #[test]
    fn a_flag_that_is_none_and_a_number_that_is_none_are_refused() {
        assert_eq!(asked(&[]), Ok((CASES, 1)));
        assert_eq!(asked(&["--seed", "7", "--cases", "9"]), Ok((9, 7)));
        for bad in [&["--seed"][..], &["--seed", "x"], &["--rounds", "1"]] {
            assert!(asked(bad).is_err(), "{bad:?}");
        }
    }
}
