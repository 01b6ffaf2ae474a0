//! What the log gives back is what was live, at every revision.

use names::Revision;
use proptest::prelude::*;

use crate::ops::*;
use crate::testing::*;
use crate::*;

/// Steps that a random history is made of; each names entities by small numbers.
#[derive(Clone, Debug)]
enum Step {
    MakeUser(u8),
    DeleteUser(u8),
    Rename(u8, u8),
    MakeGroup(u8),
    DeleteGroup(u8),
    Join(u8, u8),
    Leave(u8, u8),
    MakeKey(u8),
    MakeRole(u8, u8),
    DeleteRole(u8),
    MakePolicy(u8),
    DeletePolicy(u8),
    Attach(u8, u8),
    Detach(u8, u8),
    Bound(u8, u8),
    Put(u8),
    Revoke(u8),
    Assume(u8, u8),
    MakeDevice(u8),
    DeleteDevice(u8),
    Enable(u8, u8),
    Deactivate(u8, u8),
    Alias(u8),
    MakeSaml(u8),
    DeleteSaml(u8),
    MakeUnit(u8, u8),
    DeleteUnit(u8),
    MoveAccount(u8),
    MakeControl(u8),
    DeleteControl(u8),
    Control(u8, u8),
    Uncontrol(u8, u8),
    Switch(u8),
    Suspend(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let n = || 0..4_u8;
    prop_oneof![
        4 => n().prop_map(Step::MakeUser),
        1 => n().prop_map(Step::DeleteUser),
        1 => (n(), n()).prop_map(|(a, b)| Step::Rename(a, b)),
        2 => n().prop_map(Step::MakeGroup),
        1 => n().prop_map(Step::DeleteGroup),
        2 => (n(), n()).prop_map(|(a, b)| Step::Join(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| Step::Leave(a, b)),
        1 => n().prop_map(Step::MakeKey),
        1 => (n(), n()).prop_map(|(a, b)| Step::MakeRole(a, b)),
        1 => n().prop_map(Step::DeleteRole),
        3 => n().prop_map(Step::MakePolicy),
        1 => n().prop_map(Step::DeletePolicy),
        3 => (n(), n()).prop_map(|(a, b)| Step::Attach(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| Step::Detach(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| Step::Bound(a, b)),
        1 => n().prop_map(Step::Put),
        1 => n().prop_map(Step::Revoke),
        1 => (n(), n()).prop_map(|(a, b)| Step::Assume(a, b)),
        2 => n().prop_map(Step::MakeDevice),
        1 => n().prop_map(Step::DeleteDevice),
        2 => (n(), n()).prop_map(|(a, b)| Step::Enable(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| Step::Deactivate(a, b)),
        1 => n().prop_map(Step::Alias),
        1 => n().prop_map(Step::MakeSaml),
        1 => n().prop_map(Step::DeleteSaml),
        2 => (n(), n()).prop_map(|(a, b)| Step::MakeUnit(a, b)),
        1 => n().prop_map(Step::DeleteUnit),
        1 => n().prop_map(Step::MoveAccount),
        1 => n().prop_map(Step::MakeControl),
        1 => n().prop_map(Step::DeleteControl),
        1 => (n(), n()).prop_map(|(a, b)| Step::Control(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| Step::Uncontrol(a, b)),
        1 => n().prop_map(Step::Switch),
        1 => n().prop_map(Step::Suspend),
    ]
}

/// Does a step if the rules allow it; a refusal is a step too, one that changes nothing.
fn take(world: &mut World, step: &Step) {
    let u = |n: &u8| user(&format!("u{n}"));
    let g = |n: &u8| group(&format!("g{n}"));
    let r = |n: &u8| role(&format!("r{n}"));
    let p = |n: &u8| managed(&format!("p{n}")).arn();
    let tags = Tags::default();
    let before = world.state.fingerprint();
    let refused = match step {
        Step::MakeUser(n) => world.act(&CreateUser { user: u(n), tags, boundary: None }).is_err(),
        Step::DeleteUser(n) => world.act(&DeleteUser { user: u(n) }).is_err(),
        Step::Rename(n, m) => {
            let new_name = Some(u(m).name);
            world.act(&UpdateUser { user: u(n), new_name, new_path: None }).is_err()
        }
        Step::MakeGroup(n) => world.act(&CreateGroup { group: g(n) }).is_err(),
        Step::DeleteGroup(n) => world.act(&DeleteGroup { group: g(n) }).is_err(),
        Step::Join(n, m) => world.act(&AddUserToGroup { group: g(n), user: u(m).name }).is_err(),
        Step::Leave(n, m) => {
            world.act(&RemoveUserFromGroup { group: g(n), user: u(m).name }).is_err()
        }
        Step::MakeKey(n) => world.act(&CreateAccessKey { holder: KeyHolder::User(u(n)) }).is_err(),
        Step::MakeRole(n, m) => {
            let create = CreateRole {
                role: r(n),
                trust: trusts_user(u(m).name.as_str()),
                description: None,
                max_session_seconds: None,
                tags,
                boundary: None,
            };
            world.act(&create).is_err()
        }
        Step::DeleteRole(n) => world.act(&DeleteRole { role: r(n) }).is_err(),
        Step::MakePolicy(n) => {
            let policy = managed(&format!("p{n}"));
            let document = allow("s3:*");
            world.act(&CreatePolicy { policy, document, description: None, tags }).is_err()
        }
        Step::DeletePolicy(n) => world.act(&DeletePolicy { policy: p(n) }).is_err(),
        Step::Attach(n, m) => world.act(&AttachUserPolicy { user: u(n), policy: p(m) }).is_err(),
        Step::Detach(n, m) => world.act(&DetachUserPolicy { user: u(n), policy: p(m) }).is_err(),
        Step::Bound(n, m) => {
            world.act(&PutUserPermissionsBoundary { user: u(n), boundary: p(m) }).is_err()
        }
        Step::Put(n) => {
            let name = "inline".parse().unwrap();
            let document = allow("s3:GetObject");
            world.act(&PutUserPolicy { user: u(n), name, document }).is_err()
        }
        Step::Revoke(n) => {
            let id = world.state.user(home(), u(n).name.as_str()).map(|user| user.id.clone());
            id.is_none_or(|id| {
                let revoke = Revoke::IssuedBefore(id);
                world.act(&RevokeSessions { account: home(), revoke }).is_err()
            })
        }
        Step::MakeUnit(..)
        | Step::DeleteUnit(_)
        | Step::MoveAccount(_)
        | Step::MakeControl(_)
        | Step::DeleteControl(_)
        | Step::Control(..)
        | Step::Uncontrol(..)
        | Step::Switch(_)
        | Step::Suspend(_) => organize(world, step),
        Step::Assume(n, m) => {
            let id = world.state.user(home(), u(n).name.as_str()).map(|user| user.id.clone());
            let key = id.and_then(|id| world.state.keys_of(&id).next().map(|k| k.id.clone()));
            let known = world.state.role(home(), r(m).name.as_str()).is_some();
            if let (Some(key), true) = (key, known) {
                let caller = world.live(&key, None);
                let credentials = world.assume(&caller, r(m).name.as_str());
                assert_eq!(world.payload(&credentials).revision, world.state.revision());
            }
            false
        }
        Step::MakeDevice(n) => {
            world.act(&CreateVirtualMFADevice { device: device(n), tags }).is_err()
        }
        Step::DeleteDevice(n) => {
            world.act(&DeleteVirtualMFADevice { serial: device(n).arn() }).is_err()
        }
        Step::Enable(n, m) => enable(world, u(n), &device(m).arn()).is_err(),
        Step::Deactivate(n, m) => {
            let (user, serial) = (u(n), device(m).arn());
            world.act(&DeactivateMFADevice { holder: KeyHolder::User(user), serial }).is_err()
        }
        Step::Alias(n) => {
            let alias = format!("alias-{n}").parse().unwrap();
            world.act(&CreateAccountAlias { account: home(), alias }).is_err()
        }
        Step::MakeSaml(n) => {
            let (account, name) = (home(), format!("s{n}").parse().unwrap());
            let (metadata, valid_until) = ("<a/>".to_owned(), None);
            let create = CreateSAMLProvider { account, name, metadata, valid_until, tags };
            world.act(&create).is_err()
        }
        Step::DeleteSaml(n) => {
            let provider = saml_arn(home(), &format!("s{n}").parse().unwrap());
            world.act(&DeleteSAMLProvider { provider }).is_err()
        }
    };
    if refused {
        assert_eq!(world.state.fingerprint(), before, "a refusal changes nothing: {step:?}");
    }
}

fn device(n: &u8) -> MfaRef {
    State::new_ref(home(), "/".parse().unwrap(), format!("d{n}").parse().unwrap())
}

/// Gives a device to a user, with two of its codes in a row.
fn enable(world: &mut World, user: UserRef, serial: &names::Arn) -> Result<(), IdentityError> {
    let seed = world.state.mfa_device(serial).map(|device| device.seed.clone());
    let seed = seed.map(|seed| world.sealer.open(Purpose::MfaSeed, serial.as_str(), &seed));
    let seed = seed.map_or(vec![0; 20], |seed| seed.unwrap().expose().to_vec());
    let now = totp::step_of(audit::Clock::now(&world.clock));
    let code = |step| totp::code(&seed, step).parse().unwrap();
    let (first, second) = (code(now), code(now + 1));
    world.act(&EnableMFADevice {
        holder: KeyHolder::User(user),
        serial: serial.clone(),
        first,
        second,
    })
}

/// Does a step on the organisation; whether it was refused.
fn organize(world: &mut World, step: &Step) -> bool {
    let organization = world.organization();
    let unit = |world: &World, n: &u8| {
        let units: Vec<_> = world.state.units().map(|unit| unit.id.clone()).collect();
        units.get(usize::from(*n)).cloned()
    };
    let control = |world: &World, n: &u8| {
        let policies = world.state.control_policies().map(|policy| policy.id.clone());
        let full = ControlKind::ServiceControl.full_access().parse().unwrap();
        let all: Vec<_> = policies.chain([full]).collect();
        all[usize::from(*n) % all.len()].clone()
    };
    let target = |world: &World, n: &u8| match n {
        0 => ControlTarget::Root,
        1 => ControlTarget::Account(partner()),
        _ => unit(world, &(n - 2)).map_or(ControlTarget::Root, ControlTarget::Unit),
    };
    let kind = ControlKind::ServiceControl;
    match step {
        Step::MakeUnit(n, m) => {
            let (parent, name) = (unit(world, m), format!("unit{n}").parse().unwrap());
            world.act(&CreateOrganizationalUnit { organization, parent, name }).is_err()
        }
        Step::DeleteUnit(n) => unit(world, n).is_none_or(|unit| {
            world.act(&DeleteOrganizationalUnit { organization, unit }).is_err()
        }),
        Step::MoveAccount(n) => {
            let from = world.state.account(partner()).unwrap().unit.clone();
            let to = unit(world, n);
            world.act(&MoveAccount { organization, account: partner(), from, to }).is_err()
        }
        Step::MakeControl(n) => {
            let create = CreateControlPolicy {
                organization,
                kind,
                name: format!("c{n}").parse().unwrap(),
                description: String::new(),
                document: statement("Deny", "s3:*", policy::Kind::ServiceControl),
            };
            world.act(&create).is_err()
        }
        Step::DeleteControl(n) => {
            let policy = control(world, n);
            world.act(&DeleteControlPolicy { organization, policy, kind }).is_err()
        }
        Step::Control(n, m) => {
            let (policy, target) = (control(world, n), target(world, m));
            world.act(&AttachPolicy { organization, policy, kind, target }).is_err()
        }
        Step::Uncontrol(n, m) => {
            let (policy, target) = (control(world, n), target(world, m));
            world.act(&DetachPolicy { organization, policy, kind, target }).is_err()
        }
        Step::Switch(0) => world.act(&DisablePolicyType { organization, kind }).is_err(),
        Step::Switch(_) => world.act(&EnablePolicyType { organization, kind }).is_err(),
        Step::Suspend(0) => {
            world.act(&SuspendAccount { operator: home(), account: partner() }).is_err()
        }
        Step::Suspend(_) => {
            world.act(&ResumeAccount { operator: home(), account: partner() }).is_err()
        }
        other => panic!("{other:?} is taken elsewhere"),
    }
}

/// What must hold of the derived indexes in every state.
fn check_indexes(state: &State) {
    for user in state.users.all() {
        for group in &user.groups {
            assert!(state.members_of(group).any(|member| member.id == user.id));
        }
        for arn in user.policies.attached.iter().chain(&user.boundary) {
            assert!(state.policy(arn).is_some(), "{arn} is used and exists");
            assert!(state.uses_of(arn).any(|(_, id)| id == user.id));
        }
    }
    for group in state.groups.all() {
        for member in state.members_of(&group.id) {
            assert!(member.groups.contains(&group.id));
        }
    }
    for key in state.keys.all() {
        assert!(state.keys_of(&key.owner).any(|owned| owned.id == key.id));
    }
    for policy in state.policies.all() {
        for (_, id) in state.uses_of(&policy.arn()) {
            let user = state.user_by_id(&id).expect("a user of a policy exists");
            let arn = policy.arn();
            assert!(user.policies.attached.contains(&arn) || user.boundary.as_ref() == Some(&arn));
        }
    }
    assert_eq!(state.users.all().count(), state.users.count(home()));
    assert_eq!(state.users.all().count(), state.users.len());
    assert_eq!(state.keys.all().count(), state.keys.len());
    let names: Vec<String> = state.users.of(home(), None).map(|user| user.name.folded()).collect();
    assert!(names.is_sorted(), "{names:?}");
    for (place, name) in names.iter().enumerate() {
        let user = state.users.named(home(), name).expect("whoever is listed is found");
        assert_eq!(state.user_by_id(&user.id).map(|found| &found.name), Some(&user.name));
        let rest: Vec<_> = state.users.of(home(), Some(name)).map(|user| user.id.clone()).collect();
        assert_eq!((rest.len(), &rest[0]), (names.len() - place, &user.id));
        assert_eq!(state.users.account_of(&user.id), Some(home()));
        let own: Vec<_> = state.keys_of(&user.id).cloned().collect();
        assert!(own.iter().all(|key| key.owner == user.id) && own.is_sorted_by_key(|key| &key.id));
        assert_eq!(state.keys.read_of(&user.id), own);
    }
    for device in state.mfa_devices(home()) {
        if let Some(held) = &device.held {
            assert!(state.mfa_devices_of(&held.user).any(|own| own.serial() == device.serial()));
        }
    }
    for user in state.users.all() {
        for device in state.mfa_devices_of(&user.id) {
            assert_eq!(device.held.as_ref().map(|held| &held.user), Some(&user.id));
        }
    }
    let alias = state.alias(home());
    assert_eq!(alias.and_then(|a| state.account_of_alias(a)), alias.map(|_| home()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn replaying_any_prefix_gives_the_state_that_was_live(
        steps in prop::collection::vec(step(), 1..60),
        cut in any::<prop::sample::Index>(),
        every in 1..9_usize,
    ) {
        let mut world = World::new();
        world.organization();
        let mut live = vec![(State::default().revision(), State::default().fingerprint())];
        live.push((world.state.revision(), world.state.fingerprint()));
        for (n, step) in steps.iter().enumerate() {
            take(&mut world, step);
            // From now on what there is lies in a snapshot; what follows lies over it.
            if n % every == every - 1 {
                world.state = State::decode(&world.state.encode().unwrap()).unwrap();
            }
            check_indexes(&world.state);
            live.push((world.state.revision(), world.state.fingerprint()));
        }
        let cut = cut.index(world.history.len() + 1);
        let mut replayed = State::default();
        for record in &world.history[..cut] {
            let delta = Delta::decode(record).unwrap();
            replayed = replayed.apply(replayed.revision().next(), &delta).unwrap();
        }
        if let Some((_, was)) = live.iter().find(|(at, _)| *at == replayed.revision()) {
            prop_assert_eq!(&replayed.fingerprint(), was);
        }
        check_indexes(&replayed);
        let again = State::decode(&replayed.encode().unwrap()).unwrap();
        prop_assert_eq!(again.fingerprint(), replayed.fingerprint());
        check_indexes(&again);
        let old = State::decode(&replayed.encode_version_1()).unwrap();
        prop_assert_eq!(old.fingerprint(), replayed.fingerprint());
        let forgetful = again.forgetting();
        prop_assert_eq!(forgetful.fingerprint(), replayed.fingerprint());
    }
}

#[test]
fn a_change_of_another_revision_or_form_is_refused() {
    let mut world = World::new();
    world.make_user("alice");
    let delta = Delta::decode(world.history.last().unwrap()).unwrap();
    let now = world.state.revision();
    assert!(world.state.apply(now, &delta).is_err());
    assert!(world.state.apply(Revision(now.0 + 2), &delta).is_err());
    assert!(world.state.apply(now.next(), &delta).is_ok(), "putting a record again is no harm");
    assert!(Delta::decode(br#"{"v":2,"at":"2026-01-01T00:00:00.000Z","changes":[]}"#).is_err());
    assert!(Delta::decode(br#"{"v":1,"at":"2026-01-01T00:00:00.000Z","changes":[]}"#).is_ok());
    let unknown = br#"{"v":1,"at":"2026-01-01T00:00:00.000Z","changes":[{"unheard":1}]}"#;
    assert!(Delta::decode(unknown).is_err());
}

#[test]
fn a_record_begins_with_its_version() {
    let world = World::new();
    for record in &world.history {
        assert!(record.starts_with(br#"{"v":1,"#));
    }
    assert!(world.state.encode().unwrap().starts_with(b"strongSN\x02\0\0\0"));
    assert!(world.state.encode_version_1().starts_with(br#"{"v":1,"#));
}

#[test]
fn a_change_that_names_what_does_not_exist_does_not_fit() {
    let mut world = World::new();
    world.make_user("alice");
    let mut user = (**world.state.user(home(), "alice").unwrap()).clone();
    user.boundary = Some(managed("None").arn());
    let delta =
        Delta::new(names::Timestamp::default(), vec![Change::User(std::sync::Arc::new(user))]);
    assert!(world.state.apply(world.state.revision().next(), &delta).is_err());
}

#[test]
fn buckets_are_made_changed_marked_and_removed_in_order() {
    let mut world = World::new();
    world.make_user("alice");
    let bucket: names::BucketName = "finance".parse().unwrap();
    let now = names::Timestamp::default();
    let change = |world: &mut World, change: BucketChange| {
        let changes = bucket::change(&world.state, change, now)?;
        world.append(Delta::new(now, changes).encode().unwrap());
        Ok::<_, IdentityError>(())
    };
    let create = |owner| BucketChange::Create {
        bucket: bucket.clone(),
        owner,
        ownership: Some(Ownership::BucketOwnerEnforced),
        public_access: Some(PublicAccessBlock::ALL),
        acl: None,
    };
    change(&mut world, create(home())).unwrap();
    let first = world.state.bucket(&bucket).unwrap().incarnation;
    let taken = change(&mut world, create(partner())).unwrap_err();
    assert!(matches!(taken, IdentityError::BucketExists { owner, .. } if owner == home()));
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
            "Principal": {{"AWS": "{}"}}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::finance/*"}}}}"#,
        user("alice").arn()
    );
    let policy = StoredPolicy::parse(&text, policy::Kind::Bucket).unwrap();
    change(&mut world, BucketChange::SetPolicy { bucket: bucket.clone(), policy }).unwrap();
    let kept = world.state.bucket(&bucket).unwrap().policy.clone().unwrap();
    assert!(kept.text().contains("AIDA") && world.state.thaw(&kept).contains("user/alice"));
    let remove = BucketChange::Remove { bucket: bucket.clone() };
    assert!(matches!(change(&mut world, remove.clone()), Err(IdentityError::BucketPhase(_))));
    change(&mut world, BucketChange::MarkDeleting { bucket: bucket.clone() }).unwrap();
    let late = BucketChange::DeletePolicy { bucket: bucket.clone() };
    assert!(matches!(change(&mut world, late), Err(IdentityError::BucketPhase(_))));
    change(&mut world, BucketChange::UnmarkDeleting { bucket: bucket.clone() }).unwrap();
    change(&mut world, BucketChange::MarkDeleting { bucket: bucket.clone() }).unwrap();
    change(&mut world, remove.clone()).unwrap();
    assert!(matches!(change(&mut world, remove), Err(IdentityError::NoSuchBucket(_))));
    change(&mut world, create(home())).unwrap();
    assert!(world.state.bucket(&bucket).unwrap().incarnation > first);
    assert_eq!(world.state.buckets_of(home()).count(), 1);
    assert_eq!(world.state.buckets_of(partner()).count(), 0);
}
