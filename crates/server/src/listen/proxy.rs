//! The PROXY protocol, version 2 (HAProxy, "The PROXY protocol", section 2.2): who is at the other
//! end of a connection that a proxy passes on.
//!
//! ```text
//! 12 bytes signature · version and command · family and protocol · length · addresses · TLVs
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use api::{Proxied, Secure};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The longest header that is read, in bytes: addresses, and what a proxy says of its client's TLS.
pub(crate) const PROXY_BYTES_MAX: usize = 4096;

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// What version 1 begins with.
const VERSION_1: &[u8] = b"PROXY ";
/// The TLV that says whether the client spoke TLS to the proxy.
const TLV_SSL: u8 = 0x20;
/// Its flag for a client that did.
const CLIENT_SSL: u8 = 0x01;

/// Why a connection's first bytes are no PROXY header that is believed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProxyError {
    /// It speaks the first version, which has no end that could be trusted.
    #[error("the proxy speaks version 1 of the PROXY protocol: version 2 is needed")]
    Version1,
    /// It is something else.
    #[error("the connection does not begin with a PROXY header")]
    Missing,
    /// It is one, with something in it that cannot be.
    #[error("the PROXY header is malformed: {problem}")]
    Malformed {
        /// What cannot be.
        problem: &'static str,
    },
    /// It is longer than [`PROXY_BYTES_MAX`].
    #[error("the PROXY header has {bytes} bytes, more than {PROXY_BYTES_MAX}")]
    TooLong {
        /// How long it says it is.
        bytes: usize,
    },
    /// The connection ended before it did.
    #[error("the connection ended in the PROXY header")]
    Ended(#[from] std::io::Error),
}

/// Reads the header and not a byte more. `None` if the proxy speaks for itself (a health check).
/// Dropped midway, the connection is of no more use.
pub(crate) async fn read_header<S: AsyncRead + Unpin>(
    stream: &mut S,
) -> Result<Option<Proxied>, ProxyError> {
    let mut start = [0; 12];
    stream.read_exact(&mut start).await?;
    if start.starts_with(VERSION_1) {
        return Err(ProxyError::Version1);
    }
    if start != *SIGNATURE {
        return Err(ProxyError::Missing);
    }
    let mut fixed = [0; 4];
    stream.read_exact(&mut fixed).await?;
    let [command, family, high, low] = fixed;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let bytes = start.len().saturating_add(fixed.len()).saturating_add(length);
    if bytes > PROXY_BYTES_MAX {
        return Err(ProxyError::TooLong { bytes });
    }
    let mut rest = vec![0; length];
    stream.read_exact(&mut rest).await?;
    parse(command, family, &rest)
}

/// What the part after the length says.
fn parse(command: u8, family: u8, rest: &[u8]) -> Result<Option<Proxied>, ProxyError> {
    let local = match command {
        0x20 => true,
        0x21 => false,
        _ => return Err(ProxyError::Malformed { problem: "version or command" }),
    };
    let (source, tlvs) = match family {
        // Unspecified: the receiver uses the connection's own addresses.
        0x00 => return Ok(None),
        0x11 => inet(rest)?,
        0x21 => inet6(rest)?,
        _ => return Err(ProxyError::Malformed { problem: "not TCP" }),
    };
    let secure = secure(tlvs)?;
    Ok((!local).then_some(Proxied { source, secure }))
}

/// The source of TCP over IPv4, and the TLVs after the addresses.
fn inet(rest: &[u8]) -> Result<(SocketAddr, &[u8]), ProxyError> {
    let (addresses, tlvs) = rest.split_first_chunk::<12>().ok_or(SHORT)?;
    let [a, b, c, d, _, _, _, _, high, low, _, _] = *addresses;
    let address = IpAddr::V4(Ipv4Addr::new(a, b, c, d));
    Ok((source(address, [high, low])?, tlvs))
}

/// The same over IPv6.
fn inet6(rest: &[u8]) -> Result<(SocketAddr, &[u8]), ProxyError> {
    let (address, rest) = rest.split_first_chunk::<16>().ok_or(SHORT)?;
    let (_, rest) = rest.split_first_chunk::<16>().ok_or(SHORT)?;
    let (ports, tlvs) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
    let [high, low, _, _] = *ports;
    Ok((source(IpAddr::V6(Ipv6Addr::from(*address)), [high, low])?, tlvs))
}

fn source(address: IpAddr, port: [u8; 2]) -> Result<SocketAddr, ProxyError> {
    let address = address.to_canonical();
    if address.is_unspecified() || address.is_multicast() {
        return Err(ProxyError::Malformed { problem: "an address that nobody has" });
    }
    Ok(SocketAddr::new(address, u16::from_be_bytes(port)))
}

/// Whether the TLVs say that the client spoke TLS. Every one must end where the header does.
fn secure(mut tlvs: &[u8]) -> Result<Secure, ProxyError> {
    let mut secure = None;
    while let Some((head, rest)) = tlvs.split_first_chunk::<3>() {
        let [kind, high, low] = *head;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (value, rest) = rest.split_at_checked(length).ok_or(SHORT)?;
        if kind == TLV_SSL {
            let flags = value.first().ok_or(SHORT)?;
            let said = if flags & CLIENT_SSL == 0 { Secure::No } else { Secure::Yes };
            if secure.replace(said).is_some() {
                return Err(ProxyError::Malformed { problem: "TLS is described twice" });
            }
        }
        tlvs = rest;
    }
    if tlvs.is_empty() { Ok(secure.unwrap_or(Secure::No)) } else { Err(SHORT) }
}

