//! Why a request was decided as it was: what the record says, and what every statement of the state
//! at that revision had to say about it.

use audit::entry::{CheckRecord, Opened};
use audit::{Entry, Permit, Who};
use identity::ops::ExplainDecision;
use identity::{Caller, State};
use names::{DecisionId, RequestId};
use policy::decision::{Layer, Verdict};
use policy::facts::{Facts, Value as Fact};
use policy::operation::Check;
use policy::principal::Principal;
use policy::{Considered, Place, Question, Trace, smallest_grant};
use serde_json::{Value, json};

use super::narrowed::{View, check, resource_side};
use super::{Parsed, account, answer, invalid, missing, read_journal};
use crate::exchange::{Act, Exchange, Prepared};
use crate::{Response, decide};

/// `GET explain/{decision id or request id}`
pub(crate) async fn explain(mut x: Exchange) -> Response {
    let (prepared, wanted) = match prepare(&mut x) {
        Ok((prepared, wanted)) => (Ok(prepared), wanted),
        Err(error) => (Err(error), Wanted::Everything),
    };
    x.through(prepared, async move |act: Act, permit: Permit<ExplainDecision>| {
        let ExplainDecision { account, decision } = permit.op().clone();
        let state = act.services.identity.snapshot();
        let view = View::of(account, &state);
        let id = decision.request;
        let found = read_journal(&act.services, move |journal| journal.reader()?.find(id)).await?;
        let entry = found.filter(|entry| view.admits(entry)).ok_or_else(|| nothing(id))?;
        let then = match entry.opened.revision {
            Some(revision) => Some(act.services.identity.at(revision).await),
            None => None,
        };
        let then = then.and_then(|then| {
            then.inspect_err(|error| tracing::warn!(%error, "a past state cannot be had")).ok()
        });
        let chosen = |record: &&CheckRecord| match wanted {
            Wanted::Everything => true,
            Wanted::One => record.decision == decision,
        };
        let checks: Vec<Value> = entry
            .opened
            .checks
            .iter()
            .filter(chosen)
            .map(|record| Again { opened: &entry.opened, record, view }.shown(then.as_ref()))
            .collect();
        if wanted == Wanted::One && checks.is_empty() && decision.ordinal > 0 {
            return Err(nothing(decision));
        }
        let mut value = super::audit::shown(&view.narrow(entry.clone(), &state))?;
        if let Some(members) = value.as_object_mut() {
            members.remove("checks");
        }
        answer(&json!({ "summary": summary(&entry), "entry": value, "checks": checks }))
    })
    .await
}

/// Which decisions of an entry are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    One,
    Everything,
}

fn prepare(x: &mut Exchange) -> Parsed<(Prepared<ExplainDecision>, Wanted)> {
    x.no_body()?;
    x.parameters(&[])?;
    let id = x.segment()?;
    let (decision, wanted) = match (id.parse::<RequestId>(), id.parse::<DecisionId>()) {
        (Ok(request), _) => (DecisionId { request, ordinal: 0 }, Wanted::Everything),
        (_, Ok(decision)) => (decision, Wanted::One),
        _ => return Err(invalid("that is neither a decision id nor a request id")),
    };
    Ok((Prepared::new(ExplainDecision { account: account(x)?, decision }), wanted))
}

fn nothing(id: impl std::fmt::Display) -> crate::error::ApiError {
    let help = "an account sees the requests of its own callers; the account that owns the \
                installation sees all of them";
    missing("NoSuchDecision", format!("the record has no `{id}` that you may see"), help)
}

