//! What is said of a refusal: traces, missing grants, messages; and frozen principals and public
//! policies.

use serde_json::{Value as Json, json};
use strongroom_policy::decision::Layer;
use strongroom_policy::principal::Principal;
use strongroom_policy::{
    Document, Fault, Kind, Miss, Naming, Place, ResourceKind, Rule, Says, StatementTrace, Trace,
    denial_message, smallest_grant,
};

use crate::world::{
    ALICE, ANALYST, AWAY, GET, HOME, OBJECT, SESSION, World, allow, attached, aws, deny, document,
    federated_user, role_session, root, statement, to, with,
};

#[test]
fn a_trace_says_of_each_statement_why_it_did_not_match() {
    let condition = json!({ "Condition": { "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } } });
    let world = World::alice()
        .identity(&[
            allow("s3:PutObject", "*"),
            allow(GET, "arn:aws:s3:::other/*"),
            with(allow(GET, OBJECT), condition),
        ])
        .bucket(&[to("Allow", aws(ANALYST))])
        .fact("aws:SourceIp", "192.0.2.1");
    let trace = world.trace(GET, OBJECT);
    assert_eq!(trace.decision, world.ask(GET, OBJECT));
    let [resource, identity] = trace.considered.as_slice() else { panic!("two layers") };
    assert_eq!((resource.layer, identity.layer), (Layer::Resource, Layer::Identity));
    assert_eq!(
        resource.statements[0].misses,
        [Miss::Principal {
            element: "Principal",
            expected: vec![ANALYST.to_owned()],
            actual: vec![ALICE.to_owned(), HOME.to_owned()],
        }]
    );
    let said: Vec<String> = identity.statements.iter().map(StatementTrace::why).collect();
    assert_eq!(
        said,
        [
            "action `s3:GetObject` is not covered by `s3:PutObject`",
            "resource `arn:aws:s3:::finance/q3.csv` is not covered by `arn:aws:s3:::other/*`",
            "`aws:SourceIp` is `192.0.2.1`; IpAddress needs `10.0.0.0/8`",
        ]
    );
    let inside = world.fact("aws:SourceIp", "10.1.2.3").trace(GET, OBJECT);
    assert!(inside.considered[1].statements[2].applies());
    assert_eq!((resource.says, identity.says), (Says::Nothing, Says::Nothing));
    assert_eq!(inside.considered[1].says, Says::Allows);
}

#[test]
fn an_absent_key_is_told_apart_from_a_wrong_one() {
    let condition = json!({ "Condition": { "StringEquals": { "s3:prefix": ["a/", "b/"] } } });
    let trace = World::alice().identity(&[with(allow(GET, OBJECT), condition)]).trace(GET, OBJECT);
    let said = trace.considered[0].statements[0].why();
    assert_eq!(said, "`s3:prefix` is absent; StringEquals needs `a/`, `b/`");
}

fn whys(trace: &Trace) -> Vec<String> {
    trace.considered.iter().flat_map(|c| &c.statements).map(StatementTrace::why).collect()
}

#[test]
fn a_trace_names_everything_that_did_not_match_and_not_only_the_first() {
    let condition = json!({ "Condition": {
        "StringEquals": { "aws:UserAgent": "cli" },
        "Bool": { "aws:SecureTransport": "true" },
    } });
    let far = with(allow("s3:PutObject", "arn:aws:s3:::other/*"), condition);
    let trace = World::alice().identity(&[far]).fact("aws:UserAgent", "cli").trace(GET, OBJECT);
    let misses = &trace.considered[0].statements[0].misses;
    let [Miss::Action { .. }, Miss::Resource { .. }, Miss::Condition { key, actual, .. }] =
        misses.as_slice()
    else {
        panic!("{misses:?}")
    };
    assert_eq!((key.as_str(), actual), ("aws:SecureTransport", &None));
}

#[test]
fn what_an_exception_excepts_is_told_as_such() {
    let except = json!({ "Effect": "Allow", "NotAction": "s3:Get*", "NotResource": OBJECT });
    let trace = World::alice().identity(&[except]).trace(GET, OBJECT);
    assert_eq!(whys(&trace), ["action `s3:GetObject` is excepted by NotAction `s3:Get*`"]);
    let excepted = trace.considered[0].statements[0].misses[1].to_string();
    assert_eq!(excepted, format!("resource `{OBJECT}` is excepted by NotResource `{OBJECT}`"));
    let not = json!({ "Effect": "Deny", "Action": "*", "Resource": "*",
        "NotPrincipal": { "AWS": [ALICE, HOME] } });
    let trace = World::alice().bucket(&[not]).trace(GET, OBJECT);
    assert_eq!(
        whys(&trace),
        [format!("principal `{ALICE}` is excepted by NotPrincipal `{ALICE}`, `{HOME}`")]
    );
}

#[test]
fn a_variable_is_told_with_what_it_stands_for() {
    let own = "arn:aws:s3:::finance/${aws:username}/${aws:PrincipalTag/team}/*";
    let negated = json!({ "Condition": {
        "StringEquals": { "s3:prefix": "${aws:username}/" } } });
    let world = World::alice().identity(&[allow(GET, own), with(allow(GET, "*"), negated)]);
    assert_eq!(
        whys(&world.trace(GET, OBJECT)),
        [
            format!(
                "resource `{OBJECT}` is not covered by `{own}`, where ${{aws:username}} is \
                 `alice`, where ${{aws:principaltag/team}} has no value"
            ),
            "`s3:prefix` is absent; StringEquals needs `${aws:username}/`, where ${aws:username} \
             is `alice`"
                .to_owned(),
        ]
    );
}

#[test]
fn each_layer_says_whether_it_allows_denies_or_is_silent() {
    let world = World::alice()
        .identity(&[allow(GET, OBJECT)])
        .boundary(&[allow("s3:PutObject", "*")])
        .session(&[allow("*", "*"), deny(GET, OBJECT)])
        .bucket(&[to("Allow", aws(HOME))]);
    let said: Vec<(Layer, Says)> =
        world.trace(GET, OBJECT).considered.iter().map(|c| (c.layer, c.says)).collect();
    assert_eq!(
        said,
        [
            (Layer::Resource, Says::Allows),
            (Layer::Identity, Says::Allows),
            (Layer::Boundary, Says::Nothing),
            (Layer::Session, Says::Denies),
        ]
    );
}

#[test]
fn a_statement_says_how_it_names_the_caller() {
    for (name, naming) in
        [(SESSION, Naming::Caller), (ANALYST, Naming::Parent), (HOME, Naming::Account)]
    {
        let world = World::of(role_session()).bucket(&[to("Allow", aws(name))]);
        assert_eq!(world.trace(GET, OBJECT).considered[0].statements[0].names, Some(naming));
    }
    let other = World::of(role_session()).bucket(&[to("Allow", aws(ALICE))]);
    assert_eq!(other.trace(GET, OBJECT).considered[0].statements[0].names, None);
}

#[test]
fn rules_that_no_statement_has_are_named() {
    let rules = |world: World, action: &str, on: &str| world.trace(action, on).rules;
    let who = "sts:GetCallerIdentity";
    assert_eq!(rules(World::alice().identity(&[deny("*", "*")]), who, "*"), [Rule::CallerIdentity]);
    assert_eq!(rules(World::of(root()), GET, OBJECT), [Rule::Root]);
    let shut = World::of(root()).bucket(&[to("Deny", json!("*"))]);
    let keys = "s3:PutBucketPolicy";
    assert_eq!(rules(shut.clone(), keys, "arn:aws:s3:::finance"), [Rule::Root, Rule::OwnersRoot]);
    assert_eq!(rules(shut, GET, OBJECT), []);
    let kiosk = World::of(federated_user()).identity(&[allow("*", "*")]);
    assert_eq!(rules(kiosk.clone(), GET, OBJECT), [Rule::FederatedUser]);
    assert_eq!(rules(kiosk.session(&[allow("*", "*")]), GET, OBJECT), []);
    assert_eq!(rules(World::alice().owned_by(AWAY), GET, OBJECT), [Rule::CrossAccount]);
    let named = World::alice().bucket(&[to("Allow", aws(HOME))]);
    assert_eq!(rules(named.clone(), GET, OBJECT), [Rule::AccountNamed]);
    assert_eq!(rules(named.identity(&[allow(GET, OBJECT)]), GET, OBJECT), []);
    let blocked = World::of(Principal::Anonymous).bucket(&[to("Allow", json!("*"))]).restricted();
    assert_eq!(rules(blocked, GET, OBJECT), [Rule::PublicAccessBlock]);
}

#[test]
fn only_a_grant_that_mends_is_told() {
    let told = |world: World| world.trace(GET, OBJECT).grants.len();
    assert_eq!(told(World::alice()), 1);
    assert_eq!(told(World::of(Principal::Anonymous)), 1);
    // Everyone would be let in by a public policy, which the block shuts out at once.
    assert_eq!(told(World::of(Principal::Anonymous).restricted()), 0);
    assert_eq!(told(World::alice().owned_by(AWAY)), 2);
    assert_eq!(told(World::alice().identity(&[allow(GET, OBJECT)])), 0);
    assert_eq!(told(World::alice().identity(&[deny(GET, OBJECT)])), 0);
}

/// Attaches what is said to be missing.
fn mended(mut world: World, action: &str, resource: &str) -> World {
    let decision = world.ask(action, resource);
    for grant in smallest_grant(&decision, &world.principal) {
        let text = grant.policy.as_str();
        world = match grant.place {
            Place::Identity => world.identity_text(text),
            Place::Bucket | Place::Trust => {
                let trust = grant.place == Place::Trust;
                let kind = if trust { Kind::RoleTrust } else { Kind::Bucket };
                world.resource.policy = Some(attached("granted", text, kind));
                world
            }
            Place::Boundary => {
                world.caller.boundaries = vec![attached("granted", text, Kind::Boundary)];
                world
            }
            Place::Session => {
                world.caller.session = Some(vec![attached("granted", text, Kind::Session)]);
                world
            }
            Place::ServiceControl => {
                let policy = attached("granted", text, Kind::ServiceControl);
                world.caller.service_control = vec![vec![policy]];
                world
            }
            Place::ResourceControl => {
                let policy = attached("granted", text, Kind::ResourceControl);
                world.resource.resource_control = vec![vec![policy]];
                world
            }
        };
    }
    world
}

#[test]
fn the_smallest_grant_turns_each_implicit_deny_into_an_allow() {
    let other = [allow("s3:PutObject", "*")];
    let star = json!({ "Principal": "*" });
    let key = "arn:aws:s3:::finance/a*b?c${d}$";
    let trust = |principal| {
        let mut world = World::of(principal);
        world.resource.kind = ResourceKind::RoleTrust;
        world
    };
    let provider = format!("arn:aws:iam::{HOME}:oidc-provider/idp.example.com").parse().unwrap();
    for (world, action, resource) in [
        (World::alice(), GET, OBJECT),
        (World::alice(), GET, key),
        (World::alice(), "s3:ListAllMyBuckets", "*"),
        (World::alice().boundary(&other).session(&other), GET, OBJECT),
        (World::alice().service_control(&other), GET, OBJECT),
        (World::alice().resource_control(&[with(allow("s3:PutObject", "*"), star)]), GET, OBJECT),
        (World::alice().owned_by(AWAY), GET, OBJECT),
        (World::of(role_session()).owned_by(AWAY), GET, OBJECT),
        (World::of(Principal::Anonymous), GET, OBJECT),
        (World::of(federated_user()), GET, OBJECT),
        (World::of(root()).owned_by(AWAY), GET, OBJECT),
        (
            World::of(role_session()).bucket(&[to("Allow", aws(ANALYST))]).session(&other),
            GET,
            OBJECT,
        ),
        (trust(crate::world::user()), "sts:AssumeRole", ANALYST),
        (trust(crate::world::user()).owned_by(AWAY), "sts:AssumeRole", ANALYST),
        (trust(role_session()), "sts:AssumeRole", ANALYST),
        (trust(Principal::Federated { provider }), "sts:AssumeRoleWithWebIdentity", ANALYST),
    ] {
        assert!(!world.ask(action, resource).is_allowed());
        let mended = mended(world.clone(), action, resource);
        let decision = mended.ask(action, resource);
        assert!(decision.is_allowed(), "{:?} {action} {resource} {decision:?}", world.principal);
        assert!(!mended.ask("s3:DeleteObject", resource).is_allowed() || resource == "*");
    }
}

#[test]
fn a_grant_is_one_statement_and_says_where_it_belongs() {
    let world = World::alice();
    let grants = smallest_grant(&world.ask(GET, OBJECT), &world.principal);
    let [grant] = grants.as_slice() else { panic!("one grant") };
    assert_eq!(grant.place, Place::Identity);
    let policy: Json = serde_json::from_str(&grant.policy).unwrap();
    assert_eq!(policy["Statement"], json!([allow(GET, OBJECT)]));
}

#[test]
fn no_grant_mends_an_explicit_deny_or_the_public_access_block() {
    let world = World::alice().identity(&[deny(GET, OBJECT)]);
    assert!(smallest_grant(&world.ask(GET, OBJECT), &world.principal).is_empty());
    let world = World::of(Principal::Anonymous).bucket(&[to("Allow", json!("*"))]).restricted();
    assert!(smallest_grant(&world.ask(GET, OBJECT), &world.principal).is_empty());
}

#[test]
fn a_message_names_who_what_and_which_kind_of_policy() {
    let other = [allow("s3:PutObject", "*")];
    let open = || World::alice().identity(&[allow(GET, OBJECT)]);
    let star = json!({ "Principal": "*" });
    for (world, reason) in [
        (World::alice(), "because no identity-based policy allows the s3:GetObject action"),
        (open().boundary(&other), "because no permissions boundary allows the s3:GetObject action"),
        (open().session(&other), "because no session policy allows the s3:GetObject action"),
        (open().service_control(&other), "with an explicit deny in a service control policy"),
        (
            open().resource_control(&[with(statement("Deny"), star)]),
            "with an explicit deny in a resource control policy",
        ),
        (open().identity(&[deny(GET, "*")]), "with an explicit deny in an identity-based policy"),
        (
            open().bucket(&[to("Deny", json!("*"))]),
            "with an explicit deny in a resource-based policy",
        ),
    ] {
        assert_eq!(
            denial_message(&world.ask(GET, OBJECT), &world.principal),
            format!(
                "User: {ALICE} is not authorized to perform: s3:GetObject on resource: {OBJECT} \
                 {reason}"
            )
        );
    }
    let mut trust = World::of(role_session());
    trust.resource.kind = ResourceKind::RoleTrust;
    assert_eq!(
        denial_message(&trust.ask("sts:AssumeRole", ANALYST), &trust.principal),
        format!(
            "User: {SESSION} is not authorized to perform: sts:AssumeRole on resource: {ANALYST} \
             because no role trust policy allows the sts:AssumeRole action"
        )
    );
}

#[test]
fn a_message_across_accounts_gives_no_reason() {
    let world = World::alice().owned_by(AWAY).identity(&[allow(GET, OBJECT)]);
    let closed = denial_message(&world.ask(GET, OBJECT), &world.principal);
    let denied = world.bucket(&[to("Deny", json!("*"))]);
    assert_eq!(closed, denial_message(&denied.ask(GET, OBJECT), &denied.principal));
    assert!(!closed.contains("polic"), "{closed}");
}

#[test]
fn freezing_replaces_only_users_roles_and_sessions_and_thawing_brings_them_back() {
    let text = format!(
        "{{\n \"Statement\": [{{\"Effect\": \"Allow\", \"Principal\": {{\"AWS\": [\"{ALICE}\", \
         \"{HOME}\",\n \"{ANALYST}\", \"{SESSION}\"]}}, \"Action\": \"s3:*\", \"Resource\": \"*\",\n \
         \"Condition\": {{\"ArnLike\": {{\"aws:PrincipalArn\": \"{ALICE}\"}}}}}}]}}"
    );
    let mut id_of = |arn: &names::Arn| match arn.as_str() {
        ALICE => "AIDAAAAAAAAAAAAAAAAA1".parse().ok(),
        ANALYST | SESSION => "AROAAAAAAAAAAAAAAAAA2".parse().ok(),
        _ => None,
    };
    let frozen = Document::parse(&text, Kind::Bucket).unwrap().freeze(&mut id_of).unwrap();
    let expected = text
        .replacen(ALICE, "AIDAAAAAAAAAAAAAAAAA1", 1)
        .replacen(ANALYST, "AROAAAAAAAAAAAAAAAAA2", 1)
        .replacen(SESSION, "AROAAAAAAAAAAAAAAAAA2:morning", 1);
    assert_eq!(frozen.text(), expected);
    let mut arn_of = |id: &names::UniqueId| match id.as_str() {
        "AIDAAAAAAAAAAAAAAAAA1" => ALICE.parse().ok(),
        "AROAAAAAAAAAAAAAAAAA2" => ANALYST.parse().ok(),
        _ => None,
    };
    assert_eq!(frozen.thaw(&mut arn_of), text);
    assert_eq!(frozen.thaw(&mut |_| None), expected);
}

#[test]
fn freezing_a_principal_that_does_not_exist_is_an_invalid_principal() {
    for kind in [Kind::Bucket, Kind::RoleTrust] {
        let statement = match kind {
            Kind::Bucket => to("Allow", aws(ALICE)),
            _ => json!({ "Effect": "Allow", "Principal": aws(ALICE), "Action": "sts:AssumeRole" }),
        };
        let policy = Document::parse(&document(&[statement]), kind).unwrap();
        let error = policy.freeze(&mut |_| None).unwrap_err();
        assert_eq!(error.fault, Fault::NoSuchPrincipal(ALICE.to_owned()));
        assert!(error.aws_message().contains("Invalid principal in policy"));
        assert!(policy.freeze(&mut |_| "AIDAAAAAAAAAAAAAAAAA1".parse().ok()).is_ok());
    }
}

fn public(statement: Json) -> bool {
    Document::parse(&document(&[statement]), Kind::Bucket).unwrap().is_public()
}

#[test]
fn a_policy_is_public_if_one_allow_reaches_callers_who_are_not_fixed() {
    for (principal, expected) in [
        (json!("*"), true),
        (aws("*"), true),
        (json!({ "AWS": [ALICE, "*"] }), true),
        (json!({ "Federated": "graph.facebook.com" }), true),
        (aws(ALICE), false),
        (aws(HOME), false),
        (json!({ "Service": "logging.s3.amazonaws.com" }), false),
    ] {
        assert_eq!(public(to("Allow", principal.clone())), expected, "{principal}");
        assert!(!public(to("Deny", principal)));
    }
    let not =
        json!({ "Effect": "Allow", "NotPrincipal": aws(ALICE), "Action": "s3:*", "Resource": "*" });
    assert!(public(not));
    let both = document(&[to("Allow", aws(ALICE)), to("Allow", json!("*"))]);
    assert!(Document::parse(&both, Kind::Bucket).unwrap().is_public());
}

#[test]
fn only_a_condition_that_fixes_the_callers_makes_everyone_not_public() {
    let conditioned = |operator: &str, key: &str, value: Json| {
        public(with(to("Allow", json!("*")), json!({ "Condition": { operator: { key: value } } })))
    };
    for (operator, key, value) in [
        ("StringEquals", "aws:PrincipalOrgID", json!("o-1")),
        ("StringEquals", "aws:PrincipalAccount", json!([HOME, AWAY])),
        ("ArnLike", "aws:PrincipalArn", json!("arn:aws:iam::111122223333:role/*")),
        ("IpAddress", "aws:SourceIp", json!("11.0.0.0/8")),
        ("IpAddress", "aws:SourceIp", json!("2001:db8::/32")),
        ("StringEquals", "aws:SourceVpc", json!("vpc-1")),
        ("ArnEquals", "aws:SourceArn", json!("arn:aws:s3:::other")),
        ("StringEquals", "aws:userid", json!("AIDAAAAAAAAAAAAAAAAA1")),
        ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", json!("o-1/r-1/")),
    ] {
        assert!(!conditioned(operator, key, value.clone()), "{operator} {key} {value}");
    }
    for (operator, key, value) in [
        ("StringLike", "aws:PrincipalOrgID", json!("o-*")),
        ("StringEquals", "aws:PrincipalAccount", json!("${aws:ResourceAccount}")),
        ("StringEqualsIfExists", "aws:PrincipalAccount", json!(HOME)),
        ("StringNotEquals", "aws:PrincipalAccount", json!(HOME)),
        ("StringLike", "aws:PrincipalAccount", json!([HOME, "*"])),
        ("ArnLike", "aws:PrincipalArn", json!("arn:aws:iam::*:role/x")),
        ("IpAddress", "aws:SourceIp", json!("0.0.0.0/1")),
        ("IpAddress", "aws:SourceIp", json!(["10.0.0.0/8", "128.0.0.0/1"])),
        ("IpAddress", "aws:SourceIp", json!("2001::/16")),
        ("NotIpAddress", "aws:SourceIp", json!("10.0.0.0/8")),
        ("StringLike", "aws:userid", json!("AROAAAAAAAAAAAAAAAAA1:*")),
        ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", json!("o-1/r-1/")),
        ("Bool", "aws:SecureTransport", json!("true")),
        ("StringEquals", "aws:UserAgent", json!("secret")),
        ("StringEquals", "aws:Referer", json!("https://example.com")),
    ] {
        assert!(conditioned(operator, key, value.clone()), "{operator} {key} {value}");
    }
}
