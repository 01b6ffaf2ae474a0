//! `cargo xtask campaign mutants [--shard K/N] [--only WORD] [--alone] [--in-diff FILE]`: every
//! small change of the policy engine must fail a test. What survives is explained in
//! `crates/policy/tests/mutants/survivors.json`; what became of each file is kept beside it, so
//! that a later run goes on where one stopped, and `docs/mutants.md` is written from both.
//!
//! cargo-mutants makes the list of mutants. Building the crate and its tests once for each would
//! take a day, so all of them are planted at once, each behind a switch; see [`plant`].

mod ground;
mod hunt;
mod list;
mod page;
mod plant;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use self::hunt::{Fate, Test, Which};
use self::list::Mutant;
use self::page::{Kept, Results};
use crate::Findings;
use crate::campaign::differential::target;
use crate::campaign::seconds;
use crate::check::root;

/// What was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Asked {
    /// Files `K`, `K + N`, `K + 2 N`, … of the list.
    shard: (usize, usize),
    /// Files whose path has one of these in it; all if there is none.
    only: Vec<String>,
    diff: Option<String>,
    /// Build alone what no switch fits.
    alone: bool,
    which: Which,
    jobs: usize,
}

/// Of the changed lines so many mutants are drawn at the most, and none is begun after so long.
const CHANGED_MUTANTS_MAX: usize = 400;
const CHANGED_SECONDS_MAX: u64 = 300;
/// One in so many may survive unexplained until the next campaign.
const CHANGED_SURVIVORS: usize = 20;

