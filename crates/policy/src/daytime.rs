//! The time of day and the day of the week at a place, so that a policy can say "only during office
//! hours in Berlin". Ours in addition to AWS's keys; both follow from `aws:CurrentTime` alone.
//!
//! - `strongroom:TimeOfDay/ZONE`: hours and minutes in four digits, `0000` to `2359`, under the
//!   `Numeric…` operators and `Null`. Policies may write `2400` for the end of the day.
//! - `strongroom:DayOfWeek/ZONE`: `Mon`, `Tue`, `Wed`, `Thu`, `Fri`, `Sat` or `Sun`, under
//!   `StringEquals`, `StringNotEquals`, their `…IgnoreCase` forms and `Null`.
//!
//! ZONE is a name of the IANA time zone database in any case, such as `Europe/Berlin`; without a
//! tail it is UTC. Zones and values are checked when a policy is written. A span over midnight is
//! two statements, or one `Deny` on the hours between. Where clocks are put back an hour comes
//! twice, and both count; where they are put forward an hour does not come.
//!
//! ```
//! use strongroom_policy::{Document, Kind};
//! let office = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
//!     "Action": "s3:GetObject", "Resource": "*", "Condition": {
//!         "NumericGreaterThanEquals": {"strongroom:TimeOfDay/Europe/Berlin": "0830"},
//!         "NumericLessThan": {"strongroom:TimeOfDay/Europe/Berlin": "1800"},
//!         "StringEquals": {"strongroom:DayOfWeek/Europe/Berlin": ["Mon", "Tue", "Wed"]}}}}"#;
//! assert!(Document::parse(office, Kind::Identity).is_ok());
//! let error = Document::parse(&office.replace("Berlin", "Berlni"), Kind::Identity).unwrap_err();
//! assert!(error.to_string().ends_with(
//!     "the time zone `Europe/Berlni` is unknown: did you mean `Europe/Berlin`?"
//! ));
//! ```

use jiff::civil::Weekday;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use names::Timestamp;

use crate::error::Fault;
use crate::literal;
use crate::operator::{Operator, Test};

const TIME_OF_DAY: &str = "strongroom:timeofday";
const DAY_OF_WEEK: &str = "strongroom:dayofweek";

/// The zone of a key without a tail.
const ZONE_DEFAULT: &str = "UTC";

/// The database has this name for "no zone at all"; it would quietly be UTC.
const ZONE_OF_NOTHING: &str = "Etc/Unknown";

/// A nearest name is named only if it differs by no more letters than this.
const EDITS_MAX: usize = 4;
/// A name longer than this is near none: the longest that exist have about thirty.
const ZONE_BYTES_MAX: usize = 64;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// What one of these keys asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asked {
    TimeOfDay,
    DayOfWeek,
}

/// The value that a key (in lower case) has at an instant; `None` if it is another key, or one with
/// an unknown zone.
pub(crate) fn value(key: &str, now: Timestamp) -> Option<&'static str> {
    let (asked, zone) = read(key)?;
    let zone = known(zone)?;
    let local = zone.to_datetime(jiff::Timestamp::from_millisecond(now.millis()).ok()?);
    match asked {
        Asked::TimeOfDay => clock(local.hour(), local.minute()),
        Asked::DayOfWeek => Some(match local.weekday() {
            Weekday::Monday => "Mon",
            Weekday::Tuesday => "Tue",
            Weekday::Wednesday => "Wed",
            Weekday::Thursday => "Thu",
            Weekday::Friday => "Fri",
            Weekday::Saturday => "Sat",
            Weekday::Sunday => "Sun",
        }),
    }
}

/// The value that a key has at the time that `aws:CurrentTime` says.
pub(crate) fn value_at(
    key: &str,
    current_time: impl FnOnce() -> Option<String>,
) -> Option<&'static str> {
    read(key)?;
    value(key, literal::instant(&current_time()?)?)
}

/// The zone of one of these keys (in lower case); `None` if it is another key.
pub(crate) fn zone_of(key: &str) -> Option<&str> {
    read(key).map(|(_, zone)| zone)
}

