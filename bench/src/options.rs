//! The command line: what to measure, of which binary, and where the report goes.

use std::path::PathBuf;

use crate::Failure;
use crate::beside::Plan;

/// What was asked for.
pub(crate) struct Options {
    /// The server's release binary.
    pub(crate) binary: PathBuf,
    /// Where the report is written.
    pub(crate) out: PathBuf,
    /// Where data directories are made; what is made there is removed again.
    pub(crate) work: PathBuf,
    /// How long and how often.
    pub(crate) effort: Effort,
    /// Whether 5 GiB objects are sent.
    pub(crate) large: Large,
    /// Whether a crowd comes, and nothing else is measured.
    pub(crate) crowd: Crowd,
    /// What changes beside readers, if nothing else is measured.
    pub(crate) beside: Option<Plan>,
    /// Whether the times of refusals are compared, and nothing else is measured.
    pub(crate) timing: Timing,
    /// How long the cold release build took, if it was timed.
    pub(crate) cold_seconds: Option<f64>,
}

/// How long and how often everything is measured.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// As the report names it.
    pub(crate) name: &'static str,
    /// Interleaved rounds of the door against the bare library.
    pub(crate) door_rounds: usize,
    /// Rounds of each small load.
    pub(crate) small_rounds: usize,
    /// Rounds of `AssumeRole`, saturated and at half of that.
    pub(crate) role_rounds: usize,
    /// Rounds of each 64 MiB load.
    pub(crate) big_rounds: usize,
    /// How long a round lasts, in seconds.
    pub(crate) round_seconds: f64,
}

/// Whether the 5 GiB objects are part of the run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Large {
    /// They are sent.
    Sent,
    /// They are left out.
    LeftOut,
}

/// Whether a crowd comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crowd {
    /// It does: thousands of connections, and a flood of bad logins.
    Comes,
    /// It does not.
    StaysAway,
}

/// Whether the times of refusals are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timing {
    /// They are.
    Told,
    /// They are not.
    Untold,
}

const FULL: Effort = Effort {
    name: "full",
    door_rounds: 12,
    small_rounds: 5,
    role_rounds: 12,
    big_rounds: 3,
    round_seconds: 1.5,
};

const QUICK: Effort = Effort {
    name: "quick",
    door_rounds: 3,
    small_rounds: 3,
    role_rounds: 8,
    big_rounds: 1,
    round_seconds: 0.7,
};

impl Options {
    /// Reads the words of the command line.
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Self {
            binary: PathBuf::new(),
            out: PathBuf::from("docs/performance.md"),
            work: std::env::temp_dir(),
            effort: FULL,
            large: Large::LeftOut,
            crowd: Crowd::StaysAway,
            beside: None,
            timing: Timing::Untold,
            cold_seconds: None,
        };
        let mut words = words;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match word.as_str() {
                "--quick" => options.effort = QUICK,
                "--large" => options.large = Large::Sent,
                "--load" => options.crowd = Crowd::Comes,
                "--timing" => options.timing = Timing::Told,
                "--beside" => {
                    let (writes, revocations) = (value()?.parse()?, value()?.parse()?);
                    options.beside = Some(Plan { writes, revocations });
                }
                "--binary" => options.binary = value()?.into(),
                "--out" => options.out = value()?.into(),
                "--work" => options.work = value()?.into(),
                "--cold-seconds" => options.cold_seconds = Some(value()?.parse()?),
                other => return Err(format!("`{other}` is not an option").into()),
            }
        }
        if options.binary.as_os_str().is_empty() && options.timing == Timing::Untold {
            return Err("`--binary PATH` is missing".into());
        }
        Ok(options)
    }
}
