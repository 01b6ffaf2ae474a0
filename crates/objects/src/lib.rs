//! What a bucket means: keys, multipart uploads, listings, tags, and their operations.
//!
//! Every operation is a type of [`ops`] that names its own checks, and a method of [`Objects`] that
//! takes its [`Permit`](audit::Permit). Objects are kept in a [`MetadataStore`] and a
//! [`BlobStore`]; how they lie there is `docs/storage-format/objects.md`.

mod access;
mod acl;
mod bucket;
mod collect;
mod complete;
mod conditions;
mod copy;
mod digest;
mod error;
mod facts;
mod headers;
mod ingest;
mod lane;
mod layout;
mod list;
mod objects;
pub mod ops;
mod ports;
mod read;
mod readers;
mod record;
mod references;
mod sums;
mod tags;
mod turns;
mod upload;
mod walk;
mod write;

pub use access::PolicyStatus;
pub use acl::AccessList;
pub use bucket::{BucketPage, ListedBucket};
pub use collect::{CollectBlobs, Collected};
pub use complete::{OBJECT_BYTES_MAX, PART_BYTES_MIN};
pub use conditions::{
    BadPartNumber, BadRange, ByteRange, EtagMatch, PARTS_MAX, PartNumber, ReadConditions,
    ReadVerdict, Span, WriteCondition,
};
pub use copy::Copied;
pub use error::ObjectError;
pub use facts::ObjectFacts;
pub use ingest::{EntityTags, INLINE_BYTES_MAX, read_whole};
pub use lane::Lane;
pub use list::{ListedObject, ListedUpload, ObjectPage, UploadPage};
pub use objects::{NewBuckets, Objects, ObjectsParts};
pub use ports::{
    BadBlobId, BlobId, BlobStore, BlobWriter, BodyError, BodyProof, ByteStream, CommitError,
    Expect, IncomingBody, MetadataStore, StoreError, TrailerSlot, WriteBatch,
};
pub use read::{ObjectAttributes, ObjectBody, ObjectHead, ObjectPart, StoredChecksum};
pub use references::referenced_blobs;
pub use tags::{BUCKET_TAGS_MAX, BadTags, OBJECT_TAGS_MAX, TagSet};
pub use upload::{PART_BYTES_MAX, PartPage, StoredPart, UploadBegun};
pub use write::{PUT_BYTES_MAX, Stored};
