//! The room's door to the outside: it holds the state, is the only one who changes it, and performs
//! permitted operations.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use arc_swap::ArcSwap;
use audit::{ChainLink, Clock, Guards, Inside, Minted, Permit, Random, Who};
use names::{AccessKeyId, AccountId, Revision, Timestamp};
use policy::operation::Operation;
use policy::principal::Principal;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, RwLock as AsyncRwLock, Semaphore};

use crate::delegation::{self, Delegation};
use crate::delta::{Change, Delta};
use crate::error::IdentityError;
use crate::log::{Pieces, StateLog, StateLogError, superseded};
use crate::mfa::Failures;
use crate::ops::Drawn;
use crate::record::BucketChange;
use crate::resolve::{self, Caller, Resolution};
use crate::seal::Sealer;
use crate::state::{BadSnapshot, HEAD_BYTES, Places, State, parts};

/// How many changes lie between two snapshots at least.
pub const SNAPSHOT_CHANGES: u64 = 10_000;
/// How many records are read from the log at once.
const READ_RECORDS: usize = 4096;

/// How many passwords are hashed at the same time: each takes 19 MiB and a core for some
/// milliseconds.
const HASHINGS_MAX: usize = 2;

/// The quotas of IAM that an installation may set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quotas {
    /// Access keys of one user.
    pub access_keys_per_user: usize,
    /// Users of one account.
    pub users: usize,
    /// Groups of one account.
    pub groups: usize,
    /// Roles of one account.
    pub roles: usize,
    /// Managed policies of one account.
    pub policies: usize,
    /// Groups of one user.
    pub groups_per_user: usize,
    /// Managed policies attached to one entity.
    pub attached_policies: usize,
    /// Providers of one account.
    pub providers: usize,
    /// MFA devices of one user.
    pub mfa_devices_per_user: usize,
    /// Service accounts of one user, role or root.
    pub service_accounts: usize,
    /// The longest session of a role, in seconds.
    pub session_seconds: u32,
    /// Whether what somebody makes may exceed them.
    pub delegation: Delegation,
}

impl Default for Quotas {
    /// IAM's own, but for entities of an account, where ours are a thousandfold.
    fn default() -> Self {
        Self {
            access_keys_per_user: 2,
            users: 5_000_000,
            groups: 300_000,
            roles: 1_000_000,
            policies: 1_500_000,
            groups_per_user: 10,
            attached_policies: 10,
            providers: 100,
            mfa_devices_per_user: 8,
            service_accounts: 100,
            session_seconds: *crate::ops::ROLE_SESSION_SECONDS.end(),
            delegation: Delegation::Any,
        }
    }
}

/// What an operation may look at while it decides what to change.
pub struct Context<'a> {
    pub(crate) state: &'a State,
    pub(crate) now: Timestamp,
    pub(crate) who: &'a Who,
    /// The revision at which the caller was identified and the operation decided.
    pub(crate) decided: Revision,
    /// The session that the record says will be minted.
    pub(crate) minted: Option<&'a Minted>,
    pub(crate) random: &'a dyn Random,
    pub(crate) sealer: &'a Sealer,
    pub(crate) quotas: &'a Quotas,
    pub(crate) last_used: &'a LastUsed,
    pub(crate) reports: &'a Reports,
}

/// When access keys were last used, as far as this process has seen.
pub(crate) type LastUsed = Mutex<HashMap<AccessKeyId, LastUse>>;

/// When an account's report on credentials was last asked for. In memory: a restart forgets it.
pub(crate) type Reports = Mutex<HashMap<AccountId, Timestamp>>;

/// The last use of an access key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// Which service.
    pub service: &'static str,
}

/// What an operation does: what changes, what it answers, and whose work is to be cut.
pub struct Performed<T> {
    pub(crate) changes: Vec<Change>,
    pub(crate) output: T,
    pub(crate) cut: Vec<ChainLink>,
    pub(crate) spare: Spare,
}

/// Whose work a revocation spares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Spare {
    /// Nobody's.
    Nobody,
    /// That of long-term keys: only sessions end.
    LongTerm,
    /// That of long-term keys, and of sessions that are in no way an account's.
    Others(AccountId),
}

impl<T> Performed<T> {
    /// An answer that changes nothing.
    pub(crate) fn read(output: T) -> Self {
        Self::write(Vec::new(), output)
    }

