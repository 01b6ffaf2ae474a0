//! Session tokens: everything a session is, sealed, and carried by whoever holds it.
//!
//! A token is `SR1` and base64url of: the master key's id (8 bytes), the day its key was derived
//! for (4), a nonce (12), the sealed payload and its tag (16). The text before the payload and the
//! session's access key id are associated data, so a token opens for its own key id only. There is
//! exactly one text for a token: base64url without padding, trailing bits zero.

use audit::{ChainLink, Random};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use names::{
    AccessKeyId, AccountId, Arn, Revision, SecretBytes, SecretKey, SessionName, Timestamp, UniqueId,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ops::Tags;
use crate::said::Keys;
use crate::seal::{KEY_ID_BYTES, SealError, Sealer};
use crate::stored_policy::StoredPolicy;

/// How many bytes of policy and claims a token carries; longer ones are kept in the state.
pub const TOKEN_BULK_BYTES_MAX: usize = 4096;
/// Longest token that is looked at.
pub const TOKEN_BYTES_MAX: usize = 16_384;
/// Most sessions in a chain of roles that assume roles.
pub const CHAIN_SESSIONS_MAX: usize = 16;
/// What every token begins with: its version.
const PREFIX: &str = "SR1";
/// The version of the payload.
const PAYLOAD_VERSION: u8 = 1;
/// Bytes in which nearly every payload has room: one that grows leaves copies of its secret behind.
const PAYLOAD_BYTES_USUAL: usize = 1024;
/// Bytes of the day.
const DAY_BYTES: usize = 4;
/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;

/// What a session is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Parent {
    /// A role that was put on.
    Role,
    /// A user or root that asked GetSessionToken.
    LongTerm,
    /// A user that stands for an outside identity.
    Federated,
    /// A user or root that asked AssumeRole without naming a role.
    Own,
    /// Whom a user or root asked GetFederationToken for.
    FederationToken,
}

/// What a session carries that may be long: policies that narrow it and what its provider said.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// The policy it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<StoredPolicy>,
    /// Condition keys of its provider.
    #[serde(default, skip_serializing_if = "Keys::is_empty")]
    pub keys: Keys,
}

impl Bulk {
    /// The hash of its text, if that is too long for a token.
    pub(crate) fn too_long(&self) -> Result<Option<String>, serde_json::Error> {
        let text = serde_json::to_vec(self)?;
        let long = text.len() > TOKEN_BULK_BYTES_MAX;
        Ok(long.then(|| hex::encode(Sha256::digest(&text))))
    }
}

/// Where the bulk is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BulkPlace {
    /// In the token.
    Here(Bulk),
    /// In the state, under its hash.
    Stored(String),
}

/// The outside identity behind a session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct External {
    /// The provider.
    pub provider: Arn,
    /// Its issuer.
    pub issuer: String,
    /// The subject.
    pub subject: String,
    /// A label for people.
    pub display: Option<String>,
}

/// Everything a session is. Never groups: those are read from the state at each request.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payload {
    pub(crate) v: u8,
    pub(crate) parent: Parent,
    pub(crate) principal: UniqueId,
    /// The ARN at the time; a label for records of sessions whose principal is gone.
    pub(crate) arn: Arn,
    pub(crate) account: AccountId,
    pub(crate) name: SessionName,
    #[serde(with = "sealed_only")]
    pub(crate) secret: SecretKey,
    pub(crate) issued: Timestamp,
    pub(crate) revision: Revision,
    pub(crate) expires: Timestamp,
    pub(crate) epoch: u64,
    pub(crate) bulk: BulkPlace,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) policy_arns: Vec<Arn>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) transitive: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_identity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) authenticated_at: Option<Timestamp>,
    /// When a device proved who asked GetSessionToken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mfa: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) external: Option<External>,
    /// What the session was made from: keys, sessions, principals, providers.
    pub(crate) chain: Vec<ChainLink>,
}

/// A secret within a payload, which is sealed before it goes anywhere.
mod sealed_only {
    use std::borrow::Cow;

    use names::SecretKey;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(key: &SecretKey, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(key.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SecretKey, D::Error> {
        let text = <Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Payload {
    pub(crate) const VERSION: u8 = PAYLOAD_VERSION;

    /// The token of this session, for the access key id it is given with.
    pub(crate) fn seal(
        &self,
        key: &AccessKeyId,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<String, SealError> {
        let plain = audit::json::written(self, PAYLOAD_BYTES_USUAL);
        let plain = SecretBytes::new(plain.map_err(|_| SealError::Opaque)?);
        let day = u32::try_from(self.issued.seconds().div_euclid(DAY_SECONDS)).unwrap_or(0);
        let head = [sealer.current_id().as_slice(), &day.to_be_bytes()].concat();
        let boxed = sealer.seal_for_day(day, &bound(&head, key), plain.expose(), random)?;
        let mut token = String::with_capacity(PAYLOAD_BYTES_USUAL.saturating_mul(2));
        token.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string([head, boxed].concat(), &mut token);
        Ok(token)
    }

    /// The session of a token, if it was sealed here for that access key id.
    pub(crate) fn open(token: &str, key: &AccessKeyId, sealer: &Sealer) -> Result<Self, SealError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(SealError::Opaque);
        }
        let body = token.strip_prefix(PREFIX).ok_or(SealError::Opaque)?;
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| SealError::Opaque)?;
        let (id, rest) = bytes.split_first_chunk::<KEY_ID_BYTES>().ok_or(SealError::Opaque)?;
        let (day, boxed) = rest.split_first_chunk::<DAY_BYTES>().ok_or(SealError::Opaque)?;
        let head = [id.as_slice(), day].concat();
        let day = u32::from_be_bytes(*day);
        let plain = sealer.open_for_day(*id, day, &bound(&head, key), boxed.to_vec())?;
        let payload: Self =
            serde_json::from_slice(plain.expose()).map_err(|_| SealError::Opaque)?;
        if payload.v == PAYLOAD_VERSION { Ok(payload) } else { Err(SealError::Opaque) }
    }
}

/// What a token is bound to besides its key.
fn bound(head: &[u8], key: &AccessKeyId) -> Vec<u8> {
    [PREFIX.as_bytes(), head, key.as_str().as_bytes()].concat()
}
