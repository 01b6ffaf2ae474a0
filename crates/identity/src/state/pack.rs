//! The state as a snapshot that is searched where it lies. `docs/storage-format/state.md` is its
//! description.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use names::{Arn, Revision};

use super::base::{Base, LyingUse, binding};
use super::index::{Named, Piece};
use super::section::{Frame, Packer, Section, TooMuch, take};
use super::snapshot::BadSnapshot;
use super::table::{Care, Table};
use super::texts::Texts;
use super::{Index, Keys, State};
use crate::record::{AccessKey, Policies, User};

/// What a snapshot of this form begins with.
pub(super) const MAGIC: &[u8; 8] = b"strongSN";
/// The version of the form.
const VERSION: u32 = 2;
/// How many parts there are.
const PARTS: usize = 10;
/// Bytes in front of the table of parts: magic, version, number of parts.
const HEADER_BYTES: usize = 16;
/// Bytes of one entry of that table: where the part begins, and how long it is.
const ENTRY_BYTES: usize = 16;

/// A snapshot that is being made.
struct Packing<'a> {
    texts: &'a Texts,
    parts: Vec<Range<usize>>,
    bytes: Vec<u8>,
}

/// What is derived while records are packed.
#[derive(Default)]
struct Derived {
    /// The rank of a group among all groups' ids, and the number of a user.
    members: Vec<(usize, u32)>,
    uses: BTreeMap<Arn, Vec<(LyingUse, u32)>>,
    bindings: BTreeMap<Vec<u8>, u32>,
}

impl Derived {
    fn uses(&mut self, kind: LyingUse, number: u32, policies: &Policies) {
        for arn in &policies.attached {
            self.uses.entry(arn.clone()).or_default().push((kind, number));
        }
    }

    fn bounds(&mut self, kind: LyingUse, number: u32, boundary: Option<&Arn>) {
        if let Some(arn) = boundary {
            self.uses.entry(arn.clone()).or_default().push((kind, number));
        }
    }

    fn user(&mut self, number: u32, user: &User, groups: &Section) {
        self.uses(LyingUse::User, number, &user.policies);
        self.bounds(LyingUse::UserBoundary, number, user.boundary.as_ref());
        let ranks = user.groups.iter().map(|id| groups.rank(id.as_str().as_bytes()));
        self.members.extend(ranks.map(|rank| (rank, number)));
        if let Some(own) = &user.federated {
            self.bindings.insert(binding(&own.provider, &own.issuer, &own.subject), number);
        }
    }
}

impl State {
    /// The state as a snapshot; `rest` is what does not lie in its tables.
    pub(super) fn pack(&self, rest: &[u8]) -> Result<Vec<u8>, BadSnapshot> {
        let made;
        let texts = match self.base.as_deref() {
            Some(base) => &*base.texts,
            None => {
                made = self.texts();
                &made
            }
        };
        let parts = HEADER_BYTES.saturating_add(PARTS.saturating_mul(ENTRY_BYTES));
        let mut packing = Packing { texts, parts: Vec::new(), bytes: vec![0; parts] };
        packing.put(rest);
        packing.put(&serde_json::to_vec(texts.list())?);
        let mut derived = Derived::default();
        packing.table(&self.policies, |_, _| ())?;
        let groups = packing.table(&self.groups, |number, group| {
            derived.uses(LyingUse::Group, number, &group.policies);
        })?;
        let roles = packing.table(&self.roles, |number, role| {
            derived.uses(LyingUse::Role, number, &role.policies);
            derived.bounds(LyingUse::RoleBoundary, number, role.boundary.as_ref());
        })?;
        let users = packing.table(&self.users, |number, user| {
            derived.user(number, user, &groups);
        })?;
        packing.keys(&self.keys)?;
        packing.members(derived.members, &groups, &users)?;
        packing.uses(&derived.uses, [&users, &groups, &roles])?;
        packing.bindings(&derived.bindings)?;
        packing.finish()
    }

    /// What recurs in this state.
    fn texts(&self) -> Texts {
        let account = self.operator.map(|account| account.to_string());
        let key = self.keys.all().next().map(|key| key.secret.key().to_owned());
        Texts::recurring(account.into_iter().chain(key))
    }

