//! Why an attempt was refused, in words that a machine can count.

use names::{Arn, Revision, Timestamp};

/// Why a request was refused. Carries only typed data and words of our own program, so that nothing
/// a client sent can reach the record through it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Reason {
    /// The policies refused it; the entry's checks say why.
    Denied,
    /// The attempt was dropped before it was opened or refused.
    Abandoned,
    /// The decisions did not cover the operation's checks: a defect of the server.
    Uncovered,
    /// An operation that needs a credential came without one.
    CredentialMissing,
    /// The signature is not the one we compute.
    SignatureMismatch,
    /// A credential, link or token has expired.
    Expired {
        /// When.
        at: Option<Timestamp>,
    },
    /// A credential, link or token is not valid yet.
    NotYetValid,
    /// The request's time is too far from the server's.
    Skewed {
        /// The request's time.
        sent: Timestamp,
    },
    /// No such access key.
    UnknownKey,
    /// The access key is disabled.
    InactiveKey,
    /// The session token does not open, or does not belong to the key.
    InvalidToken,
    /// The credential was revoked.
    Revoked {
        /// By which revision.
        revision: Option<Revision>,
    },
    /// An identity provider's token was not accepted.
    LoginRefused {
        /// The provider, if the token names one that we know.
        provider: Option<Arn>,
        /// Which rule the token broke, such as `audience`.
        rule: &'static str,
    },
    /// A header that must be signed is not.
    UnsignedHeader {
        /// The header or class of headers, such as `x-amz-*`.
        name: &'static str,
    },
    /// The bytes do not make a request.
    Malformed {
        /// Which part: `query`, `key`, `xml`, `authorization`, …
        what: &'static str,
    },
    /// Something is longer, deeper or more than its limit.
    LimitExceeded {
        /// The limit's name.
        limit: &'static str,
    },
    /// No such operation, or not on this listener.
    UnknownOperation,
    /// The transport is not good enough for the operation.
    Transport,
    /// The disk is below its reserve, and the operation would write.
    NoSpace,
    /// Something that the decision needs is not there.
    Unavailable {
        /// What: `state`, `provider`, `authorizer`, …
        what: &'static str,
    },
}

impl Reason {
    /// The stable word of the record, such as `signature-mismatch`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Abandoned => "abandoned",
            Self::Uncovered => "uncovered",
            Self::CredentialMissing => "credential-missing",
            Self::SignatureMismatch => "signature-mismatch",
            Self::Expired { .. } => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::Skewed { .. } => "skewed",
            Self::UnknownKey => "unknown-key",
            Self::InactiveKey => "inactive-key",
            Self::InvalidToken => "invalid-token",
            Self::Revoked { .. } => "revoked",
            Self::LoginRefused { .. } => "login-refused",
            Self::UnsignedHeader { .. } => "unsigned-header",
            Self::Malformed { .. } => "malformed",
            Self::LimitExceeded { .. } => "limit-exceeded",
            Self::UnknownOperation => "unknown-operation",
            Self::Transport => "transport",
            Self::NoSpace => "no-space",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    /// The data that goes with the word.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Expired { at } => at.map(|at| at.to_string()),
            Self::Skewed { sent } => Some(sent.to_string()),
            Self::Revoked { revision } => revision.map(|revision| revision.to_string()),
            Self::LoginRefused { provider: Some(provider), rule } => {
                Some(format!("{rule} {provider}"))
            }
            Self::LoginRefused { provider: None, rule } => Some((*rule).to_owned()),
            Self::UnsignedHeader { name } => Some((*name).to_owned()),
            Self::Malformed { what } | Self::Unavailable { what } => Some((*what).to_owned()),
            Self::LimitExceeded { limit } => Some((*limit).to_owned()),
            _ => None,
        }
    }
}