/// Runs one shard, or all; or the changed lines.
pub(crate) fn campaign(flags: &[&str]) -> Result<(), Findings> {
    let asked = asked(flags)?;
    let all = list::list(asked.diff.as_deref())?;
    if asked.diff.is_some() {
        return of_diff(&drawn(all, CHANGED_MUTANTS_MAX, seconds()), asked.jobs);
    }
    let mut results = Results::read()?;
    let files: BTreeSet<&str> = all.iter().map(|mutant| mutant.file.as_str()).collect();
    let (own, of) = asked.shard;
    let chosen: BTreeSet<&str> = files
        .iter()
        .enumerate()
        .filter(|(place, _)| place % of == own)
        .map(|(_, file)| *file)
        .filter(|file| {
            asked.only.is_empty() || asked.only.iter().any(|word| file.contains(word.as_str()))
        })
        .collect();
    let mut wanted: Vec<Mutant> = Vec::new();
    for mutant in all.iter().filter(|mutant| chosen.contains(mutant.file.as_str())) {
        let run = results.is_open(mutant)?;
        let fits = mutant.is_iterator() || !results.is_alone(mutant);
        if run && (asked.alone || fits) {
            wanted.push(mutant.clone());
        }
    }
    if !wanted.is_empty() {
        run(&wanted, &all, &asked, &mut results)?;
    }
    results.page(&all)?;
    let findings = results.unexplained(&all)?;
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// Plants, hunts, and keeps what became of each file as soon as it is known.
fn run(
    wanted: &[Mutant],
    all: &[Mutant],
    asked: &Asked,
    results: &mut Results,
) -> Result<(), Findings> {
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_default().trim().to_owned();
    let ground = ground::prepare(wanted)?;
    let begin = seconds();
    let tests = hunt::tests(&ground.binaries, asked.jobs, asked.which)?;
    let planted = wanted.len().saturating_sub(ground.unviable.len());
    println!(
        "{planted} mutants planted ({} alone), {} do not build, {} tests known after {} s",
        ground.alone.len(),
        ground.unviable.len(),
        tests.len(),
        seconds().saturating_sub(begin),
    );
    let files: BTreeSet<&str> = wanted.iter().map(|mutant| mutant.file.as_str()).collect();
    for file in files {
        let ids: Vec<usize> = wanted
            .iter()
            .enumerate()
            .filter(|(_, mutant)| mutant.file == file)
            .map(|(id, _)| id)
            .collect();
        let begin = seconds();
        let fates = hunt::on_each(&ids, asked.jobs, |_, id| {
            if ground.unviable.contains(id) {
                return Ok((*id, Some(Fate::Unviable)));
            }
            if ground.alone.contains(id) {
                return Ok((*id, None));
            }
            hunt::fate(&tests, (*id, file), asked.which).map(|fate| (*id, Some(fate)))
        });
        let mut kept = Vec::new();
        for fate in fates {
            let (id, fate) = fate.map_err(|error| vec![error])?;
            let Some(mutant) = wanted.get(id) else { continue };
            kept.push(Kept { mutant: mutant.clone(), fate });
        }
        results.keep(file, &commit, kept)?;
        println!("{file}: {} mutants, {} s", ids.len(), seconds().saturating_sub(begin));
        results.page(all)?;
    }
    if asked.alone {
        alone((wanted, &ground.alone), &tests, &commit, results)?;
    }
    Ok(())
}

/// Those that no switch fits: each built by itself, the others planted but off.
fn alone(
    (wanted, ids): (&[Mutant], &BTreeSet<usize>),
    tests: &[Test],
    commit: &str,
    results: &mut Results,
) -> Result<(), Findings> {
    for id in ids {
        let Some(mutant) = wanted.get(*id) else { continue };
        let file = mutant.file.as_str();
        let planted = fs::read_to_string(ground::copy().join(file)).unwrap_or_default();
        let source = fs::read_to_string(root().join(file))
            .map_err(|error| vec![format!("{file}: {error}")])?;
        ground::write(file, &plant::replaced(&source, mutant))?;
        let fate = match ground::builds()? {
            false => Fate::Unviable,
            true => {
                let binaries: BTreeMap<String, PathBuf> = ground::binaries()?;
                let own = hunt::all_of(tests, &binaries, *id);
                hunt::fate(&own, (*id, file), Which::All).map_err(|e| vec![e])?
            }
        };
        ground::write(file, &planted)?;
        println!("alone: {} {fate:?}", mutant.what);
        results.keep(file, commit, vec![Kept { mutant: mutant.clone(), fate: Some(fate) }])?;
    }
    Ok(())
}

fn git(words: &[&str]) -> Option<String> {
    let output = Command::new("git").args(words).current_dir(root()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What CI runs: the lines of the engine that differ from where main was left, or, on main, from
/// the commit before.
pub(crate) fn changed() -> Result<(), Findings> {
    let head = git(&["rev-parse", "HEAD"]).unwrap_or_default();
    let bases =
        ["origin/main", "main"].iter().filter_map(|main| git(&["merge-base", "HEAD", main]));
    let base =
        bases.into_iter().find(|base| *base != head).or_else(|| git(&["rev-parse", "HEAD~1"]));
    let Some(base) = base else {
        println!("no commit to compare with");
        return Ok(());
    };
    let diff = git(&["diff", base.trim(), "--", "crates/policy/src"]).unwrap_or_default();
    if diff.is_empty() {
        println!("the engine is as it was");
        return Ok(());
    }
    let file = target().join("mutants/changed.diff");
    let failed = |error: std::io::Error| vec![format!("{}: {error}", file.display())];
    fs::create_dir_all(target().join("mutants")).map_err(failed)?;
    fs::write(&file, diff).map_err(failed)?;
    campaign(&["--in-diff", &file.display().to_string()])
}

/// The lines of a diff: too many survivors without an explanation are findings; nothing is kept.
fn of_diff(wanted: &[Mutant], jobs: usize) -> Result<(), Findings> {
    if wanted.is_empty() {
        println!("no line of the diff can be mutated");
        return Ok(());
    }
    let begin = seconds();
    let ground = ground::prepare(wanted)?;
    let tests = hunt::tests(&ground.binaries, jobs, Which::All)?;
    let results = Results::read()?;
    let ids: Vec<usize> = (0..wanted.len())
        .filter(|id| !ground.unviable.contains(id) && !ground.alone.contains(id))
        .collect();
    let in_time = || seconds().saturating_sub(begin) < CHANGED_SECONDS_MAX;
    let fates = hunt::on_each(&ids, jobs, |_, id| {
        let file = wanted.get(*id).map_or("", |mutant| mutant.file.as_str());
        in_time().then(|| hunt::fate(&tests, (*id, file), Which::All).map(|fate| (*id, fate)))
    });
    let mut findings = Findings::new();
    let mut run = 0_usize;
    for fate in fates.into_iter().flatten() {
        let (id, fate) = fate.map_err(|error| vec![error])?;
        run = run.saturating_add(1);
        if let Some(mutant) = wanted.get(id).filter(|_| fate == Fate::Survived)
            && !results.is_explained(mutant)?
        {
            let (line, column) = mutant.start;
            findings.push(format!("survived: {}:{line}:{column}: {}", mutant.file, mutant.what));
        }
    }
    let built = ids.len();
    println!("{run} of {built} mutants of the changed lines run, {} survived", findings.len());
    if findings.len() > run.div_ceil(CHANGED_SURVIVORS) {
        return Err(findings);
    }
    findings.iter().for_each(|finding| println!("{finding}"));
    Ok(())
}

/// So many of them, drawn, in an order that the seed gives.
fn drawn(mut all: Vec<Mutant>, most: usize, seed: u64) -> Vec<Mutant> {
    println!("of {} mutants at most {most} are drawn, with seed {seed}", all.len());
    let mut state = seed;
    let mut some = Vec::new();
    while !all.is_empty() && some.len() < most {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let drawn = usize::try_from(mixed ^ (mixed >> 31)).unwrap_or(0);
        some.push(all.swap_remove(drawn.checked_rem(all.len()).unwrap_or(0)));
    }
    some
}

fn asked(flags: &[&str]) -> Result<Asked, Findings> {
    let mut asked = Asked {
        shard: (0, 1),
        only: Vec::new(),
        diff: None,
        alone: false,
        which: Which::All,
        jobs: 2,
    };
    let mut rest = flags.iter();
    while let Some(flag) = rest.next() {
        if let "--alone" | "--quick" = *flag {
            match *flag {
                "--alone" => asked.alone = true,
                _ => asked.which = Which::Quick,
            }
            continue;
        }
        let value = rest.next().ok_or_else(|| vec![format!("`{flag}` needs a value")])?;
        let wrong = || vec![format!("`{value}` is no value of `{flag}`")];
        match *flag {
            "--shard" => asked.shard = shard(value).ok_or_else(wrong)?,
            "--only" => asked.only.push((*value).to_owned()),
            "--in-diff" => asked.diff = Some((*value).to_owned()),
            "--jobs" => asked.jobs = value.parse().map_err(|_| wrong())?,
            _ => {
                let known = "--shard, --only, --in-diff, --alone, --quick or --jobs";
                return Err(vec![format!("`{flag}` is not {known}")]);
            }
        }
    }
    Ok(asked)
}

fn shard(text: &str) -> Option<(usize, usize)> {
    let (own, all) = text.split_once('/')?;
    let (own, all) = (own.parse().ok()?, all.parse().ok()?);
    (own < all).then_some((own, all))
}

#[cfg(test)]
mod tests {
    use super::list::Genre;
    use super::*;

    #[test]
    fn a_shard_is_one_of_so_many() {
        assert_eq!(asked(&["--shard", "0/8"]).unwrap().shard, (0, 8));
        for bad in [&["--shard"][..], &["--shard", "8/8"], &["--shard", "a"], &["--x", "1"]] {
            assert!(asked(bad).is_err(), "{bad:?}");
        }
    }

    fn mutant(genre: Genre, (start, end): ((usize, usize), (usize, usize)), new: &str) -> Mutant {
        Mutant {
            file: "a.rs".to_owned(),
            genre,
            what: String::new(),
            replacement: new.to_owned(),
            start,
            end,
            returns: String::new(),
        }
    }

    #[test]
    fn a_drawn_sample_is_the_same_for_the_same_seed() {
        let all: Vec<Mutant> =
            (0..9).map(|n| mutant(Genre::FnValue, ((n, 0), (n, 1)), "")).collect();
        assert_eq!(drawn(all.clone(), 10, 1).len(), 9);
        let some = drawn(all.clone(), 4, 1);
        assert_eq!((some.len(), drawn(all.clone(), 4, 1)), (4, some.clone()));
        assert_ne!(drawn(all, 4, 2), some);
    }

    #[test]
    fn an_iterator_of_a_hidden_type_is_cut_short_behind_a_switch() {
        let source = "fn f() -> impl Iterator<Item = u8> {\n    let a = 1;\n    g(a)\n}\n";
        let new = |replacement: &str| Mutant {
            returns: "-> impl Iterator<Item = u8>".to_owned(),
            ..mutant(Genre::FnValue, ((2, 5), (3, 9)), replacement)
        };
        let all = [new("::std::iter::empty()"), new("::std::iter::once(7)")];
        let own: Vec<(usize, &Mutant)> = all.iter().enumerate().collect();
        let planted = plant::plant(source, &own).unwrap();
        let text = planted.text.replace("crate::planted::on", "on");
        assert_eq!(planted.alone, [0_usize; 0]);
        let expected = "(g(a)).take(if on(0) || on(1) { 0 } else { usize::MAX })\
                        .chain(if on(1) { Some(7) } else { None })\n}";
        assert!(text.contains(expected), "{text}");
        let seven = planted.text.find("Some(7").unwrap() + 5;
        assert_eq!(planted.blamed(seven), Some(plant::Blamed::Own(1)));
    }

    #[test]
    fn every_mutant_of_a_file_stands_behind_its_own_switch() {
        let source = "fn f(a: u8, b: bool) -> bool {\n    match a {\n        \
                      1 if !b => true,\n        \
                      2 => a == 3 && b,\n        _ => false,\n    }\n}\n";
        let all = [
            mutant(Genre::FnValue, ((2, 5), (6, 6)), "true"),
            mutant(Genre::MatchArm, ((3, 9), (3, 25)), ""),
            mutant(Genre::MatchArmGuard, ((3, 14), (3, 16)), "true"),
            mutant(Genre::MatchArmGuard, ((3, 14), (3, 16)), "false"),
            mutant(Genre::UnaryOperator, ((3, 14), (3, 15)), ""),
            mutant(Genre::BinaryOperator, ((4, 16), (4, 18)), "!="),
            mutant(Genre::BinaryOperator, ((4, 21), (4, 23)), "||"),
            mutant(Genre::StructField, ((4, 21), (4, 23)), ""),
        ];
        let own: Vec<(usize, &Mutant)> = all.iter().enumerate().collect();
        let planted = plant::plant(source, &own).unwrap();
        let text = planted.text.replace("crate::planted::on", "on");
        assert_eq!(planted.alone, [7]);
        assert!(text.contains("if on(0) { return true; } match a"), "{text}");
        assert!(text.contains("1 if !on(1) && (on(2) || !on(3) && (({ let e = b"), "{text}");
        assert!(text.contains("({ let e = b; if on(4) { e } else { !e } }))) =>"), "{text}");
        assert!(text.contains("2 => ({ let l = (match (&(a ), &( 3)) {"), "{text}");
        assert!(text.contains("if on(5) { l != r } else { l == r }"), "{text}");
        assert!(text.contains("; if l != on(6) {  b } else { l } })"), "{text}");
        let at = |word: &str| planted.text.find(word).unwrap();
        assert_eq!(planted.blamed(at("return true")), Some(plant::Blamed::Own(0)));
        assert_eq!(planted.blamed(at("let e")), Some(plant::Blamed::Around(vec![4])));
        assert_eq!(planted.blamed(0), None);
        assert!(plant::replaced(source, &all[5]).contains("a != 3 && b"));
    }
}
