//! What is told of an account, the policies that every installation has, and simulations.

use std::collections::BTreeSet;

use names::Arn;
use policy::Kind;
use policy::decision::Verdict;
use policy::facts::FactMap;

use crate::ops::*;
use crate::testing::*;
use crate::*;

fn canned(name: &str) -> Arn {
    format!("arn:aws:iam::aws:policy/{name}").parse().unwrap()
}

fn listed(world: &mut World, scope: PolicyScope, max: usize) -> Vec<String> {
    let (mut names, mut marker) = (Vec::new(), None);
    loop {
        let page = PageRequest::new(marker, Some(max)).unwrap();
        let (prefix, attached) = (PathPrefix::default(), AttachedFilter::Any);
        let list = ListPolicies { account: home(), prefix, scope, attached, page };
        let got = world.act(&list).unwrap();
        names.extend(got.items.iter().map(|summary| summary.policy.arn().to_string()));
        marker = got.next;
        if marker.is_none() {
            return names;
        }
    }
}

#[test]
fn every_installation_has_policies_that_are_listed_attached_and_count() {
    let mut world = World::new();
    world.make_user("alice");
    let (_, alice) = world.key_of("alice");
    let own = world.make_policy("Own", allow("s3:GetObject"));
    let local = listed(&mut world, PolicyScope::Local, 2);
    assert_eq!(local, [own.to_string()]);
    let aws = listed(&mut world, PolicyScope::Aws, 2);
    assert!(aws.contains(&canned("ReadOnlyAccess").to_string()) && aws.len() > 10);
    let all = listed(&mut world, PolicyScope::All, 2);
    assert_eq!(all, [local, aws].concat());
    let read = GetUser { holder: KeyHolder::User(user("alice")) };
    assert!(!world.allows(&alice, &read));
    let policy = canned("IAMReadOnlyAccess");
    world.act(&AttachUserPolicy { user: user("alice"), policy: policy.clone() }).unwrap();
    assert!(world.allows(&alice, &read));
    assert!(!world.allows(&alice, &DeleteUser { user: user("alice") }));
    let told = world.act(&GetPolicy { policy: policy.clone() }).unwrap();
    assert_eq!((told.attachments, told.policy.arn()), (1, policy.clone()));
    world.act(&DetachUserPolicy { user: user("alice"), policy }).unwrap();
    assert!(!world.allows(&alice, &read));
}

#[test]
fn nobody_changes_a_policy_that_every_installation_has() {
    let mut world = World::new();
    let policy = || canned("readonly");
    let refused = |result: Result<(), IdentityError>| {
        assert!(matches!(result, Err(IdentityError::Canned)), "{result:?}");
    };
    refused(world.act(&DeletePolicy { policy: policy() }));
    let (document, default) = (allow("*"), NewDefault::Switch);
    let create = CreatePolicyVersion { policy: policy(), document, default };
    refused(world.act(&create).map(|_| ()));
    let tags = Tags::new([("a".to_owned(), "b".to_owned())]).unwrap();
    refused(world.act(&TagPolicy { policy: policy(), tags }));
    let version = PolicyVersionId(1);
    refused(world.act(&SetDefaultPolicyVersion { policy: policy(), version }));
    let read = GetPolicyVersion { policy: policy(), version };
    assert!(world.act(&read).is_ok());
}

#[test]
fn what_another_account_does_with_such_a_policy_is_its_own_affair() {
    let mut world = World::new();
    let theirs = UserRef { account: partner(), ..user("carol") };
    let make = CreateUser { user: theirs.clone(), tags: Tags::default(), boundary: None };
    world.act(&make).unwrap();
    let policy = canned("readonly");
    let attach = AttachUserPolicy { user: theirs, policy: policy.clone() };
    let partner_root = world.partner_root();
    world.act_as(&partner_root, &attach, None).unwrap();
    let get = GetPolicy { policy: policy.clone() };
    let list =
        ListEntitiesForPolicy { policy, filter: EntityFilter::All, page: PageRequest::default() };
    assert_eq!(world.act(&get).unwrap().attachments, 0);
    assert!(world.act(&list).unwrap().items.is_empty());
    assert_eq!(world.act_as(&partner_root, &get, None).unwrap().attachments, 1);
    assert_eq!(world.act_as(&partner_root, &list, None).unwrap().items.len(), 1);
}

