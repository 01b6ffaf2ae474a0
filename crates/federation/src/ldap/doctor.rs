//! Whether a directory is what its settings say, step by step, each failure with its remedy.

use std::sync::Arc;

use identity::{ExternalIdentity, OidcProvider};
use names::Timestamp;

use super::config::{DirectorySettings, Product};
use super::filter::Filter;
use super::login::DirectoryLogins;
use super::port::{As, Directory, DirectoryError, NO_SUCH_OBJECT, Scope, Search};
use super::refusal::LdapRefusal;
use crate::oidc::{Finding, Outcome};

/// How far clocks may be apart before it is said, in seconds: Kerberos bears as much.
const SKEW_SECONDS_MAX: u64 = 300;

/// Makes a directory of settings; each server is looked at by itself.
pub type MakeDirectory<'a> =
    &'a (dyn Fn(&DirectorySettings) -> Result<Arc<dyn Directory>, DirectoryError> + Sync);

/// What there is to say about a directory.
#[derive(Debug, Default)]
pub struct Examination {
    /// Every check, in order.
    pub findings: Vec<Finding>,
    /// Who has the login name that was asked about, as the directory would vouch for them.
    pub identity: Option<ExternalIdentity>,
}

impl Examination {
    fn push(&mut self, check: &'static str, outcome: Outcome, expected: &str, told: Told) {
        let (actual, help) = told;
        self.findings.push(Finding { check, outcome, expected: expected.to_owned(), actual, help });
    }

    fn pass(&mut self, check: &'static str, expected: &str, actual: String) {
        self.push(check, Outcome::Pass, expected, (actual, None));
    }

    fn fail(&mut self, check: &'static str, expected: &str, error: &DirectoryError) {
        self.push(check, Outcome::Fail, expected, (error.to_string(), Some(remedy(error))));
    }
}

/// What is the case, and what mends it.
type Told = (String, Option<String>);

/// Looks at every server, at where people and groups are, at what rules are bound to, and at one
/// person if a login name is given. Never fails: what went wrong is what it says.
pub async fn examine(
    logins: &DirectoryLogins,
    make: MakeDirectory<'_>,
    provider: &OidcProvider,
    name: Option<&str>,
    now: Timestamp,
) -> Examination {
    let mut said = Examination::default();
    let settings = logins.settings();
    for server in &settings.servers {
        let alone = DirectorySettings { servers: vec![server.clone()], ..settings.clone() };
        let expected = format!("an answer of {}:{}", server.host, server.port);
        match make(&alone) {
            Err(error) => said.fail("server", &expected, &error),
            Ok(directory) => one_server(&mut said, &*directory, &expected, now).await,
        }
    }
    match make(settings) {
        Err(error) => said.fail("settings", "settings that fit together", &error),
        Ok(directory) => {
            places(&mut said, &*directory, settings).await;
            bound_rules(&mut said, logins, provider).await;
            if let Some(name) = name {
                person(&mut said, logins, provider, name, now).await;
            }
        }
    }
    said
}

async fn one_server(
    said: &mut Examination,
    directory: &dyn Directory,
    expected: &str,
    now: Timestamp,
) {
    let root = search("", Scope::Base, any(), &["currentTime"]);
    match directory.search(As::Lookup, &root).await {
        Err(error) => said.fail("server", expected, &error),
        Ok(found) => {
            said.pass("server", expected, "TLS, the bind and an answer".to_owned());
            let time = found.iter().find_map(|entry| entry.text("currentTime").and_then(seconds));
            if let Some(skew) = time.map(|time| time.abs_diff(now.seconds())) {
                let told = format!("{skew} s apart");
                let help = "set both clocks by NTP: expiry of accounts is judged by ours";
                match skew > SKEW_SECONDS_MAX {
                    true => said.push(
                        "clock",
                        Outcome::Warning,
                        "at most 300 s apart",
                        (told, Some(help.to_owned())),
                    ),
                    false => said.pass("clock", "at most 300 s apart", told),
                }
            }
        }
    }
}

