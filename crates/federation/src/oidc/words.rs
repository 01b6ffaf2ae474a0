//! How each vendor calls what has to be mended when a token does not say what it should.

use identity::ProviderProfile;
use serde_json::{Map, Value};

use super::config::Accepted;
use super::refusal::excerpt;

/// The words of whoever issued a token.
pub(super) struct Words {
    profile: Option<ProviderProfile>,
}

impl Words {
    /// Those of the vendor that the issuer is of, or that the token's claims look like.
    pub(super) fn of(accepted: &Accepted, claims: &Map<String, Value>) -> Self {
        Self { profile: ProviderProfile::recognised(&accepted.issuer, claims) }
    }

    /// No groups claim is configured.
    pub(super) fn no_setting(&self) -> String {
        use ProviderProfile as P;
        let text = match self.profile {
            Some(P::GithubActions | P::Kubernetes | P::Gitlab) => {
                "tokens of workloads have no groups: write rules on claims such as `sub`"
            }
            Some(P::Google) => {
                "Google's tokens have no groups: let the server ask the Directory API (a \
                 `[[lookup]]` of the kind `google-directory` in `oidc.lookups_file`)"
            }
            _ => "name the groups claim in the provider's settings if rules need it",
        };
        text.to_owned()
    }

    /// The configured groups claim is not in the token.
    pub(super) fn no_groups(&self, path: &str, claims: &Map<String, Value>) -> String {
        use ProviderProfile as P;
        let vendor = match self.profile {
            Some(P::Entra) => {
                "the person is in no group, or groups are not sent: App registrations, Token \
                 configuration, Add groups claim, for this kind of token (manifest: \
                 groupMembershipClaims is not null)"
            }
            Some(P::Okta) => {
                "ask for the scope `groups`, and set Sign On, OpenID Connect ID Token, Groups \
                 claim filter; Okta leaves the claim out if more than 100 groups match"
            }
            Some(P::Keycloak) => {
                "Client scopes, the client's dedicated scope, Add mapper, Group Membership, Add \
                 to ID token and to access token"
            }
            Some(P::Dex) => {
                "ask for the scope `groups`; not every connector of Dex knows groups, and a \
                 static password has none"
            }
            Some(P::Auth0) => {
                "Auth0 sends no groups of itself: set a claim with a name of your own \
                 (`https://example.com/groups`) in a post-login Action"
            }
            Some(P::Ping) => {
                "Applications, Attribute mappings: map `groups` to the user's Group Names"
            }
            Some(P::Gitlab) => "`groups_direct` is in ID tokens of people, not of jobs",
            _ => "let the provider put it into this token (often a scope or a mapper)",
        };
        let names: Vec<String> = claims.keys().map(|name| excerpt(name)).collect();
        format!(
            "{vendor}; or name the claim that carries them instead of `{path}`; the token has: {}",
            names.join(", ")
        )
    }

    /// The token is for another audience.
    pub(super) fn audience(&self, claims: &Map<String, Value>) -> Option<String> {
        use ProviderProfile as P;
        let first = match claims.get("aud") {
            Some(Value::String(one)) => one.as_str(),
            Some(Value::Array(list)) => list.first()?.as_str()?,
            _ => return None,
        };
        let shown = excerpt(first);
        let text = match self.profile? {
            P::Entra if first.starts_with("api://") => format!(
                "this is a v1 access token of the exposed API `{shown}`: set \
                 requestedAccessTokenVersion to 2 in the manifest, so that its audience is the \
                 application's id; or add the client id `{shown}` too"
            ),
            P::Entra if matches!(first, "00000003-0000-0000-c000-000000000000" | GRAPH) => {
                "this is an access token for Microsoft Graph, which nobody else can verify: sign \
                 in for an ID token, or for a scope of your own API"
                    .to_owned()
            }
            P::Keycloak if first == "account" => {
                "Client scopes, the client's dedicated scope, Add mapper, Audience: name the \
                 client"
                    .to_owned()
            }
            P::GithubActions => "let the workflow ask for our audience: \
                                 `core.getIDToken(\"strongroom\")`"
                .to_owned(),
            P::Gitlab => "`id_tokens: STRONGROOM_TOKEN: aud: strongroom` in the job".to_owned(),
            P::Kubernetes => "this is not the token that was projected for us: \
                              `serviceAccountToken: {audience: strongroom, path: token}`"
                .to_owned(),
            P::Okta if first == "api://default" => {
                "this is an access token of a custom authorization server: bring the ID token, or \
                 add the client id `api://default` with that server's issuer"
                    .to_owned()
            }
            P::Auth0 => format!(
                "an access token is for the API that was asked for: bring the ID token, or add \
                 the client id `{shown}`"
            ),
            _ => return None,
        };
        Some(text)
    }
}

/// Microsoft Graph as an audience.
const GRAPH: &str = "https://graph.microsoft.com";