    /// Changes and an answer.
    pub(crate) fn write(changes: Vec<Change>, output: T) -> Self {
        Self { changes, output, cut: Vec::new(), spare: Spare::Nobody }
    }

    /// Whose work is to be cut before the answer.
    pub(crate) fn cutting(mut self, links: Vec<ChainLink>) -> Self {
        self.cut = links;
        self
    }

    /// Whose work that spares.
    pub(crate) fn sparing(mut self, spare: Spare) -> Self {
        self.spare = spare;
        self
    }
}

/// Whether an operation changes the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// It only reads: decided on a snapshot, without waiting for anybody.
    Read,
    /// It changes: one after the other.
    Write,
    /// It takes away what somebody may be doing harm with: it goes before every change that waits.
    Revoke,
}

/// An operation of this room, and what it does once it is permitted.
///
/// `perform` is pure: it sees one state and says what changes. [`Identity::perform`] is the shell.
pub trait Perform: Operation {
    /// What it answers.
    type Output: Send + 'static;

    /// Whether it changes the state.
    fn effect(&self) -> Effect;

    /// Decides what changes and what is answered.
    ///
    /// # Errors
    /// In the words of IAM; nothing changes.
    fn act(&self, context: &Context<'_>) -> Result<Performed<Self::Output>, IdentityError>;
}

/// Accounts, principals, policies, sessions and buckets' rights: one state, one writer.
pub struct Identity {
    shared: Arc<Shared>,
}

/// What the writer's task shares with everybody else.
struct Shared {
    log: Arc<dyn StateLog>,
    state: ArcSwap<State>,
    writer: Arc<AsyncMutex<Writer>>,
    /// Where all but revocations wait for the writer: so a revocation waits for one change and not
    /// for as many as came before it.
    queue: Arc<AsyncMutex<()>>,
    sealer: RwLock<Arc<Sealer>>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    guards: Guards,
    quotas: Quotas,
    last_used: LastUsed,
    reports: Reports,
    failures: Failures,
    /// How many passwords are hashed at the same time.
    hashing: Semaphore,
    /// Held while a snapshot is made and put in place: one at a time.
    snapshots: Arc<AsyncMutex<()>>,
    /// Held for reading while older snapshots are read, and for writing while one is forgotten.
    older: AsyncRwLock<()>,
}

/// What the one writer knows.
struct Writer {
    /// An append did not answer clearly: read the log before the next one.
    uncertain: Certainty,
    /// The revision of the newest snapshot.
    snapshot: Revision,
}

/// The right to write. The place in the queue is given up after the writer's, so that a revocation
/// that waits goes before whoever is next.
struct Turn {
    writer: OwnedMutexGuard<Writer>,
    _place: Option<OwnedMutexGuard<()>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    Sure,
    Unsure,
}

/// What [`Identity::open`] needs.
pub struct Parts {
    /// Where the state is kept.
    pub log: Arc<dyn StateLog>,
    /// The ring of master keys.
    pub sealer: Sealer,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// The journal's guards.
    pub guards: Guards,
    /// The quotas.
    pub quotas: Quotas,
}

impl Identity {
    /// Reads the newest snapshot and every change after it. Linear in their number.
    ///
    /// # Errors
    /// The log cannot be read, or what it holds does not fit together.
    pub async fn open(parts: Parts) -> Result<Self, IdentityError> {
        let Parts { log, sealer, clock, random, guards, quotas } = parts;
        let mut state = load(log.as_ref(), None, None).await?;
        // One of the first form is read whole: another is due.
        let snapshot = state.base.as_ref().map_or(Revision::default(), |_| state.revision);
        catch_up(log.as_ref(), &mut state, None).await?;
        let writer = Writer { uncertain: Certainty::Sure, snapshot };
        let shared = Shared {
            log,
            state: ArcSwap::from_pointee(state),
            writer: Arc::new(AsyncMutex::new(writer)),
            queue: Arc::default(),
            sealer: RwLock::new(Arc::new(sealer)),
            clock,
            random,
            guards,
            quotas,
            last_used: Mutex::default(),
            reports: Mutex::default(),
            failures: Failures::default(),
            hashing: Semaphore::new(HASHINGS_MAX),
            snapshots: Arc::default(),
            older: AsyncRwLock::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The state as it is now. A request asks once and decides everything from the answer.
    #[must_use]
    pub fn snapshot(&self) -> Arc<State> {
        self.shared.state.load_full()
    }

    /// The revision as it is now: what `Attempt::open` compares.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.shared.state.load().revision
    }

    /// The state as it was at a revision, to explain a past decision.
    ///
    /// # Errors
    /// The log cannot be read, or never was at that revision.
    pub async fn at(&self, revision: Revision) -> Result<State, IdentityError> {
        let now = self.snapshot();
        if now.revision == revision {
            return Ok((*now).clone());
        }
        let log = self.shared.log.as_ref();
        let older = self.shared.older.read().await;
        let mut state = load(log, Some(revision), None).await?;
        drop(older);
        catch_up(log, &mut state, Some(revision)).await?;
        if state.revision == revision {
            Ok(state)
        } else {
            Err(IdentityError::Log(StateLogError::Conflict { expected: revision }))
        }
    }

    /// What is known of the credential that a request names. Verify its signature before its
    /// standing is looked at or told.
    #[must_use]
    pub fn resolve(
        &self,
        state: &State,
        key: &AccessKeyId,
        token: Option<&str>,
        now: Timestamp,
    ) -> Resolution {
        if state.keeps_too_much() {
            self.shared.forget();
        }
        resolve::resolve(state, &self.sealer(), key, token, now)
    }

    /// Notes that an access key was used, for GetAccessKeyLastUsed. Kept in memory only.
    pub fn used(&self, key: &AccessKeyId, service: &'static str, at: Timestamp) {
        let mut uses = self.shared.last_used.lock().unwrap_or_else(PoisonError::into_inner);
        match uses.get_mut(key) {
            Some(last) => *last = LastUse { at, service },
            None => _ = uses.insert(key.clone(), LastUse { at, service }),
        }
    }

    /// Draws the id and end of a session before the request that asks for it is decided. A session
    /// that is made from another ends no later than that one.
    #[must_use]
    pub fn draw_session(&self, caller: &Caller, seconds: u32) -> Drawn {
        let asked = self.shared.clock.now().plus_seconds(i64::from(seconds));
        let most = caller.session.as_ref().map(|session| session.expires);
        Drawn {
            minted: crate::draw::temporary_key(self.shared.random.as_ref()),
            expires: most.map_or(asked, |most| most.min(asked)),
            from: None,
        }
    }

    /// Does a permitted operation. When it answers, what it changed survives power loss, every
    /// later decision sees it, and whatever it revoked can do nothing more.
    ///
    /// Dropped midway, the change is made completely or not at all.
    ///
    /// # Errors
    /// In the words of IAM; [`IdentityError::Log`] leaves open whether the change was made.
    pub async fn perform<Op: Perform>(
        &self,
        permit: Permit<Op>,
    ) -> Result<Op::Output, IdentityError> {
        let inside = permit.guard().enter()?;
        let effect = permit.op().effect();
        if effect == Effect::Read {
            let (state, sealer) = (self.snapshot(), self.sealer());
            let performed = permit.op().act(&self.permitted(&permit, &state, &sealer))?;
            return Ok(performed.output);
        }
        let writer = self.writer(effect).await?;
        let (state, sealer) = (self.snapshot(), self.sealer());
        let performed = permit.op().act(&self.permitted(&permit, &state, &sealer))?;
        self.delegable(&state, &performed.changes, permit.who()).await?;
        let revision = self.commit(writer, &state, performed.changes, Some(inside)).await?;
        if !performed.cut.is_empty() {
            let session = |link: &ChainLink| matches!(link, ChainLink::Session(_));
            let spared = |links: &[ChainLink]| match performed.spare {
                Spare::Nobody => false,
                Spare::LongTerm => !links.iter().any(session),
                Spare::Others(account) => {
                    !links.iter().any(session) || !links.contains(&ChainLink::Account(account))
                }
            };
            let cutting = self.shared.guards.cut_except(&performed.cut, revision, spared);
            cutting.finished().await;
        }
        Ok(performed.output)
    }

    /// Changes a bucket's record on behalf of a permitted operation of `objects`. Answers the
    /// revision that the change made.
    ///
    /// Dropped midway, the change is made completely or not at all.
    ///
    /// # Errors
    /// The bucket exists already, does not exist, or is in another phase of its life; its policy
    /// names principals that do not exist.
    pub async fn change_bucket<Op>(
        &self,
        witness: &Permit<Op>,
        change: BucketChange,
    ) -> Result<Revision, IdentityError> {
        let inside = witness.guard().enter()?;
        let writer = self.writer(Effect::Write).await?;
        let state = self.snapshot();
        let changes = crate::bucket::change(&state, change, self.shared.clock.now())?;
        self.delegable(&state, &changes, witness.who()).await?;
        self.commit(writer, &state, changes, Some(inside)).await
    }

    /// Refuses what exceeds its maker, where the installation says so. Whoever comes with a
    /// provider's word gets what the provider's rules say: their maker was asked when it made them.
    async fn delegable(
        &self,
        state: &Arc<State>,
        changes: &[Change],
        who: &Who,
    ) -> Result<(), IdentityError> {
        // A provider gives what its rules say; the server's own work gives what they say again.
        let login =
            matches!(who.principal, Principal::Federated { .. } | Principal::Service { .. });
        if self.shared.quotas.delegation == Delegation::Any || changes.is_empty() || login {
            return Ok(());
        }
        let (state, changes, maker) = (Arc::clone(state), changes.to_vec(), Caller::permitted(who));
        // Comparing policies takes a while: nobody else waits for it but the next writer.
        let within = move || delegation::within(&state, &changes, maker.as_ref());
        let task = tokio::task::spawn_blocking(within);
        task.await.map_err(|_| IdentityError::Stopping)?
    }

    /// Wrong codes and passwords lately.
    pub(crate) fn failures(&self) -> &Failures {
        &self.shared.failures
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Chance.
    pub(crate) fn random(&self) -> &dyn Random {
        self.shared.random.as_ref()
    }

    /// Does what takes long with passwords, on threads that nobody else waits for, and not more of
    /// it at the same time than [`HASHINGS_MAX`]. Dropped midway, it ends by itself and is
    /// forgotten.
    pub(crate) async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, IdentityError> {
        let _turn = self.shared.hashing.acquire().await.map_err(|_| IdentityError::Stopping)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| IdentityError::Stopping)
    }

    /// The ring of master keys in use.
    pub(crate) fn sealer(&self) -> Arc<Sealer> {
        let sealer = self.shared.sealer.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&sealer)
    }

