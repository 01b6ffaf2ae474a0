//! One signed request to the server, and what its refusals mean here.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use http::{HeaderMap, Method};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use signing::Algorithm;
use signing::sign::{Payload, Signer};
use wire::Node;

use crate::credentials::Profile;
use crate::environment::variable;
use crate::exit::{Failure, chain, helping};

/// Where the server is and who asks.
#[derive(Args, Clone)]
pub(crate) struct Target {
    /// The server; else STRONGROOM_ENDPOINT, else the profile's endpoint_url, else
    /// http://127.0.0.1:9000.
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The AWS profile whose credentials to use.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

/// The server's word on one request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Where the server is when nothing says otherwise.
const ENDPOINT: &str = "http://127.0.0.1:9000";
/// How long one request may take, in seconds.
const REQUEST_SECONDS_MAX: u64 = 600;
/// The region in our signatures; the server takes any unless it is told otherwise.
pub(crate) const REGION: &str = "us-east-1";
/// Codes of status 400 that are about the caller's credential and not about the input.
const CREDENTIAL_CODES: &[&str] = &[
    "ExpiredToken",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "AccessDeniedException",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "UnrecognizedClientException",
];

impl Target {
    /// The endpoint in force.
    pub(crate) fn url(&self) -> String {
        self.endpoint
            .clone()
            .or_else(|| variable("STRONGROOM_ENDPOINT"))
            .or_else(|| Profile::load(self.profile.as_deref()).endpoint())
            .unwrap_or_else(|| ENDPOINT.to_owned())
            .trim_end_matches('/')
            .to_owned()
    }

    /// A signed request to the native admin API; the answer's JSON.
    pub(crate) fn admin(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = self.signed("strongroom", method, path, ("application/json", body))?;
        json(&answer)
    }

    /// A signed question to the native API whose answer is no JSON; the answer's body.
    pub(crate) fn admin_text(&self, path: &str) -> Result<String, Failure> {
        let body = ("application/json", String::new());
        let answer = self.signed("strongroom", &Method::GET, path, body)?;
        if answer.status == 200 { Ok(answer.body) } else { json(&answer).map(|_| String::new()) }
    }

    /// A signed request of AWS Organizations; the answer's JSON.
    pub(crate) fn organizations(&self, action: &str, message: &Value) -> Result<Value, Failure> {
        let header = ("x-amz-target", format!("AWSOrganizationsV20161128.{action}"));
        let body = ("application/x-amz-json-1.1", message.to_string());
        let answer = self.signed_with("organizations", (&Method::POST, "/"), Some(header), body)?;
        if answer.status == 200 && answer.body.is_empty() {
            return Ok(Value::Null);
        }
        json(&answer)
    }

    /// A signed request of the query protocol; the answer.
    pub(crate) fn query(
        &self,
        service: &str,
        action: &str,
        fields: &[(String, String)],
    ) -> Result<Node, Failure> {
        let version = if service == "sts" { "2011-06-15" } else { "2010-05-08" };
        let mut body = format!("Action={action}&Version={version}");
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", wire::percent_encode(value)));
        }
        let body = ("application/x-www-form-urlencoded; charset=utf-8", body);
        let answer = self.signed(service, &Method::POST, "/", body)?;
        xml(&answer)
    }

    /// A signed request of S3, the body with its checksum; the answer's body.
    pub(crate) fn s3(&self, method: &Method, path: &str, body: &str) -> Result<String, Failure> {
        let digest = STANDARD.encode(Sha256::digest(body.as_bytes()));
        let header = (!body.is_empty()).then_some(("x-amz-checksum-sha256", digest));
        let body = ("application/octet-stream", body.to_owned());
        let answer = self.signed_with("s3", (method, path), header, body)?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.body);
        }
        xml(&answer).map(|_| String::new())
    }

    /// A signed request of S3's control API about the caller's own account; the answer's body.
    pub(crate) fn control(
        &self,
        method: &Method,
        path: &str,
        body: &str,
    ) -> Result<String, Failure> {
        let who = self.query("sts", "GetCallerIdentity", &[])?;
        let account = who.find("Account").map(|found| found.text().to_owned());
        let account = account.ok_or_else(|| Failure::Broken("whose account it is".to_owned()))?;
        let header = Some(("x-amz-account-id", account));
        let body = ("application/xml", body.to_owned());
        let answer = self.signed_with("s3", (method, path), header, body)?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.body);
        }
        xml(&answer).map(|_| String::new())
    }

    /// A signed request of one service.
    pub(crate) fn signed(
        &self,
        service: &str,
        method: &Method,
        path: &str,
        body: (&str, String),
    ) -> Result<Answer, Failure> {
        self.signed_with(service, (method, path), None, body)
    }

    /// The same with a header of the service's own.
    fn signed_with(
        &self,
        service: &str,
        (method, path): (&Method, &str),
        header: Option<(&'static str, String)>,
        (content_type, body): (&str, String),
    ) -> Result<Answer, Failure> {
        let credentials = Profile::load(self.profile.as_deref()).credentials()?;
        let request = http::Request::builder()
            .method(method.clone())
            .uri(format!("{}{path}", self.url()))
            .header("content-type", content_type);
        let request = header
            .into_iter()
            .fold(request, |request, (name, value)| request.header(name, value))
            .body(())
            .map_err(|error| Failure::Input(format!("`{}{path}`: {error}", self.url())))?;
        let (mut parts, ()) = request.into_parts();
        let now = now()?;
        let signer = Signer {
            credentials: &credentials,
            region: REGION,
            service,
            now,
            algorithm: Algorithm::Hmac,
        };
        signer
            .sign(&mut parts, Payload::Whole(body.as_bytes()))
            .map_err(|error| Failure::Input(error.to_string()))?;
        self.send(method, path, parts.headers, body)
    }

    /// Sends what is ready to be sent.
    pub(crate) fn send(
        &self,
        method: &Method,
        path: &str,
        headers: HeaderMap,
        body: String,
    ) -> Result<Answer, Failure> {
        let endpoint = self.url();
        let unreachable = |error: reqwest::Error| Failure::Unreachable {
            endpoint: self.url(),
            cause: chain(&error),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::Broken(error.to_string()))?;
        runtime.block_on(async {
            let client = reqwest::Client::builder()
                .timeout(Duration::from_secs(REQUEST_SECONDS_MAX))
                .redirect(reqwest::redirect::Policy::none())
                .tls_certs_merge(authorities()?)
                .build()
                .map_err(unreachable)?;
            let sent = client
                .request(method.clone(), format!("{endpoint}{path}"))
                .headers(headers)
                .body(body)
                .send()
                .await
                .map_err(unreachable)?;
            let status = sent.status().as_u16();
            let body = sent.text().await.map_err(unreachable)?;
            Ok(Answer { status, body })
        })
    }
}

