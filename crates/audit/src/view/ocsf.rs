//! An entry as an event of the Open Cybersecurity Schema Framework 1.3.0 (schema.ocsf.io/1.3.0):
//! API Activity, or Authentication for what mints a session.

use serde_json::{Value, json};

use super::words::{
    Came, Deed, came, deed, is_login, name, person, resource, service, telling, why,
};
use crate::entry::{CheckRecord, Entrance};
use crate::reader::Entry;
use crate::told::object;
use crate::who::How;

const VERSION: &str = "1.3.0";
/// Categories and classes: "Application Activity", "API Activity"; "Identity & Access
/// Management", "Authentication".
const API_ACTIVITY: (u32, u32) = (6, 6003);
const AUTHENTICATION: (u32, u32) = (3, 3002);

pub(super) fn of(entry: &Entry) -> Value {
    let opened = &entry.opened;
    let login = is_login(entry);
    let (category, class) = if login { AUTHENTICATION } else { API_ACTIVITY };
    let activity = if login { 1 } else { activity(deed(entry)) };
    let closed = entry.closed.as_ref();
    let refused = opened.verdict == Entrance::Refused;
    let (status, status_id) = match came(entry) {
        Came::Success => ("Success", 1),
        Came::Failure => ("Failure", 2),
        Came::Unknown => ("Unknown", 0),
    };
    let mut members = vec![
        ("activity_id", activity.into()),
        ("activity_name", if activity == 99 { json!(opened.operation) } else { Value::Null }),
        ("category_uid", category.into()),
        ("class_uid", class.into()),
        ("type_uid", class.saturating_mul(100).saturating_add(activity).into()),
        ("severity_id", if refused { 3 } else { 1 }.into()),
        ("time", opened.time.millis().into()),
        ("start_time", opened.time.millis().into()),
        ("end_time", json!(closed.map(|closed| closed.time.millis()))),
        ("duration", json!(closed.map(|closed| closed.duration_us / 1000))),
        ("status", status.into()),
        ("status_id", status_id.into()),
        ("status_code", json!(why(entry))),
        ("status_detail", json!(opened.reason.as_ref().and_then(|r| r.detail.as_ref()))),
        ("metadata", metadata(entry)),
        ("action_id", if refused { 2 } else { 1 }.into()),
        ("disposition_id", if refused { 2 } else { 1 }.into()),
        ("authorizations", opened.checks.iter().map(authorization).collect()),
        ("actor", actor(entry)),
        ("src_endpoint", source(entry)),
        ("http_request", http_request(entry)),
        ("unmapped", unmapped(entry)),
    ];
    members.extend(if login { authentication(entry) } else { api_activity(entry) });
    object(members)
}

/// What only Authentication has.
fn authentication(entry: &Entry) -> Vec<(&'static str, Value)> {
    let opened = &entry.opened;
    let minted = opened.mints.as_ref().map(
        |minted| json!({ "uid": minted.credential, "expiration_time": minted.expires.millis() }),
    );
    vec![
        ("user", subject(entry)),
        ("service", json!({ "name": service(entry) })),
        ("is_remote", true.into()),
        ("is_cleartext", json!(opened.source.transport == crate::Transport::Plain)),
        ("auth_protocol_id", protocol(opened.how).into()),
        ("auth_protocol", json!(opened.how.filter(|how| protocol(Some(*how)) == 99))),
        ("session", json!(minted)),
    ]
}

/// What only API Activity has.
fn api_activity(entry: &Entry) -> Vec<(&'static str, Value)> {
    let response = entry
        .closed
        .as_ref()
        .map(|closed| object([("code", closed.status.into()), ("error", json!(closed.code))]));
    let api = object([
        ("operation", json!(entry.opened.operation)),
        ("service", json!({ "name": service(entry) })),
        ("request", json!({ "uid": entry.opened.id })),
        ("response", json!(response)),
    ]);
    let resources = resource(entry).map(|arn| vec![json!({ "uid": arn })]);
    vec![("api", api), ("resources", json!(resources))]
}

/// The methods that OCSF knows.
const METHODS: [&str; 8] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE"];

