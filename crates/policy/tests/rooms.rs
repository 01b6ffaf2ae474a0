#![cfg(test)]
//! The pages of the policy rules name tests of other rooms too, as `path: test`; each exists.

use std::fs;
use std::path::Path;

/// What stands between backticks and names a test by the path of its file.
fn named(page: &str) -> Vec<(String, String)> {
    let quoted = page.split('`').skip(1).step_by(2);
    let pairs = quoted.filter_map(|text| text.split_once(".rs: "));
    pairs.map(|(file, test)| (format!("{file}.rs"), test.to_owned())).collect()
}

#[test]
fn every_test_of_a_file_that_the_pages_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut count = 0;
    for page in ["docs/policy-rules.md", "docs/decisions/policy-semantics.md"] {
        for (file, test) in named(&fs::read_to_string(root.join(page)).unwrap()) {
            // Files of this room are named from its folder.
            let paths = [root.join(&file), root.join("crates/policy").join(&file)];
            let source = paths.iter().find_map(|path| fs::read_to_string(path).ok());
            let source = source.unwrap_or_else(|| panic!("{page} names {file}"));
            assert!(source.contains(&format!("fn {test}(")), "{page} names {file}: {test}");
            count += 1;
        }
    }
    assert!(count >= 8, "{count}");
}
