//! Multipart uploads in progress: begin, add parts, list them, abort. `complete.rs` ends them.

use audit::{Guard, Permit};
use bytes::Bytes;
use names::{
    AccountId, BucketName, Checksum, ChecksumAlgorithm, ChecksumKind, ETag, ObjectKey, Revision,
    Timestamp, UploadId,
};

use crate::collect;
use crate::conditions::PartNumber;
use crate::copy::copy_span;
use crate::error::ObjectError;
use crate::ingest::{Taken, Wanted, algorithm};
use crate::layout;
use crate::objects::{Commit, Objects, Place, adopt};
use crate::ops::{
    AbortMultipartUpload, CreateMultipartUpload, ListParts, PAGE_ENTRIES_MAX, UploadPart,
    UploadPartCopy,
};
use crate::ports::{Expect, IncomingBody, WriteBatch};
use crate::record::{PartHeader, PartRecord, UploadRecord, decode_header, encode_plain};
use crate::write::DEFAULT_ALGORITHM;

/// Most bytes of a part (S3 user guide, "Multipart upload limits"): 5 GiB.
pub const PART_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;

/// How often a part is tried again because the same part was uploaded at the same time.
const ATTEMPTS_MAX: usize = 16;

/// An upload that was begun.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UploadBegun {
    /// Its id.
    pub upload: UploadId,
    /// The algorithm of its parts' checksums.
    pub algorithm: ChecksumAlgorithm,
    /// What the object's checksum will cover.
    pub kind: ChecksumKind,
}

/// A part that was stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredPart {
    /// Its number.
    pub number: PartNumber,
    /// Its entity tag.
    pub etag: ETag,
    /// When it was stored.
    pub modified: Timestamp,
    /// How many bytes it has.
    pub size: u64,
    /// Its checksum: the declared one where one was declared.
    pub checksum: Checksum,
}

impl StoredPart {
    fn of(number: PartNumber, header: PartHeader) -> Self {
        let PartHeader { size, etag, modified, checksum, declared } = header;
        Self { number, etag, modified, size, checksum: declared.unwrap_or(checksum) }
    }
}

/// A page of an upload's parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartPage {
    /// The parts, in ascending order.
    pub parts: Vec<StoredPart>,
    /// Whether there are more.
    pub truncated: bool,
    /// The ARN and the user id of who began the upload.
    pub initiator: (String, String),
    /// The account that will own the object, if that is not the bucket's.
    pub owner: Option<AccountId>,
    /// The algorithm of the parts' checksums.
    pub algorithm: ChecksumAlgorithm,
    /// What the object's checksum will cover.
    pub kind: ChecksumKind,
}

/// An upload that a request names.
pub(crate) struct Upload<'a> {
    pub(crate) place: Place<'a>,
    pub(crate) id: &'a UploadId,
    pub(crate) key: Vec<u8>,
    /// The record as it was read.
    pub(crate) bytes: Bytes,
    pub(crate) record: UploadRecord,
}

/// What an algorithm's checksum can cover (S3 user guide, "Checking object integrity", table of
/// multipart uploads); composite is the default where both can be.
fn kind_for(
    algorithm: ChecksumAlgorithm,
    wanted: Option<ChecksumKind>,
) -> Result<ChecksumKind, ObjectError> {
    use ChecksumAlgorithm::{Crc32, Crc32C, Crc64Nvme, Sha1, Sha256};
    use ChecksumKind::{Composite, FullObject};
    match (algorithm, wanted) {
        (Crc64Nvme, None | Some(FullObject)) => Ok(FullObject),
        (Crc32 | Crc32C, kind) => Ok(kind.unwrap_or(Composite)),
        (Sha1 | Sha256, None | Some(Composite)) => Ok(Composite),
        (_, Some(kind)) => Err(ObjectError::ChecksumKind { algorithm, kind }),
    }
}

