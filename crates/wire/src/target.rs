//! What a path-style request is aimed at: the service, a bucket or an object.

/// The bucket and key of a path, split exactly once.
///
/// ```
/// use strongroom_wire::Target;
/// let target = Target::parse("/finance//2026/../q3").unwrap();
/// assert_eq!(target, Target::Object { bucket: "finance", key: "/2026/../q3" });
/// assert_eq!(Target::parse("/finance/").unwrap(), Target::Bucket("finance"));
/// ```
///
/// Neither part is judged here: a bucket's grammar is `names::BucketName`, and a key's bytes,
/// `..`, `//` and all, are opaque (S3 user guide, "Naming Amazon S3 objects").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// `/`
    Service,
    /// An account, which a header names and not the path: S3's control API.
    Account,
    /// `/{bucket}` or `/{bucket}/`
    Bucket(&'a str),
    /// `/{bucket}/{key}`
    Object {
        /// Before the second slash.
        bucket: &'a str,
        /// Everything after it.
        key: &'a str,
    },
}

/// Which kind of [`Target`] an operation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// The service as a whole.
    Service,
    /// An account as a whole.
    Account,
    /// One bucket.
    Bucket,
    /// One object.
    Object,
}

/// The path does not begin with `/`, or has an empty bucket before a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the path names no bucket")]
pub struct BadPath;

impl<'a> Target<'a> {
    /// Splits a path that was percent-decoded once, by whoever verified it.
    ///
    /// # Errors
    /// No leading slash, or an empty bucket.
    pub fn parse(path: &'a str) -> Result<Self, BadPath> {
        let rest = path.strip_prefix('/').ok_or(BadPath)?;
        match rest.split_once('/') {
            None if rest.is_empty() => Ok(Self::Service),
            None => Ok(Self::Bucket(rest)),
            Some(("", _)) => Err(BadPath),
            Some((bucket, "")) => Ok(Self::Bucket(bucket)),
            Some((bucket, key)) => Ok(Self::Object { bucket, key }),
        }
    }

    /// The bucket, unless the target is the service.
    #[must_use]
    pub fn bucket(&self) -> Option<&'a str> {
        match *self {
            Self::Service | Self::Account => None,
            Self::Bucket(bucket) | Self::Object { bucket, .. } => Some(bucket),
        }
    }

    /// The key, if the target is an object.
    #[must_use]
    pub fn key(&self) -> Option<&'a str> {
        match *self {
            Self::Object { key, .. } => Some(key),
            Self::Service | Self::Account | Self::Bucket(_) => None,
        }
    }

    /// Which kind of target it is.
    #[must_use]
    pub fn level(&self) -> Level {
        match self {
            Self::Service => Level::Service,
            Self::Account => Level::Account,
            Self::Bucket(_) => Level::Bucket,
            Self::Object { .. } => Level::Object,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_without_a_bucket_is_refused() {
        for bad in ["", "bucket", "//", "//key", "///"] {
            assert_eq!(Target::parse(bad), Err(BadPath), "{bad}");
        }
        assert_eq!(Target::parse("/").unwrap(), Target::Service);
    }

    #[test]
    fn only_the_first_slash_after_the_bucket_separates() {
        for key in ["a/b", "/", "..", "../a", "a//", "%2F", "a b"] {
            let path = format!("/bucket/{key}");
            let target = Target::parse(&path).unwrap();
            assert_eq!((target.bucket(), target.key()), (Some("bucket"), Some(key)));
            assert_eq!(target.level(), Level::Object);
        }
    }
}
