//! Identity providers that cannot be run here, as their vendors document them: what their tokens
//! say, and what their interfaces answer. Each answer names the page that it follows. None of it
//! was held against the real service.
//!
//! It uses nothing but `serde_json`, so that the rooms below this kit can include the file itself
//! in their tests and are not built again with everything that the kit stands on.

use std::sync::Mutex;

use serde_json::{Value, json};

#[path = "vendors/okta.rs"]
mod okta;

pub use self::okta::{
    OKTA_ANA, OKTA_APP, OKTA_KEY, OKTA_ORG, OKTA_PEOPLE, Okta, okta_access_token, okta_group,
};

/// What is asked of a stub.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The whole address.
    pub url: &'a str,
    /// What is posted; without it, the address is got.
    pub form: Option<&'a str>,
    /// The credential, as the header has it.
    pub authorization: Option<&'a str>,
}

/// What a stub answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after_seconds: Option<u64>,
    /// Other headers, by their names in small letters.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Answered {
    /// An answer with this body and no further header.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, body.to_string())
    }

    /// An answer with this text and no further header.
    #[must_use]
    pub fn text(status: u16, body: String) -> Self {
        Self { status, retry_after_seconds: None, headers: Vec::new(), body }
    }
}

/// How a stub feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// As documented.
    Well,
    /// So many questions are answered with 429 first, each asking for so many seconds.
    Throttled(u32, u64),
    /// 500, whatever is asked for groups.
    Failing,
    /// The client may not read groups any more.
    ConsentRevoked,
    /// The client's secret has expired.
    SecretExpired,
    /// Groups come without what tells their kind.
    Hidden,
    /// The next page is said to be at another place.
    Elsewhere,
    /// What comes is no JSON.
    Garbage,
}

/// The tenant of the stub of Entra.
pub const TENANT: &str = "11111111-2222-3333-4444-555555555555";
/// The person of the stub of Entra.
pub const OID: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
/// Somebody of the stub of Entra whose account is switched off.
pub const OID_BARRED: &str = "aaaaaaaa-bbbb-cccc-dddd-bbbbbbbbbbbb";
/// The application of the stub of Entra.
pub const APPLICATION: &str = "99999999-8888-7777-6666-555555555555";
/// The secret of that application.
pub const SECRET: &str = "the value of the secret";
/// Most groups that a token of Entra lists (Microsoft, "Configure group claims for applications").
pub const ENTRA_GROUPS_MAX: usize = 200;

