//! What a principal holds, compiled once and kept while it stays the same.
//!
//! A kept set is only ever used for the very state that it was made from, or for one that follows
//! from that state by changes which are all known here: each change of what anybody may do adds a
//! link to the state's [`Lineage`], and a set remembers the link it was made at. Links are compared
//! by where they are, not by a number, so that two states that went apart never share a set. What
//! changed since is changed in the set, holder by holder; whatever cannot be followed is made anew.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use names::{Arn, Revision, UniqueId};
use policy::{Attached, Member, PolicySet, RANK_MAX, Rank};

use crate::delta::Change;
use crate::record::Policies;

/// Most links that are followed, and that a lineage keeps.
const LINKS_MAX: usize = 1_024;
/// Most policies of all sets that are kept, of those used lately and of those used before.
const KEPT_POLICIES_MAX: usize = 200_000;
/// The distance between the ranks of two holders at first.
const HOLDER_STEP: u64 = 1 << 28;
/// The least distance: most policies of one holder.
const HOLDER_STEP_MIN: u64 = 1 << 16;

/// What a change touches.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Touched {
    /// A user, group or role.
    Holder(UniqueId),
    /// A managed policy.
    Policy(Arn),
}

/// The changes of what anybody may do that led to a state, the last one first.
#[derive(Clone, Default)]
pub(crate) struct Lineage(Arc<Link>);

#[derive(Default)]
struct Link {
    touched: Option<Touched>,
    before: Option<Arc<Link>>,
    length: usize,
}

impl Lineage {
    /// Adds a change, if rights can follow from it.
    pub(crate) fn add(&mut self, change: &Change, policy: impl Fn(&UniqueId) -> Option<Arn>) {
        let touched = match change {
            Change::User(user) => Touched::Holder(user.id.clone()),
            Change::Group(group) => Touched::Holder(group.id.clone()),
            Change::Role(role) => Touched::Holder(role.id.clone()),
            Change::UserGone(id) | Change::GroupGone(id) | Change::RoleGone(id) => {
                Touched::Holder(id.clone())
            }
            Change::Policy(own) => Touched::Policy(own.arn()),
            Change::PolicyGone(id) => match policy(id) {
                Some(arn) => Touched::Policy(arn),
                None => return,
            },
            Change::SignInSettings(_) => {
                // What an account allows all its users is in every set: each is made anew.
                self.0 = Arc::default();
                return;
            }
            _ => return,
        };
        let kept = self.0.length < LINKS_MAX;
        let before = kept.then(|| Arc::clone(&self.0));
        let length = if kept { self.0.length.saturating_add(1) } else { 0 };
        self.0 = Arc::new(Link { touched: Some(touched), before, length });
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What changed since another state of this lineage; `None` if that is not known.
    fn since(&self, other: &Self) -> Option<Vec<&Touched>> {
        let mut touched = Vec::new();
        let mut link = &self.0;
        while !Arc::ptr_eq(link, &other.0) {
            touched.extend(&link.touched);
            link = link.before.as_ref()?;
        }
        Some(touched)
    }
}

/// Who holds policies of a principal, in the order in which they count.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Holder {
    /// The principal itself.
    Itself(UniqueId),
    /// A group that it is in.
    Group(UniqueId),
    /// The rules of its provider.
    Mapped,
    /// Its account, which lets its users change their own passwords.
    Account,
}

/// Where policies are read: a state.
pub(crate) trait Source {
    /// Who holds policies of the principal now.
    fn holders(&self, principal: &UniqueId) -> Vec<Holder>;
    /// What a holder holds, in order, and the managed policies among it, there or not.
    fn held(&self, principal: &UniqueId, holder: &Holder) -> (Vec<Attached>, Vec<Arn>);
}

/// What one principal holds.
#[derive(Clone)]
struct Holdings {
    set: PolicySet,
    sections: Arc<BTreeMap<Holder, Section>>,
    at: Lineage,
    revision: Revision,
}

/// What one holder adds.
#[derive(Clone)]
struct Section {
    from: u64,
    members: Vec<Member>,
    managed: Vec<Arn>,
}

impl Holdings {
    fn new(source: &impl Source, principal: &UniqueId, at: &Lineage, revision: Revision) -> Self {
        let (set, sections) = (PolicySet::default(), Arc::default());
        let mut own = Self { set, sections, at: at.clone(), revision };
        let mut from = HOLDER_STEP;
        for holder in source.holders(principal) {
            own.put(source, principal, holder, from);
            from = from.saturating_add(HOLDER_STEP);
        }
        own
    }

    /// Puts what a holder holds at ranks from `from` on.
    fn put(&mut self, source: &impl Source, principal: &UniqueId, holder: Holder, from: u64) {
        let (policies, managed) = source.held(principal, &holder);
        let ranks = (from..).map(Rank);
        let members =
            ranks.zip(policies).map(|(rank, policy)| self.set.insert(rank, policy)).collect();
        Arc::make_mut(&mut self.sections).insert(holder, Section { from, members, managed });
    }

    fn take(&mut self, holder: &Holder) -> Option<u64> {
        let section = Arc::make_mut(&mut self.sections).remove(holder)?;
        for member in section.members {
            self.set.remove(member);
        }
        Some(section.from)
    }

