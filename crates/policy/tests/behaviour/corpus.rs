//! Replays every file of `tests/cases`, and pins what the reader of cases refuses.

use strongroom_policy::case;

#[test]
fn every_case_of_the_corpus_passes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 5);
    let mut count = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let results = case::run(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        for result in results {
            assert_eq!(result.pass, Some(true), "{}: {result:?}", file.display());
            count += 1;
        }
    }
    assert!(count >= 60, "{count}");
}

const CASE: &str = r#"{
  "name": "n",
  "request": {
    "principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:GetObject",
    "resource": "arn:aws:s3:::b/k",
    "context": { "aws:SourceIp": "10.1.2.3", "aws:TagKeys": ["a"], "s3:max-keys": 5 }
  },
  "identity_policies": [ { "name": "p", "document": {
    "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } } } ],
  "permissions_boundaries": null, "session_policies": [], "resource_policy": null,
  "block_public_access": { "RestrictPublicBuckets": false },
  "expect": "allow", "because": "identity"
}"#;

#[test]
fn a_text_is_one_case_an_array_or_json_lines() {
    let line = CASE.replace('\n', "");
    for (text, count) in [
        (CASE.to_owned(), 1),
        (format!("[{CASE},{CASE}]"), 2),
        (format!("{line}\n{line}\n\n{line}\n"), 3),
        (String::new(), 0),
        ("[]".to_owned(), 0),
    ] {
        let results = case::run(&text).unwrap();
        assert_eq!(results.len(), count);
        assert!(results.iter().all(|r| r.pass == Some(true)), "{results:?}");
    }
}

#[test]
fn a_result_is_one_line_of_json() {
    let result = case::run(CASE).unwrap().remove(0);
    assert_eq!(
        serde_json::to_string(&result).unwrap(),
        concat!(
            r#"{"name":"n","verdict":"allow","because":"identity","#,
            r#""statement":{"policy":"p","sid":null,"index":0},"pass":true}"#
        )
    );
}

#[test]
fn a_case_that_differs_fails_in_verdict_or_in_layer() {
    for (from, to) in [
        ("\"expect\": \"allow\"", "\"expect\": \"explicit-deny\""),
        ("\"because\": \"identity\"", "\"because\": \"resource\""),
    ] {
        assert_eq!(case::run(&CASE.replace(from, to)).unwrap()[0].pass, Some(false));
    }
    let unasked = CASE.replace(",\n  \"expect\": \"allow\", \"because\": \"identity\"", "");
    assert_eq!(case::run(&unasked).unwrap()[0].pass, None);
}

#[test]
fn input_that_cannot_be_read_is_said_with_its_line() {
    for (from, to, expected) in [
        ("\"name\": \"n\"", "\"nome\": \"n\"", "line 2: the key `nome` is unknown here"),
        ("\"action\"", "\"verb\"", "line 4: the key `verb` is unknown here"),
        ("\"document\"", "\"doc\"", "line 8: the key `doc` is unknown here"),
        (
            "\"Effect\": \"Allow\"",
            "\"Effect\": \"allow\"",
            "line 9: policy `p`: the effect `allow` is neither `Allow` nor `Deny`",
        ),
        (
            "\"expect\": \"allow\"",
            "\"expect\": \"yes\"",
            "line 12: `expect` must be `allow`, `implicit-deny` or `explicit-deny`",
        ),
        ("false", "\"no\"", "line 11: `RestrictPublicBuckets` must be true or false"),
        (
            "\"s3:max-keys\": 5",
            "\"S3:TagKeys\": null",
            "line 6: `S3:TagKeys` must be a string, a number, a boolean or an array of these",
        ),
        (
            "\"s3:max-keys\"",
            "\"AWS:sourceip\"",
            "line 6: the key `AWS:sourceip` stands twice in one object",
        ),
        (
            "user/alice",
            "group/x",
            "line 4: the principal `arn:aws:iam::111122223333:group/x` has no known form",
        ),
        (
            "s3:GetObject",
            "GetObject",
            "line 4: `GetObject` is not an action: write `service:Name`, such as `s3:GetObject`",
        ),
    ] {
        let error = case::run(&CASE.replacen(from, to, 1)).unwrap_err();
        let (at, fault) = expected.split_once(": ").unwrap();
        assert_eq!(format!("line {}", error.at.line), at);
        assert_eq!(error.fault.to_string(), fault);
    }
    for broken in ["{", "[{}]", "5", "{\"request\": 1}", "[[]]"] {
        assert!(case::run(broken).is_err(), "{broken}");
    }
}

#[test]
fn each_case_knows_its_line() {
    let line = CASE.replace('\n', "");
    let cases = case::parse(&format!("\n[{CASE},\n  {CASE}]\n{line}")).unwrap();
    let places: Vec<_> = cases.iter().map(|c| (c.at.line, c.at.column)).collect();
    let breaks = CASE.matches('\n').count();
    assert_eq!(places, [(2, 2), (breaks + 3, 3), (2 * breaks + 4, 1)]);
}

#[test]
fn a_text_of_cases_at_its_limit_is_read_and_one_byte_more_is_not() {
    let at = " ".repeat(case::CASES_BYTES_MAX);
    assert_eq!(case::run(&at).unwrap(), []);
    assert!(case::run(&format!("{at} ")).is_err());
}

#[test]
fn a_role_of_a_session_may_only_give_the_role_a_path() {
    let asked = |principal: &str, role: &str| {
        let case = serde_json::json!({ "request": { "principal": principal,
            "principal_role": role, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k" } });
        case::run(&case.to_string()).is_ok()
    };
    let session = "arn:aws:sts::111122223333:assumed-role/Analyst/morning";
    assert!(asked(session, "arn:aws:iam::111122223333:role/team/Analyst"));
    assert!(asked(session, "arn:aws:iam::111122223333:role/Analyst"));
    assert!(!asked(session, "arn:aws:iam::111122223333:role/team/Other"));
    assert!(!asked(session, "arn:aws:iam::444455556666:role/team/Analyst"));
}

#[test]
fn each_kind_of_unknown_key_is_an_error_that_names_it() {
    let whole = serde_json::json!({
        "name": "n",
        "request": { "principal": "anonymous", "action": "s3:GetObject",
            "resource": "arn:aws:s3:::b/k", "context": {} },
        "identity_policies": [{ "name": "p", "document": { "Statement": {
            "Effect": "Allow", "Action": "s3:*", "Resource": "*" } } }],
        "block_public_access": { "RestrictPublicBuckets": false },
    });
    assert!(case::run(&whole.to_string()).is_ok());
    for place in [
        "",
        "/request",
        "/identity_policies/0",
        "/identity_policies/0/document",
        "/identity_policies/0/document/Statement",
        "/block_public_access",
    ] {
        let mut broken = whole.clone();
        let object = broken.pointer_mut(place).unwrap().as_object_mut().unwrap();
        object.insert("surplus".to_owned(), true.into());
        let error = case::run(&broken.to_string()).unwrap_err().to_string();
        assert!(error.contains("`surplus`"), "{place}: {error}");
    }
}

#[test]
fn cases_that_share_a_document_are_decided_by_it_each_under_its_own_name() {
    let one = CASE.replace('\n', "");
    let other = one.replace("\"name\": \"p\"", "\"name\": \"policy:Again@v2\"");
    let results = case::run(&format!("{one}\n{other}\n{one}")).unwrap();
    let names: Vec<&str> =
        results.iter().map(|r| r.statement.as_ref().unwrap().policy.as_str()).collect();
    assert_eq!(names, ["p", "policy:Again@v2", "p"]);
}
