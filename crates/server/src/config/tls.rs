//! The settings of TLS: certificates by name, and who must show one.

use std::path::PathBuf;

use super::{ConfigError, Layers};

/// What TLS is served with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// The certificates; the first answers clients that name no host, or one that no certificate
    /// is for.
    pub certificates: Vec<CertificateFiles>,
    /// Who may show a certificate on `listen.api`.
    pub clients: ClientCertificates,
    /// Who may show a certificate on `listen.ops`.
    pub ops_clients: ClientCertificates,
    /// Certificate authorities of clients, PEM.
    pub client_authorities: Vec<PathBuf>,
    /// Revocation lists of those authorities, PEM.
    pub client_revocations: Vec<PathBuf>,
}

/// A certificate and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
    /// The host names that it answers for; those of the certificate itself if there is none.
    pub names: Vec<String>,
}

/// Whether clients show certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientCertificates {
    /// They are not asked for one.
    Off,
    /// They may; one that does not verify is refused all the same.
    Optional,
    /// They must.
    Required,
}

impl TlsSettings {
    pub(super) fn build(layers: &Layers) -> Result<Option<Self>, ConfigError> {
        let certificate = layers.optional("tls.certificate")?;
        let key = layers.optional("tls.key")?;
        let first = match (certificate, key) {
            (Some(certificate), Some(key)) => {
                CertificateFiles { certificate, key, names: Vec::new() }
            }
            (Some(_), None) => return Err(pair("tls.certificate", "tls.key")),
            (None, Some(_)) => return Err(pair("tls.key", "tls.certificate")),
            (None, None) => return nothing_else(layers),
        };
        let more: Vec<String> = layers.list(SNI)?;
        let more = more.iter().map(|text| certificate_files(text));
        let certificates = std::iter::once(Ok(first)).chain(more).collect::<Result<_, _>>()?;
        let settings = Self {
            certificates,
            clients: client_certificates(layers, API_CLIENTS)?,
            ops_clients: client_certificates(layers, OPS_CLIENTS)?,
            client_authorities: layers.list(AUTHORITIES)?,
            client_revocations: layers.list(REVOCATIONS)?,
        };
        settings.checked().map(Some)
    }

    fn checked(self) -> Result<Self, ConfigError> {
        let asked = [(API_CLIENTS, self.clients), (OPS_CLIENTS, self.ops_clients)];
        let asked = asked.iter().find(|(_, mode)| *mode != ClientCertificates::Off);
        match (asked, self.client_authorities.is_empty()) {
            (Some((given, _)), true) => Err(pair(given, AUTHORITIES)),
            (None, false) => Err(pair(AUTHORITIES, API_CLIENTS)),
            (None, true) if !self.client_revocations.is_empty() => {
                Err(pair(REVOCATIONS, AUTHORITIES))
            }
            _ => Ok(self),
        }
    }
}

const SNI: &str = "tls.sni";
const API_CLIENTS: &str = "tls.client_certificates";
const OPS_CLIENTS: &str = "tls.ops_client_certificates";
const AUTHORITIES: &str = "tls.client_authorities";
const REVOCATIONS: &str = "tls.client_revocations";

fn pair(given: &'static str, missing: &'static str) -> ConfigError {
    ConfigError::Pair { given, missing }
}

/// Without a certificate nothing else of TLS can be meant.
fn nothing_else(layers: &Layers) -> Result<Option<TlsSettings>, ConfigError> {
    for key in [SNI, AUTHORITIES, REVOCATIONS] {
        if !layers.list::<String>(key)?.is_empty() {
            return Err(pair(key, "tls.certificate"));
        }
    }
    for key in [API_CLIENTS, OPS_CLIENTS] {
        if client_certificates(layers, key)? != ClientCertificates::Off {
            return Err(pair(key, "tls.certificate"));
        }
    }
    Ok(None)
}

fn client_certificates(
    layers: &Layers,
    key: &'static str,
) -> Result<ClientCertificates, ConfigError> {
    match layers.read::<String>(key)?.as_str() {
        "off" => Ok(ClientCertificates::Off),
        "optional" => Ok(ClientCertificates::Optional),
        "required" => Ok(ClientCertificates::Required),
        other => Err(ConfigError::Value {
            key,
            value: other.to_owned(),
            needed: "`off`, `optional` or `required`",
        }),
    }
}

