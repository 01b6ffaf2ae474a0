//! An entry as an event of the Elastic Common Schema 8.17
//! (elastic.co/guide/en/ecs/8.17/ecs-field-reference.html); what it has no field for is under
//! `strongroom`.

use serde_json::{Value, json};

use super::words::{
    Came, Deed, came, deed, is_login, name, person, resource, service, telling, why,
};
use crate::entry::Entrance;
use crate::reader::Entry;
use crate::told::object;

const VERSION: &str = "8.17.0";

pub(super) fn of(entry: &Entry) -> Value {
    let opened = &entry.opened;
    let closed = entry.closed.as_ref();
    let ip = opened.source.ip.or(opened.source.peer.map(|peer| peer.ip()));
    let account = opened.account.map(|account| json!({ "account": { "id": account } }));
    let rule = telling(entry).and_then(|check| check.by.as_ref());
    let rule = rule.map(|by| {
        object([
            ("ruleset", json!(by.policy)),
            ("id", json!(by.index.to_string())),
            ("name", json!(by.sid)),
        ])
    });
    let error = closed.and_then(|closed| closed.code.as_ref());
    object([
        ("@timestamp", json!(opened.time)),
        ("ecs", json!({ "version": VERSION })),
        ("event", event(entry)),
        ("user", user(entry)),
        (
            "source",
            object([
                ("ip", json!(ip)),
                ("address", json!(ip)),
                ("port", json!(opened.source.peer.map(|peer| peer.port()))),
            ]),
        ),
        ("cloud", json!(account)),
        ("http", http(entry)),
        ("user_agent", object([("original", json!(opened.source.user_agent))])),
        ("rule", json!(rule)),
        ("error", object([("code", json!(error))])),
        ("related", related(entry)),
        ("strongroom", own(entry)),
    ])
}

fn event(entry: &Entry) -> Value {
    let opened = &entry.opened;
    let closed = entry.closed.as_ref();
    let outcome = match came(entry) {
        Came::Success => "success",
        Came::Failure => "failure",
        Came::Unknown => "unknown",
    };
    let category = match (is_login(entry), service(entry)) {
        (true, _) => vec!["authentication", "api"],
        (false, "iam") => vec!["iam", "api"],
        (false, "s3") => vec!["file", "api"],
        (false, _) => vec!["api"],
    };
    let kind = match (is_login(entry), deed(entry)) {
        (true, _) => "start",
        (_, Deed::Create) => "creation",
        (_, Deed::Read) => "access",
        (_, Deed::Update) => "change",
        (_, Deed::Delete) => "deletion",
        (_, Deed::Other) => "info",
    };
    let verdict = match opened.verdict {
        Entrance::Allowed => "allowed",
        Entrance::Refused => "denied",
    };
    object([
        ("kind", "event".into()),
        ("category", json!(category)),
        ("type", json!([kind, verdict])),
        ("module", "strongroom".into()),
        ("dataset", "strongroom.audit".into()),
        ("provider", service(entry).into()),
        ("action", json!(opened.operation)),
        ("outcome", outcome.into()),
        ("reason", json!(why(entry))),
        ("id", json!(opened.id)),
        ("sequence", entry.index.into()),
        ("start", json!(opened.time)),
        ("end", json!(closed.map(|closed| closed.time))),
        ("duration", json!(closed.map(|closed| closed.duration_us.saturating_mul(1000)))),
    ])
}

fn user(entry: &Entry) -> Value {
    let opened = &entry.opened;
    let Some(principal) = opened.principal.as_ref() else { return Value::Null };
    object([
        ("id", json!(principal.id)),
        ("name", name(principal).into()),
        ("full_name", json!(opened.human.as_ref().map(person))),
        ("domain", json!(opened.account)),
        ("roles", json!((principal.kind == "role-session").then(|| vec![&principal.arn]))),
    ])
}

fn http(entry: &Entry) -> Value {
    let method = Some(&entry.opened.source.method).filter(|method| !method.is_empty());
    let closed = entry.closed.as_ref();
    object([
        ("request", object([
            ("id", json!(entry.opened.id)),
            ("method", json!(method)),
            ("body", closed.map_or(Value::Null, |c| json!({ "bytes": c.bytes_in }))),
        ])),
        ("response", closed.map_or(Value::Null, |closed| {
            json!({ "status_code": closed.status, "body": { "bytes": closed.bytes_out } })
        })),
    ])
}

fn related(entry: &Entry) -> Value {
    let source = &entry.opened.source;
    let mut ips: Vec<_> = source.ip.into_iter().chain(source.peer.map(|p| p.ip())).collect();
    ips.dedup();
    let principal = entry.opened.principal.as_ref();
    let human = entry.opened.human.as_ref();
    let users: Vec<&str> = principal
        .map(|principal| principal.id.as_str())
        .into_iter()
        .chain(human.map(|human| human.subject.as_str()))
        .collect();
    object([("ip", json!(ips)), ("user", json!(users))])
}

fn own(entry: &Entry) -> Value {
    let opened = &entry.opened;
    object([
        ("verdict", json!(opened.verdict)),
        ("reason", json!(opened.reason)),
        ("resource", json!(resource(entry))),
        ("principal", json!(opened.principal)),
        ("credential", json!(opened.credential)),
        ("how", json!(opened.how)),
        ("human", json!(opened.human)),
        ("chain", json!(opened.chain)),
        ("mints", json!(opened.mints)),
        ("revision", json!(opened.revision)),
        ("transport", json!(opened.source.transport)),
        ("checks", json!(opened.checks)),
        ("outcome", json!(entry.closed.as_ref().map(|closed| closed.outcome))),
    ])
}
