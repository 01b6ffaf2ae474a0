//! How long a document is, whom it may name, and how it is printed.

use serde_json::json;
use strongroom_policy::{Document, Fault, Kind, SOURCE_BYTES_MAX};

/// A document of a kind with a statement id of so many letters and so much white space behind.
fn padded(kind: Kind, letters: usize, blanks: usize) -> Result<Document, Fault> {
    let to = if kind == Kind::Bucket { r#""Principal":"*","# } else { "" };
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{}","Effect":"Allow",{to}"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}]}}{}"#,
        "a".repeat(letters),
        " ".repeat(blanks),
    );
    Document::parse(&text, kind).map_err(|error| error.fault)
}

#[test]
fn a_document_of_the_longest_length_is_read_and_one_byte_more_is_not() {
    for kind in [Kind::Identity, Kind::Bucket, Kind::Session] {
        let own = padded(kind, 0, 0).unwrap().text().len();
        let blanks = SOURCE_BYTES_MAX - own;
        assert!(padded(kind, 0, blanks).is_ok(), "{kind:?}");
        for more in [1, 2] {
            let fault = padded(kind, 0, blanks + more).unwrap_err();
            let size = SOURCE_BYTES_MAX + more;
            assert_eq!(fault, Fault::TooLarge { size, max: SOURCE_BYTES_MAX }, "{kind:?}");
        }
        let max = kind.bytes_max();
        let letters = max - own;
        assert!(padded(kind, letters, 0).is_ok(), "{kind:?}");
        // White space between tokens does not count but to the length of all.
        if max + 9 < SOURCE_BYTES_MAX {
            assert!(padded(kind, letters, 9).is_ok(), "{kind:?}");
        }
        for more in [1, 2] {
            let fault = padded(kind, letters + more, 0).unwrap_err();
            assert!(matches!(fault, Fault::TooLarge { .. }), "{kind:?} {fault}");
        }
    }
}

/// What one principal of a policy comes to.
fn named(key: &str, name: &str) -> Result<(), Fault> {
    let text = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow",
        "Principal": { key: name }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*" } });
    Document::parse(&text.to_string(), Kind::Bucket).map(drop).map_err(|error| error.fault)
}

#[test]
fn a_principal_has_a_whole_name() {
    let iam = |name: &str| format!("arn:aws:iam::111122223333:{name}");
    let sts = |name: &str| format!("arn:aws:sts::111122223333:{name}");
    for good in [
        iam("root"),
        iam("user/alice"),
        iam("user/team/alice"),
        iam("role/R"),
        sts("assumed-role/R/job"),
        sts("federated-user/made"),
        "111122223333".to_owned(),
    ] {
        assert_eq!(named("AWS", &good), Ok(()), "{good}");
    }
    for bad in [
        iam("root/"),
        iam("root/x"),
        iam("user/"),
        iam("user/team/"),
        iam("user"),
        iam("role/"),
        iam("role/team/"),
        iam("group/g"),
        sts("assumed-role/R"),
        sts("assumed-role/R/"),
        sts("assumed-role//job"),
        sts("assumed-role/R/job/more"),
        sts("assumed-role/R/job/"),
        sts("federated-user/"),
        sts("federated-user/made/"),
        String::new(),
    ] {
        assert_eq!(named("AWS", &bad), Err(Fault::Principal(bad.clone())), "{bad}");
    }
    for key in ["Service", "Federated"] {
        assert_eq!(named(key, "idp.example"), Ok(()), "{key}");
        assert_eq!(named(key, ""), Err(Fault::Principal(String::new())), "{key}");
        for wild in ["idp*", "id?"] {
            let fault = Fault::PrincipalWildcard(wild.to_owned());
            assert_eq!(named(key, wild), Err(fault), "{key} {wild}");
        }
    }
}

#[test]
fn characters_are_escaped_where_they_have_to_be() {
    let printed = |kind: Kind, written: &str| {
        let to = if kind == Kind::Bucket { r#""Principal":"*","# } else { "" };
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow",{to}"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{{"StringEquals":{{"a:b":"{written}"}}}}}}}}"#
        );
        let document = Document::parse(&text, kind).unwrap_or_else(|e| panic!("{e} {text}"));
        let whole = document.to_string();
        let (_, value) = whole.split_once(r#""a:b":""#).unwrap();
        value.trim_end_matches("\"}}}}").to_owned()
    };
    let escaped = r#"\b\f\n\r\t\"\\"#;
    for kind in [Kind::Identity, Kind::Bucket] {
        assert_eq!(printed(kind, escaped), escaped, "{kind:?}");
        assert_eq!(printed(kind, r"\u0001\u00ff\u0020"), "\\u0001\u{ff} ", "{kind:?}");
    }
    assert_eq!(printed(Kind::Identity, r"\u0100\ud83d\ude00"), r"\u0100\ud83d\ude00");
    assert_eq!(printed(Kind::Bucket, r"\u0100"), "\u{100}");
}

#[test]
fn a_document_is_its_kind_and_its_text() {
    let read = |kind, text: &str| Document::parse(text, kind).unwrap();
    let text = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let (own, spaced) = (read(Kind::Identity, text), read(Kind::Identity, &format!("{text} ")));
    assert_eq!(own, read(Kind::Identity, text));
    assert_ne!(own, spaced);
    assert_ne!(own, read(Kind::Boundary, text));
    assert!(own.bytes_compiled() > 50 && !own.reads_object_tags());
    let tag = text.replace(
        r#""Resource":"*""#,
        r#""Resource":"*","Condition":{"Null":{"s3:ExistingObjectTag/a":"true"}}"#,
    );
    assert!(read(Kind::Identity, &tag).reads_object_tags());
}
