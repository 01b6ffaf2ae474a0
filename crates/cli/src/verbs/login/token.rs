//! A token that somebody else has got: of a file, of a command, or typed in.

use std::path::Path;
use std::process::Command;

use super::Login;
use super::profile::{command, quoted};
use crate::exit::Failure;

impl Login {
    pub(super) fn token(&self) -> Result<String, Failure> {
        let text = match (&self.token_file, &self.token_command) {
            (Some(file), _) => crate::verbs::read(file)?,
            (None, Some(command)) => from_command(command)?,
            (None, None) => crate::verbs::read(Path::new("-"))?,
        };
        match text.trim() {
            "" => Err(Failure::Input("the token is empty".to_owned())),
            token => Ok(token.to_owned()),
        }
    }

    /// The command line that gets fresh credentials, if the token can be had again.
    pub(super) fn renewal(&self, endpoint: &str, seconds: u32) -> Result<Option<String>, Failure> {
        let source = match (&self.token_file, &self.token_command) {
            (Some(file), _) if file != Path::new("-") => {
                let file = std::path::absolute(file)
                    .map_err(|error| Failure::Input(format!("{}: {error}", file.display())))?;
                ["--token-file".to_owned(), quoted(&file.to_string_lossy())]
            }
            (None, Some(command)) => ["--token-command".to_owned(), quoted(command)],
            _ => return Ok(None),
        };
        let mut words = vec!["login".to_owned(), "--credential-process".to_owned()];
        words.extend(source);
        words.extend(["--endpoint".to_owned(), quoted(endpoint)]);
        words.extend(["--duration".to_owned(), seconds.to_string()]);
        words.extend(["--session-name".to_owned(), quoted(&self.session_name)]);
        if self.exchange {
            words.push("--exchange".to_owned());
            words.extend(["--token-type".to_owned(), self.token_type.name().to_owned()]);
        }
        let secret = self.client_secret_file.as_ref().map(std::path::absolute).transpose();
        let secret = secret.map_err(|error| Failure::Input(error.to_string()))?;
        let secret = secret.map(|file| file.to_string_lossy().into_owned());
        let said = [
            ("--role", &self.role),
            ("--provider", &self.provider),
            ("--issuer", &self.issuer),
            ("--client-id", &self.client_id),
            ("--client-secret-file", &secret),
            ("--audience", &self.audience),
            ("--scope", &self.scope),
        ];
        for (flag, value) in said {
            if let Some(value) = value {
                words.extend([flag.to_owned(), quoted(value)]);
            }
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        command(&words).map(Some)
    }
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
