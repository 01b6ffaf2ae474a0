//! SCRAM (RFC 5802, RFC 7677): a proof that we know a password, and one that the server does.

use std::num::NonZeroU32;

use audit::SinkError;
use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::sinks::heard::later;

/// Fewest rounds that a server may ask for (RFC 7677 §4).
const ROUNDS_MIN: u32 = 4096;
/// Most, since each takes its time.
const ROUNDS_MAX: u32 = 1_000_000;

/// Which digest.
#[derive(Clone, Copy)]
pub(in crate::sinks) enum Digest {
    Sha256,
    Sha512,
}

/// One exchange.
pub(in crate::sinks) struct Scram<'a> {
    digest: Digest,
    password: &'a Zeroizing<String>,
    nonce: String,
    /// What we say first, without its preface.
    bare: String,
}

/// What the server has to say at the end.
pub(in crate::sinks) struct Proof {
    key: hmac::Key,
    said: String,
}

impl<'a> Scram<'a> {
    pub(in crate::sinks) fn new(
        digest: Digest,
        user: &str,
        password: &'a Zeroizing<String>,
        random: &[u8],
    ) -> Self {
        Self::with_nonce(digest, user, password, STANDARD.encode(random))
    }

    fn with_nonce(
        digest: Digest,
        user: &str,
        password: &'a Zeroizing<String>,
        nonce: String,
    ) -> Self {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        let bare = format!("n={user},r={nonce}");
        Self { digest, password, nonce, bare }
    }

    /// What we say first.
    pub(in crate::sinks) fn first(&self) -> String {
        format!("n,,{}", self.bare)
    }

    /// What we say to the server's challenge.
    pub(in crate::sinks) fn last(&self, challenge: &[u8]) -> Result<(String, Proof), SinkError> {
        let strange = || later("its challenge is not of SCRAM");
        let challenge = std::str::from_utf8(challenge).map_err(|_| strange())?;
        let part = |name: &str| challenge.split(',').find_map(|part| part.strip_prefix(name));
        let nonce = part("r=").filter(|nonce| nonce.starts_with(&self.nonce));
        let nonce = nonce.filter(|nonce| nonce.len() > self.nonce.len()).ok_or_else(strange)?;
        let salt = part("s=").and_then(|salt| STANDARD.decode(salt).ok()).ok_or_else(strange)?;
        let rounds = part("i=").and_then(|rounds| rounds.parse::<u32>().ok());
        let rounds = rounds.filter(|rounds| (ROUNDS_MIN..=ROUNDS_MAX).contains(rounds));
        let rounds = rounds.and_then(NonZeroU32::new);
        let rounds = rounds.ok_or_else(|| later("it asks for too few or too many rounds"))?;
        let (mac, hash, derivation) = match self.digest {
            Digest::Sha256 => (hmac::HMAC_SHA256, &digest::SHA256, pbkdf2::PBKDF2_HMAC_SHA256),
            Digest::Sha512 => (hmac::HMAC_SHA512, &digest::SHA512, pbkdf2::PBKDF2_HMAC_SHA512),
        };
        let mut salted = Zeroizing::new(vec![0; hash.output_len()]);
        pbkdf2::derive(derivation, rounds, &salt, self.password.as_bytes(), &mut salted);
        let salted = hmac::Key::new(mac, &salted);
        let client = hmac::sign(&salted, b"Client Key");
        let stored = digest::digest(hash, client.as_ref());
        let bare = format!("c=biws,r={nonce}");
        let said = format!("{},{challenge},{bare}", self.bare);
        let signature = hmac::sign(&hmac::Key::new(mac, stored.as_ref()), said.as_bytes());
        let mixed = client.as_ref().iter().zip(signature.as_ref()).map(|(one, other)| one ^ other);
        let proof = STANDARD.encode(mixed.collect::<Vec<u8>>());
        let key = hmac::Key::new(mac, hmac::sign(&salted, b"Server Key").as_ref());
        Ok((format!("{bare},p={proof}"), Proof { key, said }))
    }
}

impl Proof {
    /// Whether the server knows the password too.
    pub(in crate::sinks) fn verify(&self, last: &[u8]) -> Result<(), SinkError> {
        let proof = last.strip_prefix(b"v=").and_then(|proof| STANDARD.decode(proof).ok());
        let held = |proof: &Vec<u8>| hmac::verify(&self.key, self.said.as_bytes(), proof).is_ok();
        let held = proof.as_ref().is_some_and(held);
        if held { Ok(()) } else { Err(later("it does not know the password itself")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: &str = "rOprNGfwEbeRWgbNEkqO";
    const CHALLENGE: &str = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                             s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    #[test]
    fn the_example_of_rfc_7677_holds() {
        let password = Zeroizing::new("pencil".to_owned());
        let scram = Scram::with_nonce(Digest::Sha256, "user", &password, NONCE.to_owned());
        assert_eq!(scram.first(), format!("n,,n=user,r={NONCE}"));
        let (last, proof) = scram.last(CHALLENGE.as_bytes()).unwrap();
        assert!(last.ends_with(",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="), "{last}");
        assert!(proof.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").is_ok());
        assert!(proof.verify(b"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").is_err());
        assert!(proof.verify(b"e=invalid-proof").is_err());
    }

    #[test]
    fn a_server_that_takes_another_nonce_or_asks_for_few_rounds_is_not_answered() {
        let password = Zeroizing::new("pencil".to_owned());
        let scram = Scram::with_nonce(Digest::Sha256, "user", &password, NONCE.to_owned());
        for bad in [
            CHALLENGE.replace("r=rOpr", "r=xOpr"),
            CHALLENGE.replace("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", ""),
            CHALLENGE.replace("i=4096", "i=4095"),
            CHALLENGE.replace("i=4096", "i=1000001"),
            CHALLENGE.replace("s=W22", "s=***"),
        ] {
            assert!(scram.last(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_user_with_a_comma_is_still_one_user() {
        let password = Zeroizing::new(String::new());
        let scram = Scram::with_nonce(Digest::Sha512, "a,b=c", &password, "n".to_owned());
        assert_eq!(scram.first(), "n,,n=a=2Cb=3Dc,r=n");
    }
}
