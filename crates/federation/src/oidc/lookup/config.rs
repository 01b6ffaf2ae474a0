//! What is said of a lookup: of which issuer, by whom, and for whom.
//!
//! It is said in a file of the operator's, not through the API, since each of them shows a secret
//! of ours to the address that is named here.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use identity::IssuerUrl;
use names::{AccountId, SecretBytes};
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::graph::is_guid;
use crate::strict::parse_object;

/// Largest file that is read: a secret, a service account.
const FILE_BYTES_MAX: usize = 64 * 1024;
/// How long an answer on a token may be kept, at most.
const CACHE_SECONDS_MAX: u64 = 3600;
/// How long it is kept if nothing is said.
const CACHE_SECONDS: u64 = 60;
/// How often it is asked who is still there if nothing is said.
const SYNC_SECONDS: u64 = 60;
/// The longest interval.
const SYNC_SECONDS_MAX: u64 = 86_400;

/// A lookup, as its `[[lookup]]` table in the file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookupForm {
    /// The issuer of whose tokens it is.
    pub issuer: IssuerUrl,
    /// What is asked.
    pub kind: LookupKind,
    /// The accounts whose providers of that issuer may use it; the operator's if none is said.
    #[serde(default)]
    pub accounts: BTreeSet<AccountId>,
    /// As which client, with `client_secret_file`.
    pub client_id: Option<String>,
    /// A file with that client's secret.
    pub client_secret_file: Option<PathBuf>,
    /// A file with a Google service account and its key, JSON.
    pub service_account_file: Option<PathBuf>,
    /// A file with the private key of the client in `client_id`, PKCS #8 in PEM.
    pub private_key_file: Option<PathBuf>,
    /// The id by which Okta knows that key.
    pub key_id: Option<String>,
    /// The administrator of the Workspace as whom the service account asks.
    pub administrator: Option<String>,
    /// Where a token is introspected, or more claims are had.
    pub endpoint: Option<String>,
    /// How long an answer on a token is kept, at most, in seconds; never past the token's end.
    pub cache_seconds: Option<u64>,
    /// Whether groups are asked for at each sign-in, or only where the token leaves them out.
    pub always: Option<bool>,
    /// Whether groups that are not security groups are left out, as in tokens.
    pub security_groups_only: Option<bool>,
    /// Instead of the vendor's own address for tokens of ours (national clouds).
    pub login_url: Option<String>,
    /// Instead of the vendor's own address for groups (national clouds).
    pub directory_url: Option<String>,
    /// How often it is asked who is still there, in seconds.
    pub sync_seconds: Option<u64>,
    /// After how many seconds without an answer about somebody nothing of theirs counts; for ever
    /// if nothing is said.
    pub stale_seconds_max: Option<u64>,
}

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookupKind {
    /// Groups of Microsoft Entra.
    MicrosoftGraph,
    /// Groups of Google Workspace.
    GoogleDirectory,
    /// People, groups and roles of a Keycloak realm.
    Keycloak,
    /// People and groups of an Okta org.
    Okta,
    /// What an opaque token is.
    Introspection,
    /// The claims that an access token leaves out.
    Userinfo,
}

/// A lookup of which everything fits together.
#[derive(Clone, Debug)]
pub struct LookupSettings {
    /// Of which issuer.
    pub issuer: IssuerUrl,
    /// For which accounts; the operator's if empty.
    pub accounts: BTreeSet<AccountId>,
    /// How often it is asked who is still there; `None` if it cannot tell.
    pub sync: Option<SyncSettings>,
    pub(super) what: What,
}

/// How often somebody is asked who is still there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SyncSettings {
    /// The interval, in seconds.
    pub seconds: u64,
    /// After how many seconds without an answer about somebody nothing of theirs counts.
    pub stale_seconds_max: Option<u64>,
}

/// What is asked, with what it needs.
#[derive(Clone, Debug)]
pub(super) enum What {
    Graph(GraphSettings),
    Google(GoogleSettings),
    Keycloak(KeycloakSettings),
    Okta(OktaSettings),
    Introspection(IntrospectionSettings),
    Userinfo(UserinfoSettings),
}

#[derive(Clone, Debug)]
pub(super) struct GraphSettings {
    pub(super) tenant: String,
    pub(super) client_id: String,
    pub(super) client_secret: SecretBytes,
    pub(super) always: bool,
    pub(super) security_groups_only: bool,
    pub(super) login: Url,
    pub(super) graph: Url,
}

