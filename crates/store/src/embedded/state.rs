//! The authorization state's log and snapshots, in `state.redb`: its own file and its own writer,
//! so that no flood of object writes delays a revocation.

use std::sync::Arc;

use async_trait::async_trait;
use identity::{StateLog, StateLogError};
use names::Revision;
use redb::{ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use super::database::{Shelf, Trouble};
use super::reserve::Need;
use super::writer::{Ledger, Reopening, Unwritten, Writer};

/// The file, relative to the data directory.
pub const STATE_FILE: &str = "state.redb";

/// One record a revision, without gaps.
pub(crate) const LOG: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("log");
/// Snapshots by revision.
pub(crate) const SNAPSHOTS: TableDefinition<'static, u64, &'static [u8]> =
    TableDefinition::new("snapshots");

/// [`StateLog`] over redb.
pub struct State {
    shelf: Arc<Shelf>,
    writer: Writer<Revisions>,
}

impl State {
    pub(crate) fn new(shelf: Arc<Shelf>, writer: Writer<Revisions>) -> Self {
        Self { shelf, writer }
    }

    pub(crate) fn shelf(&self) -> &Arc<Shelf> {
        &self.shelf
    }

    async fn write(&self, change: Entry) -> Result<(), StateLogError> {
        self.writer.write(change).await.map_err(|unwritten| match unwritten {
            Unwritten::Refused(expected) => StateLogError::Conflict { expected },
            Unwritten::Trouble(trouble) => state_error(trouble),
        })
    }
}

#[async_trait]
impl StateLog for State {
    /// Dropped midway, the record is appended wholly or not at all.
    async fn append(&self, next: Revision, record: Vec<u8>) -> Result<(), StateLogError> {
        self.write(Entry::Record(next, record)).await
    }

    async fn read(
        &self,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<(Revision, Vec<u8>)>, StateLogError> {
        let shelf = Arc::clone(&self.shelf);
        blocking(move || {
            shelf.read(|database| {
                let log = database.begin_read()?.open_table(LOG)?;
                let mut records = Vec::new();
                for entry in log.range(after.0.saturating_add(1)..)?.take(limit) {
                    let (revision, record) = entry?;
                    records.push((Revision(revision.value()), record.value().to_vec()));
                }
                Ok(records)
            })
        })
        .await
    }

    /// Dropped midway, the snapshot is kept wholly or not at all.
    async fn put_snapshot(&self, at: Revision, bytes: Vec<u8>) -> Result<(), StateLogError> {
        self.write(Entry::Snapshot(at, bytes)).await
    }

    async fn snapshot(
        &self,
        at: Option<Revision>,
    ) -> Result<Option<(Revision, Vec<u8>)>, StateLogError> {
        let shelf = Arc::clone(&self.shelf);
        let to = at.map_or(u64::MAX, |revision| revision.0);
        blocking(move || {
            shelf.read(|database| {
                let snapshots = database.begin_read()?.open_table(SNAPSHOTS)?;
                match snapshots.range(..=to)?.next_back() {
                    None => Ok(None),
                    Some(entry) => {
                        let (revision, bytes) = entry?;
                        Ok(Some((Revision(revision.value()), bytes.value().to_vec())))
                    }
                }
            })
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, StateLogError> {
    let done = tokio::task::spawn_blocking(read).await;
    done.map_err(|error| StateLogError::Unavailable(Box::new(error)))?.map_err(state_error)
}

fn state_error(trouble: Trouble) -> StateLogError {
    match trouble {
        Trouble::Full => StateLogError::Full,
        other => StateLogError::Unavailable(Box::new(other)),
    }
}

/// What can be written to `state.redb`.
pub(crate) enum Entry {
    Record(Revision, Vec<u8>),
    Snapshot(Revision, Vec<u8>),
}

/// How entries change `state.redb`.
pub(crate) struct Revisions;

impl Ledger for Revisions {
    type Change = Entry;
    /// The revision that does not follow the last.
    type Refusal = Revision;

    const REOPENING: Reopening = Reopening::AtOnce;

    fn found(transaction: &WriteTransaction) -> Result<(), redb::Error> {
        transaction.open_table(LOG)?;
        transaction.open_table(SNAPSHOTS)?;
        Ok(())
    }

    fn apply(
        transaction: &WriteTransaction,
        changes: &mut dyn Iterator<Item = &Entry>,
    ) -> Result<Vec<Result<(), Revision>>, redb::Error> {
        let mut log = transaction.open_table(LOG)?;
        let mut snapshots = transaction.open_table(SNAPSHOTS)?;
        let mut last = log.last()?.map_or(0, |(revision, _)| revision.value());
        changes
            .map(|entry| match entry {
                Entry::Record(next, _) if Some(next.0) != last.checked_add(1) => Ok(Err(*next)),
                Entry::Record(next, record) => {
                    log.insert(next.0, record.as_slice())?;
                    last = next.0;
                    Ok(Ok(()))
                }
                // A snapshot of a revision that was never made would hide a gap.
                Entry::Snapshot(at, _) if at.0 > last => Ok(Err(*at)),
                Entry::Snapshot(at, bytes) => {
                    snapshots.insert(at.0, bytes.as_slice())?;
                    Ok(Ok(()))
                }
            })
            .collect()
    }

    /// A record may be a revocation, which must go on when the disk is full; a snapshot is a
    /// convenience.
    fn need(change: &Entry) -> Need {
        match change {
            Entry::Record(..) => Need::Upkeep,
            Entry::Snapshot(..) => Need::Growth,
        }
    }

    fn bytes(change: &Entry) -> usize {
        match change {
            Entry::Record(_, bytes) | Entry::Snapshot(_, bytes) => bytes.len(),
        }
    }
}
