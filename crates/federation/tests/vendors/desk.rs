//! A server's logins in front of the stubs: a network, a clock and a key for tokens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use audit::Clock;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use identity::{
    ExternalGroup, ExternalIdentity, GroupIds, LoginProvider, MemberOf, OidcProvider, Unverified,
};
use names::Timestamp;
use reqwest::Url;
use serde_json::{Value, json};
use strongroom_federation::egress::{Answer, Ask, Credential, EgressError, Fetch, Question};
use strongroom_federation::oidc::{
    Diagnosis, Finding, LookupFault, LookupForm, Lookups, OidcError, OidcLogins, OidcSettings, Word,
};

use crate::stubs::{Answered, Asked, Entra, Google, Keycloak, Okta};

pub(crate) const NOW: i64 = 1_800_000_000;

static KEY: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());
/// The key of the service account.
pub(crate) static ACCOUNT: LazyLock<RsaKeyPair> =
    LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

/// Who answers what is asked besides documents.
pub(crate) enum Behind {
    Entra(Entra),
    Google(Google),
    Keycloak(Keycloak),
    Okta(Okta),
    Script(Box<dyn Fn(&Asked<'_>) -> Answered + Send + Sync>),
    /// Whoever is asked takes all the time there is.
    Slow,
}

/// What was asked: the address, the form, the credential.
type Told = (String, Option<String>, Option<String>);

pub(crate) struct Net {
    pub(crate) behind: Behind,
    pub(crate) clock: Arc<Hand>,
    pub(crate) asked: Mutex<Vec<Told>>,
}

/// A clock that stands still until it is told.
#[derive(Default)]
pub(crate) struct Hand(AtomicU64);

impl Hand {
    pub(crate) fn advance(&self, time: Duration) {
        self.0.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn spent(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(NOW).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(1_000) + self.spent()
    }
}

#[async_trait]
impl Fetch for Net {
    async fn fetch(&self, url: &Url, _bytes_max: usize) -> Result<Vec<u8>, EgressError> {
        let keys = "/keys";
        let body = if url.path().ends_with("/.well-known/openid-configuration") {
            let issuer = url.as_str().replace("/.well-known/openid-configuration", "");
            json!({"issuer": issuer, "jwks_uri": format!("https://keys.example{keys}")})
        } else {
            let point = &KEY.public_key().as_ref()[1..];
            let (x, y) = point.split_at(point.len() / 2);
            let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
            json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y}]})
        };
        Ok(body.to_string().into_bytes())
    }
}

#[async_trait]
impl Ask for Net {
    async fn ask(&self, question: &Question<'_>) -> Result<Answer, EgressError> {
        let form = question.form.map(|form| form.expose().to_owned());
        let authorization = question.credential.map(shown);
        let entry = (question.url.to_string(), form.clone(), authorization.clone());
        self.asked.lock().unwrap().push(entry);
        let asked = Asked {
            url: question.url.as_str(),
            form: form.as_deref(),
            authorization: authorization.as_deref(),
        };
        let answered = match &self.behind {
            Behind::Entra(entra) => entra.answer(&asked),
            Behind::Google(google) => google.answer(&asked),
            Behind::Keycloak(keycloak) => keycloak.answer(&asked),
            Behind::Okta(okta) => okta.answer(&asked),
            Behind::Script(script) => script(&asked),
            Behind::Slow => {
                self.clock.advance(question.within);
                let origin = question.url.origin().ascii_serialization();
                return Err(EgressError::Slow { origin, seconds: question.within.as_secs() });
            }
        };
        let Answered { status, retry_after_seconds, headers, body } = answered;
        assert!(body.len() <= question.bytes_max, "{} bytes", body.len());
        let of = |name: &'static str| {
            let own = headers.iter().filter(move |(own, _)| *own == name);
            own.map(|(_, value)| value.clone())
        };
        Ok(Answer {
            status,
            retry_after_seconds,
            rate_limit_reset_seconds: of("x-rate-limit-reset").next().map(|at| at.parse().unwrap()),
            links: of("link").collect(),
            body: body.into_bytes(),
        })
    }

    async fn pause(&self, time: Duration) {
        self.clock.advance(time);
    }
}

/// A credential as its header has it.
fn shown(credential: &Credential) -> String {
    match credential {
        Credential::Bearer(token) => {
            format!("Bearer {}", std::str::from_utf8(token.expose()).unwrap())
        }
        Credential::Basic { id, secret } => {
            format!("Basic {id}:{}", std::str::from_utf8(secret.expose()).unwrap())
        }
    }
}

pub(crate) struct Desk {
    pub(crate) net: Arc<Net>,
    pub(crate) provider: OidcProvider,
    logins: OidcLogins,
}

