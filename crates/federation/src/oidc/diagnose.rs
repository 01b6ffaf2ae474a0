//! Why a token does or does not hold, every step of it: what `strongroom idp check` prints.
//!
//! It walks the functions of `verify` without stopping, so what it says is what a login does. The
//! signature's bytes are never repeated: with them, a report would be a credential.

use std::sync::Arc;

use identity::{ExternalIdentity, IssuerUrl};
use names::{Arn, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use super::claims::{LookedUp, external_identity, find, groups, texts};
use super::config::Accepted;
use super::keys::KeySet;
use super::refusal::{OidcError, Part, excerpt};
use super::verify::{self, LEEWAY_SECONDS};
use super::words::Words;

/// How many groups are told by name.
const GROUPS_SHOWN_MAX: usize = 100;

/// Answers with the keys of an issuer, the failure to get them, or `None` if nobody asked for them.
pub type KeysOf<'a> = &'a dyn Fn(&IssuerUrl) -> Option<Result<Arc<KeySet>, OidcError>>;

/// What a login with a token says.
pub type Login = Result<ExternalIdentity, OidcError>;

/// How one check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It holds, but is probably not what is wanted.
    Warning,
    /// It does not hold: the token is refused.
    Fail,
    /// It could not be made, because an earlier one failed.
    Skipped,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was checked.
    pub check: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// What would pass.
    pub expected: String,
    /// What the token has, or why that fails.
    pub actual: String,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// What there is to say about a token.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// The provider that was chosen by the token's issuer.
    pub provider: Option<Arn>,
    /// The header as the token carries it, **unverified** unless [`Diagnosis::identity`] is there.
    pub unverified_header: Option<Map<String, Value>>,
    /// The claims as the token carries them; as unverified as the header.
    pub unverified_claims: Option<Map<String, Value>>,
    /// Every check, in the order in which a login makes them.
    pub findings: Vec<Finding>,
    /// Who signed in, if a login with this token would succeed: what mapping rules are applied to.
    #[serde(skip)]
    pub identity: Option<ExternalIdentity>,
    /// The first reason for which a login with this token is refused.
    #[serde(skip)]
    pub refusal: Option<OidcError>,
}

impl Diagnosis {
    /// Whether a login with this token would be believed.
    #[must_use]
    pub fn is_believed(&self) -> bool {
        self.identity.is_some()
    }

    fn pass(
        &mut self,
        check: &'static str,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) {
        self.push(check, Outcome::Pass, (expected.into(), actual.into()), None);
    }

    fn warn(&mut self, check: &'static str, expected: &str, actual: String, help: String) {
        self.push(check, Outcome::Warning, (expected.to_owned(), actual), Some(help));
    }

    fn skip(&mut self, check: &'static str, actual: &str) {
        self.push(check, Outcome::Skipped, (String::new(), actual.to_owned()), None);
    }

    fn push(
        &mut self,
        check: &'static str,
        outcome: Outcome,
        (expected, actual): (String, String),
        help: Option<String>,
    ) {
        self.findings.push(Finding { check, outcome, expected, actual, help });
    }

    /// Says of the last check how to mend it in the vendor's own words.
    fn mend(&mut self, help: String) {
        if let Some(last) = self.findings.last_mut() {
            last.help = Some(help);
        }
    }

    /// Notes how a check went, and gives its value to the next.
    fn note<T>(
        &mut self,
        check: &'static str,
        expected: impl Into<String>,
        result: Result<T, OidcError>,
        shown: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match result {
            Ok(value) => {
                self.pass(check, expected, shown(&value));
                Some(value)
            }
            Err(error) => {
                let texts = (expected.into(), error.to_string());
                self.push(check, Outcome::Fail, texts, error.help());
                self.refusal.get_or_insert(error);
                None
            }
        }
    }
}

