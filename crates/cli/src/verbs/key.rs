//! `strongroom key rotate`.

use clap::{Args, Subcommand};
use http::Method;

use crate::client::Target;
use crate::exit::Outcome;
use crate::print::{Printer, cell};

/// Rotate the keys that seal secrets.
#[derive(Subcommand)]
pub(crate) enum Key {
    /// Take a new master key and seal every secret again, while the server runs.
    ///
    /// Example: strongroom key rotate
    Rotate(Rotate),
}

#[derive(Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    target: Target,
}

impl Key {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let Self::Rotate(rotate) = self;
        let answer = rotate.target.admin(&Method::POST, "/-/v1/keys/rotate", None)?;
        printer.one(&answer, |answer| {
            format!("{} secrets are sealed under a new key", cell(answer, "resealed"))
        });
        Ok(())
    }
}
