//! What is said of a directory: its servers, how we bind, where people and groups are.
//!
//! It is said in a file of the operator's, not through the API: whoever could change the address of
//! a server could have its passwords sent to theirs.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use names::{AccountId, DistinguishedName, ProviderName, SecretBytes};
use serde::Deserialize;

use super::filter::{BadFilter, Filter};
use crate::egress::{AddressKind, classify};

/// Most servers of one directory.
const SERVERS_MAX: usize = 8;
/// Most bases that are searched for people, or for groups.
const BASES_MAX: usize = 16;
/// Most further attributes that rules may look at.
const ATTRIBUTES_MAX: usize = 32;
/// Largest file that is read: certificates, a password.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// A directory, as its `[[directory]]` table in the file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryForm {
    /// Its name: the provider's name.
    pub name: ProviderName,
    /// `openldap`, or `active-directory` (Samba too): what attributes mean.
    #[serde(default)]
    pub product: Product,
    /// `ldaps://host[:port]` or `ldap://host[:port]`, in the order of preference.
    pub servers: Vec<String>,
    /// Whether `ldap://` connections are made secure by StartTLS before anything is said.
    #[serde(default = "yes")]
    pub start_tls: bool,
    /// Lets `ldap://` on loopback be plain, without StartTLS.
    #[serde(default)]
    pub plain_on_loopback: bool,
    /// The authorities that its certificates are of, PEM; those of the machine if not said.
    pub ca_file: Option<PathBuf>,
    /// Our own certificate, PEM, with `client_key_file`.
    pub client_certificate_file: Option<PathBuf>,
    /// Its key, PEM.
    pub client_key_file: Option<PathBuf>,
    /// The account that looks people up.
    pub bind_dn: Option<String>,
    /// A file with its password.
    pub bind_password_file: Option<PathBuf>,
    /// Where there is no such account: what is bound for the login name `%s`.
    pub direct_bind: Option<String>,
    /// Where people are.
    pub user_bases: Vec<String>,
    /// Who of them may sign in as `%s`.
    pub user_filter: Option<String>,
    /// Where groups are; none are looked for if not said.
    #[serde(default)]
    pub group_bases: Vec<String>,
    /// Which groups `%d` (a DN) or `%s` (the login name) is in.
    pub group_filter: Option<String>,
    /// How groups in groups are found.
    pub nesting: Option<Nesting>,
    /// The attribute that never changes and is never used again.
    pub id_attribute: Option<String>,
    /// The attribute that is the login name.
    pub name_attribute: Option<String>,
    /// The attribute that labels a person.
    pub display_attribute: Option<String>,
    /// Further attributes, which rules may look at.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// The accounts that may have it as a provider; the operator's own if not said.
    #[serde(default)]
    pub accounts: BTreeSet<AccountId>,
    /// Most connections at the same time.
    #[serde(default = "connections")]
    pub connections: usize,
    /// How often it is asked who is still there.
    #[serde(default = "sync_seconds")]
    pub sync_seconds: u64,
    /// After so long without an answer nobody's credentials from it count; for ever if not said.
    pub stale_seconds_max: Option<u64>,
}

fn yes() -> bool {
    true
}

fn connections() -> usize {
    8
}

fn sync_seconds() -> u64 {
    60
}

/// Whose directory it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Product {
    /// OpenLDAP, 389 Directory Server, and whatever has `entryUUID`.
    #[default]
    Openldap,
    /// Active Directory and Samba.
    ActiveDirectory,
}

/// How groups in groups are found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nesting {
    /// Only groups that the person is in directly.
    None,
    /// We ask level by level.
    Walk,
    /// The directory follows the chain (`1.2.840.113556.1.4.1941`).
    InChain,
    /// We ask for `memberOf`, level by level.
    MemberOf,
    /// The directory lists the ids of all (`tokenGroups`).
    TokenGroups,
}

/// How a connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// StartTLS before anything else is said.
    StartTls,
    /// None, to loopback.
    Plain,
}

/// One server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How it is spoken to.
    pub security: Security,
}

