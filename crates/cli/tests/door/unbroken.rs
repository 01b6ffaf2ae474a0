//! Holes of others that need a thing which is not here: hosts that are called, archives that are
//! unpacked, queries over objects, a console on the objects' origin. Each test shows that it is not
//! here, and that its nearest neighbour is served.

use std::net::TcpListener;

use serde_json::json;
use signing::sign::Payload;

use crate::client::{Ask, By};
use crate::fixture::{encoded, house};
use crate::input::Recorded::Refused;
use crate::input::{bucket, refused};

/// The keys of a bucket.
fn keys(house: &crate::fixture::House, home: &str) -> usize {
    let list = house.send(&Ask::s3("GET", &format!("{home}?list-type=2")), &house.admin);
    list.expect(200).body.matches("<Key>").count()
}

/// corpus: NET-01
/// oracle: answer, state, record, twin
#[test]
fn net_01_no_host_that_a_request_names_is_called() {
    let house = house();
    let home = bucket(&house, "net-01");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let trap = listener.local_addr().unwrap().to_string();
    let put = Ask::s3("PUT", &format!("{home}/key")).body("x");
    let (parts, _) = house.client.signed(&put, By::Key(&house.admin), Payload::Whole(b"x"));
    for host in [trap.as_str(), "169.254.169.254", "metadata.google.internal"] {
        let mut moved = parts.clone();
        moved.headers.insert("host", host.parse().unwrap());
        let answer = house.client.raw(&moved, b"x", 1);
        let mismatch = Refused("signature-mismatch");
        refused(&house, &answer, (403, "SignatureDoesNotMatch"), mismatch);
    }
    let copy = Ask::s3("PUT", &format!("{home}/copy"))
        .with("x-amz-copy-source", &format!("http://{trap}/secret"));
    let copied = house.send(&copy, &house.admin);
    assert!((400..500).contains(&copied.status), "{copied:?}");
    let hook = Ask::upload(&home, &[("key", "k"), ("success_action_redirect", "http://h/")], "x");
    house.send(&hook, &house.nobody);
    assert_eq!(keys(&house, &home), 0, "nothing was written");
    let came = listener.accept();
    assert_eq!(came.unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "nobody called");
    house.send(&put, &house.admin).expect(200);
}

/// corpus: NET-02
/// oracle: answer, state, twin
#[test]
fn net_02_a_provider_on_an_inner_address_is_not_asked() {
    let house = house();
    let make = house.make();
    for (name, issuer) in [
        ("inner-metadata", "https://169.254.169.254"),
        ("inner-hex", "https://0x7f000001"),
        ("inner-mapped", "https://[::ffff:169.254.169.254]"),
        ("inner-plain", "http://10.0.0.1"),
    ] {
        let add = json!({"name": name, "issuer": issuer, "client_ids": ["door"]});
        let added = make.send(&Ask::admin("POST", "providers", &add.to_string()));
        if added.status == 200 {
            // It may be known; it is not called. The token never gets as far as a key.
            let claims = encoded_claims(issuer);
            let fields = format!("RoleSessionName=x&WebIdentityToken={claims}");
            let ask = Ask::form("sts", "AssumeRoleWithWebIdentity", &fields);
            let answer = house.client.send(&ask, By::Nobody);
            assert_eq!(answer.status, 400, "{issuer}: {answer:?}");
        } else {
            assert_eq!(added.status, 400, "{issuer}: {added:?}");
        }
    }
}

