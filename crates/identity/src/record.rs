//! What the authorization state holds: accounts, principals, policies, keys and buckets.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

use names::{
    AccessKeyId, AccountId, Arn, BucketName, EntityPath, GroupName, PolicyName, Revision, RoleName,
    SessionName, Timestamp, UniqueId, UserName,
};
use serde::{Deserialize, Serialize};

use crate::acl::Acl;
use crate::membership::GroupIds;
use crate::ops::{
    EntityName, EntityRef, GroupRef, PolicyRef, PolicyVersionId, RoleRef, Tags, UserRef,
};
use crate::organization::{AccountStatus, ControlPolicyId, UnitId, everything};
use crate::seal::Sealed;
use crate::stored_policy::StoredPolicy;

/// An account's name: 1 to 64 characters, no control characters.
///
/// ```
/// use strongroom_identity::AccountName;
/// assert!("Partner GmbH".parse::<AccountName>().is_ok());
/// assert!("".parse::<AccountName>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(String);

/// The text is not an account name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an account name is 1 to 64 characters, none of them a control character")]
pub struct BadAccountName;

/// Most characters in an account's name.
const ACCOUNT_NAME_CHARACTERS_MAX: usize = 64;

impl FromStr for AccountName {
    type Err = BadAccountName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = text.chars().count();
        let good = (1..=ACCOUNT_NAME_CHARACTERS_MAX).contains(&length)
            && !text.chars().any(char::is_control);
        if good { Ok(Self(text.to_owned())) } else { Err(BadAccountName) }
    }
}

impl TryFrom<String> for AccountName {
    type Error = BadAccountName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> Self {
        name.0
    }
}

impl std::fmt::Display for AccountName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether an account's requests may be signed by the old AWS Signature Version 2.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureV2 {
    /// They may not, whatever the server's settings say.
    Refuse,
    /// They may, whatever the server's settings say.
    Allow,
}

/// An account: what owns principals and buckets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Its twelve digits.
    pub id: AccountId,
    /// Its name.
    pub name: AccountName,
    /// When it was made.
    pub created: Timestamp,
    /// Whether it may be used.
    #[serde(default, skip_serializing_if = "is_active")]
    pub status: AccountStatus,
    /// The organisational unit that it is in; the root if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// Its control policies.
    #[serde(default = "everything")]
    pub controls: BTreeSet<ControlPolicyId>,
    /// The longest session of anybody in it, in seconds; what the installation allows if there is
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_seconds_max: Option<u32>,
    /// Whether Signature Version 2 is taken of it; as the settings say if there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_v2: Option<SignatureV2>,
    /// Its public-access block, which counts for each of its buckets beside the bucket's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_access: Option<PublicAccessBlock>,
}

impl Account {
    /// A new account, in use, in the root of the organisation.
    #[must_use]
    pub fn new(id: AccountId, name: AccountName, created: Timestamp) -> Self {
        Self {
            id,
            name,
            created,
            status: AccountStatus::Active,
            unit: None,
            controls: everything(),
            session_seconds_max: None,
            signature_v2: None,
            public_access: None,
        }
    }
}

fn is_active(status: &AccountStatus) -> bool {
    *status == AccountStatus::Active
}

/// Policies attached to an entity, and those written into it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Policies {
    /// Managed policies.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub attached: BTreeSet<Arn>,
    /// Inline policies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inline: BTreeMap<PolicyName, StoredPolicy>,
}

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// `AIDA…`; never used again.
    pub id: UniqueId,
    /// Its account.
    pub account: AccountId,
    /// Where it stands.
    pub path: EntityPath,
    /// Its name.
    pub name: UserName,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// The groups it is in.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<UniqueId>,
    /// Its policies.
    #[serde(default)]
    pub policies: Policies,
    /// The most its policies can grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<Arn>,
    /// Whom it stands for, if an identity provider vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federated: Option<Federated>,
}

