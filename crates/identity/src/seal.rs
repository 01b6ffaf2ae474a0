//! Secrets at rest and in tokens: sealed with AEAD under keys derived from a master key.
//!
//! AES-256-GCM-SIV (RFC 8452: a nonce used twice gives away nothing but equality) under a key per
//! purpose, derived with HKDF-SHA256 (RFC 5869). Each sealed value names the master key it is
//! under, so that a ring of an old and a new key reads everything while rotation seals anew.

use std::str::FromStr;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use audit::Random;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use names::SecretBytes;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What is sealed for a purpose. A value sealed for one purpose does not open for another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Purpose {
    /// Secrets of access keys.
    AccessKeySecret,
    /// Seeds of MFA devices.
    MfaSeed,
    /// Where a listing goes on, in the tokens of its pages.
    PageToken,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Self::AccessKeySecret => "strongroom/v1/access-key-secret",
            Self::MfaSeed => "strongroom/v1/mfa-seed",
            Self::PageToken => "strongroom/v1/page-token",
        }
    }
}

/// What is derived from a master key. Derived keys have nothing in common.
#[derive(Clone, Copy)]
enum Derived {
    /// The key for the secrets of a purpose.
    AtRest(Purpose),
    /// The key for a day's session tokens.
    SessionToken,
    /// The id by which the master key is known.
    KeyId,
}

impl Derived {
    fn label(self) -> &'static str {
        match self {
            Self::AtRest(purpose) => purpose.label(),
            Self::SessionToken => "strongroom/v1/session-token",
            Self::KeyId => "strongroom/v1/key-id",
        }
    }
}

/// Bytes of a master key.
pub const MASTER_KEY_BYTES: usize = 32;
/// Bytes of a derived key.
const DERIVED_KEY_BYTES: usize = 32;
/// Bytes of a master key's id.
pub(crate) const KEY_ID_BYTES: usize = 8;

/// Why something could not be sealed or opened. Never says which byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// A master key has another length than [`MASTER_KEY_BYTES`].
    #[error("a master key is 32 bytes, not {found}")]
    MasterKeyLength {
        /// How many there were.
        found: usize,
    },
    /// There is no master key at all.
    #[error("no master key was given")]
    Empty,
    /// It is sealed under a master key that is not in the ring.
    #[error("it is sealed under master key `{key}`, which is not here")]
    UnknownKey {
        /// The id of that key.
        key: String,
    },
    /// It is not sealed under that key for that purpose and owner, or was changed.
    #[error("it does not open")]
    Opaque,
}

/// A value sealed at rest. Opens only for the purpose and owner it was sealed for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sealed {
    /// The id of the master key.
    key: String,
    /// Nonce, ciphertext and tag, base64url.
    data: String,
}

impl Sealed {
    /// The id of the master key it is under.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// One master key, its id, and the keys of each purpose that are derived from it.
struct MasterKey {
    id: [u8; KEY_ID_BYTES],
    secret: SecretBytes,
    access_keys: LessSafeKey,
    mfa_seeds: LessSafeKey,
    page_tokens: LessSafeKey,
    /// The key of the newest day that tokens were sealed for or opened of.
    newest: ArcSwapOption<DayKey>,
}

/// The key of a day's session tokens.
struct DayKey {
    day: u32,
    key: LessSafeKey,
}

/// Seals and opens under a ring of master keys: the first seals, all open.
///
/// ```
/// use names::SecretBytes;
/// use strongroom_identity::Sealer;
/// assert!(Sealer::new(vec![SecretBytes::new(vec![7; 32])]).is_ok());
/// assert!(Sealer::new(vec![SecretBytes::new(vec![7; 31])]).is_err());
/// assert!(Sealer::new(vec![]).is_err());
/// ```
pub struct Sealer {
    current: MasterKey,
    older: Vec<MasterKey>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealer({} keys)", self.older.len().saturating_add(1))
    }
}

