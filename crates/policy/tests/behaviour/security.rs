//! Attacks on policy evaluation that other stores fell to, replayed on the engine: the rows of our
//! security corpus, section 1B, that an evaluator decides. Each refusal has its positive twin.

use serde_json::json;
use strongroom_policy::decision::Verdict;
use strongroom_policy::facts::Value;
use strongroom_policy::{Document, Fault, Kind, SOURCE_BYTES_MAX};

use crate::world::{
    ALICE, GET, HOME, OBJECT, World, allow, aws, deny, document, role_session, statement, to, user,
    with,
};

#[test]
fn pol_01_and_02_a_session_policy_needs_an_allow_even_for_the_callers_own_keys() {
    let own = ALICE;
    let create = "iam:CreateAccessKey";
    let world = World::alice().identity(&[statement("Allow")]);
    assert!(!world.clone().session(&[deny("s3:*", "*")]).ask(create, own).is_allowed());
    assert!(world.session(&[allow(create, own)]).ask(create, own).is_allowed());
}

#[test]
fn pol_03_a_deny_of_bypassing_governance_is_honoured() {
    let bypass = "s3:BypassGovernanceRetention";
    let world = World::alice().identity(&[allow("s3:*", "*")]);
    assert!(world.ask(bypass, OBJECT).is_allowed());
    let denied = world.identity(&[deny(bypass, "*")]);
    assert_eq!(denied.ask(bypass, OBJECT).verdict(), Verdict::ExplicitDeny);
}

#[test]
fn pol_04_reading_a_version_is_another_action() {
    let world = World::alice().identity(&[allow(GET, "*")]);
    assert!(world.ask(GET, OBJECT).is_allowed());
    assert!(!world.ask("s3:GetObjectVersion", OBJECT).is_allowed());
}

#[test]
fn pol_05_the_public_access_block_covers_every_anonymous_verb() {
    let nobody = World::of(strongroom_policy::principal::Principal::Anonymous)
        .bucket(&[to("Allow", json!("*"))]);
    let bucket = "arn:aws:s3:::finance";
    for (action, on) in
        [(GET, OBJECT), ("s3:ListBucket", bucket), ("s3:ListBucketVersions", bucket)]
    {
        assert!(nobody.ask(action, on).is_allowed());
        assert!(!nobody.clone().restricted().ask(action, on).is_allowed(), "{action}");
    }
}

#[test]
fn pol_07_a_condition_on_the_copy_source_is_evaluated() {
    let condition = json!({ "Condition": {
        "StringNotLike": { "s3:x-amz-copy-source": "a/pub/*" } } });
    let world =
        World::alice().identity(&[statement("Allow"), with(deny("s3:PutObject", "*"), condition)]);
    let copies = |source: &str| {
        world.clone().fact("s3:x-amz-copy-source", source).ask("s3:PutObject", OBJECT).is_allowed()
    };
    assert!(copies("a/pub/x"));
    assert!(!copies("a/priv/x"));
    assert!(!world.ask("s3:PutObject", OBJECT).is_allowed(), "an absent key satisfies a negation");
}

#[test]
fn pol_09_what_a_client_says_is_never_a_fact_of_the_server() {
    for key in [
        "aws:SourceIp",
        "aws:username",
        "aws:userid",
        "aws:PrincipalArn",
        "aws:PrincipalTag/x",
        "idp.example.com:sub",
        "s3:ExistingObjectTag/x",
    ] {
        let condition = json!({ "Condition": { "StringEquals": { key: "203.0.113.9" } } });
        let world = World::alice().identity(&[with(allow(GET, OBJECT), condition)]);
        let mut lie = world.clone();
        lie.facts.request.set(key, "203.0.113.9");
        assert!(!lie.allows(), "{key}");
        assert!(world.fact(key, "203.0.113.9").allows(), "{key}");
    }
}

#[test]
fn pol_11_negation_is_applied_to_each_value_before_quantification() {
    let listed = ["a", "b"];
    let universe = ["a", "b", "c"];
    for bits in 0_u8..8 {
        let set: Vec<&str> = (0..3).filter(|i| bits >> i & 1 == 1).map(|i| universe[i]).collect();
        let differs = |v: &&str| !listed.contains(v);
        for (operator, expected) in [
            ("ForAllValues:StringNotEquals", set.iter().all(differs)),
            ("ForAnyValue:StringNotEquals", set.iter().any(differs)),
            ("ForAllValues:StringEquals", !set.iter().any(differs)),
            ("ForAnyValue:StringEquals", set.iter().any(|v| listed.contains(v))),
        ] {
            let condition = json!({ "Condition": { operator: { "aws:TagKeys": listed } } });
            let value = Value::Many(set.iter().map(|v| (*v).to_owned()).collect());
            let world = World::alice().identity(&[with(allow(GET, OBJECT), condition)]);
            assert_eq!(world.fact("aws:TagKeys", value).allows(), expected, "{operator} {set:?}");
        }
    }
}

