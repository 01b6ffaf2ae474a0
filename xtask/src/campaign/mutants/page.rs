//! What became of the mutants of each file, kept in the repository, and the page made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::hunt::Fate;
use super::list::Mutant;
use crate::Findings;
use crate::check::root;

const RESULTS: &str = "crates/policy/tests/mutants/results.json";
const SURVIVORS: &str = "crates/policy/tests/mutants/survivors.json";
const PAGE: &str = "docs/mutants.md";
/// Where the unit tests of a file begin.
const TESTS: &str = "\n#[cfg(test)]\nmod tests {";
/// The table begins behind this line, and the page ends with it.
const HEAD: &str = "| file | commit | mutants | killed | timed out | do not build | survived | not run |\n\
     |---|---|---|---|---|---|---|---|\n";

/// A mutant and what became of it; `None` if no switch fits it and it was not built alone.
pub(super) struct Kept {
    pub(super) mutant: Mutant,
    pub(super) fate: Option<Fate>,
}

/// A mutant as the results know it: what it does, and the line it does it to.
type Known = (String, String);

/// What became of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct File {
    /// Of the file's text but for its unit tests (`git hash-object`), when it was run.
    hash: String,
    commit: String,
    killed: usize,
    timed_out: usize,
    unviable: usize,
    survived: Vec<Known>,
    alone: Vec<Known>,
}

/// What became of every file that was run.
#[derive(Debug, Default)]
pub(super) struct Results {
    files: BTreeMap<String, File>,
    hashes: BTreeMap<String, String>,
    lines: BTreeMap<String, Vec<String>>,
    explained: BTreeMap<(String, Known), String>,
}

fn known(value: &Value) -> Option<Known> {
    let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
    Some((text("mutant")?, text("line")?))
}

fn all_known(value: Option<&Value>) -> Option<Vec<Known>> {
    value?.as_array()?.iter().map(known).collect()
}

impl File {
    fn of(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        let number = |name: &str| usize::try_from(value.get(name)?.as_u64()?).ok();
        Some(Self {
            hash: text("hash")?,
            commit: text("commit")?,
            killed: number("killed")?,
            timed_out: number("timed_out")?,
            unviable: number("unviable")?,
            survived: all_known(value.get("survived"))?,
            alone: all_known(value.get("alone"))?,
        })
    }

    fn json(&self) -> Value {
        let list = |all: &[Known]| -> Vec<Value> {
            all.iter().map(|(what, line)| json!({ "mutant": what, "line": line })).collect()
        };
        json!({
            "hash": self.hash, "commit": self.commit, "killed": self.killed,
            "timed_out": self.timed_out, "unviable": self.unviable,
            "survived": list(&self.survived), "alone": list(&self.alone),
        })
    }

    fn mutants(&self) -> usize {
        let ended = [self.killed, self.timed_out, self.unviable, self.survived.len()];
        ended.iter().sum::<usize>().saturating_add(self.alone.len())
    }

    /// Takes one out of those that are not dead, if it is there.
    fn forget(&mut self, known: &Known) {
        for list in [&mut self.survived, &mut self.alone] {
            if let Some(place) = list.iter().position(|own| own == known) {
                list.remove(place);
                return;
            }
        }
    }
}

impl Results {
    /// What the repository keeps.
    pub(super) fn read() -> Result<Self, Findings> {
        let mut results = Self::default();
        let value = json_of(RESULTS)?;
        for (file, value) in value.as_object().into_iter().flatten() {
            let own = File::of(value).ok_or_else(|| vec![format!("{RESULTS}: `{file}`")])?;
            results.files.insert(file.clone(), own);
        }
        for value in json_of(SURVIVORS)?.as_array().into_iter().flatten() {
            let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
            // One reason may be that of many mutants of a file.
            let own = || match value.get("mutants") {
                None => known(value).map(|own| vec![own]),
                many => all_known(many),
            };
            let whole = text("file").zip(text("why")).zip(own());
            let ((file, why), own) = whole.ok_or_else(|| {
                vec![format!("{SURVIVORS}: no file, mutant, line and why: {value}")]
            })?;
            for survivor in own {
                results.explained.insert((file.clone(), survivor), why.clone());
            }
        }
        Ok(results)
    }

