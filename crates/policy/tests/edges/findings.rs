//! `policy check` where one word more or less decides.

use strongroom_policy::check::{self, Finding};
use strongroom_policy::{Kind, SOURCE_BYTES_MAX};

const I: Kind = Kind::Identity;
const B: Kind = Kind::Bucket;
const T: Kind = Kind::RoleTrust;
const R: Kind = Kind::ResourceControl;

const GET: &str = r#""Effect":"Allow","Action":"s3:GetObject","Resource":"*""#;
const DENY: &str = r#""Effect":"Deny","Action":"s3:GetObject","Resource":"*""#;
const ALICE: &str = r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"}"#;
const SAML: &str = r#""Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"}"#;

fn of(statements: &str, kind: Kind) -> Vec<Finding> {
    check::findings(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#), kind)
}

fn is_found(code: &str, kind: Kind, statement: &str) -> bool {
    of(&format!("{{{statement}}}"), kind).iter().any(|finding| finding.code == code)
}

fn when(condition: &str) -> String {
    format!(r#"{GET},"Condition":{{{condition}}}"#)
}

fn to(principal: &str) -> String {
    format!(r#"{GET},"Principal":{principal}"#)
}

fn trusting(action: &str, principal: &str) -> String {
    format!(r#""Effect":"Allow","Action":"sts:{action}","Principal":{principal}"#)
}

#[track_caller]
fn found(code: &str, kind: Kind, statement: &str) {
    assert!(is_found(code, kind, statement), "{code} in {statement}");
}

#[track_caller]
fn silent(code: &str, kind: Kind, statement: &str) {
    assert!(!is_found(code, kind, statement), "{code} in {statement}");
}

#[test]
fn a_finding_quotes_what_was_written_and_guesses_what_was_meant() {
    let found = of(r#"{"Effect":"Allow","Action":"s3:GetObjec","Resource":"*"}"#, I);
    let finding = found.iter().find(|finding| finding.code == "INVALID_ACTION").unwrap();
    assert_eq!(finding.message, "there is no action `s3:GetObjec`");
    assert_eq!(finding.hint.as_deref(), Some("did you mean `s3:GetObject`?"));
}

#[test]
fn a_name_of_minio_is_one_under_admin_alone() {
    let action = |text: &str| format!(r#""Effect":"Allow","Action":"{text}","Resource":"*""#);
    found("INVALID_ACTION", I, &action("s3:Heal*"));
    silent("INVALID_ACTION", I, &action("admin:Heal*"));
}

#[test]
fn of_two_resources_that_are_the_same_the_second_is_redundant() {
    let twice = r#"{"Effect":"Allow","Action":"s3:GetObject",
        "Resource":["arn:aws:s3:::b/k","arn:aws:s3:::b/k","arn:aws:s3:::b/K"]}"#;
    let found = of(twice, I);
    let paths: Vec<&str> = found
        .iter()
        .filter(|finding| finding.code == "REDUNDANT_RESOURCE")
        .map(|finding| finding.path.as_str())
        .collect();
    assert_eq!(paths, ["/Statement/0/Resource/1"]);
}

#[test]
fn a_key_of_a_provider_is_not_ours_to_know() {
    let key = |key: &str| when(&format!(r#""StringEquals":{{"{key}":"a"}}"#));
    silent("INVALID_SERVICE_CONDITION_KEY", I, &key("idp.example:sub"));
    found("INVALID_SERVICE_CONDITION_KEY", I, &key("s3:nothing"));
}

#[test]
fn a_set_prefix_is_missed_where_values_are_compared() {
    silent("MISSING_QUALIFIER", I, &when(r#""Null":{"aws:CalledVia":"true"}"#));
    found("MISSING_QUALIFIER", I, &when(r#""StringEquals":{"aws:CalledVia":"a"}"#));
}

#[test]
fn a_condition_that_holds_without_its_key_is_told_of_an_allow() {
    let all = r#""Condition":{"ForAllValues:StringEquals":{"aws:username":"a"}}"#;
    found("FORALLVALUES_WITH_SINGLE_VALUED_KEY", I, &format!("{GET},{all}"));
    silent("FORALLVALUES_WITH_SINGLE_VALUED_KEY", I, &format!("{DENY},{all}"));
}

#[test]
fn a_service_is_asked_for_its_customer_where_it_is_allowed() {
    let code = "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL";
    let service = r#""Principal":{"Service":"logging.s3.amazonaws.com"}"#;
    found(code, B, &format!("{GET},{service}"));
    silent(code, B, &format!("{DENY},{service}"));
    silent(code, B, &format!("{GET},{ALICE}"));
}

#[test]
fn statements_that_differ_in_a_principal_or_a_value_do_not_say_the_same() {
    let redundant = |one: &str, other: &str, kind: Kind| {
        let all = of(&format!("{{{one}}},{{{other}}}"), kind);
        all.iter().any(|finding| finding.code == "REDUNDANT_STATEMENT")
    };
    let bob = ALICE.replace("alice", "bob");
    let (alice, bob) = (format!("{GET},{ALICE}"), format!("{GET},{bob}"));
    assert!(redundant(&alice, &alice, B) && !redundant(&alice, &bob, B));
    let agent = |value: &str| when(&format!(r#""StringEquals":{{"aws:UserAgent":"{value}"}}"#));
    assert!(redundant(&agent("a"), &agent("a"), I) && !redundant(&agent("a"), &agent("b"), I));
}

#[test]
fn truth_needs_no_quotes() {
    silent("DATA_TYPE_MISMATCH", I, &when(r#""Bool":{"aws:SecureTransport":true}"#));
    found("DATA_TYPE_MISMATCH", I, &when(r#""Bool":{"aws:SecureTransport":{}}"#));
}

#[test]
fn everyone_is_a_principal_but_not_of_a_role() {
    silent("INVALID_PRINCIPAL_FORMAT", B, &to(r#""*""#));
    found("INVALID_PRINCIPAL_FORMAT", B, &to(r#""everyone""#));
    let code = "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL";
    found(code, T, &trusting("AssumeRole", r#""*""#));
    silent(code, B, &to(r#""*""#));
    silent(code, T, &trusting("AssumeRole", r#"{"AWS":"111122223333"}"#));
}

#[test]
fn a_resource_control_policy_is_told_of_its_principals_otherwise() {
    let principal = to(r#"{"Federated":"idp.example"}"#);
    found("FEDERATED_PRINCIPAL_NOT_SUPPORTED", B, &principal);
    silent("FEDERATED_PRINCIPAL_NOT_SUPPORTED", R, &principal);
}

#[test]
fn a_service_and_a_provider_have_names_of_their_forms() {
    let code = "INVALID_SERVICE_PRINCIPAL_FORMAT";
    found(code, B, &to(r#"{"Service":"a b.amazonaws.com"}"#));
    silent(code, B, &to(r#"{"Service":"a-b.amazonaws.com"}"#));
    let code = "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY";
    let web =
        |name: &str| trusting("AssumeRoleWithWebIdentity", &format!(r#"{{"Federated":"{name}"}}"#));
    silent(code, T, &web("idp.example"));
    for name in ["idp", "https://idp.example", "idp .example"] {
        found(code, T, &web(name));
    }
}

#[test]
fn an_id_is_a_text() {
    let whole = |id: &str| format!(r#"{{"Id":{id},"Version":"2012-10-17","Statement":{{{GET}}}}}"#);
    let mismatch = |id: &str| {
        let all = check::findings(&whole(id), I);
        all.iter().any(|finding| finding.code == "DATA_TYPE_MISMATCH")
    };
    assert!(mismatch("7") && !mismatch(r#""seven""#));
}

#[test]
fn an_id_that_two_statements_have_is_told_where_it_stands_again() {
    let both = format!(r#"{{"Sid":"A",{GET}}},{{"Sid":"A",{DENY}}}"#);
    let all = of(&both, I);
    let finding = all.iter().find(|finding| finding.code == "UNIQUE_SIDS_REQUIRED").unwrap();
    assert_eq!(finding.path, "/Statement/1/Sid");
}

#[test]
fn a_role_is_the_resource_of_its_own_trust_policy() {
    silent("MISSING_RESOURCE", T, &trusting("AssumeRole", r#"{"AWS":"111122223333"}"#));
}

#[test]
fn a_provider_of_saml_speaks_saml() {
    let with = |action: &str| format!(r#""Effect":"Allow","Action":"sts:{action}",{SAML}"#);
    found("MISMATCHED_ACTION_FOR_PRINCIPAL", T, &with("AssumeRoleWithWebIdentity"));
    silent("MISMATCHED_ACTION_FOR_PRINCIPAL", T, &with("AssumeRoleWithSAML"));
    silent("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", T, &with("AssumeRoleWithSAML"));
}

#[test]
fn one_number_covers_no_other() {
    let less = |values: &str| when(&format!(r#""NumericLessThan":{{"s3:max-keys":{values}}}"#));
    silent("REDUNDANT_CONDITION_VALUE_NUM", I, &less(r#"["1"]"#));
    found("REDUNDANT_CONDITION_VALUE_NUM", I, &less(r#"["1","2"]"#));
}

#[test]
fn values_are_read_as_their_operator_and_key_have_it() {
    let like = |key: &str, value: &str| when(&format!(r#""StringLike":{{"{key}":"{value}"}}"#));
    let equals = |key: &str, value: &str| when(&format!(r#""StringEquals":{{"{key}":"{value}"}}"#));
    silent("INVALID_VARIABLE_FOR_OPERATOR", I, &like("aws:UserAgent", "${aws:username}"));
    let code = "INVALID_SERVICE_PRINCIPAL_FORMAT";
    found(code, I, &equals("aws:PrincipalServiceName", "x"));
    silent(code, I, &like("aws:PrincipalServiceName", "x"));
    silent(code, I, &equals("aws:UserAgent", "x"));
    let code = "VARIABLE_USAGE_TOO_PERMISSIVE";
    found(code, I, &like("aws:userid", "${aws:PrincipalTag/t}x:*"));
    silent(code, I, &like("aws:userid", "${aws:PrincipalTag/t}:*"));
    silent("MISSING_ARN_FIELD", I, &when(r#""ArnLike":{"aws:SourceArn":"*"}"#));
    found("MISSING_ARN_FIELD", I, &when(r#""ArnLike":{"aws:SourceArn":"arn:aws"}"#));
}

#[test]
fn a_pattern_may_be_of_any_type_of_resource() {
    let on = |name: &str| {
        format!(
            r#""Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::111122223333:{name}""#
        )
    };
    found("INVALID_ARN_RESOURCE", I, &on("usr/x"));
    silent("INVALID_ARN_RESOURCE", I, &on("us*r/x"));
}

#[test]
fn a_text_of_the_longest_length_is_read_and_one_byte_more_is_not() {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{{{GET}}}}}"#);
    let padded = |length: usize| text.clone() + &" ".repeat(length - text.len());
    let too_long = |length: usize| {
        let all = check::findings(&padded(length), I);
        all.iter().any(|finding| finding.message.starts_with("the text is longer"))
    };
    assert!(!too_long(SOURCE_BYTES_MAX) && too_long(SOURCE_BYTES_MAX + 1));
    assert!(too_long(SOURCE_BYTES_MAX + 2));
}

/// The codes of what is found in one statement of so many actions.
fn of_actions(count: usize, extra: &[&str]) -> Vec<String> {
    let own = (0..count).map(|number| format!(r#""s3:X{number}""#));
    let all: Vec<String> = own.chain(extra.iter().map(|own| format!("{own:?}"))).collect();
    let statement = format!(r#"{{"Effect":"Allow","Action":[{}],"Resource":"*"}}"#, all.join(","));
    of(&statement, I).into_iter().map(|finding| finding.code.to_owned()).collect()
}

#[test]
fn a_hundred_actions_are_compared_with_each_other_and_not_one_more() {
    let redundant = |count: usize| {
        let all = of_actions(count - 2, &["s3:GetObject", "s3:GetObject"]);
        all.iter().any(|code| code == "REDUNDANT_ACTION")
    };
    assert!(redundant(99) && redundant(100) && !redundant(101) && !redundant(102));
    let long = |length: usize| {
        let text = format!("s3:{}", "A".repeat(length - 3));
        let all = of_actions(0, &[&text, &text]);
        all.iter().any(|code| code == "REDUNDANT_ACTION")
    };
    assert!(long(127) && long(128) && !long(129) && !long(130));
}

#[test]
fn a_key_that_no_action_has_is_told_for_a_hundred_actions_and_not_for_one_more() {
    let told = |count: usize| {
        let own: Vec<String> = (0..count).map(|_| r#""s3:GetObject""#.to_owned()).collect();
        let statement = format!(
            r#""Effect":"Allow","Action":[{}],"Resource":"*",
                "Condition":{{"StringEquals":{{"s3:prefix":"a"}}}}"#,
            own.join(",")
        );
        is_found("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", I, &statement)
    };
    assert!(told(1) && told(100) && !told(101) && !told(102));
    // Ours are keys of every request.
    let ours = when(r#""NumericLessThan":{"strongroom:TimeOfDay":"1200"}"#);
    silent("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", I, &ours);
}

#[test]
fn so_many_findings_are_told_and_of_those_behind_only_the_first_error() {
    // Each of these says a thing that is no error, and in the end that it says the same as the
    // first; a session's policy may be long.
    let with = |count: usize, last: &str| {
        let mut all: Vec<String> = (0..count)
            .map(|own| format!(r#"{{"Sid":"S{own}","Effect":"Allow","Action":[],"Resource":"*"}}"#))
            .collect();
        all.push(last.to_owned());
        of(&all.join(","), Kind::Session)
    };
    let is_error = |finding: &&Finding| finding.level == check::Level::Error;
    let good = format!("{{{GET}}}");
    let wrong = r#"{"Effect":"Allow","Action":"s3:GetObjec","Resource":"*"}"#;
    assert_eq!(with(10, &good).len(), 19);
    let many = with(check::FINDINGS_MAX, &good);
    assert_eq!((many.len(), many.iter().find(is_error)), (check::FINDINGS_MAX, None));
    let near = with(check::FINDINGS_MAX - 1, wrong);
    assert!(near.iter().find(is_error).unwrap().hint.is_some());
    // Nobody seeks a word for what comes behind.
    for count in [check::FINDINGS_MAX, check::FINDINGS_MAX + 1] {
        let far = with(count, &format!("{wrong},{wrong}"));
        let errors: Vec<&Finding> = far.iter().filter(is_error).collect();
        assert_eq!((far.len(), errors.len()), (check::FINDINGS_MAX + 1, 1));
        assert_eq!((errors[0].code, errors[0].hint.as_deref()), ("INVALID_ACTION", None));
    }
}

#[test]
fn a_time_that_is_no_date_is_told() {
    let date = |value: &str| when(&format!(r#""DateLessThan":{{"aws:CurrentTime":"{value}"}}"#));
    for good in ["2026-01-31", "2026-01-31T10:00:00Z"] {
        silent("INVALID_DATE_VALUE", I, &date(good));
    }
    for bad in ["1767225600", "2026", "2026-01"] {
        found("INVALID_DATE_VALUE", I, &date(bad));
    }
}

#[test]
fn a_service_is_the_same_in_either_case() {
    let of =
        |action: &str| format!(r#"{ALICE},"Effect":"Allow","Action":"{action}","Resource":"*""#);
    silent("UNSUPPORTED_ACTION_IN_POLICY", B, &of("S3:GetObject"));
    found("UNSUPPORTED_ACTION_IN_POLICY", B, &of("iam:GetUser"));
}
