//! The published ways to raise one's own rights through IAM (Rhino Security Labs, "AWS IAM privilege
//! escalation: methods and mitigation", 28 of them; [`PUBLISHED`] says of each what becomes of it
//! here). Each works for whom nothing bounds, which shows that it is tried, and for nobody whose
//! boundary covers itself and what it may change. `delegation.rs` looks for ways that nobody
//! published.

use policy::Kind;
use policy::operation::Operation;

use crate::ops::*;
use crate::testing::*;
use crate::*;

/// Mallory, who may change what is hers (and, unbounded, everything) and reads objects.
pub(super) struct Case {
    pub(super) world: World,
    pub(super) mallory: Caller,
}

/// Nothing but reading objects, and IAM on what is hers but the boundaries themselves.
const BOUNDARY: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObject", "sts:*"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["iam:*", "strongroom:*"], "Resource": [
        "arn:aws:iam::*:user/mallory", "arn:aws:iam::*:group/hers",
        "arn:aws:iam::*:policy/hers", "arn:aws:iam::*:role/Hers"]},
    {"Effect": "Deny", "Resource": "*", "Action": [
        "iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary",
        "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"]}]}"#;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bounds {
    Bounded,
    Free,
}

impl Case {
    pub(super) fn new(bounds: Bounds) -> Self {
        let mut world = World::new();
        for name in ["mallory", "admin"] {
            world.make_user(name);
        }
        let hers = world.make_policy("hers", allow("s3:GetObject"));
        let everything = world.make_policy("everything", allow("*"));
        world.make_group("hers");
        world.make_group("admins");
        world.make_role("Hers", trusts_user("mallory"));
        world.make_role("Admin", trusts_user("admin"));
        let attach = AttachUserPolicy { user: user("mallory"), policy: hers };
        world.act(&attach).unwrap();
        let join = AddUserToGroup { group: group("hers"), user: user("mallory").name };
        world.act(&join).unwrap();
        let attach = AttachUserPolicy { user: user("admin"), policy: everything.clone() };
        world.act(&attach).unwrap();
        let attach = AttachGroupPolicy { group: group("admins"), policy: everything.clone() };
        world.act(&attach).unwrap();
        world.act(&AttachRolePolicy { role: role("Admin"), policy: everything }).unwrap();
        for (name, action) in [("iam", "iam:*"), ("sts", "sts:*"), ("ours", "strongroom:*")] {
            let (name, document) = (name.parse().unwrap(), allow(action));
            world.act(&PutUserPolicy { user: user("mallory"), name, document }).unwrap();
        }
        if bounds == Bounds::Bounded {
            let document = StoredPolicy::parse(BOUNDARY, Kind::Identity).unwrap();
            let boundary = world.make_policy("boundary", document);
            let put = PutUserPermissionsBoundary { user: user("mallory"), boundary };
            world.act(&put).unwrap();
            let boundary = put.boundary;
            world.act(&PutRolePermissionsBoundary { role: role("Hers"), boundary }).unwrap();
        }
        let (_, mallory) = world.key_of("mallory");
        Self { world, mallory }
    }

    /// Does something as mallory, if policies let her.
    pub(super) fn tries<Op: Perform + RequestFacts + Operation>(
        &mut self,
        op: &Op,
    ) -> Option<Op::Output> {
        if !self.world.allows(&self.mallory, op) {
            return None;
        }
        self.world.act_as(&self.mallory.clone(), op, None).ok()
    }

    fn puts_on(&mut self, name: &str) -> Option<Caller> {
        let op = self.world.assume_op(&self.mallory, name);
        if !self.world.allows(&self.mallory, &op) {
            return None;
        }
        let made = self.world.assume(&self.mallory.clone(), name);
        Some(self.world.live(&made.key, Some(&made.token)))
    }

