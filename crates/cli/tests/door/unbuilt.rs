//! Holes of others in what this server does not have: each is asked for, is refused without an
//! effect, and the nearest thing that is here is served. Whoever builds one of these finds here
//! what its tests must show instead.
//!
//! oracle: answer, twin

use std::process::{Command, Stdio};

use serde_json::json;

use crate::client::{Ask, By};
use crate::fixture::{EVERYTHING, encoded, house};
use crate::input::{absent, bucket};
use crate::server::Server;

const NOT_HERE: (u16, &str) = (501, "NotImplemented");

/// No policy engine stands beside the built-in one, so there is none that could be asked with less
/// than it. That one sees an object's tags, and an absent tag is absent: a condition that it be
/// some other does not hold for it.
#[test]
fn pol_12_tags_are_there_for_whoever_decides() {
    let house = house();
    let home = bucket(&house, "pol-12");
    let make = house.make();
    for (key, tags) in [("open", "level=low"), ("shut", "level=high"), ("bare", "")] {
        let put = Ask::s3("PUT", &format!("{home}/{key}")).with("x-amz-tagging", tags).body("x");
        make.send(&put).expect(200);
    }
    let text = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" },
        { "Effect": "Deny", "Action": "s3:GetObject", "Resource": "*",
          "Condition": { "StringNotEquals": { "s3:ExistingObjectTag/level": "low" } } },
    ]});
    let user = make.user("pol-12", Some(&text.to_string()));
    house.send(&Ask::s3("GET", &format!("{home}/open")), &user).expect(200);
    for key in ["shut", "bare"] {
        let answer = house.send(&Ask::s3("GET", &format!("{home}/{key}")), &user);
        assert_eq!(answer.code(), "AccessDenied", "{key}");
    }
}

/// A policy is JSON of AWS's language and nothing else: no code of a user is run.
#[test]
fn pol_22_a_policy_is_no_program() {
    let house = house();
    let home = bucket(&house, "pol-22");
    let make = house.make();
    make.user("pol-22", None);
    let rego = "package a\nallow { http.send({\"url\": \"http://127.0.0.1\"}) with input as {} }";
    let put = |text: &str| {
        let fields = format!("UserName=pol-22&PolicyName=p&PolicyDocument={}", encoded(text));
        make.send(&Ask::form("iam", "PutUserPolicy", &fields))
    };
    assert_eq!(put(rego).code(), "MalformedPolicyDocument");
    let bucket = make.send(&Ask::s3("PUT", &format!("{home}?policy")).body(rego));
    assert_eq!((bucket.status, bucket.code().as_str()), (400, "MalformedPolicy"));
    put(EVERYTHING).expect(200);
}

/// There are no locks of objects: who asks for one is told so, and nothing is stored that its
/// owner would take for locked.
#[test]
fn pol_36_a_lock_that_nobody_keeps_is_not_taken() {
    let house = house();
    let home = bucket(&house, "pol-36");
    let make = house.make();
    for (header, value) in [
        ("x-amz-object-lock-mode", "COMPLIANCE"),
        ("x-amz-object-lock-legal-hold", "ON"),
        ("x-amz-object-lock-retain-until-date", "2099-01-01T00:00:00Z"),
    ] {
        let put = Ask::s3("PUT", &format!("{home}/locked")).with(header, value).body("x");
        let answer = make.send(&put);
        assert_eq!((answer.status, answer.code().as_str()), NOT_HERE, "{header}");
        absent(&house, &format!("{home}/locked"));
    }
    make.object(&format!("{home}/plain"));
    for what in ["retention", "legal-hold"] {
        for method in ["GET", "PUT"] {
            let answer = make.send(&Ask::s3(method, &format!("{home}/plain?{what}")));
            assert_eq!((answer.status, answer.code().as_str()), NOT_HERE, "{method} {what}");
        }
    }
    let made = Ask::s3("PUT", "/pol-36-locked").with("x-amz-bucket-object-lock-enabled", "true");
    assert_eq!(make.send(&made).code(), NOT_HERE.1);
    assert_eq!(make.send(&Ask::s3("HEAD", "/pol-36-locked")).status, 404);
}

/// Nothing is done later with anybody's rights: no lifecycle, no replication, no batch.
#[test]
fn adm_19_no_job_outlives_the_rights_of_its_maker() {
    let house = house();
    let home = bucket(&house, "adm-19");
    let make = house.make();
    make.object(&format!("{home}/a"));
    for what in ["lifecycle", "replication", "notification", "inventory&id=a", "analytics&id=a"] {
        for method in ["GET", "PUT"] {
            let answer = make.send(&Ask::s3(method, &format!("{home}?{what}")));
            assert_eq!((answer.status, answer.code().as_str()), NOT_HERE, "{method} {what}");
        }
    }
    make.send(&Ask::s3("GET", &format!("{home}/a"))).expect(200);
}

/// There is no console, so there is nothing to sign in to with a browser: what others have there
/// is no page, gives no cookie, and a cookie is no credential.
#[test]
fn adm_24_no_state_of_a_provider_signs_anybody_in() {
    let house = house();
    for path in ["/oauth_callback?state=&code=x", "/login?state=x", "/api/v1/login/oauth2/auth"] {
        for method in ["GET", "POST"] {
            let ask = Ask::s3(method, path).with("cookie", "token=x; session=x");
            let answer = house.client.send(&ask, By::Nobody);
            assert!((400..500).contains(&answer.status), "{method} {path}: {answer:?}");
            assert_eq!(answer.header("set-cookie"), None, "{method} {path}");
        }
    }
    house.send(&Ask::s3("GET", "/"), &house.admin).expect(200);
}

/// One process has the data, and no other keeps a copy of it that could grow stale: a second one
/// does not start beside it, and does when it is gone.
#[test]
fn rev_09_there_is_no_second_node_to_be_cut_off() {
    let server = Server::start("");
    let mut second = Command::new(env!("CARGO_BIN_EXE_strongroom"));
    second.arg("server").arg(server.directory().join("data"));
    second.args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"]).env_clear();
    let ended = second.stdin(Stdio::null()).output().unwrap();
    assert!(!ended.status.success(), "{ended:?}");
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(told.contains("in use by another process"), "{told}");
    assert!(!String::from_utf8_lossy(&ended.stdout).contains("ready"));
    drop(server.again());
}
