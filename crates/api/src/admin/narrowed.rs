//! How much of the record somebody sees. The account that owns the installation sees all of it. Any
//! other account sees what its own callers did and what was done to its own resources, and of each
//! decision what its own policies said: neither what another account's policies say nor what the
//! organisation's control policies do (IAM user guide, "Access denied error message format").

use audit::Entry;
use audit::entry::{CheckRecord, Opened};
use identity::State;
use names::{AccountId, Arn};
use policy::decision::Layer;
use policy::operation::Check;

use crate::decide;

/// How much of the record is seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum View {
    /// Everything.
    Whole,
    /// What concerns this account.
    Account(AccountId),
}

/// Whose text of a decision is seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sight {
    caller: Side,
    resource: Side,
    control: Side,
}

/// One side of a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Seen,
    Hidden,
}

impl Side {
    fn seen(holds: bool) -> Self {
        if holds { Self::Seen } else { Self::Hidden }
    }
}

impl Sight {
    /// Whether the policies of a layer are seen.
    pub(super) fn sees(self, layer: Layer) -> bool {
        let side = match layer {
            Layer::ServiceControl | Layer::ResourceControl => self.control,
            Layer::Resource | Layer::PublicAccessBlock => self.resource,
            Layer::Identity | Layer::Boundary | Layer::Session => self.caller,
        };
        side == Side::Seen
    }

    /// Whether nothing is hidden.
    pub(super) fn is_whole(self) -> bool {
        self.control == Side::Seen
    }

    /// Whether both accounts' sides are seen.
    pub(super) fn sees_both(self) -> bool {
        self.caller == Side::Seen && self.resource == Side::Seen
    }

    /// Whether anything is seen at all.
    pub(super) fn sees_something(self) -> bool {
        self.caller == Side::Seen || self.resource == Side::Seen
    }
}

impl View {
    /// What the callers of an account see.
    pub(crate) fn of(account: AccountId, state: &State) -> Self {
        if state.operator() == Some(account) { Self::Whole } else { Self::Account(account) }
    }

    /// Whether an entry is seen at all. `state` is the state that the entry was decided on, or a
    /// later one.
    pub(crate) fn admits(self, entry: &Entry, state: &State) -> bool {
        let opened = &entry.opened;
        match self {
            Self::Whole => true,
            Self::Account(account) if opened.account == Some(account) => true,
            Self::Account(_) => opened
                .checks
                .iter()
                .any(|record| self.sight(opened, record, state).sees_something()),
        }
    }

    /// Whose policies are seen of a decision.
    pub(super) fn sight(self, opened: &Opened, record: &CheckRecord, state: &State) -> Sight {
        let Self::Account(account) = self else {
            return Sight { caller: Side::Seen, resource: Side::Seen, control: Side::Seen };
        };
        let own = opened.account == Some(account);
        let owner = owner(opened, record, state);
        Sight {
            caller: Side::seen(own),
            resource: Side::seen(owner == Some(account)),
            control: Side::Hidden,
        }
    }

    /// The entry without what is not seen of it.
    pub(crate) fn narrow(self, mut entry: Entry, state: &State) -> Entry {
        let Self::Account(account) = self else { return entry };
        let mut checks = std::mem::take(&mut entry.opened.checks);
        checks.retain(|record| self.sight(&entry.opened, record, state).sees_something());
        for record in &mut checks {
            let sight = self.sight(&entry.opened, record, state);
            if !sight.sees_both() {
                record.context.clear();
            }
            if !sight.sees(record.layer) {
                record.by = None;
            }
        }
        let opened = &mut entry.opened;
        if opened.account != Some(account) {
            // Somebody else's caller: who it was and where it came from, but not what it holds.
            opened.credential = None;
            opened.chain.clear();
            opened.human = None;
            opened.session_expires = None;
            opened.mints = None;
            let target = opened.target.take();
            let seen = |resource: &Arn| checks.iter().any(|record| record.resource == *resource);
            opened.target = target.filter(|target| seen(&target.resource));
        }
        opened.checks = checks;
        entry
    }
}

/// Whose resource a decision was about; `None` if nobody can say. A bucket that was made later
/// under the name is another one, so that nobody reads what was done to its namesake.
fn owner(opened: &Opened, record: &CheckRecord, state: &State) -> Option<AccountId> {
    let resource = &record.resource;
    if resource.service() != "s3" {
        return resource.account().parse().ok().or(opened.account);
    }
    // Whoever makes a bucket makes it in its own account, whosever the name is.
    if record.action.as_str() == "s3:CreateBucket" {
        return opened.account;
    }
    match decide::bucket(resource).and_then(|name| state.bucket(&name)) {
        Some(bucket) => {
            let then = opened.revision.is_some_and(|then| bucket.incarnation <= then);
            then.then_some(bucket.owner)
        }
        // What is there now says nothing of what was there then; there is no policy of a bucket to
        // hide at its own revision.
        None if opened.revision == Some(state.revision()) => opened.account,
        None => None,
    }
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