#[derive(Clone, Debug)]
pub(super) struct GoogleSettings {
    pub(super) client_email: String,
    pub(super) key_id: String,
    pub(super) key: SecretBytes,
    pub(super) administrator: String,
    pub(super) token: Url,
    pub(super) directory: Url,
}

#[derive(Clone, Debug)]
pub(super) struct KeycloakSettings {
    pub(super) client_id: String,
    pub(super) client_secret: SecretBytes,
    pub(super) token: Url,
    /// `https://host/admin/realms/REALM`.
    pub(super) realm: Url,
}

#[derive(Clone, Debug)]
pub(super) struct OktaSettings {
    pub(super) client_id: String,
    pub(super) key_id: String,
    pub(super) key: SecretBytes,
    pub(super) token: Url,
    /// `https://DOMAIN.okta.com`.
    pub(super) org: Url,
}

#[derive(Clone, Debug)]
pub(super) struct IntrospectionSettings {
    pub(super) endpoint: Url,
    pub(super) client_id: String,
    pub(super) client_secret: SecretBytes,
    pub(super) cache_seconds: u64,
}

#[derive(Clone, Debug)]
pub(super) struct UserinfoSettings {
    pub(super) endpoint: Url,
}

/// Why a lookup cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadLookup {
    /// A setting is not what it must be.
    #[error("`{setting}` must be {must}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// What.
        must: &'static str,
    },
    /// A file cannot be read.
    #[error("`{}` cannot be read", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<Vec<u8>>;

impl LookupForm {
    /// The lookup, if everything that is said of it fits together.
    ///
    /// # Errors
    /// The first thing that does not.
    pub fn checked(&self, read: ReadFile<'_>) -> Result<LookupSettings, BadLookup> {
        let what = match self.kind {
            LookupKind::MicrosoftGraph => What::Graph(self.graph(read)?),
            LookupKind::GoogleDirectory => What::Google(self.google(read)?),
            LookupKind::Keycloak => What::Keycloak(self.keycloak(read)?),
            LookupKind::Okta => What::Okta(self.okta(read)?),
            LookupKind::Introspection => What::Introspection(self.introspection(read)?),
            LookupKind::Userinfo => What::Userinfo(self.userinfo()?),
        };
        let (issuer, accounts) = (self.issuer.clone(), self.accounts.clone());
        let sync = match what {
            What::Keycloak(_) | What::Graph(_) | What::Google(_) | What::Okta(_) => {
                Some(self.sync()?)
            }
            What::Introspection(_) | What::Userinfo(_) => None,
        };
        Ok(LookupSettings { issuer, accounts, sync, what })
    }

    fn sync(&self) -> Result<SyncSettings, BadLookup> {
        let bad = |setting, must| Err(BadLookup::Setting { setting, must });
        let seconds = self.sync_seconds.unwrap_or(SYNC_SECONDS);
        if !(1..=SYNC_SECONDS_MAX).contains(&seconds) {
            return bad("sync_seconds", "between 1 and 86400");
        }
        if self.stale_seconds_max.is_some_and(|most| most < seconds) {
            return bad("stale_seconds_max", "at least `sync_seconds`");
        }
        Ok(SyncSettings { seconds, stale_seconds_max: self.stale_seconds_max })
    }

    fn keycloak(&self, read: ReadFile<'_>) -> Result<KeycloakSettings, BadLookup> {
        self.without(&[
            "service_account_file",
            "administrator",
            "private_key_file",
            "key_id",
            "endpoint",
            "cache_seconds",
            "always",
            "security_groups_only",
        ])?;
        let must = "that of a realm: https://HOST/realms/REALM";
        let issuer = self.issuer.as_str();
        let parts = issuer.rsplit_once("/realms/").filter(|(_, realm)| !realm.contains('/'));
        let (host, realm) = parts.ok_or(BadLookup::Setting { setting: "issuer", must })?;
        Ok(KeycloakSettings {
            client_id: self.client_id()?,
            client_secret: self.client_secret(read)?,
            token: url(
                "login_url",
                self.login_url.as_deref(),
                &format!("{issuer}/protocol/openid-connect/token"),
            )?,
            realm: url(
                "directory_url",
                self.directory_url.as_deref(),
                &format!("{host}/admin/realms/{realm}"),
            )?,
        })
    }

