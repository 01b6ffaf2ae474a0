//! Proof from elsewhere: providers, the port that verifies their tokens, and verified proof.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::str::FromStr;

use async_trait::async_trait;
use names::{AccountId, Arn, ProviderName, Revision, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::mapping::MappingRule;
use crate::membership::MemberOf;
use crate::ops::Tags;
use crate::stored_policy::StoredPolicy;

/// Longest name of a session at a provider that is kept, in bytes.
const IDP_SESSION_BYTES_MAX: usize = 256;

/// The URL of an issuer: `https://host[:port][/path]`, or `http://` on loopback (which the egress
/// client allows only where it is configured). No query, no fragment, no credentials.
///
/// ```
/// use strongroom_identity::IssuerUrl;
/// let url: IssuerUrl = "https://login.example.com/tenant".parse().unwrap();
/// assert_eq!(url.host_and_path(), "login.example.com/tenant");
/// assert!("http://login.example.com".parse::<IssuerUrl>().is_err());
/// assert!("http://127.0.0.1:4000".parse::<IssuerUrl>().is_ok());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IssuerUrl(String);

/// The text is not the URL of an issuer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an issuer: write `https://host/path` without query or fragment")]
pub struct BadIssuerUrl(String);

/// Most characters in an issuer's URL (IAM API reference, `OpenIDConnectProviderUrlType`).
const ISSUER_CHARACTERS_MAX: usize = 255;
/// What the issuer of a directory begins with: the name of the directory follows. ARNs and
/// condition keys name it without the scheme, and no issuer on the web may have that host.
const DIRECTORY: &str = "ldap://ldap/";
/// The host that stands for directories.
const DIRECTORY_HOST: &str = "ldap";

impl IssuerUrl {
    /// The URL, without a trailing slash only if it was given so: issuers compare exactly.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The issuer of the people of a directory: no token can name it.
    ///
    /// ```
    /// use strongroom_identity::IssuerUrl;
    /// let issuer = IssuerUrl::of_directory(&"corp".parse().unwrap());
    /// assert_eq!(issuer.host_and_path(), "ldap/corp");
    /// assert_eq!(issuer.directory(), Some("corp"));
    /// ```
    #[must_use]
    pub fn of_directory(name: &ProviderName) -> Self {
        Self(format!("{DIRECTORY}{name}"))
    }

    /// The name of the directory whose issuer this is; `None` for one on the web.
    #[must_use]
    pub fn directory(&self) -> Option<&str> {
        self.0.strip_prefix(DIRECTORY)
    }

    /// The URL without its scheme: how ARNs and condition keys name the provider.
    #[must_use]
    pub fn host_and_path(&self) -> &str {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        rest.strip_suffix('/').unwrap_or(rest)
    }
}

impl FromStr for IssuerUrl {
    type Err = BadIssuerUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadIssuerUrl(text.to_owned());
        if let Some(name) = text.strip_prefix(DIRECTORY) {
            let name: ProviderName = name.parse().map_err(|_| bad())?;
            return Ok(Self::of_directory(&name));
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(bad)?;
        let authority = rest.split('/').next().unwrap_or_default();
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() => host,
            Some(_) => authority,
            None => authority,
        };
        let loopback = ["127.0.0.1", "[::1]", "localhost"].contains(&host);
        let scheme_ok = scheme == "https" || (scheme == "http" && loopback);
        let plain = rest.bytes().all(|b| b.is_ascii_graphic() && !b"?#@\\\"<>{}|^`%".contains(&b));
        let named = !host.is_empty()
            && host != DIRECTORY_HOST
            && (loopback || !host.contains([':', '[', ']']));
        if scheme_ok && plain && named && text.len() <= ISSUER_CHARACTERS_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(bad())
        }
    }
}

