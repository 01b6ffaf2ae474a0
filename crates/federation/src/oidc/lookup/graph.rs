//! Groups of Microsoft Entra that a token does not list, from Microsoft Graph.
//!
//! Whoever has more than 200 groups has a token that says only that there are more. Where it says
//! to ask is never followed: the person is the verified claim `oid`, the place is the operator's.
//! (Microsoft, "Configure group claims for applications"; Microsoft Graph, "List a user's
//! memberships (direct and transitive)", "Microsoft Graph throttling guidance".)

use std::collections::BTreeMap;

use identity::ops::ToldGroups;
use identity::{ExternalGroup, GroupIds, MemberOf};
use reqwest::Url;
use serde_json::{Map, Value};

use super::GROUPS_LOOKED_UP_MAX;
use super::call::{Asked, Calls, Granted, Quiet, origin};
use super::config::GraphSettings;
use super::document::malformed;
use super::fault::LookupFault;
use super::people::{Word, present, unless_forbidden};
use crate::egress::{Credential, Form};
use crate::oidc::refusal::excerpt;

/// How many groups one page has: the most that is answered.
const PAGE_GROUPS: &str = "999";

/// What Graph says with 404 of somebody whom the tenant does not have.
const NO_USER: &str = "Request_ResourceNotFound";
/// What it says where a permission is missing.
const DENIED: &str = "Authorization_RequestDenied";
const PEOPLE_HELP: &str = "API permissions of the app registration: add the application permission \
     User.Read.All of Microsoft Graph (Application.Read.All too where applications sign in), and \
     grant admin consent";

/// Microsoft Graph, as one application of one tenant.
pub(super) struct Graph {
    pub(super) settings: GraphSettings,
    pub(super) granted: Granted,
    pub(super) quiet: Quiet,
}

/// Every group of somebody: those that rules may see, and all of them by ids, which are the same
/// ones whatever the settings let rules see.
pub(super) struct Groups {
    pub(super) counted: Vec<ExternalGroup>,
    pub(super) all: MemberOf,
}

/// What a token that lists groups by Entra's ids says of them: perhaps not all, since an
/// application can be given those alone that are assigned to it. What it lists by names says
/// nothing.
pub(super) fn listed(claims: &Map<String, Value>, claim: &str) -> MemberOf {
    let texts = match claims.get(claim) {
        Some(Value::Array(list)) => list.as_slice(),
        _ => &[],
    };
    let ids = texts.iter().filter_map(Value::as_str).filter(|text| is_guid(text));
    let ids: Vec<String> = ids.map(str::to_ascii_lowercase).collect();
    match ids.is_empty() {
        true => MemberOf::Untold,
        false => MemberOf::Listed(GroupIds::of(ids.iter().map(String::as_str))),
    }
}

impl Graph {
    pub(super) fn new(settings: GraphSettings) -> Self {
        Self { settings, granted: Granted::default(), quiet: Quiet::default() }
    }

    /// By what Graph knows whom the claims speak of: a path of two segments, which no renaming
    /// changes.
    pub(super) fn known_as(&self, claims: &Map<String, Value>) -> Result<String, LookupFault> {
        if claims.get("tid").and_then(Value::as_str) != Some(self.settings.tenant.as_str()) {
            return Err(LookupFault::Person { claim: "tid" });
        }
        let oid = claims.get("oid").and_then(Value::as_str).filter(|oid| is_guid(oid));
        let oid = oid.ok_or(LookupFault::Person { claim: "oid" })?;
        // An application that signs in as itself is no user ("Access token claims reference").
        let kind = if claims.get("idtyp").is_some_and(|kind| kind == "app") {
            "servicePrincipals"
        } else {
            "users"
        };
        Ok(format!("{kind}/{oid}"))
    }

    /// Every group that the person who signs in is in, at whatever depth, if they are there and
    /// may.
    pub(super) async fn groups(
        &self,
        calls: Calls<'_>,
        claims: &Map<String, Value>,
    ) -> Result<Groups, LookupFault> {
        let whom = self.known_as(claims)?;
        present(self.absence(calls, &whom).await)?;
        self.groups_of(calls, &whom, self.settings.security_groups_only).await
    }

