//! Copies: a source that is read and a target that is written, both decided.

use objects::{ByteRange, ops};
use wire::{CopySource, s3};

use super::acl;
use super::convert::{self, Parsed};
use super::{answer, quoted, set_checksum, set_stored_checksum};
use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Act, Exchange, Prepared};
use crate::facts::object_tags;

/// `PUT /{bucket}/{key}` with `x-amz-copy-source`
pub(crate) async fn object(mut x: Exchange) -> Response {
    let prepared = match x.message().await {
        Ok(message) => prepare(&x, message).await,
        Err(error) => Err(error),
    };
    x.through(prepared, async |act: Act, permit: audit::Permit<ops::CopyObject>| {
        let source_version = permit.op().source.version.as_ref().map(ToString::to_string);
        let copied = act.services.objects.copy_object(permit).await?;
        let mut result = s3::CopyObjectResult {
            etag: quoted(&copied.stored.etag),
            last_modified: Some(copied.modified),
            ..Default::default()
        };
        set_stored_checksum!(result, copied.stored.checksum);
        answer(&s3::CopyObjectOutput {
            copy_object_result: Some(result),
            copy_source_version_id: source_version,
            ..Default::default()
        })
    })
    .await
}

async fn prepare(
    x: &Exchange,
    message: s3::CopyObjectRequest,
) -> Parsed<Prepared<ops::CopyObject>> {
    let request = x.request();
    let source = source(&message.copy_source)?;
    let metadata = match message.metadata_directive.as_deref() {
        None | Some("COPY") => ops::CopyMetadata::Copy,
        Some("REPLACE") => ops::CopyMetadata::Replace(
            convert::system_headers(request)?,
            convert::metadata(message.metadata)?,
        ),
        Some(_) => return Err(ApiError::argument("Unknown metadata directive.")),
    };
    let tags = match message.tagging_directive.as_deref() {
        None | Some("COPY") => {
            let facts = x.services.objects.facts(&source).await?;
            ops::CopyTags::Copy(facts.source_tags())
        }
        Some("REPLACE") => ops::CopyTags::Replace(
            convert::tagging(message.tagging.as_deref())?.unwrap_or_default(),
        ),
        Some(_) => return Err(ApiError::argument("Unknown tagging directive.")),
    };
    let op = ops::CopyObject {
        source,
        source_conditions: convert::read_conditions(
            message.copy_source_if_match.as_deref(),
            message.copy_source_if_none_match.as_deref(),
            message.copy_source_if_modified_since,
            message.copy_source_if_unmodified_since,
        ),
        bucket: convert::bucket(&message.bucket)?,
        key: convert::key(&message.key)?,
        metadata,
        tags,
        acl: acl::sent(x)?,
        algorithm: message.checksum_algorithm.as_deref().map(convert::algorithm).transpose()?,
        condition: convert::write_condition(
            message.if_match.as_deref(),
            message.if_none_match.as_deref(),
        )?,
    };
    let mut prepared = Prepared::new(op).about(|op| &mut op.source);
    prepared.request_facts.set("s3:ObjectCreationOperation", "true");
    if let ops::CopyTags::Replace(tags) = &prepared.op.tags {
        object_tags(&mut prepared.request_facts, tags.iter());
    }
    Ok(prepared)
}

fn source(header: &str) -> Parsed<ops::ObjectName> {
    let source = CopySource::parse(header).map_err(|error| {
        ApiError::argument(format!(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey ({error})"
        ))
    })?;
    let version = convert::version(source.version_id.as_deref())?;
    Ok(ops::ObjectName { bucket: source.bucket, key: source.key, version, seen: None })
}

/// `PUT /{bucket}/{key}?partNumber&uploadId` with `x-amz-copy-source`
pub(crate) async fn part(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|message| prepare_part(&message));
    x.through(prepared, async |act: Act, permit| {
        let part = act.services.objects.upload_part_copy(permit).await?;
        let mut result = s3::CopyPartResult {
            etag: quoted(&part.etag),
            last_modified: Some(part.modified),
            ..Default::default()
        };
        set_checksum!(result, part.checksum.algorithm(), part.checksum.to_base64());
        answer(&s3::UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() })
    })
    .await
}

fn prepare_part(message: &s3::UploadPartCopyRequest) -> Parsed<Prepared<ops::UploadPartCopy>> {
    let range = message.copy_source_range.as_deref().map(|text| {
        ByteRange::parse(text).ok_or_else(|| {
            ApiError::argument(
                "The x-amz-copy-source-range value must be of the form bytes=first-last",
            )
        })
    });
    let op = ops::UploadPartCopy {
        source: source(&message.copy_source)?,
        range: range.transpose()?,
        source_conditions: convert::read_conditions(
            message.copy_source_if_match.as_deref(),
            message.copy_source_if_none_match.as_deref(),
            message.copy_source_if_modified_since,
            message.copy_source_if_unmodified_since,
        ),
        bucket: convert::bucket(&message.bucket)?,
        key: convert::key(&message.key)?,
        upload: convert::upload(&message.upload_id)?,
        part: convert::part(message.part_number)?,
    };
    let detail = Some(format!("upload {} part {}", op.upload, op.part.get()));
    Ok(Prepared { detail, ..Prepared::new(op).about(|op| &mut op.source) })
}
