//! Managed policies and their versions.

use ::policy::Kind;
use identity::ops::{self, AttachedFilter, EntityFilter, NewDefault, PathPrefix, PolicyScope};
use identity::{EntityKind, ManagedPolicy, PolicyEntity, PolicySummary, State};
use names::AccountId;
use wire::iam;

use super::{
    Parsed, arn, document, int, invalid, named, own_tags, page, path, prefix, serve, tag_set, told,
};
use crate::Response;
use crate::exchange::Exchange;

/// `CreatePolicy`
pub(crate) async fn create(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::CreatePolicyRequest| {
        let (account, path) = (x.own_account()?, path(m.path.as_deref())?);
        Ok(ops::CreatePolicy {
            policy: State::new_ref(account, path, named(&m.policy_name)?),
            document: document(&m.policy_document, Kind::Identity)?,
            description: m.description,
            tags: tag_set(m.tags)?,
        })
    });
    serve(x, op, |_, made, _| iam::CreatePolicyResponse { policy: Some(whole(&made)) }).await
}

/// `GetPolicy`
pub(crate) async fn get(x: Exchange) -> Response {
    let op = x
        .form_message()
        .and_then(|m: iam::GetPolicyRequest| Ok(ops::GetPolicy { policy: arn(&m.policy_arn)? }));
    serve(x, op, |_, found, _| iam::GetPolicyResponse { policy: Some(whole(&found)) }).await
}

/// `ListPolicies`. A page may hold fewer policies than asked for although there are more (IAM API
/// reference, "ListPolicies": "IAM might return fewer than the MaxItems number of results").
pub(crate) async fn list(x: Exchange) -> Response {
    let message = x.form_message::<iam::ListPoliciesRequest>();
    let wanted = message.as_ref().map(Wanted::of).unwrap_or_default();
    let op = message.and_then(|m| {
        Ok(ops::ListPolicies {
            account: x.own_account()?,
            prefix: prefix(m.path_prefix.as_deref())?,
            scope: match m.scope.as_deref() {
                Some("AWS") => PolicyScope::Aws,
                Some("Local") => PolicyScope::Local,
                _ => PolicyScope::All,
            },
            attached: match m.only_attached {
                Some(true) => AttachedFilter::Attached,
                Some(false) | None => AttachedFilter::Any,
            },
            page: page(m.marker, m.max_items)?,
        })
    });
    serve(x, op, move |_, mut found, _| {
        found.items.retain(|summary| wanted.takes(summary));
        let (policies, is_truncated, marker) = told(found, brief);
        iam::ListPoliciesResponse { is_truncated, marker, policies: Some(policies) }
    })
    .await
}

/// Which of an account's policies a list is to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Wanted {
    /// All of them.
    #[default]
    All,
    /// Those that are attached to something.
    Attached,
    /// Those that bound something.
    Boundaries,
}

impl Wanted {
    fn of(message: &iam::ListPoliciesRequest) -> Self {
        match message.policy_usage_filter.as_deref() {
            Some("PermissionsPolicy") => Self::Attached,
            Some("PermissionsBoundary") => Self::Boundaries,
            _ => Self::All,
        }
    }

    fn takes(self, summary: &PolicySummary) -> bool {
        match self {
            Self::All => true,
            Self::Attached => summary.attachments > 0,
            Self::Boundaries => summary.boundaries > 0,
        }
    }
}

/// `DeletePolicy`
pub(crate) async fn delete(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeletePolicyRequest| {
        Ok(ops::DeletePolicy { policy: arn(&m.policy_arn)? })
    });
    serve(x, op, |_, (), _| iam::DeletePolicyResponse {}).await
}

/// `CreatePolicyVersion`
pub(crate) async fn create_version(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::CreatePolicyVersionRequest| {
        Ok(ops::CreatePolicyVersion {
            policy: arn(&m.policy_arn)?,
            document: document(&m.policy_document, Kind::Identity)?,
            default: match m.set_as_default {
                Some(true) => NewDefault::Switch,
                Some(false) | None => NewDefault::Keep,
            },
        })
    });
    serve(x, op, |op, (number, version), _| iam::CreatePolicyVersionResponse {
        policy_version: Some(iam::PolicyVersion {
            create_date: Some(version.created),
            document: None,
            is_default_version: Some(op.default == NewDefault::Switch),
            version_id: Some(number.to_string()),
        }),
    })
    .await
}

