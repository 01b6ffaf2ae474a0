//! Listings of buckets and keys.

use objects::{ListedObject, ops};
use wire::s3;

use super::convert::{self, Parsed};
use super::{answer, int, long, quoted};
use crate::error::ApiError;
use crate::exchange::{Act, Exchange, Prepared};
use crate::{Response, owner};

/// How keys are written in a listing (`encoding-type`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As they are.
    Plain,
    /// Percent-encoded, so that every key survives XML 1.0.
    Url,
}

impl Encoding {
    pub(super) fn of(asked: Option<&str>) -> Parsed<Self> {
        match asked {
            None => Ok(Self::Plain),
            Some("url") => Ok(Self::Url),
            Some(_) => Err(ApiError::argument("Invalid Encoding Method specified in Request")),
        }
    }

    pub(super) fn text(self, key: &str) -> String {
        match self {
            Self::Plain => key.to_owned(),
            Self::Url => wire::percent_encode_key(key),
        }
    }

    pub(super) fn name(self) -> Option<String> {
        (self == Self::Url).then(|| "url".to_owned())
    }

    pub(super) fn prefixes(self, prefixes: &[String]) -> Vec<s3::CommonPrefix> {
        let element = |prefix: &String| s3::CommonPrefix { prefix: Some(self.text(prefix)) };
        prefixes.iter().map(element).collect()
    }
}

/// `GET /`
pub(crate) async fn buckets(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|message: s3::ListBucketsRequest| {
        let max = message.max_buckets.map_or(Ok(10_000), |max| {
            usize::try_from(max).map_err(|_| ApiError::argument("max-buckets must be positive"))
        })?;
        let op = ops::ListBuckets {
            prefix: message.prefix.unwrap_or_default(),
            token: message.continuation_token,
            max,
        };
        Ok(Prepared::new(op))
    });
    x.through(prepared, async |act: Act, permit: audit::Permit<ops::ListBuckets>| {
        let prefix = permit.op().prefix.clone();
        let page = act.services.objects.list_buckets(permit).await?;
        let buckets = page.buckets.iter().map(|bucket| s3::Bucket {
            name: Some(bucket.name.to_string()),
            creation_date: Some(bucket.created),
            ..Default::default()
        });
        answer(&s3::ListBucketsOutput {
            buckets: Some(buckets.collect()),
            continuation_token: page.next,
            owner: page.owner.map(owner),
            prefix: (!prefix.is_empty()).then_some(prefix),
        })
    })
    .await
}

/// `GET /{bucket}`
pub(crate) async fn v1(mut x: Exchange) -> Response {
    let parsed = x.message().await.and_then(|message: s3::ListObjectsRequest| {
        let encoding = Encoding::of(message.encoding_type.as_deref())?;
        let op = ops::ListObjects {
            bucket: convert::bucket(&message.bucket)?,
            prefix: message.prefix.unwrap_or_default(),
            delimiter: message.delimiter.unwrap_or_default(),
            marker: message.marker.unwrap_or_default(),
            max_keys: convert::page(message.max_keys.unwrap_or(1000))?,
        };
        Ok((Prepared::new(op), encoding))
    });
    let (prepared, encoding) = apart(parsed);
    x.through(prepared, async move |act: Act, permit: audit::Permit<ops::ListObjects>| {
        let op = permit.op().clone();
        let page = act.services.objects.list_objects(permit).await?;
        let owners = act.services.owners(&op.bucket);
        answer(&s3::ListObjectsOutput {
            name: Some(op.bucket.to_string()),
            prefix: Some(encoding.text(&op.prefix)),
            marker: Some(encoding.text(&op.marker)),
            next_marker: page.next_marker.as_deref().map(|marker| encoding.text(marker)),
            delimiter: (!op.delimiter.is_empty()).then(|| encoding.text(&op.delimiter)),
            max_keys: int(op.max_keys),
            is_truncated: Some(page.truncated),
            encoding_type: encoding.name(),
            common_prefixes: encoding.prefixes(&page.common_prefixes),
            contents: page.objects.iter().map(|o| element(o, encoding, owners(o.owner))).collect(),
            ..Default::default()
        })
    })
    .await
}

fn apart<Op>(
    parsed: Parsed<(Prepared<Op>, Encoding)>,
) -> (Result<Prepared<Op>, ApiError>, Encoding) {
    match parsed {
        Ok((prepared, encoding)) => (Ok(prepared), encoding),
        Err(error) => (Err(error), Encoding::Plain),
    }
}

fn element(object: &ListedObject, encoding: Encoding, owner: Option<s3::Owner>) -> s3::Object {
    s3::Object {
        key: Some(encoding.text(object.key.as_str())),
        last_modified: Some(object.modified),
        etag: quoted(&object.etag),
        size: long(object.size),
        storage_class: Some("STANDARD".to_owned()),
        checksum_algorithm: vec![object.algorithm.to_string()],
        checksum_type: Some(object.kind.as_str().to_owned()),
        owner,
        ..Default::default()
    }
}

