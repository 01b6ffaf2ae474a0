//! Reading objects: GetObject, HeadObject, GetObjectAttributes, and the stream of a body.

use std::collections::VecDeque;
use std::sync::Arc;

use audit::{Guard, Permit};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use names::{Checksum, ChecksumKind, ETag, Timestamp};

use crate::acl::access_of;
use crate::conditions::{ByteRange, PartNumber, ReadConditions, ReadVerdict, Span};
use crate::error::ObjectError;
use crate::facts::ObjectFacts;
use crate::objects::{Objects, only_null};
use crate::ops::{
    GetObject, GetObjectAttributes, HeadObject, ObjectName, PAGE_ENTRIES_MAX, SystemHeaders,
    UserMetadata,
};
use crate::ports::{BlobId, BlobStore, BodyError, ByteStream, StoreError};
use crate::readers::Pins;
use crate::record::{Body, ObjectRecord, Segment};

/// What is known of an object, without its body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectHead {
    /// How many bytes the whole object has.
    pub size: u64,
    /// Its entity tag.
    pub etag: ETag,
    /// When it was last modified.
    pub modified: Timestamp,
    /// Headers kept with it.
    pub headers: SystemHeaders,
    /// User metadata.
    pub metadata: UserMetadata,
    /// Its checksum.
    pub checksum: StoredChecksum,
    /// How many parts it was uploaded in; `None` for a plain put.
    pub parts: Option<usize>,
    /// How many tags it has.
    pub tags: usize,
    /// The piece that the request is answered with (206), if it asked for one.
    pub span: Option<Span>,
    /// The piece's checksum, if the piece is a part.
    pub part_checksum: Option<StoredChecksum>,
}

impl ObjectHead {
    /// How many bytes the answer's body has.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.span.map_or(self.size, |span| span.length())
    }
}

/// A checksum as it is kept with an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredChecksum {
    /// The algorithm and the value.
    pub checksum: Checksum,
    /// What it covers.
    pub kind: ChecksumKind,
    /// How many parts a composite checksum is made of.
    pub parts: Option<usize>,
}

impl StoredChecksum {
    /// The value as S3 writes it: base64, and the number of parts of a composite one.
    ///
    /// ```
    /// use names::{Checksum, ChecksumAlgorithm, ChecksumKind};
    /// use strongroom_objects::StoredChecksum;
    /// let checksum = Checksum::parse(ChecksumAlgorithm::Crc32, "y/Q5Jg==").unwrap();
    /// let kind = ChecksumKind::Composite;
    /// let stored = StoredChecksum { checksum, kind, parts: Some(3) };
    /// assert_eq!(stored.text(), "y/Q5Jg==-3");
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        match (self.kind, self.parts) {
            (ChecksumKind::Composite, Some(parts)) => {
                format!("{}-{parts}", self.checksum.to_base64())
            }
            _ => self.checksum.to_base64(),
        }
    }

    pub(crate) fn of(record: &ObjectRecord) -> Self {
        let (checksum, kind) = (record.header.checksum.clone(), record.header.kind);
        Self { checksum, kind, parts: record.body.parts() }
    }
}

/// An object's body and what is known of it.
pub struct ObjectBody {
    /// What is known of it.
    pub head: ObjectHead,
    /// [`ObjectHead::length`] bytes. Ends in [`BodyError::Cut`] as soon as what authorised it is
    /// revoked.
    pub stream: ByteStream,
}

/// What GetObjectAttributes tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectAttributes {
    /// What is known of the object.
    pub head: ObjectHead,
    /// The page of its parts; empty for a plain put.
    pub parts: Vec<ObjectPart>,
    /// Whether there are more parts.
    pub truncated: bool,
}

/// One part of an object that was uploaded in parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectPart {
    /// Its number.
    pub number: u16,
    /// How many bytes it has.
    pub size: u64,
    /// Its checksum.
    pub checksum: Option<Checksum>,
}

/// Which piece of an object is asked for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    name: &'a ObjectName,
    range: Option<ByteRange>,
    part: Option<PartNumber>,
    conditions: &'a ReadConditions,
}

impl Objects {
    /// What policies may know of an object that a request names; nothing if it does not exist.
    ///
    /// # Errors
    /// The store cannot be read: the request must then be refused.
    pub async fn facts(&self, name: &ObjectName) -> Result<ObjectFacts, ObjectError> {
        let Ok(place) = self.place(self.identity.revision(), &name.bucket, &name.key) else {
            return Ok(ObjectFacts::default());
        };
        let bucket = self.bucket(self.identity.revision(), &name.bucket)?;
        let record = self.record(place).await?;
        Ok(record.map_or_else(ObjectFacts::default, |(_, record)| {
            let access = access_of(&record.header, &bucket);
            ObjectFacts::new(record.header.tags.clone(), access)
        }))
    }

