//! Proving the record: every leaf and tile is hashed again, every checkpoint's signature and root
//! are held against them, and every entry has both ends.

use crate::checkpoint::{CHECKPOINT, CHECKPOINTS_KEPT, Checkpoint, kept_path};
use crate::disk::JournalDisk;
use crate::entry::Leaf;
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::{Hash, Tree, bundle_leaves, entries_path, tile_path};
use crate::note::VerifierKey;
use crate::pairs::Pairs;
use crate::recover::{SEGMENTS_READ, choose_segment};
use crate::report::{Problem, Report};
use crate::tail::Segment;
use crate::trust::Walk;

/// Whether a server is writing while the record is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expect {
    /// It is: entries may be open, and tiles lag behind the tail.
    Running,
    /// It was stopped cleanly: every entry is closed, every tile is there.
    Stopped,
}

/// What the record is held against.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// Whether a server is writing.
    pub expect: Expect,
    /// The key that checkpoints must be signed with, directly or through the keys that it gave its
    /// word for.
    pub key: Option<VerifierKey>,
    /// Checkpoints that were seen before: the log must have grown from them.
    pub seen: Vec<Checkpoint>,
}

impl From<Expect> for Terms {
    fn from(expect: Expect) -> Self {
        Self { expect, key: None, seen: Vec::new() }
    }
}

/// Verifies a journal. It changes nothing.
///
/// # Errors
/// The disk fails. Damage is no error but a [`Problem`].
pub fn verify(disk: &dyn JournalDisk, terms: impl Into<Terms>) -> Result<Report, JournalError> {
    let terms = terms.into();
    let mut run = Run::new(disk, terms.expect, terms.key.clone());
    let checkpoint = run.checkpoint()?;
    // Before the tail is read: a running server keeps more of them as it goes.
    run.expected(checkpoint.as_ref(), &terms.seen)?;
    let segment = match choose_segment(disk, checkpoint.as_ref(), SEGMENTS_READ) {
        Ok((segment, _)) => segment,
        Err(JournalError::Corrupt { file, offset, what }) => {
            run.wrong(&file, format!("byte {offset}: {what}"));
            None
        }
        Err(error) => return Err(error),
    };
    run.leaves(checkpoint.as_ref(), segment.as_ref())?;
    run.finish(checkpoint.as_ref(), terms.key.as_ref());
    let open = u64::try_from(run.pairs.open.len()).unwrap_or(u64::MAX);
    Ok(Report {
        leaves: run.tree.size,
        entries: run.pairs.entries,
        open,
        checkpoint,
        key: run.walk.key().cloned(),
        trust: run.walk.trust(),
        problems: run.problems,
        first_bad: run.bad.into_iter().min_by_key(|(from, to)| (*to, *from)),
    })
}

/// A root that the log must have at some size, and who says so.
struct Expected {
    place: String,
    checkpoint: Checkpoint,
    /// Ours must be signed by the key that counts at that size; what was seen is taken as given.
    ours: bool,
}

struct Run<'d> {
    disk: &'d dyn JournalDisk,
    expect: Expect,
    tree: Tree,
    problems: Vec<Problem>,
    pairs: Pairs,
    walk: Walk,
    /// Roots still to be met, the smallest size last.
    expected: Vec<Expected>,
    /// Up to here every root was right.
    good: u64,
    /// Leaves whose tile says something else, until a root tells which of the two is right.
    suspects: Vec<u64>,
    bad: Vec<(u64, u64)>,
}

impl<'d> Run<'d> {
    fn new(disk: &'d dyn JournalDisk, expect: Expect, key: Option<VerifierKey>) -> Self {
        Self {
            disk,
            expect,
            tree: Tree::default(),
            problems: Vec::new(),
            pairs: Pairs::default(),
            walk: Walk::new(key),
            expected: Vec::new(),
            good: 0,
            suspects: Vec::new(),
            bad: Vec::new(),
        }
    }

    fn wrong(&mut self, place: &str, what: String) {
        self.problems.push(Problem { place: place.to_owned(), what });
    }

