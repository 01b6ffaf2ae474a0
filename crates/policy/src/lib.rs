//! The AWS policy language: may this happen, and why.
//!
//! A worked story. Alice may read what the finance bucket holds under her own name, and nothing
//! else; the engine says so, names the statement, and says what is missing where it refuses.
//!
//! ```
//! use std::sync::Arc;
//! use strongroom_policy::decision::{Layer, Verdict};
//! use strongroom_policy::facts::Facts;
//! use strongroom_policy::operation::{Check, Need};
//! use strongroom_policy::principal::Principal;
//! use strongroom_policy::{
//!     Attached, CallerPolicies, Document, Kind, PolicySet, Question, ResourceSide, decide,
//! };
//!
//! let text = r#"{"Version": "2012-10-17", "Statement": {"Sid": "Own", "Effect": "Allow",
//!     "Action": "s3:Get*", "Resource": "arn:aws:s3:::finance/${aws:username}/*"}}"#;
//! let caller = CallerPolicies {
//!     identity: PolicySet::from(vec![Attached {
//!         name: "policy:OwnFiles@v1".to_owned(),
//!         document: Arc::new(Document::parse(text, Kind::Identity).unwrap()),
//!     }]),
//!     ..CallerPolicies::default()
//! };
//! let alice = Principal::User {
//!     account: "111122223333".parse().unwrap(),
//!     name: "alice".parse().unwrap(),
//!     arn: "arn:aws:iam::111122223333:user/alice".parse().unwrap(),
//!     id: "AIDAAAAAAAAAAAAAAAAAA".parse().unwrap(),
//! };
//! let ask = |resource: &str| {
//!     let check = Check {
//!         action: "s3:GetObject".parse().unwrap(),
//!         resource: resource.parse().unwrap(),
//!         need: Need::Required,
//!         with: Vec::new(),
//!     };
//!     decide(&check, &Question {
//!         principal: &alice,
//!         caller: &caller,
//!         resource: &ResourceSide::plain(alice.account()),
//!         facts: &Facts::default(),
//!         revision: Default::default(),
//!     })
//! };
//! let own = ask("arn:aws:s3:::finance/alice/notes.txt");
//! assert_eq!(own.statement().unwrap().sid.as_deref(), Some("Own"));
//! let other = ask("arn:aws:s3:::finance/bob/notes.txt");
//! assert_eq!((other.verdict(), other.because()), (Verdict::ImplicitDeny, Layer::Identity));
//! ```

pub mod actions;
mod bucket;
pub mod case;
pub mod check;
pub mod compare;
mod compile;
mod condition;
mod context;
mod daytime;
mod decide;
pub mod decision;
mod document;
mod error;
mod explain;
pub mod facts;
mod freeze;
mod glob;
mod grant;
mod grantee;
mod hint;
mod json;
mod judge;
mod literal;
mod message;
pub mod operation;
mod operator;
mod parse;
pub mod principal;
mod print;
mod public;
mod question;
pub mod reference;
mod set;
pub mod simulate;
mod statement;
mod template;

pub use decide::decide;
pub use document::{
    BUCKET_POLICY_BYTES_MAX, CONTROL_POLICY_BYTES_MAX, Document, IDENTITY_POLICY_BYTES_MAX, Kind,
    MANAGED_POLICY_BYTES_MAX, SOURCE_BYTES_MAX, TRUST_POLICY_BYTES_MAX,
};
pub use error::{
    Fault, MESSAGE_CHARACTERS_MAX, PATTERN_BYTES_MAX, PolicyError, Position, WILDCARDS_MAX,
};
pub use explain::{Considered, Miss, Naming, Rule, Says, StatementTrace, Trace, explain};
pub use grant::{Grant, Place, smallest_grant};
pub use json::DEPTH_MAX;
pub use judge::{By, Layers, Ruling, judge};
pub use message::denial_message;
pub use question::{
    Attached, CallerPolicies, Question, ResourceKind, ResourceSide, RestrictPublicBuckets,
};
pub use set::{Member, PolicySet, RANK_MAX, Rank};
pub use statement::Effect;
