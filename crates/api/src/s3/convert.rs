//! Parts of S3 messages in the words of `objects`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use names::{BucketName, Checksum, ChecksumAlgorithm, ObjectKey, Timestamp, UploadId, VersionId};
use objects::ops::{Declared, ObjectName, PAGE_ENTRIES_MAX, SystemHeaders, UserMetadata};
use objects::{EtagMatch, PartNumber, ReadConditions, TagSet, WriteCondition};
use signing::CanonicalRequest;

use crate::error::ApiError;

pub(super) type Parsed<T> = Result<T, ApiError>;

/// A bucket's name.
pub(super) fn bucket(text: &str) -> Parsed<BucketName> {
    text.parse().map_err(|_| {
        ApiError::new(400, "InvalidBucketName", "The specified bucket is not valid.")
            .with("BucketName", text)
    })
}

/// An object's key.
pub(super) fn key(text: &str) -> Parsed<ObjectKey> {
    text.parse().map_err(|error| match error {
        names::BadObjectKey::TooLong(length) => {
            ApiError::new(400, "KeyTooLongError", "Your key is too long")
                .because(audit::Reason::LimitExceeded { limit: "KEY_BYTES_MAX" })
                .with("Size", length.to_string())
                .with("MaxSizeAllowed", names::KEY_BYTES_MAX.to_string())
        }
        other => ApiError::argument(other.to_string()),
    })
}

/// A version id, if one was given.
pub(super) fn version(text: Option<&str>) -> Parsed<Option<VersionId>> {
    let bad = |_| ApiError::argument("Invalid version id specified");
    text.map(|text| text.parse().map_err(bad)).transpose()
}

/// The object that a request names.
pub(super) fn object(name: &str, object: &str, id: Option<&str>) -> Parsed<ObjectName> {
    Ok(ObjectName { bucket: bucket(name)?, key: key(object)?, version: version(id)?, seen: None })
}

/// An upload id. One that is not well formed names no upload.
pub(super) fn upload(text: &str) -> Parsed<UploadId> {
    text.parse()
        .map_err(|_| ApiError::new(404, "NoSuchUpload", "The specified upload does not exist."))
}

/// A part's number.
pub(super) fn part(number: i32) -> Parsed<PartNumber> {
    u64::try_from(number).ok().and_then(|number| PartNumber::new(number).ok()).ok_or_else(|| {
        ApiError::argument("Part number must be an integer between 1 and 10000, inclusive")
    })
}

/// The conditions of a read.
pub(super) fn read_conditions(
    if_match: Option<&str>,
    if_none_match: Option<&str>,
    if_modified_since: Option<Timestamp>,
    if_unmodified_since: Option<Timestamp>,
) -> ReadConditions {
    ReadConditions {
        if_match: if_match.map(EtagMatch::parse),
        if_none_match: if_none_match.map(EtagMatch::parse),
        if_modified_since,
        if_unmodified_since,
    }
}

/// The condition of a write: `If-None-Match: *` or `If-Match: "etag"`, not both.
pub(super) fn write_condition(
    if_match: Option<&str>,
    if_none_match: Option<&str>,
) -> Parsed<WriteCondition> {
    match (if_match, if_none_match) {
        (None, None) => Ok(WriteCondition::Always),
        (None, Some("*")) => Ok(WriteCondition::Free),
        (Some(tags), None) => Ok(WriteCondition::Matches(EtagMatch::parse(tags))),
        _ => Err(ApiError::not_implemented("this combination of If-Match and If-None-Match")),
    }
}

/// Tags as `x-amz-tagging` carries them.
pub(super) fn tagging(text: Option<&str>) -> Parsed<Option<TagSet>> {
    text.map(|text| TagSet::from_query(text).map_err(|error| bad_tags(&error))).transpose()
}

/// Tags that are not taken.
pub(super) fn bad_tags(error: &objects::BadTags) -> ApiError {
    ApiError::new(400, "InvalidTag", error.to_string())
}

/// Metadata headers that are kept with the object.
pub(super) fn metadata(pairs: std::collections::BTreeMap<String, String>) -> Parsed<UserMetadata> {
    UserMetadata::new(pairs)
        .map_err(|error| ApiError::new(400, "MetadataTooLarge", error.to_string()))
}

/// Content headers that are kept with the object. `aws-chunked` is how the body travelled, not what
/// it is, so it is taken out of the encoding.
pub(super) fn system_headers(request: &CanonicalRequest) -> Parsed<SystemHeaders> {
    let one = |name: &str| {
        request
            .header(name)
            .map(|value| value.map(str::to_owned))
            .map_err(|_| ApiError::argument(format!("header `{name}` is given more than once")))
    };
    let encoding = one("content-encoding")?.and_then(|text| {
        let travelled = |coding: &&str| coding.trim().eq_ignore_ascii_case("aws-chunked");
        if !text.split(',').any(|coding| travelled(&coding)) {
            return Some(text).filter(|text| !text.is_empty());
        }
        let kept: Vec<&str> = text
            .split(',')
            .filter(|coding| !coding.trim().is_empty() && !travelled(coding))
            .map(str::trim)
            .collect();
        (!kept.is_empty()).then(|| kept.join(","))
    });
    Ok(SystemHeaders {
        content_type: one("content-type")?,
        content_encoding: encoding,
        content_disposition: one("content-disposition")?,
        content_language: one("content-language")?,
        cache_control: one("cache-control")?,
        expires: one("expires")?,
    })
}

