//! What is kept of a sign-in between two commands: how to get fresh credentials, and the last ones.
//!
//! One file a profile under `$XDG_CONFIG_HOME/strongroom/logins` (else `~/.config`), which only its
//! owner may read. A refresh token is good for one use with many providers, so whoever renews holds
//! a lock beside it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::environment::config_folder;
use crate::exit::{Failure, Outcome};

/// The version of the file that this program writes.
const VERSION: u8 = 1;
/// What others than the owner may do with the file: nothing.
const OTHERS: u32 = 0o077;

/// What is kept.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    v: u8,
    /// The server.
    pub(crate) endpoint: String,
    /// The session that is asked for.
    pub(crate) session: Session,
    /// Where fresh tokens come from; nothing for a directory's password, which is not kept.
    pub(crate) issuer: Option<Issuer>,
    /// The last credentials.
    pub(crate) credentials: Issued,
}

/// What a sign-in asks of the server.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    /// The provider, by name.
    pub(crate) provider: Option<String>,
    /// The role.
    pub(crate) role: Option<String>,
    /// Its name.
    pub(crate) name: String,
    /// How long it lives.
    pub(crate) seconds: u32,
}

/// Where fresh tokens come from.
#[derive(Serialize, Deserialize, Clone, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Issuer {
    /// The issuer.
    pub(crate) issuer: String,
    /// Our name there.
    pub(crate) client_id: String,
    /// The file of what some providers give out as a client's secret.
    pub(crate) client_secret_file: Option<PathBuf>,
    /// The refresh token, where there is one.
    pub(crate) refresh_token: Option<String>,
}

/// Credentials, in the words of an AWS `credential_process`.
#[derive(Serialize, Deserialize, Clone, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Issued {
    /// The access key id.
    pub(crate) access_key_id: String,
    /// Its secret.
    pub(crate) secret_access_key: String,
    /// The session's token.
    pub(crate) session_token: String,
    /// When they end.
    pub(crate) expiration: String,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl Kept {
    pub(crate) fn new(
        endpoint: String,
        session: Session,
        issuer: Option<Issuer>,
        credentials: Issued,
    ) -> Self {
        Self { v: VERSION, endpoint, session, issuer, credentials }
    }
}

/// The place of one profile's file.
pub(crate) struct Place {
    folder: PathBuf,
    profile: String,
}

/// The right to renew; gone when dropped.
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Place {
    /// The place for a profile.
    pub(crate) fn of(profile: &str) -> Result<Self, Failure> {
        let folder = config_folder().ok_or_else(|| {
            Failure::Input("HOME is not set: there is no place for a sign-in".to_owned())
        })?;
        Self::within(folder.join("strongroom").join("logins"), profile)
    }

    fn within(folder: PathBuf, profile: &str) -> Result<Self, Failure> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@+=".contains(c);
        if profile.is_empty() || profile.starts_with('.') || !profile.chars().all(plain) {
            let text = "a profile's name has letters, digits and `-_.@+=`, and begins with no dot";
            return Err(Failure::Input(format!("`{profile}`: {text}")));
        }
        Ok(Self { folder, profile: profile.to_owned() })
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.profile))
    }

    /// What is kept, if anything. Refused if others than its owner can read it.
    pub(crate) fn read(&self) -> Result<Option<Kept>, Failure> {
        let file = self.file("json");
        let wrong = |why: String| Failure::Input(format!("{}: {why}", file.display()));
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| wrong(error.to_string()))?,
        };
        let mode = fs::metadata(&file).map_err(|error| wrong(error.to_string()))?.permissions();
        if mode.mode() & OTHERS != 0 {
            let help = format!("help: chmod 600 {}", file.display());
            return Err(wrong(format!("others can read it\n{help}, or sign in again")));
        }
        let kept: Kept = serde_json::from_str(&text)
            .map_err(|error| wrong(format!("{error}\nhelp: sign in again: `strongroom login`")))?;
        if kept.v == VERSION {
            Ok(Some(kept))
        } else {
            Err(wrong(format!("version {} is another program's", kept.v)))
        }
    }

    /// Keeps it, whole or not at all.
    pub(crate) fn write(&self, kept: &Kept) -> Outcome {
        self.folder()?;
        let (file, new) = (self.file("json"), self.file("new"));
        let text = serde_json::to_string_pretty(kept).unwrap_or_default();
        write_private(&new, &text)
            .and_then(|()| fs::rename(&new, &file))
            .map_err(|error| Failure::Broken(format!("{}: {error}", file.display())))
    }

    /// Forgets it: whether there was one.
    pub(crate) fn forget(&self) -> Result<bool, Failure> {
        let file = self.file("json");
        match fs::remove_file(&file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Failure::Broken(format!("{}: {error}", file.display()))),
        }
    }

    /// Waits until nobody else renews.
    pub(crate) fn lock(&self) -> Result<Lock, Failure> {
        self.folder()?;
        let file = self.file("lock");
        let opened =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&file);
        let held = opened.and_then(|own| own.lock().map(|()| own));
        held.map(Lock).map_err(|error| Failure::Broken(format!("{}: {error}", file.display())))
    }

    fn folder(&self) -> Outcome {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
        made.map_err(|error| Failure::Broken(format!("{}: {error}", self.folder.display())))
    }
}

/// Writes a file that only its owner may read, and that was not there.
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut output = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    output.write_all(text.as_bytes())?;
    output.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept {
        let word = |text: &str| text.to_owned();
        let session =
            Session { provider: Some(word("corp")), role: None, name: word("ana"), seconds: 900 };
        let issuer = Issuer {
            issuer: word("https://idp.example"),
            client_id: word("strongroom"),
            client_secret_file: None,
            refresh_token: Some(word("r")),
        };
        let issued = Issued {
            access_key_id: word("ASIA"),
            secret_access_key: word("hidden"),
            session_token: word("hidden"),
            expiration: word("2026-01-01T00:00:00Z"),
        };
        Kept::new(word("http://127.0.0.1:9000"), session, Some(issuer), issued)
    }

    #[test]
    fn what_is_kept_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::within(folder.path().join("a").join("b"), "ana").unwrap();
        assert_eq!(place.read().unwrap(), None);
        place.write(&kept()).unwrap();
        assert_eq!(place.read().unwrap(), Some(kept()));
        let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&place.file("json")), 0o600);
        assert_eq!(mode(&place.folder), 0o700);
        fs::set_permissions(place.file("json"), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(place.read().unwrap_err().to_string().contains("chmod 600"));
        place.write(&kept()).unwrap();
        assert_eq!(mode(&place.file("json")), 0o600);
        assert!(place.forget().unwrap() && !place.forget().unwrap());
    }

    #[test]
    fn a_profiles_name_is_no_path() {
        let folder = PathBuf::from("/x");
        for bad in ["", ".", "..", "../a", "a/b", ".a", "a b", "a\n"] {
            assert!(Place::within(folder.clone(), bad).is_err(), "{bad:?}");
        }
        assert!(Place::within(folder, "ana@corp-1.x").is_ok());
    }

    #[test]
    fn nothing_secret_is_shown() {
        let shown = format!("{:?}", kept());
        assert!(!shown.contains("hidden") && !shown.contains("\"r\""), "{shown}");
    }
}
