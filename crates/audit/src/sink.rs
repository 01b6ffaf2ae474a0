//! Taking the record elsewhere: each sink reads the journal at its own pace from its own durable
//! cursor. A sink that is slow or away slows nobody and loses nothing: the journal keeps
//! everything, and the cursor moves only when the sink has said that it has what came before.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::disk::{JournalDisk, Settle};
use crate::entry::LeafHead;
use crate::journal::JournalError;
use crate::log::failed;
use crate::reader::Reader;
use crate::recover::read_checkpoint;

/// Most leaves of one batch.
pub const SINK_BATCH_LEAVES_MAX: usize = 1000;
/// No further leaf joins a batch of so many bytes.
pub const SINK_BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The shortest wait after a failure; each further one waits twice as long.
pub const SINK_WAIT_MIN: Duration = Duration::from_secs(1);
/// The longest.
pub const SINK_WAIT_MAX: Duration = Duration::from_secs(60);

/// One leaf on its way out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// Its place in the log.
    pub index: u64,
    /// What it is known by: the same every time it is sent, so that a receiver can tell a leaf
    /// that comes twice.
    pub id: String,
    /// Its JSON, one line.
    pub leaf: Vec<u8>,
}

/// A leaf that the receiver will never take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undeliverable {
    /// Which.
    pub index: u64,
    /// What the receiver said.
    pub why: String,
}

/// Why a batch was not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SinkError {
    /// The receiver is away, busy or set up wrongly: the same batch is tried again, later.
    #[error("not now: {why}")]
    Later {
        /// What happened.
        why: String,
    },
    /// The receiver will not take the batch as it is: smaller ones are tried, down to one leaf.
    #[error("refused: {why}")]
    Refused {
        /// What the receiver said.
        why: String,
    },
}

/// What comes of offering a batch: the leaves that can never be delivered, if all others were.
pub type Offered<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<Undeliverable>, SinkError>> + Send + 'a>>;

/// Somewhere that the record goes.
///
/// `Ok` promises that the receiver has every leaf of the batch but those that are named. A batch
/// may be offered again after `Ok`, if the cursor was lost with the power. Dropped midway, the
/// batch may or may not have arrived, and is offered again.
pub trait Sink: Send + Sync + 'static {
    /// Offers a batch, oldest first; never an empty one.
    fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a>;

    /// How long leaves may be gathered before a batch that is not full is offered.
    fn gathers(&self) -> Duration {
        Duration::ZERO
    }

    /// Whether the batch holds nothing but what earlier offers brought about: it then waits for
    /// something else, since offering it would bring about another such batch, for ever.
    fn echoes(&self, _batch: &[Delivery]) -> bool {
        false
    }
}

/// When to go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// At once.
    Now,
    /// After this long.
    After(Duration),
}

/// Moves leaves from the journal to one sink: [`Pump::load`], [`Pump::offer`], [`Pump::settle`],
/// over and over.
pub struct Pump {
    name: String,
    sink: Arc<dyn Sink>,
    journal: Arc<dyn JournalDisk>,
    state: Arc<dyn JournalDisk>,
    next: Option<u64>,
    size: u64,
    batch_leaves: usize,
    failures: u32,
    /// Whether what an earlier time left as trouble was looked at.
    trouble_known: bool,
}

impl Pump {
    /// A pump for the sink of that name, a word of letters, digits and hyphens. Cursor and dead
    /// letters are kept on the disk `state`, in a directory of that name.
    #[must_use]
    pub fn new(
        name: &str,
        sink: Arc<dyn Sink>,
        journal: Arc<dyn JournalDisk>,
        state: Arc<dyn JournalDisk>,
    ) -> Self {
        let (name, batch_leaves) = (name.to_owned(), SINK_BATCH_LEAVES_MAX);
        Self {
            name,
            sink,
            journal,
            state,
            next: None,
            size: 0,
            batch_leaves,
            failures: 0,
            trouble_known: false,
        }
    }

