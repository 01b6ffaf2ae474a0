//! The corpus of what broke elsewhere, joined with the tests that replay it.
//!
//! `docs/security-rows.txt` lists the rows. A test replays a row if its name begins with the row's
//! id (`sig_06_a_time_far_away_is_refused`), or if its doc says so (`/// corpus: SIG-06, NET-03`).
//! What it proves beside the answer is said on a line of its doc, or of the head of its file for
//! all tests in it: `/// oracle: answer, state, record, secrets, twin`. The join is
//! `docs/security-tests.md`; a row that no test replays stands there as open.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Findings;
use crate::check::root;

const ROWS: &str = "docs/security-rows.txt";
const PAGE: &str = "docs/security-tests.md";

/// The parts of the oracle, in the order of the page: the word that a test says, and what it means.
const PARTS: &[(&str, &str)] = &[
    ("answer", "the status and code of the answer"),
    ("state", "nothing was written, and no right changed"),
    ("record", "one entry in the record, with the reason"),
    ("secrets", "no secret in the answer or the record"),
    ("twin", "the nearest legal request is served"),
    ("teeth", "the test fails when the check is taken out"),
    ("cost", "time and memory stay within a bound"),
];

/// What is said above and below the table.
const HEAD: &str = "\
# What broke elsewhere, and the tests that replay it here

