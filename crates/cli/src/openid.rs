//! The client's side of OpenID Connect: where a provider is, and the four ways to its tokens.
//!
//! | file | job |
//! |---|---|
//! | `authorization` | the address that a browser is sent to, and what may come back (pure) |
//! | `browser` | the listener on loopback that it comes back to |
//! | `device` | a code that is typed elsewhere |
//! | `exchange` | a token that is for somebody else |
//!
//! A token that is got here is believed by nobody: the server verifies it. What is checked here is
//! what the server cannot know, that the token answers the question that was asked.

pub(crate) mod authorization;
pub(crate) mod browser;
pub(crate) mod device;
pub(crate) mod exchange;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use serde_json::Value;

use crate::client::authorities;
use crate::exit::{Failure, chain};
use crate::print::plain;

/// Most bytes of a provider's answer.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long a provider may take for one answer, in seconds.
const ANSWER_SECONDS_MAX: u64 = 30;
/// What is asked for, as far as the provider says that it knows it.
const SCOPES: [&str; 5] = ["openid", "profile", "email", "groups", "offline_access"];

/// What stands in the issuers of Keycloak alone.
const KEYCLOAK_REALMS: &str = "/realms/";

/// What we are to a provider.
#[derive(Clone)]
pub(crate) struct Client {
    /// The exact `iss` of its tokens.
    pub(crate) issuer: String,
    /// Our name there.
    pub(crate) id: String,
    /// What some providers give out even to programs on people's machines. No secret.
    pub(crate) secret: Option<String>,
}

/// A provider that has described itself.
pub(crate) struct Provider {
    pub(crate) client: Client,
    document: Value,
}

/// What a provider gives.
pub(crate) struct Tokens {
    /// For the server.
    pub(crate) id_token: String,
    /// For the next one, where the provider gives any.
    pub(crate) refresh_token: Option<String>,
}

/// What a token endpoint says.
pub(crate) enum Said {
    /// Tokens.
    Tokens(Tokens),
    /// No, with the code of RFC 6749 §5.2.
    No { code: String, description: String },
}

impl Provider {
    /// Asks a provider where its endpoints are (OpenID Connect Discovery §4).
    pub(crate) fn discover(client: Client) -> Result<Self, Failure> {
        let base = client.issuer.trim_end_matches('/');
        safe(base, "the issuer")?;
        let place = format!("{base}/.well-known/openid-configuration");
        let (status, body) = call(&Method::GET, &place, None)?;
        let document: Value = serde_json::from_slice(&body).unwrap_or_default();
        let said = document.get("issuer").and_then(Value::as_str);
        if status != 200 || said != Some(client.issuer.as_str()) {
            let found = match said {
                Some(said) => format!("it describes `{}`", plain(said)),
                None => format!("it answered {status} and no discovery document"),
            };
            return Err(Failure::Input(format!(
                "the issuer `{}` is none: {found}\nhelp: --issuer is the exact `issuer` of {place}",
                client.issuer
            )));
        }
        Ok(Self { client, document })
    }

    /// The address of an endpoint, if the provider has one.
    pub(crate) fn endpoint(&self, member: &str) -> Result<Option<String>, Failure> {
        let Some(place) = self.document.get(member).and_then(Value::as_str) else {
            return Ok(None);
        };
        safe(place, member)?;
        Ok(Some(place.to_owned()))
    }