impl Sealer {
    /// A sealer under a ring of master keys, the current one first.
    ///
    /// # Errors
    /// The ring is empty, or a key is not [`MASTER_KEY_BYTES`] long.
    pub fn new(ring: Vec<SecretBytes>) -> Result<Self, SealError> {
        let mut keys = ring.into_iter().map(MasterKey::new).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(SealError::Empty);
        }
        let current = keys.remove(0);
        Ok(Self { current, older: keys })
    }

    /// The id of the current master key.
    #[must_use]
    pub fn current_key(&self) -> String {
        hex::encode(self.current.id)
    }

    /// Seals a secret for a purpose and an owner.
    ///
    /// # Errors
    /// The cryptographic library refuses, which it does not.
    pub fn seal(
        &self,
        purpose: Purpose,
        owner: &str,
        secret: &[u8],
        random: &dyn Random,
    ) -> Result<Sealed, SealError> {
        let key = self.current.at_rest(purpose);
        let boxed = seal_box(key, &associated(purpose, owner), secret, random)?;
        Ok(Sealed { key: self.current_key(), data: URL_SAFE_NO_PAD.encode(boxed) })
    }

    /// Opens what [`Sealer::seal`] sealed for the same purpose and owner.
    ///
    /// # Errors
    /// Another master key, purpose or owner, or a changed byte.
    pub fn open(
        &self,
        purpose: Purpose,
        owner: &str,
        sealed: &Sealed,
    ) -> Result<SecretBytes, SealError> {
        let id = <[u8; KEY_ID_BYTES]>::from_hex_text(&sealed.key)?;
        let key = self.find(id)?.at_rest(purpose);
        let boxed = URL_SAFE_NO_PAD.decode(&sealed.data).map_err(|_| SealError::Opaque)?;
        open_box(key, &associated(purpose, owner), boxed)
    }

    /// Seals bytes for a purpose and an owner, as one word: the master key's id and the box.
    pub(crate) fn seal_word(
        &self,
        purpose: Purpose,
        owner: &str,
        plain: &[u8],
        random: &dyn Random,
    ) -> Result<String, SealError> {
        let key = self.current.at_rest(purpose);
        let boxed = seal_box(key, &associated(purpose, owner), plain, random)?;
        Ok(URL_SAFE_NO_PAD.encode([self.current.id.as_slice(), &boxed].concat()))
    }

    /// Opens what [`Sealer::seal_word`] sealed for the same purpose and owner.
    pub(crate) fn open_word(
        &self,
        purpose: Purpose,
        owner: &str,
        word: &str,
    ) -> Result<SecretBytes, SealError> {
        let bytes = URL_SAFE_NO_PAD.decode(word).map_err(|_| SealError::Opaque)?;
        let (id, boxed) = bytes.split_first_chunk().ok_or(SealError::Opaque)?;
        let key = self.find(*id)?.at_rest(purpose);
        open_box(key, &associated(purpose, owner), boxed.to_vec())
    }

    /// Seals bytes for a token under the key of a day; answers the current key's id with them.
    pub(crate) fn seal_for_day(
        &self,
        day: u32,
        associated: &[u8],
        plain: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        let key = self.current.for_day(day)?;
        let boxed = seal_box(&key.key, associated, plain, random)?;
        self.current.keep(key);
        Ok(boxed)
    }

    /// Opens what [`Sealer::seal_for_day`] sealed.
    pub(crate) fn open_for_day(
        &self,
        id: [u8; KEY_ID_BYTES],
        day: u32,
        associated: &[u8],
        boxed: Vec<u8>,
    ) -> Result<SecretBytes, SealError> {
        let master = self.find(id)?;
        let key = master.for_day(day)?;
        let opened = open_box(&key.key, associated, boxed)?;
        master.keep(key);
        Ok(opened)
    }

    /// The id of the current master key, as tokens carry it.
    pub(crate) fn current_id(&self) -> [u8; KEY_ID_BYTES] {
        self.current.id
    }

    fn find(&self, id: [u8; KEY_ID_BYTES]) -> Result<&MasterKey, SealError> {
        let mut keys = std::iter::once(&self.current).chain(&self.older);
        let unknown = || SealError::UnknownKey { key: hex::encode(id) };
        keys.find(|key| key.id == id).ok_or_else(unknown)
    }
}

impl MasterKey {
    fn new(secret: SecretBytes) -> Result<Self, SealError> {
        let found = secret.expose().len();
        if found != MASTER_KEY_BYTES {
            return Err(SealError::MasterKeyLength { found });
        }
        let mut id = [0; KEY_ID_BYTES];
        derive_into(&secret, Derived::KeyId, "", &mut id)?;
        let access_keys = derive(&secret, Derived::AtRest(Purpose::AccessKeySecret), "")?;
        let mfa_seeds = derive(&secret, Derived::AtRest(Purpose::MfaSeed), "")?;
        let page_tokens = derive(&secret, Derived::AtRest(Purpose::PageToken), "")?;
        let newest = ArcSwapOption::empty();
        Ok(Self { id, secret, access_keys, mfa_seeds, page_tokens, newest })
    }

    fn at_rest(&self, purpose: Purpose) -> &LessSafeKey {
        match purpose {
            Purpose::AccessKeySecret => &self.access_keys,
            Purpose::MfaSeed => &self.mfa_seeds,
            Purpose::PageToken => &self.page_tokens,
        }
    }

    fn for_day(&self, day: u32) -> Result<Arc<DayKey>, SealError> {
        if let Some(kept) = self.newest.load_full().filter(|kept| kept.day == day) {
            return Ok(kept);
        }
        let key = derive(&self.secret, Derived::SessionToken, &day.to_string())?;
        Ok(Arc::new(DayKey { day, key }))
    }

