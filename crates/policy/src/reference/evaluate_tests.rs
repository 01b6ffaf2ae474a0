//! Each way to an allow and each way to a deny (4).

use Layer::{
    Boundary, Identity, PublicAccessBlock, Resource, ResourceControl, ServiceControl, Session,
};
use Verdict::{Allow, ExplicitDeny, ImplicitDeny};

use crate::decision::{Layer, Verdict};
use crate::question::RestrictPublicBuckets;
use crate::reference::testing::{AWAY, HOME, World};

const EVERYONE: &str = r#""*""#;
const ALICE: &str = r#"{"AWS": "arn:aws:iam::111122223333:user/alice"}"#;
const ROLE: &str = r#"{"AWS": "arn:aws:iam::111122223333:role/ops/batch"}"#;
const SESSION: &str = r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/batch/morning"}"#;
const GUEST: &str = r#"{"AWS": "arn:aws:sts::111122223333:federated-user/guest"}"#;
const ACCOUNT: &str = r#"{"AWS": "111122223333"}"#;
const SERVICE: &str = r#"{"Service": "logging.s3.amazonaws.com"}"#;

#[test]
fn silence_denies_and_one_allow_grants() {
    assert_eq!(World::alice().verdict(), (ImplicitDeny, Identity));
    assert_eq!(World::alice().identity("Allow").verdict(), (Allow, Identity));
}

#[test]
fn an_explicit_deny_outranks_every_allow_and_the_first_layer_is_named() {
    let mut world = World::alice().bucket("Allow", ALICE).identity("Allow");
    assert_eq!(world.verdict(), (Allow, Resource));
    world = world.session_policy("Deny");
    assert_eq!(world.verdict(), (ExplicitDeny, Session));
    world = world.boundary("Deny");
    assert_eq!(world.verdict(), (ExplicitDeny, Boundary));
    world = world.identity("Deny");
    assert_eq!(world.verdict(), (ExplicitDeny, Identity));
    world = world.bucket("Deny", EVERYONE);
    assert_eq!(world.verdict(), (ExplicitDeny, Resource));
    world = world.resource_control("Deny");
    assert_eq!(world.verdict(), (ExplicitDeny, ResourceControl));
    world = world.service_control("Deny");
    assert_eq!(world.verdict(), (ExplicitDeny, ServiceControl));
}

#[test]
fn every_level_of_the_organisation_must_allow() {
    let world = World::alice().identity("Allow");
    let open = world.clone().service_control("Allow").resource_control("Allow");
    assert_eq!(open.verdict(), (Allow, Identity));
    assert_eq!(open.clone().service_control("").verdict(), (ImplicitDeny, ServiceControl));
    let mut closed = open;
    closed.resource.resource_control.push(Vec::new());
    assert_eq!(closed.verdict(), (ImplicitDeny, ResourceControl));
}

#[test]
fn a_bucket_policy_naming_user_session_or_everyone_passes_boundary_and_session_policy() {
    for (world, named) in [
        (World::alice(), ALICE),
        (World::alice(), EVERYONE),
        (World::session(), SESSION),
        (World::session(), EVERYONE),
        (World::federated_user(), GUEST),
    ] {
        let world = world.boundary("").session_policy("").bucket("Allow", named);
        assert_eq!(world.verdict(), (Allow, Resource), "{named}");
    }
}

#[test]
fn a_bucket_policy_naming_the_role_passes_neither() {
    let world = World::session().bucket("Allow", ROLE);
    assert_eq!(world.verdict(), (Allow, Resource));
    assert_eq!(world.clone().identity("Allow").verdict(), (Allow, Identity));
    assert_eq!(world.clone().boundary("").verdict(), (ImplicitDeny, Identity));
    assert_eq!(world.session_policy("").verdict(), (ImplicitDeny, Identity));
}

