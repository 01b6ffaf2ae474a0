//! Every way a token was ever forged, each beside a token that differs in that one fact and passes.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PSS_SHA256, RsaPssSaltLength, RsaSignatureEncoding};
use proptest::prelude::*;
use serde_json::json;

use super::super::testing::*;
use super::*;

const ABSENT: &str = "<absent>";

fn refusal(token: &str) -> OidcError {
    match check(token) {
        Ok(_) => panic!("believed: {token}"),
        Err(error) => error,
    }
}

fn header_text(text: &str) -> String {
    signed_texts(Algorithm::Es256, text, &good_claims().to_string())
}

fn payload_text(text: &str) -> String {
    signed_texts(Algorithm::Es256, r#"{"alg":"ES256","kid":"p256"}"#, text)
}

/// The good claims as text, with one member's value replaced by raw JSON text.
fn raw_claim(name: &str, raw: &str) -> String {
    let mut text = String::from("{");
    for (key, value) in good_claims().as_object().unwrap() {
        if key != name {
            text.push_str(&format!("{}:{value},", json!(key)));
        }
    }
    payload_text(&format!("{text}{}:{raw}}}", json!(name)))
}

#[test]
fn each_accepted_algorithm_verifies_with_its_own_key() {
    for alg in Algorithm::ALL {
        let verified = check(&signed(alg, &good_claims())).unwrap();
        assert_eq!(verified.subject(), "user-1", "{alg}");
        assert_eq!(verified.audience(), [CLIENT]);
        assert_eq!(verified.expires().seconds(), NOW + 300);
        assert_eq!(verified.issued().map(Timestamp::seconds), Some(NOW - 10));
    }
}

#[test]
fn no_algorithm_verifies_with_a_key_of_another_kind() {
    for alg in Algorithm::ALL {
        for other in ["rsa", "p256", "p384", "ed"] {
            let header = json!({"alg": alg.as_str(), "kid": other}).to_string();
            let token = signed_texts(alg, &header, &good_claims().to_string());
            if other == kid_of(alg) {
                assert!(check(&token).is_ok());
            } else {
                assert!(matches!(refusal(&token), OidcError::Key { .. }), "{alg} {other}");
            }
        }
    }
}

#[test]
fn an_algorithm_that_is_not_configured_is_refused_though_its_signature_holds() {
    let token = signed(Algorithm::Rs256, &good_claims());
    assert!(check(&token).is_ok());
    let narrow = Accepted { algorithms: vec![Algorithm::Es256], ..accepted() };
    let refused = verify(&token, &narrow, &all_keys(), now());
    assert!(matches!(refused, Err(OidcError::AlgorithmNotConfigured { .. })));
}

#[test]
fn jwt_01_no_spelling_of_none_is_an_algorithm() {
    let payload = b64(good_claims().to_string());
    for alg in ["none", "None", "NONE", "nOnE", "", " none", "none\u{0}", "NULL"] {
        for tail in ["", "AA"] {
            let header = b64(json!({"alg": alg, "kid": "p256"}).to_string());
            assert!(check(&format!("{header}.{payload}.{tail}")).is_err(), "{alg}");
        }
        let token = with_header(&json!({ "alg": alg }));
        assert!(matches!(refusal(&token), OidcError::AlgorithmRefused { .. }), "{alg}");
    }
    for alg in [json!(ABSENT), json!(null), json!([]), json!(["ES256"]), json!(256), json!({})] {
        let token = with_header(&json!({ "alg": alg }));
        assert_eq!(refusal(&token), OidcError::HeaderMalformed { member: "alg" });
    }
    assert!(check(&with_header(&json!({"alg": "ES256"}))).is_ok());
}

#[test]
fn jwt_02_an_hmac_by_the_client_secret_is_refused() {
    let keys = KeySet::parse(&key_set(&[
        json!({"kty": "oct", "kid": CLIENT, "alg": "HS256", "k": b64(CLIENT_SECRET)}),
        ec_jwk("p256", "P-256", &P256),
    ]))
    .unwrap();
    for alg in ["HS256", "HS384", "HS512"] {
        let header = json!({"alg": alg, "kid": CLIENT}).to_string();
        let token = hmac_token(&header, CLIENT_SECRET);
        let refused = verify(&token, &accepted(), &keys, now());
        assert!(matches!(refused, Err(OidcError::AlgorithmRefused { .. })), "{refused:?}");
    }
    assert!(verify(&with_header(&json!({})), &accepted(), &keys, now()).is_ok());
}

const CLIENT_SECRET: &[u8] = b"client-secret-client-secret-xx";

fn hmac_token(header: &str, secret: &[u8]) -> String {
    let input = format!("{}.{}", b64(header), b64(good_claims().to_string()));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    let tag = aws_lc_rs::hmac::sign(&key, input.as_bytes());
    format!("{input}.{}", b64(tag))
}

#[test]
fn jwt_03_a_public_key_is_never_an_hmac_secret_in_any_encoding() {
    let jwk = rsa_jwk("rsa");
    let n = jwk["n"].as_str().unwrap();
    let der: &[u8] = RSA_PUBLIC.as_ref();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", b64(der));
    let texts = [
        pem.clone(),
        format!("{pem}\n"),
        format!("{pem}\r\n"),
        pem.replace('\n', "\r\n"),
        pem.replace("PUBLIC", "RSA PUBLIC"),
        jwk.to_string(),
        format!("{jwk}\n"),
        n.to_owned(),
        format!("ssh-rsa {n}"),
        b64(der),
        String::new(),
    ];
    let raw = texts.iter().map(|text| text.as_bytes()).chain([der]);
    for secret in raw {
        for header in [r#"{"alg":"HS256","kid":"rsa"}"#, r#"{"alg":"RS256","kid":"rsa"}"#] {
            assert!(check(&hmac_token(header, secret)).is_err());
        }
    }
    assert!(check(&signed(Algorithm::Rs256, &good_claims())).is_ok());
}

static RSA_PUBLIC: std::sync::LazyLock<Vec<u8>> =
    std::sync::LazyLock::new(|| aws_lc_rs::signature::KeyPair::public_key(&*RSA).as_ref().to_vec());

/// corpus: JWT-05
#[test]
fn jwt_04_and_05_a_key_or_an_address_in_the_header_is_refused() {
    for (member, value) in [
        ("jwk", ec_jwk("p256", "P-256", &P256)),
        ("jku", json!("http://127.0.0.1:1/jwks")),
        ("x5u", json!("https://evil.example/chain.pem")),
        ("x5c", json!(["MIIB"])),
    ] {
        let refused = refusal(&with_header(&json!({ member: value })));
        assert_eq!(refused, OidcError::HeaderMember { member });
    }
    // Labels without effect pass: Entra and AD FS send thumbprints.
    assert!(check(&with_header(&json!({"x5t": "abc", "x5t#S256": "def"}))).is_ok());
}

#[test]
fn jwt_06_a_key_id_is_compared_and_nothing_else() {
    for kid in [
        "../../dev/null",
        "' UNION SELECT 'x",
        "http://127.0.0.1/",
        "p256\u{0}",
        "P256",
        "",
        "file:///dev/null",
        "p256 ",
        "*",
    ] {
        let refused = refusal(&with_header(&json!({ "kid": kid })));
        assert!(matches!(refused, OidcError::UnknownKey { .. }), "{kid}: {refused}");
    }
    for kid in [json!(null), json!(1), json!([]), json!({"a": 1}), json!(["p256"])] {
        let refused = refusal(&with_header(&json!({ "kid": kid })));
        assert_eq!(refused, OidcError::HeaderMalformed { member: "kid" });
    }
    let at = with_header(&json!({"kid": "k".repeat(KID_BYTES_MAX)}));
    assert!(matches!(refusal(&at), OidcError::UnknownKey { .. }));
    let past = with_header(&json!({"kid": "k".repeat(KID_BYTES_MAX + 1)}));
    assert_eq!(refusal(&past), OidcError::HeaderMalformed { member: "kid" });
    let huge = with_header(&json!({"kid": "k".repeat(1 << 20)}));
    assert!(matches!(refusal(&huge), OidcError::TooLarge { .. }));
}

#[test]
fn without_a_key_id_exactly_one_key_must_be_fit() {
    let bare = with_header(&json!({ "kid": ABSENT }));
    assert!(check(&bare).is_ok());
    let two = [ec_jwk("a", "P-256", &P256), ec_jwk("b", "P-256", &P256)];
    let keys = KeySet::parse(&key_set(&two)).unwrap();
    let refused = verify(&bare, &accepted(), &keys, now()).unwrap_err();
    assert_eq!(refused, OidcError::AmbiguousKey { candidates: 2 });
    let none = verify(&bare, &accepted(), &KeySet::default(), now()).unwrap_err();
    assert_eq!(none, OidcError::AmbiguousKey { candidates: 0 });
}

#[test]
fn jwt_07_degenerate_ecdsa_signatures_are_refused() {
    let order: [u128; 2] =
        [0xffff_ffff_0000_0000_ffff_ffff_ffff_ffff, 0xbce6_faad_a717_9e84_f3b9_cac2_fc63_2551];
    let order = order.map(u128::to_be_bytes).concat();
    let good = with_header(&json!({}));
    let (input, signature) = good.rsplit_once('.').unwrap();
    let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let one = [vec![0; 31], vec![1]].concat();
    let mut candidates = vec![
        vec![0; 64],
        [one.clone(), vec![0; 32]].concat(),
        [vec![0; 32], one].concat(),
        [order.clone(), order.clone()].concat(),
        [raw[..32].to_vec(), order].concat(),
        vec![0xff; 64],
        raw[..63].to_vec(),
        [raw.clone(), vec![0]].concat(),
        vec![0; 96],
        vec![0],
        [vec![0], raw.clone()].concat(),
    ];
    // The same numbers as DER instead of raw (RFC 7518 §3.4 wants raw).
    let integer = |half: &[u8]| [vec![2, 33, 0], half.to_vec()].concat();
    let body = [integer(&raw[..32]), integer(&raw[32..])].concat();
    candidates.push([vec![0x30, u8::try_from(body.len()).unwrap()], body].concat());
    for forged in candidates {
        assert_eq!(refusal(&format!("{input}.{}", b64(&forged))), OidcError::Signature);
    }
    assert!(check(&good).is_ok());
    let zero = signed(Algorithm::Es384, &good_claims());
    let (input, _) = zero.rsplit_once('.').unwrap();
    assert_eq!(refusal(&format!("{input}.{}", b64([0; 96]))), OidcError::Signature);
    let zero = signed(Algorithm::Es512, &good_claims());
    let (input, _) = zero.rsplit_once('.').unwrap();
    assert_eq!(refusal(&format!("{input}.{}", b64([0; 132]))), OidcError::Signature);
}

/// RFC 7518 §3.5: the salt is as long as the hash's output.
#[test]
fn a_pss_salt_is_as_long_as_the_hash_and_no_other_length() {
    let with_salt = |encoding: &'static RsaSignatureEncoding| {
        let header = json!({"alg": "PS256", "kid": "rsa"}).to_string();
        let input = format!("{}.{}", b64(header), b64(good_claims().to_string()));
        let mut made = vec![0; RSA.public_modulus_len()];
        RSA.sign(encoding, &SystemRandom::new(), input.as_bytes(), &mut made).unwrap();
        format!("{input}.{}", b64(made))
    };
    const OF_32: &RsaSignatureEncoding =
        &RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(32));
    assert!(check(&with_salt(&RSA_PSS_SHA256)).is_ok());
    assert!(check(&with_salt(OF_32)).is_ok());
    const OTHERS: [&RsaSignatureEncoding; 6] = [
        &RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(0)),
        &RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(20)),
        &RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(31)),
        &RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(33)),
        &RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(64)),
        &RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Max),
    ];
    for encoding in OTHERS {
        assert_eq!(refusal(&with_salt(encoding)), OidcError::Signature, "{encoding:?}");
    }
}

