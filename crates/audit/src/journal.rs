//! The journal as the rest of the server sees it: attempts go in, receipts come out. The log is
//! written by one thread at a time.

use std::future::poll_fn;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;

use names::{AccessKeyId, RequestId, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::attempt::Attempt;
use crate::checkpoint::Checkpoint;
use crate::disk::{FileDisk, JournalDisk};
use crate::entry::{Closed, LEAF_BYTES_MAX, Opened};
use crate::first::First;
use crate::gap::{self, Tally, Unrecorded};
use crate::guard::Guards;
use crate::hold::{Hold, HoldError, holds};
use crate::keeper::{Keeper, Terms, complete};
use crate::keeping::Keeping;
use crate::leaves::Leaves;
use crate::line::{Desk, Written};
use crate::log::Log;
use crate::merkle::{Hash, leaf_hash};
use crate::minting::Mintings;
use crate::note::VerifierKey;
use crate::opening::Opening;
use crate::port::{Clock, Random};
use crate::reader::Reader;
use crate::recover::checkpoint;
use crate::signer::CheckpointKeys;
use crate::writer;

/// Most entries that may wait for the writer; past it, requests are refused.
pub const WAITING_ENTRIES_MAX: usize = 65_536;
/// Bytes set aside, so that a full disk still has room to record reads, deletes and revocations.
pub const JOURNAL_RESERVE_BYTES: u64 = 16 * 1024 * 1024;

/// What a journal is called unless it is given a name: the first line of its checkpoints.
pub const JOURNAL_ORIGIN: &str = "strongroom/journal";

/// When `open` may return.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Durability {
    /// When the first leaf is on disk: it survives power loss.
    Strict,
    /// When the operating system has the first leaf: it survives the death of the process, and
    /// within a second power loss.
    Available,
}

/// What an operation asks of the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// It reads, deletes or revokes: it goes on while the reserve lasts.
    Read,
    /// It stores something new: it is refused below the reserve.
    Write,
}

/// Where the journal lives and how it behaves.
pub struct JournalConfig {
    /// The journal's own directory.
    pub dir: PathBuf,
    /// The first line of every checkpoint: the log's name, such as `strongroom/journal`.
    pub origin: String,
    /// What checkpoints are signed with. Without it they are not, and prove nothing to anybody who
    /// does not trust the disk: for tests.
    pub keys: Option<CheckpointKeys>,
    /// How many bytes to set aside for a full disk.
    pub reserve_bytes: u64,
    /// When segments are sealed and removed.
    pub keeping: Keeping,
    /// Says that every leaf before that one was delivered wherever it must be: only those are
    /// removed.
    pub delivered: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Called once, from a thread of its own, when it can no longer be trusted: stop the server.
    pub on_poison: Box<dyn Fn(&JournalError) + Send + Sync>,
}

impl JournalConfig {
    /// The defaults for a directory.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            origin: JOURNAL_ORIGIN.to_owned(),
            keys: None,
            reserve_bytes: JOURNAL_RESERVE_BYTES,
            keeping: Keeping::default(),
            delivered: Box::new(|| u64::MAX),
            on_poison: Box::new(|_| ()),
        }
    }
}

/// What opening the journal found and mended.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recovery {
    /// How many leaves the journal holds.
    pub leaves: u64,
    /// Bytes of a torn tail that were cut off; none of them had been promised.
    pub torn_bytes: u64,
    /// Entries that had no second leaf and were closed with outcome `unknown`.
    pub unknown: Vec<RequestId>,
    /// Tiles and bundles that did not say what the tail says and were written again.
    pub rewritten: Vec<String>,
}

/// Why the journal refuses.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The journal was closed.
    #[error("the journal is closed")]
    Closed,
    /// An earlier failure means that nothing written since can be trusted.
    #[error("the journal is poisoned by an earlier failure and accepts nothing more")]
    Poisoned,
    /// Too many entries wait to be written.
    #[error("{waiting} entries wait to be written, the most there may be")]
    QueueFull {
        /// How many wait.
        waiting: usize,
    },
    /// No room is left, the reserve included.
    #[error("no space is left for the journal")]
    Full,
    /// The disk failed.
    #[error("the journal cannot {what}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// A file of the journal does not say what was written.
    #[error("`{file}` is corrupt at byte {offset}: {what}")]
    Corrupt {
        /// Which file.
        file: String,
        /// Where.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// A leaf cannot be written as JSON, or is too long.
    #[error("an entry cannot be written down")]
    Unwritable,
    /// The request id was used before.
    #[error("an entry `{0}` is open already")]
    Duplicate(RequestId),
}

