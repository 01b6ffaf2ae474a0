//! The log on disk, without a thread and without a clock: append, sync, tick. Every promise of the
//! journal is kept or broken here.

use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasherDefault;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use names::RequestId;
use tokio::sync::oneshot;

use crate::checkpoint::{CHECKPOINT, Checkpoint};
use crate::disk::{JournalDisk, Settle};
use crate::gap::Unrecorded;
use crate::glance::Glance;
use crate::journal::{Append, Durability, Effect, JournalConfig, JournalError, Status};
use crate::merkle::{Finished, Tree};
use crate::sealed::gathering::IdHasher;
use crate::tail::{Head, SEGMENT_BYTES_MAX, frames_again, segment_name, write_head, write_leaf};

/// The file that is given up when the disk is full.
pub(crate) const RESERVE: &str = "reserve";

/// Most bytes of frames that are kept room for between commits.
const FRAMES_BYTES_MAX: usize = 256 * 1024;

/// So many whole bundles and tiles wait before the writer is called to write them, if nothing else
/// calls it: to wake it for each keeps those waiting who append.
const UPKEEP_FILES: usize = 16;

/// Most bytes that a new segment takes over while everybody waits, if it can catch up before.
const MOVED_BYTES_MAX: u64 = 64 * 1024;

/// An append and whoever waits for it.
pub(crate) struct Waiting {
    pub(crate) append: Append,
    pub(crate) receipt: Option<oneshot::Sender<Result<(), JournalError>>>,
}

impl Waiting {
    fn answer(self, result: Result<(), JournalError>) {
        if let Some(receipt) = self.receipt {
            // If nobody waits any more, the request was dropped and its entry says so.
            drop(receipt.send(result));
        }
    }
}

/// A complete segment whose tiles may not survive power loss yet.
#[derive(Clone)]
pub(crate) struct Retiring {
    pub(crate) segment: String,
    pub(crate) paths: Vec<String>,
}

impl Retiring {
    /// Syncs the tiles; then the segment goes.
    pub(crate) fn retire(&self, disk: &dyn JournalDisk) -> Result<(), Failed> {
        disk.sync(&self.paths).map_err(|error| ("sync its tiles", error))?;
        disk.remove(&self.segment).map_err(|error| ("remove a segment", error))
    }
}

