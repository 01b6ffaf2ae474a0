//! `strongroom policy …`, one file a verb.

mod test;

use clap::Subcommand;

use crate::exit::Outcome;
use crate::print::Printer;

/// Test policies against cases.
#[derive(Subcommand)]
pub(crate) enum Policy {
    Test(test::Test),
}

impl Policy {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Test(verb) => verb.run(printer),
        }
    }
}
