//! Certificates of clients: verified in the handshake, then read for what they prove.

use std::net::IpAddr;
use std::sync::Arc;

use api::{AlternativeNames, ClientCertificate};
use names::Timestamp;
use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ServerConnection, WebPkiClientVerifier};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate, X509Name};

use super::TlsError;
use super::files::Trust;
use crate::config::{ClientCertificates, TlsSettings};

/// How many bytes a client's certificate may have.
pub(crate) const CLIENT_CERTIFICATE_BYTES_MAX: usize = 16 * 1024;
/// How many alternative names it may have.
pub(crate) const CLIENT_NAMES_MAX: usize = 64;

/// Why a certificate that verifies is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientCertificateError {
    /// It is longer than [`CLIENT_CERTIFICATE_BYTES_MAX`].
    #[error("the client's certificate has {bytes} bytes, more than {CLIENT_CERTIFICATE_BYTES_MAX}")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It cannot be read to the end.
    #[error("the client's certificate cannot be read")]
    Unreadable,
    /// It does not say that it is for clients (RFC 5280 §4.2.1.12, `id-kp-clientAuth`).
    #[error("the client's certificate is not for clients")]
    NotForClients,
    /// It has more than [`CLIENT_NAMES_MAX`] alternative names.
    #[error("the client's certificate has {names} names, more than {CLIENT_NAMES_MAX}")]
    TooManyNames {
        /// How many.
        names: usize,
    },
}

/// What verifies the chains of clients: to one of the authorities, each link valid, constrained and
/// unrevoked. If there are revocation lists, an unknown status and a list that has run out refuse.
pub(super) fn verifier(
    provider: &Arc<CryptoProvider>,
    mode: ClientCertificates,
    settings: &TlsSettings,
    trust: &Trust,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    for (file, authorities) in &trust.authorities {
        for authority in authorities {
            roots.add(authority.clone()).map_err(|source| TlsError::Clients {
                file: file.clone(),
                source: Box::new(source),
            })?;
        }
    }
    let roots = Arc::new(roots);
    let builder = || {
        WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(provider))
            .enforce_revocation_expiration()
    };
    // Each list alone first: what is refused then is known by its file.
    for (file, lists) in &trust.revocations {
        builder()
            .with_crls(lists.clone())
            .build()
            .map_err(|source| TlsError::Clients { file: file.clone(), source: Box::new(source) })?;
    }
    let lists = trust.revocations.iter().flat_map(|(_, lists)| lists.clone());
    let builder = builder().with_crls(lists);
    let builder = match mode {
        ClientCertificates::Required => builder,
        _ => builder.allow_unauthenticated(),
    };
    builder.build().map_err(|source| TlsError::Clients {
        file: settings.client_authorities.first().cloned().unwrap_or_default(),
        source: Box::new(source),
    })
}

/// What the client's certificate proves, if it showed one in a handshake that is complete.
///
/// # Errors
/// It is not for clients, or is not one that could be handed on whole.
pub(crate) fn shown(
    session: &ServerConnection,
) -> Result<Option<ClientCertificate>, ClientCertificateError> {
    let leaf = session.peer_certificates().and_then(<[_]>::first);
    leaf.map(|leaf| read(leaf)).transpose()
}

fn read(leaf: &[u8]) -> Result<ClientCertificate, ClientCertificateError> {
    if leaf.len() > CLIENT_CERTIFICATE_BYTES_MAX {
        return Err(ClientCertificateError::TooLong { bytes: leaf.len() });
    }
    let unreadable = |_| ClientCertificateError::Unreadable;
    let (rest, certificate) =
        X509Certificate::from_der(leaf).map_err(|_| ClientCertificateError::Unreadable)?;
    if !rest.is_empty() {
        return Err(ClientCertificateError::Unreadable);
    }
    let usage = certificate.extended_key_usage().map_err(unreadable)?;
    // "Any" is not asked for by name, and an absent list says nothing.
    if !usage.is_some_and(|usage| usage.value.client_auth) {
        return Err(ClientCertificateError::NotForClients);
    }
    let seconds = certificate.validity().not_after.timestamp();
    let expires = seconds.checked_mul(1000).and_then(|millis| Timestamp::from_millis(millis).ok());
    Ok(ClientCertificate {
        subject: certificate.subject().to_string(),
        common_names: common_names(certificate.subject())?,
        names: alternative_names(&certificate)?,
        issuer: certificate.issuer().to_string(),
        serial: hex::encode(certificate.raw_serial()),
        fingerprint: hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, leaf)),
        expires: expires.ok_or(ClientCertificateError::Unreadable)?,
    })
}

fn common_names(name: &X509Name<'_>) -> Result<Vec<String>, ClientCertificateError> {
    name.iter_common_name()
        .map(|name| name.as_str().map(str::to_owned))
        .collect::<Result<_, _>>()
        .map_err(|_| ClientCertificateError::Unreadable)
}

fn alternative_names(
    certificate: &X509Certificate<'_>,
) -> Result<AlternativeNames, ClientCertificateError> {
    let unreadable = ClientCertificateError::Unreadable;
    let mut names = AlternativeNames::default();
    let Ok(extension) = certificate.subject_alternative_name() else { return Err(unreadable) };
    let Some(extension) = extension else { return Ok(names) };
    let all = &extension.value.general_names;
    if all.len() > CLIENT_NAMES_MAX {
        return Err(ClientCertificateError::TooManyNames { names: all.len() });
    }
    for name in all {
        match name {
            GeneralName::DNSName(name) => names.dns.push((*name).to_owned()),
            GeneralName::URI(uri) => names.uris.push((*uri).to_owned()),
            GeneralName::RFC822Name(mail) => names.mails.push((*mail).to_owned()),
            GeneralName::IPAddress(bytes) => names.addresses.push(address(bytes)?),
            _ => {}
        }
    }
    Ok(names)
}

fn address(bytes: &[u8]) -> Result<IpAddr, ClientCertificateError> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let address = four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from));
    address.map_err(|_| ClientCertificateError::Unreadable)
}
