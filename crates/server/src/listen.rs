//! Listeners: accept, count, shake hands, serve, drain.

mod answer;
mod arrive;
mod census;
mod linger;
mod patience;
mod proxy;
#[cfg(test)]
mod proxy_fuzzed;
mod serve;
mod socket;
#[cfg(test)]
mod tests;
mod turns;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::Connection;
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use arrive::{Arrived, arrive};
pub(crate) use arrive::{Gate, TurnedAway};
use census::{Census, Place};
use serve::{Terms, serve};
use socket::Socket;

use crate::telemetry::{ACCEPTED, Limit, REFUSED, past};

/// How long to wait before accepting again when the process has no descriptor left, in
/// milliseconds.
const ACCEPT_AGAIN_MILLIS: u64 = 50;

/// What answers requests.
pub(crate) trait Handler: Clone + Send + Sync + 'static {
    /// The body of its answers.
    type Body: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    /// Answers one request that came over `connection`. What is done before this returns is done
    /// even if the client has hung up with its request, and the answer is never waited for.
    fn answer(
        self,
        request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> impl Future<Output = Response<Self::Body>> + Send;

    /// Takes note of a connection that was closed before any request.
    fn turned_away(&self, _peer: SocketAddr, _why: &TurnedAway) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

/// A listener and all it needs.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) gate: Gate,
}

impl Listener {
    /// Serves until `stop` turns true, then finishes what is open, for as long as the limit says.
    /// What is open after that, or when this is dropped midway, is cut: the entries of those
    /// requests close as aborted.
    pub(crate) async fn serve<H: Handler>(self, handler: H, mut stop: watch::Receiver<bool>) {
        let limits = Arc::clone(&self.gate.limits);
        let census = Arc::new(Census::new(limits.as_ref().clone()));
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = stop.wait_for(|stopped| *stopped) => break,
                Some(_) = connections.join_next(), if !connections.is_empty() => continue,
                accepted = self.socket.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(ACCEPT_AGAIN_MILLIS)).await;
                    continue;
                }
            };
            let Some(place) = Census::enter(&census) else { continue };
            metrics::counter!(ACCEPTED).increment(1);
            let visitor = Visitor { stream: Socket::new(stream), peer, place };
            let (gate, handler, stop) = (self.gate.clone(), handler.clone(), stop.clone());
            connections.spawn(visitor.visit(gate, handler, stop));
        }
        drop(self.socket);
        drain(connections, limits.drain).await;
    }
}

/// Waits for what is open. Dropping the set cuts what is left.
async fn drain(mut connections: JoinSet<()>, limit: Duration) {
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limit, all).await.is_err() {
        past(Limit::DrainSeconds);
        let (open, seconds) = (connections.len(), limit.as_secs());
        tracing::warn!(open, seconds, "connections were still open at the stop");
    }
}

/// A connection that was let in.
struct Visitor {
    stream: Socket,
    peer: SocketAddr,
    place: Place,
}

impl Visitor {
    async fn visit<H: Handler>(self, gate: Gate, handler: H, stop: watch::Receiver<bool>) {
        let Self { stream, peer, mut place } = self;
        let cut = stream.cut();
        // From before the handshake, so that no change is missed.
        let changes = gate.tls.as_ref().map(|tls| tls.changes());
        let arrived = tokio::select! {
            arrived = Box::pin(arrive(stream, peer, &mut place, &gate)) => arrived,
            () = stopped(stop.clone()) => return,
        };
        let (stream, connection, protocol) = match arrived {
            Ok(arrived) => arrived,
            Err(why) => {
                metrics::counter!(REFUSED, "why" => why.name()).increment(1);
                tracing::debug!(%peer, %why, "a connection was turned away");
                return handler.turned_away(peer, &why).await;
            }
        };
        let retired = changes.filter(|_| connection.client_certificate.is_some());
        let terms = Terms { handler, limits: gate.limits, stop, retired, cut };
        match stream {
            Arrived::Plain(stream) => {
                Box::pin(serve(stream, connection, protocol, terms)).await;
            }
            Arrived::Tls(stream) => {
                Box::pin(serve(stream, connection, protocol, terms)).await;
            }
        }
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stopped| *stopped).await;
}
