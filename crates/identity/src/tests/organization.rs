//! Control policies bound whom they should, and nobody else; accounts go out of use and come back.

use std::sync::Arc;

use names::{AccountId, Arn};
use policy::Kind;
use policy::principal::Principal;

use crate::ops::*;
use crate::testing::*;
use crate::*;

const SCP: ControlKind = ControlKind::ServiceControl;
const RCP: ControlKind = ControlKind::ResourceControl;

/// A world whose partner account is below two units, one in the other; its root.
struct Tree {
    world: World,
    organization: OrganizationRef,
    outer: UnitId,
    inner: UnitId,
    root: Caller,
}

fn root_of(account: AccountId) -> Caller {
    let who = audit::Who { principal: Principal::Root { account }, ..audit::Who::anonymous() };
    Caller { who: Arc::new(who), session: None }
}

impl Tree {
    fn new() -> Self {
        let mut world = World::new();
        let organization = world.organization();
        let mut unit = |parent: Option<UnitId>, name: &str| {
            let name = name.parse().unwrap();
            let organization = organization.clone();
            world.act(&CreateOrganizationalUnit { organization, parent, name }).unwrap().id.clone()
        };
        let outer = unit(None, "outer");
        let inner = unit(Some(outer.clone()), "inner");
        let mut tree = Self { world, organization, outer, inner, root: root_of(partner()) };
        tree.move_to(Some(tree.inner.clone())).unwrap();
        tree
    }

    fn move_to(&mut self, to: Option<UnitId>) -> Result<(), IdentityError> {
        let from = self.world.state.account(partner()).unwrap().unit.clone();
        let organization = self.organization.clone();
        self.world.act(&MoveAccount { organization, account: partner(), from, to })
    }

    fn enable(&mut self, kind: ControlKind) {
        let organization = self.organization.clone();
        self.world.act(&EnablePolicyType { organization, kind }).unwrap();
    }

    fn make(&mut self, kind: ControlKind, name: &str, text: &str) -> ControlPolicyId {
        let create = CreateControlPolicy {
            organization: self.organization.clone(),
            kind,
            name: name.parse().unwrap(),
            description: String::new(),
            document: StoredPolicy::parse(text, kind.document()).unwrap(),
        };
        self.world.act(&create).unwrap().id.clone()
    }

    fn attach(
        &mut self,
        kind: ControlKind,
        policy: &ControlPolicyId,
        target: ControlTarget,
    ) -> Result<(), IdentityError> {
        let (organization, policy) = (self.organization.clone(), policy.clone());
        self.world.act(&AttachPolicy { organization, policy, kind, target })
    }

    fn detach(
        &mut self,
        policy: &ControlPolicyId,
        target: ControlTarget,
    ) -> Result<(), IdentityError> {
        let (organization, policy) = (self.organization.clone(), policy.clone());
        self.world.act(&DetachPolicy { organization, policy, kind: SCP, target })
    }

    /// Whether the root of an account may list its account's users.
    fn lists(&self, caller: &Caller) -> bool {
        let account = caller.account().unwrap();
        let op = ListUsers { account, prefix: PathPrefix::default(), page: PageRequest::default() };
        self.world.allows(caller, &op)
    }
}

fn text(effect: &str, action: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement":
            {{"Effect": "{effect}", "Action": "{action}", "Resource": "*"}}}}"#
    )
}

fn full() -> ControlPolicyId {
    FULL_ACCESS.parse().unwrap()
}

#[test]
fn a_deny_on_any_level_above_an_account_denies_its_root_too() {
    let mut tree = Tree::new();
    tree.enable(SCP);
    let deny = tree.make(SCP, "no-iam", &text("Deny", "iam:*"));
    let levels = [
        ControlTarget::Root,
        ControlTarget::Unit(tree.outer.clone()),
        ControlTarget::Unit(tree.inner.clone()),
        ControlTarget::Account(partner()),
    ];
    for level in levels {
        assert!(tree.lists(&tree.root), "before {level}");
        tree.attach(SCP, &deny, level.clone()).unwrap();
        assert!(!tree.lists(&tree.root), "denied at {level}");
        tree.detach(&deny, level).unwrap();
    }
    assert!(tree.lists(&tree.root));
}

#[test]
fn every_level_must_allow_and_a_level_that_lost_its_full_access_allows_what_it_lists() {
    let mut tree = Tree::new();
    tree.enable(SCP);
    let s3 = tree.make(SCP, "s3", &text("Allow", "s3:*"));
    let iam = tree.make(SCP, "iam", &text("Allow", "iam:*"));
    let level = ControlTarget::Unit(tree.outer.clone());
    tree.attach(SCP, &s3, level.clone()).unwrap();
    assert!(tree.lists(&tree.root), "full access is there still");
    tree.detach(&full(), level.clone()).unwrap();
    assert!(!tree.lists(&tree.root), "this level allows S3 alone");
    tree.attach(SCP, &iam, level).unwrap();
    assert!(tree.lists(&tree.root), "and IAM now");
}

