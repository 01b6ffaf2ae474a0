//! Asks OpenID providers that can tell who is still there, again and again, and takes over what
//! they say.
//!
//! An answer that is not whole changes nothing, and keeps nobody else from being asked about. Of
//! whom nothing could be learnt for longer than the settings bear, nothing counts until it can.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use audit::{Clock, Random, SystemActor};
use federation::oidc::{LookupFault, OidcLogins, Watch, Word};
use identity::ops::{SyncDirectory, Told};
use identity::{Absent, GroupIds, Identity, OidcProvider};
use names::Arn;
use tokio::task::{AbortHandle, JoinSet};

use super::sync::{pause, take_over};
use crate::telemetry::SYNC_FAILURES;

/// How many people are asked about at the same time.
const PEOPLE_ASKED_AT_ONCE: usize = 8;
/// How many answers in a row may fail before the round ends: the next begins behind them.
const FAILURES_IN_A_ROW_MAX: usize = 32;
/// How many people one entry of the record is about.
const PEOPLE_AT_ONCE: usize = 500;

/// Says what has become of people. The seam behind which the tests of this loop stand.
#[async_trait]
pub(crate) trait Tells: Send + Sync + 'static {
    /// The lookups that can tell.
    fn watches(&self) -> Vec<Watch>;

    /// The one that tells of a provider's people.
    fn watcher(&self, provider: &OidcProvider) -> Option<Watch>;

    /// What has become of somebody. Bounded in time; dropping it midway changes nothing.
    async fn word(
        &self,
        provider: &OidcProvider,
        subject: &str,
        known_as: Option<&str>,
    ) -> Result<Word, LookupFault>;
}

#[async_trait]
impl Tells for OidcLogins {
    fn watches(&self) -> Vec<Watch> {
        Self::watches(self)
    }

    fn watcher(&self, provider: &OidcProvider) -> Option<Watch> {
        Self::watcher(self, provider)
    }

    async fn word(
        &self,
        provider: &OidcProvider,
        subject: &str,
        known_as: Option<&str>,
    ) -> Result<Word, LookupFault> {
        Self::word(self, provider, subject, known_as).await
    }
}

/// Starts a loop for each lookup that can tell who is still there.
pub(crate) fn watch<T: Tells>(
    (identity, tells): &(Arc<Identity>, Arc<T>),
    actor: &SystemActor,
    (clock, random): &(Arc<dyn Clock>, Arc<dyn Random>),
) -> Vec<AbortHandle> {
    let started = |watch: Watch| {
        let rounds = Rounds {
            watch,
            identity: Arc::clone(identity),
            tells: Arc::clone(tells),
            actor: actor.clone(),
            clock: Arc::clone(clock),
            answered: BTreeMap::new(),
            next: None,
        };
        tokio::spawn(rounds.run(Arc::clone(random))).abort_handle()
    };
    tells.watches().into_iter().map(started).collect()
}

/// Somebody to be asked about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Person {
    provider: Arn,
    subject: String,
    known_as: Option<String>,
}

/// What is said of somebody, and the groups that they were known to be in when it was asked.
type Answer = (Person, GroupIds, Result<Word, LookupFault>);

struct Rounds<T> {
    watch: Watch,
    identity: Arc<Identity>,
    tells: Arc<T>,
    actor: SystemActor,
    clock: Arc<dyn Clock>,
    /// When there was an answer about somebody, or we began to ask.
    answered: BTreeMap<(Arn, String), Duration>,
    /// Before whom the last round ended early.
    next: Option<Person>,
}

impl<T: Tells> Rounds<T> {
    async fn run(mut self, random: Arc<dyn Random>) {
        let mut began = self.clock.monotonic();
        loop {
            // From one beginning to the next, so that a round that takes a while delays nobody.
            let spent = self.clock.monotonic().saturating_sub(began);
            let pause = pause(self.watch.sync.seconds, random.as_ref());
            tokio::time::sleep(pause.saturating_sub(spent)).await;
            began = self.clock.monotonic();
            self.round().await;
        }
    }

    /// The providers whose people it tells of.
    fn providers(&self) -> BTreeMap<Arn, Arc<OidcProvider>> {
        let state = self.identity.snapshot();
        let own = |one: &&Arc<OidcProvider>| self.tells.watcher(one).as_ref() == Some(&self.watch);
        state.issuers().filter(own).map(|one| (one.arn.clone(), Arc::clone(one))).collect()
    }

    /// Everybody to be asked about, those first before whom the last round ended.
    fn people(&self, providers: &BTreeMap<Arn, Arc<OidcProvider>>) -> VecDeque<Person> {
        let state = self.identity.snapshot();
        let of = |provider: &Arc<OidcProvider>| {
            let arn = provider.arn.clone();
            let all = state.people_to_ask_about(provider).into_iter();
            all.map(move |(subject, known_as)| Person { provider: arn.clone(), subject, known_as })
        };
        let mut all: Vec<Person> = providers.values().flat_map(of).collect();
        all.sort();
        let first = self.next.as_ref().map_or(0, |next| all.partition_point(|one| one < next));
        all.rotate_left(first);
        all.into()
    }

