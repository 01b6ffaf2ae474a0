//! What a bucket or an object answers when it does not do what was asked (S3 API reference, "Error
//! responses", "List of error codes").

use std::io::ErrorKind;

use audit::Reason;
use http::HeaderValue;
use identity::AclRefusal;
use objects::{BodyError, BodyProof, ObjectError, StoreError};

use super::ApiError;

impl From<ObjectError> for ApiError {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Identity(cause) => cause.into(),
            ObjectError::Store(cause) => cause.into(),
            ObjectError::Body(cause) => cause.into(),
            ObjectError::NotModified { etag, modified } => not_modified(&etag, modified),
            ObjectError::Policy(cause) => policy(&cause),
            other => refine(plain(&other), &other),
        }
    }
}

fn policy(cause: &policy::PolicyError) -> ApiError {
    ApiError::new(400, cause.aws_code(), cause.client_message())
}

fn not_modified(etag: &names::ETag, modified: names::Timestamp) -> ApiError {
    let mut error = ApiError::new(304, "NotModified", "");
    if let Ok(value) = HeaderValue::from_str(&format!("\"{etag}\"")) {
        error.headers.insert(http::header::ETAG, value);
    }
    if let Ok(value) = HeaderValue::from_str(&modified.http_date()) {
        error.headers.insert(http::header::LAST_MODIFIED, value);
    }
    error
}

/// Status, code and AWS's own text where clients match on it.
fn plain(error: &ObjectError) -> ApiError {
    use ObjectError as E;
    let (status, code) = code(error);
    let text = match error {
        E::NoSuchBucket(_) => "The specified bucket does not exist".to_owned(),
        E::BucketTaken(_) => "The requested bucket name is not available. The bucket namespace is \
                              shared by all users of the system. Please select a different name \
                              and try again."
            .to_owned(),
        E::BucketOwned(_) => "Your previous request to create the named bucket succeeded and you \
                              already own it."
            .to_owned(),
        E::BucketNotEmpty(_) => "The bucket you tried to delete is not empty".to_owned(),
        E::NoSuchKey => "The specified key does not exist.".to_owned(),
        E::Hidden => "Access Denied".to_owned(),
        E::NoSuchVersion => "The specified version does not exist.".to_owned(),
        E::NoSuchUpload => "The specified upload does not exist. The upload ID may be invalid, or \
                            the upload may have been aborted or completed."
            .to_owned(),
        E::NoSuchTagSet => "The TagSet does not exist".to_owned(),
        E::NoSuchBucketPolicy => "The bucket policy does not exist".to_owned(),
        E::NoSuchPublicAccessBlock => {
            "The public access block configuration was not found".to_owned()
        }
        E::NoSuchOwnershipControls => "The bucket ownership controls were not found".to_owned(),
        E::PreconditionFailed(_) => {
            "At least one of the pre-conditions you specified did not hold".to_owned()
        }
        E::Range(_) => "The requested range is not satisfiable".to_owned(),
        E::CopyToItself => "This copy request is illegal because it is trying to copy an object \
                            to itself without changing the object's metadata, storage class, \
                            website redirect location or encryption attributes."
            .to_owned(),
        E::Acl(AclRefusal::Off) => "The bucket does not allow ACLs".to_owned(),
        E::Acl(AclRefusal::InTheWay) | E::AclAtCreation => {
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
                .to_owned()
        }
        E::Acl(AclRefusal::Public) | E::AclOwner => "Access Denied".to_owned(),
        other => other.to_string(),
    };
    ApiError::new(status, code, text)
}

