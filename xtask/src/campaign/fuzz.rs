//! `cargo xtask campaign fuzz [--seconds N] [--target NAME]`: libFuzzer, with the address
//! sanitizer, on every target of `fuzz/`; a line a target in `docs/campaigns.md`. What was found
//! interesting is kept beside the builds, so that a later campaign goes on from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Findings;
use crate::campaign::commit;
use crate::campaign::differential::{PAGE, target};
use crate::check::root;
use crate::conformance::done;

/// How long each target runs when nothing else is said.
const SECONDS: u32 = 300;
/// An input that takes longer than this is a finding: by the clock, and these programs come last.
const INPUT_SECONDS_MAX: u32 = 120;
/// A target that holds more memory than this is a finding.
const MEMORY_MIB_MAX: u32 = 2_048;
/// The longest input that is tried.
const INPUT_BYTES_MAX: u32 = 4_096;
/// The head of the table of fuzzing.
const HEAD: &str = "| fuzz target | commit | figures |";
/// What has the compiler count edges and comparisons for libFuzzer, as cargo-fuzz does.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Zsanitizer=address -Ccodegen-units=1 -Copt-level=3 -Cdebug-assertions -Coverflow-checks \
    --cfg fuzzing";

/// Runs every target, or one.
pub(crate) fn campaign(flags: &[&str]) -> Result<(), Findings> {
    let asked = Asked::read(flags)?;
    let every = names()?;
    if let Some(other) = asked.target.as_ref().filter(|name| !every.contains(name)) {
        return Err(vec![format!("`{other}` is not one of: {}", every.join(", "))]);
    }
    // The page that the lines go into is part of the tree.
    let commit = commit();
    let binaries = build(asked.target.as_deref())?;
    let mut failed = Findings::new();
    let wanted = |name: &&String| asked.target.as_ref().is_none_or(|own| own == *name);
    for name in every.iter().filter(wanted) {
        println!("── {name}, {} s", asked.seconds);
        match run(&binaries, name, asked.seconds) {
            Ok(figures) => record(&format!("| {name} | {commit} | {figures} |"))?,
            Err(findings) => failed.extend(findings),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    seconds: u32,
    target: Option<String>,
}

impl Asked {
    fn read(flags: &[&str]) -> Result<Self, Findings> {
        let mut asked = Self { seconds: SECONDS, target: None };
        for pair in flags.chunks(2) {
            match pair {
                ["--seconds", text] => {
                    let number = text.parse::<u32>().ok().filter(|seconds| *seconds > 0);
                    asked.seconds = number
                        .ok_or_else(|| vec![format!("`{text}` is not a number of seconds")])?;
                }
                ["--target", name] => asked.target = Some((*name).to_owned()),
                _ => return Err(vec![format!("`{}` is not an option", pair.join(" "))]),
            }
        }
        Ok(asked)
    }
}

/// The targets there are.
fn names() -> Result<Vec<String>, Findings> {
    let folder = root().join("fuzz/fuzz_targets");
    let entries =
        fs::read_dir(&folder).map_err(|error| vec![format!("{}: {error}", folder.display())])?;
    let stem = |path: PathBuf| path.file_stem().map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| stem(entry.path())).collect();
    names.sort();
    Ok(names)
}

/// Builds the targets, or one, and says where they are. The compiler that builds the product has
/// all that is needed, but keeps it for nightly builds: only here it is told to be one.
fn build(target_name: Option<&str>) -> Result<PathBuf, Findings> {
    let triple = host()?;
    let builds = target().join("fuzz");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml"])
        .args(target_name.map_or_else(|| vec!["--bins"], |name| vec!["--bin", name]))
        .args(["--target", &triple])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", FLAGS)
        .env("CARGO_TARGET_DIR", &builds)
        .current_dir(root());
    done(&mut cargo, "the build of the fuzz targets")?;
    Ok(builds.join(triple).join("release"))
}

/// The machine's own target triple.
fn host() -> Result<String, Findings> {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .map_err(|error| vec![format!("rustc: {error}")])?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| vec!["rustc does not say its host".to_owned()])
}

