//! What a snapshot says of its users, groups and roles together: who is in a group, what uses a
//! policy, and which user stands for an outside identity. What it says of a record counts as long
//! as the record did not change since.

use std::cmp::Ordering;
use std::sync::Arc;

use names::{Arn, Revision, UniqueId};
use sha2::{Digest as _, Sha256};

use super::section::{NUMBER_BYTES, Section, numbers};
use super::table::Care;
use super::texts::Texts;
use super::{State, Use};
use crate::record::User;

/// How many records of a snapshot are kept in their parsed form; past that, all are forgotten.
const KEPT_RECORDS_MAX: usize = 50_000;
/// Bytes of one use in the section of uses: how, and the number of the record.
const USE_BYTES: usize = 1 + NUMBER_BYTES;
/// Bytes of the hash under which an outside identity is found.
const BINDING_BYTES: usize = 16;

/// A snapshot that a state lies over.
#[derive(Clone)]
pub(crate) struct Base {
    /// The revision at which its roles had their trust policies, if no other is known.
    pub(super) trusted: Revision,
    /// By the group's id: the numbers of its members.
    pub(crate) members: Section,
    /// By the policy's ARN: how and by what it is used.
    pub(crate) uses: Section,
    /// By the hash of an outside identity: the number of its user.
    pub(crate) bindings: Section,
    /// What stands for what.
    pub(super) texts: Arc<Texts>,
    /// What its tables share.
    pub(crate) care: Arc<Care>,
}

/// How the snapshot says that something uses a policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LyingUse {
    User = 0,
    Group = 1,
    Role = 2,
    UserBoundary = 3,
    RoleBoundary = 4,
}

impl LyingUse {
    fn read(byte: u8) -> Option<Self> {
        let all = [Self::User, Self::Group, Self::Role, Self::UserBoundary, Self::RoleBoundary];
        all.get(usize::from(byte)).copied()
    }

    /// The uses that lie one behind the other: how, and the number of the record.
    pub(super) fn all(bytes: &[u8]) -> impl Iterator<Item = (Self, usize)> + '_ {
        bytes.chunks_exact(USE_BYTES).filter_map(|entry| {
            let (kind, number) = entry.split_first()?;
            Some((Self::read(*kind)?, numbers(number).next()?))
        })
    }

    /// What it means.
    pub(super) fn meaning(self) -> Use {
        match self {
            Self::User => Use::User,
            Self::Group => Use::Group,
            Self::Role => Use::Role,
            Self::UserBoundary | Self::RoleBoundary => Use::Boundary,
        }
    }
}

/// Under what an outside identity is found in a snapshot.
pub(super) fn binding(provider: &Arn, issuer: &str, subject: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [provider.as_str(), issuer, subject] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().copied().take(BINDING_BYTES).collect()
}

impl State {
    /// The members of a group. They are read as the iterator comes to them, and not kept.
    pub fn members_of<'a>(&'a self, group: &UniqueId) -> impl Iterator<Item = Arc<User>> + 'a {
        let lying = self
            .base
            .as_deref()
            .map_or(&[][..], |base| body(&base.members, group.as_str().as_bytes()));
        let lying = numbers(lying).filter_map(|number| self.users.read_unchanged(number));
        let since = self.members.get(group).into_iter().flatten();
        lying.chain(since.filter_map(|user| self.users.by_id(user).cloned()))
    }

    /// What uses a managed policy, in order.
    pub(crate) fn uses_of<'a>(
        &'a self,
        policy: &Arn,
    ) -> impl Iterator<Item = (Use, UniqueId)> + 'a {
        let lying = self
            .base
            .as_deref()
            .map_or(&[][..], |base| body(&base.uses, policy.as_str().as_bytes()));
        let lying = LyingUse::all(lying).filter_map(|(kind, number)| {
            let id = match kind {
                LyingUse::User | LyingUse::UserBoundary => self.users.unchanged(number),
                LyingUse::Group => self.groups.unchanged(number),
                LyingUse::Role | LyingUse::RoleBoundary => self.roles.unchanged(number),
            };
            Some((kind.meaning(), id?))
        });
        merged(lying, self.uses.get(policy).into_iter().flatten().cloned())
    }

    /// The user that stands for an outside identity.
    pub(super) fn user_bound(
        &self,
        provider: &Arn,
        issuer: &str,
        subject: &str,
    ) -> Option<&Arc<User>> {
        let key = (provider.clone(), issuer.to_owned(), subject.to_owned());
        if let Some(id) = self.bindings.get(&key) {
            return self.users.by_id(id);
        }
        let bindings = &self.base.as_deref()?.bindings;
        let number = numbers(body(bindings, &binding(provider, issuer, subject))).next()?;
        let user = self.users.by_id(&self.users.unchanged(number)?)?;
        let bound = user.federated.as_ref().is_some_and(|own| {
            (&own.provider, own.issuer.as_str(), own.subject.as_str())
                == (provider, issuer, subject)
        });
        bound.then_some(user)
    }

    /// Since when a role has its trust policy, at the latest; `None` if there is no such role.
    pub(crate) fn trusted_since(&self, role: &UniqueId) -> Option<Revision> {
        let lying = || {
            self.roles.account_of(role)?;
            Some(self.base.as_deref()?.trusted)
        };
        self.trusted.get(role).copied().or_else(lying)
    }

    /// Whether a record of the snapshot could not be read. What depends on it is not known: nobody
    /// is let in, and nothing is changed.
    pub(crate) fn is_damaged(&self) -> bool {
        self.base.as_deref().is_some_and(|base| base.care.is_damaged())
    }

    /// Whether so many records are kept in their parsed form that they should be forgotten.
    pub(crate) fn keeps_too_much(&self) -> bool {
        self.base.as_deref().is_some_and(|base| base.care.kept() > KEPT_RECORDS_MAX)
    }

    /// This state in the place of another that says the same: what is kept beside records stays.
    pub(crate) fn in_place_of(self, other: &Self) -> Self {
        let base = self.base.map(|base| {
            let since = other.base.as_deref().map(|base| base.trusted);
            Arc::new(Base { trusted: since.unwrap_or(base.trusted), ..Base::clone(&base) })
        });
        Self {
            base,
            trusted: other.trusted.clone(),
            lineage: other.lineage.clone(),
            kept: Arc::clone(&other.kept),
            ..self
        }
    }

    /// The same state; what was parsed of the snapshot is forgotten.
    pub(crate) fn forgetting(&self) -> Self {
        let Some(base) = self.base.as_deref() else { return self.clone() };
        let care = Arc::new(base.care.again());
        Self {
            users: self.users.again(&care),
            groups: self.groups.again(&care),
            roles: self.roles.again(&care),
            policies: self.policies.again(&care),
            keys: self.keys.again(&care),
            base: Some(Arc::new(Base { care, ..base.clone() })),
            ..self.clone()
        }
    }
}

/// What a section says under a key; nothing if it says nothing.
fn body<'a>(section: &'a Section, key: &[u8]) -> &'a [u8] {
    let frame = section.find(key).and_then(|number| section.frame(number));
    frame.map_or(&[], |frame| frame.body)
}

/// What two sorted iterators have, sorted.
fn merged<T: Ord>(
    one: impl Iterator<Item = T>,
    other: impl Iterator<Item = T>,
) -> impl Iterator<Item = T> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(left), Some(right)) => match left.cmp(right) {
            Ordering::Greater => other.next(),
            Ordering::Less | Ordering::Equal => one.next(),
        },
        (Some(_), None) => one.next(),
        (None, _) => other.next(),
    })
}