/// `GET /{bucket}?list-type=2`
pub(crate) async fn v2(mut x: Exchange) -> Response {
    let parsed = x.message().await.and_then(|message: s3::ListObjectsV2Request| {
        let encoding = Encoding::of(message.encoding_type.as_deref())?;
        let owners = message.fetch_owner == Some(true);
        // An empty token goes on after nothing; it is answered as it was sent.
        let echoed = message.continuation_token.clone();
        let op = ops::ListObjectsV2 {
            bucket: convert::bucket(&message.bucket)?,
            prefix: message.prefix.unwrap_or_default(),
            delimiter: message.delimiter.unwrap_or_default(),
            start_after: message.start_after.unwrap_or_default(),
            token: message.continuation_token.filter(|token| !token.is_empty()),
            max_keys: convert::page(message.max_keys.unwrap_or(1000))?,
        };
        Ok(((Prepared::new(op), (owners, echoed)), encoding))
    });
    let (prepared, (owners, echoed), encoding) = match parsed {
        Ok(((prepared, asked), encoding)) => (Ok(prepared), asked, encoding),
        Err(error) => (Err(error), (false, None), Encoding::Plain),
    };
    x.through(prepared, async move |act: Act, permit: audit::Permit<ops::ListObjectsV2>| {
        let op = permit.op().clone();
        let page = act.services.objects.list_objects_v2(permit).await?;
        let all = act.services.owners(&op.bucket);
        let owner = |object: &ListedObject| all(object.owner).filter(|_| owners);
        answer(&s3::ListObjectsV2Output {
            name: Some(op.bucket.to_string()),
            prefix: Some(encoding.text(&op.prefix)),
            start_after: (!op.start_after.is_empty()).then(|| encoding.text(&op.start_after)),
            continuation_token: echoed,
            delimiter: (!op.delimiter.is_empty()).then(|| encoding.text(&op.delimiter)),
            max_keys: int(op.max_keys),
            key_count: int(page.count()),
            is_truncated: Some(page.truncated),
            encoding_type: encoding.name(),
            common_prefixes: encoding.prefixes(&page.common_prefixes),
            contents: page.objects.iter().map(|o| element(o, encoding, owner(o))).collect(),
            next_continuation_token: page.next_token,
            ..Default::default()
        })
    })
    .await
}

/// `GET /{bucket}?versions`
pub(crate) async fn versions(mut x: Exchange) -> Response {
    let parsed = x.message().await.and_then(|message: s3::ListObjectVersionsRequest| {
        let encoding = Encoding::of(message.encoding_type.as_deref())?;
        let op = ops::ListObjectVersions {
            bucket: convert::bucket(&message.bucket)?,
            prefix: message.prefix.unwrap_or_default(),
            delimiter: message.delimiter.unwrap_or_default(),
            key_marker: message.key_marker.unwrap_or_default(),
            version_marker: message.version_id_marker.filter(|marker| !marker.is_empty()),
            max_keys: convert::page(message.max_keys.unwrap_or(1000))?,
        };
        Ok((Prepared::new(op), encoding))
    });
    let (prepared, encoding) = apart(parsed);
    x.through(prepared, async move |act: Act, permit: audit::Permit<ops::ListObjectVersions>| {
        let op = permit.op().clone();
        let page = act.services.objects.list_object_versions(permit).await?;
        let owners = act.services.owners(&op.bucket);
        let version = |object: &ListedObject| s3::ObjectVersion {
            key: Some(encoding.text(object.key.as_str())),
            version_id: Some("null".to_owned()),
            is_latest: Some(true),
            last_modified: Some(object.modified),
            etag: quoted(&object.etag),
            size: long(object.size),
            storage_class: Some("STANDARD".to_owned()),
            owner: owners(object.owner),
            ..Default::default()
        };
        answer(&s3::ListObjectVersionsOutput {
            name: Some(op.bucket.to_string()),
            prefix: Some(encoding.text(&op.prefix)),
            key_marker: Some(encoding.text(&op.key_marker)),
            version_id_marker: Some(op.version_marker.unwrap_or_default()),
            next_key_marker: page.next_marker.as_deref().map(|marker| encoding.text(marker)),
            next_version_id_marker: page.next_marker.as_ref().map(|_| "null".to_owned()),
            delimiter: (!op.delimiter.is_empty()).then(|| encoding.text(&op.delimiter)),
            max_keys: int(op.max_keys),
            is_truncated: Some(page.truncated),
            encoding_type: encoding.name(),
            common_prefixes: encoding.prefixes(&page.common_prefixes),
            versions: page.objects.iter().map(version).collect(),
            ..Default::default()
        })
    })
    .await
}
