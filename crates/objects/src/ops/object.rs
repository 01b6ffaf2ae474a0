//! Operations on one object.

use std::collections::BTreeMap;

use names::{
    AccountId, Action, Arn, BucketName, Checksum, ChecksumAlgorithm, ObjectKey, VersionId,
};
use policy::operation::{Operation, Rule};
use serde::{Deserialize, Serialize};

use super::{SentAcl, prefix_is_key};
use crate::acl::Seen;
use crate::conditions::{ByteRange, EtagMatch, PartNumber, ReadConditions, WriteCondition};
use crate::tags::TagSet;

/// An object, or one version of it, as a request names it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ObjectName {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// The version asked for; the current one where none is named.
    pub version: Option<VersionId>,
    /// Whose it was, and who was granted what on it, when the request was decided; what is done
    /// then is done to an object of which that still holds. `None` where ACLs mean nothing.
    pub seen: Option<Seen>,
}

impl ObjectName {
    /// The object's ARN.
    #[must_use]
    pub fn arn(&self) -> Arn {
        Arn::object(&self.bucket, &self.key)
    }

    /// The ARN, if no version is named.
    pub(super) fn current(&self) -> Option<Arn> {
        self.version.is_none().then(|| self.arn())
    }

    /// The ARN, if a version is named.
    pub(super) fn versioned(&self) -> Option<Arn> {
        self.version.is_some().then(|| self.arn())
    }
}

/// The bucket whose listing would tell that the object does not exist.
fn listed(name: &ObjectName) -> Option<Arn> {
    Some(Arn::bucket(&name.bucket))
}

/// Headers that S3 stores with an object and sends back as they were.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SystemHeaders {
    /// `Content-Type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// `Content-Encoding`, without `aws-chunked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// `Content-Disposition`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    /// `Content-Language`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    /// `Cache-Control`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    /// `Expires`, as it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// Most bytes of user metadata: names and values together (S3 user guide, "Working with object
/// metadata").
pub const METADATA_BYTES_MAX: usize = 2048;

/// User metadata: `x-amz-meta-NAME` without the prefix, names in lower case, within
/// [`METADATA_BYTES_MAX`].
///
/// ```
/// use strongroom_objects::ops::UserMetadata;
/// let metadata = UserMetadata::new([("Colour".to_owned(), "red".to_owned())]).unwrap();
/// assert_eq!(metadata.iter().next(), Some(("colour", "red")));
/// assert!(UserMetadata::new([("a".to_owned(), "b".repeat(2048))]).is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserMetadata(BTreeMap<String, String>);

/// The metadata is larger than [`METADATA_BYTES_MAX`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("user metadata is at most 2048 bytes, not {0}")]
pub struct MetadataTooLarge(pub usize);

impl UserMetadata {
    /// Metadata from names and values. A name given twice has its values joined by commas, as
    /// HTTP joins them.
    ///
    /// # Errors
    /// Names and values have more than [`METADATA_BYTES_MAX`] bytes.
    pub fn new(
        pairs: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, MetadataTooLarge> {
        let mut map = BTreeMap::<String, String>::new();
        for (name, value) in pairs {
            map.entry(name.to_ascii_lowercase())
                .and_modify(|old| {
                    old.push(',');
                    old.push_str(&value);
                })
                .or_insert(value);
        }
        let bytes: usize =
            map.iter().map(|(name, value)| name.len().saturating_add(value.len())).sum();
        if bytes > METADATA_BYTES_MAX { Err(MetadataTooLarge(bytes)) } else { Ok(Self(map)) }
    }

    /// Names and values, in order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a request says its body will be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Declared {
    /// `Content-MD5`.
    pub md5: Option<[u8; 16]>,
    /// `x-amz-checksum-*` of the headers.
    pub checksum: Option<Checksum>,
    /// The algorithm announced in `x-amz-trailer` (its value then must arrive in the body's
    /// [`TrailerSlot`](crate::TrailerSlot)).
    pub trailer: Option<ChecksumAlgorithm>,
    /// The algorithm wanted, where no value is declared (`x-amz-sdk-checksum-algorithm`,
    /// `x-amz-checksum-algorithm`).
    pub algorithm: Option<ChecksumAlgorithm>,
}

/// Stores an object.
#[derive(Clone, Debug)]
pub struct PutObject {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// Headers kept with it.
    pub headers: SystemHeaders,
    /// User metadata.
    pub metadata: UserMetadata,
    /// Tags; `None` if no tagging header was sent.
    pub tags: Option<TagSet>,
    /// The ACL that was sent.
    pub acl: Option<SentAcl>,
    /// What must hold in the commit.
    pub condition: WriteCondition,
    /// What the body must be.
    pub declared: Declared,
}

impl Operation for PutObject {
    const NAME: &'static str = "PutObject";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:PutObject"), |op| Some(Arn::object(&op.bucket, &op.key))),
        Rule::required(Action::known("s3:PutObjectAcl"), |op| {
            op.acl.as_ref().map(|_| Arn::object(&op.bucket, &op.key))
        }),
        Rule::required(Action::known("s3:PutObjectTagging"), |op| {
            op.tags.as_ref().map(|_| Arn::object(&op.bucket, &op.key))
        }),
    ];
}

