//! Takes a body in: hashes it, compares it with what was declared, and puts it where it will stay.
//!
//! Memory is bounded: a body passes in batches of [`BATCH_BYTES`], of which a few are hashed on
//! another core and a few wait to be written while the next one arrives. The MD5 takes longest: it
//! begins with the first bytes, before it is known where the body will be written, and nothing but
//! the client keeps bytes from it. Nothing that is taken in is visible: whoever called makes it so,
//! or discards it.

use audit::Guard;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use names::{Checksum, ChecksumAlgorithm, ETag};
use tokio::sync::mpsc;

use crate::digest;
use crate::error::ObjectError;
use crate::objects::Objects;
use crate::ops::Declared;
use crate::ports::{BlobId, BlobWriter, BodyError, IncomingBody, StoreError};
use crate::readers::Pins;
use crate::record::{Body, Segment};
use crate::sums::{Compared, Hashing, Sums};

/// Bodies of at most so many bytes are kept in the object's record.
pub const INLINE_BYTES_MAX: usize = 16 * 1024;

/// How many bytes are hashed and written at a time.
const BATCH_BYTES: usize = 1024 * 1024;
/// How many bytes are waited for before the first are hashed.
const FIRST_BATCH_BYTES: usize = 256 * 1024;
const _: () = assert!(FIRST_BATCH_BYTES > INLINE_BYTES_MAX);
/// How many batches may wait to be written.
const BATCHES_WAITING_MAX: usize = 2;

/// A body that was taken in and is what was declared.
pub(crate) struct Taken {
    pub(crate) size: u64,
    pub(crate) etag: ETag,
    /// Of the algorithm that is kept.
    pub(crate) checksum: Checksum,
    /// What was declared, if of another algorithm.
    pub(crate) declared: Option<Checksum>,
    pub(crate) body: Body,
    /// Keeps the blob from being collected until a record refers to it.
    pub(crate) pins: Pins,
}

/// What a body must be, and what is to be known of it.
pub(crate) struct Wanted<'a> {
    pub(crate) declared: &'a Declared,
    /// The algorithm whose checksum is kept.
    pub(crate) keep: ChecksumAlgorithm,
    pub(crate) bytes_max: u64,
}

/// What the entity tags of new objects and parts are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum EntityTags {
    /// The MD5 of the body, as AWS has it for unencrypted objects.
    #[default]
    Md5,
    /// Random, and written as those of uploads in parts are, so that no client takes it for an MD5:
    /// none is computed. S3 API reference, "Object": "The ETag may or may not be an MD5 digest of
    /// the object data".
    Opaque,
}

/// The algorithm that a request speaks of.
pub(crate) fn algorithm(declared: &Declared) -> Option<ChecksumAlgorithm> {
    let sent = declared.checksum.as_ref().map(Checksum::algorithm);
    sent.or(declared.trailer).or(declared.algorithm)
}

/// A body as it arrives, under the permit's guard.
struct Arriving<'a, S> {
    stream: S,
    guard: &'a Guard,
    declared: Option<u64>,
    received: u64,
    bytes_max: u64,
}

