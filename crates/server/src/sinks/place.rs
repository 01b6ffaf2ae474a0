//! Where a receiver is, and the line to it: TCP on this machine, TLS anywhere.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use audit::SinkError;
use reqwest::Url;
use rustls::client::ClientConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::sinks::heard::later;
use crate::sinks::line::{Line, broken};
use crate::sinks::settings::SinkConfigError;

/// How long a receiver may take to be spoken with.
pub(super) const DIAL_SECONDS_MAX: Duration = Duration::from_secs(10);

/// The words of a protocol for its addresses, and the ports that go with them.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// In the open, on this machine only.
    pub(super) open: (&'static str, u16),
    /// Sealed with TLS.
    pub(super) sealed: (&'static str, u16),
}

/// Who is believed, and who we are.
#[derive(Deserialize, Debug, Clone, Default)]
pub(crate) struct Trust {
    /// Authorities in PEM that the receiver's certificate is verified with; else the machine's.
    #[serde(default)]
    pub(crate) ca_file: Option<PathBuf>,
    /// Our certificate in PEM, for receivers that ask for one.
    #[serde(default)]
    pub(crate) certificate_file: Option<PathBuf>,
    /// Its key.
    #[serde(default)]
    pub(crate) key_file: Option<PathBuf>,
}

impl Trust {
    /// Whether nothing is said.
    pub(super) fn is_silent(&self) -> bool {
        self.ca_file.is_none() && self.certificate_file.is_none() && self.key_file.is_none()
    }
}

/// An address.
#[derive(Clone)]
pub(super) struct Place {
    host: String,
    port: u16,
    tls: Option<Tls>,
}

#[derive(Clone)]
struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Place {
    /// Reads an address such as `tls://logs.example:6514`. In the open it must be of this machine.
    pub(super) fn new(url: &str, words: Words, trust: &Trust) -> Result<Self, SinkConfigError> {
        let wrong = || SinkConfigError::Address {
            url: shown(url),
            open: words.open.0,
            sealed: words.sealed.0,
        };
        let read = Url::parse(url).map_err(|_| wrong())?;
        let bare = read.username().is_empty()
            && read.password().is_none()
            && matches!(read.path(), "" | "/")
            && read.query().is_none()
            && read.fragment().is_none();
        let host = read.host_str().map(|host| host.trim_matches(['[', ']']).to_owned());
        let host = host.filter(|host| bare && !host.is_empty()).ok_or_else(wrong)?;
        let (sealed, port) = match read.scheme() {
            word if word == words.sealed.0 => (true, words.sealed.1),
            word if word == words.open.0 && is_here(&host) => (false, words.open.1),
            _ => return Err(wrong()),
        };
        let port = read.port().unwrap_or(port);
        if !sealed {
            return if trust.is_silent() {
                Ok(Self { host, port, tls: None })
            } else {
                Err(SinkConfigError::Idle("ca_file, certificate_file or key_file"))
            };
        }
        let name = ServerName::try_from(host.clone()).map_err(|_| wrong())?;
        let connector = TlsConnector::from(Arc::new(client(trust)?));
        Ok(Self { host, port, tls: Some(Tls { connector, name }) })
    }

    /// Another place of the same receiver, spoken with in the same way.
    pub(super) fn beside(&self, host: &str, port: u16) -> Result<Self, SinkError> {
        let tls = match &self.tls {
            None if is_here(host) => None,
            None => return Err(later(format!("it sends us to `{host}` without TLS"))),
            Some(tls) => {
                let name = ServerName::try_from(host.to_owned());
                let name = name.map_err(|_| later("it sends us to what is no host"))?;
                Some(Tls { connector: tls.connector.clone(), name })
            }
        };
        Ok(Self { host: host.to_owned(), port, tls })
    }

    /// A line to it, sealed from the first byte if it is to be sealed.
    pub(super) async fn dial(&self) -> Result<Line, SinkError> {
        self.within(async {
            let stream = self.tcp().await?;
            self.seal(stream).await
        })
        .await
    }

    /// A line to a receiver that speaks in the open until both agree on TLS.
    pub(super) async fn dial_asking<F>(&self, ask: F) -> Result<Line, SinkError>
    where
        F: AsyncFnOnce(&mut TcpStream) -> Result<(), SinkError>,
    {
        self.within(async {
            let mut stream = self.tcp().await?;
            if self.tls.is_some() {
                ask(&mut stream).await?;
            }
            self.seal(stream).await
        })
        .await
    }

    async fn tcp(&self) -> Result<TcpStream, SinkError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(broken)?;
        stream.set_nodelay(true).map_err(broken)?;
        Ok(stream)
    }

    async fn seal(&self, stream: TcpStream) -> Result<Line, SinkError> {
        match &self.tls {
            None => Ok(Line::over(stream)),
            Some(tls) => {
                let sealed = tls.connector.connect(tls.name.clone(), stream).await;
                Ok(Line::over(sealed.map_err(broken)?))
            }
        }
    }

    async fn within(
        &self,
        dial: impl Future<Output = Result<Line, SinkError>>,
    ) -> Result<Line, SinkError> {
        let dialled = tokio::time::timeout(DIAL_SECONDS_MAX, dial).await;
        dialled.unwrap_or_else(|_| Err(later("it does not answer the call")))
    }
}

