//! The narrow layer between a comparison and the parsed policies: every rule of both sides, every
//! condition once, and whether they are about a request. All of it is asked of the engine's own
//! code, so that there is no second meaning of a policy here.

use std::collections::HashMap;

use names::{AccountId, Revision};

use super::side::{Side, World};
use crate::actions::{self, ConditionKey};
use crate::condition::Condition;
use crate::context::Context;
use crate::daytime;
use crate::decide::{about, decide, resource_text};
use crate::decision::{Decision, Layer};
use crate::facts::{Facts, Value};
use crate::grantee::{Bounded, Grade};
use crate::operation::Check;
use crate::operator::{Operand, Sense};
use crate::principal::Principal;
use crate::question::Question;
use crate::statement::{ActionPattern, Effect, ResourcePattern, Statement};
use crate::template::Template;

/// Which of the two sides.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Which {
    Old,
    New,
}

/// A condition as a statement with this effect reads it.
#[derive(Clone, Debug)]
pub(super) struct Reading<'a> {
    pub(super) condition: &'a Condition,
    pub(super) effect: Effect,
    /// The key, in lower case; keys that mean the same are one.
    pub(super) key: String,
}

impl Reading<'_> {
    /// The keys of the variables in its values.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let keys = self.condition.operands.iter().map(|operand| match operand {
            Operand::Text(template) => Some(template.keys()),
            _ => None,
        });
        keys.flatten().flatten()
    }
}

/// A statement of one side, at its place.
#[derive(Clone, Debug)]
pub(super) struct Rule<'a> {
    pub(super) which: Which,
    pub(super) layer: Layer,
    pub(super) statement: &'a Statement,
    /// Equal for rules that mean the same at the same place.
    pub(super) meaning: usize,
    /// Its conditions, as places in [`Rules::readings`].
    pub(super) conditions: Vec<usize>,
}

/// Everything that the two sides say.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    pub(super) rules: Vec<Rule<'a>>,
    pub(super) readings: Vec<Reading<'a>>,
}

/// What a resource's own key and S3's are for: one account.
const RESOURCE_ACCOUNT: &str = "aws:resourceaccount";
const RESOURCE_ACCOUNT_S3: &str = "s3:resourceaccount";

/// One name for keys that mean the same.
pub(super) fn canonical(key: &str) -> String {
    if key == RESOURCE_ACCOUNT_S3 { RESOURCE_ACCOUNT.to_owned() } else { key.to_owned() }
}

/// The statements of one policy, at its place.
#[derive(Debug)]
pub(super) struct Read {
    which: Which,
    layer: Layer,
    level: usize,
    statements: Vec<Statement>,
}

impl Read {
    /// Those of both sides.
    pub(super) fn both(old: &Side, new: &Side) -> Vec<Self> {
        let read = |(which, side): (Which, &Side)| -> Vec<Self> {
            let policies = side.policies().into_iter();
            policies
                .map(|(layer, level, policy)| {
                    let statements = policy.document.statements();
                    Self { which, layer, level, statements }
                })
                .collect()
        };
        [(Which::Old, old), (Which::New, new)].into_iter().flat_map(read).collect()
    }
}

impl<'a> Rules<'a> {
    pub(super) fn of(read: &'a [Read]) -> Self {
        let mut own = Self { rules: Vec::new(), readings: Vec::new() };
        let mut meanings: HashMap<String, usize> = HashMap::new();
        let mut readings: HashMap<String, usize> = HashMap::new();
        for Read { which, layer, level, statements } in read {
            for statement in statements {
                let conditions = statement.conditions.iter();
                let conditions =
                    conditions.map(|c| own.reading(c, statement.effect, &mut readings)).collect();
                let text = format!("{layer} {level} {}", meaning(statement));
                let next = meanings.len();
                let meaning = *meanings.entry(text).or_insert(next);
                let (which, layer) = (*which, *layer);
                own.rules.push(Rule { which, layer, statement, meaning, conditions });
            }
        }
        own
    }

    fn reading(
        &mut self,
        condition: &'a Condition,
        effect: Effect,
        known: &mut HashMap<String, usize>,
    ) -> usize {
        let Condition { operator, key, operands, .. } = condition;
        let text = format!("{effect:?} {operator:?} {key:?} {operands:?}");
        *known.entry(text).or_insert_with(|| {
            let key = canonical(key);
            self.readings.push(Reading { condition, effect, key });
            self.readings.len().saturating_sub(1)
        })
    }

    /// Every action pattern, as it is written.
    pub(super) fn action_patterns(&self) -> impl Iterator<Item = &str> {
        let patterns = self.rules.iter().flat_map(|rule| &rule.statement.actions.patterns);
        patterns.map(ActionPattern::text)
    }

    /// Every resource pattern with its text.
    pub(super) fn resource_patterns(&self) -> impl Iterator<Item = (&'a Template, &'a str)> {
        let listed = self.rules.iter().filter_map(|rule| rule.statement.resources.as_ref());
        listed.flat_map(|listed| &listed.patterns).filter_map(|pattern| match pattern {
            ResourcePattern::Of { template, text, .. } => Some((template, text.as_str())),
            ResourcePattern::Every => None,
        })
    }

    /// A key as the policies write it; all of them, where several mean the same.
    pub(super) fn spellings(&self, key: &str) -> Vec<String> {
        if key == RESOURCE_ACCOUNT {
            return vec!["aws:ResourceAccount".to_owned(), "s3:ResourceAccount".to_owned()];
        }
        let written = self.readings.iter().find(|reading| reading.key == key);
        let known = || actions::condition_key(key).map(ConditionKey::name);
        let known = known().filter(|name| name.eq_ignore_ascii_case(key));
        let written = written.map(|reading| reading.condition.key_text.as_str());
        vec![written.or(known).unwrap_or(key).to_owned()]
    }

