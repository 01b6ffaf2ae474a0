//! Real directories and providers: an OpenLDAP, a Samba Active Directory, an OpenID provider and a
//! Keycloak, installed, started and ended by the scripts, and what becomes of people when their own
//! tools act.
//!
//! What cannot be installed is a failure, unless it is said beforehand: `--without keycloak`.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Profile, build, debian, done, install, play};
use crate::Findings;
use crate::check::root;

/// Its name.
pub(super) const NAME: &str = "directories";

/// Its scripts, in order.
const SCRIPTS: &[&str] = &["openldap.py", "samba.py", "openid.py", "keycloak.py"];

/// What is installed for them, and a file by which it is known to be there.
const PACKAGES: &[(&str, &str)] = &[
    ("slapd", "/usr/sbin/slapd"),
    ("ldap-utils", "/usr/bin/ldapmodify"),
    ("samba", "/usr/sbin/samba"),
    ("samba-ad-provision", "/usr/share/samba/setup/provision.ldif"),
    ("samba-dsdb-modules", "/usr/lib/x86_64-linux-gnu/samba/ldb/samldb.so"),
    ("unzip", "/usr/bin/unzip"),
];

/// Keycloak's distribution on Maven Central, and its digest (SHA-256).
const KEYCLOAK: &str = "26.4.7";
const KEYCLOAK_DIGEST: &str = "dd9834c023460be856f731423d86228c23b5d002194a2064642bec0cc6573eaa";

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
        keycloak(&tools.join("keycloak"))?;
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

/// Keycloak, unpacked in `own/server`; only if it is not there yet.
fn keycloak(own: &Path) -> Result<(), Findings> {
    if own.join("server/bin/kc.sh").exists() {
        return Ok(());
    }
    println!("── installing Keycloak {KEYCLOAK} from Maven Central");
    let wrong = |error: std::io::Error| vec![format!("{}: {error}", own.display())];
    fs::create_dir_all(own).map_err(wrong)?;
    let archive = own.join(format!("keycloak-quarkus-dist-{KEYCLOAK}.zip"));
    let artifact = format!("-Dartifact=org.keycloak:keycloak-quarkus-dist:{KEYCLOAK}:zip");
    let goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy";
    let mut maven = Command::new("mvn");
    maven.args(["-q", "-B", goal, &artifact]).arg(format!("-DoutputDirectory={}", own.display()));
    done(&mut maven, "mvn").map_err(|mut findings| {
        findings.push("Keycloak is not reachable: `--without keycloak` leaves it out".to_owned());
        findings
    })?;
    let listed = own.join("sha256");
    fs::write(&listed, format!("{KEYCLOAK_DIGEST}  {}\n", archive.display())).map_err(wrong)?;
    done(Command::new("sha256sum").args(["--check", "--quiet"]).arg(&listed), "its digest")?;
    done(Command::new("unzip").arg("-q").arg(&archive).arg("-d").arg(own), "unzip")?;
    fs::rename(own.join(format!("keycloak-{KEYCLOAK}")), own.join("server")).map_err(wrong)
}
