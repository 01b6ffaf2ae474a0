//! The group-commit writer: one thread per database commits everything that is queued in one
//! transaction, so that sixteen waiting callers cost one fsync instead of sixteen.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use redb::{Durability, TableDefinition, WriteTransaction};
use tokio::sync::{mpsc, oneshot};

use super::database::{Shelf, Trouble};
use super::reserve::{Need, Reserve};

/// Changes that may wait for the writer; a caller past them waits to enqueue.
pub const QUEUE_CHANGES_MAX: usize = 1024;
/// Changes that one transaction carries at most.
pub const GROUP_CHANGES_MAX: usize = 256;
/// Bytes of changes after which a transaction takes no further one.
pub const GROUP_BYTES_MAX: usize = 8 << 20;

/// Counts the transactions of a database; it tells after a full disk whether the last one landed.
const GROUPS: TableDefinition<'static, &'static str, u64> = TableDefinition::new("groups");
const GROUP: &str = "last";

/// What a database is made of and how a change alters it.
pub(crate) trait Ledger: Send + Sync + 'static {
    type Change: Send + 'static;
    type Refusal: Send + 'static;

    /// Whether the database opens at once after an unclean end, at the price of a second fsync
    /// per commit; or is read through first, a matter of a second per million records.
    const REOPENING: Reopening;

    /// Makes the tables, in the database's first transaction.
    fn found(transaction: &WriteTransaction) -> Result<(), redb::Error>;

    /// Applies `changes` in order, with one verdict each. A refused change alters nothing and
    /// each change sees what the accepted ones before it did.
    fn apply(
        transaction: &WriteTransaction,
        changes: &mut dyn Iterator<Item = &Self::Change>,
    ) -> Result<Vec<Result<(), Self::Refusal>>, redb::Error>;

    fn need(change: &Self::Change) -> Need;

    /// Roughly what the change adds to a transaction.
    fn bytes(change: &Self::Change) -> usize;
}

/// What an unclean end costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reopening {
    AtOnce,
    AfterReading,
}

/// Why a change was not made.
#[derive(Debug)]
pub(crate) enum Unwritten<R> {
    /// Its own condition failed; nothing else is wrong.
    Refused(R),
    /// No room, a stopped engine or an unreadable file.
    Trouble(Trouble),
}

/// A handle on the writer thread. The thread ends when this is dropped, after what is queued.
pub(crate) struct Writer<L: Ledger> {
    queue: Option<mpsc::Sender<Pending<L>>>,
    thread: Option<JoinHandle<()>>,
}

struct Pending<L: Ledger> {
    change: L::Change,
    answer: oneshot::Sender<Result<(), Unwritten<L::Refusal>>>,
}

impl<L: Ledger> Writer<L> {
    /// Starts the thread.
    pub(crate) fn start(shelf: Arc<Shelf>, reserve: Arc<Reserve>) -> Result<Self, Trouble> {
        let last = stored_group(&shelf)?;
        let (queue, incoming) = mpsc::channel(QUEUE_CHANGES_MAX);
        let name = format!("write {}", shelf.name());
        let file = shelf.name();
        let clerk = Clerk { shelf, reserve, last };
        let thread = thread::Builder::new()
            .name(name)
            .spawn(move || clerk.run::<L>(incoming))
            .map_err(|error| Trouble::Unavailable { file, cause: error.to_string() })?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Makes a change durable. Dropped midway, the change may or may not be made, never half.
    pub(crate) async fn write(&self, change: L::Change) -> Result<(), Unwritten<L::Refusal>> {
        let gone = || Unwritten::Trouble(Trouble::WriterGone);
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        let (answer, verdict) = oneshot::channel();
        queue.send(Pending { change, answer }).await.map_err(|_| gone())?;
        verdict.await.map_err(|_| gone())?
    }
}

impl<L: Ledger> Drop for Writer<L> {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// Makes the tables of a new database.
pub(crate) fn found<L: Ledger>(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(GROUPS)?.insert(GROUP, 0)?;
    L::found(transaction)
}

/// The writer thread's own state.
struct Clerk {
    shelf: Arc<Shelf>,
    reserve: Arc<Reserve>,
    /// The number of the last group that is known to be durable.
    last: u64,
}

impl Drop for Clerk {
    /// A writer that panics leaves unknown what it did: nothing may be written after it.
    fn drop(&mut self) {
        if thread::panicking() {
            let cause = io::Error::other("the writer thread panicked");
            self.shelf.health().stop("commit to", self.shelf.name(), cause);
        }
    }
}

type Verdicts<R> = Vec<Result<(), R>>;

impl Clerk {
    fn run<L: Ledger>(mut self, mut incoming: mpsc::Receiver<Pending<L>>) {
        while let Some(first) = incoming.blocking_recv() {
            let mut bytes = L::bytes(&first.change);
            let mut group = vec![first];
            while group.len() < GROUP_CHANGES_MAX && bytes < GROUP_BYTES_MAX {
                let Ok(next) = incoming.try_recv() else { break };
                bytes = bytes.saturating_add(L::bytes(&next.change));
                group.push(next);
            }
            self.commit(group);
        }
    }

