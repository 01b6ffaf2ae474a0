//! What `strongroom policy test` answers, by running it.
#![cfg(test)]

mod command;

use command::{Ran, run_with};

const CASE: &str = r#"{
  "name": "readers read",
  "request": {
    "principal": "arn:aws:iam::111122223333:user/alice",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::finance/q3.csv"
  },
  "identity_policies": [{ "name": "inline:read", "document": { "Statement": {
    "Sid": "Read", "Effect": "Allow", "Action": "s3:Get*",
    "Resource": "arn:aws:s3:::finance/*" } } }],
  "expect": "allow"
}"#;

fn test(cases: &str, flags: &[&str]) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("cases.json");
    std::fs::write(&file, cases).unwrap();
    let file = file.to_str().unwrap();
    let words: Vec<&str> =
        ["policy", "test", file].into_iter().chain(flags.iter().copied()).collect();
    run_with(&words, "", &[])
}

#[test]
fn all_as_expected_is_status_0_and_a_table() {
    let ran = test(&format!("{CASE}\n{CASE}"), &[]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.starts_with("NAME"), "{}", ran.out);
    assert!(
        ran.out.contains("readers read  allow    identity  inline:read/Read  ok"),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("2 cases, 0 differ"), "{}", ran.err);
}

#[test]
fn one_that_differs_is_status_1_and_named() {
    let differs = CASE.replace("\"allow\"", "\"explicit-deny\"").replace("readers read", "odd");
    let ran = test(&format!("[{CASE}, {differs}]"), &[]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.lines().any(|line| line.contains("odd") && line.contains("DIFFERS")));
}

#[test]
fn json_is_one_line_a_case_with_the_members_of_the_contract() {
    let ran = test(&format!("[{CASE}, {CASE}]"), &["--json"]);
    assert_eq!((ran.status, ran.out.lines().count()), (0, 2));
    let line: serde_json::Value = serde_json::from_str(ran.out.lines().next().unwrap()).unwrap();
    assert_eq!(line["verdict"], "allow");
    assert_eq!(line["because"], "identity");
    assert_eq!(line["statement"]["policy"], "inline:read");
    assert_eq!(line["statement"]["index"], 0);
    assert_eq!(line["pass"], true);
    assert_eq!(ran.err, "");
}

#[test]
fn quiet_answers_with_the_status_alone() {
    let ran = test(CASE, &["--quiet"]);
    assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
}

#[test]
fn what_cannot_be_read_is_status_2_with_file_line_and_what_was_wrong() {
    let ran = test(&CASE.replace("\"expect\"", "\"expects\""), &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("cases.json: line 11, column 3"), "{}", ran.err);
    assert!(ran.err.contains("`expects`"), "{}", ran.err);
    assert_eq!(ran.out, "");
    let ran = run_with(&["policy", "test", "/no/such/file"], "", &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("/no/such/file"), "{}", ran.err);
}

#[test]
fn a_dash_is_standard_input() {
    let ran = run_with(&["policy", "test", "-"], CASE, &[]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let ran = run_with(&["policy", "test", "-"], "{", &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("-: line 1"), "{}", ran.err);
}

#[test]
fn the_policies_to_begin_with_mean_what_their_cases_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policies");
    let mut pages = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ran = run_with(&["policy", "test", path.to_str().unwrap()], "", &[]);
        assert_eq!(ran.status, 0, "{}: {}{}", path.display(), ran.out, ran.err);
        pages += 1;
    }
    assert_eq!(pages, 4);
}
