//! `cargo xtask conformance terraform [--debug] [--tofu PATH] [--provider PATH]`: infrastructure
//! as code.
//!
//! OpenTofu's S3 backend (which is Terraform's) keeps a state here, and what Terraform's AWS
//! provider asks for is asked for call by call. `tofu` is built from the Go modules that
//! `conformance/terraform/tofu/go.mod` names, unless `--tofu` names one, or a `terraform`.
//! With `--provider` the AWS provider itself, as its makers publish it, is put to a plan too.

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

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked<'a> {
    profile: Profile,
    tofu: Option<&'a str>,
    provider: Option<&'a str>,
}

/// Has `tofu` built, and runs the scripts.
pub(super) fn run(words: &[&str]) -> Result<(), Findings> {
    let asked = asked(words)?;
    let conformance = root().join("conformance");
    let tools = install("first-request", &conformance.join("first-request"))?;
    let tofu = match asked.tofu {
        Some(path) => PathBuf::from(path),
        None => tofu()?,
    };
    let binary = build(asked.profile)?;
    let mut failed = Findings::new();
    let tofu = tofu.display().to_string();
    let mut scripts = vec![("backend.py", vec![tofu.as_str()]), ("provider.py", vec![])];
    scripts.extend(asked.provider.map(|path| ("real.py", vec![tofu.as_str(), path])));
    for (script, words) in scripts {
        println!("── {script}");
        if !play(&conformance.join(NAME).join(script), &binary, &tools, &words)? {
            failed.push(format!("{script} failed; what it left is under {}", tools.display()));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}

fn asked<'a>(words: &[&'a str]) -> Result<Asked<'a>, Findings> {
    let mut asked = Asked { profile: Profile::Release, tofu: None, provider: None };
    let mut rest = words;
    loop {
        rest = match rest {
            [] => return Ok(asked),
            ["--debug", rest @ ..] => {
                asked.profile = Profile::Debug;
                rest
            }
            ["--tofu", path, rest @ ..] => {
                asked.tofu = Some(path);
                rest
            }
            ["--provider", path, rest @ ..] => {
                asked.provider = Some(path);
                rest
            }
            other => {
                let known = "[--debug] [--tofu PATH] [--provider PATH]";
                return Err(vec![format!("`{}` is not {known}", other.join(" "))]);
            }
        };
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
    fn what_is_not_said_is_a_release_build_and_a_tofu_of_our_own_and_no_provider() {
        let nothing = Asked { profile: Profile::Release, tofu: None, provider: None };
        assert_eq!(asked(&[]), Ok(nothing));
        let said = Asked { profile: Profile::Debug, tofu: Some("t"), provider: Some("p") };
        assert_eq!(asked(&["--provider", "p", "--debug", "--tofu", "t"]), Ok(said));
        assert!(asked(&["--tofu"]).is_err());
        assert!(asked(&["--provider"]).is_err());
        assert!(asked(&["--provider", "p", "--other"]).is_err());
    }
}
