//! Accounts, users, groups, roles, policies, keys and sessions, and which policies apply to whom.

mod log;
mod mapping;
pub mod ops;
mod provider;
mod record;
mod seal;
mod stored_policy;

pub use log::{StateLog, StateLogError};
pub use mapping::{
    CLAIMED_POLICIES_MAX, Comparison, MAPPING_RULES_MAX, MappingOutcome, MappingRule, Silent,
    Subject, Test,
};
pub use provider::{
    BadIssuerUrl, ClaimSettings, ExternalGroup, ExternalIdentity, IssuerUrl, LoginError,
    LoginProvider, OidcProvider, Unverified, Vouched,
};
pub use record::{
    AccessKey, Account, AccountName, BadAccountName, BucketChange, BucketPhase, BucketRecord,
    Federated, Group, KeyStatus, ManagedPolicy, Ownership, Policies, PolicyVersion,
    PublicAccessBlock, Role, User, Versioning,
};
pub use seal::{MASTER_KEY_BYTES, Purpose, SealError, Sealed, Sealer};
pub use stored_policy::{PolicyKind, StoredPolicy};
