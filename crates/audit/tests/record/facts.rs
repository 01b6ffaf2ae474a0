//! What the schemas of others publish of the fields that our views have, and every event that a
//! test here makes, held against it (see `House::entries`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use strongroom_audit::Entry;
use strongroom_audit::view::{View, of};

type Rows = Vec<Vec<&'static str>>;

/// The columns of a table that is no comment.
fn rows(table: &'static str) -> Rows {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect()).collect()
}

/// Panics if the entry, told in any view, is not as that schema publishes.
pub(crate) fn hold_views_against_what_is_published(entry: &Entry) {
    for (view, wrong) in [
        (View::Ocsf, ocsf_wrong as fn(&Value) -> Vec<String>),
        (View::Ecs, ecs_wrong),
        (View::CloudTrail, cloudtrail_wrong),
    ] {
        let told = of(entry, view);
        let wrong = wrong(&told);
        assert!(wrong.is_empty(), "{view:?} {told:#}:\n{}", wrong.join("\n"));
    }
}

/// Whether a value is of a type of one of the schemas.
fn is(value: &Value, kind: &str) -> bool {
    let text = value.as_str();
    match kind {
        "string_t" | "keyword" | "string" => text.is_some(),
        "integer_t" | "long_t" | "timestamp_t" | "long" => value.is_i64() || value.is_u64(),
        "port_t" => value.as_u64().is_some_and(|port| port <= 65_535),
        "boolean_t" | "boolean" => value.is_boolean(),
        "ip_t" | "ip" => text.is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok()),
        "date" => text.is_some_and(|time| time.parse::<names::Timestamp>().is_ok()),
        "seconds" => text.is_some_and(|time| time.len() == "2026-01-02T03:04:05Z".len()),
        "any" => true,
        _ => value.is_object(),
    }
}

fn one_of(value: &Value, listed: &str) -> bool {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    listed == "-" || listed.split(',').any(|one| one == text)
}

fn ocsf_wrong(event: &Value) -> Vec<String> {
    let facts = rows(include_str!("facts/ocsf-1.3.0.tsv"));
    let class = if event["class_uid"] == 3002 { "authentication" } else { "api_activity" };
    let mut wrong = Vec::new();
    object_wrong(&facts, class, event, &mut wrong);
    let type_uid =
        event["class_uid"].as_u64().unwrap() * 100 + event["activity_id"].as_u64().unwrap();
    if event["type_uid"] != type_uid {
        wrong.push("type_uid is not class · 100 + activity".to_owned());
    }
    // Constraints of the schema: at least one of these.
    for (object, names) in [
        ("/actor", &["process", "user", "invoked_by", "session", "app_name", "app_uid"][..]),
        ("/actor/user", &["account", "name", "uid"]),
        ("/user", &["account", "name", "uid"]),
        ("/src_endpoint", &["ip", "uid", "name", "hostname", "svc_name", "instance_uid"]),
        ("/metadata/product", &["name", "uid"]),
        ("/service", &["name", "uid"]),
    ] {
        if let Some(object_) = event.pointer(object)
            && names.iter().all(|name| object_.get(name).is_none())
        {
            wrong.push(format!("{object} has none of {names:?}"));
        }
    }
    wrong
}

fn object_wrong(facts: &Rows, name: &str, object: &Value, wrong: &mut Vec<String>) {
    let members = object.as_object().unwrap();
    let own: BTreeMap<&str, &Vec<&str>> =
        facts.iter().filter(|row| row[0] == name).map(|row| (row[1], row)).collect();
    for (member, row) in &own {
        if row[4] == "required" && !members.contains_key(*member) {
            wrong.push(format!("{name} has no {member}, which is required"));
        }
    }
    for (member, value) in members {
        let Some(row) = own.get(member.as_str()) else {
            wrong.push(format!("{name} has {member}, which the schema does not have"));
            continue;
        };
        let values = match (row[3], value) {
            ("array", Value::Array(values)) => values.clone(),
            ("one", value) => vec![value.clone()],
            _ => Vec::new(),
        };
        if values.is_empty() || !values.iter().all(|value| is(value, row[2])) {
            wrong.push(format!("{name}.{member} is no {} ({}): {value}", row[2], row[3]));
        }
        for value in values {
            if !one_of(&value, row[5]) {
                wrong.push(format!("{name}.{member} is none of {}: {value}", row[5]));
            }
            if value.is_object() && row[2] != "object" {
                object_wrong(facts, row[2], &value, wrong);
            }
        }
    }
}

/// The paths of an object's members that are no objects themselves.
fn flat(value: &Value, path: &str, into: &mut Vec<(String, Value)>) {
    let Some(members) = value.as_object() else {
        return into.push((path.to_owned(), value.clone()));
    };
    for (name, value) in members {
        let dot = if path.is_empty() { "" } else { "." };
        flat(value, &format!("{path}{dot}{name}"), into);
    }
}

