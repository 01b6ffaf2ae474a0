//! What objects are kept in: an ordered, transactional metadata store and a store of immutable
//! blobs. Adapters live in `store`; the contract suite lives in `testkit`.

use std::fmt;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use names::Checksum;

/// An ordered map from byte strings to byte strings, written in atomic conditional batches.
///
/// All methods may be called concurrently. A future that is dropped midway leaves a batch either
/// wholly applied or not at all.
#[async_trait]
pub trait MetadataStore: Send + Sync + 'static {
    /// The value of `key`. Reflects every commit that was acknowledged before the call.
    ///
    /// # Errors
    /// The store cannot be read, or what it holds is corrupt; may be retried.
    async fn read(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError>;

    /// Pairs in ascending order of keys, from `from` (inclusive) to before `to`, at most `limit`:
    /// one consistent view, which reflects every commit acknowledged before the call.
    ///
    /// # Errors
    /// As [`MetadataStore::read`].
    async fn range(
        &self,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError>;

    /// Applies the batch if every condition holds, else changes nothing. `Ok` means that the batch
    /// survives a loss of power. A key is named by at most one put or delete of a batch.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] names a key whose condition does not hold: nothing was changed.
    /// After any other error the batch may or may not have been applied.
    async fn commit(&self, batch: WriteBatch) -> Result<(), CommitError>;
}

/// What one commit does, and what must be true for it to happen.
#[derive(Clone, Debug, Default)]
pub struct WriteBatch {
    /// What must hold when the batch is applied.
    pub conditions: Vec<(Vec<u8>, Expect)>,
    /// Keys to be set.
    pub puts: Vec<(Vec<u8>, Bytes)>,
    /// Keys to be removed; a key that is absent already is no error.
    pub deletes: Vec<Vec<u8>>,
}

impl WriteBatch {
    /// Adds a condition.
    pub fn expect(&mut self, key: Vec<u8>, expect: Expect) {
        self.conditions.push((key, expect));
    }

    /// Sets a key.
    pub fn put(&mut self, key: Vec<u8>, value: impl Into<Bytes>) {
        self.puts.push((key, value.into()));
    }

    /// Removes a key.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.deletes.push(key);
    }
}

/// What a key must be when a batch is applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expect {
    /// The key has no value.
    Absent,
    /// The key has some value.
    Present,
    /// The key has exactly this value.
    Equals(Bytes),
}

impl Expect {
    /// That the key still is what it was when it was read.
    #[must_use]
    pub fn unchanged(seen: Option<&Bytes>) -> Self {
        seen.map_or(Self::Absent, |bytes| Self::Equals(bytes.clone()))
    }

    /// Whether a key with this value meets the expectation.
    ///
    /// ```
    /// use strongroom_objects::Expect;
    /// assert!(Expect::Absent.holds(None) && !Expect::Absent.holds(Some(b"")));
    /// assert!(Expect::Present.holds(Some(b"")) && !Expect::Present.holds(None));
    /// assert!(Expect::Equals("a".into()).holds(Some(b"a")));
    /// assert!(!Expect::Equals("a".into()).holds(Some(b"b")));
    /// ```
    #[must_use]
    pub fn holds(&self, value: Option<&[u8]>) -> bool {
        match (self, value) {
            (Self::Absent, None) | (Self::Present, Some(_)) => true,
            (Self::Equals(wanted), Some(value)) => wanted == value,
            _ => false,
        }
    }
}

/// Immutable byte strings under ids that the caller draws. An id is used once and never again.
#[async_trait]
pub trait BlobStore: Send + Sync + 'static {
    /// Begins a blob under a new id. Nothing is visible before [`BlobWriter::finish`].
    ///
    /// # Errors
    /// The store is full or cannot be written.
    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>, StoreError>;

    /// `length` bytes from `from` on. Each block's checksum is verified before any of it is
    /// yielded; a stream that ends early ends with an error. A stream that was opened stays
    /// readable only until its blob is deleted.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Corrupt`] (also when the range reaches past the
    /// blob's end), or the store cannot be read.
    async fn read(&self, id: &BlobId, from: u64, length: u64) -> Result<ByteStream, StoreError>;

    /// Removes a blob; one that is absent is removed already.
    ///
    /// # Errors
    /// The store cannot be written; may be retried.
    async fn delete(&self, id: &BlobId) -> Result<(), StoreError>;

    /// Ids of finished blobs in ascending order, after `after`, at most `limit`.
    ///
    /// # Errors
    /// The store cannot be read; may be retried.
    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>, StoreError>;
}

/// A blob being written. Dropped before it is finished, it leaves nothing visible.
#[async_trait]
pub trait BlobWriter: Send {
    /// Appends bytes.
    ///
    /// # Errors
    /// The store is full or cannot be written; the blob must then be dropped.
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError>;

    /// Makes the blob visible and returns its length. `Ok` means that bytes and name survive a
    /// loss of power (file → fsync → rename → fsync of the directory).
    ///
    /// # Errors
    /// The store is full or cannot be written; the blob may or may not exist.
    async fn finish(self: Box<Self>) -> Result<u64, StoreError>;
}

