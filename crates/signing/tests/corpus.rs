#![cfg(test)]
//! Replays the corpora of `fuzz/` as ordinary tests, and mutates them a little: a short run of the
//! same driver that needs no fuzzer.

mod fuzzed;

use std::fs;
use std::path::Path;

/// What mutations insert.
const LETTERS: &[u8] = b"%&=;:, \r\n+0af/Z\xc3";
/// Mutations of each input.
const MUTATIONS: u64 = 40;

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
                let at = below(bytes.len() + 1);
                let letter = LETTERS[below(LETTERS.len())];
                let other = &inputs[below(inputs.len())];
                match below(4) {
                    0 if at < bytes.len() => bytes[at] = letter,
                    1 if at < bytes.len() => drop(bytes.remove(at)),
                    2 => bytes.insert(at, letter),
                    _ => {
                        let from = below(other.len());
                        let until = (from + below(24)).min(other.len());
                        bytes.splice(at..at, other[from..until].iter().copied());
                    }
                }
            }
            target(&bytes);
        }
    }
}

/// corpus: SIG-32, SIG-33
#[test]
fn a_head_is_read_once_and_alike_or_refused() {
    replay("canonical_request", fuzzed::canonical);
}

/// corpus: SIG-21
#[test]
fn no_authorization_header_is_anonymous_or_another_keys() {
    replay("authorization", fuzzed::authorization);
}

/// corpus: SIG-07, SIG-08, SIG-22
#[test]
fn no_query_is_signed_with_one_parameter_more() {
    replay("presigned", fuzzed::presigned);
}

/// corpus: SIG-14, SIG-17
#[test]
fn no_form_is_signed_with_one_field_more() {
    replay("post_form", fuzzed::form);
}

/// corpus: SIG-24, SIG-25, SIG-26, SIG-27
#[test]
fn a_body_in_chunks_is_the_same_in_whatever_pieces_it_comes() {
    replay("chunks", fuzzed::chunks);
}
