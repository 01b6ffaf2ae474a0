//! What is asked of a directory, whoever answers: the seam behind which every test stands.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use names::SecretBytes;

use super::filter::Filter;
use super::messages::MessageFault;

/// Answers questions about people, and says whether a password is right.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// Shows a password on a connection of its own. `Ok` means that the directory took it for that
    /// name. The password is not empty. Dropped midway, the connection is closed.
    async fn bind(&self, name: &str, password: &SecretBytes) -> Result<(), DirectoryError>;

    /// Every entry that is found, as somebody who may ask; never a part of them. May be repeated.
    /// Referrals are not followed. Dropped midway, the connection is closed.
    async fn search(&self, who: As<'_>, search: &Search) -> Result<Vec<Entry>, DirectoryError>;
}

/// As whom a directory is asked.
#[derive(Clone, Copy)]
pub enum As<'a> {
    /// The account that is configured for it.
    Lookup,
    /// Whoever signs in.
    Person {
        /// The name that is bound.
        name: &'a str,
        /// Their password.
        password: &'a SecretBytes,
    },
}

impl fmt::Debug for As<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lookup => f.write_str("Lookup"),
            Self::Person { name, .. } => write!(f, "Person({name})"),
        }
    }
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Search {
    /// Where, as the directory writes it.
    pub base: String,
    /// How far from there.
    pub scope: Scope,
    /// What is looked for.
    pub filter: Filter,
    /// The attributes that are wanted.
    pub attributes: Vec<String>,
    /// The most entries: more of them are an error.
    pub entries_max: usize,
}

/// How far a search goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The entry itself.
    Base,
    /// Everything below, and the entry itself.
    Subtree,
}

/// An entry, with the attributes that were asked for; their names are in lower case.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    /// Its name, as the directory writes it.
    pub dn: String,
    /// The values of its attributes.
    pub attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Entry {
    /// The values of an attribute, whatever the case of its name.
    #[must_use]
    pub fn values(&self, attribute: &str) -> &[Vec<u8>] {
        self.attributes.get(&attribute.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// The values of an attribute that are text.
    pub fn texts<'a>(&'a self, attribute: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.values(attribute).iter().filter_map(|value| std::str::from_utf8(value).ok())
    }

    /// The first text of an attribute.
    #[must_use]
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.texts(attribute).next()
    }

    /// Whether the directory gave only a part of an attribute's values (`member;range=0-1499`).
    #[must_use]
    pub fn is_partial(&self, attribute: &str) -> bool {
        let ranged = format!("{};range=", attribute.to_ascii_lowercase());
        self.attributes.keys().any(|name| name.starts_with(&ranged) && !name.ends_with("-*"))
    }
}

/// Why a directory gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// None of its servers could be reached.
    #[error("`{server}` could not be reached ({cause})")]
    Unreachable {
        /// The server that was asked last.
        server: String,
        /// The innermost cause.
        cause: String,
    },
    /// TLS could not be agreed on: a certificate of another name or authority, or none.
    #[error("`{server}` and this server could not agree on TLS ({cause})")]
    Tls {
        /// The server.
        server: String,
        /// Why.
        cause: String,
    },
    /// No answer in time.
    #[error("the directory did not answer within {seconds} s")]
    Slow {
        /// The deadline.
        seconds: u64,
    },
    /// As many connections are in use as may be.
    #[error("as many connections to the directory are in use as may be")]
    Busy,
    /// It refused, with a code of RFC 4511 §4.1.9 and its own words.
    #[error("the directory refused with code {code}: {message}")]
    Refused {
        /// The result code.
        code: u32,
        /// Its diagnostic message; never shown to whoever signs in.
        message: String,
    },
    /// It wants us to ask elsewhere, which we do not.
    #[error("the directory refers to another one")]
    Referral,
    /// More entries than were asked for at most.
    #[error("more than {max} entries were found")]
    TooMany {
        /// The most.
        max: usize,
    },
    /// What came is not an answer.
    #[error("the directory's answer is malformed")]
    Malformed,
    /// What came is beyond what a message may be, or answers nothing.
    #[error("what the directory sent is refused: {fault}")]
    Message {
        /// What is wrong with it.
        fault: MessageFault,
    },
    /// It cannot be used as it is configured.
    #[error("the directory cannot be used as configured ({cause})")]
    Setup {
        /// Why.
        cause: String,
    },
}

/// The name or password that was shown is wrong (RFC 4511, `invalidCredentials`).
pub(super) const INVALID_CREDENTIALS: u32 = 49;
/// There is no such entry (RFC 4511, `noSuchObject`).
pub(super) const NO_SUCH_OBJECT: u32 = 32;
