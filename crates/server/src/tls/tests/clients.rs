//! What clients show: who is taken, who is refused, and what is handed on.

use super::*;

const FAR: (i32, u8, u8) = (4000, 1, 1);

/// Whether a client is let in, and as whom.
async fn as_whom(tls: &Tls, held: &Held) -> Option<ClientCertificate> {
    // TLS 1.2 tells both ends the outcome of the handshake.
    let versions = &[&rustls::version::TLS12];
    shake_in(tls, "first.example", Some(held), &[], versions).await?.client.ok().flatten()
}

#[tokio::test]
async fn what_the_chain_proves_is_handed_on() {
    let files = Files::new();
    let authority = authority("Authority", None);
    let tls = load(&files.asking(&authority), ClientCertificates::Required);
    let held = held(&client_params(), &authority);
    let shaken = shake(&tls, "first.example", Some(&held), &["h2"]).await.unwrap();
    let proven = shaken.client.unwrap().unwrap();
    assert_eq!(proven.common_names, ["alice"]);
    assert!(proven.subject.contains("CN=alice"), "{}", proven.subject);
    assert!(proven.issuer.contains("CN=Authority"), "{}", proven.issuer);
    assert_eq!(proven.serial, "1234");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &held.chain[0]);
    assert_eq!(proven.fingerprint, hex::encode(digest));
    assert_eq!(proven.names.dns, ["alice.example"]);
    assert_eq!(proven.names.uris, ["spiffe://example/alice"]);
    assert_eq!(proven.names.mails, ["alice@example.com"]);
    assert_eq!(proven.names.addresses, ["192.0.2.7".parse::<std::net::IpAddr>().unwrap()]);
}

#[tokio::test]
async fn a_client_without_a_certificate_is_let_in_only_where_none_is_required() {
    let files = Files::new();
    let authority = authority("Authority", None);
    let settings = files.asking(&authority);
    for (mode, fine) in
        [(ClientCertificates::Optional, true), (ClientCertificates::Required, false)]
    {
        let tls = load(&settings, mode);
        let versions = &[&rustls::version::TLS12];
        let shaken = shake_in(&tls, "first.example", None, &[], versions).await;
        assert_eq!(shaken.is_some(), fine, "{mode:?}");
        assert!(shaken.is_none_or(|shaken| shaken.client.unwrap().is_none()));
        assert!(as_whom(&tls, &held(&client_params(), &authority)).await.is_some());
    }
}

#[tokio::test]
async fn tls_01_a_lookalike_with_another_key_is_refused() {
    let files = Files::new();
    let authority = authority("Authority", None);
    let impostor = super::authority("Authority", None);
    for mode in [ClientCertificates::Optional, ClientCertificates::Required] {
        let tls = load(&files.asking(&authority), mode);
        assert!(as_whom(&tls, &held(&client_params(), &authority)).await.is_some());
        assert!(as_whom(&tls, &held(&client_params(), &impostor)).await.is_none(), "{mode:?}");
        // The same names and serial, signed by itself.
        let key = KeyPair::generate().unwrap();
        let alone = client_params().self_signed(&key).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let alone = Held { chain: vec![alone.der().clone()], key };
        assert!(as_whom(&tls, &alone).await.is_none(), "{mode:?}");
    }
}

#[tokio::test]
async fn a_leaf_that_is_its_own_authority_is_no_other_leafs() {
    // CVE-2024-2048: trusting one certificate must not mean trusting its namesake.
    let files = Files::new();
    let trusted = authority("alice", None);
    let tls = load(&files.asking(&trusted), ClientCertificates::Required);
    let namesake = held(&client_params(), &authority("alice", None));
    assert!(as_whom(&tls, &namesake).await.is_none());
    assert!(as_whom(&tls, &held(&client_params(), &trusted)).await.is_some());
}

