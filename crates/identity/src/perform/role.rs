//! What the operations on roles do.

use std::sync::Arc;

use audit::ChainLink;
use names::UniqueIdKind;
use policy::Kind;

use super::user::tags_page;
use super::{described, performs, within};
use crate::delta::Change;
use crate::error::{EntityKind, IdentityError, Remains};
use crate::identity::{Context, Performed};
use crate::ops::{
    CreateRole, DeleteRole, ListRoles, Page, ROLE_SESSION_SECONDS, RoleRef, SESSION_SECONDS_MAX,
};
use crate::record::{Policies, Role};
use crate::stored_policy::StoredPolicy;

type Outcome<T> = Result<Performed<T>, IdentityError>;

performs! {
    ListInstanceProfilesForRole => (), Read, |op, cx| {
        cx.role(&op.role)?;
        Ok(Performed::read(()))
    };
    CreateRole => Arc<Role>, Write, create;
    GetRole => Arc<Role>, Read, |op, cx| Ok(Performed::read(Arc::clone(cx.role(&op.role)?)));
    ListRoles => Page<Arc<Role>>, Read, list;
    UpdateRole => (), Write, |op, cx| {
        described(op.description.as_ref())?;
        let seconds = op.max_session_seconds;
        let seconds = seconds.map(|seconds| session_seconds(cx, seconds)).transpose()?;
        change(cx, &op.role, |role| {
            role.description = op.description.clone().or_else(|| role.description.take());
            role.max_session_seconds = seconds.unwrap_or(role.max_session_seconds);
            Ok(())
        })
    };
    UpdateRoleDescription => Arc<Role>, Write, |op, cx| {
        described(Some(&op.description))?;
        let mut role = (**cx.role(&op.role)?).clone();
        role.description = Some(op.description.clone());
        let role = Arc::new(role);
        Ok(Performed::write(vec![Change::Role(Arc::clone(&role))], role))
    };
    UpdateAssumeRolePolicy => (), Write, |op, cx| {
        let trust = trust(cx, &op.trust)?;
        change(cx, &op.role, |role| {
            role.trust = trust;
            Ok(())
        })
    };
    DeleteRole => (), Write, delete;
    TagRole => (), Write, |op, cx| change(cx, &op.role, |role| {
        role.tags = role.tags.with(&op.tags)?;
        Ok(())
    });
    UntagRole => (), Write, |op, cx| change(cx, &op.role, |role| {
        role.tags = role.tags.without(&op.keys);
        Ok(())
    });
    ListRoleTags => Page<(String, String)>, Read, |op, cx| {
        Ok(Performed::read(tags_page(&op.page, &cx.role(&op.role)?.tags)))
    };
    PutRolePermissionsBoundary => (), Write, |op, cx| {
        cx.attachable(op.role.account, &op.boundary)?;
        change(cx, &op.role, |role| {
            role.boundary = Some(op.boundary.clone());
            Ok(())
        })
    };
    DeleteRolePermissionsBoundary => (), Write, |op, cx| change(cx, &op.role, |role| {
        role.boundary = None;
        Ok(())
    });
}

/// Puts a role back changed.
fn change(
    cx: &Context<'_>,
    wanted: &RoleRef,
    edit: impl FnOnce(&mut Role) -> Result<(), IdentityError>,
) -> Outcome<()> {
    let mut role = (**cx.role(wanted)?).clone();
    edit(&mut role)?;
    Ok(Performed::write(vec![Change::Role(Arc::new(role))], ()))
}

/// A trust policy, with its users and roles frozen to their unique ids: somebody who is made again
/// under the name is not trusted.
pub(super) fn trust(
    cx: &Context<'_>,
    policy: &StoredPolicy,
) -> Result<StoredPolicy, IdentityError> {
    if policy.kind() != Kind::RoleTrust {
        let must = "a trust policy";
        return Err(IdentityError::Validation { parameter: "AssumeRolePolicyDocument", must });
    }
    cx.state.freeze(policy)
}

/// As IAM bounds it, unless this installation allows more.
fn session_seconds(cx: &Context<'_>, seconds: u32) -> Result<u32, IdentityError> {
    let most = cx.quotas.session_seconds.max(*ROLE_SESSION_SECONDS.end()).min(SESSION_SECONDS_MAX);
    if (*ROLE_SESSION_SECONDS.start()..=most).contains(&seconds) {
        Ok(seconds)
    } else {
        let must = "at least 3600 and at most 43200, or what this installation raises that to";
        Err(IdentityError::Validation { parameter: "MaxSessionDuration", must })
    }
}

fn create(op: &CreateRole, cx: &Context<'_>) -> Outcome<Arc<Role>> {
    let account = op.role.account;
    if cx.state.roles.named(account, op.role.name.as_str()).is_some() {
        return Err(IdentityError::taken(EntityKind::Role, &op.role.name));
    }
    within("RolesPerAccount", cx.state.roles.count(account), cx.quotas.roles)?;
    described(op.description.as_ref())?;
    if let Some(boundary) = &op.boundary {
        cx.attachable(account, boundary)?;
    }
    let role = Arc::new(Role {
        id: cx.unique_id(UniqueIdKind::Role),
        account,
        path: op.role.path.clone(),
        name: op.role.name.clone(),
        created: cx.now,
        description: op.description.clone(),
        max_session_seconds: session_seconds(
            cx,
            op.max_session_seconds.unwrap_or(*ROLE_SESSION_SECONDS.start()),
        )?,
        trust: trust(cx, &op.trust)?,
        tags: op.tags.clone(),
        policies: Policies::default(),
        boundary: op.boundary.clone(),
    });
    Ok(Performed::write(vec![Change::Role(Arc::clone(&role))], role))
}

fn list(op: &ListRoles, cx: &Context<'_>) -> Outcome<Page<Arc<Role>>> {
    let roles = cx.state.roles.of(op.account, op.page.marker());
    let roles = roles.filter(|role| role.path.as_str().starts_with(op.prefix.as_str()));
    Ok(Performed::read(Page::cut(&op.page, roles, |role| role.name.folded())))
}

fn delete(op: &DeleteRole, cx: &Context<'_>) -> Outcome<()> {
    let role = cx.role(&op.role)?;
    let remains = [
        (!role.policies.attached.is_empty(), Remains::AttachedPolicies),
        (!role.policies.inline.is_empty(), Remains::InlinePolicies),
        (cx.named_by_rules(role.account, &role.arn()), Remains::MappingRules),
    ];
    if let Some((_, remains)) = remains.into_iter().find(|(left, _)| *left) {
        return Err(IdentityError::DeleteConflict { kind: EntityKind::Role, remains });
    }
    let mut changes = super::service_account::gone_with(cx, &role.id);
    changes.push(Change::RoleGone(role.id.clone()));
    let gone = Performed::write(changes, ());
    Ok(gone.cutting(vec![ChainLink::Principal(role.id.clone())]))
}
