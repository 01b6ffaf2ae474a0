//! From one revision to the next.

use std::collections::BTreeSet;
use std::sync::Arc;

use names::{Arn, Revision, UniqueId};

use super::resolved::Resolved;
use super::{State, Use};
use crate::delta::{Change, Delta};
use crate::organization::{ControlPolicyId, FULL_ACCESS, UNIT_DEPTH_MAX, Unit, UnitId};
use crate::provider::OidcProvider;
use crate::record::{
    AccessKey, Account, BucketRecord, Group, ManagedPolicy, Policies, Role, SignatureV2, User,
};

/// A change that does not fit the state: it names what does not exist, or takes away what is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{name}` does not fit")]
pub struct Inconsistent {
    /// What does not fit.
    pub what: &'static str,
    /// Its name or id.
    pub name: String,
}

pub(super) fn unfit(what: &'static str, name: &(impl ToString + ?Sized)) -> Inconsistent {
    Inconsistent { what, name: name.to_string() }
}

/// Refuses what does not fit.
pub(super) fn ensure(
    fits: bool,
    what: &'static str,
    name: &(impl ToString + ?Sized),
) -> Result<(), Inconsistent> {
    if fits { Ok(()) } else { Err(unfit(what, name)) }
}

impl State {
    /// The state after a change: the next revision. Pure.
    ///
    /// # Errors
    /// `revision` is not the next one, or the change does not fit; this state is as it was.
    pub fn apply(&self, revision: Revision, delta: &Delta) -> Result<Self, Inconsistent> {
        let mut next = self.clone();
        next.apply_here(revision, delta)?;
        Ok(next)
    }

    /// Like [`State::apply`], in place: after an error the state is of no use.
    pub(crate) fn apply_here(
        &mut self,
        revision: Revision,
        delta: &Delta,
    ) -> Result<(), Inconsistent> {
        ensure(revision == self.revision.next(), "the revision", &revision)?;
        ensure(!self.is_damaged(), "a record of the snapshot before", &revision)?;
        self.revision = revision;
        self.changed_at = Some(delta.at);
        delta.changes.iter().try_for_each(|change| self.change(change))
    }

    pub(crate) fn change(&mut self, change: &Change) -> Result<(), Inconsistent> {
        self.resolved = Resolved::default();
        let policies = &self.policies;
        self.lineage.add(change, |id| policies.by_id(id).map(|policy| policy.arn()));
        match change {
            Change::Operator(account) => {
                ensure(self.accounts.contains_key(account), "the operator", account)?;
                self.operator = Some(*account);
                self.organization_ids = Arc::new(super::organization::ids(*account));
            }
            Change::Epoch(epoch) => self.epoch = *epoch,
            Change::Account(account) => self.put_account(account)?,
            Change::User(user) => self.put_user(user)?,
            Change::UserGone(id) => self.remove_user(id)?,
            Change::Group(group) => self.put_group(group)?,
            Change::GroupGone(id) => self.remove_group(id)?,
            Change::Role(role) => self.put_role(role)?,
            Change::RoleGone(id) => self.remove_role(id)?,
            Change::Policy(policy) => self.put_policy(policy)?,
            Change::PolicyGone(id) => self.remove_policy(id)?,
            Change::Key(key) => self.put_key(key)?,
            Change::KeyGone(id) => {
                self.keys.remove(id).ok_or_else(|| unfit("the key", id))?;
            }
            Change::Provider(provider) => self.put_provider(provider)?,
            Change::ProviderGone(arn) => {
                ensure(self.providers.remove_mut(arn), "the provider", arn)?;
            }
            Change::Bucket(bucket) => self.put_bucket(bucket)?,
            Change::BucketGone(name) => {
                let bucket = self.buckets.get(name).ok_or_else(|| unfit("the bucket", name))?;
                self.owned_buckets.remove(&bucket.owner, name);
                self.buckets.remove_mut(name);
            }
            Change::SessionRevoked(session) => {
                self.revoked_sessions.insert_mut(session.clone(), self.revision);
            }
            Change::IssuedBeforeRevoked(principal) => {
                self.issued_before.insert_mut(principal.clone(), self.revision);
                if let Some(at) = self.changed_at {
                    self.revoked_at.insert_mut(principal.clone(), at);
                }
            }
            Change::SessionBulk { hash, bulk } => {
                self.bulks.insert_mut(hash.clone(), Arc::clone(bulk));
            }
            Change::MfaDevice(device) => self.put_mfa(device)?,
            Change::MfaDeviceGone(serial) => self.remove_mfa(serial)?,
            Change::LoginProfile(login) => self.put_login(login)?,
            Change::LoginProfileGone(user) => self.remove_login(user)?,
            Change::SignInSettings(settings) => self.put_settings(settings)?,
            Change::SamlProvider(provider) => self.put_saml(provider)?,
            Change::SamlProviderGone(arn) => self.remove_saml(arn)?,
            of_organization => self.change_organization(of_organization)?,
        }
        Ok(())
    }

