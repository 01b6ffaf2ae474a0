//! What is particular to a role's trust policy: which proof goes with which action, and that a
//! provider's whole world is not trusted.

use super::catalogue as rule;
use super::element::{View, Word};
use super::report::{Report, quote};
use crate::document::Kind;
use crate::glob::{self, Case};
use crate::operator::{Quantifier, Test};
use crate::statement::Effect;

const GITHUB: &str = "token.actions.githubusercontent.com";
/// Keys that another action must be allowed for, in lower case.
const SETTERS: [(&str, &str); 2] =
    [("sts:sourceidentity", "sts:SetSourceIdentity"), ("sts:transitivetagkeys", "sts:TagSession")];

pub(super) fn check(report: &mut Report<'_>, view: &View<'_>, kind: Kind) {
    if kind != Kind::RoleTrust {
        return;
    }
    mismatched(report, view);
    redundant(report, view);
    if view.effect == Some(Effect::Allow) {
        for word in view.principals("Federated").filter(|word| is_oidc(&word.text)) {
            open_provider(report, view, word);
        }
        for (key, action) in SETTERS {
            let line = view.lines.iter().find(|line| line.folded == key);
            if let Some(line) = line.filter(|_| !allows(view, action)) {
                let message =
                    format!("`{action}` is not allowed, so {} is never there", quote(key));
                let rule = &rule::MISSING_ACTION_FOR_CONDITION_KEY;
                report.advise(rule, &line.at, message, Some(format!("allow `{action}` too")));
            }
        }
    }
    for line in view.lines.iter().filter(|line| line.folded.ends_with(":aud")) {
        if line.operator.quantifier != Quantifier::Single && line.operator.test != Test::Null {
            let message = format!("{} has one value with most providers", quote(line.key));
            report.say(&rule::CONFIRM_AUDIENCE_CLAIM_TYPE, &line.at, message);
        }
    }
}

fn allows(view: &View<'_>, action: &str) -> bool {
    let covers = |word: &Word<'_>| glob::matches(&glob::tokens(&word.text), action, Case::Folded);
    view.actions().iter().any(covers)
}

fn is_saml(provider: &str) -> bool {
    provider.contains(":saml-provider/")
}

fn is_oidc(provider: &str) -> bool {
    !is_saml(provider)
}

/// Actions that need another kind of proof than the principals have.
fn mismatched(report: &mut Report<'_>, view: &View<'_>) {
    let providers: Vec<&Word<'_>> = view.principals("Federated").collect();
    if providers.is_empty() {
        return;
    }
    for word in view.actions() {
        let wrong = match word.text.to_ascii_lowercase().as_str() {
            "sts:assumerole" => Some("a provider's people assume roles with their proof"),
            "sts:assumerolewithsaml" if !providers.iter().any(|p| is_saml(&p.text)) => {
                Some("no provider that is named speaks SAML")
            }
            "sts:assumerolewithwebidentity" if !providers.iter().any(|p| is_oidc(&p.text)) => {
                Some("no provider that is named speaks OpenID Connect")
            }
            _ => None,
        };
        let alone = view.holders.iter().all(|holder| holder.key == "Federated");
        if let Some(message) = wrong.filter(|_| alone) {
            report.say(&rule::MISMATCHED_ACTION_FOR_PRINCIPAL, &word.at, message);
        }
    }
}

/// A provider of which everybody may come.
fn open_provider(report: &mut Report<'_>, view: &View<'_>, word: &Word<'_>) {
    let text = word.text.as_ref();
    let provider = text.split_once(":oidc-provider/").map_or(text, |(_, name)| name);
    let prefix = format!("{}:", provider.to_ascii_lowercase());
    let own: Vec<_> = view.lines.iter().filter(|l| l.folded.starts_with(&prefix)).collect();
    if provider == GITHUB {
        let subject = format!("{prefix}sub");
        let Some(line) = own.iter().find(|line| line.folded == subject) else {
            let message = "every repository of GitHub may assume the role";
            let hint = Some(format!("test `{GITHUB}:sub` in a condition"));
            let rule = &rule::MISSING_GITHUB_REPO_CONDITION_KEY;
            return report.advise(rule, &word.at, message, hint);
        };
        for value in line.words.iter().filter(|value| value.text.contains(['*', '?'])) {
            let message = format!("{} takes in more than one branch", quote(&value.text));
            let hint = Some("write `repo:owner/name:ref:refs/heads/branch`".to_owned());
            let rule = &rule::SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED;
            report.advise(rule, &value.at, message, hint);
        }
        return;
    }
    for value in own.iter().filter(|line| line.folded.ends_with(":sub")).flat_map(|l| &l.words) {
        if takes_in_strangers(&value.text) {
            let message = format!("{} takes in workloads that others make", quote(&value.text));
            let hint = Some(
                "name the service account (`system:serviceaccount:namespace:name`) or the project \
                 and branch (`project_path:group/project:ref_type:branch:ref:main`) whole"
                    .to_owned(),
            );
            report.advise(&rule::OVERBROAD_WORKLOAD_SUBJECT, &value.at, message, hint);
        }
    }
    if own.is_empty() {
        let message = format!("everyone whom {} knows may assume the role", quote(provider));
        let hint = Some(format!("test `{provider}:aud` and `{provider}:sub` in a condition"));
        let rule = &rule::MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL;
        report.advise(rule, &word.at, message, hint);
    }
}

/// Whether a pattern for `sub` leaves open whose workload it is: the namespace or the name of a
/// service account of Kubernetes, the project of GitLab, or everything. What follows a whole
/// project (branches, tags) is a matter of taste.
fn takes_in_strangers(subject: &str) -> bool {
    let open = |text: &str| text.contains(['*', '?']);
    if let Some(rest) = subject.strip_prefix("system:serviceaccount:") {
        return open(rest);
    }
    if let Some(rest) = subject.strip_prefix("project_path:") {
        return open(rest.split(':').next().unwrap_or(rest));
    }
    let fixed = subject.split(['*', '?']).next().unwrap_or(subject);
    let workloads = ["system:serviceaccount:", "project_path:"];
    open(subject) && workloads.iter().any(|own| own.starts_with(fixed))
}

/// Sessions of roles that are trusted themselves.
fn redundant(report: &mut Report<'_>, view: &View<'_>) {
    let roles: Vec<(&str, &str)> = view
        .principals("AWS")
        .filter_map(|word| word.text.split_once(":role/"))
        .filter_map(|(head, path)| {
            Some((head.rsplit(':').next()?, path.rsplit('/').next().unwrap_or(path)))
        })
        .collect();
    for word in view.principals("AWS") {
        let Some((head, rest)) = word.text.split_once(":assumed-role/") else { continue };
        let account = head.rsplit(':').next().unwrap_or_default();
        let role = rest.split('/').next().unwrap_or_default();
        if roles.contains(&(account, role)) {
            let message = format!("its role {} is trusted already", quote(role));
            report.say(&rule::REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY, &word.at, message);
        }
    }
}
