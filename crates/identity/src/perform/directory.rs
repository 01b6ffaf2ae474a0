//! What becomes of people of whom their directory says something new.
//!
//! Whatever takes somebody a group that they were told to be in, or a rule that fired, takes every
//! session that they have: of a role that they put on because of it, or of a claim that says so, no
//! session would know. Rights that their own user has are read from the state at each request, and
//! are the new ones at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::ChainLink;
use names::Arn;

use crate::delta::Change;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Context, Effect, Perform, Performed};
use crate::mapping::{MappingRule, fires_still};
use crate::membership::GroupIds;
use crate::ops::{AssumeRoleWithLDAPIdentity, SyncDirectory, Told};
use crate::perform::FederatedSession;
use crate::provider::{ExternalIdentity, OidcProvider};
use crate::record::{Absent, Federated, User};
use crate::state::State;

/// What a sync did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Synced {
    /// How many people's sessions were ended.
    pub ended: usize,
    /// How many people have other rights, groups or labels than before.
    pub changed: usize,
}

impl Perform for AssumeRoleWithLDAPIdentity {
    type Output = FederatedSession;

    fn effect(&self) -> Effect {
        self.login.effect()
    }

    fn act(&self, cx: &Context<'_>) -> Result<Performed<FederatedSession>, IdentityError> {
        self.login.act(cx)
    }
}

impl Perform for SyncDirectory {
    type Output = Synced;

    fn effect(&self) -> Effect {
        Effect::Revoke
    }

    fn act(&self, cx: &Context<'_>) -> Result<Performed<Synced>, IdentityError> {
        let missing = || IdentityError::missing(EntityKind::Provider, &self.provider);
        let provider = cx.state.provider(&self.provider).ok_or_else(missing)?;
        let news = self.news(cx.state, provider);
        let mut synced = Synced { changed: news.len(), ended: 0 };
        let (mut changes, mut cut) = (Vec::new(), Vec::new());
        for New { user, federated, loses } in news {
            let (id, subject) = (user.id.clone(), federated.subject.clone());
            changes.push(Change::User(Arc::new(User {
                federated: Some(federated),
                ..(*user).clone()
            })));
            if loses {
                synced.ended = synced.ended.saturating_add(1);
                let link = link(provider, subject);
                changes.push(Change::Ended { account: user.account, link: link.clone() });
                changes.push(Change::IssuedBeforeRevoked(id.clone()));
                cut.extend([link, ChainLink::Principal(id)]);
            }
        }
        Ok(Performed::write(changes, synced).cutting(cut))
    }
}

/// Somebody of whom something is new.
struct New {
    user: Arc<User>,
    federated: Federated,
    loses: bool,
}

impl SyncDirectory {
    /// Whether it changes anything.
    #[must_use]
    pub fn is_news(&self, state: &State) -> bool {
        state.provider(&self.provider).is_some_and(|own| !self.news(state, own).is_empty())
    }

    /// Whether it ends anybody's sessions.
    #[must_use]
    pub fn takes(&self, state: &State) -> bool {
        let own = state.provider(&self.provider);
        own.is_some_and(|own| self.news(state, own).iter().any(|new| new.loses))
    }

    fn news(&self, state: &State, provider: &OidcProvider) -> Vec<New> {
        let here = self.here.iter().filter_map(|external| {
            let known = self.known.get(&external.subject);
            now_here(state, provider, external, known)
        });
        let absent = self.absent.iter().filter_map(|(subject, absent)| {
            let user = state.user_of_subject(&self.provider, subject)?;
            now_absent(user, *absent)
        });
        let told = self.told.iter().filter_map(|told| {
            let known = self.known.get(&told.subject);
            now_told(state, provider, told, known)
        });
        here.chain(told).chain(absent).collect()
    }
}

/// What all that somebody got through a provider depends on. At an OpenID provider a token of
/// theirs that was issued before opens nothing more either: it lists what they had.
fn link(provider: &OidcProvider, subject: String) -> ChainLink {
    let arn = provider.arn.clone();
    match provider.issuer.directory() {
        Some(_) => ChainLink::IdpSession { provider: arn, sid: subject },
        None => ChainLink::Subject { provider: arn, subject },
    }
}

fn now_here(
    state: &State,
    provider: &OidcProvider,
    external: &ExternalIdentity,
    known: Option<&GroupIds>,
) -> Option<New> {
    let user = state.user_bound_to(external)?;
    let before = user.federated.as_ref()?;
    let outcome = state.map(provider, external);
    let federated = Federated {
        display: external.display.clone(),
        mapped: outcome.policies,
        fired: outcome.fired.into_iter().collect(),
        claimed: state.claimed(provider, external),
        member_of: external.member_of.instead_of(before.member_of.as_ref(), known),
        absent: None,
        ..before.clone()
    };
    new(provider, user, federated)
}

