//! What records hold and how they are written (`docs/storage-format/objects.md`).
//!
//! Every record is: one byte of version; four bytes, big-endian, that say how long the header is;
//! the header, JSON; then what the header does not hold: segments, and inline bytes to the end.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use identity::Acl;
use names::{AccountId, Checksum, ChecksumAlgorithm, ChecksumKind, ETag, Timestamp, UploadId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ops::{SystemHeaders, UserMetadata};
use crate::ports::{BlobId, StoreError};
use crate::tags::TagSet;

/// The version that every record begins with.
const VERSION: u8 = 1;

/// What an object's record says about it, body aside.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct ObjectHeader {
    pub(crate) size: u64,
    pub(crate) etag: ETag,
    pub(crate) modified: Timestamp,
    #[serde(default)]
    pub(crate) headers: SystemHeaders,
    #[serde(default, skip_serializing_if = "UserMetadata::is_empty")]
    pub(crate) metadata: UserMetadata,
    #[serde(default, skip_serializing_if = "TagSet::is_empty")]
    pub(crate) tags: TagSet,
    pub(crate) checksum: Checksum,
    pub(crate) kind: ChecksumKind,
    /// The account that owns it; the bucket's owner if none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<AccountId>,
    /// Its ACL; the owner's full control if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acl: Option<Acl>,
    /// The upload that made it, so that completing twice answers the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upload: Option<UploadId>,
}

/// A piece of a body, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Segment {
    /// The part's number; 0 for the body of a plain put.
    pub(crate) number: u16,
    /// Where its bytes are; `None` for the inline bytes of the record. Only the last is inline.
    pub(crate) blob: Option<BlobId>,
    pub(crate) length: u64,
    /// The part's checksum, of the object's algorithm; empty for the body of a plain put.
    pub(crate) checksum: Vec<u8>,
}

/// The bytes of an object or part: segments in order, the inline bytes of the last among them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Body {
    pub(crate) segments: Vec<Segment>,
    pub(crate) inline: Bytes,
}

impl Body {
    /// The blobs that it is made of.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = BlobId> {
        self.segments.iter().filter_map(|segment| segment.blob)
    }

    /// How many bytes it has.
    pub(crate) fn length(&self) -> u64 {
        if self.segments.is_empty() {
            return u64::try_from(self.inline.len()).unwrap_or(u64::MAX);
        }
        self.segments.iter().map(|segment| segment.length).fold(0, u64::saturating_add)
    }

    /// How many parts it was uploaded in; `None` for a plain put.
    pub(crate) fn parts(&self) -> Option<usize> {
        let parts = self.segments.iter().filter(|segment| segment.number > 0).count();
        (parts > 0).then_some(parts)
    }
}

/// An object as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ObjectRecord {
    pub(crate) header: Arc<ObjectHeader>,
    pub(crate) body: Body,
}

/// An upload in progress.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    pub(crate) initiated: Timestamp,
    /// The ARN and user id of who began it.
    pub(crate) initiator: (String, String),
    #[serde(default)]
    pub(crate) headers: SystemHeaders,
    #[serde(default)]
    pub(crate) metadata: UserMetadata,
    #[serde(default)]
    pub(crate) tags: TagSet,
    /// The account that will own the object; the bucket's owner if none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<AccountId>,
    /// The object's ACL; the owner's full control if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acl: Option<Acl>,
    pub(crate) algorithm: ChecksumAlgorithm,
    pub(crate) kind: ChecksumKind,
    /// Whether the algorithm was asked for: then parts must not declare another.
    pub(crate) asked: bool,
}

/// What a part's record says about it, body aside.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct PartHeader {
    pub(crate) size: u64,
    pub(crate) etag: ETag,
    pub(crate) modified: Timestamp,
    /// Of the upload's algorithm.
    pub(crate) checksum: Checksum,
    /// What was declared, if of another algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) declared: Option<Checksum>,
}

/// A part as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PartRecord {
    pub(crate) header: PartHeader,
    pub(crate) body: Body,
}

impl ObjectRecord {
    pub(crate) fn encode(&self) -> Result<Bytes, StoreError> {
        encode(&*self.header, Some(&self.body))
    }

    pub(crate) fn decode(bytes: &Bytes) -> Result<Self, StoreError> {
        Self::decode_with(bytes, |header| ObjectHeader::decode(header).map(Arc::new))
    }

    /// The record, its header decoded by `decode`.
    pub(crate) fn decode_with(
        bytes: &Bytes,
        decode: impl FnOnce(&[u8]) -> Result<Arc<ObjectHeader>, StoreError>,
    ) -> Result<Self, StoreError> {
        let (header, rest) = cut(bytes)?;
        Ok(Self { header: decode(&header)?, body: body(rest)? })
    }
}

impl ObjectHeader {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        parsed(bytes)
    }
}

impl PartRecord {
    pub(crate) fn encode(&self) -> Result<Bytes, StoreError> {
        encode(&self.header, Some(&self.body))
    }

    pub(crate) fn decode(bytes: &Bytes) -> Result<Self, StoreError> {
        let (header, rest) = split(bytes)?;
        Ok(Self { header, body: body(rest)? })
    }
}

/// Writes a record that is all header.
pub(crate) fn encode_plain(header: &impl Serialize) -> Result<Bytes, StoreError> {
    encode(header, None)
}

/// Reads a record's header.
pub(crate) fn decode_header<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, StoreError> {
    split(bytes).map(|(header, _)| header)
}

