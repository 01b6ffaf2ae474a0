//! What ends a credential ends it with the next request, and nothing else does.

use serde_json::json;
use signing::sign::Credentials;

use crate::client::Ask;
use crate::fixture::{EVERYTHING, House, Maker, encoded, house, trusts};
use crate::server::OWNER;

/// A row that only a caller with a right is let in to.
fn buckets() -> Ask {
    Ask::s3("GET", "/")
}

fn own_trust() -> String {
    trusts(&format!("arn:aws:iam::{OWNER}:root"))
}

/// corpus: REV-03
/// oracle: answer, twin
#[test]
fn a_key_that_is_switched_off_comes_back_and_one_that_is_deleted_does_not() {
    let house = house();
    let make = house.make();
    let user = make.user("keyed", Some(EVERYTHING));
    let fields = format!("UserName=keyed&AccessKeyId={}", user.access_key_id);
    house.send(&buckets(), &user).expect(200);
    make.iam("UpdateAccessKey", &format!("{fields}&Status=Inactive"));
    assert_eq!(house.send(&buckets(), &user).code(), "InvalidAccessKeyId");
    make.iam("UpdateAccessKey", &format!("{fields}&Status=Active"));
    house.send(&buckets(), &user).expect(200);
    make.iam("DeleteAccessKey", &fields);
    assert_eq!(house.send(&buckets(), &user).code(), "InvalidAccessKeyId");
}

#[test]
fn revoking_a_role_ends_what_was_issued_before_and_nothing_after() {
    let house = house();
    house.make().role("Recalled", &own_trust(), EVERYTHING);
    house.make().role("Kept", &own_trust(), EVERYTHING);
    let admins = Maker { client: house.client, by: &house.admin };
    let before = admins.session("Recalled", "before", "");
    let other = admins.session("Kept", "other", "");
    house.send(&buckets(), &before).expect(200);
    let role = format!("arn:aws:iam::{OWNER}:role/Recalled");
    let revoke = json!({ "principal": role }).to_string();
    house.make().send(&Ask::admin("POST", "sessions/revoke", &revoke)).expect(200);
    let ended = house.send(&buckets(), &before);
    assert_eq!((ended.status, ended.code().as_str()), (400, "ExpiredToken"));
    house.send(&buckets(), &other).expect(200);
    let after = admins.session("Recalled", "after", "");
    house.send(&buckets(), &after).expect(200);
}

/// What the revocation of a session is told.
fn revoked(house: &House, by: &Credentials, id: &str) -> String {
    let revoke = json!({ "session": id }).to_string();
    let answer = house.send(&Ask::admin("POST", "sessions/revoke", &revoke), by);
    if answer.status == 200 { "revoked".to_owned() } else { answer.code() }
}

#[test]
fn a_session_that_was_never_made_or_has_ended_is_not_there_to_be_revoked() {
    let house = house();
    house.make().role("Once", &own_trust(), EVERYTHING);
    let admins = Maker { client: house.client, by: &house.admin };
    let [one, other] = ["one", "other"].map(|name| admins.session("Once", name, ""));
    let root = &house.root;
    let id = one.access_key_id.as_str();
    assert_eq!(revoked(&house, root, "ASIANEVERNEVERNEVER0"), "NoSuchSession");
    assert_eq!(revoked(&house, root, id), "revoked");
    assert_eq!(revoked(&house, root, id), "NoSuchSession");
    assert_eq!(house.send(&buckets(), &one).code(), "ExpiredToken");
    house.send(&buckets(), &other).expect(200);
}

/// corpus: REV-01, REV-05
/// oracle: answer, twin
#[test]
fn a_session_ends_with_its_role_or_with_the_key_that_took_it() {
    let house = house();
    let make = house.make();
    make.role("Removed", &own_trust(), EVERYTHING);
    make.role("Standing", &own_trust(), EVERYTHING);
    let user = make.user("taker", Some(EVERYTHING));
    let takers = Maker { client: house.client, by: &user };
    let (removed, standing) =
        (takers.session("Removed", "one", ""), takers.session("Standing", "two", ""));
    make.iam("DeleteRolePolicy", "RoleName=Removed&PolicyName=own");
    assert_eq!(house.send(&buckets(), &removed).code(), "AccessDenied");
    make.iam("DeleteRole", "RoleName=Removed");
    assert_eq!(house.send(&buckets(), &removed).code(), "ExpiredToken");
    house.send(&buckets(), &standing).expect(200);
    // A role of the same name is another role.
    make.role("Removed", &own_trust(), EVERYTHING);
    assert_eq!(house.send(&buckets(), &removed).code(), "ExpiredToken");
}

/// corpus: REV-04, REV-08
/// oracle: answer, twin
#[test]
fn a_right_that_is_taken_away_is_gone_with_the_next_request() {
    let house = house();
    let make = house.make();
    let user = make.user("righted", Some(EVERYTHING));
    house.send(&buckets(), &user).expect(200);
    make.iam("DeleteUserPolicy", "UserName=righted&PolicyName=own");
    assert_eq!(house.send(&buckets(), &user).code(), "AccessDenied");
    make.iam("CreateGroup", "GroupName=righteous");
    let fields =
        format!("GroupName=righteous&PolicyName=own&PolicyDocument={}", encoded(EVERYTHING));
    make.iam("PutGroupPolicy", &fields);
    make.iam("AddUserToGroup", "GroupName=righteous&UserName=righted");
    house.send(&buckets(), &user).expect(200);
    make.iam("RemoveUserFromGroup", "GroupName=righteous&UserName=righted");
    assert_eq!(house.send(&buckets(), &user).code(), "AccessDenied");
}
