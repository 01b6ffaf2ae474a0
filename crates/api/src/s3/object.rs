//! Objects: put, get, head, delete, attributes.

use audit::{ItemOutcome, Target};
use http::HeaderMap;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, EXPIRES,
};
use names::{Action, Arn, DecisionId};
use objects::{ByteRange, ObjectHead, StoredChecksum, ops};
use policy::operation::{Check, Need};
use signing::Verified;
use wire::{RestOutput as _, s3};

use super::acl;
use super::convert::{self, Parsed};
use super::{answer, int, long, quoted, set_checksum, set_stored_checksum};
use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Act, Answer, Exchange, Prepared};
use crate::facts::object_tags;

/// `PUT /{bucket}/{key}`
pub(crate) async fn put(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|message| {
        convert::known_length(x.request())?;
        prepare_put(&x, message)
    });
    x.through(prepared, async |mut act: Act, permit| {
        let body = act.object_body(permit.op().declared.trailer)?;
        let stored = act.services.objects.put_object(permit, body).await?;
        let mut output =
            s3::PutObjectOutput { etag: quoted(&stored.etag), size: None, ..Default::default() };
        set_stored_checksum!(output, stored.checksum);
        answer(&output)
    })
    .await
}

/// What is put, from a request of which all but the body is known.
pub(super) fn prepare_put(
    x: &Exchange,
    message: s3::PutObjectRequest,
) -> Parsed<Prepared<ops::PutObject>> {
    let request = x.request();
    let op = ops::PutObject {
        bucket: convert::bucket(&message.bucket)?,
        key: convert::key(&message.key)?,
        headers: convert::system_headers(request)?,
        metadata: convert::metadata(message.metadata)?,
        tags: convert::tagging(message.tagging.as_deref())?,
        acl: acl::sent(x)?,
        condition: convert::write_condition(
            message.if_match.as_deref(),
            message.if_none_match.as_deref(),
        )?,
        declared: convert::declared(request)?,
    };
    let mut prepared = Prepared::new(op);
    prepared.request_facts.set("s3:ObjectCreationOperation", "true");
    if let Some(tags) = &prepared.op.tags {
        object_tags(&mut prepared.request_facts, tags.iter());
    }
    Ok(prepared)
}

/// `GET /{bucket}/{key}`
pub(crate) async fn get(mut x: Exchange) -> Response {
    let parsed = x.message().await.and_then(|message| prepare_get(&x, message));
    let (prepared, replaced, wants) = match parsed {
        Ok((prepared, replaced, wants)) => (Ok(prepared), replaced, wants),
        Err(error) => (Err(error), HeaderMap::new(), Checksums::Leave),
    };
    x.through(prepared, async move |act: Act, permit: audit::Permit<ops::GetObject>| {
        let (part, name) = (permit.op().part, permit.op().name.clone());
        let body = act.services.objects.get_object(permit).await?;
        let length = body.head.length();
        let tags = tag_count(&act, &name, &body.head).await;
        let mut answer = head_answer(&body.head, (part, tags), wants);
        answer.response.headers.extend(replaced);
        answer.stream = Some((body.stream, length));
        Ok(answer)
    })
    .await
}

/// Whether the answer tells the checksum (`x-amz-checksum-mode: ENABLED`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Checksums {
    Tell,
    Leave,
}

fn checksums(mode: Option<&str>) -> Checksums {
    if mode == Some("ENABLED") { Checksums::Tell } else { Checksums::Leave }
}

fn prepare_get(
    x: &Exchange,
    message: s3::GetObjectRequest,
) -> Parsed<(Prepared<ops::GetObject>, HeaderMap, Checksums)> {
    let replaced = replaced_headers(x, &message)?;
    let wants = checksums(message.checksum_mode.as_deref());
    let op = ops::GetObject {
        name: convert::object(&message.bucket, &message.key, message.version_id.as_deref())?,
        range: message.range.as_deref().and_then(ByteRange::parse),
        part: message.part_number.map(convert::part).transpose()?,
        conditions: convert::read_conditions(
            message.if_match.as_deref(),
            message.if_none_match.as_deref(),
            message.if_modified_since,
            message.if_unmodified_since,
        ),
    };
    exclusive(op.range.is_some(), op.part.is_some())?;
    let detail = message.version_id;
    Ok((Prepared { detail, ..Prepared::new(op).about(|op| &mut op.name) }, replaced, wants))
}

fn exclusive(range: bool, part: bool) -> Parsed<()> {
    if range && part {
        let message = "Cannot specify both Range header and partNumber query parameter";
        return Err(ApiError::new(400, "InvalidRequest", message));
    }
    Ok(())
}

