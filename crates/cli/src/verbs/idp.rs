//! `strongroom idp add|list|map|check`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Map, Value, json};

use crate::client::Target;
use crate::exit::{Failure, Outcome};
use crate::print::{Printer, cell};

/// Add, list, map and check identity providers.
/// Where a token or a provider is looked at.
const CHECK: &str = "/-/v1/providers/check";

#[derive(Subcommand)]
pub(crate) enum Idp {
    /// Add an OpenID provider, or a directory of the server's `directories.file`.
    #[command(after_help = "Example: strongroom idp add corp --issuer https://login.example.com \
                      --client-id strongroom --groups-claim groups")]
    Add(Add),
    /// List the providers of your account, with their settings.
    ///
    /// Example: strongroom idp list --json
    List(List),
    /// Replace the mapping rules of a provider by those of a JSON file.
    ///
    /// Example: strongroom idp map corp rules.json
    Map(MapRules),
    /// Explain a pasted token: its claims, what fails and how to mend it, which rules fire and
    /// which rights result.
    ///
    /// Example: strongroom idp check --token-file token.jwt
    Check(Check),
    /// Look at a provider: whether the server reaches it and finds what it needs, and what somebody
    /// of a directory, or whoever brings a token, would get.
    ///
    /// Example: strongroom idp doctor corp --user alice
    /// Example: strongroom idp doctor okta --token-file token.jwt
    Doctor(Doctor),
}

#[derive(Args)]
pub(crate) struct Add {
    /// A short name for the provider.
    name: String,
    /// The vendor, which fills in claims and, where all its customers have one, the issuer: entra,
    /// okta, google, keycloak, dex, auth0, ping, gitlab, github-actions or kubernetes.
    #[arg(long, value_name = "VENDOR", conflicts_with = "directory")]
    vendor: Option<String>,
    /// The issuer: the exact `iss` of its tokens.
    #[arg(long, value_name = "URL", required_unless_present_any = ["directory", "vendor"])]
    issuer: Option<String>,
    /// Instead of an issuer, the directory of that name in the server's `directories.file`.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["issuer", "client_ids"])]
    directory: Option<String>,
    /// A client id that tokens may be made for; can be repeated.
    #[arg(long = "client-id", value_name = "ID", required_unless_present = "directory")]
    client_ids: Vec<String>,
    /// The claim that names a person's groups.
    #[arg(long, value_name = "CLAIM")]
    groups_claim: Option<String>,
    /// The claim that names policies on our side.
    #[arg(long, value_name = "CLAIM")]
    policy_claim: Option<String>,
    /// The claim that labels a person.
    #[arg(long, value_name = "CLAIM")]
    display_claim: Option<String>,
    /// The longest session that is got through the provider, in seconds; as role, account and
    /// installation have it if not given.
    #[arg(long, value_name = "SECONDS")]
    session_seconds_max: Option<u32>,
    /// A trust policy that says who may sign in without a role; nobody may if not given.
    #[arg(long, value_name = "FILE")]
    trust_file: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct MapRules {
    /// The provider's name.
    name: String,
    /// A JSON array of rules; `-` is standard input.
    file: PathBuf,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Doctor {
    /// The provider's name.
    name: String,
    /// Somebody's login name in the directory; no password is asked for.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// A token of the provider's, which is looked at too and never printed; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "user")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Check {
    /// The token; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// The provider, by name; the one whose issuer the token names if not given.
    #[arg(value_name = "NAME")]
    provider: Option<String>,
    #[command(flatten)]
    target: Target,
}

impl Idp {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Add(add) => add.run(printer),
            Self::List(list) => {
                let answer = list.target.admin(&Method::GET, "/-/v1/providers", None)?;
                let rows = answer.get("providers").and_then(Value::as_array).cloned();
                printer.rows(&rows.unwrap_or_default(), &["name", "issuer", "client_ids", "arn"]);
                Ok(())
            }
            Self::Map(map) => map.run(printer),
            Self::Check(check) => check.run(printer),
            Self::Doctor(doctor) => doctor.run(printer),
        }
    }
}