    /// What of a state lies in a snapshot's tables.
    pub(super) fn lying_in(
        all: &Arc<Vec<u8>>,
        parts: Parts,
        revision: Revision,
    ) -> Result<Self, BadSnapshot> {
        let [_, texts, policies, groups, roles, users, keys, members, uses, bindings] = parts.0;
        let texts = all.get(texts).ok_or(BadSnapshot::Parts)?;
        let texts = Arc::new(Texts::listed(serde_json::from_slice(texts)?));
        let care = Arc::new(Care::default());
        let open = |within| Section::open(all, within).ok_or(BadSnapshot::Parts);
        let lying = Lying { texts: &texts, care: &care };
        Ok(Self {
            revision,
            policies: Index::lying(lying.table(open(policies)?)),
            groups: Index::lying(lying.table(open(groups)?)),
            roles: Index::lying(lying.table(open(roles)?)),
            users: Index::lying(lying.table(open(users)?)),
            keys: Keys::lying(lying.table(open(keys)?)),
            base: Some(Arc::new(Base {
                trusted: revision,
                members: open(members)?,
                uses: open(uses)?,
                bindings: open(bindings)?,
                texts: Arc::clone(&texts),
                care: Arc::clone(&care),
            })),
            ..Self::default()
        })
    }
}

/// What the tables of a snapshot are made with.
struct Lying<'a> {
    texts: &'a Arc<Texts>,
    care: &'a Arc<Care>,
}

impl Lying<'_> {
    fn table<T: serde::de::DeserializeOwned>(&self, section: Section) -> Table<T> {
        Table::new(section, Arc::clone(self.texts), Arc::clone(self.care))
    }
}

/// Where the parts of a snapshot lie.
pub(super) struct Parts([Range<usize>; PARTS]);

impl Parts {
    /// What does not lie in tables.
    pub(super) fn rest(&self) -> Range<usize> {
        let [rest, ..] = &self.0;
        rest.clone()
    }
}

/// Reads where the parts of a snapshot lie.
pub(super) fn parts(bytes: &[u8]) -> Result<Parts, BadSnapshot> {
    let version = take(bytes, MAGIC.len()).map(u32::from_le_bytes).ok_or(BadSnapshot::Parts)?;
    if version != VERSION {
        return Err(BadSnapshot::Version(u16::try_from(version).unwrap_or(u16::MAX)));
    }
    let number = |at: usize| {
        let number = take(bytes, at).map(u64::from_le_bytes)?;
        usize::try_from(number).ok()
    };
    let part = |entry: usize| {
        let at = HEADER_BYTES.checked_add(entry.checked_mul(ENTRY_BYTES)?)?;
        let (from, length) = (number(at)?, number(at.checked_add(ENTRY_BYTES / 2)?)?);
        Some(from..from.checked_add(length)?)
    };
    let parts: Option<Vec<Range<usize>>> = (0..PARTS).map(part).collect();
    let parts = parts.filter(|parts| parts.iter().all(|part| part.end <= bytes.len()));
    let parts = parts.and_then(|parts| parts.try_into().ok());
    parts.map(Parts).ok_or(BadSnapshot::Parts)
}

