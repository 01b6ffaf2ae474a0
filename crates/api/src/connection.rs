//! What is known of a connection, and who is really at its other end.

use std::net::{IpAddr, SocketAddr};

use audit::Transport;
use ipnet::IpNet;
use signing::CanonicalRequest;

/// A connection, as the listener saw it.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The other end.
    pub peer: SocketAddr,
    /// The TLS version as `s3:TlsVersion` writes it, if TLS ended here.
    pub tls: Option<&'static str>,
}

/// Where a request came from, after the trusted proxies' word has been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    /// `aws:SourceIp`.
    pub(crate) address: IpAddr,
    /// How the bytes came.
    pub(crate) transport: Transport,
}

impl Origin {
    /// The peer's address, unless the peer is a trusted proxy: then the right-most hop of
    /// `X-Forwarded-For` that is not one. A malformed header is not believed at all.
    pub(crate) fn of(
        connection: &Connection,
        request: Option<&CanonicalRequest>,
        trusted: &[IpNet],
    ) -> Self {
        let peer = connection.peer.ip().to_canonical();
        let direct = match connection.tls {
            Some(_) => Transport::Tls,
            None => Transport::Plain,
        };
        let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
        let here = Self { address: peer, transport: direct };
        let Some(request) = request.filter(|_| is_trusted(&peer)) else { return here };
        let header = |name| request.header(name).ok().flatten();
        let transport = match header("x-forwarded-proto") {
            Some("https") => Transport::ProxiedTls,
            _ => direct,
        };
        let hops: Option<Vec<IpAddr>> = header("x-forwarded-for").and_then(|hops| {
            hops.split(',')
                .map(|hop| hop.trim().parse().ok().map(|a: IpAddr| a.to_canonical()))
                .collect()
        });
        let client = hops.and_then(|hops| hops.into_iter().rev().find(|hop| !is_trusted(hop)));
        Self { address: client.unwrap_or(peer), transport }
    }

    /// `aws:SecureTransport`.
    pub(crate) fn is_secure(self) -> bool {
        matches!(self.transport, Transport::Tls | Transport::ProxiedTls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str, forwarded: Option<&str>) -> Origin {
        let mut request = http::Request::get("/").header("host", "store.example");
        if let Some(forwarded) = forwarded {
            request = request.header("x-forwarded-for", forwarded);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let request = CanonicalRequest::parse(&parts).unwrap();
        let connection = Connection { peer: format!("{peer}:1").parse().unwrap(), tls: None };
        Origin::of(&connection, Some(&request), &["10.0.0.0/8".parse().unwrap()])
    }

    #[test]
    fn a_stranger_cannot_say_who_it_is() {
        let peer: IpAddr = "203.0.113.9".parse().unwrap();
        assert_eq!(origin("203.0.113.9", Some("198.51.100.1")).address, peer);
    }

    #[test]
    fn a_trusted_proxy_is_believed_up_to_the_right_most_untrusted_hop() {
        let client: IpAddr = "198.51.100.1".parse().unwrap();
        assert_eq!(origin("10.0.0.1", Some("6.6.6.6, 198.51.100.1, 10.0.0.2")).address, client);
    }

    #[test]
    fn a_malformed_header_is_not_believed_at_all() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        assert_eq!(origin("10.0.0.1", Some("198.51.100.1, unknown")).address, proxy);
        assert_eq!(origin("10.0.0.1", None).address, proxy);
    }

    #[test]
    fn a_mapped_address_is_the_address_it_maps() {
        let plain: IpAddr = "203.0.113.9".parse().unwrap();
        assert_eq!(origin("[::ffff:203.0.113.9]", None).address, plain);
    }
}
