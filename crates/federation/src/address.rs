//! What an IP address is, however it is spelled: public, ours, a neighbour's, or a trap.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is to a server that must not be talked into reaching it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressKind {
    /// Routed on the internet.
    Public,
    /// This machine.
    Loopback,
    /// RFC 1918, RFC 4193, RFC 6598.
    Private,
    /// RFC 3927, RFC 4291 §2.5.6: where metadata services and unconfigured neighbours live.
    LinkLocal,
    /// A cloud's metadata or host service outside the link-local ranges.
    Metadata,
    /// Unspecified, multicast, broadcast, documentation, benchmarking, tunnels, future use.
    Reserved,
}

impl fmt::Display for AddressKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::LinkLocal => "link-local",
            Self::Metadata => "metadata-service",
            Self::Reserved => "reserved",
        })
    }
}

/// Classifies an address; one that embeds an IPv4 address is what the embedded address is.
///
/// ```
/// use strongroom_federation::egress::{AddressKind, classify};
/// assert_eq!(classify("::ffff:169.254.169.254".parse().unwrap()), AddressKind::LinkLocal);
/// assert_eq!(classify("93.184.216.34".parse().unwrap()), AddressKind::Public);
/// ```
#[must_use]
pub fn classify(address: IpAddr) -> AddressKind {
    match address {
        IpAddr::V4(v4) => classify_v4(v4),
        IpAddr::V6(v6) => classify_v6(v6),
    }
}

fn classify_v4(address: Ipv4Addr) -> AddressKind {
    match address.octets() {
        [168, 63, 129, 16] | [100, 100, 100, 200] | [192, 0, 0, 192] => AddressKind::Metadata,
        [127, ..] => AddressKind::Loopback,
        [169, 254, ..] => AddressKind::LinkLocal,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => {
            AddressKind::Private
        }
        [0 | 224..=255, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => AddressKind::Reserved,
        _ => AddressKind::Public,
    }
}

fn classify_v6(address: Ipv6Addr) -> AddressKind {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressKind::Reserved,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressKind::Loopback,
        // IPv4-mapped, IPv4-translated (RFC 2765), IPv4-compatible, NAT64 (RFC 6052).
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0, 0, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => classify_v4(embedded(high, low)),
        // 6to4 (RFC 3056): the IPv4 address follows the prefix.
        [0x2002, high, low, ..] => match classify_v4(embedded(high, low)) {
            AddressKind::Public => AddressKind::Reserved,
            kind => kind,
        },
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, _] | [0xfd20, 0xce, 0, 0, 0, 0, 0, _] => {
            AddressKind::Metadata
        }
        [0xfe80..=0xfebf, ..] => AddressKind::LinkLocal,
        [0xfc00..=0xfdff, ..] => AddressKind::Private,
        // Local NAT64 (RFC 8215), Teredo, ORCHID and other special registries, documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => AddressKind::Reserved,
        // Only 2000::/3 is routed.
        [0x2000..=0x3fff, ..] => AddressKind::Public,
        _ => AddressKind::Reserved,
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    Ipv4Addr::new(a, b, c, d)
}
