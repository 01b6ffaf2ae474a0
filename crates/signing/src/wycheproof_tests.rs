//! The vectors of C2SP Wycheproof, which know how implementations of these algorithms have failed,
//! through our own functions: every valid one holds, no invalid one does.

use wycheproof::{TestResult, ecdsa, mac};

use crate::ecdsa::PublicKey;
use crate::key::{keyed_mac, v2_mac};
use crate::verify::same_bytes;

/// Asks `holds` of every vector; how many were valid and how many were not.
fn judge(verdicts: impl Iterator<Item = (usize, TestResult, bool)>) -> (usize, usize) {
    let mut counts = (0, 0);
    for (id, result, holds) in verdicts {
        match result {
            TestResult::Valid => {
                assert!(holds, "vector {id} is valid");
                counts.0 += 1;
            }
            TestResult::Invalid => {
                assert!(!holds, "vector {id} is invalid");
                counts.1 += 1;
            }
            TestResult::Acceptable => {}
        }
    }
    counts
}

/// A vector may have a shortened tag: ours is then compared as far as it goes.
fn macs(name: mac::TestName, ours: fn(&[u8], &[u8]) -> Vec<u8>) -> (usize, usize) {
    let set = mac::TestSet::load(name).unwrap();
    judge(set.test_groups.iter().flat_map(|group| {
        group.tests.iter().map(|test| {
            let made = ours(&test.key, &test.msg);
            let compared = &made[..group.tag_size / 8];
            (test.tc_id, test.result, same_bytes(compared, &test.tag))
        })
    }))
}

#[test]
fn hmac_sha256_is_as_wycheproof_has_it() {
    let counts = macs(mac::TestName::HmacSha256, |key, text| keyed_mac(key, text).to_vec());
    assert!(counts.0 >= 60 && counts.1 >= 100, "{counts:?}");
}

#[test]
fn hmac_sha1_is_as_wycheproof_has_it() {
    let counts = macs(mac::TestName::HmacSha1, |key, text| v2_mac(key, text).to_vec());
    assert!(counts.0 >= 60 && counts.1 >= 100, "{counts:?}");
}

#[test]
fn ecdsa_on_p_256_is_as_wycheproof_has_it() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap();
    let counts = judge(set.test_groups.iter().flat_map(|group| {
        let key = PublicKey::of_point(&group.key.key).unwrap();
        group.tests.iter().map(move |test| {
            (test.tc_id, test.result, key.holds(&test.msg, &hex::encode(&test.sig[..])))
        })
    }));
    assert!(counts.0 >= 150 && counts.1 >= 250, "{counts:?}");
}
