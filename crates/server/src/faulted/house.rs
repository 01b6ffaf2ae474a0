//! A server in memory: real rooms, real door, disks that obey, connections without a network.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use api::{Api, Connection};
use audit::disk::{JournalDisk, MemoryDisk};
use audit::entry::{Closed, Leaf, Opened};
use audit::{
    Clock as _, Durability, Expect, GapRecord, Journal, Keeping, Reader, RemovalRecord, verify,
};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use signing::Algorithm;
use signing::sign::{Credentials, Payload, Signer};
use store::embedded::Disk;
use testkit::{FaultyDisk, TroubledDisk};
use tokio::io::DuplexStream;
use tokio::sync::watch;

use super::rows::ask::{OWNER, REGION};
use crate::assemble::{Alarm, Disks, Environment, assemble};
use crate::clock::SystemClock;
use crate::config::{Config, Layers, Origin};
use crate::first_start::Given;

const KEY: &str = "AKIAFAULTEDFAULTED22";
const SECRET: &str = "a-root-secret-of-at-least-32-characters";
/// What a connection without a network may hold: little, so that a long answer waits for its
/// reader.
const LINE_BYTES: usize = 64 * 1024;

/// What survives the server.
#[derive(Clone)]
pub(super) struct Ground {
    home: Arc<tempfile::TempDir>,
    pub(super) platter: Arc<MemoryDisk>,
    pub(super) store: FaultyDisk,
}

impl Ground {
    pub(super) fn new() -> Self {
        let home = Arc::new(tempfile::tempdir().unwrap());
        Self { home, platter: Arc::new(MemoryDisk::new()), store: FaultyDisk::new() }
    }

    /// Where the files are that lie on no disk of a test's.
    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Starts a server on it whose entries are all kept so.
    pub(super) async fn serve(&self, mode: Durability) -> House {
        self.serve_keeping(mode, Keeping::default()).await
    }

    pub(super) async fn serve_keeping(&self, mode: Durability, keeping: Keeping) -> House {
        let mut layers = Layers::defaults();
        layers.set("store.reserve_bytes", "0", Origin::Flag).unwrap();
        let mut config = Config::build(self.home.path(), &layers).unwrap();
        (config.audit_reads, config.audit_writes) = (mode, mode);
        config.audit_keeping = keeping;
        let platter: Arc<dyn JournalDisk> = Arc::<MemoryDisk>::clone(&self.platter);
        let disk = Arc::new(TroubledDisk::around(platter));
        let journal: Arc<dyn JournalDisk> = Arc::<TroubledDisk>::clone(&disk);
        let store: Arc<dyn Disk> = Arc::new(self.store.clone());
        let given = Given {
            access_key: Some(KEY.to_owned()),
            secret_key: Some(SECRET.to_owned()),
            account: Some(OWNER.to_owned()),
        };
        let disks = Disks { journal: Some(journal), store: Some(store) };
        let environment = Environment { first_start: given, disks, ..Environment::default() };
        let (ring, alarm) = watch::channel(None);
        let assembled = assemble(&config, &environment, &Alarm(ring)).await.unwrap();
        let (api, journal) = (assembled.api, assembled.journal);
        House { api, journal, disk, alarm, ground: self.clone() }
    }

    /// The record, read whole; it must prove itself.
    pub(super) fn record(&self) -> Record {
        let report = verify(&*self.platter, Expect::Running).unwrap();
        assert_eq!(report.problems, [], "the record does not prove itself");
        let reader = Reader::open(&*self.platter).unwrap();
        let mut record = Record::default();
        for leaf in reader.leaves(reader.first()) {
            match leaf.unwrap().1 {
                Leaf::Opened(opened) => record.opened.push(*opened),
                Leaf::Closed(closed) => record.closed.push(closed),
                Leaf::Gap(gap) => record.gaps.push(*gap),
                Leaf::Removed(removal) => record.removals.push(*removal),
                Leaf::Continued(_) | Leaf::Key(_) => {}
            }
        }
        record
    }
}

/// What the record says.
#[derive(Default)]
pub(super) struct Record {
    pub(super) opened: Vec<Opened>,
    pub(super) closed: Vec<Closed>,
    pub(super) gaps: Vec<GapRecord>,
    pub(super) removals: Vec<RemovalRecord>,
}

impl Record {
    /// The one entry of a request, which both ends must have.
    pub(super) fn entry(&self, id: &str) -> (&Opened, &Closed) {
        let opened: Vec<_> = self.opened.iter().filter(|leaf| leaf.id.to_string() == id).collect();
        let closed: Vec<_> = self.closed.iter().filter(|leaf| leaf.id.to_string() == id).collect();
        match (opened.as_slice(), closed.as_slice()) {
            ([opened], [closed]) => (opened, closed),
            _ => panic!("{id}: {} beginnings, {} ends", opened.len(), closed.len()),
        }
    }

