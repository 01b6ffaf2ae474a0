//! Sinks: where the record goes besides its own disk. Each has a task of its own, which reads the
//! journal from its own cursor; one that is away holds up nobody.

mod amqp;
mod chosen;
mod compression;
mod file;
#[cfg(test)]
mod fuzzed;
mod heard;
mod http;
mod kafka;
mod line;
mod message;
mod mqtt;
mod nats;
mod otlp;
mod place;
mod postgres;
mod redis;
mod s3;
#[cfg(test)]
mod samples;
mod settings;
mod standing;
mod syslog;
mod told;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use audit::disk::{FileDisk, JournalDisk};
use audit::{
    Clock as _, Delivery, Journal, JournalError, Next, Pump, Random as _, Sink, SinkError,
};
use names::Timestamp;
use serde_json::json;
use tokio::task::{AbortHandle, JoinError};

pub(crate) use http::{may_be_spoken_to, read_answer};
pub use settings::SinkConfigError;
use settings::{SinkSettings, Target, read_sinks};
pub use standing::{SinkStanding, list_sinks, sink_standings};

use crate::clock::{SystemClock, SystemRandom};
use crate::sinks::amqp::Amqp;
use crate::sinks::chosen::Chosen;
use crate::sinks::file::FileSink;
use crate::sinks::http::HttpSink;
use crate::sinks::kafka::Kafka;
use crate::sinks::line::Linked;
use crate::sinks::mqtt::Mqtt;
use crate::sinks::nats::Nats;
use crate::sinks::postgres::Postgres;
use crate::sinks::redis::Redis;
use crate::sinks::s3::S3Sink;
use crate::sinks::syslog::Syslog;
use crate::sinks::told::Told;
use crate::telemetry::{SINK_AGE, SINK_DELIVERED, SINK_FAILURES, SINK_LAG};

/// The directory of cursors and dead letters in a data directory.
const STATE_DIRECTORY: &str = "sinks";
/// How long a sink that has everything waits for more.
const IDLE: Duration = Duration::from_secs(1);
/// How long a sink waits after our own disk failed.
const DISK_WAIT: Duration = Duration::from_secs(10);

/// The sinks that run; they stop when this is dropped. What they were offering is offered again.
pub(crate) struct Sinks(Vec<AbortHandle>);

