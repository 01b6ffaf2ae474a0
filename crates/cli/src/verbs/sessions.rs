//! `strongroom sessions list|revoke`.

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use crate::client::Target;
use crate::exit::Outcome;
use crate::print::{Printer, cell};

/// List and revoke sessions.
#[derive(Subcommand)]
pub(crate) enum Sessions {
    /// List the sessions that live, newest first.
    ///
    /// Example: strongroom sessions list
    List(List),
    /// Revoke a session, or everything issued to a principal until now. Acknowledged when nothing
    /// can be done with it any more.
    ///
    /// Example: strongroom sessions revoke --session ASIAEXAMPLE123456789
    Revoke(Revoke),
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Revoke {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct What {
    /// One session, by its access key id.
    #[arg(long, value_name = "ACCESS_KEY_ID")]
    session: Option<String>,
    /// Everything issued before now to a user or role, by its ARN or unique id.
    #[arg(long, value_name = "ARN_OR_ID")]
    principal: Option<String>,
}

impl Sessions {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::List(list) => {
                let answer = list.target.admin(&Method::GET, "/-/v1/sessions", None)?;
                let rows = answer.get("sessions").and_then(Value::as_array).cloned();
                let columns = ["access_key_id", "principal", "human", "minted", "expires", "state"];
                printer.rows(&rows.unwrap_or_default(), &columns);
            }
            Self::Revoke(Revoke { what, target }) => {
                let body = json!({ "session": what.session, "principal": what.principal });
                let answer = target.admin(&Method::POST, "/-/v1/sessions/revoke", Some(&body))?;
                printer.one(&answer, |answer| {
                    format!("revoked at revision {}", cell(answer, "revision"))
                });
            }
        }
        Ok(())
    }
}
