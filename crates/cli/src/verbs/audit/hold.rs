//! `strongroom audit hold`: what retention must not remove.

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::From;
use crate::client::Target;
use crate::exit::Outcome;
use crate::print::{Printer, cell};

/// Place, list and release legal holds.
#[derive(Subcommand)]
pub(crate) enum Hold {
    /// Keep the entries of some time, whatever retention says.
    ///
    /// Example: strongroom audit hold place case-7 --from 2026-01-01T00:00:00Z
    Place(Place),
    /// Print the holds that stand.
    ///
    /// Example: strongroom audit hold list
    List(From),
    /// Release a hold.
    ///
    /// Example: strongroom audit hold release case-7
    Release {
        /// The hold's name.
        name: String,
        #[command(flatten)]
        target: Target,
    },
}

#[derive(Args)]
pub(crate) struct Place {
    /// What it is called: letters, digits, `.`, `_` and `-`.
    name: String,
    /// What it is for, such as the number of a case.
    #[arg(long, value_name = "TEXT", default_value = "")]
    what: String,
    /// Entries from this time on, such as 2026-01-31T00:00:00Z; all before, if not given.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Entries before this time; all later ones, if not given.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    target: Target,
}

impl Hold {
    pub(super) fn run(&self, printer: &Printer) -> Outcome {
        match self {
            Self::Place(place) => place.run(printer),
            Self::List(from) => list(from, printer),
            Self::Release { name, target } => {
                let path = format!("/-/v1/audit/holds/{}", wire::percent_encode(name));
                let said = target.admin(&Method::DELETE, &path, None)?;
                printer.one(&said, |said| format!("{} is released", cell(said, "released")));
                Ok(())
            }
        }
    }
}

impl Place {
    fn run(&self, printer: &Printer) -> Outcome {
        let path = format!("/-/v1/audit/holds/{}", wire::percent_encode(&self.name));
        let mut wanted = json!({ "what": self.what });
        let times = [("from", &self.from), ("to", &self.to)];
        if let Some(members) = wanted.as_object_mut() {
            for (name, value) in times.into_iter().filter_map(|(n, v)| Some((n, v.as_ref()?))) {
                members.insert(name.to_owned(), json!(value));
            }
        }
        let said = self.target.admin(&Method::PUT, &path, Some(&wanted))?;
        printer.one(&said, |said| said.get("hold").map_or_else(String::new, line));
        Ok(())
    }
}

fn list(from: &From, printer: &Printer) -> Outcome {
    let holds = match &from.dir {
        None => {
            let said = from.target.admin(&Method::GET, "/-/v1/audit/holds", None)?;
            said.get("holds").cloned().unwrap_or_default()
        }
        Some(data) => {
            let disk = audit::disk::FileDisk::new(super::journal_of(data)?);
            json!(audit::holds(&disk).map_err(|error| super::damaged(&error))?)
        }
    };
    holds.as_array().into_iter().flatten().for_each(|hold| printer.one(hold, line));
    Ok(())
}

fn line(hold: &Value) -> String {
    let or = |name: &str, other: &str| {
        let text = cell(hold, name);
        if text.is_empty() { other.to_owned() } else { text }
    };
    let (from, to) = (or("from", "the beginning"), or("to", "for ever"));
    format!(
        "{}  from {from} to {to}  placed {}  {}",
        cell(hold, "name"),
        cell(hold, "placed"),
        cell(hold, "what")
    )
}
