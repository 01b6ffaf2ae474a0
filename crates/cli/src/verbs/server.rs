//! `strongroom server DIR`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use server::Start;

use crate::exit::{Failure, Outcome, chain};

/// Run the server on a data directory, which is made on the first start.
///
/// Prints one line when it is ready; logs to standard error. SIGTERM stops it cleanly, SIGHUP reads
/// the certificates again.
///
/// Example: strongroom server /var/lib/strongroom
#[derive(Args)]
pub(crate) struct Server {
    /// The data directory.
    #[arg(value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    settings: Settings,
}

/// Settings of the server that have flags of their own.
#[derive(Args)]
pub(crate) struct Settings {
    /// Where S3, STS, IAM and the admin API are served [default: 127.0.0.1:9000].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where health and metrics are served [default: 127.0.0.1:9002].
    #[arg(long, value_name = "ADDRESS")]
    ops_listen: Option<String>,
    /// The configuration; strongroom.toml in the data directory, if it is there, if not given.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The shape of the log [default: text].
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl Settings {
    /// How a server with these settings starts on a data directory.
    pub(crate) fn start(self, data: PathBuf) -> Start {
        let format = self.log_format.map(|format| match format {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        });
        let flags = [
            ("listen.api", self.listen),
            ("listen.ops", self.ops_listen),
            ("log.format", format.map(str::to_owned)),
        ];
        let flags = flags.into_iter().filter_map(|(key, value)| Some((key, value?)));
        Start { data, config: self.config, flags: flags.collect() }
    }
}

impl Server {
    pub(crate) fn run(self) -> Outcome {
        let Self { data, settings } = self;
        server::run(&settings.start(data)).map_err(failure)
    }
}

/// A configuration that cannot be understood is the input's fault, everything else the machine's.
pub(super) fn failure(error: server::StartError) -> Failure {
    match error {
        server::StartError::Config(_) | server::StartError::ConfigFile { .. } => {
            Failure::Input(chain(&error))
        }
        other => Failure::Broken(chain(&other)),
    }
}
