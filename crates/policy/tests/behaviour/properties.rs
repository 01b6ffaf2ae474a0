//! Properties that hold for every policy: denying never grants, narrowing never widens, nothing
//! panics.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use strongroom_policy::decision::Verdict;
use strongroom_policy::principal::Principal;
use strongroom_policy::{Document, Kind, RestrictPublicBuckets, Says, case};

use crate::world::{
    ALICE, ANALYST, AWAY, HOME, SESSION, World, aws, federated_user, role_session, root, user, with,
};

const ACTIONS: [&str; 5] = ["s3:GetObject", "s3:PutObject", "s3:Get*", "s3:*", "*"];
const RESOURCES: [&str; 6] = [
    "*",
    "arn:aws:s3:::finance/*",
    "arn:aws:s3:::finance/q?.csv",
    "arn:aws:s3:::finance/${aws:username}/*",
    "arn:aws:s3:::other/*",
    "arn:aws:s3:::*",
];
const ASKED: [(&str, &str); 4] = [
    ("s3:GetObject", "arn:aws:s3:::finance/q3.csv"),
    ("s3:PutObject", "arn:aws:s3:::finance/alice/x"),
    ("s3:GetObject", "arn:aws:s3:::other/x"),
    ("s3:ListBucket", "arn:aws:s3:::finance"),
];

fn condition() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => Just(json!({})),
        1 => Just(json!({ "StringEquals": { "aws:UserAgent": "cli" } })),
        1 => Just(json!({ "StringNotEqualsIfExists": { "aws:username": "alice" } })),
        1 => Just(json!({ "ForAllValues:StringLike": { "aws:TagKeys": ["t*"] } })),
        1 => Just(json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } })),
        1 => Just(json!({ "Null": { "aws:TagKeys": "true" } })),
    ]
}

fn about() -> impl Strategy<Value = Json> {
    let element = (any::<bool>(), any::<bool>());
    (prop::sample::select(&ACTIONS[..]), prop::sample::select(&RESOURCES[..]), element, condition())
        .prop_map(|(action, resource, (not_action, not_resource), condition)| {
            let a = if not_action { "NotAction" } else { "Action" };
            let r = if not_resource { "NotResource" } else { "Resource" };
            json!({ a: action, r: resource, "Condition": condition })
        })
}

fn effect() -> impl Strategy<Value = Json> {
    prop_oneof![3 => Just(json!({ "Effect": "Allow" })), 1 => Just(json!({ "Effect": "Deny" }))]
}

fn statements() -> impl Strategy<Value = Vec<Json>> {
    prop::collection::vec((about(), effect()).prop_map(|(a, e)| with(a, e)), 1..4)
}

fn principal() -> impl Strategy<Value = Json> {
    let names = vec![ALICE, ANALYST, SESSION, HOME, AWAY, "*"];
    (any::<bool>(), prop::sample::subsequence(names, 1..4)).prop_map(|(not, names)| {
        let element = if not { "NotPrincipal" } else { "Principal" };
        json!({ element: { "AWS": names } })
    })
}

fn bucket() -> impl Strategy<Value = Vec<Json>> {
    let statement = (about(), effect(), principal());
    prop::collection::vec(statement.prop_map(|(a, e, p)| with(with(a, e), p)), 1..4)
}

fn caller() -> impl Strategy<Value = Principal> {
    prop_oneof![
        Just(user()),
        Just(role_session()),
        Just(federated_user()),
        Just(root()),
        Just(Principal::Anonymous),
    ]
}

/// A world with any mix of layers.
fn world() -> impl Strategy<Value = World> {
    let layers = (
        prop::option::of(statements()),
        prop::option::of(bucket()),
        prop::option::of(statements()),
        prop::option::of(statements()),
    );
    (caller(), layers, any::<bool>(), any::<bool>()).prop_map(
        |(who, (identity, bucket, boundary, session), away, restricted)| {
            let mut world = World::of(who);
            world = identity.into_iter().fold(world, |w, s| w.identity(&s));
            world = bucket.into_iter().fold(world, |w, s| w.bucket(&s));
            world = boundary.into_iter().fold(world, |w, s| w.boundary(&s));
            world = session.into_iter().fold(world, |w, s| w.session(&s));
            world = if away { world.owned_by(AWAY) } else { world };
            let world = if restricted { world.restricted() } else { world };
            world.fact("aws:UserAgent", "cli").fact("aws:SourceIp", "10.1.2.3")
        },
    )
}

fn allowed(world: &World) -> Vec<bool> {
    ASKED.iter().map(|(action, on)| world.ask(action, on).is_allowed()).collect()
}

