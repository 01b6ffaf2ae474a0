//! The native admin API: JSON in, JSON out, under `/-/v1/`.
//!
//! Rights over it are ordinary policy: each route is an operation of `identity` with a
//! `strongroom:…` action. What concerns the whole installation belongs to the account that owns it;
//! everything else is answered for the caller's own account.

pub(crate) mod account;
mod again;
pub(crate) mod audit;
mod body;
pub(crate) mod explain;
pub(crate) mod login;
mod narrowed;
mod operator;
pub(crate) mod provider;
pub(crate) mod record;
pub(crate) mod server;
pub(crate) mod service_account;
pub(crate) mod session;
mod sessions;

use ::audit::{JournalError, Reason};
use names::AccountId;
use serde_json::Value;

use crate::Services;
use crate::error::ApiError;
use crate::exchange::{Answer, Exchange};

pub(crate) use narrowed::View;
pub use operator::{Copied, Operator, OperatorError, TokenReport};

type Parsed<T> = Result<T, ApiError>;

/// A JSON answer.
fn answer(value: &Value) -> Parsed<Answer> {
    Ok(wire::Response::text(200, "application/json", visible(&value.to_string())).into())
}

/// JSON in which letters that turn the direction of a line are written out, as `\u202e`: a name
/// shown from it cannot look like another (Unicode TR 36 §3.4). In JSON they stand in texts alone.
fn visible(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            other => text.push(other),
        }
    }
    text
}

/// A member of the request that cannot be what it is.
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "ValidationError", message)
}

/// Something that is not there.
fn missing(code: &'static str, message: impl Into<String>, help: &str) -> ApiError {
    ApiError::new(404, code, message).helped(help)
}

/// The caller's account. Rows of this API are never open to callers without one.
fn account(x: &Exchange) -> Parsed<AccountId> {
    x.known.account().ok_or_else(|| {
        let message = "only callers of an account may ask";
        ApiError::new(403, "AccessDenied", message).because(Reason::CredentialMissing)
    })
}

/// The account that owns the installation.
fn operator(services: &Services) -> Parsed<AccountId> {
    services.identity.snapshot().operator().ok_or_else(ApiError::internal)
}

/// Reads the record where blocking is allowed, as it is after everything that was answered.
///
/// Dropped midway, the read goes on and its result is thrown away.
pub(crate) async fn read_journal<T: Send + 'static>(
    services: &Services,
    read: impl FnOnce(&::audit::Journal) -> Result<T, JournalError> + Send + 'static,
) -> Parsed<T> {
    services.journal.flush().await.map_err(|error| ApiError::from(&error))?;
    read_written(services, read).await
}

/// The same without a wait: as it is after every first leaf whose request was let in, on disk or
/// not. The ends of the last few entries may be missing.
pub(crate) async fn read_written<T: Send + 'static>(
    services: &Services,
    read: impl FnOnce(&::audit::Journal) -> Result<T, JournalError> + Send + 'static,
) -> Parsed<T> {
    let journal = std::sync::Arc::clone(&services.journal);
    let read = tokio::task::spawn_blocking(move || read(&journal)).await;
    read.map_err(|_| ApiError::internal())?.map_err(|error| {
        tracing::error!(%error, "the journal cannot be read");
        ApiError::new(500, "JournalUnreadable", error.to_string())
            .because(Reason::Unavailable { what: "journal" })
    })
}
