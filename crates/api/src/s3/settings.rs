//! What a bucket is set to: policy, public-access block, ownership, location, versioning, ACLs.

use identity::{PublicAccessBlock, Versioning};
use objects::ops;
use wire::s3;

use super::answer;
use super::canonical::Named;
use super::convert;
use crate::Response;
use crate::exchange::{Act, Exchange, Prepared};
use crate::facts;

/// `GET /{bucket}?location`
pub(crate) async fn location(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::GetBucketLocationRequest| {
        Ok(Prepared::new(ops::GetBucketLocation { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit| {
        let region = act.services.objects.get_bucket_location(permit).await?;
        // The first region has no constraint (S3 API reference, GetBucketLocation).
        let location_constraint = (region != "us-east-1").then_some(region);
        answer(&s3::GetBucketLocationOutput { location_constraint })
    })
    .await
}

/// `GET /{bucket}?versioning`
pub(crate) async fn versioning(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::GetBucketVersioningRequest| {
        Ok(Prepared::new(ops::GetBucketVersioning { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit| {
        let status = match act.services.objects.get_bucket_versioning(permit).await? {
            Versioning::Unversioned => None,
            Versioning::Enabled => Some("Enabled".to_owned()),
            Versioning::Suspended => Some("Suspended".to_owned()),
        };
        answer(&s3::GetBucketVersioningOutput { status, mfa_delete: None })
    })
    .await
}

/// `GET /{bucket}?policy`
pub(crate) async fn policy(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::GetBucketPolicyRequest| {
        Ok(Prepared::new(ops::GetBucketPolicy { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit| {
        let policy = act.services.objects.get_bucket_policy(permit).await?;
        answer(&s3::GetBucketPolicyOutput { policy: Some(policy) })
    })
    .await
}

/// `PUT /{bucket}?policy`
pub(crate) async fn put_policy(mut x: Exchange) -> Response {
    let mut facts = x.facts.clone();
    facts::time(&mut facts.server, x.now);
    let prepared = x.message().await.and_then(|m: s3::PutBucketPolicyRequest| {
        let confirm = match m.confirm_remove_self_bucket_access {
            Some(true) => ops::ConfirmSelfLockout::Yes,
            _ => ops::ConfirmSelfLockout::No,
        };
        let named = Named::read(m.policy, &x.services.identity.snapshot());
        let (bucket, policy) = (convert::bucket(&m.bucket)?, named.text.clone());
        Ok((Prepared::new(ops::PutBucketPolicy { bucket, policy, confirm }), named))
    });
    let (prepared, named) = match prepared {
        Ok((prepared, named)) => (Ok(prepared), Some(named)),
        Err(error) => (Err(error), None),
    };
    x.through(prepared, async move |act: Act, permit| {
        named.as_ref().map_or(Ok(()), Named::known)?;
        act.services.objects.put_bucket_policy(permit, &facts).await?;
        answer(&s3::PutBucketPolicyOutput::default())
    })
    .await
}

/// `DELETE /{bucket}?policy`
pub(crate) async fn delete_policy(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::DeleteBucketPolicyRequest| {
        Ok(Prepared::new(ops::DeleteBucketPolicy { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit| {
        act.services.objects.delete_bucket_policy(permit).await?;
        answer(&s3::DeleteBucketPolicyOutput::default())
    })
    .await
}

/// `GET /{bucket}?policyStatus`
pub(crate) async fn policy_status(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::GetBucketPolicyStatusRequest| {
        Ok(Prepared::new(ops::GetBucketPolicyStatus { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit| {
        let publicity = act.services.objects.get_bucket_policy_status(permit).await?;
        let status =
            s3::PolicyStatus { is_public: Some(publicity == objects::PolicyStatus::Public) };
        answer(&s3::GetBucketPolicyStatusOutput { policy_status: Some(status) })
    })
    .await
}

/// `GET /{bucket}?publicAccessBlock`
pub(crate) async fn access_block(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::GetPublicAccessBlockRequest| {
        Ok(Prepared::new(ops::GetPublicAccessBlock { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit| {
        let block = act.services.objects.get_public_access_block(permit).await?;
        answer(&s3::GetPublicAccessBlockOutput {
            public_access_block_configuration: Some(block_element(block)),
        })
    })
    .await
}

fn block_element(block: PublicAccessBlock) -> s3::PublicAccessBlockConfiguration {
    s3::PublicAccessBlockConfiguration {
        block_public_acls: Some(block.block_public_acls),
        ignore_public_acls: Some(block.ignore_public_acls),
        block_public_policy: Some(block.block_public_policy),
        restrict_public_buckets: Some(block.restrict_public_buckets),
    }
}

/// `PUT /{bucket}?publicAccessBlock`
pub(crate) async fn put_access_block(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::PutPublicAccessBlockRequest| {
        let block = m.public_access_block_configuration;
        let set = |member: Option<bool>| member == Some(true);
        Ok(Prepared::new(ops::PutPublicAccessBlock {
            bucket: convert::bucket(&m.bucket)?,
            block: PublicAccessBlock {
                block_public_acls: set(block.block_public_acls),
                ignore_public_acls: set(block.ignore_public_acls),
                block_public_policy: set(block.block_public_policy),
                restrict_public_buckets: set(block.restrict_public_buckets),
            },
        }))
    });
    x.through(prepared, async |act: Act, permit| {
        act.services.objects.put_public_access_block(permit).await?;
        answer(&s3::PutPublicAccessBlockOutput::default())
    })
    .await
}

/// `DELETE /{bucket}?publicAccessBlock`
pub(crate) async fn delete_access_block(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::DeletePublicAccessBlockRequest| {
        Ok(Prepared::new(ops::DeletePublicAccessBlock { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit| {
        act.services.objects.delete_public_access_block(permit).await?;
        answer(&s3::DeletePublicAccessBlockOutput::default())
    })
    .await
}
