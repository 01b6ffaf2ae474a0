//! `strongroom logout`: gives a sign-in back and forgets it.

use clap::Args;
use serde_json::json;

use super::credential_process::client;
use super::login::{PROFILE, profile};
use crate::exit::{Failure, Outcome};
use crate::kept::{Issuer, Place};
use crate::openid::Provider;
use crate::print::{Printer, cell};

/// End a sign-in: the provider is told that its refresh token is given back, what was kept is
/// deleted, and the AWS profile goes. Credentials that were given out live to their end:
/// `strongroom sessions revoke` ends them at once.
///
/// Example: strongroom logout --profile analyst
#[derive(Args)]
pub(crate) struct Logout {
    /// The profile that was signed in.
    #[arg(long, value_name = "NAME", default_value = PROFILE)]
    profile: String,
}

impl Logout {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let place = Place::of(&self.profile)?;
        let _lock = place.lock()?;
        // What cannot be read can be forgotten.
        let kept = place.read().unwrap_or_default();
        if let Some(issuer) = kept.and_then(|kept| kept.issuer)
            && let Err(failure) = give_back(&issuer)
        {
            let text =
                "the provider could not be told: the refresh token lives on there until it ends";
            printer.remark(&format!("{text} ({failure})"));
        }
        if !place.forget()? {
            let text = format!("nobody is signed in as profile `{}`", self.profile);
            return Err(Failure::Input(text));
        }
        profile::remove(&self.profile)?;
        let said = json!({ "profile": self.profile });
        printer.one(&said, |said| format!("signed out of {}", cell(said, "profile")));
        Ok(())
    }
}

fn give_back(issuer: &Issuer) -> Outcome {
    let Some(token) = &issuer.refresh_token else { return Ok(()) };
    Provider::discover(client(issuer)?)?.give_back(token)
}