#[test]
fn jwt_08_a_time_of_another_type_is_refused_never_taken_for_absent() {
    let wrong = ["\"1767225900\"", "\"x\"", "null", "{}", "[]", "true", "1e300", "99999999999999"];
    for claim in ["exp", "nbf", "iat", "auth_time"] {
        for raw in wrong {
            let refused = refusal(&raw_claim(claim, raw));
            let named =
                matches!(&refused, OidcError::ClaimMalformed { claim: c, .. } if c == claim);
            assert!(named, "{claim}: {raw}: {refused}");
        }
        for raw in ["1e400", "NaN", "Infinity", "01", "+1", "0x1"] {
            let refused = refusal(&raw_claim(claim, raw));
            assert!(matches!(refused, OidcError::Json { .. }), "{claim}: {raw}: {refused}");
        }
    }
    assert!(matches!(refusal(&raw_claim("exp", "-1")), OidcError::Expired { .. }));
    assert!(check(&raw_claim("exp", &format!("{}.75", NOW + 300))).is_ok());
    assert!(check(&raw_claim("exp", &format!("{}.0e0", NOW + 300))).is_ok());
}

#[test]
fn jwt_08_the_four_required_claims_are_required() {
    for claim in ["iss", "aud", "exp", "sub"] {
        let refused = refusal(&with_claims(&json!({ claim: ABSENT })));
        assert_eq!(refused, OidcError::ClaimMissing { claim });
        for wrong in [json!(null), json!(true), json!({})] {
            let refused = refusal(&with_claims(&json!({ claim: wrong })));
            assert!(matches!(refused, OidcError::ClaimMalformed { .. }), "{claim}: {refused}");
        }
    }
    assert!(check(&with_claims(&json!({"iat": ABSENT}))).is_ok());
}