/// `activity_id` of API Activity.
fn activity(deed: Deed) -> u32 {
    match deed {
        Deed::Create => 1,
        Deed::Read => 2,
        Deed::Update => 3,
        Deed::Delete => 4,
        Deed::Other => 99,
    }
}

/// `auth_protocol_id` of Authentication: 4 is OpenID, 99 other, 0 unknown.
fn protocol(how: Option<How>) -> u32 {
    match how {
        Some(How::WebIdentity | How::Bearer) => 4,
        Some(_) => 99,
        None => 0,
    }
}

fn metadata(entry: &Entry) -> Value {
    json!({
        "version": VERSION,
        "product": { "name": "Strongroom", "vendor_name": "Strongroom" },
        "profiles": ["security_control"],
        "uid": entry.opened.id,
        "sequence": entry.index,
        "log_name": "strongroom.audit",
    })
}

fn authorization(check: &CheckRecord) -> Value {
    let policy = check.by.as_ref().map(|by| {
        object([
            ("name", json!(by.policy)),
            ("desc", json!(by.sid)),
            ("uid", json!(by.index.to_string())),
        ])
    });
    object([("decision", json!(check.verdict)), ("policy", json!(policy))])
}

/// Who asks: the principal; of one that was never identified, what it calls itself.
fn actor(entry: &Entry) -> Value {
    let opened = &entry.opened;
    let agent = opened.source.user_agent.as_deref().unwrap_or("unknown");
    let session = opened.session_expires.map(|expires| {
        object([("uid", json!(opened.credential)), ("expiration_time", expires.millis().into())])
    });
    let idp = opened.human.as_ref().map(|human| json!({ "uid": human.provider }));
    object([
        ("user", user(entry)),
        ("session", json!(session)),
        ("idp", json!(idp)),
        ("app_name", agent.into()),
    ])
}

fn user(entry: &Entry) -> Value {
    let opened = &entry.opened;
    let Some(principal) = opened.principal.as_ref() else { return Value::Null };
    let type_id = match principal.kind.as_str() {
        "root" => 2,
        "service" => 3,
        "anonymous" => 0,
        _ => 1,
    };
    object([
        ("type_id", type_id.into()),
        ("name", name(principal).into()),
        ("uid", json!(principal.arn.as_ref().map_or(principal.id.as_str(), |arn| arn.as_str()))),
        ("uid_alt", json!(principal.id)),
        ("credential_uid", json!(opened.credential)),
        ("full_name", json!(opened.human.as_ref().map(person))),
        ("account", json!(opened.account.map(|account| json!({ "uid": account })))),
    ])
}

/// Whom an authentication is about: the role or the caller that the session is for.
fn subject(entry: &Entry) -> Value {
    let known = user(entry);
    if !known.is_null() {
        return known;
    }
    let uid = resource(entry).unwrap_or("unknown");
    json!({ "type_id": 0, "uid": uid })
}

fn source(entry: &Entry) -> Value {
    let source = &entry.opened.source;
    let ip = source.ip.or(source.peer.map(|peer| peer.ip()));
    object([
        ("ip", json!(ip)),
        ("port", json!(source.peer.map(|peer| peer.port()))),
        ("svc_name", if ip.is_none() { "strongroom".into() } else { Value::Null }),
    ])
}

fn http_request(entry: &Entry) -> Value {
    let source = &entry.opened.source;
    let method = Some(&source.method).filter(|method| METHODS.contains(&method.as_str()));
    object([("http_method", json!(method)), ("user_agent", json!(source.user_agent))])
}

/// What OCSF has no place for.
fn unmapped(entry: &Entry) -> Value {
    let opened = &entry.opened;
    let closed = entry.closed.as_ref();
    object([
        ("how", json!(opened.how)),
        ("human", json!(opened.human)),
        ("chain", json!(opened.chain)),
        ("revision", json!(opened.revision)),
        ("layer", json!(telling(entry).map(|check| check.layer))),
        ("outcome", json!(closed.map(|closed| closed.outcome))),
        ("status", json!(closed.map(|closed| closed.status))),
        ("bytes_in", json!(closed.map(|closed| closed.bytes_in))),
        ("bytes_out", json!(closed.map(|closed| closed.bytes_out))),
    ])
}
