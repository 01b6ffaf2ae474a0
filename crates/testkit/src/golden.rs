//! Golden files: what a table or a format looks like, checked in, changed only in review.

use std::fs;
use std::path::Path;

use crate::violation::{During, Violation};

/// Compares `actual` with the file at `path`. If they differ, what was found is left beside it as
/// `NAME.new`, to be looked at and moved over the golden file if it is right.
///
/// # Errors
/// The first line that differs, or why the file cannot be read.
pub fn golden(path: &Path, actual: &str) -> Result<(), Violation> {
    let shown = path.display();
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, actual).during(format!("writing what was found beside {shown}"))?;
    let mut old = expected.lines();
    let mut new = actual.lines();
    for line in 1_u64.. {
        match (old.next(), new.next()) {
            (None, None) => break,
            (old, new) if old == new => {}
            (old, new) => {
                let (old, new) = (old.unwrap_or("(end)"), new.unwrap_or("(end)"));
                return Err(Violation(format!(
                    "{shown} line {line}\n  golden: {old}\n  found:  {new}\n(see {shown}.new)"
                )));
            }
        }
    }
    Err(Violation(format!("{shown}: only the line ends differ (see {shown}.new)")))
}
