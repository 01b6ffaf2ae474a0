//! One client: a kept connection, and requests signed as an SDK signs them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use names::Timestamp;
use signing::Algorithm;
use signing::sign::{Credentials, Payload, Signer};
use tokio::net::TcpStream;

use crate::Failure;

const REGION: &str = "us-east-1";
/// How much of an error's body is shown, in bytes.
const SHOWN_BYTES_MAX: usize = 800;

/// A body that repeats a block until so many bytes are out.
#[derive(Clone, Default)]
pub(crate) struct Repeat {
    block: Bytes,
    left: u64,
}

impl Repeat {
    /// The block once.
    pub(crate) fn once(block: Bytes) -> Self {
        let left = size(&block);
        Self { block, left }
    }

    /// The block as often as it takes.
    pub(crate) fn of(block: Bytes, bytes: u64) -> Self {
        Self { block, left: bytes }
    }

    /// How many bytes are to come.
    pub(crate) fn bytes(&self) -> u64 {
        self.left
    }
}

fn size(block: &Bytes) -> u64 {
    u64::try_from(block.len()).unwrap_or(u64::MAX)
}

impl Body for Repeat {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = size(&self.block).min(self.left);
        if next == 0 {
            return Poll::Ready(None);
        }
        self.left -= next;
        let length = usize::try_from(next).unwrap_or(usize::MAX);
        Poll::Ready(Some(Ok(Frame::data(self.block.slice(..length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A request that is signed and can be sent as often as one likes while its time is good.
#[derive(Clone)]
pub(crate) struct Prepared {
    parts: Parts,
    /// What it carries.
    pub(crate) body: Repeat,
}

impl Prepared {
    /// The request as it goes over the wire.
    pub(crate) fn raw(&self) -> Vec<u8> {
        let (method, target) = (&self.parts.method, &self.parts.uri);
        let mut raw = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
        for (name, value) in &self.parts.headers {
            raw.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        raw.extend(format!("content-length: {}\r\n\r\n", self.body.left).into_bytes());
        let mut left = self.body.left;
        while left > 0 {
            let next = size(&self.body.block).min(left);
            let length = usize::try_from(next).unwrap_or(usize::MAX);
            raw.extend_from_slice(&self.body.block.slice(..length));
            left -= next;
        }
        raw
    }
}

/// Who asks.
#[derive(Clone)]
pub(crate) struct Caller {
    address: SocketAddr,
    credentials: Credentials,
}

impl Caller {
    /// The owner of an access key, at a server.
    pub(crate) fn new(address: SocketAddr, id: &str, secret: &str) -> Result<Self, Failure> {
        let secret = secret.parse().map_err(|_| "the secret key has no form")?;
        let credentials = Credentials { access_key_id: id.parse()?, secret, session_token: None };
        Ok(Self { address, credentials })
    }

    /// The same with a session's token.
    pub(crate) fn with_token(mut self, token: String) -> Self {
        self.credentials.session_token = Some(token);
        self
    }

    /// Where the server is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Signs a request of S3.
    pub(crate) fn s3(
        &self,
        method: Method,
        target: &str,
        body: Repeat,
        payload: Payload<'_>,
    ) -> Result<Prepared, Failure> {
        let request = http::Request::builder()
            .method(method)
            .uri(target)
            .header("host", self.address.to_string())
            .header("user-agent", "strongroom-bench");
        self.prepare("s3", request.body(())?.into_parts().0, body, payload)
    }

    /// Signs a request without a body.
    pub(crate) fn get(&self, target: &str) -> Result<Prepared, Failure> {
        self.s3(Method::GET, target, Repeat::default(), Payload::Whole(b""))
    }

    /// Signs a request of the query protocol.
    pub(crate) fn query(
        &self,
        service: &str,
        fields: &[(&str, &str)],
    ) -> Result<Prepared, Failure> {
        let form: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let form = Bytes::from(form.join("&"));
        let request = http::Request::builder()
            .method(Method::POST)
            .uri("/")
            .header("host", self.address.to_string())
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        let parts = request.body(())?.into_parts().0;
        self.prepare(service, parts, Repeat::once(form.clone()), Payload::Whole(&form))
    }

    /// Signs a request of the native API.
    pub(crate) fn native(
        &self,
        method: Method,
        target: &str,
        json: &Bytes,
    ) -> Result<Prepared, Failure> {
        let request = http::Request::builder()
            .method(method)
            .uri(target)
            .header("host", self.address.to_string())
            .header("content-type", "application/json");
        let parts = request.body(())?.into_parts().0;
        self.prepare("strongroom", parts, Repeat::once(json.clone()), Payload::Whole(json))
    }

    fn prepare(
        &self,
        service: &str,
        mut parts: Parts,
        body: Repeat,
        payload: Payload<'_>,
    ) -> Result<Prepared, Failure> {
        let now = now()?;
        let signer = Signer {
            credentials: &self.credentials,
            region: REGION,
            service,
            now,
            algorithm: Algorithm::Hmac,
        };
        signer.sign(&mut parts, payload)?;
        Ok(Prepared { parts, body })
    }

    /// A new connection to the server.
    pub(crate) async fn connect(&self) -> Result<Connection, Failure> {
        Connection::to(self.address).await
    }

    /// Sends one request on a connection of its own; answers the body.
    pub(crate) async fn once(&self, request: &Prepared) -> Result<String, Failure> {
        let answer = self.connect().await?.send(request, Keep::Body).await?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }
}

/// The wall clock.
pub(crate) fn now() -> Result<Timestamp, Failure> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Timestamp::from_millis(i64::try_from(since.as_millis())?)?)
}

/// Whether the body of an answer is kept, or counted only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Kept.
    Body,
    /// Counted.
    Count,
}

/// An answer that was not an error.
pub(crate) struct Answer {
    /// How many bytes its body had.
    pub(crate) bytes: u64,
    /// The body, if it was to be kept.
    pub(crate) body: Vec<u8>,
    /// Its `ETag`, if it had one.
    pub(crate) etag: Option<String>,
}

/// A connection that is kept between requests.
pub(crate) struct Connection(SendRequest<Repeat>);

impl Connection {
    /// Connects.
    pub(crate) async fn to(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request, and reads the answer to its end, whatever it says.
    pub(crate) async fn status(&mut self, what: &Prepared) -> Result<StatusCode, Failure> {
        self.0.ready().await?;
        let request = http::Request::from_parts(what.parts.clone(), what.body.clone());
        let (head, mut body) = self.0.send_request(request).await?.into_parts();
        while let Some(frame) = body.frame().await {
            frame?;
        }
        Ok(head.status)
    }

    /// Sends a request and reads the answer to its end. An answer above 299 is a failure.
    pub(crate) async fn send(&mut self, what: &Prepared, keep: Keep) -> Result<Answer, Failure> {
        self.0.ready().await?;
        let request = http::Request::from_parts(what.parts.clone(), what.body.clone());
        let response = self.0.send_request(request).await?;
        let (head, mut body) = response.into_parts();
        let keep = if head.status.is_success() { keep } else { Keep::Body };
        let etag = head.headers.get("etag").and_then(|value| value.to_str().ok());
        let mut answer = Answer { bytes: 0, body: Vec::new(), etag: etag.map(str::to_owned) };
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            answer.bytes = answer.bytes.saturating_add(size(&data));
            if keep == Keep::Body {
                answer.body.extend_from_slice(&data);
            }
        }
        if head.status.is_success() {
            return Ok(answer);
        }
        answer.body.truncate(SHOWN_BYTES_MAX);
        let said = String::from_utf8_lossy(&answer.body);
        let (method, target) = (&what.parts.method, &what.parts.uri);
        Err(format!("{method} {target} was answered {}: {said}", head.status).into())
    }
}

/// Percent-encoding as AWS's clients do it.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// The text of an element of an answer, by its name.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> Result<&'a str, Failure> {
    xml.split_once(&format!("<{name}>"))
        .and_then(|(_, rest)| rest.split_once(&format!("</{name}>")))
        .map(|(text, _)| text)
        .ok_or_else(|| format!("`{name}` is missing in {xml}").into())
}