/// One sentence for people: who was answered what.
fn summary(entry: &Entry) -> String {
    let opened = &entry.opened;
    let who = opened.principal.as_ref();
    let who = who
        .map_or("somebody unknown", |who| who.arn.as_ref().map_or("anonymous", |arn| arn.as_str()));
    let human = opened.human.as_ref().map(|human| human.display.as_ref().unwrap_or(&human.subject));
    let human = human.map(|human| format!(" ({human})")).unwrap_or_default();
    let verdict = match opened.verdict {
        audit::entry::Entrance::Allowed => "was allowed",
        audit::entry::Entrance::Refused => "was refused",
    };
    let on = opened.target.as_ref().map(|target| format!(" on {}", target.resource));
    let reason = opened.reason.as_ref().map(|reason| match &reason.detail {
        Some(detail) => format!(": {} ({detail})", reason.code),
        None => format!(": {}", reason.code),
    });
    format!(
        "{who}{human} {verdict} {}{} at {}{}",
        opened.operation,
        on.unwrap_or_default(),
        opened.time.iso_seconds(),
        reason.unwrap_or_default(),
    )
}

const CANNOT_BE_HAD: &str = "the state at that revision cannot be had: nothing was decided again";
const CALLER_GONE: &str = "the caller did not exist at that revision: nothing was decided again";

/// A recorded decision, to be made again.
struct Again<'a> {
    opened: &'a Opened,
    record: &'a CheckRecord,
    view: View,
}

impl Again<'_> {
    fn shown(&self, then: Option<&State>) -> Value {
        let record = self.record;
        let check = check(record);
        let sees = then.is_some_and(|state| self.view.sees_resource_side(&check, state))
            || self.view == View::Whole;
        let mut value = json!({
            "decision": record.decision,
            "item": record.item,
            "verdict": record.verdict,
            "action": record.action,
            "resource": record.resource,
            "need": record.need,
            "because": record.layer,
            "statement": record.by.as_ref().filter(|_| sees || !resource_side(record.layer)),
            "context": if sees { json!(record.context) } else { Value::Null },
        });
        let more = match then.map(|state| self.trace(&check, state)) {
            None => {
                json!({ "note": CANNOT_BE_HAD })
            }
            Some(None) => {
                json!({ "note": CALLER_GONE })
            }
            Some(Some((trace, principal))) => self.traced(&trace, &principal, sees),
        };
        if let (Some(members), Value::Object(more)) = (value.as_object_mut(), more) {
            members.extend(more);
        }
        value
    }

    /// The decision made again with everything that the record kept; `None` if nobody knows any
    /// more whose policies applied.
    fn trace(&self, check: &Check, state: &State) -> Option<(Trace, Principal)> {
        let principal = principal(self.opened, state)?;
        let who = Who { principal: principal.clone(), ..Who::anonymous() };
        let mut policies = state.policies_of(&Caller { who, session: None });
        // Session policies are in the session's token, which nobody keeps. One that did not allow
        // is told as one that allows nothing; one that did is not told.
        if self.record.layer == Layer::Session && self.record.verdict != Verdict::Allow {
            policies.session = Some(Vec::new());
        }
        let account = self.opened.account;
        let resource = decide::side(state, account, check);
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
        Some((policy::explain(check, &question), principal))
    }

    fn traced(&self, trace: &Trace, principal: &Principal, sees: bool) -> Value {
        let seen = |layer: &&Considered| sees || !resource_side(layer.layer);
        let considered: Vec<Value> =
            trace.considered.iter().filter(seen).flat_map(statements).collect();
        let grants: Vec<Value> = smallest_grant(&trace.decision, principal)
            .iter()
            .map(|grant| {
                let policy: Value = serde_json::from_str(&grant.policy).unwrap_or_default();
                let to = attach_to(grant.place, principal, &self.record.resource);
                json!({ "place": grant.place, "attach_to": to, "policy": policy })
            })
            .collect();
        let same = trace.decision.verdict() == self.record.verdict;
        let note = (!same).then_some(
            "decided again, the answer is another one: what decided was not kept, such as the \
             policy of the session",
        );
        json!({
            "considered": considered,
            "missing_grant": grants.first(),
            "missing_grants": grants,
            "note": note,
        })
    }
}