/// `GetPolicyVersion`
pub(crate) async fn get_version(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::GetPolicyVersionRequest| {
        let policy = arn(&m.policy_arn)?;
        Ok(ops::GetPolicyVersion { policy, version: named(&m.version_id)? })
    });
    serve(x, op, |op, (policy, version), _| iam::GetPolicyVersionResponse {
        policy_version: Some(iam::PolicyVersion {
            create_date: Some(version.created),
            document: Some(version.document.text().to_owned()),
            is_default_version: Some(policy.default == op.version),
            version_id: Some(op.version.to_string()),
        }),
    })
    .await
}

/// `ListPolicyVersions`
pub(crate) async fn list_versions(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListPolicyVersionsRequest| {
        let page = page(m.marker, m.max_items)?;
        Ok(ops::ListPolicyVersions { policy: arn(&m.policy_arn)?, page })
    });
    serve(x, op, |_, (policy, found), _| {
        let (versions, is_truncated, marker) = told(found, |id| version(&policy, *id));
        iam::ListPolicyVersionsResponse { is_truncated, marker, versions: Some(versions) }
    })
    .await
}

/// A version as lists tell it: without its document (IAM API reference, "PolicyVersion").
fn version(policy: &ManagedPolicy, id: ops::PolicyVersionId) -> iam::PolicyVersion {
    iam::PolicyVersion {
        create_date: policy.versions.get(&id).map(|version| version.created),
        document: None,
        is_default_version: Some(policy.default == id),
        version_id: Some(id.to_string()),
    }
}

/// `DeletePolicyVersion`
pub(crate) async fn delete_version(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeletePolicyVersionRequest| {
        let policy = arn(&m.policy_arn)?;
        Ok(ops::DeletePolicyVersion { policy, version: named(&m.version_id)? })
    });
    serve(x, op, |_, (), _| iam::DeletePolicyVersionResponse {}).await
}

/// `SetDefaultPolicyVersion`
pub(crate) async fn set_default(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::SetDefaultPolicyVersionRequest| {
        let policy = arn(&m.policy_arn)?;
        Ok(ops::SetDefaultPolicyVersion { policy, version: named(&m.version_id)? })
    });
    serve(x, op, |_, (), _| iam::SetDefaultPolicyVersionResponse {}).await
}

/// `ListEntitiesForPolicy`
pub(crate) async fn entities(x: Exchange) -> Response {
    let message = x.form_message::<iam::ListEntitiesForPolicyRequest>();
    let under = message.as_ref().ok().and_then(|m| m.path_prefix.clone());
    let op = message.and_then(|m| {
        if m.policy_usage_filter.as_deref() == Some("PermissionsBoundary") {
            return Err(invalid("what a policy bounds is not listed here"));
        }
        prefix(m.path_prefix.as_deref())?;
        Ok(ops::ListEntitiesForPolicy {
            policy: arn(&m.policy_arn)?,
            filter: filter(m.entity_filter.as_deref())?,
            page: page(m.marker, m.max_items)?,
        })
    });
    serve(x, op, move |op, found, state| {
        let under = under.unwrap_or_else(|| PathPrefix::default().as_str().to_owned());
        let account = op.policy.account().parse().ok();
        let stands = |entity: &&PolicyEntity| {
            path_of(state, account, entity).is_some_and(|path| path.starts_with(&under))
        };
        entities_told(found.items.iter().filter(stands), found.next.as_deref())
    })
    .await
}

fn entities_told<'a>(
    items: impl Iterator<Item = &'a PolicyEntity>,
    next: Option<&str>,
) -> iam::ListEntitiesForPolicyResponse {
    let (mut users, mut groups, mut roles) = (Vec::new(), Vec::new(), Vec::new());
    for entity in items {
        let (id, name) = (Some(entity.id.to_string()), Some(entity.name.clone()));
        match entity.kind {
            EntityKind::User => users.push(iam::PolicyUser { user_id: id, user_name: name }),
            EntityKind::Group => groups.push(iam::PolicyGroup { group_id: id, group_name: name }),
            _ => roles.push(iam::PolicyRole { role_id: id, role_name: name }),
        }
    }
    iam::ListEntitiesForPolicyResponse {
        is_truncated: Some(next.is_some()),
        marker: next.map(str::to_owned),
        policy_groups: Some(groups),
        policy_roles: Some(roles),
        policy_users: Some(users),
    }
}

