//! What would policies answer. The engine decides, as it decides requests; nothing here knows the
//! rules again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use audit::Who;
use names::{AccountId, Action, Arn, UniqueId, UniqueIdKind};
use policy::decision::{Layer, Verdict};
use policy::facts::Facts;
use policy::operation::{Check, Need};
use policy::principal::Principal;
use policy::{
    Attached, CallerPolicies, Document, Effect, Question, ResourceKind, ResourceSide, Says, Trace,
    explain,
};

use super::performs;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Context, Performed};
use crate::ops::{Page, Simulation};
use crate::resolve::Caller;
use crate::stored_policy::StoredPolicy;

type Outcome<T> = Result<Performed<T>, IdentityError>;

/// Most decisions of one answer.
pub const SIMULATIONS_MAX: usize = 10_000;
/// The name of a caller whom nobody named.
const NOBODY: &str = "simulated";
/// The session in which a role asks.
const SESSION: &str = "simulated";

/// What an action comes to.
#[derive(Clone, PartialEq, Debug)]
pub struct Simulated {
    /// The action.
    pub action: Action,
    /// The worst of what its resources come to.
    pub verdict: Verdict,
    /// What each resource comes to.
    pub resources: Vec<SimulatedResource>,
    /// Whether the organisation allows it, if the caller is in one.
    pub organization: Option<Says>,
}

/// What an action on a resource comes to.
#[derive(Clone, PartialEq, Debug)]
pub struct SimulatedResource {
    /// The resource.
    pub resource: Arn,
    /// The verdict.
    pub verdict: Verdict,
    /// The statements that it rests on.
    pub matched: Vec<MatchedStatement>,
    /// The context keys that the policies read and that were not given.
    pub missing: Vec<String>,
    /// What the boundary says, if there is one.
    pub boundary: Option<Says>,
}

/// A statement that a verdict rests on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MatchedStatement {
    /// The policy, as IAM names it in a simulation.
    pub policy: String,
    /// Whether it is the resource's own.
    pub layer: Layer,
    /// Where it begins and ends in the policy's text: line and column, from 1.
    pub place: Option<[(usize, usize); 2]>,
}

performs! {
    SimulateCustomPolicy => Page<Simulated>, Read, |op, cx| {
        cx.own(op.account)?;
        let caller = match &op.simulation.caller {
            Some(arn) => named(cx, arn)?,
            None => Some(nobody(op.account)?),
        };
        let principal = caller.unwrap_or(nobody(op.account)?);
        simulate(cx, &op.simulation, (principal, CallerPolicies::default()))
    };
    SimulatePrincipalPolicy => Page<Simulated>, Read, |op, cx| {
        let (source, policies) = source(cx, &op.source)?;
        let principal = match &op.simulation.caller {
            Some(arn) => named(cx, arn)?.unwrap_or(source),
            None => source,
        };
        simulate(cx, &op.simulation, (principal, policies))
    };
    GetContextKeysForCustomPolicy => Vec<String>, Read, |op, _| {
        Ok(Performed::read(keys(op.policies.iter().map(|policy| &**policy.document()))))
    };
    GetContextKeysForPrincipalPolicy => Vec<String>, Read, |op, cx| {
        let (_, policies) = source(cx, &op.source)?;
        let held = policies.identity.iter().chain(&policies.boundaries);
        let given = op.policies.iter().map(|policy| &**policy.document());
        Ok(Performed::read(keys(held.map(|own| &*own.document).chain(given))))
    };
}

/// Every context key that documents read, as they are usually written.
fn keys<'a>(documents: impl Iterator<Item = &'a Document>) -> Vec<String> {
    let all: BTreeSet<String> = documents.flat_map(Document::context_keys).collect();
    all.into_iter().map(spelled).collect()
}

fn spelled(key: String) -> String {
    match policy::actions::condition_key(&key) {
        Some(known) if known.name().eq_ignore_ascii_case(&key) => known.name().to_owned(),
        _ => key,
    }
}

/// Somebody without rights and without a name of its own.
fn nobody(account: AccountId) -> Result<Principal, IdentityError> {
    let must = "the ARN of a user";
    let bad = || IdentityError::Validation { parameter: "CallerArn", must };
    let arn: Arn = format!("arn:aws:iam::{account}:user/{NOBODY}").parse().map_err(|_| bad())?;
    let name = NOBODY.parse().map_err(|_| bad())?;
    Ok(Principal::User {
        account,
        name,
        arn,
        id: UniqueId::from_random(UniqueIdKind::User, [0; 17]),
    })
}

/// The user of an ARN that `CallerArn` names; `None`: one that does not exist here.
fn named(cx: &Context<'_>, arn: &Arn) -> Result<Option<Principal>, IdentityError> {
    let user = cx.state.id_of(arn).and_then(|id| cx.state.user_by_id(&id).cloned());
    Ok(user.map(|user| Principal::User {
        account: user.account,
        name: user.name.clone(),
        arn: user.arn(),
        id: user.id.clone(),
    }))
}

