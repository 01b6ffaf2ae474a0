//! A recorded decision, made again: with what the record kept, on the state of its revision, and
//! told as far as it is for the eyes of who asks.

use std::sync::Arc;

use audit::Who;
use audit::entry::{CheckRecord, Opened};
use identity::{Caller, State};
use names::UniqueId;
use policy::decision::{Decision, Layer, StatementRef, Verdict};
use policy::facts::{Facts, Value as Fact};
use policy::principal::Principal;
use policy::{
    CallerPolicies, Considered, Miss, Place, Question, ResourceSide, Rule, Trace, explain,
};
use serde_json::{Value, json};

use super::narrowed::{Sight, check};
use crate::decide;
use crate::granted::ACL_NAME;

const CANNOT_BE_HAD: &str = "the state at that revision cannot be had: nothing was decided again";
const CALLER_GONE: &str = "the caller did not exist at that revision: nothing was decided again";
const SESSION_UNKNOWN: &str = "the policies of the session were not kept: they are taken as one \
                               that allows nothing, as the record has it";
const CUT: &str =
    "context values were cut when they were recorded: what depends on them can differ";
const BY_ACL: &str = "an ACL granted it: an object's list is not kept with the state, and is not \
                      asked again";
const NOT_ALL: &str = "what another account's policies and the organisation's control policies say \
                       is not told";

/// A recorded decision, to be made again.
pub(super) struct Again<'a> {
    pub(super) opened: &'a Opened,
    pub(super) record: &'a CheckRecord,
    pub(super) sight: Sight,
}

/// What it was made again with, and what came of it.
struct Made {
    trace: Trace,
    principal: Principal,
    policies: CallerPolicies,
    resource: ResourceSide,
}

