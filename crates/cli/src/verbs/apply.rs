//! `strongroom apply`: who may what, as a file says it.

mod accounts;
mod estate;
mod file;
mod found;
mod keys;
mod organization;
mod plan;
mod rights;
mod service;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;
use http::Method;
use serde_json::{Value, json};

use crate::client::Target;
use crate::exit::{Failure, Outcome};
use crate::print::Printer;
use crate::verbs::account::public_access;

use plan::{Call, Step};
use rights::Caller;
use wanted::Others;

/// Make an account's rights what a file says.
///
/// The file is JSON, or TOML if its name ends in `.toml`. The changes and what they mean for each
/// user and role are shown first. A file in which something is wrong changes nothing; one that is
/// applied again changes nothing either. A member that is not written is not looked at.
///
/// policies          by name: document, path, description, tags
/// groups            by name: path, policies, inline
/// users             by name: path, groups, policies, inline, boundary, tags, keys (each key_file,
///                   active), password (file, reset)
/// roles             by name: path, trust, policies, inline, boundary, tags, description,
///                   session_seconds_max
/// oidc_providers    by address: client_ids, tags, rules (each name, when, policies, role, tags)
/// service_accounts  by key: name, parent, key_file, description, expires, policy, active
/// buckets           by name: policy, public_access_block, ownership
/// account           public_access_block
/// accounts          by id, the operator's: name, root_key_file, session_seconds_max, signature_v2,
///                   status, unit
/// organization      the operator's: units, policies (each kind, document, description, attach)
///
/// docs/apply.md says what each means.
///
/// With --plan or --check nothing is changed. Exit status with --check: 0 if all is as the file
/// says, 1 if not.
///
/// Example: strongroom apply rights.json --plan
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Apply {
    /// The file; `-` is standard input.
    file: PathBuf,
    /// Show what would be changed, and change nothing.
    #[arg(long)]
    plan: bool,
    /// Find out whether all is as the file says, and change nothing.
    #[arg(long, conflicts_with = "plan")]
    check: bool,
    /// Remove users, groups, roles, policies, providers, service accounts, units and control
    /// policies that the file does not name, of those kinds that it speaks of.
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    target: Target,
}

impl Apply {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let file = file::read(&self.file)?;
        let others = if self.prune { Others::Go } else { Others::Stay };
        let who = self.target.admin(&Method::GET, "/-/v1/whoami", None)?;
        let text = |name: &str| who.get(name).and_then(Value::as_str).unwrap_or_default();
        let found = found::read(&self.target, text("account"), &file)?;
        let after = wanted::wanted(&found, &file, others)?;
        let leftovers = found::leftovers(&self.target, &found, &after)?;
        let accounts = file.accounts.as_ref();
        let mut steps = accounts::steps(&self.target, text("account"), accounts)?;
        steps.extend(organization::steps(&self.target, &file, others)?);
        steps.extend(plan::plan(&found, &after, &leftovers)?);
        let behind = behind(&who);
        steps.extend(keys::steps(&self.target, &found, &file, &behind)?);
        let keys = file.service_accounts.as_ref();
        steps.extend(service::steps(&self.target, (text("account"), &behind), keys, others)?);
        show(&steps, rights::effects(&found, &after)?, printer);
        rights::guard(&found, &after, &Caller::of(text("arn"), &behind))?;
        match (self.check, self.plan) {
            (true, _) if !steps.is_empty() => Err(Failure::No),
            (true, _) | (_, true) => Ok(()),
            _ => carry_out(&self.target, &steps, printer),
        }
    }
}

