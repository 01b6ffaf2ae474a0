//! What the operations on managed policies do.

use std::collections::BTreeMap;
use std::sync::Arc;

use names::{Arn, UniqueId, UniqueIdKind};
use policy::Kind;

use super::user::tags_page;
use super::{described, performs, within};
use crate::delta::Change;
use crate::error::{EntityKind, IdentityError, Remains};
use crate::identity::{Context, Performed};
use crate::ops::{
    AttachedFilter, CreatePolicy, CreatePolicyVersion, DeletePolicy, DeletePolicyVersion,
    EntityFilter, ListEntitiesForPolicy, ListPolicies, ListPolicyVersions, NewDefault, Page,
    PolicyScope, PolicyVersionId,
};
use crate::record::{ManagedPolicy, PolicyVersion};
use crate::state::Use;
use crate::stored_policy::StoredPolicy;

type Outcome<T> = Result<Performed<T>, IdentityError>;

/// Most versions of one policy (IAM quotas).
pub(crate) const POLICY_VERSIONS_MAX: usize = 5;

/// A managed policy and how much it is used.
#[derive(Clone, Debug)]
pub struct PolicySummary {
    /// The policy.
    pub policy: Arc<ManagedPolicy>,
    /// How many users, groups and roles it is attached to.
    pub attachments: usize,
    /// How many users and roles it bounds.
    pub boundaries: usize,
}

/// Something that a managed policy is attached to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyEntity {
    /// What it is.
    pub kind: EntityKind,
    /// Its name.
    pub name: String,
    /// Its unique id.
    pub id: UniqueId,
}

performs! {
    CreatePolicy => PolicySummary, Write, create;
    GetPolicy => PolicySummary, Read,
        |op, cx| Ok(Performed::read(summary(cx, cx.policy(&op.policy)?)));
    ListPolicies => Page<PolicySummary>, Read, list;
    DeletePolicy => (), Write, delete;
    CreatePolicyVersion => (PolicyVersionId, PolicyVersion), Write, create_version;
    GetPolicyVersion => (Arc<ManagedPolicy>, PolicyVersion), Read, |op, cx| {
        let policy = cx.policy(&op.policy)?;
        Ok(Performed::read((Arc::clone(policy), version(policy, op.version)?.clone())))
    };
    ListPolicyVersions => (Arc<ManagedPolicy>, Page<PolicyVersionId>), Read, list_versions;
    DeletePolicyVersion => (), Write, delete_version;
    SetDefaultPolicyVersion => (), Write, |op, cx| change(cx, &op.policy, |policy| {
        version(policy, op.version)?;
        policy.default = op.version;
        Ok(())
    });
    TagPolicy => (), Write, |op, cx| change(cx, &op.policy, |policy| {
        policy.tags = policy.tags.with(&op.tags)?;
        Ok(())
    });
    UntagPolicy => (), Write, |op, cx| change(cx, &op.policy, |policy| {
        policy.tags = policy.tags.without(&op.keys);
        Ok(())
    });
    ListPolicyTags => Page<(String, String)>, Read, |op, cx| {
        Ok(Performed::read(tags_page(&op.page, &cx.policy(&op.policy)?.tags)))
    };
    ListEntitiesForPolicy => Page<PolicyEntity>, Read, entities;
}

fn summary(cx: &Context<'_>, policy: &Arc<ManagedPolicy>) -> PolicySummary {
    let (attachments, boundaries) = cx.state.policy_counts(&policy.arn(), cx.told_to(policy));
    PolicySummary { policy: Arc::clone(policy), attachments, boundaries }
}

fn version(
    policy: &ManagedPolicy,
    wanted: PolicyVersionId,
) -> Result<&PolicyVersion, IdentityError> {
    let found = policy.versions.get(&wanted);
    found.ok_or_else(|| IdentityError::missing(EntityKind::PolicyVersion, &wanted))
}

fn change(
    cx: &Context<'_>,
    arn: &Arn,
    edit: impl FnOnce(&mut ManagedPolicy) -> Result<(), IdentityError>,
) -> Outcome<()> {
    let mut policy = (**cx.own_policy(arn)?).clone();
    edit(&mut policy)?;
    policy.updated = cx.now;
    Ok(Performed::write(vec![Change::Policy(Arc::new(policy))], ()))
}

/// A managed policy is an identity policy of at most 6,144 bytes.
fn sized(document: &StoredPolicy) -> Result<(), IdentityError> {
    if document.kind() != Kind::Identity {
        let must = "an identity policy";
        return Err(IdentityError::Validation { parameter: "PolicyDocument", must });
    }
    let max = policy::MANAGED_POLICY_BYTES_MAX;
    if document.size_bytes() <= max {
        Ok(())
    } else {
        Err(IdentityError::LimitExceeded { quota: "PolicySize", max })
    }
}

fn create(op: &CreatePolicy, cx: &Context<'_>) -> Outcome<PolicySummary> {
    let account = op.policy.account;
    if cx.state.policies.named(account, op.policy.name.as_str()).is_some() {
        return Err(IdentityError::taken(EntityKind::Policy, &op.policy.name));
    }
    within("PoliciesPerAccount", cx.state.policies.count(account), cx.quotas.policies)?;
    described(op.description.as_ref())?;
    sized(&op.document)?;
    let first = PolicyVersionId(1);
    let version = PolicyVersion { created: cx.now, document: op.document.clone() };
    let policy = Arc::new(ManagedPolicy {
        id: cx.unique_id(UniqueIdKind::Policy),
        account,
        path: op.policy.path.clone(),
        name: op.policy.name.clone(),
        created: cx.now,
        updated: cx.now,
        description: op.description.clone(),
        versions: BTreeMap::from([(first, version)]),
        default: first,
        next: PolicyVersionId(2),
        tags: op.tags.clone(),
    });
    let answer = PolicySummary { policy: Arc::clone(&policy), attachments: 0, boundaries: 0 };
    Ok(Performed::write(vec![Change::Policy(policy)], answer))
}

