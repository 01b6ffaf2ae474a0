//! Where records are kept: the keys of the metadata store (`docs/storage-format/objects.md`).
//!
//! A bucket is named by its incarnation, the revision of the authorization state that made it, and
//! not by its name: what is written for a bucket can never be read in a later one of that name.

use names::UploadId;

use crate::conditions::PartNumber;
use crate::ports::BlobId;

/// The revision that made a bucket: unlike its name, it is never used again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Incarnation(pub(crate) u64);

const OBJECT: u8 = b'o';
const UPLOAD: u8 = b'u';
const PART: u8 = b'p';
const BUCKET_TAGS: u8 = b't';
const TOMBSTONE: u8 = b'x';
const INTENT: u8 = b'i';
const PENDING: u8 = b'd';
const SWEEP: u8 = b'z';

fn in_bucket(family: u8, bucket: Incarnation, rest: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(rest.len().saturating_add(9));
    key.push(family);
    key.extend_from_slice(&bucket.0.to_be_bytes());
    key.extend_from_slice(rest);
    key
}

/// How many bytes come before the object's key in [`object`] and [`upload`].
pub(crate) const BUCKET_PREFIX_BYTES: usize = 9;

/// An object's record; `key` may be any beginning of a key.
pub(crate) fn object(bucket: Incarnation, key: &str) -> Vec<u8> {
    in_bucket(OBJECT, bucket, key.as_bytes())
}

/// Where uploads of keys that begin with `key` begin.
pub(crate) fn uploads(bucket: Incarnation, key: &str) -> Vec<u8> {
    in_bucket(UPLOAD, bucket, key.as_bytes())
}

/// An upload's record. Keys have no NUL, so that uploads sort by key and then by id.
pub(crate) fn upload(bucket: Incarnation, key: &str, upload: &UploadId) -> Vec<u8> {
    let mut bytes = uploads(bucket, key);
    bytes.push(0);
    bytes.extend_from_slice(upload.as_str().as_bytes());
    bytes
}

/// Where the parts of an upload begin.
pub(crate) fn parts(upload: &UploadId) -> Vec<u8> {
    let mut key = vec![PART];
    key.extend_from_slice(upload.as_str().as_bytes());
    key.push(0);
    key
}

/// A part's record.
pub(crate) fn part(upload: &UploadId, number: PartNumber) -> Vec<u8> {
    let mut key = parts(upload);
    key.extend_from_slice(&number.get().to_be_bytes());
    key
}

/// The number of the part whose record has this key.
pub(crate) fn part_number(key: &[u8]) -> Option<PartNumber> {
    let (_, number) = key.split_last_chunk::<2>()?;
    PartNumber::new(u64::from(u16::from_be_bytes(*number))).ok()
}

/// The bucket's tags.
pub(crate) fn bucket_tags(bucket: Incarnation) -> Vec<u8> {
    in_bucket(BUCKET_TAGS, bucket, &[])
}

/// Present once the bucket is being removed, and for ever after: every write expects it absent.
pub(crate) fn tombstone(bucket: Incarnation) -> Vec<u8> {
    in_bucket(TOMBSTONE, bucket, &[])
}

/// Says that a blob is being written.
pub(crate) fn intent(blob: &BlobId) -> Vec<u8> {
    of_blob(INTENT, blob)
}

/// Says that nothing refers to a blob any more.
pub(crate) fn pending(blob: &BlobId) -> Vec<u8> {
    of_blob(PENDING, blob)
}

fn of_blob(family: u8, blob: &BlobId) -> Vec<u8> {
    let mut key = vec![family];
    key.extend_from_slice(blob.as_bytes());
    key
}

/// The blob of an intent's or a pending delete's key.
pub(crate) fn blob(key: &[u8]) -> Option<BlobId> {
    let (_, id) = key.split_first()?;
    id.try_into().ok().map(BlobId::from_random)
}

/// Says that what is left of an upload's parts is to be removed.
pub(crate) fn sweep(upload: &UploadId) -> Vec<u8> {
    let mut key = vec![SWEEP];
    key.extend_from_slice(upload.as_str().as_bytes());
    key
}

/// The upload of a sweep's key.
pub(crate) fn swept(key: &[u8]) -> Option<UploadId> {
    let (_, id) = key.split_first()?;
    std::str::from_utf8(id).ok()?.parse().ok()
}

/// A whole family: from its first key to before the next family.
pub(crate) fn family(kind: Family) -> (Vec<u8>, Vec<u8>) {
    let family = match kind {
        Family::Intents => INTENT,
        Family::Pending => PENDING,
        Family::Sweeps => SWEEP,
    };
    (vec![family], vec![family.saturating_add(1)])
}

/// What kind of record a key is of.
pub(crate) fn kind(key: &[u8]) -> Option<Kind> {
    let (family, rest) = key.split_first()?;
    let bucket = rest.len() >= BUCKET_PREFIX_BYTES.saturating_sub(1);
    match *family {
        OBJECT if bucket => Some(Kind::Object),
        UPLOAD if bucket => Some(Kind::Upload),
        PART => part_number(key).map(|_| Kind::Part),
        BUCKET_TAGS if bucket => Some(Kind::BucketTags),
        TOMBSTONE if bucket => Some(Kind::Marker),
        INTENT | PENDING => blob(key).map(|_| Kind::Marker),
        SWEEP => swept(key).map(|_| Kind::Marker),
        _ => None,
    }
}

/// Kinds of records, by how their values are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Object,
    Upload,
    Part,
    BucketTags,
    Marker,
}

/// Families that the collector walks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Family {
    Intents,
    Pending,
    Sweeps,
}

/// The first key after all that begin with `prefix`.
pub(crate) fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            break;
        }
    }
    end
}

/// The first key after this one.
pub(crate) fn after_key(key: &[u8]) -> Vec<u8> {
    let mut next = key.to_vec();
    next.push(0);
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_lies_after_everything_that_begins_with_it() {
        assert_eq!(after_prefix(b"ab"), b"ac");
        assert_eq!(after_prefix(b"a\xff\xff"), b"b");
        let bucket = Incarnation(u64::MAX);
        assert!(after_prefix(&object(bucket, "")) > object(bucket, "\u{10ffff}\u{10ffff}"));
    }

    #[test]
    fn uploads_sort_by_key_and_then_by_id() {
        let bucket = Incarnation(1);
        let id = |text: &str| text.parse::<UploadId>().unwrap();
        let sorted = [
            upload(bucket, "a", &id("1")),
            upload(bucket, "a", &id("2")),
            upload(bucket, "a\u{1}", &id("0")),
            upload(bucket, "ab", &id("0")),
        ];
        assert!(sorted.is_sorted());
    }

    #[test]
    fn what_is_in_a_key_can_be_read_back() {
        let (id, number) = ("u1".parse::<UploadId>().unwrap(), PartNumber::new(258).unwrap());
        assert_eq!(part_number(&part(&id, number)), Some(number));
        assert_eq!(swept(&sweep(&id)), Some(id));
        let drawn = BlobId::from_random([9; 16]);
        assert_eq!((blob(&intent(&drawn)), blob(&pending(&drawn))), (Some(drawn), Some(drawn)));
    }
}