/// The id of the group with that number.
#[must_use]
pub fn entra_group(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// A v2 ID token of somebody with so many groups (Microsoft, "ID token claims reference",
/// "Configure group claims for applications", "Groups overage claim").
#[must_use]
pub fn entra_token(groups: usize, now: i64) -> Value {
    let mut claims = json!({
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "aud": APPLICATION,
        "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "oid": OID, "tid": TENANT,
        "preferred_username": "ana@contoso.example", "name": "Ana", "ver": "2.0",
        "uti": "fqiBqXLPj0eQa82S-IYFAA", "rh": "0.AQAA",
        "iat": now - 10, "nbf": now - 10, "exp": now + 3_600,
    });
    if groups > ENTRA_GROUPS_MAX {
        set(&mut claims, "_claim_names", json!({"groups": "src1"}));
        let graph = format!("https://graph.windows.net/{TENANT}/users/{OID}/getMemberObjects");
        set(&mut claims, "_claim_sources", json!({"src1": {"endpoint": graph}}));
    } else if groups > 0 {
        set(&mut claims, "groups", (0..groups).map(entra_group).collect());
    }
    claims
}

/// Microsoft's token endpoint and Microsoft Graph.
#[derive(Debug)]
pub struct Entra {
    groups: usize,
    mood: Mutex<Mood>,
}

impl Entra {
    /// A tenant in which the person has so many groups.
    #[must_use]
    pub fn new(groups: usize, mood: Mood) -> Self {
        Self { groups, mood: Mutex::new(mood) }
    }

    /// Changes how it feels.
    pub fn feel(&self, mood: Mood) {
        *lock(&self.mood) = mood;
    }

    /// The answer.
    #[must_use]
    pub fn answer(&self, asked: &Asked<'_>) -> Answered {
        let login = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
        let mood = *lock(&self.mood);
        if asked.url == login {
            return entra_grant(asked, mood);
        }
        if asked.authorization != Some("Bearer graph-token") {
            // Microsoft Graph, "Error responses and resource types".
            let error = json!({"code": "InvalidAuthenticationToken", "message": "expired"});
            return Answered::json(401, &json!({ "error": error }));
        }
        match mood {
            Mood::Throttled(times, seconds) if times > 0 => {
                self.feel(Mood::Throttled(times - 1, seconds));
                // Microsoft Graph, "Microsoft Graph throttling guidance".
                let error = json!({"code": "TooManyRequests", "message": "Please retry again."});
                let answer = Answered::json(429, &json!({ "error": error }));
                Answered { retry_after_seconds: Some(seconds), ..answer }
            }
            Mood::Failing => {
                let error = json!({"code": "generalException", "message": "oops"});
                Answered::json(500, &json!({ "error": error }))
            }
            // Microsoft Graph, "Resolve Microsoft Graph authorization errors".
            Mood::ConsentRevoked => {
                let message = "Insufficient privileges to complete the operation.";
                let error = json!({"code": "Authorization_RequestDenied", "message": message});
                Answered::json(403, &json!({ "error": error }))
            }
            Mood::Garbage => Answered::text(200, "<html>".to_owned()),
            _ => self.graph(asked.url, mood),
        }
    }

    fn graph(&self, url: &str, mood: Mood) -> Answered {
        let graph = "https://graph.microsoft.com/v1.0/";
        let member_of = format!("{graph}users/{OID}/transitiveMemberOf?");
        if let Some(query) = url.strip_prefix(&member_of) {
            return self.page(&member_of, query, mood);
        }
        // Microsoft Graph, "Get user", "List users", "user resource type".
        let person = |id: &str| {
            let enabled = if mood == Mood::Hidden { Value::Null } else { (id == OID).into() };
            json!({"id": id, "accountEnabled": enabled})
        };
        let chosen = "%24select=id%2CaccountEnabled";
        if url == format!("{graph}users?{chosen}&%24top=1") {
            return Answered::json(200, &json!({ "value": [person(OID)] }));
        }
        for id in [OID, OID_BARRED] {
            if url == format!("{graph}users/{id}?{chosen}") {
                return Answered::json(200, &person(id));
            }
        }
        // Microsoft Graph, "List groups", "Get group".
        if url.starts_with(&format!("{graph}groups?")) {
            let of = |number: usize| {
                json!({"id": entra_group(number),
                "displayName": if number == 8 { "Twin".to_owned() } else { group_name(number) }})
            };
            let found: Vec<Value> = match url {
                _ if url.contains("Twin") => vec![of(8), of(8)],
                _ => {
                    (0..20).filter(|n| url.contains(&format!("%27Group+{n}%27"))).map(of).collect()
                }
            };
            return Answered::json(200, &json!({ "value": found }));
        }
        let known = (0..self.groups.max(20))
            .find(|n| url.starts_with(&format!("{graph}groups/{}", entra_group(*n))));
        match known {
            Some(number) => Answered::json(200, &json!({"id": entra_group(number)})),
            None => {
                let error = json!({"code": "Request_ResourceNotFound", "message": "none"});
                Answered::json(404, &json!({ "error": error }))
            }
        }
    }

    /// Microsoft Graph, "List a user's memberships (direct and transitive)" (pages of at most 999)
    /// and "Paging Microsoft Graph data in your app". Besides groups there is a directory role and
    /// a group that is not a security group.
    fn page(&self, place: &str, query: &str, mood: Mood) -> Answered {
        let skip = query.split("$skiptoken=").nth(1).and_then(|text| text.parse::<usize>().ok());
        let first = skip.unwrap_or(0);
        let last = self.groups.min(first.saturating_add(999));
        let mut value: Vec<Value> = (first..last)
            .map(|number| {
                let mut group = json!({
                    "@odata.type": "#microsoft.graph.group", "id": entra_group(number),
                    "displayName": group_name(number), "securityEnabled": true,
                });
                if mood == Mood::Hidden {
                    set(&mut group, "displayName", Value::Null);
                    set(&mut group, "securityEnabled", Value::Null);
                }
                group
            })
            .collect();
        if first == 0 {
            value.push(json!({"@odata.type": "#microsoft.graph.directoryRole",
                "id": entra_group(900_001), "displayName": "Global Reader"}));
            value.push(json!({"@odata.type": "#microsoft.graph.group",
                "id": entra_group(900_002), "displayName": "A team", "securityEnabled": false}));
        }
        let mut body = json!({
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#directoryObjects",
            "value": value,
        });
        if last < self.groups {
            let place = match mood {
                Mood::Elsewhere => place.replace("graph.microsoft.com", "evil.example"),
                _ => place.to_owned(),
            };
            let next = format!("{place}$top=999&$skiptoken={last}");
            set(&mut body, "@odata.nextLink", next.into());
        }
        Answered::json(200, &body)
    }
}

/// The display name of the group with that number.
#[must_use]
pub fn group_name(number: usize) -> String {
    format!("Group {number}")
}

/// Microsoft, "OAuth 2.0 client credentials flow", "Microsoft Entra authentication and authorization
/// error codes".
fn entra_grant(asked: &Asked<'_>, mood: Mood) -> Answered {
    let form = asked.form.unwrap_or_default();
    let wants = [
        "grant_type=client_credentials",
        &format!("client_id={APPLICATION}"),
        "client_secret=the+value+of+the+secret",
        "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
    ];
    let (status, body) = match mood {
        Mood::SecretExpired => {
            let text = "AADSTS7000222: The provided client secret keys are expired.";
            (401, json!({"error": "invalid_client", "error_description": text}))
        }
        _ if !wants.iter().all(|part| form.split('&').any(|own| own == *part)) => {
            let text = "AADSTS7000215: Invalid client secret provided.";
            (401, json!({"error": "invalid_client", "error_description": text}))
        }
        _ => (
            200,
            json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599,
                          "access_token": "graph-token"}),
        ),
    };
    Answered::json(status, &body)
}

