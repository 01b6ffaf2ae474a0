//! Copying: CopyObject, and the source of UploadPartCopy.

use audit::{Absence, Guard, Permit};
use names::{ChecksumAlgorithm, ChecksumKind, Revision, Timestamp};

use crate::conditions::{ByteRange, ReadConditions, ReadVerdict, Span};
use crate::error::ObjectError;
use crate::ingest::Wanted;
use crate::objects::{Objects, only_null};
use crate::ops::{CopyMetadata, CopyObject, CopyTags, Declared, ObjectName, SourceTags};
use crate::ports::{IncomingBody, TrailerSlot};
use crate::read::whole;
use crate::readers::Pins;
use crate::record::{ObjectHeader, ObjectRecord};
use crate::write::{PUT_BYTES_MAX, Stored};

/// What a copy made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Copied {
    /// What was stored.
    pub stored: Stored,
    /// When.
    pub modified: Timestamp,
}

/// A copy's source, with its blobs pinned.
pub(crate) struct Source {
    pub(crate) record: ObjectRecord,
    pins: Pins,
}

impl Objects {
    /// Copies an object. The copy is a plain object, whatever the source was uploaded as; its bytes
    /// are read, verified and hashed anew.
    ///
    /// # Errors
    /// The source does not exist or its preconditions do not hold, it is too large, it is copied to
    /// itself unchanged, or its tags are not what the copy was decided on.
    pub async fn copy_object(&self, permit: Permit<CopyObject>) -> Result<Copied, ObjectError> {
        let op = permit.op();
        let guard = permit.guard();
        let place = self.place(permit.revision(), &op.bucket, &op.key)?;
        let kept = self.kept(&permit, &op.bucket, op.acl.as_ref())?;
        let conditions = &op.source_conditions;
        let source =
            self.source(permit.revision(), &op.source, conditions, permit.absence()).await?;
        let itself = op.source.bucket == op.bucket && op.source.key == op.key;
        if itself && op.metadata == CopyMetadata::Copy && op.algorithm.is_none() {
            return Err(ObjectError::CopyToItself);
        }
        let from = &source.record.header;
        let size = from.size;
        if size > PUT_BYTES_MAX {
            return Err(ObjectError::CopyTooLarge { max: PUT_BYTES_MAX });
        }
        let (headers, metadata) = match &op.metadata {
            CopyMetadata::Copy => (from.headers.clone(), from.metadata.clone()),
            CopyMetadata::Replace(headers, metadata) => (headers.clone(), metadata.clone()),
        };
        let tags = match &op.tags {
            CopyTags::Copy(SourceTags::None) if !from.tags.is_empty() => {
                return Err(ObjectError::Changed);
            }
            CopyTags::Copy(_) => from.tags.clone(),
            CopyTags::Replace(tags) => tags.clone(),
        };
        let keep = op.algorithm.unwrap_or(from.checksum.algorithm());
        let taken = self.ingest_copy(&guard, source, whole(size), keep).await?;
        let modified = self.clock.now();
        let header = ObjectHeader {
            size: taken.size,
            etag: taken.etag.clone(),
            modified,
            headers,
            metadata,
            tags,
            checksum: taken.checksum.clone(),
            kind: ChecksumKind::FullObject,
            owner: kept.owner,
            acl: kept.acl,
            upload: None,
        };
        let stored = self.place_taken(place, &guard, taken, (header, &op.condition)).await?;
        Ok(Copied { stored, modified })
    }

    /// A copy's source, if the preconditions on it hold. One that says "not modified" fails here.
    pub(crate) async fn source(
        &self,
        at: Revision,
        name: &ObjectName,
        conditions: &ReadConditions,
        absence: Absence,
    ) -> Result<Source, ObjectError> {
        let place = self.place(at, &name.bucket, &name.key)?;
        only_null(name.version.as_ref())?;
        let (record, pins) = self.pinned(place, absence).await?;
        name.unchanged(Some(&record), &*self.bucket(at, &name.bucket)?)?;
        match conditions.judge(&record.header.etag, record.header.modified) {
            ReadVerdict::Proceed => Ok(Source { record, pins }),
            ReadVerdict::NotModified if conditions.if_none_match.is_some() => {
                Err(ObjectError::PreconditionFailed("x-amz-copy-source-If-None-Match"))
            }
            ReadVerdict::NotModified => {
                Err(ObjectError::PreconditionFailed("x-amz-copy-source-If-Modified-Since"))
            }
            ReadVerdict::Failed(header) => Err(ObjectError::PreconditionFailed(header)),
        }
    }

    /// Takes in the bytes of a source.
    pub(crate) async fn ingest_copy(
        &self,
        guard: &Guard,
        source: Source,
        span: Option<Span>,
        keep: ChecksumAlgorithm,
    ) -> Result<crate::ingest::Taken, ObjectError> {
        let Source { record, pins } = source;
        let body = match span {
            Some(span) => IncomingBody {
                stream: self.stream(&record.body, span, pins, guard.clone()).await?,
                length: Some(span.length()),
                trailer: TrailerSlot::default(),
            },
            None => IncomingBody::whole(bytes::Bytes::new()),
        };
        let declared = Declared::default();
        let wanted = Wanted { declared: &declared, keep, bytes_max: PUT_BYTES_MAX };
        self.ingest(guard, body, &wanted).await
    }
}

/// The bytes of a source that a part copy asks for; unlike a read's, the range must lie within it.
pub(crate) fn copy_span(range: Option<ByteRange>, size: u64) -> Result<Option<Span>, ObjectError> {
    match range {
        None => Ok(whole(size)),
        Some(ByteRange::Between(first, last)) if last < size => Ok(Some(Span { first, last })),
        Some(_) => Err(ObjectError::CopyRange { size }),
    }
}
