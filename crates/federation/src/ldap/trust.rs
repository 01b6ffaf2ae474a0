//! Whose certificates are believed when a directory is spoken to by TLS, and ours.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::config::DirectorySettings;
use super::port::DirectoryError;

/// What TLS is agreed on with: the configured authorities, or those of the machine, and our
/// certificate if there is one.
///
/// # Errors
/// A certificate or a key cannot be used.
pub(super) fn client_config(
    settings: &DirectorySettings,
) -> Result<Arc<ClientConfig>, DirectoryError> {
    let roots = match (&settings.roots_pem, &settings.client_pem) {
        (Some(pem), _) => configured(pem)?,
        (None, None) => of_the_machine(),
        (None, Some(_)) => return Err(bad("a client certificate needs `ca_file`")),
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(&error.to_string()))?
        .with_root_certificates(roots);
    let config = match &settings.client_pem {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = certificates(certificate)
                .ok_or_else(|| bad("the client certificate is not PEM"))?;
            let key = PrivateKeyDer::from_pem_slice(key.expose())
                .map_err(|_| bad("the client certificate's key is not PEM"))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| bad(&error.to_string()))?
        }
    };
    Ok(Arc::new(config))
}

fn bad(cause: &str) -> DirectoryError {
    DirectoryError::Setup { cause: cause.to_owned() }
}

fn configured(pem: &[u8]) -> Result<RootCertStore, DirectoryError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem).ok_or_else(|| bad("`ca_file` is not PEM"))? {
        roots.add(certificate).map_err(|_| bad("`ca_file` has a certificate of no use"))?;
    }
    if roots.is_empty() {
        return Err(bad("`ca_file` has no certificate"));
    }
    Ok(roots)
}

/// The authorities of the machine that can be used; without any, no certificate is believed.
fn of_the_machine() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()
}