#[test]
fn a_bucket_policy_naming_the_account_grants_nothing_by_itself() {
    let world = World::alice().bucket("Allow", ACCOUNT);
    assert_eq!(world.verdict(), (ImplicitDeny, Identity));
    assert_eq!(world.identity("Allow").verdict(), (Allow, Identity));
}

#[test]
fn boundary_and_session_policy_only_narrow() {
    let world = World::alice().identity("Allow");
    assert_eq!(
        world.clone().boundary("Allow").session_policy("Allow").verdict(),
        (Allow, Identity)
    );
    assert_eq!(world.clone().boundary("Allow").boundary("").verdict(), (ImplicitDeny, Boundary));
    assert_eq!(world.clone().session_policy("").verdict(), (ImplicitDeny, Session));
    assert_eq!(World::alice().boundary("Allow").verdict(), (ImplicitDeny, Identity));
    assert_eq!(World::alice().session_policy("Allow").verdict(), (ImplicitDeny, Identity));
    let mut nothing = world;
    nothing.caller.session = Some(Vec::new());
    assert_eq!(nothing.verdict(), (ImplicitDeny, Session));
}

#[test]
fn a_federated_user_without_a_session_policy_has_almost_nothing() {
    let world = World::federated_user().identity("Allow");
    assert_eq!(world.verdict(), (ImplicitDeny, Identity));
    assert_eq!(world.clone().session_policy("Allow").verdict(), (Allow, Identity));
    let named = World::federated_user().bucket("Allow", ALICE);
    assert_eq!(named.verdict().0, ImplicitDeny);
    assert_eq!(named.session_policy("Allow").verdict(), (Allow, Resource));
}

#[test]
fn across_accounts_both_sides_must_allow() {
    for named in [ALICE, ACCOUNT, EVERYONE] {
        let world = World::alice().abroad().bucket("Allow", named);
        assert_eq!(world.verdict(), (ImplicitDeny, Identity), "{named}");
        let world = world.identity("Allow");
        assert_eq!(world.verdict(), (Allow, Resource), "{named}");
        assert_eq!(world.clone().boundary("").verdict(), (ImplicitDeny, Boundary));
        assert_eq!(world.session_policy("").verdict(), (ImplicitDeny, Session));
    }
    let world = World::alice().abroad().identity("Allow");
    assert_eq!(world.verdict(), (ImplicitDeny, Resource));
    assert_eq!(world.bucket("Deny", ACCOUNT).verdict(), (ExplicitDeny, Resource));
}

#[test]
fn callers_without_an_account_have_only_the_resources_side() {
    for (world, named) in [(World::anonymous(), EVERYONE), (World::service(), SERVICE)] {
        let world = world.identity("Deny").boundary("Deny").session_policy("Deny");
        let world = world.service_control("Deny");
        assert_eq!(world.verdict(), (ImplicitDeny, Resource));
        let world = world.bucket("Allow", named);
        assert_eq!(world.verdict(), (Allow, Resource));
        assert_eq!(world.resource_control("Deny").verdict(), (ExplicitDeny, ResourceControl));
    }
    let named = World::anonymous().bucket("Allow", ACCOUNT);
    assert_eq!(named.verdict(), (ImplicitDeny, Resource));
}

#[test]
fn the_root_of_an_account_may_everything_that_nothing_forbids() {
    assert_eq!(World::root().verdict(), (Allow, Identity));
    assert_eq!(World::root().identity("Deny").verdict(), (ExplicitDeny, Identity));
    assert_eq!(World::root().session_policy("").verdict(), (ImplicitDeny, Session));
    assert_eq!(World::root().service_control("").verdict(), (ImplicitDeny, ServiceControl));
    assert_eq!(World::root().abroad().verdict(), (ImplicitDeny, Resource));
    assert_eq!(World::root().bucket("Deny", EVERYONE).verdict(), (ExplicitDeny, Resource));
}