/// Types of event that a category expects (`expected_event_types`).
const EXPECTED: [(&str, &[&str]); 4] = [
    (
        "api",
        &[
            "access", "admin", "allowed", "change", "creation", "deletion", "denied", "end",
            "info", "start", "user",
        ],
    ),
    ("authentication", &["start", "end", "info"]),
    ("file", &["access", "change", "creation", "deletion", "info"]),
    ("iam", &["admin", "change", "creation", "deletion", "group", "info", "user"]),
];

fn ecs_wrong(event: &Value) -> Vec<String> {
    let facts = rows(include_str!("facts/ecs-8.17.tsv"));
    let mut leaves = Vec::new();
    flat(event, "", &mut leaves);
    let mut wrong = Vec::new();
    for (path, value) in leaves.iter().filter(|(path, _)| !path.starts_with("strongroom.")) {
        let Some(row) = facts.iter().find(|row| row[0] == path) else {
            wrong.push(format!("{path} is no field"));
            continue;
        };
        let values = match (row[2], value) {
            ("array", Value::Array(values)) => values.clone(),
            ("one", value) => vec![value.clone()],
            _ => Vec::new(),
        };
        let fits = |value: &Value| is(value, row[1]) && one_of(value, row[3]);
        if values.is_empty() || !values.iter().all(fits) {
            wrong.push(format!("{path} is no {} ({}): {value}", row[1], row[2]));
        }
    }
    for required in ["@timestamp", "ecs.version"] {
        if !leaves.iter().any(|(path, _)| path == required) {
            wrong.push(format!("{required} is required"));
        }
    }
    let words = |path: &str| -> BTreeSet<&str> {
        event.pointer(path).unwrap().as_array().unwrap().iter().filter_map(Value::as_str).collect()
    };
    let categories = words("/event/category");
    let expected = |kind: &&&str| {
        EXPECTED.iter().any(|(name, kinds)| categories.contains(name) && kinds.contains(*kind))
    };
    let kinds = words("/event/type");
    wrong.extend(kinds.iter().filter(|kind| !expected(kind)).map(|kind| format!("type {kind}")));
    wrong
}

fn cloudtrail_wrong(event: &Value) -> Vec<String> {
    let facts = rows(include_str!("facts/cloudtrail-1.11.tsv"));
    let mut wrong = Vec::new();
    for row in facts.iter().filter(|row| row[2] == "required") {
        if event.pointer(&format!("/{}", row[0].replace('.', "/"))).is_none() {
            wrong.push(format!("{} is not there", row[0]));
        }
    }
    walk_cloudtrail(&facts, event, "", &mut wrong);
    wrong
}

fn walk_cloudtrail(facts: &Rows, value: &Value, path: &str, wrong: &mut Vec<String>) {
    for (name, value) in value.as_object().unwrap() {
        let dot = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{dot}{name}");
        match facts.iter().find(|row| row[0] == path) {
            None => wrong.push(format!("{path} is no field")),
            Some(row) if !is(value, row[1]) || !one_of(value, row[3]) => {
                wrong.push(format!("{path} is no {} of {}: {value}", row[1], row[3]));
            }
            Some(row) if row[1] == "object" => walk_cloudtrail(facts, value, &path, wrong),
            Some(_) => {}
        }
    }
}

#[test]
fn what_a_schema_does_not_have_or_not_so_is_found() {
    let mut event = serde_json::json!({
        "class_uid": 6003, "category_uid": 6, "activity_id": 2, "type_uid": 600_302,
        "severity_id": 1, "time": 1, "action_id": 1,
        "metadata": {"version": "1.3.0", "product": {"name": "x", "vendor_name": "x"}},
        "actor": {"app_name": "x"}, "src_endpoint": {"ip": "10.0.0.1"}, "api": {"operation": "x"},
    });
    assert_eq!(ocsf_wrong(&event), Vec::<String>::new());
    for (path, value) in [
        ("/type_uid", serde_json::json!(1)),
        ("/severity_id", serde_json::json!(7)),
        ("/time", serde_json::json!("now")),
        ("/src_endpoint", serde_json::json!({})),
        ("/src_endpoint/ip", serde_json::json!("host")),
        ("/actor", serde_json::json!({"name": "x"})),
        ("/api", serde_json::json!({})),
    ] {
        let kept = std::mem::replace(event.pointer_mut(path).unwrap(), value);
        assert!(!ocsf_wrong(&event).is_empty(), "{path}");
        *event.pointer_mut(path).unwrap() = kept;
    }
    let kinds = serde_json::json!({"category": ["file"], "type": ["start"], "kind": "event"});
    let ecs = serde_json::json!({"@timestamp": "2026-01-02T03:04:05Z", "event": kinds});
    assert_eq!(ecs_wrong(&ecs), ["ecs.version is required", "type start"]);
    assert!(cloudtrail_wrong(&serde_json::json!({"colour": "red"})).len() > 5);
}
