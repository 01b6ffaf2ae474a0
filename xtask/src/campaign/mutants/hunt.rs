//! Runs tests against one mutant after the other: only those tests that come by it, the quick ones
//! first, and none after the first that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::ground::copy;
use crate::Findings;
use crate::campaign::differential::target;

/// How a mutant ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Fate {
    Killed,
    TimedOut,
    Survived,
    Unviable,
}

/// Which tests are run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Which {
    /// All of them.
    All,
    /// Those that end within a few seconds; what they do not find is put to all of them later.
    Quick,
}

/// A test, how long it takes, and which mutants it comes by.
#[derive(Clone, Debug)]
pub(super) struct Test {
    binary: PathBuf,
    name: String,
    takes: Duration,
    reaches: BTreeSet<usize>,
}

/// How much more of the processor's time than it ever took a test may use, and what is added. It is
/// not the clock's time: a mutant does not hang because the machine is busy with something else.
const PATIENCE: (u32, Duration) = (20, Duration::from_secs(5));
/// How much longer than that a test may take by the clock: it may wait for what never comes.
const WAITING: u32 = 10;
/// The signals that end whoever has used up its time: SIGKILL and SIGXCPU.
const OUT_OF_TIME: [i32; 2] = [9, 24];
/// What a process may use of memory, in KiB.
const MEMORY_KIB: &str = "6000000";
/// What a quick test may take, and any.
const QUICK: Duration = Duration::from_secs(4);
/// What the quick tests may take together that are put to one mutant.
const QUICK_TOTAL: Duration = Duration::from_secs(4);
const FOREVER: Duration = Duration::from_secs(1800);
/// Batches of tests: each takes so much longer than the one before.
const FIRST_BATCH: Duration = Duration::from_millis(30);
const BATCH_GROWTH: u32 = 6;

