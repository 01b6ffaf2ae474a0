//! Typed values as texts: numbers, times, addresses, booleans, bytes (3.2, 3.4). What cannot be
//! read in full is not of the type.

use std::cmp::Ordering;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::{IpNet, Ipv4Net};

/// A decimal number of any size, compared exactly (decision: `-?digits(.digits)?`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Number {
    negative: bool,
    /// Digits without leading zeros.
    whole: String,
    /// Digits without trailing zeros.
    fraction: String,
}

impl Number {
    pub(super) fn read(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if all_digits(fraction) => (whole, fraction),
            Some(_) => return None,
            None => (digits, ""),
        };
        let whole = all_digits(whole).then(|| whole.trim_start_matches('0').to_owned())?;
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }

    fn magnitude(&self) -> (usize, &str, &str) {
        (self.whole.len(), &self.whole, &self.fraction)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude().cmp(&other.magnitude()),
            (true, true) => other.magnitude().cmp(&self.magnitude()),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// An instant in whole milliseconds since 1970 (decision: finer digits are cut off).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Instant(i64);

/// The years 1 to 9999 (decision), in whole seconds: the latest is 9999-12-30T22:00:00Z.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_207_200;

impl Instant {
    /// 3.2: the W3C profile of ISO 8601 or seconds since 1970; four digits are a year (decision).
    pub(super) fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if all_digits(digits) && !(digits == text && text.len() == 4) {
            return Self::of(text.parse().ok()?, 0);
        }
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut fields = date.split('-');
        let year = number(fields.next()?, 4)?;
        let month = fields.next().map_or(Some(1), |month| number(month, 2))?;
        let day = fields.next();
        if fields.next().is_some() || (time.is_some() && day.is_none()) {
            return None;
        }
        let day = day.map_or(Some(1), |day| number(day, 2))?;
        let midnight = days_since_1970(year, month, day)?.checked_mul(86_400)?;
        let (seconds, millis) = time.map_or(Some((0, 0)), time_of_day)?;
        Self::of(midnight.checked_add(seconds)?, millis)
    }

    /// Whole seconds since 1970, rounded down.
    pub(super) fn seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    fn of(seconds: i64, millis: i64) -> Option<Self> {
        SECONDS
            .contains(&seconds)
            .then(|| Self(seconds.saturating_mul(1_000).saturating_add(millis)))
    }
}

/// `hh:mmTZD`, `hh:mm:ssTZD` or `hh:mm:ss.sTZD`: seconds since midnight in UTC, and milliseconds.
fn time_of_day(text: &str) -> Option<(i64, i64)> {
    let (clock, offset) = match text.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let (sign, (clock, zone)) = match text.split_once('+') {
                Some(parts) => (1, parts),
                None => (-1, text.split_once('-')?),
            };
            let (hours, minutes) = zone.split_once(':')?;
            (clock, sign * (at_most(hours, 23)? * 3_600 + at_most(minutes, 59)? * 60))
        }
    };
    let (hours, rest) = clock.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "00"));
    let (seconds, fraction) = match seconds.split_once('.') {
        Some((seconds, fraction)) if all_digits(fraction) => (seconds, fraction),
        Some(_) => return None,
        None => (seconds, ""),
    };
    let clock = at_most(hours, 23)? * 3_600 + at_most(minutes, 59)? * 60 + at_most(seconds, 59)?;
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some((clock - offset, millis.parse().ok()?))
}

/// A number of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    (all_digits(text) && text.len() == digits).then(|| text.parse().ok())?
}

fn at_most(text: &str, most: i64) -> Option<i64> {
    number(text, 2).filter(|value| *value <= most)
}

fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if leap { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let months_before = usize::try_from(month.checked_sub(1)?).ok()?;
    if !(1..=*months.get(months_before)?).contains(&day) {
        return None;
    }
    let days_before_year = |year: i64| {
        let years = year - 1;
        years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400)
    };
    let days_before_month: i64 = months.iter().take(months_before).sum();
    Some(days_before_year(year) - days_before_year(1970) + days_before_month + day - 1)
}