    /// A change of the organisation, or of what an account has ended.
    fn change_organization(&mut self, change: &Change) -> Result<(), Inconsistent> {
        match change {
            Change::Ended { account, link } => {
                self.ended.insert_mut((*account, link.clone()), self.revision);
                if let (audit::ChainLink::Subject { .. }, Some(at)) = (link, self.changed_at) {
                    self.left_at.insert_mut((*account, link.clone()), at);
                }
            }
            Change::Organization(organization) => {
                self.controls_exist(&organization.controls)?;
                self.organization = Arc::clone(organization);
            }
            Change::Unit(unit) => self.put_unit(unit)?,
            Change::UnitGone(id) => self.remove_unit(id)?,
            Change::ControlPolicy(policy) => {
                self.controls.insert_mut(policy.id.clone(), Arc::clone(policy));
            }
            Change::ControlPolicyGone(id) => {
                ensure(self.controls.remove_mut(id), "the control policy", id)?;
                let uses = |target| self.controls_of(&target).is_some_and(|own| own.contains(id));
                ensure(!self.control_targets().any(uses), "a use of the control policy", id)?;
            }
            // What is known is applied above; anything else must not be passed over.
            _ => return Err(unfit("the change", "of an unknown kind")),
        }
        Ok(())
    }

    fn put_account(&mut self, account: &Arc<Account>) -> Result<(), Inconsistent> {
        self.unit_exists(account.unit.as_ref())?;
        self.controls_exist(&account.controls)?;
        if account.signature_v2 == Some(SignatureV2::Allow) {
            self.old_signers.insert_mut(account.id);
        } else {
            self.old_signers.remove_mut(&account.id);
        }
        self.accounts.insert_mut(account.id, Arc::clone(account));
        Ok(())
    }

    fn put_unit(&mut self, unit: &Arc<Unit>) -> Result<(), Inconsistent> {
        self.unit_exists(unit.parent.as_ref())?;
        self.controls_exist(&unit.controls)?;
        let above = self.lineage_of(unit.parent.as_ref());
        let loops = above.iter().any(|own| own.id == unit.id);
        ensure(!loops && above.len() < UNIT_DEPTH_MAX, "the parent of the unit", &unit.id)?;
        self.units.insert_mut(unit.id.clone(), Arc::clone(unit));
        Ok(())
    }

    fn remove_unit(&mut self, id: &UnitId) -> Result<(), Inconsistent> {
        ensure(self.units.remove_mut(id), "the unit", id)?;
        let units = self.units.values().any(|unit| unit.parent.as_ref() == Some(id));
        let accounts = self.accounts.values().any(|account| account.unit.as_ref() == Some(id));
        ensure(!units && !accounts, "what is in the unit", id)
    }

    fn unit_exists(&self, unit: Option<&UnitId>) -> Result<(), Inconsistent> {
        match unit {
            Some(id) => ensure(self.units.contains_key(id), "the unit", id),
            None => Ok(()),
        }
    }

