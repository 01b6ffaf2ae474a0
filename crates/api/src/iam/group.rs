//! Groups and who is in them.

use identity::{Group, ops};
use wire::iam;

use super::{named, page, path, prefix, serve, told, user};
use crate::Response;
use crate::exchange::Exchange;

/// `CreateGroup`
pub(crate) async fn create(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::CreateGroupRequest| {
        let (account, path) = (x.own_account()?, path(m.path.as_deref())?);
        let group = identity::State::new_ref(account, path, named(&m.group_name)?);
        Ok(ops::CreateGroup { group })
    });
    serve(x, op, |_, group, _| iam::CreateGroupResponse { group: element(&group) }).await
}

/// `GetGroup`
pub(crate) async fn get(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::GetGroupRequest| {
        let page = page(m.marker, m.max_items)?;
        Ok(ops::GetGroup { group: x.group(&m.group_name)?, page })
    });
    serve(x, op, |_, (group, members), _| {
        let (users, is_truncated, marker) = told(members, |member| user::brief(member));
        iam::GetGroupResponse { group: element(&group), is_truncated, marker, users }
    })
    .await
}

/// `ListGroups`
pub(crate) async fn list(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListGroupsRequest| {
        Ok(ops::ListGroups {
            account: x.own_account()?,
            prefix: prefix(m.path_prefix.as_deref())?,
            page: page(m.marker, m.max_items)?,
        })
    });
    serve(x, op, |_, found, _| {
        let (groups, is_truncated, marker) = told(found, |group| element(group));
        iam::ListGroupsResponse { groups, is_truncated, marker }
    })
    .await
}

/// `UpdateGroup`
pub(crate) async fn update(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::UpdateGroupRequest| {
        Ok(ops::UpdateGroup {
            group: x.group(&m.group_name)?,
            new_name: m.new_group_name.as_deref().map(named).transpose()?,
            new_path: m.new_path.as_deref().map(named).transpose()?,
        })
    });
    serve(x, op, |_, _, _| iam::UpdateGroupResponse {}).await
}

/// `DeleteGroup`
pub(crate) async fn delete(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeleteGroupRequest| {
        Ok(ops::DeleteGroup { group: x.group(&m.group_name)? })
    });
    serve(x, op, |_, (), _| iam::DeleteGroupResponse {}).await
}

/// `AddUserToGroup`
pub(crate) async fn add(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::AddUserToGroupRequest| {
        let user = named(&m.user_name)?;
        Ok(ops::AddUserToGroup { group: x.group(&m.group_name)?, user })
    });
    serve(x, op, |_, (), _| iam::AddUserToGroupResponse {}).await
}

/// `RemoveUserFromGroup`
pub(crate) async fn remove(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::RemoveUserFromGroupRequest| {
        let user = named(&m.user_name)?;
        Ok(ops::RemoveUserFromGroup { group: x.group(&m.group_name)?, user })
    });
    serve(x, op, |_, (), _| iam::RemoveUserFromGroupResponse {}).await
}

/// `ListGroupsForUser`
pub(crate) async fn of_user(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListGroupsForUserRequest| {
        let page = page(m.marker, m.max_items)?;
        Ok(ops::ListGroupsForUser { user: x.user(&m.user_name)?, page })
    });
    serve(x, op, |_, found, _| {
        let (groups, is_truncated, marker) = told(found, |group| element(group));
        iam::ListGroupsForUserResponse { groups, is_truncated, marker }
    })
    .await
}

fn element(group: &Group) -> iam::Group {
    iam::Group {
        arn: group.arn().to_string(),
        create_date: group.created,
        group_id: group.id.to_string(),
        group_name: group.name.to_string(),
        path: group.path.to_string(),
    }
}
