//! Checksums: computed over bytes as they pass, and composed from those of parts.

use crc_fast::CrcAlgorithm;
use md5::{Digest as _, Md5};
use names::{Checksum, ChecksumAlgorithm, ETag};
use sha1::Sha1;
use sha2::Sha256;

use crate::ports::StoreError;

/// A checksum being computed.
pub(crate) enum Sum {
    Crc(ChecksumAlgorithm, Box<crc_fast::Digest>),
    Sha1(Sha1),
    Sha256(Sha256),
}

/// Which CRC an algorithm is (crc-catalogue names: NVME, ISO-HDLC, iSCSI).
fn crc(algorithm: ChecksumAlgorithm) -> Option<CrcAlgorithm> {
    match algorithm {
        ChecksumAlgorithm::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
        ChecksumAlgorithm::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
        ChecksumAlgorithm::Crc32C => Some(CrcAlgorithm::Crc32Iscsi),
        ChecksumAlgorithm::Sha1 | ChecksumAlgorithm::Sha256 => None,
    }
}

/// A CRC's value as S3 writes it: big-endian, as wide as the algorithm.
fn crc_bytes(algorithm: ChecksumAlgorithm, value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    bytes.into_iter().skip(bytes.len().saturating_sub(algorithm.bytes())).collect()
}

impl Sum {
    pub(crate) fn new(algorithm: ChecksumAlgorithm) -> Self {
        match (algorithm, crc(algorithm)) {
            (_, Some(kind)) => Self::Crc(algorithm, Box::new(crc_fast::Digest::new(kind))),
            (ChecksumAlgorithm::Sha1, None) => Self::Sha1(Sha1::new()),
            (_, None) => Self::Sha256(Sha256::new()),
        }
    }

    pub(crate) fn is_crc(&self) -> bool {
        matches!(self, Self::Crc(..))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(_, digest) => digest.update(bytes),
            Self::Sha1(digest) => digest.update(bytes),
            Self::Sha256(digest) => digest.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Result<Checksum, StoreError> {
        let (algorithm, value) = match self {
            Self::Crc(algorithm, digest) => (algorithm, crc_bytes(algorithm, digest.finalize())),
            Self::Sha1(digest) => (ChecksumAlgorithm::Sha1, digest.finalize().to_vec()),
            Self::Sha256(digest) => (ChecksumAlgorithm::Sha256, digest.finalize().to_vec()),
        };
        checksum(algorithm, value)
    }
}

fn checksum(algorithm: ChecksumAlgorithm, value: Vec<u8>) -> Result<Checksum, StoreError> {
    Checksum::new(algorithm, value).map_err(|error| StoreError::Corrupt { what: error.to_string() })
}

/// The checksum of the concatenated checksums of parts (S3 user guide, "Composite checksums").
pub(crate) fn composite<'a>(
    algorithm: ChecksumAlgorithm,
    parts: impl Iterator<Item = &'a [u8]>,
) -> Result<Checksum, StoreError> {
    let mut sum = Sum::new(algorithm);
    parts.for_each(|part| sum.update(part));
    sum.finish()
}

/// The checksum of the whole from the CRCs and lengths of its parts; `None` for an algorithm that
/// is no CRC (S3 user guide, "Full object checksums").
pub(crate) fn full_object<'a>(
    algorithm: ChecksumAlgorithm,
    parts: impl Iterator<Item = (&'a [u8], u64)>,
) -> Result<Option<Checksum>, StoreError> {
    let Some(kind) = crc(algorithm) else { return Ok(None) };
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |sum, &b| (sum << 8) | u64::from(b));
    let whole = parts.fold(None, |whole, (part, length)| {
        let part = number(part);
        Some(whole.map_or(part, |whole| crc_fast::checksum_combine(kind, whole, part, length)))
    });
    let empty = || crc_fast::checksum(kind, b"");
    checksum(algorithm, crc_bytes(algorithm, whole.unwrap_or_else(empty))).map(Some)
}

/// The entity tag of a plain put: the MD5 in hexadecimal.
pub(crate) fn etag(md5: [u8; 16]) -> Result<ETag, StoreError> {
    parse_etag(&hex::encode(md5))
}

