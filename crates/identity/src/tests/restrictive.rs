//! Nobody exceeds the most restrictive of the permissions assigned to it: each gate intersects, and
//! any deny wins. Written down as what it means, and tried on everything of a small size.

use policy::operation::{Check, Need};
use policy::{Kind, Question, ResourceSide};
use proptest::prelude::*;

use crate::ops::*;
use crate::testing::*;
use crate::*;

const ACTIONS: [&str; 4] = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectAcl"];

/// Some of the actions, as bits.
type Some4 = u8;

fn text(effect: &str, actions: Some4) -> String {
    let named = ACTIONS.iter().enumerate().filter(|(n, _)| actions & (1 << n) != 0);
    // A policy names something; what no check is about stands for nothing.
    let mut names: Vec<String> = named.map(|(_, action)| format!("\"{action}\"")).collect();
    names.push("\"s3:GetObjectTorrent\"".to_owned());
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}",
            "Action": [{}], "Resource": "*"}}}}"#,
        names.join(",")
    )
}

fn stored(actions: Some4, kind: Kind) -> StoredPolicy {
    StoredPolicy::parse(&text("Allow", actions), kind).unwrap()
}

/// What one caller is assigned.
#[derive(Clone, Copy, Debug)]
struct Assigned {
    identity: Some4,
    denied: Some4,
    boundary: Some4,
    control: Some4,
    service: Some4,
}

fn assigned() -> impl Strategy<Value = Assigned> {
    (0..16_u8, 0..16_u8, 0..16_u8, 0..16_u8, 0..16_u8).prop_map(
        |(identity, denied, boundary, control, service)| Assigned {
            identity,
            denied: denied & 0b1001,
            boundary,
            control,
            service,
        },
    )
}

/// A user of a member account, and its service account.
fn callers(world: &mut World, own: Assigned) -> (Caller, Caller) {
    let organization = world.organization();
    let at = |name: &str| State::new_ref(partner(), "/".parse().unwrap(), name.parse().unwrap());
    let create = CreateUser { user: at("u"), tags: Tags::default(), boundary: None };
    world.act(&create).unwrap();
    let document = stored(own.identity, Kind::Identity);
    let (user, name) = (at("u"), "allows".parse().unwrap());
    world.act(&PutUserPolicy { user, name, document }).unwrap();
    let document = StoredPolicy::parse(&text("Deny", own.denied), Kind::Identity).unwrap();
    let (user, name) = (at("u"), "denies".parse().unwrap());
    world.act(&PutUserPolicy { user, name, document }).unwrap();
    let create = CreatePolicy {
        policy: State::new_ref(partner(), "/".parse().unwrap(), "most".parse().unwrap()),
        document: stored(own.boundary, Kind::Identity),
        description: None,
        tags: Tags::default(),
    };
    let boundary = world.act(&create).unwrap().policy.arn();
    world.act(&PutUserPermissionsBoundary { user: at("u"), boundary }).unwrap();
    let kind = ControlKind::ServiceControl;
    world.act(&EnablePolicyType { organization: organization.clone(), kind }).unwrap();
    let create = CreateControlPolicy {
        organization: organization.clone(),
        kind,
        name: "most".parse().unwrap(),
        description: String::new(),
        document: stored(own.control, Kind::ServiceControl),
    };
    let policy = world.act(&create).unwrap().id.clone();
    let target = ControlTarget::Account(partner());
    let attach =
        AttachPolicy { organization: organization.clone(), policy, kind, target: target.clone() };
    world.act(&attach).unwrap();
    let policy = FULL_ACCESS.parse().unwrap();
    world.act(&DetachPolicy { organization, policy, kind, target }).unwrap();
    let key = world.act(&CreateAccessKey { holder: KeyHolder::User(at("u")) }).unwrap();
    let create = CreateServiceAccount {
        parent: ServiceParent::User(at("u")),
        restriction: Restriction::None,
        name: "bot".parse().unwrap(),
        description: None,
        expires: None,
        policy: Some(stored(own.service, Kind::Session)),
        key: RootKey::Generate,
    };
    let bot = world.act(&create).unwrap();
    (world.live(&key.key.id, None), world.live(&bot.key.id, None))
}

fn may(world: &World, caller: &Caller) -> Some4 {
    let policies = world.state.policies_of(caller);
    let decided = ACTIONS.iter().enumerate().map(|(n, action)| {
        let check = Check {
            action: action.parse().unwrap(),
            resource: "arn:aws:s3:::b/k".parse().unwrap(),
            need: Need::Required,
            with: Vec::new(),
        };
        let question = Question {
            principal: caller.principal(),
            caller: &policies,
            resource: &ResourceSide::plain(caller.account()),
            facts: &policy::facts::Facts::default(),
            revision: world.state.revision(),
        };
        u8::from(policy::decide(&check, &question).is_allowed()) << n
    });
    decided.sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn nobody_exceeds_the_most_restrictive_of_its_assigned_permissions(own in assigned()) {
        let mut world = World::new();
        let (user, bot) = callers(&mut world, own);
        let most = own.identity & own.boundary & own.control & !own.denied;
        prop_assert_eq!(may(&world, &user), most);
        prop_assert_eq!(may(&world, &bot), most & own.service);
    }
}
