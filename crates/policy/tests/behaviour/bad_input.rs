//! What nobody may save: refused when it is written, where the fault stands; whatever was accepted
//! always decides. Every refusal has an allow and a deny twin, and a neighbour that is accepted.

use serde_json::{Value as Json, json};
use strongroom_policy::{
    Document, Fault, Kind, MESSAGE_CHARACTERS_MAX, PATTERN_BYTES_MAX, PolicyError, WILDCARDS_MAX,
};

use crate::world::{document, statement, with};

const EFFECTS: [&str; 2] = ["Allow", "Deny"];

fn saved(statement: Json) -> Result<Document, PolicyError> {
    Document::parse(&document(&[statement]), Kind::Identity)
}

/// What is refused under both effects, and what must be accepted under both.
fn refused_but_not(bad: impl Into<Json>, good: impl Into<Json>) -> Fault {
    let (bad, good) = (bad.into(), good.into());
    let mut last = None;
    for effect in EFFECTS {
        assert!(saved(with(statement(effect), good.clone())).is_ok(), "{effect} {good}");
        let error = saved(with(statement(effect), bad.clone())).expect_err(&bad.to_string());
        assert!(error.offset > 0 && error.at.column > 1, "{error}");
        assert_eq!(error.aws_code(), "MalformedPolicyDocument");
        last = Some(error.fault);
    }
    last.unwrap()
}

fn on(condition: impl Into<Json>) -> Json {
    json!({ "Condition": condition.into() })
}

#[test]
fn a_bomb_of_statements_is_too_large_long_before_it_is_slow() {
    for kind in [Kind::Identity, Kind::Bucket, Kind::RoleTrust, Kind::Session] {
        for effect in EFFECTS {
            let one = statement(effect).to_string();
            let text = format!("{{\"Statement\":[{}]}}", vec![one; 50_000].join(","));
            let error = Document::parse(&text, kind).unwrap_err();
            assert!(matches!(error.fault, Fault::TooLarge { .. }), "{error}");
            assert!(error.hint().is_some());
        }
    }
}

#[test]
fn a_pattern_has_so_many_wildcards_and_not_one_more() {
    let text = |count: usize| "*?".repeat(count / 2);
    let arn = |count: usize| format!("arn:aws:s3:::{}", text(count));
    for (bad, good) in [
        (json!({"Resource": arn(WILDCARDS_MAX + 2)}), json!({"Resource": arn(WILDCARDS_MAX)})),
        (
            json!({"Action": format!("s3:{}", text(WILDCARDS_MAX + 2))}),
            json!({"Action": format!("s3:{}", text(WILDCARDS_MAX))}),
        ),
        (
            on(json!({"StringLike": {"aws:userid": text(WILDCARDS_MAX + 2)}})),
            on(json!({"StringLike": {"aws:userid": text(WILDCARDS_MAX)}})),
        ),
    ] {
        let fault = refused_but_not(bad, good);
        assert_eq!(fault, Fault::TooManyWildcards { count: WILDCARDS_MAX + 2 });
    }
}

#[test]
fn a_pattern_is_so_long_and_not_longer() {
    let arn = |size: usize| format!("arn:aws:s3:::{}", "x".repeat(size - "arn:aws:s3:::".len()));
    let fault = refused_but_not(
        json!({"Resource": arn(PATTERN_BYTES_MAX + 1)}),
        json!({"Resource": arn(PATTERN_BYTES_MAX)}),
    );
    assert_eq!(fault, Fault::PatternTooLong { size: PATTERN_BYTES_MAX + 1 });
    let like = |size: usize| on(json!({"ArnLike": {"aws:SourceArn": arn(size)}}));
    refused_but_not(like(PATTERN_BYTES_MAX + 1), like(PATTERN_BYTES_MAX));
}

#[test]
fn an_unknown_operator_is_refused_with_the_nearest_one() {
    let fault = refused_but_not(
        on(json!({"StringEqual": {"aws:userid": "a"}})),
        on(json!({"StringEquals": {"aws:userid": "a"}})),
    );
    assert_eq!(fault.hint().as_deref(), Some("did you mean `StringEquals`?"));
}

