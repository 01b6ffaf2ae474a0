//! Differences by name: each operator, each Not-form, each kind of policy, and the limits.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};
use strongroom_policy::Kind;
use strongroom_policy::compare::{Answer, DIFFERENCES_MAX, Incomparable, Reason, cases, documents};

use crate::pairs::{answer, attached, diff, line};

fn allow(action: &str, resource: &str) -> Json {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

fn when(condition: Json) -> Json {
    let mut statement = allow("s3:GetObject", "arn:aws:s3:::b/*");
    statement["Condition"] = condition;
    statement
}

fn deny_when(condition: Json) -> Json {
    let mut deny = when(condition);
    deny["Effect"] = "Deny".into();
    json!([allow("s3:*", "*"), deny])
}

fn same(old: &Json, new: &Json) -> bool {
    answer(Kind::Identity, old, new) == Answer::Same
}

#[test]
fn a_wider_action_is_found_and_named() {
    let old = allow("s3:GetObject", "arn:aws:s3:::b/*");
    let new = allow("s3:Get*", "arn:aws:s3:::b/*");
    assert_eq!(
        line(&old, &new),
        "NEW allows what OLD denied: s3:GetObjectVersion on arn:aws:s3:::b/x"
    );
    assert!(line(&new, &old).starts_with("NEW denies what OLD allowed: s3:GetObjectVersion"));
}

#[test]
fn what_one_statement_covers_already_is_no_difference() {
    let wide = allow("s3:*", "arn:aws:s3:::b/*");
    let both = json!([wide, allow("s3:GetObject", "arn:aws:s3:::b/reports/*")]);
    assert!(same(&wide, &both));
    assert!(same(&allow("s3:*", "*"), &json!([allow("S3:*", "*")])));
    // Together the two say `*`.
    let split = json!([
        allow("s3:*", "*"),
        { "Effect": "Allow", "NotAction": "s3:*", "Resource": "*" }
    ]);
    assert!(same(&allow("*", "*"), &split));
}

#[test]
fn not_action_and_not_resource_are_complements() {
    let old = json!({ "Effect": "Allow", "NotAction": "s3:Delete*", "Resource": "*" });
    let new = json!({ "Effect": "Allow", "NotAction": "s3:DeleteObject", "Resource": "*" });
    assert!(line(&old, &new).contains("s3:DeleteObjectVersion"));
    let old = json!({ "Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/*" });
    let new = json!({ "Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/p*" });
    assert!(line(&old, &new).starts_with("NEW allows what OLD denied"));
    assert!(same(&old, &old));
}

#[test]
fn the_six_parts_of_a_resource_name_count() {
    let old = allow("s3:*", "arn:aws:s3:*:*:b/*");
    let new = allow("s3:*", "arn:aws:s3:::b/*");
    let line = line(&old, &new);
    assert!(line.starts_with("NEW denies what OLD allowed"), "{line}");
    assert!(same(&allow("s3:*", "arn:aws:s3:::*b*b"), &allow("s3:*", "arn:aws:s3:::*b**b")));
}

#[test]
fn an_iam_name_in_a_deny_is_the_same_in_either_case() {
    let deny = |name: &str| {
        json!([allow("iam:*", "*"), { "Effect": "Deny", "Action": "iam:*",
            "Resource": format!("arn:aws:iam::111122223333:user/{name}") }])
    };
    assert!(same(&deny("BOSS"), &deny("boss")));
    let grant = |name: &str| allow("iam:*", &format!("arn:aws:iam::111122223333:user/{name}"));
    assert!(!same(&grant("BOSS"), &grant("boss")));
}

/// Each operator with two values that it tells apart: in an allow and in a deny, plain and with
/// each set prefix.
fn are_told_apart(rows: &[(&str, &str, &str)]) {
    for (operator, old, new) in rows {
        for prefix in ["", "ForAnyValue:", "ForAllValues:"] {
            let operator = format!("{prefix}{operator}");
            let (old, new) =
                (json!({ &operator: { "a:b": old } }), json!({ &operator: { "a:b": new } }));
            assert!(!same(&when(old.clone()), &when(new.clone())), "{operator}");
            assert!(!same(&deny_when(old.clone()), &deny_when(new)), "{operator}");
            assert!(same(&when(old.clone()), &json!([when(old.clone()), when(old)])), "{operator}");
        }
    }
}

#[test]
fn operators_on_texts_are_told_from_their_neighbours() {
    are_told_apart(&[
        ("StringEquals", "x", "y"),
        ("StringNotEquals", "x", "y"),
        ("StringEqualsIgnoreCase", "x", "y"),
        ("StringNotEqualsIgnoreCase", "x", "y"),
        ("StringLike", "a*", "a?*"),
        ("StringNotLike", "a*", "a?*"),
    ]);
}

#[test]
fn operators_on_numbers_are_told_from_their_neighbours() {
    are_told_apart(&[
        ("NumericEquals", "1", "1.5"),
        ("NumericNotEquals", "1", "1.5"),
        ("NumericLessThan", "10", "10.00001"),
        ("NumericLessThanEquals", "10", "11"),
        ("NumericGreaterThan", "-1", "-0.5"),
        ("NumericGreaterThanEquals", "10", "11"),
    ]);
}

#[test]
fn operators_on_times_are_told_from_their_neighbours() {
    are_told_apart(&[
        ("DateEquals", "2026-01-01", "2026-01-02"),
        ("DateNotEquals", "2026-01-01", "2026-01-02"),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z"),
        ("DateLessThanEquals", "2026-01-01", "2026-01-02"),
        ("DateGreaterThan", "2026-01-01", "2026-01-02"),
        ("DateGreaterThanEquals", "2026-01-01", "2026-01-02"),
    ]);
}

#[test]
fn operators_on_truths_and_bytes_are_told_from_their_neighbours() {
    are_told_apart(&[
        ("Bool", "true", "false"),
        ("BinaryEquals", "AQ==", "Ag=="),
        ("Null", "true", "false"),
    ]);
}

#[test]
fn operators_on_addresses_are_told_from_their_neighbours() {
    are_told_apart(&[
        ("IpAddress", "10.0.0.0/8", "10.0.0.0/9"),
        ("NotIpAddress", "10.0.0.0/8", "10.0.0.0/9"),
    ]);
}

#[test]
fn operators_on_resource_names_are_told_from_their_neighbours() {
    are_told_apart(&[
        ("ArnEquals", "arn:aws:s3:::x", "arn:aws:s3:*:*:x"),
        ("ArnLike", "arn:aws:s3:::x*", "arn:aws:s3:::x?*"),
        ("ArnNotEquals", "arn:aws:s3:::x", "arn:aws:s3:::y"),
        ("ArnNotLike", "arn:aws:s3:::x*", "arn:aws:s3:::x?*"),
    ]);
}

#[test]
fn equal_values_written_otherwise_are_no_difference() {
    for (operator, old, new) in [
        ("NumericEquals", json!("10"), json!("10.0")),
        ("NumericLessThan", json!(["1", "5"]), json!("5")),
        ("DateEquals", json!("2026-01-01"), json!("1767225600")),
        ("IpAddress", json!(["10.0.0.0/9", "10.128.0.0/9"]), json!("10.0.0.0/8")),
        ("StringLike", json!(["a*", "ab*"]), json!("a*")),
        ("StringEqualsIgnoreCase", json!("ABC"), json!("abc")),
        ("ArnEquals", json!("arn:aws:s3:::x"), json!(["arn:aws:s3:::x", "arn:aws:s3:::x"])),
        ("Bool", json!("TRUE"), json!("true")),
    ] {
        let block = |values: Json| json!({ operator: { "a:b": values } });
        assert!(same(&when(block(old.clone())), &when(block(new.clone()))), "{operator}");
    }
    let like = when(json!({ "ArnLike": { "a:b": "arn:aws:s3:::x*" } }));
    let equals = when(json!({ "ArnEquals": { "a:b": "arn:aws:s3:::x*" } }));
    assert!(same(&like, &equals));
}

#[test]
fn a_condition_that_is_added_shows_who_loses() {
    let line =
        line(&when(json!({})), &when(json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } })));
    assert_eq!(
        line,
        "NEW denies what OLD allowed: s3:GetObject on arn:aws:s3:::b/x when aws:SourceIp = \
         9.255.255.255"
    );
}