/// How we bind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bind {
    /// One account looks people up.
    Lookup {
        /// Its name.
        dn: String,
        /// Its password.
        password: SecretBytes,
    },
    /// Our certificate says who looks people up (SASL EXTERNAL).
    Certificate,
    /// People look themselves up: what is bound for the login name `%s`.
    Direct {
        /// The template.
        template: String,
    },
}

/// A directory, checked as a whole.
#[derive(Clone, Debug)]
pub struct DirectorySettings {
    /// Its name.
    pub name: ProviderName,
    /// Whose it is.
    pub product: Product,
    /// Its servers, in the order of preference.
    pub servers: Vec<Server>,
    /// The authorities of its certificates, PEM.
    pub roots_pem: Option<Vec<u8>>,
    /// Our certificate and its key, PEM.
    pub client_pem: Option<(Vec<u8>, SecretBytes)>,
    /// How we bind.
    pub bind: Bind,
    /// Where people are.
    pub user_bases: Vec<String>,
    /// Who may sign in.
    pub user_filter: Filter,
    /// Where groups are.
    pub group_bases: Vec<String>,
    /// Which groups somebody is in.
    pub group_filter: Filter,
    /// How groups in groups are found.
    pub nesting: Nesting,
    /// The attribute that is the identity.
    pub id_attribute: String,
    /// The attribute that is the login name.
    pub name_attribute: String,
    /// The attribute that labels a person.
    pub display_attribute: String,
    /// Further attributes.
    pub attributes: Vec<String>,
    /// The accounts that may have it; the operator's if empty.
    pub accounts: BTreeSet<AccountId>,
    /// Most connections.
    pub connections: usize,
    /// Seconds between two questions who is still there.
    pub sync_seconds: u64,
    /// How long no answer is borne.
    pub stale_seconds_max: Option<u64>,
}

/// Why a directory cannot be used as it is said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadDirectory {
    /// A file cannot be read.
    #[error("`{}` cannot be read", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A setting is missing, or is not what it must be.
    #[error("`{setting}` must be {must}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// What it must be.
        must: &'static str,
    },
    /// A server is neither `ldaps://host` nor `ldap://host`, or may not be reached.
    #[error("the server `{server}` {problem}")]
    Server {
        /// Which.
        server: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A base is not a distinguished name.
    #[error("`{setting}` has `{base}`, which is not a distinguished name")]
    Base {
        /// Which setting.
        setting: &'static str,
        /// The base.
        base: String,
        /// Why.
        #[source]
        source: names::BadDistinguishedName,
    },
    /// A filter is none.
    #[error("`{setting}` is not a search filter")]
    Filter {
        /// Which setting.
        setting: &'static str,
        /// Why.
        #[source]
        source: BadFilter,
    },
}

/// Reads a file for the settings.
type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<Vec<u8>>;

impl DirectoryForm {
    /// The directory, if everything that is said of it fits together.
    ///
    /// # Errors
    /// The first thing that does not.
    pub fn checked(&self, read: ReadFile<'_>) -> Result<DirectorySettings, BadDirectory> {
        let preset = Preset::of(self.product);
        let group_filter = self.group_filter.as_deref().unwrap_or(preset.group_filter);
        let user_filter = self.user_filter.as_deref().unwrap_or(preset.user_filter);
        let or = |own: &Option<String>, preset: &str| own.clone().unwrap_or(preset.to_owned());
        let settings = DirectorySettings {
            name: self.name.clone(),
            product: self.product,
            servers: self.servers()?,
            roots_pem: self.ca_file.as_deref().map(|file| file_bytes(file, read)).transpose()?,
            client_pem: self.client(read)?,
            bind: self.bind(read)?,
            user_bases: bases("user_bases", &self.user_bases)?,
            user_filter: filter("user_filter", user_filter)?,
            group_bases: bases("group_bases", &self.group_bases)?,
            group_filter: filter("group_filter", group_filter)?,
            nesting: self.nesting.unwrap_or(preset.nesting),
            id_attribute: or(&self.id_attribute, preset.id_attribute),
            name_attribute: or(&self.name_attribute, preset.name_attribute),
            display_attribute: or(&self.display_attribute, preset.display_attribute),
            attributes: self.attributes.clone(),
            accounts: self.accounts.clone(),
            connections: self.connections,
            sync_seconds: self.sync_seconds,
            stale_seconds_max: self.stale_seconds_max,
        };
        settings.whole()
    }

