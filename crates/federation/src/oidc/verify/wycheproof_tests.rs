//! All of Wycheproof's JSON web signatures and keys (`vectors/wycheproof/`): what is invalid is
//! refused, and what is valid is accepted, but for what we do not offer.

use super::super::keys::UnfitKey;
use super::super::testing::*;
use super::*;

const VECTORS: &str = include_str!("../../../vectors/wycheproof/json_web.txt");

/// Valid ones that are refused, by what they have in common.
#[derive(Debug, Default, PartialEq, Eq)]
struct Refused {
    /// Signed with a shared secret (HMAC).
    symmetric: usize,
    /// Nothing in the middle: no claims.
    empty: usize,
    /// The key is for `ES521`, which is no algorithm (RFC 7518 §3.1 has `ES512`).
    es521: usize,
    /// The key is for PS256, and the token is signed by PS384.
    another: usize,
}

/// The keys of a line, and the text of it.
fn keys_of(text: &str) -> KeySet {
    KeySet::parse(text.as_bytes()).unwrap()
}

/// What [`verify`] does until the signature holds.
fn verdict(token: &str, keys: &KeySet) -> Result<(), OidcError> {
    proven(token, &accepted(), keys).map(|_| ())
}

#[test]
fn every_invalid_token_is_refused_and_every_valid_one_of_an_offered_algorithm_accepted() {
    let (mut keys, mut group) = (KeySet::default(), "");
    let (mut accepted, mut invalid, mut refused) = (0, 0, Refused::default());
    for line in VECTORS.lines() {
        if let Some(published) = line.strip_prefix("group ") {
            (keys, group) = (keys_of(published), published);
            continue;
        }
        let [id, result, comment, token] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let verdict = verdict(token, &keys);
        match (result, verdict) {
            ("valid", Ok(())) => accepted += 1,
            ("valid", Err(_)) if group.contains(r#""kty":"oct""#) => refused.symmetric += 1,
            ("valid", Err(OidcError::NotCompact)) if token.contains("..") => refused.empty += 1,
            ("valid", Err(OidcError::Key { cause: UnfitKey::KeyAlgorithm(alg), .. })) => {
                assert_eq!(alg, "ES521");
                refused.es521 += 1;
            }
            ("valid", Err(OidcError::Key { cause: UnfitKey::Other(Algorithm::Ps384), .. })) => {
                refused.another += 1;
            }
            ("invalid", Err(_)) => invalid += 1,
            (result, verdict) => panic!("{id} ({comment}) is {result}: {verdict:?}"),
        }
    }
    assert_eq!(refused, Refused { symmetric: 14, empty: 6, es521: 2, another: 2 });
    assert_eq!((accepted, invalid), (27, 376));
}

#[test]
fn rfc_7520_4_3_holds_under_the_name_that_es512_has() {
    let mut lines = VECTORS.lines();
    let group = lines.find(|line| line.contains("ES521")).unwrap();
    let vector = lines.next().unwrap();
    assert!(vector.contains("Figure27"), "{vector}");
    let keys = keys_of(&group.strip_prefix("group ").unwrap().replace("ES521", "ES512"));
    let token = vector.rsplit('\t').next().unwrap();
    assert_eq!(verdict(token, &keys), Ok(()));
    let broken = token.replace(".SX", ".SY");
    assert_ne!(broken, token);
    assert_eq!(verdict(&broken, &keys), Err(OidcError::Signature));
}

/// jwt_24: weak keys are left out, each by its own reason.
#[test]
fn jwt_24_the_weak_keys_of_wycheproof_are_left_out() {
    let keys = |number: &str| {
        let at = VECTORS.find(&format!("\n{number}\t")).unwrap();
        let group = VECTORS.split_at(at).0.lines().next_back().unwrap();
        keys_of(group.strip_prefix("group ").unwrap())
    };
    for (number, cause) in [
        ("key-6", UnfitKey::Use),
        ("key-7", UnfitKey::Roca),
        ("key-8", UnfitKey::ModulusBits(1024)),
        ("key-9", UnfitKey::Exponent),
        ("key-10", UnfitKey::Symmetric),
        ("key-22", UnfitKey::OffCurve),
    ] {
        let set = keys(number);
        assert!(set.is_empty(), "{number}");
        assert_eq!(set.ignored()[0].cause, cause, "{number}");
    }
    assert_eq!(keys("key-5").len(), 1);
}