    /// What the sink is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many leaves of the last checkpoint seen were not delivered yet.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.size.saturating_sub(self.next.unwrap_or(0))
    }

    /// How often in a row the sink was offered something in vain.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The next batch; empty when everything under the newest checkpoint was delivered. What no
    /// checkpoint covers stays: it may be gone after power loss.
    ///
    /// # Errors
    /// The disk fails, or the record is damaged.
    pub fn load(&mut self) -> Result<Vec<Delivery>, JournalError> {
        let next = match self.next {
            Some(next) => next,
            None => self.cursor()?,
        };
        self.next = Some(next);
        self.size = read_checkpoint(&*self.journal)?.map_or(0, |checkpoint| checkpoint.size);
        let mut batch = Vec::new();
        if next >= self.size {
            return Ok(batch);
        }
        let mut reader = Reader::covered(&*self.journal)?;
        if next < reader.first() {
            let (sink, removed) = (&self.name, reader.first());
            tracing::error!(sink, next, removed, "leaves were removed before the sink had them");
        }
        let next = next.max(reader.first());
        let mut bytes = 0_usize;
        for index in next..self.size {
            if batch.len() >= self.batch_leaves || bytes >= SINK_BATCH_BYTES_MAX {
                break;
            }
            let leaf = match reader.leaf(index) {
                Ok(leaf) => leaf,
                Err(_) => {
                    // A full disk may have put off a bundle: the tail has what it is to hold.
                    reader = Reader::open(&*self.journal)?;
                    reader.leaf(index)?
                }
            };
            bytes = bytes.saturating_add(leaf.len());
            let id = serde_json::from_slice::<LeafHead>(&leaf).map(|head| head.id.to_string());
            let id = format!("{}-{index}", id.unwrap_or_default());
            batch.push(Delivery { index, id, leaf });
        }
        Ok(batch)
    }

    /// Whether a batch that is not full waits for more, so long after the one before: the sink
    /// gathers, or it is an echo. One behind which there is more is full, in leaves or in bytes.
    #[must_use]
    pub fn waits(&self, batch: &[Delivery], since: Duration) -> bool {
        let more = batch.last().is_some_and(|last| last.index.saturating_add(1) < self.size);
        let full = more || batch.len() >= self.batch_leaves;
        !full && (since < self.sink.gathers() || self.sink.echoes(batch))
    }

    /// Offers a batch to the sink.
    ///
    /// # Errors
    /// The sink did not take it.
    pub async fn offer(&self, batch: &[Delivery]) -> Result<Vec<Undeliverable>, SinkError> {
        self.sink.offer(batch).await
    }

    /// Takes note of what came of it: moves the cursor, puts dead letters aside, or says when to
    /// try again.
    ///
    /// # Errors
    /// The disk fails: the cursor did not move.
    pub fn settle(
        &mut self,
        batch: &[Delivery],
        outcome: Result<Vec<Undeliverable>, SinkError>,
    ) -> Result<Next, JournalError> {
        let dead = match (outcome, batch) {
            (Ok(dead), _) => dead,
            (Err(SinkError::Refused { why }), [one]) => {
                vec![Undeliverable { index: one.index, why }]
            }
            (Err(SinkError::Refused { .. }), _) => {
                self.batch_leaves = (batch.len() / 2).max(1);
                return Ok(Next::Now);
            }
            (Err(SinkError::Later { why }), _) => {
                self.note_trouble(Some(&why))?;
                let doubled = 2_u32.saturating_pow(self.failures.min(10));
                self.failures = self.failures.saturating_add(1);
                return Ok(Next::After(SINK_WAIT_MIN.saturating_mul(doubled).min(SINK_WAIT_MAX)));
            }
        };
        if self.failures > 0 || !self.trouble_known {
            self.note_trouble(None)?;
        }
        self.failures = 0;
        self.batch_leaves = self.batch_leaves.saturating_mul(2).min(SINK_BATCH_LEAVES_MAX);
        // First the letters, then the cursor: power loss between the two writes a letter twice.
        self.put_aside(batch, &dead)?;
        if let Some(last) = batch.last() {
            let next = last.index.saturating_add(1);
            let text = format!("{next}\n");
            let moved = self.state.replace(&self.file("cursor"), text.as_bytes(), Settle::Now);
            moved.map_err(failed("move a sink's cursor"))?;
            self.next = Some(next);
        }
        Ok(Next::Now)
    }

    fn file(&self, file: &str) -> String {
        format!("{}/{file}", self.name)
    }

    /// Keeps what the sink said when it took nothing, for whoever asks how it stands; or that it
    /// takes things again.
    fn note_trouble(&mut self, why: Option<&str>) -> Result<(), JournalError> {
        let times = self.failures.saturating_add(1);
        let text = why.map(|why| json!({ "failures": times, "why": why }).to_string());
        let text = text.unwrap_or_default();
        let file = self.file("trouble.json");
        let noted = self.state.replace(&file, text.as_bytes(), Settle::Later);
        noted.map_err(failed("note a sink's trouble"))?;
        self.trouble_known = true;
        Ok(())
    }

    /// Where the sink stands: at the beginning, if it never stood anywhere, or if the journal is a
    /// shorter one than the cursor knew.
    fn cursor(&self) -> Result<u64, JournalError> {
        let file = self.file("cursor");
        let Some(bytes) = self.state.read(&file).map_err(failed("read a sink's cursor"))? else {
            return Ok(0);
        };
        let text = std::str::from_utf8(&bytes).ok().and_then(|text| text.strip_suffix('\n'));
        let next = text.and_then(|text| text.parse::<u64>().ok());
        let what = "it is not the cursor of a sink";
        let next = next.ok_or(JournalError::Corrupt { file, offset: 0, what })?;
        let size = read_checkpoint(&*self.journal)?.map_or(0, |checkpoint| checkpoint.size);
        if next > size {
            tracing::warn!(
                sink = self.name,
                next,
                size,
                "the journal is another one: from its start"
            );
            return Ok(0);
        }
        Ok(next)
    }

    /// Appends leaves that can never be delivered to the sink's dead letters, with the reason.
    fn put_aside(&self, batch: &[Delivery], dead: &[Undeliverable]) -> Result<(), JournalError> {
        if dead.is_empty() {
            return Ok(());
        }
        let file = self.file("dead-letters.jsonl");
        let there = self.state.read(&file).map_err(failed("read a sink's dead letters"))?;
        let mut bytes = Vec::new();
        for letter in dead {
            let leaf = batch.iter().find(|delivery| delivery.index == letter.index);
            let leaf = leaf.map(|delivery| String::from_utf8_lossy(&delivery.leaf).into_owned());
            let line = json!({ "index": letter.index, "why": letter.why, "leaf": leaf });
            bytes.extend_from_slice(line.to_string().as_bytes());
            bytes.push(b'\n');
            tracing::warn!(sink = self.name, index = letter.index, "a leaf was put aside");
        }
        let at = u64::try_from(there.map_or(0, |there| there.len())).unwrap_or(u64::MAX);
        let written = self.state.write(&file, at, &bytes);
        let written = written.and_then(|()| self.state.sync(&[file]));
        written.map_err(failed("put a dead letter aside"))
    }
}
