//! What was met: each operator in each form with an absent key, an empty set, one value and many,
//! matching and not; layers and verdicts; forms of callers and how policies name them.
//!
//! A condition's outcome is observed, not predicted: the condition alone stands in a
//! resource-control policy, which every caller meets, and the verdict tells whether it held.

use std::collections::BTreeMap;

use names::Revision;
use strongroom_policy::decision::{Layer, Verdict};
use strongroom_policy::facts::{Facts, Value};
use strongroom_policy::operation::{Check, Need};
use strongroom_policy::principal::Principal;
use strongroom_policy::reference::Read;
use strongroom_policy::{
    CallerPolicies, Effect, Kind, Question, ResourceKind, ResourceSide, RestrictPublicBuckets,
};

use super::engines::{self, Answers, attached};
use super::print;
use super::words::{self, FORMS, OPERATORS, Type};
use super::world::{Condition, Form, Listed, Policy, Sense, Slot, Statement, Version};

/// How a key is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Presence {
    Absent,
    Empty,
    One,
    Many,
}

/// Whether a condition held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Held {
    Yes,
    No,
}

const PRESENCES: [(Presence, &str); 4] = [
    (Presence::Absent, "absent"),
    (Presence::Empty, "empty"),
    (Presence::One, "one"),
    (Presence::Many, "many"),
];
const FORM_WORDS: [&str; 6] =
    ["plain", "IfExists", "ForAll", "ForAll+IfExists", "ForAny", "ForAny+IfExists"];
const HELD: [(Held, &str); 2] = [(Held::Yes, "match"), (Held::No, "no-match")];
pub(crate) const GRADES: [&str; 4] = ["direct", "parent", "account", "none"];
const LAYERS: [Layer; 7] = [
    Layer::Identity,
    Layer::Resource,
    Layer::Boundary,
    Layer::Session,
    Layer::ServiceControl,
    Layer::ResourceControl,
    Layer::PublicAccessBlock,
];
const VERDICTS: [(Verdict, &str); 3] = [
    (Verdict::Allow, "allow"),
    (Verdict::ImplicitDeny, "implicit-deny"),
    (Verdict::ExplicitDeny, "explicit-deny"),
];

/// The counters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Coverage {
    conditions: Vec<u64>,
    layers: Vec<u64>,
    grades: Vec<u64>,
}

impl Default for Coverage {
    fn default() -> Self {
        let conditions = OPERATORS.len() * FORM_WORDS.len() * PRESENCES.len() * HELD.len();
        Self {
            conditions: vec![0; conditions],
            layers: vec![0; LAYERS.len() * VERDICTS.len()],
            grades: vec![0; FORMS.len() * GRADES.len()],
        }
    }
}

/// A cell, by name, with its count and, if nothing can fall into it, the reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Cell {
    pub(crate) name: String,
    pub(crate) count: u64,
    pub(crate) impossible: Option<&'static str>,
}

fn bump(counts: &mut [u64], index: usize) {
    if let Some(count) = counts.get_mut(index) {
        *count = count.saturating_add(1);
    }
}

fn place<T: PartialEq>(of: &T, all: &[(T, &str)]) -> usize {
    all.iter().position(|(one, _)| one == of).unwrap_or(0)
}

impl Coverage {
    pub(crate) fn condition(&mut self, condition: &Condition, presence: Presence, held: Held) {
        let form = Form::ALL.iter().position(|form| *form == condition.form).unwrap_or(0);
        let row = condition.base * FORM_WORDS.len() + form;
        let column = place(&presence, &PRESENCES) * HELD.len() + place(&held, &HELD);
        bump(&mut self.conditions, row * PRESENCES.len() * HELD.len() + column);
    }

    pub(crate) fn verdict(&mut self, because: Layer, verdict: Verdict) {
        let layer = LAYERS.iter().position(|layer| *layer == because).unwrap_or(0);
        bump(&mut self.layers, layer * VERDICTS.len() + place(&verdict, &VERDICTS));
    }