impl Again<'_> {
    /// The decision as it is recorded and as it is made again on that state.
    pub(super) fn shown(&self, then: Option<&State>) -> Value {
        let record = self.record;
        let recorded = self.outcome(record.verdict, record.layer, record.by.as_ref());
        let made = then.map(|state| self.made(state));
        let mut value = json!({
            "decision": record.decision,
            "item": record.item,
            "action": record.action,
            "resource": record.resource,
            "need": record.need,
            "recorded": recorded,
            "decided_again": null,
            "agrees": null,
            "warning": null,
            "context": self.context(made.as_ref().and_then(Option::as_ref)),
            "notes": self.notes(then.is_some(), made.as_ref().is_some_and(Option::is_some)),
        });
        let more = made.flatten().map(|made| self.traced(&made, then)).unwrap_or_default();
        for part in [recorded, more] {
            if let (Some(members), Value::Object(part)) = (value.as_object_mut(), part) {
                members.extend(part);
            }
        }
        value
    }

    fn outcome(&self, verdict: Verdict, layer: Layer, by: Option<&StatementRef>) -> Value {
        let seen = by.filter(|_| self.sight.sees(layer));
        json!({ "verdict": verdict, "because": layer, "statement": seen })
    }

    fn notes(&self, state: bool, made: bool) -> Vec<&'static str> {
        let record = self.record;
        let held = [
            (!state, CANNOT_BE_HAD),
            (state && !made, CALLER_GONE),
            (made && self.session_unknown(), SESSION_UNKNOWN),
            (self.by_acl(), BY_ACL),
            (record.truncated, CUT),
            (!self.sight.is_whole() && !self.sight.sees_both(), NOT_ALL),
        ];
        held.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect()
    }

    /// Whether an ACL decided.
    fn by_acl(&self) -> bool {
        self.record.by.as_ref().is_some_and(|by| by.policy.starts_with(ACL_NAME))
    }

    /// Session policies are in the session's token, which nobody keeps. One that did not allow is
    /// told as one that allows nothing; one that did is not told.
    fn session_unknown(&self) -> bool {
        self.record.layer == Layer::Session && self.record.verdict != Verdict::Allow
    }

    /// The decision made again with everything that the record kept; `None` if nobody knows any
    /// more whose policies applied.
    fn made(&self, state: &State) -> Option<Made> {
        let check = check(self.record);
        let principal = principal(self.opened, state)?;
        let who = Who { principal: principal.clone(), ..Who::anonymous() };
        let mut policies = state.policies_of(&Caller { who: Arc::new(who), session: None });
        if self.session_unknown() {
            policies.session = Some(Vec::new());
        }
        let resource = decide::side(state, self.opened.account, &check);
        let mut facts = Facts::default();
        for named in &self.record.context {
            match named.values.as_deref() {
                Some([one]) => facts.suppose(&named.key, one.as_str()),
                Some(many) => facts.suppose(&named.key, Fact::Many(many.to_vec())),
                None => {}
            }
        }
        let question = Question {
            principal: &principal,
            caller: &policies,
            resource: &resource,
            facts: &facts,
            revision: state.revision(),
        };
        let trace = explain(&check, &question);
        Some(Made { trace, principal, policies, resource })
    }

    /// The recorded context, without keys that only hidden policies name.
    fn context(&self, made: Option<&Made>) -> Value {
        if self.sight.is_whole() || self.sight.sees_both() {
            return json!(self.record.context);
        }
        let keys: Vec<String> = made.map(|made| self.seen_keys(made)).unwrap_or_default();
        let seen = |key: &str| keys.iter().any(|own| own.eq_ignore_ascii_case(key));
        json!(self.record.context.iter().filter(|named| seen(&named.key)).collect::<Vec<_>>())
    }

    /// The keys that the policies which may be seen name.
    fn seen_keys(&self, made: &Made) -> Vec<String> {
        let caller = made.policies.identity.iter().chain(&made.policies.boundaries);
        let caller = caller.filter(|_| self.sight.sees(Layer::Identity));
        let resource = made.resource.policy.iter().filter(|_| self.sight.sees(Layer::Resource));
        caller.chain(resource).flat_map(|policy| policy.document.context_keys()).collect()
    }

    fn traced(&self, made: &Made, then: Option<&State>) -> Value {
        let Made { trace, principal, .. } = made;
        let decision = &trace.decision;
        let again = self.outcome(decision.verdict(), decision.because(), decision.statement());
        let agrees = self.agrees(decision);
        let layers: Vec<Value> =
            trace.considered.iter().filter_map(|layer| self.layer(layer, then)).collect();
        let rules: Vec<String> =
            trace.rules.iter().filter(|rule| self.sees_rule(**rule)).map(Rule::to_string).collect();
        let grants = trace.grants.iter().filter(|grant| self.sees_place(grant.place));
        let grants: Vec<Value> = grants
            .map(|grant| {
                let policy: Value = serde_json::from_str(&grant.policy).unwrap_or_default();
                let to = attach_to(grant.place, principal, &self.record.resource);
                json!({ "place": grant.place, "attach_to": to, "policy": policy })
            })
            .collect();
        json!({
            "decided_again": again,
            "agrees": agrees,
            "warning": (!agrees).then(|| self.warning(decision)),
            "considered": layers,
            "rules": rules,
            "missing_grant": grants.first(),
            "missing_grants": grants,
        })
    }

    /// Whether the same comes out, for the same reason.
    fn agrees(&self, decision: &Decision) -> bool {
        let record = self.record;
        decision.verdict() == record.verdict
            && decision.because() == record.layer
            && decision.statement() == record.by.as_ref()
    }

    fn warning(&self, decision: &Decision) -> String {
        let say = |verdict, layer: Layer, by: Option<&StatementRef>| {
            let verdict = serde_json::to_value(verdict).unwrap_or_default();
            let by = by.filter(|_| self.sight.sees(layer));
            let by = by.map(|by| format!(", statement {} of {}", by.index, by.policy));
            let verdict = verdict.as_str().unwrap_or_default().to_owned();
            format!("{verdict} ({layer}{})", by.unwrap_or_default())
        };
        format!(
            "THE DECISIONS DIFFER: recorded is {}, decided again it is {}",
            say(self.record.verdict, self.record.layer, self.record.by.as_ref()),
            say(decision.verdict(), decision.because(), decision.statement()),
        )
    }

    fn sees_rule(&self, rule: Rule) -> bool {
        match rule {
            Rule::CallerIdentity | Rule::CrossAccount => true,
            Rule::Root | Rule::FederatedUser => self.sight.sees(Layer::Identity),
            Rule::OwnersRoot | Rule::AccountNamed | Rule::PublicAccessBlock => {
                self.sight.sees(Layer::Resource)
            }
        }
    }

    /// Control policies are the operator's to change; all else is asked of whom it belongs to.
    fn sees_place(&self, place: Place) -> bool {
        let control = matches!(place, Place::ServiceControl | Place::ResourceControl);
        !control || self.sight.is_whole()
    }

    /// A layer with its statements. Of the control policies an account learns what they come to; of
    /// another account's policies nothing.
    fn layer(&self, considered: &Considered, then: Option<&State>) -> Option<Value> {
        let control = matches!(considered.layer, Layer::ServiceControl | Layer::ResourceControl);
        let sees = self.sight.sees(considered.layer);
        if !sees && !control {
            return None;
        }
        let statements: Vec<Value> = considered
            .statements
            .iter()
            .filter(|_| sees)
            .map(|statement| {
                let misses: Vec<Miss> =
                    statement.misses.iter().map(|miss| named(miss, then)).collect();
                let why = misses.first().map_or_else(|| "applies".to_owned(), Miss::to_string);
                let texts: Vec<String> = misses.iter().map(Miss::to_string).collect();
                json!({
                    "policy": statement.statement.policy,
                    "sid": statement.statement.sid,
                    "index": statement.statement.index,
                    "effect": statement.effect,
                    "names": statement.names,
                    "applies": statement.applies(),
                    "misses": misses,
                    "why": why,
                    "whys": texts,
                })
            })
            .collect();
        Some(json!({
            "layer": considered.layer,
            "level": considered.level,
            "says": considered.says,
            "statements": statements,
        }))
    }
}

