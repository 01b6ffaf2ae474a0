//! Which published keys are left out, each beside one that is kept.

use serde_json::json;

use super::super::testing::*;
use super::*;

fn parse(jwk: &Value) -> Result<(), UnfitKey> {
    let set = KeySet::parse(&key_set(std::slice::from_ref(jwk))).unwrap();
    assert_eq!(set.len() + set.ignored().len(), 1);
    set.ignored().first().map_or(Ok(()), |key| Err(key.cause.clone()))
}

fn with(mut jwk: Value, member: &str, value: Value) -> Value {
    jwk.as_object_mut().unwrap().insert(member.to_owned(), value);
    jwk
}

fn without(mut jwk: Value, member: &str) -> Value {
    jwk.as_object_mut().unwrap().remove(member);
    jwk
}

fn modulus(bits: usize) -> Value {
    let mut n = vec![0xff; bits.div_ceil(8)];
    if !bits.is_multiple_of(8) {
        n[0] = (1 << (bits % 8)) - 1;
    }
    with(rsa_jwk("k"), "n", json!(b64(n)))
}

#[test]
fn one_key_of_each_kind_is_kept() {
    let set = all_keys();
    assert_eq!(set.ids(), ["rsa", "p256", "p384", "p521", "ed"]);
    assert!(set.ignored().is_empty());
}

#[test]
fn an_rsa_key_has_2048_to_8192_bits() {
    assert_eq!(parse(&modulus(RSA_BITS_MIN)), Ok(()));
    assert_eq!(parse(&modulus(RSA_BITS_MIN - 1)), Err(UnfitKey::ModulusBits(RSA_BITS_MIN - 1)));
    assert_eq!(parse(&modulus(RSA_BITS_MAX)), Ok(()));
    assert_eq!(parse(&modulus(RSA_BITS_MAX + 1)), Err(UnfitKey::ModulusBits(RSA_BITS_MAX + 1)));
    // Leading zeros do not make a small modulus large.
    let padded = [vec![0; 128], vec![0xff; 128]].concat();
    let jwk = with(rsa_jwk("k"), "n", json!(b64(padded)));
    assert_eq!(parse(&jwk), Err(UnfitKey::ModulusBits(1024)));
    let even = [vec![0xff; 255], vec![0xfe]].concat();
    let jwk = with(rsa_jwk("k"), "n", json!(b64(even)));
    assert_eq!(parse(&jwk), Err(UnfitKey::Malformed("n")));
}

#[test]
fn an_rsa_exponent_is_odd_and_neither_one_nor_huge() {
    for good in [&[3][..], &[1, 0, 1], &[0, 1, 0, 1], &[0xff, 0xff, 0xff, 0xff]] {
        assert_eq!(parse(&with(rsa_jwk("k"), "e", json!(b64(good)))), Ok(()), "{good:?}");
    }
    for bad in [&[1][..], &[0], &[2], &[0, 0, 1], &[1, 0, 0], &[1, 0, 0, 0, 1], &[]] {
        let jwk = with(rsa_jwk("k"), "e", json!(b64(bad)));
        assert_eq!(parse(&jwk), Err(UnfitKey::Exponent), "{bad:?}");
    }
}

#[test]
fn jwt_19_a_point_off_its_curve_is_left_out() {
    let good = ec_jwk("k", "P-256", &P256);
    assert_eq!(parse(&good), Ok(()));
    let mut y = URL_SAFE_NO_PAD.decode(good["y"].as_str().unwrap()).unwrap();
    y[31] ^= 1;
    assert_eq!(parse(&with(good.clone(), "y", json!(b64(&y)))), Err(UnfitKey::OffCurve));
    let zero = with(with(good.clone(), "x", json!(b64([0; 32]))), "y", json!(b64([0; 32])));
    assert_eq!(parse(&zero), Err(UnfitKey::OffCurve));
    let short = with(good.clone(), "x", json!(b64([1; 31])));
    assert_eq!(parse(&short), Err(UnfitKey::Malformed("x")));
    // The point of one curve under the name of another.
    let named = with(good, "crv", json!("P-384"));
    assert_eq!(parse(&named), Err(UnfitKey::Malformed("x")));
}

#[test]
fn jwt_24_symmetric_and_private_keys_are_left_out() {
    let oct = json!({"kty": "oct", "kid": "k", "k": b64([7; 64])});
    assert_eq!(parse(&oct), Err(UnfitKey::Symmetric));
    let hidden = with(rsa_jwk("k"), "k", json!(b64([7; 64])));
    assert_eq!(parse(&hidden), Err(UnfitKey::Symmetric));
    for jwk in [rsa_jwk("k"), ec_jwk("k", "P-256", &P256), ed_jwk("k")] {
        assert_eq!(parse(&jwk), Ok(()));
        assert_eq!(parse(&with(jwk, "d", json!(b64([7; 32])))), Err(UnfitKey::Private));
    }
}

#[test]
fn a_key_for_another_use_is_left_out() {
    for (member, value) in [
        ("use", json!("enc")),
        ("use", json!("")),
        ("key_ops", json!(["encrypt"])),
        ("key_ops", json!([])),
        ("key_ops", json!("verify")),
    ] {
        let jwk = with(rsa_jwk("k"), member, value.clone());
        assert_eq!(parse(&jwk), Err(UnfitKey::Use), "{member} {value}");
    }
    assert_eq!(parse(&with(rsa_jwk("k"), "key_ops", json!(["verify"]))), Ok(()));
    assert_eq!(parse(&without(rsa_jwk("k"), "use")), Ok(()));
    assert_eq!(parse(&with(rsa_jwk("k"), "use", json!(1))), Err(UnfitKey::Malformed("use")));
}

