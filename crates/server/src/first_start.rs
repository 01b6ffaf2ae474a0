//! The first start: an account and its root credential, shown once.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use audit::Random;
use identity::ops::RootKey;
use identity::{AccountName, Bootstrap, Identity, IdentityError};
use names::{AccessKeyId, AccountId, SecretKey};

use crate::master_key::write_private;

/// The file that a root credential is written to when there is no terminal to show it on: the
/// access key id on the first line, the secret on the second.
pub const ROOT_CREDENTIAL_FILE: &str = "root-credential";

/// The fewest characters of a root secret that is given.
pub const ROOT_SECRET_CHARACTERS_MIN: usize = 32;

/// What the environment says of the first start.
#[derive(Clone, Default)]
pub(crate) struct Given {
    /// `STRONGROOM_ROOT_ACCESS_KEY`
    pub(crate) access_key: Option<String>,
    /// `STRONGROOM_ROOT_SECRET_KEY`
    pub(crate) secret_key: Option<String>,
    /// `STRONGROOM_ACCOUNT_ID`
    pub(crate) account: Option<String>,
}

/// Why the first start failed.
#[derive(Debug, thiserror::Error)]
pub enum FirstStartError {
    /// One of the two variables without the other.
    #[error("STRONGROOM_ROOT_ACCESS_KEY and STRONGROOM_ROOT_SECRET_KEY are needed together")]
    Half,
    /// The given key id is not one.
    #[error("STRONGROOM_ROOT_ACCESS_KEY: {0}")]
    AccessKey(#[from] names::BadAccessKeyId),
    /// The given secret is not one.
    #[error(
        "STRONGROOM_ROOT_SECRET_KEY: at least {ROOT_SECRET_CHARACTERS_MIN} printable ASCII \
         characters without spaces are needed"
    )]
    SecretKey,
    /// The given account id is not one.
    #[error("STRONGROOM_ACCOUNT_ID: {0}")]
    Account(#[from] names::BadAccountId),
    /// The credential cannot be written.
    #[error("the root credential cannot be written to `{}`", file.display())]
    File {
        /// Where.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The account cannot be made.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// A root credential on its way to its owner.
pub(crate) struct RootCredential {
    pub(crate) id: AccessKeyId,
    pub(crate) secret: SecretKey,
    given: Origin,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Environment,
    Drawn,
}

/// Makes the first account if there is none. Says on later starts that what was given is ignored.
pub(crate) async fn first_start(
    identity: &Identity,
    data: &Path,
    given: &Given,
    random: &dyn Random,
) -> Result<(), FirstStartError> {
    if identity.snapshot().operator().is_some() {
        if given.access_key.is_some() || given.secret_key.is_some() {
            tracing::warn!("there is a root already: STRONGROOM_ROOT_… is ignored");
        }
        return Ok(());
    }
    let credential = RootCredential::for_first_start(given, random)?;
    let account: Option<AccountId> = given.account.as_deref().map(str::parse).transpose()?;
    // The credential is with its owner before the account exists: a crash between the two leaves a
    // data directory that starts anew, never an account that nobody can enter.
    if credential.given == Origin::Drawn {
        credential.hand_over(data)?;
    }
    let RootCredential { id, secret, .. } = credential;
    let name: AccountName = "root".parse().map_err(|_| FirstStartError::Half)?;
    identity.bootstrap(Bootstrap { account, name, key: RootKey::Given { id, secret } }).await?;
    Ok(())
}

impl RootCredential {
    fn for_first_start(given: &Given, random: &dyn Random) -> Result<Self, FirstStartError> {
        match (&given.access_key, &given.secret_key) {
            (Some(id), Some(secret)) => {
                if secret.len() < ROOT_SECRET_CHARACTERS_MIN {
                    return Err(FirstStartError::SecretKey);
                }
                let secret = secret.parse().map_err(|_| FirstStartError::SecretKey)?;
                Ok(Self { id: id.parse()?, secret, given: Origin::Environment })
            }
            (None, None) => Self::drawn(random),
            _ => Err(FirstStartError::Half),
        }
    }

    /// A fresh credential: `AKIA` and 16 of base 32, and 240 random bits.
    pub(crate) fn drawn(random: &dyn Random) -> Result<Self, FirstStartError> {
        let letters = |length: usize, alphabet: &[u8]| {
            let mut bytes = zeroize::Zeroizing::new(vec![0_u8; length]);
            random.fill(&mut bytes);
            let pick = |byte: &u8| {
                alphabet.get(usize::from(*byte) % alphabet.len()).copied().map_or('A', char::from)
            };
            bytes.iter().map(pick).collect::<String>()
        };
        let id = format!("AKIA{}", letters(16, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"));
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let secret = letters(40, alphabet);
        let secret = secret.parse().map_err(|_| FirstStartError::SecretKey)?;
        Ok(Self { id: id.parse()?, secret, given: Origin::Drawn })
    }

    /// Shows the credential on a terminal, or writes it to a file that only its owner may read.
    pub(crate) fn hand_over(&self, data: &Path) -> Result<(), FirstStartError> {
        let mut terminal = std::io::stderr();
        if terminal.is_terminal() {
            let shown = writeln!(
                terminal,
                "\n  root access key id      {}\n  root secret access key  {}\n\n  \
                 This is shown once. Keep it; `strongroom root reset` makes another.\n",
                self.id,
                self.secret.expose(),
            );
            if shown.is_ok() {
                return Ok(());
            }
        }
        let file = data.join(ROOT_CREDENTIAL_FILE);
        let text = zeroize::Zeroizing::new(format!("{}\n{}\n", self.id, self.secret.expose()));
        write_private(&file, text.as_bytes())
            .map_err(|source| FirstStartError::File { file: file.clone(), source })?;
        tracing::info!(file = %file.display(), "the root credential is in a file");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (place, byte) in (0_u8..).zip(bytes) {
                *byte = place;
            }
        }
    }

    fn given(access: Option<&str>, secret: Option<&str>) -> Given {
        Given {
            access_key: access.map(str::to_owned),
            secret_key: secret.map(str::to_owned),
            account: None,
        }
    }

    /// corpus: SEC-02
    /// oracle: answer, twin
    #[test]
    fn a_given_secret_at_the_limit_is_taken_and_one_short_of_it_is_not() {
        let id = Some("AKIAROOTROOTROOTROOT");
        let at = "s".repeat(ROOT_SECRET_CHARACTERS_MIN);
        let under = "s".repeat(ROOT_SECRET_CHARACTERS_MIN - 1);
        assert!(RootCredential::for_first_start(&given(id, Some(&at)), &Counting).is_ok());
        assert!(RootCredential::for_first_start(&given(id, Some(&under)), &Counting).is_err());
    }

    /// corpus: POL-16
    /// oracle: answer
    #[test]
    fn half_a_credential_is_refused() {
        let half = given(Some("AKIAROOTROOTROOTROOT"), None);
        let refused = RootCredential::for_first_start(&half, &Counting);
        assert!(matches!(refused, Err(FirstStartError::Half)));
    }

    /// corpus: SEC-02
    #[test]
    fn a_drawn_credential_has_the_form_of_one() {
        let drawn = RootCredential::for_first_start(&given(None, None), &Counting).unwrap();
        assert_eq!(drawn.id.as_str().len(), 20);
        assert_eq!(drawn.secret.expose().len(), 40);
    }
}