/// Whether there are people and groups where they are looked for.
async fn places(said: &mut Examination, directory: &dyn Directory, settings: &DirectorySettings) {
    let people = super::login::anybody(&settings.user_filter);
    let class = match settings.product {
        Product::ActiveDirectory => "group",
        Product::Openldap => "groupOfNames",
    };
    let groups = Filter::equal("objectClass", class);
    let all = settings.user_bases.iter().map(|base| ("user_bases", base, &people));
    let all = all.chain(settings.group_bases.iter().map(|base| ("group_bases", base, &groups)));
    for (check, base, filter) in all {
        let expected = format!("entries of `{filter}` with `{}`", settings.id_attribute);
        let asked = search(base, Scope::Subtree, filter.clone(), &[&settings.id_attribute]);
        match directory.search(As::Lookup, &asked).await {
            Ok(found) if found.iter().any(|e| e.values(&settings.id_attribute).is_empty()) => {
                let help = format!(
                    "let the account of `bind_dn` read `{}`, or name another `id_attribute` that \
                     never changes",
                    settings.id_attribute
                );
                said.push(check, Outcome::Fail, &expected, ("no id".to_owned(), Some(help)));
            }
            Ok(found) if found.is_empty() => {
                let help = "correct the base or the filter, or what `bind_dn` may read";
                let told = (format!("nothing under `{base}`"), Some(help.to_owned()));
                said.push(check, Outcome::Warning, &expected, told);
            }
            // One more than one is there: that is all that is asked.
            Ok(_) | Err(DirectoryError::TooMany { .. }) => {
                said.pass(check, &expected, format!("there are some under `{base}`"));
            }
            Err(error) => said.fail(check, &expected, &error),
        }
    }
}

/// Whether the groups that rules are about are there.
async fn bound_rules(said: &mut Examination, logins: &DirectoryLogins, provider: &OidcProvider) {
    let tests = provider.rules.iter().flat_map(|rule| &rule.when);
    let ids: Vec<String> = tests.flat_map(|test| test.bound.iter().cloned()).collect();
    let expected = "every group that a rule is bound to exists";
    match logins.group_ids(&ids).await {
        Err(LdapRefusal::Directory(error)) => said.fail("rules", expected, &error),
        Err(error) => said.push("rules", Outcome::Fail, expected, (error.to_string(), None)),
        Ok(found) => {
            let gone: Vec<&str> =
                ids.iter().filter(|id| !found.contains_key(*id)).map(String::as_str).collect();
            if gone.is_empty() {
                said.pass("rules", expected, format!("{} groups", ids.len()));
            } else {
                let help = "write the rules anew with `strongroom idp map`: a group under an old \
                            name is another one";
                let told = (format!("no group has the id {}", gone.join(", ")), help.to_owned());
                said.push("rules", Outcome::Warning, expected, (told.0, Some(told.1)));
            }
        }
    }
}

async fn person(
    said: &mut Examination,
    logins: &DirectoryLogins,
    provider: &OidcProvider,
    name: &str,
    now: Timestamp,
) {
    let expected = format!("one entry that may sign in as `{}`", crate::oidc::excerpt(name));
    match logins.look_up(provider, name, now).await {
        Ok(identity) => {
            let told = format!("id {}, {} groups", identity.subject, identity.groups.len());
            said.pass("person", &expected, told);
            said.identity = Some(identity);
        }
        Err(LdapRefusal::Directory(error)) => said.fail("person", &expected, &error),
        Err(refusal) => {
            let help = match &refusal {
                LdapRefusal::Unknown | LdapRefusal::Ambiguous => "`user_filter` and `user_bases`",
                LdapRefusal::Groups { .. } => "`group_bases`: fewer groups",
                LdapRefusal::Account(_) => "the account, with the directory's own tools",
                _ => "the entry, with the directory's own tools",
            };
            let told = (refusal.to_string(), Some(format!("look at {help}")));
            said.push("person", Outcome::Fail, &expected, told);
        }
    }
}

fn any() -> Filter {
    Filter::Present { attribute: "objectClass".to_owned() }
}

fn search(base: &str, scope: Scope, filter: Filter, attributes: &[&str]) -> Search {
    let attributes = attributes.iter().map(|name| (*name).to_owned()).collect();
    Search { base: base.to_owned(), scope, filter, attributes, entries_max: 1 }
}