fn statements(considered: &Considered) -> Vec<Value> {
    let statements = considered.statements.iter().map(|trace| {
        json!({
            "layer": considered.layer,
            "level": considered.level,
            "policy": trace.statement.policy,
            "sid": trace.statement.sid,
            "index": trace.statement.index,
            "effect": trace.effect,
            "outcome": trace.outcome,
            "why": trace.outcome.to_string(),
        })
    });
    statements.collect()
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
    use super::*;

    const ID: &str = "01KAZ0Q3V5R8T1W4X7Y0B2D5FG";

    fn opened(principal: &str) -> Opened {
        let text = format!(
            r#"{{"v":1,"entry":"opened","id":"{ID}","time":"2026-01-01T11:00:00.000Z",
                "verdict":"refused","reason":{{"code":"denied"}},"operation":"GetObject",
                "target":{{"resource":"arn:aws:s3:::fin/k"}},"account":"111122223333","revision":1,
                "principal":{principal},"source":{{"transport":"plain"}},
                "durability":"available","checks":[{{"decision":"{ID}-0",
                "action":"s3:GetObject","resource":"arn:aws:s3:::fin/k","need":"required",
                "verdict":"implicit-deny","layer":"resource",
                "by":{{"policy":"bucket:fin","index":3}},
                "context":[{{"key":"aws:SourceIp","values":["10.0.0.1"]}}]}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn shown(principal: &str, view: View, state: Option<&State>) -> Value {
        let opened = opened(principal);
        let record = opened.checks.first().unwrap();
        Again { opened: &opened, record, view }.shown(state)
    }

    const NOBODY: &str = r#"{"kind":"anonymous","id":"anonymous"}"#;
    const GONE: &str = r#"{"kind":"user","id":"AIDAAAAAAAAAAAAAAAAAA",
        "arn":"arn:aws:iam::111122223333:user/ana"}"#;

    #[test]
    fn a_denial_names_the_grant_that_is_missing_and_where_it_belongs() {
        let value = shown(NOBODY, View::Whole, Some(&State::default()));
        let grant = value.get("missing_grant").unwrap();
        assert_eq!(grant.pointer("/attach_to").unwrap(), "arn:aws:s3:::fin");
        let statement = grant.pointer("/policy/Statement/0").unwrap();
        assert_eq!(statement["Action"], "s3:GetObject");
        assert_eq!(statement["Resource"], "arn:aws:s3:::fin/k");
        assert_eq!(value["note"], Value::Null);
    }

    #[test]
    fn what_cannot_be_decided_again_is_said_so_and_the_record_stands() {
        let value = shown(NOBODY, View::Whole, None);
        assert!(value["note"].as_str().unwrap().contains("cannot be had"), "{value}");
        assert_eq!(value["verdict"], "implicit-deny");
        assert_eq!(value["statement"]["index"], 3);
        let value = shown(GONE, View::Whole, Some(&State::default()));
        assert!(value["note"].as_str().unwrap().contains("did not exist"), "{value}");
    }

    #[test]
    fn another_account_is_not_told_what_the_owners_policy_says() {
        let other = View::Account("444455556666".parse().unwrap());
        let value = shown(NOBODY, other, None);
        assert_eq!((&value["statement"], &value["context"]), (&Value::Null, &Value::Null));
        let whole = shown(NOBODY, View::Whole, None);
        assert_eq!(whole["statement"]["policy"], "bucket:fin");
        assert_eq!(whole["context"][0]["key"], "aws:SourceIp");
    }

    #[test]
    fn the_summary_says_who_was_refused_what_and_why() {
        let entry = Entry { index: 0, opened: opened(GONE), closed: None };
        assert_eq!(
            summary(&entry),
            "arn:aws:iam::111122223333:user/ana was refused GetObject on arn:aws:s3:::fin/k at \
             2026-01-01T11:00:00Z: denied"
        );
    }
}
