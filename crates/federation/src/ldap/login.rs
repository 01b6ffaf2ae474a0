//! From a name and a password to somebody the directory vouches for; and who is still there.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use identity::{ExternalIdentity, OidcProvider};
use names::{SecretBytes, Timestamp};

use super::claims::external_identity;
use super::config::{Bind, DirectorySettings};
use super::filter::Filter;
use super::groups::{Asking, Member};
use super::port::{As, Directory, DirectoryError, Entry, Scope, Search};
use super::recall::mark_attribute;
use super::refusal::LdapRefusal;
use super::verify::{AccountFault, EntryId, entry_id, fault_of, refused_bind, standing_attributes};

/// How long a login may take in all, in seconds: it is refused within five, whatever else the
/// request takes.
pub const LOGIN_SECONDS_MAX: u64 = 4;
/// How long it may take to ask who is still there, for one lot of people.
const PRESENCE_SECONDS_MAX: u64 = 30;
/// Longest login name, in bytes.
const NAME_BYTES_MAX: usize = 256;
/// Longest password, in bytes.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// How many people are asked about in one search.
const ASKED_AT_ONCE: usize = 100;

/// Says whether the person with that id may be shown a password just now.
pub type Admits<'a> = &'a (dyn Fn(&str) -> bool + Send + Sync);

/// What somebody typed, of a form that may be shown to a directory.
pub struct Typed {
    name: String,
    password: SecretBytes,
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Typed({}, ..)", self.name)
    }
}

impl Typed {
    /// A name and a password that can be ones. An empty password never reaches a directory, which
    /// would take it for an anonymous bind and say yes (RFC 4513 §5.1.2); nor does one of spaces,
    /// which some prepare to nothing, or with a NUL, at which some end.
    ///
    /// # Errors
    /// Which of the two is none.
    pub fn new(name: &str, password: SecretBytes) -> Result<Self, LdapRefusal> {
        let plain = |c: char| !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}');
        let named = (1..=NAME_BYTES_MAX).contains(&name.len()) && name.chars().all(plain);
        if !named || name.trim().is_empty() {
            return Err(LdapRefusal::Name);
        }
        let bytes = password.expose();
        let text = std::str::from_utf8(bytes).ok();
        let shown = text.is_some_and(|text| !text.trim().is_empty() && !text.contains('\0'));
        if !shown || bytes.len() > PASSWORD_BYTES_MAX {
            return Err(LdapRefusal::Password);
        }
        Ok(Self { name: name.to_owned(), password })
    }

    /// The name, as it was typed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Somebody who was found, and may be who they say.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their id.
    pub id: EntryId,
    /// Their entry.
    pub entry: Entry,
}

/// Why somebody is not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Absence {
    /// Their entry is gone, or none of those who may sign in any more.
    Gone,
    /// Their account may not be used.
    Barred(AccountFault),
}

/// Who is there, and who is not.
#[derive(Clone, Debug, Default)]
pub struct Roll {
    /// Those who are.
    pub here: Vec<Person>,
    /// Those who are not, and why.
    pub absent: Vec<(EntryId, Absence)>,
}

/// Logins of one directory.
pub struct DirectoryLogins {
    directory: Arc<dyn Directory>,
    settings: DirectorySettings,
}

impl fmt::Debug for DirectoryLogins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DirectoryLogins({})", self.settings.name)
    }
}

impl DirectoryLogins {
    /// Logins by what `directory` answers.
    #[must_use]
    pub fn new(directory: Arc<dyn Directory>, settings: DirectorySettings) -> Self {
        Self { directory, settings }
    }

    /// What is said of the directory.
    #[must_use]
    pub fn settings(&self) -> &DirectorySettings {
        &self.settings
    }

    pub(super) fn directory(&self) -> &dyn Directory {
        self.directory.as_ref()
    }

