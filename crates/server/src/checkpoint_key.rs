//! Where the key that signs the journal's checkpoints comes from: a file that an operator names,
//! or a file of ours in the data directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use audit::{BadCheckpointKeys, CheckpointKeys, Custody, JOURNAL_ORIGIN, Random, VerifierKey};
use names::SecretBytes;
use zeroize::Zeroizing;

use crate::master_key::write_private;

/// The file of checkpoint keys in a data directory that was given none.
pub const CHECKPOINT_KEY_FILE: &str = "checkpoint.key";

/// Why there is no key to sign checkpoints with.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointKeyError {
    /// The file cannot be read or written.
    #[error("the checkpoint key's file `{}` cannot be used", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file does not hold keys.
    #[error("`{}` does not hold checkpoint keys", file.display())]
    Form {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: BadCheckpointKeys,
    },
}

/// A file of checkpoint keys.
pub(crate) struct KeyFile {
    file: PathBuf,
}

impl KeyFile {
    /// The file that was given, else the one in the data directory.
    pub(crate) fn of(data: &Path, given: Option<&PathBuf>) -> Self {
        Self { file: given.cloned().unwrap_or_else(|| data.join(CHECKPOINT_KEY_FILE)) }
    }

    /// The keys. A file of ours that is not there is made; one that was given must be there.
    pub(crate) fn load_or_draw(
        &self,
        data: &Path,
        random: &dyn Random,
    ) -> Result<CheckpointKeys, CheckpointKeyError> {
        if self.file == data.join(CHECKPOINT_KEY_FILE) && !self.file.exists() {
            let drawn = CheckpointKeys::draw(JOURNAL_ORIGIN, random);
            self.write(&drawn.map_err(|source| self.form(source))?)?;
        }
        self.load()
    }

    fn load(&self) -> Result<CheckpointKeys, CheckpointKeyError> {
        CheckpointKeys::parse(&self.read()?).map_err(|source| self.form(source))
    }

    /// Takes the word `unused` away, once something is signed: from then on a journal without this
    /// key's signature is not ours.
    pub(crate) fn mark_used(&self) -> Result<(), CheckpointKeyError> {
        let text = self.read()?;
        let keys = CheckpointKeys::parse(&text).map_err(|source| self.form(source))?;
        match keys.custody() {
            Custody::Used => Ok(()),
            Custody::Unused => self.write(&CheckpointKeys::used(&text)),
        }
    }

    fn read(&self) -> Result<Zeroizing<String>, CheckpointKeyError> {
        let text = fs::read_to_string(&self.file).map_err(|source| self.broken(source))?;
        Ok(Zeroizing::new(text))
    }

    fn write(&self, text: &SecretBytes) -> Result<(), CheckpointKeyError> {
        write_private(&self.file, text.expose()).map_err(|source| self.broken(source))
    }

    fn broken(&self, source: io::Error) -> CheckpointKeyError {
        CheckpointKeyError::File { file: self.file.clone(), source }
    }

    fn form(&self, source: BadCheckpointKeys) -> CheckpointKeyError {
        CheckpointKeyError::Form { file: self.file.clone(), source }
    }
}

/// The public half of the key in a file, or in a data directory's file.
///
/// # Errors
/// There is no such file, or it holds no keys.
pub fn public_key(place: &Path) -> Result<Option<VerifierKey>, CheckpointKeyError> {
    Ok(file_at(place).load()?.current().cloned())
}

/// Puts a new key before those of a file, or of a data directory's file. The server takes it up
/// when it starts again, and records the change in the log on the old key's word. Gives the new
/// key's public half.
///
/// # Errors
/// There is no such file, or it holds no keys.
pub fn rotate_key(place: &Path) -> Result<Option<VerifierKey>, CheckpointKeyError> {
    let keys = file_at(place);
    let text = keys.read()?;
    let next = CheckpointKeys::rotate(&text, &crate::clock::SystemRandom);
    keys.write(&next.map_err(|source| keys.form(source))?)?;
    Ok(keys.load()?.current().cloned())
}

fn file_at(place: &Path) -> KeyFile {
    let inside = place.is_dir().then(|| place.join(CHECKPOINT_KEY_FILE));
    KeyFile { file: inside.unwrap_or_else(|| place.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemRandom;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_marked_when_it_has_signed() {
        use std::os::unix::fs::PermissionsExt as _;
        let data = tempfile::tempdir().unwrap();
        let file = KeyFile::of(data.path(), None);
        let first = file.load_or_draw(data.path(), &SystemRandom).unwrap();
        assert_eq!(first.custody(), Custody::Unused);
        file.mark_used().unwrap();
        let again = file.load_or_draw(data.path(), &SystemRandom).unwrap();
        assert_eq!((again.custody(), again.current()), (Custody::Used, first.current()));
        let mode = fs::metadata(data.path().join(CHECKPOINT_KEY_FILE)).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        assert_eq!(public_key(data.path()).unwrap().as_ref(), first.current());
    }

    #[test]
    fn a_file_that_was_named_is_never_made() {
        let data = tempfile::tempdir().unwrap();
        let given = data.path().join("given");
        let file = KeyFile::of(data.path(), Some(&given));
        assert!(file.load_or_draw(data.path(), &SystemRandom).is_err());
        fs::write(&given, "not a key\n").unwrap();
        assert!(file.load_or_draw(data.path(), &SystemRandom).is_err());
        assert!(!data.path().join(CHECKPOINT_KEY_FILE).exists());
    }

    #[test]
    fn a_rotated_file_begins_with_another_key() {
        let data = tempfile::tempdir().unwrap();
        let file = KeyFile::of(data.path(), None);
        let first = file.load_or_draw(data.path(), &SystemRandom).unwrap();
        let next = rotate_key(data.path()).unwrap();
        assert!(next.is_some() && next.as_ref() != first.current());
        assert_eq!(public_key(data.path()).unwrap(), next);
    }
}
