//! People of a Keycloak realm, from its Admin REST API: whether somebody is there and may sign in,
//! and their groups with ids that do not change.
//!
//! A client with a service account asks, which needs the role `view-users` of `realm-management`
//! (Keycloak, "Admin REST API": `GET /admin/realms/{realm}/users/{user-id}`, `…/groups`,
//! `…/role-mappings/…/composite`; "Server Administration Guide", "Using a service account").

use std::collections::BTreeMap;
use std::sync::Arc;

use identity::ops::ToldGroups;
use identity::{ExternalGroup, MemberOf, OidcProvider};
use reqwest::Url;
use serde_json::{Map, Value};

use super::GROUPS_LOOKED_UP_MAX;
use super::call::{Asked, Calls, Granted, Quiet, origin};
use super::config::KeycloakSettings;
use super::document::{list, malformed, object, text};
use super::fault::LookupFault;
use super::graph::is_guid;
use super::people::{Word, all_of, unless_forbidden};
use crate::egress::{Credential, Form};
use crate::oidc::refusal::excerpt;

/// How many groups are asked for at once.
const PAGE_GROUPS: usize = 200;
/// What the API says with 404 of somebody whom the realm does not have; a 404 in other words is no
/// answer about anybody (another realm, a proxy in between).
const NO_USER: &str = "User not found";
/// The claims in which tokens list roles.
const REALM_ROLES: [&str; 2] = ["realm_access/roles", "realm_access.roles"];
const CLIENT_ROLES: &str = "resource_access";

/// What each refusal means, and what to do, in Keycloak's own words.
const HELP: [(&str, &str); 5] = [
    (
        "HTTP 403 Forbidden",
        "Clients, the client in `client_id`, Service accounts roles, Assign role, Filter by \
         clients: realm-management view-users (and view-clients where the groups claim is \
         resource_access/CLIENT/roles)",
    ),
    (
        "unauthorized_client",
        "Clients, the client in `client_id`, Settings: Client authentication on, Service accounts \
         roles on; Credentials: the secret is what `client_secret_file` holds",
    ),
    (
        "invalid_client",
        "Clients: the realm has an enabled client with the id in `client_id`; Credentials: the \
         secret is what `client_secret_file` holds",
    ),
    ("Realm does not exist", "the realm in the lookup's `issuer` is not there: compare it"),
    ("Realm not found.", "the realm in the lookup's `issuer` is not there: compare it"),
];

/// Which of a realm's names stand in a groups claim.
enum Lists<'a> {
    Groups,
    RealmRoles,
    RolesOf(&'a str),
}

/// The Admin REST API, as one client of one realm.
pub(super) struct Keycloak {
    pub(super) settings: KeycloakSettings,
    pub(super) granted: Granted,
    pub(super) quiet: Quiet,
}

impl Keycloak {
    pub(super) fn new(settings: KeycloakSettings) -> Self {
        Self { settings, granted: Granted::default(), quiet: Quiet::default() }
    }