    /// Who has that name and password. Somebody unknown costs as much as a wrong password: the
    /// directory is shown it for a name that nobody has. Dropping it midway changes nothing.
    ///
    /// # Errors
    /// Any [`LdapRefusal`]; after [`LOGIN_SECONDS_MAX`] the directory is slow.
    pub async fn login(
        &self,
        provider: &OidcProvider,
        typed: &Typed,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LdapRefusal> {
        self.login_admitted(provider, typed, now, &|_| true).await
    }

    /// The same, if whoever has that name, by their id, may be shown a password just now. Somebody
    /// who may not is answered as after a wrong password, and as late: that several names are one
    /// person's is nobody's to find out.
    ///
    /// # Errors
    /// As [`Self::login`].
    pub async fn login_admitted(
        &self,
        provider: &OidcProvider,
        typed: &Typed,
        now: Timestamp,
        admits: Admits<'_>,
    ) -> Result<ExternalIdentity, LdapRefusal> {
        let seconds = LOGIN_SECONDS_MAX;
        let work = self.prove(provider, typed, now, admits);
        tokio::time::timeout(Duration::from_secs(seconds), work)
            .await
            .unwrap_or(Err(DirectoryError::Slow { seconds }.into()))
    }

    async fn prove(
        &self,
        provider: &OidcProvider,
        typed: &Typed,
        now: Timestamp,
        admits: Admits<'_>,
    ) -> Result<ExternalIdentity, LdapRefusal> {
        let Typed { name, password } = typed;
        let bound = match &self.settings.bind {
            Bind::Direct { template } => Some(template.replace("%s", &escaped(template, name))),
            Bind::Lookup { .. } | Bind::Certificate => None,
        };
        let who = match &bound {
            Some(name) => {
                self.shown(name, password).await?;
                As::Person { name, password }
            }
            None => As::Lookup,
        };
        let mut person = self.find(who, name).await;
        if bound.is_none() && person.as_ref().is_ok_and(|own| !admits(own.id.as_str())) {
            person = Err(LdapRefusal::PersonThrottled);
        }
        if bound.is_none() {
            let known = person.as_ref().map(|person| person.entry.dn.clone());
            let shown = match &known {
                Ok(dn) => self.shown(dn, password).await,
                Err(LdapRefusal::Directory(_)) => Ok(()),
                Err(_) => self.shown(&self.nobody(), password).await,
            };
            if known.is_ok() {
                shown?;
            }
        }
        let person = person?;
        if let Some(fault) = fault_of(&person.entry, self.settings.product, now) {
            return Err(LdapRefusal::Account(fault));
        }
        self.vouch(provider, who, &person, now).await
    }

    /// Shows a password to the directory.
    async fn shown(&self, name: &str, password: &SecretBytes) -> Result<(), LdapRefusal> {
        match self.directory.bind(name, password).await {
            Ok(()) => Ok(()),
            Err(DirectoryError::Refused { code, message }) => {
                let refusal = refused_bind(code, &message);
                Err(refusal.unwrap_or(DirectoryError::Refused { code, message }.into()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A name that nobody has, of a form that the directory looks for.
    fn nobody(&self) -> String {
        let base = self.settings.user_bases.first().map_or("", String::as_str);
        format!("cn=strongroom-nobody,{base}")
    }

    /// The one entry with a login name.
    async fn find(&self, who: As<'_>, name: &str) -> Result<Person, LdapRefusal> {
        let filter = self.settings.user_filter.filled(name, "");
        let mut found = Vec::new();
        for base in &self.settings.user_bases {
            // Two are enough to know that there is not one.
            match self.directory.search(who, &self.people(base, filter.clone(), 2)).await {
                Ok(entries) => found.extend(entries),
                Err(DirectoryError::TooMany { .. }) => return Err(LdapRefusal::Ambiguous),
                Err(error) => return Err(error.into()),
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some(entry), true) => {
                let id = entry_id(&entry, &self.settings.id_attribute)?;
                Ok(Person { id, entry })
            }
            (Some(_), false) => Err(LdapRefusal::Ambiguous),
            (None, _) => Err(LdapRefusal::Unknown),
        }
    }

    fn people(&self, base: &str, filter: Filter, entries_max: usize) -> Search {
        let settings = &self.settings;
        let own = [&settings.id_attribute, &settings.name_attribute, &settings.display_attribute];
        let attributes = own.into_iter().chain(&settings.attributes).cloned();
        let standing = standing_attributes(settings.product).iter().copied();
        let standing = standing.chain([mark_attribute(settings.product)]).map(str::to_owned);
        Search {
            base: base.to_owned(),
            scope: Scope::Subtree,
            filter,
            attributes: attributes.chain(standing).collect(),
            entries_max,
        }
    }

    async fn vouch(
        &self,
        provider: &OidcProvider,
        who: As<'_>,
        person: &Person,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LdapRefusal> {
        let settings = &self.settings;
        let asking = Asking { directory: self.directory.as_ref(), settings, who };
        let name = person.entry.text(&settings.name_attribute).unwrap_or_default();
        let groups = asking.groups(&Member { dn: &person.entry.dn, name }).await?;
        external_identity(provider, settings, (&person.id, &person.entry), groups, now)
    }

    /// Whom the directory would vouch for under a name, without a password: for looking at rules.
    ///
    /// # Errors
    /// As a login, but for the password.
    pub async fn look_up(
        &self,
        provider: &OidcProvider,
        name: &str,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LdapRefusal> {
        let person = self.find(As::Lookup, name).await?;
        match fault_of(&person.entry, self.settings.product, now) {
            Some(fault) => Err(LdapRefusal::Account(fault)),
            None => self.confirm(provider, &person, now).await,
        }
    }

    /// Who of these people is still there, by their ids. All of them, or an error: nobody is gone
    /// because a directory did not answer. Dropping it midway changes nothing.
    ///
    /// # Errors
    /// The directory gave no answer, or one that is not whole.
    pub async fn roll(&self, ids: &[EntryId], now: Timestamp) -> Result<Roll, LdapRefusal> {
        let mut roll = Roll::default();
        for some in ids.chunks(ASKED_AT_ONCE) {
            let seconds = PRESENCE_SECONDS_MAX;
            let work = self.called(some, now, &mut roll);
            let answered = tokio::time::timeout(Duration::from_secs(seconds), work).await;
            answered.unwrap_or(Err(DirectoryError::Slow { seconds }.into()))?;
        }
        Ok(roll)
    }

    async fn called(
        &self,
        ids: &[EntryId],
        now: Timestamp,
        roll: &mut Roll,
    ) -> Result<(), LdapRefusal> {
        let attribute = &self.settings.id_attribute;
        let by_id = ids.iter().map(|id| Filter::equal(attribute, id.value(attribute)));
        let may = anybody(&self.settings.user_filter);
        let filter = Filter::And(vec![may, Filter::Or(by_id.collect())]);
        let mut found: BTreeMap<EntryId, Entry> = BTreeMap::new();
        for base in &self.settings.user_bases {
            let search = self.people(base, filter.clone(), ids.len());
            for entry in self.directory.search(As::Lookup, &search).await? {
                found.insert(entry_id(&entry, attribute)?, entry);
            }
        }
        for id in ids {
            match found.remove(id) {
                None => roll.absent.push((id.clone(), Absence::Gone)),
                Some(entry) => match fault_of(&entry, self.settings.product, now) {
                    Some(fault) => roll.absent.push((id.clone(), Absence::Barred(fault))),
                    None => roll.here.push(Person { id: id.clone(), entry }),
                },
            }
        }
        Ok(())
    }

    /// What the directory vouches for of somebody who is there, without a password.
    ///
    /// # Errors
    /// The directory gave no answer, or one that is not whole.
    pub async fn confirm(
        &self,
        provider: &OidcProvider,
        person: &Person,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LdapRefusal> {
        let seconds = PRESENCE_SECONDS_MAX;
        let work = self.vouch(provider, As::Lookup, person, now);
        let answered = tokio::time::timeout(Duration::from_secs(seconds), work).await;
        answered.unwrap_or(Err(DirectoryError::Slow { seconds }.into()))
    }

    /// The groups that a rule means by these texts: each an id or a name of a group that exists.
    ///
    /// # Errors
    /// The directory gave no answer.
    pub async fn group_ids(
        &self,
        texts: &[String],
    ) -> Result<BTreeMap<String, EntryId>, LdapRefusal> {
        let mut bound = BTreeMap::new();
        for text in texts {
            let id = EntryId::parse(text);
            for base in &self.settings.group_bases {
                let attribute = &self.settings.id_attribute;
                let (base, scope, filter) = match (text.contains('='), &id) {
                    (true, _) => {
                        let any = Filter::Present { attribute: "objectClass".to_owned() };
                        (text, Scope::Base, any)
                    }
                    (false, Some(id)) => {
                        (base, Scope::Subtree, Filter::equal(attribute, id.value(attribute)))
                    }
                    (false, None) => continue,
                };
                let search = Search {
                    base: base.clone(),
                    scope,
                    filter,
                    attributes: vec![attribute.clone()],
                    entries_max: 2,
                };
                let found = match self.directory.search(As::Lookup, &search).await {
                    Err(DirectoryError::Refused { code: super::port::NO_SUCH_OBJECT, .. }) => {
                        Vec::new()
                    }
                    other => other?,
                };
                if let [entry] = found.as_slice() {
                    bound.insert(text.clone(), entry_id(entry, attribute)?);
                }
            }
        }
        Ok(bound)
    }
}

/// What is put for `%s` into a template that is bound: escaped where that is a distinguished name
/// (RFC 4514 §2.4), as it is otherwise (`%s@example.com`).
fn escaped(template: &str, name: &str) -> String {
    if !template.contains('=') {
        return name.to_owned();
    }
    let last = name.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(name.len());
    for (at, c) in name.chars().enumerate() {
        let outer = at == 0 || at == last;
        if "\"+,;<>\\=".contains(c) || (c == '#' && at == 0) || (c == ' ' && outer) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The filter of who may sign in, whatever their login name; of groups, whoever is in them.
pub(super) fn anybody(filter: &Filter) -> Filter {
    let all = |some: &[Filter]| some.iter().map(anybody).collect();
    let asks = |filter: &Filter| filter.mentions("%s") || filter.mentions("%d");
    match filter {
        Filter::And(some) => Filter::And(all(some)),
        Filter::Or(some) => Filter::Or(all(some)),
        Filter::Not(one) if !asks(one) => filter.clone(),
        Filter::Compare { attribute, .. } | Filter::Substrings { attribute, .. }
            if asks(filter) =>
        {
            Filter::Present { attribute: attribute.clone() }
        }
        Filter::Extensible { rule, .. } if asks(filter) => {
            let attribute = rule.split(':').next().unwrap_or_default().to_owned();
            Filter::Present { attribute }
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
