//! The index of live sessions, which is a reading of the record: what was minted, less what has
//! ended.

use std::collections::BTreeSet;
use std::net::IpAddr;

use audit::entry::{Closed, Entrance, Leaf, Opened};
use audit::{ChainLink, Filter, JournalError, Reader};
use identity::{KeyStatus, State};
use names::{AccessKeyId, AccountId, Arn, RequestId, Revision, Timestamp, UniqueId};

/// How much longer than the longest session is looked back, for clocks that were set, in seconds.
const LOOK_BACK_MORE_SECONDS: i64 = 3600;
/// How often the time of a leaf is looked at while reading backwards.
const TIME_EVERY_LEAVES: u64 = 256;

/// The least status of an answer that something failed.
const FAILED: u16 = 400;

/// A session that was minted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Session {
    /// Its access key id.
    pub(super) id: AccessKeyId,
    /// The account whose session it is.
    pub(super) account: Option<AccountId>,
    /// The role that it puts on, else the user that stands for whoever signed in, else who asked.
    pub(super) principal: Option<Arn>,
    /// Whoever is behind it, as the provider labels them.
    pub(super) human: Option<String>,
    /// When it was minted.
    pub(super) minted: Timestamp,
    /// When it ends by itself.
    pub(super) expires: Timestamp,
    /// The exchange that minted it.
    pub(super) request: RequestId,
    /// What it was made from.
    chain: Vec<ChainLink>,
    /// Whom a provider vouched for: it, and its subject.
    signed_in: Option<(Arn, String)>,
    /// Where it was asked for.
    from: Option<IpAddr>,
    revision: Revision,
}

/// What the record says of sessions.
#[derive(Default)]
struct Seen {
    /// Entries that ended in an error: they minted nothing.
    failed: BTreeSet<RequestId>,
    minted: Vec<Session>,
}

/// Every session that lives now, newest first. Reads back as far as a live session can have begun.
///
/// What has ended (a session that was revoked, a role that is gone, a provider that was removed) is
/// asked of the state.
pub(super) fn live(
    reader: &Reader<'_>,
    state: &State,
    times: (Timestamp, u32),
) -> Result<Vec<Session>, JournalError> {
    let (now, oldest) = (times.0, oldest(times));
    let mut seen = Seen::default();
    for index in (0..reader.len()).rev() {
        let bytes = reader.leaf(index)?;
        let time_wanted = index % TIME_EVERY_LEAVES == 0;
        if !time_wanted && !concerns_sessions(&bytes) {
            continue;
        }
        let leaf = Leaf::parse(&bytes).map_err(|_| JournalError::Corrupt {
            file: format!("leaf {index}"),
            offset: 0,
            what: "it is not an entry's",
        })?;
        match leaf {
            Leaf::Opened(opened) if opened.time < oldest => break,
            Leaf::Closed(closed) if closed.time < oldest => break,
            Leaf::Opened(opened) => seen.opened(*opened),
            Leaf::Closed(closed) => seen.closed(&closed),
            Leaf::Continued(_) | Leaf::Key(_) | Leaf::Removed(_) | Leaf::Gap(_) => {}
        }
    }
    let minted = seen.minted.into_iter().map(|session| session.named(state));
    Ok(minted.filter(|session| session.lives(state, now)).collect())
}

/// One session, if it lives now and is what that entry made.
pub(super) fn made(opened: Opened, state: &State, now: Timestamp) -> Option<Session> {
    session(opened).map(|one| one.named(state)).filter(|one| one.lives(state, now))
}

/// One session, if it lives now: its minting is looked up in the record, nothing else is read.
pub(super) fn one(
    reader: &Reader<'_>,
    state: &State,
    times: (Timestamp, u32),
    id: AccessKeyId,
) -> Result<Option<Session>, JournalError> {
    let verdict = Some(Entrance::Allowed);
    let from = Some(oldest(times));
    let filter = Filter { minted: Some(id), verdict, from, ..Filter::default() };
    let minted = reader
        .search(&filter, 1)?
        .pop()
        .filter(|entry| entry.closed.as_ref().is_none_or(|closed| closed.status < FAILED));
    Ok(minted.and_then(|entry| made(entry.opened, state, times.0)))
}

/// Before what time no session that lives now was minted, at the longest life that there is.
fn oldest((now, longest): (Timestamp, u32)) -> Timestamp {
    let back = i64::from(longest).saturating_add(LOOK_BACK_MORE_SECONDS);
    now.plus_seconds(back.saturating_neg())
}

impl Session {
    /// Whether it is accepted still.
    fn lives(&self, state: &State, now: Timestamp) -> bool {
        now < self.expires
            && !revoked(self, state)
            && !ended(self, state)
            && owner_stands(self, state)
    }

    /// A sign-in that puts on no role is the session of the user that it provisioned. That user is
    /// not in the entry, which was written before there was one.
    fn named(mut self, state: &State) -> Self {
        let provider = |arn: &Arn| state.provider(arn).is_some();
        if self.principal.as_ref().is_none_or(provider)
            && let Some((provider, subject)) = &self.signed_in
            && let Some(user) = state.user_of_subject(provider, subject)
        {
            self.principal = Some(user.arn());
        }
        self
    }
}

