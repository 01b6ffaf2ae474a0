//! The one client for calls that leave this server: what it may reach, and how long and how much.
//!
//! Every name is resolved, every address judged, and the connection goes to a judged address and no
//! other, so that a name cannot change its mind between the check and the connection (DNS
//! rebinding). Redirects are never followed and proxies of the environment never used.
//!
//! | address | by default | when the exact origin is on the allow-list |
//! |---|---|---|
//! | public | https | https |
//! | private (RFC 1918, ULA, shared) | refused | https |
//! | loopback | refused | https or http |
//! | link-local, metadata service, unspecified, multicast, reserved | refused | refused |

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use names::Timestamp;
use reqwest::{Client, Url};

pub use self::ask::{Answer, Ask, Credential, Form, Question};
pub use crate::address::{AddressKind, classify};

mod ask;

/// How long a connection may take to open.
pub const CONNECT_SECONDS_MAX: u64 = 3;
/// How long one call may take from resolution to its last byte.
pub const CALL_SECONDS_MAX: u64 = 4;
/// How many addresses of one name are looked at.
pub const ADDRESSES_MAX: usize = 32;

/// Fetches a document. The seam behind which every test of this room stands.
#[async_trait]
pub trait Fetch: Send + Sync + 'static {
    /// The body of `url`, if the answer is 200 and at most `bytes_max` long. Dropping the future
    /// closes the connection.
    async fn fetch(&self, url: &Url, bytes_max: usize) -> Result<Vec<u8>, EgressError>;

    /// What time it is at `url`, if an answer says so (`Date`, RFC 9110 §6.6.1). Dropping the
    /// future closes the connection.
    async fn date(&self, url: &Url) -> Option<Timestamp> {
        let _ = url;
        None
    }
}

/// Finds the addresses of a name.
#[async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// Every address of `host`, in the order of preference.
    async fn lookup(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.take(ADDRESSES_MAX.saturating_add(1)).map(|address| address.ip()).collect())
    }
}

/// Why a call was not made, or not finished.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EgressError {
    /// The text is not an absolute URL with a host.
    #[error("`{url}` is not a URL that can be fetched")]
    Url {
        /// What was given.
        url: String,
    },
    /// Neither https, nor http of an allow-listed loopback origin.
    #[error("`{origin}` is not https, and is not an allow-listed origin on loopback")]
    Scheme {
        /// Scheme, host and port.
        origin: String,
    },
    /// The URL carries a user name or a password.
    #[error("a URL of `{origin}` carries a user name or a password")]
    UserInfo {
        /// Scheme, host and port.
        origin: String,
    },
    /// The address may not be reached.
    #[error("`{origin}` is at {address}, a {kind} address")]
    Address {
        /// Scheme, host and port.
        origin: String,
        /// Where it resolves to.
        address: IpAddr,
        /// What that address is.
        kind: AddressKind,
    },
    /// The name has no address, too many, or could not be resolved.
    #[error("`{host}` could not be resolved ({cause})")]
    Lookup {
        /// The name.
        host: String,
        /// The resolver's words.
        cause: String,
    },
    /// No connection, no agreement on TLS, or an answer that broke off.
    #[error("`{origin}` could not be reached ({cause})")]
    Unreachable {
        /// Scheme, host and port.
        origin: String,
        /// The innermost cause.
        cause: String,
    },
    /// The deadline passed.
    #[error("`{origin}` did not answer within {seconds} s")]
    Slow {
        /// Scheme, host and port.
        origin: String,
        /// The deadline.
        seconds: u64,
    },
    /// An answer other than 200; redirects are not followed.
    #[error("`{origin}` answered with status {status}")]
    Status {
        /// Scheme, host and port.
        origin: String,
        /// The status.
        status: u16,
    },
    /// A longer body than the caller takes.
    #[error("`{origin}` answered with more than {bytes_max} bytes")]
    TooLarge {
        /// Scheme, host and port.
        origin: String,
        /// The most that is taken.
        bytes_max: usize,
    },
    /// The client could not be built.
    #[error("the outgoing client could not be set up ({cause})")]
    Setup {
        /// Why.
        cause: String,
    },
}