/// An item of `tls.sni`: `certificate=PATH;key=PATH;names=HOST HOST`.
fn certificate_files(text: &str) -> Result<CertificateFiles, ConfigError> {
    let refused = || ConfigError::Value {
        key: SNI,
        value: text.to_owned(),
        needed: "a table of `certificate`, `key` and, perhaps, `names`",
    };
    let (mut certificate, mut key, mut names) = (None, None, Vec::new());
    for member in text.split(';') {
        match member.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
            Some(("certificate", value)) if certificate.is_none() => {
                certificate = Some(PathBuf::from(value));
            }
            Some(("key", value)) if key.is_none() => key = Some(PathBuf::from(value)),
            Some(("names", value)) if names.is_empty() => {
                names = value.split(' ').filter(|name| !name.is_empty()).map(lower).collect();
            }
            _ => return Err(refused()),
        }
    }
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(CertificateFiles { certificate, key, names }),
        _ => Err(refused()),
    }
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::Origin;
    use super::*;

    fn from(text: &str) -> Result<Option<TlsSettings>, ConfigError> {
        let mut layers = Layers::defaults();
        layers.file(text)?;
        TlsSettings::build(&layers)
    }

    const FIRST: &str = "[tls]\ncertificate = \"c\"\nkey = \"k\"\n";

    /// corpus: POL-16
    /// oracle: answer
    #[test]
    fn half_a_certificate_is_refused() {
        assert!(matches!(from("[tls]\nkey = \"k\""), Err(ConfigError::Pair { .. })));
        assert!(matches!(from("[tls]\ncertificate = \"c\""), Err(ConfigError::Pair { .. })));
        assert!(from(FIRST).unwrap().is_some());
        assert!(from("").unwrap().is_none());
    }

    #[test]
    fn a_certificate_by_name_is_a_table_of_the_file_or_an_item_of_the_variable() {
        let file = format!(
            "{FIRST}[[tls.sni]]\ncertificate = \"a\"\nkey = \"b\"\n\
             names = [\"A.example\", \"*.b.example\"]"
        );
        let expected = CertificateFiles {
            certificate: "a".into(),
            key: "b".into(),
            names: vec!["a.example".to_owned(), "*.b.example".to_owned()],
        };
        assert_eq!(from(&file).unwrap().unwrap().certificates[1], expected);
        let mut layers = Layers::defaults();
        layers.file(FIRST).unwrap();
        let item = "certificate=a;key=b;names=a.example *.b.example";
        layers.set("tls.sni", item, Origin::Variable).unwrap();
        let settings = TlsSettings::build(&layers).unwrap().unwrap();
        assert_eq!(settings.certificates[1], expected);
    }

    #[test]
    fn an_unknown_member_of_a_certificate_is_refused() {
        for item in ["certificate = \"a\"", "certificate = \"a\"\nkey = \"b\"\nhost = \"c\""] {
            assert!(from(&format!("{FIRST}[[tls.sni]]\n{item}")).is_err(), "{item}");
        }
    }

    #[test]
    fn client_certificates_and_their_authorities_need_each_other() {
        let asked = format!("{FIRST}client_certificates = \"required\"\n");
        assert!(matches!(from(&asked), Err(ConfigError::Pair { .. })));
        let authorities = format!("{FIRST}client_authorities = [\"ca\"]\n");
        assert!(matches!(from(&authorities), Err(ConfigError::Pair { .. })));
        let both = format!("{asked}client_authorities = [\"ca\"]\n");
        assert_eq!(from(&both).unwrap().unwrap().clients, ClientCertificates::Required);
        let revocations = format!("{FIRST}client_revocations = [\"crl\"]\n");
        assert!(matches!(from(&revocations), Err(ConfigError::Pair { .. })));
        assert!(from("[tls]\nclient_certificates = \"required\"").is_err(), "without TLS");
        assert!(from(&format!("{FIRST}client_certificates = \"maybe\"")).is_err());
    }
}
