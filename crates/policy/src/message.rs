//! What the caller is told of a refusal (IAM guide, "Access denied error message format").

use crate::decision::{Decision, Layer, Reach, Verdict};
use crate::principal::Principal;

/// AWS's sentence for a refusal: who may not do what to which resource, and because of which kind
/// of policy. Across accounts the reason stays with the resource's owner.
///
/// ```
/// # use strongroom_policy::{*, facts::Facts, operation::{Check, Need}, principal::Principal};
/// let principal = Principal::Root { account: "111122223333".parse().unwrap() };
/// let check = Check {
///     action: "s3:GetObject".parse().unwrap(),
///     resource: "arn:aws:s3:::b/k".parse().unwrap(),
///     need: Need::Required,
///     with: Vec::new(),
/// };
/// let theirs = ResourceSide::plain(Some("444455556666".parse().unwrap()));
/// let decision = decide(&check, &Question {
///     principal: &principal,
///     caller: &CallerPolicies::default(),
///     resource: &theirs,
///     facts: &Facts::default(),
///     revision: Default::default(),
/// });
/// assert_eq!(
///     denial_message(&decision, &principal),
///     "User: arn:aws:iam::111122223333:root is not authorized to perform: s3:GetObject on \
///      resource: arn:aws:s3:::b/k",
/// );
/// ```
#[must_use]
pub fn denial_message(decision: &Decision, principal: &Principal) -> String {
    let check = decision.check();
    let (action, resource) = (&check.action, &check.resource);
    let caller = match principal {
        Principal::Service { name } => name.clone(),
        other => other.arn().map_or_else(|| "anonymous".to_owned(), |arn| arn.to_string()),
    };
    let sentence =
        format!("User: {caller} is not authorized to perform: {action} on resource: {resource}");
    match decision.reach() {
        Reach::CrossAccount => sentence,
        Reach::SameAccount => match reason(decision) {
            Some(reason) => format!("{sentence} {reason}"),
            None => sentence,
        },
    }
}

fn reason(decision: &Decision) -> Option<String> {
    let action = &decision.check().action;
    let kind = match decision.because() {
        Layer::Identity => "identity-based policy",
        Layer::Resource if action.service() == "sts" => "role trust policy",
        Layer::Resource => "resource-based policy",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session policy",
        Layer::ServiceControl => "service control policy",
        Layer::ResourceControl => "resource control policy",
        Layer::PublicAccessBlock => {
            return Some(
                "because public access is blocked by the RestrictPublicBuckets setting".to_owned(),
            );
        }
    };
    let control = matches!(decision.because(), Layer::ServiceControl | Layer::ResourceControl);
    let article = if kind.starts_with('i') { "an" } else { "a" };
    match decision.verdict() {
        Verdict::Allow => None,
        // AWS calls what a control policy does not allow explicitly denied.
        Verdict::ImplicitDeny if !control => {
            Some(format!("because no {kind} allows the {action} action"))
        }
        Verdict::ImplicitDeny | Verdict::ExplicitDeny => {
            Some(format!("with an explicit deny in {article} {kind}"))
        }
    }
}
