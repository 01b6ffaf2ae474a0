//! The page of rules names tests; each of them exists.

const PAGE: &str = include_str!("../../../../docs/policy-rules.md");
const CHOICES: &str = include_str!("../../../../docs/decisions/policy-semantics.md");

const FILES: &[(&str, &str)] = &[
    ("corpus", include_str!("corpus.rs")),
    ("evaluation", include_str!("evaluation.rs")),
    ("grammar", include_str!("grammar.rs")),
    ("hours", include_str!("hours.rs")),
    ("matching", include_str!("matching.rs")),
    ("operators", include_str!("operators.rs")),
    ("refusals", include_str!("refusals.rs")),
    ("rules", include_str!("rules.rs")),
    ("security", include_str!("security.rs")),
    ("surprises", include_str!("surprises.rs")),
];

/// The names of tests of this suite that a page has.
fn named(page: &str) -> Vec<(&str, &str)> {
    let quoted = page.split('`').skip(1).step_by(2);
    let pairs = quoted.filter_map(|text| text.split_once("::"));
    pairs.filter(|(file, _)| FILES.iter().any(|(name, _)| name == file)).collect()
}

fn exists(file: &str, test: &str) -> bool {
    let source = FILES.iter().find(|(name, _)| *name == file).map(|(_, source)| *source);
    source.is_some_and(|source| source.contains(&format!("fn {test}(")))
}

#[test]
fn every_test_that_the_page_names_exists() {
    for (page, least) in [(PAGE, 80), (CHOICES, 40)] {
        let names = named(page);
        assert!(names.len() >= least, "only {} tests are named", names.len());
        let missing: Vec<_> = names.iter().filter(|(file, test)| !exists(file, test)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
    let doubles = PAGE.matches("::").count();
    assert_eq!(named(PAGE).len(), doubles, "a test of no file of this suite");
    assert!(!exists("surprises", "nothing_of_the_kind"));
}

#[test]
fn every_surprise_has_its_row() {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    let numbers: Vec<u32> = rows.filter_map(|(number, _)| number.parse().ok()).collect();
    assert_eq!(numbers, (1..=15).collect::<Vec<_>>());
}
