//! `cargo xtask conformance terraform [--debug] [--tofu PATH]`: infrastructure as code.
//!
//! OpenTofu's S3 backend (which is Terraform's) keeps a state here, and what Terraform's AWS
//! provider asks for is asked for call by call. `tofu` is built from the Go modules that
//! `conformance/terraform/tofu/go.mod` names, unless `--tofu` names one, or a `terraform`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Profile, build, done, install, play};
use crate::Findings;
use crate::check::root;

/// Its name.
pub(super) const NAME: &str = "terraform";

/// What `tofu` is, as Go knows it.
const PACKAGE: &str = "github.com/opentofu/opentofu/cmd/tofu";

/// Has `tofu` built, and runs both scripts.
pub(super) fn run(words: &[&str]) -> Result<(), Findings> {
    let (profile, given) = asked(words)?;
    let conformance = root().join("conformance");
    let tools = install("first-request", &conformance.join("first-request"))?;
    let tofu = match given {
        Some(path) => PathBuf::from(path),
        None => tofu()?,
    };
    let binary = build(profile)?;
    let mut failed = Findings::new();
    let tofu = tofu.display().to_string();
    for (script, words) in [("backend.py", vec![tofu.as_str()]), ("provider.py", vec![])] {
        println!("── {script}");
        if !play(&conformance.join(NAME).join(script), &binary, &tools, &words)? {
            failed.push(format!("{script} failed; what it left is under {}", tools.display()));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}

fn asked<'a>(words: &[&'a str]) -> Result<(Profile, Option<&'a str>), Findings> {
    match words {
        [] => Ok((Profile::Release, None)),
        ["--debug"] => Ok((Profile::Debug, None)),
        ["--tofu", path] => Ok((Profile::Release, Some(path))),
        ["--debug", "--tofu", path] | ["--tofu", path, "--debug"] => {
            Ok((Profile::Debug, Some(path)))
        }
        other => Err(vec![format!("`{}` is not [--debug] [--tofu PATH]", other.join(" "))]),
    }
}

/// The built `tofu`, once.
fn tofu() -> Result<PathBuf, Findings> {
    let here = root().join("conformance").join(NAME).join("tofu");
    let tools = root().join("target/conformance").join(NAME);
    fs::create_dir_all(&tools).map_err(|error| vec![format!("{}: {error}", tools.display())])?;
    let tofu = tools.join("tofu");
    super::once(&tools.join("tofu.installed"), &here.join("go.mod"), || {
        let mut go = Command::new("go");
        go.args(["build", "-o"]).arg(&tofu).arg(PACKAGE).current_dir(&here);
        done(&mut go, "the build of tofu")
    })?;
    Ok(tofu)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_a_release_build_and_a_tofu_of_our_own() {
        assert_eq!(asked(&[]), Ok((Profile::Release, None)));
        let said = Ok((Profile::Debug, Some("/usr/bin/terraform")));
        assert_eq!(asked(&["--debug", "--tofu", "/usr/bin/terraform"]), said);
        assert!(asked(&["--tofu"]).is_err());
    }
}