    /// A leaf that is wrong, whatever the hashes say.
    fn wrong_leaf(&mut self, index: u64, what: String) {
        self.bad.push((index, index.saturating_add(1)));
        self.wrong(&format!("leaf {index}"), what);
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

    /// Every root that the log must have on its way: of its checkpoint, of the older ones that are
    /// kept, of those that the verifier saw.
    fn expected(
        &mut self,
        checkpoint: Option<&Checkpoint>,
        seen: &[Checkpoint],
    ) -> Result<(), JournalError> {
        let main = checkpoint.map(|promised| Expected {
            place: CHECKPOINT.to_owned(),
            checkpoint: promised.clone(),
            ours: true,
        });
        let seen = seen.iter().map(|seen| Expected {
            place: format!("the seen checkpoint of {} leaves", seen.size),
            checkpoint: seen.clone(),
            ours: false,
        });
        let mut all: Vec<Expected> = main.into_iter().chain(seen).collect();
        let kept = self.disk.list(CHECKPOINTS_KEPT).map_err(failed("list its checkpoints"))?;
        for name in kept.iter().filter(|name| !name.contains('.')) {
            let place = format!("{CHECKPOINTS_KEPT}/{name}");
            let bytes = self.disk.read(&place).map_err(failed("read a checkpoint"))?;
            match bytes.and_then(|bytes| Checkpoint::parse(&bytes)) {
                Some(kept) if kept_path(kept.size) == place => {
                    all.push(Expected { place, checkpoint: kept, ours: true });
                }
                _ => self.wrong(&place, "it is not the checkpoint of its name".to_owned()),
            }
        }
        all.sort_by_key(|expected| std::cmp::Reverse(expected.checkpoint.size));
        self.expected = all;
        Ok(())
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
                    self.lost(&path, "it is missing; nothing after it can be verified");
                }
                return Ok(());
            };
            let leaves = bundle_leaves(&bytes).filter(|leaves| leaves.len() == 256);
            let Some(leaves) = leaves else {
                self.lost(&path, "it is not a bundle of 256 leaves");
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

    /// A bundle of which nothing can be read.
    fn lost(&mut self, path: &str, what: &str) {
        self.bad.push((self.tree.size, self.tree.size.saturating_add(256)));
        self.wrong(path, what.to_owned());
    }

    fn leaf(&mut self, leaf: Vec<u8>, checkpoint: Option<&Checkpoint>) -> Result<(), JournalError> {
        let index = self.tree.size;
        match Leaf::parse(&leaf) {
            Err(error) => self.wrong_leaf(index, error.to_string()),
            Ok(Leaf::Key(record)) => {
                if !self.walk.enter(&record) {
                    let what = "it brings in a key without the word of the one before";
                    self.wrong_leaf(index, what.to_owned());
                }
            }
            Ok(parsed) => {
                let mut said = Vec::new();
                self.pairs.leaf(&parsed, |what| said.push(what));
                said.into_iter().for_each(|what| self.wrong_leaf(index, what));
            }
        }
        let mut finished = Vec::new();
        self.tree.push(leaf, &mut finished);
        let promised = checkpoint.is_some_and(|promised| promised.size >= self.tree.size);
        for (path, bytes) in finished {
            self.same(&path, &bytes, promised)?;
        }
        self.at_size(checkpoint)
    }

    /// What must hold when the tree has the size of a checkpoint.
    fn at_size(&mut self, checkpoint: Option<&Checkpoint>) -> Result<(), JournalError> {
        let size = self.tree.size;
        while self.expected.last().is_some_and(|next| next.checkpoint.size == size) {
            if let Some(expected) = self.expected.pop() {
                self.hold(&expected)?;
            }
        }
        if checkpoint.is_some_and(|promised| promised.size == size) {
            for (path, bytes) in self.tree.partial() {
                self.same(&path, &bytes, self.expect == Expect::Stopped)?;
            }
        }
        Ok(())
    }

    fn hold(&mut self, expected: &Expected) -> Result<(), JournalError> {
        let size = self.tree.size;
        let promised = expected.checkpoint.root;
        let by = self.walk.key().filter(|_| expected.ours);
        let unsigned = by.is_some_and(|key| !expected.checkpoint.is_signed_by(key));
        if unsigned {
            let what = "the key that counts there did not sign it";
            self.wrong(&expected.place, what.to_owned());
        }
        if self.tree.root() == promised && unsigned {
            self.bad.push((self.good, size));
        } else if self.tree.root() == promised {
            self.good = size;
            self.suspects.clear();
        } else {
            // If the tiles have the promised root, the leaf that they do not know is the bad one.
            let exact = match self.suspects.first().copied() {
                Some(first) if root_of_tiles(self.disk, size)? == Some(promised) => Some(first),
                _ => None,
            };
            let exact = exact.map(|first| (first, first.saturating_add(1)));
            self.bad.push(exact.unwrap_or((self.good, size)));
            self.wrong(&expected.place, "its root is not that of the leaves".to_owned());
        }
        Ok(())
    }

    /// A file must say what the leaves say; it may be absent only where it may lag behind.
    fn same(&mut self, path: &str, bytes: &[u8], must_exist: bool) -> Result<(), JournalError> {
        match self.disk.read(path).map_err(failed("read a tile"))? {
            Some(there) if there == bytes => {}
            Some(there) => {
                self.suspect(path, bytes, &there);
                self.wrong(path, "it does not say what the leaves say".to_owned());
            }
            None if must_exist => self.wrong(path, "it is missing".to_owned()),
            None => {}
        }
        Ok(())
    }

    /// The first leaf of which a tile of the lowest level says something else.
    fn suspect(&mut self, path: &str, ours: &[u8], there: &[u8]) {
        let begun = self.tree.size.saturating_sub(1) / 256 * 256;
        let tile = tile_path(0, begun / 256, None);
        if path != tile && !path.starts_with(&format!("{tile}.p/")) {
            return;
        }
        let same = |(one, other): &(&[u8], &[u8])| one == other;
        let first = ours.chunks(32).zip(there.chunks(32)).take_while(same).count();
        self.suspects.push(begun.saturating_add(u64::try_from(first).unwrap_or(0)));
    }

    /// What can be said only when every leaf was read.
    fn finish(&mut self, checkpoint: Option<&Checkpoint>, key: Option<&VerifierKey>) {
        let size = self.tree.size;
        for expected in std::mem::take(&mut self.expected) {
            self.bad.push((size, expected.checkpoint.size));
            let promised = expected.checkpoint.size;
            let what = format!("it promises {promised} leaves, and {size} can be read");
            self.wrong(&expected.place, what);
        }
        if checkpoint.is_none() && size > 0 && self.expect == Expect::Stopped {
            self.wrong(CHECKPOINT, "it is missing".to_owned());
        }
        if let (Some(key), None) = (key, self.walk.key()) {
            let what = format!("the key {key} never signed this log");
            self.wrong(CHECKPOINT, what);
        }
        if self.expect == Expect::Stopped {
            for id in self.pairs.unclosed() {
                self.wrong(&format!("entry {id}"), "it was never closed".to_owned());
            }
        }
    }
}

/// The root over so many leaves, as the tiles of the lowest level have it; `None` if one is
/// absent.
fn root_of_tiles(disk: &dyn JournalDisk, size: u64) -> Result<Option<Hash>, JournalError> {
    let mut tree = Tree::default();
    for number in 0..size.div_ceil(256) {
        let width = usize::try_from(size.saturating_sub(number.saturating_mul(256)).min(256));
        let width = width.unwrap_or(256);
        let read = |path: String| disk.read(&path).map_err(failed("read a tile"));
        let mut tile = read(tile_path(0, number, None))?;
        if tile.is_none() {
            tile = read(tile_path(0, number, Some(width)))?;
        }
        let Some(tile) = tile else { return Ok(None) };
        for hash in tile.chunks(32).take(width) {
            let Ok(hash) = Hash::try_from(hash) else { return Ok(None) };
            tree.push_hash(hash);
        }
    }
    Ok((tree.size == size).then(|| tree.root()))
}
