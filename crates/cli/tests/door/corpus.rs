//! Rows of the field's published holes, each under its id in our list of them: what broke another
//! product is refused here, and its nearest legal neighbour is served.
//!
//! NET rows are about HTTP and exhaustion, PATH rows about names. Rows about connections and TLS
//! are tested where those are: in the server's own room, and in `tests/transport.rs`.

use http::HeaderValue;
use serde_json::json;
use signing::sign::Payload;

use crate::client::{Answer, Ask, By};
use crate::fixture::{House, encoded, house};
use crate::input::{Recorded, absent, bucket, refused};

/// Sends bytes as they are; the status of what came back, or 0 if nothing did.
fn raw(house: &House, bytes: &[u8]) -> u16 {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(house.client.address).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
    let _ = stream.write_all(bytes);
    let (mut came, mut block) = (Vec::new(), [0; 1024]);
    while !came.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut block) {
            Ok(0) | Err(_) => break,
            Ok(bytes) => came.extend_from_slice(&block[..bytes]),
        }
    }
    let text = String::from_utf8_lossy(&came);
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

fn alive(house: &House) {
    house.send(&Ask::s3("GET", "/"), &house.admin).expect(200);
}

/// The keys of a bucket, as a listing has them.
fn keys(house: &House, home: &str) -> Vec<String> {
    let list = house.send(&Ask::s3("GET", &format!("{home}?list-type=2")), &house.admin);
    let list = list.expect(200);
    let keys = list.body.split("<Key>").skip(1);
    keys.map(|key| key.split_once("</Key>").unwrap().0.to_owned()).collect()
}

#[test]
fn net_04_an_underscore_is_no_dash() {
    let house = house();
    let ask = Ask::s3("GET", "/");
    let (mut parts, _) = house.client.signed(&ask, By::Key(&house.admin), Payload::Whole(b""));
    house.client.raw(&parts, b"", 0).expect(200);
    let date = parts.headers.remove("x-amz-date").unwrap();
    parts.headers.insert("x_amz_date", date);
    let bad = house.client.raw(&parts, b"", 0);
    assert_eq!(bad.status, 403, "{bad:?}");
}

#[test]
fn net_05_a_connection_header_takes_no_header_away() {
    let house = house();
    let ask = Ask::s3("GET", "/");
    for nominated in ["x-amz-security-token", "authorization", "close, host", "x-amz-date"] {
        let (mut parts, _) = house.client.signed(&ask, By::Key(&house.live), Payload::Whole(b""));
        house.client.raw(&parts, b"", 0).expect(200);
        parts.headers.insert("connection", HeaderValue::from_static(nominated));
        let bad = house.client.raw(&parts, b"", 0);
        let malformed = Recorded::Refused("malformed");
        refused(&house, &bad, (400, "InvalidRequest"), malformed);
    }
    for harmless in ["close", "keep-alive", "Keep-Alive, Close"] {
        let (mut parts, _) = house.client.signed(&ask, By::Key(&house.live), Payload::Whole(b""));
        parts.headers.insert("connection", HeaderValue::from_static(harmless));
        house.client.raw(&parts, b"", 0).expect(200);
    }
}

#[test]
fn net_09_what_crashed_others_is_refused_and_the_server_lives() {
    let house = house();
    for bytes in [
        &b"GET  HTTP/1.1\r\nhost: h\r\n\r\n"[..],
        b"GET % HTTP/1.1\r\nhost: h\r\n\r\n",
        b"GET /% HTTP/1.1\r\nhost: h\r\n\r\n",
        b"GET /%ff HTTP/1.1\r\nhost: h\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nhost: h\r\n\r\n",
        b"CONNECT h:1 HTTP/1.1\r\nhost: h:1\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost:\r\n\r\n",
        b"OPTIONS /b HTTP/1.1\r\nhost: h\r\norigin: \x01\x02\r\n\r\n",
    ] {
        let status = raw(&house, bytes);
        let text = String::from_utf8_lossy(bytes);
        assert!(status == 0 || (400..500).contains(&status) || status == 501, "{text}: {status}");
        alive(&house);
    }
    let home = bucket(&house, "net-09");
    let empty = Ask::s3("PUT", &format!("{home}/copy")).with("x-amz-copy-source", "");
    assert!((400..500).contains(&house.send(&empty, &house.admin).status));
    let tags = Ask::s3("PUT", &format!("{home}?tagging")).xml("<Tagging/>");
    assert!((400..600).contains(&house.send(&tags, &house.admin).status));
    alive(&house);
}