/// The person of the stub of Google.
pub const GOOGLE_SUB: &str = "110169484474386276334";
/// People of the stub of Google who are suspended, and archived.
pub const GOOGLE_BARRED: [&str; 2] = ["110169484474386276335", "110169484474386276336"];
/// The client of the stub of Google.
pub const GOOGLE_CLIENT: &str = "1234987819200.apps.googleusercontent.com";

/// An ID token of Google for a person of a Workspace (Google, "OpenID Connect", "An ID token's
/// payload").
#[must_use]
pub fn google_token(now: i64) -> Value {
    json!({
        "iss": "https://accounts.google.com", "azp": GOOGLE_CLIENT, "aud": GOOGLE_CLIENT,
        "sub": GOOGLE_SUB, "hd": "example.com", "email": "ana@example.com", "email_verified": true,
        "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q", "iat": now - 10, "exp": now + 3_600,
    })
}

/// Google's token endpoint and its Directory API.
#[derive(Debug)]
pub struct Google {
    groups: usize,
    mood: Mutex<Mood>,
}

impl Google {
    /// A Workspace in which the person has so many groups.
    #[must_use]
    pub fn new(groups: usize, mood: Mood) -> Self {
        Self { groups, mood: Mutex::new(mood) }
    }

    /// Changes how it feels.
    pub fn feel(&self, mood: Mood) {
        *lock(&self.mood) = mood;
    }

    /// The answer. Who checks the signature of the statement is the test.
    #[must_use]
    pub fn answer(&self, asked: &Asked<'_>) -> Answered {
        let mood = *lock(&self.mood);
        if asked.url == "https://oauth2.googleapis.com/token" {
            return google_grant(asked, mood);
        }
        if asked.authorization != Some("Bearer directory-token") {
            return google_error(401, "authError", "Invalid Credentials");
        }
        match mood {
            Mood::Throttled(times, seconds) if times > 0 => {
                self.feel(Mood::Throttled(times - 1, seconds));
                // Google, "Directory API: Limits and Quotas": 429 or 403 with a reason.
                let answer = google_error(429, "rateLimitExceeded", "Quota exceeded");
                Answered { retry_after_seconds: Some(seconds), ..answer }
            }
            Mood::Failing => google_error(500, "backendError", "Backend Error"),
            Mood::ConsentRevoked => {
                google_error(403, "forbidden", "Not Authorized to access this resource/API")
            }
            Mood::Garbage => Answered::text(200, "<html>".to_owned()),
            _ => self.directory(asked.url),
        }
    }

