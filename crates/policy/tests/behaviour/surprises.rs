//! The rules of AWS that surprise most: the fifteen of our reference's section 16, those of them
//! that the engine decides, by name.

use serde_json::json;
use strongroom_policy::decision::{Layer, Verdict};
use strongroom_policy::facts::Value;
use strongroom_policy::{Document, Kind, ResourceKind};

use crate::world::{
    ALICE, ANALYST, AWAY, FEDERATED, GET, HOME, OBJECT, SESSION, World, account, allow, attached,
    aws, check, deny, document, federated_user, role_session, statement, to, trusts, user, with,
};

#[test]
fn a_bucket_policy_naming_user_session_or_everyone_passes_boundary_and_session_policy() {
    let nothing = [allow("s3:ListBucket", "arn:aws:s3:::other")];
    let shut = |world: World| world.boundary(&nothing).session(&nothing);
    for (who, name) in [(user(), ALICE), (role_session(), SESSION), (federated_user(), FEDERATED)] {
        for principal in [aws(name), aws("*"), json!("*")] {
            let world = shut(World::of(who.clone()).bucket(&[to("Allow", principal)]));
            assert_eq!(world.verdict(), (Verdict::Allow, Layer::Resource), "{name}");
        }
    }
}

#[test]
fn a_bucket_policy_naming_the_role_passes_only_the_identity_policy() {
    let nothing = [allow("s3:ListBucket", "arn:aws:s3:::other")];
    let world = World::of(role_session()).bucket(&[to("Allow", aws(ANALYST))]);
    assert_eq!(world.verdict(), (Verdict::Allow, Layer::Resource));
    assert!(!world.clone().boundary(&nothing).allows());
    assert!(!world.clone().session(&nothing).allows());
    assert!(world.boundary(&[statement("Allow")]).session(&[statement("Allow")]).allows());
}

#[test]
fn everyone_with_a_condition_on_the_role_passes_what_naming_the_role_does_not() {
    let nothing = [allow("s3:ListBucket", "arn:aws:s3:::other")];
    let condition = json!({ "Condition": { "ArnEquals": { "aws:PrincipalArn": ANALYST } } });
    let world = World::of(role_session()).bucket(&[with(to("Allow", json!("*")), condition)]);
    assert!(world.clone().boundary(&nothing).session(&nothing).allows());
    let mut other = world;
    other.principal = user();
    assert!(!other.allows());
}

#[test]
fn a_bucket_policy_naming_the_account_grants_nothing_alone() {
    for name in [HOME.to_owned(), format!("arn:aws:iam::{HOME}:root")] {
        for who in [user(), role_session()] {
            let world = World::of(who).bucket(&[to("Allow", aws(&name))]);
            assert_eq!(world.verdict(), (Verdict::ImplicitDeny, Layer::Identity));
            assert!(world.identity(&[allow(GET, OBJECT)]).allows());
        }
    }
}

#[test]
fn absent_keys_satisfy_for_all_values_and_negations_but_not_for_any_value() {
    let reads = |operator: &str| {
        let condition = json!({ "Condition": { operator: { "aws:PrincipalTag/team": "x" } } });
        World::alice().identity(&[with(allow(GET, OBJECT), condition)]).allows()
    };
    assert!(reads("ForAllValues:StringEquals"));
    assert!(!reads("ForAnyValue:StringEqualsIfExists"));
    assert!(!reads("ForAnyValue:StringNotEqualsIfExists"));
    assert!(reads("StringNotEquals"));
    assert!(reads("StringNotLike"));
}

#[test]
fn a_variable_without_a_value_matches_no_resource_but_widens_its_opposite() {
    let home = "arn:aws:s3:::finance/${aws:PrincipalTag/team}*";
    assert!(!World::alice().identity(&[allow(GET, home)]).allows());
    assert!(
        World::alice().identity(&[allow(GET, home)]).fact("aws:PrincipalTag/team", "q3").allows()
    );
    let except = json!({ "Effect": "Allow", "Action": GET, "NotResource": home });
    assert!(World::alice().identity(std::slice::from_ref(&except)).allows());
    assert!(!World::alice().identity(&[except]).fact("aws:PrincipalTag/team", "q3").allows());
    let negated = json!({ "Condition": {
        "StringNotEquals": { "aws:UserAgent": "${aws:PrincipalTag/team}" } } });
    let world = World::alice().identity(&[with(allow(GET, OBJECT), negated)]);
    assert!(world.fact("aws:UserAgent", "x").allows());
}

