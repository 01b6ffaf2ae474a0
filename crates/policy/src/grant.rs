//! What is missing from an implicit deny, as policies that can be attached as they are.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use crate::decide::decide;
use crate::decision::{Decision, Layer, Reach, Verdict};
use crate::document::{Document, Kind};
use crate::principal::Principal;
use crate::question::{Attached, Question};

/// Where a policy has to be attached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// To the caller, or to a group it is in.
    Identity,
    /// To the bucket (or other resource).
    Bucket,
    /// To the role that is to be assumed.
    Trust,
    /// To the caller's permissions boundary.
    Boundary,
    /// To the policy that the session is made with.
    Session,
    /// To the organisation's level that does not allow it, on the caller's side.
    ServiceControl,
    /// To the organisation's level that does not allow it, on the resource's side.
    ResourceControl,
}

/// A policy that is missing, and where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Grant {
    /// Where it belongs.
    pub place: Place,
    /// A whole document with one statement.
    pub policy: String,
}

/// The smallest policies that together turn an implicit deny into an allow: one for each layer that
/// is still needed. Empty if the decision is not an implicit deny, or if no policy can mend it
/// (the public-access block).
#[must_use]
pub fn smallest_grant(decision: &Decision, principal: &Principal) -> Vec<Grant> {
    let missing = decision.missing();
    if decision.verdict() != Verdict::ImplicitDeny || missing.contains(&Layer::PublicAccessBlock) {
        return Vec::new();
    }
    // In one account, a trust policy that names the caller itself needs no identity policy.
    let named = decision.reach() == Reach::SameAccount && missing.contains(&Layer::Resource);
    let grants = missing.iter().filter(|layer| !(named && **layer == Layer::Identity));
    grants.filter_map(|layer| grant(*layer, decision, principal)).collect()
}

/// The smallest grants of a question's implicit deny, if they really mend it: they are put in place
/// and the question is decided once more. A public-access block, for one, would shut out again whom
/// a policy lets in as everyone.
pub(crate) fn mending(decision: &Decision, question: &Question<'_>) -> Vec<Grant> {
    let grants = smallest_grant(decision, question.principal);
    let mut caller = question.caller.clone();
    let mut resource = question.resource.clone();
    for grant in &grants {
        let Ok(document) = Document::parse(&grant.policy, grant.place.kind()) else {
            return Vec::new();
        };
        let granted = Attached { name: "granted".to_owned(), document: Arc::new(document) };
        // Nothing denies, so that whatever else is there says nothing about this request.
        match grant.place {
            Place::Identity => caller.identity.push(granted),
            Place::Boundary => caller.boundaries = vec![granted],
            Place::Session => caller.session = Some(vec![granted]),
            Place::ServiceControl => caller.service_control = vec![vec![granted]],
            Place::ResourceControl => resource.resource_control = vec![vec![granted]],
            Place::Bucket | Place::Trust => resource.policy = Some(granted),
        }
    }
    let mended = Question { caller: &caller, resource: &resource, ..*question };
    if decide(decision.check(), &mended).is_allowed() { grants } else { Vec::new() }
}

impl Place {
    fn kind(self) -> Kind {
        match self {
            Self::Identity => Kind::Identity,
            Self::Bucket => Kind::Bucket,
            Self::Trust => Kind::RoleTrust,
            Self::Boundary => Kind::Boundary,
            Self::Session => Kind::Session,
            Self::ServiceControl => Kind::ServiceControl,
            Self::ResourceControl => Kind::ResourceControl,
        }
    }
}

fn grant(layer: Layer, decision: &Decision, principal: &Principal) -> Option<Grant> {
    let check = decision.check();
    let trust = check.action.service() == "sts";
    let place = match layer {
        Layer::Identity => Place::Identity,
        Layer::Resource if trust => Place::Trust,
        Layer::Resource => Place::Bucket,
        Layer::Boundary => Place::Boundary,
        Layer::Session => Place::Session,
        Layer::ServiceControl => Place::ServiceControl,
        Layer::ResourceControl => Place::ResourceControl,
        Layer::PublicAccessBlock => return None,
    };
    let mut statement = serde_json::Map::new();
    statement.insert("Effect".to_owned(), "Allow".into());
    if matches!(place, Place::Bucket | Place::Trust) {
        statement.insert("Principal".to_owned(), principal_element(principal));
    }
    if place == Place::ResourceControl {
        statement.insert("Principal".to_owned(), "*".into());
    }
    statement.insert("Action".to_owned(), check.action.as_str().into());
    if place != Place::Trust {
        statement.insert("Resource".to_owned(), literal(check.resource.as_str()).into());
    }
    let policy = json!({ "Version": "2012-10-17", "Statement": [Value::Object(statement)] });
    Some(Grant { place, policy: policy.to_string() })
}

/// How a resource's policy names the caller; a session by its role, which outlives it.
fn principal_element(principal: &Principal) -> Value {
    match principal {
        Principal::Anonymous => "*".into(),
        Principal::Service { name } => json!({ "Service": name }),
        Principal::Federated { provider } => json!({ "Federated": provider.as_str() }),
        other => {
            let arn = other.principal_arn().map(|arn| arn.to_string()).unwrap_or_default();
            json!({ "AWS": arn })
        }
    }
}

/// The resource's name as a pattern that matches nothing else.
fn literal(resource: &str) -> String {
    if resource == "*" {
        return resource.to_owned();
    }
    let mut text = String::with_capacity(resource.len());
    for character in resource.chars() {
        match character {
            '*' | '?' | '$' => {
                text.push_str("${");
                text.push(character);
                text.push('}');
            }
            plain => text.push(plain),
        }
    }
    text
}