    fn controls_exist(&self, own: &BTreeSet<ControlPolicyId>) -> Result<(), Inconsistent> {
        let missing =
            |id: &&ControlPolicyId| id.as_str() != FULL_ACCESS && !self.controls.contains_key(*id);
        match own.iter().find(missing) {
            Some(id) => Err(unfit("the control policy", id)),
            None => Ok(()),
        }
    }

    fn put_user(&mut self, user: &Arc<User>) -> Result<(), Inconsistent> {
        ensure(self.accounts.contains_key(&user.account), "the account", &user.account)?;
        for group in &user.groups {
            let known = self.groups.by_id(group).is_some_and(|g| g.account == user.account);
            ensure(known, "the group", group)?;
        }
        self.policies_exist(user.policies.attached.iter().chain(&user.boundary))?;
        let before =
            self.users.put(Arc::clone(user)).map_err(|()| unfit("the user name", &user.name))?;
        for left in before.iter().flat_map(|old| old.groups.difference(&user.groups)) {
            self.members.remove(left, &user.id);
        }
        // All of them: what the snapshot says of a user that changed since counts no more.
        for joined in &user.groups {
            self.members.add(joined, user.id.clone());
        }
        let old = before.as_ref().map(|old| (&old.policies, old.boundary.as_ref()));
        self.used(Use::User, &user.id, old, Some((&user.policies, user.boundary.as_ref())));
        if let Some(old) = before.as_ref().and_then(|old| old.federated.as_ref()) {
            let binding = (old.provider.clone(), old.issuer.clone(), old.subject.clone());
            self.bindings.remove_mut(&binding);
        }
        if let Some(new) = &user.federated {
            let binding = (new.provider.clone(), new.issuer.clone(), new.subject.clone());
            self.bindings.insert_mut(binding, user.id.clone());
        }
        Ok(())
    }

    fn remove_user(&mut self, id: &UniqueId) -> Result<(), Inconsistent> {
        ensure(self.keys_of(id).next().is_none(), "a key of the user", id)?;
        self.nothing_signs_in(id)?;
        let user = self.users.remove(id).ok_or_else(|| unfit("the user", id))?;
        for group in &user.groups {
            self.members.remove(group, id);
        }
        self.used(Use::User, id, Some((&user.policies, user.boundary.as_ref())), None);
        if let Some(old) = &user.federated {
            let binding = (old.provider.clone(), old.issuer.clone(), old.subject.clone());
            self.bindings.remove_mut(&binding);
        }
        Ok(())
    }

    fn put_group(&mut self, group: &Arc<Group>) -> Result<(), Inconsistent> {
        ensure(self.accounts.contains_key(&group.account), "the account", &group.account)?;
        self.policies_exist(group.policies.attached.iter())?;
        let before = self
            .groups
            .put(Arc::clone(group))
            .map_err(|()| unfit("the group name", &group.name))?;
        let old = before.as_ref().map(|old| (&old.policies, None));
        self.used(Use::Group, &group.id, old, Some((&group.policies, None)));
        Ok(())
    }

    fn remove_group(&mut self, id: &UniqueId) -> Result<(), Inconsistent> {
        ensure(self.members_of(id).next().is_none(), "a member of the group", id)?;
        let group = self.groups.remove(id).ok_or_else(|| unfit("the group", id))?;
        self.used(Use::Group, id, Some((&group.policies, None)), None);
        Ok(())
    }

    fn put_role(&mut self, role: &Arc<Role>) -> Result<(), Inconsistent> {
        ensure(self.accounts.contains_key(&role.account), "the account", &role.account)?;
        self.policies_exist(role.policies.attached.iter().chain(&role.boundary))?;
        let before =
            self.roles.put(Arc::clone(role)).map_err(|()| unfit("the role name", &role.name))?;
        if before.as_ref().is_none_or(|old| old.trust != role.trust) {
            self.trusted.insert_mut(role.id.clone(), self.revision);
        }
        let old = before.as_ref().map(|old| (&old.policies, old.boundary.as_ref()));
        self.used(Use::Role, &role.id, old, Some((&role.policies, role.boundary.as_ref())));
        Ok(())
    }

