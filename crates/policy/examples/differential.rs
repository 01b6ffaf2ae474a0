//! Random worlds through both engines, on every core: `--cases N --seed S --from I --threads T`,
//! and every so many combinations of the small universe: `--universe STRIDE`. `--stop N` ends the
//! run after so many differences.
//! Prints one line of JSON with what was met; exits with 1 if the engines differ.
//! `cargo xtask campaign differential` is the way to start it.

#[path = "../tests/generator/mod.rs"]
mod generator;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use generator::draw::ASKS;
use generator::run::Tally;
use generator::universe::{self, Seen, Universe};
use generator::words;
use serde_json::json;

/// Values of each type, and letters of each pattern, that the universe enumerates.
const VALUES_MAX: usize = 6;
const LETTERS_MAX: usize = 5;

struct Asked {
    cases: u64,
    seed: u64,
    from: u64,
    threads: u64,
    /// How often each possible cell must be met.
    least: u64,
    /// Every so many combinations of the small universe; none if zero.
    universe: u64,
    /// Differences after which the run ends; none if zero.
    stop: u64,
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(word) => {
            eprintln!("`{word}` is not a flag with a number");
            return ExitCode::from(2);
        }
    };
    // A panic of an engine is a finding, not a page of backtrace.
    std::panic::set_hook(Box::new(|_| {}));
    let tally = run(&asked);
    for failure in &tally.failures {
        eprintln!("seed {}, index {}: {}", failure.seed, failure.index, failure.what);
        eprintln!("{}", failure.case);
    }
    let universe = enumerate(&asked, &tally);
    universe.failures.iter().for_each(|failure| eprintln!("in the universe: {failure}"));
    let gaps = tally.coverage.gaps(asked.least);
    for gap in &gaps {
        eprintln!("not met: {gap}");
    }
    for refusal in &tally.refusals {
        eprintln!("refused: {refusal}");
    }
    println!(
        "{}",
        json!({
            "seed": asked.seed, "from": asked.from, "worlds": tally.worlds, "cases": tally.cases,
            "documents": tally.documents, "refused": tally.refused,
            "failures": tally.failures.len().saturating_add(universe.failures.len()),
            "gaps": gaps.len(), "universe": universe.cases,
            "coverage": tally.coverage.json(),
        })
    );
    let agreed = tally.failures.is_empty() && universe.failures.is_empty();
    if agreed && gaps.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn asked(mut words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut asked = Asked {
        cases: 1_000_000,
        seed: 1,
        from: 0,
        threads: cores(),
        least: 0,
        universe: 0,
        stop: 0,
    };
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "--cases" => &mut asked.cases,
            "--seed" => &mut asked.seed,
            "--from" => &mut asked.from,
            "--threads" => &mut asked.threads,
            "--least" => &mut asked.least,
            "--universe" => &mut asked.universe,
            "--stop" => &mut asked.stop,
            _ => return Err(word),
        };
        *place = words.next().and_then(|text| text.parse().ok()).ok_or(word)?;
    }
    Ok(asked)
}

fn cores() -> u64 {
    thread::available_parallelism().map_or(1, |n| u64::try_from(n.get()).unwrap_or(1))
}

/// Deals the worlds out to the threads; a world has [`ASKS`] cases.
fn run(asked: &Asked) -> Tally {
    let callers = words::callers();
    let per_world = u64::try_from(ASKS).unwrap_or(1);
    let until = asked.from.saturating_add(asked.cases.div_ceil(per_world));
    let stride = usize::try_from(asked.threads.max(1)).unwrap_or(1);
    let found = AtomicU64::new(0);
    let one = |first: u64| {
        let mut tally = Tally::default();
        for index in (first..until).step_by(stride) {
            let before = tally.failures.len();
            tally.world(asked.seed, index, &callers);
            if tally.failures.len() > before {
                found.fetch_add(1, Ordering::Relaxed);
            }
            if asked.stop > 0 && found.load(Ordering::Relaxed) >= asked.stop {
                break;
            }
        }
        tally
    };
    let mut whole = Tally::default();
    let one = &one;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..asked.threads.max(1))
            .map(|offset| scope.spawn(move || one(asked.from.saturating_add(offset))))
            .collect();
        for thread in threads {
            match thread.join() {
                Ok(tally) => whole.add(tally),
                Err(_) => whole.failures.push(lost(asked)),
            }
        }
    });
    whole
}

/// Deals the combinations of the universe out to the threads.
fn enumerate(asked: &Asked, tally: &Tally) -> Seen {
    let mut whole = Seen::default();
    if asked.universe == 0 || asked.stop > 0 && !tally.failures.is_empty() {
        return whole;
    }
    universe::conditions(VALUES_MAX, &mut whole);
    universe::patterns(LETTERS_MAX, &mut whole);
    let universe = Universe::new();
    let until = universe.combinations();
    let threads = asked.threads.max(1);
    let stride = usize::try_from(asked.universe.saturating_mul(threads)).unwrap_or(usize::MAX);
    thread::scope(|scope| {
        let universe = &universe;
        let work = |first: u64| {
            let mut seen = Seen::default();
            (first..until).step_by(stride).for_each(|at| universe.ask(at, &mut seen));
            seen
        };
        let threads: Vec<_> = (0..threads)
            .map(|offset| scope.spawn(move || work(offset.saturating_mul(asked.universe))))
            .collect();
        for thread in threads {
            match thread.join() {
                Ok(seen) => whole.join(seen),
                Err(_) => whole.failures.push("a thread of the universe panicked".to_owned()),
            }
        }
    });
    whole
}

fn lost(asked: &Asked) -> generator::run::Failure {
    generator::run::Failure {
        seed: asked.seed,
        index: asked.from,
        what: "a thread of the run panicked".to_owned(),
        case: String::new(),
    }
}
