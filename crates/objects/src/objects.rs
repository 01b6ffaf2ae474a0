//! The store itself: what every operation needs, and the one way in which objects change.

use std::sync::Arc;

use audit::{Absence, Clock, Guard, Random};
use bytes::Bytes;
use identity::{BucketRecord, Identity, Ownership, PublicAccessBlock};
use names::{BucketName, Revision, VersionId};
use tokio::sync::Notify;

use crate::error::ObjectError;
use crate::headers::Headers;
use crate::ingest::EntityTags;
use crate::layout::{self, Incarnation};
use crate::ports::{BlobId, BlobStore, CommitError, Expect, MetadataStore, StoreError, WriteBatch};
use crate::readers::{Pins, Readers};
use crate::record::ObjectRecord;
use crate::turns::Turns;

/// How often a commit is tried again because somebody else changed the same key.
const ATTEMPTS_MAX: usize = 64;

/// Everything in buckets, over a metadata store and a blob store.
///
/// Every operation takes the [`Permit`](audit::Permit) that proves it was decided and recorded, and
/// what it does is what the permit says. A future that is dropped midway leaves the operation done
/// or not done, never half; a blob that it began is discarded by the collector.
pub struct Objects {
    pub(crate) meta: Arc<dyn MetadataStore>,
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) region: String,
    pub(crate) new_buckets: NewBuckets,
    pub(crate) entity_tags: EntityTags,
    pub(crate) readers: Readers,
    headers: Headers,
    pub(crate) turns: Turns,
    pub(crate) collector: crate::collect::Collector,
    pub(crate) unused: Notify,
    pub(crate) removing: crate::bucket::Removals,
}

/// What [`Objects`] are made of.
pub struct ObjectsParts {
    /// Where records are kept.
    pub metadata: Arc<dyn MetadataStore>,
    /// Where bytes are kept.
    pub blobs: Arc<dyn BlobStore>,
    /// Who owns which bucket, and its policy.
    pub identity: Arc<Identity>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub random: Arc<dyn Random>,
    /// The region served, such as `us-east-1`.
    pub region: String,
    /// How buckets begin.
    pub new_buckets: NewBuckets,
    /// What the entity tags of what is stored are.
    pub entity_tags: EntityTags,
}

/// How a bucket begins when its maker does not say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum NewBuckets {
    /// ACLs off and the public shut out: as AWS makes them since April 2023.
    #[default]
    Closed,
    /// ACLs on, writers own what they write, no public-access block: as AWS made them before.
    Open,
}

impl NewBuckets {
    /// The settings of a bucket that so begins.
    pub(crate) fn settings(self) -> (Option<Ownership>, Option<PublicAccessBlock>) {
        match self {
            Self::Closed => (Some(Ownership::BucketOwnerEnforced), Some(PublicAccessBlock::ALL)),
            Self::Open => (None, None),
        }
    }
}

/// Where an object is or will be.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) bucket: &'a BucketName,
    pub(crate) incarnation: Incarnation,
    pub(crate) key: &'a str,
}

impl Place<'_> {
    pub(crate) fn record_key(&self) -> Vec<u8> {
        layout::object(self.incarnation, self.key)
    }
}

/// What becomes of a key: a new record, or none.
pub(crate) type Next = Option<ObjectRecord>;

impl Objects {
    /// The store over these parts. Touches nothing yet.
    #[must_use]
    pub fn new(parts: ObjectsParts) -> Self {
        Self {
            meta: parts.metadata,
            blobs: parts.blobs,
            identity: parts.identity,
            clock: parts.clock,
            random: parts.random,
            region: parts.region,
            new_buckets: parts.new_buckets,
            entity_tags: parts.entity_tags,
            readers: Readers::default(),
            headers: Headers::default(),
            turns: Turns::default(),
            collector: crate::collect::Collector::default(),
            unused: Notify::new(),
            removing: crate::bucket::Removals::default(),
        }
    }