    pub(crate) fn grade(&mut self, form: usize, grade: usize) {
        bump(&mut self.grades, form * GRADES.len() + grade);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let each = |own: &mut [u64], other: &[u64]| {
            own.iter_mut().zip(other).for_each(|(a, b)| *a = a.saturating_add(*b));
        };
        each(&mut self.conditions, &other.conditions);
        each(&mut self.layers, &other.layers);
        each(&mut self.grades, &other.grades);
    }

    /// Every cell.
    pub(crate) fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        let mut counts = self.conditions.iter().copied();
        for (name, of, negated) in OPERATORS {
            for (form, form_word) in Form::ALL.into_iter().zip(FORM_WORDS) {
                for (presence, presence_word) in PRESENCES {
                    for (held, held_word) in HELD {
                        cells.push(Cell {
                            name: format!("{name}/{form_word}/{presence_word}/{held_word}"),
                            count: counts.next().unwrap_or(0),
                            impossible: impossible((of, negated), form, presence, held),
                        });
                    }
                }
            }
        }
        let mut counts = self.layers.iter().copied();
        for layer in LAYERS {
            for (verdict, word) in VERDICTS {
                let count = counts.next().unwrap_or(0);
                let impossible = impossible_verdict(layer, verdict);
                cells.push(Cell { name: format!("{layer}/{word}"), count, impossible });
            }
        }
        let mut counts = self.grades.iter().copied();
        for form in FORMS {
            for grade in GRADES {
                let count = counts.next().unwrap_or(0);
                let impossible = impossible_grade(form, grade);
                cells.push(Cell { name: format!("{form}/{grade}"), count, impossible });
            }
        }
        cells
    }

    /// Possible cells met fewer times than this, and impossible ones that were met.
    pub(crate) fn gaps(&self, least: u64) -> Vec<String> {
        let gap = |cell: Cell| match cell.impossible {
            None if cell.count < least => Some(format!("{}: {} of {least}", cell.name, cell.count)),
            Some(reason) if cell.count > 0 => {
                Some(format!("{}: {}, though {reason}", cell.name, cell.count))
            }
            _ => None,
        };
        self.cells().into_iter().filter_map(gap).collect()
    }

    /// As JSON: the possible cells by name; the impossible ones by reason.
    pub(crate) fn json(&self) -> serde_json::Value {
        let mut met = BTreeMap::new();
        let mut never: BTreeMap<&str, u64> = BTreeMap::new();
        for cell in self.cells() {
            match cell.impossible {
                None => {
                    met.insert(cell.name, cell.count);
                }
                Some(reason) => {
                    let count = never.entry(reason).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        serde_json::json!({ "met": met, "impossible": never })
    }
}

/// Why a condition can never come out so, if it cannot (aws-authorization 3.3).
fn impossible(
    (of, negated): (Type, bool),
    form: Form,
    presence: Presence,
    held: Held,
) -> Option<&'static str> {
    if of == Type::Absence {
        let refused = form.suffix() == "IfExists";
        return refused.then_some("`Null` with `IfExists` is refused when it is written");
    }
    if matches!(presence, Presence::One | Presence::Many) {
        return None;
    }
    match (form, held) {
        (Form::Plain, Held::No) if negated => Some("without a value, a negated operator matches"),
        (Form::Plain, Held::Yes) if !negated => {
            Some("without a value, a positive operator does not match")
        }
        (Form::IfExists, Held::No) => Some("without a value, `IfExists` matches"),
        (Form::ForAll | Form::ForAllIfExists, Held::No) => {
            Some("without a value, `ForAllValues` matches")
        }
        (Form::ForAny | Form::ForAnyIfExists, Held::Yes) => {
            Some("without a value, `ForAnyValue` does not match")
        }
        _ => None,
    }
}

fn impossible_verdict(layer: Layer, verdict: Verdict) -> Option<&'static str> {
    match (layer, verdict) {
        (Layer::Identity | Layer::Resource, _) => None,
        (_, Verdict::Allow) => Some("only identity and resource policies grant"),
        (Layer::PublicAccessBlock, Verdict::ExplicitDeny) => {
            Some("the public-access block has no statements")
        }
        _ => None,
    }
}

