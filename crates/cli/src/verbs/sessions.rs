//! `strongroom sessions list|revoke`.

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use crate::client::Target;
use crate::exit::{Failure, Outcome};
use crate::print::{Printer, cell};

/// List and revoke sessions.
#[derive(Subcommand)]
pub(crate) enum Sessions {
    /// List the sessions that live, newest first.
    ///
    /// Example: strongroom sessions list
    List(List),
    /// Revoke a session, a key, or everything issued until now to a principal, through a provider,
    /// from an address or in the account. Acknowledged when nothing can be done with it any more.
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
    /// A long-term access key, which is switched off, and every session made from it.
    #[arg(long, value_name = "ACCESS_KEY_ID")]
    key: Option<String>,
    /// Everything issued before now through an identity provider, by its ARN.
    #[arg(long, value_name = "ARN")]
    provider: Option<String>,
    /// Everything that a person's session at an identity provider opened or would open: the
    /// provider's ARN, a comma, and the provider's name for the session (`sid`).
    #[arg(long, value_name = "ARN,SID")]
    idp_session: Option<String>,
    /// Everything issued before now to whoever asked from an address.
    #[arg(long, value_name = "ADDRESS")]
    address: Option<std::net::IpAddr>,
    /// Every session of the account that was issued before now.
    #[arg(long)]
    everything: bool,
}

impl What {
    /// What the server is asked.
    fn body(self) -> Result<Value, Failure> {
        let (provider, sid) = match self.idp_session.as_deref().map(|own| own.split_once(',')) {
            None => (self.provider, None),
            Some(Some((provider, sid))) => (Some(provider.to_owned()), Some(sid.to_owned())),
            Some(None) => {
                let message = "--idp-session: write the provider's ARN, a comma and the `sid`";
                return Err(Failure::Input(message.to_owned()));
            }
        };
        let named = [
            ("session", self.session),
            ("principal", self.principal),
            ("key", self.key),
            ("provider", provider),
            ("idp_session", sid),
            ("address", self.address.map(|address| address.to_string())),
        ];
        let mut body = json!({});
        if let Some(members) = body.as_object_mut() {
            for (name, value) in named {
                members.extend(value.map(|value| (name.to_owned(), value.into())));
            }
            members.extend(self.everything.then(|| ("everything".to_owned(), true.into())));
        }
        Ok(body)
    }
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
                let body = what.body()?;
                let answer = target.admin(&Method::POST, "/-/v1/sessions/revoke", Some(&body))?;
                printer.one(&answer, |answer| {
                    format!("revoked at revision {}", cell(answer, "revision"))
                });
            }
        }
        Ok(())
    }
}
