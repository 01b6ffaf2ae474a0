//! Why a token is refused: precise for the record and the operator, coarse for the caller.

use std::fmt;

use identity::LoginError;
use names::Timestamp;
use serde::Serialize;

use super::config::Algorithm;
use super::keys::UnfitKey;
use super::lookup::LookupFault;
use super::verify::{LEEWAY_SECONDS, TOKEN_BYTES_MAX};
use crate::egress::EgressError;
use crate::strict::StrictError;

/// The part of a compact JWS that an error speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The first: how it is signed.
    Header,
    /// The second: the claims.
    Payload,
    /// The third.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Which of the two documents of a provider could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderDocument {
    /// `{issuer}/.well-known/openid-configuration`.
    Discovery,
    /// The key set at `jwks_uri`.
    Keys,
}

impl fmt::Display for ProviderDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "discovery document",
            Self::Keys => "key set",
        })
    }
}

/// Why a token, or the provider that should vouch for it, is not believed.
///
/// The variants are for the record and the operator. What the caller learns is [`OidcError::code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OidcError {
    /// Longer than [`TOKEN_BYTES_MAX`].
    #[error("the token has {bytes} bytes, more than {TOKEN_BYTES_MAX}")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// Not `header.payload.signature` (RFC 7515 §7.1).
    #[error("the token is not a compact JWS of three parts")]
    NotCompact,
    /// Five parts: an encrypted token (RFC 7516 §7.1), which is never accepted.
    #[error("the token is encrypted (JWE), which is not accepted")]
    Encrypted,
    /// Not canonical unpadded base64url (RFC 7515 §2).
    #[error("the {part} is not canonical base64url")]
    Encoding {
        /// Which part.
        part: Part,
    },
    /// Not one JSON object read strictly.
    #[error("the {part} is refused: {cause}")]
    Json {
        /// Which part.
        part: Part,
        /// What is wrong with it.
        cause: StrictError,
    },
    /// A header member that would bring its own key, its own rules or another payload.
    #[error("the header carries `{member}`, which is not accepted")]
    HeaderMember {
        /// Its name.
        member: &'static str,
    },
    /// A header member of the wrong type, or too long.
    #[error("the header member `{member}` is absent or malformed")]
    HeaderMalformed {
        /// Its name.
        member: &'static str,
    },
    /// A token of another kind (logout token, security event, proof of possession).
    #[error("the token is of type `{typ}`, not an ID or access token")]
    TokenType {
        /// The type or the claim that gives it away.
        typ: String,
    },
    /// `none`, an HMAC, or an algorithm this build does not know.
    #[error("the algorithm `{alg}` is never accepted")]
    AlgorithmRefused {
        /// What the header says.
        alg: String,
    },
    /// Known, but not on this provider's list.
    #[error("the algorithm `{alg}` is not among those accepted of this provider")]
    AlgorithmNotConfigured {
        /// What the header says.
        alg: Algorithm,
        /// What the provider's record accepts.
        accepted: Vec<Algorithm>,
    },
    /// No key of that id.
    #[error("the provider has no key `{kid}`")]
    UnknownKey {
        /// The key id in the header.
        kid: String,
        /// The ids the provider publishes.
        known: Vec<String>,
    },
    /// No key id, and not exactly one key that could have signed.
    #[error("the token names no key and {candidates} keys could have signed it")]
    AmbiguousKey {
        /// How many could have.
        candidates: usize,
    },
    /// The key of that id is not for this use.
    #[error("the key `{kid}` is refused: {cause}")]
    Key {
        /// The key id.
        kid: String,
        /// Why.
        cause: UnfitKey,
    },
    /// The signature does not hold.
    #[error("the signature does not match")]
    Signature,
    /// A required claim is absent.
    #[error("the claim `{claim}` is missing")]
    ClaimMissing {
        /// Its name.
        claim: &'static str,
    },
    /// A claim of the wrong type or out of its range. Never treated as absent.
    #[error("the claim `{claim}` is not {expected}")]
    ClaimMalformed {
        /// Its name.
        claim: String,
        /// What it must be.
        expected: &'static str,
    },
    /// Another issuer; compared byte for byte.
    #[error("issued by `{actual}`, not by `{expected}`")]
    Issuer {
        /// The provider's issuer.
        expected: String,
        /// The claim.
        actual: String,
    },
    /// No configured provider has the token's issuer.
    #[error("no provider is configured for the issuer `{issuer}`")]
    UnknownIssuer {
        /// The unverified claim.
        issuer: String,
    },
    /// Meant for others.
    #[error("the audience {actual:?} holds none of the client ids {expected:?}")]
    Audience {
        /// The provider's client ids.
        expected: Vec<String>,
        /// The claim.
        actual: Vec<String>,
    },
    /// Several audiences without `azp` (OpenID Connect Core §3.1.3.7, step 4).
    #[error("several audiences and no authorized party (`azp`)")]
    AuthorizedPartyMissing,
    /// Issued to a client that is not ours (OpenID Connect Core §3.1.3.7, step 5).
    #[error("the authorized party `{actual}` is none of the client ids {expected:?}")]
    AuthorizedParty {
        /// The provider's client ids.
        expected: Vec<String>,
        /// The claim.
        actual: String,
    },
    /// Too old.
    #[error("expired at {expired}, {seconds_ago} s ago (leeway {LEEWAY_SECONDS} s)")]
    Expired {
        /// The claim `exp`.
        expired: Timestamp,
        /// How long ago by our clock.
        seconds_ago: i64,
    },
    /// Too young.
    #[error("not valid before {begins}, in {seconds_ahead} s (leeway {LEEWAY_SECONDS} s)")]
    NotYetValid {
        /// The claim `nbf`.
        begins: Timestamp,
        /// How far ahead of our clock.
        seconds_ahead: i64,
    },
    /// From the future.
    #[error("issued at {issued}, {seconds_ahead} s ahead of this server's clock")]
    IssuedAhead {
        /// The claim `iat`.
        issued: Timestamp,
        /// How far ahead of our clock.
        seconds_ahead: i64,
    },
    /// The provider left the groups out because they are too many (`_claim_names`,
    /// OpenID Connect Core §5.6.2), so which groups the person has is not known.
    #[error("the groups claim `{claim}` was left out of the token by the provider (overage)")]
    GroupsOverage {
        /// The claim that was left out.
        claim: String,
    },
    /// What a provider keeps elsewhere could not be had.
    #[error("the {lookup} did not give what the sign-in needs: {cause}")]
    Lookup {
        /// Who was asked.
        lookup: &'static str,
        /// What happened.
        #[source]
        cause: LookupFault,
    },
    /// The provider says of an opaque token that it is none of its own, or none any more
    /// (RFC 7662 §2.2).
    #[error("the provider says that the token is not active")]
    Inactive,
    /// The provider's record names no client id, so no audience could be right.
    #[error("the provider has no client id")]
    NoClientId,
    /// The provider's document could not be fetched.
    #[error("the {document} could not be fetched: {cause}")]
    Fetch {
        /// Which document.
        document: ProviderDocument,
        /// What happened.
        #[source]
        cause: EgressError,
    },
    /// The provider's document does not say what it must.
    #[error("the {document} is refused: {cause}")]
    Document {
        /// Which document.
        document: ProviderDocument,
        /// What is wrong with it.
        cause: DocumentFault,
    },
}

