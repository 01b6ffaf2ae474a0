//! Groups of Google Workspace, from the Directory API: Google's tokens have none.
//!
//! A service account signs a statement of its own and is given a token as an administrator of the
//! domain (Google, "Using OAuth 2.0 for Server to Server Applications", with domain-wide
//! delegation); then `groups.list?userKey=` is asked page by page. Groups within groups are not
//! followed: the Directory API lists what the person is directly in.

use std::collections::BTreeMap;
use std::sync::Arc;

use identity::ops::ToldGroups;
use identity::{ExternalGroup, MemberOf};
use names::Timestamp;
use reqwest::Url;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::GROUPS_LOOKED_UP_MAX;
use super::call::{Asked, Calls, Granted, Quiet, origin};
use super::config::GoogleSettings;
use super::document::{malformed, text};
use super::fault::LookupFault;
use super::people::{Word, all_of, present};
use super::statement::signed;
use crate::egress::{Credential, Form};
use crate::oidc::refusal::excerpt;

/// What our token may do.
const SCOPE: &str = "https://www.googleapis.com/auth/admin.directory.group.readonly";
/// What our other token may do, by which it is asked who is still there. It is another one, so that
/// sign-ins do not need what was granted for that.
const PEOPLE_SCOPE: &str = "https://www.googleapis.com/auth/admin.directory.user.readonly";
const PEOPLE_HELP: &str = "Admin console, Security, API controls, Domain-wide delegation: add \
     https://www.googleapis.com/auth/admin.directory.user.readonly to the service account's client \
     id; the administrator in `administrator` needs a role with the privilege Users, Read";
/// The grant by a signed statement (RFC 7523 §2.1).
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// What is said with 404 of somebody whom the Workspace does not have.
const NOT_FOUND: &str = "notFound";
/// How many groups one page has: the most that is answered.
const PAGE_GROUPS: &str = "200";
/// How long our statement is good: the most that Google takes.
const STATEMENT_SECONDS: i64 = 3600;

/// The Directory API, as an administrator of one Workspace.
pub(super) struct Google {
    pub(super) settings: GoogleSettings,
    pub(super) granted: Granted,
    pub(super) granted_people: Granted,
    pub(super) quiet: Quiet,
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Groups,
    People,
}

impl Google {
    pub(super) fn new(settings: GoogleSettings) -> Self {
        let (granted, granted_people) = (Granted::default(), Granted::default());
        Self { settings, granted, granted_people, quiet: Quiet::default() }
    }

    /// What has become of somebody, with their groups if `wants_groups`: no token has any, so where
    /// no rule asks for groups nothing does (Google, "Method:
    /// users.get", "REST Resource: users").
    pub(super) async fn word(
        &self,
        calls: Calls<'_>,
        id: &str,
        wants_groups: bool,
    ) -> Result<Word, LookupFault> {
        if let Some(absent) = self.absence(calls, id).await? {
            return Ok(absent);
        }
        if !wants_groups {
            return Ok(Word::Here(ToldGroups::Unasked, MemberOf::Untold));
        }
        let groups = self.groups(calls, id).await?;
        let all = all_of(&groups);
        Ok(Word::Here(ToldGroups::Whole(groups), all))
    }

    /// What has become of somebody who is not there, or may not sign in; nothing of who may.
    async fn absence(&self, calls: Calls<'_>, id: &str) -> Result<Option<Word>, LookupFault> {
        let mut url = self.place("users", &[id]);
        url.query_pairs_mut().append_pair("fields", "id,suspended,archived");
        let person = match self.page_of(calls, &url, Of::People).await {
            Err(LookupFault::Refused { status: 404, code, .. }) if code == NOT_FOUND => {
                return Ok(Some(Word::Gone));
            }
            other => other.map_err(worded)?,
        };
        if text(&url, &person, "id")? != id {
            return Err(LookupFault::Subject { origin: origin(&url) });
        }
        let mut barred = false;
        for member in ["suspended", "archived"] {
            barred |= match person.get(member) {
                None => false,
                Some(Value::Bool(so)) => *so,
                Some(_) => return Err(malformed(&url, member)),
            };
        }
        Ok(barred.then_some(Word::Barred))
    }

    /// Every group of whoever signs in, if they are there and may.
    pub(super) async fn signing_in(
        &self,
        calls: Calls<'_>,
        subject: &str,
    ) -> Result<Vec<ExternalGroup>, LookupFault> {
        present(self.absence(calls, subject).await)?;
        self.groups(calls, subject).await
    }

    /// Whether people can be asked about at all, in words.
    pub(super) async fn examine(&self, calls: Calls<'_>) -> Result<String, LookupFault> {
        let mut url = self.place("users", &[]);
        url.query_pairs_mut()
            .append_pair("customer", "my_customer")
            .append_pair("maxResults", "1")
            .append_pair("fields", "users(id)");
        self.page_of(calls, &url, Of::People).await.map_err(worded)?;
        Ok(format!("people of the Workspace of {} can be read", self.settings.administrator))
    }

