//! Policies without what depends on who asks.

use std::sync::{Arc, LazyLock};

use policy::{Attached, CallerPolicies, Document};
use serde_json::{Map, Value};

/// Keys that say the same of whoever sends a request; every other key that is not a service's own
/// may say something else of somebody else.
const OF_THE_REQUEST: &[&str] = &[
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:epochtime",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:referer",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:securetransport",
    "aws:sourceip",
    "aws:tagkeys",
    "aws:useragent",
    "aws:viaawsservice",
];
/// What keys of the request begin with.
const PREFIXES: &[&str] = &["aws:requesttag/", "aws:resourcetag/", "s3:", "iam:", "organizations:"];

/// Which way a policy is simplified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Toward {
    /// It allows at least what it allowed of anybody.
    More,
    /// It allows at most what it allowed of anybody.
    Less,
}

/// All policies of a caller, simplified.
pub(super) fn policies(of: &CallerPolicies, toward: Toward) -> CallerPolicies {
    let list = |all: &[Attached]| all.iter().map(|one| attached(one, toward)).collect::<Vec<_>>();
    CallerPolicies {
        identity: of.identity.iter().map(|one| attached(one, toward)).collect(),
        boundaries: list(&of.boundaries),
        session: of.session.as_ref().map(|all| list(all)),
        service_control: of.service_control.iter().map(|all| list(all)).collect(),
    }
}

/// A policy, simplified. One that cannot be read again allows everything, or nothing.
pub(super) fn attached(policy: &Attached, toward: Toward) -> Attached {
    let text = policy.document.text();
    if !may_depend(text) {
        return policy.clone();
    }
    let kind = policy.document.kind();
    let simple = simplified(text, toward).and_then(|text| Document::parse(&text, kind).ok());
    let whole = || match toward {
        Toward::More => EVERYTHING.as_ref().map(Arc::clone),
        Toward::Less => NOTHING.as_ref().map(Arc::clone),
    };
    let document = simple.map(Arc::new).or_else(whole);
    let document = document.unwrap_or_else(|| Arc::clone(&policy.document));
    Attached { name: policy.name.clone(), document }
}

