//! What a directory said of people who are still there, kept so that it need not be asked again
//! while neither they nor any group has changed.
//!
//! Every entry has a number that each change of it moves: `entryCSN` (OpenLDAP's own schema), or
//! `uSNChanged` (MS-ADTS §3.1.1.1.9), which differs between servers, so that another one that
//! answers makes everything be asked again. Both are finer than any clock.

use std::collections::BTreeMap;

use identity::{ExternalIdentity, OidcProvider};
use names::{Arn, DistinguishedName, Timestamp};

use super::config::{DirectorySettings, Nesting, Product};
use super::filter::Filter;
use super::login::{DirectoryLogins, Person, anybody};
use super::port::{As, DirectoryError, Scope, Search};
use super::refusal::LdapRefusal;
use super::verify::EntryId;

/// Most groups whose changes are watched; where there are more, everybody is asked about each time.
pub const GROUPS_WATCHED_MAX: usize = 50_000;
/// How often what is kept is used before all is asked again: what shows in no entry's number (a
/// membership through another domain) is noticed by then.
pub const ROUNDS_RECALLED_MAX: u32 = 10;

/// The numbers of all groups, by their names.
type Marks = BTreeMap<String, Vec<u8>>;

/// What a directory said, as long as it holds.
#[derive(Default)]
pub struct Recall {
    groups: Option<Marks>,
    rounds_left: u32,
    people: BTreeMap<(Arn, EntryId), Known>,
}

/// What is known of somebody who is there.
#[derive(Debug)]
pub enum Standing {
    /// The directory vouches for them.
    Vouched(Box<ExternalIdentity>),
    /// It answers, and what it says of them is not whole: nobody keeps rights by being in more
    /// groups than are read, and nobody else waits for them.
    Unclear(LdapRefusal),
}

struct Known {
    mark: Vec<u8>,
    identity: ExternalIdentity,
}

/// The attribute whose value every change of an entry moves.
pub(super) fn mark_attribute(product: Product) -> &'static str {
    match product {
        Product::ActiveDirectory => "uSNChanged",
        Product::Openldap => "entryCSN",
    }
}

impl Recall {
    /// Forgets somebody, or what a failure left uncertain of them.
    fn forget(&mut self, provider: &OidcProvider, id: &EntryId) {
        self.people.remove(&(provider.arn.clone(), id.clone()));
    }

    /// What was said of somebody whose entry has not changed since.
    fn of(
        &self,
        provider: &OidcProvider,
        person: &Person,
        mark: &[u8],
    ) -> Option<ExternalIdentity> {
        let known = self.people.get(&(provider.arn.clone(), person.id.clone()))?;
        let same = known.mark == mark && known.identity.issuer == provider.issuer.as_str();
        same.then(|| known.identity.clone())
    }
}

impl DirectoryLogins {
    /// Begins a round: what is kept is dropped if any group has changed since the last, if it was
    /// used often enough, or if changes cannot be seen. Ask before anybody is asked about: what
    /// changes meanwhile is then seen by the next round. Dropping it midway changes nothing.
    ///
    /// # Errors
    /// The directory gave no answer.
    pub async fn begin(&self, recall: &mut Recall) -> Result<(), LdapRefusal> {
        let groups = self.marks_of_groups().await?;
        if groups.is_none() || groups != recall.groups || recall.rounds_left == 0 {
            recall.people.clear();
            recall.rounds_left = ROUNDS_RECALLED_MAX;
        }
        recall.rounds_left = recall.rounds_left.saturating_sub(1);
        recall.groups = groups;
        Ok(())
    }

    /// What the directory vouches for of somebody who is there: what it said before if nothing has
    /// changed, else what it says now. Dropping it midway changes nothing.
    ///
    /// # Errors
    /// The directory gave no answer.
    pub async fn standing(
        &self,
        provider: &OidcProvider,
        person: &Person,
        recall: &mut Recall,
        now: Timestamp,
    ) -> Result<Standing, LdapRefusal> {
        let attribute = mark_attribute(self.settings().product);
        let mark = person.entry.values(attribute).first().cloned();
        if let Some(mark) = &mark
            && let Some(known) = recall.of(provider, person, mark)
        {
            return Ok(Standing::Vouched(Box::new(known)));
        }
        recall.forget(provider, &person.id);
        let identity = match self.confirm(provider, person, now).await {
            Ok(identity) => identity,
            Err(refusal) if refusal.is_outage() => return Err(refusal),
            Err(refusal) => return Ok(Standing::Unclear(refusal)),
        };
        if let Some(mark) = mark {
            let known = Known { mark, identity: identity.clone() };
            recall.people.insert((provider.arn.clone(), person.id.clone()), known);
        }
        Ok(Standing::Vouched(Box::new(identity)))
    }

    /// The numbers of every group through which somebody can be in one; none if one of them has
    /// none, or there are too many.
    async fn marks_of_groups(&self) -> Result<Option<Marks>, LdapRefusal> {
        let settings = self.settings();
        let Some((bases, filter)) = watched(settings) else { return Ok(None) };
        let attribute = mark_attribute(settings.product);
        let mut marks = Marks::new();
        for base in bases {
            let search = Search {
                base,
                scope: Scope::Subtree,
                filter: filter.clone(),
                attributes: vec![attribute.to_owned()],
                entries_max: GROUPS_WATCHED_MAX,
            };
            let entries = match self.directory().search(As::Lookup, &search).await {
                Err(DirectoryError::TooMany { .. }) => return Ok(None),
                other => other?,
            };
            for mut entry in entries {
                let values = entry.attributes.remove(&attribute.to_ascii_lowercase());
                let Some(mark) = values.and_then(|mut values| values.pop()) else {
                    return Ok(None);
                };
                marks.insert(entry.dn, mark);
            }
            if marks.len() > GROUPS_WATCHED_MAX {
                return Ok(None);
            }
        }
        Ok(Some(marks))
    }
}

/// Where the groups stand through which somebody can be in one, and what they are found by; none
/// if that cannot be said.
fn watched(settings: &DirectorySettings) -> Option<(Vec<String>, Filter)> {
    let any = || Filter::Present { attribute: "objectClass".to_owned() };
    match settings.nesting {
        Nesting::None | Nesting::Walk => {
            Some((settings.group_bases.clone(), anybody(&settings.group_filter)))
        }
        Nesting::MemberOf => Some((settings.group_bases.clone(), any())),
        // The directory follows chains through groups wherever they stand in the domain.
        Nesting::InChain | Nesting::TokenGroups => {
            let mut roots: Vec<String> =
                settings.group_bases.iter().map(|base| domain(base)).collect::<Option<_>>()?;
            roots.sort();
            roots.dedup();
            Some((roots, Filter::equal("objectClass", "group")))
        }
    }
}

/// The domain that a name stands in: its `DC` parts (RFC 2247).
fn domain(base: &str) -> Option<String> {
    let name: DistinguishedName = base.parse().ok()?;
    let text = name.as_str();
    let mut from = None;
    let mut begin = 0;
    let mut escaped = false;
    let ends = text.char_indices().filter_map(|(at, c)| {
        let ends = c == ',' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    });
    for end in ends.chain([text.len()]) {
        let is_domain = text.get(begin..end)?.trim().to_ascii_lowercase().starts_with("dc=");
        from = if is_domain { from.or(Some(begin)) } else { None };
        begin = end.saturating_add(1);
    }
    text.get(from?..).map(str::to_owned)
}

#[cfg(test)]
mod tests;
