//! The one place of the client verbs that reads the environment.

use std::path::PathBuf;

/// A variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "the client's own environment is read here alone")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A file of the AWS configuration: `variable` names it, else it is `~/.aws/{name}`.
pub(crate) fn aws_file(over: &str, name: &str) -> Option<PathBuf> {
    variable(over)
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".aws").join(name)))
}

/// The folder of people's own settings (XDG Base Directory Specification).
pub(crate) fn config_folder() -> Option<PathBuf> {
    let own = variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    own.or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".config")))
}
