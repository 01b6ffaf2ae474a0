//! Bytes to messages and back, for the S3, STS and IAM dialects.
//!
//! A message is read only from what `signing` verified, once, and everything that the service model
//! says about its members (required, lengths, ranges, characters, choices) holds afterwards:
//!
//! ```
//! use strongroom_wire::{Parts, RestOutput, RestRequest, Target, s3};
//!
//! let target = Target::parse("/finance/2026/q3.parquet").unwrap();
//! let parts = Parts::new(target, [("partNumber", "2")], [("if-match", "\"abc\"")]).unwrap();
//! let request = s3::GetObjectRequest::parse(&parts).unwrap();
//! assert_eq!(request.key, "2026/q3.parquet");
//! assert_eq!(request.part_number, Some(2));
//!
//! let answer = s3::GetBucketLocationOutput { location_constraint: Some("eu-west-1".into()) };
//! assert!(answer.to_response().body.unwrap().ends_with(">eu-west-1</LocationConstraint>"));
//! ```
//!
//! The query protocol of STS and IAM reads a [`Form`] instead of [`Parts`]:
//!
//! ```
//! use strongroom_wire::{Form, QueryRequest, iam};
//!
//! let form = Form::parse(b"Action=CreateUser&Version=2010-05-08&UserName=ana").unwrap();
//! assert_eq!(form.action(), Some("CreateUser"));
//! assert_eq!(iam::CreateUserRequest::parse(&form).unwrap().user_name, "ana");
//! ```
//!
//! `s3`, `s3control`, `sts` and `iam` are generated (`cargo xtask codegen`); the rest is what they
//! lean on.
//! Routing, encoding of listings on request, and the choice of error codes are the api's.

pub mod error;
pub mod ldap;

mod copy_source;
mod element;
mod form;
mod generated;
mod malformed;
mod message;
mod node;
mod parts;
mod percent;
mod response;
mod rule;
mod saml;
mod scalar;
mod secret;
mod target;
mod xml;

pub use copy_source::{BadCopySource, CopySource};
pub use error::{AdminError, Blame, ControlError, QueryError, S3Error};
pub use form::{
    FORM_BYTES_MAX, FORM_DEPTH_MAX, FORM_NAME_BYTES_MAX, FORM_PARAMETERS_MAX, Form, FormError,
};
pub use generated::{iam, s3, s3control, sts};
pub use malformed::{Fault, Place, WireError};
pub use message::{Payload, QueryOutput, QueryRequest, RestOutput, RestRequest, Route};
pub use node::{Node, NodeRef};
pub use parts::{METADATA_BYTES_MAX, Parts, QUERY_PARAMETERS_MAX};
pub use percent::{percent_decode, percent_encode, percent_encode_key};
pub use response::Response;
pub use saml::{BadSamlMetadata, SamlMetadata, saml_metadata};
pub use secret::Secret;
pub use target::{BadPath, Level, Target};
pub use xml::read::{XML_BYTES_MAX, XML_DEPTH_MAX, XML_ELEMENTS_MAX, XmlError};
pub use xml::write::Writer;
