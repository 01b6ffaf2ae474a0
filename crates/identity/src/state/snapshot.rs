//! The whole state as one record, so that a start need not replay everything.

use std::sync::Arc;

use audit::ChainLink;
use names::{AccessKeyId, AccountId, Revision, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

use super::section::TooMuch;
use super::{Inconsistent, State};
use crate::delta::Change;
use crate::identity::SNAPSHOT_CHANGES;
use crate::log::NotKept;

/// The version of a description.
const SNAPSHOT_VERSION: u16 = 1;
/// Which part of as many changes as a snapshot has records lies between two snapshots: a start
/// reads no more of them one by one, and no more lies over a snapshot. What did not change costs
/// the next one next to nothing.
const SNAPSHOT_PART: u64 = 256;
/// The same between two snapshots that are kept when there are newer ones: to read what was at a
/// revision of long ago takes that many changes, and room for so many snapshots.
const MILESTONE_PART: u64 = 8;

/// A description: changes that make the state, and what is not a record. It was the whole of a
/// snapshot of version 1; in one of version 2 it is what does not lie in tables.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    v: u16,
    revision: Revision,
    changes: Vec<Change>,
    revoked_sessions: Vec<(AccessKeyId, Revision)>,
    issued_before: Vec<(UniqueId, Revision)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    revoked_at: Vec<(UniqueId, Timestamp)>,
    #[serde(default)]
    ended: Vec<(AccountId, ChainLink, Revision)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_at: Vec<(AccountId, ChainLink, Timestamp)>,
}

