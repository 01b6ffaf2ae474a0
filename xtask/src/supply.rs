//! Licences and sources of every dependency, read from `cargo metadata`.

use crate::Findings;
use crate::check::metadata;

/// Licences whose terms a binary under Apache-2.0 can meet.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that would give the tree a second TLS, crypto, JWT, XML or time library.
const BANNED: &[&str] = &[
    "openssl",
    "openssl-sys",
    "native-tls",
    "rsa",
    "jsonwebtokens",
    "josekit",
    "xml-rs",
    "chrono",
    "roxmltree",
    "rand_os",
];

/// The one registry that code may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Refuses unknown licences, foreign sources and banned crates.
pub(crate) fn run() -> Result<(), Findings> {
    let metadata = metadata()?;
    let mut findings = Findings::new();
    for package in
        metadata.get("packages").and_then(serde_json::Value::as_array).into_iter().flatten()
    {
        let name = package.get("name").and_then(serde_json::Value::as_str).unwrap_or_default();
        let version =
            package.get("version").and_then(serde_json::Value::as_str).unwrap_or_default();
        match package.get("source").and_then(serde_json::Value::as_str) {
            None | Some(REGISTRY) => {}
            Some(other) => findings.push(format!("{name} {version} comes from `{other}`")),
        }
        let licence =
            package.get("license").and_then(serde_json::Value::as_str).unwrap_or_default();
        if !acceptable(licence) {
            findings.push(format!("{name} {version} has the licence `{licence}`"));
        }
        if BANNED.contains(&name) {
            findings.push(format!("{name} {version} is banned: one library per purpose"));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// Whether an SPDX expression can be met: every `AND` term has an acceptable `OR` alternative.
fn acceptable(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    !expression.trim().is_empty()
        && expression
            .split(" AND ")
            .all(|term| term.split(" OR ").any(|licence| LICENCES.contains(&licence.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_and_term_needs_one_acceptable_alternative() {
        assert!(acceptable("MIT OR Apache-2.0"));
        assert!(acceptable("MIT/Apache-2.0"));
        assert!(acceptable("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(acceptable("ISC AND (Apache-2.0 OR ISC)"));
        assert!(!acceptable("AGPL-3.0"));
        assert!(!acceptable("MIT AND AGPL-3.0"));
        assert!(!acceptable(""));
    }
}
