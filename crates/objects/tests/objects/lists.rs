//! ACLs and who owns what is written.

use identity::{Acl, AclRefusal, Grantee, Ownership, Permission, PublicAccessBlock};
use strongroom_objects::AccessList;
use strongroom_objects::ObjectError;
use strongroom_objects::ops::{
    CannedAcl, CreateBucket, DeletePublicAccessBlock, GetBucketAcl, GetObjectAcl, PutBucketAcl,
    PutBucketOwnershipControls, PutObjectAcl, PutPublicAccessBlock, Seen, SentAcl,
};

use crate::house::{House, account, alice, bucket, get, object, put};

const PUBLIC: SentAcl = SentAcl::Canned(CannedAcl::PublicRead);
const PRIVATE: SentAcl = SentAcl::Canned(CannedAcl::Private);
const FULL: SentAcl = SentAcl::Canned(CannedAcl::BucketOwnerFullControl);

/// A bucket of that ownership, without a public-access block.
async fn house(ownership: Ownership) -> House {
    let house = House::with_bucket("finance").await;
    let op = DeletePublicAccessBlock { bucket: bucket("finance") };
    house.objects.delete_public_access_block(house.permit(op, &alice()).await).await.unwrap();
    own(&house, ownership).await.unwrap();
    house
}

async fn own(house: &House, ownership: Ownership) -> Result<(), ObjectError> {
    let op = PutBucketOwnershipControls { bucket: bucket("finance"), ownership };
    house.objects.put_bucket_ownership_controls(house.permit(op, &alice()).await).await
}

async fn list_bucket(house: &House, acl: SentAcl) -> Result<(), ObjectError> {
    let op = PutBucketAcl { bucket: bucket("finance"), acl, owner: None };
    house.objects.put_bucket_acl(house.permit(op, &alice()).await).await
}

async fn list_object(house: &House, acl: SentAcl) -> Result<(), ObjectError> {
    let op = PutObjectAcl { name: object("finance", "k"), acl, owner: None };
    house.objects.put_object_acl(house.permit(op, &alice()).await).await
}

async fn seen(house: &House) -> AccessList {
    let op = GetObjectAcl { name: object("finance", "k") };
    house.objects.get_object_acl(house.permit(op, &alice()).await).await.unwrap()
}

async fn write(house: &House, acl: Option<SentAcl>) -> Result<(), ObjectError> {
    let mut op = put("finance", "k");
    op.acl = acl;
    house.put_as(op, b"x").await.map(drop)
}

#[tokio::test]
async fn a_bucket_without_lists_takes_its_owners_full_control_and_no_other() {
    let house = House::with_bucket("finance").await;
    write(&house, Some(FULL)).await.unwrap();
    let own = SentAcl::Grants(Acl::private(account(1)));
    write(&house, Some(own)).await.unwrap();
    for other in [PUBLIC, PRIVATE] {
        let refused = write(&house, Some(other.clone())).await.unwrap_err();
        assert!(matches!(refused, ObjectError::Acl(AclRefusal::Off)));
        let refused = list_object(&house, other.clone()).await.unwrap_err();
        assert!(matches!(refused, ObjectError::Acl(AclRefusal::Off)));
        let refused = list_bucket(&house, other).await.unwrap_err();
        assert!(matches!(refused, ObjectError::Acl(AclRefusal::Off)));
    }
    assert_eq!(seen(&house).await.acl, Acl::private(account(1)));
}

#[tokio::test]
async fn a_bucket_that_is_made_without_lists_is_not_made_with_one() {
    let house = House::new().await;
    let make = |acl, ownership| CreateBucket {
        bucket: bucket("finance"),
        location: None,
        acl,
        ownership,
        tags: Default::default(),
    };
    let permit = house.permit(make(Some(PUBLIC), None), &alice()).await;
    let refused = house.objects.create_bucket(permit).await.unwrap_err();
    assert!(matches!(refused, ObjectError::AclAtCreation));
    // Public lists are blocked from the beginning, even where lists are not off.
    let writer = Some(Ownership::ObjectWriter);
    let permit = house.permit(make(Some(PUBLIC), writer), &alice()).await;
    let refused = house.objects.create_bucket(permit).await.unwrap_err();
    assert!(matches!(refused, ObjectError::Acl(AclRefusal::Public)));
    let permit = house.permit(make(Some(PRIVATE), writer), &alice()).await;
    house.objects.create_bucket(permit).await.unwrap();
}