#[test]
fn net_10_a_value_that_is_sent_back_has_no_line_of_its_own() {
    let house = house();
    let home = bucket(&house, "net-10");
    house.make().object(&format!("{home}/key"));
    let get = |value: &str| Ask::s3("GET", &format!("{home}/key?response-content-type={value}"));
    for value in ["a%0d%0ax-evil:%201", "a%0ab", "a%0db", "a%00b"] {
        let bad = house.send(&get(value), &house.admin);
        assert_eq!(bad.status, 400, "{value}: {bad:?}");
        assert_eq!(bad.header("x-evil"), None);
    }
    let good = house.send(&get("text%2Fplain"), &house.admin).expect(200);
    assert_eq!(good.header("content-type"), Some("text/plain"));
}

#[test]
fn net_11_no_origin_is_told_that_it_may_read() {
    let house = house();
    for (method, target) in [("GET", "/"), ("OPTIONS", "/"), ("GET", "/-/v1/whoami")] {
        let ask = Ask::s3(method, target)
            .with("origin", "https://evil.example")
            .with("access-control-request-method", "GET");
        let answer = house.client.send(&ask, By::Nobody);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{answer:?}");
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{answer:?}");
    }
}

/// A form of exactly so many bytes.
fn form(bytes: usize) -> Ask {
    let ask = Ask::form("iam", "ListUsers", "MaxItems=5");
    let filler = bytes - ask.body.len() - "&PathPrefix=%2F".len();
    // Zeros before a number count for nothing and are bytes all the same.
    let text = String::from_utf8(ask.body.clone()).unwrap();
    let text = text.replace("MaxItems=", &format!("MaxItems={}", "0".repeat(filler)));
    ask.body(format!("{text}&PathPrefix=%2F"))
}

#[test]
fn net_13_a_body_of_a_stranger_is_read_up_to_the_limit_and_not_a_byte_further() {
    let house = house();
    let max = 1024 * 1024;
    let at = form(max);
    assert_eq!(at.body.len(), max);
    let at = house.send(&at, &house.admin);
    assert_ne!(at.status, 413, "{at:?}");
    let past = house.send(&form(max + 1), &house.admin);
    assert_eq!(past.status, 413, "{past:?}");
    // One that announces more is not read at all.
    let head = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-type: application/x-www-form-urlencoded\r\n\
        content-length: 5368709120\r\n\r\n";
    assert_eq!(raw(&house, head), 413);
    // One that announces nothing is cut when it gets there.
    let mut chunked = b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\
        content-type: application/x-www-form-urlencoded\r\n\r\n"
        .to_vec();
    for _ in 0..17 {
        chunked.extend(b"10000\r\n");
        chunked.extend(vec![b'a'; 0x10000]);
        chunked.extend(b"\r\n");
    }
    assert!([413, 0].contains(&raw(&house, &chunked)));
    alive(&house);
}

#[test]
fn net_14_a_flood_of_headers_is_431_at_once() {
    let house = house();
    let many: String = (0..100_000).map(|n| format!("x-{n}: 1\r\n")).collect();
    let long = format!("x: {}\r\n", "a".repeat(1024 * 1024));
    for headers in [many, long] {
        let request = format!("GET / HTTP/1.1\r\nhost: h\r\n{headers}\r\n");
        assert!([431, 0].contains(&raw(&house, request.as_bytes())));
        alive(&house);
    }
}

#[test]
fn net_16_a_deep_document_is_refused() {
    let house = house();
    for depth in [200, 50_000] {
        let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":{deep}}}"#);
        let fields = format!("PolicyName=deep&PolicyDocument={}", encoded(&policy));
        let bad = house.send(&Ask::form("iam", "CreatePolicy", &fields), &house.admin);
        assert!((400..500).contains(&bad.status), "{bad:?}");
        let bad = house.send(&Ask::admin("POST", "accounts", &deep), &house.root);
        assert!((400..500).contains(&bad.status), "{bad:?}");
    }
    alive(&house);
}

#[test]
fn net_22_as_many_parameters_as_the_limit_and_not_one_more() {
    let house = house();
    bucket(&house, "net-22");
    let list = |count: usize| {
        let more: String = (2..=count).map(|n| format!("&p{n}=1")).collect();
        let request = format!("GET /net-22?list-type=2{more} HTTP/1.1\r\nhost: h\r\n\r\n");
        raw(&house, request.as_bytes())
    };
    assert_eq!(list(256), 403, "it is read, and its sender is nobody");
    assert_eq!(list(257), 400);
    let bomb = format!("GET /?{} HTTP/1.1\r\nhost: h\r\n\r\n", "a&".repeat(1_000_000));
    assert!([431, 414, 0].contains(&raw(&house, bomb.as_bytes())));
    alive(&house);
}