/// An entity tag that says nothing of the bytes. It has the form of a completed upload's, which
/// clients do not compare with the MD5 of what they sent.
pub(crate) fn opaque_etag(random: [u8; 16]) -> Result<ETag, StoreError> {
    parse_etag(&format!("{}-1", hex::encode(random)))
}

/// The entity tag of a completed upload: the MD5 of the parts' MD5s, and how many. The digits of an
/// opaque tag stand for the MD5 that was not computed.
pub(crate) fn composite_etag<'a>(
    parts: impl ExactSizeIterator<Item = &'a ETag>,
) -> Result<ETag, StoreError> {
    let count = parts.len();
    let mut md5 = Md5::new();
    for part in parts {
        let digits = part.as_str().split('-').next().unwrap_or_default();
        let bytes = hex::decode(digits)
            .map_err(|_| StoreError::Corrupt { what: "a part's tag is no MD5".to_owned() })?;
        md5.update(&bytes);
    }
    let digest: [u8; 16] = md5.finalize().into();
    parse_etag(&format!("{}-{count}", hex::encode(digest)))
}

fn parse_etag(text: &str) -> Result<ETag, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt { what: "a tag is malformed".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Checksum {
        let mut sum = Sum::new(algorithm);
        sum.update(bytes);
        sum.finish().unwrap()
    }

    /// The check values of the CRC catalogue (`123456789`), and FIPS 180-4's `abc`.
    #[test]
    fn each_algorithm_gives_its_published_check_value() {
        use ChecksumAlgorithm::{Crc32, Crc32C, Crc64Nvme, Sha1, Sha256};
        for (algorithm, text, value) in [
            (Crc64Nvme, "123456789", "ae8b14860a799888"),
            (Crc32, "123456789", "cbf43926"),
            (Crc32C, "123456789", "e3069283"),
            (Sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ] {
            let computed = sum(algorithm, text.as_bytes());
            assert_eq!(hex::encode(computed.value()), value, "{algorithm}");
        }
    }

    #[test]
    fn the_tag_of_an_upload_is_the_md5_of_its_parts_md5s() {
        // md5("a"), md5("b"); md5 of both digests computed with Python's hashlib.
        let parts: Vec<ETag> =
            ["0cc175b9c0f1b6a831c399e269772661", "92eb5ffee6ae2fec3ad71c777531578f"]
                .map(|tag| tag.parse().unwrap())
                .to_vec();
        let tag = composite_etag(parts.iter()).unwrap();
        assert_eq!(tag.as_str(), "96e024ba2074fe77e8e965ba43a704be-2");
    }

    #[test]
    fn an_opaque_tag_is_no_md5_and_counts_in_an_upload_by_its_digits() {
        let plain = etag([7; 16]).unwrap();
        let opaque = opaque_etag([7; 16]).unwrap();
        assert_eq!(opaque.as_str(), format!("{}-1", plain.as_str()));
        let of = |tag: &ETag| composite_etag([tag.clone(), plain.clone()].iter()).unwrap();
        assert_eq!(of(&opaque), of(&plain));
    }

    #[test]
    fn a_hash_cannot_be_combined_over_a_whole_object() {
        assert!(full_object(ChecksumAlgorithm::Sha256, std::iter::empty()).unwrap().is_none());
        assert!(full_object(ChecksumAlgorithm::Crc32, std::iter::empty()).unwrap().is_some());
    }

    proptest! {
        #[test]
        fn the_combined_crc_of_parts_is_the_crc_of_the_whole(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..6),
        ) {
            use ChecksumAlgorithm::{Crc32, Crc32C, Crc64Nvme};
            let whole: Vec<u8> = parts.concat();
            for algorithm in [Crc64Nvme, Crc32, Crc32C] {
                let sums: Vec<(Checksum, u64)> = parts
                    .iter()
                    .map(|part| (sum(algorithm, part), u64::try_from(part.len()).unwrap()))
                    .collect();
                let pairs = sums.iter().map(|(sum, length)| (sum.value(), *length));
                let combined = full_object(algorithm, pairs).unwrap().unwrap();
                prop_assert_eq!(combined, sum(algorithm, &whole));
            }
        }
    }
}
