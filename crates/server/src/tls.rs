//! TLS of a listener: certificates by name, certificates of clients, and both read again while the
//! server runs.
//!
//! A configuration is built whole and swapped whole, so certificates, authorities and revocation
//! lists change together; what a client resumed under the old one does not resume under the new.

mod client;
mod files;
mod names;

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

pub(crate) use client::{ClientCertificateError, shown};
use files::{Read, Seen};

use crate::config::{ClientCertificates, TlsSettings};

/// Why there is no TLS to serve with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or has something else in it.
    #[error("`{}` holds no {what}", file.display())]
    Pem {
        /// What was looked for.
        what: &'static str,
        /// Where.
        file: PathBuf,
        /// Why it was not found.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// A certificate and a key do not belong together, or are of no use.
    #[error("the certificate `{}` and the key `{}` do not make a server", certificate.display(), key.display())]
    Pair {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// A certificate that is none.
    #[error("`{}` holds a certificate that cannot be read", file.display())]
    Certificate {
        /// Where.
        file: PathBuf,
    },
    /// A certificate is to answer for a name that it is not for.
    #[error("the certificate `{}` is not for `{name}`", file.display())]
    NotFor {
        /// The certificate.
        file: PathBuf,
        /// The name.
        name: String,
    },
    /// Two certificates are to answer for one name.
    #[error("two certificates are for `{name}`: `{}` is the second", file.display())]
    NameTwice {
        /// The second certificate.
        file: PathBuf,
        /// The name.
        name: String,
    },
    /// A certificate authority or a revocation list is of no use.
    #[error("`{}` is of no use to verify clients with", file.display())]
    Clients {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The parts do not make a configuration.
    #[error("TLS cannot be configured so")]
    Configuration(#[from] rustls::Error),
}

/// TLS of one listener.
pub(crate) struct Tls {
    settings: TlsSettings,
    clients: ClientCertificates,
    current: ArcSwap<Loaded>,
    /// Counts the changes of what clients are verified with.
    changes: watch::Sender<u64>,
}

/// What is in force, and what it was made from.
struct Loaded {
    server: Arc<ServerConfig>,
    /// The content of the files that clients are verified with.
    trust: Vec<u8>,
    seen: Seen,
}

/// What reading the files again came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reloaded {
    /// They are in force.
    Taken,
    /// No file has changed since it was last read.
    Same,
}

impl Tls {
    /// Reads every file.
    ///
    /// # Errors
    /// A file is missing or of no use: the error names it.
    pub(crate) fn load(
        settings: &TlsSettings,
        clients: ClientCertificates,
    ) -> Result<Self, TlsError> {
        let settings = settings.clone();
        let current = ArcSwap::from_pointee(Loaded::read(&settings, clients)?);
        Ok(Self { settings, clients, current, changes: watch::Sender::new(0) })
    }

    /// What accepts a connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current.load().server))
    }

    /// Changes whenever a client's certificate may no longer be worth what it was.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Reads every file again, for the connections to come. What does not load leaves everything as
    /// it was.
    ///
    /// # Errors
    /// A file is missing or of no use: the error names it.
    pub(crate) fn reload(&self) -> Result<Reloaded, TlsError> {
        let loaded = Loaded::read(&self.settings, self.clients)?;
        let trusted = self.current.load().trust == loaded.trust;
        self.current.store(Arc::new(loaded));
        if !trusted {
            self.changes.send_modify(|count| *count = count.wrapping_add(1));
        }
        Ok(Reloaded::Taken)
    }

    /// Reads every file again if one has changed since it was last looked at.
    ///
    /// # Errors
    /// As [`Tls::reload`], once for each change.
    pub(crate) fn reload_changed(&self, seen: &mut Option<Seen>) -> Result<Reloaded, TlsError> {
        let now = Seen::of(&self.settings);
        let before = seen.replace(now.clone());
        if before.as_ref() == Some(&now) || (before.is_none() && self.current.load().seen == now) {
            return Ok(Reloaded::Same);
        }
        self.reload()
    }
}

impl Loaded {
    fn read(settings: &TlsSettings, clients: ClientCertificates) -> Result<Self, TlsError> {
        // Looked at before they are read: what changes meanwhile is read once more.
        let seen = Seen::of(settings);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let Read { names, trust } = Read::from(settings, &provider)?;
        let server = server(&provider, clients, settings, &trust)?;
        let mut server = server.with_cert_resolver(Arc::new(names));
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        if clients != ClientCertificates::Off {
            // A client proves who it is with every connection.
            server.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
            server.send_tls13_tickets = 0;
        }
        Ok(Self { server: Arc::new(server), trust: trust.bytes, seen })
    }
}

type Builder = rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>;

/// TLS 1.2 and 1.3: rustls knows no older one, and no cipher without authentication.
fn server(
    provider: &Arc<CryptoProvider>,
    clients: ClientCertificates,
    settings: &TlsSettings,
    trust: &files::Trust,
) -> Result<Builder, TlsError> {
    let builder = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()?;
    Ok(match clients {
        ClientCertificates::Off => builder.with_no_client_auth(),
        mode => {
            let verifier = client::verifier(provider, mode, settings, trust)?;
            builder.with_client_cert_verifier(verifier)
        }
    })
}

#[cfg(test)]
mod tests;
