//! Opening the log: what is there is checked against what was promised, a torn tail is cut off,
//! tiles are made good from the tail, and entries left open are closed as `unknown`.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use names::{RequestId, Timestamp};

use crate::checkpoint::{CHECKPOINT, Checkpoint};
use crate::custody::Found;
use crate::disk::{JournalDisk, Settle};
use crate::entry::{Closed, Ending, LeafHead, LeafKind};
use crate::journal::{Append, JournalConfig, JournalError, Recovery, Status};
use crate::log::{Log, Waiting, failed};
use crate::merkle::{Finished, Tree, partial_paths};
use crate::outcome::Outcome;
use crate::tail::{Segment, read_segment};

/// How many of the newest segments a reader looks at: one may have been begun in vain.
pub(crate) const SEGMENTS_READ: usize = 2;

impl Log {
    /// Opens the log on a disk, or begins one.
    ///
    /// # Errors
    /// The disk fails, or does not hold what the log promised.
    pub(crate) fn open(
        disk: Arc<dyn JournalDisk>,
        config: JournalConfig,
        status: Arc<Status>,
        now: Timestamp,
    ) -> Result<(Self, Recovery), JournalError> {
        let checkpoint = read_checkpoint(&*disk)?;
        let (segment, stale) = choose_segment(&*disk, checkpoint.as_ref(), usize::MAX)?;
        let mut log = Self {
            disk,
            config,
            status,
            tree: Tree::default(),
            open: HashSet::default(),
            segment: String::new(),
            segment_bytes: 0,
            synced: 0,
            unwritten: Vec::new(),
            unsynced: Vec::new(),
            writing: false,
            retiring: VecDeque::new(),
            promised: None,
            partials: Vec::new(),
            kept: checkpoint.as_ref().map_or(0, |promised| promised.size),
            owed: Vec::new(),
            gaps: Vec::new(),
            frames: Vec::new(),
            poisoned: false,
        };
        let mut recovery = Recovery::default();
        let found = Found::of(segment.as_ref().filter(|_| checkpoint.is_none()));
        match segment {
            Some(segment) => log.resume(segment, checkpoint.as_ref(), &mut recovery)?,
            None => log.begin()?,
        }
        for name in stale {
            log.finish(&name, &mut recovery)?;
        }
        log.take_reserve()?;
        log.resume_gaps()?;
        log.enter_key(checkpoint.as_ref(), found, now)?;
        log.close_unknown(now, &mut recovery);
        match log.tick() {
            // A full disk keeps nobody from starting: reads and deletes go on.
            Err(JournalError::Full) if checkpoint.is_none() && log.config.keys.is_some() => {
                // Entries without a signed checkpoint could not be told from somebody else's.
                return Err(JournalError::Full);
            }
            Ok(()) | Err(JournalError::Full) => {}
            Err(error) => return Err(error),
        }
        recovery.leaves = log.tree.size;
        Ok((log, recovery))
    }

