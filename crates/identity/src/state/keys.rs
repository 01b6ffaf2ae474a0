//! Access keys, found by their ids and by whose they are: those of the snapshot where they lie in
//! it, and over them what changed since.

use std::collections::BTreeMap;
use std::sync::Arc;

use names::{AccessKeyId, UniqueId};
use rpds::HashTrieMapSync;

use super::index::plus;
use super::relation::Relation;
use super::table::{Care, Table};
use crate::record::AccessKey;

/// All access keys. Cloning is cheap: versions share their structure.
#[derive(Clone)]
pub(crate) struct Keys {
    lying: Option<Table<AccessKey>>,
    /// What changed since the snapshot; `None` is what is gone.
    since: HashTrieMapSync<AccessKeyId, Option<Arc<AccessKey>>>,
    /// Derived: whose those are.
    owned: Relation<UniqueId, AccessKeyId>,
    /// By how much there are more than in the snapshot.
    more: i64,
}

impl Default for Keys {
    fn default() -> Self {
        let since = HashTrieMapSync::new_sync();
        Self { lying: None, since, owned: Relation::default(), more: 0 }
    }
}

impl Keys {
    /// The keys of a snapshot.
    pub(crate) fn lying(table: Table<AccessKey>) -> Self {
        Self { lying: Some(table), ..Self::default() }
    }

    /// The keys of the snapshot as it lies.
    pub(crate) fn table(&self) -> Option<&Table<AccessKey>> {
        self.lying.as_ref()
    }

    /// What changed since the snapshot, by id; `None` is what is gone.
    pub(crate) fn since(&self) -> BTreeMap<&str, Option<&Arc<AccessKey>>> {
        self.since.iter().map(|(id, key)| (id.as_str(), key.as_ref())).collect()
    }

    /// The same keys; what was parsed of the snapshot is not kept.
    pub(crate) fn again(&self, care: &Arc<Care>) -> Self {
        let lying = self.lying.as_ref().map(|table| table.again(care));
        Self { lying, ..self.clone() }
    }

    /// The same keys over those of a newer snapshot, which has them as they were `then`. `None` if
    /// something else than `then` lies under them now.
    pub(crate) fn over(&self, table: Table<AccessKey>, then: &Self) -> Option<Self> {
        let under = |keys: &Self| keys.lying.as_ref().map(|table| table.section().clone());
        if !under(self)?.is(&under(then)?) {
            return None;
        }
        let [all, lying] = [self.len(), table.section().len()].map(i64::try_from);
        let more = all.unwrap_or(i64::MAX).saturating_sub(lying.unwrap_or(i64::MAX));
        let mut keys = Self { lying: Some(table), more, ..self.clone() };
        // A key that was made since the older snapshot and is gone since the newer one is named
        // nowhere here, and lies there.
        let unnamed = |id: &&AccessKeyId| !self.since.contains_key(*id);
        for id in then.since.keys().filter(unnamed).filter(|id| self.number(id).is_none()) {
            keys.since.insert_mut(id.clone(), None);
        }
        Some(keys)
    }

    /// The key of an id.
    pub(crate) fn get(&self, id: &AccessKeyId) -> Option<&Arc<AccessKey>> {
        match self.since.get(id) {
            Some(since) => since.as_ref(),
            None => self.lying.as_ref()?.kept(self.number(id)?),
        }
    }

    fn number(&self, id: &AccessKeyId) -> Option<usize> {
        self.lying.as_ref()?.section().find(id.as_str().as_bytes())
    }

    /// Puts a key, whose owner never changes.
    pub(crate) fn put(&mut self, key: Arc<AccessKey>) {
        if self.get(&key.id).is_none() {
            self.more = self.more.saturating_add(1);
        }
        self.owned.add(&key.owner, key.id.clone());
        self.since.insert_mut(key.id.clone(), Some(key));
    }

    /// Removes a key.
    pub(crate) fn remove(&mut self, id: &AccessKeyId) -> Option<Arc<AccessKey>> {
        let key = Arc::clone(self.get(id)?);
        self.more = self.more.saturating_sub(1);
        self.owned.remove(&key.owner, id);
        match self.number(id) {
            Some(_) => self.since.insert_mut(id.clone(), None),
            None => {
                self.since.remove_mut(id);
            }
        }
        Some(key)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        plus(self.lying.as_ref().map_or(0, |table| table.section().len()), self.more)
    }

    /// The keys of an owner, by id.
    pub(crate) fn of(&self, owner: &UniqueId) -> impl Iterator<Item = &Arc<AccessKey>> {
        self.owned_by(owner, |table, number| table.kept(number)).into_iter()
    }

    /// The same, read for now and not kept.
    pub(crate) fn read_of(&self, owner: &UniqueId) -> Vec<Arc<AccessKey>> {
        let lying = self.owned_by(owner, |_, _| None).into_iter().cloned();
        let table = self.lying.iter();
        let read = table.flat_map(|table| self.numbers_of(table, owner).map(|n| table.read(n)));
        let mut keys: Vec<Arc<AccessKey>> = lying.chain(read.flatten()).collect();
        keys.sort_by(|a, b| a.id.cmp(&b.id));
        keys
    }

    fn owned_by<'a>(
        &'a self,
        owner: &UniqueId,
        lying: impl Fn(&'a Table<AccessKey>, usize) -> Option<&'a Arc<AccessKey>>,
    ) -> Vec<&'a Arc<AccessKey>> {
        let since = self.owned.get(owner).into_iter().flatten();
        let since = since.filter_map(|id| self.since.get(id)?.as_ref());
        let table = self.lying.iter();
        let old = table.flat_map(|table| {
            let numbers: Vec<usize> = self.numbers_of(table, owner).collect();
            numbers.into_iter().filter_map(|number| lying(table, number)).collect::<Vec<_>>()
        });
        let mut keys: Vec<&Arc<AccessKey>> = since.chain(old).collect();
        keys.sort_by(|a, b| a.id.cmp(&b.id));
        keys
    }

    /// An owner's keys of the snapshot that did not change since.
    fn numbers_of<'a>(
        &'a self,
        table: &'a Table<AccessKey>,
        owner: &'a UniqueId,
    ) -> impl Iterator<Item = usize> + 'a {
        let numbers = table.section().with_second(owner.as_str().as_bytes());
        numbers.filter(|number| self.is_unchanged(table, *number))
    }

    fn is_unchanged(&self, table: &Table<AccessKey>, number: usize) -> bool {
        let id = table.section().frame(number).map(|frame| frame.key);
        let id = id.and_then(|id| std::str::from_utf8(id).ok());
        id.is_some_and(|id| !self.since.contains_key(id))
    }

    /// Every key, read and not kept, in no order that means anything.
    pub(crate) fn all(&self) -> impl Iterator<Item = Arc<AccessKey>> + '_ {
        let since = self.since.values().flatten().cloned();
        let lying = self.lying.iter().flat_map(move |table| {
            let numbers = (0..table.section().len()).filter(|n| self.is_unchanged(table, *n));
            numbers.filter_map(|number| table.read(number))
        });
        since.chain(lying)
    }
}