/// Allows everything.
pub(super) static EVERYTHING: LazyLock<Option<Arc<Document>>> = LazyLock::new(|| {
    parsed(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#)
});
/// Neither allows nor denies anything.
const SILENCE: &str = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": []}}"#;
/// Denies everything.
static NOTHING: LazyLock<Option<Arc<Document>>> = LazyLock::new(|| {
    parsed(r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#)
});

fn parsed(text: &str) -> Option<Arc<Document>> {
    Document::parse(text, policy::Kind::Identity).ok().map(Arc::new)
}

/// A quick look: most policies have neither conditions nor variables.
fn may_depend(text: &str) -> bool {
    text.contains("${") || text.contains("Condition")
}

fn simplified(text: &str, toward: Toward) -> Option<String> {
    let mut document: Value = serde_json::from_str(text).ok()?;
    let members = document.as_object_mut()?;
    let statements = match members.remove("Statement")? {
        Value::Array(all) => all,
        one => vec![one],
    };
    let kept: Vec<Value> =
        statements.into_iter().filter_map(|one| statement(one, toward)).collect();
    if kept.is_empty() {
        return Some(SILENCE.to_owned());
    }
    members.insert("Statement".to_owned(), kept.into());
    Some(document.to_string())
}

/// A statement that depends on nobody; `None` if it goes.
fn statement(mut statement: Value, toward: Toward) -> Option<Value> {
    let members = statement.as_object_mut()?;
    if !depends(members) {
        return Some(statement);
    }
    let allows = members.get("Effect").and_then(Value::as_str) == Some("Allow");
    // What allows there, and what denies here, counts as wide as it could be; the rest goes.
    if allows != (toward == Toward::More) {
        return None;
    }
    if let Some(resources) = members.get_mut("Resource") {
        each_text(resources, &mut |text| *text = without_variables(text));
    }
    if let Some(Value::Array(all)) = members.get_mut("NotResource") {
        all.retain(|one| !one.as_str().is_some_and(has_variable));
    }
    let spared = members.get("NotResource");
    if spared.is_some_and(|spared| mentions(spared) || spared.as_array().is_some_and(Vec::is_empty))
    {
        members.remove("NotResource");
        members.insert("Resource".to_owned(), "*".into());
    }
    if let Some(Value::Object(operators)) = members.get_mut("Condition") {
        for keys in operators.values_mut().filter_map(Value::as_object_mut) {
            keys.retain(|key, value| !key_depends(key) && !mentions(value));
        }
        operators.retain(|_, keys| keys.as_object().is_some_and(|keys| !keys.is_empty()));
        if operators.is_empty() {
            members.remove("Condition");
        }
    }
    Some(statement)
}

fn depends(statement: &Map<String, Value>) -> bool {
    let names = |member: &str| statement.get(member).is_some_and(mentions);
    let conditions = statement.get("Condition").and_then(Value::as_object);
    let mut keys = conditions.into_iter().flatten().filter_map(|(_, keys)| keys.as_object());
    names("Resource")
        || names("NotResource")
        || keys.any(|keys| keys.iter().any(|(key, value)| key_depends(key) || mentions(value)))
}

fn mentions(value: &Value) -> bool {
    match value {
        Value::String(text) => has_variable(text),
        Value::Array(all) => all.iter().any(mentions),
        _ => false,
    }
}

/// Whether a text has a variable that says something of who asks.
fn has_variable(text: &str) -> bool {
    text.split("${").skip(1).any(|rest| {
        let inside = rest.split('}').next().unwrap_or_default();
        let name = inside.split(',').next().unwrap_or_default().trim();
        !["*", "?", "$"].contains(&name) && key_depends(name)
    })
}

/// The text with `*` in the place of each such variable.
fn without_variables(text: &str) -> String {
    let mut parts = text.split("${");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let depends = has_variable(&format!("${{{part}"));
        match part.split_once('}').filter(|_| depends) {
            Some((_, rest)) => whole.extend(["*", rest]),
            None => whole.extend(["${", part]),
        }
    }
    whole
}

fn key_depends(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    !OF_THE_REQUEST.contains(&key.as_str()) && !PREFIXES.iter().any(|own| key.starts_with(own))
}

fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(all) => all.iter_mut().for_each(|one| each_text(one, change)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use policy::Kind;
    use serde_json::json;

    use super::*;

    fn simple(statement: &Value, toward: Toward) -> Value {
        let text = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let document = Arc::new(Document::parse(&text, Kind::Identity).unwrap());
        let simple = attached(&Attached { name: "p".into(), document }, toward);
        let value: Value = serde_json::from_str(simple.document.text()).unwrap();
        match &value["Statement"] {
            Value::Array(all) => all[0].clone(),
            one => one.clone(),
        }
    }

    #[test]
    fn what_depends_on_nobody_stays_as_it_is() {
        let plain = json!({ "Effect": "Allow", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b/${*}/x",
            "Condition": { "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } } });
        for toward in [Toward::More, Toward::Less] {
            assert_eq!(simple(&plain, toward), plain);
        }
    }

    #[test]
    fn a_home_directory_is_every_home_for_others_and_none_for_the_maker() {
        let home = json!({ "Effect": "Allow", "Action": "s3:GetObject",
            "Resource": ["arn:aws:s3:::b/${aws:username}/*"] });
        let more = simple(&home, Toward::More);
        assert_eq!(more["Resource"][0], "arn:aws:s3:::b/*/*");
        assert_eq!(simple(&home, Toward::Less)["Resource"], json!([]));
    }

    #[test]
    fn a_condition_on_who_asks_goes_and_a_denial_for_some_counts_for_the_maker_alone() {
        let deny = json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*",
            "Condition": { "StringEquals": { "aws:PrincipalTag/team": "red" },
                "Bool": { "aws:SecureTransport": "false" } } });
        let less = simple(&deny, Toward::Less);
        assert_eq!(less["Condition"], json!({ "Bool": { "aws:SecureTransport": "false" } }));
        assert_eq!(simple(&deny, Toward::More)["Resource"], json!([]), "what denied some goes");
    }
}
