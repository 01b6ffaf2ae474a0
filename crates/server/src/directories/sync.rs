//! Asks directories who is still there, again and again, and takes over what they say.
//!
//! An answer that is not whole changes nothing. A directory that cannot be asked for longer than
//! its settings bear takes its people's credentials until it answers again.

use std::sync::Arc;
use std::time::Duration;

use audit::{Decided, Durability, Outcome, Random, SystemActor, Target};
use federation::ldap::{Absence, DirectoryLogins, EntryId, LdapRefusal, Recall, Standing};
use identity::ops::SyncDirectory;
use identity::{Absent, Identity, OidcProvider};
use tokio::task::AbortHandle;

use super::Directories;
use super::people::{Tells, watch};
use crate::telemetry::{SYNC_ENDED, SYNC_FAILURES};

/// How many people one entry of the record is about.
const PEOPLE_AT_ONCE: usize = 500;

/// The loops that run; they stop when this is dropped.
pub(crate) struct Synced(Vec<AbortHandle>);

impl Drop for Synced {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

/// Starts a loop for each directory that can be asked, and for each provider that can tell.
pub(crate) fn start<T: Tells>(
    directories: &Arc<Directories>,
    tells: &Arc<T>,
    actor: &SystemActor,
    instruments: &(Arc<dyn audit::Clock>, Arc<dyn Random>),
) -> Synced {
    let asking = (Arc::clone(&directories.identity), Arc::clone(tells));
    let mut running = watch(&asking, actor, instruments);
    let (clock, random) = instruments;
    for (name, logins) in &directories.by_name {
        if !logins.settings().can_sync() {
            tracing::warn!(directory = name, "nobody's removal is noticed: no account looks up");
            continue;
        }
        let loop_ = Loop {
            directories: Arc::clone(directories),
            logins: Arc::clone(logins),
            actor: actor.clone(),
            clock: Arc::clone(clock),
            random: Arc::clone(random),
        };
        running.push(tokio::spawn(loop_.run()).abort_handle());
    }
    Synced(running)
}

struct Loop {
    directories: Arc<Directories>,
    logins: Arc<DirectoryLogins>,
    actor: SystemActor,
    clock: Arc<dyn audit::Clock>,
    random: Arc<dyn Random>,
}

impl Loop {
    async fn run(self) {
        let mut answered = self.clock.monotonic();
        let mut began = answered;
        let mut recall = Recall::default();
        loop {
            // From one beginning to the next, so that a round that takes a while delays nobody.
            let spent = self.clock.monotonic().saturating_sub(began);
            let seconds = self.logins.settings().sync_seconds;
            let pause = pause(seconds, self.random.as_ref());
            tokio::time::sleep(pause.saturating_sub(spent)).await;
            began = self.clock.monotonic();
            let name = self.logins.settings().name.as_str().to_owned();
            match self.round(&mut recall).await {
                Ok(()) => answered = self.clock.monotonic(),
                Err(error) => {
                    metrics::counter!(SYNC_FAILURES, "directory" => name.clone()).increment(1);
                    tracing::warn!(directory = name, %error, "who is still there is not known");
                    let silent = self.clock.monotonic().saturating_sub(answered).as_secs();
                    let borne = self.logins.settings().stale_seconds_max;
                    if borne.is_some_and(|most| silent >= most) {
                        self.unconfirmed().await;
                    }
                }
            }
        }
    }

    /// The providers that are this directory.
    fn providers(&self) -> Vec<Arc<OidcProvider>> {
        let own = self.logins.settings().name.as_str();
        let state = self.directories.identity.snapshot();
        let named = state.directories().filter(|one| one.issuer.directory() == Some(own));
        named.cloned().collect()
    }

