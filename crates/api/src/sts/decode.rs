//! `DecodeAuthorizationMessage`: the proof of a decision, in the form in which AWS tells it.
//!
//! The message is what every refusal carries as its decision id. Nothing is in it: the record is
//! asked, so that whoever holds a message learns no more of it than it may.

use audit::entry::CheckRecord;
use audit::{Entry, Permit};
use identity::ops::DecodeAuthorizationMessage;
use names::DecisionId;
use policy::decision::Verdict;
use serde_json::{Value, json};
use wire::{QueryOutput as _, sts};

use crate::Response;
use crate::admin::{View, read_journal};
use crate::error::ApiError;
use crate::exchange::{Act, Answer, Exchange, Prepared};
use crate::iam::{Parsed, prepared};

/// `DecodeAuthorizationMessage`
pub(crate) async fn decode(x: Exchange) -> Response {
    let prepared = prepare(&x);
    x.through(prepared, async |act: Act, permit: Permit<DecodeAuthorizationMessage>| {
        let DecodeAuthorizationMessage { account, decision } = permit.op().clone();
        let state = act.services.identity.snapshot();
        let view = View::of(account, &state);
        let id = decision.request;
        let found = read_journal(&act.services, move |journal| journal.reader()?.find(id)).await?;
        let entry = found.filter(|entry| view.admits(entry, &state)).ok_or_else(undecodable)?;
        let entry = view.narrow(entry, &state);
        let record = entry.opened.checks.iter().find(|record| record.decision == decision);
        let told = told(&entry, record.ok_or_else(undecodable)?).to_string();
        let answer = sts::DecodeAuthorizationMessageResponse { decoded_message: Some(told) };
        Ok(Answer::from(answer.to_response(&act.request_id)))
    })
    .await
}

fn prepare(x: &Exchange) -> Parsed<Prepared<DecodeAuthorizationMessage>> {
    let message: sts::DecodeAuthorizationMessageRequest = x.form_message()?;
    let decision: DecisionId = message.encoded_message.parse().map_err(|_| undecodable())?;
    Ok(prepared(DecodeAuthorizationMessage { account: x.own_account()?, decision }))
}

/// One answer for what is no message, what nobody knows, and what is not for this caller's eyes.
fn undecodable() -> ApiError {
    let message = "Message cannot be decoded: it is the decision id of a refusal that you may see.";
    ApiError::new(400, "InvalidAuthorizationMessageException", message)
        .because(audit::Reason::Malformed { what: "message" })
}

/// The decision, in AWS's words (STS API reference, "DecodeAuthorizationMessage").
fn told(entry: &Entry, record: &CheckRecord) -> Value {
    let who = entry.opened.principal.as_ref();
    let condition = |named: &policy::decision::NamedValue| {
        let values = named.values.iter().flatten();
        let items: Vec<Value> = values.map(|value| json!({ "value": value })).collect();
        json!({ "key": named.key, "values": { "items": items } })
    };
    let matched = record.by.iter().map(|by| {
        json!({
            "statementId": by.sid,
            "sourcePolicyId": by.policy,
            "sourcePolicyType": record.layer.to_string(),
            "statement": by.index,
        })
    });
    json!({
        "allowed": record.verdict == Verdict::Allow,
        "explicitDeny": record.verdict == Verdict::ExplicitDeny,
        "matchedStatements": { "items": matched.collect::<Vec<_>>() },
        "failures": { "items": [] },
        "context": {
            "principal": {
                "id": who.map(|who| &who.id),
                "arn": who.and_then(|who| who.arn.as_ref()),
            },
            "action": record.action,
            "resource": record.resource,
            "conditions": { "items": record.context.iter().map(condition).collect::<Vec<_>>() },
        },
    })
}