    /// Reads an object or a piece of it.
    ///
    /// # Errors
    /// The object does not exist, a precondition does not hold, the piece does not exist.
    pub async fn get_object(&self, permit: Permit<GetObject>) -> Result<ObjectBody, ObjectError> {
        let op = permit.op();
        let (name, range, part) = (&op.name, op.range, op.part);
        let asked = Asked { name, range, part, conditions: &op.conditions };
        let (record, head, pins) = self.asked(&permit, asked).await?;
        let whole = whole(head.size);
        let stream = match head.span.or(whole) {
            Some(span) => self.stream(&record.body, span, pins, permit.guard()).await?,
            None => Box::pin(stream::empty()),
        };
        Ok(ObjectBody { head, stream })
    }

    /// What is known of an object, or of a piece of it.
    ///
    /// # Errors
    /// As [`Objects::get_object`].
    pub async fn head_object(&self, permit: Permit<HeadObject>) -> Result<ObjectHead, ObjectError> {
        let op = permit.op();
        let (name, range, part) = (&op.name, op.range, op.part);
        let asked = Asked { name, range, part, conditions: &op.conditions };
        self.asked(&permit, asked).await.map(|(_, head, _)| head)
    }

    /// Attributes of an object, its parts page by page.
    ///
    /// # Errors
    /// The object does not exist.
    pub async fn get_object_attributes(
        &self,
        permit: Permit<GetObjectAttributes>,
    ) -> Result<ObjectAttributes, ObjectError> {
        let op = permit.op();
        let conditions = ReadConditions::default();
        let asked = Asked { name: &op.name, range: None, part: None, conditions: &conditions };
        let (record, head, _) = self.asked(&permit, asked).await?;
        let algorithm = head.checksum.checksum.algorithm();
        let after = |segment: &&Segment| segment.number > op.part_marker && segment.number > 0;
        let mut rest = record.body.segments.iter().filter(after);
        let page = rest.by_ref().take(op.max_parts.min(PAGE_ENTRIES_MAX));
        let parts = page
            .map(|segment| ObjectPart {
                number: segment.number,
                size: segment.length,
                checksum: Checksum::new(algorithm, segment.checksum.clone()).ok(),
            })
            .collect();
        Ok(ObjectAttributes { head, parts, truncated: rest.next().is_some() })
    }

    /// The object, if the conditions hold, and the piece that is asked for.
    async fn asked<Op>(
        &self,
        permit: &Permit<Op>,
        asked: Asked<'_>,
    ) -> Result<(ObjectRecord, ObjectHead, Pins), ObjectError> {
        let place = self.place(permit.revision(), &asked.name.bucket, &asked.name.key)?;
        only_null(asked.name.version.as_ref())?;
        let (record, pins) = self.pinned(place, permit.absence()).await?;
        let bucket = self.bucket(permit.revision(), &asked.name.bucket)?;
        asked.name.unchanged(Some(&record), &bucket)?;
        let (etag, modified) = (&record.header.etag, record.header.modified);
        match asked.conditions.judge(etag, modified) {
            ReadVerdict::Proceed => {}
            ReadVerdict::NotModified => {
                return Err(ObjectError::NotModified { etag: etag.clone(), modified });
            }
            ReadVerdict::Failed(header) => return Err(ObjectError::PreconditionFailed(header)),
        }
        let span = match (asked.range, asked.part) {
            (None, None) => None,
            (Some(_), Some(_)) => return Err(ObjectError::RangeAndPart),
            (Some(range), None) => Some(range.resolve(record.header.size)?),
            (None, Some(part)) => part_span(&record, part)?,
        };
        let mut head = head(&record, span);
        head.part_checksum = asked.part.and_then(|part| part_checksum(&record, part));
        Ok((record, head, pins))
    }

    /// The bytes of a span of a body. The first blob is opened here, so that what cannot be read
    /// at all is an error before anything is answered.
    pub(crate) async fn stream(
        &self,
        body: &Body,
        span: Span,
        pins: Pins,
        guard: Guard,
    ) -> Result<ByteStream, ObjectError> {
        let mut pieces = pieces(body, span);
        let open = match pieces.pop_front() {
            Some(piece) => Some(piece.open(self.blobs.as_ref()).await?),
            None => None,
        };
        let reading = Reading { pieces, open, blobs: Arc::clone(&self.blobs), guard, _pins: pins };
        Ok(Box::pin(stream::try_unfold(reading, Reading::next)))
    }
}

/// A whole object as a span; `None` if it is empty.
pub(crate) fn whole(size: u64) -> Option<Span> {
    size.checked_sub(1).map(|last| Span { first: 0, last })
}