impl Objects {
    /// Begins an upload.
    ///
    /// # Errors
    /// The bucket does not exist, or the algorithm has no checksums of the kind wanted.
    pub async fn create_multipart_upload(
        &self,
        permit: Permit<CreateMultipartUpload>,
    ) -> Result<UploadBegun, ObjectError> {
        let op = permit.op();
        let place = self.place(permit.revision(), &op.bucket, &op.key)?;
        let kept = self.kept(&permit, &op.bucket, op.acl.as_ref())?;
        let algorithm = op.algorithm.unwrap_or(DEFAULT_ALGORITHM);
        let kind = kind_for(algorithm, op.kind)?;
        let initiated = self.clock.now();
        let upload = self.draw_upload(initiated)?;
        let principal = &permit.who().principal;
        let arn = principal.arn().map_or_else(String::new, |arn| arn.to_string());
        let record = UploadRecord {
            initiated,
            initiator: (arn, principal.user_id()),
            headers: op.headers.clone(),
            metadata: op.metadata.clone(),
            tags: op.tags.clone().unwrap_or_default(),
            owner: kept.owner,
            acl: kept.acl,
            algorithm,
            kind,
            asked: op.algorithm.is_some(),
        };
        let key = layout::upload(place.incarnation, place.key, &upload);
        let mut batch = WriteBatch::default();
        batch.expect(layout::tombstone(place.incarnation), Expect::Absent);
        batch.expect(key.clone(), Expect::Absent);
        batch.put(key, encode_plain(&record)?);
        match self.commit(&permit.guard(), batch).await? {
            Commit::Done => Ok(UploadBegun { upload, algorithm, kind }),
            Commit::Conflict(at) => Err(self.lost(place, &at)),
        }
    }

    /// An id that sorts by the time at which it was drawn.
    fn draw_upload(&self, now: Timestamp) -> Result<UploadId, ObjectError> {
        let mut random = [0; 10];
        self.random.fill(&mut random);
        let millis = u64::try_from(now.millis()).unwrap_or(0) & 0xffff_ffff_ffff;
        let text = format!("{millis:012x}{}", hex::encode(random));
        text.parse().map_err(|_| ObjectError::Changed)
    }

