//! What `strongroom policy diff` and `strongroom policy simulate` answer, by running them.
#![cfg(test)]

mod command;

use command::{Ran, run_with};
use serde_json::Value;

const OLD: &str = r#"{"Version": "2012-10-17", "Statement": {"Sid": "Read", "Effect": "Allow",
    "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
    "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.1"}}}}"#;

fn wider() -> String {
    OLD.replace("10.0.0.1", "10.0.0.0/31")
}

const CASE: &str = r#"{
  "name": "alice reads",
  "request": {
    "principal": "arn:aws:iam::111122223333:user/alice",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::b/x",
    "context": { "aws:SourceIp": "10.0.0.1" }
  },
  "identity_policies": [{ "name": "read", "document": POLICY }]
}"#;

fn case() -> String {
    CASE.replace("POLICY", OLD)
}

/// Runs in a directory with these files; `DIR/` in a word is that directory.
fn run(words: &[&str], files: &[(&str, &str)]) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    let path = format!("{}/", directory.path().display());
    let words: Vec<String> = words.iter().map(|word| word.replace("DIR/", &path)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run_with(&words, "", &[])
}

fn diff(old: &str, new: &str, flags: &[&str]) -> Ran {
    let words: Vec<&str> =
        ["policy", "diff", "DIR/old", "DIR/new"].into_iter().chain(flags.iter().copied()).collect();
    run(&words, &[("old", old), ("new", new)])
}

#[test]
fn the_same_is_status_0() {
    let ran = diff(OLD, OLD, &[]);
    assert_eq!((ran.status, ran.out.as_str()), (0, "same: no request changes outcome\n"));
    let ran = diff(OLD, OLD, &["--json"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, "{\"answer\":\"same\"}\n"));
}

#[test]
fn a_difference_is_status_1_with_the_request_that_shows_it() {
    let ran = diff(OLD, &wider(), &[]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let first = "NEW allows what OLD denied: s3:GetObject on arn:aws:s3:::b/x when aws:SourceIp = \
                 10.0.0.0\n";
    assert!(ran.out.starts_with(first), "{}", ran.out);
    assert!(ran.out.contains("  NEW: allow by NEW/Read (identity)\n"), "{}", ran.out);
    let ran = diff(OLD, &wider(), &["--json"]);
    let line: Value = serde_json::from_str(ran.out.lines().next().unwrap()).unwrap();
    assert_eq!(line["answer"], "differs");
    assert_eq!(line["old"]["verdict"], "implicit-deny");
    assert_eq!(line["new"]["statement"]["sid"], "Read");
    assert_eq!(line["request"]["context"]["aws:SourceIp"], "10.0.0.0");
}

#[test]
fn an_example_is_a_case_that_policy_test_confirms() {
    let ran = diff(OLD, &wider(), &["--json"]);
    let line: Value = serde_json::from_str(ran.out.lines().next().unwrap()).unwrap();
    let mut case = line["beside"].clone();
    case["request"] = line["request"].clone();
    case["expect"] = line["new"]["verdict"].clone();
    let document: Value = serde_json::from_str(&wider()).unwrap();
    case["identity_policies"] = serde_json::json!([{ "name": "new", "document": document }]);
    let ran = run_with(&["policy", "test", "-"], &case.to_string(), &[]);
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn undecided_is_status_1_and_says_why() {
    let own = OLD.replace("b/*", "b/${aws:username}/*");
    let both = own.replace(
        "\"arn:aws:s3:::b/${aws:username}/*\"",
        "[\"arn:aws:s3:::b/${aws:username}/*\", \
         \"arn:aws:s3:::b/${aws:username}/${aws:username}/*\"]",
    );
    let ran = diff(&own, &both, &[]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.starts_with("undecided whether there is any difference: "), "{}", ran.out);
    assert!(ran.out.contains("`${aws:username}`"), "{}", ran.out);
    let ran = diff(&own, &both, &["--json"]);
    assert!(ran.out.starts_with("{\"answer\":\"undecided\""), "{}", ran.out);
}

#[test]
fn what_cannot_be_read_or_compared_is_status_2() {
    let ran = diff(OLD, "{", &[]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("/new: "), "{}", ran.err);
    let bucket = OLD.replace("\"Effect\"", "\"Principal\": \"*\", \"Effect\"");
    let ran = diff(OLD, &bucket, &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("cannot be compared"), "{}", ran.err);
    assert_eq!(diff(OLD, &case(), &[]).status, 2);
}

#[test]
fn two_cases_are_compared_with_all_their_layers() {
    assert_eq!(diff(&case(), &case(), &[]).status, 0);
    let wider = CASE.replace("POLICY", &wider());
    let ran = diff(&case(), &wider, &[]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!(ran.out.contains("allow by read/Read"), "{}", ran.out);
}

#[test]
fn a_simulation_shows_before_and_after() {
    let deny = r#"{"Statement": {"Sid": "No", "Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
    let files = [("case", case()), ("deny", deny.to_owned())];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let words = ["policy", "simulate", "DIR/case", "--attach", "DIR/deny:boundary"];
    let ran = run(&words, &files);
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!(ran.out.contains("allow by read/Read  explicit-deny by "), "{}", ran.out);
    let ran = run(&["policy", "simulate", "DIR/case", "--detach", "read", "--json"], &files);
    let line: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(line["before"]["statement"]["policy"], "read");
    assert_eq!(line["after"]["verdict"], "implicit-deny");
    assert_eq!((ran.status, &line["change"]), (1, &Value::Bool(true)));
    let ran = run(&["policy", "simulate", "DIR/case"], &files);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let ran = run(&["policy", "simulate", "DIR/case", "--detach", "writ"], &files);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("no case has a policy named `writ`"), "{}", ran.err);
}