/// `response-*` parameters, which only a signed request may use.
fn replaced_headers(x: &Exchange, message: &s3::GetObjectRequest) -> Parsed<HeaderMap> {
    let expires = message.response_expires.map(names::Timestamp::http_date);
    let wanted = [
        (CACHE_CONTROL, message.response_cache_control.as_ref()),
        (CONTENT_DISPOSITION, message.response_content_disposition.as_ref()),
        (CONTENT_ENCODING, message.response_content_encoding.as_ref()),
        (CONTENT_LANGUAGE, message.response_content_language.as_ref()),
        (CONTENT_TYPE, message.response_content_type.as_ref()),
        (EXPIRES, expires.as_ref()),
    ];
    let mut headers = HeaderMap::new();
    for (name, value) in wanted {
        let Some(value) = value else { continue };
        if x.known.is_anonymous() {
            let message = "Request specific response headers cannot be used for anonymous GET \
                           requests.";
            return Err(ApiError::new(400, "InvalidRequest", message));
        }
        let value = value.parse().map_err(|_| {
            ApiError::argument(format!("response-{name} cannot be a header's value"))
        })?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// `HEAD /{bucket}/{key}`
pub(crate) async fn head(mut x: Exchange) -> Response {
    let parsed = x.message().await.and_then(prepare_head);
    let (prepared, wants) = match parsed {
        Ok((prepared, wants)) => (Ok(prepared), wants),
        Err(error) => (Err(error), Checksums::Leave),
    };
    x.through(prepared, async move |act: Act, permit: audit::Permit<ops::HeadObject>| {
        let (part, name) = (permit.op().part, permit.op().name.clone());
        let head = act.services.objects.head_object(permit).await?;
        let tags = tag_count(&act, &name, &head).await;
        Ok(head_answer(&head, (part, tags), wants))
    })
    .await
}

fn prepare_head(message: s3::HeadObjectRequest) -> Parsed<(Prepared<ops::HeadObject>, Checksums)> {
    let wants = checksums(message.checksum_mode.as_deref());
    let op = ops::HeadObject {
        name: convert::object(&message.bucket, &message.key, message.version_id.as_deref())?,
        range: message.range.as_deref().and_then(ByteRange::parse),
        part: message.part_number.map(convert::part).transpose()?,
        conditions: convert::read_conditions(
            message.if_match.as_deref(),
            message.if_none_match.as_deref(),
            message.if_modified_since,
            message.if_unmodified_since,
        ),
    };
    exclusive(op.range.is_some(), op.part.is_some())?;
    Ok((
        Prepared { detail: message.version_id, ..Prepared::new(op).about(|op| &mut op.name) },
        wants,
    ))
}

/// How many tags the object has, if it has any and the caller may read them (S3 API reference,
/// "GetObject": "The number of tags, if any, on the object, when you have the relevant permission
/// to read object tags").
async fn tag_count(act: &Act, name: &ops::ObjectName, head: &ObjectHead) -> Option<i32> {
    let count = int(head.tags).filter(|count| *count > 0)?;
    let action = match name.version {
        None => Action::known("s3:GetObjectTagging"),
        Some(_) => Action::known("s3:GetObjectVersionTagging"),
    };
    let check = Check { action, resource: name.arn(), need: Need::Required, with: Vec::new() };
    act.may_also(check).await.then_some(count)
}

/// The headers that GET and HEAD share.
fn head_answer(
    head: &ObjectHead,
    (part, tag_count): (Option<objects::PartNumber>, Option<i32>),
    wants: Checksums,
) -> Answer {
    let mut output = s3::GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: head.headers.cache_control.clone(),
        content_disposition: head.headers.content_disposition.clone(),
        content_encoding: head.headers.content_encoding.clone(),
        content_language: head.headers.content_language.clone(),
        content_length: long(head.length()),
        content_range: head
            .span
            .map(|span| format!("bytes {}-{}/{}", span.first, span.last, head.size)),
        content_type: Some(
            head.headers.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned()),
        ),
        etag: quoted(&head.etag),
        expires: head.headers.expires.clone(),
        last_modified: Some(head.modified),
        metadata: head
            .metadata
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        parts_count: part.and(head.parts).and_then(int),
        tag_count,
        ..Default::default()
    };
    // A range has no checksum of its own; telling the whole's would make clients refuse the piece.
    let whole = head.span.is_none().then_some(&head.checksum);
    if wants == Checksums::Tell
        && let Some(stored) = head.part_checksum.as_ref().or(whole)
    {
        set_stored_checksum!(output, stored);
    }
    let mut answer = Answer::from(output.to_response());
    answer.response.status = if head.span.is_some() { 206 } else { 200 };
    answer
}

