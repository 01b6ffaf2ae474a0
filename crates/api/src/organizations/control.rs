//! Control policies: what bounds the callers of accounts, and what they own.

use identity::ops::{
    AttachPolicy, CreateControlPolicy, DeleteControlPolicy, DescribeControlPolicy, DetachPolicy,
    DisablePolicyType, EnablePolicyType, ListControlPolicies, ListPoliciesForTarget,
    ListTargetsForPolicy, OrganizationRef, UpdateControlPolicy,
};
use identity::{
    ControlKind, ControlPolicyId, ControlTarget, FULL_ACCESS_DOCUMENT, OrganizationName,
    RESOURCE_FULL_ACCESS_DOCUMENT, State, StoredPolicy,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::unit::apart;
use super::{
    Parsed, content, description, invalid, is_root_id, kind, kind_of, listed, page, policy_id,
    serve, target, target_id,
};
use crate::Response;
use crate::exchange::Exchange;

/// What is told of a control policy, and what it says.
fn shown(
    organization: &OrganizationRef,
    state: &State,
    id: &ControlPolicyId,
    kind: ControlKind,
) -> (Value, String) {
    let summary = |name: &str, description: &str, managed: bool| {
        json!({
            "Id": id,
            "Arn": organization.policy(id, kind),
            "Name": name,
            "Description": description,
            "Type": kind.word(),
            "AwsManaged": managed,
        })
    };
    match state.control_policy(id) {
        Some(policy) => {
            let told = summary(&policy.name.to_string(), &policy.description, false);
            (told, policy.document.text().to_owned())
        }
        None => {
            let (name, document) = match kind {
                ControlKind::ServiceControl => ("FullAWSAccess", FULL_ACCESS_DOCUMENT),
                ControlKind::ResourceControl => ("RCPFullAWSAccess", RESOURCE_FULL_ACCESS_DOCUMENT),
            };
            (summary(name, "Allows access to every operation", true), document.to_owned())
        }
    }
}

fn whole((summary, content): (Value, String)) -> Value {
    json!({ "Policy": { "PolicySummary": summary, "Content": content } })
}

fn name(text: &str) -> Parsed<OrganizationName> {
    text.parse().map_err(|error: identity::BadOrganizationWord| invalid(error.to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct New {
    content: String,
    description: String,
    name: String,
    #[serde(rename = "Type")]
    kind: String,
}

/// `CreatePolicy`
pub(crate) async fn create(mut x: Exchange) -> Response {
    let op = x.asked::<New>().and_then(|(organization, own)| {
        let kind = kind(&own.kind)?;
        let (name, description) = (name(&own.name)?, description(own.description)?);
        let document = StoredPolicy::parse(content(&own.content)?, kind.document())?;
        Ok(CreateControlPolicy { organization, kind, name, description, document })
    });
    serve(x, op, |op, policy, state| Ok(whole(shown(&op.organization, state, &policy.id, op.kind))))
        .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct One {
    policy_id: String,
}

/// `DescribePolicy`
pub(crate) async fn describe(mut x: Exchange) -> Response {
    let op = x.asked::<One>().and_then(|(organization, own)| {
        let policy = policy_id(&own.policy_id)?;
        let kind = kind_of(&x.services.identity.snapshot(), &policy);
        Ok(DescribeControlPolicy { organization, policy, kind })
    });
    serve(x, op, |op, (), state| Ok(whole(shown(&op.organization, state, &op.policy, op.kind))))
        .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Changed {
    policy_id: String,
    content: Option<String>,
    description: Option<String>,
    name: Option<String>,
}

/// `UpdatePolicy`
pub(crate) async fn update(mut x: Exchange) -> Response {
    let op = x.asked::<Changed>().and_then(|(organization, own)| {
        let policy = policy_id(&own.policy_id)?;
        let kind = kind_of(&x.services.identity.snapshot(), &policy);
        let parse = |text: &str| -> Parsed<StoredPolicy> {
            Ok(StoredPolicy::parse(content(text)?, kind.document())?)
        };
        Ok(UpdateControlPolicy {
            organization,
            policy,
            kind,
            name: own.name.as_deref().map(name).transpose()?,
            description: own.description.map(description).transpose()?,
            document: own.content.as_deref().map(parse).transpose()?,
        })
    });
    serve(x, op, |op, policy, state| Ok(whole(shown(&op.organization, state, &policy.id, op.kind))))
        .await
}

/// `DeletePolicy`
pub(crate) async fn delete(mut x: Exchange) -> Response {
    let op = x.asked::<One>().and_then(|(organization, own)| {
        let policy = policy_id(&own.policy_id)?;
        let kind = kind_of(&x.services.identity.snapshot(), &policy);
        Ok(DeleteControlPolicy { organization, policy, kind })
    });
    serve(x, op, |_, (), _| Ok(Value::Null)).await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filtered {
    filter: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// `ListPolicies`
pub(crate) async fn list(mut x: Exchange) -> Response {
    let asked = x.asked::<Filtered>().and_then(|(organization, own)| {
        let page = page(own.next_token, own.max_results)?;
        Ok((ListControlPolicies { organization, kind: kind(&own.filter)? }, page))
    });
    let (op, page) = apart(asked);
    serve(x, op, move |op, (), state| {
        let made = state.control_policies().filter(|policy| policy.kind == op.kind);
        let full = op.kind.full_access().parse().ok();
        let ids = made.map(|policy| policy.id.clone()).chain(full);
        let told = |id| summary(&op.organization, state, &id, op.kind);
        Ok(listed("Policies", &page, ids.map(told).collect()))
    })
    .await
}

fn summary(
    organization: &OrganizationRef,
    state: &State,
    id: &ControlPolicyId,
    kind: ControlKind,
) -> (String, Value) {
    (id.to_string(), shown(organization, state, id, kind).0)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OnTarget {
    target_id: String,
    filter: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// `ListPoliciesForTarget`
pub(crate) async fn of_target(mut x: Exchange) -> Response {
    let asked = x.asked::<OnTarget>().and_then(|(organization, own)| {
        let page = page(own.next_token, own.max_results)?;
        let (target, kind) = (target(&organization, &own.target_id)?, kind(&own.filter)?);
        Ok((ListPoliciesForTarget { organization, target, kind }, page))
    });
    let (op, page) = apart(asked);
    serve(x, op, move |op, (), state| {
        let on = state.controls_of(&op.target).into_iter().flatten();
        let own = on.filter(|id| kind_of(state, id) == op.kind).cloned();
        let always = match op.kind {
            ControlKind::ResourceControl => op.kind.full_access().parse().ok(),
            ControlKind::ServiceControl => None,
        };
        let told = |id| summary(&op.organization, state, &id, op.kind);
        Ok(listed("Policies", &page, own.chain(always).map(told).collect()))
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfPolicy {
    policy_id: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// `ListTargetsForPolicy`
pub(crate) async fn targets(mut x: Exchange) -> Response {
    let asked = x.asked::<OfPolicy>().and_then(|(organization, own)| {
        let page = page(own.next_token, own.max_results)?;
        let policy = policy_id(&own.policy_id)?;
        let kind = kind_of(&x.services.identity.snapshot(), &policy);
        Ok((ListTargetsForPolicy { organization, policy, kind }, page))
    });
    let (op, page) = apart(asked);
    serve(x, op, move |op, (), state| {
        let always = op.policy.as_str() == identity::RESOURCE_FULL_ACCESS;
        let on = |target: &ControlTarget| {
            always || state.controls_of(target).is_some_and(|own| own.contains(&op.policy))
        };
        let told = |target: ControlTarget| {
            let id = target_id(&op.organization, &target);
            let (word, name) = match &target {
                ControlTarget::Root => ("ROOT", "Root".to_owned()),
                ControlTarget::Unit(unit) => {
                    let name = state.unit(unit).map(|unit| unit.name.to_string());
                    ("ORGANIZATIONAL_UNIT", name.unwrap_or_default())
                }
                ControlTarget::Account(account) => {
                    let name = state.account(*account).map(|account| account.name.to_string());
                    ("ACCOUNT", name.unwrap_or_default())
                }
            };
            let arn = op.organization.target(&target);
            (id.clone(), json!({ "TargetId": id, "Arn": arn, "Name": name, "Type": word }))
        };
        Ok(listed("Targets", &page, state.control_targets().filter(on).map(told).collect()))
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OnTo {
    policy_id: String,
    target_id: String,
}

/// `AttachPolicy`
pub(crate) async fn attach(mut x: Exchange) -> Response {
    let op = x.asked::<OnTo>().and_then(|(organization, own)| {
        let policy = policy_id(&own.policy_id)?;
        let kind = kind_of(&x.services.identity.snapshot(), &policy);
        let target = target(&organization, &own.target_id)?;
        Ok(AttachPolicy { organization, policy, kind, target })
    });
    serve(x, op, |_, (), _| Ok(Value::Null)).await
}

/// `DetachPolicy`
pub(crate) async fn detach(mut x: Exchange) -> Response {
    let op = x.asked::<OnTo>().and_then(|(organization, own)| {
        let policy = policy_id(&own.policy_id)?;
        let kind = kind_of(&x.services.identity.snapshot(), &policy);
        let target = target(&organization, &own.target_id)?;
        Ok(DetachPolicy { organization, policy, kind, target })
    });
    serve(x, op, |_, (), _| Ok(Value::Null)).await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfRoot {
    root_id: String,
    policy_type: String,
}

fn kind_of_root(organization: &OrganizationRef, own: &OfRoot) -> Parsed<ControlKind> {
    if !is_root_id(&own.root_id) {
        return Err(invalid(format!("`{}` is no root id", own.root_id)));
    }
    if own.root_id != organization.root {
        return Err(crate::error::ApiError::new(
            400,
            "RootNotFoundException",
            "You specified a root that doesn't exist.",
        ));
    }
    kind(&own.policy_type)
}

/// The root after a kind was switched on or off.
fn root(organization: &OrganizationRef, state: &State) -> Value {
    let enabled = state.organization().enabled.iter();
    let kinds: Vec<Value> =
        enabled.map(|kind| json!({ "Type": kind.word(), "Status": "ENABLED" })).collect();
    json!({ "Root": {
        "Id": organization.root,
        "Arn": organization.parent(None),
        "Name": "Root",
        "PolicyTypes": kinds,
    }})
}

/// `EnablePolicyType`
pub(crate) async fn enable(mut x: Exchange) -> Response {
    let op = x.asked::<OfRoot>().and_then(|(organization, own)| {
        let kind = kind_of_root(&organization, &own)?;
        Ok(EnablePolicyType { organization, kind })
    });
    serve(x, op, |op, (), state| Ok(root(&op.organization, state))).await
}

/// `DisablePolicyType`
pub(crate) async fn disable(mut x: Exchange) -> Response {
    let op = x.asked::<OfRoot>().and_then(|(organization, own)| {
        let kind = kind_of_root(&organization, &own)?;
        Ok(DisablePolicyType { organization, kind })
    });
    serve(x, op, |op, (), state| Ok(root(&op.organization, state))).await
}
