//! A search through everything that somebody can do who may manage users, roles, groups and
//! policies, but only such as have a boundary: no order of operations gives anybody whom she
//! controls a right that the boundary does not have. Where the boundary has one of the known holes,
//! the same search finds the way out.
//!
//! A state of the search is who has which policies, boundaries, keys and trust, and whom she
//! controls; a step is an operation of IAM or STS, decided by the engine and done by this room.
//!
//! In every state it is also asked what a bucket's policy would give each of them. What gets past
//! the boundary that way is what AWS documents to ("Policy evaluation logic": a resource's policy
//! that names the user, the session or everybody is not limited by a boundary), and nothing else.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use names::{AccessKeyId, Arn};
use policy::operation::Operation;
use policy::principal::Principal;
use policy::{Kind, ResourceSide};

use crate::delta::Delta;
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
    token: Option<Arc<str>>,
}

/// A state of the search whose steps are taken.
struct Node {
    state: State,
    held: Vec<Held>,
    way: Vec<&'static str>,
}

/// A state that is to be looked at: how it is reached from another. It is made again when its turn
/// comes, since a million of them would not fit into memory.
struct Waiting {
    from: Arc<Node>,
    held: usize,
    verb: usize,
}

/// Where the search is; the world is only the room to act in.
struct Search {
    world: World,
    verbs: Vec<Verb>,
    seen: HashSet<u64>,
    everything: Arn,
    boundary: Arn,
    buckets: Vec<(Named, ResourceSide)>,
    texts: Texts,
    told: Told,
}

/// The policies that are put somewhere, parsed once.
struct Texts {
    all: StoredPolicy,
    objects: StoredPolicy,
    trust: StoredPolicy,
    account: StoredPolicy,
}

/// Whom a bucket's policy names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Named {
    Everybody,
    Account,
    User(&'static str),
    Role,
    Session,
}

