//! The verified parts of an S3 request, from which messages are read.

use std::collections::{BTreeMap, HashSet};

use crate::element::Element;
use crate::malformed::{Fault, Place, WireError};
use crate::scalar::Found;
use crate::target::Target;
use crate::xml::read::{XmlError, read};

/// The most query parameters that a request may have.
pub const QUERY_PARAMETERS_MAX: usize = 1_000;

/// The most user metadata that an object may carry: the bytes of all names and values (S3 user
/// guide, "User-defined object metadata").
pub const METADATA_BYTES_MAX: usize = 2_048;

/// What a message is read from: the target, query parameters, headers and body of one request,
/// decoded and verified already. Neither `Debug` nor `Display`: headers hold secrets.
#[derive(Clone)]
pub struct Parts<'a> {
    target: Target<'a>,
    query: Vec<(&'a str, &'a str)>,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Parts without a body. Query parameters are decoded; one without `=` has an empty value.
    /// Header names are in any case, and a header that is a list over several lines is joined
    /// already: a single-valued member that is found twice is refused.
    ///
    /// # Errors
    /// Too many query parameters, or two whose names are equal but for their case.
    pub fn new(
        target: Target<'a>,
        query: impl IntoIterator<Item = (&'a str, &'a str)>,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, WireError> {
        let mut pairs = Vec::new();
        let mut seen = HashSet::new();
        for (name, value) in query {
            if pairs.len() >= QUERY_PARAMETERS_MAX {
                return Err(WireError::QueryParameters);
            }
            if !seen.insert(name.to_ascii_lowercase()) {
                let (place, member) = (Place::Query, name.to_owned().into());
                return Err(WireError::Member { place, member, fault: Fault::Duplicate });
            }
            pairs.push((name, value));
        }
        Ok(Self { target, query: pairs, headers: headers.into_iter().collect(), body: &[] })
    }

    /// The same parts with the verified body of a request whose payload is a message.
    #[must_use]
    pub fn with_body(self, body: &'a [u8]) -> Self {
        Self { body, ..self }
    }

    pub(crate) fn label(&self, member: &'static str) -> Found<'_> {
        let text = match member {
            "Bucket" => self.target.bucket(),
            "Key" => self.target.key(),
            _ => None,
        };
        Found { place: Place::Label, member, text: Ok(text) }
    }

    pub(crate) fn query(&self, member: &'static str) -> Found<'_> {
        let found = self.query.iter().find(|(name, _)| *name == member).map(|(_, value)| *value);
        // What comes back as a header must be able to be one (CR and LF would split the answer).
        let split = member.starts_with("response-")
            && found.is_some_and(|value| value.chars().any(char::is_control));
        let text = if split { Err(Fault::Characters) } else { Ok(found) };
        Found { place: Place::Query, member, text }
    }

    pub(crate) fn header(&self, member: &'static str) -> Found<'_> {
        let mut found = self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(member));
        let text = match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(Fault::Duplicate),
            (one, _) => Ok(one.map(|(_, value)| spelled(member, value))),
        };
        Found { place: Place::Header, member, text }
    }

    /// The headers with this prefix, by the rest of their names in lower case.
    ///
    /// # Errors
    /// One is given twice, or together they are too large.
    pub(crate) fn prefixed(
        &self,
        prefix: &'static str,
    ) -> Result<BTreeMap<String, String>, WireError> {
        let mut found = BTreeMap::new();
        let mut bytes = 0_usize;
        for (name, value) in &self.headers {
            let lower = name.to_ascii_lowercase();
            let Some(rest) = lower.strip_prefix(prefix).filter(|rest| !rest.is_empty()) else {
                continue;
            };
            bytes = bytes.saturating_add(rest.len()).saturating_add(value.len());
            if found.insert(rest.to_owned(), (*value).to_owned()).is_some() {
                let (place, member) = (Place::Header, lower.into());
                return Err(WireError::Member { place, member, fault: Fault::Duplicate });
            }
        }
        if bytes > METADATA_BYTES_MAX { Err(WireError::Metadata { bytes }) } else { Ok(found) }
    }

    /// The body as XML with that root; `None` if there is no body.
    ///
    /// # Errors
    /// The body is not acceptable XML, or has another root.
    pub(crate) fn xml(&self, root: &'static str) -> Result<Option<Element>, WireError> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let text = std::str::from_utf8(self.body).map_err(|_| XmlError::Encoding)?;
        let element = read(text)?;
        if element.name == root { Ok(Some(element)) } else { Err(WireError::Root { root }) }
    }

    /// The body as text.
    ///
    /// # Errors
    /// It is empty or not UTF-8.
    pub(crate) fn text(&self, member: &'static str) -> Result<String, WireError> {
        if self.body.is_empty() {
            return Err(WireError::NoBody { root: member });
        }
        std::str::from_utf8(self.body).map(str::to_owned).map_err(|_| WireError::BodyNotText)
    }
}

/// A header's value as the models spell it: S3 reads this one in any case of letters, and the SDK
/// for C++ (in pyarrow) sends it in lower case.
fn spelled<'a>(member: &str, value: &'a str) -> &'a str {
    if member == "x-amz-checksum-mode" && value.eq_ignore_ascii_case("enabled") {
        "ENABLED"
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_asked_for_in_any_case_of_letters() {
        for sent in ["ENABLED", "enabled"] {
            assert_eq!(spelled("x-amz-checksum-mode", sent), "ENABLED");
        }
        assert_eq!(spelled("x-amz-checksum-mode", "on"), "on");
        assert_eq!(spelled("x-amz-acl", "enabled"), "enabled");
    }
}
