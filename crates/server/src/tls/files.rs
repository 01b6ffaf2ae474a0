//! The files of TLS: read, and looked at for changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::TlsError;
use super::names::Names;
use crate::config::{CertificateFiles, TlsSettings};

/// Everything that was read.
pub(super) struct Read {
    /// Certificates by name.
    pub(super) names: Names,
    /// What clients are verified with.
    pub(super) trust: Trust,
}

/// What clients are verified with, each by its file.
#[derive(Default)]
pub(super) struct Trust {
    pub(super) authorities: Vec<(PathBuf, Vec<CertificateDer<'static>>)>,
    pub(super) revocations: Vec<(PathBuf, Vec<CertificateRevocationListDer<'static>>)>,
    /// All of it, to be compared.
    pub(super) bytes: Vec<u8>,
}

impl Read {
    pub(super) fn from(
        settings: &TlsSettings,
        provider: &CryptoProvider,
    ) -> Result<Self, TlsError> {
        let mut names = Names::default();
        for files in &settings.certificates {
            names.add(files, Arc::new(certified(files, provider)?))?;
        }
        let mut trust = Trust::default();
        for file in &settings.client_authorities {
            let authorities: Vec<CertificateDer<'static>> = all(file, "certificate")?;
            authorities.iter().for_each(|der| trust.bytes.extend_from_slice(der));
            trust.authorities.push((file.clone(), authorities));
        }
        for file in &settings.client_revocations {
            let lists: Vec<CertificateRevocationListDer<'static>> = all(file, "revocation list")?;
            lists.iter().for_each(|der| trust.bytes.extend_from_slice(der));
            trust.revocations.push((file.clone(), lists));
        }
        Ok(Self { names, trust })
    }
}

fn certified(
    files: &CertificateFiles,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsError> {
    let chain = all(&files.certificate, "certificate")?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|source| TlsError::Pem {
        what: "private key",
        file: files.key.clone(),
        source,
    })?;
    CertifiedKey::from_der(chain, key, provider).map_err(|source| TlsError::Pair {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        source,
    })
}

/// Everything of a kind in a PEM file; there must be something.
fn all<T: PemObject>(file: &Path, what: &'static str) -> Result<Vec<T>, TlsError> {
    let refused = |source| TlsError::Pem { what, file: file.to_owned(), source };
    let items = T::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let items = items.map_err(refused)?;
    if items.is_empty() {
        return Err(refused(rustls::pki_types::pem::Error::NoItemsFound));
    }
    Ok(items)
}

/// How the files looked, so that a change is noticed: when each was written, and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen(Vec<Option<(SystemTime, u64)>>);

impl Seen {
    pub(super) fn of(settings: &TlsSettings) -> Self {
        let certificates = settings.certificates.iter().flat_map(|c| [&c.certificate, &c.key]);
        let files = certificates
            .chain(&settings.client_authorities)
            .chain(&settings.client_revocations)
            .map(|file| std::fs::metadata(file).and_then(|m| Ok((m.modified()?, m.len()))).ok());
        Self(files.collect())
    }
}
