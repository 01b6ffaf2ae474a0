//! `strongroom login`: a person signs in at an identity provider or with a directory's password,
//! and leaves an AWS profile that every SDK finds.

pub(crate) mod profile;
pub(crate) mod sts;
mod token;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;
use http::Method;
use serde_json::{Value, json};

use crate::client::Target;
use crate::exit::{Failure, Outcome};
use crate::kept::{Issued, Issuer, Kept, Place, Session};
use crate::openid::browser::{self, Open, Wishes};
use crate::openid::exchange::{self, Kind, Wanted};
use crate::openid::{Client, Provider, device};
use crate::print::{Printer, cell};
use crate::terminal;

/// The profile of whoever names none.
pub(crate) const PROFILE: &str = "strongroom";
/// How long credentials live that are renewed by themselves, in seconds.
const RENEWED_SECONDS: u32 = 900;
/// How long credentials live that somebody must sign in for again, in seconds.
const TYPED_SECONDS: u32 = 3600;

/// Sign in: with a browser, with a code on another device, with a directory's password, or with a
/// token that another program has got.
///
/// A browser and a code need a provider that `strongroom idp add` knows: its name is enough where
/// the server tells the rest (`strongroom login --provider corp`); else say --issuer and
/// --client-id. The client there must be public (no secret), with PKCE, and send people back to
/// http://127.0.0.1/callback on any port. What is kept of the sign-in is a file in the folder of
/// your settings that only you can read; `aws --profile NAME` and every SDK then get credentials
/// that are renewed by themselves for as long as the provider allows. `strongroom logout` ends it.
///
/// Example: strongroom login --provider corp --role
/// arn:aws:iam::111122223333:role/Analyst --profile analyst
#[derive(Args)]
pub(crate) struct Login {
    /// The provider's name at the server.
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// The role to assume; without one, the rights that the provider's mapping gives.
    #[arg(long, value_name = "ARN")]
    role: Option<String>,
    /// Sign in with a browser on this machine. Taken if nothing else is said.
    #[arg(long, conflicts_with_all = ["device", "user", "token_file", "token_command"])]
    browser: bool,
    /// Sign in with a code that is typed on another device.
    #[arg(long, conflicts_with_all = ["user", "token_file", "token_command"])]
    device: bool,
    /// Sign in with a directory's password, which is asked for.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["token_file", "token_command"])]
    user: Option<String>,
    /// The password is the first line of standard input.
    #[arg(long, requires = "user")]
    password_stdin: bool,
    /// The provider's issuer, where the server does not tell it.
    #[arg(long, value_name = "URL", requires = "client_id")]
    issuer: Option<String>,
    /// Our client id there.
    #[arg(long, value_name = "ID", requires = "issuer")]
    client_id: Option<String>,
    /// A file with the secret that some providers give out even to programs on people's machines.
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// The scopes to ask for, instead of what the provider knows of openid, profile, email, groups
    /// and offline_access.
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// What the provider is to ask the person anew: `login`, `consent`, `select_account`.
    #[arg(long, value_name = "WORDS")]
    prompt: Option<String>,
    /// The port of 127.0.0.1 to come back to, where the provider must know it.
    #[arg(long, value_name = "PORT")]
    redirect_port: Option<u16>,
    /// Open no browser: print the address.
    #[arg(long)]
    no_open: bool,
    /// A file with a token; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "token_command")]
    token_file: Option<PathBuf>,
    /// A command that prints a token.
    #[arg(long, value_name = "COMMAND")]
    token_command: Option<String>,
    /// Exchange the token at its provider for one that is for us (RFC 8693): the client there must
    /// be one that may.
    #[arg(long, conflicts_with_all = ["browser", "device", "user"])]
    exchange: bool,
    /// What the token is that is exchanged.
    #[arg(long, value_name = "KIND", requires = "exchange", default_value = "access_token")]
    token_type: Kind,
    /// Whom the new token is to be for, if not for the client that asks.
    #[arg(long, value_name = "NAME", requires = "exchange")]
    audience: Option<String>,
    /// How long the credentials live, in seconds: 900 if they are renewed by themselves, else 3600.
    #[arg(long, value_name = "SECONDS")]
    duration: Option<u32>,
    /// The name of the session, for the record.
    #[arg(long, value_name = "NAME", default_value = "strongroom-login")]
    session_name: String,
    /// Print the credentials of a token as an AWS `credential_process` does, and write no profile.
    #[arg(long, conflicts_with_all = ["browser", "device", "user"])]
    credential_process: bool,
    /// The server and the profile to write.
    #[command(flatten)]
    target: Target,
}

