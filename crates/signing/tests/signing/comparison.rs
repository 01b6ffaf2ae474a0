//! There is one comparison of secrets and signatures, and it takes the same time wherever they
//! differ.

use std::fs;
use std::path::Path;

/// The lines of the room's own sources, without those of tests.
fn lines() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let product = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let own = product.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.extend(own.map(|line| (name.clone(), line.trim().to_owned())));
    }
    lines
}

#[test]
fn sig_38_signatures_and_digests_are_compared_in_one_place() {
    let lines = lines();
    assert!(lines.len() > 1000);
    let compared: Vec<_> = lines.iter().filter(|(_, line)| line.contains("ct_eq(")).collect();
    assert_eq!(compared.len(), 1, "{compared:?}");
    let [(file, line)] = compared[..] else { panic!("one") };
    assert_eq!((file.as_str(), line.as_str()), ("verify.rs", "one.ct_eq(other).into()"));
    // Nor is a signature, a digest or a secret compared by anything else.
    for (file, line) in &lines {
        for word in ["signature", "expose()", "digest", "mac"] {
            let equal =
                line.contains(&format!("{word} ==")) || line.contains(&format!("== {word}"));
            assert!(!equal, "{file}: {line}");
        }
    }
}