    /// Whoever is gone is so before anybody's groups are asked for.
    async fn round(&self, recall: &mut Recall) -> Result<(), LdapRefusal> {
        let providers = self.providers();
        // What is said of somebody may be what was said before this round.
        let before = self.directories.identity.snapshot();
        if !providers.is_empty() {
            self.logins.begin(recall).await?;
        }
        for provider in providers {
            self.directories.of(&provider)?;
            let people = self.directories.identity.snapshot().people_of(&provider);
            let ids: Vec<EntryId> = people.iter().filter_map(|id| EntryId::parse(id)).collect();
            let roll = self.logins.roll(&ids, self.clock.now()).await?;
            for some in roll.absent.chunks(PEOPLE_AT_ONCE) {
                let word = |absence: &Absence| match absence {
                    Absence::Gone => Absent::Gone,
                    Absence::Barred(_) => Absent::Barred,
                };
                let mut sync = empty(&provider);
                sync.absent =
                    some.iter().map(|(id, why)| (id.as_str().to_owned(), word(why))).collect();
                self.take_over(sync).await;
            }
            for person in &roll.here {
                let mut sync = empty(&provider);
                let id = person.id.as_str();
                sync.known.insert(id.to_owned(), before.groups_known_of(&provider.arn, id));
                let now = self.clock.now();
                match self.logins.standing(&provider, person, recall, now).await? {
                    Standing::Vouched(identity) => sync.here.push(*identity),
                    Standing::Unclear(refusal) => {
                        let (id, name) = (person.id.as_str(), self.logins.settings().name.as_str());
                        let rule = refusal.rule();
                        tracing::warn!(directory = name, id, rule, "somebody cannot be confirmed");
                        sync.absent.push((id.to_owned(), Absent::Unconfirmed));
                    }
                }
                self.take_over(sync).await;
            }
        }
        Ok(())
    }

    async fn unconfirmed(&self) {
        for provider in self.providers() {
            let people = self.directories.identity.snapshot().people_of(&provider);
            for some in people.chunks(PEOPLE_AT_ONCE) {
                let mut sync = empty(&provider);
                sync.absent = some.iter().map(|id| (id.clone(), Absent::Unconfirmed)).collect();
                self.take_over(sync).await;
            }
        }
    }

    async fn take_over(&self, sync: SyncDirectory) {
        let name = self.logins.settings().name.as_str();
        take_over(&self.directories.identity, &self.actor, name, sync).await;
    }
}

/// The interval, up to a tenth less of it, so that many servers do not ask at once.
pub(crate) fn pause(seconds: u64, random: &dyn Random) -> Duration {
    let mut byte = [0_u8];
    random.fill(&mut byte);
    let [byte] = byte;
    let whole = Duration::from_secs(seconds);
    let part = whole.checked_div(2560).unwrap_or_default();
    whole.saturating_sub(part.saturating_mul(u32::from(byte)))
}

/// Makes the change, if there is one, on record.
pub(crate) async fn take_over(
    identity: &Arc<Identity>,
    actor: &SystemActor,
    name: &str,
    sync: SyncDirectory,
) {
    let state = identity.snapshot();
    if !sync.is_news(&state) {
        return;
    }
    let decided = Decided {
        target: Target::from(sync.provider.clone()),
        op: sync,
        decisions: Vec::new(),
        revision: state.revision(),
        durability: Durability::Strict,
        mints: None,
    };
    let Ok((permit, entry)) = actor.permit(decided).await else { return };
    let done = identity.perform(permit).await;
    entry.close(Outcome::status(if done.is_ok() { 200 } else { 500 }));
    match done {
        Ok(synced) => {
            let ended = u64::try_from(synced.ended).unwrap_or(u64::MAX);
            metrics::counter!(SYNC_ENDED, "directory" => name.to_owned()).increment(ended);
            let changed = synced.changed;
            tracing::info!(directory = name, ended, changed, "people have changed");
        }
        Err(error) => {
            tracing::error!(directory = name, %error, "a change of people was not taken over");
        }
    }
}

fn empty(provider: &OidcProvider) -> SyncDirectory {
    SyncDirectory::of(provider.arn.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl Random for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn rounds_begin_after_the_interval_or_up_to_a_tenth_before() {
        assert_eq!(pause(60, &Always(0)), Duration::from_secs(60));
        let shortest = pause(60, &Always(255));
        assert!(shortest >= Duration::from_secs(54) && shortest < Duration::from_secs(55));
    }
}