#[test]
fn an_operator_is_refused_that_can_read_no_value_of_its_key() {
    for (bad, good) in [
        (
            json!({"NumericEquals": {"aws:SourceIp": "1"}}),
            json!({"IpAddress": {"aws:SourceIp": "1.2.3.4"}}),
        ),
        (
            json!({"NotIpAddress": {"aws:SecureTransport": "1.2.3.4"}}),
            json!({"Bool": {"aws:SecureTransport": "true"}}),
        ),
        (
            json!({"Bool": {"aws:PrincipalArn": "true"}}),
            json!({"ArnLike": {"aws:PrincipalArn": "*"}}),
        ),
        (
            json!({"NumericLessThan": {"aws:CurrentTime": "7"}}),
            json!({"NumericLessThan": {"aws:EpochTime": "7"}}),
        ),
        (
            json!({"DateLessThanIfExists": {"aws:SourceIp": "2026-01-01"}}),
            json!({"DateLessThan": {"aws:TokenIssueTime": "2026-01-01"}}),
        ),
        (
            json!({"ArnNotLike": {"s3:signatureAge": "*"}}),
            json!({"NumericGreaterThan": {"s3:signatureAge": "7"}}),
        ),
    ] {
        let fault = refused_but_not(on(bad), on(good));
        assert!(matches!(fault, Fault::KeyType { .. }), "{fault}");
    }
    // A text may hold anything, and anything is a text.
    for fine in [
        json!({"NumericEquals": {"aws:PrincipalTag/level": "7"}}),
        json!({"StringLike": {"aws:SourceIp": "10.*"}}),
        json!({"Null": {"aws:SourceIp": "true"}}),
        json!({"DateLessThan": {"example.com:since": "2026-01-01"}}),
    ] {
        assert!(saved(with(statement("Deny"), on(fine.clone()))).is_ok(), "{fine}");
    }
}

#[test]
fn every_multivalued_key_of_the_table_needs_a_set_prefix() {
    for key in ["aws:TagKeys", "saml:edupersonaffiliation", "sts:TransitiveTagKeys"] {
        let fault = refused_but_not(
            on(json!({"StringNotEquals": {key: "a"}})),
            on(json!({"ForAllValues:StringNotEquals": {key: "a"}})),
        );
        assert_eq!(fault, Fault::Qualifier(key.to_owned()));
    }
}

#[test]
fn text_outside_latin_1_is_refused_in_documents_of_iam_alone() {
    for effect in EFFECTS {
        let sid = |text: &str| {
            document(&[with(
                statement(effect),
                json!({"Resource": format!("arn:aws:s3:::b/{text}")}),
            )])
        };
        assert!(Document::parse(&sid("é"), Kind::Identity).is_ok());
        let error = Document::parse(&sid("中"), Kind::Identity).unwrap_err();
        assert_eq!(error.fault, Fault::Character('中'));
        assert!(error.at.column > 1);
    }
}

#[test]
fn the_message_for_a_client_is_bounded_and_on_one_line() {
    let long = "x\n\u{1}".repeat(500);
    let error = saved(with(statement("Allow"), json!({"Effect": long}))).unwrap_err();
    let message = error.client_message();
    assert!(message.chars().count() <= MESSAGE_CHARACTERS_MAX + 1);
    assert!(!message.contains(char::is_control));
    assert!(message.starts_with(&error.aws_message()), "{message}");
}

/// The dearest legal patterns: each refusal above is what makes this hold.
#[test]
fn what_was_accepted_is_read_again_as_it_was() {
    let pattern = format!("arn:aws:s3:::{}", "*a".repeat(WILDCARDS_MAX / 2));
    let resources: Vec<&str> = vec![&pattern; 20];
    let text = document(&[with(statement("Deny"), json!({"Resource": resources}))]);
    let document = Document::parse(&text, Kind::Identity).unwrap();
    assert_eq!(Document::parse(document.text(), Kind::Identity).unwrap(), document);
}
