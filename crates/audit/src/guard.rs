//! Guards: what makes a revocation immediate.
//!
//! Every permit carries a guard that is registered under each link of its caller's chain. Work that
//! lasts (a body, a commit) enters the guard for each step. A revocation cuts all guards under what
//! it names: from then on nobody can enter, and it waits only for those who are inside.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use names::Revision;
use tokio::sync::Notify;

use crate::who::{ChainLink, Who};

/// The registry of every guard that is alive.
#[derive(Clone, Default)]
pub struct Guards(Arc<Mutex<Registry>>);

/// A list and no index: every request comes and goes here, and a revocation, which is rare, looks
/// at those that are under way just now.
#[derive(Default)]
struct Registry {
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
}

struct Slot {
    who: Arc<Who>,
    state: Weak<State>,
}

/// The state behind all clones of one guard.
struct State {
    /// Its place in the registry.
    slot: usize,
    who: Arc<Who>,
    decided_at: Revision,
    registry: Weak<Mutex<Registry>>,
    steps: Mutex<Steps>,
    changed: Notify,
}

/// Whether the guard is cut and how many are inside; one lock, so that the two never disagree.
#[derive(Default)]
struct Steps {
    cut: Option<Cut>,
    inside: usize,
}

/// What was permitted has been revoked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cut at revision {revision}")]
pub struct Cut {
    /// The revision of the authorization state that revoked it.
    pub revision: Revision,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The critical sections below cannot be left half done by a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Guards {
    /// A registry without guards.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a guard under every link of the caller's chain. Only `Attempt::open` calls this,
    /// before it reads the revision again: whoever revokes later finds the guard, whoever revoked
    /// earlier moved the revision.
    pub(crate) fn register(&self, who: &Arc<Who>, decided_at: Revision) -> Guard {
        let mut registry = locked(&self.0);
        let slot = registry.free.pop().unwrap_or(registry.slots.len());
        let state = Arc::new(State {
            slot,
            who: Arc::clone(who),
            decided_at,
            registry: Arc::downgrade(&self.0),
            steps: Mutex::default(),
            changed: Notify::new(),
        });
        let taken = Some(Slot { who: Arc::clone(who), state: Arc::downgrade(&state) });
        match registry.slots.get_mut(slot) {
            Some(free) => *free = taken,
            None => registry.slots.push(taken),
        }
        Guard(state)
    }

    /// Cuts every guard under any of `links` that was decided before `up_to`, the revision that
    /// revokes. When this returns nobody can enter any of them; [`Cutting::finished`] waits for
    /// those still inside. Guards decided at `up_to` or later saw the revocation and stay.
    pub fn cut(&self, links: &[ChainLink], up_to: Revision) -> Cutting {
        self.cut_except(links, up_to, |_| false)
    }

    /// Like [`Guards::cut`], but spares guards of whose links `spare` says so (a revocation of a
    /// role's sessions that leaves those of one provider, say).
    pub fn cut_except(
        &self,
        links: &[ChainLink],
        up_to: Revision,
        spare: impl Fn(&[ChainLink]) -> bool,
    ) -> Cutting {
        let found = locked(&self.0).under(links);
        let mut waiting: Vec<Arc<State>> = Vec::new();
        for state in found {
            if state.decided_at < up_to && !spare(&state.who.chain) && state.cut(up_to) {
                waiting.push(state);
            }
        }
        Cutting(waiting)
    }

    /// How many guards are alive under a link.
    #[must_use]
    pub fn alive(&self, link: &ChainLink) -> usize {
        let found = locked(&self.0).under(std::slice::from_ref(link));
        found.len()
    }
}

impl Registry {
    /// The guards under any of those links. Only these are held while the registry is locked, and
    /// by whoever asks: the last to hold one locks it again.
    fn under(&self, links: &[ChainLink]) -> Vec<Arc<State>> {
        let sought: HashSet<&ChainLink> = links.iter().collect();
        let taken = self.slots.iter().flatten();
        let named = taken.filter(|slot| slot.who.chain.iter().any(|link| sought.contains(link)));
        named.filter_map(|slot| slot.state.upgrade()).collect()
    }
}

impl State {
    /// Marks the guard; true if somebody is inside.
    fn cut(&self, revision: Revision) -> bool {
        let inside = {
            let mut steps = locked(&self.steps);
            steps.cut.get_or_insert(Cut { revision });
            steps.inside > 0
        };
        self.changed.notify_waiters();
        inside
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let Some(registry) = self.registry.upgrade() else { return };
        let mut registry = locked(&registry);
        let left = registry.slots.get_mut(self.slot).and_then(Option::take);
        registry.free.push(self.slot);
        drop(registry);
        drop(left);
    }
}

/// The guards that a revocation cut and that somebody was inside of.
#[must_use = "the revocation is complete only when `finished` returns"]
pub struct Cutting(Vec<Arc<State>>);

impl Cutting {
    /// Waits until nobody is inside any guard that was cut. Whoever revokes must not be inside a
    /// guard of its own. Dropping this midway loses only the waiting: the guards stay cut.
    pub async fn finished(self) {
        for state in self.0 {
            loop {
                let changed = state.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if locked(&state.steps).inside == 0 {
                    break;
                }
                changed.await;
            }
        }
    }

    /// How many guards still have somebody inside.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.iter().filter(|state| locked(&state.steps).inside > 0).count()
    }
}

/// One permit's guard. Clones are the same guard; it is gone when the last clone is dropped.
#[derive(Clone)]
pub struct Guard(Arc<State>);

impl Guard {
    /// Enters the guard for one short step: one chunk, or one commit.
    ///
    /// # Errors
    /// [`Cut`], if what was permitted has been revoked; nothing more may be done.
    pub fn enter(&self) -> Result<Inside, Cut> {
        let mut steps = locked(&self.0.steps);
        if let Some(cut) = steps.cut {
            return Err(cut);
        }
        steps.inside = steps.inside.saturating_add(1);
        drop(steps);
        Ok(Inside(Arc::clone(&self.0)))
    }

    /// Whether, and by which revision, the guard is cut.
    #[must_use]
    pub fn cut(&self) -> Option<Cut> {
        locked(&self.0.steps).cut
    }

    /// Returns when the guard is cut: a body that waits for a slow client can end at once.
    /// Dropping the future is harmless.
    pub async fn until_cut(&self) -> Cut {
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(cut) = self.cut() {
                return cut;
            }
            changed.await;
        }
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("links", &self.0.who.chain).field("cut", &self.cut()).finish()
    }
}

/// Somebody is inside a guard: a revocation waits until this is dropped. Keep it for one chunk or
/// one commit, never while waiting for a client.
#[must_use = "dropping this leaves the guard"]
pub struct Inside(Arc<State>);

impl Drop for Inside {
    fn drop(&mut self) {
        let left = {
            let mut steps = locked(&self.0.steps);
            steps.inside = steps.inside.saturating_sub(1);
            steps.inside
        };
        if left == 0 {
            self.0.changed.notify_waiters();
        }
    }
}