/// Explains a token: pure, and told everything it needs. White space around the token is ignored,
/// as a pasted token has it.
///
/// `refusal` and `identity` are those of a login: one of them is there, unless the provider's keys
/// were not asked for and nothing else fails. Where a login asks for more than the token, what came
/// of it is `login`, and decides.
#[must_use]
pub fn diagnose(
    token: &str,
    providers: &[Accepted],
    keys: KeysOf<'_>,
    now: Timestamp,
    login: Option<Login>,
) -> Diagnosis {
    let mut report = Diagnosis {
        provider: None,
        unverified_header: None,
        unverified_claims: None,
        findings: Vec::new(),
        identity: None,
        refusal: None,
    };
    let token = token.trim();
    if let (true, Some(login)) = (verify::is_opaque(token), &login) {
        return stated(report, providers, login.clone());
    }
    let shape = "three base64url parts divided by dots, at most 20,000 bytes";
    let seen = |_: &verify::Parts<'_>| format!("{} bytes, three parts", token.len());
    let Some(parts) = report.note("shape", shape, verify::split(token), seen) else {
        return report;
    };
    let object = |part, text| verify::object(part, text);
    let plain = "a JSON object without duplicate names";
    let named = |map: &Map<String, Value>| format!("{} members", map.len());
    report.unverified_header =
        report.note("header", plain, object(Part::Header, parts.header), named);
    report.unverified_claims =
        report.note("payload", plain, object(Part::Payload, parts.payload), named);
    let Some(claims) = report.unverified_claims.clone() else {
        return report;
    };
    let Some(accepted) = provider(&mut report, &claims, providers) else {
        return report;
    };
    report.provider = Some(accepted.provider.clone());
    let held = keys(&accepted.issuer);
    signature(&mut report, parts, accepted, held.as_ref());
    audience(&mut report, &claims, accepted);
    subject(&mut report, &claims);
    times(&mut report, &claims, now);
    mapped(&mut report, &claims, accepted, login.as_ref());
    let login = login.or_else(|| {
        let keys = held?;
        Some(keys.and_then(|keys| {
            let verified = verify::verify(token, accepted, &keys, now)?;
            external_identity(accepted, &verified, LookedUp::default())
        }))
    });
    conclude(&mut report, login);
    report
}

/// A token that only its provider can read.
fn stated(mut report: Diagnosis, providers: &[Accepted], login: Login) -> Diagnosis {
    report.provider = providers.first().map(|one| one.provider.clone());
    let expected = "a token that the provider says is active";
    report.note("introspection", expected, login.clone(), |identity| identity.subject.clone());
    conclude(&mut report, Some(login));
    report
}

/// Whether somebody's groups are those that the token lists, or there are none of either.
fn listed(claims: &Map<String, Value>, path: Option<&str>, identity: &ExternalIdentity) -> bool {
    let own = path.and_then(|path| groups(claims, path).ok()).unwrap_or_default();
    own.len() == identity.groups.len()
        && identity.groups.iter().zip(&own).all(|(group, own)| group.id == *own)
}

/// What a login says: the checks above are for people, this one decides.
fn conclude(report: &mut Diagnosis, login: Option<Login>) {
    match login {
        Some(Ok(identity)) if report.refusal.is_none() => report.identity = Some(identity),
        Some(Err(error)) => report.refusal = Some(error),
        Some(Ok(_)) | None => {}
    }
}

fn provider<'a>(
    report: &mut Diagnosis,
    claims: &Map<String, Value>,
    providers: &'a [Accepted],
) -> Option<&'a Accepted> {
    let expected = match providers {
        [] => "a configured provider; there is none".to_owned(),
        [one] => one.issuer.as_str().to_owned(),
        many => format!("one of {} configured issuers", many.len()),
    };
    let issuer = verify::text(claims, "iss")
        .and_then(|issuer| issuer.ok_or(OidcError::ClaimMissing { claim: "iss" }));
    let chosen = issuer.and_then(|issuer| {
        let same = |one: &&Accepted| one.issuer.as_str() == issuer;
        providers.iter().find(same).ok_or_else(|| nearly(issuer, providers))
    });
    report.note("issuer", expected, chosen, |one| one.issuer.as_str().to_owned())
}

/// Tells an issuer that nobody knows from one that differs in case or a trailing slash.
fn nearly(issuer: &str, providers: &[Accepted]) -> OidcError {
    let plain = |text: &str| text.trim_end_matches('/').to_ascii_lowercase();
    let near = providers.iter().find(|one| plain(one.issuer.as_str()) == plain(issuer));
    let actual = excerpt(issuer);
    match near {
        Some(one) => OidcError::Issuer { expected: one.issuer.as_str().to_owned(), actual },
        None => OidcError::UnknownIssuer { issuer: actual },
    }
}

