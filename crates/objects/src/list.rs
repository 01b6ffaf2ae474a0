//! Listings of a bucket: objects, versions, uploads.

use audit::{Permit, Who};
use identity::Listing;
use names::{AccountId, ChecksumAlgorithm, ChecksumKind, ETag, ObjectKey, Timestamp, UploadId};

use crate::error::ObjectError;
use crate::layout::{self, Incarnation};
use crate::objects::Objects;
use crate::ops::{
    ListMultipartUploads, ListObjectVersions, ListObjects, ListObjectsV2, PAGE_ENTRIES_MAX,
};
use crate::ports::StoreError;
use crate::record::{ObjectHeader, UploadRecord, decode_header};
use crate::walk::{Entry, Page, Walk};

/// An object in a listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedObject {
    /// The account that it names as its owner, if that is not the bucket's.
    pub owner: Option<AccountId>,
    /// Its key.
    pub key: ObjectKey,
    /// How many bytes it has.
    pub size: u64,
    /// Its entity tag.
    pub etag: ETag,
    /// When it was last modified.
    pub modified: Timestamp,
    /// The algorithm of its checksum.
    pub algorithm: ChecksumAlgorithm,
    /// What its checksum covers.
    pub kind: ChecksumKind,
}

/// A page of objects. Objects and common prefixes are each in ascending order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ObjectPage {
    /// The objects.
    pub objects: Vec<ListedObject>,
    /// The common prefixes.
    pub common_prefixes: Vec<String>,
    /// Whether there is more.
    pub truncated: bool,
    /// The last entry, if there is more: what a marker goes on from.
    pub next_marker: Option<String>,
    /// The token that goes on after this page of version 2, if there is more.
    pub next_token: Option<String>,
}

impl ObjectPage {
    /// How many entries the page has (`KeyCount`).
    #[must_use]
    pub fn count(&self) -> usize {
        self.objects.len().saturating_add(self.common_prefixes.len())
    }
}

/// An upload in a listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedUpload {
    /// The account that will own the object, if that is not the bucket's.
    pub owner: Option<AccountId>,
    /// The key of the object that it will make.
    pub key: ObjectKey,
    /// Its id.
    pub upload: UploadId,
    /// When it was begun.
    pub initiated: Timestamp,
    /// The ARN and the user id of who began it.
    pub initiator: (String, String),
    /// The algorithm of its parts' checksums.
    pub algorithm: ChecksumAlgorithm,
    /// What the object's checksum will cover.
    pub kind: ChecksumKind,
}

/// A page of uploads.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UploadPage {
    /// The uploads, by key and then by time.
    pub uploads: Vec<ListedUpload>,
    /// The common prefixes.
    pub common_prefixes: Vec<String>,
    /// Whether there is more.
    pub truncated: bool,
    /// Where the next page goes on, if there is more: the key marker, and the upload marker unless
    /// the page ended in a common prefix.
    pub next: Option<(String, Option<UploadId>)>,
}

/// What is asked of a listing of objects.
struct Asked<'a> {
    bucket: Incarnation,
    prefix: &'a str,
    delimiter: &'a str,
    after: &'a str,
    max: usize,
}

/// The account of whoever lists, or nothing for nobody.
pub(crate) fn account(who: &Who) -> String {
    who.principal.account().map(|account| account.to_string()).unwrap_or_default()
}

impl Objects {
    /// Lists objects, version 1.
    ///
    /// # Errors
    /// The bucket does not exist.
    pub async fn list_objects(
        &self,
        permit: Permit<ListObjects>,
    ) -> Result<ObjectPage, ObjectError> {
        let op = permit.op();
        let bucket = self.incarnation(permit.revision(), &op.bucket)?;
        let (prefix, delimiter, after) = (&op.prefix, &op.delimiter, op.marker.as_str());
        self.objects_after(Asked { bucket, prefix, delimiter, after, max: op.max_keys }).await
    }

    /// Lists objects, version 2.
    ///
    /// # Errors
    /// The bucket does not exist, or the token is not one that a listing gave.
    pub async fn list_objects_v2(
        &self,
        permit: Permit<ListObjectsV2>,
    ) -> Result<ObjectPage, ObjectError> {
        let op = permit.op();
        let bucket = self.incarnation(permit.revision(), &op.bucket)?;
        let account = account(permit.who());
        let words = ["objects", &account, op.bucket.as_str(), &op.prefix, &op.delimiter];
        let listing = Listing::of(&words);
        let token = op.token.as_deref().map(|token| self.identity.page_place(&listing, token));
        let token = token.transpose().map_err(|_| ObjectError::Token)?;
        let after = token.as_deref().unwrap_or(&op.start_after);
        let (prefix, delimiter) = (&op.prefix, &op.delimiter);
        let asked = Asked { bucket, prefix, delimiter, after, max: op.max_keys };
        let mut page = self.objects_after(asked).await?;
        let next = page.next_marker.as_deref();
        let next = next.map(|place| self.identity.page_token(&listing, place)).transpose();
        page.next_token = next?;
        Ok(page)
    }

