//! Records of one kind, found by name, by unique id and by ARN: those of the snapshot where they
//! lie in it, and over them what changed since.

use std::cmp::Ordering;
use std::sync::Arc;

use names::{AccountId, Arn, GroupName, PolicyName, RoleName, UniqueId, UserName};
use rpds::{HashTrieMapSync, RedBlackTreeMapSync};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::table::{Care, Table};
use super::texts::ACCOUNT_BYTES;
use crate::ops::EntityName;
use crate::record::{Group, ManagedPolicy, Role, User};

/// A record that has a name, unique without regard to case, and a unique id.
pub(crate) trait Named: Serialize + DeserializeOwned {
    /// What the kind is called in ARNs.
    const KIND: &'static str;

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
    ($($record:ty: $name:ty),*) => { $(
        impl Named for $record {
            const KIND: &'static str = <$name as EntityName>::KIND;

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

named!(User: UserName, Group: GroupName, Role: RoleName, ManagedPolicy: PolicyName);

type Place = (AccountId, String);

/// All records of one kind. Cloning is cheap: versions share their structure.
///
/// Whatever of the snapshot changed since is named in both maps: under its place there, and under
/// its id. `None` is what is gone.
pub(crate) struct Index<T> {
    lying: Option<Table<T>>,
    by_name: RedBlackTreeMapSync<Place, Option<Arc<T>>>,
    by_id: HashTrieMapSync<UniqueId, Option<Arc<T>>>,
    /// By how much an account has more records than in the snapshot.
    more: HashTrieMapSync<AccountId, i64>,
    /// The same of all accounts.
    all_more: i64,
}

impl<T> Clone for Index<T> {
    fn clone(&self) -> Self {
        Self {
            lying: self.lying.clone(),
            by_name: self.by_name.clone(),
            by_id: self.by_id.clone(),
            more: self.more.clone(),
            all_more: self.all_more,
        }
    }
}

impl<T> Default for Index<T> {
    fn default() -> Self {
        Self {
            lying: None,
            by_name: RedBlackTreeMapSync::new_sync(),
            by_id: HashTrieMapSync::new_sync(),
            more: HashTrieMapSync::new_sync(),
            all_more: 0,
        }
    }
}

/// One record of an index, where it is.
pub(crate) enum Piece<'a, T> {
    /// As it lies in the snapshot, under this number.
    Lying(&'a Table<T>, usize),
    /// Changed since.
    Own(&'a Arc<T>),
}

impl<T: Named> Piece<'_, T> {
    /// The record, read if need be.
    pub(crate) fn record(&self) -> Option<Arc<T>> {
        match self {
            Self::Lying(table, number) => table.read(*number),
            Self::Own(record) => Some(Arc::clone(record)),
        }
    }
}

/// The key of a place in a snapshot.
fn key(account: AccountId, folded: &str) -> Vec<u8> {
    [account.as_str(), folded].concat().into_bytes()
}

impl<T: Named> Index<T> {
    /// The records of a snapshot.
    pub(crate) fn lying(table: Table<T>) -> Self {
        Self { lying: Some(table), ..Self::default() }
    }

    /// The same records; what was parsed of the snapshot is not kept.
    pub(crate) fn again(&self, care: &Arc<Care>) -> Self {
        let lying = self.lying.as_ref().map(|table| table.again(care));
        Self { lying, ..self.clone() }
    }

    /// Puts a record, replacing the one of the same id, which may have had another name. Answers
    /// what it replaced; `Err` if the name belongs to another.
    pub(crate) fn put(&mut self, record: Arc<T>) -> Result<Option<Arc<T>>, ()> {
        let place = (record.account(), record.folded());
        if self.at(&place).is_some_and(|holder| holder.id() != record.id()) {
            return Err(());
        }
        let before = self.remove(record.id());
        self.count_more(place.0, 1);
        self.by_id.insert_mut(record.id().clone(), Some(Arc::clone(&record)));
        self.by_name.insert_mut(place, Some(record));
        Ok(before)
    }

    /// Removes a record.
    pub(crate) fn remove(&mut self, id: &UniqueId) -> Option<Arc<T>> {
        let record = Arc::clone(self.by_id(id)?);
        let account = record.account();
        let place = (account, record.folded());
        // What lies in the snapshot stays there, and is hidden.
        match self.number_at(&place) {
            Some(_) => self.by_name.insert_mut(place, None),
            None => {
                self.by_name.remove_mut(&place);
            }
        }
        match self.number(id) {
            Some(_) => self.by_id.insert_mut(id.clone(), None),
            None => {
                self.by_id.remove_mut(id);
            }
        }
        self.count_more(account, -1);
        Some(record)
    }

    fn count_more(&mut self, account: AccountId, more: i64) {
        self.all_more = self.all_more.saturating_add(more);
        let more = self.more.get(&account).copied().unwrap_or(0).saturating_add(more);
        self.more.insert_mut(account, more);
    }

    /// The record of a name.
    pub(crate) fn named(&self, account: AccountId, name: &str) -> Option<&Arc<T>> {
        self.at(&(account, name.to_ascii_lowercase()))
    }

    fn at(&self, place: &Place) -> Option<&Arc<T>> {
        match self.by_name.get(place) {
            Some(since) => since.as_ref(),
            None => self.lying.as_ref()?.kept(self.number_at(place)?),
        }
    }

    /// The record of a unique id.
    pub(crate) fn by_id(&self, id: &UniqueId) -> Option<&Arc<T>> {
        match self.by_id.get(id) {
            Some(since) => since.as_ref(),
            None => self.lying.as_ref()?.kept(self.number(id)?),
        }
    }

    /// The account of the record of a unique id.
    pub(crate) fn account_of(&self, id: &UniqueId) -> Option<AccountId> {
        if let Some(since) = self.by_id.get(id) {
            return since.as_ref().map(|record| record.account());
        }
        let frame = self.lying.as_ref()?.section().frame(self.number(id)?)?;
        std::str::from_utf8(frame.key.get(..ACCOUNT_BYTES)?).ok()?.parse().ok()
    }

    /// The record of an ARN, compared exactly.
    pub(crate) fn by_arn(&self, arn: &Arn) -> Option<&Arc<T>> {
        // Of most ARNs that are asked for the kind tells that it is none of these.
        let path = arn.resource().strip_prefix(T::KIND)?.strip_prefix('/')?;
        let name = path.rsplit('/').next()?;
        let record = self.named(arn.account().parse().ok()?, name)?;
        (record.arn() == *arn).then_some(record)
    }

    /// The number in the snapshot of what had this place there.
    fn number_at(&self, place: &Place) -> Option<usize> {
        self.lying.as_ref()?.section().find(&key(place.0, &place.1))
    }

    /// The number in the snapshot of what has this id.
    fn number(&self, id: &UniqueId) -> Option<usize> {
        self.lying.as_ref()?.section().with_second(id.as_str().as_bytes()).next()
    }

    /// The id of a record of the snapshot, unless it changed since or is gone.
    pub(crate) fn unchanged(&self, number: usize) -> Option<UniqueId> {
        let frame = self.lying.as_ref()?.section().frame(number)?;
        let id: UniqueId = std::str::from_utf8(frame.second).ok()?.parse().ok()?;
        (!self.by_id.contains_key(&id)).then_some(id)
    }

    /// A record of the snapshot, unless it changed since or is gone.
    pub(crate) fn read_unchanged(&self, number: usize) -> Option<Arc<T>> {
        self.unchanged(number)?;
        self.lying.as_ref()?.read(number)
    }

    /// An account's records in the order of their folded names, from `after` on. They are read as
    /// the iterator comes to them, and not kept.
    pub(crate) fn of(
        &self,
        account: AccountId,
        after: Option<&str>,
    ) -> impl Iterator<Item = Arc<T>> + '_ {
        let from = (account, after.unwrap_or_default().to_owned());
        let since = self.by_name.range(from.clone()..);
        let since = since.take_while(move |(place, _)| place.0 == account);
        let lying = self.lying.as_ref().map_or(0..0, |table| {
            let section = table.section();
            section.from(&key(from.0, &from.1))..section.from(&after_all(account))
        });
        self.merged(lying, since).filter_map(|piece| piece.record())
    }

    /// How many records an account has.
    pub(crate) fn count(&self, account: AccountId) -> usize {
        let lying = self.lying.as_ref().map_or(0, |table| {
            let section = table.section();
            section.from(&after_all(account)).saturating_sub(section.from(&key(account, "")))
        });
        plus(lying, self.more.get(&account).copied().unwrap_or(0))
    }

    /// How many records there are of all accounts.
    pub(crate) fn len(&self) -> usize {
        let lying = self.lying.as_ref().map_or(0, |table| table.section().len());
        plus(lying, self.all_more)
    }

    /// Every record, in the order of accounts and folded names; read and not kept.
    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = Arc<T>> + '_ {
        self.pieces().filter_map(|piece| piece.record())
    }

    /// What lies in the snapshot.
    pub(crate) fn table(&self) -> Option<&Table<T>> {
        self.lying.as_ref()
    }

    /// Every record where it is, in the order of accounts and folded names.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Piece<'_, T>> {
        let lying = 0..self.lying.as_ref().map_or(0, |table| table.section().len());
        self.merged(lying, self.by_name.iter())
    }

    /// What lies in the snapshot and what changed since, in order; the latter where both have a
    /// place.
    fn merged<'a>(
        &'a self,
        lying: std::ops::Range<usize>,
        since: impl Iterator<Item = (&'a Place, &'a Option<Arc<T>>)>,
    ) -> impl Iterator<Item = Piece<'a, T>> {
        let (mut lying, mut since) = (lying.peekable(), since.peekable());
        std::iter::from_fn(move || {
            loop {
                let order = match (lying.peek(), since.peek()) {
                    (None, None) => return None,
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (Some(number), Some((place, _))) => self.compare(*number, place),
                };
                match order {
                    Ordering::Less => {
                        return Some(Piece::Lying(self.lying.as_ref()?, lying.next()?));
                    }
                    Ordering::Equal => {
                        lying.next();
                    }
                    Ordering::Greater => {
                        if let (_, Some(record)) = since.next()? {
                            return Some(Piece::Own(record));
                        }
                    }
                }
            }
        })
    }

    fn compare(&self, number: usize, place: &Place) -> Ordering {
        let frame = self.lying.as_ref().and_then(|table| table.section().frame(number));
        let key = frame.map_or(&[][..], |frame| frame.key);
        let (account, name) = key.split_at_checked(ACCOUNT_BYTES).unwrap_or((key, &[]));
        (account, name).cmp(&(place.0.as_str().as_bytes(), place.1.as_bytes()))
    }
}

/// A key behind those of all of an account's records: names are ASCII.
fn after_all(account: AccountId) -> Vec<u8> {
    [account.as_str().as_bytes(), &[u8::MAX]].concat()
}

/// A number of records, and more or fewer of them.
pub(super) fn plus(count: usize, more: i64) -> usize {
    let sum = i64::try_from(count).unwrap_or(i64::MAX).saturating_add(more);
    usize::try_from(sum).unwrap_or(0)
}