/// What mends a failure.
fn remedy(error: &DirectoryError) -> String {
    match error {
        DirectoryError::Unreachable { .. } => "`servers`: host and port, and the way there",
        DirectoryError::Tls { .. } => {
            "`ca_file` must be the authority of the server's certificate, and `servers` must use \
             the name that is in it"
        }
        DirectoryError::Slow { .. } => "the directory's load, and the way there",
        DirectoryError::Busy => "`connections`: more of them",
        DirectoryError::Refused { code: 49, .. } => "`bind_dn` and `bind_password_file`",
        DirectoryError::Refused { code: 8 | 13, .. } => {
            "the directory wants TLS: use `ldaps://`, or `start_tls = true`"
        }
        DirectoryError::Refused { code: 50, .. } => "what the account of `bind_dn` may read",
        DirectoryError::Refused { code: NO_SUCH_OBJECT, .. } => "the base: there is no such entry",
        DirectoryError::Refused { .. } => "the directory's own log",
        DirectoryError::Referral => "`servers`: the one that holds the base itself",
        DirectoryError::TooMany { .. } => "the directory's size limit for `bind_dn`",
        DirectoryError::Malformed | DirectoryError::Message { .. } => {
            "`servers`: what answers there is no LDAP server"
        }
        DirectoryError::Setup { .. } => "the `[[directory]]` table of `directories.file`",
    }
    .to_owned()
}

/// The seconds since 1970 of a generalized time, `20261122184500.0Z` (RFC 4517 §3.3.13).
fn seconds(text: &str) -> Option<i64> {
    let digits = text.split(['.', ',', 'Z']).next().filter(|digits| digits.len() == 14)?;
    let part = |from: usize, to: usize| digits.get(from..to);
    let iso = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    );
    iso.parse::<Timestamp>().ok().map(Timestamp::seconds)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Fake, entry, now, provider, settings};
    use super::*;

    fn examined(fake: Fake, name: Option<&'static str>) -> Vec<(&'static str, Outcome)> {
        let fake: Arc<dyn Directory> = Arc::new(fake);
        let more = r#"{"servers": ["ldaps://a", "ldaps://b"], "user_filter": "(uid=%s)"}"#;
        let logins = DirectoryLogins::new(Arc::clone(&fake), settings(more));
        let make = move |_: &DirectorySettings| Ok(Arc::clone(&fake));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let provider = provider();
        let said = runtime.block_on(examine(&logins, &make, &provider, name, now()));
        assert!(said.findings.iter().all(|f| f.outcome == Outcome::Pass || f.help.is_some()));
        said.findings.iter().map(|finding| (finding.check, finding.outcome)).collect()
    }

    fn whole() -> Fake {
        Fake::with(vec![
            entry("", &[("currentTime", "20270115080000.0Z")]),
            entry("uid=a,ou=people,dc=example", &[("uid", "a"), ("entryUUID", "1")]),
            entry(
                "cn=g,ou=groups,dc=example",
                &[("objectClass", "groupOfNames"), ("entryUUID", "2")],
            ),
        ])
    }

    #[test]
    fn a_directory_that_is_as_it_is_said_passes_at_every_step() {
        let said = examined(whole(), Some("a"));
        assert!(said.iter().all(|(_, outcome)| *outcome == Outcome::Pass), "{said:?}");
        assert_eq!(said.iter().filter(|(check, _)| *check == "server").count(), 2);
        for check in ["clock", "user_bases", "group_bases", "rules", "person"] {
            assert!(said.iter().any(|(own, _)| *own == check), "{check}");
        }
    }

    #[test]
    fn each_thing_that_is_wrong_is_found_where_it_is() {
        let fails = |fake: Fake, name, check| {
            let said = examined(fake, name);
            let bad: Vec<_> = said.iter().filter(|(_, o)| *o != Outcome::Pass).collect();
            assert!(!bad.is_empty() && bad.iter().all(|(own, _)| *own == check), "{said:?}");
        };
        fails(whole(), Some("nobody"), "person");
        let late = whole();
        late.entries.lock().unwrap()[0] = entry("", &[("currentTime", "20270115090000Z")]);
        fails(late, None, "clock");
        let empty = whole();
        empty.entries.lock().unwrap().remove(1);
        fails(empty, None, "user_bases");
        let blind = whole();
        blind.entries.lock().unwrap()[2].attributes.remove("entryuuid");
        fails(blind, None, "group_bases");
        let down = whole();
        *down.failure.lock().unwrap() = Some(DirectoryError::Malformed);
        let said = examined(down, None);
        // No rule is bound to a group, so that nothing is asked about rules.
        let asked = said.iter().filter(|(check, _)| *check != "rules");
        assert!(asked.clone().all(|(_, outcome)| *outcome == Outcome::Fail), "{said:?}");
    }
}
