//! Bugs that are put into a copy of the engine on purpose: what CI runs must find every one.
//! The list is `crates/policy/tests/differential/seeded-bugs.json`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Findings;
use crate::campaign::differential::{self, CI, build, target};
use crate::check::root;

const LIST: &str = "crates/policy/tests/differential/seeded-bugs.json";
/// Fewest bugs of the list.
const BUGS_MIN: usize = 20;

/// A bug: one text of one file replaced by another.
#[derive(Clone, Debug)]
struct Bug {
    /// The rule that it breaks.
    breaks: String,
    file: PathBuf,
    from: String,
    to: String,
}

/// Plants each bug whose rule has `word` in a copy, and runs what CI runs until it is found.
pub(crate) fn run(word: &str) -> Result<(), Findings> {
    let mut bugs = list()?;
    let mut findings = stale(&bugs);
    if !findings.is_empty() {
        return Err(findings);
    }
    bugs.retain(|bug| bug.breaks.contains(word));
    let directory = target().join("seeded");
    let copy = directory.join("copy");
    make_copy(&copy, &BTreeSet::new())
        .map_err(|error| vec![format!("{}: {error}", copy.display())])?;
    for (number, bug) in bugs.iter().enumerate() {
        let file = copy.join(&bug.file);
        let failed = |error: std::io::Error| vec![format!("{}: {error}", file.display())];
        let sound = fs::read_to_string(&file).map_err(failed)?;
        fs::write(&file, sound.replacen(&bug.from, &bug.to, 1)).map_err(failed)?;
        let found = build(&copy, &directory.join("target"), FAST).map(|runner| is_found(&runner));
        fs::write(&file, sound).map_err(failed)?;
        let word = match found {
            Ok(true) => "found",
            Ok(false) => {
                findings.push(format!("not found: {}", bug.breaks));
                "NOT FOUND"
            }
            Err(_) => {
                findings.push(format!("does not build: {}", bug.breaks));
                "DOES NOT BUILD"
            }
        };
        println!("{:>3} of {} {word}: {}", number + 1, bugs.len(), bug.breaks);
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// A bug is found within seconds, so building fast counts for more than running fast.
const FAST: &[&str] = &[
    "--offline",
    "--config",
    "profile.campaign.opt-level=1",
    "--config",
    "profile.campaign.incremental=true",
    "--config",
    "profile.campaign.codegen-units=64",
];

/// Whether the very run of CI differs; it may stop at the first difference.
fn is_found(runner: &Path) -> bool {
    let ended = Command::new(runner)
        .args(CI.iter().filter(|(flag, _)| *flag != "--least").flat_map(|(f, n)| [*f, *n]))
        .args(["--stop", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ended.is_ok_and(|status| status.code() == Some(1))
}

fn list() -> Result<Vec<Bug>, Findings> {
    let wrong = |why: &str| vec![format!("{LIST}: {why}")];
    let text = fs::read_to_string(root().join(LIST)).map_err(|error| wrong(&error.to_string()))?;
    let value: Value = serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    let bugs: Option<Vec<Bug>> = value.as_array().and_then(|bugs| bugs.iter().map(bug).collect());
    let bugs = bugs.ok_or_else(|| wrong("each bug has `breaks`, `file`, `from` and `to`"))?;
    if bugs.len() < BUGS_MIN {
        return Err(wrong("it has too few bugs"));
    }
    Ok(bugs)
}

fn bug(value: &Value) -> Option<Bug> {
    let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
    Some(Bug {
        breaks: text("breaks")?,
        file: text("file")?.into(),
        from: text("from")?,
        to: text("to")?,
    })
}

/// Bugs whose text does not stand exactly once where they say.
fn stale(bugs: &[Bug]) -> Findings {
    let count = |bug: &Bug| {
        let text = fs::read_to_string(root().join(&bug.file)).unwrap_or_default();
        text.matches(&bug.from).count()
    };
    let stale = bugs.iter().filter(|bug| count(bug) != 1 || bug.from == bug.to);
    let told = |bug: &Bug| {
        format!("{LIST}: `{}` stands {} times in {}", bug.from, count(bug), bug.file.display())
    };
    stale.map(told).collect()
}

/// The two crates that the runner needs, in a workspace of their own. Files that are as they were
/// are not touched, so that nothing is built twice; those in `kept` are left to the caller.
pub(crate) fn make_copy(copy: &Path, kept: &BTreeSet<PathBuf>) -> std::io::Result<()> {
    for room in ["names", "policy"] {
        let room = Path::new("crates").join(room);
        copy_tree((&root(), copy), &room, kept)?;
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let members = |line: &str| match line {
        "members = [\"crates/*\", \"xtask\"]" => {
            "members = [\"crates/names\", \"crates/policy\"]".to_owned()
        }
        line if line.starts_with("default-members") => String::new(),
        line => line.to_owned(),
    };
    let manifest: Vec<String> = manifest.lines().map(members).collect();
    write(&copy.join("Cargo.toml"), manifest.join("\n").as_bytes())?;
    write(&copy.join("Cargo.lock"), &fs::read(root().join("Cargo.lock"))?)
}

/// Makes one part of a tree in `to` what it is in `from`.
pub(crate) fn copy_tree(
    (from, to): (&Path, &Path),
    part: &Path,
    kept: &BTreeSet<PathBuf>,
) -> std::io::Result<()> {
    fs::create_dir_all(to.join(part))?;
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(from.join(part))? {
        let entry = entry?;
        names.insert(entry.file_name());
        let own = part.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree((from, to), &own, kept)?;
        } else if !kept.contains(&own) {
            write(&to.join(own), &fs::read(entry.path())?)?;
        }
    }
    for entry in fs::read_dir(to.join(part))? {
        let entry = entry?;
        let gone = !names.contains(&entry.file_name());
        if gone && !entry.file_type()?.is_dir() && !kept.contains(&part.join(entry.file_name())) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes a file, if that changes it.
pub(crate) fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text)
}

/// What CI runs: the engines as they are, then with each bug.
pub(crate) fn check() -> Result<(), Findings> {
    differential::slice()?;
    run("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bug_of_the_list_stands_exactly_once_in_its_file() {
        assert_eq!(stale(&list().unwrap()), Findings::new());
    }

    #[test]
    fn a_bug_whose_text_is_gone_is_told() {
        let mut bug = list().unwrap().remove(0);
        bug.from.push_str(" that nobody wrote");
        assert_eq!(stale(&[bug]).len(), 1);
    }
}
