//! `delegation = "subset"`: nobody makes anything that exceeds its maker, whatever policies let
//! them do; and whatever does not exceed them they make as ever.

use audit::Clock;
use names::PolicyName;
use policy::Kind;
use policy::operation::{Check, Need};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::escalation::{Bounds, Case, WAYS};
use crate::ops::*;
use crate::session::Bulk;
use crate::testing::*;
use crate::*;

/// Mallory, whom nothing bounds and who may do everything of IAM, in an installation that lets
/// nobody give more than they have.
fn strict() -> Case {
    let mut case = Case::new(Bounds::Free);
    case.world.quotas.delegation = Delegation::Subset;
    case
}

fn own() -> PolicyName {
    "own".parse().unwrap()
}

/// What is refused because it exceeds, by the name of what it is.
#[track_caller]
fn exceeds<T: std::fmt::Debug>(done: Result<T, IdentityError>, of: &str, example: &str) {
    match done {
        Err(IdentityError::Exceeds { what, excess }) => {
            assert!(what.contains(of), "{what}");
            assert!(excess.contains(example), "{excess}");
        }
        other => panic!("{other:?}"),
    }
}

impl Case {
    fn makes<Op: Perform>(&mut self, op: &Op) -> Result<Op::Output, IdentityError> {
        self.world.act_as(&self.mallory.clone(), op, None)
    }

    fn puts(&mut self, name: &str, document: StoredPolicy) -> Result<(), IdentityError> {
        self.makes(&PutUserPolicy { user: user(name), name: own(), document })
    }
}

fn policy(statements: &Value) -> StoredPolicy {
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    StoredPolicy::parse(&text, Kind::Identity).unwrap()
}

#[test]
fn every_published_way_is_closed_without_any_boundary() {
    for (name, go) in WAYS {
        let mut case = strict();
        let after = go(&mut case);
        assert!(after.is_none_or(|after| !case.rules(&after) && !case.writes(&after)), "{name}");
        assert!(!case.rules(&case.mallory) && !case.writes(&case.mallory), "{name}: herself");
    }
}

#[test]
fn what_one_has_one_gives_and_no_more() {
    let mut case = strict();
    case.world.make_user("new");
    case.puts("new", allow("s3:GetObject")).unwrap();
    case.puts("new", allow("iam:*")).unwrap();
    exceeds(case.puts("new", allow("s3:PutObject")), "user new", "s3:PutObject on ");
    exceeds(case.puts("new", allow("s3:*")), "user new", "s3:");
    let narrow = policy(&json!({ "Effect": "Allow", "Action": "s3:*",
        "Resource": "arn:aws:s3:::b/*" }));
    exceeds(case.puts("new", narrow), "user new", "arn:aws:s3:::b/");
    let create = |name: &str, document| {
        let tags = Tags::default();
        CreatePolicy { policy: managed(name), document, description: None, tags }
    };
    case.makes(&create("fits", allow("s3:GetObject"))).unwrap();
    exceeds(case.makes(&create("wide", allow("s3:PutObject"))), "policy wide", "s3:PutObject");
    let default = NewDefault::Keep;
    let version =
        |document| CreatePolicyVersion { policy: managed("fits").arn(), document, default };
    case.makes(&version(allow("iam:GetUser"))).unwrap();
    exceeds(case.makes(&version(allow("s3:PutObject"))), "version v3", "s3:PutObject");
}

#[test]
fn the_root_gives_everything_and_so_does_everybody_where_delegation_is_as_on_aws() {
    let mut case = strict();
    case.world.make_user("new");
    let all = PutUserPolicy { user: user("new"), name: own(), document: allow("*") };
    exceeds(case.makes(&all), "user new", " on ");
    case.world.act(&all).unwrap();
    let mut case = Case::new(Bounds::Free);
    case.world.make_user("new");
    case.makes(&all).unwrap();
}

