//! Accounts, and who the caller is.

use audit::{ChainLink, Permit};
use identity::ops::{
    CloseAccount, CreateAccount, GetCallerIdentity, ImportAccessKey, KeyHolder, ListAccounts,
    PageRequest, ResumeAccount, RootKey, SuspendAccount, UpdateAccount,
};
use identity::{Account, AccountName, SignatureV2, State};
use names::{AccessKeyId, AccountId, SecretKey, UserName};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Parsed, account, answer, invalid, operator};
use crate::Response;
use crate::exchange::{Act, Exchange, Prepared};

/// `GET accounts?marker=&limit=`
pub(crate) async fn list(mut x: Exchange) -> Response {
    let prepared = prepare_list(&mut x);
    x.through(prepared, async |act: Act, permit: Permit<ListAccounts>| {
        let page = act.services.identity.perform(permit).await?;
        let accounts: Vec<Value> = page.items.iter().map(|account| shown(account)).collect();
        answer(&json!({ "accounts": accounts, "next": page.next }))
    })
    .await
}

fn prepare_list(x: &mut Exchange) -> Parsed<Prepared<ListAccounts>> {
    x.no_body()?;
    let page = page(&x.parameters(&["marker", "limit"])?)?;
    Ok(Prepared::new(ListAccounts { operator: operator(&x.services)?, page }))
}

/// The page that `marker` and `limit` ask for.
pub(super) fn page(parameters: &[(String, String)]) -> Parsed<PageRequest> {
    let find = |wanted: &str| parameters.iter().find(|(name, _)| name == wanted);
    let limit = match find("limit") {
        None => None,
        Some((_, text)) => {
            Some(text.parse().map_err(|_| invalid(format!("`{text}` is not a number of items")))?)
        }
    };
    let marker = find("marker").map(|(_, marker)| marker.clone());
    PageRequest::new(marker, limit).map_err(|error| invalid(error.to_string()))
}

fn shown(account: &Account) -> Value {
    json!({
        "id": account.id,
        "name": account.name,
        "created": account.created,
        "status": account.status,
        "unit": account.unit,
        "session_seconds_max": account.session_seconds_max,
        "signature_v2": account.signature_v2,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: AccountName,
    #[serde(default)]
    id: Option<AccountId>,
    #[serde(default)]
    root_access_key_id: Option<AccessKeyId>,
    #[serde(default)]
    root_secret_access_key: Option<Secret>,
}

/// A secret on its way in: it goes from the JSON into its own type and nowhere else.
pub(super) struct Secret(SecretKey);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Self).map_err(|_| serde::de::Error::custom("that is no secret access key"))
    }
}

/// `POST accounts {name, id?, root_access_key_id?, root_secret_access_key?}`
pub(crate) async fn create(mut x: Exchange) -> Response {
    let prepared = prepare_create(&mut x);
    x.through(prepared, async |act: Act, permit: Permit<CreateAccount>| {
        let made = act.services.identity.perform(permit).await?;
        let mut value = shown(&made.account);
        if let Some(members) = value.as_object_mut() {
            let root = json!({
                "access_key_id": made.root.key.id,
                "secret_access_key": made.root.secret.expose(),
            });
            members.insert("root".to_owned(), root);
        }
        answer(&value)
    })
    .await
}

fn prepare_create(x: &mut Exchange) -> Parsed<Prepared<CreateAccount>> {
    x.parameters(&[])?;
    let Create { name, id, root_access_key_id, root_secret_access_key } = x.json()?;
    let key = given(root_access_key_id, root_secret_access_key)?;
    Ok(Prepared::new(CreateAccount { operator: operator(&x.services)?, name, id, key }))
}

