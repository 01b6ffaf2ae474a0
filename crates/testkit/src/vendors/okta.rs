//! An org of Okta, as its pages say.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::{Answered, Asked, Mood, lock, okta_token, set};

/// The org of the stub of Okta.
pub const OKTA_ORG: &str = "https://example.okta.com";
/// Somebody of the stub of Okta, who may sign in.
pub const OKTA_ANA: &str = "00uid4BxXw6I6TV4m0g3";
/// Everybody of the stub of Okta, by status (Okta, "Users", "User status").
pub const OKTA_PEOPLE: [(&str, &str); 9] = [
    (OKTA_ANA, "ACTIVE"),
    ("00u00000000expired00", "PASSWORD_EXPIRED"),
    ("00u0000000recovery00", "RECOVERY"),
    ("00u00000000locked000", "LOCKED_OUT"),
    ("00u000000suspended00", "SUSPENDED"),
    ("00u00deprovisioned00", "DEPROVISIONED"),
    ("00u0000provisioned00", "PROVISIONED"),
    ("00u000000000staged00", "STAGED"),
    ("00u0000000unheardof0", "UNHEARD_OF"),
];
/// The API service app by which the stub of Okta is asked.
pub const OKTA_APP: &str = "0oa4service0app0h7g3";
/// The id of the key of that app.
pub const OKTA_KEY: &str = "DRUFXGF9XbLnS9k-Sla3";

/// An access token of a custom authorization server: `sub` is the login name, `uid` the id (Okta,
/// "OpenID Connect & OAuth 2.0", "Access token payload").
#[must_use]
pub fn okta_access_token(now: i64) -> Value {
    let mut claims = okta_token(now);
    set(&mut claims, "iss", format!("{OKTA_ORG}/oauth2/default").into());
    set(&mut claims, "aud", "api://default".into());
    set(&mut claims, "sub", "ana@example.com".into());
    set(&mut claims, "uid", OKTA_ANA.into());
    set(&mut claims, "cid", "0oaexample".into());
    claims
}

/// The id of the group with that number.
#[must_use]
pub fn okta_group(number: usize) -> String {
    format!("00g{number:017}")
}

/// An org's token endpoint and its management API.
#[derive(Debug)]
pub struct Okta {
    groups: usize,
    mood: Mutex<Mood>,
    now: i64,
}

impl Okta {
    /// An org in which everybody is in so many groups, at this time in seconds since 1970.
    #[must_use]
    pub fn new(groups: usize, mood: Mood, now: i64) -> Self {
        Self { groups, mood: Mutex::new(mood), now }
    }

    /// The answer. Who checks the signature of the statement is the test.
    #[must_use]
    pub fn answer(&self, asked: &Asked<'_>) -> Answered {
        let mood = *lock(&self.mood);
        if asked.url == format!("{OKTA_ORG}/oauth2/v1/token") {
            return okta_grant(asked, mood);
        }
        if asked.authorization != Some("Bearer okta-token") {
            return okta_error(401, "E0000011", "Invalid token provided");
        }
        match mood {
            Mood::Throttled(times, seconds) if times > 0 => {
                *lock(&self.mood) = Mood::Throttled(times - 1, seconds);
                // Okta, "Rate limits": the time of the reset is in seconds since 1970.
                let reset = self.now.saturating_add_unsigned(seconds).to_string();
                let answer = okta_error(429, "E0000047", "API call exceeded rate limit");
                Answered { headers: vec![("x-rate-limit-reset", reset)], ..answer }
            }
            Mood::Failing => okta_error(500, "E0000009", "Internal Server Error"),
            Mood::ConsentRevoked => {
                okta_error(403, "E0000006", "You do not have permission to perform this action")
            }
            // Okta, "Scopes and supported endpoints": what is missing stands in a header.
            Mood::Hidden => Answered::text(403, String::new()),
            Mood::Garbage => Answered::text(200, "<html>".to_owned()),
            _ => self.org(asked.url, mood),
        }
    }