    /// Lists versions: each object's only one.
    ///
    /// # Errors
    /// The bucket does not exist, or there is a version marker without a key marker.
    pub async fn list_object_versions(
        &self,
        permit: Permit<ListObjectVersions>,
    ) -> Result<ObjectPage, ObjectError> {
        let op = permit.op();
        let bucket = self.incarnation(permit.revision(), &op.bucket)?;
        if op.version_marker.is_some() && op.key_marker.is_empty() {
            return Err(ObjectError::VersionMarker);
        }
        let (prefix, delimiter, after) = (&op.prefix, &op.delimiter, op.key_marker.as_str());
        self.objects_after(Asked { bucket, prefix, delimiter, after, max: op.max_keys }).await
    }

    async fn objects_after(&self, asked: Asked<'_>) -> Result<ObjectPage, ObjectError> {
        let key = |name: &str| layout::object(asked.bucket, name);
        let max = asked.max.min(PAGE_ENTRIES_MAX);
        let walk = Walk { key: &key, prefix: asked.prefix, delimiter: asked.delimiter, max };
        let from = match asked.after {
            "" => Vec::new(),
            after => walk.after(after),
        };
        let Page { entries, truncated } = walk.run(self.meta.as_ref(), from).await?;
        let mut page = ObjectPage { truncated, ..ObjectPage::default() };
        if let Some(last) = entries.last().filter(|_| truncated) {
            page.next_marker = Some(last.name().to_owned());
        }
        for entry in entries {
            match entry {
                Entry::Group(group) => page.common_prefixes.push(group),
                Entry::Record { name, value, .. } => {
                    page.objects.push(listed(&name, decode_header(&value)?)?);
                }
            }
        }
        Ok(page)
    }

    /// Lists uploads in progress.
    ///
    /// # Errors
    /// The bucket does not exist.
    pub async fn list_multipart_uploads(
        &self,
        permit: Permit<ListMultipartUploads>,
    ) -> Result<UploadPage, ObjectError> {
        let op = permit.op();
        let bucket = self.incarnation(permit.revision(), &op.bucket)?;
        let key = |name: &str| layout::uploads(bucket, name);
        let max = op.max_uploads.min(PAGE_ENTRIES_MAX);
        let walk = Walk { key: &key, prefix: &op.prefix, delimiter: &op.delimiter, max };
        let from = match (op.key_marker.as_str(), &op.upload_marker) {
            ("", _) => Vec::new(),
            (marker, Some(upload)) => layout::after_key(&layout::upload(bucket, marker, upload)),
            (marker, None) => past_uploads(walk.after(marker)),
        };
        let Page { entries, truncated } = walk.run(self.meta.as_ref(), from).await?;
        let mut page = UploadPage { truncated, ..UploadPage::default() };
        if let Some(last) = entries.last().filter(|_| truncated) {
            page.next = Some((last.name().to_owned(), upload_of(last)));
        }
        for entry in entries {
            let upload = upload_of(&entry);
            match (entry, upload) {
                (Entry::Group(group), _) => page.common_prefixes.push(group),
                (Entry::Record { name, value, .. }, Some(upload)) => {
                    page.uploads.push(listed_upload(&name, upload, decode_header(&value)?)?);
                }
                (Entry::Record { .. }, None) => return Err(malformed().into()),
            }
        }
        Ok(page)
    }
}

/// A name is followed by NUL and an upload's id: `after` has to pass all uploads of the name.
fn past_uploads(mut after: Vec<u8>) -> Vec<u8> {
    if let Some(last) = after.last_mut().filter(|last| **last == 0) {
        *last = 1;
    }
    after
}

/// The upload's id in the key of its record.
fn upload_of(entry: &Entry) -> Option<UploadId> {
    let Entry::Record { key, .. } = entry else { return None };
    let id = key.rsplit(|b| *b == 0).next()?;
    std::str::from_utf8(id).ok()?.parse().ok()
}

fn malformed() -> StoreError {
    StoreError::Corrupt { what: "a key is malformed".to_owned() }
}

fn listed(name: &str, header: ObjectHeader) -> Result<ListedObject, ObjectError> {
    Ok(ListedObject {
        owner: header.owner,
        key: name.parse().map_err(|_| malformed())?,
        size: header.size,
        etag: header.etag,
        modified: header.modified,
        algorithm: header.checksum.algorithm(),
        kind: header.kind,
    })
}

fn listed_upload(
    name: &str,
    upload: UploadId,
    record: UploadRecord,
) -> Result<ListedUpload, ObjectError> {
    let key = name.parse().map_err(|_| malformed())?;
    let UploadRecord { initiated, initiator, owner, algorithm, kind, .. } = record;
    Ok(ListedUpload { owner, key, upload, initiated, initiator, algorithm, kind })
}
