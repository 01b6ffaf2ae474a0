//! A client that signs, over TLS or not, with HTTP/2 or HTTP/1.1.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use h2::client::SendRequest;
use http::request::Parts;
use names::Timestamp;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use signing::Algorithm;
use signing::sign::{Credentials, Payload, Signer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::server::{ROOT_KEY, ROOT_SECRET, Server};

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The text of the first XML element of a name.
    pub(crate) fn element(&self, name: &str) -> String {
        let rest = self.body.split_once(&format!("<{name}>")).map(|(_, rest)| rest);
        let text = rest.and_then(|rest| rest.split_once(&format!("</{name}>")));
        text.map(|(text, _)| text.to_owned()).unwrap_or_default()
    }
}

/// A request before it is signed.
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) service: &'a str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl<'a> Ask<'a> {
    pub(crate) fn s3(method: &'a str, target: &'a str) -> Self {
        let (headers, body) = (Vec::new(), Bytes::new());
        Self { method, target, service: "s3", headers, body }
    }

    pub(crate) fn iam(action: &str, fields: &str) -> Self {
        let body = format!("Action={action}&Version=2010-05-08&{fields}");
        let form = "application/x-www-form-urlencoded; charset=utf-8".to_owned();
        let headers = vec![("content-type", form)];
        Self { headers, service: "iam", ..Self::s3("POST", "/") }.body(body)
    }

    pub(crate) fn admin(method: &'a str, target: &'a str, body: &str) -> Self {
        Self { service: "strongroom", ..Self::s3(method, target) }.body(body.to_owned())
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The head, signed by somebody for an authority.
    pub(crate) fn signed(&self, authority: &str, by: &Credentials) -> Parts {
        let uri = format!("https://{authority}{}", self.target);
        let mut builder = http::Request::builder().method(self.method).uri(uri);
        for (name, value) in &self.headers {
            builder = builder.header(*name, value);
        }
        let (mut parts, ()) = builder.body(()).unwrap().into_parts();
        #[expect(clippy::disallowed_methods, reason = "a client signs with its own clock")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
        let now = Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap()).unwrap();
        let signer = Signer {
            credentials: by,
            region: "us-east-1",
            service: self.service,
            now,
            algorithm: Algorithm::Hmac,
        };
        signer.sign(&mut parts, Payload::Whole(&self.body)).unwrap();
        parts
    }
}

pub(crate) fn root() -> Credentials {
    credentials(ROOT_KEY, ROOT_SECRET)
}

pub(crate) fn credentials(key: &str, secret: &str) -> Credentials {
    Credentials {
        access_key_id: key.parse().unwrap(),
        secret: secret.parse().unwrap(),
        session_token: None,
    }
}

/// How to shake hands.
pub(crate) struct Hands<'a> {
    pub(crate) roots: Arc<RootCertStore>,
    pub(crate) alpn: &'a [&'a str],
    pub(crate) versions: &'a [&'static SupportedProtocolVersion],
}

pub(crate) async fn connect(
    address: SocketAddr,
    hands: Hands<'_>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(hands.versions)
        .unwrap()
        .with_root_certificates(hands.roots)
        .with_no_client_auth();
    config.alpn_protocols = hands.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::from(address.ip());
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// A connection of HTTP/2.
#[derive(Clone)]
pub(crate) struct Http2 {
    pub(crate) client: SendRequest<Bytes>,
    pub(crate) authority: String,
}

impl Http2 {
    pub(crate) async fn to(server: &Server) -> Self {
        let hands = Hands { roots: server.roots(), alpn: &["h2"], versions: rustls::ALL_VERSIONS };
        let stream = connect(server.address, hands).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (client, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(async move { drop(connection.await) });
        Self { client, authority: server.address.to_string() }
    }

    /// Begins a request; its answer's body is not read.
    pub(crate) async fn begin(
        &self,
        parts: Parts,
        body: Bytes,
    ) -> Result<http::Response<h2::RecvStream>, h2::Error> {
        let mut client = self.client.clone().ready().await?;
        let mut request = http::Request::from_parts(parts, ());
        if !body.is_empty() {
            request.headers_mut().insert("content-length", body.len().into());
        }
        let (response, mut stream) = client.send_request(request, body.is_empty())?;
        if !body.is_empty() {
            stream.send_data(body, true)?;
        }
        response.await
    }

    pub(crate) async fn send(&self, ask: &Ask<'_>, by: &Credentials) -> Answer {
        let parts = ask.signed(&self.authority, by);
        let (head, body) = self.begin(parts, ask.body.clone()).await.unwrap().into_parts();
        let body = whole(body).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }
}

/// All of a body.
pub(crate) async fn whole(mut body: h2::RecvStream) -> Result<Vec<u8>, h2::Error> {
    let mut whole = Vec::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}

/// A request of HTTP/1.1 as it goes over the wire.
pub(crate) fn http1(parts: &Parts, body: &[u8]) -> Vec<u8> {
    let target = parts.uri.path_and_query().unwrap();
    let authority = parts.uri.authority().unwrap();
    let mut bytes = format!("{} {target} HTTP/1.1\r\nhost: {authority}\r\n", parts.method);
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != "host") {
        bytes.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    if !body.is_empty() {
        bytes.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    bytes.push_str("\r\n");
    [bytes.as_bytes(), body].concat()
}

/// Sends a request of HTTP/1.1 on a stream that ends with it; what came back.
pub(crate) async fn ask1(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ask: Ask<'_>,
    (authority, by): (&str, &Credentials),
) -> Answer {
    let ask = ask.with("connection", "close");
    let parts = ask.signed(authority, by);
    stream.write_all(&http1(&parts, &ask.body)).await.unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, headers: http::HeaderMap::new(), body: body.to_owned() }
}
