//! The rows of S3. A bucket policy may open any row to anonymous callers but those that create
//! something in the caller's own account.

use objects::ops;
use wire::s3 as messages;

use crate::operation::Access::{Anyone, Signed};
use crate::operation::Effect::{Read, Remove, Write};
use crate::operation::Row;
use crate::s3::{account, acl, bucket, copy, listing, multipart, object, post, settings, tagging};

macro_rules! row {
    ($message:ident, $op:ident, $access:ident, $effect:ident, $serve:path) => {
        Row::s3::<messages::$message, ops::$op>($access, $effect, |x| Box::pin($serve(x)))
    };
}

/// A row of S3's control API, which is about the caller's whole account.
macro_rules! control {
    ($message:ident, $op:ident, $effect:ident, $serve:path) => {
        Row::s3::<wire::s3control::$message, identity::ops::$op>(Signed, $effect, |x| {
            Box::pin($serve(x))
        })
    };
}

pub(super) const ROWS: &[Row] = &[
    row!(ListBucketsRequest, ListBuckets, Signed, Read, listing::buckets),
    row!(CreateBucketRequest, CreateBucket, Signed, Write, bucket::create),
    row!(HeadBucketRequest, HeadBucket, Anyone, Read, bucket::head),
    row!(DeleteBucketRequest, DeleteBucket, Anyone, Remove, bucket::delete),
    row!(GetBucketLocationRequest, GetBucketLocation, Anyone, Read, settings::location),
    row!(GetBucketVersioningRequest, GetBucketVersioning, Anyone, Read, settings::versioning),
    row!(GetBucketPolicyRequest, GetBucketPolicy, Anyone, Read, settings::policy),
    row!(PutBucketPolicyRequest, PutBucketPolicy, Anyone, Write, settings::put_policy),
    row!(DeleteBucketPolicyRequest, DeleteBucketPolicy, Anyone, Remove, settings::delete_policy),
    row!(
        GetBucketPolicyStatusRequest,
        GetBucketPolicyStatus,
        Anyone,
        Read,
        settings::policy_status
    ),
    row!(GetPublicAccessBlockRequest, GetPublicAccessBlock, Anyone, Read, settings::access_block),
    row!(
        PutPublicAccessBlockRequest,
        PutPublicAccessBlock,
        Anyone,
        Write,
        settings::put_access_block
    ),
    row!(
        DeletePublicAccessBlockRequest,
        DeletePublicAccessBlock,
        Anyone,
        Remove,
        settings::delete_access_block
    ),
    row!(
        GetBucketOwnershipControlsRequest,
        GetBucketOwnershipControls,
        Anyone,
        Read,
        acl::controls
    ),
    row!(
        PutBucketOwnershipControlsRequest,
        PutBucketOwnershipControls,
        Anyone,
        Write,
        acl::put_controls
    ),
    row!(
        DeleteBucketOwnershipControlsRequest,
        DeleteBucketOwnershipControls,
        Anyone,
        Remove,
        acl::delete_controls
    ),
    control!(GetPublicAccessBlockRequest, GetAccountPublicAccessBlock, Read, account::block),
    control!(PutPublicAccessBlockRequest, PutAccountPublicAccessBlock, Write, account::put_block),
    control!(
        DeletePublicAccessBlockRequest,
        DeleteAccountPublicAccessBlock,
        Remove,
        account::delete_block
    ),
    row!(GetBucketAclRequest, GetBucketAcl, Anyone, Read, acl::bucket),
    row!(PutBucketAclRequest, PutBucketAcl, Anyone, Write, acl::put_bucket),
    row!(GetObjectAclRequest, GetObjectAcl, Anyone, Read, acl::object),
    row!(PutObjectAclRequest, PutObjectAcl, Anyone, Write, acl::put_object),
    row!(GetBucketTaggingRequest, GetBucketTagging, Anyone, Read, bucket::tagging),
    row!(PutBucketTaggingRequest, PutBucketTagging, Anyone, Write, bucket::put_tagging),
    row!(DeleteBucketTaggingRequest, DeleteBucketTagging, Anyone, Remove, bucket::delete_tagging),
    row!(PutObjectRequest, PutObject, Anyone, Write, object::put),
    Row::form::<ops::PutObject>(post::ROUTE, |x| Box::pin(post::object(x))),
    row!(GetObjectRequest, GetObject, Anyone, Read, object::get),
    row!(HeadObjectRequest, HeadObject, Anyone, Read, object::head),
    row!(DeleteObjectRequest, DeleteObject, Anyone, Remove, object::delete),
    row!(DeleteObjectsRequest, DeleteObjects, Anyone, Remove, object::delete_many),
    row!(GetObjectAttributesRequest, GetObjectAttributes, Anyone, Read, object::attributes),
    row!(CopyObjectRequest, CopyObject, Anyone, Write, copy::object),
    row!(ListObjectsRequest, ListObjects, Anyone, Read, listing::v1),
    row!(ListObjectsV2Request, ListObjectsV2, Anyone, Read, listing::v2),
    row!(ListObjectVersionsRequest, ListObjectVersions, Anyone, Read, listing::versions),
    row!(GetObjectTaggingRequest, GetObjectTagging, Anyone, Read, tagging::get),
    row!(PutObjectTaggingRequest, PutObjectTagging, Anyone, Write, tagging::put),
    row!(DeleteObjectTaggingRequest, DeleteObjectTagging, Anyone, Remove, tagging::delete),
    row!(CreateMultipartUploadRequest, CreateMultipartUpload, Anyone, Write, multipart::create),
    row!(UploadPartRequest, UploadPart, Anyone, Write, multipart::upload),
    row!(UploadPartCopyRequest, UploadPartCopy, Anyone, Write, copy::part),
    row!(
        CompleteMultipartUploadRequest,
        CompleteMultipartUpload,
        Anyone,
        Write,
        multipart::complete
    ),
    row!(AbortMultipartUploadRequest, AbortMultipartUpload, Anyone, Remove, multipart::abort),
    row!(ListPartsRequest, ListParts, Anyone, Read, multipart::list_parts),
    row!(ListMultipartUploadsRequest, ListMultipartUploads, Anyone, Read, multipart::list_uploads),
];
