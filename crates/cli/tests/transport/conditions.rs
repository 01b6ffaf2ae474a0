//! What policies see of a connection: the client's address, whether it was secure, and how.

use rustls::SupportedProtocolVersion;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::caller::{Ask, Hands, ask1, connect, credentials, root};
use crate::server::Server;

const NEW: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
const OLD: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];

/// A policy that allows everything of S3 on one condition.
fn policy(condition: &str) -> String {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{condition}}}}}"#
    );
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Makes a user who may do everything of S3 on one condition, over connections of one kind.
async fn user(
    server: &Server,
    condition: &str,
    open: impl AsyncFn() -> TcpStream,
) -> signing::sign::Credentials {
    let authority = server.address.to_string();
    let (root, policy) = (root(), policy(condition));
    let fields = format!("UserName=alice&PolicyName=one&PolicyDocument={policy}");
    let mut answers = Vec::new();
    for ask in [
        Ask::iam("CreateUser", "UserName=alice"),
        Ask::iam("PutUserPolicy", &fields),
        Ask::iam("CreateAccessKey", "UserName=alice"),
    ] {
        let answer = ask1(&mut open().await, ask, (&authority, &root)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answers.push(answer);
    }
    let key = answers.pop().unwrap();
    credentials(&key.element("AccessKeyId"), &key.element("SecretAccessKey"))
}

/// A PROXY header of a client of that address.
fn proxied(last: u8) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    header.extend([198, 51, 100, last, 127, 0, 0, 1, 0, 9, 0, 80]);
    header
}

