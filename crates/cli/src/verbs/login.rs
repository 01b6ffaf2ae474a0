//! `strongroom login`: a token of an identity provider becomes credentials in an AWS profile, or
//! the answer of its `credential_process`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};

use crate::client::{Answer, Target};
use crate::credentials::section;
use crate::environment::aws_file;
use crate::exit::{Failure, Outcome};
use crate::ini;
use crate::print::{Printer, cell};

/// Sign in with a token of an identity provider.
///
/// Example: strongroom login --token-command 'get-token' --role
/// arn:aws:iam::111122223333:role/Analyst --profile analyst
#[derive(Args)]
pub(crate) struct Login {
    /// The provider the token must come from; any that the server knows if not given.
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// The role to assume; without one, the rights that the provider's mapping gives.
    #[arg(long, value_name = "ARN")]
    role: Option<String>,
    /// A file with the token; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "token_command")]
    token_file: Option<PathBuf>,
    /// A command that prints the token.
    #[arg(long, value_name = "COMMAND")]
    token_command: Option<String>,
    /// How long the credentials live, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    duration: u32,
    /// The name of the session, for the record.
    #[arg(long, value_name = "NAME", default_value = "strongroom-login")]
    session_name: String,
    /// Print the credentials as an AWS `credential_process` does, and write no profile.
    #[arg(long)]
    credential_process: bool,
    /// The server and the profile to write.
    #[command(flatten)]
    target: Target,
}

/// What a login gives.
struct Issued {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

impl Login {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let issued = self.sign_in()?;
        if self.credential_process {
            let printed = json!({
                "Version": 1,
                "AccessKeyId": issued.access_key_id,
                "SecretAccessKey": issued.secret_access_key,
                "SessionToken": issued.session_token,
                "Expiration": issued.expiration,
            });
            printer.one(&printed, Value::to_string);
            return Ok(());
        }
        let profile = self.target.profile.clone().unwrap_or_else(|| "strongroom".to_owned());
        self.write_profile(&profile, &issued)?;
        let said = json!({
            "profile": profile,
            "access_key_id": issued.access_key_id,
            "expiration": issued.expiration,
        });
        printer.one(&said, |said| {
            format!(
                "signed in until {}; use it with: aws --profile {} s3 ls",
                cell(said, "expiration"),
                cell(said, "profile"),
            )
        });
        Ok(())
    }

    fn sign_in(&self) -> Result<Issued, Failure> {
        let token = self.token()?;
        let mut form = vec![
            ("Action", "AssumeRoleWithWebIdentity".to_owned()),
            ("Version", "2011-06-15".to_owned()),
            ("RoleSessionName", self.session_name.clone()),
            ("DurationSeconds", self.duration.to_string()),
            ("WebIdentityToken", token),
        ];
        form.extend(self.role.clone().map(|role| ("RoleArn", role)));
        form.extend(self.provider.clone().map(|name| ("ProviderId", name)));
        let body: Vec<String> =
            form.iter().map(|(name, value)| super::parameter(name, value)).collect();
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(http::header::CONTENT_TYPE, kind);
        let answer = self.target.send(&Method::POST, "/", headers, body.join("&"))?;
        issued(&answer)
    }

    fn token(&self) -> Result<String, Failure> {
        let text = match (&self.token_file, &self.token_command) {
            (Some(file), _) => super::read(file)?,
            (None, Some(command)) => from_command(command)?,
            (None, None) => super::read(Path::new("-"))?,
        };
        match text.trim() {
            "" => Err(Failure::Input("the token is empty".to_owned())),
            token => Ok(token.to_owned()),
        }
    }

    /// A token that can be had again makes a profile that renews itself; one that was typed in
    /// makes a profile that lasts as long as its credentials.
    fn write_profile(&self, profile: &str, issued: &Issued) -> Outcome {
        let endpoint = self.target.url();
        let config = aws_file("AWS_CONFIG_FILE", "config");
        let credentials = aws_file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
        let (Some(config), Some(credentials)) = (config, credentials) else {
            return Err(Failure::Input("HOME is not set: there is no place for a profile".into()));
        };
        let renewal = self.renewal(&endpoint)?;
        let mut pairs = vec![("endpoint_url", endpoint.as_str()), ("region", "us-east-1")];
        if let Some(command) = &renewal {
            pairs.push(("credential_process", command));
        }
        replace_section(&config, &section(profile), &pairs)?;
        let kept: Vec<(&str, &str)> = match renewal {
            Some(_) => Vec::new(),
            None => vec![
                ("aws_access_key_id", issued.access_key_id.as_str()),
                ("aws_secret_access_key", issued.secret_access_key.as_str()),
                ("aws_session_token", issued.session_token.as_str()),
            ],
        };
        replace_section(&credentials, profile, &kept)
    }

