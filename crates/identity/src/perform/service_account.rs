//! What the operations on service accounts do.

use std::sync::Arc;

use audit::ChainLink;
use names::{AccessKeyId, AccountId, Timestamp, UniqueId};
use policy::Kind;
use policy::principal::Principal;

use super::{NewAccessKey, described, new_key, performs, within};
use crate::delta::Change;
use crate::error::{EntityKind, IdentityError, SessionRefusal};
use crate::identity::{Context, Performed};
use crate::ops::{
    CreateServiceAccount, DeleteServiceAccount, ListServiceAccounts, Page, Restriction,
    ServiceParent, UpdateServiceAccount,
};
use crate::record::{AccessKey, KeyStatus, ServiceAccount};
use crate::stored_policy::StoredPolicy;

type Outcome<T> = Result<Performed<T>, IdentityError>;

performs! {
    CreateServiceAccount => NewAccessKey, Write, create;
    ListServiceAccounts => Page<Arc<AccessKey>>, Read, list;
    UpdateServiceAccount => Arc<AccessKey>, Write, update;
    DeleteServiceAccount => (), Revoke, delete;
}

/// The parent's account and unique id. The service accounts of a root are its own business alone,
/// whatever anybody's policies say.
fn parent(
    cx: &Context<'_>,
    wanted: &ServiceParent,
) -> Result<(AccountId, UniqueId), IdentityError> {
    match wanted {
        ServiceParent::User(user) => Ok((user.account, cx.user(user)?.id.clone())),
        ServiceParent::Role(role) => Ok((role.account, cx.role(role)?.id.clone())),
        ServiceParent::Root(account) => {
            let asks = matches!(&cx.who.principal, Principal::Root { account: a } if a == account);
            match asks {
                true => Ok((*account, UniqueId::root(*account))),
                false => Err(IdentityError::RootOnly),
            }
        }
    }
}

/// Refuses whoever has less than its principal: what it made or changed could have more.
fn unrestricted(cx: &Context<'_>, restriction: Restriction) -> Result<(), IdentityError> {
    match restriction == Restriction::None && !cx.asks_as_service_account() {
        true => Ok(()),
        false => Err(IdentityError::SessionRefused(SessionRefusal::Restricted)),
    }
}

impl Context<'_> {
    /// Whether the key that asks is a service account's.
    pub(super) fn asks_as_service_account(&self) -> bool {
        let key = self.who.credential.as_ref().and_then(|id| self.state.key(id));
        key.is_some_and(|key| key.service.is_some())
    }
}

fn checked(
    cx: &Context<'_>,
    description: Option<&String>,
    expires: Option<Timestamp>,
    policy: Option<&StoredPolicy>,
) -> Result<(), IdentityError> {
    described(description)?;
    if expires.is_some_and(|at| at <= cx.now) {
        let must = "in the future";
        return Err(IdentityError::Validation { parameter: "expires", must });
    }
    match policy {
        Some(policy) if policy.kind() != Kind::Session => {
            let must = "a session policy";
            Err(IdentityError::Validation { parameter: "policy", must })
        }
        _ => Ok(()),
    }
}

fn create(op: &CreateServiceAccount, cx: &Context<'_>) -> Outcome<NewAccessKey> {
    unrestricted(cx, op.restriction)?;
    checked(cx, op.description.as_ref(), op.expires, op.policy.as_ref())?;
    let (account, owner) = parent(cx, &op.parent)?;
    let count = cx.state.service_accounts_of(&owner).count();
    within("ServiceAccountsPerParent", count, cx.quotas.service_accounts)?;
    let new = new_key(cx, account, owner.clone(), &op.key)?;
    let service = ServiceAccount {
        name: op.name.clone(),
        description: op.description.clone(),
        expires: op.expires,
        policy: op.policy.clone(),
        person: person(cx, &owner),
    };
    let key = Arc::new(AccessKey { service: Some(Arc::new(service)), ..(*new.key).clone() });
    let new = NewAccessKey { key: Arc::clone(&key), ..new };
    Ok(Performed::write(vec![Change::Key(key)], new))
}

/// The user that stands for whoever asks, where that is somebody a directory vouches for in a
/// session of somebody else's.
fn person(cx: &Context<'_>, owner: &UniqueId) -> Option<UniqueId> {
    let human = cx.who.human.as_ref()?;
    let user = cx.state.user_of_subject(&human.provider, &human.subject)?;
    (user.id != *owner).then(|| user.id.clone())
}

fn list(op: &ListServiceAccounts, cx: &Context<'_>) -> Outcome<Page<Arc<AccessKey>>> {
    let (_, owner) = parent(cx, &op.parent)?;
    let keys = cx.state.service_accounts_of(&owner).cloned();
    Ok(Performed::read(Page::cut(&op.page, keys, |key| key.id.to_string())))
}

/// The service account that is meant, if it is the parent's.
fn owned<'a>(
    cx: &'a Context<'_>,
    wanted: &ServiceParent,
    id: &AccessKeyId,
) -> Result<&'a Arc<AccessKey>, IdentityError> {
    let (_, owner) = parent(cx, wanted)?;
    let key = cx.state.key(id).filter(|key| key.owner == owner && key.service.is_some());
    key.ok_or_else(|| IdentityError::missing(EntityKind::AccessKey, id))
}

fn update(op: &UpdateServiceAccount, cx: &Context<'_>) -> Outcome<Arc<AccessKey>> {
    unrestricted(cx, op.restriction)?;
    checked(cx, op.description.as_ref(), op.expires, op.policy.as_ref())?;
    let mut key = (**owned(cx, &op.parent, &op.key)?).clone();
    key.status = op.status;
    let person = key.service.as_ref().and_then(|service| service.person.clone());
    key.service = Some(Arc::new(ServiceAccount {
        name: op.name.clone(),
        description: op.description.clone(),
        expires: op.expires,
        policy: op.policy.clone(),
        person,
    }));
    let key = Arc::new(key);
    let changed = Performed::write(vec![Change::Key(Arc::clone(&key))], Arc::clone(&key));
    Ok(match op.status {
        KeyStatus::Active => changed,
        KeyStatus::Inactive => changed.cutting(vec![ChainLink::Key(op.key.clone())]),
    })
}

fn delete(op: &DeleteServiceAccount, cx: &Context<'_>) -> Outcome<()> {
    let key = owned(cx, &op.parent, &op.key)?;
    let gone = Performed::write(vec![Change::KeyGone(key.id.clone())], ());
    Ok(gone.cutting(vec![ChainLink::Key(op.key.clone())]))
}

/// The service accounts of somebody who goes: they go first.
pub(super) fn gone_with(cx: &Context<'_>, owner: &UniqueId) -> Vec<Change> {
    cx.state.service_accounts_of(owner).map(|key| Change::KeyGone(key.id.clone())).collect()
}
