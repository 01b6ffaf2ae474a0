//! What fuzzing asks of everything that is read back from a disk or from a stranger, as functions
//! of bytes: `fuzz/` drives them with new bytes, the test below with all that were ever
//! interesting.
//! Only for tests and fuzzing.

use crate::bundle::verify_bundle;
use crate::checkpoint::Checkpoint;
use crate::entry::Leaf;
use crate::glance::{Glance, kind_and_id, names_entry};
use crate::hashing::said;
use crate::note::VerifierKey;
use crate::prove::{Growth, Inclusion};
use crate::reader::Entry;
use crate::sealed::file::{SealedHead, crc};
use crate::sealed::gathering::Gathering;
use crate::sealed::pile::{Pile, put_leaf};
use crate::sealed::terms::Terms;
use crate::tail::read_segment;
use crate::view::{View, of, of_leaf};

/// A key that signed nothing: the example of the documentation of Go's `sumdb/note`.
const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

/// A leaf: whoever reads a part of it reads what the whole says, whatever way it is read, and it
/// can be told in every view.
pub fn entry(bytes: &[u8]) {
    let (glanced, whole) = (kind_and_id(bytes), Leaf::parse(bytes));
    let _ = said(bytes);
    let gathered = |take: fn(&mut Gathering, &[u8])| {
        let mut gathering = Gathering::default();
        gathering.block();
        take(&mut gathering, bytes);
        gathering.found()
    };
    assert_eq!(gathered(Gathering::leaf), gathered(Gathering::long_way));
    for view in [View::Ocsf, View::Ecs, View::CloudTrail] {
        let told = of_leaf((7, bytes), view);
        assert_eq!(told.is_some(), matches!(whole, Ok(Leaf::Opened(_))));
    }
    let Ok(leaf) = whole else { return };
    assert_eq!(glanced.map(|(_, id)| id), Some(leaf.id()));
    assert!(names_entry(bytes, &leaf.id().to_string()));
    assert!(serde_json::from_slice::<Glance<'_>>(bytes).is_ok(), "a leaf that no index takes");
    assert!(said(bytes).is_ok(), "a leaf that no verifier takes");
    if let Leaf::Opened(opened) = leaf {
        let entry = Entry { index: 7, opened: *opened, closed: None };
        assert_eq!(Entry::from_json(&entry.to_json()), Some(entry.clone()));
        drop(of(&entry, View::Ecs));
    }
}

/// A checkpoint, or a public key: what is read is written back as it stood.
pub fn checkpoint(bytes: &[u8]) {
    if let Some(read) = Checkpoint::parse(bytes) {
        assert_eq!(read.note().as_bytes(), bytes);
        if let Ok(key) = KEY.parse() {
            assert!(!read.is_signed_by(&key), "a key that signed nothing");
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(key) = text.parse::<VerifierKey>()
    {
        assert_eq!(key.to_string().parse().as_ref(), Ok(&key));
    }
}

/// A proof or a bundle: what is read is written back as it stood, and nothing is proved by a key
/// that signed nothing.
pub fn proof(bytes: &[u8]) {
    let Ok(key) = KEY.parse::<VerifierKey>() else { return };
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(read) = Inclusion::parse(text) {
            assert_eq!(read.to_text(), text);
            assert!(read.verify(&key).is_err());
        }
        if let Ok(read) = Growth::parse(text) {
            assert_eq!(read.to_text(), text);
            if let Some(old) = Checkpoint::parse(bytes) {
                assert!(read.verify(&old, &key).is_err());
            }
        }
    }
    if let Ok(report) = verify_bundle(&mut &*bytes, &key) {
        assert!(!report.problems.is_empty(), "a bundle that nobody signed");
    }
}

/// A sealed segment, or the tail; then the same as if its checksums held.
pub fn sealed(bytes: &[u8]) {
    drop(read_segment("tail", bytes));
    drop(Pile::parse(0, bytes.to_vec()));
    opened(bytes);
    let mut held = bytes.to_vec();
    let count = bytes.get(26..30).and_then(<[u8]>::first_chunk::<4>);
    let count = count.map_or(0, |four| u32::from_be_bytes(*four));
    let end = usize::try_from(count).ok().and_then(|count| count.checked_mul(12)?.checked_add(30));
    if let Some((head, rest)) = end.and_then(|end| held.split_at_mut_checked(end))
        && let Some(sum) = rest.first_chunk_mut::<4>()
    {
        *sum = crc(head).to_be_bytes();
        opened(&held);
    }
}

fn opened(bytes: &[u8]) {
    let Some(head) = SealedHead::parse(bytes) else { return };
    for block in 0..head.blocks() {
        let Some(place) = head.place(block) else { continue };
        let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
        let stored = bytes.get(at(place.start)..at(place.end));
        if let Some(pile) = stored.and_then(|stored| head.open(block, stored)) {
            assert_eq!(pile.end(), head.leaves(block).end);
            let mut again = Vec::new();
            pile.leaves().for_each(|(_, leaf)| put_leaf(&mut again, leaf));
            assert_eq!(Pile::parse(pile.first, again), Some(pile));
        }
    }
}

/// The terms of a segment; then the same as if they were those of ours and their checksums held.
pub fn terms(bytes: &[u8]) {
    let Some(head) = ours() else { return };
    searched(bytes, &head);
    let mut held = bytes.to_vec();
    let spans = 42_usize.saturating_add(head.blocks().saturating_mul(32));
    let ours = [&head.run.start.to_be_bytes()[..], &head.run.end.to_be_bytes()].concat();
    let ours = [&ours[..], &head.fingerprint().to_be_bytes()].concat();
    if let Some(there) = held.get_mut(10..30) {
        there.copy_from_slice(&ours);
    }
    for end in [spans, held.len().saturating_sub(4)] {
        if let Some((before, after)) = held.split_at_mut_checked(end)
            && let Some(sum) = after.first_chunk_mut::<4>()
        {
            *sum = crc(before).to_be_bytes();
        }
    }
    searched(&held, &head);
}

fn searched(bytes: &[u8], head: &SealedHead) {
    let whole = Terms::parse(bytes, head);
    if let Some(terms) = &whole {
        // Not byte for byte: any least above its greatest is read as none, of which one form is
        // written.
        assert_eq!(Terms::parse(&terms.bytes(), head).as_ref(), Some(terms), "read again");
        for term in [0, 7, u32::MAX] {
            let _ = terms.blocks_with(term);
        }
        let _ = (terms.times(), terms.blocks_in(|block| block.ids, 0, i64::MAX));
    }
    let begun = Terms::parse_spans(bytes, head);
    assert!(whole.is_none() || begun.is_some(), "the beginning of what can be read");
}

/// The head of a segment of one bundle.
fn ours() -> Option<SealedHead> {
    let mut plain = Vec::new();
    (0..256).for_each(|_| put_leaf(&mut plain, b"{}"));
    let mut writing = crate::sealed::file::Writing::new(0..256).ok()?;
    writing.block(&plain).ok()?;
    Some(writing.finish().0)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::checkpoint::CHECKPOINT;
    use crate::disk::JournalDisk;
    use crate::prove::{prove, prove_growth};
    use crate::sealed::file::path;
    use crate::sealed::shelf::runs;
    use crate::sealed_tests::seal_all;
    use crate::tamper_tests::{leaves, stopped};

    type Target = (&'static str, fn(&[u8]));

    const TARGETS: [Target; 5] = [
        ("audit_entry", entry),
        ("audit_checkpoint", checkpoint),
        ("audit_proof", proof),
        ("audit_sealed", sealed),
        ("audit_terms", terms),
    ];

    /// Good inputs of each target.
    fn good(target: &str) -> Vec<Vec<u8>> {
        let disk = stopped(1, 300);
        let file = |path: &str| disk.read(path).unwrap().unwrap();
        match target {
            "audit_entry" => leaves(&disk).into_iter().take(3).collect(),
            "audit_checkpoint" => vec![file(CHECKPOINT), KEY.as_bytes().to_vec()],
            "audit_proof" => {
                let mut bundle = Vec::new();
                crate::bundle::export(&disk, &(3..6), &mut bundle).unwrap();
                let included = prove(&disk, 300).unwrap().to_text();
                let grown = prove_growth(&disk, 300).unwrap().to_text();
                vec![included.into_bytes(), grown.into_bytes(), bundle]
            }
            _ => {
                seal_all(&disk, u64::MAX);
                let run = runs(&disk).unwrap().0[0].clone();
                let ending = if target == "audit_terms" { "terms" } else { "leaves" };
                vec![file(&path(&run, ending))]
            }
        }
    }

    #[test]
    fn the_key_that_signed_nothing_is_a_key() {
        assert!(KEY.parse::<VerifierKey>().is_ok());
    }

    #[test]
    fn what_is_good_and_what_was_ever_interesting_is_borne() {
        for (name, target) in TARGETS {
            good(name).iter().for_each(|bytes| target(bytes));
            let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
            let mut found = 0;
            for file in std::fs::read_dir(corpus).unwrap() {
                let bytes = std::fs::read(file.unwrap().path()).unwrap();
                target(&bytes);
                for cut in 0..bytes.len().min(200) {
                    target(&bytes[..cut]);
                }
                found += 1;
            }
            assert!(found > 0, "{name} has a corpus");
        }
    }
}
