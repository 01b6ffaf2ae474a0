//! Differences that show in one corner alone: to one caller, in one standing, at one resource.

use serde_json::{Value as Json, json};
use strongroom_policy::Kind;
use strongroom_policy::case::{self, Case};
use strongroom_policy::compare::{Answer, Standing, cases};

use crate::pairs::{answer, attached, diff};

fn allow(action: &str, resource: &str) -> Json {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

fn to(principal: Json) -> Json {
    let mut statement = allow("s3:GetObject", "arn:aws:s3:::b/*");
    statement["Principal"] = principal;
    statement
}

/// Alice's case with these identity policies.
fn layers(identity: &[Json]) -> Case {
    let text = json!({
        "request": { "principal": "arn:aws:iam::111122223333:user/alice",
            "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x" },
        "identity_policies": [{ "name": "p", "document": {
            "Version": "2012-10-17", "Statement": identity } }],
    });
    case::parse(&text.to_string()).unwrap().remove(0)
}

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const ZOE: &str = "arn:aws:iam::111122223333:user/zoe";

#[test]
fn a_boundary_takes_away_what_a_list_of_exceptions_spares() {
    let everyone = to("*".into());
    let deny = |rest: Json| {
        let mut statement = to("*".into());
        statement["Effect"] = "Deny".into();
        for (key, value) in rest.as_object().unwrap() {
            statement[key] = value.clone();
        }
        statement
    };
    let mut spared = deny(json!({ "NotPrincipal": { "AWS": [ALICE, "111122223333"] } }));
    spared.as_object_mut().unwrap().remove("Principal");
    let asked = deny(json!({ "Condition": { "StringNotEquals": { "aws:PrincipalArn": ALICE } } }));
    let found = diff(Kind::Bucket, &json!([everyone, spared]), &json!([everyone, asked]));
    let bounded = |d: &&_| -> bool {
        let d: &strongroom_policy::compare::Difference = d;
        d.request.standing == Some(Standing::Bounded)
    };
    let shown = found.differences.iter().find(bounded);
    assert!(shown.is_some_and(|d| d.request.principal == ALICE), "{found:?}");
}

#[test]
fn a_boundary_counts_where_every_statement_spares_somebody() {
    let spares = |effect: &str, named: Json| {
        json!({ "Effect": effect, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
            "NotPrincipal": { "AWS": named } })
    };
    let nobody = || json!("arn:aws:iam::999999999999:user/nobody");
    let open = spares("Allow", nobody());
    let mut asked = spares("Deny", nobody());
    asked["Condition"] = json!({ "StringNotEquals": { "aws:PrincipalArn": ALICE } });
    let spared = spares("Deny", json!([ALICE, "111122223333"]));
    let found = diff(Kind::Bucket, &json!([open, spared]), &json!([open, asked]));
    let bounded = found.differences.iter().find(|d| d.request.standing == Some(Standing::Bounded));
    assert!(bounded.is_some_and(|d| d.request.principal == ALICE), "{found:?}");
}

#[test]
fn whoever_is_named_beside_its_account_is_found_behind_those_who_are_not() {
    let account = to(json!({ "AWS": "111122223333" }));
    let both = to(json!({ "AWS": ["111122223333", ZOE] }));
    let found = diff(Kind::Bucket, &account, &both);
    assert_eq!(found.answer(), Answer::Differs);
    assert!(found.differences.iter().all(|d| d.request.principal == ZOE), "{found:?}");
}

#[test]
fn two_names_of_one_key_are_one_key() {
    let own = |key: &str| {
        let mut statement = allow("s3:GetObject", "*");
        statement["Condition"] = json!({ "StringEquals": { key: "444455556666" } });
        statement
    };
    let (ours, theirs) = (own("aws:ResourceAccount"), own("s3:ResourceAccount"));
    assert_eq!(answer(Kind::Identity, &ours, &theirs), Answer::Same);
    assert_eq!(answer(Kind::Identity, &ours, &allow("s3:GetObject", "*")), Answer::Differs);
}

#[test]
fn a_deny_of_the_new_side_alone_is_a_difference_of_the_one_action() {
    let own = allow("s3:GetObject", "*");
    let mut deny = own.clone();
    deny["Effect"] = "Deny".into();
    for (old, new) in [(json!([own]), json!([own, deny])), (json!([own, deny]), json!([own]))] {
        assert_eq!(answer(Kind::Identity, &old, &new), Answer::Differs);
    }
}

#[test]
fn each_statement_that_decides_is_a_difference_of_its_own() {
    let (old, get, put) =
        (allow("iam:GetUser", "*"), allow("s3:GetObject", "*"), allow("s3:PutObject", "*"));
    let found = diff(Kind::Identity, &old, &json!([old, get, put]));
    assert_eq!(found.differences.len(), 2, "{found:?}");
    let found = diff(Kind::Identity, &json!([old, get, put]), &old);
    assert_eq!(found.differences.len(), 2, "{found:?}");
}

#[test]
fn a_role_that_cannot_be_assumed_hides_no_other_resource() {
    let get = allow("s3:GetObject", "*");
    let assume = allow("sts:AssumeRole", "*");
    let found = cases(&layers(std::slice::from_ref(&get)), &layers(&[get.clone(), assume]));
    assert_eq!(found.unwrap().answer(), Answer::Differs);
}

#[test]
fn a_bucket_policy_of_one_side_is_asked_of_buckets_alone() {
    let everything = [allow("*", "*")];
    let (mut old, new) = (layers(&everything), layers(&everything));
    let mut open = allow("*", "*");
    open["Principal"] = json!({ "AWS": ALICE });
    old.resource.policy = Some(attached(&open, Kind::Bucket));
    assert_eq!(cases(&old, &new).unwrap().answer(), Answer::Same);
    assert_eq!(cases(&new, &old).unwrap().answer(), Answer::Same);
}