/// Names a blob: 128 random bits, written as 32 hexadecimal digits.
///
/// ```
/// use strongroom_objects::BlobId;
/// let id = BlobId::from_random([0xab; 16]);
/// assert_eq!(id.to_string().parse::<BlobId>().unwrap(), id);
/// assert!("../../etc/passwd".parse::<BlobId>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobId([u8; 16]);

/// The text is not 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a blob id: 32 lower-case hexadecimal digits are needed")]
pub struct BadBlobId(String);

impl BlobId {
    /// An id from sixteen random bytes.
    #[must_use]
    pub const fn from_random(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// The sixteen bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobId({self})")
    }
}

impl FromStr for BlobId {
    type Err = BadBlobId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadBlobId(text.to_owned());
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(bad());
        }
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| bad())?;
        Ok(Self(bytes))
    }
}

/// Bytes on their way. After an error nothing more is yielded, and what was yielded is void.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>;

/// A request's body. The end of the stream means that all that was signed about it is verified,
/// trailers included; a checksum that arrives as a trailer is in the slot by then.
pub struct IncomingBody {
    /// The decoded bytes.
    pub stream: ByteStream,
    /// How many bytes there will be, where the request says so; more or fewer end in an error.
    pub length: Option<u64>,
    /// Where the trailer's checksum arrives.
    pub trailer: TrailerSlot,
}

impl IncomingBody {
    /// A body held in memory, without a trailer.
    #[must_use]
    pub fn whole(bytes: Bytes) -> Self {
        let length = u64::try_from(bytes.len()).ok();
        let stream = Box::pin(futures_util::stream::iter([Ok(bytes)]));
        Self { stream, length, trailer: TrailerSlot::default() }
    }
}

/// Carries the checksum of a trailer from the reader of the wire to the one who compares it.
///
/// ```
/// use names::{Checksum, ChecksumAlgorithm};
/// use strongroom_objects::TrailerSlot;
/// let slot = TrailerSlot::default();
/// let wire = slot.clone();
/// wire.declare(Checksum::parse(ChecksumAlgorithm::Crc32, "y/Q5Jg==").unwrap());
/// assert!(slot.declared().is_some());
/// ```
#[derive(Clone, Debug, Default)]
pub struct TrailerSlot(Arc<OnceLock<Checksum>>);

impl TrailerSlot {
    /// Declares the checksum; of several, the first counts.
    pub fn declare(&self, checksum: Checksum) {
        let _ = self.0.set(checksum);
    }

    /// What was declared.
    #[must_use]
    pub fn declared(&self) -> Option<&Checksum> {
        self.0.get()
    }
}

/// Why a body did not reach its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// What authorised the transfer was revoked: the connection is reset, never ended cleanly.
    #[error("the transfer was {0}: what authorised it was revoked")]
    Cut(#[from] audit::Cut),
    /// The body has another length than the request declared.
    #[error("the body ended after {received} bytes where {declared} were declared")]
    Length {
        /// How many bytes were declared.
        declared: u64,
        /// How many arrived before the end, or before the body was known to be too long.
        received: u64,
    },
    /// The body is shorter than was allowed.
    #[error("the body is shorter than {min} bytes")]
    TooShort {
        /// How many bytes it must have.
        min: u64,
    },
    /// The body is longer than was allowed.
    #[error("the body is longer than {max} bytes")]
    TooLong {
        /// How many bytes it may have.
        max: u64,
    },
    /// A chunk's signature, the trailer's signature or the payload's hash does not hold.
    #[error("the body is not what was signed: {0}")]
    Unproven(BodyProof),
    /// The framing of chunks is malformed.
    #[error("the body's framing is malformed")]
    Malformed,
    /// The trailers are not those that were announced.
    #[error("the body's trailers are not those that were announced")]
    Trailers,
    /// The peer went away or was too slow.
    #[error("the peer's connection failed")]
    Connection(#[source] std::io::Error),
    /// The store failed.
    #[error("the store failed while the body was read")]
    Store(#[from] StoreError),
}

/// Which proof about a body failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BodyProof {
    /// A chunk's signature.
    #[error("a chunk's signature does not match")]
    ChunkSignature,
    /// The trailer's signature.
    #[error("the trailer's signature does not match")]
    TrailerSignature,
    /// `x-amz-content-sha256`.
    #[error("the payload's hash does not match")]
    PayloadHash,
}

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No room: nothing was written. Reads and deletes go on.
    #[error("the store is full")]
    Full,
    /// What was read is not what was written.
    #[error("the store is corrupt: {what}")]
    Corrupt {
        /// What is damaged, for the operator.
        what: String,
    },
    /// There is no such blob.
    #[error("there is no such blob")]
    NotFound,
    /// The store is closed or cannot be reached; may be retried.
    #[error("the store is unavailable")]
    Unavailable,
    /// Input or output failed.
    #[error("the store's disk failed")]
    Io(#[source] Arc<std::io::Error>),
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            std::io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Io(Arc::new(error)),
        }
    }
}

/// Why a batch was not committed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// This key's condition does not hold; nothing was changed.
    #[error("a condition of the commit does not hold")]
    Conflict(Vec<u8>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