/// What the client declares of a body that is read as part of the message. The checksum that comes
/// with CompleteMultipartUpload is the object's that is made of the parts, not the body's.
pub(super) fn declared_of_document(
    request: &CanonicalRequest,
    operation: &str,
) -> Parsed<Declared> {
    if operation == "CompleteMultipartUpload" {
        let trailer = trailer(one_header(request, "x-amz-trailer")?)?;
        return Ok(Declared { md5: md5(request)?, trailer, ..Declared::default() });
    }
    declared(request)
}

fn one_header<'a>(request: &'a CanonicalRequest, name: &str) -> Parsed<Option<&'a str>> {
    request
        .header(name)
        .map_err(|_| ApiError::argument(format!("header `{name}` is given more than once")))
}

fn md5(request: &CanonicalRequest) -> Parsed<Option<[u8; 16]>> {
    let invalid =
        || ApiError::new(400, "InvalidDigest", "The Content-MD5 you specified is not valid.");
    let Some(text) = one_header(request, "content-md5")? else { return Ok(None) };
    let bytes = STANDARD.decode(text).map_err(|_| invalid())?;
    bytes.try_into().map(Some).map_err(|_| invalid())
}

/// What the client declares of the body: MD5, a checksum or the trailer that will carry one.
pub(super) fn declared(request: &CanonicalRequest) -> Parsed<Declared> {
    let one = |name: &str| one_header(request, name);
    let mut declared = Declared { md5: md5(request)?, ..Declared::default() };
    for algorithm in ChecksumAlgorithm::ALL {
        let Some(text) = one(algorithm.header())? else { continue };
        let checksum = Checksum::parse(algorithm, text).map_err(|_| {
            let message = format!("Value for {} header is invalid.", algorithm.header());
            ApiError::new(400, "InvalidRequest", message)
        })?;
        if declared.checksum.replace(checksum).is_some() {
            let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types \
                           are not allowed.";
            return Err(ApiError::new(400, "InvalidRequest", message));
        }
    }
    declared.trailer = trailer(one("x-amz-trailer")?)?;
    let sdk = one("x-amz-sdk-checksum-algorithm")?.or(one("x-amz-checksum-algorithm")?);
    declared.algorithm = sdk.map(algorithm).transpose()?;
    if declared.checksum.is_some() && declared.trailer.is_some() {
        let message = "a checksum is declared both in a header and in a trailer";
        return Err(ApiError::new(400, "InvalidRequest", message));
    }
    Ok(declared)
}

/// The checksum that `x-amz-trailer` announces. Other trailers are proven and not used.
fn trailer(announced: Option<&str>) -> Parsed<Option<ChecksumAlgorithm>> {
    let names = announced.unwrap_or_default().split(',').map(|n| n.trim().to_ascii_lowercase());
    let mut found = None;
    for name in names {
        let algorithm = ChecksumAlgorithm::ALL.into_iter().find(|a| a.header() == name);
        match algorithm {
            Some(_) if found.is_some() => {
                let message = "Expecting a single x-amz-checksum- trailer.";
                return Err(ApiError::new(400, "InvalidRequest", message));
            }
            Some(algorithm) => found = Some(algorithm),
            None if name.starts_with("x-amz-checksum-") => {
                let message = format!("The trailer {name} is not a checksum that is offered.");
                return Err(ApiError::new(400, "InvalidRequest", message));
            }
            None => {}
        }
    }
    Ok(found)
}

/// A checksum algorithm by AWS's name.
pub(super) fn algorithm(text: &str) -> Parsed<ChecksumAlgorithm> {
    text.parse().map_err(|_| {
        ApiError::new(400, "InvalidRequest", "Checksum algorithm provided is unsupported.")
    })
}

