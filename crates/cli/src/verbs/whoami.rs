//! `strongroom whoami`.

use clap::Args;
use http::Method;

use crate::client::Target;
use crate::exit::Outcome;
use crate::print::{Printer, cell};

/// Say who the server thinks you are.
///
/// Example: strongroom whoami --profile analyst
#[derive(Args)]
pub(crate) struct Whoami {
    #[command(flatten)]
    target: Target,
}

impl Whoami {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let answer = self.target.admin(&Method::GET, "/-/v1/whoami", None)?;
        printer.one(&answer, |answer| {
            let mut text = format!(
                "arn      {}\naccount  {}\nuser id  {}",
                cell(answer, "arn"),
                cell(answer, "account"),
                cell(answer, "user_id"),
            );
            for name in ["human", "provider", "expires"] {
                if answer.get(name).is_some_and(|value| !value.is_null()) {
                    text.push_str(&format!("\n{name:7}  {}", cell(answer, name)));
                }
            }
            text
        });
        Ok(())
    }
}
