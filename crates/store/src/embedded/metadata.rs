//! The object metadata: an ordered map in `metadata.redb`, written by group commits.
//!
//! Reads run on the caller's thread: one that finds its record in memory (`recent.rs`) takes less
//! than a microsecond, one that finds its pages in redb's cache a few, less than a trip to the
//! blocking pool; any other waits for one disk read per level of the tree. Long ranges do go to the
//! pool.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use objects::{CommitError, Expect, MetadataStore, StoreError, WriteBatch};
use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use super::database::{Shelf, Trouble};
use super::recent::{Recent, Writing};
use super::reserve::Need;
use super::writer::{Ledger, Reopening, Unwritten, Writer};

/// The file, relative to the data directory.
pub const METADATA_FILE: &str = "metadata.redb";
/// Pairs up to which a range is read on the caller's thread.
const DIRECT_PAIRS_MAX: usize = 64;
/// Bytes that a batch may put and still count as upkeep, if it deletes something.
pub const UPKEEP_PUT_BYTES_MAX: usize = 16 << 10;

pub(crate) const RECORDS: TableDefinition<'static, &'static [u8], &'static [u8]> =
    TableDefinition::new("records");

/// [`MetadataStore`] over redb. Cheap to share; the writer thread ends with it.
pub struct Metadata {
    shelf: Arc<Shelf>,
    recent: Arc<Recent>,
    writer: Writer<Records>,
}

impl Metadata {
    pub(crate) fn new(shelf: Arc<Shelf>, writer: Writer<Records>) -> Self {
        Self { shelf, recent: Arc::default(), writer }
    }

    pub(crate) fn shelf(&self) -> &Arc<Shelf> {
        &self.shelf
    }
}

#[async_trait]
impl MetadataStore for Metadata {
    async fn read(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let leave = match self.recent.find(key) {
            Ok(value) => return Ok(Some(value)),
            Err(leave) => leave,
        };
        let value = self.shelf.read(|database| {
            use redb::ReadableDatabase;
            let records = database.begin_read()?.open_table(RECORDS)?;
            Ok(records.get(key)?.map(|value| Bytes::copy_from_slice(value.value())))
        })?;
        if let Some(value) = &value {
            self.recent.keep(&leave, key, value);
        }
        Ok(value)
    }

    async fn range(
        &self,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        if from >= to || limit == 0 {
            return Ok(Vec::new());
        }
        if limit <= DIRECT_PAIRS_MAX {
            return Ok(pairs(&self.shelf, from, to, limit)?);
        }
        let (shelf, from, to) = (Arc::clone(&self.shelf), from.to_vec(), to.to_vec());
        tokio::task::spawn_blocking(move || pairs(&shelf, &from, &to, limit))
            .await
            .map_err(|_| StoreError::Unavailable)?
            .map_err(StoreError::from)
    }

    /// Dropped midway, the batch is made wholly or not at all.
    async fn commit(&self, batch: WriteBatch) -> Result<(), CommitError> {
        let writing = self.recent.write(&batch);
        let change = Change { batch, _writing: writing };
        self.writer.write(change).await.map_err(|unwritten| match unwritten {
            Unwritten::Refused(key) => CommitError::Conflict(key),
            Unwritten::Trouble(trouble) => CommitError::Store(trouble.into()),
        })
    }
}

fn pairs(
    shelf: &Shelf,
    from: &[u8],
    to: &[u8],
    limit: usize,
) -> Result<Vec<(Bytes, Bytes)>, Trouble> {
    shelf.read(|database| {
        use redb::ReadableDatabase;
        let records = database.begin_read()?.open_table(RECORDS)?;
        let mut pairs = Vec::new();
        for pair in records.range::<&[u8]>(from..to)?.take(limit) {
            let (key, value) = pair?;
            pairs
                .push((Bytes::copy_from_slice(key.value()), Bytes::copy_from_slice(value.value())));
        }
        Ok(pairs)
    })
}

/// How batches change `metadata.redb`.
pub(crate) struct Records;

/// A batch, and what keeps its records out of memory until it has been answered: the writer drops
/// it then, and not before, whether or not the caller still waits.
pub(crate) struct Change {
    batch: WriteBatch,
    _writing: Writing,
}

impl Ledger for Records {
    type Change = Change;
    /// The key whose condition failed.
    type Refusal = Vec<u8>;

    const REOPENING: Reopening = Reopening::AfterReading;

    fn found(transaction: &WriteTransaction) -> Result<(), redb::Error> {
        transaction.open_table(RECORDS)?;
        Ok(())
    }

    fn apply(
        transaction: &WriteTransaction,
        changes: &mut dyn Iterator<Item = &Change>,
    ) -> Result<Vec<Result<(), Vec<u8>>>, redb::Error> {
        let mut records = transaction.open_table(RECORDS)?;
        changes
            .map(|Change { batch, .. }| {
                if let Some(key) = broken(&records, &batch.conditions)? {
                    return Ok(Err(key));
                }
                for (key, value) in &batch.puts {
                    records.insert(key.as_slice(), value.as_ref())?;
                }
                for key in &batch.deletes {
                    records.remove(key.as_slice())?;
                }
                Ok(Ok(()))
            })
            .collect()
    }

    fn need(Change { batch, .. }: &Change) -> Need {
        let put: usize =
            batch.puts.iter().map(|(key, value)| key.len().saturating_add(value.len())).sum();
        let frees = !batch.deletes.is_empty() && put <= UPKEEP_PUT_BYTES_MAX;
        if frees || batch.puts.is_empty() { Need::Upkeep } else { Need::Growth }
    }

    fn bytes(Change { batch, .. }: &Change) -> usize {
        let puts = batch.puts.iter().map(|(key, value)| key.len().saturating_add(value.len()));
        puts.chain(batch.deletes.iter().map(Vec::len)).fold(0, usize::saturating_add)
    }
}

/// The first key whose condition does not hold.
fn broken(
    records: &Table<'_, &'static [u8], &'static [u8]>,
    conditions: &[(Vec<u8>, Expect)],
) -> Result<Option<Vec<u8>>, redb::Error> {
    for (key, expect) in conditions {
        let value = records.get(key.as_slice())?;
        if !expect.holds(value.as_ref().map(|value| value.value())) {
            return Ok(Some(key.clone()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(puts: &[usize], deletes: usize) -> Change {
        let mut batch = WriteBatch::default();
        for length in puts {
            batch.put(Vec::new(), vec![0; *length]);
        }
        batch.deletes = vec![b"k".to_vec(); deletes];
        let _writing = Arc::new(Recent::default()).write(&batch);
        Change { batch, _writing }
    }

    #[test]
    fn what_deletes_is_upkeep_unless_it_also_stores_much() {
        assert_eq!(Records::need(&batch(&[], 1)), Need::Upkeep);
        assert_eq!(Records::need(&batch(&[UPKEEP_PUT_BYTES_MAX], 1)), Need::Upkeep);
        assert_eq!(Records::need(&batch(&[UPKEEP_PUT_BYTES_MAX + 1], 1)), Need::Growth);
        assert_eq!(Records::need(&batch(&[1], 0)), Need::Growth);
    }
}