    /// Puts a new ring of master keys in use: its first key seals from now on. Every secret under
    /// an older key must still open; `RotateMasterKey` then seals them anew.
    pub fn replace_ring(&self, sealer: Sealer) {
        let mut held = self.shared.sealer.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(sealer);
        drop(held);
        // What was opened under the ring before is forgotten: a copy of the state has none of it.
        self.shared.state.rcu(|state| State::clone(state));
    }

    /// Makes changes without a permit: for the first start and for offline work only.
    pub(crate) async fn change_offline<T>(
        &self,
        act: impl FnOnce(&Context<'_>) -> Result<Performed<T>, IdentityError>,
    ) -> Result<T, IdentityError> {
        let writer = self.writer(Effect::Write).await?;
        let (state, sealer) = (self.snapshot(), self.sealer());
        let performed = act(&self.context(&state, &Who::anonymous(), &sealer))?;
        self.commit(writer, &state, performed.changes, None).await?;
        Ok(performed.output)
    }

    /// Makes changes for a permitted operation, in one revision.
    pub(crate) async fn change_permitted<Op, T>(
        &self,
        permit: &Permit<Op>,
        act: impl FnOnce(&Context<'_>) -> Result<Performed<T>, IdentityError>,
    ) -> Result<T, IdentityError> {
        let inside = permit.guard().enter()?;
        let writer = self.writer(Effect::Write).await?;
        let (state, sealer) = (self.snapshot(), self.sealer());
        let performed = act(&self.permitted(permit, &state, &sealer))?;
        self.delegable(&state, &performed.changes, permit.who()).await?;
        self.commit(writer, &state, performed.changes, Some(inside)).await?;
        Ok(performed.output)
    }

    fn permitted<'a, Op>(
        &'a self,
        permit: &'a Permit<Op>,
        state: &'a State,
        sealer: &'a Sealer,
    ) -> Context<'a> {
        let context = self.context(state, permit.who(), sealer);
        Context { decided: permit.revision(), minted: permit.minted(), ..context }
    }

