//! What is told of an account as a whole.

use std::sync::{Arc, PoisonError};

use names::{AccountId, Arn, Timestamp, UniqueId};

use super::performs;
use crate::canned;
use crate::error::IdentityError;
use crate::identity::{Context, LastUse, Performed};
use crate::ops::{DetailKind, GetAccountAuthorizationDetails, GetCredentialReport, Page};
use crate::record::{AccessKey, Group, KeyStatus, ManagedPolicy, Role, User};
use crate::state::State;

type Outcome<T> = Result<Performed<T>, IdentityError>;

/// One entity of an account, with what hangs on it.
#[derive(Clone, Debug)]
pub enum Detail {
    /// A user, and the groups that it is in.
    User(Arc<User>, Vec<Arc<Group>>),
    /// A group.
    Group(Arc<Group>),
    /// A role.
    Role(Arc<Role>),
    /// A managed policy; how many users, groups and roles of the account it is attached to; how
    /// many it bounds.
    Policy(Arc<ManagedPolicy>, usize, usize),
}

/// One line of the report on who can sign in how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CredentialLine {
    /// Whose: a user's name, or `<root_account>`.
    pub user: String,
    /// Its ARN.
    pub arn: Arn,
    /// When it was made.
    pub created: Timestamp,
    /// When its password was last set; `None`: it has none, or is the root.
    pub password_changed: Option<Timestamp>,
    /// When its password must be changed next.
    pub password_next: Option<Timestamp>,
    /// How many MFA devices it has.
    pub mfa_devices: usize,
    /// Its access keys.
    pub keys: Vec<CredentialKey>,
    /// Whether it is the root.
    pub root: bool,
}

/// An access key in that report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CredentialKey {
    /// Whether it works.
    pub status: KeyStatus,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used, as far as this process has seen.
    pub used: Option<LastUse>,
}

performs! {
    GetAccountAuthorizationDetails => Page<Detail>, Read, details;
    GenerateCredentialReport => (), Read, |op, cx| {
        cx.own(op.account)?;
        let mut reports = cx.reports.lock().unwrap_or_else(PoisonError::into_inner);
        reports.insert(op.account, cx.now);
        Ok(Performed::read(()))
    };
    GetCredentialReport => (Timestamp, Vec<CredentialLine>), Read, report;
}

fn details(op: &GetAccountAuthorizationDetails, cx: &Context<'_>) -> Outcome<Page<Detail>> {
    cx.own(op.account)?;
    let (state, account) = (cx.state, op.account);
    let wanted = |kind: DetailKind| op.kinds.is_empty() || op.kinds.contains(&kind);
    let marker = op.page.marker().unwrap_or_default();
    // What was told already of a kind is passed over in the index, not entity by entity.
    let after = |kind: DetailKind| {
        let (told, rest) = marker.split_once('/').unwrap_or_default();
        match told.cmp(order(kind)) {
            std::cmp::Ordering::Less => Some(None),
            std::cmp::Ordering::Equal => Some(Some(rest)),
            std::cmp::Ordering::Greater => None,
        }
    };
    let of = |kind| after(kind).filter(|_| wanted(kind));
    let users = of(DetailKind::User).into_iter().flat_map(|from| state.users.of(account, from));
    let groups = of(DetailKind::Group).into_iter().flat_map(|from| state.groups.of(account, from));
    let roles = of(DetailKind::Role).into_iter().flat_map(|from| state.roles.of(account, from));
    let local = of(DetailKind::LocalPolicy);
    let local = local.into_iter().flat_map(|from| state.policies.of(account, from));
    let canned = of(DetailKind::CannedPolicy).into_iter().flat_map(|_| canned::all());
    let told = users
        .map(|user| Detail::User(Arc::clone(&user), groups_of(state, &user)))
        .chain(groups.map(Detail::Group))
        .chain(roles.map(Detail::Role))
        .chain(local.map(|policy| policy_detail(state, account, &policy)))
        .chain(canned.map(|policy| policy_detail(state, account, policy)).filter(
            |detail| matches!(detail, Detail::Policy(_, attached, bounds) if attached + bounds > 0),
        ));
    Ok(Performed::read(Page::cut(&op.page, told, key)))
}

