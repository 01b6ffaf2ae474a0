//! The search: every kind of request that the rules tell apart is asked of both sides, and what
//! differs is kept with the request. A branch of the search ends where what is left of both sides
//! means the same, so that what a comparison costs grows with the difference and not with the
//! policies.

mod branch;
mod stage;

use std::collections::{HashMap, HashSet};

use names::{AccountId, Arn};

use super::budget::{Budget, Spent};
use super::callers::{Caller, DERIVED, More, callers, is_foreign, owners};
use super::reading::{Read, Rule, Rules, Scene, coupled_clock};
use super::side::{Setting, Side, Spares};
use super::values::{Candidate, Family, is_typed};
use super::{Difference, Reason, targets};
use crate::document::Kind;
use crate::operation::Check;
use crate::question::ResourceKind;
use branch::{Cell, Place};
use stage::Stage;

pub use branch::DIFFERENCES_MAX;
pub use stage::SAMPLES_MAX;

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
}

fn rank_of(kind: ResourceKind) -> u8 {
    match kind {
        ResourceKind::Bucket => 0,
        ResourceKind::RoleTrust => 1,
        ResourceKind::Plain => 2,
    }
}

/// The keys that operators of different types read, or an operator of another type than the key's
/// or than callers are told apart by.
pub(super) fn mixed_keys(rules: &Rules<'_>) -> Vec<String> {
    let mut families: HashMap<&str, HashSet<Family>> = HashMap::new();
    let mut mixed: Vec<String> = Vec::new();
    for reading in &rules.readings {
        let family = Family::of(reading.condition.operator.test);
        let derived = DERIVED.contains(&reading.key.as_str());
        let as_text = family == Some(Family::Text) && !derived && is_typed(&reading.key);
        if as_text || is_foreign(&reading.key, family) {
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
