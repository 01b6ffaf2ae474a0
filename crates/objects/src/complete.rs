//! Making an object of an upload's parts, without copying a byte.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::{Guard, Permit};
use bytes::Bytes;
use names::{Checksum, ChecksumKind, Revision};

use crate::collect;
use crate::conditions::PartNumber;
use crate::digest;
use crate::error::ObjectError;
use crate::layout;
use crate::objects::Objects;
use crate::ops::CompleteMultipartUpload;
use crate::ports::{Expect, WriteBatch};
use crate::record::{Body, ObjectHeader, ObjectRecord, PartHeader, PartRecord, Segment};
use crate::upload::Upload;
use crate::write::{Stored, judge};

/// Fewest bytes of a part that is not the last (S3 user guide, "Multipart upload limits"): 5 MiB.
pub const PART_BYTES_MIN: u64 = 5 * 1024 * 1024;

/// Most bytes of an object (S3 user guide, "Multipart upload limits"): 5 TiB.
pub const OBJECT_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024 * 1024;

/// How many parts' records are read at a time.
const PAGE_PARTS: usize = 500;

/// A part that becomes a piece of the object.
struct Chosen {
    number: PartNumber,
    header: PartHeader,
    body: Body,
    /// The record as it was read.
    seen: Bytes,
}

impl Objects {
    /// Makes an object of the named parts, in one commit. Completing twice answers the same, as
    /// long as the object is still the one that was made.
    ///
    /// # Errors
    /// The upload does not exist; a part is missing, another, too small or out of order; a checksum
    /// or the size is not the declared one; the precondition does not hold.
    pub async fn complete_multipart_upload(
        &self,
        permit: Permit<CompleteMultipartUpload>,
    ) -> Result<Stored, ObjectError> {
        let op = permit.op();
        let upload = match self.upload(permit.revision(), &op.bucket, &op.key, &op.upload).await {
            Err(ObjectError::NoSuchUpload) => {
                return self.completed_before(permit.revision(), op).await;
            }
            upload => upload?,
        };
        ordered(op)?;
        let chosen = self.chosen(op, &upload).await?;
        let header = self.header(op, &upload, &chosen)?;
        self.commit_object(op, &permit.guard(), &upload, (header, chosen)).await
    }

    /// The answer to a repeated request.
    async fn completed_before(
        &self,
        at: Revision,
        op: &CompleteMultipartUpload,
    ) -> Result<Stored, ObjectError> {
        let place = self.place(at, &op.bucket, &op.key)?;
        match self.record(place).await? {
            Some((_, record)) if record.header.upload.as_ref() == Some(&op.upload) => {
                Ok(Stored::of(&record))
            }
            _ => Err(ObjectError::NoSuchUpload),
        }
    }

    /// The stored parts that the request names, each compared with what the request says of it.
    async fn chosen(
        &self,
        op: &CompleteMultipartUpload,
        upload: &Upload<'_>,
    ) -> Result<Vec<Chosen>, ObjectError> {
        let mut named: BTreeMap<PartNumber, _> =
            op.parts.iter().map(|part| (part.number, part)).collect();
        let last = op.parts.last().map(|part| part.number);
        let mut from = layout::parts(upload.id);
        let end = layout::after_prefix(&from);
        let mut chosen = Vec::with_capacity(named.len());
        loop {
            let page = self.meta.range(&from, &end, PAGE_PARTS).await?;
            for (key, seen) in &page {
                let Some(number) = layout::part_number(key) else { continue };
                let Some(part) = named.remove(&number) else { continue };
                let PartRecord { header, body } = PartRecord::decode(seen)?;
                let same = part.etag.trim_matches('"') == header.etag.as_str();
                if !same || !agrees(part.checksum.as_ref(), &header) {
                    return Err(ObjectError::InvalidPart(number));
                }
                if Some(number) != last && header.size < PART_BYTES_MIN {
                    let size = header.size;
                    return Err(ObjectError::TooSmall { part: number, size, min: PART_BYTES_MIN });
                }
                chosen.push(Chosen { number, header, body, seen: seen.clone() });
            }
            match page.last() {
                Some((last, _)) if page.len() >= PAGE_PARTS => from = layout::after_key(last),
                _ => break,
            }
        }
        match named.first_key_value() {
            Some((missing, _)) => Err(ObjectError::InvalidPart(*missing)),
            None => Ok(chosen),
        }
    }