impl TryFrom<String> for IssuerUrl {
    type Error = BadIssuerUrl;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<IssuerUrl> for String {
    fn from(url: IssuerUrl) -> Self {
        url.0
    }
}

/// Which claims of a provider's tokens carry what. `None`: the token does not say.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimSettings {
    /// The claim that lists groups, such as `groups`; a path through objects is written with `/`
    /// (`realm_access/roles`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<String>,
    /// The claim that names policies of this server (MinIO's style): a list, or one text with
    /// commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The claim that names the person for people to read, such as `email`; a label, never an
    /// identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

/// A configured OpenID Connect provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OidcProvider {
    /// `arn:aws:iam::A:oidc-provider/host/path`.
    pub arn: Arn,
    /// The account whose roles and mapping rules it serves.
    pub account: AccountId,
    /// The issuer, compared exactly with the token's `iss`.
    pub issuer: IssuerUrl,
    /// The audiences whose tokens are believed.
    pub client_ids: BTreeSet<String>,
    /// Certificate thumbprints; kept for clients that set them, never a root of trust.
    pub thumbprints: Vec<String>,
    /// The short name that people use on the command line.
    pub name: ProviderName,
    /// Which claims carry what.
    pub claims: ClaimSettings,
    /// What groups and claims are worth here.
    pub rules: Vec<MappingRule>,
    /// Who may sign in without naming a role; `None`: nobody.
    pub trust: Option<StoredPolicy>,
    /// Tags.
    pub tags: Tags,
    /// The longest session that is got through it, in seconds; what the role, the account and the
    /// installation allow if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_seconds_max: Option<u32>,
    /// When it was made.
    pub created: Timestamp,
    /// The revision that made it: sessions through a provider that stood here before are void.
    pub incarnation: Revision,
}

/// Something that a stranger sent and nobody has verified yet.
///
/// ```
/// use strongroom_identity::Unverified;
/// let token = Unverified::new("eyJ…".to_owned());
/// assert_eq!(format!("{token:?}"), "Unverified(..)");
/// assert_eq!(token.accept_unverified(), "eyJ…");
/// ```
#[derive(Clone)]
pub struct Unverified<T>(T);

impl<T> Unverified<T> {
    /// Marks a value as unverified.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, which must not be believed: for verifiers only.
    pub fn accept_unverified(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Unverified<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unverified(..)")
    }
}

/// A group as the provider names it: by an id that does not change, perhaps with a label.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct ExternalGroup {
    /// What rules are compared with.
    pub id: String,
    /// What people read.
    pub name: Option<String>,
}

/// What a provider vouches for, in plain fields.
#[derive(Clone, PartialEq, Debug)]
pub struct Vouched {
    /// The provider.
    pub provider: Arn,
    /// The token's issuer.
    pub issuer: String,
    /// The subject: with the issuer, the identity.
    pub subject: String,
    /// The audiences.
    pub audience: Vec<String>,
    /// `azp`.
    pub authorized_party: Option<String>,
    /// A label for people.
    pub display: Option<String>,
    /// The groups.
    pub groups: Vec<ExternalGroup>,
    /// What was said of all their groups by ids, whether or not rules are to see them.
    pub member_of: MemberOf,
    /// Every verified claim.
    pub claims: Map<String, Value>,
    /// When the proof ends.
    pub expires: Timestamp,
    /// When the person last authenticated, if the provider says so.
    pub authenticated_at: Option<Timestamp>,
    /// By what the provider's own interface knows the person, where it is asked again and again
    /// who is still there.
    pub known_as: Option<String>,
}

/// Somebody whom a configured provider vouches for. Holding one is proof that the token was
/// verified: only a [`LoginProvider`] makes it.
///
/// ```
/// # use strongroom_identity::{ExternalIdentity, Vouched};
/// fn subject(external: &ExternalIdentity) -> &str { &external.subject }
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct ExternalIdentity(Vouched);

impl ExternalIdentity {
    /// States that all of this was verified against the provider's keys and settings. A golden file
    /// lists the callers: `federation/*/claims.rs` alone.
    #[must_use]
    pub fn vouched(proof: Vouched) -> Self {
        Self(proof)
    }

