//! What a trace says beside its statements.

use serde_json::{Value as Json, json};
use strongroom_policy::simulate::{Change, what_if};
use strongroom_policy::{Miss, Place, Rule, Trace, case, decide, explain, smallest_grant};

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const ROOT: &str = "arn:aws:iam::111122223333:root";

/// The trace of getting an object of one's own account, with what else a case says.
fn trace(principal: &str, more: &Json) -> Trace {
    let mut text = json!({ "request": { "principal": principal, "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333" } });
    for (key, value) in more.as_object().unwrap() {
        text[key] = value.clone();
    }
    let cases = case::parse(&text.to_string()).unwrap_or_else(|e| panic!("{e} {text}"));
    explain(&cases[0].check, &cases[0].question())
}

fn named(statements: &Json) -> Json {
    json!({ "name": "p", "document": { "Version": "2012-10-17", "Statement": statements } })
}

fn allow(action: &str, principal: Json) -> Json {
    let mut own = json!({ "Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::b/*" });
    if !principal.is_null() {
        own["Principal"] = principal;
    }
    own
}

#[test]
fn that_only_the_account_is_named_is_told_where_that_is_all_that_is_said() {
    let account = || json!({ "AWS": "111122223333" });
    let told = |statements: Json| {
        let rules = trace(ALICE, &json!({ "resource_policy": named(&statements) })).rules;
        rules.contains(&Rule::AccountNamed)
    };
    let get = allow("s3:GetObject", account());
    assert!(told(json!([get])));
    assert!(told(json!([get, allow("s3:PutObject", account())])));
    assert!(!told(json!([allow("s3:PutObject", account())])));
    assert!(!trace(ALICE, &json!({})).rules.contains(&Rule::AccountNamed));
}

#[test]
fn roots_right_is_told_where_it_is_used_and_not_where_it_is_taken() {
    assert_eq!(trace(ROOT, &json!({})).rules, [Rule::Root]);
    let boundary = named(&json!([allow("s3:PutObject", Json::Null)]));
    let bounded = trace(ROOT, &json!({ "permissions_boundaries": [boundary] }));
    assert_eq!(bounded.rules, []);
    let own = named(&json!([allow("s3:GetObject", Json::Null)]));
    assert_eq!(trace(ROOT, &json!({ "identity_policies": [own] })).rules, []);
    assert_eq!(trace(ALICE, &json!({})).rules, []);
}

#[test]
fn a_caller_is_told_by_all_of_its_names() {
    let actual = |principal: &str| {
        let policy = named(&json!([allow("s3:GetObject", json!({ "AWS": "444455556666" }))]));
        let trace = trace(principal, &json!({ "resource_policy": policy }));
        match &trace.considered[0].statements[0].misses[..] {
            [Miss::Principal { actual, .. }] => actual.join(" "),
            other => panic!("{other:?}"),
        }
    };
    let account = "111122223333";
    let sts = |name: &str| format!("arn:aws:sts::111122223333:{name}");
    let (session, made) = (sts("assumed-role/R/work"), sts("federated-user/made"));
    assert_eq!(actual(ALICE), format!("{ALICE} {account}"));
    let role = "arn:aws:iam::111122223333:role/R";
    assert_eq!(actual(&session), format!("{session} {role} {account}"));
    let told = actual(&made);
    assert!(told.starts_with(&format!("{made} arn:aws:iam::111122223333:user/")), "{told}");
    assert!(told.ends_with(account), "{told}");
}

#[test]
fn each_rule_is_told_in_words_of_its_own() {
    let all = [
        Rule::CallerIdentity,
        Rule::Root,
        Rule::OwnersRoot,
        Rule::FederatedUser,
        Rule::CrossAccount,
        Rule::AccountNamed,
        Rule::PublicAccessBlock,
    ];
    let mut told: Vec<String> = all.iter().map(Rule::to_string).collect();
    assert!(told.iter().all(|words| words.len() > 20), "{told:?}");
    told.sort();
    told.dedup();
    assert_eq!(told.len(), all.len());
}

#[test]
fn a_grant_belongs_where_it_is_missing_and_none_mends_a_public_block() {
    let places = |text: Json| -> Vec<Place> {
        let case = case::parse(&text.to_string()).unwrap().remove(0);
        let decision = decide(&case.check, &case.question());
        smallest_grant(&decision, &case.principal).iter().map(|grant| grant.place).collect()
    };
    let role = json!({ "request": { "principal": ALICE, "action": "sts:AssumeRole",
        "resource": "arn:aws:iam::444455556666:role/R" } });
    let mut both = places(role);
    both.sort_by_key(|place| *place != Place::Identity);
    assert_eq!(both, [Place::Identity, Place::Trust]);
    let mut public = json!({ "request": { "principal": ALICE, "action": "s3:GetObject",
            "resource": "arn:aws:s3:::b/k", "resource_account": "444455556666" },
        "resource_policy": named(&json!([allow("s3:GetObject", "*".into())])) });
    assert_eq!(places(public.clone()), [Place::Identity]);
    public["block_public_access"] = json!({ "RestrictPublicBuckets": true });
    assert_eq!(places(public), []);
}

#[test]
fn names_differ_by_case_but_for_those_of_iam() {
    let denied = |resource: &str, asked: &str| {
        let deny = json!({ "Effect": "Deny", "Action": "*", "Resource": resource });
        let text = json!({ "request": { "principal": ALICE, "action": "s3:GetObject",
            "resource": asked }, "identity_policies": [named(&json!([deny]))] });
        let case = case::parse(&text.to_string()).unwrap().remove(0);
        decide(&case.check, &case.question()).statement().is_some()
    };
    for lead in ["arn:aws:s3:::", "arn:aws:ec2:::"] {
        assert!(denied(&format!("{lead}B/Key"), &format!("{lead}B/Key")), "{lead}");
        assert!(!denied(&format!("{lead}B/Key"), &format!("{lead}b/key")), "{lead}");
    }
    let iam = |name: &str| format!("arn:aws:iam::111122223333:user/{name}");
    assert!(denied(&iam("Boss"), &iam("Boss")) && denied(&iam("Boss"), &iam("bOSS")));
    assert!(!denied(&iam("Boss"), &iam("Bos")));
}

#[test]
fn what_is_left_of_a_layer_guards_still() {
    let with = |name: &str, action: &str| {
        json!({ "name": name, "document": { "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] } })
    };
    let two = || json!([with("left", "s3:PutObject"), with("goes", "s3:GetObject")]);
    let after = |more: &Json| {
        let mut text = json!({ "request": { "principal": ALICE, "action": "s3:GetObject",
            "resource": "arn:aws:s3:::b/k" }, "identity_policies": [with("all", "*")] });
        let more = more.as_object().unwrap();
        more.iter().for_each(|(key, value)| text[key] = value.clone());
        let case = case::parse(&text.to_string()).unwrap().remove(0);
        let answer = what_if(&case.check, &case.question(), &[Change::Detach("goes".to_owned())]);
        assert!(answer.before.is_allowed());
        answer.after.is_allowed()
    };
    assert!(!after(&json!({ "session_policies": two() })));
    assert!(!after(&json!({ "service_control_policies": [two()] })));
    // What is left empty guards nothing any more.
    assert!(after(&json!({ "session_policies": [with("goes", "s3:GetObject")] })));
    assert!(after(&json!({ "service_control_policies": [[with("goes", "s3:GetObject")]] })));
}
