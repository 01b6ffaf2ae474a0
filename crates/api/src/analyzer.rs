//! AWS's Access Analyzer, as far as it judges policies that are sent to it: REST and JSON. The
//! findings are those of `strongroom policy check`, the comparisons those of `policy diff`.
//!
//! What cannot be decided exactly is answered `UnprocessableEntityException`, never a pass.

mod access;
mod finding;

use audit::{Permit, Reason};
use identity::Perform;
use identity::ops::{self, RequestFacts};
use policy::{Document, Kind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Act, Exchange, Payload};
use crate::iam::prepared;

type Parsed<T> = Result<T, ApiError>;

/// What such a message is.
pub(crate) const CONTENT_TYPE: &str = "application/json";
/// The paths that are served, all for POST.
pub(crate) const PATHS: [&str; 4] = [
    "/policy/validation",
    "/policy/check-no-new-access",
    "/policy/check-access-not-granted",
    "/policy/check-no-public-access",
];
/// The parameters of the query that any of them has.
pub(crate) const PARAMETERS: [&str; 2] = ["maxResults", "nextToken"];

/// `ValidatePolicy`
pub(crate) async fn validate(mut x: Exchange) -> Response {
    let page = finding::page(&x);
    let asked = page.and_then(|page| Ok((page, x.sent::<finding::Asked>()?)));
    let account = x.own_account();
    answer(x, asked, account.map(|account| ops::ValidatePolicy { account }), |(page, asked)| {
        asked.answer(&page)
    })
    .await
}

/// `CheckNoNewAccess`
pub(crate) async fn no_new_access(mut x: Exchange) -> Response {
    let asked = x.sent::<access::NoNewAccess>();
    let account = x.own_account();
    let op = account.map(|account| ops::CheckNoNewAccess { account });
    answer(x, asked, op, access::NoNewAccess::answer).await
}

/// `CheckAccessNotGranted`
pub(crate) async fn access_not_granted(mut x: Exchange) -> Response {
    let asked = x.sent::<access::NotGranted>();
    let account = x.own_account();
    let op = account.map(|account| ops::CheckAccessNotGranted { account });
    answer(x, asked, op, access::NotGranted::answer).await
}

/// `CheckNoPublicAccess`
pub(crate) async fn no_public_access(mut x: Exchange) -> Response {
    let asked = x.sent::<access::NoPublicAccess>();
    let account = x.own_account();
    let op = account.map(|account| ops::CheckNoPublicAccess { account });
    answer(x, asked, op, access::NoPublicAccess::answer).await
}

/// Decides and records, then answers beside the requests that are served: a comparison may take
/// long.
async fn answer<Asked, Op>(
    x: Exchange,
    asked: Parsed<Asked>,
    op: Parsed<Op>,
    tell: impl FnOnce(Asked) -> Parsed<Value> + Send + 'static,
) -> Response
where
    Asked: Send + 'static,
    Op: Perform<Output = ()> + RequestFacts,
{
    // Who may not ask learns nothing of what was wrong with the question.
    let (prepared, asked) = match (op, asked) {
        (Ok(op), asked) => (Ok(prepared(op)), Some(asked)),
        (Err(error), _) => (Err(error), None),
    };
    x.through(prepared, async move |act: Act, permit: Permit<Op>| {
        act.services.identity.perform(permit).await?;
        let asked = asked.unwrap_or_else(|| Err(ApiError::internal()))?;
        let told = tokio::task::spawn_blocking(move || tell(asked)).await;
        let told = told.map_err(|_| ApiError::internal())??;
        Ok(wire::Response::text(200, CONTENT_TYPE, told.to_string()).into())
    })
    .await
}

impl Exchange {
    /// The message of a request: an object of exactly the members that the type has.
    fn sent<T: DeserializeOwned>(&mut self) -> Parsed<T> {
        let Payload::Whole(body) = std::mem::replace(&mut self.payload, Payload::Taken) else {
            return Err(ApiError::internal());
        };
        serde_json::from_slice(&body).map_err(|error| {
            let reason = if error.is_data() { "fieldValidationFailed" } else { "cannotParse" };
            invalid(reason, error.to_string())
        })
    }
}

/// A `ValidationException`, with one of the model's reasons.
fn invalid(reason: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::new(400, "ValidationException", message)
        .because(Reason::Malformed { what: "message" })
        .with("reason", reason)
}

/// An `InvalidParameterException`.
fn parameter(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidParameterException", message)
        .because(Reason::Malformed { what: "message" })
}

/// What a policy is attached to, in the two words that comparisons know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
enum PolicyType {
    #[serde(rename = "IDENTITY_POLICY")]
    Identity,
    #[serde(rename = "RESOURCE_POLICY")]
    Resource,
}

impl PolicyType {
    /// The kind of a document: a resource's policy without resources is a role's trust.
    fn kind(self, text: &str) -> Kind {
        match self {
            Self::Identity => Kind::Identity,
            Self::Resource => resource_kind(text),
        }
    }
}

fn resource_kind(text: &str) -> Kind {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let names = |one: &Value| one.get("Resource").is_some() || one.get("NotResource").is_some();
    let all = statements(&document);
    if all.is_empty() || all.iter().any(names) { Kind::Bucket } else { Kind::RoleTrust }
}

/// The statements of a document, which may be one without a list.
fn statements(document: &Value) -> Vec<Value> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

/// A document that was sent under a name.
fn document(name: &str, text: &str, kind: Kind) -> Parsed<Document> {
    Document::parse(text, kind).map_err(|error| parameter(format!("`{name}`: {error}")))
}

/// A result and its reasons.
fn result(passes: Option<&str>, message: &str, reasons: &[Value]) -> Value {
    let result = passes.map_or("FAIL", |_| "PASS");
    let message = passes.unwrap_or(message);
    json!({ "result": result, "message": message, "reasons": reasons })
}
