//! Logs for operators and metrics for machines. Nothing here is a record: that is the journal's.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::TryInitError;

use crate::config::LogFormat;

/// Starts the log on standard error.
///
/// # Errors
/// A log was started before in this process.
pub(crate) fn start_log(format: LogFormat, level: &str) -> Result<(), TryInitError> {
    use tracing_subscriber::util::SubscriberInitExt as _;
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false);
    match format {
        LogFormat::Text => builder.finish().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).finish().try_init(),
    }
}

/// Starts collecting metrics; the handle prints them in Prometheus' text form. `None` if a recorder
/// is installed already.
#[must_use]
pub(crate) fn start_metrics() -> Option<PrometheusHandle> {
    let handle = PrometheusBuilder::new().install_recorder().ok()?;
    metrics::describe_counter!(
        "strongroom_requests_total",
        "Requests recorded, by operation and verdict."
    );
    metrics::describe_counter!(
        "strongroom_connections_refused_total",
        "Connections refused because every place was taken."
    );
    Some(handle)
}
