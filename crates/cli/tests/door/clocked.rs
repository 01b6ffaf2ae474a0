//! Sessions that have ended. None lives shorter than 900 seconds, so this server is put together in
//! the test, from the same rooms, with a clock that the test moves.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::operation::{Access, table};
use api::{Api, Connection, Copied, Operator, OperatorError, Services, Settings, TokenReport};
use async_trait::async_trait;
use audit::{Clock, Durability, Journal, JournalConfig, Permit, Random};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use identity::ops::{Backup, CheckToken, RootKey, RotateMasterKey};
use identity::{
    Bootstrap, ExternalIdentity, Identity, LoginError, LoginProvider, MASTER_KEY_BYTES,
    OidcProvider, Parts, Quotas, Sealer, Unverified,
};
use names::{SecretBytes, Timestamp};
use objects::{Objects, ObjectsParts};
use store::embedded::{Data, Epoch, Options};
use testkit::{FakeClock, SeededRandom};
use tokio::runtime::Runtime;

use crate::client::{Ask, Client};
use crate::fixture::{EVERYTHING, Maker, trusts};
use crate::golden::key;
use crate::record::Sent;
use crate::samples::samples;
use crate::server::{OWNER, root};

/// How long a session lives here, in seconds: the least that may be asked for.
const SESSION_SECONDS: u64 = 900;

/// A server whose time is the test's. Stops with its runtime.
struct Clocked {
    clock: Arc<FakeClock>,
    address: SocketAddr,
    directory: tempfile::TempDir,
    _runtime: Runtime,
}

