//! Questions that need more than an address: a credential, a form, and an answer of any status.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use names::SecretBytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LINK, RETRY_AFTER};
use reqwest::{Response, Url};
use zeroize::Zeroizing;

use super::{Egress, EgressError, failure, origin};

/// When Okta takes questions again.
const RATE_LIMIT_RESET: &str = "x-rate-limit-reset";

/// Asks a provider. The seam behind which every test of lookups stands.
#[async_trait]
pub trait Ask: Send + Sync + 'static {
    /// The answer, whatever its status, if its body is at most as long as is taken. Dropping the
    /// future closes the connection.
    async fn ask(&self, question: &Question<'_>) -> Result<Answer, EgressError>;

    /// Waits, because the one who is asked wants so.
    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// What is asked, of whom, as whom.
#[derive(Debug)]
pub struct Question<'a> {
    /// Where.
    pub url: &'a Url,
    /// What is posted; without it, the address is got.
    pub form: Option<&'a Form>,
    /// As whom.
    pub credential: Option<&'a Credential>,
    /// The longest body that is taken.
    pub bytes_max: usize,
    /// How long it may take from resolution to the last byte.
    pub within: Duration,
}

/// What was answered. Its body may hold secrets and is never printed.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// After how many seconds to ask again, if the answer says so (RFC 9110 §10.2.3).
    pub retry_after_seconds: Option<u64>,
    /// When questions are taken again, if the answer says so: seconds since 1970 (Okta, "Rate
    /// limits", `X-Rate-Limit-Reset`).
    pub rate_limit_reset_seconds: Option<i64>,
    /// The headers `Link` (RFC 8288).
    pub links: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.body.len();
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("retry_after_seconds", &self.retry_after_seconds)
            .field("rate_limit_reset_seconds", &self.rate_limit_reset_seconds)
            .field("bytes", &bytes)
            .finish()
    }
}

/// A form of `application/x-www-form-urlencoded`. Prints nothing and wipes itself.
///
/// ```
/// use strongroom_federation::egress::Form;
/// let form = Form::new(&[("token", "a b"), ("hint", "x&y")]);
/// assert_eq!(form.expose(), "token=a+b&hint=x%26y");
/// assert_eq!(format!("{form:?}"), "Form(..)");
/// ```
pub struct Form(Zeroizing<String>);

impl Form {
    /// The form with these fields.
    #[must_use]
    pub fn new(fields: &[(&str, &str)]) -> Self {
        Self(Zeroizing::new(encoded(fields)))
    }

    /// The form's text, secrets included.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Form(..)")
    }
}

/// As whom something is asked.
#[derive(Debug, Clone)]
pub enum Credential {
    /// With a token (RFC 6750 §2.1).
    Bearer(SecretBytes),
    /// As a client with a secret (RFC 6749 §2.3.1).
    Basic {
        /// The client.
        id: String,
        /// Its secret.
        secret: SecretBytes,
    },
}

impl Credential {
    /// The header's value; `None` if the secret cannot stand in a header.
    fn header(&self) -> Option<HeaderValue> {
        let text = match self {
            Self::Bearer(token) => {
                Zeroizing::new(format!("Bearer {}", std::str::from_utf8(token.expose()).ok()?))
            }
            Self::Basic { id, secret } => {
                let secret = std::str::from_utf8(secret.expose()).ok()?;
                let pair = Zeroizing::new(format!("{}:{}", word(id), word(secret)));
                Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
            }
        };
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// One word, written as in a form.
fn word(text: &str) -> String {
    let pair = encoded(&[("", text)]);
    pair.strip_prefix('=').unwrap_or(&pair).to_owned()
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse("https://form.invalid/") else {
        return String::new();
    };
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

impl Egress {
    async fn answered(&self, question: &Question<'_>) -> Result<Answer, EgressError> {
        let url = question.url;
        let judged = self.judged_addresses(url).await?;
        let client = self.client(url, &judged).await?;
        let mut request = match question.form {
            None => client.get(url.clone()),
            Some(form) => client
                .post(url.clone())
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.expose().to_owned()),
        };
        if let Some(credential) = question.credential {
            let cause = "the credential cannot stand in a header".to_owned();
            let value = credential.header().ok_or(EgressError::Setup { cause })?;
            request = request.header(AUTHORIZATION, value);
        }
        let sent = request.header("accept", "application/json").send().await;
        let mut answer = sent.map_err(|error| failure(url, &error))?;
        let links = answer.headers().get_all(LINK).iter();
        let links = links.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Ok(Answer {
            status: answer.status().as_u16(),
            retry_after_seconds: number(answer.headers(), RETRY_AFTER.as_str()),
            rate_limit_reset_seconds: number(answer.headers(), RATE_LIMIT_RESET),
            links: links.collect(),
            body: body(url, &mut answer, question.bytes_max).await?,
        })
    }
}

#[async_trait]
impl Ask for Egress {
    async fn ask(&self, question: &Question<'_>) -> Result<Answer, EgressError> {
        let asked = tokio::time::timeout(question.within, self.answered(question));
        asked.await.unwrap_or_else(|_| {
            let seconds = question.within.as_secs_f64().ceil();
            let seconds = format!("{seconds:.0}").parse().unwrap_or(u64::MAX);
            Err(EgressError::Slow { origin: origin(question.url), seconds })
        })
    }
}

/// The number that a header is, if it is one.
fn number<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The body of an answer, if it is not longer than is taken.
pub(super) async fn body(
    url: &Url,
    answer: &mut Response,
    bytes_max: usize,
) -> Result<Vec<u8>, EgressError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failure(url, &error))? {
        if body.len().saturating_add(chunk.len()) > bytes_max {
            return Err(EgressError::TooLarge { origin: origin(url), bytes_max });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_shows_its_id_and_secret_written_as_in_a_form() {
        let secret = SecretBytes::new(b"p:ss w\xc3\xb6rd".to_vec());
        let basic = Credential::Basic { id: "a:b".to_owned(), secret };
        let value = basic.header().unwrap();
        assert!(value.is_sensitive());
        let coded = value.to_str().unwrap().strip_prefix("Basic ").unwrap().to_owned();
        assert_eq!(STANDARD.decode(coded).unwrap(), b"a%3Ab:p%3Ass+w%C3%B6rd");
    }

    #[test]
    fn when_to_ask_again_is_a_number_or_not_said() {
        for (text, seconds) in
            [("1800000060", Some(1_800_000_060_i64)), (" 7 ", Some(7)), ("x", None)]
        {
            let value = HeaderValue::from_str(text).unwrap();
            let headers: HeaderMap =
                [(reqwest::header::HeaderName::from_static(RATE_LIMIT_RESET), value)]
                    .into_iter()
                    .collect();
            assert_eq!(number(&headers, "X-Rate-Limit-Reset"), seconds, "{text}");
            assert_eq!(number::<u64>(&headers, RETRY_AFTER.as_str()), None);
        }
    }

    #[test]
    fn a_token_with_a_line_feed_is_no_header() {
        let bearer = |text: &str| Credential::Bearer(SecretBytes::new(text.into())).header();
        assert_eq!(bearer("abc").unwrap(), "Bearer abc");
        assert!(bearer("abc\r\nx-evil: 1").is_none());
        let shown = format!("{:?}", Credential::Bearer(SecretBytes::new(b"abc".to_vec())));
        assert!(!shown.contains("abc"), "{shown}");
    }
}