fn list(op: &ListPolicies, cx: &Context<'_>) -> Outcome<Page<PolicySummary>> {
    let (local, aws) = match op.scope {
        PolicyScope::All => (true, true),
        PolicyScope::Aws => (false, true),
        PolicyScope::Local => (true, false),
    };
    // The account's own come first; `-` and `/` keep the two kinds apart in markers.
    let after = op.page.marker().map(|marker| marker.strip_prefix(OWN_MARK));
    let own = match after {
        None => Some(None),
        Some(name @ Some(_)) => Some(name),
        Some(None) => None,
    };
    let own = own.filter(|_| local).into_iter();
    let own = own.flat_map(|after| cx.state.policies.of(op.account, after));
    let policies = own.chain(crate::canned::all().filter(|_| aws).cloned());
    let policies = policies.filter(|policy| policy.path.as_str().starts_with(op.prefix.as_str()));
    let wanted = policies.map(|policy| summary(cx, &policy)).filter(|summary| match op.attached {
        AttachedFilter::Any => true,
        AttachedFilter::Attached => summary.attachments > 0,
    });
    Ok(Performed::read(Page::cut(&op.page, wanted, |summary| {
        let mark = if summary.policy.is_canned() { CANNED_MARK } else { OWN_MARK };
        format!("{mark}{}", summary.policy.name.folded())
    })))
}

/// What markers of the account's own policies begin with, and those of every installation's.
const OWN_MARK: &str = "-";
const CANNED_MARK: &str = "/";

fn delete(op: &DeletePolicy, cx: &Context<'_>) -> Outcome<()> {
    let policy = cx.own_policy(&op.policy)?;
    let remains = [
        (cx.state.uses_of(&op.policy).next().is_some(), Remains::Attachments),
        (policy.versions.len() > 1, Remains::Versions),
        (cx.named_by_rules(policy.account, &op.policy), Remains::MappingRules),
    ];
    if let Some((_, remains)) = remains.into_iter().find(|(left, _)| *left) {
        return Err(IdentityError::DeleteConflict { kind: EntityKind::Policy, remains });
    }
    Ok(Performed::write(vec![Change::PolicyGone(policy.id.clone())], ()))
}

fn create_version(
    op: &CreatePolicyVersion,
    cx: &Context<'_>,
) -> Outcome<(PolicyVersionId, PolicyVersion)> {
    let mut policy = (**cx.own_policy(&op.policy)?).clone();
    sized(&op.document)?;
    within("VersionsPerPolicy", policy.versions.len(), POLICY_VERSIONS_MAX)?;
    let number = policy.next;
    let version = PolicyVersion { created: cx.now, document: op.document.clone() };
    policy.next = PolicyVersionId(number.0.saturating_add(1));
    policy.versions.insert(number, version.clone());
    if op.default == NewDefault::Switch {
        policy.default = number;
    }
    policy.updated = cx.now;
    Ok(Performed::write(vec![Change::Policy(Arc::new(policy))], (number, version)))
}

fn list_versions(
    op: &ListPolicyVersions,
    cx: &Context<'_>,
) -> Outcome<(Arc<ManagedPolicy>, Page<PolicyVersionId>)> {
    let policy = cx.policy(&op.policy)?;
    let versions = policy.versions.keys().copied();
    let page = Page::cut(&op.page, versions, |version| format!("{:010}", version.0));
    Ok(Performed::read((Arc::clone(policy), page)))
}

fn delete_version(op: &DeletePolicyVersion, cx: &Context<'_>) -> Outcome<()> {
    change(cx, &op.policy, |policy| {
        version(policy, op.version)?;
        if policy.default == op.version {
            return Err(IdentityError::DefaultVersion);
        }
        policy.versions.remove(&op.version);
        Ok(())
    })
}

fn entities(op: &ListEntitiesForPolicy, cx: &Context<'_>) -> Outcome<Page<PolicyEntity>> {
    let account = cx.told_to(cx.policy(&op.policy)?);
    let state = cx.state;
    let wanted = |kind: Use| match op.filter {
        EntityFilter::All => kind != Use::Boundary,
        EntityFilter::Users => kind == Use::User,
        EntityFilter::Groups => kind == Use::Group,
        EntityFilter::Roles => kind == Use::Role,
    };
    let uses = state.uses_in(&op.policy, account).filter(|(kind, _)| wanted(*kind));
    let entities = uses.filter_map(|(kind, id)| {
        let (kind, name) = match kind {
            Use::User => (EntityKind::User, state.users.by_id(&id)?.name.to_string()),
            Use::Group => (EntityKind::Group, state.groups.by_id(&id)?.name.to_string()),
            Use::Role | Use::Boundary => {
                (EntityKind::Role, state.roles.by_id(&id)?.name.to_string())
            }
        };
        Some(PolicyEntity { kind, name, id })
    });
    Ok(Performed::read(Page::cut(&op.page, entities, |entity| {
        let order = match entity.kind {
            EntityKind::User => 0,
            EntityKind::Group => 1,
            _ => 2,
        };
        format!("{order}{}", entity.id)
    })))
}
