//! `cargo xtask conformance s3-tests --suite PATH [--only FILE|EXPRESSION]… [--all] [--slow]
//! [--record] [--debug]`: ceph/s3-tests against a server of its own, compared with the lists of
//! `conformance/s3-tests/`.
//!
//! The suite is another project's and no part of this one: it is run from a copy and never stored.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Profile, build, done, once, seconds};
use crate::Findings;
use crate::check::root;

/// Its name.
pub(super) const NAME: &str = "s3-tests";

/// Where the suite is to be had.
const WHERE: &str = "the suite is the public repository ceph/s3-tests (MIT): clone it anywhere and \
                     name its directory with --suite";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked<'a> {
    suite: &'a str,
    profile: Profile,
    /// Words for the script.
    rest: Vec<&'a str>,
}

/// Installs what the suite needs in an environment of its own, and runs it.
pub(super) fn run(words: &[&str]) -> Result<(), Findings> {
    let asked = asked(words)?;
    let suite = suite(asked.suite)?;
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
    let binary = build(asked.profile)?;
    let mut script = Command::new(&python);
    script.arg(here.join("run.py")).args([&run, &binary, &tools, &suite]).args(asked.rest);
    script.env("PYTHONDONTWRITEBYTECODE", "1");
    done(&mut script, &format!("the suite, whose log is under {},", run.display()))?;
    // A directory that stays is only in the way.
    let _ = fs::remove_dir_all(&run);
    Ok(())
}

fn asked<'a>(words: &[&'a str]) -> Result<Asked<'a>, Findings> {
    let (mut suite, mut profile, mut rest) = (None, Profile::Release, Vec::new());
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| vec![format!("`{word}` needs a value")]);
        match word {
            "--suite" => suite = Some(value()?),
            "--only" => rest.extend(["--only", value()?]),
            "--all" | "--slow" | "--record" => rest.push(word),
            "--debug" => profile = Profile::Debug,
            other => {
                let known = "--suite, --only, --all, --slow, --record or --debug";
                return Err(vec![format!("`{other}` is not {known}")]);
            }
        }
    }
    let suite = suite.ok_or_else(|| vec![WHERE.to_owned()])?;
    Ok(Asked { suite, profile, rest })
}

/// The suite's directory.
fn suite(path: &str) -> Result<PathBuf, Findings> {
    let directory = Path::new(path);
    if directory.join("s3tests/functional/test_s3.py").is_file() {
        return directory.canonicalize().map_err(|error| vec![format!("{path}: {error}")]);
    }
    Err(vec![format!("`{path}` has no s3tests/functional/test_s3.py: {WHERE}")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_suite_the_answer_says_where_to_get_it() {
        assert_eq!(asked(&["--record"]), Err(vec![WHERE.to_owned()]));
        assert!(suite("/nowhere").unwrap_err().concat().contains("ceph/s3-tests"));
    }

    #[test]
    fn what_is_not_for_the_build_goes_to_the_script() {
        let words = ["--suite", "s", "--debug", "--only", "test_iam.py", "--record"];
        let rest = vec!["--only", "test_iam.py", "--record"];
        assert_eq!(asked(&words), Ok(Asked { suite: "s", profile: Profile::Debug, rest }));
        assert!(asked(&["--suite"]).is_err());
        assert!(asked(&["--suite", "s", "--fast"]).is_err());
    }
}