/// Which origins may be reached beyond the public internet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EgressPolicy {
    allowed: BTreeSet<String>,
}

impl EgressPolicy {
    /// Lets these exact origins (`http://127.0.0.1:3000`, `https://idp.corp.example`) be at
    /// loopback or private addresses, and be plain http on loopback.
    ///
    /// # Errors
    /// An entry is not an origin: it has a path, a query, a user, or another scheme.
    pub fn allowing<S: AsRef<str>>(origins: &[S]) -> Result<Self, EgressError> {
        let mut allowed = BTreeSet::new();
        for text in origins {
            let text = text.as_ref();
            let bad = || EgressError::Url { url: text.to_owned() };
            let url = Url::parse(text).map_err(|_| bad())?;
            let origin = origin(&url);
            let whole = !text.contains('*') && (origin == text || format!("{origin}/") == text);
            if !whole || !matches!(url.scheme(), "http" | "https") {
                return Err(bad());
            }
            allowed.insert(origin);
        }
        Ok(Self { allowed })
    }

    /// Whether the URL may be asked for at all, before anything is resolved.
    ///
    /// # Errors
    /// [`EgressError::Scheme`], [`EgressError::UserInfo`], or [`EgressError::Address`] when the
    /// host is an address.
    pub fn check_url(&self, url: &Url) -> Result<(), EgressError> {
        let origin = origin(url);
        if url.host_str().is_none_or(str::is_empty) {
            return Err(EgressError::Url { url: crate::oidc::excerpt(url.as_str()) });
        }
        let listed = self.allowed.contains(&origin);
        if !(url.scheme() == "https" || (url.scheme() == "http" && listed)) {
            return Err(EgressError::Scheme { origin });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EgressError::UserInfo { origin });
        }
        literal(url).map_or(Ok(()), |address| self.check_address(url, address))
    }

    /// Whether the URL may be asked for at this address.
    ///
    /// # Errors
    /// [`EgressError::Address`] with what the address is.
    pub fn check_address(&self, url: &Url, address: IpAddr) -> Result<(), EgressError> {
        let origin = origin(url);
        let listed = self.allowed.contains(&origin);
        let kind = classify(address);
        let allowed = match kind {
            AddressKind::Public => url.scheme() == "https",
            AddressKind::Private => listed && url.scheme() == "https",
            AddressKind::Loopback => listed,
            AddressKind::LinkLocal | AddressKind::Metadata | AddressKind::Reserved => false,
        };
        if allowed { Ok(()) } else { Err(EgressError::Address { origin, address, kind }) }
    }
}

/// Scheme, host and port (the port only if it is not the scheme's own).
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The address that the host spells, brackets or not.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// The outgoing client. Cheap to share behind an `Arc`.
pub struct Egress {
    policy: EgressPolicy,
    lookup: Arc<dyn Lookup>,
    roots: Vec<reqwest::Certificate>,
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roots = self.roots.len();
        f.debug_struct("Egress")
            .field("policy", &self.policy)
            .field("extra_roots", &roots)
            .finish_non_exhaustive()
    }
}

impl Egress {
    /// A client that trusts the machine's roots and those of `extra_roots_pem`, the contents of a
    /// PEM file (`server` reads it: this room has no disk).
    ///
    /// # Errors
    /// The PEM text holds no certificate.
    pub fn new(policy: EgressPolicy, extra_roots_pem: Option<&[u8]>) -> Result<Self, EgressError> {
        Self::with_lookup(policy, extra_roots_pem, Arc::new(SystemLookup))
    }

    /// The same, with another resolver.
    ///
    /// # Errors
    /// The PEM text holds no certificate.
    pub fn with_lookup(
        policy: EgressPolicy,
        extra_roots_pem: Option<&[u8]>,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, EgressError> {
        let roots = match extra_roots_pem {
            None => Vec::new(),
            Some(pem) => reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| EgressError::Setup { cause: innermost(&error) })?,
        };
        if extra_roots_pem.is_some() && roots.is_empty() {
            return Err(EgressError::Setup { cause: "no certificate in the PEM file".to_owned() });
        }
        Ok(Self { policy, lookup, roots })
    }

