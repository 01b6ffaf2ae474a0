//! The ground where mutants are planted: a copy of the policy crate, built with all of them, and
//! its test binaries.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::list::{Genre, Mutant};
use super::plant::{Blamed, Planted, plant};
use crate::Findings;
use crate::campaign::differential::target;
use crate::campaign::seeded::{self, copy_tree, make_copy};
use crate::check::root;

/// After so many builds that fail something else is wrong than a mutant.
const ROUNDS_MAX: usize = 40;

/// The switch: which mutant is on is said to the process when it starts. It also tells which
/// mutants a test comes by, and ends the process at the first failure.
const SWITCH: &str = r#"//! The switch of the planted mutants.
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};
const UNREAD: usize = usize::MAX;
const REACH: usize = usize::MAX - 1;
static CHOSEN: AtomicUsize = AtomicUsize::new(UNREAD);
static SEEN: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
static FILE: OnceLock<Mutex<std::fs::File>> = OnceLock::new();
#[inline]
pub(crate) fn on(id: usize) -> bool {
    let chosen = CHOSEN.load(Relaxed);
    chosen == id || chosen >= REACH && slow(id)
}
#[cold]
fn slow(id: usize) -> bool {
    if CHOSEN.load(Relaxed) == UNREAD {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| { hook(info); std::process::exit(101) }));
        let said = std::env::var("PLANTED").ok().and_then(|text| text.parse().ok());
        CHOSEN.store(said.unwrap_or(usize::MAX / 2), Relaxed);
        if let Ok(path) = std::env::var("PLANTED_REACH") {
            FILE.get_or_init(|| Mutex::new(std::fs::File::create(path).unwrap()));
            CHOSEN.store(REACH, Relaxed);
        }
    }
    if CHOSEN.load(Relaxed) == REACH && !SEEN[id].load(Relaxed) && !SEEN[id].swap(true, Relaxed) {
        let text = format!("{id}\n");
        FILE.get().unwrap().lock().unwrap().write_all(text.as_bytes()).unwrap();
    }
    CHOSEN.load(Relaxed) == id
}
"#;

/// The files of the copy that the switch is in.
const LIB: &str = "crates/policy/src/lib.rs";
const SWITCH_FILE: &str = "crates/policy/src/planted.rs";

/// What became of the mutants when they were planted.
#[derive(Debug, Default)]
pub(super) struct Ground {
    /// They do not build.
    pub(super) unviable: BTreeSet<usize>,
    /// They cannot stand behind a switch.
    pub(super) alone: BTreeSet<usize>,
    /// The test binaries, by name.
    pub(super) binaries: BTreeMap<String, PathBuf>,
}

/// Where the copy stands.
pub(super) fn copy() -> PathBuf {
    target().join("mutants/copy")
}

/// Makes a copy of what the policy crate and its tests read, but for what is planted.
fn fresh(mutants: &[Mutant]) -> Result<(), Findings> {
    let copy = copy();
    let mut kept: BTreeSet<PathBuf> =
        mutants.iter().map(|mutant| PathBuf::from(&mutant.file)).collect();
    kept.extend([LIB, SWITCH_FILE].map(PathBuf::from));
    let failed = |error: std::io::Error| vec![format!("{}: {error}", copy.display())];
    make_copy(&copy, &kept).map_err(failed)?;
    for beside in ["docs", "fuzz/corpus", "crates/testkit/src"] {
        copy_tree((&root(), &copy), Path::new(beside), &kept).map_err(failed)?;
    }
    Ok(())
}

/// Plants all of them in a fresh copy and builds it.
pub(super) fn prepare(mutants: &[Mutant]) -> Result<Ground, Findings> {
    fresh(mutants)?;
    let mut ground = Ground::default();
    // Two values of a hidden type are never of the same type; but any iterator can be cut short.
    let hidden =
        |m: &Mutant| m.genre == Genre::FnValue && m.returns.contains("impl ") && !m.is_iterator();
    ground.alone.extend((0..mutants.len()).filter(|id| mutants.get(*id).is_some_and(hidden)));
    write(SWITCH_FILE, &SWITCH.replace("COUNT", &mutants.len().to_string()))?;
    let lib = read(LIB)?;
    let lib = lib.replacen("pub mod actions;", "mod planted;\npub mod actions;", 1);
    let mut planted: BTreeMap<&str, Planted> = BTreeMap::new();
    let mut dirty: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.file.as_str()).collect();
    write(LIB, &lib)?;
    for round in 0..ROUNDS_MAX {
        for file in std::mem::take(&mut dirty) {
            let source = fs::read_to_string(root().join(file))
                .map_err(|error| vec![format!("{file}: {error}")])?;
            let own: Vec<(usize, &Mutant)> = mutants
                .iter()
                .enumerate()
                .filter(|(id, mutant)| mutant.file == file && !ground.is_out(*id))
                .collect();
            let new = plant(&source, &own).map_err(|error| vec![format!("{file}: {error}")])?;
            ground.alone.extend(&new.alone);
            write(file, &new.text)?;
            planted.insert(file, new);
        }
        let errors = errors()?;
        println!("round {}: {} errors of mutants that do not build", round + 1, errors.len());
        if errors.is_empty() {
            ground.binaries = binaries()?;
            return Ok(ground);
        }
        for error in &errors {
            if let Some(file) = ground.blame(error, &planted) {
                dirty.insert(file);
            }
        }
        if dirty.is_empty() {
            return Err(errors.into_iter().take(5).map(|error| error.rendered).collect());
        }
    }
    Err(vec!["the planted mutants do not build".to_owned()])
}

