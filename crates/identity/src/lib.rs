//! Accounts, users, groups, roles, policies, keys and sessions, and which policies apply to whom.
//!
//! A worked story. A request names an access key. [`Identity::snapshot`] gives the one [`State`]
//! that everything about this request is decided from, and [`Identity::resolve`] says whose key it
//! is and what the request must be signed with; only when the signature holds does the door look
//! at the [`Standing`]. [`State::policies_of`] and [`State::principal_facts`] give the engine the
//! caller's side, [`State::trust_side`] and [`State::plain_side`] the resource's. Once the journal
//! has made the permit, [`Identity::perform`] does the operation: the operation itself
//! ([`Perform::act`]) is pure and says what changes; the one writer checks that the change fits,
//! appends it to the [`StateLog`], puts the new state in place, cuts whatever was revoked, and
//! answers.
//!
//! The state is nothing but its changes, one after the other:
//!
//! ```
//! use std::sync::Arc;
//! use names::Revision;
//! use strongroom_identity::{Account, Change, Delta, State};
//!
//! let id = "111122223333".parse().unwrap();
//! let created = "2026-01-02T03:04:05Z".parse().unwrap();
//! let account = Account::new(id, "home".parse().unwrap(), created);
//! let delta = Delta::new(created, vec![Change::Account(Arc::new(account)), Change::Operator(id)]);
//! let empty = State::default();
//! let first = empty.apply(Revision(1), &delta).unwrap();
//! assert_eq!((empty.operator(), first.operator()), (None, Some(id)));
//! assert!(first.apply(Revision(1), &delta).is_err()); // each revision is made once
//! ```
//!
//! Sessions are sealed tokens and stand nowhere: what they carry, and how they end, is told in
//! `session.rs` and `resolve.rs`. Groups are never in a token, so that leaving one takes effect at
//! the next request.

mod acl;
mod bucket;
mod canned;
mod delegation;
mod delta;
mod draw;
mod error;
mod holdings;
mod identity;
mod lifecycle;
mod log;
mod mapping;
mod membership;
mod mfa;
pub mod ops;
mod organization;
mod page_token;
mod password;
mod perform;
mod profile;
mod provider;
mod record;
mod resolve;
mod rights;
mod said;
mod seal;
mod session;
mod signin;
mod state;
mod stored_policy;
mod totp;

pub use acl::{ACL_GRANTS_MAX, Acl, AclRefusal, Grantee, Permission, TooManyGrants};
pub use delegation::Delegation;
pub use delta::{Change, DELTA_VERSION, Delta};
pub use error::{Ceiling, EntityKind, IdentityError, Remains, SessionRefusal};
pub use identity::{
    Context, Effect, Identity, LastUse, Parts, Perform, Performed, Quotas, SNAPSHOT_CHANGES,
};
pub use lifecycle::{Bootstrap, Login};
pub use log::{CutShort, Pieces, StateLog, StateLogError};
pub use mapping::{
    CLAIMED_POLICIES_MAX, Comparison, MAPPING_RULES_MAX, MappingOutcome, MappingRule, Silent,
    Subject, Test,
};
pub use membership::{GROUP_IDS_MAX, GroupIds, MemberOf};
pub use mfa::{FAILURES_MAX, FAILURES_SECONDS, MfaProof, MfaRefusal};
pub use organization::{
    AccountStatus, BadOrganizationWord, CONTROL_POLICIES_PER_TARGET_MAX, ControlKind,
    ControlPolicy, ControlPolicyId, ControlTarget, FULL_ACCESS, Organization, OrganizationError,
    OrganizationName, RESOURCE_FULL_ACCESS, UNIT_DEPTH_MAX, Unit, UnitId,
};
pub use page_token::Listing;
pub use password::{
    BadPassword, CharacterKind, Expiry, PASSWORD_CHARACTERS_MAX, PASSWORDS_FORMER_MAX, Password,
    PasswordFault, PasswordHash, PasswordRules, PasswordStanding, SelfService,
};
pub use perform::{
    AccountSummary, AssignedMfaDevice, AssumedRole, AttachedPolicy, CallerIdentity, CredentialKey,
    CredentialLine, Credentials, Detail, FederatedSession, FederatedUser, GrantingPolicies,
    GrantingPolicy, InlinePolicy, KeyUse, MatchedStatement, NewAccessKey, NewAccount, NewMfaDevice,
    PolicyEntity, PolicySummary, Rotated, SIMULATIONS_MAX, Simulated, SimulatedResource, Survey,
    Surveyed, Synced, UserLogin, UserOrRoot,
};
pub use profile::{ProviderProfile, UnfitIssuer, UnknownProfile};
pub use provider::{
    BadIssuerUrl, ClaimSettings, ExternalGroup, ExternalIdentity, IssuerUrl, Left, LoginError,
    LoginProvider, OidcProvider, TypedPassword, Unverified, Vouched,
};
pub use record::{
    Absent, AccessKey, Account, AccountName, BadAccountName, BucketChange, BucketPhase,
    BucketRecord, Federated, Group, KeyStatus, ManagedPolicy, Ownership, Policies, PolicyVersion,
    PublicAccessBlock, Role, ServiceAccount, SignatureV2, User, Versioning,
};
pub use resolve::{
    Caller, Credential, Resolution, SessionFacts, SessionKind, Standing, TokenFault,
};
pub use said::Keys;
pub use seal::{MASTER_KEY_BYTES, Purpose, SealError, Sealed, Sealer};
pub use session::{Bulk, CHAIN_SESSIONS_MAX, External, TOKEN_BULK_BYTES_MAX, TOKEN_BYTES_MAX};
pub use signin::{
    AccountAlias, BadAccountAlias, BadMfaName, BadSamlName, LoginProfile, MfaDevice, MfaHeld,
    MfaName, MfaRef, PasswordReset, SamlName, SamlProvider, SignInSettings,
};
pub use state::{FULL_ACCESS_DOCUMENT, Inconsistent, RESOURCE_FULL_ACCESS_DOCUMENT, State, Thawed};
pub use stored_policy::StoredPolicy;
pub use totp::{BadMfaCode, MfaCode};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
