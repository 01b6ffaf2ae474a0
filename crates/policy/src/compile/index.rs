//! Rules found by what they could match: by effect, by the action or service, and by a beginning of
//! the resource's name. What is found is compared in full; what is not found cannot match.

use crate::compile::action::{ActionMatch, Asked, Reach};
use crate::compile::hash::{bytes, finish, mix, upper};
use crate::compile::pattern::{Pattern, place};
use crate::compile::resource::{self, ANY, ANY_HASH, Class, Cuts};
use crate::compile::Rule;
use crate::operator::Sense;
use crate::statement::Effect;

/// What rules are looked up for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lane {
    /// Denies.
    Deny,
    /// Allows.
    Allow,
}

impl Lane {
    /// The lane of an effect.
    pub(crate) fn of(effect: Effect) -> Self {
        match effect {
            Effect::Deny => Self::Deny,
            Effect::Allow => Self::Allow,
        }
    }

    fn number(self) -> u32 {
        match self {
            Self::Deny => 0,
            Self::Allow => 1,
        }
    }
}

/// Which kinds of lookups find anything at all: one bit for each lane, kind of cut and kind of
/// action.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Kinds {
    lanes: [u64; 2],
    /// How many places names are cut at.
    anchors: usize,
}

/// How many kinds of actions there are: one, those of a service, any.
const ACTIONS: u32 = 3;
/// Most actions of one rule that are looked up one by one.
const ACTIONS_MAX: usize = 8;

impl Kinds {
    /// Remembers the kind of a key.
    pub(crate) fn add(&mut self, slot: Slot) {
        if let Some(bits) = self.lanes.get_mut(place(slot.lane.number())) {
            *bits |= 1_u64.checked_shl(slot.kind).unwrap_or(0);
        }
        let anchor = resource::anchor(slot.kind / ACTIONS);
        self.anchors = self.anchors.max(anchor.saturating_add(1));
    }

    fn of(&self, lane: Lane) -> u64 {
        self.lanes.get(place(lane.number())).copied().unwrap_or(0)
    }

    /// Prepares to look for something.
    #[inline]
    pub(crate) fn probe<'a>(&self, action: &Asked<'_>, resource: &'a [u8]) -> Probe<'a> {
        Probe { cuts: Cuts::of(resource, self.anchors), actions: action.hashes() }
    }
}

/// One key that a rule is found under.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot {
    lane: Lane,
    kind: u32,
    pub(crate) hash: u64,
}

/// The keys of a rule, each once.
pub(crate) fn slots(rule: Rule<'_>, mut give: impl FnMut(Slot)) {
    let lane = Lane::of(rule.effect());
    let stands = stands(rule);
    let anywhere = stands.iter().all(|(class, _)| *class == ANY);
    for (kind, action) in reaches(rule, anywhere) {
        for (class, cut) in &stands {
            let kind = class.saturating_mul(ACTIONS).saturating_add(kind);
            give(Slot { lane, kind, hash: key(lane, *cut, action) });
        }
    }
}

/// Where that stands which no beginning of a name tells.
const ANYWHERE: [(Class, u64); 1] = [(ANY, ANY_HASH)];

fn key(lane: Lane, cut: u64, action: u64) -> u64 {
    finish(mix(mix(cut, action), u64::from(lane.number())))
}

/// Where the rule's resources stand, each place once.
fn stands(rule: Rule<'_>) -> Vec<(Class, u64)> {
    if rule.resource_sense() != Some(Sense::Is) {
        return ANYWHERE.to_vec();
    }
    let mut stands: Vec<_> = Pattern::each(rule.resources().0).map(resource::stand).collect();
    stands.sort_unstable();
    stands.dedup();
    if stands.iter().any(|(class, _)| *class == ANY) { ANYWHERE.to_vec() } else { stands }
}

/// The actions of a rule, by kind and hash. One by one where they alone tell rules apart, or where
/// there is but one.
fn reaches(rule: Rule<'_>, one_by_one: bool) -> Vec<(u32, u64)> {
    let any = vec![(2, 0)];
    if rule.action_sense() != Sense::Is {
        return any;
    }
    let own: Vec<Reach<'_>> = ActionMatch::each(rule.actions).map(ActionMatch::reach).collect();
    let most = if one_by_one { ACTIONS_MAX } else { 1 };
    let few = own.len() <= most;
    let reaches = own.into_iter().map(|reach| match reach {
        Reach::One(text) if few => (0, bytes(0, text)),
        Reach::One(text) => {
            let colon = text.iter().position(|byte| *byte == b':').unwrap_or(0);
            (1, bytes(1, text.get(..colon).unwrap_or_default()))
        }
        Reach::Service(service) => (1, bytes(1, service)),
        Reach::Any => (2, 0),
    });
    let mut reaches: Vec<_> = reaches.collect();
    reaches.sort_unstable();
    reaches.dedup();
    if reaches.iter().any(|(kind, _)| *kind == 2) { any } else { reaches }
}

/// What a question is looked up by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Probe<'a> {
    cuts: Cuts<'a>,
    /// The hashes of the action: itself, its service, any.
    actions: [u64; 3],
}

/// Gives the hash of every key of a lane under which something could be found.
#[inline]
pub(crate) fn lookups(kinds: Kinds, lane: Lane, probe: &Probe<'_>, mut give: impl FnMut(u64)) {
    let mut left = kinds.of(lane);
    while left != 0 {
        let kind = left.trailing_zeros();
        left &= left.wrapping_sub(1);
        let (class, action) = (kind / ACTIONS, kind % ACTIONS);
        let Some(cut) = probe.cuts.hash(class) else { continue };
        let action = probe.actions.get(place(action)).copied().unwrap_or(0);
        give(key(lane, cut, action));
    }
}