#[test]
fn jwt_09_the_audience_must_hold_one_of_our_client_ids() {
    for good in [json!(CLIENT), json!([CLIENT]), json!("second")] {
        assert!(check(&with_claims(&json!({ "aud": good }))).is_ok(), "{good}");
    }
    for wrong in
        [json!([]), json!(1), json!([[CLIENT]]), json!([CLIENT, 1]), json!(""), json!([""])]
    {
        let refused = refusal(&with_claims(&json!({ "aud": wrong })));
        assert!(matches!(refused, OidcError::ClaimMalformed { .. }), "{refused}");
    }
    for other in [
        json!("other"),
        json!(["other"]),
        json!("STRONGROOM"),
        json!("strongroom "),
        json!("strong"),
        json!("strongroom,other"),
    ] {
        let refused = refusal(&with_claims(&json!({ "aud": other })));
        assert!(matches!(refused, OidcError::Audience { .. }), "{refused}");
    }
}

#[test]
fn jwt_09_several_audiences_need_an_authorized_party_that_is_ours() {
    let two = json!([CLIENT, "other"]);
    assert!(check(&with_claims(&json!({"aud": two, "azp": CLIENT}))).is_ok());
    assert_eq!(refusal(&with_claims(&json!({ "aud": two }))), OidcError::AuthorizedPartyMissing);
    let foreign = refusal(&with_claims(&json!({"aud": two, "azp": "other"})));
    assert!(matches!(foreign, OidcError::AuthorizedParty { .. }));
    // And one audience does not excuse a foreign party.
    let foreign = refusal(&with_claims(&json!({"azp": "other"})));
    assert!(matches!(foreign, OidcError::AuthorizedParty { .. }));
    for wrong in [json!(null), json!([CLIENT]), json!(1)] {
        let refused = refusal(&with_claims(&json!({ "azp": wrong })));
        assert!(matches!(refused, OidcError::ClaimMalformed { .. }));
    }
}