    /// Whether somebody may do what only administrators may.
    pub(super) fn rules(&self, caller: &Caller) -> bool {
        let account = home();
        let op = ListAccounts { operator: account, page: PageRequest::default() };
        let users = CreateUser { user: user("new"), tags: Tags::default(), boundary: None };
        self.world.allows(caller, &users) && self.world.allows(caller, &op) && self.writes(caller)
    }

    /// Whether somebody may write objects, for which mallory has no right of her own.
    pub(super) fn writes(&self, caller: &Caller) -> bool {
        may_write(&self.world, caller)
    }
}

/// Whether somebody may write objects that nobody's policy but its own speaks of.
pub(super) fn may_write(world: &World, caller: &Caller) -> bool {
    let check = write();
    let policies = world.state.policies_of(caller);
    let question = policy::Question {
        principal: caller.principal(),
        caller: &policies,
        resource: &policy::ResourceSide::plain(caller.account()),
        facts: &policy::facts::Facts::default(),
        revision: world.state.revision(),
    };
    policy::decide(&check, &question).is_allowed()
}

/// Writing an object.
pub(super) fn write() -> policy::operation::Check {
    policy::operation::Check {
        action: "s3:PutObject".parse().unwrap(),
        resource: "arn:aws:s3:::b/k".parse().unwrap(),
        need: policy::operation::Need::Required,
        with: Vec::new(),
    }
}