/// A table from hashes to chains of entries in order. Two keys may share a chain: what is found is
/// compared in full.
#[derive(Clone, Debug)]
pub(crate) struct Table<E> {
    /// Twice as many as are used, a power of two.
    heads: Box<[Head]>,
    links: Vec<Link<E>>,
    used: usize,
    free: Vec<u32>,
}

/// Where a chain begins and ends; all zero where there is none.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    tag: u32,
    first: u32,
    last: u32,
}

/// An entry of a chain.
#[derive(Clone, Debug)]
pub(crate) struct Link<E> {
    pub(crate) own: Option<E>,
    /// Statements that come first are found first.
    pub(crate) order: u64,
    /// The number of the next one; zero if there is none.
    next: u32,
}

impl<E> Default for Table<E> {
    fn default() -> Self {
        Self { heads: Box::default(), links: Vec::new(), used: 0, free: Vec::new() }
    }
}

/// Fewest heads of a table that is not empty.
const HEADS_MIN: usize = 8;

impl<E> Table<E> {
    /// The links under a hash, in order.
    #[inline]
    pub(crate) fn chain(&self, hash: u64) -> impl Iterator<Item = &Link<E>> {
        let first = self.heads.get(self.seat(tag(hash))).map_or(0, |head| head.first);
        std::iter::successors(self.link(first), |link| self.link(link.next))
    }

    #[inline]
    fn link(&self, number: u32) -> Option<&Link<E>> {
        self.links.get(place(number.checked_sub(1)?))
    }

    fn change(&mut self, number: u32, change: impl FnOnce(&mut Link<E>)) {
        let at = place(number).checked_sub(1);
        if let Some(link) = at.and_then(|at| self.links.get_mut(at)) {
            change(link);
        }
    }

    /// Where a tag's head is, or the empty place where it belongs.
    #[inline]
    fn seat(&self, tag: u32) -> usize {
        let mask = self.heads.len().wrapping_sub(1);
        let mut at = place(tag) & mask;
        while self.heads.get(at).is_some_and(|head| head.tag != tag && head.tag != 0) {
            at = at.wrapping_add(1) & mask;
        }
        at
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.links.len().saturating_sub(self.free.len())
    }

    /// Bytes on the heap.
    pub(crate) fn bytes_resident(&self) -> usize {
        let links = self.links.capacity().saturating_mul(size_of::<Link<E>>());
        size_of_val(&*self.heads).saturating_add(links)
    }

    /// Puts an entry under a hash.
    pub(crate) fn insert(&mut self, hash: u64, order: u64, own: E) {
        if self.used.saturating_add(1).saturating_mul(2) > self.heads.len() {
            self.grow();
        }
        let seat = self.seat(tag(hash));
        let mut head = self.heads.get(seat).copied().unwrap_or_default();
        let before = match self.link(head.last) {
            Some(last) if last.order < order => head.last,
            _ => self.before(head.first, order),
        };
        let after = self.link(before).map_or(head.first, |link| link.next);
        let number = self.add(Link { own: Some(own), order, next: after });
        self.change(before, |link| link.next = number);
        if before == 0 {
            head.first = number;
        }
        if after == 0 {
            head.last = number;
        }
        if head.tag == 0 {
            self.used = self.used.saturating_add(1);
            head.tag = tag(hash);
        }
        self.put(seat, head);
    }

    fn put(&mut self, seat: usize, head: Head) {
        if let Some(place) = self.heads.get_mut(seat) {
            *place = head;
        }
    }

    fn add(&mut self, link: Link<E>) -> u32 {
        if let Some(number) = self.free.pop() {
            self.change(number, |place| *place = link);
            return number;
        }
        self.links.push(link);
        super::pattern::count(self.links.len())
    }

    /// Takes the entry of an order from under a hash.
    pub(crate) fn remove(&mut self, hash: u64, order: u64) {
        let seat = self.seat(tag(hash));
        let mut head = self.heads.get(seat).copied().unwrap_or_default();
        let before = self.before(head.first, order);
        let number = self.link(before).map_or(head.first, |link| link.next);
        let Some(link) = self.link(number).filter(|link| link.order == order) else { return };
        let after = link.next;
        self.change(before, |link| link.next = after);
        if before == 0 {
            head.first = after;
        }
        if after == 0 {
            head.last = before;
        }
        self.put(seat, head);
        self.change(number, |link| *link = Link { own: None, order: 0, next: 0 });
        self.free.push(number);
    }

    /// The last link of a chain whose order is smaller; zero if there is none.
    fn before(&self, first: u32, order: u64) -> u32 {
        let (mut before, mut at) = (0, first);
        while let Some(link) = self.link(at).filter(|link| link.order < order) {
            (before, at) = (at, link.next);
        }
        before
    }

    fn grow(&mut self) {
        let count = self.heads.len().saturating_mul(2).max(HEADS_MIN);
        let heads = vec![Head::default(); count].into_boxed_slice();
        for head in std::mem::replace(&mut self.heads, heads) {
            if head.tag != 0 {
                self.put(self.seat(head.tag), head);
            }
        }
    }
}

/// What stands for a hash in a table; never zero.
#[inline]
fn tag(hash: u64) -> u32 {
    upper(hash).max(1)
}
