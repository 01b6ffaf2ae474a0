//! Tokens of pages: where a listing goes on, said to whoever listed and to nobody else.
//!
//! The place is sealed under a key of its own, together with what was listed and for whom. A token
//! shows nothing, survives a restart and the rotation of the master key, and opens for the same
//! listing alone.

use crate::error::IdentityError;
use crate::identity::Identity;
use crate::seal::{Purpose, SealError};

/// What is listed, and for whom: a token opens under the very same words only.
///
/// ```
/// use strongroom_identity::Listing;
/// let one = Listing::of(&["objects", "111122223333", "bucket", "a", "bc"]);
/// assert_ne!(one, Listing::of(&["objects", "111122223333", "bucket", "ab", "c"]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing(String);

impl Listing {
    /// The listing that these words tell from every other, in this order.
    #[must_use]
    pub fn of(words: &[&str]) -> Self {
        Self(words.iter().map(|word| format!("{}:{word}", word.len())).collect())
    }
}

impl Identity {
    /// The token with which a listing goes on after `place`.
    ///
    /// # Errors
    /// The cryptographic library refuses, which it does not.
    pub fn page_token(&self, listing: &Listing, place: &str) -> Result<String, IdentityError> {
        let (sealer, place) = (self.sealer(), place.as_bytes());
        Ok(sealer.seal_word(Purpose::PageToken, &listing.0, place, self.random())?)
    }

    /// Where a listing goes on by a token of [`Identity::page_token`].
    ///
    /// # Errors
    /// The token was made for another listing, or not by us.
    pub fn page_place(&self, listing: &Listing, token: &str) -> Result<String, SealError> {
        let opened = self.sealer().open_word(Purpose::PageToken, &listing.0, token)?;
        std::str::from_utf8(opened.expose()).map(str::to_owned).map_err(|_| SealError::Opaque)
    }
}
