//! Why an operation on a bucket or an object did not happen.

use audit::Cut;
use names::{BucketName, ChecksumAlgorithm, ChecksumKind, ETag, Timestamp};

use crate::conditions::{BadRange, PartNumber};
use crate::ports::{BodyError, StoreError};

/// Why an operation did not happen. Nothing was changed, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// 404 `NoSuchBucket`.
    #[error("there is no bucket `{0}`")]
    NoSuchBucket(BucketName),
    /// 409 `BucketAlreadyExists`: another account's.
    #[error("the name `{0}` is taken")]
    BucketTaken(BucketName),
    /// 409 `BucketAlreadyOwnedByYou`.
    #[error("the account owns bucket `{0}` already")]
    BucketOwned(BucketName),
    /// 409 `BucketNotEmpty`.
    #[error("bucket `{0}` is not empty")]
    BucketNotEmpty(BucketName),
    /// 400 `InvalidLocationConstraint`.
    #[error("`{wanted}` is not the region served, which is `{served}`")]
    Location {
        /// The region wanted.
        wanted: String,
        /// The region served.
        served: String,
    },
    /// 404 `NoSuchKey`; 403 `AccessDenied` where the permit hides absence is [`Self::Hidden`].
    #[error("there is no such key")]
    NoSuchKey,
    /// 403 `AccessDenied`: what is asked for does not exist, and the caller may not know.
    #[error("the object does not exist, and the caller may not list the bucket")]
    Hidden,
    /// 404 `NoSuchVersion`: an unversioned bucket has version `null` alone.
    #[error("there is no such version")]
    NoSuchVersion,
    /// 404 `NoSuchUpload`.
    #[error("there is no such upload")]
    NoSuchUpload,
    /// 404 `NoSuchTagSet`.
    #[error("the bucket has no tags")]
    NoSuchTagSet,
    /// 404 `NoSuchBucketPolicy`.
    #[error("the bucket has no policy")]
    NoSuchBucketPolicy,
    /// 404 `NoSuchPublicAccessBlockConfiguration`.
    #[error("the bucket has no public-access block")]
    NoSuchPublicAccessBlock,
    /// 404 `OwnershipControlsNotFoundError`.
    #[error("the bucket has no ownership controls")]
    NoSuchOwnershipControls,
    /// 304.
    #[error("the object was not modified")]
    NotModified {
        /// The present entity tag.
        etag: ETag,
        /// When the object was last modified.
        modified: Timestamp,
    },
    /// 412 `PreconditionFailed`.
    #[error("the precondition `{0}` does not hold")]
    PreconditionFailed(&'static str),
    /// 416 `InvalidRange`.
    #[error(transparent)]
    Range(#[from] BadRange),
    /// 416 `InvalidPartNumber`.
    #[error("the object has no part {}", .0.get())]
    NoSuchPart(PartNumber),
    /// 400 `InvalidRequest`: a range and a part at once.
    #[error("a range and a part number exclude each other")]
    RangeAndPart,
    /// 400 `InvalidArgument`: the range of a part copy is not `first-last` within the source.
    #[error("the range to copy does not lie within the source of {size} bytes")]
    CopyRange {
        /// How many bytes the source has.
        size: u64,
    },
    /// 400 `InvalidRequest`.
    #[error("an object cannot be copied to itself without changing its metadata")]
    CopyToItself,
    /// 400 `InvalidRequest`.
    #[error("a copy's source has at most {max} bytes")]
    CopyTooLarge {
        /// How many bytes a source may have.
        max: u64,
    },
    /// 400 `BadDigest`: the body's MD5 is not `Content-MD5`.
    #[error("the body's MD5 is not the declared one")]
    Md5Mismatch,
    /// 400 `BadDigest` (`InvalidPart` when completing): a checksum is not the declared one.
    #[error("the {0} checksum is not the declared one")]
    ChecksumMismatch(ChecksumAlgorithm),
    /// 400 `MalformedTrailerError`: the announced trailer did not arrive.
    #[error("the announced {0} trailer did not arrive")]
    TrailerMissing(ChecksumAlgorithm),
    /// 400 `InvalidRequest`: a part declares another algorithm than its upload.
    #[error("the upload's checksums are {expected}, not {sent}")]
    ChecksumAlgorithm {
        /// The upload's algorithm.
        expected: ChecksumAlgorithm,
        /// The part's.
        sent: ChecksumAlgorithm,
    },
    /// 400 `InvalidRequest`: the algorithm has no checksums of that kind.
    #[error("a {algorithm} checksum cannot be {}", kind.as_str())]
    ChecksumKind {
        /// The algorithm.
        algorithm: ChecksumAlgorithm,
        /// What it cannot cover.
        kind: ChecksumKind,
    },
    /// 400 `EntityTooLarge`.
    #[error("the body is larger than {max} bytes")]
    TooLarge {
        /// How many bytes there may be.
        max: u64,
    },
    /// 400 `EntityTooSmall`: a part that is not the last one.
    #[error("part {} has {size} bytes, fewer than {min}", part.get())]
    TooSmall {
        /// The part.
        part: PartNumber,
        /// How many bytes it has.
        size: u64,
        /// How many it must have.
        min: u64,
    },
    /// 400 `InvalidPart`.
    #[error("part {} was not uploaded, or is another", .0.get())]
    InvalidPart(PartNumber),
    /// 400 `InvalidPartOrder`.
    #[error("the parts are not in ascending order")]
    PartOrder,
    /// 400 `MalformedXML`: an upload is completed with no parts.
    #[error("no parts are named")]
    NoParts,
    /// 400 `InvalidRequest`: the parts together have another size than declared.
    #[error("the object has {actual} bytes, not {declared}")]
    Size {
        /// `x-amz-mp-object-size`.
        declared: u64,
        /// The sum of the parts.
        actual: u64,
    },
    /// 400 `InvalidArgument`: a continuation token that this store did not make.
    #[error("the continuation token provided is incorrect")]
    Token,
    /// 400 `InvalidArgument`: a version marker without a key marker.
    #[error("a version marker needs a key marker")]
    VersionMarker,
    /// 400 `MalformedPolicy`.
    #[error("the bucket policy is refused")]
    Policy(#[source] Box<policy::PolicyError>),
    /// 403 `AccessDenied`: public policies are blocked.
    #[error("the policy is public, and the bucket's public-access block refuses public policies")]
    PublicPolicy,
    /// 400 `MalformedPolicy`: the caller could not change the policy again, and did not confirm.
    #[error("the policy would keep its own author from changing it again")]
    SelfLockout,
    /// 400 or 403: an ACL, or a setting that ACLs hang on, is not taken.
    #[error(transparent)]
    Acl(#[from] identity::AclRefusal),
    /// 403 `AccessDenied`: the list that is put names another owner than there is.
    #[error("the list names another owner")]
    AclOwner,
    /// 400 `InvalidBucketAclWithObjectOwnership`: a bucket is made with an ACL that means nothing.
    #[error("a bucket whose owner owns all that is in it cannot be made with an ACL")]
    AclAtCreation,
    /// 409 `ConditionalRequestConflict`: what the request was decided on changed meanwhile; it may
    /// be tried again.
    #[error("what the request was decided on changed meanwhile")]
    Changed,
    /// 503 `SlowDown`: too many writers of one key; it may be tried again.
    #[error("too many writers of one key")]
    Contended,
    /// The permit's guard was cut: reset the connection.
    #[error(transparent)]
    Cut(#[from] Cut),
    /// The body did not reach its end.
    #[error("the body did not reach its end")]
    Body(#[source] BodyError),
    /// The store failed. After a failure of a commit the change may or may not have happened.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// 409 `OperationAborted`: the bucket is being deleted.
    #[error("bucket `{0}` is being deleted")]
    BucketBusy(BucketName),
    /// The authorization state could not be changed.
    #[error("the authorization state could not be changed")]
    Identity(#[source] identity::IdentityError),
}

impl From<BodyError> for ObjectError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Cut(cut) => Self::Cut(cut),
            BodyError::Store(store) => Self::Store(store),
            other => Self::Body(other),
        }
    }
}

impl From<policy::PolicyError> for ObjectError {
    fn from(error: policy::PolicyError) -> Self {
        Self::Policy(Box::new(error))
    }
}

impl From<identity::IdentityError> for ObjectError {
    fn from(error: identity::IdentityError) -> Self {
        match error {
            identity::IdentityError::NoSuchBucket(bucket) => Self::NoSuchBucket(bucket),
            identity::IdentityError::BucketPhase(bucket) => Self::BucketBusy(bucket),
            identity::IdentityError::MalformedPolicyDocument(error) => Self::Policy(error),
            identity::IdentityError::Acl(refusal) => Self::Acl(refusal),
            identity::IdentityError::Cut(cut) => Self::Cut(cut),
            other => Self::Identity(other),
        }
    }
}
