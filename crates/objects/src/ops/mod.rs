//! The operations of S3 in domain words, each with the checks that it needs (AWS service
//! authorization reference, "Actions, resources, and condition keys for Amazon S3").
//!
//! A field is here only if the store acts on it. What S3 knows and this store does not (storage
//! classes, server-side encryption, object lock, grants) has no field, and so cannot be taken and
//! silently dropped.

mod bucket;
mod listing;
mod multipart;
mod object;

pub use bucket::{
    ConfirmSelfLockout, CreateBucket, DeleteBucket, DeleteBucketOwnershipControls,
    DeleteBucketPolicy, DeleteBucketTagging, DeletePublicAccessBlock, GetBucketAcl,
    GetBucketLocation, GetBucketOwnershipControls, GetBucketPolicy, GetBucketPolicyStatus,
    GetBucketTagging, GetBucketVersioning, GetPublicAccessBlock, HeadBucket, ListBuckets,
    PutBucketAcl, PutBucketOwnershipControls, PutBucketPolicy, PutBucketTagging,
    PutPublicAccessBlock,
};
pub use listing::{
    ListMultipartUploads, ListObjectVersions, ListObjects, ListObjectsV2, ListParts,
    PAGE_ENTRIES_MAX,
};
pub use multipart::{
    AbortMultipartUpload, CompleteMultipartUpload, CompletedPart, CreateMultipartUpload,
    UploadPart, UploadPartCopy,
};
pub use object::{
    Attributes, CopyMetadata, CopyObject, CopyTags, Declared, DeleteObject, DeleteObjectTagging,
    DeleteObjects, GetObject, GetObjectAcl, GetObjectAttributes, GetObjectTagging, HeadObject,
    METADATA_BYTES_MAX, MetadataTooLarge, ObjectName, PutObject, PutObjectAcl, PutObjectTagging,
    SourceTags, SystemHeaders, UserMetadata,
};

use names::{Arn, BucketName};
use policy::facts::Value;

pub use crate::acl::{CannedAcl, Seen, SentAcl};

/// The context of an absence check: a listing narrowed to exactly this key.
fn prefix_is_key(name: &ObjectName) -> Vec<(&'static str, Value)> {
    vec![("s3:prefix", Value::from(name.key.as_str()))]
}

/// The bucket's ARN, if the check is asked for.
fn bucket_if(asked: bool, bucket: &BucketName) -> Option<Arn> {
    asked.then(|| Arn::bucket(bucket))
}
