//! Where a search stands: one caller on one owner's resource, with values for all variables; what
//! that settles, and what it leaves open.

use names::{AccountId, Action};

use super::Search;
use crate::compare::budget::Spent;
use crate::compare::callers::Caller;
use crate::compare::reading::{Reading, Scene};
use crate::compare::values::{Candidate, candidates};
use crate::facts::Value;
use crate::grantee::Grade;

/// Most assignments of values to variables that are tried.
pub const SAMPLES_MAX: usize = 128;

/// One caller on one owner's resource, with values for all variables.
pub(super) struct Stage<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) caller: &'a Caller,
    /// The facts that were set, for the request.
    pub(super) set: Vec<(String, Value)>,
    /// For each rule: how it names the caller; none if it does not, or if a fixed condition fails.
    pub(super) alive: Vec<bool>,
    /// How each rule names the caller, with and without a boundary.
    pub(super) grades: Vec<[Option<Grade>; 2]>,
    /// For each reading: whether it holds, where the stage settles it.
    pub(super) settled: Vec<Option<bool>>,
    /// The values of each key that is left open, with what holds at each; by reading.
    pub(super) open: Vec<Key>,
    pub(super) actions: &'a [Action],
}

/// An open key.
pub(super) struct Key {
    pub(super) name: String,
    /// The readings that it settles.
    pub(super) readings: Vec<usize>,
    pub(super) candidates: Vec<Candidate>,
}

impl<'a> Search<'a> {
    /// Values for the variables that do not follow from the caller: every combination, up to a
    /// limit, of some values of each.
    pub(super) fn samples(
        &mut self,
        caller: &Caller,
        owner: Option<AccountId>,
        words: &[String],
    ) -> Result<Vec<Vec<(String, Value)>>, Spent> {
        let mut all: Vec<Vec<(String, Value)>> = vec![Vec::new()];
        let keys = self.rules.variables();
        for key in &keys {
            if self.is_derived(key) {
                continue;
            }
            let scene = Scene { principal: &caller.principal, owner, facts: caller.facts() };
            let readings: Vec<Reading<'_>> =
                self.rules.readings.iter().filter(|r| r.key == *key).cloned().collect();
            let mut values: Vec<Option<Value>> = vec![Some("team".into()), Some("x".into())];
            values.push(None);
            let own = candidates(key, &readings, &scene, &mut self.budget)?;
            values.extend(own.into_iter().map(|candidate| candidate.value));
            values.extend(words.iter().map(|word| Some(Value::One(word.clone()))));
            values.push(Some(Value::Many(vec!["x".to_owned()])));
            let longer = all.iter().flat_map(|set| {
                values.iter().map(move |value| {
                    let value = value.clone().map(|value| (key.clone(), value));
                    set.iter().cloned().chain(value).collect::<Vec<_>>()
                })
            });
            all = longer.take(SAMPLES_MAX).collect();
        }
        Ok(all)
    }

    /// What is settled by the caller, the owner and the variables, and what is open.
    pub(super) fn stage<'b>(
        &mut self,
        caller: &'b Caller,
        owner: Option<AccountId>,
        set: Vec<(String, Value)>,
        actions: &'b [Action],
    ) -> Result<Stage<'b>, Spent> {
        let mut scene = Scene { principal: &caller.principal, owner, facts: caller.facts() };
        for (key, value) in &set {
            scene = scene.with(key, Some(value));
        }
        let sampled: Vec<String> = self.rules.variables();
        let fixed = |key: &String| self.is_derived(key) || sampled.contains(key);
        let mut settled = vec![None; self.rules.readings.len()];
        let mut open: Vec<Key> = Vec::new();
        for (index, reading) in self.rules.readings.iter().enumerate() {
            if fixed(&reading.key) {
                if let Some(slot) = settled.get_mut(index) {
                    *slot = Some(reading.condition.holds(&scene.context(), reading.effect));
                }
                continue;
            }
            match open.iter_mut().find(|key| key.name == reading.key) {
                Some(key) => key.readings.push(index),
                None => open.push(Key {
                    name: reading.key.clone(),
                    readings: vec![index],
                    candidates: Vec::new(),
                }),
            }
        }
        for key in &mut open {
            let readings: Vec<Reading<'_>> = key
                .readings
                .iter()
                .filter_map(|index| self.rules.readings.get(*index).cloned())
                .collect();
            if let Some(known) = self.values.get(&key.name) {
                key.candidates.clone_from(known);
                continue;
            }
            if self.coupled.contains(&key.name) {
                key.candidates = vec![Candidate { value: None, holds: scene.hold(&readings) }];
                continue;
            }
            key.candidates = candidates(&key.name, &readings, &scene, &mut self.budget)?;
            if readings.iter().all(|reading| reading.variables().next().is_none()) {
                self.values.insert(key.name.clone(), key.candidates.clone());
            }
        }
        let grades: Vec<[Option<Grade>; 2]> =
            self.rules.rules.iter().map(|rule| rule.grades(&scene)).collect();
        let alive = self.rules.rules.iter().zip(&grades).map(|(rule, grades)| {
            let failed = rule.conditions.iter().any(|c| settled.get(*c) == Some(&Some(false)));
            !failed && grades.iter().any(Option::is_some)
        });
        let alive = alive.collect();
        Ok(Stage { scene, caller, set, alive, grades, settled, open, actions })
    }

    /// All that tells this stage from another.
    pub(super) fn signature(&self, stage: &Stage<'_>) -> impl std::hash::Hash + Eq + use<> {
        let scene = &stage.scene;
        let grades: Vec<[Option<u8>; 2]> =
            stage.grades.iter().map(|grades| grades.map(|grade| grade.map(rank))).collect();
        let values: Vec<Option<Vec<String>>> =
            self.rules.variables().iter().map(|key| scene.context().look(key).values()).collect();
        let own = scene.principal.account().is_some_and(|own| Some(own) == scene.owner);
        (grades, stage.settled.clone(), values, own, std::mem::discriminant(scene.principal))
    }
}

fn rank(grade: Grade) -> u8 {
    match grade {
        Grade::Direct => 0,
        Grade::Parent => 1,
        Grade::Account => 2,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::compare::reading::Read;
    use crate::compare::side::Side;
    use crate::document::{Document, Kind};
    use crate::question::Attached;

    /// How many values of one variable are tried, if so many words may fill it.
    fn tried(words: usize) -> usize {
        let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*",
            "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/*"}}"#;
        let document = Arc::new(Document::parse(text, Kind::Identity).unwrap());
        let side =
            || Side::Document(Attached { name: "A".to_owned(), document: Arc::clone(&document) });
        let (old, new) = (side(), side());
        let read = Read::both(&old, &new);
        let mut search = Search::new(&old, &new, &read);
        let words: Vec<String> = (0..words).map(|number| format!("word-{number}")).collect();
        let (owner, callers) = search.callers(&words).unwrap().swap_remove(0);
        search.samples(&callers[0], owner, &words).unwrap().len()
    }

    #[test]
    fn so_many_values_of_a_variable_are_tried_and_not_one_more() {
        let own = tried(0);
        assert!(own < SAMPLES_MAX, "{own}");
        assert_eq!(tried(SAMPLES_MAX - own - 1), SAMPLES_MAX - 1);
        assert_eq!(tried(SAMPLES_MAX - own), SAMPLES_MAX);
        assert_eq!(tried(SAMPLES_MAX - own + 1), SAMPLES_MAX);
    }
}
