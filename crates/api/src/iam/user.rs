//! Users.

use identity::{User, UserOrRoot, ops};
use wire::iam;

use super::{arn, boundary, named, own_tags, page, path, prefix, serve, tag_set, told};
use crate::Response;
use crate::exchange::Exchange;

/// `CreateUser`
pub(crate) async fn create(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::CreateUserRequest| {
        let (account, path) = (x.own_account()?, path(m.path.as_deref())?);
        Ok(ops::CreateUser {
            user: identity::State::new_ref(account, path, named(&m.user_name)?),
            tags: tag_set(m.tags)?,
            boundary: m.permissions_boundary.as_deref().map(arn).transpose()?,
        })
    });
    serve(x, op, |_, user, _| iam::CreateUserResponse { user: Some(whole(&user)) }).await
}

/// `GetUser`
pub(crate) async fn get(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::GetUserRequest| {
        Ok(ops::GetUser { holder: x.holder(m.user_name.as_deref())? })
    });
    serve(x, op, |_, found, _| iam::GetUserResponse { user: user_or_root(&found) }).await
}

/// `ListUsers`
pub(crate) async fn list(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListUsersRequest| {
        Ok(ops::ListUsers {
            account: x.own_account()?,
            prefix: prefix(m.path_prefix.as_deref())?,
            page: page(m.marker, m.max_items)?,
        })
    });
    serve(x, op, |_, found, _| {
        let (users, is_truncated, marker) = told(found, |user| brief(user));
        iam::ListUsersResponse { is_truncated, marker, users }
    })
    .await
}

/// `UpdateUser`
pub(crate) async fn update(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::UpdateUserRequest| {
        Ok(ops::UpdateUser {
            user: x.user(&m.user_name)?,
            new_name: m.new_user_name.as_deref().map(named).transpose()?,
            new_path: m.new_path.as_deref().map(named).transpose()?,
        })
    });
    serve(x, op, |_, _, _| iam::UpdateUserResponse {}).await
}

/// `DeleteUser`
pub(crate) async fn delete(x: Exchange) -> Response {
    let op = x
        .form_message()
        .and_then(|m: iam::DeleteUserRequest| Ok(ops::DeleteUser { user: x.user(&m.user_name)? }));
    serve(x, op, |_, (), _| iam::DeleteUserResponse {}).await
}

/// `PutUserPermissionsBoundary`
pub(crate) async fn put_boundary(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::PutUserPermissionsBoundaryRequest| {
        let boundary = arn(&m.permissions_boundary)?;
        Ok(ops::PutUserPermissionsBoundary { user: x.user(&m.user_name)?, boundary })
    });
    serve(x, op, |_, (), _| iam::PutUserPermissionsBoundaryResponse {}).await
}

/// `DeleteUserPermissionsBoundary`
pub(crate) async fn delete_boundary(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeleteUserPermissionsBoundaryRequest| {
        Ok(ops::DeleteUserPermissionsBoundary { user: x.user(&m.user_name)? })
    });
    serve(x, op, |_, (), _| iam::DeleteUserPermissionsBoundaryResponse {}).await
}

/// A user as lists tell it: without tags and boundary (IAM API reference, "ListUsers").
pub(super) fn brief(user: &User) -> iam::User {
    iam::User {
        arn: user.arn().to_string(),
        create_date: user.created,
        password_last_used: None,
        path: user.path.to_string(),
        permissions_boundary: None,
        tags: None,
        user_id: user.id.to_string(),
        user_name: user.name.to_string(),
    }
}

/// A user with everything.
fn whole(user: &User) -> iam::User {
    iam::User {
        permissions_boundary: boundary(user.boundary.as_ref()),
        tags: own_tags(&user.tags),
        ..brief(user)
    }
}

/// Who has a device, in short.
pub(super) fn holder(found: &UserOrRoot) -> iam::User {
    match found {
        UserOrRoot::User(user) => brief(user),
        UserOrRoot::Root(_) => user_or_root(found),
    }
}

/// A root has no name; its id is the account's and its ARN ends in `:root`.
fn user_or_root(found: &UserOrRoot) -> iam::User {
    match found {
        UserOrRoot::User(user) => whole(user),
        UserOrRoot::Root(account) => iam::User {
            arn: names::Arn::root(account.id).to_string(),
            create_date: account.created,
            password_last_used: None,
            path: "/".to_owned(),
            permissions_boundary: None,
            tags: None,
            user_id: account.id.to_string(),
            user_name: account.name.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn ana() -> User {
        User {
            id: "AIDAAAAAAAAAAAAAAAAAA".parse().unwrap(),
            account: "111122223333".parse().unwrap(),
            path: "/team/".parse().unwrap(),
            name: "ana".parse().unwrap(),
            created: names::Timestamp::from_seconds(1_800_000_000).unwrap(),
            tags: ops::Tags::new([("team".to_owned(), "red".to_owned())]).unwrap(),
            groups: std::collections::BTreeSet::new(),
            policies: identity::Policies::default(),
            boundary: Some("arn:aws:iam::111122223333:policy/Most".parse().unwrap()),
            federated: None,
        }
    }

    #[test]
    fn a_list_leaves_out_tags_and_boundary_and_a_read_tells_them() {
        let (brief, whole) = (brief(&ana()), whole(&ana()));
        assert_eq!(brief.arn, "arn:aws:iam::111122223333:user/team/ana");
        assert_eq!((brief.tags, brief.permissions_boundary), (None, None));
        assert_eq!(whole.tags.unwrap().len(), 1);
        let boundary = whole.permissions_boundary.unwrap();
        let arn = "arn:aws:iam::111122223333:policy/Most";
        assert_eq!(boundary.permissions_boundary_arn.as_deref(), Some(arn));
        assert_eq!(boundary.permissions_boundary_type.as_deref(), Some("Policy"));
    }

    #[test]
    fn a_root_that_asks_about_itself_gets_an_arn_that_ends_in_root() {
        let id = "111122223333".parse().unwrap();
        let account = identity::Account::new(id, "main".parse().unwrap(), ana().created);
        let told = user_or_root(&UserOrRoot::Root(Arc::new(account)));
        assert_eq!(told.arn, "arn:aws:iam::111122223333:root");
        assert_eq!((told.user_id.as_str(), told.user_name.as_str()), ("111122223333", "main"));
        assert_eq!(user_or_root(&UserOrRoot::User(Arc::new(ana()))), whole(&ana()));
    }
}
