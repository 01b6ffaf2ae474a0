//! `strongroom policy test`.

use std::path::{Path, PathBuf};

use clap::Args;
use policy::case;
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
        let mut results = Vec::new();
        for file in &self.files {
            results.extend(cases(file)?);
        }
        let rows: Vec<Value> = results.iter().map(|result| json!(result)).collect();
        printer.table(&rows, &["name", "verdict", "because", "statement", "pass"], shown);
        let differ = results.iter().filter(|result| result.pass == Some(false)).count();
        printer.remark(&format!("{} cases, {differ} differ", results.len()));
        if differ == 0 { Ok(()) } else { Err(Failure::No) }
    }
}

fn cases(file: &Path) -> Result<Vec<case::CaseResult>, Failure> {
    let text = crate::verbs::read(file)?;
    case::run(&text).map_err(|error| Failure::Input(format!("{}: {error}", file.display())))
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
