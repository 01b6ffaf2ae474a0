//! `strongroom audit sink`: where else the record goes, and how far it got.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use crate::exit::{Failure, Outcome, chain};
use crate::print::{Printer, cell};

/// Look at the sinks of the record, and try them.
#[derive(Subcommand)]
pub(crate) enum Sink {
    /// Offer one leaf that says `test` to a sink, and say whether it took it.
    ///
    /// Example: strongroom audit sink test siem --sinks /etc/strongroom/sinks.toml
    Test {
        /// The sink's name.
        name: String,
        /// The file that `audit.sinks_file` names.
        #[arg(long, value_name = "FILE")]
        sinks: PathBuf,
    },
    /// Print the sinks of a file: what is wrong with it is said, and nothing is sent.
    ///
    /// Example: strongroom audit sink list --sinks /etc/strongroom/sinks.toml
    List {
        /// The file that `audit.sinks_file` names.
        #[arg(long, value_name = "FILE")]
        sinks: PathBuf,
    },
    /// Print how far each sink is: leaves delivered, leaves behind, leaves put aside, and what it
    /// said last if it takes nothing.
    ///
    /// Reads the data directory; a server may be running on it. Exits with 1 if a sink is in
    /// trouble.
    ///
    /// Example: strongroom audit sink status --dir DATA --sinks /etc/strongroom/sinks.toml
    Status {
        /// The data directory.
        #[arg(long, value_name = "DATA")]
        dir: PathBuf,
        /// The file that `audit.sinks_file` names.
        #[arg(long, value_name = "FILE")]
        sinks: PathBuf,
    },
}

impl Sink {
    pub(super) fn run(&self, printer: &Printer) -> Outcome {
        match self {
            Self::Test { name, sinks } => test(name, sinks, printer),
            Self::List { sinks } => {
                let all = server::list_sinks(sinks).map_err(|error| unusable(&error))?;
                for (name, kind) in all {
                    let said = json!({ "sink": name, "kind": kind });
                    printer.one(&said, |said| {
                        format!("{}\t{}", cell(said, "sink"), cell(said, "kind"))
                    });
                }
                Ok(())
            }
            Self::Status { dir, sinks } => status(dir, sinks, printer),
        }
    }
}

fn test(name: &str, sinks: &std::path::Path, printer: &Printer) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Broken(error.to_string()))?;
    match runtime.block_on(server::test_sink(sinks, name)) {
        Ok(()) => {
            printer.one(&json!({ "sink": name, "took": true }), |_| format!("{name} took it"));
            Ok(())
        }
        Err(error @ server::SinkConfigError::Sink(_)) => {
            let said = json!({ "sink": name, "took": false, "why": chain(&error) });
            printer.one(&said, |said| format!("{name} did not take it: {}", cell(said, "why")));
            Err(Failure::No)
        }
        Err(error) => Err(unusable(&error)),
    }
}

fn status(dir: &std::path::Path, sinks: &std::path::Path, printer: &Printer) -> Outcome {
    let all = server::sink_standings(dir, sinks).map_err(|error| unusable(&error))?;
    let mut troubled = false;
    for sink in all {
        troubled |= sink.trouble.is_some();
        let said = json!({
            "sink": sink.name, "delivered": sink.delivered, "behind": sink.behind,
            "put_aside": sink.put_aside, "trouble": sink.trouble,
        });
        printer.one(&said, |said| {
            let words = ["sink", "delivered", "behind", "put_aside", "trouble"];
            words.map(|word| cell(said, word)).join("\t")
        });
    }
    if troubled { Err(Failure::No) } else { Ok(()) }
}

fn unusable(error: &server::SinkConfigError) -> Failure {
    Failure::Input(chain(error))
}
