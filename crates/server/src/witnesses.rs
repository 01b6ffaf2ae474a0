//! Witnesses of the record: others who are shown its checkpoints, make sure that it only grew, and
//! cosign ([C2SP tlog-witness](https://c2sp.org/tlog-witness)). Each is asked by a task of its own,
//! which holds up nobody; what it said is kept beside the checkpoint.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use audit::disk::{JournalDisk, Settle};
use audit::{Checkpoint, Clock as _, Growth, Journal, ProofError, WitnessKey, prove_growth};
use reqwest::{Client, Url};
use serde::Deserialize;
use tokio::task::AbortHandle;

use crate::clock::SystemClock;
use crate::sinks::{may_be_spoken_to, read_answer};
use crate::telemetry::{WITNESS_AGE, WITNESS_FAILURES};

/// Most witnesses.
const WITNESSES_MAX: usize = 16;
/// Most bytes of an answer: a few lines of signatures.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How long a witness may take to answer.
const ANSWER_SECONDS_MAX: Duration = Duration::from_secs(30);
/// How often each is asked, unless its table says otherwise.
const SECONDS: u64 = 60;
/// Where cosigned checkpoints are kept in the journal, each under the hash in its witness's key.
const COSIGNED: &str = "cosigned";

/// Why witnesses cannot be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessesError {
    /// The file cannot be read.
    #[error("`{}` cannot be read", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is not a list of witnesses.
    #[error("`{}` is not a list of at most {WITNESSES_MAX} witnesses", file.display())]
    Form {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: Option<Box<toml::de::Error>>,
    },
    /// A key is none.
    #[error("a witness has no key")]
    Key(#[from] audit::BadWitnessKey),
    /// An address may not be spoken to.
    #[error("`{0}` is neither https nor http on loopback")]
    Url(String),
    /// The client cannot be made.
    #[error("the client cannot be made")]
    Client(#[source] reqwest::Error),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WitnessFile {
    #[serde(default)]
    witness: Vec<WitnessSettings>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WitnessSettings {
    /// To which `/add-checkpoint` is added.
    url: String,
    /// `name+hash+key`.
    key: String,
    #[serde(default = "usual_seconds")]
    seconds: u64,
}

fn usual_seconds() -> u64 {
    SECONDS
}

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WitnessError {
    /// It could not be asked, or answered something else.
    #[error("it answered {said}")]
    Answer { said: String },
    /// It has seen a longer log under our name.
    #[error("it has seen {seen} leaves, and the log has {size}: the log was put back, or forked")]
    Ahead { seen: u64, size: u64 },
    /// The record cannot be read.
    #[error("the record cannot be proved to have grown")]
    Proof(#[from] ProofError),
    /// What it said cannot be kept.
    #[error("its cosignature cannot be kept")]
    Kept(#[source] std::io::Error),
}

/// What an answer means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It cosigned.
    Cosigned(Checkpoint),
    /// It has seen the log at another size.
    Seen(u64),
    /// Anything else.
    Other(String),
}

/// What a witness answered to a checkpoint.
pub(crate) fn reply(shown: &Checkpoint, key: &WitnessKey, status: u16, body: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(body);
    match status {
        200 => match shown.cosign(&text, key) {
            Ok(cosigned) => Reply::Cosigned(cosigned),
            Err(error) => Reply::Other(error.to_string()),
        },
        409 => match text.strip_suffix('\n').unwrap_or(&text).parse() {
            Ok(seen) => Reply::Seen(seen),
            Err(_) => Reply::Other("409 without a size".to_owned()),
        },
        status => Reply::Other(status.to_string()),
    }
}

/// Where checkpoints are posted to.
pub(crate) trait Post: Send + Sync {
    /// The status and the body of the answer.
    fn post(&self, body: String) -> impl Future<Output = Result<(u16, Vec<u8>), String>> + Send;
}

/// A witness over HTTP.
struct Remote {
    client: Client,
    url: Url,
}

impl Post for Remote {
    async fn post(&self, body: String) -> Result<(u16, Vec<u8>), String> {
        let request = self.client.post(self.url.clone()).body(body);
        read_answer(request, ANSWER_BYTES_MAX).await
    }
}

/// A witness, and how far it has come.
pub(crate) struct Witness<P> {
    key: WitnessKey,
    post: P,
    journal: Arc<dyn JournalDisk>,
    /// How many leaves it has seen, as far as we know.
    seen: u64,
}

impl<P: Post> Witness<P> {
    pub(crate) fn new(key: WitnessKey, post: P, journal: Arc<dyn JournalDisk>) -> Self {
        let kept = journal.read(&kept_at(&key)).ok().flatten();
        let kept = kept.and_then(|bytes| Checkpoint::parse(&bytes));
        let kept = kept.filter(|kept| kept.cosigned_by(&key).is_some());
        Self { key, post, journal, seen: kept.map_or(0, |kept| kept.size) }
    }

    /// Shows it the newest checkpoint, unless it has seen that. Dropped midway, it may have
    /// cosigned: then it is asked again, and says what it has seen.
    pub(crate) async fn ask(&mut self) -> Result<u64, WitnessError> {
        // Once more, if it has seen the log at another size than we know.
        for last in [false, true] {
            let growth = self.growth().await?;
            let shown = growth.checkpoint().clone();
            if shown.size == self.seen {
                return Ok(self.seen);
            }
            let answer = self.post.post(growth.add_checkpoint(self.seen)).await;
            let (status, body) = answer.map_err(|said| WitnessError::Answer { said })?;
            match reply(&shown, &self.key, status, &body) {
                Reply::Cosigned(cosigned) => {
                    let (journal, file) = (Arc::clone(&self.journal), kept_at(&self.key));
                    let note = cosigned.note();
                    let kept = move || journal.replace(&file, note.as_bytes(), Settle::Now);
                    off(kept).await?.map_err(WitnessError::Kept)?;
                    self.seen = shown.size;
                    return Ok(self.seen);
                }
                Reply::Seen(seen) if seen > shown.size => {
                    return Err(WitnessError::Ahead { seen, size: shown.size });
                }
                Reply::Seen(seen) if !last && seen != self.seen => self.seen = seen,
                Reply::Seen(seen) => {
                    return Err(WitnessError::Answer { said: format!("409 and {seen}") });
                }
                Reply::Other(said) => return Err(WitnessError::Answer { said }),
            }
        }
        Ok(self.seen)
    }

    async fn growth(&self) -> Result<Growth, WitnessError> {
        let (journal, seen) = (Arc::clone(&self.journal), self.seen);
        let proved = off(move || prove_growth(&*journal, seen)).await?;
        match proved {
            // There is no checkpoint yet of what it has seen, or never again.
            Err(ProofError::Uncovered { index }) if seen > 0 => {
                Err(WitnessError::Ahead { seen, size: index.min(seen.saturating_sub(1)) })
            }
            proved => Ok(proved?),
        }
    }
}

/// Work that blocks, where it may.
async fn off<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, WitnessError> {
    let ended = |error: &dyn Display| WitnessError::Answer { said: error.to_string() };
    tokio::task::spawn_blocking(work).await.map_err(|error| ended(&error))
}

fn kept_at(key: &WitnessKey) -> String {
    let text = key.to_string();
    let hash = text.split('+').nth(1).unwrap_or_default();
    format!("{COSIGNED}/{hash}")
}

/// The witnesses that are asked; they are asked no more when this is dropped.
pub(crate) struct Witnesses(Vec<AbortHandle>);

impl Drop for Witnesses {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

/// Starts a task for each witness of the file, if one is named.
pub(crate) fn start(
    file: Option<&PathBuf>,
    journal: &Arc<Journal>,
) -> Result<Witnesses, WitnessesError> {
    let all = file.map(|file| read(file)).transpose()?.unwrap_or_default();
    let client = Client::builder()
        .timeout(ANSWER_SECONDS_MAX)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(WitnessesError::Client)?;
    let mut running = Vec::new();
    for (key, url, every) in all {
        let post = Remote { client: client.clone(), url };
        let name = key.name().to_owned();
        tracing::info!(witness = name, "a witness is asked");
        let witness = Witness::new(key, post, journal.shared_disk());
        running.push(tokio::spawn(run(witness, name, every)).abort_handle());
    }
    Ok(Witnesses(running))
}

/// Asks for ever. A witness that is away is asked again at the next turn.
async fn run(mut witness: Witness<Remote>, name: String, every: Duration) {
    let clock = SystemClock::new();
    let mut cosigned = clock.monotonic();
    loop {
        match witness.ask().await {
            Ok(_) => cosigned = clock.monotonic(),
            Err(error) => {
                metrics::counter!(WITNESS_FAILURES, "witness" => name.clone()).increment(1);
                match error {
                    WitnessError::Ahead { .. } => {
                        tracing::error!(witness = name, %error, "a witness contradicts the record");
                    }
                    error => tracing::warn!(witness = name, %error, "a witness did not cosign"),
                }
            }
        }
        let age = clock.monotonic().saturating_sub(cosigned).as_secs_f64();
        metrics::gauge!(WITNESS_AGE, "witness" => name.clone()).set(age);
        tokio::time::sleep(every).await;
    }
}

type Asked = (WitnessKey, Url, Duration);

fn read(file: &Path) -> Result<Vec<Asked>, WitnessesError> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| WitnessesError::File { file: file.to_owned(), source })?;
    let form = |source| WitnessesError::Form { file: file.to_owned(), source };
    let read: WitnessFile = toml::from_str(&text).map_err(|error| form(Some(Box::new(error))))?;
    if read.witness.len() > WITNESSES_MAX {
        return Err(form(None));
    }
    let asked = |witness: WitnessSettings| {
        let full = format!("{}/add-checkpoint", witness.url.trim_end_matches('/'));
        let url = Url::parse(&full).ok().filter(may_be_spoken_to);
        let url = url.ok_or_else(|| WitnessesError::Url(witness.url.clone()))?;
        Ok((witness.key.parse()?, url, Duration::from_secs(witness.seconds.max(1))))
    };
    read.witness.into_iter().map(asked).collect()
}

#[cfg(test)]
mod tests;