/// Certificate authorities besides the system's: those of `AWS_CA_BUNDLE` (AWS CLI user guide,
/// "Environment variables").
pub(crate) fn authorities() -> Result<Vec<reqwest::Certificate>, Failure> {
    let Some(file) = variable("AWS_CA_BUNDLE") else { return Ok(Vec::new()) };
    let wrong = |why: String| Failure::Input(format!("AWS_CA_BUNDLE {file}: {why}"));
    let pem = std::fs::read(&file).map_err(|error| wrong(error.to_string()))?;
    reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| wrong(chain(&error)))
}

/// The time of day, for a signature.
pub(crate) fn now() -> Result<names::Timestamp, Failure> {
    #[expect(clippy::disallowed_methods, reason = "a client signs with its own clock")]
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    elapsed
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .and_then(|millis| names::Timestamp::from_millis(millis).ok())
        .ok_or_else(|| Failure::Broken("this machine's clock is before 1970".to_owned()))
}

/// The JSON of an answer, or the refusal it is.
pub(crate) fn json(answer: &Answer) -> Result<Value, Failure> {
    let value: Value = serde_json::from_str(&answer.body).map_err(|_| {
        Failure::Broken(format!("the server answered {} and no JSON", answer.status))
    })?;
    if (200..300).contains(&answer.status) {
        return Ok(value);
    }
    let word = |name: &str| value.pointer(&format!("/error/{name}")).and_then(Value::as_str);
    let own = |name: &str| value.get(name).and_then(Value::as_str);
    let code = word("code").or(own("__type")).unwrap_or("Unknown").to_owned();
    let mut message = word("message").or(own("Message")).unwrap_or_default().to_owned();
    if let Some(decision) = word("decision_id") {
        message.push_str(&format!(" (decision {decision}: `strongroom explain {decision}`)"));
    }
    let help = word("help").map(str::to_owned);
    Err(refusal(answer.status, code, message, help))
}

/// The tree of an answer, or the refusal it is.
fn xml(answer: &Answer) -> Result<Node, Failure> {
    let tree = Node::parse(&answer.body).map_err(|_| {
        Failure::Broken(format!("the server answered {} and no XML", answer.status))
    })?;
    if (200..300).contains(&answer.status) {
        return Ok(tree);
    }
    let word = |name: &str| tree.find(name).map(|found| found.text().to_owned());
    let code = word("Code").unwrap_or_else(|| "Unknown".to_owned());
    let mut message = word("Message").unwrap_or_default();
    if let Some(decision) = word("DecisionId") {
        message.push_str(&format!(" (decision {decision}: `strongroom explain {decision}`)"));
    }
    Err(refusal(answer.status, code, message, None))
}

/// What a refusal means here.
fn refusal(status: u16, code: String, message: String, help: Option<String>) -> Failure {
    match status {
        401 | 403 => Failure::Refused { code, message, help },
        _ if CREDENTIAL_CODES.contains(&code.as_str()) => Failure::Refused { code, message, help },
        404 => Failure::Absent { code, message, help },
        400..=499 => Failure::Input(format!("{code}: {message}{}", helping(help.as_deref()))),
        _ => Failure::Broken(format!("{code}: {message}{}", helping(help.as_deref()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, code: &str) -> Failure {
        let body = serde_json::json!({"error": {"code": code, "message": "m", "help": "h"}});
        json(&Answer { status, body: body.to_string() }).unwrap_err()
    }

    #[test]
    fn a_refusal_of_the_caller_is_told_from_a_refusal_of_the_input() {
        assert!(matches!(failure(403, "AccessDenied"), Failure::Refused { .. }));
        assert!(matches!(failure(400, "ExpiredToken"), Failure::Refused { .. }));
        assert!(matches!(failure(400, "AccessDeniedException"), Failure::Refused { .. }));
        assert!(matches!(failure(409, "Conflict"), Failure::Input(text)
            if text == "Conflict: m\nhelp: h"));
        let absent = failure(404, "NoSuchProvider");
        assert_eq!(absent.to_string(), "NoSuchProvider: m\nhelp: h");
        assert!(matches!(absent, Failure::Absent { .. }));
        assert!(matches!(failure(500, "InternalError"), Failure::Broken(_)));
    }

    #[test]
    fn an_answer_that_is_no_json_is_no_answer() {
        let page = Answer { status: 200, body: "<html>".to_owned() };
        assert!(matches!(json(&page), Err(Failure::Broken(_))));
        let good = Answer { status: 200, body: "{}".to_owned() };
        assert!(json(&good).is_ok());
    }
}
