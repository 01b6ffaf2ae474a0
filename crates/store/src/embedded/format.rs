//! The file `format`: which version the data directory has and which restore epoch it lives in.

use std::fmt;
use std::io;

use super::disk::{Disk, Open};

/// The file, relative to the data directory. Written last when a directory is founded or
/// restored, so that a directory without it was never in use.
pub const FORMAT_FILE: &str = "format";
/// The version of the data directory that this program writes and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;

const FORMAT_BYTES_MAX: u64 = 4096;
const DRAFT_FILE: &str = "format.new";

/// Names one life of the data: a restore begins a new one, and what was issued in an earlier
/// epoch (a session token) is not valid in it. Drawn at random, compared for equality only.
///
/// ```
/// use strongroom_store::embedded::Epoch;
/// assert_eq!(Epoch(10).to_string(), "000000000000000a");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) epoch: Epoch,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadFormat {
    /// A newer program wrote the directory.
    #[error("the data directory has format {found}; this program knows {FORMAT_VERSION} and older")]
    Newer {
        /// Its version.
        found: u32,
    },
    /// The file is not what any version writes.
    #[error("the file `{FORMAT_FILE}` of the data directory is damaged")]
    Damaged,
    /// The disk failed.
    #[error("the file `{FORMAT_FILE}` of the data directory cannot be used")]
    Io(#[from] io::Error),
}

impl Format {
    pub(crate) fn render(self) -> String {
        format!("strongroom data directory\nformat {FORMAT_VERSION}\nepoch {}\n", self.epoch)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, BadFormat> {
        let mut lines = text.lines();
        let title = lines.next() == Some("strongroom data directory");
        let version = lines.next().and_then(|line| line.strip_prefix("format "));
        let version: u32 = version.and_then(|v| v.parse().ok()).ok_or(BadFormat::Damaged)?;
        if title && version > FORMAT_VERSION {
            return Err(BadFormat::Newer { found: version });
        }
        let epoch = lines.next().and_then(|line| line.strip_prefix("epoch "));
        let epoch = epoch.and_then(|text| u64::from_str_radix(text, 16).ok());
        let format = Self { epoch: Epoch(epoch.ok_or(BadFormat::Damaged)?) };
        if format.render() == text { Ok(format) } else { Err(BadFormat::Damaged) }
    }

    /// Reads the file; `None` if the directory has none.
    pub(crate) fn read(disk: &dyn Disk) -> Result<Option<Self>, BadFormat> {
        let file = match disk.open(FORMAT_FILE, Open::Existing) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let length = file.length()?;
        if length > FORMAT_BYTES_MAX {
            return Err(BadFormat::Damaged);
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        file.read_at(0, &mut bytes)?;
        let text = String::from_utf8(bytes).map_err(|_| BadFormat::Damaged)?;
        Self::parse(&text).map(Some)
    }

    /// Writes the file so that it is there whole or not at all.
    pub(crate) fn write(self, disk: &dyn Disk) -> Result<(), BadFormat> {
        let file = disk.open(DRAFT_FILE, Open::Any)?;
        file.set_length(0)?;
        file.write_at(0, self.render().as_bytes())?;
        file.sync()?;
        disk.rename(DRAFT_FILE, FORMAT_FILE)?;
        Ok(disk.sync_dir("")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let format = Format { epoch: Epoch(0xfeed) };
        assert_eq!(Format::parse(&format.render()).unwrap(), format);
    }

    #[test]
    fn a_newer_format_is_named_and_a_damaged_one_refused() {
        let newer = "strongroom data directory\nformat 2\nsomething else\n";
        assert!(matches!(Format::parse(newer), Err(BadFormat::Newer { found: 2 })));
        for damaged in ["", "format 1\n", "strongroom data directory\nformat 1\nepoch 1\n"] {
            assert!(matches!(Format::parse(damaged), Err(BadFormat::Damaged)), "{damaged:?}");
        }
    }
}
