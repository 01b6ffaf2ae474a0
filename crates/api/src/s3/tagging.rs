//! Tags of objects.

use objects::{TagSet, ops};
use wire::s3;

use super::answer;
use super::convert;
use crate::Response;
use crate::exchange::{Act, Exchange, Prepared};
use crate::facts::object_tags;

/// `GET /{bucket}/{key}?tagging`
pub(crate) async fn get(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::GetObjectTaggingRequest| {
        let name = convert::object(&m.bucket, &m.key, m.version_id.as_deref())?;
        let prepared = Prepared::new(ops::GetObjectTagging { name }).about(|op| &mut op.name);
        Ok(Prepared { detail: m.version_id, ..prepared })
    });
    x.through(prepared, async |act: Act, permit| {
        let tags = act.services.objects.get_object_tagging(permit).await?;
        answer(&s3::GetObjectTaggingOutput { tag_set: elements(&tags), version_id: None })
    })
    .await
}

/// `PUT /{bucket}/{key}?tagging`
pub(crate) async fn put(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::PutObjectTaggingRequest| {
        let name = convert::object(&m.bucket, &m.key, m.version_id.as_deref())?;
        let tags = TagSet::object(pairs(m.tagging)).map_err(|error| convert::bad_tags(&error))?;
        let detail = m.version_id;
        let mut prepared =
            Prepared::new(ops::PutObjectTagging { name, tags }).about(|op| &mut op.name);
        prepared.detail = detail;
        object_tags(&mut prepared.request_facts, prepared.op.tags.iter());
        Ok(prepared)
    });
    x.through(prepared, async |act: Act, permit| {
        act.services.objects.put_object_tagging(permit).await?;
        answer(&s3::PutObjectTaggingOutput::default())
    })
    .await
}

/// `DELETE /{bucket}/{key}?tagging`
pub(crate) async fn delete(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::DeleteObjectTaggingRequest| {
        let name = convert::object(&m.bucket, &m.key, m.version_id.as_deref())?;
        let prepared = Prepared::new(ops::DeleteObjectTagging { name }).about(|op| &mut op.name);
        Ok(Prepared { detail: m.version_id, ..prepared })
    });
    x.through(prepared, async |act: Act, permit| {
        act.services.objects.delete_object_tagging(permit).await?;
        answer(&s3::DeleteObjectTaggingOutput::default())
    })
    .await
}

/// Tags as a message carries them.
pub(super) fn pairs(tagging: s3::Tagging) -> Vec<(String, String)> {
    tagging.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// Tags as a message tells them, by their keys.
pub(super) fn elements(tags: &TagSet) -> Vec<s3::Tag> {
    let element = |(key, value): (&str, &str)| s3::Tag { key: key.into(), value: value.into() };
    let mut told: Vec<s3::Tag> = tags.iter().map(element).collect();
    told.sort_by(|one, other| one.key.cmp(&other.key));
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_by_their_keys_however_they_came() {
        let tags = TagSet::from_query("foo=bar&bar&Baz=1").unwrap();
        let told: Vec<String> = elements(&tags).into_iter().map(|tag| tag.key).collect();
        assert_eq!(told, ["Baz", "bar", "foo"]);
    }
}
