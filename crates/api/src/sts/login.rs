//! Sign-in: a provider's token for a session.
//!
//! The token's `iss` is read before anything is verified, and only to choose which configured
//! providers are asked; each of them compares it again. Nothing else of the token is looked at until
//! its signature holds.

use std::sync::Arc;

use audit::Reason;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::ops::{AssumeRoleWithWebIdentity, SESSION_SECONDS_DEFAULT, SessionRequest};
use identity::{
    Caller, ExternalIdentity, Login, LoginError, LoginProvider, OidcProvider, State, Unverified,
};
use names::{AccountId, Arn, SessionName, Timestamp};
use wire::sts;

use super::{assumed, credentials, minting, narrowed, plain_token, seconds};
use crate::Response;
use crate::caller::Known;
use crate::error::ApiError;
use crate::exchange::{Exchange, Prepared};
use crate::iam::{Parsed, arn, invalid, perform};

/// Most bytes of a token that are looked at (STS API reference, AssumeRoleWithWebIdentity,
/// `WebIdentityToken`).
pub(crate) const WEB_IDENTITY_TOKEN_BYTES_MAX: usize = 20_000;
/// Most providers, over all accounts, that one token is shown to.
const LOGIN_PROVIDERS_MAX: usize = 16;
/// The name of a session whose person has none that could be one.
const NAMELESS: &str = "web-identity";
/// Most characters of a session's name.
const SESSION_NAME_CHARACTERS_MAX: usize = 64;

/// `AssumeRoleWithWebIdentity`
pub(crate) async fn assume_role(mut x: Exchange) -> Response {
    let prepared = match x.form_message() {
        Ok(message) => prepare(&mut x, message).await,
        Err(error) => Err(error),
    };
    perform(x, prepared, |_, made, _| sts::AssumeRoleWithWebIdentityResponse {
        assumed_role_user: Some(assumed(&made.arn, made.id)),
        audience: made.audience,
        credentials: Some(credentials(&made.credentials)),
        provider: Some(made.provider.to_string()),
        source_identity: made.source_identity,
        subject_from_web_identity_token: Some(made.subject),
        ..sts::AssumeRoleWithWebIdentityResponse::default()
    })
    .await
}

async fn prepare(
    x: &mut Exchange,
    m: sts::AssumeRoleWithWebIdentityRequest,
) -> Parsed<Prepared<AssumeRoleWithWebIdentity>> {
    plain_token(m.minimum_session_token_size)?;
    let role = m.role_arn.as_deref().map(arn).transpose()?;
    let name = m.role_session_name.as_deref().map(session_name).transpose()?;
    let ceiling = x.services.settings.session_seconds_max;
    let session = SessionRequest {
        seconds: seconds(m.duration_seconds, SESSION_SECONDS_DEFAULT, ceiling)?,
        ..narrowed(m.policy.as_deref(), m.policy_arns)?
    };
    let token = Unverified::new(m.web_identity_token.expose().to_owned());
    let state = x.services.identity.snapshot();
    let candidates = candidates(&state, &token, role.as_ref(), m.provider_id.as_deref())?;
    let logins = Arc::clone(&x.services.logins);
    let external = prove(logins.as_ref(), &state, &candidates, &token, x.now).await?;
    Ok(minting(plan(x, external, Asked { role, name, session })?))
}

/// What a sign-in asks for besides being believed.
struct Asked {
    role: Option<Arn>,
    name: Option<SessionName>,
    session: SessionRequest,
}

/// The providers that a token may be shown to: those of its issuer; of the role's account, if a role
/// is named; of the given name, if one is given. The installation's own account comes first.
fn candidates(
    state: &State,
    token: &Unverified<String>,
    role: Option<&Arn>,
    name: Option<&str>,
) -> Parsed<Vec<Arc<OidcProvider>>> {
    let issuer = unverified_issuer(token.accept_unverified())
        .map_err(|problem| refused(None, &LoginError::Malformed { problem }))?;
    let account: Option<AccountId> = match role {
        Some(role) => Some(role.account().parse().map_err(|_| unknown_issuer())?),
        None => None,
    };
    let fits = |provider: &&Arc<OidcProvider>| {
        account.is_none_or(|account| provider.account == account)
            && name.is_none_or(|name| provider.name.as_str() == name)
    };
    let mut found: Vec<_> = state.providers_of_issuer(&issuer).filter(fits).cloned().collect();
    found.sort_by_key(|provider| (Some(provider.account) != state.operator(), provider.account));
    match found.len() {
        0 => Err(unknown_issuer()),
        count if count > LOGIN_PROVIDERS_MAX => Err(ambiguous()),
        _ => Ok(found),
    }
}

/// Shows the token to its providers. Of several that believe it, the installation's own counts;
/// where it is not among them, whoever signs in must say which one is meant.
async fn prove(
    logins: &dyn LoginProvider,
    state: &State,
    candidates: &[Arc<OidcProvider>],
    token: &Unverified<String>,
    now: Timestamp,
) -> Parsed<ExternalIdentity> {
    let mut believed: Option<ExternalIdentity> = None;
    let mut refusal = None;
    for provider in candidates {
        match logins.verify(provider, token, now).await {
            Ok(external) if Some(provider.account) == state.operator() => return Ok(external),
            Ok(_) if believed.is_some() => return Err(ambiguous()),
            Ok(external) => believed = Some(external),
            Err(error) => {
                refusal.get_or_insert_with(|| refused(Some(provider.arn.clone()), &error));
            }
        }
    }
    believed.ok_or_else(|| refusal.unwrap_or_else(unknown_issuer))
}