#[test]
fn if_exists_differs_where_the_key_is_absent() {
    let plain = when(json!({ "StringEquals": { "a:b": "x" } }));
    let lenient = when(json!({ "StringEqualsIfExists": { "a:b": "x" } }));
    assert_eq!(
        line(&plain, &lenient),
        "NEW allows what OLD denied: s3:GetObject on arn:aws:s3:::b/x"
    );
    let plain = when(json!({ "StringNotEquals": { "a:b": "x" } }));
    let lenient = when(json!({ "StringNotEqualsIfExists": { "a:b": "x" } }));
    assert!(same(&plain, &lenient));
}

#[test]
fn for_all_and_for_any_differ_in_mixed_and_empty_sets() {
    let all = when(json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } }));
    let any = when(json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": ["a", "b"] } }));
    let found = diff(Kind::Identity, &all, &any);
    assert_eq!(found.differences.len(), 2, "{found:?}");
    // A set that is not empty and all of whose elements fit has some that fit.
    let both = json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] },
        "ForAnyValue:StringEquals": { "aws:TagKeys": ["a", "b"] } });
    let full = json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] },
        "Null": { "aws:TagKeys": "false" } });
    assert!(same(&when(both), &when(full)));
}

#[test]
fn hours_and_days_of_one_zone_are_exact_and_of_several_are_not_made_up() {
    let hours = |zone: &str, from: &str| json!({ "NumericGreaterThanEquals": { format!("strongroom:TimeOfDay/{zone}"): from } });
    let berlin = |from: &str| when(hours("Europe/Berlin", from));
    let found = diff(Kind::Identity, &berlin("0830"), &berlin("0831"));
    assert_eq!((found.answer(), found.undecided.len()), (Answer::Differs, 0));
    assert!(found.differences[0].to_string().ends_with("= 0830"), "{}", found.differences[0]);
    // No minute is between them.
    let late = |from: &str| json!([berlin("2300"), berlin(from)]);
    assert!(same(&late("2359"), &late("2358")));
    let both = json!([berlin("0830"), when(hours("Asia/Tokyo", "0830"))]);
    let found = diff(Kind::Identity, &berlin("0830"), &both);
    assert_eq!(found.answer(), Answer::Undecided);
    assert!(matches!(found.undecided[..], [Reason::Clock(_), Reason::Clock(_)]), "{found:?}");
    assert!(same(&both, &both));
}

