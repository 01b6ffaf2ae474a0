//! The keys that sign checkpoints, and the leaf that says in the log itself when the key changed.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use names::{RequestId, SecretBytes, Timestamp};
use serde::{Deserialize, Serialize};

use crate::checkpoint::Checkpoint;
use crate::entry::{LeafKind, SCHEMA_VERSION};
use crate::note::{ED25519_KIND, NoteSignature, VerifierKey, is_name};
use crate::port::Random;

/// Most keys of a file: the current one and those before it.
pub const CHECKPOINT_KEYS_MAX: usize = 4;
/// What a line of the file begins with, as Go's `golang.org/x/mod/sumdb/note` writes it.
const PRIVATE: &str = "PRIVATE+KEY+";
/// The line that says that nothing was signed yet.
const UNUSED: &str = "unused";

/// Whether the current key has signed anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Custody {
    /// It has not: a journal that is not signed yet may begin to be.
    Unused,
    /// It may have: a checkpoint without its signature was not made by this journal.
    Used,
}

/// The keys of a journal: the current one, which signs, then those before it.
///
/// Their file is text, one key a line, in the form in which Go's note package keeps a signer;
/// before them stands `unused` as long as nothing was signed. Never printed.
pub struct CheckpointKeys {
    custody: Custody,
    pairs: Vec<(VerifierKey, Ed25519KeyPair)>,
}

/// The text is not a file of checkpoint keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("checkpoint keys are one to {CHECKPOINT_KEYS_MAX} lines `PRIVATE+KEY+name+hash+key`")]
pub struct BadCheckpointKeys;

impl CheckpointKeys {
    /// Reads a file of keys.
    ///
    /// # Errors
    /// A line is not a key, or there are too few or too many.
    pub fn parse(text: &str) -> Result<Self, BadCheckpointKeys> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
        let unused = lines.next_if(|line| *line == UNUSED).is_some();
        let custody = if unused { Custody::Unused } else { Custody::Used };
        let pairs: Vec<_> = lines.map(pair).collect::<Option<_>>().ok_or(BadCheckpointKeys)?;
        let few = pairs.is_empty() || pairs.len() > CHECKPOINT_KEYS_MAX;
        if few { Err(BadCheckpointKeys) } else { Ok(Self { custody, pairs }) }
    }

    /// The text of a file with one key that has signed nothing yet.
    ///
    /// # Errors
    /// Keys cannot be called that.
    pub fn draw(name: &str, random: &dyn Random) -> Result<SecretBytes, BadCheckpointKeys> {
        let line = draw(name, random)?;
        let mut text = format!("{UNUSED}\n").into_bytes();
        text.extend_from_slice(line.expose());
        Ok(SecretBytes::new(text))
    }

    /// The text of a file in which a new key stands before those of `text`; the oldest may go.
    ///
    /// # Errors
    /// The text is no file of keys.
    pub fn rotate(text: &str, random: &dyn Random) -> Result<SecretBytes, BadCheckpointKeys> {
        let old = Self::parse(text)?;
        let name = old.current().ok_or(BadCheckpointKeys)?.name();
        let mut new = draw(name, random)?.expose().to_vec();
        let keys = text.lines().map(str::trim).filter(|line| line.starts_with(PRIVATE));
        for line in keys.take(CHECKPOINT_KEYS_MAX.saturating_sub(1)) {
            new.extend_from_slice(line.as_bytes());
            new.push(b'\n');
        }
        Ok(SecretBytes::new(new))
    }

    /// The same file without the word that nothing was signed yet.
    #[must_use]
    pub fn used(text: &str) -> SecretBytes {
        let lines = text.lines().filter(|line| line.trim() != UNUSED);
        SecretBytes::new(lines.flat_map(|line| [line, "\n"]).collect::<String>().into_bytes())
    }

    /// Whether the current key has signed anything.
    #[must_use]
    pub fn custody(&self) -> Custody {
        self.custody
    }

    /// What checkpoints are verified with from now on.
    #[must_use]
    pub fn current(&self) -> Option<&VerifierKey> {
        self.pairs.first().map(|(public, _)| public)
    }

    /// Signs a checkpoint.
    pub(crate) fn sign(&self, checkpoint: &mut Checkpoint) {
        let text = checkpoint.text();
        let by = |(public, pair): &(VerifierKey, Ed25519KeyPair)| {
            NoteSignature::new(public, pair.sign(text.as_bytes()).as_ref())
        };
        checkpoint.signatures = self.pairs.first().map(by).into_iter().collect();
    }

    /// Which of the keys signed a checkpoint: 0 is the current one.
    pub(crate) fn signer_of(&self, checkpoint: &Checkpoint) -> Option<usize> {
        self.pairs.iter().position(|(public, _)| checkpoint.is_signed_by(public))
    }

    /// The leaf that brings in the current key, on the word of key number `previous`.
    pub(crate) fn record(&self, previous: Option<usize>, time: Timestamp) -> Option<KeyRecord> {
        let key = self.current()?.clone();
        let before = previous.and_then(|place| self.pairs.get(place));
        let word = before.map(|(_, pair)| STANDARD.encode(pair.sign(&vouching(&key)).as_ref()));
        let mut random = [0; 10];
        random.iter_mut().zip(key.id()).for_each(|(to, from)| *to = from);
        let id = RequestId::from_parts(u64::try_from(time.millis()).unwrap_or(0), random);
        let (v, entry) = (SCHEMA_VERSION, LeafKind::Key);
        let previous = before.map(|(public, _)| public.clone());
        Some(KeyRecord { v, entry, id, time, key, previous, word })
    }
}

impl std::fmt::Debug for CheckpointKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CheckpointKeys({:?}, ..)", self.custody)
    }
}