#[tokio::test]
async fn tls_02_a_revocation_list_that_cannot_be_read_lets_nobody_start() {
    let files = Files::new();
    let authority = authority("Authority", None);
    let mut settings = files.asking(&authority);
    settings.client_revocations = vec![files.0.path().join("list.pem")];
    for content in
        [None, Some(""), Some("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")]
    {
        content.map(|content| files.write("list.pem", content));
        let refused = Tls::load(&settings, ClientCertificates::Required).map(drop);
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("list.pem"), "{error}");
    }
    files.write("list.pem", &revocations(&authority, &[], FAR));
    let tls = load(&settings, ClientCertificates::Required);
    assert!(as_whom(&tls, &held(&client_params(), &authority)).await.is_some());
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_and_its_neighbour_is_not() {
    let files = Files::new();
    let authority = authority("Authority", None);
    let mut settings = files.asking(&authority);
    let list = files.write("list.pem", &revocations(&authority, &[0x1234], FAR));
    settings.client_revocations = vec![list];
    let tls = load(&settings, ClientCertificates::Optional);
    assert!(as_whom(&tls, &held(&client_params(), &authority)).await.is_none());
    let mut params = client_params();
    params.serial_number = Some(SerialNumber::from(0x1235_u64));
    assert!(as_whom(&tls, &held(&params, &authority)).await.is_some());
}

/// No OCSP answer is asked for or believed, whoever brings it: lists alone tell a status.
///
/// corpus: TLS-06
/// oracle: answer, twin
#[tokio::test]
async fn tls_03_a_status_that_no_list_tells_is_refused() {
    let files = Files::new();
    let (one, other) = (authority("One", None), authority("Other", None));
    let mut settings = files.asking(&one);
    settings.client_authorities.push(files.write("other.pem", &other.pem()));
    settings.client_revocations = vec![files.write("list.pem", &revocations(&one, &[], FAR))];
    let tls = load(&settings, ClientCertificates::Required);
    assert!(as_whom(&tls, &held(&client_params(), &one)).await.is_some());
    assert!(as_whom(&tls, &held(&client_params(), &other)).await.is_none());
}

#[tokio::test]
async fn a_list_that_has_run_out_tells_nothing() {
    let files = Files::new();
    let authority = authority("Authority", None);
    let mut settings = files.asking(&authority);
    let old = revocations(&authority, &[], (2021, 1, 1));
    settings.client_revocations = vec![files.write("list.pem", &old)];
    let tls = load(&settings, ClientCertificates::Required);
    let held = held(&client_params(), &authority);
    assert!(as_whom(&tls, &held).await.is_none());
    files.write("list.pem", &revocations(&authority, &[], FAR));
    tls.reload().unwrap();
    assert!(as_whom(&tls, &held).await.is_some());
}

#[tokio::test]
async fn tls_04_a_leaf_outside_its_authoritys_names_is_refused() {
    let files = Files::new();
    let within = |name: &str| NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(name.to_owned())],
        excluded_subtrees: Vec::new(),
    };
    for (name, fine) in [("alice.example", true), ("other.example", false)] {
        let authority = authority("Authority", Some(within(name)));
        let tls = load(&files.asking(&authority), ClientCertificates::Required);
        let mut params = client_params();
        params.subject_alt_names.truncate(1);
        assert_eq!(as_whom(&tls, &held(&params, &authority)).await.is_some(), fine, "{name}");
    }
}

#[tokio::test]
async fn tls_08_only_a_certificate_that_says_it_is_for_clients_is_one() {
    let files = Files::new();
    let authority = authority("Authority", None);
    let tls = load(&files.asking(&authority), ClientCertificates::Optional);
    let any = ExtendedKeyUsagePurpose::Any;
    let (client, server) =
        (ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth);
    for (usages, fine) in [
        (vec![client.clone()], true),
        (vec![server.clone(), client], true),
        (vec![server], false),
        (vec![any], false),
        (Vec::new(), false),
    ] {
        let mut params = client_params();
        params.extended_key_usages.clone_from(&usages);
        let held = held(&params, &authority);
        assert_eq!(as_whom(&tls, &held).await.is_some(), fine, "{usages:?}");
    }
}

