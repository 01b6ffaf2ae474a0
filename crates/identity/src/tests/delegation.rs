//! A search through everything that somebody can do who may manage users, roles, groups and
//! policies, but only such as have a boundary: no order of operations gives anybody whom she
//! controls a right that the boundary does not have. Where the boundary has one of the known holes,
//! the same search finds the way out.
//!
//! A state of the search is who has which policies, boundaries, keys and trust, and whom she
//! controls; a step is an operation of IAM or STS, decided by the engine and done by this room.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};

use names::{AccessKeyId, Arn};
use policy::Kind;
use policy::operation::Operation;

use crate::ops::*;
use crate::state::State;
use crate::testing::*;
use crate::*;

/// What she may do to whom she made: only with the boundary on it.
const DELEGATION: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "Own", "Effect": "Allow", "Action": ["s3:GetObject", "sts:AssumeRole"], "Resource": "*"},
    {"Sid": "Bounded", "Effect": "Allow", "Action": ["iam:CreateUser", "iam:CreateRole",
        "iam:Attach*Policy", "iam:Detach*Policy", "iam:Put*Policy", "iam:Delete*Policy",
        "iam:PutUserPermissionsBoundary", "iam:PutRolePermissionsBoundary"],
        "Resource": ["arn:aws:iam::*:user/*", "arn:aws:iam::*:role/*"],
        "Condition": {"StringEquals": {"iam:PermissionsBoundary": "BOUNDARY"}}},
    {"Sid": "Made", "Effect": "Allow", "Action": ["iam:CreateAccessKey", "iam:DeleteUser",
        "iam:UpdateAssumeRolePolicy", "iam:DeleteRole", "strongroom:CreateServiceAccount",
        "iam:CreateLoginProfile", "iam:UpdateLoginProfile"],
        "Resource": ["arn:aws:iam::*:user/x-*", "arn:aws:iam::*:role/x-*"]},
    {"Sid": "Groups", "Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::*:group/*"},
    {"Sid": "Policies", "Effect": "Allow", "Action": "iam:*",
        "Resource": "arn:aws:iam::*:policy/x-*"}]}"#;

/// Somebody whose credentials she has.
#[derive(Clone)]
struct Held {
    key: AccessKeyId,
    token: Option<String>,
}

/// A state of the search.
#[derive(Clone)]
struct Node {
    state: State,
    held: Vec<Held>,
    way: Vec<&'static str>,
}

/// Where the search is; the world is only the room to act in.
struct Search {
    world: World,
    seen: HashSet<u64>,
    everything: Arn,
    boundary: Arn,
}

