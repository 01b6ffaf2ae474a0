//! `cargo xtask campaign complete [--requests N] [--kills N] [--processes N] [--seed N]
//! [--binary PATH]`: a program that links nothing of ours asks, logs what it was answered, and
//! holds the record against that: `conformance/complete/complete.py`.

use std::path::PathBuf;
use std::process::Command;

use super::{commit, seconds};
use crate::Findings;
use crate::check::root;
use crate::conformance::{Profile, build, done};

/// What the program takes, each with a number.
const NUMBERS: [&str; 4] = ["--requests", "--kills", "--processes", "--seed"];

/// Runs it, in a directory of its own that is removed when all agreed.
pub(crate) fn campaign(flags: &[&str]) -> Result<(), Findings> {
    let (numbers, binary) = read(flags)?;
    let binary = match binary {
        Some(given) => std::path::absolute(given).map_err(|error| vec![error.to_string()])?,
        None => build(Profile::Release)?,
    };
    let run = root().join(format!("target/conformance/complete-{}", seconds()));
    std::fs::create_dir_all(&run).map_err(|error| vec![format!("{}: {error}", run.display())])?;
    println!("complete: commit {}", commit());
    let mut python = Command::new("python3");
    python.arg(root().join("conformance/complete/complete.py")).arg(&run).arg(binary);
    python.args(numbers).env("PYTHONDONTWRITEBYTECODE", "1");
    done(&mut python, &format!("complete, whose files are under {},", run.display()))?;
    // A directory that stays is only in the way.
    let _ = std::fs::remove_dir_all(&run);
    Ok(())
}

/// The numbers as the program takes them, and the server.
fn read<'f>(flags: &[&'f str]) -> Result<(Vec<&'f str>, Option<PathBuf>), Findings> {
    let (mut numbers, mut binary) = (Vec::new(), None);
    for pair in flags.chunks(2) {
        match pair {
            ["--binary", path] => binary = Some(PathBuf::from(path)),
            [name, number] if NUMBERS.contains(name) && number.parse::<u32>().is_ok() => {
                numbers.extend([*name, *number]);
            }
            _ => {
                let known = format!("{} with a number, or --binary PATH", NUMBERS.join(", "));
                return Err(vec![format!("`{}` is not one of {known}", pair.join(" "))]);
            }
        }
    }
    Ok((numbers, binary))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_handed_on_and_anything_else_is_refused() {
        let (numbers, binary) = read(&["--kills", "500", "--binary", "s"]).unwrap();
        assert_eq!(numbers, ["--kills", "500"]);
        assert_eq!(binary, Some(PathBuf::from("s")));
        for bad in [&["--kills"][..], &["--kills", "many"], &["--kill", "1"]] {
            assert!(read(bad).is_err());
        }
    }
}
