//! Actions, resources and variables: our reference 1.2 and 2, and the choices of its section 17.

use serde_json::json;

use crate::world::{ALICE, GET, HOME, OBJECT, World, allow, deny, statement, user, with};

fn may(action: &str, resource: &str, asked: &str, on: &str) -> bool {
    World::alice().identity(&[allow(action, resource)]).ask(asked, on).is_allowed()
}

#[test]
fn actions_match_without_regard_to_case() {
    for pattern in
        ["s3:GetObject", "S3:getobject", "s3:Get*", "s3:*", "*", "s?:GetObj?ct", "*:Get*"]
    {
        assert!(may(pattern, "*", GET, OBJECT), "{pattern}");
    }
    for pattern in ["s3:Get", "s3:GetObjectAcl", "s3:Put*", "iam:*", "s3:GetObject?", "s:GetObject"]
    {
        assert!(!may(pattern, "*", GET, OBJECT), "{pattern}");
    }
}

#[test]
fn actions_with_white_space_commas_or_no_name_match_nothing() {
    for pattern in ["s3:GetObject ", "s3: GetObject", "s3:GetObject,PutObject", "s3:"] {
        assert!(!may(pattern, "*", GET, OBJECT), "{pattern}");
        let except = json!({ "Effect": "Allow", "NotAction": pattern, "Resource": "*" });
        assert!(World::alice().identity(&[except]).allows(), "{pattern}");
    }
}

#[test]
fn an_action_is_matched_whole_and_a_star_runs_over_anything() {
    assert!(may("s3:a*c", "*", "s3:abcc", OBJECT), "Ceph's unit test says no; the guide says yes");
    assert!(!may("s3:a*c", "*", "s3:abcd", OBJECT));
}

#[test]
fn resources_match_with_regard_to_case_and_whole() {
    for (pattern, on, expected) in [
        ("arn:aws:s3:::finance/*", OBJECT, true),
        ("arn:aws:s3:::finance/q?.csv", OBJECT, true),
        ("arn:aws:s3:::Finance/*", OBJECT, false),
        ("arn:aws:s3:::finance/Q3.csv", OBJECT, false),
        ("arn:aws:s3:::finance", OBJECT, false),
        ("arn:aws:s3:::finance/", OBJECT, false),
        ("arn:aws:s3:::fin*", OBJECT, true),
        ("arn:aws:s3:::finance/*", "arn:aws:s3:::finance", false),
        ("arn:aws:s3:::a", "arn:aws:s3:::ab", false),
        ("arn:aws:s3:::finance/*", "arn:aws:s3:::finance/", true),
        ("arn:aws:s3:*:*:finance/*", OBJECT, true),
        ("arn:*:s3:::finance/*", OBJECT, true),
    ] {
        assert_eq!(may(GET, pattern, GET, on), expected, "{pattern} {on}");
    }
}

#[test]
fn the_guides_examples_of_stars_in_keys_hold() {
    let pattern = "arn:aws:s3:::b/*/test/*";
    for key in ["1/test/x", "1/2/test/3/x", "1///test///x", "1/test/.jpg", "/test/x", "1/test/"] {
        assert!(may(GET, pattern, GET, &format!("arn:aws:s3:::b/{key}")), "{key}");
    }
    for key in ["1-test/x", "test/x", "1/2/test.jpg"] {
        assert!(!may(GET, pattern, GET, &format!("arn:aws:s3:::b/{key}")), "{key}");
    }
}

#[test]
fn only_the_names_of_iam_are_matched_without_regard_to_case() {
    let alice = "arn:aws:iam::111122223333:user/Alice";
    for (named, asked, same) in [
        ("arn:aws:s3:::vault/Secret", "arn:aws:s3:::vault/Secret", true),
        ("arn:aws:s3:::vault/Secret", "arn:aws:s3:::vault/secret", false),
        ("arn:aws:s3:::vault/secret", "arn:aws:s3:::vault/Secret", false),
        ("arn:aws-cn:s3:::vault/Secret", "arn:aws-cn:s3:::vault/Secret", true),
        ("arn:aws-cn:s3:::vault/secret", "arn:aws-cn:s3:::vault/Secret", false),
    ] {
        assert_eq!(may(GET, named, GET, asked), same, "allow {named} {asked}");
        let but = World::alice().identity(&[statement("Allow"), deny(GET, named)]);
        assert_eq!(but.ask(GET, asked).is_allowed(), !same, "deny {named} {asked}");
    }
    let but = World::alice().identity(&[statement("Allow"), deny("iam:GetUser", alice)]);
    assert!(!but.ask("iam:GetUser", &alice.to_lowercase()).is_allowed(), "a deny folds");
    assert!(but.ask("iam:GetUser", "arn:aws:iam::111122223333:user/alicia").is_allowed());
}

