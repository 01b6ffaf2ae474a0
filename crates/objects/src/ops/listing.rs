//! Operations that list.

use names::{Action, Arn, BucketName, ObjectKey, UploadId};
use policy::operation::{Operation, Rule};

/// Most entries of one page of any listing.
pub const PAGE_ENTRIES_MAX: usize = 1000;

/// Lists objects, version 1.
#[derive(Clone, Debug)]
pub struct ListObjects {
    /// The bucket.
    pub bucket: BucketName,
    /// Only keys that begin so.
    pub prefix: String,
    /// What rolls keys up into common prefixes; empty means nothing does.
    pub delimiter: String,
    /// Only entries after this one.
    pub marker: String,
    /// At most so many entries, and never more than [`PAGE_ENTRIES_MAX`].
    pub max_keys: usize,
}

impl Operation for ListObjects {
    const NAME: &'static str = "ListObjects";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:ListBucket"), |op| Some(Arn::bucket(&op.bucket)))];
}

/// Lists objects, version 2.
#[derive(Clone, Debug)]
pub struct ListObjectsV2 {
    /// The bucket.
    pub bucket: BucketName,
    /// Only keys that begin so.
    pub prefix: String,
    /// What rolls keys up into common prefixes; empty means nothing does.
    pub delimiter: String,
    /// Only entries after this one; without effect beside a token.
    pub start_after: String,
    /// The token of the page before.
    pub token: Option<String>,
    /// At most so many entries, and never more than [`PAGE_ENTRIES_MAX`].
    pub max_keys: usize,
}

impl Operation for ListObjectsV2 {
    const NAME: &'static str = "ListObjectsV2";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:ListBucket"), |op| Some(Arn::bucket(&op.bucket)))];
}

/// Lists versions of objects: in an unversioned bucket, each object's one version `null`.
#[derive(Clone, Debug)]
pub struct ListObjectVersions {
    /// The bucket.
    pub bucket: BucketName,
    /// Only keys that begin so.
    pub prefix: String,
    /// What rolls keys up into common prefixes; empty means nothing does.
    pub delimiter: String,
    /// Only entries after this key.
    pub key_marker: String,
    /// Only versions of the marker's key after this one; needs a key marker.
    pub version_marker: Option<String>,
    /// At most so many entries, and never more than [`PAGE_ENTRIES_MAX`].
    pub max_keys: usize,
}

impl Operation for ListObjectVersions {
    const NAME: &'static str = "ListObjectVersions";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:ListBucketVersions"), |op| {
            Some(Arn::bucket(&op.bucket))
        })];
}

/// Lists uploads in progress.
#[derive(Clone, Debug)]
pub struct ListMultipartUploads {
    /// The bucket.
    pub bucket: BucketName,
    /// Only keys that begin so.
    pub prefix: String,
    /// What rolls keys up into common prefixes; empty means nothing does.
    pub delimiter: String,
    /// Only uploads of keys after this one (with an upload marker: from this one on).
    pub key_marker: String,
    /// Only uploads of the marker's key after this one; without effect without a key marker.
    pub upload_marker: Option<UploadId>,
    /// At most so many entries, and never more than [`PAGE_ENTRIES_MAX`].
    pub max_uploads: usize,
}

impl Operation for ListMultipartUploads {
    const NAME: &'static str = "ListMultipartUploads";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:ListBucketMultipartUploads"), |op| {
            Some(Arn::bucket(&op.bucket))
        })];
}

/// Lists the parts of an upload.
#[derive(Clone, Debug)]
pub struct ListParts {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// The upload.
    pub upload: UploadId,
    /// Only parts after this number.
    pub part_marker: u16,
    /// At most so many parts, and never more than [`PAGE_ENTRIES_MAX`].
    pub max_parts: usize,
}

impl Operation for ListParts {
    const NAME: &'static str = "ListParts";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:ListMultipartUploadParts"), |op| {
            Some(Arn::object(&op.bucket, &op.key))
        })];
}