#[test]
fn jwt_11_the_issuer_is_compared_byte_for_byte() {
    for other in [
        "https://idp.example",
        "https://idp.example/realm/",
        "https://idp.example/realm2",
        "https://IDP.example/realm",
        "https://idp.example/Realm",
        "http://idp.example/realm",
        "https://idp.example:443/realm",
        "https://evil.example/https://idp.example/realm",
        "",
        "https://idp.example/realm\u{0}",
        " https://idp.example/realm",
    ] {
        let refused = refusal(&with_claims(&json!({ "iss": other })));
        assert!(matches!(refused, OidcError::Issuer { .. }), "{other}: {refused}");
    }
    for wrong in [json!([ISSUER]), json!({"a": ISSUER})] {
        let refused = refusal(&with_claims(&json!({ "iss": wrong })));
        assert!(matches!(refused, OidcError::ClaimMalformed { .. }));
    }
}

#[test]
fn jwt_12_times_are_held_to_sixty_seconds() {
    let exp = |seconds: i64| with_claims(&json!({"exp": NOW + seconds}));
    assert!(check(&exp(-59)).is_ok());
    let expired = Timestamp::from_seconds(NOW - 60).unwrap();
    assert_eq!(refusal(&exp(-60)), OidcError::Expired { expired, seconds_ago: 60 });
    let nbf = |seconds: i64| with_claims(&json!({"nbf": NOW + seconds}));
    assert!(check(&nbf(60)).is_ok());
    let begins = Timestamp::from_seconds(NOW + 61).unwrap();
    assert_eq!(refusal(&nbf(61)), OidcError::NotYetValid { begins, seconds_ahead: 61 });
    let iat = |seconds: i64| with_claims(&json!({"iat": NOW + seconds}));
    assert!(check(&iat(60)).is_ok());
    let issued = Timestamp::from_seconds(NOW + 61).unwrap();
    assert_eq!(refusal(&iat(61)), OidcError::IssuedAhead { issued, seconds_ahead: 61 });
}