#[test]
fn pol_13_reading_grants_no_lock_or_retention() {
    let world = World::alice().identity(&[allow("s3:Get*", "*")]);
    for action in ["s3:PutObjectRetention", "s3:PutObjectLegalHold"] {
        assert!(!world.ask(action, OBJECT).is_allowed());
    }
    assert!(world.ask("s3:GetObjectRetention", OBJECT).is_allowed());
}

#[test]
fn pol_15_a_user_without_policies_may_nothing() {
    for action in
        ["s3:GetObject", "s3:ListBucket", "s3:CreateBucket", "iam:CreateUser", "sts:AssumeRole"]
    {
        assert!(!World::alice().ask(action, OBJECT).is_allowed(), "{action}");
        assert!(World::alice().identity(&[statement("Allow")]).ask(action, OBJECT).is_allowed());
    }
}

#[test]
fn pol_17_an_explicit_deny_of_the_session_binds_role_chaining() {
    let role = "arn:aws:iam::111122223333:role/Next";
    let world = World::of(role_session()).identity(&[statement("Allow")]).trust(aws(HOME));
    assert!(world.ask("sts:AssumeRole", role).is_allowed());
    let denied = world.session(&[statement("Allow"), deny("sts:AssumeRole", "*")]);
    assert_eq!(denied.ask("sts:AssumeRole", role).verdict(), Verdict::ExplicitDeny);
}

#[test]
fn pol_18_the_trust_policy_is_consulted() {
    let role = "arn:aws:iam::111122223333:role/Next";
    let bob = format!("arn:aws:iam::{HOME}:user/bob");
    let world = World::alice().identity(&[statement("Allow")]);
    assert!(!world.clone().trust(aws(&bob)).ask("sts:AssumeRole", role).is_allowed());
    assert!(world.trust(aws(ALICE)).ask("sts:AssumeRole", role).is_allowed());
}

#[test]
fn pol_19_actions_of_iam_are_not_actions_of_s3() {
    let target = format!("arn:aws:iam::{HOME}:user/new");
    let world = World::alice().identity(&[allow("s3:*", "*")]);
    assert!(!world.ask("iam:CreateUser", &target).is_allowed());
    assert!(
        world.identity(&[allow("iam:CreateUser", "*")]).ask("iam:CreateUser", &target).is_allowed()
    );
}

/// corpus: POL-21
#[test]
fn pol_20_and_21_prefixes_of_resources_are_not_resources() {
    let may = |pattern: &str, on: &str| {
        World::alice().identity(&[allow("s3:*", pattern)]).ask(GET, on).is_allowed()
    };
    assert!(may("arn:aws:s3:::a/x/*", "arn:aws:s3:::a/x/1"));
    for on in ["arn:aws:s3:::a/xy", "arn:aws:s3:::a/x", "arn:aws:s3:::ab/x/1", "arn:aws:s3:::a"] {
        assert!(!may("arn:aws:s3:::a/x/*", on), "{on}");
    }
    assert!(!may("arn:aws:s3:::a", "arn:aws:s3:::ab"));
    assert!(!may("arn:aws:s3:::a/*", "arn:aws:s3:::a"));
}

/// corpus: POL-24
#[test]
fn pol_23_and_24_names_are_data() {
    let world = World::alice().identity(&[allow(GET, "arn:aws:s3:::pub/*")]);
    for key in ["\"]; allow := true #", "..", "*", "${aws:username}", "?", "//a"] {
        assert!(world.ask(GET, &format!("arn:aws:s3:::pub/{key}")).is_allowed(), "{key}");
        assert!(!world.ask(GET, &format!("arn:aws:s3:::priv/{key}")).is_allowed(), "{key}");
        assert!(!world.ask(GET, &format!("arn:aws:s3:::priv/pub/{key}")).is_allowed(), "{key}");
    }
}

