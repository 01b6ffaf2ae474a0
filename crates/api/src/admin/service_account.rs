//! Service accounts.

use audit::Permit;
use identity::ops::{
    CreateServiceAccount, DeleteServiceAccount, ListServiceAccounts, Restriction, ServiceParent,
    UpdateServiceAccount,
};
use identity::{AccessKey, KeyStatus, StoredPolicy};
use names::{AccessKeyId, Action, Arn, SessionName, Timestamp, UniqueId};
use policy::Kind;
use policy::principal::Principal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::{Secret, given, page};
use super::{Parsed, account, answer, invalid, missing};
use crate::Response;
use crate::exchange::{Act, Exchange, Prepared};

/// `GET service-accounts?parent=&marker=&limit=`
pub(crate) async fn list(mut x: Exchange) -> Response {
    let prepared = x.no_body().and_then(|()| {
        let parameters = x.parameters(&["parent", "marker", "limit"])?;
        let named = parameters.iter().find(|(name, _)| name == "parent");
        let parent = parent(&x, named.map(|(_, parent)| parent.as_str()))?;
        Ok(Prepared::new(ListServiceAccounts { parent, page: page(&parameters)? }))
    });
    x.through(prepared, async |act: Act, permit: Permit<ListServiceAccounts>| {
        let parent = permit.op().parent.arn();
        let page = act.services.identity.perform(permit).await?;
        let rows: Vec<Value> = page.items.iter().map(|key| shown(key, &parent)).collect();
        answer(&json!({ "service_accounts": rows, "next": page.next }))
    })
    .await
}

/// Whom a service account is to belong to: a user, role or root of the caller's account by its ARN
/// or unique id, or the caller.
fn parent(x: &Exchange, named: Option<&str>) -> Parsed<ServiceParent> {
    let (account, state) = (account(x)?, x.services.identity.snapshot());
    let id = match named {
        None => own(x.known.principal()),
        Some(name) => match name.parse::<Arn>() {
            Ok(arn) if arn == Arn::root(account) => Some(UniqueId::root(account)),
            Ok(arn) => state.id_of(&arn),
            Err(_) => name.parse().ok(),
        },
    };
    id.and_then(|id| state.as_service_parent(account, &id)).ok_or_else(|| {
        let help = "name a user, a role or the root of your account by its ARN or unique id";
        missing("NoSuchPrincipal", "there is nobody of that name here", help)
    })
}

fn own(principal: &Principal) -> Option<UniqueId> {
    match principal {
        Principal::Root { account } => Some(UniqueId::root(*account)),
        Principal::User { id, .. } | Principal::RoleSession { id, .. } => Some(id.clone()),
        _ => None,
    }
}

fn shown(key: &AccessKey, parent: &Arn) -> Value {
    let service = key.service.as_ref();
    json!({
        "access_key_id": key.id,
        "parent": parent,
        "name": service.map(|own| &own.name),
        "description": service.and_then(|own| own.description.as_ref()),
        "expires": service.and_then(|own| own.expires),
        "policy": service.and_then(|own| own.policy.as_ref()).map(StoredPolicy::text),
        "status": key.status,
        "created": key.created,
    })
}

/// What a service account is, all of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    name: SessionName,
    #[serde(default)]
    parent: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    expires: Option<Timestamp>,
    /// A policy document, as text.
    #[serde(default)]
    policy: Option<String>,
    #[serde(default)]
    status: Option<KeyStatus>,
    #[serde(default)]
    access_key_id: Option<AccessKeyId>,
    #[serde(default)]
    secret_access_key: Option<Secret>,
}

fn policy(text: Option<&str>) -> Parsed<Option<StoredPolicy>> {
    Ok(text.map(|text| StoredPolicy::parse(text, Kind::Session)).transpose()?)
}

/// `POST service-accounts {name, parent?, description?, expires?, policy?, access_key_id?,
/// secret_access_key?}`
pub(crate) async fn create(mut x: Exchange) -> Response {
    let prepared = prepare_create(&mut x);
    x.through(prepared, async |act: Act, permit: Permit<CreateServiceAccount>| {
        let parent = permit.op().parent.arn();
        let made = act.services.identity.perform(permit).await?;
        let mut value = shown(&made.key, &parent);
        if let Some(members) = value.as_object_mut() {
            members.insert("secret_access_key".to_owned(), json!(made.secret.expose()));
        }
        answer(&value)
    })
    .await
}