/// The outside identity that a provisioned user stands for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Federated {
    /// The provider.
    pub provider: Arn,
    /// The issuer; with the subject, the identity.
    pub issuer: String,
    /// The subject.
    pub subject: String,
    /// A label for people.
    pub display: Option<String>,
    /// The policies that the provider's rules gave at the last login.
    pub mapped: BTreeSet<Arn>,
    /// The rules that fired then.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fired: BTreeSet<String>,
    /// The policies that a claim named then, whatever the rules say.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub claimed: BTreeSet<Arn>,
    /// By what the provider's own interface knows them, where it is asked who is still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_as: Option<String>,
    /// The groups that they were last told to be in, whatever the rules ask for; nothing if nobody
    /// told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_of: Option<GroupIds>,
    /// Why nothing of theirs counts now, if the directory says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absent>,
}

/// Why nothing of somebody counts who signed in once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absent {
    /// The directory has them no more.
    Gone,
    /// Their account there may not be used.
    Barred,
    /// The directory could not be asked for longer than is borne.
    Unconfirmed,
}

impl User {
    /// How requests name it.
    #[must_use]
    pub fn reference(&self) -> UserRef {
        EntityRef { account: self.account, path: self.path.clone(), name: self.name.clone() }
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> Arn {
        Arn::iam(self.account, UserName::KIND, &self.path, self.name.as_str())
    }
}

/// A group of users.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// `AGPA…`.
    pub id: UniqueId,
    /// Its account.
    pub account: AccountId,
    /// Where it stands.
    pub path: EntityPath,
    /// Its name.
    pub name: GroupName,
    /// When it was made.
    pub created: Timestamp,
    /// Its policies.
    #[serde(default)]
    pub policies: Policies,
}

impl Group {
    /// How requests name it.
    #[must_use]
    pub fn reference(&self) -> GroupRef {
        EntityRef { account: self.account, path: self.path.clone(), name: self.name.clone() }
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> Arn {
        Arn::iam(self.account, GroupName::KIND, &self.path, self.name.as_str())
    }
}

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Role {
    /// `AROA…`; never used again.
    pub id: UniqueId,
    /// Its account.
    pub account: AccountId,
    /// Where it stands.
    pub path: EntityPath,
    /// Its name.
    pub name: RoleName,
    /// When it was made.
    pub created: Timestamp,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its longest session.
    pub max_session_seconds: u32,
    /// Who may put it on; users and roles frozen to their unique ids.
    pub trust: StoredPolicy,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Its policies.
    #[serde(default)]
    pub policies: Policies,
    /// The most its policies can grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<Arn>,
}

impl Role {
    /// How requests name it.
    #[must_use]
    pub fn reference(&self) -> RoleRef {
        EntityRef { account: self.account, path: self.path.clone(), name: self.name.clone() }
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> Arn {
        Arn::iam(self.account, RoleName::KIND, &self.path, self.name.as_str())
    }
}

/// A managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// `ANPA…`.
    pub id: UniqueId,
    /// Its account.
    pub account: AccountId,
    /// Where it stands.
    pub path: EntityPath,
    /// Its name.
    pub name: PolicyName,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its versions.
    pub versions: BTreeMap<PolicyVersionId, PolicyVersion>,
    /// The version that counts; always one of `versions`.
    pub default: PolicyVersionId,
    /// The number of the next version: numbers are never used again.
    pub next: PolicyVersionId,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// One version of a managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// When it was made.
    pub created: Timestamp,
    /// What it says.
    pub document: StoredPolicy,
}

impl ManagedPolicy {
    /// Whether it is one that every installation has, and that nobody changes.
    #[must_use]
    pub fn is_canned(&self) -> bool {
        self.account == crate::canned::nobody()
    }

