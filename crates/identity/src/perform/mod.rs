//! What each operation does.

mod admin;
mod analyzer;
mod directory;
mod granting;
mod group;
mod holder;
mod key;
mod last_accessed;
mod logout;
mod managed;
mod mfa;
mod organization;
mod provider;
mod report;
mod role;
mod saml;
mod service_account;
pub(crate) mod signin;
mod simulate;
mod sts;
mod token;
mod user;
mod web_identity;

pub use admin::{AccountSummary, NewAccount, Rotated};
pub(crate) use admin::{new_account, reseal};
pub use directory::Synced;
pub use granting::{GrantingPolicies, GrantingPolicy};
pub use holder::{AttachedPolicy, InlinePolicy};
pub(crate) use key::new_key;
pub use key::{KeyUse, NewAccessKey};
pub use last_accessed::{Survey, Surveyed};
pub use managed::{PolicyEntity, PolicySummary};
pub use mfa::{AssignedMfaDevice, NewMfaDevice};
pub use report::{CredentialKey, CredentialLine, Detail};
pub use signin::UserLogin;
pub use simulate::{MatchedStatement, SIMULATIONS_MAX, Simulated, SimulatedResource};
pub use sts::{AssumedRole, CallerIdentity, Credentials, FederatedSession};
pub use token::FederatedUser;
pub use user::UserOrRoot;

use std::sync::Arc;

use names::{AccountId, Arn, UniqueIdKind};

use crate::draw;
use crate::error::{EntityKind, IdentityError};
use crate::identity::Context;
use crate::ops::{GroupRef, RoleRef, UserRef};
use crate::record::{Group, ManagedPolicy, Role, User};

/// Most characters in a description.
const DESCRIPTION: &str = "at most 1000 characters";

impl Context<'_> {
    /// The user that a request means; refuses one that has moved since it was decided.
    fn user(&self, wanted: &UserRef) -> Result<&Arc<User>, IdentityError> {
        let missing = || IdentityError::missing(EntityKind::User, &wanted.name);
        let user = self.state.user(wanted.account, wanted.name.as_str()).ok_or_else(missing)?;
        unmoved(user.path == wanted.path, EntityKind::User, &wanted.name).map(|()| user)
    }

    /// The group that a request means.
    fn group(&self, wanted: &GroupRef) -> Result<&Arc<Group>, IdentityError> {
        let missing = || IdentityError::missing(EntityKind::Group, &wanted.name);
        let group = self.state.group(wanted.account, wanted.name.as_str()).ok_or_else(missing)?;
        unmoved(group.path == wanted.path, EntityKind::Group, &wanted.name).map(|()| group)
    }

    /// The role that a request means.
    fn role(&self, wanted: &RoleRef) -> Result<&Arc<Role>, IdentityError> {
        let missing = || IdentityError::missing(EntityKind::Role, &wanted.name);
        let role = self.state.role(wanted.account, wanted.name.as_str()).ok_or_else(missing)?;
        unmoved(role.path == wanted.path, EntityKind::Role, &wanted.name).map(|()| role)
    }

    /// The managed policy of an ARN.
    fn policy(&self, arn: &Arn) -> Result<&Arc<ManagedPolicy>, IdentityError> {
        self.state.policy(arn).ok_or_else(|| IdentityError::missing(EntityKind::Policy, arn))
    }

    /// A managed policy that is to be changed: not one that every installation has.
    fn own_policy(&self, arn: &Arn) -> Result<&Arc<ManagedPolicy>, IdentityError> {
        let policy = self.policy(arn)?;
        if policy.is_canned() { Err(IdentityError::Canned) } else { Ok(policy) }
    }

    /// The account whose uses of a policy are told: its own; of one that every installation has,
    /// the caller's.
    fn told_to(&self, policy: &ManagedPolicy) -> AccountId {
        let caller = self.who.principal.account().filter(|_| policy.is_canned());
        caller.unwrap_or(policy.account)
    }

    /// A managed policy of an account, to be attached there.
    fn attachable(&self, account: AccountId, arn: &Arn) -> Result<(), IdentityError> {
        match self.state.policy(arn) {
            Some(policy) if policy.account == account || policy.is_canned() => Ok(()),
            _ => Err(IdentityError::PolicyNotAttachable(arn.to_string())),
        }
    }

    /// Refuses to speak of another account than the caller's: the check of such an operation is on
    /// `*`, which names no account.
    fn own(&self, account: AccountId) -> Result<(), IdentityError> {
        match self.who.principal.account() {
            Some(own) if own != account => {
                Err(IdentityError::missing(EntityKind::Account, &account))
            }
            _ => Ok(()),
        }
    }

    /// A new unique id.
    fn unique_id(&self, kind: UniqueIdKind) -> names::UniqueId {
        draw::unique_id(kind, self.random)
    }

    /// Whether the mapping rules of any provider name a policy or role.
    fn named_by_rules(&self, account: AccountId, arn: &Arn) -> bool {
        let rules = self.state.providers(account).flat_map(|provider| &provider.rules);
        rules.into_iter().any(|rule| rule.policies.contains(arn) || rule.role.as_ref() == Some(arn))
    }
}

fn unmoved(same: bool, kind: EntityKind, name: &impl ToString) -> Result<(), IdentityError> {
    match same {
        true => Ok(()),
        false => Err(IdentityError::ConcurrentModification { kind, name: name.to_string() }),
    }
}

/// Refuses one more than a quota allows.
fn within(quota: &'static str, count: usize, max: usize) -> Result<(), IdentityError> {
    if count < max { Ok(()) } else { Err(IdentityError::LimitExceeded { quota, max }) }
}

/// Refuses a description that is too long.
fn described(description: Option<&String>) -> Result<(), IdentityError> {
    let length = description.map_or(0, |text| text.chars().count());
    if length <= crate::ops::DESCRIPTION_CHARACTERS_MAX {
        Ok(())
    } else {
        Err(IdentityError::Validation { parameter: "Description", must: DESCRIPTION })
    }
}

/// Says what an operation does in one line each: its output, its effect, and how.
macro_rules! performs {
    ($($op:ident => $output:ty, $effect:ident, $act:expr;)*) => { $(
        impl $crate::Perform for $crate::ops::$op {
            type Output = $output;

            fn effect(&self) -> $crate::Effect {
                $crate::Effect::$effect
            }

            fn act(
                &self,
                context: &$crate::Context<'_>,
            ) -> Result<$crate::Performed<$output>, $crate::IdentityError> {
                let act: fn(
                    &Self,
                    &$crate::Context<'_>,
                ) -> Result<$crate::Performed<$output>, $crate::IdentityError> = $act;
                act(self, context)
            }
        }
    )* };
}

use performs;
