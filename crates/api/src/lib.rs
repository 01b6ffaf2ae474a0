//! HTTP in, HTTP out: the operation table and the door.
//!
//! A worked story. A connection brings a request to [`Api::answer`]. The door begins an attempt in
//! the journal, parses the head once into a canonical request, verifies the one credential that was
//! presented, and finds the row of the operation table that the verified request names. The row's
//! handler turns the message of the dialect into a typed operation; every check of the operation is
//! decided at one revision of the authorization state; the journal records who, what and why, and
//! hands out a permit. Only with it will `objects` or `identity` do anything. The end of the
//! answer's body closes the entry.

mod admin;
mod analyzer;
mod answered;
mod bearer;
mod body;
mod caller;
mod connection;
mod decide;
mod dialect;
mod door;
mod error;
mod exchange;
mod expected;
mod facts;
mod form;
mod granted;
mod iam;
mod named;
mod old;
pub mod operation;
mod organizations;
mod s3;
mod services;
mod sts;
mod work;

pub use admin::{Copied, Operator, OperatorError, TokenReport};
pub use answered::Answered;
pub use bearer::{BadBearerRule, BearerRule, BearerSessions};
pub use body::{DOCUMENT_BYTES_MAX, ResponseBody, TransferError, Unread};
pub use connection::{AlternativeNames, ClientCertificate, Connection, Proxied, Secure};
pub use door::Api;
pub use iam::last_accessed::LastAccessed;
pub use named::in_request;
pub use old::SigV2Terms;
pub use services::{Services, Settings};
pub use work::Work;

/// Every answer.
pub type Response = http::Response<ResponseBody>;

use names::AccountId;
use sha2::{Digest as _, Sha256};

/// An account as S3 names owners: a canonical id of 64 hexadecimal digits that is the account's
/// alone.
fn owner(account: AccountId) -> wire::s3::Owner {
    wire::s3::Owner { id: Some(canonical_user(account)), display_name: Some(account.to_string()) }
}

/// An account's canonical user id.
fn canonical_user(account: AccountId) -> String {
    hex::encode(Sha256::digest(format!("strongroom canonical user {account}")))
}