    /// How requests that make it name it.
    #[must_use]
    pub fn reference(&self) -> PolicyRef {
        EntityRef { account: self.account, path: self.path.clone(), name: self.name.clone() }
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> Arn {
        let canned = self.is_canned().then(|| crate::canned::arn(&self.path, &self.name)).flatten();
        let own = || Arn::iam(self.account, PolicyName::KIND, &self.path, self.name.as_str());
        canned.unwrap_or_else(own)
    }

    /// The version that counts.
    #[must_use]
    pub fn default_version(&self) -> Option<&PolicyVersion> {
        self.versions.get(&self.default)
    }
}

/// Whether an access key works.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyStatus {
    /// It works.
    Active,
    /// It is switched off.
    Inactive,
}

/// What makes a long-term access key a service account: a key that belongs to a user, role or root
/// besides its own, for a program that acts for it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccount {
    /// Its name: a label, and the name of the session that a role's service account is.
    pub name: SessionName,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// What it may do at most, besides what its parent may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<StoredPolicy>,
    /// The user that stands for the person of a directory who made it in a session of a role: it
    /// ends with them, though it is the role's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<UniqueId>,
}

/// A long-term access key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AccessKey {
    /// Its id, `AKIA…` unless it was given.
    pub id: AccessKeyId,
    /// Its account.
    pub account: AccountId,
    /// Its owner's unique id; the account's twelve digits for its root.
    pub owner: UniqueId,
    /// Its secret, sealed.
    pub secret: Sealed,
    /// Whether it works.
    pub status: KeyStatus,
    /// When it was made.
    pub created: Timestamp,
    /// What makes it a service account, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Arc<ServiceAccount>>,
}

/// The four switches that keep a bucket from the public (S3 user guide, "Blocking public access").
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PublicAccessBlock {
    /// Refuse public ACLs.
    pub block_public_acls: bool,
    /// Ignore public ACLs.
    pub ignore_public_acls: bool,
    /// Refuse public policies.
    pub block_public_policy: bool,
    /// Let nobody through on the strength of a public policy.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// All four on: how a bucket begins.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
    /// All four off: what counts where nothing is set.
    pub const NONE: Self = Self {
        block_public_acls: false,
        ignore_public_acls: false,
        block_public_policy: false,
        restrict_public_buckets: false,
    };

    /// Both at once: a switch is on if either has it on (S3 user guide, "Blocking public access":
    /// "the most restrictive combination").
    ///
    /// ```
    /// use strongroom_identity::PublicAccessBlock as Block;
    /// let one = Block { ignore_public_acls: true, ..Block::NONE };
    /// let other = Block { ignore_public_acls: false, ..Block::ALL };
    /// assert_eq!(one.and(other), Block::ALL);
    /// ```
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            block_public_acls: self.block_public_acls || other.block_public_acls,
            ignore_public_acls: self.ignore_public_acls || other.ignore_public_acls,
            block_public_policy: self.block_public_policy || other.block_public_policy,
            restrict_public_buckets: self.restrict_public_buckets || other.restrict_public_buckets,
        }
    }
}

/// Who owns what is written into a bucket.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Ownership {
    /// The bucket's owner; ACLs mean nothing.
    BucketOwnerEnforced,
    /// The bucket's owner, where the writer says so.
    BucketOwnerPreferred,
    /// The writer.
    ObjectWriter,
}

/// Whether a bucket keeps versions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Versioning {
    /// It never did.
    Unversioned,
    /// It does.
    Enabled,
    /// It did.
    Suspended,
}

/// Where a bucket is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BucketPhase {
    /// In use.
    Live,
    /// Marked: nothing new may be written while it is looked whether it is empty.
    Deleting,
}