    fn graph(&self, read: ReadFile<'_>) -> Result<GraphSettings, BadLookup> {
        self.without(&[
            "service_account_file",
            "administrator",
            "private_key_file",
            "key_id",
            "endpoint",
            "cache_seconds",
        ])?;
        let mut parts = self.issuer.host_and_path().split('/').skip(1);
        let tenant = parts.next().filter(|part| is_guid(part)).ok_or(BadLookup::Setting {
            setting: "issuer",
            must: "that of one tenant, by its id: https://login.microsoftonline.com/ID/v2.0",
        })?;
        Ok(GraphSettings {
            tenant: tenant.to_owned(),
            client_id: self.client_id()?,
            client_secret: self.client_secret(read)?,
            always: self.always.unwrap_or(false),
            security_groups_only: self.security_groups_only.unwrap_or(true),
            login: url(
                "login_url",
                self.login_url.as_deref(),
                "https://login.microsoftonline.com",
            )?,
            graph: url(
                "directory_url",
                self.directory_url.as_deref(),
                "https://graph.microsoft.com",
            )?,
        })
    }

    fn google(&self, read: ReadFile<'_>) -> Result<GoogleSettings, BadLookup> {
        self.without(&[
            "client_id",
            "client_secret_file",
            "private_key_file",
            "key_id",
            "endpoint",
            "cache_seconds",
            "always",
            "security_groups_only",
        ])?;
        let setting = "service_account_file";
        let must = "the JSON file of a service account's key, as Google makes it";
        let bad = || BadLookup::Setting { setting, must };
        let file = self.service_account_file.as_deref().ok_or_else(bad)?;
        let account = parse_object(&bytes(file, read)?).map_err(|_| bad())?;
        let member = |name: &str| account.get(name).and_then(Value::as_str).ok_or_else(bad);
        if member("type")? != "service_account" {
            return Err(bad());
        }
        let must = "the address of an administrator of the Workspace";
        let administrator = self.administrator.clone().filter(|text| text.contains('@'));
        let administrator =
            administrator.ok_or(BadLookup::Setting { setting: "administrator", must })?;
        Ok(GoogleSettings {
            client_email: member("client_email")?.to_owned(),
            key_id: member("private_key_id")?.to_owned(),
            key: private_key(member("private_key")?).ok_or_else(bad)?,
            administrator,
            token: url(
                "login_url",
                self.login_url.as_deref(),
                "https://oauth2.googleapis.com/token",
            )?,
            directory: url(
                "directory_url",
                self.directory_url.as_deref(),
                "https://admin.googleapis.com",
            )?,
        })
    }

    fn okta(&self, read: ReadFile<'_>) -> Result<OktaSettings, BadLookup> {
        self.without(&[
            "client_secret_file",
            "service_account_file",
            "administrator",
            "endpoint",
            "cache_seconds",
            "always",
            "security_groups_only",
        ])?;
        let bad = |setting, must| BadLookup::Setting { setting, must };
        let must = "that of an org: https://DOMAIN.okta.com, or with /oauth2/SERVER behind it";
        let issuer = Url::parse(self.issuer.as_str()).map_err(|_| bad("issuer", must))?;
        let path: Vec<&str> = issuer.path().split('/').skip(1).collect();
        if !matches!(path.as_slice(), [""] | ["oauth2", _]) {
            return Err(bad("issuer", must));
        }
        // Interfaces take tokens of the org authorization server alone, whose address has no
        // /oauth2/SERVER (Okta, "Authorization servers").
        let org = issuer.origin().ascii_serialization();
        let must = "a file with the client's private key: PKCS #8 in PEM (BEGIN PRIVATE KEY)";
        let bad_key = || bad("private_key_file", must);
        let pem =
            Zeroizing::new(bytes(self.private_key_file.as_deref().ok_or_else(bad_key)?, read)?);
        let pem = std::str::from_utf8(&pem).map_err(|_| bad_key())?;
        let key_id = self.key_id.clone().filter(|id| !id.is_empty());
        Ok(OktaSettings {
            client_id: self.client_id()?,
            key_id: key_id
                .ok_or_else(|| bad("key_id", "the id that Okta shows for the key (KID)"))?,
            key: private_key(pem).ok_or_else(bad_key)?,
            token: url("login_url", self.login_url.as_deref(), &format!("{org}/oauth2/v1/token"))?,
            org: url("directory_url", self.directory_url.as_deref(), &org)?,
        })
    }

    fn introspection(&self, read: ReadFile<'_>) -> Result<IntrospectionSettings, BadLookup> {
        self.without(&[
            "service_account_file",
            "administrator",
            "private_key_file",
            "key_id",
            "always",
            "security_groups_only",
            "login_url",
            "directory_url",
            "sync_seconds",
            "stale_seconds_max",
        ])?;
        let cache_seconds = self.cache_seconds.unwrap_or(CACHE_SECONDS);
        if cache_seconds > CACHE_SECONDS_MAX {
            return Err(BadLookup::Setting { setting: "cache_seconds", must: "at most 3600" });
        }
        Ok(IntrospectionSettings {
            endpoint: self.endpoint()?,
            client_id: self.client_id()?,
            client_secret: self.client_secret(read)?,
            cache_seconds,
        })
    }

