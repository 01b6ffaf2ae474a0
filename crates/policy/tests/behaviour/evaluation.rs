//! The order of evaluation: IAM guide, "Policy evaluation logic"; our reference 4.1–4.5.

use serde_json::json;
use strongroom_policy::decision::{Layer, NamedValue, Reach, Verdict};
use strongroom_policy::operation::{Check, Need};
use strongroom_policy::principal::Principal;
use strongroom_policy::{ResourceKind, decide};

use crate::world::{
    ALICE, ANALYST, AWAY, GET, HOME, OBJECT, SESSION, World, allow, aws, deny, role_session, root,
    statement, to, user, with,
};

const ALLOW: Verdict = Verdict::Allow;
const SILENT: Verdict = Verdict::ImplicitDeny;
const DENIED: Verdict = Verdict::ExplicitDeny;
const ROLE: &str = "arn:aws:iam::111122223333:role/team/Analyst";
const ASSUME: &str = "sts:AssumeRole";

fn open() -> World {
    World::alice().identity(&[allow(GET, OBJECT)])
}

#[test]
fn silence_denies() {
    assert_eq!(World::alice().verdict(), (SILENT, Layer::Identity));
    assert_eq!(open().verdict(), (ALLOW, Layer::Identity));
}

#[test]
fn an_explicit_deny_outranks_every_allow_in_each_layer() {
    let all = || {
        open()
            .bucket(&[to("Allow", aws(ALICE))])
            .boundary(&[statement("Allow")])
            .session(&[statement("Allow")])
            .service_control(&[statement("Allow")])
            .resource_control(&[with(statement("Allow"), json!({ "Principal": "*" }))])
    };
    let no = &[deny(GET, OBJECT)];
    assert!(all().allows());
    assert_eq!(all().identity(no).verdict(), (DENIED, Layer::Identity));
    assert_eq!(all().boundary(no).verdict(), (DENIED, Layer::Boundary));
    assert_eq!(all().session(no).verdict(), (DENIED, Layer::Session));
    assert_eq!(all().service_control(no).verdict(), (DENIED, Layer::ServiceControl));
    assert_eq!(
        all().bucket(&[to("Allow", aws(ALICE)), to("Deny", json!("*"))]).verdict(),
        (DENIED, Layer::Resource)
    );
    assert_eq!(
        all().resource_control(&[with(deny(GET, OBJECT), json!({ "Principal": "*" }))]).verdict(),
        (DENIED, Layer::ResourceControl)
    );
}

#[test]
fn boundary_and_session_policy_gate_what_the_identity_policies_grant() {
    let other = [allow("s3:PutObject", OBJECT)];
    assert_eq!(open().boundary(&other).verdict(), (SILENT, Layer::Boundary));
    assert_eq!(open().session(&other).verdict(), (SILENT, Layer::Session));
    assert!(open().boundary(&[allow(GET, "*")]).session(&[allow("s3:*", "*")]).allows());
}

#[test]
fn boundary_and_session_policy_never_grant() {
    let world = World::alice().boundary(&[statement("Allow")]).session(&[statement("Allow")]);
    assert_eq!(world.verdict(), (SILENT, Layer::Identity));
}

#[test]
fn a_session_policy_of_an_empty_list_allows_nothing() {
    let mut world = open();
    world.caller.session = Some(Vec::new());
    assert!(!world.allows());
}

#[test]
fn two_session_policies_are_one() {
    let world = open().session(&[allow("s3:PutObject", "*")]).session(&[allow(GET, "*")]);
    assert!(world.allows());
}

#[test]
fn every_level_of_control_policies_must_allow() {
    let pass = [statement("Allow")];
    let stop = [allow("s3:PutObject", "*")];
    assert!(open().service_control(&pass).service_control(&pass).allows());
    assert_eq!(
        open().service_control(&pass).service_control(&stop).verdict(),
        (SILENT, Layer::ServiceControl)
    );
    let star = json!({ "Principal": "*" });
    let pass = [with(statement("Allow"), star.clone())];
    let stop = [with(allow("s3:PutObject", "*"), star)];
    assert!(open().resource_control(&pass).allows());
    assert_eq!(
        open().resource_control(&stop).resource_control(&pass).verdict(),
        (SILENT, Layer::ResourceControl)
    );
}