/// What could not be done, and why.
pub(crate) type Failed = (&'static str, std::io::Error);

/// A tick on its way: what it asks of the disk, while the log may go on.
pub(crate) struct Tick {
    disk: Arc<dyn JournalDisk>,
    /// The tail, if it has leaves that are not synced.
    tail: Option<String>,
    /// How many leaves will be durable, and promised.
    size: u64,
    /// The leaves of gaps among them.
    gaps: Vec<RequestId>,
    /// Nothing, if so many are promised already.
    promise: Option<Promise>,
}

/// A checkpoint, and the files that are not whole at its size.
struct Promise {
    partial: Vec<Finished>,
    note: String,
    /// Where it is kept, if it is one of those that are and there was room.
    kept: Option<String>,
    /// Partial files of the one before that are none of this one's.
    old: Vec<String>,
}

impl Tick {
    /// Makes the leaves durable.
    pub(crate) fn sync(&self) -> std::io::Result<()> {
        self.tail.as_ref().map_or(Ok(()), |tail| self.disk.sync(std::slice::from_ref(tail)))
    }

    /// Writes the partial tiles, then the checkpoint: once the leaves are durable and the tiles
    /// that are whole are written.
    pub(crate) fn promise(&mut self) -> Result<(), Failed> {
        let Some(promise) = &mut self.promise else { return Ok(()) };
        for (path, bytes) in &promise.partial {
            let written = self.disk.replace(path, bytes, Settle::Later);
            written.map_err(|error| ("write a tile", error))?;
        }
        let written = self.disk.replace(CHECKPOINT, promise.note.as_bytes(), Settle::Now);
        written.map_err(|error| ("write its checkpoint", error))?;
        if let Some(path) = &promise.kept
            && let Err(error) = self.disk.replace(path, promise.note.as_bytes(), Settle::Later)
        {
            // Lost to a crash, it is only missed; the next tick keeps its own.
            tracing::warn!(%error, "a checkpoint could not be kept");
            promise.kept = None;
        }
        let mut old = promise.old.iter();
        old.try_for_each(|path| self.disk.remove(path))
            .map_err(|error| ("remove an old tile", error))
    }
}

/// Whole tiles and bundles on their way: what they ask of the disk, while the log may go on.
pub(crate) struct Upkeep {
    disk: Arc<dyn JournalDisk>,
    files: Vec<Finished>,
    written: Vec<String>,
}

impl Upkeep {
    /// Writes them in their order, up to one that cannot be.
    pub(crate) fn write(&mut self) -> Result<(), JournalError> {
        let mut done = Ok(());
        self.files.retain(|(path, bytes)| {
            if done.is_ok() {
                done =
                    self.disk.replace(path, bytes, Settle::Later).map_err(failed("write a tile"));
            }
            if done.is_ok() {
                self.written.push(path.clone());
            }
            done.is_err()
        });
        done
    }
}

/// A new segment on its way: what it asks of the disk, while the log may go on with the old one.
pub(crate) struct Turn {
    disk: Arc<dyn JournalDisk>,
    old: String,
    /// How many leaves the log had when it was begun: they are durable once it is prepared.
    size: u64,
    /// What it is called and begins with.
    name: String,
    bytes: Vec<u8>,
    /// How many of the old one's bytes, and of the log's leaves, it has.
    read: u64,
    end: u64,
    /// How long it is.
    length: u64,
}

impl Turn {
    /// Makes the leaves that it knows durable: in the old segment those that it will not hold, in
    /// the new one the rest.
    pub(crate) fn prepare(&self) -> Result<(), Failed> {
        let synced = self.disk.sync(std::slice::from_ref(&self.old));
        // Whatever the error: after a failed sync nobody knows what the disk holds.
        synced.map_err(|error| ("sync its tail", std::io::Error::other(error)))?;
        let made = self.disk.replace(&self.name, &self.bytes, Settle::Now);
        made.map_err(|error| ("begin a segment", error))
    }

    /// Appends to the new segment what came to the old one up to that byte and that leaf.
    pub(crate) fn take_over(&mut self, (read, end): (u64, u64)) -> Result<(), Failed> {
        let since = self.disk.read_part(&self.old, self.read..read);
        let since = since.map_err(|error| ("read its tail", error))?.unwrap_or_default();
        let frames = frames_again(&since, self.size, self.end..end);
        let frames = frames.ok_or_else(|| {
            ("read its tail", std::io::Error::other("it does not hold what was written"))
        })?;
        let written = self.disk.write(&self.name, self.length, &frames);
        written.map_err(|error| ("begin a segment", error))?;
        (self.read, self.end) = (read, end);
        self.length = self.length.saturating_add(u64::try_from(frames.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Makes durable what the new segment took over.
    pub(crate) fn settle(&self) -> std::io::Result<()> {
        self.disk.sync(std::slice::from_ref(&self.name))
    }
}

/// The state of the log.
pub(crate) struct Log {
    pub(crate) disk: Arc<dyn JournalDisk>,
    pub(crate) config: JournalConfig,
    pub(crate) status: Arc<Status>,
    pub(crate) tree: Tree,
    /// Entries with a first leaf and no second.
    pub(crate) open: HashSet<RequestId, BuildHasherDefault<IdHasher>>,
    /// The segment that is appended to, and how many of its bytes are good.
    pub(crate) segment: String,
    pub(crate) segment_bytes: u64,
    /// How many leaves survive power loss.
    pub(crate) synced: u64,
    /// Whole tiles and bundles that are still to be written, and those written but not synced.
    pub(crate) unwritten: Vec<Finished>,
    pub(crate) unsynced: Vec<String>,
    /// Others are on their way.
    pub(crate) writing: bool,
    /// Segments that are complete, and what must be synced before each may go.
    pub(crate) retiring: VecDeque<Retiring>,
    /// The checkpoint's size, and the partial files that were written for it.
    pub(crate) promised: Option<u64>,
    pub(crate) partials: Vec<String>,
    /// The size of the newest older checkpoint that is kept.
    pub(crate) kept: u64,
    /// Leaves without a waiter that found no room.
    pub(crate) owed: Vec<Waiting>,
    /// Leaves that say how many requests were not recorded, written and perhaps not synced.
    pub(crate) gaps: Vec<RequestId>,
    /// Where a commit's frames are laid out, kept for the next.
    pub(crate) frames: Vec<u8>,
    pub(crate) poisoned: bool,
}

/// Turns a failure of the disk into the journal's words.
pub(crate) fn failed(what: &'static str) -> impl Fn(std::io::Error) -> JournalError {
    move |source| match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => JournalError::Full,
        _ => JournalError::Io { what, source: Arc::new(source) },
    }
}

impl Log {
    /// [`Log::put`], then what whole bundles ask for.
    pub(crate) fn commit(&mut self, new: Vec<Waiting>) {
        if self.put(new) {
            self.keep_up();
        }
    }

    /// Whether whole bundles wait to be written: work for [`Log::keep_up`].
    pub(crate) fn wants_upkeep(&self) -> bool {
        !self.unwritten.is_empty() && !self.poisoned
    }

    /// Whether so many wait that the writer should be called.
    pub(crate) fn calls_for_upkeep(&self) -> bool {
        self.unwritten.len() >= UPKEEP_FILES && !self.poisoned
    }

    /// Writes whole bundles and tiles. Nobody waits for them; if the disk fails here, the next
    /// append is told.
    pub(crate) fn keep_up(&mut self) {
        if self.wants_upkeep()
            && let Err(error) = self.write_tiles()
        {
            tracing::warn!(%error, "tiles could not be written");
        }
    }

    /// Appends everything that waits, in one write, and answers: `Available` when the operating
    /// system has it, `Strict` after one sync for all of them. Whether that could be done.
    pub(crate) fn put(&mut self, new: Vec<Waiting>) -> bool {
        let mut batch = new;
        if !self.owed.is_empty() {
            batch.splice(..0, self.owed.drain(..));
        }
        if self.poisoned {
            for waiting in batch {
                waiting.answer(Err(JournalError::Poisoned));
            }
            return false;
        }
        self.admit(&mut batch);
        let mut bytes = std::mem::take(&mut self.frames);
        bytes.clear();
        let mut index = self.tree.size;
        for leaf in batch.iter().flat_map(|waiting| &*waiting.append.leaves) {
            write_leaf(&mut bytes, index, self.synced, &leaf.bytes);
            index = index.saturating_add(1);
        }
        let written = self.write_tail(&bytes);
        if bytes.capacity() <= FRAMES_BYTES_MAX {
            self.frames = bytes;
        }
        if let Err(error) = written {
            self.turn_away(batch, &error);
            return false;
        }
        let mut strict = Vec::new();
        for waiting in batch {
            if waiting.append.effect == Effect::Gap {
                self.gaps.push(waiting.append.id);
            }
            for leaf in &*waiting.append.leaves {
                self.tree.push_hashed(&leaf.bytes, leaf.hash, &mut self.unwritten);
            }
            match waiting.append.durability {
                Durability::Strict => strict.push(waiting),
                Durability::Available => waiting.answer(Ok(())),
            }
        }
        let synced = if strict.is_empty() { Ok(()) } else { self.sync() };
        for waiting in strict {
            waiting.answer(synced.clone());
        }
        synced.is_ok()
    }

    /// Leaves out what must not be written: an id that is open already, an end without a beginning.
    fn admit(&mut self, batch: &mut Vec<Waiting>) {
        let open = &mut self.open;
        let mut is_good = |append: &Append| match append.effect {
            Effect::Opens => open.insert(append.id),
            Effect::Closes => open.remove(&append.id),
            Effect::Both => !open.contains(&append.id),
            Effect::Gap => true,
        };
        for refused in batch.extract_if(.., |waiting| !is_good(&waiting.append)) {
            let id = refused.append.id;
            refused.answer(Err(JournalError::Duplicate(id)));
        }
    }

    /// Nothing of the batch is on record: undo its effects and say so. Ends of entries are owed.
    fn turn_away(&mut self, batch: Vec<Waiting>, error: &JournalError) {
        for waiting in batch.into_iter().rev() {
            let id = waiting.append.id;
            match waiting.append.effect {
                Effect::Opens => drop(self.open.remove(&id)),
                Effect::Closes => drop(self.open.insert(id)),
                Effect::Both | Effect::Gap => {}
            }
            self.count(&waiting, error);
            if waiting.receipt.is_none() && !self.poisoned {
                self.owed.push(waiting);
            } else {
                waiting.answer(Err(error.clone()));
            }
        }
        self.owed.reverse();
    }

    /// Counts a request that finds no room: it is refused, and no entry will say so.
    fn count(&self, waiting: &Waiting, error: &JournalError) {
        let asks = waiting.receipt.is_some() && waiting.append.effect != Effect::Closes;
        if !asks || !matches!(error, JournalError::Full) {
            return;
        }
        let opened = waiting.append.leaves.first();
        let glance = opened.and_then(|leaf| serde_json::from_slice::<Glance<'_>>(&leaf.bytes).ok());
        if let Some(came) = glance.and_then(|glance| glance.time) {
            self.status.unrecorded.note(waiting.append.id, came, Unrecorded::Full);
        }
    }

    /// Writes to the tail; a full disk costs the reserve, any other failure the journal.
    fn write_tail(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let write = |log: &Self| {
            let written = log.disk.write(&log.segment, log.segment_bytes, bytes);
            written.map_err(failed("write its tail"))
        };
        let mut result = write(self);
        if matches!(result, Err(JournalError::Full)) && self.give_up_reserve()? {
            result = write(self);
        }
        match result {
            Ok(()) => {
                let written = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.segment_bytes = self.segment_bytes.saturating_add(written);
                Ok(())
            }
            Err(JournalError::Full) => {
                // What was half written must not stay: it would look like a torn tail later.
                let cut = self.disk.write(&self.segment, self.segment_bytes, &[]);
                cut.map_err(failed("cut its tail")).map_err(|error| self.poison(error))?;
                Err(JournalError::Full)
            }
            Err(error) => Err(self.poison(error)),
        }
    }

    /// Gives up the reserve; true if there was one.
    fn give_up_reserve(&mut self) -> Result<bool, JournalError> {
        let had_one = !self.status.reserve_spent.swap(true, Ordering::AcqRel);
        if had_one {
            tracing::warn!(
                "the disk is full: the journal gives up its reserve, writes are refused"
            );
            let removed = self.disk.remove(RESERVE).map_err(failed("give up its reserve"));
            removed.map_err(|error| self.poison(error))?;
        }
        Ok(had_one)
    }

    /// Sets the reserve aside, again if need be.
    pub(crate) fn take_reserve(&mut self) -> Result<(), JournalError> {
        let bytes = usize::try_from(self.config.reserve_bytes).unwrap_or(usize::MAX);
        let there = self.disk.read(RESERVE).map_err(failed("look at its reserve"))?;
        if there.map_or(0, |there| there.len()) >= bytes {
            return Ok(());
        }
        match self.disk.write(RESERVE, 0, &vec![0; bytes]).map_err(failed("set its reserve aside"))
        {
            Ok(()) => self.status.reserve_spent.store(false, Ordering::Release),
            Err(JournalError::Full) => {
                self.status.reserve_spent.store(true, Ordering::Release);
                let removed = self.disk.remove(RESERVE).map_err(failed("give up its reserve"));
                removed.map_err(|error| self.poison(error))?;
            }
            Err(error) => return Err(self.poison(error)),
        }
        Ok(())
    }

    /// Makes everything written so far survive power loss.
    pub(crate) fn sync(&mut self) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        if self.synced < self.tree.size {
            // Whatever the error: after a failed sync nobody knows what the disk holds.
            let synced = self.disk.sync(std::slice::from_ref(&self.segment)).map_err(|source| {
                JournalError::Io { what: "sync its tail", source: Arc::new(source) }
            });
            synced.map_err(|error| self.poison(error))?;
            self.synced = self.tree.size;
        }
        Ok(())
    }

    /// Writes whole tiles and bundles. They can be made from the tail at any time, so a full disk
    /// only postpones them.
    pub(crate) fn write_tiles(&mut self) -> Result<(), JournalError> {
        let Some(mut tiles) = self.begin_tiles() else { return Ok(()) };
        let written = tiles.write();
        self.has_written(tiles, written)
    }

    /// Takes down whole tiles and bundles, if any wait and no others are on their way. What they
    /// ask of the disk can go on beside the log, but not beside [`Log::has_synced`] nor
    /// [`Log::begin_turn`].
    pub(crate) fn begin_tiles(&mut self) -> Option<Upkeep> {
        if !self.wants_upkeep() || std::mem::replace(&mut self.writing, true) {
            return None;
        }
        let (disk, files) = (Arc::clone(&self.disk), std::mem::take(&mut self.unwritten));
        Some(Upkeep { disk, files, written: Vec::new() })
    }

    /// What came of [`Upkeep::write`].
    pub(crate) fn has_written(
        &mut self,
        mut tiles: Upkeep,
        written: Result<(), JournalError>,
    ) -> Result<(), JournalError> {
        self.writing = false;
        self.unsynced.append(&mut tiles.written);
        tiles.files.append(&mut self.unwritten);
        self.unwritten = tiles.files;
        match written {
            Err(JournalError::Full) => self.give_up_reserve().map(|_| ()),
            Err(error) => Err(self.poison(error)),
            Ok(()) => Ok(()),
        }
    }

    /// What must happen at least every second while something changes: sync, tiles, checkpoint. A
    /// full disk postpones all but the sync.
    ///
    /// # Errors
    /// The journal is poisoned now, or [`JournalError::Full`]: try again later.
    pub(crate) fn tick(&mut self) -> Result<(), JournalError> {
        let mut tick = self.begin_tick()?;
        let synced = tick.sync();
        self.has_synced(&tick, synced)?;
        let promised = tick.promise();
        self.has_promised(tick, promised)
    }

    /// Takes down what a tick makes durable and promises. What it asks of the disk can go on beside
    /// the log, of which only one tick may be under way.
    pub(crate) fn begin_tick(&mut self) -> Result<Tick, JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        if !self.owed.is_empty() {
            self.commit(Vec::new());
        }
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        let size = self.tree.size;
        let promise = (self.promised != Some(size)).then(|| {
            let (origin, root) = (self.config.origin.clone(), self.tree.root());
            let mut checkpoint = Checkpoint { origin, size, root, signatures: Vec::new() };
            if let Some(keys) = &self.config.keys {
                keys.sign(&mut checkpoint);
            }
            let partial = self.tree.partial();
            let mut old = self.partials.clone();
            old.retain(|old| partial.iter().all(|(path, _)| path != old));
            Promise { partial, note: checkpoint.note(), kept: self.keeps(size), old }
        });
        Ok(Tick {
            disk: Arc::clone(&self.disk),
            tail: (self.synced < size).then(|| self.segment.clone()),
            size,
            gaps: std::mem::take(&mut self.gaps),
            promise,
        })
    }

    /// Takes down a tick that makes durable what is written, and promises nothing.
    pub(crate) fn begin_sync(&self) -> Result<Tick, JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        let (disk, size) = (Arc::clone(&self.disk), self.tree.size);
        let tail = (self.synced < size).then(|| self.segment.clone());
        Ok(Tick { disk, tail, size, gaps: Vec::new(), promise: None })
    }

    /// What came of [`Tick::sync`]: then come the files that a checkpoint rests on.
    pub(crate) fn has_synced(
        &mut self,
        tick: &Tick,
        synced: std::io::Result<()>,
    ) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        // Whatever the error: after a failed sync nobody knows what the disk holds.
        let what = "sync its tail";
        let synced = synced.map_err(|source| JournalError::Io { what, source: Arc::new(source) });
        synced.map_err(|error| self.poison(error))?;
        self.synced = self.synced.max(tick.size);
        self.keep_gaps(&tick.gaps)?;
        if self.status.reserve_spent.load(Ordering::Acquire) {
            self.take_reserve()?;
        }
        self.write_tiles()?;
        if self.are_written() { Ok(()) } else { Err(JournalError::Full) }
    }

    /// What came of [`Tick::promise`].
    pub(crate) fn has_promised(
        &mut self,
        tick: Tick,
        promised: Result<(), Failed>,
    ) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        if let Err((what, error)) = promised {
            self.postponable(Err(error), what)?;
        }
        if let Some(Promise { partial, kept, .. }) = tick.promise {
            self.promised = Some(tick.size);
            self.partials = partial.into_iter().map(|(path, _)| path).collect();
            if kept.is_some() {
                self.kept = tick.size;
            }
        }
        if self.owed.is_empty() { Ok(()) } else { Err(JournalError::Full) }
    }

    /// Whether a tick would change anything.
    pub(crate) fn is_settled(&self) -> bool {
        self.poisoned
            || (self.promised == Some(self.tree.size)
                && self.owed.is_empty()
                && self.gaps.is_empty()
                && !self.status.unrecorded.has_changed()
                && !self.status.reserve_spent.load(Ordering::Acquire))
    }

    /// A full disk is no disaster here; anything else is.
    fn postponable(
        &mut self,
        result: std::io::Result<()>,
        what: &'static str,
    ) -> Result<(), JournalError> {
        match result.map_err(failed(what)) {
            Err(JournalError::Full) => {
                self.give_up_reserve()?;
                Err(JournalError::Full)
            }
            Err(error) => Err(self.poison(error)),
            Ok(()) => Ok(()),
        }
    }

    /// Whether the segment is long and another can be begun.
    pub(crate) fn is_long(&self) -> bool {
        self.segment_bytes > SEGMENT_BYTES_MAX && self.can_turn()
    }

    /// Whether a new segment would begin elsewhere than the old one: while fewer than 256 leaves
    /// fill a segment, it may grow.
    pub(crate) fn can_turn(&self) -> bool {
        !self.poisoned && self.are_written() && segment_name(self.tree.base()) != self.segment
    }

    /// Whether every whole tile and bundle is written.
    fn are_written(&self) -> bool {
        self.unwritten.is_empty() && !self.writing
    }

    /// Takes down a new segment, with the leaves that are in no whole bundle yet. What it asks of
    /// the disk can go on beside the log, but not beside a tick.
    pub(crate) fn begin_turn(&self) -> Option<Turn> {
        let fresh = self.can_turn().then(|| self.fresh_segment());
        fresh.map(|(name, bytes)| Turn {
            disk: Arc::clone(&self.disk),
            old: self.segment.clone(),
            size: self.tree.size,
            name,
            read: self.segment_bytes,
            end: self.tree.size,
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            bytes,
        })
    }

    /// Up to where a new segment that is prepared can take over what came meanwhile, if that is so
    /// much that nobody should wait for it.
    pub(crate) fn has_more(&self, turn: &Turn) -> Option<(u64, u64)> {
        let more = self.segment_bytes.saturating_sub(turn.read);
        (more > MOVED_BYTES_MAX && !self.poisoned).then_some((self.segment_bytes, self.tree.size))
    }

    /// What came of [`Turn::prepare`]: the new segment takes what has come to the old one since,
    /// and is the one that is appended to; if there is no room, later will do. The old one stays
    /// until the new one is [settled](Turn::settle): only it may hold what was synced meanwhile.
    pub(crate) fn turn(
        &mut self,
        turn: &mut Turn,
        prepared: Result<(), Failed>,
    ) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        let all = (self.segment_bytes, self.tree.size);
        if let Err((what, error)) = prepared.and_then(|()| turn.take_over(all)) {
            // It may be there all the same. The old segment goes on, so the new one must go.
            let removed = self.disk.remove(&turn.name).map_err(failed("remove a segment"));
            removed.map_err(|error| self.poison(error))?;
            self.postponable(Err(error), what)?;
            return Err(JournalError::Full);
        }
        self.segment.clone_from(&turn.name);
        self.segment_bytes = turn.length;
        self.synced = turn.size;
        Ok(())
    }

    /// What came of [`Turn::settle`]: the old segment can go once its tiles are synced, which takes
    /// long and keeps nobody waiting.
    pub(crate) fn turned(
        &mut self,
        turn: Turn,
        settled: std::io::Result<()>,
    ) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        let what = "sync a new segment";
        let settled = settled.map_err(|source| JournalError::Io { what, source: Arc::new(source) });
        settled.map_err(|error| self.poison(error))?;
        let paths = std::mem::take(&mut self.unsynced);
        self.retiring.push_back(Retiring { segment: turn.old, paths });
        Ok(())
    }

    /// What came of [`Retiring::retire`] of the oldest segment: nobody knows what is on a disk that
    /// failed at it.
    pub(crate) fn retired(&mut self, retired: Result<(), Failed>) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        if self.retiring.pop_front().is_none() {
            return Ok(());
        }
        let io = |(what, source)| JournalError::Io { what, source: Arc::new(source) };
        retired.map_err(io).map_err(|error| self.poison(error))
    }

    /// The name and bytes of a segment that begins at the last whole bundle.
    pub(crate) fn fresh_segment(&self) -> (String, Vec<u8>) {
        let base = self.tree.base();
        let mut open: Vec<RequestId> = self.open.iter().copied().collect();
        open.sort_unstable();
        let (origin, upper) = (self.config.origin.clone(), self.tree.upper());
        let head = Head { origin, base, size: self.tree.size, upper, open };
        let mut bytes = Vec::new();
        write_head(&mut bytes, &head);
        for (index, leaf) in (base..).zip(self.tree.bundle.leaves()) {
            write_leaf(&mut bytes, index, self.tree.size, leaf);
        }
        (segment_name(base), bytes)
    }

    /// A commit panicked midway: nobody knows what was written.
    pub(crate) fn distrust(&mut self) {
        if !self.poisoned {
            let source = Arc::new(std::io::Error::other("a commit panicked"));
            self.poison(JournalError::Io { what: "commit", source });
        }
    }

    /// From here on nothing can be trusted: tell everybody, once.
    pub(crate) fn poison(&mut self, error: JournalError) -> JournalError {
        if !std::mem::replace(&mut self.poisoned, true) {
            self.status.poisoned.store(true, Ordering::Release);
            tracing::error!(%error, "the journal is poisoned");
            (self.config.on_poison)(&error);
        }
        error
    }
}
