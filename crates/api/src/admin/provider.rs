//! Identity providers: settings, mapping rules, and the explanation of a token.

use std::sync::Arc;

use audit::Permit;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::ops::{AddProvider, CheckToken, ListProviders, MapProvider, provider_arn};
use identity::{
    ClaimSettings, IssuerUrl, MappingRule, OidcProvider, ProviderProfile, State, StoredPolicy,
    Unverified,
};
use names::{AccountId, Arn, ProviderName};
use policy::Kind;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Parsed, account, answer, missing};
use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Act, Exchange, Prepared};

/// `GET providers`
pub(crate) async fn list(mut x: Exchange) -> Response {
    let prepared = prepare_list(&mut x);
    x.through(prepared, async |act: Act, permit: Permit<ListProviders>| {
        let found = act.services.identity.perform(permit).await?;
        let state = act.services.identity.snapshot();
        let providers: Vec<Value> = found.iter().map(|one| shown(one, &state)).collect();
        answer(&json!({ "providers": providers }))
    })
    .await
}

fn prepare_list(x: &mut Exchange) -> Parsed<Prepared<ListProviders>> {
    x.no_body()?;
    x.parameters(&[])?;
    Ok(Prepared::new(ListProviders { account: account(x)? }))
}

fn shown(provider: &OidcProvider, state: &State) -> Value {
    json!({
        "arn": provider.arn,
        "name": provider.name,
        "issuer": provider.issuer.as_str(),
        "client_ids": provider.client_ids,
        "claims": provider.claims,
        "rules": provider.rules,
        "session_seconds_max": provider.session_seconds_max,
        "trust": provider.trust.as_ref().map(|trust| state.thaw(trust)),
        "created": provider.created,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    name: ProviderName,
    /// The vendor, which fills in what is not said and refuses what cannot be meant.
    #[serde(default)]
    profile: Option<ProviderProfile>,
    #[serde(default)]
    issuer: Option<IssuerUrl>,
    client_ids: Vec<String>,
    #[serde(default)]
    claims: ClaimSettings,
    #[serde(default)]
    session_seconds_max: Option<u32>,
    /// The text of a trust policy.
    #[serde(default)]
    trust: Option<String>,
}

/// `POST providers {name, profile?, issuer?, client_ids, claims?, session_seconds_max?, trust?}`:
/// makes it, or replaces its settings. The issuer may be left out where the profile has one.
pub(crate) async fn add(mut x: Exchange) -> Response {
    let prepared = prepare_add(&mut x);
    x.through(prepared, async |act: Act, permit: Permit<AddProvider>| {
        let made = act.services.identity.perform(permit).await?;
        answer(&shown(&made, &act.services.identity.snapshot()))
    })
    .await
}

fn prepare_add(x: &mut Exchange) -> Parsed<Prepared<AddProvider>> {
    x.parameters(&[])?;
    let asked: Add = x.json()?;
    let issuer = issuer_of(&asked)?;
    let Add { name, profile, client_ids, claims, session_seconds_max, trust, .. } = asked;
    let claims = profile.map_or_else(|| claims.clone(), |profile| profile.claims(claims.clone()));
    let trust = trust.map(|text| StoredPolicy::parse(&text, Kind::RoleTrust)).transpose()?;
    let account = account(x)?;
    Ok(Prepared::new(AddProvider {
        account,
        issuer,
        name,
        client_ids,
        claims,
        session_seconds_max,
        trust,
    }))
}

/// The issuer that is meant, if it is one that the profile knows.
fn issuer_of(asked: &Add) -> Parsed<IssuerUrl> {
    let own = || asked.profile.and_then(ProviderProfile::issuer);
    let Some(issuer) = asked.issuer.clone().or_else(own) else {
        let help = "the exact `iss` of its tokens, which stands in its discovery document";
        return Err(missing("MissingIssuer", "the provider's issuer is needed", help));
    };
    match asked.profile.map(|profile| profile.fits(&issuer)) {
        Some(Err(unfit)) => {
            let help = format!("use {}", unfit.must);
            Err(ApiError::new(400, "UnfitIssuer", unfit.to_string()).helped(&help))
        }
        Some(Ok(())) | None => Ok(issuer),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    rules: Vec<MappingRule>,
}

/// `PUT providers/{name}/rules {rules}`: replaces all of them.
pub(crate) async fn map(mut x: Exchange) -> Response {
    let prepared = prepare_map(&mut x).await;
    x.through(prepared, async |act: Act, permit: Permit<MapProvider>| {
        let mapped = act.services.identity.perform(permit).await?;
        answer(&shown(&mapped, &act.services.identity.snapshot()))
    })
    .await
}

async fn prepare_map(x: &mut Exchange) -> Parsed<Prepared<MapProvider>> {
    x.parameters(&[])?;
    let name = x.segment()?;
    let Rules { mut rules } = x.json()?;
    let state = x.services.identity.snapshot();
    let provider = named(&state, account(x)?, &name)?;
    bind(x, provider, &mut rules).await?;
    Ok(Prepared::new(MapProvider { provider: provider.arn.clone(), rules }))
}

/// Binds the rules of a directory to the groups that have those names now. One that no group has is
/// refused: whoever made that group later would have what the rule gives.
async fn bind(x: &Exchange, provider: &OidcProvider, rules: &mut [MappingRule]) -> Parsed<()> {
    let tests = |rules: &[MappingRule]| -> Vec<String> {
        let tests = rules.iter().flat_map(|rule| &rule.when);
        tests.flat_map(|test| test.group_names().to_vec()).collect()
    };
    let names = tests(rules);
    let logins = Arc::clone(&x.services.logins);
    let asked = logins.groups(provider, &names).await;
    let bound = asked.map_err(|error| ApiError::login(Some(provider.arn.clone()), &error))?;
    for test in rules.iter_mut().flat_map(|rule| &mut rule.when) {
        test.bound.clear();
        for name in test.group_names().to_vec() {
            let Some(ids) = &bound else { continue };
            let Some(id) = ids.get(&name) else {
                let help = "write the distinguished name or the id of a group that exists";
                return Err(missing("NoSuchGroup", format!("there is no group `{name}`"), help));
            };
            test.bound.insert(id.clone());
        }
    }
    Ok(())
}

/// A provider of an account by its short name or its ARN.
fn named<'a>(state: &'a State, account: AccountId, name: &str) -> Parsed<&'a OidcProvider> {
    let is = |one: &&Arc<OidcProvider>| {
        one.name.as_str().eq_ignore_ascii_case(name) || one.arn.as_str() == name
    };
    state.providers(account).find(is).map(AsRef::as_ref).ok_or_else(|| {
        let help = "`strongroom idp list` shows the providers of your account";
        missing("NoSuchProvider", format!("there is no provider `{name}`"), help)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    provider: Option<String>,
    /// Whom a directory calls so is looked at, without a password.
    #[serde(default)]
    username: Option<String>,
}

/// What is looked at.
enum Looked {
    /// A token.
    Token(Unverified<String>),
    /// The provider itself, and somebody of it.
    Provider(Option<String>),
}

/// `POST providers/check {token, provider?}`: what the token proves and what it would be worth;
/// `{provider, username?}`: whether the provider is as it should be, and what somebody is worth.
pub(crate) async fn check(mut x: Exchange) -> Response {
    let (prepared, looked) = match prepare_check(&mut x) {
        Ok((prepared, looked)) => (Ok(prepared), looked),
        Err(error) => (Err(error), Looked::Provider(None)),
    };
    x.through(prepared, async move |act: Act, permit: Permit<CheckToken>| {
        let state = act.services.identity.snapshot();
        let account = permit.who().principal.account();
        let all = account.into_iter().flat_map(|account| state.providers(account));
        let operator = &act.services.operator;
        let report = match (&looked, state.provider(&permit.op().provider)) {
            (Looked::Provider(name), Some(provider)) => {
                operator.examine(&permit, provider, name.as_deref()).await
            }
            (Looked::Provider(_), None) => return Err(ApiError::internal()),
            (Looked::Token(token), Some(provider)) => {
                operator.diagnose(&permit, &[(**provider).clone()], token).await
            }
            // Nobody has that issuer: the report says so, and which ones there are.
            (Looked::Token(token), None) => {
                let providers: Vec<OidcProvider> = all.map(|one| (**one).clone()).collect();
                operator.diagnose(&permit, &providers, token).await
            }
        };
        let mut value = Value::Object(report.report);
        if let Some(members) = value.as_object_mut() {
            if let Some(provider) = state.provider(&permit.op().provider) {
                let found = trust::findings(&state, provider);
                match members.get_mut("findings").and_then(Value::as_array_mut) {
                    Some(list) => list.extend(found),
                    None => drop(members.insert("findings".to_owned(), found.into())),
                }
            }
            members.insert("accepted".to_owned(), report.identity.is_some().into());
            if let Some(identity) = &report.identity {
                members.insert("worth".to_owned(), worth(&state, identity));
            }
        }
        answer(&value)
    })
    .await
}

fn prepare_check(x: &mut Exchange) -> Parsed<(Prepared<CheckToken>, Looked)> {
    x.parameters(&[])?;
    let Check { token, provider, username } = x.json()?;
    let account = account(x)?;
    let state = x.services.identity.snapshot();
    let arn = provider.map(|name| named(&state, account, &name).map(|own| own.arn.clone()));
    let arn = arn.transpose()?;
    let (provider, looked) = match (token, arn) {
        (None, Some(arn)) => (arn, Looked::Provider(username)),
        (None, None) => {
            return Err(missing("Malformed", "a token or a provider is needed", ""));
        }
        (Some(token), arn) => {
            let token = Unverified::new(token.trim().to_owned());
            (arn.unwrap_or_else(|| addressed(account, &token)), Looked::Token(token))
        }
    };
    Ok((Prepared::new(CheckToken { provider }), looked))
}

/// The provider that a token says it is from, as a resource: whether it exists is told only to
/// those who may ask about it.
fn addressed(account: AccountId, token: &Unverified<String>) -> Arn {
    let issuer = unverified_issuer(token).and_then(|issuer| issuer.parse::<IssuerUrl>().ok());
    issuer.map_or_else(Arn::any, |issuer| provider_arn(account, &issuer))
}

/// The `iss` of a token, which only chooses what is asked about.
fn unverified_issuer(token: &Unverified<String>) -> Option<String> {
    let claims = token.accept_unverified().split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    claims.get("iss")?.as_str().map(str::to_owned)
}

/// What a believed identity would get here.
fn worth(state: &State, identity: &identity::ExternalIdentity) -> Value {
    let Some(provider) = state.provider(&identity.provider) else { return Value::Null };
    let mapping = state.map(provider, identity);
    let groups: Vec<&str> = identity.groups.iter().map(|group| group.id.as_str()).collect();
    let user = state.user_bound_to(identity).map(|user| user.arn());
    let without_role = if mapping.role.is_some() {
        "a sign-in without a role is for the role that the rules name: its trust policy decides"
    } else if provider.trust.is_none() {
        "nobody may sign in without naming a role: the provider has no trust policy of its own \
         (`strongroom idp add --trust-file`)"
    } else if mapping.is_empty() {
        "a sign-in without a role would get nothing: no rule fired and no policy was claimed"
    } else {
        "a sign-in without a role is decided by the provider's trust policy"
    };
    json!({
        "subject": identity.subject,
        "display": identity.display,
        "groups": groups,
        "mapping": mapping,
        "user": user,
        "without_role": without_role,
    })
}

mod trust;

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> Unverified<String> {
        Unverified::new(format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims)))
    }

    #[test]
    fn a_token_is_asked_about_as_the_provider_that_it_names() {
        let account: AccountId = "111122223333".parse().unwrap();
        let arn = addressed(account, &token(r#"{"iss": "https://login.example.com/t"}"#));
        assert_eq!(arn.as_str(), "arn:aws:iam::111122223333:oidc-provider/login.example.com/t");
    }

    #[test]
    fn what_is_no_token_names_no_provider() {
        let account: AccountId = "111122223333".parse().unwrap();
        for bad in [token("{"), token(r#"{"iss": "ftp://x"}"#), Unverified::new("x".to_owned())] {
            assert_eq!(addressed(account, &bad), Arn::any());
        }
    }

    #[test]
    fn an_unknown_setting_of_a_provider_is_refused() {
        let good = r#"{"name": "corp", "issuer": "https://a.example", "client_ids": ["x"]}"#;
        assert!(serde_json::from_str::<Add>(good).is_ok());
        let bad = good.replace("client_ids", "clients");
        assert!(serde_json::from_str::<Add>(&bad).is_err());
    }

    /// corpus: LDP-08
    /// oracle: answer, twin
    #[test]
    fn a_directorys_servers_and_secrets_cannot_be_said_through_the_api() {
        let good = r#"{"provider": "corp", "username": "ana"}"#;
        assert!(serde_json::from_str::<Check>(good).is_ok());
        let add = r#"{"name": "corp", "issuer": "ldap://ldap/corp", "client_ids": []}"#;
        assert!(serde_json::from_str::<Add>(add).is_ok());
        for more in ["server", "servers", "url", "bind_dn", "bind_password", "issuer_url"] {
            let with = |text: &str| text.replacen('{', &format!(r#"{{"{more}": "ldap://x","#), 1);
            assert!(serde_json::from_str::<Check>(&with(good)).is_err(), "{more}");
            assert!(serde_json::from_str::<Add>(&with(add)).is_err(), "{more}");
        }
        // The issuer names a directory of the operator's file, and no other place.
        for issuer in ["ldap://evil.example/corp", "ldaps://evil.example", "ldap://ldap:636/corp"] {
            assert!(serde_json::from_str::<Add>(&add.replace("ldap://ldap/corp", issuer)).is_err());
        }
    }

    #[test]
    fn a_profile_knows_its_issuer_or_refuses_what_is_not_one() {
        let of = |profile: &str, issuer: &str| {
            let text = json!({"name": "n", "profile": profile, "client_ids": ["x"]});
            let mut asked: Add = serde_json::from_value(text).unwrap();
            asked.issuer = issuer.parse().ok();
            issuer_of(&asked).map(|issuer| issuer.as_str().to_owned()).map_err(|error| error.code)
        };
        assert_eq!(of("google", "").unwrap(), "https://accounts.google.com");
        assert_eq!(of("okta", "https://a.okta.com").unwrap(), "https://a.okta.com");
        assert_eq!(of("okta", ""), Err("MissingIssuer"));
        assert_eq!(of("google", "https://google.evil.example"), Err("UnfitIssuer"));
        let every = "https://login.microsoftonline.com/common/v2.0";
        assert_eq!(of("entra", every), Err("UnfitIssuer"));
    }
}
