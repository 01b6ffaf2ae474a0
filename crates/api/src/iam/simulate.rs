//! What would policies answer.

use ::policy::Kind;
use ::policy::Says;
use ::policy::decision::{Layer, Verdict};
use ::policy::facts::{FactMap, Value};
use identity::ops::{self, Simulation};
use identity::{MatchedStatement, Simulated, SimulatedResource, StoredPolicy};
use names::{AccountId, Arn};
use wire::iam;

use super::{Parsed, arn, document, int, page, serve, told};
use crate::Response;
use crate::error::ApiError;
use crate::exchange::Exchange;

/// `SimulateCustomPolicy`
pub(crate) async fn custom(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::SimulateCustomPolicyRequest| {
        if !m.ordered_organization_policy_input_list.is_empty() {
            return Err(ApiError::not_implemented("OrderedOrganizationPolicyInputList"));
        }
        let asked = Asked {
            policies: m.policy_input_list,
            boundary: m.permissions_boundary_policy_input_list,
            actions: m.action_names,
            resources: m.resource_arns,
            resource_policy: m.resource_policy,
            resource_owner: m.resource_owner,
            caller: m.caller_arn,
            context: m.context_entries,
            handling: m.resource_handling_option,
            page: (m.marker, m.max_items),
        };
        Ok(ops::SimulateCustomPolicy { account: x.own_account()?, simulation: asked.read()? })
    });
    serve(x, op, |_, found, _| {
        let (evaluation_results, is_truncated, marker) = told(found, result);
        let evaluation_results = Some(evaluation_results);
        iam::SimulateCustomPolicyResponse { evaluation_results, is_truncated, marker }
    })
    .await
}

/// `SimulatePrincipalPolicy`
pub(crate) async fn principal(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::SimulatePrincipalPolicyRequest| {
        if !m.policy_exclusion_list.is_empty() {
            return Err(ApiError::not_implemented("PolicyExclusionList"));
        }
        let asked = Asked {
            policies: m.policy_input_list,
            boundary: m.permissions_boundary_policy_input_list,
            actions: m.action_names,
            resources: m.resource_arns,
            resource_policy: m.resource_policy,
            resource_owner: m.resource_owner,
            caller: m.caller_arn,
            context: m.context_entries,
            handling: m.resource_handling_option,
            page: (m.marker, m.max_items),
        };
        let source = arn(&m.policy_source_arn)?;
        Ok(ops::SimulatePrincipalPolicy { source, simulation: asked.read()? })
    });
    serve(x, op, |_, found, _| {
        let (evaluation_results, is_truncated, marker) = told(found, result);
        let evaluation_results = Some(evaluation_results);
        iam::SimulatePrincipalPolicyResponse { evaluation_results, is_truncated, marker }
    })
    .await
}

/// `GetContextKeysForCustomPolicy`
pub(crate) async fn custom_keys(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::GetContextKeysForCustomPolicyRequest| {
        let policies = documents(&m.policy_input_list)?;
        Ok(ops::GetContextKeysForCustomPolicy { policies })
    });
    serve(x, op, |_, keys, _| iam::GetContextKeysForCustomPolicyResponse {
        context_key_names: Some(keys),
    })
    .await
}

/// `GetContextKeysForPrincipalPolicy`
pub(crate) async fn principal_keys(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::GetContextKeysForPrincipalPolicyRequest| {
        let policies = documents(&m.policy_input_list)?;
        Ok(ops::GetContextKeysForPrincipalPolicy { source: arn(&m.policy_source_arn)?, policies })
    });
    serve(x, op, |_, keys, _| iam::GetContextKeysForPrincipalPolicyResponse {
        context_key_names: Some(keys),
    })
    .await
}

/// What both messages ask with.
struct Asked {
    policies: Vec<String>,
    boundary: Vec<String>,
    actions: Vec<String>,
    resources: Vec<String>,
    resource_policy: Option<String>,
    resource_owner: Option<String>,
    caller: Option<String>,
    context: Vec<iam::ContextEntry>,
    handling: Option<String>,
    page: (Option<String>, Option<i32>),
}

impl Asked {
    fn read(self) -> Parsed<Simulation> {
        if self.handling.is_some() {
            return Err(ApiError::not_implemented("ResourceHandlingOption"));
        }
        if self.resource_policy.is_some() && self.caller.is_none() {
            return Err(bad("CallerArn is required when ResourcePolicy is given"));
        }
        let boundary = match self.boundary.as_slice() {
            [] => None,
            [one] => documents(std::slice::from_ref(one))?.pop(),
            _ => return Err(bad("only one permissions boundary can be given")),
        };
        let action =
            |text: &String| text.parse().map_err(|_| bad(format!("Invalid action: {text}")));
        let resource = |text: &String| match text.as_str() {
            "*" => Ok(Arn::any()),
            text => text.parse().map_err(|_| bad(format!("Invalid resource: {text}"))),
        };
        let policy = self.resource_policy.as_deref().map(|text| document(text, Kind::Bucket));
        Ok(Simulation {
            policies: documents(&self.policies)?,
            boundary,
            actions: self.actions.iter().map(action).collect::<Parsed<_>>()?,
            resources: self.resources.iter().map(resource).collect::<Parsed<_>>()?,
            resource_policy: policy.transpose()?,
            resource_owner: self.resource_owner.as_deref().map(owner).transpose()?,
            caller: self.caller.as_deref().map(arn).transpose()?,
            context: context(self.context)?,
            page: page(self.page.0, self.page.1)?,
        })
    }
}