#[test]
fn an_expired_token_is_called_expired_only_if_it_was_good() {
    let expired = good_claims();
    let mut expired = expired.as_object().unwrap().clone();
    expired.insert("exp".to_owned(), json!(NOW - 100));
    let token = signed(Algorithm::Es256, &Value::Object(expired.clone()));
    assert!(matches!(refusal(&token), OidcError::Expired { .. }));
    let (input, _) = token.rsplit_once('.').unwrap();
    assert_eq!(refusal(&format!("{input}.{}", b64([1; 64]))), OidcError::Signature);
    expired.insert("aud".to_owned(), json!("other"));
    let token = signed(Algorithm::Es256, &Value::Object(expired));
    assert!(matches!(refusal(&token), OidcError::Audience { .. }));
}

#[test]
fn jwt_14_dots_and_sizes_are_refused_before_any_work() {
    assert!(matches!(refusal(&".".repeat(1 << 20)), OidcError::TooLarge { .. }));
    assert_eq!(refusal(&".".repeat(TOKEN_BYTES_MAX)), OidcError::NotCompact);
    let good = with_header(&json!({}));
    for shape in ["", "a", "a.b", "..", "a..c", ".b.c", "a.b.", "a.b.c.d", "a.b.c.d.e.f"] {
        assert_eq!(refusal(shape), OidcError::NotCompact, "{shape}");
    }
    assert_eq!(refusal(&format!("{good}.")), OidcError::NotCompact);
    assert_eq!(refusal(&format!(".{good}")), OidcError::NotCompact);
    // At the limit and one past it: a claim fills the token up.
    let fill = |size: usize| with_claims(&json!({"fill": "f".repeat(size)}));
    let base = fill(0).len();
    let room = (TOKEN_BYTES_MAX - base) / 4 * 3;
    let at = (room - 6..room + 6).map(fill).rfind(|token| token.len() <= TOKEN_BYTES_MAX).unwrap();
    assert!(TOKEN_BYTES_MAX - at.len() <= 2 && check(&at).is_ok());
    assert!(matches!(refusal(&fill(room + 6)), OidcError::TooLarge { .. }));
}

/// corpus: JWT-16, JWT-20, JWT-21
/// oracle: answer, twin, cost
#[test]
fn jwt_15_16_20_21_encrypted_tokens_are_refused_without_deriving_anything() {
    let header = |text: Value| b64(text.to_string());
    for head in [
        header(json!({"alg": "RSA-OAEP", "enc": "A256GCM", "zip": "DEF"})),
        header(json!({"alg": "PBES2-HS256+A128KW", "p2c": 2_147_483_647, "enc": "A128GCM"})),
        header(json!({"alg": "dir", "enc": "A256GCM", "cty": "JWT"})),
    ] {
        assert_eq!(refusal(&format!("{head}.a.b.c.d")), OidcError::Encrypted);
        assert_eq!(refusal(&format!("{head}....")), OidcError::Encrypted);
    }
    for (member, value) in [
        ("enc", json!("A256GCM")),
        ("zip", json!("DEF")),
        ("p2c", json!(2_147_483_647)),
        ("p2s", json!("x")),
        ("epk", json!({})),
        ("cty", json!("JWT")),
    ] {
        let refused = refusal(&with_header(&json!({ member: value })));
        assert_eq!(refused, OidcError::HeaderMember { member });
    }
    // A token within a token: the outer signature holds, the payload is no claims object.
    let inner = with_header(&json!({}));
    let nested = payload_text(&json!(inner).to_string());
    assert!(matches!(refusal(&nested), OidcError::Json { .. }));
}