fn never_more(before: &World, after: &World) -> Result<(), TestCaseError> {
    for (was, is) in allowed(before).into_iter().zip(allowed(after)) {
        prop_assert!(was || !is);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_deny_never_grants(world in world(), about in about(), to in principal()) {
        let deny = with(about, json!({ "Effect": "Deny" }));
        never_more(&world, &world.clone().identity(std::slice::from_ref(&deny)))?;
        let mut bucket: Vec<Json> = Vec::new();
        if let Some(policy) = &world.resource.policy {
            let parsed: Json = serde_json::from_str(policy.document.text()).unwrap();
            bucket.extend(parsed["Statement"].as_array().unwrap().iter().cloned());
        }
        bucket.push(with(deny, to));
        never_more(&world, &world.clone().bucket(&bucket))?;
    }

    #[test]
    fn without_identity_policies_silence_stays_silence(world in world()) {
        let mut less = world.clone();
        less.caller.identity = strongroom_policy::PolicySet::default();
        for (action, on) in ASKED {
            if world.ask(action, on).verdict() == Verdict::ImplicitDeny {
                prop_assert!(!less.ask(action, on).is_allowed());
            }
        }
    }

    #[test]
    fn a_session_policy_never_widens(world in world(), session in statements()) {
        let mut world = world;
        world.caller.session = None;
        // A federated user without a session policy has no identity permissions to narrow.
        if matches!(world.principal, Principal::FederatedUser { .. }) {
            world = world.session(&[json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })]);
            let mut narrowed = world.clone();
            narrowed.caller.session = None;
            return never_more(&world, &narrowed.session(&session));
        }
        never_more(&world, &world.clone().session(&session))?;
    }

    #[test]
    fn a_boundary_never_widens_the_identity_branch(world in world(), boundary in statements()) {
        let mut alone = world;
        alone.resource.policy = None;
        never_more(&alone, &alone.clone().boundary(&boundary))?;
    }

    #[test]
    fn a_boundary_never_widens_with_a_resource_policy_either(
        world in world(), boundary in statements()
    ) {
        never_more(&world, &world.clone().boundary(&boundary))?;
    }

    #[test]
    fn a_control_policy_never_widens(world in world(), control in statements()) {
        never_more(&world, &world.clone().service_control(&control))?;
    }

    #[test]
    fn a_trace_decides_as_the_engine_does(world in world()) {
        for (action, on) in ASKED {
            prop_assert_eq!(world.trace(action, on).decision, world.ask(action, on));
        }
    }

    #[test]
    fn the_order_of_statements_does_not_matter(statements in statements()) {
        let backwards: Vec<Json> = statements.iter().rev().cloned().collect();
        let (a, b) = (World::alice().identity(&statements), World::alice().identity(&backwards));
        prop_assert_eq!(allowed(&a), allowed(&b));
    }

    #[test]
    fn reading_arbitrary_text_never_panics(text in "\\PC*") {
        for kind in [Kind::Identity, Kind::Bucket, Kind::RoleTrust, Kind::ResourceControl] {
            let _ = Document::parse(&text, kind);
        }
        let _ = case::run(&text);
    }

    #[test]
    fn reading_text_like_json_never_panics(
        text in "[\\{\\}\\[\\]\",:\\\\u0-9a-f\\. \\-eE\u{e9}]{0,60}",
        value in "[\\$\\{\\}a:, '*?]{0,16}",
    ) {
        let _ = Document::parse(&text, Kind::Bucket);
        let quoted = Json::from(value).to_string();
        let policy = format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":{{\"Effect\":\"Allow\",\"Action\":\"*\",\
             \"Resource\":{quoted},\"Condition\":{{\"StringLike\":{{\"a:b\":{quoted}}}}}}}}}"
        );
        let _ = Document::parse(&policy, Kind::Identity);
    }

    #[test]
    fn a_trace_comes_to_what_was_decided(world in world()) {
        for (action, on) in ASKED {
            let trace = world.trace(action, on);
            let decision = world.ask(action, on);
            prop_assert_eq!(&trace.decision, &decision);
            let denies = trace.considered.iter().any(|c| c.says == Says::Denies);
            prop_assert_eq!(denies, decision.verdict() == Verdict::ExplicitDeny);
            let named = decision.statement();
            let applies = trace.considered.iter().flat_map(|c| &c.statements).any(|s| {
                s.applies() && Some(&s.statement) == named
            });
            prop_assert_eq!(applies, named.is_some());
            if decision.verdict() == Verdict::ImplicitDeny && trace.grants.is_empty() {
                prop_assert!(world.resource.restrict_public == RestrictPublicBuckets::On);
            }
        }
    }

    #[test]
    fn what_was_parsed_parses_again_to_the_same(statements in bucket()) {
        let text = crate::world::document(&statements);
        let document = Document::parse(&text, Kind::Bucket).unwrap();
        prop_assert_eq!(&Document::parse(document.text(), Kind::Bucket).unwrap(), &document);
        prop_assert_eq!(document.thaw(&mut |_| None), text);
    }
}

#[test]
fn an_account_principal_is_read_in_both_forms() {
    let root = format!("arn:aws:iam::{HOME}:root");
    for form in [HOME, root.as_str()] {
        let text = crate::world::document(&[crate::world::to("Allow", aws(form))]);
        assert!(Document::parse(&text, Kind::Bucket).is_ok());
    }
}
