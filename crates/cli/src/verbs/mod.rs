//! The verbs, one file each.

pub(crate) mod account;
pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod config;
pub(crate) mod credential_process;
pub(crate) mod explain;
pub(crate) mod idp;
pub(crate) mod key;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod org;
pub(crate) mod policy;
pub(crate) mod presign;
pub(crate) mod root;
pub(crate) mod server;
pub(crate) mod service_account;
pub(crate) mod sessions;
pub(crate) mod version;
pub(crate) mod whoami;

use std::fs;
use std::path::Path;

use crate::exit::Failure;

/// A key id on the first line of a file and its secret on the second: secrets are never arguments,
/// which every user of the machine can read.
fn key_file(file: &Path) -> Result<(String, String), Failure> {
    let text = read(file)?;
    let mut lines = text.lines().map(str::trim);
    match (lines.next(), lines.next()) {
        (Some(id), Some(secret)) if !id.is_empty() && !secret.is_empty() => {
            Ok((id.to_owned(), secret.to_owned()))
        }
        _ => Err(Failure::Input(format!(
            "{}: an access key id and a secret on two lines are needed",
            file.display()
        ))),
    }
}

/// A file's text; `-` is standard input.
fn read(file: &Path) -> Result<String, Failure> {
    let text = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        fs::read_to_string(file)
    };
    text.map_err(|error| Failure::Input(format!("{}: {error}", file.display())))
}

/// One parameter of a query string, encoded.
pub(crate) fn parameter(name: &str, value: &str) -> String {
    format!("{name}={}", wire::percent_encode(value))
}

/// Refuses a directory that is not there: a slip of the pen must not found a new one.
fn existing(directory: &Path) -> Result<(), Failure> {
    if directory.is_dir() {
        return Ok(());
    }
    Err(Failure::Input(format!("{}: there is no such directory", directory.display())))
}
