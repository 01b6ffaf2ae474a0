//! Multipart uploads: begin, upload, complete, abort, list.

use names::{Checksum, ChecksumAlgorithm};
use objects::ops;
use wire::s3;

use super::acl;
use super::convert::{self, Parsed};
use super::listing::Encoding;
use super::{answer, int, long, quoted, set_checksum, set_stored_checksum};
use crate::error::ApiError;
use crate::exchange::{Act, Exchange, Prepared};
use crate::facts::object_tags;
use crate::{Response, owner};

/// `POST /{bucket}/{key}?uploads`
pub(crate) async fn create(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|message| prepare_create(&x, message));
    x.through(prepared, async |act: Act, permit: audit::Permit<ops::CreateMultipartUpload>| {
        let (bucket, key) = (permit.op().bucket.to_string(), permit.op().key.to_string());
        let begun = act.services.objects.create_multipart_upload(permit).await?;
        answer(&s3::CreateMultipartUploadOutput {
            bucket: Some(bucket),
            key: Some(key),
            upload_id: Some(begun.upload.to_string()),
            checksum_algorithm: Some(begun.algorithm.to_string()),
            checksum_type: Some(begun.kind.as_str().to_owned()),
            ..Default::default()
        })
    })
    .await
}

fn prepare_create(
    x: &Exchange,
    message: s3::CreateMultipartUploadRequest,
) -> Parsed<Prepared<ops::CreateMultipartUpload>> {
    let request = x.request();
    let kind = message.checksum_type.as_deref().map(str::parse).transpose();
    let op = ops::CreateMultipartUpload {
        bucket: convert::bucket(&message.bucket)?,
        key: convert::key(&message.key)?,
        headers: convert::system_headers(request)?,
        metadata: convert::metadata(message.metadata)?,
        tags: convert::tagging(message.tagging.as_deref())?,
        acl: acl::sent(x)?,
        algorithm: message.checksum_algorithm.as_deref().map(convert::algorithm).transpose()?,
        kind: kind.map_err(|error: names::BadChecksum| ApiError::argument(error.to_string()))?,
    };
    let mut prepared = Prepared::new(op);
    prepared.request_facts.set("s3:ObjectCreationOperation", "false");
    if let Some(tags) = &prepared.op.tags {
        object_tags(&mut prepared.request_facts, tags.iter());
    }
    Ok(prepared)
}

/// `PUT /{bucket}/{key}?partNumber&uploadId`
pub(crate) async fn upload(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|message: s3::UploadPartRequest| {
        convert::known_length(x.request())?;
        let op = ops::UploadPart {
            bucket: convert::bucket(&message.bucket)?,
            key: convert::key(&message.key)?,
            upload: convert::upload(&message.upload_id)?,
            part: convert::part(message.part_number)?,
            declared: convert::declared(x.request())?,
        };
        let detail = Some(format!("upload {} part {}", op.upload, op.part.get()));
        let mut prepared = Prepared { detail, ..Prepared::new(op) };
        prepared.request_facts.set("s3:ObjectCreationOperation", "false");
        Ok(prepared)
    });
    x.through(prepared, async |mut act: Act, permit: audit::Permit<ops::UploadPart>| {
        let body = act.object_body(permit.op().declared.trailer)?;
        let part = act.services.objects.upload_part(permit, body).await?;
        let mut output = s3::UploadPartOutput { etag: quoted(&part.etag), ..Default::default() };
        set_checksum!(output, part.checksum.algorithm(), part.checksum.to_base64());
        answer(&output)
    })
    .await
}

/// `POST /{bucket}/{key}?uploadId`
pub(crate) async fn complete(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(prepare_complete);
    x.through(prepared, async |act: Act, permit: audit::Permit<ops::CompleteMultipartUpload>| {
        let (bucket, key) = (permit.op().bucket.to_string(), permit.op().key.to_string());
        let stored = act.services.objects.complete_multipart_upload(permit).await?;
        let mut output = s3::CompleteMultipartUploadOutput {
            location: Some(format!("/{bucket}/{}", wire::percent_encode_key(&key))),
            bucket: Some(bucket),
            key: Some(key),
            etag: quoted(&stored.etag),
            ..Default::default()
        };
        set_stored_checksum!(output, stored.checksum);
        answer(&output)
    })
    .await
}

