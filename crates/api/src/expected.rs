//! `x-amz-expected-bucket-owner`: a request that is meant for one account's bucket reaches no other
//! account's bucket of the name (S3 user guide, "Verifying bucket ownership with bucket owner
//! condition").

use identity::State;
use names::{AccountId, BucketName};
use signing::CanonicalRequest;
use wire::{CopySource, Target};

use crate::error::ApiError;

/// The header about the bucket that the path names.
const TARGET: &str = "x-amz-expected-bucket-owner";
/// The header about the bucket that is copied from.
const SOURCE: &str = "x-amz-source-expected-bucket-owner";

/// Compares the owners that a request expects with those in the state that it is decided on. A
/// bucket that does not exist has no owner to be mistaken for another.
///
/// # Errors
/// 403 if a bucket is another account's, 400 if what is expected is no account.
pub(crate) fn owners(request: &CanonicalRequest, state: &State) -> Result<(), ApiError> {
    if let Some(expected) = expected(request, TARGET)? {
        let target = Target::parse(request.path()).ok();
        let bucket = target.and_then(|target| target.bucket()?.parse().ok());
        compare(expected, bucket, state)?;
    }
    if let Some(expected) = expected(request, SOURCE)? {
        let source = request.header("x-amz-copy-source").ok().flatten();
        let source = source.and_then(|source| CopySource::parse(source).ok());
        compare(expected, source.map(|source| source.bucket), state)?;
    }
    Ok(())
}

fn expected(request: &CanonicalRequest, name: &str) -> Result<Option<AccountId>, ApiError> {
    let bad = || {
        let message = "The value of the expected bucket owner parameter must be an AWS Account ID.";
        ApiError::new(400, "InvalidBucketOwnerAWSAccountID", message)
    };
    let text = request.header(name).map_err(|_| bad())?;
    text.map(|text| text.parse().map_err(|_| bad())).transpose()
}

fn compare(expected: AccountId, bucket: Option<BucketName>, state: &State) -> Result<(), ApiError> {
    let owner = bucket.and_then(|bucket| state.bucket(&bucket)).map(|bucket| bucket.owner);
    if owner.is_none_or(|owner| owner == expected) {
        return Ok(());
    }
    Err(ApiError::new(403, "AccessDenied", "Access Denied").because(audit::Reason::Denied))
}
