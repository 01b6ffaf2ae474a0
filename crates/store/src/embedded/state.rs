//! The authorization state's log and snapshots, in `state.redb`: its own file and its own writer,
//! so that no flood of object writes delays a revocation.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use identity::{Pieces, StateLog, StateLogError};
use names::Revision;
use redb::{
    ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata, Table,
    TableDefinition, WriteTransaction,
};

use super::archive::damaged;
use super::database::{Shelf, Trouble};
use super::reserve::Need;
use super::state_format::{self, BLOCK_BYTES, Blocks, Damaged};
use super::writer::{Ledger, Reopening, Unwritten, Writer};

/// The file, relative to the data directory.
pub const STATE_FILE: &str = "state.redb";

/// One record a revision, without gaps.
pub(crate) const LOG: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("log");
/// Snapshots by revision.
pub(crate) const SNAPSHOTS: TableDefinition<'static, u64, &'static [u8]> =
    TableDefinition::new("snapshots");

/// The blocks of snapshots, by revision and number.
pub(crate) const BLOCKS: TableDefinition<'static, (u64, u32), &'static [u8]> =
    TableDefinition::new("blocks");

/// Bytes of a snapshot that one change carries: other changes go on in between, and wait for no
/// more than that.
const CHANGE_BYTES: usize = 2 * BLOCK_BYTES;

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
                    let (revision, value) = entry?;
                    let revision = Revision(revision.value());
                    match state_format::record(revision.0, value.value()) {
                        Ok(record) => records.push((revision, record.to_vec())),
                        Err(Damaged) => return Ok(Err(StateLogError::Corrupt { at: revision })),
                    }
                }
                Ok(Ok(records))
            })
        })
        .await?
    }

    /// Dropped midway, the snapshot is kept wholly or not at all. Records may be appended in
    /// between.
    async fn put_snapshot(&self, at: Revision, mut pieces: Pieces) -> Result<(), StateLogError> {
        let cut = |why| StateLogError::Unavailable(Box::new(why));
        let mut said = Blocks { count: 0, bytes: 0 };
        let mut waiting = Vec::new();
        while let Some(piece) = pieces.next().await.map_err(cut)? {
            waiting.extend_from_slice(&piece);
            while waiting.len() > CHANGE_BYTES {
                let rest = waiting.split_off(CHANGE_BYTES);
                let some = std::mem::replace(&mut waiting, rest);
                said = self.put_blocks(at, said, some).await?;
            }
        }
        if !waiting.is_empty() {
            said = self.put_blocks(at, said, waiting).await?;
        }
        self.write(Entry::Snapshot(at, said)).await
    }

    /// Dropped midway, the snapshot is forgotten or not. Its blocks go with the next one's first.
    async fn forget_snapshot(&self, at: Revision) -> Result<(), StateLogError> {
        self.write(Entry::Forget(at)).await
    }

    async fn newest_snapshot(
        &self,
        at: Option<Revision>,
    ) -> Result<Option<(Revision, u64)>, StateLogError> {
        let to = at.map_or(u64::MAX, |revision| revision.0);
        self.look(move |transaction| {
            let snapshots = transaction.open_table(SNAPSHOTS)?;
            let Some(entry) = snapshots.range(..=to)?.next_back() else { return Ok(Ok(None)) };
            let (revision, row) = entry?;
            let at = Revision(revision.value());
            let bytes = match Blocks::read(at.0, row.value()) {
                Ok(None) => row.value().len() as u64,
                Ok(Some(said)) => said.bytes,
                Err(Damaged) => return Ok(Err(StateLogError::Corrupt { at })),
            };
            Ok(Ok(Some((at, bytes))))
        })
        .await
    }

    async fn snapshot_part(
        &self,
        at: Revision,
        part: Range<u64>,
    ) -> Result<Vec<u8>, StateLogError> {
        self.look(move |transaction| {
            let corrupt = || Ok(Err(StateLogError::Corrupt { at }));
            let Some(row) = transaction.open_table(SNAPSHOTS)?.get(at.0)? else {
                return corrupt();
            };
            match snapshot_part(transaction, at.0, row.value(), &part)? {
                Ok(bytes) => Ok(Ok(bytes)),
                Err(Damaged) => corrupt(),
            }
        })
        .await
    }
}

