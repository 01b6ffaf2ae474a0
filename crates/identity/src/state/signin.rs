//! Devices, passwords, settings of signing in and SAML providers, and how they are found.

use std::sync::Arc;

use names::{AccountId, Arn, UniqueId};
use rpds::{HashTrieMapSync, RedBlackTreeMapSync};

use super::State;
use super::apply::{Inconsistent, ensure, unfit};
use super::relation::Relation;
use crate::delta::Change;
use crate::password::{self, PasswordRules, PasswordStanding, SelfService};
use crate::signin::{AccountAlias, LoginProfile, MfaDevice, SamlProvider, SignInSettings};

/// What of the state is about signing in. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct SignIn {
    devices: RedBlackTreeMapSync<(AccountId, Arn), Arc<MfaDevice>>,
    /// Derived: which devices a user has.
    held: Relation<UniqueId, Arn>,
    logins: HashTrieMapSync<UniqueId, Arc<LoginProfile>>,
    settings: RedBlackTreeMapSync<AccountId, Arc<SignInSettings>>,
    /// Derived: whose an alias is.
    aliases: HashTrieMapSync<AccountAlias, AccountId>,
    saml: RedBlackTreeMapSync<(AccountId, Arn), Arc<SamlProvider>>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            devices: RedBlackTreeMapSync::new_sync(),
            held: Relation::default(),
            logins: HashTrieMapSync::new_sync(),
            settings: RedBlackTreeMapSync::new_sync(),
            aliases: HashTrieMapSync::new_sync(),
            saml: RedBlackTreeMapSync::new_sync(),
        }
    }
}

/// The account that an ARN names, with the ARN: where it is kept.
fn place(arn: &Arn) -> Option<(AccountId, Arn)> {
    Some((arn.account().parse().ok()?, arn.clone()))
}

impl State {
    /// An MFA device, by its serial number.
    #[must_use]
    pub fn mfa_device(&self, serial: &Arn) -> Option<&Arc<MfaDevice>> {
        self.sign_in.devices.get(&place(serial)?)
    }

    /// The MFA devices of an account, by serial number.
    pub fn mfa_devices(&self, account: AccountId) -> impl Iterator<Item = &Arc<MfaDevice>> {
        let from = (account, Arn::any());
        let devices = self.sign_in.devices.range(from..);
        devices.take_while(move |(place, _)| place.0 == account).map(|(_, device)| device)
    }

    /// The MFA devices of a user or root, by serial number.
    pub fn mfa_devices_of(&self, user: &UniqueId) -> impl Iterator<Item = &Arc<MfaDevice>> {
        let held = self.sign_in.held.get(user);
        held.into_iter().flatten().filter_map(|serial| self.mfa_device(serial))
    }

    /// A user's password.
    #[must_use]
    pub fn login_profile(&self, user: &UniqueId) -> Option<&Arc<LoginProfile>> {
        self.sign_in.logins.get(user)
    }

    /// How a user's password stands at a time; `None` for a user without one.
    #[must_use]
    pub fn password_standing(
        &self,
        user: &UniqueId,
        now: names::Timestamp,
    ) -> Option<PasswordStanding> {
        let profile = self.login_profile(user)?;
        let account = self.user_by_id(user)?.account;
        Some(password::standing(profile, self.password_rules(account), now))
    }

    /// An account's own rules for passwords.
    #[must_use]
    pub fn password_rules(&self, account: AccountId) -> Option<&PasswordRules> {
        self.sign_in.settings.get(&account)?.passwords.as_ref()
    }

    /// An account's alias.
    #[must_use]
    pub fn alias(&self, account: AccountId) -> Option<&AccountAlias> {
        self.sign_in.settings.get(&account)?.alias.as_ref()
    }

    /// The account of an alias.
    #[must_use]
    pub fn account_of_alias(&self, alias: &AccountAlias) -> Option<AccountId> {
        self.sign_in.aliases.get(alias).copied()
    }

    /// A SAML provider.
    #[must_use]
    pub fn saml_provider(&self, arn: &Arn) -> Option<&Arc<SamlProvider>> {
        self.sign_in.saml.get(&place(arn)?)
    }

    /// The SAML providers of an account, by ARN.
    pub fn saml_providers(&self, account: AccountId) -> impl Iterator<Item = &Arc<SamlProvider>> {
        let from = (account, Arn::any());
        let providers = self.sign_in.saml.range(from..);
        providers.take_while(move |(place, _)| place.0 == account).map(|(_, provider)| provider)
    }

    /// What an account says about signing in, to be changed.
    pub(crate) fn sign_in_settings(&self, account: AccountId) -> SignInSettings {
        let nothing = SignInSettings { account, alias: None, passwords: None };
        self.sign_in.settings.get(&account).map_or(nothing, |settings| (**settings).clone())
    }