/// What the search did.
#[derive(Debug, Default)]
struct Told {
    /// Operations that were asked for.
    asked: u64,
    /// Operations that policies and this room let through.
    done: u64,
    /// The longest way.
    steps: usize,
    /// Who got past the boundary by a bucket's policy, and whom that policy names.
    past: BTreeSet<(Named, &'static str)>,
}

/// How a search ended.
#[derive(Debug)]
enum End {
    /// Somebody she controls may write, by this way.
    Escape(Vec<&'static str>),
    /// So many states, and nobody may.
    Held { states: usize, whole: bool, told: Told },
}

type Verb = (&'static str, fn(&mut Search, &Caller) -> Option<Option<Held>>);

impl Search {
    fn new(boundary: &str, verbs: &[&[Verb]]) -> (Self, Node) {
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
        let (buckets, told, seen) = (buckets(), Told::default(), HashSet::new());
        let (all, objects) = (allow("*"), allow("s3:*"));
        let account = trusts(&format!(r#"{{"AWS": "{}"}}"#, home()), r#""sts:AssumeRole""#);
        let texts = Texts { all, objects, trust: trusts_user("mallory"), account };
        let verbs = verbs.concat();
        (Self { world, verbs, seen, everything, boundary, buckets, texts, told }, first)
    }

    /// Who a credential makes whoever brings it; nobody if it is no good.
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
        self.acts(caller, op, None)
    }

    /// Does it, without a record: a million states are not written down and read back.
    fn acts<Op: Perform>(
        &mut self,
        caller: &Caller,
        op: &Op,
        drawn: Option<&Drawn>,
    ) -> Option<Op::Output> {
        let (output, changes) = self.world.changes_of(caller, op, drawn).ok()?;
        if !changes.is_empty() {
            let (state, delta) = (&self.world.state, Delta::new(self.world.clock_now(), changes));
            self.world.state = state.apply(state.revision().next(), &delta).unwrap();
        }
        Some(output)
    }

    /// What one of those whom she controls makes of a state by a verb, if she gets it done.
    fn step(&mut self, node: &Node, caller: &Caller, verb: usize) -> Option<Node> {
        let (name, verb) = self.verbs[verb];
        self.world.state = node.state.clone();
        self.told.asked += 1;
        let gained = verb(self, caller)?;
        self.told.done += 1;
        let mut way = node.way.clone();
        way.push(name);
        let held = node.held.iter().cloned().chain(gained).collect();
        Some(Node { state: self.world.state.clone(), held, way })
    }

    /// Breadth first, until so many states are seen.
    fn run(mut self, first: Node, states_max: usize) -> End {
        let mut next = VecDeque::new();
        let mut node = Some(first);
        while let Some(mut from) = node {
            // What this state's callers hold is asked for again and again, and of no other state.
            from.state.kept = Arc::default();
            let from = Arc::new(from);
            self.world.state = from.state.clone();
            let callers: Vec<_> = from.held.iter().map(|held| self.caller(held)).collect();
            for (held, caller) in callers.iter().enumerate() {
                let Some(caller) = caller else { continue };
                for verb in 0..self.verbs.len() {
                    let Some(mut reached) = self.step(&from, caller, verb) else { continue };
                    match self.arrive(&mut reached) {
                        Ok(true) => next.push_back(Waiting { from: Arc::clone(&from), held, verb }),
                        Ok(false) => {}
                        Err(way) => return End::Escape(way),
                    }
                    if self.seen.len() >= states_max {
                        return self.ended(false);
                    }
                }
            }
            node = next.pop_front().map(|waiting| self.again(&waiting));
        }
        self.ended(true)
    }

    fn ended(self, whole: bool) -> End {
        End::Held { states: self.seen.len(), whole, told: self.told }
    }

    /// A state that was reached before.
    fn again(&mut self, waiting: &Waiting) -> Node {
        self.world.state = waiting.from.state.clone();
        let caller = self.caller(&waiting.from.held[waiting.held]).unwrap();
        let mut node = self.step(&waiting.from, &caller, waiting.verb).unwrap();
        let held = self.controlled(&node).into_iter().map(|(held, _)| held).collect();
        node.held = held;
        node
    }

    /// Whom she controls in a state, each once.
    fn controlled(&self, node: &Node) -> Vec<(Held, Caller)> {
        let mut names = BTreeSet::new();
        let live = node.held.iter().filter_map(|held| Some((held.clone(), self.caller(held)?)));
        live.filter(|(held, caller)| names.insert(self.name(held, caller))).collect()
    }

    /// Whose credentials they are, and of what kind.
    fn name(&self, held: &Held, caller: &Caller) -> String {
        let service = |key: &AccessKeyId| Some(self.world.state.keys.get(key)?.service.is_some());
        let kind = (held.token.is_some(), service(&held.key));
        format!("{kind:?} {:?}", caller.who.principal.arn())
    }

    /// Looks at a state: whether it is new; `Err` if somebody there may write.
    fn arrive(&mut self, node: &mut Node) -> Result<bool, Vec<&'static str>> {
        let held = self.controlled(node);
        let names: BTreeSet<_> =
            held.iter().map(|(held, caller)| self.name(held, caller)).collect();
        let mut hasher = Print(DefaultHasher::new());
        self.print(&node.state, &mut hasher).unwrap();
        names.hash(&mut hasher.0);
        if !self.seen.insert(hasher.0.finish()) {
            return Ok(false);
        }
        self.told.steps = self.told.steps.max(node.way.len());
        self.world.state.kept = Arc::default();
        if held.iter().any(|(_, caller)| super::escalation::may_write(&self.world, caller)) {
            return Err(std::mem::take(&mut node.way));
        }
        for (held, caller) in &held {
            self.asks_buckets(held, caller);
        }
        Ok(true)
    }

    /// What buckets' policies give somebody, noted if it is past the boundary.
    fn asks_buckets(&mut self, held: &Held, caller: &Caller) {
        let policies = self.world.state.policies_of(caller);
        for (named, side) in &self.buckets {
            let question = policy::Question {
                principal: caller.principal(),
                caller: &policies,
                resource: side,
                facts: &policy::facts::Facts::default(),
                revision: self.world.state.revision(),
            };
            let check = super::escalation::write();
            if policy::decide(&check, &question).is_allowed() {
                let kind = match (&held.token, caller.principal()) {
                    (Some(_), _) => "a session of x-role",
                    (None, Principal::User { name, .. }) if name.as_str() == "mallory" => "mallory",
                    (None, Principal::User { .. }) => "x-user",
                    _ => "another",
                };
                self.told.past.insert((*named, kind));
            }
        }
    }

    /// Who has what, by names: two states that differ in nothing else are the same.
    fn print(&self, state: &State, text: &mut Print) -> std::fmt::Result {
        let policies = |text: &mut Print, own: &Policies, boundary: Option<&Arn>| {
            for (name, document) in &own.inline {
                write!(text, " {name}={}", document.text())?;
            }
            let attached = own.attached.iter().chain(boundary);
            write!(text, " {} {}", own.attached.len(), boundary.is_some())?;
            attached.into_iter().try_for_each(|arn| write!(text, " {}", arn.as_str()))
        };
        for user in state.users.of(home(), None) {
            let groups: Vec<_> =
                user.groups.iter().filter_map(|id| state.groups.by_id(id)).collect();
            let groups: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
            write!(text, "\nuser {} {groups:?}", user.name)?;
            policies(text, &user.policies, user.boundary.as_ref())?;
        }
        for group in state.groups.of(home(), None) {
            write!(text, "\ngroup {}", group.name)?;
            policies(text, &group.policies, None)?;
        }
        for role in state.roles.of(home(), None) {
            write!(text, "\nrole {} {}", role.name, role.trust.text())?;
            policies(text, &role.policies, role.boundary.as_ref())?;
        }
        for policy in state.policies.of(home(), None) {
            let says = policy.versions.values().map(|version| version.document.text());
            let now = policy.default_version().map(|version| version.document.text());
            let says = says.collect::<BTreeSet<_>>();
            write!(text, "\npolicy {} {} {}", policy.name, says.len(), now.unwrap_or_default())?;
            says.into_iter().try_for_each(|says| write!(text, "\n{says}"))?;
        }
        Ok(())
    }

    fn assume(&mut self, caller: &Caller, name: &str) -> Option<Option<Held>> {
        let op = self.world.assume_op(caller, name);
        if self.world.state.role(home(), name).is_none() || !self.world.allows(caller, &op) {
            return None;
        }
        let drawn = op.drawn.clone();
        let made = self.acts(caller, &op, Some(&drawn))?.credentials;
        Some(Some(Held { key: made.key, token: Some(made.token.into()) }))
    }

    fn key(&mut self, caller: &Caller, name: &str) -> Option<Option<Held>> {
        let new = self.tries(caller, &CreateAccessKey { holder: KeyHolder::User(user(name)) })?;
        Some(Some(Held { key: new.key.id.clone(), token: None }))
    }
}

/// What is hashed of a state.
struct Print(DefaultHasher);

impl std::fmt::Write for Print {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// Buckets that let whom they name write.
fn buckets() -> Vec<(Named, ResourceSide)> {
    let role = role("x-role").arn().as_str().to_owned();
    let session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/alice";
    let users = ["mallory", "x-user"].map(|who| (Named::User(who), user(who).arn().to_string()));
    let others = [
        (Named::Everybody, "*".to_owned()),
        (Named::Account, home().to_string()),
        (Named::Role, role),
        (Named::Session, session),
    ];
    let side = |(named, who): (Named, String)| {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
                "Principal": {{"AWS": "{who}"}}, "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::b/*"}}}}"#
        );
        let document = StoredPolicy::parse(&text, Kind::Bucket).unwrap();
        let policy = Some(policy::Attached {
            name: "bucket".to_owned(),
            document: Arc::clone(document.document()),
        });
        let kind = policy::ResourceKind::Bucket;
        (named, ResourceSide { policy, kind, ..ResourceSide::plain(Some(home())) })
    };
    users.into_iter().chain(others).map(side).collect()
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
    step!("create x-role", |s| new_role(s, Some(s.boundary.clone()))),
    step!("create x-role unbounded", |s| new_role(s, None)),
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
    step!("trust of x-role", |s| trust(s, "x-role")),
    step!("trust of Admin", |s| trust(s, "Admin")),
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
    step!("inline of herself", |s| put_user(s, "mallory")),
    step!("inline of x-user", |s| put_user(s, "x-user")),
    step!("delete inline of x-user", |_| DeleteUserPolicy { user: user("x-user"), name: inline() }),
    step!("inline of x-role", |s| PutRolePolicy {
        role: role("x-role"),
        name: inline(),
        document: s.texts.all.clone(),
    }),
    step!("inline of x-group", |s| PutGroupPolicy {
        group: group("x-group"),
        name: inline(),
        document: s.texts.objects.clone(),
    }),
    step!("join x-group", |_| join("x-group", "mallory")),
    step!("join admins", |_| join("admins", "mallory")),
    step!("x-user joins admins", |_| join("admins", "x-user")),
    step!("x-user leaves admins", |_| leave("admins", "x-user")),
    step!("version of x-policy", |s| version(s, "x-policy")),
    step!("version of the boundary", |s| version(s, "boundary")),
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

