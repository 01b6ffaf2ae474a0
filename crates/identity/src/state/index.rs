//! Records of one kind, found by name, by unique id and by ARN.

use std::sync::Arc;

use names::{AccountId, Arn, UniqueId};
use rpds::{HashTrieMapSync, RedBlackTreeMapSync};

use crate::record::{Group, ManagedPolicy, Role, User};

/// A record that has a name, unique without regard to case, and a unique id.
pub(crate) trait Named {
    /// The unique id.
    fn id(&self) -> &UniqueId;
    /// The account.
    fn account(&self) -> AccountId;
    /// The form under which the name is unique.
    fn folded(&self) -> String;
    /// The ARN.
    fn arn(&self) -> Arn;
}

macro_rules! named {
    ($($record:ty),*) => { $(
        impl Named for $record {
            fn id(&self) -> &UniqueId {
                &self.id
            }

            fn account(&self) -> AccountId {
                self.account
            }

            fn folded(&self) -> String {
                self.name.folded()
            }

            fn arn(&self) -> Arn {
                self.arn()
            }
        }
    )* };
}

named!(User, Group, Role, ManagedPolicy);

type Place = (AccountId, String);

/// All records of one kind. Cloning is cheap: versions share their structure.
pub(crate) struct Index<T> {
    by_name: RedBlackTreeMapSync<Place, Arc<T>>,
    by_id: HashTrieMapSync<UniqueId, Arc<T>>,
    counts: HashTrieMapSync<AccountId, usize>,
}

impl<T> Clone for Index<T> {
    fn clone(&self) -> Self {
        Self {
            by_name: self.by_name.clone(),
            by_id: self.by_id.clone(),
            counts: self.counts.clone(),
        }
    }
}

impl<T> Default for Index<T> {
    fn default() -> Self {
        Self {
            by_name: RedBlackTreeMapSync::new_sync(),
            by_id: HashTrieMapSync::new_sync(),
            counts: HashTrieMapSync::new_sync(),
        }
    }
}

impl<T: Named> Index<T> {
    /// Puts a record, replacing the one of the same id, which may have had another name. Answers
    /// what it replaced; `Err` if the name belongs to another.
    pub(crate) fn put(&mut self, record: Arc<T>) -> Result<Option<Arc<T>>, ()> {
        let place = (record.account(), record.folded());
        if self.by_name.get(&place).is_some_and(|holder| holder.id() != record.id()) {
            return Err(());
        }
        let before = self.remove(record.id());
        self.by_id.insert_mut(record.id().clone(), Arc::clone(&record));
        self.counts.insert_mut(place.0, self.count(place.0).saturating_add(1));
        self.by_name.insert_mut(place, record);
        Ok(before)
    }

    /// Removes a record.
    pub(crate) fn remove(&mut self, id: &UniqueId) -> Option<Arc<T>> {
        let record = Arc::clone(self.by_id.get(id)?);
        let account = record.account();
        self.by_name.remove_mut(&(account, record.folded()));
        self.by_id.remove_mut(id);
        self.counts.insert_mut(account, self.count(account).saturating_sub(1));
        Some(record)
    }

    /// The record of a name.
    pub(crate) fn named(&self, account: AccountId, name: &str) -> Option<&Arc<T>> {
        self.by_name.get(&(account, name.to_ascii_lowercase()))
    }

    /// The record of a unique id.
    pub(crate) fn by_id(&self, id: &UniqueId) -> Option<&Arc<T>> {
        self.by_id.get(id)
    }

    /// The record of an ARN, compared exactly.
    pub(crate) fn by_arn(&self, arn: &Arn) -> Option<&Arc<T>> {
        let name = arn.resource().rsplit('/').next()?;
        let record = self.named(arn.account().parse().ok()?, name)?;
        (record.arn() == *arn).then_some(record)
    }

    /// An account's records in the order of their folded names, from `after` on.
    pub(crate) fn of(
        &self,
        account: AccountId,
        after: Option<&str>,
    ) -> impl Iterator<Item = &Arc<T>> {
        let from = (account, after.unwrap_or_default().to_owned());
        self.by_name
            .range(from..)
            .take_while(move |(place, _)| place.0 == account)
            .map(|(_, record)| record)
    }

    /// How many records an account has.
    pub(crate) fn count(&self, account: AccountId) -> usize {
        self.counts.get(&account).copied().unwrap_or(0)
    }

    /// How many records there are of all accounts.
    pub(crate) fn len(&self) -> usize {
        self.by_id.size()
    }

    /// Every record.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<T>> {
        self.by_name.values()
    }
}
