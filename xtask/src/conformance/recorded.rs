//! `cargo xtask conformance recorded --suite PATH [--debug]`: the answers of IAM and STS that AWS
//! gave to LocalStack's recorder, asked again of a server of its own.
//!
//! The recordings are another project's and no part of this one: they are read from a copy and
//! never stored. What differs, and why, is in `conformance/recorded/differences.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Profile, build, done, once, seconds};
use crate::Findings;
use crate::check::root;

/// Its name.
pub(super) const NAME: &str = "recorded";

/// Where the recordings are to be had.
const WHERE: &str = "the recordings are in the public repository localstack/localstack \
                     (Apache-2.0): clone it anywhere and name its directory with --suite";

/// Installs what the replay needs in an environment of its own, and runs it.
pub(super) fn run(words: &[&str]) -> Result<(), Findings> {
    let (suite, profile) = asked(words)?;
    let suite = recordings(suite)?;
    let here = root().join("conformance").join(NAME);
    let tools = root().join("target/conformance").join(NAME);
    let run = tools.join(format!("run-{}", seconds()));
    fs::create_dir_all(&run).map_err(|error| vec![format!("{}: {error}", run.display())])?;
    let requirements = here.join("requirements.txt");
    let python = tools.join("venv/bin/python");
    once(&tools.join("venv.installed"), &requirements, || {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--clear"]).arg(tools.join("venv"));
        done(&mut venv, "python3 -m venv")?;
        let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement"];
        done(Command::new(&python).args(pip).arg(&requirements), "pip install")
    })?;
    let binary = build(profile)?;
    let mut script = Command::new(&python);
    script.arg(here.join("replay.py")).args([&run, &binary, &tools, &suite]);
    script.env("PYTHONDONTWRITEBYTECODE", "1");
    done(&mut script, &format!("the replay, whose log is under {},", run.display()))?;
    // A directory that stays is only in the way.
    let _ = fs::remove_dir_all(&run);
    Ok(())
}

fn asked<'a>(words: &[&'a str]) -> Result<(&'a str, Profile), Findings> {
    match words {
        ["--suite", suite] => Ok((suite, Profile::Release)),
        ["--suite", suite, "--debug"] | ["--debug", "--suite", suite] => {
            Ok((suite, Profile::Debug))
        }
        _ => Err(vec![WHERE.to_owned()]),
    }
}

/// The directory of the recordings.
fn recordings(path: &str) -> Result<PathBuf, Findings> {
    let directory = Path::new(path);
    if directory.join("tests/aws/services/iam/test_iam.snapshot.json").is_file() {
        return directory.canonicalize().map_err(|error| vec![format!("{path}: {error}")]);
    }
    Err(vec![format!("`{path}` has no tests/aws/services/iam/test_iam.snapshot.json: {WHERE}")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_recordings_the_answer_says_where_to_get_them() {
        assert_eq!(asked(&[]), Err(vec![WHERE.to_owned()]));
        assert_eq!(asked(&["--suite", "s", "--debug"]), Ok(("s", Profile::Debug)));
        assert!(recordings("/nowhere").unwrap_err().concat().contains("localstack/localstack"));
    }
}
