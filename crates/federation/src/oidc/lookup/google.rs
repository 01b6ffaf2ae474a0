//! Groups of Google Workspace, from the Directory API: Google's tokens have none.
//!
//! A service account signs a statement of its own and is given a token as an administrator of the
//! domain (Google, "Using OAuth 2.0 for Server to Server Applications", with domain-wide
//! delegation); then `groups.list?userKey=` is asked page by page. Groups within groups are not
//! followed: the Directory API lists what the person is directly in.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::ExternalGroup;
use names::Timestamp;
use reqwest::Url;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::GROUPS_LOOKED_UP_MAX;
use super::call::{Asked, Calls, Granted, Quiet, origin};
use super::config::GoogleSettings;
use super::fault::LookupFault;
use crate::egress::{Credential, Form};
use crate::oidc::refusal::{DocumentFault, excerpt};

/// What our token may do.
const SCOPE: &str = "https://www.googleapis.com/auth/admin.directory.group.readonly";
/// The grant by a signed statement (RFC 7523 §2.1).
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How many groups one page has: the most that is answered.
const PAGE_GROUPS: &str = "200";
/// How long our statement is good: the most that Google takes.
const STATEMENT_SECONDS: i64 = 3600;

/// The Directory API, as an administrator of one Workspace.
pub(super) struct Google {
    pub(super) settings: GoogleSettings,
    pub(super) granted: Granted,
    pub(super) quiet: Quiet,
}

impl Google {
    pub(super) fn new(settings: GoogleSettings) -> Self {
        Self { settings, granted: Granted::default(), quiet: Quiet::default() }
    }

    /// Every group that the person is directly in.
    pub(super) async fn groups(
        &self,
        calls: Calls<'_>,
        subject: &str,
    ) -> Result<Vec<ExternalGroup>, LookupFault> {
        let mut found: Vec<ExternalGroup> = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut url = self.place(&[]);
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
            let url = self.place(&[name]);
            match self.page(calls, &url).await {
                Ok(group) => ids.insert(name.clone(), text(&url, &group, "id")?.to_owned()),
                Err(LookupFault::Refused { status: 404, .. }) => None,
                Err(fault) => return Err(fault),
            };
        }
        Ok(ids)
    }

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

    async fn grant(&self, calls: Calls<'_>) -> Result<Arc<Credential>, LookupFault> {
        let url = &self.settings.token;
        let statement = self.statement(calls.clock.now())?;
        let form = Form::new(&[("grant_type", JWT_BEARER), ("assertion", &statement)]);
        let answer = calls.object(&Asked::grant(url, &form, None), &self.quiet).await?;
        self.granted.take(url, &answer, calls.clock.monotonic())
    }

    /// What the service account says of itself: for the configured address alone, whatever its
    /// file says (a statement for another server would be that server's to use here).
    fn statement(&self, now: Timestamp) -> Result<Zeroizing<String>, LookupFault> {
        let own = &self.settings;
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": own.key_id});
        let claims = json!({
            "iss": own.client_email, "sub": own.administrator, "scope": SCOPE,
            "aud": own.token.as_str(), "iat": now.seconds(),
            "exp": now.seconds().saturating_add(STATEMENT_SECONDS),
        });
        let coded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", coded(&header), coded(&claims));
        let bad = |cause| LookupFault::Credential { cause };
        let key = KeyPair::from_pkcs8(own.key.expose());
        let key = key.map_err(|_| bad("the service account's key is no RSA key"))?;
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature)
            .map_err(|_| bad("the service account's key does not sign"))?;
        Ok(Zeroizing::new(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }

    fn place(&self, segments: &[&str]) -> Url {
        let mut url = self.settings.directory.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["admin", "directory", "v1", "groups"]).extend(segments);
        }
        url
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

fn text<'a>(
    url: &Url,
    item: &'a Map<String, Value>,
    member: &'static str,
) -> Result<&'a str, LookupFault> {
    let text = item.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or_else(|| malformed(url, member))
}

fn malformed(url: &Url, member: &'static str) -> LookupFault {
    LookupFault::Document { origin: origin(url), cause: DocumentFault::Member(member) }
}