impl Packing<'_> {
    fn put(&mut self, part: &[u8]) {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(part);
        self.parts.push(from..self.bytes.len());
    }

    fn section(&mut self, packer: Packer) -> Result<Section, BadSnapshot> {
        let bytes = Arc::new(packer.finish()?);
        self.put(&bytes);
        Section::open(&bytes, 0..bytes.len()).ok_or(BadSnapshot::Parts)
    }

    /// Packs the records of a kind, and tells of each. What did not change lies as it lay.
    fn table<T: Named>(
        &mut self,
        index: &Index<T>,
        mut each: impl FnMut(u32, &T),
    ) -> Result<Section, BadSnapshot> {
        let mut packer = Packer::default();
        for (number, piece) in (0..=u32::MAX).zip(index.pieces()) {
            let record = piece.record().ok_or(BadSnapshot::Record)?;
            each(number, &record);
            match piece {
                Piece::Lying(table, number) => {
                    packer.push(table.section().frame(number).ok_or(BadSnapshot::Record)?)?;
                }
                Piece::Own(record) => {
                    let key = [record.account().as_str(), &record.folded()].concat();
                    let body = serde_json::to_vec(&**record)?;
                    let frame = Frame {
                        key: key.as_bytes(),
                        second: record.id().as_str().as_bytes(),
                        body: &body,
                    };
                    let body = self.texts.press(frame).ok_or(BadSnapshot::Record)?;
                    packer.push(Frame { body: &body, ..frame })?;
                }
            }
        }
        self.section(packer)
    }

    fn key(&self, packer: &mut Packer, key: &AccessKey) -> Result<(), BadSnapshot> {
        let body = serde_json::to_vec(key)?;
        let (id, owner) = (key.id.as_str().as_bytes(), key.owner.as_str().as_bytes());
        let frame = Frame { key: id, second: owner, body: &body };
        let body = self.texts.press(frame).ok_or(BadSnapshot::Record)?;
        Ok(packer.push(Frame { body: &body, ..frame })?)
    }

    fn keys(&mut self, keys: &Keys) -> Result<(), BadSnapshot> {
        let mut packer = Packer::default();
        let mut since = keys.since().into_iter().peekable();
        if let Some(section) = keys.table().map(Table::section) {
            for number in 0..section.len() {
                let frame = section.frame(number).ok_or(BadSnapshot::Record)?;
                while let Some((id, key)) = since.next_if(|(id, _)| id.as_bytes() < frame.key) {
                    debug_assert!(key.is_none_or(|key| key.id.as_str() == id), "its own id");
                    key.map_or(Ok(()), |key| self.key(&mut packer, key))?;
                }
                match since.next_if(|(id, _)| id.as_bytes() == frame.key) {
                    Some((_, Some(key))) => self.key(&mut packer, key)?,
                    Some((_, None)) => {}
                    None => packer.push(frame)?,
                }
            }
        }
        for key in since.filter_map(|(_, key)| key) {
            self.key(&mut packer, key)?;
        }
        self.section(packer).map(drop)
    }

    /// Who is in which group: by the group's id, the numbers of its users, in the order of ids.
    fn members(
        &mut self,
        mut pairs: Vec<(usize, u32)>,
        groups: &Section,
        users: &Section,
    ) -> Result<(), BadSnapshot> {
        pairs.sort_by(|(a, left), (b, right)| {
            a.cmp(b).then_with(|| second(users, *left).cmp(&second(users, *right)))
        });
        let mut packer = Packer::default();
        for of_group in pairs.chunk_by(|a, b| a.0 == b.0) {
            let rank = of_group.first().map(|(rank, _)| *rank).unwrap_or_default();
            let group = groups.ranked(rank).and_then(|number| groups.frame(number));
            let key = group.ok_or(BadSnapshot::Record)?.second;
            let body: Vec<u8> = of_group.iter().flat_map(|(_, user)| user.to_le_bytes()).collect();
            packer.push(Frame { key, second: &[], body: &body })?;
        }
        self.section(packer).map(drop)
    }

    /// What uses which policy: by its ARN, how, and the number of the record.
    fn uses(
        &mut self,
        uses: &BTreeMap<Arn, Vec<(LyingUse, u32)>>,
        [users, groups, roles]: [&Section; 3],
    ) -> Result<(), BadSnapshot> {
        let id = |(kind, number): (LyingUse, u32)| match kind {
            LyingUse::User | LyingUse::UserBoundary => second(users, number),
            LyingUse::Group => second(groups, number),
            LyingUse::Role | LyingUse::RoleBoundary => second(roles, number),
        };
        // ARNs as they are compared here: by their bytes.
        let uses: BTreeMap<&str, &Vec<(LyingUse, u32)>> =
            uses.iter().map(|(arn, uses)| (arn.as_str(), uses)).collect();
        let mut packer = Packer::default();
        for (arn, uses) in uses {
            let mut uses = uses.clone();
            uses.sort_by(|a, b| {
                a.0.meaning().cmp(&b.0.meaning()).then_with(|| id(*a).cmp(&id(*b)))
            });
            let body: Vec<u8> = uses
                .iter()
                .flat_map(|(kind, number)| std::iter::once(*kind as u8).chain(number.to_le_bytes()))
                .collect();
            packer.push(Frame { key: arn.as_bytes(), second: &[], body: &body })?;
        }
        self.section(packer).map(drop)
    }

    fn bindings(&mut self, bindings: &BTreeMap<Vec<u8>, u32>) -> Result<(), BadSnapshot> {
        let mut packer = Packer::default();
        for (key, user) in bindings {
            packer.push(Frame { key, second: &[], body: &user.to_le_bytes() })?;
        }
        self.section(packer).map(drop)
    }

    fn finish(mut self) -> Result<Vec<u8>, BadSnapshot> {
        let mut header = MAGIC.to_vec();
        header.extend_from_slice(&VERSION.to_le_bytes());
        let count = u32::try_from(self.parts.len()).map_err(|_| TooMuch)?;
        header.extend_from_slice(&count.to_le_bytes());
        for part in &self.parts {
            for number in [part.start, part.len()] {
                let number = u64::try_from(number).map_err(|_| TooMuch)?;
                header.extend_from_slice(&number.to_le_bytes());
            }
        }
        let place = self.bytes.get_mut(..header.len()).ok_or(BadSnapshot::Parts)?;
        place.copy_from_slice(&header);
        Ok(self.bytes)
    }
}

/// The second of a record.
fn second(section: &Section, number: u32) -> Option<&[u8]> {
    Some(section.frame(usize::try_from(number).ok()?)?.second)
}
