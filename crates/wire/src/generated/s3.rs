//! The messages of S3, version 2006-03-01.
//!
//! Made by `cargo xtask codegen`: do not edit. Derived from the service models of
//! botocore 1.44.5, Copyright Amazon.com, Inc. or its affiliates, Apache License 2.0.

use names::Timestamp;
use std::collections::BTreeMap;

use crate::element::{Element, FromElement};
use crate::malformed::WireError;
use crate::message::{Payload, RestOutput, RestRequest, Route};
use crate::parts::Parts;
use crate::response::Response;
use crate::rule::Rule;
use crate::secret::Secret;
use crate::target::Level;
use crate::xml::write::{ToElement, Writer};

/// The XML namespace of the answers.
pub const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
/// Every query parameter that selects an operation, of those that are not made too: a request
/// with one that no route names asks for something that we do not have.
pub const SUBRESOURCES: &[&str] = &[
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "annotation",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "list-type",
    "location",
    "logging",
    "metadataAnnotationTable",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "select-type",
    "session",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
    "website",
];
/// The routes of all operations.
pub const ROUTES: &[Route] = &[
    ListBucketsRequest::ROUTE,
    CreateBucketRequest::ROUTE,
    HeadBucketRequest::ROUTE,
    DeleteBucketRequest::ROUTE,
    GetBucketLocationRequest::ROUTE,
    GetBucketVersioningRequest::ROUTE,
    GetBucketPolicyRequest::ROUTE,
    PutBucketPolicyRequest::ROUTE,
    DeleteBucketPolicyRequest::ROUTE,
    GetBucketPolicyStatusRequest::ROUTE,
    GetPublicAccessBlockRequest::ROUTE,
    PutPublicAccessBlockRequest::ROUTE,
    DeletePublicAccessBlockRequest::ROUTE,
    GetBucketOwnershipControlsRequest::ROUTE,
    PutBucketOwnershipControlsRequest::ROUTE,
    DeleteBucketOwnershipControlsRequest::ROUTE,
    GetBucketTaggingRequest::ROUTE,
    PutBucketTaggingRequest::ROUTE,
    DeleteBucketTaggingRequest::ROUTE,
    PutObjectRequest::ROUTE,
    GetObjectRequest::ROUTE,
    HeadObjectRequest::ROUTE,
    DeleteObjectRequest::ROUTE,
    DeleteObjectsRequest::ROUTE,
    CopyObjectRequest::ROUTE,
    ListObjectsRequest::ROUTE,
    ListObjectsV2Request::ROUTE,
    ListObjectVersionsRequest::ROUTE,
    GetObjectTaggingRequest::ROUTE,
    PutObjectTaggingRequest::ROUTE,
    DeleteObjectTaggingRequest::ROUTE,
    GetObjectAttributesRequest::ROUTE,
    CreateMultipartUploadRequest::ROUTE,
    UploadPartRequest::ROUTE,
    UploadPartCopyRequest::ROUTE,
    CompleteMultipartUploadRequest::ROUTE,
    AbortMultipartUploadRequest::ROUTE,
    ListPartsRequest::ROUTE,
    ListMultipartUploadsRequest::ROUTE,
    GetBucketAclRequest::ROUTE,
    PutBucketAclRequest::ROUTE,
    GetObjectAclRequest::ROUTE,
    PutObjectAclRequest::ROUTE,
];

const ANNOTATION_DIRECTIVE: Rule = Rule::OneOf(&["COPY", "EXCLUDE"]);
const BUCKET_CANNED_ACL: Rule =
    Rule::OneOf(&["private", "public-read", "public-read-write", "authenticated-read"]);