    fn context<'a>(&'a self, state: &'a State, who: &'a Who, sealer: &'a Sealer) -> Context<'a> {
        Context {
            state,
            now: self.shared.clock.now(),
            who,
            decided: state.revision,
            minted: None,
            random: self.shared.random.as_ref(),
            sealer,
            quotas: &self.shared.quotas,
            last_used: &self.shared.last_used,
            reports: &self.shared.reports,
        }
    }

    /// Becomes the writer. If an earlier append did not answer clearly, reads what it did.
    async fn writer(&self, effect: Effect) -> Result<Turn, IdentityError> {
        let place = match effect {
            Effect::Revoke => None,
            _ => Some(Arc::clone(&self.shared.queue).lock_owned().await),
        };
        let mut writer = Arc::clone(&self.shared.writer).lock_owned().await;
        if writer.uncertain == Certainty::Unsure {
            let mut state = (*self.snapshot()).clone();
            catch_up(self.shared.log.as_ref(), &mut state, None).await?;
            self.shared.state.store(Arc::new(state));
            writer.uncertain = Certainty::Sure;
        }
        Ok(Turn { writer, _place: place })
    }

    /// The writer's place, taken and kept: whoever wants to write waits.
    #[cfg(test)]
    pub(crate) async fn occupied(&self) -> impl Sized + use<> {
        Arc::clone(&self.shared.writer).lock_owned().await
    }

