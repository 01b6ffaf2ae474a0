//! Signing in with a browser on this machine: a listener on 127.0.0.1 that takes one answer.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::authorization::{Attempt, Verdict};
use super::{Provider, Said, Tokens, refused};
use crate::client::now;
use crate::exit::Failure;

/// How long somebody may take to sign in, in seconds.
pub(crate) const SIGN_IN_SECONDS_MAX: i64 = 300;
/// Most bytes of the head of a request to the listener.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long a browser may take to send the head, in milliseconds. Another may wait behind it.
const HEAD_MILLIS_MAX: u64 = 2_000;
/// How often it is looked whether somebody came, in milliseconds.
const LOOK_MILLIS: u64 = 20;
/// What every answer of the listener says: text, of this moment, in no frame, with no scripts.
const HEADERS: &str = "Content-Type: text/plain; charset=utf-8\r\n\
    X-Content-Type-Options: nosniff\r\n\
    Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n\
    Referrer-Policy: no-referrer\r\n\
    Cache-Control: no-store\r\n\
    Connection: close\r\n";

/// What the person wishes.
pub(crate) struct Wishes<'a> {
    /// Scopes instead of ours.
    pub(crate) scope: Option<&'a str>,
    /// `prompt` (OpenID Connect Core §3.1.2.1).
    pub(crate) prompt: Option<&'a str>,
    /// A port that the provider knows, where it must know it.
    pub(crate) port: Option<u16>,
    /// Whether a browser is to be opened.
    pub(crate) open: Open,
}

/// Whether a browser is to be opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    /// By the desktop's own command.
    Desktop,
    /// By the person, who copies the address.
    Person,
}

/// Signs in with a browser. `tell` is told the address to open.
pub(crate) fn sign_in(
    provider: &Provider,
    wishes: &Wishes<'_>,
    tell: &dyn Fn(&str),
) -> Result<Tokens, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wishes.port.unwrap_or(0)));
    let listener = listener.map_err(|error| {
        let help = "another program has the port: leave --redirect-port away, or end it";
        Failure::Input(format!("127.0.0.1 cannot be listened on: {error}\nhelp: {help}"))
    })?;
    let broken = |error: std::io::Error| Failure::Broken(error.to_string());
    let port = listener.local_addr().map_err(broken)?.port();
    listener.set_nonblocking(true).map_err(broken)?;
    let attempt = Attempt::new(provider, port)?;
    let scope = provider.scopes(wishes.scope);
    let address = attempt.address(provider, &scope, wishes.prompt)?;
    tell(&attempt.start());
    if wishes.open == Open::Desktop {
        open(&attempt.start());
    }
    let code = wait(&listener, &attempt, &address)?;
    drop(listener);
    let redirect = attempt.redirect();
    let said = provider.token(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &redirect),
        ("code_verifier", &attempt.verifier),
    ])?;
    match said {
        Said::Tokens(tokens) => {
            provider.own(&tokens.id_token, Some(&attempt.nonce))?;
            Ok(tokens)
        }
        Said::No { code, description } => {
            let help = "the client at the provider must be public (no secret), or the secret that \
                        it gives out be in --client-secret-file";
            Err(refused(code, description, help))
        }
    }
}

/// Answers whoever comes until the answer of this attempt is there.
fn wait(listener: &TcpListener, attempt: &Attempt, address: &str) -> Result<String, Failure> {
    let until = now()?.plus_seconds(SIGN_IN_SECONDS_MAX);
    while now()? < until {
        let Ok((stream, _)) = listener.accept() else {
            sleep(Duration::from_millis(LOOK_MILLIS));
            continue;
        };
        // Whoever says nothing, or goes away, is nobody.
        let Some((mut stream, head)) = heard(stream) else { continue };
        match attempt.judge(&head) {
            Verdict::Begins => {
                let more =
                    format!("Location: {address}\r\nSet-Cookie: {}\r\n", attempt.set_cookie());
                say(&mut stream, "303 See Other", &more, "");
            }
            Verdict::Noise(status, text) => say(&mut stream, &format!("{status} No"), "", text),
            Verdict::Code(code) => {
                say(&mut stream, "200 OK", "", "Go on in the terminal. This page can be closed.");
                return Ok(code);
            }
            Verdict::Over(text) => {
                say(&mut stream, "400 Bad Request", "", &format!("You are not signed in: {text}"));
                let help = "whoever keeps the client at the provider can see there why";
                return Err(refused("LoginFailed".to_owned(), text, help));
            }
        }
    }
    Err(Failure::Input(format!(
        "nobody signed in within {SIGN_IN_SECONDS_MAX} s\nhelp: where there is no browser on this \
         machine, use --device"
    )))
}