#[test]
fn a_key_of_one_value_never_has_a_set_and_a_typed_key_no_other_type() {
    // Only a set would tell these apart, or what is no address.
    let old = deny_when(json!({ "IpAddress": { "aws:SourceIp": "0.0.0.0/0" } }));
    let new = json!([old[0], old[1], { "Effect": "Deny", "Action": "s3:*", "Resource": "*",
        "Condition": { "IpAddress": { "aws:SourceIp": "0.0.0.0/0" },
            "NotIpAddress": { "aws:SourceIp": ["0.0.0.0/0", "::/0"] } } }]);
    assert!(same(&old, &new));
}

#[test]
fn null_tells_absent_from_present() {
    let absent = when(json!({ "Null": { "a:b": "true" } }));
    let present = when(json!({ "Null": { "a:b": "false" } }));
    let both = json!([absent, present]);
    assert!(same(&both, &when(json!({}))));
    assert!(!same(&absent, &present));
}

#[test]
fn a_key_of_a_type_is_present_where_nothing_reads_a_value_of_it() {
    for key in ["aws:SourceIp", "aws:CurrentTime", "aws:SecureTransport", "s3:max-keys"] {
        let absent = when(json!({ "Null": { key: "true" } }));
        let present = when(json!({ "Null": { key: "false" } }));
        assert!(!same(&absent, &when(json!({}))), "{key}");
        assert!(!same(&present, &when(json!({}))), "{key}");
        assert!(same(&json!([absent, present]), &when(json!({}))), "{key}");
    }
}

#[test]
fn a_key_of_a_type_that_is_read_as_a_text_is_never_called_the_same_by_guess() {
    let like = |text: &str| when(json!({ "StringLike": { "aws:SourceIp": text } }));
    let (one, other) = (like("10.*"), like("11.*"));
    let found = diff(Kind::Identity, &one, &json!([one, other]));
    assert_ne!(found.answer(), Answer::Same, "{found:?}");
    assert!(same(&json!([one, other]), &json!([other, one])));
}

#[test]
fn a_deny_that_denies_nothing_new_still_shows_as_explicit() {
    let deny = json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*" });
    let line = line(&allow("iam:*", "*"), &json!([allow("iam:*", "*"), deny]));
    assert!(line.starts_with("NEW denies explicitly what OLD denied by silence: s3:"), "{line}");
}

