//! One revision's change of the state, as the log keeps it.
//!
//! A change names whole records: what a record becomes, or that it goes. Why it changed, and who
//! changed it, is the journal's to say.

use std::sync::Arc;

use audit::ChainLink;
use names::{AccessKeyId, AccountId, Arn, BucketName, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

use crate::organization::{ControlPolicy, ControlPolicyId, Organization, Unit, UnitId};
use crate::provider::OidcProvider;
use crate::record::{AccessKey, Account, BucketRecord, Group, ManagedPolicy, Role, User};
use crate::session::Bulk;
use crate::signin::{LoginProfile, MfaDevice, SamlProvider, SignInSettings};

/// The version of the records that this program writes.
pub const DELTA_VERSION: u16 = 1;

/// Everything that one revision changes: all of it or nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delta {
    /// The version of the record's form.
    pub v: u16,
    /// When it was made.
    pub at: Timestamp,
    /// What changes, in order.
    pub changes: Vec<Change>,
}

/// One record that changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The account that owns the installation.
    Operator(AccountId),
    /// The epoch: sessions of another one are void (a restored backup begins a new one).
    Epoch(u64),
    /// An account.
    Account(Arc<Account>),
    /// A user, new or changed.
    User(Arc<User>),
    /// A user goes.
    UserGone(UniqueId),
    /// A group, new or changed.
    Group(Arc<Group>),
    /// A group goes.
    GroupGone(UniqueId),
    /// A role, new or changed.
    Role(Arc<Role>),
    /// A role goes.
    RoleGone(UniqueId),
    /// A managed policy, new or changed.
    Policy(Arc<ManagedPolicy>),
    /// A managed policy goes.
    PolicyGone(UniqueId),
    /// An access key, new or changed.
    Key(Arc<AccessKey>),
    /// An access key goes.
    KeyGone(AccessKeyId),
    /// A provider, new or changed.
    Provider(Arc<OidcProvider>),
    /// A provider goes.
    ProviderGone(Arn),
    /// A bucket, new or changed.
    Bucket(Arc<BucketRecord>),
    /// A bucket goes.
    BucketGone(BucketName),
    /// A session ends now.
    SessionRevoked(AccessKeyId),
    /// Everything that a principal was given before this revision ends now.
    IssuedBeforeRevoked(UniqueId),
    /// What is too long to be carried in a session's token, under its hash.
    SessionBulk {
        /// SHA-256 of its text, in hex.
        hash: String,
        /// What the token does not carry.
        bulk: Arc<Bulk>,
    },
    /// A virtual MFA device, new or changed.
    MfaDevice(Arc<MfaDevice>),
    /// A virtual MFA device goes, by its serial number.
    MfaDeviceGone(Arn),
    /// A user's password, new or changed.
    LoginProfile(Arc<LoginProfile>),
    /// A user's password goes.
    LoginProfileGone(UniqueId),
    /// What an account says about signing in: its alias, its rules for passwords.
    SignInSettings(Arc<SignInSettings>),
    /// A SAML provider, new or changed.
    SamlProvider(Arc<SamlProvider>),
    /// A SAML provider goes.
    SamlProviderGone(Arn),
    /// The organisation as a whole.
    Organization(Arc<Organization>),
    /// An organisational unit, new or changed.
    Unit(Arc<Unit>),
    /// An organisational unit goes.
    UnitGone(UnitId),
    /// A control policy, new or changed.
    ControlPolicy(Arc<ControlPolicy>),
    /// A control policy goes.
    ControlPolicyGone(ControlPolicyId),
    /// Every session of an account that was got before this revision and depends on something
    /// ends now.
    Ended {
        /// The account.
        account: AccountId,
        /// What they depend on.
        link: ChainLink,
    },
}

impl Delta {
    /// A change of this version's form.
    #[must_use]
    pub fn new(at: Timestamp, changes: Vec<Change>) -> Self {
        Self { v: DELTA_VERSION, at, changes }
    }

    /// The record's bytes.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads a record's bytes. Refuses versions that this program does not know.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let delta: Self = serde_json::from_slice(bytes)?;
        if delta.v == DELTA_VERSION {
            Ok(delta)
        } else {
            Err(serde::de::Error::custom(format_args!("version {} is unknown", delta.v)))
        }
    }
}
