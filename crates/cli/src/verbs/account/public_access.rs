//! `strongroom account public-access get|put|delete`: what keeps every bucket of an account from
//! the public.

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Map, Value};
use wire::Node;

use crate::client::Target;
use crate::exit::{Failure, Outcome};
use crate::print::{Printer, cell};

/// The four switches, as S3's control API has them.
pub(crate) const SWITCHES: [&str; 4] =
    ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
/// Where they are (S3 API reference, "PutPublicAccessBlock" of S3 Control).
const PATH: &str = "/v20180820/configuration/publicAccessBlock";

/// Show, set and remove the public-access block of your account, which counts for each of its
/// buckets beside the bucket's own.
#[derive(Subcommand)]
pub(crate) enum PublicAccess {
    /// Show the four switches.
    ///
    /// Example: strongroom account public-access get
    Get(Own),
    /// Set the four switches: those that are named are on, the others are off.
    ///
    /// Example: strongroom account public-access put --all
    Put(Put),
    /// Remove the block: each bucket's own counts alone.
    ///
    /// Example: strongroom account public-access delete
    Delete(Own),
}

#[derive(Args)]
pub(crate) struct Own {
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
#[group(id = "switches", required = true, multiple = true,
    args = ["all", "block_public_acls", "ignore_public_acls", "block_public_policy",
        "restrict_public_buckets"])]
pub(crate) struct Put {
    /// All four.
    #[arg(long)]
    all: bool,
    /// Refuse public ACLs.
    #[arg(long)]
    block_public_acls: bool,
    /// Ignore public ACLs.
    #[arg(long)]
    ignore_public_acls: bool,
    /// Refuse public policies.
    #[arg(long)]
    block_public_policy: bool,
    /// Let nobody through on the strength of a public policy but the bucket's own account.
    #[arg(long)]
    restrict_public_buckets: bool,
    #[command(flatten)]
    target: Target,
}

impl PublicAccess {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Get(Own { target }) => {
                let found = read(&target)?.ok_or_else(|| Failure::Absent {
                    code: "NoSuchPublicAccessBlockConfiguration".to_owned(),
                    message: "the account has no public-access block".to_owned(),
                    help: None,
                })?;
                printer.one(&as_json(found), |answer| {
                    let line = |name: &&str| format!("{name} {}", cell(answer, name));
                    SWITCHES.iter().map(line).collect::<Vec<_>>().join("\n")
                });
            }
            Self::Put(put) => {
                let switches = [
                    put.block_public_acls,
                    put.ignore_public_acls,
                    put.block_public_policy,
                    put.restrict_public_buckets,
                ]
                .map(|on| on || put.all);
                put.target.control(&Method::PUT, PATH, &body(switches))?;
                printer.one(&as_json(switches), |_| "set".to_owned());
            }
            Self::Delete(Own { target }) => {
                target.control(&Method::DELETE, PATH, "")?;
                printer.one(&Value::Object(Map::new()), |_| "deleted".to_owned());
            }
        }
        Ok(())
    }
}

/// Sets or removes the block of the caller's account.
pub(crate) fn write(target: &Target, switches: Option<[bool; 4]>) -> Result<(), Failure> {
    match switches {
        Some(switches) => target.control(&Method::PUT, PATH, &body(switches)).map(drop),
        None => target.control(&Method::DELETE, PATH, "").map(drop),
    }
}

/// The block of the caller's account, if it has one.
pub(crate) fn read(target: &Target) -> Result<Option<[bool; 4]>, Failure> {
    let text = match target.control(&Method::GET, PATH, "") {
        Ok(text) => text,
        Err(Failure::Absent { .. }) => return Ok(None),
        Err(other) => return Err(other),
    };
    let tree = Node::parse(&text);
    let tree = tree.map_err(|_| Failure::Broken("the server answered no XML".to_owned()))?;
    Ok(Some(SWITCHES.map(|name| tree.find(name).is_some_and(|found| found.text() == "true"))))
}

fn as_json(switches: [bool; 4]) -> Value {
    let pairs = SWITCHES.iter().zip(switches);
    pairs.map(|(name, on)| ((*name).to_owned(), Value::from(on))).collect::<Map<_, _>>().into()
}

fn body(switches: [bool; 4]) -> String {
    let set = SWITCHES.iter().zip(switches).map(|(name, on)| format!("<{name}>{on}</{name}>"));
    format!(
        "<PublicAccessBlockConfiguration xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\">\
         {}</PublicAccessBlockConfiguration>",
        set.collect::<String>()
    )
}
