//! Passwords of users, and an account's rules for them.

use std::collections::BTreeSet;

use audit::Permit;
use identity::{
    CharacterKind, Expiry, IdentityError, Password, PasswordReset, PasswordRules, SelfService,
    UserLogin, ops,
};
use policy::principal::Principal;
use wire::{QueryOutput, Secret, iam};

use super::{Parsed, invalid, serve};
use crate::Response;
use crate::exchange::{Act, Answer, Exchange, Prepared};

/// `CreateLoginProfile`
pub(crate) async fn create(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::CreateLoginProfileRequest| {
        let missing = || invalid("The request must contain the parameter Password.");
        Ok(ops::CreateLoginProfile {
            user: x.user_or_self(m.user_name.as_deref())?,
            password: password(&m.password.ok_or_else(missing)?)?,
            reset: reset(m.password_reset_required).unwrap_or(PasswordReset::NotRequired),
        })
    });
    x.through(op.map(Prepared::new), async move |act: Act, permit: Permit<_>| {
        let made = act.services.identity.create_login_profile(permit).await?;
        let answer = iam::CreateLoginProfileResponse { login_profile: told(&made) };
        Ok(Answer::from(answer.to_response(&act.request_id)))
    })
    .await
}

/// `GetLoginProfile`
pub(crate) async fn get(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::GetLoginProfileRequest| {
        Ok(ops::GetLoginProfile { user: x.user_or_self(m.user_name.as_deref())? })
    });
    serve(x, op, |_, found, _| iam::GetLoginProfileResponse { login_profile: told(&found) }).await
}

/// `UpdateLoginProfile`
pub(crate) async fn update(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::UpdateLoginProfileRequest| {
        Ok(ops::UpdateLoginProfile {
            user: x.user(&m.user_name)?,
            password: m.password.as_ref().map(password).transpose()?,
            reset: reset(m.password_reset_required),
        })
    });
    x.through(op.map(Prepared::new), async move |act: Act, permit: Permit<_>| {
        act.services.identity.update_login_profile(permit).await?;
        Ok(Answer::from(iam::UpdateLoginProfileResponse {}.to_response(&act.request_id)))
    })
    .await
}

/// `DeleteLoginProfile`
pub(crate) async fn delete(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeleteLoginProfileRequest| {
        Ok(ops::DeleteLoginProfile { user: x.user_or_self(m.user_name.as_deref())? })
    });
    serve(x, op, |_, (), _| iam::DeleteLoginProfileResponse {}).await
}

/// `ChangePassword`: of the user who asks, and of nobody else.
pub(crate) async fn change(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ChangePasswordRequest| {
        let Principal::User { account, name, .. } = x.known.principal() else {
            return Err(IdentityError::InvalidUserType.into());
        };
        let user = x.services.identity.snapshot().user_ref(*account, name.clone());
        let (old, new) = (password(&m.old_password)?, password(&m.new_password)?);
        Ok(ops::ChangePassword { user, old, new })
    });
    x.through(op.map(Prepared::new), async move |act: Act, permit: Permit<_>| {
        act.services.identity.change_password(permit).await?;
        Ok(Answer::from(iam::ChangePasswordResponse {}.to_response(&act.request_id)))
    })
    .await
}

/// `UpdateAccountPasswordPolicy`: what is not said is IAM's own (IAM API reference: "If a
/// parameter is not specified, it takes its default").
pub(crate) async fn set_rules(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::UpdateAccountPasswordPolicyRequest| {
        Ok(ops::UpdateAccountPasswordPolicy { account: x.own_account()?, rules: rules(&m)? })
    });
    serve(x, op, |_, (), _| iam::UpdateAccountPasswordPolicyResponse {}).await
}

/// `GetAccountPasswordPolicy`
pub(crate) async fn rules_of(x: Exchange) -> Response {
    let op = x.form_message().and_then(|_: iam::GetAccountPasswordPolicyRequest| {
        Ok(ops::GetAccountPasswordPolicy { account: x.own_account()? })
    });
    serve(x, op, |_, found, _| iam::GetAccountPasswordPolicyResponse {
        password_policy: said(&found),
    })
    .await
}

/// `DeleteAccountPasswordPolicy`
pub(crate) async fn delete_rules(x: Exchange) -> Response {
    let op = x.form_message().and_then(|_: iam::DeleteAccountPasswordPolicyRequest| {
        Ok(ops::DeleteAccountPasswordPolicy { account: x.own_account()? })
    });
    serve(x, op, |_, (), _| iam::DeleteAccountPasswordPolicyResponse {}).await
}

fn password(secret: &Secret) -> Parsed<Password> {
    secret.expose().parse().map_err(|_| invalid("A password is 1 to 128 characters of Latin-1."))
}

fn reset(required: Option<bool>) -> Option<PasswordReset> {
    required.map(|required| match required {
        true => PasswordReset::Required,
        false => PasswordReset::NotRequired,
    })
}

fn told(login: &UserLogin) -> iam::LoginProfile {
    iam::LoginProfile {
        create_date: login.login.created,
        password_reset_required: Some(login.login.reset == PasswordReset::Required),
        user_name: login.user.name.to_string(),
    }
}

/// Fewest characters of a password where a policy does not say (IAM API reference).
const LENGTH_MIN_DEFAULT: u32 = 6;

fn rules(m: &iam::UpdateAccountPasswordPolicyRequest) -> Parsed<PasswordRules> {
    let count = |value: i32| {
        u32::try_from(value).map_err(|_| invalid("A number of the password policy is negative."))
    };
    let asked = [
        (m.require_symbols, CharacterKind::Symbol),
        (m.require_numbers, CharacterKind::Number),
        (m.require_uppercase_characters, CharacterKind::Uppercase),
        (m.require_lowercase_characters, CharacterKind::Lowercase),
    ];
    let wanted = asked.into_iter().filter(|(asked, _)| *asked == Some(true));
    let kinds: BTreeSet<CharacterKind> = wanted.map(|(_, kind)| kind).collect();
    Ok(PasswordRules {
        length_min: m.minimum_password_length.map_or(Ok(LENGTH_MIN_DEFAULT), count)?,
        kinds,
        self_service: match m.allow_users_to_change_password {
            Some(true) => SelfService::Allowed,
            Some(false) | None => SelfService::ByPolicy,
        },
        age_days_max: m.max_password_age.map(count).transpose()?,
        former: m.password_reuse_prevention.map(count).transpose()?,
        expiry: match m.hard_expiry {
            Some(true) => Expiry::Hard,
            Some(false) | None => Expiry::Renewable,
        },
    })
}

fn said(rules: &PasswordRules) -> iam::PasswordPolicy {
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let asks = |kind| Some(rules.kinds.contains(&kind));
    iam::PasswordPolicy {
        allow_users_to_change_password: Some(rules.self_service == SelfService::Allowed),
        expire_passwords: Some(rules.age_days_max.is_some()),
        hard_expiry: (rules.expiry == Expiry::Hard).then_some(true),
        max_password_age: rules.age_days_max.map(number),
        minimum_password_length: Some(number(rules.length_min)),
        password_reuse_prevention: rules.former.map(number),
        require_lowercase_characters: asks(CharacterKind::Lowercase),
        require_numbers: asks(CharacterKind::Number),
        require_symbols: asks(CharacterKind::Symbol),
        require_uppercase_characters: asks(CharacterKind::Uppercase),
    }
}