    /// The keys of all variables, each once.
    pub(super) fn variables(&self) -> Vec<String> {
        let listed = self.resource_patterns().flat_map(|(template, _)| template.keys());
        let read = self.readings.iter().flat_map(Reading::variables);
        let mut keys: Vec<String> = listed.chain(read).map(canonical).collect();
        keys.sort();
        keys.dedup();
        keys
    }
}

/// The keys that follow from the clock.
const CLOCK: &[&str] = &["aws:currenttime", "aws:epochtime"];

/// The keys that are read off the clock, where they cannot be taken one by one: by different names
/// or in different zones. In one zone, any hour comes on any day.
pub(super) fn coupled_clock(readings: &[Reading<'_>]) -> Vec<String> {
    let keys = readings.iter().map(|reading| reading.key.as_str());
    let read = keys.filter_map(|key| {
        let own = CLOCK.contains(&key).then_some((key, key));
        own.or_else(|| daytime::zone_of(key).map(|zone| (zone, key)))
    });
    let mut sources: Vec<(&str, &str)> = read.collect();
    sources.sort_unstable();
    sources.dedup();
    let first = sources.first().map(|(source, _)| *source);
    if sources.iter().all(|(source, _)| Some(*source) == first) {
        return Vec::new();
    }
    sources.into_iter().map(|(_, key)| key.to_owned()).collect()
}

/// A statement without its name and place in the text.
fn meaning(statement: &Statement) -> String {
    let Statement { effect, grantees, actions, resources, conditions, .. } = statement;
    let grantees = grantees.as_ref().map(|g| {
        let named: Vec<_> = g.named.iter().map(|(named, _)| named).collect();
        (g.sense, named)
    });
    let lines: Vec<_> =
        conditions.iter().map(|c| (c.operator, c.key.as_str(), &c.operands)).collect();
    format!("{effect:?} {grantees:?} {actions:?} {resources:?} {lines:?}")
}

impl Rule<'_> {
    /// How it names the caller, with and without a boundary.
    pub(super) fn grades(&self, scene: &Scene<'_>) -> [Option<Grade>; 2] {
        [Bounded::No, Bounded::Yes].map(|bounded| match &self.statement.grantees {
            None => Some(Grade::Direct),
            Some(grantees) => grantees.grade(&scene.context(), self.statement.effect, bounded),
        })
    }

    pub(super) fn is_about_action(&self, check: &Check) -> bool {
        self.statement.about_action(check)
    }

    pub(super) fn is_about_resource(&self, check: &Check, scene: &Scene<'_>) -> bool {
        let world = World::empty(scene.owner);
        let resource = resource_text(check);
        let about = about(check, &scene.question(&world), &resource);
        self.statement.about_resource(&about)
    }

    /// Whether it spares those whom it lists.
    pub(super) fn spares(&self) -> bool {
        self.statement.grantees.as_ref().is_some_and(|g| g.sense == Sense::Not)
    }
}

/// Who asks, on whose resource, and what is known so far.
#[derive(Clone, Debug)]
pub(super) struct Scene<'a> {
    pub(super) principal: &'a Principal,
    pub(super) owner: Option<AccountId>,
    pub(super) facts: Facts,
}

impl Scene<'_> {
    pub(super) fn context(&self) -> Context<'_> {
        Context {
            with: &[],
            facts: &self.facts,
            principal: self.principal,
            resource_account: self.owner,
        }
    }

    /// The same, with a key.
    pub(super) fn with(&self, key: &str, value: Option<&Value>) -> Self {
        let mut scene = self.clone();
        if let Some(value) = value {
            scene.facts.suppose(key, value.clone());
            if key == RESOURCE_ACCOUNT {
                scene.facts.suppose(RESOURCE_ACCOUNT_S3, value.clone());
            }
        }
        scene
    }

    /// Which of the conditions hold.
    pub(super) fn hold(&self, readings: &[Reading<'_>]) -> Vec<bool> {
        readings.iter().map(|r| r.condition.holds(&self.context(), r.effect)).collect()
    }

    /// Whether one element satisfies a condition with a set prefix.
    pub(super) fn satisfied(&self, reading: &Reading<'_>, element: &str) -> bool {
        let scene = self.with(&reading.key, Some(&Value::One(element.to_owned())));
        reading.condition.holds(&scene.context(), reading.effect)
    }

    fn question<'b>(&'b self, world: &'b World) -> Question<'b> {
        Question {
            principal: self.principal,
            caller: &world.caller,
            resource: &world.resource,
            facts: &self.facts,
            revision: Revision::default(),
        }
    }

    /// What the engine says in a world.
    pub(super) fn decide(&self, check: &Check, world: &World) -> Decision {
        decide(check, &self.question(world))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{Document, Kind};
    use crate::question::Attached;

    #[test]
    fn every_pattern_of_actions_is_told_as_it_is_written() {
        let text = r#"{"Statement": [
            {"Effect": "Allow", "Action": ["s3:Get*", "*"], "Resource": "*"},
            {"Effect": "Deny", "NotAction": "IAM:getUser", "Resource": "*"}]}"#;
        let document = Arc::new(Document::parse(text, Kind::Identity).unwrap());
        let side = Side::Document(Attached { name: "A".to_owned(), document });
        let both = Read::both(&side, &side);
        let rules = Rules::of(&both);
        let once = ["s3:Get*", "*", "IAM:getUser"];
        assert!(rules.action_patterns().eq(once.into_iter().chain(once)));
    }
}