#[test]
fn pol_26_one_value_with_a_comma_is_not_two_values() {
    let condition = json!({ "Condition": { "ForAnyValue:StringEquals": { "aws:TagKeys": "x" } } });
    let world = World::alice().identity(&[with(allow(GET, OBJECT), condition)]);
    assert!(!world.clone().fact("aws:TagKeys", "x,y").allows());
    let two = Value::Many(vec!["x".to_owned(), "y".to_owned()]);
    assert!(world.fact("aws:TagKeys", two).allows());
}

#[test]
fn pol_27_a_missing_context_value_denies() {
    for operator in
        ["StringEquals", "StringLike", "IpAddress", "NumericLessThan", "Bool", "DateLessThan"]
    {
        let value = match operator {
            "IpAddress" => "10.0.0.0/8",
            "NumericLessThan" | "DateLessThan" => "2000",
            "Bool" => "true",
            _ => "x",
        };
        let condition = json!({ "Condition": { operator: { "idp.example.com:x": value } } });
        assert!(!World::alice().identity(&[with(allow(GET, OBJECT), condition)]).allows());
    }
}

#[test]
fn pol_29_strange_user_names_are_literal_in_variables() {
    let pattern = "arn:aws:s3:::homes/${idp.example.com:sub}/*";
    for sub in ["*", "a/../b", "${x}", "", "?"] {
        let world =
            World::alice().identity(&[allow(GET, pattern)]).fact("idp.example.com:sub", sub);
        assert!(world.ask(GET, &format!("arn:aws:s3:::homes/{sub}/k")).is_allowed(), "{sub}");
        assert!(!world.ask(GET, "arn:aws:s3:::homes/b/k").is_allowed(), "{sub}");
    }
    let unknown = World::alice().identity(&[allow(GET, pattern)]);
    assert!(!unknown.ask(GET, "arn:aws:s3:::homes//k").is_allowed());
}

#[test]
fn pol_31_a_key_in_two_spellings_is_refused_and_never_the_last_wins() {
    for extra in ["\"effect\":\"Allow\"", "\"Effect\":\"Allow\"", "\"resource\":\"*\"", "\"x\":1"] {
        let text = format!(
            "{{\"Statement\":{{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",{extra}}}}}"
        );
        assert!(Document::parse(&text, Kind::Identity).is_err(), "{extra}");
    }
}

/// All policies of one or two statements over three actions, three resources and two effects, with
/// the elements and their opposites, against the definition of each.
#[test]
fn pol_32_opposites_agree_with_their_definition_in_a_small_world() {
    let actions = ["s3:A", "s3:B", "s3:*"];
    let resources = ["arn:aws:s3:::x", "arn:aws:s3:::y", "*"];
    let mut statements = Vec::new();
    for action in actions {
        for resource in resources {
            for effect in ["Allow", "Deny"] {
                for (a, r) in
                    [("Action", "Resource"), ("NotAction", "Resource"), ("Action", "NotResource")]
                {
                    statements.push((effect, a, action, r, resource));
                }
            }
        }
    }
    let applies = |s: &(&str, &str, &str, &str, &str), action: &str, resource: &str| {
        let a = s.2 == "s3:*" || s.2 == action;
        let r = s.4 == "*" || s.4 == resource;
        (a == (s.1 == "Action")) && (r == (s.3 == "Resource"))
    };
    for first in &statements {
        for second in &statements {
            let pair = [first, second];
            let json: Vec<_> =
                pair.iter().map(|s| json!({ "Effect": s.0, s.1: s.2, s.3: s.4 })).collect();
            let world = World::alice().identity(&json);
            for action in ["s3:A", "s3:B"] {
                for resource in ["arn:aws:s3:::x", "arn:aws:s3:::y"] {
                    let has =
                        |effect| pair.iter().any(|s| s.0 == effect && applies(s, action, resource));
                    let expected = match (has("Deny"), has("Allow")) {
                        (true, _) => Verdict::ExplicitDeny,
                        (false, true) => Verdict::Allow,
                        (false, false) => Verdict::ImplicitDeny,
                    };
                    assert_eq!(world.ask(action, resource).verdict(), expected, "{json:?}");
                }
            }
        }
    }
}

#[test]
fn pol_39_a_policy_that_is_too_big_is_refused() {
    let text = format!(
        "{{\"Id\":\"{}\",\"Statement\":{}}}",
        "x".repeat(SOURCE_BYTES_MAX),
        statement("Deny")
    );
    assert!(matches!(
        Document::parse(&text, Kind::Session).unwrap_err().fault,
        Fault::TooLarge { .. }
    ));
    assert!(Document::parse(&document(&[statement("Deny")]), Kind::Session).is_ok());
    assert_eq!(user().account().unwrap().as_str(), HOME);
}
