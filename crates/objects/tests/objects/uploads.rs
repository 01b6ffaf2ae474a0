//! Multipart uploads.

use names::{Checksum, ChecksumAlgorithm, ChecksumKind, UploadId};
use strongroom_objects::ops::{
    AbortMultipartUpload, Attributes, CompleteMultipartUpload, CompletedPart,
    CreateMultipartUpload, Declared, GetObjectAttributes, ListMultipartUploads, ListParts,
    SystemHeaders, UploadPart, UploadPartCopy, UserMetadata,
};
use strongroom_objects::{
    ByteRange, EntityTags, ObjectError, PART_BYTES_MIN, PARTS_MAX, PartNumber, ReadConditions,
    Stored, StoredPart, UploadBegun, WriteCondition,
};

use crate::house::{House, alice, bucket, bytes, drain, get, incoming, key, object};

fn number(number: u16) -> PartNumber {
    PartNumber::new(u64::from(number)).unwrap()
}

fn least() -> usize {
    usize::try_from(PART_BYTES_MIN).unwrap()
}

async fn begin(
    house: &House,
    name: &str,
    algorithm: Option<ChecksumAlgorithm>,
    kind: Option<ChecksumKind>,
) -> UploadBegun {
    let op = CreateMultipartUpload {
        bucket: bucket("finance"),
        key: key(name),
        headers: SystemHeaders { content_type: Some("text/x".into()), ..Default::default() },
        metadata: UserMetadata::default(),
        tags: None,
        acl: None,
        algorithm,
        kind,
    };
    house.objects.create_multipart_upload(house.permit(op, &alice()).await).await.unwrap()
}

fn part(upload: &UploadId, part: u16) -> UploadPart {
    UploadPart {
        bucket: bucket("finance"),
        key: key("key"),
        upload: upload.clone(),
        part: number(part),
        declared: Declared::default(),
    }
}

async fn send(house: &House, upload: &UploadId, n: u16, body: &[u8]) -> StoredPart {
    let permit = house.permit(part(upload, n), &alice()).await;
    house.objects.upload_part(permit, incoming(body)).await.unwrap()
}

fn complete(upload: &UploadId, parts: &[StoredPart]) -> CompleteMultipartUpload {
    let named = |part: &StoredPart| CompletedPart {
        number: part.number,
        etag: part.etag.to_string(),
        checksum: Some(part.checksum.clone()),
    };
    CompleteMultipartUpload {
        bucket: bucket("finance"),
        key: key("key"),
        upload: upload.clone(),
        parts: parts.iter().map(named).collect(),
        checksum: None,
        kind: None,
        size: None,
        condition: WriteCondition::Always,
    }
}

async fn finish(house: &House, op: CompleteMultipartUpload) -> Result<Stored, ObjectError> {
    house.objects.complete_multipart_upload(house.permit(op, &alice()).await).await
}

#[tokio::test]
async fn parts_become_one_object_in_the_order_of_their_numbers() {
    let house = House::with_bucket("finance").await;
    let upload = begin(&house, "key", None, None).await.upload;
    let (first, second, last) = (bytes(least()), bytes(least() + 1), bytes(77));
    // Sent out of order, one of them twice, one that is not used.
    let last_part = send(&house, &upload, 9, &last).await;
    send(&house, &upload, 2, b"replaced").await;
    let second_part = send(&house, &upload, 2, &second).await;
    send(&house, &upload, 5, &bytes(40_000)).await;
    let first_part = send(&house, &upload, 1, &first).await;
    let sums = [first_part.checksum.clone(), second_part.checksum.clone()];
    let op = complete(&upload, &[first_part, second_part, last_part]);
    let stored = finish(&house, op.clone()).await.unwrap();
    assert!(stored.etag.as_str().ends_with("-3"));
    let whole = [first, second, last].concat();
    assert_eq!(house.get("key").await.unwrap(), whole);
    house.collect_all().await;
    house.assert_clean(1, 2);
    assert_eq!((house.meta.count(b'u'), house.meta.count(b'p')), (0, 0));
    assert_eq!(house.get("key").await.unwrap(), whole, "collection took nothing that is used");
    assert_eq!(finish(&house, op).await.unwrap(), stored, "completing again answers the same");
    for ((n, from, to), sum) in
        [(1, 0, least()), (2, least(), 2 * least() + 1)].into_iter().zip(sums)
    {
        let mut op = get("finance", "key");
        op.part = Some(number(n));
        let body = house.objects.get_object(house.permit(op, &alice()).await).await.unwrap();
        assert_eq!(body.head.parts, Some(3));
        assert_eq!(body.head.part_checksum.map(|told| told.text()), Some(sum.to_base64()));
        assert_eq!(drain(body.stream).await.unwrap(), whole[from..to]);
    }
    let mut op = get("finance", "key");
    let (from, to) = (least() - 3, 2 * least() + 4);
    op.range = ByteRange::parse(&format!("bytes={from}-{}", to - 1));
    let body = house.objects.get_object(house.permit(op, &alice()).await).await.unwrap();
    assert_eq!(drain(body.stream).await.unwrap(), whole[from..to], "across all three parts");
}

