//! People of an Okta org, from its management API: whether somebody is there and may sign in, and
//! their groups with ids that do not change.
//!
//! An API service app asks, by a statement that it signs (Okta, "Implement OAuth for Okta with a
//! service app"; "Client authentication methods", "JWT with private key"); then `GET
//! /api/v1/users/{id}` and `…/groups` ("Users", "User Resources", "Groups", "Link headers").

use std::collections::BTreeMap;
use std::sync::Arc;

use identity::ops::ToldGroups;
use identity::{ExternalGroup, MemberOf, OidcProvider};
use names::Timestamp;
use reqwest::Url;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::GROUPS_LOOKED_UP_MAX;
use super::call::{Asked, Calls, Granted, Page, Quiet, origin};
use super::config::OktaSettings;
use super::document::{list, malformed, object, text};
use super::fault::{LookupFault, UID};
use super::link::next;
use super::people::{Word, all_of, unless_forbidden};
use super::statement::signed;
use crate::egress::{Credential, Form};
use crate::oidc::refusal::excerpt;

/// The claim by which Okta's tokens list groups: what every page of it names.
const GROUPS: &str = "groups";
/// What our token may do.
const SCOPES: &str = "okta.users.read okta.groups.read";
/// The kind of statement by which a client shows who it is (RFC 7523 §2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long our statement is good; Okta takes an hour at most.
const STATEMENT_SECONDS: i64 = 300;
/// What is said with 404 of what the org does not have ("Okta error codes"); a 404 in other words
/// is no answer about anybody (a path that is not there, a proxy in between).
const NOT_FOUND: &str = "E0000007";
/// How long every id of Okta is, and how those of people and of groups begin.
const ID_LETTERS: usize = 20;
const PERSON: &str = "00u";
const GROUP: &str = "00g";

const SCOPES_HELP: &str = "Applications, the API service app, Okta API Scopes: grant \
     okta.users.read and okta.groups.read; Admin roles: assign Read-only Administrator, or a role \
     that may view users and groups, of all people and groups";

/// What each refusal of a token means, and what to do, in Okta's own words.
const HELP: [(&str, &str); 5] = [
    (
        "invalid_client",
        "Applications, the API service app, General: the Client ID is `client_id`, the client \
         authentication is Public key / Private key, and the active key with the KID in `key_id` \
         is that of `private_key_file`; the server's clock is right",
    ),
    (
        "invalid_dpop_proof",
        "Applications, the API service app, General Settings: clear Require Demonstrating Proof of \
         Possession (DPoP) header in token requests",
    ),
    ("invalid_scope", SCOPES_HELP),
    ("consent_required", SCOPES_HELP),
    ("access_denied", SCOPES_HELP),
];

/// The management API, as one service app of one org.
pub(super) struct Okta {
    pub(super) settings: OktaSettings,
    pub(super) granted: Granted,
    pub(super) quiet: Quiet,
}

impl Okta {
    pub(super) fn new(settings: OktaSettings) -> Self {
        Self { settings, granted: Granted::default(), quiet: Quiet::default() }
    }

    /// What has become of whom the claims of a sign-in speak of.
    pub(super) async fn signing_in(
        &self,
        calls: Calls<'_>,
        provider: &OidcProvider,
        claims: &Map<String, Value>,
    ) -> Result<Word, LookupFault> {
        self.word(calls, provider, &known_as(claims)?, true).await
    }

    /// What has become of somebody, with all their groups; rules see them if `wants_groups`.
    pub(super) async fn word(
        &self,
        calls: Calls<'_>,
        provider: &OidcProvider,
        id: &str,
        wants_groups: bool,
    ) -> Result<Word, LookupFault> {
        let url = self.place(&["users", id]);
        let person = match self.page(calls, &url).await {
            Err(LookupFault::Refused { status: 404, code, .. }) if code == NOT_FOUND => {
                return Ok(Word::Gone);
            }
            other => object(&url, other.map_err(worded)?.value)?,
        };
        // The path takes login names too: only the id that was asked for is an answer.
        if text(&url, &person, "id")? != id {
            return Err(LookupFault::Subject { origin: origin(&url) });
        }
        if !may_sign_in(&url, &person)? {
            return Ok(Word::Barred);
        }
        let needed = wants_groups && lists_groups(provider);
        let url = self.place(&["users", id, "groups"]);
        let listed = self.listed(calls, url.clone()).await.map_err(worded);
        let Some(listed) = unless_forbidden(listed, needed)? else {
            return Ok(Word::Here(ToldGroups::Unasked, MemberOf::Untold));
        };
        let groups: Vec<_> =
            listed.iter().map(|item| group(&url, item)).collect::<Result<_, _>>()?;
        let all = all_of(&groups);
        let told = if needed { ToldGroups::Whole(groups) } else { ToldGroups::Unasked };
        Ok(Word::Here(told, all))
    }