    /// What has become of somebody, with all their groups; with what rules ask for if
    /// `wants_groups`.
    pub(super) async fn word(
        &self,
        calls: Calls<'_>,
        provider: &OidcProvider,
        id: &str,
        wants_groups: bool,
    ) -> Result<Word, LookupFault> {
        let url = self.place(&["users", id]);
        let user = match self.page(calls, &url).await {
            Err(LookupFault::Refused { status: 404, code, .. }) if code == NO_USER => {
                return Ok(Word::Gone);
            }
            other => object(&url, other.map_err(worded)?)?,
        };
        if user.get("id").and_then(Value::as_str) != Some(id) {
            return Err(LookupFault::Subject { origin: origin(&url) });
        }
        match user.get("enabled") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Ok(Word::Barred),
            _ => return Err(malformed(&url, "enabled")),
        }
        let groups = self.groups_of(calls, id).await.map_err(worded);
        let needed = wants_groups && lists_groups(provider);
        let (all, listed) = match unless_forbidden(groups, needed)? {
            None => (MemberOf::Untold, None),
            Some(groups) => (all_of(&groups), needed.then_some(ToldGroups::Whole(groups))),
        };
        let told = match listed {
            Some(groups) => groups,
            None if wants_groups => self.roles(calls, provider, id).await.map_err(worded)?,
            None => ToldGroups::Unasked,
        };
        Ok(Word::Here(told, all))
    }

    /// The roles of somebody, where tokens of this provider list those: only by name, and perhaps
    /// more than the client's scope lets into a token.
    async fn roles(
        &self,
        calls: Calls<'_>,
        provider: &OidcProvider,
        id: &str,
    ) -> Result<ToldGroups, LookupFault> {
        let path = match lists(provider) {
            None | Some(Lists::Groups) => return Ok(ToldGroups::Unasked),
            Some(Lists::RealmRoles) => vec!["realm".to_owned()],
            Some(Lists::RolesOf(client)) => match self.client(calls, client).await? {
                Some(client) => vec!["clients".to_owned(), client],
                None => return Ok(ToldGroups::AtMost(Vec::new())),
            },
        };
        let mut url = self.place(&["users", id, "role-mappings"]);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(&path).push("composite");
        }
        let roles = list(&url, self.page(calls, &url).await?)?;
        bounded(roles.len())?;
        let named = |role: &Map<String, Value>| -> Result<ExternalGroup, LookupFault> {
            let name = text(&url, role, "name")?;
            Ok(ExternalGroup { id: name.to_owned(), name: None })
        };
        Ok(ToldGroups::AtMost(roles.iter().map(named).collect::<Result<_, _>>()?))
    }

    /// Every group that somebody is directly in, as the *Group Membership* mapper has it.
    async fn groups_of(
        &self,
        calls: Calls<'_>,
        id: &str,
    ) -> Result<Vec<ExternalGroup>, LookupFault> {
        let mut found = Vec::new();
        loop {
            let mut url = self.place(&["users", id, "groups"]);
            url.query_pairs_mut()
                .append_pair("briefRepresentation", "true")
                .append_pair("first", &found.len().to_string())
                .append_pair("max", &PAGE_GROUPS.to_string());
            let page = list(&url, self.page(calls, &url).await?)?;
            for group in &page {
                let name = Some(excerpt(text(&url, group, "name")?));
                found.push(ExternalGroup { id: text(&url, group, "id")?.to_owned(), name });
            }
            bounded(found.len())?;
            if page.len() < PAGE_GROUPS {
                return Ok(found);
            }
        }
    }

    /// The ids of the groups of these names, paths or ids; `None` where the provider's groups are
    /// roles, which are known by their names. A name that several groups have is refused.
    pub(super) async fn ids(
        &self,
        calls: Calls<'_>,
        provider: &OidcProvider,
        names: &[String],
    ) -> Result<Option<BTreeMap<String, String>>, LookupFault> {
        if !matches!(lists(provider), Some(Lists::Groups)) {
            return Ok(None);
        }
        let mut ids = BTreeMap::new();
        for name in names {
            if let Some(id) = self.id(calls, name).await.map_err(worded)? {
                ids.insert(name.clone(), id);
            }
        }
        Ok(Some(ids))
    }

    async fn id(&self, calls: Calls<'_>, name: &str) -> Result<Option<String>, LookupFault> {
        let one = match name.strip_prefix('/') {
            Some(path) => {
                let parts = std::iter::once("group-by-path").chain(path.split('/'));
                let parts: Vec<&str> = parts.collect();
                Some(self.place(&parts))
            }
            None if is_guid(name) => Some(self.place(&["groups", name])),
            None => None,
        };
        if let Some(url) = one {
            return match self.page(calls, &url).await {
                Ok(group) => Ok(Some(text(&url, &object(&url, group)?, "id")?.to_owned())),
                Err(LookupFault::Refused { status: 404, .. }) => Ok(None),
                Err(fault) => Err(fault),
            };
        }
        let mut url = self.place(&["groups"]);
        url.query_pairs_mut()
            .append_pair("search", name)
            .append_pair("exact", "true")
            .append_pair("max", &PAGE_GROUPS.to_string());
        let mut left = list(&url, self.page(calls, &url).await?)?;
        let mut found = None;
        // Groups come within those that they are in; documents are bounded in depth and size.
        while let Some(mut group) = left.pop() {
            if group.get("name").and_then(Value::as_str) == Some(name)
                && found.replace(text(&url, &group, "id")?.to_owned()).is_some()
            {
                return Err(LookupFault::Ambiguous { name: excerpt(name) });
            }
            if let Some(within) = group.remove("subGroups") {
                left.extend(list(&url, within)?);
            }
        }
        Ok(found)
    }

    /// The id by which the API knows the client with this client id.
    async fn client(&self, calls: Calls<'_>, name: &str) -> Result<Option<String>, LookupFault> {
        let mut url = self.place(&["clients"]);
        url.query_pairs_mut().append_pair("clientId", name);
        let clients = list(&url, self.page(calls, &url).await?)?;
        let own = clients.iter().find(|one| one.get("clientId").is_some_and(|id| id == name));
        own.map(|one| Ok(text(&url, one, "id")?.to_owned())).transpose()
    }

    /// Whether people can be asked about at all, in words.
    pub(super) async fn examine(&self, calls: Calls<'_>) -> Result<String, LookupFault> {
        for what in ["users", "groups"] {
            let mut url = self.place(&[what]);
            url.query_pairs_mut().append_pair("max", "1");
            let page = self.page(calls, &url).await.map_err(worded)?;
            list(&url, page)?;
        }
        Ok(format!("people and groups of {} can be read", self.settings.realm))
    }

    /// An answer, as our client. A token that is not taken any more is replaced once.
    async fn page(&self, calls: Calls<'_>, url: &Url) -> Result<Value, LookupFault> {
        if let Some(token) = self.granted.held(calls.clock.monotonic()) {
            match calls.value(&Asked::page(url, &token), &self.quiet).await {
                Err(LookupFault::Refused { status: 401, .. }) => self.granted.forget(),
                outcome => return outcome,
            }
        }
        let token = self.grant(calls).await?;
        calls.value(&Asked::page(url, &token), &self.quiet).await
    }

    /// A token by the client credentials grant (RFC 6749 §4.4).
    async fn grant(&self, calls: Calls<'_>) -> Result<Arc<Credential>, LookupFault> {
        let own = &self.settings;
        let form = Form::new(&[("grant_type", "client_credentials")]);
        let client =
            Credential::Basic { id: own.client_id.clone(), secret: own.client_secret.clone() };
        let asked = Asked::grant(&own.token, &form, Some(&client));
        let answer = calls.object(&asked, &self.quiet).await?;
        self.granted.take(&own.token, &answer, calls.clock.monotonic())
    }

    fn place(&self, segments: &[&str]) -> Url {
        let mut url = self.settings.realm.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

fn lists(provider: &OidcProvider) -> Option<Lists<'_>> {
    let path = provider.claims.groups.as_deref()?;
    if REALM_ROLES.contains(&path) {
        return Some(Lists::RealmRoles);
    }
    let client = path.strip_prefix(CLIENT_ROLES).and_then(|rest| {
        let rest = rest.strip_prefix(['/', '.'])?;
        rest.strip_suffix("/roles").or_else(|| rest.strip_suffix(".roles"))
    });
    Some(client.map_or(Lists::Groups, Lists::RolesOf))
}

/// Whether the groups of a provider's tokens are looked up while people sign in.
pub(super) fn lists_groups(provider: &OidcProvider) -> bool {
    matches!(lists(provider), Some(Lists::Groups))
}

/// A refusal with what to do about it.
fn worded(fault: LookupFault) -> LookupFault {
    let LookupFault::Refused { origin, status, code } = fault else { return fault };
    match HELP.iter().find(|(known, _)| code == *known) {
        Some((_, help)) => LookupFault::Mend { origin, status, code, help },
        None => LookupFault::Refused { origin, status, code },
    }
}

fn bounded(groups: usize) -> Result<(), LookupFault> {
    let max = GROUPS_LOOKED_UP_MAX;
    if groups > max { Err(LookupFault::TooMany { max }) } else { Ok(()) }
}
