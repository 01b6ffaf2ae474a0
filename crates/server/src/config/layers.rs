//! The layers that settings come from, and which of them won.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use super::fields::{FIELDS, Field, Kind};

/// Where a value comes from; a later one outranks an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Stated in the table.
    Default,
    /// `strongroom.toml`.
    File,
    /// A `STRONGROOM_…` variable.
    Variable,
    /// A flag of the command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Variable => "variable",
            Self::Flag => "flag",
        })
    }
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not TOML.
    #[error("the configuration file cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// A key that no setting has.
    #[error("`{key}` is not a setting{}", hint(*nearest))]
    Unknown {
        /// The key.
        key: String,
        /// The nearest known key.
        nearest: Option<&'static str>,
    },
    /// A value that does not have the setting's form.
    #[error("`{value}` cannot be the value of `{key}`: {needed} is needed")]
    Value {
        /// The setting.
        key: &'static str,
        /// The refused value.
        value: String,
        /// What would do.
        needed: &'static str,
    },
    /// One of two settings that need each other.
    #[error("`{given}` is set and `{missing}` is not: they are needed together")]
    Pair {
        /// The one that is set.
        given: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// Plain HTTP would leave the machine.
    #[error(
        "`{setting}` is {listen}, which is not loopback: set `tls.certificate` and `tls.key`, or declare `listen.trusted_proxies`"
    )]
    PlainOffLoopback {
        /// Which setting says so.
        setting: &'static str,
        /// The address.
        listen: SocketAddr,
    },
}

/// The end of a sentence that names the nearest setting.
fn hint(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

/// One effective setting, as `config show` prints it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Shown {
    /// The dotted key.
    pub key: &'static str,
    /// The value; empty when not set.
    pub value: String,
    /// `default`, `file`, `variable` or `flag`.
    pub origin: String,
    /// What it means.
    pub doc: &'static str,
}

/// Every setting's text and where it comes from. Lists are kept joined by commas.
#[derive(Debug, Clone)]
pub struct Layers(BTreeMap<&'static str, (String, Origin)>);

impl Layers {
    /// The stated defaults.
    #[must_use]
    pub fn defaults() -> Self {
        let row = |field: &Field| (field.key, (field.default.to_owned(), Origin::Default));
        Self(FIELDS.iter().map(row).collect())
    }

    /// Lays a TOML file over what is there.
    ///
    /// # Errors
    /// It is not TOML, or has a key that no setting has, or a value of another form.
    ///
    /// ```
    /// use strongroom_server::config::Layers;
    /// let mut layers = Layers::defaults();
    /// layers.file("[listen]\napi = \"127.0.0.1:1\"").unwrap();
    /// let error = layers.file("[listen]\napo = 1").unwrap_err();
    /// assert!(error.to_string().contains("did you mean `listen.api`?"));
    /// ```
    pub fn file(&mut self, text: &str) -> Result<(), ConfigError> {
        let table: toml::Table = text.parse()?;
        let mut flat = Vec::new();
        flatten("", &toml::Value::Table(table), &mut flat);
        flat.into_iter().try_for_each(|(key, value)| self.set(&key, &value, Origin::File))
    }

    /// Lays `STRONGROOM_…` variables over what is there. Variables that belong to no setting are
    /// not ours to judge, except that one near a setting's is a slip worth refusing.
    ///
    /// # Errors
    /// A variable that looks like a setting's and is not, or a value of another form.
    pub fn variables(
        &mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        for (name, value) in variables {
            let Some(rest) = name.strip_prefix("STRONGROOM_") else { continue };
            if OTHER_VARIABLES.contains(&rest) {
                continue;
            }
            let field = FIELDS.iter().find(|field| field.variable() == name);
            let key = field.map_or_else(|| rest.to_ascii_lowercase(), |f| f.key.to_owned());
            self.set(&key, &value, Origin::Variable)?;
        }
        Ok(())
    }

    /// Sets one value, unless a higher layer has set it.
    ///
    /// # Errors
    /// No setting has that key, or the value has another form.
    pub fn set(&mut self, key: &str, value: &str, origin: Origin) -> Result<(), ConfigError> {
        let field = Field::find(key).ok_or_else(|| ConfigError::Unknown {
            key: key.to_owned(),
            nearest: Field::nearest(key),
        })?;
        if field.kind == Kind::Number && value.parse::<u64>().is_err() {
            return Err(ConfigError::Value {
                key: field.key,
                value: value.to_owned(),
                needed: "a whole number",
            });
        }
        if let Some(slot) = self.0.get_mut(field.key)
            && slot.1 <= origin
        {
            *slot = (value.to_owned(), origin);
        }
        Ok(())
    }

    /// What is in force, and from where.
    #[must_use]
    pub fn show(&self) -> Vec<Shown> {
        FIELDS
            .iter()
            .filter_map(|field| {
                let (value, origin) = self.0.get(field.key)?;
                let origin = origin.to_string();
                Some(Shown { key: field.key, value: value.clone(), origin, doc: field.doc })
            })
            .collect()
    }

    /// A value that must be set.
    pub(super) fn read<T: FromStr>(&self, key: &'static str) -> Result<T, ConfigError> {
        let value = self.text(key);
        value.parse().map_err(|_| bad(key, value))
    }

    /// A value that need not be set.
    pub(super) fn optional<T: FromStr>(&self, key: &'static str) -> Result<Option<T>, ConfigError> {
        match self.text(key) {
            "" => Ok(None),
            value => value.parse().map(Some).map_err(|_| bad(key, value)),
        }
    }

    /// A list, perhaps empty.
    pub(super) fn list<T: FromStr>(&self, key: &'static str) -> Result<Vec<T>, ConfigError> {
        self.text(key)
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| item.parse().map_err(|_| bad(key, item)))
            .collect()
    }

    fn text(&self, key: &str) -> &str {
        self.0.get(key).map_or("", |(value, _)| value.as_str())
    }
}

