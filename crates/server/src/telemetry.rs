//! Logs for operators and metrics for machines. Nothing here is a record: that is the journal's.
//!
//! Every metric of this room has its name here.

use std::fmt;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::TryInitError;

use crate::config::LogFormat;

/// Connections that are open.
pub(crate) const CONNECTIONS: &str = "strongroom_connections";
/// Connections that were taken.
pub(crate) const ACCEPTED: &str = "strongroom_connections_accepted_total";
/// Connections that were closed before any request, by reason.
pub(crate) const REFUSED: &str = "strongroom_connections_refused_total";
/// What went past a limit, by the limit's setting.
const LIMITS: &str = "strongroom_limit_exceeded_total";
/// How often certificates were read again, by outcome.
pub(crate) const RELOADS: &str = "strongroom_tls_reloads_total";

/// Leaves of the record that a sink does not have yet, by sink.
pub(crate) const SINK_LAG: &str = "strongroom_sink_lag_leaves";
/// How old the oldest leaf is that a sink does not have yet, by sink.
pub(crate) const SINK_AGE: &str = "strongroom_sink_lag_seconds";
/// Leaves of the record that a sink took, by sink.
pub(crate) const SINK_DELIVERED: &str = "strongroom_sink_delivered_leaves_total";
/// Batches that a sink did not take, by sink.
pub(crate) const SINK_FAILURES: &str = "strongroom_sink_failures_total";

/// How long a witness has not cosigned what is newest, by witness.
pub(crate) const WITNESS_AGE: &str = "strongroom_witness_age_seconds";
/// How often a witness did not cosign, by witness.
pub(crate) const WITNESS_FAILURES: &str = "strongroom_witness_failures_total";

/// How often a directory could not be asked who is still there, by directory.
pub(crate) const SYNC_FAILURES: &str = "strongroom_directory_sync_failures_total";
/// People whose sessions were ended because their directory said so, by directory.
pub(crate) const SYNC_ENDED: &str = "strongroom_directory_people_ended_total";

/// The limits that this room keeps, each under its setting's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// `limits.connections`.
    Connections,
    /// `limits.connections_per_address`.
    ConnectionsPerAddress,
    /// `limits.head_bytes`, or `limits.headers` of HTTP/1.1: its parser does not say which.
    Head,
    /// `limits.headers`.
    Headers,
    /// `limits.head_seconds`.
    HeadSeconds,
    /// `limits.idle_seconds`.
    IdleSeconds,
    /// `limits.handshake_seconds`.
    HandshakeSeconds,
    /// `limits.handshakes_per_second`.
    Handshakes,
    /// `limits.handshakes_per_address`.
    HandshakesPerAddress,
    /// `limits.verifications`.
    Verifications,
    /// Requests of HTTP/2 that their client gives up at once.
    GivenUp,
    /// `limits.drain_seconds`.
    DrainSeconds,
    /// `limits.linger_bytes`.
    LingerBytes,
    /// `limits.linger_seconds`.
    LingerSeconds,
}

impl Limit {
    /// The limit as the metric's label has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::ConnectionsPerAddress => "connections_per_address",
            Self::Head => "head",
            Self::Headers => "headers",
            Self::HeadSeconds => "head_seconds",
            Self::IdleSeconds => "idle_seconds",
            Self::HandshakeSeconds => "handshake_seconds",
            Self::Handshakes => "handshakes_per_second",
            Self::HandshakesPerAddress => "handshakes_per_address",
            Self::Verifications => "verifications",
            Self::GivenUp => "given_up",
            Self::DrainSeconds => "drain_seconds",
            Self::LingerBytes => "linger_bytes",
            Self::LingerSeconds => "linger_seconds",
        }
    }
}

/// Counts something that went past a limit.
pub(crate) fn past(limit: Limit) {
    metrics::counter!(LIMITS, "limit" => limit.name()).increment(1);
    tracing::debug!(limit = limit.name(), "a limit was passed");
}

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
        LogFormat::Text => builder.map_event_format(InRequest).finish().try_init(),
        LogFormat::Json => {
            builder.json().flatten_event(true).map_event_format(InRequest).finish().try_init()
        }
    }
}

/// A format that writes what a request logs in that request's span.
struct InRequest<F>(F);

impl<S, N, F> FormatEvent<S, N> for InRequest<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        api::in_request(|| self.0.format_event(context, writer, event))
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
    metrics::describe_gauge!(SINK_LAG, "Leaves of the record that a sink does not have yet.");
    metrics::describe_gauge!(SINK_AGE, "Age of the oldest leaf that a sink does not have yet.");
    metrics::describe_counter!(SINK_DELIVERED, "Leaves of the record that a sink took.");
    metrics::describe_counter!(SINK_FAILURES, "Batches that a sink did not take.");
    metrics::describe_gauge!(CONNECTIONS, "Connections that are open.");
    metrics::describe_counter!(ACCEPTED, "Connections that were accepted.");
    metrics::describe_counter!(REFUSED, "Connections closed before any request, by reason.");
    metrics::describe_counter!(LIMITS, "What went past a limit, by the limit.");
    metrics::describe_counter!(RELOADS, "How often certificates were read again, by outcome.");
    Some(handle)
}