#[tokio::test]
async fn tls_08_odd_common_names_are_handed_on_as_they_are_and_all_of_them() {
    let files = Files::new();
    let authority = authority("Authority", None);
    let tls = load(&files.asking(&authority), ClientCertificates::Required);
    for odd in ["*", "a,b", "../admin", "a\0b"] {
        let mut params = client_params();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, odd);
        let proven = as_whom(&tls, &held(&params, &authority)).await.unwrap();
        assert_eq!(proven.common_names, [odd], "one name, not what it might mean");
    }
}

#[tokio::test]
async fn tls_09_an_authority_that_may_have_no_other_below_it_has_none() {
    let files = Files::new();
    let below = |name: &str, length: BasicConstraints, by: &Authority| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(length);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), by).unwrap()
    };
    let root = authority("Authority", None);
    let tls = load(&files.asking(&root), ClientCertificates::Required);
    for (length, fine) in
        [(BasicConstraints::Constrained(1), true), (BasicConstraints::Constrained(0), false)]
    {
        let middle = below("Middle", length, &root);
        let lower = below("Lower", BasicConstraints::Unconstrained, &middle);
        let mut held = held(&client_params(), &lower);
        held.chain.push(middle.der().clone());
        assert_eq!(as_whom(&tls, &held).await.is_some(), fine, "{length:?}");
    }
}

#[tokio::test]
async fn tls_05_a_chain_without_end_ends() {
    let files = Files::new();
    let root = authority("Authority", None);
    let tls = load(&files.asking(&root), ClientCertificates::Required);
    // Thirty authorities of one name, none of which leads anywhere.
    let mut held = held(&client_params(), &authority("Loop", None));
    for _ in 0..30 {
        held.chain.push(authority("Loop", None).der().clone());
    }
    assert!(as_whom(&tls, &held).await.is_none());
    let fine = super::held(&client_params(), &root);
    assert!(as_whom(&tls, &fine).await.is_some());
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let files = Files::new();
    let authority = authority("Authority", None);
    let tls = load(&files.asking(&authority), ClientCertificates::Optional);
    let mut params = client_params();
    params.not_after = date_time_ymd(2021, 1, 1);
    assert!(as_whom(&tls, &held(&params, &authority)).await.is_none());
}

#[tokio::test]
async fn as_many_names_as_the_limit_are_taken_and_one_more_is_not() {
    let files = Files::new();
    let authority = authority("Authority", None);
    let tls = load(&files.asking(&authority), ClientCertificates::Required);
    for (count, fine) in [(super::super::client::CLIENT_NAMES_MAX, true), (65, false)] {
        let mut params = client_params();
        let dns = |n| SanType::DnsName(format!("h{n}.example").try_into().unwrap());
        params.subject_alt_names = (0..count).map(dns).collect();
        assert_eq!(as_whom(&tls, &held(&params, &authority)).await.is_some(), fine, "{count}");
    }
}

#[tokio::test]
async fn new_authorities_and_lists_retire_those_who_were_let_in_before() {
    let files = Files::new();
    let (old, new) = (authority("Old", None), authority("New", None));
    let tls = load(&files.asking(&old), ClientCertificates::Required);
    let changes = tls.changes();
    tls.reload().unwrap();
    assert!(!changes.has_changed().unwrap(), "the same files judge alike");
    files.write("authority.pem", &new.pem());
    tls.reload().unwrap();
    assert!(changes.has_changed().unwrap());
    assert!(as_whom(&tls, &held(&client_params(), &old)).await.is_none());
    assert!(as_whom(&tls, &held(&client_params(), &new)).await.is_some());
}

/// What one certificate proved is handed to no other: not by resumption, and no session is made
/// from a certificate.
///
/// corpus: TLS-07
/// oracle: answer, twin
#[tokio::test]
async fn a_client_proves_who_it_is_with_every_connection() {
    // A resumed session would keep the certificate of an older one.
    let files = Files::new();
    let authority = authority("Authority", None);
    let settings = files.asking(&authority);
    let tls = load(&settings, ClientCertificates::Required);
    let server = &tls.current.load().server;
    assert!(!server.session_storage.can_cache());
    assert!(!server.ticketer.enabled());
    assert_eq!(server.send_tls13_tickets, 0);
}