    /// The ids of the groups of these names, or ids. A name that several groups have is refused.
    pub(super) async fn ids(
        &self,
        calls: Calls<'_>,
        names: &[String],
    ) -> Result<BTreeMap<String, String>, LookupFault> {
        let mut ids = BTreeMap::new();
        for name in names {
            if let Some(id) = self.id(calls, name).await.map_err(worded)? {
                ids.insert(name.clone(), id);
            }
        }
        Ok(ids)
    }

    async fn id(&self, calls: Calls<'_>, name: &str) -> Result<Option<String>, LookupFault> {
        if is_id(name, GROUP) {
            let url = self.place(&["groups", name]);
            return match self.page(calls, &url).await {
                Ok(page) => Ok(Some(text(&url, &object(&url, page.value)?, "id")?.to_owned())),
                Err(LookupFault::Refused { status: 404, code, .. }) if code == NOT_FOUND => {
                    Ok(None)
                }
                Err(fault) => Err(fault),
            };
        }
        // "List all groups": `search`, whose texts quote as those of SCIM (RFC 7644 §3.4.2.2).
        let mut url = self.place(&["groups"]);
        let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
        url.query_pairs_mut().append_pair("search", &format!("profile.name eq \"{quoted}\""));
        // A search is not told apart by case; rules are.
        let mut id = None;
        for item in self.listed(calls, url.clone()).await? {
            if called(&url, &item)? == name
                && id.replace(text(&url, &item, "id")?.to_owned()).is_some()
            {
                return Err(LookupFault::Ambiguous { name: excerpt(name) });
            }
        }
        Ok(id)
    }

    /// Every group of a list, page by page.
    async fn listed(
        &self,
        calls: Calls<'_>,
        mut url: Url,
    ) -> Result<Vec<Map<String, Value>>, LookupFault> {
        let mut found = Vec::new();
        loop {
            let Page { value, links } = self.page(calls, &url).await?;
            found.extend(list(&url, value)?);
            if found.len() > GROUPS_LOOKED_UP_MAX {
                return Err(LookupFault::TooMany { max: GROUPS_LOOKED_UP_MAX });
            }
            let cause = |cause| LookupFault::Document { origin: origin(&url), cause };
            match next(&links).map_err(cause)? {
                None => return Ok(found),
                Some(link) => url = self.beside(&url, link)?,
            }
        }
    }

    /// The next page, which must be where this one was: our token goes nowhere else.
    fn beside(&self, url: &Url, link: &str) -> Result<Url, LookupFault> {
        let same = |next: &Url| {
            next.origin() == self.settings.org.origin() && next.path() == url.path() && next != url
        };
        let next = link.parse().ok().filter(same);
        next.ok_or_else(|| LookupFault::Elsewhere { origin: origin(url) })
    }

    /// Whether people can be asked about at all, in words.
    pub(super) async fn examine(&self, calls: Calls<'_>) -> Result<String, LookupFault> {
        for what in ["users", "groups"] {
            let mut url = self.place(&[what]);
            url.query_pairs_mut().append_pair("limit", "1");
            let page = self.page(calls, &url).await.map_err(worded)?;
            list(&url, page.value)?;
        }
        Ok(format!("people and groups of {} can be read", origin(&self.settings.org)))
    }

    /// An answer, as our app. A token that is not taken any more is replaced once.
    async fn page(&self, calls: Calls<'_>, url: &Url) -> Result<Page, LookupFault> {
        if let Some(token) = self.granted.held(calls.clock.monotonic()) {
            match calls.page(&Asked::page(url, &token), &self.quiet).await {
                Err(LookupFault::Refused { status: 401, .. }) => self.granted.forget(),
                outcome => return outcome,
            }
        }
        let token = self.grant(calls).await?;
        calls.page(&Asked::page(url, &token), &self.quiet).await
    }

