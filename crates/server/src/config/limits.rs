//! The limits of the transport: how much, how many, how fast, how long. Each has a setting, a
//! default and a range that makes sense.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{ConfigError, Layers};

/// Every limit that a setting has.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections served at the same time.
    pub connections: usize,
    /// Connections of one address (one /64 network of IPv6) served at the same time.
    pub connections_per_address: usize,
    /// Bytes of a request's head.
    pub head_bytes: usize,
    /// Header lines of a request.
    pub headers: usize,
    /// Requests in flight on one HTTP/2 connection.
    pub streams: u32,
    /// How long a client may take to send a request's head.
    pub head: Duration,
    /// How long a connection may be without a request, a body without progress, an answer unread.
    pub idle: Duration,
    /// Bytes a second that a body must bring.
    pub body_bytes_per_second: u64,
    /// How long the PROXY header and the TLS handshake may take together.
    pub handshake: Duration,
    /// TLS handshakes begun in a second.
    pub handshakes_per_second: u32,
    /// TLS handshakes begun in a second by one address.
    pub handshakes_per_address: u32,
    /// Bytes of a body that is read before its sender is known.
    pub unproven_bytes: usize,
    /// Sign-ins whose proof is verified at the same time.
    pub verifications: usize,
    /// Sessions of tokens on requests that are remembered.
    pub bearer_sessions: usize,
    /// Requests of one account served at the same time.
    pub account_requests: usize,
    /// Bytes that are thrown away of a body whose request was answered before it ended.
    pub linger_bytes: u64,
    /// For how long.
    pub linger: Duration,
    /// Bytes of a signed chunk.
    pub chunk_bytes: u64,
    /// How long open requests may go on after the stop was asked for.
    pub drain: Duration,
}

/// The longest of the times, in seconds.
const SECONDS_MAX: u64 = 86_400;

impl Limits {
    pub(super) fn build(layers: &Layers) -> Result<Self, ConfigError> {
        let seconds = |key| {
            number(layers, key, "a whole number from 1 to 86400", 1..=SECONDS_MAX)
                .map(Duration::from_secs)
        };
        let count = |key| number(layers, key, "a whole number from 1", 1..=u64::from(u32::MAX));
        let small = |key| {
            let number = number(layers, key, "a whole number from 1 to 65536", 1..=65_536)?;
            Ok::<_, ConfigError>(u32::try_from(number).unwrap_or(u32::MAX))
        };
        Ok(Self {
            connections: size(count("limits.connections")?),
            connections_per_address: size(count("limits.connections_per_address")?),
            head_bytes: size(number(
                layers,
                "limits.head_bytes",
                "a whole number from 8192 to 1048576",
                8_192..=1_048_576,
            )?),
            // A canonical request holds so many and no more.
            headers: size(number(
                layers,
                "limits.headers",
                "a whole number from 16 to 256",
                16..=256,
            )?),
            streams: small("limits.streams")?,
            head: seconds("limits.head_seconds")?,
            idle: seconds("limits.idle_seconds")?,
            body_bytes_per_second: layers.read("limits.body_bytes_per_second")?,
            handshake: seconds("limits.handshake_seconds")?,
            handshakes_per_second: small("limits.handshakes_per_second")?,
            handshakes_per_address: small("limits.handshakes_per_address")?,
            unproven_bytes: size(number(
                layers,
                "limits.unproven_bytes",
                "a whole number from 65536 to 16777216",
                65_536..=16_777_216,
            )?),
            verifications: size(count("limits.verifications")?),
            bearer_sessions: size(count("limits.bearer_sessions")?),
            account_requests: size(count("limits.account_requests")?),
            linger_bytes: layers.read("limits.linger_bytes")?,
            linger: seconds("limits.linger_seconds")?,
            chunk_bytes: number(
                layers,
                "limits.chunk_bytes",
                "a whole number from 65536 to 16777216",
                65_536..=16_777_216,
            )?,
            drain: seconds("limits.drain_seconds")?,
        })
    }
}

fn number(
    layers: &Layers,
    key: &'static str,
    needed: &'static str,
    range: RangeInclusive<u64>,
) -> Result<u64, ConfigError> {
    let number: u64 = layers.read(key)?;
    if range.contains(&number) {
        Ok(number)
    } else {
        Err(ConfigError::Value { key, value: number.to_string(), needed })
    }
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod pairs;

#[cfg(test)]
mod tests {
    use super::super::Origin;
    use super::*;

    fn with(key: &str, value: &str) -> Result<Limits, ConfigError> {
        let mut layers = Layers::defaults();
        layers.set(key, value, Origin::Flag)?;
        Limits::build(&layers)
    }

    #[test]
    fn a_limit_is_taken_at_the_ends_of_its_range_and_refused_past_them() {
        for (key, least, most) in [
            ("limits.head_bytes", 8_192, 1_048_576),
            ("limits.headers", 16, 256),
            ("limits.streams", 1, 65_536),
            ("limits.head_seconds", 1, 86_400),
            ("limits.unproven_bytes", 65_536, 16_777_216),
            ("limits.chunk_bytes", 65_536, 16_777_216),
            ("limits.linger_seconds", 1, 86_400),
            ("limits.connections", 1, 4_294_967_295_u64),
        ] {
            assert!(with(key, &least.to_string()).is_ok(), "{key}");
            assert!(with(key, &most.to_string()).is_ok(), "{key}");
            assert!(with(key, &(least - 1).to_string()).is_err(), "{key}");
            assert!(with(key, &(most + 1).to_string()).is_err(), "{key}");
        }
    }
}
