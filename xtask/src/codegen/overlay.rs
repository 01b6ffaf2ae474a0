//! Where we differ from the service models, each with its reason. Nothing else is hand-made.

/// Elements that are the root of an S3 answer. botocore does not name them, because its clients do
/// not look (S3 API reference, "Response Syntax" of each operation).
pub(crate) const ROOTS: [(&str, &str); 16] = [
    ("ListBuckets", "ListAllMyBucketsResult"),
    ("GetBucketLocation", "LocationConstraint"),
    ("GetBucketVersioning", "VersioningConfiguration"),
    ("GetBucketTagging", "Tagging"),
    ("GetObjectTagging", "Tagging"),
    ("DeleteObjects", "DeleteResult"),
    ("ListObjects", "ListBucketResult"),
    ("ListObjectsV2", "ListBucketResult"),
    ("ListObjectVersions", "ListVersionsResult"),
    ("GetObjectAttributes", "GetObjectAttributesResponse"),
    ("CreateMultipartUpload", "InitiateMultipartUploadResult"),
    ("CompleteMultipartUpload", "CompleteMultipartUploadResult"),
    ("ListParts", "ListPartsResult"),
    ("ListMultipartUploads", "ListMultipartUploadsResult"),
    ("GetBucketAcl", "AccessControlPolicy"),
    ("GetObjectAcl", "AccessControlPolicy"),
];

/// Payload structures whose root element in an answer is not their member's name.
pub(crate) const PAYLOAD_ROOTS: [(&str, &str); 1] = [("UploadPartCopy", "CopyPartResult")];

/// Answers whose root element holds the one member as its text (S3, GetBucketLocation).
pub(crate) const TEXT_ROOTS: [&str; 1] = ["GetBucketLocation"];

/// Statuses that S3 answers and the model does not say (S3 API reference, sample responses).
pub(crate) const STATUSES: [(&str, u64); 2] = [("PutBucketPolicy", 204), ("PutBucketTagging", 204)];

/// Scalar shapes that are free texts for us, whatever the model says: S3 stores and returns any
/// `Expires` header as it was sent, and the names of our regions are the operator's.
pub(crate) const TEXTS: [(&str, &str); 2] = [("s3", "Expires"), ("s3", "BucketLocationConstraint")];

/// Secret shapes that the model does not mark: session tokens open the same doors as keys.
pub(crate) const SECRETS: [(&str, &str); 1] = [("sts", "tokenType")];

/// Shapes that the model marks as secret and that are names.
pub(crate) const NOT_SECRETS: [(&str, &str); 1] = [("s3", "SSEKMSKeyId")];

/// Shapes that are percent-encoded in answers (IAM API reference, "policies returned by this
/// operation are URL-encoded compliant with RFC 3986").
pub(crate) const ENCODED: [(&str, &str); 1] = [("iam", "policyDocumentType")];

/// The most entries of lists for which the model gives none (S3 API reference, DeleteObjects and
/// "Multipart upload limits").
pub(crate) const ITEMS_MAX: [(&str, &str, u64); 2] =
    [("s3", "ObjectIdentifierList", 1_000), ("s3", "CompletedPartList", 10_000)];

/// Members of our own: every refusal names its verdict, that of one key among many too.
pub(crate) const MEMBERS: [(&str, &str, &str, &str); 1] = [("s3", "Error", "DecisionId", "Code")];

/// Limits that the model states for AWS's packed form and that we do not have: session policies
/// and web identity tokens may be as long as a form may be.
pub(crate) const UNLIMITED: [(&str, &str); 3] = [
    ("sts", "sessionPolicyDocumentType"),
    ("sts", "unrestrictedSessionPolicyDocumentType"),
    ("sts", "clientTokenType"),
];

/// Numbers that a setting of the installation may raise above the model's maximum: how long a
/// session may be, at most 365 days.
pub(crate) const RAISED: [(&str, &str, u64); 3] = [
    ("sts", "durationSecondsType", 31_536_000),
    ("sts", "roleDurationSecondsType", 31_536_000),
    ("iam", "roleMaxSessionDurationType", 31_536_000),
];

/// Members that the model requires and we do not: a session without a role, which never exceeds
/// its parent, or which the provider's own trust document gives (`docs/ARCHITECTURE.md`, section 3,
/// "Logins", and section 1, idea 5); and whose a device is, which a root has no other way to say.
pub(crate) const OPTIONAL: [(&str, &str); 6] = [
    ("AssumeRoleRequest", "RoleArn"),
    ("AssumeRoleRequest", "RoleSessionName"),
    ("AssumeRoleWithWebIdentityRequest", "RoleArn"),
    ("AssumeRoleWithWebIdentityRequest", "RoleSessionName"),
    ("EnableMFADeviceRequest", "UserName"),
    ("ResyncMFADeviceRequest", "UserName"),
];

/// Whether a table names that shape of that service.
pub(crate) fn has(table: &[(&str, &str)], service: &str, shape: &str) -> bool {
    table.contains(&(service, shape))
}

/// The value that a table gives to an operation.
pub(crate) fn of<T: Copy>(table: &[(&str, T)], operation: &str) -> Option<T> {
    table.iter().find(|(name, _)| *name == operation).map(|(_, value)| *value)
}
