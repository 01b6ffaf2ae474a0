//! The server's life: read the configuration, open everything, serve, drain.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api::{Api, Connection, Response};
use audit::{Decided, Durability, Journal, Opening, Outcome, Reason, Target};
use http::Request;
use hyper::body::Incoming;
use names::{Arn, Revision};
use objects::CollectBlobs;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::assemble::{Alarm, AssembleError, Assembled, Disks, Environment, assemble};
use crate::clock::SystemClock;
use crate::config::{ClientCertificates, Config, ConfigError, Layers, Limits, Origin};
use crate::config::{ProxyProtocol, TlsSettings};
use crate::descriptors::suffice_for;
use crate::first_start::Given as FirstStart;
use crate::listen::{Gate, Handler, Listener, TurnedAway};
use crate::master_key::Given as GivenKey;
use crate::ops::Ops;
use crate::sinks::{self, SinkConfigError};
use crate::telemetry::{RELOADS, start_log, start_metrics};
use crate::tls::{Reloaded, Tls, TlsError};
use crate::witnesses::{self, WitnessesError};

/// The configuration's file in a data directory, read if it is there.
const CONFIG_FILE: &str = "strongroom.toml";

/// How often blobs that nothing refers to are looked for, in seconds, whether one is known or not.
const COLLECT_SECONDS: u64 = 5;

/// How long after a blob became unused it is collected, in milliseconds, with whatever else became
/// so. Soon: what it took of the disk and of the kernel's memory is what the next upload needs.
const COLLECT_MILLIS: u64 = 50;

/// How often the files of TLS are looked at, in seconds.
const FILES_SECONDS: u64 = 5;

/// How to start.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// The data directory; made if it is missing.
    pub data: PathBuf,
    /// The configuration's file; `strongroom.toml` in the data directory, if there is one, if
    /// `None`.
    pub config: Option<PathBuf>,
    /// Settings given as flags: dotted key and value.
    pub flags: Vec<(&'static str, String)>,
}