impl From<serde_json::Error> for JournalError {
    fn from(_: serde_json::Error) -> Self {
        Self::Unwritable
    }
}

/// Leaves to be appended together.
pub(crate) struct Append {
    pub(crate) id: RequestId,
    pub(crate) leaves: Leaves<Hashed>,
    pub(crate) effect: Effect,
    pub(crate) durability: Durability,
}

/// What leaves do to their entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effect {
    Opens,
    Closes,
    Both,
    /// None: a leaf says how many requests found no room.
    Gap,
}

/// The bytes of a leaf with their hash, which whoever appends makes before the log is taken.
pub(crate) struct Hashed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) hash: Hash,
}

impl Append {
    fn new(id: RequestId, leaves: Leaves<Vec<u8>>, effect: Effect) -> Self {
        let hashed = |bytes: Vec<u8>| Hashed { hash: leaf_hash(&bytes), bytes };
        let leaves = leaves.map(hashed);
        Self { id, leaves, effect, durability: Durability::Available }
    }

    pub(crate) fn opens(id: RequestId, leaves: Leaves<Vec<u8>>, durability: Durability) -> Self {
        Self { durability, ..Self::new(id, leaves, Effect::Opens) }
    }

    pub(crate) fn closes(id: RequestId, closed: Closed) -> Self {
        Self::new(id, closed.leaves().unwrap_or_default(), Effect::Closes)
    }

    /// A leaf that is no entry's.
    pub(crate) fn stands_alone(id: RequestId, leaf: Vec<u8>) -> Self {
        Self::new(id, Leaves::One(leaf), Effect::Both)
    }

    /// A leaf that is no entry's, of requests that have none.
    pub(crate) fn tells_gap(id: RequestId, leaf: Vec<u8>) -> Self {
        Self { effect: Effect::Gap, ..Self::stands_alone(id, leaf) }
    }

    pub(crate) fn refuses(opened: &First<'_>, closed: Closed) -> Self {
        let leaves = opened.leaves().unwrap_or_default();
        let leaves = leaves.and(closed.leaves().unwrap_or_default());
        Self::new(opened.id, leaves, Effect::Both)
    }
}

/// The writer's word that an append is as durable as was asked.
pub(crate) struct Receipt {
    answer: oneshot::Receiver<Result<(), JournalError>>,
    written: Written,
}

impl Receipt {
    /// Waits for it. Dropped midway, the append is written all the same.
    pub(crate) async fn wait(mut self, journal: &Journal) -> Result<(), JournalError> {
        if let Written::ComeBack(number) = self.written {
            after_whoever_is_ready().await;
            if let Ok(answer) = self.answer.try_recv() {
                return answer;
            }
            journal.desk.write_joined(number);
        }
        self.answer.await.unwrap_or(Err(JournalError::Closed))
    }
}

/// Lets the other tasks of this thread go on that are ready to.
async fn after_whoever_is_ready() {
    let mut came = false;
    let turn = poll_fn(|task| {
        if std::mem::replace(&mut came, true) {
            return Poll::Ready(());
        }
        task.waker().wake_by_ref();
        Poll::Pending
    });
    turn.await;
}

/// What writer and callers both look at.
#[derive(Default)]
pub(crate) struct Status {
    pub(crate) poisoned: AtomicBool,
    pub(crate) reserve_spent: AtomicBool,
    /// The record is as large as it may be.
    pub(crate) capped: AtomicBool,
    /// It is larger by more than what is set aside.
    pub(crate) past_cap: AtomicBool,
    /// Requests that found no room.
    pub(crate) unrecorded: Tally,
}

/// The record of everything that was asked of the server.
pub struct Journal {
    desk: Arc<Desk>,
    status: Arc<Status>,
    disk: Arc<dyn JournalDisk>,
    guards: Guards,
    mintings: Mintings,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    writer: Mutex<Option<JoinHandle<()>>>,
    keeper: Arc<Keeper>,
    keeping: Mutex<Option<JoinHandle<()>>>,
    key: Option<VerifierKey>,
}

