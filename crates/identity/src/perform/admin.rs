//! What the native admin operations of this room do, and the account-wide reads of IAM.

use std::sync::Arc;

use audit::ChainLink;
use names::{AccessKeyId, AccountId, UniqueId};
use policy::principal::Principal;

use super::key::new_key;
use super::{NewAccessKey, performs};
use crate::delta::Change;
use crate::draw;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Context, Performed, Spare};
use crate::ops::{GetAccountSummary, ListAccounts, Page, Revoke, RevokeSessions, RootKey};
use crate::record::{AccessKey, Account, AccountName, KeyStatus};
use crate::seal::{Purpose, Sealed};
use crate::signin::MfaDevice;

type Outcome<T> = Result<Performed<T>, IdentityError>;

/// A new account, and the only time that its root's secret is told.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The account.
    pub account: Arc<Account>,
    /// Its root's access key.
    pub root: NewAccessKey,
}

/// What a rotation of the master key did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rotated {
    /// How many secrets were sealed anew.
    pub resealed: usize,
}

/// What an account holds, in IAM's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountSummary(pub Vec<(&'static str, usize)>);

performs! {
    ListAccounts => Page<Arc<Account>>, Read, list;
    CreateAccount => NewAccount, Write, |op, cx| {
        let (changes, new) = new_account(cx, &op.name, op.id, &op.key)?;
        Ok(Performed::write(changes, new))
    };
    RevokeSessions => (), Revoke, revoke;
    GetAccountSummary => AccountSummary, Read, summary;
    ListAccountAliases => Vec<String>, Read, |op, cx| {
        cx.own(op.account)?;
        let alias = cx.state.alias(op.account).map(ToString::to_string);
        Ok(Performed::read(alias.into_iter().collect()))
    };
}

fn list(op: &ListAccounts, cx: &Context<'_>) -> Outcome<Page<Arc<Account>>> {
    let accounts = cx.state.accounts().cloned();
    Ok(Performed::read(Page::cut(&op.page, accounts, |account| account.id.to_string())))
}

/// The changes that make an account and its root.
pub(crate) fn new_account(
    cx: &Context<'_>,
    name: &AccountName,
    id: Option<AccountId>,
    key: &RootKey,
) -> Result<(Vec<Change>, NewAccount), IdentityError> {
    let id = match id {
        Some(id) => id,
        None => free_account(cx),
    };
    if id == crate::canned::nobody() {
        let must = "another account than that of the policies that every installation has";
        return Err(IdentityError::Validation { parameter: "id", must });
    }
    if cx.state.account(id).is_some() {
        return Err(IdentityError::taken(EntityKind::Account, &id));
    }
    if cx.state.accounts().any(|account| account.name == *name) {
        return Err(IdentityError::taken(EntityKind::Account, name));
    }
    let account = Arc::new(Account::new(id, name.clone(), cx.now));
    let root = new_key(cx, id, UniqueId::root(id), key)?;
    let changes = vec![Change::Account(Arc::clone(&account)), Change::Key(Arc::clone(&root.key))];
    Ok((changes, NewAccount { account, root }))
}

fn free_account(cx: &Context<'_>) -> AccountId {
    loop {
        let id = draw::account_id(cx.random);
        if cx.state.account(id).is_none() {
            return id;
        }
    }
}

fn revoke(op: &RevokeSessions, cx: &Context<'_>) -> Outcome<()> {
    match &op.revoke {
        Revoke::Session(session) => {
            let revoked = Performed::write(vec![Change::SessionRevoked(session.clone())], ());
            Ok(revoked.cutting(vec![ChainLink::Session(session.clone())]))
        }
        Revoke::IssuedBefore(principal) => {
            let user = cx.state.user_by_id(principal).map(|user| user.account);
            let role = cx.state.role_by_id(principal).map(|role| role.account);
            let root = (UniqueId::root(op.account) == *principal).then_some(op.account);
            if user.or(role).or(root) != Some(op.account) {
                return Err(IdentityError::missing(EntityKind::Principal, principal));
            }
            let revoked =
                Performed::write(vec![Change::IssuedBeforeRevoked(principal.clone())], ());
            let cut = revoked.cutting(vec![ChainLink::Principal(principal.clone())]);
            Ok(cut.sparing(Spare::LongTerm))
        }
        Revoke::Key(id) => revoke_key(op, cx, id),
        Revoke::Provider(arn) | Revoke::IdpSession { provider: arn, .. }
            if cx.state.provider(arn).is_none_or(|own| own.account != op.account) =>
        {
            Err(IdentityError::missing(EntityKind::Provider, arn))
        }
        Revoke::Provider(arn) => Ok(ended(op.account, ChainLink::Provider(arn.clone()))),
        Revoke::IdpSession { provider, sid } => {
            let (provider, sid) = (provider.clone(), sid.clone());
            Ok(ended(op.account, ChainLink::IdpSession { provider, sid }))
        }
        Revoke::Address(address) => Ok(ended(op.account, ChainLink::Address(*address))),
        Revoke::Everything => Ok(ended(op.account, ChainLink::Account(op.account))),
    }
}