    /// A log without leaves.
    fn begin(&mut self) -> Result<(), JournalError> {
        let (name, bytes) = self.fresh_segment();
        let made = self.disk.replace(&name, &bytes, Settle::Now);
        made.map_err(failed("begin its tail"))?;
        self.segment = name;
        self.segment_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Takes up where the segment ends.
    fn resume(
        &mut self,
        segment: Segment,
        checkpoint: Option<&Checkpoint>,
        recovery: &mut Recovery,
    ) -> Result<(), JournalError> {
        let checkpoint_origin = checkpoint.map(|promised| &promised.origin);
        let mut origins = checkpoint_origin.into_iter().chain([&segment.head.origin]);
        if origins.any(|origin| *origin != self.config.origin) {
            let what = "it belongs to a log of another name";
            return Err(JournalError::Corrupt { file: segment.name, offset: 0, what });
        }
        // Read, and made durable, before anything is built on it: what the dead process wrote may
        // still be in the operating system's memory only.
        let cut = self.disk.write(&segment.name, segment.good_bytes, &[]);
        let name = std::slice::from_ref(&segment.name);
        cut.and_then(|()| self.disk.sync(name)).map_err(failed("cut its tail"))?;
        recovery.torn_bytes = segment.torn_bytes;
        self.partials = checkpoint.map_or_else(Vec::new, |promised| partial_paths(promised.size));
        self.tree = Tree::resume(segment.head.base, &segment.head.upper);
        self.open.extend(segment.head.open.iter().copied());
        self.check_root(checkpoint)?;
        for leaf in segment.leaves {
            if self.tree.size >= segment.head.size {
                self.replay(&segment.name, &leaf)?;
            }
            self.tree.push(&leaf, &mut self.unwritten);
            self.check_root(checkpoint)?;
        }
        self.segment = segment.name;
        self.segment_bytes = segment.good_bytes;
        self.synced = self.tree.size;
        let finished = std::mem::take(&mut self.unwritten);
        self.mend_tiles(finished, recovery)
    }

    /// Makes good the tiles of an older segment, for which there was no time, and drops it. One
    /// that is newer than the chosen one was never begun.
    fn finish(&mut self, name: &str, recovery: &mut Recovery) -> Result<(), JournalError> {
        if name < self.segment.as_str()
            && let Some(bytes) = self.disk.read(name).map_err(failed("read its tail"))?
        {
            let segment = read_segment(name, &bytes)?;
            let mut tree = Tree::resume(segment.head.base, &segment.head.upper);
            let mut finished = Vec::new();
            for leaf in segment.leaves {
                tree.push(&leaf, &mut finished);
            }
            self.mend_tiles(finished, recovery)?;
            if !self.unwritten.is_empty() {
                // No room: it stays, to be finished when the log is opened again.
                return Ok(());
            }
            let paths = std::mem::take(&mut self.unsynced);
            self.disk.sync(&paths).map_err(failed("sync its tiles"))?;
        }
        self.disk.remove(name).map_err(failed("remove a segment"))
    }

    /// What a leaf does to the set of open entries.
    fn replay(&mut self, file: &str, leaf: &[u8]) -> Result<(), JournalError> {
        let head: LeafHead = serde_json::from_slice(leaf).map_err(|_| JournalError::Corrupt {
            file: file.to_owned(),
            offset: 0,
            what: "a leaf is not an entry's",
        })?;
        match head.entry {
            LeafKind::Opened => drop(self.open.insert(head.id)),
            LeafKind::Closed => drop(self.open.remove(&head.id)),
            LeafKind::Continued | LeafKind::Key | LeafKind::Removed | LeafKind::Gap => {}
        }
        Ok(())
    }

    /// At the checkpoint's size the tree must have the checkpoint's root.
    fn check_root(&self, checkpoint: Option<&Checkpoint>) -> Result<(), JournalError> {
        match checkpoint.filter(|promised| promised.size == self.tree.size) {
            Some(promised) if promised.root != self.tree.root() => Err(JournalError::Corrupt {
                file: CHECKPOINT.to_owned(),
                offset: 0,
                what: "its root is not that of the tail",
            }),
            _ => Ok(()),
        }
    }

    /// Whole tiles that are missing or say something else are written again from the tail.
    fn mend_tiles(
        &mut self,
        finished: Vec<Finished>,
        recovery: &mut Recovery,
    ) -> Result<(), JournalError> {
        for (path, bytes) in finished {
            match self.disk.read(&path).map_err(failed("read a tile"))? {
                Some(there) if there == bytes => {
                    self.unsynced.push(path);
                    continue;
                }
                Some(_) => recovery.rewritten.push(path.clone()),
                None => {}
            }
            self.unwritten.push((path, bytes));
        }
        self.write_tiles()
    }

    /// Closes what was left open.
    fn close_unknown(&mut self, now: Timestamp, recovery: &mut Recovery) {
        let mut ids: Vec<RequestId> = self.open.iter().copied().collect();
        ids.sort_unstable();
        let close = |id: &RequestId| {
            let closed = Closed::new(*id, now, Ending::Unknown, Outcome::status(0));
            Waiting { append: Append::closes(*id, closed), receipt: None }
        };
        self.commit(ids.iter().map(close).collect());
        recovery.unknown = ids;
    }
}

/// The checkpoint, if there is one.
pub(crate) fn read_checkpoint(disk: &dyn JournalDisk) -> Result<Option<Checkpoint>, JournalError> {
    let Some(bytes) = disk.read(CHECKPOINT).map_err(failed("read its checkpoint"))? else {
        return Ok(None);
    };
    let read = Checkpoint::parse(&bytes).ok_or_else(|| JournalError::Corrupt {
        file: CHECKPOINT.to_owned(),
        offset: 0,
        what: "it is not a checkpoint",
    });
    read.map(Some)
}

/// The segment that reaches furthest among the newest `depth`, and the names of all others: older
/// ones, whose tiles may not be safe yet (or which were removed and came back with power loss), and
/// newer ones, of which the same may be true of a failed attempt to begin them.
///
/// # Errors
/// One is damaged, or none reaches the checkpoint.
pub(crate) fn choose_segment(
    disk: &dyn JournalDisk,
    checkpoint: Option<&Checkpoint>,
    depth: usize,
) -> Result<(Option<Segment>, Vec<String>), JournalError> {
    let mut names = disk.list("").map_err(failed("list its files"))?;
    names.retain(|name| name.starts_with("tail-") && name.len() == "tail-".len() + 20);
    names.sort_unstable();
    let mut chosen: Option<Segment> = None;
    for name in names.iter().rev().take(depth) {
        // It may have been removed since it was listed, if a writer lives.
        let Some(bytes) = disk.read(name).map_err(failed("read its tail"))? else { continue };
        let segment = read_segment(name, &bytes)?;
        if chosen.as_ref().is_none_or(|best| best.end() < segment.end()) {
            chosen = Some(segment);
        }
    }
    let end = chosen.as_ref().map(Segment::end);
    if let Some(promised) = checkpoint
        && end.is_none_or(|end| end < promised.size)
    {
        let file = chosen.map_or_else(|| "tail".to_owned(), |segment| segment.name);
        let what = "it ends before the checkpoint does";
        return Err(JournalError::Corrupt { file, offset: 0, what });
    }
    names.retain(|name| chosen.as_ref().is_some_and(|segment| segment.name != *name));
    Ok((chosen, names))
}

/// The newest checkpoint on a disk; `None` before the first.
///
/// # Errors
/// The disk fails, or what is there is no checkpoint.
pub fn checkpoint(disk: &dyn JournalDisk) -> Result<Option<Checkpoint>, JournalError> {
    read_checkpoint(disk)
}
