//! `strongroom policy test`.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use clap::Args;
use policy::case::{self, CaseError, Part};
use serde_json::{Value, json};

use crate::exit::{Failure, Outcome};
use crate::print::Printer;

/// Decide every case of the files and compare with what each expects.
///
/// A file is one case, an array of cases, or JSON lines. Exit status 0: all as expected; 1: a
/// case differs; 2: a file could not be read.
///
/// Example: strongroom policy test cases.json
#[derive(Args)]
pub(crate) struct Test {
    /// Files of cases; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Test {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let (mut rows, mut differ) = (Vec::new(), 0_usize);
        for file in &self.files {
            for decided in cases(file)? {
                differ = differ.saturating_add(decided.differ);
                rows.extend(decided.rows);
            }
        }
        printer.table(&rows, &["name", "verdict", "because", "statement", "pass"], shown);
        printer.remark(&format!("{} cases, {differ} differ", rows.len()));
        if differ == 0 { Ok(()) } else { Err(Failure::No) }
    }
}

/// What came of some cases.
struct Decided {
    rows: Vec<Value>,
    differ: usize,
}

/// The cases of a file, in its order: each processor decides a part of them.
fn cases(file: &Path) -> Result<Vec<Decided>, Failure> {
    let text = crate::verbs::read(file)?;
    let failed = |error: CaseError| Failure::Input(format!("{}: {error}", file.display()));
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let parts = case::parts(&text, threads).map_err(failed)?;
    let mut slots: Vec<Option<Result<Decided, CaseError>>> = parts.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        for (part, slot) in parts.iter().zip(&mut slots) {
            scope.spawn(|| *slot = Some(decided(*part)));
        }
    });
    slots.into_iter().flatten().map(|slot| slot.map_err(failed)).collect()
}

fn decided(part: Part<'_>) -> Result<Decided, CaseError> {
    let results = part.run()?;
    Ok(Decided {
        rows: results.iter().map(|result| json!(result)).collect(),
        differ: results.iter().filter(|result| result.pass == Some(false)).count(),
    })
}

/// A cell of the table.
fn shown(row: &Value, column: &str) -> String {
    match (column, row.get(column)) {
        ("statement", Some(Value::Object(statement))) => {
            let text = |name: &str| statement.get(name).and_then(Value::as_str).map(str::to_owned);
            let index = statement.get("index").map(Value::to_string).unwrap_or_default();
            let place = text("sid").unwrap_or(index);
            format!("{}/{place}", text("policy").unwrap_or_default())
        }
        ("pass", Some(Value::Bool(true))) => "ok".to_owned(),
        ("pass", Some(Value::Bool(false))) => "DIFFERS".to_owned(),
        _ => crate::print::cell(row, column),
    }
}
