//! The search: every kind of request that the rules tell apart is asked of both sides, and what
//! differs is kept with the request. A branch of the search ends where what is left of both sides
//! means the same, so that what a comparison costs grows with the difference and not with the
//! policies.

use std::collections::{HashMap, HashSet};

use names::{AccountId, Action, Arn};

use super::budget::{Budget, Spent};
use super::callers::{Caller, DERIVED, More, callers, is_foreign, owners};
use super::reading::{Read, Reading, Rule, Rules, Scene, Which, coupled_clock};
use super::side::{Setting, Side, Spares, Standing, World};
use super::values::{Candidate, Family, candidates};
use super::{Difference, Reason, Request, Said, targets};
use crate::decision::{Decision, Layer};
use crate::document::Kind;
use crate::facts::Value;
use crate::grantee::Grade;
use crate::operation::Check;
use crate::question::ResourceKind;
use crate::statement::Effect;

/// Most differences that are reported, each of its own statements.
pub const DIFFERENCES_MAX: usize = 64;
/// Most assignments of values to variables that are tried.
pub const SAMPLES_MAX: usize = 128;

/// What a search found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) differences: Vec<Difference>,
    /// Why there may be more.
    pub(super) reasons: Vec<Reason>,
}

/// The search over one pair of sides.
pub(super) struct Search<'a> {
    old: &'a Side,
    new: &'a Side,
    rules: Rules<'a>,
    budget: Budget,
    found: Findings,
    /// Whether equal rules mean equal verdicts.
    same_frame: bool,
    /// Resources and values that no variable changes: the same on every stage.
    resources: Option<Vec<Arn>>,
    values: HashMap<String, Vec<Candidate>>,
    /// Keys of the clock that are not taken one by one, and so are always absent.
    coupled: Vec<String>,
}

/// The owner of the resource (none: the caller's own account), and who asks.
type Asking = (Option<AccountId>, Vec<Caller>);

/// One caller on one owner's resource, with values for all variables.
struct Stage<'a> {
    scene: Scene<'a>,
    caller: &'a Caller,
    /// The facts that were set, for the request.
    set: Vec<(String, Value)>,
    /// For each rule: how it names the caller; none if it does not, or if a fixed condition fails.
    alive: Vec<bool>,
    /// How each rule names the caller, with and without a boundary.
    grades: Vec<[Option<Grade>; 2]>,
    /// For each reading: whether it holds, where the stage settles it.
    settled: Vec<Option<bool>>,
    /// The values of each key that is left open, with what holds at each; by reading.
    open: Vec<Key>,
    actions: &'a [Action],
}

/// An open key.
struct Key {
    name: String,
    /// The readings that it settles.
    readings: Vec<usize>,
    candidates: Vec<Candidate>,
}

/// One place of the search: what is known of each reading.
#[derive(Clone)]
struct Cell {
    settled: Vec<Option<bool>>,
    scene_facts: Vec<(String, Value)>,
    /// The rules that still can or do apply.
    rules: Vec<usize>,
}

/// The question at a place, but for its context.
struct Place<'a> {
    stage: &'a Stage<'a>,
    check: Check,
    worlds: Vec<(Standing, World, World)>,
}

impl<'a> Search<'a> {
    /// Between two sides, whose statements were read.
    pub(super) fn new(old: &'a Side, new: &'a Side, read: &'a [Read]) -> Self {
        Self {
            old,
            new,
            rules: Rules::of(read),
            budget: Budget::default(),
            found: Findings::default(),
            same_frame: old.frame() == new.frame(),
            resources: None,
            values: HashMap::new(),
            coupled: Vec::new(),
        }
    }

    /// Looks everywhere, or says why not.
    pub(super) fn run(mut self) -> Findings {
        let variables = self.rules.variables();
        if !variables.is_empty() {
            self.found.reasons.push(Reason::Variables(variables));
        }
        self.coupled = coupled_clock(&self.rules.readings);
        self.found.reasons.extend(self.coupled.iter().cloned().map(Reason::Clock));
        let mixed = mixed_keys(&self.rules);
        self.found.reasons.extend(mixed.into_iter().map(Reason::MixedTypes));
        if let Err(spent) = self.everywhere() {
            self.found.reasons.push(match spent {
                Spent::Steps => Reason::Steps,
                Spent::Cells => Reason::Cells,
                Spent::Differences => Reason::Differences,
            });
        }
        self.found
    }