#[test]
fn a_policy_bounds_those_below_its_level_and_nobody_else() {
    let mut tree = Tree::new();
    tree.enable(SCP);
    let deny = tree.make(SCP, "no-iam", &text("Deny", "iam:*"));
    tree.attach(SCP, &deny, ControlTarget::Unit(tree.outer.clone())).unwrap();
    assert!(!tree.lists(&tree.root));
    tree.move_to(None).unwrap();
    assert!(tree.lists(&tree.root), "in the root it is bound no more");
}

#[test]
fn the_managing_account_is_bound_by_no_control_policy() {
    let mut tree = Tree::new();
    tree.enable(SCP);
    let deny = tree.make(SCP, "nothing", &text("Deny", "*"));
    tree.attach(SCP, &deny, ControlTarget::Root).unwrap();
    assert!(!tree.lists(&tree.root));
    assert!(tree.lists(&root_of(home())));
}

#[test]
fn control_policies_count_only_while_their_kind_does() {
    let mut tree = Tree::new();
    let deny = tree.make(SCP, "nothing", &text("Deny", "*"));
    let early = tree.attach(SCP, &deny, ControlTarget::Root).unwrap_err();
    assert!(matches!(early, IdentityError::Organization(OrganizationError::KindNotEnabled(_))));
    tree.enable(SCP);
    tree.attach(SCP, &deny, ControlTarget::Root).unwrap();
    assert!(!tree.lists(&tree.root));
    let organization = tree.organization.clone();
    tree.world.act(&DisablePolicyType { organization, kind: SCP }).unwrap();
    assert!(tree.lists(&tree.root));
}

#[test]
fn an_allow_of_a_control_policy_gives_nobody_anything() {
    let mut tree = Tree::new();
    tree.enable(SCP);
    let create = CreateUser {
        user: State::new_ref(partner(), names::EntityPath::default(), "bo".parse().unwrap()),
        tags: Tags::default(),
        boundary: None,
    };
    tree.world.act(&create).unwrap();
    let holder = KeyHolder::User(create.user.clone());
    let key = tree.world.act(&CreateAccessKey { holder }).unwrap();
    let bo = tree.world.live(&key.key.id, None);
    assert!(!tree.lists(&bo), "control policies allow all, and nobody gave bo anything");
    let put = PutUserPolicy {
        user: create.user,
        name: "own".parse().unwrap(),
        document: allow("iam:ListUsers"),
    };
    tree.world.act(&put).unwrap();
    assert!(tree.lists(&bo));
}

/// A decision about a role of the partner's that anybody of the first account may put on.
fn puts_on(world: &World, role: &Arn) -> bool {
    let op = AssumeRole { role: role.clone(), ..world.assume_op(&world.root(), "R") };
    world.allows(&world.root(), &op)
}

fn partners_role(world: &mut World) -> Arn {
    let trust = trusts(r#"{"AWS": "111122223333"}"#, r#""sts:AssumeRole""#);
    let create = CreateRole {
        role: State::new_ref(partner(), names::EntityPath::default(), "R".parse().unwrap()),
        trust,
        description: None,
        max_session_seconds: None,
        tags: Tags::default(),
        boundary: None,
    };
    world.act(&create).unwrap().arn()
}

#[test]
fn a_resource_control_policy_keeps_out_callers_of_every_account() {
    let mut tree = Tree::new();
    let role = partners_role(&mut tree.world);
    assert!(puts_on(&tree.world, &role));
    tree.enable(RCP);
    assert!(puts_on(&tree.world, &role), "full access is always there");
    let deny = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*",
        "Action": "sts:*", "Resource": "*"}}"#;
    let deny = tree.make(RCP, "no-roles", deny);
    tree.attach(RCP, &deny, ControlTarget::Unit(tree.outer.clone())).unwrap();
    assert!(!puts_on(&tree.world, &role));
    tree.move_to(None).unwrap();
    assert!(puts_on(&tree.world, &role));
}

