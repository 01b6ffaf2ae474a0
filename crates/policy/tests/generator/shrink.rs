//! Shrinks a world on which the engines differ: whatever can go, goes.

use strongroom_policy::principal::Principal;

use super::run::differs;
use super::world::{Statement, World};

/// Most worlds that are tried.
const TRIES_MAX: usize = 4000;

/// The smallest world found that still differs.
pub(crate) fn smallest(world: &World, callers: &[Principal]) -> World {
    let mut best = world.clone();
    let mut tries = 0_usize;
    let mut progress = true;
    while progress && tries < TRIES_MAX {
        progress = false;
        for candidate in candidates(&best) {
            tries = tries.saturating_add(1);
            if candidate != best && differs(&candidate, callers) {
                best = candidate;
                progress = true;
                break;
            }
        }
    }
    best
}

/// Worlds that lack one thing of this one, the larger things first.
fn candidates(world: &World) -> Vec<World> {
    let mut found = Vec::new();
    let mut keep = |change: &dyn Fn(&mut World)| {
        let mut less = world.clone();
        change(&mut less);
        found.push(less);
    };
    for policy in 0..world.policies.len() {
        keep(&|w| drop_at(&mut w.policies, policy));
    }
    for (at, policy) in world.policies.iter().enumerate() {
        for (index, statement) in policy.statements.iter().enumerate() {
            if policy.statements.len() > 1 {
                keep(&|w| {
                    if let Some(policy) = w.policies.get_mut(at) {
                        drop_at(&mut policy.statements, index);
                    }
                });
            }
            shrink_statement(statement, &mut |change| {
                keep(&|w| {
                    let policy = w.policies.get_mut(at);
                    if let Some(own) = policy.and_then(|p| p.statements.get_mut(index)) {
                        change(own);
                    }
                });
            });
        }
    }
    if let Some(ask) = world.asks.first() {
        for index in 0..ask.context.len() {
            keep(&|w| w.asks.iter_mut().for_each(|a| drop_at(&mut a.context, index)));
        }
        keep(&|w| w.asks.iter_mut().for_each(|a| a.forged.clear()));
        keep(&|w| w.asks.iter_mut().for_each(|a| a.with = None));
        keep(&|w| w.asks.iter_mut().for_each(|a| a.restricted = false));
        keep(&|w| w.asks.iter_mut().for_each(|a| a.who = 0));
    }
    keep(&|w| w.empty_session = false);
    found
}

/// Makes one thing of a statement smaller.
type Change<'a> = dyn Fn(&mut Statement) + 'a;

fn shrink_statement(statement: &Statement, keep: &mut dyn FnMut(&Change<'_>)) {
    for index in 0..statement.conditions.len() {
        keep(&|s| drop_at(&mut s.conditions, index));
    }
    for (index, condition) in statement.conditions.iter().enumerate() {
        for value in 0..condition.values.len() {
            keep(&|s| {
                if let Some(condition) = s.conditions.get_mut(index) {
                    drop_at(&mut condition.values, value);
                }
            });
        }
    }
    for index in 0..statement.grantees.as_ref().map_or(0, |g| g.named.len()) {
        keep(&|s| {
            if let Some(grantees) = &mut s.grantees {
                drop_at(&mut grantees.named, index);
            }
        });
    }
    for index in 0..statement.actions.texts.len() {
        keep(&|s| drop_at(&mut s.actions.texts, index));
        keep(&|s| replace(&mut s.actions.texts, index, "*"));
    }
    for index in 0..statement.resources.as_ref().map_or(0, |r| r.texts.len()) {
        keep(&|s| {
            if let Some(resources) = &mut s.resources {
                drop_at(&mut resources.texts, index);
            }
        });
        keep(&|s| {
            if let Some(resources) = &mut s.resources {
                replace(&mut resources.texts, index, "*");
            }
        });
    }
    keep(&|s| s.sid = None);
}

fn drop_at<T>(list: &mut Vec<T>, index: usize) {
    if index < list.len() {
        list.remove(index);
    }
}

fn replace(list: &mut [String], index: usize, text: &str) {
    if let Some(own) = list.get_mut(index) {
        text.clone_into(own);
    }
}
