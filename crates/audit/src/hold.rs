//! Legal hold: while one stands, nothing of its time is removed, whatever retention says.

use names::Timestamp;
use serde::{Deserialize, Serialize};

use crate::disk::{JournalDisk, Settle};
use crate::journal::JournalError;
use crate::log::failed;

/// Most holds at a time.
pub const HOLDS_MAX: usize = 256;
/// Most bytes of a hold's name.
pub const HOLD_NAME_BYTES_MAX: usize = 64;
/// Most bytes of what a hold is for.
pub const HOLD_WHAT_BYTES_MAX: usize = 256;
/// The file of holds.
const HOLDS: &str = "holds";

/// Keeps what is of its time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// What it is called: letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// What it is for, such as the number of a case.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub what: String,
    /// Entries from then on; from the beginning, if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<Timestamp>,
    /// Entries before; without an end, if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<Timestamp>,
    /// Since when it stands.
    pub placed: Timestamp,
}

/// Why a hold is not placed or released.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HoldError {
    /// The record cannot be read or written.
    #[error("the holds cannot be read or written")]
    Journal(#[from] JournalError),
    /// The name or the text cannot be one.
    #[error(
        "a hold's name has 1 to 64 of letters, digits, `.`, `_`, `-`, its text at most 256 bytes"
    )]
    Form,
    /// There are as many as there may be.
    #[error("there are {HOLDS_MAX} holds, the most there may be")]
    TooMany,
    /// There is none of that name.
    #[error("there is no hold `{0}`")]
    Unknown(String),
}

impl Hold {
    /// Whether an entry of that span of time, in milliseconds, is kept.
    pub(crate) fn keeps(&self, span: Option<(i64, i64)>) -> bool {
        let from = self.from.map_or(i64::MIN, Timestamp::millis);
        let to = self.to.map_or(i64::MAX, Timestamp::millis);
        span.is_some_and(|(first, last)| first < to && last >= from)
    }

    /// Whether that can be a hold's name.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        let letter = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        (1..=HOLD_NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(letter)
    }
}

/// The holds that stand, by name.
///
/// # Errors
/// The disk fails, or the file is damaged: then nothing is removed either.
pub fn holds(disk: &dyn JournalDisk) -> Result<Vec<Hold>, JournalError> {
    let bytes = disk.read(HOLDS).map_err(failed("read its holds"))?;
    let Some(bytes) = bytes else { return Ok(Vec::new()) };
    let what = "it does not list holds";
    let damaged = |_| JournalError::Corrupt { file: HOLDS.to_owned(), offset: 0, what };
    serde_json::from_slice(&bytes).map_err(damaged)
}

/// Places a hold, or changes the one of that name. It stands when this returns.
///
/// # Errors
/// It has no good name, there are too many, or the disk fails.
pub(crate) fn place(disk: &dyn JournalDisk, hold: Hold) -> Result<(), HoldError> {
    if !Hold::is_name(&hold.name) || hold.what.len() > HOLD_WHAT_BYTES_MAX {
        return Err(HoldError::Form);
    }
    let mut all = holds(disk)?;
    all.retain(|other| other.name != hold.name);
    if all.len() >= HOLDS_MAX {
        return Err(HoldError::TooMany);
    }
    all.push(hold);
    all.sort_by(|one, other| one.name.cmp(&other.name));
    write(disk, &all)
}

/// Releases a hold.
///
/// # Errors
/// There is none of that name, or the disk fails.
pub(crate) fn release(disk: &dyn JournalDisk, name: &str) -> Result<(), HoldError> {
    let mut all = holds(disk)?;
    let before = all.len();
    all.retain(|hold| hold.name != name);
    if all.len() == before {
        return Err(HoldError::Unknown(name.to_owned()));
    }
    write(disk, &all)
}

fn write(disk: &dyn JournalDisk, all: &[Hold]) -> Result<(), HoldError> {
    let text = serde_json::to_vec(all).map_err(JournalError::from)?;
    disk.replace(HOLDS, &text, Settle::Now).map_err(failed("write its holds"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::MemoryDisk;

    fn hold(name: &str) -> Hold {
        let (from, to) = (Timestamp::from_millis(1000).ok(), Timestamp::from_millis(2000).ok());
        Hold { name: name.to_owned(), what: String::new(), from, to, placed: Timestamp::default() }
    }

    #[test]
    fn a_hold_keeps_what_is_of_its_time_and_nothing_else() {
        let keeps = |first, last| hold("x").keeps(Some((first, last)));
        assert!(keeps(0, 1000) && keeps(1999, 5000) && keeps(0, 5000) && keeps(1500, 1600));
        assert!(!keeps(0, 999) && !keeps(2000, 5000));
        let ever = Hold { from: None, to: None, ..hold("x") };
        assert!(ever.keeps(Some((i64::MIN, i64::MIN))) && !ever.keeps(None));
    }

    #[test]
    fn as_many_holds_as_the_limit_stand_and_one_more_does_not() {
        let disk = MemoryDisk::new();
        for number in 0..HOLDS_MAX {
            place(&disk, hold(&format!("h{number}"))).unwrap();
        }
        assert!(matches!(place(&disk, hold("more")), Err(HoldError::TooMany)));
        place(&disk, hold("h7")).unwrap();
        release(&disk, "h7").unwrap();
        assert!(matches!(release(&disk, "h7"), Err(HoldError::Unknown(_))));
        place(&disk, hold("more")).unwrap();
    }

    #[test]
    fn names_and_texts_have_their_limits() {
        let disk = MemoryDisk::new();
        let long = "n".repeat(HOLD_NAME_BYTES_MAX);
        place(&disk, hold(&long)).unwrap();
        for bad in ["", "a/b", "a b", &format!("{long}n")] {
            assert!(matches!(place(&disk, hold(bad)), Err(HoldError::Form)), "{bad}");
        }
        let what = "w".repeat(HOLD_WHAT_BYTES_MAX);
        place(&disk, Hold { what: what.clone(), ..hold("w") }).unwrap();
        assert!(place(&disk, Hold { what: what + "w", ..hold("w") }).is_err());
    }
}
