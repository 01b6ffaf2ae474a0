//! Why an operation on identities was not done, in the words of IAM's error codes.

use names::{AccountId, BucketName, Revision};
use policy::PolicyError;

use crate::log::StateLogError;
use crate::mfa::MfaRefusal;
use crate::ops::BadTags;
use crate::organization::OrganizationError;
use crate::password::PasswordFault;
use crate::seal::SealError;
use crate::state::Inconsistent;

/// A kind of entity, as messages name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntityKind {
    /// An account.
    Account,
    /// A user.
    User,
    /// A group.
    Group,
    /// A role.
    Role,
    /// A managed policy.
    Policy,
    /// A version of a managed policy.
    PolicyVersion,
    /// An inline policy.
    InlinePolicy,
    /// An access key.
    AccessKey,
    /// An OpenID Connect provider.
    Provider,
    /// A user or role, by its unique id.
    Principal,
    /// A virtual MFA device.
    MfaDevice,
    /// That a user has an MFA device.
    MfaDeviceUser,
    /// A user's password.
    LoginProfile,
    /// An account's rules for passwords.
    PasswordPolicy,
    /// An account's rules for passwords, which were to be removed: AWS has another text for that.
    PasswordPolicyToDelete,
    /// An account's alias.
    Alias,
    /// A SAML provider.
    SamlProvider,
    /// Whatever an ARN should name.
    Arn,
    /// A report that was begun.
    Job,
}

impl EntityKind {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Policy => "policy",
            Self::PolicyVersion => "policy version",
            Self::InlinePolicy => "inline policy",
            Self::AccessKey => "access key",
            Self::Provider => "OpenID Connect provider",
            Self::Principal => "principal",
            Self::MfaDevice | Self::MfaDeviceUser => "MFA device",
            Self::LoginProfile => "login profile",
            Self::PasswordPolicy | Self::PasswordPolicyToDelete => "password policy",
            Self::Alias => "account alias",
            Self::SamlProvider => "SAML provider",
            Self::Arn => "ARN",
            Self::Job => "job",
        }
    }
}

impl std::fmt::Display for EntityKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What still hangs on an entity that was to be removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Remains {
    /// Access keys.
    AccessKeys,
    /// Managed policies.
    AttachedPolicies,
    /// Inline policies.
    InlinePolicies,
    /// Membership in groups, or members.
    Members,
    /// Versions other than the default one.
    Versions,
    /// Entities that the policy is attached to or bounds.
    Attachments,
    /// Mapping rules of a provider that name it.
    MappingRules,
    /// A password.
    LoginProfile,
    /// MFA devices.
    MfaDevices,
    /// The user that has the MFA device.
    MfaUser,
}

impl std::fmt::Display for Remains {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AccessKeys => "access keys",
            Self::AttachedPolicies => "attached policies",
            Self::InlinePolicies => "inline policies",
            Self::Members => "group memberships",
            Self::Versions => "other versions",
            Self::Attachments => "entities",
            Self::MappingRules => "mapping rules",
            Self::LoginProfile => "a login profile",
            Self::MfaDevices => "MFA devices",
            Self::MfaUser => "a user",
        })
    }
}

/// Why a session is not given, although policies would allow it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionRefusal {
    /// A root may not put on a role (STS API reference, AssumeRole).
    RootAssumes,
    /// Sessions may not ask for GetSessionToken (IAM user guide, "Requesting temporary security
    /// credentials").
    NotLongTerm,
    /// Nobody may ask without a credential.
    Anonymous,
    /// The chain of sessions is longer than [`crate::CHAIN_SESSIONS_MAX`].
    ChainTooLong,
    /// The provider's rules give this identity nothing.
    NothingMapped,
    /// What its principal was given until after the token was issued has been revoked.
    IssuedBefore,
    /// The person's session at the provider was revoked.
    IdpSessionEnded,
    /// Whoever asks has less than its principal, and what it makes could have more.
    Restricted,
}

/// What bounds how long a session may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ceiling {
    /// What no setting of the installation raises.
    Installation,
    /// The account.
    Account,
    /// The role.
    Role,
    /// A role's session puts on another role.
    Chain,
    /// The identity provider.
    Provider,
}