    /// Google, "Method: groups.list" (pages of at most 200), "Method: groups.get", "Method:
    /// users.get", "Method: users.list".
    fn directory(&self, url: &str) -> Answered {
        let users = "https://admin.googleapis.com/admin/directory/v1/users";
        if let Some(query) = url.strip_prefix(&format!("{users}?")) {
            assert!(query.starts_with("customer=my_customer"), "{query}");
            return Answered::json(200, &json!({"users": [{"id": GOOGLE_SUB}]}));
        }
        if let Some(whom) = url.strip_prefix(&format!("{users}/")) {
            let id = whom.split('?').next().unwrap_or_default();
            let person = json!({"id": id, "suspended": id == GOOGLE_BARRED[0],
                "archived": id == GOOGLE_BARRED[1]});
            return match id == GOOGLE_SUB || GOOGLE_BARRED.contains(&id) {
                true => Answered::json(200, &person),
                false => google_error(404, "notFound", "Resource Not Found: userKey"),
            };
        }
        let groups = "https://admin.googleapis.com/admin/directory/v1/groups";
        let group = |number: usize| {
            json!({
                "kind": "admin#directory#group", "id": google_group(number), "etag": "\"e\"",
                "email": format!("group{number}@example.com"), "name": group_name(number),
                "directMembersCount": "1", "adminCreated": true,
            })
        };
        let Some(query) = url.strip_prefix(&format!("{groups}?")) else {
            let named = |n: &usize| url == format!("{groups}/group{n}@example.com");
            return match (0..self.groups.max(20)).find(named) {
                Some(number) => Answered::json(200, &group(number)),
                None => google_error(404, "notFound", "Resource Not Found: groupKey"),
            };
        };
        if !query.contains(&format!("userKey={GOOGLE_SUB}")) {
            return google_error(404, "notFound", "Resource Not Found: userKey");
        }
        let token = query.split("pageToken=").nth(1).and_then(|text| text.parse::<usize>().ok());
        let first = token.unwrap_or(0);
        let last = self.groups.min(first.saturating_add(200));
        let mut body = json!({"kind": "admin#directory#groups", "etag": "\"e\""});
        if first < last {
            set(&mut body, "groups", (first..last).map(group).collect());
        }
        if last < self.groups {
            set(&mut body, "nextPageToken", last.to_string().into());
        }
        Answered::json(200, &body)
    }
}

/// The id of the group with that number.
#[must_use]
pub fn google_group(number: usize) -> String {
    format!("0{number:014}")
}

/// Google, "Using OAuth 2.0 for Server to Server Applications", "HTTP/REST".
fn google_grant(asked: &Asked<'_>, mood: Mood) -> Answered {
    let form = asked.form.unwrap_or_default();
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    match form.strip_prefix(grant) {
        Some(statement) if mood != Mood::SecretExpired && statement.split('.').count() == 3 => {
            Answered::json(
                200,
                &json!({
                    "access_token": "directory-token", "expires_in": 3599, "token_type": "Bearer",
                }),
            )
        }
        _ => {
            let text = "Client is unauthorized to retrieve access tokens using this method";
            let error = json!({"error": "unauthorized_client", "error_description": text});
            Answered::json(401, &error)
        }
    }
}

fn google_error(status: u16, reason: &str, message: &str) -> Answered {
    let errors = json!([{"message": message, "domain": "global", "reason": reason}]);
    let error = json!({"code": status, "message": message, "errors": errors});
    Answered::json(status, &json!({ "error": error }))
}

/// The issuer of the stub of Keycloak.
pub const REALM: &str = "https://sso.example.com/realms/corp";
/// Somebody of the stub of Keycloak, who may sign in.
pub const KEYCLOAK_ANA: &str = "0b2b7a5e-8f2b-4c39-9c0a-000000000001";
/// Somebody of the stub of Keycloak, who is disabled.
pub const KEYCLOAK_BEA: &str = "0b2b7a5e-8f2b-4c39-9c0a-000000000002";
/// The client by which the stub of Keycloak is asked.
pub const KEYCLOAK_CLIENT: &str = "strongroom-people";

/// An ID token of Keycloak with a *Group Membership* mapper and roles (Keycloak, "Server
/// Administration Guide", "OIDC token and SAML assertion mappings").
#[must_use]
pub fn keycloak_token(subject: &str, now: i64) -> Value {
    json!({
        "iss": REALM, "aud": "strongroom", "azp": "strongroom", "sub": subject, "typ": "ID",
        "sid": "7a4e", "preferred_username": "ana", "groups": ["group 0"],
        "realm_access": {"roles": ["auditor"]}, "iat": now - 10, "exp": now + 300,
    })
}

