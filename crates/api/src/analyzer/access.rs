//! What a policy allows, compared with another or with a list.

use std::sync::Arc;

use audit::Reason;
use policy::compare::{self, Comparison};
use policy::decision::{StatementRef, Verdict};
use policy::{Attached, Document, Kind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Parsed, PolicyType, document, invalid, parameter, result, statements};
use crate::error::ApiError;

/// Most actions, and most resources, of one question (the service model).
const ITEMS_MAX: usize = 100;
/// Most characters of a resource (the service model).
const RESOURCE_CHARACTERS_MAX: usize = 2_048;

/// The message of `CheckNoNewAccess`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NoNewAccess {
    new_policy_document: String,
    existing_policy_document: String,
    policy_type: PolicyType,
}

impl NoNewAccess {
    /// Whether the new policy allows a request that the existing one does not.
    pub(super) fn answer(self) -> Parsed<Value> {
        let kind = self.policy_type.kind(&self.new_policy_document);
        let new = document("newPolicyDocument", &self.new_policy_document, kind)?;
        let old = document("existingPolicyDocument", &self.existing_policy_document, kind)?;
        let found = compared(old, new)?;
        let widened = allowed(&found, |old| old != Verdict::Allow)?;
        let reasons = reasons(&widened, "New access in the");
        let passes = "The modified permissions do not grant new access compared to your existing \
                      policy.";
        let fails = "The modified permissions grant new access compared to your existing policy.";
        Ok(result(reasons.is_empty().then_some(passes), fails, &reasons))
    }
}

/// The message of `CheckAccessNotGranted`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NotGranted {
    policy_document: String,
    access: Vec<Access>,
    policy_type: PolicyType,
}

/// Actions, resources, or actions on resources.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Access {
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    resources: Vec<String>,
}

impl NotGranted {
    /// Whether the policy allows any of the access: it is compared with itself and a statement
    /// that denies just that.
    pub(super) fn answer(self) -> Parsed<Value> {
        let [access] = self.access.as_slice() else {
            return Err(parameter("`access` has exactly one element"));
        };
        access.check()?;
        let kind = self.policy_type.kind(&self.policy_document);
        let new = document("policyDocument", &self.policy_document, kind)?;
        let mut denied: Value = serde_json::from_str(&self.policy_document).unwrap_or_default();
        let mut all = statements(&denied);
        all.push(access.denied(kind)?);
        if let Some(members) = denied.as_object_mut() {
            members.insert("Statement".to_owned(), all.into());
        }
        let old = document("access", &denied.to_string(), kind)?;
        let granted = compared(old, new)?;
        let granted = allowed(&granted, |old| old == Verdict::ExplicitDeny)?;
        let reasons = reasons(&granted, "One or more of the listed actions or resources in the");
        let passes = "The policy document does not grant access to perform the listed actions or \
                      resources.";
        let fails = "The policy document grants access to perform one or more of the listed actions or \
             resources.";
        Ok(result(reasons.is_empty().then_some(passes), fails, &reasons))
    }
}

impl Access {
    fn check(&self) -> Parsed<()> {
        if self.actions.is_empty() && self.resources.is_empty() {
            return Err(parameter("`access` names neither actions nor resources"));
        }
        if self.actions.len() > ITEMS_MAX || self.resources.len() > ITEMS_MAX {
            let message = format!("`access` has more than {ITEMS_MAX} actions or resources");
            return Err(invalid("fieldValidationFailed", message));
        }
        if self.resources.iter().any(|one| one.chars().count() > RESOURCE_CHARACTERS_MAX) {
            let message = format!("a resource has more than {RESOURCE_CHARACTERS_MAX} characters");
            return Err(invalid("fieldValidationFailed", message));
        }
        Ok(())
    }

