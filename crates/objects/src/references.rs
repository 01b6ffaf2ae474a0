//! What a metadata record refers to: for backups, which copy only that, and for verification.

use bytes::Bytes;

use crate::layout::{self, Kind};
use crate::ports::{BlobId, StoreError};
use crate::record::{ObjectRecord, PartRecord, UploadRecord, decode_header};
use crate::tags::TagSet;

/// Reads a record of the metadata store whole, and says which blobs it refers to. Records about
/// blobs that are being written or await removal refer to none.
///
/// ```
/// use strongroom_objects::referenced_blobs;
/// let tombstone = [b"x".as_slice(), &7_u64.to_be_bytes()].concat();
/// assert_eq!(referenced_blobs(&tombstone, &[1]).unwrap(), []);
/// assert!(referenced_blobs(&tombstone, &[2]).is_err());
/// assert!(referenced_blobs(b"?", &[1]).is_err());
/// ```
///
/// # Errors
/// The key or the value is none that this version writes.
pub fn referenced_blobs(key: &[u8], value: &[u8]) -> Result<Vec<BlobId>, StoreError> {
    let bytes = Bytes::copy_from_slice(value);
    match layout::kind(key) {
        Some(Kind::Object) => {
            let record = ObjectRecord::decode(&bytes)?;
            whole(record.header.size, record.body.length())?;
            Ok(record.body.blobs().collect())
        }
        Some(Kind::Part) => {
            let record = PartRecord::decode(&bytes)?;
            whole(record.header.size, record.body.length())?;
            Ok(record.body.blobs().collect())
        }
        Some(Kind::Upload) => decode_header::<UploadRecord>(&bytes).map(|_| Vec::new()),
        Some(Kind::BucketTags) => decode_header::<TagSet>(&bytes).map(|_| Vec::new()),
        Some(Kind::Marker) if bytes == crate::collect::marker() => Ok(Vec::new()),
        Some(Kind::Marker) => Err(corrupt("a marker has an unknown version")),
        None => Err(corrupt("the key is of no known kind")),
    }
}

fn whole(size: u64, length: u64) -> Result<(), StoreError> {
    if size == length { Ok(()) } else { Err(corrupt("a body has another length than its record")) }
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt { what: what.to_owned() }
}
