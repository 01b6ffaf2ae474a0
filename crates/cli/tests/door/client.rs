//! A client that sends exactly what it is told: no normalised path, no header of its own but the
//! length, one connection per request.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use names::Timestamp;
use rustix::net::sockopt::set_socket_linger;
use sha2::{Digest as _, Sha256};
use signing::sign::{ChunkSigner, Credentials, Payload, Signer, sign_policy};
use signing::{Algorithm, Scope};

const REGION: &str = "us-east-1";

/// What parts the fields of a form.
pub(crate) const BOUNDARY: &str = "--------------------------door";

/// The longest file that the policy of a form lets in.
pub(crate) const FILE_BYTES_MAX: usize = 64;

/// How long the server may be silent, in seconds: it then hangs, and the test says so.
const SILENCE_SECONDS_MAX: u64 = 60;

/// A request before anybody signs it.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    /// Path and query, as they are sent.
    pub(crate) target: String,
    /// What it is signed for.
    pub(crate) service: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// The fields of a browser's form, of which the body is the file; none if it is no form.
    pub(crate) fields: Vec<(&'static str, String)>,
}

impl Ask {
    /// A request of S3.
    pub(crate) fn s3(method: &'static str, target: &str) -> Self {
        let (target, headers, body) = (target.to_owned(), Vec::new(), Vec::new());
        Self { method, target, service: "s3", headers, body, fields: Vec::new() }
    }

