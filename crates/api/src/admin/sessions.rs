//! The index of live sessions, which is a reading of the record: what was minted, less what has
//! ended.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use audit::entry::{Closed, Ending, Entrance, Leaf, Opened};
use audit::{ChainLink, JournalError, Reader};
use identity::ops::RevokeSessions;
use identity::{KeyStatus, State};
use names::{AccessKeyId, AccountId, Arn, RequestId, Revision, Timestamp, UniqueId};
use policy::operation::Operation as _;

/// How much longer than the longest session is looked back, for clocks that were set, in seconds.
const LOOK_BACK_MORE_SECONDS: i64 = 3600;
/// How often the time of a leaf is looked at while reading backwards.
const TIME_EVERY_LEAVES: u64 = 256;

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
    /// Entries that ended in an error: they minted nothing and revoked nothing.
    failed: BTreeSet<RequestId>,
    /// Entries of which nobody can say whether they revoked anything.
    unsure: BTreeSet<RequestId>,
    minted: Vec<Session>,
    /// Revoked sessions.
    sessions: BTreeSet<AccessKeyId>,
    /// Principals whose earlier sessions are void, with the revision at which that was decided.
    issued_before: BTreeMap<String, Revision>,
}

/// Every session that lives now, newest first. Reads back as far as a live session can have begun.
///
/// What was revoked by other means (a role that is gone, a provider that was removed) is asked of
/// the state. `asking` is the exchange that asks: what it is about to do is not done yet. If one
/// session alone is `wanted`, nothing before its minting is read: what ended it came after it.
pub(super) fn live(
    reader: &Reader<'_>,
    state: &State,
    (now, longest): (Timestamp, u32),
    asking: RequestId,
    wanted: Option<&AccessKeyId>,
) -> Result<Vec<Session>, JournalError> {
    let back = i64::from(longest).saturating_add(LOOK_BACK_MORE_SECONDS);
    let oldest = now.plus_seconds(back.saturating_neg());
    let mut seen = Seen { unsure: BTreeSet::from([asking]), ..Seen::default() };
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
            Leaf::Opened(opened) => {
                seen.opened(*opened);
                if wanted.is_some_and(|id| seen.minted.last().is_some_and(|last| last.id == *id)) {
                    break;
                }
            }
            Leaf::Closed(closed) => seen.closed(&closed),
            Leaf::Continued(_) | Leaf::Key(_) | Leaf::Removed(_) => {}
        }
    }
    let Seen { minted, sessions, issued_before, .. } = seen;
    let minted = minted.into_iter().map(|session| session.named(state));
    let lives = |session: &Session| {
        now < session.expires
            && !revoked(session, &sessions, &issued_before, state)
            && !ended(session, state)
            && owner_stands(session, state)
    };
    Ok(minted.filter(lives).collect())
}