#[tokio::test]
async fn the_proxy_protocol_decides_the_source_address_and_its_absence_is_on_record() {
    let server = Server::start(
        crate::server::directory(),
        &[
            ("STRONGROOM_LISTEN_TRUSTED_PROXIES", "127.0.0.0/8"),
            ("STRONGROOM_LISTEN_PROXY_PROTOCOL", "v2"),
        ],
    );
    let authority = server.address.to_string();
    let from = async |last| {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(&proxied(last)).await.unwrap();
        stream
    };
    let condition = r#"{"IpAddress":{"aws:SourceIp":"198.51.100.7/32"}}"#;
    let alice = user(&server, condition, async || from(9).await).await;
    for (last, status) in [(7, 200), (8, 403)] {
        let mut stream = from(last).await;
        let answer = ask1(&mut stream, Ask::s3("GET", "/"), (&authority, &alice)).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    // Whom the proxy names is no proxy: what it says itself is not believed.
    let mut stream = from(8).await;
    let spoofed = Ask::s3("GET", "/").with("x-forwarded-for", "198.51.100.7");
    assert_eq!(ask1(&mut stream, spoofed, (&authority, &alice)).await.status, 403);

    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"PROXY TCP4 198.51.100.7 127.0.0.1 1 2\r\nGET / HTTP/1.1\r\n").await.unwrap();
    let mut came = Vec::new();
    let _ = stream.read_to_end(&mut came).await;
    assert!(came.is_empty(), "{}", String::from_utf8_lossy(&came));
    let mut stream = from(9).await;
    let record = Ask { service: "strongroom", ..Ask::s3("GET", "/-/v1/audit?verdict=refused") };
    let record = ask1(&mut stream, record, (&authority, &root())).await;
    assert!(record.body.contains("proxy-header"), "{record:?}");
    let mut ops = TcpStream::connect(server.ops).await.unwrap();
    ops.write_all(b"GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut metrics = String::new();
    ops.read_to_string(&mut metrics).await.unwrap();
    let counted = r#"strongroom_connections_refused_total{why="proxy-header"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn pol_10_forwarded_addresses_of_strangers_are_not_believed() {
    // This machine is no declared proxy.
    let server = Server::start(crate::server::directory(), &[]);
    let authority = server.address.to_string();
    let open = async || TcpStream::connect(server.address).await.unwrap();
    let condition = r#"{"IpAddress":{"aws:SourceIp":"198.51.100.7/32"}}"#;
    let alice = user(&server, condition, open).await;
    for header in ["x-forwarded-for", "x-real-ip", "forwarded", "x_forwarded_for", "true-client-ip"]
    {
        let value = if header == "forwarded" { "for=198.51.100.7" } else { "198.51.100.7" };
        let spoofed = Ask::s3("GET", "/").with(header, value);
        let answer = ask1(&mut open().await, spoofed, (&authority, &alice)).await;
        assert_eq!(answer.status, 403, "{header}: {answer:?}");
    }
    // Behind a declared proxy the same header is what decides.
    let declared = [("STRONGROOM_LISTEN_TRUSTED_PROXIES", "127.0.0.0/8")];
    let server = Server::start(crate::server::directory(), &declared);
    let authority = server.address.to_string();
    let open = async || TcpStream::connect(server.address).await.unwrap();
    let alice = user(&server, condition, open).await;
    for (hops, status) in [("6.6.6.6, 198.51.100.7", 200), ("198.51.100.7, 6.6.6.6", 403)] {
        let told = Ask::s3("GET", "/").with("x-forwarded-for", hops);
        let answer = ask1(&mut open().await, told, (&authority, &alice)).await;
        assert_eq!(answer.status, status, "{hops}: {answer:?}");
    }
}

#[tokio::test]
async fn the_connection_tells_whether_it_is_secure_and_which_version_it_speaks() {
    let server = Server::secure(&[]);
    let authority = server.address.to_string();
    let root = root();
    let ask = async |ask, by, versions| {
        let hands = Hands { roots: server.roots(), alpn: &["http/1.1"], versions };
        let mut stream = connect(server.address, hands).await.unwrap();
        ask1(&mut stream, ask, (&authority, by)).await
    };
    let all = rustls::ALL_VERSIONS;
    let condition = r#"{"NumericGreaterThanEquals":{"s3:TlsVersion":"1.3"},"Bool":{"aws:SecureTransport":"true"}}"#;
    ask(Ask::iam("CreateUser", "UserName=alice"), &root, all).await;
    let fields = format!("UserName=alice&PolicyName=one&PolicyDocument={}", policy(condition));
    assert_eq!(ask(Ask::iam("PutUserPolicy", &fields), &root, all).await.status, 200);
    let key = ask(Ask::iam("CreateAccessKey", "UserName=alice"), &root, all).await;
    let alice = credentials(&key.element("AccessKeyId"), &key.element("SecretAccessKey"));
    let new = ask(Ask::s3("GET", "/"), &alice, NEW).await;
    assert_eq!(new.status, 200, "{new:?}");
    let old = ask(Ask::s3("GET", "/"), &alice, OLD).await;
    assert_eq!(old.status, 403, "{old:?}");
    // No header makes it newer, and none makes somebody of a stranger (TLS-12).
    let told = Ask::s3("GET", "/").with("x-forwarded-proto", "https").with("tls-version", "1.3");
    assert_eq!(ask(told, &alice, OLD).await.status, 403);
}

#[tokio::test]
async fn tls_12_a_certificate_in_a_header_is_nobodys() {
    let server = Server::start(crate::server::directory(), &[]);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let asked = b"GET / HTTP/1.1\r\nhost: h\r\nx-ssl-client-verify: SUCCESS\r\n\
        x-ssl-client-s-dn: CN=root\r\nx-ssl-client-cert: MIIB\r\nx-forwarded-client-cert: \
        Subject=\"CN=root\"\r\nssl-client-subject-dn: CN=root\r\nconnection: close\r\n\r\n";
    stream.write_all(asked).await.unwrap();
    let mut came = String::new();
    stream.read_to_string(&mut came).await.unwrap();
    assert!(came.starts_with("HTTP/1.1 403"), "{came}");
    let authority = server.address.to_string();
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let signed = ask1(&mut stream, Ask::s3("GET", "/"), (&authority, &root())).await;
    assert_eq!(signed.status, 200, "{signed:?}");
}
