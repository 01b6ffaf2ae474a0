//! The groups of a person, and those that they are in: all of them, or a refusal.
//!
//! Part of somebody's groups can be worth more than all of them, since a group can deny; so what is
//! not known whole is not known.

use std::collections::BTreeMap;

use identity::ExternalGroup;
use names::DistinguishedName;

use super::config::{DirectorySettings, Nesting, Product};
use super::filter::Filter;
use super::port::{As, Directory, DirectoryError, Entry, Scope, Search};
use super::refusal::LdapRefusal;
use super::verify::entry_id;

/// Most groups of one person, nested ones included.
pub const GROUPS_MAX: usize = 10_000;
/// How many levels of groups in groups are followed.
pub const GROUP_LEVELS_MAX: usize = 128;
/// How many groups are asked about in one search.
const ASKED_AT_ONCE: usize = 500;

/// What is asked, of whom, as whom.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) directory: &'a dyn Directory,
    pub(super) settings: &'a DirectorySettings,
    pub(super) who: As<'a>,
}

/// Whose groups are wanted.
pub(super) struct Member<'a> {
    /// The entry's name, as the directory writes it.
    pub(super) dn: &'a str,
    /// The login name.
    pub(super) name: &'a str,
}

/// The groups that were found, by their canonical names.
type Found = BTreeMap<DistinguishedName, Group>;

struct Group {
    id: String,
    /// The groups that it says it is in.
    within: Vec<String>,
}

