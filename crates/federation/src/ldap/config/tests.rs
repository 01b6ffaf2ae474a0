//! What may be said of a directory, and what may not.

use std::io;

use super::super::testing::{form, settings};
use super::*;

fn refused(more: &str) -> BadDirectory {
    form(more).checked(&|_| Ok(b"secret\n".to_vec())).unwrap_err()
}

#[test]
fn a_directory_has_the_defaults_of_its_product() {
    let openldap = settings("{}");
    assert_eq!(openldap.id_attribute, "entryUUID");
    assert_eq!(openldap.nesting, Nesting::Walk);
    assert_eq!((openldap.servers[0].port, openldap.servers[0].security), (636, Security::Tls));
    let active = settings(r#"{"product": "active-directory", "servers": ["ldap://dc1.example"]}"#);
    assert_eq!(active.id_attribute, "objectGUID");
    assert_eq!(active.nesting, Nesting::InChain);
    assert_eq!((active.servers[0].port, active.servers[0].security), (389, Security::StartTls));
}

#[test]
fn the_password_of_the_account_is_the_file_without_its_last_line_end_and_is_never_printed() {
    let settings = settings("{}");
    let Bind::Lookup { password, .. } = &settings.bind else { panic!() };
    assert_eq!(password.expose(), b"lookup-secret");
    assert!(!format!("{settings:?}").contains("lookup-secret"));
    for empty in [&b""[..], b"\n", b"\xff"] {
        let bad = form("{}").checked(&|_| Ok(empty.to_vec())).unwrap_err();
        assert!(matches!(bad, BadDirectory::Setting { setting: "bind_password_file", .. }));
    }
    let gone = form("{}").checked(&|_| Err(io::Error::from(io::ErrorKind::NotFound)));
    assert!(matches!(gone, Err(BadDirectory::File { .. })));
}

/// corpus: LDP-10
/// oracle: answer, twin
#[test]
fn nothing_but_loopback_is_spoken_to_without_tls_and_that_only_if_it_is_said() {
    let plain = |server: &str, said: bool| {
        let more = format!(
            r#"{{"servers": ["{server}"], "start_tls": false, "plain_on_loopback": {said}}}"#
        );
        form(&more).checked(&|_| Ok(b"secret".to_vec()))
    };
    let allowed = plain("ldap://127.0.0.1:3389", true).unwrap();
    assert_eq!(allowed.servers[0].security, Security::Plain);
    for (server, said) in [
        ("ldap://127.0.0.1:3389", false),
        ("ldap://ldap.example.com", true),
        ("ldap://10.0.0.1", true),
        ("ldap://localhost", true),
    ] {
        assert!(matches!(plain(server, said), Err(BadDirectory::Server { .. })), "{server}");
    }
}

#[test]
fn a_server_is_a_url_of_a_host_where_a_directory_can_be() {
    for bad in [
        "ldap.example.com",
        "https://ldap.example.com",
        "ldaps://",
        "ldaps://u:p@h",
        "ldaps://h/dc=x",
        "ldaps://h?x",
        "ldaps://169.254.169.254",
        "ldaps://[fe80::1]",
        "ldapi://%2fvar",
        "ldaps://0.0.0.0",
    ] {
        let bad = refused(&format!(r#"{{"servers": ["{bad}"]}}"#));
        assert!(matches!(bad, BadDirectory::Server { .. }), "{bad}");
    }
    assert!(matches!(refused(r#"{"servers": []}"#), BadDirectory::Setting { .. }));
    let nine = format!(r#"{{"servers": [{}]}}"#, [r#""ldaps://h""#; SERVERS_MAX + 1].join(","));
    assert!(matches!(refused(&nine), BadDirectory::Setting { .. }));
    let eight = format!(r#"{{"servers": [{}]}}"#, [r#""ldaps://h""#; SERVERS_MAX].join(","));
    assert_eq!(settings(&eight).servers.len(), SERVERS_MAX);
}

#[test]
fn settings_that_do_not_fit_together_are_refused_by_their_name() {
    for (more, setting) in [
        (r#"{"user_filter": "(uid=alice)"}"#, "user_filter"),
        (r#"{"user_filter": "(member=%d)"}"#, "user_filter"),
        (r#"{"group_filter": "(cn=x)"}"#, "group_filter"),
        (r#"{"group_filter": "(memberUid=%s)"}"#, "group_filter"),
        (r#"{"user_bases": []}"#, "user_bases"),
        (r#"{"direct_bind": "uid=%s,dc=x"}"#, "bind_dn"),
        (r#"{"bind_dn": null}"#, "bind_dn"),
        (r#"{"client_key_file": "/k"}"#, "client_certificate_file"),
        (r#"{"connections": 0}"#, "connections"),
        (r#"{"connections": 257}"#, "connections"),
        (r#"{"sync_seconds": 0}"#, "sync_seconds"),
        (r#"{"sync_seconds": 60, "stale_seconds_max": 59}"#, "stale_seconds_max"),
        (r#"{"attributes": ["a b"]}"#, "attributes"),
        (r#"{"id_attribute": "a)(b"}"#, "attributes"),
    ] {
        match refused(more) {
            BadDirectory::Setting { setting: named, .. } => assert_eq!(named, setting, "{more}"),
            other => panic!("{more}: {other}"),
        }
    }
    assert!(matches!(refused(r#"{"user_bases": ["people"]}"#), BadDirectory::Base { .. }));
    assert!(matches!(refused(r#"{"user_filter": "uid=%s"}"#), BadDirectory::Filter { .. }));
    let posix = settings(r#"{"nesting": "none", "group_filter": "(memberUid=%s)"}"#);
    assert_eq!(posix.nesting, Nesting::None);
}