fn encode(header: &impl Serialize, body: Option<&Body>) -> Result<Bytes, StoreError> {
    let header = serde_json::to_vec(header).map_err(|_| corrupt("a header cannot be written"))?;
    let mut record = BytesMut::with_capacity(header.len().saturating_add(64));
    record.put_u8(VERSION);
    record.put_u32(length(header.len())?);
    record.put_slice(&header);
    if let Some(body) = body {
        record.put_u32(length(body.segments.len())?);
        for segment in &body.segments {
            record.put_u16(segment.number);
            record.put_u8(u8::from(segment.blob.is_some()));
            if let Some(blob) = segment.blob {
                record.put_slice(blob.as_bytes());
            }
            record.put_u64(segment.length);
            let sum = u8::try_from(segment.checksum.len());
            record.put_u8(sum.map_err(|_| corrupt("a checksum is too long"))?);
            record.put_slice(&segment.checksum);
        }
        record.put_slice(&body.inline);
    }
    Ok(record.freeze())
}

fn length(count: usize) -> Result<u32, StoreError> {
    u32::try_from(count).map_err(|_| corrupt("a record is too long"))
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt { what: what.to_owned() }
}

/// Takes bytes off the front of a record.
struct Reader(Bytes);

impl Reader {
    fn take(&mut self, count: usize) -> Result<Bytes, StoreError> {
        if self.0.len() < count {
            return Err(corrupt("an object record ends early"));
        }
        Ok(self.0.split_to(count))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let bytes = self.take(N)?;
        bytes.as_ref().try_into().map_err(|_| corrupt("an object record ends early"))
    }

    fn count(&mut self) -> Result<usize, StoreError> {
        let count = u32::from_be_bytes(self.array()?);
        usize::try_from(count).map_err(|_| corrupt("an object record is too long"))
    }
}

fn split<T: DeserializeOwned>(bytes: &Bytes) -> Result<(T, Reader), StoreError> {
    let (header, rest) = cut(bytes)?;
    Ok((parsed(&header)?, rest))
}

/// A record's header as it is written, and what follows.
fn cut(bytes: &Bytes) -> Result<(Bytes, Reader), StoreError> {
    let mut reader = Reader(bytes.clone());
    match reader.array::<1>()? {
        [VERSION] => {}
        [other] => {
            return Err(corrupt(&format!("an object record has the unknown version {other}")));
        }
    }
    let count = reader.count()?;
    Ok((reader.take(count)?, reader))
}

fn parsed<T: DeserializeOwned>(header: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(header)
        .map_err(|error| corrupt(&format!("an object record's header is malformed: {error}")))
}

fn body(mut reader: Reader) -> Result<Body, StoreError> {
    let count = reader.count()?;
    let mut segments = Vec::new();
    for _ in 0..count {
        let number = u16::from_be_bytes(reader.array()?);
        let blob = match reader.array::<1>()? {
            [0] => None,
            [1] => Some(BlobId::from_random(reader.array()?)),
            _ => return Err(corrupt("a segment is neither inline nor a blob")),
        };
        let length = u64::from_be_bytes(reader.array()?);
        let [sum] = reader.array::<1>()?;
        let checksum = reader.take(usize::from(sum))?.to_vec();
        segments.push(Segment { number, blob, length, checksum });
    }
    Ok(Body { segments, inline: reader.0 })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> ObjectRecord {
        let checksum = Checksum::new(ChecksumAlgorithm::Crc32, vec![1, 2, 3, 4]).unwrap();
        let segment = |number, blob, length| Segment { number, blob, length, checksum: vec![7; 4] };
        ObjectRecord {
            header: Arc::new(ObjectHeader {
                size: 8,
                etag: "0123456789abcdef0123456789abcdef-2".parse().unwrap(),
                modified: "2026-01-02T03:04:05.678Z".parse().unwrap(),
                headers: SystemHeaders { expires: Some("never".into()), ..Default::default() },
                metadata: UserMetadata::new([("a".into(), "ü\n\"".into())]).unwrap(),
                tags: TagSet::from_query("k=v").unwrap(),
                checksum,
                kind: ChecksumKind::Composite,
                owner: None,
                acl: None,
                upload: Some("u1".parse().unwrap()),
            }),
            body: Body {
                segments: vec![
                    segment(1, Some(BlobId::from_random([5; 16])), 5),
                    segment(2, None, 3),
                ],
                inline: Bytes::from_static(b"end"),
            },
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let record = sample();
        let bytes = record.encode().unwrap();
        assert_eq!(bytes.first(), Some(&VERSION));
        assert_eq!(ObjectRecord::decode(&bytes).unwrap(), record);
        assert_eq!(record.body.parts(), Some(2));
    }

    /// The fixture is what `sample().encode()` gave when version 1 was new.
    #[test]
    fn a_record_of_version_one_reads_for_ever() {
        let fixture = include_bytes!("../fixtures/object-v1.bin");
        assert_eq!(ObjectRecord::decode(&Bytes::from_static(fixture)).unwrap(), sample());
    }

    #[test]
    fn a_damaged_record_is_corrupt_and_never_another_record() {
        let bytes = sample().encode().unwrap();
        for end in 0..bytes.len() - 3 {
            assert!(ObjectRecord::decode(&bytes.slice(..end)).is_err(), "cut at {end}");
        }
        let mut other = bytes.to_vec();
        other[0] = 2;
        assert!(ObjectRecord::decode(&other.into()).is_err());
    }
}