/// What the authorization state knows of a bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BucketRecord {
    /// Its name, one of all accounts' buckets.
    pub name: BucketName,
    /// The account that owns it.
    pub owner: AccountId,
    /// When it was made.
    pub created: Timestamp,
    /// The revision that made it: a bucket made again under the name is another.
    pub incarnation: Revision,
    /// Its policy; users and roles frozen to their unique ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<StoredPolicy>,
    /// Its own public-access block; `None` once it was deleted. What counts is
    /// [`State::public_access`](crate::State::public_access).
    pub public_access: Option<PublicAccessBlock>,
    /// Its ownership setting; `None` once it was deleted.
    pub ownership: Option<Ownership>,
    /// Its ACL; `None` as long as nobody but its owner was granted anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acl: Option<Acl>,
    /// Whether it keeps versions.
    pub versioning: Versioning,
    /// Where it is in its life.
    pub phase: BucketPhase,
}

impl BucketRecord {
    /// Whether ACLs mean anything here: unless the owner owns all that is in the bucket. A bucket
    /// without an ownership setting is as all were before there were any.
    #[must_use]
    pub fn has_acls(&self) -> bool {
        self.ownership != Some(Ownership::BucketOwnerEnforced)
    }

    /// The ACL as it counts under a block: without its public grants where those are ignored.
    #[must_use]
    pub fn effective_acl(&self, block: PublicAccessBlock) -> Acl {
        let acl = self.acl.clone().unwrap_or_else(|| Acl::private(self.owner));
        if block.ignore_public_acls { acl.without_public() } else { acl }
    }
}

/// A change of a bucket's record.
#[derive(Clone, Debug)]
pub enum BucketChange {
    /// Make it.
    Create {
        /// Its name.
        bucket: BucketName,
        /// Its owner.
        owner: AccountId,
        /// Its ownership setting, if it begins with one.
        ownership: Option<Ownership>,
        /// Its public-access block, if it begins with one.
        public_access: Option<PublicAccessBlock>,
        /// Its ACL, if anybody but its owner is granted something.
        acl: Option<Acl>,
    },
    /// Set its policy.
    SetPolicy {
        /// The bucket.
        bucket: BucketName,
        /// The policy, as it was written; it is frozen here.
        policy: StoredPolicy,
    },
    /// Take its policy away.
    DeletePolicy {
        /// The bucket.
        bucket: BucketName,
    },
    /// Set or delete its public-access block.
    SetPublicAccessBlock {
        /// The bucket.
        bucket: BucketName,
        /// The block; `None` deletes it.
        block: Option<PublicAccessBlock>,
    },
    /// Set or delete its ownership setting.
    SetOwnership {
        /// The bucket.
        bucket: BucketName,
        /// The setting; `None` deletes it.
        ownership: Option<Ownership>,
    },
    /// Set its ACL.
    SetAcl {
        /// The bucket.
        bucket: BucketName,
        /// The list.
        acl: Acl,
    },
    /// Switch versioning on or off.
    SetVersioning {
        /// The bucket.
        bucket: BucketName,
        /// `Enabled` or `Suspended`; `Unversioned` is refused once it was another.
        versioning: Versioning,
    },
    /// Say that it is being deleted: nothing may be written from this revision on.
    MarkDeleting {
        /// The bucket.
        bucket: BucketName,
    },
    /// Take that back: it was not empty.
    UnmarkDeleting {
        /// The bucket.
        bucket: BucketName,
    },
    /// Remove it, once it was marked and found empty.
    Remove {
        /// The bucket.
        bucket: BucketName,
    },
}

impl BucketChange {
    /// The bucket that changes.
    #[must_use]
    pub fn bucket(&self) -> &BucketName {
        match self {
            Self::Create { bucket, .. }
            | Self::SetPolicy { bucket, .. }
            | Self::DeletePolicy { bucket }
            | Self::SetPublicAccessBlock { bucket, .. }
            | Self::SetOwnership { bucket, .. }
            | Self::SetAcl { bucket, .. }
            | Self::SetVersioning { bucket, .. }
            | Self::MarkDeleting { bucket }
            | Self::UnmarkDeleting { bucket }
            | Self::Remove { bucket } => bucket,
        }
    }
}