/// What makes the world larger: a second user and a second role of hers, who join, leave, are
/// given and lose what the first do, and what undoes the steps above.
const MORE: &[Verb] = &[
    step!("create x-two", |s| CreateUser {
        user: user("x-two"),
        tags: Tags::default(),
        boundary: Some(s.boundary.clone()),
    }),
    ("key of x-two", |s, caller| s.key(caller, "x-two")),
    step!("attach to x-two", |s| AttachUserPolicy {
        user: user("x-two"),
        policy: s.everything.clone(),
    }),
    step!("detach from x-two", |s| DetachUserPolicy {
        user: user("x-two"),
        policy: s.everything.clone(),
    }),
    step!("inline of x-two", |s| put_user(s, "x-two")),
    step!("delete inline of x-two", |_| DeleteUserPolicy { user: user("x-two"), name: inline() }),
    step!("bound x-two by everything", |s| bound(s, "x-two")),
    step!("bound x-two again", |s| PutUserPermissionsBoundary {
        user: user("x-two"),
        boundary: s.boundary.clone(),
    }),
    step!("unbind x-two", |_| unbind("x-two")),
    step!("x-two joins x-group", |_| join("x-group", "x-two")),
    step!("x-two joins admins", |_| join("admins", "x-two")),
    step!("x-two leaves admins", |_| leave("admins", "x-two")),
    step!("delete x-two", |_| DeleteUser { user: user("x-two") }),
    step!("create role x-two", |s| CreateRole {
        role: role("x-two"),
        ..new_role(s, Some(s.boundary.clone()))
    }),
    ("assume x-two", |s, caller| s.assume(caller, "x-two")),
    step!("trust of role x-two", |s| trust(s, "x-two")),
    step!("trust of x-role by the account", |s| UpdateAssumeRolePolicy {
        role: role("x-role"),
        trust: s.texts.account.clone(),
    }),
    step!("attach to role x-two", |s| AttachRolePolicy {
        role: role("x-two"),
        policy: s.everything.clone(),
    }),
    step!("inline of role x-two", |s| PutRolePolicy {
        role: role("x-two"),
        name: inline(),
        document: s.texts.all.clone(),
    }),
    step!("bound role x-two by everything", |s| PutRolePermissionsBoundary {
        role: role("x-two"),
        boundary: s.everything.clone(),
    }),
    step!("unbind role x-two", |_| DeleteRolePermissionsBoundary { role: role("x-two") }),
    step!("delete role x-two", |_| DeleteRole { role: role("x-two") }),
    step!("x-user joins x-group", |_| join("x-group", "x-user")),
    step!("x-user leaves x-group", |_| leave("x-group", "x-user")),
    step!("leave x-group", |_| leave("x-group", "mallory")),
    step!("detach from herself", |_| DetachUserPolicy {
        user: user("mallory"),
        policy: managed("x-policy").arn(),
    }),
    step!("x-policy to x-user", |_| AttachUserPolicy {
        user: user("x-user"),
        policy: managed("x-policy").arn(),
    }),
    step!("x-policy to x-group", |_| AttachGroupPolicy {
        group: group("x-group"),
        policy: managed("x-policy").arn(),
    }),
    step!("x-policy to x-role", |_| AttachRolePolicy {
        role: role("x-role"),
        policy: managed("x-policy").arn(),
    }),
    step!("detach from x-role", |s| DetachRolePolicy {
        role: role("x-role"),
        policy: s.everything.clone(),
    }),
    step!("delete inline of x-role", |_| DeleteRolePolicy { role: role("x-role"), name: inline() }),
    step!("delete inline of x-group", |_| DeleteGroupPolicy {
        group: group("x-group"),
        name: inline(),
    }),
    step!("delete inline of herself", |_| DeleteUserPolicy {
        user: user("mallory"),
        name: inline(),
    }),
];