/// Starts a test binary with words of its own, and so many seconds of the processor.
fn start(
    binary: &Path,
    words: &[&str],
    variable: (&str, &str),
    most: Duration,
) -> std::io::Result<Child> {
    let seconds = most.as_secs().max(1).to_string();
    let limited = "ulimit -v $0; ulimit -t $1; shift; exec \"$@\"";
    Command::new("sh")
        .args(["-c", limited, MEMORY_KIB, &seconds])
        .arg(binary)
        .args(words)
        .env(variable.0, variable.1)
        .env("PROPTEST_FAILURE_PERSISTENCE", "off")
        .current_dir(copy().join("crates/policy"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// Whether it ended well; `None` if it was ended for taking too long.
fn ended_well(mut child: Child, most: Duration) -> std::io::Result<Option<bool>> {
    let until = now() + most;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            let late = status.signal().is_some_and(|signal| OUT_OF_TIME.contains(&signal));
            return Ok(if late { None } else { Some(status.success()) });
        }
        if now() > until {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

#[expect(clippy::disallowed_methods, reason = "a chore is not the product: it times itself")]
fn now() -> Instant {
    Instant::now()
}

/// Runs every test once, without a mutant, and sees which mutants it comes by.
pub(super) fn tests(
    binaries: &BTreeMap<String, PathBuf>,
    jobs: usize,
    which: Which,
) -> Result<Vec<Test>, Findings> {
    let mut names = Vec::new();
    for (name, binary) in binaries {
        let output = Command::new(binary)
            .args(["--list", "--format", "terse"])
            .output()
            .map_err(|error| vec![format!("{name}: {error}")])?;
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        let tests = listed.lines().filter_map(|line| line.strip_suffix(": test"));
        names.extend(tests.map(|test| (binary.clone(), test.to_owned())));
    }
    let measured = on_each(&names, jobs, |place, (binary, name)| {
        let reach = target().join(format!("mutants/reach-{place}"));
        let _ = fs::remove_file(&reach);
        let begin = now();
        let words = ["--exact", name.as_str()];
        let reached = reach.display().to_string();
        let child = start(binary, &words, ("PLANTED_REACH", &reached), FOREVER)
            .map_err(|error| format!("{name}: {error}"))?;
        match ended_well(child, if which == Which::Quick { QUICK } else { FOREVER }) {
            Ok(Some(true)) => {}
            Ok(None) if which == Which::Quick => return Ok(None),
            other => return Err(format!("{name} fails without a mutant: {other:?}")),
        }
        let takes = now() - begin;
        let text = fs::read_to_string(&reach).unwrap_or_default();
        let _ = fs::remove_file(&reach);
        let reaches = text.lines().filter_map(|line| line.parse().ok()).collect();
        Ok(Some(Test { binary: binary.clone(), name: name.clone(), takes, reaches }))
    });
    let mut tests = Vec::new();
    for one in measured {
        match one {
            Ok(test) => tests.extend(test),
            // It says nothing of a mutant; `cargo test` says what ails it.
            Err(finding) => println!("left out: {finding}"),
        }
    }
    tests.sort_by_key(|test| test.takes);
    Ok(tests)
}

/// Every test of these binaries, which do not know who comes by what.
pub(super) fn all_of(tests: &[Test], binaries: &BTreeMap<String, PathBuf>, id: usize) -> Vec<Test> {
    let renamed = |test: &Test| {
        let name = test.binary.file_name()?.to_str()?.rsplit_once('-')?.0.to_owned();
        let binary = binaries.get(&name)?.clone();
        Some(Test { binary, reaches: BTreeSet::from([id]), ..test.clone() })
    };
    tests.iter().filter_map(renamed).collect()
}

/// The module that a file is, as the names of its tests begin.
fn module(file: &str) -> String {
    let own = file.split_once("/src/").map_or(file, |(_, own)| own);
    let own = own.trim_end_matches(".rs").trim_end_matches("/mod");
    own.replace('/', "::") + "::"
}

/// What becomes of one mutant of a file, whose own tests come first.
pub(super) fn fate(
    tests: &[Test],
    (id, file): (usize, &str),
    which: Which,
) -> Result<Fate, String> {
    let mut left: Vec<&Test> = tests.iter().filter(|test| test.reaches.contains(&id)).collect();
    let module = module(file);
    left.sort_by_key(|test| (!test.name.starts_with(&module), test.takes));
    let mut all = Duration::ZERO;
    left.retain(|test| {
        let fits = which == Which::All || all.saturating_add(test.takes) <= QUICK_TOTAL;
        all = if fits { all.saturating_add(test.takes) } else { all };
        fits
    });
    left.reverse();
    let mut budget = FIRST_BATCH;
    while !left.is_empty() {
        let mut batch: BTreeMap<&Path, Vec<&Test>> = BTreeMap::new();
        let mut takes = Duration::ZERO;
        while let Some(test) = left.pop() {
            takes += test.takes;
            batch.entry(&test.binary).or_default().push(test);
            if takes > budget {
                break;
            }
        }
        budget *= BATCH_GROWTH;
        for (binary, tests) in batch {
            let takes: Duration = tests.iter().map(|test| test.takes).sum();
            let mut words = vec!["--exact", "--test-threads", "1"];
            words.extend(tests.iter().map(|test| test.name.as_str()));
            let failed = |error: std::io::Error| format!("{}: {error}", binary.display());
            let most = takes * PATIENCE.0 + PATIENCE.1;
            let child = start(binary, &words, ("PLANTED", &id.to_string()), most);
            match ended_well(child.map_err(failed)?, most * WAITING).map_err(failed)? {
                Some(true) => {}
                Some(false) => return Ok(Fate::Killed),
                None => return Ok(Fate::TimedOut),
            }
        }
    }
    Ok(Fate::Survived)
}

/// Does the same with each, so many at a time; the answers are in the order of the questions.
pub(super) fn on_each<T: Sync, R: Send>(
    all: &[T],
    jobs: usize,
    what: impl Fn(usize, &T) -> R + Sync,
) -> Vec<R> {
    let next = Mutex::new(0..all.len());
    let answers = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let place = next.lock().ok().and_then(|mut next| next.next());
                    let Some((place, one)) = place.and_then(|p| all.get(p).map(|one| (p, one)))
                    else {
                        return;
                    };
                    let answer = what(place, one);
                    if let Ok(mut answers) = answers.lock() {
                        answers.insert(place, answer);
                    }
                }
            });
        }
    });
    answers.into_inner().unwrap_or_default().into_values().collect()
}
