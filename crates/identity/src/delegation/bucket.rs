//! What a change of a bucket's own access control gives: to whomever its policy or its list names,
//! past whatever bounds them.

use std::sync::Arc;

use policy::{CallerPolicies, Document, Kind};
use serde_json::{Value, json};

use super::alone;
use super::grants::{Grant, everything};
use crate::record::{BucketRecord, PublicAccessBlock};
use crate::state::State;

/// What a bucket's record gives that it did not give before.
pub(super) fn grants(state: &State, record: &BucketRecord) -> Vec<Grant> {
    let old = state.bucket(&record.name);
    let what = format!("bucket {}", record.name);
    let mut all = Vec::new();
    let policy = record.policy.as_ref().map(|policy| policy.text());
    let was = old.and_then(|old| old.policy.as_ref()).map(|policy| policy.text());
    if policy != was {
        all.extend(of_policy(record, policy, was));
    }
    let block = |of: Option<&BucketRecord>| {
        of.and_then(|of| of.public_access).unwrap_or(PublicAccessBlock::NONE)
    };
    let now = block(Some(record));
    let opened = old.is_some_and(|old| block(Some(old)).and(now) != now);
    let listed = old.map_or(record.acl.is_some(), |old| {
        old.acl != record.acl || old.ownership != record.ownership
    });
    if opened || listed {
        all.push(all_of(record.name.as_str(), &what));
    }
    all
}

/// A policy gives what it allows, whoever it names; and what it no longer denies.
fn of_policy(record: &BucketRecord, new: Option<&str>, old: Option<&str>) -> Vec<Grant> {
    let what = format!("bucket {}", record.name);
    let statements = |text: Option<&str>| -> Option<Vec<Value>> {
        let Some(text) = text else { return Some(Vec::new()) };
        let mut value: Value = serde_json::from_str(text).ok()?;
        match value.as_object_mut()?.remove("Statement")? {
            Value::Array(all) => Some(all),
            one => Some(vec![one]),
        }
    };
    let (Some(new), Some(old)) = (statements(new), statements(old)) else {
        return vec![everything(&what)];
    };
    let denies = |one: &&Value| one.get("Effect").and_then(Value::as_str) == Some("Deny");
    if old.iter().filter(denies).any(|one| !new.contains(one)) {
        return vec![all_of(record.name.as_str(), &what)];
    }
    let allows = new.into_iter().filter(|one| !denies(&one) && !old.contains(one));
    let allows: Vec<Value> = allows.map(unaddressed).collect();
    if allows.is_empty() {
        return Vec::new();
    }
    let text = json!({ "Version": "2012-10-17", "Statement": allows }).to_string();
    match Document::parse(&text, Kind::Identity) {
        Ok(document) => vec![grant(&what, document)],
        Err(_) => vec![all_of(record.name.as_str(), &what)],
    }
}

/// A statement without whom it is for.
fn unaddressed(mut statement: Value) -> Value {
    if let Some(members) = statement.as_object_mut() {
        members.remove("Principal");
        members.remove("NotPrincipal");
    }
    statement
}

/// Everything of S3 on a bucket, or on all.
pub(super) fn all_of(bucket: &str, what: &str) -> Grant {
    let text = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow",
        "Action": "s3:*",
        "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")] } });
    match Document::parse(&text.to_string(), Kind::Identity) {
        Ok(document) => grant(what, document),
        Err(_) => everything(what),
    }
}

fn grant(what: &str, document: Document) -> Grant {
    let mut rights = CallerPolicies::default();
    rights.identity.extend([alone("bucket", &Arc::new(document))]);
    Grant { what: what.to_owned(), of: None, rights, before: None }
}