#[test]
fn a_suspended_account_can_do_nothing_until_it_is_resumed() {
    let mut tree = Tree::new();
    let role = partners_role(&mut tree.world);
    let world = &mut tree.world;
    let user = State::new_ref(partner(), names::EntityPath::default(), "bo".parse().unwrap());
    let create = CreateUser { user: user.clone(), tags: Tags::default(), boundary: None };
    world.act(&create).unwrap();
    let key = world.act(&CreateAccessKey { holder: KeyHolder::User(user) }).unwrap().key;
    let bo = world.live(&key.id, None);
    let session = world.assume_as(&bo, &role);
    let standing = |world: &World| match world.resolve(&key.id, None) {
        Resolution::Known(known) => known.standing,
        other => panic!("{other:?}"),
    };
    let (operator, account) = (home(), partner());
    assert_eq!((standing(world), world.standing(&session)), (Standing::Live, Standing::Live));
    let suspended = world.act(&SuspendAccount { operator, account }).unwrap();
    assert_eq!(suspended.status, AccountStatus::Suspended);
    assert_eq!(standing(world), Standing::AccountSuspended);
    assert_eq!(world.standing(&session), Standing::AccountSuspended);
    assert!(!puts_on(world, &role), "nobody else can do anything with what it owns");
    world.act(&ResumeAccount { operator, account }).unwrap();
    assert_eq!((standing(world), world.standing(&session)), (Standing::Live, Standing::Live));
    assert!(puts_on(world, &role));
    world.act(&CloseAccount { operator, account }).unwrap();
    assert_eq!(standing(world), Standing::AccountSuspended);
    let late = world.act(&ResumeAccount { operator, account }).unwrap_err();
    assert!(matches!(late, IdentityError::Organization(OrganizationError::Closed(_))));
}