/// `x-amz-expected-bucket-owner` and its like, and requests for what the store does not do: asked
/// for and not done would be a lie.
pub(super) fn only_what_is_served(request: &CanonicalRequest) -> Parsed<()> {
    const NOT_SERVED: &[(&str, &str)] = &[
        ("x-amz-server-side-encryption", "server-side encryption"),
        ("x-amz-object-lock-", "object lock"),
        ("x-amz-bucket-object-lock-enabled", "object lock"),
        ("x-amz-website-redirect-location", "website redirection"),
        ("x-amz-copy-source-server-side-encryption", "server-side encryption"),
        ("x-amz-mfa", "MFA delete"),
        ("x-amz-write-offset-bytes", "appending"),
    ];
    for (name, value) in request.header_pairs() {
        // `x-amz-bypass-governance-retention` is done by doing nothing: there are no retentions.
        // rclone says with every bucket that it asks for no lock.
        if name == "x-amz-bucket-object-lock-enabled" && value.eq_ignore_ascii_case("false") {
            continue;
        }
        if let Some((_, what)) = NOT_SERVED.iter().find(|(prefix, _)| name.starts_with(prefix)) {
            return Err(ApiError::not_implemented(what));
        }
        if name == "x-amz-storage-class" && value != "STANDARD" {
            let message = "The storage class you specified is not valid";
            return Err(ApiError::new(400, "InvalidStorageClass", message));
        }
    }
    Ok(())
}

/// Refuses a body whose length nobody said: it could not be told from one that was cut short.
pub(super) fn known_length(request: &CanonicalRequest) -> Parsed<()> {
    let decoded = matches!(request.header("x-amz-decoded-content-length"), Ok(Some(_)));
    if request.content_length().is_some() || decoded {
        return Ok(());
    }
    let message = "You must provide the Content-Length HTTP header.";
    Err(ApiError::new(411, "MissingContentLength", message))
}

/// The size of a page; more than a page holds is a page.
pub(super) fn page(max: i32) -> Parsed<usize> {
    usize::try_from(max)
        .map(|max| max.min(PAGE_ENTRIES_MAX))
        .map_err(|_| ApiError::argument("a page's size must not be negative"))
}

/// The part number after which a page begins.
pub(super) fn marker(number: Option<i32>) -> Parsed<u16> {
    u16::try_from(number.unwrap_or(0))
        .map_err(|_| ApiError::argument("a part number marker lies between 0 and 10000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> CanonicalRequest {
        let mut builder = http::Request::put("/b/k").header("host", "h");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let (parts, ()) = builder.body(()).unwrap().into_parts();
        CanonicalRequest::parse(&parts).unwrap()
    }

    #[test]
    fn how_the_body_travelled_is_not_what_it_is() {
        let encoding = |text| {
            system_headers(&request(&[("content-encoding", text)])).unwrap().content_encoding
        };
        assert_eq!(encoding("aws-chunked"), None);
        assert_eq!(encoding("aws-chunked, AWS-chunked"), None);
        assert_eq!(encoding("aws-chunked,gzip").as_deref(), Some("gzip"));
        assert_eq!(encoding("deflate, aws-chunked, gzip").as_deref(), Some("deflate,gzip"));
        assert_eq!(encoding("deflate, gzip").as_deref(), Some("deflate, gzip"));
        assert_eq!(encoding("gzip").as_deref(), Some("gzip"));
    }

    #[test]
    fn one_checksum_is_taken_and_two_are_refused() {
        let one = [("x-amz-checksum-crc32", "AAAAAA==")];
        assert!(declared(&request(&one)).unwrap().checksum.is_some());
        let two = [("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-checksum-crc32c", "AAAAAA==")];
        assert_eq!(declared(&request(&two)).unwrap_err().code, "InvalidRequest");
        let trailer = [("x-amz-trailer", "x-amz-checksum-crc64nvme")];
        let algorithm = declared(&request(&trailer)).unwrap().trailer;
        assert_eq!(algorithm, Some(ChecksumAlgorithm::Crc64Nvme));
    }

    #[test]
    fn a_checksum_that_comes_with_a_completion_is_the_objects() {
        let sent = request(&[
            ("x-amz-checksum-crc32", "AAAAAA==-3"),
            ("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="),
        ]);
        let of = |operation| declared_of_document(&sent, operation);
        let completing = of("CompleteMultipartUpload").unwrap();
        assert_eq!((completing.checksum, completing.md5.is_some()), (None, true));
        assert_eq!(of("PutBucketTagging").unwrap_err().code, "InvalidRequest");
    }

    #[test]
    fn a_body_of_unknown_length_is_refused() {
        assert!(known_length(&request(&[("content-length", "0")])).is_ok());
        assert!(known_length(&request(&[("x-amz-decoded-content-length", "5")])).is_ok());
        assert_eq!(known_length(&request(&[])).unwrap_err().status, 411);
    }

    #[test]
    fn what_is_not_done_is_not_taken() {
        assert!(only_what_is_served(&request(&[("x-amz-storage-class", "STANDARD")])).is_ok());
        for bad in [
            ("x-amz-server-side-encryption", "AES256"),
            ("x-amz-storage-class", "GLACIER"),
            ("x-amz-object-lock-mode", "GOVERNANCE"),
            ("x-amz-bucket-object-lock-enabled", "true"),
        ] {
            assert!(only_what_is_served(&request(&[bad])).is_err(), "{bad:?}");
        }
        let no_lock = request(&[("x-amz-bucket-object-lock-enabled", "false")]);
        assert!(only_what_is_served(&no_lock).is_ok());
    }
}