/// A realm's token endpoint and the Admin REST API (Keycloak, "Keycloak Admin REST API").
#[derive(Debug)]
pub struct Keycloak {
    groups: usize,
    mood: Mutex<Mood>,
}

impl Keycloak {
    /// A realm in which everybody is in so many groups.
    #[must_use]
    pub fn new(groups: usize, mood: Mood) -> Self {
        Self { groups, mood: Mutex::new(mood) }
    }

    /// The answer.
    #[must_use]
    pub fn answer(&self, asked: &Asked<'_>) -> Answered {
        let mood = *lock(&self.mood);
        if asked.url == format!("{REALM}/protocol/openid-connect/token") {
            return keycloak_grant(asked, mood);
        }
        if asked.authorization != Some("Bearer realm-token") {
            return Answered::json(401, &json!({"error": "HTTP 401 Unauthorized"}));
        }
        match mood {
            Mood::Throttled(times, seconds) if times > 0 => {
                *lock(&self.mood) = Mood::Throttled(times - 1, seconds);
                let answer = Answered::json(503, &json!({"error": "overloaded"}));
                Answered { retry_after_seconds: Some(seconds), ..answer }
            }
            Mood::Failing => Answered::json(500, &json!({"error": "unknown_error"})),
            Mood::ConsentRevoked => Answered::json(403, &json!({"error": "HTTP 403 Forbidden"})),
            Mood::Elsewhere => Answered::json(404, &json!({"error": "Realm not found."})),
            Mood::Garbage => Answered::text(200, "<html>".to_owned()),
            _ => self.realm(asked.url),
        }
    }

    /// "GET /admin/realms/{realm}/users/{user-id}", "…/groups", "…/role-mappings", "GET …/groups",
    /// "GET …/group-by-path/{path}", "GET …/clients".
    fn realm(&self, url: &str) -> Answered {
        let admin = "https://sso.example.com/admin/realms/corp/";
        let none = |what: &str| Answered::json(404, &json!({ "error": what }));
        let Some(place) = url.strip_prefix(admin) else { return none("Realm not found.") };
        let (path, query) = place.split_once('?').unwrap_or((place, ""));
        let said = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(own, _)| *own == name).map(|(_, value)| value)
        };
        let group = |number: usize| {
            json!({"id": entra_group(number), "name": format!("group {number}"),
                "path": format!("/group {number}"), "subGroups": []})
        };
        let role = |name: &str| json!({"id": name, "name": name, "composite": false});
        let parts: Vec<&str> = path.split('/').collect();
        let body = match parts.as_slice() {
            ["users"] => json!([{"id": KEYCLOAK_ANA, "enabled": true}]),
            ["users", id, ..] if ![KEYCLOAK_ANA, KEYCLOAK_BEA].contains(id) => {
                return none("User not found");
            }
            ["users", id] => json!({"id": id, "username": "ana", "enabled": *id == KEYCLOAK_ANA}),
            ["users", _, "groups"] => {
                let number = |name: &str| said(name).and_then(|text| text.parse().ok());
                let first: usize = number("first").unwrap_or(0);
                let last = self.groups.min(first.saturating_add(number("max").unwrap_or(100)));
                (first..last).map(group).collect()
            }
            ["users", _, "role-mappings", "realm", "composite"] => json!([role("auditor")]),
            ["users", _, "role-mappings", "clients", "c-1", "composite"] => json!([role("reader")]),
            ["clients"] if said("clientId") == Some("store") => {
                json!([{"id": "c-1", "clientId": "store"}])
            }
            ["clients"] => json!([]),
            ["groups"] if said("search") == Some("twin") => {
                let twin = json!({"id": entra_group(8), "name": "twin", "subGroups": []});
                json!([{"id": entra_group(7), "name": "above", "subGroups": [twin, twin]}])
            }
            ["groups"] => match said("search") {
                Some(name) => (0..self.groups)
                    .filter(|n| name == format!("group+{n}"))
                    .map(|n| {
                        let mut above = group(900_000);
                        set(&mut above, "subGroups", json!([group(n)]));
                        above
                    })
                    .collect(),
                None => json!([group(0)]),
            },
            ["group-by-path", "above", "below"] => group(5),
            _ => return none("Group path does not exist"),
        };
        Answered::json(200, &body)
    }
}