/// Runs one target, and says what it did.
fn run(binaries: &Path, name: &str, seconds: u32) -> Result<String, Findings> {
    let kept = target().join("fuzz/corpus").join(name);
    let found = target().join("fuzz/found").join(name);
    for folder in [&kept, &found] {
        fs::create_dir_all(folder)
            .map_err(|error| vec![format!("{}: {error}", folder.display())])?;
    }
    let log = target().join("fuzz").join(format!("{name}.log"));
    let file =
        fs::File::create(&log).map_err(|error| vec![format!("{}: {error}", log.display())])?;
    let status = Command::new("nice")
        .args(["-n", "19"])
        .arg(binaries.join(name))
        .arg(&kept)
        .arg(root().join("fuzz/corpus").join(name))
        .args([
            format!("-max_total_time={seconds}"),
            format!("-timeout={INPUT_SECONDS_MAX}"),
            format!("-rss_limit_mb={MEMORY_MIB_MAX}"),
            format!("-max_len={INPUT_BYTES_MAX}"),
            format!("-artifact_prefix={}/", found.display()),
            "-print_final_stats=1".to_owned(),
        ])
        .stdout(Stdio::null())
        .stderr(file)
        .status()
        .map_err(|error| vec![format!("{name}: {error}")])?;
    let text = fs::read_to_string(&log).unwrap_or_default();
    if !status.success() {
        let log = log.display();
        return Err(vec![format!("{name} found something: see {log} and {}", found.display())]);
    }
    Ok(figures(&text, seconds))
}

/// The figures of a run from what libFuzzer said.
fn figures(log: &str, seconds: u32) -> String {
    let after = |line: &str, word: &str| {
        let rest = line.split_once(word)?.1;
        rest.split_ascii_whitespace().next().map(str::to_owned)
    };
    let last = |word: &str| log.lines().rev().find_map(|line| after(line, word));
    let number = |word: &str| last(word).unwrap_or_else(|| "?".to_owned());
    format!(
        "nothing found in {} inputs, {seconds} s with the address sanitizer; {} edges, {} inputs \
         kept",
        number("stat::number_of_executed_units:"),
        number(" cov: "),
        number(" corp: ").split('/').next().unwrap_or("?"),
    )
}

/// Adds a line behind the last one of the table of fuzzing.
fn record(line: &str) -> Result<(), Findings> {
    println!("{line}");
    let failed = |error: std::io::Error| vec![format!("{PAGE}: {error}")];
    let text = fs::read_to_string(root().join(PAGE)).map_err(failed)?;
    let text =
        with(&text, HEAD, line).ok_or_else(|| vec![format!("{PAGE} has no table of fuzzing")])?;
    fs::write(root().join(PAGE), text).map_err(failed)
}

/// A page with a line more behind the last one of the table under a head.
pub(super) fn with(page: &str, head: &str, line: &str) -> Option<String> {
    let lines: Vec<&str> = page.lines().collect();
    let head = lines.iter().position(|own| *own == head)?;
    let rows = lines.iter().skip(head).take_while(|own| own.starts_with('|')).count();
    let mut lines = lines;
    lines.insert(head.saturating_add(rows), line);
    Some(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_behind_the_last_of_its_table() {
        let page = format!("# A\n\n{HEAD}\n|---|\n| a |\n\n| campaign |\n|---|\n");
        let expected = format!("# A\n\n{HEAD}\n|---|\n| a |\n| b |\n\n| campaign |\n|---|\n");
        assert_eq!(with(&page, HEAD, "| b |"), Some(expected));
        assert_eq!(with("# A\n", HEAD, "| b |"), None);
    }

    #[test]
    fn the_figures_are_the_last_that_were_said() {
        let log = "#1 INITED cov: 5 ft: 5 corp: 1/1b\n#9 DONE cov: 12 ft: 7 corp: 3/4Kb\n\
                   stat::number_of_executed_units: 900\n";
        let said = figures(log, 7);
        assert!(said.contains("900 inputs, 7 s") && said.contains("12 edges, 3 inputs"), "{said}");
    }

    #[test]
    fn a_flag_that_is_none_and_a_number_that_is_none_are_refused() {
        assert_eq!(Asked::read(&[]), Ok(Asked { seconds: SECONDS, target: None }));
        let said = Asked { seconds: 7, target: Some("case".to_owned()) };
        assert_eq!(Asked::read(&["--seconds", "7", "--target", "case"]), Ok(said));
        for bad in [&["--seconds"][..], &["--seconds", "0"], &["--rounds", "1"]] {
            assert!(Asked::read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_target_is_a_program_and_has_a_corpus() {
        let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
        for name in names().unwrap() {
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
            assert!(root().join("fuzz/corpus").join(&name).is_dir(), "{name}");
        }
    }
}