#[test]
fn whoever_has_more_than_one_has_is_out_of_reach() {
    let mut case = strict();
    let holder = KeyHolder::User(user("admin"));
    exceeds(case.makes(&CreateAccessKey { holder }), "access key", " on ");
    let password = |name: &str| {
        let password: Password = "Correct-horse-battery-9".parse().unwrap();
        let now = case.world.clock.now();
        let login = LoginProfile {
            user: case.world.state.user(home(), name).unwrap().id.clone(),
            created: now,
            changed: now,
            password: PasswordHash::of(&password, [7; 16]).unwrap(),
            reset: PasswordReset::NotRequired,
            former: Vec::new(),
        };
        let changes = [Change::LoginProfile(std::sync::Arc::new(login))];
        delegation::within(&case.world.state, &changes, Some(&case.mallory))
    };
    exceeds(password("admin"), "user admin", " on ");
    password("mallory").unwrap();
    let trust = trusts_user("mallory");
    let update = UpdateAssumeRolePolicy { role: role("Admin"), trust };
    exceeds(case.makes(&update), "role Admin", " on ");
    case.world.make_user("new");
    case.makes(&CreateAccessKey { holder: KeyHolder::User(user("new")) }).unwrap();
    case.makes(&CreateAccessKey { holder: KeyHolder::User(user("mallory")) }).unwrap();
    case.makes(&UpdateAssumeRolePolicy { role: role("Hers"), trust: trusts_user("new") }).unwrap();
}

#[test]
fn what_is_taken_away_may_be_taken_but_not_what_denied_or_bounded() {
    let mut case = strict();
    let deny = case.world.make_policy("deny", statement("Deny", "s3:Put*", Kind::Identity));
    let attach = AttachUserPolicy { user: user("admin"), policy: deny.clone() };
    case.makes(&attach).unwrap();
    let detach = DetachUserPolicy { user: user("admin"), policy: deny.clone() };
    exceeds(case.makes(&detach), "user admin", " on ");
    let default = NewDefault::Switch;
    let softer = CreatePolicyVersion { policy: deny, document: allow("s3:GetObject"), default };
    exceeds(case.makes(&softer), "policy deny", "s3:Put");
    let everything = managed("everything").arn();
    case.makes(&DetachUserPolicy { user: user("admin"), policy: everything.clone() }).unwrap();
    case.makes(&detach).unwrap();
    let boundary = case.world.make_policy("bounds", allow("s3:GetObject"));
    let create =
        CreateUser { user: user("bound"), tags: Tags::default(), boundary: Some(boundary) };
    case.world.act(&create).unwrap();
    case.makes(&AttachUserPolicy { user: user("bound"), policy: everything }).unwrap();
    let free = DeleteUserPermissionsBoundary { user: user("bound") };
    exceeds(case.makes(&free), "user bound", " on ");
    let wider = case.world.make_policy("wider", allow("s3:*"));
    let widen = PutUserPermissionsBoundary { user: user("bound"), boundary: wider };
    exceeds(case.makes(&widen), "user bound", "s3:");
}

#[test]
fn groups_give_what_they_have_to_whom_they_take_in() {
    let mut case = strict();
    case.world.make_user("new");
    let join = |name: &str| AddUserToGroup { group: group(name), user: user("new").name };
    exceeds(case.makes(&join("admins")), "user new", " on ");
    case.makes(&join("hers")).unwrap();
    let put = |document| PutGroupPolicy { group: group("hers"), name: own(), document };
    case.makes(&put(allow("s3:GetObject"))).unwrap();
    exceeds(case.makes(&put(allow("s3:PutObject"))), "group hers", "s3:PutObject");
}

#[test]
fn what_depends_on_who_asks_is_not_what_its_maker_has() {
    let mut case = strict();
    let homes = |name: &str| {
        policy(&json!({ "Effect": "Allow", "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::homes/{name}/*") }))
    };
    let document = homes("${aws:username}");
    case.world.act(&PutUserPolicy { user: user("mallory"), name: own(), document }).unwrap();
    case.world.make_user("new");
    exceeds(case.puts("new", homes("${aws:username}")), "user new", "s3:PutObject");
    exceeds(case.puts("new", homes("mallory")), "user new", "s3:PutObject");
    // She herself has it, and so may her own keys.
    case.makes(&CreateAccessKey { holder: KeyHolder::User(user("mallory")) }).unwrap();
    let all = homes("*");
    let give = PutUserPolicy { user: user("mallory"), name: "all".parse().unwrap(), document: all };
    case.world.act(&give).unwrap();
    case.puts("new", homes("${aws:username}")).unwrap();
}