/// A user, group or role, with the policies that it has.
fn source(cx: &Context<'_>, arn: &Arn) -> Result<(Principal, CallerPolicies), IdentityError> {
    let state = cx.state;
    if let Some(group) = state.groups.by_arn(arn) {
        let mut policies = CallerPolicies::default();
        for own in state.held_by_group(&group.id) {
            policies.identity.push(own);
        }
        return Ok((nobody(group.account)?, policies));
    }
    let principal = if let Some(role) = state.role_by_arn(arn) {
        let must = "a role";
        let bad = |_| IdentityError::Validation { parameter: "PolicySourceArn", must };
        Principal::RoleSession {
            account: role.account,
            role: role.name.clone(),
            role_arn: role.arn(),
            id: role.id.clone(),
            session: SESSION.parse().map_err(bad)?,
        }
    } else {
        let user = state.users.by_arn(arn);
        let user = user.ok_or_else(|| IdentityError::missing(EntityKind::Principal, arn))?;
        Principal::User {
            account: user.account,
            name: user.name.clone(),
            arn: user.arn(),
            id: user.id.clone(),
        }
    };
    let who = Who { principal: principal.clone(), ..Who::anonymous() };
    Ok((principal, state.policies_of(&Caller { who: Arc::new(who), session: None })))
}

fn simulate(
    cx: &Context<'_>,
    asked: &Simulation,
    (principal, mut policies): (Principal, CallerPolicies),
) -> Outcome<Page<Simulated>> {
    for (number, policy) in (1..).zip(&asked.policies) {
        policies.identity.push(attached(format!("PolicyInputList.{number}"), policy));
    }
    if let Some(boundary) = &asked.boundary {
        let name = "PermissionsBoundaryPolicyInputList.1".to_owned();
        policies.boundaries = vec![attached(name, boundary)];
    }
    let account = asked.resource_owner.or(principal.account());
    let resource = ResourceSide {
        policy: asked.resource_policy.as_ref().map(|p| attached("ResourcePolicy".to_owned(), p)),
        kind: match asked.resource_policy {
            Some(_) => ResourceKind::Bucket,
            None => ResourceKind::Plain,
        },
        ..ResourceSide::plain(account)
    };
    // Whoever simulates may say what only the server or a provider says of a real request.
    let mut facts = Facts::default();
    for map in [&mut facts.request, &mut facts.server, &mut facts.external] {
        map.extend(&asked.context);
    }
    let question = Question {
        principal: &principal,
        caller: &policies,
        resource: &resource,
        facts: &facts,
        revision: cx.state.revision(),
    };
    let world = World::new(&question, asked);
    let most = asked.page.max().min(asked.actions.len());
    if most.saturating_mul(asked.resources.len().max(1)) > SIMULATIONS_MAX {
        let must = "few enough that an answer has at most 10,000 decisions";
        return Err(IdentityError::Validation { parameter: "ResourceArns", must });
    }
    let numbered = asked.actions.iter().zip(0_u32..);
    let page = Page::cut(&asked.page, numbered, |(_, number)| format!("{number:05}"));
    let items = page.items.into_iter().map(|(action, _)| world.action(action)).collect();
    Ok(Performed::read(Page { items, next: page.next }))
}

fn attached(name: String, policy: &StoredPolicy) -> Attached {
    Attached { name, document: Arc::clone(policy.document()) }
}

/// One simulation, ready to be asked about actions.
struct World<'a> {
    question: &'a Question<'a>,
    asked: &'a Simulation,
    /// The texts of all policies, by name.
    texts: BTreeMap<String, Arc<Document>>,
    missing: Vec<String>,
}

/// Keys that follow from who asks, where somebody does.
const OF_CALLER: [&str; 6] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:userid",
    "aws:username",
];

impl<'a> World<'a> {
    fn new(question: &'a Question<'a>, asked: &'a Simulation) -> Self {
        let (caller, resource) = (question.caller, question.resource);
        let all: Vec<&Attached> =
            caller.identity.iter().chain(&caller.boundaries).chain(&resource.policy).collect();
        let texts = all.iter().map(|one| (one.name.clone(), Arc::clone(&one.document))).collect();
        let read: BTreeSet<String> =
            all.iter().flat_map(|one| one.document.context_keys()).collect();
        let known =
            |key: &String| question.facts.get(key).is_some() || OF_CALLER.contains(&key.as_str());
        let missing = read.into_iter().filter(|key| !known(key)).map(spelled).collect();
        Self { question, asked, texts, missing }
    }

    fn action(&self, action: &Action) -> Simulated {
        let every = [Arn::any()];
        let resources = match self.asked.resources.as_slice() {
            [] => &every[..],
            some => some,
        };
        let traced: Vec<(Arn, Trace)> = resources
            .iter()
            .map(|resource| {
                let check = Check {
                    action: action.clone(),
                    resource: resource.clone(),
                    need: Need::Required,
                    with: Vec::new(),
                };
                (resource.clone(), explain(&check, self.question))
            })
            .collect();
        let verdicts = traced.iter().map(|(_, trace)| trace.decision.verdict());
        let organization = traced.first().and_then(|(_, trace)| says(trace, Layer::ServiceControl));
        Simulated {
            action: action.clone(),
            verdict: verdicts
                .max_by_key(|verdict| severity(*verdict))
                .unwrap_or(Verdict::ImplicitDeny),
            resources: traced.into_iter().map(|(arn, trace)| self.resource(arn, &trace)).collect(),
            organization,
        }
    }

