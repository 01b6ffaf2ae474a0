//! Long-term access keys.

use names::{AccessKeyId, Arn};

use super::{PageRequest, UserRef, operations};
use crate::record::KeyStatus;

/// Whose access keys an operation speaks about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyHolder {
    /// A user's.
    User(UserRef),
    /// Those of an account's root, who alone may speak about them.
    Root(names::AccountId),
}

impl KeyHolder {
    /// The ARN that the operation is decided on.
    #[must_use]
    pub fn arn(&self) -> Arn {
        match self {
            Self::User(user) => user.arn(),
            Self::Root(account) => Arn::root(*account),
        }
    }
}

operations! {
    /// Makes an access key. The answer alone holds the secret.
    CreateAccessKey: "iam:CreateAccessKey" on |op| Some(op.holder.arn());
    { holder: KeyHolder }

    /// Lists access keys, without secrets.
    ListAccessKeys: "iam:ListAccessKeys" on |op| Some(op.holder.arn());
    { holder: KeyHolder, page: PageRequest }

    /// Switches an access key on or off.
    UpdateAccessKey: "iam:UpdateAccessKey" on |op| Some(op.holder.arn());
    { holder: KeyHolder, key: AccessKeyId, status: KeyStatus }

    /// Removes an access key.
    DeleteAccessKey: "iam:DeleteAccessKey" on |op| Some(op.holder.arn());
    { holder: KeyHolder, key: AccessKeyId }

    /// When an access key was last used, as far as this process has seen. `holder` is the key's
    /// own, as [`State::key_holder`](crate::State::key_holder) knows it; the caller's for a key
    /// that does not exist.
    GetAccessKeyLastUsed: "iam:GetAccessKeyLastUsed" on |op| Some(op.holder.arn());
    { holder: KeyHolder, key: AccessKeyId }
}