impl Add {
    fn run(self, printer: &Printer) -> Outcome {
        let issuer = match self.directory {
            Some(name) => Some(format!("ldap://ldap/{name}")),
            None => self.issuer,
        };
        let mut body = json!({
            "name": self.name, "issuer": issuer, "client_ids": self.client_ids,
            "claims": {},
        });
        let claims = [
            ("groups", self.groups_claim),
            ("policy", self.policy_claim),
            ("display", self.display_claim),
        ];
        let claims: Map<String, Value> = claims
            .into_iter()
            .filter_map(|(name, claim)| Some((name.to_owned(), claim?.into())))
            .collect();
        if let Some(members) = body.as_object_mut() {
            members.insert("claims".to_owned(), claims.into());
            if let Some(vendor) = self.vendor {
                members.insert("profile".to_owned(), vendor.into());
            }
            if let Some(seconds) = self.session_seconds_max {
                members.insert("session_seconds_max".to_owned(), seconds.into());
            }
            if let Some(file) = &self.trust_file {
                members.insert("trust".to_owned(), super::read(file)?.into());
            }
        }
        let answer = self.target.admin(&Method::POST, "/-/v1/providers", Some(&body))?;
        printer.one(&answer, |answer| format!("added {}", cell(answer, "arn")));
        Ok(())
    }
}

impl MapRules {
    fn run(self, printer: &Printer) -> Outcome {
        let rules: Value = serde_json::from_str(&super::read(&self.file)?)
            .map_err(|error| Failure::Input(format!("{}: {error}", self.file.display())))?;
        let path = format!("/-/v1/providers/{}/rules", wire::percent_encode(&self.name));
        let body = json!({ "rules": rules });
        let answer = self.target.admin(&Method::PUT, &path, Some(&body))?;
        printer.one(&answer, |answer| {
            let count = answer.get("rules").and_then(Value::as_array).map_or(0, Vec::len);
            format!("{count} rules are in force")
        });
        Ok(())
    }
}

impl Check {
    fn run(self, printer: &Printer) -> Outcome {
        let token = super::read(&self.token_file)?;
        let mut body = json!({ "token": token.trim() });
        if let (Some(name), Some(members)) = (self.provider, body.as_object_mut()) {
            members.insert("provider".to_owned(), name.into());
        }
        let answer = self.target.admin(&Method::POST, CHECK, Some(&body))?;
        printer.one(&answer, text);
        match answer.get("accepted").and_then(Value::as_bool) {
            Some(true) => Ok(()),
            _ => Err(Failure::No),
        }
    }
}

impl Doctor {
    fn run(self, printer: &Printer) -> Outcome {
        let mut body = json!({ "provider": self.name });
        if let (Some(name), Some(members)) = (self.user, body.as_object_mut()) {
            members.insert("username".to_owned(), name.into());
        }
        let token = self.token_file.as_deref().map(super::read).transpose()?;
        let mut answer = self.target.admin(&Method::POST, CHECK, Some(&body))?;
        let mut content = answer.get("sound").and_then(Value::as_bool) == Some(true);
        if let Some(token) = token {
            let body = json!({ "token": token.trim(), "provider": self.name });
            let said = self.target.admin(&Method::POST, CHECK, Some(&body))?;
            content &= said.get("accepted").and_then(Value::as_bool) == Some(true);
            answer = joined(answer, said);
        }
        printer.one(&answer, text);
        if content { Ok(()) } else { Err(Failure::No) }
    }
}

/// What was found of a provider and of a token, as one answer. What was found of both is there
/// once.
fn joined(mut provider: Value, token: Value) -> Value {
    let (Some(members), Value::Object(token)) = (provider.as_object_mut(), token) else {
        return provider;
    };
    for (name, value) in token {
        match (members.get_mut(&name), value) {
            (Some(Value::Array(all)), Value::Array(more)) if name == "findings" => {
                for finding in more {
                    if !all.contains(&finding) {
                        all.push(finding);
                    }
                }
            }
            (Some(_), _) => {}
            (None, value) => drop(members.insert(name, value)),
        }
    }
    provider
}

