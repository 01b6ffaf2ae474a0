//! The real program on a loopback port, in a directory of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use signing::sign::Credentials;

pub(crate) use crate::ask::OWNER;

const ROOT_KEY: &str = "AKIADOORROOTDOORROOT";
const ROOT_SECRET: &str = "a-root-secret-of-at-least-32-characters";

/// A running server; killed, by its process id, when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where S3, STS, IAM and the admin API are.
    pub(crate) address: SocketAddr,
    issuers: String,
    /// Further settings, as its environment has them.
    settings: Vec<(&'static str, String)>,
    directory: Arc<tempfile::TempDir>,
}

impl Server {
    /// Starts the program on a fresh directory and waits for its `ready` line. The directory is the
    /// build's own, not `/tmp`, which may be small. `issuers` are the
    /// providers without TLS, with commas between them.
    pub(crate) fn start(issuers: &str) -> Self {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Self::start_in(Arc::new(directory), issuers, Vec::new())
    }

    /// One with a setting of its own.
    pub(crate) fn set(name: &'static str, value: &str) -> Self {
        Self::with(vec![(name, value.to_owned())])
    }

    /// One with settings of its own.
    pub(crate) fn with(settings: Vec<(&'static str, String)>) -> Self {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Self::start_in(Arc::new(directory), "", settings)
    }

    /// One that asks these issuers beyond their tokens, as a file of lookups says, in which
    /// `SECRET` is a file with a secret.
    pub(crate) fn asking(issuers: &str, lookups: &str) -> Self {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let (secret, file) =
            (directory.path().join("secret"), directory.path().join("lookups.toml"));
        std::fs::write(&secret, "the secret\n").unwrap();
        std::fs::write(&file, lookups.replace("SECRET", secret.to_str().unwrap())).unwrap();
        let settings = vec![("STRONGROOM_OIDC_LOOKUPS_FILE", file.to_str().unwrap().to_owned())];
        Self::start_in(Arc::new(directory), issuers, settings)
    }

    /// Kills it, and starts the program again on what it left.
    pub(crate) fn again(self) -> Self {
        let (directory, issuers) = (Arc::clone(&self.directory), self.issuers.clone());
        let settings = self.settings.clone();
        drop(self);
        Self::start_in(directory, &issuers, settings)
    }

    /// The same, with a setting more.
    pub(crate) fn again_with(mut self, name: &'static str, value: &str) -> Self {
        self.settings.push((name, value.to_owned()));
        self.again()
    }

    fn start_in(
        directory: Arc<tempfile::TempDir>,
        issuers: &str,
        settings: Vec<(&'static str, String)>,
    ) -> Self {
        let log = std::fs::File::create(directory.path().join("server.log")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_strongroom"))
            .arg("server")
            .arg(directory.path().join("data"))
            .args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"])
            .env_clear()
            .env("STRONGROOM_ROOT_ACCESS_KEY", ROOT_KEY)
            .env("STRONGROOM_ROOT_SECRET_KEY", ROOT_SECRET)
            .env("STRONGROOM_ACCOUNT_ID", OWNER)
            .env("STRONGROOM_OIDC_HTTP_ORIGINS", issuers)
            .env("STRONGROOM_STORE_RESERVE_BYTES", "1048576")
            .envs(settings.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let word = line.split(' ').find_map(|word| word.strip_prefix("s3=http://"));
        let Some(address) = word.and_then(|address| address.parse().ok()) else {
            let _ = child.kill();
            let log = std::fs::read_to_string(directory.path().join("server.log"));
            panic!("no ready line but `{line}`; the log says: {}", log.unwrap_or_default());
        };
        Self { child, address, issuers: issuers.to_owned(), settings, directory }
    }

    /// A directory that is the test's and the server's.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Where the record is.
    pub(crate) fn journal(&self) -> PathBuf {
        self.directory.path().join("data/journal")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The root of the account that owns the installation.
pub(crate) fn root() -> Credentials {
    credentials(ROOT_KEY, ROOT_SECRET, None)
}

/// Credentials from their parts.
pub(crate) fn credentials(key: &str, secret: &str, token: Option<&str>) -> Credentials {
    Credentials {
        access_key_id: key.parse().unwrap(),
        secret: secret.parse().unwrap(),
        session_token: token.map(str::to_owned),
    }
}
