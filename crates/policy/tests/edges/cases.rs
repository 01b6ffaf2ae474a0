//! Whom a policy case means by its principal.

use std::sync::Arc;

use strongroom_policy::case::{self, CASES_BYTES_MAX};
use strongroom_policy::principal::Principal;
use strongroom_policy::{ResourceKind, RestrictPublicBuckets};

fn read(principal: &str) -> Option<Principal> {
    let text = format!(
        r#"{{"request": {{"principal": "{principal}", "action": "s3:GetObject",
             "resource": "arn:aws:s3:::bucket/key"}}}}"#
    );
    let cases = case::parse(&text).ok()?;
    Some(cases.first()?.question().principal.clone())
}

#[test]
fn a_role_is_asked_for_as_one_of_its_sessions() {
    let role = read("arn:aws:iam::111122223333:role/Analyst");
    assert!(matches!(role, Some(Principal::RoleSession { .. })), "{role:?}");
}

#[test]
fn a_root_has_no_name_and_a_made_session_has_one() {
    let root = read("arn:aws:iam::111122223333:root");
    assert!(matches!(root, Some(Principal::Root { .. })), "{root:?}");
    assert_eq!(read("arn:aws:iam::111122223333:root/x"), None);
    let made = read("arn:aws:sts::111122223333:federated-user/made");
    assert!(matches!(made, Some(Principal::FederatedUser { .. })), "{made:?}");
    assert_eq!(read("arn:aws:sts::111122223333:federated-user/"), None);
}

/// A case with more members than its request.
fn case_of(action: &str, resource: &str, more: &str) -> String {
    format!(
        r#"{{"request": {{"principal": "arn:aws:iam::111122223333:user/alice",
             "action": "{action}", "resource": "{resource}"}}{more}}}"#
    )
}

fn kind_of(action: &str, resource: &str) -> ResourceKind {
    case::parse(&case_of(action, resource, "")).unwrap()[0].resource.kind
}

#[test]
fn only_a_role_that_is_asked_for_a_session_is_a_role() {
    let iam = |name: &str| format!("arn:aws:iam::111122223333:{name}");
    assert_eq!(kind_of("sts:AssumeRole", &iam("role/Analyst")), ResourceKind::RoleTrust);
    assert_eq!(kind_of("sts:AssumeRole", &iam("user/alice")), ResourceKind::Plain);
    assert_eq!(kind_of("iam:GetRole", &iam("role/Analyst")), ResourceKind::Plain);
    assert_eq!(kind_of("s3:GetObject", "arn:aws:s3:::b/k"), ResourceKind::Bucket);
}

