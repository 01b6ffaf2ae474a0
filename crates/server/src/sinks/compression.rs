//! What is sent, smaller.

use std::io::Write as _;

use serde::Deserialize;

/// The level of zstd: its own default.
const ZSTD_LEVEL: i32 = 3;

/// How.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Compression {
    /// Not at all.
    #[default]
    None,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Compression {
    /// The bytes, compressed.
    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        let made = match self {
            Self::None => Ok(bytes.to_vec()),
            Self::Gzip => {
                let mut encoder =
                    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(bytes).and_then(|()| encoder.finish())
            }
            Self::Zstd => zstd::bulk::compress(bytes, ZSTD_LEVEL),
        };
        // Writing to memory does not fail.
        made.unwrap_or_default()
    }

    /// The word of HTTP for it.
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}