const SHORT: ProxyError = ProxyError::Malformed { problem: "it is cut short" };

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of that command, family and content.
    fn header(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let mut header = SIGNATURE.to_vec();
        header.extend([command, family]);
        header.extend(u16::try_from(rest.len()).unwrap().to_be_bytes());
        header.extend(rest);
        header
    }

    const V4: [u8; 12] = [198, 51, 100, 7, 10, 0, 0, 1, 0x30, 0x39, 0, 80];

    async fn read(bytes: &[u8]) -> Result<Option<Proxied>, ProxyError> {
        let mut bytes = bytes;
        let read = read_header(&mut bytes).await;
        assert!(read.is_err() || bytes.is_empty(), "a byte was left: {bytes:?}");
        read
    }

    #[tokio::test]
    async fn the_source_is_who_connected_to_the_proxy() {
        let read = read(&header(0x21, 0x11, &V4)).await.unwrap().unwrap();
        assert_eq!(read.source, "198.51.100.7:12345".parse().unwrap());
        assert_eq!(read.secure, Secure::No);
    }

    #[tokio::test]
    async fn a_mapped_source_is_the_address_it_maps() {
        let mut rest = [0; 36];
        rest[10] = 0xff;
        rest[11] = 0xff;
        rest[12..16].copy_from_slice(&[198, 51, 100, 7]);
        rest[33] = 9;
        let read = read(&header(0x21, 0x21, &rest)).await.unwrap().unwrap();
        assert_eq!(read.source, "198.51.100.7:9".parse().unwrap());
    }

    #[tokio::test]
    async fn what_follows_the_header_is_not_touched() {
        let mut bytes = header(0x21, 0x11, &V4);
        bytes.extend(b"GET / HTTP/1.1\r\n");
        let mut rest = bytes.as_slice();
        read_header(&mut rest).await.unwrap();
        assert_eq!(rest, b"GET / HTTP/1.1\r\n");
    }

    #[tokio::test]
    async fn a_health_check_of_the_proxy_is_the_proxy_itself() {
        assert_eq!(read(&header(0x20, 0x00, &[])).await.unwrap(), None);
        assert_eq!(read(&header(0x20, 0x11, &V4)).await.unwrap(), None);
        assert_eq!(read(&header(0x21, 0x00, b"whatever")).await.unwrap(), None);
    }

    #[tokio::test]
    async fn the_proxy_says_whether_its_client_spoke_tls() {
        for (flags, secure) in [(1, Secure::Yes), (0, Secure::No), (6, Secure::No)] {
            let mut rest = V4.to_vec();
            rest.extend([0x04, 0, 2, 7, 7, TLV_SSL, 0, 5, flags, 0, 0, 0, 0]);
            let read = read(&header(0x21, 0x11, &rest)).await.unwrap().unwrap();
            assert_eq!(read.secure, secure);
        }
    }

    #[tokio::test]
    async fn version_1_is_refused_by_its_name() {
        let refused = read(b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n").await.unwrap_err();
        assert!(matches!(refused, ProxyError::Version1), "{refused}");
        let refused = read(b"PROXY UNKNOWN\r\n").await.unwrap_err();
        assert!(refused.to_string().contains("version 1"), "{refused}");
    }

    #[tokio::test]
    async fn a_connection_without_a_header_is_refused() {
        for bytes in [&b"GET / HTTP/1.1\r\n"[..], b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\0"] {
            assert!(matches!(read(bytes).await, Err(ProxyError::Missing)));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_is_malformed() {
        let ssl = [TLV_SSL, 0, 5, 1, 0, 0, 0, 0];
        let cases: [(u8, u8, Vec<u8>); 11] = [
            (0x11, 0x11, V4.to_vec()),
            (0x22, 0x11, V4.to_vec()),
            (0x21, 0x12, V4.to_vec()),
            (0x21, 0x31, vec![0; 216]),
            (0x21, 0x11, V4[..11].to_vec()),
            (0x21, 0x21, vec![1; 35]),
            (0x21, 0x11, [&V4[..], &[4, 0, 9, 1]].concat()),
            (0x21, 0x11, [&V4[..], &[4, 0]].concat()),
            (0x21, 0x11, [&V4[..], &ssl, &ssl].concat()),
            (0x21, 0x11, [&V4[..], &[TLV_SSL, 0, 0]].concat()),
            (0x21, 0x11, vec![0; 12]),
        ];
        for (command, family, rest) in cases {
            let read = read(&header(command, family, &rest)).await;
            let malformed = matches!(read, Err(ProxyError::Malformed { .. }));
            assert!(malformed, "{command:#x} {family:#x} {rest:?}: {read:?}");
        }
    }

    #[tokio::test]
    async fn a_header_may_be_as_long_as_the_limit_and_not_a_byte_longer() {
        for (bytes, taken) in [(PROXY_BYTES_MAX, true), (PROXY_BYTES_MAX + 1, false)] {
            let padding = bytes - 16 - V4.len() - 3;
            let mut rest = V4.to_vec();
            rest.push(0x04);
            rest.extend(u16::try_from(padding).unwrap().to_be_bytes());
            rest.extend(vec![0; padding]);
            let header = header(0x21, 0x11, &rest);
            assert_eq!(header.len(), bytes);
            let read = read(&header).await;
            assert_eq!(read.is_ok(), taken, "{read:?}");
            assert_eq!(matches!(read, Err(ProxyError::TooLong { .. })), !taken);
        }
    }

    #[tokio::test]
    async fn no_bytes_end_in_a_panic() {
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        for length in 0..2_000_usize {
            let mut header = header(0x21, if length % 2 == 0 { 0x11 } else { 0x21 }, &[7; 64]);
            for _ in 0..=length % 4 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = usize::try_from(seed >> 33).unwrap() % header.len();
                header[at] = seed.to_le_bytes()[4];
            }
            header.truncate(header.len().min(length));
            let _ = read_header(&mut header.as_slice()).await;
        }
    }
}