    /// Validates changes against the state, appends them, and puts the new state in place. Runs as
    /// a task of its own, so that a caller who goes away cannot leave log and state apart.
    async fn commit(
        &self,
        writer: Turn,
        state: &State,
        changes: Vec<Change>,
        inside: Option<Inside>,
    ) -> Result<Revision, IdentityError> {
        if changes.is_empty() {
            return Ok(state.revision);
        }
        let delta = Delta::new(self.shared.clock.now(), changes);
        let next = state.apply(state.revision.next(), &delta)?;
        let shared = Arc::clone(&self.shared);
        let task = tokio::spawn(async move {
            let committed = shared.append(writer, next, &delta).await;
            drop(inside);
            committed
        });
        task.await.map_err(|_| IdentityError::Stopping)?
    }
}

impl Shared {
    async fn append(
        self: &Arc<Self>,
        mut turn: Turn,
        next: State,
        delta: &Delta,
    ) -> Result<Revision, IdentityError> {
        let (revision, writer) = (next.revision, &mut *turn.writer);
        let record = delta
            .encode()
            .map_err(|why| IdentityError::Unreadable { at: revision, why: why.into() })?;
        writer.uncertain = Certainty::Unsure;
        self.log.append(revision, record).await?;
        let next = Arc::new(next);
        self.state.store(Arc::clone(&next));
        writer.uncertain = Certainty::Sure;
        let due = revision.0.saturating_sub(writer.snapshot.0) >= next.snapshot_due();
        // Where one is still being made, the next change asks again.
        if due && let Ok(turn) = Arc::clone(&self.snapshots).try_lock_owned() {
            writer.snapshot = revision;
            tokio::spawn(keep_snapshot(Arc::clone(self), next, turn));
        }
        Ok(revision)
    }

    /// Forgets what was parsed of the snapshot, if that is too much.
    fn forget(&self) {
        self.state.rcu(|state| match state.keeps_too_much() {
            true => Arc::new(state.forgetting()),
            false => Arc::clone(state),
        });
    }

    /// Puts the keys over those of the newest snapshot, which is of the state `then`, so that the
    /// older ones, half of all that lies in a snapshot, are given up before the rest of the newer
    /// one is read. Gives back the newer ones. Writers wait as long as it takes to look at the keys
    /// that changed between the two.
    async fn keys_lie_over(&self, then: Arc<State>) -> Result<Option<Arc<Vec<u8>>>, IdentityError> {
        let (log, revision) = (self.log.as_ref(), then.revision);
        let Some((found, bytes)) = log.newest_snapshot(Some(revision)).await? else {
            return Ok(None);
        };
        let parts = parts_of(log, revision, bytes).await?.filter(|_| found == revision);
        let Some((texts, keys)) = parts.map(|parts| parts.texts_and_keys()) else {
            return Ok(None);
        };
        let texts = log.snapshot_part(revision, texts).await?;
        let keys = Arc::new(log.snapshot_part(revision, keys).await?);
        let writer = Arc::clone(&self.writer).lock_owned().await;
        if writer.uncertain == Certainty::Sure {
            let over = self.state.load().with_keys_over((&texts, &keys), &then);
            let over =
                over.map_err(|why| IdentityError::Unreadable { at: revision, why: why.into() })?;
            if let Some(over) = over {
                self.state.store(Arc::new(over));
            }
        }
        drop(writer);
        Ok(Some(keys))
    }

