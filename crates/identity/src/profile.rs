//! What is particular to each vendor of identities: its issuer, the claims that carry what, and
//! what a trust policy must not leave open. Pure: it fills in what is not said and refuses what
//! cannot be meant.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::provider::{ClaimSettings, IssuerUrl};

/// A vendor, or a kind of issuer, that we know something about.
///
/// ```
/// use strongroom_identity::ProviderProfile;
/// let github: ProviderProfile = "github-actions".parse().unwrap();
/// assert_eq!(github.issuer().unwrap().as_str(), "https://token.actions.githubusercontent.com");
/// let every = "https://login.microsoftonline.com/common/v2.0".parse().unwrap();
/// assert!(ProviderProfile::Entra.fits(&every).is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderProfile {
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
    /// Google Workspace.
    Google,
    /// Keycloak.
    Keycloak,
    /// Dex.
    Dex,
    /// Auth0.
    Auth0,
    /// PingOne and PingFederate.
    Ping,
    /// GitLab, people and jobs.
    Gitlab,
    /// Workflows of GitHub Actions.
    GithubActions,
    /// Service accounts of a Kubernetes cluster.
    Kubernetes,
}

/// Not the name of a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no profile: entra, okta, google, keycloak, dex, auth0, ping, gitlab, github-actions or kubernetes"
)]
pub struct UnknownProfile(String);

/// The issuer cannot be one of that vendor, or is everybody's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{issuer}` is not an issuer of {profile}: {must}")]
pub struct UnfitIssuer {
    /// The vendor.
    pub profile: ProviderProfile,
    /// What was given.
    pub issuer: String,
    /// What it must be.
    pub must: &'static str,
}

use ProviderProfile as P;

impl ProviderProfile {
    /// Every profile.
    pub const ALL: [Self; 10] = [
        P::Entra,
        P::Okta,
        P::Google,
        P::Keycloak,
        P::Dex,
        P::Auth0,
        P::Ping,
        P::Gitlab,
        P::GithubActions,
        P::Kubernetes,
    ];

