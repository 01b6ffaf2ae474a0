//! Instants, and the four text forms in which the dialects write them.

use std::fmt;
use std::str::FromStr;

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp as Instant, civil};

/// An instant in UTC, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// `FromStr` reads the W3C profile of ISO 8601 that policies use (`2026-01-02`,
/// `2026-01-02T03:04Z`, with seconds, fractions and offsets).
///
/// ```
/// use strongroom_names::Timestamp;
/// let time: Timestamp = "2026-01-02T03:04:05.678Z".parse().unwrap();
/// assert_eq!(time.iso_basic(), "20260102T030405Z");
/// assert_eq!(time.iso_seconds(), "2026-01-02T03:04:05Z");
/// assert_eq!(time.iso_millis(), "2026-01-02T03:04:05.678Z");
/// assert_eq!(time.http_date(), "Fri, 02 Jan 2026 03:04:05 GMT");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(i64);

/// The text or number is not an instant between the years 1 and 9999.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time")]
pub struct BadTimestamp(String);

/// 0001-01-01T00:00:00Z and 9999-12-30T22:00:00Z: what every text form can write.
const MILLIS_MIN: i64 = -62_135_596_800_000;
const MILLIS_MAX: i64 = 253_402_207_200_000;

/// Bytes of a time to the second.
const ISO_SECONDS_BYTES: usize = 20;

/// The digits that text forms are made of. Several forms are written each request, so not by way
/// of a format that is read anew each time.
struct Digits {
    year: [u8; 4],
    month: [u8; 2],
    day: [u8; 2],
    hour: [u8; 2],
    minute: [u8; 2],
    second: [u8; 2],
    /// The three digits after the second.
    millis: [u8; 3],
}

impl Digits {
    fn of(time: civil::DateTime) -> Self {
        let year = time.year().unsigned_abs();
        let ([a, b], [c, d]) = (pair(year.div_euclid(100)), pair(year.rem_euclid(100)));
        let millis = time.millisecond().unsigned_abs();
        let ([_, e], [f, g]) = (pair(millis.div_euclid(100)), pair(millis.rem_euclid(100)));
        Self {
            year: [a, b, c, d],
            month: pair(time.month().unsigned_abs()),
            day: pair(time.day().unsigned_abs()),
            hour: pair(time.hour().unsigned_abs()),
            minute: pair(time.minute().unsigned_abs()),
            second: pair(time.second().unsigned_abs()),
            millis: [e, f, g],
        }
    }
}

/// Two digits of a number below 100.
fn pair(number: impl Into<u16>) -> [u8; 2] {
    let number = number.into();
    let digit = |number: u16| b'0'.saturating_add(u8::try_from(number % 10).unwrap_or_default());
    [digit(number.div_euclid(10)), digit(number)]
}

const MONTHS: &[[u8; 3]] = &[
    *b"Jan", *b"Feb", *b"Mar", *b"Apr", *b"May", *b"Jun", *b"Jul", *b"Aug", *b"Sep", *b"Oct",
    *b"Nov", *b"Dec",
];
const WEEKDAYS: &[[u8; 3]] = &[*b"Mon", *b"Tue", *b"Wed", *b"Thu", *b"Fri", *b"Sat", *b"Sun"];

/// The three letters of a name among names.
fn letters(names: &'static [[u8; 3]], index: i8) -> [u8; 3] {
    names.get(usize::from(index.unsigned_abs())).copied().unwrap_or_default()
}

/// A text form that was written in place.
fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_default()
}

impl Timestamp {
    /// The instant so many milliseconds after 1970 (before, if negative).
    ///
    /// # Errors
    /// Outside the years 1 to 9999.
    pub fn from_millis(millis: i64) -> Result<Self, BadTimestamp> {
        if (MILLIS_MIN..=MILLIS_MAX).contains(&millis) {
            Ok(Self(millis))
        } else {
            Err(BadTimestamp(millis.to_string()))
        }
    }

    /// The instant so many seconds after 1970.
    ///
    /// # Errors
    /// Outside the years 1 to 9999.
    pub fn from_seconds(seconds: i64) -> Result<Self, BadTimestamp> {
        seconds
            .checked_mul(1000)
            .ok_or_else(|| BadTimestamp(seconds.to_string()))
            .and_then(Self::from_millis)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The instant so many seconds later (earlier, if negative), held within the years 1 to 9999.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    /// The instant so many milliseconds later (earlier, if negative), held within the years 1 to
    /// 9999.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis).clamp(MILLIS_MIN, MILLIS_MAX))
    }

