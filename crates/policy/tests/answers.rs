#![cfg(test)]
//! AWS's own answers to malformed policies, code and sentence: recorded by others against the real
//! services, each row with where it is recorded. Facts only; no document is copied.
//!
//! - *localstack*: `localstack/localstack`, `tests/aws/services/{iam,s3}` (snapshots validated
//!   against AWS, March 2026).
//! - *moto*: `getmoto/moto`, `tests/test_iam/test_iam_policies.py`: what CreatePolicy answers, as
//!   its authors found.

use serde_json::{Value as Json, json};
use strongroom_policy::{Document, Kind};

const JSON: &str = "Policies must be valid JSON and the first byte must be '{'";
const SYNTAX: &str = "Syntax errors in policy.";
const LEGACY: &str = "The policy failed legacy parsing";
const ACTIONS: &str = "Policy statement must contain actions.";
const COLON: &str = "Actions/Condition can contain only one colon.";
const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
const REGEXES: &str = "Resource vendor must be fully qualified and cannot contain regexes.";

/// What is answered to a text, or `accepted`.
fn answer(text: &str, kind: Kind) -> (String, String) {
    match Document::parse(text, kind) {
        Ok(_) => ("accepted".to_owned(), String::new()),
        Err(error) => (error.aws_code().to_owned(), error.aws_message()),
    }
}

#[test]
fn s3_answers_as_it_was_recorded() {
    for (text, message) in [
        ("", JSON),             // localstack: test_bucket_policy_exc, put-empty-bucket-policy
        ("invalid json", JSON), // …, put-bucket-policy-randomstring
        ("{}", "Missing required field Statement"), // …, put-bucket-policy-empty-json
    ] {
        let expected = ("MalformedPolicy".to_owned(), message.to_owned());
        assert_eq!(answer(text, Kind::Bucket), expected, "{text}");
    }
}

#[test]
fn iam_answers_to_a_comma_too_much_as_it_was_recorded() {
    // localstack: test_create_role_with_malformed_assume_role_policy_document, invalid-json
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Action": "sts:AssumeRole", "Principal": "*", "Effect": "Allow",}]}"#;
    let message = "This policy contains invalid Json".to_owned();
    assert_eq!(answer(text, Kind::RoleTrust), ("MalformedPolicyDocument".to_owned(), message));
}

/// A document of one statement that allows, with these members instead of the usual ones.
fn one(members: &Json) -> String {
    let mut statement =
        json!({ "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b" });
    for (key, value) in members.as_object().expect("members") {
        match value {
            Json::Null => drop(statement.as_object_mut().expect("members").remove(key)),
            other => statement[key] = other.clone(),
        }
    }
    json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
}

fn says(text: &str, message: &str) {
    let expected = ("MalformedPolicyDocument".to_owned(), message.to_owned());
    assert_eq!(answer(text, Kind::Identity), expected, "{text}");
}

#[test]
fn iam_answers_to_a_whole_document_as_it_was_found() {
    // moto, as every row from here on.
    let statement = json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" });
    let with = |members: Json| {
        let mut document = json!({ "Version": "2012-10-17", "Statement": statement });
        for (key, value) in members.as_object().expect("members") {
            document[key] = value.clone();
        }
        document.to_string()
    };
    for text in [
        json!("This is not a json document").to_string(),
        with(json!({ "Version": "2013-10-17" })),
        json!({ "Version": "2012-10-17" }).to_string(),
        with(json!({ "Statement": ["afd"] })),
        with(json!({ "Statement": [] })),
        with(json!({ "Extra field": "value" })),
        with(json!({ "Id": ["an-id"] })),
        with(json!({ "Id": {} })),
    ] {
        says(&text, SYNTAX);
    }
    let twice = json!({ "Sid": "a", "Effect": "Deny", "Action": "s3:*", "Resource": "*" });
    says(
        &with(json!({ "Statement": [twice, twice] })),
        "Statement IDs (SID) in a single policy must be unique.",
    );
}

#[test]
fn iam_answers_to_the_elements_of_a_statement_as_it_was_found() {
    for (members, message) in [
        (json!({ "Extra field": "value" }), SYNTAX),
        (json!({ "Effect": "invalid" }), SYNTAX),
        (json!({ "Effect": null }), SYNTAX),
        (json!({ "Effect": "denY" }), LEGACY),
        (json!({ "Effect": "aLLow" }), LEGACY),
        (json!({ "Action": null }), ACTIONS),
        (json!({ "Action": null, "Resource": null }), ACTIONS),
        (json!({ "Action": [[]] }), SYNTAX),
        (json!({ "Action": {} }), SYNTAX),
        (json!({ "NotAction": "s3:Get*" }), SYNTAX),
        (json!({ "NotResource": [] }), SYNTAX),
        (json!({ "Resource": null }), "Policy statement must contain resources."),
        (json!({ "Resource": { "a": "arn:aws:s3:::b" } }), SYNTAX),
        (json!({ "Condition": ["a"] }), SYNTAX),
        (json!({ "Condition": "a" }), SYNTAX),
        (json!({ "Condition": { "a": "arn:aws:s3:::b" } }), SYNTAX),
        (json!({ "Condition": { "a": { "x:b": "c" } } }), SYNTAX),
        (json!({ "Condition": { "DateGreaterThan": { "x:a": {} } } }), SYNTAX),
        (json!({ "Condition": { "DateGreaterThan": { "x:a": "sdfdsf" } } }), LEGACY),
        (json!({ "Condition": { "DateLessThanEquals": { "x:a": "234-13" } } }), LEGACY),
    ] {
        says(&one(&members), message);
    }
}

