//! Which certificate answers for which host (SNI, RFC 6066 §3).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use super::TlsError;
use crate::config::CertificateFiles;

/// Certificates by host name.
#[derive(Default)]
pub(super) struct Names {
    exact: HashMap<String, Arc<CertifiedKey>>,
    /// By what follows the first label of `*.`.
    wild: HashMap<String, Arc<CertifiedKey>>,
    /// For clients that name no host, or one that no certificate is for.
    first: Option<Arc<CertifiedKey>>,
}

impl Names {
    /// Adds a certificate for its names. One that is added later answers for no name that one added
    /// before was given; the first is the fallback.
    pub(super) fn add(
        &mut self,
        files: &CertificateFiles,
        certified: Arc<CertifiedKey>,
    ) -> Result<(), TlsError> {
        let file = &files.certificate;
        let own = certified.end_entity_cert().ok().and_then(|leaf| dns_names(leaf));
        let own = own.ok_or_else(|| TlsError::Certificate { file: file.clone() })?;
        if let Some(name) = files.names.iter().find(|name| !own.iter().any(|o| covers(o, name))) {
            return Err(TlsError::NotFor { file: file.clone(), name: name.clone() });
        }
        let names = if files.names.is_empty() { &own } else { &files.names };
        for name in names {
            let (map, key) = match name.strip_prefix("*.") {
                Some(rest) => (&mut self.wild, rest),
                None => (&mut self.exact, name.as_str()),
            };
            if map.insert(key.to_owned(), Arc::clone(&certified)).is_some() {
                return Err(TlsError::NameTwice { file: file.clone(), name: name.clone() });
            }
        }
        self.first.get_or_insert(certified);
        Ok(())
    }

    /// The certificate for a host.
    fn find(&self, host: Option<&str>) -> Option<&Arc<CertifiedKey>> {
        let host = host.map(str::to_ascii_lowercase);
        let named = host.as_deref().and_then(|host| {
            let wild = || self.wild.get(host.split_once('.')?.1);
            self.exact.get(host).or_else(wild)
        });
        named.or(self.first.as_ref())
    }
}

impl ResolvesServerCert for Names {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.find(hello.server_name()).cloned()
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Names({:?}, *.{:?})", self.exact.keys(), self.wild.keys())
    }
}

/// The host names of a certificate, in lower case; `None` if it is no certificate.
fn dns_names(leaf: &[u8]) -> Option<Vec<String>> {
    let (_, certificate) = X509Certificate::from_der(leaf).ok()?;
    let names = certificate.subject_alternative_name().ok()?;
    let names = names.map(|names| names.value.general_names.iter()).into_iter().flatten();
    let dns = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    Some(dns.collect())
}

/// Whether a certificate's name is, or stands for, another (RFC 6125 §6.4.3).
fn covers(own: &str, name: &str) -> bool {
    let wild = || {
        let (_, rest) = name.split_once('.')?;
        own.strip_prefix("*.").map(|own| own == rest)
    };
    own == name || (!name.starts_with("*.") && wild().unwrap_or(false))
}