impl<S: Stream<Item = Result<Bytes, BodyError>> + Unpin> Arriving<'_, S> {
    /// Chunks of at least `bytes` together; fewer only at the end, none after it.
    async fn batch(&mut self, bytes: usize) -> Result<Vec<Bytes>, ObjectError> {
        let (mut batch, mut size) = (Vec::new(), 0_usize);
        while size < bytes {
            let chunk = tokio::select! {
                biased;
                cut = self.guard.until_cut() => return Err(cut.into()),
                chunk = self.stream.next() => match chunk {
                    Some(chunk) => chunk?,
                    None => break,
                },
            };
            size = size.saturating_add(chunk.len());
            self.count(chunk.len())?;
            if !chunk.is_empty() {
                batch.push(chunk);
            }
        }
        Ok(batch)
    }

    /// Hands the body over, batch by batch, to be hashed and to be written, until it ends or nobody
    /// writes any more.
    async fn hand_over(
        &mut self,
        first: Vec<Bytes>,
        hashing: &mut Hashing,
        queue: mpsc::Sender<Vec<Bytes>>,
    ) -> Result<(), ObjectError> {
        let mut batch = first;
        while !batch.is_empty() {
            hashing.add(&batch).await?;
            queue.send(batch).await.map_err(|_| StoreError::Unavailable)?;
            batch = tokio::select! {
                biased;
                () = queue.closed() => return Err(StoreError::Unavailable.into()),
                batch = self.batch(BATCH_BYTES) => batch?,
            };
        }
        self.finished()
    }

    fn count(&mut self, bytes: usize) -> Result<(), ObjectError> {
        self.received = self.received.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        match self.declared {
            Some(declared) if self.received > declared => Err(self.wrong_length(declared)),
            _ if self.received > self.bytes_max => {
                Err(ObjectError::TooLarge { max: self.bytes_max })
            }
            _ => Ok(()),
        }
    }

    fn finished(&self) -> Result<(), ObjectError> {
        match self.declared {
            Some(declared) if declared != self.received => Err(self.wrong_length(declared)),
            _ => Ok(()),
        }
    }

    fn wrong_length(&self, declared: u64) -> ObjectError {
        ObjectError::Body(BodyError::Length { declared, received: self.received })
    }
}

impl Objects {
    /// Takes in a body to its very end and compares it with what was declared. If it fails or is
    /// dropped midway, what was written is discarded, by this call or by the collector.
    pub(crate) async fn ingest(
        &self,
        guard: &Guard,
        body: IncomingBody,
        wanted: &Wanted<'_>,
    ) -> Result<Taken, ObjectError> {
        let (declared, bytes_max) = (body.length, wanted.bytes_max);
        if declared.is_some_and(|length| length > bytes_max) {
            return Err(ObjectError::TooLarge { max: bytes_max });
        }
        // The end is asked for once a batch, and a stream need not bear being asked again.
        let stream = body.stream.fuse();
        let mut arriving = Arriving { stream, guard, declared, received: 0, bytes_max };
        let first = arriving.batch(FIRST_BATCH_BYTES).await?;
        let small = first.iter().map(Bytes::len).fold(0, usize::saturating_add) <= INLINE_BYTES_MAX;
        if small {
            arriving.finished()?;
            let mut sums = self.sums(wanted);
            sums.update(&first);
            let size = arriving.received;
            let sums = sums.compared(wanted, &body.trailer)?;
            let body = Body { segments: Vec::new(), inline: joined(&first) };
            return self.taken(sums, size, body, self.readers.pin(Vec::new()));
        }
        let (queue, batches) = mpsc::channel(BATCHES_WAITING_MAX);
        let mut hashing = Hashing::new(self.sums(wanted));
        let (begun, arrived) = tokio::join!(
            self.write_batches(batches),
            arriving.hand_over(first, &mut hashing, queue),
        );
        let Begun { blob, pins, written } = begun?;
        let length = arriving.received;
        let whole = match (written, arrived) {
            (Ok(writer), Ok(())) => finished(blob, length, writer, hashing).await,
            // If it could not be written, that is why the rest was not taken.
            (Err(error), _) | (Ok(_), Err(error)) => Err(error),
        };
        match whole.and_then(|sums| sums.compared(wanted, &body.trailer)) {
            Ok(sums) => {
                let (number, checksum) = (0, Vec::new());
                let segments = vec![Segment { number, blob: Some(blob), length, checksum }];
                self.taken(sums, length, Body { segments, inline: Bytes::new() }, pins)
            }
            Err(error) => {
                self.discard_blob(blob).await;
                Err(error)
            }
        }
    }

