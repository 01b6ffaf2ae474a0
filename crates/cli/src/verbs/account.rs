//! `strongroom account create|list|suspend|resume|close|bound|public-access`.

pub(crate) mod public_access;

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use crate::client::Target;
use crate::exit::Outcome;
use crate::print::{Printer, cell};

/// Create, list, bound, suspend and close accounts.
#[derive(Subcommand)]
pub(crate) enum Account {
    /// Create an account and its root credential, which is shown once.
    ///
    /// Example: strongroom account create partner
    Create(Create),
    /// List the accounts.
    ///
    /// Example: strongroom account list
    List(List),
    /// Take an account out of use until it is resumed. Acknowledged when none of its callers can do
    /// anything any more.
    ///
    /// Example: strongroom account suspend 444455556666
    Suspend(One),
    /// Put a suspended account back in use.
    ///
    /// Example: strongroom account resume 444455556666
    Resume(One),
    /// Take an account out of use for ever.
    ///
    /// Example: strongroom account close 444455556666
    Close(One),
    /// Set how long sessions in an account may be, and whether Signature Version 2 is taken of it;
    /// as the installation has it for what is not given.
    ///
    /// Example: strongroom account bound 444455556666 --session-seconds-max 3600
    Bound(Bound),
    /// Show, set and remove what keeps every bucket of your account from the public.
    #[command(subcommand)]
    PublicAccess(public_access::PublicAccess),
}

#[derive(Args)]
pub(crate) struct One {
    /// The account's twelve digits.
    id: String,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Bound {
    /// The account's twelve digits.
    id: String,
    /// The longest session, in seconds.
    #[arg(long, value_name = "SECONDS")]
    session_seconds_max: Option<u32>,
    /// Whether requests may be signed by the old AWS Signature Version 2.
    #[arg(long, value_parser = ["allow", "refuse"])]
    signature_v2: Option<String>,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Create {
    /// The account's name.
    name: String,
    /// Its twelve digits; drawn if not given.
    #[arg(long, value_name = "DIGITS")]
    id: Option<String>,
    /// A file with the root's access key id on the first line and its secret on the second; drawn
    /// if not given.
    #[arg(long, value_name = "FILE")]
    root_key_file: Option<std::path::PathBuf>,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    target: Target,
}

impl Account {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Create(create) => create.run(printer),
            Self::List(list) => {
                let answer = list.target.admin(&Method::GET, "/-/v1/accounts", None)?;
                let rows = answer.get("accounts").and_then(Value::as_array).cloned();
                printer.rows(&rows.unwrap_or_default(), &["id", "name", "status", "created"]);
                Ok(())
            }
            Self::Suspend(one) => one.run("suspend", printer),
            Self::Resume(one) => one.run("resume", printer),
            Self::Close(one) => one.run("close", printer),
            Self::PublicAccess(verb) => verb.run(printer),
            Self::Bound(bound) => {
                let path = format!("/-/v1/accounts/{}", wire::percent_encode(&bound.id));
                let body = json!({
                    "session_seconds_max": bound.session_seconds_max,
                    "signature_v2": bound.signature_v2,
                });
                let answer = bound.target.admin(&Method::PUT, &path, Some(&body))?;
                printer.one(&answer, shown);
                Ok(())
            }
        }
    }
}

impl One {
    fn run(self, what: &str, printer: &Printer) -> Outcome {
        let path = format!("/-/v1/accounts/{}/{what}", wire::percent_encode(&self.id));
        let answer = self.target.admin(&Method::POST, &path, None)?;
        printer.one(&answer, shown);
        Ok(())
    }
}

fn shown(answer: &Value) -> String {
    format!(
        "account {} ({}) is {}",
        cell(answer, "id"),
        cell(answer, "name"),
        cell(answer, "status")
    )
}

impl Create {
    fn run(self, printer: &Printer) -> Outcome {
        let mut body = json!({ "name": self.name });
        if let (Some(id), Some(members)) = (self.id, body.as_object_mut()) {
            members.insert("id".to_owned(), id.into());
        }
        if let Some(file) = self.root_key_file {
            let (id, secret) = super::key_file(&file)?;
            if let Some(members) = body.as_object_mut() {
                members.insert("root_access_key_id".to_owned(), id.into());
                members.insert("root_secret_access_key".to_owned(), secret.into());
            }
        }
        let answer = self.target.admin(&Method::POST, "/-/v1/accounts", Some(&body))?;
        printer.one(&answer, |answer| {
            format!(
                "account {} ({})\nroot access key id      {}\nroot secret access key  {}\n\
                 The secret is shown this once.",
                cell(answer, "id"),
                cell(answer, "name"),
                cell(answer, "root/access_key_id"),
                cell(answer, "root/secret_access_key"),
            )
        });
        Ok(())
    }
}