impl Clocked {
    fn start(now: Timestamp) -> Self {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let clock = Arc::new(FakeClock::at(now));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let api = runtime.block_on(assemble(directory.path(), shared));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(listener, api));
        Self { clock, address, directory, _runtime: runtime }
    }

    fn client(&self) -> Client {
        Client { address: self.address, now: Some(self.clock.now()) }
    }

    fn after(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

async fn serve(listener: tokio::net::TcpListener, api: Api) {
    while let Ok((stream, peer)) = listener.accept().await {
        let api = api.clone();
        let connection = Arc::new(Connection::plain(peer));
        let service = service_fn(move |request| {
            let (api, connection) = (api.clone(), Arc::clone(&connection));
            async move { Ok::<_, Infallible>(api.answer(request, connection).await) }
        });
        let http = hyper::server::conn::http1::Builder::new();
        let _ = http.serve_connection(TokioIo::new(stream), service).await;
    }
}

async fn assemble(directory: &Path, clock: Arc<dyn Clock>) -> Api {
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
    let options = Options::new(Epoch(1), Arc::new(|_| {}));
    let data = Data::open(&directory.join("data"), &options).unwrap();
    let config = JournalConfig::new(directory.join("journal"));
    let (journal, _) = Journal::open(config, Arc::clone(&clock), Arc::clone(&random)).unwrap();
    let master = SecretBytes::new(vec![7; MASTER_KEY_BYTES]);
    let identity = Identity::open(Parts {
        log: data.state(),
        sealer: Sealer::new(vec![master]).unwrap(),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        guards: journal.guards().clone(),
        quotas: Quotas::default(),
    });
    let identity = Arc::new(identity.await.unwrap());
    let root = root();
    let key = RootKey::Given { id: root.access_key_id, secret: root.secret };
    let account = Some(OWNER.parse().unwrap());
    let first = Bootstrap { account, name: "root".parse().unwrap(), key };
    identity.bootstrap(first).await.unwrap();
    let objects = Arc::new(Objects::new(ObjectsParts {
        metadata: data.metadata(),
        blobs: data.blobs(),
        identity: Arc::clone(&identity),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        region: "us-east-1".to_owned(),
        new_buckets: objects::NewBuckets::Closed,
        entity_tags: objects::EntityTags::Md5,
    }));
    Api::new(Arc::new(Services {
        identity,
        objects,
        journal,
        logins: Arc::new(Nobody),
        operator: Arc::new(Nobody),
        clock,
        random,
        room: Arc::new(|| true),
        keys: signing::KeyCache::new("0123456789abcdef0123456789abcdef".parse().unwrap()),
        last_accessed: api::LastAccessed::default(),
        bearers: api::BearerSessions::new(16),
        work: api::Work::new(64),
        answered: Arc::default(),
        settings: Settings {
            region: None,
            sigv2: api::SigV2Terms {
                everyone: signing::SigV2Rule::Refuse,
                accounts: std::collections::BTreeSet::new(),
                expiry_seconds_max: 604_800,
            },
            bearer: api::BearerRule::default(),
            domains: signing::Domains::default(),
            audit_reads: Durability::Available,
            audit_writes: Durability::Strict,
            trusted_proxies: Vec::new(),
            idle: Duration::from_secs(30),
            progress_bytes: 1,
            unproven_bytes_max: 1024 * 1024,
            chunk_bytes_max: signing::CHUNK_BYTES_MAX,
            session_seconds_max: 43_200,
        },
    }))
}

/// No provider and no operator: nobody gets as far here.
struct Nobody;

#[async_trait]
impl LoginProvider for Nobody {
    async fn verify(
        &self,
        _: &OidcProvider,
        _: &Unverified<String>,
        _: Timestamp,
    ) -> Result<ExternalIdentity, LoginError> {
        Err(LoginError::Algorithm)
    }
}

#[async_trait]
impl Operator for Nobody {
    async fn backup(&self, _: &Permit<Backup>, _: &Path) -> Result<Copied, OperatorError> {
        Err(OperatorError::UnderWay)
    }

    async fn rotate_master_key(&self, _: Permit<RotateMasterKey>) -> Result<usize, OperatorError> {
        Err(OperatorError::UnderWay)
    }

    async fn diagnose(
        &self,
        _: &Permit<CheckToken>,
        _: &[OidcProvider],
        _: &Unverified<String>,
    ) -> TokenReport {
        TokenReport { report: serde_json::Map::new(), identity: None }
    }
}

#[test]
fn every_row_refuses_a_session_that_has_ended() {
    let server = Clocked::start("2026-03-01T12:00:00Z".parse().unwrap());
    let root = root();
    let make = Maker { client: server.client(), by: &root };
    make.role("Roamer", &trusts(&format!("arn:aws:iam::{OWNER}:root")), EVERYTHING);
    let user = make.user("admin", Some(EVERYTHING));
    let session = Maker { client: server.client(), by: &user }.session("Roamer", "ended", "");
    let mut sent = Sent::default();
    let buckets = Ask::s3("GET", "/");

    server.after(SESSION_SECONDS - 1);
    let last = Maker { client: server.client(), by: &session }.send(&buckets).expect(200);
    sent.allowed("the last second", &last);
    server.after(1);
    let client = server.client();
    let ended = Maker { client, by: &session };
    for sample in samples() {
        let answer = ended.send(&sample.ask);
        let what = format!("{} by an ended session", sample.row);
        let (status, code) = match sample.ask.service {
            "s3" | "strongroom" => (400, "ExpiredToken"),
            "organizations" => (400, "ExpiredTokenException"),
            "access-analyzer" => (403, "ExpiredTokenException"),
            _ => (403, "ExpiredToken"),
        };
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        if sample.ask.method != "HEAD" {
            assert_eq!(answer.code(), code, "{what}: {answer:?}");
        }
        sent.refused(&what, &answer, "expired");
    }
    let sampled = samples().into_iter().map(|sample| sample.row.to_owned());
    let sampled: std::collections::BTreeSet<String> = sampled.collect();
    for row in table().iter().filter(|row| row.access != Access::Login) {
        assert!(sampled.contains(&key(row)), "{} was not asked", key(row));
    }
    // At the same time, the same role in a fresh session is let in.
    let fresh = Maker { client, by: &user }.session("Roamer", "fresh", "");
    sent.allowed("a fresh session", &Maker { client, by: &fresh }.send(&buckets).expect(200));
    sent.check(client, &root, &server.directory.path().join("journal"));
}
