//! Writing objects: PutObject, DeleteObject, DeleteObjects, and tags.

use std::sync::Arc;

use audit::{Batch, Permit};
use futures_util::{StreamExt as _, stream};
use names::{ChecksumAlgorithm, ChecksumKind, ETag, Revision};

use crate::conditions::WriteCondition;
use crate::error::ObjectError;
use crate::ingest::{Taken, Wanted, algorithm};
use crate::objects::{Objects, Place, absent, adopt, only_null};
use crate::ops::{
    DeleteObject, DeleteObjectTagging, GetObjectTagging, ObjectName, PutObject, PutObjectTagging,
};
use crate::ports::{IncomingBody, WriteBatch};
use crate::read::StoredChecksum;
use crate::record::{ObjectHeader, ObjectRecord};
use crate::tags::TagSet;

/// Most bytes of an object that is put or copied in one request (S3 user guide, "Uploading
/// objects"): 5 GiB.
pub const PUT_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;

/// The algorithm whose checksum is kept where none is asked for (S3 user guide, "Checking object
/// integrity").
pub(crate) const DEFAULT_ALGORITHM: ChecksumAlgorithm = ChecksumAlgorithm::Crc64Nvme;

/// How many items of a multi-delete are under way at the same time.
const DELETES_AT_ONCE: usize = 32;

/// What was stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// Its entity tag.
    pub etag: ETag,
    /// Its checksum.
    pub checksum: StoredChecksum,
    /// How many bytes it has.
    pub size: u64,
}

impl Stored {
    pub(crate) fn of(record: &ObjectRecord) -> Self {
        let header = &record.header;
        let checksum = StoredChecksum::of(record);
        Self { etag: header.etag.clone(), checksum, size: header.size }
    }
}

/// Judges a write's precondition against the present object.
pub(crate) fn judge(
    condition: &WriteCondition,
    present: Option<&ObjectRecord>,
) -> Result<(), ObjectError> {
    match (condition, present) {
        (WriteCondition::Always, _) | (WriteCondition::Free, None) => Ok(()),
        (WriteCondition::Free, Some(_)) => Err(ObjectError::PreconditionFailed("If-None-Match")),
        (WriteCondition::Matches(_), None) => Err(ObjectError::NoSuchKey),
        (WriteCondition::Matches(tags), Some(present)) => {
            if tags.matches(&present.header.etag) {
                Ok(())
            } else {
                Err(ObjectError::PreconditionFailed("If-Match"))
            }
        }
    }
}

impl Objects {
    /// Stores an object. Nothing is visible before the body has ended and is what was declared.
    ///
    /// # Errors
    /// The bucket does not exist, the body is not what was declared, the precondition does not
    /// hold, or the store is full.
    pub async fn put_object(
        &self,
        permit: Permit<PutObject>,
        body: IncomingBody,
    ) -> Result<Stored, ObjectError> {
        let op = permit.op();
        let guard = permit.guard();
        let place = self.place(permit.revision(), &op.bucket, &op.key)?;
        let kept = self.kept(&permit, &op.bucket, op.acl.as_ref())?;
        if op.condition != WriteCondition::Always {
            // Not the decision, which falls in the commit: it only spares a hopeless upload.
            let present = self.record(place).await?;
            judge(&op.condition, present.as_ref().map(|(_, record)| record))?;
        }
        let keep = algorithm(&op.declared).unwrap_or(DEFAULT_ALGORITHM);
        let wanted = Wanted { declared: &op.declared, keep, bytes_max: PUT_BYTES_MAX };
        let taken = self.ingest(&guard, body, &wanted).await?;
        let header = |taken: &Taken| -> Result<ObjectHeader, ObjectError> {
            Ok(ObjectHeader {
                size: taken.size,
                etag: taken.etag.clone(),
                modified: self.clock.now(),
                headers: op.headers.clone(),
                metadata: op.metadata.clone(),
                tags: op.tags.clone().unwrap_or_default(),
                checksum: taken.checksum.clone(),
                kind: ChecksumKind::FullObject,
                owner: kept.owner,
                acl: kept.acl.clone(),
                upload: None,
            })
        };
        let header = header(&taken)?;
        self.place_taken(place, &guard, taken, (header, &op.condition)).await
    }

