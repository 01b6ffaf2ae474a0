//! What is said of sinks: a TOML file of its own, read whole, unknown keys refused, secrets in
//! files.

use std::io;
use std::path::{Path, PathBuf};

use audit::SinkError;
use serde::Deserialize;
use zeroize::Zeroizing;

/// Most sinks of a file.
const SINKS_MAX: usize = 32;

/// Why a sink cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkConfigError {
    /// A file cannot be read.
    #[error("`{}` cannot be read", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not a list of sinks.
    #[error("`{}` is not a list of sinks", file.display())]
    Form {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A name is no name, or is there twice; or there are too many sinks.
    #[error("the sink `{0}` is one too many, or its name is not 1 to 64 of a-z, 0-9 and `-`")]
    Name(String),
    /// There is no such sink.
    #[error("there is no sink `{0}`")]
    Unknown(String),
    /// The address is not one that may be spoken to: https, or http on loopback.
    #[error("`{0}` is neither https nor http on loopback")]
    Url(String),
    /// The HTTP client cannot be made.
    #[error("the client cannot be made: {0}")]
    Client(String),
    /// The sink does not take what it is offered.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SinkFile {
    #[serde(default)]
    sink: Vec<SinkSettings>,
}

/// One sink.
#[derive(Deserialize, Debug, Clone)]
pub struct SinkSettings {
    /// What it is called: the name of its cursor's directory.
    pub(crate) name: String,
    /// Where it goes.
    #[serde(flatten)]
    pub(crate) target: Target,
}

/// Where the record goes.
#[derive(Deserialize, Debug, Clone)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Target {
    /// Lines of JSON appended to a file.
    File { path: PathBuf },
    /// A POST of JSON, signed with a shared secret.
    Webhook {
        url: String,
        secret_file: PathBuf,
        #[serde(default)]
        ca_file: Option<PathBuf>,
    },
    /// `_bulk` of Elasticsearch or OpenSearch.
    Elasticsearch {
        url: String,
        index: String,
        #[serde(default)]
        user: Option<String>,
        /// The user's password; without a user, an API key.
        #[serde(default)]
        secret_file: Option<PathBuf>,
        #[serde(default)]
        ca_file: Option<PathBuf>,
    },
    /// Splunk's HTTP event collector.
    Splunk {
        url: String,
        secret_file: PathBuf,
        #[serde(default)]
        ca_file: Option<PathBuf>,
    },
}

/// Reads a file of sinks.
///
/// # Errors
/// It cannot be read, or says what no sink understands.
pub fn read_sinks(file: &Path) -> Result<Vec<SinkSettings>, SinkConfigError> {
    let text = read(file)?;
    let form = |source| SinkConfigError::Form { file: file.to_owned(), source: Box::new(source) };
    let sinks = toml::from_str::<SinkFile>(&text).map_err(form)?.sink;
    let mut names = std::collections::BTreeSet::new();
    for sink in &sinks {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let good = (1..=64).contains(&sink.name.len()) && sink.name.chars().all(letter);
        if !good || !names.insert(sink.name.as_str()) || names.len() > SINKS_MAX {
            return Err(SinkConfigError::Name(sink.name.clone()));
        }
    }
    Ok(sinks)
}

/// The text of a file, without white space around it.
pub(super) fn read(file: &Path) -> Result<Zeroizing<String>, SinkConfigError> {
    let read = std::fs::read_to_string(file).map(Zeroizing::new);
    let text = read.map_err(|source| SinkConfigError::File { file: file.to_owned(), source })?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sinks(text: &str) -> Result<Vec<SinkSettings>, SinkConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("sinks.toml");
        std::fs::write(&file, text).unwrap();
        read_sinks(&file)
    }

    #[test]
    fn every_kind_of_sink_is_read() {
        let read = sinks(
            r#"
            [[sink]]
            name = "copy"
            kind = "file"
            path = "/var/log/record.jsonl"
            [[sink]]
            name = "hook"
            kind = "webhook"
            url = "https://hooks.example/record"
            secret_file = "/etc/hook"
            [[sink]]
            name = "elastic"
            kind = "elasticsearch"
            url = "https://es.example:9200"
            index = "strongroom"
            [[sink]]
            name = "splunk"
            kind = "splunk"
            url = "https://splunk.example:8088"
            secret_file = "/etc/hec"
            "#,
        );
        assert_eq!(read.unwrap().len(), 4);
        assert!(sinks("").unwrap().is_empty());
    }

    #[test]
    fn what_no_sink_understands_is_refused() {
        let file = "[[sink]]\nname = \"a\"\nkind = \"file\"\npath = \"x\"\n";
        assert!(sinks(file).is_ok());
        assert!(sinks(&format!("{file}{file}")).is_err());
        assert!(sinks(&file.replace("\"a\"", "\"../a\"")).is_err());
        assert!(sinks(&file.replace("\"file\"", "\"carrier-pigeon\"")).is_err());
        assert!(sinks(&format!("{file}colour = \"red\"\n")).is_err());
        assert!(sinks(&format!("colour = \"red\"\n{file}")).is_err());
    }
}
