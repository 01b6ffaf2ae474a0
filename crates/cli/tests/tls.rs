#![cfg(test)]
//! The listener with a certificate: our own client trusts it when told to, and nobody else speaks
//! to it. The certificate under `tls/` is for 127.0.0.1, signs nothing but itself, and protects
//! nothing: its key is public.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/certificate.pem");
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/key.pem");
const ROOT_KEY: &str = "AKIATLSROOTTLSROOTTL";
const ROOT_SECRET: &str = "a-root-secret-of-at-least-32-characters";

/// A server with a certificate; killed when dropped.
struct Secure {
    child: Child,
    endpoint: String,
    _directory: tempfile::TempDir,
}

impl Secure {
    fn start() -> Self {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_strongroom"))
            .arg("server")
            .arg(directory.path().join("data"))
            .args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"])
            .env_clear()
            .env("STRONGROOM_ROOT_ACCESS_KEY", ROOT_KEY)
            .env("STRONGROOM_ROOT_SECRET_KEY", ROOT_SECRET)
            .env("STRONGROOM_STORE_RESERVE_BYTES", "1048576")
            .env("STRONGROOM_TLS_CERTIFICATE", CERTIFICATE)
            .env("STRONGROOM_TLS_KEY", KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let endpoint = line.split(' ').find_map(|word| word.strip_prefix("s3=")).unwrap();
        assert!(endpoint.starts_with("https://"), "{line}");
        let endpoint = endpoint.to_owned();
        Self { child, endpoint, _directory: directory }
    }

    /// The exit status of `whoami`, with these certificate authorities.
    fn whoami(&self, authorities: Option<&str>) -> Option<i32> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
        command
            .args(["whoami", "--quiet", "--endpoint", &self.endpoint])
            .env_clear()
            .env("AWS_ACCESS_KEY_ID", ROOT_KEY)
            .env("AWS_SECRET_ACCESS_KEY", ROOT_SECRET)
            .stderr(Stdio::null());
        if let Some(file) = authorities {
            command.env("AWS_CA_BUNDLE", file);
        }
        command.status().unwrap().code()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_client_that_trusts_the_certificate_is_served_and_one_that_does_not_goes_away() {
    let server = Secure::start();
    assert_eq!(server.whoami(Some(CERTIFICATE)), Some(0));
    assert_eq!(server.whoami(None), Some(3), "the server could not be reached");
}

#[test]
fn nothing_is_answered_in_the_clear() {
    let server = Secure::start();
    let address = server.endpoint.trim_start_matches("https://");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // A reset is as good an answer as an alert.
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/"), "{}", String::from_utf8_lossy(&answer));
}
