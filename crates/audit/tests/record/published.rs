//! The published schema, `docs/audit-schema.json`, and the entries: every entry that a test here
//! reads is held against it (see `House::entries`), and everything it names occurs.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use strongroom_audit::Entry;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../../docs/audit-schema.json")).unwrap()
}

/// What is wrong with a value by a schema. Reads the keywords that ours uses, and no other.
fn wrong(schema: &Value, value: &Value, root: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (keyword, rule) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$ref" => {
                let path = rule.as_str().unwrap().strip_prefix('#').unwrap();
                found.extend(wrong(root.pointer(path).unwrap(), value, root, at));
                true
            }
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "type" => types(rule).iter().any(|name| is(value, name)),
            "minimum" => value.as_i64() >= rule.as_i64(),
            "minLength" => value.as_str().is_none_or(|s| s.len() as u64 >= rule.as_u64().unwrap()),
            "maxLength" => value.as_str().is_none_or(|s| s.len() as u64 <= rule.as_u64().unwrap()),
            "required" => value.as_object().is_none_or(|members| {
                rule.as_array().unwrap().iter().all(|n| members.contains_key(n.as_str().unwrap()))
            }),
            "additionalProperties" => value.as_object().is_none_or(|members| {
                members.keys().all(|name| schema["properties"].get(name).is_some())
            }),
            "properties" => {
                for (name, of) in rule.as_object().unwrap() {
                    let member = value.get(name);
                    found.extend(
                        member
                            .map(|v| wrong(of, v, root, &format!("{at}/{name}")))
                            .into_iter()
                            .flatten(),
                    );
                }
                true
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    found.extend(wrong(rule, item, root, &format!("{at}/*")));
                }
                true
            }
            "$schema" | "$id" | "$defs" | "title" | "description" => true,
            other => panic!("the schema uses `{other}`, which this check does not read"),
        };
        if !holds {
            found.push(format!("{at}: {keyword} {rule} does not hold of {value}"));
        }
    }
    found
}

fn types(rule: &Value) -> Vec<&str> {
    match rule {
        Value::Array(names) => names.iter().map(|name| name.as_str().unwrap()).collect(),
        name => vec![name.as_str().unwrap()],
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        other => panic!("no such type: {other}"),
    }
}

/// Panics if an entry is not as the published schema says.
pub(crate) fn hold_against_the_schema(entry: &Entry) {
    let (schema, value) = (schema(), entry.to_json());
    let found = wrong(&schema, &value, &schema, "");
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(Entry::from_json(&value).as_ref(), Some(entry));
}

/// Each property of the schema, as a path.
fn properties(schema: &Value, at: &str, all: &mut BTreeSet<String>) {
    for (name, of) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let path = format!("{at}/{name}");
        properties(of, &path, all);
        if let Some(items) = of.get("items") {
            properties(items, &path, all);
        }
        all.insert(path);
    }
}

fn members(value: &Value, at: &str, all: &mut BTreeSet<String>) {
    for (name, of) in value.as_object().into_iter().flatten() {
        let path = format!("{at}/{name}");
        members(of, &path, all);
        for item in of.as_array().into_iter().flatten() {
            members(item, &path, all);
        }
        all.insert(path);
    }
}

