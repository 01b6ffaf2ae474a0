//! Where the master key comes from: a variable, a file that an operator names, or a file of ours.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use audit::Random;
use identity::{MASTER_KEY_BYTES, SealError, Sealer};
use names::SecretBytes;

/// The master key's file in a data directory that was given none. Backups exclude it.
pub const MASTER_KEY_FILE: &str = "master.key";

/// The most keys of a ring: the current one and those under which sessions may still be sealed.
const RING_KEYS_MAX: usize = 4;

/// Where the master key is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// Given from outside; rotated there.
    Given,
    /// In a file of ours.
    File(PathBuf),
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file cannot be read or written.
    #[error("the master key's file `{}` cannot be used", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The text is not one key a line.
    #[error("a master key is {} hexadecimal digits on a line of its own", MASTER_KEY_BYTES * 2)]
    Form,
    /// The key was made for other data: nothing opens under it.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// The ring of master keys: the current one first.
pub(crate) struct Ring {
    keys: Vec<SecretBytes>,
    pub(crate) source: KeySource,
}

/// What the environment says of the master key.
#[derive(Clone, Default)]
pub(crate) struct Given {
    /// `STRONGROOM_MASTER_KEY`
    pub(crate) text: Option<String>,
    /// `STRONGROOM_MASTER_KEY_FILE`
    pub(crate) file: Option<PathBuf>,
}

impl Ring {
    /// The ring that was given, else the one in the data directory, else a new one there.
    pub(crate) fn load(
        data: &Path,
        given: &Given,
        random: &dyn Random,
    ) -> Result<Self, MasterKeyError> {
        if let Some(text) = &given.text {
            return Ok(Self { keys: parse(text)?, source: KeySource::Given });
        }
        if let Some(file) = &given.file {
            let text = fs::read_to_string(file).map_err(|source| broken(file, source))?;
            return Ok(Self { keys: parse(&text)?, source: KeySource::Given });
        }
        let file = data.join(MASTER_KEY_FILE);
        match fs::read_to_string(&file) {
            Ok(text) => Ok(Self { keys: parse(&text)?, source: KeySource::File(file) }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let ring = Self { keys: vec![draw(random)], source: KeySource::File(file.clone()) };
                ring.keep(&file)?;
                Ok(ring)
            }
            Err(source) => Err(broken(&file, source)),
        }
    }

    /// The ring with a new current key; the older ones stay for sessions that are sealed under
    /// them.
    pub(crate) fn rotated(&self, random: &dyn Random) -> Self {
        let mut keys = vec![draw(random)];
        keys.extend(self.keys.iter().take(RING_KEYS_MAX - 1).cloned());
        Self { keys, source: self.source.clone() }
    }

    /// Writes the ring where it is kept: a new file, synced, then renamed over the old one.
    pub(crate) fn keep(&self, file: &Path) -> Result<(), MasterKeyError> {
        let lines: Vec<String> = self.keys.iter().map(|key| hex::encode(key.expose())).collect();
        let text = zeroize::Zeroizing::new(lines.join("\n") + "\n");
        write_private(file, text.as_bytes()).map_err(|source| broken(file, source))
    }

    pub(crate) fn sealer(&self) -> Result<Sealer, MasterKeyError> {
        Ok(Sealer::new(self.keys.clone())?)
    }
}

fn draw(random: &dyn Random) -> SecretBytes {
    let mut key = vec![0; MASTER_KEY_BYTES];
    random.fill(&mut key);
    SecretBytes::new(key)
}

fn parse(text: &str) -> Result<Vec<SecretBytes>, MasterKeyError> {
    let lines = text.split([',', '\n']).map(str::trim).filter(|line| !line.is_empty());
    let keys: Result<Vec<_>, _> = lines
        .map(|line| match hex::decode(line) {
            Ok(key) if key.len() == MASTER_KEY_BYTES => Ok(SecretBytes::new(key)),
            _ => Err(MasterKeyError::Form),
        })
        .collect();
    match keys {
        Ok(keys) if keys.is_empty() => Err(MasterKeyError::Form),
        other => other,
    }
}

fn broken(file: &Path, source: io::Error) -> MasterKeyError {
    MasterKeyError::File { file: file.to_owned(), source }
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let temporary = file.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut output = options.open(&temporary)?;
    output.write_all(bytes)?;
    output.sync_all()?;
    fs::rename(&temporary, file)?;
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    fs::File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;

    impl Random for Ones {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(1);
        }
    }

    #[test]
    fn a_key_is_made_once_and_found_again() {
        use std::os::unix::fs::PermissionsExt as _;
        let data = tempfile::tempdir().unwrap();
        let first = Ring::load(data.path(), &Given::default(), &Ones).unwrap();
        let again = Ring::load(data.path(), &Given::default(), &Ones).unwrap();
        assert!(first.keys == again.keys);
        let mode = fs::metadata(data.path().join(MASTER_KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_rotated_ring_keeps_a_bounded_number_of_older_keys() {
        let mut ring = Ring { keys: vec![draw(&Ones)], source: KeySource::Given };
        for _ in 0..10 {
            ring = ring.rotated(&Ones);
        }
        assert_eq!(ring.keys.len(), RING_KEYS_MAX);
    }

    #[test]
    fn a_key_of_another_length_or_alphabet_is_refused() {
        let good = "ab".repeat(MASTER_KEY_BYTES);
        assert!(parse(&good).is_ok());
        let short = "ab".repeat(MASTER_KEY_BYTES - 1);
        let alphabet = "zz".repeat(MASTER_KEY_BYTES);
        for bad in ["", "\n", &short, &alphabet] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