#[test]
fn iam_answers_to_actions_as_it_was_found() {
    for (action, message) in [
        ("invalid", VENDOR),
        ("", VENDOR),
        ("a a:ListBucket", "Vendor a a is not valid"),
        ("s3:List:Bucket", COLON),
        ("s:3s:ListBucket", COLON),
    ] {
        says(&one(&json!({ "Action": action })), message);
        says(&one(&json!({ "Action": null, "NotAction": action })), message);
    }
}

#[test]
fn iam_answers_to_resources_as_it_was_found() {
    let star = "must be in ARN format or \"*\".";
    let partition = |name: &str, whole: &str| {
        format!("Partition \"{name}\" is not valid for resource \"{whole}\".")
    };
    let path = "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, \
        group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, \
        oidc-provider/, report/, access-report/.";
    for (resource, message) in [
        ("invalid resource", format!("Resource invalid resource {star}")),
        ("adf", format!("Resource adf {star}")),
        ("", format!("Resource  {star}")),
        ("a:bsdfdsafsad", partition("bsdfdsafsad", "arn:bsdfdsafsad:*:*:*:*")),
        ("a:b:cadfsdf", partition("b", "arn:b:cadfsdf:*:*:*")),
        ("a:b:c:d:e:f:g:h", partition("b", "arn:b:c:d:e:f:g:h")),
        ("aws:s3:::b", partition("s3", "arn:s3:::b:*")),
        ("arn:error:s3:::b", partition("error", "arn:error:s3:::b")),
        ("arn:aws", REGEXES.to_owned()),
        ("arn:aws:s3::b", LEGACY.to_owned()),
        ("arn:aws::fdsasf", LEGACY.to_owned()),
        ("arn:aws::::b", LEGACY.to_owned()),
        ("arn:aws:iam:::b", path.to_owned()),
        (
            "arn:aws:iam:us-east-1::b",
            "IAM resource arn:aws:iam:us-east-1::b cannot contain region information.".to_owned(),
        ),
        (
            "arn:aws:s3:us-east-1::b",
            "Resource arn:aws:s3:us-east-1::b can not contain region information.".to_owned(),
        ),
    ] {
        says(&one(&json!({ "Resource": resource })), &message);
        says(&one(&json!({ "Resource": null, "NotResource": resource })), &message);
    }
    for good in [
        "arn:aws:s3:us-west-2:123456789012:accesspoint/a/object/*",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::123456789012:*",
        "arn:aws:iam::123456789012:r*",
        "arn:*:s3:::b",
        "arn:aws:sqs:us-east-1:123456789012:q",
    ] {
        assert_eq!(answer(&one(&json!({ "Resource": good })), Kind::Identity).0, "accepted");
    }
}

#[test]
fn where_the_guide_says_otherwise_ours_is_the_guides() {
    let statement = json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" });
    let old = |version: &str| json!({ "Version": version, "Statement": statement }).to_string();
    // CreatePolicy takes the newer language alone; PutUserPolicy and its like take both.
    assert_eq!(answer(&old("2008-10-17"), Kind::Identity).0, "accepted");
    // The guide has empty lists, and Access Analyzer suggests to leave them out.
    assert_eq!(answer(&one(&json!({ "Action": [] })), Kind::Identity).0, "accepted");
    // A short name is one that is never what it seems to be; a key has a service; ids are letters.
    for (members, message) in [
        (json!({ "Resource": "arn:aws:fdsasf" }), LEGACY),
        (json!({ "Condition": { "StringEquals": { "a": "b" } } }), VENDOR),
        (json!({ "Resource": ["*", null] }), SYNTAX),
    ] {
        says(&one(&members), message);
    }
    assert!(answer(&one(&json!({ "Sid": "a_b" })), Kind::Identity).1.contains("alpha-numeric"));
}

#[test]
fn what_was_kept_before_is_read_although_it_names_nothing() {
    for members in [
        json!({ "Action": "s3:List:Bucket" }),
        json!({ "Action": " s3:ListBucket" }),
        json!({ "Resource": "arn:error:s3:::b" }),
        json!({ "Resource": "arn:aws:s3:us-east-1::b" }),
        json!({ "Resource": "arn:aws:iam:::b" }),
    ] {
        let text = one(&members);
        assert!(Document::parse(&text, Kind::Identity).is_err(), "{text}");
        assert!(Document::kept(&text, Kind::Identity).is_ok(), "{text}");
    }
}
