//! Why what a provider keeps elsewhere could not be had.

use crate::egress::EgressError;
use crate::oidc::refusal::DocumentFault;

/// Why an answer that a sign-in needs was not got. The sign-in is refused: rights are neither
/// widened nor left out because somebody did not answer. No variant holds a credential or a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupFault {
    /// The call was not made, or not finished.
    #[error(transparent)]
    Egress(#[from] EgressError),
    /// All the time that a sign-in has was used up.
    #[error("`{origin}` did not answer all that was asked within {seconds} s")]
    Slow {
        /// Whom.
        origin: String,
        /// How long a sign-in may take.
        seconds: u64,
    },
    /// It wants to be left alone for longer than a sign-in can wait.
    #[error("`{origin}` asks to be left alone for {seconds} s (throttled)")]
    Throttled {
        /// Whom.
        origin: String,
        /// How long.
        seconds: u64,
    },
    /// It refused, with its own code for it.
    #[error("`{origin}` answered with status {status} ({code})")]
    Refused {
        /// Whom.
        origin: String,
        /// The status.
        status: u16,
        /// The vendor's own code, if there was one.
        code: String,
    },
    /// What came is not the documented answer.
    #[error("the answer of `{origin}` is refused: {cause}")]
    Document {
        /// Whom.
        origin: String,
        /// What is wrong with it.
        cause: DocumentFault,
    },
    /// The next page is said to be somewhere else: the credential does not go there.
    #[error("`{origin}` says that the next page is elsewhere")]
    Elsewhere {
        /// Whom.
        origin: String,
    },
    /// More groups than anybody may have here.
    #[error("more than {max} groups")]
    TooMany {
        /// The most.
        max: usize,
    },
    /// The token does not say whose groups to ask for.
    #[error("the token's claim `{claim}` does not say whom to ask for")]
    Person {
        /// Which claim.
        claim: &'static str,
    },
    /// Groups came without what tells their kind: the client may not read them.
    #[error("`{origin}` hides what the groups are from this client")]
    Hidden {
        /// Whom.
        origin: String,
    },
    /// Several groups have one name.
    #[error("several groups are called `{name}`: use the id of the one that is meant")]
    Ambiguous {
        /// The name.
        name: String,
    },
    /// It spoke of somebody else.
    #[error("`{origin}` answered for another subject")]
    Subject {
        /// Whom.
        origin: String,
    },
    /// It refused, and we know what has to be mended there.
    #[error("`{origin}` answered with status {status} ({code})")]
    Mend {
        /// Whom.
        origin: String,
        /// The status.
        status: u16,
        /// The vendor's own code.
        code: String,
        /// What to do, in the vendor's own words.
        help: &'static str,
    },
    /// It has the person no more, or does not let them in.
    #[error("the provider says that the person is {what}")]
    Absent {
        /// What has become of them.
        what: &'static str,
    },
    /// Our own credential cannot be used.
    #[error("our own credential cannot be used ({cause})")]
    Credential {
        /// Why.
        cause: &'static str,
    },
}

/// By what Okta's access tokens name a person.
pub(super) const UID: &str = "uid";

/// What each vendor's code means, and what to do, in that vendor's own words.
const HELP: [(&str, &str); 13] = [
    (
        "AADSTS7000222",
        "the client secret has expired: App registrations, Certificates & secrets, New client \
         secret; then write its value to `client_secret_file`",
    ),
    (
        "AADSTS7000215",
        "the client secret is wrong: `client_secret_file` must hold the secret's value, not its id",
    ),
    (
        "AADSTS700016",
        "no application of this tenant has the id in `client_id`: App registrations, Overview, \
         Application (client) ID",
    ),
    ("AADSTS90002", "there is no such tenant: look at the provider's issuer"),
    (
        "Authorization_RequestDenied",
        "API permissions of the app registration: add the application permission \
         GroupMember.Read.All of Microsoft Graph, and grant admin consent",
    ),
    ("Authorization_IdentityNotFound", "grant admin consent to the application in this tenant"),
    ("Request_ResourceNotFound", "the person was deleted in the tenant, or is a guest of another"),
    (
        "unauthorized_client",
        "Admin console, Security, API controls, Domain-wide delegation: add the service account's \
         client id with https://www.googleapis.com/auth/admin.directory.group.readonly",
    ),
    (
        "invalid_grant",
        "the administrator in `administrator` does not exist, the service account's key was \
         deleted, or this server's clock is wrong",
    ),
    (
        "forbidden",
        "the administrator in `administrator` may not read groups: give them a role with the \
         privilege Groups, Read",
    ),
    ("accessNotConfigured", "enable the Admin SDK API in the service account's project"),
    ("notFound", "the person or the group is not in this Workspace"),
    ("invalid_client", "the provider does not know `client_id` with the secret in the file"),
];

impl LookupFault {
    /// What the operator can do about it, if anything.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::Refused { code, .. } => {
                let found = HELP.iter().find(|(known, _)| code == known);
                return found.map(|(_, help)| (*help).to_owned());
            }
            Self::Mend { help, .. } => help,
            Self::Hidden { .. } => {
                "add the application permission GroupMember.Read.All of Microsoft Graph, and \
                 grant admin consent"
            }
            Self::Throttled { .. } => {
                "let the provider send only the groups assigned to the application, so that it is \
                 asked less often"
            }
            Self::Egress(EgressError::Address { .. }) => {
                "only a public address, or an origin in `oidc.http_origins`, is asked"
            }
            Self::Person { claim: UID } => {
                "this token names its person by a login name: take ID tokens of Okta, or access \
                 tokens of a custom authorization server that keep the claim `uid`"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}
