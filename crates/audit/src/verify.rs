//! Proving the record: every leaf and tile is hashed again, and every entry has both ends.

use std::collections::{HashMap, HashSet};

use names::RequestId;

use crate::checkpoint::{CHECKPOINT, Checkpoint};
use crate::disk::JournalDisk;
use crate::entry::{Closed, Ending, Leaf, LeafKind};
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::{Tree, bundle_leaves, entries_path};
use crate::recover::{SEGMENTS_READ, choose_segment};
use crate::tail::Segment;

/// What nobody can see in the files alone.
pub const CANNOT_DETECT: &[&str] = &[
    "checkpoints are not signed yet: whoever can write the directory can write all of it again, \
     consistently; compare with a checkpoint kept elsewhere",
    "leaves after the last checkpoint can be removed without a trace",
    "an id used again after its entry was closed is taken for a second entry",
    "times are those of the server's clock",
];

/// Whether a server is writing while the record is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expect {
    /// It is: entries may be open, and tiles lag behind the tail.
    Running,
    /// It was stopped cleanly: every entry is closed, every tile is there.
    Stopped,
}

/// What verification found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Leaves that were hashed.
    pub leaves: u64,
    /// Entries that were seen.
    pub entries: u64,
    /// Entries that are open.
    pub open: u64,
    /// The checkpoint that holds for them.
    pub checkpoint: Option<Checkpoint>,
    /// Everything that is wrong; nothing is the proof.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file or the leaf.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

/// Verifies a journal. It changes nothing.
///
/// # Errors
/// The disk fails. Damage is no error but a [`Problem`].
pub fn verify(disk: &dyn JournalDisk, expect: Expect) -> Result<Report, JournalError> {
    let mut run =
        Run { disk, expect, tree: Tree::default(), problems: Vec::new(), pairs: Pairs::default() };
    let checkpoint = run.checkpoint()?;
    let segment = match choose_segment(disk, checkpoint.as_ref(), SEGMENTS_READ) {
        Ok((segment, _)) => segment,
        Err(JournalError::Corrupt { file, offset, what }) => {
            run.wrong(&file, format!("byte {offset}: {what}"));
            None
        }
        Err(error) => return Err(error),
    };
    run.leaves(checkpoint.as_ref(), segment.as_ref())?;
    let size = run.tree.size;
    if let Some(promised) = checkpoint.as_ref().filter(|promised| promised.size > size) {
        let what = format!("it promises {} leaves, and {size} can be read", promised.size);
        run.wrong(CHECKPOINT, what);
    }
    if checkpoint.is_none() && size > 0 && expect == Expect::Stopped {
        run.wrong(CHECKPOINT, "it is missing".to_owned());
    }
    let Run { pairs, mut problems, .. } = run;
    pairs.finish(expect, &mut problems);
    let open = u64::try_from(pairs.open.len()).unwrap_or(u64::MAX);
    Ok(Report { leaves: size, entries: pairs.entries, open, checkpoint, problems })
}

struct Run<'d> {
    disk: &'d dyn JournalDisk,
    expect: Expect,
    tree: Tree,
    problems: Vec<Problem>,
    pairs: Pairs,
}