fn now_told(
    state: &State,
    provider: &OidcProvider,
    told: &Told,
    known: Option<&GroupIds>,
) -> Option<New> {
    let user = state.user_of_subject(&provider.arn, &told.subject)?;
    let before = user.federated.as_ref()?;
    let fires =
        |rule: &&MappingRule| fires_still(rule, before.fired.contains(&rule.name), &told.groups);
    let (mut fired, mut mapped) = (BTreeSet::new(), before.claimed.clone());
    for rule in provider.rules.iter().filter(fires) {
        fired.insert(rule.name.clone());
        mapped.extend(rule.policies.iter().cloned());
    }
    mapped.retain(|arn| state.can_be_given(provider, arn));
    let member_of = told.member_of.instead_of(before.member_of.as_ref(), known);
    new(provider, user, Federated { mapped, fired, member_of, absent: None, ..before.clone() })
}

fn new(provider: &OidcProvider, user: &Arc<User>, federated: Federated) -> Option<New> {
    let before = user.federated.as_ref()?;
    // Rules that an administrator took away are no news of the directory's; what they gave is.
    let rules: BTreeSet<&String> = provider.rules.iter().map(|rule| &rule.name).collect();
    let ceased = before.fired.iter().any(|r| !federated.fired.contains(r) && rules.contains(r));
    let left = match (&before.member_of, &federated.member_of) {
        (Some(before), Some(now)) => before.is_shrunk_to(now),
        _ => false,
    };
    let loses = ceased || left;
    (federated != *before).then(|| New { user: Arc::clone(user), federated, loses })
}

fn now_absent(user: &Arc<User>, absent: Absent) -> Option<New> {
    let before = user.federated.as_ref()?;
    let loses = absent != Absent::Unconfirmed;
    let mut federated = Federated { absent: Some(absent), ..before.clone() };
    if loses {
        federated.mapped.clear();
        federated.fired.clear();
        federated.claimed.clear();
        federated.member_of = None;
    }
    // Who is gone does not come back because the directory cannot be asked.
    let weaker = absent == Absent::Unconfirmed && before.absent.is_some();
    (federated != *before && !weaker).then(|| New { user: Arc::clone(user), federated, loses })
}

impl State {
    /// Those who signed in through a provider once, by their ids there.
    #[must_use]
    pub fn people_of(&self, provider: &OidcProvider) -> Vec<String> {
        let users = self.users.of(provider.account, None);
        let own = |user: Arc<User>| {
            let federated = user.federated.as_ref()?;
            let same =
                federated.provider == provider.arn && federated.issuer == provider.issuer.as_str();
            same.then(|| federated.subject.clone())
        };
        users.filter_map(|user| own(Arc::clone(&user))).collect()
    }

    /// The groups that somebody is known to be in, to be said of an answer that is asked for now;
    /// none if nothing is known, since then nothing can be lost.
    #[must_use]
    pub fn groups_known_of(&self, provider: &Arn, subject: &str) -> GroupIds {
        let user = self.user_of_subject(provider, subject);
        let federated = user.and_then(|user| user.federated.as_ref());
        federated.and_then(|own| own.member_of.clone()).unwrap_or_default()
    }

    /// Those who signed in through an OpenID provider once and may still be there, and by what its
    /// interface knows them. Whoever is gone is not asked about again: who comes back signs in.
    #[must_use]
    pub fn people_to_ask_about(&self, provider: &OidcProvider) -> Vec<(String, Option<String>)> {
        let users = self.users.of(provider.account, None);
        let own = |user: Arc<User>| {
            let federated = user.federated.as_ref()?;
            let asked = federated.provider == provider.arn
                && federated.issuer == provider.issuer.as_str()
                && federated.absent != Some(Absent::Gone);
            asked.then(|| (federated.subject.clone(), federated.known_as.clone()))
        };
        users.filter_map(|user| own(Arc::clone(&user))).collect()
    }

    /// The OpenID providers of all accounts.
    pub fn issuers(&self) -> impl Iterator<Item = &Arc<OidcProvider>> {
        self.all_providers().filter(|provider| provider.issuer.directory().is_none())
    }

    /// The directories that are providers, of all accounts.
    pub fn directories(&self) -> impl Iterator<Item = &Arc<OidcProvider>> {
        self.all_providers().filter(|provider| provider.issuer.directory().is_some())
    }
}
