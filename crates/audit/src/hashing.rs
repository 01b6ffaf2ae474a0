//! What verification makes of leaves before it looks at how they follow each other: their hashes,
//! and their ends. Of sealed segments that goes on beside the rest, on all processors.

use std::ops::Range;
use std::sync::Arc;

use crate::disk::JournalDisk;
use crate::entry::{BadLeaf, LeafKind, SCHEMA_VERSION};
use crate::glance::Ends;
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::{Hash, TILE_WIDTH, leaf_hash, perfect};
use crate::removal::RemovalRecord;
use crate::sealed::file::{SealedHead, path};
use crate::sealed::shelf::{block, head};
use crate::signer::KeyRecord;

/// What verification makes of a leaf besides its hash.
pub(crate) enum Said {
    Ends(Ends),
    Key(Box<KeyRecord>),
    Removed(Box<RemovalRecord>),
}

/// A block that was read and hashed.
pub(crate) struct Hashed {
    /// The hashes of its leaves.
    pub(crate) hashes: Vec<Hash>,
    /// What they say, or why they say nothing.
    pub(crate) said: Vec<Result<Said, String>>,
    /// The root of each whole tile among them.
    pub(crate) roots: Vec<Hash>,
}

impl Hashed {
    fn of<'l>(leaves: impl Iterator<Item = &'l [u8]>) -> Self {
        let (hashes, said): (Vec<Hash>, Vec<_>) =
            leaves.map(|leaf| (leaf_hash(leaf), said(leaf))).unzip();
        let roots = hashes.as_chunks::<TILE_WIDTH>().0.iter().filter_map(|tile| perfect(tile));
        let roots = roots.collect();
        Self { hashes, said, roots }
    }
}

/// A block that cannot be read.
pub(crate) struct Unread {
    pub(crate) file: String,
    pub(crate) what: String,
    pub(crate) leaves: u64,
}

/// What a leaf says.
pub(crate) fn said(leaf: &[u8]) -> Result<Said, String> {
    let ends: Ends =
        serde_json::from_slice(leaf).map_err(|error| BadLeaf::from(error).to_string())?;
    if ends.v != SCHEMA_VERSION {
        return Err(BadLeaf::Version(ends.v).to_string());
    }
    let bad = |error| BadLeaf::from(error).to_string();
    match ends.entry {
        LeafKind::Key => serde_json::from_slice(leaf).map(Said::Key).map_err(bad),
        LeafKind::Removed => serde_json::from_slice(leaf).map(Said::Removed).map_err(bad),
        _ => Ok(Said::Ends(ends)),
    }
}

/// The hashes of a whole tile.
pub(crate) fn whole_tile(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    (hashes.len() == 256 && rest.is_empty()).then(|| hashes.to_vec())
}

/// A piece of a sealed segment that is to be read.
pub(crate) enum Piece {
    /// One of its blocks.
    Block(Arc<SealedHead>, usize),
    /// What comes after the blocks: nothing.
    End(Arc<SealedHead>),
    /// Its head could not be read.
    Failed(Range<u64>, JournalError),
}

/// The pieces of segments, one after the other, up to one that is gone.
pub(crate) fn pieces(
    disk: &dyn JournalDisk,
    runs: Vec<Range<u64>>,
) -> impl Iterator<Item = Piece> + Send {
    let heads = runs.into_iter().map_while(|run| match head(disk, &run) {
        Ok(head) => head.map(|head| Ok(Arc::new(head))),
        Err(error) => Some(Err((run, error))),
    });
    heads.flat_map(|head| match head {
        Ok(head) => {
            let block = |number| Piece::Block(Arc::clone(&head), number);
            let mut pieces: Vec<Piece> = (0..head.blocks()).map(block).collect();
            pieces.push(Piece::End(head));
            pieces
        }
        Err((run, error)) => vec![Piece::Failed(run, error)],
    })
}

/// Reads and hashes a piece; `None` if there is nothing to say of it.
pub(crate) fn hashed(
    disk: &dyn JournalDisk,
    piece: Piece,
) -> Result<Option<Result<Hashed, Unread>>, JournalError> {
    match piece {
        Piece::Block(head, number) => match block(disk, &head, number) {
            Ok(pile) => Ok(Some(Ok(Hashed::of(pile.leaves().map(|(_, leaf)| leaf))))),
            Err(error) => unread(error, &head.leaves(number)),
        },
        Piece::End(head) => {
            let file = path(&head.run, "leaves");
            let length = disk.length(&file).map_err(failed("read a sealed segment"))?;
            let what = "it has another length".to_owned();
            let longer = length != head.file_bytes();
            Ok(longer.then_some(Err(Unread { file, what, leaves: 0 })))
        }
        Piece::Failed(run, error) => unread(error, &run),
    }
}

/// Damage is no error of the reading.
fn unread(
    error: JournalError,
    leaves: &Range<u64>,
) -> Result<Option<Result<Hashed, Unread>>, JournalError> {
    match error {
        JournalError::Corrupt { file, offset, what } => {
            let what = format!("byte {offset}: {what}");
            let leaves = leaves.end.saturating_sub(leaves.start);
            Ok(Some(Err(Unread { file, what, leaves })))
        }
        other => Err(other),
    }
}