/// corpus: REV-03
/// oracle: answer, twin
#[test]
fn a_session_in_another_account_ends_with_the_account_that_it_came_from() {
    let mut tree = Tree::new();
    let world = &mut tree.world;
    world.make_role("Home", trusts(r#"{"AWS": "444455556666"}"#, r#""sts:AssumeRole""#));
    let user = State::new_ref(partner(), names::EntityPath::default(), "bo".parse().unwrap());
    let create = CreateUser { user: user.clone(), tags: Tags::default(), boundary: None };
    world.act(&create).unwrap();
    let key = world.act(&CreateAccessKey { holder: KeyHolder::User(user) }).unwrap().key;
    let bo = world.live(&key.id, None);
    let session = world.assume(&bo, "Home");
    assert_eq!(world.standing(&session), Standing::Live);
    let (operator, account) = (home(), partner());
    world.act(&SuspendAccount { operator, account }).unwrap();
    assert_eq!(world.standing(&session), Standing::Revoked);
}

#[test]
fn the_managing_account_is_never_taken_out_of_use() {
    let mut tree = Tree::new();
    let (operator, account) = (home(), home());
    let refused = [
        tree.world.act(&SuspendAccount { operator, account }).unwrap_err(),
        tree.world.act(&CloseAccount { operator, account }).unwrap_err(),
    ];
    for error in refused {
        assert!(matches!(error, IdentityError::Organization(OrganizationError::ManagingAccount)));
    }
}

#[test]
fn units_are_five_deep_and_not_six_and_have_names_of_their_own() {
    let mut tree = Tree::new();
    let mut make = |parent: &UnitId, name: &str| {
        let (organization, parent) = (tree.organization.clone(), Some(parent.clone()));
        let name = name.parse().unwrap();
        tree.world.act(&CreateOrganizationalUnit { organization, parent, name })
    };
    let third = make(&tree.inner, "a").unwrap();
    assert!(make(&tree.inner, "a").is_err(), "the name is taken there");
    let fourth = make(&third.id, "a").unwrap();
    let fifth = make(&fourth.id, "a").unwrap();
    let sixth = make(&fifth.id, "a").unwrap_err();
    assert!(matches!(sixth, IdentityError::Organization(OrganizationError::TooDeep)));
}

#[test]
fn a_unit_in_which_something_is_stays() {
    let mut tree = Tree::new();
    let delete = |tree: &mut Tree, unit: &UnitId| {
        let (organization, unit) = (tree.organization.clone(), unit.clone());
        tree.world.act(&DeleteOrganizationalUnit { organization, unit })
    };
    let (outer, inner) = (tree.outer.clone(), tree.inner.clone());
    assert!(delete(&mut tree, &outer).is_err(), "a unit is in it");
    assert!(delete(&mut tree, &inner).is_err(), "an account is in it");
    tree.move_to(None).unwrap();
    delete(&mut tree, &inner).unwrap();
    delete(&mut tree, &outer).unwrap();
    assert_eq!(tree.world.state.units().count(), 0);
}

#[test]
fn a_level_keeps_its_last_service_control_policy_and_takes_five_of_a_kind() {
    let mut tree = Tree::new();
    tree.enable(SCP);
    let level = ControlTarget::Account(partner());
    let last = tree.detach(&full(), level.clone()).unwrap_err();
    assert!(matches!(last, IdentityError::Organization(OrganizationError::LastPolicy)));
    for n in 1..CONTROL_POLICIES_PER_TARGET_MAX {
        let policy = tree.make(SCP, &format!("p{n}"), &text("Deny", "s3:GetObjectTorrent"));
        tree.attach(SCP, &policy, level.clone()).unwrap();
        assert!(tree.attach(SCP, &policy, level.clone()).is_err(), "it is there already");
        let organization = tree.organization.clone();
        let delete = DeleteControlPolicy { organization, policy, kind: SCP };
        assert!(tree.world.act(&delete).is_err(), "it is in use");
    }
    let policy = tree.make(SCP, "more", &text("Deny", "s3:GetObjectTorrent"));
    let many = tree.attach(SCP, &policy, level).unwrap_err();
    assert!(matches!(many, IdentityError::Organization(OrganizationError::TooManyPolicies)));
}

#[test]
fn the_policies_that_are_part_of_the_rules_cannot_be_changed() {
    let mut tree = Tree::new();
    let organization = tree.organization.clone();
    let delete = DeleteControlPolicy { organization, policy: full(), kind: SCP };
    let error = tree.world.act(&delete).unwrap_err();
    assert!(matches!(error, IdentityError::Organization(OrganizationError::BuiltIn(_))));
    tree.enable(RCP);
    let always: ControlPolicyId = RESOURCE_FULL_ACCESS.parse().unwrap();
    let (organization, target) = (tree.organization.clone(), ControlTarget::Root);
    let detach = DetachPolicy { organization, policy: always, kind: RCP, target };
    assert!(tree.world.act(&detach).is_err());
}

#[test]
fn a_policy_of_one_kind_is_not_taken_for_one_of_the_other() {
    let mut tree = Tree::new();
    let create = CreateControlPolicy {
        organization: tree.organization.clone(),
        kind: SCP,
        name: "wrong".parse().unwrap(),
        description: String::new(),
        document: statement("Deny", "s3:*", Kind::Identity),
    };
    assert!(tree.world.act(&create).is_err());
    tree.enable(SCP);
    tree.enable(RCP);
    let policy = tree.make(SCP, "scp", &text("Deny", "s3:*"));
    assert!(tree.attach(RCP, &policy, ControlTarget::Root).is_err());
}

#[test]
fn the_organisation_is_told_to_condition_keys() {
    let tree = Tree::new();
    let mut facts = policy::facts::Facts::default();
    tree.world.state.principal_facts(&tree.root, tree.world.clock_now(), &mut facts);
    let own = tree.organization;
    assert_eq!(facts.get("aws:PrincipalOrgID"), Some(&own.id.as_str().into()));
    let path = format!("{}/{}/{}/{}/", own.id, own.root, tree.outer, tree.inner);
    let many = policy::facts::Value::Many(vec![path]);
    assert_eq!(facts.get("aws:PrincipalOrgPaths"), Some(&many));
}

/// corpus: ADM-20
/// oracle: answer, twin
#[test]
fn the_operations_of_the_organisation_are_the_managing_accounts_to_do() {
    let tree = Tree::new();
    let organization = tree.organization.clone();
    let stranger = &tree.root;
    let manager = root_of(home());
    let may = |caller: &Caller, op: &ListRoots| tree.world.allows(caller, op);
    let roots = ListRoots { organization: organization.clone() };
    assert!(may(&manager, &roots) && !may(stranger, &roots));
    let attach = AttachPolicy {
        organization,
        policy: full(),
        kind: SCP,
        target: ControlTarget::Account(partner()),
    };
    assert!(tree.world.allows(&manager, &attach) && !tree.world.allows(stranger, &attach));
    let describe = DescribeOrganization { account: partner() };
    assert!(tree.world.allows(stranger, &describe), "what it is, members may know");
    let suspend = SuspendAccount { operator: home(), account: partner() };
    assert!(tree.world.allows(&manager, &suspend) && !tree.world.allows(stranger, &suspend));
}

#[test]
fn a_snapshot_holds_the_organisation() {
    let mut tree = Tree::new();
    tree.enable(SCP);
    let deny = tree.make(SCP, "no-iam", &text("Deny", "iam:*"));
    tree.attach(SCP, &deny, ControlTarget::Unit(tree.inner.clone())).unwrap();
    let again = State::decode(&tree.world.state.encode().unwrap()).unwrap();
    assert_eq!(again.fingerprint(), tree.world.state.fingerprint());
    assert_eq!(again.organization_ref(), Some(tree.organization.clone()));
    tree.world.state = again;
    assert!(!tree.lists(&tree.root));
    let account = tree.world.state.account(partner()).map(Arc::clone).unwrap();
    assert_eq!(account.unit, Some(tree.inner));
}