    /// A statement that denies it to everybody.
    fn denied(&self, kind: Kind) -> Parsed<Value> {
        let or_all = |list: &[String]| if list.is_empty() { json!("*") } else { json!(list) };
        let mut statement = json!({ "Effect": "Deny", "Action": or_all(&self.actions) });
        let trust = kind == Kind::RoleTrust;
        if trust && !self.resources.is_empty() {
            return Err(parameter("a role's trust policy is about no resources"));
        }
        if let Some(members) = statement.as_object_mut() {
            if !trust {
                members.insert("Resource".to_owned(), or_all(&self.resources));
            }
            if kind != Kind::Identity {
                members.insert("Principal".to_owned(), json!("*"));
            }
        }
        Ok(statement)
    }
}

/// The message of `CheckNoPublicAccess`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NoPublicAccess {
    policy_document: String,
    resource_type: String,
}

impl NoPublicAccess {
    /// Whether the policy is public, and by which statements.
    pub(super) fn answer(self) -> Parsed<Value> {
        let kind = match self.resource_type.as_str() {
            "AWS::S3::Bucket" => Kind::Bucket,
            "AWS::IAM::AssumeRolePolicyDocument" => Kind::RoleTrust,
            other => return Err(invalid("notSupported", format!("there is no `{other}` here"))),
        };
        let whole = document("policyDocument", &self.policy_document, kind)?;
        let sent: Value = serde_json::from_str(&self.policy_document).unwrap_or_default();
        let public = |one: &Value| {
            let alone = json!({ "Version": "2012-10-17", "Statement": one }).to_string();
            Document::parse(&alone, kind).map_or(true, |document| document.is_public())
        };
        let all = statements(&sent);
        let open = all.iter().enumerate().filter(|(_, one)| whole.is_public() && public(one));
        let sid = |one: &Value| one.get("Sid").and_then(Value::as_str).map(str::to_owned);
        let open: Vec<_> = open.map(|(index, one)| (index, sid(one))).collect();
        let reasons = reasons(&open, "Public access granted in the following");
        let passes =
            "The resource policy does not grant public access for the given resource type.";
        let fails = "The resource policy grants public access for the given resource type.";
        Ok(result((!whole.is_public()).then_some(passes), fails, &reasons))
    }
}

fn compared(old: Document, new: Document) -> Parsed<Comparison> {
    let attached =
        |name: &str, document| Attached { name: name.to_owned(), document: Arc::new(document) };
    compare::documents(&attached("old", old), &attached("new", new))
        .map_err(|error| parameter(error.to_string()))
}

/// A statement: its place, and its name if it has one.
type Place = (usize, Option<String>);

/// The statements by which the new side allows what the old one answered so. Nothing is passed
/// that could not be looked at.
fn allowed(found: &Comparison, old: impl Fn(Verdict) -> bool) -> Parsed<Vec<Place>> {
    let wider = found
        .differences
        .iter()
        .filter(|one| one.new.verdict == Verdict::Allow && old(one.old.verdict));
    let place = |one: &StatementRef| (one.index, one.sid.clone());
    let mut places: Vec<Place> =
        wider.filter_map(|one| one.new.statement.as_ref().map(place)).collect();
    places.sort();
    places.dedup();
    if places.is_empty() && !found.undecided.is_empty() {
        let why: Vec<String> = found.undecided.iter().map(ToString::to_string).collect();
        let message = format!("the question cannot be answered exactly: {}", why.join("; "));
        return Err(ApiError::new(422, "UnprocessableEntityException", message)
            .because(Reason::Malformed { what: "message" }));
    }
    Ok(places)
}

