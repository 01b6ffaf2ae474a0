//! Listing and revoking sessions.

use std::net::IpAddr;

use audit::{Journal, Permit};
use identity::ops::{ListSessions, Revoke, RevokeSessions, USER_SESSION_SECONDS_MAX};
use names::{AccessKeyId, AccountId, Arn, UniqueId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::page;
use super::narrowed::View;
use super::sessions::{Session, live, made, one};
use super::{Parsed, account, answer, invalid, missing, read_journal, read_written};
use crate::exchange::{Act, Exchange, Prepared};
use crate::{Response, Services};

/// `GET sessions?limit=&marker=`: newest first; the marker is the last session of the page before.
pub(crate) async fn list(mut x: Exchange) -> Response {
    let prepared = prepare_list(&mut x);
    x.through(prepared, async |act: Act, permit: Permit<ListSessions>| {
        let ListSessions { account, page } = permit.op().clone();
        let sessions = sessions(&act, account).await?;
        let start = match page.marker() {
            None => 0,
            Some(marker) => sessions
                .iter()
                .position(|session| session.id.as_str() == marker)
                .map_or(sessions.len(), |place| place.saturating_add(1)),
        };
        let shown: Vec<&Session> = sessions.iter().skip(start).take(page.max()).collect();
        let more = sessions.len() > start.saturating_add(shown.len());
        let next = shown.last().filter(|_| more).map(|session| session.id.as_str());
        let rows: Vec<Value> = shown.iter().map(|session| row(session)).collect();
        answer(&json!({ "sessions": rows, "next": next }))
    })
    .await
}

fn prepare_list(x: &mut Exchange) -> Parsed<Prepared<ListSessions>> {
    x.no_body()?;
    let page = page(&x.parameters(&["marker", "limit"])?)?;
    Ok(Prepared::new(ListSessions { account: account(x)?, page }))
}

/// The live sessions that callers of an account see.
async fn sessions(act: &Act, account: AccountId) -> Parsed<Vec<Session>> {
    let state = act.services.identity.snapshot();
    let view = View::of(account, &state);
    let times = (act.now, longest(act));
    let found = read_journal(&act.services, move |journal| live(&journal.reader()?, &state, times));
    let found = found.await?.into_iter();
    Ok(found.filter(|session| sees(view, session, account)).collect())
}

/// A setting that was lowered since does not hide what was given before.
fn longest(act: &Act) -> u32 {
    act.services.settings.session_seconds_max.max(USER_SESSION_SECONDS_MAX)
}

fn sees(view: View, session: &Session, account: AccountId) -> bool {
    view == View::Whole || session.account == Some(account)
}

fn row(session: &Session) -> Value {
    json!({
        "access_key_id": session.id,
        "account": session.account,
        "principal": session.principal,
        "human": session.human,
        "minted": session.minted,
        "expires": session.expires,
        "request_id": session.request,
        "state": "live",
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct What {
    #[serde(default)]
    session: Option<AccessKeyId>,
    #[serde(default)]
    principal: Option<String>,
    #[serde(default)]
    key: Option<AccessKeyId>,
    #[serde(default)]
    provider: Option<Arn>,
    /// With `provider`: the provider's name for the person's session.
    #[serde(default)]
    idp_session: Option<String>,
    #[serde(default)]
    address: Option<IpAddr>,
    #[serde(default)]
    everything: Option<Everything>,
}

/// `true`, and nothing else.
#[derive(Deserialize)]
#[serde(try_from = "bool")]
struct Everything;

impl TryFrom<bool> for Everything {
    type Error = &'static str;

    fn try_from(said: bool) -> Result<Self, Self::Error> {
        if said { Ok(Self) } else { Err("`everything` is `true` or absent") }
    }
}

/// `POST sessions/revoke` with one of `{session}`, `{principal}`, `{key}`, `{provider}`,
/// `{provider, idp_session}`, `{address}` and `{everything: true}`: when it answers,
/// nothing can be done any more with what it revoked.
pub(crate) async fn revoke(mut x: Exchange) -> Response {
    let prepared = prepare_revoke(&mut x);
    x.through(prepared, async |act: Act, permit: Permit<RevokeSessions>| {
        if let Revoke::Session(session) = &permit.op().revoke {
            known(&act, permit.op().account, session).await?;
        }
        act.services.identity.perform(permit).await?;
        answer(&json!({ "revision": act.services.identity.revision() }))
    })
    .await
}

fn prepare_revoke(x: &mut Exchange) -> Parsed<Prepared<RevokeSessions>> {
    x.parameters(&[])?;
    let What { session, principal: named, key, provider, idp_session, address, everything } =
        x.json()?;
    let named = named.map(|name| principal(&x.services, account(x)?, &name)).transpose()?;
    let provider = match (provider, idp_session) {
        (Some(provider), Some(sid)) => Some(Revoke::IdpSession { provider, sid }),
        (Some(provider), None) => Some(Revoke::Provider(provider)),
        (None, Some(_)) => return Err(invalid("an `idp_session` is one of a `provider`")),
        (None, None) => None,
    };
    let mut all = [
        session.map(Revoke::Session),
        named.map(Revoke::IssuedBefore),
        key.map(Revoke::Key),
        provider,
        address.map(Revoke::Address),
        everything.map(|_| Revoke::Everything),
    ]
    .into_iter()
    .flatten();
    let (Some(revoke), None) = (all.next(), all.next()) else {
        let message = "name one of `session`, `principal`, `key`, `provider` (with or without \
                       `idp_session`), `address` and `everything`";
        return Err(invalid(message));
    };
    Ok(Prepared::new(RevokeSessions { account: account(x)?, revoke }))
}

/// A user, role or root of an account by its ARN or its unique id. Others are not looked up: who
/// exists elsewhere is not told.
fn principal(services: &Services, account: AccountId, name: &str) -> Parsed<UniqueId> {
    let Ok(arn) = name.parse::<Arn>() else {
        let what = "neither an ARN nor a unique id";
        return name.parse().map_err(|_| invalid(format!("the principal `{name}` is {what}")));
    };
    let own = arn.account() == account.as_str();
    if own && arn.resource() == "root" {
        return Ok(UniqueId::root(account));
    }
    let found = if own { services.identity.snapshot().id_of(&arn) } else { None };
    found.ok_or_else(|| {
        let help = "name a user, a role or the root of your account; a session's own ARN is none";
        missing("NoSuchPrincipal", format!("the principal `{name}` does not exist"), help)
    })
}

/// Refuses a session that does not live or is another account's: its id would be revoked for ever,
/// and ids are no secrets.
///
/// Whoever revokes waits for this. So what was made lately is not looked up in the record; and
/// where it is, nothing has to be on disk first: that a session was made is written before anybody
/// has it.
async fn known(act: &Act, account: AccountId, id: &AccessKeyId) -> Parsed<()> {
    let state = act.services.identity.snapshot();
    let view = View::of(account, &state);
    let found = match act.services.journal.minted(id) {
        Some(opened) => made(opened, &state, act.now),
        None => {
            let (times, wanted) = ((act.now, longest(act)), id.clone());
            let look = move |journal: &Journal| one(&journal.reader()?, &state, times, wanted);
            read_written(&act.services, look).await?
        }
    };
    found.filter(|session| sees(view, session, account)).map(drop).ok_or_else(|| {
        let help = "`strongroom sessions list` shows the sessions that live";
        missing("NoSuchSession", format!("no session `{id}` lives"), help)
    })
}