    /// `yyyymmddThhmmssZ`, as SigV4 writes it.
    #[must_use]
    pub fn iso_basic(self) -> String {
        let digits = Digits::of(self.civil());
        let Digits { year: [a, b, c, d], month: [e, f], day: [g, h], .. } = digits;
        let Digits { hour: [i, j], minute: [k, l], second: [m, n], .. } = digits;
        text(&[a, b, c, d, e, f, g, h, b'T', i, j, k, l, m, n, b'Z'])
    }

    /// `yyyymmdd`, the day of a SigV4 credential scope.
    #[must_use]
    pub fn basic_day(self) -> String {
        text(&self.basic_day_bytes())
    }

    /// Whether this is the day that [`Timestamp::basic_day`] writes so.
    ///
    /// ```
    /// use strongroom_names::Timestamp;
    /// let time: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    /// assert!(time.is_basic_day("20260102") && !time.is_basic_day("20260103"));
    /// ```
    #[must_use]
    pub fn is_basic_day(self, text: &str) -> bool {
        self.basic_day_bytes() == text.as_bytes()
    }

    fn basic_day_bytes(self) -> [u8; 8] {
        let digits = Digits::of(self.civil());
        let Digits { year: [a, b, c, d], month: [e, f], day: [g, h], .. } = digits;
        [a, b, c, d, e, f, g, h]
    }

    /// `yyyy-mm-ddThh:mm:ssZ`, as IAM and STS write it.
    #[must_use]
    pub fn iso_seconds(self) -> String {
        let [to_the_second @ .., _, _, _, _, _] = self.millis_text();
        let mut bytes = [b'Z'; ISO_SECONDS_BYTES];
        bytes.iter_mut().zip(to_the_second).for_each(|(to, from)| *to = from);
        text(&bytes)
    }

    /// `yyyy-mm-ddThh:mm:ss.mmmZ`, as S3 listings and the journal write it.
    #[must_use]
    pub fn iso_millis(self) -> String {
        text(&self.millis_text())
    }

    fn millis_text(self) -> [u8; 24] {
        let digits = Digits::of(self.civil());
        let Digits { year: [a, b, c, d], month: [e, f], day: [g, h], .. } = digits;
        let Digits { hour: [i, j], minute: [k, l], second: [m, n], millis: [o, p, q], .. } = digits;
        [
            a, b, c, d, b'-', e, f, b'-', g, h, b'T', i, j, b':', k, l, b':', m, n, b'.', o, p, q,
            b'Z',
        ]
    }

    /// `Fri, 02 Jan 2026 03:04:05 GMT` (RFC 9110 §5.6.7).
    #[must_use]
    pub fn http_date(self) -> String {
        let time = self.civil();
        let [w, x, y] = letters(WEEKDAYS, time.weekday().to_monday_zero_offset());
        let [o, p, q] = letters(MONTHS, time.month().saturating_sub(1));
        let Digits { year: [a, b, c, d], day: [g, h], hour: [i, j], minute, second, .. } =
            Digits::of(time);
        let ([k, l], [m, n]) = (minute, second);
        text(&[
            w, x, y, b',', b' ', g, h, b' ', o, p, q, b' ', a, b, c, d, b' ', i, j, b':', k, l,
            b':', m, n, b' ', b'G', b'M', b'T',
        ])
    }

    /// Reads SigV4's `yyyymmddThhmmssZ`.
    ///
    /// # Errors
    /// The text has another form, or names no instant.
    pub fn parse_iso_basic(text: &str) -> Result<Self, BadTimestamp> {
        // Read with every request, so not by way of a format that is read anew each time.
        let number = |from: usize, to: usize| {
            let digits = text.get(from..to).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
            digits.and_then(|digits| digits.parse::<i16>().ok())
        };
        let two = |from: usize| number(from, from.saturating_add(2)).map(i8::try_from)?.ok();
        let signs = text.len() == 16 && text.get(8..9) == Some("T") && text.ends_with('Z');
        let read = || {
            let date = civil::Date::new(number(0, 4)?, two(4)?, two(6)?).ok()?;
            let time = civil::Time::new(two(9)?, two(11)?, two(13)?, 0).ok()?;
            let instant = Offset::UTC.to_timestamp(date.to_datetime(time)).ok()?;
            Self::from_millis(instant.as_millisecond()).ok()
        };
        let read = if signs { read() } else { None };
        read.ok_or_else(|| BadTimestamp(text.to_owned()))
    }