    fn remove_role(&mut self, id: &UniqueId) -> Result<(), Inconsistent> {
        ensure(self.keys_of(id).next().is_none(), "a key of the role", id)?;
        let role = self.roles.remove(id).ok_or_else(|| unfit("the role", id))?;
        self.trusted.remove_mut(id);
        self.used(Use::Role, id, Some((&role.policies, role.boundary.as_ref())), None);
        Ok(())
    }

    fn put_policy(&mut self, policy: &Arc<ManagedPolicy>) -> Result<(), Inconsistent> {
        ensure(self.accounts.contains_key(&policy.account), "the account", &policy.account)?;
        ensure(policy.default_version().is_some(), "the default version of", &policy.name)?;
        self.policies
            .put(Arc::clone(policy))
            .map_err(|()| unfit("the policy name", &policy.name))?;
        Ok(())
    }

    fn remove_policy(&mut self, id: &UniqueId) -> Result<(), Inconsistent> {
        let policy = self.policies.remove(id).ok_or_else(|| unfit("the policy", id))?;
        let used = self.uses_of(&policy.arn()).next().is_some();
        ensure(!used, "a use of the policy", &policy.name)
    }

    fn put_key(&mut self, key: &Arc<AccessKey>) -> Result<(), Inconsistent> {
        let root =
            UniqueId::root(key.account) == key.owner && self.accounts.contains_key(&key.account);
        let user = self.users.by_id(&key.owner).is_some_and(|user| user.account == key.account);
        let role = key.service.is_some()
            && self.roles.by_id(&key.owner).is_some_and(|role| role.account == key.account);
        ensure(root || user || role, "the owner", &key.owner)?;
        let moved = self.keys.get(&key.id).is_some_and(|old| old.owner != key.owner);
        ensure(!moved, "the key", &key.id)?;
        self.keys.put(Arc::clone(key));
        Ok(())
    }

    fn put_provider(&mut self, provider: &Arc<OidcProvider>) -> Result<(), Inconsistent> {
        let account = provider.account;
        ensure(self.accounts.contains_key(&account), "the account", &account)?;
        self.providers.insert_mut(provider.arn.clone(), Arc::clone(provider));
        Ok(())
    }

    fn put_bucket(&mut self, bucket: &Arc<BucketRecord>) -> Result<(), Inconsistent> {
        ensure(self.accounts.contains_key(&bucket.owner), "the account", &bucket.owner)?;
        if let Some(old) = self.buckets.get(&bucket.name) {
            let same = old.owner == bucket.owner && old.incarnation == bucket.incarnation;
            ensure(same, "the bucket name", &bucket.name)?;
        }
        self.owned_buckets.add(&bucket.owner, bucket.name.clone());
        self.buckets.insert_mut(bucket.name.clone(), Arc::clone(bucket));
        Ok(())
    }

    fn policies_exist<'a>(
        &self,
        mut arns: impl Iterator<Item = &'a Arn>,
    ) -> Result<(), Inconsistent> {
        match arns.find(|arn| self.policy(arn).is_none()) {
            Some(missing) => Err(unfit("the policy", missing)),
            None => Ok(()),
        }
    }

    /// Keeps the index of uses in step with a record that changed.
    fn used(
        &mut self,
        kind: Use,
        id: &UniqueId,
        old: Option<(&Policies, Option<&Arn>)>,
        new: Option<(&Policies, Option<&Arn>)>,
    ) {
        if let Some((policies, boundary)) = old {
            for arn in &policies.attached {
                self.uses.remove(arn, &(kind, id.clone()));
            }
            if let Some(arn) = boundary {
                self.uses.remove(arn, &(Use::Boundary, id.clone()));
            }
        }
        if let Some((policies, boundary)) = new {
            for arn in &policies.attached {
                self.uses.add(arn, (kind, id.clone()));
            }
            if let Some(arn) = boundary {
                self.uses.add(arn, (Use::Boundary, id.clone()));
            }
        }
    }
}
