//! How much of the record somebody sees: the account that owns the installation sees all of it, any
//! other its own callers' entries, without what another account's policies say.

use audit::Entry;
use audit::entry::CheckRecord;
use identity::State;
use names::AccountId;
use policy::decision::Layer;
use policy::operation::Check;

use crate::decide;

/// How much of the record is seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum View {
    /// Everything.
    Whole,
    /// The entries of this account's callers.
    Account(AccountId),
}

impl View {
    /// What the callers of an account see.
    pub(super) fn of(account: AccountId, state: &State) -> Self {
        if state.operator() == Some(account) { Self::Whole } else { Self::Account(account) }
    }

    /// Whether an entry is seen at all.
    pub(super) fn admits(self, entry: &Entry) -> bool {
        match self {
            Self::Whole => true,
            Self::Account(account) => entry.opened.account == Some(account),
        }
    }

    /// Whether what the policies on the resource's side say is seen. Across accounts it stays with
    /// the resource's owner (IAM user guide, "Access denied error message format").
    pub(super) fn sees_resource_side(self, check: &Check, state: &State) -> bool {
        match self {
            Self::Whole => true,
            Self::Account(account) => {
                decide::side(state, Some(account), check).account == Some(account)
            }
        }
    }

    /// The entry without what is not seen of it.
    pub(super) fn narrow(self, mut entry: Entry, state: &State) -> Entry {
        for record in &mut entry.opened.checks {
            if !self.sees_resource_side(&check(record), state) {
                record.context.clear();
                if resource_side(record.layer) {
                    record.by = None;
                }
            }
        }
        entry
    }
}

/// Whether a layer is the resource owner's.
pub(super) fn resource_side(layer: Layer) -> bool {
    matches!(layer, Layer::Resource | Layer::ResourceControl | Layer::PublicAccessBlock)
}

/// The check that a record is of.
pub(super) fn check(record: &CheckRecord) -> Check {
    Check {
        action: record.action.clone(),
        resource: record.resource.clone(),
        need: record.need,
        with: Vec::new(),
    }
}
