//! `strongroom version`.

use clap::Args;
use serde_json::json;

use crate::exit::Outcome;
use crate::print::{Printer, cell};

/// Print the version.
///
/// Example: strongroom version
#[derive(Args)]
pub(crate) struct Version {}

impl Version {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let Self {} = self;
        let version = json!({ "version": env!("CARGO_PKG_VERSION") });
        printer.one(&version, |version| format!("strongroom {}", cell(version, "version")));
        Ok(())
    }
}
