//! A directory in memory, which evaluates filters as one does.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use identity::{ClaimSettings, OidcProvider};
use names::{DistinguishedName, Revision, SecretBytes, Timestamp};

use super::config::{DirectoryForm, DirectorySettings};
use super::filter::{Filter, Operator};
use super::port::{As, Directory, DirectoryError, Entry, Scope, Search};

/// A directory in memory.
#[derive(Default)]
pub(super) struct Fake {
    pub(super) entries: Mutex<Vec<Entry>>,
    pub(super) passwords: BTreeMap<String, String>,
    /// What a bind as that name is refused with.
    pub(super) faults: BTreeMap<String, (u32, String)>,
    /// What every search is answered with.
    pub(super) failure: Mutex<Option<DirectoryError>>,
    /// Every bind, in order.
    pub(super) bound: Mutex<Vec<String>>,
    pub(super) searched: Mutex<Vec<String>>,
}

pub(super) fn entry(dn: &str, attributes: &[(&str, &str)]) -> Entry {
    let mut entry = Entry { dn: dn.to_owned(), ..Entry::default() };
    for (name, value) in attributes {
        let values = entry.attributes.entry(name.to_ascii_lowercase()).or_default();
        values.push(value.as_bytes().to_vec());
    }
    entry
}

impl Fake {
    pub(super) fn with(entries: Vec<Entry>) -> Self {
        Self { entries: Mutex::new(entries), ..Self::default() }
    }

    pub(super) fn password(mut self, dn: &str, password: &str) -> Self {
        self.passwords.insert(dn.to_owned(), password.to_owned());
        self
    }
}

#[async_trait]
impl Directory for Fake {
    async fn bind(&self, name: &str, password: &SecretBytes) -> Result<(), DirectoryError> {
        self.bound.lock().unwrap().push(name.to_owned());
        if let Some((code, message)) = self.faults.get(name) {
            return Err(DirectoryError::Refused { code: *code, message: message.clone() });
        }
        let right = self.passwords.get(name).map(String::as_bytes) == Some(password.expose());
        let wrong = DirectoryError::Refused { code: 49, message: String::new() };
        if right { Ok(()) } else { Err(wrong) }
    }

    async fn search(&self, _: As<'_>, search: &Search) -> Result<Vec<Entry>, DirectoryError> {
        self.searched.lock().unwrap().push(search.filter.to_string());
        if let Some(failure) = self.failure.lock().unwrap().clone() {
            return Err(failure);
        }
        let base: DistinguishedName = search.base.parse().unwrap();
        let within = |entry: &&Entry| {
            let dn: DistinguishedName = entry.dn.parse().unwrap();
            if search.scope == Scope::Base { dn == base } else { dn.is_within(&base) }
        };
        let entries = self.entries.lock().unwrap();
        let found: Vec<Entry> = entries
            .iter()
            .filter(within)
            .filter(|entry| holds(&search.filter, entry))
            .cloned()
            .collect();
        if found.len() > search.entries_max {
            return Err(DirectoryError::TooMany { max: search.entries_max });
        }
        Ok(found)
    }
}

fn holds(filter: &Filter, entry: &Entry) -> bool {
    match filter {
        Filter::And(some) => some.iter().all(|one| holds(one, entry)),
        Filter::Or(some) => some.iter().any(|one| holds(one, entry)),
        Filter::Not(one) => !holds(one, entry),
        Filter::Present { attribute } => {
            attribute == "objectClass" || !entry.values(attribute).is_empty()
        }
        Filter::Compare { attribute, operator: Operator::Equal, value } => {
            if attribute.eq_ignore_ascii_case("entryDN") {
                return same(entry.dn.as_bytes(), value);
            }
            entry.values(attribute).iter().any(|own| same(own, value))
        }
        other => panic!("{other} is not known here"),
    }
}

/// As directories compare names and texts.
fn same(one: &[u8], other: &[u8]) -> bool {
    let dn = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse::<DistinguishedName>().ok();
    match (dn(one), dn(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.eq_ignore_ascii_case(other),
    }
}

pub(super) fn form(more: &str) -> DirectoryForm {
    let base = serde_json::json!({
        "name": "corp",
        "servers": ["ldaps://ldap.example.com"],
        "bind_dn": "cn=lookup,dc=example",
        "bind_password_file": "/secret",
        "user_bases": ["ou=people,dc=example"],
        "group_bases": ["ou=groups,dc=example"],
    });
    let mut value = base;
    let more: serde_json::Value = serde_json::from_str(more).unwrap();
    for (name, setting) in more.as_object().unwrap() {
        value[name] = setting.clone();
    }
    serde_json::from_value(value).unwrap()
}

pub(super) fn settings(more: &str) -> DirectorySettings {
    form(more).checked(&|_| Ok(b"lookup-secret\n".to_vec())).unwrap()
}

pub(super) fn provider() -> OidcProvider {
    OidcProvider {
        arn: "arn:aws:iam::111122223333:ldap-provider/corp".parse().unwrap(),
        account: "111122223333".parse().unwrap(),
        issuer: "http://localhost".parse().unwrap(),
        client_ids: std::collections::BTreeSet::new(),
        thumbprints: Vec::new(),
        name: "corp".parse().unwrap(),
        claims: ClaimSettings::default(),
        rules: Vec::new(),
        trust: None,
        tags: identity::ops::Tags::default(),
        session_seconds_max: None,
        created: now(),
        incarnation: Revision(1),
    }
}

pub(super) fn now() -> Timestamp {
    Timestamp::from_seconds(1_800_000_000).unwrap()
}