#[test]
fn a_narrowed_session_gives_no_more_than_it_has_even_to_its_own_user() {
    let mut case = strict();
    let mut session = case.mallory.clone();
    let keys = CreateAccessKey { holder: KeyHolder::User(user("mallory")) };
    let facts = |policy: Option<StoredPolicy>| SessionFacts {
        issued: case.world.clock.now(),
        expires: case.world.clock.now(),
        bulk: std::sync::Arc::new(Bulk { policy, ..Bulk::default() }),
        policy_arns: Vec::new(),
        tags: Tags::default(),
        transitive: Vec::new(),
        source_identity: None,
        authenticated_at: None,
        mfa: None,
        external: None,
        kind: SessionKind::Own,
    };
    let (narrow, whole) = (facts(Some(allow("iam:*"))), facts(None));
    session.session = Some(std::sync::Arc::new(narrow));
    let done = case.world.act_as(&session, &keys, None);
    exceeds(done, "access key", "");
    session.session = Some(std::sync::Arc::new(whole));
    case.world.act_as(&session, &keys, None).unwrap();
}

#[test]
fn other_accounts_and_the_organisation_are_for_whom_nothing_exceeds() {
    let mut case = strict();
    let create = || CreateAccount {
        operator: home(),
        name: "third".parse().unwrap(),
        id: None,
        key: RootKey::Generate,
    };
    exceeds(case.makes(&create()), "account", " on ");
    case.world.act(&create()).unwrap();
}

#[test]
fn a_bucket_policy_gives_no_more_than_its_maker_has_on_the_bucket() {
    let mut case = strict();
    let owned = BucketChange::Create {
        bucket: "box".parse().unwrap(),
        owner: home(),
        ownership: None,
        public_access: Some(PublicAccessBlock::ALL),
        acl: None,
    };
    let now = case.world.clock.now();
    let made = bucket::change(&case.world.state, owned, now).unwrap();
    case.world.append(Delta::new(now, made).encode().unwrap());
    let set = |case: &Case, effect: &str, action: &str| {
        let text = json!({ "Version": "2012-10-17", "Statement": { "Effect": effect,
            "Principal": "*", "Action": action, "Resource": "arn:aws:s3:::box/*" } });
        let policy = StoredPolicy::parse(&text.to_string(), Kind::Bucket).unwrap();
        let bucket = "box".parse().unwrap();
        let change = BucketChange::SetPolicy { bucket, policy };
        bucket::change(&case.world.state, change, now).unwrap()
    };
    let within = |case: &Case, changes: &[Change]| {
        delegation::within(&case.world.state, changes, Some(&case.mallory))
    };
    within(&case, &set(&case, "Allow", "s3:GetObject")).unwrap();
    exceeds(within(&case, &set(&case, "Allow", "s3:PutObject")), "bucket box", "s3:PutObject");
    let deny = set(&case, "Deny", "s3:PutObject");
    within(&case, &deny).unwrap();
    case.world.append(Delta::new(now, deny).encode().unwrap());
    exceeds(within(&case, &set(&case, "Allow", "s3:GetObject")), "bucket box", "s3:");
    let (bucket, block) = ("box".parse().unwrap(), None);
    let open = BucketChange::SetPublicAccessBlock { bucket, block };
    let open = bucket::change(&case.world.state, open, now).unwrap();
    exceeds(within(&case, &open), "bucket box", "s3:");
}

const ACTIONS: [&str; 3] = ["s3:GetObject", "s3:PutObject", "iam:PutUserPolicy"];
const RESOURCES: [&str; 3] = ["arn:aws:s3:::b/k", "arn:aws:s3:::b/x", "arn:aws:s3:::c/k"];