#[tokio::test]
async fn checksums_are_composed_as_the_kind_says() {
    use ChecksumAlgorithm::{Crc32, Crc32C, Crc64Nvme, Sha1, Sha256};
    use ChecksumKind::{Composite, FullObject};
    let whole = bytes(least() + 100);
    for (algorithm, kind) in [
        (Crc64Nvme, FullObject),
        (Crc32, FullObject),
        (Crc32C, FullObject),
        (Crc32, Composite),
        (Sha1, Composite),
        (Sha256, Composite),
    ] {
        let house = House::with_bucket("finance").await;
        let begun = begin(&house, "key", Some(algorithm), Some(kind)).await;
        assert_eq!((begun.algorithm, begun.kind), (algorithm, kind));
        let one = send(&house, &begun.upload, 1, &whole[..least()]).await;
        let two = send(&house, &begun.upload, 2, &whole[least()..]).await;
        // The plain put of what the checksum covers tells what it must be.
        let covered = match kind {
            FullObject => whole.clone(),
            Composite => [one.checksum.value(), two.checksum.value()].concat(),
        };
        let mut plain = crate::house::put("finance", "plain");
        plain.declared.algorithm = Some(algorithm);
        let expected = house.put_as(plain, &covered).await.unwrap().checksum.checksum;
        let mut op = complete(&begun.upload, &[one, two]);
        op.checksum = Some(Checksum::new(algorithm, vec![0; algorithm.bytes()]).unwrap());
        let wrong = finish(&house, op.clone()).await;
        assert!(matches!(wrong, Err(ObjectError::ChecksumMismatch(_))), "{algorithm}");
        op.checksum = Some(expected.clone());
        let stored = finish(&house, op).await.unwrap();
        assert_eq!(stored.checksum.checksum, expected, "{algorithm} {kind:?}");
        assert_eq!(stored.checksum.text().ends_with("-2"), kind == Composite);
    }
}