    /// The set as it is after some changes; `None` if it has to be made anew.
    fn follow(
        &self,
        source: &impl Source,
        principal: &UniqueId,
        touched: &[&Touched],
        (at, revision): (&Lineage, Revision),
    ) -> Option<Self> {
        let mut own = Self { at: at.clone(), revision, ..self.clone() };
        let concerned = |touched: &Touched| {
            let mut sections = self.sections.iter();
            *touched == Touched::Holder(principal.clone())
                || sections.any(|(holder, own)| concerns(touched, principal, holder, own))
        };
        if !touched.iter().any(|touched| concerned(touched)) {
            return Some(own);
        }
        let now = if touched.iter().any(|t| **t == Touched::Holder(principal.clone())) {
            source.holders(principal)
        } else {
            own.sections.keys().cloned().collect()
        };
        let gone: Vec<Holder> =
            own.sections.keys().filter(|held| now.binary_search(held).is_err()).cloned().collect();
        for holder in gone {
            own.take(&holder);
        }
        for holder in now {
            let changed = own.sections.get(&holder).is_none_or(|section| {
                touched.iter().any(|touched| concerns(touched, principal, &holder, section))
            });
            if changed {
                let from = match own.take(&holder) {
                    Some(from) => from,
                    None => own.between(&holder)?,
                };
                own.put(source, principal, holder, from);
            }
        }
        Some(own)
    }

    /// A place for a new holder among the others; `None` if there is no room.
    fn between(&self, holder: &Holder) -> Option<u64> {
        let before = self.sections.range(..holder).next_back().map_or(0, |(_, own)| own.from);
        let after = self.sections.range(holder..).next().map(|(_, own)| own.from);
        let from = match after {
            Some(after) => before.saturating_add(after.saturating_sub(before) / 2),
            None => before.saturating_add(HOLDER_STEP),
        };
        let room = after.unwrap_or(RANK_MAX.0).saturating_sub(from) >= HOLDER_STEP_MIN
            && from.saturating_sub(before) >= HOLDER_STEP_MIN;
        room.then_some(from)
    }
}

fn concerns(touched: &Touched, principal: &UniqueId, holder: &Holder, section: &Section) -> bool {
    match (touched, holder) {
        (Touched::Policy(arn), _) => section.managed.contains(arn),
        (Touched::Holder(id), Holder::Itself(own) | Holder::Group(own)) => id == own,
        (Touched::Holder(id), Holder::Mapped | Holder::Account) => id == principal,
    }
}

/// The sets that are kept: those used lately, and those used before that.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<UniqueId, Arc<Holdings>>,
    old: HashMap<UniqueId, Arc<Holdings>>,
    /// Policies of the young.
    policies: usize,
}

impl Generations {
    fn find(&mut self, principal: &UniqueId) -> Option<Arc<Holdings>> {
        if let Some(own) = self.young.get(principal) {
            return Some(Arc::clone(own));
        }
        let own = self.old.remove(principal)?;
        self.put(principal, &own);
        Some(own)
    }

    fn put(&mut self, principal: &UniqueId, own: &Arc<Holdings>) {
        let weight = |own: &Holdings| own.set.len().saturating_add(1);
        if self.policies.saturating_add(weight(own)) > KEPT_POLICIES_MAX {
            self.old = std::mem::take(&mut self.young);
            self.policies = 0;
        }
        self.old.remove(principal);
        let before = self.young.insert(principal.clone(), Arc::clone(own));
        self.policies = self
            .policies
            .saturating_add(weight(own))
            .saturating_sub(before.map_or(0, |before| weight(&before)));
    }
}

impl Kept {
    /// What a principal holds in the state of this lineage.
    pub(crate) fn of(
        &self,
        source: &impl Source,
        principal: &UniqueId,
        (at, revision): (&Lineage, Revision),
    ) -> PolicySet {
        let found = self.generations().find(principal);
        if let Some(own) = found.as_ref().filter(|own| own.at.is(at)) {
            return own.set.clone();
        }
        let followed = found.as_ref().and_then(|own| {
            let touched = at.since(&own.at)?;
            own.follow(source, principal, &touched, (at, revision))
        });
        let own = followed.unwrap_or_else(|| Holdings::new(source, principal, at, revision));
        let set = own.set.clone();
        // A state of the past is asked about now and then; what it holds is not kept.
        if found.is_none_or(|known| known.revision <= revision) {
            self.generations().put(principal, &Arc::new(own));
        }
        set
    }

    fn generations(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The policies of a holder: inline ones by name, then managed ones.
pub(crate) fn listed(
    policies: &Policies,
    inline: impl Fn(&str) -> String,
    managed: impl Fn(&Arn) -> Option<Attached>,
) -> (Vec<Attached>, Vec<Arn>) {
    let own = policies.inline.iter().map(|(name, policy)| Attached {
        name: inline(name.as_str()),
        document: Arc::clone(policy.document()),
    });
    let attached = policies.attached.iter().filter_map(managed);
    (own.chain(attached).collect(), policies.attached.iter().cloned().collect())
}