fn reasons(places: &[Place], what: &str) -> Vec<Value> {
    let reason = |(index, sid): &Place| match sid.as_deref().filter(|sid| !sid.is_empty()) {
        Some(sid) => json!({
            "description": format!("{what} statement with sid: {sid}."),
            "statementIndex": index,
            "statementId": sid,
        }),
        None => json!({
            "description": format!("{what} statement with index: {index}."),
            "statementIndex": index,
        }),
    };
    places.iter().map(reason).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(sid: &str, action: &str, resource: &str) -> String {
        json!({"Version": "2012-10-17", "Statement": [{"Sid": sid, "Effect": "Allow",
            "Action": action, "Resource": format!("arn:aws:s3:::{resource}")}]})
        .to_string()
    }

    fn to(principal: &str) -> String {
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": principal,
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::box/*"}})
        .to_string()
    }

    fn no_new(old: &str, new: &str) -> Value {
        let policy_type = PolicyType::Identity;
        let (new_policy_document, existing_policy_document) = (new.to_owned(), old.to_owned());
        NoNewAccess { new_policy_document, existing_policy_document, policy_type }.answer().unwrap()
    }

    #[test]
    fn a_wider_policy_has_new_access_and_a_narrower_one_has_none() {
        let (narrow, wide) =
            (allow("Some", "s3:GetObject", "box/a/*"), allow("All", "s3:Get*", "box/*"));
        let found = no_new(&narrow, &wide);
        assert_eq!(
            (&found["result"], &found["reasons"][0]["statementId"]),
            (&json!("FAIL"), &json!("All"))
        );
        assert_eq!(found["reasons"][0]["statementIndex"], 0);
        let found = no_new(&wide, &narrow);
        assert_eq!((&found["result"], &found["reasons"]), (&json!("PASS"), &json!([])));
        assert_eq!(no_new(&wide, &wide)["result"], "PASS");
    }

    fn granted(text: &str, actions: &[&str], resources: &[&str]) -> Parsed<Value> {
        let own = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
        let access = vec![Access { actions: own(actions), resources: own(resources) }];
        let policy_document = text.to_owned();
        NotGranted { policy_document, access, policy_type: PolicyType::Identity }.answer()
    }

    #[test]
    fn access_is_granted_if_any_of_it_is() {
        let policy = allow("Read", "s3:Get*", "box/*");
        let result = |actions: &[&str], resources: &[&str]| {
            granted(&policy, actions, resources).unwrap()["result"].as_str().unwrap().to_owned()
        };
        assert_eq!(result(&["s3:PutObject", "s3:GetObject"], &[]), "FAIL");
        assert_eq!(result(&["s3:PutObject", "iam:*"], &[]), "PASS");
        assert_eq!(result(&[], &["arn:aws:s3:::box/a"]), "FAIL");
        assert_eq!(result(&[], &["arn:aws:s3:::other/*"]), "PASS");
        assert_eq!(result(&["s3:GetObject"], &["arn:aws:s3:::other/*"]), "PASS");
        assert_eq!(result(&["s3:GetObject"], &["arn:aws:s3:::b*"]), "FAIL");
    }

    #[test]
    fn a_question_that_names_nothing_or_too_much_is_refused() {
        let policy = allow("Read", "s3:Get*", "box/*");
        let code = |found: Parsed<Value>| found.unwrap_err().code;
        assert_eq!(code(granted(&policy, &[], &[])), "InvalidParameterException");
        assert_eq!(code(granted("{", &["s3:GetObject"], &[])), "InvalidParameterException");
        assert!(granted(&policy, &["s3:GetObject"; 100], &[]).is_ok());
        assert_eq!(code(granted(&policy, &["s3:GetObject"; 101], &[])), "ValidationException");
        let long = "a".repeat(2_049);
        assert_eq!(code(granted(&policy, &[], &[&long])), "ValidationException");
    }

    fn public(text: &str, kind: &str) -> Parsed<Value> {
        let (policy_document, resource_type) = (text.to_owned(), kind.to_owned());
        NoPublicAccess { policy_document, resource_type }.answer()
    }

    #[test]
    fn a_public_policy_fails_and_names_its_statement() {
        let found = public(&to("*"), "AWS::S3::Bucket").unwrap();
        assert_eq!(found["result"], "FAIL");
        assert_eq!(found["reasons"][0]["statementIndex"], 0);
        let fixed = to("*").replace("\"*\"", "{\"AWS\":\"111122223333\"}");
        assert_eq!(public(&fixed, "AWS::S3::Bucket").unwrap()["result"], "PASS");
        let other = public(&fixed, "AWS::SQS::Queue").unwrap_err();
        assert_eq!(
            (other.code, other.details[0].1.as_str()),
            ("ValidationException", "notSupported")
        );
    }
}