/// The miss with the names that unique ids had at that revision.
fn named(miss: &Miss, then: Option<&State>) -> Miss {
    let Miss::Principal { element, expected, actual } = miss else { return miss.clone() };
    let name = |text: &String| {
        let (id, session) = text.split_once(':').unwrap_or((text, ""));
        let arn = id.parse::<UniqueId>().ok().and_then(|id| then?.arn_of(&id));
        match arn {
            Some(arn) if session.is_empty() => format!("{arn} ({text})"),
            Some(arn) => format!("{arn}, session {session} ({text})"),
            None => text.clone(),
        }
    };
    let expected = expected.iter().map(name).collect();
    Miss::Principal { element, expected, actual: actual.clone() }
}

/// What the missing policy has to be attached to, in words that an administrator can follow.
fn attach_to(place: Place, principal: &Principal, resource: &names::Arn) -> String {
    let caller = principal.principal_arn().map_or_else(String::new, |arn| arn.to_string());
    match place {
        Place::Identity => caller,
        Place::Bucket => {
            let bucket = decide::bucket(resource).map(|bucket| names::Arn::bucket(&bucket));
            bucket.unwrap_or_else(|| resource.clone()).to_string()
        }
        Place::Trust => resource.to_string(),
        Place::Boundary => format!("the permissions boundary of {caller}"),
        Place::Session => "the session policy that the session is asked for with".to_owned(),
        Place::ServiceControl => "the service control policy of the caller's account".to_owned(),
        Place::ResourceControl => "the resource control policy of the owner's account".to_owned(),
    }
}