#[test]
fn no_account_has_the_number_under_which_such_policies_are_kept() {
    let mut world = World::new();
    let create = |id: &str| CreateAccount {
        operator: home(),
        name: "n".parse().unwrap(),
        id: Some(id.parse().unwrap()),
        key: RootKey::Generate,
    };
    assert!(world.act(&create("000000000000")).is_err());
    assert!(world.act(&create("000000000001")).is_ok());
}

#[test]
fn the_details_of_an_account_come_in_pages_that_join() {
    let mut world = World::new();
    for name in ["a", "b"] {
        world.make_user(name);
        world.make_group(name);
        world.make_role(name, trusts_user("a"));
        world.make_policy(name, allow("s3:*"));
    }
    let attach = AttachUserPolicy { user: user("a"), policy: canned("readonly") };
    world.act(&attach).unwrap();
    let join = AddUserToGroup { group: group("b"), user: "a".parse().unwrap() };
    world.act(&join).unwrap();
    let mut all = |kinds: &[DetailKind], max| {
        let (mut told, mut marker) = (Vec::new(), None);
        loop {
            let get = GetAccountAuthorizationDetails {
                account: home(),
                kinds: kinds.iter().copied().collect::<BTreeSet<_>>(),
                page: PageRequest::new(marker, Some(max)).unwrap(),
            };
            let page = world.act(&get).unwrap();
            told.extend(page.items.iter().map(|detail| match detail {
                Detail::User(user, groups) => format!("user {} {}", user.name, groups.len()),
                Detail::Group(group) => format!("group {}", group.name),
                Detail::Role(role) => format!("role {}", role.name),
                Detail::Policy(policy, attached, _) => format!("{} {attached}", policy.arn()),
            }));
            marker = page.next;
            if marker.is_none() {
                return told;
            }
        }
    };
    let whole = all(&[], 100);
    let expected = [
        "user a 1",
        "user b 0",
        "group a",
        "group b",
        "role a",
        "role b",
        "arn:aws:iam::111122223333:policy/a 0",
        "arn:aws:iam::111122223333:policy/b 0",
        "arn:aws:iam::aws:policy/readonly 1",
    ];
    assert_eq!(whole, expected);
    for max in 1..9 {
        assert_eq!(all(&[], max), whole, "{max} on a page");
    }
    assert_eq!(all(&[DetailKind::Role], 1), ["role a", "role b"]);
    assert_eq!(all(&[DetailKind::CannedPolicy, DetailKind::Group], 2).len(), 3);
}

#[test]
fn a_report_on_credentials_is_asked_for_first_and_read_within_four_hours() {
    let mut world = World::new();
    world.make_user("alice");
    world.key_of("alice");
    let read = GetCredentialReport { account: home() };
    assert!(matches!(world.act(&read), Err(IdentityError::ReportNotPresent)));
    world.act(&GenerateCredentialReport { account: home() }).unwrap();
    let (_, lines) = world.act(&read).unwrap();
    let told: Vec<_> = lines.iter().map(|line| (line.user.as_str(), line.keys.len())).collect();
    assert_eq!(told, [("<root_account>", 1), ("alice", 1)]);
    world.clock.advance(14_400);
    assert!(world.act(&read).is_ok());
    world.clock.advance(1);
    assert!(matches!(world.act(&read), Err(IdentityError::ReportExpired)));
    let partner_root = world.partner_root();
    assert!(world.act_as(&partner_root, &read, None).is_err());
}

fn simulation(actions: &[&str], resources: &[&str]) -> Simulation {
    Simulation {
        policies: Vec::new(),
        boundary: None,
        actions: actions.iter().map(|action| action.parse().unwrap()).collect(),
        resources: resources.iter().map(|arn| arn.parse().unwrap()).collect(),
        resource_policy: None,
        resource_owner: None,
        caller: None,
        context: FactMap::default(),
        page: PageRequest::default(),
    }
}

fn custom(world: &mut World, simulation: Simulation) -> Vec<Simulated> {
    world.act(&SimulateCustomPolicy { account: home(), simulation }).unwrap().items
}