/// From here on the exchange is that of whom the provider vouches for.
fn plan(
    x: &mut Exchange,
    external: ExternalIdentity,
    asked: Asked,
) -> Parsed<AssumeRoleWithWebIdentity> {
    let who = Caller::login(&external).who;
    x.attempt.identified(Arc::new(who.clone()));
    x.known = Known::vouched(who);
    let state = x.services.identity.snapshot();
    state.external_facts(&external, &mut x.facts);
    let Asked { role, name, session } = asked;
    let name = name.map_or_else(|| name_of(&external), Ok)?;
    let login = Login { external, role, name, session };
    Ok(x.services.identity.plan_login(&state, login)?)
}

/// A session's name for whoever gives none: the person's label, in the characters that a name has.
fn name_of(external: &ExternalIdentity) -> Parsed<SessionName> {
    let label = external.display.as_ref().unwrap_or(&external.subject);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' };
    let text: String = label.chars().map(plain).take(SESSION_NAME_CHARACTERS_MAX).collect();
    text.parse().or_else(|_| NAMELESS.parse()).map_err(|_| ApiError::internal())
}

/// The issuer that a token names. **Not verified**: it chooses whom to ask, and nothing else.
fn unverified_issuer(token: &str) -> Result<String, &'static str> {
    #[derive(serde::Deserialize)]
    struct Claims {
        iss: String,
    }
    if token.len() > WEB_IDENTITY_TOKEN_BYTES_MAX {
        return Err("it is too long");
    }
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("it is not a compact JWS");
    };
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| "it is not base64url")?;
    let claims: Claims = serde_json::from_slice(&bytes).map_err(|_| "it names no issuer")?;
    Ok(claims.iss)
}

fn session_name(text: &str) -> Parsed<SessionName> {
    text.parse().map_err(|error: names::BadName| invalid(error.to_string()))
}

fn refused(provider: Option<Arn>, error: &LoginError) -> ApiError {
    ApiError::login(provider, error)
}

/// No provider of that issuer: the same answer as for a token that proves nothing.
fn unknown_issuer() -> ApiError {
    let error = LoginError::Claim { claim: "iss".to_owned() };
    let reason = Reason::LoginRefused { provider: None, rule: "issuer" };
    ApiError::login(None, &error).because(reason)
}

/// Several accounts believe the token, and nothing says which one is meant.
fn ambiguous() -> ApiError {
    let message = "Several accounts trust the token's issuer: name a RoleArn or a ProviderId.";
    let reason = Reason::LoginRefused { provider: None, rule: "ambiguous" };
    invalid(message).because(reason)
}

#[cfg(test)]
mod tests {
    use identity::Vouched;

    use super::*;

    fn token(payload: &str) -> String {
        format!("e30.{}.AA", URL_SAFE_NO_PAD.encode(payload))
    }

    fn external(subject: &str, display: Option<&str>) -> ExternalIdentity {
        ExternalIdentity::vouched(Vouched {
            provider: "arn:aws:iam::111122223333:oidc-provider/idp.example".parse().unwrap(),
            issuer: "https://idp.example".to_owned(),
            subject: subject.to_owned(),
            audience: vec!["store".to_owned()],
            authorized_party: None,
            display: display.map(str::to_owned),
            groups: Vec::new(),
            claims: serde_json::Map::new(),
            expires: Timestamp::from_seconds(1_800_000_000).unwrap(),
            authenticated_at: None,
        })
    }

    #[test]
    fn an_issuer_is_read_from_a_compact_token_and_from_nothing_else() {
        let issuer = "https://idp.example";
        assert_eq!(unverified_issuer(&token(&format!(r#"{{"iss":"{issuer}"}}"#))).unwrap(), issuer);
        for bad in [
            "",
            "a.b",
            "a.b.c.d.e",
            "e30.!!.AA",
            &token("{}"),
            &token(r#"{"iss":1}"#),
            &token(r#"{"iss":"https://a","iss":"https://b"}"#),
        ] {
            assert!(unverified_issuer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_token_at_its_limit_is_looked_at_and_one_past_it_is_not() {
        let whole = |length: usize| {
            let start = token(r#"{"iss":"https://idp.example"}"#);
            let rest = "A".repeat(length - start.len());
            format!("{start}{rest}")
        };
        assert!(unverified_issuer(&whole(WEB_IDENTITY_TOKEN_BYTES_MAX)).is_ok());
        assert!(unverified_issuer(&whole(WEB_IDENTITY_TOKEN_BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn a_token_of_an_issuer_that_nobody_trusts_is_shown_to_nobody() {
        let token = Unverified::new(token(r#"{"iss":"https://idp.example"}"#));
        let error = candidates(&State::default(), &token, None, None).unwrap_err();
        assert_eq!((error.status, error.code), (400, "InvalidIdentityToken"));
        assert_eq!(error.reason, Reason::LoginRefused { provider: None, rule: "issuer" });
    }

    #[test]
    fn a_malformed_token_is_refused_with_the_same_words_and_its_own_reason() {
        let token = Unverified::new("nonsense".to_owned());
        let error = candidates(&State::default(), &token, None, None).unwrap_err();
        assert_eq!((error.status, error.code), (400, "InvalidIdentityToken"));
        assert_eq!(error.reason, Reason::LoginRefused { provider: None, rule: "malformed" });
        assert_eq!(error.message, unknown_issuer().message);
    }

    #[test]
    fn a_session_without_a_name_gets_the_persons_label() {
        let name = |subject: &str, display: Option<&str>| {
            name_of(&external(subject, display)).unwrap().to_string()
        };
        assert_eq!(name("42", Some("ana@example.org")), "ana@example.org");
        assert_eq!(name("auth0|42", None), "auth0-42");
        assert_eq!(name("x", None), NAMELESS);
        assert_eq!(name(&"s".repeat(300), None).len(), SESSION_NAME_CHARACTERS_MAX);
    }
}
