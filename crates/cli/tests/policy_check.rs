//! What `strongroom policy check` answers, by running it.
#![cfg(test)]

mod command;

use command::{Ran, run_with};
use serde_json::Value;

const WRONG: &str = "{\"Version\": \"2012-10-17\", \"Statement\": {\n \"Effect\": \"Allow\",\n \"Action\": \"s3:GetObjects\", \"Resource\": \"*\"}}";
const DOUBTFUL: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}}"#;
const SOUND: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#;

fn check(policy: &str, flags: &[&str]) -> Ran {
    let words: Vec<&str> = ["policy", "check", "-"].iter().chain(flags).copied().collect();
    run_with(&words, policy, &[])
}

#[test]
fn a_sound_policy_is_status_0_and_nothing_is_said_of_it() {
    let ran = check(SOUND, &["--level", "suggestion"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert!(ran.err.contains("0 findings"), "{}", ran.err);
}

#[test]
fn an_error_is_status_1_and_underlined() {
    let ran = check(WRONG, &[]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "stdin:3:12: error INVALID_ACTION: there is no action `s3:GetObjects`");
    assert_eq!(lines[1].find("\"s3:GetObjects\""), lines[2].find('^'));
    assert_eq!(lines[3].trim(), "= did you mean `s3:GetObject`?");
}

#[test]
fn the_level_decides_the_status_and_not_what_is_told() {
    assert_eq!(check(DOUBTFUL, &[]).status, 0);
    assert!(check(DOUBTFUL, &[]).out.contains("suggestion REDUNDANT_ACTION"));
    assert_eq!(check(DOUBTFUL, &["--level", "warning"]).status, 0);
    assert_eq!(check(DOUBTFUL, &["--level", "suggestion"]).status, 1);
    assert_eq!(check(DOUBTFUL, &["--level", "suggestion", "--quiet"]).out, "");
}

#[test]
fn json_is_one_line_a_finding() {
    let ran = check(WRONG, &["--json"]);
    assert_eq!((ran.status, ran.out.lines().count()), (1, 1));
    let line: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(line["code"], "INVALID_ACTION");
    assert_eq!((&line["level"], &line["file"]), (&"error".into(), &"stdin".into()));
    assert_eq!(line["path"], "/Statement/Action");
    assert_eq!(
        (&line["span"]["start"]["line"], &line["span"]["start"]["column"]),
        (&3.into(), &12.into())
    );
}

/// The members that the schema of SARIF 2.1.0 requires, and those that readers rely on.
#[test]
fn sarif_has_what_its_schema_requires() {
    let ran = check(WRONG, &["--sarif"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert!(driver["name"].is_string());
    let rules = driver["rules"].as_array().unwrap();
    assert!(
        rules
            .iter()
            .all(|rule| rule["id"].is_string() && rule["shortDescription"]["text"].is_string())
    );
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "INVALID_ACTION");
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], "INVALID_ACTION");
    assert_eq!(result["level"], "error");
    assert!(result["message"]["text"].is_string());
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "stdin");
    let region = &place["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&3.into(), &12.into()));
    assert!(region["endColumn"].as_u64() > region["startColumn"].as_u64());
    let levels = ["error", "warning", "note", "none"];
    assert!(levels.iter().any(|level| result["level"] == *level));
}

#[test]
fn the_kind_can_be_said() {
    assert_eq!(check(SOUND, &["--kind", "identity"]).status, 0);
    let ran = check(SOUND, &["--kind", "bucket"]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("MISSING_PRINCIPAL"), "{}", ran.out);
}

#[test]
fn a_file_that_cannot_be_read_is_status_2() {
    let ran = run_with(&["policy", "check", "/nowhere/at/all.json"], "", &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("/nowhere/at/all.json"), "{}", ran.err);
    assert_eq!(run_with(&["policy", "check"], "", &[]).status, 2);
}