/// There is nothing to go on with but the error: claims come from a token that holds in every way,
/// and from nothing else (the example at `VerifiedClaims` does not compile).
#[test]
fn jwt_13_a_token_that_is_refused_leaves_nothing_to_go_on_with() {
    let forged = |token: String| {
        let (input, _) = token.rsplit_once('.').unwrap();
        format!("{input}.{}", b64([1; 64]))
    };
    for (name, value) in [
        ("exp", json!(NOW - 3600)),
        ("aud", json!("other")),
        ("iss", json!("https://evil.example")),
        ("sub", json!("root")),
        ("exp", json!("never")),
    ] {
        // Two things are wrong: the signature is what is told, whatever the claims say.
        let token = forged(with_claims(&json!({ name: value })));
        let told: Result<VerifiedClaims, OidcError> = check(&token);
        assert_eq!(told.unwrap_err(), OidcError::Signature, "{name}");
    }
    assert_eq!(check(&with_claims(&json!({}))).unwrap().subject(), "user-1");
}

#[test]
fn jwt_17_an_empty_key_signs_nothing() {
    for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","kid":""}"#] {
        let refused = refusal(&hmac_token(header, b""));
        assert!(matches!(refused, OidcError::AlgorithmRefused { .. }));
    }
}

#[test]
fn jwt_18_other_serialisations_and_detached_payloads_are_refused() {
    let good = with_header(&json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let flat = json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]});
    let general = json!({"payload": parts[1], "signatures": [
        {"protected": parts[0], "signature": parts[2]},
        {"protected": parts[0], "signature": "x"}]});
    for token in [flat.to_string(), general.to_string(), format!("{}..{}", parts[0], parts[2])] {
        assert_eq!(refusal(&token), OidcError::NotCompact, "{token}");
    }
    for (member, value) in
        [("b64", json!(false)), ("b64", json!(true)), ("crit", json!(["b64"])), ("crit", json!([]))]
    {
        let refused = refusal(&with_header(&json!({ member: value })));
        assert_eq!(refused, OidcError::HeaderMember { member });
    }
    assert!(check(&good).is_ok());
}

#[test]
fn jwt_22_duplicate_names_are_refused_in_header_and_payload() {
    for header in [
        r#"{"alg":"ES256","alg":"none","kid":"p256"}"#,
        r#"{"alg":"none","alg":"ES256","kid":"p256"}"#,
        r#"{"alg":"ES256","kid":"p256","kid":"other"}"#,
        r#"{"alg":"ES256","kid":"p256","\u0061lg":"ES256"}"#,
    ] {
        let refused = refusal(&header_text(header));
        assert!(matches!(refused, OidcError::Json { part: Part::Header, .. }), "{refused}");
    }
    let claims = good_claims().to_string();
    let body = claims.strip_prefix('{').unwrap();
    for extra in [r#""sub":"root","#, r#""iss":"x","#, r#""exp":1,"#, r#""groups":[],"#] {
        let refused = refusal(&payload_text(&format!("{{{extra}{body}")));
        assert!(matches!(refused, OidcError::Json { part: Part::Payload, .. }), "{refused}");
    }
    assert!(check(&payload_text(&claims)).is_ok());
}

#[test]
fn jwt_23_a_token_has_exactly_one_spelling() {
    let good = with_header(&json!({}));
    assert!(check(&good).is_ok());
    let parts: Vec<&str> = good.split('.').collect();
    for i in 0..3 {
        for change in ["=", "==", " ", "\n", "\r\n", "\t", "A", "%3D"] {
            let mut changed: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            changed[i].push_str(change);
            assert!(check(&changed.join(".")).is_err(), "{change:?} after part {i}");
        }
    }
    assert!(check(&format!(" {good}")).is_err());
    assert!(check(&format!("{good} ")).is_err());
    assert!(
        check(&good.replace('-', "+").replace('_', "/")).is_err() || !good.contains(['-', '_'])
    );
    // The spare bits of the last character of a 64-byte signature must be zero.
    let last = good.chars().next_back().unwrap();
    let spare = char::from(u8::try_from(last).unwrap() + 1);
    let (stem, _) = good.split_at(good.len() - 1);
    assert_eq!(refusal(&format!("{stem}{spare}")), OidcError::Encoding { part: Part::Signature });
}