fn leave(from: &str, name: &str) -> RemoveUserFromGroup {
    RemoveUserFromGroup { group: group(from), user: user(name).name }
}

fn new_role(search: &Search, boundary: Option<Arn>) -> CreateRole {
    CreateRole {
        role: role("x-role"),
        trust: search.texts.trust.clone(),
        description: None,
        max_session_seconds: None,
        tags: Tags::default(),
        boundary,
    }
}

fn trust(search: &Search, name: &str) -> UpdateAssumeRolePolicy {
    UpdateAssumeRolePolicy { role: role(name), trust: search.texts.trust.clone() }
}

fn put_user(search: &Search, name: &str) -> PutUserPolicy {
    PutUserPolicy { user: user(name), name: inline(), document: search.texts.all.clone() }
}

fn join(to: &str, name: &str) -> AddUserToGroup {
    AddUserToGroup { group: group(to), user: user(name).name }
}

fn version(search: &Search, name: &str) -> CreatePolicyVersion {
    let (policy, document) = (managed(name).arn(), search.texts.all.clone());
    CreatePolicyVersion { policy, document, default: NewDefault::Switch }
}

fn bound(search: &Search, name: &str) -> PutUserPermissionsBoundary {
    PutUserPermissionsBoundary { user: user(name), boundary: search.everything.clone() }
}