/// Reads an object or a piece of it.
#[derive(Clone, Debug)]
pub struct GetObject {
    /// The object.
    pub name: ObjectName,
    /// Only these bytes.
    pub range: Option<ByteRange>,
    /// Only this part.
    pub part: Option<PartNumber>,
    /// The preconditions.
    pub conditions: ReadConditions,
}

impl Operation for GetObject {
    const NAME: &'static str = "GetObject";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:GetObject"), |op| op.name.current()),
        Rule::required(Action::known("s3:GetObjectVersion"), |op| op.name.versioned()),
        Rule::absence(
            Action::known("s3:ListBucket"),
            |op| listed(&op.name),
            |op| prefix_is_key(&op.name),
        ),
    ];
}

/// Reads what is known of an object, without its body.
#[derive(Clone, Debug)]
pub struct HeadObject {
    /// The object.
    pub name: ObjectName,
    /// Only these bytes.
    pub range: Option<ByteRange>,
    /// Only this part.
    pub part: Option<PartNumber>,
    /// The preconditions.
    pub conditions: ReadConditions,
}

impl Operation for HeadObject {
    const NAME: &'static str = "HeadObject";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:GetObject"), |op| op.name.current()),
        Rule::required(Action::known("s3:GetObjectVersion"), |op| op.name.versioned()),
        Rule::absence(
            Action::known("s3:ListBucket"),
            |op| listed(&op.name),
            |op| prefix_is_key(&op.name),
        ),
    ];
}

/// Reads chosen attributes of an object. Which of them are shown is the answer's business.
#[derive(Clone, Debug)]
pub struct GetObjectAttributes {
    /// The object.
    pub name: ObjectName,
    /// The attributes wanted.
    pub attributes: Attributes,
    /// Parts after this number.
    pub part_marker: u16,
    /// At most so many parts.
    pub max_parts: usize,
}

/// Attributes that GetObjectAttributes can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Attributes {
    /// `ETag`
    pub etag: bool,
    /// `Checksum`
    pub checksum: bool,
    /// `ObjectParts`
    pub parts: bool,
    /// `StorageClass`
    pub storage_class: bool,
    /// `ObjectSize`
    pub size: bool,
}

impl Operation for GetObjectAttributes {
    const NAME: &'static str = "GetObjectAttributes";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:GetObject"), |op| op.name.current()),
        Rule::required(Action::known("s3:GetObjectAttributes"), |op| op.name.current()),
        Rule::required(Action::known("s3:GetObjectVersion"), |op| op.name.versioned()),
        Rule::required(Action::known("s3:GetObjectVersionAttributes"), |op| op.name.versioned()),
        Rule::absence(
            Action::known("s3:ListBucket"),
            |op| listed(&op.name),
            |op| prefix_is_key(&op.name),
        ),
    ];
}

/// Removes an object. One that does not exist is removed already.
#[derive(Clone, Debug)]
pub struct DeleteObject {
    /// The object.
    pub name: ObjectName,
    /// `If-Match`: only if the present object has this tag.
    pub if_match: Option<EtagMatch>,
}

impl Operation for DeleteObject {
    const NAME: &'static str = "DeleteObject";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:DeleteObject"), |op| op.name.current()),
        Rule::required(Action::known("s3:DeleteObjectVersion"), |op| op.name.versioned()),
    ];
}

/// The envelope of a multi-delete. Everything is checked item by item: each is a [`DeleteObject`].
#[derive(Clone, Debug)]
pub struct DeleteObjects {
    /// The bucket that all items are in.
    pub bucket: BucketName,
}

impl Operation for DeleteObjects {
    const NAME: &'static str = "DeleteObjects";
    const CHECKS: &'static [Rule<Self>] = &[];
}

/// Copies an object within the store.
#[derive(Clone, Debug)]
pub struct CopyObject {
    /// What is copied.
    pub source: ObjectName,
    /// Preconditions on the source (`x-amz-copy-source-if-*`).
    pub source_conditions: ReadConditions,
    /// The bucket copied to.
    pub bucket: BucketName,
    /// The key copied to.
    pub key: ObjectKey,
    /// Where headers and user metadata come from.
    pub metadata: CopyMetadata,
    /// Where tags come from.
    pub tags: CopyTags,
    /// The ACL that was sent.
    pub acl: Option<SentAcl>,
    /// The checksum algorithm wanted; the source's where none is named.
    pub algorithm: Option<ChecksumAlgorithm>,
    /// What must hold of the target in the commit.
    pub condition: WriteCondition,
}

/// `x-amz-metadata-directive`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CopyMetadata {
    /// `COPY`
    Copy,
    /// `REPLACE`
    Replace(SystemHeaders, UserMetadata),
}

/// `x-amz-tagging-directive`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CopyTags {
    /// `COPY`
    Copy(SourceTags),
    /// `REPLACE`
    Replace(TagSet),
}