    /// Its name in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            P::Entra => "entra",
            P::Okta => "okta",
            P::Google => "google",
            P::Keycloak => "keycloak",
            P::Dex => "dex",
            P::Auth0 => "auth0",
            P::Ping => "ping",
            P::Gitlab => "gitlab",
            P::GithubActions => "github-actions",
            P::Kubernetes => "kubernetes",
        }
    }

    /// The issuer that everybody of this vendor has; `None` where each has their own.
    #[must_use]
    pub fn issuer(self) -> Option<IssuerUrl> {
        let text = match self {
            P::Google => GOOGLE,
            P::Gitlab => GITLAB,
            P::GithubActions => GITHUB,
            _ => return None,
        };
        text.parse().ok()
    }

    /// The settings, with the claims of the vendor's own tokens where none is said.
    #[must_use]
    pub fn claims(self, said: ClaimSettings) -> ClaimSettings {
        let (groups, display) = match self {
            P::Entra | P::Okta | P::Keycloak | P::Ping => (Some("groups"), "preferred_username"),
            P::Dex => (Some("groups"), "email"),
            P::Google => (None, "email"),
            P::Auth0 => (None, "name"),
            P::Gitlab => (None, "user_login"),
            P::GithubActions => (None, "repository"),
            P::Kubernetes => (None, "sub"),
        };
        ClaimSettings {
            groups: said.groups.or_else(|| groups.map(str::to_owned)),
            display: said.display.or_else(|| Some(display.to_owned())),
            policy: said.policy,
        }
    }

    /// Whether an issuer can be one of this vendor, and is not that of all its customers at once.
    ///
    /// # Errors
    /// [`UnfitIssuer`] says what it must be.
    pub fn fits(self, issuer: &IssuerUrl) -> Result<(), UnfitIssuer> {
        let text = issuer.as_str();
        let (host, path) = split(issuer);
        let (good, must) = match self {
            P::Entra => (
                ENTRA.contains(&host) && is_tenant(path),
                "https://login.microsoftonline.com/TENANT-ID/v2.0, or https://sts.windows.net/\
                 TENANT-ID/ for v1 tokens, with the id of one tenant: `common`, `organizations` \
                 and `{tenantid}` are every tenant there is",
            ),
            P::Google => (text == GOOGLE, "https://accounts.google.com"),
            P::GithubActions => (
                (host == GITHUB_HOST && !path.contains('/')) || path == "_services/token",
                "https://token.actions.githubusercontent.com, with /ENTERPRISE behind it for a \
                 customised one, or https://HOST/_services/token of your own GitHub",
            ),
            P::Keycloak => (
                path.split('/').rev().nth(1) == Some("realms"),
                "https://HOST/realms/REALM (with /auth before it up to version 16)",
            ),
            P::Auth0 => (
                text.ends_with('/') && path.is_empty(),
                "https://TENANT.auth0.com/, with its slash",
            ),
            P::Okta => (
                !text.ends_with('/') && (path.is_empty() || path.starts_with("oauth2/")),
                "https://DOMAIN.okta.com, or https://DOMAIN.okta.com/oauth2/SERVER",
            ),
            P::Ping => (
                !path.is_empty() || !host.contains("pingone"),
                "https://auth.pingone.REGION/ENVIRONMENT/as",
            ),
            P::Dex | P::Gitlab | P::Kubernetes => (true, ""),
        };
        if good {
            return Ok(());
        }
        Err(UnfitIssuer { profile: self, issuer: text.to_owned(), must })
    }

    /// Whose an issuer is, by its host; else whose a token looks like.
    #[must_use]
    pub fn recognised(issuer: &IssuerUrl, claims: &Map<String, Value>) -> Option<Self> {
        let (host, path) = split(issuer);
        let has = |claim: &str| claims.contains_key(claim);
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
        let known = match host {
            _ if ENTRA.contains(&host) => P::Entra,
            "accounts.google.com" => P::Google,
            "gitlab.com" => P::Gitlab,
            GITHUB_HOST => P::GithubActions,
            _ if host.ends_with(".okta.com") || host.ends_with(".oktapreview.com") => P::Okta,
            _ if host.ends_with(".auth0.com") => P::Auth0,
            _ if host.starts_with("auth.pingone.") => P::Ping,
            _ if has("kubernetes.io") || subject.starts_with("system:serviceaccount:") => {
                P::Kubernetes
            }
            _ if has("job_workflow_ref") => P::GithubActions,
            _ if has("project_path") => P::Gitlab,
            _ if path.split('/').rev().nth(1) == Some("realms") => P::Keycloak,
            _ if has("federated_claims") => P::Dex,
            _ => return None,
        };
        Some(known)
    }
}

const GOOGLE: &str = "https://accounts.google.com";
const GITLAB: &str = "https://gitlab.com";
const GITHUB: &str = "https://token.actions.githubusercontent.com";
const GITHUB_HOST: &str = "token.actions.githubusercontent.com";
/// Hosts of Microsoft Entra's issuers: of all clouds, and of v1 tokens.
const ENTRA: [&str; 4] = [
    "login.microsoftonline.com",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
];

/// The host without its port, and the path without its slashes.
fn split(issuer: &IssuerUrl) -> (&str, &str) {
    let (authority, path) =
        issuer.host_and_path().split_once('/').unwrap_or((issuer.host_and_path(), ""));
    (authority.split(':').next().unwrap_or(authority), path)
}

