//! The words that two or more rooms exchange, each with its grammar.
//!
//! A type is here only if its text form has rules: what is well formed is decided once, in the
//! parser, and every other room trusts the type.
//!
//! ```
//! use strongroom_names::{Arn, BucketName, ObjectKey};
//!
//! let bucket: BucketName = "finance".parse().unwrap();
//! let key: ObjectKey = "2026/q3.parquet".parse().unwrap();
//! assert_eq!(Arn::object(&bucket, &key).as_str(), "arn:aws:s3:::finance/2026/q3.parquet");
//! ```

mod account;
mod action;
mod address;
mod arn;
mod bucket;
mod checksum;
mod credential;
mod dn;
mod entity;
mod id;
mod time;
mod word;

pub use account::{AccountId, BadAccountId};
pub use action::{Action, BadAction};
pub use address::{address_text, peer_text};
pub use arn::{Arn, BadArn};
pub use bucket::{
    BadBucketName, BadObjectKey, BucketName, ETag, KEY_BYTES_MAX, ObjectKey, UploadId, VersionId,
};
pub use checksum::{BadChecksum, Checksum, ChecksumAlgorithm, ChecksumKind};
pub use credential::{AccessKeyId, BadAccessKeyId, BadSecretKey, SecretBytes, SecretKey};
pub use dn::{BadDistinguishedName, DN_BYTES_MAX, DN_LEVELS_MAX, DistinguishedName};
pub use entity::{
    BadName, EntityPath, GroupName, PolicyName, ProviderName, RoleName, SessionName, UserName,
};
pub use id::{BadId, DecisionId, RequestId, Revision, UniqueId, UniqueIdKind};
pub use time::{BadTimestamp, Timestamp};
