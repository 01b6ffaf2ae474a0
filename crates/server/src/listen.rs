//! Listeners: accept, count, shake hands, serve, drain.

use std::collections::HashMap;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api::Connection;
use arc_swap::ArcSwap;
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// How many bytes a request's head may have.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// How many headers a request may have.
const HEADERS_MAX: usize = 100;
/// How long a TLS handshake may take, in seconds.
const HANDSHAKE_SECONDS_MAX: u64 = 10;
/// How long open requests may go on after the stop was asked for, in seconds.
const DRAIN_SECONDS_MAX: u64 = 30;

/// What answers requests.
pub(crate) trait Handler: Clone + Send + Sync + 'static {
    /// The body of its answers.
    type Body: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    /// Answers one request that came over `connection`.
    fn answer(
        &self,
        request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// How many connections are served at the same time, and how patiently.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) connections_max: usize,
    pub(crate) connections_per_address_max: usize,
    pub(crate) head_seconds_max: u64,
}

/// A listener and all it needs.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) tls: Option<Arc<ArcSwap<ServerConfig>>>,
    pub(crate) limits: Limits,
}

impl Listener {
    /// Serves until `stop` turns true, then finishes what is open. Dropped midway, it resets every
    /// connection; the entries of their requests close as aborted.
    pub(crate) async fn serve<H: Handler>(self, handler: H, mut stop: watch::Receiver<bool>) {
        let graceful = GracefulShutdown::new();
        let census = Arc::new(Census::new(self.limits));
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                _ = stop.wait_for(|stopped| *stopped) => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let Some(place) = Census::enter(&census, peer.ip()) else {
                metrics::counter!("strongroom_connections_refused_total").increment(1);
                continue;
            };
            let handler = handler.clone();
            let tls = self.tls.clone();
            let watcher = graceful.watcher();
            let head = Duration::from_secs(self.limits.head_seconds_max);
            tokio::spawn(async move {
                let _place = place;
                Box::pin(connection(stream, peer, tls, head, (handler, watcher))).await;
            });
        }
        drop(self.socket);
        drain(graceful).await;
    }
}

async fn drain(graceful: GracefulShutdown) {
    let limit = Duration::from_secs(DRAIN_SECONDS_MAX);
    if tokio::time::timeout(limit, graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = DRAIN_SECONDS_MAX, "requests were still open at the stop");
    }
}

async fn connection<H: Handler>(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Arc<ArcSwap<ServerConfig>>>,
    head: Duration,
    (handler, watcher): (H, Watcher),
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let Some(tls) = tls else {
        let connection = Connection { peer, tls: None };
        return requests(stream, connection, head, handler, watcher).await;
    };
    let handshake = TlsAcceptor::from(tls.load_full()).accept(stream);
    let limit = Duration::from_secs(HANDSHAKE_SECONDS_MAX);
    match tokio::time::timeout(limit, handshake).await {
        Ok(Ok(stream)) => {
            let version = stream.get_ref().1.protocol_version().and_then(tls_version);
            let connection = Connection { peer, tls: Some(version.unwrap_or("1.2")) };
            requests(stream, connection, head, handler, watcher).await;
        }
        Ok(Err(error)) => tracing::debug!(%peer, %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
    }
}

/// The version as `s3:TlsVersion` writes it.
fn tls_version(version: rustls::ProtocolVersion) -> Option<&'static str> {
    match version {
        rustls::ProtocolVersion::TLSv1_2 => Some("1.2"),
        rustls::ProtocolVersion::TLSv1_3 => Some("1.3"),
        _ => None,
    }
}

async fn requests<H: Handler, S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    stream: S,
    connection: Connection,
    head: Duration,
    handler: H,
    watcher: Watcher,
) {
    let connection = Arc::new(connection);
    let service = service_fn(move |request| {
        let handler = handler.clone();
        let connection = Arc::clone(&connection);
        async move { Ok::<_, std::convert::Infallible>(handler.answer(request, connection).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Who is connected, by address.
struct Census {
    limits: Limits,
    counts: Mutex<HashMap<IpAddr, usize>>,
}

/// One counted connection; leaving is dropping it.
struct Place {
    census: Arc<Census>,
    address: IpAddr,
}

impl Census {
    fn new(limits: Limits) -> Self {
        Self { limits, counts: Mutex::new(HashMap::new()) }
    }

    /// A place for one more connection from `address`, if there is one.
    fn enter(census: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut counts = census.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = counts.values().sum();
        let here = counts.get(&address).copied().unwrap_or(0);
        let full = total >= census.limits.connections_max
            || here >= census.limits.connections_per_address_max;
        if full {
            return None;
        }
        counts.insert(address, here + 1);
        Some(Place { census: Arc::clone(census), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.census.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_place_is_given_and_one_past_it_is_not() {
        let limits =
            Limits { connections_max: 3, connections_per_address_max: 2, head_seconds_max: 1 };
        let census = Arc::new(Census::new(limits));
        let a: IpAddr = [127, 0, 0, 1].into();
        let b: IpAddr = [127, 0, 0, 2].into();
        let first = Census::enter(&census, a);
        let second = Census::enter(&census, a);
        assert!(first.is_some() && second.is_some());
        assert!(Census::enter(&census, a).is_none(), "two from one address");
        let third = Census::enter(&census, b);
        assert!(third.is_some());
        let c: IpAddr = [127, 0, 0, 3].into();
        assert!(Census::enter(&census, c).is_none(), "three in all");
        drop(first);
        assert!(Census::enter(&census, c).is_some(), "a place that was left is free");
    }
}
