//! What a request may ask of an object's present state: preconditions, ranges, part numbers.

use names::{ETag, Timestamp};

/// A list of entity tags, or `*`: the value of `If-Match` and `If-None-Match` (RFC 9110 §13.1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EtagMatch {
    /// `*`: any current object.
    Any,
    /// Any of these tags, without their quotes.
    OneOf(Vec<String>),
}

impl EtagMatch {
    /// Reads a header's value. Tags without quotes are taken, as S3 takes them; a weak tag
    /// compares as the strong tag it holds. Nothing is refused: a malformed tag matches nothing.
    ///
    /// ```
    /// use strongroom_objects::EtagMatch;
    /// assert_eq!(EtagMatch::parse("*"), EtagMatch::Any);
    /// let two = EtagMatch::OneOf(vec!["a".into(), "b".into()]);
    /// assert_eq!(EtagMatch::parse("\"a\", W/\"b\""), two);
    /// ```
    #[must_use]
    pub fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        let bare = |tag: &str| {
            let tag = tag.trim();
            tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').to_owned()
        };
        Self::OneOf(header.split(',').map(bare).filter(|tag| !tag.is_empty()).collect())
    }

    /// Whether an object with this tag is meant.
    #[must_use]
    pub fn matches(&self, etag: &ETag) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| tag == etag.as_str()),
        }
    }
}

/// The preconditions of a read, or of a copy's source (RFC 9110 §13).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReadConditions {
    /// `If-Match`.
    pub if_match: Option<EtagMatch>,
    /// `If-None-Match`.
    pub if_none_match: Option<EtagMatch>,
    /// `If-Modified-Since`.
    pub if_modified_since: Option<Timestamp>,
    /// `If-Unmodified-Since`.
    pub if_unmodified_since: Option<Timestamp>,
}

/// The outcome of a read's preconditions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadVerdict {
    /// Go on.
    Proceed,
    /// 304: the caller has it already.
    NotModified,
    /// 412, and the header that says so.
    Failed(&'static str),
}

impl ReadConditions {
    /// Judges the conditions in the order of RFC 9110 §13.2.2: `If-Match`, else
    /// `If-Unmodified-Since`; then `If-None-Match`, else `If-Modified-Since`. Times compare in
    /// whole seconds, as HTTP dates write them.
    #[must_use]
    pub fn judge(&self, etag: &ETag, modified: Timestamp) -> ReadVerdict {
        let modified = modified.seconds();
        match (&self.if_match, self.if_unmodified_since) {
            (Some(tags), _) if !tags.matches(etag) => return ReadVerdict::Failed("If-Match"),
            (None, Some(since)) if modified > since.seconds() => {
                return ReadVerdict::Failed("If-Unmodified-Since");
            }
            _ => {}
        }
        match (&self.if_none_match, self.if_modified_since) {
            (Some(tags), _) if tags.matches(etag) => ReadVerdict::NotModified,
            (None, Some(since)) if modified <= since.seconds() => ReadVerdict::NotModified,
            _ => ReadVerdict::Proceed,
        }
    }
}

/// The precondition of a write; it is judged in the commit itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum WriteCondition {
    /// None: the last writer wins.
    #[default]
    Always,
    /// `If-None-Match: *`: only if the key is free.
    Free,
    /// `If-Match`: only if the present object has this tag.
    Matches(EtagMatch),
}

/// One range of bytes (RFC 9110 §14.1.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ByteRange {
    /// `bytes=first-`
    From(u64),
    /// `bytes=first-last`
    Between(u64, u64),
    /// `bytes=-length`
    Last(u64),
}

/// The range begins past the end of the object.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the range is not satisfiable: the object has {size} bytes")]
pub struct BadRange {
    /// How many bytes the object has.
    pub size: u64,
}

/// A range of an object of known size: the first byte and the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// The first byte's place, from 0.
    pub first: u64,
    /// The last byte's place.
    pub last: u64,
}

impl Span {
    /// How many bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }
}

impl ByteRange {
    /// Reads a `Range` header. `None` for what is malformed, of another unit or has several
    /// ranges: such a header is ignored (RFC 9110 §14.2), as S3 does.
    ///
    /// ```
    /// use strongroom_objects::ByteRange;
    /// assert_eq!(ByteRange::parse("bytes=5-9"), Some(ByteRange::Between(5, 9)));
    /// assert_eq!(ByteRange::parse("bytes=9-5"), None);
    /// assert_eq!(ByteRange::parse("bytes=0-1,3-4"), None);
    /// ```
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let number = |text: &str| -> Option<u64> {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse().unwrap_or(u64::MAX))
        };
        let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
        match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Some(Self::Between(first, last)),
            (Some(first), None) if last.is_empty() => Some(Self::From(first)),
            (None, Some(length)) if first.is_empty() => Some(Self::Last(length)),
            _ => None,
        }
    }

    /// The bytes meant, of an object of `size` bytes.
    ///
    /// # Errors
    /// None of them exists (416 `InvalidRange`).
    pub fn resolve(self, size: u64) -> Result<Span, BadRange> {
        let end = size.checked_sub(1).ok_or(BadRange { size })?;
        let (first, last) = match self {
            Self::From(first) => (first, end),
            Self::Between(first, last) => (first, last.min(end)),
            Self::Last(0) => return Err(BadRange { size }),
            Self::Last(length) => (size.saturating_sub(length), end),
        };
        if first > end { Err(BadRange { size }) } else { Ok(Span { first, last }) }
    }
}

/// Most parts of an upload, and the highest part number (S3 user guide, "Multipart upload limits").
pub const PARTS_MAX: u16 = 10_000;

/// The number of a part: 1 to [`PARTS_MAX`].
///
/// ```
/// use strongroom_objects::{PARTS_MAX, PartNumber};
/// assert!(PartNumber::new(1).is_ok() && PartNumber::new(u64::from(PARTS_MAX)).is_ok());
/// assert!(PartNumber::new(0).is_err() && PartNumber::new(u64::from(PARTS_MAX) + 1).is_err());
/// ```
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct PartNumber(u16);

/// The number is not that of a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is not a part number: 1 to 10000 are")]
pub struct BadPartNumber(u64);

impl PartNumber {
    /// A part number.
    ///
    /// # Errors
    /// It is 0 or more than [`PARTS_MAX`].
    pub fn new(number: u64) -> Result<Self, BadPartNumber> {
        match u16::try_from(number) {
            Ok(part) if (1..=PARTS_MAX).contains(&part) => Ok(Self(part)),
            _ => Err(BadPartNumber(number)),
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}