impl Asking<'_> {
    /// Every group of a member.
    pub(super) async fn groups(
        &self,
        member: &Member<'_>,
    ) -> Result<Vec<ExternalGroup>, LdapRefusal> {
        if self.settings.group_bases.is_empty() {
            return Ok(Vec::new());
        }
        let found = match self.settings.nesting {
            Nesting::None | Nesting::InChain => {
                let filter = self.settings.group_filter.filled(member.name, member.dn);
                let mut found = Found::new();
                self.add(&filter, &mut found).await?;
                found
            }
            Nesting::Walk => self.walk(member).await?,
            Nesting::MemberOf => self.member_of(member).await?,
            Nesting::TokenGroups => self.token_groups(member).await?,
        };
        let external = |(name, group): (DistinguishedName, Group)| ExternalGroup {
            id: group.id,
            name: Some(name.to_string()),
        };
        Ok(found.into_iter().map(external).collect())
    }

    /// Searches all bases and keeps what is new; gives the names of that.
    async fn add(&self, filter: &Filter, found: &mut Found) -> Result<Vec<String>, LdapRefusal> {
        let mut new = Vec::new();
        for base in &self.settings.group_bases {
            let mut attributes = vec![self.settings.id_attribute.clone()];
            if self.settings.nesting == Nesting::MemberOf {
                attributes.push("memberOf".to_owned());
            }
            let search = Search {
                base: base.clone(),
                scope: Scope::Subtree,
                filter: filter.clone(),
                attributes,
                entries_max: GROUPS_MAX,
            };
            let entries = match self.directory.search(self.who, &search).await {
                Err(DirectoryError::TooMany { .. }) => return Err(too_many()),
                other => other?,
            };
            for entry in entries {
                let name = entry.dn.parse().map_err(|_| LdapRefusal::EntryName)?;
                if found.contains_key(&name) {
                    continue;
                }
                let id = entry_id(&entry, &self.settings.id_attribute)?.as_str().to_owned();
                let within = within(&entry)?;
                new.push(entry.dn);
                found.insert(name, Group { id, within });
                if found.len() > GROUPS_MAX {
                    return Err(too_many());
                }
            }
        }
        Ok(new)
    }

    /// Asks level by level which groups have those of the level before as members. A group that
    /// was seen is not asked about again, so that circles end.
    async fn walk(&self, member: &Member<'_>) -> Result<Found, LdapRefusal> {
        let mut found = Found::new();
        let mut level = vec![member.dn.to_owned()];
        for _ in 0..=GROUP_LEVELS_MAX {
            let mut above = Vec::new();
            for some in level.chunks(ASKED_AT_ONCE) {
                let filled =
                    some.iter().map(|dn| self.settings.group_filter.filled(member.name, dn));
                above.extend(self.add(&any(filled.collect()), &mut found).await?);
            }
            if above.is_empty() {
                return Ok(found);
            }
            level = above;
        }
        Err(too_many())
    }

    /// Follows `memberOf`, level by level. Groups outside of the bases count for nothing.
    async fn member_of(&self, member: &Member<'_>) -> Result<Found, LdapRefusal> {
        let person = self.entry(member.dn, "memberOf").await?;
        let by_name = match self.settings.product {
            Product::ActiveDirectory => "distinguishedName",
            Product::Openldap => "entryDN",
        };
        let mut found = Found::new();
        let mut level = within(&person)?;
        for _ in 0..=GROUP_LEVELS_MAX {
            let mut above = Vec::new();
            for some in level.chunks(ASKED_AT_ONCE) {
                let named = some.iter().map(|dn| Filter::equal(by_name, dn.as_bytes()));
                for dn in self.add(&any(named.collect()), &mut found).await? {
                    let name: DistinguishedName = dn.parse().map_err(|_| LdapRefusal::EntryName)?;
                    let group = found.get(&name);
                    above.extend(group.map(|group| group.within.clone()).unwrap_or_default());
                }
            }
            let seen = |name: DistinguishedName| found.contains_key(&name);
            let unseen = |dn: &String| dn.parse().is_ok_and(|name| !seen(name));
            above.retain(unseen);
            above.sort();
            above.dedup();
            if above.is_empty() {
                return Ok(found);
            }
            level = above;
        }
        Err(too_many())
    }

    /// Reads `tokenGroups`, in which Active Directory lists the security ids of all groups, nested
    /// ones included (MS-ADTS §3.1.1.4.5.19).
    async fn token_groups(&self, member: &Member<'_>) -> Result<Found, LdapRefusal> {
        let person = self.entry(member.dn, "tokenGroups").await?;
        let ids = person.values("tokenGroups");
        if ids.len() > GROUPS_MAX || person.is_partial("tokenGroups") {
            return Err(too_many());
        }
        let mut found = Found::new();
        for some in ids.chunks(ASKED_AT_ONCE) {
            let by_id = some.iter().map(|id| Filter::equal("objectSid", id.clone()));
            self.add(&any(by_id.collect()), &mut found).await?;
        }
        Ok(found)
    }

    /// One entry, with one attribute.
    async fn entry(&self, dn: &str, attribute: &str) -> Result<Entry, LdapRefusal> {
        let search = Search {
            base: dn.to_owned(),
            scope: Scope::Base,
            filter: Filter::Present { attribute: "objectClass".to_owned() },
            attributes: vec![attribute.to_owned()],
            entries_max: 1,
        };
        let mut found = self.directory.search(self.who, &search).await?;
        found.pop().ok_or(LdapRefusal::Unknown)
    }
}

/// What an entry says it is in, all of it.
fn within(entry: &Entry) -> Result<Vec<String>, LdapRefusal> {
    if entry.is_partial("memberOf") {
        return Err(too_many());
    }
    Ok(entry.texts("memberOf").map(str::to_owned).collect())
}

fn any(mut filters: Vec<Filter>) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        Some(last) => {
            filters.push(last);
            Filter::Or(filters)
        }
        // Nothing is asked about: nothing holds.
        None => Filter::Not(Box::new(Filter::Present { attribute: "objectClass".to_owned() })),
    }
}

fn too_many() -> LdapRefusal {
    LdapRefusal::Groups { groups_max: GROUPS_MAX, levels_max: GROUP_LEVELS_MAX }
}