#[test]
fn variables_are_exact_where_no_value_can_matter() {
    let own = allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*");
    let put = allow("s3:PutObject", "arn:aws:s3:::b/${aws:username}/*");
    assert!(same(&json!([own, put]), &json!([put, own])));
    // `*` covers every name.
    let wide = allow("s3:GetObject", "arn:aws:s3:::b/*");
    assert!(same(&wide, &json!([wide, own])));
    let found = diff(Kind::Identity, &own, &json!([own, put]));
    assert_eq!((found.answer(), found.undecided.len()), (Answer::Differs, 0));
    assert!(found.differences[0].to_string().contains("s3:PutObject on arn:aws:s3:::b/"));
}

#[test]
fn a_variable_beside_a_name_is_tried_with_that_name() {
    let own = allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*");
    let bob = allow("s3:GetObject", "arn:aws:s3:::b/bob/*");
    let found = diff(Kind::Identity, &own, &json!([own, bob]));
    assert_eq!(found.answer(), Answer::Differs);
    let prefix = |value: &str| when(json!({ "StringLike": { "s3:prefix": value } }));
    let found = diff(Kind::Identity, &prefix("${aws:username}/*"), &prefix("home/*"));
    assert_eq!(found.answer(), Answer::Differs);
    let tagged = |key: &str| when(json!({ "StringEquals": { "a:b": format!("${{{key}}}") } }));
    let found = diff(Kind::Identity, &tagged("aws:PrincipalTag/a"), &tagged("aws:PrincipalTag/b"));
    assert_eq!(found.answer(), Answer::Differs);
    assert_eq!(answer(Kind::Identity, &tagged("aws:userid"), &tagged("aws:userid")), Answer::Same);
}

