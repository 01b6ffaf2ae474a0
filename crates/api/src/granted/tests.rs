//! Which list grants whom what, and what no list can.

use names::Revision;
use policy::CallerPolicies;
use policy::ResourceKind;
use policy::facts::Facts;
use policy::operation::Need;

use super::*;

const OWNER: &str = "111111111111";
const OPEN: PublicAccessBlock = PublicAccessBlock::NONE;
const OTHER: &str = "222222222222";
const THIRD: &str = "333333333333";

fn account(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn root(text: &str) -> Principal {
    Principal::Root { account: account(text) }
}

/// A bucket of `OWNER` with these grants.
fn bucket(grants: &[(Grantee, Permission)]) -> Arc<BucketRecord> {
    let text = format!(
        r#"{{"name": "box", "owner": "{OWNER}", "created": "2026-01-01T00:00:00.000Z",
            "incarnation": 1, "public_access": null, "ownership": "ObjectWriter",
            "versioning": "Unversioned", "phase": "live"}}"#
    );
    let mut record: BucketRecord = serde_json::from_str(&text).unwrap();
    record.acl = Some(Acl::new(grants.to_vec()).unwrap());
    Arc::new(record)
}

fn object(owner: &str, grants: &[(Grantee, Permission)]) -> Option<Seen> {
    let acl = Acl::new(grants.to_vec()).unwrap();
    Some(Seen::Owned(AccessList { owner: account(owner), acl }))
}

fn check(action: &str, resource: &str) -> Check {
    Check {
        action: action.parse().unwrap(),
        resource: resource.parse().unwrap(),
        need: Need::Required,
        with: Vec::new(),
    }
}

/// Whether it may, with a bucket policy.
fn may_with(lists: &Lists, who: &Principal, action: &str, policy: Option<&str>) -> bool {
    let resource =
        if action.contains("Bucket") { "arn:aws:s3:::box" } else { "arn:aws:s3:::box/k" };
    let policy = policy.map(|text| Attached {
        name: "bucket:box".to_owned(),
        document: Arc::new(Document::parse(text, Kind::Bucket).unwrap()),
    });
    let side = ResourceSide {
        account: Some(account(OWNER)),
        policy,
        kind: ResourceKind::Bucket,
        resource_control: Vec::new(),
        restrict_public: RestrictPublicBuckets::Off,
    };
    let question = Question {
        principal: who,
        caller: &CallerPolicies::default(),
        resource: &side,
        facts: &Facts::default(),
        revision: Revision(1),
    };
    lists.decide(&check(action, resource), &question).is_allowed()
}

fn may(lists: &Lists, who: &Principal, action: &str) -> bool {
    may_with(lists, who, action, None)
}

fn lists(bucket: &Arc<BucketRecord>, object: Option<Seen>) -> Lists {
    let block = bucket.public_access.unwrap_or(PublicAccessBlock::NONE);
    Lists::of((bucket, block), object, Writes::No).unwrap()
}

const EVERY: [Permission; 4] =
    [Permission::Read, Permission::Write, Permission::ReadAcp, Permission::WriteAcp];

#[test]
fn each_permission_on_a_bucket_grants_its_own_actions_and_no_other() {
    let means: [(Permission, &[&str]); 4] = [
        (Permission::Read, &["s3:ListBucket", "s3:ListBucketVersions"]),
        (Permission::Write, &["s3:PutObject"]),
        (Permission::ReadAcp, &["s3:GetBucketAcl"]),
        (Permission::WriteAcp, &["s3:PutBucketAcl"]),
    ];
    for given in EVERY {
        let lists = lists(&bucket(&[(Grantee::Account(account(OTHER)), given)]), None);
        for (permission, actions) in means {
            for action in actions {
                assert_eq!(may(&lists, &root(OTHER), action), permission == given, "{action}");
                assert!(!may(&lists, &root(THIRD), action), "{action} of a third account");
            }
        }
        assert!(!may(&lists, &root(OTHER), "s3:GetBucketPolicy"));
        assert!(!may(&lists, &root(OTHER), "s3:DeleteBucket"));
    }
}

#[test]
fn each_permission_on_an_object_grants_its_own_actions_and_no_other() {
    let means: [(Permission, &str); 3] = [
        (Permission::Read, "s3:GetObject"),
        (Permission::ReadAcp, "s3:GetObjectAcl"),
        (Permission::WriteAcp, "s3:PutObjectAcl"),
    ];
    for given in EVERY {
        let object = object(OWNER, &[(Grantee::Account(account(OTHER)), given)]);
        let lists = lists(&bucket(&[]), object);
        for (permission, action) in means {
            assert_eq!(may(&lists, &root(OTHER), action), permission == given, "{action}");
        }
        for never in ["s3:PutObject", "s3:DeleteObject", "s3:GetObjectTagging"] {
            assert!(!may(&lists, &root(OTHER), never), "{never}");
        }
    }
}

#[test]
fn all_users_are_everybody_and_authenticated_users_have_a_credential() {
    let with = |grantee| lists(&bucket(&[]), object(OWNER, &[(grantee, Permission::Read)]));
    let anonymous = Principal::Anonymous;
    assert!(may(&with(Grantee::AllUsers), &anonymous, "s3:GetObject"));
    assert!(!may(&with(Grantee::AuthenticatedUsers), &anonymous, "s3:GetObject"));
    assert!(may(&with(Grantee::AuthenticatedUsers), &root(OTHER), "s3:GetObject"));
    assert!(!may(&with(Grantee::LogDelivery), &root(OTHER), "s3:GetObject"));
}

