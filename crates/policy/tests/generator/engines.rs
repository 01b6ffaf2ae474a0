//! The two engines behind one function each, and a world made ready for both.

use std::sync::Arc;

use names::{AccountId, Arn, Revision};
use strongroom_policy::decision::{Layer, Verdict};
use strongroom_policy::facts::Facts;
use strongroom_policy::operation::{Check, Need};
use strongroom_policy::principal::Principal;
use strongroom_policy::reference::Read;
use strongroom_policy::{
    Attached, CallerPolicies, Document, Kind, PolicyError, Question, ResourceKind, ResourceSide,
    RestrictPublicBuckets, decide,
};

use super::print;
use super::world::{Ask, Policy, Slot, World};

/// What an engine says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Said {
    pub(crate) verdict: Verdict,
    pub(crate) because: Layer,
}

/// The engine that the product runs.
pub(crate) fn optimised(check: &Check, question: &Question<'_>) -> Said {
    let decision = decide(check, question);
    Said { verdict: decision.verdict(), because: decision.because() }
}

/// The engine that was written from the specification alone.
pub(crate) fn reference(read: &Read, check: &Check, question: &Question<'_>) -> Said {
    let said = read.decide(check, question);
    Said { verdict: said.verdict, because: said.because }
}

/// The documents of both sides, as the reference reads them.
pub(crate) fn read(caller: &CallerPolicies, resource: &ResourceSide) -> Read {
    Read::documents(&Question {
        principal: &Principal::Anonymous,
        caller,
        resource,
        facts: &Facts::default(),
        revision: Revision::default(),
    })
}

/// Both answers to one question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Answers {
    pub(crate) ours: Said,
    pub(crate) theirs: Said,
}

impl Answers {
    pub(crate) fn of(read: &Read, check: &Check, question: &Question<'_>) -> Self {
        Self { ours: optimised(check, question), theirs: reference(read, check, question) }
    }

    pub(crate) fn agree(&self) -> bool {
        self.ours == self.theirs
    }
}

/// A world's policies, parsed.
pub(crate) struct Built {
    pub(crate) caller: CallerPolicies,
    pub(crate) resource: ResourceSide,
    pub(crate) read: Read,
    pub(crate) documents: u64,
    /// Documents that the strict parser refused; they are left out.
    pub(crate) refused: Vec<(Policy, PolicyError)>,
}

/// One question, parsed.
pub(crate) struct Asked {
    pub(crate) check: Check,
    pub(crate) facts: Facts,
}

/// Parses a document under a name.
pub(crate) fn attached(name: &str, text: &str, kind: Kind) -> Result<Attached, PolicyError> {
    let document = Arc::new(Document::parse(text, kind)?);
    Ok(Attached { name: name.to_owned(), document })
}

impl Built {
    pub(crate) fn of(world: &World) -> Self {
        Self::printed(world, print::document)
    }

    /// The world, its documents printed in a way of one's own.
    pub(crate) fn printed(world: &World, print: impl Fn(&Policy) -> String) -> Self {
        let (caller, resource) = (CallerPolicies::default(), ResourceSide::plain(None));
        let mut built = Self {
            read: read(&caller, &resource),
            caller,
            resource,
            documents: 0,
            refused: Vec::new(),
        };
        let (mut service, mut control) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        let mut identity = Vec::new();
        for policy in &world.policies {
            built.documents = built.documents.saturating_add(1);
            let text = print(policy);
            let policy = match attached(&policy.name, &text, policy.slot.kind()) {
                Ok(attached) => (policy.slot, attached),
                Err(error) => {
                    built.refused.push((policy.clone(), error));
                    continue;
                }
            };
            match policy {
                (Slot::Identity, policy) => identity.push(policy),
                (Slot::Boundary, policy) => built.caller.boundaries.push(policy),
                (Slot::Session, policy) => {
                    built.caller.session.get_or_insert_default().push(policy);
                }
                (Slot::Resource | Slot::Trust, policy) => built.resource.policy = Some(policy),
                (Slot::ServiceControl(level), policy) => level_of(&mut service, level).push(policy),
                (Slot::ResourceControl(level), policy) => {
                    level_of(&mut control, level).push(policy);
                }
            }
        }
        if world.empty_session {
            built.caller.session.get_or_insert_default();
        }
        let there = |levels: [Vec<Attached>; 2]| {
            levels.into_iter().filter(|level| !level.is_empty()).collect::<Vec<_>>()
        };
        built.caller.identity = identity.into();
        built.caller.service_control = there(service);
        built.resource.resource_control = there(control);
        built.read = read(&built.caller, &built.resource);
        built
    }

    /// Sets the resource's side for a question.
    pub(crate) fn turn_to(&mut self, ask: &Ask, asked: &Asked) {
        self.resource.account = owner(ask, &asked.check.resource);
        self.resource.kind = kind(&asked.check);
        self.resource.restrict_public =
            if ask.restricted { RestrictPublicBuckets::On } else { RestrictPublicBuckets::Off };
    }

    /// Both answers to a question that the world is turned to.
    pub(crate) fn answers(&self, principal: &Principal, asked: &Asked) -> Answers {
        Answers::of(&self.read, &asked.check, &self.question(principal, asked))
    }

    pub(crate) fn question<'a>(
        &'a self,
        principal: &'a Principal,
        asked: &'a Asked,
    ) -> Question<'a> {
        Question {
            principal,
            caller: &self.caller,
            resource: &self.resource,
            facts: &asked.facts,
            revision: Revision::default(),
        }
    }
}

fn level_of(levels: &mut [Vec<Attached>; 2], level: usize) -> &mut Vec<Attached> {
    let [first, second] = levels;
    if level == 0 { first } else { second }
}

impl Asked {
    /// `None` if the action or the resource has no such form.
    pub(crate) fn of(ask: &Ask) -> Option<Self> {
        let check = Check {
            action: ask.action.parse().ok()?,
            resource: ask.resource.parse().ok()?,
            need: Need::Required,
            with: ask.with.clone().into_iter().collect(),
        };
        let mut facts = Facts::default();
        for (key, value) in &ask.context {
            facts.suppose(key, value.clone());
        }
        for (key, value) in &ask.forged {
            forge(&mut facts, key, value.clone());
        }
        Some(Self { check, facts })
    }
}

/// Puts a key into a map that it does not belong to.
fn forge(facts: &mut Facts, key: &str, value: strongroom_policy::facts::Value) {
    let mut own = Facts::default();
    own.suppose(key, value.clone());
    if own.request == Facts::default().request {
        facts.request.set(key, value);
    } else {
        facts.external.set(key, value);
    }
}

/// As policy cases have it: the account that is said, else the one in the name.
fn owner(ask: &Ask, resource: &Arn) -> Option<AccountId> {
    match ask.owner {
        Some(owner) => owner.parse().ok(),
        None => resource.account().parse().ok(),
    }
}

/// As policy cases have it.
fn kind(check: &Check) -> ResourceKind {
    let resource = &check.resource;
    match (resource.service(), check.action.service()) {
        ("s3", _) => ResourceKind::Bucket,
        ("iam", "sts") if resource.resource().starts_with("role/") => ResourceKind::RoleTrust,
        _ => ResourceKind::Plain,
    }
}