#[test]
fn keys_are_text_and_never_decoded_or_normalised() {
    let pattern = "arn:aws:s3:::b/pub/*";
    assert!(may(GET, pattern, GET, "arn:aws:s3:::b/pub/../secret"), "a key is not a path");
    assert!(!may(GET, pattern, GET, "arn:aws:s3:::b/pub%2Fx"));
    assert!(!may(GET, "arn:aws:s3:::b/a b", GET, "arn:aws:s3:::b/a%20b"));
    assert!(may(GET, "arn:aws:s3:::b/?", GET, "arn:aws:s3:::b/ü"), "one character, not one byte");
    assert!(!may(GET, "arn:aws:s3:::b/*", GET, "arn:aws:s3:::b*"));
}

#[test]
fn an_object_action_on_the_bucket_is_silently_denied() {
    let decision = World::alice().identity(&[allow(GET, "arn:aws:s3:::finance")]).ask(GET, OBJECT);
    assert_eq!(decision.verdict(), strongroom_policy::decision::Verdict::ImplicitDeny);
    assert!(may("s3:*", "arn:aws:s3:::finance", "s3:ListBucket", "arn:aws:s3:::finance"));
}

#[test]
fn an_action_without_a_resource_is_asked_of_every_resource_of_its_service() {
    for (pattern, expected) in [
        ("*", true),
        ("arn:aws:s3:::*", true),
        ("arn:aws:s3:::finance", false),
        ("arn:aws:iam::*:*", false),
    ] {
        assert_eq!(may("s3:*", pattern, "s3:ListAllMyBuckets", "*"), expected, "{pattern}");
    }
    let world = World::alice().identity(&[statement("Allow"), deny("s3:*", "arn:aws:s3:::*")]);
    assert!(!world.ask("s3:ListAllMyBuckets", "*").is_allowed());
}

#[test]
fn iam_names_in_a_deny_ignore_case_so_that_spelling_is_no_way_round() {
    let user = |name: &str| format!("arn:aws:iam::{HOME}:user/{name}");
    let delete = "iam:DeleteUser";
    let world = World::alice().identity(&[statement("Allow"), deny(delete, &user("boss"))]);
    assert!(!world.ask(delete, &user("boss")).is_allowed());
    assert!(!world.ask(delete, &user("BOSS")).is_allowed());
    assert!(world.ask(delete, &user("clerk")).is_allowed());
    assert!(may(delete, &user("clerk"), delete, &user("clerk")));
    assert!(!may(delete, &user("clerk"), delete, &user("CLERK")));
    let all_but =
        |effect: &str| json!({ "Effect": effect, "Action": delete, "NotResource": user("boss") });
    assert!(!World::alice().identity(&[all_but("Allow")]).ask(delete, &user("BOSS")).is_allowed());
    let spared = World::alice().identity(&[statement("Allow"), all_but("Deny")]);
    assert!(spared.ask(delete, &user("boss")).is_allowed());
    assert!(!spared.ask(delete, &user("BOSS")).is_allowed());
}

#[test]
fn not_action_and_not_resource_are_all_the_others() {
    let not_action = json!({ "Effect": "Allow", "NotAction": "s3:Delete*", "Resource": "*" });
    let world = World::alice().identity(&[not_action]);
    assert!(world.ask(GET, OBJECT).is_allowed());
    assert!(!world.ask("s3:DeleteObject", OBJECT).is_allowed());
    let not_resource =
        json!({ "Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::finance/*" });
    let world = World::alice().identity(&[statement("Allow"), not_resource]);
    assert!(world.ask(GET, OBJECT).is_allowed());
    assert!(!world.ask(GET, "arn:aws:s3:::payroll/x").is_allowed());
}

#[test]
fn an_empty_list_matches_nothing_and_its_opposite_everything() {
    let none = |element: &str| {
        let mut s = statement("Allow");
        s.as_object_mut().unwrap().remove(element.trim_start_matches("Not"));
        with(s, json!({ element: [] }))
    };
    for (element, expected) in
        [("Action", false), ("Resource", false), ("NotAction", true), ("NotResource", true)]
    {
        assert_eq!(World::alice().identity(&[none(element)]).allows(), expected, "{element}");
    }
}