fn groups_of(state: &State, user: &User) -> Vec<Arc<Group>> {
    user.groups.iter().filter_map(|id| state.groups.by_id(id)).cloned().collect()
}

fn policy_detail(state: &State, account: AccountId, policy: &Arc<ManagedPolicy>) -> Detail {
    let (attached, bounds) = state.policy_counts(&policy.arn(), account);
    Detail::Policy(Arc::clone(policy), attached, bounds)
}

fn order(kind: DetailKind) -> &'static str {
    match kind {
        DetailKind::User => "1",
        DetailKind::Group => "2",
        DetailKind::Role => "3",
        DetailKind::LocalPolicy => "4",
        DetailKind::CannedPolicy => "5",
    }
}

/// Where an entity stands in the list.
fn key(detail: &Detail) -> String {
    let (kind, name) = match detail {
        Detail::User(user, _) => (DetailKind::User, user.name.folded()),
        Detail::Group(group) => (DetailKind::Group, group.name.folded()),
        Detail::Role(role) => (DetailKind::Role, role.name.folded()),
        Detail::Policy(policy, ..) if policy.account == canned::nobody() => {
            (DetailKind::CannedPolicy, policy.name.folded())
        }
        Detail::Policy(policy, ..) => (DetailKind::LocalPolicy, policy.name.folded()),
    };
    format!("{}/{name}", order(kind))
}

/// How long a report may be read, in seconds: four hours (IAM user guide, "Getting credential
/// reports").
const REPORT_SECONDS: i64 = 14_400;

fn report(op: &GetCredentialReport, cx: &Context<'_>) -> Outcome<(Timestamp, Vec<CredentialLine>)> {
    cx.own(op.account)?;
    let made = cx.reports.lock().unwrap_or_else(PoisonError::into_inner).get(&op.account).copied();
    let made = made.ok_or(IdentityError::ReportNotPresent)?;
    if cx.now.seconds().saturating_sub(made.seconds()) > REPORT_SECONDS {
        return Err(IdentityError::ReportExpired);
    }
    let root = cx.state.account(op.account).map(|account| CredentialLine {
        user: "<root_account>".to_owned(),
        arn: Arn::root(op.account),
        created: account.created,
        password_changed: None,
        password_next: None,
        mfa_devices: cx.state.mfa_devices_of(&UniqueId::root(op.account)).count(),
        keys: keys(cx, &UniqueId::root(op.account)),
        root: true,
    });
    let rules = cx.state.password_rules(op.account);
    let users = cx.state.users.of(op.account, None).map(|user| {
        let login = cx.state.login_profile(&user.id);
        let days = rules.and_then(|rules| rules.age_days_max).map(i64::from);
        let next =
            |changed: Timestamp| days.map(|days| changed.plus_seconds(days.saturating_mul(86_400)));
        CredentialLine {
            user: user.name.to_string(),
            arn: user.arn(),
            created: user.created,
            password_changed: login.map(|login| login.changed),
            password_next: login.and_then(|login| next(login.changed)),
            mfa_devices: cx.state.mfa_devices_of(&user.id).count(),
            keys: keys(cx, &user.id),
            root: false,
        }
    });
    Ok(Performed::read((cx.now, root.into_iter().chain(users).collect())))
}

fn keys(cx: &Context<'_>, owner: &UniqueId) -> Vec<CredentialKey> {
    let mut keys: Vec<Arc<AccessKey>> = cx.state.keys.read_of(owner);
    keys.sort_by_key(|key| key.created);
    let uses = cx.last_used.lock().unwrap_or_else(PoisonError::into_inner);
    let told = keys.into_iter().map(|key| CredentialKey {
        status: key.status,
        created: key.created,
        used: uses.get(&key.id).cloned(),
    });
    told.collect()
}
