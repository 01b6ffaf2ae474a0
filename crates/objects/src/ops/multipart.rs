//! Operations of multipart uploads (S3 user guide, "Uploading and copying objects using multipart
//! upload in Amazon S3").

use names::{
    Action, Arn, BucketName, Checksum, ChecksumAlgorithm, ChecksumKind, ObjectKey, UploadId,
};
use policy::operation::{Operation, Rule};

use super::{Declared, ObjectName, SentAcl, SystemHeaders, UserMetadata, prefix_is_key};
use crate::conditions::{ByteRange, PartNumber, ReadConditions, WriteCondition};
use crate::tags::TagSet;

/// Begins an upload.
#[derive(Clone, Debug)]
pub struct CreateMultipartUpload {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// Headers kept with the object.
    pub headers: SystemHeaders,
    /// User metadata.
    pub metadata: UserMetadata,
    /// Tags; `None` if no tagging header was sent.
    pub tags: Option<TagSet>,
    /// The ACL that was sent.
    pub acl: Option<SentAcl>,
    /// The algorithm of the parts' checksums; CRC64NVME where none is named.
    pub algorithm: Option<ChecksumAlgorithm>,
    /// What the object's checksum covers; the algorithm's default where it is not said.
    pub kind: Option<ChecksumKind>,
}

impl Operation for CreateMultipartUpload {
    const NAME: &'static str = "CreateMultipartUpload";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:PutObject"), |op| Some(Arn::object(&op.bucket, &op.key))),
        Rule::required(Action::known("s3:PutObjectAcl"), |op| {
            op.acl.as_ref().map(|_| Arn::object(&op.bucket, &op.key))
        }),
        Rule::required(Action::known("s3:PutObjectTagging"), |op| {
            op.tags.as_ref().map(|_| Arn::object(&op.bucket, &op.key))
        }),
    ];
}

/// Stores a part; one of the same number is replaced.
#[derive(Clone, Debug)]
pub struct UploadPart {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// The upload.
    pub upload: UploadId,
    /// The part's number.
    pub part: PartNumber,
    /// What the body must be.
    pub declared: Declared,
}

impl Operation for UploadPart {
    const NAME: &'static str = "UploadPart";
    const CHECKS: &'static [Rule<Self>] = &[Rule::required(Action::known("s3:PutObject"), |op| {
        Some(Arn::object(&op.bucket, &op.key))
    })];
}

/// Stores a part whose bytes are those of an object.
#[derive(Clone, Debug)]
pub struct UploadPartCopy {
    /// What is copied.
    pub source: ObjectName,
    /// Only these bytes of it; the range must lie within the source.
    pub range: Option<ByteRange>,
    /// Preconditions on the source.
    pub source_conditions: ReadConditions,
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// The upload.
    pub upload: UploadId,
    /// The part's number.
    pub part: PartNumber,
}

impl Operation for UploadPartCopy {
    const NAME: &'static str = "UploadPartCopy";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:GetObject"), |op| op.source.current()),
        Rule::required(Action::known("s3:GetObjectVersion"), |op| op.source.versioned()),
        Rule::required(Action::known("s3:PutObject"), |op| Some(Arn::object(&op.bucket, &op.key))),
        Rule::absence(
            Action::known("s3:ListBucket"),
            |op| Some(Arn::bucket(&op.source.bucket)),
            |op| prefix_is_key(&op.source),
        ),
    ];
}

/// Makes an object of an upload's parts.
#[derive(Clone, Debug)]
pub struct CompleteMultipartUpload {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// The upload.
    pub upload: UploadId,
    /// The parts, in ascending order of their numbers.
    pub parts: Vec<CompletedPart>,
    /// What the object's checksum must be (`x-amz-checksum-*`).
    pub checksum: Option<Checksum>,
    /// What the checksum is said to cover (`x-amz-checksum-type`); must be what the upload began
    /// with.
    pub kind: Option<ChecksumKind>,
    /// How many bytes the object must have (`x-amz-mp-object-size`).
    pub size: Option<u64>,
    /// What must hold in the commit.
    pub condition: WriteCondition,
}

/// A part as the one who completes names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CompletedPart {
    /// Its number.
    pub number: PartNumber,
    /// The entity tag that its upload answered, without quotes.
    pub etag: String,
    /// Its checksum.
    pub checksum: Option<Checksum>,
}

impl Operation for CompleteMultipartUpload {
    const NAME: &'static str = "CompleteMultipartUpload";
    const CHECKS: &'static [Rule<Self>] = &[Rule::required(Action::known("s3:PutObject"), |op| {
        Some(Arn::object(&op.bucket, &op.key))
    })];
}

/// Forgets an upload and its parts.
#[derive(Clone, Debug)]
pub struct AbortMultipartUpload {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// The upload.
    pub upload: UploadId,
}

impl Operation for AbortMultipartUpload {
    const NAME: &'static str = "AbortMultipartUpload";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:AbortMultipartUpload"), |op| {
            Some(Arn::object(&op.bucket, &op.key))
        })];
}