/// Every value that one of these keys (in lower case) can have; none, if it is another key.
pub(crate) fn all_values(key: &str) -> Vec<String> {
    match read(key) {
        None => Vec::new(),
        Some((Asked::DayOfWeek, _)) => DAYS.iter().map(|day| (*day).to_owned()).collect(),
        Some((Asked::TimeOfDay, _)) => (0..24)
            .flat_map(|hour| (0..60).map(move |minute| format!("{hour:02}{minute:02}")))
            .collect(),
    }
}

/// What is wrong with a condition on one of these keys; nothing, if it is on another.
pub(crate) fn fault(
    key: &str,
    operator: Operator,
    written: &str,
    values: &[&str],
) -> Option<Fault> {
    let (asked, _) = read(&key.to_ascii_lowercase())?;
    if let Some(fault) = unknown_zone(key) {
        return Some(fault);
    }
    let test = operator.test;
    let (fits, needs) = match asked {
        Asked::TimeOfDay => {
            (matches!(test, Test::Numeric(_)), "one of the Numeric operators, or Null")
        }
        Asked::DayOfWeek => (
            matches!(test, Test::StringEquals | Test::StringIgnoreCase),
            "StringEquals, StringNotEquals, or Null",
        ),
    };
    if test == Test::Null {
        return None;
    }
    if !fits {
        let (key, operator) = (key.to_owned(), written.to_owned());
        return Some(Fault::OperatorOfKey { key, operator, needs });
    }
    let bad = |value: &&&str| match asked {
        Asked::TimeOfDay => !is_time(value),
        Asked::DayOfWeek if test == Test::StringIgnoreCase => {
            !DAYS.iter().any(|day| day.eq_ignore_ascii_case(value))
        }
        Asked::DayOfWeek => !DAYS.contains(value),
    };
    let expected = match asked {
        Asked::TimeOfDay => "a time of day in four digits, from `0000` to `2400`",
        Asked::DayOfWeek => "a day: `Mon`, `Tue`, `Wed`, `Thu`, `Fri`, `Sat` or `Sun`",
    };
    values.iter().find(bad).map(|value| Fault::Literal { value: (*value).to_owned(), expected })
}

/// Whether a key asks for the time in a zone that does not exist, with the nearest that does.
pub(crate) fn unknown_zone(key: &str) -> Option<Fault> {
    let folded = key.to_ascii_lowercase();
    let (_, zone) = read(&folded)?;
    if known(zone).is_some() {
        return None;
    }
    let written = key.get(key.len().saturating_sub(zone.len())..).unwrap_or(zone);
    Some(Fault::Zone { zone: written.to_owned(), nearest: nearest(zone) })
}

/// Splits a key in lower case into what it asks and its zone.
fn read(key: &str) -> Option<(Asked, &str)> {
    let (asked, tail) = match (key.strip_prefix(TIME_OF_DAY), key.strip_prefix(DAY_OF_WEEK)) {
        (Some(tail), _) => (Asked::TimeOfDay, tail),
        (_, Some(tail)) => (Asked::DayOfWeek, tail),
        (None, None) => return None,
    };
    match tail {
        "" => Some((asked, ZONE_DEFAULT)),
        _ => tail.strip_prefix('/').map(|zone| (asked, zone)),
    }
}

/// A zone of the database that is built in: no file of the machine is read, so that every node and
/// every later explanation knows the same ones.
fn known(zone: &str) -> Option<TimeZone> {
    if zone.eq_ignore_ascii_case(ZONE_OF_NOTHING) {
        return None;
    }
    TimeZoneDatabase::bundled().get(zone).ok()
}

/// Four digits, hours to 23 and minutes to 59; or `2400`.
fn is_time(value: &str) -> bool {
    let digits = value.len() == 4 && value.bytes().all(|byte| byte.is_ascii_digit());
    let parts = value.split_at_checked(2).filter(|_| digits);
    parts.is_some_and(|(hours, minutes)| value == "2400" || (hours < "24" && minutes < "60"))
}

