//! The authorization state: one immutable value that every decision of a revision is made from.

mod apply;
mod base;
mod index;
mod keys;
mod laid;
mod organization;
mod pack;
mod query;
mod relation;
mod resolved;
mod section;
mod signin;
mod snapshot;
mod table;
mod texts;

use std::sync::Arc;

use audit::ChainLink;
use names::{AccessKeyId, AccountId, Arn, BucketName, Revision, Timestamp, UniqueId};
use rpds::{HashTrieMapSync, RedBlackTreeMapSync, RedBlackTreeSetSync};

pub use apply::Inconsistent;
use base::Base;
pub(crate) use index::Index;
pub(crate) use keys::Keys;
pub use organization::{FULL_ACCESS_DOCUMENT, RESOURCE_FULL_ACCESS_DOCUMENT};
pub(crate) use pack::{HEAD_BYTES, Places, parts};
pub use query::Thawed;
use relation::Relation;
pub(crate) use snapshot::BadSnapshot;

use crate::holdings::{Kept, Lineage};
use crate::organization::{ControlPolicy, ControlPolicyId, Organization, Unit, UnitId};
use crate::provider::OidcProvider;
use crate::record::{Account, BucketRecord, Group, ManagedPolicy, Role, User};
use crate::session::Bulk;

/// Everything that rights depend on, at one revision: accounts, principals, policies, keys,
/// providers, buckets and revocations. Immutable; a new revision shares what did not change.
#[derive(Clone)]
pub struct State {
    pub(crate) revision: Revision,
    pub(crate) epoch: u64,
    pub(crate) operator: Option<AccountId>,
    pub(crate) accounts: RedBlackTreeMapSync<AccountId, Arc<Account>>,
    pub(crate) users: Index<User>,
    pub(crate) groups: Index<Group>,
    pub(crate) roles: Index<Role>,
    pub(crate) policies: Index<ManagedPolicy>,
    pub(crate) keys: Keys,
    pub(crate) providers: RedBlackTreeMapSync<Arn, Arc<OidcProvider>>,
    pub(crate) buckets: RedBlackTreeMapSync<BucketName, Arc<BucketRecord>>,
    pub(crate) revoked_sessions: HashTrieMapSync<AccessKeyId, Revision>,
    pub(crate) issued_before: HashTrieMapSync<UniqueId, Revision>,
    /// When that was: what others issued (providers' tokens) knows no revision.
    pub(crate) revoked_at: HashTrieMapSync<UniqueId, Timestamp>,
    /// When the change was made that is being applied.
    pub(crate) changed_at: Option<Timestamp>,
    /// What sessions of an account depended on that ended.
    pub(crate) ended: HashTrieMapSync<(AccountId, ChainLink), Revision>,
    /// When that was, of people: their providers' tokens know no revision.
    pub(crate) left_at: HashTrieMapSync<(AccountId, ChainLink), Timestamp>,
    pub(crate) bulks: HashTrieMapSync<String, Arc<Bulk>>,
    pub(crate) organization: Arc<Organization>,
    pub(crate) units: RedBlackTreeMapSync<UnitId, Arc<Unit>>,
    pub(crate) controls: RedBlackTreeMapSync<ControlPolicyId, Arc<ControlPolicy>>,
    /// Derived from the operator: the ids of the organisation and of its root.
    pub(crate) organization_ids: Arc<(String, String)>,
    /// Derived: the accounts that let Signature Version 2 be taken of them.
    pub(crate) old_signers: RedBlackTreeSetSync<AccountId>,
    /// Derived: since when a role has its trust policy (at the latest: a snapshot forgets).
    pub(crate) trusted: HashTrieMapSync<UniqueId, Revision>,
    /// The snapshot that the state was read from: users, groups, roles, policies and keys lie in
    /// it, and what is derived of those that did not change since.
    pub(crate) base: Option<Arc<Base>>,
    /// Derived: what a managed policy is used by, of those that changed since the snapshot.
    pub(crate) uses: Relation<Arn, (Use, UniqueId)>,
    /// Derived: who is in a group, of those that changed since the snapshot.
    pub(crate) members: Relation<UniqueId, UniqueId>,
    /// Derived: the user that stands for an outside identity (provider, issuer, subject), of those
    /// that changed since the snapshot.
    pub(crate) bindings: HashTrieMapSync<(Arn, String, String), UniqueId>,
    /// Derived: the changes of what anybody may do.
    pub(crate) lineage: Lineage,
    /// What principals hold, compiled; shared by all states.
    pub(crate) kept: Arc<Kept>,
    /// Derived: the buckets of an account.
    pub(crate) owned_buckets: Relation<AccountId, BucketName>,
    /// Devices, passwords, settings of signing in, SAML providers.
    pub(crate) sign_in: signin::SignIn,
    /// Derived: credentials that were asked for lately.
    pub(crate) resolved: resolved::Resolved,
}

/// How an entity uses a managed policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Use {
    /// Attached to a user.
    User,
    /// Attached to a group.
    Group,
    /// Attached to a role.
    Role,
    /// The boundary of a user or role.
    Boundary,
}

impl Default for State {
    fn default() -> Self {
        Self {
            revision: Revision::default(),
            epoch: 0,
            operator: None,
            accounts: RedBlackTreeMapSync::new_sync(),
            users: Index::default(),
            groups: Index::default(),
            roles: Index::default(),
            policies: Index::default(),
            keys: Keys::default(),
            providers: RedBlackTreeMapSync::new_sync(),
            buckets: RedBlackTreeMapSync::new_sync(),
            revoked_sessions: HashTrieMapSync::new_sync(),
            issued_before: HashTrieMapSync::new_sync(),
            revoked_at: HashTrieMapSync::new_sync(),
            changed_at: None,
            ended: HashTrieMapSync::new_sync(),
            left_at: HashTrieMapSync::new_sync(),
            bulks: HashTrieMapSync::new_sync(),
            organization: Arc::default(),
            units: RedBlackTreeMapSync::new_sync(),
            controls: RedBlackTreeMapSync::new_sync(),
            organization_ids: Arc::default(),
            old_signers: RedBlackTreeSetSync::new_sync(),
            trusted: HashTrieMapSync::new_sync(),
            base: None,
            uses: Relation::default(),
            members: Relation::default(),
            bindings: HashTrieMapSync::new_sync(),
            lineage: Lineage::default(),
            kept: Arc::default(),
            owned_buckets: Relation::default(),
            sign_in: signin::SignIn::default(),
            resolved: resolved::Resolved::default(),
        }
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State(revision {})", self.revision)
    }
}