    /// The upload that a request names.
    pub(crate) async fn upload<'a>(
        &self,
        at: Revision,
        bucket: &'a BucketName,
        key: &'a ObjectKey,
        id: &'a UploadId,
    ) -> Result<Upload<'a>, ObjectError> {
        let place = self.place(at, bucket, key)?;
        let key = layout::upload(place.incarnation, place.key, id);
        let bytes = self.meta.read(&key).await?.ok_or(ObjectError::NoSuchUpload)?;
        let record = decode_header(&bytes)?;
        Ok(Upload { place, id, key, bytes, record })
    }

    /// Stores a part; one of the same number is replaced.
    ///
    /// # Errors
    /// The upload does not exist, the body is not what was declared, or the store is full.
    pub async fn upload_part(
        &self,
        permit: Permit<UploadPart>,
        body: IncomingBody,
    ) -> Result<StoredPart, ObjectError> {
        let op = permit.op();
        let guard = permit.guard();
        let upload = self.upload(permit.revision(), &op.bucket, &op.key, &op.upload).await?;
        let keep = upload.record.algorithm;
        match algorithm(&op.declared) {
            Some(sent) if upload.record.asked && sent != keep => {
                return Err(ObjectError::ChecksumAlgorithm { expected: keep, sent });
            }
            _ => {}
        }
        let wanted = Wanted { declared: &op.declared, keep, bytes_max: PART_BYTES_MAX };
        let taken = self.ingest(&guard, body, &wanted).await?;
        self.place_part(&upload, op.part, &guard, taken).await
    }

    /// Stores a part whose bytes are those of an object.
    ///
    /// # Errors
    /// The upload or the source does not exist, the source's preconditions do not hold, or the
    /// range does not lie within it.
    pub async fn upload_part_copy(
        &self,
        permit: Permit<UploadPartCopy>,
    ) -> Result<StoredPart, ObjectError> {
        let op = permit.op();
        let guard = permit.guard();
        let upload = self.upload(permit.revision(), &op.bucket, &op.key, &op.upload).await?;
        let conditions = &op.source_conditions;
        let source =
            self.source(permit.revision(), &op.source, conditions, permit.absence()).await?;
        let span = copy_span(op.range, source.record.header.size)?;
        if span.is_some_and(|span| span.length() > PART_BYTES_MAX) {
            return Err(ObjectError::CopyTooLarge { max: PART_BYTES_MAX });
        }
        let keep = upload.record.algorithm;
        let taken = self.ingest_copy(&guard, source, span, keep).await?;
        self.place_part(&upload, op.part, &guard, taken).await
    }

    /// Makes a body that was taken in the upload's part, or discards it.
    async fn place_part(
        &self,
        upload: &Upload<'_>,
        number: PartNumber,
        guard: &Guard,
        taken: Taken,
    ) -> Result<StoredPart, ObjectError> {
        let Taken { size, etag, checksum, declared, body, pins } = taken;
        let modified = self.clock.now();
        let header = PartHeader { size, etag, modified, checksum, declared };
        let record = PartRecord { header, body };
        let result = self.commit_part(upload, number, guard, &record).await;
        match result {
            Ok(()) => Ok(StoredPart::of(number, record.header)),
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

    async fn commit_part(
        &self,
        upload: &Upload<'_>,
        number: PartNumber,
        guard: &Guard,
        record: &PartRecord,
    ) -> Result<(), ObjectError> {
        let key = layout::part(upload.id, number);
        let mut turn = None;
        for _ in 0..ATTEMPTS_MAX {
            let seen = self.meta.read(&key).await?;
            let mut batch = WriteBatch::default();
            batch.expect(layout::tombstone(upload.place.incarnation), Expect::Absent);
            batch.expect(upload.key.clone(), Expect::Present);
            batch.expect(key.clone(), Expect::unchanged(seen.as_ref()));
            if let Some(seen) = &seen {
                for blob in PartRecord::decode(seen)?.body.blobs() {
                    batch.put(layout::pending(&blob), collect::marker());
                }
            }
            adopt(&mut batch, record.body.blobs());
            batch.put(key.clone(), record.encode()?);
            match self.commit(guard, batch).await? {
                Commit::Done => return Ok(()),
                Commit::Conflict(at) if at == key => {
                    if turn.is_none() {
                        turn = self.turns.wait(&key).await;
                    }
                }
                Commit::Conflict(at) if at == upload.key => return Err(ObjectError::NoSuchUpload),
                Commit::Conflict(at) => return Err(self.lost(upload.place, &at)),
            }
        }
        Err(ObjectError::Contended)
    }

    /// Forgets an upload; the collector removes its parts.
    ///
    /// # Errors
    /// The upload does not exist.
    pub async fn abort_multipart_upload(
        &self,
        permit: Permit<AbortMultipartUpload>,
    ) -> Result<(), ObjectError> {
        let op = permit.op();
        let upload = self.upload(permit.revision(), &op.bucket, &op.key, &op.upload).await?;
        let mut batch = WriteBatch::default();
        batch.expect(upload.key.clone(), Expect::Present);
        batch.delete(upload.key.clone());
        batch.put(layout::sweep(upload.id), collect::marker());
        match self.commit(&permit.guard(), batch).await? {
            Commit::Done => Ok(()),
            Commit::Conflict(_) => Err(ObjectError::NoSuchUpload),
        }
    }

    /// A page of an upload's parts.
    ///
    /// # Errors
    /// The upload does not exist.
    pub async fn list_parts(&self, permit: Permit<ListParts>) -> Result<PartPage, ObjectError> {
        let op = permit.op();
        let upload = self.upload(permit.revision(), &op.bucket, &op.key, &op.upload).await?;
        let max = op.max_parts.min(PAGE_ENTRIES_MAX);
        let all = layout::parts(upload.id);
        let end = layout::after_prefix(&all);
        let from = match PartNumber::new(u64::from(op.part_marker)) {
            Ok(marker) => layout::after_key(&layout::part(upload.id, marker)),
            Err(_) if op.part_marker == 0 => all,
            Err(_) => end.clone(),
        };
        let found = self.meta.range(&from, &end, max.saturating_add(1)).await?;
        let truncated = max > 0 && found.len() > max;
        let mut parts = Vec::new();
        for (key, value) in found.iter().take(max) {
            if let Some(number) = layout::part_number(key) {
                parts.push(StoredPart::of(number, decode_header(value)?));
            }
        }
        let UploadRecord { initiator, owner, algorithm, kind, .. } = upload.record;
        Ok(PartPage { parts, truncated, initiator, owner, algorithm, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_algorithm_has_only_the_kinds_of_checksum_that_it_can_have() {
        use ChecksumAlgorithm::{Crc32, Crc64Nvme, Sha256};
        use ChecksumKind::{Composite, FullObject};
        for (algorithm, wanted, given) in [
            (Crc64Nvme, None, Some(FullObject)),
            (Crc64Nvme, Some(FullObject), Some(FullObject)),
            (Crc64Nvme, Some(Composite), None),
            (Crc32, None, Some(Composite)),
            (Crc32, Some(FullObject), Some(FullObject)),
            (Sha256, None, Some(Composite)),
            (Sha256, Some(FullObject), None),
        ] {
            assert_eq!(kind_for(algorithm, wanted).ok(), given, "{algorithm} {wanted:?}");
        }
    }
}
