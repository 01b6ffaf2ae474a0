//! What a provider says of itself, as far as it decides how people sign in and leave: what
//! `strongroom idp doctor` prints besides keys. Pure.

use identity::{IssuerUrl, ProviderProfile as Vendor};
use names::Timestamp;
use serde_json::{Map, Value};

use super::config::Algorithm;
use super::diagnose::{Finding, Outcome};
use super::verify::LEEWAY_SECONDS;

/// How far the clocks may be apart before it is worth a warning, in seconds.
const APART_SECONDS: i64 = 5;

/// Looks at a provider's discovery document, and at the time that it says it is.
pub(super) fn look(
    issuer: &IssuerUrl,
    document: &Map<String, Value>,
    date: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Finding> {
    let vendor = Vendor::recognised(issuer, &Map::new());
    let mut findings = vec![clock(date, now), algorithms(document)];
    // Workloads get their tokens without anybody's signing in.
    if !matches!(vendor, Some(Vendor::GithubActions | Vendor::Kubernetes)) {
        findings.extend([
            browser(document),
            device(document),
            redirect(vendor),
            logout(document, vendor),
        ]);
    }
    findings
}

fn finding(check: &'static str, outcome: Outcome, expected: &str, actual: String) -> Finding {
    Finding { check, outcome, expected: expected.to_owned(), actual, help: None }
}

fn helped(finding: Finding, help: &str) -> Finding {
    Finding { help: Some(help.to_owned()), ..finding }
}

/// The two clocks: a token is dated by the one and judged by the other.
fn clock(date: Option<Timestamp>, now: Timestamp) -> Finding {
    let expected = "clocks that agree to the minute";
    let Some(date) = date else {
        let actual = "it does not say what time it is".to_owned();
        return finding("clock", Outcome::Skipped, expected, actual);
    };
    let ahead = date.seconds().saturating_sub(now.seconds());
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let actual = format!("its clock is {} s {side} this server's", ahead.unsigned_abs());
    let help = "set both by NTP: tokens are refused from a minute's difference on";
    match ahead.abs() {
        0..=APART_SECONDS => finding("clock", Outcome::Pass, expected, actual),
        6..=LEEWAY_SECONDS => helped(finding("clock", Outcome::Warning, expected, actual), help),
        _ => helped(finding("clock", Outcome::Fail, expected, actual), help),
    }
}

fn list<'a>(document: &'a Map<String, Value>, member: &str) -> Option<Vec<&'a str>> {
    Some(document.get(member)?.as_array()?.iter().filter_map(Value::as_str).collect())
}

/// Whether any algorithm of its ID tokens is one of ours.
fn algorithms(document: &Map<String, Value>) -> Finding {
    let expected = "ID tokens signed by a public key";
    let Some(named) = list(document, "id_token_signing_alg_values_supported") else {
        let actual = "it names no algorithms".to_owned();
        return finding("algorithms", Outcome::Warning, expected, actual);
    };
    let ours: Vec<&str> =
        named.iter().copied().filter(|name| name.parse::<Algorithm>().is_ok()).collect();
    if ours.is_empty() {
        let actual = "none of its algorithms is taken here".to_owned();
        let help = "let it sign ID tokens of this client by RS256 or ES256";
        return helped(finding("algorithms", Outcome::Fail, expected, actual), help);
    }
    finding("algorithms", Outcome::Pass, expected, ours.join(", "))
}

/// Whether people can sign in with a browser: authorization code with PKCE S256.
fn browser(document: &Map<String, Value>) -> Finding {
    let expected = "authorization code with PKCE S256";
    let methods = list(document, "code_challenge_methods_supported");
    match (document.contains_key("authorization_endpoint"), methods) {
        (false, _) => {
            let actual = "it has no authorization endpoint".to_owned();
            let help = "people sign in with tokens of other programs: `login --token-command`";
            helped(finding("browser", Outcome::Warning, expected, actual), help)
        }
        (true, Some(methods)) if !methods.contains(&"S256") => {
            let actual = format!("PKCE by {}", methods.join(", "));
            let help = "`strongroom login` asks no provider without S256: switch it on there";
            helped(finding("browser", Outcome::Warning, expected, actual), help)
        }
        (true, Some(_)) => finding("browser", Outcome::Pass, expected, "PKCE by S256".to_owned()),
        (true, None) => {
            let actual = "it does not say whether it takes PKCE".to_owned();
            finding("browser", Outcome::Pass, expected, actual)
        }
    }
}

/// Whether people can sign in with a code on another device.
fn device(document: &Map<String, Value>) -> Finding {
    let expected = "a device authorization endpoint, for `login --device`";
    if document.contains_key("device_authorization_endpoint") {
        return finding("device", Outcome::Pass, expected, "it has one".to_owned());
    }
    finding("device", Outcome::Skipped, expected, "it has none".to_owned())
}