impl Drop for Sinks {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

/// Makes what settings speak of; the journal is where entries are that began long ago.
fn make(
    settings: &SinkSettings,
    journal: &Arc<dyn JournalDisk>,
) -> Result<Arc<dyn Sink>, SinkConfigError> {
    let sink = receiver(settings)?;
    if let Some(view) = settings.view.schema() {
        let only = settings.only.clone().unwrap_or_default();
        return Ok(Arc::new(Told::new(sink, view, (only, settings.omit.clone()), journal)?));
    }
    if settings.only.is_none() && settings.omit.is_empty() {
        return Ok(sink);
    }
    let only = settings.only.clone().unwrap_or_default();
    Ok(Arc::new(Chosen::new(sink, only, settings.omit.clone())?))
}

/// Makes what speaks to the receiver.
fn receiver(settings: &SinkSettings) -> Result<Arc<dyn Sink>, SinkConfigError> {
    let trust = &settings.trust;
    Ok(match &settings.target {
        Target::File { path } if trust.is_silent() => Arc::new(FileSink::new(path.clone())),
        Target::File { .. } => {
            return Err(SinkConfigError::Idle("ca_file, certificate_file or key_file"));
        }
        Target::Syslog(syslog) => Arc::new(Linked::new(Syslog::new(syslog, trust)?)),
        Target::Redis(redis) => Arc::new(Linked::new(Redis::new(redis, trust)?)),
        Target::Nats(nats) => Arc::new(Linked::new(Nats::new(nats, trust)?)),
        Target::Kafka(kafka) => Arc::new(Linked::new(Kafka::new(kafka, trust)?)),
        Target::Postgres(table) => Arc::new(Linked::new(Postgres::new(table, trust)?)),
        Target::Mqtt(mqtt) => Arc::new(Linked::new(Mqtt::new(mqtt, trust)?)),
        Target::S3(bucket) => Arc::new(S3Sink::new(bucket, trust)?),
        Target::Amqp(amqp) => Arc::new(Linked::new(Amqp::new(amqp, trust)?)),
        Target::Webhook { .. }
        | Target::Elasticsearch { .. }
        | Target::Splunk { .. }
        | Target::Otlp { .. } => Arc::new(HttpSink::new(settings)?),
    })
}

/// Starts a task for each sink of the file, if one is named.
pub(crate) fn start(
    data: &Path,
    file: Option<&PathBuf>,
    journal: &Arc<Journal>,
) -> Result<Sinks, SinkConfigError> {
    let all = file.map(|file| read_sinks(file)).transpose()?.unwrap_or_default();
    let state: Arc<dyn JournalDisk> = Arc::new(FileDisk::new(data.join(STATE_DIRECTORY)));
    let mut running = Vec::new();
    for settings in &all {
        let record = journal.shared_disk();
        let sink = make(settings, &record)?;
        let pump = Pump::new(&settings.name, sink, record, Arc::clone(&state));
        running.push(tokio::spawn(run(pump)).abort_handle());
        tracing::info!(sink = settings.name, "a sink is served");
    }
    Ok(Sinks(running))
}

/// Up to where every sink of the file has the record: nothing beyond is removed from it. If the
/// file cannot be read, nothing is.
pub(crate) fn delivered(data: &Path, file: Option<&PathBuf>) -> Box<dyn Fn() -> u64 + Send + Sync> {
    let Some(file) = file else { return Box::new(|| u64::MAX) };
    let all = read_sinks(file)
        .map(|all| all.into_iter().map(|settings| settings.name).collect::<Vec<String>>());
    let state = FileDisk::new(data.join(STATE_DIRECTORY));
    Box::new(move || {
        let cursor = |name: &String| cursor(&state, name).unwrap_or(0);
        all.as_ref().map_or(0, |names| names.iter().map(cursor).min().unwrap_or(u64::MAX))
    })
}

/// Where a sink stands.
fn cursor(state: &FileDisk, name: &str) -> Option<u64> {
    let bytes = state.read(&format!("{name}/cursor")).ok()??;
    std::str::from_utf8(&bytes).ok()?.trim_end().parse().ok()
}

/// Offers one leaf that is in no log to a sink of the file, to see whether it takes it. It says
/// `"entry":"test"`.
///
/// # Errors
/// The file or the sink is not what it should be, or the sink does not take it.
pub async fn test_sink(file: &Path, name: &str) -> Result<(), SinkConfigError> {
    let all = read_sinks(file)?;
    let settings = all.iter().find(|settings| settings.name == name);
    let settings = settings.ok_or_else(|| SinkConfigError::Unknown(name.to_owned()))?;
    let test = test_leaf(SystemClock::new().now());
    let outcome = receiver(settings)?.offer(&[test]).await?;
    outcome
        .into_iter()
        .next()
        .map_or(Ok(()), |dead| Err(SinkConfigError::Sink(SinkError::Refused { why: dead.why })))
}

/// Looks like any other leaf to whoever asks for a time.
fn test_leaf(now: Timestamp) -> Delivery {
    let what = "strongroom audit sink test";
    let leaf = json!({ "v": 1, "entry": "test", "time": now.to_string(), "what": what });
    Delivery { index: 0, id: "test-0".to_owned(), leaf: leaf.to_string().into_bytes() }
}

/// Serves one sink for ever. Reading and writing go where blocking is allowed.
async fn run(mut pump: Pump) {
    let name = pump.name().to_owned();
    let clock = SystemClock::new();
    let mut offered = Duration::ZERO;
    loop {
        let Some((returned, loaded)) = off(tokio::task::spawn_blocking(move || {
            let loaded = pump.load();
            (pump, loaded)
        })
        .await) else {
            return;
        };
        pump = returned;
        let batch = match loaded {
            Ok(batch) => batch,
            Err(error) => {
                broken(&name, &error);
                tokio::time::sleep(DISK_WAIT).await;
                continue;
            }
        };
        report(&name, &pump, &batch);
        let since = clock.monotonic().saturating_sub(offered);
        if batch.is_empty() || pump.waits(&batch, since) {
            tokio::time::sleep(IDLE).await;
            continue;
        }
        offered = clock.monotonic();
        let outcome = pump.offer(&batch).await;
        if let Err(error) = &outcome {
            metrics::counter!(SINK_FAILURES, "sink" => name.clone()).increment(1);
            tracing::warn!(sink = name, %error, "a sink did not take a batch");
        }
        let dead = outcome.as_ref().map_or(0, Vec::len);
        let many = u64::try_from(batch.len().saturating_sub(dead)).unwrap_or(0);
        let taken = outcome.is_ok();
        let Some((returned, next)) = off(tokio::task::spawn_blocking(move || {
            let next = pump.settle(&batch, outcome);
            (pump, next)
        })
        .await) else {
            return;
        };
        pump = returned;
        match next {
            Ok(Next::Now) if taken => {
                metrics::counter!(SINK_DELIVERED, "sink" => name.clone()).increment(many);
            }
            // A smaller batch is tried, or a leaf was put aside.
            Ok(Next::Now) => {}
            Ok(Next::After(wait)) => tokio::time::sleep(jittered(wait)).await,
            Err(error) => {
                broken(&name, &error);
                tokio::time::sleep(DISK_WAIT).await;
            }
        }
    }
}

/// A wait between half of it and all of it: sinks that failed together do not come back together.
fn jittered(wait: Duration) -> Duration {
    let mut byte = [0];
    SystemRandom.fill(&mut byte);
    let half = wait / 2;
    half.saturating_add(half * u32::from(u8::from_le_bytes(byte)) / u32::from(u8::MAX))
}

/// What came back from where blocking is allowed; nothing when the runtime ends.
fn off<T>(done: Result<T, JoinError>) -> Option<T> {
    done.inspect_err(|error| tracing::error!(%error, "a sink stops")).ok()
}

/// How far behind it is, in leaves and in seconds.
fn report(name: &str, pump: &Pump, batch: &[Delivery]) {
    let lag = u32::try_from(pump.lag()).unwrap_or(u32::MAX);
    metrics::gauge!(SINK_LAG, "sink" => name.to_owned()).set(f64::from(lag));
    let oldest = batch.first().and_then(message::time);
    let age = oldest.map_or(0, |oldest| {
        SystemClock::new().now().millis().saturating_sub(oldest.millis()).max(0)
    });
    let age = Duration::from_millis(u64::try_from(age).unwrap_or(0));
    metrics::gauge!(SINK_AGE, "sink" => name.to_owned()).set(age.as_secs_f64());
}

fn broken(name: &str, error: &JournalError) {
    tracing::error!(sink = name, %error, "a sink cannot read the record or keep its cursor");
}
