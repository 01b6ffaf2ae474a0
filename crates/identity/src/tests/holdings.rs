//! What is kept of principals is exactly what they hold, in every state that is asked.

use std::sync::Arc;

use crate::ops::*;
use crate::state::State;
use crate::testing::*;
use crate::*;

/// What a caller holds by what is kept, and read anew: they must not differ.
fn held(state: &State, caller: &Caller) -> Vec<String> {
    let mut anew = state.clone();
    anew.kept = Arc::default();
    let (kept, anew) = (state.policies_of(caller).identity, anew.policies_of(caller).identity);
    assert_eq!(kept, anew);
    kept.iter().map(|policy| policy.name.clone()).collect()
}

fn inline(world: &mut World, of: &str, action: &str) {
    let put =
        PutGroupPolicy { group: group(of), name: "own".parse().unwrap(), document: allow(action) };
    world.act(&put).unwrap();
}

#[test]
fn what_is_kept_follows_every_change_of_the_principal_its_groups_and_their_policies() {
    let mut world = World::new();
    world.make_user("alice");
    world.make_user("bob");
    let (_, alice) = world.key_of("alice");
    let mut past = vec![(world.state.clone(), held(&world.state, &alice))];
    let mut step = |world: &World| {
        let now = held(&world.state, &alice);
        past.push((world.state.clone(), now));
        // What was, is in its own state still as it was.
        for (state, then) in past.iter().rev().take(3) {
            assert_eq!(held(state, &alice), *then);
        }
        past.last().unwrap().1.clone()
    };
    for name in ["b", "a", "c"] {
        world.make_group(name);
        inline(&mut world, name, "s3:GetObject");
        step(&world);
        let join = AddUserToGroup { group: group(name), user: "alice".parse().unwrap() };
        world.act(&join).unwrap();
        step(&world);
    }
    assert_eq!(step(&world).len(), 3);
    let policy = world.make_policy("P", allow("s3:PutObject"));
    world.act(&AttachUserPolicy { user: user("alice"), policy: policy.clone() }).unwrap();
    assert!(step(&world).contains(&"policy:P@v1".to_owned()));
    let version = CreatePolicyVersion {
        policy: policy.clone(),
        document: allow("s3:DeleteObject"),
        default: NewDefault::Switch,
    };
    world.act(&version).unwrap();
    assert!(step(&world).contains(&"policy:P@v2".to_owned()));
    inline(&mut world, "a", "s3:ListBucket");
    step(&world);
    let leave = RemoveUserFromGroup { group: group("a"), user: "alice".parse().unwrap() };
    world.act(&leave).unwrap();
    assert_eq!(step(&world).len(), 3);
    world.act(&AttachUserPolicy { user: user("bob"), policy: policy.clone() }).unwrap();
    step(&world);
    let boundary = PutUserPermissionsBoundary { user: user("alice"), boundary: policy };
    world.act(&boundary).unwrap();
    step(&world);
    // Longer than any lineage.
    for n in 0..1_100 {
        inline(&mut world, "c", if n % 2 == 0 { "s3:GetObject" } else { "s3:PutObject" });
    }
    step(&world);
}

#[test]
fn states_that_went_apart_share_nothing_that_differs() {
    let mut world = World::new();
    world.make_user("alice");
    let (_, alice) = world.key_of("alice");
    world.make_group("g");
    world.act(&AddUserToGroup { group: group("g"), user: "alice".parse().unwrap() }).unwrap();
    let fork = world.state.clone();
    inline(&mut world, "g", "s3:GetObject");
    assert_eq!(held(&world.state, &alice).len(), 1);
    assert_eq!(held(&fork, &alice).len(), 0);
    let first = std::mem::replace(&mut world.state, fork);
    let leave = RemoveUserFromGroup { group: group("g"), user: "alice".parse().unwrap() };
    world.act(&leave).unwrap();
    assert_eq!(world.state.revision(), first.revision());
    assert_eq!(held(&world.state, &alice).len(), 0);
    assert_eq!(held(&first, &alice).len(), 1);
}