impl State {
    /// Puts blocks of a snapshot behind those that were said.
    async fn put_blocks(
        &self,
        at: Revision,
        said: Blocks,
        bytes: Vec<u8>,
    ) -> Result<Blocks, StateLogError> {
        let blocks = u32::try_from(bytes.len().div_ceil(BLOCK_BYTES)).unwrap_or(u32::MAX);
        let more = bytes.len() as u64;
        self.write(Entry::Blocks { at, first: said.count, bytes }).await?;
        let (count, bytes) = (said.count.saturating_add(blocks), said.bytes.saturating_add(more));
        Ok(Blocks { count, bytes })
    }

    /// Looks at what is there, where blocking is allowed.
    async fn look<T: Send + 'static>(
        &self,
        look: impl Fn(&ReadTransaction) -> Result<Result<T, StateLogError>, redb::Error>
        + Send
        + 'static,
    ) -> Result<T, StateLogError> {
        let shelf = Arc::clone(&self.shelf);
        blocking(move || shelf.read(|database| look(&database.begin_read()?))).await?
    }
}

/// Bytes of a snapshot, put together from the blocks that have them, each of which is checked;
/// fewer where it ends before.
fn snapshot_part(
    transaction: &ReadTransaction,
    at: u64,
    row: &[u8],
    part: &Range<u64>,
) -> Result<Result<Vec<u8>, Damaged>, redb::Error> {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let said = match Blocks::read(at, row) {
        Ok(None) => {
            let to = place(part.end).min(row.len());
            return Ok(Ok(row.get(place(part.start)..to).unwrap_or_default().to_vec()));
        }
        Ok(Some(said)) => said,
        Err(damaged) => return Ok(Err(damaged)),
    };
    let (table, block) = (transaction.open_table(BLOCKS)?, BLOCK_BYTES as u64);
    let to = part.end.min(said.bytes);
    let mut bytes = Vec::with_capacity(place(to.saturating_sub(part.start)));
    let mut from = part.start;
    while from < to {
        let number = u32::try_from(from / block).unwrap_or(u32::MAX);
        let Some(value) = table.get((at, number))? else { return Ok(Err(Damaged)) };
        let begins = u64::from(number).saturating_mul(block);
        let (within, end) = (from.saturating_sub(begins), to.saturating_sub(begins).min(block));
        let Ok(own) = state_format::block_bytes(at, number, value.value()) else {
            return Ok(Err(Damaged));
        };
        let Some(own) = own.get(place(within)..place(end)) else { return Ok(Err(Damaged)) };
        bytes.extend_from_slice(own);
        from = begins.saturating_add(end);
    }
    Ok(Ok(bytes))
}

/// What is said of a snapshot that is read.
pub(crate) enum Said<'a> {
    /// How many bytes it has. Comes first.
    Length(u64),
    /// The next of them.
    Bytes(&'a [u8]),
}

