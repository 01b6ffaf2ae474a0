//! The time of day and the day of the week at a place: ours beside AWS's keys (decision,
//! `strongroom:TimeOfDay/ZONE` and `strongroom:DayOfWeek/ZONE`).

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::reference::values::Instant;

const DAY_SECONDS: i64 = 86_400;

/// What such a key says at an instant: hours and minutes in four digits, or the day's name. The
/// zone is the key's tail; UTC without one. Nothing, if it is another key or an unknown zone.
pub(super) fn value(key: &str, now: Instant) -> Option<String> {
    let (what, zone) = key.split_once('/').unwrap_or((key, "UTC"));
    let say: fn(i64) -> Option<String> = match what {
        "strongroom:timeofday" => time_of_day,
        "strongroom:dayofweek" => day_of_week,
        _ => return None,
    };
    say(clock_at(&zone_called(zone)?, now)?)
}

/// `Etc/Unknown` is a name for no zone at all.
fn zone_called(name: &str) -> Option<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    (!name.eq_ignore_ascii_case("Etc/Unknown")).then_some(zone)
}

/// What clocks there show, as seconds since they showed the first of January 1970.
fn clock_at(zone: &TimeZone, now: Instant) -> Option<i64> {
    let offset = zone.to_offset(jiff::Timestamp::from_second(now.seconds()).ok()?);
    Some(now.seconds().saturating_add(i64::from(offset.seconds())))
}

fn time_of_day(clock: i64) -> Option<String> {
    let minutes = clock.rem_euclid(DAY_SECONDS) / 60;
    Some(format!("{:02}{:02}", minutes / 60, minutes % 60))
}

/// The first of January 1970 was a Thursday.
fn day_of_week(clock: i64) -> Option<String> {
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let place = clock.div_euclid(DAY_SECONDS).rem_euclid(7);
    days.get(usize::try_from(place).ok()?).map(|day| (*day).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_show_the_time_and_day_of_their_zone() {
        for (key, now, said) in [
            ("strongroom:timeofday/europe/berlin", "2026-07-10T06:30:59Z", Some("0830")),
            ("strongroom:timeofday/europe/berlin", "2026-01-05T06:30:00Z", Some("0730")),
            ("strongroom:timeofday", "1969-12-31T23:59:59Z", Some("2359")),
            ("strongroom:dayofweek", "1970-01-01", Some("Thu")),
            ("strongroom:dayofweek", "1969-12-31", Some("Wed")),
            ("strongroom:dayofweek/asia/tokyo", "2026-07-05T15:00:00Z", Some("Mon")),
            ("strongroom:dayofweek/asia/tokio", "2026-07-05T15:00:00Z", None),
            ("strongroom:dayofweek/etc/unknown", "2026-07-05T15:00:00Z", None),
            ("strongroom:dayofyear", "2026-07-05", None),
        ] {
            let found = value(key, Instant::read(now).unwrap());
            assert_eq!(found.as_deref(), said, "{key} {now}");
        }
    }
}
