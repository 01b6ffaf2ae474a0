//! Real directories and providers: an OpenLDAP, a Samba Active Directory and an OpenID provider,
//! installed, started and ended by the scripts, and what becomes of people when their tools act.

use super::{Profile, build, debian, install, play};
use crate::Findings;
use crate::check::root;

/// Its name.
pub(super) const NAME: &str = "directories";

/// Its scripts, in order.
const SCRIPTS: &[&str] = &["openldap.py", "samba.py", "openid.py"];

/// What is installed for them, and a file by which it is known to be there.
const PACKAGES: &[(&str, &str)] = &[
    ("slapd", "/usr/sbin/slapd"),
    ("ldap-utils", "/usr/bin/ldapmodify"),
    ("samba", "/usr/sbin/samba"),
    ("samba-ad-provision", "/usr/share/samba/setup/provision.ldif"),
    ("samba-dsdb-modules", "/usr/lib/x86_64-linux-gnu/samba/ldb/samldb.so"),
];

/// Runs `directories [--debug] [SCRIPT…]`.
pub(super) fn run(words: &[&str]) -> Result<(), Findings> {
    let debug = words.contains(&"--debug");
    let mut scripts: Vec<&str> = words.iter().copied().filter(|word| *word != "--debug").collect();
    if let Some(other) = scripts.iter().find(|script| !SCRIPTS.contains(script)) {
        return Err(vec![format!("`{other}` is not one of: {}", SCRIPTS.join(", "))]);
    }
    if scripts.is_empty() {
        scripts = SCRIPTS.to_vec();
    }
    for (package, file) in PACKAGES {
        debian(package, || std::path::Path::new(file).exists())?;
    }
    let conformance = root().join("conformance");
    let tools = install("first-request", &conformance.join("first-request"))?;
    let binary = build(if debug { Profile::Debug } else { Profile::Release })?;
    let mut failed = Findings::new();
    for script in scripts {
        println!("── {script}");
        if !play(&conformance.join(NAME).join(script), &binary, &tools, &[])? {
            failed.push(format!("{script} failed; what it left is under {}", tools.display()));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}
