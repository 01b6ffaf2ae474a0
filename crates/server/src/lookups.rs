//! The operator's file of lookups: what is asked of OpenID providers beyond their tokens.

use std::path::{Path, PathBuf};

use federation::oidc::{BadLookup, LookupForm, LookupSettings};
use serde::Deserialize;

/// Most lookups of the file.
const LOOKUPS_MAX: usize = 100;

/// Why the lookups cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookupsError {
    /// The file cannot be read.
    #[error("`{}` cannot be read", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not a list of lookups.
    #[error("`{}` is not a list of `[[lookup]]` tables", file.display())]
    Form {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// There are too many.
    #[error("there are {0} lookups, more than {LOOKUPS_MAX}")]
    TooMany(usize),
    /// One is there twice for one account: which one counts would be a guess.
    #[error("`{0}` has two lookups of one kind")]
    Twice(String),
    /// One is not what it should be.
    #[error("the lookup of `{issuer}` cannot be used")]
    Settings {
        /// Of which issuer.
        issuer: String,
        /// Why.
        #[source]
        source: BadLookup,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LookupFile {
    #[serde(default)]
    lookup: Vec<LookupForm>,
}

/// The lookups of the file, if one is named.
pub(crate) fn of(file: Option<&PathBuf>) -> Result<Vec<LookupSettings>, LookupsError> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let failed = |source| LookupsError::File { file: file.clone(), source };
    let text = std::fs::read_to_string(file).map_err(failed)?;
    let bad = |source| LookupsError::Form { file: file.clone(), source: Box::new(source) };
    let forms = toml::from_str::<LookupFile>(&text).map_err(bad)?.lookup;
    if forms.len() > LOOKUPS_MAX {
        return Err(LookupsError::TooMany(forms.len()));
    }
    let same = |one: &LookupForm, other: &LookupForm| {
        let shared = one.accounts.is_empty() && other.accounts.is_empty()
            || one.accounts.intersection(&other.accounts).next().is_some();
        one.issuer == other.issuer && one.kind == other.kind && shared
    };
    for (at, form) in forms.iter().enumerate() {
        if forms.iter().skip(at.saturating_add(1)).any(|other| same(form, other)) {
            return Err(LookupsError::Twice(form.issuer.as_str().to_owned()));
        }
    }
    let checked = |form: LookupForm| {
        let settings = form.checked(&|file: &Path| std::fs::read(file));
        let issuer = form.issuer.as_str().to_owned();
        settings.map_err(|source| LookupsError::Settings { issuer, source })
    };
    forms.into_iter().map(checked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<LookupSettings>, LookupsError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lookups.toml");
        std::fs::write(folder.path().join("secret"), "s3cret\n").unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&file, text.replace("SECRET", secret.to_str().unwrap())).unwrap();
        of(Some(&file))
    }

    const ONE: &str = r#"
        [[lookup]]
        kind = "introspection"
        issuer = "https://idp.example"
        endpoint = "https://idp.example/introspect"
        client_id = "strongroom"
        client_secret_file = "SECRET"
    "#;

    #[test]
    fn lookups_are_read_and_one_kind_is_there_once_for_an_account() {
        assert!(of(None).unwrap().is_empty());
        assert_eq!(read(ONE).unwrap().len(), 1);
        assert!(matches!(read(&format!("{ONE}{ONE}")), Err(LookupsError::Twice(_))));
        let other = format!("{ONE}{ONE}accounts = [\"111122223333\"]");
        assert_eq!(read(&other).unwrap().len(), 2);
        assert!(matches!(read("[[lookup]]\nkind = \"x\""), Err(LookupsError::Form { .. })));
        assert!(matches!(read("[[lookups]]"), Err(LookupsError::Form { .. })));
        let absent = ONE.replace("SECRET", "/nonexistent");
        assert!(matches!(read(&absent), Err(LookupsError::Settings { .. })));
        assert!(matches!(of(Some(&"/nonexistent".into())), Err(LookupsError::File { .. })));
    }
}
