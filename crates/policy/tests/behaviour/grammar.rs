//! What a policy document may be: IAM guide, "Grammar of the IAM JSON policy language"; our
//! reference 1.1 to 1.3 and 11.

use serde_json::{Value as Json, json};
use strongroom_policy::{
    BUCKET_POLICY_BYTES_MAX, CONTROL_POLICY_BYTES_MAX, DEPTH_MAX, Document, Fault,
    IDENTITY_POLICY_BYTES_MAX, Kind, MANAGED_POLICY_BYTES_MAX, PolicyError, SOURCE_BYTES_MAX,
    TRUST_POLICY_BYTES_MAX,
};

use crate::world::{
    ALICE, ANALYST, HOME, SESSION, allow, aws, document, statement, to, trusts, with,
};

const KINDS: [Kind; 7] = [
    Kind::Identity,
    Kind::Bucket,
    Kind::RoleTrust,
    Kind::Session,
    Kind::Boundary,
    Kind::ServiceControl,
    Kind::ResourceControl,
];

fn parse(text: &str, kind: Kind) -> Result<Document, PolicyError> {
    Document::parse(text, kind)
}

fn fault(text: &str, kind: Kind) -> Fault {
    parse(text, kind).expect_err(text).fault
}

/// A statement that the kind takes.
fn good(kind: Kind) -> Json {
    match kind {
        Kind::Bucket => to("Allow", aws(ALICE)),
        Kind::RoleTrust => trusts(aws(ALICE)),
        Kind::ResourceControl => with(statement("Allow"), json!({ "Principal": "*" })),
        _ => statement("Allow"),
    }
}

fn without(mut statement: Json, element: &str) -> Json {
    statement.as_object_mut().unwrap().remove(element);
    statement
}

#[test]
fn each_kind_takes_its_own_form() {
    for kind in KINDS {
        assert!(parse(&document(&[good(kind)]), kind).is_ok(), "{kind:?}");
    }
}