impl Ground {
    fn is_out(&self, id: usize) -> bool {
        self.unviable.contains(&id) || self.alone.contains(&id)
    }

    /// Takes out whoever an error speaks of, and says in which file.
    fn blame<'a>(
        &mut self,
        error: &BuildError,
        planted: &BTreeMap<&'a str, Planted>,
    ) -> Option<&'a str> {
        for (file, byte) in &error.places {
            let Some((name, planted)) = planted.get_key_value(file.as_str()) else { continue };
            match planted.blamed(*byte) {
                Some(Blamed::Own(id)) => {
                    if error.code == "E0015" {
                        self.alone.insert(id)
                    } else {
                        self.unviable.insert(id)
                    };
                    return Some(name);
                }
                Some(Blamed::Around(ids)) => {
                    self.alone.extend(ids);
                    return Some(name);
                }
                None => {}
            }
        }
        None
    }
}

/// Writes a file of the copy, if it says something new.
pub(super) fn write(file: &str, text: &str) -> Result<(), Findings> {
    let path = copy().join(file);
    seeded::write(&path, text.as_bytes())
        .map_err(|error| vec![format!("{}: {error}", path.display())])
}

fn read(file: &str) -> Result<String, Findings> {
    fs::read_to_string(root().join(file)).map_err(|error| vec![format!("{file}: {error}")])
}

/// An error of the compiler: its code, and the places it speaks of, the main one first.
struct BuildError {
    code: String,
    places: Vec<(String, usize)>,
    rendered: String,
}

impl BuildError {
    fn of(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
        if text("/reason") != Some("compiler-message") || text("/message/level") != Some("error") {
            return None;
        }
        let mut places: Vec<(bool, String, usize)> = Vec::new();
        let spans = value.pointer("/message/spans").and_then(Value::as_array);
        for span in spans.into_iter().flatten() {
            let mut span = Some(span);
            // Of what a macro wrote, the place where it is called counts.
            while let Some(own) = span {
                let file = own.get("file_name").and_then(Value::as_str);
                let byte = own.get("byte_start").and_then(Value::as_u64);
                let main = own.get("is_primary").and_then(Value::as_bool);
                if let Some((file, byte)) = file.zip(byte.and_then(|b| usize::try_from(b).ok())) {
                    places.push((main != Some(true), file.to_owned(), byte));
                }
                span = own.pointer("/expansion/span");
            }
        }
        if places.is_empty() {
            return None;
        }
        places.sort_by_key(|(beside, ..)| *beside);
        Some(Self {
            code: text("/message/code/code").unwrap_or_default().to_owned(),
            places: places.into_iter().map(|(_, file, byte)| (file, byte)).collect(),
            rendered: text("/message/rendered").unwrap_or_default().to_owned(),
        })
    }
}

/// A cargo command of the copy, which nothing of the lints stops.
pub(super) fn cargo(words: &[&str]) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(words)
        .args(["--package", "strongroom-policy", "--message-format", "json", "--offline"])
        .env("CARGO_TARGET_DIR", target().join("mutants/target"))
        .env("RUSTFLAGS", "--cap-lints=allow")
        .env("CARGO_INCREMENTAL", "1")
        .stderr(Stdio::null())
        .current_dir(copy());
    for profile in ["DEV", "TEST"] {
        cargo.env(format!("CARGO_PROFILE_{profile}_DEBUG"), "0");
        cargo.env(format!("CARGO_PROFILE_{profile}_OPT_LEVEL"), "1");
    }
    cargo
}

fn said(mut command: Command) -> Result<(bool, String), Findings> {
    let output =
        command.output().map_err(|error| vec![format!("cargo could not be started: {error}")])?;
    Ok((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// The errors of the copy as it stands.
fn errors() -> Result<Vec<BuildError>, Findings> {
    let (ended_well, said) = said(cargo(&["check", "--lib"]))?;
    let errors: Vec<BuildError> = said.lines().filter_map(BuildError::of).collect();
    if !ended_well && errors.is_empty() {
        return Err(vec![format!("`cargo check` of {} fails", copy().display())]);
    }
    Ok(errors)
}

/// Whether the library of the copy builds.
pub(super) fn builds() -> Result<bool, Findings> {
    Ok(said(cargo(&["check", "--lib"]))?.0)
}

/// Builds the tests of the copy.
pub(super) fn binaries() -> Result<BTreeMap<String, PathBuf>, Findings> {
    let (ended_well, said) = said(cargo(&["test", "--no-run", "--lib", "--tests"]))?;
    let artifact = |line: &str| -> Option<(String, PathBuf)> {
        let value: Value = serde_json::from_str(line).ok()?;
        let executable = value.get("executable")?.as_str()?;
        let name = value.pointer("/target/name")?.as_str()?;
        Some((name.to_owned(), Path::new(executable).to_path_buf()))
    };
    let found: BTreeMap<String, PathBuf> = said.lines().filter_map(artifact).collect();
    if !ended_well || found.is_empty() {
        let errors: Vec<String> =
            said.lines().filter_map(BuildError::of).map(|e| e.rendered).take(5).collect();
        return Err(vec![format!("the tests of the copy do not build: {}", errors.join("\n"))]);
    }
    Ok(found)
}