/// The diagnosis, for a person.
fn text(answer: &Value) -> String {
    let mut lines = vec![format!("provider  {}", cell(answer, "provider"))];
    for finding in members(answer, "findings") {
        let mark = match cell(finding, "outcome").as_str() {
            "pass" => "ok  ",
            "warning" => "WARN",
            "skipped" => "-   ",
            _ => "FAIL",
        };
        lines.push(format!("{mark}  {}: {}", cell(finding, "check"), cell(finding, "actual")));
        if mark == "FAIL" {
            lines.push(format!("      expected {}", cell(finding, "expected")));
        }
        if finding.get("help").is_some_and(Value::is_string) {
            lines.push(format!("      help: {}", cell(finding, "help")));
        }
    }
    if let Some(claims) = answer.get("unverified_claims").and_then(Value::as_object) {
        lines.push("claims, as the token has them".to_owned());
        lines.extend(claims.iter().map(|(name, value)| format!("  {name} = {value}")));
    }
    if let Some(worth) = answer.get("worth").filter(|worth| worth.is_object()) {
        lines.extend(rights(worth));
    }
    lines.join("\n")
}

fn members<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(&format!("/{pointer}")).and_then(Value::as_array).into_iter().flatten()
}

/// What the token would be worth.
fn rights(worth: &Value) -> Vec<String> {
    let mut lines = vec![format!("signs in as {}", cell(worth, "subject"))];
    for rule in members(worth, "mapping/fired") {
        lines.push(format!("rule {}: fires", rule.as_str().unwrap_or_default()));
    }
    for silent in members(worth, "mapping/silent") {
        lines.push(format!(
            "rule {}: silent, {} does not match what the token has: {}",
            cell(silent, "rule"),
            cell(silent, "test"),
            cell(silent, "found"),
        ));
    }
    for policy in members(worth, "mapping/policies") {
        lines.push(format!("gets {}", policy.as_str().unwrap_or_default()));
    }
    for policy in members(worth, "mapping/missing") {
        lines.push(format!("names {}, which does not exist", policy.as_str().unwrap_or_default()));
    }
    if worth.pointer("/mapping/role").is_some_and(Value::is_string) {
        lines.push(format!("puts on {}", cell(worth, "mapping/role")));
    }
    lines.push(cell(worth, "without_role"));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_fails_is_told_with_what_would_pass_and_how_to_mend_it() {
        let text = text(&json!({
            "provider": "arn:aws:iam::111122223333:oidc-provider/a.example",
            "accepted": false,
            "findings": [
                {"check": "issuer", "outcome": "pass", "expected": "e", "actual": "a"},
                {"check": "audience", "outcome": "fail", "expected": "`strongroom`",
                 "actual": "made for `other`", "help": "add the client id"},
            ],
            "unverified_claims": {"sub": "ana"},
        }));
        assert!(text.contains("ok    issuer: a"), "{text}");
        assert!(text.contains("FAIL  audience: made for `other`"), "{text}");
        assert!(text.contains("expected `strongroom`"), "{text}");
        assert!(text.contains("help: add the client id"), "{text}");
        assert!(text.contains("sub = \"ana\""), "{text}");
    }

    #[test]
    fn what_was_found_of_a_provider_and_of_a_token_is_told_once() {
        let trust = json!({"check": "trust", "outcome": "pass"});
        let [clock, groups] = ["clock", "groups"].map(|name| json!({ "check": name }));
        let all = joined(
            json!({"sound": true, "provider": "p", "findings": [clock.clone(), trust.clone()]}),
            json!({"accepted": true, "provider": "p", "findings": [groups.clone(), trust.clone()],
                   "worth": {"subject": "ana"}}),
        );
        assert_eq!(all["findings"], json!([clock, trust, groups]));
        assert_eq!((&all["worth"]["subject"], &all["accepted"]), (&json!("ana"), &json!(true)));
    }

    #[test]
    fn a_token_that_holds_is_told_with_its_rules_and_rights() {
        let text = text(&json!({
            "provider": "p", "accepted": true, "findings": [],
            "worth": {"subject": "ana", "without_role": "decided elsewhere", "mapping": {
                "fired": ["analysts"], "policies": ["arn:aws:iam::111122223333:policy/Readers"],
                "silent": [{"rule": "admins", "test": {"on": "group", "equals": "admins"},
                            "found": ["analysts"]}],
            }},
        }));
        assert!(text.contains("rule analysts: fires"), "{text}");
        assert!(text.contains("rule admins: silent"), "{text}");
        assert!(text.contains("gets arn:aws:iam::111122223333:policy/Readers"), "{text}");
    }
}