#[test]
fn the_version_of_2008_reads_variables_and_escapes_as_text() {
    let text = |version: &str, resource: &str| {
        let mut policy = json!({ "Statement": [allow(GET, resource)] });
        if !version.is_empty() {
            policy["Version"] = version.into();
        }
        policy.to_string()
    };
    let asks = |text: &str, resource: &str| {
        World::alice().identity_text(text).ask(GET, resource).is_allowed()
    };
    let own = "arn:aws:s3:::finance/${aws:username}";
    assert!(asks(&text("2012-10-17", own), "arn:aws:s3:::finance/alice"));
    for old in ["", "2008-10-17"] {
        assert!(!asks(&text(old, own), "arn:aws:s3:::finance/alice"));
        assert!(asks(&text(old, own), "arn:aws:s3:::finance/${aws:username}"));
        assert!(asks(&text(old, "arn:aws:s3:::b/${*}"), "arn:aws:s3:::b/${*}"));
        assert!(!asks(&text(old, "arn:aws:s3:::b/${*}"), "arn:aws:s3:::b/*"));
        assert!(!asks(&text(old, "arn:aws:s3:::b/${*}"), "arn:aws:s3:::b/${x}"));
    }
    assert!(asks(&text("2012-10-17", "arn:aws:s3:::b/${*}"), "arn:aws:s3:::b/*"));
    assert!(!asks(&text("2012-10-17", "arn:aws:s3:::b/${*}"), "arn:aws:s3:::b/x"));
}

#[test]
fn a_role_made_again_under_its_name_is_not_the_trusted_one() {
    let text = document(&[to("Allow", aws(ANALYST))]);
    let policy = Document::parse(&text, Kind::Bucket).unwrap();
    let mut old = |_: &names::Arn| Some("AROAAAAAAAAAAAAAAAAA1".parse().unwrap());
    let frozen = policy.freeze(&mut old).unwrap();
    let mut world = World::of(role_session());
    world.resource.policy = Some(attached("bucket", frozen.text(), Kind::Bucket));
    assert!(!world.allows());
    let mut same = |_: &names::Arn| Some("AROAAAAAAAAAAAAAAAAA2".parse().unwrap());
    let frozen = policy.freeze(&mut same).unwrap();
    world.resource.policy = Some(attached("bucket", frozen.text(), Kind::Bucket));
    assert!(world.allows());
}

#[test]
fn a_session_of_a_role_made_again_under_its_name_is_not_the_trusted_one() {
    for (statement, kind) in
        [(to("Allow", aws(SESSION)), Kind::Bucket), (trusts(aws(SESSION)), Kind::RoleTrust)]
    {
        let policy = Document::parse(&document(&[statement]), kind).unwrap();
        for (id, expected) in [("AROAAAAAAAAAAAAAAAAA1", false), ("AROAAAAAAAAAAAAAAAAA2", true)] {
            let frozen = policy.freeze(&mut |_| id.parse().ok()).unwrap();
            let mut world = World::of(role_session());
            world.resource.policy = Some(attached("resource", frozen.text(), kind));
            let allowed = match kind {
                Kind::Bucket => world.allows(),
                _ => {
                    world.resource.kind = ResourceKind::RoleTrust;
                    world.ask("sts:AssumeRole", ANALYST).is_allowed()
                }
            };
            assert_eq!(allowed, expected, "{kind:?} {id}");
        }
        let gone = policy.freeze(&mut |_| None).unwrap_err();
        assert!(gone.aws_message().contains("Invalid principal in policy"));
    }
    let other = SESSION.replace("morning", "evening");
    let policy = Document::parse(&document(&[to("Allow", aws(&other))]), Kind::Bucket).unwrap();
    let frozen = policy.freeze(&mut |_| "AROAAAAAAAAAAAAAAAAA2".parse().ok()).unwrap();
    let mut world = World::of(role_session());
    world.resource.policy = Some(attached("resource", frozen.text(), Kind::Bucket));
    assert!(!world.allows(), "another session of the same role");
}

