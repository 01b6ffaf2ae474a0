//! `strongroom root reset DIR`.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::exit::{Failure, Outcome, chain};
use crate::print::{Printer, cell};

/// Recover the root credential, without a server.
#[derive(Subcommand)]
pub(crate) enum Root {
    /// Give the first account's root a new credential, while no server runs on the directory.
    ///
    /// The old one, and every session made with it, ends. The new one is shown once on a terminal,
    /// else written to a file in the directory that only its owner can read.
    ///
    /// Example: strongroom root reset /var/lib/strongroom
    Reset(Reset),
}

#[derive(Args)]
pub(crate) struct Reset {
    /// The data directory.
    #[arg(value_name = "DIR")]
    data: PathBuf,
}

impl Root {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let Self::Reset(Reset { data }) = self;
        super::existing(&data)?;
        server::offline::reset_root(&data).map_err(|error| Failure::Broken(chain(&error)))?;
        let file = data.join(server::ROOT_CREDENTIAL_FILE);
        let file = (!std::io::stderr().is_terminal() && file.is_file()).then_some(file);
        let said = json!({ "data": data, "credential_file": file });
        printer.one(&said, |said| {
            let mut text = format!("the root of {} has a new credential", cell(said, "data"));
            if let Some(file) = &file {
                text.push_str(&format!(
                    ", in {}: take it from there and remove the file",
                    file.display()
                ));
            }
            text
        });
        Ok(())
    }
}