    /// What this client may reach.
    #[must_use]
    pub fn policy(&self) -> &EgressPolicy {
        &self.policy
    }

    /// Every address of the URL's host, each judged; refused whole if one of them is refused, since
    /// a name that mixes public and inner addresses is not a mistake.
    ///
    /// # Errors
    /// What the policy refuses, or the resolver's failure.
    pub async fn judged_addresses(&self, url: &Url) -> Result<Vec<IpAddr>, EgressError> {
        self.policy.check_url(url)?;
        if let Some(address) = literal(url) {
            return Ok(vec![address]);
        }
        let host = url.host_str().unwrap_or_default();
        let failed = |cause: String| EgressError::Lookup { host: host.to_owned(), cause };
        let found = self.lookup.lookup(host).await.map_err(|error| failed(error.to_string()))?;
        if found.is_empty() {
            return Err(failed("no address".to_owned()));
        }
        if found.len() > ADDRESSES_MAX {
            return Err(failed(format!("more than {ADDRESSES_MAX} addresses")));
        }
        for address in &found {
            self.policy.check_address(url, *address)?;
        }
        Ok(found)
    }

    /// A client for this one call: it knows no other address of the host than the judged ones.
    /// Setting one up reads the machine's root certificates, so it is done off the async threads.
    async fn client(&self, url: &Url, judged: &[IpAddr]) -> Result<Client, EgressError> {
        let pinned: Vec<SocketAddr> = judged.iter().map(|ip| SocketAddr::new(*ip, 0)).collect();
        let builder = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .https_only(url.scheme() == "https")
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
            .pool_max_idle_per_host(0)
            .user_agent("strongroom")
            .tls_certs_merge(self.roots.iter().cloned())
            .resolve_to_addrs(url.host_str().unwrap_or_default(), &pinned);
        match tokio::task::spawn_blocking(move || builder.build()).await {
            Ok(built) => built.map_err(|error| EgressError::Setup { cause: innermost(&error) }),
            Err(error) => Err(EgressError::Setup { cause: error.to_string() }),
        }
    }

    async fn fetched(
        &self,
        url: &Url,
        bytes_max: usize,
        deadline: Duration,
    ) -> Result<Vec<u8>, EgressError> {
        tokio::time::timeout(deadline, self.call(url, bytes_max)).await.unwrap_or_else(|_| {
            Err(EgressError::Slow { origin: origin(url), seconds: CALL_SECONDS_MAX })
        })
    }

    async fn call(&self, url: &Url, bytes_max: usize) -> Result<Vec<u8>, EgressError> {
        let judged = self.judged_addresses(url).await?;
        let failed = |error: reqwest::Error| failure(url, &error);
        let request = self.client(url, &judged).await?.get(url.clone());
        let mut answer =
            request.header("accept", "application/json").send().await.map_err(failed)?;
        if answer.status().as_u16() != 200 {
            let status = answer.status().as_u16();
            return Err(EgressError::Status { origin: origin(url), status });
        }
        ask::body(url, &mut answer, bytes_max).await
    }
}

#[async_trait]
impl Fetch for Egress {
    async fn date(&self, url: &Url) -> Option<Timestamp> {
        let asked = async {
            let judged = self.judged_addresses(url).await.ok()?;
            let answer =
                self.client(url, &judged).await.ok()?.get(url.clone()).send().await.ok()?;
            let said = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
            Timestamp::parse_http_date(said).ok()
        };
        let deadline = Duration::from_secs(CALL_SECONDS_MAX);
        tokio::time::timeout(deadline, asked).await.ok().flatten()
    }

    async fn fetch(&self, url: &Url, bytes_max: usize) -> Result<Vec<u8>, EgressError> {
        self.fetched(url, bytes_max, Duration::from_secs(CALL_SECONDS_MAX)).await
    }
}

fn failure(url: &Url, error: &reqwest::Error) -> EgressError {
    EgressError::Unreachable { origin: origin(url), cause: innermost(error) }
}

/// The innermost cause: the outer ones repeat the URL and say `error sending request`.
fn innermost(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    crate::oidc::excerpt(&text)
}

#[cfg(test)]
mod outages;
#[cfg(test)]
mod tests;
