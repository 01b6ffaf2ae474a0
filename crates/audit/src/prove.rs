//! What can be handed to somebody else: that a leaf is in the log ([C2SP
//! tlog-proof](https://c2sp.org/tlog-proof)), and that the log grew from an older one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::Checkpoint;
use crate::disk::JournalDisk;
use crate::journal::JournalError;
use crate::merkle::{Hash, leaf_hash};
use crate::note::VerifierKey;
use crate::proof::{beside, grew, growth, root_from};
use crate::reader::Reader;
use crate::recover::read_checkpoint;
use crate::tiles::Tiles;

/// Most hashes of a proof: a tree has at most 2^64 leaves.
pub const PROOF_HASHES_MAX: usize = 64;
/// The first line of a proof.
const PROOF_HEAD: &str = "c2sp.org/tlog-proof@v1";
/// The first line of a proof of growth.
const GROWTH_HEAD: &str = "strongroom log growth 1";
/// How often a proof is begun anew when a running server replaces the checkpoint under it.
const RETRIES_MAX: usize = 5;

/// Why something is not proved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The record cannot be read.
    #[error("the record cannot be read")]
    Journal(#[from] JournalError),
    /// Nothing is signed yet, or not so far.
    #[error("no checkpoint covers leaf {index} yet")]
    Uncovered {
        /// Which leaf was asked for.
        index: u64,
    },
    /// The text is not of the form.
    #[error("it is not a proof: {what}")]
    Form {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The key did not sign the checkpoint.
    #[error("the checkpoint is not signed by the key")]
    Signature,
    /// The hashes lead to another root than the one that is signed.
    #[error("the hashes do not lead to the root that is signed")]
    Root,
}

/// That a leaf stands at a place of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inclusion {
    /// The leaf's place.
    pub index: u64,
    /// Its bytes.
    pub leaf: Vec<u8>,
    hashes: Vec<Hash>,
    checkpoint: Checkpoint,
}

impl Inclusion {
    /// The proof as a file; the leaf travels in it, as `extra`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (leaf, index) = (STANDARD.encode(&self.leaf), self.index);
        let hashes = lines(&self.hashes);
        let note = self.checkpoint.note();
        format!("{PROOF_HEAD}\nextra {leaf}\nindex {index}\n{hashes}\n{note}")
    }

    /// Reads a proof; nothing is verified.
    ///
    /// # Errors
    /// It is not of the form, or holds no leaf.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let rest = text.strip_prefix(PROOF_HEAD).and_then(|rest| rest.strip_prefix('\n'));
        let rest = rest.ok_or(ProofError::Form { what: "the first line is another" })?;
        let (extra, rest) = field(rest, "extra ", "it holds no leaf")?;
        let leaf = STANDARD.decode(extra);
        let leaf = leaf.map_err(|_| ProofError::Form { what: "the leaf is not base 64" })?;
        let (index, rest) = field(rest, "index ", "it names no index")?;
        let index = number(index)?;
        let (hashes, checkpoint) = hashes_and_checkpoint(rest)?;
        Ok(Self { index, leaf, hashes, checkpoint })
    }

    /// Verifies the proof with the public key alone. The checkpoint is what it is a proof under.
    ///
    /// # Errors
    /// The key did not sign, or the leaf is not in the tree that was signed.
    pub fn verify(&self, key: &VerifierKey) -> Result<&Checkpoint, ProofError> {
        if !self.checkpoint.is_signed_by(key) {
            return Err(ProofError::Signature);
        }
        let run = self.index..self.index.saturating_add(1);
        let size = self.checkpoint.size;
        let root = root_from(&run, size, [leaf_hash(&self.leaf)], &self.hashes);
        if root == Some(self.checkpoint.root) {
            Ok(&self.checkpoint)
        } else {
            Err(ProofError::Root)
        }
    }
}

/// That the log of one checkpoint begins with that of an older one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Growth {
    hashes: Vec<Hash>,
    checkpoint: Checkpoint,
}

