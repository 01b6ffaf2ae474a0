//! A text that must not be printed: secret keys, session tokens, customer keys.

use std::fmt;

use names::SecretBytes;

/// A secret member of a message. Wipes itself, compares in constant time, prints `Secret(..)`.
///
/// ```
/// use strongroom_wire::Secret;
/// let secret = Secret::from("hunter2".to_owned());
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(SecretBytes);

impl Secret {
    /// The secret itself. Every use is a place to audit.
    #[must_use]
    pub fn expose(&self) -> &str {
        std::str::from_utf8(self.0.expose()).unwrap_or_default()
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self(SecretBytes::new(Vec::new()))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(SecretBytes::new(text.into_bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
