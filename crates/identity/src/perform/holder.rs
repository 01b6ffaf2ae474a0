//! What attaching, detaching and writing inline policies do, for users, groups and roles alike.

use std::sync::Arc;

use names::{Arn, PolicyName};
use policy::Kind;

use super::{performs, within};
use crate::delta::Change;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Context, Performed};
use crate::ops::{GroupRef, Page, PageRequest, RoleRef, UserRef};
use crate::record::{Group, Policies, Role, User};
use crate::stored_policy::StoredPolicy;

type Outcome<T> = Result<Performed<T>, IdentityError>;

/// A managed policy that is attached to something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttachedPolicy {
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: PolicyName,
}

/// An inline policy.
#[derive(Clone, PartialEq, Debug)]
pub struct InlinePolicy {
    /// Its name.
    pub name: PolicyName,
    /// What it says.
    pub document: StoredPolicy,
}

/// Most bytes of a user's inline policies together, without white space (IAM quotas).
pub(crate) const USER_INLINE_BYTES_MAX: usize = 2048;
/// Most bytes of a group's inline policies together.
pub(crate) const GROUP_INLINE_BYTES_MAX: usize = 5120;
/// Most bytes of a role's inline policies together.
pub(crate) const ROLE_INLINE_BYTES_MAX: usize = 10_240;

/// A reference to something that holds policies.
trait Holder {
    type Record: Clone;
    const INLINE_BYTES_MAX: usize;

    fn find<'a>(&self, cx: &'a Context<'_>) -> Result<&'a Arc<Self::Record>, IdentityError>;
    fn policies(record: &mut Self::Record) -> &mut Policies;
    fn account(&self) -> names::AccountId;
    fn put(record: Self::Record) -> Change;

    fn read(&self, cx: &Context<'_>) -> Result<Policies, IdentityError> {
        let mut record = (**self.find(cx)?).clone();
        Ok(std::mem::take(Self::policies(&mut record)))
    }
}

macro_rules! holder {
    ($reference:ty, $record:ident, $find:ident, $max:ident) => {
        impl Holder for $reference {
            type Record = $record;
            const INLINE_BYTES_MAX: usize = $max;

            fn find<'a>(&self, cx: &'a Context<'_>) -> Result<&'a Arc<$record>, IdentityError> {
                cx.$find(self)
            }

            fn policies(record: &mut $record) -> &mut Policies {
                &mut record.policies
            }

            fn account(&self) -> names::AccountId {
                self.account
            }

            fn put(record: $record) -> Change {
                Change::$record(Arc::new(record))
            }
        }
    };
}

holder!(UserRef, User, user, USER_INLINE_BYTES_MAX);
holder!(GroupRef, Group, group, GROUP_INLINE_BYTES_MAX);
holder!(RoleRef, Role, role, ROLE_INLINE_BYTES_MAX);

performs! {
    AttachUserPolicy => (), Write, |op, cx| attach(cx, &op.user, &op.policy);
    AttachGroupPolicy => (), Write, |op, cx| attach(cx, &op.group, &op.policy);
    AttachRolePolicy => (), Write, |op, cx| attach(cx, &op.role, &op.policy);
    DetachUserPolicy => (), Write, |op, cx| detach(cx, &op.user, &op.policy);
    DetachGroupPolicy => (), Write, |op, cx| detach(cx, &op.group, &op.policy);
    DetachRolePolicy => (), Write, |op, cx| detach(cx, &op.role, &op.policy);
    ListAttachedUserPolicies => Page<AttachedPolicy>, Read,
        |op, cx| list_attached(cx, &op.user, &op.page);
    ListAttachedGroupPolicies => Page<AttachedPolicy>, Read,
        |op, cx| list_attached(cx, &op.group, &op.page);
    ListAttachedRolePolicies => Page<AttachedPolicy>, Read,
        |op, cx| list_attached(cx, &op.role, &op.page);
    PutUserPolicy => (), Write, |op, cx| put(cx, &op.user, &op.name, &op.document);
    PutGroupPolicy => (), Write, |op, cx| put(cx, &op.group, &op.name, &op.document);
    PutRolePolicy => (), Write, |op, cx| put(cx, &op.role, &op.name, &op.document);
    GetUserPolicy => InlinePolicy, Read, |op, cx| get(cx, &op.user, &op.name);
    GetGroupPolicy => InlinePolicy, Read, |op, cx| get(cx, &op.group, &op.name);
    GetRolePolicy => InlinePolicy, Read, |op, cx| get(cx, &op.role, &op.name);
    DeleteUserPolicy => (), Write, |op, cx| delete(cx, &op.user, &op.name);
    DeleteGroupPolicy => (), Write, |op, cx| delete(cx, &op.group, &op.name);
    DeleteRolePolicy => (), Write, |op, cx| delete(cx, &op.role, &op.name);
    ListUserPolicies => Page<PolicyName>, Read, |op, cx| list(cx, &op.user, &op.page);
    ListGroupPolicies => Page<PolicyName>, Read, |op, cx| list(cx, &op.group, &op.page);
    ListRolePolicies => Page<PolicyName>, Read, |op, cx| list(cx, &op.role, &op.page);
}