    fn everywhere(&mut self) -> Result<(), Spent> {
        let actions = targets::actions(&self.rules, &mut self.budget)?;
        let words = targets::words(&self.rules);
        let mut seen = HashSet::new();
        for (owner, callers) in self.callers(&words)? {
            for caller in &callers {
                let owner = owner.or_else(|| caller.principal.account());
                for set in self.samples(caller, owner, &words)? {
                    let stage = self.stage(caller, owner, set, &actions)?;
                    if seen.insert(self.signature(&stage)) {
                        self.all_targets(&stage)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Callers, by the owner of the resource; no owner where it is the caller's own account.
    fn callers(&mut self, words: &[String]) -> Result<Vec<Asking>, Spent> {
        if let Some((principal, owner)) = self.old.fixed() {
            return Ok(vec![(owner, vec![Caller::of(principal)])]);
        }
        let kind = self.kind();
        let owners = match kind {
            Kind::Bucket | Kind::RoleTrust | Kind::ResourceControl => {
                owners(&self.rules, &mut self.budget)?.into_iter().map(Some).collect()
            }
            _ => vec![None],
        };
        let mut all = Vec::new();
        for owner in owners {
            let more = More { owner, words };
            all.push((owner, callers(kind, &self.rules, &more, &mut self.budget)?));
        }
        Ok(all)
    }

    fn kind(&self) -> Kind {
        match self.old {
            Side::Document(policy) => policy.document.kind(),
            Side::Layers(_) => Kind::Identity,
        }
    }

    /// Whether a key follows from the caller and the owner.
    fn is_derived(&self, key: &str) -> bool {
        let owned = self.old.fixed().is_some()
            || matches!(self.kind(), Kind::Bucket | Kind::RoleTrust | Kind::ResourceControl);
        DERIVED.contains(&key) || (owned && key == "aws:resourceaccount")
    }

    /// Values for the variables that do not follow from the caller: every combination, up to a
    /// limit, of some values of each.
    fn samples(
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
    fn stage<'b>(
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
    fn signature(&self, stage: &Stage<'_>) -> impl std::hash::Hash + Eq + use<> {
        let scene = &stage.scene;
        let grades: Vec<[Option<u8>; 2]> =
            stage.grades.iter().map(|grades| grades.map(|grade| grade.map(rank))).collect();
        let values: Vec<Option<Vec<String>>> =
            self.rules.variables().iter().map(|key| scene.context().look(key).values()).collect();
        let own = scene.principal.account().is_some_and(|own| Some(own) == scene.owner);
        (grades, stage.settled.clone(), values, own, std::mem::discriminant(scene.principal))
    }

    fn resources(&mut self, scene: &Scene<'_>) -> Result<Vec<Arn>, Spent> {
        if let Some(known) = &self.resources {
            return Ok(known.clone());
        }
        let found = targets::resources(&self.rules, scene, &mut self.budget)?;
        let open = self.rules.resource_patterns().any(|(t, _)| t.keys().next().is_some());
        // A trust policy is about the one role that it is on, whose name has the owner's account.
        if !open && self.kind() != Kind::RoleTrust {
            self.resources = Some(found.clone());
        }
        Ok(found)
    }

    fn all_targets(&mut self, stage: &Stage<'_>) -> Result<(), Spent> {
        let resources = self.resources(&stage.scene)?;
        let about_actions: Vec<Vec<bool>> = stage
            .actions
            .iter()
            .map(|action| {
                let check = targets::check(action.clone(), Arn::any());
                self.rules.rules.iter().map(|rule| rule.is_about_action(&check)).collect()
            })
            .collect();
        let mut seen: HashSet<(Vec<usize>, Option<usize>, u8)> = HashSet::new();
        for resource in &resources {
            let mut about: Option<Vec<bool>> = None;
            for (action, listed) in stage.actions.iter().zip(&about_actions) {
                self.budget.work(self.rules.rules.len())?;
                let check = targets::check(action.clone(), resource.clone());
                let kind = targets::kind(&check);
                if !(self.old.admits(kind) && self.new.admits(kind)) {
                    continue;
                }
                // Only the resource `*` is read with the action.
                if about.is_none() || resource.as_str() == "*" {
                    let scene = &stage.scene;
                    let rules = self.rules.rules.iter();
                    about = Some(rules.map(|rule| rule.is_about_resource(&check, scene)).collect());
                }
                let about = about.as_deref().unwrap_or_default();
                let relevant = stage.alive.iter().zip(listed).zip(about).enumerate();
                let relevant: Vec<usize> = relevant
                    .filter(|(_, ((alive, action), resource))| **alive && **action && **resource)
                    .map(|(index, _)| index)
                    .collect();
                let special = targets::special(action);
                if seen.insert((relevant.clone(), special, rank_of(kind))) {
                    self.one_target(stage, check, relevant)?;
                }
            }
        }
        Ok(())
    }

    fn one_target(
        &mut self,
        stage: &Stage<'_>,
        check: Check,
        rules: Vec<usize>,
    ) -> Result<(), Spent> {
        let kind = targets::kind(&check);
        let spares =
            if self.rules.rules.iter().any(Rule::spares) { Spares::Some } else { Spares::None };
        let principal = stage.scene.principal;
        let setting = |standing| Setting { principal, owner: stage.scene.owner, kind, standing };
        let worlds = self.old.standings(principal, spares).into_iter().map(|standing| {
            let setting = setting(standing);
            (standing, self.old.world(&setting), self.new.world(&setting))
        });
        let worlds = worlds.collect();
        let place = Place { stage, check, worlds };
        let cell = Cell { settled: stage.settled.clone(), scene_facts: Vec::new(), rules };
        self.branch(&place, &cell)
    }

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
    fn branch(&mut self, place: &Place<'_>, cell: &Cell) -> Result<(), Spent> {
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
            beside: super::side::beside(world, super::OLD),
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

fn rank(grade: Grade) -> u8 {
    match grade {
        Grade::Direct => 0,
        Grade::Parent => 1,
        Grade::Account => 2,
    }
}

fn rank_of(kind: ResourceKind) -> u8 {
    match kind {
        ResourceKind::Bucket => 0,
        ResourceKind::RoleTrust => 1,
        ResourceKind::Plain => 2,
    }
}

/// The keys that operators of different types read, or an operator of another type than callers
/// are told apart by.
pub(super) fn mixed_keys(rules: &Rules<'_>) -> Vec<String> {
    let mut families: HashMap<&str, HashSet<Family>> = HashMap::new();
    let mut mixed: Vec<String> = Vec::new();
    for reading in &rules.readings {
        let family = Family::of(reading.condition.operator.test);
        if is_foreign(&reading.key, family) {
            mixed.push(reading.key.clone());
        }
        let own = families.entry(reading.key.as_str()).or_default();
        own.extend(family);
        if own.len() > 1 {
            mixed.push(reading.key.clone());
        }
    }
    mixed.sort();
    mixed.dedup();
    mixed
}