#[test]
fn jwt_26_deep_and_wide_json_is_refused_within_bounds() {
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    assert!(matches!(refusal(&payload_text(&deep)), OidcError::Json { .. }));
    assert!(matches!(refusal(&header_text(&deep)), OidcError::Json { .. }));
    let digits = format!(r#"{{"exp":{}}}"#, "9".repeat(10_000));
    assert!(check(&payload_text(&digits)).is_err());
}

#[test]
fn other_kinds_of_token_by_the_same_issuer_are_refused() {
    for typ in ["logout+jwt", "secevent+jwt", "dpop+jwt", "application/logout+jwt", "", "jose"] {
        let refused = refusal(&with_header(&json!({ "typ": typ })));
        assert!(matches!(refused, OidcError::TokenType { .. }), "{typ}");
    }
    for typ in ["JWT", "jwt", "at+jwt", "application/at+JWT", ABSENT] {
        assert!(check(&with_header(&json!({ "typ": typ }))).is_ok(), "{typ}");
    }
    let refused = refusal(&with_header(&json!({"typ": ["JWT"]})));
    assert_eq!(refused, OidcError::HeaderMalformed { member: "typ" });
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let refused = refusal(&with_claims(&json!({"events": {event: {}}})));
    assert!(matches!(refused, OidcError::TokenType { .. }));
}

#[test]
fn a_subject_is_bounded_and_printable() {
    let sub = |text: &str| with_claims(&json!({ "sub": text }));
    assert!(check(&sub(&"s".repeat(SUBJECT_BYTES_MAX))).is_ok());
    for bad in ["", "a\nb", "a\u{0}", "\u{85}"] {
        assert!(matches!(refusal(&sub(bad)), OidcError::ClaimMalformed { .. }), "{bad:?}");
    }
    let past = sub(&"s".repeat(SUBJECT_BYTES_MAX + 1));
    assert!(matches!(refusal(&past), OidcError::ClaimMalformed { .. }));
}

#[test]
fn the_unverified_issuer_is_only_read() {
    assert_eq!(unverified_issuer(&with_header(&json!({}))), Ok(ISSUER.to_owned()));
    let missing = unverified_issuer(&with_claims(&json!({"iss": ABSENT})));
    assert_eq!(missing, Err(OidcError::ClaimMissing { claim: "iss" }));
    assert!(unverified_issuer("a.b.c").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn flipping_any_byte_of_a_signed_token_refuses_it(
        which in 0usize..6, place in any::<prop::sample::Index>(), with in 1u8..=127,
    ) {
        let alg = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::Es384,
            Algorithm::Es512, Algorithm::EdDsa][which];
        let mut bytes = signed(alg, &good_claims()).into_bytes();
        let at = place.index(bytes.len());
        bytes[at] ^= with;
        if let Ok(token) = String::from_utf8(bytes) {
            prop_assert!(check(&token).is_err(), "{token}");
        }
    }

    #[test]
    fn no_text_makes_the_verifier_panic(
        text in "[ -~]{0,200}", dotted in "([A-Za-z0-9_-]{0,40}\\.){2}[A-Za-z0-9_-]{0,40}",
    ) {
        prop_assert!(check(&text).is_err());
        prop_assert!(check(&dotted).is_err());
    }

    #[test]
    fn a_claim_of_any_json_is_taken_or_refused_but_never_panics(
        number in any::<f64>(), integer in any::<i64>(), text in ".{0,40}",
    ) {
        for claim in ["exp", "iat", "nbf", "sub", "aud", "azp", "auth_time", "iss"] {
            for value in [json!(number), json!(integer), json!(text)] {
                let _ = check(&with_claims(&json!({ claim: value })));
            }
        }
    }
}