fn prepare_complete(
    message: s3::CompleteMultipartUploadRequest,
) -> Parsed<Prepared<ops::CompleteMultipartUpload>> {
    let kind = message.checksum_type.as_deref().map(str::parse).transpose();
    let parts = message.multipart_upload.unwrap_or_default().parts;
    let checksum = one_checksum(&[
        (ChecksumAlgorithm::Crc64Nvme, message.checksum_crc64nvme.as_deref()),
        (ChecksumAlgorithm::Crc32, message.checksum_crc32.as_deref()),
        (ChecksumAlgorithm::Crc32C, message.checksum_crc32c.as_deref()),
        (ChecksumAlgorithm::Sha1, message.checksum_sha1.as_deref()),
        (ChecksumAlgorithm::Sha256, message.checksum_sha256.as_deref()),
    ])?;
    let size = message.mpu_object_size.map(u64::try_from).transpose();
    let op = ops::CompleteMultipartUpload {
        bucket: convert::bucket(&message.bucket)?,
        key: convert::key(&message.key)?,
        upload: convert::upload(&message.upload_id)?,
        parts: parts.into_iter().map(completed).collect::<Result<_, _>>()?,
        checksum,
        kind: kind.map_err(|error: names::BadChecksum| ApiError::argument(error.to_string()))?,
        size: size.map_err(|_| ApiError::argument("the object's size must not be negative"))?,
        condition: convert::write_condition(
            message.if_match.as_deref(),
            message.if_none_match.as_deref(),
        )?,
    };
    let detail = Some(format!("upload {}", op.upload));
    let mut prepared = Prepared { detail, ..Prepared::new(op) };
    prepared.request_facts.set("s3:ObjectCreationOperation", "true");
    Ok(prepared)
}

fn completed(part: s3::CompletedPart) -> Parsed<ops::CompletedPart> {
    let malformed = || {
        let text = "The XML you provided was not well-formed or did not validate against our \
                    published schema";
        ApiError::new(400, "MalformedXML", text)
    };
    let checksum = one_checksum(&[
        (ChecksumAlgorithm::Crc64Nvme, part.checksum_crc64nvme.as_deref()),
        (ChecksumAlgorithm::Crc32, part.checksum_crc32.as_deref()),
        (ChecksumAlgorithm::Crc32C, part.checksum_crc32c.as_deref()),
        (ChecksumAlgorithm::Sha1, part.checksum_sha1.as_deref()),
        (ChecksumAlgorithm::Sha256, part.checksum_sha256.as_deref()),
    ])?;
    Ok(ops::CompletedPart {
        number: convert::part(part.part_number.ok_or_else(malformed)?)?,
        etag: part.etag.ok_or_else(malformed)?,
        checksum,
    })
}

/// The one checksum among the members that carry one. A composite value's `-parts` is how many
/// parts it was made of, and is dropped.
fn one_checksum(members: &[(ChecksumAlgorithm, Option<&str>)]) -> Parsed<Option<Checksum>> {
    let mut found = None;
    for (algorithm, text) in members {
        let Some(text) = text else { continue };
        let value = text.rsplit_once('-').map_or(*text, |(value, _)| value);
        let checksum = Checksum::parse(*algorithm, value)
            .map_err(|error| ApiError::new(400, "InvalidRequest", error.to_string()))?;
        if found.replace(checksum).is_some() {
            let message = "Expecting a single checksum.";
            return Err(ApiError::new(400, "InvalidRequest", message));
        }
    }
    Ok(found)
}

/// `DELETE /{bucket}/{key}?uploadId`
pub(crate) async fn abort(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|message: s3::AbortMultipartUploadRequest| {
        if message.if_match_initiated_time.is_some() {
            return Err(ApiError::not_implemented("aborting on the time of initiation"));
        }
        let op = ops::AbortMultipartUpload {
            bucket: convert::bucket(&message.bucket)?,
            key: convert::key(&message.key)?,
            upload: convert::upload(&message.upload_id)?,
        };
        let detail = Some(format!("upload {}", op.upload));
        Ok(Prepared { detail, ..Prepared::new(op) })
    });
    x.through(prepared, async |act: Act, permit| {
        act.services.objects.abort_multipart_upload(permit).await?;
        answer(&s3::AbortMultipartUploadOutput::default())
    })
    .await
}

/// `GET /{bucket}/{key}?uploadId`
pub(crate) async fn list_parts(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|message: s3::ListPartsRequest| {
        let op = ops::ListParts {
            bucket: convert::bucket(&message.bucket)?,
            key: convert::key(&message.key)?,
            upload: convert::upload(&message.upload_id)?,
            part_marker: convert::marker(message.part_number_marker)?,
            max_parts: convert::page(message.max_parts.unwrap_or(1000))?,
        };
        let detail = Some(format!("upload {}", op.upload));
        Ok(Prepared { detail, ..Prepared::new(op) })
    });
    x.through(prepared, async |act: Act, permit: audit::Permit<ops::ListParts>| {
        let op = permit.op().clone();
        let page = act.services.objects.list_parts(permit).await?;
        let initiator = Some(initiator(&page.initiator));
        answer(&s3::ListPartsOutput {
            bucket: Some(op.bucket.to_string()),
            key: Some(op.key.to_string()),
            upload_id: Some(op.upload.to_string()),
            initiator,
            owner: act.services.owners(&op.bucket)(page.owner),
            part_number_marker: Some(i32::from(op.part_marker)),
            next_part_number_marker: page.parts.last().map(|p| i32::from(p.number.get())),
            max_parts: int(op.max_parts),
            is_truncated: Some(page.truncated),
            storage_class: Some("STANDARD".to_owned()),
            checksum_algorithm: Some(page.algorithm.to_string()),
            checksum_type: Some(page.kind.as_str().to_owned()),
            parts: page.parts.iter().map(part_element).collect(),
            ..Default::default()
        })
    })
    .await
}