/// `STRONGROOM_…` variables that are not settings: first-start secrets and the client's own.
const OTHER_VARIABLES: &[&str] = &[
    "ROOT_ACCESS_KEY",
    "ROOT_SECRET_KEY",
    "MASTER_KEY",
    "MASTER_KEY_FILE",
    "ACCOUNT_ID",
    "ENDPOINT",
];

fn bad(key: &'static str, value: &str) -> ConfigError {
    let needed = match Field::find(key).map(|field| field.kind) {
        Some(Kind::Address) => "an address and a port, such as 127.0.0.1:9000,",
        Some(Kind::Number) => "a whole number",
        Some(Kind::List) => "a list of such values",
        _ => "another form",
    };
    ConfigError::Value { key, value: value.to_owned(), needed }
}

fn flatten(prefix: &str, value: &toml::Value, flat: &mut Vec<(String, String)>) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&key, value, flat);
            }
        }
        toml::Value::Array(items) => {
            let items: Vec<String> = items.iter().map(item).collect();
            flat.push((prefix.to_owned(), items.join(",")));
        }
        other => flat.push((prefix.to_owned(), plain(other))),
    }
}

/// An item of a list; a table is written as `name=value;name=value`, a list in it with blanks.
fn item(value: &toml::Value) -> String {
    let toml::Value::Table(table) = value else { return plain(value) };
    let member = |(name, value): (&String, &toml::Value)| {
        let value = match value {
            toml::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
            other => plain(other),
        };
        format!("{name}={value}")
    };
    table.iter().map(member).collect::<Vec<_>>().join(";")
}

fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_outranks_a_variable_and_a_variable_the_file() {
        let mut layers = Layers::defaults();
        layers.set("region", "from-flag", Origin::Flag).unwrap();
        layers.variables([("STRONGROOM_REGION".to_owned(), "from-variable".to_owned())]).unwrap();
        layers.file("region = \"from-file\"").unwrap();
        assert_eq!(layers.read::<String>("region").unwrap(), "from-flag");
        let shown = layers.show().into_iter().find(|s| s.key == "region").unwrap();
        assert_eq!(shown.origin, "flag");
    }

    #[test]
    fn a_misspelt_variable_is_refused_and_a_foreign_one_is_not_ours() {
        let mut layers = Layers::defaults();
        let misspelt = ("STRONGROOM_LISTEN_APO".to_owned(), "x".to_owned());
        assert!(layers.variables([misspelt]).is_err());
        assert!(layers.variables([("PATH".to_owned(), "x".to_owned())]).is_ok());
        let secret = ("STRONGROOM_ROOT_SECRET_KEY".to_owned(), "x".to_owned());
        assert!(layers.variables([secret]).is_ok());
    }

    #[test]
    fn a_number_that_is_no_number_is_refused() {
        let mut layers = Layers::defaults();
        assert!(layers.set("limits.connections", "many", Origin::File).is_err());
        assert!(layers.set("limits.connections", "10", Origin::File).is_ok());
    }
}
