//! Writing, conditionally and not; deleting; tags.

use bytes::Bytes;
use strongroom_objects::ops::{
    DeleteObject, DeleteObjectTagging, DeleteObjects, GetObjectTagging, PutObjectTagging,
    SystemHeaders, UserMetadata,
};
use strongroom_objects::{EtagMatch, ObjectError, TagSet, WriteCondition};

use crate::house::{House, account, alice, bucket, bytes, get, object, put, user};

fn tags(query: &str) -> TagSet {
    TagSet::from_query(query).unwrap()
}

#[tokio::test]
async fn headers_and_metadata_come_back_as_they_were_sent() {
    let house = House::with_bucket("finance").await;
    let mut op = put("finance", "key");
    op.headers = SystemHeaders {
        content_type: Some("text/plain; charset=utf-8".into()),
        expires: Some("whenever".into()),
        ..SystemHeaders::default()
    };
    op.metadata = UserMetadata::new([("Owner".into(), "ünï\u{1F600}".into())]).unwrap();
    house.put_as(op.clone(), b"x").await.unwrap();
    let permit = house.permit(get("finance", "key"), &alice()).await;
    let head = house.objects.get_object(permit).await.unwrap().head;
    assert_eq!((head.headers, head.metadata), (op.headers, op.metadata));
}

#[tokio::test]
async fn the_last_of_two_writers_wins_and_no_blob_is_lost() {
    let house = House::with_bucket("finance").await;
    house.put("key", &bytes(50_000)).await.unwrap();
    house.put("key", b"small").await.unwrap();
    assert_eq!(house.meta.count(b'd'), 1, "recorded in the same commit");
    house.put("key", &bytes(60_000)).await.unwrap();
    house.collect_all().await;
    house.assert_clean(1, 1);
    assert_eq!(house.get("key").await.unwrap(), bytes(60_000));
}

/// Every condition against a free key, the right object and another one.
#[tokio::test]
async fn a_write_happens_only_if_its_condition_holds() {
    #[derive(PartialEq, Debug)]
    enum Outcome {
        Done,
        Failed,
        Missing,
    }
    use Outcome::{Done, Failed, Missing};
    let right = WriteCondition::Matches(EtagMatch::parse("\"900150983cd24fb0d6963f7d28e17f72\""));
    let wrong = WriteCondition::Matches(EtagMatch::parse("\"x\""));
    let any = WriteCondition::Matches(EtagMatch::Any);
    for (condition, free, present) in [
        (WriteCondition::Always, Done, Done),
        (WriteCondition::Free, Done, Failed),
        (right, Missing, Done),
        (wrong, Missing, Failed),
        (any, Missing, Done),
    ] {
        for (before, expected) in [(None, free), (Some(b"abc"), present)] {
            let house = House::with_bucket("finance").await;
            if let Some(body) = before {
                house.put("key", body).await.unwrap();
            }
            let mut op = put("finance", "key");
            op.condition = condition.clone();
            let outcome = match house.put_as(op, &bytes(20_000)).await {
                Ok(_) => Done,
                Err(ObjectError::PreconditionFailed(_)) => Failed,
                Err(ObjectError::NoSuchKey) => Missing,
                Err(other) => panic!("{other}"),
            };
            assert_eq!(outcome, expected, "{condition:?} on {before:?}");
            house.collect_all().await;
            let kept = usize::from(outcome == Done);
            house.assert_clean(usize::from(before.is_some()).max(kept), kept);
        }
    }
}

#[tokio::test]
async fn a_condition_is_judged_in_the_commit_and_not_before_it() {
    let house = House::with_bucket("finance").await;
    let other = House::with_bucket("finance").await;
    other.put("key", b"theirs").await.unwrap();
    let theirs = other.meta.map.lock().unwrap().clone();
    // Somebody else's put lands after our condition was looked at and before our commit.
    house.meta.before_commits.lock().unwrap().push_back(Box::new(move |map| {
        map.extend(theirs.into_iter().filter(|(key, _)| key.first() == Some(&b'o')));
    }));
    let mut op = put("finance", "key");
    op.condition = WriteCondition::Free;
    let refused = house.put_as(op, b"ours").await;
    assert!(matches!(refused, Err(ObjectError::PreconditionFailed("If-None-Match"))));
    assert_eq!(house.get("key").await.unwrap(), b"theirs");
}

#[tokio::test]
async fn of_many_who_create_the_same_key_exactly_one_succeeds() {
    let house = House::with_bucket("finance").await;
    let writers = (0..20).map(|n| {
        let house = &house;
        async move {
            let mut op = put("finance", "key");
            op.condition = WriteCondition::Free;
            house.put_as(op, &bytes(17_000 + n)).await.is_ok()
        }
    });
    let won = futures_util::future::join_all(writers).await;
    assert_eq!(won.into_iter().filter(|won| *won).count(), 1);
    house.collect_all().await;
    house.assert_clean(1, 1);
}