/// How a search ended.
#[derive(Debug)]
enum End {
    /// Somebody she controls may write, by this way.
    Escape(Vec<&'static str>),
    /// So many states, and nobody may.
    Held { states: usize, whole: bool },
}

type Verb = (&'static str, fn(&mut Search, &Caller) -> Option<Option<Held>>);

impl Search {
    fn new(boundary: &str) -> (Self, Node) {
        let mut world = World::new();
        for name in ["mallory", "admin"] {
            world.make_user(name);
        }
        let everything = world.make_policy("everything", allow("*"));
        world.make_policy("x-policy", allow("s3:GetObject"));
        world.make_group("x-group");
        world.make_group("admins");
        world.make_role("Admin", trusts_user("admin"));
        for name in ["admin", "mallory"] {
            let attach = AttachUserPolicy { user: user(name), policy: everything.clone() };
            world.act(&attach).unwrap();
        }
        let policy = everything.clone();
        world.act(&AttachGroupPolicy { group: group("admins"), policy: policy.clone() }).unwrap();
        world.act(&AttachRolePolicy { role: role("Admin"), policy }).unwrap();
        let text = boundary.replace("BOUNDARY", managed("boundary").arn().as_str());
        let document = StoredPolicy::parse(&text, Kind::Identity).unwrap();
        let boundary = world.make_policy("boundary", document);
        let put = PutUserPermissionsBoundary { user: user("mallory"), boundary: boundary.clone() };
        world.act(&put).unwrap();
        let (new, _) = world.key_of("mallory");
        let held = vec![Held { key: new.key.id.clone(), token: None }];
        let first = Node { state: world.state.clone(), held, way: Vec::new() };
        (Self { world, seen: HashSet::new(), everything, boundary }, first)
    }

    fn caller(&self, held: &Held) -> Option<Caller> {
        match self.world.resolve(&held.key, held.token.as_deref()) {
            Resolution::Known(known) if known.standing == Standing::Live => Some(known.caller),
            _ => None,
        }
    }

    /// Does something as one of those whom she controls, if policies let it.
    fn tries<Op: Perform + RequestFacts + Operation>(
        &mut self,
        caller: &Caller,
        op: &Op,
    ) -> Option<Op::Output> {
        if !self.world.allows(caller, op) {
            return None;
        }
        self.world.act_as(caller, op, None).ok()
    }

    /// Breadth first, until so many states are seen.
    fn run(mut self, first: Node, states_max: usize) -> End {
        let mut next = VecDeque::from([first]);
        while let Some(node) = next.pop_front() {
            for held in node.held.clone() {
                for (name, verb) in VERBS {
                    self.world.state = node.state.clone();
                    self.world.history.clear();
                    let Some(caller) = self.caller(&held) else { break };
                    let Some(gained) = verb(&mut self, &caller) else { continue };
                    let mut own = node.clone();
                    own.state = self.world.state.clone();
                    own.held.extend(gained);
                    own.way.push(name);
                    match self.arrive(own) {
                        Ok(Some(fresh)) => next.push_back(fresh),
                        Ok(None) => {}
                        Err(way) => return End::Escape(way),
                    }
                    if self.seen.len() >= states_max {
                        return End::Held { states: self.seen.len(), whole: false };
                    }
                }
            }
        }
        End::Held { states: self.seen.len(), whole: true }
    }

    /// Looks at a state: `None` if it was seen, `Err` if somebody there may write.
    fn arrive(&mut self, mut node: Node) -> Result<Option<Node>, Vec<&'static str>> {
        let mut names = BTreeSet::new();
        let mut held = Vec::new();
        for one in &node.held {
            let Some(caller) = self.caller(one) else { continue };
            let kind = if one.token.is_some() { "session" } else { "key" };
            if names.insert(format!("{kind} {:?}", caller.who.principal.arn())) {
                held.push((one.clone(), caller));
            }
        }
        let mut hasher = DefaultHasher::new();
        (self.print(&node.state), names).hash(&mut hasher);
        if !self.seen.insert(hasher.finish()) {
            return Ok(None);
        }
        if held.iter().any(|(_, caller)| super::escalation::may_write(&self.world, caller)) {
            return Err(node.way);
        }
        node.held = held.into_iter().map(|(one, _)| one).collect();
        Ok(Some(node))
    }

    /// Who has what, by names: two states that differ in nothing else are the same.
    fn print(&self, state: &State) -> String {
        let mut text = String::new();
        let policies = |text: &mut String, own: &Policies, boundary: Option<&Arn>| {
            for (name, document) in &own.inline {
                let _ = write!(text, " {name}={}", document.text());
            }
            let _ = write!(text, " {:?} {boundary:?}", own.attached);
        };
        for user in state.users.of(home(), None) {
            let groups: Vec<_> =
                user.groups.iter().filter_map(|id| state.groups.by_id(id)).collect();
            let groups: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
            let _ = write!(text, "\nuser {} {groups:?}", user.name);
            policies(&mut text, &user.policies, user.boundary.as_ref());
        }
        for group in state.groups.of(home(), None) {
            let _ = write!(text, "\ngroup {}", group.name);
            policies(&mut text, &group.policies, None);
        }
        for role in state.roles.of(home(), None) {
            let _ = write!(text, "\nrole {} {}", role.name, state.thaw(&role.trust));
            policies(&mut text, &role.policies, role.boundary.as_ref());
        }
        for policy in state.policies.of(home(), None) {
            let says = policy.versions.values().map(|version| version.document.text());
            let now = policy.default_version().map(|version| version.document.text());
            let _ = write!(
                text,
                "\npolicy {} {:?} {now:?}",
                policy.name,
                says.collect::<BTreeSet<_>>()
            );
        }
        text
    }

    fn assume(&mut self, caller: &Caller, name: &str) -> Option<Option<Held>> {
        let op = self.world.assume_op(caller, name);
        if self.world.state.role(home(), name).is_none() || !self.world.allows(caller, &op) {
            return None;
        }
        let drawn = op.drawn.clone();
        let made = self.world.act_as(caller, &op, Some(&drawn)).ok()?.credentials;
        Some(Some(Held { key: made.key, token: Some(made.token) }))
    }

    fn key(&mut self, caller: &Caller, name: &str) -> Option<Option<Held>> {
        let new = self.tries(caller, &CreateAccessKey { holder: KeyHolder::User(user(name)) })?;
        Some(Some(Held { key: new.key.id.clone(), token: None }))
    }
}

fn inline() -> names::PolicyName {
    "own".parse().unwrap()
}

/// A step that gains nobody's credentials.
macro_rules! step {
    ($name:literal, $op:expr) => {
        ($name, |s, caller| {
            let make: fn(&Search) -> _ = $op;
            let op = make(s);
            s.tries(caller, &op).map(|_| None)
        })
    };
}

/// What the published ways are made of, on whom she finds and whom she makes.
const VERBS: &[Verb] = &[
    step!("create x-user", |s| CreateUser {
        user: user("x-user"),
        tags: Tags::default(),
        boundary: Some(s.boundary.clone()),
    }),
    step!("create x-user unbounded", |_| CreateUser {
        user: user("x-user"),
        tags: Tags::default(),
        boundary: None,
    }),
    step!("create x-role", |s| new_role(Some(s.boundary.clone()))),
    step!("create x-role unbounded", |_| new_role(None)),
    ("key of x-user", |s, caller| s.key(caller, "x-user")),
    ("key of admin", |s, caller| s.key(caller, "admin")),
    ("assume x-role", |s, caller| s.assume(caller, "x-role")),
    ("assume Admin", |s, caller| s.assume(caller, "Admin")),
    ("service account of x-user", |s, caller| {
        let create = CreateServiceAccount {
            parent: ServiceParent::User(user("x-user")),
            restriction: Restriction::of(caller),
            name: "bot".parse().unwrap(),
            description: None,
            expires: None,
            policy: None,
            key: RootKey::Generate,
        };
        let new = s.tries(caller, &create)?;
        Some(Some(Held { key: new.key.id.clone(), token: None }))
    }),
    step!("trust of x-role", |_| trust("x-role")),
    step!("trust of Admin", |_| trust("Admin")),
    step!("attach to herself", |_| AttachUserPolicy {
        user: user("mallory"),
        policy: managed("x-policy").arn(),
    }),
    step!("attach to x-user", |s| AttachUserPolicy {
        user: user("x-user"),
        policy: s.everything.clone(),
    }),
    step!("detach from x-user", |s| DetachUserPolicy {
        user: user("x-user"),
        policy: s.everything.clone(),
    }),
    step!("attach to x-role", |s| AttachRolePolicy {
        role: role("x-role"),
        policy: s.everything.clone(),
    }),
    step!("attach to x-group", |s| AttachGroupPolicy {
        group: group("x-group"),
        policy: s.everything.clone(),
    }),
    step!("detach from x-group", |s| DetachGroupPolicy {
        group: group("x-group"),
        policy: s.everything.clone(),
    }),
    step!("inline of herself", |_| put_user("mallory")),
    step!("inline of x-user", |_| put_user("x-user")),
    step!("delete inline of x-user", |_| DeleteUserPolicy { user: user("x-user"), name: inline() }),
    step!("inline of x-role", |_| PutRolePolicy {
        role: role("x-role"),
        name: inline(),
        document: allow("*"),
    }),
    step!("inline of x-group", |_| PutGroupPolicy {
        group: group("x-group"),
        name: inline(),
        document: allow("s3:*"),
    }),
    step!("join x-group", |_| join("x-group", "mallory")),
    step!("join admins", |_| join("admins", "mallory")),
    step!("x-user joins admins", |_| join("admins", "x-user")),
    step!("x-user leaves admins", |_| RemoveUserFromGroup {
        group: group("admins"),
        user: user("x-user").name,
    }),
    step!("version of x-policy", |_| version("x-policy")),
    step!("version of the boundary", |_| version("boundary")),
    step!("default of x-policy", |_| SetDefaultPolicyVersion {
        policy: managed("x-policy").arn(),
        version: PolicyVersionId(1),
    }),
    step!("bound herself by everything", |s| bound(s, "mallory")),
    step!("bound x-user by everything", |s| bound(s, "x-user")),
    step!("bound x-role by everything", |s| PutRolePermissionsBoundary {
        role: role("x-role"),
        boundary: s.everything.clone(),
    }),
    step!("unbind herself", |_| unbind("mallory")),
    step!("unbind x-user", |_| unbind("x-user")),
    step!("unbind x-role", |_| DeleteRolePermissionsBoundary { role: role("x-role") }),
    step!("delete x-user", |_| DeleteUser { user: user("x-user") }),
    step!("delete x-role", |_| DeleteRole { role: role("x-role") }),
];

fn new_role(boundary: Option<Arn>) -> CreateRole {
    CreateRole {
        role: role("x-role"),
        trust: trusts_user("mallory"),
        description: None,
        max_session_seconds: None,
        tags: Tags::default(),
        boundary,
    }
}

fn trust(name: &str) -> UpdateAssumeRolePolicy {
    UpdateAssumeRolePolicy { role: role(name), trust: trusts_user("mallory") }
}

fn put_user(name: &str) -> PutUserPolicy {
    PutUserPolicy { user: user(name), name: inline(), document: allow("*") }
}

fn join(to: &str, name: &str) -> AddUserToGroup {
    AddUserToGroup { group: group(to), user: user(name).name }
}

fn version(name: &str) -> CreatePolicyVersion {
    let (policy, document) = (managed(name).arn(), allow("*"));
    CreatePolicyVersion { policy, document, default: NewDefault::Switch }
}

fn bound(search: &Search, name: &str) -> PutUserPermissionsBoundary {
    PutUserPermissionsBoundary { user: user(name), boundary: search.everything.clone() }
}

fn unbind(name: &str) -> DeleteUserPermissionsBoundary {
    DeleteUserPermissionsBoundary { user: user(name) }
}

fn searched(boundary: &str, states_max: usize) -> End {
    let (search, first) = Search::new(boundary);
    search.run(first, states_max)
}

/// How many states are looked at: among the ordinary tests, and by `cargo xtask campaign
/// escalation`, which builds these tests with this variable.
const STATES: usize = match option_env!("STRONGROOM_CAMPAIGN") {
    Some(_) => 1_000_000,
    None => 400,
};

/// corpus: ADM-16
#[test]
fn whoever_may_only_make_whom_the_boundary_binds_never_gets_past_it() {
    let end = searched(DELEGATION, STATES);
    println!("{end:?}");
    assert!(matches!(end, End::Held { states: STATES, whole: false }), "{end:?}");
}

#[test]
fn the_search_finds_the_way_out_of_each_boundary_that_has_a_hole() {
    let bounded = r#""Condition": {"StringEquals": {"iam:PermissionsBoundary": "BOUNDARY"}}"#;
    let hole = |from: &str, to: &str| {
        assert!(DELEGATION.contains(from), "{from}");
        DELEGATION.replace(from, to)
    };
    for (name, boundary) in [
        ("nobody need be bound", hole(bounded, r#""Condition": {}"#)),
        (
            "a boundary can be taken away",
            hole(r#""iam:PutUserPermissionsBoundary", "#, r#""iam:*PermissionsBoundary", "#),
        ),
        ("the boundary itself can be changed", hole("policy/x-*", "policy/*")),
        ("anybody's key can be made", hole("user/x-*", "user/*")),
        ("anybody's role can be trusted", hole("role/x-*", "role/*")),
    ] {
        let end = searched(&boundary, 20_000);
        assert!(matches!(&end, End::Escape(way) if !way.is_empty()), "{name}: {end:?}");
    }
}