    /// Announces a blob and writes what comes, until nothing more does. What was written by then
    /// is not yet synced.
    async fn write_batches(
        &self,
        mut batches: mpsc::Receiver<Vec<Bytes>>,
    ) -> Result<Begun, ObjectError> {
        let (blob, pins) = self.announce_blob().await?;
        let written = async {
            let mut writer = self.blobs.create(blob).await?;
            while let Some(batch) = batches.recv().await {
                for bytes in batch {
                    writer.write(bytes).await?;
                }
            }
            Ok(writer)
        };
        Ok(Begun { blob, pins, written: written.await })
    }

    /// The sums that are computed over a body: an MD5 only where it is asked for or the tag.
    fn sums(&self, wanted: &Wanted<'_>) -> Sums {
        match self.entity_tags {
            EntityTags::Opaque if wanted.declared.md5.is_none() => Sums::without_md5(wanted),
            EntityTags::Md5 | EntityTags::Opaque => Sums::new(wanted),
        }
    }

    fn taken(
        &self,
        sums: Compared,
        size: u64,
        body: Body,
        pins: Pins,
    ) -> Result<Taken, ObjectError> {
        let Compared { md5, kept: checksum, declared } = sums;
        let etag = match (self.entity_tags, md5) {
            (EntityTags::Md5, Some(md5)) => digest::etag(md5)?,
            (EntityTags::Md5 | EntityTags::Opaque, _) => {
                let mut random = [0; 16];
                self.random.fill(&mut random);
                digest::opaque_etag(random)?
            }
        };
        Ok(Taken { size, etag, checksum, declared, body, pins })
    }
}

/// A blob that was announced.
struct Begun {
    blob: BlobId,
    pins: Pins,
    /// Whether everything that came was written.
    written: Result<Box<dyn BlobWriter>, ObjectError>,
}

/// Finishes a blob beside the end of its hashing, both to their ends, so that nothing is left under
/// way in a blob that is discarded.
async fn finished(
    blob: BlobId,
    received: u64,
    writer: Box<dyn BlobWriter>,
    hashing: Hashing,
) -> Result<Sums, ObjectError> {
    let (sums, length) = tokio::join!(hashing.done(), writer.finish());
    let (sums, length) = (sums?, length?);
    if length != received {
        let what = format!("blob {blob} has {length} bytes, not {received}");
        return Err(StoreError::Corrupt { what }.into());
    }
    Ok(sums)
}

/// Reads a small body to its end and compares it with what was declared: the documents that some
/// requests carry. `None`: it has more than `bytes_max` bytes.
///
/// # Errors
/// The body is not what was declared, or did not reach its end.
pub async fn read_whole(
    body: IncomingBody,
    declared: &Declared,
    bytes_max: usize,
) -> Result<Option<Bytes>, ObjectError> {
    let IncomingBody { mut stream, length, trailer } = body;
    let max = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    if length.is_some_and(|length| length > max) {
        return Ok(None);
    }
    let mut whole = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if whole.len().saturating_add(chunk.len()) > bytes_max {
            return Ok(None);
        }
        whole.extend_from_slice(&chunk);
    }
    let whole = whole.freeze();
    let received = u64::try_from(whole.len()).unwrap_or(u64::MAX);
    if let Some(declared) = length.filter(|declared| *declared != received) {
        return Err(ObjectError::Body(BodyError::Length { declared, received }));
    }
    let keep = algorithm(declared).unwrap_or(ChecksumAlgorithm::Crc64Nvme);
    let wanted = Wanted { declared, keep, bytes_max: max };
    let mut sums = Sums::new(&wanted);
    sums.update(std::slice::from_ref(&whole));
    sums.compared(&wanted, &trailer)?;
    Ok(Some(whole))
}

fn joined(batch: &[Bytes]) -> Bytes {
    match batch {
        [only] => Bytes::copy_from_slice(only),
        several => {
            let mut joined = BytesMut::new();
            several.iter().for_each(|bytes| joined.extend_from_slice(bytes));
            joined.freeze()
        }
    }
}