    /// Puts a state in place that says the same and lies over a newer snapshot: what changed
    /// before that takes no more room of its own. Writers wait as long as it takes to read what
    /// changed since.
    async fn lie_over(&self, mut over: State) -> Result<(), IdentityError> {
        // Most of what changed since is read while writers go on.
        catch_up(self.log.as_ref(), &mut over, None).await?;
        let writer = Arc::clone(&self.writer).lock_owned().await;
        if writer.uncertain == Certainty::Unsure {
            return Ok(());
        }
        catch_up(self.log.as_ref(), &mut over, None).await?;
        let now = self.state.load_full();
        if over.revision == now.revision {
            self.state.store(Arc::new(over.in_place_of(&now)));
        }
        drop(writer);
        Ok(())
    }
}

/// Keeps a snapshot while the writer goes on, and puts the state over it. One that fails costs time
/// at the next start and nothing else.
async fn keep_snapshot(shared: Arc<Shared>, state: Arc<State>, turn: OwnedMutexGuard<()>) {
    let revision = state.revision;
    if let Err(error) = snapshot_kept(&shared, state).await {
        tracing::warn!(%revision, %error, "no snapshot was kept");
    }
    drop(turn);
}

async fn snapshot_kept(
    shared: &Shared,
    state: Arc<State>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let (revision, log) = (state.revision, shared.log.as_ref());
    let apart = state.milestone_due();
    let (maker, pieces) = Pieces::made();
    let written = Arc::clone(&state);
    let making = tokio::task::spawn_blocking(move || -> Result<(), BadSnapshot> {
        written.write(&mut |piece| Ok(maker.give(piece)?))?;
        Ok(maker.end()?)
    });
    let kept = log.put_snapshot(revision, pieces).await;
    match making.await? {
        // Then the log says why.
        Err(BadSnapshot::NotKept(_)) => kept?,
        Err(why) => return Err(why.into()),
        Ok(()) => kept?,
    }
    let keys = shared.keys_lie_over(state).await?;
    shared.lie_over(load(log, Some(revision), keys).await?).await?;
    if let Some(older) = superseded(log, revision, apart).await? {
        let _nobody_reads = shared.older.write().await;
        log.forget_snapshot(older).await?;
    }
    Ok(())
}

/// The state of the newest snapshot at or before a revision; the empty state if there is none.
/// `keys` are those of exactly that snapshot, if they are in memory already.
async fn load(
    log: &dyn StateLog,
    at: Option<Revision>,
    keys: Option<Arc<Vec<u8>>>,
) -> Result<State, IdentityError> {
    let Some((revision, bytes)) = log.newest_snapshot(at).await? else {
        return Ok(State::default());
    };
    let unreadable = |why: Box<dyn std::error::Error + Send + Sync>| IdentityError::Unreadable {
        at: revision,
        why,
    };
    let state = match parts_of(log, revision, bytes).await? {
        None => State::of_version_1(&log.snapshot_part(revision, 0..bytes).await?),
        Some(parts) => {
            let mut read = Vec::new();
            for part in parts.all() {
                read.push(match &keys {
                    Some(keys) if part == parts.texts_and_keys().1 => Arc::clone(keys),
                    _ => Arc::new(log.snapshot_part(revision, part).await?),
                });
            }
            State::of_parts(&read)
        }
    };
    let state = state.map_err(|why| unreadable(why.into()))?;
    if state.revision == revision {
        Ok(state)
    } else {
        Err(unreadable("it says another revision".into()))
    }
}

/// Where the parts of a snapshot lie; `None` for one of the first version.
async fn parts_of(
    log: &dyn StateLog,
    revision: Revision,
    bytes: u64,
) -> Result<Option<Places>, IdentityError> {
    let head = log.snapshot_part(revision, 0..HEAD_BYTES).await?;
    parts(&head, bytes).map_err(|why| IdentityError::Unreadable { at: revision, why: why.into() })
}

/// Applies what the log holds after the state's revision, up to `until`.
async fn catch_up(
    log: &dyn StateLog,
    state: &mut State,
    until: Option<Revision>,
) -> Result<(), IdentityError> {
    loop {
        let records = log.read(state.revision, READ_RECORDS).await?;
        if records.is_empty() {
            return Ok(());
        }
        for (revision, bytes) in records {
            if until.is_some_and(|until| revision > until) {
                return Ok(());
            }
            let delta = Delta::decode(&bytes)
                .map_err(|why| IdentityError::Unreadable { at: revision, why: why.into() })?;
            state.apply_here(revision, &delta)?;
        }
    }
}