#[test]
fn a_condition_on_the_principal_arn_still_matches_a_role_made_again() {
    let condition = json!({ "Condition": { "ArnLike": { "aws:PrincipalArn": ANALYST } } });
    let world = World::of(role_session()).bucket(&[with(to("Allow", json!("*")), condition)]);
    assert!(world.allows());
}

#[test]
fn the_principal_arn_of_a_session_is_the_role() {
    for (operator, name, expected) in [
        ("ArnEquals", ANALYST, true),
        ("ArnLike", ANALYST, true),
        ("ArnEquals", "arn:aws:iam::111122223333:role/team/*", true),
        ("StringEquals", ANALYST, true),
        ("ArnEquals", SESSION, false),
        ("StringLike", "arn:aws:sts::*", false),
    ] {
        let condition = json!({ "Condition": { operator: { "aws:PrincipalArn": name } } });
        let world = World::of(role_session()).identity(&[with(allow(GET, OBJECT), condition)]);
        assert_eq!(world.allows(), expected, "{operator} {name}");
    }
}

#[test]
fn one_public_statement_ends_every_grant_across_accounts_where_public_is_restricted() {
    let grant = to("Allow", aws(ALICE));
    let open = to("Allow", json!("*"));
    let world = World::alice().owned_by(AWAY).identity(&[allow(GET, OBJECT)]);
    assert!(world.clone().bucket(std::slice::from_ref(&grant)).restricted().allows());
    let both = world.bucket(&[grant, open]);
    assert!(both.clone().allows());
    let shut = both.restricted();
    assert_eq!(shut.verdict(), (Verdict::ImplicitDeny, Layer::PublicAccessBlock));
    assert!(shut.owned_by(HOME).allows(), "the owner's own account goes on");
}

#[test]
fn deny_with_not_principal_hits_every_caller_who_has_a_boundary() {
    let list = json!({ "AWS": [ALICE, HOME] });
    let mut spare = to("Deny", json!("*"));
    spare.as_object_mut().unwrap().remove("Principal");
    let spare = with(spare, json!({ "NotPrincipal": list }));
    let world = World::alice().identity(&[statement("Allow")]).bucket(&[spare]);
    assert!(world.allows());
    let bounded = world.boundary(&[statement("Allow")]);
    assert_eq!(bounded.verdict(), (Verdict::ExplicitDeny, Layer::Resource));
}

#[test]
fn a_long_term_key_has_no_multi_factor_fact_at_all() {
    let denies = |operator: &str, fact: Option<&str>| {
        let condition =
            json!({ "Condition": { operator: { "aws:MultiFactorAuthPresent": "false" } } });
        let world = World::alice().identity(&[allow("*", "*"), with(deny(GET, OBJECT), condition)]);
        let world = match fact {
            Some(value) => world.fact("aws:MultiFactorAuthPresent", value),
            None => world,
        };
        !world.allows()
    };
    assert!(!denies("Bool", None));
    assert!(denies("BoolIfExists", None));
    assert!(denies("Bool", Some("false")));
    assert!(!denies("BoolIfExists", Some("true")));
}

#[test]
fn nobody_can_be_denied_to_ask_who_they_are() {
    let all = [statement("Deny")];
    for who in [user(), role_session(), federated_user()] {
        let world =
            World::of(who).identity(&all).session(&all).boundary(&all).service_control(&all);
        assert!(world.ask("sts:GetCallerIdentity", "*").is_allowed());
        assert!(!world.ask("sts:GetSessionToken", "*").is_allowed());
    }
    let nobody = World::of(strongroom_policy::principal::Principal::Anonymous);
    assert!(!nobody.ask("sts:GetCallerIdentity", "*").is_allowed());
    // 1.2: the case of an action does not matter.
    let shut = World::alice().identity(&all);
    assert!(shut.ask("sts:getcalleridentity", "*").is_allowed());
}

