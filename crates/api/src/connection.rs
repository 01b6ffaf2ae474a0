//! What is known of a connection, and who is really at its other end.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use audit::Transport;
use ipnet::IpNet;
use names::Timestamp;
use signing::CanonicalRequest;

/// A connection, as the listener saw it.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The other end.
    pub peer: SocketAddr,
    /// What a trusted peer said of the connection that it passes on, by the PROXY protocol.
    pub proxied: Option<Proxied>,
    /// The TLS version as `s3:TlsVersion` writes it, if TLS ended here.
    pub tls: Option<&'static str>,
    /// The certificate that the client proved to hold, if it showed one.
    pub client_certificate: Option<Arc<ClientCertificate>>,
}

/// A connection that a trusted proxy passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proxied {
    /// Who connected to the proxy.
    pub source: SocketAddr,
    /// Whether the client spoke TLS to the proxy.
    pub secure: Secure,
}

/// Whether a client spoke TLS to the proxy that passes its connection on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secure {
    /// It did.
    Yes,
    /// It did not, or the proxy does not say.
    No,
}

/// A client's certificate whose chain, validity, revocation and purpose have been verified, and
/// whose key the client holds. It says who the certificate names; which principal that is, if any,
/// is decided elsewhere. There is one way to have one: TLS that ended at this server. No header is
/// ever read into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The subject's distinguished name.
    pub subject: String,
    /// The common names in the subject; more than one is a certificate that names nobody.
    pub common_names: Vec<String>,
    /// The subject's alternative names.
    pub names: AlternativeNames,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// The serial number, in lower-case hexadecimal.
    pub serial: String,
    /// SHA-256 of the certificate, in lower-case hexadecimal.
    pub fingerprint: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// The subject's alternative names (RFC 5280 §4.2.1.6), of the kinds that identities use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlternativeNames {
    /// Domain names.
    pub dns: Vec<String>,
    /// URIs, such as SPIFFE ids.
    pub uris: Vec<String>,
    /// Mail addresses.
    pub mails: Vec<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
}

/// Where a request came from, after the trusted proxies' word has been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    /// `aws:SourceIp`.
    pub(crate) address: IpAddr,
    /// How the bytes came.
    pub(crate) transport: Transport,
}

impl Connection {
    /// A connection of which nothing is known but its other end.
    #[must_use]
    pub fn plain(peer: SocketAddr) -> Self {
        Self { peer, proxied: None, tls: None, client_certificate: None }
    }

    /// The nearest address that is known without reading a header.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.proxied.map_or(self.peer, |proxied| proxied.source).ip().to_canonical()
    }

    /// How its bytes came.
    fn transport(&self) -> Transport {
        match (self.tls, self.proxied) {
            (Some(_), _) => Transport::Tls,
            (None, Some(Proxied { secure: Secure::Yes, .. })) => Transport::ProxiedTls,
            (None, _) => Transport::Plain,
        }
    }
}

/// Whether a `Connection` header nominates a header that means something here. Whoever passes the
/// request on may take such a header away (RFC 9110 §7.6.1), so that the next reader reads another
/// request than this one did.
pub(crate) fn nominates(headers: &http::HeaderMap) -> bool {
    let options = headers.get_all(http::header::CONNECTION).iter();
    options.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).any(|option| {
        let option = option.trim_ascii();
        !HARMLESS.iter().any(|harmless| option.eq_ignore_ascii_case(harmless))
    })
}

/// The options of a `Connection` header that concern the connection alone.
const HARMLESS: &[&[u8]] =
    &[b"", b"close", b"keep-alive", b"te", b"trailer", b"upgrade", b"http2-settings"];

impl Origin {
    /// The peer's address (what the PROXY protocol says of it, if it spoke that), unless that is a
    /// trusted proxy's: then the right-most hop of `X-Forwarded-For` that is not one. A malformed
    /// header, or one that was sent twice, is not believed at all.
    pub(crate) fn of(
        connection: &Connection,
        request: Option<&CanonicalRequest>,
        trusted: &[IpNet],
    ) -> Self {
        let near = connection.address();
        let direct = connection.transport();
        let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
        let here = Self { address: near, transport: direct };
        let Some(request) = request.filter(|_| is_trusted(&near)) else { return here };
        let header = |name| request.header(name).ok().flatten();
        let transport = match (direct, header("x-forwarded-proto")) {
            // TLS that ended at the client's side of the proxy counts only if the proxy says so.
            (Transport::Plain, Some("https")) => Transport::ProxiedTls,
            _ => direct,
        };
        let hops: Option<Vec<IpAddr>> = header("x-forwarded-for").and_then(|hops| {
            hops.split(',')
                .map(|hop| hop.trim().parse().ok().map(|a: IpAddr| a.to_canonical()))
                .collect()
        });
        let client = hops.and_then(|hops| hops.into_iter().rev().find(|hop| !is_trusted(hop)));
        Self { address: client.unwrap_or(near), transport }
    }

