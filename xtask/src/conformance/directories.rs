//! Real directories and providers: an OpenLDAP, a Samba Active Directory, an OpenID provider, a
//! Keycloak and a LemonLDAP::NG, installed, started and ended by the scripts, and what becomes of
//! people when their own tools act.
//!
//! What cannot be installed is a failure, unless it is said beforehand: `--without keycloak`.

use std::path::Path;

use super::maven::Archive;
use super::{Profile, build, debian, install, play};
use crate::Findings;
use crate::check::root;

/// Its name.
pub(super) const NAME: &str = "directories";

/// Its scripts, in order.
const SCRIPTS: &[&str] =
    &["openldap.py", "samba.py", "openid.py", "keycloak.py", "llng.py", "slow.py"];

/// What is installed for them, and a file by which it is known to be there.
const PACKAGES: &[(&str, &str)] = &[
    ("slapd", "/usr/sbin/slapd"),
    ("ldap-utils", "/usr/bin/ldapmodify"),
    ("samba", "/usr/sbin/samba"),
    ("samba-ad-provision", "/usr/share/samba/setup/provision.ldif"),
    ("samba-vfs-modules", "/usr/lib/x86_64-linux-gnu/samba/vfs/xattr_tdb.so"),
    ("samba-dsdb-modules", "/usr/lib/x86_64-linux-gnu/samba/ldb/samldb.so"),
    ("unzip", "/usr/bin/unzip"),
    ("lemonldap-ng", "/usr/share/perl5/Lemonldap/NG/Portal/Issuer/OpenIDConnect.pm"),
    ("starman", "/usr/bin/starman"),
    ("libio-string-perl", "/usr/share/perl5/IO/String.pm"),
    ("libgd-securityimage-perl", "/usr/share/perl5/GD/SecurityImage.pm"),
    ("libimage-magick-perl", "/usr/share/doc/libimage-magick-perl"),
    ("libstring-random-perl", "/usr/share/perl5/String/Random.pm"),
    ("libmime-tools-perl", "/usr/share/perl5/MIME/Entity.pm"),
    ("libemail-sender-perl", "/usr/share/perl5/Email/Sender.pm"),
];

/// Keycloak's distribution.
const KEYCLOAK: Archive = Archive {
    group: "org.keycloak",
    name: "keycloak-quarkus-dist",
    version: "26.4.7",
    digest: "dd9834c023460be856f731423d86228c23b5d002194a2064642bec0cc6573eaa",
    folder: "keycloak",
};

/// Runs `directories [--debug] [--without NAME]… [SCRIPT…]`.
pub(super) fn run(words: &[&str]) -> Result<(), Findings> {
    let (mut debug, mut without, mut scripts) = (false, Vec::new(), Vec::new());
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        match word {
            "--debug" => debug = true,
            "--without" => without.extend(words.next().map(|name| format!("{name}.py"))),
            script => scripts.push(script),
        }
    }
    let mut named = scripts.iter().copied().chain(without.iter().map(String::as_str));
    if let Some(other) = named.find(|script| !SCRIPTS.contains(script)) {
        return Err(vec![format!("`{other}` is not one of: {}", SCRIPTS.join(", "))]);
    }
    if scripts.is_empty() {
        scripts = SCRIPTS.to_vec();
    }
    scripts.retain(|script| !without.iter().any(|other| other == script));
    for (package, file) in PACKAGES {
        debian(package, || Path::new(file).exists())?;
    }
    let conformance = root().join("conformance");
    let tools = install("first-request", &conformance.join("first-request"))?;
    if scripts.contains(&"keycloak.py") {
        KEYCLOAK.install(&tools.join("keycloak")).map_err(|mut findings| {
            findings.push("`--without keycloak` leaves Keycloak out".to_owned());
            findings
        })?;
    }
    let binary = build(if debug { Profile::Debug } else { Profile::Release })?;
    let mut failed = Findings::new();
    for script in scripts {
        println!("── {script}");
        if !play(&conformance.join(NAME).join(script), &binary, &tools, &[])? {
            failed.push(format!("{script} failed; what it left is under {}", tools.display()));
        }
    }
    for script in without {
        println!("── {script} was left out, as asked");
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}