impl Journal {
    /// Opens the journal in its directory, or begins one; cuts off a torn tail and closes entries
    /// that were left open, with outcome `unknown`.
    ///
    /// # Errors
    /// The disk fails, or the journal does not hold what it promised.
    pub fn open(
        config: JournalConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<(Arc<Self>, Recovery), JournalError> {
        let disk = FileDisk::exclusive(config.dir.clone()).map(Arc::new);
        let disk = disk.map_err(|source| JournalError::Io {
            what: "have its directory for itself",
            source: Arc::new(source),
        })?;
        Self::open_on(disk, config, clock, random)
    }

    /// Like [`Journal::open`], on any disk; `config.dir` is not looked at.
    ///
    /// # Errors
    /// The disk fails, or the journal does not hold what it promised.
    pub fn open_on(
        disk: Arc<dyn JournalDisk>,
        config: JournalConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<(Arc<Self>, Recovery), JournalError> {
        let status = Arc::new(Status::default());
        let key = config.keys.as_ref().and_then(|keys| keys.current().cloned());
        let shared = Arc::clone(&disk);
        let mut config = config;
        let delivered = std::mem::replace(&mut config.delivered, Box::new(|| u64::MAX));
        let (keeping, reserve_bytes) = (config.keeping.clone(), config.reserve_bytes);
        let terms = Terms { keeping, reserve_bytes, delivered };
        let (log, recovery) = Log::open(shared, config, Arc::clone(&status), clock.now())?;
        complete(&*disk)?;
        let desk = Arc::new(Desk::new(log, Arc::clone(&clock)));
        let (served, ticking) = (Arc::clone(&desk), Arc::clone(&clock));
        // Not when its thread first runs, which may be late: what is written until then must be
        // settled in time too.
        let began = clock.monotonic();
        let writer = thread("journal", move || writer::run(&served, &ticking, began))?;
        let parts = (Arc::clone(&disk), Arc::clone(&desk), Arc::clone(&status));
        let ports = (Arc::clone(&clock), Arc::clone(&random));
        let keeper = Arc::new(Keeper::new(parts, ports, terms));
        let kept = Arc::clone(&keeper);
        let keeping = Mutex::new(Some(thread("journal keeper", move || kept.run())?));
        let journal = Self {
            desk,
            status,
            disk,
            guards: Guards::new(),
            mintings: Mintings::default(),
            clock,
            random,
            writer: Mutex::new(Some(writer)),
            keeper,
            keeping,
            key,
        };
        Ok((Arc::new(journal), recovery))
    }

    /// Begins the entry of a request. The attempt, dropped, is recorded as refused.
    pub fn attempt(self: &Arc<Self>, opening: Opening) -> Attempt {
        Attempt::new(Arc::clone(self), opening)
    }

    /// A fresh request id.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        let mut random = [0_u8; 10];
        self.random.fill(&mut random);
        RequestId::from_parts(u64::try_from(self.clock.now().millis()).unwrap_or(0), random)
    }

    /// The registry through which revocations cut what they revoke.
    #[must_use]
    pub fn guards(&self) -> &Guards {
        &self.guards
    }

    /// What the entry began with that made a session, if that was lately: the record itself has
    /// more of it, and has all of them. An entry that failed made none.
    #[must_use]
    pub fn minted(&self, session: &AccessKeyId) -> Option<Opened> {
        self.mintings.find(session)
    }

    pub(crate) fn mintings(&self) -> &Mintings {
        &self.mintings
    }

    /// Whether an operation of that kind may begin: writes are refused while the reserve is spent
    /// or the record has its largest size, everything when the journal is poisoned or past that
    /// size by more than the reserve.
    #[must_use]
    pub fn accepts(&self, kind: Kind) -> bool {
        let is = |flag: &AtomicBool| flag.load(Ordering::Acquire);
        let status = &self.status;
        let full = is(&status.reserve_spent) || is(&status.capped);
        !(is(&status.poisoned) || is(&status.past_cap) || (full && kind == Kind::Write))
    }

    /// Returns when everything appended before is on disk, tiles and checkpoint included.
    ///
    /// # Errors
    /// The journal is poisoned, or the disk fails.
    pub async fn flush(&self) -> Result<(), JournalError> {
        self.settle().await?;
        let told = gap::tell(&self.desk, &self.status, &*self.clock)?;
        if told { self.settle().await } else { Ok(()) }
    }

    async fn settle(&self) -> Result<(), JournalError> {
        let (receipt, wait) = oneshot::channel();
        self.desk.flush(receipt)?;
        wait.await.unwrap_or(Err(JournalError::Closed))
    }

    /// The record as it is now; flush first to see everything that was answered. Reading blocks:
    /// do it where blocking is allowed.
    ///
    /// # Errors
    /// The disk fails, or the tail is damaged.
    pub fn reader(&self) -> Result<Reader<'_>, JournalError> {
        Reader::open(&*self.disk)
    }