/// `DELETE /{bucket}/{key}`
pub(crate) async fn delete(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|message: s3::DeleteObjectRequest| {
        if message.if_match_last_modified_time.is_some() || message.if_match_size.is_some() {
            return Err(ApiError::not_implemented("deleting on size or modification time"));
        }
        let op = ops::DeleteObject {
            name: convert::object(&message.bucket, &message.key, message.version_id.as_deref())?,
            if_match: message.if_match.as_deref().map(objects::EtagMatch::parse),
        };
        Ok(Prepared { detail: message.version_id, ..Prepared::new(op).about(|op| &mut op.name) })
    });
    x.through(prepared, async |act: Act, permit: audit::Permit<ops::DeleteObject>| {
        let version_id = permit.op().name.version.as_ref().map(ToString::to_string);
        act.services.objects.delete_object(permit).await?;
        answer(&s3::DeleteObjectOutput { version_id, ..Default::default() })
    })
    .await
}

/// What a multi-delete was asked for, item by item, for its answer.
struct Asked {
    key: String,
    version: Option<String>,
}

/// `POST /{bucket}?delete`
pub(crate) async fn delete_many(mut x: Exchange) -> Response {
    let parsed = x.message().await.and_then(|message| prepare_many(&x, message));
    let (prepared, asked, quiet) = match parsed {
        Ok((prepared, asked, quiet)) => (Ok(prepared), asked, quiet),
        Err(error) => (Err(error), Vec::new(), Verbosity::Full),
    };
    let bucket = prepared.as_ref().ok().map(|(envelope, ..): &Many| envelope.op.bucket.clone());
    x.through_batch(
        |op| &mut op.name,
        prepared,
        async move |act: Act, batch: audit::Batch<ops::DeleteObject>| {
            // The permit's items may all be refused: then nobody else looks whether it is there.
            if let Some(bucket) = bucket.filter(|name| act.services.bucket_owner(name).is_none()) {
                return Err(objects::ObjectError::NoSuchBucket(bucket).into());
            }
            let refused = batch.refused().to_vec();
            let done = act.services.objects.delete_objects(batch).await;
            Ok(many_answer(&asked, quiet, &refused, done))
        },
    )
    .await
}

/// Whether the answer lists what was deleted (`Quiet`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verbosity {
    Full,
    Quiet,
}

type Many = (Prepared<ops::DeleteObjects>, Target, Vec<ops::DeleteObject>);

fn prepare_many(
    x: &Exchange,
    message: s3::DeleteObjectsRequest,
) -> Parsed<(Many, Vec<Asked>, Verbosity)> {
    let declared = convert::declared(x.request())?;
    let unproven = declared.md5.is_none()
        && declared.checksum.is_none()
        && declared.trailer.is_none()
        && !body_is_proven(&x.verified);
    if unproven {
        let message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        return Err(ApiError::new(400, "InvalidRequest", message));
    }
    let bucket = convert::bucket(&message.bucket)?;
    let verbosity =
        if message.delete.quiet == Some(true) { Verbosity::Quiet } else { Verbosity::Full };
    let mut items = Vec::new();
    let mut asked = Vec::new();
    for item in message.delete.objects {
        if item.last_modified_time.is_some() || item.size.is_some() {
            return Err(ApiError::not_implemented("deleting on size or modification time"));
        }
        let name = convert::object(bucket.as_str(), &item.key, item.version_id.as_deref())?;
        items.push(ops::DeleteObject {
            name,
            if_match: item.etag.as_deref().map(objects::EtagMatch::parse),
        });
        asked.push(Asked { key: item.key, version: item.version_id });
    }
    let target = Target { resource: Arn::bucket(&bucket), detail: None };
    let envelope = Prepared::new(ops::DeleteObjects { bucket });
    Ok(((envelope, target, items), asked, verbosity))
}

/// Whether the signature covers the body's digest, which is as good as a checksum of it.
fn body_is_proven(verified: &Verified) -> bool {
    match verified {
        Verified::Signed(signed) => !signed.content_sha256().contains("UNSIGNED"),
        Verified::Anonymous(_) | Verified::Bearer(_) => false,
    }
}