#[test]
fn a_simulation_answers_as_the_engine_does_and_names_the_statement() {
    let mut world = World::new();
    let text = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
  {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::b/kept/*"}]}"#;
    let policy = StoredPolicy::parse(text, Kind::Identity).unwrap();
    let asked = Simulation {
        policies: vec![policy],
        ..simulation(
            &["s3:DeleteObject", "iam:CreateUser"],
            &["arn:aws:s3:::b/free/1", "arn:aws:s3:::b/kept/1"],
        )
    };
    let found = custom(&mut world, asked);
    assert_eq!(found[0].verdict, Verdict::ExplicitDeny);
    let [free, kept] = found[0].resources.as_slice() else { panic!() };
    assert_eq!((free.verdict, kept.verdict), (Verdict::Allow, Verdict::ExplicitDeny));
    assert_eq!(free.matched[0].policy, "PolicyInputList.1");
    assert_eq!(free.matched[0].place, Some([(2, 4), (2, 57)]));
    assert_eq!((kept.matched.len(), kept.matched[0].place.unwrap()[0]), (1, (3, 4)));
    assert_eq!(found[1].verdict, Verdict::ImplicitDeny);
    assert!(found[1].resources[0].matched.is_empty());
}

#[test]
fn a_simulation_tells_the_keys_that_were_not_given() {
    let mut world = World::new();
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Action": "s3:GetObject", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}"#;
    let policies = vec![StoredPolicy::parse(text, Kind::Identity).unwrap()];
    let asked = Simulation { policies: policies.clone(), ..simulation(&["s3:GetObject"], &[]) };
    let found = custom(&mut world, asked.clone());
    assert_eq!(found[0].verdict, Verdict::ImplicitDeny);
    assert_eq!(found[0].resources[0].missing, ["aws:SourceIp"]);
    let mut context = FactMap::default();
    context.set("aws:SourceIp", "10.1.2.3");
    let found = custom(&mut world, Simulation { context, ..asked });
    assert_eq!(found[0].verdict, Verdict::Allow);
    assert!(found[0].resources[0].missing.is_empty());
    let keys = world.act(&GetContextKeysForCustomPolicy { policies }).unwrap();
    assert_eq!(keys, ["aws:SourceIp"]);
}

#[test]
fn a_principal_is_simulated_with_its_groups_its_boundary_and_what_is_added() {
    let mut world = World::new();
    world.make_user("alice");
    world.make_group("g");
    world.act(&AddUserToGroup { group: group("g"), user: "alice".parse().unwrap() }).unwrap();
    let (name, document) = ("read".parse().unwrap(), allow("s3:GetObject"));
    world.act(&PutGroupPolicy { group: group("g"), name, document }).unwrap();
    let ask = |world: &mut World, source: Arn, simulation: Simulation| {
        let found = world.act(&SimulatePrincipalPolicy { source, simulation }).unwrap().items;
        (found[0].verdict, found[0].resources[0].clone())
    };
    let get = || simulation(&["s3:GetObject"], &["arn:aws:s3:::b/k"]);
    let (verdict, found) = ask(&mut world, user("alice").arn(), get());
    assert_eq!((verdict, found.matched[0].policy.as_str()), (Verdict::Allow, "group_g_read"));
    assert_eq!(ask(&mut world, group("g").arn(), get()).0, Verdict::Allow);
    let put = || simulation(&["s3:PutObject"], &["arn:aws:s3:::b/k"]);
    assert_eq!(ask(&mut world, user("alice").arn(), put()).0, Verdict::ImplicitDeny);
    let more = Simulation { policies: vec![allow("s3:PutObject")], ..put() };
    assert_eq!(ask(&mut world, user("alice").arn(), more.clone()).0, Verdict::Allow);
    let boundary = world.make_policy("B", allow("s3:GetObject"));
    world.act(&PutUserPermissionsBoundary { user: user("alice"), boundary }).unwrap();
    let (verdict, found) = ask(&mut world, user("alice").arn(), more.clone());
    assert_eq!((verdict, found.boundary), (Verdict::ImplicitDeny, Some(policy::Says::Nothing)));
    let wider = Simulation { boundary: Some(allow("s3:*")), ..more };
    let (verdict, found) = ask(&mut world, user("alice").arn(), wider);
    assert_eq!((verdict, found.boundary), (Verdict::Allow, Some(policy::Says::Allows)));
    let nobody = user("nobody").arn();
    let missing = SimulatePrincipalPolicy { source: nobody, simulation: get() };
    assert!(matches!(world.act(&missing), Err(IdentityError::NoSuchEntity { .. })));
    let source = user("alice").arn();
    let keys = GetContextKeysForPrincipalPolicy { source, policies: Vec::new() };
    assert!(world.act(&keys).unwrap().is_empty());
}

#[test]
fn a_simulation_tells_its_actions_in_pages() {
    let mut world = World::new();
    let asked = simulation(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], &[]);
    let page = PageRequest::new(None, Some(2)).unwrap();
    let first = Simulation { page, ..asked.clone() };
    let first = world.act(&SimulateCustomPolicy { account: home(), simulation: first }).unwrap();
    assert_eq!(first.items.len(), 2);
    let page = PageRequest::new(first.next, Some(2)).unwrap();
    let rest = custom(&mut world, Simulation { page, ..asked });
    assert_eq!(rest.iter().map(|one| one.action.as_str()).collect::<Vec<_>>(), ["s3:DeleteObject"]);
}

/// Whether somebody may do anything of a service that not everybody may, by asking for each of its
/// actions.
fn may_any(world: &World, (caller, bare): (&Caller, &Caller), service: &str) -> bool {
    let may = |caller: &Caller, row: &policy::actions::ActionRow| {
        let policies = world.state.policies_of(caller);
        let check = policy::operation::Check {
            action: row.name().parse().unwrap(),
            resource: "arn:aws:s3:::b/k".parse().unwrap(),
            need: policy::operation::Need::Required,
            with: Vec::new(),
        };
        let question = policy::Question {
            principal: caller.principal(),
            caller: &policies,
            resource: &policy::ResourceSide::plain(Some(home())),
            facts: &policy::facts::Facts::default(),
            revision: world.state.revision(),
        };
        policy::decide(&check, &question).is_allowed()
    };
    let of_service =
        |row: &&policy::actions::ActionRow| row.name().split(':').next() == Some(service);
    let mut own = policy::actions::all().iter().filter(of_service);
    own.any(|row| may(caller, row) && !may(bare, row))
}

/// Statements with every kind of wildcard, one that is about nothing, and one that grants nothing.
const GRANTING: [(&str, &str); 9] = [
    ("Everything", r#""Effect": "Allow", "Action": "*""#),
    ("Service", r#""Effect": "Allow", "Action": "s3:*""#),
    ("Case", r#""Effect": "Allow", "Action": "S3:gETobject""#),
    ("Inside", r#""Effect": "Allow", "Action": "iam:*User""#),
    ("Letter", r#""Effect": "Allow", "Action": ["sts:Assume?ole", "sts:Nothing"]"#),
    ("Others", r#""Effect": "Allow", "NotAction": ["s3:*", "iam:*"]"#),
    ("NoOthers", r#""Effect": "Allow", "NotAction": "*""#),
    ("Nothing", r#""Effect": "Allow", "Action": "s3:Nothing*""#),
    ("Deny", r#""Effect": "Deny", "Action": "*""#),
];

/// The one lookup of rights that there is, by services: it reads statements where the engine
/// decides requests, and must say the same of every principal, wildcards and all.
/// corpus: POL-28
/// oracle: answer, twin
#[test]
fn which_policies_grant_a_service_is_what_asking_for_all_its_actions_says() {
    let mut world = World::new();
    let services: BTreeSet<&str> =
        policy::actions::all().iter().filter_map(|row| row.name().split(':').next()).collect();
    let services: Vec<String> = services.into_iter().map(str::to_owned).collect();
    world.make_user("bare");
    let (_, bare) = world.key_of("bare");
    for (name, body) in GRANTING {
        let text =
            format!(r#"{{"Version": "2012-10-17", "Statement": {{{body}, "Resource": "*"}}}}"#);
        let document = StoredPolicy::parse(&text, Kind::Identity).unwrap();
        let policy = world.make_policy(name, document.clone());
        // Each principal has the one policy: attached, written in, or by its group.
        let whose = ["attached", "inline", "member"].map(|how| format!("{how}-{name}"));
        let [attached, inline, member] = whose.each_ref().map(|who| user(who));
        whose.iter().for_each(|who| drop(world.make_user(who)));
        world.act(&AttachUserPolicy { user: attached, policy: policy.clone() }).unwrap();
        let put = PutUserPolicy { user: inline, name: "own".parse().unwrap(), document };
        world.act(&put).unwrap();
        world.make_group(name);
        let group = group(name);
        world.act(&AddUserToGroup { group: group.clone(), user: member.name }).unwrap();
        world.act(&AttachGroupPolicy { group, policy }).unwrap();
        for who in &whose {
            let (entity, services) = (user(who).arn(), services.clone());
            let ask = ListPoliciesGrantingServiceAccess { entity, services };
            let told = world.act(&ask).unwrap();
            let (_, caller) = world.key_of(who);
            for told in told {
                let asked = may_any(&world, (&caller, &bare), &told.service);
                assert_eq!(!told.policies.is_empty(), asked, "{who} {}", told.service);
            }
        }
    }
}