/// Who asked, as policies saw it; `None` if the state does not know them any more.
fn principal(opened: &Opened, state: &State) -> Option<Principal> {
    let record = opened.principal.as_ref()?;
    match record.kind.as_str() {
        "anonymous" => Some(Principal::Anonymous),
        "root" => Some(Principal::Root { account: opened.account? }),
        "user" => {
            let user = state.user_by_id(&record.id.parse().ok()?)?;
            Some(Principal::User {
                account: user.account,
                name: user.name.clone(),
                arn: user.arn(),
                id: user.id.clone(),
            })
        }
        "role-session" => {
            let (id, session) = record.id.split_once(':')?;
            let role = state.role_by_id(&id.parse().ok()?)?;
            Some(Principal::RoleSession {
                account: role.account,
                role: role.name.clone(),
                role_arn: role.arn(),
                id: role.id.clone(),
                session: session.parse().ok()?,
            })
        }
        "federated" => Some(Principal::Federated { provider: record.arn.clone()? }),
        "service" => Some(Principal::Service { name: record.id.clone() }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::narrowed::View;
    use super::*;

    fn opened(account: &str, principal: &str, more: &str) -> Opened {
        let id = "01KAZ0Q3V5R8T1W4X7Y0B2D5FG";
        let text = format!(
            r#"{{"v":1,"entry":"opened","id":"{id}","time":"2026-01-01T11:00:00.000Z",
                "verdict":"refused","reason":{{"code":"denied"}},"operation":"GetObject",
                "target":{{"resource":"arn:aws:s3:::fin/k"}},{account}"revision":0,
                "principal":{principal},"source":{{"transport":"plain"}},
                "durability":"available","checks":[{{"decision":"{id}-0",
                "action":"s3:GetObject","resource":"arn:aws:s3:::fin/k","need":"required",
                {more},
                "context":[{{"key":"aws:SourceIp","values":["10.0.0.1"]}}]}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    const BY_BUCKET: &str =
        r#""verdict":"implicit-deny","layer":"resource","by":{"policy":"bucket:fin","index":3}"#;
    const SILENT: &str = r#""verdict":"implicit-deny","layer":"resource""#;
    const NOBODY: &str = r#"{"kind":"anonymous","id":"anonymous"}"#;
    const GONE: &str = r#"{"kind":"user","id":"AIDAAAAAAAAAAAAAAAAAA",
        "arn":"arn:aws:iam::111122223333:user/ana"}"#;
    const ROOT: &str = r#"{"kind":"root","id":"111122223333",
        "arn":"arn:aws:iam::111122223333:root"}"#;
    const HOME: &str = r#""account":"111122223333","#;

    fn shown(opened: &Opened, view: View, state: Option<&State>) -> Value {
        let record = opened.checks.first().unwrap();
        let sight = view.sight(opened, record, state.unwrap_or(&State::default()));
        Again { opened, record, sight }.shown(state)
    }

    #[test]
    fn a_denial_names_the_grant_that_is_missing_and_where_it_belongs() {
        // A bucket that is not there is decided on as the caller's own, so that nobody has none.
        let opened = opened("", NOBODY, SILENT);
        let value = shown(&opened, View::Whole, Some(&State::default()));
        assert_eq!(value["agrees"], true, "{value}");
        assert_eq!(value["warning"], Value::Null);
        assert_eq!(value["recorded"], value["decided_again"]);
        assert_eq!(value["rules"], json!([]));
    }

    #[test]
    fn verdicts_that_differ_are_told_apart_loudly() {
        let opened = opened(HOME, ROOT, SILENT);
        let value = shown(&opened, View::Whole, Some(&State::default()));
        assert_eq!(value["recorded"]["verdict"], "implicit-deny");
        assert_eq!(value["decided_again"]["verdict"], "allow");
        assert_eq!(value["agrees"], false);
        assert_eq!(
            value["warning"],
            "THE DECISIONS DIFFER: recorded is implicit-deny (resource), decided again it is \
             allow (identity)"
        );
    }

    #[test]
    fn what_cannot_be_decided_again_is_said_so_and_the_record_stands() {
        let gone = opened(HOME, GONE, BY_BUCKET);
        for (state, note) in [(None, CANNOT_BE_HAD), (Some(&State::default()), CALLER_GONE)] {
            let value = shown(&gone, View::Whole, state);
            assert_eq!(value["notes"], json!([note]));
            assert_eq!(value["agrees"], Value::Null);
            assert_eq!(value["verdict"], "implicit-deny");
            assert_eq!(value["recorded"]["statement"]["index"], 3);
        }
    }

    #[test]
    fn another_account_is_not_told_what_the_owners_policy_says() {
        let opened = opened(HOME, GONE, BY_BUCKET);
        let caller = View::Account("111122223333".parse().unwrap());
        let later = State::default();
        // At a later state nobody knows whose bucket it was.
        let mut moved = opened.clone();
        moved.revision = Some(names::Revision(9));
        let value = shown(&moved, caller, Some(&later));
        assert_eq!((&value["statement"], &value["context"]), (&Value::Null, &json!([])));
        assert_eq!(value["recorded"]["statement"], Value::Null);
        assert!(value["notes"].as_array().unwrap().contains(&json!(NOT_ALL)), "{value}");
        let whole = shown(&moved, View::Whole, None);
        assert_eq!(whole["statement"]["policy"], "bucket:fin");
        assert_eq!(whole["context"][0]["key"], "aws:SourceIp");
    }

    #[test]
    fn the_operators_control_policies_are_not_told_to_an_account() {
        let by = r#""verdict":"explicit-deny","layer":"service-control",
            "by":{"policy":"scp:floor","index":0}"#;
        let opened = opened(HOME, ROOT, by);
        let own = View::Account("111122223333".parse().unwrap());
        let value = shown(&opened, own, Some(&State::default()));
        assert_eq!(value["because"], "service-control");
        assert_eq!(value["statement"], Value::Null);
        assert!(!value.to_string().contains("scp:floor"), "{value}");
        let value = shown(&opened, View::Whole, Some(&State::default()));
        assert_eq!(value["statement"]["policy"], "scp:floor");
        assert!(value["warning"].as_str().unwrap().contains("statement 0 of scp:floor"));
    }
}
