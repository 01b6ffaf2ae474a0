//! One target: settles one open key after the other, ends where what is left means the same, and
//! asks both sides where nothing is open.

use std::collections::{HashMap, HashSet};

use super::Search;
use super::stage::{Key, Stage};
use crate::compare::budget::Spent;
use crate::compare::reading::{Rule, Which};
use crate::compare::side::{self, Standing, World};
use crate::compare::{Difference, OLD, Request, Said, targets};
use crate::decision::{Decision, Layer};
use crate::facts::Value;
use crate::grantee::Grade;
use crate::operation::Check;
use crate::statement::Effect;

/// Most differences that are reported, each of its own statements.
pub const DIFFERENCES_MAX: usize = 64;

/// One place of the search: what is known of each reading.
#[derive(Clone)]
pub(super) struct Cell {
    pub(super) settled: Vec<Option<bool>>,
    pub(super) scene_facts: Vec<(String, Value)>,
    /// The rules that still can or do apply.
    pub(super) rules: Vec<usize>,
}

/// The question at a place, but for its context.
pub(super) struct Place<'a> {
    pub(super) stage: &'a Stage<'a>,
    pub(super) check: Check,
    pub(super) worlds: Vec<(Standing, World, World)>,
}

impl<'a> Search<'a> {
    /// What is left of one side, by meaning.
    fn left(&self, cell: &Cell, which: Which) -> Vec<usize> {
        let rules = cell.rules.iter().filter_map(|index| self.rules.rules.get(*index));
        let mut left: Vec<usize> =
            rules.filter(|rule| rule.which == which).map(|rule| rule.meaning).collect();
        left.sort_unstable();
        left.dedup();
        left
    }

    /// Settles one key after the other, and asks where nothing is open.
    pub(super) fn branch(&mut self, place: &Place<'_>, cell: &Cell) -> Result<(), Spent> {
        // A branch costs some copies of what is known.
        self.budget.work(cell.rules.len().saturating_mul(4))?;
        let (old, new) = (self.left(cell, Which::Old), self.left(cell, Which::New));
        if self.same_frame && old == new {
            return Ok(());
        }
        if self.same_frame && (self.both_deny(place, cell) || self.both_allow(place, cell)) {
            return Ok(());
        }
        let Some(key) = self.next_key(place, cell, &old, &new) else {
            return self.ask(place, cell);
        };
        let read: Vec<usize> = self.read_by(cell, key);
        let mut known = HashSet::new();
        for candidate in &key.candidates {
            let holds: HashMap<usize, bool> =
                key.readings.iter().copied().zip(candidate.holds.iter().copied()).collect();
            let shown: Vec<Option<bool>> = read.iter().map(|r| holds.get(r).copied()).collect();
            if !known.insert(shown) {
                continue;
            }
            let mut next = cell.clone();
            for (reading, held) in &holds {
                if let Some(slot) = next.settled.get_mut(*reading) {
                    *slot = Some(*held);
                }
            }
            next.rules.retain(|index| {
                let rule = self.rules.rules.get(*index);
                !rule.is_some_and(|rule| {
                    rule.conditions.iter().any(|c| next.settled.get(*c) == Some(&Some(false)))
                })
            });
            if let Some(value) = &candidate.value {
                next.scene_facts.push((key.name.clone(), value.clone()));
            }
            self.branch(place, &next)?;
        }
        Ok(())
    }

    /// The readings of a key that matter to the rules that are left.
    fn read_by(&self, cell: &Cell, key: &Key) -> Vec<usize> {
        let rules = cell.rules.iter().filter_map(|index| self.rules.rules.get(*index));
        let mut read: Vec<usize> = rules
            .flat_map(|rule| rule.conditions.iter().copied())
            .filter(|reading| key.readings.contains(reading))
            .collect();
        read.sort_unstable();
        read.dedup();
        read
    }

