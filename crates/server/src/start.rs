//! The server's life: read the configuration, open everything, serve, drain.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api::{Api, Connection, Response};
use arc_swap::ArcSwap;
use audit::{Decided, Durability, Outcome, Target};
use http::Request;
use hyper::body::Incoming;
use names::{Arn, Revision};
use objects::CollectBlobs;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::assemble::{Alarm, AssembleError, Assembled, Environment, assemble};
use crate::config::{Config, ConfigError, Layers, Origin};
use crate::first_start::Given as FirstStart;
use crate::listen::{Handler, Limits, Listener};
use crate::master_key::Given as GivenKey;
use crate::ops::Ops;
use crate::telemetry::{start_log, start_metrics};
use crate::tls::{TlsError, configuration};

/// The configuration's file in a data directory, read if it is there.
const CONFIG_FILE: &str = "strongroom.toml";

/// How often blobs that nothing refers to are looked for, in seconds.
const COLLECT_SECONDS: u64 = 5;

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
    let tls = config.tls.as_ref().map(configuration).transpose()?;
    let tls = tls.map(|tls| Arc::new(ArcSwap::new(tls)));
    let api_socket = bind("listen.api", config.listen_api).await?;
    let ops_socket = bind("listen.ops", config.listen_ops).await?;
    let assembled = assemble(config, &environment(), &Alarm(ring)).await?;
    report(&assembled);
    let limits = Limits {
        connections_max: config.connections_max,
        connections_per_address_max: config.connections_per_address_max,
        head_seconds_max: config.head_seconds_max,
    };
    let (stop, stopped) = watch::channel(false);
    println!("{}", ready_line(&api_socket, &ops_socket, config));
    let ops = Ops {
        data: Arc::clone(&assembled.data),
        journal: Arc::clone(&assembled.journal),
        metrics: start_metrics(),
    };
    let collecting = tokio::spawn(collect(assembled.objects, assembled.collector));
    let api = Listener { socket: api_socket, tls: tls.clone(), limits };
    let ops_listener = Listener { socket: ops_socket, tls: None, limits };
    let served = tokio::spawn(api.serve(Door(assembled.api), stopped.clone()));
    let observed = tokio::spawn(ops_listener.serve(ops, stopped));
    let why = signals.wait(config, tls.as_ref(), alarm).await;
    stop.send_replace(true);
    let _ = served.await;
    let _ = observed.await;
    collecting.abort();
    why.map_or(Ok(()), |why| Err(StartError::Stopped(why)))
}

async fn bind(
    setting: &'static str,
    address: std::net::SocketAddr,
) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { setting, source })
}

/// The line that says where the server is, once it answers.
fn ready_line(api: &TcpListener, ops: &TcpListener, config: &Config) -> String {
    let address = |socket: &TcpListener| {
        socket.local_addr().map_or_else(|_| "?".to_owned(), |address| address.to_string())
    };
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    format!("ready s3={scheme}://{} ops=http://{}", address(api), address(ops))
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

    /// Waits for a signal to stop, or for an alarm; reads the certificate again on SIGHUP.
    async fn wait(
        mut self,
        config: &Config,
        tls: Option<&Arc<ArcSwap<ServerConfig>>>,
        mut alarm: watch::Receiver<Option<&'static str>>,
    ) -> Option<&'static str> {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return None,
                _ = self.interrupt.recv() => return None,
                _ = self.hangup.recv() => reload(config, tls),
                why = alarm.wait_for(Option::is_some) => return why.ok().and_then(|why| *why),
            }
        }
    }
}

/// Takes a new certificate; one that does not load leaves the old one in force.
fn reload(config: &Config, tls: Option<&Arc<ArcSwap<ServerConfig>>>) {
    let (Some(files), Some(tls)) = (&config.tls, tls) else { return };
    match configuration(files) {
        Ok(new) => {
            tls.store(new);
            tracing::info!("the certificate was read again");
        }
        Err(error) => tracing::error!(%error, "the certificate stays as it was"),
    }
}

/// Removes blobs that nothing refers to any more. Each round that finds work is on record.
async fn collect(objects: Arc<objects::Objects>, actor: audit::SystemActor) {
    let mut more = false;
    loop {
        if !more {
            tokio::time::sleep(Duration::from_secs(COLLECT_SECONDS)).await;
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
struct Door(Api);

impl Handler for Door {
    type Body = api::ResponseBody;

    async fn answer(&self, request: Request<Incoming>, connection: Arc<Connection>) -> Response {
        self.0.answer(request, connection).await
    }
}
