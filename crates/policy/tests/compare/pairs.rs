//! Pairs of policies by name, and how an example of a difference is replayed: as a policy case,
//! by the engine, with no help of the comparison.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use strongroom_policy::compare::{Answer, Comparison, Difference, documents};
use strongroom_policy::{Attached, Document, Kind, case};

pub(crate) fn attached(statements: &Json, kind: Kind) -> Attached {
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let document = Document::parse(&text, kind).unwrap_or_else(|e| panic!("{e} in {text}"));
    Attached { name: "policy".to_owned(), document: Arc::new(document) }
}

/// Compares, and replays whatever is found.
pub(crate) fn diff(kind: Kind, old: &Json, new: &Json) -> Comparison {
    let (old, new) = (attached(old, kind), attached(new, kind));
    let found = documents(&old, &new).unwrap();
    for difference in &found.differences {
        replay(difference, &old, &new);
    }
    found
}

/// The answers of the engine to the two policy cases that an example stands for.
fn replay(difference: &Difference, old: &Attached, new: &Attached) {
    let verdict = |policy: &Attached| {
        let mut own = difference.request.beside.clone();
        let document: Json = serde_json::from_str(policy.document.text()).unwrap();
        let named = json!({ "name": "compared", "document": document });
        let (member, value) = match policy.document.kind() {
            Kind::Identity => ("identity_policies", json!([named])),
            Kind::Session => ("session_policies", json!([named])),
            Kind::Boundary => ("permissions_boundaries", json!([named])),
            Kind::ServiceControl => ("service_control_policies", json!([[named]])),
            Kind::ResourceControl => ("resource_control_policies", json!([[named]])),
            Kind::Bucket | Kind::RoleTrust => ("resource_policy", named),
        };
        own[member] = value;
        own["request"] = difference.request.to_json();
        let text = own.to_string();
        let results = case::run(&text).unwrap_or_else(|e| panic!("{e} in {text}"));
        results[0].verdict
    };
    assert_eq!(verdict(old), difference.old.verdict, "{difference}");
    assert_eq!(verdict(new), difference.new.verdict, "{difference}");
    assert_ne!(difference.old.verdict, difference.new.verdict);
}

pub(crate) fn answer(kind: Kind, old: &Json, new: &Json) -> Answer {
    diff(kind, old, new).answer()
}

/// The one line of the one difference between two identity policies.
pub(crate) fn line(old: &Json, new: &Json) -> String {
    let found = diff(Kind::Identity, old, new);
    assert_eq!(found.undecided, []);
    let lines: Vec<String> = found.differences.iter().map(Difference::to_string).collect();
    lines.join("\n")
}