    /// The next key to settle: one that a rule of only one side reads, where there is one.
    fn next_key<'b>(
        &self,
        place: &'b Place<'_>,
        cell: &Cell,
        old: &[usize],
        new: &[usize],
    ) -> Option<&'b Key> {
        let is_open = |reading: &usize| cell.settled.get(*reading) == Some(&None);
        let mut second = None;
        for rule in cell.rules.iter().filter_map(|index| self.rules.rules.get(*index)) {
            let Some(reading) = rule.conditions.iter().find(|r| is_open(r)) else { continue };
            if !(old.contains(&rule.meaning) && new.contains(&rule.meaning)) {
                second = Some(*reading);
                break;
            }
            second = second.or(Some(*reading));
        }
        let reading = second?;
        place.stage.open.iter().find(|key| key.readings.contains(&reading))
    }

    /// Whether a rule applies whatever else is so, with this grade at least.
    fn is_certain(&self, place: &Place<'_>, cell: &Cell, index: usize, least: Grade) -> bool {
        let Some(rule) = self.rules.rules.get(index) else { return false };
        let grades = place.stage.grades.get(index).copied().unwrap_or_default();
        let holds = |c: &usize| cell.settled.get(*c) == Some(&Some(true));
        rule.conditions.iter().all(holds)
            && grades.iter().all(|grade| grade.is_some_and(|grade| grade <= least))
    }

    fn left_of(&self, cell: &Cell, which: Which) -> impl Iterator<Item = (usize, &Rule<'a>)> {
        let rules =
            cell.rules.iter().filter_map(|index| Some((*index, self.rules.rules.get(*index)?)));
        rules.filter(move |(_, rule)| rule.which == which)
    }

    /// Whether each side has a deny that applies whatever else is so.
    fn both_deny(&self, place: &Place<'_>, cell: &Cell) -> bool {
        // Who belongs to no account has no layers of its own.
        let signed = place.stage.scene.principal.account().is_some();
        let heard = |layer| signed || matches!(layer, Layer::Resource | Layer::ResourceControl);
        let denies = |which| {
            self.left_of(cell, which).any(|(index, rule)| {
                rule.statement.effect == Effect::Deny
                    && heard(rule.layer)
                    && self.is_certain(place, cell, index, Grade::Account)
            })
        };
        targets::special(&place.check.action).is_none() && denies(Which::Old) && denies(Which::New)
    }

    /// Whether, of two documents, each allows as strongly as can be and neither can deny any more.
    fn both_allow(&self, place: &Place<'_>, cell: &Cell) -> bool {
        let allows = |which| {
            let mut left = self.left_of(cell, which);
            let certain = |index| self.is_certain(place, cell, index, Grade::Direct);
            self.left_of(cell, which).all(|(_, rule)| rule.statement.effect == Effect::Allow)
                && left.any(|(index, _)| certain(index))
        };
        self.old.fixed().is_none() && allows(Which::Old) && allows(Which::New)
    }

    /// Asks both sides, and keeps what differs.
    fn ask(&mut self, place: &Place<'_>, cell: &Cell) -> Result<(), Spent> {
        let mut scene = place.stage.scene.clone();
        for (key, value) in &cell.scene_facts {
            scene = scene.with(key, Some(value));
        }
        for (standing, old, new) in &place.worlds {
            self.budget.cell()?;
            let (before, after) =
                (scene.decide(&place.check, old), scene.decide(&place.check, new));
            if before.verdict() == after.verdict() {
                continue;
            }
            let (before, after) = (said(&before), said(&after));
            let known = |d: &Difference| same_class(&d.old, &before) && same_class(&d.new, &after);
            if self.found.differences.iter().any(known) {
                continue;
            }
            if self.found.differences.len() >= DIFFERENCES_MAX {
                return Err(Spent::Differences);
            }
            let request = self.request(place, cell, *standing, old);
            self.found.differences.push(Difference { old: before, new: after, request });
        }
        Ok(())
    }

    fn request(
        &self,
        place: &Place<'_>,
        cell: &Cell,
        standing: Standing,
        world: &World,
    ) -> Request {
        let stage = place.stage;
        let userid = stage.caller.userid.clone();
        let userid = userid.map(|id| ("aws:userid".to_owned(), Value::One(id)));
        let own = stage.set.iter().chain(&cell.scene_facts);
        let named = own.flat_map(|(key, value)| {
            self.rules.spellings(key).into_iter().map(move |key| (key, value.clone()))
        });
        Request {
            principal: stage.caller.text.clone(),
            role: stage.caller.role.clone(),
            check: place.check.clone(),
            owner: stage.scene.owner.or_else(|| targets::owner_of(&place.check.resource)),
            context: userid.into_iter().chain(named).collect(),
            standing: (place.worlds.len() > 1).then_some(standing),
            beside: side::beside(world, OLD),
        }
    }
}

/// Which answers are one: the verdict and the statement.
fn same_class(one: &Said, other: &Said) -> bool {
    one.verdict == other.verdict && one.statement == other.statement
}

fn said(decision: &Decision) -> Said {
    Said {
        verdict: decision.verdict(),
        because: decision.because(),
        statement: decision.statement().cloned(),
    }
}
