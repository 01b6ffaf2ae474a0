//! Reading: ranges, parts, preconditions, and what may be known of what does not exist.

use audit::ChainLink;
use futures_util::StreamExt as _;
use names::{Revision, VersionId};
use strongroom_objects::ops::{DeleteObject, GetObject, HeadObject};
use strongroom_objects::{
    BodyError, ByteRange, EtagMatch, ObjectError, PartNumber, ReadConditions, Span,
};

use crate::house::{House, account, alice, bytes, drain, get, object, put, user};

async fn ranged(house: &House, key: &str, header: &str) -> Result<(Vec<u8>, Option<Span>), String> {
    let op = GetObject { range: ByteRange::parse(header), ..get("finance", key) };
    let body = house.objects.get_object(house.permit(op, &alice()).await).await;
    let body = body.map_err(|error| error.to_string())?;
    let span = body.head.span;
    let bytes = drain(body.stream).await.unwrap();
    assert_eq!(u64::try_from(bytes.len()).unwrap(), body.head.length());
    Ok((bytes, span))
}

#[tokio::test]
async fn a_range_gives_exactly_the_bytes_that_rfc_9110_says() {
    let house = House::with_bucket("finance").await;
    for size in [10_usize, 100_000] {
        let body = bytes(size);
        house.put("key", &body).await.unwrap();
        for (header, first, end) in [
            ("bytes=0-0", 0, 1),
            ("bytes=0-", 0, size),
            ("bytes=3-7", 3, 8),
            ("bytes=3-99999999", 3, size),
            ("bytes=3-99999999999999999999999", 3, size),
            ("bytes=-1", size - 1, size),
            ("bytes=-99999999", 0, size),
            (&format!("bytes={}-", size - 1), size - 1, size),
        ] {
            let (got, span) = ranged(&house, "key", header).await.unwrap();
            assert_eq!(got, body[first..end], "{header}");
            let span = span.unwrap();
            assert_eq!(usize::try_from(span.first).unwrap(), first);
            assert_eq!(usize::try_from(span.last).unwrap() + 1, end);
        }
        for header in [&format!("bytes={size}-"), "bytes=-0", "bytes=99999999-"] {
            assert!(ranged(&house, "key", header).await.is_err(), "{header}");
        }
        for ignored in ["bytes=7-3", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1", "bytes=-", "0-1"] {
            assert_eq!(ranged(&house, "key", ignored).await.unwrap(), (body.clone(), None));
        }
    }
    house.put("empty", b"").await.unwrap();
    assert!(ranged(&house, "empty", "bytes=0-").await.is_err());
    assert!(ranged(&house, "empty", "bytes=-5").await.is_err());
    assert_eq!(ranged(&house, "empty", "").await.unwrap(), (vec![], None));
}

