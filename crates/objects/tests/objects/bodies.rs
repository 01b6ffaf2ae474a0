//! Bodies: what was declared must be what arrives, or nothing is stored.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use md5::{Digest as _, Md5};
use names::{Checksum, ChecksumAlgorithm};
use strongroom_objects::ops::Declared;
use strongroom_objects::{
    BodyError, BodyProof, EntityTags, INLINE_BYTES_MAX, IncomingBody, ObjectError, StoreError,
    read_whole,
};

use crate::house::{House, alice, bytes, incoming, put};

fn checksum(algorithm: ChecksumAlgorithm, text: &str) -> Checksum {
    Checksum::parse(algorithm, text).unwrap()
}

/// `123456789`, the check string of the CRC catalogue.
const DIGITS: &[u8] = b"123456789";

#[tokio::test]
async fn a_body_is_kept_inline_up_to_the_limit_and_in_a_blob_past_it() {
    let house = House::with_bucket("finance").await;
    let small = bytes(INLINE_BYTES_MAX);
    house.put("small", &small).await.unwrap();
    assert_eq!(house.blob_count(), 0);
    let large = bytes(INLINE_BYTES_MAX + 1);
    house.put("large", &large).await.unwrap();
    assert_eq!(house.blob_count(), 1);
    assert_eq!(house.get("small").await.unwrap(), small);
    assert_eq!(house.get("large").await.unwrap(), large);
    house.assert_clean(2, 1);
}

#[tokio::test]
async fn bodies_of_every_awkward_size_come_back_as_they_were() {
    let house = House::with_bucket("finance").await;
    for size in [0, 1, 40_009, 1 << 20, (1 << 20) + 1, 3 * (1 << 20) + 7] {
        let body = bytes(size);
        let stored = house.put("key", &body).await.unwrap();
        assert_eq!(stored.size, u64::try_from(size).unwrap());
        assert_eq!(house.get("key").await.unwrap(), body, "{size}");
    }
}

#[tokio::test]
async fn the_tag_is_the_md5_and_the_checksum_crc64nvme_unless_another_is_asked_for() {
    let house = House::with_bucket("finance").await;
    let stored = house.put("key", DIGITS).await.unwrap();
    assert_eq!(stored.etag.as_str(), "25f9e794323b453885f5181f1b624d0b");
    let checksum = &stored.checksum.checksum;
    assert_eq!(checksum.algorithm(), ChecksumAlgorithm::Crc64Nvme);
    assert_eq!(hex::encode(checksum.value()), "ae8b14860a799888");
    let mut op = put("finance", "key");
    op.declared.algorithm = Some(ChecksumAlgorithm::Crc32);
    let stored = house.put_as(op, DIGITS).await.unwrap();
    assert_eq!(stored.checksum.text(), "y/Q5Jg==");
}

#[tokio::test]
async fn an_opaque_tag_is_no_md5_and_another_for_every_write_of_the_same_bytes() {
    let house = House::with("us-east-1", EntityTags::Opaque).await;
    house.create("finance", &alice()).await.unwrap();
    for length in [9, INLINE_BYTES_MAX + 1] {
        let body = bytes(length);
        let first = house.put("key", &body).await.unwrap().etag;
        assert!(first.as_str().len() == 34 && first.as_str().ends_with("-1"), "{first:?}");
        assert_ne!(house.put("key", &body).await.unwrap().etag, first);
        assert_eq!(house.get("key").await.unwrap(), body);
    }
    let checksum = house.put("key", DIGITS).await.unwrap().checksum.checksum;
    assert_eq!(hex::encode(checksum.value()), "ae8b14860a799888");
}

#[tokio::test]
async fn an_md5_that_a_request_brings_is_compared_though_tags_are_opaque() {
    let house = House::with("us-east-1", EntityTags::Opaque).await;
    house.create("finance", &alice()).await.unwrap();
    for length in [9, INLINE_BYTES_MAX + 1] {
        let body = bytes(length);
        let right: [u8; 16] = Md5::digest(&body).into();
        for (md5, taken) in [(right, true), ([7; 16], false)] {
            let mut op = put("finance", "key");
            op.declared = Declared { md5: Some(md5), ..Declared::default() };
            match house.put_as(op, &body).await {
                Ok(stored) => assert!(taken && stored.etag.as_str().ends_with("-1")),
                Err(error) => assert!(!taken && matches!(error, ObjectError::Md5Mismatch)),
            }
        }
    }
}

#[tokio::test]
async fn every_declared_digest_is_compared() {
    let house = House::with_bucket("finance").await;
    let md5 = hex::decode("25f9e794323b453885f5181f1b624d0b").unwrap();
    let md5: [u8; 16] = md5.try_into().unwrap();
    let crc = checksum(ChecksumAlgorithm::Crc32, "y/Q5Jg==");
    let good = Declared { md5: Some(md5), checksum: Some(crc.clone()), ..Declared::default() };
    let mut op = put("finance", "key");
    op.declared = good.clone();
    house.put_as(op, DIGITS).await.unwrap();
    for length in [9, INLINE_BYTES_MAX + 1] {
        let body = bytes(length);
        let mut op = put("finance", "bad");
        op.declared = Declared { md5: Some(md5), ..Declared::default() };
        let refused = house.put_as(op, &body).await;
        assert!(matches!(refused, Err(ObjectError::Md5Mismatch)));
        let mut op = put("finance", "bad");
        op.declared = Declared { checksum: Some(crc.clone()), ..Declared::default() };
        let refused = house.put_as(op, &body).await;
        assert!(matches!(refused, Err(ObjectError::ChecksumMismatch(ChecksumAlgorithm::Crc32))));
    }
    house.assert_clean(1, 0);
}

