//! A password from the terminal, which does not show it.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use crate::exit::Failure;

/// Whoever sits before the program, whatever its standard input is.
const TERMINAL: &str = "/dev/tty";

/// Asks for a password. Ctrl-C gives the terminal back as it was.
pub(crate) fn password(prompt: &str) -> Result<String, Failure> {
    let failed = |error: std::io::Error| {
        let help = "without a terminal, give the password on standard input: --password-stdin";
        Failure::Input(format!("{TERMINAL}: {error}\nhelp: {help}"))
    };
    let mut terminal = OpenOptions::new().read(true).write(true).open(TERMINAL).map_err(failed)?;
    let before = stty(&terminal, "-g").map_err(failed)?;
    // Before anybody is asked: whoever types at once would be shown.
    stty(&terminal, "-echo").map_err(failed)?;
    let asked = write!(terminal, "{prompt}").and_then(|()| terminal.flush());
    let typed = asked.map_err(failed).and_then(|()| typed(&terminal));
    let restored = stty(&terminal, before.trim());
    let _ = writeln!(terminal);
    restored.map_err(failed)?;
    typed
}

/// A line, or an end if somebody presses Ctrl-C.
fn typed(terminal: &File) -> Result<String, Failure> {
    let broken = |error: std::io::Error| Failure::Broken(error.to_string());
    let reader = terminal.try_clone().map_err(broken)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(broken)?;
    let line = runtime.block_on(async {
        let reading = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(reader).read_line(&mut line).map(|_| line)
        });
        tokio::select! {
            line = reading => Some(line),
            _ = tokio::signal::ctrl_c() => None,
        }
    });
    // Whoever still waits for a line ends with the program.
    runtime.shutdown_background();
    match line {
        Some(Ok(line)) => Ok(line.map_err(broken)?.trim_end_matches(['\r', '\n']).to_owned()),
        Some(Err(error)) => Err(Failure::Broken(error.to_string())),
        None => Err(Failure::No),
    }
}

/// Asks `stty` about the terminal, or tells it.
fn stty(terminal: &File, word: &str) -> std::io::Result<String> {
    let output = Command::new("stty")
        .arg(word)
        .stdin(Stdio::from(terminal.try_clone()?))
        .stderr(Stdio::null())
        .output()?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(std::io::Error::other("it is no terminal"))
    }
}
