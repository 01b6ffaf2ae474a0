//! Whatever bytes stand where a file of the journal should: they are refused or read, and what is
//! read is written back as it stood.

#![cfg(test)]

use proptest::prelude::*;

use crate::checkpoint::{CHECKPOINT, Checkpoint};
use crate::disk::JournalDisk;
use crate::entry::Leaf;
use crate::glance::kind_and_id;
use crate::prove::{Growth, Inclusion, prove, prove_growth};
use crate::sealed::file::{SealedHead, path};
use crate::sealed::pile::Pile;
use crate::sealed::shelf::runs;
use crate::sealed::terms::Terms;
use crate::sealed_tests::seal_all;
use crate::tail::read_segment;
use crate::tamper_tests::{leaves, public, stopped};

/// Good files of each form.
struct Samples {
    texts: Vec<Vec<u8>>,
    head: SealedHead,
}

fn samples() -> Samples {
    let disk = stopped(1, 700);
    let mut texts = leaves(&disk).into_iter().take(3).collect::<Vec<_>>();
    texts.push(disk.read(CHECKPOINT).unwrap().unwrap());
    texts.push(prove(&disk, 300).unwrap().to_text().into_bytes());
    texts.push(prove_growth(&disk, 300).unwrap().to_text().into_bytes());
    texts.push(disk.read("tile/entries/001").unwrap().unwrap());
    texts.push(disk.read("tail-00000000000000001280").unwrap().unwrap());
    seal_all(&disk, u64::MAX);
    let run = runs(&disk).unwrap().0[0].clone();
    let sealed = disk.read(&path(&run, "leaves")).unwrap().unwrap();
    let head = SealedHead::parse(&sealed).unwrap();
    texts.push(sealed);
    texts.push(disk.read(&path(&run, "terms")).unwrap().unwrap());
    Samples { texts, head }
}

/// Reads the bytes as everything that there is.
fn read_all(bytes: &[u8], head: &SealedHead) {
    if let Some(read) = Checkpoint::parse(bytes) {
        assert_eq!(read.note().as_bytes(), bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(read) = Inclusion::parse(text) {
            drop(read.verify(&public()));
            assert_eq!(read.to_text(), text);
        }
        if let Ok(read) = Growth::parse(text) {
            assert_eq!(read.to_text(), text);
        }
    }
    let kind = kind_and_id(bytes);
    if let Ok(leaf) = Leaf::parse(bytes) {
        assert_eq!(kind.map(|(_, id)| id), Some(leaf.id()));
    }
    if let Some(read) = SealedHead::parse(bytes) {
        for block in 0..read.blocks() {
            let place = read.place(block).unwrap();
            let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
            drop(bytes.get(at(place.start)..at(place.end)).map(|part| read.open(block, part)));
        }
    }
    drop(head.open(0, bytes));
    let _ = Terms::parse(bytes, head).map(|terms| terms.blocks_with(7));
    drop(Pile::parse(0, bytes.to_vec()));
    drop(read_segment("tail", bytes));
}

#[test]
fn whatever_stands_in_a_file_is_refused_or_read() {
    let samples = samples();
    for text in &samples.texts {
        read_all(text, &samples.head);
    }
    let bytes = proptest::collection::vec(any::<u8>(), 0..400);
    let change = (any::<usize>(), any::<usize>(), any::<usize>(), bytes);
    proptest!(|((which, at, over, new) in change)| {
        read_all(&new, &samples.head);
        let mut text = samples.texts[which % samples.texts.len()].clone();
        let at = at % text.len();
        let end = text.len().min(at + over % 40);
        text.splice(at..end, new.into_iter().take(over % 7));
        read_all(&text, &samples.head);
    });
}