#[tokio::test]
async fn a_trailer_is_compared_when_it_arrives_and_missed_when_it_does_not() {
    let house = House::with_bucket("finance").await;
    let send = async |sent: Option<&str>| {
        let mut op = put("finance", "key");
        op.declared.trailer = Some(ChecksumAlgorithm::Crc32);
        let body = incoming(DIGITS);
        if let Some(sent) = sent {
            body.trailer.declare(checksum(ChecksumAlgorithm::Crc32, sent));
        }
        let permit = house.permit(op, &alice()).await;
        house.objects.put_object(permit, body).await
    };
    assert!(matches!(send(None).await, Err(ObjectError::TrailerMissing(_))));
    assert!(matches!(send(Some("AAAAAA==")).await, Err(ObjectError::ChecksumMismatch(_))));
    house.assert_clean(0, 0);
    assert_eq!(send(Some("y/Q5Jg==")).await.unwrap().checksum.text(), "y/Q5Jg==");
}

#[tokio::test]
async fn a_body_that_is_short_long_unproven_or_cut_off_leaves_nothing() {
    let house = House::with_bucket("finance").await;
    for length in [100, 3 << 20] {
        let body = bytes(length);
        let length = u64::try_from(length).unwrap();
        for declared in [length - 1, length + 1] {
            let incoming = IncomingBody { length: Some(declared), ..incoming(&body) };
            let permit = house.permit(put("finance", "key"), &alice()).await;
            let refused = house.objects.put_object(permit, incoming).await;
            assert!(matches!(refused, Err(ObjectError::Body(BodyError::Length { .. }))));
        }
        for fault in [
            || BodyError::Unproven(BodyProof::ChunkSignature),
            || BodyError::Malformed,
            || BodyError::Connection(std::io::ErrorKind::ConnectionReset.into()),
        ] {
            let chunks = vec![Ok(Bytes::from(body.clone())), Err(fault())];
            let stream = Box::pin(futures_util::stream::iter(chunks));
            let incoming = IncomingBody { stream, length: None, trailer: Default::default() };
            let permit = house.permit(put("finance", "key"), &alice()).await;
            let refused = house.objects.put_object(permit, incoming).await;
            assert!(matches!(refused, Err(ObjectError::Body(_))));
        }
    }
    house.assert_clean(0, 0);
    house.put("key", b"a whole body").await.unwrap();
}

#[tokio::test]
async fn an_upload_that_is_dropped_midway_is_collected() {
    let house = House::with_bucket("finance").await;
    let first = Ok(Bytes::from(bytes(2 << 20)));
    let endless = futures_util::StreamExt::chain(
        futures_util::stream::iter([first]),
        futures_util::stream::pending(),
    );
    let incoming =
        IncomingBody { stream: Box::pin(endless), length: None, trailer: Default::default() };
    let permit = house.permit(put("finance", "key"), &alice()).await;
    {
        let mut upload = Box::pin(house.objects.put_object(permit, incoming));
        while house.meta.count(b'i') == 0 {
            tokio::select! {
                biased;
                _ = &mut upload => panic!("it ended"),
                () = tokio::task::yield_now() => {}
            }
        }
        house.collect().await;
        assert_eq!(house.meta.count(b'i'), 1, "a living upload is left alone");
    }
    house.collect_all().await;
    house.assert_clean(0, 0);
}

#[tokio::test]
async fn a_full_disk_refuses_large_bodies_and_tears_nothing() {
    let house = House::with_bucket("finance").await;
    house.put("old", &bytes(1 << 20)).await.unwrap();
    house.fill_disk();
    let refused = house.put("old", &bytes(2 << 20)).await;
    assert!(matches!(refused, Err(ObjectError::Store(StoreError::Full))));
    assert_eq!(house.get("old").await.unwrap(), bytes(1 << 20));
    house.blobs.full.store(false, Ordering::Relaxed);
    house.put("old", &bytes(2 << 20)).await.unwrap();
    house.collect_all().await;
    house.assert_clean(1, 1);
}

#[tokio::test]
async fn a_document_is_read_up_to_its_limit_and_not_past_it() {
    let declared = Declared::default();
    let read = async |length: usize| read_whole(incoming(&bytes(length)), &declared, 100).await;
    assert_eq!(read(100).await.unwrap().unwrap().len(), 100);
    assert!(read(101).await.unwrap().is_none());
    let declared = Declared { md5: Some([0; 16]), ..Declared::default() };
    let refused = read_whole(incoming(b"x"), &declared, 100).await;
    assert!(matches!(refused, Err(ObjectError::Md5Mismatch)));
}
