//! Witnesses: others who were shown a checkpoint, made sure that the log only grew, and say so
//! below it ([C2SP tlog-cosignature](https://c2sp.org/tlog-cosignature), version 1, Ed25519). They
//! are asked as [C2SP tlog-witness](https://c2sp.org/tlog-witness) says: `add-checkpoint`.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use names::Timestamp;
use sha2::{Digest, Sha256};

use crate::checkpoint::Checkpoint;
use crate::note::{NOTE_SIGNATURES_MAX, NoteSignature, is_name};
use crate::prove::Growth;

/// The kind of key: cosignatures of version 1 by Ed25519.
const COSIGNATURE_KIND: u8 = 4;
/// What is signed begins with this line.
const COSIGNATURE_HEAD: &str = "cosignature/v1";

/// The key of a witness: a name and 32 bytes of Ed25519.
///
/// Written `name+hash+key`, as witnesses publish it; the kind of key is 4.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WitnessKey {
    name: String,
    public: [u8; 32],
}

/// The text is not the key of a witness.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a witness's key of the form `name+hash+key`, of kind 4")]
pub struct BadWitnessKey;

/// The answer of a witness does not make a cosigned checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CosignError {
    /// It holds something else than lines of signatures, or too many.
    #[error("the answer is not lines of signatures")]
    Form,
    /// None of them is that witness's, or holds for the checkpoint.
    #[error("the answer holds no cosignature of `{witness}` on the checkpoint")]
    Missing {
        /// Whose was asked for.
        witness: String,
    },
}

impl WitnessKey {
    fn id(&self) -> [u8; 4] {
        let mut hash = Sha256::new();
        hash.update(self.name.as_bytes());
        hash.update([b'\n', COSIGNATURE_KIND]);
        hash.update(self.public);
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        [a, b, c, d]
    }

    /// Whose it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When the witness cosigned, if that signature is its own and holds for the text.
    fn cosigned(&self, signature: &NoteSignature, text: &str) -> Option<Timestamp> {
        if signature.name != self.name {
            return None;
        }
        let (time, bytes) = signature.bytes.strip_prefix(&self.id())?.split_first_chunk::<8>()?;
        let seconds = u64::from_be_bytes(*time);
        let signed = format!("{COSIGNATURE_HEAD}\ntime {seconds}\n{text}");
        UnparsedPublicKey::new(&ED25519, self.public).verify(signed.as_bytes(), bytes).ok()?;
        Timestamp::from_seconds(i64::try_from(seconds).ok()?).ok()
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![COSIGNATURE_KIND];
        key.extend_from_slice(&self.public);
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(key))
    }
}

impl FromStr for WitnessKey {
    type Err = BadWitnessKey;

    fn from_str(text: &str) -> Result<Self, BadWitnessKey> {
        let (name, rest) = text.split_once('+').ok_or(BadWitnessKey)?;
        let (_, key) = rest.split_once('+').ok_or(BadWitnessKey)?;
        let key = STANDARD.decode(key).map_err(|_| BadWitnessKey)?;
        let (&COSIGNATURE_KIND, public) = key.split_first().ok_or(BadWitnessKey)? else {
            return Err(BadWitnessKey);
        };
        let public = public.try_into().map_err(|_| BadWitnessKey)?;
        let read = Self { name: name.to_owned(), public };
        if is_name(name) && read.to_string() == text { Ok(read) } else { Err(BadWitnessKey) }
    }
}

impl Checkpoint {
    /// When that witness cosigned the checkpoint, the latest time if it did so more than once.
    #[must_use]
    pub fn cosigned_by(&self, witness: &WitnessKey) -> Option<Timestamp> {
        let text = self.text();
        self.signatures.iter().filter_map(|line| witness.cosigned(line, &text)).max()
    }

    /// The checkpoint with the cosignature that a witness answered with; whatever else the answer
    /// holds is left out.
    ///
    /// # Errors
    /// The answer is of another form, or none of it is that witness's.
    pub fn cosign(&self, answer: &str, witness: &WitnessKey) -> Result<Self, CosignError> {
        let lines = answer.strip_suffix('\n').ok_or(CosignError::Form)?;
        let read: Option<Vec<NoteSignature>> =
            lines.split('\n').take(NOTE_SIGNATURES_MAX).map(NoteSignature::parse).collect();
        let text = self.text();
        let mut good = read.ok_or(CosignError::Form)?.into_iter();
        let good = good.find(|line| witness.cosigned(line, &text).is_some());
        let missing = || CosignError::Missing { witness: witness.name.clone() };
        let mut cosigned = self.clone();
        cosigned.signatures.push(good.ok_or_else(missing)?);
        if cosigned.signatures.len() > NOTE_SIGNATURES_MAX {
            return Err(CosignError::Form);
        }
        Ok(cosigned)
    }
}