    /// A list of the provider's document; `None` if it has none.
    fn list(&self, member: &str) -> Option<Vec<&str>> {
        let list = self.document.get(member)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).collect())
    }

    /// Whether it promises its own name in every answer that comes by a browser (RFC 9207 §3).
    fn names_itself(&self) -> bool {
        let member = "authorization_response_iss_parameter_supported";
        self.document.get(member) == Some(&Value::Bool(true))
    }

    /// The scopes to ask for: those that are wished, else what the provider knows of ours.
    pub(crate) fn scopes(&self, wished: Option<&str>) -> String {
        match (wished, self.list("scopes_supported")) {
            (Some(wished), _) => wished.to_owned(),
            (None, None) => "openid".to_owned(),
            (None, Some(known)) => {
                // Keycloak renews without it, and its offline tokens outlive every logout.
                let online = self.client.issuer.contains(KEYCLOAK_REALMS);
                let ours = |scope: &&str| {
                    *scope == "openid"
                        || (known.contains(scope) && !(online && *scope == "offline_access"))
                };
                SCOPES.into_iter().filter(ours).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// Asks the token endpoint.
    pub(crate) fn token(&self, fields: &[(&str, &str)]) -> Result<Said, Failure> {
        let (status, answer) = self.post("token_endpoint", fields)?;
        let word = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        if status == 200 {
            let id_token = word("id_token").ok_or_else(|| {
                let text = "the provider gave no ID token\nhelp: ask for the scope `openid`";
                Failure::Input(text.to_owned())
            })?;
            return Ok(Said::Tokens(Tokens { id_token, refresh_token: word("refresh_token") }));
        }
        let code = word("error").unwrap_or_else(|| format!("HTTP {status}"));
        let description = plain(&word("error_description").unwrap_or_default());
        Ok(Said::No { code: plain(&code), description })
    }

    /// Fresh tokens for a refresh token (OpenID Connect Core §12).
    pub(crate) fn refresh(&self, token: &str) -> Result<Said, Failure> {
        let said = self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])?;
        if let Said::Tokens(tokens) = &said {
            self.own(&tokens.id_token, None)?;
        }
        Ok(said)
    }

    /// Tells the provider that a refresh token is given back (RFC 7009), if it can be told.
    pub(crate) fn give_back(&self, token: &str) -> Result<(), Failure> {
        if self.endpoint("revocation_endpoint")?.is_some() {
            let fields = [("token", token), ("token_type_hint", "refresh_token")];
            self.post("revocation_endpoint", &fields)?;
        }
        Ok(())
    }

    fn post(&self, member: &str, fields: &[(&str, &str)]) -> Result<(u16, Value), Failure> {
        let place = self.endpoint(member)?.ok_or_else(|| self.lacks(member))?;
        let mut pairs = fields.to_vec();
        let methods = self.list("token_endpoint_auth_methods_supported");
        let basic = methods.is_none_or(|known| known.contains(&"client_secret_basic"));
        let mut authorization = None;
        match &self.client.secret {
            None => pairs.push(("client_id", &self.client.id)),
            Some(secret) if basic => authorization = Some(self.basic(secret)),
            Some(secret) => {
                pairs.extend([("client_id", self.client.id.as_str()), ("client_secret", secret)]);
            }
        }
        let body: Vec<String> =
            pairs.iter().map(|(name, value)| crate::verbs::parameter(name, value)).collect();
        let (status, body) = call(&Method::POST, &place, Some((body.join("&"), authorization)))?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    /// HTTP Basic, both words encoded first (RFC 6749 §2.3.1).
    fn basic(&self, secret: &str) -> String {
        let [id, secret] = [self.client.id.as_str(), secret].map(wire::percent_encode);
        format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
    }

    fn lacks(&self, member: &str) -> Failure {
        Failure::Input(format!("`{}` has no `{member}`", self.client.issuer))
    }

    /// Whether a token answers what was asked: of that issuer, for us, and of that attempt
    /// (OpenID Connect Core §3.1.3.7, steps 2, 3 and 11). Its signature is the server's to verify.
    pub(crate) fn own(&self, token: &str, nonce: Option<&str>) -> Result<(), Failure> {
        self.of(token, &self.client.id, nonce)
    }

    /// The same of a token for this audience.
    fn of(&self, token: &str, audience: &str, nonce: Option<&str>) -> Result<(), Failure> {
        let wrong = |what: &str| {
            Failure::Input(format!("the provider's token is not for this login: {what}"))
        };
        let claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let claims: Option<Value> = claims.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let claims = claims.ok_or_else(|| wrong("it is no JWT"))?;
        let word = |name: &str| claims.get(name).and_then(Value::as_str);
        let ours = match claims.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(audience)),
            _ => false,
        };
        match () {
            () if word("iss") != Some(&self.client.issuer) => Err(wrong("another `iss`")),
            () if !ours => Err(wrong("another `aud`")),
            () if nonce.is_some() && word("nonce") != nonce => Err(wrong("another `nonce`")),
            () => Ok(()),
        }
    }
}

/// A refusal of the token endpoint as an end.
pub(crate) fn refused(code: String, message: String, help: &str) -> Failure {
    Failure::Refused { code, message, help: Some(help.to_owned()) }
}

/// Refuses an address that secrets would go to in the clear: https, or http on this machine.
fn safe(place: &str, what: &str) -> Result<(), Failure> {
    let url = reqwest::Url::parse(place).ok();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let here = ["127.0.0.1", "[::1]", "localhost"].contains(&host);
    let scheme = url.as_ref().map_or("", |url| url.scheme());
    let plain_text =
        url.as_ref().is_some_and(|url| url.username().is_empty() && url.password().is_none());
    // What reads addresses drops line breaks; what sends a browser there would not.
    let one_line = !place.chars().any(char::is_control);
    if one_line && plain_text && (scheme == "https" || (scheme == "http" && here)) {
        return Ok(());
    }
    Err(Failure::Input(format!(
        "`{}` ({what}) is not https\nhelp: http is taken on this machine alone",
        plain(place)
    )))
}

