//! The state as a snapshot that is searched where it lies. `docs/storage-format/state.md` is its
//! description.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use names::{Arn, Revision};

use super::base::{Base, LyingUse, binding};
use super::index::{Named, Piece};
use super::laid::{Laid, Lies, Moved, Out, Placed};
use super::section::{Frame, Packer, Section, TooMuch, numbers, take};
use super::snapshot::BadSnapshot;
use super::table::{Care, Table};
use super::texts::Texts;
use super::{Index, Keys, State};
use crate::record::{AccessKey, Group, Policies, Role, User};

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

/// Bytes in front of the first part.
pub(crate) const HEAD_BYTES: u64 = (HEADER_BYTES + PARTS * ENTRY_BYTES) as u64;

/// What is derived while records are packed: of those that changed from what they say, of all
/// others from what the older snapshot says.
#[derive(Default)]
struct Derived {
    /// The rank of a group among all groups' ids, and the number of a user.
    members: Vec<(u32, u32)>,
    /// By the policy's ARN.
    uses: BTreeMap<String, Vec<(LyingUse, u32)>>,
    bindings: Vec<(Vec<u8>, u32)>,
}

impl Derived {
    fn uses(&mut self, kind: LyingUse, number: u32, policies: &Policies) {
        for arn in &policies.attached {
            self.uses.entry(arn.as_str().to_owned()).or_default().push((kind, number));
        }
    }

    fn bounds(&mut self, kind: LyingUse, number: u32, boundary: Option<&Arn>) {
        if let Some(arn) = boundary {
            self.uses.entry(arn.as_str().to_owned()).or_default().push((kind, number));
        }
    }

    fn user(&mut self, number: u32, user: &User, groups: &Laid<'_, Group>) {
        self.uses(LyingUse::User, number, &user.policies);
        self.bounds(LyingUse::UserBoundary, number, user.boundary.as_ref());
        let ranks = user.groups.iter().filter_map(|id| groups.ranked(id.as_str().as_bytes()));
        self.members.extend(ranks.map(|rank| (rank, number)));
        if let Some(own) = &user.federated {
            self.bindings.push((binding(&own.provider, &own.issuer, &own.subject), number));
        }
    }

    /// What the older snapshot says of what did not change.
    fn lying(
        &mut self,
        base: &Base,
        groups: &Laid<'_, Group>,
        [moved_groups, moved_roles, moved_users]: [&Moved; 3],
    ) {
        for frame in base.members.frames() {
            let Some(rank) = groups.ranked(frame.key) else { continue };
            let users = numbers(frame.body).filter_map(|number| moved_users.to(number));
            self.members.extend(users.map(|user| (rank, user)));
        }
        for frame in base.uses.frames() {
            let uses = LyingUse::all(frame.body).filter_map(|(kind, number)| {
                let moved = match kind {
                    LyingUse::User | LyingUse::UserBoundary => moved_users,
                    LyingUse::Group => moved_groups,
                    LyingUse::Role | LyingUse::RoleBoundary => moved_roles,
                };
                Some((kind, moved.to(number)?))
            });
            let mut uses = uses.peekable();
            if uses.peek().is_some() {
                let arn = String::from_utf8_lossy(frame.key).into_owned();
                self.uses.entry(arn).or_default().extend(uses);
            }
        }
        for frame in base.bindings.frames() {
            let user = numbers(frame.body).next().and_then(|number| moved_users.to(number));
            self.bindings.extend(user.map(|user| (frame.key.to_vec(), user)));
        }
    }
}