#[test]
fn public_buckets_are_restricted_only_where_that_is_on() {
    let restricts = |block: &str| {
        let more = format!(r#", "block_public_access": {{{block}}}"#);
        let cases = case::parse(&case_of("s3:GetObject", "arn:aws:s3:::b/k", &more)).unwrap();
        cases[0].resource.restrict_public == RestrictPublicBuckets::On
    };
    assert!(restricts(r#""RestrictPublicBuckets": true"#));
    assert!(!restricts(r#""RestrictPublicBuckets": false"#));
    assert!(!restricts(r#""BlockPublicAcls": true, "IgnorePublicAcls": true"#));
    assert!(!restricts(""));
}

#[test]
fn a_document_is_an_object_and_one_that_comes_again_is_the_same() {
    let with = |documents: &[&str]| {
        let each = documents.iter().map(|own| format!(r#"{{"name": "p", "document": {own}}}"#));
        let more = format!(r#", "identity_policies": [{}]"#, each.collect::<Vec<_>>().join(","));
        case::parse(&case_of("s3:GetObject", "arn:aws:s3:::b/k", &more))
    };
    for bad in ["[]", "\"text\"", "1", "true", "[{}]"] {
        let error = with(&[bad]).unwrap_err().to_string();
        assert!(error.ends_with("`document` must be an object"), "{error}");
    }
    let allow = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let deny = allow.replace("Allow", "Deny");
    let cases = with(&[allow, &deny, allow]).unwrap();
    let policies: Vec<_> = cases[0].caller.identity.iter().collect();
    assert!(Arc::ptr_eq(&policies[0].document, &policies[2].document));
    assert!(!Arc::ptr_eq(&policies[0].document, &policies[1].document));
}

#[test]
fn a_text_of_cases_of_the_longest_length_is_read_and_one_byte_more_is_not() {
    // It begins with what is no JSON, so that nobody reads it to its end.
    assert_eq!(CASES_BYTES_MAX, 134_217_728);
    let mut text = "x".repeat(CASES_BYTES_MAX);
    let too_large = |text: &str| {
        let error = case::parse(text).unwrap_err().to_string();
        error.ends_with("are allowed")
    };
    assert!(!too_large(&text));
    for _ in 0..2 {
        text.push('x');
        assert!(too_large(&text), "{}", text.len());
    }
}

#[test]
fn users_of_one_name_in_two_accounts_have_two_ids() {
    let id = |principal: &str| match read(principal) {
        Some(Principal::User { id, .. }) => id.to_string(),
        other => panic!("{other:?}"),
    };
    let mut ids: Vec<String> = (0..200)
        .map(|own| id(&format!("arn:aws:iam::{:012}:user/u{}", own % 10, own / 10)))
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 200);
}

/// All results of the parts of a text, or the first error.
fn in_parts(text: &str, count: usize) -> Result<Vec<case::CaseResult>, case::CaseError> {
    let parts = case::parts(text, count)?;
    assert!((1..=count.max(1) + 1).contains(&parts.len()), "{} of {count}", parts.len());
    let mut all = Vec::new();
    for part in parts {
        all.extend(part.run()?);
    }
    Ok(all)
}

#[test]
fn a_text_in_parts_says_what_it_says_in_one() {
    let case = |own: usize| {
        let document = format!(
            r#"{{"Statement": {{"Sid": "S{own}", "Effect": "Allow", "Action": "*",
                "Resource": "arn:aws:s3:::b/{}*"}}}}"#,
            if own.is_multiple_of(3) { "x" } else { "k" },
        );
        let more = format!(
            r#", "name": "}}],{own}", "expect": "allow",
               "identity_policies": [{{"name": "p{own}", "document": {document}}}]"#
        );
        case_of("s3:GetObject", "arn:aws:s3:::b/k", &more)
    };
    let lines = |from, to| (from..to).map(case).collect::<Vec<_>>();
    let text =
        format!("{}\n [{}]\n[]{}", lines(0, 9).join("\n"), lines(9, 30).join(" ,"), case(30));
    let whole = case::run(&text).unwrap();
    assert_eq!(whole.len(), 31);
    assert_eq!(whole[30].name, "}],30");
    for count in [0, 1, 2, 3, 7, 31, 100] {
        assert_eq!(in_parts(&text, count).unwrap(), whole, "{count}");
    }
    // Broken anywhere, the same is wrong at the same place.
    for (from, to) in [
        ("\"S3\"", "\"S 3\""),
        ("\"p12\",", "\"p12\""),
        ("\"p29\", ", "\"p29\"]"),
        ("} ,{", "} {"),
        ("[]{", "[}{"),
        ("\n [", "\n 5["),
        ("}],30", "\\}],30"),
    ] {
        assert!(text.contains(from), "{from}");
        let broken = text.replacen(from, to, 1);
        let error = case::run(&broken).unwrap_err();
        for count in [2, 3, 7, 31] {
            assert_eq!(in_parts(&broken, count).unwrap_err(), error, "{count} {to}");
        }
    }
    let long = " ".repeat(CASES_BYTES_MAX + 1);
    assert_eq!(case::parts(&long, 2).unwrap_err(), case::run(&long).unwrap_err());
}