/// One line with a new key.
fn draw(name: &str, random: &dyn Random) -> Result<SecretBytes, BadCheckpointKeys> {
    if !is_name(name) {
        return Err(BadCheckpointKeys);
    }
    let mut key = vec![ED25519_KIND; 33];
    random.fill(key.get_mut(1..).unwrap_or_default());
    let key = SecretBytes::new(key);
    let seed = key.expose().get(1..).unwrap_or_default();
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| BadCheckpointKeys)?;
    let public = public(name, &pair).ok_or(BadCheckpointKeys)?;
    let id = hex::encode(public.id());
    let line = format!("{PRIVATE}{name}+{id}+{}\n", STANDARD.encode(key.expose()));
    Ok(SecretBytes::new(line.into_bytes()))
}

fn public(name: &str, pair: &Ed25519KeyPair) -> Option<VerifierKey> {
    VerifierKey::new(name, pair.public_key().as_ref().try_into().ok()?)
}

/// Reads a line.
fn pair(line: &str) -> Option<(VerifierKey, Ed25519KeyPair)> {
    let (name, rest) = line.strip_prefix(PRIVATE)?.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let key = SecretBytes::new(STANDARD.decode(key).ok()?);
    let (kind, seed) = key.expose().split_first()?;
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    let public = public(name, &pair)?;
    (*kind == ED25519_KIND && hex::encode(public.id()) == id).then_some((public, pair))
}

/// What the key before signs when it gives its word for the next.
fn vouching(key: &VerifierKey) -> Vec<u8> {
    format!("strongroom checkpoint key\n{key}\n").into_bytes()
}

/// The leaf that says which key signs from here on. One leaf, no entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is one row of docs/audit-schema.md")]
pub struct KeyRecord {
    pub v: u8,
    pub entry: LeafKind,
    pub id: RequestId,
    pub time: Timestamp,
    pub key: VerifierKey,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<VerifierKey>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub word: Option<String>,
}

impl KeyRecord {
    /// Whether `key` gave its word for the new one.
    pub(crate) fn is_vouched_by(&self, key: &VerifierKey) -> bool {
        let word = self.word.as_ref().and_then(|word| STANDARD.decode(word).ok());
        word.is_some_and(|word| key.made(&word, &vouching(&self.key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Dice(u8);

    impl Random for Dice {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn drawn(with: u8) -> String {
        let text = CheckpointKeys::draw("o/x", &Dice(with)).unwrap();
        String::from_utf8(text.expose().to_vec()).unwrap()
    }

    #[test]
    fn a_drawn_key_signs_what_its_public_half_verifies() {
        let keys = CheckpointKeys::parse(&drawn(1)).unwrap();
        let mut checkpoint =
            Checkpoint { origin: "o/x".to_owned(), size: 3, root: [2; 32], signatures: Vec::new() };
        keys.sign(&mut checkpoint);
        let read = Checkpoint::parse(checkpoint.note().as_bytes()).unwrap();
        assert!(read.is_signed_by(keys.current().unwrap()));
        let other = CheckpointKeys::parse(&drawn(2)).unwrap();
        assert!(!read.is_signed_by(other.current().unwrap()));
        let altered = Checkpoint { size: 4, ..read };
        assert!(!altered.is_signed_by(keys.current().unwrap()));
    }

    #[test]
    fn a_new_key_is_vouched_for_by_the_one_before_and_by_no_other() {
        let text = drawn(1);
        let old = CheckpointKeys::parse(&text).unwrap().current().unwrap().clone();
        let rotated = CheckpointKeys::rotate(&text, &Dice(2)).unwrap();
        let keys = CheckpointKeys::parse(std::str::from_utf8(rotated.expose()).unwrap()).unwrap();
        let record = keys.record(Some(1), Timestamp::default()).unwrap();
        assert_eq!(record.previous, Some(old.clone()));
        assert!(record.is_vouched_by(&old));
        assert!(!record.is_vouched_by(keys.current().unwrap()));
        let alone = keys.record(None, Timestamp::default()).unwrap();
        assert!(!alone.is_vouched_by(&old));
    }

    #[test]
    fn a_file_says_whether_its_key_was_used_and_forgets_the_oldest() {
        let mut text = drawn(1);
        assert_eq!(CheckpointKeys::parse(&text).unwrap().custody(), Custody::Unused);
        let used = CheckpointKeys::used(&text);
        let used = std::str::from_utf8(used.expose()).unwrap();
        assert_eq!(CheckpointKeys::parse(used).unwrap().custody(), Custody::Used);
        for with in 2..9 {
            let next = CheckpointKeys::rotate(&text, &Dice(with)).unwrap();
            text = String::from_utf8(next.expose().to_vec()).unwrap();
        }
        assert_eq!(CheckpointKeys::parse(&text).unwrap().pairs.len(), CHECKPOINT_KEYS_MAX);
        let one_more = format!("{text}{}", text.lines().next().unwrap());
        assert_eq!(CheckpointKeys::parse(&one_more).unwrap_err(), BadCheckpointKeys);
    }

    #[test]
    fn what_is_no_key_is_refused_and_never_shown() {
        let good = drawn(1);
        let line = good.lines().nth(1).unwrap();
        let (most, _) = line.split_at(line.len() - 4);
        for bad in ["", "unused\n", "x", most, &line.replace("o/x", "o/y")] {
            assert_eq!(CheckpointKeys::parse(bad).unwrap_err(), BadCheckpointKeys, "{bad}");
        }
        let shown = format!("{:?}", CheckpointKeys::parse(&good).unwrap());
        assert_eq!(shown, "CheckpointKeys(Unused, ..)");
    }
}
