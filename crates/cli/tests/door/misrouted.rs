//! Requests that no row serves, or that were signed for another service than they are sent to.

use crate::client::{Ask, By};
use crate::fixture::{EVERYTHING, House, encoded, house};
use crate::input::Recorded::Refused;
use crate::input::{bucket, refused};

#[test]
fn what_no_row_serves_is_refused_and_recorded_whoever_asks() {
    let house = house();
    let home = bucket(&house, "misrouted");
    let unknown = Refused("unknown-operation");
    for (ask, code) in [
        (Ask::s3("GET", &format!("{home}?lifecycle")), (501, "NotImplemented")),
        (Ask::s3("PUT", &format!("{home}/key?retention")), (501, "NotImplemented")),
        (Ask::s3("PATCH", &home), (405, "MethodNotAllowed")),
        (Ask::form("iam", "CreateUsers", "UserName=a"), (400, "InvalidAction")),
        (Ask::form("iam", "CreateInstanceProfile", ""), (501, "NotImplemented")),
        (Ask::form("iam", "UploadSSHPublicKey", ""), (501, "NotImplemented")),
        (Ask::form("iam", "GenerateOrganizationsAccessReport", ""), (501, "NotImplemented")),
        (Ask::form("iam", "GetOrganizationsAccessReport", ""), (501, "NotImplemented")),
        (Ask::form("sts", "AssumeRoot", ""), (400, "InvalidAction")),
        (Ask::target("LeaveOrganization", "{}"), (400, "UnknownOperationException")),
        (Ask::admin("GET", "nothing", ""), (404, "NoSuchOperation")),
        (Ask::admin("DELETE", "accounts", ""), (404, "NoSuchOperation")),
    ] {
        for by in [&house.admin, &house.nobody] {
            refused(&house, &house.send(&ask, by), code, unknown);
        }
    }
}

#[test]
fn a_signature_for_one_service_is_none_for_another() {
    let house = house();
    let home = bucket(&house, "misrouted-service");
    let as_service = |ask: Ask, service| Ask { service, ..ask };
    let wrong = [
        as_service(Ask::s3("GET", &home), "sts"),
        as_service(Ask::s3("GET", &home), "strongroom"),
        as_service(Ask::admin("GET", "accounts", ""), "s3"),
        as_service(Ask::admin("GET", "accounts", ""), "iam"),
    ];
    for ask in wrong {
        let answer = house.send(&ask, &house.admin);
        refused(&house, &answer, (403, "SignatureDoesNotMatch"), Refused("malformed"));
    }
    // IAM and STS share a place, and each has its own actions.
    let users = Ask::form("iam", "ListUsers", "");
    house.send(&users, &house.admin).expect(200);
    let answer = house.send(&as_service(users, "sts"), &house.admin);
    refused(&house, &answer, (400, "InvalidAction"), Refused("unknown-operation"));
}

#[test]
fn a_form_is_given_once_and_says_each_thing_once() {
    let house = house();
    let send = |ask: &Ask| house.send(ask, &house.admin);
    let users = Ask::form("iam", "ListUsers", "MaxItems=10");
    send(&users).expect(200);
    for (what, ask) in [
        ("twice", Ask::form("iam", "ListUsers", "MaxItems=10&MaxItems=20")),
        ("two actions", Ask::form("iam", "ListUsers", "Action=GetUser")),
        ("no such number", Ask::form("iam", "ListUsers", "MaxItems=many")),
        ("in the query too", Ask { target: "/?MaxItems=10".to_owned(), ..users.clone() }),
    ] {
        let answer = send(&ask);
        assert_eq!((answer.status, answer.code().as_str()), (400, "ValidationError"), "{what}");
    }
    let huge = format!("PathPrefix=%2F{}", "a".repeat(2 * 1024 * 1024));
    let answer = send(&Ask::form("iam", "ListUsers", &huge));
    refused(&house, &answer, (413, "EntityTooLarge"), Refused("limit-exceeded"));
}

#[test]
fn json_is_strict() {
    let house = house();
    let send = |json: &str| house.send(&Ask::admin("POST", "accounts", json), &house.root);
    let nested = format!(r#"{{"name":{}1{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    for bad in [
        r#"{"name":"strict","nam":1}"#,
        r#"{"name":"strict","name":"other"}"#,
        r#"{"name":"strict"} {}"#,
        r#"{"name":"strict""#,
        "[]",
        nested.as_str(),
    ] {
        refused(&house, &send(bad), (400, "MalformedJson"), Refused("malformed"));
    }
    send(r#"{"name":"strict"}"#).expect(200);
}

#[test]
fn a_name_that_is_none_makes_nothing() {
    let house = house();
    let policy = encoded(EVERYTHING);
    for (action, fields) in [
        ("CreateUser", "UserName=a%2Fb".to_owned()),
        ("CreateUser", "UserName=".to_owned()),
        ("CreateUser", format!("UserName={}", "a".repeat(65))),
        ("CreateUser", "UserName=good&Path=no-slash".to_owned()),
        ("CreateGroup", "GroupName=a%20b".to_owned()),
        ("CreatePolicy", format!("PolicyName=a%3Ab&PolicyDocument={policy}")),
        ("GetPolicy", "PolicyArn=nothing".to_owned()),
    ] {
        let answer = house.send(&Ask::form("iam", action, &fields), &house.admin);
        refused(&house, &answer, (400, "ValidationError"), Refused("malformed"));
    }
    made(&house, &format!("UserName={}", "a".repeat(64)));
}

fn made(house: &House, fields: &str) {
    let ask = Ask::form("iam", "CreateUser", fields);
    house.client.send(&ask, By::Key(&house.admin)).expect(200);
}
