//! SigV4A: the P-256 key that is derived from a secret, and signatures by it.
//!
//! The key is one of NIST SP 800-108's counter mode over HMAC-SHA256, as AWS's signers derive it
//! (aws-c-auth, `key_derivation.c`); the curve itself is the cryptography library's.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, ParsedPublicKey,
};
use names::SecretKey;
use zeroize::Zeroizing;

use crate::error::SignatureError;
use crate::key::keyed_mac;

/// The algorithm's name, which is also the label of the derivation.
pub(crate) const ALGORITHM: &str = "AWS4-ECDSA-P256-SHA256";

/// Most hexadecimal digits of a signature: 72 bytes of DER.
pub(crate) const SIGNATURE_DIGITS_MAX: usize = 144;

/// What fills a chunk's signature up to its most digits.
pub(crate) const PADDING: char = '*';

/// The order of the curve less two (SEC 2 §2.4.2): the largest candidate that is taken.
const ORDER_LESS_TWO: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
];

/// The public half: it verifies. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct PublicKey(Arc<ParsedPublicKey>);

/// Both halves: they sign. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct KeyPair(Arc<EcdsaKeyPair>);

impl PublicKey {
    /// The key that the holder of a secret signs with.
    pub(crate) fn derive(secret: &SecretKey, access_key_id: &str) -> Option<Self> {
        let (_, public) = halves(secret, access_key_id)?;
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public).ok().map(|key| Self(Arc::new(key)))
    }

    /// Whether `signature`, in lower-case hexadecimal of its DER form, is one of `text`.
    pub(crate) fn proves(&self, text: &str, signature: &str) -> bool {
        self.holds(text.as_bytes(), signature)
    }

    /// The same, of bytes.
    pub(crate) fn holds(&self, message: &[u8], signature: &str) -> bool {
        if !is_signature(signature) {
            return false;
        }
        hex::decode(signature).is_ok_and(|der| self.0.verify_sig(message, &der).is_ok())
    }

    /// The key that a point of the curve is, uncompressed.
    #[cfg(test)]
    pub(crate) fn of_point(point: &[u8]) -> Option<Self> {
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).ok().map(|key| Self(Arc::new(key)))
    }
}

impl KeyPair {
    /// The key that the holder of a secret signs with.
    ///
    /// # Errors
    /// The derivation comes to no key: of a hundred million secrets, not one.
    pub(crate) fn derive(secret: &SecretKey, access_key_id: &str) -> Result<Self, SignatureError> {
        let underivable = SignatureError::Mismatch;
        let Some((private, public)) = halves(secret, access_key_id) else {
            return Err(underivable);
        };
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        EcdsaKeyPair::from_private_key_and_public_key(algorithm, private.as_slice(), &public)
            .map(|pair| Self(Arc::new(pair)))
            .map_err(|_| underivable)
    }

    /// A signature of `text`, in lower-case hexadecimal of its DER form. Two of the same text
    /// differ: the library draws a number for each.
    ///
    /// # Errors
    /// The library could not sign.
    pub(crate) fn sign(&self, text: &str) -> Result<String, SignatureError> {
        let signed = self.0.sign(&SystemRandom::new(), text.as_bytes());
        signed.map(hex::encode).map_err(|_| SignatureError::Mismatch)
    }
}

