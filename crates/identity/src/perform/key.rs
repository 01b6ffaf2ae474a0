//! What the operations on access keys do.

use std::sync::{Arc, PoisonError};

use audit::ChainLink;
use names::{AccessKeyId, AccountId, SecretKey, UniqueId};
use policy::principal::Principal;

use super::{performs, within};
use crate::delta::Change;
use crate::draw;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Context, LastUse, Performed};
use crate::ops::{
    Credentialed, DeleteAccessKey, GetAccessKeyLastUsed, KeyHolder, ListAccessKeys, Page, RootKey,
    UpdateAccessKey,
};
use crate::record::{AccessKey, KeyStatus};
use crate::seal::Purpose;

type Outcome<T> = Result<Performed<T>, IdentityError>;

/// A new access key: the only time that its secret is told.
#[derive(Clone, Debug)]
pub struct NewAccessKey {
    /// The key.
    pub key: Arc<AccessKey>,
    /// Its secret.
    pub secret: SecretKey,
}

/// When an access key was last used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyUse {
    /// Whose it is.
    pub holder: KeyHolder,
    /// Its last use; `None` if this process has seen none.
    pub last: Option<LastUse>,
}

performs! {
    CreateAccessKey => NewAccessKey, Write,
        |op, cx| create(cx, &op.holder, &RootKey::Generate);
    ImportAccessKey => NewAccessKey, Write, |op, cx| create(cx, &op.holder, &op.key);
    ListAccessKeys => Page<Arc<AccessKey>>, Read, list;
    UpdateAccessKey => (), Revoke, update;
    DeleteAccessKey => (), Revoke, delete;
    GetAccessKeyLastUsed => KeyUse, Read, last_used;
    ListSSHPublicKeys => (), Read, |op, cx| nothing_of(cx, &op.holder);
    ListSigningCertificates => (), Read, |op, cx| nothing_of(cx, &op.holder);
    ListServiceSpecificCredentials => (), Read, |op, cx| match &op.of {
        Credentialed::Holder(holder) => nothing_of(cx, holder),
        Credentialed::Everybody(account) => cx.own(*account).map(|_| Performed::read(())),
    };
}

/// The owner's account and unique id. The keys and devices of a root are its own business alone,
/// whatever anybody's policies say.
pub(super) fn owner(
    cx: &Context<'_>,
    holder: &KeyHolder,
) -> Result<(AccountId, UniqueId), IdentityError> {
    match holder {
        KeyHolder::User(user) => Ok((user.account, cx.user(user)?.id.clone())),
        KeyHolder::Root(account) => {
            let asks = matches!(&cx.who.principal, Principal::Root { account: a } if a == account);
            match asks {
                true => Ok((*account, UniqueId::root(*account))),
                false => Err(IdentityError::RootOnly),
            }
        }
    }
}

/// Nothing, of somebody who is there.
fn nothing_of(cx: &Context<'_>, holder: &KeyHolder) -> Outcome<()> {
    owner(cx, holder).map(|_| Performed::read(()))
}

/// Seals a key for an owner; drawn, or as given.
pub(crate) fn new_key(
    cx: &Context<'_>,
    account: AccountId,
    owner: UniqueId,
    wanted: &RootKey,
) -> Result<NewAccessKey, IdentityError> {
    let (id, secret) = match wanted {
        RootKey::Given { id, secret } => (id.clone(), secret.clone()),
        RootKey::Generate => (free_key(cx), draw::secret(cx.random)),
    };
    if cx.state.key(&id).is_some() {
        return Err(IdentityError::taken(EntityKind::AccessKey, &id));
    }
    if id.as_str().starts_with(crate::resolve::TEMPORARY) {
        let must = "an id that does not begin with `ASIA`";
        return Err(IdentityError::Validation { parameter: "AccessKeyId", must });
    }
    let plain = secret.expose().as_bytes();
    let sealed = cx.sealer.seal(Purpose::AccessKeySecret, id.as_str(), plain, cx.random)?;
    let status = KeyStatus::Active;
    let created = cx.now;
    let key = AccessKey { id, account, owner, secret: sealed, status, created, service: None };
    Ok(NewAccessKey { key: Arc::new(key), secret })
}

fn free_key(cx: &Context<'_>) -> AccessKeyId {
    loop {
        let id = draw::long_term_key(cx.random);
        if cx.state.key(&id).is_none() {
            return id;
        }
    }
}

/// The keys that IAM counts: service accounts are none of them.
fn own_keys<'a>(cx: &'a Context<'_>, owner: &UniqueId) -> impl Iterator<Item = &'a Arc<AccessKey>> {
    cx.state.keys_of(owner).filter(|key| key.service.is_none())
}

fn create(cx: &Context<'_>, holder: &KeyHolder, key: &RootKey) -> Outcome<NewAccessKey> {
    let (account, owner) = owner(cx, holder)?;
    let count = own_keys(cx, &owner).count();
    within("AccessKeysPerUser", count, cx.quotas.access_keys_per_user)?;
    let new = new_key(cx, account, owner, key)?;
    Ok(Performed::write(vec![Change::Key(Arc::clone(&new.key))], new))
}

fn list(op: &ListAccessKeys, cx: &Context<'_>) -> Outcome<Page<Arc<AccessKey>>> {
    let (_, owner) = owner(cx, &op.holder)?;
    let keys = own_keys(cx, &owner).cloned();
    Ok(Performed::read(Page::cut(&op.page, keys, |key| key.id.to_string())))
}

/// The key that is meant, if it is the holder's.
fn owned<'a>(
    cx: &'a Context<'_>,
    holder: &KeyHolder,
    id: &AccessKeyId,
) -> Result<&'a Arc<AccessKey>, IdentityError> {
    let (_, owner) = owner(cx, holder)?;
    let key = cx.state.key(id).filter(|key| key.owner == owner && key.service.is_none());
    key.ok_or_else(|| IdentityError::missing(EntityKind::AccessKey, id))
}

fn update(op: &UpdateAccessKey, cx: &Context<'_>) -> Outcome<()> {
    let mut key = (**owned(cx, &op.holder, &op.key)?).clone();
    key.status = op.status;
    let changed = Performed::write(vec![Change::Key(Arc::new(key))], ());
    Ok(match op.status {
        KeyStatus::Active => changed,
        KeyStatus::Inactive => changed.cutting(vec![ChainLink::Key(op.key.clone())]),
    })
}

fn delete(op: &DeleteAccessKey, cx: &Context<'_>) -> Outcome<()> {
    let key = owned(cx, &op.holder, &op.key)?;
    let gone = Performed::write(vec![Change::KeyGone(key.id.clone())], ());
    Ok(gone.cutting(vec![ChainLink::Key(op.key.clone())]))
}

fn last_used(op: &GetAccessKeyLastUsed, cx: &Context<'_>) -> Outcome<KeyUse> {
    owned(cx, &op.holder, &op.key)?;
    let uses = cx.last_used.lock().unwrap_or_else(PoisonError::into_inner);
    let last = uses.get(&op.key).cloned();
    Ok(Performed::read(KeyUse { holder: op.holder.clone(), last }))
}
