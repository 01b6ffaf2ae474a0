//! The `x-amz-copy-source` header: a percent-encoded path with an optional version.

use names::{BadBucketName, BadObjectKey, BucketName, ObjectKey};

use crate::percent::percent_decode;

/// What a copy reads from.
///
/// ```
/// use strongroom_wire::CopySource;
/// let source = CopySource::parse("/finance/2026/q%203.csv?versionId=null").unwrap();
/// assert_eq!(source.key.as_str(), "2026/q 3.csv");
/// assert_eq!(source.version_id.as_deref(), Some("null"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopySource {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// The version; the current one if absent.
    pub version_id: Option<String>,
}

/// The header does not name an object. S3: `InvalidArgument`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCopySource {
    /// Not `bucket/key` or `/bucket/key`, with `?versionId=` and nothing else after it.
    #[error("the copy source is not `bucket/key` with an optional `?versionId=`")]
    Form,
    /// Not percent-encoded UTF-8.
    #[error("the copy source is not percent-encoded UTF-8")]
    Encoding,
    /// The bucket's name is malformed.
    #[error("the copy source's bucket is malformed")]
    Bucket(#[from] BadBucketName),
    /// The key is malformed.
    #[error("the copy source's key is malformed")]
    Key(#[from] BadObjectKey),
}

impl CopySource {
    /// Reads the header. A version is split off before the one decoding, so that `%3F` is a byte
    /// of the key; the bucket is split off after it, as AWS does, so that `bucket%2Fkey` is read
    /// too (a bucket's name holds no slash).
    ///
    /// # Errors
    /// Any [`BadCopySource`].
    pub fn parse(header: &str) -> Result<Self, BadCopySource> {
        let (path, version_id) = match header.split_once('?') {
            Some((path, query)) => {
                let version = query.strip_prefix("versionId=").ok_or(BadCopySource::Form)?;
                if version.is_empty() || version.contains('&') {
                    return Err(BadCopySource::Form);
                }
                (path, Some(decode(version)?))
            }
            None => (header, None),
        };
        let path = decode(path)?;
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = path.split_once('/').ok_or(BadCopySource::Form)?;
        Ok(Self { bucket: bucket.parse()?, key: key.parse()?, version_id })
    }
}

/// A `+` is a space, as S3 has it (aws/aws-cli#614; s5cmd sends spaces so): clients escape the
/// sign.
fn decode(text: &str) -> Result<String, BadCopySource> {
    percent_decode(text.as_bytes()).ok_or(BadCopySource::Encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_source_is_decoded_exactly_once() {
        let source = CopySource::parse("finance/a%252Fb+c%2Bd").unwrap();
        assert_eq!(source.key.as_str(), "a%2Fb c+d");
        assert_eq!(CopySource::parse("finance%2Fa").unwrap().key.as_str(), "a");
    }

    #[test]
    fn a_copy_source_that_names_no_object_is_refused() {
        let bad = [
            "",
            "/",
            "finance",
            "finance/",
            "//finance/key",
            "Finance/key",
            "finance/%",
            "finance/%ff",
            "finance/key?versionId=",
            "finance/key?acl",
            "finance/key?versionId=a&acl",
            "../finance/key",
        ];
        for header in bad {
            assert!(CopySource::parse(header).is_err(), "{header}");
        }
    }
}