impl State {
    /// Writes the state as a snapshot; `rest` is what does not lie in its tables. Beside the state
    /// some tens of bytes are needed for each record, and a piece. Of what lies in the older
    /// snapshot and did not change no record is read: its bytes are passed on.
    pub(super) fn pack(
        &self,
        rest: &[u8],
        to: &mut dyn FnMut(Vec<u8>) -> Result<(), BadSnapshot>,
    ) -> Result<(), BadSnapshot> {
        let made;
        let texts = match self.base.as_deref() {
            Some(base) => &*base.texts,
            None => {
                made = self.texts();
                &made
            }
        };
        let listed = serde_json::to_vec(texts.list())?;
        let mut derived = Derived::default();
        let (policies, _) = Laid::of(texts, placed(&self.policies, |_, _| ())?)?;
        let groups = placed(&self.groups, |number, group| {
            derived.uses(LyingUse::Group, number, &group.policies);
        })?;
        let (groups, moved_groups) = Laid::of(texts, groups)?;
        let roles = placed(&self.roles, |number, role| {
            derived.uses(LyingUse::Role, number, &role.policies);
            derived.bounds(LyingUse::RoleBoundary, number, role.boundary.as_ref());
        })?;
        let (roles, moved_roles) = Laid::of(texts, roles)?;
        let users = placed(&self.users, |number, user| derived.user(number, user, &groups))?;
        let (users, moved_users) = Laid::of(texts, users)?;
        if let Some(base) = self.base.as_deref() {
            derived.lying(base, &groups, [&moved_groups, &moved_roles, &moved_users]);
        }
        let (keys, _) = Laid::of(texts, keys(&self.keys)?)?;
        let members = members(derived.members, &groups, &users)?;
        let uses = uses(derived.uses, (&users, &groups, &roles))?;
        let bindings = bindings(derived.bindings)?;
        let long = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let mut out = Out::new(to);
        let tables = [policies.bytes(), groups.bytes(), roles.bytes(), users.bytes(), keys.bytes()];
        let [a, b, c, d, e] = tables;
        let (m, u, i) = (long(&members), long(&uses), long(&bindings));
        out.put(&header([long(rest), long(&listed), a, b, c, d, e, m, u, i]))?;
        out.put(rest)?;
        out.put(&listed)?;
        policies.write(&mut out)?;
        groups.write(&mut out)?;
        roles.write(&mut out)?;
        users.write(&mut out)?;
        keys.write(&mut out)?;
        [&members, &uses, &bindings].into_iter().try_for_each(|part| out.put(part))?;
        out.end()
    }

    /// What recurs in this state.
    fn texts(&self) -> Texts {
        let account = self.operator.map(|account| account.to_string());
        let key = self.keys.all().next().map(|key| key.secret.key().to_owned());
        Texts::recurring(account.into_iter().chain(key))
    }

    /// What of a state lies in a snapshot's tables.
    pub(super) fn lying_in(read: &[Arc<Vec<u8>>], revision: Revision) -> Result<Self, BadSnapshot> {
        let [_, texts, policies, groups, roles, users, keys, members, uses, bindings] = read else {
            return Err(BadSnapshot::Parts);
        };
        let texts = Arc::new(Texts::listed(serde_json::from_slice(texts)?));
        let care = Arc::new(Care::default());
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

    /// This state with its keys over those of a newer snapshot, which is of the state `then`: what
    /// lies under them now can be given up. `None` if that is not what lay under them then.
    pub(crate) fn with_keys_over(
        &self,
        (texts, keys): (&[u8], &Arc<Vec<u8>>),
        then: &Self,
    ) -> Result<Option<Self>, BadSnapshot> {
        let Some(base) = self.base.as_deref() else { return Ok(None) };
        let texts = Arc::new(Texts::listed(serde_json::from_slice(texts)?));
        let table = Table::new(open(keys)?, texts, Arc::clone(&base.care));
        Ok(self.keys.over(table, &then.keys).map(|keys| Self { keys, ..self.clone() }))
    }
}

/// The section that a part is.
fn open(part: &Arc<Vec<u8>>) -> Result<Section, BadSnapshot> {
    Section::open(part, 0..part.len()).ok_or(BadSnapshot::Parts)
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
pub(crate) struct Places([Range<u64>; PARTS]);

impl Places {
    /// All of them, in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.0.iter().cloned()
    }

    /// The part that lists texts, and that of the keys.
    pub(crate) fn texts_and_keys(&self) -> (Range<u64>, Range<u64>) {
        let [_, texts, _, _, _, _, keys, ..] = &self.0;
        (texts.clone(), keys.clone())
    }
}

/// Reads from the head of a snapshot where its parts lie; `None` for one of the first version.
pub(crate) fn parts(head: &[u8], whole: u64) -> Result<Option<Places>, BadSnapshot> {
    if !head.starts_with(MAGIC) {
        return Ok(None);
    }
    let version = take(head, MAGIC.len()).map(u32::from_le_bytes).ok_or(BadSnapshot::Parts)?;
    if version != VERSION {
        return Err(BadSnapshot::Version(u16::try_from(version).unwrap_or(u16::MAX)));
    }
    let number = |at: usize| take(head, at).map(u64::from_le_bytes);
    let part = |entry: usize| {
        let at = HEADER_BYTES.checked_add(entry.checked_mul(ENTRY_BYTES)?)?;
        let (from, length) = (number(at)?, number(at.checked_add(ENTRY_BYTES / 2)?)?);
        Some(from..from.checked_add(length)?)
    };
    let parts: Option<Vec<Range<u64>>> = (0..PARTS).map(part).collect();
    let parts = parts.filter(|parts| parts.iter().all(|part| part.end <= whole));
    let parts = parts.and_then(|parts| parts.try_into().ok());
    parts.map(|parts| Some(Places(parts))).ok_or(BadSnapshot::Parts)
}

/// What a snapshot begins with, of parts so long.
fn header(parts: [u64; PARTS]) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend_from_slice(&VERSION.to_le_bytes());
    header.extend_from_slice(&u32::try_from(PARTS).unwrap_or(u32::MAX).to_le_bytes());
    let mut from = HEAD_BYTES;
    for length in parts {
        header.extend_from_slice(&from.to_le_bytes());
        header.extend_from_slice(&length.to_le_bytes());
        from = from.saturating_add(length);
    }
    header
}

