//! The network: connections to a directory's servers, TLS, failover, the pool.
//!
//! As everywhere in this room, every name is resolved, every address judged, and the connection
//! goes to a judged address and no other.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, SearchEntry, StdStream};
use names::SecretBytes;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinHandle};
use tokio_rustls::TlsConnector;

use super::config::{Bind, DirectorySettings, Security, Server, may_reach};
use super::port::{As, Directory, DirectoryError, Entry, Scope, Search};
use super::relay::{self, Refused, Wire};
use super::{start_tls, trust};
use crate::egress::{AddressKind, Lookup, classify};
use crate::oidc::excerpt;

/// How long a connection and its TLS may take to open.
const CONNECT: Duration = Duration::from_secs(2);
/// Entries of one page (RFC 2696): Active Directory gives at most 1000.
const PAGE_ENTRIES: i32 = 500;
/// Most bytes of one answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Result codes (RFC 4511 §4.1.9).
const SUCCESS: u32 = 0;
const SIZE_LIMIT: u32 = 4;
const REFERRAL: u32 = 10;
const ADMIN_LIMIT: u32 = 11;
/// `busy`, `unavailable`, `other`: another server may do better.
const TRY_ANOTHER: [u32; 3] = [51, 52, 80];

/// A directory over the network.
pub struct LdapDirectory {
    servers: Vec<Server>,
    bind: Bind,
    tls: Arc<ClientConfig>,
    lookup: Arc<dyn Lookup>,
    places: Semaphore,
    idle: Mutex<Vec<Connection>>,
    /// The server that answered last.
    preferred: AtomicUsize,
}

impl fmt::Debug for LdapDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LdapDirectory({:?})", self.servers)
    }
}

/// A connection, and the task that serves it until this is dropped. What is between the task and
/// the directory ends by itself when the task has.
struct Connection {
    ldap: Ldap,
    refused: Refused,
    _driver: Stopped,
}

impl Connection {
    /// Why there is no answer, if the reason is that what the directory sent was refused.
    fn told(&self, error: DirectoryError) -> DirectoryError {
        self.refused.fault().map_or(error, |fault| DirectoryError::Message { fault })
    }

    async fn simple_bind(
        &mut self,
        name: &str,
        password: &SecretBytes,
    ) -> Result<(), DirectoryError> {
        simple_bind(&mut self.ldap, name, password).await.map_err(|error| self.told(error))
    }
}

