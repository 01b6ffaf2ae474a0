//! TLS from both ends, with certificates that are made for each test.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use api::ClientCertificate;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose,
    NameConstraints, RevokedCertParams, SanType, SerialNumber, date_time_ymd,
};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tempfile::TempDir;
use tokio_rustls::TlsConnector;

use super::{ClientCertificateError, Reloaded, Tls, TlsError, shown};
use crate::config::{CertificateFiles, ClientCertificates, TlsSettings};

type Authority = CertifiedIssuer<'static, KeyPair>;

/// What a client holds.
struct Held {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// A directory of certificates.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// A server's certificate for some hosts, which signs itself.
    fn server(&self, name: &str, hosts: &[&str]) -> CertificateFiles {
        let key = KeyPair::generate().unwrap();
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&key).unwrap();
        CertificateFiles {
            certificate: self.write(&format!("{name}.pem"), &certificate.pem()),
            key: self.write(&format!("{name}.key"), &key.serialize_pem()),
            names: Vec::new(),
        }
    }

    fn settings(&self) -> TlsSettings {
        TlsSettings {
            certificates: vec![self.server("first", &["first.example"])],
            clients: ClientCertificates::Off,
            ops_clients: ClientCertificates::Off,
            client_authorities: Vec::new(),
            client_revocations: Vec::new(),
        }
    }

    /// Settings that ask clients for certificates of one authority.
    fn asking(&self, authority: &Authority) -> TlsSettings {
        let file = self.write("authority.pem", &authority.pem());
        TlsSettings { client_authorities: vec![file], ..self.settings() }
    }
}

fn authority(name: &str, constraints: Option<NameConstraints>) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = constraints;
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// What a client's certificate says unless a test says otherwise.
fn client_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "alice");
    params.serial_number = Some(SerialNumber::from(0x1234_u64));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.subject_alt_names = vec![
        SanType::DnsName("alice.example".try_into().unwrap()),
        SanType::URI("spiffe://example/alice".try_into().unwrap()),
        SanType::Rfc822Name("alice@example.com".try_into().unwrap()),
        SanType::IpAddress("192.0.2.7".parse().unwrap()),
    ];
    params
}

fn held(params: &CertificateParams, by: &Authority) -> Held {
    let key = KeyPair::generate().unwrap();
    let leaf = params.signed_by(&key, by).unwrap();
    let chain = vec![leaf.der().clone(), by.der().clone()];
    Held { chain, key: PrivateKeyDer::try_from(key.serialize_der()).unwrap() }
}

fn revocations(by: &Authority, serials: &[u64], next: (i32, u8, u8)) -> String {
    let revoked = |serial: &u64| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2020, 1, 1),
        reason_code: None,
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2020, 1, 1),
        next_update: date_time_ymd(next.0, next.1, next.2),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: serials.iter().map(revoked).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(by).unwrap().pem().unwrap()
}

/// A client that believes any server: what the server shows is the test's to judge.
#[derive(Debug)]
struct Believing;

impl ServerCertVerifier for Believing {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What came of a handshake.
#[derive(Debug)]
struct Shaken {
    /// The server's certificate.
    server: CertificateDer<'static>,
    alpn: Option<Vec<u8>>,
    version: rustls::ProtocolVersion,
    suite: rustls::CipherSuite,
    client: Result<Option<ClientCertificate>, ClientCertificateError>,
}

async fn shake(tls: &Tls, host: &str, held: Option<&Held>, alpn: &[&str]) -> Option<Shaken> {
    shake_in(tls, host, held, alpn, rustls::ALL_VERSIONS).await
}

async fn shake_in(
    tls: &Tls,
    host: &str,
    held: Option<&Held>,
    alpn: &[&str],
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Option<Shaken> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Believing));
    let mut config = match held {
        None => config.with_no_client_auth(),
        Some(held) => {
            config.with_client_auth_cert(held.chain.clone(), held.key.clone_key()).unwrap()
        }
    };
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let (client, server) = tokio::io::duplex(64 * 1024);
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let (client, server) =
        tokio::join!(connector.connect(name, client), tls.acceptor().accept(server));
    let (client, server) = (client.ok()?, server.ok()?);
    let session = client.get_ref().1;
    Some(Shaken {
        server: session.peer_certificates().unwrap()[0].clone().into_owned(),
        alpn: session.alpn_protocol().map(<[u8]>::to_vec),
        version: session.protocol_version().unwrap(),
        suite: session.negotiated_cipher_suite().unwrap().suite(),
        client: shown(server.get_ref().1),
    })
}

fn load(settings: &TlsSettings, clients: ClientCertificates) -> Tls {
    Tls::load(settings, clients).unwrap()
}

/// The common name of a server's certificate.
fn name(shaken: &Shaken) -> String {
    use x509_parser::prelude::FromDer as _;
    let (_, certificate) =
        x509_parser::certificate::X509Certificate::from_der(&shaken.server).unwrap();
    let mut names = certificate.subject().iter_common_name();
    names.next().unwrap().as_str().unwrap().to_owned()
}

mod clients;
mod servers;
