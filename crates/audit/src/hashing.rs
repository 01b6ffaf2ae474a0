//! What verification makes of leaves before it looks at how they follow each other: their hashes,
//! and their ends. Of sealed segments that goes on beside the rest.

use std::ops::Range;
use std::sync::mpsc;

use crate::disk::JournalDisk;
use crate::entry::{BadLeaf, LeafKind, SCHEMA_VERSION};
use crate::glance::Ends;
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::{Hash, leaf_hash};
use crate::removal::RemovalRecord;
use crate::sealed::file::path;
use crate::sealed::shelf::{block, head};
use crate::signer::KeyRecord;

/// What verification makes of a leaf besides its hash.
pub(crate) enum Said {
    Ends(Ends),
    Key(Box<KeyRecord>),
    Removed(Box<RemovalRecord>),
}

/// A leaf that was hashed, and what it says.
pub(crate) struct HashedLeaf {
    pub(crate) hash: Hash,
    pub(crate) said: Result<Said, String>,
}

/// A block that was read and hashed.
pub(crate) struct Hashed {
    pub(crate) leaves: Vec<HashedLeaf>,
}

/// A block that cannot be read.
pub(crate) struct Unread {
    pub(crate) file: String,
    pub(crate) what: String,
    pub(crate) leaves: u64,
}

/// Blocks that may be read ahead of what is made of them.
pub(crate) const BLOCKS_AHEAD_MAX: usize = 4;

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

/// Reads and hashes the blocks of segments, one after the other.
pub(crate) fn hashed(
    disk: &dyn JournalDisk,
    runs: &[Range<u64>],
    give: &mpsc::SyncSender<Result<Result<Hashed, Unread>, JournalError>>,
) {
    for run in runs {
        let unread = |error: JournalError, leaves: &Range<u64>| match error {
            JournalError::Corrupt { file, offset, what } => {
                let what = format!("byte {offset}: {what}");
                Ok(Err(Unread { file, what, leaves: leaves.end.saturating_sub(leaves.start) }))
            }
            other => Err(other),
        };
        let head = match head(disk, run) {
            Ok(Some(head)) => head,
            Ok(None) => return,
            Err(error) => match give.send(unread(error, run)) {
                Ok(()) => continue,
                Err(_) => return,
            },
        };
        for number in 0..head.blocks() {
            let one = |leaf: &[u8]| HashedLeaf { hash: leaf_hash(leaf), said: said(leaf) };
            let read = match block(disk, &head, number) {
                Ok(pile) => {
                    Ok(Ok(Hashed { leaves: pile.leaves().map(|(_, leaf)| one(leaf)).collect() }))
                }
                Err(error) => unread(error, &head.leaves(number)),
            };
            if give.send(read).is_err() {
                return;
            }
        }
        let file = path(run, "leaves");
        let length = disk.length(&file).map_err(failed("read a sealed segment"));
        let read = match length {
            Ok(length) if length == head.file_bytes() => continue,
            Ok(_) => Ok(Err(Unread { file, what: "it has another length".to_owned(), leaves: 0 })),
            Err(error) => Err(error),
        };
        if give.send(read).is_err() {
            return;
        }
    }
}
