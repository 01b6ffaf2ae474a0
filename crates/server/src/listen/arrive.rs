//! From an accepted connection to a stream that HTTP can be served on: who is at the other end, and
//! TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use api::Connection;
use audit::Clock;
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::server::TlsStream;

use super::census::Place;
use super::proxy::{ProxyError, read_header};
use super::serve::Protocol;
use crate::config::{Limits, ProxyProtocol};
use crate::telemetry::{Limit, past};
use crate::tls::{ClientCertificateError, Tls, shown};

/// Who may come in, and how.
#[derive(Clone)]
pub(crate) struct Gate {
    /// What TLS is served with; plain HTTP if there is none.
    pub(crate) tls: Option<Arc<Tls>>,
    /// Peers that pass other people's requests on.
    pub(crate) trusted_proxies: Arc<[IpNet]>,
    /// Whether they say so in a PROXY header.
    pub(crate) proxy_protocol: ProxyProtocol,
    /// How fast and how long.
    pub(crate) limits: Arc<Limits>,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
}

/// Why a connection is closed before any request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TurnedAway {
    /// Its address has enough connections.
    #[error("its address has enough connections")]
    Address,
    /// Plain HTTP is for this machine and for trusted proxies.
    #[error("plain HTTP is served to this machine and to trusted proxies alone")]
    Plain,
    /// The listener speaks the PROXY protocol, and the peer is not a trusted proxy.
    #[error("the peer is no trusted proxy, and the listener takes PROXY connections alone")]
    Untrusted,
    /// A trusted proxy does not say who its client is.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// More handshakes begin than may.
    #[error("too many TLS handshakes begin")]
    Handshakes,
    /// PROXY header and handshake take too long.
    #[error("the handshake took too long")]
    Slow,
    /// The TLS handshake failed.
    #[error("the TLS handshake failed: {0}")]
    Tls(#[source] std::io::Error),
    /// The client's certificate verifies and is not fit for a client all the same.
    #[error(transparent)]
    ClientCertificate(#[from] ClientCertificateError),
}

impl TurnedAway {
    /// The reason as the metric's label has it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Plain => "plain",
            Self::Untrusted => "untrusted-proxy",
            Self::Proxy(_) => "proxy-header",
            Self::Handshakes => "handshake-rate",
            Self::Slow => "handshake-slow",
            Self::Tls(_) => "tls",
            Self::ClientCertificate(_) => "client-certificate",
        }
    }
}

/// A stream that has arrived.
pub(super) enum Arrived<S> {
    /// In the clear.
    Plain(S),
    /// Through TLS that ends here.
    Tls(Box<TlsStream<S>>),
}

/// Finds out who is at the other end, counts them, and shakes hands. Dropped midway, the connection
/// is closed.
pub(super) async fn arrive<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    peer: SocketAddr,
    place: &mut Place,
    gate: &Gate,
) -> Result<(Arrived<S>, Connection, Protocol), TurnedAway> {
    let arrived = tokio::time::timeout(gate.limits.handshake, greet(stream, peer, place, gate));
    arrived.await.unwrap_or_else(|_| {
        past(Limit::HandshakeSeconds);
        Err(TurnedAway::Slow)
    })
}

async fn greet<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    peer: SocketAddr,
    place: &mut Place,
    gate: &Gate,
) -> Result<(Arrived<S>, Connection, Protocol), TurnedAway> {
    let address = peer.ip().to_canonical();
    let trusted = gate.trusted_proxies.iter().any(|net| net.contains(&address));
    let mut connection = Connection::plain(peer);
    match gate.proxy_protocol {
        ProxyProtocol::V2 if !trusted => return Err(TurnedAway::Untrusted),
        ProxyProtocol::V2 => connection.proxied = read_header(&mut stream).await?,
        ProxyProtocol::Off => {}
    }
    // All clients of a proxy that does not say who they are have its address.
    let counted = !trusted || connection.proxied.is_some();
    if counted && !place.of(connection.address()) {
        return Err(TurnedAway::Address);
    }
    let Some(tls) = &gate.tls else {
        return match trusted || address.is_loopback() {
            true => Ok((Arrived::Plain(stream), connection, Protocol::Http1)),
            false => Err(TurnedAway::Plain),
        };
    };
    if !place.may_shake(gate.clock.monotonic()) {
        return Err(TurnedAway::Handshakes);
    }
    let stream = tls.acceptor().accept(stream).await.map_err(TurnedAway::Tls)?;
    let (_, session) = stream.get_ref();
    connection.tls = Some(version(session.protocol_version()));
    connection.client_certificate = shown(session)?.map(Arc::new);
    let protocol = match session.alpn_protocol() {
        Some(b"h2") => Protocol::Http2,
        _ => Protocol::Http1,
    };
    Ok((Arrived::Tls(Box::new(stream)), connection, protocol))
}

/// The version as `s3:TlsVersion` writes it.
fn version(version: Option<rustls::ProtocolVersion>) -> &'static str {
    match version {
        Some(rustls::ProtocolVersion::TLSv1_3) => "1.3",
        // There is no other that we would have agreed on.
        _ => "1.2",
    }
}
