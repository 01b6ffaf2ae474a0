//! How the record is kept: settings of sealing, retention and the cap.

use std::ops::RangeInclusive;
use std::time::Duration;

use audit::{AtCap, Keeping};

use super::{ConfigError, Layers};

/// Bytes of one segment's entries.
const SEGMENT_BYTES: RangeInclusive<u64> = 1_048_576..=1_073_741_824;
/// The longest time a segment waits, in seconds: a year.
const SEGMENT_AGE_SECONDS: RangeInclusive<u64> = 60..=31_622_400;
/// The shortest and longest retention, in seconds: an hour, a century.
const RETENTION_SECONDS: RangeInclusive<u64> = 3_600..=3_155_760_000;
/// The least cap: several segments and tails have room under it.
const CAP_BYTES: RangeInclusive<u64> = 268_435_456..=u64::MAX;

pub(super) fn build(layers: &Layers) -> Result<Keeping, ConfigError> {
    let needed = "a whole number from 1048576 to 1073741824";
    let segment_bytes = number(layers, "audit.segment_bytes", needed, &SEGMENT_BYTES, Zero::IsBad)?;
    let needed = "a whole number from 60 to 31622400";
    let key = "audit.segment_age_seconds";
    let segment_age = number(layers, key, needed, &SEGMENT_AGE_SECONDS, Zero::IsBad)?;
    let needed = "0, or a whole number from 3600 to 3155760000";
    let retention =
        number(layers, "audit.retention_seconds", needed, &RETENTION_SECONDS, Zero::IsNone)?;
    let needed = "0, or at least 268435456";
    let cap_bytes = number(layers, "audit.cap_bytes", needed, &CAP_BYTES, Zero::IsNone)?;
    Ok(Keeping {
        segment_bytes,
        segment_age: Duration::from_secs(segment_age),
        retention: (retention > 0).then(|| Duration::from_secs(retention)),
        cap_bytes: (cap_bytes > 0).then_some(cap_bytes),
        at_cap: at_cap(layers)?,
    })
}

/// Whether 0 stands for no limit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zero {
    IsNone,
    IsBad,
}

fn number(
    layers: &Layers,
    key: &'static str,
    needed: &'static str,
    range: &RangeInclusive<u64>,
    zero: Zero,
) -> Result<u64, ConfigError> {
    let number: u64 = layers.read(key)?;
    if range.contains(&number) || (number == 0 && zero == Zero::IsNone) {
        return Ok(number);
    }
    Err(ConfigError::Value { key, value: number.to_string(), needed })
}

fn at_cap(layers: &Layers) -> Result<AtCap, ConfigError> {
    let key = "audit.at_cap";
    match layers.read::<String>(key)?.as_str() {
        "refuse" => Ok(AtCap::Refuse),
        "drop-oldest" => Ok(AtCap::DropOldest),
        other => {
            let value = other.to_owned();
            Err(ConfigError::Value { key, value, needed: "`refuse` or `drop-oldest`" })
        }
    }
}
