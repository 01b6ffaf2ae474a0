//! Words that nobody guesses.

use std::fs::File;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::exit::Failure;

/// The system's source of chance.
const SOURCE: &str = "/dev/urandom";

/// A word of 256 bits in letters that need no escape (RFC 7636 §4.1 asks for 43 characters).
pub(crate) fn word() -> Result<String, Failure> {
    let mut bytes = [0_u8; 32];
    let drawn = File::open(SOURCE).and_then(|mut source| source.read_exact(&mut bytes));
    drawn.map_err(|error| Failure::Broken(format!("{SOURCE}: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