Made by `cargo xtask corpus` from `docs/security-rows.txt` and the tests' sources; `cargo xtask
check` compares. Each row is a hole that was found in a product or library like this one, or a class
of such holes; a reference says where to begin reading. A row without a test is **open**: it may
hold, and nothing here shows it.

What takes the checks out to see the tests fail is `cargo xtask campaign mutants`, whose figures
stand in [mutants.md](mutants.md); a row says `teeth` only where its own test does that.

A test replays a row if its name begins with the row's id, or if its doc has a line `corpus: ID`.
The last column says what the row's tests prove together, as their docs say in a line `oracle: …`; a
test that says nothing proves the answer alone:

";

/// Writes the page, or with `--check` compares it.
pub(crate) fn run(words: &[&str]) -> Result<(), Findings> {
    let page = root().join(PAGE);
    let wanted = made()?;
    if words == ["--check"] {
        let had = read(&page)?;
        return if had == wanted {
            Ok(())
        } else {
            Err(vec![format!("{PAGE} is not what `cargo xtask corpus` makes")])
        };
    }
    fs::write(&page, wanted).map_err(|error| vec![format!("{}: {error}", page.display())])
}

fn read(file: &Path) -> Result<String, Findings> {
    fs::read_to_string(file).map_err(|error| vec![format!("{}: {error}", file.display())])
}

fn made() -> Result<String, Findings> {
    let rows = rows(&read(&root().join(ROWS))?)?;
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    files.sort();
    let mut replays: BTreeMap<String, Vec<Test>> = BTreeMap::new();
    let mut findings = Findings::new();
    for file in files {
        let name = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
        let text = read(&file)?;
        for test in tests(&name, &text, &mut findings) {
            for id in &test.rows {
                if rows.iter().any(|row| row.id == *id) {
                    replays.entry(id.clone()).or_default().push(test.clone());
                } else {
                    findings.push(format!("{name}: `{}` names `{id}`, no row", test.name));
                }
            }
        }
    }
    if findings.is_empty() { Ok(page(&rows, &replays)) } else { Err(findings) }
}

/// One thing that broke elsewhere.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    id: String,
    title: String,
    reference: String,
}

fn rows(text: &str) -> Result<Vec<Row>, Findings> {
    let mut rows: Vec<Row> = Vec::new();
    let mut findings = Findings::new();
    let lines = (1..).zip(text.lines());
    for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [id, title, reference] = fields.as_slice() else {
            findings.push(format!("{ROWS}:{number}: a row is `ID | title | reference`"));
            continue;
        };
        if !is_id(id) || title.is_empty() || rows.iter().any(|row| row.id == *id) {
            findings.push(format!("{ROWS}:{number}: `{id}` is no id, or stands here twice"));
        }
        let [id, title, reference] = [id, title, reference].map(|field| (*field).to_owned());
        rows.push(Row { id, title, reference });
    }
    if findings.is_empty() { Ok(rows) } else { Err(findings) }
}

/// Letters, a dash, two digits.
fn is_id(text: &str) -> bool {
    text.split_once('-').is_some_and(|(family, number)| {
        (3..=4).contains(&family.len())
            && family.bytes().all(|b| b.is_ascii_uppercase())
            && number.len() == 2
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// A test, the rows it replays, and what it says it proves.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Test {
    file: String,
    name: String,
    rows: BTreeSet<String>,
    proves: BTreeSet<String>,
}

/// The tests of a file that replay a row.
fn tests(file: &str, text: &str, findings: &mut Findings) -> Vec<Test> {
    let head = text.lines().filter_map(|line| line.strip_prefix("//! oracle:")).next();
    let mut found = Vec::new();
    let mut above: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("///") || line.starts_with("#[") {
            above.push(line);
            continue;
        }
        let of_a_test = above.iter().any(|line| line.starts_with("#[") && line.contains("test"));
        if let (true, Some(name)) = (of_a_test, function(line)) {
            let said = |word: &str| {
                let prefix = format!("/// {word}:");
                let lines = above.iter().filter_map(|line| line.strip_prefix(prefix.as_str()));
                lines.flat_map(listed).collect::<BTreeSet<String>>()
            };
            let rows: BTreeSet<String> = said("corpus").into_iter().chain(named(name)).collect();
            let mut proves = said("oracle");
            if proves.is_empty() {
                proves = head.map(listed).into_iter().flatten().collect();
            }
            proves.insert("answer".to_owned());
            for word in proves.iter().filter(|word| PARTS.iter().all(|(part, _)| part != word)) {
                findings.push(format!("{file}: `{word}` is no part of the oracle"));
            }
            if !rows.is_empty() {
                found.push(Test { file: file.to_owned(), name: name.to_owned(), rows, proves });
            }
        }
        above.clear();
    }
    found
}

fn listed(text: &str) -> impl Iterator<Item = String> {
    text.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty())
}

/// The name of the function that the line begins.
fn function(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("fn ")?;
    let opens = before.split_whitespace().all(|w| w == "async" || w.starts_with("pub"));
    rest.split(['(', '<']).next().filter(|_| opens)
}

/// The row whose id the name begins with: `SIG-06` of `sig_06_…`.
fn named(name: &str) -> Option<String> {
    let mut words = name.splitn(3, '_');
    let id = format!("{}-{}", words.next()?.to_ascii_uppercase(), words.next()?);
    words.next().filter(|_| is_id(&id)).map(|_| id)
}

fn sources(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn page(rows: &[Row], replays: &BTreeMap<String, Vec<Test>>) -> String {
    let mut out = HEAD.to_owned();
    for (word, meaning) in PARTS {
        let _ = writeln!(out, "- `{word}`: {meaning}");
    }
    let mut families: Vec<&str> = rows.iter().map(|row| family(&row.id)).collect();
    families.dedup();
    out.push_str("\n| family | rows | replayed | tests | open |\n|---|---|---|---|---|\n");
    for of in &families {
        let ours: Vec<&Row> = rows.iter().filter(|row| family(&row.id) == *of).collect();
        let count = |row: &&&Row| replays.get(&row.id).map_or(0, Vec::len);
        let replayed = ours.iter().filter(|row| count(row) > 0).count();
        let tests: usize = ours.iter().map(|row| count(&row)).sum();
        let open: Vec<&str> =
            ours.iter().filter(|row| count(row) == 0).map(|row| row.id.as_str()).collect();
        let open = if replayed == 0 { "all".to_owned() } else { open.join(", ") };
        let all = ours.len();
        let _ = writeln!(out, "| {of} | {all} | {replayed} | {tests} | {open} |");
    }
    for of in &families {
        let _ =
            write!(out, "\n## {of}\n\n| row | what broke | tests | proven |\n|---|---|---|---|\n");
        for row in rows.iter().filter(|row| family(&row.id) == *of) {
            let _ = writeln!(out, "{}", line(row, replays.get(&row.id).map_or(&[], Vec::as_slice)));
        }
    }
    out
}

fn line(row: &Row, tests: &[Test]) -> String {
    let Row { id, title, reference } = row;
    let title = if reference.is_empty() { title.clone() } else { format!("{title} ({reference})") };
    if tests.is_empty() {
        return format!("| {id} | {title} | **open** | |");
    }
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for test in tests {
        files.entry(&test.file).or_default().push(format!("`{}`", test.name));
    }
    let places: Vec<String> = files
        .iter()
        .map(|(file, names)| format!("[{file}](../{file}): {}", names.join(", ")))
        .collect();
    let proven = |part: &str| tests.iter().any(|test| test.proves.contains(part));
    let parts: Vec<&str> =
        PARTS.iter().map(|(part, _)| *part).filter(|part| proven(part)).collect();
    format!("| {id} | {title} | {} | {} |", places.join("; "), parts.join(", "))
}

fn family(id: &str) -> &str {
    id.split('-').next().unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "//! Head.\n//! oracle: twin\n\n#[test]\nfn sig_06_late() {}\n\n\
        /// Why.\n/// corpus: NET-03, SIG-07\n/// oracle: record\n#[tokio::test]\n\
        async fn both() {}\n\nfn sig_08_no_test() {}\n\n#[test]\nfn sig_nothing() {}\n";

    fn read_file() -> Vec<Test> {
        let mut findings = Findings::new();
        let found = tests("f.rs", FILE, &mut findings);
        assert_eq!(findings, Findings::new());
        found
    }

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_test_names_its_rows_by_its_own_name_or_in_its_doc() {
        let found = read_file();
        let rows: Vec<_> = found.iter().map(|test| test.rows.clone()).collect();
        assert_eq!(rows, [set(&["SIG-06"]), set(&["NET-03", "SIG-07"])]);
    }

    #[test]
    fn what_is_proven_is_said_by_the_test_or_by_its_file() {
        let found = read_file();
        let proves: Vec<_> = found.iter().map(|test| test.proves.clone()).collect();
        assert_eq!(proves, [set(&["answer", "twin"]), set(&["answer", "record"])]);
        let mut findings = Findings::new();
        let text = "/// corpus: SIG-01\n/// oracle: beauty\n#[test]\nfn odd() {}\n";
        let _ = tests("f.rs", text, &mut findings);
        assert_eq!(findings, ["f.rs: `beauty` is no part of the oracle"]);
    }

    #[test]
    fn a_row_is_listed_once_and_whole() {
        assert_eq!(rows("# c\n\nSIG-01 | it broke | CVE-1\n").unwrap().len(), 1);
        for bad in ["SIG-1 | a |\n", "SIG-01 | a\n", "SIG-01 |  |\n", "SIG-01|a|\nSIG-01|b|\n"] {
            assert!(rows(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_row_without_a_test_is_open() {
        let rows = rows("SIG-06 | late | CVE-1\nSIG-09 | relayed |\n").unwrap();
        let test = read_file().remove(0);
        let page = page(&rows, &BTreeMap::from([("SIG-06".to_owned(), vec![test])]));
        assert!(page.contains("| SIG | 2 | 1 | 1 | SIG-09 |"), "{page}");
        assert!(
            page.contains(
                "| SIG-06 | late (CVE-1) | [f.rs](../f.rs): `sig_06_late` | answer, twin |"
            ),
            "{page}"
        );
        assert!(page.contains("| SIG-09 | relayed | **open** | |"), "{page}");
    }
}
