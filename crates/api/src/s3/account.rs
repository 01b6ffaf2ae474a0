//! S3's control API, as far as an account's public-access block: what counts for each of its
//! buckets beside the bucket's own.

use audit::Permit;
use identity::{PublicAccessBlock, ops};
use names::AccountId;
use wire::s3control as control;

use super::answer;
use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Act, Answer, Exchange, Prepared};

type Parsed<T> = Result<T, ApiError>;

/// The account that a header names. Another than the caller's is refused by the decision.
fn named(account: &str) -> Parsed<AccountId> {
    account.parse().map_err(|_| {
        let message = "The value of x-amz-account-id must be an AWS account ID";
        ApiError::new(400, "InvalidRequest", message)
    })
}

/// `GET /v20180820/configuration/publicAccessBlock`
pub(crate) async fn block(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: control::GetPublicAccessBlockRequest| {
        let account = named(&m.account_id)?;
        Ok(Prepared::new(ops::GetAccountPublicAccessBlock { account }))
    });
    x.through(prepared, async |act: Act, permit: Permit<ops::GetAccountPublicAccessBlock>| {
        let block = act.services.identity.perform(permit).await?.ok_or_else(|| {
            let message = "The public access block configuration was not found";
            ApiError::new(404, "NoSuchPublicAccessBlockConfiguration", message)
        })?;
        answer(&control::GetPublicAccessBlockOutput {
            public_access_block_configuration: Some(control::PublicAccessBlockConfiguration {
                block_public_acls: Some(block.block_public_acls),
                ignore_public_acls: Some(block.ignore_public_acls),
                block_public_policy: Some(block.block_public_policy),
                restrict_public_buckets: Some(block.restrict_public_buckets),
            }),
        })
    })
    .await
}

/// `PUT /v20180820/configuration/publicAccessBlock`
pub(crate) async fn put_block(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: control::PutPublicAccessBlockRequest| {
        let account = named(&m.account_id)?;
        let sent = m.public_access_block_configuration;
        let set = |member: Option<bool>| member == Some(true);
        let block = PublicAccessBlock {
            block_public_acls: set(sent.block_public_acls),
            ignore_public_acls: set(sent.ignore_public_acls),
            block_public_policy: set(sent.block_public_policy),
            restrict_public_buckets: set(sent.restrict_public_buckets),
        };
        Ok(Prepared::new(ops::PutAccountPublicAccessBlock { account, block }))
    });
    x.through(prepared, async |act: Act, permit: Permit<ops::PutAccountPublicAccessBlock>| {
        act.services.identity.perform(permit).await?;
        // The service model does not say it (S3 API reference, PutPublicAccessBlock of S3 Control).
        Ok(Answer::from(wire::Response::empty(201)))
    })
    .await
}

/// `DELETE /v20180820/configuration/publicAccessBlock`
pub(crate) async fn delete_block(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: control::DeletePublicAccessBlockRequest| {
        let account = named(&m.account_id)?;
        Ok(Prepared::new(ops::DeleteAccountPublicAccessBlock { account }))
    });
    x.through(prepared, async |act: Act, permit: Permit<ops::DeleteAccountPublicAccessBlock>| {
        act.services.identity.perform(permit).await?;
        Ok(Answer::from(wire::Response::empty(204)))
    })
    .await
}
