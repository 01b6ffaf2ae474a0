//! Copying.

use names::ChecksumAlgorithm;
use strongroom_objects::ops::{
    CopyMetadata, CopyObject, CopyTags, GetObjectTagging, SourceTags, SystemHeaders, UserMetadata,
};
use strongroom_objects::{EtagMatch, ObjectError, ReadConditions, TagSet, WriteCondition};

use crate::house::{House, account, alice, bucket, bytes, get, key, object, put, user};

fn copy(from: &str, to: &str) -> CopyObject {
    CopyObject {
        source: object("finance", from),
        source_conditions: ReadConditions::default(),
        bucket: bucket("finance"),
        key: key(to),
        metadata: CopyMetadata::Copy,
        tags: CopyTags::Copy(SourceTags::Some),
        acl: None,
        algorithm: None,
        condition: WriteCondition::Always,
    }
}

async fn run(house: &House, op: CopyObject) -> Result<strongroom_objects::Copied, ObjectError> {
    house.objects.copy_object(house.permit(op, &alice()).await).await
}

#[tokio::test]
async fn a_copy_has_bytes_headers_metadata_and_tags_of_its_source() {
    let house = House::with_bucket("finance").await;
    for size in [10, 100_000] {
        let mut op = put("finance", "from");
        op.headers.content_type = Some("text/csv".into());
        op.metadata = UserMetadata::new([("a".into(), "b".into())]).unwrap();
        op.tags = Some(TagSet::from_query("k=v").unwrap());
        op.declared.algorithm = Some(ChecksumAlgorithm::Sha256);
        let stored = house.put_as(op, &bytes(size)).await.unwrap();
        let copied = run(&house, copy("from", "to")).await.unwrap();
        assert_eq!(copied.stored, stored);
        assert_eq!(house.get("to").await.unwrap(), bytes(size));
        let head = house.objects.get_object(house.permit(get("finance", "to"), &alice()).await);
        let head = head.await.unwrap().head;
        assert_eq!(head.headers.content_type.as_deref(), Some("text/csv"));
        assert_eq!(head.metadata.iter().collect::<Vec<_>>(), [("a", "b")]);
        let op = GetObjectTagging { name: object("finance", "to") };
        let tags = house.objects.get_object_tagging(house.permit(op, &alice()).await).await;
        assert_eq!(tags.unwrap().get("k"), Some("v"));
    }
    house.collect_all().await;
    house.assert_clean(2, 2);
}

#[tokio::test]
async fn a_copy_outlives_its_source() {
    let house = House::with_bucket("finance").await;
    house.put("from", &bytes(100_000)).await.unwrap();
    run(&house, copy("from", "to")).await.unwrap();
    house.put("from", b"").await.unwrap();
    house.collect_all().await;
    assert_eq!(house.get("to").await.unwrap(), bytes(100_000));
}

#[tokio::test]
async fn an_object_is_copied_to_itself_only_to_change_it() {
    let house = House::with_bucket("finance").await;
    house.put("key", &bytes(100_000)).await.unwrap();
    assert!(matches!(run(&house, copy("key", "key")).await, Err(ObjectError::CopyToItself)));
    let mut op = copy("key", "key");
    let headers = SystemHeaders { cache_control: Some("no-store".into()), ..Default::default() };
    op.metadata = CopyMetadata::Replace(headers.clone(), UserMetadata::default());
    run(&house, op).await.unwrap();
    let body = house.objects.get_object(house.permit(get("finance", "key"), &alice()).await).await;
    assert_eq!(body.unwrap().head.headers, headers);
    house.collect_all().await;
    assert_eq!(house.get("key").await.unwrap(), bytes(100_000));
    house.assert_clean(1, 1);
}

#[tokio::test]
async fn a_copy_that_was_decided_without_tags_copies_none() {
    let house = House::with_bucket("finance").await;
    let reader = user(
        account(1),
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]}}"#,
    );
    house.put("from", b"x").await.unwrap();
    let decide = async || {
        let facts = house.objects.facts(&object("finance", "from")).await.unwrap();
        let mut op = copy("from", "to");
        op.tags = CopyTags::Copy(facts.source_tags());
        op
    };
    let untagged = decide().await;
    let permit = house.ask(untagged.clone(), &reader).await.unwrap();
    house.objects.copy_object(permit).await.unwrap();
    let mut tagged = put("finance", "from");
    tagged.tags = Some(TagSet::from_query("secret=yes").unwrap());
    house.put_as(tagged, b"x").await.unwrap();
    let refused = house.ask(decide().await, &reader).await;
    assert_eq!(refused.unwrap_err(), "s3:GetObjectTagging");
    let permit = house.ask(untagged, &reader).await.unwrap();
    let late = house.objects.copy_object(permit).await;
    assert!(matches!(late, Err(ObjectError::Changed)), "tags came after the decision");
}

#[tokio::test]
async fn a_sources_preconditions_fail_with_412_even_where_a_read_would_say_304() {
    let house = House::with_bucket("finance").await;
    let etag = house.put("from", b"x").await.unwrap().etag;
    let tag = |text: &str| Some(EtagMatch::parse(text));
    for (conditions, holds) in [
        (ReadConditions { if_match: tag(etag.as_str()), ..Default::default() }, true),
        (ReadConditions { if_match: tag("x"), ..Default::default() }, false),
        (ReadConditions { if_none_match: tag("x"), ..Default::default() }, true),
        (ReadConditions { if_none_match: tag(etag.as_str()), ..Default::default() }, false),
    ] {
        let op = CopyObject { source_conditions: conditions, ..copy("from", "to") };
        match run(&house, op).await {
            Ok(_) => assert!(holds),
            Err(ObjectError::PreconditionFailed(_)) => assert!(!holds),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_missing_source_is_told_or_hidden_like_any_object() {
    let house = House::with_bucket("finance").await;
    assert!(matches!(run(&house, copy("none", "to")).await, Err(ObjectError::NoSuchKey)));
    let actor = user(
        account(1),
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*",
            "Action": ["s3:GetObject*", "s3:PutObject*"]}}"#,
    );
    let permit = house.permit(copy("none", "to"), &actor).await;
    assert!(matches!(house.objects.copy_object(permit).await, Err(ObjectError::Hidden)));
}

#[tokio::test]
async fn a_copy_may_ask_for_another_checksum_and_for_a_condition() {
    let house = House::with_bucket("finance").await;
    house.put("from", b"123456789").await.unwrap();
    let mut op = copy("from", "to");
    op.algorithm = Some(ChecksumAlgorithm::Crc32);
    op.condition = WriteCondition::Free;
    let copied = run(&house, op.clone()).await.unwrap();
    assert_eq!(copied.stored.checksum.text(), "y/Q5Jg==");
    assert!(matches!(run(&house, op).await, Err(ObjectError::PreconditionFailed(_))));
}