impl OidcError {
    /// The refusal of a sign-in for which somebody did not answer.
    pub(super) fn lookup(lookup: &'static str, cause: LookupFault) -> Self {
        Self::Lookup { lookup, cause }
    }
}

impl From<OidcError> for LoginError {
    /// The port's words, which are fewer: the caller's code stays, and times and audiences do.
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Issuer { expected, .. } => Self::Issuer { expected },
            OidcError::AlgorithmRefused { .. } | OidcError::AlgorithmNotConfigured { .. } => {
                Self::Algorithm
            }
            OidcError::UnknownKey { .. }
            | OidcError::AmbiguousKey { .. }
            | OidcError::Key { .. } => Self::UnknownKey,
            OidcError::Signature => Self::Signature,
            OidcError::Expired { expired, .. } => Self::Expired { at: expired },
            OidcError::NotYetValid { begins, .. } => Self::NotYetValid { from: begins },
            OidcError::IssuedAhead { issued, .. } => Self::NotYetValid { from: issued },
            OidcError::Audience { actual, .. } => Self::Audience { found: actual },
            OidcError::AuthorizedParty { actual, .. } => Self::Audience { found: vec![actual] },
            OidcError::AuthorizedPartyMissing => Self::Claim { claim: "azp".to_owned() },
            OidcError::ClaimMissing { claim } => Self::Claim { claim: claim.to_owned() },
            OidcError::ClaimMalformed { claim, .. } | OidcError::GroupsOverage { claim } => {
                Self::Claim { claim }
            }
            OidcError::UnknownIssuer { .. } => Self::Claim { claim: "iss".to_owned() },
            OidcError::NoClientId => Self::Audience { found: Vec::new() },
            OidcError::Lookup { cause: LookupFault::Absent { .. }, .. } => {
                Self::Claim { claim: "sub".to_owned() }
            }
            OidcError::Fetch { .. } | OidcError::Document { .. } | OidcError::Lookup { .. } => {
                Self::Unreachable(Box::new(error))
            }
            OidcError::Inactive => {
                Self::Malformed { problem: "its provider says it is not active" }
            }
            OidcError::TooLarge { .. } => Self::Malformed { problem: "it is too long" },
            OidcError::NotCompact => Self::Malformed { problem: "it is not a compact JWS" },
            OidcError::Encrypted => Self::Malformed { problem: "it is encrypted" },
            OidcError::Encoding { .. } => Self::Malformed { problem: "it is not base64url" },
            OidcError::Json { .. } => Self::Malformed { problem: "it is not plain JSON" },
            OidcError::HeaderMember { member } | OidcError::HeaderMalformed { member } => {
                Self::Malformed { problem: member }
            }
            OidcError::TokenType { .. } => Self::Malformed { problem: "it is of another type" },
        }
    }
}

