//! The policies of one layer, together: what a principal has through itself and all its groups.
//! Statements are found by what they could match, so that a decision does not take longer when
//! there are more of them; a change re-indexes the one policy that changes, and shares the rest
//! with the set as it was.

use std::fmt;
use std::sync::Arc;

use crate::compile::index::{self, Kinds, Lane, Probe};
use crate::compile::pattern::place;
use crate::compile::table::{self, Cell, Table};
use crate::compile::wild::Subject;
use crate::compile::{Ask, Program, Rule};
use crate::question::Attached;

/// Policies of which each statement counts, in order: of several statements that would decide, the
/// first one is named. Cloning is cheap, and a clone that changes leaves the other as it was.
///
/// ```
/// use std::sync::Arc;
/// use strongroom_policy::{Attached, Document, Kind, PolicySet};
/// let text = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
/// let document = Arc::new(Document::parse(text, Kind::Identity).unwrap());
/// let set = PolicySet::from(vec![Attached { name: "policy:All@v1".to_owned(), document }]);
/// assert!(set.iter().map(|policy| policy.name.as_str()).eq(["policy:All@v1"]));
/// ```
#[derive(Clone, Default)]
pub struct PolicySet(Arc<Inner>);

/// A place in the order of a set: policies with smaller ranks come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Rank(pub u64);

/// A policy of a set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Member(u32);

/// Greatest rank: a statement's place in its policy is kept beside it.
pub const RANK_MAX: Rank = Rank((1 << 48) - 1);

/// The distance between the ranks of policies that are pushed.
const RANK_STEP: u64 = 1 << 16;

#[derive(Clone, Default)]
struct Inner {
    members: Vec<Arc<Chunk>>,
    free: Vec<u32>,
    count: usize,
    /// How many members read a tag of the object.
    object_tags: usize,
    kinds: Kinds,
    shards: Vec<Arc<Table>>,
    entries: usize,
    last: Option<Rank>,
}

/// Some members, shared between versions of a set.
#[derive(Clone, Default)]
struct Chunk(Vec<Option<(Rank, Attached)>>);

/// Members of a chunk.
const CHUNK: usize = 64;
/// Entries of a shard, on average, before there are twice as many shards.
const SHARD: usize = 512;

/// How many bits of a hash tell no shards apart.
const SHARD_SHIFT: u32 = 44;

/// The statement's place in its policy.
pub(crate) fn index_of(order: u64) -> u32 {
    u32::try_from(order & u64::from(u16::MAX)).unwrap_or(u32::MAX)
}

fn order_of(rank: Rank, index: usize) -> u64 {
    let index = u64::try_from(index).unwrap_or(u64::MAX).min(u64::from(u16::MAX));
    (rank.0 << 16) | index
}