/// Whether a host is this machine.
pub(super) fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// An address without what stands before the host, where people put passwords.
fn shown(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => url.to_owned(),
    }
}

fn client(trust: &Trust) -> Result<ClientConfig, SinkConfigError> {
    let wrong = |error: &dyn std::fmt::Display| SinkConfigError::Client(error.to_string());
    let mut roots = rustls::RootCertStore::empty();
    if let Some(file) = &trust.ca_file {
        let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
        let read: Vec<CertificateDer<'static>> = read.map_err(|error| wrong(&error))?;
        for authority in read {
            roots.add(authority).map_err(|error| wrong(&error))?;
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if roots.is_empty() {
        return Err(SinkConfigError::Client("there is no authority to verify it with".to_owned()));
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .with_root_certificates(roots);
    match (&trust.certificate_file, &trust.key_file) {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(certificate), Some(key)) => {
            let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
            let chain: Vec<CertificateDer<'static>> = chain.map_err(|error| wrong(&error))?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(&error))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| wrong(&error))
        }
        _ => Err(SinkConfigError::Pair),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words = Words { open: ("tcp", 514), sealed: ("tls", 6514) };

    #[test]
    fn the_record_leaves_the_machine_sealed_or_not_at_all() {
        for good in ["tcp://127.0.0.1", "tcp://[::1]:99", "tcp://localhost/", "tls://10.0.0.1:1"] {
            assert!(Place::new(good, WORDS, &Trust::default()).is_ok(), "{good}");
        }
        for bad in ["tcp://logs.example", "tcp://10.0.0.1:514", "udp://127.0.0.1", "tls://", "x"] {
            assert!(Place::new(bad, WORDS, &Trust::default()).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_holds_no_password_and_one_that_does_is_not_repeated() {
        let refused = Place::new("tls://me:hunter2@logs.example", WORDS, &Trust::default());
        let said = refused.err().unwrap().to_string();
        assert!(said.contains("logs.example") && !said.contains("hunter2"), "{said}");
        assert!(Place::new("tls://logs.example/path", WORDS, &Trust::default()).is_err());
    }

    #[test]
    fn the_usual_port_is_the_one_of_the_word() {
        let open = Place::new("tcp://127.0.0.1", WORDS, &Trust::default()).unwrap();
        let sealed = Place::new("tls://127.0.0.1", WORDS, &Trust::default()).unwrap();
        assert_eq!((open.port, sealed.port), (514, 6514));
    }

    #[test]
    fn a_receiver_in_the_open_sends_us_nowhere_else() {
        let here = Place::new("tcp://127.0.0.1", WORDS, &Trust::default()).unwrap();
        assert!(here.beside("127.0.0.1", 1).is_ok());
        assert!(here.beside("broker.example", 1).is_err());
        let sealed = Place::new("tls://127.0.0.1", WORDS, &Trust::default()).unwrap();
        assert!(sealed.beside("broker.example", 1).is_ok());
    }

    #[test]
    fn authorities_for_a_line_in_the_open_are_refused_since_nobody_would_ask_them() {
        let trust = Trust { ca_file: Some("/ca.pem".into()), ..Trust::default() };
        assert!(matches!(
            Place::new("tcp://127.0.0.1", WORDS, &trust),
            Err(SinkConfigError::Idle(_))
        ));
    }
}
