//! What we say of ourselves where a provider takes a signed statement for a secret (RFC 7523).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use names::SecretBytes;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::fault::LookupFault;

/// These claims, signed with RS256 (RFC 7515) by a key in PKCS #8.
pub(super) fn signed(
    key_id: &str,
    key: &SecretBytes,
    claims: &Value,
) -> Result<Zeroizing<String>, LookupFault> {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": key_id});
    let coded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!("{}.{}", coded(&header), coded(claims));
    let bad = |cause| LookupFault::Credential { cause };
    let key = KeyPair::from_pkcs8(key.expose());
    let key = key.map_err(|_| bad("the private key is no RSA key"))?;
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature)
        .map_err(|_| bad("the private key does not sign"))?;
    Ok(Zeroizing::new(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))))
}
