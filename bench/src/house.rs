//! The server under test: the release binary on a data directory of its own, on loopback.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Failure;

/// The root access key of every server under test.
pub(crate) const ROOT_KEY: &str = "AKIABENCHBENCHBENCH1";
/// And its secret, which guards nothing.
pub(crate) const ROOT_SECRET: &str = "benchbenchbenchbenchbenchbenchbenchbench";
/// How long a server may take to stop, in tenths of a second.
const STOP_TENTHS_MAX: u32 = 300;

/// How the record of what was decided is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// On disk before the answer, reads too.
    Strict,
    /// Written before the answer, on disk within a second.
    Available,
}

impl Mode {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Available, Self::Strict];

    /// As the settings `audit.reads` and `audit.writes` spell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Available => "available",
        }
    }
}

/// A running child of this program; it ends with the value.
pub(crate) struct Running {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// Starts the server and waits for its line. Its log goes to `server.log` beside the data.
pub(crate) fn start(binary: &Path, data: &Path, mode: Mode) -> Result<Running, Failure> {
    start_with(binary, data, mode, &[])
}

/// The same with further settings, as variables.
pub(crate) fn start_with(
    binary: &Path,
    data: &Path,
    mode: Mode,
    settings: &[(&str, &str)],
) -> Result<Running, Failure> {
    let log = File::options().create(true).append(true).open(data.with_extension("log"))?;
    let mut command = Command::new(binary);
    command
        .arg("server")
        .arg(data)
        .args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("STRONGROOM_ROOT_ACCESS_KEY", ROOT_KEY)
        .env("STRONGROOM_ROOT_SECRET_KEY", ROOT_SECRET)
        .env("STRONGROOM_AUDIT_READS", mode.name())
        .env("STRONGROOM_AUDIT_WRITES", mode.name())
        .envs(settings.iter().copied())
        .stderr(log);
    spawn(&mut command, "ready s3=http://")
}

/// Starts the bare server of this very program.
pub(crate) fn start_bare() -> Result<Running, Failure> {
    spawn(Command::new(std::env::current_exe()?).arg("bare"), "bare http://")
}

fn spawn(command: &mut Command, opening: &str) -> Result<Running, Failure> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    let address = line
        .strip_prefix(opening)
        .and_then(|rest| rest.split_ascii_whitespace().next())
        .and_then(|word| word.parse().ok());
    match address {
        Some(address) => Ok(Running { child, address }),
        None => {
            let _ = child.kill();
            let _ = child.wait();
            Err(format!("the program under test said `{}`", line.trim()).into())
        }
    }
}

impl Running {
    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        for _ in 0..STOP_TENTHS_MAX {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("the server did not stop".into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory that goes when the value goes.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Makes one below `under`.
    pub(crate) fn new(under: &Path, name: &str) -> Result<Self, Failure> {
        let path = under.join(format!("strongroom-bench-{}-{name}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// A path in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