    fn userinfo(&self) -> Result<UserinfoSettings, BadLookup> {
        self.without(&[
            "client_id",
            "client_secret_file",
            "service_account_file",
            "administrator",
            "private_key_file",
            "key_id",
            "cache_seconds",
            "always",
            "security_groups_only",
            "login_url",
            "directory_url",
            "sync_seconds",
            "stale_seconds_max",
        ])?;
        Ok(UserinfoSettings { endpoint: self.endpoint()? })
    }

    /// Refuses what this kind of lookup does not use: it was meant to have an effect.
    fn without(&self, settings: &[&'static str]) -> Result<(), BadLookup> {
        let given = [
            ("client_id", self.client_id.is_some()),
            ("client_secret_file", self.client_secret_file.is_some()),
            ("service_account_file", self.service_account_file.is_some()),
            ("administrator", self.administrator.is_some()),
            ("private_key_file", self.private_key_file.is_some()),
            ("key_id", self.key_id.is_some()),
            ("endpoint", self.endpoint.is_some()),
            ("cache_seconds", self.cache_seconds.is_some()),
            ("always", self.always.is_some()),
            ("security_groups_only", self.security_groups_only.is_some()),
            ("login_url", self.login_url.is_some()),
            ("directory_url", self.directory_url.is_some()),
            ("sync_seconds", self.sync_seconds.is_some()),
            ("stale_seconds_max", self.stale_seconds_max.is_some()),
        ];
        let odd = given.iter().find(|(name, given)| *given && settings.contains(name));
        match odd {
            None => Ok(()),
            Some((setting, _)) => {
                Err(BadLookup::Setting { setting, must: "left out for this kind of lookup" })
            }
        }
    }

    fn client_id(&self) -> Result<String, BadLookup> {
        let must = "the id of our client at the provider";
        let id = self.client_id.clone().filter(|id| !id.is_empty());
        id.ok_or(BadLookup::Setting { setting: "client_id", must })
    }

    fn client_secret(&self, read: ReadFile<'_>) -> Result<SecretBytes, BadLookup> {
        let (setting, must) = ("client_secret_file", "a file with the client's secret in it");
        let bad = || BadLookup::Setting { setting, must };
        let file = self.client_secret_file.as_deref().ok_or_else(bad)?;
        let bytes = Zeroizing::new(bytes(file, read)?);
        let secret = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let text = std::str::from_utf8(secret).is_ok_and(|text| !text.contains(char::is_control));
        if secret.is_empty() || !text {
            return Err(bad());
        }
        Ok(SecretBytes::new(secret.to_vec()))
    }

    fn endpoint(&self) -> Result<Url, BadLookup> {
        let must = "the provider's address for it, from its discovery document";
        let text = self.endpoint.as_deref();
        let text = text.ok_or(BadLookup::Setting { setting: "endpoint", must })?;
        url("endpoint", Some(text), "")
    }
}

/// An address; whether it may be asked is for the outgoing client to say.
fn url(setting: &'static str, given: Option<&str>, preset: &str) -> Result<Url, BadLookup> {
    let must = "an address such as `https://host/path`, without query";
    let bad = || BadLookup::Setting { setting, must };
    let url = Url::parse(given.unwrap_or(preset)).map_err(|_| bad())?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let web = matches!(url.scheme(), "https" | "http") && url.password().is_none();
    if plain && web { Ok(url) } else { Err(bad()) }
}

fn bytes(file: &Path, read: ReadFile<'_>) -> Result<Vec<u8>, BadLookup> {
    let failed = |source| BadLookup::File { file: file.to_owned(), source };
    let bytes = read(file).map_err(failed)?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(failed(io::Error::other("it is longer than 64 KiB")));
    }
    Ok(bytes)
}

