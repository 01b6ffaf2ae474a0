//! Replays a corpus of `fuzz/`, and mutates it a little: a short run of a fuzz target that needs no
//! fuzzer.
//!
//! It uses nothing but the standard library, so that the rooms below this kit can include the file
//! itself in their tests and are not built again with everything that the kit stands on.

use std::path::Path;
use std::{fs, io};

/// The fewest inputs that are a corpus.
const INPUTS_MIN: usize = 5;
/// Mutations of each input.
const MUTATIONS: usize = 60;
/// How long a piece is that one mutation copies, at most.
const PIECE_BYTES_MAX: usize = 24;

/// Gives each input of a corpus to the target, and some mutations of each, which insert the letters
/// that mean something to it. The mutations are the same in every run. Answers how many inputs
/// there were.
///
/// # Errors
/// The corpus cannot be read, or holds fewer inputs than five.
pub fn replay(corpus: &str, letters: &[u8], mut target: impl FnMut(&[u8])) -> io::Result<usize> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(corpus);
    let mut files: Vec<_> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    files.sort();
    let inputs: Vec<Vec<u8>> = files.iter().map(fs::read).collect::<io::Result<_>>()?;
    if inputs.len() < INPUTS_MIN {
        return Err(io::Error::other(format!("`{corpus}` holds {} inputs", inputs.len())));
    }
    for (number, input) in (1..).zip(&inputs) {
        target(input);
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(number));
        for _ in 0..MUTATIONS {
            let mut bytes = input.clone();
            for _ in 0..=chance.below(3) {
                mutate(&mut bytes, &inputs, letters, &mut chance);
            }
            target(&bytes);
        }
    }
    Ok(inputs.len())
}

/// One small change: a letter put in or over another, a byte left out, a piece of itself or of
/// another input put in.
fn mutate(bytes: &mut Vec<u8>, inputs: &[Vec<u8>], letters: &[u8], chance: &mut Chance) {
    let at = chance.below(bytes.len().saturating_add(1));
    let letter = chance.one_of(letters).copied().unwrap_or(0);
    match chance.below(5) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = letter;
            }
        }
        1 if at < bytes.len() => {
            bytes.remove(at);
        }
        2 => {
            let own = bytes.clone();
            insert(bytes, at, &own, chance);
        }
        3 => {
            let other = chance.one_of(inputs).cloned().unwrap_or_default();
            insert(bytes, at, &other, chance);
        }
        _ => bytes.insert(at, letter),
    }
}

/// Puts a piece of another text in.
fn insert(bytes: &mut Vec<u8>, at: usize, other: &[u8], chance: &mut Chance) {
    let piece = other.iter().skip(chance.below(other.len())).take(chance.below(PIECE_BYTES_MAX));
    bytes.splice(at..at, piece.copied());
}

/// Numbers that look random (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.0 % bound).unwrap_or(0)
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}