    fn commit<L: Ledger>(&mut self, group: Vec<Pending<L>>) {
        let room = self.reserve.admits_growth();
        if room {
            self.reserve.retake();
        }
        let group = if room { group } else { refuse_growth(group) };
        if group.is_empty() {
            return;
        }
        let mut verdicts = Vec::new();
        match self.attempt(&group, &mut verdicts) {
            Ok(()) => answer(group, Ok(verdicts)),
            Err(Trouble::Full) => self.commit_with_reserve(group, verdicts),
            Err(trouble) => answer(group, Err(trouble)),
        }
    }

    /// The disk filled up inside a transaction. Either it landed whole (its number says so) or
    /// nothing of it is visible, and what frees room is tried again with the reserve given up.
    fn commit_with_reserve<L: Ledger>(
        &mut self,
        group: Vec<Pending<L>>,
        verdicts: Verdicts<L::Refusal>,
    ) {
        let released = self.reserve.release();
        match self.shelf.reopen().and_then(|()| stored_group(&self.shelf)) {
            Ok(landed) if landed != self.last => {
                self.last = landed;
                answer(group, Ok(verdicts));
            }
            Ok(_) if released => {
                let group = refuse_growth(group);
                let mut verdicts = Vec::new();
                let result = self.attempt(&group, &mut verdicts);
                answer(group, result.map(|()| verdicts));
            }
            Ok(_) => answer(group, Err(Trouble::Full)),
            Err(trouble) => answer(group, Err(trouble)),
        }
    }

    /// One transaction. `verdicts` is filled before the commit, so that it is known even if the
    /// commit reports an error and yet turns out to have landed.
    fn attempt<L: Ledger>(
        &mut self,
        group: &[Pending<L>],
        verdicts: &mut Verdicts<L::Refusal>,
    ) -> Result<(), Trouble> {
        if self.shelf.is_closed() {
            self.shelf.reopen()?;
        }
        let number = self.last.saturating_add(1);
        let written = self.shelf.write(|database| {
            let mut transaction = database.begin_write()?;
            transaction.set_durability(Durability::Immediate)?;
            transaction.set_quick_repair(L::REOPENING == Reopening::AtOnce);
            let mut changes = group.iter().map(|pending| &pending.change);
            *verdicts = L::apply(&transaction, &mut changes)?;
            if verdicts.iter().all(Result::is_err) {
                transaction.abort()?;
                return Ok(Written::Nothing);
            }
            transaction.open_table(GROUPS)?.insert(GROUP, number)?;
            transaction.commit()?;
            Ok(Written::Group)
        })?;
        if written == Written::Group {
            self.last = number;
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Group,
    Nothing,
}

fn stored_group(shelf: &Shelf) -> Result<u64, Trouble> {
    let snapshot = shelf.snapshot()?;
    let groups = snapshot.open_table(GROUPS).map_err(|error| shelf.trouble(error))?;
    let last = groups.get(GROUP).map_err(|error| shelf.trouble(error))?;
    Ok(last.map_or(0, |value| value.value()))
}

/// Below the level: growth is refused at once, and what is left goes on.
fn refuse_growth<L: Ledger>(group: Vec<Pending<L>>) -> Vec<Pending<L>> {
    let (upkeep, growth): (Vec<_>, Vec<_>) =
        group.into_iter().partition(|pending| L::need(&pending.change) == Need::Upkeep);
    for pending in growth {
        let _caller_gone = pending.answer.send(Err(Unwritten::Trouble(Trouble::Full)));
    }
    upkeep
}

fn answer<L: Ledger>(group: Vec<Pending<L>>, result: Result<Verdicts<L::Refusal>, Trouble>) {
    let answers: Vec<_> = match result {
        Ok(verdicts) => verdicts.into_iter().map(|v| v.map_err(Unwritten::Refused)).collect(),
        Err(trouble) => group.iter().map(|_| Err(Unwritten::Trouble(trouble.clone()))).collect(),
    };
    for (pending, answer) in group.into_iter().zip(answers) {
        // A caller that stopped waiting is told nothing; the change stays made.
        let _caller_gone = pending.answer.send(answer);
    }
}
