//! Buckets: create, head, delete, tags.

use objects::{TagSet, ops};
use wire::s3;

use super::acl;
use super::answer;
use super::convert::{self, Parsed};
use super::tagging::{elements, pairs};
use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Act, Exchange, Prepared};

/// `PUT /{bucket}`
pub(crate) async fn create(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|message| prepare_create(&x, message));
    x.through(prepared, async |act: Act, permit: audit::Permit<ops::CreateBucket>| {
        let location = Some(format!("/{}", permit.op().bucket));
        act.services.objects.create_bucket(permit).await?;
        answer(&s3::CreateBucketOutput { location, ..Default::default() })
    })
    .await
}

fn prepare_create(
    x: &Exchange,
    message: s3::CreateBucketRequest,
) -> Parsed<Prepared<ops::CreateBucket>> {
    if message.object_lock_enabled_for_bucket == Some(true) {
        return Err(ApiError::not_implemented("object lock"));
    }
    let configuration = message.create_bucket_configuration.unwrap_or_default();
    if configuration.bucket.is_some() || configuration.location.is_some() {
        return Err(ApiError::not_implemented("a directory bucket"));
    }
    let ownership = message.object_ownership.as_deref().map(acl::ownership).transpose()?;
    let location = configuration.location_constraint.filter(|location| !location.is_empty());
    let tags = configuration.tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
    let op = ops::CreateBucket {
        bucket: convert::bucket(&message.bucket)?,
        location,
        acl: acl::sent(x)?,
        ownership,
        tags: TagSet::bucket(tags).map_err(|error| convert::bad_tags(&error))?,
    };
    let mut prepared = Prepared::new(op);
    if let Some(location) = &prepared.op.location {
        prepared.request_facts.set("s3:locationconstraint", location.as_str());
    }
    request_tags(&mut prepared.request_facts, &prepared.op.tags);
    Ok(prepared)
}

/// Tags that a request puts on a bucket.
fn request_tags(facts: &mut policy::facts::FactMap, tags: &TagSet) {
    if tags.is_empty() {
        return;
    }
    let mut keys = Vec::new();
    for (key, value) in tags.iter() {
        facts.set(&format!("aws:RequestTag/{key}"), value);
        keys.push(key.to_owned());
    }
    facts.set("aws:TagKeys", policy::facts::Value::Many(keys));
}

/// `HEAD /{bucket}`
pub(crate) async fn head(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::HeadBucketRequest| {
        Ok(Prepared::new(ops::HeadBucket { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit| {
        act.services.objects.head_bucket(permit).await?;
        let region = act.services.objects.region().to_owned();
        answer(&s3::HeadBucketOutput { bucket_region: Some(region), ..Default::default() })
    })
    .await
}

/// `DELETE /{bucket}`
pub(crate) async fn delete(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::DeleteBucketRequest| {
        Ok(Prepared::new(ops::DeleteBucket { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit| {
        act.services.objects.delete_bucket(permit).await?;
        answer(&s3::DeleteBucketOutput::default())
    })
    .await
}

/// `GET /{bucket}?tagging`
pub(crate) async fn tagging(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::GetBucketTaggingRequest| {
        Ok(Prepared::new(ops::GetBucketTagging { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit| {
        let tags = act.services.objects.get_bucket_tagging(permit).await?;
        answer(&s3::GetBucketTaggingOutput { tag_set: elements(&tags) })
    })
    .await
}

/// `PUT /{bucket}?tagging`
pub(crate) async fn put_tagging(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::PutBucketTaggingRequest| {
        let tags = TagSet::bucket(pairs(m.tagging)).map_err(|error| convert::bad_tags(&error))?;
        let bucket = convert::bucket(&m.bucket)?;
        let mut prepared = Prepared::new(ops::PutBucketTagging { bucket, tags });
        request_tags(&mut prepared.request_facts, &prepared.op.tags);
        Ok(prepared)
    });
    x.through(prepared, async |act: Act, permit| {
        act.services.objects.put_bucket_tagging(permit).await?;
        answer(&s3::PutBucketTaggingOutput::default())
    })
    .await
}

/// `DELETE /{bucket}?tagging`
pub(crate) async fn delete_tagging(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::DeleteBucketTaggingRequest| {
        Ok(Prepared::new(ops::DeleteBucketTagging { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit| {
        act.services.objects.delete_bucket_tagging(permit).await?;
        answer(&s3::DeleteBucketTaggingOutput::default())
    })
    .await
}
