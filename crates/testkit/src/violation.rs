//! The result of a suite that found something wrong.

use std::fmt::Display;

/// A promise that was not kept, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(pub String);

/// Passes if `holds`; else the promise, in words.
pub(crate) fn must(holds: bool, promise: impl Display) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation(promise.to_string())) }
}

/// Turns an error into a violation that says what was being done.
pub(crate) trait During<T> {
    fn during(self, what: impl Display) -> Result<T, Violation>;
}

impl<T, E: Display> During<T> for Result<T, E> {
    fn during(self, what: impl Display) -> Result<T, Violation> {
        self.map_err(|error| Violation(format!("{what}: {error}")))
    }
}