fn unbind(name: &str) -> DeleteUserPermissionsBoundary {
    DeleteUserPermissionsBoundary { user: user(name) }
}

fn searched(boundary: &str, states_max: usize) -> End {
    let (search, first) = Search::new(boundary, &[VERBS]);
    search.run(first, states_max)
}

/// How many states are looked at, if there are so many: among the ordinary tests, and by `cargo
/// xtask campaign escalation`, which builds these tests with this variable and comes to the end of
/// the smaller world.
const STATES: usize = match option_env!("STRONGROOM_CAMPAIGN") {
    Some(_) => 1_000_000,
    None => 400,
};

/// corpus: ADM-16
#[test]
fn whoever_may_only_make_whom_the_boundary_binds_never_gets_past_it() {
    let end = searched(DELEGATION, STATES);
    println!("{end:?}");
    let End::Held { states, whole, told } = end else { panic!("{end:?}") };
    assert!(whole || states == STATES, "{states}");
    // Each way past the boundary is one that the bucket's owner opened, as AWS says.
    for way in &told.past {
        assert!(PAST.contains(way), "{way:?}");
    }
    if STATES >= 10_000 {
        assert_eq!(told.past.len(), PAST.len(), "{:?}", told.past);
    }
}

/// The same in a world that has far more states than can be come to the end of: so many of them as
/// are looked at, the nearest first.
/// corpus: ADM-16
#[test]
fn whoever_may_make_many_whom_the_boundary_binds_never_gets_past_it_by_any_of_them() {
    let (search, first) = Search::new(DELEGATION, &[VERBS, MORE]);
    let end = search.run(first, STATES);
    println!("{end:?}");
    let End::Held { states, told, .. } = end else { panic!("{end:?}") };
    assert_eq!(states, STATES);
    assert!(told.past.iter().all(|way| PAST.contains(way)), "{:?}", told.past);
}

/// Whom a bucket's policy lets past a boundary: whom it names as a user or a session, and
/// everybody if it names everybody; never by the account or the role alone.
const PAST: &[(Named, &str)] = &[
    (Named::Everybody, "mallory"),
    (Named::Everybody, "x-user"),
    (Named::Everybody, "a session of x-role"),
    (Named::User("mallory"), "mallory"),
    (Named::User("x-user"), "x-user"),
    (Named::Session, "a session of x-role"),
];

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