#[test]
fn control_policies_bind_even_what_the_bucket_grants_directly() {
    let world = World::alice().bucket(&[to("Allow", aws(ALICE))]);
    assert!(world.allows());
    assert!(!world.service_control(&[allow("s3:PutObject", "*")]).allows());
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let away = || World::alice().owned_by(AWAY);
    let granted = || away().bucket(&[to("Allow", aws(ALICE))]);
    assert_eq!(away().identity(&[allow(GET, OBJECT)]).verdict(), (SILENT, Layer::Resource));
    assert_eq!(granted().verdict(), (SILENT, Layer::Identity));
    let both = granted().identity(&[allow(GET, OBJECT)]);
    assert!(both.allows());
    assert_eq!(both.ask(GET, OBJECT).reach(), Reach::CrossAccount);
    let narrow = [allow("s3:PutObject", "*")];
    assert_eq!(both.clone().boundary(&narrow).verdict(), (SILENT, Layer::Boundary));
    assert_eq!(both.session(&narrow).verdict(), (SILENT, Layer::Session));
}

#[test]
fn across_accounts_every_form_that_names_the_caller_is_enough_for_the_resource() {
    let account = format!("arn:aws:iam::{HOME}:root");
    for form in [ALICE, HOME, account.as_str(), "*"] {
        let world = World::alice().owned_by(AWAY).identity(&[allow(GET, OBJECT)]);
        assert!(world.bucket(&[to("Allow", aws(form))]).allows(), "{form}");
    }
    for form in [ANALYST, SESSION] {
        let world = World::of(role_session()).owned_by(AWAY).identity(&[allow(GET, OBJECT)]);
        assert!(world.bucket(&[to("Allow", aws(form))]).allows(), "{form}");
        let other = World::alice().owned_by(AWAY).identity(&[allow(GET, OBJECT)]);
        assert!(!other.bucket(&[to("Allow", aws(form))]).allows(), "{form}");
    }
    let stranger = World::alice().owned_by(AWAY).identity(&[allow(GET, OBJECT)]);
    assert!(!stranger.bucket(&[to("Allow", aws(AWAY))]).allows());
}

#[test]
fn across_accounts_no_form_of_the_principal_stands_in_for_the_callers_own_policies() {
    for form in [ANALYST, SESSION, HOME, "*"] {
        let world = World::of(role_session()).owned_by(AWAY).bucket(&[to("Allow", aws(form))]);
        assert_eq!(world.verdict(), (SILENT, Layer::Identity), "{form}");
        assert!(world.identity(&[allow(GET, OBJECT)]).allows(), "{form}");
    }
}

#[test]
fn anonymous_callers_have_only_the_resource_policy() {
    let nobody = || World::of(Principal::Anonymous);
    assert_eq!(nobody().verdict(), (SILENT, Layer::Resource));
    assert_eq!(nobody().identity(&[statement("Allow")]).verdict(), (SILENT, Layer::Resource));
    assert!(nobody().bucket(&[to("Allow", json!("*"))]).allows());
    assert!(nobody().bucket(&[to("Allow", aws("*"))]).allows());
    assert!(!nobody().bucket(&[to("Allow", aws(HOME))]).allows());
    let open = nobody().bucket(&[to("Allow", json!("*"))]);
    assert_eq!(open.clone().restricted().verdict(), (SILENT, Layer::PublicAccessBlock));
    // Service-control policies are about an organisation's principals.
    assert!(open.clone().service_control(&[statement("Deny")]).allows());
    let star = json!({ "Principal": "*" });
    let stop = open.resource_control(&[with(statement("Deny"), star)]);
    assert_eq!(stop.verdict(), (DENIED, Layer::ResourceControl));
}