/// Whether the text could be a signature at all: lower-case hexadecimal digits, two by two.
pub(crate) fn is_signature(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= SIGNATURE_DIGITS_MAX
        && text.len().is_multiple_of(2)
        && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn halves(secret: &SecretKey, access_key_id: &str) -> Option<(Zeroizing<[u8; 32]>, Vec<u8>)> {
    let private = private_key(secret, access_key_id)?;
    let agreed = PrivateKey::from_private_key(&ECDH_P256, private.as_slice()).ok()?;
    let public = agreed.compute_public_key().ok()?.as_ref().to_vec();
    Some((private, public))
}

/// The public point that is derived, in hexadecimal.
#[cfg(test)]
pub(crate) fn public_point(secret: &SecretKey, access_key_id: &str) -> String {
    hex::encode(halves(secret, access_key_id).unwrap().1)
}

/// The private number: the first candidate that is at most the order less two, plus one.
fn private_key(secret: &SecretKey, access_key_id: &str) -> Option<Zeroizing<[u8; 32]>> {
    let key = Zeroizing::new(format!("AWS4A{}", secret.expose()).into_bytes());
    (1..=254_u8).find_map(|counter| {
        let mut input = Vec::with_capacity(64);
        input.extend_from_slice(&1_u32.to_be_bytes());
        input.extend_from_slice(ALGORITHM.as_bytes());
        input.push(0);
        input.extend_from_slice(access_key_id.as_bytes());
        input.push(counter);
        input.extend_from_slice(&256_u32.to_be_bytes());
        let mut candidate = Zeroizing::new(keyed_mac(&key, &input));
        if exceeds(&candidate, &ORDER_LESS_TWO) {
            return None;
        }
        add_one(&mut candidate);
        Some(candidate)
    })
}

/// Whether one big-endian number is larger than another, in time that depends on neither.
fn exceeds(one: &[u8; 32], other: &[u8; 32]) -> bool {
    // The borrow of `other - one`, from the last byte to the first.
    let borrow = one.iter().zip(other).rev().fold(0_u16, |borrow, (one, other)| {
        let difference = u16::from(*other).wrapping_sub(u16::from(*one)).wrapping_sub(borrow);
        difference >> 15
    });
    borrow == 1
}

/// Adds one to a big-endian number, in time that does not depend on it.
fn add_one(number: &mut [u8; 32]) {
    let mut carry = true;
    for byte in number.iter_mut().rev() {
        let (sum, over) = byte.overflowing_add(u8::from(carry));
        *byte = sum;
        carry = over;
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(..)")
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_key_is_derived() {
        // aws-c-auth, tests/key_derivation_tests.c, `credentials_derive_ecc_key_fixed`.
        let secret = "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom".parse().unwrap();
        let (private, public) = halves(&secret, "AKISORANDOMAASORANDOM").unwrap();
        assert_eq!(
            hex::encode(private.as_slice()),
            "7fd3bd010c0d9c292141c2b77bfbde1042c92e6836fff749d1269ec890fca1bd"
        );
        assert_eq!(
            hex::encode(public),
            "0415d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb\
             0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0"
        );
    }

    #[test]
    fn a_signature_by_a_derived_key_is_proven_by_that_key_alone() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".parse().unwrap();
        let signature = KeyPair::derive(&secret, "AKIDEXAMPLE").unwrap().sign("text").unwrap();
        let public = PublicKey::derive(&secret, "AKIDEXAMPLE").unwrap();
        assert!(public.proves("text", &signature));
        assert!(!public.proves("texT", &signature));
        assert!(!public.proves("text", &signature.to_uppercase()));
        assert!(!public.proves("text", &format!("{signature}00")));
        let other = PublicKey::derive(&secret, "AKIDEXAMPLF").unwrap();
        assert!(!other.proves("text", &signature));
    }

    #[test]
    fn numbers_are_compared_and_counted_as_numbers() {
        let mut last = ORDER_LESS_TWO;
        assert!(!exceeds(&last, &ORDER_LESS_TWO));
        add_one(&mut last);
        assert!(exceeds(&last, &ORDER_LESS_TWO));
        assert!(!exceeds(&[0; 32], &ORDER_LESS_TWO));
        assert!(exceeds(&[0xff; 32], &ORDER_LESS_TWO));
        let mut carried = [0xff; 32];
        carried[0] = 0;
        add_one(&mut carried);
        assert_eq!((carried[0], carried[31]), (1, 0));
    }
}