fn part_element(part: &objects::StoredPart) -> s3::Part {
    let mut element = s3::Part {
        part_number: Some(i32::from(part.number.get())),
        last_modified: Some(part.modified),
        etag: quoted(&part.etag),
        size: long(part.size),
        ..Default::default()
    };
    set_checksum!(element, part.checksum.algorithm(), part.checksum.to_base64());
    element
}

/// `GET /{bucket}?uploads`
pub(crate) async fn list_uploads(mut x: Exchange) -> Response {
    let parsed = x.message().await.and_then(prepare_uploads);
    let (prepared, encoding) = match parsed {
        Ok((prepared, encoding)) => (Ok(prepared), encoding),
        Err(error) => (Err(error), Encoding::Plain),
    };
    x.through(prepared, async move |act: Act, permit: audit::Permit<ops::ListMultipartUploads>| {
        let op = permit.op().clone();
        let page = act.services.objects.list_multipart_uploads(permit).await?;
        let owners = act.services.owners(&op.bucket);
        let (next_key, next_upload) = page.next.unzip();
        answer(&s3::ListMultipartUploadsOutput {
            bucket: Some(op.bucket.to_string()),
            key_marker: Some(encoding.text(&op.key_marker)),
            upload_id_marker: op.upload_marker.map(|id| id.to_string()),
            next_key_marker: next_key.map(|key| encoding.text(&key)),
            next_upload_id_marker: next_upload.flatten().map(|id| id.to_string()),
            prefix: Some(encoding.text(&op.prefix)),
            delimiter: (!op.delimiter.is_empty()).then(|| encoding.text(&op.delimiter)),
            max_uploads: int(op.max_uploads),
            is_truncated: Some(page.truncated),
            encoding_type: encoding.name(),
            common_prefixes: encoding.prefixes(&page.common_prefixes),
            uploads: page
                .uploads
                .iter()
                .map(|upload| upload_element(upload, encoding, owners(upload.owner)))
                .collect(),
            ..Default::default()
        })
    })
    .await
}

/// Who began an upload: "If the principal is an AWS account, it provides the Canonical User ID. If
/// the principal is an IAM User, it provides a user ARN value" (S3 API reference, Initiator).
fn initiator((arn, name): &(String, String)) -> s3::Initiator {
    let account = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"));
    match account.and_then(|account| account.parse().ok()).map(owner) {
        Some(s3::Owner { id, display_name }) => s3::Initiator { id, display_name },
        None => s3::Initiator { id: Some(arn.clone()), display_name: Some(name.clone()) },
    }
}

fn upload_element(
    upload: &objects::ListedUpload,
    encoding: Encoding,
    owner: Option<s3::Owner>,
) -> s3::MultipartUpload {
    s3::MultipartUpload {
        key: Some(encoding.text(upload.key.as_str())),
        upload_id: Some(upload.upload.to_string()),
        initiated: Some(upload.initiated),
        initiator: Some(initiator(&upload.initiator)),
        owner,
        storage_class: Some("STANDARD".to_owned()),
        checksum_algorithm: Some(upload.algorithm.to_string()),
        checksum_type: Some(upload.kind.as_str().to_owned()),
        ..Default::default()
    }
}

fn prepare_uploads(
    message: s3::ListMultipartUploadsRequest,
) -> Parsed<(Prepared<ops::ListMultipartUploads>, Encoding)> {
    let encoding = Encoding::of(message.encoding_type.as_deref())?;
    let upload_marker = message.upload_id_marker.filter(|marker| !marker.is_empty());
    let op = ops::ListMultipartUploads {
        bucket: convert::bucket(&message.bucket)?,
        prefix: message.prefix.unwrap_or_default(),
        delimiter: message.delimiter.unwrap_or_default(),
        key_marker: message.key_marker.unwrap_or_default(),
        upload_marker: upload_marker.as_deref().map(convert::upload).transpose()?,
        max_uploads: convert::page(message.max_uploads.unwrap_or(1000))?,
    };
    Ok((Prepared::new(op), encoding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_began_an_upload_is_told_by_its_canonical_id_and_a_user_by_arn() {
        let told = |arn: &str| initiator(&(arn.to_owned(), "AIDA".to_owned())).id.unwrap();
        let root = told("arn:aws:iam::111122223333:root");
        assert_eq!(Some(root), owner("111122223333".parse().unwrap()).id);
        for user in ["arn:aws:iam::111122223333:user/root", "arn:aws:iam::111122223333:user/a:root"]
        {
            assert_eq!(told(user), user);
        }
    }
}