/// How somebody signs in.
enum Way<'a> {
    Browser,
    Device,
    Password(&'a str),
    Token,
}

impl Login {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self.way()? {
            Way::Token => self.by_token(printer),
            Way::Password(user) => self.by_password(user, printer),
            way @ (Way::Browser | Way::Device) => self.by_openid(&way, printer),
        }
    }

    fn way(&self) -> Result<Way<'_>, Failure> {
        if self.token_file.is_some() || self.token_command.is_some() || self.exchange {
            return Ok(Way::Token);
        }
        match &self.user {
            Some(user) => return Ok(Way::Password(user)),
            None if self.device => return Ok(Way::Device),
            None if self.browser || self.issuer.is_some() => return Ok(Way::Browser),
            None => {}
        }
        match (std::io::stdin().is_terminal(), &self.provider) {
            (false, _) => Ok(Way::Token),
            (true, Some(_)) => Ok(Way::Browser),
            (true, None) => Err(Failure::Input(
                "say where to sign in\nhelp: --provider NAME for a browser, with --device for a \
                 code, --user NAME for a directory's password, --token-file FILE for a token"
                    .to_owned(),
            )),
        }
    }

    fn session(&self, default_seconds: u32) -> Session {
        Session {
            provider: self.provider.clone(),
            role: self.role.clone(),
            name: self.session_name.clone(),
            seconds: self.duration.unwrap_or(default_seconds),
        }
    }

    fn profile(&self) -> String {
        self.target.profile.clone().unwrap_or_else(|| PROFILE.to_owned())
    }

    /// A token that can be had again makes a profile that renews itself; one that was typed in
    /// makes a profile that lasts as long as its credentials.
    fn by_token(&self, printer: &Printer) -> Outcome {
        let session = self.session(RENEWED_SECONDS);
        let issued = sts::with_token(&self.target, &session, &self.exchanged(self.token()?)?)?;
        if self.credential_process {
            return print_process(&issued, printer);
        }
        let (profile, endpoint) = (self.profile(), self.target.url());
        let renewal = self.renewal(&endpoint, session.seconds)?;
        let source = match &renewal {
            Some(command) => profile::Source::Command(command),
            None => profile::Source::Keys(&issued),
        };
        profile::write(&profile, &endpoint, &source)?;
        said(&profile, &issued, renewal.is_some(), printer);
        Ok(())
    }

    /// The token itself, or what its provider gives in exchange.
    fn exchanged(&self, token: String) -> Result<String, Failure> {
        if !self.exchange {
            return Ok(token);
        }
        let (audience, scope) = (self.audience.as_deref(), self.scope.as_deref());
        let wanted = Wanted { kind: self.token_type, audience, scope };
        exchange::exchange(&Provider::discover(self.client()?)?, &token, &wanted)
    }

    fn by_password(&self, user: &str, printer: &Printer) -> Outcome {
        let password = match self.password_stdin {
            true => std::io::stdin()
                .lines()
                .next()
                .transpose()
                .map_err(|error| Failure::Input(format!("standard input: {error}")))?
                .unwrap_or_default(),
            false => terminal::password(&format!("password of {user}: "))?,
        };
        if password.is_empty() {
            return Err(Failure::Input("the password is empty".to_owned()));
        }
        let session = self.session(TYPED_SECONDS);
        let issued = sts::with_password(&self.target, &session, user, &password)?;
        self.keep(session, None, &issued, printer)
    }

    fn by_openid(&self, way: &Way<'_>, printer: &Printer) -> Outcome {
        let client = self.client()?;
        let provider = Provider::discover(client.clone())?;
        let scope = self.scope.as_deref();
        let tokens = match way {
            Way::Device => device::sign_in(&provider, scope, &|told| {
                let place = told.whole.as_ref().unwrap_or(&told.place);
                tell(&format!("open {place} and agree to the code {}", told.code));
            })?,
            _ => {
                let open = if self.no_open { Open::Person } else { Open::Desktop };
                let (prompt, port) = (self.prompt.as_deref(), self.redirect_port);
                let wishes = Wishes { scope, prompt, port, open };
                browser::sign_in(&provider, &wishes, &|address| {
                    tell(&format!("sign in at {address}"));
                })?
            }
        };
        let renewed = tokens.refresh_token.is_some();
        let session = self.session(if renewed { RENEWED_SECONDS } else { TYPED_SECONDS });
        let issued = sts::with_token(&self.target, &session, &tokens.id_token)?;
        let secret_file = self.client_secret_file.as_ref().map(std::path::absolute).transpose();
        let secret_file = secret_file.map_err(|error| Failure::Input(error.to_string()))?;
        let issuer = Issuer {
            issuer: client.issuer,
            client_id: client.id,
            client_secret_file: secret_file,
            refresh_token: tokens.refresh_token,
        };
        self.keep(session, Some(issuer), &issued, printer)
    }

    /// What we are to the provider: as it is said, else as the server tells it.
    fn client(&self) -> Result<Client, Failure> {
        let secret = self.client_secret_file.as_deref().map(super::read).transpose()?;
        let secret = secret.map(|text| text.trim().to_owned());
        if let (Some(issuer), Some(id)) = (&self.issuer, &self.client_id) {
            return Ok(Client { issuer: issuer.clone(), id: id.clone(), secret });
        }
        let Some(name) = &self.provider else {
            let text = "--provider NAME, or --issuer and --client-id, is needed";
            return Err(Failure::Input(text.to_owned()));
        };
        let settings = self.target.login_settings(name)?;
        let word = |member: &str| settings.get(member).and_then(Value::as_str).map(str::to_owned);
        match (word("issuer"), word("client_id")) {
            (Some(issuer), Some(id)) => Ok(Client { issuer, id, secret }),
            _ => Err(Failure::Input(format!(
                "`{name}` is a directory\nhelp: sign in with --user NAME"
            ))),
        }
    }

    fn keep(
        &self,
        session: Session,
        issuer: Option<Issuer>,
        issued: &Issued,
        printer: &Printer,
    ) -> Outcome {
        let (profile, endpoint) = (self.profile(), self.target.url());
        let renewed = issuer.as_ref().is_some_and(|own| own.refresh_token.is_some());
        let place = Place::of(&profile)?;
        let _lock = place.lock()?;
        place.write(&Kept::new(endpoint.clone(), session, issuer, issued.clone()))?;
        let command =
            profile::command(&["credential-process", "--profile", &profile::quoted(&profile)])?;
        profile::write(&profile, &endpoint, &profile::Source::Command(&command))?;
        said(&profile, issued, renewed, printer);
        Ok(())
    }
}

