//! Roles: rights that somebody who is trusted may put on for a while.

use names::{AccountId, Arn};

use super::{PageRequest, PathPrefix, RoleRef, Tags, operations};
use crate::stored_policy::StoredPolicy;

/// Shortest and longest `MaxSessionDuration` of a role, in seconds (IAM API reference).
pub const ROLE_SESSION_SECONDS: std::ops::RangeInclusive<u32> = 3600..=43_200;
/// Most characters in a role's description.
pub const DESCRIPTION_CHARACTERS_MAX: usize = 1000;

operations! {
    /// Lists the instance profiles of a role: there are none here, and whoever removes a role asks.
    ListInstanceProfilesForRole: "iam:ListInstanceProfilesForRole" on |op| Some(op.role.arn());
    { role: RoleRef }

    /// Makes a role. The trust policy's principals must exist.
    CreateRole: "iam:CreateRole" on |op| Some(op.role.arn()),
        facts |op, facts| {
            op.tags.say_request(facts);
            if let Some(boundary) = &op.boundary {
                facts.set("iam:PermissionsBoundary", boundary.as_str());
            }
        };
    {
        role: RoleRef,
        trust: StoredPolicy,
        description: Option<String>,
        max_session_seconds: Option<u32>,
        tags: Tags,
        boundary: Option<Arn>,
    }

    /// Reads a role.
    GetRole: "iam:GetRole" on |op| Some(op.role.arn());
    { role: RoleRef }

    /// Lists an account's roles.
    ListRoles: "iam:ListRoles" on |op| op.prefix.arn(op.account, "role");
    { account: AccountId, prefix: PathPrefix, page: PageRequest }

    /// Changes a role's description and longest session.
    UpdateRole: "iam:UpdateRole" on |op| Some(op.role.arn());
    { role: RoleRef, description: Option<String>, max_session_seconds: Option<u32> }

    /// Changes a role's description (the older call that some clients make).
    UpdateRoleDescription: "iam:UpdateRoleDescription" on |op| Some(op.role.arn());
    { role: RoleRef, description: String }

    /// Replaces a role's trust policy.
    UpdateAssumeRolePolicy: "iam:UpdateAssumeRolePolicy" on |op| Some(op.role.arn());
    { role: RoleRef, trust: StoredPolicy }

    /// Removes a role without policies.
    DeleteRole: "iam:DeleteRole" on |op| Some(op.role.arn());
    { role: RoleRef }

    /// Adds tags to a role.
    TagRole: "iam:TagRole" on |op| Some(op.role.arn()),
        facts |op, facts| op.tags.say_request(facts);
    { role: RoleRef, tags: Tags }

    /// Takes tags from a role.
    UntagRole: "iam:UntagRole" on |op| Some(op.role.arn()),
        facts |op, facts| facts.set("aws:TagKeys", policy::facts::Value::Many(op.keys.clone()));
    { role: RoleRef, keys: Vec<String> }

    /// Lists a role's tags.
    ListRoleTags: "iam:ListRoleTags" on |op| Some(op.role.arn());
    { role: RoleRef, page: PageRequest }

    /// Sets the most that a role's policies can grant.
    PutRolePermissionsBoundary: "iam:PutRolePermissionsBoundary" on |op| Some(op.role.arn()),
        facts |op, facts| facts.set("iam:PermissionsBoundary", op.boundary.as_str());
    { role: RoleRef, boundary: Arn }

    /// Takes a role's boundary away.
    DeleteRolePermissionsBoundary: "iam:DeleteRolePermissionsBoundary"
        on |op| Some(op.role.arn());
    { role: RoleRef }
}
