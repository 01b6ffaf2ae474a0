//! Takes a body in: hashes it, compares it with what was declared, and puts it where it will stay.
//!
//! Memory is bounded: a body passes in batches of [`BATCH_BYTES`]. While one batch is written, it
//! is hashed on other cores and the next one arrives. Nothing that is taken in is visible: whoever
//! called makes it so, or discards it.

use audit::Guard;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use md5::{Digest as _, Md5};
use names::{Checksum, ChecksumAlgorithm};
use tokio::task::JoinHandle;

use crate::digest::Sum;
use crate::error::ObjectError;
use crate::objects::Objects;
use crate::ops::Declared;
use crate::ports::{BlobId, BlobWriter, BodyError, IncomingBody, StoreError, TrailerSlot};
use crate::readers::Pins;
use crate::record::{Body, Segment};

/// Bodies of at most so many bytes are kept in the object's record.
pub const INLINE_BYTES_MAX: usize = 16 * 1024;

/// How many bytes are hashed and written at a time.
const BATCH_BYTES: usize = 1024 * 1024;

/// A body that was taken in and is what was declared.
pub(crate) struct Taken {
    pub(crate) size: u64,
    pub(crate) md5: [u8; 16],
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

/// The algorithm that a request speaks of.
pub(crate) fn algorithm(declared: &Declared) -> Option<ChecksumAlgorithm> {
    let sent = declared.checksum.as_ref().map(Checksum::algorithm);
    sent.or(declared.trailer).or(declared.algorithm)
}

/// What is computed over a body: the MD5 on one core, everything else on another.
struct Sums {
    md5: Md5,
    /// The one that is kept, and the declared one if it is of another algorithm.
    others: Others,
}

struct Others {
    kept: Sum,
    declared: Option<Sum>,
}

/// The sums of a batch that is being hashed beside us.
enum Hashing {
    Idle(Box<Sums>),
    Busy(JoinHandle<Md5>, JoinHandle<Others>),
}

impl Others {
    fn update(&mut self, batch: &[Bytes]) {
        for bytes in batch {
            self.kept.update(bytes);
            if let Some(declared) = &mut self.declared {
                declared.update(bytes);
            }
        }
    }
}

impl Sums {
    fn new(wanted: &Wanted<'_>) -> Self {
        let declared = algorithm(wanted.declared).filter(|sent| *sent != wanted.keep);
        let others = Others { kept: Sum::new(wanted.keep), declared: declared.map(Sum::new) };
        Self { md5: Md5::new(), others }
    }

    fn update(&mut self, batch: &[Bytes]) {
        batch.iter().for_each(|bytes| self.md5.update(bytes));
        self.others.update(batch);
    }
}

impl Hashing {
    /// Begins to hash a batch once the one before is done.
    async fn add(self, batch: Vec<Bytes>) -> Result<Self, StoreError> {
        let Sums { mut md5, mut others } = *self.done().await?;
        let again = batch.clone();
        let md5 = tokio::task::spawn_blocking(move || {
            batch.iter().for_each(|bytes| md5.update(bytes));
            md5
        });
        let others = tokio::task::spawn_blocking(move || {
            others.update(&again);
            others
        });
        Ok(Self::Busy(md5, others))
    }

    async fn done(self) -> Result<Box<Sums>, StoreError> {
        match self {
            Self::Idle(sums) => Ok(sums),
            Self::Busy(md5, others) => {
                let done = tokio::try_join!(md5, others);
                done.map(|(md5, others)| Box::new(Sums { md5, others }))
                    .map_err(|_| StoreError::Unavailable)
            }
        }
    }
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
    /// Chunks of at least [`BATCH_BYTES`] together; fewer only at the end, none after it.
    async fn batch(&mut self) -> Result<Vec<Bytes>, ObjectError> {
        let (mut batch, mut size) = (Vec::new(), 0_usize);
        while size < BATCH_BYTES {
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
        let first = arriving.batch().await?;
        let small = first.iter().map(Bytes::len).fold(0, usize::saturating_add) <= INLINE_BYTES_MAX;
        if small {
            arriving.finished()?;
            let mut sums = Sums::new(wanted);
            sums.update(&first);
            let size = arriving.received;
            let sums = sums.compared(wanted, &body.trailer)?;
            let body = Body { segments: Vec::new(), inline: joined(&first) };
            return Ok(sums.taken(size, body, self.readers.pin(Vec::new())));
        }
        let (blob, pins) = self.announce_blob().await?;
        let written = self.write_blob(blob, first, &mut arriving, wanted).await;
        let written = written.and_then(|sums| {
            arriving.finished()?;
            sums.compared(wanted, &body.trailer)
        });
        match written {
            Ok(sums) => {
                let (number, length, checksum) = (0, arriving.received, Vec::new());
                let segments = vec![Segment { number, blob: Some(blob), length, checksum }];
                Ok(sums.taken(length, Body { segments, inline: Bytes::new() }, pins))
            }
            Err(error) => {
                self.discard_blob(blob).await;
                Err(error)
            }
        }
    }

    /// Writes and hashes the body, batch by batch.
    async fn write_blob<S: Stream<Item = Result<Bytes, BodyError>> + Unpin>(
        &self,
        blob: BlobId,
        first: Vec<Bytes>,
        arriving: &mut Arriving<'_, S>,
        wanted: &Wanted<'_>,
    ) -> Result<Sums, ObjectError> {
        let mut writer: Box<dyn BlobWriter> = self.blobs.create(blob).await?;
        let mut hashing = Hashing::Idle(Box::new(Sums::new(wanted)));
        let mut batch = first;
        while !batch.is_empty() {
            hashing = hashing.add(batch.clone()).await?;
            let write = async {
                for bytes in batch {
                    writer.write(bytes).await?;
                }
                Ok::<_, ObjectError>(())
            };
            ((), batch) = tokio::try_join!(write, arriving.batch())?;
        }
        let sums = *hashing.done().await?;
        let length = writer.finish().await?;
        if length != arriving.received {
            let what = format!("blob {blob} has {length} bytes, not {}", arriving.received);
            return Err(StoreError::Corrupt { what }.into());
        }
        Ok(sums)
    }
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

/// What was computed, compared with what was declared.
struct Compared {
    md5: [u8; 16],
    kept: Checksum,
    declared: Option<Checksum>,
}

impl Sums {
    fn compared(self, wanted: &Wanted<'_>, trailer: &TrailerSlot) -> Result<Compared, ObjectError> {
        let md5: [u8; 16] = self.md5.finalize().into();
        if wanted.declared.md5.is_some_and(|declared| declared != md5) {
            return Err(ObjectError::Md5Mismatch);
        }
        let kept = self.others.kept.finish()?;
        let other = self.others.declared.map(Sum::finish).transpose()?;
        let computed = other.as_ref().unwrap_or(&kept);
        if let Some(algorithm) = wanted.declared.trailer
            && trailer.declared().is_none_or(|sent| sent.algorithm() != algorithm)
        {
            return Err(ObjectError::TrailerMissing(algorithm));
        }
        for sent in [wanted.declared.checksum.as_ref(), trailer.declared()].into_iter().flatten() {
            if sent != computed {
                return Err(ObjectError::ChecksumMismatch(sent.algorithm()));
            }
        }
        Ok(Compared { md5, kept, declared: other })
    }
}

impl Compared {
    fn taken(self, size: u64, body: Body, pins: Pins) -> Taken {
        let Self { md5, kept: checksum, declared } = self;
        Taken { size, md5, checksum, declared, body, pins }
    }
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