/// An address; one mapped into IPv6 is the IPv4 address (decision).
pub(super) fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// 3.2: a range; an address alone is a range of one; one mapped into IPv6 is of IPv4 (decision).
pub(super) fn range(text: &str) -> Option<IpNet> {
    const MAPPED_BITS: u8 = 96;
    let range = match text.parse::<IpNet>() {
        Ok(range) => range,
        Err(_) => IpNet::from(text.parse::<IpAddr>().ok()?),
    };
    let mapped = match range {
        IpNet::V6(range) => range.addr().to_ipv4_mapped(),
        IpNet::V4(_) => None,
    };
    match (mapped, range.prefix_len().checked_sub(MAPPED_BITS)) {
        (Some(address), Some(bits)) => Ipv4Net::new(address, bits).ok().map(IpNet::V4),
        _ => Some(range),
    }
}

/// 3.2: `true` or `false` in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// 3.2: bytes are written in base64, in a policy and in a request (decision).
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_exactly_and_must_be_whole_texts() {
        let number = |text: &str| Number::read(text).unwrap();
        assert_eq!(number("10"), number("0010.00"));
        assert_eq!(number("-0"), number("0"));
        assert!(number("9") < number("10") && number("-10") < number("-9"));
        assert!(number("0.1") < number("0.25") && number("-1") < number("0.001"));
        let big = "1".repeat(50);
        assert!(number(&big) < number(&format!("{big}.5")));
        for bad in ["", "-", "10abc", "1e3", ".5", "5.", "+5", " 5", "1.2.3", "0x10"] {
            assert_eq!(Number::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn epoch_seconds_and_iso_times_are_the_same_instants() {
        let instant = |text: &str| Instant::read(text).unwrap();
        assert_eq!(instant("1970-01-01T00:00:00Z"), instant("0"));
        assert_eq!(instant("2024-02-29T12:30:00+01:30"), instant("1709204400"));
        assert_eq!(instant("2024-02-29T12:30-01:30"), instant("1709215200"));
        assert_eq!(instant("2024"), instant("2024-01-01T00:00:00.000Z"));
        assert_eq!(instant("2024-02"), instant("1706745600"));
        assert_eq!(instant("1969-12-31"), instant("-86400"));
        assert_eq!(instant("-123"), instant("1969-12-31T23:57:57Z"));
        assert!(instant("1969-12-31T23:59:59.5Z") < instant("0"));
        assert_eq!(instant("2024-01-01T00:00:00.0009Z"), instant("2024"));
        assert!(instant("2024-01-01T00:00:00.25Z") < instant("2024-01-01T00:00:00.3Z"));
        for bad in [
            "",
            "2024-13",
            "2023-02-29",
            "2024-01-01T24:00Z",
            "2024-01-01T10:00",
            "2024-1-1",
            "2024-01T10:00Z",
            "2024-01-01T10Z",
            "noon",
            "2024-01-01-01",
            "1e9",
            "0000",
            "99999999999999",
            "2024-01-01t10:00z",
            "2024-01-01T10:00+0100",
            "2024-01-01T10:00+24:00",
            "2024-01-01T10:00:60Z",
        ] {
            assert_eq!(Instant::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address_in_ranges_too() {
        let within = |ip: &str, net: &str| range(net).unwrap().contains(&address(ip).unwrap());
        assert!(within("::ffff:10.1.2.3", "10.0.0.0/8"));
        assert!(within("10.1.2.3", "::ffff:10.0.0.0/104"));
        assert!(within("10.1.2.3", "10.1.2.3"));
        assert!(within("2001:db8::1", "2001:db8::/32"));
        assert!(!within("10.1.2.3", "10.1.2.4") && !within("10.1.2.3", "::/0"));
        assert!(address("10.0.0.0/8").is_none() && range("010.0.0.1").is_none());
    }

    #[test]
    fn booleans_ignore_case_and_bytes_are_base64() {
        assert_eq!((boolean("TRUE"), boolean("no")), (Some(true), None));
        assert_eq!((bytes("QUI="), bytes("!")), (Some(b"AB".to_vec()), None));
    }
}
