//! `strongroom policy …`, one file a verb.

mod check;
mod sarif;
mod test;

use clap::Subcommand;

use crate::exit::Outcome;
use crate::print::Printer;

/// Test and check policies.
#[derive(Subcommand)]
pub(crate) enum Policy {
    Test(test::Test),
    Check(check::Check),
}

impl Policy {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Test(verb) => verb.run(printer),
            Self::Check(verb) => verb.run(printer),
        }
    }
}