/// The way back, which only the provider's own settings show.
fn redirect(vendor: Option<Vendor>) -> Finding {
    let expected = "http://127.0.0.1/callback, on any port";
    let actual = "no provider tells it: look there".to_owned();
    let help = match vendor {
        Some(Vendor::Entra) => {
            "App registrations, Authentication, Mobile and desktop applications: \
             http://127.0.0.1/callback (in the manifest); Allow public client flows: Yes"
        }
        Some(Vendor::Okta) => {
            "Applications, General, Sign-in redirect URIs: http://127.0.0.1:8765/callback, and \
             `login --redirect-port 8765`, since Okta compares ports; Client authentication: None"
        }
        Some(Vendor::Google) => {
            "Credentials, OAuth client ID, Desktop app: loopback is taken as it is; its client \
             secret goes into `login --client-secret-file`"
        }
        Some(Vendor::Keycloak) => {
            "Clients, Settings: Valid redirect URIs http://127.0.0.1/callback, Client \
             authentication off, Standard flow on"
        }
        Some(Vendor::Dex) => "staticClients: `public: true` takes loopback as it is",
        Some(Vendor::Auth0) => {
            "Applications, Native: Allowed Callback URLs http://127.0.0.1:8765/callback, and \
             `login --redirect-port 8765`"
        }
        _ => "register it for a public client; where ports must match, `login --redirect-port`",
    };
    helped(finding("redirect uris", Outcome::Skipped, expected, actual), help)
}

/// Whether the provider says when somebody leaves.
fn logout(document: &Map<String, Value>, vendor: Option<Vendor>) -> Finding {
    let expected = "back-channel logout to /-/v1/logout of this server";
    if document.get("backchannel_logout_supported") == Some(&Value::Bool(true)) {
        let actual = "it can tell who has left".to_owned();
        let told = finding("back-channel logout", Outcome::Pass, expected, actual);
        let help = match vendor {
            Some(Vendor::Keycloak) => {
                "Clients, Settings, Logout settings: Backchannel logout URL \
                 https://STORE/-/v1/logout, Backchannel logout session required off; disabling \
                 alone tells nobody: name a `keycloak` lookup, or sign out too (Users, Sessions)"
            }
            _ => "name https://STORE/-/v1/logout as the client's back-channel logout address there",
        };
        return helped(told, help);
    }
    let actual = "it tells nobody who has left".to_owned();
    let help = "sessions of people who left live to their end: `idp add --session-seconds-max`";
    helped(finding("back-channel logout", Outcome::Warning, expected, actual), help)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;

    fn looked(document: &Value, date: Option<i64>) -> Vec<Finding> {
        let date = date.map(|ahead| now().plus_seconds(ahead));
        look(&ISSUER.parse().unwrap(), document.as_object().unwrap(), date, now())
    }

    fn outcome(findings: &[Finding], check: &str) -> Outcome {
        findings.iter().find(|one| one.check == check).unwrap().outcome
    }

    #[test]
    fn clocks_that_are_a_minute_apart_are_a_fault_and_five_seconds_are_none() {
        for (ahead, expected) in [
            (0, Outcome::Pass),
            (APART_SECONDS, Outcome::Pass),
            (-APART_SECONDS, Outcome::Pass),
            (APART_SECONDS + 1, Outcome::Warning),
            (-LEEWAY_SECONDS, Outcome::Warning),
            (LEEWAY_SECONDS + 1, Outcome::Fail),
            (-LEEWAY_SECONDS - 1, Outcome::Fail),
        ] {
            let findings = looked(&json!({}), Some(ahead));
            assert_eq!(outcome(&findings, "clock"), expected, "{ahead}");
        }
        assert_eq!(outcome(&looked(&json!({}), None), "clock"), Outcome::Skipped);
    }

    #[test]
    fn what_a_provider_lacks_is_told_with_what_follows() {
        let whole = looked(
            &json!({"authorization_endpoint": "x", "code_challenge_methods_supported": ["S256"],
                "device_authorization_endpoint": "y", "backchannel_logout_supported": true,
                "id_token_signing_alg_values_supported": ["HS256", "RS256"]}),
            Some(0),
        );
        for check in ["algorithms", "browser", "device", "back-channel logout"] {
            assert_eq!(outcome(&whole, check), Outcome::Pass, "{check}");
        }
        let bare = looked(
            &json!({"authorization_endpoint": "x", "code_challenge_methods_supported": ["plain"],
                "id_token_signing_alg_values_supported": ["HS256", "none"]}),
            Some(0),
        );
        assert_eq!(outcome(&bare, "algorithms"), Outcome::Fail);
        assert_eq!(outcome(&bare, "browser"), Outcome::Warning);
        assert_eq!(outcome(&bare, "back-channel logout"), Outcome::Warning);
        assert_eq!(outcome(&bare, "device"), Outcome::Skipped);
    }

    #[test]
    fn each_vendor_is_told_where_the_way_back_is_set() {
        for (issuer, words) in [
            ("https://sso.example.com/realms/corp", "Valid redirect URIs"),
            ("https://example.okta.com", "Sign-in redirect URIs"),
            ("https://accounts.google.com", "Desktop app"),
        ] {
            let findings = look(&issuer.parse().unwrap(), &Map::new(), None, now());
            let redirect = findings.iter().find(|one| one.check == "redirect uris").unwrap();
            assert!(redirect.help.as_ref().unwrap().contains(words), "{issuer}: {redirect:?}");
        }
        let github = "https://token.actions.githubusercontent.com".parse().unwrap();
        let findings = look(&github, &Map::new(), None, now());
        assert!(findings.iter().all(|one| one.check != "redirect uris"));
    }
}
