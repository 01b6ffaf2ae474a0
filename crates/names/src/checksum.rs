//! The flexible checksums of S3 (S3 user guide, "Checking object integrity").

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// An algorithm whose checksum a client may declare and the store keeps.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChecksumAlgorithm {
    /// CRC-64/NVME.
    Crc64Nvme,
    /// CRC-32 (ISO-HDLC).
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32C,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// Whether a multipart object's checksum covers the whole body or the parts' checksums.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub enum ChecksumKind {
    /// Over the whole body.
    FullObject,
    /// Over the concatenated checksums of the parts; written `value-parts`.
    Composite,
}

impl ChecksumKind {
    /// AWS's word: `FULL_OBJECT` or `COMPOSITE`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

impl FromStr for ChecksumKind {
    type Err = BadChecksum;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "FULL_OBJECT" => Ok(Self::FullObject),
            "COMPOSITE" => Ok(Self::Composite),
            _ => Err(BadChecksum::Kind(text.to_owned())),
        }
    }
}

impl ChecksumAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 5] =
        [Self::Crc64Nvme, Self::Crc32, Self::Crc32C, Self::Sha1, Self::Sha256];

    /// AWS's word, such as `CRC64NVME`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crc64Nvme => "CRC64NVME",
            Self::Crc32 => "CRC32",
            Self::Crc32C => "CRC32C",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header and trailer that carries it, in lower case.
    ///
    /// ```
    /// use strongroom_names::ChecksumAlgorithm;
    /// assert_eq!(ChecksumAlgorithm::Crc32C.header(), "x-amz-checksum-crc32c");
    /// ```
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32C => "x-amz-checksum-crc32c",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// How many bytes a value has.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Crc64Nvme => 8,
            Self::Crc32 | Self::Crc32C => 4,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

impl fmt::Display for ChecksumAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ChecksumAlgorithm {
    type Err = BadChecksum;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|a| a.as_str() == text)
            .ok_or_else(|| BadChecksum::Algorithm(text.to_owned()))
    }
}

/// The text is not a checksum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadChecksum {
    /// An algorithm that is not offered.
    #[error("`{0}` is not a checksum algorithm: CRC64NVME, CRC32, CRC32C, SHA1 or SHA256")]
    Algorithm(String),
    /// Neither `FULL_OBJECT` nor `COMPOSITE`.
    #[error("`{0}` is not a checksum type: FULL_OBJECT or COMPOSITE")]
    Kind(String),
    /// Not base64 of the right length.
    #[error("`{text}` is not a {algorithm} checksum: base64 of {bytes} bytes is needed", bytes = algorithm.bytes())]
    Value {
        /// The algorithm it was declared as.
        algorithm: ChecksumAlgorithm,
        /// The refused text.
        text: String,
    },
}

/// A checksum: an algorithm and its value. On the wire the value is base64.
///
/// ```
/// use strongroom_names::{Checksum, ChecksumAlgorithm};
/// let sum = Checksum::parse(ChecksumAlgorithm::Crc32, "y/Q5Jg==").unwrap();
/// assert_eq!(sum.value(), [0xcb, 0xf4, 0x39, 0x26]);
/// assert_eq!(sum.to_base64(), "y/Q5Jg==");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub struct Checksum {
    algorithm: ChecksumAlgorithm,
    value: Vec<u8>,
}

impl Checksum {
    /// A computed value.
    ///
    /// # Errors
    /// The value does not have the algorithm's length.
    pub fn new(algorithm: ChecksumAlgorithm, value: Vec<u8>) -> Result<Self, BadChecksum> {
        if value.len() == algorithm.bytes() {
            Ok(Self { algorithm, value })
        } else {
            Err(BadChecksum::Value { algorithm, text: STANDARD.encode(value) })
        }
    }

    /// A value as a client writes it: base64.
    ///
    /// # Errors
    /// The text is not base64 of the algorithm's length.
    pub fn parse(algorithm: ChecksumAlgorithm, text: &str) -> Result<Self, BadChecksum> {
        let bad = || BadChecksum::Value { algorithm, text: text.to_owned() };
        let value = STANDARD.decode(text).map_err(|_| bad())?;
        Self::new(algorithm, value).map_err(|_| bad())
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> ChecksumAlgorithm {
        self.algorithm
    }

    /// The bytes of the value.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// The value as clients read it.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_of_the_wrong_length_or_alphabet_is_refused() {
        assert!(Checksum::parse(ChecksumAlgorithm::Crc32, "AAAAAA==").is_ok());
        for bad in ["", "AAAA", "AAAAAAA=", "!!!!!!==", "AAAAAA"] {
            assert!(Checksum::parse(ChecksumAlgorithm::Crc32, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_algorithm_reads_back_its_own_name() {
        for algorithm in ChecksumAlgorithm::ALL {
            assert_eq!(algorithm.as_str().parse::<ChecksumAlgorithm>().unwrap(), algorithm);
        }
        assert!("MD5".parse::<ChecksumAlgorithm>().is_err());
    }
}
