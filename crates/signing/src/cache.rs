//! Verifying keys that have been derived already.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::SecretKey;

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
    /// Keyed by chance: nobody can make names that collide.
    hasher: RandomState,
    generations: Mutex<Generations>,
}

/// Keys used since the last turn, and those used in the turn before, by the hash of their name.
#[derive(Default)]
struct Generations {
    young: HashMap<u64, Entry>,
    old: HashMap<u64, Entry>,
}

/// What a key is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Name<'a> {
    version: Version,
    holder: Holder,
    access_key_id: &'a str,
    scope: Option<&'a Scope>,
}

/// Whether anybody holds the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    Somebody,
    /// It is a decoy, whatever its id.
    Nobody,
}

struct Entry {
    version: Version,
    holder: Holder,
    access_key_id: String,
    scope: Option<Scope>,
    secret: SecretKey,
    key: VerifyingKey,
}

/// What decoys are kept under: an id as long as others, so that looking one up takes their time.
const DECOY_ID: &str = "AKIAAAAAAAAAAAAAAAAA";

impl Entry {
    /// The key, if it is that of the name and was derived from that secret.
    fn of(&self, name: Name<'_>, secret: &SecretKey) -> Option<VerifyingKey> {
        let Self { version, holder, .. } = *self;
        let (access_key_id, scope) = (self.access_key_id.as_str(), self.scope.as_ref());
        let same = Name { version, holder, access_key_id, scope } == name && self.secret == *secret;
        same.then(|| self.key.clone())
    }
}

impl KeyCache {
    /// A cache without keys. `decoy` is drawn by chance and known to nobody.
    #[must_use]
    pub fn new(decoy: SecretKey) -> Self {
        Self { decoy, hasher: RandomState::new(), generations: Mutex::default() }
    }

    /// The key that proves the claim, if it was made by the holder of that secret.
    #[must_use]
    pub fn key(&self, claim: &SignedClaim, secret: &SecretKey) -> VerifyingKey {
        let name = name(claim, Holder::Somebody, claim.access_key_id().as_str());
        self.entry(name, claim, secret)
    }

    /// A key that proves nothing, for a claim whose id nobody holds.
    #[must_use]
    pub fn decoy(&self, claim: &SignedClaim) -> VerifyingKey {
        self.entry(name(claim, Holder::Nobody, DECOY_ID), claim, &self.decoy)
    }

    /// Never inlined: keys and decoys are found by the same machine code.
    #[inline(never)]
    fn entry(&self, name: Name<'_>, claim: &SignedClaim, secret: &SecretKey) -> VerifyingKey {
        let hash = self.hasher.hash_one(name);
        if let Some(key) = self.generations().find(hash, name, secret) {
            return key;
        }
        let Name { version, holder, access_key_id, scope } = name;
        let key = claim.key(secret);
        let entry = Entry {
            version,
            holder,
            access_key_id: access_key_id.to_owned(),
            scope: scope.cloned(),
            secret: secret.clone(),
            key: key.clone(),
        };
        self.generations().keep(hash, entry);
        key
    }

    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name<'a>(claim: &'a SignedClaim, holder: Holder, access_key_id: &'a str) -> Name<'a> {
    Name {
        version: claim.version(),
        holder,
        access_key_id,
        // The key of the other versions is the same in every scope.
        scope: claim.scope().filter(|_| claim.version() == Version::V4),
    }
}

impl Generations {
    /// The key of a name. Of two names with one hash the last one is kept.
    fn find(&mut self, hash: u64, name: Name<'_>, secret: &SecretKey) -> Option<VerifyingKey> {
        if let Some(entry) = self.young.get(&hash) {
            return entry.of(name, secret);
        }
        let entry = self.old.remove(&hash)?;
        let key = entry.of(name, secret)?;
        self.keep(hash, entry);
        Some(key)
    }

    /// Two generations of half the size: whatever was not used for a whole one is dropped.
    fn keep(&mut self, hash: u64, entry: Entry) {
        if self.young.len() >= KEYS_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, entry);
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
