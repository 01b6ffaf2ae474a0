//! What a bucket means: keys, multipart uploads, listings, tags, and their operations.

mod conditions;
mod facts;
pub mod ops;
mod ports;
mod tags;

pub use conditions::{
    BadPartNumber, BadRange, ByteRange, EtagMatch, PARTS_MAX, PartNumber, ReadConditions,
    ReadVerdict, Span, WriteCondition,
};
pub use facts::ObjectFacts;
pub use ports::{
    BadBlobId, BlobId, BlobStore, BlobWriter, BodyError, BodyProof, ByteStream, CommitError,
    Expect, IncomingBody, MetadataStore, StoreError, TrailerSlot, WriteBatch,
};
pub use tags::{BUCKET_TAGS_MAX, BadTags, OBJECT_TAGS_MAX, TagSet};