impl Session {
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

/// Whether the bytes of a leaf can be about minting, revoking, or failing to.
fn concerns_sessions(bytes: &[u8]) -> bool {
    let holds = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    holds(br#""mints":"#) || holds(br#""RevokeSessions""#) || holds(br#""entry":"closed""#)
}

impl Seen {
    /// Reading backwards, the end of an entry comes before its beginning.
    fn closed(&mut self, closed: &Closed) {
        if closed.status >= 400 {
            self.failed.insert(closed.id);
        }
        if closed.outcome != Ending::Done {
            self.unsure.insert(closed.id);
        }
    }

    fn opened(&mut self, opened: Opened) {
        let failed = self.failed.remove(&opened.id);
        let unsure = self.unsure.remove(&opened.id);
        if failed || opened.verdict != Entrance::Allowed {
            return;
        }
        let revision = opened.revision.unwrap_or_default();
        if opened.operation == RevokeSessions::NAME {
            if unsure {
                return;
            }
            let target = opened.target.as_ref().map(|target| target.resource.resource());
            let Some(name) = target.and_then(|name| name.strip_prefix("session/")) else { return };
            match name.parse() {
                Ok(session) if name.starts_with("ASIA") => drop(self.sessions.insert(session)),
                _ => drop(self.issued_before.entry(name.to_owned()).or_insert(revision)),
            }
        } else if let Some(mints) = opened.mints.clone() {
            self.minted.push(session(opened, mints, revision));
        }
    }
}

fn session(opened: Opened, mints: audit::Minted, revision: Revision) -> Session {
    let target = opened.target.map(|target| target.resource);
    let target = target.filter(|resource| resource.service() == "iam");
    let account = target.as_ref().and_then(|role| role.account().parse().ok());
    let role = target.filter(|resource| resource.resource().starts_with("role/"));
    let asked = opened.principal.and_then(|principal| principal.arn);
    Session {
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
        revision,
    }
}

/// Whether a revocation on record names the session or what it was made from.
fn revoked(
    session: &Session,
    sessions: &BTreeSet<AccessKeyId>,
    issued_before: &BTreeMap<String, Revision>,
    state: &State,
) -> bool {
    let before = |id: &str| issued_before.get(id).is_some_and(|at| session.revision <= *at);
    let own = session.principal.as_ref().and_then(|arn| state.id_of(arn));
    sessions.contains(&session.id)
        || own.is_some_and(|id| before(id.as_str()))
        || session.chain.iter().any(|link| match link {
            ChainLink::Session(parent) => sessions.contains(parent),
            ChainLink::Principal(id) => before(id.as_str()),
            ChainLink::Account(_)
            | ChainLink::Key(_)
            | ChainLink::Provider(_)
            | ChainLink::IdpSession { .. }
            | ChainLink::Address(_) => false,
        })
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
        ChainLink::Session(_) | ChainLink::IdpSession { .. } | ChainLink::Address(_) => true,
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
    const REVOKED: &str = r#"{"v":1,"entry":"opened","id":"$ID","time":"$TIME","verdict":"allowed",
        "operation":"RevokeSessions","account":"111122223333","revision":$REVISION,
        "target":{"resource":"arn:aws:strongroom::111122223333:session/$SESSION"},
        "source":{"transport":"plain"},"durability":"strict"}"#;

    fn id(number: u8) -> RequestId {
        RequestId::from_parts(0, [number; 10])
    }

    fn opened(template: &str, number: u8, session: &str, revision: u64) -> Opened {
        let text = template
            .replace("$ID", &id(number).to_string())
            .replace("$TIME", "2026-01-01T11:00:00.000Z")
            .replace("$SESSION", session)
            .replace("$REVISION", &revision.to_string());
        serde_json::from_str(&text).unwrap()
    }

    fn closed(number: u8, status: u16, outcome: &str) -> Closed {
        let text = format!(
            r#"{{"v":1,"entry":"closed","id":"{}","time":"2026-01-01T11:00:01.000Z",
                "outcome":"{outcome}","status":{status},"bytes_in":0,"bytes_out":0,
                "duration_us":1}}"#,
            id(number)
        );
        serde_json::from_str(&text).unwrap()
    }

    const SESSION: &str = "ASIAEXAMPLE123456789";

    /// The sessions that are left after leaves that are given newest first.
    fn left(newest_first: impl IntoIterator<Item = Leaf>) -> usize {
        let mut seen = Seen::default();
        for leaf in newest_first {
            match leaf {
                Leaf::Opened(opened) => seen.opened(*opened),
                Leaf::Closed(closed) => seen.closed(&closed),
                Leaf::Continued(_) | Leaf::Key(_) | Leaf::Removed(_) => {}
            }
        }
        let state = State::default();
        let Seen { minted, sessions, issued_before, .. } = seen;
        minted.iter().filter(|s| !revoked(s, &sessions, &issued_before, &state)).count()
    }

    fn mint(number: u8, status: u16) -> [Leaf; 2] {
        let opened = opened(MINTED, number, SESSION, 5);
        [Leaf::Closed(closed(number, status, "done")), Leaf::Opened(Box::new(opened))]
    }

    fn revoke(name: &str, revision: u64, status: u16, outcome: &str) -> [Leaf; 2] {
        let opened = opened(REVOKED, 9, name, revision);
        [Leaf::Closed(closed(9, status, outcome)), Leaf::Opened(Box::new(opened))]
    }

    #[test]
    fn a_session_that_was_minted_lives_and_one_that_failed_to_be_does_not() {
        assert_eq!(left(mint(1, 200)), 1);
        assert_eq!(left(mint(1, 500)), 0);
    }

    #[test]
    fn a_session_that_was_revoked_lives_no_more() {
        assert_eq!(left(revoke(SESSION, 6, 200, "done").into_iter().chain(mint(1, 200))), 0);
        let other = revoke("ASIAOTHER12345678901", 6, 200, "done");
        assert_eq!(left(other.into_iter().chain(mint(1, 200))), 1);
    }

    #[test]
    fn a_revocation_that_failed_or_whose_end_is_unknown_leaves_the_session_listed() {
        let failed = revoke(SESSION, 6, 404, "done");
        assert_eq!(left(failed.into_iter().chain(mint(1, 200))), 1);
        let unknown = revoke(SESSION, 6, 0, "unknown");
        assert_eq!(left(unknown.into_iter().chain(mint(1, 200))), 1);
    }

    #[test]
    fn bytes_are_parsed_only_where_they_can_matter() {
        assert!(concerns_sessions(br#"{"v":1,"entry":"closed","id":"x"}"#));
        assert!(concerns_sessions(br#"{"operation":"AssumeRole","mints":{"#));
        assert!(concerns_sessions(br#"{"operation":"RevokeSessions""#));
        assert!(!concerns_sessions(br#"{"v":1,"entry":"opened","operation":"GetObject""#));
    }
}