#[tokio::test]
async fn of_many_who_write_the_same_key_unconditionally_everyone_succeeds() {
    let house = House::with_bucket("finance").await;
    // More than a writer who always loses would try.
    let writers = (0..100).map(|n| {
        let house = &house;
        async move { house.put("key", &bytes(n)).await.map(drop) }
    });
    for written in futures_util::future::join_all(writers).await {
        written.unwrap();
    }
    house.collect_all().await;
    house.assert_clean(1, 0);
}

#[tokio::test]
async fn deleting_is_idempotent_unless_a_tag_is_named() {
    let house = House::with_bucket("finance").await;
    let delete = async |if_match: Option<&str>| {
        let if_match = if_match.map(EtagMatch::parse);
        let op = DeleteObject { name: object("finance", "key"), if_match };
        house.objects.delete_object(house.permit(op, &alice()).await).await
    };
    delete(None).await.unwrap();
    assert!(delete(Some("*")).await.is_err());
    house.put("key", &bytes(30_000)).await.unwrap();
    assert!(matches!(delete(Some("\"x\"")).await, Err(ObjectError::PreconditionFailed(_))));
    delete(Some("*")).await.unwrap();
    delete(None).await.unwrap();
    assert!(matches!(house.get("key").await, Err(ObjectError::NoSuchKey)));
    house.collect_all().await;
    house.assert_clean(0, 0);
}

#[tokio::test]
async fn a_multi_delete_removes_what_is_allowed_and_nothing_else() {
    let house = House::with_bucket("finance").await;
    for key in ["a", "b", "c"] {
        house.put(key, b"x").await.unwrap();
    }
    let actor = user(
        account(1),
        r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::finance/b"}]}"#,
    );
    let item = |key: &str| DeleteObject { name: object("finance", key), if_match: None };
    let mut versioned = item("c");
    versioned.name.version = Some("null".parse().unwrap());
    let items = vec![item("a"), item("b"), versioned, item("missing"), item("a")];
    let envelope = DeleteObjects { bucket: bucket("finance") };
    let batch = house.batch(envelope, items, &actor).await;
    let refused: Vec<usize> = batch.refused().iter().map(|(place, _)| *place).collect();
    assert_eq!(refused, [1, 2], "b is denied, and a version needs DeleteObjectVersion");
    let objects = house.objects.clone();
    let done = tokio::spawn(async move { objects.delete_objects(batch).await }).await.unwrap();
    let places: Vec<usize> = done.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, [0, 3, 4]);
    assert!(done.iter().all(|(_, result)| result.is_ok()));
    assert!(house.get("a").await.is_err());
    assert!(house.get("b").await.is_ok() && house.get("c").await.is_ok());
}

#[tokio::test]
async fn tags_are_put_read_and_removed_without_touching_the_object() {
    let house = House::with_bucket("finance").await;
    house.put("key", b"abc").await.unwrap();
    let read = async || {
        let op = GetObjectTagging { name: object("finance", "key") };
        house.objects.get_object_tagging(house.permit(op, &alice()).await).await
    };
    assert!(read().await.unwrap().is_empty());
    house.clock.advance(60);
    let op = PutObjectTagging { name: object("finance", "key"), tags: tags("a=1&b=2") };
    house.objects.put_object_tagging(house.permit(op, &alice()).await).await.unwrap();
    assert_eq!(read().await.unwrap(), tags("a=1&b=2"));
    let mut facts = policy::facts::Facts::default();
    house.objects.facts(&object("finance", "key")).await.unwrap().tell(&mut facts.server);
    assert_eq!(facts.get("s3:ExistingObjectTag/a"), Some(&"1".into()));
    let head = house.objects.get_object(house.permit(get("finance", "key"), &alice()).await).await;
    let age = audit::Clock::now(house.clock.as_ref()).seconds();
    assert_eq!(head.unwrap().head.modified.seconds() + 60, age);
    let op = DeleteObjectTagging { name: object("finance", "key") };
    house.objects.delete_object_tagging(house.permit(op, &alice()).await).await.unwrap();
    assert!(read().await.unwrap().is_empty());
    let op = PutObjectTagging { name: object("finance", "missing"), tags: tags("a=1") };
    let missing = house.objects.put_object_tagging(house.permit(op, &alice()).await).await;
    assert!(matches!(missing, Err(ObjectError::NoSuchKey)));
}

#[tokio::test]
async fn keys_are_bytes_and_never_paths() {
    let house = House::with_bucket("finance").await;
    let keys = ["a", "a/", "a//b", "a/../b", "../a", "./a", "..", "%2F", "a%2Fb", "ü", "u\u{308}"];
    for key in keys {
        house.put(key, key.as_bytes()).await.unwrap();
    }
    for key in keys {
        assert_eq!(house.get(key).await.unwrap(), key.as_bytes());
    }
    house.assert_clean(keys.len(), 0);
}

#[tokio::test]
async fn a_damaged_record_is_an_error_and_never_a_missing_object() {
    let house = House::with_bucket("finance").await;
    house.put("key", b"abc").await.unwrap();
    for value in house.meta.map.lock().unwrap().values_mut() {
        *value = Bytes::from_static(b"\x09garbage");
    }
    assert!(matches!(house.get("key").await, Err(ObjectError::Store(_))));
    assert!(matches!(house.put("key", b"x").await, Err(ObjectError::Store(_))));
}
