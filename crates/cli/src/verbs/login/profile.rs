//! The AWS profile that a sign-in leaves, so that every SDK finds it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::credentials::section;
use crate::environment::aws_file;
use crate::exit::{Failure, Outcome};
use crate::ini;
use crate::kept::Issued;

/// Where a profile's credentials come from.
pub(crate) enum Source<'a> {
    /// A command that gets them afresh.
    Command(&'a str),
    /// These, which end.
    Keys(&'a Issued),
}

/// Writes a profile: where the server is, and where its credentials come from.
pub(crate) fn write(profile: &str, endpoint: &str, source: &Source<'_>) -> Outcome {
    let (config, credentials) = files()?;
    let mut pairs = vec![("endpoint_url", endpoint), ("region", "us-east-1")];
    let kept = match source {
        Source::Command(command) => {
            pairs.push(("credential_process", command));
            Vec::new()
        }
        Source::Keys(issued) => vec![
            ("aws_access_key_id", issued.access_key_id.as_str()),
            ("aws_secret_access_key", issued.secret_access_key.as_str()),
            ("aws_session_token", issued.session_token.as_str()),
        ],
    };
    rewrite(&config, |text| ini::with_section(text, &section(profile), &pairs))?;
    rewrite(&credentials, |text| ini::with_section(text, profile, &kept))
}

/// Takes a profile away.
pub(crate) fn remove(profile: &str) -> Outcome {
    let (config, credentials) = files()?;
    for (file, section) in [(config, section(profile)), (credentials, profile.to_owned())] {
        if file.exists() {
            rewrite(&file, |text| ini::without_section(text, &section))?;
        }
    }
    Ok(())
}

fn files() -> Result<(PathBuf, PathBuf), Failure> {
    let config = aws_file("AWS_CONFIG_FILE", "config");
    let credentials = aws_file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    let missing = || Failure::Input("HOME is not set: there is no place for a profile".into());
    config.zip(credentials).ok_or_else(missing)
}

/// The command line that prints a profile's credentials.
pub(crate) fn command(words: &[&str]) -> Result<String, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::Broken(format!("this program cannot be found: {error}")))?;
    let program = quoted(&program.to_string_lossy());
    Ok(std::iter::once(program.as_str()).chain(words.iter().copied()).collect::<Vec<_>>().join(" "))
}

/// A word as the shell that runs `credential_process` reads it back.
pub(crate) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Rewrites an AWS file, which only its owner may read.
fn rewrite(file: &Path, change: impl FnOnce(&str) -> String) -> Outcome {
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
    output.write_all(change(&before).as_bytes()).map_err(broken)?;
    output.sync_all().map_err(broken)?;
    fs::rename(&temporary, file).map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_survives_the_shell() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