    /// What has become of somebody, with all their groups; what rules see, if `wants_groups`, is
    /// exactly what a sign-in would give where each asks, else all that a token could list.
    pub(super) async fn word(
        &self,
        calls: Calls<'_>,
        whom: &str,
        wants_groups: bool,
    ) -> Result<Word, LookupFault> {
        if let Some(absent) = self.absence(calls, whom).await? {
            return Ok(absent);
        }
        let exactly = wants_groups && self.settings.always;
        let counted = exactly && self.settings.security_groups_only;
        let told = self.groups_of(calls, whom, counted).await;
        let Some(told) = unless_forbidden(told, wants_groups)? else {
            return Ok(Word::Here(ToldGroups::Unasked, MemberOf::Untold));
        };
        let groups = match (wants_groups, exactly) {
            (false, _) => ToldGroups::Unasked,
            (true, true) => ToldGroups::Whole(told.counted),
            (true, false) => ToldGroups::AtMost(told.counted),
        };
        Ok(Word::Here(groups, told.all))
    }

    /// What has become of somebody who is not there, or may not sign in; nothing of who may.
    async fn absence(&self, calls: Calls<'_>, whom: &str) -> Result<Option<Word>, LookupFault> {
        let mut url = self.place(&["v1.0"]);
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(whom.split('/'));
        }
        url.query_pairs_mut().append_pair("$select", "id,accountEnabled");
        let person = match self.page(calls, &url).await {
            Err(LookupFault::Refused { status: 404, code, .. }) if code == NO_USER => {
                return Ok(Some(Word::Gone));
            }
            other => other.map_err(worded)?,
        };
        if whom.rsplit('/').next().map(str::to_ascii_lowercase) != Some(id(&url, &person)?) {
            return Err(LookupFault::Subject { origin: origin(&url) });
        }
        Ok((!enabled(&url, &person)?).then_some(Word::Barred))
    }

    /// Whether people can be asked about at all, in words.
    pub(super) async fn examine(&self, calls: Calls<'_>) -> Result<String, LookupFault> {
        let mut url = self.place(&["v1.0", "users"]);
        url.query_pairs_mut().append_pair("$select", "id,accountEnabled").append_pair("$top", "1");
        let page = self.page(calls, &url).await.map_err(worded)?;
        for person in items(&url, &page)? {
            enabled(&url, person)?;
        }
        Ok(format!("people of the tenant {} can be read", self.settings.tenant))
    }

    async fn groups_of(
        &self,
        calls: Calls<'_>,
        whom: &str,
        security_groups_only: bool,
    ) -> Result<Groups, LookupFault> {
        let mut url = self.place(&["v1.0"]);
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(whom.split('/')).push("transitiveMemberOf");
        }
        url.query_pairs_mut()
            .append_pair("$select", "id,displayName,securityEnabled")
            .append_pair("$top", PAGE_GROUPS);
        let (mut counted, mut all) = (Vec::new(), Vec::new());
        loop {
            let page = self.page(calls, &url).await?;
            for member in items(&url, &page)?.into_iter().filter(|one| is_group(one)) {
                all.push(id(&url, member)?);
                if counts(&url, member, security_groups_only)? {
                    let name = member.get("displayName").and_then(Value::as_str).map(excerpt);
                    counted.push(ExternalGroup { id: id(&url, member)?, name });
                }
                if all.len() > GROUPS_LOOKED_UP_MAX {
                    return Err(LookupFault::TooMany { max: GROUPS_LOOKED_UP_MAX });
                }
            }
            match self.next(&url, &page)? {
                Some(next) => url = next,
                None => {
                    let all = GroupIds::of(all.iter().map(String::as_str));
                    return Ok(Groups { counted, all: MemberOf::Whole(all) });
                }
            }
        }
    }

    /// The ids of the groups of these names, or ids. A name that several groups have is refused.
    pub(super) async fn ids(
        &self,
        calls: Calls<'_>,
        names: &[String],
    ) -> Result<BTreeMap<String, String>, LookupFault> {
        let mut ids = BTreeMap::new();
        for name in names {
            if is_guid(name) {
                let mut url = self.place(&["v1.0", "groups", name]);
                url.query_pairs_mut().append_pair("$select", "id");
                match self.page(calls, &url).await {
                    Ok(_) => ids.insert(name.clone(), name.to_ascii_lowercase()),
                    Err(LookupFault::Refused { status: 404, .. }) => None,
                    Err(fault) => return Err(fault),
                };
                continue;
            }
            let mut url = self.place(&["v1.0", "groups"]);
            // A quote within a text is doubled (OData 4.01, URL conventions §5.1.1.14.1).
            let filter = format!("displayName eq '{}'", name.replace('\'', "''"));
            url.query_pairs_mut()
                .append_pair("$filter", &filter)
                .append_pair("$select", "id,displayName");
            let page = self.page(calls, &url).await?;
            // Graph compares without case; rules do not.
            let same = |item: &&Map<String, Value>| {
                item.get("displayName").and_then(Value::as_str) == Some(name)
            };
            let list = items(&url, &page)?;
            let mut same = list.into_iter().filter(same);
            let first = same.next();
            if same.next().is_some() {
                return Err(LookupFault::Ambiguous { name: excerpt(name) });
            }
            if let Some(group) = first {
                ids.insert(name.clone(), id(&url, group)?);
            }
        }
        Ok(ids)
    }

    /// Where the next page is, which must be where this one was.
    fn next(&self, url: &Url, page: &Map<String, Value>) -> Result<Option<Url>, LookupFault> {
        let elsewhere = || LookupFault::Elsewhere { origin: origin(url) };
        match page.get("@odata.nextLink") {
            None => Ok(None),
            Some(Value::String(link)) => {
                let next: Url = link.parse().map_err(|_| elsewhere())?;
                let same =
                    next.origin() == self.settings.graph.origin() && next.path() == url.path();
                if same && next != *url { Ok(Some(next)) } else { Err(elsewhere()) }
            }
            Some(_) => Err(elsewhere()),
        }
    }

    /// A page, as our application. A token that is not taken any more is replaced once.
    async fn page(&self, calls: Calls<'_>, url: &Url) -> Result<Map<String, Value>, LookupFault> {
        let held = self.granted.held(calls.clock.monotonic());
        if let Some(token) = held {
            match calls.object(&Asked::page(url, &token), &self.quiet).await {
                Err(LookupFault::Refused { status: 401, .. }) => self.granted.forget(),
                outcome => return outcome,
            }
        }
        let token = self.grant(calls).await?;
        calls.object(&Asked::page(url, &token), &self.quiet).await
    }

    /// A token by the client credentials grant (Microsoft, "OAuth 2.0 client credentials flow").
    async fn grant(&self, calls: Calls<'_>) -> Result<std::sync::Arc<Credential>, LookupFault> {
        let cause = "the client secret is not text";
        let secret = std::str::from_utf8(self.settings.client_secret.expose());
        let secret = secret.map_err(|_| LookupFault::Credential { cause })?;
        let scope = format!("{}/.default", origin(&self.settings.graph));
        let form = Form::new(&[
            ("client_id", &self.settings.client_id),
            ("client_secret", secret),
            ("scope", &scope),
            ("grant_type", "client_credentials"),
        ]);
        let mut url = self.settings.login.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend([&self.settings.tenant, "oauth2", "v2.0", "token"]);
        }
        let answer = calls.object(&Asked::grant(&url, &form, None), &self.quiet).await?;
        self.granted.take(&url, &answer, calls.clock.monotonic())
    }

    fn place(&self, segments: &[&str]) -> Url {
        let mut url = self.settings.graph.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

/// Whether what a page lists is a group, which directory roles and administrative units are not.
fn is_group(member: &Map<String, Value>) -> bool {
    member.get("@odata.type").and_then(Value::as_str) == Some("#microsoft.graph.group")
}

/// Whether a group would stand in a token.
fn counts(
    url: &Url,
    group: &Map<String, Value>,
    security_groups_only: bool,
) -> Result<bool, LookupFault> {
    match group.get("securityEnabled") {
        _ if !security_groups_only => Ok(true),
        Some(Value::Bool(is)) => Ok(*is),
        _ => Err(LookupFault::Hidden { origin: origin(url) }),
    }
}

/// Whether an account may sign in (Microsoft Graph, "user resource type": `accountEnabled`).
fn enabled(url: &Url, person: &Map<String, Value>) -> Result<bool, LookupFault> {
    let enabled = person.get("accountEnabled").and_then(Value::as_bool);
    enabled.ok_or_else(|| LookupFault::Mend {
        origin: origin(url),
        status: 200,
        code: "no accountEnabled".to_owned(),
        help: PEOPLE_HELP,
    })
}

/// A refusal with what to do about it.
fn worded(fault: LookupFault) -> LookupFault {
    match fault {
        LookupFault::Refused { origin, status, code } if code == DENIED => {
            LookupFault::Mend { origin, status, code, help: PEOPLE_HELP }
        }
        other => other,
    }
}

/// The items of a page.
fn items<'a>(
    url: &Url,
    page: &'a Map<String, Value>,
) -> Result<Vec<&'a Map<String, Value>>, LookupFault> {
    let bad = || malformed(url, "value");
    let list = page.get("value").and_then(Value::as_array).ok_or_else(bad)?;
    list.iter().map(|item| item.as_object().ok_or_else(bad)).collect()
}

fn id(url: &Url, member: &Map<String, Value>) -> Result<String, LookupFault> {
    let id = member.get("id").and_then(Value::as_str).filter(|id| is_guid(id));
    id.map(str::to_ascii_lowercase).ok_or_else(|| malformed(url, "id"))
}

/// Whether a text is an object's id: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(crate) fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
