//! Accounts as a whole: what bounds them, what takes them out of use, and the credentials that they
//! hand out besides keys.

use serde_json::{Value, json};
use signing::sign::Credentials;

use crate::client::{Answer, Ask, By};
use crate::fixture::{EVERYTHING, House, Maker, encoded, house, session};
use crate::server::OWNER;

fn organized(house: &House, action: &str, message: &Value) -> Answer {
    house.make().send(&Ask::target(action, &message.to_string())).expect(200)
}

/// An account of its own, with a bucket and an object in it.
fn account(house: &House, id: &str, bucket: &str) -> Credentials {
    let root = house.make().account(id, bucket);
    let make = Maker { client: house.client, by: &root };
    make.bucket(bucket);
    make.object(&format!("/{bucket}/file"));
    root
}

fn read(bucket: &str) -> Ask {
    Ask::s3("GET", &format!("/{bucket}/file"))
}

#[test]
fn a_resource_control_policy_keeps_an_accounts_own_root_from_its_bucket() {
    let house = house();
    let root = account(&house, "222233334444", "bounded-bucket");
    let id = organized(&house, "ListRoots", &json!({})).member("Id").unwrap();
    let kind = json!({ "RootId": id, "PolicyType": "RESOURCE_CONTROL_POLICY" });
    organized(&house, "EnablePolicyType", &kind);
    house.send(&read("bounded-bucket"), &root).expect(200);
    let content = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny",
        "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}});
    let policy = organized(
        &house,
        "CreatePolicy",
        &json!({"Name": "no-reads", "Description": "", "Type": "RESOURCE_CONTROL_POLICY",
            "Content": content.to_string()}),
    );
    let policy = policy.member("Id").unwrap();
    let on = json!({ "PolicyId": policy, "TargetId": "222233334444" });
    organized(&house, "AttachPolicy", &on);
    let refused = house.send(&read("bounded-bucket"), &root).expect(403);
    assert!(refused.body.contains("resource control policy"), "{refused:?}");
    house.make().bucket("managing-bucket");
    house.make().object("/managing-bucket/file");
    house.send(&read("managing-bucket"), &house.root).expect(200);
    organized(&house, "DetachPolicy", &on);
    house.send(&read("bounded-bucket"), &root).expect(200);
    organized(&house, "DisablePolicyType", &kind);
}

