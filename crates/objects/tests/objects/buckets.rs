//! Buckets: their life, their tags, their policy.

use identity::Ownership;
use names::Revision;
use policy::facts::Facts;
use strongroom_objects::ops::{
    CannedAcl, ConfirmSelfLockout, CreateBucket, CreateMultipartUpload, DeleteBucket,
    DeleteBucketPolicy, DeleteBucketTagging, DeletePublicAccessBlock, GetBucketAcl,
    GetBucketLocation, GetBucketOwnershipControls, GetBucketPolicy, GetBucketPolicyStatus,
    GetBucketTagging, GetBucketVersioning, GetPublicAccessBlock, HeadBucket, ListBuckets,
    PutBucketPolicy, PutBucketTagging, PutPublicAccessBlock, SentAcl, SystemHeaders, UserMetadata,
};
use strongroom_objects::{ObjectError, PolicyStatus, TagSet};

use crate::house::{ALL, House, account, alice, bucket, bytes, incoming, key, put, user};

async fn delete(house: &House, name: &str) -> Result<(), ObjectError> {
    let op = DeleteBucket { bucket: bucket(name) };
    house.objects.delete_bucket(house.permit(op, &alice()).await).await
}

#[tokio::test]
async fn a_name_belongs_to_the_account_that_took_it_first() {
    let house = House::new().await;
    house.create("finance", &alice()).await.unwrap();
    let stranger = house.create("finance", &user(account(2), ALL)).await;
    assert!(matches!(stranger, Err(ObjectError::BucketTaken(_))));
}

#[tokio::test]
async fn an_account_may_make_its_bucket_again_where_aws_lets_it() {
    for (region, allowed) in [("us-east-1", true), ("eu-west-1", false)] {
        let house = House::in_region(region).await;
        house.create("finance", &alice()).await.unwrap();
        house.put("key", b"x").await.unwrap();
        let again = house.create("finance", &alice()).await;
        assert_eq!(again.is_ok(), allowed, "{region}: {again:?}");
        assert!(allowed || matches!(again, Err(ObjectError::BucketOwned(_))));
        assert_eq!(house.get("key").await.unwrap(), b"x");
    }
}

#[tokio::test]
async fn a_bucket_that_is_made_again_takes_no_wishes() {
    let house = House::with_bucket("finance").await;
    let plain = CreateBucket {
        bucket: bucket("finance"),
        location: None,
        acl: None,
        ownership: None,
        tags: TagSet::default(),
    };
    let create = async |op: CreateBucket| {
        house.objects.create_bucket(house.permit(op, &alice()).await).await
    };
    create(plain.clone()).await.unwrap();
    let tags = TagSet::bucket(vec![("a".into(), "b".into())]).unwrap();
    for asking in [
        CreateBucket { acl: Some(SentAcl::Canned(CannedAcl::Private)), ..plain.clone() },
        CreateBucket { ownership: Some(Ownership::ObjectWriter), ..plain.clone() },
        CreateBucket { tags, ..plain },
    ] {
        let again = create(asking).await;
        assert!(matches!(again, Err(ObjectError::BucketOwned(_))), "{again:?}");
    }
}

#[tokio::test]
async fn a_bucket_is_made_in_the_region_served_or_not_at_all() {
    let house = House::new().await;
    let create = async |location: &str| {
        let op = CreateBucket {
            bucket: bucket("finance"),
            location: Some(location.into()),
            acl: None,
            ownership: None,
            tags: TagSet::bucket(vec![("a".into(), "b".into())]).unwrap(),
        };
        house.objects.create_bucket(house.permit(op, &alice()).await).await
    };
    assert!(matches!(create("eu-west-1").await, Err(ObjectError::Location { .. })));
    create("us-east-1").await.unwrap();
    let op = GetBucketTagging { bucket: bucket("finance") };
    let tags = house.objects.get_bucket_tagging(house.permit(op, &alice()).await).await;
    assert_eq!(tags.unwrap().get("a"), Some("b"));
    let op = GetBucketLocation { bucket: bucket("finance") };
    let location = house.objects.get_bucket_location(house.permit(op, &alice()).await).await;
    assert_eq!(location.unwrap(), "us-east-1");
}

