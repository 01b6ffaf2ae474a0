//! What the server shows: versions, protocols, certificates by name, and new files.

use super::*;

#[tokio::test]
async fn the_host_that_is_asked_for_chooses_the_certificate() {
    let files = Files::new();
    let mut settings = files.settings();
    settings.certificates.push(files.server("second", &["Second.example", "also.example"]));
    settings.certificates.push(files.server("wild", &["*.wild.example"]));
    let tls = load(&settings, ClientCertificates::Off);
    for (host, expected) in [
        ("first.example", "first"),
        ("second.example", "second"),
        ("SECOND.example", "second"),
        ("also.example", "second"),
        ("bucket.wild.example", "wild"),
        ("wild.example", "first"),
        ("a.bucket.wild.example", "first"),
        ("unknown.example", "first"),
        ("127.0.0.1", "first"),
    ] {
        let shaken = shake(&tls, host, None, &[]).await.unwrap();
        assert_eq!(name(&shaken), expected, "{host}");
    }
}

#[test]
fn a_name_that_a_certificate_is_not_for_is_refused_and_so_is_a_second_certificate_for_it() {
    let files = Files::new();
    let mut settings = files.settings();
    settings.certificates.push(files.server("wild", &["*.wild.example"]));
    let with = |names: &[&str]| {
        let mut settings = settings.clone();
        let names = names.iter().map(|name| (*name).to_owned());
        settings.certificates[1].names = names.collect();
        Tls::load(&settings, ClientCertificates::Off).map(drop)
    };
    assert!(with(&["one.wild.example", "*.wild.example"]).is_ok());
    for name in ["wild.example", "a.b.wild.example", "other.example", "*.example"] {
        assert!(matches!(with(&[name]), Err(TlsError::NotFor { .. })), "{name}");
    }
    settings.certificates.push(files.server("again", &["first.example"]));
    let twice = Tls::load(&settings, ClientCertificates::Off).map(drop);
    assert!(matches!(twice, Err(TlsError::NameTwice { .. })), "{twice:?}");
}

#[tokio::test]
async fn tls_10_two_versions_are_spoken_and_no_cipher_without_authentication() {
    let files = Files::new();
    let tls = load(&files.settings(), ClientCertificates::Off);
    for (version, expected) in [
        (&rustls::version::TLS12, rustls::ProtocolVersion::TLSv1_2),
        (&rustls::version::TLS13, rustls::ProtocolVersion::TLSv1_3),
    ] {
        let shaken = shake_in(&tls, "first.example", None, &[], &[version]).await.unwrap();
        assert_eq!(shaken.version, expected);
        let suite = format!("{:?}", shaken.suite);
        assert!(suite.contains("GCM") || suite.contains("POLY1305"), "{suite}");
    }
}

/// A ClientHello of an old version, by hand: `0x0301` is TLS 1.0, `0x0302` TLS 1.1.
fn old_hello(minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]);
    hello.extend([0, 0, 4, 0xc0, 0x14, 0, 0x35, 1, 0]);
    let mut message = vec![1, 0, 0, u8::try_from(hello.len()).unwrap()];
    message.extend(hello);
    let mut record = vec![22, 3, 1, 0, u8::try_from(message.len()).unwrap()];
    record.extend(message);
    record
}

#[tokio::test]
async fn tls_10_older_versions_are_refused() {
    let files = Files::new();
    let tls = load(&files.settings(), ClientCertificates::Off);
    for minor in [1, 2] {
        let (mut client, server) = tokio::io::duplex(4096);
        tokio::io::AsyncWriteExt::write_all(&mut client, &old_hello(minor)).await.unwrap();
        assert!(tls.acceptor().accept(server).await.is_err());
    }
}

#[tokio::test]
async fn tls_11_pieces_and_noise_end_the_handshake_and_nothing_else() {
    let files = Files::new();
    let tls = load(&files.settings(), ClientCertificates::Off);
    let close_notify = [21, 3, 3, 0, 2, 1, 0];
    let hello = old_hello(3);
    let mut pieces: Vec<Vec<u8>> = (0..hello.len()).map(|n| hello[..n].to_vec()).collect();
    pieces.push([&hello[..20], &close_notify].concat());
    pieces.push(close_notify.repeat(500));
    pieces.push([22, 3, 1, 0, 0].repeat(500));
    pieces.push(vec![0xff; 4000]);
    // A hello in records of one byte each.
    let bytes = hello[5..].iter().flat_map(|byte| [22, 3, 1, 0, 1, *byte]);
    pieces.push(bytes.chain(close_notify).collect());
    for piece in pieces {
        let (mut client, server) = tokio::io::duplex(16 * 1024);
        tokio::io::AsyncWriteExt::write_all(&mut client, &piece).await.unwrap();
        tokio::io::AsyncWriteExt::shutdown(&mut client).await.unwrap();
        assert!(tls.acceptor().accept(server).await.is_err());
    }
    assert!(shake(&tls, "first.example", None, &[]).await.is_some(), "and goes on");
}