#[test]
fn path_01_no_path_of_the_admin_api_leaves_it() {
    let house = house();
    for path in ["../../etc/passwd", "audit/../../x", "%2e%2e/%2e%2e/etc/passwd", "..%2f..%2fx"] {
        let bad = house.send(&Ask::admin("GET", path, ""), &house.root);
        assert!((400..500).contains(&bad.status), "{path}: {bad:?}");
        assert!(!bad.body.contains("root:"), "{path}");
    }
    house.send(&Ask::admin("GET", "whoami", ""), &house.root).expect(200);
}

#[test]
fn path_02_path_06_a_key_is_a_name_and_no_path() {
    let house = house();
    let home = bucket(&house, "path-06");
    let victim = bucket(&house, "path-06-victim");
    house.make().object(&format!("{victim}/key"));
    let odd = [
        "..%5C..%5Cx",
        "C:%5Cx",
        "x::$DATA",
        "CON",
        "aux.txt",
        "....//x",
        "x/",
        "x",
        "a//b",
        "a/b",
        "%20",
        "~",
        ".hidden",
        "-rf",
        "a%7Cb",
        "%F0%9F%A6%80",
        "%2Fabsolute",
    ];
    let mut stored = Vec::new();
    for key in odd {
        let put = house.send(&Ask::s3("PUT", &format!("{home}/{key}")).body(key), &house.admin);
        if put.status == 200 {
            let got = house.send(&Ask::s3("GET", &format!("{home}/{key}")), &house.admin);
            assert_eq!((got.status, got.body.as_str()), (200, key), "each is its own");
            stored.push(key);
        } else {
            assert_eq!(put.status, 400, "{key}: {put:?}");
        }
    }
    assert_eq!(keys(&house, &home).len(), stored.len(), "what is listed is what was stored");
    assert!(stored.contains(&"x") && stored.contains(&"x/"), "twins are two: {stored:?}");
    assert_eq!(keys(&house, &victim), ["key"]);
}

#[test]
fn path_05_path_06_dots_lead_nowhere() {
    let house = house();
    let home = bucket(&house, "path-05");
    let victim = bucket(&house, "path-05-victim");
    house.make().object(&format!("{victim}/key"));
    for target in [
        "/path-05/../path-05-victim/key",
        "/path-05/%2e%2e/path-05-victim/key",
        "/path-05/..%2Fpath-05-victim%2Fkey",
        "/path-05/%252e%252e/path-05-victim/key",
        "/path-05/./../path-05-victim/key",
        "/../path-05-victim/key",
        "/./path-05-victim/key",
    ] {
        let put = house.send(&Ask::s3("PUT", target).body("evil"), &house.admin);
        assert!(put.status == 200 || (400..500).contains(&put.status), "{target}: {put:?}");
        let key = house.send(&Ask::s3("GET", &format!("{victim}/key")), &house.admin);
        assert_eq!(key.expect(200).body, "content", "{target}");
        assert_eq!(keys(&house, &victim), ["key"], "{target}");
    }
    house.send(&Ask::s3("PUT", &format!("{home}/key")).body("own"), &house.admin).expect(200);
}

#[test]
fn path_06_a_key_may_be_as_long_as_the_limit_and_not_a_byte_longer() {
    let house = house();
    let home = bucket(&house, "path-06-long");
    let put = |bytes: usize| Ask::s3("PUT", &format!("{home}/{}", "k".repeat(bytes))).body("x");
    house.send(&put(1024), &house.admin).expect(200);
    assert_eq!(house.send(&put(1025), &house.admin).code(), "KeyTooLongError");
    let nul = house.send(&Ask::s3("PUT", &format!("{home}/a%00b")).body("x"), &house.admin);
    assert!(nul.status == 200 || nul.status == 400, "{nul:?}");
    absent(&house, &format!("{home}/a"));
}

#[test]
fn path_04_what_the_server_keeps_for_itself_has_no_name() {
    let house = house();
    for name in [".strongroom", "..", ".", "journal", "state", "blobs", "data", "_internal"] {
        let got = house.send(&Ask::s3("GET", &format!("/{name}/x")), &house.admin);
        assert!((400..500).contains(&got.status), "{name}: {got:?}");
        assert_ne!(got.status, 200);
    }
}

