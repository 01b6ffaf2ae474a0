#![cfg(test)]
//! Printing and parsing undo each other: over the documents of the differential runs, those that
//! fuzzing starts from, and some written by hand.

#[expect(dead_code, reason = "worlds are drawn here, and neither run nor shrunk")]
mod generator;

use std::fs;
use std::path::Path;

use strongroom_policy::{Document, Kind};

use generator::{draw, print, words};

const KINDS: [Kind; 7] = [
    Kind::Identity,
    Kind::Bucket,
    Kind::RoleTrust,
    Kind::Session,
    Kind::Boundary,
    Kind::ServiceControl,
    Kind::ResourceControl,
];

/// Whether a text is a document; if so, that what is printed of it is it again.
fn comes_back(text: &str, kind: Kind) -> bool {
    let Ok(document) = Document::parse(text, kind) else { return false };
    for printed in [document.to_string(), format!("{document:#}")] {
        let again = Document::parse(&printed, kind)
            .unwrap_or_else(|error| panic!("{error} in {printed}, printed of {text}"));
        assert!(again.says_the_same(&document), "{text}\n{printed}");
        assert!(again.size_bytes() <= document.size_bytes(), "{text}\n{printed}");
        assert_eq!(again.to_string(), document.to_string());
        assert_eq!(format!("{again:#}"), format!("{document:#}"));
        assert_eq!(again.context_keys(), document.context_keys());
    }
    assert_eq!(document.text(), text);
    true
}

#[test]
fn what_is_printed_of_a_drawn_document_is_the_document() {
    let callers = words::callers();
    let mut count = 0;
    for index in 0..400 {
        for policy in &draw::world(11, index, &callers).policies {
            count += usize::from(comes_back(&print::document(policy), policy.slot.kind()));
        }
    }
    assert!(count > 1_000, "{count}");
}

#[test]
fn what_is_printed_of_what_fuzzing_starts_from_is_the_document() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let mut count = 0;
    for name in ["parser", "check"] {
        for file in fs::read_dir(corpora.join(name)).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            count += KINDS.iter().filter(|kind| comes_back(&text, **kind)).count();
        }
    }
    assert!(count > 30, "{count}");
}

fn printed(text: &str, kind: Kind) -> String {
    assert!(comes_back(text, kind), "{text}");
    Document::parse(text, kind).unwrap().to_string()
}

const ALLOW: &str = r#""Effect":"Allow","Action":"s3:*","Resource":"*""#;

#[test]
fn order_white_space_and_lists_of_one_are_not_printed() {
    let wordy = r#"{ "Statement" : [ {
        "Resource" : [ "*" ], "Condition": {"StringLike": {"s3:prefix": ["a", "b"], "x:y": ["c"]}},
        "Action" : [ "s3:*" ], "Effect" : "Allow", "Sid" : "A" } ],
        "Id" : "i", "Version" : "2012-10-17" }"#;
    let plain = r#"{"Version":"2012-10-17","Id":"i","Statement":{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"s3:prefix":["a","b"],"x:y":"c"}}}}"#;
    assert_eq!(printed(wordy, Kind::Identity), plain);
    assert_eq!(printed(plain, Kind::Identity), plain);
}

#[test]
fn letters_are_printed_as_themselves_where_the_kind_of_policy_has_them() {
    let sid = |sid: &str| format!(r#"{{"Statement":{{"Sid":"{sid}",{ALLOW},"Principal":"*"}}}}"#);
    for (escaped, shown) in [
        (r"\u0061\/\u00e9", "a/é"),
        (r"\u000a\u0009\u0001", r"\n\t\u0001"),
        (r#"\u0022\u005c"#, r#"\"\\"#),
        (r"\u4e2d\ud83d\ude00", "中😀"),
    ] {
        let text = printed(&sid(escaped), Kind::Bucket);
        assert!(text.contains(&format!(r#""Sid":"{shown}""#)), "{text}");
    }
    // IAM's documents are Latin-1 as they stand, whatever they say.
    let text = r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/\u00e9\u4e2d\ud83d\ude00"}}"#;
    let shown = "arn:aws:s3:::b/é\\u4e2d\\ud83d\\ude00";
    assert!(printed(text, Kind::Identity).contains(shown), "{}", printed(text, Kind::Identity));
}

#[test]
fn people_read_a_member_a_line() {
    let text = format!(r#"{{"Statement":[{{{ALLOW}}},{{{ALLOW}}}]}}"#);
    let document = Document::parse(&text, Kind::Identity).unwrap();
    let shown = format!("{document:#}");
    assert!(shown.starts_with("{\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n"));
    assert!(shown.ends_with("\n    }\n  ]\n}"), "{shown}");
}

#[test]
fn documents_that_say_something_else_are_told_apart() {
    let one = |statement: &str| {
        Document::parse(&format!(r#"{{"Statement":{{{statement}}}}}"#), Kind::Identity).unwrap()
    };
    let base = one(ALLOW);
    assert!(base.says_the_same(&one(r#""Resource":["*"],"Action":"s3:*","Effect":"Allow""#)));
    for other in [
        r#""Effect":"Deny","Action":"s3:*","Resource":"*""#,
        r#""Effect":"Allow","Action":"s3:Get*","Resource":"*""#,
        r#""Effect":"Allow","NotAction":"s3:*","Resource":"*""#,
        r#""Effect":"Allow","Action":"s3:*","NotResource":"*""#,
        r#""Effect":"Allow","Action":"s3:*","Resource":[]"#,
        r#""Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*""#,
        r#""Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a:b":"true"}}"#,
    ] {
        assert!(!base.says_the_same(&one(other)), "{other}");
    }
    let boundary = Document::parse(base.text(), Kind::Boundary).unwrap();
    assert!(!base.says_the_same(&boundary));
    let variable =
        r#""Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${a:b}"}"#;
    let [new, old] = [r#""Version":"2012-10-17","#, ""].map(|version| {
        Document::parse(&format!("{{{version}{variable}}}"), Kind::Identity).unwrap()
    });
    assert!(!new.says_the_same(&old), "text is not a variable");
}