impl Desk {
    /// Logins of one provider with one lookup, whose settings are changed or added to.
    pub(crate) fn new(behind: Behind, provider: &Value, lookup: Option<&Value>) -> Self {
        let clock = Arc::new(Hand::default());
        let net = Arc::new(Net { behind, clock: Arc::clone(&clock), asked: Mutex::default() });
        let forms: Vec<LookupForm> =
            lookup.into_iter().map(|form| serde_json::from_value(form.clone()).unwrap()).collect();
        let read = |file: &std::path::Path| match file.to_str() {
            Some("/account") => Ok(account_file()),
            Some("/key") => Ok(pem().into_bytes()),
            _ => Ok(crate::stubs::SECRET.as_bytes().to_vec()),
        };
        let settings = forms.iter().map(|form| form.checked(&read).unwrap()).collect();
        let operator = Arc::new(|| "111122223333".parse().ok());
        let lookups = Lookups::new(settings, net.clone(), clock.clone(), operator);
        let logins = OidcLogins::new(net.clone(), clock, OidcSettings::default());
        let logins = logins.with_lookups(lookups);
        Self { net, provider: record(provider), logins }
    }

    pub(crate) fn login(&self, claims: &Value) -> Result<ExternalIdentity, OidcError> {
        self.login_with(&signed(claims))
    }

    pub(crate) fn login_with(&self, token: &str) -> Result<ExternalIdentity, OidcError> {
        let token = Unverified::new(token.to_owned());
        block_on(self.logins.believe(&self.provider, &token, self.net.clock.now()))
    }

    pub(crate) fn ids(&self, names: &[&str]) -> Result<Value, String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let port: &dyn LoginProvider = &self.logins;
        let found = block_on(port.groups(&self.provider, &names));
        let told = |error: identity::LoginError| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            format!("{error}: {}", cause.unwrap_or_default())
        };
        found.map(|ids| json!(ids)).map_err(told)
    }

    pub(crate) fn diagnose(&self, claims: &Value) -> Diagnosis {
        let token = Unverified::new(signed(claims));
        let own = std::slice::from_ref(&self.provider);
        block_on(self.logins.diagnose(own, &token, self.net.clock.now()))
    }

    /// What has become of somebody.
    pub(crate) fn word(&self, subject: &str, known_as: Option<&str>) -> Result<Word, LookupFault> {
        block_on(self.logins.word(&self.provider, subject, known_as))
    }

    /// What `idp doctor` says of asking for people.
    pub(crate) fn people(&self) -> Option<Finding> {
        let mut findings = block_on(self.logins.examine(&self.provider)).into_iter();
        findings.find(|finding| finding.check == "people")
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.net.asked.lock().unwrap().iter().map(|(url, _, _)| url.clone()).collect()
    }
}

pub(crate) fn record(changes: &Value) -> OidcProvider {
    let mut record = json!({
        "account": "111122223333", "thumbprints": [], "name": "main", "claims": {}, "rules": [],
        "trust": null, "tags": {}, "created": "2026-01-01T00:00:00Z", "incarnation": 1,
    });
    for (name, value) in changes.as_object().unwrap() {
        record[name] = value.clone();
    }
    let issuer = record["issuer"].as_str().unwrap().trim_start_matches("https://").to_owned();
    let account = record["account"].as_str().unwrap().to_owned();
    record["arn"] = format!("arn:aws:iam::{account}:oidc-provider/{issuer}").into();
    serde_json::from_value(record).unwrap()
}

pub(crate) fn signed(claims: &Value) -> String {
    let header = json!({"alg": "ES256", "kid": "k", "typ": "JWT"});
    let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let input = format!("{header}.{claims}");
    let signature = KEY.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// All of these groups, by their ids.
pub(crate) fn by_ids(groups: &[ExternalGroup]) -> MemberOf {
    MemberOf::Whole(GroupIds::of(groups.iter().map(|group| group.id.as_str())))
}

/// Our private key, as vendors write it.
pub(crate) fn pem() -> String {
    let key: aws_lc_rs::encoding::Pkcs8V1Der<'_> = ACCOUNT.as_der().unwrap();
    let key = STANDARD.encode(key.as_ref());
    format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n")
}

/// A service account's key, as Google makes the file.
fn account_file() -> Vec<u8> {
    let account = json!({
        "type": "service_account", "project_id": "p", "private_key_id": "key-1",
        "private_key": pem(), "client_email": "groups@p.iam.gserviceaccount.com",
        "client_id": "1", "token_uri": "https://evil.example/token",
    });
    account.to_string().into_bytes()
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}