#[test]
fn services_have_only_the_resource_policy_and_pass_the_public_block() {
    let name = "logging.s3.amazonaws.com";
    let service = || World::of(Principal::Service { name: name.to_owned() });
    assert!(!service().allows());
    assert!(service().bucket(&[to("Allow", json!({ "Service": name }))]).allows());
    let other = json!({ "Service": "sns.amazonaws.com" });
    assert!(!service().bucket(&[to("Allow", other)]).allows());
    let open = service().bucket(&[to("Allow", json!("*"))]).restricted();
    assert!(open.allows());
}

#[test]
fn of_all_that_apply_the_first_is_named_wherever_it_is_found() {
    // Each is found by another beginning of the name and another reach of the action.
    let all = [
        allow("*", "*"),
        allow("s3:*", "*"),
        allow(GET, "*"),
        allow("s3:*", "arn:aws:s3:::finance/*"),
        allow(GET, "arn:aws:s3:::finance/*"),
        allow(GET, OBJECT),
        allow("s3:Get*", "arn:aws:s3:::fin*"),
    ];
    for first in 0..all.len() {
        for second in 0..all.len() {
            for effect in ["Allow", "Deny"] {
                let asked = |at: usize| with(all[at].clone(), json!({ "Effect": effect }));
                let other = allow("s3:PutObject", "*");
                let world = World::alice().identity(&[other, asked(first), asked(second)]);
                let named = world.ask(GET, OBJECT).statement().unwrap().index;
                assert_eq!(named, 1, "{effect} {first} {second}");
            }
        }
    }
}

#[test]
fn root_needs_no_identity_policy_but_bows_to_every_other_layer() {
    let world = World::of(root());
    assert_eq!(world.verdict(), (ALLOW, Layer::Identity));
    assert!(world.ask(GET, OBJECT).statement().is_none());
    assert!(!world.clone().service_control(&[allow("s3:PutObject", "*")]).allows());
    assert!(!world.clone().bucket(&[to("Deny", json!("*"))]).allows());
    assert!(!world.clone().session(&[allow("s3:PutObject", "*")]).allows());
    assert!(!world.clone().identity(&[statement("Deny")]).allows());
    assert_eq!(world.owned_by(AWAY).verdict(), (SILENT, Layer::Resource));
}

#[test]
fn the_owners_root_can_always_reach_its_buckets_policy() {
    let bucket = "arn:aws:s3:::finance";
    let locked = World::of(root()).bucket(&[to("Deny", json!("*"))]);
    for action in ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"] {
        assert!(locked.ask(action, bucket).is_allowed(), "{action}");
        assert!(locked.clone().restricted().ask(action, bucket).is_allowed(), "{action}");
        let strange = locked.clone().owned_by(AWAY);
        assert_eq!(strange.ask(action, bucket).verdict(), DENIED, "{action}");
        let controlled = locked.clone().service_control(&[statement("Deny")]);
        assert_eq!(controlled.ask(action, bucket).verdict(), DENIED, "{action}");
        let mut alice = locked.clone().identity(&[statement("Allow")]);
        alice.principal = user();
        assert_eq!(alice.ask(action, bucket).verdict(), DENIED, "{action}");
    }
    assert_eq!(locked.ask("s3:DeleteBucket", bucket).verdict(), DENIED);
    assert_eq!(locked.ask("s3:PutBucketAcl", bucket).verdict(), DENIED);
}

#[test]
fn a_trust_policy_is_always_required() {
    let may = [allow(ASSUME, ROLE)];
    let mut world = World::alice().identity(&may);
    world.resource.kind = ResourceKind::RoleTrust;
    let decision = world.ask(ASSUME, ROLE);
    assert_eq!((decision.verdict(), decision.because()), (SILENT, Layer::Resource));
    assert!(world.trust(aws(HOME)).ask(ASSUME, ROLE).is_allowed());
}