#[test]
fn a_list_never_outweighs_an_explicit_deny() {
    let deny = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*",
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::box/*"}}"#;
    let lists = lists(&bucket(&[]), object(OWNER, &[(Grantee::AllUsers, Permission::Read)]));
    assert!(may(&lists, &Principal::Anonymous, "s3:GetObject"));
    assert!(!may_with(&lists, &Principal::Anonymous, "s3:GetObject", Some(deny)));
    assert!(!may_with(&lists, &root(OTHER), "s3:GetObject", Some(deny)));
}

#[test]
fn public_grants_that_are_ignored_grant_nothing_and_others_still_do() {
    let mut record = BucketRecord::clone(&bucket(&[(Grantee::AllUsers, Permission::Read)]));
    let mut block = PublicAccessBlock::ALL;
    block.ignore_public_acls = false;
    record.public_access = Some(block);
    let grants = [
        (Grantee::AllUsers, Permission::Read),
        (Grantee::Account(account(OTHER)), Permission::Read),
    ];
    let open = lists(&Arc::new(record.clone()), object(OWNER, &grants));
    assert!(may(&open, &Principal::Anonymous, "s3:ListBucket"));
    assert!(may(&open, &Principal::Anonymous, "s3:GetObject"));
    block.ignore_public_acls = true;
    record.public_access = Some(block);
    let shut = lists(&Arc::new(record), object(OWNER, &grants));
    assert!(!may(&shut, &Principal::Anonymous, "s3:ListBucket"));
    assert!(!may(&shut, &Principal::Anonymous, "s3:GetObject"));
    assert!(may(&shut, &root(OTHER), "s3:GetObject"));
}

#[test]
fn where_the_owner_owns_all_lists_mean_nothing() {
    let mut record = BucketRecord::clone(&bucket(&[(Grantee::AllUsers, Permission::Read)]));
    assert!(Lists::of((&Arc::new(record.clone()), OPEN), None, Writes::No).is_some());
    record.ownership = Some(identity::Ownership::BucketOwnerEnforced);
    assert!(Lists::of((&Arc::new(record), OPEN), None, Writes::No).is_none());
}

#[test]
fn the_bucket_owners_policies_do_not_reach_another_accounts_object() {
    let allow = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
        "Action": "s3:*", "Resource": ["arn:aws:s3:::box", "arn:aws:s3:::box/*"]}}"#;
    let own = lists(&bucket(&[]), object(OWNER, &[]));
    let foreign = lists(&bucket(&[]), object(OTHER, &[]));
    for action in ["s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging"] {
        assert!(may_with(&own, &root(THIRD), action, Some(allow)), "{action}");
        assert!(!may_with(&foreign, &root(THIRD), action, Some(allow)), "{action}");
        assert!(!may_with(&foreign, &root(OWNER), action, Some(allow)), "{action} of the bucket's");
        assert!(may_with(&foreign, &root(OTHER), action, Some(allow)), "{action} of the owner");
    }
    // What stands in its room the bucket's owner may always take away and write over.
    assert!(may(&foreign, &root(OWNER), "s3:DeleteObject"));
    assert!(may(&foreign, &root(OWNER), "s3:PutObject"));
}

#[test]
fn a_grantee_of_write_deletes_its_own_objects_alone() {
    let write = [(Grantee::Account(account(OTHER)), Permission::Write)];
    let own = lists(&bucket(&write), object(OTHER, &[]));
    let owners = lists(&bucket(&write), object(OWNER, &[]));
    assert!(may(&own, &root(OTHER), "s3:DeleteObject"));
    assert!(!may(&owners, &root(OTHER), "s3:DeleteObject"));
    assert!(!may(&own, &Principal::Anonymous, "s3:DeleteObject"));
}

#[test]
fn who_may_list_the_bucket_is_told_of_an_object_that_is_not_there() {
    let read = [(Grantee::AllUsers, Permission::Read)];
    let listed = lists(&bucket(&read), Some(Seen::Absent));
    assert!(may(&listed, &Principal::Anonymous, "s3:GetObject"));
    let closed = lists(&bucket(&[]), Some(Seen::Absent));
    assert!(!may(&closed, &Principal::Anonymous, "s3:GetObject"));
}

#[test]
fn the_list_and_the_tags_of_what_a_caller_writes_are_its_own_accounts_business() {
    let anybodys = [(Grantee::AllUsers, Permission::Write)];
    let of = |grants: &[_], writes| {
        Lists::of((&bucket(grants), OPEN), Some(Seen::Absent), writes).unwrap()
    };
    for action in ["s3:PutObjectAcl", "s3:PutObjectTagging"] {
        // Its own policies decide; that it may write at all is another check.
        assert!(may(&of(&[], Writes::Yes), &root(OTHER), action), "{action}");
        assert!(!may(&of(&[], Writes::Yes), &Principal::Anonymous, action), "{action}");
        assert!(may(&of(&anybodys, Writes::Yes), &Principal::Anonymous, action), "{action}");
        // What is there already is not the writer's.
        let there = lists(&bucket(&anybodys), object(OWNER, &[]));
        assert!(!may(&there, &root(OTHER), action), "{action}");
        assert!(!may(&there, &Principal::Anonymous, action), "{action}");
    }
    assert!(!may(&of(&[], Writes::Yes), &root(OTHER), "s3:PutObject"));
}