/// What is wrong with a provider's document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentFault {
    /// Not one JSON object read strictly.
    #[error(transparent)]
    Json(#[from] StrictError),
    /// A member is absent or of another type.
    #[error("the member `{0}` is missing or malformed")]
    Member(&'static str),
    /// The document is another issuer's (OpenID Connect Discovery §4.3).
    #[error("it says its issuer is `{0}`")]
    Issuer(String),
    /// More keys than are kept.
    #[error("it holds {0} keys, more than {max}", max = super::keys::KEYS_MAX)]
    TooManyKeys(usize),
    /// The address of the key set is not a URL.
    #[error("`{0}` is not a URL")]
    Url(String),
}

/// What the caller is told: the error codes of AssumeRoleWithWebIdentity and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum CallerCode {
    /// The token is not believed.
    InvalidIdentityToken,
    /// The token would be believed, had it not expired: only said after its signature held.
    ExpiredTokenException,
    /// The provider could not be asked. May be tried again.
    IDPCommunicationError,
}

impl OidcError {
    /// The caller's code.
    ///
    /// | code | said for |
    /// |---|---|
    /// | `ExpiredTokenException` | [`Expired`](Self::Expired) |
    /// | `IDPCommunicationError` | [`Fetch`](Self::Fetch), [`Document`](Self::Document) |
    /// | `IDPCommunicationError` | [`Lookup`](Self::Lookup), unless the person is said to be gone |
    /// | `InvalidIdentityToken` | every other |
    #[must_use]
    pub fn code(&self) -> CallerCode {
        match self {
            Self::Expired { .. } => CallerCode::ExpiredTokenException,
            Self::Lookup { cause: LookupFault::Absent { .. }, .. } => {
                CallerCode::InvalidIdentityToken
            }
            Self::Fetch { .. } | Self::Document { .. } | Self::Lookup { .. } => {
                CallerCode::IDPCommunicationError
            }
            _ => CallerCode::InvalidIdentityToken,
        }
    }

