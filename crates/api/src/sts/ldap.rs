//! Sign-in: a name and a password of a directory for a session, in MinIO's form.
//!
//! The password is taken from a form's body only: what stands in an address ends up in logs.
//! Whoever is refused learns that they are, and nothing of why.

use std::sync::Arc;

use audit::Reason;
use identity::ops::{AssumeRoleWithLDAPIdentity, SESSION_SECONDS_DEFAULT, SessionRequest};
use identity::{ExternalIdentity, LoginError, OidcProvider, State, TypedPassword};
use names::SecretBytes;
use wire::ldap;

use super::login::{Asked, Proven, changed, plan};
use super::{credentials, minting, narrowed, role_arn, seconds, source};
use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Exchange, Prepared};
use crate::iam::{Parsed, invalid, perform};

/// What stands between the name of a directory and that of a person, as Windows writes it.
const OF_DIRECTORY: char = '\\';

/// `AssumeRoleWithLDAPIdentity`
pub(crate) async fn assume_role(mut x: Exchange) -> Response {
    let prepared = match x.form_message() {
        Ok(message) => prepare(&mut x, message).await,
        Err(error) => Err(error),
    };
    perform(x, prepared, |_, made, _| ldap::AssumeRoleWithLDAPIdentityResponse {
        credentials: Some(credentials(&made.credentials)),
    })
    .await
}

async fn prepare(
    x: &mut Exchange,
    m: ldap::AssumeRoleWithLDAPIdentityRequest,
) -> Parsed<Prepared<AssumeRoleWithLDAPIdentity>> {
    let role = m.role_arn.as_deref().map(role_arn).transpose()?;
    let ceiling = x.services.settings.session_seconds_max;
    let session = SessionRequest {
        seconds: seconds(m.duration_seconds, SESSION_SECONDS_DEFAULT, ceiling)?,
        ..narrowed(m.policy.as_deref(), Vec::new())?
    };
    let state = x.services.identity.snapshot();
    let (provider, name) = chosen(&state, m.provider_id.as_deref(), &m.name)?;
    let password = SecretBytes::new(m.password.expose().as_bytes().to_vec());
    let typed = TypedPassword { name, password, from: source(&x.facts) };
    let external = proven(x, &provider, &typed).await?;
    // One that changed while it was asked has vouched for nobody: its rules may be others now.
    let now = x.services.identity.snapshot();
    if !now.provider(&provider.arn).is_some_and(|own| Arc::ptr_eq(own, &provider)) {
        return Err(changed(&provider));
    }
    let login = plan(x, Proven { provider, external }, Asked { role, name: None, session })?;
    Ok(minting(&x.facts, AssumeRoleWithLDAPIdentity { login }))
}

async fn proven(
    x: &Exchange,
    provider: &OidcProvider,
    typed: &TypedPassword,
) -> Parsed<ExternalIdentity> {
    let logins = Arc::clone(&x.services.logins);
    let refused = |error: LoginError| ApiError::login(Some(provider.arn.clone()), &error);
    logins.sign_in(provider, typed, x.now).await.map_err(refused)
}

/// The directory that is meant, and the name without it: the one that is named, the one whose name
/// stands before the person's (`corp\alice`), or the only one. A password is shown to no other.
fn chosen(state: &State, wanted: Option<&str>, name: &str) -> Parsed<(Arc<OidcProvider>, String)> {
    let named = |wanted: &str| {
        let same = |one: &&Arc<OidcProvider>| {
            one.name.as_str().eq_ignore_ascii_case(wanted) || one.arn.as_str() == wanted
        };
        only(state.directories().filter(same))
    };
    if let Some(wanted) = wanted {
        return Ok((named(wanted)?, name.to_owned()));
    }
    if let Some((directory, person)) = name.split_once(OF_DIRECTORY)
        && let Ok(provider) = named(directory)
    {
        return Ok((provider, person.to_owned()));
    }
    Ok((only(state.directories())?, name.to_owned()))
}

fn only<'a>(
    mut providers: impl Iterator<Item = &'a Arc<OidcProvider>>,
) -> Parsed<Arc<OidcProvider>> {
    match (providers.next(), providers.next()) {
        (Some(provider), None) => Ok(Arc::clone(provider)),
        (None, _) => Err(ApiError::login(None, &LoginError::Refused { rule: "no-directory" })),
        (Some(_), Some(_)) => {
            let message = "There are several directories: name one in ProviderId, or before the \
                           user name as in `corp\\alice`.";
            let reason = Reason::LoginRefused { provider: None, rule: "ambiguous" };
            Err(invalid(message).because(reason))
        }
    }
}
