//! What the outgoing client may and may not reach, with a resolver that says what the test says.

use std::io::ErrorKind;

use super::*;

/// A resolver that knows one name.
struct Fixed(&'static str, Vec<IpAddr>);

#[async_trait]
impl Lookup for Fixed {
    async fn lookup(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        if host == self.0 { Ok(self.1.clone()) } else { Err(ErrorKind::NotFound.into()) }
    }
}

fn judged(policy: &EgressPolicy, url: &str, addresses: &[&str]) -> Result<usize, EgressError> {
    let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let lookup = Arc::new(Fixed("idp.example", addresses));
    let egress = Egress::with_lookup(policy.clone(), None, lookup).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(egress.judged_addresses(&url.parse().unwrap())).map(|found| found.len())
}

fn closed() -> EgressPolicy {
    EgressPolicy::default()
}

/// corpus: NET-02, OID-02
/// oracle: answer, twin
#[test]
fn every_spelling_of_an_inner_address_is_refused() {
    let spellings = [
        "https://169.254.169.254/",
        "https://[fd00:ec2::254]/",
        "https://0.0.0.0/",
        "https://0/",
        "https://[::]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[::169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://2852039166/",
        "https://[64:ff9b:1::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::1]/",
        "https://0xa9fea9fe/",
        "https://0251.0376.0251.0376/",
        "https://169.254.43518/",
        "https://0xa9.0xfe.0xa9.0xfe/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[0:0:0:0:0:ffff:7f00:1]/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://[fe80::1]/",
        "https://[fd12:3456::1]/",
        "https://[fc00::1]/",
        "https://[ff02::1]/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://240.0.0.1/",
        "https://168.63.129.16/",
        "https://100.100.100.200/",
        "https://192.0.0.192/",
        "https://[2001:0:a9fe:a9fe::1]/",
        "https://[2001:db8::1]/",
        "https://198.18.0.1/",
        "https://１６９.２５４.１６９.２５４/",
        "https://169。254。169。254/",
        "https://[fd20:ce::254]/",
        "https://127.0.0.1./",
        "https://169.254.169.254./",
    ];
    for url in spellings {
        let refused = judged(&closed(), url, &[]);
        assert!(matches!(refused, Err(EgressError::Address { .. })), "{url}: {refused:?}");
    }
    for url in ["https://93.184.216.34/", "https://[2606:4700::1111]/", "https://172.32.0.1/"] {
        assert_eq!(judged(&closed(), url, &[]), Ok(1), "{url}");
    }
}

/// corpus: NET-02, OID-02
/// oracle: answer, twin
#[test]
fn a_name_is_judged_by_every_address_it_resolves_to() {
    let url = "https://idp.example/.well-known/openid-configuration";
    assert_eq!(judged(&closed(), url, &["93.184.216.34", "2606:4700::1111"]), Ok(2));
    for inner in [
        "169.254.169.254",
        "fd00:ec2::254",
        "0.0.0.0",
        "::ffff:169.254.169.254",
        "127.0.0.1",
        "::1",
        "fe80::1",
        "10.1.2.3",
        "64:ff9b::7f00:1",
        "fd00::1",
        "::",
    ] {
        for mixed in [vec![inner], vec!["93.184.216.34", inner]] {
            let refused = judged(&closed(), url, &mixed);
            assert!(matches!(refused, Err(EgressError::Address { .. })), "{inner}: {refused:?}");
        }
    }
}

#[test]
fn a_name_without_an_address_or_with_too_many_is_refused() {
    let url = "https://idp.example/";
    let many = |count: usize| vec!["93.184.216.34"; count];
    assert_eq!(judged(&closed(), url, &many(ADDRESSES_MAX)), Ok(ADDRESSES_MAX));
    for addresses in [many(0), many(ADDRESSES_MAX + 1)] {
        let refused = judged(&closed(), url, &addresses);
        assert!(matches!(refused, Err(EgressError::Lookup { .. })), "{refused:?}");
    }
    let unknown = judged(&closed(), "https://other.example/", &["93.184.216.34"]);
    assert!(matches!(unknown, Err(EgressError::Lookup { .. })));
}

#[test]
fn http_is_spoken_only_to_a_listed_origin_on_loopback() {
    let open =
        EgressPolicy::allowing(&["http://127.0.0.1:3000", "http://idp.example:3000"]).unwrap();
    assert_eq!(judged(&open, "http://127.0.0.1:3000/jwks", &[]), Ok(1));
    assert_eq!(judged(&open, "http://idp.example:3000/jwks", &["127.0.0.1", "::1"]), Ok(2));
    for (url, address) in [
        ("http://127.0.0.1:3001/", "127.0.0.1"),
        ("http://127.0.0.1/", "127.0.0.1"),
        ("http://localhost:3000/", "127.0.0.1"),
        ("https://127.0.0.1:3000/", "127.0.0.1"),
        ("http://idp.example:3000/", "93.184.216.34"),
        ("http://idp.example:3000/", "10.0.0.1"),
        ("http://idp.example:3000/", "169.254.169.254"),
    ] {
        assert!(judged(&open, url, &[address]).is_err(), "{url} at {address}");
    }
    let refused = judged(&closed(), "http://idp.example/", &["93.184.216.34"]);
    assert_eq!(refused, Err(EgressError::Scheme { origin: "http://idp.example".to_owned() }));
}

#[test]
fn a_private_address_needs_its_origin_listed_and_a_metadata_address_is_never_reached() {
    let open = EgressPolicy::allowing(&["https://idp.example"]).unwrap();
    let url = "https://idp.example/";
    for inner in ["10.0.0.1", "127.0.0.1", "fd12::1"] {
        assert_eq!(judged(&open, url, &[inner]), Ok(1), "{inner}");
        assert!(judged(&closed(), url, &[inner]).is_err(), "{inner}");
    }
    for never in ["169.254.169.254", "fd00:ec2::254", "168.63.129.16", "0.0.0.0", "fe80::1"] {
        assert!(judged(&open, url, &[never]).is_err(), "{never}");
    }
}

#[test]
fn other_schemes_and_credentials_in_a_url_are_refused() {
    for url in ["ftp://idp.example/", "file:///etc/passwd", "gopher://idp.example/", "data:,x"] {
        assert!(judged(&closed(), url, &["93.184.216.34"]).is_err(), "{url}");
    }
    let refused = judged(&closed(), "https://user:pw@idp.example/", &["93.184.216.34"]);
    assert!(matches!(&refused, Err(EgressError::UserInfo { .. })), "{refused:?}");
    assert!(!format!("{refused:?}").contains("pw"));
}

#[test]
fn an_allow_list_entry_is_an_origin_and_nothing_more() {
    for good in ["http://127.0.0.1:3000", "https://idp.example/", "https://idp.example:8443"] {
        assert!(EgressPolicy::allowing(&[good]).is_ok(), "{good}");
    }
    for bad in [
        "",
        "idp.example",
        "https://idp.example/path",
        "https://idp.example?x",
        "https://a@b",
        "ftp://idp.example",
        "https://*.example",
        "*",
        "HTTPS://idp.example",
    ] {
        let taken = EgressPolicy::allowing(&[bad]);
        assert!(taken.is_err(), "{bad}: {taken:?}");
    }
}

#[test]
fn extra_roots_must_be_certificates() {
    assert!(Egress::new(closed(), None).is_ok());
    for pem in [&b""[..], b"hello", b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----"] {
        assert!(Egress::new(closed(), Some(pem)).is_err(), "{pem:?}");
    }
}

#[test]
fn a_client_can_be_built_for_a_judged_address() {
    let egress = Egress::new(closed(), None).unwrap();
    let url = "https://idp.example/".parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let built = runtime.block_on(egress.client(&url, &["93.184.216.34".parse().unwrap()]));
    assert!(built.is_ok());
}
