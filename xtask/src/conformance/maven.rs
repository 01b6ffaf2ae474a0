//! Servers in Java that their makers publish on Maven Central as one archive.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::done;
use crate::Findings;

/// What copies an artifact out of the repository.
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy";

/// An archive.
pub(super) struct Archive {
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    /// Its digest (SHA-256), in hexadecimal.
    pub(super) digest: &'static str,
    /// What it unpacks to, without the version.
    pub(super) folder: &'static str,
}

impl Archive {
    /// Unpacks it to `own/server`, unless this version is there.
    pub(super) fn install(&self, own: &Path) -> Result<(), Findings> {
        let Self { group, name, version, digest, folder } = self;
        let mark = own.join("version");
        if fs::read_to_string(&mark).is_ok_and(|had| had == *version) {
            return Ok(());
        }
        println!("── installing {folder} {version} from Maven Central");
        let wrong = |error: std::io::Error| vec![format!("{}: {error}", own.display())];
        if own.exists() {
            fs::remove_dir_all(own).map_err(wrong)?;
        }
        fs::create_dir_all(own).map_err(wrong)?;
        let mut maven = Command::new("mvn");
        maven.args(["-q", "-B", COPY, &format!("-Dartifact={group}:{name}:{version}:zip")]);
        done(maven.arg(format!("-DoutputDirectory={}", own.display())), "mvn")?;
        let archive = own.join(format!("{name}-{version}.zip"));
        let listed = own.join("sha256");
        fs::write(&listed, format!("{digest}  {}\n", archive.display())).map_err(wrong)?;
        done(Command::new("sha256sum").args(["--check", "--quiet"]).arg(&listed), "its digest")?;
        done(Command::new("unzip").arg("-q").arg(&archive).arg("-d").arg(own), "unzip")?;
        fs::remove_file(&archive).map_err(wrong)?;
        fs::rename(own.join(format!("{folder}-{version}")), own.join("server")).map_err(wrong)?;
        fs::write(&mark, version).map_err(wrong)
    }
}
