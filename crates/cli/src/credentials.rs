//! The ordinary AWS credential chain, as far as a command line needs it: variables, then the
//! profile's keys, then the profile's `credential_process`.

use std::fs;
use std::process::Command;

use serde::Deserialize;
use signing::sign::Credentials;

use crate::environment::{aws_file, variable};
use crate::exit::Failure;
use crate::ini;

/// The profile in use and what its files say.
pub(crate) struct Profile {
    name: String,
    choice: Choice,
    config: String,
    credentials: String,
}

/// How the profile was chosen. One that is named on the command line is meant, whatever the
/// environment holds; that is how the AWS command has it too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Named,
    Default,
}

/// What a `credential_process` prints (AWS CLI user guide, "Sourcing credentials with an external
/// process").
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl Profile {
    /// The profile of `--profile`, else of `AWS_PROFILE`, else `default`.
    pub(crate) fn load(name: Option<&str>) -> Self {
        let read = |over, file| {
            aws_file(over, file).and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default()
        };
        Self {
            choice: if name.is_some() { Choice::Named } else { Choice::Default },
            name: name
                .map(str::to_owned)
                .or_else(|| variable("AWS_PROFILE"))
                .unwrap_or_else(|| "default".to_owned()),
            config: read("AWS_CONFIG_FILE", "config"),
            credentials: read("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        }
    }

    /// `endpoint_url` of the profile.
    pub(crate) fn endpoint(&self) -> Option<String> {
        self.config_value("endpoint_url")
    }

    /// The credentials that the chain finds first.
    pub(crate) fn credentials(&self) -> Result<Credentials, Failure> {
        let environment = variable("AWS_ACCESS_KEY_ID").filter(|_| self.choice == Choice::Default);
        if let Some(id) = environment {
            let secret = variable("AWS_SECRET_ACCESS_KEY").ok_or_else(|| {
                Failure::Input("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not".into())
            })?;
            return credentials(&id, &secret, variable("AWS_SESSION_TOKEN"));
        }
        let stored = |name| {
            ini::value(&self.credentials, &self.name, name).or_else(|| self.config_value(name))
        };
        if let (Some(id), Some(secret)) =
            (stored("aws_access_key_id"), stored("aws_secret_access_key"))
        {
            return credentials(&id, &secret, stored("aws_session_token"));
        }
        match self.config_value("credential_process") {
            Some(command) => from_process(&command),
            None => Err(Failure::Input(format!(
                "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run \
                 `strongroom login --profile {}`",
                self.name
            ))),
        }
    }

    fn config_value(&self, name: &str) -> Option<String> {
        ini::value(&self.config, &self.section(), name)
    }

    /// The config file writes `[profile NAME]` for all but the default.
    pub(crate) fn section(&self) -> String {
        section(&self.name)
    }
}

/// The name of a profile's section in the config file.
pub(crate) fn section(profile: &str) -> String {
    if profile == "default" { profile.to_owned() } else { format!("profile {profile}") }
}

fn credentials(id: &str, secret: &str, token: Option<String>) -> Result<Credentials, Failure> {
    Ok(Credentials {
        access_key_id: id.parse().map_err(|error| Failure::Input(format!("{error}")))?,
        secret: secret.parse().map_err(|error| Failure::Input(format!("{error}")))?,
        session_token: token,
    })
}

fn from_process(command: &str) -> Result<Credentials, Failure> {
    let output = Command::new("sh")
        .args(["-c", command])
        .output()
        .map_err(|error| Failure::Input(format!("credential_process: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::Input(format!("credential_process failed: {}", said.trim())));
    }
    let printed: Printed = serde_json::from_slice(&output.stdout).map_err(|error| {
        Failure::Input(format!("credential_process printed no credentials: {error}"))
    })?;
    credentials(&printed.access_key_id, &printed.secret_access_key, printed.session_token)
}