#[test]
fn a_trust_policy_naming_the_user_is_enough_and_naming_the_account_is_not() {
    let asks = |world: World| world.ask(ASSUME, ROLE);
    assert!(asks(World::alice().trust(aws(ALICE))).is_allowed());
    let by_account = asks(World::alice().trust(aws(HOME)));
    assert_eq!((by_account.verdict(), by_account.because()), (SILENT, Layer::Identity));
    assert!(asks(World::alice().trust(aws(HOME)).identity(&[allow(ASSUME, ROLE)])).is_allowed());
    let away = World::alice().owned_by(AWAY).trust(aws(ALICE));
    assert!(!asks(away.clone()).is_allowed());
    assert!(asks(away.identity(&[allow(ASSUME, ROLE)])).is_allowed());
}

#[test]
fn a_deny_on_the_callers_side_blocks_assuming_a_role_that_trusts_it() {
    let world = World::alice().trust(aws(ALICE));
    assert!(world.ask(ASSUME, ROLE).is_allowed());
    for stopped in [
        world.clone().identity(&[deny(ASSUME, "*")]),
        world.clone().session(&[deny(ASSUME, "*")]),
        world.clone().service_control(&[statement("Deny")]),
    ] {
        assert_eq!(stopped.ask(ASSUME, ROLE).verdict(), DENIED);
    }
}

#[test]
fn a_role_does_not_trust_itself() {
    let world = World::of(role_session()).identity(&[allow(ASSUME, ROLE)]).trust(aws(ALICE));
    assert!(!world.ask(ASSUME, ROLE).is_allowed());
    assert!(world.trust(aws(ANALYST)).ask(ASSUME, ROLE).is_allowed());
}

#[test]
fn a_web_identity_needs_a_trust_policy_that_names_its_provider() {
    let action = "sts:AssumeRoleWithWebIdentity";
    let provider = format!("arn:aws:iam::{HOME}:oidc-provider/idp.example.com");
    let caller = || World::of(Principal::Federated { provider: provider.parse().unwrap() });
    assert!(caller().trust(json!({ "Federated": provider })).ask(action, ROLE).is_allowed());
    let trusted = caller().trust(json!({ "Federated": provider }));
    let star = json!({ "Principal": "*" });
    let pass = [with(statement("Allow"), star.clone())];
    let stop = [with(deny("sts:*", "*"), star)];
    assert!(trusted.clone().resource_control(&pass).ask(action, ROLE).is_allowed());
    assert!(!trusted.resource_control(&stop).ask(action, ROLE).is_allowed());
    let other = format!("arn:aws:iam::{HOME}:oidc-provider/other.example.com");
    for element in [json!({ "Federated": other }), aws(HOME), aws("*"), json!("*")] {
        let world = caller().trust(element.clone()).identity(&[statement("Allow")]);
        assert!(!world.ask(action, ROLE).is_allowed(), "{element}");
    }
}

#[test]
fn claims_of_the_provider_are_conditions_of_the_trust_policy() {
    let action = "sts:AssumeRoleWithWebIdentity";
    let provider = format!("arn:aws:iam::{HOME}:oidc-provider/idp.example.com");
    let trust = json!({ "Effect": "Allow", "Principal": { "Federated": provider },
        "Action": action, "Condition": {
            "StringEquals": { "idp.example.com:aud": "strongroom" },
            "ForAnyValue:StringEquals": { "idp.example.com:groups": "analysts" } } });
    let text = crate::world::document(&[trust]);
    let mut world = World::of(Principal::Federated { provider: provider.parse().unwrap() });
    world.resource.kind = ResourceKind::RoleTrust;
    world.resource.policy =
        Some(crate::world::attached("trust", &text, strongroom_policy::Kind::RoleTrust));
    let groups = |list: &[&str]| {
        strongroom_policy::facts::Value::Many(list.iter().map(|g| (*g).to_owned()).collect())
    };
    let good = world
        .fact("idp.example.com:aud", "strongroom")
        .fact("idp.example.com:groups", groups(&["staff", "analysts"]));
    assert!(good.ask(action, ROLE).is_allowed());
    let alone = good.clone().fact("idp.example.com:groups", groups(&["staff"]));
    assert!(!alone.ask(action, ROLE).is_allowed());
    assert!(!good.fact("idp.example.com:aud", "other").ask(action, ROLE).is_allowed());
}