/// Keycloak, "Server Administration Guide", "Using a service account".
fn keycloak_grant(asked: &Asked<'_>, mood: Mood) -> Answered {
    let client = format!("Basic {KEYCLOAK_CLIENT}:{SECRET}");
    let good = asked.authorization == Some(client.as_str())
        && asked.form == Some("grant_type=client_credentials")
        && mood != Mood::SecretExpired;
    if !good {
        let text = "Invalid client or Invalid client credentials";
        let error = json!({"error": "unauthorized_client", "error_description": text});
        return Answered::json(401, &error);
    }
    Answered::json(
        200,
        &json!({"access_token": "realm-token", "expires_in": 300, "token_type": "Bearer"}),
    )
}

/// An ID token of Okta's org authorization server, with a groups claim (Okta, "OpenID Connect &
/// OAuth 2.0 API", "ID token claims"; "Customize tokens returned from Okta with a groups claim").
#[must_use]
pub fn okta_token(now: i64) -> Value {
    json!({
        "iss": "https://example.okta.com", "sub": "00uid4BxXw6I6TV4m0g3", "aud": "0oaexample",
        "ver": 1, "jti": "ID.4eAWJOCMB3SX8XewDfVR", "amr": ["pwd", "mfa"],
        "idp": "00ok1u7AsAkrwdZL3z0g3", "auth_time": now - 60, "name": "Ana", "email":
        "ana@example.com", "preferred_username": "ana@example.com",
        "groups": ["Everyone", "Analysts"], "iat": now - 10, "exp": now + 3_600,
    })
}

/// A token of a workflow (GitHub, "OpenID Connect reference", "Understanding the OIDC token").
#[must_use]
pub fn github_token(now: i64) -> Value {
    json!({
        "iss": "https://token.actions.githubusercontent.com", "aud": "strongroom",
        "sub": "repo:octo-org/octo-repo:ref:refs/heads/main", "jti": "example-id",
        "environment": "prod", "ref": "refs/heads/main", "ref_type": "branch",
        "repository": "octo-org/octo-repo", "repository_id": "74", "repository_owner": "octo-org",
        "repository_owner_id": "65", "repository_visibility": "private", "actor": "octocat",
        "actor_id": "12", "workflow": "example-workflow", "event_name": "push", "run_id": "1",
        "job_workflow_ref": "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
        "runner_environment": "github-hosted", "iat": now - 10, "nbf": now - 10, "exp": now + 300,
    })
}

/// A token of a pod (Kubernetes, "Managing Service Accounts", "Bound service account tokens":
/// "Schema for service account private claims"); its `aud` is a list.
#[must_use]
pub fn kubernetes_token(now: i64) -> Value {
    json!({
        "iss": "https://oidc.cluster.example.com", "aud": ["strongroom"],
        "sub": "system:serviceaccount:payments:app", "jti": "aed34954-b33a-4142-b1ec-389d6bbb4936",
        "kubernetes.io": {
            "namespace": "payments",
            "node": {"name": "node-1", "uid": "646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1"},
            "pod": {"name": "app-0", "uid": "5e0bd49b-f040-43b0-99b7-22765a53f7f3"},
            "serviceaccount": {"name": "app", "uid": "14ee3fa4-a7e2-420f-9f9a-dbc4507c3798"},
        },
        "iat": now - 10, "nbf": now - 10, "exp": now + 3_600,
    })
}

/// A job's token of GitLab (GitLab, "OpenID Connect (OIDC) Authentication Using ID Tokens", "Token
/// payload").
#[must_use]
pub fn gitlab_token(now: i64) -> Value {
    json!({
        "iss": "https://gitlab.com", "aud": "strongroom",
        "sub": "project_path:my-group/my-project:ref_type:branch:ref:main",
        "namespace_id": "72", "namespace_path": "my-group", "project_id": "20",
        "project_path": "my-group/my-project", "user_id": "1", "user_login": "sample-user",
        "pipeline_id": "574", "job_id": "302", "ref": "main", "ref_type": "branch",
        "ref_protected": "true", "jti": "67a3c5ab", "iat": now - 10, "nbf": now - 15,
        "exp": now + 3_600,
    })
}

/// Sets a member of an object.
fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
