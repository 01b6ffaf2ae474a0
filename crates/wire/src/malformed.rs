//! What can be wrong with a message, and where.

use std::borrow::Cow;
use std::fmt;

use crate::form::FormError;
use crate::xml::read::XmlError;

/// The bytes are not a message of the dialect. Names the member, never its value: a secret sent to
/// the wrong place must not come back in an error.
///
/// S3 answers what is wrong in [`Place::Body`], [`WireError::Xml`] and [`WireError::NoBody`] with
/// `MalformedXML` (`MissingRequestBodyError` for the last) and the rest with `InvalidArgument`; the
/// query protocol answers [`Fault::Missing`] with `MissingParameter` or `ValidationError`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// One member breaks a rule of the service model.
    #[error("{place} `{member}` {fault}")]
    Member {
        /// Where the member is sent.
        place: Place,
        /// Its name as sent: of the header, parameter, element or label.
        member: Cow<'static, str>,
        /// The rule that it breaks.
        fault: Fault,
    },
    /// The request needs an XML body and has none.
    #[error("the request needs a body with the element `{root}`")]
    NoBody {
        /// The root element that the body should have.
        root: &'static str,
    },
    /// The body is text by its model, and not UTF-8.
    #[error("the body is not UTF-8")]
    BodyNotText,
    /// The body has another root element.
    #[error("the body's root element is not `{root}`")]
    Root {
        /// The root element that the body should have.
        root: &'static str,
    },
    /// More query parameters than [`crate::QUERY_PARAMETERS_MAX`].
    #[error("more than {max} query parameters", max = crate::QUERY_PARAMETERS_MAX)]
    QueryParameters,
    /// More user metadata than [`crate::METADATA_BYTES_MAX`]. S3: `MetadataTooLarge`.
    #[error("{bytes} bytes of metadata, more than {max}", max = crate::METADATA_BYTES_MAX)]
    Metadata {
        /// The bytes of all names (after the prefix) and values.
        bytes: usize,
    },
    /// The body is not acceptable XML.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// The form is not acceptable.
    #[error(transparent)]
    Form(#[from] FormError),
}

/// Where a member of a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The bucket or the key, from the path.
    Label,
    /// A query parameter of an S3 request.
    Query,
    /// A header.
    Header,
    /// An element of the XML body.
    Body,
    /// A parameter of the query protocol.
    Form,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Label => "path part",
            Self::Query => "query parameter",
            Self::Header => "header",
            Self::Body => "element",
            Self::Form => "parameter",
        })
    }
}

/// The rule that a member breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is required and absent.
    #[error("is missing")]
    Missing,
    /// The operation has no such member.
    #[error("is unknown to this operation")]
    Unknown,
    /// It is single-valued and given more than once.
    #[error("is given more than once")]
    Duplicate,
    /// The text is not of the kind that the model says.
    #[error("is not {kind}")]
    Kind {
        /// The kind, with its article.
        kind: &'static str,
    },
    /// It holds elements where it should hold text, or text where it should hold elements.
    #[error("has the wrong structure")]
    Structure,
    /// Too few or too many characters.
    #[error("has {characters} characters, outside {min} to {max}")]
    Length {
        /// How many it has.
        characters: usize,
        /// The fewest allowed.
        min: usize,
        /// The most allowed.
        max: usize,
    },
    /// A number outside its range.
    #[error("is {value}, outside {min} to {max}")]
    Range {
        /// The number sent.
        value: i64,
        /// The smallest allowed.
        min: i64,
        /// The greatest allowed.
        max: i64,
    },
    /// A character that the member may not hold, there.
    #[error("holds a character that it may not")]
    Characters,
    /// Not one of the words that the model lists.
    #[error("is not one of {}", allowed.join(", "))]
    Choice {
        /// The words.
        allowed: &'static [&'static str],
    },
    /// A list with too few or too many entries.
    #[error("has {items} entries, outside {min} to {max}")]
    Items {
        /// How many it has.
        items: usize,
        /// The fewest allowed.
        min: usize,
        /// The most allowed.
        max: usize,
    },
}