/// What is known of the source's tags when a copy is decided. Copying tags needs the right to read
/// them and to set them; copying an object that has none needs neither. If the source has tags
/// after all when the copy is made, the copy is refused, so `None` grants nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourceTags {
    /// There may be some.
    Some,
    /// There are none ([`ObjectFacts::source_tags`](crate::ObjectFacts::source_tags)).
    None,
}

impl CopyObject {
    fn copies_tags(&self) -> bool {
        self.tags == CopyTags::Copy(SourceTags::Some)
    }

    fn sets_tags(&self) -> bool {
        match &self.tags {
            CopyTags::Copy(source) => *source == SourceTags::Some,
            CopyTags::Replace(_) => true,
        }
    }

    fn target(&self) -> Arn {
        Arn::object(&self.bucket, &self.key)
    }
}

impl Operation for CopyObject {
    const NAME: &'static str = "CopyObject";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:GetObject"), |op| op.source.current()),
        Rule::required(Action::known("s3:GetObjectVersion"), |op| op.source.versioned()),
        Rule::required(Action::known("s3:GetObjectTagging"), |op| {
            op.source.current().filter(|_| op.copies_tags())
        }),
        Rule::required(Action::known("s3:GetObjectVersionTagging"), |op| {
            op.source.versioned().filter(|_| op.copies_tags())
        }),
        Rule::required(Action::known("s3:PutObject"), |op| Some(op.target())),
        Rule::required(Action::known("s3:PutObjectAcl"), |op| op.acl.as_ref().map(|_| op.target())),
        Rule::required(Action::known("s3:PutObjectTagging"), |op| {
            op.sets_tags().then(|| op.target())
        }),
        Rule::absence(
            Action::known("s3:ListBucket"),
            |op| listed(&op.source),
            |op| prefix_is_key(&op.source),
        ),
    ];
}

/// Reads an object's tags.
#[derive(Clone, Debug)]
pub struct GetObjectTagging {
    /// The object.
    pub name: ObjectName,
}

impl Operation for GetObjectTagging {
    const NAME: &'static str = "GetObjectTagging";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:GetObjectTagging"), |op| op.name.current()),
        Rule::required(Action::known("s3:GetObjectVersionTagging"), |op| op.name.versioned()),
        Rule::absence(
            Action::known("s3:ListBucket"),
            |op| listed(&op.name),
            |op| prefix_is_key(&op.name),
        ),
    ];
}

/// Replaces an object's tags.
#[derive(Clone, Debug)]
pub struct PutObjectTagging {
    /// The object.
    pub name: ObjectName,
    /// The tags.
    pub tags: TagSet,
}

impl Operation for PutObjectTagging {
    const NAME: &'static str = "PutObjectTagging";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:PutObjectTagging"), |op| op.name.current()),
        Rule::required(Action::known("s3:PutObjectVersionTagging"), |op| op.name.versioned()),
        Rule::absence(
            Action::known("s3:ListBucket"),
            |op| listed(&op.name),
            |op| prefix_is_key(&op.name),
        ),
    ];
}

/// Removes an object's tags.
#[derive(Clone, Debug)]
pub struct DeleteObjectTagging {
    /// The object.
    pub name: ObjectName,
}

impl Operation for DeleteObjectTagging {
    const NAME: &'static str = "DeleteObjectTagging";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:DeleteObjectTagging"), |op| op.name.current()),
        Rule::required(Action::known("s3:DeleteObjectVersionTagging"), |op| op.name.versioned()),
        Rule::absence(
            Action::known("s3:ListBucket"),
            |op| listed(&op.name),
            |op| prefix_is_key(&op.name),
        ),
    ];
}

/// Asks for an object's ACL.
#[derive(Clone, Debug)]
pub struct GetObjectAcl {
    /// The object.
    pub name: ObjectName,
}

impl Operation for GetObjectAcl {
    const NAME: &'static str = "GetObjectAcl";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:GetObjectAcl"), |op| op.name.current()),
        Rule::required(Action::known("s3:GetObjectVersionAcl"), |op| op.name.versioned()),
        Rule::absence(
            Action::known("s3:ListBucket"),
            |op| listed(&op.name),
            |op| prefix_is_key(&op.name),
        ),
    ];
}

/// Replaces an object's ACL.
#[derive(Clone, Debug)]
pub struct PutObjectAcl {
    /// The object.
    pub name: ObjectName,
    /// The list.
    pub acl: SentAcl,
    /// The owner that the list names, which must be the object's.
    pub owner: Option<AccountId>,
}

impl Operation for PutObjectAcl {
    const NAME: &'static str = "PutObjectAcl";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:PutObjectAcl"), |op| op.name.current()),
        Rule::required(Action::known("s3:PutObjectVersionAcl"), |op| op.name.versioned()),
        Rule::absence(
            Action::known("s3:ListBucket"),
            |op| listed(&op.name),
            |op| prefix_is_key(&op.name),
        ),
    ];
}