#[tokio::test]
async fn a_plain_object_is_its_own_only_part() {
    let house = House::with_bucket("finance").await;
    house.put("key", b"abc").await.unwrap();
    let part = |number| GetObject {
        part: Some(PartNumber::new(number).unwrap()),
        ..get("finance", "key")
    };
    let body = house.objects.get_object(house.permit(part(1), &alice()).await).await.unwrap();
    assert_eq!(body.head.span, Some(Span { first: 0, last: 2 }));
    assert_eq!(body.head.part_checksum, Some(body.head.checksum));
    let whole = house.permit(get("finance", "key"), &alice()).await;
    assert_eq!(house.objects.get_object(whole).await.unwrap().head.part_checksum, None);
    let none = house.objects.get_object(house.permit(part(2), &alice()).await).await;
    assert!(matches!(none, Err(ObjectError::NoSuchPart(_))));
    let both = GetObject { range: ByteRange::parse("bytes=0-0"), ..part(1) };
    let both = house.objects.get_object(house.permit(both, &alice()).await).await;
    assert!(matches!(both, Err(ObjectError::RangeAndPart)));
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Answer {
    Whole,
    NotModified,
    Failed,
}

/// RFC 9110 §13.2.2 and S3's GetObject page, written out: each header absent, true or false.
#[tokio::test]
async fn preconditions_are_judged_in_the_order_of_rfc_9110() {
    let house = House::with_bucket("finance").await;
    let etag = house.put("key", b"abc").await.unwrap().etag;
    let head = HeadObject {
        name: object("finance", "key"),
        range: None,
        part: None,
        conditions: ReadConditions::default(),
    };
    let modified =
        house.objects.head_object(house.permit(head.clone(), &alice()).await).await.unwrap();
    let modified = modified.modified;
    let tag = |text: &str| Some(EtagMatch::parse(text));
    let own = format!("\"{etag}\"");
    for if_match in [None, Some(true), Some(false)] {
        for unmodified in [None, Some(true), Some(false)] {
            for none_match in [None, Some(true), Some(false)] {
                for since in [None, Some(true), Some(false)] {
                    let conditions = ReadConditions {
                        if_match: if_match.and_then(|hit| tag(if hit { &own } else { "\"x\"" })),
                        if_none_match: none_match
                            .and_then(|differs| tag(if differs { "\"x\"" } else { &own })),
                        if_unmodified_since: unmodified
                            .map(|hit| modified.plus_seconds(if hit { 0 } else { -1 })),
                        if_modified_since: since
                            .map(|changed| modified.plus_seconds(if changed { -1 } else { 0 })),
                    };
                    let expected = match (if_match, unmodified, none_match, since) {
                        (Some(false), _, _, _) | (None, Some(false), _, _) => Answer::Failed,
                        (_, _, Some(false), _) | (_, _, None, Some(false)) => Answer::NotModified,
                        _ => Answer::Whole,
                    };
                    let op = HeadObject { conditions: conditions.clone(), ..head.clone() };
                    let permit = house.permit(op, &alice()).await;
                    let answer = match house.objects.head_object(permit).await {
                        Ok(_) => Answer::Whole,
                        Err(ObjectError::NotModified { .. }) => Answer::NotModified,
                        Err(ObjectError::PreconditionFailed(_)) => Answer::Failed,
                        Err(other) => panic!("{other}"),
                    };
                    assert_eq!(answer, expected, "{conditions:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn absence_is_told_only_to_those_who_may_list_that_key() {
    let house = House::with_bucket("finance").await;
    let may_list = |prefix: &str| {
        user(
            account(1),
            &format!(
                r#"{{"Version": "2012-10-17", "Statement": [
                {{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}},
                {{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*",
                  "Condition": {{"StringLike": {{"s3:prefix": "{prefix}"}}}}}}]}}"#
            ),
        )
    };
    let read = async |actor| {
        let permit = house.permit(get("finance", "a/b"), &actor).await;
        house.objects.get_object(permit).await.err()
    };
    assert!(matches!(read(may_list("a/*")).await, Some(ObjectError::NoSuchKey)));
    assert!(matches!(read(may_list("b/*")).await, Some(ObjectError::Hidden)));
    house.put("a/b", b"").await.unwrap();
    assert!(read(may_list("b/*")).await.is_none(), "what exists is read either way");
}

#[tokio::test]
async fn an_unversioned_bucket_has_version_null_and_no_other() {
    let house = House::with_bucket("finance").await;
    house.put("key", b"abc").await.unwrap();
    let read = async |version: VersionId| {
        let mut op = get("finance", "key");
        op.name.version = Some(version);
        house.objects.get_object(house.permit(op, &alice()).await).await.map(drop)
    };
    read(VersionId::null()).await.unwrap();
    let other = read("3HL4kqtJlcpXroDTDmJ".parse().unwrap()).await;
    assert!(matches!(other, Err(ObjectError::NoSuchVersion)));
}

#[tokio::test]
async fn a_missing_bucket_is_a_missing_bucket() {
    let house = House::new().await;
    let permit = house.permit(get("finance", "key"), &alice()).await;
    let refused = house.objects.get_object(permit).await;
    assert!(matches!(refused, Err(ObjectError::NoSuchBucket(_))));
}

#[tokio::test]
async fn a_transfer_is_cut_when_its_permission_is_revoked() {
    let house = House::with_bucket("finance").await;
    house.put("key", &bytes(1 << 20)).await.unwrap();
    let permit = house.permit(get("finance", "key"), &alice()).await;
    let mut body = house.objects.get_object(permit).await.unwrap().stream;
    assert!(body.next().await.unwrap().is_ok());
    let next = Revision(house.identity.revision().0 + 1);
    let links = [ChainLink::Account(account(1))];
    house.journal.guards().cut(&links, next).finished().await;
    assert!(matches!(body.next().await, Some(Err(BodyError::Cut(_)))));
    assert!(body.next().await.is_none(), "and never ends cleanly");
}

#[tokio::test]
async fn what_was_revoked_writes_nothing() {
    let house = House::with_bucket("finance").await;
    let small = house.permit(put("finance", "small"), &alice()).await;
    let large = house.permit(put("finance", "large"), &alice()).await;
    let next = Revision(house.identity.revision().0 + 1);
    let links = [ChainLink::Account(account(1))];
    house.journal.guards().cut(&links, next).finished().await;
    let small = house.objects.put_object(small, crate::house::incoming(b"x")).await;
    assert!(matches!(small, Err(ObjectError::Cut(_))));
    let large = house.objects.put_object(large, crate::house::incoming(&bytes(2 << 20))).await;
    assert!(matches!(large, Err(ObjectError::Cut(_))));
    house.assert_clean(0, 0);
}

#[tokio::test]
async fn what_was_revoked_commits_nothing() {
    let house = House::with_bucket("finance").await;
    house.put("key", b"x").await.unwrap();
    let op = DeleteObject { name: object("finance", "key"), if_match: None };
    let permit = house.permit(op.clone(), &alice()).await;
    let next = Revision(house.identity.revision().0 + 1);
    let links = [ChainLink::Account(account(1))];
    house.journal.guards().cut(&links, next).finished().await;
    let refused = house.objects.delete_object(permit).await;
    assert!(matches!(refused, Err(ObjectError::Cut(_))));
    assert!(house.get("key").await.is_ok());
    house.objects.delete_object(house.permit(op, &alice()).await).await.unwrap();
}

#[tokio::test]
async fn a_blob_that_is_too_short_or_gone_is_an_error_and_never_a_clean_end() {
    let house = House::with_bucket("finance").await;
    house.put("key", &bytes(100_000)).await.unwrap();
    let id = *house.blobs.map.lock().unwrap().keys().next().unwrap();
    house.blobs.map.lock().unwrap().insert(id, bytes::Bytes::from_static(b"short"));
    assert!(house.get("key").await.is_err());
    house.blobs.map.lock().unwrap().clear();
    assert!(house.get("key").await.is_err());
}