    fn servers(&self) -> Result<Vec<Server>, BadDirectory> {
        if !(1..=SERVERS_MAX).contains(&self.servers.len()) {
            let must = "1 to 8 servers";
            return Err(BadDirectory::Setting { setting: "servers", must });
        }
        self.servers.iter().map(|text| self.server(text)).collect()
    }

    fn server(&self, text: &str) -> Result<Server, BadDirectory> {
        let bad = |problem| BadDirectory::Server { server: text.to_owned(), problem };
        let url = reqwest::Url::parse(text).map_err(|_| bad("is not a URL"))?;
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let plain = url.path().len() <= 1 && url.query().is_none() && url.fragment().is_none();
        if host.is_empty() || !plain || !url.username().is_empty() || url.password().is_some() {
            return Err(bad("must be `ldaps://host[:port]` or `ldap://host[:port]`"));
        }
        let (security, port) = match url.scheme() {
            "ldaps" => (Security::Tls, 636),
            "ldap" if self.start_tls => (Security::StartTls, 389),
            "ldap" if self.plain_on_loopback && is_loopback(&host) => (Security::Plain, 389),
            "ldap" => return Err(bad("would be spoken to without TLS: set `start_tls`")),
            _ => return Err(bad("must be `ldaps://` or `ldap://`")),
        };
        let port = url.port().unwrap_or(port);
        if let Ok(address) = host.parse() {
            may_reach(classify(address)).map_err(bad)?;
        }
        Ok(Server { host, port, security })
    }

    fn client(&self, read: ReadFile<'_>) -> Result<Option<(Vec<u8>, SecretBytes)>, BadDirectory> {
        match (&self.client_certificate_file, &self.client_key_file) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => {
                let key = SecretBytes::new(file_bytes(key, read)?);
                Ok(Some((file_bytes(certificate, read)?, key)))
            }
            _ => {
                let must = "given together with `client_key_file`";
                Err(BadDirectory::Setting { setting: "client_certificate_file", must })
            }
        }
    }

    fn bind(&self, read: ReadFile<'_>) -> Result<Bind, BadDirectory> {
        match (&self.bind_dn, &self.bind_password_file, &self.direct_bind) {
            (Some(dn), Some(file), None) => {
                let bytes = file_bytes(file, read)?;
                let password = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
                // A bind without a password would be anonymous (RFC 4513 §5.1.2).
                if password.is_empty() || std::str::from_utf8(password).is_err() {
                    let must = "a file with a password in it";
                    return Err(BadDirectory::Setting { setting: "bind_password_file", must });
                }
                Ok(Bind::Lookup { dn: dn.clone(), password: SecretBytes::new(password.to_vec()) })
            }
            (None, None, None) if self.client_certificate_file.is_some() => Ok(Bind::Certificate),
            (None, None, Some(template)) if template.contains("%s") => {
                Ok(Bind::Direct { template: template.clone() })
            }
            _ => {
                let must = "given with `bind_password_file`; or `direct_bind` with `%s`, or a \
                            client certificate, instead of both";
                Err(BadDirectory::Setting { setting: "bind_dn", must })
            }
        }
    }
}

