//! Operations on buckets and on what belongs to a bucket as a whole.

use identity::{Ownership, PublicAccessBlock};
use names::{AccountId, Action, Arn, BucketName};
use policy::operation::{Operation, Rule};

use super::{SentAcl, bucket_if};
use crate::tags::TagSet;

/// Lists the buckets of the caller's account, in order of their names.
#[derive(Clone, Debug)]
pub struct ListBuckets {
    /// Only names that begin so.
    pub prefix: String,
    /// The continuation token of the page before.
    pub token: Option<String>,
    /// At most so many.
    pub max: usize,
}

impl Operation for ListBuckets {
    const NAME: &'static str = "ListBuckets";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:ListAllMyBuckets"), |_| Some(Arn::any()))];
}

/// Makes a bucket that the caller's account owns: unless the installation's setting or the request
/// says otherwise, with public access blocked and ACLs off.
#[derive(Clone, Debug)]
pub struct CreateBucket {
    /// The bucket's name.
    pub bucket: BucketName,
    /// The `LocationConstraint`, which must be the region served.
    pub location: Option<String>,
    /// The ACL that was sent.
    pub acl: Option<SentAcl>,
    /// The object ownership that was sent.
    pub ownership: Option<Ownership>,
    /// Tags to begin with.
    pub tags: TagSet,
}

impl Operation for CreateBucket {
    const NAME: &'static str = "CreateBucket";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:CreateBucket"), |op| Some(Arn::bucket(&op.bucket))),
        Rule::required(Action::known("s3:PutBucketAcl"), |op| {
            bucket_if(op.acl.is_some(), &op.bucket)
        }),
        Rule::required(Action::known("s3:PutBucketOwnershipControls"), |op| {
            bucket_if(op.ownership.is_some(), &op.bucket)
        }),
        Rule::required(Action::known("s3:TagResource"), |op| {
            bucket_if(!op.tags.is_empty(), &op.bucket)
        }),
    ];
}

macro_rules! on_the_bucket {
    ($(#[$doc:meta])* $name:ident, $action:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// The bucket.
            pub bucket: BucketName,
        }

        impl Operation for $name {
            const NAME: &'static str = stringify!($name);
            const CHECKS: &'static [Rule<Self>] =
                &[Rule::required(Action::known($action), |op| Some(Arn::bucket(&op.bucket)))];
        }
    };
}

on_the_bucket!(
    /// Asks whether the bucket exists and may be listed.
    HeadBucket, "s3:ListBucket"
);
on_the_bucket!(
    /// Removes an empty bucket.
    DeleteBucket, "s3:DeleteBucket"
);
on_the_bucket!(
    /// Asks for the bucket's region.
    GetBucketLocation, "s3:GetBucketLocation"
);
on_the_bucket!(
    /// Asks for the bucket's versioning state.
    GetBucketVersioning, "s3:GetBucketVersioning"
);
on_the_bucket!(
    /// Asks for the bucket's ACL.
    GetBucketAcl, "s3:GetBucketAcl"
);
on_the_bucket!(
    /// Reads the bucket's policy.
    GetBucketPolicy, "s3:GetBucketPolicy"
);
on_the_bucket!(
    /// Removes the bucket's policy.
    DeleteBucketPolicy, "s3:DeleteBucketPolicy"
);
on_the_bucket!(
    /// Asks whether the bucket's policy is public.
    GetBucketPolicyStatus, "s3:GetBucketPolicyStatus"
);
on_the_bucket!(
    /// Reads the bucket's public-access block.
    GetPublicAccessBlock, "s3:GetBucketPublicAccessBlock"
);
on_the_bucket!(
    /// Removes the bucket's public-access block: public policies count again.
    DeletePublicAccessBlock, "s3:PutBucketPublicAccessBlock"
);
on_the_bucket!(
    /// Asks who owns the bucket's objects.
    GetBucketOwnershipControls, "s3:GetBucketOwnershipControls"
);
on_the_bucket!(
    /// Removes the setting of who owns the bucket's objects: their writers do.
    DeleteBucketOwnershipControls, "s3:PutBucketOwnershipControls"
);
on_the_bucket!(
    /// Reads the bucket's tags.
    GetBucketTagging, "s3:GetBucketTagging"
);
on_the_bucket!(
    /// Removes the bucket's tags.
    DeleteBucketTagging, "s3:PutBucketTagging"
);

/// Replaces the bucket's policy.
#[derive(Clone, Debug)]
pub struct PutBucketPolicy {
    /// The bucket.
    pub bucket: BucketName,
    /// The policy's text.
    pub policy: String,
    /// What to do if the caller could not change the policy again.
    pub confirm: ConfirmSelfLockout,
}

/// Whether a caller means to take away its own right to change a bucket's policy
/// (`x-amz-confirm-remove-self-bucket-access`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ConfirmSelfLockout {
    /// Not said: such a policy is refused.
    #[default]
    No,
    /// Said: such a policy is taken.
    Yes,
}

impl Operation for PutBucketPolicy {
    const NAME: &'static str = "PutBucketPolicy";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:PutBucketPolicy"), |op| Some(Arn::bucket(&op.bucket)))];
}

/// Replaces the bucket's public-access block.
#[derive(Clone, Debug)]
pub struct PutPublicAccessBlock {
    /// The bucket.
    pub bucket: BucketName,
    /// The block.
    pub block: PublicAccessBlock,
}

impl Operation for PutPublicAccessBlock {
    const NAME: &'static str = "PutPublicAccessBlock";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:PutBucketPublicAccessBlock"), |op| {
            Some(Arn::bucket(&op.bucket))
        })];
}

/// Replaces the bucket's tags.
#[derive(Clone, Debug)]
pub struct PutBucketTagging {
    /// The bucket.
    pub bucket: BucketName,
    /// The tags.
    pub tags: TagSet,
}

impl Operation for PutBucketTagging {
    const NAME: &'static str = "PutBucketTagging";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:PutBucketTagging"), |op| Some(Arn::bucket(&op.bucket)))];
}

/// Sets who owns the bucket's objects.
#[derive(Clone, Debug)]
pub struct PutBucketOwnershipControls {
    /// The bucket.
    pub bucket: BucketName,
    /// Who does.
    pub ownership: Ownership,
}

impl Operation for PutBucketOwnershipControls {
    const NAME: &'static str = "PutBucketOwnershipControls";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:PutBucketOwnershipControls"), |op| {
            Some(Arn::bucket(&op.bucket))
        })];
}

/// Replaces the bucket's ACL.
#[derive(Clone, Debug)]
pub struct PutBucketAcl {
    /// The bucket.
    pub bucket: BucketName,
    /// The list.
    pub acl: SentAcl,
    /// The owner that the list names, which must be the bucket's.
    pub owner: Option<AccountId>,
}

impl Operation for PutBucketAcl {
    const NAME: &'static str = "PutBucketAcl";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:PutBucketAcl"), |op| Some(Arn::bucket(&op.bucket)))];
}
