//! The checks of each operation, as the AWS service authorization reference has them.

use names::VersionId;
use policy::operation::{Need, Operation};
use strongroom_objects::ops::{
    Attributes, CannedAcl, CopyMetadata, CopyObject, CopyTags, CreateBucket, DeleteObject,
    GetObjectAttributes, GetObjectTagging, HeadObject, ListObjectVersions, ListObjectsV2,
    PutObjectTagging, SentAcl, SourceTags, UploadPartCopy,
};
use strongroom_objects::{PartNumber, ReadConditions, TagSet, WriteCondition};

use crate::house::{bucket, get, key, object, put};

/// The checks as text: a `?` marks the one that only decides what absence looks like.
fn checks<Op: Operation>(op: &Op) -> Vec<String> {
    op.checks()
        .iter()
        .map(|check| {
            let mark = if check.need == Need::Absence { "?" } else { "" };
            let resource = check.resource.resource();
            let resource = if resource.is_empty() { "*" } else { resource };
            format!("{} {resource}{mark}", check.action.name())
        })
        .collect()
}

#[test]
fn a_read_of_a_version_needs_the_right_to_read_versions() {
    let mut op = get("finance", "a/b");
    assert_eq!(checks(&op), ["GetObject finance/a/b", "ListBucket finance?"]);
    op.name.version = Some(VersionId::null());
    assert_eq!(checks(&op), ["GetObjectVersion finance/a/b", "ListBucket finance?"]);
    let absence = op.checks().pop().unwrap();
    assert_eq!(absence.with, [("s3:prefix", "a/b".into())]);
    let head = HeadObject {
        name: op.name.clone(),
        range: None,
        part: None,
        conditions: ReadConditions::default(),
    };
    assert_eq!(checks(&head), ["GetObjectVersion finance/a/b", "ListBucket finance?"]);
    let attributes = GetObjectAttributes {
        name: op.name,
        attributes: Attributes::default(),
        part_marker: 0,
        max_parts: 1,
    };
    assert_eq!(
        checks(&attributes),
        [
            "GetObjectVersion finance/a/b",
            "GetObjectVersionAttributes finance/a/b",
            "ListBucket finance?"
        ]
    );
}

#[test]
fn a_put_needs_more_for_tags_and_for_an_acl() {
    let mut op = put("finance", "k");
    assert_eq!(checks(&op), ["PutObject finance/k"]);
    op.tags = Some(TagSet::default());
    op.acl = Some(SentAcl::Canned(CannedAcl::BucketOwnerFullControl));
    assert_eq!(
        checks(&op),
        ["PutObject finance/k", "PutObjectAcl finance/k", "PutObjectTagging finance/k"]
    );
}

#[test]
fn a_copy_reads_its_source_and_writes_its_target() {
    let mut op = CopyObject {
        source: object("from-bucket", "s"),
        source_conditions: ReadConditions::default(),
        bucket: bucket("to-bucket"),
        key: key("t"),
        metadata: CopyMetadata::Copy,
        tags: CopyTags::Copy(SourceTags::None),
        acl: None,
        algorithm: None,
        condition: WriteCondition::Always,
    };
    let listed = "ListBucket from-bucket?";
    assert_eq!(checks(&op), ["GetObject from-bucket/s", "PutObject to-bucket/t", listed]);
    op.tags = CopyTags::Replace(TagSet::default());
    let tagged = "PutObjectTagging to-bucket/t";
    assert_eq!(checks(&op), ["GetObject from-bucket/s", "PutObject to-bucket/t", tagged, listed]);
    op.tags = CopyTags::Copy(SourceTags::Some);
    op.source.version = Some(VersionId::null());
    assert_eq!(
        checks(&op),
        [
            "GetObjectVersion from-bucket/s",
            "GetObjectVersionTagging from-bucket/s",
            "PutObject to-bucket/t",
            tagged,
            listed
        ]
    );
    let part = UploadPartCopy {
        source: op.source,
        range: None,
        source_conditions: ReadConditions::default(),
        bucket: bucket("to-bucket"),
        key: key("t"),
        upload: "u".parse().unwrap(),
        part: PartNumber::new(1).unwrap(),
    };
    assert_eq!(checks(&part), ["GetObjectVersion from-bucket/s", "PutObject to-bucket/t", listed]);
}

#[test]
fn deleting_and_tagging_a_version_need_the_version_actions() {
    let mut op = DeleteObject { name: object("finance", "k"), if_match: None };
    assert_eq!(checks(&op), ["DeleteObject finance/k"]);
    op.name.version = Some(VersionId::null());
    assert_eq!(checks(&op), ["DeleteObjectVersion finance/k"]);
    let read = GetObjectTagging { name: op.name.clone() };
    assert_eq!(checks(&read), ["GetObjectVersionTagging finance/k", "ListBucket finance?"]);
    let write = PutObjectTagging { name: op.name, tags: TagSet::default() };
    assert_eq!(checks(&write), ["PutObjectVersionTagging finance/k", "ListBucket finance?"]);
}

#[test]
fn making_a_bucket_needs_more_for_what_is_set_with_it() {
    let mut op = CreateBucket {
        bucket: bucket("finance"),
        location: None,
        acl: None,
        ownership: None,
        tags: TagSet::default(),
    };
    assert_eq!(checks(&op), ["CreateBucket finance"]);
    op.acl = Some(SentAcl::Canned(CannedAcl::Private));
    op.ownership = Some(identity::Ownership::BucketOwnerEnforced);
    op.tags = TagSet::bucket(vec![("a".into(), "b".into())]).unwrap();
    assert_eq!(
        checks(&op),
        [
            "CreateBucket finance",
            "PutBucketAcl finance",
            "PutBucketOwnershipControls finance",
            "TagResource finance"
        ]
    );
}

#[test]
fn listing_versions_is_another_right_than_listing() {
    let list = ListObjectsV2 {
        bucket: bucket("finance"),
        prefix: String::new(),
        delimiter: String::new(),
        start_after: String::new(),
        token: None,
        max_keys: 1,
    };
    assert_eq!(checks(&list), ["ListBucket finance"]);
    let versions = ListObjectVersions {
        bucket: bucket("finance"),
        prefix: String::new(),
        delimiter: String::new(),
        key_marker: String::new(),
        version_marker: None,
        max_keys: 1,
    };
    assert_eq!(checks(&versions), ["ListBucketVersions finance"]);
}
