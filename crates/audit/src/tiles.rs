//! The tree as it lies in tiles: the hash of any subtree, at the size of a checkpoint.

use std::collections::HashMap;
use std::ops::Range;

use crate::checkpoint::Checkpoint;
use crate::disk::JournalDisk;
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::{Hash, TILE_WIDTH, leaf_hash, node_hash, perfect, tile_path};
use crate::sealed::pile::Pile;
use crate::sealed::shelf::Shelf;

/// Tiles that are remembered of one proof: more than any proof reads.
const TILES_REMEMBERED_MAX: usize = 64;

/// The tree of one checkpoint.
pub(crate) struct Tiles<'d> {
    disk: &'d dyn JournalDisk,
    size: u64,
    read: HashMap<String, Vec<Hash>>,
}

impl<'d> Tiles<'d> {
    pub(crate) fn new(disk: &'d dyn JournalDisk, checkpoint: &Checkpoint) -> Self {
        Self { disk, size: checkpoint.size, read: HashMap::new() }
    }

    /// The root over the leaves of a subtree, as RFC 6962 splits the tree: it is perfect, or it
    /// ends where the tree ends.
    pub(crate) fn subtree(&mut self, leaves: Range<u64>) -> Result<Hash, JournalError> {
        let size = leaves.end.saturating_sub(leaves.start);
        if size.is_power_of_two() {
            return self.perfect(leaves.start, size.trailing_zeros());
        }
        let middle = leaves.start.saturating_add(size.next_power_of_two() / 2);
        let left = self.subtree(leaves.start..middle)?;
        Ok(node_hash(&left, &self.subtree(middle..leaves.end)?))
    }

    /// The root over 2^`height` leaves.
    fn perfect(&mut self, start: u64, height: u32) -> Result<Hash, JournalError> {
        let (level, within) = (height / 8, height % 8);
        let first = start.checked_shr(level.saturating_mul(8)).unwrap_or(0);
        let number = first / 256;
        let (path, width) = self.tile(level, number);
        let absent = || JournalError::Corrupt {
            file: path.clone(),
            offset: 0,
            what: "it does not hold the hashes that a proof needs",
        };
        if !self.read.contains_key(&path) {
            if self.read.len() == TILES_REMEMBERED_MAX {
                self.read.clear();
            }
            let nodes = match self.disk.read(&path).map_err(failed("read a tile"))? {
                Some(bytes) => bytes.chunks(32).map(|hash| Hash::try_from(hash).ok()).collect(),
                None if level == 0 => self.sealed(number)?,
                None => None,
            };
            let nodes = nodes.filter(|nodes: &Vec<Hash>| nodes.len() == width);
            let nodes = nodes.ok_or_else(absent)?;
            self.read.insert(path.clone(), nodes);
        }
        let from = usize::try_from(first % 256).unwrap_or(TILE_WIDTH);
        let nodes = self.read.get(&path).and_then(|nodes| nodes.get(from..from + (1 << within)));
        nodes.and_then(perfect).ok_or_else(absent)
    }

    /// The hashes of a bundle that lies in a sealed segment, which takes the tile's place.
    fn sealed(&self, number: u64) -> Result<Option<Vec<Hash>>, JournalError> {
        let first = number.saturating_mul(256);
        let shelf = Shelf::open(self.disk)?;
        let hashes = |pile: Pile| {
            let leaves = first..first.saturating_add(256);
            leaves.map(|index| pile.leaf(index).map(leaf_hash)).collect()
        };
        Ok(shelf.block_with(first)?.and_then(hashes))
    }

    /// The file of a tile at this size, and how many nodes it has.
    fn tile(&self, level: u32, number: u64) -> (String, usize) {
        let nodes = self.size.checked_shr(level.saturating_mul(8)).unwrap_or(0);
        let whole = number.saturating_add(1).saturating_mul(256) <= nodes;
        let width = if whole { TILE_WIDTH } else { usize::try_from(nodes % 256).unwrap_or(0) };
        let level = u8::try_from(level).unwrap_or(u8::MAX);
        (tile_path(level, number, (!whole).then_some(width)), width)
    }
}
