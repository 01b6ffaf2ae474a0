//! The whole state as one record, so that a start need not replay everything.

use std::sync::Arc;

use audit::ChainLink;
use names::{AccessKeyId, AccountId, Revision, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

use super::{Inconsistent, State};
use crate::delta::Change;

/// The version of the snapshots that this program writes.
const SNAPSHOT_VERSION: u16 = 1;

/// A snapshot: the changes that make the state out of nothing, and what is not a record.
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
}

/// Why a snapshot cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadSnapshot {
    #[error("it is not JSON of the form that is known")]
    Form(#[from] serde_json::Error),
    #[error("its version {0} is unknown")]
    Version(u16),
    #[error("it does not fit together")]
    Inconsistent(#[from] Inconsistent),
}

impl State {
    /// The state as bytes.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let snapshot = Snapshot {
            v: SNAPSHOT_VERSION,
            revision: self.revision,
            changes: self.records(),
            revoked_sessions: self.revoked_sessions.iter().map(|(k, r)| (k.clone(), *r)).collect(),
            issued_before: self.issued_before.iter().map(|(k, r)| (k.clone(), *r)).collect(),
            revoked_at: self.revoked_at.iter().map(|(k, at)| (k.clone(), *at)).collect(),
            ended: self.ended.iter().map(|((a, l), r)| (*a, l.clone(), *r)).collect(),
        };
        serde_json::to_vec(&snapshot)
    }

    /// The state from bytes. Linear in their number.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, BadSnapshot> {
        let snapshot: Snapshot = serde_json::from_slice(bytes)?;
        if snapshot.v != SNAPSHOT_VERSION {
            return Err(BadSnapshot::Version(snapshot.v));
        }
        let mut state = Self { revision: snapshot.revision, ..Self::default() };
        snapshot.changes.iter().try_for_each(|change| state.change(change))?;
        for (session, at) in snapshot.revoked_sessions {
            state.revoked_sessions.insert_mut(session, at);
        }
        for (principal, at) in snapshot.issued_before {
            state.issued_before.insert_mut(principal, at);
        }
        for (principal, at) in snapshot.revoked_at {
            state.revoked_at.insert_mut(principal, at);
        }
        for (account, link, at) in snapshot.ended {
            state.ended.insert_mut((account, link), at);
        }
        Ok(state)
    }

    /// How many records a snapshot has, near enough: what grows with an installation.
    pub(crate) fn weight(&self) -> u64 {
        let kinds = [
            self.users.len(),
            self.groups.len(),
            self.roles.len(),
            self.policies.len(),
            self.keys.size(),
            self.buckets.size(),
            self.bulks.size(),
            self.revoked_sessions.size(),
        ];
        let all = kinds.into_iter().fold(0_usize, usize::saturating_add);
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// Every record, what others refer to first.
    fn records(&self) -> Vec<Change> {
        let mut all: Vec<Change> = vec![Change::Epoch(self.epoch)];
        all.extend(self.controls.values().map(|r| Change::ControlPolicy(Arc::clone(r))));
        all.push(Change::Organization(Arc::clone(&self.organization)));
        all.extend(self.units_from_the_root().map(|r| Change::Unit(Arc::clone(r))));
        all.extend(self.accounts.values().map(|r| Change::Account(Arc::clone(r))));
        all.extend(self.operator.map(|id: AccountId| Change::Operator(id)));
        all.extend(self.policies.all().map(|r| Change::Policy(Arc::clone(r))));
        all.extend(self.groups.all().map(|r| Change::Group(Arc::clone(r))));
        all.extend(self.roles.all().map(|r| Change::Role(Arc::clone(r))));
        all.extend(self.users.all().map(|r| Change::User(Arc::clone(r))));
        all.extend(self.keys.values().map(|r| Change::Key(Arc::clone(r))));
        all.extend(self.providers.values().map(|r| Change::Provider(Arc::clone(r))));
        all.extend(self.buckets.values().map(|r| Change::Bucket(Arc::clone(r))));
        all.extend(self.bulks.iter().map(|(hash, bulk)| Change::SessionBulk {
            hash: hash.clone(),
            bulk: Arc::clone(bulk),
        }));
        all.extend(self.sign_in_records());
        all
    }

    /// A text that two states share exactly when they hold the same.
    #[cfg(test)]
    pub(crate) fn fingerprint(&self) -> String {
        let mut records: Vec<String> =
            self.records().iter().map(|c| serde_json::to_string(c).unwrap()).collect();
        records.sort();
        let mut revoked: Vec<String> = self
            .revoked_sessions
            .iter()
            .map(|(k, r)| format!("{k}@{r}"))
            .chain(self.issued_before.iter().map(|(k, r)| format!("{k}<{r}")))
            .chain(self.revoked_at.iter().map(|(k, at)| format!("{k}@{at}")))
            .chain(self.ended.iter().map(|((a, l), r)| format!("{a} {l:?}<{r}")))
            .collect();
        revoked.sort();
        format!("{}\n{}\n{}", self.revision, records.join("\n"), revoked.join("\n"))
    }
}