    /// Every group that the person is directly in.
    async fn groups(
        &self,
        calls: Calls<'_>,
        subject: &str,
    ) -> Result<Vec<ExternalGroup>, LookupFault> {
        let mut found: Vec<ExternalGroup> = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut url = self.place("groups", &[]);
            url.query_pairs_mut()
                .append_pair("userKey", subject)
                .append_pair("maxResults", PAGE_GROUPS);
            if let Some(token) = &token {
                url.query_pairs_mut().append_pair("pageToken", token);
            }
            let page = self.page(calls, &url).await?;
            found.extend(groups(&url, &page)?);
            if found.len() > GROUPS_LOOKED_UP_MAX {
                return Err(LookupFault::TooMany { max: GROUPS_LOOKED_UP_MAX });
            }
            token = match page.get("nextPageToken") {
                None => return Ok(found),
                Some(Value::String(next)) if !next.is_empty() && token.as_ref() != Some(next) => {
                    Some(next.clone())
                }
                Some(_) => return Err(malformed(&url, "nextPageToken")),
            };
        }
    }

    /// The ids of the groups of these addresses, or ids.
    pub(super) async fn ids(
        &self,
        calls: Calls<'_>,
        names: &[String],
    ) -> Result<BTreeMap<String, String>, LookupFault> {
        let mut ids = BTreeMap::new();
        for name in names {
            let url = self.place("groups", &[name]);
            match self.page(calls, &url).await {
                Ok(group) => ids.insert(name.clone(), text(&url, &group, "id")?.to_owned()),
                Err(LookupFault::Refused { status: 404, .. }) => None,
                Err(fault) => return Err(fault),
            };
        }
        Ok(ids)
    }

    async fn page(&self, calls: Calls<'_>, url: &Url) -> Result<Map<String, Value>, LookupFault> {
        self.page_of(calls, url, Of::Groups).await
    }

    async fn page_of(
        &self,
        calls: Calls<'_>,
        url: &Url,
        of: Of,
    ) -> Result<Map<String, Value>, LookupFault> {
        let granted = self.granted(of);
        if let Some(token) = granted.held(calls.clock.monotonic()) {
            match calls.object(&Asked::page(url, &token), &self.quiet).await {
                Err(LookupFault::Refused { status: 401, .. }) => granted.forget(),
                outcome => return outcome,
            }
        }
        let token = self.grant(calls, of).await?;
        calls.object(&Asked::page(url, &token), &self.quiet).await
    }

    fn granted(&self, of: Of) -> &Granted {
        match of {
            Of::Groups => &self.granted,
            Of::People => &self.granted_people,
        }
    }

    async fn grant(&self, calls: Calls<'_>, of: Of) -> Result<Arc<Credential>, LookupFault> {
        let url = &self.settings.token;
        let scope = if of == Of::Groups { SCOPE } else { PEOPLE_SCOPE };
        let statement = self.statement(calls.clock.now(), scope)?;
        let form = Form::new(&[("grant_type", JWT_BEARER), ("assertion", &statement)]);
        let answer = calls.object(&Asked::grant(url, &form, None), &self.quiet).await?;
        self.granted(of).take(url, &answer, calls.clock.monotonic())
    }

    /// What the service account says of itself: for the configured address alone, whatever its
    /// file says (a statement for another server would be that server's to use here).
    fn statement(&self, now: Timestamp, scope: &str) -> Result<Zeroizing<String>, LookupFault> {
        let own = &self.settings;
        let claims = json!({
            "iss": own.client_email, "sub": own.administrator, "scope": scope,
            "aud": own.token.as_str(), "iat": now.seconds(),
            "exp": now.seconds().saturating_add(STATEMENT_SECONDS),
        });
        signed(&own.key_id, &own.key, &claims)
    }

    fn place(&self, what: &str, segments: &[&str]) -> Url {
        let mut url = self.settings.directory.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["admin", "directory", "v1", what]).extend(segments);
        }
        url
    }
}

/// A refusal with what to do about it.
fn worded(fault: LookupFault) -> LookupFault {
    match fault {
        LookupFault::Refused { origin, status, code }
            if ["forbidden", "unauthorized_client"].contains(&code.as_str()) =>
        {
            LookupFault::Mend { origin, status, code, help: PEOPLE_HELP }
        }
        other => other,
    }
}

/// The groups of a page; without the member there are none ("Groups: list").
fn groups(url: &Url, page: &Map<String, Value>) -> Result<Vec<ExternalGroup>, LookupFault> {
    let list = match page.get("groups") {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(malformed(url, "groups")),
    };
    let group = |item: &Value| {
        let item = item.as_object().ok_or_else(|| malformed(url, "groups"))?;
        let name = Some(excerpt(text(url, item, "email")?));
        Ok(ExternalGroup { id: text(url, item, "id")?.to_owned(), name })
    };
    list.iter().map(group).collect()
}
