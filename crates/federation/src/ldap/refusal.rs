//! Every reason why somebody of a directory does not get in. Whoever signs in learns none of them;
//! the record has them all.

use super::port::DirectoryError;
use super::verify::AccountFault;

/// Why somebody does not get in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LdapRefusal {
    /// The name that was typed cannot be one.
    #[error("the name is empty, too long or has control characters")]
    Name,
    /// The password is empty or cannot be one: a directory would take it for an anonymous bind.
    #[error("the password is empty, too long, or not text")]
    Password,
    /// Nobody has that name.
    #[error("nobody has that name")]
    Unknown,
    /// More than one entry has it.
    #[error("more than one entry has that name")]
    Ambiguous,
    /// The password is wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The account may not be used.
    #[error("{0}")]
    Account(AccountFault),
    /// The entry has no id, or several.
    #[error("the entry has no single `{attribute}`")]
    Id {
        /// The attribute.
        attribute: String,
    },
    /// The entry's name is not one.
    #[error("the entry's name is not a distinguished name")]
    EntryName,
    /// The groups are more, or nested deeper, than are looked at: part of them would be worth
    /// something else than all.
    #[error("the groups are more than {groups_max}, or nested deeper than {levels_max} levels")]
    Groups {
        /// The most groups.
        groups_max: usize,
        /// The most levels.
        levels_max: usize,
    },
    /// The account may not have this directory as a provider.
    #[error("the directory is not for this account")]
    Foreign,
    /// The directory is not configured any more.
    #[error("the directory is not configured")]
    Unconfigured,
    /// Too many attempts failed just now.
    #[error("too many attempts failed for this name or address")]
    Throttled,
    /// Too many attempts failed just now for the person who has that name, and perhaps others.
    #[error("too many attempts failed for the person of that name")]
    PersonThrottled,
    /// The directory gave no answer.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl LdapRefusal {
    /// A word for the record.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Password => "password-form",
            Self::Unknown => "unknown-name",
            Self::Ambiguous => "ambiguous-name",
            Self::WrongPassword => "password",
            Self::Account(fault) => fault.rule(),
            Self::Id { .. } => "entry-id",
            Self::EntryName => "entry-name",
            Self::Groups { .. } => "groups",
            Self::Foreign => "account",
            Self::Unconfigured => "unconfigured",
            Self::Throttled => "throttled",
            Self::PersonThrottled => "person-throttled",
            Self::Directory(error) => match error {
                DirectoryError::Slow { .. } => "directory-slow",
                DirectoryError::Busy => "directory-busy",
                DirectoryError::Tls { .. } => "directory-tls",
                DirectoryError::Refused { .. } => "directory-refused",
                DirectoryError::Referral => "directory-referral",
                DirectoryError::Message { .. } => "directory-message",
                DirectoryError::Malformed => "directory-malformed",
                DirectoryError::TooMany { .. } => "directory-entries",
                DirectoryError::Setup { .. } => "directory-setup",
                DirectoryError::Unreachable { .. } => "directory-unreachable",
            },
        }
    }

    /// Whether the directory, not whoever signs in, is at fault.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Directory(_) | Self::Unconfigured)
    }
}
