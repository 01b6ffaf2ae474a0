//! `strongroom policy …`, one file a verb.

mod check;
mod diff;
mod sarif;
mod simulate;
mod test;

use clap::Subcommand;

use crate::exit::Outcome;
use crate::print::Printer;

/// Test, check and compare policies, and try changes out.
#[derive(Subcommand)]
pub(crate) enum Policy {
    Test(test::Test),
    Check(check::Check),
    Diff(diff::Diff),
    Simulate(simulate::Simulate),
}

impl Policy {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Test(verb) => verb.run(printer),
            Self::Check(verb) => verb.run(printer),
            Self::Diff(verb) => verb.run(printer),
            Self::Simulate(verb) => verb.run(printer),
        }
    }
}
