//! Connections from the inside: streams in memory, a clock that stands still until everybody waits.

mod arriving;
mod http1;
mod http2;
mod lingering;
mod stopping;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::Connection;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::{Request, Response};
use tokio::io::{AsyncRead, AsyncReadExt as _, DuplexStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::Handler;
use super::serve::{Protocol, Terms, serve};
use crate::config::{Config, Layers, Limits, Origin};

type Whatever = Box<dyn std::error::Error + Send + Sync>;

/// A handler that does what the path says.
#[derive(Clone, Default)]
struct Desk {
    /// What `/wait` waits for.
    go: Arc<Notify>,
    /// The paths of the requests that were begun.
    begun: Arc<Mutex<Vec<String>>>,
}

impl Handler for Desk {
    type Body = UnsyncBoxBody<Bytes, Whatever>;

    fn answer(
        self,
        request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> impl Future<Output = Response<Self::Body>> + Send {
        self.begun.lock().unwrap().push(request.uri().path().to_owned());
        self.serve(request, connection)
    }
}

impl Desk {
    async fn serve(
        self,
        request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> Response<<Self as Handler>::Body> {
        let path = request.uri().path().to_owned();
        let body = match path.as_str() {
            "/upload" => {
                let bytes = request.into_body().collect().await;
                text(&bytes.map_or_else(|e| e.to_string(), |b| b.to_bytes().len().to_string()))
            }
            "/wait" => {
                self.go.notified().await;
                text("waited")
            }
            "/panic" => panic!("a defect"),
            "/cut" => cut().boxed_unsync(),
            "/endless" => StreamBody::new(stream::repeat_with(|| {
                Ok(Frame::data(Bytes::from_static(&[7; 16 * 1024])))
            }))
            .boxed_unsync(),
            "/who" => text(&format!("{connection:?}")),
            _ => text("ok"),
        };
        let mut response = Response::new(body);
        if path == "/refuse" {
            response.extensions_mut().insert(api::Unread);
        }
        if path == "/cut" {
            response.headers_mut().insert("content-length", 100.into());
        }
        response
    }
}

fn text(text: &str) -> UnsyncBoxBody<Bytes, Whatever> {
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    Full::new(bytes).map_err(Whatever::from).boxed_unsync()
}

/// Ten bytes of a hundred, then an error, as a revoked session's answer ends.
fn cut() -> StreamBody<impl stream::Stream<Item = Result<Frame<Bytes>, Whatever>>> {
    let frames: [Result<_, Whatever>; 2] =
        [Ok(Frame::data(Bytes::from_static(b"0123456789"))), Err("cut".into())];
    StreamBody::new(stream::iter(frames))
}

fn limits(pairs: &[(&str, &str)]) -> Arc<Limits> {
    let mut layers = Layers::defaults();
    for (key, value) in pairs {
        layers.set(key, value, Origin::Flag).unwrap();
    }
    Arc::new(Config::build(Path::new("data"), &layers).unwrap().limits)
}

/// A connection that is being served.
struct Served {
    client: DuplexStream,
    /// What `/wait` waits for.
    go: Arc<Notify>,
    /// The paths of the requests that were begun.
    begun: Arc<Mutex<Vec<String>>>,
    stop: watch::Sender<bool>,
    retire: watch::Sender<u64>,
    cut: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

fn start(protocol: Protocol, pairs: &[(&str, &str)]) -> Served {
    // Small, so that an answer which nobody reads is soon noticed.
    let (client, server) = tokio::io::duplex(64 * 1024);
    let (stop, stopped) = watch::channel(false);
    let (retire, retired) = watch::channel(0);
    let cut = Arc::new(AtomicBool::new(false));
    let handler = Desk::default();
    let (go, begun) = (Arc::clone(&handler.go), Arc::clone(&handler.begun));
    let terms = Terms {
        handler,
        limits: limits(pairs),
        stop: stopped,
        retired: Some(retired),
        cut: Arc::clone(&cut),
    };
    let connection = Connection::plain(peer("127.0.0.1"));
    let task = tokio::spawn(serve(server, connection, protocol, terms));
    Served { client, go, begun, stop, retire, cut, task }
}

fn peer(address: &str) -> SocketAddr {
    SocketAddr::new(address.parse().unwrap(), 1)
}

/// Everything that comes until the end.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What comes until there is an answer's head and a body of so many bytes.
async fn answer(stream: &mut (impl AsyncRead + Unpin), body: usize) -> String {
    let mut bytes = Vec::new();
    loop {
        let head = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if head.is_some_and(|head| bytes.len() >= head + 4 + body) {
            return String::from_utf8_lossy(&bytes).into_owned();
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "an answer is cut short");
    }
}

async fn after(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}

/// How long something takes, by the clock that stands still.
async fn seconds<T>(work: impl Future<Output = T>) -> (T, f64) {
    #[expect(clippy::disallowed_methods, reason = "the test's own clock")]
    let began = tokio::time::Instant::now();
    let value = work.await;
    (value, began.elapsed().as_secs_f64())
}
