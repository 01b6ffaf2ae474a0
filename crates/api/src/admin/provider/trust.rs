//! Whom trust policies let in through a provider: warnings about those that are too broad.

use identity::{OidcProvider, State};
use policy::Kind;
use policy::check::{self, Level};
use serde_json::{Value, json};

/// Most roles that are looked at.
const ROLES_MAX: usize = 10_000;
/// Most findings that are told.
const FINDINGS_MAX: usize = 50;

/// What is doubtful in the provider's own trust policy and in those of the roles that trust it, as
/// findings of `idp check`.
pub(super) fn findings(state: &State, provider: &OidcProvider) -> Vec<Value> {
    let own = provider.trust.iter().map(|trust| ("the provider".to_owned(), state.thaw(trust)));
    let roles = state.roles_of(provider.account).take(ROLES_MAX).map(|role| {
        let name = format!("the role `{}`", role.name);
        (name, state.thaw(&role.trust))
    });
    own.chain(roles)
        .filter(|(_, text)| text.contains(provider.issuer.host_and_path()))
        .flat_map(|(whose, text)| doubts(&whose, &text))
        .take(FINDINGS_MAX)
        .collect()
}

fn doubts(whose: &str, text: &str) -> Vec<Value> {
    let found = check::findings(text, Kind::RoleTrust).into_iter();
    let broad =
        found.filter(|finding| ABOUT.contains(&finding.code) && finding.level >= Level::Warning);
    broad
        .map(|finding| {
            json!({
                "check": "trust",
                "outcome": "warning",
                "expected": "conditions that name whom is meant",
                "actual": said(whose, &finding.message, finding.code),
                "help": finding.hint,
            })
        })
        .collect()
}

fn said(whose: &str, message: &str, code: &str) -> String {
    format!("trust policy of {whose}: {message} ({code})")
}

/// The findings that are about who comes through a provider.
const ABOUT: [&str; 4] = [
    "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL",
    "MISSING_GITHUB_REPO_CONDITION_KEY",
    "OVERBROAD_WORKLOAD_SUBJECT",
    "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn trusting(issuer: &str, condition: &Value) -> String {
        json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow",
            "Principal": {"Federated": format!("arn:aws:iam::111122223333:oidc-provider/{issuer}")},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition,
        }})
        .to_string()
    }

    #[test]
    fn a_subject_that_takes_in_strangers_is_told_and_a_whole_one_is_not() {
        const GITHUB: &str = "token.actions.githubusercontent.com";
        for (issuer, broad, whole) in [
            (GITHUB, "repo:octo/*", "repo:octo/app:ref:refs/heads/main"),
            (
                "gitlab.com",
                "project_path:group/*",
                "project_path:group/app:ref_type:branch:ref:main",
            ),
            ("oidc.cluster.example", "system:serviceaccount:*", "system:serviceaccount:pay:app"),
            ("oidc.cluster.example", "*", "system:serviceaccount:pay:app"),
        ] {
            let condition =
                |test: &str, subject: &str| json!({test: {format!("{issuer}:sub"): subject}});
            let told = doubts("x", &trusting(issuer, &condition("StringLike", broad)));
            assert_eq!(told.len(), 1, "{issuer} {broad}: {told:?}");
            let told = doubts("x", &trusting(issuer, &condition("StringEquals", whole)));
            assert_eq!(told, [] as [Value; 0], "{issuer}");
        }
        let open = doubts("x", &trusting(GITHUB, &json!({})));
        assert!(open[0]["actual"].as_str().unwrap().contains("every repository"), "{open:?}");
        assert_eq!(doubts("x", &trusting("idp.example", &json!({}))).len(), 1);
    }
}