fn head(record: &ObjectRecord, span: Option<Span>) -> ObjectHead {
    let header = &record.header;
    ObjectHead {
        size: header.size,
        etag: header.etag.clone(),
        modified: header.modified,
        headers: header.headers.clone(),
        metadata: header.metadata.clone(),
        checksum: StoredChecksum::of(record),
        parts: record.body.parts(),
        tags: header.tags.len(),
        span,
        part_checksum: None,
    }
}

/// The checksum of a part's bytes. A plain put is its own part 1.
fn part_checksum(record: &ObjectRecord, part: PartNumber) -> Option<StoredChecksum> {
    if record.body.parts().is_none() {
        return Some(StoredChecksum::of(record));
    }
    let segment = record.body.segments.iter().find(|segment| segment.number == part.get())?;
    let algorithm = record.header.checksum.algorithm();
    let checksum = Checksum::new(algorithm, segment.checksum.clone()).ok()?;
    Some(StoredChecksum { checksum, kind: record.header.kind, parts: None })
}

/// The bytes of a part. A plain put is its own part 1; an empty part has no span.
fn part_span(record: &ObjectRecord, part: PartNumber) -> Result<Option<Span>, ObjectError> {
    if record.body.parts().is_none() {
        let first = part.get() == 1;
        return if first {
            Ok(whole(record.header.size))
        } else {
            Err(ObjectError::NoSuchPart(part))
        };
    }
    let mut first = 0_u64;
    for segment in &record.body.segments {
        if segment.number == part.get() {
            let last = segment.length.checked_sub(1).map(|last| first.saturating_add(last));
            return Ok(last.map(|last| Span { first, last }));
        }
        first = first.saturating_add(segment.length);
    }
    Err(ObjectError::NoSuchPart(part))
}

/// A piece of a body that is in one place.
enum Piece {
    Blob { id: BlobId, from: u64, length: u64 },
    Inline(Bytes),
}

/// A piece that is being read, and how many of its bytes are still to come.
struct Open {
    stream: ByteStream,
    left: u64,
}

impl Piece {
    async fn open(self, blobs: &dyn BlobStore) -> Result<Open, StoreError> {
        match self {
            Self::Blob { id, from, length } => {
                let stream = blobs.read(&id, from, length).await.map_err(|error| match error {
                    StoreError::NotFound => {
                        StoreError::Corrupt { what: format!("blob {id} is missing") }
                    }
                    other => other,
                })?;
                Ok(Open { stream, left: length })
            }
            Self::Inline(bytes) => {
                let left = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                Ok(Open { stream: Box::pin(stream::iter([Ok(bytes)])), left })
            }
        }
    }
}

/// The pieces of a body that a span covers, in order.
fn pieces(body: &Body, span: Span) -> VecDeque<Piece> {
    let inline = |first: u64, end: u64| {
        let (first, end) = (usize::try_from(first), usize::try_from(end));
        let length = body.inline.len();
        let end = end.unwrap_or(length).min(length);
        Piece::Inline(body.inline.slice(first.unwrap_or(end).min(end)..end))
    };
    let end = span.last.saturating_add(1);
    if body.segments.is_empty() {
        return [inline(span.first, end)].into();
    }
    let mut pieces = VecDeque::new();
    let mut start = 0_u64;
    for segment in &body.segments {
        let stop = start.saturating_add(segment.length);
        let (first, last) = (span.first.max(start), end.min(stop));
        if first < last {
            let (from, length) = (first.saturating_sub(start), last.saturating_sub(first));
            pieces.push_back(match segment.blob {
                Some(id) => Piece::Blob { id, from, length },
                None => inline(from, from.saturating_add(length)),
            });
        }
        start = stop;
    }
    pieces
}

/// A body on its way out.
struct Reading {
    pieces: VecDeque<Piece>,
    open: Option<Open>,
    blobs: Arc<dyn BlobStore>,
    guard: Guard,
    _pins: Pins,
}

impl Reading {
    /// The next chunk, if the permit still stands when it is handed over.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, BodyError> {
        loop {
            let Some(open) = &mut self.open else { return Ok(None) };
            let chunk = tokio::select! {
                biased;
                cut = self.guard.until_cut() => return Err(cut.into()),
                chunk = open.stream.next() => chunk.transpose()?,
            };
            if let Some(chunk) = chunk {
                let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                open.left = open.left.checked_sub(length).ok_or_else(short)?;
                let inside = self.guard.enter()?;
                drop(inside);
                return Ok(Some((chunk, self)));
            }
            if open.left > 0 {
                return Err(short());
            }
            self.open = match self.pieces.pop_front() {
                Some(piece) => Some(piece.open(self.blobs.as_ref()).await?),
                None => None,
            };
        }
    }
}

fn short() -> BodyError {
    StoreError::Corrupt { what: "a blob has another length than its record".to_owned() }.into()
}
