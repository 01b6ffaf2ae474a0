//! Proving the record: every leaf and tile is hashed again, every checkpoint's signature and root
//! are held against them, and every entry has both ends.

use std::ops::ControlFlow;

use crate::ahead::in_order;
use crate::checkpoint::{CHECKPOINT, CHECKPOINTS_KEPT, Checkpoint, kept_path};
use crate::disk::JournalDisk;
use crate::hashing::{Hashed, Said, Unread, hashed, pieces, said, whole_tile};
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::{Finished, Hash, TILE_WIDTH, Tree, bundle_leaves, entries_path, tile_path};
use crate::note::VerifierKey;
use crate::pairs::Pairs;
use crate::recover::{SEGMENTS_READ, choose_segment};
use crate::removal::{REMOVED, RemovalRecord, Removed, removed};
use crate::report::{Problem, Report};
use crate::sealed::shelf::sealed_runs;
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
    run.removed()?;
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
        removed: run.said_removed.filter(|_| run.removed.to > 0),
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
    /// What is sealed ends here.
    shelf_end: u64,
    /// What retention removed, as a file says, and the last leaf that says so.
    removed: Removed,
    said_removed: Option<(u64, RemovalRecord)>,
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
            shelf_end: 0,
            removed: Removed::default(),
            said_removed: None,
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

    /// What retention removed: its keys are followed, its leaves passed over by their tiles.
    fn removed(&mut self) -> Result<(), JournalError> {
        self.removed = match removed(self.disk) {
            Ok(removed) => removed,
            Err(JournalError::Corrupt { file, what, .. }) => {
                self.wrong(&file, what.to_owned());
                Removed::default()
            }
            Err(error) => return Err(error),
        };
        for record in self.removed.keys.clone() {
            if !self.walk.enter(&record) {
                let what = "it brings in a key without the word of the one before";
                self.wrong(REMOVED, what.to_owned());
            }
        }
        Ok(())
    }

    /// All leaves in order: from sealed segments, from whole bundles, from the tail.
    fn leaves(
        &mut self,
        checkpoint: Option<&Checkpoint>,
        segment: Option<&Segment>,
    ) -> Result<(), JournalError> {
        self.at_size(checkpoint)?;
        self.pass_over(self.removed.to / 256, checkpoint)?;
        let base = segment.map(|segment| segment.head.base);
        while base.is_none_or(|base| self.tree.size < base) {
            // What is a bundle now may be sealed a moment later.
            if self.sealed(checkpoint)? || self.bundle(checkpoint)? || self.sealed(checkpoint)? {
                continue;
            }
            if base.is_some() {
                let path = entries_path(self.tree.size / 256, None);
                self.lost(&path, "it is missing; nothing after it can be verified");
            }
            return Ok(());
        }
        let Some(segment) = segment else { return Ok(()) };
        if checkpoint.is_some_and(|promised| promised.origin != segment.head.origin) {
            self.wrong(CHECKPOINT, "it belongs to a log of another name".to_owned());
        }
        if base == Some(self.tree.size)
            && self.tree.upper() != Tree::resume(0, &segment.head.upper).upper()
        {
            self.wrong(&segment.name, "its head is not the edge of the tree".to_owned());
        }
        let leaves = (segment.head.base..).zip(&segment.leaves);
        let size = self.tree.size;
        for (_, leaf) in leaves.filter(|(index, _)| *index >= size) {
            self.leaf(leaf, checkpoint)?;
        }
        Ok(())
    }

    /// The next bundle; false if there is none, or it cannot be read.
    fn bundle(&mut self, checkpoint: Option<&Checkpoint>) -> Result<bool, JournalError> {
        let path = entries_path(self.tree.size / 256, None);
        let Some(bytes) = self.disk.read(&path).map_err(failed("read a bundle"))? else {
            return Ok(false);
        };
        let leaves = bundle_leaves(&bytes).filter(|leaves| leaves.len() == 256);
        let Some(leaves) = leaves else {
            self.lost(&path, "it is not a bundle of 256 leaves");
            return self.pass_over(1, checkpoint);
        };
        for leaf in leaves {
            self.leaf(leaf, checkpoint)?;
        }
        Ok(true)
    }

    /// The sealed segments that go on from here; false if there are none. Blocks are read and
    /// hashed on all processors, and taken in order.
    fn sealed(&mut self, checkpoint: Option<&Checkpoint>) -> Result<bool, JournalError> {
        let mut runs = sealed_runs(self.disk)?;
        let size = self.tree.size;
        runs.retain(|run| run.start >= size);
        let mut next = size;
        runs.retain(|run| {
            let follows = run.start == next;
            next = if follows { run.end } else { next };
            follows
        });
        if runs.is_empty() {
            return Ok(false);
        }
        self.shelf_end = next;
        let disk = self.disk;
        in_order(
            pieces(disk, runs),
            |piece| hashed(disk, piece),
            |read| {
                if let Some(block) = read? {
                    self.block(block, checkpoint)?;
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
        Ok(true)
    }

    /// The leaves of a block, or that it cannot be read.
    fn block(
        &mut self,
        block: Result<Hashed, Unread>,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), JournalError> {
        let hashed = match block {
            Ok(hashed) => hashed,
            Err(Unread { file, what, leaves }) => {
                if leaves > 0 {
                    self.bad.push((self.tree.size, self.tree.size.saturating_add(leaves)));
                }
                self.wrong(&file, what);
                self.pass_over(leaves / 256, checkpoint)?;
                return Ok(());
            }
        };
        let Hashed { hashes, said, roots } = hashed;
        let mut said = said.into_iter();
        let mut roots = roots.into_iter();
        for tile in hashes.chunks(TILE_WIDTH) {
            match roots.next().filter(|_| tile.len() == TILE_WIDTH) {
                Some(root) if self.no_root_within_a_tile() => {
                    self.tile(tile, root, said.by_ref().take(TILE_WIDTH), checkpoint)?;
                }
                _ => {
                    for (hash, said) in tile.iter().zip(said.by_ref()) {
                        self.one(*hash, said, checkpoint)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether the next 256 leaves are a tile inside which no root is to be met.
    fn no_root_within_a_tile(&self) -> bool {
        let end = self.tree.size.saturating_add(256);
        self.tree.size.is_multiple_of(256)
            && self.expected.last().is_none_or(|next| next.checkpoint.size >= end)
    }

    /// A whole tile of sealed leaves, whose root is known.
    fn tile(
        &mut self,
        hashes: &[Hash],
        root: Hash,
        said: impl Iterator<Item = Result<Said, String>>,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), JournalError> {
        let first = self.tree.size;
        for (index, said) in (first..).zip(said) {
            self.says(index, said);
        }
        let mut finished = Vec::new();
        self.tree.push_node(1, root, &mut finished);
        let path = tile_path(0, first / 256, None);
        // What is sealed needs no tile; one that is there must say the same.
        self.same(&path, &hashes.concat(), false)?;
        self.finished(finished, checkpoint)?;
        self.at_size(checkpoint)
    }

    /// One leaf of which the hash is known.
    fn one(
        &mut self,
        hash: Hash,
        said: Result<Said, String>,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), JournalError> {
        self.says(self.tree.size, said);
        let mut finished = Vec::new();
        self.tree.push_node(0, hash, &mut finished);
        self.finished(finished, checkpoint)?;
        self.at_size(checkpoint)
    }

    /// Goes on after leaves that cannot be read, by what the tiles say of them: so one damaged
    /// block hides nothing of what follows. Always true.
    fn pass_over(
        &mut self,
        bundles: u64,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<bool, JournalError> {
        self.pairs.torn |= bundles > 0;
        for _ in 0..bundles {
            let number = self.tree.size / 256;
            let path = tile_path(0, number, None);
            let tile = self.disk.read(&path).map_err(failed("read a tile"))?;
            let hashes = tile.as_deref().and_then(whole_tile);
            let mut finished = Vec::new();
            if let Some(hashes) = hashes {
                for hash in hashes {
                    self.tree.push_node(0, hash, &mut finished);
                    self.at_size(checkpoint)?;
                }
            } else {
                let node = self.node_above(number, checkpoint)?.unwrap_or_default();
                self.tree.push_node(1, node, &mut finished);
                self.at_size(checkpoint)?;
            }
            finished.retain(|(path, _)| !path.starts_with("tile/0/"));
            self.finished(finished, checkpoint)?;
        }
        Ok(true)
    }

    /// What the tile above says of a bundle.
    fn node_above(
        &self,
        number: u64,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Option<Hash>, JournalError> {
        let nodes = checkpoint.map_or(0, |promised| promised.size / 256);
        let whole = (number / 256).saturating_add(1).saturating_mul(256) <= nodes;
        let width = usize::try_from(nodes % 256).unwrap_or(0);
        let path = tile_path(1, number / 256, (!whole).then_some(width));
        let tile = self.disk.read(&path).map_err(failed("read a tile"))?.unwrap_or_default();
        let place = usize::try_from(number % 256).unwrap_or(usize::MAX);
        Ok(tile.as_chunks::<32>().0.get(place).copied())
    }

    /// A bundle of which nothing can be read.
    fn lost(&mut self, path: &str, what: &str) {
        self.bad.push((self.tree.size, self.tree.size.saturating_add(256)));
        self.wrong(path, what.to_owned());
    }

    fn leaf(&mut self, leaf: &[u8], checkpoint: Option<&Checkpoint>) -> Result<(), JournalError> {
        self.says(self.tree.size, said(leaf));
        let mut finished = Vec::new();
        self.tree.push(leaf, &mut finished);
        self.finished(finished, checkpoint)?;
        self.at_size(checkpoint)
    }

    /// What a leaf says, in their order.
    fn says(&mut self, index: u64, said: Result<Said, String>) {
        match said {
            Err(what) => self.wrong_leaf(index, what),
            Ok(Said::Ends(ends)) => {
                let mut wrong = Vec::new();
                self.pairs.leaf(&ends, |what| wrong.push(what));
                wrong.into_iter().for_each(|what| self.wrong_leaf(index, what));
            }
            Ok(Said::Removed(record)) => self.said_removed = Some((index, *record)),
            Ok(Said::Key(record)) => {
                if !self.walk.enter(&record) {
                    let what = "it brings in a key without the word of the one before";
                    self.wrong_leaf(index, what.to_owned());
                }
            }
        }
    }

    /// Files that are whole now. Of sealed leaves the lowest tiles need not be there.
    fn finished(
        &mut self,
        finished: Vec<Finished>,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), JournalError> {
        let promised = checkpoint.is_some_and(|promised| promised.size >= self.tree.size);
        for (path, bytes) in finished {
            let low = path.starts_with("tile/0/") || path.starts_with("tile/entries/");
            let there = low && self.shelf_end >= self.tree.size;
            self.same(&path, &bytes, promised && !there)?;
        }
        Ok(())
    }

    /// What must hold when the tree has the size of a checkpoint.
    fn at_size(&mut self, checkpoint: Option<&Checkpoint>) -> Result<(), JournalError> {
        let size = self.tree.size;
        while let Some(expected) = self.expected.pop_if(|next| next.checkpoint.size <= size) {
            if expected.checkpoint.size == size {
                self.hold(&expected)?;
            } else if !expected.ours {
                let what = "it cannot be compared: the leaves around its end cannot be read or \
                            were removed, and what is kept of them does not reach it";
                self.wrong(&expected.place, what.to_owned());
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
        let mut unsigned = by.is_some_and(|key| !expected.checkpoint.is_signed_by(key));
        if unsigned && size <= self.removed.to {
            // Which of the keys counted there went with the leaves.
            let mut keys = self.removed.keys.iter().map(|record| &record.key);
            unsigned = !keys.any(|key| expected.checkpoint.is_signed_by(key));
        }
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
        let told = self.said_removed.as_ref().map_or(0, |(_, record)| record.to);
        if self.removed.to > told {
            self.bad.push((0, self.removed.to));
            let to = self.removed.to;
            let what =
                format!("leaves before {to} are missing, and no leaf says that they were removed");
            self.wrong(REMOVED, what);
        }
        if checkpoint.is_none() && size > 0 && self.expect == Expect::Stopped {
            self.wrong(CHECKPOINT, "it is missing".to_owned());
        }
        if let (Some(key), None) = (key, self.walk.key()) {
            let what = format!("the key {key} never signed this log");
            self.wrong(CHECKPOINT, what);
        }
        // What cannot be read may have held the end.
        if self.expect == Expect::Stopped && !self.pairs.torn {
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
            tree.push_node(0, hash, &mut Vec::new());
        }
    }
    Ok((tree.size == size).then(|| tree.root()))
}
