//! What is told of what is not there, and of what is there and is nobody's business.

use serde_json::json;

use crate::client::{Ask, By};
use crate::fixture::house;

/// What the record says of a request: the verdict, the reason's word, the status, the code.
fn recorded(request_id: &str) -> [String; 4] {
    let house = house();
    let ask = Ask::admin("GET", &format!("audit?request_id={request_id}"), "");
    let found = house.send(&ask, &house.root).expect(200).json();
    let entry = &found["entries"][0];
    let closed = &entry["closed"];
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let status = closed["status"].to_string();
    [text(&entry["verdict"]), text(&entry["reason"]["code"]), status, text(&closed["code"])]
}

#[test]
fn whoever_has_proved_who_it_is_learns_that_a_bucket_is_not_there_and_the_record_tells_both() {
    let house = house();
    for (method, target) in
        [("GET", "/never-made-by-anybody/k"), ("PUT", "/never-made-by-anybody/k")]
    {
        let answer = house.send(&Ask::s3(method, target), &house.nobody).expect(404);
        assert_eq!(answer.code(), "NoSuchBucket", "{answer:?}");
        assert_eq!(answer.element("BucketName").as_deref(), Some("never-made-by-anybody"));
        assert!(answer.header("x-strongroom-decision-id").is_some());
        let said = recorded(answer.request_id());
        assert_eq!(said, ["refused", "denied", "404", "NoSuchBucket"]);
    }
    house.send(&Ask::s3("HEAD", "/never-made-by-anybody"), &house.nobody).expect(404);
}

#[test]
fn what_is_there_stays_forbidden_and_a_stranger_learns_nothing_of_either() {
    let house = house();
    house.make().bucket("absent-there");
    let answer = house.send(&Ask::s3("GET", "/absent-there/k"), &house.nobody).expect(403);
    assert_eq!(recorded(answer.request_id()), ["refused", "denied", "403", "AccessDenied"]);
    for target in ["/absent-there/k", "/never-made-by-anybody/k"] {
        house.client.send(&Ask::s3("GET", target), By::Nobody).expect(403);
    }
    house.send(&Ask::s3("PUT", "/never-made-by-anybody"), &house.nobody).expect(403);
}

#[test]
fn a_bucket_that_is_not_there_has_nothing_that_could_be_deleted_in_it() {
    let house = house();
    let body = "<Delete><Object><Key>k</Key></Object></Delete>";
    let ask = |bucket: &str| Ask::s3("POST", &format!("/{bucket}?delete")).xml(body);
    for caller in [&house.nobody, &house.root] {
        let answer = house.send(&ask("never-made-by-anybody"), caller).expect(404);
        assert_eq!(answer.code(), "NoSuchBucket");
    }
    house.make().bucket("absent-many");
    let answer = house.send(&ask("absent-many"), &house.nobody).expect(200);
    assert_eq!(answer.code(), "AccessDenied", "{answer:?}");
}

#[test]
fn how_many_tags_an_object_has_is_told_to_those_who_may_read_them() {
    let house = house();
    house.make().bucket("absent-tags");
    let put = |key: &str| Ask::s3("PUT", &format!("/absent-tags/{key}")).body("x");
    house.make().send(&put("two").with("x-amz-tagging", "a=1&b=2")).expect(200);
    house.make().send(&put("none")).expect(200);
    let policy = |actions: &[&str]| {
        let all = "arn:aws:s3:::absent-tags/*";
        let allow = json!({ "Effect": "Allow", "Action": actions, "Resource": all });
        json!({ "Version": "2012-10-17", "Statement": [allow] }).to_string()
    };
    let both = policy(&["s3:GetObject", "s3:GetObjectTagging"]);
    let both = house.make().user("absent-both", Some(&both));
    let read = house.make().user("absent-read", Some(&policy(&["s3:GetObject"])));
    for method in ["GET", "HEAD"] {
        let count = |key: &str, by| {
            let answer = house.send(&Ask::s3(method, &format!("/absent-tags/{key}")), by);
            answer.expect(200).header("x-amz-tagging-count").map(str::to_owned)
        };
        assert_eq!(count("two", &both).as_deref(), Some("2"));
        assert_eq!(count("two", &read), None, "{method}");
        assert_eq!(count("none", &both), None, "{method}");
    }
}