fn a_statement() -> impl Strategy<Value = Value> {
    let action = prop::sample::select(vec!["s3:GetObject", "s3:*", "s3:Put*", "*", "iam:*"]);
    let resource = prop::sample::select(vec!["arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "*"]);
    let effect = prop::sample::select(vec!["Allow", "Allow", "Deny"]);
    (effect, action, resource).prop_map(|(effect, action, resource)| {
        json!({ "Effect": effect, "Action": action, "Resource": resource })
    })
}

fn a_policy() -> impl Strategy<Value = StoredPolicy> {
    prop::collection::vec(a_statement(), 1..3).prop_map(|all| policy(&json!(all)))
}

/// A step: what is done, with which policy, to which of three users.
fn a_step() -> impl Strategy<Value = (usize, usize, StoredPolicy)> {
    (0..7_usize, 0..3_usize, a_policy())
}

const USERS: [&str; 3] = ["one", "two", "maker"];

/// What each of the users may, over the small universe.
fn rights(world: &World) -> Vec<Vec<bool>> {
    let of = |name: &&str| {
        let id = world.state.user(home(), name).unwrap().id.clone();
        let policies = world.state.policies_of_principal(&id);
        let principal = policy::principal::Principal::User {
            account: home(),
            name: name.parse().unwrap(),
            arn: user(name).arn(),
            id,
        };
        let asks = ACTIONS.iter().flat_map(|action| RESOURCES.iter().map(move |on| (action, on)));
        let may = |(action, on): (&&str, &&str)| {
            let check = Check {
                action: action.parse().unwrap(),
                resource: on.parse().unwrap(),
                need: Need::Required,
                with: Vec::new(),
            };
            let question = ::policy::Question {
                principal: &principal,
                caller: &policies,
                resource: &::policy::ResourceSide::plain(Some(home())),
                facts: &::policy::facts::Facts::default(),
                revision: world.state.revision(),
            };
            ::policy::decide(&check, &question).is_allowed()
        };
        asks.map(may).collect()
    };
    USERS.iter().map(of).collect()
}

/// Does a step as the maker.
fn step(world: &mut World, maker: &Caller, (what, whom, document): &(usize, usize, StoredPolicy)) {
    let (user, document) = (user(USERS[*whom]), document.clone());
    let (shared, default) = (managed("shared").arn(), NewDefault::Switch);
    let done = match what {
        0 => world.act_as(maker, &PutUserPolicy { user, name: own(), document }, None),
        1 => world.act_as(maker, &DeleteUserPolicy { user, name: own() }, None),
        2 => world.act_as(maker, &AttachUserPolicy { user, policy: shared }, None),
        3 => world.act_as(maker, &DetachUserPolicy { user, policy: shared }, None),
        4 => {
            let op = CreatePolicyVersion { policy: shared, document, default };
            world.act_as(maker, &op, None).map(|_| ())
        }
        5 => {
            let op = AddUserToGroup { group: group("all"), user: user.name };
            world.act_as(maker, &op, None)
        }
        _ => {
            let op = PutGroupPolicy { group: group("all"), name: own(), document };
            world.act_as(maker, &op, None)
        }
    };
    // Whether it was refused is the other test's matter.
    let _ = done;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Whatever the policies are, and in whatever order things are done: nobody ever may anything
    /// that they could not before and that their maker could not either.
    #[test]
    fn nothing_that_anybody_makes_ever_exceeds_its_maker(
        first in prop::collection::vec(a_policy(), 3),
        shared in a_policy(),
        steps in prop::collection::vec(a_step(), 1..6),
    ) {
        let mut world = World::new();
        world.make_policy("shared", shared);
        world.make_group("all");
        for (name, document) in USERS.iter().zip(first) {
            world.make_user(name);
            let (user, name) = (user(name), "first".parse().unwrap());
            world.act(&PutUserPolicy { user, name, document }).unwrap();
        }
        let (_, maker) = world.key_of("maker");
        world.quotas.delegation = Delegation::Subset;
        for one in &steps {
            let before = rights(&world);
            step(&mut world, &maker, one);
            let after = rights(&world);
            for (user, (was, is)) in before.iter().zip(&after).enumerate() {
                for (place, (was, is)) in was.iter().zip(is).enumerate() {
                    prop_assert!(!is || *was || before[2][place], "{} {place} {one:?}", USERS[user]);
                }
            }
        }
    }

    /// And what does not exceed is not refused: a policy that allows what a statement of the
    /// maker's own does.
    #[test]
    fn a_copy_of_what_one_has_is_always_given(
        statements in prop::collection::vec(a_statement(), 1..3),
    ) {
        let mut world = World::new();
        let document = policy(&json!(statements));
        for name in ["maker", "one"] {
            world.make_user(name);
        }
        let (name, to) = (own(), user("maker"));
        world.act(&PutUserPolicy { user: to, name, document: document.clone() }).unwrap();
        let (_, maker) = world.key_of("maker");
        world.quotas.delegation = Delegation::Subset;
        let give = PutUserPolicy { user: user("one"), name: own(), document };
        prop_assert!(world.act_as(&maker, &give, None).is_ok());
    }
}
