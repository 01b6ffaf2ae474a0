//! The kinds of single values, as text in each place of each dialect.

use std::borrow::Cow;

use names::Timestamp;

use crate::malformed::{Fault, Place, WireError};
use crate::rule::Rule;
use crate::secret::Secret;

/// How a place writes its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// S3's XML: `2026-01-02T03:04:05.678Z`.
    Millis,
    /// The query protocol: `2026-01-02T03:04:05Z`.
    Seconds,
    /// Headers: `Fri, 02 Jan 2026 03:04:05 GMT`.
    Http,
}

/// A value that is one text.
pub(crate) trait Scalar: Sized {
    /// With its article, for errors.
    const KIND: &'static str;

    /// The value, if the text is of this kind.
    fn read(text: &str) -> Option<Self>;

    /// The value as a number, if ranges apply to it.
    fn number(&self) -> Option<i64> {
        None
    }

    fn print(&self, times: Times) -> Cow<'_, str>;
}

/// A member as found in its place: absent, present, or given too often.
pub(crate) struct Found<'a> {
    pub(crate) place: Place,
    pub(crate) member: &'static str,
    pub(crate) text: Result<Option<&'a str>, Fault>,
}

impl Found<'_> {
    /// # Errors
    /// Absent, given twice, of another kind, or against the rule.
    pub(crate) fn required<T: Scalar>(self, rule: &Rule) -> Result<T, WireError> {
        let (place, member) = (self.place, self.member);
        self.optional(rule)?.ok_or(WireError::Member {
            place,
            member: member.into(),
            fault: Fault::Missing,
        })
    }

    /// # Errors
    /// Given twice, of another kind, or against the rule.
    pub(crate) fn optional<T: Scalar>(self, rule: &Rule) -> Result<Option<T>, WireError> {
        let Self { place, member, text } = self;
        text.and_then(|text| text.map(|text| read_scalar(text, rule)).transpose())
            .map_err(|fault| WireError::Member { place, member: member.into(), fault })
    }

    /// A header's list of words, separated by commas.
    ///
    /// # Errors
    /// Given twice, or an entry is of another kind or against the rule.
    pub(crate) fn words<T: Scalar>(self, rule: &Rule) -> Result<Vec<T>, WireError> {
        let Self { place, member, text } = self;
        let read = |text: &str| text.split(',').map(|w| read_scalar(w.trim(), rule)).collect();
        text.and_then(|text| text.map_or(Ok(Vec::new()), read)).map_err(|fault| WireError::Member {
            place,
            member: member.into(),
            fault,
        })
    }
}

/// # Errors
/// The text is of another kind, or breaks the rule.
pub(crate) fn read_scalar<T: Scalar>(text: &str, rule: &Rule) -> Result<T, Fault> {
    rule.check_text(text)?;
    let value = T::read(text).ok_or(Fault::Kind { kind: T::KIND })?;
    value.number().map_or(Ok(()), |number| rule.check_number(number))?;
    Ok(value)
}

impl Scalar for String {
    const KIND: &'static str = "a text";

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn print(&self, _: Times) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Scalar for Secret {
    const KIND: &'static str = "a text";

    fn read(text: &str) -> Option<Self> {
        Some(Self::from(text.to_owned()))
    }

    fn print(&self, _: Times) -> Cow<'_, str> {
        Cow::Borrowed(self.expose())
    }
}

/// One spelling a number: no `+`, no spaces inside, nothing after the digits.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

impl Scalar for i32 {
    const KIND: &'static str = "an integer";

    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        is_integer(text).then(|| text.parse().ok()).flatten()
    }

    fn number(&self) -> Option<i64> {
        Some(i64::from(*self))
    }

    fn print(&self, _: Times) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }
}

impl Scalar for i64 {
    const KIND: &'static str = "an integer";

    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        is_integer(text).then(|| text.parse().ok()).flatten()
    }

    fn number(&self) -> Option<i64> {
        Some(*self)
    }

    fn print(&self, _: Times) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }
}

/// AWS's own examples write `TRUE` in a PublicAccessBlockConfiguration, so case is no matter.
impl Scalar for bool {
    const KIND: &'static str = "`true` or `false`";

    fn read(text: &str) -> Option<Self> {
        match text.trim() {
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    fn print(&self, _: Times) -> Cow<'_, str> {
        Cow::Borrowed(if *self { "true" } else { "false" })
    }
}

/// Read in ISO 8601 or as an HTTP date wherever it stands; written as its place asks.
impl Scalar for Timestamp {
    const KIND: &'static str = "a time";

    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            Self::parse_http_date(text).ok()
        } else {
            text.parse().ok()
        }
    }

    fn print(&self, times: Times) -> Cow<'_, str> {
        Cow::Owned(match times {
            Times::Millis => self.iso_millis(),
            Times::Seconds => self.iso_seconds(),
            Times::Http => self.http_date(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_has_one_spelling() {
        assert_eq!(i32::read("10"), Some(10));
        assert_eq!(i32::read("-1"), Some(-1));
        for bad in ["", "-", "+5", "1e3", "0x1", "1 0", "5, 5", "2147483648", "١"] {
            assert_eq!(i32::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_boolean_is_true_or_false_and_nothing_else() {
        assert_eq!(bool::read("TRUE"), Some(true));
        for bad in ["", "1", "yes", "tru", "true\0"] {
            assert_eq!(bool::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_time_is_read_in_both_forms() {
        let time = Timestamp::read("Fri, 02 Jan 2026 03:04:05 GMT").unwrap();
        assert_eq!(Timestamp::read("2026-01-02T03:04:05Z"), Some(time));
        assert_eq!(Timestamp::read("yesterday"), None);
        assert_eq!(time.print(Times::Millis), "2026-01-02T03:04:05.000Z");
        assert_eq!(time.print(Times::Seconds), "2026-01-02T03:04:05Z");
        assert_eq!(time.print(Times::Http), "Fri, 02 Jan 2026 03:04:05 GMT");
    }
}
