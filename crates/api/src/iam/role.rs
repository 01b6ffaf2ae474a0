//! Roles and whom they trust.

use ::policy::Kind;
use identity::{Role, State, ops};
use wire::iam;

use super::{
    Parsed, arn, boundary, document, invalid, named, own_tags, page, path, prefix, serve, tag_set,
    told,
};
use crate::Response;
use crate::exchange::Exchange;

/// `CreateRole`
pub(crate) async fn create(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::CreateRoleRequest| {
        let (account, path) = (x.own_account()?, path(m.path.as_deref())?);
        Ok(ops::CreateRole {
            role: State::new_ref(account, path, named(&m.role_name)?),
            trust: document(&m.assume_role_policy_document, Kind::RoleTrust)?,
            description: m.description,
            max_session_seconds: m.max_session_duration.map(seconds).transpose()?,
            tags: tag_set(m.tags)?,
            boundary: m.permissions_boundary.as_deref().map(arn).transpose()?,
        })
    });
    serve(x, op, |_, role, state| iam::CreateRoleResponse {
        // How long its sessions may be is told when it is asked for (recorded answers).
        role: iam::Role { max_session_duration: None, ..whole(&role, state) },
    })
    .await
}

/// `GetRole`
pub(crate) async fn get(x: Exchange) -> Response {
    let op = x
        .form_message()
        .and_then(|m: iam::GetRoleRequest| Ok(ops::GetRole { role: x.role(&m.role_name)? }));
    serve(x, op, |_, role, state| iam::GetRoleResponse { role: whole(&role, state) }).await
}

/// `ListRoles`
pub(crate) async fn list(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListRolesRequest| {
        Ok(ops::ListRoles {
            account: x.own_account()?,
            prefix: prefix(m.path_prefix.as_deref())?,
            page: page(m.marker, m.max_items)?,
        })
    });
    serve(x, op, |_, found, state| {
        let (roles, is_truncated, marker) = told(found, |role| brief(role, state));
        iam::ListRolesResponse { is_truncated, marker, roles }
    })
    .await
}

/// `UpdateRole`
pub(crate) async fn update(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::UpdateRoleRequest| {
        Ok(ops::UpdateRole {
            role: x.role(&m.role_name)?,
            description: m.description,
            max_session_seconds: m.max_session_duration.map(seconds).transpose()?,
        })
    });
    serve(x, op, |_, (), _| iam::UpdateRoleResponse {}).await
}

/// `UpdateRoleDescription`
pub(crate) async fn describe(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::UpdateRoleDescriptionRequest| {
        let description = m.description;
        Ok(ops::UpdateRoleDescription { role: x.role(&m.role_name)?, description })
    });
    serve(x, op, |_, role, state| iam::UpdateRoleDescriptionResponse {
        role: Some(whole(&role, state)),
    })
    .await
}

/// `UpdateAssumeRolePolicy`
pub(crate) async fn trust(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::UpdateAssumeRolePolicyRequest| {
        let trust = document(&m.policy_document, Kind::RoleTrust)?;
        Ok(ops::UpdateAssumeRolePolicy { role: x.role(&m.role_name)?, trust })
    });
    serve(x, op, |_, (), _| iam::UpdateAssumeRolePolicyResponse {}).await
}

/// `DeleteRole`
pub(crate) async fn delete(x: Exchange) -> Response {
    let op = x
        .form_message()
        .and_then(|m: iam::DeleteRoleRequest| Ok(ops::DeleteRole { role: x.role(&m.role_name)? }));
    serve(x, op, |_, (), _| iam::DeleteRoleResponse {}).await
}

/// `PutRolePermissionsBoundary`
pub(crate) async fn put_boundary(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::PutRolePermissionsBoundaryRequest| {
        let boundary = arn(&m.permissions_boundary)?;
        Ok(ops::PutRolePermissionsBoundary { role: x.role(&m.role_name)?, boundary })
    });
    serve(x, op, |_, (), _| iam::PutRolePermissionsBoundaryResponse {}).await
}

/// `DeleteRolePermissionsBoundary`
pub(crate) async fn delete_boundary(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeleteRolePermissionsBoundaryRequest| {
        Ok(ops::DeleteRolePermissionsBoundary { role: x.role(&m.role_name)? })
    });
    serve(x, op, |_, (), _| iam::DeleteRolePermissionsBoundaryResponse {}).await
}

fn seconds(number: i32) -> Parsed<u32> {
    u32::try_from(number).map_err(|_| invalid("MaxSessionDuration must be at least 3600"))
}

/// A role as lists tell it: without tags and boundary (IAM API reference, "ListRoles").
fn brief(role: &Role, state: &State) -> iam::Role {
    iam::Role {
        arn: role.arn().to_string(),
        assume_role_policy_document: Some(state.thaw(&role.trust)),
        create_date: role.created,
        description: role.description.clone(),
        max_session_duration: i32::try_from(role.max_session_seconds).ok(),
        path: role.path.to_string(),
        role_id: role.id.to_string(),
        role_name: role.name.to_string(),
        ..iam::Role::default()
    }
}

/// A role with everything.
fn whole(role: &Role, state: &State) -> iam::Role {
    iam::Role {
        permissions_boundary: boundary(role.boundary.as_ref()),
        tags: own_tags(&role.tags),
        ..brief(role, state)
    }
}

/// `ListInstanceProfilesForRole`: there are none, and clients that remove a role ask first.
pub(crate) async fn instance_profiles(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListInstanceProfilesForRoleRequest| {
        page(m.marker, m.max_items)?;
        Ok(ops::ListInstanceProfilesForRole { role: x.role(&m.role_name)? })
    });
    serve(x, op, |_, (), _| iam::ListInstanceProfilesForRoleResponse {
        instance_profiles: Vec::new(),
        is_truncated: Some(false),
        marker: None,
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}}"#;

    fn analyst() -> Role {
        Role {
            id: "AROAAAAAAAAAAAAAAAAAA".parse().unwrap(),
            account: "111122223333".parse().unwrap(),
            path: "/".parse().unwrap(),
            name: "Analyst".parse().unwrap(),
            created: names::Timestamp::from_seconds(1_800_000_000).unwrap(),
            description: Some("reads".to_owned()),
            max_session_seconds: 7200,
            trust: document(TRUST, Kind::RoleTrust).unwrap(),
            tags: ops::Tags::new([("team".to_owned(), "red".to_owned())]).unwrap(),
            policies: identity::Policies::default(),
            boundary: None,
        }
    }

    #[test]
    fn a_role_tells_its_trust_policy_always_and_its_tags_only_when_read() {
        let (brief, whole) =
            (brief(&analyst(), &State::default()), whole(&analyst(), &State::default()));
        assert_eq!(brief.arn, "arn:aws:iam::111122223333:role/Analyst");
        assert_eq!(brief.max_session_duration, Some(7200));
        let told = brief.assume_role_policy_document.unwrap();
        assert!(told.starts_with(r#"{"Version": "2012-10-17""#), "{told}");
        assert_eq!((brief.tags, whole.tags.map(|tags| tags.len())), (None, Some(1)));
    }

    #[test]
    fn a_session_length_is_not_negative() {
        assert_eq!(seconds(3600).unwrap(), 3600);
        assert_eq!(seconds(-1).unwrap_err().code, "ValidationError");
    }
}