impl PolicySet {
    /// Whether there is no policy at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.count == 0
    }

    /// How many policies there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.count
    }

    /// The policies, in order. Takes time to sort them: not for decisions.
    pub fn iter(&self) -> impl Iterator<Item = &Attached> {
        let mut members: Vec<&(Rank, Attached)> =
            self.0.members.iter().flat_map(|chunk| chunk.0.iter().flatten()).collect();
        members.sort_by_key(|(rank, _)| *rank);
        members.into_iter().map(|(_, policy)| policy)
    }

    /// Whether a statement of some policy reads a tag of the object that is asked for.
    #[must_use]
    pub fn reads_object_tags(&self) -> bool {
        self.0.object_tags > 0
    }

    /// Adds a policy behind all others.
    pub fn push(&mut self, policy: Attached) {
        let rank = self.0.last.map_or(0, |last| last.0.saturating_add(RANK_STEP));
        self.insert(Rank(rank), policy);
    }

    /// Adds a policy at a rank; of several at one rank, no order is promised.
    pub fn insert(&mut self, rank: Rank, policy: Attached) -> Member {
        let rank = rank.min(RANK_MAX);
        let inner = Arc::make_mut(&mut self.0);
        let program = Arc::clone(policy.document.program());
        let number = inner.take_place();
        inner.index(&program, rank, number);
        inner.count = inner.count.saturating_add(1);
        inner.object_tags =
            inner.object_tags.saturating_add(usize::from(program.reads_object_tags));
        inner.last = inner.last.max(Some(rank));
        inner.seat(number, Some((rank, policy)));
        Member(number)
    }

    /// Takes a policy away.
    pub fn remove(&mut self, member: Member) -> Option<Attached> {
        self.member(member.0)?;
        let inner = Arc::make_mut(&mut self.0);
        let (rank, policy) = inner.seat(member.0, None)?;
        let program = policy.document.program();
        inner.each_slot(program, rank, |shard, hash, order, _| {
            shard.remove(hash, order, member.0);
        });
        inner.count = inner.count.saturating_sub(1);
        inner.object_tags =
            inner.object_tags.saturating_sub(usize::from(program.reads_object_tags));
        inner.free.push(member.0);
        Some(policy)
    }

    /// Bytes on the heap, beside the documents and their names.
    #[must_use]
    pub fn bytes_resident(&self) -> usize {
        let shards = self.0.shards.iter().map(|shard| shard.bytes_resident()).sum::<usize>();
        let seat = size_of::<Option<(Rank, Attached)>>();
        shards.saturating_add(self.0.members.len().saturating_mul(seat.saturating_mul(CHUNK)))
    }

    pub(crate) fn member(&self, number: u32) -> Option<&Attached> {
        let (chunk, place) = split(number);
        self.0.members.get(chunk)?.0.get(place)?.as_ref().map(|(_, policy)| policy)
    }

    /// Finds the places of a name at which something could stand.
    #[inline(always)]
    pub(crate) fn prepare<'a>(&self, probe: &mut Probe<'a>, resource: &Subject<'a>) {
        self.0.kinds.prepare(probe, resource);
    }

    /// Gives each chain of rules of a lane that could match.
    #[inline(always)]
    pub(crate) fn candidates<'s>(
        &'s self,
        lane: Lane,
        probe: &Probe<'_>,
        mut give: impl FnMut(table::Chain<'s>),
    ) {
        index::lookups(&self.0.kinds, lane, probe, |hash| {
            let Some(shard) = self.0.shards.get(self.0.shard(hash)) else { return };
            if let Some(chain) = shard.chain(hash) {
                give(chain);
            }
        });
    }

    /// Whether a statement that was found applies: read from its cell, or from its policy where
    /// that is too long.
    #[inline(always)]
    pub(crate) fn applies(&self, cell: &Cell<'_>, ask: &Ask<'_>) -> bool {
        if cell.code.is_empty() {
            return self.applies_apart(cell.member, cell.order, ask);
        }
        Rule::read_applies(cell.code, ask)
    }

    #[inline(never)]
    fn applies_apart(&self, member: u32, order: u64, ask: &Ask<'_>) -> bool {
        self.rule_of(member, order).is_some_and(|rule| rule.applies(ask).is_some())
    }

    /// A statement that was found.
    pub(crate) fn rule<'s>(&'s self, cell: &Cell<'s>) -> Option<Rule<'s>> {
        if cell.code.is_empty() {
            return self.rule_of(cell.member, cell.order);
        }
        Rule::read(cell.code, &[])
    }

    /// A statement by its policy and its place in the order.
    fn rule_of(&self, member: u32, order: u64) -> Option<Rule<'_>> {
        self.member(member)?.document.program().rule(place(index_of(order)))
    }
}

fn split(number: u32) -> (usize, usize) {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    (number / CHUNK, number % CHUNK)
}

impl Inner {
    /// The shard of a hash: by its highest bits, for those below are its tag there.
    #[inline]
    fn shard(&self, hash: u64) -> usize {
        let mask = self.shards.len().wrapping_sub(1);
        usize::try_from(hash >> SHARD_SHIFT).unwrap_or(0) & mask
    }