    /// "Retrieve a user", "List all groups for a user", "List all users", "List all groups",
    /// "Retrieve a group".
    fn org(&self, url: &str, mood: Mood) -> Answered {
        let Some(place) = url.strip_prefix(&format!("{OKTA_ORG}/api/v1/")) else {
            return Answered::text(404, "<html>".to_owned());
        };
        let (path, query) = place.split_once('?').unwrap_or((place, ""));
        let none = |kind: &str| okta_error(404, "E0000007", &format!("Not found: {kind}"));
        let user = |(id, status): &(&str, &str)| json!({"id": id, "status": status, "profile": {}});
        let known = |id: &str| OKTA_PEOPLE.iter().find(|(own, _)| *own == id);
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["users"] => Answered::json(200, &json!([user(&OKTA_PEOPLE[0])])),
            ["users", id] => match known(id) {
                Some(person) => Answered::json(200, &user(person)),
                None => none("(User)"),
            },
            ["users", id, "groups"] => match known(id) {
                Some(_) => self.page(&format!("{OKTA_ORG}/api/v1/{path}"), query, mood),
                None => none("(User)"),
            },
            ["groups"] if query == "limit=1" => Answered::json(200, &json!([group(0)])),
            ["groups"] if query == "search=profile.name+eq+%22twin%22" => {
                let mut twins = [group(7), group(8)];
                for twin in &mut twins {
                    set(twin, "profile", json!({"name": "twin"}));
                }
                Answered::json(200, &json!(twins))
            }
            ["groups"] => {
                let own = |n: &usize| query == format!("search=profile.name+eq+%22group+{n}%22");
                Answered::json(200, &(0..self.groups).filter(own).map(group).collect())
            }
            ["groups", id] => match (0..self.groups).find(|n| *id == okta_group(*n)) {
                Some(number) => Answered::json(200, &group(number)),
                None => none("(UserGroup)"),
            },
            _ => okta_error(405, "E0000022", "The endpoint does not support the method"),
        }
    }

    /// Okta, "Link headers": `self` and, unless it is the last page, `next`, each in a header.
    fn page(&self, place: &str, query: &str, mood: Mood) -> Answered {
        let first: usize =
            query.strip_prefix("after=").and_then(|text| text.parse().ok()).unwrap_or(0);
        let last = self.groups.min(first.saturating_add(200));
        let mut headers = vec![("link", format!("<{place}?after={first}>; rel=\"self\""))];
        if last < self.groups {
            let place = match mood {
                Mood::Elsewhere => "https://evil.example/api/v1/users/me/groups",
                _ => place,
            };
            headers.push(("link", format!("<{place}?after={last}>; rel=\"next\"")));
        }
        let answer = Answered::json(200, &(first..last).map(group).collect());
        Answered { headers, ..answer }
    }
}

fn group(number: usize) -> Value {
    json!({"id": okta_group(number), "type": "OKTA_GROUP", "objectClass": ["okta:user_group"],
        "profile": {"name": format!("group {number}"), "description": null}})
}

/// Okta, "Implement OAuth for Okta with a service app", "Get an access token".
fn okta_grant(asked: &Asked<'_>, mood: Mood) -> Answered {
    let form = asked.form.unwrap_or_default();
    let wants = "grant_type=client_credentials&scope=okta.users.read+okta.groups.read&\
         client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&\
         client_assertion=";
    match form.strip_prefix(wants) {
        Some(statement) if mood != Mood::SecretExpired && statement.split('.').count() == 3 => {
            Answered::json(
                200,
                &json!({"token_type": "Bearer", "expires_in": 3600, "access_token": "okta-token",
                    "scope": "okta.users.read okta.groups.read"}),
            )
        }
        _ => {
            let text = "The client_assertion signature is invalid.";
            Answered::json(401, &json!({"error": "invalid_client", "error_description": text}))
        }
    }
}

/// Okta, "Okta error codes".
fn okta_error(status: u16, code: &str, summary: &str) -> Answered {
    let error = json!({"errorCode": code, "errorSummary": summary, "errorLink": code,
        "errorId": "oaeHfmOAx1iRLa0H10DeMz5fQ", "errorCauses": []});
    Answered::json(status, &error)
}
