//! Inline policies of users, groups and roles.

use names::PolicyName;

use super::{GroupRef, PageRequest, RoleRef, UserRef, operations};
use crate::stored_policy::StoredPolicy;

operations! {
    /// Sets an inline policy of a user.
    PutUserPolicy: "iam:PutUserPolicy" on |op| Some(op.user.arn());
    { user: UserRef, name: PolicyName, document: StoredPolicy }

    /// Reads an inline policy of a user.
    GetUserPolicy: "iam:GetUserPolicy" on |op| Some(op.user.arn());
    { user: UserRef, name: PolicyName }

    /// Removes an inline policy of a user.
    DeleteUserPolicy: "iam:DeleteUserPolicy" on |op| Some(op.user.arn());
    { user: UserRef, name: PolicyName }

    /// Lists the names of a user's inline policies.
    ListUserPolicies: "iam:ListUserPolicies" on |op| Some(op.user.arn());
    { user: UserRef, page: PageRequest }

    /// Sets an inline policy of a group.
    PutGroupPolicy: "iam:PutGroupPolicy" on |op| Some(op.group.arn());
    { group: GroupRef, name: PolicyName, document: StoredPolicy }

    /// Reads an inline policy of a group.
    GetGroupPolicy: "iam:GetGroupPolicy" on |op| Some(op.group.arn());
    { group: GroupRef, name: PolicyName }

    /// Removes an inline policy of a group.
    DeleteGroupPolicy: "iam:DeleteGroupPolicy" on |op| Some(op.group.arn());
    { group: GroupRef, name: PolicyName }

    /// Lists the names of a group's inline policies.
    ListGroupPolicies: "iam:ListGroupPolicies" on |op| Some(op.group.arn());
    { group: GroupRef, page: PageRequest }

    /// Sets an inline policy of a role.
    PutRolePolicy: "iam:PutRolePolicy" on |op| Some(op.role.arn());
    { role: RoleRef, name: PolicyName, document: StoredPolicy }

    /// Reads an inline policy of a role.
    GetRolePolicy: "iam:GetRolePolicy" on |op| Some(op.role.arn());
    { role: RoleRef, name: PolicyName }

    /// Removes an inline policy of a role.
    DeleteRolePolicy: "iam:DeleteRolePolicy" on |op| Some(op.role.arn());
    { role: RoleRef, name: PolicyName }

    /// Lists the names of a role's inline policies.
    ListRolePolicies: "iam:ListRolePolicies" on |op| Some(op.role.arn());
    { role: RoleRef, page: PageRequest }
}
