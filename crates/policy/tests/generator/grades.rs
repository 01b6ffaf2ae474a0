//! How a policy names a caller, observed: three questions about a document that says nothing but
//! whom it allows.

use names::{AccountId, Revision};
use strongroom_policy::decision::Verdict;
use strongroom_policy::facts::Facts;
use strongroom_policy::operation::{Check, Need};
use strongroom_policy::principal::Principal;
use strongroom_policy::{
    Attached, CallerPolicies, Effect, Kind, Question, ResourceKind, ResourceSide,
    RestrictPublicBuckets,
};

use super::coverage::Coverage;
use super::engines::{self, Answers, attached};
use super::print;
use super::words;
use super::world::{Grantees, Listed, Policy, Sense, Slot, Statement, Version};

const ALL: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const NOTHING: &str = r#"{"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}"#;

/// A document that allows these callers everything.
pub(crate) struct Naming {
    check: Check,
    resource: ResourceSide,
    all: Attached,
    nothing: Attached,
}

impl Naming {
    /// `None` if the strict parser refuses it.
    pub(crate) fn of(grantees: &Grantees) -> Option<Self> {
        let all = |text: &str| Listed { sense: Sense::Is, texts: vec![text.to_owned()] };
        let statement = Statement {
            sid: None,
            effect: Effect::Allow,
            grantees: Some(grantees.clone()),
            actions: all("*"),
            resources: Some(all("*")),
            conditions: Vec::new(),
        };
        let (slot, version) = (Slot::Resource, Version::Y2012);
        let policy = Policy { slot, name: String::new(), version, statements: vec![statement] };
        Some(Self {
            check: Check {
                action: names::Action::known("s3:GetObject"),
                resource: "arn:aws:s3:::b/k".parse().ok()?,
                need: Need::Required,
                with: Vec::new(),
            },
            resource: ResourceSide {
                account: None,
                policy: Some(attached("named", &print::document(&policy), Kind::Bucket).ok()?),
                kind: ResourceKind::Bucket,
                resource_control: Vec::new(),
                restrict_public: RestrictPublicBuckets::Off,
            },
            all: attached("all", ALL, Kind::Identity).ok()?,
            nothing: attached("nothing", NOTHING, Kind::Boundary).ok()?,
        })
    }

    /// Asks both engines all three questions, and counts the grade; false if they differ.
    pub(crate) fn ask(
        &mut self,
        principal: &Principal,
        facts: &Facts,
        coverage: &mut Coverage,
    ) -> bool {
        let own = principal.account();
        let session = matches!(principal, Principal::FederatedUser { .. });
        let session = session.then(|| vec![self.all.clone()]);
        let base = CallerPolicies { session, ..CallerPolicies::default() };
        let bounded = CallerPolicies { boundaries: vec![self.nothing.clone()], ..base.clone() };
        let allowed = CallerPolicies { identity: vec![self.all.clone()].into(), ..base.clone() };
        let direct = self.allows(principal, facts, &bounded, own);
        let parent = self.allows(principal, facts, &base, own);
        let other: Option<AccountId> = match own {
            Some(own) if own.to_string() == words::AWAY => words::HOME.parse().ok(),
            _ => words::AWAY.parse().ok(),
        };
        let named = self.allows(principal, facts, &allowed, other);
        let (Ok(direct), Ok(parent), Ok(named)) = (direct, parent, named) else { return false };
        let root = matches!(principal, Principal::Root { .. });
        let grade = match (direct, parent && !root, named) {
            (true, _, _) => 0,
            (false, true, _) => 1,
            (false, false, true) => 2,
            (false, false, false) => 3,
        };
        coverage.grade(words::form(principal), grade);
        true
    }

    fn allows(
        &mut self,
        principal: &Principal,
        facts: &Facts,
        caller: &CallerPolicies,
        owner: Option<AccountId>,
    ) -> Result<bool, Answers> {
        self.resource.account = owner;
        let resource = &self.resource;
        let revision = Revision::default();
        let question = Question { principal, caller, resource, facts, revision };
        let read = engines::read(caller, resource);
        let answers = Answers::of(&read, &self.check, &question);
        if answers.agree() { Ok(answers.ours.verdict == Verdict::Allow) } else { Err(answers) }
    }
}
