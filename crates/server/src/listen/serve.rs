//! HTTP on a stream: HTTP/1.1, or HTTP/2 where TLS agreed on it, until the client goes, the server
//! stops, or somebody's patience ends.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use api::{Connection, Unread};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use super::Handler;
use super::answer::{Answer, OnFailure, Shelf};
use super::linger::Linger;
use super::patience::{Patience, Patient, Pulse, Shape};
use super::turns::Turns;
use crate::config::Limits;
use crate::telemetry::{Limit, past};

/// How many streams that the client has reset may wait to be noticed (CVE-2023-44487); one more
/// ends the connection.
const PENDING_RESETS_MAX: usize = 32;
/// How many streams may be reset for the client's mistakes before the connection ends.
const ERROR_RESETS_MAX: usize = 128;
/// How much of one HTTP/2 request's body may be under way, in bytes.
const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;
/// How much of all bodies of one HTTP/2 connection may be under way, in bytes.
const CONNECTION_WINDOW_BYTES: u32 = 2 * 1024 * 1024;
/// How much of one HTTP/2 answer is held for a client that does not take it, in bytes.
const SEND_BYTES_MAX: usize = 512 * 1024;
/// How many header lines hyper takes if it is told nothing. What it is told it makes room for line
/// by line with each request ("a performance drop of about 5 %", says `Builder::max_headers`).
const HEADERS_OF_HYPER: usize = 100;
/// What may wait of a body behind a head, in bytes.
const BODY_BUFFER_BYTES: usize = 64 * 1024;
/// How often in a patience's length HTTP/2 looks whether answers stand still.
const TICKS: u32 = 4;

/// What a connection is served with.
pub(super) struct Terms<H> {
    pub(super) handler: H,
    pub(super) limits: Arc<Limits>,
    /// Turns true when the server stops.
    pub(super) stop: watch::Receiver<bool>,
    /// Changes when the certificate that the client showed may no longer count.
    pub(super) retired: Option<watch::Receiver<u64>>,
    /// Makes the end of the connection a reset.
    pub(super) cut: Arc<AtomicBool>,
}

/// What a stream speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

/// Serves a stream to its end. Dropped midway, every request on it is aborted.
pub(super) async fn serve<H: Handler, S>(
    stream: S,
    connection: Connection,
    protocol: Protocol,
    terms: Terms<H>,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let pulse = Pulse::new(Arc::clone(&terms.cut));
    let limits = &terms.limits;
    let linger = Linger { bytes: limits.linger_bytes, length: limits.linger };
    let patience = Patience { head: limits.head, idle: limits.idle, linger };
    let shape = match protocol {
        Protocol::Http1 => Shape::Heads,
        Protocol::Http2 => Shape::Frames,
    };
    let stream = Patient::new(stream, patience, shape, Arc::clone(&pulse));
    let io = TokioIo::new(stream);
    let shelf = Arc::new(Shelf::default());
    let desk = Desk {
        handler: terms.handler,
        connection: Arc::new(connection),
        headers_max: limits.headers,
        pulse: Arc::clone(&pulse),
        shelf: (protocol == Protocol::Http2).then(|| Arc::clone(&shelf)),
    };
    let service = service_fn(move |request| desk.clone().answer(request));
    match protocol {
        Protocol::Http1 => {
            let served = http1(limits).serve_connection(io, service);
            drive(pin!(served), &pulse, (terms.stop, terms.retired), std::future::pending()).await;
        }
        Protocol::Http2 => {
            let served = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .max_concurrent_streams(limits.streams)
                .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
                .max_pending_accept_reset_streams(PENDING_RESETS_MAX)
                .max_local_error_reset_streams(ERROR_RESETS_MAX)
                .initial_stream_window_size(STREAM_WINDOW_BYTES)
                .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
                .max_send_buf_size(SEND_BYTES_MAX)
                .keep_alive_interval(limits.idle)
                .keep_alive_timeout(limits.head)
                .serve_connection(io, service);
            let tired = async {
                tokio::select! {
                    () = stalled(shelf, limits.idle) => {}
                    () = pulse.fed_up() => past(Limit::GivenUp),
                }
            };
            drive(pin!(served), &pulse, (terms.stop, terms.retired), tired).await;
        }
    }
}