const EVERYTHING: &str = r#"{
        "v": 1, "entry": "opened", "id": "01KDYH7VPE0000000000000001", "time": "2026-01-02T03:04:05.678Z", "verdict": "refused",
        "reason": {"code": "denied", "detail": "a detail"},
        "operation": "GetObject",
        "target": {"resource": "arn:aws:s3:::pay/secret/b", "detail": "v1"},
        "account": "111122223333",
        "principal": {
            "kind": "role-session", "arn": "arn:aws:sts::111122223333:assumed-role/Readers/ana",
            "id": "AROAREADERSREADERSRE:ana"
        },
        "credential": "ASIAMINTEDMINTEDMINT", "how": "sig-v4-presigned",
        "human": {
            "provider": "arn:aws:iam::111122223333:oidc-provider/idp", "subject": "00u1",
            "display": "Ana"
        },
        "chain": [
            {"account": "111122223333"}, {"key": "AKIAALICEALICEALICEA"},
            {"session": "ASIAMINTEDMINTEDMINT"}, {"principal": "AROAREADERSREADERSRE"},
            {"provider": "arn:aws:iam::111122223333:oidc-provider/idp"},
            {"idp-session": {"provider": "arn:aws:iam::111122223333:oidc-provider/idp", "sid": "s"}},
            {"address": "10.1.2.3"}
        ],
        "session_expires": "2026-01-02T03:04:05.678Z",
        "source": {
            "ip": "10.1.2.3", "peer": "192.0.2.1:40000", "transport": "proxied-tls",
            "method": "GET", "user_agent": "aws-cli/2"
        },
        "revision": 7, "durability": "strict",
        "mints": {"credential": "ASIANEWNEWNEWNEWNEWN", "expires": "2026-01-02T03:04:05.678Z"},
        "parts": 1,
        "checks": [{
            "decision": "01KDYH7VPE0000000000000001-0", "item": 0, "action": "s3:GetObject",
            "resource": "arn:aws:s3:::pay/secret/b", "need": "required",
            "verdict": "explicit-deny", "layer": "identity",
            "by": {"policy": "policy:Payroll@v2", "sid": "Secret", "index": 1},
            "context": [{"key": "aws:SourceIp", "values": ["10.1.2.3"]}, {"key": "x", "values": null}],
            "truncated": true
        }],
        "index": 42,
        "closed": {
            "v": 1, "entry": "closed", "id": "01KDYH7VPE0000000000000001", "time": "2026-01-02T03:04:05.678Z", "outcome": "cut", "cut_at": 8,
            "status": 403, "code": "AccessDenied", "bytes_in": 1, "bytes_out": 2,
            "duration_us": 412, "parts": 1,
            "items": [{"item": 0, "status": 403, "code": "AccessDenied", "decision": "01KDYH7VPE0000000000000001-0"}]
        }
    }"#;

/// An entry with everything that an entry may have.
pub(crate) fn everything() -> Entry {
    let value = serde_json::from_str(EVERYTHING).unwrap();
    Entry::from_json(&value).unwrap()
}

#[test]
fn everything_the_schema_names_can_occur_and_nothing_else() {
    let entry = everything();
    hold_against_the_schema(&entry);
    let (mut named, mut there) = (BTreeSet::new(), BTreeSet::new());
    properties(&schema(), "", &mut named);
    members(&entry.to_json(), "", &mut there);
    assert_eq!(named, there);
}

#[test]
fn what_is_not_an_entry_is_refused_by_the_schema() {
    let (schema, good) = (schema(), everything().to_json());
    let bad = |path: &str, value: Value| {
        let mut entry = good.clone();
        *entry.pointer_mut(path).unwrap() = value;
        wrong(&schema, &entry, &schema, "").len()
    };
    assert_eq!(bad("/v", json!(1)), 0);
    assert_eq!(bad("/v", json!(2)), 1);
    assert_eq!(bad("/verdict", json!("perhaps")), 1);
    assert_eq!(bad("/reason/code", json!("because")), 1);
    assert_eq!(bad("/source", json!({"transport": "tls", "url": "x"})), 1);
    assert_eq!(bad("/principal", json!({"kind": "user"})), 1);
    assert_eq!(bad("/checks/0/context/0/values", json!("one")), 1);
    assert_eq!(bad("/closed", Value::Null), 0);
    assert_eq!(bad("/closed/status", json!(-1)), 1);
    assert_eq!(bad("/id", json!("short")), 1);
}

#[test]
fn every_reason_is_in_the_schema() {
    let documented = include_str!("../../../../docs/audit-schema.md");
    let reasons = documented.split("## Reasons").nth(1).unwrap().split("## ").next().unwrap();
    let schema = schema();
    let codes = schema.pointer("/properties/reason/properties/code/enum").unwrap();
    for code in codes.as_array().unwrap() {
        assert!(reasons.contains(&format!("`{}`", code.as_str().unwrap())), "{code}");
    }
    assert_eq!(reasons.matches('`').count() / 2, codes.as_array().unwrap().len());
}
