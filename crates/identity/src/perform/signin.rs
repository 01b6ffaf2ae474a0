//! What the operations on passwords, their rules and aliases do.
//!
//! What takes long — making and comparing argon2id hashes — is done before the writer is waited
//! for, on threads that nobody else waits for, and only for permitted operations. Each of them then
//! makes its change from what was computed, if the password is still the one that it was computed
//! from.

use std::sync::Arc;

use audit::Permit;
use names::{AccountId, UniqueId};

use super::performs;
use crate::delta::Change;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Context, Identity, Performed};
use crate::mfa::{failed, may_try, succeeded};
use crate::ops::{ChangePassword, CreateLoginProfile, UpdateLoginProfile, UserRef};
use crate::password::{
    self, PASSWORDS_FORMER_MAX, Password, PasswordFault, PasswordHash, PasswordRules,
    PasswordStanding, SALT_BYTES,
};
use crate::record::User;
use crate::signin::{LoginProfile, PasswordReset, SignInSettings};
use crate::state::State;

type Outcome<T> = Result<Performed<T>, IdentityError>;

/// A user and since when it has a password.
#[derive(Clone, Debug)]
pub struct UserLogin {
    /// The user.
    pub user: Arc<User>,
    /// The password.
    pub login: Arc<LoginProfile>,
}

performs! {
    GetLoginProfile => UserLogin, Read, |op, cx| {
        let user = cx.user(&op.user)?;
        let login = Arc::clone(login(cx, user)?);
        Ok(Performed::read(UserLogin { user: Arc::clone(user), login }))
    };
    DeleteLoginProfile => (), Write, |op, cx| {
        let user = cx.user(&op.user)?;
        login(cx, user)?;
        Ok(Performed::write(vec![Change::LoginProfileGone(user.id.clone())], ()))
    };
    UpdateAccountPasswordPolicy => (), Write, |op, cx| settings(cx, op.account, |settings| {
        settings.passwords = Some(op.rules.clone());
        Ok(())
    });
    GetAccountPasswordPolicy => PasswordRules, Read, |op, cx| {
        cx.own(op.account)?;
        Ok(Performed::read(rules(cx.state, op.account)?.clone()))
    };
    DeleteAccountPasswordPolicy => (), Write, |op, cx| {
        if cx.state.password_rules(op.account).is_none() {
            let kind = EntityKind::PasswordPolicyToDelete;
            return Err(IdentityError::missing(kind, &op.account));
        }
        settings(cx, op.account, |settings| {
            settings.passwords = None;
            Ok(())
        })
    };
    CreateAccountAlias => (), Write, |op, cx| {
        if cx.state.account_of_alias(&op.alias).is_some() {
            return Err(IdentityError::taken(EntityKind::Alias, &op.alias));
        }
        settings(cx, op.account, |settings| {
            settings.alias = Some(op.alias.clone());
            Ok(())
        })
    };
    DeleteAccountAlias => (), Write, |op, cx| {
        if cx.state.alias(op.account) != Some(&op.alias) {
            return Err(IdentityError::missing(EntityKind::Alias, &op.alias));
        }
        settings(cx, op.account, |settings| {
            settings.alias = None;
            Ok(())
        })
    };
}

fn login<'a>(cx: &'a Context<'_>, user: &User) -> Result<&'a Arc<LoginProfile>, IdentityError> {
    let missing = || IdentityError::missing(EntityKind::LoginProfile, &user.name);
    cx.state.login_profile(&user.id).ok_or_else(missing)
}

fn rules(state: &State, account: AccountId) -> Result<&PasswordRules, IdentityError> {
    let missing = || IdentityError::missing(EntityKind::PasswordPolicy, &account);
    state.password_rules(account).ok_or_else(missing)
}

fn settings(
    cx: &Context<'_>,
    account: AccountId,
    edit: impl FnOnce(&mut SignInSettings) -> Result<(), IdentityError>,
) -> Outcome<()> {
    cx.own(account)?;
    let mut settings = cx.state.sign_in_settings(account);
    edit(&mut settings)?;
    Ok(Performed::write(vec![Change::SignInSettings(Arc::new(settings))], ()))
}

/// A password that was made ready to be kept, and what it was made ready against.
pub(crate) struct Prepared {
    /// The password that the user had.
    pub(crate) before: Option<Arc<LoginProfile>>,
    /// What the new one is compared with.
    pub(crate) hash: PasswordHash,
}