/// A key that is given, both parts of it, or one to be drawn.
pub(super) fn given(id: Option<AccessKeyId>, secret: Option<Secret>) -> Parsed<RootKey> {
    match (id, secret) {
        (None, None) => Ok(RootKey::Generate),
        (Some(id), Some(Secret(secret))) => Ok(RootKey::Given { id, secret }),
        _ => Err(invalid("an access key id and its secret belong together")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    user: UserName,
    access_key_id: AccessKeyId,
    secret_access_key: Secret,
}

/// `POST access-keys {user, access_key_id, secret_access_key}`: an access key of a user of the
/// caller's account, as IAM counts them, with an id and a secret that are known already.
pub(crate) async fn import_key(mut x: Exchange) -> Response {
    let prepared = prepare_import(&mut x);
    x.through(prepared, async |act: Act, permit: Permit<ImportAccessKey>| {
        let made = act.services.identity.perform(permit).await?;
        answer(&json!({ "access_key_id": made.key.id, "status": made.key.status }))
    })
    .await
}

fn prepare_import(x: &mut Exchange) -> Parsed<Prepared<ImportAccessKey>> {
    x.parameters(&[])?;
    let Import { user, access_key_id: id, secret_access_key: Secret(secret) } = x.json()?;
    let state = x.services.identity.snapshot();
    let holder = KeyHolder::User(state.user_ref(account(x)?, user));
    Ok(Prepared::new(ImportAccessKey { holder, key: RootKey::Given { id, secret } }))
}

/// The account that the path names.
fn named(x: &mut Exchange) -> Parsed<AccountId> {
    x.parameters(&[])?;
    let id = x.segment()?;
    id.parse().map_err(|_| invalid(format!("`{id}` is no account id")))
}

/// `POST accounts/ID/suspend`: when it answers, no caller of the account can do anything any more.
pub(crate) async fn suspend(mut x: Exchange) -> Response {
    let prepared = x.no_body().and_then(|()| {
        let (operator, account) = (operator(&x.services)?, named(&mut x)?);
        Ok(Prepared::new(SuspendAccount { operator, account }))
    });
    x.through(prepared, async |act: Act, permit: Permit<SuspendAccount>| {
        let account = act.services.identity.perform(permit).await?;
        answer(&shown(&account))
    })
    .await
}

/// `POST accounts/ID/resume`
pub(crate) async fn resume(mut x: Exchange) -> Response {
    let prepared = x.no_body().and_then(|()| {
        let (operator, account) = (operator(&x.services)?, named(&mut x)?);
        Ok(Prepared::new(ResumeAccount { operator, account }))
    });
    x.through(prepared, async |act: Act, permit: Permit<ResumeAccount>| {
        let account = act.services.identity.perform(permit).await?;
        answer(&shown(&account))
    })
    .await
}

/// `POST accounts/ID/close`: for ever.
pub(crate) async fn close(mut x: Exchange) -> Response {
    let prepared = x.no_body().and_then(|()| {
        let (operator, account) = (operator(&x.services)?, named(&mut x)?);
        Ok(Prepared::new(CloseAccount { operator, account }))
    });
    x.through(prepared, async |act: Act, permit: Permit<CloseAccount>| {
        let account = act.services.identity.perform(permit).await?;
        answer(&shown(&account))
    })
    .await
}

/// What bounds an account as a whole.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    session_seconds_max: Option<u32>,
    signature_v2: Option<SignatureV2>,
}

/// `PUT accounts/ID {session_seconds_max, signature_v2}`
pub(crate) async fn update(mut x: Exchange) -> Response {
    let prepared = named(&mut x).and_then(|account| {
        let Bounds { session_seconds_max, signature_v2 } = x.json()?;
        let operator = operator(&x.services)?;
        Ok(Prepared::new(UpdateAccount { operator, account, session_seconds_max, signature_v2 }))
    });
    x.through(prepared, async |act: Act, permit: Permit<UpdateAccount>| {
        let account = act.services.identity.perform(permit).await?;
        answer(&shown(&account))
    })
    .await
}

/// `GET whoami`: needs no permission and cannot be denied, like `GetCallerIdentity`.
pub(crate) async fn whoami(mut x: Exchange) -> Response {
    let prepared = x.no_body().and_then(|()| x.parameters(&[]));
    let prepared = prepared.map(|_| Prepared::new(GetCallerIdentity));
    x.through(prepared, async |act: Act, permit: Permit<GetCallerIdentity>| {
        let who = permit.who().clone();
        let identity = act.services.identity.perform(permit).await?;
        let human = who.human.as_ref();
        let behind = behind(&act.services.identity.snapshot(), identity.account, &who.chain);
        answer(&json!({
            "arn": identity.arn,
            "account": identity.account,
            "user_id": identity.user_id,
            "access_key_id": who.credential,
            "behind": behind,
            "human": human.map(|human| human.display.as_ref().unwrap_or(&human.subject)),
            "provider": human.map(|human| &human.provider),
            "expires": who.session_expires,
        }))
    })
    .await
}

/// What of its own account a credential stands on and falls with: users and roles by their ARNs,
/// long-term keys by their ids. What is another account's is that account's to know.
fn behind(state: &State, account: AccountId, chain: &[ChainLink]) -> Vec<String> {
    let told = |link: &ChainLink| match link {
        ChainLink::Key(id) => {
            state.key(id).filter(|key| key.account == account).map(|key| key.id.to_string())
        }
        ChainLink::Principal(id) => {
            let arn = state.arn_of(id)?;
            (arn.account() == account.to_string()).then(|| arn.to_string())
        }
        _ => None,
    };
    chain.iter().filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_by_a_number_in_bounds() {
        let with = |limit: &str| page(&[("limit".to_owned(), limit.to_owned())]);
        assert_eq!(with("1000").unwrap().max(), 1000);
        assert!(with("1001").is_err());
        assert!(with("0").is_err());
        assert!(with("many").is_err());
        assert_eq!(page(&[]).unwrap().max(), identity::ops::PAGE_ITEMS_DEFAULT);
    }

    #[test]
    fn a_secret_that_is_none_is_refused_without_being_repeated() {
        let error =
            serde_json::from_str::<Create>(r#"{"name": "a", "root_secret_access_key": "short\n"}"#)
                .err()
                .unwrap()
                .to_string();
        assert!(!error.contains("short"), "{error}");
    }
}