/// The records of a kind, where they are; each that changed is told of, with its number.
fn placed<'a, T: Named + Lies>(
    index: &'a Index<T>,
    mut each: impl FnMut(u32, &T),
) -> Result<Placed<'a, T>, TooMuch> {
    let mut placed = Placed::over(index.table(), index.len());
    for piece in index.pieces() {
        let own = match &piece {
            Piece::Own(record) => Some(Arc::clone(record)),
            Piece::Lying(..) => None,
        };
        let number = placed.push(piece)?;
        own.iter().for_each(|record| each(number, record));
    }
    Ok(placed)
}

/// Every key where it is, by id.
fn keys(keys: &Keys) -> Result<Placed<'_, AccessKey>, TooMuch> {
    let mut placed = Placed::over(keys.table(), keys.len());
    let mut since = keys.since().into_iter().peekable();
    if let Some(table) = keys.table() {
        for (number, frame) in table.section().frames().enumerate() {
            while let Some((_, key)) = since.next_if(|(id, _)| id.as_bytes() < frame.key) {
                placed.extend(key.map(Piece::Own))?;
            }
            let piece = match since.next_if(|(id, _)| id.as_bytes() == frame.key) {
                Some((_, key)) => key.map(Piece::Own),
                None => Some(Piece::Lying(table, number)),
            };
            placed.extend(piece)?;
        }
    }
    since.try_for_each(|(_, key)| placed.extend(key.map(Piece::Own)))?;
    Ok(placed)
}

/// Who is in which group: by the group's id, the numbers of its users, in the order of ids.
fn members(
    mut pairs: Vec<(u32, u32)>,
    groups: &Laid<'_, Group>,
    users: &Laid<'_, User>,
) -> Result<Vec<u8>, BadSnapshot> {
    // Stable, because it is quick with what lay in order: nearly all of them.
    pairs.sort_by(|(a, left), (b, right)| {
        a.cmp(b).then_with(|| users.second(*left).cmp(&users.second(*right)))
    });
    let mut packer = Packer::default();
    for of_group in pairs.chunk_by(|a, b| a.0 == b.0) {
        let rank = of_group.first().and_then(|(rank, _)| usize::try_from(*rank).ok());
        let key = rank.and_then(|rank| groups.second_of_rank(rank)).ok_or(BadSnapshot::Record)?;
        let body: Vec<u8> = of_group.iter().flat_map(|(_, user)| user.to_le_bytes()).collect();
        packer.push(Frame { key, second: &[], body: &body })?;
    }
    Ok(packer.finish()?)
}

/// What uses which policy: by its ARN, how, and the number of the record.
fn uses(
    uses: BTreeMap<String, Vec<(LyingUse, u32)>>,
    (users, groups, roles): (&Laid<'_, User>, &Laid<'_, Group>, &Laid<'_, Role>),
) -> Result<Vec<u8>, BadSnapshot> {
    let id = |(kind, number): (LyingUse, u32)| match kind {
        LyingUse::User | LyingUse::UserBoundary => users.second(number),
        LyingUse::Group => groups.second(number),
        LyingUse::Role | LyingUse::RoleBoundary => roles.second(number),
    };
    let mut packer = Packer::default();
    for (arn, mut uses) in uses {
        uses.sort_by(|a, b| a.0.meaning().cmp(&b.0.meaning()).then_with(|| id(*a).cmp(&id(*b))));
        let body: Vec<u8> = uses
            .iter()
            .flat_map(|(kind, number)| std::iter::once(*kind as u8).chain(number.to_le_bytes()))
            .collect();
        packer.push(Frame { key: arn.as_bytes(), second: &[], body: &body })?;
    }
    Ok(packer.finish()?)
}

fn bindings(mut bindings: Vec<(Vec<u8>, u32)>) -> Result<Vec<u8>, BadSnapshot> {
    bindings.sort();
    let mut packer = Packer::default();
    for of_one in bindings.chunk_by(|a, b| a.0 == b.0) {
        let Some((key, user)) = of_one.last() else { continue };
        packer.push(Frame { key, second: &[], body: &user.to_le_bytes() })?;
    }
    Ok(packer.finish()?)
}