#[test]
fn a_stranger_has_no_boundary_that_not_principal_could_hit() {
    let mut spare = to("Deny", json!("*"));
    spare.as_object_mut().unwrap().remove("Principal");
    let nobody = with(spare.clone(), json!({ "NotPrincipal": "*" }));
    let stranger = World::of(strongroom_policy::principal::Principal::Anonymous)
        .boundary(&[statement("Allow")])
        .bucket(&[nobody, to("Allow", json!("*"))]);
    assert!(stranger.allows());
    let others = with(spare, json!({ "NotPrincipal": aws(HOME) }));
    assert!(!stranger.bucket(&[others, to("Allow", json!("*"))]).allows());
}

#[test]
fn a_federated_user_without_a_session_policy_has_almost_nothing() {
    let world = World::of(federated_user()).identity(&[statement("Allow")]);
    assert_eq!(world.verdict(), (Verdict::ImplicitDeny, Layer::Identity));
    assert!(world.clone().session(&[allow(GET, OBJECT)]).allows());
    assert!(!world.clone().session(&[allow("s3:PutObject", OBJECT)]).allows());
    assert!(world.clone().bucket(&[to("Allow", aws(FEDERATED))]).allows());
    let by_user = world.bucket(&[to("Allow", aws(ALICE))]);
    assert!(!by_user.allows());
    assert!(by_user.session(&[allow(GET, OBJECT)]).allows());
}

#[test]
fn uploading_is_put_object_and_nothing_else() {
    let world = World::alice().identity(&[allow("s3:PutObject", "arn:aws:s3:::finance/*")]);
    assert!(world.ask("s3:PutObject", OBJECT).is_allowed());
    for other in ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:DeleteObject"] {
        assert!(!world.ask(other, OBJECT).is_allowed(), "{other}");
    }
}

#[test]
fn the_age_of_a_signature_is_in_milliseconds() {
    let condition =
        json!({ "Condition": { "NumericGreaterThan": { "s3:signatureAge": 600_000 } } });
    let world = World::alice().identity(&[allow("*", "*"), with(deny(GET, OBJECT), condition)]);
    assert!(world.clone().fact("s3:signatureAge", "599999").allows());
    assert!(!world.fact("s3:signatureAge", "600001").allows());
}

#[test]
fn documents_of_iam_are_latin_and_white_space_is_free() {
    let policy =
        |filler: &str| format!("{{ \"Id\": \"{filler}\", \"Statement\": {} }}", statement("Allow"));
    assert!(Document::parse(&policy("é"), Kind::Identity).is_ok());
    assert!(Document::parse(&policy("€"), Kind::Identity).is_err());
    assert!(Document::parse(&with_principal(&policy("€")), Kind::Bucket).is_ok());
    let wide = policy("").replace(' ', &" ".repeat(20_000));
    assert!(Document::parse(&wide, Kind::Identity).unwrap().size_bytes() < 100);
}

fn with_principal(text: &str) -> String {
    text.replace("{\"Action\"", "{\"Principal\":\"*\",\"Action\"")
}

#[test]
fn a_multivalued_fact_cannot_fill_a_variable() {
    let own = "arn:aws:s3:::finance/${aws:TagKeys}*";
    let world = World::alice().identity(&[allow(GET, own)]);
    assert!(!world.clone().fact("aws:TagKeys", Value::Many(vec!["q3".to_owned()])).allows());
    assert!(world.fact("aws:TagKeys", "q3").allows());
}

#[test]
fn revisions_travel_with_the_decision() {
    let world = World::alice();
    assert_eq!(world.ask(GET, OBJECT).revision(), names::Revision(7));
    assert_eq!(world.ask(GET, OBJECT).check(), &check(GET, OBJECT));
    assert_eq!(world.principal.account(), Some(account(HOME)));
}