/// Whether a path is that of one tenant: its id, and perhaps the version.
fn is_tenant(path: &str) -> bool {
    let tenant = path.strip_suffix("/v2.0").unwrap_or(path);
    let lengths: Vec<usize> = tenant.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && tenant.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

impl fmt::Display for ProviderProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ProviderProfile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, UnknownProfile> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == text);
        found.ok_or_else(|| UnknownProfile(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn issuer(text: &str) -> IssuerUrl {
        text.parse().unwrap()
    }

    #[test]
    fn each_profile_is_known_by_its_name() {
        for profile in ProviderProfile::ALL {
            assert_eq!(profile.as_str().parse(), Ok(profile));
            let read: ProviderProfile = serde_json::from_value(json!(profile.as_str())).unwrap();
            assert_eq!(read, profile);
        }
        assert!("azure".parse::<ProviderProfile>().is_err());
    }

    #[test]
    fn an_issuer_is_one_customers_and_of_the_vendor() {
        const TENANT: &str = "11111111-2222-3333-4444-555555555555";
        let entra = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let old = format!("https://sts.windows.net/{TENANT}/");
        for (profile, good) in [
            (P::Entra, entra.as_str()),
            (P::Entra, &old),
            (P::Google, GOOGLE),
            (P::GithubActions, GITHUB),
            (P::GithubActions, "https://token.actions.githubusercontent.com/octo"),
            (P::GithubActions, "https://github.corp.example/_services/token"),
            (P::Keycloak, "https://sso.example.com/realms/corp"),
            (P::Keycloak, "https://sso.example.com:8443/auth/realms/corp"),
            (P::Auth0, "https://corp.eu.auth0.com/"),
            (P::Okta, "https://corp.okta.com"),
            (P::Okta, "https://corp.okta.com/oauth2/default"),
            (P::Ping, "https://auth.pingone.eu/11111111-2222-3333-4444-555555555555/as"),
            (P::Dex, "https://dex.example.com/dex"),
            (P::Gitlab, "https://gitlab.corp.example"),
            (P::Kubernetes, "https://oidc.cluster.example.com"),
        ] {
            assert_eq!(profile.fits(&issuer(good)), Ok(()), "{good}");
        }
        for (profile, bad) in [
            (P::Entra, "https://login.microsoftonline.com/common/v2.0"),
            (P::Entra, "https://login.microsoftonline.com/organizations/v2.0"),
            (P::Entra, "https://login.example.com/11111111-2222-3333-4444-555555555555/v2.0"),
            (P::Google, "https://accounts.google.com/"),
            (P::GithubActions, "https://github.com"),
            (P::GithubActions, "https://token.actions.githubusercontent.com.evil.example"),
            (P::Keycloak, "https://sso.example.com/corp"),
            (P::Auth0, "https://corp.eu.auth0.com"),
            (P::Okta, "https://corp.okta.com/"),
            (P::Ping, "https://auth.pingone.eu"),
        ] {
            assert!(profile.fits(&issuer(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_said_of_claims_stays_and_the_rest_is_the_vendors() {
        let said = ClaimSettings { groups: Some("roles".to_owned()), ..ClaimSettings::default() };
        let filled = P::Entra.claims(said);
        assert_eq!(filled.groups.as_deref(), Some("roles"));
        assert_eq!(filled.display.as_deref(), Some("preferred_username"));
        assert_eq!(P::GithubActions.claims(ClaimSettings::default()).groups, None);
        for profile in ProviderProfile::ALL {
            assert_eq!(profile.claims(ClaimSettings::default()).policy, None, "{profile}");
        }
    }

    #[test]
    fn whose_a_token_is_follows_from_the_issuer_first_and_from_its_claims_then() {
        let none = json!({});
        let pod = json!({"sub": "system:serviceaccount:default:app"});
        let job = json!({"project_path": "a/b"});
        for (text, claims, expected) in [
            ("https://corp.okta.com", &none, Some(P::Okta)),
            ("https://accounts.google.com", &pod, Some(P::Google)),
            ("https://10-0-0-1.example", &pod, Some(P::Kubernetes)),
            ("https://git.corp.example", &job, Some(P::Gitlab)),
            ("https://sso.example.com/realms/corp", &none, Some(P::Keycloak)),
            ("https://idp.example.com", &none, None),
        ] {
            let claims = claims.as_object().unwrap();
            assert_eq!(ProviderProfile::recognised(&issuer(text), claims), expected, "{text}");
        }
    }
}