    fn resource(&self, resource: Arn, trace: &Trace) -> SimulatedResource {
        let verdict = trace.decision.verdict();
        let counts = |layer: Layer, effect: Effect| match (verdict, effect) {
            (Verdict::Allow, Effect::Allow) => matches!(layer, Layer::Identity | Layer::Resource),
            (Verdict::ExplicitDeny, Effect::Deny) => true,
            _ => false,
        };
        let matched = trace.considered.iter().flat_map(|considered| {
            let layer = considered.layer;
            let statements = considered.statements.iter();
            statements.filter(move |s| s.applies() && counts(layer, s.effect)).map(move |s| {
                MatchedStatement {
                    policy: source_id(&s.statement.policy),
                    layer,
                    place: self.place(&s.statement.policy, s.statement.index),
                }
            })
        });
        SimulatedResource {
            resource,
            verdict,
            matched: matched.collect(),
            missing: self.missing.clone(),
            boundary: says(trace, Layer::Boundary),
        }
    }

    fn place(&self, policy: &str, index: usize) -> Option<[(usize, usize); 2]> {
        let text = self.texts.get(policy)?.text();
        let (from, to) = statement(text, index)?;
        let (line, column) = place(text, from)?;
        // IAM counts from behind the brace that opens the statement (recorded answers).
        Some([(line, column.saturating_add(1)), place(text, to)?])
    }
}

fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allow => 0,
        Verdict::ImplicitDeny => 1,
        Verdict::ExplicitDeny => 2,
    }
}

/// What a layer says over all its levels: each must allow.
fn says(trace: &Trace, layer: Layer) -> Option<Says> {
    let levels: Vec<Says> =
        trace.considered.iter().filter(|one| one.layer == layer).map(|one| one.says).collect();
    let worst = [Says::Denies, Says::Nothing, Says::Allows];
    worst.into_iter().find(|says| levels.contains(says))
}

/// How a simulation names a policy: `user_alice_own` for an inline one, the name of a managed one.
fn source_id(name: &str) -> String {
    let plain = name.strip_prefix("inline:").map(|rest| rest.replace('/', "_"));
    let managed = || {
        let rest = name.strip_prefix("policy:").or_else(|| name.strip_prefix("aws:"))?;
        Some(rest.rsplit_once('@').map_or(rest, |(name, _)| name).to_owned())
    };
    plain.or_else(managed).unwrap_or_else(|| name.to_owned())
}

/// Where a statement of a policy's text begins and ends, in bytes.
fn statement(text: &str, index: usize) -> Option<(usize, usize)> {
    #[derive(serde::Deserialize)]
    struct Whole<'a> {
        #[serde(rename = "Statement", borrow)]
        statement: &'a serde_json::value::RawValue,
    }
    let whole: Whole<'_> = serde_json::from_str(text).ok()?;
    let raw = whole.statement.get();
    let one = if raw.starts_with('[') {
        let all: Vec<&serde_json::value::RawValue> = serde_json::from_str(raw).ok()?;
        all.get(index)?.get()
    } else {
        raw
    };
    // Both are slices of the text: what lies between their addresses is the place.
    let from = one.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    Some((from, from.checked_add(one.len())?))
}

/// The line and column of a byte of a text, from 1.
fn place(text: &str, byte: usize) -> Option<(usize, usize)> {
    let before = text.get(..byte)?;
    let line = before.matches('\n').count().saturating_add(1);
    let last = before.rsplit('\n').next().unwrap_or_default();
    Some((line, last.chars().count().saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_found_where_it_stands() {
        let text = "{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"a\": 1},\n  {\"b\": 2}]}";
        let at = |index| {
            let (from, to) = statement(text, index).unwrap();
            (text.get(from..to).unwrap(), place(text, from).unwrap(), place(text, to).unwrap())
        };
        assert_eq!(at(0), ("{\"a\": 1}", (2, 16), (2, 24)));
        assert_eq!(at(1), ("{\"b\": 2}", (3, 3), (3, 11)));
        assert_eq!(statement(text, 2), None);
        let alone = r#"{"Statement":{"c":3}}"#;
        let (from, to) = statement(alone, 0).unwrap();
        assert_eq!(alone.get(from..to), Some(r#"{"c":3}"#));
    }

    #[test]
    fn a_policy_is_named_as_simulations_name_it() {
        for (name, id) in [
            ("inline:user/alice/own", "user_alice_own"),
            ("policy:Readers@v2", "Readers"),
            ("aws:ReadOnlyAccess@v1", "ReadOnlyAccess"),
            ("PolicyInputList.1", "PolicyInputList.1"),
        ] {
            assert_eq!(source_id(name), id);
        }
    }
}