fn many_answer(
    asked: &[Asked],
    verbosity: Verbosity,
    refused: &[(usize, DecisionId)],
    done: Vec<(usize, Result<(), objects::ObjectError>)>,
) -> Answer {
    let mut output = s3::DeleteObjectsOutput::default();
    let mut items = Vec::new();
    let failed = |place: usize, code: &str, message: String, decision: Option<DecisionId>| {
        let item = asked.get(place)?;
        Some(s3::Error {
            code: Some(code.to_owned()),
            decision_id: decision.map(|id| id.to_string()),
            key: Some(item.key.clone()),
            message: Some(message),
            version_id: item.version.clone(),
        })
    };
    for (place, decision) in refused {
        let message = format!("Access Denied (decision {decision})");
        output.errors.extend(failed(*place, "AccessDenied", message, Some(*decision)));
        let code = Some("AccessDenied".to_owned());
        items.push(ItemOutcome { item: *place, status: 403, code, decision: Some(*decision) });
    }
    for (place, result) in done {
        match result {
            Ok(()) => {
                if verbosity == Verbosity::Full
                    && let Some(item) = asked.get(place)
                {
                    output.deleted.push(s3::DeletedObject {
                        key: Some(item.key.clone()),
                        version_id: item.version.clone(),
                        ..Default::default()
                    });
                }
                items.push(ItemOutcome { item: place, status: 204, code: None, decision: None });
            }
            Err(cause) => {
                let cause = ApiError::from(cause);
                output.errors.extend(failed(place, cause.code, cause.message.clone(), None));
                let code = Some(cause.code.to_owned());
                items.push(ItemOutcome { item: place, status: cause.status, code, decision: None });
            }
        }
    }
    items.sort_by_key(|item| item.item);
    Answer { items, ..Answer::from(output.to_response()) }
}

/// `GET /{bucket}/{key}?attributes`
pub(crate) async fn attributes(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(prepare_attributes);
    x.through(prepared, async |act: Act, permit: audit::Permit<ops::GetObjectAttributes>| {
        let asked = permit.op().attributes;
        let (marker, max) = (permit.op().part_marker, permit.op().max_parts);
        let found = act.services.objects.get_object_attributes(permit).await?;
        let mut output = s3::GetObjectAttributesOutput {
            last_modified: Some(found.head.modified),
            etag: asked.etag.then(|| found.head.etag.to_string()),
            object_size: asked.size.then(|| long(found.head.size)).flatten(),
            storage_class: asked.storage_class.then(|| "STANDARD".to_owned()),
            ..Default::default()
        };
        if asked.checksum {
            output.checksum = Some(checksum_element(&found.head.checksum));
        }
        if asked.parts
            && let Some(total) = found.head.parts
        {
            output.object_parts = Some(s3::GetObjectAttributesParts {
                is_truncated: Some(found.truncated),
                max_parts: int(max),
                next_part_number_marker: found.parts.last().map(|part| i32::from(part.number)),
                part_number_marker: Some(i32::from(marker)),
                parts: found.parts.iter().map(part_element).collect(),
                total_parts_count: int(total),
            });
        }
        answer(&output)
    })
    .await
}

fn checksum_element(stored: &StoredChecksum) -> s3::Checksum {
    let mut element = s3::Checksum::default();
    set_stored_checksum!(element, stored);
    element
}

fn part_element(part: &objects::ObjectPart) -> s3::ObjectPart {
    let mut element = s3::ObjectPart {
        part_number: Some(i32::from(part.number)),
        size: long(part.size),
        ..Default::default()
    };
    if let Some(checksum) = &part.checksum {
        set_checksum!(element, checksum.algorithm(), checksum.to_base64());
    }
    element
}

fn prepare_attributes(
    message: s3::GetObjectAttributesRequest,
) -> Parsed<Prepared<ops::GetObjectAttributes>> {
    let mut attributes = ops::Attributes::default();
    for name in &message.object_attributes {
        match name.as_str() {
            "ETag" => attributes.etag = true,
            "Checksum" => attributes.checksum = true,
            "ObjectParts" => attributes.parts = true,
            "StorageClass" => attributes.storage_class = true,
            "ObjectSize" => attributes.size = true,
            other => return Err(ApiError::argument(format!("`{other}` is not an attribute"))),
        }
    }
    let max = message.max_parts.unwrap_or(1000);
    let op = ops::GetObjectAttributes {
        name: convert::object(&message.bucket, &message.key, message.version_id.as_deref())?,
        attributes,
        part_marker: convert::marker(message.part_number_marker)?,
        max_parts: convert::page(max)?,
    };
    Ok(Prepared { detail: message.version_id, ..Prepared::new(op).about(|op| &mut op.name) })
}