    /// Each of these requests has its entry, whole.
    #[track_caller]
    pub(super) fn has(&self, ids: &[String]) {
        for id in ids {
            let _ = self.entry(id);
        }
    }

    pub(super) fn knows(&self, id: &str) -> bool {
        self.opened.iter().any(|leaf| leaf.id.to_string() == id)
    }

    /// The entries that a client of that name asked for.
    pub(super) fn of_agent(&self, agent: &str) -> Vec<&Opened> {
        let same = |leaf: &&Opened| leaf.source.user_agent.as_deref() == Some(agent);
        self.opened.iter().filter(same).collect()
    }
}

/// A server.
pub(super) struct House {
    api: Api,
    pub(super) journal: Arc<Journal>,
    pub(super) disk: Arc<TroubledDisk>,
    pub(super) alarm: watch::Receiver<Option<&'static str>>,
    pub(super) ground: Ground,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) id: String,
    pub(super) body: String,
}

impl Answer {
    #[track_caller]
    pub(super) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// Whether all that was asked for was done.
    pub(super) fn is_done(&self) -> bool {
        self.status < 300 && self.code().is_empty()
    }

    pub(super) fn code(&self) -> &str {
        self.element("Code").unwrap_or_default()
    }

    /// The text of the first XML element of a name.
    pub(super) fn element(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
    }

    /// The first text of a member of that name, at whatever depth.
    pub(super) fn member(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("\"{name}\":\""))?;
        rest.split_once('"').map(|(text, _)| text)
    }
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum By {
    Root,
    Nobody,
}

impl House {
    /// A connection: the half that the client holds.
    pub(super) fn connect(&self) -> DuplexStream {
        let (client, server) = tokio::io::duplex(LINE_BYTES);
        let api = self.api.clone();
        let peer: SocketAddr = "192.0.2.7:4711".parse().unwrap();
        let connection = Arc::new(Connection::plain(peer));
        let service = service_fn(move |request| {
            let (api, connection) = (api.clone(), Arc::clone(&connection));
            let answered = api.answer(request, connection);
            async move { Ok::<_, std::convert::Infallible>(answered.await) }
        });
        tokio::spawn(async move {
            // A client that goes away is an error here, and what is tested.
            let served = hyper::server::conn::http1::Builder::new();
            drop(served.serve_connection(TokioIo::new(server), service).await);
        });
        client
    }

    async fn line(&self) -> SendRequest<Full<Bytes>> {
        let (sender, line) = handshake(TokioIo::new(self.connect())).await.unwrap();
        tokio::spawn(line);
        sender
    }

    /// Asks S3, or the admin API where the path begins with `/-/`.
    pub(super) async fn ask(&self, method: &str, path: &str, body: &str, by: By) -> Answer {
        self.send(signed(method, path, body.as_bytes(), (by, "faulted"))).await
    }

    /// Sends a request that is signed already.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        answered(self.line().await.send_request(request).await.unwrap()).await
    }

    pub(super) async fn root(&self, method: &str, path: &str, body: &str) -> Answer {
        self.ask(method, path, body, By::Root).await
    }

    /// Stops as a process that ends in order: whatever is still being served ends first.
    pub(super) async fn stop(self) -> Ground {
        let Self { api, journal, disk, ground, .. } = self;
        drop(api);
        while Arc::strong_count(&journal) > 1 {
            tokio::task::yield_now().await;
        }
        drop((journal, disk));
        ground
    }
}

/// The root's.
pub(super) fn credentials() -> Credentials {
    Credentials {
        access_key_id: KEY.parse().unwrap(),
        secret: SECRET.parse().unwrap(),
        session_token: None,
    }
}

/// A request, signed if somebody asks; the agent says who it was in the record.
pub(super) fn signed(
    method: &str,
    path: &str,
    body: &[u8],
    (by, agent): (By, &str),
) -> Request<Full<Bytes>> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "store.example")
        .header("user-agent", agent)
        .body(())
        .unwrap();
    let (mut parts, ()) = request.into_parts();
    if by == By::Root {
        let credentials = credentials();
        let service = if path.starts_with("/-/") { "strongroom" } else { "s3" };
        let (now, algorithm) = (SystemClock::new().now(), Algorithm::Hmac);
        let signer = Signer { credentials: &credentials, region: REGION, service, now, algorithm };
        signer.sign(&mut parts, Payload::Whole(body)).unwrap();
    }
    Request::from_parts(parts, Full::new(Bytes::copy_from_slice(body)))
}

async fn answered(response: Response<hyper::body::Incoming>) -> Answer {
    let (head, body) = response.into_parts();
    let names = ["x-amz-request-id", "x-amzn-requestid", "x-strongroom-request-id"];
    let id = names.iter().find_map(|name| head.headers.get(*name)).unwrap();
    let id = id.to_str().unwrap().to_owned();
    let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    Answer { status: head.status.as_u16(), id, body }
}