const BUCKET_NAMESPACE: Rule = Rule::OneOf(&["account-regional", "global"]);
const BUCKET_TYPE: Rule = Rule::OneOf(&["Directory"]);
const CHECKSUM_ALGORITHM: Rule = Rule::OneOf(&[
    "CRC32",
    "CRC32C",
    "SHA1",
    "SHA256",
    "CRC64NVME",
    "SHA512",
    "MD5",
    "XXHASH64",
    "XXHASH3",
    "XXHASH128",
]);
const CHECKSUM_MODE: Rule = Rule::OneOf(&["ENABLED"]);
const CHECKSUM_TYPE: Rule = Rule::OneOf(&["COMPOSITE", "FULL_OBJECT"]);
const DATA_REDUNDANCY: Rule = Rule::OneOf(&["SingleAvailabilityZone", "SingleLocalZone"]);
const ENCODING_TYPE: Rule = Rule::OneOf(&["url"]);
const LOCATION_TYPE: Rule = Rule::OneOf(&["AvailabilityZone", "LocalZone"]);
const MAX_BUCKETS: Rule = Rule::Number(1, 10000);
const METADATA_DIRECTIVE: Rule = Rule::OneOf(&["COPY", "REPLACE"]);
const OBJECT_ATTRIBUTES: Rule =
    Rule::OneOf(&["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]);
const OBJECT_CANNED_ACL: Rule = Rule::OneOf(&[
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
]);
const OBJECT_KEY: Rule = Rule::text(1, usize::MAX).rule();
const OBJECT_LOCK_EVENT_HOLD: Rule = Rule::OneOf(&["ON", "OFF"]);
const OBJECT_LOCK_LEGAL_HOLD_STATUS: Rule = Rule::OneOf(&["ON", "OFF"]);
const OBJECT_LOCK_MODE: Rule = Rule::OneOf(&["GOVERNANCE", "COMPLIANCE"]);
const OBJECT_OWNERSHIP: Rule =
    Rule::OneOf(&["BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"]);
const OPTIONAL_OBJECT_ATTRIBUTES: Rule = Rule::OneOf(&["RestoreStatus"]);
const PERMISSION: Rule = Rule::OneOf(&["FULL_CONTROL", "WRITE", "WRITE_ACP", "READ", "READ_ACP"]);
const REQUEST_PAYER: Rule = Rule::OneOf(&["requester"]);
const SERVER_SIDE_ENCRYPTION: Rule =
    Rule::OneOf(&["AES256", "aws:fsx", "aws:backup", "aws:kms", "aws:kms:dsse"]);
const STORAGE_CLASS: Rule = Rule::OneOf(&[
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "OUTPOSTS",
    "GLACIER_IR",
    "SNOW",
    "EXPRESS_ONEZONE",
    "FSX_OPENZFS",
    "FSX_ONTAP",
    "AWS_BACKUP_WARM",
    "AWS_BACKUP_LOW_COST_WARM",
]);
const TAGGING_DIRECTIVE: Rule = Rule::OneOf(&["COPY", "REPLACE"]);
const TYPE: Rule = Rule::OneOf(&["CanonicalUser", "AmazonCustomerByEmail", "Group"]);

/// `ListBuckets`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListBucketsRequest {
    /// `bucket-region`: query parameter.
    pub bucket_region: Option<String>,
    /// `continuation-token`: query parameter.
    pub continuation_token: Option<String>,
    /// `max-buckets`: query parameter.
    pub max_buckets: Option<i32>,
    /// `prefix`: query parameter.
    pub prefix: Option<String>,
}
impl RestRequest for ListBucketsRequest {
    const ROUTE: Route = Route {
        operation: "ListBuckets",
        method: "GET",
        level: Level::Service,
        literals: &[],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket_region: from.query("bucket-region").optional(&Rule::Any)?,
            continuation_token: from.query("continuation-token").optional(&Rule::Any)?,
            max_buckets: from.query("max-buckets").optional(&MAX_BUCKETS)?,
            prefix: from.query("prefix").optional(&Rule::Any)?,
        })
    }
}
/// `ListBuckets`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListBucketsOutput {
    /// `Buckets`: element.
    pub buckets: Option<Vec<Bucket>>,
    /// `ContinuationToken`: element.
    pub continuation_token: Option<String>,
    /// `Owner`: element.
    pub owner: Option<Owner>,
    /// `Prefix`: element.
    pub prefix: Option<String>,
}
impl RestOutput for ListBucketsOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.xml("ListAllMyBucketsResult", NAMESPACE, |to| {
            to.optional_list("Buckets", "Bucket", self.buckets.as_ref());
            to.member("ContinuationToken", &self.continuation_token);
            to.member("Owner", &self.owner);
            to.member("Prefix", &self.prefix);
        });
        to
    }
}
/// `CreateBucket`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateBucketRequest {
    /// `x-amz-acl`: header.
    pub acl: Option<String>,
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-bucket-namespace`: header.
    pub bucket_namespace: Option<String>,
    /// `CreateBucketConfiguration`: the body.
    pub create_bucket_configuration: Option<CreateBucketConfiguration>,
    /// `x-amz-grant-full-control`: header.
    pub grant_full_control: Option<String>,
    /// `x-amz-grant-read`: header.
    pub grant_read: Option<String>,
    /// `x-amz-grant-read-acp`: header.
    pub grant_read_acp: Option<String>,
    /// `x-amz-grant-write`: header.
    pub grant_write: Option<String>,
    /// `x-amz-grant-write-acp`: header.
    pub grant_write_acp: Option<String>,
    /// `x-amz-bucket-object-lock-enabled`: header.
    pub object_lock_enabled_for_bucket: Option<bool>,
    /// `x-amz-object-ownership`: header.
    pub object_ownership: Option<String>,
}
impl RestRequest for CreateBucketRequest {
    const ROUTE: Route = Route {
        operation: "CreateBucket",
        method: "PUT",
        level: Level::Bucket,
        literals: &[],
        parameters: &[],
        headers: &[],
        payload: Payload::Message,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            acl: from.header("x-amz-acl").optional(&BUCKET_CANNED_ACL)?,
            bucket: from.label("Bucket").required(&Rule::Any)?,
            bucket_namespace: from.header("x-amz-bucket-namespace").optional(&BUCKET_NAMESPACE)?,
            create_bucket_configuration: from
                .xml("CreateBucketConfiguration")?
                .map(|body| FromElement::from_element(&body, &Rule::Any))
                .transpose()?,
            grant_full_control: from.header("x-amz-grant-full-control").optional(&Rule::Any)?,
            grant_read: from.header("x-amz-grant-read").optional(&Rule::Any)?,
            grant_read_acp: from.header("x-amz-grant-read-acp").optional(&Rule::Any)?,
            grant_write: from.header("x-amz-grant-write").optional(&Rule::Any)?,
            grant_write_acp: from.header("x-amz-grant-write-acp").optional(&Rule::Any)?,
            object_lock_enabled_for_bucket: from
                .header("x-amz-bucket-object-lock-enabled")
                .optional(&Rule::Any)?,
            object_ownership: from.header("x-amz-object-ownership").optional(&OBJECT_OWNERSHIP)?,
        })
    }
}
/// `CreateBucket`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateBucketOutput {
    /// `x-amz-bucket-arn`: header.
    pub bucket_arn: Option<String>,
    /// `Location`: header.
    pub location: Option<String>,
}
impl RestOutput for CreateBucketOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-bucket-arn", self.bucket_arn.as_ref());
        to.header("location", self.location.as_ref());
        to
    }
}
/// `HeadBucket`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeadBucketRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for HeadBucketRequest {
    const ROUTE: Route = Route {
        operation: "HeadBucket",
        method: "HEAD",
        level: Level::Bucket,
        literals: &[],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `HeadBucket`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeadBucketOutput {
    /// `x-amz-access-point-alias`: header.
    pub access_point_alias: Option<bool>,
    /// `x-amz-bucket-arn`: header.
    pub bucket_arn: Option<String>,
    /// `x-amz-bucket-location-name`: header.
    pub bucket_location_name: Option<String>,
    /// `x-amz-bucket-location-type`: header.
    pub bucket_location_type: Option<String>,
    /// `x-amz-bucket-region`: header.
    pub bucket_region: Option<String>,
}
impl RestOutput for HeadBucketOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-access-point-alias", self.access_point_alias.as_ref());
        to.header("x-amz-bucket-arn", self.bucket_arn.as_ref());
        to.header("x-amz-bucket-location-name", self.bucket_location_name.as_ref());
        to.header("x-amz-bucket-location-type", self.bucket_location_type.as_ref());
        to.header("x-amz-bucket-region", self.bucket_region.as_ref());
        to
    }
}
/// `DeleteBucket`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteBucketRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for DeleteBucketRequest {
    const ROUTE: Route = Route {
        operation: "DeleteBucket",
        method: "DELETE",
        level: Level::Bucket,
        literals: &[],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 204,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `DeleteBucket`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteBucketOutput {}
impl RestOutput for DeleteBucketOutput {
    fn to_response(&self) -> Response {
        Response::empty(204)
    }
}
/// `GetBucketLocation`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketLocationRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for GetBucketLocationRequest {
    const ROUTE: Route = Route {
        operation: "GetBucketLocation",
        method: "GET",
        level: Level::Bucket,
        literals: &[("location", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `GetBucketLocation`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketLocationOutput {
    /// `LocationConstraint`: element.
    pub location_constraint: Option<String>,
}
impl RestOutput for GetBucketLocationOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.xml("LocationConstraint", NAMESPACE, |to| {
            to.content(self.location_constraint.as_deref());
        });
        to
    }
}
/// `GetBucketVersioning`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketVersioningRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for GetBucketVersioningRequest {
    const ROUTE: Route = Route {
        operation: "GetBucketVersioning",
        method: "GET",
        level: Level::Bucket,
        literals: &[("versioning", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `GetBucketVersioning`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketVersioningOutput {
    /// `MfaDelete`: element.
    pub mfa_delete: Option<String>,
    /// `Status`: element.
    pub status: Option<String>,
}
impl RestOutput for GetBucketVersioningOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.xml("VersioningConfiguration", NAMESPACE, |to| {
            to.member("MfaDelete", &self.mfa_delete);
            to.member("Status", &self.status);
        });
        to
    }
}
/// `GetBucketPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketPolicyRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for GetBucketPolicyRequest {
    const ROUTE: Route = Route {
        operation: "GetBucketPolicy",
        method: "GET",
        level: Level::Bucket,
        literals: &[("policy", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `GetBucketPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketPolicyOutput {
    /// `Policy`: the body.
    pub policy: Option<String>,
}
impl RestOutput for GetBucketPolicyOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.document("application/json", self.policy.clone());
        to
    }
}
/// `PutBucketPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutBucketPolicyRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-sdk-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `x-amz-confirm-remove-self-bucket-access`: header.
    pub confirm_remove_self_bucket_access: Option<bool>,
    /// `Content-MD5`: header.
    pub content_md5: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `Policy`: the body, required.
    pub policy: String,
}
impl RestRequest for PutBucketPolicyRequest {
    const ROUTE: Route = Route {
        operation: "PutBucketPolicy",
        method: "PUT",
        level: Level::Bucket,
        literals: &[("policy", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::Message,
        status: 204,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-sdk-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            confirm_remove_self_bucket_access: from
                .header("x-amz-confirm-remove-self-bucket-access")
                .optional(&Rule::Any)?,
            content_md5: from.header("Content-MD5").optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            policy: from.text("Policy")?,
        })
    }
}
/// `PutBucketPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutBucketPolicyOutput {}
impl RestOutput for PutBucketPolicyOutput {
    fn to_response(&self) -> Response {
        Response::empty(204)
    }
}
/// `DeleteBucketPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteBucketPolicyRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for DeleteBucketPolicyRequest {
    const ROUTE: Route = Route {
        operation: "DeleteBucketPolicy",
        method: "DELETE",
        level: Level::Bucket,
        literals: &[("policy", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 204,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `DeleteBucketPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteBucketPolicyOutput {}
impl RestOutput for DeleteBucketPolicyOutput {
    fn to_response(&self) -> Response {
        Response::empty(204)
    }
}
/// `GetBucketPolicyStatus`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketPolicyStatusRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for GetBucketPolicyStatusRequest {
    const ROUTE: Route = Route {
        operation: "GetBucketPolicyStatus",
        method: "GET",
        level: Level::Bucket,
        literals: &[("policyStatus", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `GetBucketPolicyStatus`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketPolicyStatusOutput {
    /// `PolicyStatus`: the body.
    pub policy_status: Option<PolicyStatus>,
}
impl RestOutput for GetBucketPolicyStatusOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        if let Some(value) = &self.policy_status {
            to.xml("PolicyStatus", NAMESPACE, |to| {
                to.member("IsPublic", &value.is_public);
            });
        }
        to
    }
}
/// `GetPublicAccessBlock`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetPublicAccessBlockRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for GetPublicAccessBlockRequest {
    const ROUTE: Route = Route {
        operation: "GetPublicAccessBlock",
        method: "GET",
        level: Level::Bucket,
        literals: &[("publicAccessBlock", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `GetPublicAccessBlock`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetPublicAccessBlockOutput {
    /// `PublicAccessBlockConfiguration`: the body.
    pub public_access_block_configuration: Option<PublicAccessBlockConfiguration>,
}
impl RestOutput for GetPublicAccessBlockOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        if let Some(value) = &self.public_access_block_configuration {
            to.xml("PublicAccessBlockConfiguration", NAMESPACE, |to| {
                to.member("BlockPublicAcls", &value.block_public_acls);
                to.member("BlockPublicPolicy", &value.block_public_policy);
                to.member("IgnorePublicAcls", &value.ignore_public_acls);
                to.member("RestrictPublicBuckets", &value.restrict_public_buckets);
            });
        }
        to
    }
}
/// `PutPublicAccessBlock`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutPublicAccessBlockRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-sdk-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `Content-MD5`: header.
    pub content_md5: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `PublicAccessBlockConfiguration`: the body, required.
    pub public_access_block_configuration: PublicAccessBlockConfiguration,
}
impl RestRequest for PutPublicAccessBlockRequest {
    const ROUTE: Route = Route {
        operation: "PutPublicAccessBlock",
        method: "PUT",
        level: Level::Bucket,
        literals: &[("publicAccessBlock", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::Message,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-sdk-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            content_md5: from.header("Content-MD5").optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            public_access_block_configuration: from
                .xml("PublicAccessBlockConfiguration")?
                .map(|body| FromElement::from_element(&body, &Rule::Any))
                .transpose()?
                .ok_or(WireError::NoBody { root: "PublicAccessBlockConfiguration" })?,
        })
    }
}
/// `PutPublicAccessBlock`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutPublicAccessBlockOutput {}
impl RestOutput for PutPublicAccessBlockOutput {
    fn to_response(&self) -> Response {
        Response::empty(200)
    }
}
/// `DeletePublicAccessBlock`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletePublicAccessBlockRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for DeletePublicAccessBlockRequest {
    const ROUTE: Route = Route {
        operation: "DeletePublicAccessBlock",
        method: "DELETE",
        level: Level::Bucket,
        literals: &[("publicAccessBlock", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 204,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `DeletePublicAccessBlock`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletePublicAccessBlockOutput {}
impl RestOutput for DeletePublicAccessBlockOutput {
    fn to_response(&self) -> Response {
        Response::empty(204)
    }
}
/// `GetBucketOwnershipControls`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketOwnershipControlsRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for GetBucketOwnershipControlsRequest {
    const ROUTE: Route = Route {
        operation: "GetBucketOwnershipControls",
        method: "GET",
        level: Level::Bucket,
        literals: &[("ownershipControls", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `GetBucketOwnershipControls`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketOwnershipControlsOutput {
    /// `OwnershipControls`: the body.
    pub ownership_controls: Option<OwnershipControls>,
}
impl RestOutput for GetBucketOwnershipControlsOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        if let Some(value) = &self.ownership_controls {
            to.xml("OwnershipControls", NAMESPACE, |to| {
                to.flat("Rule", &value.rules);
            });
        }
        to
    }
}
/// `PutBucketOwnershipControls`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutBucketOwnershipControlsRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-sdk-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `Content-MD5`: header.
    pub content_md5: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `OwnershipControls`: the body, required.
    pub ownership_controls: OwnershipControls,
}
impl RestRequest for PutBucketOwnershipControlsRequest {
    const ROUTE: Route = Route {
        operation: "PutBucketOwnershipControls",
        method: "PUT",
        level: Level::Bucket,
        literals: &[("ownershipControls", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::Message,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-sdk-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            content_md5: from.header("Content-MD5").optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            ownership_controls: from
                .xml("OwnershipControls")?
                .map(|body| FromElement::from_element(&body, &Rule::Any))
                .transpose()?
                .ok_or(WireError::NoBody { root: "OwnershipControls" })?,
        })
    }
}
/// `PutBucketOwnershipControls`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutBucketOwnershipControlsOutput {}
impl RestOutput for PutBucketOwnershipControlsOutput {
    fn to_response(&self) -> Response {
        Response::empty(200)
    }
}
/// `DeleteBucketOwnershipControls`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteBucketOwnershipControlsRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for DeleteBucketOwnershipControlsRequest {
    const ROUTE: Route = Route {
        operation: "DeleteBucketOwnershipControls",
        method: "DELETE",
        level: Level::Bucket,
        literals: &[("ownershipControls", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 204,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `DeleteBucketOwnershipControls`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteBucketOwnershipControlsOutput {}
impl RestOutput for DeleteBucketOwnershipControlsOutput {
    fn to_response(&self) -> Response {
        Response::empty(204)
    }
}
/// `GetBucketTagging`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketTaggingRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for GetBucketTaggingRequest {
    const ROUTE: Route = Route {
        operation: "GetBucketTagging",
        method: "GET",
        level: Level::Bucket,
        literals: &[("tagging", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `GetBucketTagging`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketTaggingOutput {
    /// `TagSet`: element, required.
    pub tag_set: Vec<Tag>,
}
impl RestOutput for GetBucketTaggingOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.xml("Tagging", NAMESPACE, |to| {
            to.list("TagSet", "Tag", &self.tag_set);
        });
        to
    }
}
/// `PutBucketTagging`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutBucketTaggingRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-sdk-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `Content-MD5`: header.
    pub content_md5: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `Tagging`: the body, required.
    pub tagging: Tagging,
}
impl RestRequest for PutBucketTaggingRequest {
    const ROUTE: Route = Route {
        operation: "PutBucketTagging",
        method: "PUT",
        level: Level::Bucket,
        literals: &[("tagging", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::Message,
        status: 204,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-sdk-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            content_md5: from.header("Content-MD5").optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            tagging: from
                .xml("Tagging")?
                .map(|body| FromElement::from_element(&body, &Rule::Any))
                .transpose()?
                .ok_or(WireError::NoBody { root: "Tagging" })?,
        })
    }
}
/// `PutBucketTagging`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutBucketTaggingOutput {}
impl RestOutput for PutBucketTaggingOutput {
    fn to_response(&self) -> Response {
        Response::empty(204)
    }
}
/// `DeleteBucketTagging`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteBucketTaggingRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for DeleteBucketTaggingRequest {
    const ROUTE: Route = Route {
        operation: "DeleteBucketTagging",
        method: "DELETE",
        level: Level::Bucket,
        literals: &[("tagging", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 204,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `DeleteBucketTagging`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteBucketTaggingOutput {}
impl RestOutput for DeleteBucketTaggingOutput {
    fn to_response(&self) -> Response {
        Response::empty(204)
    }
}
/// `PutObject`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutObjectRequest {
    /// `x-amz-acl`: header.
    pub acl: Option<String>,
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-server-side-encryption-bucket-key-enabled`: header.
    pub bucket_key_enabled: Option<bool>,
    /// `Cache-Control`: header.
    pub cache_control: Option<String>,
    /// `x-amz-sdk-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `x-amz-checksum-crc32`: header.
    pub checksum_crc32: Option<String>,
    /// `x-amz-checksum-crc32c`: header.
    pub checksum_crc32c: Option<String>,
    /// `x-amz-checksum-crc64nvme`: header.
    pub checksum_crc64nvme: Option<String>,
    /// `x-amz-checksum-md5`: header.
    pub checksum_md5: Option<String>,
    /// `x-amz-checksum-sha1`: header.
    pub checksum_sha1: Option<String>,
    /// `x-amz-checksum-sha256`: header.
    pub checksum_sha256: Option<String>,
    /// `x-amz-checksum-sha512`: header.
    pub checksum_sha512: Option<String>,
    /// `x-amz-checksum-xxhash128`: header.
    pub checksum_xxhash128: Option<String>,
    /// `x-amz-checksum-xxhash3`: header.
    pub checksum_xxhash3: Option<String>,
    /// `x-amz-checksum-xxhash64`: header.
    pub checksum_xxhash64: Option<String>,
    /// `Content-Disposition`: header.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`: header.
    pub content_encoding: Option<String>,
    /// `Content-Language`: header.
    pub content_language: Option<String>,
    /// `Content-Length`: header.
    pub content_length: Option<i64>,
    /// `Content-MD5`: header.
    pub content_md5: Option<String>,
    /// `Content-Type`: header.
    pub content_type: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `Expires`: header.
    pub expires: Option<String>,
    /// `x-amz-grant-full-control`: header.
    pub grant_full_control: Option<String>,
    /// `x-amz-grant-read`: header.
    pub grant_read: Option<String>,
    /// `x-amz-grant-read-acp`: header.
    pub grant_read_acp: Option<String>,
    /// `x-amz-grant-write-acp`: header.
    pub grant_write_acp: Option<String>,
    /// `If-Match`: header.
    pub if_match: Option<String>,
    /// `If-None-Match`: header.
    pub if_none_match: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `x-amz-meta-`: headers with the prefix.
    pub metadata: BTreeMap<String, String>,
    /// `x-amz-object-lock-event-hold`: header.
    pub object_lock_event_hold: Option<String>,
    /// `x-amz-object-lock-event-hold-duration-days`: header.
    pub object_lock_event_hold_duration_days: Option<i32>,
    /// `x-amz-object-lock-event-hold-duration-years`: header.
    pub object_lock_event_hold_duration_years: Option<i32>,
    /// `x-amz-object-lock-legal-hold`: header.
    pub object_lock_legal_hold_status: Option<String>,
    /// `x-amz-object-lock-mode`: header.
    pub object_lock_mode: Option<String>,
    /// `x-amz-object-lock-retain-until-date`: header.
    pub object_lock_retain_until_date: Option<Timestamp>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key`: header.
    pub sse_customer_key: Option<Secret>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `x-amz-server-side-encryption-context`: header.
    pub ssekms_encryption_context: Option<Secret>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: header.
    pub ssekms_key_id: Option<String>,
    /// `x-amz-server-side-encryption`: header.
    pub server_side_encryption: Option<String>,
    /// `x-amz-storage-class`: header.
    pub storage_class: Option<String>,
    /// `x-amz-tagging`: header.
    pub tagging: Option<String>,
    /// `x-amz-website-redirect-location`: header.
    pub website_redirect_location: Option<String>,
    /// `x-amz-write-offset-bytes`: header.
    pub write_offset_bytes: Option<i64>,
}
impl RestRequest for PutObjectRequest {
    const ROUTE: Route = Route {
        operation: "PutObject",
        method: "PUT",
        level: Level::Object,
        literals: &[],
        parameters: &[],
        headers: &[],
        payload: Payload::Stream,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            acl: from.header("x-amz-acl").optional(&OBJECT_CANNED_ACL)?,
            bucket: from.label("Bucket").required(&Rule::Any)?,
            bucket_key_enabled: from
                .header("x-amz-server-side-encryption-bucket-key-enabled")
                .optional(&Rule::Any)?,
            cache_control: from.header("Cache-Control").optional(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-sdk-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            checksum_crc32: from.header("x-amz-checksum-crc32").optional(&Rule::Any)?,
            checksum_crc32c: from.header("x-amz-checksum-crc32c").optional(&Rule::Any)?,
            checksum_crc64nvme: from.header("x-amz-checksum-crc64nvme").optional(&Rule::Any)?,
            checksum_md5: from.header("x-amz-checksum-md5").optional(&Rule::Any)?,
            checksum_sha1: from.header("x-amz-checksum-sha1").optional(&Rule::Any)?,
            checksum_sha256: from.header("x-amz-checksum-sha256").optional(&Rule::Any)?,
            checksum_sha512: from.header("x-amz-checksum-sha512").optional(&Rule::Any)?,
            checksum_xxhash128: from.header("x-amz-checksum-xxhash128").optional(&Rule::Any)?,
            checksum_xxhash3: from.header("x-amz-checksum-xxhash3").optional(&Rule::Any)?,
            checksum_xxhash64: from.header("x-amz-checksum-xxhash64").optional(&Rule::Any)?,
            content_disposition: from.header("Content-Disposition").optional(&Rule::Any)?,
            content_encoding: from.header("Content-Encoding").optional(&Rule::Any)?,
            content_language: from.header("Content-Language").optional(&Rule::Any)?,
            content_length: from.header("Content-Length").optional(&Rule::Any)?,
            content_md5: from.header("Content-MD5").optional(&Rule::Any)?,
            content_type: from.header("Content-Type").optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            expires: from.header("Expires").optional(&Rule::Any)?,
            grant_full_control: from.header("x-amz-grant-full-control").optional(&Rule::Any)?,
            grant_read: from.header("x-amz-grant-read").optional(&Rule::Any)?,
            grant_read_acp: from.header("x-amz-grant-read-acp").optional(&Rule::Any)?,
            grant_write_acp: from.header("x-amz-grant-write-acp").optional(&Rule::Any)?,
            if_match: from.header("If-Match").optional(&Rule::Any)?,
            if_none_match: from.header("If-None-Match").optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            metadata: from.prefixed("x-amz-meta-")?,
            object_lock_event_hold: from
                .header("x-amz-object-lock-event-hold")
                .optional(&OBJECT_LOCK_EVENT_HOLD)?,
            object_lock_event_hold_duration_days: from
                .header("x-amz-object-lock-event-hold-duration-days")
                .optional(&Rule::Any)?,
            object_lock_event_hold_duration_years: from
                .header("x-amz-object-lock-event-hold-duration-years")
                .optional(&Rule::Any)?,
            object_lock_legal_hold_status: from
                .header("x-amz-object-lock-legal-hold")
                .optional(&OBJECT_LOCK_LEGAL_HOLD_STATUS)?,
            object_lock_mode: from.header("x-amz-object-lock-mode").optional(&OBJECT_LOCK_MODE)?,
            object_lock_retain_until_date: from
                .header("x-amz-object-lock-retain-until-date")
                .optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            sse_customer_algorithm: from
                .header("x-amz-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            sse_customer_key: from
                .header("x-amz-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            sse_customer_key_md5: from
                .header("x-amz-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            ssekms_encryption_context: from
                .header("x-amz-server-side-encryption-context")
                .optional(&Rule::Any)?,
            ssekms_key_id: from
                .header("x-amz-server-side-encryption-aws-kms-key-id")
                .optional(&Rule::Any)?,
            server_side_encryption: from
                .header("x-amz-server-side-encryption")
                .optional(&SERVER_SIDE_ENCRYPTION)?,
            storage_class: from.header("x-amz-storage-class").optional(&STORAGE_CLASS)?,
            tagging: from.header("x-amz-tagging").optional(&Rule::Any)?,
            website_redirect_location: from
                .header("x-amz-website-redirect-location")
                .optional(&Rule::Any)?,
            write_offset_bytes: from.header("x-amz-write-offset-bytes").optional(&Rule::Any)?,
        })
    }
}
/// `PutObject`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutObjectOutput {
    /// `x-amz-server-side-encryption-bucket-key-enabled`: header.
    pub bucket_key_enabled: Option<bool>,
    /// `x-amz-checksum-crc32`: header.
    pub checksum_crc32: Option<String>,
    /// `x-amz-checksum-crc32c`: header.
    pub checksum_crc32c: Option<String>,
    /// `x-amz-checksum-crc64nvme`: header.
    pub checksum_crc64nvme: Option<String>,
    /// `x-amz-checksum-md5`: header.
    pub checksum_md5: Option<String>,
    /// `x-amz-checksum-sha1`: header.
    pub checksum_sha1: Option<String>,
    /// `x-amz-checksum-sha256`: header.
    pub checksum_sha256: Option<String>,
    /// `x-amz-checksum-sha512`: header.
    pub checksum_sha512: Option<String>,
    /// `x-amz-checksum-type`: header.
    pub checksum_type: Option<String>,
    /// `x-amz-checksum-xxhash128`: header.
    pub checksum_xxhash128: Option<String>,
    /// `x-amz-checksum-xxhash3`: header.
    pub checksum_xxhash3: Option<String>,
    /// `x-amz-checksum-xxhash64`: header.
    pub checksum_xxhash64: Option<String>,
    /// `ETag`: header.
    pub etag: Option<String>,
    /// `x-amz-expiration`: header.
    pub expiration: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `x-amz-server-side-encryption-context`: header.
    pub ssekms_encryption_context: Option<Secret>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: header.
    pub ssekms_key_id: Option<String>,
    /// `x-amz-server-side-encryption`: header.
    pub server_side_encryption: Option<String>,
    /// `x-amz-object-size`: header.
    pub size: Option<i64>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for PutObjectOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header(
            "x-amz-server-side-encryption-bucket-key-enabled",
            self.bucket_key_enabled.as_ref(),
        );
        to.header("x-amz-checksum-crc32", self.checksum_crc32.as_ref());
        to.header("x-amz-checksum-crc32c", self.checksum_crc32c.as_ref());
        to.header("x-amz-checksum-crc64nvme", self.checksum_crc64nvme.as_ref());
        to.header("x-amz-checksum-md5", self.checksum_md5.as_ref());
        to.header("x-amz-checksum-sha1", self.checksum_sha1.as_ref());
        to.header("x-amz-checksum-sha256", self.checksum_sha256.as_ref());
        to.header("x-amz-checksum-sha512", self.checksum_sha512.as_ref());
        to.header("x-amz-checksum-type", self.checksum_type.as_ref());
        to.header("x-amz-checksum-xxhash128", self.checksum_xxhash128.as_ref());
        to.header("x-amz-checksum-xxhash3", self.checksum_xxhash3.as_ref());
        to.header("x-amz-checksum-xxhash64", self.checksum_xxhash64.as_ref());
        to.header("etag", self.etag.as_ref());
        to.header("x-amz-expiration", self.expiration.as_ref());
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header(
            "x-amz-server-side-encryption-customer-algorithm",
            self.sse_customer_algorithm.as_ref(),
        );
        to.header(
            "x-amz-server-side-encryption-customer-key-md5",
            self.sse_customer_key_md5.as_ref(),
        );
        to.header("x-amz-server-side-encryption-context", self.ssekms_encryption_context.as_ref());
        to.header("x-amz-server-side-encryption-aws-kms-key-id", self.ssekms_key_id.as_ref());
        to.header("x-amz-server-side-encryption", self.server_side_encryption.as_ref());
        to.header("x-amz-object-size", self.size.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        to
    }
}
/// `GetObject`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetObjectRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-checksum-mode`: header.
    pub checksum_mode: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `If-Match`: header.
    pub if_match: Option<String>,
    /// `If-Modified-Since`: header.
    pub if_modified_since: Option<Timestamp>,
    /// `If-None-Match`: header.
    pub if_none_match: Option<String>,
    /// `If-Unmodified-Since`: header.
    pub if_unmodified_since: Option<Timestamp>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `partNumber`: query parameter.
    pub part_number: Option<i32>,
    /// `Range`: header.
    pub range: Option<String>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `response-cache-control`: query parameter.
    pub response_cache_control: Option<String>,
    /// `response-content-disposition`: query parameter.
    pub response_content_disposition: Option<String>,
    /// `response-content-encoding`: query parameter.
    pub response_content_encoding: Option<String>,
    /// `response-content-language`: query parameter.
    pub response_content_language: Option<String>,
    /// `response-content-type`: query parameter.
    pub response_content_type: Option<String>,
    /// `response-expires`: query parameter.
    pub response_expires: Option<Timestamp>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key`: header.
    pub sse_customer_key: Option<Secret>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `versionId`: query parameter.
    pub version_id: Option<String>,
}
impl RestRequest for GetObjectRequest {
    const ROUTE: Route = Route {
        operation: "GetObject",
        method: "GET",
        level: Level::Object,
        literals: &[],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            checksum_mode: from.header("x-amz-checksum-mode").optional(&CHECKSUM_MODE)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            if_match: from.header("If-Match").optional(&Rule::Any)?,
            if_modified_since: from.header("If-Modified-Since").optional(&Rule::Any)?,
            if_none_match: from.header("If-None-Match").optional(&Rule::Any)?,
            if_unmodified_since: from.header("If-Unmodified-Since").optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            part_number: from.query("partNumber").optional(&Rule::Any)?,
            range: from.header("Range").optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            response_cache_control: from.query("response-cache-control").optional(&Rule::Any)?,
            response_content_disposition: from
                .query("response-content-disposition")
                .optional(&Rule::Any)?,
            response_content_encoding: from
                .query("response-content-encoding")
                .optional(&Rule::Any)?,
            response_content_language: from
                .query("response-content-language")
                .optional(&Rule::Any)?,
            response_content_type: from.query("response-content-type").optional(&Rule::Any)?,
            response_expires: from.query("response-expires").optional(&Rule::Any)?,
            sse_customer_algorithm: from
                .header("x-amz-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            sse_customer_key: from
                .header("x-amz-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            sse_customer_key_md5: from
                .header("x-amz-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            version_id: from.query("versionId").optional(&Rule::Any)?,
        })
    }
}
/// `GetObject`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetObjectOutput {
    /// `accept-ranges`: header.
    pub accept_ranges: Option<String>,
    /// `x-amz-server-side-encryption-bucket-key-enabled`: header.
    pub bucket_key_enabled: Option<bool>,
    /// `Cache-Control`: header.
    pub cache_control: Option<String>,
    /// `x-amz-checksum-crc32`: header.
    pub checksum_crc32: Option<String>,
    /// `x-amz-checksum-crc32c`: header.
    pub checksum_crc32c: Option<String>,
    /// `x-amz-checksum-crc64nvme`: header.
    pub checksum_crc64nvme: Option<String>,
    /// `x-amz-checksum-md5`: header.
    pub checksum_md5: Option<String>,
    /// `x-amz-checksum-sha1`: header.
    pub checksum_sha1: Option<String>,
    /// `x-amz-checksum-sha256`: header.
    pub checksum_sha256: Option<String>,
    /// `x-amz-checksum-sha512`: header.
    pub checksum_sha512: Option<String>,
    /// `x-amz-checksum-type`: header.
    pub checksum_type: Option<String>,
    /// `x-amz-checksum-xxhash128`: header.
    pub checksum_xxhash128: Option<String>,
    /// `x-amz-checksum-xxhash3`: header.
    pub checksum_xxhash3: Option<String>,
    /// `x-amz-checksum-xxhash64`: header.
    pub checksum_xxhash64: Option<String>,
    /// `Content-Disposition`: header.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`: header.
    pub content_encoding: Option<String>,
    /// `Content-Language`: header.
    pub content_language: Option<String>,
    /// `Content-Length`: header.
    pub content_length: Option<i64>,
    /// `Content-Range`: header.
    pub content_range: Option<String>,
    /// `Content-Type`: header.
    pub content_type: Option<String>,
    /// `x-amz-delete-marker`: header.
    pub delete_marker: Option<bool>,
    /// `ETag`: header.
    pub etag: Option<String>,
    /// `x-amz-expiration`: header.
    pub expiration: Option<String>,
    /// `Expires`: header.
    pub expires: Option<String>,
    /// `Last-Modified`: header.
    pub last_modified: Option<Timestamp>,
    /// `x-amz-meta-`: headers with the prefix.
    pub metadata: BTreeMap<String, String>,
    /// `x-amz-missing-meta`: header.
    pub missing_meta: Option<i32>,
    /// `x-amz-object-lock-event-hold`: header.
    pub object_lock_event_hold: Option<String>,
    /// `x-amz-object-lock-event-hold-duration-days`: header.
    pub object_lock_event_hold_duration_days: Option<i32>,
    /// `x-amz-object-lock-event-hold-duration-years`: header.
    pub object_lock_event_hold_duration_years: Option<i32>,
    /// `x-amz-object-lock-legal-hold`: header.
    pub object_lock_legal_hold_status: Option<String>,
    /// `x-amz-object-lock-mode`: header.
    pub object_lock_mode: Option<String>,
    /// `x-amz-object-lock-retain-until-date`: header.
    pub object_lock_retain_until_date: Option<Timestamp>,
    /// `x-amz-mp-parts-count`: header.
    pub parts_count: Option<i32>,
    /// `x-amz-replication-status`: header.
    pub replication_status: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `x-amz-restore`: header.
    pub restore: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: header.
    pub ssekms_key_id: Option<String>,
    /// `x-amz-server-side-encryption`: header.
    pub server_side_encryption: Option<String>,
    /// `x-amz-storage-class`: header.
    pub storage_class: Option<String>,
    /// `x-amz-tagging-count`: header.
    pub tag_count: Option<i32>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
    /// `x-amz-website-redirect-location`: header.
    pub website_redirect_location: Option<String>,
}
impl RestOutput for GetObjectOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("accept-ranges", self.accept_ranges.as_ref());
        to.header(
            "x-amz-server-side-encryption-bucket-key-enabled",
            self.bucket_key_enabled.as_ref(),
        );
        to.header("cache-control", self.cache_control.as_ref());
        to.header("x-amz-checksum-crc32", self.checksum_crc32.as_ref());
        to.header("x-amz-checksum-crc32c", self.checksum_crc32c.as_ref());
        to.header("x-amz-checksum-crc64nvme", self.checksum_crc64nvme.as_ref());
        to.header("x-amz-checksum-md5", self.checksum_md5.as_ref());
        to.header("x-amz-checksum-sha1", self.checksum_sha1.as_ref());
        to.header("x-amz-checksum-sha256", self.checksum_sha256.as_ref());
        to.header("x-amz-checksum-sha512", self.checksum_sha512.as_ref());
        to.header("x-amz-checksum-type", self.checksum_type.as_ref());
        to.header("x-amz-checksum-xxhash128", self.checksum_xxhash128.as_ref());
        to.header("x-amz-checksum-xxhash3", self.checksum_xxhash3.as_ref());
        to.header("x-amz-checksum-xxhash64", self.checksum_xxhash64.as_ref());
        to.header("content-disposition", self.content_disposition.as_ref());
        to.header("content-encoding", self.content_encoding.as_ref());
        to.header("content-language", self.content_language.as_ref());
        to.header("content-length", self.content_length.as_ref());
        to.header("content-range", self.content_range.as_ref());
        to.header("content-type", self.content_type.as_ref());
        to.header("x-amz-delete-marker", self.delete_marker.as_ref());
        to.header("etag", self.etag.as_ref());
        to.header("x-amz-expiration", self.expiration.as_ref());
        to.header("expires", self.expires.as_ref());
        to.header("last-modified", self.last_modified.as_ref());
        to.header("x-amz-missing-meta", self.missing_meta.as_ref());
        to.header("x-amz-object-lock-event-hold", self.object_lock_event_hold.as_ref());
        to.header(
            "x-amz-object-lock-event-hold-duration-days",
            self.object_lock_event_hold_duration_days.as_ref(),
        );
        to.header(
            "x-amz-object-lock-event-hold-duration-years",
            self.object_lock_event_hold_duration_years.as_ref(),
        );
        to.header("x-amz-object-lock-legal-hold", self.object_lock_legal_hold_status.as_ref());
        to.header("x-amz-object-lock-mode", self.object_lock_mode.as_ref());
        to.header_iso(
            "x-amz-object-lock-retain-until-date",
            self.object_lock_retain_until_date.as_ref(),
        );
        to.header("x-amz-mp-parts-count", self.parts_count.as_ref());
        to.header("x-amz-replication-status", self.replication_status.as_ref());
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header("x-amz-restore", self.restore.as_ref());
        to.header(
            "x-amz-server-side-encryption-customer-algorithm",
            self.sse_customer_algorithm.as_ref(),
        );
        to.header(
            "x-amz-server-side-encryption-customer-key-md5",
            self.sse_customer_key_md5.as_ref(),
        );
        to.header("x-amz-server-side-encryption-aws-kms-key-id", self.ssekms_key_id.as_ref());
        to.header("x-amz-server-side-encryption", self.server_side_encryption.as_ref());
        to.header("x-amz-storage-class", self.storage_class.as_ref());
        to.header("x-amz-tagging-count", self.tag_count.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        to.header("x-amz-website-redirect-location", self.website_redirect_location.as_ref());
        to.prefixed("x-amz-meta-", &self.metadata);
        to
    }
}
/// `HeadObject`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeadObjectRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-checksum-mode`: header.
    pub checksum_mode: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `If-Match`: header.
    pub if_match: Option<String>,
    /// `If-Modified-Since`: header.
    pub if_modified_since: Option<Timestamp>,
    /// `If-None-Match`: header.
    pub if_none_match: Option<String>,
    /// `If-Unmodified-Since`: header.
    pub if_unmodified_since: Option<Timestamp>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `partNumber`: query parameter.
    pub part_number: Option<i32>,
    /// `Range`: header.
    pub range: Option<String>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `response-cache-control`: query parameter.
    pub response_cache_control: Option<String>,
    /// `response-content-disposition`: query parameter.
    pub response_content_disposition: Option<String>,
    /// `response-content-encoding`: query parameter.
    pub response_content_encoding: Option<String>,
    /// `response-content-language`: query parameter.
    pub response_content_language: Option<String>,
    /// `response-content-type`: query parameter.
    pub response_content_type: Option<String>,
    /// `response-expires`: query parameter.
    pub response_expires: Option<Timestamp>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key`: header.
    pub sse_customer_key: Option<Secret>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `versionId`: query parameter.
    pub version_id: Option<String>,
}
impl RestRequest for HeadObjectRequest {
    const ROUTE: Route = Route {
        operation: "HeadObject",
        method: "HEAD",
        level: Level::Object,
        literals: &[],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            checksum_mode: from.header("x-amz-checksum-mode").optional(&CHECKSUM_MODE)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            if_match: from.header("If-Match").optional(&Rule::Any)?,
            if_modified_since: from.header("If-Modified-Since").optional(&Rule::Any)?,
            if_none_match: from.header("If-None-Match").optional(&Rule::Any)?,
            if_unmodified_since: from.header("If-Unmodified-Since").optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            part_number: from.query("partNumber").optional(&Rule::Any)?,
            range: from.header("Range").optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            response_cache_control: from.query("response-cache-control").optional(&Rule::Any)?,
            response_content_disposition: from
                .query("response-content-disposition")
                .optional(&Rule::Any)?,
            response_content_encoding: from
                .query("response-content-encoding")
                .optional(&Rule::Any)?,
            response_content_language: from
                .query("response-content-language")
                .optional(&Rule::Any)?,
            response_content_type: from.query("response-content-type").optional(&Rule::Any)?,
            response_expires: from.query("response-expires").optional(&Rule::Any)?,
            sse_customer_algorithm: from
                .header("x-amz-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            sse_customer_key: from
                .header("x-amz-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            sse_customer_key_md5: from
                .header("x-amz-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            version_id: from.query("versionId").optional(&Rule::Any)?,
        })
    }
}
/// `HeadObject`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeadObjectOutput {
    /// `accept-ranges`: header.
    pub accept_ranges: Option<String>,
    /// `x-amz-archive-status`: header.
    pub archive_status: Option<String>,
    /// `x-amz-server-side-encryption-bucket-key-enabled`: header.
    pub bucket_key_enabled: Option<bool>,
    /// `Cache-Control`: header.
    pub cache_control: Option<String>,
    /// `x-amz-checksum-crc32`: header.
    pub checksum_crc32: Option<String>,
    /// `x-amz-checksum-crc32c`: header.
    pub checksum_crc32c: Option<String>,
    /// `x-amz-checksum-crc64nvme`: header.
    pub checksum_crc64nvme: Option<String>,
    /// `x-amz-checksum-md5`: header.
    pub checksum_md5: Option<String>,
    /// `x-amz-checksum-sha1`: header.
    pub checksum_sha1: Option<String>,
    /// `x-amz-checksum-sha256`: header.
    pub checksum_sha256: Option<String>,
    /// `x-amz-checksum-sha512`: header.
    pub checksum_sha512: Option<String>,
    /// `x-amz-checksum-type`: header.
    pub checksum_type: Option<String>,
    /// `x-amz-checksum-xxhash128`: header.
    pub checksum_xxhash128: Option<String>,
    /// `x-amz-checksum-xxhash3`: header.
    pub checksum_xxhash3: Option<String>,
    /// `x-amz-checksum-xxhash64`: header.
    pub checksum_xxhash64: Option<String>,
    /// `Content-Disposition`: header.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`: header.
    pub content_encoding: Option<String>,
    /// `Content-Language`: header.
    pub content_language: Option<String>,
    /// `Content-Length`: header.
    pub content_length: Option<i64>,
    /// `Content-Range`: header.
    pub content_range: Option<String>,
    /// `Content-Type`: header.
    pub content_type: Option<String>,
    /// `x-amz-delete-marker`: header.
    pub delete_marker: Option<bool>,
    /// `ETag`: header.
    pub etag: Option<String>,
    /// `x-amz-expiration`: header.
    pub expiration: Option<String>,
    /// `Expires`: header.
    pub expires: Option<String>,
    /// `Last-Modified`: header.
    pub last_modified: Option<Timestamp>,
    /// `x-amz-meta-`: headers with the prefix.
    pub metadata: BTreeMap<String, String>,
    /// `x-amz-missing-meta`: header.
    pub missing_meta: Option<i32>,
    /// `x-amz-object-lock-event-hold`: header.
    pub object_lock_event_hold: Option<String>,
    /// `x-amz-object-lock-event-hold-duration-days`: header.
    pub object_lock_event_hold_duration_days: Option<i32>,
    /// `x-amz-object-lock-event-hold-duration-years`: header.
    pub object_lock_event_hold_duration_years: Option<i32>,
    /// `x-amz-object-lock-legal-hold`: header.
    pub object_lock_legal_hold_status: Option<String>,
    /// `x-amz-object-lock-mode`: header.
    pub object_lock_mode: Option<String>,
    /// `x-amz-object-lock-retain-until-date`: header.
    pub object_lock_retain_until_date: Option<Timestamp>,
    /// `x-amz-mp-parts-count`: header.
    pub parts_count: Option<i32>,
    /// `x-amz-replication-status`: header.
    pub replication_status: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `x-amz-restore`: header.
    pub restore: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: header.
    pub ssekms_key_id: Option<String>,
    /// `x-amz-server-side-encryption`: header.
    pub server_side_encryption: Option<String>,
    /// `x-amz-storage-class`: header.
    pub storage_class: Option<String>,
    /// `x-amz-tagging-count`: header.
    pub tag_count: Option<i32>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
    /// `x-amz-website-redirect-location`: header.
    pub website_redirect_location: Option<String>,
}
impl RestOutput for HeadObjectOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("accept-ranges", self.accept_ranges.as_ref());
        to.header("x-amz-archive-status", self.archive_status.as_ref());
        to.header(
            "x-amz-server-side-encryption-bucket-key-enabled",
            self.bucket_key_enabled.as_ref(),
        );
        to.header("cache-control", self.cache_control.as_ref());
        to.header("x-amz-checksum-crc32", self.checksum_crc32.as_ref());
        to.header("x-amz-checksum-crc32c", self.checksum_crc32c.as_ref());
        to.header("x-amz-checksum-crc64nvme", self.checksum_crc64nvme.as_ref());
        to.header("x-amz-checksum-md5", self.checksum_md5.as_ref());
        to.header("x-amz-checksum-sha1", self.checksum_sha1.as_ref());
        to.header("x-amz-checksum-sha256", self.checksum_sha256.as_ref());
        to.header("x-amz-checksum-sha512", self.checksum_sha512.as_ref());
        to.header("x-amz-checksum-type", self.checksum_type.as_ref());
        to.header("x-amz-checksum-xxhash128", self.checksum_xxhash128.as_ref());
        to.header("x-amz-checksum-xxhash3", self.checksum_xxhash3.as_ref());
        to.header("x-amz-checksum-xxhash64", self.checksum_xxhash64.as_ref());
        to.header("content-disposition", self.content_disposition.as_ref());
        to.header("content-encoding", self.content_encoding.as_ref());
        to.header("content-language", self.content_language.as_ref());
        to.header("content-length", self.content_length.as_ref());
        to.header("content-range", self.content_range.as_ref());
        to.header("content-type", self.content_type.as_ref());
        to.header("x-amz-delete-marker", self.delete_marker.as_ref());
        to.header("etag", self.etag.as_ref());
        to.header("x-amz-expiration", self.expiration.as_ref());
        to.header("expires", self.expires.as_ref());
        to.header("last-modified", self.last_modified.as_ref());
        to.header("x-amz-missing-meta", self.missing_meta.as_ref());
        to.header("x-amz-object-lock-event-hold", self.object_lock_event_hold.as_ref());
        to.header(
            "x-amz-object-lock-event-hold-duration-days",
            self.object_lock_event_hold_duration_days.as_ref(),
        );
        to.header(
            "x-amz-object-lock-event-hold-duration-years",
            self.object_lock_event_hold_duration_years.as_ref(),
        );
        to.header("x-amz-object-lock-legal-hold", self.object_lock_legal_hold_status.as_ref());
        to.header("x-amz-object-lock-mode", self.object_lock_mode.as_ref());
        to.header_iso(
            "x-amz-object-lock-retain-until-date",
            self.object_lock_retain_until_date.as_ref(),
        );
        to.header("x-amz-mp-parts-count", self.parts_count.as_ref());
        to.header("x-amz-replication-status", self.replication_status.as_ref());
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header("x-amz-restore", self.restore.as_ref());
        to.header(
            "x-amz-server-side-encryption-customer-algorithm",
            self.sse_customer_algorithm.as_ref(),
        );
        to.header(
            "x-amz-server-side-encryption-customer-key-md5",
            self.sse_customer_key_md5.as_ref(),
        );
        to.header("x-amz-server-side-encryption-aws-kms-key-id", self.ssekms_key_id.as_ref());
        to.header("x-amz-server-side-encryption", self.server_side_encryption.as_ref());
        to.header("x-amz-storage-class", self.storage_class.as_ref());
        to.header("x-amz-tagging-count", self.tag_count.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        to.header("x-amz-website-redirect-location", self.website_redirect_location.as_ref());
        to.prefixed("x-amz-meta-", &self.metadata);
        to
    }
}
/// `DeleteObject`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteObjectRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-bypass-governance-retention`: header.
    pub bypass_governance_retention: Option<bool>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `If-Match`: header.
    pub if_match: Option<String>,
    /// `x-amz-if-match-last-modified-time`: header.
    pub if_match_last_modified_time: Option<Timestamp>,
    /// `x-amz-if-match-size`: header.
    pub if_match_size: Option<i64>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `x-amz-mfa`: header.
    pub mfa: Option<String>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `versionId`: query parameter.
    pub version_id: Option<String>,
}
impl RestRequest for DeleteObjectRequest {
    const ROUTE: Route = Route {
        operation: "DeleteObject",
        method: "DELETE",
        level: Level::Object,
        literals: &[],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 204,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            bypass_governance_retention: from
                .header("x-amz-bypass-governance-retention")
                .optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            if_match: from.header("If-Match").optional(&Rule::Any)?,
            if_match_last_modified_time: from
                .header("x-amz-if-match-last-modified-time")
                .optional(&Rule::Any)?,
            if_match_size: from.header("x-amz-if-match-size").optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            mfa: from.header("x-amz-mfa").optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            version_id: from.query("versionId").optional(&Rule::Any)?,
        })
    }
}
/// `DeleteObject`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteObjectOutput {
    /// `x-amz-delete-marker`: header.
    pub delete_marker: Option<bool>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for DeleteObjectOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(204);
        to.header("x-amz-delete-marker", self.delete_marker.as_ref());
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        to
    }
}
/// `DeleteObjects`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteObjectsRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-bypass-governance-retention`: header.
    pub bypass_governance_retention: Option<bool>,
    /// `x-amz-sdk-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `Delete`: the body, required.
    pub delete: Delete,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `x-amz-mfa`: header.
    pub mfa: Option<String>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
}
impl RestRequest for DeleteObjectsRequest {
    const ROUTE: Route = Route {
        operation: "DeleteObjects",
        method: "POST",
        level: Level::Bucket,
        literals: &[("delete", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::Message,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            bypass_governance_retention: from
                .header("x-amz-bypass-governance-retention")
                .optional(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-sdk-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            delete: from
                .xml("Delete")?
                .map(|body| FromElement::from_element(&body, &Rule::Any))
                .transpose()?
                .ok_or(WireError::NoBody { root: "Delete" })?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            mfa: from.header("x-amz-mfa").optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
        })
    }
}
/// `DeleteObjects`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteObjectsOutput {
    /// `Deleted`: element.
    pub deleted: Vec<DeletedObject>,
    /// `Error`: element.
    pub errors: Vec<Error>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
}
impl RestOutput for DeleteObjectsOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.xml("DeleteResult", NAMESPACE, |to| {
            to.flat("Deleted", &self.deleted);
            to.flat("Error", &self.errors);
        });
        to
    }
}
/// `CopyObject`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyObjectRequest {
    /// `x-amz-acl`: header.
    pub acl: Option<String>,
    /// `x-amz-object-annotation-directive`: header.
    pub annotation_directive: Option<String>,
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-server-side-encryption-bucket-key-enabled`: header.
    pub bucket_key_enabled: Option<bool>,
    /// `Cache-Control`: header.
    pub cache_control: Option<String>,
    /// `x-amz-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `Content-Disposition`: header.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`: header.
    pub content_encoding: Option<String>,
    /// `Content-Language`: header.
    pub content_language: Option<String>,
    /// `Content-Type`: header.
    pub content_type: Option<String>,
    /// `x-amz-copy-source`: header, required.
    pub copy_source: String,
    /// `x-amz-copy-source-if-match`: header.
    pub copy_source_if_match: Option<String>,
    /// `x-amz-copy-source-if-modified-since`: header.
    pub copy_source_if_modified_since: Option<Timestamp>,
    /// `x-amz-copy-source-if-none-match`: header.
    pub copy_source_if_none_match: Option<String>,
    /// `x-amz-copy-source-if-unmodified-since`: header.
    pub copy_source_if_unmodified_since: Option<Timestamp>,
    /// `x-amz-copy-source-server-side-encryption-customer-algorithm`: header.
    pub copy_source_sse_customer_algorithm: Option<String>,
    /// `x-amz-copy-source-server-side-encryption-customer-key`: header.
    pub copy_source_sse_customer_key: Option<Secret>,
    /// `x-amz-copy-source-server-side-encryption-customer-key-MD5`: header.
    pub copy_source_sse_customer_key_md5: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `x-amz-source-expected-bucket-owner`: header.
    pub expected_source_bucket_owner: Option<String>,
    /// `Expires`: header.
    pub expires: Option<String>,
    /// `x-amz-grant-full-control`: header.
    pub grant_full_control: Option<String>,
    /// `x-amz-grant-read`: header.
    pub grant_read: Option<String>,
    /// `x-amz-grant-read-acp`: header.
    pub grant_read_acp: Option<String>,
    /// `x-amz-grant-write-acp`: header.
    pub grant_write_acp: Option<String>,
    /// `If-Match`: header.
    pub if_match: Option<String>,
    /// `If-None-Match`: header.
    pub if_none_match: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `x-amz-meta-`: headers with the prefix.
    pub metadata: BTreeMap<String, String>,
    /// `x-amz-metadata-directive`: header.
    pub metadata_directive: Option<String>,
    /// `x-amz-object-lock-event-hold`: header.
    pub object_lock_event_hold: Option<String>,
    /// `x-amz-object-lock-event-hold-duration-days`: header.
    pub object_lock_event_hold_duration_days: Option<i32>,
    /// `x-amz-object-lock-event-hold-duration-years`: header.
    pub object_lock_event_hold_duration_years: Option<i32>,
    /// `x-amz-object-lock-legal-hold`: header.
    pub object_lock_legal_hold_status: Option<String>,
    /// `x-amz-object-lock-mode`: header.
    pub object_lock_mode: Option<String>,
    /// `x-amz-object-lock-retain-until-date`: header.
    pub object_lock_retain_until_date: Option<Timestamp>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key`: header.
    pub sse_customer_key: Option<Secret>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `x-amz-server-side-encryption-context`: header.
    pub ssekms_encryption_context: Option<Secret>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: header.
    pub ssekms_key_id: Option<String>,
    /// `x-amz-server-side-encryption`: header.
    pub server_side_encryption: Option<String>,
    /// `x-amz-storage-class`: header.
    pub storage_class: Option<String>,
    /// `x-amz-tagging`: header.
    pub tagging: Option<String>,
    /// `x-amz-tagging-directive`: header.
    pub tagging_directive: Option<String>,
    /// `x-amz-website-redirect-location`: header.
    pub website_redirect_location: Option<String>,
}
impl RestRequest for CopyObjectRequest {
    const ROUTE: Route = Route {
        operation: "CopyObject",
        method: "PUT",
        level: Level::Object,
        literals: &[],
        parameters: &[],
        headers: &["x-amz-copy-source"],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            acl: from.header("x-amz-acl").optional(&OBJECT_CANNED_ACL)?,
            annotation_directive: from
                .header("x-amz-object-annotation-directive")
                .optional(&ANNOTATION_DIRECTIVE)?,
            bucket: from.label("Bucket").required(&Rule::Any)?,
            bucket_key_enabled: from
                .header("x-amz-server-side-encryption-bucket-key-enabled")
                .optional(&Rule::Any)?,
            cache_control: from.header("Cache-Control").optional(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            content_disposition: from.header("Content-Disposition").optional(&Rule::Any)?,
            content_encoding: from.header("Content-Encoding").optional(&Rule::Any)?,
            content_language: from.header("Content-Language").optional(&Rule::Any)?,
            content_type: from.header("Content-Type").optional(&Rule::Any)?,
            copy_source: from.header("x-amz-copy-source").required(&Rule::Any)?,
            copy_source_if_match: from.header("x-amz-copy-source-if-match").optional(&Rule::Any)?,
            copy_source_if_modified_since: from
                .header("x-amz-copy-source-if-modified-since")
                .optional(&Rule::Any)?,
            copy_source_if_none_match: from
                .header("x-amz-copy-source-if-none-match")
                .optional(&Rule::Any)?,
            copy_source_if_unmodified_since: from
                .header("x-amz-copy-source-if-unmodified-since")
                .optional(&Rule::Any)?,
            copy_source_sse_customer_algorithm: from
                .header("x-amz-copy-source-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            copy_source_sse_customer_key: from
                .header("x-amz-copy-source-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            copy_source_sse_customer_key_md5: from
                .header("x-amz-copy-source-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            expected_source_bucket_owner: from
                .header("x-amz-source-expected-bucket-owner")
                .optional(&Rule::Any)?,
            expires: from.header("Expires").optional(&Rule::Any)?,
            grant_full_control: from.header("x-amz-grant-full-control").optional(&Rule::Any)?,
            grant_read: from.header("x-amz-grant-read").optional(&Rule::Any)?,
            grant_read_acp: from.header("x-amz-grant-read-acp").optional(&Rule::Any)?,
            grant_write_acp: from.header("x-amz-grant-write-acp").optional(&Rule::Any)?,
            if_match: from.header("If-Match").optional(&Rule::Any)?,
            if_none_match: from.header("If-None-Match").optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            metadata: from.prefixed("x-amz-meta-")?,
            metadata_directive: from
                .header("x-amz-metadata-directive")
                .optional(&METADATA_DIRECTIVE)?,
            object_lock_event_hold: from
                .header("x-amz-object-lock-event-hold")
                .optional(&OBJECT_LOCK_EVENT_HOLD)?,
            object_lock_event_hold_duration_days: from
                .header("x-amz-object-lock-event-hold-duration-days")
                .optional(&Rule::Any)?,
            object_lock_event_hold_duration_years: from
                .header("x-amz-object-lock-event-hold-duration-years")
                .optional(&Rule::Any)?,
            object_lock_legal_hold_status: from
                .header("x-amz-object-lock-legal-hold")
                .optional(&OBJECT_LOCK_LEGAL_HOLD_STATUS)?,
            object_lock_mode: from.header("x-amz-object-lock-mode").optional(&OBJECT_LOCK_MODE)?,
            object_lock_retain_until_date: from
                .header("x-amz-object-lock-retain-until-date")
                .optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            sse_customer_algorithm: from
                .header("x-amz-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            sse_customer_key: from
                .header("x-amz-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            sse_customer_key_md5: from
                .header("x-amz-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            ssekms_encryption_context: from
                .header("x-amz-server-side-encryption-context")
                .optional(&Rule::Any)?,
            ssekms_key_id: from
                .header("x-amz-server-side-encryption-aws-kms-key-id")
                .optional(&Rule::Any)?,
            server_side_encryption: from
                .header("x-amz-server-side-encryption")
                .optional(&SERVER_SIDE_ENCRYPTION)?,
            storage_class: from.header("x-amz-storage-class").optional(&STORAGE_CLASS)?,
            tagging: from.header("x-amz-tagging").optional(&Rule::Any)?,
            tagging_directive: from
                .header("x-amz-tagging-directive")
                .optional(&TAGGING_DIRECTIVE)?,
            website_redirect_location: from
                .header("x-amz-website-redirect-location")
                .optional(&Rule::Any)?,
        })
    }
}
/// `CopyObject`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyObjectOutput {
    /// `x-amz-server-side-encryption-bucket-key-enabled`: header.
    pub bucket_key_enabled: Option<bool>,
    /// `CopyObjectResult`: the body.
    pub copy_object_result: Option<CopyObjectResult>,
    /// `x-amz-copy-source-version-id`: header.
    pub copy_source_version_id: Option<String>,
    /// `x-amz-expiration`: header.
    pub expiration: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `x-amz-server-side-encryption-context`: header.
    pub ssekms_encryption_context: Option<Secret>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: header.
    pub ssekms_key_id: Option<String>,
    /// `x-amz-server-side-encryption`: header.
    pub server_side_encryption: Option<String>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for CopyObjectOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header(
            "x-amz-server-side-encryption-bucket-key-enabled",
            self.bucket_key_enabled.as_ref(),
        );
        to.header("x-amz-copy-source-version-id", self.copy_source_version_id.as_ref());
        to.header("x-amz-expiration", self.expiration.as_ref());
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header(
            "x-amz-server-side-encryption-customer-algorithm",
            self.sse_customer_algorithm.as_ref(),
        );
        to.header(
            "x-amz-server-side-encryption-customer-key-md5",
            self.sse_customer_key_md5.as_ref(),
        );
        to.header("x-amz-server-side-encryption-context", self.ssekms_encryption_context.as_ref());
        to.header("x-amz-server-side-encryption-aws-kms-key-id", self.ssekms_key_id.as_ref());
        to.header("x-amz-server-side-encryption", self.server_side_encryption.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        if let Some(value) = &self.copy_object_result {
            to.xml("CopyObjectResult", NAMESPACE, |to| {
                to.member("ChecksumCRC32", &value.checksum_crc32);
                to.member("ChecksumCRC32C", &value.checksum_crc32c);
                to.member("ChecksumCRC64NVME", &value.checksum_crc64nvme);
                to.member("ChecksumMD5", &value.checksum_md5);
                to.member("ChecksumSHA1", &value.checksum_sha1);
                to.member("ChecksumSHA256", &value.checksum_sha256);
                to.member("ChecksumSHA512", &value.checksum_sha512);
                to.member("ChecksumType", &value.checksum_type);
                to.member("ChecksumXXHASH128", &value.checksum_xxhash128);
                to.member("ChecksumXXHASH3", &value.checksum_xxhash3);
                to.member("ChecksumXXHASH64", &value.checksum_xxhash64);
                to.member("ETag", &value.etag);
                to.member("LastModified", &value.last_modified);
            });
        }
        to
    }
}
/// `ListObjects`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectsRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `delimiter`: query parameter.
    pub delimiter: Option<String>,
    /// `encoding-type`: query parameter.
    pub encoding_type: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `marker`: query parameter.
    pub marker: Option<String>,
    /// `max-keys`: query parameter.
    pub max_keys: Option<i32>,
    /// `x-amz-optional-object-attributes`: header.
    pub optional_object_attributes: Vec<String>,
    /// `prefix`: query parameter.
    pub prefix: Option<String>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
}
impl RestRequest for ListObjectsRequest {
    const ROUTE: Route = Route {
        operation: "ListObjects",
        method: "GET",
        level: Level::Bucket,
        literals: &[],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            delimiter: from.query("delimiter").optional(&Rule::Any)?,
            encoding_type: from.query("encoding-type").optional(&ENCODING_TYPE)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            marker: from.query("marker").optional(&Rule::Any)?,
            max_keys: from.query("max-keys").optional(&Rule::Any)?,
            optional_object_attributes: from
                .header("x-amz-optional-object-attributes")
                .words(&OPTIONAL_OBJECT_ATTRIBUTES)?,
            prefix: from.query("prefix").optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
        })
    }
}
/// `ListObjects`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectsOutput {
    /// `CommonPrefixes`: element.
    pub common_prefixes: Vec<CommonPrefix>,
    /// `Contents`: element.
    pub contents: Vec<Object>,
    /// `Delimiter`: element.
    pub delimiter: Option<String>,
    /// `EncodingType`: element.
    pub encoding_type: Option<String>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `MaxKeys`: element.
    pub max_keys: Option<i32>,
    /// `Name`: element.
    pub name: Option<String>,
    /// `NextMarker`: element.
    pub next_marker: Option<String>,
    /// `Prefix`: element.
    pub prefix: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
}
impl RestOutput for ListObjectsOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.xml("ListBucketResult", NAMESPACE, |to| {
            to.flat("CommonPrefixes", &self.common_prefixes);
            to.flat("Contents", &self.contents);
            to.member("Delimiter", &self.delimiter);
            to.member("EncodingType", &self.encoding_type);
            to.member("IsTruncated", &self.is_truncated);
            to.member("Marker", &self.marker);
            to.member("MaxKeys", &self.max_keys);
            to.member("Name", &self.name);
            to.member("NextMarker", &self.next_marker);
            to.member("Prefix", &self.prefix);
        });
        to
    }
}
/// `ListObjectsV2`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectsV2Request {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `continuation-token`: query parameter.
    pub continuation_token: Option<String>,
    /// `delimiter`: query parameter.
    pub delimiter: Option<String>,
    /// `encoding-type`: query parameter.
    pub encoding_type: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `fetch-owner`: query parameter.
    pub fetch_owner: Option<bool>,
    /// `max-keys`: query parameter.
    pub max_keys: Option<i32>,
    /// `x-amz-optional-object-attributes`: header.
    pub optional_object_attributes: Vec<String>,
    /// `prefix`: query parameter.
    pub prefix: Option<String>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `start-after`: query parameter.
    pub start_after: Option<String>,
}
impl RestRequest for ListObjectsV2Request {
    const ROUTE: Route = Route {
        operation: "ListObjectsV2",
        method: "GET",
        level: Level::Bucket,
        literals: &[("list-type", "2")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            continuation_token: from.query("continuation-token").optional(&Rule::Any)?,
            delimiter: from.query("delimiter").optional(&Rule::Any)?,
            encoding_type: from.query("encoding-type").optional(&ENCODING_TYPE)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            fetch_owner: from.query("fetch-owner").optional(&Rule::Any)?,
            max_keys: from.query("max-keys").optional(&Rule::Any)?,
            optional_object_attributes: from
                .header("x-amz-optional-object-attributes")
                .words(&OPTIONAL_OBJECT_ATTRIBUTES)?,
            prefix: from.query("prefix").optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            start_after: from.query("start-after").optional(&Rule::Any)?,
        })
    }
}
/// `ListObjectsV2`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectsV2Output {
    /// `CommonPrefixes`: element.
    pub common_prefixes: Vec<CommonPrefix>,
    /// `Contents`: element.
    pub contents: Vec<Object>,
    /// `ContinuationToken`: element.
    pub continuation_token: Option<String>,
    /// `Delimiter`: element.
    pub delimiter: Option<String>,
    /// `EncodingType`: element.
    pub encoding_type: Option<String>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `KeyCount`: element.
    pub key_count: Option<i32>,
    /// `MaxKeys`: element.
    pub max_keys: Option<i32>,
    /// `Name`: element.
    pub name: Option<String>,
    /// `NextContinuationToken`: element.
    pub next_continuation_token: Option<String>,
    /// `Prefix`: element.
    pub prefix: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `StartAfter`: element.
    pub start_after: Option<String>,
}
impl RestOutput for ListObjectsV2Output {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.xml("ListBucketResult", NAMESPACE, |to| {
            to.flat("CommonPrefixes", &self.common_prefixes);
            to.flat("Contents", &self.contents);
            to.member("ContinuationToken", &self.continuation_token);
            to.member("Delimiter", &self.delimiter);
            to.member("EncodingType", &self.encoding_type);
            to.member("IsTruncated", &self.is_truncated);
            to.member("KeyCount", &self.key_count);
            to.member("MaxKeys", &self.max_keys);
            to.member("Name", &self.name);
            to.member("NextContinuationToken", &self.next_continuation_token);
            to.member("Prefix", &self.prefix);
            to.member("StartAfter", &self.start_after);
        });
        to
    }
}
/// `ListObjectVersions`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectVersionsRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `delimiter`: query parameter.
    pub delimiter: Option<String>,
    /// `encoding-type`: query parameter.
    pub encoding_type: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `key-marker`: query parameter.
    pub key_marker: Option<String>,
    /// `max-keys`: query parameter.
    pub max_keys: Option<i32>,
    /// `x-amz-optional-object-attributes`: header.
    pub optional_object_attributes: Vec<String>,
    /// `prefix`: query parameter.
    pub prefix: Option<String>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `version-id-marker`: query parameter.
    pub version_id_marker: Option<String>,
}
impl RestRequest for ListObjectVersionsRequest {
    const ROUTE: Route = Route {
        operation: "ListObjectVersions",
        method: "GET",
        level: Level::Bucket,
        literals: &[("versions", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            delimiter: from.query("delimiter").optional(&Rule::Any)?,
            encoding_type: from.query("encoding-type").optional(&ENCODING_TYPE)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            key_marker: from.query("key-marker").optional(&Rule::Any)?,
            max_keys: from.query("max-keys").optional(&Rule::Any)?,
            optional_object_attributes: from
                .header("x-amz-optional-object-attributes")
                .words(&OPTIONAL_OBJECT_ATTRIBUTES)?,
            prefix: from.query("prefix").optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            version_id_marker: from.query("version-id-marker").optional(&Rule::Any)?,
        })
    }
}
/// `ListObjectVersions`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectVersionsOutput {
    /// `CommonPrefixes`: element.
    pub common_prefixes: Vec<CommonPrefix>,
    /// `DeleteMarker`: element.
    pub delete_markers: Vec<DeleteMarkerEntry>,
    /// `Delimiter`: element.
    pub delimiter: Option<String>,
    /// `EncodingType`: element.
    pub encoding_type: Option<String>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `KeyMarker`: element.
    pub key_marker: Option<String>,
    /// `MaxKeys`: element.
    pub max_keys: Option<i32>,
    /// `Name`: element.
    pub name: Option<String>,
    /// `NextKeyMarker`: element.
    pub next_key_marker: Option<String>,
    /// `NextVersionIdMarker`: element.
    pub next_version_id_marker: Option<String>,
    /// `Prefix`: element.
    pub prefix: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `VersionIdMarker`: element.
    pub version_id_marker: Option<String>,
    /// `Version`: element.
    pub versions: Vec<ObjectVersion>,
}
impl RestOutput for ListObjectVersionsOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.xml("ListVersionsResult", NAMESPACE, |to| {
            to.flat("CommonPrefixes", &self.common_prefixes);
            to.flat("DeleteMarker", &self.delete_markers);
            to.member("Delimiter", &self.delimiter);
            to.member("EncodingType", &self.encoding_type);
            to.member("IsTruncated", &self.is_truncated);
            to.member("KeyMarker", &self.key_marker);
            to.member("MaxKeys", &self.max_keys);
            to.member("Name", &self.name);
            to.member("NextKeyMarker", &self.next_key_marker);
            to.member("NextVersionIdMarker", &self.next_version_id_marker);
            to.member("Prefix", &self.prefix);
            to.member("VersionIdMarker", &self.version_id_marker);
            to.flat("Version", &self.versions);
        });
        to
    }
}
/// `GetObjectTagging`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetObjectTaggingRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `versionId`: query parameter.
    pub version_id: Option<String>,
}
impl RestRequest for GetObjectTaggingRequest {
    const ROUTE: Route = Route {
        operation: "GetObjectTagging",
        method: "GET",
        level: Level::Object,
        literals: &[("tagging", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            version_id: from.query("versionId").optional(&Rule::Any)?,
        })
    }
}
/// `GetObjectTagging`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetObjectTaggingOutput {
    /// `TagSet`: element, required.
    pub tag_set: Vec<Tag>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for GetObjectTaggingOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-version-id", self.version_id.as_ref());
        to.xml("Tagging", NAMESPACE, |to| {
            to.list("TagSet", "Tag", &self.tag_set);
        });
        to
    }
}
/// `PutObjectTagging`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutObjectTaggingRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-sdk-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `Content-MD5`: header.
    pub content_md5: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `Tagging`: the body, required.
    pub tagging: Tagging,
    /// `versionId`: query parameter.
    pub version_id: Option<String>,
}
impl RestRequest for PutObjectTaggingRequest {
    const ROUTE: Route = Route {
        operation: "PutObjectTagging",
        method: "PUT",
        level: Level::Object,
        literals: &[("tagging", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::Message,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-sdk-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            content_md5: from.header("Content-MD5").optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            tagging: from
                .xml("Tagging")?
                .map(|body| FromElement::from_element(&body, &Rule::Any))
                .transpose()?
                .ok_or(WireError::NoBody { root: "Tagging" })?,
            version_id: from.query("versionId").optional(&Rule::Any)?,
        })
    }
}
/// `PutObjectTagging`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutObjectTaggingOutput {
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for PutObjectTaggingOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-version-id", self.version_id.as_ref());
        to
    }
}
/// `DeleteObjectTagging`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteObjectTaggingRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `versionId`: query parameter.
    pub version_id: Option<String>,
}
impl RestRequest for DeleteObjectTaggingRequest {
    const ROUTE: Route = Route {
        operation: "DeleteObjectTagging",
        method: "DELETE",
        level: Level::Object,
        literals: &[("tagging", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 204,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            version_id: from.query("versionId").optional(&Rule::Any)?,
        })
    }
}
/// `DeleteObjectTagging`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteObjectTaggingOutput {
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for DeleteObjectTaggingOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(204);
        to.header("x-amz-version-id", self.version_id.as_ref());
        to
    }
}
/// `GetObjectAttributes`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetObjectAttributesRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `x-amz-max-parts`: header.
    pub max_parts: Option<i32>,
    /// `x-amz-object-attributes`: header, required.
    pub object_attributes: Vec<String>,
    /// `x-amz-part-number-marker`: header.
    pub part_number_marker: Option<i32>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key`: header.
    pub sse_customer_key: Option<Secret>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `versionId`: query parameter.
    pub version_id: Option<String>,
}
impl RestRequest for GetObjectAttributesRequest {
    const ROUTE: Route = Route {
        operation: "GetObjectAttributes",
        method: "GET",
        level: Level::Object,
        literals: &[("attributes", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            max_parts: from.header("x-amz-max-parts").optional(&Rule::Any)?,
            object_attributes: from.header("x-amz-object-attributes").words(&OBJECT_ATTRIBUTES)?,
            part_number_marker: from.header("x-amz-part-number-marker").optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            sse_customer_algorithm: from
                .header("x-amz-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            sse_customer_key: from
                .header("x-amz-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            sse_customer_key_md5: from
                .header("x-amz-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            version_id: from.query("versionId").optional(&Rule::Any)?,
        })
    }
}
/// `GetObjectAttributes`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetObjectAttributesOutput {
    /// `Checksum`: element.
    pub checksum: Option<Checksum>,
    /// `x-amz-delete-marker`: header.
    pub delete_marker: Option<bool>,
    /// `ETag`: element.
    pub etag: Option<String>,
    /// `Last-Modified`: header.
    pub last_modified: Option<Timestamp>,
    /// `ObjectParts`: element.
    pub object_parts: Option<GetObjectAttributesParts>,
    /// `ObjectSize`: element.
    pub object_size: Option<i64>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `StorageClass`: element.
    pub storage_class: Option<String>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for GetObjectAttributesOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-delete-marker", self.delete_marker.as_ref());
        to.header("last-modified", self.last_modified.as_ref());
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        to.xml("GetObjectAttributesResponse", NAMESPACE, |to| {
            to.member("Checksum", &self.checksum);
            to.member("ETag", &self.etag);
            to.member("ObjectParts", &self.object_parts);
            to.member("ObjectSize", &self.object_size);
            to.member("StorageClass", &self.storage_class);
        });
        to
    }
}
/// `CreateMultipartUpload`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateMultipartUploadRequest {
    /// `x-amz-acl`: header.
    pub acl: Option<String>,
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-server-side-encryption-bucket-key-enabled`: header.
    pub bucket_key_enabled: Option<bool>,
    /// `Cache-Control`: header.
    pub cache_control: Option<String>,
    /// `x-amz-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `x-amz-checksum-type`: header.
    pub checksum_type: Option<String>,
    /// `Content-Disposition`: header.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`: header.
    pub content_encoding: Option<String>,
    /// `Content-Language`: header.
    pub content_language: Option<String>,
    /// `Content-Type`: header.
    pub content_type: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `Expires`: header.
    pub expires: Option<String>,
    /// `x-amz-grant-full-control`: header.
    pub grant_full_control: Option<String>,
    /// `x-amz-grant-read`: header.
    pub grant_read: Option<String>,
    /// `x-amz-grant-read-acp`: header.
    pub grant_read_acp: Option<String>,
    /// `x-amz-grant-write-acp`: header.
    pub grant_write_acp: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `x-amz-meta-`: headers with the prefix.
    pub metadata: BTreeMap<String, String>,
    /// `x-amz-object-lock-event-hold`: header.
    pub object_lock_event_hold: Option<String>,
    /// `x-amz-object-lock-event-hold-duration-days`: header.
    pub object_lock_event_hold_duration_days: Option<i32>,
    /// `x-amz-object-lock-event-hold-duration-years`: header.
    pub object_lock_event_hold_duration_years: Option<i32>,
    /// `x-amz-object-lock-legal-hold`: header.
    pub object_lock_legal_hold_status: Option<String>,
    /// `x-amz-object-lock-mode`: header.
    pub object_lock_mode: Option<String>,
    /// `x-amz-object-lock-retain-until-date`: header.
    pub object_lock_retain_until_date: Option<Timestamp>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key`: header.
    pub sse_customer_key: Option<Secret>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `x-amz-server-side-encryption-context`: header.
    pub ssekms_encryption_context: Option<Secret>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: header.
    pub ssekms_key_id: Option<String>,
    /// `x-amz-server-side-encryption`: header.
    pub server_side_encryption: Option<String>,
    /// `x-amz-storage-class`: header.
    pub storage_class: Option<String>,
    /// `x-amz-tagging`: header.
    pub tagging: Option<String>,
    /// `x-amz-website-redirect-location`: header.
    pub website_redirect_location: Option<String>,
}
impl RestRequest for CreateMultipartUploadRequest {
    const ROUTE: Route = Route {
        operation: "CreateMultipartUpload",
        method: "POST",
        level: Level::Object,
        literals: &[("uploads", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            acl: from.header("x-amz-acl").optional(&OBJECT_CANNED_ACL)?,
            bucket: from.label("Bucket").required(&Rule::Any)?,
            bucket_key_enabled: from
                .header("x-amz-server-side-encryption-bucket-key-enabled")
                .optional(&Rule::Any)?,
            cache_control: from.header("Cache-Control").optional(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            checksum_type: from.header("x-amz-checksum-type").optional(&CHECKSUM_TYPE)?,
            content_disposition: from.header("Content-Disposition").optional(&Rule::Any)?,
            content_encoding: from.header("Content-Encoding").optional(&Rule::Any)?,
            content_language: from.header("Content-Language").optional(&Rule::Any)?,
            content_type: from.header("Content-Type").optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            expires: from.header("Expires").optional(&Rule::Any)?,
            grant_full_control: from.header("x-amz-grant-full-control").optional(&Rule::Any)?,
            grant_read: from.header("x-amz-grant-read").optional(&Rule::Any)?,
            grant_read_acp: from.header("x-amz-grant-read-acp").optional(&Rule::Any)?,
            grant_write_acp: from.header("x-amz-grant-write-acp").optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            metadata: from.prefixed("x-amz-meta-")?,
            object_lock_event_hold: from
                .header("x-amz-object-lock-event-hold")
                .optional(&OBJECT_LOCK_EVENT_HOLD)?,
            object_lock_event_hold_duration_days: from
                .header("x-amz-object-lock-event-hold-duration-days")
                .optional(&Rule::Any)?,
            object_lock_event_hold_duration_years: from
                .header("x-amz-object-lock-event-hold-duration-years")
                .optional(&Rule::Any)?,
            object_lock_legal_hold_status: from
                .header("x-amz-object-lock-legal-hold")
                .optional(&OBJECT_LOCK_LEGAL_HOLD_STATUS)?,
            object_lock_mode: from.header("x-amz-object-lock-mode").optional(&OBJECT_LOCK_MODE)?,
            object_lock_retain_until_date: from
                .header("x-amz-object-lock-retain-until-date")
                .optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            sse_customer_algorithm: from
                .header("x-amz-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            sse_customer_key: from
                .header("x-amz-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            sse_customer_key_md5: from
                .header("x-amz-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            ssekms_encryption_context: from
                .header("x-amz-server-side-encryption-context")
                .optional(&Rule::Any)?,
            ssekms_key_id: from
                .header("x-amz-server-side-encryption-aws-kms-key-id")
                .optional(&Rule::Any)?,
            server_side_encryption: from
                .header("x-amz-server-side-encryption")
                .optional(&SERVER_SIDE_ENCRYPTION)?,
            storage_class: from.header("x-amz-storage-class").optional(&STORAGE_CLASS)?,
            tagging: from.header("x-amz-tagging").optional(&Rule::Any)?,
            website_redirect_location: from
                .header("x-amz-website-redirect-location")
                .optional(&Rule::Any)?,
        })
    }
}
/// `CreateMultipartUpload`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateMultipartUploadOutput {
    /// `x-amz-abort-date`: header.
    pub abort_date: Option<Timestamp>,
    /// `x-amz-abort-rule-id`: header.
    pub abort_rule_id: Option<String>,
    /// `Bucket`: element.
    pub bucket: Option<String>,
    /// `x-amz-server-side-encryption-bucket-key-enabled`: header.
    pub bucket_key_enabled: Option<bool>,
    /// `x-amz-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `x-amz-checksum-type`: header.
    pub checksum_type: Option<String>,
    /// `Key`: element.
    pub key: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `x-amz-server-side-encryption-context`: header.
    pub ssekms_encryption_context: Option<Secret>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: header.
    pub ssekms_key_id: Option<String>,
    /// `x-amz-server-side-encryption`: header.
    pub server_side_encryption: Option<String>,
    /// `UploadId`: element.
    pub upload_id: Option<String>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for CreateMultipartUploadOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-abort-date", self.abort_date.as_ref());
        to.header("x-amz-abort-rule-id", self.abort_rule_id.as_ref());
        to.header(
            "x-amz-server-side-encryption-bucket-key-enabled",
            self.bucket_key_enabled.as_ref(),
        );
        to.header("x-amz-checksum-algorithm", self.checksum_algorithm.as_ref());
        to.header("x-amz-checksum-type", self.checksum_type.as_ref());
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header(
            "x-amz-server-side-encryption-customer-algorithm",
            self.sse_customer_algorithm.as_ref(),
        );
        to.header(
            "x-amz-server-side-encryption-customer-key-md5",
            self.sse_customer_key_md5.as_ref(),
        );
        to.header("x-amz-server-side-encryption-context", self.ssekms_encryption_context.as_ref());
        to.header("x-amz-server-side-encryption-aws-kms-key-id", self.ssekms_key_id.as_ref());
        to.header("x-amz-server-side-encryption", self.server_side_encryption.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        to.xml("InitiateMultipartUploadResult", NAMESPACE, |to| {
            to.member("Bucket", &self.bucket);
            to.member("Key", &self.key);
            to.member("UploadId", &self.upload_id);
        });
        to
    }
}
/// `UploadPart`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadPartRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-sdk-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `x-amz-checksum-crc32`: header.
    pub checksum_crc32: Option<String>,
    /// `x-amz-checksum-crc32c`: header.
    pub checksum_crc32c: Option<String>,
    /// `x-amz-checksum-crc64nvme`: header.
    pub checksum_crc64nvme: Option<String>,
    /// `x-amz-checksum-md5`: header.
    pub checksum_md5: Option<String>,
    /// `x-amz-checksum-sha1`: header.
    pub checksum_sha1: Option<String>,
    /// `x-amz-checksum-sha256`: header.
    pub checksum_sha256: Option<String>,
    /// `x-amz-checksum-sha512`: header.
    pub checksum_sha512: Option<String>,
    /// `x-amz-checksum-xxhash128`: header.
    pub checksum_xxhash128: Option<String>,
    /// `x-amz-checksum-xxhash3`: header.
    pub checksum_xxhash3: Option<String>,
    /// `x-amz-checksum-xxhash64`: header.
    pub checksum_xxhash64: Option<String>,
    /// `Content-Length`: header.
    pub content_length: Option<i64>,
    /// `Content-MD5`: header.
    pub content_md5: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `partNumber`: query parameter, required.
    pub part_number: i32,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key`: header.
    pub sse_customer_key: Option<Secret>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `uploadId`: query parameter, required.
    pub upload_id: String,
}
impl RestRequest for UploadPartRequest {
    const ROUTE: Route = Route {
        operation: "UploadPart",
        method: "PUT",
        level: Level::Object,
        literals: &[],
        parameters: &["partNumber", "uploadId"],
        headers: &[],
        payload: Payload::Stream,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-sdk-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            checksum_crc32: from.header("x-amz-checksum-crc32").optional(&Rule::Any)?,
            checksum_crc32c: from.header("x-amz-checksum-crc32c").optional(&Rule::Any)?,
            checksum_crc64nvme: from.header("x-amz-checksum-crc64nvme").optional(&Rule::Any)?,
            checksum_md5: from.header("x-amz-checksum-md5").optional(&Rule::Any)?,
            checksum_sha1: from.header("x-amz-checksum-sha1").optional(&Rule::Any)?,
            checksum_sha256: from.header("x-amz-checksum-sha256").optional(&Rule::Any)?,
            checksum_sha512: from.header("x-amz-checksum-sha512").optional(&Rule::Any)?,
            checksum_xxhash128: from.header("x-amz-checksum-xxhash128").optional(&Rule::Any)?,
            checksum_xxhash3: from.header("x-amz-checksum-xxhash3").optional(&Rule::Any)?,
            checksum_xxhash64: from.header("x-amz-checksum-xxhash64").optional(&Rule::Any)?,
            content_length: from.header("Content-Length").optional(&Rule::Any)?,
            content_md5: from.header("Content-MD5").optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            part_number: from.query("partNumber").required(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            sse_customer_algorithm: from
                .header("x-amz-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            sse_customer_key: from
                .header("x-amz-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            sse_customer_key_md5: from
                .header("x-amz-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            upload_id: from.query("uploadId").required(&Rule::Any)?,
        })
    }
}
/// `UploadPart`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadPartOutput {
    /// `x-amz-server-side-encryption-bucket-key-enabled`: header.
    pub bucket_key_enabled: Option<bool>,
    /// `x-amz-checksum-crc32`: header.
    pub checksum_crc32: Option<String>,
    /// `x-amz-checksum-crc32c`: header.
    pub checksum_crc32c: Option<String>,
    /// `x-amz-checksum-crc64nvme`: header.
    pub checksum_crc64nvme: Option<String>,
    /// `x-amz-checksum-md5`: header.
    pub checksum_md5: Option<String>,
    /// `x-amz-checksum-sha1`: header.
    pub checksum_sha1: Option<String>,
    /// `x-amz-checksum-sha256`: header.
    pub checksum_sha256: Option<String>,
    /// `x-amz-checksum-sha512`: header.
    pub checksum_sha512: Option<String>,
    /// `x-amz-checksum-xxhash128`: header.
    pub checksum_xxhash128: Option<String>,
    /// `x-amz-checksum-xxhash3`: header.
    pub checksum_xxhash3: Option<String>,
    /// `x-amz-checksum-xxhash64`: header.
    pub checksum_xxhash64: Option<String>,
    /// `ETag`: header.
    pub etag: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: header.
    pub ssekms_key_id: Option<String>,
    /// `x-amz-server-side-encryption`: header.
    pub server_side_encryption: Option<String>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for UploadPartOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header(
            "x-amz-server-side-encryption-bucket-key-enabled",
            self.bucket_key_enabled.as_ref(),
        );
        to.header("x-amz-checksum-crc32", self.checksum_crc32.as_ref());
        to.header("x-amz-checksum-crc32c", self.checksum_crc32c.as_ref());
        to.header("x-amz-checksum-crc64nvme", self.checksum_crc64nvme.as_ref());
        to.header("x-amz-checksum-md5", self.checksum_md5.as_ref());
        to.header("x-amz-checksum-sha1", self.checksum_sha1.as_ref());
        to.header("x-amz-checksum-sha256", self.checksum_sha256.as_ref());
        to.header("x-amz-checksum-sha512", self.checksum_sha512.as_ref());
        to.header("x-amz-checksum-xxhash128", self.checksum_xxhash128.as_ref());
        to.header("x-amz-checksum-xxhash3", self.checksum_xxhash3.as_ref());
        to.header("x-amz-checksum-xxhash64", self.checksum_xxhash64.as_ref());
        to.header("etag", self.etag.as_ref());
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header(
            "x-amz-server-side-encryption-customer-algorithm",
            self.sse_customer_algorithm.as_ref(),
        );
        to.header(
            "x-amz-server-side-encryption-customer-key-md5",
            self.sse_customer_key_md5.as_ref(),
        );
        to.header("x-amz-server-side-encryption-aws-kms-key-id", self.ssekms_key_id.as_ref());
        to.header("x-amz-server-side-encryption", self.server_side_encryption.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        to
    }
}
/// `UploadPartCopy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadPartCopyRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-copy-source`: header, required.
    pub copy_source: String,
    /// `x-amz-copy-source-if-match`: header.
    pub copy_source_if_match: Option<String>,
    /// `x-amz-copy-source-if-modified-since`: header.
    pub copy_source_if_modified_since: Option<Timestamp>,
    /// `x-amz-copy-source-if-none-match`: header.
    pub copy_source_if_none_match: Option<String>,
    /// `x-amz-copy-source-if-unmodified-since`: header.
    pub copy_source_if_unmodified_since: Option<Timestamp>,
    /// `x-amz-copy-source-range`: header.
    pub copy_source_range: Option<String>,
    /// `x-amz-copy-source-server-side-encryption-customer-algorithm`: header.
    pub copy_source_sse_customer_algorithm: Option<String>,
    /// `x-amz-copy-source-server-side-encryption-customer-key`: header.
    pub copy_source_sse_customer_key: Option<Secret>,
    /// `x-amz-copy-source-server-side-encryption-customer-key-MD5`: header.
    pub copy_source_sse_customer_key_md5: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `x-amz-source-expected-bucket-owner`: header.
    pub expected_source_bucket_owner: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `partNumber`: query parameter, required.
    pub part_number: i32,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key`: header.
    pub sse_customer_key: Option<Secret>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `uploadId`: query parameter, required.
    pub upload_id: String,
}
impl RestRequest for UploadPartCopyRequest {
    const ROUTE: Route = Route {
        operation: "UploadPartCopy",
        method: "PUT",
        level: Level::Object,
        literals: &[],
        parameters: &["partNumber", "uploadId"],
        headers: &["x-amz-copy-source"],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            copy_source: from.header("x-amz-copy-source").required(&Rule::Any)?,
            copy_source_if_match: from.header("x-amz-copy-source-if-match").optional(&Rule::Any)?,
            copy_source_if_modified_since: from
                .header("x-amz-copy-source-if-modified-since")
                .optional(&Rule::Any)?,
            copy_source_if_none_match: from
                .header("x-amz-copy-source-if-none-match")
                .optional(&Rule::Any)?,
            copy_source_if_unmodified_since: from
                .header("x-amz-copy-source-if-unmodified-since")
                .optional(&Rule::Any)?,
            copy_source_range: from.header("x-amz-copy-source-range").optional(&Rule::Any)?,
            copy_source_sse_customer_algorithm: from
                .header("x-amz-copy-source-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            copy_source_sse_customer_key: from
                .header("x-amz-copy-source-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            copy_source_sse_customer_key_md5: from
                .header("x-amz-copy-source-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            expected_source_bucket_owner: from
                .header("x-amz-source-expected-bucket-owner")
                .optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            part_number: from.query("partNumber").required(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            sse_customer_algorithm: from
                .header("x-amz-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            sse_customer_key: from
                .header("x-amz-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            sse_customer_key_md5: from
                .header("x-amz-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            upload_id: from.query("uploadId").required(&Rule::Any)?,
        })
    }
}
/// `UploadPartCopy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadPartCopyOutput {
    /// `x-amz-server-side-encryption-bucket-key-enabled`: header.
    pub bucket_key_enabled: Option<bool>,
    /// `CopyPartResult`: the body.
    pub copy_part_result: Option<CopyPartResult>,
    /// `x-amz-copy-source-version-id`: header.
    pub copy_source_version_id: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: header.
    pub ssekms_key_id: Option<String>,
    /// `x-amz-server-side-encryption`: header.
    pub server_side_encryption: Option<String>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for UploadPartCopyOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header(
            "x-amz-server-side-encryption-bucket-key-enabled",
            self.bucket_key_enabled.as_ref(),
        );
        to.header("x-amz-copy-source-version-id", self.copy_source_version_id.as_ref());
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header(
            "x-amz-server-side-encryption-customer-algorithm",
            self.sse_customer_algorithm.as_ref(),
        );
        to.header(
            "x-amz-server-side-encryption-customer-key-md5",
            self.sse_customer_key_md5.as_ref(),
        );
        to.header("x-amz-server-side-encryption-aws-kms-key-id", self.ssekms_key_id.as_ref());
        to.header("x-amz-server-side-encryption", self.server_side_encryption.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        if let Some(value) = &self.copy_part_result {
            to.xml("CopyPartResult", NAMESPACE, |to| {
                to.member("ChecksumCRC32", &value.checksum_crc32);
                to.member("ChecksumCRC32C", &value.checksum_crc32c);
                to.member("ChecksumCRC64NVME", &value.checksum_crc64nvme);
                to.member("ChecksumMD5", &value.checksum_md5);
                to.member("ChecksumSHA1", &value.checksum_sha1);
                to.member("ChecksumSHA256", &value.checksum_sha256);
                to.member("ChecksumSHA512", &value.checksum_sha512);
                to.member("ChecksumXXHASH128", &value.checksum_xxhash128);
                to.member("ChecksumXXHASH3", &value.checksum_xxhash3);
                to.member("ChecksumXXHASH64", &value.checksum_xxhash64);
                to.member("ETag", &value.etag);
                to.member("LastModified", &value.last_modified);
            });
        }
        to
    }
}
/// `CompleteMultipartUpload`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompleteMultipartUploadRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-checksum-crc32`: header.
    pub checksum_crc32: Option<String>,
    /// `x-amz-checksum-crc32c`: header.
    pub checksum_crc32c: Option<String>,
    /// `x-amz-checksum-crc64nvme`: header.
    pub checksum_crc64nvme: Option<String>,
    /// `x-amz-checksum-md5`: header.
    pub checksum_md5: Option<String>,
    /// `x-amz-checksum-sha1`: header.
    pub checksum_sha1: Option<String>,
    /// `x-amz-checksum-sha256`: header.
    pub checksum_sha256: Option<String>,
    /// `x-amz-checksum-sha512`: header.
    pub checksum_sha512: Option<String>,
    /// `x-amz-checksum-type`: header.
    pub checksum_type: Option<String>,
    /// `x-amz-checksum-xxhash128`: header.
    pub checksum_xxhash128: Option<String>,
    /// `x-amz-checksum-xxhash3`: header.
    pub checksum_xxhash3: Option<String>,
    /// `x-amz-checksum-xxhash64`: header.
    pub checksum_xxhash64: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `If-Match`: header.
    pub if_match: Option<String>,
    /// `If-None-Match`: header.
    pub if_none_match: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `x-amz-mp-object-size`: header.
    pub mpu_object_size: Option<i64>,
    /// `CompleteMultipartUpload`: the body.
    pub multipart_upload: Option<CompletedMultipartUpload>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key`: header.
    pub sse_customer_key: Option<Secret>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `uploadId`: query parameter, required.
    pub upload_id: String,
}
impl RestRequest for CompleteMultipartUploadRequest {
    const ROUTE: Route = Route {
        operation: "CompleteMultipartUpload",
        method: "POST",
        level: Level::Object,
        literals: &[],
        parameters: &["uploadId"],
        headers: &[],
        payload: Payload::Message,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            checksum_crc32: from.header("x-amz-checksum-crc32").optional(&Rule::Any)?,
            checksum_crc32c: from.header("x-amz-checksum-crc32c").optional(&Rule::Any)?,
            checksum_crc64nvme: from.header("x-amz-checksum-crc64nvme").optional(&Rule::Any)?,
            checksum_md5: from.header("x-amz-checksum-md5").optional(&Rule::Any)?,
            checksum_sha1: from.header("x-amz-checksum-sha1").optional(&Rule::Any)?,
            checksum_sha256: from.header("x-amz-checksum-sha256").optional(&Rule::Any)?,
            checksum_sha512: from.header("x-amz-checksum-sha512").optional(&Rule::Any)?,
            checksum_type: from.header("x-amz-checksum-type").optional(&CHECKSUM_TYPE)?,
            checksum_xxhash128: from.header("x-amz-checksum-xxhash128").optional(&Rule::Any)?,
            checksum_xxhash3: from.header("x-amz-checksum-xxhash3").optional(&Rule::Any)?,
            checksum_xxhash64: from.header("x-amz-checksum-xxhash64").optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            if_match: from.header("If-Match").optional(&Rule::Any)?,
            if_none_match: from.header("If-None-Match").optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            mpu_object_size: from.header("x-amz-mp-object-size").optional(&Rule::Any)?,
            multipart_upload: from
                .xml("CompleteMultipartUpload")?
                .map(|body| FromElement::from_element(&body, &Rule::Any))
                .transpose()?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            sse_customer_algorithm: from
                .header("x-amz-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            sse_customer_key: from
                .header("x-amz-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            sse_customer_key_md5: from
                .header("x-amz-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            upload_id: from.query("uploadId").required(&Rule::Any)?,
        })
    }
}
/// `CompleteMultipartUpload`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompleteMultipartUploadOutput {
    /// `Bucket`: element.
    pub bucket: Option<String>,
    /// `x-amz-server-side-encryption-bucket-key-enabled`: header.
    pub bucket_key_enabled: Option<bool>,
    /// `ChecksumCRC32`: element.
    pub checksum_crc32: Option<String>,
    /// `ChecksumCRC32C`: element.
    pub checksum_crc32c: Option<String>,
    /// `ChecksumCRC64NVME`: element.
    pub checksum_crc64nvme: Option<String>,
    /// `ChecksumMD5`: element.
    pub checksum_md5: Option<String>,
    /// `ChecksumSHA1`: element.
    pub checksum_sha1: Option<String>,
    /// `ChecksumSHA256`: element.
    pub checksum_sha256: Option<String>,
    /// `ChecksumSHA512`: element.
    pub checksum_sha512: Option<String>,
    /// `ChecksumType`: element.
    pub checksum_type: Option<String>,
    /// `ChecksumXXHASH128`: element.
    pub checksum_xxhash128: Option<String>,
    /// `ChecksumXXHASH3`: element.
    pub checksum_xxhash3: Option<String>,
    /// `ChecksumXXHASH64`: element.
    pub checksum_xxhash64: Option<String>,
    /// `ETag`: element.
    pub etag: Option<String>,
    /// `x-amz-expiration`: header.
    pub expiration: Option<String>,
    /// `Key`: element.
    pub key: Option<String>,
    /// `Location`: element.
    pub location: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: header.
    pub ssekms_key_id: Option<String>,
    /// `x-amz-server-side-encryption`: header.
    pub server_side_encryption: Option<String>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for CompleteMultipartUploadOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header(
            "x-amz-server-side-encryption-bucket-key-enabled",
            self.bucket_key_enabled.as_ref(),
        );
        to.header("x-amz-expiration", self.expiration.as_ref());
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header("x-amz-server-side-encryption-aws-kms-key-id", self.ssekms_key_id.as_ref());
        to.header("x-amz-server-side-encryption", self.server_side_encryption.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        to.xml("CompleteMultipartUploadResult", NAMESPACE, |to| {
            to.member("Bucket", &self.bucket);
            to.member("ChecksumCRC32", &self.checksum_crc32);
            to.member("ChecksumCRC32C", &self.checksum_crc32c);
            to.member("ChecksumCRC64NVME", &self.checksum_crc64nvme);
            to.member("ChecksumMD5", &self.checksum_md5);
            to.member("ChecksumSHA1", &self.checksum_sha1);
            to.member("ChecksumSHA256", &self.checksum_sha256);
            to.member("ChecksumSHA512", &self.checksum_sha512);
            to.member("ChecksumType", &self.checksum_type);
            to.member("ChecksumXXHASH128", &self.checksum_xxhash128);
            to.member("ChecksumXXHASH3", &self.checksum_xxhash3);
            to.member("ChecksumXXHASH64", &self.checksum_xxhash64);
            to.member("ETag", &self.etag);
            to.member("Key", &self.key);
            to.member("Location", &self.location);
        });
        to
    }
}
/// `AbortMultipartUpload`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AbortMultipartUploadRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `x-amz-if-match-initiated-time`: header.
    pub if_match_initiated_time: Option<Timestamp>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `uploadId`: query parameter, required.
    pub upload_id: String,
}
impl RestRequest for AbortMultipartUploadRequest {
    const ROUTE: Route = Route {
        operation: "AbortMultipartUpload",
        method: "DELETE",
        level: Level::Object,
        literals: &[],
        parameters: &["uploadId"],
        headers: &[],
        payload: Payload::None,
        status: 204,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            if_match_initiated_time: from
                .header("x-amz-if-match-initiated-time")
                .optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            upload_id: from.query("uploadId").required(&Rule::Any)?,
        })
    }
}
/// `AbortMultipartUpload`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AbortMultipartUploadOutput {
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for AbortMultipartUploadOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(204);
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        to
    }
}
/// `ListParts`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPartsRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `max-parts`: query parameter.
    pub max_parts: Option<i32>,
    /// `part-number-marker`: query parameter.
    pub part_number_marker: Option<i32>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `x-amz-server-side-encryption-customer-algorithm`: header.
    pub sse_customer_algorithm: Option<String>,
    /// `x-amz-server-side-encryption-customer-key`: header.
    pub sse_customer_key: Option<Secret>,
    /// `x-amz-server-side-encryption-customer-key-MD5`: header.
    pub sse_customer_key_md5: Option<String>,
    /// `uploadId`: query parameter, required.
    pub upload_id: String,
}
impl RestRequest for ListPartsRequest {
    const ROUTE: Route = Route {
        operation: "ListParts",
        method: "GET",
        level: Level::Object,
        literals: &[],
        parameters: &["uploadId"],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            max_parts: from.query("max-parts").optional(&Rule::Any)?,
            part_number_marker: from.query("part-number-marker").optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            sse_customer_algorithm: from
                .header("x-amz-server-side-encryption-customer-algorithm")
                .optional(&Rule::Any)?,
            sse_customer_key: from
                .header("x-amz-server-side-encryption-customer-key")
                .optional(&Rule::Any)?,
            sse_customer_key_md5: from
                .header("x-amz-server-side-encryption-customer-key-MD5")
                .optional(&Rule::Any)?,
            upload_id: from.query("uploadId").required(&Rule::Any)?,
        })
    }
}
/// `ListParts`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPartsOutput {
    /// `x-amz-abort-date`: header.
    pub abort_date: Option<Timestamp>,
    /// `x-amz-abort-rule-id`: header.
    pub abort_rule_id: Option<String>,
    /// `Bucket`: element.
    pub bucket: Option<String>,
    /// `ChecksumAlgorithm`: element.
    pub checksum_algorithm: Option<String>,
    /// `ChecksumType`: element.
    pub checksum_type: Option<String>,
    /// `Initiator`: element.
    pub initiator: Option<Initiator>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Key`: element.
    pub key: Option<String>,
    /// `MaxParts`: element.
    pub max_parts: Option<i32>,
    /// `NextPartNumberMarker`: element.
    pub next_part_number_marker: Option<i32>,
    /// `Owner`: element.
    pub owner: Option<Owner>,
    /// `PartNumberMarker`: element.
    pub part_number_marker: Option<i32>,
    /// `Part`: element.
    pub parts: Vec<Part>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `StorageClass`: element.
    pub storage_class: Option<String>,
    /// `UploadId`: element.
    pub upload_id: Option<String>,
    /// `x-amz-version-id`: header.
    pub version_id: Option<String>,
}
impl RestOutput for ListPartsOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-abort-date", self.abort_date.as_ref());
        to.header("x-amz-abort-rule-id", self.abort_rule_id.as_ref());
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.header("x-amz-version-id", self.version_id.as_ref());
        to.xml("ListPartsResult", NAMESPACE, |to| {
            to.member("Bucket", &self.bucket);
            to.member("ChecksumAlgorithm", &self.checksum_algorithm);
            to.member("ChecksumType", &self.checksum_type);
            to.member("Initiator", &self.initiator);
            to.member("IsTruncated", &self.is_truncated);
            to.member("Key", &self.key);
            to.member("MaxParts", &self.max_parts);
            to.member("NextPartNumberMarker", &self.next_part_number_marker);
            to.member("Owner", &self.owner);
            to.member("PartNumberMarker", &self.part_number_marker);
            to.flat("Part", &self.parts);
            to.member("StorageClass", &self.storage_class);
            to.member("UploadId", &self.upload_id);
        });
        to
    }
}
/// `ListMultipartUploads`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListMultipartUploadsRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `delimiter`: query parameter.
    pub delimiter: Option<String>,
    /// `encoding-type`: query parameter.
    pub encoding_type: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `key-marker`: query parameter.
    pub key_marker: Option<String>,
    /// `max-uploads`: query parameter.
    pub max_uploads: Option<i32>,
    /// `prefix`: query parameter.
    pub prefix: Option<String>,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `upload-id-marker`: query parameter.
    pub upload_id_marker: Option<String>,
}
impl RestRequest for ListMultipartUploadsRequest {
    const ROUTE: Route = Route {
        operation: "ListMultipartUploads",
        method: "GET",
        level: Level::Bucket,
        literals: &[("uploads", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            delimiter: from.query("delimiter").optional(&Rule::Any)?,
            encoding_type: from.query("encoding-type").optional(&ENCODING_TYPE)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            key_marker: from.query("key-marker").optional(&Rule::Any)?,
            max_uploads: from.query("max-uploads").optional(&Rule::Any)?,
            prefix: from.query("prefix").optional(&Rule::Any)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            upload_id_marker: from.query("upload-id-marker").optional(&Rule::Any)?,
        })
    }
}
/// `ListMultipartUploads`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListMultipartUploadsOutput {
    /// `Bucket`: element.
    pub bucket: Option<String>,
    /// `CommonPrefixes`: element.
    pub common_prefixes: Vec<CommonPrefix>,
    /// `Delimiter`: element.
    pub delimiter: Option<String>,
    /// `EncodingType`: element.
    pub encoding_type: Option<String>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `KeyMarker`: element.
    pub key_marker: Option<String>,
    /// `MaxUploads`: element.
    pub max_uploads: Option<i32>,
    /// `NextKeyMarker`: element.
    pub next_key_marker: Option<String>,
    /// `NextUploadIdMarker`: element.
    pub next_upload_id_marker: Option<String>,
    /// `Prefix`: element.
    pub prefix: Option<String>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
    /// `UploadIdMarker`: element.
    pub upload_id_marker: Option<String>,
    /// `Upload`: element.
    pub uploads: Vec<MultipartUpload>,
}
impl RestOutput for ListMultipartUploadsOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.xml("ListMultipartUploadsResult", NAMESPACE, |to| {
            to.member("Bucket", &self.bucket);
            to.flat("CommonPrefixes", &self.common_prefixes);
            to.member("Delimiter", &self.delimiter);
            to.member("EncodingType", &self.encoding_type);
            to.member("IsTruncated", &self.is_truncated);
            to.member("KeyMarker", &self.key_marker);
            to.member("MaxUploads", &self.max_uploads);
            to.member("NextKeyMarker", &self.next_key_marker);
            to.member("NextUploadIdMarker", &self.next_upload_id_marker);
            to.member("Prefix", &self.prefix);
            to.member("UploadIdMarker", &self.upload_id_marker);
            to.flat("Upload", &self.uploads);
        });
        to
    }
}
/// `GetBucketAcl`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketAclRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
}
impl RestRequest for GetBucketAclRequest {
    const ROUTE: Route = Route {
        operation: "GetBucketAcl",
        method: "GET",
        level: Level::Bucket,
        literals: &[("acl", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
        })
    }
}
/// `GetBucketAcl`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetBucketAclOutput {
    /// `AccessControlList`: element.
    pub grants: Option<Vec<Grant>>,
    /// `Owner`: element.
    pub owner: Option<Owner>,
}
impl RestOutput for GetBucketAclOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.xml("AccessControlPolicy", NAMESPACE, |to| {
            to.optional_list("AccessControlList", "Grant", self.grants.as_ref());
            to.member("Owner", &self.owner);
        });
        to
    }
}
/// `PutBucketAcl`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutBucketAclRequest {
    /// `x-amz-acl`: header.
    pub acl: Option<String>,
    /// `AccessControlPolicy`: the body.
    pub access_control_policy: Option<AccessControlPolicy>,
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-sdk-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `Content-MD5`: header.
    pub content_md5: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `x-amz-grant-full-control`: header.
    pub grant_full_control: Option<String>,
    /// `x-amz-grant-read`: header.
    pub grant_read: Option<String>,
    /// `x-amz-grant-read-acp`: header.
    pub grant_read_acp: Option<String>,
    /// `x-amz-grant-write`: header.
    pub grant_write: Option<String>,
    /// `x-amz-grant-write-acp`: header.
    pub grant_write_acp: Option<String>,
}
impl RestRequest for PutBucketAclRequest {
    const ROUTE: Route = Route {
        operation: "PutBucketAcl",
        method: "PUT",
        level: Level::Bucket,
        literals: &[("acl", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::Message,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            acl: from.header("x-amz-acl").optional(&BUCKET_CANNED_ACL)?,
            access_control_policy: from
                .xml("AccessControlPolicy")?
                .map(|body| FromElement::from_element(&body, &Rule::Any))
                .transpose()?,
            bucket: from.label("Bucket").required(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-sdk-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            content_md5: from.header("Content-MD5").optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            grant_full_control: from.header("x-amz-grant-full-control").optional(&Rule::Any)?,
            grant_read: from.header("x-amz-grant-read").optional(&Rule::Any)?,
            grant_read_acp: from.header("x-amz-grant-read-acp").optional(&Rule::Any)?,
            grant_write: from.header("x-amz-grant-write").optional(&Rule::Any)?,
            grant_write_acp: from.header("x-amz-grant-write-acp").optional(&Rule::Any)?,
        })
    }
}
/// `PutBucketAcl`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutBucketAclOutput {}
impl RestOutput for PutBucketAclOutput {
    fn to_response(&self) -> Response {
        Response::empty(200)
    }
}
/// `GetObjectAcl`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetObjectAclRequest {
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `versionId`: query parameter.
    pub version_id: Option<String>,
}
impl RestRequest for GetObjectAclRequest {
    const ROUTE: Route = Route {
        operation: "GetObjectAcl",
        method: "GET",
        level: Level::Object,
        literals: &[("acl", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.label("Bucket").required(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            version_id: from.query("versionId").optional(&Rule::Any)?,
        })
    }
}
/// `GetObjectAcl`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetObjectAclOutput {
    /// `AccessControlList`: element.
    pub grants: Option<Vec<Grant>>,
    /// `Owner`: element.
    pub owner: Option<Owner>,
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
}
impl RestOutput for GetObjectAclOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to.xml("AccessControlPolicy", NAMESPACE, |to| {
            to.optional_list("AccessControlList", "Grant", self.grants.as_ref());
            to.member("Owner", &self.owner);
        });
        to
    }
}
/// `PutObjectAcl`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutObjectAclRequest {
    /// `x-amz-acl`: header.
    pub acl: Option<String>,
    /// `AccessControlPolicy`: the body.
    pub access_control_policy: Option<AccessControlPolicy>,
    /// `Bucket`: part of the path, required.
    pub bucket: String,
    /// `x-amz-sdk-checksum-algorithm`: header.
    pub checksum_algorithm: Option<String>,
    /// `Content-MD5`: header.
    pub content_md5: Option<String>,
    /// `x-amz-expected-bucket-owner`: header.
    pub expected_bucket_owner: Option<String>,
    /// `x-amz-grant-full-control`: header.
    pub grant_full_control: Option<String>,
    /// `x-amz-grant-read`: header.
    pub grant_read: Option<String>,
    /// `x-amz-grant-read-acp`: header.
    pub grant_read_acp: Option<String>,
    /// `x-amz-grant-write`: header.
    pub grant_write: Option<String>,
    /// `x-amz-grant-write-acp`: header.
    pub grant_write_acp: Option<String>,
    /// `Key`: part of the path, required.
    pub key: String,
    /// `x-amz-request-payer`: header.
    pub request_payer: Option<String>,
    /// `versionId`: query parameter.
    pub version_id: Option<String>,
}
impl RestRequest for PutObjectAclRequest {
    const ROUTE: Route = Route {
        operation: "PutObjectAcl",
        method: "PUT",
        level: Level::Object,
        literals: &[("acl", "")],
        parameters: &[],
        headers: &[],
        payload: Payload::Message,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            acl: from.header("x-amz-acl").optional(&OBJECT_CANNED_ACL)?,
            access_control_policy: from
                .xml("AccessControlPolicy")?
                .map(|body| FromElement::from_element(&body, &Rule::Any))
                .transpose()?,
            bucket: from.label("Bucket").required(&Rule::Any)?,
            checksum_algorithm: from
                .header("x-amz-sdk-checksum-algorithm")
                .optional(&CHECKSUM_ALGORITHM)?,
            content_md5: from.header("Content-MD5").optional(&Rule::Any)?,
            expected_bucket_owner: from
                .header("x-amz-expected-bucket-owner")
                .optional(&Rule::Any)?,
            grant_full_control: from.header("x-amz-grant-full-control").optional(&Rule::Any)?,
            grant_read: from.header("x-amz-grant-read").optional(&Rule::Any)?,
            grant_read_acp: from.header("x-amz-grant-read-acp").optional(&Rule::Any)?,
            grant_write: from.header("x-amz-grant-write").optional(&Rule::Any)?,
            grant_write_acp: from.header("x-amz-grant-write-acp").optional(&Rule::Any)?,
            key: from.label("Key").required(&OBJECT_KEY)?,
            request_payer: from.header("x-amz-request-payer").optional(&REQUEST_PAYER)?,
            version_id: from.query("versionId").optional(&Rule::Any)?,
        })
    }
}
/// `PutObjectAcl`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutObjectAclOutput {
    /// `x-amz-request-charged`: header.
    pub request_charged: Option<String>,
}
impl RestOutput for PutObjectAclOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        to.header("x-amz-request-charged", self.request_charged.as_ref());
        to
    }
}
/// The structure `AccessControlPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessControlPolicy {
    /// `AccessControlList`: element.
    pub grants: Vec<Grant>,
    /// `Owner`: element.
    pub owner: Option<Owner>,
}
impl FromElement for AccessControlPolicy {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            grants: from
                .list(("AccessControlList", "Grant"), 0..=usize::MAX, &Rule::Any)?
                .unwrap_or_default(),
            owner: from.structure("Owner")?,
        })
    }
}
/// The structure `Bucket`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    /// `BucketArn`: element.
    pub bucket_arn: Option<String>,
    /// `BucketRegion`: element.
    pub bucket_region: Option<String>,
    /// `CreationDate`: element.
    pub creation_date: Option<Timestamp>,
    /// `Name`: element.
    pub name: Option<String>,
}
impl ToElement for Bucket {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("BucketArn", &self.bucket_arn);
            to.member("BucketRegion", &self.bucket_region);
            to.member("CreationDate", &self.creation_date);
            to.member("Name", &self.name);
        });
    }
}
/// The structure `BucketInfo`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketInfo {
    /// `DataRedundancy`: element.
    pub data_redundancy: Option<String>,
    /// `Type`: element.
    pub type_: Option<String>,
}
impl FromElement for BucketInfo {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            data_redundancy: from.leaf("DataRedundancy").optional(&DATA_REDUNDANCY)?,
            type_: from.leaf("Type").optional(&BUCKET_TYPE)?,
        })
    }
}
/// The structure `Checksum`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checksum {
    /// `ChecksumCRC32`: element.
    pub checksum_crc32: Option<String>,
    /// `ChecksumCRC32C`: element.
    pub checksum_crc32c: Option<String>,
    /// `ChecksumCRC64NVME`: element.
    pub checksum_crc64nvme: Option<String>,
    /// `ChecksumMD5`: element.
    pub checksum_md5: Option<String>,
    /// `ChecksumSHA1`: element.
    pub checksum_sha1: Option<String>,
    /// `ChecksumSHA256`: element.
    pub checksum_sha256: Option<String>,
    /// `ChecksumSHA512`: element.
    pub checksum_sha512: Option<String>,
    /// `ChecksumType`: element.
    pub checksum_type: Option<String>,
    /// `ChecksumXXHASH128`: element.
    pub checksum_xxhash128: Option<String>,
    /// `ChecksumXXHASH3`: element.
    pub checksum_xxhash3: Option<String>,
    /// `ChecksumXXHASH64`: element.
    pub checksum_xxhash64: Option<String>,
}
impl ToElement for Checksum {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("ChecksumCRC32", &self.checksum_crc32);
            to.member("ChecksumCRC32C", &self.checksum_crc32c);
            to.member("ChecksumCRC64NVME", &self.checksum_crc64nvme);
            to.member("ChecksumMD5", &self.checksum_md5);
            to.member("ChecksumSHA1", &self.checksum_sha1);
            to.member("ChecksumSHA256", &self.checksum_sha256);
            to.member("ChecksumSHA512", &self.checksum_sha512);
            to.member("ChecksumType", &self.checksum_type);
            to.member("ChecksumXXHASH128", &self.checksum_xxhash128);
            to.member("ChecksumXXHASH3", &self.checksum_xxhash3);
            to.member("ChecksumXXHASH64", &self.checksum_xxhash64);
        });
    }
}
/// The structure `CommonPrefix`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommonPrefix {
    /// `Prefix`: element.
    pub prefix: Option<String>,
}
impl ToElement for CommonPrefix {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Prefix", &self.prefix);
        });
    }
}
/// The structure `CompletedMultipartUpload`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompletedMultipartUpload {
    /// `Part`: element.
    pub parts: Vec<CompletedPart>,
}
impl FromElement for CompletedMultipartUpload {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self { parts: from.flat("Part", 0..=10000, &Rule::Any)? })
    }
}
/// The structure `CompletedPart`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompletedPart {
    /// `ChecksumCRC32`: element.
    pub checksum_crc32: Option<String>,
    /// `ChecksumCRC32C`: element.
    pub checksum_crc32c: Option<String>,
    /// `ChecksumCRC64NVME`: element.
    pub checksum_crc64nvme: Option<String>,
    /// `ChecksumMD5`: element.
    pub checksum_md5: Option<String>,
    /// `ChecksumSHA1`: element.
    pub checksum_sha1: Option<String>,
    /// `ChecksumSHA256`: element.
    pub checksum_sha256: Option<String>,
    /// `ChecksumSHA512`: element.
    pub checksum_sha512: Option<String>,
    /// `ChecksumXXHASH128`: element.
    pub checksum_xxhash128: Option<String>,
    /// `ChecksumXXHASH3`: element.
    pub checksum_xxhash3: Option<String>,
    /// `ChecksumXXHASH64`: element.
    pub checksum_xxhash64: Option<String>,
    /// `ETag`: element.
    pub etag: Option<String>,
    /// `PartNumber`: element.
    pub part_number: Option<i32>,
}
impl FromElement for CompletedPart {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            checksum_crc32: from.leaf("ChecksumCRC32").optional(&Rule::Any)?,
            checksum_crc32c: from.leaf("ChecksumCRC32C").optional(&Rule::Any)?,
            checksum_crc64nvme: from.leaf("ChecksumCRC64NVME").optional(&Rule::Any)?,
            checksum_md5: from.leaf("ChecksumMD5").optional(&Rule::Any)?,
            checksum_sha1: from.leaf("ChecksumSHA1").optional(&Rule::Any)?,
            checksum_sha256: from.leaf("ChecksumSHA256").optional(&Rule::Any)?,
            checksum_sha512: from.leaf("ChecksumSHA512").optional(&Rule::Any)?,
            checksum_xxhash128: from.leaf("ChecksumXXHASH128").optional(&Rule::Any)?,
            checksum_xxhash3: from.leaf("ChecksumXXHASH3").optional(&Rule::Any)?,
            checksum_xxhash64: from.leaf("ChecksumXXHASH64").optional(&Rule::Any)?,
            etag: from.leaf("ETag").optional(&Rule::Any)?,
            part_number: from.leaf("PartNumber").optional(&Rule::Any)?,
        })
    }
}
/// The structure `CopyObjectResult`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyObjectResult {
    /// `ChecksumCRC32`: element.
    pub checksum_crc32: Option<String>,
    /// `ChecksumCRC32C`: element.
    pub checksum_crc32c: Option<String>,
    /// `ChecksumCRC64NVME`: element.
    pub checksum_crc64nvme: Option<String>,
    /// `ChecksumMD5`: element.
    pub checksum_md5: Option<String>,
    /// `ChecksumSHA1`: element.
    pub checksum_sha1: Option<String>,
    /// `ChecksumSHA256`: element.
    pub checksum_sha256: Option<String>,
    /// `ChecksumSHA512`: element.
    pub checksum_sha512: Option<String>,
    /// `ChecksumType`: element.
    pub checksum_type: Option<String>,
    /// `ChecksumXXHASH128`: element.
    pub checksum_xxhash128: Option<String>,
    /// `ChecksumXXHASH3`: element.
    pub checksum_xxhash3: Option<String>,
    /// `ChecksumXXHASH64`: element.
    pub checksum_xxhash64: Option<String>,
    /// `ETag`: element.
    pub etag: Option<String>,
    /// `LastModified`: element.
    pub last_modified: Option<Timestamp>,
}
impl ToElement for CopyObjectResult {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("ChecksumCRC32", &self.checksum_crc32);
            to.member("ChecksumCRC32C", &self.checksum_crc32c);
            to.member("ChecksumCRC64NVME", &self.checksum_crc64nvme);
            to.member("ChecksumMD5", &self.checksum_md5);
            to.member("ChecksumSHA1", &self.checksum_sha1);
            to.member("ChecksumSHA256", &self.checksum_sha256);
            to.member("ChecksumSHA512", &self.checksum_sha512);
            to.member("ChecksumType", &self.checksum_type);
            to.member("ChecksumXXHASH128", &self.checksum_xxhash128);
            to.member("ChecksumXXHASH3", &self.checksum_xxhash3);
            to.member("ChecksumXXHASH64", &self.checksum_xxhash64);
            to.member("ETag", &self.etag);
            to.member("LastModified", &self.last_modified);
        });
    }
}
/// The structure `CopyPartResult`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyPartResult {
    /// `ChecksumCRC32`: element.
    pub checksum_crc32: Option<String>,
    /// `ChecksumCRC32C`: element.
    pub checksum_crc32c: Option<String>,
    /// `ChecksumCRC64NVME`: element.
    pub checksum_crc64nvme: Option<String>,
    /// `ChecksumMD5`: element.
    pub checksum_md5: Option<String>,
    /// `ChecksumSHA1`: element.
    pub checksum_sha1: Option<String>,
    /// `ChecksumSHA256`: element.
    pub checksum_sha256: Option<String>,
    /// `ChecksumSHA512`: element.
    pub checksum_sha512: Option<String>,
    /// `ChecksumXXHASH128`: element.
    pub checksum_xxhash128: Option<String>,
    /// `ChecksumXXHASH3`: element.
    pub checksum_xxhash3: Option<String>,
    /// `ChecksumXXHASH64`: element.
    pub checksum_xxhash64: Option<String>,
    /// `ETag`: element.
    pub etag: Option<String>,
    /// `LastModified`: element.
    pub last_modified: Option<Timestamp>,
}
impl ToElement for CopyPartResult {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("ChecksumCRC32", &self.checksum_crc32);
            to.member("ChecksumCRC32C", &self.checksum_crc32c);
            to.member("ChecksumCRC64NVME", &self.checksum_crc64nvme);
            to.member("ChecksumMD5", &self.checksum_md5);
            to.member("ChecksumSHA1", &self.checksum_sha1);
            to.member("ChecksumSHA256", &self.checksum_sha256);
            to.member("ChecksumSHA512", &self.checksum_sha512);
            to.member("ChecksumXXHASH128", &self.checksum_xxhash128);
            to.member("ChecksumXXHASH3", &self.checksum_xxhash3);
            to.member("ChecksumXXHASH64", &self.checksum_xxhash64);
            to.member("ETag", &self.etag);
            to.member("LastModified", &self.last_modified);
        });
    }
}
/// The structure `CreateBucketConfiguration`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateBucketConfiguration {
    /// `Bucket`: element.
    pub bucket: Option<BucketInfo>,
    /// `Location`: element.
    pub location: Option<LocationInfo>,
    /// `LocationConstraint`: element.
    pub location_constraint: Option<String>,
    /// `Tags`: element.
    pub tags: Vec<Tag>,
}
impl FromElement for CreateBucketConfiguration {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            bucket: from.structure("Bucket")?,
            location: from.structure("Location")?,
            location_constraint: from.leaf("LocationConstraint").optional(&Rule::Any)?,
            tags: from.list(("Tags", "Tag"), 0..=usize::MAX, &Rule::Any)?.unwrap_or_default(),
        })
    }
}
/// The structure `Delete`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delete {
    /// `Object`: element, required.
    pub objects: Vec<ObjectIdentifier>,
    /// `Quiet`: element.
    pub quiet: Option<bool>,
}
impl FromElement for Delete {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            objects: from.flat("Object", 1..=1000, &Rule::Any)?,
            quiet: from.leaf("Quiet").optional(&Rule::Any)?,
        })
    }
}
/// The structure `DeleteMarkerEntry`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteMarkerEntry {
    /// `IsLatest`: element.
    pub is_latest: Option<bool>,
    /// `Key`: element.
    pub key: Option<String>,
    /// `LastModified`: element.
    pub last_modified: Option<Timestamp>,
    /// `Owner`: element.
    pub owner: Option<Owner>,
    /// `VersionId`: element.
    pub version_id: Option<String>,
}
impl ToElement for DeleteMarkerEntry {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("IsLatest", &self.is_latest);
            to.member("Key", &self.key);
            to.member("LastModified", &self.last_modified);
            to.member("Owner", &self.owner);
            to.member("VersionId", &self.version_id);
        });
    }
}
/// The structure `DeletedObject`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletedObject {
    /// `DeleteMarker`: element.
    pub delete_marker: Option<bool>,
    /// `DeleteMarkerVersionId`: element.
    pub delete_marker_version_id: Option<String>,
    /// `Key`: element.
    pub key: Option<String>,
    /// `VersionId`: element.
    pub version_id: Option<String>,
}
impl ToElement for DeletedObject {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("DeleteMarker", &self.delete_marker);
            to.member("DeleteMarkerVersionId", &self.delete_marker_version_id);
            to.member("Key", &self.key);
            to.member("VersionId", &self.version_id);
        });
    }
}
/// The structure `Error`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Error {
    /// `Code`: element.
    pub code: Option<String>,
    /// `DecisionId`: element.
    pub decision_id: Option<String>,
    /// `Key`: element.
    pub key: Option<String>,
    /// `Message`: element.
    pub message: Option<String>,
    /// `VersionId`: element.
    pub version_id: Option<String>,
}
impl ToElement for Error {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Code", &self.code);
            to.member("DecisionId", &self.decision_id);
            to.member("Key", &self.key);
            to.member("Message", &self.message);
            to.member("VersionId", &self.version_id);
        });
    }
}
/// The structure `GetObjectAttributesParts`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetObjectAttributesParts {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `MaxParts`: element.
    pub max_parts: Option<i32>,
    /// `NextPartNumberMarker`: element.
    pub next_part_number_marker: Option<i32>,
    /// `PartNumberMarker`: element.
    pub part_number_marker: Option<i32>,
    /// `Part`: element.
    pub parts: Vec<ObjectPart>,
    /// `PartsCount`: element.
    pub total_parts_count: Option<i32>,
}
impl ToElement for GetObjectAttributesParts {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("IsTruncated", &self.is_truncated);
            to.member("MaxParts", &self.max_parts);
            to.member("NextPartNumberMarker", &self.next_part_number_marker);
            to.member("PartNumberMarker", &self.part_number_marker);
            to.flat("Part", &self.parts);
            to.member("PartsCount", &self.total_parts_count);
        });
    }
}
/// The structure `Grant`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// `Grantee`: element.
    pub grantee: Option<Grantee>,
    /// `Permission`: element.
    pub permission: Option<String>,
}
impl FromElement for Grant {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            grantee: from.structure("Grantee")?,
            permission: from.leaf("Permission").optional(&PERMISSION)?,
        })
    }
}
impl ToElement for Grant {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Grantee", &self.grantee);
            to.member("Permission", &self.permission);
        });
    }
}
/// The structure `Grantee`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grantee {
    /// `DisplayName`: element.
    pub display_name: Option<String>,
    /// `EmailAddress`: element.
    pub email_address: Option<String>,
    /// `ID`: element.
    pub id: Option<String>,
    /// `xsi:type`: attribute, required.
    pub type_: String,
    /// `URI`: element.
    pub uri: Option<String>,
}
impl FromElement for Grantee {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            display_name: from.leaf("DisplayName").optional(&Rule::Any)?,
            email_address: from.leaf("EmailAddress").optional(&Rule::Any)?,
            id: from.leaf("ID").optional(&Rule::Any)?,
            type_: from.attribute("xsi:type").required(&TYPE)?,
            uri: from.leaf("URI").optional(&Rule::Any)?,
        })
    }
}
impl ToElement for Grantee {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.tag(
            name,
            &[
                ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
                ("xsi:type", &self.type_),
            ],
            |to| {
                to.member("DisplayName", &self.display_name);
                to.member("EmailAddress", &self.email_address);
                to.member("ID", &self.id);
                to.member("URI", &self.uri);
            },
        );
    }
}
/// The structure `Initiator`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Initiator {
    /// `DisplayName`: element.
    pub display_name: Option<String>,
    /// `ID`: element.
    pub id: Option<String>,
}
impl ToElement for Initiator {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("DisplayName", &self.display_name);
            to.member("ID", &self.id);
        });
    }
}
/// The structure `LocationInfo`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocationInfo {
    /// `Name`: element.
    pub name: Option<String>,
    /// `Type`: element.
    pub type_: Option<String>,
}
impl FromElement for LocationInfo {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            name: from.leaf("Name").optional(&Rule::Any)?,
            type_: from.leaf("Type").optional(&LOCATION_TYPE)?,
        })
    }
}
/// The structure `MultipartUpload`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MultipartUpload {
    /// `ChecksumAlgorithm`: element.
    pub checksum_algorithm: Option<String>,
    /// `ChecksumType`: element.
    pub checksum_type: Option<String>,
    /// `Initiated`: element.
    pub initiated: Option<Timestamp>,
    /// `Initiator`: element.
    pub initiator: Option<Initiator>,
    /// `Key`: element.
    pub key: Option<String>,
    /// `Owner`: element.
    pub owner: Option<Owner>,
    /// `StorageClass`: element.
    pub storage_class: Option<String>,
    /// `UploadId`: element.
    pub upload_id: Option<String>,
    /// `VersionId`: element.
    pub version_id: Option<String>,
}
impl ToElement for MultipartUpload {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("ChecksumAlgorithm", &self.checksum_algorithm);
            to.member("ChecksumType", &self.checksum_type);
            to.member("Initiated", &self.initiated);
            to.member("Initiator", &self.initiator);
            to.member("Key", &self.key);
            to.member("Owner", &self.owner);
            to.member("StorageClass", &self.storage_class);
            to.member("UploadId", &self.upload_id);
            to.member("VersionId", &self.version_id);
        });
    }
}
/// The structure `Object`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    /// `ChecksumAlgorithm`: element.
    pub checksum_algorithm: Vec<String>,
    /// `ChecksumType`: element.
    pub checksum_type: Option<String>,
    /// `ETag`: element.
    pub etag: Option<String>,
    /// `Key`: element.
    pub key: Option<String>,
    /// `LastModified`: element.
    pub last_modified: Option<Timestamp>,
    /// `Owner`: element.
    pub owner: Option<Owner>,
    /// `RestoreStatus`: element.
    pub restore_status: Option<RestoreStatus>,
    /// `Size`: element.
    pub size: Option<i64>,
    /// `StorageClass`: element.
    pub storage_class: Option<String>,
}
impl ToElement for Object {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.flat("ChecksumAlgorithm", &self.checksum_algorithm);
            to.member("ChecksumType", &self.checksum_type);
            to.member("ETag", &self.etag);
            to.member("Key", &self.key);
            to.member("LastModified", &self.last_modified);
            to.member("Owner", &self.owner);
            to.member("RestoreStatus", &self.restore_status);
            to.member("Size", &self.size);
            to.member("StorageClass", &self.storage_class);
        });
    }
}
/// The structure `ObjectIdentifier`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectIdentifier {
    /// `ETag`: element.
    pub etag: Option<String>,
    /// `Key`: element, required.
    pub key: String,
    /// `LastModifiedTime`: element.
    pub last_modified_time: Option<Timestamp>,
    /// `Size`: element.
    pub size: Option<i64>,
    /// `VersionId`: element.
    pub version_id: Option<String>,
}
impl FromElement for ObjectIdentifier {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            etag: from.leaf("ETag").optional(&Rule::Any)?,
            key: from.leaf("Key").required(&OBJECT_KEY)?,
            last_modified_time: from.leaf("LastModifiedTime").optional(&Rule::Any)?,
            size: from.leaf("Size").optional(&Rule::Any)?,
            version_id: from.leaf("VersionId").optional(&Rule::Any)?,
        })
    }
}
/// The structure `ObjectPart`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectPart {
    /// `ChecksumCRC32`: element.
    pub checksum_crc32: Option<String>,
    /// `ChecksumCRC32C`: element.
    pub checksum_crc32c: Option<String>,
    /// `ChecksumCRC64NVME`: element.
    pub checksum_crc64nvme: Option<String>,
    /// `ChecksumMD5`: element.
    pub checksum_md5: Option<String>,
    /// `ChecksumSHA1`: element.
    pub checksum_sha1: Option<String>,
    /// `ChecksumSHA256`: element.
    pub checksum_sha256: Option<String>,
    /// `ChecksumSHA512`: element.
    pub checksum_sha512: Option<String>,
    /// `ChecksumXXHASH128`: element.
    pub checksum_xxhash128: Option<String>,
    /// `ChecksumXXHASH3`: element.
    pub checksum_xxhash3: Option<String>,
    /// `ChecksumXXHASH64`: element.
    pub checksum_xxhash64: Option<String>,
    /// `PartNumber`: element.
    pub part_number: Option<i32>,
    /// `Size`: element.
    pub size: Option<i64>,
}
impl ToElement for ObjectPart {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("ChecksumCRC32", &self.checksum_crc32);
            to.member("ChecksumCRC32C", &self.checksum_crc32c);
            to.member("ChecksumCRC64NVME", &self.checksum_crc64nvme);
            to.member("ChecksumMD5", &self.checksum_md5);
            to.member("ChecksumSHA1", &self.checksum_sha1);
            to.member("ChecksumSHA256", &self.checksum_sha256);
            to.member("ChecksumSHA512", &self.checksum_sha512);
            to.member("ChecksumXXHASH128", &self.checksum_xxhash128);
            to.member("ChecksumXXHASH3", &self.checksum_xxhash3);
            to.member("ChecksumXXHASH64", &self.checksum_xxhash64);
            to.member("PartNumber", &self.part_number);
            to.member("Size", &self.size);
        });
    }
}
/// The structure `ObjectVersion`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectVersion {
    /// `ChecksumAlgorithm`: element.
    pub checksum_algorithm: Vec<String>,
    /// `ChecksumType`: element.
    pub checksum_type: Option<String>,
    /// `ETag`: element.
    pub etag: Option<String>,
    /// `IsLatest`: element.
    pub is_latest: Option<bool>,
    /// `Key`: element.
    pub key: Option<String>,
    /// `LastModified`: element.
    pub last_modified: Option<Timestamp>,
    /// `Owner`: element.
    pub owner: Option<Owner>,
    /// `RestoreStatus`: element.
    pub restore_status: Option<RestoreStatus>,
    /// `Size`: element.
    pub size: Option<i64>,
    /// `StorageClass`: element.
    pub storage_class: Option<String>,
    /// `VersionId`: element.
    pub version_id: Option<String>,
}
impl ToElement for ObjectVersion {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.flat("ChecksumAlgorithm", &self.checksum_algorithm);
            to.member("ChecksumType", &self.checksum_type);
            to.member("ETag", &self.etag);
            to.member("IsLatest", &self.is_latest);
            to.member("Key", &self.key);
            to.member("LastModified", &self.last_modified);
            to.member("Owner", &self.owner);
            to.member("RestoreStatus", &self.restore_status);
            to.member("Size", &self.size);
            to.member("StorageClass", &self.storage_class);
            to.member("VersionId", &self.version_id);
        });
    }
}
/// The structure `Owner`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owner {
    /// `DisplayName`: element.
    pub display_name: Option<String>,
    /// `ID`: element.
    pub id: Option<String>,
}
impl FromElement for Owner {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            display_name: from.leaf("DisplayName").optional(&Rule::Any)?,
            id: from.leaf("ID").optional(&Rule::Any)?,
        })
    }
}
impl ToElement for Owner {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("DisplayName", &self.display_name);
            to.member("ID", &self.id);
        });
    }
}
/// The structure `OwnershipControls`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnershipControls {
    /// `Rule`: element, required.
    pub rules: Vec<OwnershipControlsRule>,
}
impl FromElement for OwnershipControls {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self { rules: from.flat("Rule", 1..=usize::MAX, &Rule::Any)? })
    }
}
impl ToElement for OwnershipControls {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.flat("Rule", &self.rules);
        });
    }
}
/// The structure `OwnershipControlsRule`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnershipControlsRule {
    /// `ObjectOwnership`: element, required.
    pub object_ownership: String,
}
impl FromElement for OwnershipControlsRule {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self { object_ownership: from.leaf("ObjectOwnership").required(&OBJECT_OWNERSHIP)? })
    }
}
impl ToElement for OwnershipControlsRule {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("ObjectOwnership", &self.object_ownership);
        });
    }
}
/// The structure `Part`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// `ChecksumCRC32`: element.
    pub checksum_crc32: Option<String>,
    /// `ChecksumCRC32C`: element.
    pub checksum_crc32c: Option<String>,
    /// `ChecksumCRC64NVME`: element.
    pub checksum_crc64nvme: Option<String>,
    /// `ChecksumMD5`: element.
    pub checksum_md5: Option<String>,
    /// `ChecksumSHA1`: element.
    pub checksum_sha1: Option<String>,
    /// `ChecksumSHA256`: element.
    pub checksum_sha256: Option<String>,
    /// `ChecksumSHA512`: element.
    pub checksum_sha512: Option<String>,
    /// `ChecksumXXHASH128`: element.
    pub checksum_xxhash128: Option<String>,
    /// `ChecksumXXHASH3`: element.
    pub checksum_xxhash3: Option<String>,
    /// `ChecksumXXHASH64`: element.
    pub checksum_xxhash64: Option<String>,
    /// `ETag`: element.
    pub etag: Option<String>,
    /// `LastModified`: element.
    pub last_modified: Option<Timestamp>,
    /// `PartNumber`: element.
    pub part_number: Option<i32>,
    /// `Size`: element.
    pub size: Option<i64>,
}
impl ToElement for Part {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("ChecksumCRC32", &self.checksum_crc32);
            to.member("ChecksumCRC32C", &self.checksum_crc32c);
            to.member("ChecksumCRC64NVME", &self.checksum_crc64nvme);
            to.member("ChecksumMD5", &self.checksum_md5);
            to.member("ChecksumSHA1", &self.checksum_sha1);
            to.member("ChecksumSHA256", &self.checksum_sha256);
            to.member("ChecksumSHA512", &self.checksum_sha512);
            to.member("ChecksumXXHASH128", &self.checksum_xxhash128);
            to.member("ChecksumXXHASH3", &self.checksum_xxhash3);
            to.member("ChecksumXXHASH64", &self.checksum_xxhash64);
            to.member("ETag", &self.etag);
            to.member("LastModified", &self.last_modified);
            to.member("PartNumber", &self.part_number);
            to.member("Size", &self.size);
        });
    }
}
/// The structure `PolicyStatus`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyStatus {
    /// `IsPublic`: element.
    pub is_public: Option<bool>,
}
impl ToElement for PolicyStatus {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("IsPublic", &self.is_public);
        });
    }
}
/// The structure `PublicAccessBlockConfiguration`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicAccessBlockConfiguration {
    /// `BlockPublicAcls`: element.
    pub block_public_acls: Option<bool>,
    /// `BlockPublicPolicy`: element.
    pub block_public_policy: Option<bool>,
    /// `IgnorePublicAcls`: element.
    pub ignore_public_acls: Option<bool>,
    /// `RestrictPublicBuckets`: element.
    pub restrict_public_buckets: Option<bool>,
}
impl FromElement for PublicAccessBlockConfiguration {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            block_public_acls: from.leaf("BlockPublicAcls").optional(&Rule::Any)?,
            block_public_policy: from.leaf("BlockPublicPolicy").optional(&Rule::Any)?,
            ignore_public_acls: from.leaf("IgnorePublicAcls").optional(&Rule::Any)?,
            restrict_public_buckets: from.leaf("RestrictPublicBuckets").optional(&Rule::Any)?,
        })
    }
}
impl ToElement for PublicAccessBlockConfiguration {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("BlockPublicAcls", &self.block_public_acls);
            to.member("BlockPublicPolicy", &self.block_public_policy);
            to.member("IgnorePublicAcls", &self.ignore_public_acls);
            to.member("RestrictPublicBuckets", &self.restrict_public_buckets);
        });
    }
}
/// The structure `RestoreStatus`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoreStatus {
    /// `IsRestoreInProgress`: element.
    pub is_restore_in_progress: Option<bool>,
    /// `RestoreExpiryDate`: element.
    pub restore_expiry_date: Option<Timestamp>,
}
impl ToElement for RestoreStatus {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("IsRestoreInProgress", &self.is_restore_in_progress);
            to.member("RestoreExpiryDate", &self.restore_expiry_date);
        });
    }
}
/// The structure `Tag`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tag {
    /// `Key`: element, required.
    pub key: String,
    /// `Value`: element, required.
    pub value: String,
}
impl FromElement for Tag {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            key: from.leaf("Key").required(&OBJECT_KEY)?,
            value: from.leaf("Value").required(&Rule::Any)?,
        })
    }
}
impl ToElement for Tag {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Key", &self.key);
            to.member("Value", &self.value);
        });
    }
}
/// The structure `Tagging`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tagging {
    /// `TagSet`: element, required.
    pub tag_set: Vec<Tag>,
}
impl FromElement for Tagging {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            tag_set: from
                .list(("TagSet", "Tag"), 0..=usize::MAX, &Rule::Any)?
                .ok_or_else(|| from.missing("TagSet"))?,
        })
    }
}