/// Every session of an account that depends on something ends; keys go on.
fn ended(account: AccountId, link: ChainLink) -> Performed<()> {
    let change = Change::Ended { account, link: link.clone() };
    Performed::write(vec![change], ()).cutting(vec![link]).sparing(Spare::Others(account))
}

/// Switches a key of the account off. That of a root is the root's to switch off.
fn revoke_key(op: &RevokeSessions, cx: &Context<'_>, id: &AccessKeyId) -> Outcome<()> {
    let missing = || IdentityError::missing(EntityKind::AccessKey, id);
    let own = cx.state.key(id).filter(|key| key.account == op.account).ok_or_else(missing)?;
    let root = Principal::Root { account: op.account };
    if own.owner == UniqueId::root(op.account) && cx.who.principal != root {
        return Err(IdentityError::RootOnly);
    }
    let off = AccessKey { status: KeyStatus::Inactive, ..(**own).clone() };
    let changed = Performed::write(vec![Change::Key(Arc::new(off))], ());
    Ok(changed.cutting(vec![ChainLink::Key(id.clone())]))
}

fn summary(op: &GetAccountSummary, cx: &Context<'_>) -> Outcome<AccountSummary> {
    let (state, account) = (cx.state, op.account);
    cx.own(account)?;
    let root_keys = state.keys_of(&UniqueId::root(account)).count();
    let root_devices = state.mfa_devices_of(&UniqueId::root(account)).count();
    let saml = state.saml_providers(account).count();
    let providers = state.providers(account).count().saturating_add(saml);
    let versions_quota = cx.quotas.policies.saturating_mul(super::managed::POLICY_VERSIONS_MAX);
    Ok(Performed::read(AccountSummary(vec![
        ("Users", state.users.count(account)),
        ("UsersQuota", cx.quotas.users),
        ("Groups", state.groups.count(account)),
        ("GroupsQuota", cx.quotas.groups),
        ("Roles", state.roles.count(account)),
        ("RolesQuota", cx.quotas.roles),
        ("Policies", state.policies.count(account)),
        ("PoliciesQuota", cx.quotas.policies),
        ("Providers", providers),
        ("AccessKeysPerUserQuota", cx.quotas.access_keys_per_user),
        ("GroupsPerUserQuota", cx.quotas.groups_per_user),
        ("AttachedPoliciesPerUserQuota", cx.quotas.attached_policies),
        ("AttachedPoliciesPerGroupQuota", cx.quotas.attached_policies),
        ("AttachedPoliciesPerRoleQuota", cx.quotas.attached_policies),
        ("PolicySizeQuota", policy::MANAGED_POLICY_BYTES_MAX),
        ("UserPolicySizeQuota", super::holder::USER_INLINE_BYTES_MAX),
        ("GroupPolicySizeQuota", super::holder::GROUP_INLINE_BYTES_MAX),
        ("RolePolicySizeQuota", super::holder::ROLE_INLINE_BYTES_MAX),
        ("AssumeRolePolicySizeQuota", policy::TRUST_POLICY_BYTES_MAX),
        ("VersionsPerPolicyQuota", super::managed::POLICY_VERSIONS_MAX),
        ("AccountAccessKeysPresent", usize::from(root_keys > 0)),
        ("AccountMFAEnabled", usize::from(root_devices > 0)),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", 0),
        ("GlobalEndpointTokenVersion", 1),
        ("InstanceProfiles", 0),
        ("InstanceProfilesQuota", 0),
        ("MFADevices", state.mfa_devices(account).count()),
        ("MFADevicesInUse", state.mfa_devices(account).filter(|d| d.held.is_some()).count()),
        ("PolicyVersionsInUse", state.policies.of(account, None).map(|p| p.versions.len()).sum()),
        ("PolicyVersionsInUseQuota", versions_quota),
        ("ServerCertificates", 0),
        ("ServerCertificatesQuota", 0),
        ("SigningCertificatesPerUserQuota", 0),
    ])))
}

/// The secrets of one step of a rotation: those that are not under the current master key.
pub(crate) fn reseal(cx: &Context<'_>, most: usize) -> Result<Vec<Change>, IdentityError> {
    let current = cx.sealer.current_key();
    let again = |purpose: Purpose, owner: &str, sealed: &Sealed| {
        let secret = cx.sealer.open(purpose, owner, sealed)?;
        cx.sealer.seal(purpose, owner, secret.expose(), cx.random)
    };
    let keys = cx.state.keys.all().filter(|key| key.secret.key() != current);
    let keys = keys.map(|key| {
        let secret = again(Purpose::AccessKeySecret, key.id.as_str(), &key.secret)?;
        Ok(Change::Key(Arc::new(AccessKey { secret, ..(*key).clone() })))
    });
    let devices = cx.state.all_mfa_devices().filter(|device| device.seed.key() != current);
    let devices = devices.map(|device| {
        let seed = again(Purpose::MfaSeed, device.serial().as_str(), &device.seed)?;
        Ok(Change::MfaDevice(Arc::new(MfaDevice { seed, ..(**device).clone() })))
    });
    keys.chain(devices).take(most).collect()
}