/// HTTP/1.1 within these limits.
fn http1(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .header_read_timeout(None)
        .max_header_size(limits.head_bytes)
        .max_buf_size(limits.head_bytes.saturating_add(BODY_BUFFER_BYTES));
    if limits.headers != HEADERS_OF_HYPER {
        builder.max_headers(limits.headers);
    }
    builder
}

/// Ends when an answer has stood still for `idle`.
async fn stalled(shelf: Arc<Shelf>, idle: Duration) {
    let tick = idle.checked_div(TICKS).unwrap_or(idle).max(Duration::from_millis(1));
    loop {
        tokio::time::sleep(tick).await;
        if shelf.tick(u64::from(TICKS)) {
            past(Limit::IdleSeconds);
            return;
        }
    }
}

/// Drives a connection to its end, or until somebody is tired of it. When the server stops, or what
/// the client proved may no longer count, the connection takes no further request.
async fn drive<C>(
    mut served: Pin<&mut C>,
    pulse: &Pulse,
    (mut stop, mut retired): (watch::Receiver<bool>, Option<watch::Receiver<u64>>),
    tired: impl Future<Output = ()>,
) where
    C: GracefulConnection<Error = hyper::Error>,
{
    let mut tired = pin!(tired);
    let mut leaving = pin!(async move {
        let retired = async {
            match &mut retired {
                Some(retired) => drop(retired.changed().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => {}
            () = retired => {}
        }
    });
    let (mut left, turns) = (false, Turns::new());
    loop {
        let turn = poll_fn(|cx| {
            turns.poll(cx, |cx| {
                pulse.turn();
                served.as_mut().poll(cx)
            })
        });
        tokio::select! {
            ended = turn => return ended.unwrap_or_else(|error| note(&error)),
            () = leaving.as_mut(), if !left => {
                left = true;
                served.as_mut().graceful_shutdown();
            }
            () = tired.as_mut() => return,
        }
    }
}

fn note(error: &hyper::Error) {
    if error.is_parse_too_large() {
        past(Limit::Head);
    }
    tracing::debug!(%error, "a connection ended early");
}

/// Where the requests of one connection are answered.
struct Desk<H> {
    handler: H,
    connection: Arc<Connection>,
    headers_max: usize,
    pulse: Arc<Pulse>,
    shelf: Option<Arc<Shelf>>,
}

impl<H: Clone> Clone for Desk<H> {
    fn clone(&self) -> Self {
        Self {
            handler: self.handler.clone(),
            connection: Arc::clone(&self.connection),
            headers_max: self.headers_max,
            pulse: Arc::clone(&self.pulse),
            shelf: self.shelf.clone(),
        }
    }
}

impl<H: Handler> Desk<H> {
    /// Takes a request: the handler has begun with it when this returns.
    fn answer(
        self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<Answer<H::Body>>, TooManyHeaders>> {
        let mut beat = self.pulse.begin();
        // HTTP/1.1 has counted while it parsed.
        let answered = if request.headers().len() > self.headers_max {
            past(Limit::Headers);
            Err(TooManyHeaders)
        } else {
            Ok(self.handler.answer(request, self.connection))
        };
        let shelf = self.shelf;
        async move {
            let response = answered?.await;
            beat.answered();
            if response.extensions().get::<Unread>().is_some() {
                beat.unread();
            }
            let (parts, body) = response.into_parts();
            let body = match shelf {
                None => Answer::new(body, beat, OnFailure::Reset),
                Some(shelf) => Answer::new(body, beat, OnFailure::Nothing).shelved(shelf),
            };
            Ok(Response::from_parts(parts, body))
        }
    }
}

/// A request of HTTP/2 has more header lines than `limits.headers`: its stream is reset.
#[derive(Debug, thiserror::Error)]
#[error("the request has too many header lines")]
struct TooManyHeaders;