fn prepare_create(x: &mut Exchange) -> Parsed<Prepared<CreateServiceAccount>> {
    x.parameters(&[])?;
    let whole: Whole = x.json()?;
    if whole.status.is_some() {
        return Err(invalid("a new service account is active"));
    }
    Ok(Prepared::new(CreateServiceAccount {
        parent: parent(x, whole.parent.as_deref())?,
        restriction: Restriction::of(&x.known.caller),
        name: whole.name,
        description: whole.description,
        expires: whole.expires,
        policy: policy(whole.policy.as_deref())?,
        key: given(whole.access_key_id, whole.secret_access_key)?,
    }))
}

/// A service account, and whose it is.
type Named = (AccessKeyId, ServiceParent);

/// The service account that the path names, and whose it is; the caller's own, if it is none of
/// this account's or the caller may not do this to those of its parent: then it is not found, and
/// nobody learns which of both it was (GHSA-mm2q-qcmx-gw4w). What was named is on record.
async fn named(x: &Exchange, action: Action) -> Parsed<Named> {
    let (key, found) = found(x)?;
    if let Some(parent) = found
        && x.may(action, parent.arn()).await
    {
        return Ok((key, parent));
    }
    Ok((key, parent(x, None)?))
}

fn found(x: &Exchange) -> Parsed<(AccessKeyId, Option<ServiceParent>)> {
    let text = x.segment()?;
    let key: AccessKeyId =
        text.parse().map_err(|_| invalid(format!("`{text}` is no access key id")))?;
    let (account, state) = (account(x)?, x.services.identity.snapshot());
    let own = state.key(&key).filter(|key| key.account == account);
    let found = own.and_then(|key| state.service_parent(&key.id));
    Ok((key, found))
}

/// An operation on a service account that the path names, which the record is to name as well.
fn about<Op>(op: Op, key: &AccessKeyId) -> Prepared<Op> {
    Prepared { detail: Some(format!("service-account/{key}")), ..Prepared::new(op) }
}

/// `PUT service-accounts/ID {name, description?, expires?, policy?, status?}`: all of what it is.
pub(crate) async fn update(mut x: Exchange) -> Response {
    let named = named(&x, Action::known("strongroom:UpdateServiceAccount")).await;
    let prepared = named.and_then(|named| prepare_update(&mut x, named));
    x.through(prepared, async |act: Act, permit: Permit<UpdateServiceAccount>| {
        let parent = permit.op().parent.arn();
        let key = act.services.identity.perform(permit).await?;
        answer(&shown(&key, &parent))
    })
    .await
}

fn prepare_update(
    x: &mut Exchange,
    (key, parent): Named,
) -> Parsed<Prepared<UpdateServiceAccount>> {
    x.parameters(&[])?;
    let whole: Whole = x.json()?;
    if whole.parent.is_some() {
        return Err(invalid("a service account stays its parent's"));
    }
    if whole.access_key_id.is_some() || whole.secret_access_key.is_some() {
        return Err(invalid("a service account keeps its key"));
    }
    let op = UpdateServiceAccount {
        parent,
        restriction: Restriction::of(&x.known.caller),
        key: key.clone(),
        name: whole.name,
        description: whole.description,
        expires: whole.expires,
        policy: policy(whole.policy.as_deref())?,
        status: whole.status.unwrap_or(KeyStatus::Active),
    };
    Ok(about(op, &key))
}

/// `DELETE service-accounts/ID`: when it answers, nothing can be done with it any more.
pub(crate) async fn delete(mut x: Exchange) -> Response {
    let named = named(&x, Action::known("strongroom:DeleteServiceAccount")).await;
    let prepared = named.and_then(|(key, parent)| {
        x.no_body()?;
        x.parameters(&[])?;
        Ok(about(DeleteServiceAccount { parent, key: key.clone() }, &key))
    });
    x.through(prepared, async |act: Act, permit: Permit<DeleteServiceAccount>| {
        act.services.identity.perform(permit).await?;
        answer(&json!({ "revision": act.services.identity.revision() }))
    })
    .await
}