fn impossible_grade(form: &str, grade: &str) -> Option<&'static str> {
    match (form, grade) {
        ("unknown", _) => Some("every form of caller is known"),
        ("anonymous" | "service" | "web-identity", "account") => Some("the caller has no account"),
        ("anonymous" | "service" | "web-identity" | "root" | "user", "parent") => {
            Some("only sessions have a parent")
        }
        _ => None,
    }
}

/// One condition, alone in a document.
pub(crate) struct Probe {
    condition: Condition,
    effect: Effect,
    check: Check,
    resource: ResourceSide,
    caller: CallerPolicies,
    read: Read,
}

impl Probe {
    /// `None` if the strict parser refuses it, or its key follows from another one.
    pub(crate) fn of(
        statement: &Statement,
        condition: &Condition,
        version: Version,
    ) -> Option<Self> {
        let all = |text: &str| Listed { sense: Sense::Is, texts: vec![text.to_owned()] };
        if condition.key.to_ascii_lowercase().starts_with("strongroom:") {
            return None;
        }
        let mut alone = statement.clone();
        alone.sid = None;
        alone.grantees =
            Some(super::world::Grantees { sense: Sense::Is, named: vec![("", "*".to_owned())] });
        alone.actions = all("*");
        alone.resources = Some(all("*"));
        alone.conditions = vec![condition.clone()];
        let slot = Slot::ResourceControl(0);
        let policy = Policy { slot, name: String::new(), version, statements: vec![alone] };
        let policy = attached("probe", &print::document(&policy), Kind::ResourceControl).ok()?;
        let check = Check {
            action: names::Action::known("s3:GetObject"),
            resource: "arn:aws:s3:::b/k".parse().ok()?,
            need: Need::Required,
            with: Vec::new(),
        };
        let resource = ResourceSide {
            account: None,
            policy: None,
            kind: ResourceKind::Bucket,
            resource_control: vec![vec![policy]],
            restrict_public: RestrictPublicBuckets::Off,
        };
        let caller = CallerPolicies::default();
        let read = engines::read(&caller, &resource);
        let (condition, effect) = (condition.clone(), statement.effect);
        Some(Self { condition, effect, check, resource, caller, read })
    }

    /// Asks both engines, and counts what came out.
    pub(crate) fn ask(
        &mut self,
        principal: &Principal,
        (facts, with): (&Facts, &[(&'static str, Value)]),
        owner: Option<names::AccountId>,
        coverage: &mut Coverage,
    ) -> Answers {
        self.resource.account = owner;
        self.check.with = with.to_vec();
        let question = Question {
            principal,
            caller: &self.caller,
            resource: &self.resource,
            facts,
            revision: Revision::default(),
        };
        let answers = Answers::of(&self.read, &self.check, &question);
        let held = match self.effect {
            Effect::Deny => answers.ours.verdict == Verdict::ExplicitDeny,
            Effect::Allow => answers.ours.because != Layer::ResourceControl,
        };
        let held = if held { Held::Yes } else { Held::No };
        coverage.condition(&self.condition, self.presence(principal, facts, owner.is_some()), held);
        answers
    }

    fn presence(&self, principal: &Principal, facts: &Facts, owned: bool) -> Presence {
        let key = self.condition.key.as_str();
        let own = self.check.with.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        match own.map(|(_, value)| value).or_else(|| facts.get(key)) {
            Some(Value::One(_)) => Presence::One,
            Some(Value::Many(values)) if values.is_empty() => Presence::Empty,
            Some(Value::Many(_)) => Presence::Many,
            None if derived(key, principal, owned) => Presence::One,
            None => Presence::Absent,
        }
    }
}

/// Whether the key follows from the caller or the resource (aws-authorization section 2).
fn derived(key: &str, principal: &Principal, owned: bool) -> bool {
    let derived = words::DERIVED.iter().find(|d| d.eq_ignore_ascii_case(key));
    match derived.copied() {
        Some("aws:PrincipalArn") => principal.principal_arn().is_some(),
        Some("aws:PrincipalAccount") => principal.account().is_some(),
        Some("aws:username") => matches!(principal, Principal::User { .. }),
        Some("aws:PrincipalServiceName") => matches!(principal, Principal::Service { .. }),
        Some("aws:ResourceAccount" | "s3:ResourceAccount") => owned,
        Some(_) => true,
        None => false,
    }
}
