#![cfg(test)]
//! Replays the corpora of `fuzz/` as ordinary tests, and mutates them a little: a short run of the
//! same driver that needs no fuzzer.

mod fuzzed;

use std::fs;
use std::path::Path;

/// Mutations of each input.
const MUTATIONS: u64 = 60;

fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let inputs: Vec<Vec<u8>> = files.map(|file| fs::read(file).unwrap()).collect();
    assert!(inputs.len() >= 5, "{}", inputs.len());
    for (number, input) in (0..).zip(&inputs) {
        target(input);
        let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(number + 1);
        let mut below = |bound: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % (bound as u64).max(1)).unwrap()
        };
        for _ in 0..MUTATIONS {
            let mut bytes = input.clone();
            for _ in 0..=below(3) {
                mutate(&mut bytes, &inputs, &mut below);
            }
            target(&bytes);
        }
    }
}

fn mutate(bytes: &mut Vec<u8>, others: &[Vec<u8>], below: &mut impl FnMut(usize) -> usize) {
    const LETTERS: &[u8] = b"\"{}[],:*?$\\ a0\n/-\xc3\xa9";
    let at = below(bytes.len() + 1);
    let letter = LETTERS[below(LETTERS.len())];
    match below(5) {
        0 if at < bytes.len() => bytes[at] = letter,
        1 if at < bytes.len() => {
            bytes.remove(at);
        }
        2 => {
            let until = (at + below(12)).min(bytes.len());
            let piece = bytes[at..until].to_vec();
            bytes.splice(at..at, piece);
        }
        3 => {
            let other = &others[below(others.len())];
            let from = below(other.len());
            let until = (from + below(24)).min(other.len());
            bytes.splice(at..at, other[from..until].iter().copied());
        }
        _ => bytes.insert(at, letter),
    }
}

#[test]
fn documents_are_kept_as_they_are_or_refused_within() {
    replay("parser", fuzzed::parser);
}

#[test]
fn cases_are_decided_alike_by_every_way_of_deciding() {
    replay("case", fuzzed::cases);
}

#[test]
fn what_is_found_to_have_no_error_is_what_the_parser_takes() {
    replay("check", fuzzed::asked::findings);
}

#[test]
fn a_document_is_decided_by_as_the_specification_reads_it() {
    replay("compile_decide", fuzzed::asked::compiled);
}

#[test]
fn every_difference_that_is_found_replays() {
    replay("compare", fuzzed::asked::compared);
}

#[test]
fn patterns_match_as_a_wildcard_is_defined() {
    replay("wildcard", fuzzed::wildcard);
}
