//! `strongroom policy simulate`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use policy::case::{self, Case};
use policy::decision::Decision;
use policy::simulate::{Change, WhatIf, what_if};
use policy::{Attached, Document, Kind, ResourceKind};
use serde_json::{Value, json};

use crate::exit::{Failure, Outcome};
use crate::print::Printer;

/// Decide every case of a file before and after policies are attached or detached.
///
/// LAYER is identity (if none is named), boundary, session, resource, service-control or
/// resource-control. What is detached goes first. Exit status 0: no verdict changes; 1: some
/// verdict does; 2: a file could not be read, or no case has a policy of a name to detach.
///
/// Example: strongroom policy simulate cases.json --attach new.json:boundary --detach old
#[derive(Args)]
pub(crate) struct Simulate {
    /// A file of cases; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A policy document to attach, under its file's name; may be given more than once.
    #[arg(long, value_name = "FILE[:LAYER]")]
    attach: Vec<String>,
    /// The name of a policy to detach; may be given more than once.
    #[arg(long, value_name = "NAME")]
    detach: Vec<String>,
}

/// A document to attach, whose kind may depend on the case.
struct Coming {
    file: PathBuf,
    layer: &'static str,
    text: String,
}

const LAYERS: [&str; 6] =
    ["identity", "boundary", "session", "resource", "service-control", "resource-control"];

impl Simulate {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let text = crate::verbs::read(&self.file)?;
        let cases = case::parse(&text).map_err(|error| input(&self.file, &error))?;
        let coming = self.attach.iter().map(|word| coming(word)).collect::<Result<Vec<_>, _>>()?;
        let mut missed = vec![0_usize; self.detach.len()];
        let mut rows = Vec::new();
        let mut changed = 0_usize;
        for case in &cases {
            let answer = what_if(&case.check, &case.question(), &self.changes(&coming, case)?);
            for (name, missed) in self.detach.iter().zip(&mut missed) {
                *missed = missed.saturating_add(usize::from(answer.not_there.contains(name)));
            }
            changed = changed.saturating_add(usize::from(answer.changes_verdict()));
            rows.push(row(case, &answer));
        }
        if let Some((name, _)) =
            self.detach.iter().zip(&missed).find(|(_, missed)| **missed == cases.len())
        {
            let error = format!("no case has a policy named `{name}`");
            return Err(input(&self.file, &error));
        }
        printer.table(&rows, &["name", "before", "after", "change"], shown);
        printer.remark(&format!("{} cases, {changed} change their verdict", cases.len()));
        if changed == 0 { Ok(()) } else { Err(Failure::No) }
    }

    fn changes(&self, coming: &[Coming], case: &Case) -> Result<Vec<Change>, Failure> {
        let going = self.detach.iter().cloned().map(Change::Detach).map(Ok);
        going.chain(coming.iter().map(|coming| coming.attach(case))).collect()
    }
}

fn input(file: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::Input(format!("{}: {error}", file.display()))
}

/// Reads `FILE` or `FILE:LAYER`.
fn coming(word: &str) -> Result<Coming, Failure> {
    let named = word.rsplit_once(':').and_then(|(file, layer)| {
        LAYERS.iter().find(|known| **known == layer).map(|layer| (file, *layer))
    });
    let (file, layer) = named.unwrap_or((word, "identity"));
    let file = PathBuf::from(file);
    let text = crate::verbs::read(&file)?;
    Ok(Coming { file, layer, text })
}

impl Coming {
    fn attach(&self, case: &Case) -> Result<Change, Failure> {
        let kind = match self.layer {
            "boundary" => Kind::Boundary,
            "session" => Kind::Session,
            "service-control" => Kind::ServiceControl,
            "resource-control" => Kind::ResourceControl,
            "resource" if case.resource.kind == ResourceKind::RoleTrust => Kind::RoleTrust,
            "resource" => Kind::Bucket,
            _ => Kind::Identity,
        };
        let document =
            Document::parse(&self.text, kind).map_err(|error| input(&self.file, &error))?;
        let name = self.file.display().to_string();
        Ok(Change::Attach(Attached { name, document: Arc::new(document) }))
    }
}

fn row(case: &Case, answer: &WhatIf) -> Value {
    json!({
        "name": case.name,
        "before": said(&answer.before),
        "after": said(&answer.after),
        "change": answer.changes_verdict(),
    })
}

fn said(decision: &Decision) -> Value {
    json!({
        "verdict": decision.verdict(),
        "because": decision.because(),
        "statement": decision.statement(),
    })
}

/// A cell of the table.
fn shown(row: &Value, column: &str) -> String {
    match row.get(column) {
        Some(Value::Bool(true)) => "CHANGES".to_owned(),
        Some(Value::Bool(false)) => "-".to_owned(),
        Some(said @ Value::Object(_)) => {
            let text = |pointer: &str| said.pointer(pointer).and_then(Value::as_str);
            let verdict = text("/verdict").unwrap_or_default();
            match text("/statement/policy") {
                None => format!("{verdict} ({})", text("/because").unwrap_or_default()),
                Some(policy) => {
                    let index = said.pointer("/statement/index").map(Value::to_string);
                    let sid = text("/statement/sid").map(str::to_owned);
                    format!("{verdict} by {policy}/{}", sid.or(index).unwrap_or_default())
                }
            }
        }
        _ => crate::print::cell(row, column),
    }
}