    /// Whether users of the account may change their own passwords without a policy.
    pub(crate) fn changes_own_password(&self, account: AccountId) -> bool {
        let rules = self.password_rules(account);
        rules.is_some_and(|rules| rules.self_service == SelfService::Allowed)
    }

    /// Every MFA device, of all accounts.
    pub(crate) fn all_mfa_devices(&self) -> impl Iterator<Item = &Arc<MfaDevice>> {
        self.sign_in.devices.values()
    }

    pub(super) fn put_mfa(&mut self, device: &Arc<MfaDevice>) -> Result<(), Inconsistent> {
        ensure(self.accounts.contains_key(&device.account), "the account", &device.account)?;
        let serial = device.serial();
        if let Some(held) = &device.held {
            let user = self.user_by_id(&held.user);
            let own = user.is_some_and(|user| user.account == device.account)
                || held.user == UniqueId::root(device.account);
            ensure(own, "the user", &held.user)?;
        }
        self.let_go(&serial);
        if let Some(held) = &device.held {
            self.sign_in.held.add(&held.user, serial.clone());
        }
        self.sign_in.devices.insert_mut((device.account, serial), Arc::clone(device));
        Ok(())
    }

    pub(super) fn remove_mfa(&mut self, serial: &Arn) -> Result<(), Inconsistent> {
        let place = place(serial).ok_or_else(|| unfit("the device", serial))?;
        self.let_go(serial);
        ensure(self.sign_in.devices.remove_mut(&place), "the device", serial)
    }

    fn let_go(&mut self, serial: &Arn) {
        let holder = self.mfa_device(serial).and_then(|device| device.held.as_ref());
        if let Some(user) = holder.map(|held| held.user.clone()) {
            self.sign_in.held.remove(&user, serial);
        }
    }

    pub(super) fn put_login(&mut self, login: &Arc<LoginProfile>) -> Result<(), Inconsistent> {
        ensure(self.user_by_id(&login.user).is_some(), "the user", &login.user)?;
        self.sign_in.logins.insert_mut(login.user.clone(), Arc::clone(login));
        Ok(())
    }

    pub(super) fn remove_login(&mut self, user: &UniqueId) -> Result<(), Inconsistent> {
        ensure(self.sign_in.logins.remove_mut(user), "the password of", user)
    }

    pub(super) fn put_settings(
        &mut self,
        settings: &Arc<SignInSettings>,
    ) -> Result<(), Inconsistent> {
        let account = settings.account;
        ensure(self.accounts.contains_key(&account), "the account", &account)?;
        if let Some(alias) = &settings.alias {
            let taken = self.account_of_alias(alias).is_some_and(|holder| holder != account);
            ensure(!taken, "the alias", alias)?;
        }
        if let Some(old) = self.alias(account).cloned() {
            self.sign_in.aliases.remove_mut(&old);
        }
        if let Some(alias) = &settings.alias {
            self.sign_in.aliases.insert_mut(alias.clone(), account);
        }
        self.sign_in.settings.insert_mut(account, Arc::clone(settings));
        Ok(())
    }

    pub(super) fn put_saml(&mut self, provider: &Arc<SamlProvider>) -> Result<(), Inconsistent> {
        let account = provider.account;
        ensure(self.accounts.contains_key(&account), "the account", &account)?;
        self.sign_in.saml.insert_mut((account, provider.arn()), Arc::clone(provider));
        Ok(())
    }

    pub(super) fn remove_saml(&mut self, arn: &Arn) -> Result<(), Inconsistent> {
        let place = place(arn).ok_or_else(|| unfit("the provider", arn))?;
        ensure(self.sign_in.saml.remove_mut(&place), "the provider", arn)
    }

    /// Refuses to lose a user on whom a device or a password hangs.
    pub(super) fn nothing_signs_in(&self, user: &UniqueId) -> Result<(), Inconsistent> {
        let device = self.mfa_devices_of(user).next().is_some();
        ensure(!device, "an MFA device of the user", user)?;
        ensure(self.login_profile(user).is_none(), "a password of the user", user)
    }

    /// Every record of this part.
    pub(super) fn sign_in_records(&self) -> impl Iterator<Item = Change> {
        let parts = &self.sign_in;
        let settings = parts.settings.values().map(|r| Change::SignInSettings(Arc::clone(r)));
        let devices = parts.devices.values().map(|r| Change::MfaDevice(Arc::clone(r)));
        let logins = parts.logins.values().map(|r| Change::LoginProfile(Arc::clone(r)));
        let saml = parts.saml.values().map(|r| Change::SamlProvider(Arc::clone(r)));
        settings.chain(devices).chain(logins).chain(saml)
    }
}