    fn take_place(&mut self) -> u32 {
        if let Some(number) = self.free.pop() {
            return number;
        }
        let full = self.members.last().is_none_or(|chunk| chunk.0.len() >= CHUNK);
        if full {
            self.members.push(Arc::default());
        }
        let before = self.members.len().saturating_sub(1).saturating_mul(CHUNK);
        let Some(chunk) = self.members.last_mut().map(Arc::make_mut) else { return 0 };
        let number = before.saturating_add(chunk.0.len());
        chunk.0.push(None);
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// Puts somebody in a place, and gives who was there.
    fn seat(&mut self, number: u32, who: Option<(Rank, Attached)>) -> Option<(Rank, Attached)> {
        let (chunk, place) = split(number);
        let chunk = Arc::make_mut(self.members.get_mut(chunk)?);
        std::mem::replace(chunk.0.get_mut(place)?, who)
    }

    fn index(&mut self, program: &Arc<Program>, rank: Rank, member: u32) {
        if self.entries >= self.shards.len().saturating_mul(SHARD) {
            self.reshard();
        }
        self.put(program, rank, member);
    }

    fn put(&mut self, program: &Program, rank: Rank, member: u32) {
        self.each_slot(program, rank, |shard, hash, order, code| {
            shard.insert(hash, order, member, code);
        });
    }

    fn each_slot(
        &mut self,
        program: &Program,
        rank: Rank,
        mut then: impl FnMut(&mut Table, u64, u64, &[u8]),
    ) {
        for (index, (code, rule)) in program.placed().enumerate() {
            index::slots(rule, |slot| {
                self.kinds.add(slot);
                let shard = self.shard(slot.hash);
                if let Some(shard) = self.shards.get_mut(shard).map(Arc::make_mut) {
                    let before = shard.len();
                    then(shard, slot.hash, order_of(rank, index), code);
                    self.entries = self.entries.saturating_add(shard.len()).saturating_sub(before);
                }
            });
        }
    }

    /// Twice as many shards, everything in its new one.
    fn reshard(&mut self) {
        let count = self.shards.len().saturating_mul(2).max(1);
        self.shards = (0..count).map(|_| Arc::default()).collect();
        (self.kinds, self.entries) = (Kinds::default(), 0);
        let members = self.members.clone();
        let seats = members.iter().flat_map(|chunk| chunk.0.iter());
        for (number, seat) in seats.enumerate() {
            let Some((rank, policy)) = seat else { continue };
            let program = policy.document.program();
            let member = u32::try_from(number).unwrap_or(u32::MAX);
            self.put(program, *rank, member);
        }
    }
}

impl PartialEq for PolicySet {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for PolicySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl From<Vec<Attached>> for PolicySet {
    fn from(policies: Vec<Attached>) -> Self {
        policies.into_iter().collect()
    }
}

impl FromIterator<Attached> for PolicySet {
    fn from_iter<I: IntoIterator<Item = Attached>>(policies: I) -> Self {
        let mut set = Self::default();
        set.extend(policies);
        set
    }
}

impl Extend<Attached> for PolicySet {
    fn extend<I: IntoIterator<Item = Attached>>(&mut self, policies: I) {
        for policy in policies {
            self.push(policy);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::decide::{about, resource_text};
    use crate::decision::Verdict;
    use crate::document::{Document, Kind};
    use crate::facts::Facts;
    use crate::judge::{asking, judge};
    use crate::operation::{Check, Need};
    use crate::principal::Principal;
    use crate::question::{CallerPolicies, Question, ResourceSide};
    use crate::statement::{Effect, Fit};

    const ACTIONS: &[&str] = &[
        "s3:GetObject",
        "s3:Get*",
        "s3:*",
        "*",
        "S3:getobject",
        "s?:GetObject",
        "s3:GetObjectVersionAttributes",
        "s3:GetObjectVersionAttribute*",
        "s3:?etObject",
        "iam:GetUser",
        "iam:*",
    ];
    const RESOURCES: &[&str] = &[
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b",
        "arn:aws:s3:::b*",
        "arn:aws:s3:::b/k/l/m/n/o",
        "arn:aws:s3:::b/k/l/m/n/*",
        "arn:aws:s3:::b/k/l/m",
        "arn:aws:s3:::b/k/l*m",
        "arn:aws:s3:::b/${aws:username}/*",
        "arn:aws:s3:::b/${s3:prefix, 'k'}/*",
        "arn:aws:s3:::?/k/*",
        "arn:aws:s3:::bucket-with-a-name/*",
        "arn:aws:s3:::bucket-with*",
        "arn:aws:s3:*:*:b/k",
        "arn:*:s3:::b/k",
        "arn:aws:iam::111122223333:user/BOB",
        "arn:aws:iam::111122223333:user/b*",
        "arn:aws:iam::*:user/${aws:username}",
    ];
    const ASKED: &[&str] = &[
        "*",
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/k",
        "arn:aws:s3:::b/k/l/m",
        "arn:aws:s3:::b/k/l/m/n/o",
        "arn:aws:s3:::b/alice/x",
        "arn:aws:s3:::bucket-with-a-name/k",
        "arn:aws:s3:::bucket-with-a-name",
        "arn:aws:iam::111122223333:user/bob",
        "arn:aws:iam::111122223333:user/alice",
    ];
    const ASKED_ACTIONS: &[&str] =
        &["s3:GetObject", "s3:GetObjectVersionAttributes", "s3:PutObject", "iam:GetUser"];

    fn statement() -> impl Strategy<Value = serde_json::Value> {
        let some = |list: &'static [&'static str]| {
            proptest::collection::vec(proptest::sample::select(list), 1..4)
        };
        let strategy = (any::<bool>(), 0..8_u8, some(ACTIONS), some(RESOURCES), 0..4_u8);
        strategy.prop_map(|(deny, not, actions, resources, condition)| {
            let mut own = json!({ "Effect": if deny { "Deny" } else { "Allow" } });
            own[if not == 1 { "NotAction" } else { "Action" }] = json!(actions);
            own[if not == 2 { "NotResource" } else { "Resource" }] = json!(resources);
            if condition == 0 {
                own["Condition"] = json!({ "StringLike": { "aws:username": "a*" } });
            }
            if condition == 1 {
                own["Condition"] = json!({ "StringEquals": { "s3:prefix": "x" } });
            }
            own
        })
    }

    fn policy(name: usize, statements: &[serde_json::Value]) -> Attached {
        let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let document = Arc::new(Document::parse(&text, Kind::Identity).unwrap());
        Attached { name: name.to_string(), document }
    }

    /// The first statement of an effect that applies, by looking at each.
    fn plain(set: &PolicySet, check: &Check, question: &Question<'_>) -> Option<(String, usize)> {
        asking(check, question, |ask| {
            let find = |effect| {
                set.iter().find_map(|policy| {
                    let mut rules = policy.document.program().rules();
                    let place = rules
                        .position(|rule| rule.effect() == effect && rule.applies(ask).is_some());
                    place.map(|place| (policy.name.clone(), place))
                })
            };
            find(Effect::Deny).or_else(|| find(Effect::Allow))
        })
    }

    /// Asks everything of whoever has these policies.
    fn asked(set: &PolicySet, mut then: impl FnMut(&Check, &Question<'_>)) {
        let principal = Principal::User {
            account: "111122223333".parse().unwrap(),
            name: "alice".parse().unwrap(),
            arn: "arn:aws:iam::111122223333:user/alice".parse().unwrap(),
            id: "AIDAAAAAAAAAAAAAAAAA1".parse().unwrap(),
        };
        let caller = CallerPolicies { identity: set.clone(), ..CallerPolicies::default() };
        let question = Question {
            principal: &principal,
            caller: &caller,
            resource: &ResourceSide::plain(principal.account()),
            facts: &Facts::default(),
            revision: Default::default(),
        };
        for (action, resource) in
            ASKED_ACTIONS.iter().flat_map(|action| ASKED.iter().map(move |on| (action, on)))
        {
            let check = Check {
                action: action.parse().unwrap(),
                resource: resource.parse().unwrap(),
                need: Need::Required,
                with: Vec::new(),
            };
            then(&check, &question);
        }
    }

    fn agree(set: &PolicySet) {
        asked(set, |check, question| {
            let (action, resource) = (&check.action, &check.resource);
            let ruling = judge(check, question);
            let by = ruling.by.map(|by| {
                (by.policy(question).map(|policy| policy.name.clone()).unwrap(), by.statement)
            });
            assert_eq!(by, plain(set, check, question), "{action} {resource} {set:?}");
            let reference = crate::reference::decide(check, question);
            assert_eq!(ruling.verdict, reference.verdict, "{action} {resource} {set:?}");
            assert_eq!(by.is_none(), ruling.verdict == Verdict::ImplicitDeny);
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn what_the_index_finds_first_is_what_looking_at_each_finds_first(
            policies in proptest::collection::vec(
                proptest::collection::vec(statement(), 1..4), 1..8,
            ),
            gone in proptest::collection::vec(any::<proptest::sample::Index>(), 0..4),
            again in any::<proptest::sample::Index>(),
        ) {
            let attached: Vec<_> =
                policies.iter().enumerate().map(|(n, list)| policy(n, list)).collect();
            let mut set = PolicySet::default();
            let mut members = Vec::new();
            // In another order than their ranks'.
            for (rank, policy) in attached.iter().enumerate().rev() {
                members.push(set.insert(Rank(rank as u64 * 10), policy.clone()));
            }
            prop_assert_eq!(&set, &PolicySet::from(attached.clone()));
            agree(&set);
            let before = set.clone();
            for index in gone {
                set.remove(*index.get(&members));
            }
            agree(&set);
            set.insert(Rank(5), again.get(&attached).clone());
            agree(&set);
            prop_assert_eq!(before, PolicySet::from(attached));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Decisions are made by compiled statements and explained by these: they say the same.
        #[test]
        fn a_statement_that_explains_applies_where_the_one_that_decides_does(
            list in proptest::collection::vec(statement(), 1..4),
        ) {
            let policy = policy(0, &list);
            let statements = policy.document.statements();
            let set = PolicySet::from(vec![policy.clone()]);
            asked(&set, |check, question| {
                let text = resource_text(check);
                let about = about(check, question, &text);
                asking(check, question, |ask| {
                    for (rule, statement) in policy.document.program().rules().zip(&statements) {
                        let decided = rule.applies(ask).map_or(Fit::Action, Fit::Applies);
                        let explained = match statement.fit(&about) {
                            Fit::Applies(grade) => Fit::Applies(grade),
                            _ => Fit::Action,
                        };
                        assert_eq!(explained, decided, "{check:?} {}", policy.document.text());
                    }
                });
            });
        }
    }

    #[test]
    fn a_set_that_grows_and_shrinks_finds_what_is_left() {
        let one = |n: usize| {
            let resource = format!("arn:aws:s3:::b/{n}/*");
            policy(
                n,
                &[json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": resource })],
            )
        };
        let mut set = PolicySet::default();
        let members: Vec<_> = (0..5_000).map(|n| set.insert(Rank(n as u64), one(n))).collect();
        assert_eq!((set.len(), set.0.entries, set.0.shards.len() > 4), (5_000, 5_000, true));
        agree(&set);
        for member in members {
            assert!(set.remove(member).is_some());
            assert!(set.remove(member).is_none());
        }
        assert_eq!((set.len(), set.0.entries), (0, 0));
        agree(&set);
    }

    #[test]
    fn of_many_chains_that_match_the_first_statement_of_all_is_found() {
        let name = "arn:aws:s3:::bucket-of-many-names/home-of-the-alices/\
                    reports-of-the-year/2026-to-the-last-day";
        let start = "arn:aws:s3:::".len();
        let slashes = name.match_indices('/').map(|(at, _)| at + 1);
        let anchors: Vec<usize> = [start].into_iter().chain(slashes).collect();
        let ends = anchors.iter().flat_map(|anchor| [0, 4, 8, 16].map(|step| anchor + step));
        let mut resources: Vec<String> =
            ends.map(|end| format!("{}*", name.split_at(end).0)).collect();
        resources.extend([name.to_owned(), "*".to_owned()]);
        let all: Vec<Attached> = resources
            .iter()
            .flat_map(|on| ["s3:GetObject", "s3:*", "*"].map(|action| (action, on)))
            .map(|(action, on)| json!({ "Effect": "Allow", "Action": action, "Resource": on }))
            .enumerate()
            .map(|(place, statement)| policy(place, &[statement]))
            .collect();
        let principal = Principal::Root { account: "111122223333".parse().unwrap() };
        let check = Check {
            action: "s3:GetObject".parse().unwrap(),
            resource: name.parse().unwrap(),
            need: Need::Required,
            with: Vec::new(),
        };
        assert_eq!(all.len(), 54);
        for turn in 0..all.len() {
            let mut set = PolicySet::default();
            for (place, policy) in all.iter().enumerate() {
                let rank = (place + turn) % all.len();
                set.insert(Rank(rank as u64), policy.clone());
            }
            let caller = CallerPolicies { identity: set, ..CallerPolicies::default() };
            let question = Question {
                principal: &principal,
                caller: &caller,
                resource: &ResourceSide::plain(principal.account()),
                facts: &Facts::default(),
                revision: Default::default(),
            };
            let by = judge(&check, &question).by.unwrap();
            let first = by.policy(&question).unwrap();
            assert_eq!(first.name, ((all.len() - turn) % all.len()).to_string());
        }
    }

    #[test]
    fn places_are_taken_again_and_chunks_are_full_before_there_are_more() {
        let one = || policy(0, &[json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })]);
        let mut set = PolicySet::default();
        let members: Vec<Member> = (0..CHUNK + 1).map(|_| set.insert(Rank(1), one())).collect();
        assert_eq!(set.0.members.len(), 2);
        let numbers: Vec<u32> = members.iter().map(|member| member.0).collect();
        assert!(numbers.iter().copied().eq(0..=u32::try_from(CHUNK).unwrap()), "{numbers:?}");
        assert!(set.remove(members[3]).is_some());
        assert_eq!((set.insert(Rank(1), one()).0, set.len()), (3, CHUNK + 1));
        // Ranks are pushed one behind the other, and none is greater than the greatest.
        let mut ranks = PolicySet::default();
        ranks.push(one());
        ranks.push(one());
        assert_eq!((RANK_STEP, ranks.0.last), (65_536, Some(Rank(65_536))));
        ranks.insert(Rank(u64::MAX), one());
        assert_eq!(ranks.0.last, Some(RANK_MAX));
        // A rank takes all bits that the place of a statement leaves, and not one of those.
        assert_eq!(RANK_MAX, Rank(0xFFFF_FFFF_FFFF));
        assert_eq!(order_of(RANK_MAX, usize::MAX), u64::MAX);
        assert_eq!(index_of(order_of(RANK_MAX, 0)), 0);
    }

    #[test]
    fn a_tag_of_the_object_is_read_as_long_as_some_policy_reads_one() {
        let tag = json!({ "Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": { "StringEquals": { "s3:ExistingObjectTag/a": "b" } } });
        let mut set = PolicySet::default();
        let [one, other] = [0, 1].map(|own| {
            let policy = policy(own, std::slice::from_ref(&tag));
            set.insert(Rank(1), policy)
        });
        assert!(set.reads_object_tags());
        set.remove(one);
        assert!(set.reads_object_tags());
        set.remove(other);
        assert!(!set.reads_object_tags() && set.is_empty());
    }

    #[test]
    fn sets_are_equal_that_have_the_same_policies_in_the_same_order() {
        let of = |names: &[usize]| -> PolicySet {
            let one = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
            names.iter().map(|name| policy(*name, std::slice::from_ref(&one))).collect()
        };
        assert_eq!(of(&[1, 2]), of(&[1, 2]));
        for other in [&[][..], &[1], &[1, 2, 3], &[2, 1], &[1, 3]] {
            assert_ne!(of(&[1, 2]), of(other), "{other:?}");
        }
    }
}
