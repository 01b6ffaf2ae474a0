//! Sign-in: a provider's token for a session.
//!
//! The token's `iss` is read before anything is verified, and only to choose which configured
//! providers are asked; each of them compares it again. Nothing else of the token is looked at
//! until its signature holds.

use std::sync::Arc;

use audit::{Minted, Reason};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::ops::{AssumeRoleWithWebIdentity, Drawn, SESSION_SECONDS_DEFAULT, SessionRequest};
use identity::{
    Caller, ExternalIdentity, Login, LoginError, LoginProvider, OidcProvider, State, Unverified,
};
use names::{AccessKeyId, AccountId, Arn, SessionName, Timestamp};
use wire::sts;

use super::{assumed, credentials, minting, narrowed, plain_token, role_arn, seconds};
use crate::caller::Known;
use crate::error::ApiError;
use crate::exchange::{Exchange, Prepared};
use crate::iam::{Parsed, invalid, perform};
use crate::{Response, Services};

/// Most bytes of a token that are looked at (STS API reference, AssumeRoleWithWebIdentity,
/// `WebIdentityToken`).
pub(crate) const WEB_IDENTITY_TOKEN_BYTES_MAX: usize = 20_000;
/// Most providers, over all accounts, that one token is shown to.
const LOGIN_PROVIDERS_MAX: usize = 16;
/// How often a provider that changes while it is asked is asked.
const LOGIN_ATTEMPTS_MAX: usize = 3;
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
    perform(x, prepared, |op, made, _| sts::AssumeRoleWithWebIdentityResponse {
        packed_policy_size: op.session.packed_percent().map(i32::from),
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
    let role = m.role_arn.as_deref().map(role_arn).transpose()?;
    let name = m.role_session_name.as_deref().map(session_name).transpose()?;
    let ceiling = x.services.settings.session_seconds_max;
    let session = SessionRequest {
        seconds: seconds(m.duration_seconds, SESSION_SECONDS_DEFAULT, ceiling)?,
        ..narrowed(m.policy.as_deref(), m.policy_arns)?
    };
    let token = Unverified::new(m.web_identity_token.expose().to_owned());
    let (services, provider) = (Arc::clone(&x.services), m.provider_id.as_deref());
    let proven = vouched(&services, x.now, &token, role.as_ref(), provider).await?;
    let planned = plan(x, proven, Asked { role, name, session })?;
    Ok(minting(&x.facts, planned))
}

/// The sign-in of whoever brings a token on another request: for the role that it names, else for
/// what the provider's rules give.
pub(crate) fn prepare_bearer(
    x: &mut Exchange,
    proven: Proven,
    role: Option<Arn>,
) -> Parsed<Prepared<AssumeRoleWithWebIdentity>> {
    let ceiling = x.services.settings.session_seconds_max;
    let session = SessionRequest {
        seconds: seconds(None, SESSION_SECONDS_DEFAULT, ceiling)?,
        ..narrowed(None, Vec::new())?
    };
    let planned = plan(x, proven, Asked { role, name: None, session })?;
    Ok(minting(&x.facts, planned))
}

/// Gives the session to be minted that id, and ends it no later than `until`.
pub(crate) fn draw(
    prepared: &mut Prepared<AssumeRoleWithWebIdentity>,
    minted: AccessKeyId,
    until: Timestamp,
) {
    let expires = prepared.op.drawn.expires.min(until);
    let from = prepared.op.drawn.from;
    prepared.op.drawn = Drawn { minted: minted.clone(), expires, from };
    prepared.mints = Some(Minted { credential: minted, expires });
}

/// What a sign-in asks for besides being believed.
pub(super) struct Asked {
    pub(super) role: Option<Arn>,
    pub(super) name: Option<SessionName>,
    pub(super) session: SessionRequest,
}

/// Whom a token speaks of, and the provider as it was when it was asked.
#[derive(Debug)]
pub(crate) struct Proven {
    pub(crate) provider: Arc<OidcProvider>,
    pub(crate) external: ExternalIdentity,
}

/// Whom the token speaks of, by a provider that is still what it was when it had answered. One that
/// changed while it was asked has vouched for nobody, since its audiences and rules may be others
/// now: whoever signs in did nothing wrong, so it is asked again.
pub(crate) async fn vouched(
    services: &Services,
    now: Timestamp,
    token: &Unverified<String>,
    role: Option<&Arn>,
    name: Option<&str>,
) -> Parsed<Proven> {
    let logins = Arc::clone(&services.logins);
    let mut asked = services.identity.snapshot();
    let mut last = None;
    for _ in 0..LOGIN_ATTEMPTS_MAX {
        let candidates = candidates(&asked, token, role, name)?;
        let proven = prove(logins.as_ref(), asked.operator(), candidates, token, now).await?;
        asked = services.identity.snapshot();
        if asked
            .provider(&proven.provider.arn)
            .is_some_and(|now| Arc::ptr_eq(now, &proven.provider))
        {
            return Ok(proven);
        }
        last = Some(proven);
    }
    Err(last.map_or_else(ApiError::internal, |proven| changed(&proven.provider)))
}

/// The providers that a token may be shown to: those of its issuer; of the role's account, if a
/// role is named; of the given name, if one is given. The operator's come first.
pub(crate) fn candidates(
    state: &State,
    token: &Unverified<String>,
    role: Option<&Arn>,
    name: Option<&str>,
) -> Parsed<Vec<Arc<OidcProvider>>> {
    let issuer = unverified_issuer(token.accept_unverified());
    let account = role.map(|role| role.account().parse()).transpose();
    let account = account.map_err(|_| unknown_issuer())?;
    let found: Vec<_> = match (&issuer, name) {
        (Ok(issuer), _) => state.providers_of_issuer(issuer).cloned().collect(),
        // Of a token that only its provider can read, whoever brings it says whose it is.
        (Err(_), Some(name)) => state.providers_named(name).cloned().collect(),
        (Err(problem), None) => {
            return Err(ApiError::login(None, &LoginError::Malformed { problem }));
        }
    };
    // A directory gives out no tokens, whatever one says of itself.
    let tokens = found.into_iter().filter(|one| one.issuer.directory().is_none());
    let mut found = tokens.collect();
    choose(&mut found, state.operator(), account, name)?;
    Ok(found)
}

/// Keeps those of an account, or of a name; puts the operator's first.
fn choose(
    providers: &mut Vec<Arc<OidcProvider>>,
    operator: Option<AccountId>,
    account: Option<AccountId>,
    name: Option<&str>,
) -> Parsed<()> {
    providers.retain(|provider| {
        account.is_none_or(|account| provider.account == account)
            && name.is_none_or(|name| provider.name.as_str() == name)
    });
    providers.sort_by_key(|provider| (Some(provider.account) != operator, provider.account));
    match providers.len() {
        0 => Err(unknown_issuer()),
        count if count > LOGIN_PROVIDERS_MAX => Err(ambiguous()),
        _ => Ok(()),
    }
}

/// Shows the token to its providers. Of several that believe it, the operator's counts; where that
/// is not among them, whoever signs in must say which one is meant.
async fn prove(
    logins: &dyn LoginProvider,
    operator: Option<AccountId>,
    candidates: Vec<Arc<OidcProvider>>,
    token: &Unverified<String>,
    now: Timestamp,
) -> Parsed<Proven> {
    let mut believed: Option<Proven> = None;
    let mut refusal = None;
    for provider in candidates {
        match logins.verify(&provider, token, now).await {
            Ok(external) if Some(provider.account) == operator => {
                return Ok(Proven { provider, external });
            }
            Ok(_) if believed.is_some() => return Err(ambiguous()),
            Ok(external) => believed = Some(Proven { provider, external }),
            Err(error) => {
                refusal.get_or_insert_with(|| ApiError::login(Some(provider.arn.clone()), &error));
            }
        }
    }
    believed.ok_or_else(|| refusal.unwrap_or_else(unknown_issuer))
}

/// From here on the exchange is that of whom the provider vouches for.
pub(super) fn plan(
    x: &mut Exchange,
    proven: Proven,
    asked: Asked,
) -> Parsed<AssumeRoleWithWebIdentity> {
    let Proven { external, .. } = proven;
    let who = Caller::login(&external).who;
    x.attempt.identified(Arc::clone(&who));
    x.known = Known::vouched(who);
    let state = x.services.identity.snapshot();
    state.external_facts(&external, &mut x.facts);
    let Asked { role, name, session } = asked;
    let name = name.map_or_else(|| name_of(&external), Ok)?;
    let login = Login { external, role, name, session };
    let planned = x.services.identity.plan_login(&state, login)?;
    match state.outlives(&planned) {
        None => Ok(planned),
        // Whoever brings it was known: SDKs fetch a younger token.
        Some(at) => {
            let provider = Some(planned.external.provider.clone());
            let error = ApiError::login(provider.clone(), &LoginError::Expired { at });
            Err(error.because(Reason::LoginRefused { provider, rule: "issued-before" }))
        }
    }
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

/// No provider of that issuer: the same answer as for a token that proves nothing.
fn unknown_issuer() -> ApiError {
    let error = LoginError::Claim { claim: "iss".to_owned() };
    let reason = Reason::LoginRefused { provider: None, rule: "issuer" };
    ApiError::login(None, &error).because(reason)
}

/// The provider is another than the one that was asked: to be tried again.
pub(super) fn changed(provider: &OidcProvider) -> ApiError {
    let reason = Reason::LoginRefused { provider: Some(provider.arn.clone()), rule: "changed" };
    let message = "The identity provider was reconfigured meanwhile. Try again.";
    ApiError::new(400, "IDPCommunicationError", message).because(reason)
}

/// Several accounts believe the token, and nothing says which one is meant.
fn ambiguous() -> ApiError {
    let message = "Several accounts trust the token's issuer: name a RoleArn or a ProviderId.";
    let reason = Reason::LoginRefused { provider: None, rule: "ambiguous" };
    invalid(message).because(reason)
}

#[cfg(test)]
pub(crate) mod tests {
    use async_trait::async_trait;
    use futures_util::FutureExt as _;
    use identity::{ClaimSettings, Vouched};

    use super::*;

    /// Believes the tokens of the accounts that it is told.
    struct Believes(Vec<&'static str>);

    #[async_trait]
    impl LoginProvider for Believes {
        async fn verify(
            &self,
            provider: &OidcProvider,
            _: &Unverified<String>,
            _: Timestamp,
        ) -> Result<ExternalIdentity, LoginError> {
            match self.0.contains(&provider.account.as_str()) {
                true => Ok(external("ana", None)),
                false => Err(LoginError::Audience { found: vec!["another".to_owned()] }),
            }
        }
    }

    const OPERATOR: &str = "111111111111";
    const TENANT: &str = "222222222222";
    const OTHER: &str = "333333333333";

    pub(crate) fn provider(account: &str) -> Arc<OidcProvider> {
        Arc::new(OidcProvider {
            arn: format!("arn:aws:iam::{account}:oidc-provider/idp.example").parse().unwrap(),
            account: account.parse().unwrap(),
            issuer: "https://idp.example".parse().unwrap(),
            client_ids: ["store".to_owned()].into(),
            thumbprints: Vec::new(),
            name: format!("idp-{}", account.chars().next().unwrap()).parse().unwrap(),
            claims: ClaimSettings::default(),
            rules: Vec::new(),
            trust: None,
            tags: identity::ops::Tags::default(),
            session_seconds_max: None,
            created: at(),
            incarnation: names::Revision(1),
        })
    }

    fn at() -> Timestamp {
        Timestamp::from_seconds(1_800_000_000).unwrap()
    }

    fn proved(asked: &[&str], believe: &[&'static str]) -> Parsed<AccountId> {
        let operator = Some(OPERATOR.parse().unwrap());
        let mut candidates = asked.iter().map(|account| provider(account)).collect();
        choose(&mut candidates, operator, None, None)?;
        let logins = Believes(believe.to_vec());
        let token = Unverified::new(String::new());
        let proven = prove(&logins, operator, candidates, &token, at()).now_or_never().unwrap();
        proven.map(|proven| proven.provider.account)
    }

    #[test]
    fn of_several_accounts_that_believe_a_token_the_operators_counts() {
        let account = |text: &str| text.parse::<AccountId>().unwrap();
        let all = [TENANT, OTHER, OPERATOR];
        assert_eq!(proved(&all, &[TENANT, OTHER, OPERATOR]).unwrap(), account(OPERATOR));
        assert_eq!(proved(&all, &[OTHER]).unwrap(), account(OTHER));
        let error = proved(&all, &[TENANT, OTHER]).unwrap_err();
        assert_eq!((error.status, error.code), (400, "ValidationError"));
        let rule = Reason::LoginRefused { provider: None, rule: "ambiguous" };
        assert_eq!(error.reason, rule);
    }

    #[test]
    fn a_token_that_nobody_believes_is_refused_with_its_first_providers_reason() {
        let error = proved(&[TENANT, OPERATOR], &[]).unwrap_err();
        assert_eq!((error.status, error.code), (400, "InvalidIdentityToken"));
        let first = Some(provider(OPERATOR).arn.clone());
        assert_eq!(error.reason, Reason::LoginRefused { provider: first, rule: "audience" });
        assert!(!error.message.contains("another"));
    }

    #[test]
    fn a_role_or_a_name_leaves_only_its_own_providers() {
        let chosen = |account: Option<&str>, name: Option<&str>| {
            let mut all = vec![provider(TENANT), provider(OTHER), provider(OPERATOR)];
            let account = account.map(|text| text.parse().unwrap());
            choose(&mut all, Some(OPERATOR.parse().unwrap()), account, name)?;
            Ok::<_, ApiError>(all.iter().map(|p| p.account.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(chosen(None, None).unwrap(), [OPERATOR, TENANT, OTHER]);
        assert_eq!(chosen(Some(TENANT), None).unwrap(), [TENANT]);
        assert_eq!(chosen(None, Some("idp-3")).unwrap(), [OTHER]);
        assert_eq!(chosen(Some(TENANT), Some("idp-3")).unwrap_err().code, "InvalidIdentityToken");
        assert!(chosen(Some("444444444444"), None).is_err());
    }

    #[test]
    fn a_token_is_shown_to_so_many_providers_and_to_no_more() {
        let many = |count: usize| {
            let mut all: Vec<_> =
                (0..count).map(|n| provider(&format!("{:012}", 500_000_000_000 + n))).collect();
            choose(&mut all, None, None, None)
        };
        assert!(many(LOGIN_PROVIDERS_MAX).is_ok());
        assert_eq!(many(LOGIN_PROVIDERS_MAX + 1).unwrap_err().code, "ValidationError");
    }

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
            member_of: identity::MemberOf::Untold,
            claims: serde_json::Map::new(),
            expires: Timestamp::from_seconds(1_800_000_000).unwrap(),
            authenticated_at: None,
            known_as: None,
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
