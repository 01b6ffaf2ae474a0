//! Groups of users.

use names::{AccountId, EntityPath, GroupName, UserName};

use super::{GroupRef, PageRequest, PathPrefix, UserRef, operations};

operations! {
    /// Makes a group.
    CreateGroup: "iam:CreateGroup" on |op| Some(op.group.arn());
    { group: GroupRef }

    /// Reads a group and a page of its members.
    GetGroup: "iam:GetGroup" on |op| Some(op.group.arn());
    { group: GroupRef, page: PageRequest }

    /// Lists an account's groups.
    ListGroups: "iam:ListGroups" on |op| op.prefix.arn(op.account, "group");
    { account: AccountId, prefix: PathPrefix, page: PageRequest }

    /// Renames a group, or moves it to another path.
    UpdateGroup: "iam:UpdateGroup" on |op| Some(op.group.arn());
    { group: GroupRef, new_name: Option<GroupName>, new_path: Option<EntityPath> }

    /// Removes a group without members and policies.
    DeleteGroup: "iam:DeleteGroup" on |op| Some(op.group.arn());
    { group: GroupRef }

    /// Puts a user into a group.
    AddUserToGroup: "iam:AddUserToGroup" on |op| Some(op.group.arn());
    { group: GroupRef, user: UserName }

    /// Takes a user out of a group.
    RemoveUserFromGroup: "iam:RemoveUserFromGroup" on |op| Some(op.group.arn());
    { group: GroupRef, user: UserName }

    /// Lists the groups a user is in.
    ListGroupsForUser: "iam:ListGroupsForUser" on |op| Some(op.user.arn());
    { user: UserRef, page: PageRequest }
}
