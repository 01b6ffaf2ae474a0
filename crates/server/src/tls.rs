//! The listener's certificate: read from two PEM files, and read again on SIGHUP.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::TlsFiles;

/// Why there is no certificate to serve with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing or is not PEM of that kind.
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
    /// The two do not belong together.
    #[error("the certificate and the key do not make a server")]
    Pair(#[from] rustls::Error),
}

/// A server's configuration with the certificate and key of two files: TLS 1.2 and 1.3, HTTP/1.1.
pub(crate) fn configuration(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let pem = |what, file: &Path, source| TlsError::Pem { what, file: file.to_owned(), source };
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(&files.certificate).and_then(Iterator::collect);
    let chain = chain.map_err(|source| pem("certificate", &files.certificate, source))?;
    let key = PrivateKeyDer::from_pem_file(&files.key);
    let key = key.map_err(|source| pem("private key", &files.key, source))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_certificate_is_named() {
        let files = TlsFiles { certificate: "no-such.pem".into(), key: "no-such.key".into() };
        let error = configuration(&files).unwrap_err();
        assert!(error.to_string().contains("no-such.pem"), "{error}");
    }
}