fn signature(
    report: &mut Diagnosis,
    parts: verify::Parts<'_>,
    accepted: &Accepted,
    held: Option<&Result<Arc<KeySet>, OidcError>>,
) {
    let Some(header) = report.unverified_header.clone() else {
        return report.skip("signature", "the header could not be read");
    };
    let members = verify::header_members(&header);
    report.note("header members", "only `alg`, `kid`, `typ` and labels", members, |()| {
        header.keys().map(|name| excerpt(name)).collect::<Vec<_>>().join(", ")
    });
    let list: Vec<&str> = accepted.algorithms.iter().map(|alg| alg.as_str()).collect();
    let alg = verify::algorithm(&header)
        .and_then(|alg| verify::algorithm_accepted(alg, accepted).map(|()| alg));
    let alg = report.note("algorithm", list.join(", "), alg, |alg| alg.to_string());
    let keys = match held {
        None => return report.skip("signature", "the provider's keys were not asked for"),
        Some(Ok(keys)) => keys,
        Some(Err(error)) => {
            report.note("keys", "the provider's key set", Err(error.clone()), |()| String::new());
            return report.skip("signature", "there are no keys to verify it with");
        }
    };
    let ids = keys.ids().join(", ");
    report.pass("keys", "the provider's key set", format!("{} keys: {ids}", keys.len()));
    for key in keys.ignored() {
        let kid = key.kid.clone().unwrap_or_else(|| "without id".to_owned());
        let help = "this key verifies nothing; tell the provider's operator".to_owned();
        report.warn("key", "a key for signatures", format!("{kid}: {}", key.cause), help);
    }
    let Some(alg) = alg else {
        return report.skip("signature", "its algorithm is not accepted");
    };
    let result = verify::signature(parts, alg, keys);
    report.note("signature", "made by one of the provider's keys", result, |()| {
        "it holds".to_owned()
    });
}

fn audience(report: &mut Diagnosis, claims: &Map<String, Value>, accepted: &Accepted) {
    let ids = accepted.client_ids.join(", ");
    report.note("token kind", "an ID or access token", verify::token_kind(claims), |()| {
        "no other kind of token".to_owned()
    });
    let result = verify::audience(claims, accepted);
    let audience = report.note("audience", ids.clone(), result, |list| list.join(", "));
    if let Some(help) = Words::of(accepted, claims).audience(claims).filter(|_| audience.is_none())
    {
        report.mend(help);
    }
    let list = audience.unwrap_or_default();
    let party = verify::authorized_party(claims, &list, accepted);
    report.note("authorized party", format!("absent, or {ids}"), party, |party| {
        party.clone().unwrap_or_else(|| "absent".to_owned())
    });
}

fn subject(report: &mut Diagnosis, claims: &Map<String, Value>) {
    let expected = "1 to 255 printable bytes";
    report.note("subject", expected, verify::subject(claims), |subject| (*subject).to_owned());
}

fn times(report: &mut Diagnosis, claims: &Map<String, Value>, now: Timestamp) {
    let within = |what: &str| format!("{what} {} (leeway {LEEWAY_SECONDS} s)", now.iso_seconds());
    let maybe = |time: &Option<Timestamp>| match time {
        Some(time) => time.iso_seconds(),
        None => "absent".to_owned(),
    };
    report.note("not before", within("absent, or before"), verify::not_before(claims, now), maybe);
    report.note("issued", within("absent, or before"), verify::issued_at(claims, now), maybe);
    let expiry = verify::expiry(claims, now);
    report.note("expiry", within("after"), expiry, |time| time.iso_seconds());
    report.note("auth_time", "absent, or a time", verify::time(claims, "auth_time"), maybe);
}

fn mapped(
    report: &mut Diagnosis,
    claims: &Map<String, Value>,
    accepted: &Accepted,
    login: Option<&Login>,
) {
    let words = Words::of(accepted, claims);
    match (&accepted.claims.groups, login) {
        (_, Some(Err(error @ (OidcError::Lookup { .. } | OidcError::GroupsOverage { .. })))) => {
            let expected = "groups that are whole, or can be asked for";
            report.note("groups", expected, Err(error.clone()), |()| String::new());
        }
        (path, Some(Ok(identity))) if !listed(claims, path.as_deref(), identity) => {
            let names = identity.groups.iter().take(GROUPS_SHOWN_MAX);
            let names = names.map(|group| group.name.as_ref().unwrap_or(&group.id).as_str());
            let names: Vec<&str> = names.collect();
            let actual = format!("{} groups: {}", identity.groups.len(), names.join(", "));
            report.pass("groups", "asked for, since the token does not list them", actual);
        }
        (None, _) => report.warn(
            "groups",
            "a configured groups claim",
            "none is configured: rules on groups never fire".to_owned(),
            words.no_setting(),
        ),
        (Some(path), _) if find(claims, path).is_none() && groups(claims, path).is_ok() => report
            .warn(
                "groups",
                "a list of groups",
                format!("the claim `{path}` is missing: rules on groups never fire"),
                words.no_groups(path, claims),
            ),
        (Some(path), _) => {
            report.note("groups", "a string or a list of strings", groups(claims, path), |list| {
                list.join(", ")
            });
        }
    }
    if let Some(path) = &accepted.claims.policy {
        let policies = texts(claims, path);
        report.note("policy claim", "a string or a list of strings", policies, |list| match list {
            Some(list) => list.join(", "),
            None => format!("the claim `{path}` is absent: it attaches no policy"),
        });
    }
}

#[cfg(test)]
mod tests;
