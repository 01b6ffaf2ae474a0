//! The text of addresses, as the standard library writes it: of IPv4 by fewer steps, since two are
//! written for every request.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Bytes of the longest text of an IPv4 address with its port.
const TEXT_BYTES_MAX: usize = 21;

/// The text of an address.
///
/// ```
/// let address = "203.0.113.9".parse().unwrap();
/// assert_eq!(strongroom_names::address_text(address), "203.0.113.9");
/// ```
#[must_use]
pub fn address_text(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => dotted(address),
        IpAddr::V6(address) => address.to_string(),
    }
}

/// The text of an address with its port.
///
/// ```
/// let peer = "203.0.113.9:443".parse().unwrap();
/// assert_eq!(strongroom_names::peer_text(peer), "203.0.113.9:443");
/// ```
#[must_use]
pub fn peer_text(peer: SocketAddr) -> String {
    match peer {
        SocketAddr::V4(peer) => {
            let mut text = dotted(*peer.ip());
            text.push(':');
            push_decimal(&mut text, peer.port());
            text
        }
        SocketAddr::V6(peer) => peer.to_string(),
    }
}

fn dotted(address: Ipv4Addr) -> String {
    let mut text = String::with_capacity(TEXT_BYTES_MAX);
    for (place, octet) in address.octets().into_iter().enumerate() {
        if place > 0 {
            text.push('.');
        }
        push_decimal(&mut text, octet.into());
    }
    text
}

fn push_decimal(text: &mut String, number: u16) {
    let mut begun = false;
    for unit in [10_000, 1_000, 100, 10, 1] {
        let digit = number / unit % 10;
        begun |= digit > 0 || unit == 1;
        if begun {
            text.push(char::from(b'0'.saturating_add(u8::try_from(digit).unwrap_or_default())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_an_address_is_that_of_the_standard_library() {
        for octet in 0..=u8::MAX {
            let address = IpAddr::from([octet, 255 - octet, 0, octet / 2]);
            assert_eq!(address_text(address), address.to_string());
        }
        for port in 0..=u16::MAX {
            let peer = SocketAddr::from(([10, 0, 255, 1], port));
            assert_eq!(peer_text(peer), peer.to_string());
        }
        for text in ["::", "::1", "2001:db8::9", "::ffff:10.0.0.1"] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(address_text(address), address.to_string());
            let peer = SocketAddr::new(address, 9000);
            assert_eq!(peer_text(peer), peer.to_string());
        }
    }
}
