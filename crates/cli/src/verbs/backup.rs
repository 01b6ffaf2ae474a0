//! `strongroom backup`, `restore` and `verify`.

use std::path::PathBuf;

use audit::Expect;
use audit::disk::FileDisk;
use clap::Args;
use http::Method;
use serde_json::{Value, json};

use super::audit::journal_of;
use crate::client::Target;
use crate::exit::{Failure, Outcome, chain};
use crate::print::{Printer, cell};
use crate::progress::held;

/// Write a consistent copy of a running server's data into a directory on the server.
///
/// The directory must be empty or not exist yet. The copy holds neither the master key nor the
/// journal: keep the key elsewhere, or the copy cannot be used.
///
/// Example: strongroom backup /var/backups/strongroom-monday
#[derive(Args)]
pub(crate) struct Backup {
    /// The directory, on the server's machine.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    #[command(flatten)]
    target: Target,
}

/// Make a data directory from a backup; nothing that was revoked comes back.
///
/// Every session from before the restore ends. Put the master key into the new directory (or into
/// STRONGROOM_MASTER_KEY_FILE) before a server is started on it.
///
/// Example: strongroom restore /var/backups/strongroom-monday /var/lib/strongroom
#[derive(Args)]
pub(crate) struct Restore {
    /// The backup.
    backup: PathBuf,
    /// The data directory to make; it must be empty or not exist yet.
    #[arg(value_name = "DIR")]
    data: PathBuf,
}

/// Check every record and every block of a data directory, without a server.
///
/// Exit status 0: all is well; 1: something is wrong.
///
/// Example: strongroom verify /var/lib/strongroom
#[derive(Args)]
pub(crate) struct Verify {
    /// The data directory.
    #[arg(value_name = "DIR")]
    data: PathBuf,
}

impl Backup {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let directory = std::path::absolute(&self.directory)
            .map_err(|error| Failure::Input(format!("{}: {error}", self.directory.display())))?;
        // The directory is the server's; it can be watched where that is this machine.
        let watched = directory.clone();
        let progress = printer.progress("copying", move || held(&watched));
        let body = json!({ "directory": directory });
        let answer = self.target.admin(&Method::POST, "/-/v1/backup", Some(&body));
        drop(progress);
        let answer = answer?;
        printer.one(&answer, |answer| format!("{} holds {}", directory.display(), copied(answer)));
        Ok(())
    }
}

fn copied(answer: &Value) -> String {
    format!(
        "{} records, {} revisions and {} blobs in {} bytes",
        cell(answer, "records"),
        cell(answer, "revisions"),
        cell(answer, "blobs"),
        cell(answer, "bytes"),
    )
}

impl Restore {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let Self { backup, data } = self;
        super::existing(&backup)?;
        let watched = data.clone();
        let progress = printer.progress("copying", move || held(&watched));
        let done = server::offline::restore(&backup, &data);
        drop(progress);
        let done = done.map_err(|error| Failure::Broken(chain(&error)))?;
        let said = json!({
            "data": data,
            "records": done.records,
            "revisions": done.revisions,
            "blobs": done.blobs,
            "bytes": done.bytes,
        });
        printer.one(&said, |said| format!("{} holds {}", cell(said, "data"), copied(said)));
        Ok(())
    }
}

impl Verify {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        super::existing(&self.data)?;
        let progress = printer.progress("reading everything", String::new);
        let found = server::offline::verify(&self.data);
        drop(progress);
        let found = found.map_err(|error| Failure::Broken(chain(&error)))?;
        let journal = match journal_of(&self.data) {
            Ok(directory) => {
                let report = audit::verify(&FileDisk::new(directory), Expect::Stopped);
                Some(report.map_err(|error| Failure::Broken(chain(&error)))?)
            }
            // A restored directory has no record before its first start.
            Err(_) => None,
        };
        let problems: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
        let sound = problems.is_empty()
            && found.further_problems == 0
            && journal.as_ref().is_none_or(|report| report.problems.is_empty());
        let said = json!({
            "sound": sound,
            "records": found.records,
            "revisions": found.revisions,
            "snapshots": found.snapshots,
            "blobs": found.blobs,
            "blob_bytes": found.blob_bytes,
            "unreferenced_blobs": found.unreferenced_blobs,
            "problems": problems,
            "further_problems": found.further_problems,
            "journal": journal.as_ref().map(audit::Report::to_json),
        });
        printer.one(&said, text);
        if sound { Ok(()) } else { Err(Failure::No) }
    }
}

fn text(said: &Value) -> String {
    let list = |pointer: &str| said.pointer(pointer).and_then(Value::as_array).cloned();
    let mut lines = vec![format!(
        "{} records, {} revisions, {} snapshots, {} blobs of {} bytes ({} of them unreferenced)",
        cell(said, "records"),
        cell(said, "revisions"),
        cell(said, "snapshots"),
        cell(said, "blobs"),
        cell(said, "blob_bytes"),
        cell(said, "unreferenced_blobs"),
    )];
    if said.get("journal").is_some_and(Value::is_object) {
        lines.push(format!(
            "the record: {} entries in {} leaves",
            cell(said, "journal/entries"),
            cell(said, "journal/leaves")
        ));
    }
    for problem in list("/problems").unwrap_or_default() {
        lines.push(format!("WRONG  {}", problem.as_str().unwrap_or_default()));
    }
    for problem in list("/journal/problems").unwrap_or_default() {
        lines.push(format!("WRONG  {}: {}", cell(&problem, "place"), cell(&problem, "what")));
    }
    match said.get("further_problems").and_then(Value::as_u64) {
        None | Some(0) => {}
        Some(more) => lines.push(format!("and {more} further problems")),
    }
    if said.get("sound") == Some(&Value::Bool(true)) {
        lines.push("all is well".to_owned());
    }
    lines.join("\n")
}