fn change<H: Holder>(
    cx: &Context<'_>,
    holder: &H,
    edit: impl FnOnce(&mut Policies) -> Result<(), IdentityError>,
) -> Outcome<()> {
    let mut record = (**holder.find(cx)?).clone();
    edit(H::policies(&mut record))?;
    Ok(Performed::write(vec![H::put(record)], ()))
}

fn attach<H: Holder>(cx: &Context<'_>, holder: &H, arn: &Arn) -> Outcome<()> {
    holder.find(cx)?;
    cx.attachable(holder.account(), arn)?;
    change(cx, holder, |policies| {
        if !policies.attached.contains(arn) {
            let max = cx.quotas.attached_policies;
            within("PoliciesPerEntity", policies.attached.len(), max)?;
            policies.attached.insert(arn.clone());
        }
        Ok(())
    })
}

fn detach<H: Holder>(cx: &Context<'_>, holder: &H, arn: &Arn) -> Outcome<()> {
    change(cx, holder, |policies| match policies.attached.remove(arn) {
        true => Ok(()),
        false => Err(IdentityError::missing(EntityKind::Policy, arn)),
    })
}

fn list_attached<H: Holder>(
    cx: &Context<'_>,
    holder: &H,
    page: &PageRequest,
) -> Outcome<Page<AttachedPolicy>> {
    let attached = holder.read(cx)?.attached;
    let named = attached.into_iter().filter_map(|arn| {
        let name = cx.state.policy(&arn)?.name.clone();
        Some(AttachedPolicy { arn, name })
    });
    Ok(Performed::read(Page::cut(page, named, |policy| policy.arn.to_string())))
}

fn put<H: Holder>(
    cx: &Context<'_>,
    holder: &H,
    name: &PolicyName,
    document: &StoredPolicy,
) -> Outcome<()> {
    if document.kind() != Kind::Identity {
        let must = "an identity policy";
        return Err(IdentityError::Validation { parameter: "PolicyDocument", must });
    }
    change(cx, holder, |policies| {
        policies.inline.retain(|known, _| known.folded() != name.folded());
        policies.inline.insert(name.clone(), document.clone());
        let size: usize = policies.inline.values().map(StoredPolicy::size_bytes).sum();
        let max = H::INLINE_BYTES_MAX;
        if size <= max {
            Ok(())
        } else {
            Err(IdentityError::LimitExceeded { quota: "PolicySize", max })
        }
    })
}

fn get<H: Holder>(cx: &Context<'_>, holder: &H, name: &PolicyName) -> Outcome<InlinePolicy> {
    let mut inline = holder.read(cx)?.inline;
    let found = inline.remove(name);
    let document = found.ok_or_else(|| IdentityError::missing(EntityKind::InlinePolicy, name))?;
    Ok(Performed::read(InlinePolicy { name: name.clone(), document }))
}

fn delete<H: Holder>(cx: &Context<'_>, holder: &H, name: &PolicyName) -> Outcome<()> {
    change(cx, holder, |policies| match policies.inline.remove(name) {
        Some(_) => Ok(()),
        None => Err(IdentityError::missing(EntityKind::InlinePolicy, name)),
    })
}

fn list<H: Holder>(cx: &Context<'_>, holder: &H, page: &PageRequest) -> Outcome<Page<PolicyName>> {
    let names = holder.read(cx)?.inline.into_keys();
    Ok(Performed::read(Page::cut(page, names, ToString::to_string)))
}