    /// `aws:SecureTransport`.
    pub(crate) fn is_secure(self) -> bool {
        matches!(self.transport, Transport::Tls | Transport::ProxiedTls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&'static str, &str)]) -> CanonicalRequest {
        let mut request = http::Request::get("/").header("host", "store.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        CanonicalRequest::parse(&parts).unwrap()
    }

    fn seen(connection: &Connection, headers: &[(&'static str, &str)]) -> Origin {
        Origin::of(connection, Some(&request(headers)), &["10.0.0.0/8".parse().unwrap()])
    }

    fn from(peer: &str) -> Connection {
        Connection::plain(format!("{peer}:1").parse().unwrap())
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_stranger_cannot_say_who_it_is() {
        let spoofed = [
            ("x-forwarded-for", "198.51.100.1"),
            ("x-real-ip", "198.51.100.1"),
            ("forwarded", "for=198.51.100.1;proto=https"),
            ("x-forwarded-proto", "https"),
        ];
        let origin = seen(&from("203.0.113.9"), &spoofed);
        assert_eq!(origin.address, address("203.0.113.9"));
        assert!(!origin.is_secure());
    }

    #[test]
    fn a_trusted_proxy_is_believed_up_to_the_right_most_untrusted_hop() {
        let hops = [("x-forwarded-for", "6.6.6.6, 198.51.100.1, 10.0.0.2")];
        assert_eq!(seen(&from("10.0.0.1"), &hops).address, address("198.51.100.1"));
    }

    #[test]
    fn a_malformed_header_is_not_believed_at_all() {
        let proxy = address("10.0.0.1");
        let broken = [("x-forwarded-for", "198.51.100.1, unknown")];
        assert_eq!(seen(&from("10.0.0.1"), &broken).address, proxy);
        assert_eq!(seen(&from("10.0.0.1"), &[]).address, proxy);
        let twice = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "198.51.100.2")];
        assert_eq!(seen(&from("10.0.0.1"), &twice).address, proxy);
    }

    #[test]
    fn only_the_dashed_header_is_that_header() {
        let underscored = [("x_forwarded_for", "198.51.100.1"), ("x_forwarded_proto", "https")];
        let origin = seen(&from("10.0.0.1"), &underscored);
        assert_eq!(origin.address, address("10.0.0.1"));
        assert!(!origin.is_secure());
    }

    #[test]
    fn a_mapped_address_is_the_address_it_maps() {
        assert_eq!(seen(&from("[::ffff:203.0.113.9]"), &[]).address, address("203.0.113.9"));
        let hops = [("x-forwarded-for", "::ffff:198.51.100.1, ::ffff:10.0.0.2")];
        assert_eq!(seen(&from("[::ffff:10.0.0.1]"), &hops).address, address("198.51.100.1"));
    }

    #[test]
    fn what_the_proxy_protocol_says_comes_before_any_header() {
        let source = "198.51.100.7:1234".parse().unwrap();
        let proxied = Some(Proxied { source, secure: Secure::No });
        let connection = Connection { proxied, ..from("10.0.0.1") };
        let headers = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-proto", "https")];
        let origin = seen(&connection, &headers);
        assert_eq!(origin.address, address("198.51.100.7"), "the client is no trusted proxy");
        assert!(!origin.is_secure());
    }

    #[test]
    fn a_chain_of_trusted_proxies_is_followed_to_its_end() {
        let source = "10.9.9.9:1234".parse().unwrap();
        let proxied = Some(Proxied { source, secure: Secure::Yes });
        let connection = Connection { proxied, ..from("10.0.0.1") };
        let origin = seen(&connection, &[("x-forwarded-for", "192.0.2.1")]);
        assert_eq!(origin.address, address("192.0.2.1"));
        assert_eq!(origin.transport, Transport::ProxiedTls);
    }

    #[test]
    fn a_connection_header_nominates_nothing_but_the_connections_own() {
        let nominated = |value: &str| {
            let mut headers = http::HeaderMap::new();
            headers.insert("connection", "close".parse().unwrap());
            headers.append("connection", value.parse().unwrap());
            nominates(&headers)
        };
        for value in ["close", "Keep-Alive, TE", "", "upgrade,http2-settings"] {
            assert!(!nominated(value), "{value}");
        }
        for value in ["x-amz-date", "close, authorization", "Host", "x-forwarded-for"] {
            assert!(nominated(value), "{value}");
        }
    }

    #[test]
    fn tls_that_ends_here_is_secure_whatever_a_header_says() {
        let connection = Connection { tls: Some("1.3"), ..from("10.0.0.1") };
        let origin = seen(&connection, &[("x-forwarded-proto", "http")]);
        assert_eq!(origin.transport, Transport::Tls);
        assert!(!seen(&from("10.0.0.1"), &[]).is_secure());
        assert!(seen(&from("10.0.0.1"), &[("x-forwarded-proto", "https")]).is_secure());
    }
}
