//! Which policies allow anything of a service: read off their statements, whatever boundaries,
//! conditions and denials leave of it (IAM API reference, "ListPoliciesGrantingServiceAccess").

use names::{Arn, PolicyName};
use policy::actions;
use serde::Deserialize;

use super::performs;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Context, Performed};
use crate::record::Policies;

/// Policies that allow something of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrantingPolicies {
    /// The service, as it was asked for.
    pub service: String,
    /// The policies: managed ones first of each holder.
    pub policies: Vec<GrantingPolicy>,
}

/// A policy that allows something of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrantingPolicy {
    /// Its name.
    pub name: PolicyName,
    /// Its ARN; `None` if it is written into its holder.
    pub arn: Option<Arn>,
    /// What holds it: `USER`, `GROUP` or `ROLE`.
    pub kind: &'static str,
    /// The holder's name.
    pub holder: String,
}

performs! {
    ListPoliciesGrantingServiceAccess => Vec<GrantingPolicies>, Read, |op, cx| {
        let held = held(cx, &op.entity)?;
        let told = op.services.iter().map(|service| GrantingPolicies {
            service: service.clone(),
            policies: held
                .iter()
                .filter(|(_, text)| grants(text, service))
                .map(|(policy, _)| policy.clone())
                .collect(),
        });
        Ok(Performed::read(told.collect()))
    };
}

/// Every policy of an entity and, for a user, of its groups, each with its text.
pub(super) fn held(
    cx: &Context<'_>,
    entity: &Arn,
) -> Result<Vec<(GrantingPolicy, String)>, IdentityError> {
    let state = cx.state;
    let mut all = Vec::new();
    if let Some(user) = state.users.by_arn(entity) {
        add(cx, ("USER", user.name.as_str()), &user.policies, &mut all);
        for group in user.groups.iter().filter_map(|id| state.groups.by_id(id)) {
            add(cx, ("GROUP", group.name.as_str()), &group.policies, &mut all);
        }
    } else if let Some(group) = state.groups.by_arn(entity) {
        add(cx, ("GROUP", group.name.as_str()), &group.policies, &mut all);
    } else if let Some(role) = state.role_by_arn(entity) {
        add(cx, ("ROLE", role.name.as_str()), &role.policies, &mut all);
    } else {
        return Err(IdentityError::missing(EntityKind::Principal, entity));
    }
    Ok(all)
}

fn add(
    cx: &Context<'_>,
    (kind, holder): (&'static str, &str),
    own: &Policies,
    all: &mut Vec<(GrantingPolicy, String)>,
) {
    let policy = |name: &PolicyName, arn| GrantingPolicy {
        name: name.clone(),
        arn,
        kind,
        holder: holder.to_owned(),
    };
    for managed in own.attached.iter().filter_map(|arn| cx.state.policy(arn)) {
        if let Some(version) = managed.default_version() {
            let text = version.document.text().to_owned();
            all.push((policy(&managed.name, Some(managed.arn())), text));
        }
    }
    let inline = own.inline.iter();
    all.extend(inline.map(|(name, text)| (policy(name, None), text.text().to_owned())));
}

/// A document, as far as actions are concerned. It was read strictly when it was taken.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "Statement")]
    statement: OneOrMore<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: String,
    action: Option<OneOrMore<String>>,
    not_action: Option<OneOrMore<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> OneOrMore<T> {
    fn list(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

/// Whether a statement allows an action of the service.
fn grants(text: &str, service: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Document>(text) else { return false };
    let allows = |one: &&Statement| one.effect == "Allow";
    document.statement.list().iter().filter(allows).any(|one| reaches(one, service))
}

fn reaches(statement: &Statement, service: &str) -> bool {
    actions::matching(&format!("{service}:*")).any(|row| lists(statement, row.name()))
}

/// Every action that some statement of a policy allows.
pub(super) fn granted(text: &str) -> Vec<&'static str> {
    let Ok(document) = serde_json::from_str::<Document>(text) else { return Vec::new() };
    let allows = |one: &&Statement| one.effect == "Allow";
    let allowing: Vec<_> = document.statement.list().iter().filter(allows).collect();
    let names = actions::all().iter().map(actions::ActionRow::name);
    names.filter(|action| allowing.iter().any(|one| lists(one, action))).collect()
}

/// Whether a statement is about the action.
fn lists(statement: &Statement, action: &str) -> bool {
    let listed = |list: &OneOrMore<String>| {
        list.list().iter().any(|pattern| {
            pattern == "*" || actions::matching(pattern).any(|row| row.name() == action)
        })
    };
    match (&statement.action, &statement.not_action) {
        (Some(list), _) => listed(list),
        (None, Some(list)) => !listed(list),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(statement: &str, service: &str) -> bool {
        grants(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#), service)
    }

    #[test]
    fn a_policy_grants_a_service_if_a_statement_allows_one_of_its_actions() {
        let one = r#"{"Effect": "Allow", "Action": ["s3:GetObject", "iam:Get*"], "Resource": "*"}"#;
        assert!(allows(one, "s3") && allows(one, "iam"));
        assert!(!allows(one, "sts") && !allows(one, "ec2"));
        assert!(allows(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#, "sts"));
        assert!(!allows(r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#, "s3"));
        assert!(!allows(r#"{"Effect": "Allow", "Action": "s3:Fly", "Resource": "*"}"#, "s3"));
    }

    #[test]
    fn what_is_not_listed_is_granted_unless_the_whole_service_is_listed() {
        let all_but =
            |list: &str| format!(r#"{{"Effect": "Allow", "NotAction": {list}, "Resource": "*"}}"#);
        assert!(allows(&all_but(r#""s3:GetObject""#), "s3"));
        assert!(!allows(&all_but(r#"["s3:*", "iam:*"]"#), "s3"));
        assert!(allows(&all_but(r#"["s3:*", "iam:*"]"#), "sts"));
    }
}
