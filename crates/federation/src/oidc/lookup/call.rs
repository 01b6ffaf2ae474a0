//! Asking for one JSON object after another, all of it within the time that a sign-in has.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use audit::Clock;
use names::SecretBytes;
use reqwest::Url;
use serde_json::{Map, Value};

use super::fault::LookupFault;
use crate::egress::{Answer, Ask, Credential, Form, Question};
use crate::oidc::refusal::{DocumentFault, excerpt};
use crate::strict::{StrictError, parse_object, parse_value};

/// How long one page may be.
pub(super) const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How long an answer with a token may be.
const GRANT_BYTES_MAX: usize = 64 * 1024;
/// How often one who asks to be left alone is asked again within one sign-in.
const RETRIES_MAX: u32 = 3;
/// How long to wait where nothing is said of it.
const RETRY_SECONDS: u64 = 1;
/// The longest that one answer keeps everybody from asking again.
const QUIET_SECONDS_MAX: u64 = 300;
/// So long before its end a token of ours is not used any more.
const GRANT_MARGIN_SECONDS: u64 = 60;
/// A token of ours is never used for longer.
const GRANT_SECONDS_MAX: u64 = 3600;

/// Whom we may ask, and until when.
#[derive(Clone, Copy)]
pub(super) struct Calls<'a> {
    pub(super) ask: &'a dyn Ask,
    pub(super) clock: &'a dyn Clock,
    /// When the sign-in gives up.
    pub(super) until: Duration,
    /// How long it may take in all, for the words of a fault.
    pub(super) seconds: u64,
}

/// What one asks for.
pub(super) struct Asked<'a> {
    pub(super) url: &'a Url,
    pub(super) form: Option<&'a Form>,
    pub(super) credential: Option<&'a Credential>,
    pub(super) bytes_max: usize,
}

impl<'a> Asked<'a> {
    pub(super) fn page(url: &'a Url, credential: &'a Credential) -> Self {
        Self { url, form: None, credential: Some(credential), bytes_max: PAGE_BYTES_MAX }
    }

    pub(super) fn grant(url: &'a Url, form: &'a Form, credential: Option<&'a Credential>) -> Self {
        Self { url, form: Some(form), credential, bytes_max: GRANT_BYTES_MAX }
    }
}

/// One answer of several.
pub(super) struct Page {
    pub(super) value: Value,
    /// Its headers `Link`.
    pub(super) links: Vec<String>,
}

impl Calls<'_> {
    /// The object that is answered. One who asks to be left alone is waited for, if the time
    /// allows.
    pub(super) async fn object(
        &self,
        asked: &Asked<'_>,
        quiet: &Quiet,
    ) -> Result<Map<String, Value>, LookupFault> {
        match self.value(asked, quiet).await? {
            Value::Object(map) => Ok(map),
            _ => Err(not_as_documented(asked.url, StrictError::NotAnObject)),
        }
    }

    /// The JSON text that is answered, whatever it is.
    pub(super) async fn value(
        &self,
        asked: &Asked<'_>,
        quiet: &Quiet,
    ) -> Result<Value, LookupFault> {
        Ok(self.page(asked, quiet).await?.value)
    }

    /// The JSON text that is answered, and where there is more of it.
    pub(super) async fn page(&self, asked: &Asked<'_>, quiet: &Quiet) -> Result<Page, LookupFault> {
        let origin = || origin(asked.url);
        if let Some(seconds) = quiet.left(self.clock.monotonic()) {
            return Err(LookupFault::Throttled { origin: origin(), seconds });
        }
        for _ in 0..=RETRIES_MAX {
            let answer = self.answer(asked).await?;
            match answer.status {
                200 => {
                    let read = parse_value(&answer.body);
                    let value = read.map_err(|cause| not_as_documented(asked.url, cause))?;
                    return Ok(Page { value, links: answer.links });
                }
                429 | 503 => self.wait(asked.url, &answer, quiet).await?,
                status => {
                    let code = vendor_code(&answer.body);
                    return Err(LookupFault::Refused { origin: origin(), status, code });
                }
            }
        }
        Err(LookupFault::Throttled { origin: origin(), seconds: RETRY_SECONDS })
    }

    async fn answer(&self, asked: &Asked<'_>) -> Result<Answer, LookupFault> {
        let within = self.until.saturating_sub(self.clock.monotonic());
        if within.is_zero() {
            let origin = origin(asked.url);
            return Err(LookupFault::Slow { origin, seconds: self.seconds });
        }
        let Asked { url, form, credential, bytes_max } = *asked;
        let question = Question { url, form, credential, bytes_max, within };
        Ok(self.ask.ask(&question).await?)
    }

    /// Waits as long as it is asked to, or remembers to leave it alone.
    async fn wait(&self, url: &Url, answer: &Answer, quiet: &Quiet) -> Result<(), LookupFault> {
        let reset = answer.rate_limit_reset_seconds.map(|at| {
            let left = at.saturating_sub(self.clock.now().seconds());
            u64::try_from(left).unwrap_or(0)
        });
        let said = answer.retry_after_seconds.or(reset).unwrap_or(RETRY_SECONDS);
        let seconds = said.clamp(RETRY_SECONDS, QUIET_SECONDS_MAX);
        let now = self.clock.monotonic();
        let wanted = Duration::from_secs(seconds);
        if now.saturating_add(wanted) >= self.until {
            quiet.until(now.saturating_add(wanted));
            return Err(LookupFault::Throttled { origin: origin(url), seconds });
        }
        self.ask.pause(wanted).await;
        Ok(())
    }
}

