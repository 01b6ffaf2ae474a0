//! Who may reach a bucket: its policy and its public-access block. Both are authorization state and
//! kept by `identity`; what S3 asks of a change is asked here.

use std::sync::Arc;

use audit::Permit;
use identity::{BucketChange, PublicAccessBlock, StoredPolicy};
use names::{Action, Arn};
use policy::decision::Verdict;
use policy::facts::Facts;
use policy::operation::{Check, Need};
use policy::{
    Attached, CallerPolicies, Document, Kind, Question, ResourceKind, ResourceSide,
    RestrictPublicBuckets,
};

use crate::error::ObjectError;
use crate::objects::Objects;
use crate::ops::{
    ConfirmSelfLockout, DeleteBucketPolicy, DeletePublicAccessBlock, GetBucketPolicy,
    GetBucketPolicyStatus, GetPublicAccessBlock, PutBucketPolicy, PutPublicAccessBlock,
};

/// Whether a bucket's policy is public (S3 user guide, "The meaning of public").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PolicyStatus {
    /// Some statement allows the public something.
    Public,
    /// No statement does.
    Private,
}

impl Objects {
    /// The bucket's policy as it was put; users and roles that are gone appear as unique ids.
    ///
    /// # Errors
    /// The bucket does not exist or has no policy.
    pub async fn get_bucket_policy(
        &self,
        permit: Permit<GetBucketPolicy>,
    ) -> Result<String, ObjectError> {
        let bucket = self.bucket(permit.revision(), &permit.op().bucket)?;
        let policy = bucket.policy.as_ref().ok_or(ObjectError::NoSuchBucketPolicy)?;
        Ok(self.identity.snapshot().thaw(policy))
    }

    /// Replaces the bucket's policy. `facts` are those that the permit was decided on: with them it
    /// is judged whether the policy would lock its author out.
    ///
    /// # Errors
    /// The bucket does not exist; the policy is malformed, speaks of something else than this
    /// bucket, names a principal that does not exist, is public where that is blocked, or would
    /// keep the caller from changing it again.
    pub async fn put_bucket_policy(
        &self,
        permit: Permit<PutBucketPolicy>,
        facts: &Facts,
    ) -> Result<(), ObjectError> {
        let op = permit.op();
        let bucket = self.bucket(permit.revision(), &op.bucket)?;
        let document = Document::parse(&op.policy, Kind::Bucket)?;
        document.check_bucket(&op.bucket)?;
        let state = self.identity.snapshot();
        if state.public_access(&bucket).block_public_policy && document.is_public() {
            return Err(ObjectError::PublicPolicy);
        }
        let frozen = document.freeze(&mut |arn| state.id_of(arn))?;
        if op.confirm == ConfirmSelfLockout::No && self.locks_out(&permit, frozen, facts) {
            return Err(ObjectError::SelfLockout);
        }
        let policy = StoredPolicy::from(document);
        let change = BucketChange::SetPolicy { bucket: op.bucket.clone(), policy };
        self.identity.change_bucket(&permit, change).await?;
        Ok(())
    }

    /// Whether the policy explicitly denies the caller to change it again (S3 API reference,
    /// PutBucketPolicy, `x-amz-confirm-remove-self-bucket-access`).
    fn locks_out(&self, permit: &Permit<PutBucketPolicy>, policy: Document, facts: &Facts) -> bool {
        let bucket = &permit.op().bucket;
        let check = Check {
            action: Action::known("s3:PutBucketPolicy"),
            resource: Arn::bucket(bucket),
            need: Need::Required,
            with: Vec::new(),
        };
        let owner = self.bucket(permit.revision(), bucket).ok().map(|bucket| bucket.owner);
        let document = Arc::new(policy);
        let resource = ResourceSide {
            account: owner,
            policy: Some(Attached { name: format!("bucket:{bucket}"), document }),
            kind: ResourceKind::Bucket,
            resource_control: Vec::new(),
            restrict_public: RestrictPublicBuckets::Off,
        };
        let question = Question {
            principal: &permit.who().principal,
            caller: &CallerPolicies::default(),
            resource: &resource,
            facts,
            revision: permit.revision(),
        };
        policy::decide(&check, &question).verdict() == Verdict::ExplicitDeny
    }

    /// Removes the bucket's policy; that there is none is no error.
    ///
    /// # Errors
    /// The bucket does not exist.
    pub async fn delete_bucket_policy(
        &self,
        permit: Permit<DeleteBucketPolicy>,
    ) -> Result<(), ObjectError> {
        let bucket = self.bucket(permit.revision(), &permit.op().bucket)?.name.clone();
        self.identity.change_bucket(&permit, BucketChange::DeletePolicy { bucket }).await?;
        Ok(())
    }

    /// Whether the bucket is public: by its policy, or by its ACL where ACLs count.
    ///
    /// # Errors
    /// The bucket does not exist, or has neither policy nor ACLs.
    pub async fn get_bucket_policy_status(
        &self,
        permit: Permit<GetBucketPolicyStatus>,
    ) -> Result<PolicyStatus, ObjectError> {
        let bucket = self.bucket(permit.revision(), &permit.op().bucket)?;
        let block = self.identity.snapshot().public_access(&bucket);
        let acl = bucket.has_acls().then(|| bucket.effective_acl(block));
        let public = match (bucket.policy.as_ref(), acl) {
            (None, None) => return Err(ObjectError::NoSuchBucketPolicy),
            (policy, acl) => {
                policy.is_some_and(|policy| policy.document().is_public())
                    || acl.is_some_and(|acl| acl.is_public())
            }
        };
        Ok(if public { PolicyStatus::Public } else { PolicyStatus::Private })
    }

    /// The bucket's own public-access block, whatever its account's says.
    ///
    /// # Errors
    /// The bucket does not exist or has none.
    pub async fn get_public_access_block(
        &self,
        permit: Permit<GetPublicAccessBlock>,
    ) -> Result<PublicAccessBlock, ObjectError> {
        let bucket = self.bucket(permit.revision(), &permit.op().bucket)?;
        bucket.public_access.ok_or(ObjectError::NoSuchPublicAccessBlock)
    }

    /// Replaces the bucket's public-access block.
    ///
    /// # Errors
    /// The bucket does not exist.
    pub async fn put_public_access_block(
        &self,
        permit: Permit<PutPublicAccessBlock>,
    ) -> Result<(), ObjectError> {
        let op = permit.op();
        let (bucket, block) =
            (self.bucket(permit.revision(), &op.bucket)?.name.clone(), Some(op.block));
        let change = BucketChange::SetPublicAccessBlock { bucket, block };
        self.identity.change_bucket(&permit, change).await?;
        Ok(())
    }

    /// Removes the bucket's public-access block.
    ///
    /// # Errors
    /// The bucket does not exist.
    pub async fn delete_public_access_block(
        &self,
        permit: Permit<DeletePublicAccessBlock>,
    ) -> Result<(), ObjectError> {
        let (bucket, block) =
            (self.bucket(permit.revision(), &permit.op().bucket)?.name.clone(), None);
        let change = BucketChange::SetPublicAccessBlock { bucket, block };
        self.identity.change_bucket(&permit, change).await?;
        Ok(())
    }
}
