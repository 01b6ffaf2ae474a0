//! Service accounts: keys that belong to a user, role or root, for programs that act for it.
//!
//! They are decided on the ARN of whom they belong to: whoever may make one for a user may make one
//! with all that the user has. Nobody but a root speaks of its own.

use names::{AccessKeyId, Arn, SessionName, Timestamp};

use super::{PageRequest, RoleRef, RootKey, UserRef, operations};
use crate::record::KeyStatus;
use crate::resolve::Caller;
use crate::stored_policy::StoredPolicy;

/// Whom a service account belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ServiceParent {
    /// A user, which may stand for somebody whom a provider vouches for.
    User(UserRef),
    /// A role.
    Role(RoleRef),
    /// The root of an account.
    Root(names::AccountId),
}

impl ServiceParent {
    /// The ARN that the operation is decided on.
    #[must_use]
    pub fn arn(&self) -> Arn {
        match self {
            Self::User(user) => user.arn(),
            Self::Role(role) => role.arn(),
            Self::Root(account) => Arn::root(*account),
        }
    }
}

/// Whether whoever asks has all that its principal has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Restriction {
    /// It has.
    None,
    /// Its session or its service account is narrowed, so that what it made could have more.
    Narrowed,
}

impl Restriction {
    /// That of a caller: of a session that a policy narrows or that may not manage rights. Whether
    /// the key is a service account's is looked up when the operation is done.
    #[must_use]
    pub fn of(caller: &Caller) -> Self {
        use crate::resolve::SessionKind;
        let narrowed = caller.session.as_ref().is_some_and(|session| {
            session.bulk.policy.is_some()
                || !session.policy_arns.is_empty()
                || match session.kind {
                    SessionKind::LongTerm | SessionKind::Own => session.mfa.is_none(),
                    SessionKind::FederationToken => true,
                    SessionKind::Role | SessionKind::Federated => false,
                }
        });
        if narrowed { Self::Narrowed } else { Self::None }
    }
}

operations! {
    /// Makes a service account. The answer alone holds the secret.
    CreateServiceAccount: "strongroom:CreateServiceAccount" on |op| Some(op.parent.arn());
    {
        parent: ServiceParent,
        restriction: Restriction,
        name: SessionName,
        description: Option<String>,
        expires: Option<Timestamp>,
        policy: Option<StoredPolicy>,
        /// Drawn, or given: a fixture has the same key each time.
        key: RootKey,
    }

    /// Lists the service accounts of one parent, without secrets.
    ListServiceAccounts: "strongroom:ListServiceAccounts" on |op| Some(op.parent.arn());
    { parent: ServiceParent, page: PageRequest }

    /// Changes a service account: all of what it is, but whose.
    UpdateServiceAccount: "strongroom:UpdateServiceAccount" on |op| Some(op.parent.arn());
    {
        /// The key's own, as [`State::service_parent`](crate::State::service_parent) knows it; the
        /// caller for a key that is no service account.
        parent: ServiceParent,
        restriction: Restriction,
        key: AccessKeyId,
        name: SessionName,
        description: Option<String>,
        expires: Option<Timestamp>,
        policy: Option<StoredPolicy>,
        status: KeyStatus,
    }

    /// Removes a service account: when it answers, nothing can be done with it any more.
    DeleteServiceAccount: "strongroom:DeleteServiceAccount" on |op| Some(op.parent.arn());
    { parent: ServiceParent, key: AccessKeyId }
}
