//! What the operations on groups do.

use std::sync::Arc;

use names::{UniqueIdKind, UserName};

use super::{performs, within};
use crate::delta::Change;
use crate::error::{EntityKind, IdentityError, Remains};
use crate::identity::{Context, Performed};
use crate::ops::{
    AddUserToGroup, CreateGroup, DeleteGroup, GetGroup, ListGroups, ListGroupsForUser, Page,
    RemoveUserFromGroup, UpdateGroup,
};
use crate::record::{Group, Policies, User};

type Outcome<T> = Result<Performed<T>, IdentityError>;

performs! {
    CreateGroup => Arc<Group>, Write, create;
    GetGroup => (Arc<Group>, Page<Arc<User>>), Read, read;
    ListGroups => Page<Arc<Group>>, Read, list;
    UpdateGroup => Arc<Group>, Write, update;
    DeleteGroup => (), Write, delete;
    AddUserToGroup => (), Write, add;
    RemoveUserFromGroup => (), Write, remove;
    ListGroupsForUser => Page<Arc<Group>>, Read, of_user;
}

fn create(op: &CreateGroup, cx: &Context<'_>) -> Outcome<Arc<Group>> {
    let account = op.group.account;
    if cx.state.groups.named(account, op.group.name.as_str()).is_some() {
        return Err(IdentityError::taken(EntityKind::Group, &op.group.name));
    }
    within("GroupsPerAccount", cx.state.groups.count(account), cx.quotas.groups)?;
    let group = Arc::new(Group {
        id: cx.unique_id(UniqueIdKind::Group),
        account,
        path: op.group.path.clone(),
        name: op.group.name.clone(),
        created: cx.now,
        policies: Policies::default(),
    });
    Ok(Performed::write(vec![Change::Group(Arc::clone(&group))], group))
}

fn read(op: &GetGroup, cx: &Context<'_>) -> Outcome<(Arc<Group>, Page<Arc<User>>)> {
    let group = cx.group(&op.group)?;
    let mut members: Vec<Arc<User>> = cx.state.members_of(&group.id).collect();
    members.sort_by_key(|user| user.name.folded());
    let page = Page::cut(&op.page, members.into_iter(), |user| user.name.folded());
    Ok(Performed::read((Arc::clone(group), page)))
}

fn list(op: &ListGroups, cx: &Context<'_>) -> Outcome<Page<Arc<Group>>> {
    let groups = cx.state.groups.of(op.account, op.page.marker());
    let groups = groups.filter(|group| group.path.as_str().starts_with(op.prefix.as_str()));
    Ok(Performed::read(Page::cut(&op.page, groups, |group| group.name.folded())))
}

fn update(op: &UpdateGroup, cx: &Context<'_>) -> Outcome<Arc<Group>> {
    let mut group = (**cx.group(&op.group)?).clone();
    if let Some(name) = &op.new_name {
        let holder = cx.state.groups.named(group.account, name.as_str());
        if holder.is_some_and(|holder| holder.id != group.id) {
            return Err(IdentityError::taken(EntityKind::Group, name));
        }
        group.name.clone_from(name);
    }
    if let Some(path) = &op.new_path {
        group.path.clone_from(path);
    }
    let group = Arc::new(group);
    Ok(Performed::write(vec![Change::Group(Arc::clone(&group))], group))
}

fn delete(op: &DeleteGroup, cx: &Context<'_>) -> Outcome<()> {
    let group = cx.group(&op.group)?;
    let remains = [
        (cx.state.members_of(&group.id).next().is_some(), Remains::Members),
        (!group.policies.attached.is_empty(), Remains::AttachedPolicies),
        (!group.policies.inline.is_empty(), Remains::InlinePolicies),
    ];
    if let Some((_, remains)) = remains.into_iter().find(|(left, _)| *left) {
        return Err(IdentityError::DeleteConflict { kind: EntityKind::Group, remains });
    }
    Ok(Performed::write(vec![Change::GroupGone(group.id.clone())], ()))
}

fn member(cx: &Context<'_>, group: &Group, name: &UserName) -> Result<User, IdentityError> {
    let missing = || IdentityError::missing(EntityKind::User, name);
    let user = cx.state.user(group.account, name.as_str()).ok_or_else(missing)?;
    Ok((**user).clone())
}

fn add(op: &AddUserToGroup, cx: &Context<'_>) -> Outcome<()> {
    let group = cx.group(&op.group)?;
    let mut user = member(cx, group, &op.user)?;
    if user.groups.contains(&group.id) {
        return Ok(Performed::read(()));
    }
    within("GroupsPerUser", user.groups.len(), cx.quotas.groups_per_user)?;
    user.groups.insert(group.id.clone());
    Ok(Performed::write(vec![Change::User(Arc::new(user))], ()))
}

fn remove(op: &RemoveUserFromGroup, cx: &Context<'_>) -> Outcome<()> {
    let group = cx.group(&op.group)?;
    let mut user = member(cx, group, &op.user)?;
    if !user.groups.remove(&group.id) {
        return Err(IdentityError::missing(EntityKind::User, &op.user));
    }
    Ok(Performed::write(vec![Change::User(Arc::new(user))], ()))
}

fn of_user(op: &ListGroupsForUser, cx: &Context<'_>) -> Outcome<Page<Arc<Group>>> {
    let user = cx.user(&op.user)?;
    let mut groups: Vec<Arc<Group>> =
        user.groups.iter().filter_map(|id| cx.state.groups.by_id(id).cloned()).collect();
    groups.sort_by_key(|group| group.name.folded());
    Ok(Performed::read(Page::cut(&op.page, groups.into_iter(), |group| group.name.folded())))
}
