//! Passwords and their rules, and an account's alias.

use names::{AccountId, Arn};

use super::{UserRef, operations};
use crate::password::{Password, PasswordRules};
use crate::signin::{AccountAlias, PasswordReset};

operations! {
    /// Gives a user a password.
    CreateLoginProfile: "iam:CreateLoginProfile" on |op| Some(op.user.arn());
    { user: UserRef, password: Password, reset: PasswordReset }

    /// Says since when a user has a password.
    GetLoginProfile: "iam:GetLoginProfile" on |op| Some(op.user.arn());
    { user: UserRef }

    /// Sets a user's password, or whether another must be chosen.
    UpdateLoginProfile: "iam:UpdateLoginProfile" on |op| Some(op.user.arn());
    { user: UserRef, password: Option<Password>, reset: Option<PasswordReset> }

    /// Takes a user's password.
    DeleteLoginProfile: "iam:DeleteLoginProfile" on |op| Some(op.user.arn());
    { user: UserRef }

    /// Changes the password of the user who asks.
    ChangePassword: "iam:ChangePassword" on |op| Some(op.user.arn());
    { user: UserRef, old: Password, new: Password }

    /// Replaces an account's rules for passwords.
    UpdateAccountPasswordPolicy: "iam:UpdateAccountPasswordPolicy" on |_| Some(Arn::any());
    { account: AccountId, rules: PasswordRules }

    /// Reads an account's own rules for passwords.
    GetAccountPasswordPolicy: "iam:GetAccountPasswordPolicy" on |_| Some(Arn::any());
    { account: AccountId }

    /// Goes back to the default rules for passwords.
    DeleteAccountPasswordPolicy: "iam:DeleteAccountPasswordPolicy" on |_| Some(Arn::any());
    { account: AccountId }

    /// Gives an account its alias, instead of the one that it has.
    CreateAccountAlias: "iam:CreateAccountAlias" on |_| Some(Arn::any());
    { account: AccountId, alias: AccountAlias }

    /// Takes an account's alias.
    DeleteAccountAlias: "iam:DeleteAccountAlias" on |_| Some(Arn::any());
    { account: AccountId, alias: AccountAlias }
}