    /// Keeps the key of a day for the next token, unless that of a newer day is kept. Only that of
    /// a token which was sealed or did open: what others send says any day.
    fn keep(&self, key: Arc<DayKey>) {
        if self.newest.load().as_ref().is_none_or(|kept| kept.day < key.day) {
            self.newest.store(Some(key));
        }
    }
}

fn derive(secret: &SecretBytes, what: Derived, context: &str) -> Result<LessSafeKey, SealError> {
    let mut bytes = Zeroizing::new([0; DERIVED_KEY_BYTES]);
    derive_into(secret, what, context, bytes.as_mut_slice())?;
    let key = UnboundKey::new(&AES_256_GCM_SIV, bytes.as_slice());
    key.map(LessSafeKey::new).map_err(|_| SealError::Opaque)
}

/// How many bytes are derived.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive_into(
    secret: &SecretBytes,
    what: Derived,
    context: &str,
    into: &mut [u8],
) -> Result<(), SealError> {
    let extracted = Salt::new(HKDF_SHA256, b"strongroom").extract(secret.expose());
    let labels = [what.label().as_bytes(), b"\0", context.as_bytes()];
    let expanded = extracted.expand(&labels, Length(into.len())).map_err(|_| SealError::Opaque)?;
    expanded.fill(into).map_err(|_| SealError::Opaque)
}

/// What binds a sealed value to its purpose and owner.
fn associated(purpose: Purpose, owner: &str) -> Vec<u8> {
    [purpose.label().as_bytes(), b"\0", owner.as_bytes()].concat()
}

/// Nonce, ciphertext, tag.
fn seal_box(
    key: &LessSafeKey,
    associated: &[u8],
    plain: &[u8],
    random: &dyn Random,
) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce);
    let mut body = plain.to_vec();
    let unique = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(unique, Aad::from(associated), &mut body)
        .map_err(|_| SealError::Opaque)?;
    Ok([nonce.as_slice(), &body].concat())
}

fn open_box(
    key: &LessSafeKey,
    associated: &[u8],
    mut boxed: Vec<u8>,
) -> Result<SecretBytes, SealError> {
    if boxed.len() < NONCE_LEN {
        return Err(SealError::Opaque);
    }
    let mut body = boxed.split_off(NONCE_LEN);
    let nonce = Nonce::try_assume_unique_for_key(&boxed).map_err(|_| SealError::Opaque)?;
    let opened = key.open_in_place(nonce, Aad::from(associated), &mut body);
    let length = opened.map(|plain| plain.len()).map_err(|_| SealError::Opaque)?;
    body.truncate(length);
    Ok(SecretBytes::new(body))
}

/// Reads a key's id from hex.
trait FromHexText: Sized {
    fn from_hex_text(text: &str) -> Result<Self, SealError>;
}

impl FromHexText for [u8; KEY_ID_BYTES] {
    fn from_hex_text(text: &str) -> Result<Self, SealError> {
        let mut id = [0; KEY_ID_BYTES];
        hex::decode_to_slice(text, &mut id)
            .map_err(|_| SealError::UnknownKey { key: text.to_owned() })?;
        Ok(id)
    }
}

/// Reads a secret key back from the bytes that were sealed.
pub(crate) fn secret_key(bytes: &SecretBytes) -> Result<names::SecretKey, SealError> {
    let text = std::str::from_utf8(bytes.expose()).map_err(|_| SealError::Opaque)?;
    names::SecretKey::from_str(text).map_err(|_| SealError::Opaque)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl Random for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn the_key_of_one_day_is_kept_and_opens_nothing_of_another() {
        let sealer = Sealer::new(vec![SecretBytes::new(vec![1; MASTER_KEY_BYTES])]).unwrap();
        let kept = |sealer: &Sealer| sealer.current.newest.load_full().map(|kept| kept.day);
        let seal = |day| sealer.seal_for_day(day, b"a", b"plain", &Sevens).unwrap();
        let open = |day, boxed| sealer.open_for_day(sealer.current_id(), day, b"a", boxed);
        let (first, second) = (seal(10), seal(11));
        assert_ne!(first, second);
        assert_eq!(kept(&sealer), Some(11));
        assert!(open(11, first.clone()).is_err() && open(12, second.clone()).is_err());
        assert_eq!(kept(&sealer), Some(11), "what does not open is no reason to keep a key");
        for (day, boxed) in [(10, first), (11, second)] {
            assert_eq!(open(day, boxed).unwrap().expose(), b"plain");
        }
        assert_eq!(kept(&sealer), Some(11));
        let later = Sealer::new(vec![SecretBytes::new(vec![1; MASTER_KEY_BYTES])]).unwrap();
        later.open_for_day(later.current_id(), 11, b"a", seal(11)).unwrap();
        assert_eq!(kept(&later), Some(11));
    }
}