#[test]
fn a_variable_stands_for_literal_text() {
    let own = "arn:aws:s3:::homes/${aws:username}/*";
    assert!(may(GET, own, GET, "arn:aws:s3:::homes/alice/x"));
    assert!(!may(GET, own, GET, "arn:aws:s3:::homes/bob/x"));
    let tagged = |value: &str, key: &str| {
        World::alice()
            .identity(&[allow(GET, "arn:aws:s3:::b/${aws:PrincipalTag/team}/x")])
            .fact("aws:PrincipalTag/team", value)
            .ask(GET, &format!("arn:aws:s3:::b/{key}"))
            .is_allowed()
    };
    assert!(tagged("red", "red/x"));
    for value in ["*", "?ed", "${aws:username}"] {
        assert!(!tagged(value, "red/x"), "{value}");
        assert!(!tagged(value, "alice/x"), "{value}");
        assert!(tagged(value, &format!("{value}/x")), "{value}");
    }
    assert!(tagged("", "/x"), "an empty text is a value");
    assert!(tagged("a:b", "a:b/x"));
}

#[test]
fn a_default_stands_in_for_an_absent_key_only() {
    let pattern = "arn:aws:s3:::b/${aws:PrincipalTag/team, 'common'}/*";
    let world = World::alice().identity(&[allow(GET, pattern)]);
    assert!(world.ask(GET, "arn:aws:s3:::b/common/x").is_allowed());
    let tagged = world.fact("aws:PrincipalTag/team", "red");
    assert!(tagged.ask(GET, "arn:aws:s3:::b/red/x").is_allowed());
    assert!(!tagged.ask(GET, "arn:aws:s3:::b/common/x").is_allowed());
}

#[test]
fn escapes_are_the_characters_themselves() {
    for (escape, character) in [("${*}", "*"), ("${?}", "?"), ("${$}", "$")] {
        let pattern = format!("arn:aws:s3:::b/{escape}");
        assert!(may(GET, &pattern, GET, &format!("arn:aws:s3:::b/{character}")));
        assert!(!may(GET, &pattern, GET, "arn:aws:s3:::b/x"));
    }
}

#[test]
fn variables_work_in_string_and_arn_values() {
    let holds = |operator: &str, value: &str, key: &str, fact: &str| {
        let condition = json!({ "Condition": { operator: { key: value } } });
        World::alice().identity(&[with(allow(GET, OBJECT), condition)]).fact(key, fact).allows()
    };
    assert!(holds("StringEquals", "${aws:username}", "aws:UserAgent", "alice"));
    assert!(!holds("StringEquals", "${aws:username}", "aws:UserAgent", "bob"));
    assert!(holds("StringLike", "${aws:username}/*", "s3:prefix", "alice/x"));
    assert!(holds("StringEqualsIgnoreCase", "${aws:username}", "aws:UserAgent", "ALICE"));
    assert!(holds("ArnEquals", "${aws:PrincipalArn}", "aws:SourceArn", ALICE));
    let built = "arn:aws:iam::${aws:PrincipalAccount}:user/*";
    assert!(holds("ArnLike", built, "aws:SourceArn", ALICE));
    assert!(!holds("ArnLike", built, "aws:SourceArn", "arn:aws:iam::444455556666:user/alice"));
}

#[test]
fn sources_disagree_and_the_guide_decides() {
    let holds = |operator: &str, value: &str, fact: &str| {
        let key = "idp.example.com:claim";
        let condition = json!({ "Condition": { operator: { key: value } } });
        World::alice().identity(&[with(allow(GET, OBJECT), condition)]).fact(key, fact).allows()
    };
    // A negated operator with an unresolved variable matches.
    assert!(holds("StringNotEquals", "${aws:PrincipalTag/none}", "x"));
    // Epoch seconds and ISO 8601 are both instants.
    assert!(holds("DateLessThan", "2026-01-01T00:00:00Z", "1767225599"));
    // What is not wholly a number is none.
    assert!(!holds("NumericEquals", "10", "10abc"));
    // An IPv4 address mapped into IPv6 is the IPv4 address.
    assert!(holds("IpAddress", "10.0.0.0/8", "::ffff:10.1.2.3"));
    assert!(!holds("NotIpAddress", "10.0.0.0/8", "::ffff:10.1.2.3"));
    assert!(matches!(user(), strongroom_policy::principal::Principal::User { .. }));
}
