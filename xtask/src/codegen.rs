//! `cargo xtask codegen`: makes the messages of `wire` from the published AWS service models, and
//! (`codegen actions`, see there) the action table of `policy`.
//!
//! ```text
//! cargo xtask codegen                 write crates/wire/src/generated/{s3,s3control,sts,iam}.rs
//! cargo xtask codegen --check         fail if they are not what would be written
//! cargo xtask codegen --models DIR    read DIR/{s3,s3control,sts,iam}.json instead of fetching
//! ```
//!
//! The models come from the PyPI package `botocore` (Apache-2.0), pinned by version and hash.
//! Fetching needs python3 with pip and the network, once: the models are kept under
//! `target/codegen/`. Which operations are made is in `operations.rs`; where we differ from the
//! models is in `overlay.rs`. No documentation text is copied.

mod actions;
mod emit;
mod fetch;
mod ident;
mod model;
mod native;
mod operations;
mod overlay;
mod rules;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What chores end with.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Runs the chore with the arguments after its name; both parts unless `actions` is named.
///
/// # Errors
/// An unknown argument, models that cannot be had or read, or (`--check`) stale output.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    match arguments {
        ["actions", rest @ ..] => actions::run(rest),
        ["--check"] | [] => messages(arguments).and_then(|()| actions::run(arguments)),
        _ => messages(arguments),
    }
}

fn messages(arguments: &[&str]) -> Outcome {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let mut check = false;
    let mut models: Option<PathBuf> = None;
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match *argument {
            "--check" => check = true,
            "--models" => models = arguments.next().map(PathBuf::from),
            other => return Err(format!("codegen: unknown argument `{other}`").into()),
        }
    }
    let work = root.join("target/codegen");
    fs::create_dir_all(&work)?;
    let models = models.map_or_else(|| fetch::models(&work), Ok)?;
    let mut stale = Vec::new();
    for service in &operations::SERVICES {
        let text = fs::read_to_string(models.join(format!("{}.json", service.name)))?;
        let model = model::Model::parse(&text, service)?;
        let made = format_rust(&root, &work, service.name, &emit::module(service, &model)?)?;
        let path = root.join(format!("crates/wire/src/generated/{}.rs", service.name));
        if fs::read_to_string(&path).is_ok_and(|committed| committed == made) {
            continue;
        }
        if check {
            stale.push(service.name);
        } else {
            fs::write(&path, made)?;
            println!("wrote {}", path.display());
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    let names = stale.join(", ");
    Err(format!("wire's {names} is not what the generator makes: run `cargo xtask codegen`").into())
}

/// Formats one module as the workspace is formatted.
fn format_rust(root: &Path, work: &Path, name: &str, source: &str) -> Outcome<String> {
    let path = work.join(format!("{name}.rs"));
    fs::write(&path, source)?;
    let status = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root.join("rustfmt.toml"))
        .arg(&path)
        .status()?;
    if !status.success() {
        return Err(format!("rustfmt refuses {}", path.display()).into());
    }
    Ok(fs::read_to_string(&path)?)
}