#[test]
fn several_boundaries_must_all_allow() {
    let pass = [statement("Allow")];
    let stop = [allow("s3:PutObject", "*")];
    assert!(open().boundary(&pass).boundary(&pass).allows());
    assert!(!open().boundary(&pass).boundary(&stop).allows());
}

#[test]
fn not_principal_in_a_deny_spares_only_whom_it_lists_by_every_name() {
    let bucket = |list: serde_json::Value| {
        let deny = json!({ "Effect": "Deny", "NotPrincipal": { "AWS": list }, "Action": "*",
            "Resource": "*" });
        [deny]
    };
    let alice = |list| open().bucket(&bucket(list)).allows();
    assert!(alice(json!([ALICE, HOME])));
    assert!(!alice(json!([ALICE])));
    assert!(!alice(json!([HOME])));
    let role = |list| {
        World::of(role_session()).identity(&[statement("Allow")]).bucket(&bucket(list)).allows()
    };
    assert!(role(json!([SESSION, ANALYST, HOME])));
    for part in [json!([SESSION, ANALYST]), json!([ANALYST, HOME]), json!([SESSION, HOME])] {
        assert!(!role(part.clone()), "{part}");
    }
    assert!(role(json!("*")));
}

#[test]
fn not_principal_in_an_allow_leaves_out_whom_it_lists_by_any_name() {
    let bucket = |list: serde_json::Value| {
        [json!({ "Effect": "Allow", "NotPrincipal": { "AWS": list }, "Action": "*",
            "Resource": "*" })]
    };
    for listed in [json!([ALICE]), json!([HOME]), json!("*")] {
        assert!(!World::alice().bucket(&bucket(listed.clone())).allows(), "{listed}");
    }
    assert!(World::alice().bucket(&bucket(json!([AWAY]))).allows());
    assert!(World::of(Principal::Anonymous).bucket(&bucket(json!([AWAY]))).allows());
    let provider = format!("arn:aws:iam::{HOME}:oidc-provider/idp.example.com").parse().unwrap();
    assert!(!World::of(Principal::Federated { provider }).bucket(&bucket(json!([AWAY]))).allows());
}

#[test]
fn a_canonical_user_is_its_account_once_the_server_says_so() {
    let id = "a".repeat(64);
    let other = "b".repeat(64);
    let key = "strongroom:PrincipalCanonicalUser";
    let grant = to("Allow", json!({ "CanonicalUser": id }));
    let world = World::alice().owned_by(AWAY).identity(&[allow(GET, OBJECT)]);
    let granted = world.bucket(std::slice::from_ref(&grant));
    assert!(!granted.allows());
    assert!(granted.clone().fact(key, id.as_str()).allows());
    assert!(!granted.fact(key, other.as_str()).allows());
    let ban = to("Deny", json!({ "CanonicalUser": id }));
    let banned = open().bucket(&[ban]);
    assert!(!banned.allows(), "unknown is denied");
    assert!(!banned.clone().fact(key, id.as_str()).allows());
    assert!(banned.fact(key, other.as_str()).allows());
}

#[test]
fn the_checks_own_context_holds_over_the_requests() {
    let condition = json!({ "Condition": { "StringEquals": { "s3:prefix": "q3.csv" } } });
    let list = with(allow("s3:ListBucket", "arn:aws:s3:::finance"), condition);
    let world = World::alice().identity(&[list]).fact("s3:prefix", "other");
    let check = Check {
        action: "s3:ListBucket".parse().unwrap(),
        resource: "arn:aws:s3:::finance".parse().unwrap(),
        need: Need::Absence,
        with: vec![("s3:prefix", "q3.csv".into())],
    };
    assert!(decide(&check, &world.question()).is_allowed());
    assert!(!world.ask("s3:ListBucket", "arn:aws:s3:::finance").is_allowed());
}