    /// The time of day by the journal's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The legal holds that stand, by name.
    ///
    /// # Errors
    /// The disk fails.
    pub fn holds(&self) -> Result<Vec<Hold>, JournalError> {
        holds(&*self.disk)
    }

    /// Places a legal hold, or changes the one of that name: when this returns, nothing of its time
    /// is removed. Waits for a removal that has begun.
    ///
    /// # Errors
    /// It has no good name, there are too many, or the disk fails.
    pub fn place_hold(&self, hold: Hold) -> Result<(), HoldError> {
        self.keeper.place(hold)
    }

    /// Releases a legal hold.
    ///
    /// # Errors
    /// There is none of that name, or the disk fails.
    pub fn release_hold(&self, name: &str) -> Result<(), HoldError> {
        self.keeper.release(name)
    }

    /// What checkpoints are verified with; `None` if they are not signed.
    #[must_use]
    pub fn checkpoint_key(&self) -> Option<&VerifierKey> {
        self.key.as_ref()
    }

    /// The newest checkpoint; `None` before the first.
    ///
    /// # Errors
    /// The disk fails, or what is there is no checkpoint.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>, JournalError> {
        checkpoint(&*self.disk)
    }

    /// The disk that the journal is on, for whoever follows the record: see [`crate::Pump`].
    #[must_use]
    pub fn shared_disk(&self) -> Arc<dyn JournalDisk> {
        Arc::clone(&self.disk)
    }

    /// The disk that the journal is on, for [`crate::verify()`] of a running journal.
    #[must_use]
    pub fn disk(&self) -> &dyn JournalDisk {
        &*self.disk
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub(crate) fn microseconds_since(&self, began: Duration) -> u64 {
        let elapsed = self.clock.monotonic().saturating_sub(began);
        u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
    }

    pub(crate) fn append(&self, append: Append) -> Result<Receipt, JournalError> {
        if append.leaves.is_empty() || append.leaves.iter().any(|l| l.bytes.len() > LEAF_BYTES_MAX)
        {
            return Err(JournalError::Unwritable);
        }
        if self.status.poisoned.load(Ordering::Acquire) {
            return Err(JournalError::Poisoned);
        }
        let (receipt, wait) = oneshot::channel();
        let id = append.id;
        let written = self.desk.append(append, Some(receipt)).inspect_err(|error| {
            if matches!(error, JournalError::QueueFull { .. }) {
                self.status.unrecorded.note(id, self.clock.now(), Unrecorded::Waiting);
            }
        })?;
        Ok(Receipt { answer: wait, written })
    }

    /// Appends without waiting; for second leaves, which are never refused for want of room in the
    /// queue: each has an opened entry before it, and those are counted.
    pub(crate) fn append_quietly(&self, append: Append) {
        if !append.leaves.is_empty() {
            let sent = self.desk.append(append, None);
            if let Err(error) = sent {
                tracing::error!(%error, "the end of an entry was not recorded");
            }
        }
    }
}

/// Starts a thread of the journal.
fn thread(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, JournalError> {
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map_err(|source| JournalError::Io { what: "start a thread", source: Arc::new(source) })
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.keeper.end();
        let keeper = self.keeping.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(keeper) = keeper
            && keeper.join().is_err()
        {
            tracing::error!("the journal's keeper did not end well");
        }
        self.desk.close();
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && writer.join().is_err()
        {
            tracing::error!("the journal's writer did not end well");
        }
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}
