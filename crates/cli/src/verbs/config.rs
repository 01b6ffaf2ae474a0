//! `strongroom config show|check`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use server::StartError;
use server::config::{Config, ConfigError};

use super::server::{Settings, failure};
use crate::exit::{Failure, Outcome};
use crate::print::{Printer, cell};

/// Show the configuration that is in force.
#[derive(Subcommand)]
pub(crate) enum ConfigVerb {
    /// Print every setting with its value and where that comes from. Secrets are no settings: they
    /// are named by the files or variables that hold them.
    ///
    /// Example: strongroom config show /var/lib/strongroom
    Show(Show),
    /// Check the configuration as a whole, as the server does before it starts.
    ///
    /// Example: strongroom config check --config strongroom.toml
    Check(Check),
}

#[derive(Args)]
pub(crate) struct Show {
    #[command(flatten)]
    of: Of,
}

#[derive(Args)]
pub(crate) struct Check {
    #[command(flatten)]
    of: Of,
}

/// Which server's configuration.
#[derive(Args)]
struct Of {
    /// The data directory that the server would be started on.
    #[arg(value_name = "DIR", default_value = ".")]
    data: PathBuf,
    #[command(flatten)]
    settings: Settings,
}

impl ConfigVerb {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Show(show) => show.of.show(printer),
            Self::Check(check) => check.of.check(printer),
        }
    }
}

impl Of {
    fn show(self, printer: &Printer) -> Outcome {
        let layers = server::layers(&self.settings.start(self.data)).map_err(failure)?;
        let rows: Vec<Value> = layers
            .show()
            .iter()
            .map(|shown| {
                json!({
                    "key": shown.key,
                    "value": shown.value,
                    "origin": shown.origin,
                    "meaning": shown.doc,
                })
            })
            .collect();
        printer.rows(&rows, &["key", "value", "origin"]);
        Ok(())
    }

    fn check(self, printer: &Printer) -> Outcome {
        let start = self.settings.start(self.data);
        let layers = server::layers(&start).map_err(failure)?;
        let problem = match Config::build(&start.data, &layers) {
            Ok(_) => None,
            // Understood, but not to be served with.
            Err(error @ (ConfigError::Pair { .. } | ConfigError::PlainOffLoopback { .. })) => {
                Some(error.to_string())
            }
            Err(error) => return Err(failure(StartError::Config(error))),
        };
        let said = json!({ "sound": problem.is_none(), "problem": problem });
        printer.one(&said, |said| match &problem {
            None => "the configuration holds".to_owned(),
            Some(_) => cell(said, "problem"),
        });
        if problem.is_some() { Err(Failure::No) } else { Ok(()) }
    }
}