/// The key that asks, and what it stands on: the keys, users and roles that its session was made
/// from. None of them is anybody's to remove from here: the run would end in its middle.
fn behind(who: &Value) -> BTreeSet<String> {
    let behind = who.get("behind").and_then(Value::as_array).into_iter().flatten();
    let all = behind.chain(who.get("access_key_id"));
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn show(steps: &[Step], (effects, left): (Vec<rights::Effect>, usize), printer: &Printer) {
    let rows: Vec<Value> = steps.iter().map(Step::to_json).collect();
    if rows.is_empty() {
        printer.one(&json!({ "changes": 0 }), |_| "nothing to change".to_owned());
    } else {
        printer.rows(&rows, &["change", "subject", "what"]);
    }
    let texts: Vec<String> = effects.iter().map(rights::Effect::text).collect();
    let rows: Vec<Value> = effects.iter().map(rights::Effect::to_json).collect();
    printer.blocks(&rows, &texts);
    if left > 0 {
        printer.remark(&format!("the rights of {left} more change and were not compared"));
    }
}

/// Where providers are, with what their logins are worth.
const PROVIDERS: &str = "/-/v1/providers";

/// Replaces the rules of a provider. What our own API calls it is known once it is there.
fn map(target: &Target, arn: &str, rules: &[Value]) -> Outcome {
    let answer = target.admin(&Method::GET, PROVIDERS, None)?;
    let all = answer.get("providers").and_then(Value::as_array).into_iter().flatten();
    let said = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).map(str::to_owned);
    let found = all.filter(|one| said(one, "arn").as_deref() == Some(arn));
    let Some(name) = found.filter_map(|one| said(one, "name")).next() else {
        return Err(Failure::Broken(format!("the server does not list the provider `{arn}`")));
    };
    let path = format!("{PROVIDERS}/{}/rules", wire::percent_encode(&name));
    target.admin(&Method::PUT, &path, Some(&json!({ "rules": rules }))).map(drop)
}

/// Carries out the steps in their order. One that fails ends it: what was done stays done, and the
/// same file goes on from there.
fn carry_out(target: &Target, steps: &[Step], printer: &Printer) -> Outcome {
    let mut known = BTreeMap::new();
    for (done, step) in steps.iter().enumerate() {
        let answer = match &step.call {
            Call::Iam(action, fields) => target.query("iam", action, fields).map(drop),
            Call::S3(method, path, body) => target.s3(method, path, body).map(drop),
            Call::Admin(method, path, body, secret) => {
                let mut body = body.clone();
                if let (Some((member, secret)), Some(members)) = (secret, body.as_object_mut()) {
                    members.insert((*member).to_owned(), secret.expose().into());
                }
                let body = (!body.is_null()).then_some(&body);
                target.admin(method, path, body).map(drop)
            }
            Call::Password(fields, password) => keys::with_password(fields, password)
                .and_then(|fields| target.query("iam", "CreateLoginProfile", &fields).map(drop)),
            Call::Rules(arn, rules) => map(target, arn, rules),
            Call::PublicAccess(switches) => public_access::write(target, *switches),
            Call::Organizations { action, ask, keeps } => {
                let answer = target.organizations(action, &organization::filled(ask, &known));
                answer.map(|answer| {
                    if let Some((placeholder, pointer)) = keeps {
                        let value = answer.pointer(pointer).cloned().unwrap_or_default();
                        known.insert(placeholder.clone(), value);
                    }
                })
            }
        };
        if let Err(failure) = answer {
            let all = steps.len();
            printer.remark(&format!(
                "{done} of {all} changes are made; `{}: {}` is not",
                step.subject, step.what
            ));
            return Err(failure);
        }
    }
    if !steps.is_empty() {
        printer.remark(&format!("{} changes made", steps.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The members that an object of the file may have, as the reader names them to whoever writes
    /// another.
    fn members(file: &str) -> Vec<String> {
        let error = serde_json::from_str::<file::File>(file).unwrap_err().to_string();
        let (_, expected) = error.split_once("expected").unwrap_or_else(|| panic!("{error}"));
        expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_help_names_every_member_of_the_file() {
        let help = Apply::augment_args(clap::Command::new("apply")).render_long_help().to_string();
        let words: BTreeSet<&str> =
            help.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        let kinds = members(r#"{"x": 1}"#);
        assert_eq!(kinds.len(), 10, "{kinds:?}");
        let control = r#"{"organization": {"policies": {"a": {"x": 1}}}}"#;
        let more = [
            r#"{"users": {"a": {"x": 1}}}"#,
            r#"{"users": {"a": {"keys": {"b": {"x": 1}}}}}"#,
            r#"{"users": {"a": {"password": {"x": 1}}}}"#,
            r#"{"policies": {"a": {"x": 1}}}"#,
            r#"{"oidc_providers": {"a": {"x": 1}}}"#,
            r#"{"oidc_providers": {"a": {"rules": [{"x": 1}]}}}"#,
            r#"{"service_accounts": {"a": {"x": 1}}}"#,
            r#"{"buckets": {"a": {"x": 1}}}"#,
            r#"{"account": {"x": 1}}"#,
            r#"{"accounts": {"a": {"x": 1}}}"#,
            r#"{"organization": {"x": 1}}"#,
            control,
        ];
        for name in more.into_iter().flat_map(members).chain(kinds) {
            assert!(words.contains(name.as_str()), "{name}");
        }
    }
}