/// Reads a snapshot block by block, each of which is checked; no more than one is in memory. Of one
/// that is damaged, or cut short, the inner error says so.
pub(crate) fn snapshot_read(
    transaction: &ReadTransaction,
    at: u64,
    row: &[u8],
    to: &mut dyn FnMut(Said<'_>) -> io::Result<()>,
) -> Result<io::Result<()>, redb::Error> {
    let broken = || Ok(Err(damaged(&format!("the snapshot of revision {at} is damaged"))));
    let said = match Blocks::read(at, row) {
        Ok(None) => {
            let length = to(Said::Length(row.len() as u64));
            return Ok(length.and_then(|()| to(Said::Bytes(row))));
        }
        Ok(Some(said)) => said,
        Err(Damaged) => return broken(),
    };
    if let Err(error) = to(Said::Length(said.bytes)) {
        return Ok(Err(error));
    }
    let table = transaction.open_table(BLOCKS)?;
    let mut left = said.bytes;
    for number in 0..said.count {
        let Some(value) = table.get((at, number))? else { return broken() };
        let Ok(bytes) = state_format::block_bytes(at, number, value.value()) else {
            return broken();
        };
        let Some(rest) = left.checked_sub(bytes.len() as u64) else { return broken() };
        left = rest;
        if let Err(error) = to(Said::Bytes(bytes)) {
            return Ok(Err(error));
        }
    }
    if left == 0 { Ok(Ok(())) } else { broken() }
}

/// Whether the log is one whose every record has a checksum: the first has, and none is missing
/// between it and the last.
pub(crate) fn checks_itself(transaction: &ReadTransaction) -> Result<bool, redb::Error> {
    let log = transaction.open_table(LOG)?;
    let (Some(first), Some(last)) = (log.first()?, log.last()?) else { return Ok(false) };
    let framed = first.0.value() == 1 && state_format::is_framed(first.1.value());
    Ok(framed && log.len()? == last.0.value())
}

async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, StateLogError> {
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read.map_err(state_error),
        // redb panics at some pages that are not as it wrote them.
        Err(error) if error.is_panic() => Err(state_error(Trouble::Damaged {
            file: STATE_FILE,
            what: "a page of it cannot be read".to_owned(),
        })),
        Err(error) => Err(StateLogError::Unavailable(Box::new(error))),
    }
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
    /// Blocks of a snapshot, from a number on. Without its row they are nothing.
    Blocks {
        at: Revision,
        first: u32,
        bytes: Vec<u8>,
    },
    /// The row that makes the blocks of a revision a snapshot.
    Snapshot(Revision, Blocks),
    /// The row is removed: what the blocks are then is nothing.
    Forget(Revision),
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
        transaction.open_table(BLOCKS)?;
        Ok(())
    }

    fn apply(
        transaction: &WriteTransaction,
        changes: &mut dyn Iterator<Item = &Entry>,
    ) -> Result<Vec<Result<(), Revision>>, redb::Error> {
        let mut log = transaction.open_table(LOG)?;
        let mut snapshots = transaction.open_table(SNAPSHOTS)?;
        let mut table = transaction.open_table(BLOCKS)?;
        let mut last = log.last()?.map_or(0, |(revision, _)| revision.value());
        changes
            .map(|entry| match entry {
                Entry::Record(next, _) if Some(next.0) != last.checked_add(1) => Ok(Err(*next)),
                Entry::Record(next, record) => {
                    log.insert(next.0, state_format::framed(next.0, record).as_slice())?;
                    last = next.0;
                    Ok(Ok(()))
                }
                // A snapshot of a revision that was never made would hide a gap.
                Entry::Snapshot(at, _) | Entry::Blocks { at, .. } if at.0 > last => Ok(Err(*at)),
                Entry::Blocks { at, first, bytes } => {
                    if *first == 0 {
                        forget_unfinished(&mut table, &snapshots)?;
                    }
                    put_blocks(&mut table, at.0, *first, bytes)?;
                    Ok(Ok(()))
                }
                Entry::Forget(at) => {
                    snapshots.remove(at.0)?;
                    Ok(Ok(()))
                }
                Entry::Snapshot(at, blocks) => {
                    snapshots.insert(at.0, blocks.row(at.0).as_slice())?;
                    Ok(Ok(()))
                }
            })
            .collect()
    }

    /// A record may be a revocation, which must go on when the disk is full; a snapshot is a
    /// convenience.
    fn need(change: &Entry) -> Need {
        match change {
            Entry::Record(..) | Entry::Forget(_) => Need::Upkeep,
            Entry::Blocks { .. } | Entry::Snapshot(..) => Need::Growth,
        }
    }

    fn bytes(change: &Entry) -> usize {
        match change {
            Entry::Record(_, bytes) | Entry::Blocks { bytes, .. } => bytes.len(),
            Entry::Snapshot(..) | Entry::Forget(_) => size_of::<Blocks>(),
        }
    }
}