#[test]
fn keys_of_the_principal_and_the_resource_are_filled_in() {
    let holds = |world: World, key: &str, value: &str| {
        let condition = json!({ "Condition": { "StringEquals": { key: value } } });
        world.identity(&[with(allow("*", "*"), condition)]).session(&[statement("Allow")]).allows()
    };
    for (key, value) in [
        ("aws:username", "alice"),
        ("aws:userid", "AIDAAAAAAAAAAAAAAAAA1"),
        ("aws:PrincipalArn", ALICE),
        ("aws:PrincipalAccount", HOME),
        ("aws:PrincipalType", "User"),
        ("aws:ResourceAccount", HOME),
        ("s3:ResourceAccount", HOME),
        ("aws:PrincipalIsAWSService", "false"),
    ] {
        assert!(holds(World::alice(), key, value), "{key}");
        assert!(!holds(World::alice(), key, "other"), "{key}");
    }
    let session = || World::of(role_session());
    assert!(holds(session(), "aws:userid", "AROAAAAAAAAAAAAAAAAA2:morning"));
    assert!(holds(session(), "aws:PrincipalType", "AssumedRole"));
    assert!(!holds(session(), "aws:username", "alice"));
    let kiosk = || World::of(crate::world::federated_user());
    assert!(holds(kiosk(), "aws:userid", "111122223333:kiosk"));
    assert!(holds(kiosk(), "aws:PrincipalType", "FederatedUser"));
    assert!(holds(World::of(root()), "aws:userid", HOME) && World::of(root()).allows());
}

#[test]
fn a_decision_records_each_context_value_that_a_statement_on_it_names() {
    let condition = json!({ "Condition": {
        "IpAddress": { "aws:SourceIp": "10.0.0.0/8" },
        "StringEquals": { "aws:UserAgent": "${aws:PrincipalTag/agent}" } } });
    let elsewhere = json!({ "Condition": { "Bool": { "aws:SecureTransport": "true" } } });
    let world = World::alice()
        .identity(&[
            with(allow(GET, "arn:aws:s3:::finance/*"), condition),
            with(allow("s3:PutObject", OBJECT), elsewhere.clone()),
            with(allow(GET, "arn:aws:s3:::other/*"), elsewhere),
        ])
        .fact("aws:SourceIp", "192.0.2.1");
    let decision = world.ask(GET, OBJECT);
    let value = |key: &str, values: Option<&str>| NamedValue {
        key: key.to_owned(),
        values: values.map(|v| vec![v.to_owned()]),
    };
    let mut context = decision.context().to_vec();
    context.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(
        context,
        [
            value("aws:SourceIp", Some("192.0.2.1")),
            value("aws:UserAgent", None),
            value("aws:principaltag/agent", None),
        ]
    );
}

#[test]
fn a_verdict_names_its_statement() {
    let sid = with(allow(GET, OBJECT), json!({ "Sid": "ReadOne" }));
    let decision = World::alice().identity(&[allow("s3:PutObject", "*"), sid]).ask(GET, OBJECT);
    let statement = decision.statement().unwrap();
    assert_eq!(statement.policy, "identity");
    assert_eq!((statement.sid.as_deref(), statement.index), (Some("ReadOne"), 1));
}

#[test]
fn a_resource_without_an_account_is_the_callers_own() {
    let mut world = World::alice().identity(&[allow("s3:ListAllMyBuckets", "*")]);
    world.resource = strongroom_policy::ResourceSide::plain(None);
    assert!(world.ask("s3:ListAllMyBuckets", "*").is_allowed());
    assert_eq!(world.ask("s3:ListAllMyBuckets", "*").reach(), Reach::SameAccount);
}

#[test]
fn across_accounts_a_deny_on_either_side_wins() {
    let both = || {
        World::alice()
            .owned_by(AWAY)
            .bucket(&[to("Allow", aws(ALICE))])
            .identity(&[allow(GET, OBJECT)])
    };
    assert!(both().allows());
    assert_eq!(both().identity(&[deny(GET, OBJECT)]).verdict(), (DENIED, Layer::Identity));
    let owner = both().bucket(&[to("Allow", aws(ALICE)), to("Deny", aws(HOME))]);
    assert_eq!(owner.verdict(), (DENIED, Layer::Resource));
    let other = both().bucket(&[to("Allow", aws(ALICE)), to("Deny", aws(AWAY))]);
    assert!(other.allows(), "a deny of somebody else");
}

