//! What a verification found, and what no verification can find.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::checkpoint::Checkpoint;
use crate::note::VerifierKey;
use crate::removal::RemovalRecord;
use crate::trust::Trust;

/// What verification found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Leaves that were hashed.
    pub leaves: u64,
    /// Entries that were seen.
    pub entries: u64,
    /// Entries that are open.
    pub open: u64,
    /// The checkpoint that holds for them.
    pub checkpoint: Option<Checkpoint>,
    /// The key that signs at the end of the log.
    pub key: Option<VerifierKey>,
    /// Why that key counts.
    pub trust: Trust,
    /// What retention removed: the last leaf that says so, and what it says. Nothing before its
    /// `to` can be read any more; that the rest grew from it is proved.
    pub removed: Option<(u64, RemovalRecord)>,
    /// Everything that is wrong; nothing is the proof.
    pub problems: Vec<Problem>,
    /// Where the first bad leaf is, if leaves are bad: from the first index to before the second.
    pub first_bad: Option<(u64, u64)>,
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file or the leaf.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

impl Report {
    /// The report as the API and the command give it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let checkpoint = self.checkpoint.as_ref().map(|checkpoint| {
            json!({
                "origin": checkpoint.origin,
                "size": checkpoint.size,
                "root": STANDARD.encode(checkpoint.root),
                "note": checkpoint.note(),
            })
        });
        let problem = |p: &Problem| json!({ "place": p.place, "what": p.what });
        json!({
            "sound": self.problems.is_empty(),
            "leaves": self.leaves,
            "entries": self.entries,
            "open": self.open,
            "checkpoint": checkpoint,
            "key": self.key,
            "trust": self.trust.as_str(),
            "removed": self.removed.as_ref().map(|(leaf, said)| json!({
                "leaf": leaf, "to": said.to, "last": said.last, "time": said.time, "why": said.why,
            })),
            "problems": self.problems.iter().map(problem).collect::<Vec<_>>(),
            "first_bad": self.first_bad.map(|(from, to)| json!({ "from": from, "to": to })),
            "cannot_detect": cannot_detect(self.trust),
        })
    }
}

/// What nobody can see in the files alone, however they are verified.
const CANNOT_DETECT: &[&str] = &[
    "leaves after the last checkpoint can be removed without a trace, and the whole log can be put \
     back to an older state of itself: compare with a checkpoint that was kept elsewhere (--seen)",
    "who holds the private key of the checkpoints can write another log and sign it: only a \
     checkpoint kept elsewhere, or a witness, tells",
    "an id used again after its entry was closed is taken for a second entry",
    "times are those of the server's clock",
];
const NAMED: &str = "the key was taken from the log itself: who rewrote all of it and signed it \
    with a key of his own is not found out; give the key that you were told (--key)";
const UNSIGNED: &str = "no checkpoint is signed: whoever can write the directory can write all of \
    it again, consistently";

/// What a verification with that trust cannot show.
#[must_use]
pub fn cannot_detect(trust: Trust) -> Vec<&'static str> {
    let first = match trust {
        Trust::Given => None,
        Trust::Named => Some(NAMED),
        Trust::Unsigned => Some(UNSIGNED),
    };
    first.into_iter().chain(CANNOT_DETECT.iter().copied()).collect()
}
