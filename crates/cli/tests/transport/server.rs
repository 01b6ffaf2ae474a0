//! The real program with the settings of a test, and a certificate of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustix::process::{Pid, Signal, kill_process};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

pub(crate) const ROOT_KEY: &str = "AKIATRANSPORTTRANSPO";
pub(crate) const ROOT_SECRET: &str = "a-root-secret-of-at-least-32-characters";

/// A running server; killed, by its process id, when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) ops: SocketAddr,
    pub(crate) directory: tempfile::TempDir,
}

/// A directory with a certificate for this machine, before there is a server.
pub(crate) fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    certificate(directory.path());
    directory
}

/// Writes a new certificate for 127.0.0.1 and its key.
pub(crate) fn certificate(directory: &Path) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    std::fs::write(directory.join("certificate.pem"), certificate.pem()).unwrap();
    std::fs::write(directory.join("key.pem"), key.serialize_pem()).unwrap();
}

impl Server {
    /// With TLS, and further settings as variables.
    pub(crate) fn secure(pairs: &[(&str, &str)]) -> Self {
        let directory = directory();
        let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
        let (certificate, key) = (path("certificate.pem"), path("key.pem"));
        let tls = [("STRONGROOM_TLS_CERTIFICATE", &*certificate), ("STRONGROOM_TLS_KEY", &*key)];
        Self::start(directory, &[&tls, pairs].concat())
    }

    pub(crate) fn start(directory: tempfile::TempDir, pairs: &[(&str, &str)]) -> Self {
        let log = std::fs::File::create(directory.path().join("server.log")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_strongroom"))
            .arg("server")
            .arg(directory.path().join("data"))
            .args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"])
            .env_clear()
            .env("STRONGROOM_ROOT_ACCESS_KEY", ROOT_KEY)
            .env("STRONGROOM_ROOT_SECRET_KEY", ROOT_SECRET)
            .env("STRONGROOM_STORE_RESERVE_BYTES", "1048576")
            .envs(pairs.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let at = |name: &str| {
            let url = line.split_whitespace().find_map(|word| word.strip_prefix(name));
            url.and_then(|url| url.split_once("://")).and_then(|(_, at)| at.parse().ok())
        };
        let (Some(address), Some(ops)) = (at("s3="), at("ops=")) else {
            let _ = child.kill();
            let log = std::fs::read_to_string(directory.path().join("server.log"));
            panic!("no ready line but `{line}`; the log says: {}", log.unwrap_or_default());
        };
        Self { child, address, ops, directory }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("server.log")).unwrap()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The authorities of clients that trust the certificate that is in the directory now.
    pub(crate) fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_file(self.file("certificate.pem")).unwrap();
        roots.add(certificate).unwrap();
        Arc::new(roots)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits for the server to end by itself; whether it says that all went well.
    pub(crate) fn ended(mut self) -> bool {
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
