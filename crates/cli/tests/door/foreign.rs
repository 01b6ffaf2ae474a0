//! What belongs to one account stays with it, by whichever way another one's root names it.

use serde_json::json;

use crate::client::Ask;
use crate::fixture::{EVERYTHING, House, house, trusts};
use crate::server::OWNER;

/// A bucket with an object for a test, and one of the other account's.
fn buckets(house: &House, name: &str) -> (String, String) {
    house.make().bucket(name);
    house.make().object(&format!("/{name}/secret"));
    let own = format!("/{name}-partner");
    house.send(&Ask::s3("PUT", &own), &house.partner).expect(200);
    (format!("/{name}"), own)
}

/// corpus: POL-06, POL-38
/// oracle: answer, twin
#[test]
fn an_object_of_another_account_is_no_source_of_a_copy() {
    let house = house();
    let (first, own) = buckets(&house, "foreign-copy");
    let copy = |source: &str| {
        let ask = Ask::s3("PUT", &format!("{own}/copy")).with("x-amz-copy-source", source);
        house.send(&ask, &house.partner)
    };
    let denied = copy(&format!("{first}/secret"));
    assert_eq!((denied.status, denied.code().as_str()), (403, "AccessDenied"));
    house.send(&Ask::s3("PUT", &format!("{own}/mine")).body("mine"), &house.partner).expect(200);
    copy(&format!("{own}/mine")).expect(200);
    let got = house.send(&Ask::s3("GET", &format!("{own}/copy")), &house.partner);
    assert_eq!(got.body, "mine");

    let upload = Ask::s3("POST", &format!("{own}/parts?uploads"));
    let upload = house.send(&upload, &house.partner).expect(200).element("UploadId").unwrap();
    let part = |source: &str| {
        let target = format!("{own}/parts?partNumber=1&uploadId={upload}");
        let ask = Ask::s3("PUT", &target).with("x-amz-copy-source", source);
        house.send(&ask, &house.partner).status
    };
    assert_eq!(part(&format!("{first}/secret")), 403);
    assert_eq!(part(&format!("{own}/mine")), 200);
}

#[test]
fn whether_a_key_exists_in_another_accounts_bucket_is_not_told() {
    let house = house();
    let (first, _) = buckets(&house, "foreign-keys");
    let ask = |key: &str| {
        let answer = house.send(&Ask::s3("GET", &format!("{first}/{key}")), &house.partner);
        (answer.status, answer.code())
    };
    assert_eq!(ask("secret"), (403, "AccessDenied".to_owned()));
    assert_eq!(ask("secret"), ask("nothing"));
}

#[test]
fn a_bucket_with_another_owner_than_was_expected_is_not_touched() {
    let house = house();
    let (first, _) = buckets(&house, "foreign-owner");
    let get = |account: &str| {
        let ask = Ask::s3("GET", &format!("{first}/secret"));
        house.send(&ask.with("x-amz-expected-bucket-owner", account), &house.root)
    };
    get(OWNER).expect(200);
    assert_eq!(get(crate::fixture::PARTNER).status, 403);
}

/// corpus: REV-07, ADM-20
/// oracle: answer, twin
#[test]
fn an_account_sees_and_ends_its_own_sessions_only() {
    let house = house();
    let list = Ask::admin("GET", "sessions", "");
    let id = house.live.access_key_id.as_str();
    assert!(house.send(&list, &house.root).expect(200).body.contains(id));
    assert!(!house.send(&list, &house.partner).expect(200).body.contains(id));
    for what in [
        json!({ "session": id }),
        json!({ "principal": format!("arn:aws:iam::{OWNER}:role/Roamer") }),
        json!({ "principal": format!("arn:aws:iam::{OWNER}:root") }),
    ] {
        let revoke = Ask::admin("POST", "sessions/revoke", &what.to_string());
        let answer = house.send(&revoke, &house.partner);
        assert!(matches!(answer.status, 403 | 404), "{what}: {answer:?}");
        house.send(&Ask::s3("GET", "/"), &house.live).expect(200);
    }
}

/// corpus: ADM-20
/// oracle: answer, twin
#[test]
fn an_account_reads_the_record_of_its_own_callers_and_its_own_resources_only() {
    let house = house();
    let ours = house.send(&Ask::s3("GET", "/"), &house.admin).expect(200);
    let theirs = house.send(&Ask::s3("GET", "/"), &house.partner).expect(200);
    let found = |id: &str, by| {
        let ask = Ask::admin("GET", &format!("audit?request_id={id}"), "");
        house.send(&ask, by).expect(200).json()["entries"].as_array().unwrap().len()
    };
    assert_eq!(found(ours.request_id(), &house.partner), 0);
    assert_eq!(found(theirs.request_id(), &house.partner), 1);
    // Whoever owns the installation sees all of it.
    assert_eq!(found(ours.request_id(), &house.root), 1);
    assert_eq!(found(theirs.request_id(), &house.root), 1);
    let all = house.send(&Ask::admin("GET", "audit?limit=1000", ""), &house.partner).expect(200);
    for entry in all.json()["entries"].as_array().unwrap() {
        // The bucket is the partner's, and another account's user asks for what lies in it.
        let aimed = entry["target"]["resource"].as_str().unwrap_or_default();
        let own = aimed.starts_with("arn:aws:s3:::disclosed");
        assert!(own || entry["account"] == crate::fixture::PARTNER, "{entry}");
    }
}

/// corpus: ADM-21
/// oracle: answer, twin
#[test]
fn a_role_of_another_account_is_taken_by_those_whom_it_trusts_only() {
    let house = house();
    let make = house.make();
    let role = |name: &str| {
        let arn = crate::fixture::encoded(&format!("arn:aws:iam::{OWNER}:role/{name}"));
        let fields = format!("RoleArn={arn}&RoleSessionName=partner");
        Ask::form("sts", "AssumeRole", &fields)
    };
    let partner = crate::fixture::Maker { client: house.client, by: &house.partner };
    let user = partner.user("foreign-user", Some(EVERYTHING));
    make.role("Closed", &trusts(&format!("arn:aws:iam::{OWNER}:root")), EVERYTHING);
    let partners = format!("arn:aws:iam::{}:root", crate::fixture::PARTNER);
    make.role("Opened", &trusts(&partners), EVERYTHING);
    let denied = house.send(&role("Closed"), &user);
    assert_eq!((denied.status, denied.code().as_str()), (403, "AccessDenied"));
    house.send(&role("Opened"), &user).expect(200);
    // Trust in an account is no right of each of its users.
    let idle = partner.user("foreign-nobody", None);
    assert_eq!(house.send(&role("Opened"), &idle).status, 403);
}