/// A token of an issuer that nobody has signed.
fn encoded_claims(issuer: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as base64;
    let header = base64.encode(r#"{"alg":"EdDSA","kid":"one"}"#);
    let claims = base64.encode(json!({"iss": issuer, "sub": "ana", "aud": "door"}).to_string());
    encoded(&format!("{header}.{claims}.{}", base64.encode([7; 64])))
}

/// corpus: NET-08
/// oracle: answer, state, record, twin
#[test]
fn net_08_no_query_reads_an_object_line_by_line() {
    let house = house();
    let home = bucket(&house, "net-08");
    let endless = "a".repeat(300_000);
    let put = Ask::s3("PUT", &format!("{home}/lines.csv")).body(endless.clone());
    house.send(&put, &house.admin).expect(200);
    let select = Ask::s3("POST", &format!("{home}/lines.csv?select&select-type=2"));
    let answer = house.send(&select.xml("<SelectObjectContentRequest/>"), &house.admin);
    refused(&house, &answer, (501, "NotImplemented"), Refused("unknown-operation"));
    let got = house.send(&Ask::s3("GET", &format!("{home}/lines.csv")), &house.admin).expect(200);
    assert_eq!(got.body, endless);
}

/// corpus: NET-12, SEC-11
/// oracle: answer, twin
#[test]
fn net_12_no_page_shares_the_origin_of_the_objects_and_no_cookie_opens_it() {
    let house = house();
    let home = bucket(&house, "net-12");
    let page = Ask::s3("PUT", &format!("{home}/page.html"))
        .with("content-type", "text/html")
        .body("<script>fetch('/-/v1/accounts')</script>");
    house.send(&page, &house.admin).expect(200);
    // What runs in a browser has no credential to send by itself.
    for path in ["/-/v1/accounts", "/", "/net-12/page.html", "/-/", "/-/v1/sessions"] {
        let ask = Ask::s3("GET", path).with("cookie", "session=1").with("accept", "text/html");
        let answer = house.client.send(&ask, By::Nobody);
        assert!([403, 404].contains(&answer.status), "{path}: {answer:?}");
        assert_eq!(answer.header("set-cookie"), None, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        assert_ne!(answer.header("content-type"), Some("text/html"), "{path}");
    }
    let got = house.send(&Ask::s3("GET", &format!("{home}/page.html")), &house.admin).expect(200);
    assert_eq!(got.header("content-type"), Some("text/html"));
    assert_eq!(got.header("set-cookie"), None);
}

/// corpus: NET-18, ADM-01, ADM-03
/// oracle: answer, state, twin
#[test]
fn net_18_nothing_imports_an_archive() {
    let house = house();
    for (method, path) in [("PUT", "import"), ("POST", "import-iam"), ("PUT", "iam/import")] {
        let answer = house.send(&Ask::admin(method, path, "{}"), &house.admin);
        assert_eq!((answer.status, answer.code().as_str()), (404, "NoSuchOperation"), "{path}");
    }
    // The address at which others import is an object's.
    let home = bucket(&house, "net-18");
    let address = format!("{home}/admin/v3/import-iam");
    house.send(&Ask::s3("PUT", &address).body("PK\x03\x04"), &house.admin).expect(200);
    let got = house.send(&Ask::s3("GET", &address), &house.admin).expect(200);
    assert_eq!(got.body, "PK\x03\x04");
    house.send(&Ask::admin("GET", "accounts", ""), &house.root).expect(200);
}

/// A tar of one entry with that name.
fn tar(name: &str) -> Vec<u8> {
    let mut head = vec![0; 512];
    head[..name.len()].copy_from_slice(name.as_bytes());
    head[100..107].copy_from_slice(b"0000644");
    head[124..135].copy_from_slice(b"00000000001");
    head[156] = b'0';
    head[148..156].fill(b' ');
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    [head, b"x".to_vec(), vec![0; 511 + 1024]].concat()
}

/// corpus: NET-19, NET-20, PATH-07, SIG-02
/// oracle: answer, state, twin
#[test]
fn net_19_an_archive_is_one_object_whatever_its_headers_ask() {
    let house = house();
    let (home, victim) = (bucket(&house, "net-19"), bucket(&house, "net-19-victim"));
    for (key, entry) in [("a.tar", "inside.txt"), ("b.tar", "../net-19-victim/obj")] {
        let body = tar(entry);
        let put = Ask::s3("PUT", &format!("{home}/{key}"))
            .with("x-amz-meta-snowball-auto-extract", "true")
            .body(body.clone());
        let forged = {
            let mut by = house.admin.clone();
            by.secret = "another-secret-of-at-least-32-characters".parse().unwrap();
            house.send(&put, &by)
        };
        let mismatch = Refused("signature-mismatch");
        refused(&house, &forged, (403, "SignatureDoesNotMatch"), mismatch);
        house.send(&put, &house.admin).expect(200);
        let head = house.send(&Ask::s3("HEAD", &format!("{home}/{key}")), &house.admin).expect(200);
        assert_eq!(head.header("content-length"), Some(body.len().to_string().as_str()));
    }
    assert_eq!((keys(&house, &home), keys(&house, &victim)), (2, 0));
}

/// The worst that a policy may be, and one wildcard more.
///
/// corpus: NET-15
/// oracle: answer, state, twin
#[test]
fn net_15_a_pattern_with_the_most_wildcards_is_decided_and_one_more_is_not_taken() {
    let house = house();
    let home = bucket(&house, "net-15");
    house.make().object(&format!("{home}/key"));
    let policy = |stars: usize| {
        let pattern = format!("arn:aws:s3:::net-15/{}b", "*a".repeat(stars));
        json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "s3:GetObject", "Resource": pattern,
        }})
        .to_string()
    };
    let user = house.make().user("net-15", Some(&policy(256)));
    let long = format!("{home}/{}", "a".repeat(1_000));
    let worst = house.send(&Ask::s3("GET", &long), &user);
    assert_eq!((worst.status, worst.code().as_str()), (403, "AccessDenied"));
    let matching = house.send(&Ask::s3("GET", &format!("{long}b")), &user);
    assert_eq!(matching.status, 403, "allowed, and what is absent may not be listed");
    let fields = format!("UserName=net-15&PolicyName=own&PolicyDocument={}", encoded(&policy(257)));
    let refused = house.make().send(&Ask::form("iam", "PutUserPolicy", &fields));
    assert_eq!((refused.status, refused.code().as_str()), (400, "MalformedPolicyDocument"));
}

/// corpus: PATH-03
/// oracle: answer, record, twin
#[test]
fn path_03_letters_that_run_right_to_left_are_written_out_in_the_record() {
    let house = house();
    let home = bucket(&house, "path-03");
    let key = "invoice\u{202e}fdp.exe";
    let put = Ask::s3("PUT", &format!("{home}/{}", encoded(key))).body("x");
    let stored = house.send(&put, &house.admin).expect(200);
    let path = format!("audit?request_id={}", stored.request_id());
    let found = house.send(&Ask::admin("GET", &path, ""), &house.root).expect(200);
    assert!(found.body.contains("invoice"), "{}", found.body);
    assert!(!found.body.contains('\u{202e}'), "{}", found.body);
    let list = Ask::s3("GET", &format!("{home}?list-type=2&encoding-type=url"));
    let list = house.send(&list, &house.admin).expect(200);
    assert!(list.body.contains("invoice%E2%80%AEfdp.exe"), "{}", list.body);
}