/// The head of a request, if it comes in time and is not too long.
fn heard(mut stream: TcpStream) -> Option<(TcpStream, String)> {
    stream.set_nonblocking(false).ok()?;
    let patience = Some(Duration::from_millis(HEAD_MILLIS_MAX));
    stream.set_read_timeout(patience).ok()?;
    stream.set_write_timeout(patience).ok()?;
    let until = now().ok()?.plus_seconds(2);
    let (mut head, mut buffer) = (Vec::new(), [0_u8; 2048]);
    while head.len() < HEAD_BYTES_MAX && now().ok()? <= until {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        head.extend_from_slice(buffer.get(..read)?);
        if head.windows(4).any(|four| four == b"\r\n\r\n") {
            return Some((stream, String::from_utf8(head).ok()?));
        }
    }
    None
}

/// Answers; a browser that has gone away is answered nothing.
fn say(stream: &mut TcpStream, status: &str, more: &str, text: &str) {
    let length = text.len();
    let answer =
        format!("HTTP/1.1 {status}\r\n{HEADERS}{more}Content-Length: {length}\r\n\r\n{text}");
    let _ = stream.write_all(answer.as_bytes());
    let _ = stream.flush();
}

/// Opens an address on the desktop, if there is one: the address was told anyway.
fn open(address: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let _ = Command::new(program)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::provider;
    use super::*;

    /// Asks the listener as a browser would: the answer.
    fn ask(port: u16, head: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// corpus: OID-06
    /// oracle: answer, twin
    #[test]
    fn a_providers_error_is_text_in_the_browser_and_no_page() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let attempt = Attempt::new(&provider(&json!({})), port).unwrap();
        let address = attempt.address(&provider(&json!({})), "openid", None).unwrap();
        let (_, state) = address.split_once("&state=").unwrap();
        let state = state.split('&').next().unwrap().to_owned();
        let cookie = attempt.set_cookie().split(';').next().unwrap().to_owned();
        let start = attempt.start();
        let waiting = std::thread::spawn(move || wait(&listener, &attempt, &address));
        let path = start.strip_prefix(&format!("http://127.0.0.1:{port}")).unwrap();
        let host = format!("Host: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n");

        let begun = ask(port, &format!("GET {path} HTTP/1.1\r\n{host}"));
        assert!(begun.starts_with("HTTP/1.1 303 "), "{begun}");
        assert!(begun.contains("\r\nLocation: https://idp.example/auth?"), "{begun}");
        assert!(begun.contains(&format!("\r\nSet-Cookie: {cookie};")), "{begun}");
        let script = "%3Cscript%3Ealert(1)%3C/script%3E";
        let error = format!("/callback?error=x&error_description={script}&state={state}");
        let answer = ask(port, &format!("GET {error} HTTP/1.1\r\n{host}"));
        assert!(answer.contains("<script>"), "it is told as it is: {answer}");
        assert!(answer.contains("\r\nContent-Type: text/plain; charset=utf-8\r\n"), "{answer}");
        assert!(answer.contains("\r\nX-Content-Type-Options: nosniff\r\n"), "{answer}");
        assert!(answer.contains("\r\nContent-Security-Policy: default-src 'none';"), "{answer}");
        assert!(waiting.join().unwrap().is_err());
    }
}
