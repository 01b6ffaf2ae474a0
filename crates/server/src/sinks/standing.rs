//! How far each sink is, read from where its cursor is kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use audit::JournalError;
use audit::disk::{FileDisk, JournalDisk};
use serde::Deserialize;

use crate::sinks::settings::{SinkConfigError, read_sinks};
use crate::sinks::{STATE_DIRECTORY, cursor};

/// The journal's directory in a data directory.
const JOURNAL_DIRECTORY: &str = "journal";

/// How far a sink is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SinkStanding {
    /// Its name.
    pub name: String,
    /// How many leaves it was sent.
    pub delivered: u64,
    /// How many under the newest checkpoint it was not sent yet.
    pub behind: u64,
    /// How many it will never take.
    pub put_aside: usize,
    /// What it said last, if it takes nothing.
    pub trouble: Option<String>,
}

/// How far each sink of the file is. A server may be running on the directory.
///
/// # Errors
/// The file is not a list of sinks, or the data directory cannot be read.
pub fn sink_standings(data: &Path, file: &Path) -> Result<Vec<SinkStanding>, SinkConfigError> {
    let sinks = read_sinks(file)?;
    let journal = FileDisk::new(data.join(JOURNAL_DIRECTORY));
    let journal_error = |error: JournalError| SinkConfigError::Journal(Box::new(error));
    let size = audit::checkpoint(&journal).map_err(journal_error)?;
    let size = size.map_or(0, |checkpoint| checkpoint.size);
    let state = FileDisk::new(data.join(STATE_DIRECTORY));
    let standing = |name: String| {
        let file = |file: &str| {
            let path = format!("{name}/{file}");
            state.read(&path).map_err(|source| SinkConfigError::File { file: path.into(), source })
        };
        let delivered = cursor(&state, &name).unwrap_or(0);
        let letters = file("dead-letters.jsonl")?.unwrap_or_default();
        let trouble = file("trouble.json")?.unwrap_or_default();
        let trouble = serde_json::from_slice::<Trouble>(&trouble).ok();
        Ok(SinkStanding {
            delivered,
            behind: size.saturating_sub(delivered),
            put_aside: memchr::memchr_iter(b'\n', &letters).count(),
            trouble: trouble.map(|trouble| trouble.why),
            name,
        })
    };
    sinks.into_iter().map(|sink| standing(sink.name)).collect()
}

#[derive(Deserialize)]
struct Trouble {
    why: String,
}

/// Names and kinds of the sinks of a file, which could be made of it.
///
/// # Errors
/// The file is not a list of sinks, or one of them cannot be made.
pub fn list_sinks(file: &Path) -> Result<Vec<(String, String)>, SinkConfigError> {
    let sinks = read_sinks(file)?;
    // Nothing is sent: no record is read.
    let nowhere: Arc<dyn JournalDisk> = Arc::new(FileDisk::new(PathBuf::new()));
    for sink in &sinks {
        super::make(sink, &nowhere)?;
    }
    Ok(sinks.into_iter().map(|sink| (sink.name, sink.target.kind().to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_that_never_ran_stands_at_the_beginning_and_one_in_trouble_says_which() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("sinks.toml");
        std::fs::write(&file, "[[sink]]\nname = \"a\"\nkind = \"file\"\npath = \"x\"\n").unwrap();
        assert_eq!(list_sinks(&file).unwrap(), [("a".to_owned(), "file".to_owned())]);
        let standing = sink_standings(data.path(), &file).unwrap();
        assert_eq!((standing[0].delivered, standing[0].trouble.as_deref()), (0, None));
        let home = data.path().join("sinks/a");
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("cursor"), "9\n").unwrap();
        std::fs::write(home.join("dead-letters.jsonl"), "{}\n{}\n").unwrap();
        std::fs::write(home.join("trouble.json"), "{\"failures\":2,\"why\":\"full\"}").unwrap();
        let standing = sink_standings(data.path(), &file).unwrap();
        assert_eq!((standing[0].delivered, standing[0].put_aside), (9, 2));
        assert_eq!(standing[0].trouble.as_deref(), Some("full"));
        std::fs::write(home.join("trouble.json"), "").unwrap();
        assert_eq!(sink_standings(data.path(), &file).unwrap()[0].trouble, None);
    }
}