/// Makes a password ready: it keeps the rules, is none of those used before, and, where the old one
/// is shown, that one is right. Takes as long as its comparisons.
pub(crate) fn prepare(
    state: &State,
    user: &UserRef,
    old: Option<&Password>,
    new: &Password,
    salt: [u8; SALT_BYTES],
) -> Result<Prepared, IdentityError> {
    let found = state.user(user.account, user.name.as_str());
    let missing = || IdentityError::missing(EntityKind::User, &user.name);
    let id = &found.ok_or_else(missing)?.id;
    let before = state.login_profile(id).cloned();
    let rules = state.password_rules(user.account);
    if let Some(old) = old {
        let missing = || IdentityError::missing(EntityKind::LoginProfile, &user.name);
        if !before.as_ref().ok_or_else(missing)?.password.is_of(old) {
            return Err(IdentityError::WrongPassword);
        }
    }
    password::check(rules, new, user.name.as_str())?;
    let most = rules.and_then(|rules| rules.former).unwrap_or(0);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let used =
        before.iter().flat_map(|login| std::iter::once(&login.password).chain(&login.former));
    if used.take(most).any(|used| used.is_of(new)) {
        return Err(PasswordFault::Former.into());
    }
    let hash = PasswordHash::of(new, salt).ok_or(IdentityError::Hashing)?;
    Ok(Prepared { before, hash })
}

/// The password that follows from one that was made ready; refuses if another was set meanwhile.
fn next(
    cx: &Context<'_>,
    user: &User,
    prepared: &Prepared,
    reset: PasswordReset,
) -> Result<LoginProfile, IdentityError> {
    if cx.state.login_profile(&user.id) != prepared.before.as_ref() {
        let (kind, name) = (EntityKind::LoginProfile, user.name.to_string());
        return Err(IdentityError::ConcurrentModification { kind, name });
    }
    let before = prepared.before.as_ref();
    let most = usize::try_from(PASSWORDS_FORMER_MAX).unwrap_or(usize::MAX);
    let former = before
        .into_iter()
        .flat_map(|login| std::iter::once(&login.password).chain(&login.former))
        .take(most)
        .cloned()
        .collect();
    Ok(LoginProfile {
        user: user.id.clone(),
        created: before.map_or(cx.now, |login| login.created),
        changed: cx.now,
        password: prepared.hash.clone(),
        reset,
        former,
    })
}

pub(crate) fn create(
    op: &CreateLoginProfile,
    cx: &Context<'_>,
    prepared: &Prepared,
) -> Outcome<UserLogin> {
    let user = cx.user(&op.user)?;
    if cx.state.login_profile(&user.id).is_some() {
        return Err(IdentityError::taken(EntityKind::LoginProfile, &user.name));
    }
    let login = Arc::new(next(cx, user, prepared, op.reset)?);
    let made = UserLogin { user: Arc::clone(user), login: Arc::clone(&login) };
    Ok(Performed::write(vec![Change::LoginProfile(login)], made))
}

pub(crate) fn update(
    op: &UpdateLoginProfile,
    cx: &Context<'_>,
    prepared: Option<&Prepared>,
) -> Outcome<()> {
    let user = cx.user(&op.user)?;
    let before = login(cx, user)?;
    let reset = op.reset.unwrap_or(before.reset);
    let login = match prepared {
        Some(prepared) => next(cx, user, prepared, reset)?,
        None => LoginProfile { reset, ..(**before).clone() },
    };
    Ok(Performed::write(vec![Change::LoginProfile(Arc::new(login))], ()))
}

pub(crate) fn change(op: &ChangePassword, cx: &Context<'_>, prepared: &Prepared) -> Outcome<()> {
    let user = cx.user(&op.user)?;
    login(cx, user)?;
    if cx.state.password_standing(&user.id, cx.now) == Some(PasswordStanding::Expired) {
        return Err(PasswordFault::Expired.into());
    }
    let login = next(cx, user, prepared, PasswordReset::NotRequired)?;
    Ok(Performed::write(vec![Change::LoginProfile(Arc::new(login))], ()))
}