#[tokio::test]
async fn http_2_is_agreed_on_where_the_client_knows_it() {
    let files = Files::new();
    let tls = load(&files.settings(), ClientCertificates::Off);
    for (offered, agreed) in [
        (&["h2", "http/1.1"][..], Some("h2")),
        (&["http/1.1", "h2"], Some("h2")),
        (&["http/1.1"], Some("http/1.1")),
        (&[], None),
    ] {
        let shaken = shake(&tls, "first.example", None, offered).await.unwrap();
        assert_eq!(shaken.alpn.as_deref(), agreed.map(str::as_bytes), "{offered:?}");
    }
    assert!(shake(&tls, "first.example", None, &["spdy/1"]).await.is_none());
}

#[tokio::test]
async fn new_files_are_for_the_connections_to_come() {
    let files = Files::new();
    let settings = files.settings();
    let tls = load(&settings, ClientCertificates::Off);
    let mut changes = tls.changes();
    let before = shake(&tls, "first.example", None, &[]).await.unwrap();
    files.server("first", &["first.example"]);
    let same = shake(&tls, "first.example", None, &[]).await.unwrap();
    assert_eq!(same.server, before.server, "nothing changes by itself");
    assert_eq!(tls.reload().unwrap(), Reloaded::Taken);
    let after = shake(&tls, "first.example", None, &[]).await.unwrap();
    assert_ne!(after.server, before.server);
    assert!(!changes.has_changed().unwrap(), "no client is judged otherwise");
    changes.mark_unchanged();
}

#[tokio::test]
async fn a_bad_new_file_is_named_and_leaves_the_old_one_in_force() {
    let files = Files::new();
    let settings = files.settings();
    let tls = load(&settings, ClientCertificates::Off);
    let before = shake(&tls, "first.example", None, &[]).await.unwrap();
    let other = KeyPair::generate().unwrap().serialize_pem();
    for (name, content) in [
        ("first.pem", "no certificate"),
        ("first.pem", ""),
        ("first.key", &other),
        ("first.key", ""),
    ] {
        let kept = fs::read_to_string(files.0.path().join(name)).unwrap();
        files.write(name, content);
        let error = tls.reload().unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
        let same = shake(&tls, "first.example", None, &[]).await.unwrap();
        assert_eq!(same.server, before.server);
        files.write(name, &kept);
    }
    fs::remove_file(files.0.path().join("first.key")).unwrap();
    assert!(tls.reload().unwrap_err().to_string().contains("first.key"));
    assert!(shake(&tls, "first.example", None, &[]).await.is_some());
}

#[tokio::test]
async fn a_file_that_changes_is_read_again_once_for_each_change() {
    let files = Files::new();
    let settings = files.settings();
    let tls = load(&settings, ClientCertificates::Off);
    let before = shake(&tls, "first.example", None, &[]).await.unwrap();
    let mut seen = None;
    assert_eq!(tls.reload_changed(&mut seen).unwrap(), Reloaded::Same);
    files.write("first.pem", "not yet");
    assert!(tls.reload_changed(&mut seen).is_err());
    assert_eq!(tls.reload_changed(&mut seen).unwrap(), Reloaded::Same, "said once");
    files.server("first", &["first.example", "another.example"]);
    assert_eq!(tls.reload_changed(&mut seen).unwrap(), Reloaded::Taken);
    assert_eq!(tls.reload_changed(&mut seen).unwrap(), Reloaded::Same);
    let after = shake(&tls, "first.example", None, &[]).await.unwrap();
    assert_ne!(after.server, before.server);
}

#[test]
fn a_missing_certificate_is_named() {
    let files = Files::new();
    let mut settings = files.settings();
    settings.certificates[0].certificate = "no-such.pem".into();
    let error = Tls::load(&settings, ClientCertificates::Off).map(drop).unwrap_err();
    assert!(error.to_string().contains("no-such.pem"), "{error}");
}

/// No RSA key of ours is used by code whose time tells: the one library of cryptography is aws-lc.
///
/// corpus: TLS-13
/// oracle: answer
#[test]
fn tls_13_the_library_whose_rsa_takes_telling_time_is_not_built_in() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    let lock = fs::read_to_string(lock).unwrap();
    assert!(lock.contains("name = \"aws-lc-rs\""), "the lock is read");
    assert!(!lock.contains("name = \"rsa\""));
}