#[test]
fn nobody_uses_a_suspended_account_or_what_it_owns_until_it_is_resumed() {
    let house = house();
    let root = account(&house, "333344445555", "suspended-bucket");
    let make = Maker { client: house.client, by: &root };
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"AWS": OWNER}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::suspended-bucket/*"}});
    let put = Ask::s3("PUT", "/suspended-bucket?policy").body(policy.to_string());
    make.send(&put).expect(204);
    let asks = |who: &Credentials| house.send(&read("suspended-bucket"), who).status;
    assert_eq!((asks(&root), asks(&house.root)), (200, 200));
    let account = |what: &str| Ask::admin("POST", &format!("accounts/333344445555/{what}"), "");
    house.make().send(&account("suspend")).expect(200);
    let refused = house.send(&read("suspended-bucket"), &root);
    assert_eq!((refused.status, refused.code().as_str()), (403, "AccountProblem"));
    let link = house.client.send(&read("suspended-bucket"), By::Link(&root, 0, 600));
    assert_eq!(link.code(), "AccountProblem");
    assert_eq!(asks(&house.root), 403);
    house.make().send(&account("resume")).expect(200);
    assert_eq!((asks(&root), asks(&house.root)), (200, 200));
}

/// The forms of programs whose endpoint ends in `/sts`.
fn at_sts(fields: &str) -> Ask {
    let ask = Ask::form("sts", "AssumeRole", fields);
    Ask { target: "/sts".to_owned(), ..ask }
}

/// corpus: POL-02
#[test]
fn a_session_of_ones_own_rights_is_narrowed_for_the_account_too() {
    let house = house();
    let make = house.make();
    make.bucket("own-rights");
    make.object("/own-rights/file");
    let user = make.user("own-rights", Some(EVERYTHING));
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::own-rights/*"}});
    let fields = format!("DurationSeconds=900&Policy={}", encoded(&policy.to_string()));
    let made = house.send(&at_sts(&fields), &user).expect(200);
    assert!(made.element("PackedPolicySize").is_some() && made.element("Arn").is_none());
    let narrowed = session(&made);
    house.send(&read("own-rights"), &narrowed).expect(200);
    house.send(&Ask::s3("PUT", "/own-rights/file").body("x"), &narrowed).expect(403);
    let new_key = Ask::form("iam", "CreateAccessKey", "");
    house.send(&new_key, &narrowed).expect(403);
    let service = Ask::admin("POST", "service-accounts", r#"{"name":"bot"}"#);
    house.send(&service, &narrowed).expect(403);
    let again = house.send(&at_sts("DurationSeconds=900"), &narrowed);
    assert_eq!((again.status, again.code().as_str()), (403, "AccessDenied"));
}

#[test]
fn a_role_is_found_in_whatever_partition_it_is_written() {
    let house = house();
    let admins = Maker { client: house.client, by: &house.admin };
    let role = encoded(&format!("arn:aws-us-gov:iam::{OWNER}:role/Roamer"));
    let fields = format!("RoleArn={role}&RoleSessionName=abroad");
    let made = admins.send(&Ask::form("sts", "AssumeRole", &fields)).expect(200);
    let arn = made.element("Arn").unwrap();
    assert_eq!(arn, format!("arn:aws:sts::{OWNER}:assumed-role/Roamer/abroad"));
}

#[test]
fn a_service_account_has_its_own_policy_of_its_parents_rights_and_ends_when_it_is_deleted() {
    let house = house();
    let make = house.make();
    make.bucket("served");
    make.object("/served/file");
    let user = make.user("served", Some(EVERYTHING));
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::served/*"}});
    let body = json!({ "name": "nightly", "policy": policy.to_string() }).to_string();
    let made = house.send(&Ask::admin("POST", "service-accounts", &body), &user).expect(200);
    let made = made.json();
    let bot = Credentials {
        access_key_id: made["access_key_id"].as_str().unwrap().parse().unwrap(),
        secret: made["secret_access_key"].as_str().unwrap().parse().unwrap(),
        session_token: None,
    };
    house.send(&read("served"), &bot).expect(200);
    house.send(&Ask::s3("PUT", "/served/file").body("x"), &bot).expect(403);
    let listed = house.send(&Ask::admin("GET", "service-accounts", ""), &user).expect(200);
    assert!(listed.body.contains("nightly") && !listed.body.contains("secret"), "{listed:?}");
    let path = format!("service-accounts/{}", bot.access_key_id);
    house.send(&Ask::admin("DELETE", &path, ""), &user).expect(200);
    assert_eq!(house.send(&read("served"), &bot).code(), "InvalidAccessKeyId");
}

#[test]
fn everything_of_an_account_is_revoked_at_once_and_its_keys_go_on() {
    let house = house();
    let root = account(&house, "161616161616", "revoked-bucket");
    let token = Ask::form("sts", "GetSessionToken", "DurationSeconds=900");
    let before = session(&house.send(&token, &root).expect(200));
    house.send(&read("revoked-bucket"), &before).expect(200);
    let revoke = Ask::admin("POST", "sessions/revoke", r#"{"everything":true}"#);
    house.send(&revoke, &root).expect(200);
    assert_eq!(house.send(&read("revoked-bucket"), &before).code(), "ExpiredToken");
    let listed = house.send(&Ask::admin("GET", "sessions", ""), &root).expect(200);
    assert!(!listed.body.contains(before.access_key_id.as_str()), "{listed:?}");
    let after = session(&house.send(&token, &root).expect(200));
    house.send(&read("revoked-bucket"), &after).expect(200);
    let here = Ask::admin("POST", "sessions/revoke", r#"{"address":"127.0.0.1"}"#);
    house.send(&here, &root).expect(200);
    assert_eq!(house.send(&read("revoked-bucket"), &after).code(), "ExpiredToken");
    house.send(&read("revoked-bucket"), &root).expect(200);
    let two = r#"{"everything":true,"address":"127.0.0.1"}"#;
    house.send(&Ask::admin("POST", "sessions/revoke", two), &root).expect(400);
}

#[test]
fn the_id_of_a_refusal_is_a_message_that_can_be_decoded() {
    let house = house();
    let refused = house.send(&Ask::s3("GET", "/"), &house.nobody).expect(403);
    let id = refused.header("x-strongroom-decision-id").unwrap();
    let decode = |id: &str| {
        let fields = format!("EncodedMessage={}", encoded(id));
        Ask::form("sts", "DecodeAuthorizationMessage", &fields)
    };
    let told = house.send(&decode(id), &house.admin).expect(200);
    let told = told.element("DecodedMessage").unwrap().replace("&quot;", "\"");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["allowed"], json!(false));
    assert_eq!(told["context"]["action"], json!("s3:ListAllMyBuckets"));
    assert!(told["context"]["principal"]["arn"].as_str().unwrap().ends_with("user/nobody"));
    let foreign = house.send(&decode(id), &house.partner);
    assert_eq!(foreign.code(), "InvalidAuthorizationMessageException");
    assert_eq!(house.send(&decode("nothing"), &house.admin).code(), foreign.code());
}

/// A request of S3's control API.
fn control(method: &'static str, account: &str) -> Ask {
    let path = "/v20180820/configuration/publicAccessBlock";
    Ask::s3(method, path).with("x-amz-account-id", account)
}

/// An account's block with these switches on.
fn blocking(account: &str, switches: &[&str]) -> Ask {
    let on: String = switches.iter().map(|name| format!("<{name}>true</{name}>")).collect();
    let body = format!("<PublicAccessBlockConfiguration>{on}</PublicAccessBlockConfiguration>");
    control("PUT", account).xml(&body)
}

#[test]
fn an_accounts_block_counts_for_each_of_its_buckets_beside_the_buckets_own() {
    let house = house();
    let id = "121212121212";
    let root = account(&house, id, "blocked-bucket");
    let make = Maker { client: house.client, by: &root };
    make.send(&Ask::s3("DELETE", "/blocked-bucket?publicAccessBlock")).expect(204);
    let public = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::blocked-bucket/*"}});
    let policy = Ask::s3("PUT", "/blocked-bucket?policy").body(public.to_string());
    make.send(&policy).expect(204);
    let strangers = || house.client.send(&read("blocked-bucket"), By::Nobody).status;
    assert_eq!(make.send(&control("GET", id)).code(), "NoSuchPublicAccessBlockConfiguration");
    assert_eq!(strangers(), 200);
    make.send(&blocking(id, &["RestrictPublicBuckets"])).expect(201);
    assert_eq!(strangers(), 403);
    house.send(&read("blocked-bucket"), &root).expect(200);
    make.send(&policy).expect(204);
    make.send(&blocking(id, &["BlockPublicPolicy"])).expect(201);
    assert_eq!(strangers(), 200);
    make.send(&policy).expect(403);
    let told = make.send(&control("GET", id)).expect(200);
    assert_eq!(told.element("BlockPublicPolicy").as_deref(), Some("true"));
    assert_eq!(told.element("RestrictPublicBuckets").as_deref(), Some("false"));
    // The bucket's own is still none, and another account's block is nobody's business.
    assert_eq!(make.send(&Ask::s3("GET", "/blocked-bucket?publicAccessBlock")).status, 404);
    let foreign = house.send(&control("DELETE", id), &house.root);
    assert_eq!((foreign.status, foreign.code().as_str()), (403, "AccessDenied"));
    make.send(&control("DELETE", id)).expect(204);
    make.send(&policy).expect(204);
    assert_eq!(strangers(), 200);
}

#[test]
fn an_accounts_block_ignores_and_refuses_public_lists() {
    let house = house();
    let id = "131313131313";
    let root = account(&house, id, "listed-bucket");
    let make = Maker { client: house.client, by: &root };
    make.send(&Ask::s3("DELETE", "/listed-bucket?publicAccessBlock")).expect(204);
    let own = "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>\
               </OwnershipControls>";
    make.send(&Ask::s3("PUT", "/listed-bucket?ownershipControls").xml(own)).expect(200);
    let public = |path: &str| Ask::s3("PUT", path).with("x-amz-acl", "public-read");
    make.send(&public("/listed-bucket/file?acl")).expect(200);
    let strangers = || house.client.send(&read("listed-bucket"), By::Nobody).status;
    assert_eq!(strangers(), 200);
    make.send(&blocking(id, &["IgnorePublicAcls"])).expect(201);
    assert_eq!(strangers(), 403);
    let told = make.send(&Ask::s3("GET", "/listed-bucket/file?acl")).expect(200);
    assert!(!told.body.contains("AllUsers"), "{told:?}");
    make.send(&public("/listed-bucket/file?acl")).expect(200);
    make.send(&blocking(id, &["BlockPublicAcls"])).expect(201);
    assert_eq!(strangers(), 200);
    make.send(&public("/listed-bucket/file?acl")).expect(403);
    make.send(&public("/listed-bucket?acl")).expect(403);
    make.send(&public("/listed-bucket/other").body("x")).expect(403);
    let begun = Ask::s3("PUT", "/begun-bucket").with("x-amz-object-ownership", "ObjectWriter");
    make.send(&begun.with("x-amz-acl", "public-read")).expect(403);
    make.send(&control("DELETE", id)).expect(204);
    make.send(&public("/listed-bucket/other").body("x")).expect(200);
}

#[test]
fn a_canonical_user_in_a_buckets_policy_is_its_account_and_answers_as_one() {
    let house = house();
    let (owner, guest) = ("141414141414", "151515151515");
    let root = account(&house, owner, "canonical-bucket");
    let guest_root = house.make().account(guest, "canonical-guest");
    let make = Maker { client: house.client, by: &root };
    let named = |id: &str| {
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"CanonicalUser": id}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::canonical-bucket/*"}});
        Ask::s3("PUT", "/canonical-bucket?policy").body(policy.to_string())
    };
    let own = house.send(&Ask::s3("GET", "/"), &guest_root).expect(200);
    let id = own.element("ID").unwrap();
    assert_eq!(house.send(&read("canonical-bucket"), &guest_root).status, 403);
    make.send(&named(&id)).expect(204);
    house.send(&read("canonical-bucket"), &guest_root).expect(200);
    assert_eq!(house.send(&read("canonical-bucket"), &house.partner).status, 403);
    let told = make.send(&Ask::s3("GET", "/canonical-bucket?policy")).expect(200).json();
    let principal = json!({ "AWS": format!("arn:aws:iam::{guest}:root") });
    assert_eq!(told["Statement"]["Principal"], principal);
    let nobody = make.send(&named(&"0".repeat(64)));
    assert_eq!((nobody.status, nobody.code().as_str()), (400, "MalformedPolicy"));
    // Who may not set the policy learns nothing of whose an id is.
    for id in [id, "0".repeat(64)] {
        assert_eq!(house.send(&named(&id), &guest_root).code(), "AccessDenied");
    }
}

#[test]
fn whether_a_policy_locks_its_author_out_is_judged_at_the_time_of_the_request() {
    let house = house();
    house.make().bucket("timed-bucket");
    let user = house.make().user("timed", Some(EVERYTHING));
    let make = Maker { client: house.client, by: &user };
    let denying_when = |condition: Value| {
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny",
            "Principal": "*", "Action": "s3:PutBucketPolicy", "Condition": condition,
            "Resource": "arn:aws:s3:::timed-bucket"}});
        make.send(&Ask::s3("PUT", "/timed-bucket?policy").body(policy.to_string()))
    };
    let after = |day: &str| json!({ "DateGreaterThan": { "aws:CurrentTime": day } });
    let past = |second: &str| json!({ "NumericGreaterThan": { "aws:EpochTime": second } });
    assert_eq!(denying_when(after("2001-01-01T00:00:00Z")).code(), "AccessDenied");
    assert_eq!(denying_when(past("1000000000")).code(), "AccessDenied");
    denying_when(after("9001-01-01T00:00:00Z")).expect(204);
    denying_when(past("200000000000")).expect(204);
}
