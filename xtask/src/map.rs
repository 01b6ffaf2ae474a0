//! The wall: which room may depend on which, compared with what cargo sees; and the wall inside
//! `policy`, between the engine and its second evaluator.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Findings;
use crate::check::{metadata, root};

/// Where the table stands.
const PAGE: &str = "docs/ARCHITECTURE.md";

/// Guests that only some rooms may receive: a room's code that could touch the clock, the network
/// or the disk through one of these is a room with another job.
const CONFINED: &[(&str, &[&str])] = &[
    ("argon2", &["identity"]),
    ("flate2", &["server"]),
    ("hyper", &["api", "server"]),
    ("hyper-util", &["api", "server"]),
    ("icu_normalizer", &["names"]),
    ("jiff", &["names", "policy"]),
    ("ldap3", &["federation"]),
    ("multer", &["api"]),
    ("qrcode", &["api"]),
    ("redb", &["store"]),
    ("reqwest", &["federation", "server", "cli"]),
    ("rustls", &["federation", "server"]),
    ("tokio-postgres", &["server"]),
    ("tokio-rustls", &["federation", "server"]),
    ("rustls-native-certs", &["federation", "server"]),
    ("rustix", &["store", "server"]),
    ("x509-parser", &["server"]),
    ("quick-xml", &["wire"]),
    ("clap", &["cli"]),
    ("metrics-exporter-prometheus", &["server"]),
    ("mimalloc", &["cli"]),
    ("tracing-subscriber", &["server"]),
    ("zstd", &["audit", "server"]),
    (
        "tokio",
        &["audit", "identity", "objects", "federation", "store", "api", "server", "cli", "testkit"],
    ),
];

/// The second evaluator of policies: its root file and, without the ending, its folder.
const REFERENCE: &str = "crates/policy/src/reference.rs";