impl Growth {
    /// The body of `add-checkpoint`: the size that the witness has seen, the proof that the log
    /// grew from it, and the checkpoint. Of a log that it never saw, `old` is 0.
    #[must_use]
    pub fn add_checkpoint(&self, old: u64) -> String {
        let hashes: String =
            self.hashes().iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
        format!("old {old}\n{hashes}\n{}", self.checkpoint().note())
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

    use super::*;
    use crate::checkpoint::CHECKPOINT;
    use crate::disk::JournalDisk;
    use crate::prove::prove_growth;
    use crate::tamper_tests::stopped;

    /// A witness that says when it saw what.
    struct Witness(Ed25519KeyPair);

    impl Witness {
        fn new(seed: u8) -> Self {
            Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
        }

        fn key(&self) -> WitnessKey {
            let public = self.0.public_key().as_ref().try_into().unwrap();
            WitnessKey { name: "witness.example/w1".to_owned(), public }
        }

        fn line(&self, text: &str, seconds: u64) -> String {
            let signed = format!("cosignature/v1\ntime {seconds}\n{text}");
            let mut bytes = self.key().id().to_vec();
            bytes.extend_from_slice(&seconds.to_be_bytes());
            bytes.extend_from_slice(self.0.sign(signed.as_bytes()).as_ref());
            format!("\u{2014} {} {}\n", self.key().name, STANDARD.encode(bytes))
        }
    }

    #[test]
    fn the_line_of_the_specification_is_read_as_a_cosignature() {
        // The example of C2SP tlog-cosignature: its key is not published, its form is.
        let note = "example.com/behind-the-sofa\n20852163\n\
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
            \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHe\
            olMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
        let read = Checkpoint::parse(note.as_bytes()).unwrap();
        assert_eq!(read.signatures.len(), 1);
        let (time, rest) = read.signatures[0].bytes[4..].split_first_chunk::<8>().unwrap();
        assert_eq!((u64::from_be_bytes(*time), rest.len()), (1_679_315_147, 64));
    }

    #[test]
    fn a_cosignature_holds_for_its_checkpoint_its_witness_and_its_time_alone() {
        let disk = stopped(1, 300);
        let seen = Checkpoint::parse(&disk.read(CHECKPOINT).unwrap().unwrap()).unwrap();
        let (witness, other) = (Witness::new(1), Witness::new(2));
        let answer = witness.line(&seen.text(), 1_760_000_000);
        let cosigned = seen.cosign(&answer, &witness.key()).unwrap();
        assert_eq!(
            cosigned.cosigned_by(&witness.key()).map(Timestamp::seconds),
            Some(1_760_000_000)
        );
        assert_eq!(Checkpoint::parse(cosigned.note().as_bytes()), Some(cosigned.clone()));
        assert_eq!(cosigned.cosigned_by(&other.key()), None);
        assert_eq!(seen.cosigned_by(&witness.key()), None);
        let moved = Checkpoint { size: seen.size - 1, ..cosigned.clone() };
        assert_eq!(moved.cosigned_by(&witness.key()), None);
        let mut later = cosigned.clone();
        later.signatures.last_mut().unwrap().bytes[11] ^= 1;
        assert_eq!(later.cosigned_by(&witness.key()), None, "another time");
        let missing = CosignError::Missing { witness: witness.key().name };
        assert_eq!(seen.cosign(&other.line(&seen.text(), 1), &witness.key()), Err(missing));
        assert_eq!(seen.cosign("409\n", &witness.key()), Err(CosignError::Form));
        // The log's own signature is not touched.
        assert!(cosigned.is_signed_by(&crate::tamper_tests::public()));
    }

    #[test]
    fn a_request_has_the_old_size_the_proof_and_the_checkpoint() {
        let disk = stopped(1, 300);
        let growth = prove_growth(&disk, 100).unwrap();
        let body = growth.add_checkpoint(100);
        let (proof, note) = body.split_once("\n\n").unwrap();
        assert!(proof.starts_with("old 100\n") && proof.lines().count() > 2);
        let checkpoint = Checkpoint::parse(note.as_bytes()).unwrap();
        let hashes = proof.lines().skip(1).map(str::to_owned).collect::<Vec<_>>().join("\n");
        let again = format!("strongroom log growth 1\n{hashes}\n\n{note}");
        assert_eq!(Growth::parse(&again).unwrap(), growth);
        assert!(checkpoint.size > 100);
        let first = prove_growth(&disk, 0).unwrap().add_checkpoint(0);
        assert!(first.starts_with("old 0\n\n"), "{first}");
    }

    #[test]
    fn the_key_of_a_witness_has_exactly_one_form() {
        let key = Witness::new(1).key();
        assert_eq!(key.to_string().parse(), Ok(key.clone()));
        let logs = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        for bad in ["", "a+b", logs, &key.to_string().replace("w1", "w2")] {
            assert_eq!(bad.parse::<WitnessKey>(), Err(BadWitnessKey), "{bad}");
        }
    }
}