impl Run<'_> {
    fn wrong(&mut self, place: &str, what: String) {
        self.problems.push(Problem { place: place.to_owned(), what });
    }

    fn checkpoint(&mut self) -> Result<Option<Checkpoint>, JournalError> {
        let Some(bytes) = self.disk.read(CHECKPOINT).map_err(failed("read its checkpoint"))? else {
            return Ok(None);
        };
        let parsed = Checkpoint::parse(&bytes);
        if parsed.is_none() {
            self.wrong(CHECKPOINT, "it is not a checkpoint".to_owned());
        }
        Ok(parsed)
    }

    /// All leaves in order: from whole bundles, then from the tail.
    fn leaves(
        &mut self,
        checkpoint: Option<&Checkpoint>,
        segment: Option<&Segment>,
    ) -> Result<(), JournalError> {
        self.at_size(checkpoint)?;
        let base = segment.map(|segment| segment.head.base);
        for number in 0_u64.. {
            if base.is_some_and(|base| number.saturating_mul(256) >= base) {
                break;
            }
            let path = entries_path(number, None);
            let Some(bytes) = self.disk.read(&path).map_err(failed("read a bundle"))? else {
                if base.is_some() {
                    self.wrong(&path, "it is missing; nothing after it can be verified".to_owned());
                }
                return Ok(());
            };
            let leaves = bundle_leaves(&bytes).filter(|leaves| leaves.len() == 256);
            let Some(leaves) = leaves else {
                self.wrong(&path, "it is not a bundle of 256 leaves".to_owned());
                return Ok(());
            };
            for leaf in leaves {
                self.leaf(leaf, checkpoint)?;
            }
        }
        let Some(segment) = segment else { return Ok(()) };
        if checkpoint.is_some_and(|promised| promised.origin != segment.head.origin) {
            self.wrong(CHECKPOINT, "it belongs to a log of another name".to_owned());
        }
        if self.tree.upper() != Tree::resume(0, &segment.head.upper).upper() {
            self.wrong(&segment.name, "its head is not the edge of the tree".to_owned());
        }
        for leaf in &segment.leaves {
            self.leaf(leaf.clone(), checkpoint)?;
        }
        Ok(())
    }

    fn leaf(&mut self, leaf: Vec<u8>, checkpoint: Option<&Checkpoint>) -> Result<(), JournalError> {
        self.pairs.leaf(self.tree.size, &leaf, &mut self.problems);
        let mut finished = Vec::new();
        self.tree.push(leaf, &mut finished);
        let promised = checkpoint.is_some_and(|promised| promised.size >= self.tree.size);
        for (path, bytes) in finished {
            self.same(&path, &bytes, promised)?;
        }
        self.at_size(checkpoint)
    }

    /// What must hold when the tree has the checkpoint's size.
    fn at_size(&mut self, checkpoint: Option<&Checkpoint>) -> Result<(), JournalError> {
        let Some(promised) = checkpoint.filter(|promised| promised.size == self.tree.size) else {
            return Ok(());
        };
        if promised.root != self.tree.root() {
            self.wrong(CHECKPOINT, "its root is not that of the leaves".to_owned());
        }
        for (path, bytes) in self.tree.partial() {
            self.same(&path, &bytes, self.expect == Expect::Stopped)?;
        }
        Ok(())
    }

    /// A file must say what the leaves say; it may be absent only where it may lag behind.
    fn same(&mut self, path: &str, bytes: &[u8], must_exist: bool) -> Result<(), JournalError> {
        match self.disk.read(path).map_err(failed("read a tile"))? {
            Some(there) if there == bytes => {}
            Some(_) => self.wrong(path, "it does not say what the leaves say".to_owned()),
            None if must_exist => self.wrong(path, "it is missing".to_owned()),
            None => {}
        }
        Ok(())
    }
}

/// Entries and their two ends.
#[derive(Default)]
struct Pairs {
    entries: u64,
    open: HashSet<RequestId>,
    /// Continuations that are still to come, or that came before their last leaf.
    missing: HashMap<RequestId, u32>,
    ahead: HashMap<RequestId, u32>,
}

impl Pairs {
    fn leaf(&mut self, index: u64, bytes: &[u8], problems: &mut Vec<Problem>) {
        let mut wrong = |what: String| {
            problems.push(Problem { place: format!("leaf {index}"), what });
        };
        match Leaf::parse(bytes) {
            Err(error) => wrong(error.to_string()),
            Ok(Leaf::Opened(opened)) => {
                self.entries = self.entries.saturating_add(1);
                if !self.open.insert(opened.id) {
                    wrong(format!("entry {} is opened twice", opened.id));
                }
                if opened.parts > 0 {
                    self.missing.insert(opened.id, opened.parts);
                }
            }
            Ok(Leaf::Continued(more)) if more.of == LeafKind::Closed => {
                let seen = self.ahead.entry(more.id).or_default();
                *seen = seen.saturating_add(1);
            }
            Ok(Leaf::Continued(more)) => match self.missing.get_mut(&more.id) {
                Some(1) => drop(self.missing.remove(&more.id)),
                Some(left) => *left = left.saturating_sub(1),
                None => wrong(format!("entry {} is continued and was whole", more.id)),
            },
            Ok(Leaf::Closed(closed)) => self.close(&closed, &mut wrong),
        }
    }

    fn close(&mut self, closed: &Closed, wrong: &mut impl FnMut(String)) {
        let id = closed.id;
        if !self.open.remove(&id) {
            wrong(format!("entry {id} is closed and was not open"));
        }
        let parts = self.ahead.remove(&id).unwrap_or(0);
        let missing = self.missing.remove(&id).is_some();
        // What a crash tore off is forgiven where the crash is on record.
        if closed.outcome != Ending::Unknown && (missing || parts != closed.parts) {
            wrong(format!("entry {id} is not whole"));
        }
    }

    fn finish(&self, expect: Expect, problems: &mut Vec<Problem>) {
        if expect == Expect::Running {
            return;
        }
        let mut open: Vec<&RequestId> = self.open.iter().collect();
        open.sort_unstable();
        for id in open {
            let what = "it was never closed".to_owned();
            problems.push(Problem { place: format!("entry {id}"), what });
        }
    }
}