    /// The bucket as the authorization state knows it. One that is being removed is still there:
    /// the removal may yet find that it is not empty. Writes are refused by the tombstone.
    /// One that was made after the permit was decided, at `at`, is another bucket of the name: what
    /// was decided under the old one's policy does not reach it.
    pub(crate) fn bucket(
        &self,
        at: Revision,
        name: &BucketName,
    ) -> Result<Arc<BucketRecord>, ObjectError> {
        let state = self.identity.snapshot();
        let bucket = state.bucket(name).filter(|bucket| bucket.incarnation <= at).cloned();
        bucket.ok_or_else(|| ObjectError::NoSuchBucket(name.clone()))
    }

    pub(crate) fn incarnation(
        &self,
        at: Revision,
        name: &BucketName,
    ) -> Result<Incarnation, ObjectError> {
        self.bucket(at, name).map(|bucket| Incarnation(bucket.incarnation.0))
    }

    /// Where a request's object is.
    pub(crate) fn place<'a>(
        &self,
        at: Revision,
        bucket: &'a BucketName,
        key: &'a names::ObjectKey,
    ) -> Result<Place<'a>, ObjectError> {
        let incarnation = self.incarnation(at, bucket)?;
        Ok(Place { bucket, incarnation, key: key.as_str() })
    }

    /// The object's record as it was read, and what it says.
    pub(crate) async fn record(
        &self,
        place: Place<'_>,
    ) -> Result<Option<(Bytes, ObjectRecord)>, ObjectError> {
        let key = place.record_key();
        let Some(bytes) = self.meta.read(&key).await? else { return Ok(None) };
        let record = self.headers.record(&key, &bytes)?;
        Ok(Some((bytes, record)))
    }

    /// The object's record, with its blobs pinned until they are read.
    pub(crate) async fn pinned(
        &self,
        place: Place<'_>,
        absence: Absence,
    ) -> Result<(ObjectRecord, Pins), ObjectError> {
        let ticket = self.readers.ticket();
        let (_, record) = self.record(place).await?.ok_or_else(|| absent(absence))?;
        let pins = ticket.pin(record.body.blobs());
        Ok((record, pins))
    }

    /// Replaces an object by what `next` makes of the present one, atomically: if somebody else
    /// changed the key meanwhile, `next` is asked again. `batch` adds what belongs to the change.
    /// Blobs that are no longer referred to are recorded for the collector in the same commit.
    pub(crate) async fn replace(
        &self,
        place: Place<'_>,
        guard: &Guard,
        batch: &WriteBatch,
        mut next: impl FnMut(Option<&ObjectRecord>) -> Result<Next, ObjectError>,
    ) -> Result<(), ObjectError> {
        let key = place.record_key();
        let mut turn = None;
        for _ in 0..ATTEMPTS_MAX {
            let seen = self.record(place).await?;
            let (bytes, present) = seen.map_or((None, None), |(b, r)| (Some(b), Some(r)));
            let record = next(present.as_ref())?;
            if record.is_none() && present.is_none() {
                return Ok(());
            }
            let mut batch = batch.clone();
            batch.expect(layout::tombstone(place.incarnation), Expect::Absent);
            batch.expect(key.clone(), Expect::unchanged(bytes.as_ref()));
            let kept: Vec<BlobId> = record.iter().flat_map(|record| record.body.blobs()).collect();
            let mut unused = false;
            for blob in present.iter().flat_map(|present| present.body.blobs()) {
                if !kept.contains(&blob) {
                    batch.put(layout::pending(&blob), crate::collect::marker());
                    unused = true;
                }
            }
            match &record {
                Some(record) => batch.put(key.clone(), record.encode()?),
                None => batch.delete(key.clone()),
            }
            match self.commit(guard, batch).await? {
                Commit::Done => {
                    if unused {
                        self.unused.notify_one();
                    }
                    return Ok(());
                }
                Commit::Conflict(at) if at == key => {
                    if turn.is_none() {
                        turn = self.turns.wait(&key).await;
                    }
                }
                Commit::Conflict(at) => return Err(self.lost(place, &at)),
            }
        }
        Err(ObjectError::Contended)
    }

    /// What it means that a commit lost against somebody else at this key.
    pub(crate) fn lost(&self, place: Place<'_>, at: &[u8]) -> ObjectError {
        if at != layout::tombstone(place.incarnation) {
            return ObjectError::Changed;
        }
        let bucket = place.bucket.clone();
        match self.incarnation(self.identity.revision(), &bucket) {
            Ok(present) if present == place.incarnation => ObjectError::BucketBusy(bucket),
            _ => ObjectError::NoSuchBucket(bucket),
        }
    }

    /// Commits inside the guard. The commit goes on even if the caller is dropped midway, and a
    /// revocation waits for it: what is acknowledged as revoked writes nothing afterwards.
    pub(crate) async fn commit(
        &self,
        guard: &Guard,
        batch: WriteBatch,
    ) -> Result<Commit, ObjectError> {
        let inside = guard.enter()?;
        let meta = Arc::clone(&self.meta);
        let commit = tokio::spawn(async move {
            let result = meta.commit(batch).await;
            drop(inside);
            result
        });
        Commit::from(commit.await.map_err(|_| StoreError::Unavailable)?)
    }

    /// Draws a blob's id and records that it is being written.
    pub(crate) async fn announce_blob(&self) -> Result<(BlobId, Pins), ObjectError> {
        let mut random = [0; 16];
        self.random.fill(&mut random);
        let blob = BlobId::from_random(random);
        let pins = self.readers.pin(vec![blob]);
        let mut batch = WriteBatch::default();
        batch.expect(layout::intent(&blob), Expect::Absent);
        batch.put(layout::intent(&blob), crate::collect::marker());
        match Commit::from(self.meta.commit(batch).await)? {
            Commit::Done => Ok((blob, pins)),
            Commit::Conflict(_) => Err(ObjectError::Changed),
        }
    }

    /// Removes a blob that was announced and that nothing refers to. If that fails the intent
    /// stays, and the collector removes both.
    pub(crate) async fn discard_blob(&self, blob: BlobId) {
        let mut batch = WriteBatch::default();
        batch.delete(layout::intent(&blob));
        let gone = self.blobs.delete(&blob).await.is_ok();
        if !gone || self.meta.commit(batch).await.is_err() {
            tracing::debug!(%blob, "an abandoned blob is left to the collector");
        }
    }
}