/// Why the server does not run, or no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration's file cannot be read.
    #[error("`{}` cannot be read", file.display())]
    ConfigFile {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data directory cannot be made.
    #[error("the data directory `{}` cannot be made", directory.display())]
    Directory {
        /// Which.
        directory: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The certificate is refused.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Something on disk does not open.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
    /// A sink of the record cannot be served.
    #[error("`audit.sinks_file` cannot be followed")]
    Sink(#[from] SinkConfigError),
    /// The witnesses of the record cannot be asked.
    #[error("`audit.witnesses_file` cannot be followed")]
    Witness(#[from] WitnessesError),
    /// An address cannot be listened on.
    #[error("`{setting}` cannot be listened on")]
    Listen {
        /// Which setting names it.
        setting: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The runtime does not start.
    #[error("the runtime does not start")]
    Runtime(#[source] std::io::Error),
    /// The server stopped itself.
    #[error("the server stopped: {0}")]
    Stopped(&'static str),
}

/// The settings in force for a data directory: defaults, file, variables, flags.
///
/// # Errors
/// A layer cannot be read or has a key that no setting has.
pub fn layers(start: &Start) -> Result<Layers, StartError> {
    let mut layers = Layers::defaults();
    let (file, named) = match &start.config {
        Some(file) => (file.clone(), true),
        None => (start.data.join(CONFIG_FILE), false),
    };
    match std::fs::read_to_string(&file) {
        Ok(text) => layers.file(&text)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => {}
        Err(source) => return Err(StartError::ConfigFile { file, source }),
    }
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    layers.variables(std::env::vars())?;
    for (key, value) in &start.flags {
        layers.set(key, value, Origin::Flag)?;
    }
    Ok(layers)
}

#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
fn environment() -> Environment {
    let read = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Environment {
        master_key: GivenKey {
            text: read("STRONGROOM_MASTER_KEY"),
            file: read("STRONGROOM_MASTER_KEY_FILE").map(PathBuf::from),
        },
        first_start: FirstStart {
            access_key: read("STRONGROOM_ROOT_ACCESS_KEY"),
            secret_key: read("STRONGROOM_ROOT_SECRET_KEY"),
            account: read("STRONGROOM_ACCOUNT_ID"),
        },
        disks: Disks::default(),
    }
}

/// Runs the server until SIGTERM or SIGINT, or until its disk fails.
///
/// # Errors
/// It could not start, or stopped itself.
pub fn run(start: &Start) -> Result<(), StartError> {
    let layers = layers(start)?;
    let config = Config::build(&start.data, &layers)?;
    // A log that is running already is the embedding program's, and stays.
    let _ = start_log(config.log_format, &config.log_level);
    make_directory(&config.data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    let outcome = runtime.block_on(serve(&config));
    runtime.shutdown_timeout(Duration::from_secs(5));
    outcome
}

fn make_directory(directory: &Path) -> Result<(), StartError> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|source| StartError::Directory { directory: directory.to_owned(), source })
}

async fn serve(config: &Config) -> Result<(), StartError> {
    // Before anything is open: a signal that comes early is waited for like any other.
    let signals = Signals::new().map_err(StartError::Runtime)?;
    let (ring, alarm) = watch::channel(None);
    let gates = Gates::new(config)?;
    let api_socket = bind("listen.api", config.listen_api).await?;
    let ops_socket = bind("listen.ops", config.listen_ops).await?;
    let metrics = start_metrics();
    let assembled = assemble(config, &environment(), &Alarm(ring)).await?;
    report(&assembled);
    let sinks = sinks::start(&config.data, config.audit_sinks_file.as_ref(), &assembled.journal)?;
    let witnesses = witnesses::start(config.audit_witnesses_file.as_ref(), &assembled.journal)?;
    let (stop, stopped) = watch::channel(false);
    let (stop_ops, ops_stopped) = watch::channel(false);
    println!("{}", ready_line((&api_socket, &ops_socket), &gates));
    let ops = Ops {
        data: Arc::clone(&assembled.data),
        journal: Arc::clone(&assembled.journal),
        metrics,
        stopping: stopped.clone(),
    };
    let synced = assembled.synced;
    let collecting = tokio::spawn(collect(assembled.objects, assembled.collector));
    let tls = gates.tls();
    let watching = tokio::spawn(watch_files(tls.clone()));
    let door = Door { api: assembled.api, journal: assembled.journal };
    let served =
        tokio::spawn(Listener { socket: api_socket, gate: gates.api }.serve(door, stopped));
    let observed =
        tokio::spawn(Listener { socket: ops_socket, gate: gates.ops }.serve(ops, ops_stopped));
    let why = signals.wait(&tls, alarm).await;
    tracing::info!(seconds = config.limits.drain.as_secs(), "stopping");
    stop.send_replace(true);
    let _ = served.await;
    // Whoever asks how the stop goes is answered until it is done.
    stop_ops.send_replace(true);
    let _ = observed.await;
    drop((sinks, witnesses));
    drop(synced);
    collecting.abort();
    watching.abort();
    why.map_or(Ok(()), |why| Err(StartError::Stopped(why)))
}

/// Who may come in at each listener, and how.
struct Gates {
    api: Gate,
    ops: Gate,
}

impl Gates {
    fn new(config: &Config) -> Result<Self, TlsError> {
        let limits =
            Limits { connections: suffice_for(config.limits.connections), ..config.limits.clone() };
        let load = |settings: &TlsSettings, clients: ClientCertificates| {
            Tls::load(settings, clients).map(Arc::new)
        };
        let settings = config.tls.as_ref();
        let ops_settings = settings.filter(|_| !config.listen_ops.ip().is_loopback());
        let api = Gate {
            tls: settings.map(|tls| load(tls, tls.clients)).transpose()?,
            trusted_proxies: config.trusted_proxies.clone().into(),
            proxy_protocol: config.proxy_protocol,
            limits: Arc::new(limits),
            clock: Arc::new(SystemClock::new()),
        };
        let ops = Gate {
            tls: ops_settings.map(|tls| load(tls, tls.ops_clients)).transpose()?,
            proxy_protocol: ProxyProtocol::Off,
            ..api.clone()
        };
        Ok(Self { api, ops })
    }

    fn tls(&self) -> Vec<Arc<Tls>> {
        [&self.api.tls, &self.ops.tls].into_iter().flatten().cloned().collect()
    }
}

async fn bind(setting: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { setting, source })
}

/// The line that says where the server is, once it answers.
fn ready_line((api, ops): (&TcpListener, &TcpListener), gates: &Gates) -> String {
    let url = |socket: &TcpListener, gate: &Gate| {
        let scheme = if gate.tls.is_some() { "https" } else { "http" };
        let address = socket.local_addr();
        address.map_or_else(|_| "?".to_owned(), |address| format!("{scheme}://{address}"))
    };
    format!("ready s3={} ops={}", url(api, &gates.api), url(ops, &gates.ops))
}

fn report(assembled: &Assembled) {
    let recovery = &assembled.recovery;
    tracing::info!(
        leaves = recovery.leaves,
        torn_bytes = recovery.torn_bytes,
        unknown = recovery.unknown.len(),
        "the journal is open",
    );
}

/// The signals that the server listens to.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for a signal to stop, or for an alarm; reads the files of TLS again on SIGHUP.
    async fn wait(
        mut self,
        tls: &[Arc<Tls>],
        mut alarm: watch::Receiver<Option<&'static str>>,
    ) -> Option<&'static str> {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return None,
                _ = self.interrupt.recv() => return None,
                _ = self.hangup.recv() => tls.iter().for_each(|tls| note(&tls.reload())),
                why = alarm.wait_for(Option::is_some) => return why.ok().and_then(|why| *why),
            }
        }
    }
}

