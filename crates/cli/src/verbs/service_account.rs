//! `strongroom service-account create|list|update|delete`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::{Value, json};

use crate::client::Target;
use crate::exit::{Failure, Outcome};
use crate::print::{Printer, cell};

/// Make, list, change and delete keys that belong to a user, role or root.
#[derive(Subcommand)]
pub(crate) enum ServiceAccount {
    /// Make a service account, whose secret is shown once.
    ///
    /// Example: strongroom service-account create nightly --policy policy.json
    Create(Create),
    /// List the service accounts of a user, role or root.
    ///
    /// Example: strongroom service-account list
    List(List),
    /// Replace what a service account is: what is not given is gone.
    ///
    /// Example: strongroom service-account update AKIAEXAMPLE123456789 nightly --status inactive
    Update(Update),
    /// Delete a service account. Acknowledged when nothing can be done with it any more.
    ///
    /// Example: strongroom service-account delete AKIAEXAMPLE123456789
    Delete(Delete),
}

/// What a service account is.
#[derive(Args)]
struct What {
    /// Its name: 2 to 64 letters, digits and `_+=,.@-`.
    name: String,
    /// A file with a policy that bounds it; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// When it ends by itself, such as 2027-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// What it is for.
    #[arg(long)]
    description: Option<String>,
}

#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    what: What,
    /// The user, role or root that it belongs to, by ARN or unique id; yourself if none is given.
    #[arg(long = "for", value_name = "ARN_OR_ID")]
    parent: Option<String>,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct List {
    /// The user, role or root, by ARN or unique id; yourself if none is given.
    #[arg(long = "for", value_name = "ARN_OR_ID")]
    parent: Option<String>,
    #[command(flatten)]
    target: Target,
}

/// Whether a service account works.
#[derive(Clone, Copy, ValueEnum)]
enum Status {
    /// It works.
    Active,
    /// It does not.
    Inactive,
}

#[derive(Args)]
pub(crate) struct Update {
    /// Its access key id.
    key: String,
    #[command(flatten)]
    what: What,
    /// Whether it works.
    #[arg(long, default_value = "active")]
    status: Status,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Delete {
    /// Its access key id.
    key: String,
    #[command(flatten)]
    target: Target,
}

impl What {
    fn body(self) -> Result<Value, Failure> {
        let policy = self.policy.as_deref().map(super::read).transpose()?;
        Ok(json!({
            "name": self.name,
            "policy": policy,
            "expires": self.expires,
            "description": self.description,
        }))
    }
}

fn with(mut body: Value, name: &str, value: Option<&str>) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.insert(name.to_owned(), json!(value));
    }
    body
}

impl ServiceAccount {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Create(Create { what, parent, target }) => {
                let body = with(what.body()?, "parent", parent.as_deref());
                let answer = target.admin(&Method::POST, "/-/v1/service-accounts", Some(&body))?;
                printer.one(&answer, |answer| {
                    format!(
                        "access key id      {}\nsecret access key  {}\n\
                         The secret is shown this once.",
                        cell(answer, "access_key_id"),
                        cell(answer, "secret_access_key"),
                    )
                });
            }
            Self::List(List { parent, target }) => {
                let query = parent.map(|parent| super::parameter("parent", &parent));
                let path = format!("/-/v1/service-accounts?{}", query.unwrap_or_default());
                let path = path.trim_end_matches('?');
                let answer = target.admin(&Method::GET, path, None)?;
                let rows = answer.get("service_accounts").and_then(Value::as_array).cloned();
                let columns = ["access_key_id", "name", "status", "expires", "description"];
                printer.rows(&rows.unwrap_or_default(), &columns);
            }
            Self::Update(Update { key, what, status, target }) => {
                let status = match status {
                    Status::Active => "active",
                    Status::Inactive => "inactive",
                };
                let body = with(what.body()?, "status", Some(status));
                let path = format!("/-/v1/service-accounts/{}", wire::percent_encode(&key));
                let answer = target.admin(&Method::PUT, &path, Some(&body))?;
                printer.one(&answer, |answer| {
                    format!("{} is {}", cell(answer, "access_key_id"), cell(answer, "status"))
                });
            }
            Self::Delete(Delete { key, target }) => {
                let path = format!("/-/v1/service-accounts/{}", wire::percent_encode(&key));
                let answer = target.admin(&Method::DELETE, &path, None)?;
                printer.one(&answer, |answer| {
                    format!("deleted at revision {}", cell(answer, "revision"))
                });
            }
        }
        Ok(())
    }
}