    async fn round(&mut self) {
        let providers = self.providers();
        let mut people = self.people(&providers);
        self.remember(&people);
        let (mut failures, mut waited) = (0_usize, BTreeSet::new());
        while failures < FAILURES_IN_A_ROW_MAX && !people.is_empty() {
            let count = people.len().min(PEOPLE_ASKED_AT_ONCE);
            let some: Vec<Person> = people.drain(..count).collect();
            let mut quiet = None;
            for (person, known, answer) in self.asked(&providers, some).await {
                match answer {
                    Ok(word) => {
                        failures = 0;
                        self.believe(&person, known, word).await;
                    }
                    // Asked again as soon as the provider wants to be, once in a round.
                    Err(LookupFault::Throttled { seconds, .. })
                        if waited.insert(person.clone()) =>
                    {
                        quiet = quiet.max(Some(seconds));
                        people.push_back(person);
                    }
                    Err(fault) => {
                        self.unanswered(&person, &fault, failures == 0).await;
                        failures = failures.saturating_add(1);
                    }
                }
            }
            self.unconfirmed().await;
            if let Some(seconds) = quiet {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
        }
        self.next = people.pop_front();
    }

    /// What their providers say of some people, all asked at once.
    async fn asked(
        &self,
        providers: &BTreeMap<Arn, Arc<OidcProvider>>,
        some: Vec<Person>,
    ) -> Vec<Answer> {
        let mut asking = JoinSet::new();
        let state = self.identity.snapshot();
        for person in some {
            let Some(provider) = providers.get(&person.provider).map(Arc::clone) else { continue };
            let tells = Arc::clone(&self.tells);
            let known = state.groups_known_of(&person.provider, &person.subject);
            asking.spawn(async move {
                let known_as = person.known_as.as_deref();
                let word = tells.word(&provider, &person.subject, known_as).await;
                (person, known, word)
            });
        }
        asking.join_all().await
    }

    /// From when on nothing was heard of whom nothing was heard yet; of others nothing is kept.
    fn remember(&mut self, people: &VecDeque<Person>) {
        let now = self.clock.monotonic();
        let mut before = std::mem::take(&mut self.answered);
        let keys = people.iter().map(|one| (one.provider.clone(), one.subject.clone()));
        self.answered = keys
            .map(|key| {
                let at = before.remove(&key).unwrap_or(now);
                (key, at)
            })
            .collect();
    }

    async fn believe(&mut self, person: &Person, known: GroupIds, word: Word) {
        let subject = person.subject.clone();
        self.answered.insert((person.provider.clone(), subject.clone()), self.clock.monotonic());
        let mut sync = SyncDirectory::of(person.provider.clone());
        sync.known.insert(subject.clone(), known);
        match word {
            Word::Gone => sync.absent.push((subject, Absent::Gone)),
            Word::Barred => sync.absent.push((subject, Absent::Barred)),
            Word::Here(groups, member_of) => {
                sync.told.push(Told { subject, groups, member_of });
            }
        }
        self.take_over(sync).await;
    }

    /// Nobody keeps rights by being in more groups than are read; else nothing is known of them. Of
    /// many failures in a row the log has the first: the others are most often the same.
    async fn unanswered(&self, person: &Person, fault: &LookupFault, first: bool) {
        let (issuer, subject) = (self.watch.issuer.as_str(), &person.subject);
        metrics::counter!(SYNC_FAILURES, "directory" => issuer.to_owned()).increment(1);
        let help = fault.help();
        if first {
            tracing::warn!(issuer, subject, error = %fault, help, "somebody cannot be confirmed");
        } else {
            tracing::debug!(issuer, subject, error = %fault, "somebody cannot be confirmed");
        }
        if matches!(fault, LookupFault::TooMany { .. }) {
            let mut sync = SyncDirectory::of(person.provider.clone());
            sync.absent.push((subject.clone(), Absent::Unconfirmed));
            self.take_over(sync).await;
        }
    }

    /// Of whom nothing was heard for too long, nothing counts.
    async fn unconfirmed(&self) {
        let Some(borne) = self.watch.sync.stale_seconds_max else { return };
        let now = self.clock.monotonic();
        let stale = |at: &Duration| now.saturating_sub(*at).as_secs() >= borne;
        let mut all: BTreeMap<&Arn, Vec<(String, Absent)>> = BTreeMap::new();
        for ((provider, subject), _) in self.answered.iter().filter(|(_, at)| stale(at)) {
            all.entry(provider).or_default().push((subject.clone(), Absent::Unconfirmed));
        }
        for (provider, absent) in all {
            for some in absent.chunks(PEOPLE_AT_ONCE) {
                let mut sync = SyncDirectory::of(provider.clone());
                sync.absent = some.to_vec();
                self.take_over(sync).await;
            }
        }
    }

    async fn take_over(&self, sync: SyncDirectory) {
        take_over(&self.identity, &self.actor, self.watch.issuer.as_str(), sync).await;
    }
}