    /// The value of a claim; `/` steps into objects. A claim of that very name comes first.
    #[must_use]
    pub fn claim(&self, path: &str) -> Option<&Value> {
        if let Some(value) = self.0.claims.get(path) {
            return Some(value);
        }
        let mut steps = path.split('/');
        let first = self.0.claims.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.as_object()?.get(step))
    }

    /// The texts of a claim: one for a text, number or truth value, several for a list of them,
    /// none for anything else.
    #[must_use]
    pub fn claim_texts(&self, path: &str) -> Vec<String> {
        match self.claim(path) {
            Some(Value::Array(items)) => items.iter().filter_map(scalar).collect(),
            Some(value) => scalar(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// When the provider issued the token (`iat`, RFC 7519 §4.1.6), to the second.
    #[must_use]
    pub fn issued_at(&self) -> Option<Timestamp> {
        let issued = self.0.claims.get("iat")?;
        let whole = |seconds: f64| format!("{:.0}", seconds.floor()).parse().ok();
        let seconds = issued.as_i64().or_else(|| issued.as_f64().and_then(whole))?;
        Timestamp::from_seconds(seconds).ok()
    }

    /// The person's session at the provider, where the provider names it (`sid`).
    #[must_use]
    pub fn idp_session(&self) -> Option<audit::ChainLink> {
        let sid = self.claim_texts("sid").into_iter().next()?;
        (sid.len() <= IDP_SESSION_BYTES_MAX)
            .then(|| audit::ChainLink::IdpSession { provider: self.0.provider.clone(), sid })
    }

    /// The person at the provider, by which everything is found that was got in their name. A
    /// directory's people are found by the session that it has with each of them.
    #[must_use]
    pub fn person(&self) -> Option<audit::ChainLink> {
        let issuer: Option<IssuerUrl> = self.0.issuer.parse().ok();
        issuer.is_none_or(|url| url.directory().is_none()).then(|| audit::ChainLink::Subject {
            provider: self.0.provider.clone(),
            subject: self.0.subject.clone(),
        })
    }

    /// Whether whoever it is is kept when they sign in, to be asked about later: a directory's
    /// people are, and those whose provider tells who is still there.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.of_directory() || self.0.known_as.is_some()
    }

    /// Whether a directory vouches.
    #[must_use]
    pub(crate) fn of_directory(&self) -> bool {
        self.0.issuer.parse::<IssuerUrl>().is_ok_and(|url| url.directory().is_some())
    }

    /// The condition keys of the provider, `host/path:claim`, with their values
    /// (aws-authorization 5: `sub`, `aud`, `azp`, `amr` and the other scalar or list claims).
    #[must_use]
    pub fn condition_keys(&self, issuer: &IssuerUrl) -> BTreeMap<String, Vec<String>> {
        let named = |claim: &str| format!("{}:{claim}", issuer.host_and_path());
        let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for claim in self.0.claims.keys().filter(|claim| !claim.contains(['/', ':'])) {
            let texts = self.claim_texts(claim);
            if !texts.is_empty() {
                keys.insert(named(claim), texts);
            }
        }
        // AWS: `aud` is the authorized party where the token names one.
        let audience = match &self.0.authorized_party {
            Some(party) => vec![party.clone()],
            None => self.0.audience.clone(),
        };
        keys.insert(named("aud"), audience);
        keys.insert(named("sub"), vec![self.0.subject.clone()]);
        keys
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl Deref for ExternalIdentity {
    type Target = Vouched;

    fn deref(&self) -> &Vouched {
        &self.0
    }
}

/// Verifies tokens of providers.
#[async_trait]
pub trait LoginProvider: Send + Sync + 'static {
    /// Verifies a token against a provider's keys and settings, at a time. `Ok` means that every
    /// rule of the provider's protocol holds. May fetch keys; bounded in time. Dropping it midway
    /// leaves nothing half done.
    async fn verify(
        &self,
        provider: &OidcProvider,
        token: &Unverified<String>,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LoginError>;

    /// Shows a name and a password to the directory that a provider is. `Ok` means that the
    /// directory took it and vouches for all of it. Bounded in time. Dropping it midway leaves
    /// nothing half done. Unless it says otherwise, nothing here is a directory.
    async fn sign_in(
        &self,
        provider: &OidcProvider,
        typed: &TypedPassword,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LoginError> {
        let (_, _, _) = (provider, typed, now);
        Err(LoginError::Refused { rule: "no-directory" })
    }

    /// Verifies a provider's word that somebody has left (OpenID Connect Back-Channel Logout 1.0
    /// §2.6). Each such token is taken once. Dropping it midway changes nothing. Unless it says
    /// otherwise, nobody's word is taken.
    async fn left(
        &self,
        provider: &OidcProvider,
        token: &Unverified<String>,
        now: Timestamp,
    ) -> Result<Left, LoginError> {
        let (_, _, _) = (provider, token, now);
        Err(LoginError::Refused { rule: "no-logout" })
    }

    /// The ids of the groups that a directory has under these names; names of no group are not
    /// among them. `None`: the provider is no directory, its groups are known by their names.
    async fn groups(
        &self,
        provider: &OidcProvider,
        names: &[String],
    ) -> Result<Option<BTreeMap<String, String>>, LoginError> {
        let (_, _) = (provider, names);
        Ok(None)
    }
}

/// Who has left, in a provider's own words. Only a [`LoginProvider`] makes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Left {
    /// A session of a person at the provider (`sid`).
    Session(String),
    /// A person, with every session that they have there (`sub`).
    Person(String),
}

/// What somebody typed to sign in with a directory. Its password prints nothing and wipes itself.
#[derive(Debug)]
pub struct TypedPassword {
    /// The name.
    pub name: String,
    /// The password.
    pub password: names::SecretBytes,
    /// Where it was typed, as far as that is known.
    pub from: Option<std::net::IpAddr>,
}

/// Why a token proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// It is not a token of that kind at all.
    #[error("the token is malformed: {problem}")]
    Malformed {
        /// What is wrong; no part of the token.
        problem: &'static str,
    },
    /// As many tokens are being verified as may be at the same time.
    #[error("too many tokens are being verified")]
    Busy,
    /// Its issuer is not the provider.
    #[error("the token's issuer is not `{expected}`")]
    Issuer {
        /// The configured issuer.
        expected: String,
    },
    /// Its algorithm is not one that the provider's keys use.
    #[error("the token's algorithm is not allowed")]
    Algorithm,
    /// No key of the provider has its key id.
    #[error("the token names a key that the provider does not have")]
    UnknownKey,
    /// The signature does not verify.
    #[error("the token's signature does not verify")]
    Signature,
    /// It has ended.
    #[error("the token ended at {at}")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// It is not valid yet.
    #[error("the token is not valid before {from}")]
    NotYetValid {
        /// From when it is.
        from: Timestamp,
    },
    /// It was made for somebody else.
    #[error("the token was made for {found:?}")]
    Audience {
        /// The audiences it names.
        found: Vec<String>,
    },
    /// A claim is missing or has the wrong form.
    #[error("the token's claim `{claim}` is missing or malformed")]
    Claim {
        /// Which.
        claim: String,
    },
    /// A name and password that are not taken. Whoever typed them learns no more; the record has
    /// the rule.
    #[error("the name and password are not accepted ({rule})")]
    Refused {
        /// Which rule.
        rule: &'static str,
    },
    /// Too many attempts failed lately.
    #[error("too many attempts failed lately")]
    Throttled,
    /// The provider could not be asked for its keys.
    #[error("the provider could not be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_loopback_and_nothing_else() {
        for good in ["https://a.example", "https://a.example:8443/x/y", "http://localhost:1/"] {
            assert!(good.parse::<IssuerUrl>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "ftp://a",
            "http://a.example",
            "https://",
            "https://u@a.example",
            "https://a.example?x",
            "https://a.example#x",
            "http://localhost.evil.example",
            "http://127.0.0.1@evil.example",
            "http://127.0.0.1.evil.example:80",
            "https://ldap/corp",
            "https://ldap:636/corp",
            "ldap://corp",
            "ldap://ldap/",
            "ldap://ldap/a/b",
        ] {
            assert!(bad.parse::<IssuerUrl>().is_err(), "{bad}");
        }
    }
}
