//! The vectors of C2SP Wycheproof for every algorithm that a token may name, through the key set as
//! a provider publishes it: every valid signature holds, no invalid one does.
//!
//! Of PSS, RFC 7518 §3.5 wants a salt as long as the hash: every vector with another salt is one to
//! refuse here, whatever it is elsewhere.

use serde_json::json;
use wycheproof::{TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

use super::*;

/// A key set of that one key.
fn published(jwk: &Value) -> KeySet {
    let set = KeySet::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap();
    assert_eq!(set.ignored(), []);
    set
}

fn rsa(n: &[u8], e: &[u8]) -> KeySet {
    let [n, e] = [n, e].map(|number| URL_SAFE_NO_PAD.encode(number));
    published(&json!({ "kty": "RSA", "n": n, "e": e }))
}

/// Verdicts on vectors: how many were valid, and how many were not.
#[derive(Default, Debug)]
struct Counts {
    valid: usize,
    invalid: usize,
}

impl Counts {
    fn judge(&mut self, id: usize, result: TestResult, verdict: &Result<(), OidcError>) {
        match result {
            TestResult::Valid => {
                assert_eq!(*verdict, Ok(()), "vector {id} is valid");
                self.valid += 1;
            }
            TestResult::Invalid => {
                assert_eq!(*verdict, Err(OidcError::Signature), "vector {id} is invalid");
                self.invalid += 1;
            }
            // Legacy encodings (PKCS #1 without the NULL): refusing them is allowed.
            TestResult::Acceptable => {}
        }
    }
}

fn verdict(set: &KeySet, alg: Algorithm, message: &[u8], sig: &[u8]) -> Result<(), OidcError> {
    set.select(alg, None).unwrap().verify(alg, message, sig)
}

fn ecdsa_of(name: ecdsa::TestName, curve: &str, alg: Algorithm) -> Counts {
    let mut counts = Counts::default();
    for group in ecdsa::TestSet::load(name).unwrap().test_groups {
        let (x, y) = group.key.key[1..].split_at(group.key.key.len() / 2);
        let [x, y] = [x, y].map(|number| URL_SAFE_NO_PAD.encode(number));
        let set = published(&json!({ "kty": "EC", "crv": curve, "x": x, "y": y }));
        for test in group.tests {
            counts.judge(test.tc_id, test.result, &verdict(&set, alg, &test.msg, &test.sig));
        }
    }
    counts
}

fn pkcs1(name: rsa_pkcs1_verify::TestName, alg: Algorithm) -> Counts {
    let mut counts = Counts::default();
    for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
        let set = rsa(&group.key.n, &group.key.e);
        for test in group.tests {
            counts.judge(test.tc_id, test.result, &verdict(&set, alg, &test.msg, &test.sig));
        }
    }
    counts
}

fn pss(name: rsa_pss_verify::TestName, alg: Algorithm) -> Counts {
    let mut counts = Counts::default();
    for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
        let set = rsa(&group.key.n, &group.key.e);
        for test in group.tests {
            counts.judge(test.tc_id, test.result, &verdict(&set, alg, &test.msg, &test.sig));
        }
    }
    counts
}

#[test]
fn es256_es384_and_es512_are_as_wycheproof_has_them() {
    let p256 = ecdsa_of(ecdsa::TestName::EcdsaSecp256r1Sha256P1363, "P-256", Algorithm::Es256);
    assert!(p256.valid >= 100 && p256.invalid >= 80, "{p256:?}");
    let p384 = ecdsa_of(ecdsa::TestName::EcdsaSecp384r1Sha384P1363, "P-384", Algorithm::Es384);
    assert!(p384.valid >= 100 && p384.invalid >= 80, "{p384:?}");
    let p521 = ecdsa_of(ecdsa::TestName::EcdsaSecp521r1Sha512P1363, "P-521", Algorithm::Es512);
    assert!(p521.valid >= 100 && p521.invalid >= 80, "{p521:?}");
}

#[test]
fn ed25519_is_as_wycheproof_has_it() {
    for alg in [Algorithm::EdDsa, Algorithm::Ed25519] {
        let mut counts = Counts::default();
        for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
            let x = URL_SAFE_NO_PAD.encode(&group.key.pk[..]);
            let set = published(&json!({ "kty": "OKP", "crv": "Ed25519", "x": x }));
            for test in group.tests {
                counts.judge(test.tc_id, test.result, &verdict(&set, alg, &test.msg, &test.sig));
            }
        }
        assert!(counts.valid >= 60 && counts.invalid >= 40, "{counts:?}");
    }
}

#[test]
fn rs256_rs384_and_rs512_are_as_wycheproof_has_them() {
    use rsa_pkcs1_verify::TestName as Name;
    for (alg, names) in [
        (Algorithm::Rs256, [Name::Rsa2048Sha256, Name::Rsa3072Sha256, Name::Rsa4096Sha256]),
        (Algorithm::Rs384, [Name::Rsa2048Sha384, Name::Rsa3072Sha384, Name::Rsa4096Sha384]),
        (Algorithm::Rs512, [Name::Rsa2048Sha512, Name::Rsa3072Sha512, Name::Rsa4096Sha512]),
    ] {
        for name in names {
            let counts = pkcs1(name, alg);
            assert!(counts.valid >= 5 && counts.invalid >= 150, "{name:?}: {counts:?}");
        }
    }
}

#[test]
fn ps256_ps384_and_ps512_are_as_wycheproof_has_them() {
    use rsa_pss_verify::TestName as Name;
    for (alg, name) in [
        (Algorithm::Ps256, Name::RsaPss2048Sha256Mgf1SaltLen32),
        (Algorithm::Ps256, Name::RsaPss3072Sha256Mgf1SaltLen32),
        (Algorithm::Ps256, Name::RsaPss4096Sha256Mgf1SaltLen32),
        (Algorithm::Ps384, Name::RsaPss2048Sha384Mgf1SaltLen48),
        (Algorithm::Ps384, Name::RsaPss4096Sha384Mgf1SaltLen48),
        (Algorithm::Ps512, Name::RsaPss4096Sha512Mgf1SaltLen64),
    ] {
        let counts = pss(name, alg);
        assert!(counts.valid >= 20 && counts.invalid >= 30, "{name:?}: {counts:?}");
    }
}

#[test]
fn a_pss_salt_of_another_length_than_the_hash_is_refused_even_where_it_is_valid() {
    use rsa_pss_verify::TestName as Name;
    for name in [Name::RsaPss2048Sha256Mgf1SaltLen0, Name::RsaPss4096Sha512Mgf1SaltLen32] {
        let alg = if matches!(name, Name::RsaPss2048Sha256Mgf1SaltLen0) {
            Algorithm::Ps256
        } else {
            Algorithm::Ps512
        };
        let mut valid = 0;
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let set = rsa(&group.key.n, &group.key.e);
            // Those that are invalid there for their salt may have the one that is wanted here.
            for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
                let verdict = verdict(&set, alg, &test.msg, &test.sig);
                assert_eq!(verdict, Err(OidcError::Signature), "{name:?} {}", test.tc_id);
                valid += 1;
            }
        }
        assert!(valid >= 10, "{name:?}: {valid}");
    }
}
