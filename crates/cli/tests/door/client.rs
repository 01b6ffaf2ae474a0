//! A client that sends exactly what it is told: no normalised path, no header of its own but the
//! length, one connection per request.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use http::request::Parts;
use names::Timestamp;
use rustix::net::sockopt::set_socket_linger;
use signing::Algorithm;
use signing::sign::{ChunkSigner, Credentials, Payload, Signer};

pub(crate) use crate::ask::{Ask, BOUNDARY, FILE_BYTES_MAX, REGION, multipart};

/// How long the server may be silent, in seconds: it then hangs, and the test says so.
const SILENCE_SECONDS_MAX: u64 = 60;

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

    /// The body of a form, signed.
    pub(crate) fn form(&self, ask: &Ask, by: By<'_>) -> Vec<u8> {
        let (credentials, seconds) = match by {
            By::Nobody => return multipart(&ask.fields, &ask.body),
            By::Key(credentials) => (credentials, 600),
            By::Skewed(credentials, off) => (credentials, off.saturating_add(600)),
            By::Link(credentials, ago, seconds) => {
                (credentials, i64::try_from(seconds).unwrap() - ago)
            }
        };
        ask.form_by(credentials, (self.now(), seconds))
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
