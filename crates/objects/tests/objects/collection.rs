//! Collection: nothing in use is taken, nothing unused stays.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use strongroom_objects::ops::DeleteObject;
use strongroom_objects::{Collected, referenced_blobs};
use tokio::sync::Notify;

use crate::house::{House, alice, bytes, drain, get, object};
use crate::stores::Interlude;

#[tokio::test]
async fn a_blob_that_is_being_read_is_left_until_the_reader_is_done() {
    let house = House::with_bucket("finance").await;
    let body = bytes(500_000);
    house.put("key", &body).await.unwrap();
    let permit = house.permit(get("finance", "key"), &alice()).await;
    let mut stream = house.objects.get_object(permit).await.unwrap().stream;
    let mut read = stream.next().await.unwrap().unwrap().to_vec();
    house.put("key", b"new").await.unwrap();
    assert_eq!(house.collect().await, Collected::default());
    assert!(!house.objects.collectable().await.unwrap(), "nothing can be done now");
    read.extend(drain(stream).await.unwrap());
    assert_eq!(read, body);
    assert!(house.objects.collectable().await.unwrap());
    assert_eq!(house.collect().await.blobs, 1);
    assert!(!house.objects.collectable().await.unwrap());
    house.assert_clean(1, 0);
}

#[tokio::test]
async fn who_collects_is_told_when_a_blob_becomes_unused_and_not_when_none_does() {
    let house = House::with_bucket("finance").await;
    let told = || house.objects.unused().now_or_never().is_some();
    house.put("small", b"one").await.unwrap();
    house.put("small", b"two").await.unwrap();
    house.put("large", &bytes(100_000)).await.unwrap();
    assert!(!told(), "no blob was replaced");
    house.put("large", &bytes(100_001)).await.unwrap();
    assert!(told());
    assert!(!told(), "once");
    let op = DeleteObject { name: object("finance", "large"), if_match: None };
    house.objects.delete_object(house.permit(op, &alice()).await).await.unwrap();
    assert!(told());
    house.collect_all().await;
    house.assert_clean(1, 0);
}

#[tokio::test]
async fn a_blob_is_left_for_a_reader_who_saw_its_record_and_has_not_pinned_it_yet() {
    let house = House::with_bucket("finance").await;
    let body = bytes(100_000);
    house.put("key", &body).await.unwrap();
    let gate = Arc::new(Notify::new());
    *house.meta.gate.lock().unwrap() = Some(gate.clone());
    let permit = house.permit(get("finance", "key"), &alice()).await;
    let objects = house.objects.clone();
    let reading = tokio::spawn(async move { objects.get_object(permit).await });
    while house.meta.gate.lock().unwrap().is_some() {
        tokio::task::yield_now().await;
    }
    house.put("key", b"new").await.unwrap();
    for _ in 0..2 {
        assert_eq!(house.collect().await.blobs, 0, "somebody may have seen the old record");
    }
    gate.notify_one();
    let stream = reading.await.unwrap().unwrap().stream;
    assert_eq!(house.collect().await.blobs, 0, "and had");
    assert_eq!(drain(stream).await.unwrap(), body);
    house.collect_all().await;
    house.assert_clean(1, 0);
}

#[tokio::test]
async fn what_a_crash_left_is_found_from_its_records() {
    let house = House::with_bucket("finance").await;
    house.put("key", &bytes(20_000)).await.unwrap();
    // A crash after the blob and before the commit: an intent, and a blob that nothing refers to.
    let id = strongroom_objects::BlobId::from_random([0xee; 16]);
    house.blobs.map.lock().unwrap().insert(id, Bytes::from_static(b"orphan"));
    let intent = [b"i".as_slice(), id.as_bytes()].concat();
    house.meta.map.lock().unwrap().insert(intent, Bytes::from_static(&[1]));
    house.collect_all().await;
    house.assert_clean(1, 1);
    assert_eq!(house.get("key").await.unwrap(), bytes(20_000));
}

#[tokio::test]
async fn a_writer_whose_intent_was_taken_does_not_refer_to_a_blob_that_is_gone() {
    let house = House::with_bucket("finance").await;
    // The first commit is the intent's own; before the object's, the collector takes it.
    let steps: [Interlude; 2] =
        [Box::new(|_| ()), Box::new(|map| map.retain(|key, _| key.first() != Some(&b'i')))];
    house.meta.before_commits.lock().unwrap().extend(steps);
    let refused = house.put("key", &bytes(3 << 20)).await;
    assert!(matches!(refused, Err(strongroom_objects::ObjectError::Changed)), "{refused:?}");
    house.collect_all().await;
    house.assert_clean(0, 0);
}

#[tokio::test]
async fn many_overwritten_blobs_are_collected_in_several_rounds() {
    let house = House::with_bucket("finance").await;
    for _ in 0..20 {
        house.put("key", &bytes(17_000)).await.unwrap();
    }
    house.collect_all().await;
    house.assert_clean(1, 1);
}

#[tokio::test]
async fn every_record_that_is_written_can_be_read_whole_and_names_its_blobs() {
    let house = House::with_bucket("finance").await;
    house.put("small", b"x").await.unwrap();
    house.put("large", &bytes(20_000)).await.unwrap();
    house.put("gone", &bytes(30_000)).await.unwrap();
    house.put("gone", b"").await.unwrap();
    let op = strongroom_objects::ops::CreateMultipartUpload {
        bucket: crate::house::bucket("finance"),
        key: crate::house::key("key"),
        headers: Default::default(),
        metadata: Default::default(),
        tags: None,
        acl: None,
        algorithm: None,
        kind: None,
    };
    let permit = house.permit(op, &alice()).await;
    let upload = house.objects.create_multipart_upload(permit).await.unwrap().upload;
    let op = strongroom_objects::ops::UploadPart {
        bucket: crate::house::bucket("finance"),
        key: crate::house::key("key"),
        upload,
        part: strongroom_objects::PartNumber::new(1).unwrap(),
        declared: Default::default(),
    };
    let permit = house.permit(op, &alice()).await;
    let body = crate::house::incoming(&bytes(40_000));
    house.objects.upload_part(permit, body).await.unwrap();
    let map = house.meta.map.lock().unwrap().clone();
    let named: Vec<_> =
        map.iter().flat_map(|(key, value)| referenced_blobs(key, value).unwrap()).collect();
    assert_eq!(named.len(), 2, "an object's and a part's");
    let blobs = house.blobs.map.lock().unwrap();
    assert!(named.iter().all(|blob| blobs.contains_key(blob)));
    for (key, value) in &map {
        assert!(referenced_blobs(key, &value[..value.len() - 1]).is_err(), "cut short: {key:?}");
    }
}
