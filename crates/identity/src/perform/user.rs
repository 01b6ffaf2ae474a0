//! What the operations on users do.

use std::sync::Arc;

use audit::ChainLink;
use names::UniqueIdKind;

use super::{performs, within};
use crate::delta::Change;
use crate::error::{EntityKind, IdentityError, Remains};
use crate::identity::{Context, Performed};
use crate::ops::{
    CreateUser, DeleteUser, GetUser, KeyHolder, ListUsers, Page, UpdateUser, UserRef,
};
use crate::record::{Account, Policies, User};

type Outcome<T> = Result<Performed<T>, IdentityError>;

performs! {
    CreateUser => Arc<User>, Write, create;
    GetUser => UserOrRoot, Read, read;
    ListUsers => Page<Arc<User>>, Read, list;
    UpdateUser => Arc<User>, Write, update;
    DeleteUser => (), Write, delete;
    TagUser => (), Write, |op, cx| change(cx, &op.user, |user| {
        user.tags = user.tags.with(&op.tags)?;
        Ok(())
    });
    UntagUser => (), Write, |op, cx| change(cx, &op.user, |user| {
        user.tags = user.tags.without(&op.keys);
        Ok(())
    });
    ListUserTags => Page<(String, String)>, Read, |op, cx| {
        Ok(Performed::read(tags_page(&op.page, &cx.user(&op.user)?.tags)))
    };
    PutUserPermissionsBoundary => (), Write, |op, cx| {
        cx.attachable(op.user.account, &op.boundary)?;
        change(cx, &op.user, |user| {
            user.boundary = Some(op.boundary.clone());
            Ok(())
        })
    };
    DeleteUserPermissionsBoundary => (), Write, |op, cx| change(cx, &op.user, |user| {
        user.boundary = None;
        Ok(())
    });
}

/// The answer of GetUser.
#[derive(Clone, Debug)]
pub enum UserOrRoot {
    /// A user.
    User(Arc<User>),
    /// The root of an account, which asked about itself.
    Root(Arc<Account>),
}

fn read(op: &GetUser, cx: &Context<'_>) -> Outcome<UserOrRoot> {
    match &op.holder {
        KeyHolder::User(user) => Ok(Performed::read(UserOrRoot::User(Arc::clone(cx.user(user)?)))),
        KeyHolder::Root(id) => {
            let missing = || IdentityError::missing(EntityKind::Account, id);
            let account = cx.state.account(*id).ok_or_else(missing)?;
            Ok(Performed::read(UserOrRoot::Root(Arc::clone(account))))
        }
    }
}

/// One page of tags.
pub(super) fn tags_page(
    request: &crate::ops::PageRequest,
    tags: &crate::ops::Tags,
) -> Page<(String, String)> {
    let pairs = tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
    Page::cut(request, pairs, |(key, _)| key.clone())
}

/// Puts a user back changed.
pub(super) fn change(
    cx: &Context<'_>,
    wanted: &UserRef,
    edit: impl FnOnce(&mut User) -> Result<(), IdentityError>,
) -> Outcome<()> {
    let mut user = (**cx.user(wanted)?).clone();
    edit(&mut user)?;
    Ok(Performed::write(vec![Change::User(Arc::new(user))], ()))
}

fn create(op: &CreateUser, cx: &Context<'_>) -> Outcome<Arc<User>> {
    let account = op.user.account;
    if cx.state.users.named(account, op.user.name.as_str()).is_some() {
        return Err(IdentityError::taken(EntityKind::User, &op.user.name));
    }
    within("UsersPerAccount", cx.state.users.count(account), cx.quotas.users)?;
    if let Some(boundary) = &op.boundary {
        cx.attachable(account, boundary)?;
    }
    let user = Arc::new(User {
        id: cx.unique_id(UniqueIdKind::User),
        account,
        path: op.user.path.clone(),
        name: op.user.name.clone(),
        created: cx.now,
        tags: op.tags.clone(),
        groups: std::collections::BTreeSet::new(),
        policies: Policies::default(),
        boundary: op.boundary.clone(),
        federated: None,
    });
    Ok(Performed::write(vec![Change::User(Arc::clone(&user))], user))
}

fn list(op: &ListUsers, cx: &Context<'_>) -> Outcome<Page<Arc<User>>> {
    let users = cx.state.users.of(op.account, op.page.marker());
    let users = users.filter(|user| user.path.as_str().starts_with(op.prefix.as_str()));
    Ok(Performed::read(Page::cut(&op.page, users, |user| user.name.folded())))
}

fn update(op: &UpdateUser, cx: &Context<'_>) -> Outcome<Arc<User>> {
    let mut user = (**cx.user(&op.user)?).clone();
    if let Some(name) = &op.new_name {
        let holder = cx.state.users.named(user.account, name.as_str());
        if holder.is_some_and(|holder| holder.id != user.id) {
            return Err(IdentityError::taken(EntityKind::User, name));
        }
        user.name.clone_from(name);
    }
    if let Some(path) = &op.new_path {
        user.path.clone_from(path);
    }
    let user = Arc::new(user);
    Ok(Performed::write(vec![Change::User(Arc::clone(&user))], user))
}

fn delete(op: &DeleteUser, cx: &Context<'_>) -> Outcome<()> {
    let user = cx.user(&op.user)?;
    let remains = [
        (cx.state.keys_of(&user.id).any(|key| key.service.is_none()), Remains::AccessKeys),
        (!user.policies.attached.is_empty(), Remains::AttachedPolicies),
        (!user.policies.inline.is_empty(), Remains::InlinePolicies),
        (!user.groups.is_empty(), Remains::Members),
        (cx.state.login_profile(&user.id).is_some(), Remains::LoginProfile),
        (cx.state.mfa_devices_of(&user.id).next().is_some(), Remains::MfaDevices),
    ];
    if let Some((_, remains)) = remains.into_iter().find(|(left, _)| *left) {
        return Err(IdentityError::DeleteConflict { kind: EntityKind::User, remains });
    }
    let mut changes = super::service_account::gone_with(cx, &user.id);
    changes.push(Change::UserGone(user.id.clone()));
    let gone = Performed::write(changes, ());
    Ok(gone.cutting(vec![ChainLink::Principal(user.id.clone())]))
}