/// A private key: PKCS #8 in PEM (RFC 7468 §10).
fn private_key(pem: &str) -> Option<SecretBytes> {
    let inner = pem.split_once("-----BEGIN PRIVATE KEY-----")?.1;
    let inner = inner.split_once("-----END PRIVATE KEY-----")?.0;
    let coded: Zeroizing<String> =
        Zeroizing::new(inner.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    Some(SecretBytes::new(STANDARD.decode(coded.as_bytes()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAPH: &str = r#"{"issuer": "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
        "kind": "microsoft-graph", "client_id": "app", "client_secret_file": "/s"}"#;

    fn checked(text: &str, changes: &[(&str, Value)]) -> Result<LookupSettings, BadLookup> {
        let mut form: Value = serde_json::from_str(text).unwrap();
        for (name, value) in changes {
            form[*name] = value.clone();
        }
        let form: LookupForm = serde_json::from_value(form).unwrap();
        form.checked(&|file: &Path| match file.to_str() {
            Some("/s") => Ok(b"secret\n".to_vec()),
            Some("/empty") => Ok(b"\n".to_vec()),
            _ => Err(io::ErrorKind::NotFound.into()),
        })
    }

    #[test]
    fn graph_is_asked_about_one_tenant_and_with_a_secret() {
        let good = checked(GRAPH, &[]).unwrap();
        let What::Graph(graph) = &good.what else { panic!("{good:?}") };
        assert_eq!(graph.tenant, "11111111-2222-3333-4444-555555555555");
        assert_eq!(graph.client_secret.expose(), b"secret");
        assert!(graph.security_groups_only && !graph.always);
        for (name, value) in [
            ("issuer", "https://login.microsoftonline.com/common/v2.0"),
            ("issuer", "https://login.microsoftonline.com/organizations/v2.0"),
            ("client_secret_file", "/empty"),
            ("client_secret_file", "/absent"),
            ("directory_url", "https://graph.microsoft.com/?x"),
            ("directory_url", "ftp://graph.microsoft.com"),
            ("login_url", "https://user:pw@login.microsoftonline.com"),
            ("administrator", "a@example.com"),
            ("endpoint", "https://x.example"),
        ] {
            let refused = checked(GRAPH, &[(name, value.into())]);
            assert!(refused.is_err(), "{name} = {value}");
        }
    }

    #[test]
    fn what_a_kind_of_lookup_does_not_use_is_refused() {
        let text = r#"{"issuer": "https://idp.example", "kind": "introspection",
            "endpoint": "https://idp.example/introspect", "client_id": "us",
            "client_secret_file": "/s"}"#;
        assert!(checked(text, &[]).is_ok());
        assert!(checked(text, &[("cache_seconds", 3600.into())]).is_ok());
        for (name, value) in [
            ("cache_seconds", Value::from(3601)),
            ("always", true.into()),
            ("login_url", "https://x.example".into()),
        ] {
            assert!(checked(text, &[(name, value)]).is_err(), "{name}");
        }
        let text = r#"{"issuer": "https://idp.example", "kind": "userinfo",
            "endpoint": "https://idp.example/me"}"#;
        assert!(checked(text, &[]).is_ok());
        assert!(checked(text, &[("client_id", "us".into())]).is_err());
        assert!(checked(text, &[("sync_seconds", 60.into())]).is_err());
    }

    #[test]
    fn a_realm_is_asked_where_its_issuer_says_unless_told_otherwise() {
        let text = r#"{"issuer": "https://sso.example/auth/realms/corp", "kind": "keycloak",
            "client_id": "people", "client_secret_file": "/s"}"#;
        let good = checked(text, &[]).unwrap();
        assert_eq!(good.sync, Some(SyncSettings { seconds: 60, stale_seconds_max: None }));
        let What::Keycloak(own) = &good.what else { panic!("{good:?}") };
        assert_eq!(own.realm.as_str(), "https://sso.example/auth/admin/realms/corp");
        let token = "https://sso.example/auth/realms/corp/protocol/openid-connect/token";
        assert_eq!(own.token.as_str(), token);
        let elsewhere = "https://admin.example/admin/realms/corp";
        let moved = checked(text, &[("directory_url", elsewhere.into())]).unwrap();
        let What::Keycloak(own) = &moved.what else { panic!("{moved:?}") };
        assert_eq!(own.realm.as_str(), elsewhere);
        for (seconds, stale, good) in [
            (1, None, true),
            (86_400, None, true),
            (0, None, false),
            (86_401, None, false),
            (60, Some(60), true),
            (60, Some(59), false),
        ] {
            let mut changes = vec![("sync_seconds", Value::from(seconds))];
            changes.extend(stale.map(|most: u64| ("stale_seconds_max", Value::from(most))));
            assert_eq!(checked(text, &changes).is_ok(), good, "{seconds} {stale:?}");
        }
        for (name, value) in [
            ("issuer", "https://sso.example/realms/corp/x"),
            ("issuer", "https://sso.example"),
            ("client_secret_file", "/empty"),
            ("administrator", "a@example.com"),
        ] {
            assert!(checked(text, &[(name, value.into())]).is_err(), "{name} = {value}");
        }
    }
}
