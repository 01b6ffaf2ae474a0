//! Long-term access keys.

use names::{AccessKeyId, Arn};

use super::{PageRequest, RootKey, UserRef, operations};
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

/// Whose credentials for one service alone are listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Credentialed {
    /// Those of one holder.
    Holder(KeyHolder),
    /// Those of everybody in an account.
    Everybody(names::AccountId),
}

impl Credentialed {
    /// The ARN that the operation is decided on.
    fn arn(&self) -> Arn {
        match self {
            Self::Holder(holder) => holder.arn(),
            Self::Everybody(_) => Arn::any(),
        }
    }
}

operations! {
    /// Makes an access key. The answer alone holds the secret.
    CreateAccessKey: "iam:CreateAccessKey" on |op| Some(op.holder.arn());
    { holder: KeyHolder }

    /// Makes an access key with the id and the secret that are given: a fixture has the same one
    /// each time.
    ImportAccessKey: "iam:CreateAccessKey" on |op| Some(op.holder.arn());
    { holder: KeyHolder, key: RootKey }

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

    /// Lists the SSH keys of a user: nobody has any here, and whoever removes a user asks.
    ListSSHPublicKeys: "iam:ListSSHPublicKeys" on |op| Some(op.holder.arn());
    { holder: KeyHolder }

    /// Lists the certificates that a user signs with: nobody has any here, as above.
    ListSigningCertificates: "iam:ListSigningCertificates" on |op| Some(op.holder.arn());
    { holder: KeyHolder }

    /// Lists the credentials that a user, or everybody of an account, has for one service alone:
    /// nobody has any here, as above.
    ListServiceSpecificCredentials: "iam:ListServiceSpecificCredentials"
        on |op| Some(op.of.arn());
    { of: Credentialed }
}