/// A body, and an `Authorization` header.
type Posted = (String, Option<String>);

/// One call to a provider: status and body. Redirects are not followed.
fn call(method: &Method, place: &str, posted: Option<Posted>) -> Result<(u16, Vec<u8>), Failure> {
    let unreachable = |cause: String| Failure::Unreachable { endpoint: place.to_owned(), cause };
    let failed = |error: reqwest::Error| unreachable(chain(&error));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Broken(error.to_string()))?;
    runtime.block_on(async {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(ANSWER_SECONDS_MAX))
            .redirect(reqwest::redirect::Policy::none())
            .tls_certs_merge(authorities()?)
            .user_agent("strongroom")
            .build()
            .map_err(failed)?;
        let mut request =
            client.request(method.clone(), place).header("accept", "application/json");
        if let Some((body, authorization)) = posted {
            let kind = "application/x-www-form-urlencoded";
            request = request.header("content-type", kind).body(body);
            if let Some(own) = authorization {
                request = request.header("authorization", own);
            }
        }
        let mut answer = request.send().await.map_err(failed)?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len().saturating_add(chunk.len()) > ANSWER_BYTES_MAX {
                return Err(unreachable(format!("it answered more than {ANSWER_BYTES_MAX} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, body))
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    pub(crate) fn provider(more: &Value) -> Provider {
        let client = Client {
            issuer: "https://idp.example".to_owned(),
            id: "strongroom".to_owned(),
            secret: None,
        };
        let mut document = json!({
            "issuer": "https://idp.example",
            "authorization_endpoint": "https://idp.example/auth?tenant=a",
            "token_endpoint": "https://idp.example/token",
        });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Provider { client, document }
    }

    fn token(claims: &Value) -> String {
        format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn secrets_go_over_tls_or_stay_on_this_machine() {
        for good in
            ["https://a.example/x", "http://127.0.0.1:9/x", "http://localhost", "http://[::1]:1"]
        {
            assert!(safe(good, "it").is_ok(), "{good}");
        }
        for bad in [
            "",
            "http://a.example",
            "http://localhost.evil.example",
            "http://127.0.0.1@evil.example",
            "https://user:word@a.example",
            "https://a.example/x\r\nSet-Cookie: a=b",
            "ftp://a.example",
            "file:///etc/passwd",
        ] {
            assert!(safe(bad, "it").is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_asked_for_is_what_the_provider_knows() {
        let known = provider(&json!({"scopes_supported": ["openid", "groups", "address"]}));
        assert_eq!(known.scopes(None), "openid groups");
        assert_eq!(known.scopes(Some("openid x")), "openid x");
        assert_eq!(provider(&json!({})).scopes(None), "openid");
        let mut offline = provider(&json!({"scopes_supported": ["openid", "offline_access"]}));
        assert_eq!(offline.scopes(None), "openid offline_access");
        offline.client.issuer = "https://sso.example/realms/corp".to_owned();
        assert_eq!(offline.scopes(None), "openid");
    }

    /// corpus: OID-03
    /// oracle: answer, twin
    #[test]
    fn a_token_of_another_attempt_client_or_issuer_is_not_taken() {
        let provider = provider(&json!({}));
        let good = json!({"iss": "https://idp.example", "aud": "strongroom", "nonce": "n"});
        assert!(provider.own(&token(&good), Some("n")).is_ok());
        assert!(provider.own(&token(&good), None).is_ok());
        let many = json!({"iss": "https://idp.example", "aud": ["x", "strongroom"], "nonce": "n"});
        assert!(provider.own(&token(&many), Some("n")).is_ok());
        for (name, value) in [
            ("nonce", json!("of another attempt")),
            ("nonce", Value::Null),
            ("aud", json!("another")),
            ("aud", json!(["another"])),
            ("iss", json!("https://idp.example/")),
        ] {
            let mut bad = good.clone();
            bad.as_object_mut().unwrap().insert(name.to_owned(), value.clone());
            assert!(provider.own(&token(&bad), Some("n")).is_err(), "{name} {value}");
        }
        assert!(provider.own("no token", None).is_err());
    }

    #[test]
    fn an_endpoint_in_the_clear_is_no_endpoint() {
        let bad = provider(&json!({"token_endpoint": "http://idp.example/token"}));
        assert!(bad.endpoint("token_endpoint").is_err());
        assert!(matches!(bad.endpoint("revocation_endpoint"), Ok(None)));
    }
}