#[test]
fn a_required_element_must_be_there() {
    for kind in KINDS {
        for element in ["Effect", "Action"] {
            let text = document(&[without(good(kind), element)]);
            assert!(matches!(fault(&text, kind), Fault::Missing(_)), "{kind:?} {element}");
        }
        assert_eq!(fault(r#"{"Version": "2012-10-17"}"#, kind), Fault::Missing("Statement"));
        assert_eq!(fault(r#"{"Statement": []}"#, kind), Fault::Missing("Statement"));
    }
    let bare = document(&[without(good(Kind::Bucket), "Principal")]);
    let error = parse(&bare, Kind::Bucket).unwrap_err();
    assert_eq!(error.aws_message(), "Missing required field Principal");
    assert_eq!(error.aws_code(), "MalformedPolicy");
    let error = parse(&document(&[without(statement("Allow"), "Resource")]), Kind::Identity);
    assert_eq!(error.unwrap_err().aws_message(), "Policy statement must contain resources.");
    let error = parse(&document(&[without(statement("Allow"), "Action")]), Kind::Identity);
    assert_eq!(error.unwrap_err().aws_message(), "Policy statement must contain actions.");
}

#[test]
fn an_element_of_another_kind_is_refused() {
    for kind in [Kind::Identity, Kind::Session, Kind::Boundary, Kind::ServiceControl] {
        let text = document(&[with(statement("Allow"), json!({ "Principal": "*" }))]);
        assert_eq!(fault(&text, kind), Fault::Prohibited("Principal"));
        let error = parse(&text, kind).unwrap_err();
        assert_eq!(error.aws_message(), "Policy document should not specify a principal.");
        let text = document(&[with(statement("Allow"), json!({ "NotPrincipal": "*" }))]);
        assert_eq!(fault(&text, kind), Fault::Prohibited("NotPrincipal"));
    }
    let error =
        parse(&document(&[with(trusts(aws(ALICE)), json!({ "Resource": "*" }))]), Kind::RoleTrust)
            .unwrap_err();
    assert_eq!(error.aws_message(), "Has prohibited field Resource");
    for kind in [Kind::RoleTrust, Kind::ResourceControl] {
        let text = document(&[with(
            without(good(kind), "Principal"),
            json!({ "NotPrincipal": { "AWS": ALICE } }),
        )]);
        assert_eq!(fault(&text, kind), Fault::Prohibited("NotPrincipal"));
    }
}

#[test]
fn opposites_exclude_each_other() {
    let text = document(&[with(statement("Allow"), json!({ "NotAction": "s3:*" }))]);
    assert_eq!(fault(&text, Kind::Identity), Fault::Both("Action", "NotAction"));
    let text = document(&[with(statement("Allow"), json!({ "NotResource": "*" }))]);
    assert_eq!(fault(&text, Kind::Identity), Fault::Both("Resource", "NotResource"));
    let text = document(&[with(good(Kind::Bucket), json!({ "NotPrincipal": "*" }))]);
    assert_eq!(fault(&text, Kind::Bucket), Fault::Both("Principal", "NotPrincipal"));
}

#[test]
fn a_key_twice_is_refused_at_every_level() {
    let s = r#""Effect":"Allow","Action":"*","Resource":"*""#;
    for text in [
        format!(r#"{{"Statement":{{{s}}},"Statement":{{{s}}}}}"#),
        format!(r#"{{"Statement":{{{s},"Effect":"Deny"}}}}"#),
        format!(r#"{{"Statement":{{{s},"Condition":{{"Null":{{"a:b":"true"}},"Null":{{}}}}}}}}"#),
        format!(r#"{{"Statement":{{{s},"Condition":{{"Null":{{"a:b":"true"}},"null":{{}}}}}}}}"#),
        format!(r#"{{"Statement":{{{s},"Condition":{{"Bool":{{"a:b":"true","a:b":"true"}}}}}}}}"#),
        format!(r#"{{"Statement":{{{s},"Condition":{{"Bool":{{"a:b":"true","A:B":"true"}}}}}}}}"#),
    ] {
        assert!(matches!(fault(&text, Kind::Identity), Fault::DuplicateKey(_)), "{text}");
    }
    assert!(parse(&format!(r#"{{"Statement":{{{s}}}}}"#), Kind::Identity).is_ok());
}

#[test]
fn a_key_in_another_case_is_unknown() {
    for (key, value) in [
        ("effect", json!("Deny")),
        ("resource", json!("*")),
        ("Conditions", json!({})),
        ("SID", json!("x")),
    ] {
        let text = document(&[with(statement("Allow"), json!({ key: value }))]);
        assert_eq!(fault(&text, Kind::Identity), Fault::UnknownKey(key.to_owned()));
    }
    let text = r#"{"Version":"2012-10-17","Comment":"x","Statement":[]}"#;
    let error = parse(text, Kind::Bucket).unwrap_err();
    assert_eq!(error.aws_message(), "Unknown field Comment");
    assert_eq!((error.at.line, error.at.column), (1, 25));
}

#[test]
fn versions_and_effects_are_exact_words() {
    for (version, expected) in
        [("2012-10-17", true), ("2008-10-17", true), ("2012-10-18", false), ("", false)]
    {
        let text = json!({ "Version": version, "Statement": statement("Allow") }).to_string();
        assert_eq!(parse(&text, Kind::Identity).is_ok(), expected, "{version}");
    }
    for (effect, expected) in [("Allow", true), ("Deny", true), ("allow", false), ("DENY", false)] {
        assert_eq!(parse(&document(&[statement(effect)]), Kind::Identity).is_ok(), expected);
    }
    let text = json!({ "Version": 2012, "Statement": statement("Allow") }).to_string();
    assert!(matches!(fault(&text, Kind::Identity), Fault::Type { .. }));
}

#[test]
fn statement_ids_are_letters_and_digits_and_unique_where_iam_reads_them() {
    let named = |sid: &str| with(statement("Allow"), json!({ "Sid": sid }));
    assert!(parse(&document(&[named("One"), named("Two"), named("")]), Kind::Identity).is_ok());
    assert!(parse(&document(&[named(""), named("")]), Kind::Identity).is_ok());
    assert!(matches!(fault(&document(&[named("a b")]), Kind::Identity), Fault::Sid(_)));
    let twice = document(&[named("A"), named("A")]);
    assert_eq!(fault(&twice, Kind::Identity), Fault::DuplicateSid("A".to_owned()));
    let free = |sid: &str| with(good(Kind::Bucket), json!({ "Sid": sid }));
    assert!(
        parse(&document(&[free("my bucket_rule-1"), free("x"), free("x")]), Kind::Bucket).is_ok()
    );
}

#[test]
fn a_resource_is_a_star_or_a_whole_name() {
    for good in ["*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::${aws:username}"] {
        assert!(parse(&document(&[allow("s3:*", good)]), Kind::Identity).is_ok(), "{good}");
    }
    for bad in
        ["", "b", "**", "arn:aws:s3:*", "arn:aws:s3", "arn:aws:s3:::", "arn:aws:s*:::b", "/b"]
    {
        let error = parse(&document(&[allow("s3:*", bad)]), Kind::Identity).unwrap_err();
        assert_eq!(error.fault, Fault::Resource(bad.to_owned()));
    }
    let early = "arn:aws:iam::${aws:PrincipalAccount}:user/x";
    let text = document(&[allow("iam:*", early)]);
    assert_eq!(fault(&text, Kind::Identity), Fault::VariableHere(early.to_owned()));
}

#[test]
fn an_action_begins_with_a_service() {
    for bad in ["GetObject", "", "**"] {
        let error = parse(&document(&[allow(bad, "*")]), Kind::Identity).unwrap_err();
        assert_eq!(
            error.aws_message(),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        );
    }
    assert!(parse(&document(&[allow("s3:${aws:username}", "*")]), Kind::Identity).is_err());
    let text = document(&[with(trusts(aws(ALICE)), json!({ "Action": "s3:GetObject" }))]);
    let error = parse(&text, Kind::RoleTrust).unwrap_err();
    assert_eq!(error.aws_message(), "AssumeRole policy may only specify STS AssumeRole actions.");
}

#[test]
fn principals_have_these_forms_and_no_others() {
    let root = format!("arn:aws:iam::{HOME}:root");
    let federated = format!("arn:aws:sts::{HOME}:federated-user/kiosk");
    for good in [
        json!("*"),
        aws("*"),
        aws(HOME),
        aws(&root),
        aws(ALICE),
        aws(ANALYST),
        aws(SESSION),
        aws(&federated),
        aws("AIDAAAAAAAAAAAAAAAAA1"),
        aws("AROAAAAAAAAAAAAAAAAA1"),
        json!({ "AWS": [ALICE, HOME], "Service": "logging.s3.amazonaws.com" }),
        json!({ "CanonicalUser": "a".repeat(64) }),
        json!({ "AWS": [] }),
        json!({ "Federated": format!("arn:aws:iam::{HOME}:oidc-provider/idp.example.com") }),
        json!({ "Federated": "accounts.google.com" }),
    ] {
        assert!(parse(&document(&[to("Allow", good.clone())]), Kind::Bucket).is_ok(), "{good}");
    }
    let group = format!("arn:aws:iam::{HOME}:group/staff");
    let some = format!("arn:aws:iam::{HOME}:user/*");
    let sessions = format!("arn:aws:sts::{HOME}:assumed-role/Analyst/*");
    let bare = format!("arn:aws:sts::{HOME}:assumed-role/Analyst");
    let nested = format!("arn:aws:sts::{HOME}:assumed-role/team/Analyst/x");
    for bad in [
        json!("alice"),
        json!(ALICE),
        aws("alice"),
        aws("12345"),
        aws(&group),
        aws(&some),
        aws(&sessions),
        aws(&bare),
        aws(&nested),
        aws("arn:aws:iam:::user/x"),
        aws(&root.replace("arn:aws:", "arn:aws-cn:")),
        aws(&SESSION.replace("arn:aws:", "arn:aws-cn:")),
        aws(""),
        aws("arn:aws:s3:::b"),
        json!({ "Group": "x" }),
        json!({ "AWS": { "x": 1 } }),
        json!({ "CanonicalUser": "abc" }),
        json!({ "AWS": 5 }),
        json!({ "aws": "*" }),
        json!(null),
        json!({ "Service": "*" }),
        json!({ "Federated": "*" }),
        json!({ "AWS": "AIDA" }),
    ] {
        assert!(parse(&document(&[to("Allow", bad.clone())]), Kind::Bucket).is_err(), "{bad}");
    }
    let error = parse(&document(&[trusts(aws("nobody"))]), Kind::RoleTrust).unwrap_err();
    assert_eq!(error.aws_message(), "Invalid principal in policy: \"AWS\":\"nobody\"");
    let error = parse(&document(&[to("Allow", aws(&group))]), Kind::Bucket).unwrap_err();
    assert_eq!(error.aws_message(), "Invalid principal in policy");
    for wild in [json!({ "Federated": "*" }), json!({ "Service": "*.amazonaws.com" })] {
        let text = document(&[trusts(wild)]);
        assert!(matches!(fault(&text, Kind::RoleTrust), Fault::PrincipalWildcard(_)));
    }
    let control = with(statement("Deny"), json!({ "Principal": aws("*") }));
    assert!(parse(&document(&[control]), Kind::ResourceControl).is_err());
}

#[test]
fn conditions_are_checked_when_they_are_written() {
    let text = |operator: &str, key: &str, value: Json| {
        document(&[with(statement("Deny"), json!({ "Condition": { operator: { key: value } } }))])
    };
    let ok = |operator: &str, key: &str, value: Json| {
        parse(&text(operator, key, value), Kind::Identity).is_ok()
    };
    for (operator, good, bad) in [
        ("NumericEquals", json!("10"), json!("10abc")),
        ("NumericLessThan", json!(1.5), json!("1e3")),
        ("DateLessThan", json!("2026-01-01"), json!("tomorrow")),
        ("Bool", json!(true), json!("yes")),
        ("Null", json!("false"), json!("${aws:username}")),
        ("IpAddress", json!("10.0.0.0/8"), json!("10.0.0.0/33")),
        ("NotIpAddress", json!("2001:db8::/32"), json!("office")),
        ("BinaryEquals", json!("QmxvYg=="), json!("%%")),
        ("ArnLike", json!("arn:aws:s3:::b*"), json!("b*")),
        ("ArnLike", json!("*"), json!("arn:aws:s3:*")),
        ("StringEquals", json!("${aws:username}"), json!("${aws:username")),
        ("StringEquals", json!("${aws:x, 'y'}"), json!("${aws:x,'y'}")),
        ("StringEquals", json!("${*}"), json!("${}")),
        ("StringLike", json!("x"), json!(null)),
        ("StringLike", json!(["x"]), json!([["x"]])),
        ("StringEquals", json!("${aws:x, ''}"), json!("${aws:x, 'y}")),
    ] {
        assert!(ok(operator, "aws:UserAgent", good.clone()), "{operator} {good}");
        assert!(!ok(operator, "aws:UserAgent", bad.clone()), "{operator} {bad}");
    }
    for operator in
        ["StringMatches", "NullIfExists", "IfExists", "ForAllValues:", "", "ForSome:Bool"]
    {
        let fault = fault(&text(operator, "aws:UserAgent", json!("true")), Kind::Identity);
        assert_eq!(fault, Fault::Operator(operator.to_owned()));
    }
    assert!(!ok("Bool", "aws:SecureTransport", json!([true, false])));
    assert!(!ok("StringEquals", "UserAgent", json!("x")));
    assert!(!ok("StringEquals", "aws:${aws:username}", json!("x")));
}

#[test]
fn a_key_of_many_values_needs_a_set_prefix_when_it_is_written() {
    let ok = |operator: &str| {
        let condition = json!({ "Condition": { operator: { "aws:TagKeys": "true" } } });
        parse(&document(&[with(statement("Deny"), condition)]), Kind::Identity).is_ok()
    };
    for good in ["ForAnyValue:StringEquals", "ForAllValues:StringLike", "Null"] {
        assert!(ok(good), "{good}");
    }
    assert!(!ok("StringEquals"));
    assert!(!ok("StringNotEqualsIfExists"));
}

#[test]
fn a_policy_nested_ten_thousand_deep_is_refused() {
    for kind in KINDS {
        for opening in ["[", "{\"a\":"] {
            let text = format!("{{\"Statement\":{}", opening.repeat(10_000));
            assert_eq!(fault(&text, kind_of_size(kind, text.len())), Fault::TooDeep);
        }
    }
    let at_limit =
        format!("{{\"Statement\":{}{}}}", "[".repeat(DEPTH_MAX - 1), "]".repeat(DEPTH_MAX - 1));
    assert_ne!(fault(&at_limit, Kind::Identity), Fault::TooDeep);
}

/// The kinds with small limits refuse a long text for its size first.
fn kind_of_size(kind: Kind, length: usize) -> Kind {
    if length > kind.bytes_max() { Kind::Session } else { kind }
}

#[test]
fn each_kind_has_its_size_and_one_byte_more_is_refused() {
    for (kind, max) in [
        (Kind::Identity, IDENTITY_POLICY_BYTES_MAX),
        (Kind::Boundary, MANAGED_POLICY_BYTES_MAX),
        (Kind::Bucket, BUCKET_POLICY_BYTES_MAX),
        (Kind::RoleTrust, TRUST_POLICY_BYTES_MAX),
        (Kind::ServiceControl, CONTROL_POLICY_BYTES_MAX),
        (Kind::ResourceControl, CONTROL_POLICY_BYTES_MAX),
        (Kind::Session, SOURCE_BYTES_MAX),
    ] {
        let of = |length: usize| {
            let text = |id: &str| json!({ "Id": id, "Statement": good(kind) }).to_string();
            let filler = length - text("").len();
            text(&"x".repeat(filler))
        };
        assert_eq!(parse(&of(max), kind).unwrap().size_bytes(), max, "{kind:?}");
        assert!(matches!(fault(&of(max + 1), kind), Fault::TooLarge { .. }), "{kind:?}");
    }
    let spaces = |count: usize| format!("{}{}", document(&[statement("Allow")]), " ".repeat(count));
    let own = spaces(0).len();
    assert!(parse(&spaces(SOURCE_BYTES_MAX - own), Kind::Identity).is_ok());
    assert!(parse(&spaces(SOURCE_BYTES_MAX - own + 1), Kind::Identity).is_err());
}

#[test]
fn what_is_not_json_is_said_in_the_words_of_the_service() {
    for text in ["", "x", "[]", " {}", "\u{feff}{}", "{\"Statement\": {}", "\"{}\""] {
        let error = parse(text, Kind::Bucket).unwrap_err();
        assert_eq!(
            error.aws_message(),
            "Policies must be valid JSON and the first byte must be '{'",
            "{text}"
        );
        assert_eq!(error.aws_code(), "MalformedPolicy");
    }
    let error = parse("{", Kind::Identity).unwrap_err();
    assert_eq!(error.aws_code(), "MalformedPolicyDocument");
    assert_eq!(error.aws_message(), "This policy contains invalid Json");
}

#[test]
fn the_text_is_kept_as_it_was_written() {
    let text = "{ \"Version\" : \"2012-10-17\",\n \"Statement\":[ {\"Effect\":\"Allow\",\
                \"Action\":\"*\",\"Resource\":\"*\"}] }";
    assert_eq!(parse(text, Kind::Identity).unwrap().text(), text);
}

#[test]
fn the_keys_a_document_reads_are_known() {
    let condition = json!({ "Condition": { "StringLike": { "S3:Prefix": "${aws:username}/*" } } });
    let text = document(&[with(allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/t}"), condition)]);
    let keys = parse(&text, Kind::Identity).unwrap().context_keys();
    assert_eq!(keys, ["aws:principaltag/t", "aws:username", "s3:prefix"]);
}

#[test]
fn a_fault_stands_where_it_was_written() {
    let text = "{\n  \"Statement\": {\n    \"Effect\": \"Allow\",\n    \
                \"Action\": [\"s3:*\", \"x\"],\n    \"Resource\": \"*\"\n  }\n}";
    let error = parse(text, Kind::Identity).unwrap_err();
    assert_eq!((error.at.line, error.at.column), (4, 24));
    assert_eq!(
        error.to_string(),
        "line 4, column 24: the action `x` does not begin with a service, as in `s3:GetObject`"
    );
}

#[test]
fn a_bucket_policy_speaks_of_its_bucket_in_actions_of_s3() {
    let bucket = "finance".parse().unwrap();
    let check = |action: &str, resource: &str| {
        let text = document(&[with(allow(action, resource), json!({ "Principal": "*" }))]);
        parse(&text, Kind::Bucket).unwrap().check_bucket(&bucket)
    };
    for (action, resource) in [
        ("s3:*", "arn:aws:s3:::finance"),
        ("*", "arn:aws:s3:::finance/*"),
        ("S3:Get*", "arn:aws:s3:::fin*"),
        ("s3:GetObject", "*"),
    ] {
        assert!(check(action, resource).is_ok(), "{action} {resource}");
    }
    for resource in ["arn:aws:s3:::other/*", "arn:aws:s3:::finance2", "arn:aws:iam::1:user/x"] {
        let error = check("s3:*", resource).unwrap_err();
        assert_eq!(error.aws_message(), "Policy has invalid resource");
    }
    assert_eq!(
        check("iam:CreateUser", "*").unwrap_err().aws_message(),
        "Policy has invalid action"
    );
}