    /// The command line that gets fresh credentials, if the token can be had again.
    fn renewal(&self, endpoint: &str) -> Result<Option<String>, Failure> {
        let source = match (&self.token_file, &self.token_command) {
            (Some(file), _) if file != Path::new("-") => {
                let file = std::path::absolute(file)
                    .map_err(|error| Failure::Input(format!("{}: {error}", file.display())))?;
                ["--token-file".to_owned(), quoted(&file.to_string_lossy())]
            }
            (None, Some(command)) => ["--token-command".to_owned(), quoted(command)],
            _ => return Ok(None),
        };
        let program = std::env::current_exe()
            .map_err(|error| Failure::Broken(format!("this program cannot be found: {error}")))?;
        let mut words = vec![quoted(&program.to_string_lossy()), "login".to_owned()];
        words.push("--credential-process".to_owned());
        words.extend(source);
        words.extend(["--endpoint".to_owned(), quoted(endpoint)]);
        words.extend(["--duration".to_owned(), self.duration.to_string()]);
        words.extend(["--session-name".to_owned(), quoted(&self.session_name)]);
        for (flag, value) in [("--role", &self.role), ("--provider", &self.provider)] {
            if let Some(value) = value {
                words.extend([flag.to_owned(), quoted(value)]);
            }
        }
        Ok(Some(words.join(" ")))
    }
}

/// A word as the shell that runs `credential_process` reads it back.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn from_command(command: &str) -> Result<String, Failure> {
    let output = Command::new("sh")
        .args(["-c", command])
        .output()
        .map_err(|error| Failure::Input(format!("--token-command: {error}")))?;
    if output.status.success() {
        String::from_utf8(output.stdout)
            .map_err(|_| Failure::Input("--token-command printed no text".to_owned()))
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Failure::Input(format!("--token-command failed: {}", said.trim())))
    }
}

/// The credentials of an STS answer, or its refusal.
fn issued(answer: &Answer) -> Result<Issued, Failure> {
    let read = |name: &str| element(&answer.body, name);
    if answer.status == 200
        && let Some(access_key_id) = read("AccessKeyId")
        && let Some(secret_access_key) = read("SecretAccessKey")
        && let Some(session_token) = read("SessionToken")
        && let Some(expiration) = read("Expiration")
    {
        return Ok(Issued { access_key_id, secret_access_key, session_token, expiration });
    }
    let code = read("Code").unwrap_or_else(|| format!("HTTP {}", answer.status));
    let message = read("Message").unwrap_or_default();
    Err(Failure::Refused {
        code,
        message,
        help: Some("strongroom idp check explains a token".into()),
    })
}

/// The text of the first element of that name. STS writes these elements without attributes and
/// with values that need no escapes but the five predefined ones.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    Some(plain.replace("&apos;", "'").replace("&amp;", "&"))
}

/// Replaces one section of an AWS file, which only its owner may read.
fn replace_section(file: &Path, section: &str, pairs: &[(&str, &str)]) -> Outcome {
    let broken = |error: std::io::Error| Failure::Broken(format!("{}: {error}", file.display()));
    let before = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(broken(error)),
    };
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory).map_err(broken)?;
    }
    let temporary = file.with_extension("strongroom-new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut output = options.open(&temporary).map_err(broken)?;
    output.write_all(ini::with_section(&before, section, pairs).as_bytes()).map_err(broken)?;
    output.sync_all().map_err(broken)?;
    fs::rename(&temporary, file).map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_from_an_answer_and_a_refusal_is_one() {
        let body = "<C><AccessKeyId>A</AccessKeyId><SecretAccessKey>s&amp;s</SecretAccessKey>\
                    <SessionToken>t</SessionToken><Expiration>e</Expiration></C>";
        let good = Answer { status: 200, body: body.to_owned() };
        assert_eq!(issued(&good).map(|i| i.secret_access_key).ok().as_deref(), Some("s&s"));
        let body = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
        let bad = Answer { status: 403, body: body.to_owned() };
        assert!(
            matches!(issued(&bad), Err(Failure::Refused { code, .. }) if code == "AccessDenied")
        );
    }

    #[test]
    fn a_word_survives_the_shell() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
