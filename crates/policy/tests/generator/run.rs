//! Runs worlds through both engines, counts what was met, and keeps what differs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use strongroom_policy::principal::Principal;

use super::coverage::{Coverage, Probe};
use super::draw;
use super::engines::{Answers, Asked, Built};
use super::grades::Naming;
use super::print;
use super::shrink;
use super::words;
use super::world::{Ask, World};

/// Conditions of a world that are also asked alone.
const PROBES_MAX: usize = 4;
/// Every so many questions of a world its conditions, and its principal element, are asked alone.
const PROBE_TURNS: usize = 4;
const NAMING_TURNS: usize = 16;
/// Differences that are kept; after so many nothing new is learnt.
const FAILURES_MAX: usize = 8;

/// What a run met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) worlds: u64,
    pub(crate) cases: u64,
    pub(crate) documents: u64,
    pub(crate) refused: u64,
    /// The first refusals, for who mends the generator.
    pub(crate) refusals: Vec<String>,
    pub(crate) coverage: Coverage,
    pub(crate) failures: Vec<Failure>,
}

/// A case on which the engines differ.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) seed: u64,
    pub(crate) index: u64,
    pub(crate) what: String,
    /// The smallest policy case that still differs.
    pub(crate) case: String,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.worlds = self.worlds.saturating_add(other.worlds);
        self.cases = self.cases.saturating_add(other.cases);
        self.documents = self.documents.saturating_add(other.documents);
        self.refused = self.refused.saturating_add(other.refused);
        self.coverage.add(&other.coverage);
        self.refusals.extend(other.refusals);
        self.refusals.truncate(FAILURES_MAX);
        self.failures.extend(other.failures);
        self.failures.truncate(FAILURES_MAX);
    }

    /// Draws and decides the world of one index.
    pub(crate) fn world(&mut self, seed: u64, index: u64, callers: &[Principal]) {
        let world = draw::world(seed, index, callers);
        self.worlds = self.worlds.saturating_add(1);
        let agreed = catch_unwind(AssertUnwindSafe(|| self.decide(&world, callers)));
        let Err(what) = agreed.unwrap_or_else(|_| Err("an engine panicked".to_owned())) else {
            return;
        };
        if self.failures.len() < FAILURES_MAX {
            self.failures.push(explain(seed, index, &world, callers, what));
        }
    }

    fn decide(&mut self, world: &World, callers: &[Principal]) -> Result<(), String> {
        let mut built = Built::of(world);
        self.documents = self.documents.saturating_add(built.documents);
        for (policy, error) in &built.refused {
            self.refused = self.refused.saturating_add(1);
            if self.refusals.len() < FAILURES_MAX {
                self.refusals.push(format!("{error} in {}", print::document(policy)));
            }
        }
        let mut probes = probes(world);
        let mut namings: Vec<Naming> = world
            .policies
            .iter()
            .flat_map(|policy| &policy.statements)
            .filter_map(|statement| statement.grantees.as_ref().and_then(Naming::of))
            .take(1)
            .collect();
        for (turn, ask) in world.asks.iter().enumerate() {
            let Some((asked, principal)) = Asked::of(ask).zip(callers.get(ask.who)) else {
                continue;
            };
            built.turn_to(ask, &asked);
            let answers = built.answers(principal, &asked);
            self.cases = self.cases.saturating_add(1);
            self.coverage.verdict(answers.ours.because, answers.ours.verdict);
            if !answers.agree() {
                return Err(differ(ask, answers));
            }
            let owner = built.resource.account;
            for probe in probes.iter_mut().filter(|_| turn % PROBE_TURNS == 0) {
                let known = (&asked.facts, asked.check.with.as_slice());
                let answers = probe.ask(principal, known, owner, &mut self.coverage);
                if !answers.agree() {
                    return Err(format!("a condition alone: {}", differ(ask, answers)));
                }
            }
            for naming in namings.iter_mut().filter(|_| turn % NAMING_TURNS == 0) {
                if !naming.ask(principal, &asked.facts, &mut self.coverage) {
                    return Err(format!("a principal element alone, caller {}", ask.who));
                }
            }
        }
        Ok(())
    }
}

fn differ(ask: &Ask, answers: Answers) -> String {
    let Answers { ours, theirs } = answers;
    format!("caller {}: ours {ours:?}, the reference {theirs:?}", ask.who)
}

fn probes(world: &World) -> Vec<Probe> {
    let mut probes = Vec::new();
    for policy in &world.policies {
        for statement in &policy.statements {
            for condition in &statement.conditions {
                probes.extend(Probe::of(statement, condition, policy.version));
                if probes.len() >= PROBES_MAX {
                    return probes;
                }
            }
        }
    }
    probes
}

/// Whether the engines differ on the one question of a world, or one of them panics.
pub(crate) fn differs(world: &World, callers: &[Principal]) -> bool {
    let decided = catch_unwind(AssertUnwindSafe(|| {
        let mut built = Built::of(world);
        world.asks.iter().any(|ask| {
            let Some((asked, principal)) = Asked::of(ask).zip(callers.get(ask.who)) else {
                return false;
            };
            built.turn_to(ask, &asked);
            !built.answers(principal, &asked).agree()
        })
    }));
    decided.unwrap_or(true)
}

fn explain(seed: u64, index: u64, world: &World, callers: &[Principal], what: String) -> Failure {
    let single = world.asks.iter().map(|ask| world.with_ask(ask));
    let found = single.into_iter().find(|world| differs(world, callers));
    let smallest = match found {
        Some(found) => shrink::smallest(&found, callers),
        // Only a probe differs: its condition stands somewhere in here.
        None => world.clone(),
    };
    let ask = smallest.asks.first().or_else(|| world.asks.first());
    let case = ask.map(|ask| {
        let name = format!("seed {seed}, index {index}");
        let case = print::case(&smallest, ask, &name);
        let note = if words::replays(ask.who) { "" } else { " (its maker is user/alice)" };
        match answer(&smallest, callers) {
            Some(Answers { theirs, .. }) => {
                let verdict = serde_json::to_value(theirs.verdict).unwrap_or_default();
                let verdict = verdict.as_str().unwrap_or_default().to_owned();
                print::expecting(&case, &verdict, theirs.because.as_str()) + note
            }
            None => format!("{case}}}{note}"),
        }
    });
    Failure { seed, index, what, case: case.unwrap_or_default() }
}

fn answer(world: &World, callers: &[Principal]) -> Option<Answers> {
    let mut built = Built::of(world);
    let ask = world.asks.first()?;
    let (asked, principal) = Asked::of(ask).zip(callers.get(ask.who))?;
    built.turn_to(ask, &asked);
    catch_unwind(AssertUnwindSafe(|| built.answers(principal, &asked))).ok()
}