    /// A token by the client credentials grant, whose client shows a signed statement.
    async fn grant(&self, calls: Calls<'_>) -> Result<Arc<Credential>, LookupFault> {
        let url = &self.settings.token;
        let statement = self.statement(calls.clock.now())?;
        let form = Form::new(&[
            ("grant_type", "client_credentials"),
            ("scope", SCOPES),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &statement),
        ]);
        let answer = calls.object(&Asked::grant(url, &form, None), &self.quiet).await?;
        self.granted.take(url, &answer, calls.clock.monotonic())
    }

    /// What the app says of itself, for the token endpoint alone.
    fn statement(&self, now: Timestamp) -> Result<Zeroizing<String>, LookupFault> {
        let own = &self.settings;
        let claims = json!({
            "iss": own.client_id, "sub": own.client_id, "aud": own.token.as_str(),
            "iat": now.seconds(), "exp": now.seconds().saturating_add(STATEMENT_SECONDS),
        });
        signed(&own.key_id, &own.key, &claims)
    }

    fn place(&self, segments: &[&str]) -> Url {
        let mut url = self.settings.org.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v1"]).extend(segments);
        }
        url
    }
}

/// By what the API knows whom the claims speak of: `uid` of access tokens, else `sub`, which is a
/// login name in access tokens of a custom authorization server and the id in ID tokens (Okta,
/// "OpenID Connect & OAuth 2.0", "Access token payload", "ID token payload"). A login name can be
/// given to somebody else, so it is nobody's id.
pub(super) fn known_as(claims: &Map<String, Value>) -> Result<String, LookupFault> {
    let bad = LookupFault::Person { claim: UID };
    let id = |claim: &str| claims.get(claim).and_then(Value::as_str).filter(|id| is_person(id));
    match (claims.get(UID), id(UID), id("sub")) {
        (Some(_), Some(uid), Some(sub)) if uid != sub => Err(bad),
        (Some(_), Some(own), _) | (None, _, Some(own)) => Ok(own.to_owned()),
        (Some(_), None, _) | (None, _, None) => Err(bad),
    }
}

/// Whether a text is a person's id.
pub(super) fn is_person(text: &str) -> bool {
    is_id(text, PERSON)
}

fn is_id(text: &str, kind: &str) -> bool {
    text.len() == ID_LETTERS
        && text.starts_with(kind)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether the groups of a provider are those of the org: a claim of another name may list others,
/// and is left as it is.
pub(super) fn lists_groups(provider: &OidcProvider) -> bool {
    provider.claims.groups.as_deref() == Some(GROUPS)
}

/// Whether an account is open (Okta, "User account status", of the help center; "Users", "User
/// status"). A password that has run out, or is being replaced, does not close one: its owner sets
/// another and is in, and anybody can ask for a reset in another's name. Closed are accounts that
/// an administrator has suspended or deactivated; that were locked, since somebody may have guessed
/// (whoever can lock somebody out there ends their sessions here); and that are not activated,
/// which whoever signed in once has only after a deactivation. A status that is not documented is
/// no answer.
fn may_sign_in(url: &Url, person: &Map<String, Value>) -> Result<bool, LookupFault> {
    match text(url, person, "status")? {
        "ACTIVE" | "PASSWORD_EXPIRED" | "RECOVERY" => Ok(true),
        "DEPROVISIONED" | "LOCKED_OUT" | "PROVISIONED" | "STAGED" | "SUSPENDED" => Ok(false),
        _ => Err(malformed(url, "status")),
    }
}

fn group(url: &Url, item: &Map<String, Value>) -> Result<ExternalGroup, LookupFault> {
    let name = Some(excerpt(called(url, item)?));
    Ok(ExternalGroup { id: text(url, item, "id")?.to_owned(), name })
}

/// What a group is called.
fn called<'a>(url: &Url, item: &'a Map<String, Value>) -> Result<&'a str, LookupFault> {
    let profile = item.get("profile").and_then(Value::as_object);
    text(url, profile.ok_or_else(|| malformed(url, "profile"))?, "name")
}

/// A refusal with what to do about it. Who lacks a scope is refused without a code, who lacks a
/// role with E0000006.
fn worded(fault: LookupFault) -> LookupFault {
    let LookupFault::Refused { origin, status, code } = fault else { return fault };
    let known = HELP.iter().find(|(known, _)| code == *known).map(|(_, help)| *help);
    match known.or((status == 403).then_some(SCOPES_HELP)) {
        Some(help) => LookupFault::Mend { origin, status, code, help },
        None => LookupFault::Refused { origin, status, code },
    }
}