#[tokio::test]
async fn an_account_lists_its_own_buckets_page_by_page() {
    let house = House::new().await;
    for name in ["bbb", "aaa", "abc"] {
        house.create(name, &alice()).await.unwrap();
    }
    house.create("aab", &user(account(2), ALL)).await.unwrap();
    let list = async |prefix: &str, token: Option<String>, max: usize| {
        let op = ListBuckets { prefix: prefix.into(), token, max };
        let page = house.objects.list_buckets(house.permit(op, &alice()).await).await.unwrap();
        let names: Vec<String> = page.buckets.iter().map(|b| b.name.to_string()).collect();
        (names.join(" "), page.next)
    };
    assert_eq!(list("", None, 100).await, ("aaa abc bbb".into(), None));
    let (names, token) = list("", None, 2).await;
    assert_eq!(names, "aaa abc");
    assert_eq!(list("", token.clone(), 2).await, ("bbb".into(), None));
    assert_eq!(list("ab", None, 2).await, ("abc".into(), None));
    // A name is no token, and neither is the token of another account or prefix.
    for (who, prefix, token) in [
        (alice(), "", Some("abc".to_owned())),
        (alice(), "b", token.clone()),
        (user(account(2), ALL), "", token),
    ] {
        let op = ListBuckets { prefix: prefix.into(), token, max: 2 };
        let refused = house.objects.list_buckets(house.permit(op, &who).await).await;
        assert!(matches!(refused, Err(ObjectError::Token)), "{prefix:?}");
    }
}

#[tokio::test]
async fn only_an_empty_bucket_can_be_removed() {
    let house = House::with_bucket("finance").await;
    house.put("key", b"x").await.unwrap();
    assert!(matches!(delete(&house, "finance").await, Err(ObjectError::BucketNotEmpty(_))));
    house.put("key", b"still writable").await.unwrap();
    let op = crate::house::object("finance", "key");
    let op = strongroom_objects::ops::DeleteObject { name: op, if_match: None };
    house.objects.delete_object(house.permit(op, &alice()).await).await.unwrap();
    delete(&house, "finance").await.unwrap();
    assert!(matches!(delete(&house, "finance").await, Err(ObjectError::NoSuchBucket(_))));
    assert!(matches!(house.put("key", b"x").await, Err(ObjectError::NoSuchBucket(_))));
}

#[tokio::test]
async fn a_removed_bucket_takes_its_uploads_and_tags_with_it() {
    let house = House::with_bucket("finance").await;
    let op = CreateMultipartUpload {
        bucket: bucket("finance"),
        key: key("key"),
        headers: SystemHeaders::default(),
        metadata: UserMetadata::default(),
        tags: None,
        acl: None,
        algorithm: None,
        kind: None,
    };
    let permit = house.permit(op, &alice()).await;
    let upload = house.objects.create_multipart_upload(permit).await.unwrap().upload;
    let op = strongroom_objects::ops::UploadPart {
        bucket: bucket("finance"),
        key: key("key"),
        upload,
        part: strongroom_objects::PartNumber::new(1).unwrap(),
        declared: Default::default(),
    };
    let permit = house.permit(op, &alice()).await;
    house.objects.upload_part(permit, incoming(&bytes(100_000))).await.unwrap();
    let tags = TagSet::bucket(vec![("a".into(), "b".into())]).unwrap();
    let op = PutBucketTagging { bucket: bucket("finance"), tags };
    house.objects.put_bucket_tagging(house.permit(op, &alice()).await).await.unwrap();
    delete(&house, "finance").await.unwrap();
    house.collect_all().await;
    house.assert_clean(0, 0);
    for family in *b"upt" {
        assert_eq!(house.meta.count(family), 0);
    }
}

#[tokio::test]
async fn a_write_that_began_before_a_bucket_went_never_lands_in_the_next_of_that_name() {
    let house = House::with_bucket("finance").await;
    let permit = house.permit(put("finance", "key"), &alice()).await;
    let (send, receive) = tokio::sync::oneshot::channel::<()>();
    let body = futures_util::stream::once(async move {
        receive.await.unwrap();
        Ok(bytes::Bytes::from_static(b"late"))
    });
    let body = strongroom_objects::IncomingBody {
        stream: Box::pin(body),
        length: None,
        trailer: Default::default(),
    };
    let objects = house.objects.clone();
    let late = tokio::spawn(async move { objects.put_object(permit, body).await });
    tokio::task::yield_now().await;
    delete(&house, "finance").await.unwrap();
    house.create("finance", &user(account(2), ALL)).await.unwrap();
    send.send(()).unwrap();
    assert!(matches!(late.await.unwrap(), Err(ObjectError::NoSuchBucket(_))));
    house.assert_clean(0, 0);
}