    /// Makes a body that was taken in the object's, or discards it.
    pub(crate) async fn place_taken(
        &self,
        place: Place<'_>,
        guard: &audit::Guard,
        taken: Taken,
        (header, condition): (ObjectHeader, &WriteCondition),
    ) -> Result<Stored, ObjectError> {
        let Taken { body, pins, .. } = taken;
        let record = ObjectRecord { header: Arc::new(header), body };
        let mut batch = WriteBatch::default();
        adopt(&mut batch, record.body.blobs());
        let placed = self
            .replace(place, guard, &batch, |present| {
                judge(condition, present)?;
                let mut record = record.clone();
                Arc::make_mut(&mut record.header).modified = self.clock.now();
                Ok(Some(record))
            })
            .await;
        match placed {
            Ok(()) => Ok(Stored::of(&record)),
            // The store's own failures leave it open whether the commit happened.
            Err(error @ ObjectError::Store(_)) => Err(error),
            Err(error) => {
                for blob in record.body.blobs() {
                    self.discard_blob(blob).await;
                }
                drop(pins);
                Err(error)
            }
        }
    }

    /// Removes an object; that it does not exist is no error.
    ///
    /// # Errors
    /// The bucket does not exist or the precondition does not hold.
    pub async fn delete_object(&self, permit: Permit<DeleteObject>) -> Result<(), ObjectError> {
        self.delete(permit.revision(), permit.op(), &permit.guard()).await
    }

    /// Removes the allowed objects of a batch. Answers for each allowed item, by its place in the
    /// request; items that were refused are the batch's to report.
    pub async fn delete_objects(
        &self,
        batch: Batch<DeleteObject>,
    ) -> Vec<(usize, Result<(), ObjectError>)> {
        let (guard, at) = (batch.guard(), batch.revision());
        let items = batch.into_allowed();
        // Each future owns its item: borrowed items would make this future not `Send`.
        let deletes = items.into_iter().map(|(place, op)| {
            let guard = guard.clone();
            async move { (place, self.delete(at, &op, &guard).await) }
        });
        stream::iter(deletes).buffered(DELETES_AT_ONCE).collect().await
    }

    async fn delete(
        &self,
        at: Revision,
        op: &DeleteObject,
        guard: &audit::Guard,
    ) -> Result<(), ObjectError> {
        let place = self.place(at, &op.name.bucket, &op.name.key)?;
        only_null(op.name.version.as_ref())?;
        let bucket = self.bucket(at, &op.name.bucket)?;
        self.replace(place, guard, &WriteBatch::default(), |present| {
            op.name.unchanged(present, &bucket)?;
            let matches = |tags: &crate::EtagMatch| {
                present.is_some_and(|present| tags.matches(&present.header.etag))
            };
            match &op.if_match {
                Some(tags) if !matches(tags) => Err(ObjectError::PreconditionFailed("If-Match")),
                _ => Ok(None),
            }
        })
        .await
    }

    /// An object's tags; an object without any has the empty set.
    ///
    /// # Errors
    /// The object does not exist.
    pub async fn get_object_tagging(
        &self,
        permit: Permit<GetObjectTagging>,
    ) -> Result<TagSet, ObjectError> {
        let name = &permit.op().name;
        let place = self.place(permit.revision(), &name.bucket, &name.key)?;
        only_null(name.version.as_ref())?;
        let record = self.record(place).await?;
        let (_, record) = record.ok_or_else(|| absent(permit.absence()))?;
        name.unchanged(Some(&record), &*self.bucket(permit.revision(), &name.bucket)?)?;
        Ok(record.header.tags.clone())
    }

    /// Replaces an object's tags. When it was modified stays as it is.
    ///
    /// # Errors
    /// The object does not exist.
    pub async fn put_object_tagging(
        &self,
        permit: Permit<PutObjectTagging>,
    ) -> Result<(), ObjectError> {
        let op = permit.op();
        self.set_tags(&permit, &op.name, &op.tags).await
    }

    /// Removes an object's tags.
    ///
    /// # Errors
    /// The object does not exist.
    pub async fn delete_object_tagging(
        &self,
        permit: Permit<DeleteObjectTagging>,
    ) -> Result<(), ObjectError> {
        self.set_tags(&permit, &permit.op().name, &TagSet::default()).await
    }

    async fn set_tags<Op>(
        &self,
        permit: &Permit<Op>,
        name: &ObjectName,
        tags: &TagSet,
    ) -> Result<(), ObjectError> {
        let place = self.place(permit.revision(), &name.bucket, &name.key)?;
        only_null(name.version.as_ref())?;
        let bucket = self.bucket(permit.revision(), &name.bucket)?;
        self.replace(place, &permit.guard(), &WriteBatch::default(), |present| {
            let mut record = present.cloned().ok_or_else(|| absent(permit.absence()))?;
            name.unchanged(Some(&record), &bucket)?;
            Arc::make_mut(&mut record.header).tags = tags.clone();
            Ok(Some(record))
        })
        .await
    }
}
