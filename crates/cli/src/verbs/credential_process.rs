//! `strongroom credential-process`: the credentials of a sign-in, renewed when they are about to
//! end. What an AWS profile's `credential_process` runs.

use clap::Args;
use names::Timestamp;

use super::login::{PROFILE, print_process, sts};
use crate::client::{Target, now};
use crate::exit::{Failure, Outcome};
use crate::kept::{Issuer, Kept, Place};
use crate::openid::{Client, Provider, Said, Tokens};
use crate::print::Printer;

/// How long before their end credentials are renewed, in seconds: SDKs ask again some minutes
/// before it.
const RENEWED_BEFORE_SECONDS: i64 = 300;

/// Print the credentials of a sign-in as an AWS `credential_process` does, renewed if they are
/// about to end. `strongroom login` writes profiles that run it.
///
/// Example: strongroom credential-process --profile analyst
#[derive(Args)]
pub(crate) struct CredentialProcess {
    /// The profile that was signed in.
    #[arg(long, value_name = "NAME", default_value = PROFILE)]
    profile: String,
}

impl CredentialProcess {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let place = Place::of(&self.profile)?;
        let kept = self.kept(&place)?;
        if lives(&kept, RENEWED_BEFORE_SECONDS)? {
            return print_process(&kept.credentials, printer);
        }
        let _lock = place.lock()?;
        // Another may have renewed them while we waited.
        let mut kept = self.kept(&place)?;
        if !lives(&kept, RENEWED_BEFORE_SECONDS)? {
            match self.renew(&mut kept, &place) {
                Ok(()) => {}
                // What still lives is good for as long as it does.
                Err(Failure::Unreachable { .. }) if lives(&kept, 0)? => {}
                Err(failure) => return Err(failure),
            }
        }
        print_process(&kept.credentials, printer)
    }

    fn kept(&self, place: &Place) -> Result<Kept, Failure> {
        let profile = &self.profile;
        place.read()?.ok_or_else(|| {
            let text = format!("nobody is signed in as profile `{profile}`");
            Failure::Input(format!("{text}\nhelp: {}", again(profile)))
        })
    }

    fn renew(&self, kept: &mut Kept, place: &Place) -> Outcome {
        let ended = |code: String, message: String| {
            let help = Some(again(&self.profile));
            Failure::Refused { code, message, help }
        };
        let Some(issuer) = &mut kept.issuer else {
            let message = "a password is not kept: the sign-in has ended".to_owned();
            return Err(ended("ExpiredToken".to_owned(), message));
        };
        let Some(token) = issuer.refresh_token.clone() else {
            let message = "the provider gave nothing to renew with (no refresh token)".to_owned();
            return Err(ended("ExpiredToken".to_owned(), message));
        };
        let provider = Provider::discover(client(issuer)?)?;
        let tokens = match provider.refresh(&token)? {
            Said::Tokens(tokens) => tokens,
            Said::No { code, description } => return Err(ended(code, description)),
        };
        let Tokens { id_token, refresh_token } = tokens;
        // Kept before it is used: the old one may be good for nothing now.
        if refresh_token.is_some() {
            issuer.refresh_token = refresh_token;
            place.write(kept)?;
        }
        let target = Target { endpoint: Some(kept.endpoint.clone()), profile: None };
        kept.credentials = sts::with_token(&target, &kept.session, &id_token)?;
        place.write(kept)
    }
}

/// What we are to the provider of a sign-in.
pub(crate) fn client(issuer: &Issuer) -> Result<Client, Failure> {
    let secret = issuer.client_secret_file.as_deref().map(super::read).transpose()?;
    Ok(Client {
        issuer: issuer.issuer.clone(),
        id: issuer.client_id.clone(),
        secret: secret.map(|text| text.trim().to_owned()),
    })
}

fn again(profile: &str) -> String {
    format!(
        "sign in again: `strongroom login --profile {profile}` with the words of the first time"
    )
}

/// Whether credentials live for so many seconds more. What has no readable end has ended.
fn lives(kept: &Kept, seconds: i64) -> Result<bool, Failure> {
    let end: Option<Timestamp> = kept.credentials.expiration.parse().ok();
    let now = now()?;
    Ok(end.is_some_and(|end| now.plus_seconds(seconds) < end))
}