/// Tells the person what to do: on standard error, since the answer comes later.
fn tell(text: &str) {
    eprintln!("{text}");
}

/// Prints credentials as the AWS CLI user guide has it ("Sourcing credentials with an external
/// process").
pub(crate) fn print_process(issued: &Issued, printer: &Printer) -> Outcome {
    let printed = json!({
        "Version": 1,
        "AccessKeyId": issued.access_key_id,
        "SecretAccessKey": issued.secret_access_key,
        "SessionToken": issued.session_token,
        "Expiration": issued.expiration,
    });
    printer.one(&printed, Value::to_string);
    Ok(())
}

fn said(profile: &str, issued: &Issued, renewed: bool, printer: &Printer) {
    let said = json!({
        "profile": profile,
        "access_key_id": issued.access_key_id,
        "expiration": issued.expiration,
        "renewed": renewed,
    });
    printer.one(&said, |said| {
        let more = if renewed { ", renewed by itself" } else { "" };
        format!(
            "signed in until {}{more}; use it with: aws --profile {} s3 ls",
            cell(said, "expiration"),
            cell(said, "profile"),
        )
    });
}

impl Target {
    /// What the server tells everybody of a provider that people sign in with.
    fn login_settings(&self, name: &str) -> Result<Value, Failure> {
        let path = format!("/-/v1/login/{}", wire::percent_encode(name));
        let answer = self.send(&Method::GET, &path, http::HeaderMap::new(), String::new())?;
        crate::client::json(&answer)
    }
}