    /// Reads an HTTP date in its preferred form (RFC 9110 §5.6.7, IMF-fixdate).
    ///
    /// # Errors
    /// The text has another form, or names no instant.
    pub fn parse_http_date(text: &str) -> Result<Self, BadTimestamp> {
        Self::parse_civil("%a, %d %b %Y %H:%M:%S GMT", text)
    }

    fn parse_civil(format: &str, text: &str) -> Result<Self, BadTimestamp> {
        civil::DateTime::strptime(format, text)
            .and_then(|time| time.to_zoned(TimeZone::UTC))
            .map_err(|_| BadTimestamp(text.to_owned()))
            .and_then(|zoned| Self::from_millis(zoned.timestamp().as_millisecond()))
    }

    fn civil(self) -> civil::DateTime {
        let instant = Instant::from_millisecond(self.0).unwrap_or_default();
        Offset::UTC.to_datetime(instant)
    }
}

impl FromStr for Timestamp {
    type Err = BadTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadTimestamp(text.to_owned());
        if text.len() > 40 || !text.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(bad());
        }
        if let Ok(instant) = text.parse::<Instant>() {
            return Self::from_millis(instant.as_millisecond());
        }
        let day = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            10 => text.to_owned(),
            _ => return Err(bad()),
        };
        let day: civil::Date = day.parse().map_err(|_| bad())?;
        let zoned = day.to_zoned(TimeZone::UTC).map_err(|_| bad())?;
        Self::from_millis(zoned.timestamp().as_millisecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.millis_text()).unwrap_or_default())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.millis_text()).unwrap_or_default())
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_form_is_what_its_format_says() {
        let day = 86_400_000;
        let spread = (0..400).map(|n| n * 631 * day + n * 7_919_007);
        for millis in spread.chain([MILLIS_MIN, -1, 0, 951_782_400_123, MILLIS_MAX]) {
            let Ok(time) = Timestamp::from_millis(millis) else { continue };
            let instant = Instant::from_millisecond(millis).unwrap();
            let print = |format: &str| instant.strftime(format).to_string();
            assert_eq!(time.iso_basic(), print("%Y%m%dT%H%M%SZ"));
            assert_eq!(time.basic_day(), print("%Y%m%d"));
            assert_eq!(time.iso_seconds(), print("%Y-%m-%dT%H:%M:%SZ"));
            assert_eq!(time.iso_millis(), print("%Y-%m-%dT%H:%M:%S.%3fZ"));
            assert_eq!(time.http_date(), print("%a, %d %b %Y %H:%M:%S GMT"));
            let read = Timestamp::parse_iso_basic(&time.iso_basic()).unwrap();
            assert_eq!((read.seconds(), read.iso_basic()), (time.seconds(), time.iso_basic()));
        }
    }

    #[test]
    fn what_is_no_basic_time_is_not_read_as_one() {
        for bad in [
            "20260102T030405",
            "20260102T030405z",
            "20260102 030405Z",
            "20261302T030405Z",
            "20260230T030405Z",
            "20260102T240405Z",
            "20260102T036005Z",
            "2026010-T030405Z",
            "+0260102T030405Z",
            "00000102T030405Z",
            "２0260102T0304Z",
        ] {
            assert!(Timestamp::parse_iso_basic(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_policy_forms_of_a_time_are_read() {
        let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        for same in ["2026-03-01T12:00Z", "2026-03-01T13:00:00+01:00", "2026-03-01T12:00:00.000Z"] {
            assert_eq!(same.parse::<Timestamp>().unwrap(), noon, "{same}");
        }
        assert_eq!(
            "2026-03-01".parse::<Timestamp>().unwrap(),
            "2026-03-01T00:00:00Z".parse().unwrap()
        );
        for bad in ["", "now", "12:00", "2026-13-01", "2026-02-30T00:00:00Z", "2026-03-01T12:00:00"]
        {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_signing_time_has_exactly_one_form() {
        assert!(Timestamp::parse_iso_basic("20260102T030405Z").is_ok());
        for bad in
            ["20260102T030405", "20261301T000000Z", "2026-01-02T03:04:05Z", "+2260102T03040Z"]
        {
            assert!(Timestamp::parse_iso_basic(bad).is_err(), "{bad}");
        }
    }
}