#[test]
fn the_table_of_principal_keys_holds_for_every_kind_of_caller() {
    let kiosk = "arn:aws:sts::111122223333:federated-user/kiosk";
    let own = format!("arn:aws:iam::{HOME}:root");
    let rows: [(Principal, [Option<&str>; 4]); 5] = [
        (root(), [None, Some(HOME), Some("Account"), Some(own.as_str())]),
        (user(), [Some("alice"), Some("AIDAAAAAAAAAAAAAAAAA1"), Some("User"), Some(ALICE)]),
        (
            crate::world::federated_user(),
            [None, Some("111122223333:kiosk"), Some("FederatedUser"), Some(kiosk)],
        ),
        (
            role_session(),
            [None, Some("AROAAAAAAAAAAAAAAAAA2:morning"), Some("AssumedRole"), Some(ANALYST)],
        ),
        (Principal::Anonymous, [None, Some("anonymous"), Some("Anonymous"), None]),
    ];
    let keys = ["aws:username", "aws:userid", "aws:PrincipalType", "aws:PrincipalArn"];
    for (principal, values) in rows {
        for (key, value) in keys.into_iter().zip(values) {
            let open = |operator: &str, value: &str| {
                let condition = json!({ "Condition": { operator: { key: value } } });
                let grant = with(to("Allow", json!("*")), condition);
                World::of(principal.clone()).bucket(&[grant]).verdict() == (ALLOW, Layer::Resource)
            };
            let said = format!("{principal:?} {key}");
            assert_eq!(open("Null", "true"), value.is_none(), "{said}");
            assert_eq!(open("StringEquals", value.unwrap_or("x")), value.is_some(), "{said}");
            assert!(!open("StringEquals", "other"), "{said}");
        }
    }
}

#[test]
fn variables_work_in_policies_of_every_layer() {
    let key = "arn:aws:s3:::finance/${aws:username}.csv";
    let (own, others) = ("arn:aws:s3:::finance/alice.csv", "arn:aws:s3:::finance/bob.csv");
    let all = || {
        let star = json!({ "Principal": "*" });
        World::alice()
            .identity(&[allow(GET, "*")])
            .boundary(&[allow(GET, "*")])
            .session(&[allow(GET, "*")])
            .service_control(&[statement("Allow")])
            .resource_control(&[with(statement("Allow"), star)])
    };
    let named = [with(deny(GET, key), json!({ "Principal": "*" }))];
    for world in [
        all().identity(&[deny(GET, key)]),
        all().boundary(&[allow(GET, "*"), deny(GET, key)]),
        all().session(&[deny(GET, key)]),
        all().service_control(&[statement("Allow"), deny(GET, key)]),
        all().resource_control(&named),
        all().bucket(&named),
    ] {
        assert_eq!(world.ask(GET, own).verdict(), DENIED);
        // The resource-control level of the deny alone allows nothing; all others do.
        let told = world.ask(GET, others).verdict();
        assert!(told == ALLOW || told == SILENT, "{told:?}");
    }
    assert!(all().ask(GET, own).is_allowed());
    let narrow =
        |world: World| (world.ask(GET, own).is_allowed(), world.ask(GET, others).is_allowed());
    assert_eq!(narrow(World::alice().identity(&[allow(GET, key)])), (true, false));
    assert_eq!(narrow(all().boundary(&[allow(GET, key)])), (true, false));
    let session = World::alice().identity(&[allow(GET, "*")]).session(&[allow(GET, key)]);
    assert_eq!(narrow(session), (true, false));
    assert_eq!(narrow(all().service_control(&[allow(GET, key)])), (true, false));
    let grant = [with(allow(GET, key), json!({ "Principal": aws(ALICE) }))];
    assert_eq!(narrow(World::alice().bucket(&grant)), (true, false));
}