fn code(error: &ObjectError) -> (u16, &'static str) {
    use ObjectError as E;
    match error {
        E::NoSuchBucket(_) => (404, "NoSuchBucket"),
        E::BucketTaken(_) => (409, "BucketAlreadyExists"),
        E::BucketOwned(_) => (409, "BucketAlreadyOwnedByYou"),
        E::BucketNotEmpty(_) => (409, "BucketNotEmpty"),
        E::BucketBusy(_) => (409, "OperationAborted"),
        E::RangeAndPart => (400, "InvalidRequest"),
        E::Location { .. } => (400, "InvalidLocationConstraint"),
        E::NoSuchKey => (404, "NoSuchKey"),
        E::Hidden => (403, "AccessDenied"),
        E::NoSuchVersion => (404, "NoSuchVersion"),
        E::NoSuchUpload => (404, "NoSuchUpload"),
        E::NoSuchTagSet => (404, "NoSuchTagSet"),
        E::NoSuchBucketPolicy => (404, "NoSuchBucketPolicy"),
        E::NoSuchPublicAccessBlock => (404, "NoSuchPublicAccessBlockConfiguration"),
        E::NoSuchOwnershipControls => (404, "OwnershipControlsNotFoundError"),
        E::PreconditionFailed(_) => (412, "PreconditionFailed"),
        E::Range(_) => (416, "InvalidRange"),
        E::NoSuchPart(_) => (416, "InvalidPartNumber"),
        E::CopyRange { .. } => (400, "InvalidArgument"),
        E::CopyToItself | E::CopyTooLarge { .. } => (400, "InvalidRequest"),
        E::Md5Mismatch | E::ChecksumMismatch(_) => (400, "BadDigest"),
        E::TrailerMissing(_) => (400, "MalformedTrailerError"),
        E::ChecksumAlgorithm { .. } | E::ChecksumKind { .. } => (400, "InvalidRequest"),
        E::TooLarge { .. } => (400, "EntityTooLarge"),
        E::TooSmall { .. } => (400, "EntityTooSmall"),
        E::InvalidPart(_) => (400, "InvalidPart"),
        E::PartOrder => (400, "InvalidPartOrder"),
        E::NoParts => (400, "MalformedXML"),
        E::Size { .. } => (400, "InvalidRequest"),
        E::Token | E::VersionMarker => (400, "InvalidArgument"),
        E::PublicPolicy | E::SelfLockout => (403, "AccessDenied"),
        E::Acl(AclRefusal::Off) => (400, "AccessControlListNotSupported"),
        E::Acl(AclRefusal::InTheWay) | E::AclAtCreation => {
            (400, "InvalidBucketAclWithObjectOwnership")
        }
        E::Acl(AclRefusal::Public) | E::AclOwner => (403, "AccessDenied"),
        E::Changed | E::Contended => (409, "ConditionalRequestConflict"),
        E::Cut(_) => (403, "AccessDenied"),
        _ => (500, "InternalError"),
    }
}

/// Elements that S3 adds to some errors.
fn refine(error: ApiError, cause: &ObjectError) -> ApiError {
    match cause {
        ObjectError::NoSuchBucket(bucket)
        | ObjectError::BucketTaken(bucket)
        | ObjectError::BucketOwned(bucket)
        | ObjectError::BucketNotEmpty(bucket) => error.with("BucketName", bucket.as_str()),
        ObjectError::PreconditionFailed(condition) => error.with("Condition", *condition),
        ObjectError::Range(range) => error.with("ActualObjectSize", range.size.to_string()),
        ObjectError::TooSmall { size, min, .. } => {
            error.with("ProposedSize", size.to_string()).with("MinSizeAllowed", min.to_string())
        }
        _ => error,
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::no_space(),
            other => {
                tracing::error!(error = %other, "the store failed");
                Self::internal()
            }
        }
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        let malformed = Reason::Malformed { what: "body" };
        let (status, code) = match &error {
            BodyError::Unproven(BodyProof::PayloadHash) => (400, "XAmzContentSHA256Mismatch"),
            BodyError::Unproven(_) => (403, "SignatureDoesNotMatch"),
            BodyError::Connection(cause) if cause.kind() == ErrorKind::TimedOut => {
                (400, "RequestTimeout")
            }
            BodyError::Length { .. } | BodyError::Connection(_) => (400, "IncompleteBody"),
            BodyError::TooShort { .. } => (400, "EntityTooSmall"),
            BodyError::TooLong { .. } => (400, "EntityTooLarge"),
            BodyError::Malformed => (400, "InvalidRequest"),
            BodyError::Trailers => (400, "MalformedTrailerError"),
            _ => return Self::internal(),
        };
        Self::new(status, code, error.to_string()).because(malformed)
    }
}

impl ApiError {
    /// The account has as many requests under way as it may.
    pub(crate) fn crowded() -> Self {
        Self::new(503, "SlowDown", "Please reduce your request rate.")
            .because(Reason::LimitExceeded { limit: "account_requests" })
    }

    /// The disk is below its reserve: nothing new is stored until there is room.
    pub(crate) fn no_space() -> Self {
        let mut error = Self::new(
            507,
            "InsufficientStorage",
            "The store is below its disk reserve: writes are refused until space is freed.",
        );
        error.reason = Reason::NoSpace;
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_absence_is_a_refusal_and_a_revealed_one_is_not() {
        assert_eq!(ApiError::from(ObjectError::Hidden).status, 403);
        assert_eq!(ApiError::from(ObjectError::NoSuchKey).status, 404);
    }

    #[test]
    fn a_full_disk_is_not_an_internal_error() {
        let error = ApiError::from(StoreError::Full);
        assert_eq!((error.status, &error.reason), (507, &Reason::NoSpace));
        assert_eq!(ApiError::from(StoreError::Unavailable).status, 500);
    }
}