/// Reads the files of TLS again when they change.
async fn watch_files(tls: Vec<Arc<Tls>>) {
    let mut seen = vec![None; tls.len()];
    loop {
        tokio::time::sleep(Duration::from_secs(FILES_SECONDS)).await;
        for (tls, seen) in tls.iter().zip(&mut seen) {
            note(&tls.reload_changed(seen));
        }
    }
}

/// Says what came of reading the files again; what does not load leaves the old ones in force.
fn note(outcome: &Result<Reloaded, TlsError>) {
    match outcome {
        Ok(Reloaded::Same) => {}
        Ok(Reloaded::Taken) => {
            metrics::counter!(RELOADS, "outcome" => "taken").increment(1);
            tracing::info!("the certificates were read again");
        }
        Err(error) => {
            metrics::counter!(RELOADS, "outcome" => "refused").increment(1);
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::error!(%error, cause, "the certificates stay as they were");
        }
    }
}

/// Removes blobs that nothing refers to any more. Each round that finds work is on record.
async fn collect(objects: Arc<objects::Objects>, actor: audit::SystemActor) {
    let mut more = false;
    loop {
        if !more {
            let seldom = tokio::time::sleep(Duration::from_secs(COLLECT_SECONDS));
            let soon = async {
                objects.unused().await;
                tokio::time::sleep(Duration::from_millis(COLLECT_MILLIS)).await;
            };
            tokio::select! {
                () = seldom => {}
                () = soon => {}
            }
        }
        more = match objects.collectable().await {
            Ok(true) => collect_once(&objects, &actor).await,
            Ok(false) => false,
            Err(error) => {
                tracing::warn!(%error, "unused blobs cannot be looked for");
                false
            }
        };
    }
}

async fn collect_once(objects: &objects::Objects, actor: &audit::SystemActor) -> bool {
    let decided = Decided {
        op: CollectBlobs,
        target: Target::from(Arn::any()),
        decisions: Vec::new(),
        revision: Revision::default(),
        durability: Durability::Available,
        mints: None,
    };
    let Ok((permit, entry)) = actor.permit(decided).await else { return false };
    let collected = objects.collect(&permit).await;
    let status = if collected.is_ok() { 200 } else { 500 };
    entry.close(Outcome::status(status));
    collected.is_ok_and(|collected| collected.more)
}

/// The door as a listener's handler.
#[derive(Clone)]
struct Door {
    api: Api,
    journal: Arc<Journal>,
}

impl Handler for Door {
    type Body = api::ResponseBody;

    fn answer(
        self,
        request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> impl Future<Output = Response> + Send {
        self.api.answer(request, connection)
    }

    /// A trusted proxy that says something else than who its client is stands between us and a
    /// request: that goes on record. Everything else that is turned away here is a stranger's
    /// noise, and is counted.
    async fn turned_away(&self, peer: SocketAddr, why: &TurnedAway) {
        let TurnedAway::Proxy(error) = why else { return };
        tracing::warn!(%peer, %error, "a trusted proxy does not say who its client is");
        let opening = Opening { peer: Some(peer), ..Opening::new(self.journal.request_id()) };
        let reason = Reason::Malformed { what: "proxy-header" };
        let attempt = self.journal.attempt(opening);
        if let Err(error) = attempt.refuse(reason, Outcome::status(0)).await {
            tracing::error!(%error, "a refusal is not on record");
        }
    }
}