/// An account, as its number or as the ARN of its root.
fn owner(text: &str) -> Parsed<AccountId> {
    let number = text.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"));
    number.unwrap_or(text).parse().map_err(|_| bad("ResourceOwner must be the ARN of an account"))
}

fn context(entries: Vec<iam::ContextEntry>) -> Parsed<FactMap> {
    let mut facts = FactMap::default();
    for entry in entries {
        let name = entry.context_key_name.ok_or_else(|| bad("a context entry has no name"))?;
        let many = entry.context_key_type.as_deref().is_some_and(|kind| kind.ends_with("List"));
        let value = match (many, entry.context_key_values) {
            (true, values) => Value::Many(values),
            (false, mut values) if values.len() == 1 => {
                Value::One(values.pop().unwrap_or_default())
            }
            (false, _) => return Err(bad(format!("the context key {name} needs one value"))),
        };
        facts.set(&name, value);
    }
    Ok(facts)
}

fn documents(texts: &[String]) -> Parsed<Vec<StoredPolicy>> {
    texts.iter().map(|text| document(text, Kind::Identity)).collect()
}

fn bad(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidInput", message)
}

/// What an action comes to, in the words of a message. Of several resources none is named.
fn result(found: &Simulated) -> iam::EvaluationResult {
    let every = [Arn::any()];
    let alone = match found.resources.as_slice() {
        [one] => std::slice::from_ref(&one.resource),
        _ => &every[..],
    };
    let named = found.resources.iter().any(|one| one.resource != Arn::any());
    let specific = named.then(|| found.resources.iter().map(specific).collect());
    let mut missing: Vec<String> =
        found.resources.iter().flat_map(|one| one.missing.iter().cloned()).collect();
    missing.sort();
    missing.dedup();
    iam::EvaluationResult {
        eval_action_name: found.action.to_string(),
        eval_decision: verdict(found.verdict),
        eval_decision_details: std::collections::BTreeMap::new(),
        eval_resource_name: alone.first().map(ToString::to_string),
        matched_statements: Some(
            found.resources.iter().flat_map(|one| &one.matched).map(statement).collect(),
        ),
        missing_context_values: Some(missing),
        organizations_decision_detail: found.organization.map(|says| {
            let allowed_by_organizations = Some(says == Says::Allows);
            iam::OrganizationsDecisionDetail { allowed_by_organizations }
        }),
        permissions_boundary_decision_detail: {
            let says: Vec<Says> = found.resources.iter().filter_map(|one| one.boundary).collect();
            (!says.is_empty()).then(|| iam::PermissionsBoundaryDecisionDetail {
                allowed_by_permissions_boundary: Some(says.iter().all(|s| *s == Says::Allows)),
            })
        },
        resource_specific_results: specific,
    }
}

fn specific(found: &SimulatedResource) -> iam::ResourceSpecificResult {
    iam::ResourceSpecificResult {
        eval_decision_details: std::collections::BTreeMap::new(),
        eval_resource_decision: verdict(found.verdict),
        eval_resource_name: found.resource.to_string(),
        matched_statements: Some(found.matched.iter().map(statement).collect()),
        missing_context_values: Some(found.missing.clone()),
        permissions_boundary_decision_detail: found.boundary.map(|says| {
            let allowed_by_permissions_boundary = Some(says == Says::Allows);
            iam::PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary }
        }),
    }
}

fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Allow => "allowed",
        Verdict::ImplicitDeny => "implicitDeny",
        Verdict::ExplicitDeny => "explicitDeny",
    }
    .to_owned()
}

/// A statement. What IAM calls `IAM Policy` are all policies but the resource's own, as recorded
/// answers show.
fn statement(matched: &MatchedStatement) -> iam::Statement {
    let position = |(line, column): (usize, usize)| iam::Position {
        line: Some(int(line)),
        column: Some(int(column)),
    };
    let kind = match matched.layer {
        Layer::Resource => "resource",
        _ => "IAM Policy",
    };
    iam::Statement {
        end_position: matched.place.map(|[_, end]| position(end)),
        source_policy_id: Some(matched.policy.clone()),
        source_policy_type: Some(kind.to_owned()),
        start_position: matched.place.map(|[start, _]| position(start)),
    }
}