    fn header(
        &self,
        op: &CompleteMultipartUpload,
        upload: &Upload<'_>,
        chosen: &[Chosen],
    ) -> Result<ObjectHeader, ObjectError> {
        let record = &upload.record;
        let size = chosen.iter().map(|part| part.header.size).fold(0, u64::saturating_add);
        if size > OBJECT_BYTES_MAX {
            return Err(ObjectError::TooLarge { max: OBJECT_BYTES_MAX });
        }
        if let Some(declared) = op.size.filter(|declared| *declared != size) {
            return Err(ObjectError::Size { declared, actual: size });
        }
        let (algorithm, kind) = (record.algorithm, record.kind);
        if let Some(kind) = op.kind.filter(|sent| *sent != kind) {
            return Err(ObjectError::ChecksumKind { algorithm, kind });
        }
        let sums = || chosen.iter().map(|part| part.header.checksum.value());
        let checksum = match kind {
            ChecksumKind::Composite => digest::composite(algorithm, sums())?,
            ChecksumKind::FullObject => {
                let lengths = chosen.iter().map(|part| part.header.size);
                digest::full_object(algorithm, sums().zip(lengths))?
                    .ok_or(ObjectError::ChecksumKind { algorithm, kind })?
            }
        };
        if op.checksum.as_ref().is_some_and(|declared| *declared != checksum) {
            return Err(ObjectError::ChecksumMismatch(algorithm));
        }
        Ok(ObjectHeader {
            size,
            etag: digest::composite_etag(chosen.iter().map(|part| &part.header.etag))?,
            modified: self.clock.now(),
            headers: record.headers.clone(),
            metadata: record.metadata.clone(),
            tags: record.tags.clone(),
            checksum,
            kind,
            owner: record.owner,
            acl: record.acl.clone(),
            upload: Some(upload.id.clone()),
        })
    }

    async fn commit_object(
        &self,
        op: &CompleteMultipartUpload,
        guard: &Guard,
        upload: &Upload<'_>,
        (header, chosen): (ObjectHeader, Vec<Chosen>),
    ) -> Result<Stored, ObjectError> {
        let mut batch = WriteBatch::default();
        batch.expect(upload.key.clone(), Expect::Equals(upload.bytes.clone()));
        batch.delete(upload.key.clone());
        // What was uploaded and not named is the collector's.
        batch.put(layout::sweep(upload.id), collect::marker());
        let mut body = Body::default();
        for Chosen { number, header, body: part, seen } in chosen {
            let key = layout::part(upload.id, number);
            batch.expect(key.clone(), Expect::Equals(seen));
            batch.delete(key);
            let (number, length) = (number.get(), header.size);
            let blob = part.blobs().next();
            if blob.is_none() {
                // Only the last part can be so small.
                body.inline = part.inline;
            }
            let checksum = header.checksum.value().to_vec();
            body.segments.push(Segment { number, blob, length, checksum });
        }
        let record = ObjectRecord { header: Arc::new(header), body };
        self.replace(upload.place, guard, &batch, |present| {
            judge(&op.condition, present)?;
            let mut record = record.clone();
            Arc::make_mut(&mut record.header).modified = self.clock.now();
            Ok(Some(record))
        })
        .await?;
        Ok(Stored::of(&record))
    }
}

/// Parts must be named, each once, in ascending order.
fn ordered(op: &CompleteMultipartUpload) -> Result<(), ObjectError> {
    if op.parts.is_empty() {
        return Err(ObjectError::NoParts);
    }
    let pairs = op.parts.iter().zip(op.parts.iter().skip(1));
    if pairs.into_iter().any(|(one, next)| one.number >= next.number) {
        return Err(ObjectError::PartOrder);
    }
    Ok(())
}

/// Whether a checksum that the request names for a part is one that is known of it.
fn agrees(named: Option<&Checksum>, header: &PartHeader) -> bool {
    named.is_none_or(|named| *named == header.checksum || Some(named) == header.declared.as_ref())
}