/// A way: its published name, and who somebody is after going it.
pub(super) type Way = (&'static str, fn(&mut Case) -> Option<Caller>);

fn everything() -> names::Arn {
    managed("everything").arn()
}

fn herself(case: &mut Case) -> Option<Caller> {
    Some(case.mallory.clone())
}

fn own() -> names::PolicyName {
    "way".parse().unwrap()
}

/// What mallory's role is worth once she has changed it.
fn as_her_role(case: &mut Case) -> Option<Caller> {
    case.puts_on("Hers")
}

pub(super) const WAYS: &[Way] = &[
    ("CreatePolicyVersion", |case| {
        let (policy, document) = (managed("hers").arn(), allow("*"));
        let default = NewDefault::Switch;
        case.tries(&CreatePolicyVersion { policy, document, default })?;
        herself(case)
    }),
    ("SetDefaultPolicyVersion", |case| {
        let (policy, document) = (managed("hers").arn(), allow("*"));
        let default = NewDefault::Keep;
        case.world.act(&CreatePolicyVersion { policy, document, default }).ok()?;
        let (policy, version) = (managed("hers").arn(), PolicyVersionId(2));
        case.tries(&SetDefaultPolicyVersion { policy, version })?;
        herself(case)
    }),
    ("CreateAccessKey", |case| {
        let new = case.tries(&CreateAccessKey { holder: KeyHolder::User(user("admin")) })?;
        Some(case.world.live(&new.key.id, None))
    }),
    ("AttachUserPolicy", |case| {
        case.tries(&AttachUserPolicy { user: user("mallory"), policy: everything() })?;
        herself(case)
    }),
    ("AttachGroupPolicy", |case| {
        case.tries(&AttachGroupPolicy { group: group("hers"), policy: everything() })?;
        herself(case)
    }),
    ("AttachRolePolicy", |case| {
        case.tries(&AttachRolePolicy { role: role("Hers"), policy: everything() })?;
        as_her_role(case)
    }),
    ("PutUserPolicy", |case| {
        let (name, document) = (own(), allow("*"));
        case.tries(&PutUserPolicy { user: user("mallory"), name, document })?;
        herself(case)
    }),
    ("PutGroupPolicy", |case| {
        let (name, document) = (own(), allow("*"));
        case.tries(&PutGroupPolicy { group: group("hers"), name, document })?;
        herself(case)
    }),
    ("PutRolePolicy", |case| {
        let (name, document) = (own(), allow("*"));
        case.tries(&PutRolePolicy { role: role("Hers"), name, document })?;
        as_her_role(case)
    }),
    ("AddUserToGroup", |case| {
        case.tries(&AddUserToGroup { group: group("admins"), user: user("mallory").name })?;
        herself(case)
    }),
    ("UpdateAssumeRolePolicy", |case| {
        let trust = trusts_user("mallory");
        case.tries(&UpdateAssumeRolePolicy { role: role("Admin"), trust })?;
        case.puts_on("Admin")
    }),
    ("CreateRole", |case| {
        let create = CreateRole {
            role: role("New"),
            trust: trusts_user("mallory"),
            description: None,
            max_session_seconds: None,
            tags: Tags::default(),
            boundary: None,
        };
        case.tries(&create)?;
        case.tries(&AttachRolePolicy { role: role("New"), policy: everything() })?;
        case.puts_on("New")
    }),
    ("DeleteUserPermissionsBoundary", |case| {
        case.tries(&DeleteUserPermissionsBoundary { user: user("mallory") })?;
        case.tries(&AttachUserPolicy { user: user("mallory"), policy: everything() })?;
        herself(case)
    }),
    ("CreateServiceAccount", |case| {
        let create = CreateServiceAccount {
            parent: ServiceParent::User(user("admin")),
            restriction: Restriction::None,
            name: "bot".parse().unwrap(),
            description: None,
            expires: None,
            policy: None,
            key: RootKey::Generate,
        };
        let new = case.tries(&create)?;
        Some(case.world.live(&new.key.id, None))
    }),
];

/// What becomes of a published way.
#[derive(Clone, Copy)]
enum Here {
    /// It is one of [`WAYS`].
    Tried(&'static str),
    /// It sets a password: see the test of passwords.
    Password,
    /// It needs an action of a service that is not here.
    Elsewhere(&'static str),
}

const PUBLISHED: [(&str, Here); 28] = [
    ("CreateNewPolicyVersion", Here::Tried("CreatePolicyVersion")),
    ("SetExistingDefaultPolicyVersion", Here::Tried("SetDefaultPolicyVersion")),
    ("CreateEC2WithExistingIP", Here::Elsewhere("ec2:RunInstances")),
    ("CreateAccessKey", Here::Tried("CreateAccessKey")),
    ("CreateLoginProfile", Here::Password),
    ("UpdateLoginProfile", Here::Password),
    ("AttachUserPolicy", Here::Tried("AttachUserPolicy")),
    ("AttachGroupPolicy", Here::Tried("AttachGroupPolicy")),
    ("AttachRolePolicy", Here::Tried("AttachRolePolicy")),
    ("PutUserPolicy", Here::Tried("PutUserPolicy")),
    ("PutGroupPolicy", Here::Tried("PutGroupPolicy")),
    ("PutRolePolicy", Here::Tried("PutRolePolicy")),
    ("AddUserToGroup", Here::Tried("AddUserToGroup")),
    ("UpdateRolePolicyToAssumeIt", Here::Tried("UpdateAssumeRolePolicy")),
    ("PassExistingRoleToNewLambdaThenInvoke", Here::Elsewhere("lambda:InvokeFunction")),
    ("PassRoleToNewLambdaThenInvokeCrossAccount", Here::Elsewhere("lambda:AddPermission")),
    (
        "PassExistingRoleToNewLambdaThenTriggerWithNewDynamo",
        Here::Elsewhere("lambda:CreateEventSourceMapping"),
    ),
    (
        "PassExistingRoleToNewLambdaThenTriggerWithExistingDynamo",
        Here::Elsewhere("lambda:CreateFunction"),
    ),
    ("EditExistingLambdaFunctionWithRole", Here::Elsewhere("lambda:UpdateFunctionCode")),
    ("PassExistingRoleToNewGlueDevEndpoint", Here::Elsewhere("glue:CreateDevEndpoint")),
    ("UpdateExistingGlueDevEndpoint", Here::Elsewhere("glue:UpdateDevEndpoint")),
    ("PassExistingRoleToCloudFormation", Here::Elsewhere("cloudformation:CreateStack")),
    ("PassExistingRoleToNewDataPipeline", Here::Elsewhere("datapipeline:CreatePipeline")),
    ("CodeStarCreateProjectFromTemplate", Here::Elsewhere("codestar:CreateProjectFromTemplate")),
    (
        "CodeStarCreateProjectThenAssociateTeamMember",
        Here::Elsewhere("codestar:AssociateTeamMember"),
    ),
    ("PassRoleToCodeStarProject", Here::Elsewhere("codestar:CreateProject")),
    ("PassExistingRoleToNewSageMakerNotebook", Here::Elsewhere("sagemaker:CreateNotebookInstance")),
    (
        "UpdateExistingSageMakerNotebook",
        Here::Elsewhere("sagemaker:CreatePresignedNotebookInstanceUrl"),
    ),
];

#[test]
fn each_of_the_published_ways_is_tried_or_needs_what_is_not_here() {
    for (name, here) in PUBLISHED {
        match here {
            Here::Tried(way) => assert!(WAYS.iter().any(|(known, _)| *known == way), "{name}"),
            Here::Password => assert!(name.contains("LoginProfile")),
            Here::Elsewhere(action) => {
                let service = action.split(':').next().unwrap();
                assert!(!["s3", "iam", "sts", "strongroom", "organizations"].contains(&service));
            }
        }
    }
}

/// A password of somebody else's is set by whom nothing bounds, and by nobody whom a boundary does.
/// corpus: ADM-06
/// oracle: answer, twin
#[test]
fn a_boundary_holds_against_setting_the_passwords_of_others() {
    for (bounds, sets) in [(Bounds::Free, true), (Bounds::Bounded, false)] {
        let case = Case::new(bounds);
        let password = || "Correct-horse-battery-9".parse::<Password>().unwrap();
        let reset = PasswordReset::NotRequired;
        let create = CreateLoginProfile { user: user("admin"), password: password(), reset };
        let update =
            UpdateLoginProfile { user: user("admin"), password: Some(password()), reset: None };
        assert_eq!(case.world.allows(&case.mallory, &create), sets, "{bounds:?}");
        assert_eq!(case.world.allows(&case.mallory, &update), sets, "{bounds:?}");
    }
}

#[test]
fn every_published_way_that_exists_here_works_for_whom_nothing_bounds() {
    for (name, go) in WAYS {
        let mut case = Case::new(Bounds::Free);
        assert!(!case.rules(&case.mallory), "{name}: before");
        let after = go(&mut case);
        assert!(after.is_some_and(|after| case.rules(&after)), "{name}");
    }
}

/// corpus: ADM-15
#[test]
fn a_boundary_holds_against_every_published_way() {
    for (name, go) in WAYS {
        let mut case = Case::new(Bounds::Bounded);
        let after = go(&mut case);
        assert!(after.is_none_or(|after| !case.rules(&after) && !case.writes(&after)), "{name}");
        assert!(!case.rules(&case.mallory) && !case.writes(&case.mallory), "{name}: herself");
    }
}

/// corpus: ADM-16
#[test]
fn a_boundary_holds_against_two_ways_one_after_the_other() {
    for (first, go_first) in WAYS {
        for (second, go_second) in WAYS {
            let mut case = Case::new(Bounds::Bounded);
            let after = [go_first(&mut case), go_second(&mut case)];
            for after in after.into_iter().flatten() {
                assert!(!case.rules(&after) && !case.writes(&after), "{first}, {second}");
            }
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 64,
        ..proptest::prelude::ProptestConfig::default()
    })]

    #[test]
    fn a_boundary_holds_against_ways_in_any_order(
        steps in proptest::collection::vec(0..WAYS.len(), 1..6),
    ) {
        let mut case = Case::new(Bounds::Bounded);
        for step in steps {
            let after = WAYS[step].1(&mut case);
            let held = |who: &Caller| !case.rules(who) && !case.writes(who);
            proptest::prop_assert!(after.is_none_or(|after| held(&after)), "{}", WAYS[step].0);
            proptest::prop_assert!(held(&case.mallory), "{}: herself", WAYS[step].0);
        }
    }
}
