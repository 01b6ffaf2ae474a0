//! How the typed condition operators read values: numbers, times, addresses. Reading is total: what
//! is not wholly of the type has no value.

use std::cmp::Ordering;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use names::Timestamp;

/// A decimal number, compared digit by digit so that no size loses precision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    /// Reads `-?digits(.digits)?`; nothing else is a number, `10abc` is not 10.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let numeric = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !numeric(whole) || !numeric(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }

    fn size(&self, other: &Self) -> Ordering {
        self.whole
            .len()
            .cmp(&other.whole.len())
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction))
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.size(other),
            (true, true) => other.size(self),
        }
    }
}

/// Reads an instant: the W3C profile of ISO 8601, or seconds since 1970. Four digits are a year.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let epoch = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let year = epoch && digits == text && text.len() == 4;
    if epoch && !year {
        return text.parse().ok().and_then(|seconds| Timestamp::from_seconds(seconds).ok());
    }
    is_of_the_profile(text).then(|| text.parse().ok())?
}

/// Whether a time is written in the W3C's profile and in no other form of ISO 8601.
fn is_of_the_profile(text: &str) -> bool {
    let digit = |byte: u8| if byte.is_ascii_digit() { b'0' } else { byte };
    let is = |text: &str, shape: &str| text.bytes().map(digit).eq(shape.bytes());
    let Some((date, time)) = text.split_once('T') else {
        return ["0000", "0000-00", "0000-00-00"].iter().any(|shape| is(text, shape));
    };
    let (clock, zone) = match time.strip_suffix('Z') {
        Some(clock) => (clock, "00:00"),
        None => time.split_once(['+', '-']).unwrap_or((time, "")),
    };
    let whole = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    is(date, "0000-00-00")
        && (is(whole, "00:00") || is(whole, "00:00:00"))
        && !whole.ends_with(":60")
        && is(zone, "00:00")
        && zone < "24"
}

/// Reads an address; an IPv4 address mapped into IPv6 is the IPv4 address.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Reads an address or a CIDR range; a bare address is the range of itself.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let net = match text.parse::<IpNet>() {
        Ok(net) => net,
        Err(_) => IpNet::from(text.parse::<IpAddr>().ok()?),
    };
    let IpNet::V6(six) = net else { return Some(net) };
    match (six.addr().to_ipv4_mapped(), six.prefix_len().checked_sub(96)) {
        (Some(four), Some(prefix)) => Ipv4Net::new(four, prefix).ok().map(IpNet::V4),
        _ => Some(net),
    }
}

/// Reads `true` or `false` in any case.
#[inline]
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(a: &str, b: &str) -> Option<Ordering> {
        Some(Decimal::read(a)?.compare(&Decimal::read(b)?))
    }

    #[test]
    fn numbers_compare_by_value_and_only_whole_texts_are_numbers() {
        for (a, b, expected) in [
            ("10", "10.0", Ordering::Equal),
            ("-0", "0", Ordering::Equal),
            ("007", "7", Ordering::Equal),
            ("9", "10", Ordering::Less),
            ("-9", "-10", Ordering::Greater),
            ("1.05", "1.5", Ordering::Less),
            ("9007199254740993", "9007199254740992", Ordering::Greater),
        ] {
            assert_eq!(order(a, b), Some(expected), "{a} {b}");
        }
        for bad in ["", "10abc", "0x10", "1e3", " 1", "1.", ".5", "+1", "--1", "1.2.3", "NaN"] {
            assert!(Decimal::read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn epoch_seconds_and_iso_times_are_the_same_instants() {
        assert_eq!(instant("1767225600"), instant("2026-01-01T00:00:00Z"));
        assert_eq!(instant("2026"), instant("2026-01-01"));
        assert_eq!(instant("-123"), instant("1969-12-31T23:57:57Z"));
        assert_eq!(instant("2026-01-01T01:00:00.5+01:00"), instant("2026-01-01T00:00:00.500Z"));
        for bad in [
            "",
            "yesterday",
            "99999999999999",
            "1.5",
            "2026-01-01t10:00z",
            "2026-01-01 10:00Z",
            "2026-01-01T10Z",
            "2026-01-01T10:00+0100",
            "2026-01-01T10:00+24:00",
            "2026-01-01T10:00:60Z",
        ] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_mapped_address_is_its_ipv4_address() {
        let net = network("10.0.0.0/8").unwrap();
        assert!(net.contains(&address("::ffff:10.1.2.3").unwrap()));
        assert!(network("::ffff:10.0.0.0/104").unwrap().contains(&address("10.1.2.3").unwrap()));
        assert!(network("10.1.2.3").unwrap().contains(&address("10.1.2.3").unwrap()));
        for bad in ["", "10.1.2", "010.1.2.3", "10.0.0.0/33", "10.0.0.0/", "localhost"] {
            assert!(network(bad).is_none(), "{bad}");
        }
    }
}
