//! Attaching managed policies to users, groups and roles.

use names::Arn;

use super::{GroupRef, PageRequest, RoleRef, UserRef, operations};

operations! {
    /// Attaches a managed policy to a user.
    AttachUserPolicy: "iam:AttachUserPolicy" on |op| Some(op.user.arn()),
        facts |op, facts| facts.set("iam:PolicyARN", op.policy.as_str());
    { user: UserRef, policy: Arn }

    /// Detaches a managed policy from a user.
    DetachUserPolicy: "iam:DetachUserPolicy" on |op| Some(op.user.arn()),
        facts |op, facts| facts.set("iam:PolicyARN", op.policy.as_str());
    { user: UserRef, policy: Arn }

    /// Lists the managed policies of a user.
    ListAttachedUserPolicies: "iam:ListAttachedUserPolicies" on |op| Some(op.user.arn());
    { user: UserRef, page: PageRequest }

    /// Attaches a managed policy to a group.
    AttachGroupPolicy: "iam:AttachGroupPolicy" on |op| Some(op.group.arn()),
        facts |op, facts| facts.set("iam:PolicyARN", op.policy.as_str());
    { group: GroupRef, policy: Arn }

    /// Detaches a managed policy from a group.
    DetachGroupPolicy: "iam:DetachGroupPolicy" on |op| Some(op.group.arn()),
        facts |op, facts| facts.set("iam:PolicyARN", op.policy.as_str());
    { group: GroupRef, policy: Arn }

    /// Lists the managed policies of a group.
    ListAttachedGroupPolicies: "iam:ListAttachedGroupPolicies" on |op| Some(op.group.arn());
    { group: GroupRef, page: PageRequest }

    /// Attaches a managed policy to a role.
    AttachRolePolicy: "iam:AttachRolePolicy" on |op| Some(op.role.arn()),
        facts |op, facts| facts.set("iam:PolicyARN", op.policy.as_str());
    { role: RoleRef, policy: Arn }

    /// Detaches a managed policy from a role.
    DetachRolePolicy: "iam:DetachRolePolicy" on |op| Some(op.role.arn()),
        facts |op, facts| facts.set("iam:PolicyARN", op.policy.as_str());
    { role: RoleRef, policy: Arn }

    /// Lists the managed policies of a role.
    ListAttachedRolePolicies: "iam:ListAttachedRolePolicies" on |op| Some(op.role.arn());
    { role: RoleRef, page: PageRequest }
}
