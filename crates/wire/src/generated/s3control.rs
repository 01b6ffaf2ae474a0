//! The messages of S3CONTROL, version 2018-08-20.
//!
//! Made by `cargo xtask codegen`: do not edit. Derived from the service models of
//! botocore 1.44.5, Copyright Amazon.com, Inc. or its affiliates, Apache License 2.0.

use crate::element::{Element, FromElement};
use crate::malformed::WireError;
use crate::message::{Payload, RestOutput, RestRequest, Route};
use crate::parts::Parts;
use crate::response::Response;
use crate::rule::Rule;
use crate::target::Level;
use crate::xml::write::{ToElement, Writer};

/// The XML namespace of the answers.
pub const NAMESPACE: &str = "http://awss3control.amazonaws.com/doc/2018-08-20/";
/// Every query parameter that selects an operation, of those that are not made too: a request
/// with one that no route names asks for something that we do not have.
pub const SUBRESOURCES: &[&str] =
    &["priority", "requestedJobStatus", "s3prefix", "tagKeys", "target"];
/// The routes of all operations.
pub const ROUTES: &[Route] = &[
    GetPublicAccessBlockRequest::ROUTE,
    PutPublicAccessBlockRequest::ROUTE,
    DeletePublicAccessBlockRequest::ROUTE,
];

const ACCOUNT_ID: Rule = Rule::text(0, 64).rule();

/// `GetPublicAccessBlock`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetPublicAccessBlockRequest {
    /// `x-amz-account-id`: header, required.
    pub account_id: String,
}
impl RestRequest for GetPublicAccessBlockRequest {
    const ROUTE: Route = Route {
        operation: "GetPublicAccessBlock",
        method: "GET",
        level: Level::Account,
        literals: &[],
        parameters: &[],
        headers: &["x-amz-account-id"],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self { account_id: from.header("x-amz-account-id").required(&ACCOUNT_ID)? })
    }
}
/// `GetPublicAccessBlock`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetPublicAccessBlockOutput {
    /// `PublicAccessBlockConfiguration`: the body.
    pub public_access_block_configuration: Option<PublicAccessBlockConfiguration>,
}
impl RestOutput for GetPublicAccessBlockOutput {
    fn to_response(&self) -> Response {
        let mut to = Response::empty(200);
        if let Some(value) = &self.public_access_block_configuration {
            to.xml("PublicAccessBlockConfiguration", NAMESPACE, |to| {
                to.member("BlockPublicAcls", &value.block_public_acls);
                to.member("BlockPublicPolicy", &value.block_public_policy);
                to.member("IgnorePublicAcls", &value.ignore_public_acls);
                to.member("RestrictPublicBuckets", &value.restrict_public_buckets);
            });
        }
        to
    }
}
/// `PutPublicAccessBlock`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutPublicAccessBlockRequest {
    /// `x-amz-account-id`: header, required.
    pub account_id: String,
    /// `PublicAccessBlockConfiguration`: the body, required.
    pub public_access_block_configuration: PublicAccessBlockConfiguration,
}
impl RestRequest for PutPublicAccessBlockRequest {
    const ROUTE: Route = Route {
        operation: "PutPublicAccessBlock",
        method: "PUT",
        level: Level::Account,
        literals: &[],
        parameters: &[],
        headers: &["x-amz-account-id"],
        payload: Payload::Message,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self {
            account_id: from.header("x-amz-account-id").required(&ACCOUNT_ID)?,
            public_access_block_configuration: from
                .xml("PublicAccessBlockConfiguration")?
                .map(|body| FromElement::from_element(&body, &Rule::Any))
                .transpose()?
                .ok_or(WireError::NoBody { root: "PublicAccessBlockConfiguration" })?,
        })
    }
}
/// `PutPublicAccessBlock`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutPublicAccessBlockOutput {}
impl RestOutput for PutPublicAccessBlockOutput {
    fn to_response(&self) -> Response {
        Response::empty(200)
    }
}
/// `DeletePublicAccessBlock`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletePublicAccessBlockRequest {
    /// `x-amz-account-id`: header, required.
    pub account_id: String,
}
impl RestRequest for DeletePublicAccessBlockRequest {
    const ROUTE: Route = Route {
        operation: "DeletePublicAccessBlock",
        method: "DELETE",
        level: Level::Account,
        literals: &[],
        parameters: &[],
        headers: &["x-amz-account-id"],
        payload: Payload::None,
        status: 200,
    };

    fn parse(from: &Parts<'_>) -> Result<Self, WireError> {
        Ok(Self { account_id: from.header("x-amz-account-id").required(&ACCOUNT_ID)? })
    }
}
/// `DeletePublicAccessBlock`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletePublicAccessBlockOutput {}
impl RestOutput for DeletePublicAccessBlockOutput {
    fn to_response(&self) -> Response {
        Response::empty(200)
    }
}
/// The structure `PublicAccessBlockConfiguration`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicAccessBlockConfiguration {
    /// `BlockPublicAcls`: element.
    pub block_public_acls: Option<bool>,
    /// `BlockPublicPolicy`: element.
    pub block_public_policy: Option<bool>,
    /// `IgnorePublicAcls`: element.
    pub ignore_public_acls: Option<bool>,
    /// `RestrictPublicBuckets`: element.
    pub restrict_public_buckets: Option<bool>,
}
impl FromElement for PublicAccessBlockConfiguration {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            block_public_acls: from.leaf("BlockPublicAcls").optional(&Rule::Any)?,
            block_public_policy: from.leaf("BlockPublicPolicy").optional(&Rule::Any)?,
            ignore_public_acls: from.leaf("IgnorePublicAcls").optional(&Rule::Any)?,
            restrict_public_buckets: from.leaf("RestrictPublicBuckets").optional(&Rule::Any)?,
        })
    }
}
impl ToElement for PublicAccessBlockConfiguration {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("BlockPublicAcls", &self.block_public_acls);
            to.member("BlockPublicPolicy", &self.block_public_policy);
            to.member("IgnorePublicAcls", &self.ignore_public_acls);
            to.member("RestrictPublicBuckets", &self.restrict_public_buckets);
        });
    }
}