impl Ceiling {
    /// What is told of a session that would be longer.
    fn refusal(self, max: u32) -> String {
        match self {
            Self::Role => {
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
                    .to_owned()
            }
            Self::Chain => {
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed \
                 by role chaining"
                    .to_owned()
            }
            Self::Account => {
                format!("The requested DurationSeconds exceeds what this account allows: {max}")
            }
            Self::Provider => {
                format!("The requested DurationSeconds exceeds what this provider allows: {max}")
            }
            Self::Installation => format!("DurationSeconds must be at most {max}"),
        }
    }
}

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// There is no such thing (404).
    #[error("the {kind} `{name}` does not exist")]
    NoSuchEntity {
        /// What was asked for.
        kind: EntityKind,
        /// How it was named.
        name: String,
    },
    /// There is one already (409).
    #[error("the {kind} `{name}` exists already")]
    EntityAlreadyExists {
        /// What was to be made.
        kind: EntityKind,
        /// Its name.
        name: String,
    },
    /// It cannot be removed while something hangs on it (409).
    #[error("the {kind} still has {remains}")]
    DeleteConflict {
        /// What was to be removed.
        kind: EntityKind,
        /// What hangs on it.
        remains: Remains,
    },
    /// A quota is used up (409).
    #[error("the quota `{quota}` is {max}")]
    LimitExceeded {
        /// The quota, in IAM's words.
        quota: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// A policy document is refused (400).
    #[error("the policy document is refused")]
    MalformedPolicyDocument(#[source] Box<PolicyError>),
    /// A policy can narrow nothing here: it does not exist, or is another account's (404).
    #[error("the policy `{0}` does not exist or is not attachable")]
    PolicyNotAttachable(String),
    /// A parameter is outside what it may be (400).
    #[error("the parameter `{parameter}` must be {must}")]
    Validation {
        /// The parameter, in IAM's words.
        parameter: &'static str,
        /// What it must be.
        must: &'static str,
    },
    /// Tags break a rule (400).
    #[error("the tags are refused")]
    Tags(#[from] BadTags),
    /// The default version cannot be removed (409).
    #[error("the default version of a policy cannot be removed")]
    DefaultVersion,
    /// What was decided about is no longer what the name means (409): ask again.
    #[error("the {kind} `{name}` changed meanwhile")]
    ConcurrentModification {
        /// What changed.
        kind: EntityKind,
        /// Its name.
        name: String,
    },
    /// A session is not given (403).
    #[error("the session is refused: {0:?}")]
    SessionRefused(SessionRefusal),
    /// A session is asked for that is longer than something allows (400).
    #[error("a session of more than {max} s is refused: {ceiling:?}")]
    SessionTooLong {
        /// How long it may be, in seconds.
        max: u32,
        /// What says so.
        ceiling: Ceiling,
    },
    /// Something of the organisation was not done.
    #[error(transparent)]
    Organization(#[from] OrganizationError),
    /// What is made would exceed who makes it, and the installation lets nobody give more than they
    /// have (403).
    #[error("`{what}` would exceed its maker: {excess}")]
    Exceeds {
        /// What is made, or gets more.
        what: String,
        /// What its maker may not, or why that is not known.
        excess: String,
    },
    /// Only an account's root may speak of its own keys (403).
    #[error("only the root may do this")]
    RootOnly,
    /// The session to be minted is not the one that the record names: a defect.
    #[error("the session is not the recorded one")]
    Unrecorded,
    /// What narrows the session is too large (400).
    #[error("the session policy has {size} characters, and {max} are allowed")]
    PackedPolicyTooLarge {
        /// How large it is.
        size: usize,
        /// How large it may be.
        max: usize,
    },
    /// A session tag was inherited and cannot be passed again (400).
    #[error("the tag `{0}` was inherited and cannot be passed again")]
    InheritedTag(String),
    /// A tag is to be handed down that is not passed (400).
    #[error("the tag `{0}` is to be handed down and is not passed")]
    TransitiveTag(String),
    /// The bucket's name is taken (409).
    #[error("the bucket `{bucket}` exists already")]
    BucketExists {
        /// The name.
        bucket: BucketName,
        /// Who owns it.
        owner: AccountId,
    },
    /// There is no such bucket (404).
    #[error("the bucket `{0}` does not exist")]
    NoSuchBucket(BucketName),
    /// The bucket is being deleted, or is not and should be (409).
    #[error("the bucket `{0}` is in another phase of its life")]
    BucketPhase(BucketName),
    /// An ACL, or a setting that ACLs hang on, is not taken (400 or 403).
    #[error(transparent)]
    Acl(#[from] crate::acl::AclRefusal),
    /// What was permitted was revoked before it was done.
    #[error("the permission was revoked")]
    Cut(#[from] audit::Cut),
    /// The state log failed; the change may or may not have happened.
    #[error("the change could not be recorded")]
    Log(#[from] StateLogError),
    /// A secret could not be sealed or opened.
    #[error("a secret could not be sealed or opened")]
    Seal(#[from] SealError),
    /// A change does not fit the state: a defect, and nothing was changed.
    #[error("the change does not fit the state")]
    Inconsistent(#[from] Inconsistent),
    /// A record of the log cannot be read.
    #[error("the record of revision {at} cannot be read")]
    Unreadable {
        /// Which.
        at: Revision,
        /// Why.
        #[source]
        why: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The state has no account yet, or has one already.
    #[error("the installation {0}")]
    Bootstrap(&'static str),
    /// Two codes are not those that the device shows in a row (403).
    #[error("the codes are not those of the device")]
    InvalidAuthenticationCode,
    /// A code proves nothing (403).
    #[error("the MFA code is refused")]
    MfaRefused(#[source] MfaRefusal),
    /// A password breaks the account's rules (400).
    #[error("the password is refused")]
    PasswordPolicyViolation(#[source] PasswordFault),
    /// The password is not the user's (403).
    #[error("the password is wrong")]
    WrongPassword,
    /// It was tried wrong too often lately (403).
    #[error("too many wrong tries")]
    TooManyTries,
    /// The policy is one that every installation has, and that nobody changes (403).
    #[error("nobody changes this policy")]
    Canned,
    /// No report was made (410).
    #[error("there is no report")]
    ReportNotPresent,
    /// The report is too old (410).
    #[error("the report is too old")]
    ReportExpired,
    /// Only a user may do this, for itself (400).
    #[error("only a user may do this")]
    InvalidUserType,
    /// A password could not be made ready: a defect.
    #[error("the password could not be hashed")]
    Hashing,
    /// The work was ended with the process.
    #[error("the server is stopping")]
    Stopping,
}

impl IdentityError {
    pub(crate) fn missing(kind: EntityKind, name: &(impl ToString + ?Sized)) -> Self {
        Self::NoSuchEntity { kind, name: name.to_string() }
    }

    pub(crate) fn taken(kind: EntityKind, name: &(impl ToString + ?Sized)) -> Self {
        Self::EntityAlreadyExists { kind, name: name.to_string() }
    }

    /// The text that AWS gives for this, where clients are known to read it
    /// (aws-authorization 12, recorded texts); `None`: any text will do.
    #[must_use]
    pub fn recorded_text(&self) -> Option<String> {
        Some(match self {
            Self::NoSuchEntity { kind, name } => missing_text(*kind, name),
            Self::EntityAlreadyExists { kind, name } => taken_text(*kind, name),
            Self::PolicyNotAttachable(arn) => {
                format!("Policy {arn} does not exist or is not attachable.")
            }
            Self::DeleteConflict { remains: Remains::MfaUser, .. } => {
                "MFA VirtualDevice in use. Must deactivate first.".to_owned()
            }
            Self::DeleteConflict { .. } => {
                "Cannot delete entity, must remove referenced objects first.".to_owned()
            }
            Self::LimitExceeded { quota, max } => {
                format!("Cannot exceed quota for {quota}: {max}")
            }
            Self::MalformedPolicyDocument(error) => error.aws_message(),
            Self::InvalidAuthenticationCode => {
                "Authentication code for device is not valid.".to_owned()
            }
            Self::MfaRefused(refusal) => refusal.to_string(),
            Self::PasswordPolicyViolation(fault) => fault.to_string(),
            Self::WrongPassword => "The old password was incorrect.".to_owned(),
            Self::InvalidUserType => "Only IAM Users can change their own password.".to_owned(),
            Self::DefaultVersion => "Cannot delete the default version of a policy.".to_owned(),
            Self::SessionTooLong { max, ceiling } => ceiling.refusal(*max),
            _ => return None,
        })
    }
}

/// What AWS says of something that is not there.
fn missing_text(kind: EntityKind, name: &str) -> String {
    match kind {
        EntityKind::Policy => {
            format!("Policy {name} was not found.")
        }
        EntityKind::PolicyVersion => {
            format!("Policy version {name} does not exist or is not attachable.")
        }
        EntityKind::AccessKey => {
            format!("The Access Key with id {name} cannot be found.")
        }
        EntityKind::Provider => {
            format!("OpenIDConnect Provider not found for arn {name}")
        }
        EntityKind::MfaDevice => {
            format!("MFA Device with serial number {name} does not exist.")
        }
        EntityKind::LoginProfile => {
            format!("Login Profile for User {name} cannot be found.")
        }
        EntityKind::PasswordPolicy => {
            format!("The Password Policy with domain name {name} cannot be found.")
        }
        EntityKind::PasswordPolicyToDelete => {
            "The account policy with name PasswordPolicy cannot be found.".to_owned()
        }
        EntityKind::Alias => {
            format!("The account alias {name} was not found.")
        }
        EntityKind::Arn => {
            format!("ARN {name} not found.")
        }
        EntityKind::Job => {
            format!("Job with id {name} not found.")
        }
        EntityKind::SamlProvider => {
            format!("Manifest not found for arn {name}")
        }
        _ => {
            format!("The {kind} with name {name} cannot be found.")
        }
    }
}

/// What AWS says of something that is there already.
fn taken_text(kind: EntityKind, name: &str) -> String {
    match kind {
        EntityKind::Policy => {
            format!("A policy called {name} already exists. Duplicate names are not allowed.")
        }
        EntityKind::Provider => {
            format!("Provider with url {name} already exists.")
        }
        EntityKind::MfaDevice => "MFA device already exists.".to_owned(),
        EntityKind::MfaDeviceUser => "MFA Device is already in use.".to_owned(),
        EntityKind::LoginProfile => {
            format!("Login Profile for user {name} already exists.")
        }
        EntityKind::Alias => {
            format!("The account alias {name} already exists.")
        }
        EntityKind::SamlProvider => {
            format!("SAMLProvider with name {name} already exists.")
        }
        _ => {
            let word = kind.word();
            let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
            format!("{}{rest} with name {name} already exists.", first.to_ascii_uppercase())
        }
    }
}