/// The name that differs least from what was written.
fn nearest(zone: &str) -> Option<String> {
    if zone.len() > ZONE_BYTES_MAX {
        return None;
    }
    let database = TimeZoneDatabase::bundled();
    let near = |name: &str| {
        let folded = name.to_ascii_lowercase();
        // A city alone is as good as its whole name.
        let city = folded.rsplit('/').next().unwrap_or(&folded);
        edits(zone, &folded).min(edits(zone, city).saturating_add(1))
    };
    let names = database.available().map(|name| name.as_str().to_owned());
    let best = names.filter(|name| name != ZONE_OF_NOTHING).map(|name| (near(&name), name)).min();
    best.filter(|(edits, _)| *edits <= EDITS_MAX).map(|(_, name)| name)
}

/// How many letters have to be put in, taken out or replaced (Levenshtein).
fn edits(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (above, letter) in one.chars().enumerate() {
        let mut corner = above;
        let mut left = above.saturating_add(1);
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for (known, up) in other.chars().zip(row.iter().skip(1)) {
            let replaced = corner.saturating_add(usize::from(known != letter));
            left = replaced.min(up.saturating_add(1)).min(left.saturating_add(1));
            next.push(left);
            corner = *up;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

const MINUTES: usize = 24 * 60;
const DIGITS: usize = 4;

/// Every time of day, one after the other: a value is borrowed from here and not written anew for
/// each decision.
static CLOCK: [u8; MINUTES * DIGITS] = every_minute();

#[expect(clippy::indexing_slicing, reason = "filled once, when the program is compiled")]
const fn every_minute() -> [u8; MINUTES * DIGITS] {
    let mut text = [b'0'; MINUTES * DIGITS];
    let (mut at, mut hour, mut minute) = (0, 0, 0);
    while at < text.len() {
        text[at] = b'0' + hour / 10;
        text[at + 1] = b'0' + hour % 10;
        text[at + 2] = b'0' + minute / 10;
        text[at + 3] = b'0' + minute % 10;
        at += DIGITS;
        minute += 1;
        if minute == 60 {
            (hour, minute) = (hour + 1, 0);
        }
    }
    text
}

fn clock(hour: i8, minute: i8) -> Option<&'static str> {
    let minutes = usize::try_from(hour).ok()?.checked_mul(60)?;
    let at = minutes.checked_add(usize::try_from(minute).ok()?)?.checked_mul(DIGITS)?;
    std::str::from_utf8(CLOCK.get(at..at.checked_add(DIGITS)?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(key: &str, instant: &str) -> Option<&'static str> {
        value(&key.to_ascii_lowercase(), instant.parse().unwrap())
    }

    #[test]
    fn berlin_is_two_hours_ahead_in_summer_and_one_in_winter() {
        for (instant, time, day) in [
            ("2026-07-06T06:29:59Z", "0829", "Mon"),
            ("2026-07-06T06:30:00Z", "0830", "Mon"),
            ("2026-01-05T07:29:59.999Z", "0829", "Mon"),
            ("2026-01-05T07:30:00Z", "0830", "Mon"),
        ] {
            assert_eq!(at("strongroom:TimeOfDay/Europe/Berlin", instant), Some(time), "{instant}");
            assert_eq!(at("strongroom:DayOfWeek/Europe/Berlin", instant), Some(day), "{instant}");
        }
    }

    #[test]
    fn both_sides_of_a_change_of_the_clocks_are_as_the_clocks_show_them() {
        for (zone, instant, time) in [
            // 2026-03-29: from 01:59:59 to 03:00 local; 02:30 does not come.
            ("Europe/Berlin", "2026-03-29T00:59:59Z", "0159"),
            ("Europe/Berlin", "2026-03-29T01:00:00Z", "0300"),
            // 2026-10-25: 02:30 comes twice.
            ("Europe/Berlin", "2026-10-25T00:30:00Z", "0230"),
            ("Europe/Berlin", "2026-10-25T00:59:59Z", "0259"),
            ("Europe/Berlin", "2026-10-25T01:00:00Z", "0200"),
            ("Europe/Berlin", "2026-10-25T01:30:00Z", "0230"),
            ("America/New_York", "2026-03-08T06:59:59Z", "0159"),
            ("America/New_York", "2026-03-08T07:00:00Z", "0300"),
            // The southern summer, and a change of half an hour.
            ("Australia/Lord_Howe", "2026-04-04T14:59:59Z", "0159"),
            ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", "0130"),
            // Far behind the table of changes, its rule goes on.
            ("Europe/Berlin", "2199-07-01T10:00:00Z", "1200"),
        ] {
            let key = format!("strongroom:TimeOfDay/{zone}");
            assert_eq!(at(&key, instant), Some(time), "{zone} {instant}");
        }
    }

    #[test]
    fn the_day_changes_at_the_midnight_of_the_zone() {
        for (zone, instant, time, day) in [
            ("Europe/Berlin", "2026-07-05T21:59:59Z", "2359", "Sun"),
            ("Europe/Berlin", "2026-07-05T22:00:00Z", "0000", "Mon"),
            ("Pacific/Kiritimati", "2026-07-05T10:00:00Z", "0000", "Mon"),
            ("Pacific/Pago_Pago", "2026-07-06T10:59:00Z", "2359", "Sun"),
        ] {
            let key = |what: &str| format!("strongroom:{what}/{zone}");
            assert_eq!(at(&key("TimeOfDay"), instant), Some(time), "{zone} {instant}");
            assert_eq!(at(&key("DayOfWeek"), instant), Some(day), "{zone} {instant}");
        }
    }

    #[test]
    fn a_zone_without_summer_time_is_the_same_all_year() {
        for instant in ["2026-01-05T03:00:00Z", "2026-07-06T03:00:00Z"] {
            assert_eq!(at("strongroom:TimeOfDay/Asia/Kolkata", instant), Some("0830"));
            assert_eq!(at("strongroom:TimeOfDay/Asia/Tokyo", instant), Some("1200"));
        }
    }

    #[test]
    fn without_a_zone_it_is_utc_and_case_does_not_matter() {
        let instant = "2026-07-06T06:30:00Z";
        assert_eq!(at("strongroom:TimeOfDay", instant), Some("0630"));
        assert_eq!(at("strongroom:TimeOfDay/utc", instant), Some("0630"));
        assert_eq!(at("STRONGROOM:timeofday/EUROPE/berlin", instant), Some("0830"));
        for other in [
            "strongroom:TimeOfDayX",
            "strongroom:Time",
            "strongroom:TimeOfDay/",
            "strongroom:TimeOfDay/Etc/Unknown",
            "strongroom:TimeOfDay/Mars",
            "aws:CurrentTime",
        ] {
            assert_eq!(at(other, instant), None, "{other}");
        }
    }

    #[test]
    fn every_minute_of_a_day_is_four_digits() {
        let midnight: Timestamp = "2026-07-06T00:00:00Z".parse().unwrap();
        for minute in 0..1440 {
            let now = midnight.plus_seconds(minute * 60);
            let expected = format!("{:02}{:02}", minute / 60, minute % 60);
            assert_eq!(value(TIME_OF_DAY, now), Some(expected.as_str()));
        }
    }

    #[test]
    fn the_nearest_zone_is_named_and_nothing_that_is_far() {
        for (written, expected) in [
            ("europe/berlni", Some("Europe/Berlin")),
            ("berlin", Some("Europe/Berlin")),
            ("america/newyork", Some("America/New_York")),
            ("somewhere/over the rainbow", None),
            ("", None),
        ] {
            let found = nearest(written);
            if expected.is_some() || written.len() > 4 {
                assert_eq!(found.as_deref(), expected, "{written}");
            }
        }
        assert_eq!(nearest(&"a".repeat(ZONE_BYTES_MAX + 1)), None);
    }

    #[test]
    fn a_time_is_four_digits_of_a_day() {
        for good in ["0000", "0830", "2359", "2400"] {
            assert!(is_time(good), "{good}");
        }
        for bad in ["830", "08:30", "2360", "2401", "2500", "8", "00830", "+830", "", "٠٨٣٠"] {
            assert!(!is_time(bad), "{bad}");
        }
    }

    #[test]
    fn a_key_has_every_minute_or_every_day_and_other_keys_have_none() {
        let minutes = all_values("strongroom:timeofday/europe/berlin");
        assert_eq!(
            (minutes.len(), minutes[0].as_str(), minutes[1439].as_str()),
            (1440, "0000", "2359")
        );
        assert_eq!(all_values("strongroom:dayofweek"), DAYS);
        assert!(all_values("aws:currenttime").is_empty());
    }
}