#[tokio::test]
async fn a_removal_that_was_left_in_the_middle_is_gone_on_with() {
    for holds in [false, true] {
        let house = House::with_bucket("finance").await;
        if holds {
            house.put("key", b"x").await.unwrap();
        }
        let op = DeleteBucket { bucket: bucket("finance") };
        let permit = house.permit(op, &alice()).await;
        let mark = identity::BucketChange::MarkDeleting { bucket: bucket("finance") };
        house.identity.change_bucket(&permit, mark).await.unwrap();
        drop(permit);
        let record = house.identity.snapshot().bucket(&bucket("finance")).cloned().unwrap();
        let tombstone = [b"x".as_slice(), &record.incarnation.0.to_be_bytes()].concat();
        house.meta.map.lock().unwrap().insert(tombstone, bytes::Bytes::from_static(&[1]));
        assert!(matches!(house.put("key", b"y").await, Err(ObjectError::BucketBusy(_))));
        assert_eq!(house.get("key").await.is_ok(), holds, "what is there is read until it is gone");
        assert!(house.objects.collectable().await.unwrap());
        house.collect_all().await;
        assert_eq!(house.put("key", b"y").await.is_ok(), holds);
        assert_eq!(house.identity.snapshot().bucket(&bucket("finance")).is_some(), holds);
    }
}

#[tokio::test]
async fn a_permit_for_a_bucket_does_not_reach_the_next_of_that_name() {
    let house = House::with_bucket("finance").await;
    let write = house.permit(put("finance", "key"), &alice()).await;
    let read = house.permit(crate::house::get("finance", "key"), &alice()).await;
    let remove = house.permit(DeleteBucket { bucket: bucket("finance") }, &alice()).await;
    delete(&house, "finance").await.unwrap();
    house.create("finance", &user(account(2), ALL)).await.unwrap();
    house.put("key", b"theirs").await.unwrap();
    let write = house.objects.put_object(write, incoming(b"x")).await;
    assert!(matches!(write, Err(ObjectError::NoSuchBucket(_))));
    let read = house.objects.get_object(read).await.map(drop);
    assert!(matches!(read, Err(ObjectError::NoSuchBucket(_))));
    let remove = house.objects.delete_bucket(remove).await;
    assert!(matches!(remove, Err(ObjectError::NoSuchBucket(_))));
    assert_eq!(house.get("key").await.unwrap(), b"theirs");
}

#[tokio::test]
async fn bucket_tags_are_put_read_and_removed() {
    let house = House::with_bucket("finance").await;
    let read = async || {
        let op = GetBucketTagging { bucket: bucket("finance") };
        house.objects.get_bucket_tagging(house.permit(op, &alice()).await).await
    };
    assert!(matches!(read().await, Err(ObjectError::NoSuchTagSet)));
    let tags = TagSet::bucket(vec![("cost".into(), "42".into())]).unwrap();
    let op = PutBucketTagging { bucket: bucket("finance"), tags: tags.clone() };
    house.objects.put_bucket_tagging(house.permit(op, &alice()).await).await.unwrap();
    assert_eq!(read().await.unwrap(), tags);
    let op = DeleteBucketTagging { bucket: bucket("finance") };
    house.objects.delete_bucket_tagging(house.permit(op, &alice()).await).await.unwrap();
    assert!(read().await.is_err());
}

#[tokio::test]
async fn what_never_changes_is_answered_for_buckets_that_exist() {
    let house = House::with_bucket("finance").await;
    for (name, exists) in [("finance", true), ("missing", false)] {
        let bucket = bucket(name);
        let op = HeadBucket { bucket: bucket.clone() };
        let permit = house.permit(op, &alice()).await;
        assert_eq!(house.objects.head_bucket(permit).await.is_ok(), exists);
        let op = GetBucketVersioning { bucket: bucket.clone() };
        let permit = house.permit(op, &alice()).await;
        let versioning = house.objects.get_bucket_versioning(permit).await.ok();
        assert_eq!(versioning, exists.then_some(identity::Versioning::Unversioned));
        let op = GetBucketAcl { bucket: bucket.clone() };
        let permit = house.permit(op, &alice()).await;
        let owner = house.objects.get_bucket_acl(permit).await.ok();
        assert_eq!(owner.map(|access| access.owner), exists.then_some(account(1)));
        let op = GetBucketOwnershipControls { bucket };
        let permit = house.permit(op, &alice()).await;
        let ownership = house.objects.get_bucket_ownership_controls(permit).await.ok();
        assert_eq!(ownership, exists.then_some(Ownership::BucketOwnerEnforced));
    }
}

fn policy_of(principal: &str, rest: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Principal": {principal},
        "Resource": ["arn:aws:s3:::finance", "arn:aws:s3:::finance/*"], {rest}}}]}}"#
    )
}