    /// The stable word of the record and of metrics for the rule that was broken.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "token-size",
            Self::NotCompact => "token-form",
            Self::Encrypted => "token-encrypted",
            Self::Encoding { .. } => "token-encoding",
            Self::Json { .. } => "token-json",
            Self::HeaderMember { .. } | Self::HeaderMalformed { .. } => "token-header",
            Self::TokenType { .. } => "token-type",
            Self::AlgorithmRefused { .. } => "algorithm-refused",
            Self::AlgorithmNotConfigured { .. } => "algorithm-not-configured",
            Self::UnknownKey { .. } => "key-unknown",
            Self::AmbiguousKey { .. } => "key-ambiguous",
            Self::Key { .. } => "key-unfit",
            Self::Signature => "signature",
            Self::ClaimMissing { .. } => "claim-missing",
            Self::ClaimMalformed { .. } => "claim-malformed",
            Self::Issuer { .. } => "issuer",
            Self::UnknownIssuer { .. } => "issuer-unknown",
            Self::Audience { .. } => "audience",
            Self::AuthorizedPartyMissing | Self::AuthorizedParty { .. } => "authorized-party",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::IssuedAhead { .. } => "issued-ahead",
            Self::GroupsOverage { .. } => "groups-overage",
            Self::NoClientId => "no-client-id",
            Self::Fetch { .. } => "provider-unreachable",
            Self::Document { .. } => "provider-document",
            Self::Lookup { cause: LookupFault::Absent { .. }, .. } => "person-absent",
            Self::Lookup { .. } => "provider-lookup",
            Self::Inactive => "token-inactive",
        }
    }

    /// By how many seconds the token's clock misses ours, where that is why it is refused: positive
    /// if the token is ahead.
    #[must_use]
    pub fn skew_seconds(&self) -> Option<i64> {
        match self {
            Self::Expired { seconds_ago, .. } => Some(seconds_ago.saturating_neg()),
            Self::NotYetValid { seconds_ahead, .. } | Self::IssuedAhead { seconds_ahead, .. } => {
                Some(*seconds_ahead)
            }
            _ => None,
        }
    }

    /// What the operator can do about it, if anything.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::UnknownIssuer { issuer } => {
                format!("add it with `strongroom idp add {issuer}`, or ask for a token elsewhere")
            }
            Self::Issuer { actual, .. } => format!(
                "the issuer is compared exactly, trailing slash and case included: if `{actual}` \
                 is right, change the provider's URL to it"
            ),
            Self::Audience { actual, .. } => match actual.first() {
                Some(first) => format!(
                    "if that application may sign in here, add the client id `{first}` to the \
                     provider; otherwise ask for a token for one of the expected ids"
                ),
                None => "ask for a token for one of the expected client ids".to_owned(),
            },
            Self::AuthorizedParty { actual, .. } => {
                format!("add the client id `{actual}` to the provider if it may sign people in")
            }
            Self::Expired { .. } => "ask for a fresh token; if it is fresh, compare the clocks of \
                                     this server and of the provider"
                .to_owned(),
            Self::NotYetValid { .. } | Self::IssuedAhead { .. } => {
                "the provider's clock is ahead of this server's: correct one of them".to_owned()
            }
            Self::AlgorithmNotConfigured { alg, .. } => {
                format!("let the provider sign with an accepted algorithm, or accept `{alg}`")
            }
            Self::AlgorithmRefused { .. } => {
                "let the provider sign with RS256, PS256, ES256 or EdDSA".to_owned()
            }
            Self::UnknownKey { .. } => "the provider may have rotated its keys since, or the \
                                        token was made by another one"
                .to_owned(),
            Self::GroupsOverage { .. } => {
                "Token configuration, groups claim: send only the groups \
                                           assigned to the application; or use application roles; \
                                           or let the server ask Microsoft Graph (a `[[lookup]]` \
                                           of the kind `microsoft-graph` in `oidc.lookups_file`)"
                    .to_owned()
            }
            Self::Lookup { cause, .. } => return cause.help(),
            Self::Fetch { cause: EgressError::Address { origin, .. }, .. } => format!(
                "if this provider is meant to be inside your network, add `{origin}` to the \
                 allowed origins of the outgoing client"
            ),
            Self::Fetch { cause: EgressError::Scheme { .. }, .. } => {
                "use https; http is for an allow-listed origin on loopback".to_owned()
            }
            Self::TokenType { .. } => "send the ID token, or an access token".to_owned(),
            Self::NoClientId => "add a client id to the provider".to_owned(),
            _ => return None,
        };
        Some(text)
    }
}

/// Longest excerpt of a stranger's words in an error.
const EXCERPT_CHARS_MAX: usize = 128;

/// A stranger's words as an error may repeat them: short, and without control characters.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let mut short: String = text
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .take(EXCERPT_CHARS_MAX)
        .collect();
    if text.chars().nth(EXCERPT_CHARS_MAX).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_and_printable() {
        let at = "k".repeat(EXCERPT_CHARS_MAX);
        assert_eq!(excerpt(&at), at);
        assert_eq!(excerpt(&format!("{at}k")), format!("{at}…"));
        assert_eq!(excerpt("a\nb\0c\u{1b}[2J"), "a\u{fffd}b\u{fffd}c\u{fffd}[2J");
    }

    #[test]
    fn only_expiry_and_the_network_have_a_code_of_their_own() {
        let expired = OidcError::Expired { expired: Timestamp::default(), seconds_ago: 61 };
        assert_eq!((expired.rule(), expired.skew_seconds()), ("expired", Some(-61)));
        assert_eq!(expired.code(), CallerCode::ExpiredTokenException);
        let cause = EgressError::Slow { origin: "https://idp.example".to_owned(), seconds: 10 };
        let fetch = OidcError::Fetch { document: ProviderDocument::Keys, cause };
        assert_eq!(fetch.code(), CallerCode::IDPCommunicationError);
        for other in [OidcError::Signature, OidcError::NotCompact, OidcError::NoClientId] {
            assert_eq!(other.code(), CallerCode::InvalidIdentityToken);
        }
    }
}