/// Puts the blocks of a snapshot, from a number on.
pub(crate) fn put_blocks(
    table: &mut Table<'_, (u64, u32), &'static [u8]>,
    at: u64,
    first: u32,
    bytes: &[u8],
) -> Result<u32, redb::Error> {
    let mut number = first;
    for block in bytes.chunks(BLOCK_BYTES) {
        table.insert((at, number), state_format::block(at, number, block).as_slice())?;
        number = number.saturating_add(1);
    }
    Ok(number)
}

/// Removes the blocks of snapshots that were never finished: the process ended before.
fn forget_unfinished(
    table: &mut Table<'_, (u64, u32), &'static [u8]>,
    snapshots: &Table<'_, u64, &'static [u8]>,
) -> Result<(), redb::Error> {
    let mut from = 0_u64;
    loop {
        let next = table.range((from, 0)..)?.next().transpose()?.map(|(key, _)| key.value().0);
        let Some(at) = next else { return Ok(()) };
        if snapshots.get(at)?.is_none() {
            table.retain_in((at, 0)..=(at, u32::MAX), |_, _| false)?;
        }
        let Some(after) = at.checked_add(1) else { return Ok(()) };
        from = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::directory::Directory;
    use crate::embedded::disk::Disk;
    use crate::embedded::format::Epoch;
    use crate::embedded::open::{Data, Options};

    fn open(disk: &Arc<dyn Disk>) -> Data {
        let mut options = Options::new(Epoch(1), Arc::new(|_| ()));
        options.reserve_bytes = 4096;
        options.growth_free_bytes_min = 0;
        options.state_checked_bytes_max = 0;
        Data::open_on(disk, &options).unwrap()
    }

    fn blocks_of(data: &Data) -> Vec<(u64, u32)> {
        let read = data.state().shelf().read(|database| {
            let table = database.begin_read()?.open_table(BLOCKS)?;
            table.iter()?.map(|entry| Ok(entry?.0.value())).collect()
        });
        read.unwrap()
    }

    #[tokio::test]
    async fn a_file_of_the_first_version_is_read_and_goes_on() {
        let root = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(Directory::open(root.path()).unwrap());
        let data = open(&disk);
        let wrote = data.state().shelf().write(|database| {
            let transaction = database.begin_write()?;
            let old: [(u64, &[u8]); 2] = [(1, b"{\"v\":1}"), (2, b"{\"v\":1,\"n\":2}")];
            for (revision, record) in old {
                transaction.open_table(LOG)?.insert(revision, record)?;
            }
            transaction.open_table(SNAPSHOTS)?.insert(1, &b"{\"v\":1,\"old\":1}"[..])?;
            transaction.delete_table(BLOCKS)?;
            Ok(transaction.commit()?)
        });
        wrote.unwrap();
        drop(data);
        let data = open(&disk);
        let log = data.state();
        let records = log.read(Revision(0), 9).await.unwrap();
        assert_eq!(records[0], (Revision(1), b"{\"v\":1}".to_vec()));
        let snapshot = log.snapshot(None).await.unwrap();
        assert_eq!(snapshot, Some((Revision(1), b"{\"v\":1,\"old\":1}".to_vec())));
        log.append(Revision(3), b"{\"v\":1,\"n\":3}".to_vec()).await.unwrap();
        log.put_snapshot(Revision(3), b"new".to_vec().into()).await.unwrap();
        drop((log, data));
        let log = open(&disk).state();
        let records = log.read(Revision(2), 9).await.unwrap();
        assert_eq!(records, [(Revision(3), b"{\"v\":1,\"n\":3}".to_vec())]);
        let newest = log.snapshot(None).await.unwrap();
        assert_eq!(newest, Some((Revision(3), b"new".to_vec())));
        let oldest = log.snapshot(Some(Revision(2))).await.unwrap();
        assert_eq!(oldest, Some((Revision(1), b"{\"v\":1,\"old\":1}".to_vec())));
    }

    #[tokio::test]
    async fn a_long_snapshot_lies_in_blocks_and_an_unfinished_one_is_forgotten() {
        let root = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(Directory::open(root.path()).unwrap());
        let data = open(&disk);
        let log = data.state();
        for revision in 1..=3 {
            log.append(Revision(revision), b"{}".to_vec()).await.unwrap();
        }
        let long: Vec<u8> = (0..9 * BLOCK_BYTES + 5).map(|n| n.to_le_bytes()[0]).collect();
        log.put_snapshot(Revision(1), long.clone().into()).await.unwrap();
        assert_eq!(blocks_of(&data), (0..10).map(|n| (1, n)).collect::<Vec<_>>());
        for part in [0..9, 0..u64::MAX, 5..2_000_000, 1_044_479..1_044_481, 9..9, 1 << 40..1 << 41]
        {
            let read = log.snapshot_part(Revision(1), part.clone()).await.unwrap();
            let place = |at: u64| usize::try_from(at).unwrap().min(long.len());
            assert!(read == long[place(part.start)..place(part.end)], "{part:?}");
        }
        assert!(log.snapshot_part(Revision(2), 0..1).await.is_err(), "there is no such snapshot");
        let blocks = Entry::Blocks { at: Revision(2), first: 0, bytes: vec![7; BLOCK_BYTES + 1] };
        log.write(blocks).await.unwrap();
        assert_eq!(log.snapshot(None).await.unwrap(), Some((Revision(1), long.clone())));
        log.put_snapshot(Revision(3), b"short".to_vec().into()).await.unwrap();
        assert_eq!(blocks_of(&data).len(), 11, "the blocks of revision 2 are gone");
        let none = Entry::Blocks { at: Revision(9), first: 0, bytes: Vec::new() };
        assert!(log.write(none).await.is_err(), "a revision that was never made");
        log.put_snapshot(Revision(2), Vec::new().into()).await.unwrap();
        assert_eq!(log.snapshot(Some(Revision(2))).await.unwrap(), Some((Revision(2), Vec::new())));
        assert_eq!(log.snapshot(Some(Revision(1))).await.unwrap(), Some((Revision(1), long)));
    }

    #[tokio::test]
    async fn a_snapshot_is_forgotten_and_its_blocks_go_when_the_next_one_comes() {
        let root = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(Directory::open(root.path()).unwrap());
        let data = open(&disk);
        let log = data.state();
        for revision in 1..=3 {
            log.append(Revision(revision), b"{}".to_vec()).await.unwrap();
        }
        for revision in [1, 2] {
            let long = vec![7; BLOCK_BYTES + 1];
            log.put_snapshot(Revision(revision), long.into()).await.unwrap();
        }
        log.forget_snapshot(Revision(2)).await.unwrap();
        log.forget_snapshot(Revision(3)).await.unwrap();
        let newest = log.newest_snapshot(None).await.unwrap();
        assert_eq!(newest, Some((Revision(1), BLOCK_BYTES as u64 + 1)));
        assert!(log.snapshot_part(Revision(2), 0..1).await.is_err());
        assert_eq!(log.read(Revision(0), 9).await.unwrap().len(), 3, "records stay");
        drop((log, data));
        let data = open(&disk);
        data.state().put_snapshot(Revision(3), b"short".to_vec().into()).await.unwrap();
        assert_eq!(blocks_of(&data), [(1, 0), (1, 1), (3, 0)]);
    }
}