#[tokio::test]
async fn a_part_must_have_the_least_size_unless_it_is_the_last() {
    for (short, fits) in [(0, true), (1, false)] {
        let house = House::with_bucket("finance").await;
        let upload = begin(&house, "key", None, None).await.upload;
        let one = send(&house, &upload, 1, &bytes(least() - short)).await;
        let two = send(&house, &upload, 2, b"").await;
        match finish(&house, complete(&upload, &[one, two])).await {
            Ok(_) => assert!(fits),
            Err(ObjectError::TooSmall { part, .. }) => assert!(!fits && part == number(1)),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn parts_that_are_missing_wrong_or_out_of_order_are_refused_and_the_upload_stays() {
    let house = House::with_bucket("finance").await;
    let upload = begin(&house, "key", None, None).await.upload;
    let one = send(&house, &upload, 1, &bytes(least())).await;
    let two = send(&house, &upload, 2, b"end").await;
    let good = complete(&upload, &[one.clone(), two.clone()]);
    let refuse = async |op: CompleteMultipartUpload| finish(&house, op).await.unwrap_err();
    let order = complete(&upload, &[two.clone(), one.clone()]);
    assert!(matches!(refuse(order).await, ObjectError::PartOrder));
    let twice = complete(&upload, &[one.clone(), one.clone()]);
    assert!(matches!(refuse(twice).await, ObjectError::PartOrder));
    assert!(matches!(refuse(complete(&upload, &[])).await, ObjectError::NoParts));
    let mut other = good.clone();
    other.parts[1].etag = "x".into();
    assert!(matches!(refuse(other).await, ObjectError::InvalidPart(n) if n == number(2)));
    let mut missing = good.clone();
    missing.parts[1].number = number(3);
    assert!(matches!(refuse(missing).await, ObjectError::InvalidPart(n) if n == number(3)));
    let mut sum = good.clone();
    sum.parts[0].checksum = sum.parts[1].checksum.clone();
    assert!(matches!(refuse(sum).await, ObjectError::InvalidPart(n) if n == number(1)));
    let size = CompleteMultipartUpload { size: Some(1), ..good.clone() };
    assert!(matches!(refuse(size).await, ObjectError::Size { .. }));
    let kind = CompleteMultipartUpload { kind: Some(ChecksumKind::Composite), ..good.clone() };
    assert!(matches!(refuse(kind).await, ObjectError::ChecksumKind { .. }));
    let unknown = CompleteMultipartUpload { upload: "x".parse().unwrap(), ..good.clone() };
    assert!(matches!(refuse(unknown).await, ObjectError::NoSuchUpload));
    assert!(matches!(house.get("key").await, Err(ObjectError::NoSuchKey)));
    let size = Some(PART_BYTES_MIN + 3);
    finish(&house, CompleteMultipartUpload { size, ..good }).await.unwrap();
}

#[tokio::test]
async fn a_part_that_is_replaced_while_its_upload_completes_is_never_half_used() {
    let house = House::with_bucket("finance").await;
    let upload = begin(&house, "key", None, None).await.upload;
    let one = send(&house, &upload, 1, &bytes(100_000)).await;
    let before = house.meta.map.lock().unwrap().clone();
    let other = send(&house, &upload, 1, &bytes(200_000)).await;
    let after = house.meta.map.lock().unwrap().clone();
    *house.meta.map.lock().unwrap() = before;
    // The other part lands between the look at the parts and the commit.
    house.meta.before_commits.lock().unwrap().push_back(Box::new(move |map| *map = after));
    let refused = finish(&house, complete(&upload, &[one])).await;
    assert!(matches!(refused, Err(ObjectError::Changed)));
    finish(&house, complete(&upload, &[other])).await.unwrap();
    house.collect_all().await;
    assert_eq!(house.get("key").await.unwrap(), bytes(200_000));
    house.assert_clean(1, 1);
}

#[tokio::test]
async fn completing_may_be_conditional() {
    let house = House::with_bucket("finance").await;
    let upload = begin(&house, "key", None, None).await.upload;
    let one = send(&house, &upload, 1, b"new").await;
    house.put("key", b"old").await.unwrap();
    let mut op = complete(&upload, &[one]);
    op.condition = WriteCondition::Free;
    let refused = finish(&house, op.clone()).await;
    assert!(matches!(refused, Err(ObjectError::PreconditionFailed(_))));
    assert_eq!(house.get("key").await.unwrap(), b"old");
    op.condition = WriteCondition::Matches(strongroom_objects::EtagMatch::Any);
    finish(&house, op).await.unwrap();
    assert_eq!(house.get("key").await.unwrap(), b"new");
}

#[tokio::test]
async fn a_part_declares_the_uploads_algorithm_if_one_was_asked_for() {
    let house = House::with_bucket("finance").await;
    let sum = Checksum::parse(ChecksumAlgorithm::Crc32, "y/Q5Jg==").unwrap();
    let declared = Declared { checksum: Some(sum.clone()), ..Declared::default() };
    let asked = begin(&house, "key", Some(ChecksumAlgorithm::Sha256), None).await.upload;
    let op = UploadPart { declared: declared.clone(), ..part(&asked, 1) };
    let permit = house.permit(op, &alice()).await;
    let refused = house.objects.upload_part(permit, incoming(b"123456789")).await;
    assert!(matches!(refused, Err(ObjectError::ChecksumAlgorithm { .. })));
    let free = begin(&house, "key", None, None).await.upload;
    let op = UploadPart { declared, ..part(&free, 1) };
    let permit = house.permit(op.clone(), &alice()).await;
    let stored = house.objects.upload_part(permit, incoming(b"123456789")).await.unwrap();
    assert_eq!(stored.checksum, sum);
    let permit = house.permit(op, &alice()).await;
    let wrong = house.objects.upload_part(permit, incoming(b"12345678x")).await;
    assert!(matches!(wrong, Err(ObjectError::ChecksumMismatch(_))));
    let whole = finish(&house, complete(&free, &[stored])).await.unwrap();
    assert_eq!(hex::encode(whole.checksum.checksum.value()), "ae8b14860a799888");
}

#[tokio::test]
async fn an_aborted_upload_is_gone_with_all_its_parts() {
    let house = House::with_bucket("finance").await;
    let upload = begin(&house, "key", None, None).await.upload;
    let one = send(&house, &upload, 1, &bytes(100_000)).await;
    let abort = || AbortMultipartUpload {
        bucket: bucket("finance"),
        key: key("key"),
        upload: upload.clone(),
    };
    let late = house.permit(part(&upload, 2), &alice()).await;
    house.objects.abort_multipart_upload(house.permit(abort(), &alice()).await).await.unwrap();
    let again = house.objects.abort_multipart_upload(house.permit(abort(), &alice()).await).await;
    assert!(matches!(again, Err(ObjectError::NoSuchUpload)));
    let late = house.objects.upload_part(late, incoming(&bytes(100_000))).await;
    assert!(matches!(late, Err(ObjectError::NoSuchUpload)));
    let done = finish(&house, complete(&upload, &[one])).await;
    assert!(matches!(done, Err(ObjectError::NoSuchUpload)));
    house.collect_all().await;
    house.assert_clean(0, 0);
    assert_eq!(house.meta.count(b'p'), 0);
}

#[tokio::test]
async fn a_part_that_arrives_while_its_upload_ends_is_refused_and_leaves_nothing() {
    let house = House::with_bucket("finance").await;
    let upload = begin(&house, "key", None, None).await.upload;
    let permit = house.permit(part(&upload, 1), &alice()).await;
    house.meta.before_commits.lock().unwrap().push_back(Box::new(|map| {
        map.retain(|key, _| key.first() != Some(&b'u'));
    }));
    let late = house.objects.upload_part(permit, incoming(b"x")).await;
    assert!(matches!(late, Err(ObjectError::NoSuchUpload)));
    assert_eq!(house.meta.count(b'p'), 0);
}

#[tokio::test]
async fn an_upload_is_found_only_under_its_own_key() {
    let house = House::with_bucket("finance").await;
    let upload = begin(&house, "other", None, None).await.upload;
    let permit = house.permit(part(&upload, 1), &alice()).await;
    let refused = house.objects.upload_part(permit, incoming(b"x")).await;
    assert!(matches!(refused, Err(ObjectError::NoSuchUpload)));
}

#[tokio::test]
async fn a_part_may_be_copied_from_a_range_that_lies_within_its_source() {
    let house = House::with_bucket("finance").await;
    let body = bytes(100_000);
    house.put("from", &body).await.unwrap();
    let upload = begin(&house, "key", None, None).await.upload;
    let copy = async |range: Option<&str>| {
        let op = UploadPartCopy {
            source: object("finance", "from"),
            range: range.map(|range| ByteRange::parse(range).unwrap()),
            source_conditions: ReadConditions::default(),
            bucket: bucket("finance"),
            key: key("key"),
            upload: upload.clone(),
            part: number(1),
        };
        house.objects.upload_part_copy(house.permit(op, &alice()).await).await
    };
    assert_eq!(copy(None).await.unwrap().size, 100_000);
    assert!(matches!(copy(Some("bytes=0-100000")).await, Err(ObjectError::CopyRange { .. })));
    assert!(matches!(copy(Some("bytes=5-")).await, Err(ObjectError::CopyRange { .. })));
    let one = copy(Some("bytes=50-99999")).await.unwrap();
    finish(&house, complete(&upload, &[one])).await.unwrap();
    assert_eq!(house.get("key").await.unwrap(), body[50..]);
    house.collect_all().await;
    house.assert_clean(2, 2);
}

#[tokio::test]
async fn parts_and_attributes_are_listed_page_by_page() {
    let house = House::with_bucket("finance").await;
    let upload = begin(&house, "key", None, None).await.upload;
    let mut sent = Vec::new();
    for n in [1, 3, PARTS_MAX] {
        let size = if n == PARTS_MAX { 3 } else { least() };
        sent.push(send(&house, &upload, n, &bytes(size)).await);
    }
    let list = async |marker: u16, max: usize| {
        let op = ListParts {
            bucket: bucket("finance"),
            key: key("key"),
            upload: upload.clone(),
            part_marker: marker,
            max_parts: max,
        };
        house.objects.list_parts(house.permit(op, &alice()).await).await.unwrap()
    };
    let page = list(0, 2).await;
    assert_eq!((page.parts.as_slice(), page.truncated), (&sent[..2], true));
    let page = list(3, 2).await;
    assert_eq!((page.parts.as_slice(), page.truncated), (&sent[2..], false));
    assert!(list(PARTS_MAX, 2).await.parts.is_empty() && list(65_535, 2).await.parts.is_empty());
    assert_eq!(page.initiator.0, "arn:aws:iam::000000000001:user/alice");
    finish(&house, complete(&upload, &sent)).await.unwrap();
    let attributes = async |marker: u16| {
        let op = GetObjectAttributes {
            name: object("finance", "key"),
            attributes: Attributes::default(),
            part_marker: marker,
            max_parts: 2,
        };
        house.objects.get_object_attributes(house.permit(op, &alice()).await).await.unwrap()
    };
    let page = attributes(0).await;
    assert_eq!((page.parts.len(), page.truncated, page.head.parts), (2, true, Some(3)));
    assert_eq!(page.parts[1].number, 3);
    assert_eq!(page.parts[0].checksum.as_ref(), Some(&sent[0].checksum));
    assert_eq!(attributes(3).await.parts.len(), 1);
}

#[tokio::test]
async fn uploads_are_listed_by_key_and_time_and_rolled_up() {
    let house = House::with_bucket("finance").await;
    let mut begun = Vec::new();
    for name in ["a", "a", "a", "b/1", "b/2", "c"] {
        begun.push((name.to_owned(), begin(&house, name, None, None).await.upload));
        house.clock.advance(1);
    }
    let list = async |delimiter: &str, marker: (String, Option<UploadId>), max: usize| {
        let op = ListMultipartUploads {
            bucket: bucket("finance"),
            prefix: String::new(),
            delimiter: delimiter.into(),
            key_marker: marker.0,
            upload_marker: marker.1,
            max_uploads: max,
        };
        house.objects.list_multipart_uploads(house.permit(op, &alice()).await).await.unwrap()
    };
    for max in 1..=7 {
        let (mut marker, mut seen) = ((String::new(), None), Vec::new());
        loop {
            let page = list("", marker, max).await;
            seen.extend(page.uploads.into_iter().map(|u| (u.key.to_string(), u.upload)));
            match page.next {
                Some(next) => marker = next,
                None => break,
            }
        }
        assert_eq!(seen, begun, "{max} at a time");
        let (mut marker, mut uploads, mut groups) = ((String::new(), None), 0, Vec::new());
        loop {
            let page = list("/", marker, max).await;
            uploads += page.uploads.len();
            groups.extend(page.common_prefixes);
            match page.next {
                Some(next) => marker = next,
                None => break,
            }
        }
        assert_eq!((uploads, groups), (4, vec!["b/".to_owned()]), "{max} at a time");
    }
    let page = list("", ("a".into(), None), 10).await;
    assert_eq!(page.uploads.len(), 3, "a key marker passes all uploads of the key");
}

#[tokio::test]
async fn parts_with_opaque_tags_become_an_object() {
    let house = House::with("us-east-1", EntityTags::Opaque).await;
    house.create("finance", &alice()).await.unwrap();
    let upload = begin(&house, "key", None, None).await.upload;
    let one = send(&house, &upload, 1, &bytes(least())).await;
    let two = send(&house, &upload, 2, b"end").await;
    assert!(two.etag.as_str().ends_with("-1"));
    let mut wrong = complete(&upload, &[one.clone(), two.clone()]);
    wrong.parts[1].etag = one.etag.as_str().to_owned();
    assert!(finish(&house, wrong).await.is_err());
    let done = finish(&house, complete(&upload, &[one, two])).await.unwrap();
    assert!(done.etag.as_str().ends_with("-2"));
}
