//! Signed notes ([C2SP signed-note](https://c2sp.org/signed-note)): a text, and below it
//! signatures by named keys. What the verifiers of transparency logs read, ours or anybody else's.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Most signatures that are read of a note.
pub const NOTE_SIGNATURES_MAX: usize = 100;
/// What a signature's line begins with: an em dash and a space.
const DASH: &str = "\u{2014} ";
/// The kind of key: Ed25519.
pub(crate) const ED25519_KIND: u8 = 1;

/// A key that checkpoints are verified with: a name and 32 bytes of Ed25519.
///
/// Written `name+hash+key`, as Go's `golang.org/x/mod/sumdb/note` reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifierKey {
    name: String,
    public: [u8; 32],
}

/// The text is not a verifier key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a verifier key of the form `name+hash+key`")]
pub struct BadVerifierKey;

impl VerifierKey {
    /// The key of that name; `None` if the name has white space or a `+`, or is empty.
    pub(crate) fn new(name: &str, public: [u8; 32]) -> Option<Self> {
        is_name(name).then(|| Self { name: name.to_owned(), public })
    }

    /// Whose it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What signatures by it begin with: four bytes of the hash of name and key.
    pub(crate) fn id(&self) -> [u8; 4] {
        let mut hash = Sha256::new();
        hash.update(self.name.as_bytes());
        hash.update([b'\n', ED25519_KIND]);
        hash.update(self.public);
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        [a, b, c, d]
    }

    /// Whether it made that signature of that text.
    pub(crate) fn made(&self, signature: &[u8], text: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public).verify(text, signature).is_ok()
    }
}

/// Whether keys may be called that.
pub(crate) fn is_name(name: &str) -> bool {
    let good = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    !name.is_empty() && name.chars().all(good)
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519_KIND];
        key.extend_from_slice(&self.public);
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = BadVerifierKey;

    fn from_str(text: &str) -> Result<Self, BadVerifierKey> {
        let (name, rest) = text.split_once('+').ok_or(BadVerifierKey)?;
        let (_, key) = rest.split_once('+').ok_or(BadVerifierKey)?;
        let key = STANDARD.decode(key).map_err(|_| BadVerifierKey)?;
        let (ED25519_KIND, public) = key.split_first().map(|(k, p)| (*k, p)).unwrap_or_default()
        else {
            return Err(BadVerifierKey);
        };
        let public = public.try_into().map_err(|_| BadVerifierKey)?;
        let read = Self::new(name, public).ok_or(BadVerifierKey)?;
        // The hash and everything else has one form.
        if read.to_string() == text { Ok(read) } else { Err(BadVerifierKey) }
    }
}

impl serde::Serialize for VerifierKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for VerifierKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A line below a note.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoteSignature {
    pub(crate) name: String,
    /// The key's id, then the signature.
    pub(crate) bytes: Vec<u8>,
}

impl NoteSignature {
    pub(crate) fn new(key: &VerifierKey, signature: &[u8]) -> Self {
        let mut bytes = key.id().to_vec();
        bytes.extend_from_slice(signature);
        Self { name: key.name.clone(), bytes }
    }

    /// Whether it is the key's, and holds for the text. A line of another key is not the key's.
    pub(crate) fn is_by(&self, key: &VerifierKey, text: &str) -> bool {
        self.name == key.name
            && self
                .bytes
                .strip_prefix(&key.id())
                .is_some_and(|signature| key.made(signature, text.as_bytes()))
    }

    fn line(&self) -> String {
        format!("{DASH}{} {}\n", self.name, STANDARD.encode(&self.bytes))
    }

    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
        let read = Self { name: name.to_owned(), bytes: STANDARD.decode(bytes).ok()? };
        (is_name(name) && read.bytes.len() > 4).then_some(read)
    }
}

/// The note of a text that ends with a newline.
pub(crate) fn write_note(text: &str, signatures: &[NoteSignature]) -> String {
    let lines: String = signatures.iter().map(NoteSignature::line).collect();
    if lines.is_empty() { text.to_owned() } else { format!("{text}\n{lines}") }
}

/// A note's text and its signatures; a text without signatures has none. `None` if it is no note.
pub(crate) fn read_note(note: &str) -> Option<(&str, Vec<NoteSignature>)> {
    let Some((text, lines)) = note.rsplit_once("\n\n") else { return Some((note, Vec::new())) };
    // The text keeps its last newline, of which the split took one.
    let text = note.get(..text.len().checked_add(1)?)?;
    let lines = lines.strip_suffix('\n')?;
    let mut signatures = Vec::new();
    for line in lines.split('\n') {
        if signatures.len() == NOTE_SIGNATURES_MAX {
            return None;
        }
        signatures.push(NoteSignature::parse(line)?);
    }
    Some((text, signatures))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Go's package `golang.org/x/mod/sumdb/note`.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FF\
        YC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_published_example_verifies_and_its_neighbours_do_not() {
        let key: VerifierKey = PETER.parse().unwrap();
        assert_eq!(key.to_string(), PETER);
        let (text, signatures) = read_note(NOTE).unwrap();
        assert_eq!(signatures.len(), 1);
        assert!(signatures[0].is_by(&key, text));
        assert!(!signatures[0].is_by(&key, &text.replace("answer", "Answer")));
        assert_eq!(write_note(text, &signatures), NOTE);
        let other = VerifierKey::new("PeterNeumann", [7; 32]).unwrap();
        assert!(!signatures[0].is_by(&other, text));
        let renamed = VerifierKey::new("Peter", key.public).unwrap();
        assert!(!signatures[0].is_by(&renamed, text));
    }

    #[test]
    fn a_verifier_key_has_exactly_one_form() {
        for bad in [
            "",
            "PeterNeumann",
            "PeterNeumann+c74f20a3",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+AhpcVw==",
            "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] {
            assert_eq!(bad.parse::<VerifierKey>(), Err(BadVerifierKey), "{bad}");
        }
    }

    #[test]
    fn lines_that_are_no_signatures_make_no_note() {
        for bad in ["a\n\n", "a\n\nx\n", "a\n\n\u{2014} n AAAA\n", "a\n\n\u{2014} n !!!!\n"] {
            assert_eq!(read_note(bad), None, "{bad:?}");
        }
        let line = "\u{2014} n AAAAAAAA\n";
        assert!(read_note(&format!("a\n\n{}", line.repeat(NOTE_SIGNATURES_MAX))).is_some());
        assert!(read_note(&format!("a\n\n{}", line.repeat(NOTE_SIGNATURES_MAX + 1))).is_none());
    }
}