/// Why a snapshot cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadSnapshot {
    #[error("it is not JSON of the form that is known")]
    Form(#[from] serde_json::Error),
    #[error("its version {0} is unknown")]
    Version(u16),
    #[error("it does not fit together")]
    Inconsistent(#[from] Inconsistent),
    #[error("its parts are not where it says")]
    Parts,
    #[error("a record cannot be read")]
    Record,
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    #[error(transparent)]
    NotKept(#[from] NotKept),
}

impl State {
    /// Writes the state in pieces.
    pub(crate) fn write(
        &self,
        to: &mut dyn FnMut(Vec<u8>) -> Result<(), BadSnapshot>,
    ) -> Result<(), BadSnapshot> {
        if self.is_damaged() {
            return Err(BadSnapshot::Record);
        }
        self.pack(&serde_json::to_vec(&self.described(self.rest()))?, to)
    }

    /// The state of the parts of a snapshot: users, groups, roles, policies and keys are not read
    /// before they are asked for.
    pub(crate) fn of_parts(read: &[Arc<Vec<u8>>]) -> Result<Self, BadSnapshot> {
        let rest = read.first().ok_or(BadSnapshot::Parts)?;
        let rest: Snapshot = serde_json::from_slice(rest)?;
        Self::lying_in(read, rest.revision)?.with(rest)
    }

    /// The state of a snapshot of the first version.
    pub(crate) fn of_version_1(bytes: &[u8]) -> Result<Self, BadSnapshot> {
        Self::default().with(serde_json::from_slice(bytes)?)
    }

    /// The state as bytes.
    #[cfg(test)]
    pub(crate) fn encode(&self) -> Result<Vec<u8>, BadSnapshot> {
        let mut all = Vec::new();
        self.write(&mut |piece| {
            all.extend(piece);
            Ok(())
        })?;
        Ok(all)
    }

    /// The state from bytes.
    #[cfg(test)]
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, BadSnapshot> {
        let Some(parts) = super::pack::parts(bytes, bytes.len() as u64)? else {
            return Self::of_version_1(bytes);
        };
        let place = |at: u64| usize::try_from(at).unwrap();
        let read: Vec<_> = parts
            .all()
            .map(|part| Arc::new(bytes[place(part.start)..place(part.end)].to_vec()))
            .collect();
        Self::of_parts(&read)
    }

    /// The state as one description, with some of its records.
    fn described(&self, changes: Vec<Change>) -> Snapshot {
        Snapshot {
            v: SNAPSHOT_VERSION,
            revision: self.revision,
            changes,
            revoked_sessions: self.revoked_sessions.iter().map(|(k, r)| (k.clone(), *r)).collect(),
            issued_before: self.issued_before.iter().map(|(k, r)| (k.clone(), *r)).collect(),
            revoked_at: self.revoked_at.iter().map(|(k, at)| (k.clone(), *at)).collect(),
            ended: self.ended.iter().map(|((a, l), r)| (*a, l.clone(), *r)).collect(),
            left_at: self.left_at.iter().map(|((a, l), at)| (*a, l.clone(), *at)).collect(),
        }
    }

    /// The state with everything that a description says. Linear in its length.
    fn with(mut self, snapshot: Snapshot) -> Result<Self, BadSnapshot> {
        if snapshot.v != SNAPSHOT_VERSION {
            return Err(BadSnapshot::Version(snapshot.v));
        }
        self.revision = snapshot.revision;
        snapshot.changes.iter().try_for_each(|change| self.change(change))?;
        for (session, at) in snapshot.revoked_sessions {
            self.revoked_sessions.insert_mut(session, at);
        }
        for (principal, at) in snapshot.issued_before {
            self.issued_before.insert_mut(principal, at);
        }
        for (principal, at) in snapshot.revoked_at {
            self.revoked_at.insert_mut(principal, at);
        }
        for (account, link, at) in snapshot.ended {
            self.ended.insert_mut((account, link), at);
        }
        for (account, link, at) in snapshot.left_at {
            self.left_at.insert_mut((account, link), at);
        }
        Ok(self)
    }

    /// How many changes lie between two snapshots.
    pub(crate) fn snapshot_due(&self) -> u64 {
        self.weight().checked_div(SNAPSHOT_PART).unwrap_or(0).max(SNAPSHOT_CHANGES)
    }

    /// How many changes lie between two snapshots that are kept, at most.
    pub(crate) fn milestone_due(&self) -> u64 {
        self.weight().checked_div(MILESTONE_PART).unwrap_or(0).max(SNAPSHOT_CHANGES)
    }

    /// How many records a snapshot has, near enough: what grows with an installation.
    fn weight(&self) -> u64 {
        let kinds = [
            self.users.len(),
            self.groups.len(),
            self.roles.len(),
            self.policies.len(),
            self.keys.len(),
            self.buckets.size(),
            self.bulks.size(),
            self.revoked_sessions.size(),
        ];
        let all = kinds.into_iter().fold(0_usize, usize::saturating_add);
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// Every record that is not in the tables of a snapshot, what others refer to first.
    fn rest(&self) -> Vec<Change> {
        let mut all: Vec<Change> = vec![Change::Epoch(self.epoch)];
        all.extend(self.controls.values().map(|r| Change::ControlPolicy(Arc::clone(r))));
        all.push(Change::Organization(Arc::clone(&self.organization)));
        all.extend(self.units_from_the_root().map(|r| Change::Unit(Arc::clone(r))));
        all.extend(self.accounts.values().map(|r| Change::Account(Arc::clone(r))));
        all.extend(self.operator.map(|id: AccountId| Change::Operator(id)));
        all.extend(self.providers.values().map(|r| Change::Provider(Arc::clone(r))));
        all.extend(self.buckets.values().map(|r| Change::Bucket(Arc::clone(r))));
        all.extend(self.bulks.iter().map(|(hash, bulk)| Change::SessionBulk {
            hash: hash.clone(),
            bulk: Arc::clone(bulk),
        }));
        all.extend(self.sign_in_records());
        all
    }

    /// The state as version 1 wrote it: every record, one behind the other.
    #[cfg(test)]
    pub(crate) fn encode_version_1(&self) -> Vec<u8> {
        let tables = self
            .policies
            .all()
            .map(Change::Policy)
            .chain(self.groups.all().map(Change::Group))
            .chain(self.roles.all().map(Change::Role))
            .chain(self.users.all().map(Change::User))
            .chain(self.keys.all().map(Change::Key));
        let rest = self.rest();
        let accounts = |change: &Change| {
            matches!(
                change,
                Change::Epoch(_)
                    | Change::ControlPolicy(_)
                    | Change::Organization(_)
                    | Change::Unit(_)
                    | Change::Account(_)
                    | Change::Operator(_)
            )
        };
        let (first, last): (Vec<_>, Vec<_>) = rest.into_iter().partition(accounts);
        let changes = first.into_iter().chain(tables).chain(last).collect();
        serde_json::to_vec(&self.described(changes)).unwrap()
    }

    /// A text that two states share exactly when they hold the same.
    #[cfg(test)]
    pub(crate) fn fingerprint(&self) -> String {
        let tables = self
            .policies
            .all()
            .map(Change::Policy)
            .chain(self.groups.all().map(Change::Group))
            .chain(self.roles.all().map(Change::Role))
            .chain(self.users.all().map(Change::User))
            .chain(self.keys.all().map(Change::Key));
        let records = self.rest().into_iter().chain(tables);
        let mut records: Vec<String> =
            records.map(|c| serde_json::to_string(&c).unwrap()).collect();
        records.sort();
        let mut revoked: Vec<String> = self
            .revoked_sessions
            .iter()
            .map(|(k, r)| format!("{k}@{r}"))
            .chain(self.issued_before.iter().map(|(k, r)| format!("{k}<{r}")))
            .chain(self.revoked_at.iter().map(|(k, at)| format!("{k}@{at}")))
            .chain(self.ended.iter().map(|((a, l), r)| format!("{a} {l:?}<{r}")))
            .chain(self.left_at.iter().map(|((a, l), at)| format!("{a} {l:?}@{at}")))
            .collect();
        revoked.sort();
        format!("{}\n{}\n{}", self.revision, records.join("\n"), revoked.join("\n"))
    }
}
