//! Exit statuses: 0 done; 1 the answer is no; 2 the input could not be understood; 3 the server
//! could not be reached; 4 the server refused the caller.

use std::process::ExitCode;

/// How a verb can end other than *done*.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The question was understood, and the answer is no. What there is to say has been printed.
    #[error("")]
    No,
    /// The input or the command line could not be understood.
    #[error("{0}")]
    Input(String),
    /// The server could not be reached.
    #[error("the server at {endpoint} could not be reached: {cause}")]
    Unreachable {
        /// Where it was looked for.
        endpoint: String,
        /// Why it was not found.
        cause: String,
    },
    /// The server refused the caller.
    #[error("{code}: {message}{}", helping(help.as_deref()))]
    Refused {
        /// The stable code.
        code: String,
        /// What the server says.
        message: String,
        /// What would help.
        help: Option<String>,
    },
    /// What the input names is not there.
    #[error("{code}: {message}{}", helping(help.as_deref()))]
    Absent {
        /// The stable code.
        code: String,
        /// What the server says.
        message: String,
        /// What would help.
        help: Option<String>,
    },
    /// Something here went wrong.
    #[error("{0}")]
    Broken(String),
}

/// The line of a help text, if there is one.
pub(crate) fn helping(help: Option<&str>) -> String {
    help.map(|help| format!("\nhelp: {help}")).unwrap_or_default()
}

/// What a verb answers.
pub(crate) type Outcome = Result<(), Failure>;

/// The exit status of an outcome; the error, if any, goes to standard error.
pub(crate) fn status(outcome: Outcome) -> ExitCode {
    let Err(failure) = outcome else { return ExitCode::SUCCESS };
    let text = failure.to_string();
    if !text.is_empty() {
        eprintln!("error: {text}");
    }
    match failure {
        Failure::No | Failure::Broken(_) => ExitCode::from(1),
        Failure::Input(_) | Failure::Absent { .. } => ExitCode::from(2),
        Failure::Unreachable { .. } => ExitCode::from(3),
        Failure::Refused { .. } => ExitCode::from(4),
    }
}

/// The exit status of a command line that was not understood, or of `--help`.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Nothing can be done if the terminal is gone.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

/// An error and what caused it, outermost first. A cause that its error repeats is said once.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Outer {
        text: &'static str,
        #[source]
        cause: std::fmt::Error,
    }

    #[test]
    fn a_cause_is_said_once() {
        let inner = std::fmt::Error.to_string();
        let quiet = Outer { text: "no", cause: std::fmt::Error };
        assert_eq!(chain(&quiet), format!("no: {inner}"));
        let repeating = format!("no: {inner}");
        let loud = Outer { text: repeating.clone().leak(), cause: std::fmt::Error };
        assert_eq!(chain(&loud), repeating);
    }
}
