//! Verifying keys that have been derived already.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::{AccessKeyId, SecretKey};

use crate::claim::{SignedClaim, Version};
use crate::key::{Scope, VerifyingKey};

/// Most keys that are kept.
pub const KEYS_MAX: usize = 8192;

/// Keeps the keys that verified lately: deriving one takes four HMACs, for SigV4A a multiplication
/// on the curve. What is not used is forgotten, and wipes itself then.
///
/// A key is found again only with the secret it was derived from, so that a secret that was changed
/// has no old key. For ids that nobody holds there are decoys, kept beside the others and found in
/// the same time.
///
/// ```
/// use strongroom_signing::KeyCache;
/// let decoy = "0123456789abcdef0123456789abcdef".parse().unwrap();
/// assert_eq!(format!("{:?}", KeyCache::new(decoy)), "KeyCache(0)");
/// ```
pub struct KeyCache {
    decoy: SecretKey,
    /// An id as long as others: a decoy is looked up in the time that they are.
    decoy_id: Option<AccessKeyId>,
    generations: Mutex<Generations>,
}

/// Keys used since the last turn, and those used in the turn before.
#[derive(Default)]
struct Generations {
    young: HashMap<Name, Entry>,
    old: HashMap<Name, Entry>,
}

/// What a key is for.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Name {
    version: Version,
    holder: Holder,
    access_key_id: Option<AccessKeyId>,
    scope: Option<Scope>,
}

/// Whether anybody holds the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    Somebody,
    /// It is a decoy, whatever its id.
    Nobody,
}

struct Entry {
    secret: SecretKey,
    key: VerifyingKey,
}

/// What decoys are kept under.
const DECOY_ID: &str = "AKIAAAAAAAAAAAAAAAAA";

impl KeyCache {
    /// A cache without keys. `decoy` is drawn by chance and known to nobody.
    #[must_use]
    pub fn new(decoy: SecretKey) -> Self {
        let decoy_id = DECOY_ID.parse().ok();
        Self { decoy, decoy_id, generations: Mutex::default() }
    }

    /// The key that proves the claim, if it was made by the holder of that secret.
    #[must_use]
    pub fn key(&self, claim: &SignedClaim, secret: &SecretKey) -> VerifyingKey {
        self.entry(name(claim, Holder::Somebody, Some(claim.access_key_id())), claim, secret)
    }

    /// A key that proves nothing, for a claim whose id nobody holds.
    #[must_use]
    pub fn decoy(&self, claim: &SignedClaim) -> VerifyingKey {
        self.entry(name(claim, Holder::Nobody, self.decoy_id.as_ref()), claim, &self.decoy)
    }

    fn entry(&self, name: Name, claim: &SignedClaim, secret: &SecretKey) -> VerifyingKey {
        if let Some(key) = self.generations().find(&name, secret) {
            return key;
        }
        let key = claim.key(secret);
        let entry = Entry { secret: secret.clone(), key: key.clone() };
        self.generations().keep(name, entry);
        key
    }

    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(claim: &SignedClaim, holder: Holder, access_key_id: Option<&AccessKeyId>) -> Name {
    Name {
        version: claim.version(),
        holder,
        access_key_id: access_key_id.cloned(),
        // The key of the other versions is the same in every scope.
        scope: claim.scope().filter(|_| claim.version() == Version::V4).cloned(),
    }
}

impl Generations {
    fn find(&mut self, name: &Name, secret: &SecretKey) -> Option<VerifyingKey> {
        if let Some(entry) = self.young.get(name) {
            return (entry.secret == *secret).then(|| entry.key.clone());
        }
        let entry = self.old.remove(name).filter(|entry| entry.secret == *secret)?;
        let key = entry.key.clone();
        self.keep(name.clone(), entry);
        Some(key)
    }

    /// Two generations of half the size: whatever was not used for a whole one is dropped.
    fn keep(&mut self, name: Name, entry: Entry) {
        if self.young.len() >= KEYS_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(name, entry);
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let generations = self.generations();
        let count = generations.young.len().saturating_add(generations.old.len());
        write!(f, "KeyCache({count})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::Claim;
    use crate::request::CanonicalRequest;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn claim(region: &str) -> SignedClaim {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/{region}/s3/aws4_request, \
             SignedHeaders=host, Signature={}",
            "0".repeat(64)
        );
        let (parts, ()) = http::Request::get("/")
            .header("host", "h")
            .header("x-amz-date", "20130524T000000Z")
            .header("authorization", authorization)
            .body(())
            .unwrap()
            .into_parts();
        match CanonicalRequest::parse(&parts).unwrap().credential().unwrap() {
            Claim::Signed(claim) => claim,
            Claim::Anonymous(_) | Claim::Bearer(_) => panic!("it is signed"),
        }
    }

    fn cache() -> KeyCache {
        KeyCache::new("0123456789abcdef0123456789abcdef".parse().unwrap())
    }

    fn signature(key: &VerifyingKey, claim: &SignedClaim) -> bool {
        let own = crate::SigningKey::derive(&SECRET.parse().unwrap(), claim.scope().unwrap());
        key.proves("text", &own.signature("text"))
    }

    #[test]
    fn a_kept_key_is_the_key_that_would_be_derived() {
        let (cache, claim) = (cache(), claim("us-east-1"));
        for _ in 0..2 {
            assert!(signature(&cache.key(&claim, &SECRET.parse().unwrap()), &claim));
        }
        assert_eq!(format!("{cache:?}"), "KeyCache(1)");
    }

    #[test]
    fn a_changed_secret_has_no_old_key() {
        let (cache, claim) = (cache(), claim("us-east-1"));
        let _ = cache.key(&claim, &SECRET.parse().unwrap());
        let changed = "anotherSecretKeyOfTheSameUser".parse().unwrap();
        assert!(!signature(&cache.key(&claim, &changed), &claim));
        assert!(signature(&cache.key(&claim, &SECRET.parse().unwrap()), &claim));
    }

    #[test]
    fn a_decoy_proves_nothing_and_is_never_the_key_of_an_id() {
        let (cache, claim) = (cache(), claim("us-east-1"));
        assert!(!signature(&cache.decoy(&claim), &claim));
        assert!(signature(&cache.key(&claim, &SECRET.parse().unwrap()), &claim));
        assert!(!signature(&cache.decoy(&claim), &claim));
    }

    #[test]
    fn no_more_keys_are_kept_than_the_limit() {
        let cache = cache();
        let secret = SECRET.parse().unwrap();
        let count = || {
            let generations = cache.generations();
            generations.young.len() + generations.old.len()
        };
        for region in 0..KEYS_MAX {
            let _ = cache.key(&claim(&format!("r{region}")), &secret);
        }
        assert_eq!(count(), KEYS_MAX);
        let _ = cache.key(&claim("one-more"), &secret);
        assert!(count() <= KEYS_MAX);
        let last = claim("one-more");
        assert!(signature(&cache.key(&last, &secret), &last));
    }
}