/// A task that ends when this is dropped.
struct Stopped(AbortHandle);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl LdapDirectory {
    /// A directory that is asked as its settings say.
    ///
    /// # Errors
    /// Its certificates or keys cannot be used.
    pub fn new(
        settings: &DirectorySettings,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, DirectoryError> {
        Ok(Self {
            servers: settings.servers.clone(),
            bind: settings.bind.clone(),
            tls: trust::client_config(settings)?,
            lookup,
            places: Semaphore::new(settings.connections.min(Semaphore::MAX_PERMITS)),
            idle: Mutex::new(Vec::new()),
            preferred: AtomicUsize::new(0),
        })
    }

    /// Opens a connection to the first server that takes one; the one that answered last first.
    async fn open(&self) -> Result<Connection, DirectoryError> {
        let count = self.servers.len();
        let first = self.preferred.load(Ordering::Relaxed);
        let mut last = DirectoryError::Setup { cause: "no server".to_owned() };
        for at in (0..count).map(|step| first.saturating_add(step).checked_rem(count)) {
            let Some((at, server)) = at.and_then(|at| Some((at, self.servers.get(at)?))) else {
                continue;
            };
            match self.open_at(server).await {
                Ok(connection) => {
                    self.preferred.store(at, Ordering::Relaxed);
                    return Ok(connection);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn open_at(&self, server: &Server) -> Result<Connection, DirectoryError> {
        let name = format!("{}:{}", server.host, server.port);
        let unreachable =
            |cause: String| DirectoryError::Unreachable { server: name.clone(), cause };
        let opening = async {
            let stream = self.stream(server).await.map_err(unreachable)?;
            match server.security {
                Security::Plain => Ok(Box::new(stream) as Box<dyn Wire>),
                Security::Tls | Security::StartTls => {
                    let secured = self.secured(server, stream).await;
                    secured.map_err(|cause| DirectoryError::Tls { server: name.clone(), cause })
                }
            }
        };
        let slow = |_| unreachable(format!("no connection within {} s", CONNECT.as_secs()));
        let wire = tokio::time::timeout(CONNECT, opening).await.map_err(slow)??;
        connection(wire).await.map_err(unreachable)
    }

    /// TLS on a connection, agreed on by the server's name.
    async fn secured(
        &self,
        server: &Server,
        mut stream: TcpStream,
    ) -> Result<Box<dyn Wire>, String> {
        if server.security == Security::StartTls {
            start_tls::agree(&mut stream).await?;
        }
        let name = ServerName::try_from(server.host.clone()).map_err(|error| error.to_string())?;
        let agreed = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await;
        agreed.map(|stream| Box::new(stream) as Box<dyn Wire>).map_err(|e| excerpt(&e.to_string()))
    }

    /// Connects to a judged address of the server.
    async fn stream(&self, server: &Server) -> Result<TcpStream, String> {
        let addresses: Vec<IpAddr> = match server.host.parse() {
            Ok(address) => vec![address],
            Err(_) => self.lookup.lookup(&server.host).await.map_err(|error| error.to_string())?,
        };
        let mut cause = "the name has no address".to_owned();
        for address in &addresses {
            let kind = classify(*address);
            may_reach(kind)?;
            if server.security == Security::Plain && kind != AddressKind::Loopback {
                return Err("only loopback is spoken to without TLS".to_owned());
            }
        }
        for address in addresses {
            match TcpStream::connect(SocketAddr::new(address, server.port)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => cause = error.to_string(),
            }
        }
        Err(cause)
    }

    /// A connection that asks as the configured account.
    async fn looking_up(&self) -> Result<Connection, DirectoryError> {
        let mut last = None;
        for _ in 0..self.servers.len() {
            let mut connection = self.open().await?;
            let bound = match &self.bind {
                Bind::Lookup { dn, password } => connection.simple_bind(dn, password).await,
                Bind::Certificate => {
                    let bound = answered(connection.ldap.sasl_external_bind().await).map(|_| ());
                    bound.map_err(|error| connection.told(error))
                }
                Bind::Direct { .. } => {
                    let cause = "no account is configured that may look people up".to_owned();
                    return Err(DirectoryError::Setup { cause });
                }
            };
            match bound {
                Ok(()) => return Ok(connection),
                Err(DirectoryError::Refused { code, message }) if TRY_ANOTHER.contains(&code) => {
                    self.preferred.fetch_add(1, Ordering::Relaxed);
                    last = Some(DirectoryError::Refused { code, message });
                }
                Err(error) => return Err(error),
            }
        }
        Err(last.unwrap_or(DirectoryError::Malformed))
    }

    fn idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(mut connection) = idle.pop() {
            if !connection.ldap.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

#[async_trait]
impl Directory for LdapDirectory {
    async fn bind(&self, name: &str, password: &SecretBytes) -> Result<(), DirectoryError> {
        let _place = self.places.acquire().await.map_err(|_| DirectoryError::Busy)?;
        let mut connection = self.open().await?;
        let bound = connection.simple_bind(name, password).await;
        drop(connection.ldap.unbind().await);
        bound
    }

    async fn search(&self, who: As<'_>, search: &Search) -> Result<Vec<Entry>, DirectoryError> {
        let _place = self.places.acquire().await.map_err(|_| DirectoryError::Busy)?;
        if let As::Person { name, password } = who {
            let mut connection = self.open().await?;
            connection.simple_bind(name, password).await?;
            return collected(connection, search).await.1;
        }
        // One that lay idle may have been closed at the other end: then a new one is asked.
        if let Some(connection) = self.idle() {
            let (connection, answer) = collected(connection, search).await;
            match (connection, answer) {
                (_, Err(DirectoryError::Unreachable { .. })) => {}
                (Some(connection), answer) => {
                    self.keep(connection);
                    return answer;
                }
                (None, answer) => return answer,
            }
        }
        let (connection, answer) = collected(self.looking_up().await?, search).await;
        connection.into_iter().for_each(|connection| self.keep(connection));
        answer
    }
}

/// The library on a connection, behind what reads every message first.
async fn connection(wire: Box<dyn Wire>) -> Result<Connection, String> {
    let (library, relayed) = UnixStream::pair().map_err(|error| error.to_string())?;
    let library = library.into_std().map_err(|error| error.to_string())?;
    let refused = Refused::default();
    tokio::spawn(relay::serve(wire, relayed, refused.clone()));
    let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(library));
    // The address says nothing but that the connection is there already.
    let opened = LdapConnAsync::with_settings(settings, "ldapi:///").await;
    let (served, ldap) = opened.map_err(|error| told(&error))?;
    let driver = tokio::spawn(async move {
        if let Err(error) = served.drive().await {
            tracing::debug!(%error, "a connection to a directory ended");
        }
    });
    Ok(Connection { ldap, refused, _driver: Stopped(driver.abort_handle()) })
}

/// A bind by name and password; what is sent is dropped by the client library unwiped.
async fn simple_bind(
    ldap: &mut Ldap,
    name: &str,
    password: &SecretBytes,
) -> Result<(), DirectoryError> {
    let text = std::str::from_utf8(password.expose()).map_err(|_| DirectoryError::Malformed)?;
    if name.is_empty() || text.is_empty() {
        // It would be anonymous, and succeed (RFC 4513 §5.1).
        return Err(DirectoryError::Malformed);
    }
    answered(ldap.simple_bind(name, text).await).map(|_| ())
}

/// The answer to an operation, if it is a success.
fn answered(result: Result<LdapResult, LdapError>) -> Result<LdapResult, DirectoryError> {
    let result = result.map_err(|error| broken(&error))?;
    match result.rc {
        SUCCESS => Ok(result),
        REFERRAL => Err(DirectoryError::Referral),
        code => Err(DirectoryError::Refused { code, message: excerpt(&result.text) }),
    }
}

fn broken(error: &LdapError) -> DirectoryError {
    DirectoryError::Unreachable { server: "the directory".to_owned(), cause: told(error) }
}

/// The library's words, without control characters and of a bounded length.
fn told(error: &LdapError) -> String {
    excerpt(&error.to_string())
}

/// What a search finds, read in a task of its own: the library gives up on what is malformed by
/// ending its task. The connection comes back if it can be used again.
async fn collected(
    mut connection: Connection,
    search: &Search,
) -> (Option<Connection>, Result<Vec<Entry>, DirectoryError>) {
    let search = search.clone();
    let task: JoinHandle<_> = tokio::spawn(async move {
        let answer = entries(&mut connection.ldap, &search).await;
        (connection, answer)
    });
    let _stopped = Stopped(task.abort_handle());
    match task.await {
        Ok((connection, Ok(entries))) => (Some(connection), Ok(entries)),
        Ok((connection, Err(error @ DirectoryError::Refused { .. }))) => {
            (Some(connection), Err(error))
        }
        Ok((connection, Err(error))) => {
            let error = connection.told(error);
            (None, Err(error))
        }
        Err(_) => (None, Err(DirectoryError::Malformed)),
    }
}

type Adapters<'a> = Vec<Box<dyn Adapter<'a, String, Vec<String>> + 'a>>;

async fn entries(ldap: &mut Ldap, search: &Search) -> Result<Vec<Entry>, DirectoryError> {
    let (scope, adapters): (_, Adapters<'_>) = match search.scope {
        Scope::Base => (ldap3::Scope::Base, vec![Box::new(EntriesOnly::new())]),
        Scope::Subtree => {
            let pages = Box::new(PagedResults::new(PAGE_ENTRIES));
            (ldap3::Scope::Subtree, vec![Box::new(EntriesOnly::new()), pages])
        }
    };
    let (filter, attributes) = (search.filter.to_string(), search.attributes.clone());
    let mut stream = ldap
        .streaming_search_with(adapters, &search.base, scope, &filter, attributes)
        .await
        .map_err(|error| broken(&error))?;
    let too_many = DirectoryError::TooMany { max: search.entries_max };
    let (mut found, mut bytes) = (Vec::new(), 0_usize);
    while let Some(next) = stream.next().await.map_err(|error| broken(&error))? {
        let entry = entry(SearchEntry::construct(next));
        bytes = bytes.saturating_add(entry.dn.len());
        bytes =
            entry.attributes.values().flatten().fold(bytes, |sum, v| sum.saturating_add(v.len()));
        if found.len() >= search.entries_max || bytes > ANSWER_BYTES_MAX {
            return Err(too_many);
        }
        found.push(entry);
    }
    match answered(Ok(stream.finish().await)) {
        Ok(_) => Ok(found),
        Err(DirectoryError::Refused { code: SIZE_LIMIT | ADMIN_LIMIT, .. }) => Err(too_many),
        Err(error) => Err(error),
    }
}

fn entry(found: SearchEntry) -> Entry {
    let texts = found
        .attrs
        .into_iter()
        .map(|(name, texts)| (name, texts.into_iter().map(String::into_bytes).collect::<Vec<_>>()));
    let mut entry = Entry { dn: found.dn, ..Entry::default() };
    for (name, values) in texts.chain(found.bin_attrs) {
        entry.attributes.entry(name.to_ascii_lowercase()).or_default().extend(values);
    }
    entry
}