#[test]
fn what_only_a_value_could_show_is_undecided_and_says_so() {
    let own = allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*");
    let deeper = allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/${aws:username}/*");
    let found = diff(Kind::Identity, &own, &json!([own, deeper]));
    assert_eq!(found.answer(), Answer::Undecided);
    assert_eq!(found.undecided, [Reason::Variables(vec!["aws:username".to_owned()])]);
}

#[test]
fn a_key_that_is_read_as_two_types_is_undecided_where_both_matter() {
    let number = when(json!({ "NumericEquals": { "a:b": "1" } }));
    let text = when(json!({ "StringEquals": { "a:b": "1" } }));
    let found = diff(Kind::Identity, &number, &json!([number, text]));
    assert_eq!(found.answer(), Answer::Undecided);
    assert_eq!(found.undecided, [Reason::MixedTypes("a:b".to_owned())]);
    assert!(same(&json!([number, text]), &json!([text, number])));
}

#[test]
fn boundaries_sessions_and_control_policies_are_compared_in_their_places() {
    let (old, new) = (allow("s3:*", "*"), allow("s3:Get*", "*"));
    for kind in [Kind::Boundary, Kind::Session, Kind::ServiceControl] {
        let found = diff(kind, &old, &new);
        assert_eq!((found.answer(), found.undecided.len()), (Answer::Differs, 0), "{kind:?}");
        assert_eq!(answer(kind, &old, &old), Answer::Same);
    }
    let everyone = |mut statement: Json| {
        statement["Principal"] = "*".into();
        statement
    };
    let found = diff(Kind::ResourceControl, &everyone(old.clone()), &everyone(new));
    assert_eq!(found.answer(), Answer::Differs);
    assert_eq!(answer(Kind::ResourceControl, &everyone(old.clone()), &everyone(old)), Answer::Same);
}

fn to(principal: Json) -> Json {
    let mut statement = allow("s3:GetObject", "arn:aws:s3:::b/*");
    statement["Principal"] = principal;
    statement
}

#[test]
fn a_bucket_policy_shows_the_caller_that_it_is_about() {
    let alice = json!({ "AWS": "arn:aws:iam::111122223333:user/alice" });
    let both = json!({ "AWS": [alice["AWS"], "arn:aws:iam::444455556666:role/team/Bob"] });
    let found = diff(Kind::Bucket, &to(alice.clone()), &to(both));
    assert_eq!((found.answer(), found.undecided.len()), (Answer::Differs, 0));
    let request = found.differences[0].request.to_json();
    assert_eq!(request["principal_role"], "arn:aws:iam::444455556666:role/team/Bob");
    assert_eq!(answer(Kind::Bucket, &to(alice.clone()), &to(alice)), Answer::Same);
}

#[test]
fn naming_the_account_is_not_naming_the_user() {
    let account = to(json!({ "AWS": "111122223333" }));
    let found = diff(Kind::Bucket, &account, &to("*".into()));
    assert_eq!(found.answer(), Answer::Differs);
    // The same by its two spellings.
    let root = to(json!({ "AWS": "arn:aws:iam::111122223333:root" }));
    assert_eq!(answer(Kind::Bucket, &account, &root), Answer::Same);
}

#[test]
fn naming_the_role_bypasses_less_than_naming_the_session() {
    let role = to(json!({ "AWS": "arn:aws:iam::111122223333:role/R" }));
    let arn = "arn:aws:sts::111122223333:assumed-role/R/ss";
    let mut both = json!([role, to(json!({ "AWS": arn }))]);
    let found = diff(Kind::Bucket, &role, &both);
    assert_eq!(found.answer(), Answer::Differs);
    both[1]["Principal"] = role["Principal"].clone();
    assert_eq!(answer(Kind::Bucket, &role, &both), Answer::Same);
}

#[test]
fn a_service_a_provider_and_anybody_are_callers_too() {
    let service = to(json!({ "Service": "logging.s3.amazonaws.com" }));
    let other = to(json!({ "Service": "x.amazonaws.com" }));
    assert_eq!(answer(Kind::Bucket, &service, &other), Answer::Differs);
    let open = diff(Kind::Bucket, &service, &to("*".into()));
    assert_eq!(open.answer(), Answer::Differs);
    let frozen = |id: &str| to(json!({ "AWS": id }));
    let (one, two) = (frozen("AIDAAAAAAAAAAAAAAAAA1"), frozen("AIDAAAAAAAAAAAAAAAAA2"));
    assert_eq!(answer(Kind::Bucket, &one, &two), Answer::Differs);
    assert_eq!(answer(Kind::Bucket, &one, &one), Answer::Same);
}

#[test]
fn a_trust_policy_shows_who_may_assume_the_role() {
    let trust = |principal: Json, action: &str, condition: Json| {
        json!({ "Effect": "Allow", "Principal": principal, "Action": action,
            "Condition": condition })
    };
    let account = || json!({ "AWS": "444455556666" });
    let external = json!({ "StringEquals": { "sts:ExternalId": "s3cret" } });
    let old = trust(account(), "sts:AssumeRole", external.clone());
    let new = trust(account(), "sts:AssumeRole", json!({}));
    let found = diff(Kind::RoleTrust, &old, &new);
    assert_eq!((found.answer(), found.undecided.len()), (Answer::Differs, 0));
    assert!(found.differences[0].to_string().contains("sts:AssumeRole on arn:aws:iam::"));
    let provider = |audience: &str| {
        trust(
            json!({ "Federated": "arn:aws:iam::111122223333:oidc-provider/idp.example" }),
            "sts:AssumeRoleWithWebIdentity",
            json!({ "StringEquals": { "idp.example:aud": audience } }),
        )
    };
    assert_eq!(answer(Kind::RoleTrust, &provider("a"), &provider("b")), Answer::Differs);
    assert_eq!(answer(Kind::RoleTrust, &provider("a"), &provider("a")), Answer::Same);
}

#[test]
fn keys_that_follow_from_the_caller_are_never_made_up() {
    // Nobody is a user with that name and has another name in the ARN.
    let old = when(json!({ "StringEquals": { "aws:username": "bob" } }));
    let new = when(json!({ "StringEquals": { "aws:username": "bob" },
        "StringLike": { "aws:PrincipalArn": "arn:aws:iam::*:user/*bob" } }));
    assert!(same(&old, &new));
    let root = when(json!({ "StringEquals": { "aws:PrincipalType": "Account" } }));
    assert!(same(&root, &json!({ "Effect": "Allow", "Action": [], "Resource": "*" })));
}

#[test]
fn an_owner_is_never_made_up() {
    let mut nobody = to("*".into());
    nobody["Condition"] = json!({ "StringEquals": { "aws:ResourceAccount": "nobody" } });
    let other = to(json!({ "AWS": "111122223333" }));
    assert_eq!(answer(Kind::Bucket, &other, &json!([other, nobody])), Answer::Same);
    nobody["Condition"]["StringEquals"]["aws:ResourceAccount"] = "444455556666".into();
    assert_eq!(answer(Kind::Bucket, &other, &json!([other, nobody])), Answer::Differs);
}

#[test]
fn a_variable_is_tried_with_what_its_conditions_ask_for() {
    let mut own = allow("s3:GetObject", "arn:aws:s3:::b/${aws:PrincipalTag/team}/*");
    own["Condition"] = json!({ "StringLike": { "aws:PrincipalTag/team": "r?d" } });
    let other = allow("s3:PutObject", "*");
    let found = diff(Kind::Identity, &other, &json!([other, own]));
    assert_eq!(found.answer(), Answer::Differs, "{found:?}");
}

#[test]
fn a_difference_says_in_which_standing_it_shows_where_there_are_several() {
    let alice = to(json!({ "AWS": "arn:aws:iam::111122223333:user/alice" }));
    let found = diff(Kind::Bucket, &alice, &to("*".into()));
    let line = found.differences[0].to_json();
    assert!(line["standing"].is_string(), "{line}");
    let old = allow("s3:GetObject", "*");
    let found = diff(Kind::Identity, &old, &json!([old, allow("s3:PutObject", "*")]));
    let line = found.differences[0].to_json();
    assert_eq!(line.get("standing"), None);
    assert_eq!(
        (&line["answer"], &line["old"]["verdict"]),
        (&json!("differs"), &json!("implicit-deny"))
    );
    assert_eq!(line["request"]["action"], "s3:PutObject");
    let unknown = allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*");
    let deeper = allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/${aws:username}/*");
    let found = diff(Kind::Identity, &unknown, &json!([unknown, deeper]));
    let said = found.undecided[0].to_string();
    assert_eq!(said, "values of the variables `${aws:username}` were tried by example only");
}

#[test]
fn cases_of_two_kinds_of_resource_are_compared_unless_both_have_a_policy_of_it() {
    let (mut old, mut new) = (layers(&allow("*", "*"), None), layers(&allow("*", "*"), None));
    new.resource.kind = strongroom_policy::ResourceKind::Plain;
    assert_eq!(cases(&old, &new).unwrap().answer(), Answer::Same);
    let policy = attached(&to("*".into()), Kind::Bucket);
    (old.resource.policy, new.resource.policy) = (Some(policy.clone()), Some(policy));
    assert_eq!(cases(&old, &new).unwrap_err(), Incomparable::Cases("resource"));
    new.resource.kind = old.resource.kind;
    assert_eq!(cases(&old, &new).unwrap().answer(), Answer::Same);
}

fn layers(identity: &Json, boundary: Option<&Json>) -> strongroom_policy::case::Case {
    let named = |statement: &Json| json!([{ "name": "p", "document": { "Version": "2012-10-17", "Statement": statement } }]);
    let mut case = json!({
        "request": { "principal": "arn:aws:iam::111122223333:user/alice",
            "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x" },
        "identity_policies": named(identity),
    });
    if let Some(boundary) = boundary {
        case["permissions_boundaries"] = named(boundary);
    }
    strongroom_policy::case::parse(&case.to_string()).unwrap().remove(0)
}

#[test]
fn layers_are_compared_together() {
    let (wide, narrow) = (allow("s3:*", "*"), allow("s3:Get*", "*"));
    let old = layers(&wide, Some(&narrow));
    let new = layers(&narrow, Some(&wide));
    let found = cases(&old, &new).unwrap();
    assert_eq!(found.answer(), Answer::Same, "{found:?}");
    let found = cases(&layers(&narrow, None), &layers(&wide, Some(&narrow))).unwrap();
    assert_eq!(found.answer(), Answer::Same);
    let found = cases(&layers(&wide, Some(&narrow)), &layers(&wide, None)).unwrap();
    assert_eq!(found.answer(), Answer::Differs);
    assert_eq!(found.differences[0].request.principal, "arn:aws:iam::111122223333:user/alice");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let identity = attached(&allow("s3:*", "*"), Kind::Identity);
    let boundary = attached(&allow("s3:*", "*"), Kind::Boundary);
    let error = documents(&identity, &boundary).unwrap_err();
    assert_eq!(error, Incomparable::Kinds { old: Kind::Identity, new: Kind::Boundary });
    let mut other = layers(&allow("s3:*", "*"), None);
    other.principal = strongroom_policy::principal::Principal::Anonymous;
    let error = cases(&layers(&allow("s3:*", "*"), None), &other).unwrap_err();
    assert_eq!(error, Incomparable::Cases("principal"));
}

/// Statements about two keys each, with these values.
fn keys(count: usize, values: &[Json]) -> Json {
    let all = (0..count).flat_map(|index| {
        values.iter().map(move |value| {
            let (one, two) = (format!("k:{index}"), format!("l:{index}"));
            json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*",
                "Condition": { "StringEquals": { one: value, two: "x" } } })
        })
    });
    all.collect()
}

#[test]
fn more_kinds_of_request_than_the_limit_are_undecided_and_not_guessed() {
    let pair = |count| (keys(count, &[json!(["x", "y"])]), keys(count, &[json!("x"), json!("y")]));
    let (old, new) = pair(3);
    assert!(same(&old, &new));
    let (old, new) = pair(24);
    let found = diff(Kind::Identity, &old, &new);
    assert_eq!(found.answer(), Answer::Undecided);
    assert!(matches!(found.undecided[..], [Reason::Cells | Reason::Steps]), "{found:?}");
}

#[test]
fn what_both_sides_have_costs_nothing() {
    let never = json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*",
        "Condition": { "StringEquals": { "m:m": "x" }, "Null": { "m:m": "true" } } });
    let old = keys(40, &[json!("x")]);
    let mut new = old.clone();
    new.as_array_mut().unwrap().push(never);
    assert!(same(&old, &new));
}

#[test]
fn what_both_sides_deny_or_both_allow_whatever_else_is_so_costs_nothing() {
    for effect in ["Deny", "Allow"] {
        let beside = |values: &[Json]| -> Json {
            let mut all = keys(24, values);
            let list = all.as_array_mut().unwrap();
            list.push(json!({ "Effect": effect, "Action": "*", "Resource": "*" }));
            // What the engine knows by name is never cut short.
            list.iter_mut().for_each(|own| own["Action"] = "s3:GetObject".into());
            all
        };
        let (old, new) = (beside(&[json!(["x", "y"])]), beside(&[json!("x"), json!("z")]));
        let found = diff(Kind::Identity, &old, &new);
        assert_eq!(found.answer(), Answer::Same, "{effect} {found:?}");
    }
}

#[test]
fn differences_are_listed_up_to_the_limit() {
    let unrelated = || allow("iam:GetUser", "arn:aws:iam::111122223333:user/alice");
    let grants = |count: usize| -> Json {
        let names = (0..count).map(|index| format!("arn:aws:s3:::b/{index}"));
        let all = names.map(|name| allow("s3:GetObject", &name));
        all.chain([unrelated()]).collect()
    };
    let found = diff(Kind::Identity, &unrelated(), &grants(DIFFERENCES_MAX));
    assert_eq!((found.differences.len(), found.undecided.len()), (DIFFERENCES_MAX, 0));
    let found = diff(Kind::Identity, &unrelated(), &grants(DIFFERENCES_MAX + 1));
    assert_eq!(found.differences.len(), DIFFERENCES_MAX);
    assert_eq!(found.undecided, [Reason::Differences]);
}

#[test]
fn patterns_that_combine_without_end_are_undecided() {
    let mut like: Vec<String> = Vec::new();
    for c in 'a'..='z' {
        like.push(format!("*{c}*"));
    }
    let (first, rest) = like.split_first().unwrap();
    let statements = |texts: &[String]| -> Json {
        let each = texts.iter().map(|text| when(json!({ "StringLike": { "a:b": text } })));
        each.collect()
    };
    let found = diff(Kind::Identity, &statements(rest), &statements(&like));
    assert!(found.undecided.contains(&Reason::Steps), "{first} {found:?}");
}

#[test]
fn a_hostile_pattern_ends() {
    let mut hostile = String::new();
    for _ in 0..100 {
        let _ = write!(hostile, "*?a");
    }
    let old = allow("s3:*", &format!("arn:aws:s3:::b/{hostile}"));
    let new = allow("s3:*", &format!("arn:aws:s3:::b/{hostile}*"));
    // Whatever the answer, it comes.
    let _ = diff(Kind::Identity, &old, &new);
    assert!(same(&old, &old));
}