impl Growth {
    /// The hashes of the proof.
    pub(crate) fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The newer checkpoint; nothing is verified.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The proof as a file: a first line, the hashes of RFC 6962 §2.1.2, an empty line and the
    /// newer checkpoint. The older one is the verifier's.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{GROWTH_HEAD}\n{}\n{}", lines(&self.hashes), self.checkpoint.note())
    }

    /// Reads a proof; nothing is verified.
    ///
    /// # Errors
    /// It is not of the form.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let rest = text.strip_prefix(GROWTH_HEAD).and_then(|rest| rest.strip_prefix('\n'));
        let rest = rest.ok_or(ProofError::Form { what: "the first line is another" })?;
        let (hashes, checkpoint) = hashes_and_checkpoint(rest)?;
        Ok(Self { hashes, checkpoint })
    }

    /// Verifies that nothing under `old` was changed or removed since.
    ///
    /// # Errors
    /// The key did not sign the newer checkpoint, or the log did not grow from the older one.
    pub fn verify(&self, old: &Checkpoint, key: &VerifierKey) -> Result<&Checkpoint, ProofError> {
        if !self.checkpoint.is_signed_by(key) {
            return Err(ProofError::Signature);
        }
        let new = &self.checkpoint;
        let grown = grew((old.size, old.root), (new.size, new.root), &self.hashes);
        if grown && old.origin == new.origin { Ok(new) } else { Err(ProofError::Root) }
    }
}

/// Proves that a leaf is in the log, under its newest checkpoint.
///
/// # Errors
/// No checkpoint covers the leaf yet, or the record is damaged.
pub fn prove(disk: &dyn JournalDisk, index: u64) -> Result<Inclusion, ProofError> {
    under_checkpoint(disk, |checkpoint| {
        if checkpoint.size <= index {
            return Err(ProofError::Uncovered { index });
        }
        let leaf = Reader::open(disk)?.leaf(index)?;
        let mut tiles = Tiles::new(disk, checkpoint);
        let mut hashes = Vec::new();
        let run = index..index.saturating_add(1);
        beside(&run, 0..checkpoint.size, &mut |tree| tiles.subtree(tree), &mut hashes)?;
        Ok(Inclusion { index, leaf, hashes, checkpoint: checkpoint.clone() })
    })
}

/// Proves that the log grew from `old` leaves to its newest checkpoint.
///
/// # Errors
/// The checkpoint has fewer leaves, or the record is damaged.
pub fn prove_growth(disk: &dyn JournalDisk, old: u64) -> Result<Growth, ProofError> {
    under_checkpoint(disk, |checkpoint| {
        if checkpoint.size < old {
            return Err(ProofError::Uncovered { index: old.saturating_sub(1) });
        }
        let mut tiles = Tiles::new(disk, checkpoint);
        let hashes = growth(old, checkpoint.size, &mut |tree| tiles.subtree(tree))?;
        Ok(Growth { hashes, checkpoint: checkpoint.clone() })
    })
}

/// Works under the newest checkpoint, once more if a running server replaced it meanwhile.
pub(crate) fn under_checkpoint<T>(
    disk: &dyn JournalDisk,
    work: impl Fn(&Checkpoint) -> Result<T, ProofError>,
) -> Result<T, ProofError> {
    let mut tries = 0;
    loop {
        let Some(checkpoint) = read_checkpoint(disk)? else {
            return Err(ProofError::Uncovered { index: 0 });
        };
        match work(&checkpoint) {
            Err(ProofError::Journal(error)) if tries < RETRIES_MAX => {
                if read_checkpoint(disk)?.as_ref() == Some(&checkpoint) {
                    return Err(error.into());
                }
                tries += 1;
            }
            done => return done,
        }
    }
}

fn lines(hashes: &[Hash]) -> String {
    hashes.iter().map(|hash| STANDARD.encode(hash) + "\n").collect()
}

/// The rest of the next line, which begins with `name`, and what follows it.
fn field<'t>(
    text: &'t str,
    name: &str,
    what: &'static str,
) -> Result<(&'t str, &'t str), ProofError> {
    let line =
        text.split_once('\n').and_then(|(line, rest)| Some((line.strip_prefix(name)?, rest)));
    line.ok_or(ProofError::Form { what })
}

/// A number in decimal, in its only form.
fn number(text: &str) -> Result<u64, ProofError> {
    let read = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    read.ok_or(ProofError::Form { what: "the index is not a number" })
}

fn hashes_and_checkpoint(text: &str) -> Result<(Vec<Hash>, Checkpoint), ProofError> {
    let mut hashes = Vec::new();
    let mut rest = text;
    loop {
        let (line, after) =
            rest.split_once('\n').ok_or(ProofError::Form { what: "it ends too early" })?;
        rest = after;
        if line.is_empty() {
            break;
        }
        let hash = STANDARD.decode(line).ok().and_then(|bytes| Hash::try_from(bytes).ok());
        hashes.push(hash.ok_or(ProofError::Form { what: "a line is not a hash" })?);
        if hashes.len() > PROOF_HASHES_MAX {
            return Err(ProofError::Form { what: "it has too many hashes" });
        }
    }
    let checkpoint = Checkpoint::parse(rest.as_bytes());
    Ok((hashes, checkpoint.ok_or(ProofError::Form { what: "it ends with no checkpoint" })?))
}