/// The modules of `policy` that it may import: the parsed document and the words of a question.
/// Were it to borrow from the engine, they would be wrong together.
const REFERENCE_MAY: &[&str] =
    &["decision", "document", "facts", "operation", "principal", "question", "reference"];

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Compares the table with `cargo metadata`; also refuses rooms that the table does not know.
pub(crate) fn run() -> Result<(), Findings> {
    let page =
        fs::read_to_string(root().join(PAGE)).map_err(|error| vec![format!("{PAGE}: {error}")])?;
    let drawn = table(&page);
    let metadata = metadata()?;
    let mut findings = Findings::new();
    for (room, (rooms, guests)) in built(&metadata) {
        let Some(allowed) = drawn.get(&room) else {
            findings.push(format!("{PAGE} has no row for the room `{room}`"));
            continue;
        };
        for other in rooms.difference(allowed) {
            findings.push(format!("`{room}` may not depend on the room `{other}`"));
        }
        for (guest, hosts) in CONFINED {
            if guests.contains(*guest) && !hosts.contains(&room.as_str()) {
                findings.push(format!("`{room}` may not receive the guest `{guest}`"));
            }
        }
    }
    reference(&mut findings);
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// Reads every file of the second evaluator for imports that it may not have.
fn reference(findings: &mut Findings) {
    let top = root().join(REFERENCE);
    let folder = top.with_extension("");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.push(top);
    files.sort();
    for file in files {
        match fs::read_to_string(&file) {
            Ok(text) => findings.extend(borrowed(&file, &text)),
            Err(error) => findings.push(format!("{}: {error}", file.display())),
        }
    }
}

/// What a file of the second evaluator borrows from beyond its wall. Its tests are held to it too.
fn borrowed(file: &Path, text: &str) -> Findings {
    let is_top = file.ends_with(REFERENCE);
    let mut findings = Findings::new();
    let mut tests = false;
    for (number, line) in (1..).zip(text.lines()).filter(|(_, l)| !l.trim_start().starts_with("//"))
    {
        tests |= line.starts_with("#[cfg(test)]");
        let up = if is_top { "super::" } else { "super::super" };
        let climbs = line.contains(up) && !(is_top && tests);
        let strange = line.split("crate::").skip(1).map(first_word);
        let strange = strange.filter(|module| !REFERENCE_MAY.contains(module));
        for module in strange.chain(climbs.then_some("super")) {
            findings.push(format!(
                "{}:{number}: the second evaluator may not borrow from `{module}` of `policy`",
                file.display()
            ));
        }
    }
    findings
}

/// The word that a text begins with.
fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// The rows of the table: room → rooms it may depend on.
fn table(page: &str) -> Arrows {
    page.lines()
        .filter_map(|line| {
            let cells: Vec<&str> =
                line.trim().trim_matches('|').split('|').map(str::trim).collect();
            let [room, _, arrows] = cells.as_slice() else { return None };
            let word = room.chars().all(|c| c.is_ascii_lowercase()) && !room.is_empty();
            let arrows = arrows.split(',').map(str::trim).filter(|a| *a != "—");
            (word && *room != "room")
                .then(|| ((*room).to_owned(), arrows.map(str::to_owned).collect()))
        })
        .collect()
}

/// What cargo sees: room → (rooms, guests), normal and build edges only.
fn built(metadata: &Value) -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    let packages =
        metadata.get("packages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let ours = |package: &Value| package.get("source").is_none_or(Value::is_null);
    packages
        .iter()
        .filter(|p| ours(p) && text(p, "name") != "xtask")
        .map(|package| {
            let mut rooms = BTreeSet::new();
            let mut guests = BTreeSet::new();
            for dependency in
                package.get("dependencies").and_then(Value::as_array).into_iter().flatten()
            {
                if text(dependency, "kind") == "dev" {
                    continue;
                }
                let name = text(dependency, "name");
                if dependency.get("path").is_none_or(Value::is_null) {
                    guests.insert(name.to_owned());
                } else {
                    rooms.insert(room(name));
                }
            }
            (room(text(package, "name")), (rooms, guests))
        })
        .collect()
}

/// A member that is a string, or nothing.
fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// The room of a package: `strongroom-policy` → `policy`; the binary's is `cli`.
fn room(package: &str) -> String {
    match package {
        "strongroom" => "cli".to_owned(),
        other => other.trim_start_matches("strongroom-").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_row_by_row() {
        let page = "| room | job | rooms |\n|---|---|---|\n| names | words | — |\n| wire | x | names, signing |";
        let drawn = table(page);
        assert!(drawn["names"].is_empty());
        assert_eq!(drawn["wire"].len(), 2);
        assert_eq!(drawn.len(), 2);
    }

    #[test]
    fn an_arrow_that_is_not_drawn_is_seen() {
        let metadata = serde_json::json!({"packages": [{
            "name": "strongroom-names", "source": null,
            "dependencies": [{"name": "strongroom-policy", "kind": null, "path": "/x"},
                             {"name": "proptest", "kind": "dev", "path": null}]
        }]});
        let (rooms, guests) = built(&metadata).remove("names").unwrap();
        assert!(rooms.contains("policy"));
        assert!(guests.is_empty());
    }

    #[test]
    fn the_second_evaluator_borrows_nothing_from_the_engine() {
        let mut findings = Findings::new();
        reference(&mut findings);
        assert!(findings.is_empty(), "{findings:?}");
    }

    #[test]
    fn a_planted_import_of_the_engine_is_seen() {
        let inner = Path::new("crates/policy/src/reference/matching.rs");
        for planted in [
            "use crate::glob::matches;",
            "    let found = crate::decide::decide(check, question);",
            "use crate::{document::Document, statement::Effect};",
            "use crate::decide;",
            "use super::super::glob;",
        ] {
            assert_eq!(borrowed(inner, planted).len(), 1, "{planted}");
        }
        for allowed in [
            "use crate::document::Document;",
            "use super::*;",
            "/// As crate::glob.",
            "pub(super) x",
        ] {
            assert!(borrowed(inner, allowed).is_empty(), "{allowed}");
        }
        assert_eq!(borrowed(Path::new(REFERENCE), "use super::glob;").len(), 1);
    }
}