    fn hash(&mut self, file: &str) -> Result<String, Findings> {
        if let Some(hash) = self.hashes.get(file) {
            return Ok(hash.clone());
        }
        let failed = |error: std::io::Error| vec![format!("{file}: {error}")];
        let text = fs::read_to_string(root().join(file)).map_err(failed)?;
        // A test that is added to a file changes nothing that is mutated.
        let tested = text.split(TESTS).next().unwrap_or_default();
        let mut git = Command::new("git");
        git.args(["hash-object", "--stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut git = git.spawn().map_err(failed)?;
        if let Some(mut stdin) = git.stdin.take() {
            stdin.write_all(tested.as_bytes()).map_err(failed)?;
        }
        let output = git.wait_with_output().map_err(failed)?;
        let hash = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        self.hashes.insert(file.to_owned(), hash.clone());
        Ok(hash)
    }

    fn known(&mut self, mutant: &Mutant) -> Result<Known, Findings> {
        let lines = match self.lines.get(&mutant.file) {
            Some(lines) => lines,
            None => {
                let text = fs::read_to_string(root().join(&mutant.file))
                    .map_err(|error| vec![format!("{}: {error}", mutant.file)])?;
                let lines = text.lines().map(|line| line.trim().to_owned()).collect();
                self.lines.entry(mutant.file.clone()).or_insert(lines)
            }
        };
        let line = lines.get(mutant.start.0.saturating_sub(1)).cloned().unwrap_or_default();
        Ok((mutant.what.clone(), line))
    }

    /// Whether it is not known to be dead: its file was not run as it stands, or it survived.
    pub(super) fn is_open(&mut self, mutant: &Mutant) -> Result<bool, Findings> {
        let (hash, known) = (self.hash(&mutant.file)?, self.known(mutant)?);
        let explained = self.explained.contains_key(&(mutant.file.clone(), known.clone()));
        Ok(match self.files.get(&mutant.file).filter(|file| file.hash == hash) {
            None => true,
            Some(file) => {
                file.alone.contains(&known) || file.survived.contains(&known) && !explained
            }
        })
    }

    /// Whether no switch fits it.
    pub(super) fn is_alone(&mut self, mutant: &Mutant) -> bool {
        let known = self.known(mutant).unwrap_or_default();
        self.files.get(&mutant.file).is_some_and(|file| file.alone.contains(&known))
    }

    /// Whether a survivor is explained.
    pub(super) fn is_explained(&self, mutant: &Mutant) -> Result<bool, Findings> {
        let mut own = Self::default();
        let survivor = (mutant.file.clone(), own.known(mutant)?);
        Ok(self.explained.contains_key(&survivor))
    }

    /// Keeps what became of mutants of a file.
    pub(super) fn keep(
        &mut self,
        name: &str,
        commit: &str,
        kept: Vec<Kept>,
    ) -> Result<(), Findings> {
        let hash = self.hash(name)?;
        let mut file = self.files.remove(name).filter(|f| f.hash == hash).unwrap_or_default();
        (file.hash, file.commit) = (hash, commit.to_owned());
        for Kept { mutant, fate } in kept {
            let known = self.known(&mutant)?;
            file.forget(&known);
            match fate {
                Some(Fate::Killed) => file.killed = file.killed.saturating_add(1),
                Some(Fate::TimedOut) => file.timed_out = file.timed_out.saturating_add(1),
                Some(Fate::Unviable) => file.unviable = file.unviable.saturating_add(1),
                Some(Fate::Survived) => file.survived.push(known),
                None => file.alone.push(known),
            }
        }
        self.files.insert(name.to_owned(), file);
        let all: BTreeMap<&String, Value> =
            self.files.iter().map(|(name, file)| (name, file.json())).collect();
        let text = serde_json::to_string_pretty(&all).unwrap_or_default() + "\n";
        fs::write(root().join(RESULTS), text).map_err(|error| vec![format!("{RESULTS}: {error}")])
    }

    /// Writes the table.
    pub(super) fn page(&mut self, all: &[Mutant]) -> Result<(), Findings> {
        let failed = |error: std::io::Error| vec![format!("{PAGE}: {error}")];
        let page = fs::read_to_string(root().join(PAGE)).map_err(failed)?;
        let Some((head, _)) = page.split_once(HEAD) else {
            return Err(vec![format!("{PAGE} has no table of files")]);
        };
        let mut rows = String::new();
        let mut sum = File::default();
        let (mut counts, mut changed): (BTreeMap<&str, usize>, usize) = (BTreeMap::new(), 0);
        for mutant in all {
            let count = counts.entry(mutant.file.as_str()).or_default();
            *count = count.saturating_add(1);
        }
        for (name, count) in &counts {
            let short = name.trim_start_matches("crates/policy/src/");
            let hash = self.hash(name)?;
            let Some(file) = self.files.get(*name) else {
                rows.push_str(&format!("| {short} | not yet | {count} | | | | | {count} |\n"));
                changed = changed.saturating_add(*count);
                continue;
            };
            let since = if file.hash == hash { "" } else { ", changed since" };
            rows.push_str(&row(short, &format!("{}{since}", file.commit), file));
            sum.killed = sum.killed.saturating_add(file.killed);
            sum.timed_out = sum.timed_out.saturating_add(file.timed_out);
            sum.unviable = sum.unviable.saturating_add(file.unviable);
            sum.survived.extend(file.survived.iter().cloned());
            sum.alone.extend(file.alone.iter().cloned());
        }
        let whole = row("**all that were run**", "", &sum);
        let dead = sum.killed.saturating_add(sum.timed_out);
        let built = dead.saturating_add(sum.survived.len());
        let alike = self.explained_of(all)?;
        let rate = format!(
            "\n{dead} of {built} mutants that build were found: {} %. {alike} of those that survived \
             change nothing that a test of meaning could see, each for a reason that stands in \
             `{SURVIVORS}`: of the others {} % were found. Mutants of files that were not run: \
             {changed}.\n",
            percent(dead, built),
            percent(dead, built.saturating_sub(alike)),
        );
        let text = format!("{head}{HEAD}{rows}{whole}{rate}");
        fs::write(root().join(PAGE), text).map_err(failed)
    }

    /// How many survivors of files that stand as they were run are explained.
    fn explained_of(&mut self, all: &[Mutant]) -> Result<usize, Findings> {
        let files: BTreeSet<&str> = all.iter().map(|mutant| mutant.file.as_str()).collect();
        let mut count = 0_usize;
        for name in files {
            let hash = self.hash(name)?;
            let file = self.files.get(name).filter(|file| file.hash == hash);
            let survived = file.iter().flat_map(|file| &file.survived);
            let is_explained =
                |own: &&Known| self.explained.contains_key(&(name.to_owned(), (*own).clone()));
            count = count.saturating_add(survived.filter(is_explained).count());
        }
        Ok(count)
    }

    /// Survivors without an explanation, and explanations of what does not survive.
    pub(super) fn unexplained(&mut self, all: &[Mutant]) -> Result<Findings, Findings> {
        let mut findings = Findings::new();
        let files: BTreeSet<&str> = all.iter().map(|mutant| mutant.file.as_str()).collect();
        for name in files {
            let hash = self.hash(name)?;
            let Some(file) = self.files.get(name).filter(|file| file.hash == hash) else {
                continue;
            };
            for survivor in &file.survived {
                if !self.explained.contains_key(&(name.to_owned(), survivor.clone())) {
                    let (what, line) = survivor;
                    findings.push(format!("survived, unexplained: {name}: {what}: {line}"));
                }
            }
            for (own, (what, line)) in self.explained.keys().filter(|(own, _)| own == name) {
                if !file.survived.contains(&(what.clone(), line.clone())) {
                    findings.push(format!("{SURVIVORS}: does not survive: {own}: {what}: {line}"));
                }
            }
        }
        Ok(findings)
    }
}

/// So many of so many in per cent, with one decimal place, rounded down.
fn percent(some: usize, all: usize) -> String {
    let per_mille = some.saturating_mul(1000).checked_div(all).unwrap_or(0);
    format!("{}.{}", per_mille / 10, per_mille % 10)
}

fn row(name: &str, commit: &str, file: &File) -> String {
    format!(
        "| {name} | {commit} | {} | {} | {} | {} | {} | {} |\n",
        file.mutants(),
        file.killed,
        file.timed_out,
        file.unviable,
        file.survived.len(),
        file.alone.len(),
    )
}

fn json_of(file: &str) -> Result<Value, Findings> {
    let text =
        fs::read_to_string(root().join(file)).map_err(|error| vec![format!("{file}: {error}")])?;
    serde_json::from_str(&text).map_err(|error| vec![format!("{file}: {error}")])
}