#[test]
fn path_08_a_prefix_ends_where_its_pattern_says() {
    let house = house();
    let home = bucket(&house, "path-08");
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::path-08/data/*",
        },
    });
    let user = house.make().user("path-08", Some(&policy.to_string()));
    for (key, status) in
        [("data/x", 200), ("data2/x", 403), ("data", 403), ("data/../other", 200), ("Data/x", 403)]
    {
        let put = house.send(&Ask::s3("PUT", &format!("{home}/{key}")).body("x"), &user);
        // A key of dots is a name below the prefix, or none at all.
        let fine = put.status == status || (key.contains("..") && put.status == 400);
        assert!(fine, "{key}: {put:?}");
    }
    absent(&house, &format!("{home}/other"));
}

#[test]
fn path_09_a_name_that_looks_like_another_is_not_a_name() {
    let house = house();
    let make = |name: &str| -> Answer {
        let fields = format!("UserName={}", encoded(name));
        house.make().send(&Ask::form("iam", "CreateUser", &fields))
    };
    for name in ["admin\u{200b}", "\u{0430}dmin", "admin\u{202e}", "ad\u{0301}min", "ａdmin", "a b"]
    {
        assert_eq!(make(name).status, 400, "{name:?}");
    }
    // `admin` is there: the same in other letters is the same.
    assert_eq!(make("ADMIN").code(), "EntityAlreadyExists");
    make("admin.2").expect(200);
}

/// oracle: answer, twin
#[test]
fn path_10_a_continuation_token_is_ours_or_nothing() {
    let house = house();
    let home = bucket(&house, "path-10");
    for key in ["a", "b", "c"] {
        house.make().object(&format!("{home}/{key}"));
    }
    let list = |more: &str| {
        let target = format!("{home}?list-type=2&max-keys=1{more}");
        house.send(&Ask::s3("GET", &target), &house.admin)
    };
    let token = list("").expect(200).element("NextContinuationToken").unwrap();
    let next = list(&format!("&continuation-token={}", encoded(&token))).expect(200);
    // An empty one says nothing: the listing begins at its beginning, as on S3.
    let empty = list("&continuation-token=").expect(200);
    assert!(empty.body.contains("<Key>a</Key>") && empty.body.contains("<ContinuationToken"));
    assert!(next.body.contains("<Key>b</Key>"), "{next:?}");
    // What is not one is refused, and so is one with a letter changed: it is sealed.
    let mut changed = token.clone().into_bytes();
    let last = changed.len() / 2;
    changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    for forged in ["x", "' OR 1=1 --", "AAAAAAAA", &format!("{token}!"), "MWI", &changed] {
        let bad = list(&format!("&continuation-token={}", encoded(forged)));
        assert_eq!((bad.status, bad.code().as_str()), (400, "InvalidArgument"), "{forged:?}");
    }
    // And so is one of another listing: another prefix, another bucket, all buckets.
    let other = bucket(&house, "path-10-other");
    let token = encoded(&token);
    for target in [
        format!("{home}?list-type=2&prefix=a&continuation-token={token}"),
        format!("{other}?list-type=2&continuation-token={token}"),
        format!("/?continuation-token={token}"),
    ] {
        let bad = house.send(&Ask::s3("GET", &target), &house.admin);
        assert_eq!((bad.status, bad.code().as_str()), (400, "InvalidArgument"), "{target}");
    }
}

/// Nothing is encrypted for whoever asks, so nobody is told that it is.
/// corpus: SEC-13
/// oracle: answer, twin
#[test]
fn sec_13_what_is_asked_to_be_encrypted_is_not_stored_and_nothing_is_said_to_be() {
    let house = house();
    let home = bucket(&house, "sec-13");
    let plain = format!("{home}/plain");
    let put = house.send(&Ask::s3("PUT", &plain).body("canary"), &house.admin).expect(200);
    let key = format!("{home}/asked");
    for (name, value) in [
        ("x-amz-server-side-encryption", "AES256"),
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", "k"),
        ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-server-side-encryption-customer-key", "a2V5"),
    ] {
        let copy = Ask::s3("PUT", &key).with("x-amz-copy-source", &plain);
        for ask in [
            Ask::s3("PUT", &key).body("canary").with(name, value),
            copy.with(name, value),
            Ask::s3("POST", &format!("{key}?uploads")).with(name, value),
            Ask::upload(&home, &[("key", "asked"), (name, value)], "canary"),
        ] {
            let answer = house.send(&ask, &house.admin);
            let told = (answer.status, answer.code());
            assert_eq!(told, (501, "NotImplemented".to_owned()), "{} {name}", ask.method);
        }
        absent(&house, &key);
    }
    let rule =
        Ask::s3("PUT", &format!("{home}?encryption")).xml("<ServerSideEncryptionConfiguration/>");
    assert_eq!(house.send(&rule, &house.admin).code(), "NotImplemented");
    let uploads = house.send(&Ask::s3("GET", &format!("{home}?uploads")), &house.admin).expect(200);
    assert!(!uploads.body.contains("<Upload>"), "{}", uploads.body);
    let got = house.send(&Ask::s3("GET", &plain), &house.admin).expect(200);
    let head = house.send(&Ask::s3("HEAD", &plain), &house.admin).expect(200);
    for answer in [&put, &got, &head] {
        let said = answer.headers.iter().any(|(name, _)| name.contains("encryption"));
        assert!(!said, "{:?}", answer.headers);
    }
}
