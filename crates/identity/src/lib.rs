//! Accounts, users, groups, roles, policies, keys and sessions, and which policies apply to whom.

mod bucket;
mod delta;
mod draw;
mod error;
mod identity;
mod lifecycle;
mod log;
mod mapping;
pub mod ops;
mod perform;
mod provider;
mod record;
mod resolve;
mod rights;
mod seal;
mod session;
mod state;
mod stored_policy;

pub use delta::{Change, DELTA_VERSION, Delta};
pub use error::{EntityKind, IdentityError, Remains, SessionRefusal};
pub use identity::{
    Context, Effect, Identity, LastUse, Parts, Perform, Performed, Quotas, SNAPSHOT_CHANGES,
};
pub use lifecycle::{Bootstrap, Login};
pub use log::{StateLog, StateLogError};
pub use mapping::{
    CLAIMED_POLICIES_MAX, Comparison, MAPPING_RULES_MAX, MappingOutcome, MappingRule, Silent,
    Subject, Test,
};
pub use perform::{
    AccountSummary, AssumedRole, AttachedPolicy, CallerIdentity, Credentials, FederatedSession,
    InlinePolicy, KeyUse, NewAccessKey, NewAccount, PolicyEntity, PolicySummary, Rotated,
    UserOrRoot,
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
pub use resolve::{
    Caller, Credential, Resolution, SessionFacts, SessionKind, Standing, TokenFault,
};
pub use seal::{MASTER_KEY_BYTES, Purpose, SealError, Sealed, Sealer};
pub use session::{Bulk, CHAIN_SESSIONS_MAX, External, TOKEN_BULK_BYTES_MAX, TOKEN_BYTES_MAX};
pub use state::{Inconsistent, State, Thawed};
pub use stored_policy::StoredPolicy;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
