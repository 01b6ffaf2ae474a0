//! Reading blobs: whole blocks, each verified before any of its bytes is handed on.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use objects::{BlobId, BodyError, ByteStream, StoreError};
use tokio::task::{JoinHandle, spawn_blocking};

use super::blob_format::{
    FOOTER_BYTES, Flaw, HEADER_BYTES, check_blocks, check_footer, check_header, run,
};
use super::disk::{Disk, DiskFile, Open};

/// An open blob whose header and footer hold.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    file: Arc<dyn DiskFile>,
    id: BlobId,
    length: u64,
}

impl Reader {
    /// Opens the file at `path` as the blob `id`. Blocks.
    pub(crate) fn open(disk: &dyn Disk, path: &str, id: BlobId) -> Result<Self, StoreError> {
        let file = disk.open(path, Open::Existing)?;
        let file_bytes = file.length()?;
        let flawed = |flaw: Flaw| corrupt(&id, &flaw);
        let Some(footer_at) = file_bytes.checked_sub(FOOTER_BYTES).filter(|at| *at >= HEADER_BYTES)
        else {
            return Err(flawed(Flaw::Header));
        };
        let mut header = vec![0; size(HEADER_BYTES)];
        file.read_at(0, &mut header)?;
        check_header(&header, &id).map_err(flawed)?;
        let mut footer = vec![0; size(FOOTER_BYTES)];
        file.read_at(footer_at, &mut footer)?;
        let length = check_footer(&footer, &id, file_bytes).map_err(flawed)?;
        Ok(Self { file, id, length })
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Verified bytes from `from` to at most `to`, up to the end of the segment of `from`. Blocks.
    pub(crate) fn read(&self, from: u64, to: u64) -> Result<Bytes, StoreError> {
        let run = run(from, to, self.length);
        let (data_bytes, sums_bytes) = (size(run.bytes), size(run.sums_bytes));
        let mut buffer = vec![0; data_bytes.saturating_add(sums_bytes)];
        if run.at.saturating_add(run.bytes) == run.sums_at {
            self.file.read_at(run.at, &mut buffer)?;
        } else {
            let (data, sums) = buffer.split_at_mut(data_bytes);
            self.file.read_at(run.at, data)?;
            self.file.read_at(run.sums_at, sums)?;
        }
        let (data, sums) = buffer.split_at(data_bytes);
        check_blocks(&self.id, run.first, data, sums).map_err(|flaw| corrupt(&self.id, &flaw))?;
        let skip = size(from.checked_rem(super::blob_format::BLOCK_BYTES).unwrap_or(0));
        let wanted = size(to.saturating_sub(from)).min(data_bytes.saturating_sub(skip));
        Ok(Bytes::from(buffer).slice(skip..skip.saturating_add(wanted)))
    }

    /// Reads the first segment of a range, so that the caller knows at once whether it can be
    /// read. Blocks.
    pub(crate) fn stream_range(self, from: u64, length: u64) -> Result<Range, StoreError> {
        let Some(to) = from.checked_add(length).filter(|to| *to <= self.length) else {
            let what =
                format!("blob {}: bytes {from} + {length} are wanted of {}", self.id, self.length);
            return Err(StoreError::Corrupt { what });
        };
        let first = if length == 0 { None } else { Some(self.read(from, to)?) };
        Ok(Range { reader: self, ready: first, reading: None, from, to })
    }
}

/// A range being read: one segment in hand at most, one being read ahead.
pub(crate) struct Range {
    reader: Reader,
    ready: Option<Bytes>,
    reading: Option<JoinHandle<Result<Bytes, StoreError>>>,
    from: u64,
    to: u64,
}

impl Range {
    pub(crate) fn into_stream(self) -> ByteStream {
        Box::pin(stream::try_unfold(self, |mut range| async move {
            Ok(range.next().await?.map(|bytes| (bytes, range)))
        }))
    }

    async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        let bytes = match (self.ready.take(), self.reading.take()) {
            (Some(bytes), _) => bytes,
            (None, Some(reading)) => reading.await.map_err(|_| StoreError::Unavailable)??,
            (None, None) => return Ok(None),
        };
        self.from = self.from.saturating_add(bytes.len() as u64);
        if self.from < self.to {
            let (reader, from, to) = (self.reader.clone(), self.from, self.to);
            self.reading = Some(spawn_blocking(move || reader.read(from, to)));
        }
        Ok(Some(bytes))
    }
}

pub(crate) fn corrupt(id: &BlobId, flaw: &Flaw) -> StoreError {
    let what = format!("blob {id}: {flaw}");
    tracing::error!(%what, "a blob is damaged");
    StoreError::Corrupt { what }
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