/// Where an entity stands.
fn path_of(state: &State, account: Option<AccountId>, entity: &PolicyEntity) -> Option<String> {
    let path = match entity.kind {
        EntityKind::User => &state.user(account?, &entity.name)?.path,
        EntityKind::Group => &state.group(account?, &entity.name)?.path,
        _ => &state.role(account?, &entity.name)?.path,
    };
    Some(path.to_string())
}

fn filter(word: Option<&str>) -> Parsed<EntityFilter> {
    match word {
        None => Ok(EntityFilter::All),
        Some("User") => Ok(EntityFilter::Users),
        Some("Group") => Ok(EntityFilter::Groups),
        Some("Role") => Ok(EntityFilter::Roles),
        Some(_) => Err(invalid("a policy is attached to users, groups and roles only")),
    }
}

/// A policy as lists tell it: without description and tags (IAM API reference, "ListPolicies").
fn brief(summary: &PolicySummary) -> iam::Policy {
    let policy = &summary.policy;
    iam::Policy {
        arn: Some(policy.arn().to_string()),
        attachment_count: Some(int(summary.attachments)),
        create_date: Some(policy.created),
        default_version_id: Some(policy.default.to_string()),
        description: None,
        is_attachable: Some(true),
        path: Some(policy.path.to_string()),
        permissions_boundary_usage_count: Some(int(summary.boundaries)),
        policy_id: Some(policy.id.to_string()),
        policy_name: Some(policy.name.to_string()),
        tags: None,
        update_date: Some(policy.updated),
    }
}

/// A policy with everything but its document.
fn whole(summary: &PolicySummary) -> iam::Policy {
    iam::Policy {
        description: summary.policy.description.clone(),
        tags: own_tags(&summary.policy.tags),
        ..brief(summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_filter_is_one_of_the_three_kinds_that_policies_are_attached_to() {
        assert_eq!(filter(None).unwrap(), EntityFilter::All);
        assert_eq!(filter(Some("Group")).unwrap(), EntityFilter::Groups);
        assert_eq!(filter(Some("AWSManagedPolicy")).unwrap_err().code, "ValidationError");
    }

    #[test]
    fn a_list_is_of_what_is_attached_or_bounds_where_it_says_so() {
        let asks = |scope: &str, usage: Option<&str>| {
            Wanted::of(&iam::ListPoliciesRequest {
                scope: Some(scope.to_owned()),
                policy_usage_filter: usage.map(str::to_owned),
                ..Default::default()
            })
        };
        assert_eq!(asks("AWS", None), Wanted::All);
        assert_eq!(asks("All", None), Wanted::All);
        assert_eq!(asks("Local", Some("PermissionsBoundary")), Wanted::Boundaries);
        assert_eq!(asks("Local", Some("PermissionsPolicy")), Wanted::Attached);
    }

    #[test]
    fn entities_are_told_by_kind() {
        let entity =
            |kind, id: &str| PolicyEntity { kind, name: "x".to_owned(), id: id.parse().unwrap() };
        let all = [
            entity(EntityKind::User, "AIDAAAAAAAAAAAAAAAAAA"),
            entity(EntityKind::Group, "AGPAAAAAAAAAAAAAAAAAA"),
            entity(EntityKind::Role, "AROAAAAAAAAAAAAAAAAAA"),
        ];
        let told = entities_told(all.iter(), Some("m"));
        assert_eq!(told.policy_users.unwrap().len(), 1);
        assert_eq!(told.policy_groups.unwrap().len(), 1);
        assert_eq!(told.policy_roles.unwrap().len(), 1);
        assert_eq!((told.is_truncated, told.marker.as_deref()), (Some(true), Some("m")));
    }
}
