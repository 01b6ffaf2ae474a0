//! Signatures and hosts that a setting allows: Signature Version 2 by account, links of SigV4A, and
//! buckets in the host's name.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use names::Timestamp;
use signing::Algorithm;
use signing::sign::{Credentials, Signer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::caller::{Ask, ask1, credentials, root};
use crate::server::{ROOT_KEY, ROOT_SECRET, Server, directory};

/// The account that owns the installation.
const OWNER: &str = "111122223333";
/// Another.
const OTHER: &str = "444455556666";

fn start(pairs: &[(&str, &str)]) -> Server {
    let own = [("STRONGROOM_ACCOUNT_ID", OWNER), ("STRONGROOM_LISTEN_DOMAINS", "store.example")];
    Server::start(directory(), &[&own, pairs].concat())
}

fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "a client signs with its own clock")]
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap()).unwrap()
}

/// Sends a head as it is; status, and the error's code or the body.
async fn raw(server: &Server, head: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!("{head}connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut came = String::new();
    stream.read_to_string(&mut came).await.unwrap();
    let status = came.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = came.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let code = body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    (status, code.map_or(body, |(code, _)| code).to_owned())
}

async fn signed(server: &Server, ask: Ask<'_>, by: &Credentials) -> (u16, String) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let answer = ask1(&mut stream, ask, (&server.address.to_string(), by)).await;
    (answer.status, answer.body)
}

/// A bucket `old` with an object `key`.
async fn filled(server: &Server) {
    assert_eq!(signed(server, Ask::s3("PUT", "/old"), &root()).await.0, 200);
    let put = Ask::s3("PUT", "/old/key").body("stored");
    assert_eq!(signed(server, put, &root()).await.0, 200);
}

/// The signature of Version 2 (S3 user guide, "Signing and authenticating REST requests").
fn v2(secret: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

fn v2_header(secret: &str, path: &str) -> String {
    let date = now().http_date();
    let signature = v2(secret, &format!("GET\n\n\n{date}\n{path}"));
    format!(
        "GET {path} HTTP/1.1\r\nhost: h\r\ndate: {date}\r\n\
         authorization: AWS {ROOT_KEY}:{signature}\r\n"
    )
}

fn v2_link(path: &str, seconds: i64) -> String {
    let expires = now().plus_seconds(seconds).seconds();
    let signature = v2(ROOT_SECRET, &format!("GET\n\n\n{expires}\n{path}"));
    let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!(
        "GET {path}?AWSAccessKeyId={ROOT_KEY}&Expires={expires}&Signature={signature} \
         HTTP/1.1\r\nhost: h\r\n"
    )
}

/// corpus: SIG-23
/// oracle: answer, twin
#[tokio::test]
async fn version_2_is_taken_of_the_accounts_that_a_setting_names_and_of_no_other() {
    for (pairs, taken) in [
        (&[][..], false),
        (&[("STRONGROOM_SIGNING_V2", "allow")][..], true),
        (&[("STRONGROOM_SIGNING_V2_ACCOUNTS", OWNER)][..], true),
        (&[("STRONGROOM_SIGNING_V2_ACCOUNTS", OTHER)][..], false),
    ] {
        let server = start(pairs);
        filled(&server).await;
        let (stored, off) = ((200, "stored".to_owned()), (400, "InvalidRequest".to_owned()));
        let expected = if taken { stored } else { off };
        assert_eq!(raw(&server, &v2_header(ROOT_SECRET, "/old/key")).await, expected, "{pairs:?}");
        assert_eq!(raw(&server, &v2_link("/old/key", 60)).await, expected, "{pairs:?}");
        // Who signs falsely does not learn whether the account may.
        if !pairs.is_empty() {
            let forged = raw(&server, &v2_header("another", "/old/key")).await;
            assert_eq!(forged, (403, "SignatureDoesNotMatch".to_owned()), "{pairs:?}");
        }
    }
}

/// corpus: SIG-23
/// oracle: answer, twin
#[tokio::test]
async fn an_account_itself_says_whether_version_2_is_taken_of_it() {
    let (stored, off) = ((200, "stored".to_owned()), (400, "InvalidRequest".to_owned()));
    for (pairs, before) in [(&[][..], &off), (&[("STRONGROOM_SIGNING_V2", "allow")][..], &stored)] {
        let server = start(pairs);
        filled(&server).await;
        for (own, expected) in [
            ("null", before),
            ("\"allow\"", &stored),
            ("\"refuse\"", &off),
            ("\"allow\"", &stored),
            ("null", before),
        ] {
            let target = format!("/-/v1/accounts/{OWNER}");
            let body = format!(r#"{{"session_seconds_max": null, "signature_v2": {own}}}"#);
            let (status, answer) =
                signed(&server, Ask::admin("PUT", &target, &body), &root()).await;
            assert_eq!(status, 200, "{answer}");
            let got = raw(&server, &v2_header(ROOT_SECRET, "/old/key")).await;
            assert_eq!(got, *expected, "{pairs:?} {own}");
            assert_eq!(raw(&server, &v2_link("/old/key", 60)).await, *expected, "{pairs:?} {own}");
        }
    }
}

/// corpus: SIG-07
/// oracle: answer, twin
#[tokio::test]
async fn a_link_of_version_2_ends_within_the_limit_or_is_none() {
    let settings =
        [("STRONGROOM_SIGNING_V2", "allow"), ("STRONGROOM_SIGNING_V2_EXPIRY_SECONDS_MAX", "600")];
    let server = start(&settings);
    filled(&server).await;
    assert_eq!(raw(&server, &v2_link("/old/key", 590)).await.0, 200);
    let far = raw(&server, &v2_link("/old/key", 3_600)).await;
    assert_eq!(far, (400, "AuthorizationQueryParametersError".to_owned()));
    assert_eq!(raw(&server, &v2_link("/old/key", -1)).await.0, 403);
}

/// A link for a host, with that kind of signature, as a head.
fn link(host: &str, path: &str, algorithm: Algorithm) -> String {
    let request = http::Request::get(format!("http://{host}{path}")).body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    let by = credentials(ROOT_KEY, ROOT_SECRET);
    let signer =
        Signer { credentials: &by, region: "us-east-1", service: "s3", now: now(), algorithm };
    signer.presign(&mut parts, 60).unwrap();
    format!("GET {} HTTP/1.1\r\nhost: {host}\r\n", parts.uri.path_and_query().unwrap())
}

/// corpus: SIG-20
/// oracle: answer, twin
#[tokio::test]
async fn a_link_of_either_algorithm_names_its_bucket_in_the_path_or_in_the_host() {
    let server = start(&[]);
    filled(&server).await;
    let stored = (200, "stored".to_owned());
    for algorithm in [Algorithm::Hmac, Algorithm::Ecdsa] {
        let by_host = link("old.store.example", "/key", algorithm);
        assert_eq!(raw(&server, &by_host).await, stored, "{algorithm:?}");
        let by_path = link("store.example", "/old/key", algorithm);
        assert_eq!(raw(&server, &by_path).await, stored, "{algorithm:?}");
        // The host is signed: the link is for no other bucket, and not for the path style.
        for other in ["new.store.example", "store.example", "old.another.example"] {
            let moved = by_host.replace("host: old.store.example", &format!("host: {other}"));
            let refused = raw(&server, &moved).await;
            assert_eq!(refused, (403, "SignatureDoesNotMatch".to_owned()), "{other}");
        }
        let longer = by_host.replace("X-Amz-Expires=60", "X-Amz-Expires=61");
        assert_eq!(raw(&server, &longer).await.1, "SignatureDoesNotMatch");
    }
}