impl Identity {
    /// Gives a user a password.
    ///
    /// # Errors
    /// It has one already, or the password breaks the account's rules.
    pub async fn create_login_profile(
        &self,
        permit: Permit<CreateLoginProfile>,
    ) -> Result<UserLogin, IdentityError> {
        let op = permit.op();
        let state = self.snapshot();
        if let Some(user) = state.user(op.user.account, op.user.name.as_str())
            && state.login_profile(&user.id).is_some()
        {
            return Err(IdentityError::taken(EntityKind::LoginProfile, &user.name));
        }
        let prepared = self.ready(&op.user, None, &op.password).await?;
        self.change_permitted(&permit, |cx| create(permit.op(), cx, &prepared)).await
    }

    /// Sets a user's password, or whether another must be chosen.
    ///
    /// # Errors
    /// It has none yet, or the password breaks the account's rules.
    pub async fn update_login_profile(
        &self,
        permit: Permit<UpdateLoginProfile>,
    ) -> Result<(), IdentityError> {
        let op = permit.op();
        let prepared = match &op.password {
            Some(password) => Some(self.ready(&op.user, None, password).await?),
            None => None,
        };
        self.change_permitted(&permit, |cx| update(permit.op(), cx, prepared.as_ref())).await
    }

    /// Changes the password of the user who asks, who shows the old one.
    ///
    /// # Errors
    /// The old one is wrong, or was shown wrong too often; the new one breaks the account's rules.
    pub async fn change_password(
        &self,
        permit: Permit<ChangePassword>,
    ) -> Result<(), IdentityError> {
        let op = permit.op();
        let (tried, now) = (format!("password/{}", op.user.arn()), self.now());
        if !may_try(self.failures(), &tried, now) {
            return Err(IdentityError::TooManyTries);
        }
        let ready = self.ready(&op.user, Some(&op.old), &op.new).await;
        match &ready {
            Err(IdentityError::WrongPassword) => failed(self.failures(), &tried, now),
            Ok(_) => succeeded(self.failures(), &tried),
            Err(_) => {}
        }
        let prepared = ready?;
        self.change_permitted(&permit, |cx| change(permit.op(), cx, &prepared)).await
    }

    /// Compares a password with a user's, for whoever signs people in. The answer takes as long
    /// for a user who does not exist, or has no password, as for a wrong one.
    ///
    /// # Errors
    /// The password is wrong, or was wrong too often lately.
    pub async fn check_password(
        &self,
        account: AccountId,
        name: &str,
        password: &Password,
    ) -> Result<(UniqueId, PasswordStanding), IdentityError> {
        let (state, now) = (self.snapshot(), self.now());
        let tried = format!("password/{account}/{name}");
        if !may_try(self.failures(), &tried, now) {
            return Err(IdentityError::TooManyTries);
        }
        let id = state.user(account, name).map(|user| user.id.clone());
        let login = id.as_ref().and_then(|id| state.login_profile(id));
        let known = id.is_some();
        // From here on nothing tells whether there is such a user, or whether they have a password.
        let kept = login
            .map_or_else(|| PasswordHash::of_nobody(self.salt()), |login| login.password.clone());
        let password = password.clone();
        let right = self.hashing(move || kept.is_of(&password)).await?;
        let standing = id.filter(|_| right).and_then(|id| {
            let standing = state.password_standing(&id, now)?;
            Some((id, standing))
        });
        match standing {
            Some(standing) => {
                succeeded(self.failures(), &tried);
                Ok(standing)
            }
            None => {
                // Names that nobody has are not noted: there would be no end of them.
                if known {
                    failed(self.failures(), &tried, now);
                }
                Err(IdentityError::WrongPassword)
            }
        }
    }

    /// Makes a password ready, on a thread that nobody else waits for.
    async fn ready(
        &self,
        user: &UserRef,
        old: Option<&Password>,
        new: &Password,
    ) -> Result<Prepared, IdentityError> {
        let (state, salt) = (self.snapshot(), self.salt());
        let (user, old, new) = (user.clone(), old.cloned(), new.clone());
        self.hashing(move || prepare(&state, &user, old.as_ref(), &new, salt)).await?
    }

    fn salt(&self) -> [u8; SALT_BYTES] {
        let mut salt = [0; SALT_BYTES];
        self.random().fill(&mut salt);
        salt
    }
}

impl From<PasswordFault> for IdentityError {
    fn from(fault: PasswordFault) -> Self {
        Self::PasswordPolicyViolation(fault)
    }
}