#[test]
fn the_owners_root_can_always_reach_its_buckets_policy() {
    for action in ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"] {
        let locked =
            |world: World| world.asking(action, "arn:aws:s3:::finance").bucket("Deny", EVERYONE);
        assert_eq!(locked(World::root()).verdict(), (Allow, Identity), "{action}");
        assert_eq!(
            locked(World::root()).service_control("Deny").verdict(),
            (ExplicitDeny, ServiceControl)
        );
        assert_eq!(locked(World::root().abroad()).verdict(), (ExplicitDeny, Resource));
        assert_eq!(locked(World::alice()).verdict(), (ExplicitDeny, Resource));
    }
    let other = World::root().asking("s3:GetBucketPolicyStatus", "arn:aws:s3:::finance");
    assert_eq!(other.bucket("Deny", EVERYONE).verdict(), (ExplicitDeny, Resource));
}

#[test]
fn nobody_can_be_denied_to_ask_who_they_are() {
    let world = World::alice().asking("sts:GetCallerIdentity", "*");
    let world = world.identity("Deny").session_policy("Deny").service_control("Deny");
    assert_eq!(world.verdict(), (Allow, Identity));
    let stranger = World::anonymous().asking("sts:GetCallerIdentity", "*");
    assert_eq!(stranger.verdict(), (ImplicitDeny, Resource));
}

#[test]
fn a_trust_policy_is_always_required() {
    let mut world = World::alice().trust(ALICE);
    assert_eq!(world.verdict(), (Allow, Resource));
    assert_eq!(World::alice().trust(ACCOUNT).verdict(), (ImplicitDeny, Identity));
    assert_eq!(World::alice().trust(ACCOUNT).identity("Allow").verdict(), (Allow, Resource));
    assert_eq!(World::session().trust(ROLE).verdict(), (Allow, Resource));
    assert_eq!(World::session().trust(ROLE).boundary("").verdict(), (ImplicitDeny, Identity));
    assert_eq!(World::session().trust(ALICE).identity("Allow").verdict(), (ImplicitDeny, Resource));
    world = world.abroad();
    assert_eq!(world.verdict(), (ImplicitDeny, Identity));
    assert_eq!(world.clone().identity("Allow").verdict(), (Allow, Resource));
    assert_eq!(world.identity("Deny").verdict(), (ExplicitDeny, Identity));
}

#[test]
fn a_web_identity_needs_a_trust_policy_that_names_its_provider() {
    let provider = "arn:aws:iam::111122223333:oidc-provider/login.example.org";
    let trust = |principal: &str| {
        let mut world = World::federated().trust(principal);
        world.check.action = "sts:AssumeRoleWithWebIdentity".parse().unwrap();
        world.resource_control("Allow")
    };
    assert_eq!(trust(&format!(r#"{{"Federated": "{provider}"}}"#)).verdict(), (Allow, Resource));
    assert_eq!(trust(EVERYONE).verdict(), (ImplicitDeny, Resource));
}

#[test]
fn a_public_policy_reaches_only_the_owners_account_and_services_if_so_set() {
    let both = format!(r#"{{"AWS": ["*", "{HOME}"], "Service": "logging.s3.amazonaws.com"}}"#);
    let set = |mut world: World| {
        world.resource.restrict_public = RestrictPublicBuckets::On;
        world.bucket("Allow", &both)
    };
    assert_eq!(World::anonymous().bucket("Allow", &both).verdict(), (Allow, Resource));
    assert_eq!(set(World::anonymous()).verdict(), (ImplicitDeny, PublicAccessBlock));
    let abroad = set(World::alice().abroad().identity("Allow"));
    assert_eq!(abroad.verdict(), (ImplicitDeny, PublicAccessBlock));
    assert_eq!(set(World::alice()).verdict(), (Allow, Resource));
    assert_eq!(set(World::service().abroad()).verdict(), (Allow, Resource));
    let mut fixed = World::alice().abroad().identity("Allow").bucket("Allow", ACCOUNT);
    fixed.resource.restrict_public = RestrictPublicBuckets::On;
    assert_eq!(fixed.verdict(), (Allow, Resource));
    assert_ne!(HOME, AWAY);
}
