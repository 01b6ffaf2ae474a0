//! Users: people and workloads with long-term credentials of their own.

use names::{AccountId, Arn, EntityPath, UserName};

use super::{KeyHolder, PageRequest, PathPrefix, Tags, UserRef, operations};

operations! {
    /// Makes a user.
    CreateUser: "iam:CreateUser" on |op| Some(op.user.arn()),
        facts |op, facts| {
            op.tags.say_request(facts);
            if let Some(boundary) = &op.boundary {
                facts.set("iam:PermissionsBoundary", boundary.as_str());
            }
        };
    { user: UserRef, tags: Tags, boundary: Option<Arn> }

    /// Reads a user, or the root that asks about itself.
    GetUser: "iam:GetUser" on |op| Some(op.holder.arn());
    { holder: KeyHolder }

    /// Lists an account's users.
    ListUsers: "iam:ListUsers" on |op| op.prefix.arn(op.account, "user");
    { account: AccountId, prefix: PathPrefix, page: PageRequest }

    /// Renames a user, or moves it to another path.
    UpdateUser: "iam:UpdateUser" on |op| Some(op.user.arn());
    { user: UserRef, new_name: Option<UserName>, new_path: Option<EntityPath> }

    /// Removes a user that holds nothing any more.
    DeleteUser: "iam:DeleteUser" on |op| Some(op.user.arn());
    { user: UserRef }

    /// Adds tags to a user.
    TagUser: "iam:TagUser" on |op| Some(op.user.arn()),
        facts |op, facts| op.tags.say_request(facts);
    { user: UserRef, tags: Tags }

    /// Takes tags from a user.
    UntagUser: "iam:UntagUser" on |op| Some(op.user.arn()),
        facts |op, facts| facts.set("aws:TagKeys", policy::facts::Value::Many(op.keys.clone()));
    { user: UserRef, keys: Vec<String> }

    /// Lists a user's tags.
    ListUserTags: "iam:ListUserTags" on |op| Some(op.user.arn());
    { user: UserRef, page: PageRequest }

    /// Sets the most that a user's policies can grant.
    PutUserPermissionsBoundary: "iam:PutUserPermissionsBoundary" on |op| Some(op.user.arn()),
        facts |op, facts| facts.set("iam:PermissionsBoundary", op.boundary.as_str());
    { user: UserRef, boundary: Arn }

    /// Takes a user's boundary away. The condition key says which one goes, as the state knows it.
    DeleteUserPermissionsBoundary: "iam:DeleteUserPermissionsBoundary"
        on |op| Some(op.user.arn());
    { user: UserRef }
}
