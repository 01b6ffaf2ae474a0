//! The checkpoint: which tree the log promises ([C2SP
//! tlog-checkpoint](https://c2sp.org/tlog-checkpoint)), in a signed note.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::merkle::Hash;
use crate::note::{NoteSignature, VerifierKey, read_note, write_note};

/// The file's name.
pub(crate) const CHECKPOINT: &str = "checkpoint";
/// Where some of the older ones are kept, so that a bad entry can be narrowed down.
pub(crate) const CHECKPOINTS_KEPT: &str = "checkpoints";
/// One checkpoint is kept for so many leaves.
pub(crate) const KEPT_EVERY_LEAVES: u64 = 4096;

/// Origin, size and root, and who signed them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many leaves it promises.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The signatures, ours and those of witnesses.
    pub signatures: Vec<NoteSignature>,
}

impl Checkpoint {
    /// The three lines that are signed.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// The signed note, as outside verifiers read it.
    #[must_use]
    pub fn note(&self) -> String {
        write_note(&self.text(), &self.signatures)
    }

    /// Reads a checkpoint, signed or not; nothing is verified.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let note = std::str::from_utf8(bytes).ok()?;
        let (text, signatures) = read_note(note)?;
        let mut lines = text.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = Hash::try_from(STANDARD.decode(root).ok()?).ok()?;
        let read = Self { origin: origin.to_owned(), size: size.parse().ok()?, root, signatures };
        // One form only: no sign, no leading zero, nothing after the root but signatures.
        (read.note() == note && !origin.is_empty()).then_some(read)
    }

    /// Whether that key signed it.
    #[must_use]
    pub fn is_signed_by(&self, key: &VerifierKey) -> bool {
        let text = self.text();
        self.signatures.iter().any(|signature| signature.is_by(key, &text))
    }
}

/// The file in which a checkpoint of that size is kept.
pub(crate) fn kept_path(size: u64) -> String {
    format!("{CHECKPOINTS_KEPT}/{size:020}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_has_exactly_one_form() {
        let signatures = Vec::new();
        let made = Checkpoint { origin: "o/x".to_owned(), size: 7, root: [1; 32], signatures };
        assert_eq!(Checkpoint::parse(made.note().as_bytes()), Some(made.clone()));
        for bad in ["", "o/x\n7\n", "o/x\n+7\nAQ==\n"] {
            assert_eq!(Checkpoint::parse(bad.as_bytes()), None);
        }
        let padded = made.note().replace("\n7\n", "\n07\n");
        assert_eq!(Checkpoint::parse(padded.as_bytes()), None);
        for more in ["x", "\n", "\nx\n", "more\n"] {
            assert_eq!(Checkpoint::parse(format!("{}{more}", made.note()).as_bytes()), None);
        }
    }
}