/// Whether the bytes of a leaf can be about minting, or failing to.
fn concerns_sessions(bytes: &[u8]) -> bool {
    let holds = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    holds(br#""mints":"#) || holds(br#""entry":"closed""#)
}

impl Seen {
    /// Reading backwards, the end of an entry comes before its beginning.
    fn closed(&mut self, closed: &Closed) {
        if closed.status >= FAILED {
            self.failed.insert(closed.id);
        }
    }

    fn opened(&mut self, opened: Opened) {
        let failed = self.failed.remove(&opened.id);
        if !failed && opened.verdict == Entrance::Allowed {
            self.minted.extend(session(opened));
        }
    }
}

/// The session that an entry mints, if it mints one.
fn session(opened: Opened) -> Option<Session> {
    let mints = opened.mints?;
    let target = opened.target.map(|target| target.resource);
    let target = target.filter(|resource| resource.service() == "iam");
    let account = target.as_ref().and_then(|role| role.account().parse().ok());
    let role = target.filter(|resource| resource.resource().starts_with("role/"));
    let asked = opened.principal.and_then(|principal| principal.arn);
    Some(Session {
        id: mints.credential,
        account: account.or(opened.account),
        principal: role.or(asked),
        signed_in: opened.human.clone().map(|human| (human.provider, human.subject)),
        human: opened.human.map(|human| human.display.unwrap_or(human.subject)),
        minted: opened.time,
        expires: mints.expires,
        request: opened.id,
        chain: opened.chain,
        from: opened.source.ip,
        revision: opened.revision.unwrap_or_default(),
    })
}

/// Whether the session was revoked, or what it was made from.
fn revoked(session: &Session, state: &State) -> bool {
    let id = session.principal.as_ref().and_then(|arn| state.id_of(arn));
    let own = [Some(ChainLink::Session(session.id.clone())), id.map(ChainLink::Principal)];
    let links = session.chain.iter().cloned().chain(own.into_iter().flatten());
    links.into_iter().any(|link| state.has_revoked(&link, session.revision))
}

/// Whether what the session depends on was ended by an account whose session it is.
fn ended(session: &Session, state: &State) -> bool {
    let from = session.chain.iter().filter_map(|link| match link {
        ChainLink::Account(account) => Some(*account),
        _ => None,
    });
    let accounts: Vec<AccountId> = session.account.into_iter().chain(from).collect();
    let address = session.from.map(ChainLink::Address);
    let own = accounts.iter().copied().map(ChainLink::Account).chain(address);
    let mut links = session.chain.iter().cloned().chain(own);
    links.any(|link| {
        accounts.iter().any(|account| state.has_ended(*account, &link, session.revision))
    })
}

/// Whether what the session was made from still exists.
fn owner_stands(session: &Session, state: &State) -> bool {
    let principal = |id: &UniqueId| state.arn_of(id).is_some() || id.as_str().len() == 12;
    let role = match &session.principal {
        Some(arn) if arn.resource().starts_with("role/") => state.id_of(arn).is_some(),
        _ => true,
    };
    role && session.chain.iter().all(|link| match link {
        ChainLink::Principal(id) => principal(id),
        ChainLink::Provider(arn) => state.provider(arn).is_some(),
        ChainLink::Key(key) => state.key(key).is_some_and(|key| key.status == KeyStatus::Active),
        ChainLink::Account(account) => state.account(*account).is_some(),
        ChainLink::Session(_)
        | ChainLink::IdpSession { .. }
        | ChainLink::Subject { .. }
        | ChainLink::Address(_) => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINTED: &str = r#"{"v":1,"entry":"opened","id":"$ID","time":"$TIME","verdict":"allowed",
        "operation":"AssumeRole","account":"111122223333","revision":$REVISION,
        "principal":{"kind":"root","id":"111122223333","arn":"arn:aws:iam::111122223333:root"},
        "source":{"transport":"plain"},"durability":"strict",
        "mints":{"credential":"$SESSION","expires":"2026-01-01T12:00:00.000Z"}}"#;
    fn id(number: u8) -> RequestId {
        RequestId::from_parts(0, [number; 10])
    }

    fn opened(template: &str, number: u8) -> Opened {
        let text = template
            .replace("$ID", &id(number).to_string())
            .replace("$TIME", "2026-01-01T11:00:00.000Z")
            .replace("$SESSION", "ASIAEXAMPLE123456789")
            .replace("$REVISION", "5");
        serde_json::from_str(&text).unwrap()
    }

    fn closed(number: u8, status: u16) -> Closed {
        let text = format!(
            r#"{{"v":1,"entry":"closed","id":"{}","time":"2026-01-01T11:00:01.000Z",
                "outcome":"done","status":{status},"bytes_in":0,"bytes_out":0,
                "duration_us":1}}"#,
            id(number)
        );
        serde_json::from_str(&text).unwrap()
    }

    /// The sessions that an entry minted which ended with a status.
    fn minted(status: u16) -> usize {
        let mut seen = Seen::default();
        seen.closed(&closed(1, status));
        seen.opened(opened(MINTED, 1));
        seen.minted.len()
    }

    #[test]
    fn a_session_was_minted_by_an_entry_that_did_not_fail() {
        assert_eq!((minted(200), minted(399)), (1, 1));
        assert_eq!((minted(400), minted(500)), (0, 0));
    }

    #[test]
    fn an_entry_that_mints_nothing_is_no_session() {
        let none = Opened { mints: None, ..opened(MINTED, 2) };
        assert!(session(none).is_none() && session(opened(MINTED, 2)).is_some());
    }

    #[test]
    fn bytes_are_parsed_only_where_they_can_matter() {
        assert!(concerns_sessions(br#"{"v":1,"entry":"closed","id":"x"}"#));
        assert!(concerns_sessions(br#"{"operation":"AssumeRole","mints":{"#));
        assert!(!concerns_sessions(br#"{"v":1,"entry":"opened","operation":"GetObject""#));
    }
}