/// Until when one who asked for it is left alone.
#[derive(Default)]
pub(super) struct Quiet(Mutex<Duration>);

impl Quiet {
    fn until(&self, time: Duration) {
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *until = (*until).max(time);
    }

    /// The seconds that are left, at least one; `None` if it may be asked.
    fn left(&self, now: Duration) -> Option<u64> {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = until.checked_sub(now)?;
        (!left.is_zero()).then(|| left.as_secs().max(1))
    }
}

/// A token of ours for a provider's interface, until it ends.
#[derive(Default)]
pub(super) struct Granted(Mutex<Option<(Arc<Credential>, Duration)>>);

impl Granted {
    pub(super) fn held(&self, now: Duration) -> Option<Arc<Credential>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|(_, until)| now < *until).map(|(token, _)| Arc::clone(token))
    }

    /// Takes the token of an answer of RFC 6749 §5.1.
    pub(super) fn take(
        &self,
        url: &Url,
        answer: &Map<String, Value>,
        now: Duration,
    ) -> Result<Arc<Credential>, LookupFault> {
        let bad = |member| LookupFault::Document {
            origin: origin(url),
            cause: DocumentFault::Member(member),
        };
        let token = answer.get("access_token").and_then(Value::as_str);
        let token = token.filter(|text| !text.is_empty()).ok_or_else(|| bad("access_token"))?;
        let kind = answer.get("token_type").and_then(Value::as_str);
        if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return Err(bad("token_type"));
        }
        let lives = answer.get("expires_in").and_then(Value::as_u64).unwrap_or(0);
        let lives = lives.min(GRANT_SECONDS_MAX).saturating_sub(GRANT_MARGIN_SECONDS);
        let token = Arc::new(Credential::Bearer(SecretBytes::new(token.as_bytes().to_vec())));
        let until = now.saturating_add(Duration::from_secs(lives));
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some((Arc::clone(&token), until));
        Ok(token)
    }

    /// Forgets the token: it was not taken.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn not_as_documented(url: &Url, cause: StrictError) -> LookupFault {
    LookupFault::Document { origin: origin(url), cause: cause.into() }
}

pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The vendor's own code in the body of a refusal: RFC 6749 §5.2 (with Microsoft's number before
/// the colon, if there is one), Microsoft Graph, Google, Okta ("Okta error codes").
fn vendor_code(body: &[u8]) -> String {
    let none = || "no code".to_owned();
    let Ok(body) = parse_object(body) else { return none() };
    let code = match body.get("error") {
        Some(Value::String(error)) => {
            let said = body.get("error_description").and_then(Value::as_str).unwrap_or_default();
            let number = said.split(':').next().filter(|word| word.starts_with("AADSTS"));
            number.unwrap_or(error)
        }
        Some(Value::Object(error)) => {
            let reason = error.get("errors").and_then(|list| list.get(0));
            let reason = reason.and_then(|first| first.get("reason")).and_then(Value::as_str);
            let code = error.get("code").and_then(Value::as_str);
            reason.or(code).unwrap_or("no code")
        }
        None => body.get("errorCode").and_then(Value::as_str).unwrap_or("no code"),
        Some(_) => return none(),
    };
    excerpt(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_refusal_is_the_vendors_own() {
        for (body, code) in [
            (
                r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided"}"#,
                "AADSTS7000222",
            ),
            (
                r#"{"error":"unauthorized_client","error_description":"Client is unauthorized"}"#,
                "unauthorized_client",
            ),
            (
                r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient"}}"#,
                "Authorization_RequestDenied",
            ),
            (
                r#"{"error":{"code":403,"errors":[{"reason":"forbidden"}],"message":"x"}}"#,
                "forbidden",
            ),
            (r#"{"errorCode":"E0000007","errorSummary":"Not found"}"#, "E0000007"),
            (r#"{"errorCode":7}"#, "no code"),
            ("<html>", "no code"),
            (r#"{"error":7}"#, "no code"),
        ] {
            assert_eq!(vendor_code(body.as_bytes()), code, "{body}");
        }
    }

    #[test]
    fn a_token_is_held_until_a_minute_before_its_end_and_an_hour_at_most() {
        let url: Url = "https://login.example/token".parse().unwrap();
        let at = Duration::from_secs;
        for (lives, held, gone) in [(600, 539, 540), (86_400, 3_539, 3_540)] {
            let granted = Granted::default();
            let answer = serde_json::json!({
                "access_token": "t", "token_type": "Bearer", "expires_in": lives
            });
            granted.take(&url, answer.as_object().unwrap(), at(0)).unwrap();
            assert!(granted.held(at(held)).is_some() && granted.held(at(gone)).is_none());
        }
        for bad in [
            serde_json::json!({"token_type": "Bearer"}),
            serde_json::json!({"access_token": "", "token_type": "Bearer"}),
            serde_json::json!({"access_token": "t", "token_type": "mac"}),
        ] {
            let granted = Granted::default();
            assert!(granted.take(&url, bad.as_object().unwrap(), at(0)).is_err(), "{bad}");
            assert!(granted.held(at(0)).is_none());
        }
    }
}
