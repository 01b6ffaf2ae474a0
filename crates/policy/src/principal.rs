//! Who asks, in the words that policies know (aws-authorization: IAM guide, "AWS JSON policy
//! elements: Principal" and "aws:PrincipalArn").

use names::{AccountId, Arn, RoleName, SessionName, UniqueId, UserName};

/// A caller, as policies see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Principal {
    /// Nobody proved anything.
    Anonymous,
    /// The root of an account.
    Root {
        /// The account.
        account: AccountId,
    },
    /// A user, by a long-term key, a service account's key or a GetSessionToken session.
    User {
        /// The account.
        account: AccountId,
        /// The user's name, without its path.
        name: UserName,
        /// `arn:aws:iam::A:user/path/name`.
        arn: Arn,
        /// `AIDA…`.
        id: UniqueId,
    },
    /// A session of a role.
    RoleSession {
        /// The account.
        account: AccountId,
        /// The role's name, without its path.
        role: RoleName,
        /// `arn:aws:iam::A:role/path/name`.
        role_arn: Arn,
        /// `AROA…`.
        id: UniqueId,
        /// The session's name.
        session: SessionName,
    },
    /// A GetFederationToken session.
    FederatedUser {
        /// The account.
        account: AccountId,
        /// The name given to the session.
        name: String,
        /// The ARN of the user who made the session.
        user_arn: Arn,
        /// The `AIDA…` of the user who made the session.
        user_id: UniqueId,
    },
    /// Somebody whom an identity provider vouches for and who has no principal here yet: the caller
    /// of AssumeRoleWithWebIdentity.
    Federated {
        /// The provider's ARN: what a trust policy names under `Federated`.
        provider: Arn,
    },
    /// A service of the platform.
    Service {
        /// Such as `logging.s3.amazonaws.com`.
        name: String,
    },
}

impl Principal {
    /// The account the caller belongs to, if any.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.own_account().copied()
    }

    /// The same, where it stands.
    #[inline]
    pub(crate) fn own_account(&self) -> Option<&AccountId> {
        match self {
            Self::Root { account }
            | Self::User { account, .. }
            | Self::RoleSession { account, .. }
            | Self::FederatedUser { account, .. } => Some(account),
            Self::Anonymous | Self::Federated { .. } | Self::Service { .. } => None,
        }
    }

    /// The ARN that names the caller in messages and in GetCallerIdentity: the session's for a
    /// session. `None` for anonymous callers and services.
    #[must_use]
    pub fn arn(&self) -> Option<Arn> {
        match self {
            Self::Root { account } => Some(Arn::root(*account)),
            Self::User { arn, .. } => Some(arn.clone()),
            Self::RoleSession { account, role, session, .. } => {
                Some(Arn::assumed_role(*account, role.as_str(), session))
            }
            Self::FederatedUser { account, name, .. } => Some(Arn::federated_user(*account, name)),
            Self::Federated { provider } => Some(provider.clone()),
            Self::Anonymous | Self::Service { .. } => None,
        }
    }

    /// `aws:PrincipalArn`: the role's ARN for a role session, never the session's.
    #[must_use]
    pub fn principal_arn(&self) -> Option<Arn> {
        match self {
            Self::RoleSession { role_arn, .. } => Some(role_arn.clone()),
            Self::Federated { .. } => None,
            _ => self.arn(),
        }
    }

    /// `aws:userid`.
    #[must_use]
    pub fn user_id(&self) -> String {
        match self {
            Self::Anonymous | Self::Federated { .. } => "anonymous".to_owned(),
            Self::Root { account } => account.to_string(),
            Self::User { id, .. } => id.to_string(),
            Self::RoleSession { id, session, .. } => format!("{id}:{session}"),
            Self::FederatedUser { account, name, .. } => format!("{account}:{name}"),
            Self::Service { name } => name.clone(),
        }
    }

    /// `aws:PrincipalType`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous | Self::Federated { .. } => "Anonymous",
            Self::Root { .. } => "Account",
            Self::User { .. } => "User",
            Self::RoleSession { .. } => "AssumedRole",
            Self::FederatedUser { .. } => "FederatedUser",
            Self::Service { .. } => "Service",
        }
    }
}