impl DirectorySettings {
    /// What several settings must be together.
    fn whole(self) -> Result<Self, BadDirectory> {
        let bad = |setting, must| Err(BadDirectory::Setting { setting, must });
        if self.user_bases.is_empty() {
            return bad("user_bases", "one base at least");
        }
        if !self.user_filter.mentions("%s") || self.user_filter.mentions("%d") {
            return bad("user_filter", "a filter with `%s`, and without `%d`");
        }
        let asks = self.group_filter.mentions("%s") || self.group_filter.mentions("%d");
        if !asks {
            return bad("group_filter", "a filter with `%d` or `%s`");
        }
        let deep = matches!(self.nesting, Nesting::Walk | Nesting::InChain);
        if deep && !self.group_filter.mentions("%d") {
            return bad("group_filter", "a filter with `%d`, since groups may be in groups");
        }
        let all = [&self.id_attribute, &self.name_attribute, &self.display_attribute];
        if !all.into_iter().chain(&self.attributes).all(|name| is_attribute(name)) {
            return bad("attributes", "names of attributes");
        }
        if self.attributes.len() > ATTRIBUTES_MAX {
            return bad("attributes", "at most 32 names");
        }
        if !(1..=256).contains(&self.connections) {
            return bad("connections", "between 1 and 256");
        }
        if !(1..=86_400).contains(&self.sync_seconds) {
            return bad("sync_seconds", "between 1 and 86400");
        }
        if self.stale_seconds_max.is_some_and(|most| most < self.sync_seconds) {
            return bad("stale_seconds_max", "at least `sync_seconds`");
        }
        Ok(self)
    }

    /// Whether the directory can be asked who is still there: people who look themselves up can
    /// only be asked about while they sign in.
    #[must_use]
    pub fn can_sync(&self) -> bool {
        !matches!(self.bind, Bind::Direct { .. })
    }
}

/// Whether a server may be at such an address. The operator's file names the servers, so private
/// ones are fine; nothing that no directory is at.
pub(super) fn may_reach(kind: AddressKind) -> Result<(), &'static str> {
    match kind {
        AddressKind::Public | AddressKind::Private | AddressKind::Loopback => Ok(()),
        AddressKind::LinkLocal | AddressKind::Metadata | AddressKind::Reserved => {
            Err("is at an address that no directory is at")
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host.parse().is_ok_and(|address| classify(address) == AddressKind::Loopback)
}

fn is_attribute(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn file_bytes(file: &Path, read: ReadFile<'_>) -> Result<Vec<u8>, BadDirectory> {
    let failed = |source| BadDirectory::File { file: file.to_owned(), source };
    let bytes = read(file).map_err(failed)?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(failed(io::Error::from(io::ErrorKind::FileTooLarge)));
    }
    Ok(bytes)
}

fn bases(setting: &'static str, texts: &[String]) -> Result<Vec<String>, BadDirectory> {
    if texts.len() > BASES_MAX {
        return Err(BadDirectory::Setting { setting, must: "at most 16 bases" });
    }
    for base in texts {
        base.parse::<DistinguishedName>().map_err(|source| BadDirectory::Base {
            setting,
            base: base.clone(),
            source,
        })?;
    }
    Ok(texts.to_vec())
}

fn filter(setting: &'static str, text: &str) -> Result<Filter, BadDirectory> {
    text.parse().map_err(|source| BadDirectory::Filter { setting, source })
}

/// What is not said of a directory of that product.
struct Preset {
    user_filter: &'static str,
    group_filter: &'static str,
    nesting: Nesting,
    id_attribute: &'static str,
    name_attribute: &'static str,
    display_attribute: &'static str,
}

impl Preset {
    fn of(product: Product) -> Self {
        match product {
            Product::Openldap => Self {
                user_filter: "(&(objectClass=inetOrgPerson)(uid=%s))",
                group_filter: "(&(objectClass=groupOfNames)(member=%d))",
                nesting: Nesting::Walk,
                id_attribute: "entryUUID",
                name_attribute: "uid",
                display_attribute: "cn",
            },
            Product::ActiveDirectory => Self {
                user_filter: "(&(objectCategory=person)(objectClass=user)\
                              (|(sAMAccountName=%s)(userPrincipalName=%s)))",
                group_filter: "(&(objectClass=group)(member:1.2.840.113556.1.4.1941:=%d))",
                nesting: Nesting::InChain,
                id_attribute: "objectGUID",
                name_attribute: "sAMAccountName",
                display_attribute: "displayName",
            },
        }
    }
}

#[cfg(test)]
mod tests;
