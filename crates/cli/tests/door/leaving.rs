//! What programs ask before they remove a user: credentials of kinds that nobody has here.

use serde_json::{Value, json};

use crate::client::Ask;
use crate::fixture::{encoded, house};
use crate::server::OWNER;

const LISTS: [(&str, &str); 3] = [
    ("ListSSHPublicKeys", "<SSHPublicKeys></SSHPublicKeys>"),
    ("ListSigningCertificates", "<Certificates></Certificates>"),
    ("ListServiceSpecificCredentials", "<ServiceSpecificCredentials></ServiceSpecificCredentials>"),
];

fn policy(statement: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
}

#[test]
fn a_user_has_no_credentials_of_other_kinds_and_who_is_not_there_is_not_found() {
    let house = house();
    house.make().user("leaving", None);
    for (list, empty) in LISTS {
        for fields in ["UserName=leaving", "UserName=leaving&MaxItems=10", ""] {
            let told = house.send(&Ask::form("iam", list, fields), &house.admin).expect(200);
            assert!(told.body.contains(empty), "{}", told.body);
            assert!(told.body.contains("<IsTruncated>false</IsTruncated>"), "{}", told.body);
        }
        let nobody = house.send(&Ask::form("iam", list, "UserName=never-was"), &house.admin);
        assert_eq!((nobody.status, nobody.code().as_str()), (404, "NoSuchEntity"));
    }
}

#[test]
fn the_credentials_of_a_user_are_told_to_those_who_may_list_them_alone() {
    let house = house();
    house.make().user("leaving-too", None);
    let own = format!("arn:aws:iam::{OWNER}:user/leaving-reader");
    let reads = policy(&json!({
        "Effect": "Allow", "Action": ["iam:ListS*"], "Resource": own,
    }));
    let reader = house.make().user("leaving-reader", Some(&reads));
    for (list, _) in LISTS {
        house.send(&Ask::form("iam", list, ""), &reader).expect(200);
        let other = house.send(&Ask::form("iam", list, "UserName=leaving-too"), &reader);
        assert_eq!((other.status, other.code().as_str()), (403, "AccessDenied"));
        let stranger = house.send(&Ask::form("iam", list, ""), &house.nobody);
        assert_eq!((stranger.status, stranger.code().as_str()), (403, "AccessDenied"));
    }
}

#[test]
fn credentials_of_one_service_are_of_one_user_or_of_all_and_of_a_service_that_has_any() {
    let house = house();
    house.make().user("leaving-last", None);
    let own = policy(&json!({
        "Effect": "Allow", "Action": "iam:ListServiceSpecificCredentials",
        "Resource": format!("arn:aws:iam::{OWNER}:user/*"),
    }));
    let narrow = house.make().user("leaving-narrow", Some(&own));
    let ask = |fields: &str| Ask::form("iam", "ListServiceSpecificCredentials", fields);
    let of = |service: &str| format!("ServiceName={}", encoded(service));
    house.send(&ask("AllUsers=true"), &house.admin).expect(200);
    house.send(&ask("AllUsers=false"), &narrow).expect(200);
    assert_eq!(house.send(&ask("AllUsers=true"), &narrow).code(), "AccessDenied");
    house.send(&ask(&of("codecommit.amazonaws.com")), &house.admin).expect(200);
    let unknown = house.send(&ask(&of("lambda.amazonaws.com")), &house.admin);
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "NoSuchEntity"));
    let both = house.send(&ask("AllUsers=true&UserName=leaving-last"), &house.admin);
    assert_eq!((both.status, both.code().as_str()), (400, "ValidationError"));
}