async fn set(house: &House, policy: &str, confirm: ConfirmSelfLockout) -> Result<(), ObjectError> {
    let op = PutBucketPolicy { bucket: bucket("finance"), policy: policy.to_owned(), confirm };
    let permit = house.permit(op, &alice()).await;
    house.objects.put_bucket_policy(permit, &Facts::default()).await
}

async fn read(house: &House) -> Result<String, ObjectError> {
    let op = GetBucketPolicy { bucket: bucket("finance") };
    house.objects.get_bucket_policy(house.permit(op, &alice()).await).await
}

const PARTNER: &str = r#"{"AWS": "arn:aws:iam::000000000002:root"}"#;
const READ: &str = r#""Effect": "Allow", "Action": "s3:GetObject""#;

#[tokio::test]
async fn a_bucket_policy_is_put_read_back_and_removed() {
    let house = House::with_bucket("finance").await;
    assert!(matches!(read(&house).await, Err(ObjectError::NoSuchBucketPolicy)));
    let text = policy_of(PARTNER, READ);
    set(&house, &text, ConfirmSelfLockout::No).await.unwrap();
    assert_eq!(read(&house).await.unwrap(), text);
    let op = GetBucketPolicyStatus { bucket: bucket("finance") };
    let status = house.objects.get_bucket_policy_status(house.permit(op, &alice()).await).await;
    assert_eq!(status.unwrap(), PolicyStatus::Private);
    for _ in 0..2 {
        let op = DeleteBucketPolicy { bucket: bucket("finance") };
        house.objects.delete_bucket_policy(house.permit(op, &alice()).await).await.unwrap();
    }
    assert!(read(&house).await.is_err());
}

#[tokio::test]
async fn a_malformed_or_foreign_policy_is_refused_and_changes_nothing() {
    let house = House::with_bucket("finance").await;
    let before: Revision = house.identity.revision();
    let foreign = policy_of(PARTNER, READ).replace("finance", "payroll");
    for bad in ["", "{", "[]", r#"{"Statement": []}"#, foreign.as_str()] {
        let refused = set(&house, bad, ConfirmSelfLockout::No).await;
        assert!(matches!(refused, Err(ObjectError::Policy(_))), "{bad}");
    }
    let nobody = r#"{"AWS": "arn:aws:iam::000000000001:user/nobody"}"#;
    let refused = set(&house, &policy_of(nobody, READ), ConfirmSelfLockout::No).await;
    assert!(matches!(refused, Err(ObjectError::Policy(_))));
    assert_eq!(house.identity.revision(), before);
}

#[tokio::test]
async fn a_public_policy_needs_the_block_to_be_lifted_first() {
    let house = House::with_bucket("finance").await;
    let public = policy_of(r#""*""#, READ);
    let refused = set(&house, &public, ConfirmSelfLockout::No).await;
    assert!(matches!(refused, Err(ObjectError::PublicPolicy)));
    let op = GetPublicAccessBlock { bucket: bucket("finance") };
    let permit = house.permit(op.clone(), &alice()).await;
    let mut block = house.objects.get_public_access_block(permit).await.unwrap();
    assert_eq!(block, identity::PublicAccessBlock::ALL);
    block.block_public_policy = false;
    let put = PutPublicAccessBlock { bucket: bucket("finance"), block };
    house.objects.put_public_access_block(house.permit(put, &alice()).await).await.unwrap();
    set(&house, &public, ConfirmSelfLockout::No).await.unwrap();
    let status = GetBucketPolicyStatus { bucket: bucket("finance") };
    let status = house.objects.get_bucket_policy_status(house.permit(status, &alice()).await).await;
    assert_eq!(status.unwrap(), PolicyStatus::Public);
    let delete = DeletePublicAccessBlock { bucket: bucket("finance") };
    house.objects.delete_public_access_block(house.permit(delete, &alice()).await).await.unwrap();
    let gone = house.objects.get_public_access_block(house.permit(op, &alice()).await).await;
    assert!(matches!(gone, Err(ObjectError::NoSuchPublicAccessBlock)));
}

#[tokio::test]
async fn a_policy_that_locks_its_author_out_must_be_confirmed() {
    let house = House::with_bucket("finance").await;
    let deny = policy_of(r#""*""#, r#""Effect": "Deny", "Action": "s3:*""#);
    let refused = set(&house, &deny, ConfirmSelfLockout::No).await;
    assert!(matches!(refused, Err(ObjectError::SelfLockout)));
    let others = policy_of(PARTNER, r#""Effect": "Deny", "Action": "s3:*""#);
    set(&house, &others, ConfirmSelfLockout::No).await.unwrap();
    set(&house, &deny, ConfirmSelfLockout::Yes).await.unwrap();
}
