//! The checkpoint: which tree the log promises (C2SP tlog-checkpoint, without signatures so far).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::merkle::Hash;

/// The file's name.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// Origin, size and root: three lines. Signatures will follow after an empty line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many leaves it promises.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    pub(crate) fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = Hash::try_from(STANDARD.decode(root).ok()?).ok()?;
        let read = Self { origin: origin.to_owned(), size: size.parse().ok()?, root };
        // One form only: no sign, no leading zero, nothing after a missing signature.
        (read.to_text() == text && !origin.is_empty()).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_has_exactly_one_form() {
        let made = Checkpoint { origin: "o/x".to_owned(), size: 7, root: [1; 32] };
        assert_eq!(Checkpoint::parse(made.to_text().as_bytes()), Some(made.clone()));
        for bad in ["", "o/x\n7\n", "o/x\n+7\nAQ==\n"] {
            assert_eq!(Checkpoint::parse(bad.as_bytes()), None);
        }
        let padded = made.to_text().replace("\n7\n", "\n07\n");
        assert_eq!(Checkpoint::parse(padded.as_bytes()), None);
        assert_eq!(Checkpoint::parse(format!("{}x", made.to_text()).as_bytes()), None);
    }
}