    /// A browser's form: its fields, and the content of its file.
    pub(crate) fn upload(target: &str, fields: &[(&'static str, &str)], file: &str) -> Self {
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        Self { fields, ..Self::s3("POST", target) }.with("content-type", &kind).body(file)
    }

    /// A form of the query protocol: `Action` and the other fields, encoded.
    pub(crate) fn form(service: &'static str, action: &str, fields: &str) -> Self {
        let version = if service == "sts" { "2011-06-15" } else { "2010-05-08" };
        let body = format!("Action={action}&Version={version}&{fields}");
        let ask = Self { service, ..Self::s3("POST", "/") }
            .with("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        ask.body(body.trim_end_matches('&'))
    }

    /// A request of AWS Organizations: the operation, and its members as JSON.
    pub(crate) fn target(action: &str, json: &str) -> Self {
        Self { service: "organizations", ..Self::s3("POST", "/") }
            .with("content-type", "application/x-amz-json-1.1")
            .with("x-amz-target", &format!("AWSOrganizationsV20161128.{action}"))
            .body(json)
    }

    /// A question for the Access Analyzer.
    pub(crate) fn analyzer(path: &str, json: &str) -> Self {
        Self { service: "access-analyzer", ..Self::s3("POST", &format!("/policy/{path}")) }
            .with("content-type", "application/json")
            .body(json)
    }

    /// A request of the native admin API.
    pub(crate) fn admin(method: &'static str, path: &str, json: &str) -> Self {
        let ask = Self { service: "strongroom", ..Self::s3(method, &format!("/-/v1/{path}")) };
        if json.is_empty() { ask } else { ask.with("content-type", "application/json").body(json) }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// A body of XML, with the checksum that some operations ask for.
    pub(crate) fn xml(self, body: &str) -> Self {
        let digest = STANDARD.encode(Sha256::digest(body.as_bytes()));
        self.with("x-amz-checksum-sha256", &digest).body(body)
    }
}

/// How a request is signed.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    Nobody,
    Key(&'a Credentials),
    /// With a clock that is so many seconds off.
    Skewed(&'a Credentials, i64),
    /// As a link that was made so many seconds ago and lives so long.
    Link(&'a Credentials, i64, u64),
}

/// How a client hangs up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HangUp {
    /// It says that it sends nothing more, and waits for nothing (FIN).
    End,
    /// It resets the connection (RST).
    Reset,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The id of the request, in whichever header its dialect has.
    pub(crate) fn request_id(&self) -> &str {
        ["x-amz-request-id", "x-amzn-requestid", "x-strongroom-request-id"]
            .iter()
            .find_map(|name| self.header(name))
            .unwrap_or_else(|| panic!("an answer without a request id: {self:?}"))
    }

    /// The code of an error, in whichever shape; empty if there is none.
    pub(crate) fn code(&self) -> String {
        if let Ok(json) = serde_json::from_str::<serde_json::Value>(&self.body) {
            let code = json["error"]["code"].as_str().or(json["__type"].as_str());
            return code.unwrap_or_default().to_owned();
        }
        self.element("Code").unwrap_or_default()
    }

    /// The text of the first XML element of a name.
    pub(crate) fn element(&self, name: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text.to_owned())
    }

    /// The first text of a member of that name, at whatever depth.
    pub(crate) fn member(&self, name: &str) -> Option<String> {
        fn find(value: &serde_json::Value, name: &str) -> Option<String> {
            match value {
                serde_json::Value::Object(members) => members
                    .get(name)
                    .and_then(|found| found.as_str().map(str::to_owned))
                    .or_else(|| members.values().find_map(|value| find(value, name))),
                serde_json::Value::Array(items) => items.iter().find_map(|one| find(one, name)),
                _ => None,
            }
        }
        find(&serde_json::from_str(&self.body).ok()?, name)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The answer, if it is what was hoped for.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// A body of `multipart/form-data` (RFC 7578).
pub(crate) fn multipart(fields: &[(&'static str, String)], file: &[u8]) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
         Content-Type: text/plain\r\n\r\n"
    ));
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    [body.as_bytes(), file, end.as_bytes()].concat()
}

/// Sends requests to one server.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    /// What time the client believes it is, if not what the machine says.
    pub(crate) now: Option<Timestamp>,
}

impl Client {
    pub(crate) fn send(&self, ask: &Ask, by: By<'_>) -> Answer {
        if !ask.fields.is_empty() {
            let body = self.form(ask, by);
            return self.raw(&self.head(ask), &body, body.len());
        }
        let (parts, _) = self.signed(ask, by, Payload::Whole(&ask.body));
        self.raw(&parts, &ask.body, ask.body.len())
    }

    /// The head of a request, signed, and what signs the chunks of its body.
    pub(crate) fn signed(
        &self,
        ask: &Ask,
        by: By<'_>,
        payload: Payload<'_>,
    ) -> (Parts, Option<ChunkSigner>) {
        let mut parts = self.head(ask);
        let (credentials, off) = match by {
            By::Nobody => return (parts, None),
            By::Key(credentials) => (credentials, 0),
            By::Skewed(credentials, off) => (credentials, off),
            By::Link(credentials, ago, _) => (credentials, -ago),
        };
        let now = self.now().plus_seconds(off);
        let signer = Signer {
            credentials,
            region: REGION,
            service: ask.service,
            now,
            algorithm: Algorithm::Hmac,
        };
        if let By::Link(_, _, seconds) = by {
            signer.presign(&mut parts, seconds).unwrap();
            return (parts, None);
        }
        let chunks = signer.sign(&mut parts, payload).unwrap();
        (parts, Some(chunks))
    }

    /// The body of a form: its fields with the credential among them, then the file. The policy
    /// asks of each field what it is.
    pub(crate) fn form(&self, ask: &Ask, by: By<'_>) -> Vec<u8> {
        let mut fields = ask.fields.clone();
        let (credentials, expiration) = match by {
            By::Nobody => return multipart(&fields, &ask.body),
            By::Key(credentials) => (credentials, 600),
            By::Skewed(credentials, off) => (credentials, off.saturating_add(600)),
            By::Link(credentials, ago, seconds) => {
                (credentials, i64::try_from(seconds).unwrap() - ago)
            }
        };
        let now = self.now();
        let scope = Scope::new(now, REGION, "s3");
        let credential = format!("{}/{scope}", credentials.access_key_id);
        fields.push(("x-amz-credential", credential));
        fields.push(("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()));
        fields.push(("x-amz-date", now.iso_basic()));
        let token = credentials.session_token.clone();
        fields.extend(token.map(|token| ("x-amz-security-token", token)));
        let conditions: Vec<serde_json::Value> = fields
            .iter()
            .map(|(name, value)| match *name {
                "key" => serde_json::json!(["starts-with", "$key", ""]),
                name => serde_json::json!({ name: value }),
            })
            .chain([serde_json::json!(["content-length-range", 1, FILE_BYTES_MAX])])
            .collect();
        let expiration = now.plus_seconds(expiration).iso_millis();
        let policy = serde_json::json!({ "expiration": expiration, "conditions": conditions });
        let policy = STANDARD.encode(policy.to_string());
        let signature = sign_policy(&credentials.secret, &scope, &policy);
        fields.push(("policy", policy));
        fields.push(("x-amz-signature", signature));
        multipart(&fields, &ask.body)
    }

    /// The time, as a `Date` header says it.
    pub(crate) fn date(&self) -> String {
        self.now().http_date()
    }

    fn head(&self, ask: &Ask) -> Parts {
        let mut builder = http::Request::builder()
            .method(ask.method)
            .uri(&ask.target)
            .header("host", self.address.to_string());
        for (name, value) in &ask.headers {
            builder = builder.header(*name, value);
        }
        builder.body(()).unwrap().into_parts().0
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(machine_time)
    }

    /// Sends a request whose head says that the body has so many bytes more, and goes away; of a
    /// whole one, when the answer has begun.
    pub(crate) fn part(&self, ask: &Ask, by: By<'_>, missing: usize) {
        let (parts, body) = if ask.fields.is_empty() {
            (self.signed(ask, by, Payload::Whole(&ask.body)).0, ask.body.clone())
        } else {
            (self.head(ask), self.form(ask, by))
        };
        let bytes = request(&parts, &body, body.len() + missing);
        let mut stream = TcpStream::connect(self.address).unwrap();
        // A server that has refused already need not read the rest.
        let _ = stream.write_all(&bytes);
        if missing == 0 {
            stream.read_exact(&mut [0; 9]).unwrap();
        }
    }

    /// Sends a request, and hangs up with it: by an end, or by a reset.
    pub(crate) fn hang_up(&self, ask: &Ask, by: By<'_>, how: HangUp) {
        let (parts, body) = if ask.fields.is_empty() {
            (self.signed(ask, by, Payload::Whole(&ask.body)).0, ask.body.clone())
        } else {
            (self.head(ask), self.form(ask, by))
        };
        let mut stream = TcpStream::connect(self.address).unwrap();
        if how == HangUp::Reset {
            set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
        }
        stream.write_all(&request(&parts, &body, body.len())).unwrap();
    }

    /// Sends a head as it is and a body of which the head says that it has `length` bytes.
    pub(crate) fn raw(&self, parts: &Parts, body: &[u8], length: usize) -> Answer {
        let head = request(parts, body, length);
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(SILENCE_SECONDS_MAX))).unwrap();
        // A server that has refused already need not read the rest.
        let _ = stream.write_all(&head);
        if body.len() != length {
            let _ = stream.shutdown(std::net::Shutdown::Write);
        }
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes);
        answer(&bytes, parts.method == "HEAD").unwrap_or_else(|| {
            let text = String::from_utf8_lossy(&bytes);
            panic!("no answer to {} {}: {read:?} {text:?}", parts.method, parts.uri)
        })
    }
}

/// The time of this machine.
pub(crate) fn machine_time() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "a client signs with its own clock")]
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap()).unwrap()
}

/// The bytes of a request.
fn request(parts: &Parts, body: &[u8], length: usize) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\n", parts.method, parts.uri).into_bytes();
    for (name, value) in &parts.headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    if length > 0 || parts.method == "PUT" || parts.method == "POST" {
        head.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
    }
    head.extend_from_slice(b"connection: close\r\n\r\n");
    head.extend_from_slice(body);
    head
}

fn answer(bytes: &[u8], head_only: bool) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let rest = &bytes[end + 4..];
    let has = |name: &str, value: &str| headers.iter().any(|(n, v)| n == name && v == value);
    let body = match () {
        () if head_only => Vec::new(),
        () if has("transfer-encoding", "chunked") => unchunked(rest)?,
        () => rest.to_vec(),
    };
    Some(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(rest.get(end + 2..end + 2 + size)?);
        rest = rest.get(end + size + 4..)?;
    }
}