#[test]
fn a_keys_own_algorithm_binds_it() {
    let rs512 = KeySet::parse(&key_set(&[with(rsa_jwk("k"), "alg", json!("RS512"))])).unwrap();
    assert!(rs512.select(Algorithm::Rs512, Some("k")).is_ok());
    for other in [Algorithm::Rs256, Algorithm::Ps512, Algorithm::Es256] {
        let refused = rs512.select(other, Some("k")).map(|_| ());
        let cause = UnfitKey::Other(other);
        assert_eq!(refused, Err(OidcError::Key { kid: "k".to_owned(), cause }));
    }
    for never in ["none", "HS256", "RSA-OAEP", "ES521", ""] {
        let jwk = with(rsa_jwk("k"), "alg", json!(never));
        assert_eq!(parse(&jwk), Err(UnfitKey::KeyAlgorithm(never.to_owned())));
    }
    let crossed = with(rsa_jwk("k"), "alg", json!("ES256"));
    assert_eq!(parse(&crossed), Err(UnfitKey::Other(Algorithm::Es256)));
}

#[test]
fn kinds_that_are_not_used_are_left_out_by_name() {
    for (jwk, kind) in [
        (with(ed_jwk("k"), "crv", json!("Ed448")), "OKP Ed448"),
        (with(ed_jwk("k"), "crv", json!("X25519")), "OKP X25519"),
        (with(ec_jwk("k", "P-256", &P256), "crv", json!("secp256k1")), "EC secp256k1"),
        (without(ec_jwk("k", "P-256", &P256), "crv"), "EC"),
        (with(rsa_jwk("k"), "kty", json!("rsa")), "rsa"),
    ] {
        assert_eq!(parse(&jwk), Err(UnfitKey::Kind(kind.to_owned())));
    }
    for member in ["n", "e"] {
        assert_eq!(parse(&without(rsa_jwk("k"), member)), Err(UnfitKey::Malformed(member)));
        let padded = with(rsa_jwk("k"), member, json!("AQAB=="));
        assert_eq!(parse(&padded), Err(UnfitKey::Malformed(member)));
    }
}

#[test]
fn one_bad_key_leaves_the_good_ones() {
    let bad = json!({"kty": "oct", "kid": "bad", "k": "AA"});
    let set = KeySet::parse(&key_set(&[bad, rsa_jwk("good")])).unwrap();
    assert_eq!(set.ids(), ["good"]);
    let refused = set.select(Algorithm::Rs256, Some("bad")).map(|_| ());
    let cause = UnfitKey::Symmetric;
    assert_eq!(refused, Err(OidcError::Key { kid: "bad".to_owned(), cause }));
    assert!(set.select(Algorithm::Rs256, Some("good")).is_ok());
}

#[test]
fn two_keys_of_one_id_are_told_apart_by_kind_only() {
    let mixed = KeySet::parse(&key_set(&[rsa_jwk("k"), ed_jwk("k")])).unwrap();
    assert!(mixed.select(Algorithm::Rs256, Some("k")).is_ok());
    assert!(mixed.select(Algorithm::EdDsa, Some("k")).is_ok());
    let twins = KeySet::parse(&key_set(&[rsa_jwk("k"), rsa_jwk("k")])).unwrap();
    let refused = twins.select(Algorithm::Rs256, Some("k")).map(|_| ());
    assert_eq!(refused, Err(OidcError::AmbiguousKey { candidates: 2 }));
}

#[test]
fn a_key_set_is_bounded_and_strict() {
    let keys = |count: usize| key_set(&vec![ed_jwk("k"); count]);
    assert_eq!(KeySet::parse(&keys(KEYS_MAX)).unwrap().len(), KEYS_MAX);
    let refused = KeySet::parse(&keys(KEYS_MAX + 1)).unwrap_err();
    assert_eq!(refused, DocumentFault::TooManyKeys(KEYS_MAX + 1));
    for text in [r"{}", r#"{"keys":{}}"#, r#"{"keys":[1]}"#, r#"{"keys":null}"#] {
        let refused = KeySet::parse(text.as_bytes()).unwrap_err();
        assert_eq!(refused, DocumentFault::Member("keys"), "{text}");
    }
    for text in ["", "[]", r#"{"keys":[],"keys":[]}"#, r#"{"keys":[{"kid":"a","kid":"b"}]}"#] {
        let refused = KeySet::parse(text.as_bytes()).unwrap_err();
        assert!(matches!(refused, DocumentFault::Json(_)), "{text}");
    }
    assert!(KeySet::parse(br#"{"keys":[]}"#).unwrap().is_empty());
}

#[test]
fn a_key_id_is_bounded() {
    assert_eq!(parse(&ed_jwk(&"k".repeat(KID_BYTES_MAX))), Ok(()));
    let past = ed_jwk(&"k".repeat(KID_BYTES_MAX + 1));
    assert_eq!(parse(&past), Err(UnfitKey::Malformed("kid")));
}