#[tokio::test]
async fn public_lists_are_refused_where_they_are_blocked_and_hidden_where_ignored() {
    let house = house(Ownership::ObjectWriter).await;
    write(&house, Some(PUBLIC)).await.unwrap();
    list_bucket(&house, PUBLIC).await.unwrap();
    assert!(seen(&house).await.acl.is_public());
    let op = PutPublicAccessBlock { bucket: bucket("finance"), block: PublicAccessBlock::ALL };
    house.objects.put_public_access_block(house.permit(op, &alice()).await).await.unwrap();
    assert!(!seen(&house).await.acl.is_public());
    let op = GetBucketAcl { bucket: bucket("finance") };
    let shown = house.objects.get_bucket_acl(house.permit(op, &alice()).await).await.unwrap();
    assert_eq!(shown.acl, Acl::private(account(1)));
    for refused in [
        write(&house, Some(PUBLIC)).await,
        list_bucket(&house, PUBLIC).await,
        list_object(&house, PUBLIC).await,
    ] {
        assert!(matches!(refused, Err(ObjectError::Acl(AclRefusal::Public))));
    }
    write(&house, Some(PRIVATE)).await.unwrap();
}

#[tokio::test]
async fn lists_are_not_switched_off_while_the_buckets_own_is_in_the_way() {
    let house = house(Ownership::ObjectWriter).await;
    list_bucket(&house, PUBLIC).await.unwrap();
    let refused = own(&house, Ownership::BucketOwnerEnforced).await.unwrap_err();
    assert!(matches!(refused, ObjectError::Acl(AclRefusal::InTheWay)));
    own(&house, Ownership::BucketOwnerPreferred).await.unwrap();
    list_bucket(&house, PRIVATE).await.unwrap();
    own(&house, Ownership::BucketOwnerEnforced).await.unwrap();
}

#[tokio::test]
async fn a_list_that_names_another_owner_is_refused() {
    let house = house(Ownership::ObjectWriter).await;
    write(&house, None).await.unwrap();
    let name = || object("finance", "k");
    let of = |owner| PutObjectAcl { name: name(), acl: PRIVATE, owner: Some(account(owner)) };
    let permit = house.permit(of(2), &alice()).await;
    let refused = house.objects.put_object_acl(permit).await.unwrap_err();
    assert!(matches!(refused, ObjectError::AclOwner));
    house.objects.put_object_acl(house.permit(of(1), &alice()).await).await.unwrap();
}

#[tokio::test]
async fn what_was_decided_on_another_list_is_not_done() {
    let house = house(Ownership::ObjectWriter).await;
    write(&house, Some(PUBLIC)).await.unwrap();
    let public = Some(Seen::Owned(seen(&house).await));
    let reads = |seen: Option<Seen>| {
        let mut op = get("finance", "k");
        op.name.seen = seen;
        op
    };
    let permit = house.permit(reads(public.clone()), &alice()).await;
    assert!(house.objects.get_object(permit).await.is_ok());
    // Somebody else writes what is nobody's business under the key that was public, or free.
    write(&house, Some(PRIVATE)).await.unwrap();
    for then in [public, Some(Seen::Absent)] {
        let permit = house.permit(reads(then), &alice()).await;
        let refused = house.objects.get_object(permit).await.err().unwrap();
        assert!(matches!(refused, ObjectError::Changed));
    }
}

#[tokio::test]
async fn a_grant_that_was_put_is_shown_in_its_order() {
    let house = house(Ownership::ObjectWriter).await;
    write(&house, None).await.unwrap();
    assert_eq!(seen(&house).await, AccessList { owner: account(1), acl: Acl::private(account(1)) });
    let grants = vec![
        (Grantee::Account(account(2)), Permission::ReadAcp),
        (Grantee::LogDelivery, Permission::Write),
    ];
    let acl = Acl::new(grants.clone()).unwrap();
    list_object(&house, SentAcl::Grants(acl)).await.unwrap();
    assert_eq!(seen(&house).await.acl.grants(), grants);
}