/// Adds to a commit that it makes these blobs part of something: their intents go, and must still
/// be there.
pub(crate) fn adopt(batch: &mut WriteBatch, blobs: impl Iterator<Item = BlobId>) {
    for blob in blobs {
        batch.expect(layout::intent(&blob), Expect::Present);
        batch.delete(layout::intent(&blob));
    }
}

/// How a commit ended.
pub(crate) enum Commit {
    Done,
    /// This key's condition did not hold.
    Conflict(Vec<u8>),
}

impl Commit {
    fn from(result: Result<(), CommitError>) -> Result<Self, ObjectError> {
        match result {
            Ok(()) => Ok(Self::Done),
            Err(CommitError::Conflict(key)) => Ok(Self::Conflict(key)),
            Err(CommitError::Store(error)) => Err(error.into()),
        }
    }
}

/// What a caller is told about an object that does not exist.
pub(crate) fn absent(absence: Absence) -> ObjectError {
    match absence {
        Absence::Reveal => ObjectError::NoSuchKey,
        Absence::Hide => ObjectError::Hidden,
    }
}

/// Refuses all versions but `null`, the only one that an unversioned bucket has.
pub(crate) fn only_null(version: Option<&VersionId>) -> Result<(), ObjectError> {
    match version {
        Some(version) if *version != VersionId::null() => Err(ObjectError::NoSuchVersion),
        _ => Ok(()),
    }
}
